/* Lines of statements: what the command carried comes back, a line without a rate waits for one,
 * and charges kept on the way belong to the receipt where the invoice shows it. The ledger is
 * compared with figures reckoned by hand; after every command the audit reckons everything again.
 */
#include "core/domain/statement_line.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analytics/journal.h"
#include "core/base/currency.h"
#include "core/domain/ledger.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open("\"tolerances\":{\"EUR\":\"0.05\",\"USD\":\"0.05\"}");
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"Cedar\",\"currency\":\"EUR\","
                 "\"credit_limit\":null,\"discount\":{\"percent\":\"2\",\"days\":10}}");
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"U\",\"name\":\"Umber\",\"currency\":\"USD\","
                 "\"credit_limit\":null}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(statement_line, .init = setup, .fini = teardown);

static void rate(const char *date, const char *value)
{
    fl_book_must(book,
                 "{\"type\":\"fx_rate\",\"date\":\"%s\",\"from\":\"USD\",\"to\":\"EUR\",\"rate\":"
                 "\"%s\"}",
                 date, value);
}

static void bill(const char *id, const char *customer, const char *currency, const char *net)
{
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"%s\",\"date\":\"2025-06-01\","
                 "\"currency\":\"%s\",\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}%s}",
                 id, customer, currency, net,
                 strcmp(currency, "USD") == 0 ? ",\"fx_rate\":\"0.80\"" : "");
}

static const struct fl_statement_line_live *line(const char *id)
{
    uint32_t row = fl_book_row(book, FL_KIND_OF_STATEMENT_LINE, id);
    return fl_statement_line_live(fl_book_store(book), row);
}

/* Net base amount of an account over all days, in cents. */
static int64_t base_of(uint32_t account)
{
    const struct fl_store *store = fl_book_store(book);
    int64_t sum = 0;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_total *total = fl_account_day_total(store, row);
        if (fl_account_day_key(store, row)->account == account)
            sum += total->base_debit_minor - total->base_credit_minor;
    }
    return sum;
}

#define BANK FL_ACCOUNT_BANK_FIRST

/* Four lines, 500 -> 560 USD: an invoice paid, money nobody knows, a fee, a charge of yesterday. */
static const char usd[] =
    "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"D\",\"currency\":\"USD\",\"opening\":"
    "\"500.00\",\"closing\":\"560.00\",\"lines\":["
    "{\"amount\":\"50.00\",\"booking_date\":\"2025-06-04\",\"bank_ref\":\"A\",\"text\":\"your "
    "invoice\",\"references\":[\"I-1\"],\"payer\":{\"name\":\"Umber\"}},"
    "{\"amount\":\"20.00\",\"booking_date\":\"2025-06-05\",\"bank_ref\":\"B\"},"
    "{\"amount\":\"-7.00\",\"booking_date\":\"2025-06-05\",\"bank_ref\":\"X\"},"
    "{\"amount\":\"-3.00\",\"booking_date\":\"2025-06-04\"}]}";

