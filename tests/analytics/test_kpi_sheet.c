/* The figures of a period from a book: the definitions' vectors entered as documents, the edges by
 * hand, every currency's decimals, and groups that come to the whole. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analytics/kpi_cohort.h"
#include "analytics/kpi_sheet.h"
#include "core/base/date.h"
#include "tests/support/book_fixture.h"
#include "tests/support/random.h"

static struct fl_book_fixture book;
static int invoices, receipts;

static void begin(void)
{
    invoices = receipts = 0;
    fl_book_fixture_begin(&book);
    fl_book_fixture_do(&book,
                       "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"N\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
}

static void invoice(const char *date, const char *due, const char *amount)
{
    fl_book_fixture_do(&book,
                       "{\"type\":\"invoice\",\"id\":\"I%d\",\"customer\":\"C\",\"date\":\"%s\","
                       "\"due_date\":\"%s\",\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}}",
                       ++invoices, date, due, amount);
}

static void note(const char *id, const char *date, const char *amount)
{
    fl_book_fixture_do(&book,
                       "{\"type\":\"credit_note\",\"id\":\"%s\",\"customer\":\"C\",\"date\":\"%s\","
                       "\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}}",
                       id, date, amount);
}

static void paid(int n, const char *date, const char *amount)
{
    fl_book_fixture_do(
        &book,
        "{\"type\":\"receipt\",\"id\":\"R%d\",\"customer\":\"C\",\"currency\":\"EUR\","
        "\"date\":\"%s\",\"amount\":\"%s\",\"references\":[\"I%d\"]}",
        ++receipts, date, amount, n);
}

static struct fl_kpi_row row_known(const char *from, const char *to, uint64_t known)
{
    struct fl_snapshot s = fl_book_fixture_snapshot(&book);
    struct fl_kpi_query query = {.from = from ? fl_book_fixture_day(from) : 0,
                                 .to = fl_book_fixture_day(to),
                                 .known_seq = known};
    struct fl_kpi_sheet sheet;
    cr_assert_eq(fl_kpi_sheet_make(&s, &query, &sheet), FL_OK);
    cr_assert_leq(sheet.rows, 1);
    struct fl_kpi_row row = {.group = FL_NO_ROW};
    if (sheet.rows)
        row = sheet.row[0];
    fl_kpi_sheet_free(&sheet);
    fl_snapshot_release(&s);
    return row;
}

static struct fl_kpi_row row_of(const char *from, const char *to)
{
    return row_known(from, to, UINT64_MAX);
}

static void is(const struct fl_kpi_row *row, enum fl_kpi which, int64_t value)
{
    cr_expect(row->figure[which].defined, "%s is undefined", fl_kpi_about[which].name);
    cr_expect_eq(row->figure[which].value, value, "%s: %ld, wanted %ld", fl_kpi_about[which].name,
                 (long)row->figure[which].value, (long)value);
}

static void is_undefined(const struct fl_kpi_row *row, enum fl_kpi which)
{
    cr_expect(!row->figure[which].defined, "%s is %ld, not undefined", fl_kpi_about[which].name,
              (long)row->figure[which].value);
}

/* 15,000 open, 4,000 of it current, sales 10,000 in 30 days: 45, 12, 33; CEI from 5,000:
 * (5,000 + 10,000 - 15,000) / (5,000 + 10,000 - 4,000) = 0. */
Test(kpi_sheet, the_vector_of_days_delinquent)
{
    begin();
    invoice("2024-01-10", "2024-02-09", "5000.00");
    invoice("2024-04-05", "2024-04-20", "6000.00");
    invoice("2024-04-20", "2024-05-20", "4000.00");
    struct fl_kpi_row row = row_of("2024-04-01", "2024-04-30");
    is(&row, FL_KPI_DSO, 450);
    is(&row, FL_KPI_BEST, 120);
    is(&row, FL_KPI_DELINQUENT, 330);
    is(&row, FL_KPI_OPENING, 500000);
    is(&row, FL_KPI_CEI, 0);
    is(&row, FL_KPI_CURRENT, 2667);
    is(&row, FL_KPI_OVERDUE, 1100000);
    paid(1, "2024-04-30", "5000.00"); /* (15,000 - 10,000) / (15,000 - 4,000) */
    row = row_of("2024-04-01", "2024-04-30");
    is(&row, FL_KPI_CEI, 4545);
    is(&row, FL_KPI_CLOSE, 1110); /* 21 January days, 29 February, 31 March, 30 April */
    is(&row, FL_KPI_CLOSED, 1);
    fl_book_fixture_end(&book);
}

