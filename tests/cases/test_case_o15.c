/* O15: the last pieces are promised once, and an invoice number is given once and none is left out.
 * Here one after the other, in every order of wishes; test_host_races has them at the same moment.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/support/book.h"
#include "tests/support/random.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open("\"invoice_series\":{\"prefix\":\"N-\",\"next\":1,\"digits\":4}");
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"Cedar\",\"name\":\"Cedar\",\"currency\":\"EUR\","
                 "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"product\",\"id\":\"SKU-9\",\"name\":\"lamp\",\"currency\":"
                       "\"EUR\",\"price\":\"3\","
                       "\"stock_control\":true}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o15, .init = setup, .fini = teardown);

static void stock_is(int pieces)
{
    fl_book_must(
        book, "{\"type\":\"stock\",\"product\":\"SKU-9\",\"kind\":\"count\",\"quantity\":\"%d\"}",
        pieces);
}

static enum fl_status order(unsigned n, int64_t pieces)
{
    fl_book_send(book,
                 "{\"type\":\"order\",\"id\":\"SO-%u\",\"customer\":\"Cedar\",\"lines\":[{"
                 "\"product\":\"SKU-9\","
                 "\"quantity\":\"%lld\"}]}",
                 n, (long long)pieces);
    return fl_book_status(book);
}

Test(case_o15, forty_buyers_of_the_last_ten_get_ten_and_their_invoices_are_one_to_ten)
{
    char number[16];
    stock_is(10);
    unsigned sold = 0;
    for (unsigned i = 0; i < 40; i++) {
        enum fl_status status = order(i, 1);
        cr_assert(status == FL_OK || status == FL_STOCK_SHORT);
        sold += status == FL_OK;
        cr_assert_eq(fl_book_available(book, "SKU-9"), 10 - sold);
    }
    cr_assert_eq(sold, 10);
    cr_assert_str_eq(fl_book_field(book, "code"), "stock_short");
    cr_assert_str_eq(fl_book_field(book, "available"), "0");
    for (unsigned i = 0; i < 10; i++) {
        fl_book_must(book, "{\"type\":\"invoice\",\"order\":\"SO-%u\"}", i);
        snprintf(number, sizeof number, "N-%04u", i + 1);
        cr_assert_str_eq(fl_book_field(book, "id"), number);
    }
}

Test(case_o15, of_two_that_do_not_both_fit_the_first_is_served)
{
    stock_is(10);
    cr_assert_eq(order(1, 8), FL_OK);
    cr_assert_eq(order(2, 5), FL_STOCK_SHORT);
    cr_assert_eq(fl_book_available(book, "SKU-9"), 2);
    fl_book_must(book, "{\"type\":\"order_cancel\",\"order\":\"SO-1\"}");
    cr_assert_eq(order(2, 5), FL_OK);
    cr_assert_eq(order(3, 8), FL_STOCK_SHORT);
    cr_assert_eq(fl_book_available(book, "SKU-9"), 5);
}

Test(case_o15, two_lines_of_one_order_share_what_is_there)
{
    static const char lines[] =
        "{\"type\":\"order\",\"id\":\"SO-%d\",\"customer\":\"Cedar\",\"lines\":["
        "{\"product\":\"SKU-9\",\"quantity\":\"%d\"},{\"product\":\"SKU-9\",\"quantity\":\"%d\"}]}";
    stock_is(10);
    fl_book_refuses(book, "stock_short", lines, 1, 6, 5);
    cr_assert_str_eq(fl_book_field(book, "wanted"), "11");
    fl_book_must(book, lines, 1, 6, 4);
    cr_assert_eq(fl_book_available(book, "SKU-9"), 0);
    fl_book_refuses(book, "exceeds_open",
                    "{\"type\":\"shipment\",\"id\":\"SH-1\",\"order\":\"SO-1\",\"lines\":["
                    "{\"line\":1,\"quantity\":\"4\"},{\"line\":1,\"quantity\":\"3\"}]}");
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"SH-1\",\"order\":\"SO-1\"}");
    cr_assert_eq(fl_book_on_hand(book, "SKU-9"), 0);
}

/* Wishes of random size, cancelled and shipped at random; beside it a count of pieces. */
Test(case_o15, available_never_falls_below_zero_and_is_what_a_count_says)
{
    struct fl_random random = fl_random_start("case_o15");
    int64_t on_hand = 60, wanted[200] = {0}, free = 60;
    stock_is(60);
    for (unsigned i = 0; i < 200; i++) {
        int64_t pieces = 1 + (int64_t)fl_random_below(&random, 9);
        enum fl_status status = order(i, pieces);
        cr_assert_eq(status, pieces <= free ? FL_OK : FL_STOCK_SHORT, "%lld of %lld",
                     (long long)pieces, (long long)free);
        wanted[i] = status == FL_OK ? pieces : 0;
        free -= wanted[i];
        unsigned other = (unsigned)fl_random_below(&random, i + 1);
        if (wanted[other] > 0 && fl_random_below(&random, 2)) {
            fl_book_must(book, "{\"type\":\"order_cancel\",\"order\":\"SO-%u\"}", other);
            free += wanted[other];
            wanted[other] = 0;
        } else if (wanted[other] > 0) {
            fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"SH-%u\",\"order\":\"SO-%u\"}",
                         other, other);
            on_hand -= wanted[other];
            wanted[other] = 0;
        }
        cr_assert_eq(fl_book_available(book, "SKU-9"), free);
        cr_assert_eq(fl_book_on_hand(book, "SKU-9"), on_hand);
    }
}