Test(statement_line, a_statement_without_a_rate_is_stored_and_posted_when_the_rate_comes)
{
    bill("I-1", "U", "USD", "50");
    int64_t receivable = base_of(FL_ACCOUNT_INVOICES);
    fl_book_must(book, "%s", usd);
    cr_assert_str_eq(fl_book_field(book, "new"), "4");
    cr_assert_str_eq(fl_book_field(book, "no_rate"), "4");
    cr_assert_str_eq(fl_book_field(book, "matched"), "0");
    static const char *const ids[] = {"D/A", "D/B", "D/X", "D/#4"};
    for (unsigned i = 0; i < 4; i++)
        cr_assert_eq(line(ids[i])->status, FL_LINE_NO_RATE);
    cr_assert_eq(fl_book_account(book, BANK, "USD", 0), 0);
    cr_assert_eq(fl_book_open_of(book, "I-1"), 5000);
    fl_book_again(book, "%s", usd); /* it is known, though it waits */

    rate("2025-06-05", "0.90"); /* of the fifth: the lines of the fourth wait on, and the opening */
    cr_assert_str_eq(fl_book_field(book, "posted"), "2");
    cr_assert_eq(line("D/A")->status, FL_LINE_NO_RATE);
    cr_assert_eq(line("D/B")->status, FL_LINE_RECEIPT);
    cr_assert_eq(line("D/X")->status, FL_LINE_SUSPENSE);
    cr_assert_eq(fl_book_account(book, BANK, "USD", 0), 2000 - 700);
    cr_assert_eq(base_of(BANK), 1800 - 630);
    uint64_t before = fl_book_seq(book);

    rate("2025-06-04", "0.88");
    cr_assert_str_eq(fl_book_field(book, "posted"), "2");
    cr_assert_eq(line("D/A")->status, FL_LINE_RECEIPT);
    cr_assert_eq(line("D/#4")->status, FL_LINE_SUSPENSE);
    cr_assert_eq(fl_book_open_of(book, "I-1"), 0);
    cr_assert_eq(fl_book_account(book, BANK, "USD", 0), 56000);
    cr_assert_eq(base_of(BANK), 44000 + 1800 - 630 + 4400 - 264);
    cr_assert_eq(base_of(FL_ACCOUNT_OPENING), -44000);
    cr_assert_eq(base_of(FL_ACCOUNT_INVOICES) - receivable, -4000);
    cr_assert_eq(base_of(FL_ACCOUNT_FX), -400);

    /* What was posted late stands at the command that did it. */
    struct fl_snapshot snapshot;
    struct fl_journal journal;
    struct fl_journal_entry entry = {.number = 0};
    int64_t known = 0;
    cr_assert_eq(
        fl_snapshot_take(fl_engine_store(fl_book_engine(book)), fl_book_seq(book), &snapshot),
        FL_OK);
    fl_journal_open(&journal, &snapshot, before);
    while (fl_journal_next(&journal, &entry)) {
        for (uint32_t i = 0; i < entry.entry.count; i++)
            known +=
                entry.entry.postings[i].account == BANK ? entry.entry.postings[i].base_minor : 0;
    }
    cr_assert_eq(known, 1800 - 630);
    fl_snapshot_release(&snapshot);
}

/* The same posted at once and posted late are one book. */
Test(statement_line, late_and_at_once_come_to_the_same_ledger)
{
    struct fl_test_book *late = book;
    int64_t accounts[FL_ACCOUNT_FIXED_COUNT];
    bill("I-1", "U", "USD", "50");
    fl_book_must(book, "%s", usd);
    rate("2025-06-04", "0.88");
    for (uint32_t a = 0; a < FL_ACCOUNT_FIXED_COUNT; a++)
        accounts[a] = base_of(a);
    int64_t bank = base_of(BANK);
    setup();
    rate("2025-06-04", "0.88");
    bill("I-1", "U", "USD", "50");
    fl_book_must(book, "%s", usd);
    cr_assert_str_eq(fl_book_field(book, "matched"), "1");
    cr_assert_str_eq(fl_book_field(book, "no_rate"), "");
    for (uint32_t a = 0; a < FL_ACCOUNT_FIXED_COUNT; a++)
        cr_assert_eq(base_of(a), accounts[a], "%s", fl_account_name(a));
    cr_assert_eq(base_of(BANK), bank);
    fl_book_close(late);
}