/* AR 150, March 90, February 80: 52.0; in 2024 February has 29 days: 52.75. */
static void count_back_of(int year, int64_t wanted)
{
    char date[11], due[11];
    begin();
    snprintf(date, sizeof date, "%d-02-10", year);
    snprintf(due, sizeof due, "%d-03-10", year);
    invoice(date, due, "80.00");
    snprintf(date, sizeof date, "%d-03-02", year);
    paid(1, date, "20.00");
    snprintf(date, sizeof date, "%d-03-20", year);
    invoice(date, date, "90.00");
    snprintf(date, sizeof date, "%d-03-31", year);
    struct fl_kpi_row row = row_of(NULL, date);
    is(&row, FL_KPI_RECEIVABLE, 15000);
    is(&row, FL_KPI_COUNT_BACK, wanted);
    fl_book_fixture_end(&book);
}

Test(kpi_sheet, the_vector_of_the_count_back_with_and_without_a_leap_day)
{
    count_back_of(2023, 520);
    count_back_of(2024, 528);
}

Test(kpi_sheet, without_sales_it_is_undefined_and_the_rest_stands)
{
    begin();
    invoice("2024-01-05", "2024-01-05", "100.00");
    struct fl_kpi_row row = row_of("2024-03-01", "2024-03-31");
    is_undefined(&row, FL_KPI_DSO);
    is_undefined(&row, FL_KPI_BEST);
    is_undefined(&row, FL_KPI_DELINQUENT);
    is_undefined(&row, FL_KPI_BAD_DEBT);
    is_undefined(&row, FL_KPI_CLOSE);
    is(&row, FL_KPI_SALES, 0);
    is(&row, FL_KPI_COUNT_BACK, 310 + 290 + 310);
    is(&row, FL_KPI_CEI, 0); /* (100 + 0 - 100) / (100 + 0 - 0) */
    fl_book_fixture_end(&book);
}

Test(kpi_sheet, credit_notes_only)
{
    begin();
    note("N1", "2024-03-05", "40.00");
    struct fl_kpi_row row = row_of("2024-03-01", "2024-03-31");
    is(&row, FL_KPI_SALES, -4000);
    is(&row, FL_KPI_RECEIVABLE, -4000);
    is(&row, FL_KPI_CREDITS, 4000);
    is_undefined(&row, FL_KPI_DSO);
    is_undefined(&row, FL_KPI_COUNT_BACK);
    is_undefined(&row, FL_KPI_TRUE_DSO);
    is_undefined(&row, FL_KPI_CURRENT);
    is_undefined(&row, FL_KPI_CEI);
    fl_book_fixture_end(&book);
}

Test(kpi_sheet, negative_sales_of_a_month)
{
    begin();
    invoice("2024-02-05", "2024-02-05", "100.00");
    invoice("2024-03-05", "2024-03-05", "30.00");
    note("N1", "2024-03-06", "50.00");
    struct fl_kpi_row row = row_of("2024-03-01", "2024-03-31");
    is(&row, FL_KPI_SALES, -2000);
    is(&row, FL_KPI_RECEIVABLE, 8000);
    is_undefined(&row, FL_KPI_DSO);
    is_undefined(&row, FL_KPI_TRUE_DSO);    /* March has an open invoice and no sales */
    is(&row, FL_KPI_COUNT_BACK, 310 + 232); /* March adds its days, then 80/100 of 29 */
    fl_book_fixture_end(&book);
}