Test(case_o15, an_order_held_for_credit_takes_nothing_and_its_release_asks_for_stock_again)
{
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"Dogwood\",\"name\":\"D\",\"currency\":\"EUR\","
                 "\"credit_limit\":\"1\"}");
    stock_is(10);
    fl_book_must(book, "{\"type\":\"order\",\"id\":\"H\",\"customer\":\"Dogwood\",\"lines\":[{"
                       "\"product\":\"SKU-9\","
                       "\"quantity\":\"7\"}]}");
    cr_assert_str_eq(fl_book_field(book, "credit"), "held");
    cr_assert_eq(fl_book_available(book, "SKU-9"), 10);
    cr_assert_eq(order(1, 4), FL_OK);
    static const char release[] =
        "{\"type\":\"credit_decision\",\"order\":\"H\",\"decision\":\"release\",\"by\":\"ann\"}";
    fl_book_refuses(book, "stock_short", release);
    cr_assert_str_eq(fl_book_order_state(book, "H"), "held");
    fl_book_must(
        book,
        "{\"type\":\"order_cancel\",\"order\":\"H\",\"lines\":[{\"line\":1,\"quantity\":\"1\"}]}");
    fl_book_must(book, release);
    cr_assert_eq(fl_book_available(book, "SKU-9"), 0);
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"SH-1\",\"order\":\"H\"}");
    cr_assert_eq(fl_book_on_hand(book, "SKU-9"), 4);
}

static void bill(const char *expected)
{
    fl_book_must(
        book,
        "{\"type\":\"invoice\",\"customer\":\"Cedar\",\"amount\":{\"net\":\"1\",\"tax\":\"0\"}}");
    cr_assert_str_eq(fl_book_field(book, "id"), expected);
}