/* More than one command may post, in order: the rest by the clock and by the next statement. */
Test(statement_line, what_waits_is_posted_so_many_at_a_time)
{
    static char text[1 << 19];
    fl_book_checks(book, false);
    unsigned lines = 2 * FL_WAITING_LINES_MAX + 10;
    for (unsigned half = 0; half < 2; half++) {
        size_t at = (size_t)snprintf(text, sizeof text,
                                     "{\"type\":\"statement\",\"id\":\"S%u\",\"account\":\"D\","
                                     "\"currency\":\"USD\",\"lines\":[",
                                     half);
        for (unsigned i = half; i < lines; i += 2)
            at += (size_t)snprintf(text + at, sizeof text - at,
                                   "%s{\"amount\":\"-1.00\",\"booking_date\":\"2025-06-0%u\","
                                   "\"bank_ref\":\"R%u\"}",
                                   i > half ? "," : "", i % 5 + 1, i);
        snprintf(text + at, sizeof text - at, "]}");
        fl_book_must(book, "%s", text);
    }
    rate("2025-06-02", "0.5"); /* a fifth of them is of the first */
    cr_assert_str_eq(fl_book_field(book, "posted"), "800");
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-06-16\"}");
    cr_assert_str_eq(fl_book_field(book, "posted"), "800");
    rate("2025-06-01", "0.5");
    cr_assert_str_eq(fl_book_field(book, "posted"), "410");
    fl_book_must(book,
                 "{\"type\":\"statement\",\"id\":\"T\",\"account\":\"D\",\"currency\":\"USD\","
                 "\"lines\":[{\"amount\":\"-1.00\",\"booking_date\":\"2025-06-09\"}]}");
    fl_book_checks(book, true);
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-06-17\"}");
    cr_assert_eq(fl_book_account(book, BANK, "USD", 0), -100 * ((int64_t)lines + 1));
    cr_assert_eq(base_of(BANK), -50 * ((int64_t)lines + 1));
    cr_assert_eq(fl_bank_account_live(fl_book_store(book), 0)->waiting_count, 0);
}

/* A base currency that makes the rate needless, and a closed period that pushes what is late. */
Test(statement_line, lines_wait_no_longer_when_their_currency_is_the_books_own)
{
    fl_book_must(book, "%s", usd);
    fl_book_must(book, "{\"type\":\"book\",\"base_currency\":\"USD\"}");
    fl_book_must(book, "{\"type\":\"period_close\",\"through\":\"2025-06-10\"}");
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-06-16\"}");
    cr_assert_str_eq(fl_book_field(book, "posted"), "4");
    cr_assert_eq(fl_book_account(book, BANK, "USD", 0), 56000);
    cr_assert_eq(line("D/A")->date, line("D/#4")->date);
    cr_assert_eq(line("D/A")->date, 20241 + 10);
}

/* ---- the shape (A1)
 * --------------------------------------------------------------------------------- */

Test(statement_line, references_and_availability_are_kept_and_come_back)
{
    fl_book_must(book,
                 "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":\"EUR\","
                 "\"lines\":[{\"amount\":\"1500.75\",\"booking_date\":\"2025-06-04\","
                 "\"references\":[\"first one\",\"zwei \xC3\xA4\",\"3\"],"
                 "\"availability\":[{\"days\":0,\"amount\":\"1000.00\"},"
                 "{\"days\":1,\"amount\":\"500.75\"}]},"
                 "{\"amount\":\"1.00\",\"booking_date\":\"2025-06-04\"},"
                 "{\"amount\":\"2.00\",\"booking_date\":\"2025-06-04\",\"availability\":["
                 "{\"days\":7,\"amount\":\"2\"}],\"references\":[\"x\"]}]}");
    const struct fl_store *store = fl_book_store(book);
    static const char *const references[] = {"first one", "zwei \xC3\xA4", "3"};
    uint32_t at = 0;
    for (unsigned i = 0; i < 3; i++)
        cr_assert_str_eq(fl_line_reference(store, 0, &at), references[i]);
    cr_assert_null(fl_line_reference(store, 0, &at));
    at = 0;
    cr_assert_null(fl_line_reference(store, 1, &at));
    cr_assert_eq(store->rows[FL_TABLE_availability], 3);
    cr_assert_eq(fl_line_availability(store, 0), 0);
    cr_assert_eq(fl_line_availability(store, 2), 2);
    cr_assert_eq(fl_availability_row(store, 1)->amount_minor, 50075);
    cr_assert_eq(fl_availability_row(store, 1)->days, 1);
    cr_assert_eq(fl_availability_row(store, 2)->amount_minor, 200);
}