Test(kpi_sheet, a_document_of_a_later_day_is_not_there_yet)
{
    begin();
    invoice("2024-03-05", "2024-03-05", "100.00");
    struct fl_kpi_row was = row_of(NULL, "2024-03-31");
    invoice("2024-04-05", "2024-04-05", "900.00");
    note("N1", "2024-04-06", "50.00");
    paid(1, "2024-04-07", "100.00");
    struct fl_kpi_row row = row_of(NULL, "2024-03-31");
    for (unsigned i = 0; i < FL_KPI_FIGURES; i++) {
        cr_expect_eq(row.figure[i].defined, was.figure[i].defined, "%s", fl_kpi_about[i].name);
        cr_expect_eq(row.figure[i].value, was.figure[i].value, "%s", fl_kpi_about[i].name);
    }
    row = row_of(NULL, "2024-04-30");
    is(&row, FL_KPI_SALES, 95000);
    is(&row, FL_KPI_RECEIVABLE, 85000);
    is(&row, FL_KPI_CLOSE, 330);
    fl_book_fixture_end(&book);
}

Test(kpi_sheet, more_receivables_than_history)
{
    begin();
    invoice("2024-03-05", "2024-03-05", "100.00");
    note("N1", "2024-03-06", "40.00");
    fl_book_fixture_do(&book, "{\"type\":\"refund\",\"id\":\"F1\",\"credit_note\":\"N1\",\"date\":"
                              "\"2024-03-07\",\"amount\":\"40.00\"}");
    struct fl_kpi_row row = row_of(NULL, "2024-03-31");
    is(&row, FL_KPI_COUNT_BACK, 310);
    cr_expect(row.figure[FL_KPI_COUNT_BACK].at_least);
    fl_book_fixture_end(&book);
}

/* 10 days; then the payment bounces and it is paid again: 25, though it was known as 10. */
Test(kpi_sheet, an_invoice_that_was_reopened_closes_again)
{
    begin();
    invoice("2024-03-01", "2024-03-31", "100.00");
    paid(1, "2024-03-11", "100.00");
    uint64_t known = book.result.seq;
    fl_book_fixture_do(&book, "{\"type\":\"receipt_reverse\",\"id\":\"V\",\"receipt\":\"R1\","
                              "\"date\":\"2024-03-15\",\"amount\":\"100.00\"}");
    struct fl_kpi_row row = row_of("2024-03-01", "2024-03-31");
    is(&row, FL_KPI_CLOSED, 0);
    is_undefined(&row, FL_KPI_CLOSE);
    paid(1, "2024-03-26", "100.00");
    row = row_of("2024-03-01", "2024-03-31");
    is(&row, FL_KPI_CLOSE, 250);
    is(&row, FL_KPI_CLOSE_MEDIAN, 250);
    row = row_known("2024-03-01", "2024-03-31", known);
    is(&row, FL_KPI_CLOSE, 100);
    row = row_of("2024-03-01", "2024-03-14");
    is(&row, FL_KPI_CLOSE, 100); /* on that day it had been */
    fl_book_fixture_end(&book);
}

