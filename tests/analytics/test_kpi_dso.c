/* DSO: the worked examples of the definitions, and a slow model in floating point beside random
 * histories. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analytics/kpi_dso.h"
#include "core/base/date.h"
#include "tests/support/book_fixture.h"

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

/* Settles invoice n, or the part of it that the amount is. */
static void paid(int n, const char *date, const char *amount)
{
    fl_book_fixture_do(
        &book,
        "{\"type\":\"receipt\",\"id\":\"R%d\",\"customer\":\"C\",\"currency\":\"EUR\","
        "\"date\":\"%s\",\"amount\":\"%s\",\"references\":[\"I%d\"]}",
        ++receipts, date, amount, n);
}

static struct fl_dso dso(const char *from, const char *as_of, bool all_sales)
{
    static struct fl_dso all[FL_CURRENCY_COUNT];
    struct fl_snapshot s = fl_book_fixture_snapshot(&book);
    struct fl_open_items items;
    cr_assert_eq(fl_open_items_make(&s, fl_book_fixture_day(as_of), UINT64_MAX, &items), FL_OK);
    unsigned count =
        fl_dso_by_currency(&s, &items, from ? fl_book_fixture_day(from) : 0, all_sales, all);
    cr_assert_eq(count, 1);
    fl_open_items_free(&items);
    fl_snapshot_release(&s);
    return all[0];
}

/* 15,000 open, 4,000 of it current, sales 10,000 in 30 days: 45, 12, 33. */
Test(kpi_dso, period_best_possible_and_delinquent_days)
{
    begin();
    invoice("2024-01-10", "2024-02-09", "5000.00");
    invoice("2024-04-05", "2024-04-20", "6000.00");
    invoice("2024-04-20", "2024-05-20", "4000.00");
    struct fl_dso d = dso("2024-04-01", "2024-04-30", false);
    cr_expect(d.defined);
    cr_expect_eq(d.period_tenths, 450);
    cr_expect_eq(d.best_tenths, 120);
    fl_book_fixture_end(&book);
}

/* AR 150, March 90, February 80: 31 + 60/80 x 28 = 52.0 (2023: February has 28 days). */
Test(kpi_dso, count_back)
{
    begin();
    invoice("2023-01-15", "2023-01-15", "500.00");
    paid(1, "2023-02-01", "500.00");
    invoice("2023-02-10", "2023-03-10", "80.00");
    paid(2, "2023-03-02", "20.00");
    invoice("2023-03-20", "2023-04-20", "90.00");
    struct fl_dso d = dso(NULL, "2023-03-31", false);
    cr_expect_eq((int64_t)d.receivable, 15000);
    cr_expect(d.count_back_defined && !d.count_back_is_more);
    cr_expect_eq(d.count_back_tenths, 520);
    fl_book_fixture_end(&book);
}

Test(kpi_dso, more_receivables_than_all_sales_is_at_least)
{
    begin();
    invoice("2024-03-05", "2024-03-05", "100.00");
    fl_book_fixture_do(&book, "{\"type\":\"credit_note\",\"id\":\"N1\",\"customer\":\"C\",\"date\":"
                              "\"2024-03-06\",\"amount\":{\"net\":\"40.00\",\"tax\":\"0\"}}");
    fl_book_fixture_do(&book, "{\"type\":\"refund\",\"id\":\"F1\",\"credit_note\":\"N1\",\"date\":"
                              "\"2024-03-07\",\"amount\":\"40.00\"}");
    struct fl_dso d = dso(NULL, "2024-03-31", false);
    cr_expect_eq((int64_t)d.receivable, 10000);
    cr_expect(d.count_back_defined && d.count_back_is_more);
    cr_expect_eq(d.count_back_tenths, 310);
    fl_book_fixture_end(&book);
}

Test(kpi_dso, without_sales_it_is_undefined_never_zero)
{
    begin();
    invoice("2024-01-05", "2024-01-05", "100.00");
    struct fl_dso d = dso("2024-03-01", "2024-03-31", false);
    cr_expect(!d.defined);
    fl_book_fixture_do(&book, "{\"type\":\"credit_note\",\"id\":\"N1\",\"customer\":\"C\",\"date\":"
                              "\"2024-01-06\",\"amount\":{\"net\":\"100.00\",\"tax\":\"0\"}}");
    d = dso("2024-01-01", "2024-01-31", false);
    cr_expect(!d.defined, "sales of 0");
    cr_expect(!d.true_defined, "the month of an open invoice sold nothing net");
    fl_book_fixture_end(&book);
}

/* 20 days x 60/100 of January, 10 days x 30/50 of February's sales: 12 + 6 = 18, whatever the
 * months' sizes. */