Test(statement_line, the_amounts_of_an_advice_are_kept)
{
    fl_book_must(book,
                 "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":\"EUR\","
                 "\"lines\":[{\"amount\":\"1.00\",\"booking_date\":\"2025-06-04\"},"
                 "{\"amount\":\"90.00\",\"booking_date\":\"2025-06-04\",\"advice\":["
                 "{\"document\":\"INV-1\",\"amount\":\"98.00\",\"discount\":\"2.00\"},"
                 "{\"document\":\"CN-1\",\"amount\":\"-8\"}]}]}");
    const struct fl_store *store = fl_book_store(book);
    uint32_t rows = store->rows[FL_TABLE_advice];
    cr_assert_eq(rows, 2);
    cr_assert_eq(fl_line_advice(store, rows, 0), 0);
    cr_assert_eq(fl_advice_row(store, 0)->line, 1, "the first line has none");
    cr_assert_eq(fl_line_advice(store, rows, 2), 2);
    cr_assert_eq(fl_advice_row(store, 0)->amount_minor, 9800);
    cr_assert_eq(fl_advice_row(store, 0)->discount_minor, 200);
    cr_assert_eq(fl_advice_row(store, 1)->amount_minor, -800);
    struct fl_text_ref document = fl_advice_row(store, 1)->document;
    cr_assert_eq(document.length, 4);
    cr_assert_eq(memcmp(fl_text_get(store, FL_TABLE_personal, document), "CN-1", 4), 0);
}

Test(statement_line, an_amount_that_its_currency_does_not_have_is_named)
{
    static const char *const fields[] = {"\"charges\":\"0.001\"",
                                         "\"availability\":[{\"days\":0,\"amount\":\"0.001\"}]",
                                         "\"advice\":[{\"document\":\"I\",\"amount\":\"0.001\"}]"};
    for (unsigned i = 0; i < 3; i++)
        fl_book_refuses(book, "too_many_decimals",
                        "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":"
                        "\"EUR\",\"lines\":[{\"amount\":\"1\",%s}]}",
                        fields[i]);
}

/* L4: the first with a reference has it as its id, the others their number. */
Test(statement_line, every_line_has_an_id_of_its_own_and_is_found_by_it)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"B/x/1/R\",\"amount\":\"4\",\"currency\":"
                       "\"EUR\"}");
    fl_book_must(
        book, "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B/x\",\"currency\":\"EUR\","
              "\"lines\":[{\"amount\":\"1\",\"bank_ref\":\"R/1\"},"
              "{\"amount\":\"2\",\"bank_ref\":\"R/1\"},{\"amount\":\"-3\"},"
              "{\"amount\":\"-4\",\"bank_ref\":\"R/1\"},{\"amount\":\"5\",\"bank_ref\":\"1/R\"},"
              "{\"amount\":\"-6\",\"bank_ref\":\"#3\"},{\"amount\":\"-7\",\"bank_ref\":\"Q\"}]}");
    static const char *const ids[] = {"B/x/R/1", "B/x/#2", "B/x/#3", "B/x/#4",
                                      "B/x/#5",  "B/x/#6", "B/x/Q"};
    for (unsigned i = 0; i < 7; i++) {
        char id[FL_ID_BYTES_MAX];
        size_t length = fl_line_id(fl_book_store(book), i, id);
        cr_assert_eq(length, strlen(ids[i]));
        cr_assert_eq(memcmp(id, ids[i], length), 0);
        cr_assert_eq(fl_book_row(book, FL_KIND_OF_STATEMENT_LINE, ids[i]), i);
    }
    cr_assert(fl_book_has(book, FL_KIND_OF_RECEIPT, "B/x/#2"));
    cr_assert_not(fl_book_has(book, FL_KIND_OF_STATEMENT_LINE, "B/x/#1"));
    cr_assert_not(fl_book_has(book, FL_KIND_OF_STATEMENT_LINE, "B/x/1/R"));
}