Test(kpi_sheet, what_closed_an_invoice)
{
    begin();
    invoice("2024-03-01", "2024-03-01", "100.00"); /* cash */
    invoice("2024-03-01", "2024-03-01", "100.00"); /* its credit note */
    invoice("2024-03-01", "2024-03-01", "100.00"); /* cash, the rest written off */
    invoice("2024-03-01", "2024-03-01", "0.00");   /* was never open */
    paid(1, "2024-03-05", "100.00");
    fl_book_fixture_do(&book, "{\"type\":\"credit_note\",\"id\":\"N1\",\"invoice\":\"I2\",\"date\":"
                              "\"2024-03-08\",\"amount\":\"100.00\"}");
    paid(3, "2024-03-09", "60.00");
    fl_book_fixture_do(&book, "{\"type\":\"write_off\",\"id\":\"W1\",\"invoice\":\"I3\",\"date\":"
                              "\"2024-03-21\",\"amount\":\"40.00\",\"reason\":\"r\"}");
    struct fl_kpi_row row = row_of("2024-03-01", "2024-03-31");
    is(&row, FL_KPI_CLOSED, 1);
    is(&row, FL_KPI_CLOSE, 40);
    is(&row, FL_KPI_CLOSED_CREDIT, 1);
    is(&row, FL_KPI_CLOSE_CREDIT, 70);
    is(&row, FL_KPI_CLOSED_WRITE_OFF, 1);
    is(&row, FL_KPI_CLOSE_WRITE_OFF, 200);
    is(&row, FL_KPI_WRITE_OFFS, 4000);
    is(&row, FL_KPI_BAD_DEBT, 2000); /* 40 of 200 */
    fl_book_fixture_do(&book, "{\"type\":\"write_off_reverse\",\"id\":\"WR\",\"write_off\":\"W1\","
                              "\"amount\":\"15.00\",\"date\":\"2024-04-02\"}");
    row = row_of("2024-03-01", "2024-04-30");
    is(&row, FL_KPI_RECOVERIES, 1500);
    is(&row, FL_KPI_BAD_DEBT, 1250); /* 25 of 200 */
    row = row_of("2024-03-01", "2024-03-31");
    is(&row, FL_KPI_BAD_DEBT, 2000); /* March is what it was */
    fl_book_fixture_end(&book);
}

/* The same thousand minor units in every currency: the days are alike, the money is itself. */
Test(kpi_sheet, every_currency_with_its_decimals)
{
    struct fl_kpi_sheet sheet;
    fl_book_fixture_begin(&book);
    for (unsigned currency = 1; currency < FL_CURRENCY_COUNT; currency++) {
        const char *code = fl_currency_code((uint8_t)currency);
        char net[32];
        fl_decimal_format(1000, fl_currency_exponent((uint8_t)currency), net);
        if (strcmp(code, "EUR") != 0)
            fl_book_fixture_do(&book,
                               "{\"type\":\"fx_rate\",\"from\":\"%s\",\"to\":\"EUR\",\"rate\":"
                               "\"1.5\",\"date\":\"2024-01-01\"}",
                               code);
        fl_book_fixture_do(&book,
                           "{\"type\":\"customer\",\"id\":\"%s\",\"name\":\"N\",\"currency\":"
                           "\"%s\",\"credit_limit\":null}",
                           code, code);
        fl_book_fixture_do(&book,
                           "{\"type\":\"invoice\",\"id\":\"I-%s\",\"customer\":\"%s\",\"date\":"
                           "\"2024-04-10\",\"due_date\":\"2024-04-20\",\"amount\":{\"net\":\"%s\","
                           "\"tax\":\"0\"}}",
                           code, code, net);
    }
    struct fl_snapshot s = fl_book_fixture_snapshot(&book);
    struct fl_kpi_query query = {.from = fl_book_fixture_day("2024-04-01"),
                                 .to = fl_book_fixture_day("2024-04-30"),
                                 .known_seq = UINT64_MAX};
    cr_assert_eq(fl_kpi_sheet_make(&s, &query, &sheet), FL_OK);
    cr_assert_eq(sheet.rows, FL_CURRENCY_COUNT - 1);
    for (uint32_t i = 0; i < sheet.rows; i++) {
        cr_expect_eq(sheet.row[i].aging.currency, i + 1);
        is(&sheet.row[i], FL_KPI_RECEIVABLE, 1000);
        is(&sheet.row[i], FL_KPI_DSO, 300);
        is(&sheet.row[i], FL_KPI_TRUE_DSO, 200);
        is(&sheet.row[i], FL_KPI_COUNT_BACK, 300);
        is(&sheet.row[i], FL_KPI_CURRENT, 0);
    }
    fl_kpi_sheet_free(&sheet);
    query.in_base = true;
    cr_assert_eq(fl_kpi_sheet_make(&s, &query, &sheet), FL_OK);
    cr_assert_eq(sheet.rows, 1);
    fl_int128 base = 0; /* a thousand minor units at 1.5, in cents of the euro: by hand */
    for (unsigned currency = 1; currency < FL_CURRENCY_COUNT; currency++) {
        static const int64_t cents[] = {150000, 15000, 1500, 150, 15}; /* by exponent */
        bool is_base = strcmp(fl_currency_code((uint8_t)currency), "EUR") == 0;
        base += is_base ? 1000 : cents[fl_currency_exponent((uint8_t)currency)];
    }
    is(&sheet.row[0], FL_KPI_RECEIVABLE, (int64_t)base);
    is(&sheet.row[0], FL_KPI_DSO, 300);
    cr_expect_eq(fl_control_account_base(&s, query.to, UINT64_MAX), base);
    fl_kpi_sheet_free(&sheet);
    fl_snapshot_release(&s);
    fl_book_fixture_end(&book);
}

