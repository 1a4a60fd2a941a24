/* The scan by windows and threads beside one invoice after the other. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/aging_scan.h"
#include "core/base/date.h"
#include "tests/support/book_fixture.h"
#include "tests/support/random.h"

#define INVOICES 13000u /* three windows and some rows */

static struct fl_book_fixture book;
static struct fl_random any;

static uint32_t below(uint32_t n)
{
    return (uint32_t)fl_random_below(&any, n);
}

/* The second window of one currency, the others mixed; few in instalments; a third paid in part or
 * whole. */
static void invoice_make(uint32_t i)
{
    unsigned currency = i / FL_AGING_WINDOW_ROWS == 1 ? 0 : below(3);
    static const char *const customers[] = {"EU", "US", "JP"};
    char parts[160] = "", due[11], paid[11];
    fl_date_format((uint16_t)(fl_book_fixture_day("2024-01-01") + below(300)), due);
    uint32_t net = 2 + below(100000);
    if (i > 2 * FL_AGING_WINDOW_ROWS && below(500) == 0)
        snprintf(parts, sizeof parts,
                 ",\"instalments\":[{\"due_date\":\"2024-02-01\",\"amount\":\"1\"},"
                 "{\"due_date\":\"2024-06-01\",\"amount\":\"%u\"}]",
                 net - 1);
    else
        snprintf(parts, sizeof parts, ",\"due_date\":\"%s\"", due);
    fl_book_fixture_do(
        &book,
        "{\"type\":\"invoice\",\"id\":\"I%u\",\"customer\":\"%s\",\"date\":\"2024-01-01\","
        "\"amount\":{\"net\":\"%u\",\"tax\":\"0\"}%s}",
        i, customers[currency], net, parts);
    if (below(3) != 0)
        return;
    fl_date_format((uint16_t)(fl_book_fixture_day("2024-01-01") + below(170)), paid);
    static const char *const codes[] = {"EUR", "USD", "JPY"};
    fl_book_fixture_do(
        &book,
        "{\"type\":\"receipt\",\"id\":\"R%u\",\"customer\":\"%s\",\"amount\":\"%u\",\"currency\":"
        "\"%s\",\"date\":\"%s\",\"references\":[\"I%u\"]}",
        i, customers[currency], 1 + below(net), codes[currency], paid, i);
}

static void book_make(void)
{
    any = fl_random_start("aging scan");
    fl_book_fixture_begin(&book);
    fl_book_fixture_do(&book, "{\"type\":\"fx_rate\",\"from\":\"USD\",\"to\":\"EUR\",\"rate\":\"0."
                              "9\",\"date\":\"2024-01-01\"}");
    fl_book_fixture_do(&book, "{\"type\":\"fx_rate\",\"from\":\"JPY\",\"to\":\"EUR\",\"rate\":\"0."
                              "006\",\"date\":\"2024-01-01\"}");
    fl_book_fixture_do(&book,
                       "{\"type\":\"customer\",\"id\":\"EU\",\"name\":\"E\",\"currency\":\"EUR\"}");
    fl_book_fixture_do(&book,
                       "{\"type\":\"customer\",\"id\":\"US\",\"name\":\"U\",\"currency\":\"USD\"}");
    fl_book_fixture_do(&book,
                       "{\"type\":\"customer\",\"id\":\"JP\",\"name\":\"J\",\"currency\":\"JPY\"}");
    for (uint32_t i = 0; i < INVOICES; i++)
        invoice_make(i);
}

static void book_end(void)
{
    fl_book_fixture_end(&book);
}

TestSuite(aging_scan, .init = book_make, .fini = book_end);

static void must_equal(const struct fl_aging *a, const struct fl_aging *b, const char *what)
{
    for (unsigned c = 0; c < FL_CURRENCY_COUNT; c++) {
        cr_assert(a[c].not_due == b[c].not_due && a[c].not_due_count == b[c].not_due_count,
                  "%s: not due", what);
        for (unsigned i = 0; i < FL_AGING_BUCKETS_MAX; i++)
            cr_assert(a[c].bucket[i] == b[c].bucket[i] &&
                          a[c].bucket_count[i] == b[c].bucket_count[i],
                      "%s: bucket %u", what, i);
    }
}

static void every_way_equals(const struct fl_snapshot *s, uint16_t as_of, bool live)
{
    struct fl_open_items items;
    struct fl_aging *one_by_one = calloc(FL_CURRENCY_COUNT, sizeof *one_by_one);
    struct fl_aging *scanned = calloc(FL_CURRENCY_COUNT, sizeof *scanned);
    cr_assert_eq(fl_open_items_make(s, as_of, UINT64_MAX, &items), FL_OK);
    for (uint32_t row = 0; row < items.invoices; row++)
        fl_aging_add_invoice(s, row, as_of, items.invoice_minor[row],
                             &one_by_one[fl_at_invoice_currency(s, row)->currency]);
    for (unsigned threads = 0; threads <= 4; threads++) {
        for (unsigned how = 0; how <= (unsigned)fl_aging_best(); how++) {
            struct fl_aging_scan scan = {.snapshot = s,
                                         .open_minor = live ? NULL : items.invoice_minor,
                                         .invoices = items.invoices,
                                         .as_of = as_of,
                                         .threads = threads,
                                         .how = (enum fl_aging_instructions)how};
            memset(scanned, 0, FL_CURRENCY_COUNT * sizeof *scanned);
            cr_assert_eq(fl_aging_scan(&scan, scanned), FL_OK);
            must_equal(scanned, one_by_one, live ? "live" : "as of a day");
        }
    }
    fl_open_items_free(&items);
    free(scanned);
    free(one_by_one);
}

Test(aging_scan, any_threads_and_instructions_give_what_the_invoices_come_to_one_by_one)
{
    struct fl_snapshot s = fl_book_fixture_snapshot(&book);
    cr_assert(s.rows[FL_TABLE_instalment] > 10);
    cr_assert_eq(s.rows[FL_TABLE_invoice], INVOICES);
    every_way_equals(&s, fl_book_fixture_day("2024-03-10"), false);
    every_way_equals(&s, fl_book_fixture_day("2024-06-25"), false);
    /* All that is known is dated by then: the live amounts are those of the day. */
    every_way_equals(&s, fl_book_fixture_day("2024-06-25"), true);
    fl_snapshot_release(&s);
}