/* ---- charges (rulings, Smaller rulings)
 * ------------------------------------------------------------- */

static void charged(const char *id, const char *amount, const char *charges, const char *reference,
                    const char *date)
{
    fl_book_must(book,
                 "{\"type\":\"statement\",\"id\":\"%s\",\"account\":\"B\",\"currency\":\"EUR\","
                 "\"lines\":[{\"amount\":\"%s\",\"charges\":\"%s\",\"bank_ref\":\"%s\","
                 "\"references\":[\"%s\"],\"booking_date\":\"%s\"}]}",
                 id, amount, charges, id, reference, date);
}

static const struct {
    const char *claim, *invoiced, *entry, *charges, *date;
    int64_t receipt, open, fee, discount;
} charges_cases[] = {
    {"the gross fits", "100.00", "98.50", "1.50", "2025-06-14", 10000, 0, 150, 0},
    {"within the tolerance", "100.04", "98.50", "1.50", "2025-06-14", 10000, 0, 150, 0},
    {"the gross at the discounted price", "100.00", "96.50", "1.50", "2025-06-05", 9800, 0, 150,
     200},
    {"no discount any more", "100.00", "96.50", "1.50", "2025-06-14", 9650, 350, 0, 0},
    {"the entry fits", "98.50", "98.50", "1.50", "2025-06-14", 9850, 0, 0, 0},
    {"the entry, though the gross is within the tolerance", "98.50", "98.50", "0.03", "2025-06-14",
     9850, 0, 0, 0},
    {"neither fits", "100.00", "90.00", "1.50", "2025-06-14", 9000, 1000, 0, 0},
};

Test(statement_line, charges_belong_to_the_receipt_where_the_invoice_fits_the_gross)
{
    for (unsigned i = 0; i < sizeof charges_cases / sizeof charges_cases[0]; i++) {
        const char *what = charges_cases[i].claim;
        if (i > 0) {
            teardown();
            setup();
        }
        bill("INV-1", "C", "EUR", charges_cases[i].invoiced);
        charged("L", charges_cases[i].entry, charges_cases[i].charges, "INV-1",
                charges_cases[i].date);
        uint32_t row = fl_book_row(book, FL_KIND_OF_RECEIPT, "B/L");
        const struct fl_receipt_card *card = fl_receipt_card(fl_book_store(book), row);
        cr_assert_eq(card->amount_minor, charges_cases[i].receipt, "%s", what);
        cr_assert_eq(card->fee_minor, charges_cases[i].fee, "%s", what);
        cr_assert_eq(fl_book_open_of(book, "INV-1"), charges_cases[i].open, "%s", what);
        cr_assert_eq(fl_book_account(book, BANK, "EUR", 0),
                     charges_cases[i].receipt - charges_cases[i].fee, "%s", what);
        cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BANK_CHARGES, "EUR", 0), charges_cases[i].fee,
                     "%s", what);
        cr_assert_eq(fl_book_account(book, FL_ACCOUNT_DISCOUNTS_ALLOWED, "EUR", 0),
                     charges_cases[i].discount, "%s", what);
    }
}

Test(statement_line, charges_of_a_payment_that_names_nothing_stay_with_the_line)
{
    charged("L", "98.50", "1.50", "nothing", "2025-06-14");
    uint32_t row = fl_book_row(book, FL_KIND_OF_RECEIPT, "B/L");
    cr_assert_eq(fl_receipt_card(fl_book_store(book), row)->amount_minor, 9850);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BANK_CHARGES, "EUR", 0), 0);
    cr_assert_eq(fl_statement_line_cold(fl_book_store(book), 0)->charges_minor, 150);
}