Test(kpi_dso, true_dso_weighs_each_invoice_by_its_own_month)
{
    begin();
    invoice("2023-02-08", "2023-02-08", "60.00");
    invoice("2023-02-01", "2023-02-01", "40.00");
    paid(2, "2023-02-03", "40.00");
    struct fl_dso d = dso(NULL, "2023-02-28", false);
    cr_expect(d.true_defined);
    cr_expect_eq(d.true_tenths, 120);
    invoice("2023-01-29", "2023-01-29", "3000.00");
    invoice("2023-01-01", "2023-01-01", "2000.00");
    paid(4, "2023-01-03", "2000.00");
    paid(3, "2023-02-10", "2000.00");
    d = dso(NULL, "2023-02-28", false);
    cr_expect_eq(d.true_tenths, 120 + 300 * 1000 / 5000, "%ld", (long)d.true_tenths);
    fl_book_fixture_end(&book);
}

Test(kpi_dso, cash_sales_are_left_out_unless_asked_for)
{
    begin();
    invoice("2024-04-05", "2024-04-05", "300.00"); /* paid that day: cash */
    paid(1, "2024-04-05", "300.00");
    invoice("2024-04-06", "2024-04-06", "100.00"); /* paid the day after: credit */
    paid(2, "2024-04-07", "100.00");
    invoice("2024-04-07", "2024-04-07", "200.00"); /* half of it that day: credit */
    paid(3, "2024-04-07", "100.00");
    cr_expect_eq((int64_t)dso("2024-04-01", "2024-04-30", false).sales, 30000);
    cr_expect_eq((int64_t)dso("2024-04-01", "2024-04-30", true).sales, 60000);
    fl_book_fixture_do(&book,
                       "{\"type\":\"receipt_reverse\",\"id\":\"V\",\"receipt\":\"R1\",\"date\":"
                       "\"2024-04-20\",\"amount\":\"300.00\"}");
    cr_expect_eq((int64_t)dso("2024-04-01", "2024-04-30", false).sales, 60000,
                 "a payment taken back had been no payment");
    cr_expect_eq((int64_t)dso("2024-04-01", "2024-04-19", false).sales, 30000,
                 "but on the day before it was one");
    fl_book_fixture_end(&book);
}

Test(kpi_dso, all_paid_is_zero_days)
{
    begin();
    invoice("2024-04-05", "2024-04-05", "300.00");
    paid(1, "2024-04-09", "300.00");
    struct fl_dso d = dso("2024-04-01", "2024-04-30", false);
    cr_expect(d.defined && d.count_back_defined && d.true_defined);
    cr_expect_eq(d.period_tenths + d.count_back_tenths + d.true_tenths, 0);
    fl_book_fixture_end(&book);
}

Test(kpi_dso, rolling_is_the_last_three_calendar_months)
{
    begin();
    invoice("2024-01-31", "2024-01-31", "1.00");
    invoice("2024-02-01", "2024-02-01", "10.00");
    invoice("2024-04-15", "2024-04-15", "100.00");
    struct fl_dso d = dso(NULL, "2024-04-15", false);
    cr_expect_eq((int64_t)d.sales, 11000);
    cr_expect_eq(d.from, fl_book_fixture_day("2024-02-01"));
    fl_book_fixture_end(&book);
}

/* Random months against doubles: to a tenth of a day. */
Test(kpi_dso, agrees_with_a_slow_model)
{
    uint64_t random = 5;
    for (int round = 0; round < 30; round++) {
        double sold[13] = {0}, open[13] = {0}, aged[13] = {0};
        begin();
        for (int i = 0; i < 60; i++) {
            char date[11], amount[24];
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            unsigned month = 1 + (unsigned)(random >> 33) % 6,
                     day = 2 + (unsigned)(random >> 40) % 25;
            unsigned long cents = 100 + (random >> 20) % 90000;
            snprintf(date, sizeof date, "2023-%02u-%02u", month, day);
            snprintf(amount, sizeof amount, "%lu.%02lu", cents / 100, cents % 100);
            invoice(date, date, amount);
            sold[month] += (double)cents;
            if (i % 3 == 0) {
                paid(invoices, "2023-06-29", amount);
                continue;
            }
            open[month] += (double)cents;
            aged[month] +=
                (double)cents * (fl_book_fixture_day("2023-06-30") - fl_book_fixture_day(date));
        }
        struct fl_dso d = dso("2023-01-01", "2023-06-30", false);
        double all_open = 0, all_sold = 0, truly = 0;
        for (int month = 1; month <= 6; month++) {
            all_open += open[month];
            all_sold += sold[month];
            truly += sold[month] > 0 ? aged[month] / sold[month] : 0;
        }
        cr_expect(fabs((double)d.period_tenths / 10 - all_open / all_sold * 181) <= 0.0501);
        cr_expect(fabs((double)d.true_tenths / 10 - truly) <= 0.0501, "%ld is not %f",
                  (long)d.true_tenths, truly);
        fl_book_fixture_end(&book);
    }
}
