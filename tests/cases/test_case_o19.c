/* O19: an amount counts once against the limit, whichever document it stands on, and money that
 * came in frees the limit at once. Exposure is told after every step, beside a reckoning in pieces
 * and cents. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "core/base/decimal.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(
        book,
        "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"EUR\",\"price\":\"1\"}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o19, .init = setup, .fini = teardown);

static void customer(const char *id, const char *limit)
{
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"%s\",\"name\":\"n\",\"currency\":\"EUR\","
                 "\"credit_limit\":%s}",
                 id, limit);
}

/* Places an order over one line at a price; says whether it was approved or held. */
static void order(const char *id, const char *who, const char *price, const char *credit)
{
    fl_book_must(book,
                 "{\"type\":\"order\",\"id\":\"%s\",\"customer\":\"%s\",\"lines\":[{\"product\":"
                 "\"P\",\"quantity\":1,"
                 "\"price\":\"%s\"}]}",
                 id, who, price);
    cr_assert_str_eq(fl_book_field(book, "credit"), credit, "%s", id);
}

static void ship(const char *order)
{
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"SH-%s\",\"order\":\"%s\"}", order, order);
}

static void bill(const char *order)
{
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I-%s\",\"order\":\"%s\"}", order, order);
}

#define EXPOSED(who, minor) cr_assert_eq(fl_book_exposure(book, who), minor)

Test(case_o19, a_sale_moves_through_its_documents_and_counts_once)
{
    customer("One", "\"1000\"");
    order("A", "One", "600", "approved");
    EXPOSED("One", 60000);
    ship("A");
    EXPOSED("One", 60000);
    bill("A");
    EXPOSED("One", 60000);
    order("B", "One", "400", "approved"); /* up to the limit */
    EXPOSED("One", 100000);
    order("C", "One", "0.01", "held");
    EXPOSED("One", 100000);
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"customer\":\"One\",\"amount\":\"600\","
                       "\"currency\":\"EUR\"}");
    EXPOSED("One", 40000);
    order("D", "One", "600", "approved");
    EXPOSED("One", 100000);
    cr_assert_str_eq(fl_book_order_state(book, "C"), "held");
}

Test(case_o19, money_in_advance_carries_an_order_through_without_a_limit)
{
    customer("Two", "\"0\"");
    order("N", "Two", "0.01", "held");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"customer\":\"Two\",\"amount\":\"100\","
                       "\"currency\":\"EUR\"}");
    EXPOSED("Two", -10000);
    order("A", "Two", "100", "approved");
    EXPOSED("Two", 0);
    ship("A");
    EXPOSED("Two", 0);
    bill("A");
    EXPOSED("Two", 0);
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I-A\"}");
    EXPOSED("Two", 0);
}

Test(case_o19, the_invoices_own_total_replaces_the_orders)
{
    customer("Three", "\"500\"");
    order("A", "Three", "300", "approved");
    fl_book_must(
        book,
        "{\"type\":\"invoice\",\"id\":\"I-A\",\"order\":\"A\",\"shipping\":{\"amount\":\"20\"}}");
    EXPOSED("Three", 32000);
    ship("A");
    EXPOSED("Three", 32000);
    order("B", "Three", "180", "approved");
    order("C", "Three", "0.01", "held");
}

Test(case_o19, a_held_order_counts_from_its_release_and_never_if_rejected)
{
    customer("Four", "\"100\"");
    order("A", "Four", "150", "held");
    order("B", "Four", "150", "held");
    EXPOSED("Four", 0);
    fl_book_refuses(book, "wrong_state", "{\"type\":\"shipment\",\"id\":\"S\",\"order\":\"A\"}");
    fl_book_refuses(book, "wrong_state", "{\"type\":\"invoice\",\"order\":\"A\"}");
    fl_book_must(
        book,
        "{\"type\":\"credit_decision\",\"order\":\"A\",\"decision\":\"release\",\"by\":\"ann\"}");
    EXPOSED("Four", 15000);
    fl_book_must(
        book,
        "{\"type\":\"credit_decision\",\"order\":\"B\",\"decision\":\"reject\",\"by\":\"ann\"}");
    EXPOSED("Four", 15000);
    fl_book_refuses(
        book, "wrong_state",
        "{\"type\":\"credit_decision\",\"order\":\"B\",\"decision\":\"release\",\"by\":\"ann\"}");
    fl_book_must(book, "{\"type\":\"order_cancel\",\"order\":\"A\"}");
    EXPOSED("Four", 0);
}

Test(case_o19, with_bills_on_order_a_released_order_is_billed)
{
    fl_book_must(book, "{\"type\":\"book\",\"invoice_on\":\"order\"}");
    customer("Five", "\"100\"");
    order("A", "Five", "150", "held");
    fl_book_must(
        book,
        "{\"type\":\"credit_decision\",\"order\":\"A\",\"decision\":\"release\",\"by\":\"ann\"}");
    EXPOSED("Five", 15000);
    cr_assert_eq(fl_book_balance(book, "Five"), 15000);
}

