/* The journal beside the rulings' table (D2): the entries of one of everything, written out by
 * hand; and beside the daily totals that the engine keeps. */
#include "analytics/journal.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tests/support/book_fixture.h"

static struct fl_book_fixture book;
static char text[1 << 16];

/* "type date: account amount, account amount" a line, as known at. */
static const char *journal(uint64_t known)
{
    struct fl_snapshot s = fl_book_fixture_snapshot(&book);
    struct fl_journal j;
    struct fl_journal_entry e = {.number = 0};
    size_t n = 0;
    char day[11];
    text[0] = '\0';
    fl_journal_open(&j, &s, known);
    while (fl_journal_next(&j, &e)) {
        int64_t sum = 0, base = 0;
        fl_date_format(e.entry.date, day);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s %s:", e.type, day + 5);
        for (uint32_t i = 0; i < e.entry.count; i++) {
            const struct fl_posting *p = &e.entry.postings[i];
            n += (size_t)snprintf(text + n, sizeof text - n, " %s %ld", fl_account_name(p->account),
                                  (long)p->amount_minor);
            sum += p->amount_minor;
            base += p->base_minor;
        }
        cr_assert_eq(sum, 0, "I1 in the document's currency: %s", text);
        cr_assert_eq(base, 0, "I1 in the book's currency: %s", text);
        n += (size_t)snprintf(text + n, sizeof text - n, "\n");
    }
    fl_snapshot_release(&s);
    return text;
}

