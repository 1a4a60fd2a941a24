/* O17: every piece leaves the shelf and comes back once: money given back, pieces restocked or
 * written down, cancelled twice. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/support/book.h"
#include "tests/support/random.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"Elder\",\"name\":\"Elder\",\"currency\":\"EUR\","
                 "\"credit_limit\":null}");
    fl_book_must(
        book,
        "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"EUR\",\"price\":\"10\","
        "\"stock_control\":true}");
    fl_book_must(book,
                 "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"receive\",\"quantity\":\"30\"}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o17, .init = setup, .fini = teardown);

static void order(const char *id, int pieces)
{
    fl_book_must(
        book,
        "{\"type\":\"order\",\"id\":\"%s\",\"customer\":\"Elder\",\"lines\":[{\"product\":\"P\","
        "\"quantity\":\"%d\"}]}",
        id, pieces);
}

Test(case_o17, refund_a_part_with_restock_then_cancel_twice)
{
    order("SO", 6);
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"customer\":\"Elder\",\"amount\":"
                       "\"60\",\"currency\":\"EUR\"}");
    cr_assert_eq(fl_book_available(book, "P"), 24);
    fl_book_must(
        book,
        "{\"type\":\"order_cancel\",\"order\":\"SO\",\"lines\":[{\"line\":1,\"quantity\":\"2\"}],"
        "\"restock\":true}");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F1\",\"receipt\":\"R\",\"amount\":\"20\"}");
    cr_assert_eq(fl_book_available(book, "P"), 26);
    cr_assert_eq(fl_book_refundable(book, "R"), 4000);
    fl_book_must(book, "{\"type\":\"order_cancel\",\"order\":\"SO\",\"restock\":true}");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F2\",\"receipt\":\"R\",\"amount\":\"40\"}");
    cr_assert_eq(fl_book_available(book, "P"), 30);
    cr_assert_str_eq(fl_book_order_state(book, "SO"), "cancelled");
    fl_book_refuses(book, "nothing_open",
                    "{\"type\":\"order_cancel\",\"order\":\"SO\",\"restock\":true}");
    cr_assert_eq(fl_book_available(book, "P"), 30);
    cr_assert_eq(fl_book_refundable(book, "R"), 0);
    cr_assert_eq(fl_book_balance(book, "Elder"), 0);
    cr_assert_eq(fl_book_exposure(book, "Elder"), 0);
}

Test(case_o17, cancelled_without_restock_the_pieces_are_gone_once)
{
    order("SO", 6);
    cr_assert_eq(fl_book_available(book, "P"), 24);
    fl_book_must(book, "{\"type\":\"order_cancel\",\"order\":\"SO\",\"restock\":false}");
    cr_assert_eq(fl_book_available(book, "P"), 24);
    cr_assert_eq(fl_book_on_hand(book, "P"), 24);
    fl_book_refuses(book, "nothing_open",
                    "{\"type\":\"order_cancel\",\"order\":\"SO\",\"restock\":false}");
    cr_assert_eq(fl_book_on_hand(book, "P"), 24);
}

Test(case_o17, more_than_is_open_is_neither_cancelled_nor_shipped)
{
    order("SO", 6);
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"SH1\",\"order\":\"SO\",\"lines\":[{"
                       "\"line\":1,\"quantity\":\"4\"}]}");
    fl_book_refuses(
        book, "exceeds_open",
        "{\"type\":\"order_cancel\",\"order\":\"SO\",\"lines\":[{\"line\":1,\"quantity\":\"3\"}]}");
    fl_book_must(
        book,
        "{\"type\":\"order_cancel\",\"order\":\"SO\",\"lines\":[{\"line\":1,\"quantity\":\"1\"}]}");
    fl_book_refuses(book, "exceeds_open",
                    "{\"type\":\"shipment\",\"id\":\"SH2\",\"order\":\"SO\",\"lines\":[{\"line\":1,"
                    "\"quantity\":\"2\"}]}");
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"SH2\",\"order\":\"SO\"}");
    cr_assert_str_eq(fl_book_order_state(book, "SO"), "shipped");
    cr_assert_eq(fl_book_on_hand(book, "P"), 25);
    cr_assert_eq(fl_book_available(book, "P"), 25);
    fl_book_refuses(book, "nothing_open",
                    "{\"type\":\"shipment\",\"id\":\"SH3\",\"order\":\"SO\"}");
}

/* What was billed is taken back by a credit note, never by cancelling it away under the invoice. */
Test(case_o17, pieces_that_were_invoiced_are_not_cancelled)
{
    order("SO", 6);
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"order\":\"SO\"}");
    fl_book_refuses(book, "nothing_open", "{\"type\":\"order_cancel\",\"order\":\"SO\"}");
}

/* Ship, cancel with and without restock, in random parts; a count of pieces beside it. */
Test(case_o17, ordered_is_shipped_and_cancelled_and_open_whatever_comes)
{
    struct fl_random random = fl_random_start("case_o17");
    int64_t hand = 30, reserved = 0, open = 0;
    char id[8];
    for (unsigned i = 0; i < 300; i++) {
        if (open == 0) {
            int64_t pieces = 1 + (int64_t)fl_random_below(&random, 8);
            if (hand - reserved < pieces) {
                fl_book_must(book, "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"receive\","
                                   "\"quantity\":\"30\"}");
                hand += 30;
            }
            snprintf(id, sizeof id, "S%u", i);
            order(id, (int)pieces);
            open = pieces;
            reserved += pieces;
        }
        int64_t part = 1 + (int64_t)fl_random_below(&random, 4);
        unsigned what = (unsigned)fl_random_below(&random, 3);
        if (what == 0)
            fl_book_send(
                book,
                "{\"type\":\"shipment\",\"id\":\"H%u\",\"order\":\"%s\",\"lines\":[{\"line\":1,"
                "\"quantity\":\"%d\"}]}",
                i, id, (int)part);
        else
            fl_book_send(
                book,
                "{\"type\":\"order_cancel\",\"order\":\"%s\",\"restock\":%s,\"lines\":[{\"line\":1,"
                "\"quantity\":\"%d\"}]}",
                id, what == 1 ? "true" : "false", (int)part);
        cr_assert_eq(fl_book_status(book), part <= open ? FL_OK : FL_EXCEEDS_OPEN);
        if (part <= open) {
            open -= part;
            reserved -= part;
            hand -= what == 1 ? 0 : part;
        }
        cr_assert_eq(fl_book_on_hand(book, "P"), hand);
        cr_assert_eq(fl_book_available(book, "P"), hand - reserved);
    }
}