Test(case_o19, what_comes_back_or_is_given_up_moves_the_exposure_too)
{
    customer("Six", "null");
    order("A", "Six", "300", "approved");
    bill("A");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"300\",\"currency\":\"EUR\","
                       "\"references\":[\"I-A\"]}");
    EXPOSED("Six", 0);
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"50\"}");
    EXPOSED("Six", 5000);
    fl_book_must(book,
                 "{\"type\":\"credit_note\",\"id\":\"CN\",\"invoice\":\"I-A\",\"amount\":\"50\"}");
    EXPOSED("Six", 0);
    fl_book_must(book, "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"100\","
                       "\"fee\":\"15\"}");
    EXPOSED("Six", 10000);
    fl_book_must(book, "{\"type\":\"write_off\",\"id\":\"W\",\"invoice\":\"I-A\",\"amount\":"
                       "\"100\",\"reason\":\"gone\"}");
    EXPOSED("Six", 0);
    fl_book_refuses(book, "customer_hold",
                    "{\"type\":\"order\",\"id\":\"B\",\"customer\":\"Six\",\"lines\":[{\"product\":"
                    "\"P\",\"quantity\":1}]}");
}

/* ---- parts, at odd prices
 * --------------------------------------------------------------------------- */

/* D6: of `gross`, the first `x` of `whole` pieces, half up. */
static int64_t first(int64_t gross, int64_t x, int64_t whole)
{
    return (2 * gross * x + whole) / (2 * whole);
}

struct line {
    int64_t gross, ordered, shipped, invoiced, cancelled;
};

/* A part is what the pieces up to its end are worth less those up to its beginning: it adds up
 * whatever is rounded. */
static int64_t exposure_of(const struct line *line)
{
    int64_t gone = line->shipped > line->invoiced ? line->shipped : line->invoiced;
    int64_t not_shipped = first(line->gross, line->ordered - line->cancelled, line->ordered) -
                          first(line->gross, gone, line->ordered);
    int64_t shipped =
        first(line->gross, gone, line->ordered) - first(line->gross, line->invoiced, line->ordered);
    return not_shipped + shipped;
}

Test(case_o19, half_a_line_shipped_is_still_the_whole_line)
{
    customer("Seven", "\"1\"");
    fl_book_must(book, "{\"type\":\"order\",\"id\":\"A\",\"customer\":\"Seven\",\"lines\":[{"
                       "\"product\":\"P\",\"quantity\":2,"
                       "\"price\":\"0.005\"}]}");
    EXPOSED("Seven", 1);
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S\",\"order\":\"A\",\"lines\":[{\"line\":1,"
                       "\"quantity\":1}]}");
    EXPOSED("Seven", 1);
}

static void one_order(struct fl_random *random, unsigned n)
{
    struct line line = {.ordered = 1 + (int64_t)fl_random_below(random, 9)};
    unsigned cents = 1 + (unsigned)fl_random_below(random, 999), shipments = 0;
    char id[16];
    snprintf(id, sizeof id, "O%u", n);
    fl_book_must(
        book,
        "{\"type\":\"order\",\"id\":\"%s\",\"customer\":\"Eight\",\"lines\":[{\"product\":\"P\","
        "\"quantity\":%d,\"price\":\"0.%03u\",\"tax_rate\":\"19\"}]}",
        id, (int)line.ordered, cents);
    int64_t before = fl_book_exposure(book, "Eight");
    const struct fl_store *store = fl_book_store(book);
    const struct fl_order_card *card =
        fl_order_card(store, fl_book_row(book, FL_KIND_OF_ORDER, id));
    line.gross = card->total_minor;
    int64_t billed = 0, other = before - line.gross;
    while (line.shipped + line.cancelled < line.ordered) {
        int64_t open = line.ordered - line.shipped - line.cancelled;
        int64_t part = 1 + (int64_t)fl_random_below(random, (uint64_t)open);
        if (fl_random_below(random, 3) > 0) {
            fl_book_must(
                book,
                "{\"type\":\"shipment\",\"id\":\"S%u-%u\",\"order\":\"%s\",\"lines\":[{\"line\":1,"
                "\"quantity\":%d}]}",
                n, ++shipments, id, (int)part);
            line.shipped += part;
        } else {
            fl_book_must(book,
                         "{\"type\":\"order_cancel\",\"order\":\"%s\",\"lines\":[{\"line\":1,"
                         "\"quantity\":%d}]}",
                         id, (int)part);
            line.cancelled += part;
        }
        EXPOSED("Eight", other + exposure_of(&line) + billed);
        if (shipments > 0 && fl_random_below(random, 2)) {
            fl_book_send(book, "{\"type\":\"invoice\",\"shipment\":\"S%u-%u\"}", n, shipments);
            if (fl_book_status(book) == FL_OK) {
                uint32_t row = store->rows[FL_TABLE_invoice] - 1;
                billed += fl_invoice_card(store, row)->total_minor;
                const struct fl_invoice_line_card *on =
                    fl_invoice_line_card(store, fl_invoice_card(store, row)->line_first);
                line.invoiced += on->quantity / FL_QUANTITY_ONE;
            }
            EXPOSED("Eight", other + exposure_of(&line) + billed);
        }
    }
}

Test(case_o19, parts_shipped_billed_and_cancelled_add_up_at_every_step)
{
    struct fl_random random = fl_random_start("case_o19");
    customer("Eight", "null");
    for (unsigned n = 0; n < 60; n++)
        one_order(&random, n);
}