static void begin(void)
{
    fl_book_fixture_begin(&book);
    fl_book_fixture_do(&book,
                       "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"N\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
}

Test(journal, entries_are_those_of_the_posting_table)
{
    begin();
    fl_book_fixture_do(&book, "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\"}");
    fl_book_fixture_do(&book, "{\"type\":\"invoice\",\"id\":\"I1\",\"customer\":\"C\",\"date\":"
                              "\"2024-03-01\",\"amount\":{\"net\":\"100.00\",\"tax\":\"19.00\"}}");
    uint64_t invoiced = fl_engine_seq(book.engine);
    fl_book_fixture_do(&book,
                       "{\"type\":\"receipt\",\"id\":\"R1\",\"account\":\"B\",\"fee\":\"1.50\","
                       "\"amount\":\"50.00\",\"currency\":\"EUR\",\"date\":\"2024-03-05\"}");
    fl_book_fixture_do(&book,
                       "{\"type\":\"receipt_assign\",\"receipt\":\"R1\",\"customer\":\"C\"}");
    fl_book_fixture_do(&book, "{\"type\":\"application\",\"receipt\":\"R1\",\"invoice\":\"I1\","
                              "\"amount\":\"40.00\"}");
    fl_book_fixture_do(&book,
                       "{\"type\":\"application_reverse\",\"application\":\"R1/1\",\"key\":\"K\"}");
    fl_book_fixture_do(&book, "{\"type\":\"write_off\",\"id\":\"W\",\"invoice\":\"I1\",\"amount\":"
                              "\"19.00\",\"date\":\"2024-04-01\",\"reason\":\"old\"}");
    fl_book_fixture_do(&book, "{\"type\":\"credit_note\",\"id\":\"N\",\"customer\":\"C\",\"date\":"
                              "\"2024-04-02\",\"amount\":{\"net\":\"10.00\",\"tax\":\"1.90\"}}");
    fl_book_fixture_do(&book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R1\",\"amount\":"
                              "\"5.00\",\"date\":\"2024-04-03\"}");
    static const char wanted[] =
        "invoice 03-01: assets:receivable:invoices 11900 income:revenue -10000 liabilities:tax "
        "-1900\n"
        "receipt 03-05: assets:bank 4850 expenses:bank_charges 150 liabilities:unidentified -5000\n"
        "receipt_assign 03-05: liabilities:unidentified 5000 assets:receivable:unapplied -5000\n"
        "application 03-05: assets:receivable:unapplied 4000 assets:receivable:invoices -4000\n"
        "application_reverse 03-05: assets:receivable:unapplied -4000 assets:receivable:invoices "
        "4000\n"
        "write_off 04-01: expenses:bad_debt 1900 assets:receivable:invoices -1900\n"
        "credit_note 04-02: income:revenue 1000 liabilities:tax 190 assets:receivable:credits "
        "-1190\n"
        "refund 04-03: assets:receivable:unapplied 500 assets:transit:refunds -500\n";
    cr_expect_str_eq(journal(UINT64_MAX), wanted, "%s", text);
    journal(invoiced);
    cr_expect_eq(strncmp(text, wanted, strlen(text)), 0);
    cr_expect_eq(strlen(text), (size_t)(strchr(wanted, '\n') - wanted) + 1, "known then: %s", text);
    fl_book_fixture_end(&book);
}

/* Every day's debit and credit of every account, against what is kept beside the rows. */
Test(journal, adds_up_to_the_daily_totals)
{
    begin();
    fl_book_fixture_do(&book,
                       "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"EUR\","
                       "\"price\":\"7.35\",\"tax_rate\":\"19\"}");
    for (int i = 1; i <= 40; i++) {
        fl_book_fixture_do(&book,
                           "{\"type\":\"order\",\"id\":\"O%d\",\"customer\":\"C\",\"date\":"
                           "\"2024-02-%02d\",\"lines\":[{\"product\":\"P\",\"quantity\":\"%d\"}]}",
                           i, 1 + i % 28, i);
        bool before = i % 2;
        if (!before)
            fl_book_fixture_do(&book, "{\"type\":\"shipment\",\"id\":\"S%d\",\"order\":\"O%d\"}", i,
                               i);
        fl_book_fixture_do(&book,
                           "{\"type\":\"invoice\",\"id\":\"I%d\",\"order\":\"O%d\",\"date\":"
                           "\"2024-03-%02d\"}",
                           i, i, 1 + i % 28);
        if (before)
            fl_book_fixture_do(&book, "{\"type\":\"shipment\",\"id\":\"S%d\",\"order\":\"O%d\"}", i,
                               i);
        fl_book_fixture_do(&book,
                           "{\"type\":\"receipt\",\"id\":\"R%d\",\"customer\":\"C\",\"currency\":"
                           "\"EUR\",\"amount\":\"%d.10\",\"date\":\"2024-04-%02d\",\"references\":"
                           "[\"I%d\"]}",
                           i, i * 5, 1 + i % 28, i);
    }
    struct fl_snapshot s = fl_book_fixture_snapshot(&book);
    uint32_t compared = 0;
    for (uint32_t row = 0; row < s.rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_at_account_day_key(&s, row);
        const struct fl_account_day_total *total = fl_at_account_day_total(&s, row);
        struct fl_journal j;
        struct fl_journal_entry e = {.number = 0};
        int64_t debit = 0, credit = 0;
        if (key->account == FL_ACCOUNT_OPEN_BY_DUE || key->account == FL_ACCOUNT_SALES_BY_DAY)
            continue;
        fl_journal_open(&j, &s, UINT64_MAX);
        while (fl_journal_next(&j, &e)) {
            for (uint32_t i = 0; i < e.entry.count && e.entry.date == key->date; i++) {
                const struct fl_posting *p = &e.entry.postings[i];
                if (p->account == key->account && p->currency == key->currency)
                    *(p->amount_minor > 0 ? &debit : &credit) += p->amount_minor;
            }
        }
        cr_expect_eq(debit, total->debit_minor, "%s on day %u", fl_account_name(key->account),
                     key->date);
        cr_expect_eq(-credit, total->credit_minor, "%s on day %u", fl_account_name(key->account),
                     key->date);
        compared++;
    }
    cr_expect(compared > 100);
    fl_snapshot_release(&s);
    fl_book_fixture_end(&book);
}

/* Rulings, D2 row 26: the account is older than the statement that brings its opening, and
 * another's opening lies between them. */
Test(journal, an_opening_stands_at_the_statement_that_brought_it)
{
    begin();
    fl_book_fixture_do(&book, "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\"}");
    fl_book_fixture_do(&book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":"
                              "\"2024-03-01\",\"amount\":{\"net\":\"1.00\",\"tax\":\"0\"}}");
    fl_book_fixture_do(&book, "{\"type\":\"bank_account\",\"id\":\"D\",\"currency\":\"EUR\","
                              "\"opening\":\"7.00\"}");
    uint64_t before = fl_engine_seq(book.engine);
    static const char two[] = "invoice 03-01: assets:receivable:invoices 100 income:revenue -100\n"
                              "bank_account 06-30: assets:bank 700 equity:opening -700\n";
    fl_book_fixture_do(
        &book, "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":\"EUR\","
               "\"opening\":\"50.00\",\"closing\":\"45.00\",\"lines\":[{\"amount\":\"-5.00\","
               "\"booking_date\":\"2024-03-10\"}]}");
    cr_assert_str_eq(journal(before), two);
    cr_assert_str_eq(journal(UINT64_MAX),
                     "invoice 03-01: assets:receivable:invoices 100 income:revenue -100\n"
                     "bank_account 06-30: assets:bank 700 equity:opening -700\n"
                     "statement 03-09: assets:bank 5000 equity:opening -5000\n"
                     "statement 03-10: assets:bank -500 liabilities:suspense 500\n");
    fl_book_fixture_end(&book);
}