Test(kpi_sheet, the_period_before)
{
    uint16_t from, to;
    const struct {
        const char *from, *to, *before_from, *before_to;
    } cases[] = {
        {"2024-04-01", "2024-04-30", "2024-03-01", "2024-03-31"},
        {"2024-01-01", "2024-03-31", "2023-10-01", "2023-12-31"},
        {"2024-02-01", "2024-04-15", "2023-11-01", "2024-01-31"},
        {"2024-03-01", "2024-03-01", "2024-02-01", "2024-02-29"},
        {"2024-03-11", "2024-03-20", "2024-03-01", "2024-03-10"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert(fl_kpi_period_before(fl_book_fixture_day(cases[i].from),
                                       fl_book_fixture_day(cases[i].to), &from, &to));
        cr_expect_eq(from, fl_book_fixture_day(cases[i].before_from), "%s", cases[i].from);
        cr_expect_eq(to, fl_book_fixture_day(cases[i].before_to), "%s", cases[i].from);
    }
    cr_expect(!fl_kpi_period_before(1, 31, &from, &to), "the calendar ends");
}

static struct fl_aging aged(enum fl_aging_basis basis, enum fl_aging_credits credits)
{
    struct fl_snapshot s = fl_book_fixture_snapshot(&book);
    struct fl_kpi_query query = {.to = fl_book_fixture_day("2024-05-31"),
                                 .known_seq = UINT64_MAX,
                                 .basis = basis,
                                 .credits = credits};
    struct fl_kpi_sheet sheet;
    cr_assert_eq(fl_kpi_sheet_make(&s, &query, &sheet), FL_OK);
    cr_assert_eq(sheet.rows, 1);
    struct fl_aging a = sheet.row[0].aging;
    cr_expect_eq(fl_aging_invoices(&a) - a.unapplied - a.credits,
                 fl_control_account(&s, a.currency, query.to, UINT64_MAX), "K2");
    is(&sheet.row[0], FL_KPI_UNAPPLIED, 12000); /* no figure depends on the variant */
    is(&sheet.row[0], FL_KPI_CREDITS, 4000);
    is(&sheet.row[0], FL_KPI_OVERDUE, 15000);
    fl_kpi_sheet_free(&sheet);
    fl_snapshot_release(&s);
    return a;
}

static void buckets_are(const struct fl_aging *a, int64_t not_due, int64_t to_30, int64_t to_60,
                        int64_t over_90, int64_t unapplied, int64_t credits)
{
    cr_expect_eq(a->not_due, not_due, "not due %ld", (long)a->not_due);
    cr_expect_eq(a->bucket[0], to_30, "1 to 30 %ld", (long)a->bucket[0]);
    cr_expect_eq(a->bucket[1], to_60, "31 to 60 %ld", (long)a->bucket[1]);
    cr_expect_eq(a->bucket[2], 0);
    cr_expect_eq(a->bucket[3], over_90, "over 90 %ld", (long)a->bucket[3]);
    cr_expect_eq(a->unapplied, unapplied, "unapplied %ld", (long)a->unapplied);
    cr_expect_eq(a->credits, credits, "credits %ld", (long)a->credits);
}

/* 100 since January, 50 due on 10 May, 30 due in June; 120 of cash of 20 May and a note of 40 of 20
 * April are free. */
Test(kpi_sheet, credits_of_their_own_aged_or_set_against_the_oldest)
{
    begin();
    invoice("2024-01-01", "2024-01-31", "100.00");
    invoice("2024-05-31", "2024-06-30", "30.00");
    invoice("2024-04-25", "2024-05-10", "50.00");
    fl_book_fixture_do(&book, "{\"type\":\"receipt\",\"id\":\"R\",\"customer\":\"C\",\"currency\":"
                              "\"EUR\",\"date\":\"2024-05-20\",\"amount\":\"120.00\"}");
    note("N1", "2024-04-20", "40.00");
    struct fl_aging a = aged(FL_BASIS_DUE_DATE, FL_CREDITS_OWN);
    buckets_are(&a, 3000, 5000, 0, 10000, 12000, 4000);
    a = aged(FL_BASIS_DUE_DATE, FL_CREDITS_AGED); /* 11 and 41 days old */
    buckets_are(&a, 3000, -7000, -4000, 10000, 0, 0);
    a = aged(FL_BASIS_DUE_DATE, FL_CREDITS_OLDEST); /* cash: 100 + 20; note: 30 + 10 */
    buckets_are(&a, 2000, 0, 0, 0, 0, 0);
    cr_expect_eq(a.bucket_count[3], 0);
    cr_expect_eq(a.not_due_count, 1);
    a = aged(FL_BASIS_DOCUMENT_DATE, FL_CREDITS_OWN); /* 151, 0 and 36 days old */
    buckets_are(&a, 3000, 0, 5000, 10000, 12000, 4000);
    fl_book_fixture_end(&book);
}

/* March: one closed on day 2, two on day 4, one credited on day 3, one open and 6 days old: 4/5, then a
 * third of it (3 at risk). The mean of those closed is 3.3. */
Test(kpi_sheet, cohorts_count_open_invoices_while_they_are_seen)
{
    struct fl_kpi_cohort all[FL_COHORT_MONTHS + 1];
    begin();
    for (int i = 0; i < 5; i++)
        invoice("2024-03-10", "2024-03-31", "10.00");
    invoice("2024-02-20", "2024-03-31", "10.00"); /* of another month, closed on day 18 */
    invoice("2023-03-31", "2024-03-31", "10.00"); /* of none of the twelve */
    paid(1, "2024-03-12", "10.00");
    paid(2, "2024-03-14", "10.00");
    paid(3, "2024-03-14", "10.00");
    paid(6, "2024-03-09", "10.00");
    fl_book_fixture_do(&book, "{\"type\":\"credit_note\",\"id\":\"N1\",\"invoice\":\"I4\",\"date\":"
                              "\"2024-03-13\",\"amount\":\"10.00\"}");
    struct fl_snapshot s = fl_book_fixture_snapshot(&book);
    struct fl_kpi_query query = {.to = fl_book_fixture_day("2024-03-16"), .known_seq = UINT64_MAX};
    cr_assert_eq(fl_kpi_cohorts(&s, &query, fl_currency_find("EUR", 3), all), FL_OK);
    const struct fl_kpi_cohort *march = &all[FL_COHORT_MONTHS - 1];
    cr_expect_eq(march->month, fl_book_fixture_day("2024-03-01"));
    cr_expect(march->invoices == 5 && march->closed == 3 && march->open == 1);
    cr_expect_eq(march->mean.value, 33);
    cr_expect(march->median.defined);
    cr_expect_eq(march->median.value, 40);
    cr_expect(!march->within[0].defined, "nobody has been seen for 30 days");
    cr_expect_eq(all[FL_COHORT_MONTHS - 2].closed, 1);
    cr_expect_eq(all[FL_COHORT_MONTHS - 2].within[0].value, 10000, "all are paid");
    cr_expect_eq(all[FL_COHORT_MONTHS].invoices, 6);
    fl_snapshot_release(&s);
    fl_book_fixture_end(&book);
}