Test(case_o15, refused_commands_and_batches_taken_back_use_no_number)
{
    bill("N-0001");
    fl_book_refuses(book, "not_found", "{\"type\":\"invoice\",\"order\":\"none\"}");
    fl_book_refuses(book, "out_of_range",
                    "{\"type\":\"invoice\",\"customer\":\"Cedar\",\"amount\":{\"net\":"
                    "\"99999999999999999\",\"tax\":\"0\"}}");
    bill("N-0002");
    fl_book_refuses(
        book, "not_found",
        "{\"type\":\"batch\",\"key\":\"b\",\"commands\":[{\"type\":\"invoice\",\"customer\":"
        "\"Cedar\","
        "\"amount\":{\"net\":\"1\",\"tax\":\"0\"}},{\"type\":\"invoice\",\"customer\":\"Cedar\","
        "\"amount\":{\"net\":\"2\",\"tax\":\"0\"}},{\"type\":\"invoice\",\"customer\":\"nobody\","
        "\"amount\":{\"net\":\"2\",\"tax\":\"0\"}}]}");
    bill("N-0003");
    fl_book_must(
        book,
        "{\"type\":\"batch\",\"key\":\"b\",\"commands\":[{\"type\":\"invoice\",\"customer\":"
        "\"Cedar\","
        "\"amount\":{\"net\":\"1\",\"tax\":\"0\"}},{\"type\":\"invoice\",\"customer\":\"Cedar\","
        "\"amount\":{\"net\":\"2\",\"tax\":\"0\"}}]}");
    cr_assert(fl_book_has(book, FL_KIND_OF_INVOICE, "N-0004"));
    cr_assert(fl_book_has(book, FL_KIND_OF_INVOICE, "N-0005"));
    fl_book_refuses(book, "series_reserved",
                    "{\"type\":\"invoice\",\"id\":\"N-0006\",\"customer\":\"Cedar\",\"amount\":{"
                    "\"net\":\"1\",\"tax\":\"0\"}}");
    fl_book_refuses(book, "series_reserved",
                    "{\"type\":\"invoice\",\"id\":\"N-9321\",\"customer\":\"Cedar\",\"amount\":{"
                    "\"net\":\"1\",\"tax\":\"0\"}}");
    bill("N-0006");
}

Test(case_o15, a_book_sent_again_with_its_first_number_gives_none_twice)
{
    bill("N-0001");
    bill("N-0002");
    fl_book_must(book, "{\"type\":\"book\",\"net_days\":14,\"invoice_series\":{\"prefix\":\"N-\","
                       "\"next\":1,\"digits\":4}}");
    bill("N-0003");
    fl_book_must(book, "{\"type\":\"book\",\"invoice_series\":{\"prefix\":\"M-\",\"next\":1}}");
    bill("M-0001");
    fl_book_must(book, "{\"type\":\"book\",\"invoice_series\":{\"prefix\":\"N-\",\"next\":1}}");
    bill("N-0004"); /* the counter is behind what was given */
    bill("N-0005");
    fl_book_must(book, "{\"type\":\"book\",\"invoice_series\":{\"prefix\":\"N-\",\"next\":40}}");
    bill("N-0040");
}

Test(case_o15, a_prefix_with_the_year_counts_each_year_anew)
{
    fl_book_must(
        book,
        "{\"type\":\"book\",\"invoice_series\":{\"prefix\":\"{year}/\",\"next\":1,\"digits\":3}}");
    static const char *const days[][2] = {{"2024-12-30", "2024/001"}, {"2024-12-31", "2024/002"},
                                          {"2025-01-01", "2025/001"}, {"2025-06-01", "2025/002"},
                                          {"2024-11-30", "2024/003"}, {"2025-06-02", "2025/003"},
                                          {"2026-01-02", "2026/001"}, {"2025-06-03", "2025/004"},
                                          {"2024-10-01", "2024/004"}, {"2026-02-01", "2026/002"}};
    fl_book_refuses(book, "bad_value",
                    "{\"type\":\"book\",\"invoice_series\":{\"prefix\":\"a\\u0009\"}}");
    for (unsigned i = 0; i < sizeof days / sizeof days[0]; i++) {
        fl_book_must(book,
                     "{\"type\":\"invoice\",\"customer\":\"Cedar\",\"date\":\"%s\",\"amount\":{"
                     "\"net\":\"1\","
                     "\"tax\":\"0\"}}",
                     days[i][0]);
        cr_assert_str_eq(fl_book_field(book, "id"), days[i][1]);
    }
}
