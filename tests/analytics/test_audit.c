/* The audit must be able to disagree: each kept figure is bent in turn, and it must say so; and its
 * own reckoning of exposure must agree with the engine's over random orders, with either rounding.
 */
#include "analytics/audit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/book.h"
#include "tests/support/random.h"

static struct fl_test_book *book;
static char said[4096];

static void note(void *context, const char *sentence)
{
    (void)context;
    size_t n = strlen(said);
    snprintf(said + n, sizeof said - n, "%s\n", sentence);
}

static uint64_t audit(void)
{
    said[0] = '\0';
    return fl_audit(fl_book_store(book), note, NULL);
}

static void begin(const char *rounding)
{
    char settings[64];
    snprintf(settings, sizeof settings, "\"rounding\":\"%s\"", rounding);
    book = fl_book_open(settings);
    fl_book_checks(book, false);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"EUR\","
                       "\"price\":\"0.333333\",\"tax_rate\":\"19\"}");
}

/* Parts that end in half a cent and a third of one: what the two roundings tell apart. */
static void parts_agree(const char *rounding)
{
    struct fl_random dice = fl_random_start(rounding);
    begin(rounding);
    for (unsigned n = 1; n <= 60; n++) {
        unsigned pieces = 2 + (unsigned)fl_random_below(&dice, 9);
        fl_book_must(book,
                     "{\"type\":\"order\",\"id\":\"O%u\",\"customer\":\"C\",\"lines\":[{"
                     "\"product\":\"P\",\"quantity\":\"%u\"%s}]}",
                     n, pieces, n % 2 ? ",\"price\":\"0.01\",\"tax_rate\":\"0\"" : "");
        unsigned shipped = 1 + (unsigned)fl_random_below(&dice, pieces - 1);
        fl_book_must(book,
                     "{\"type\":\"shipment\",\"id\":\"S%u\",\"order\":\"O%u\",\"lines\":[{"
                     "\"line\":1,\"quantity\":\"%u.5\"}]}",
                     n, n, shipped - 1);
        if (n % 3 == 0)
            fl_book_must(book, "{\"type\":\"invoice\",\"shipment\":\"S%u\"}", n);
        if (n % 4 == 0)
            fl_book_must(book,
                         "{\"type\":\"order_cancel\",\"order\":\"O%u\",\"lines\":[{\"line\":"
                         "1,\"quantity\":\"0.25\"}]}",
                         n);
        cr_assert_eq(audit(), 0, "%s", said);
    }
    fl_book_close(book);
}

Test(audit, exposure_reckoned_by_pieces_is_the_exposure_that_is_kept)
{
    parts_agree("half_up");
    parts_agree("half_even");
}

/* A rounding that the book does not have is seen: the two reckonings do not share one. */
Test(audit, the_other_rounding_is_another_exposure)
{
    begin("half_up");
    struct fl_store *store = fl_engine_store(fl_book_engine(book));
    fl_book_must(book,
                 "{\"type\":\"order\",\"id\":\"O\",\"customer\":\"C\",\"lines\":[{\"product\":"
                 "\"P\",\"quantity\":\"2\",\"price\":\"0.0050\",\"tax_rate\":\"0\"}]}");
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S\",\"order\":\"O\",\"lines\":[{\"line\":1,"
                       "\"quantity\":\"1\"}]}");
    cr_assert_eq(audit(), 0, "%s", said);
    fl_book_settings_write(store, 0)->rounding = 2;
    cr_assert_eq(audit(), 1);
    cr_assert(strstr(said, "I5: the exposure of customer C"), "%s", said);
    fl_book_close(book);
}

static void one_bent(int64_t *kept, const char *sentence)
{
    cr_assert_eq(audit(), 0, "%s", said);
    *kept += 1;
    cr_assert_gt(audit(), 0);
    cr_assert(strstr(said, sentence), "%s instead of %s", said, sentence);
    *kept -= 1;
}

Test(audit, each_kept_figure_that_is_bent_is_named)
{
    begin("half_up");
    struct fl_store *store = fl_engine_store(fl_book_engine(book));
    fl_book_must(book,
                 "{\"type\":\"order\",\"id\":\"O\",\"customer\":\"C\",\"lines\":[{\"product\":"
                 "\"P\",\"quantity\":\"9\"}]}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"amount\":{\"net\":"
                       "\"10\",\"tax\":\"0\"}}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"customer\":\"C\",\"amount\":\"4\","
                       "\"currency\":\"EUR\",\"references\":[\"I\"]}");
    struct fl_customer_account *account = fl_customer_account_write(store, 0);
    one_bent(&account->ordered_minor, "I5: the exposure of customer C");
    one_bent(&account->shipped_minor, "I5: the exposure of customer C");
    one_bent(&account->invoices_minor, "I2: the balance of customer C");
    one_bent(&account->unapplied_minor, "I2: the balance of customer C");
    one_bent(&fl_product_stock_write(store, 0)->reserved, "I4: product P");
    one_bent(&fl_invoice_money_write(store, 0)->open_minor, "I3: invoice I is open");
    one_bent(&fl_receipt_money_write(store, 0)->open_minor, "I3: receipt R is open");
    one_bent(&fl_account_day_total_write(store, 0)->debit_minor, "ledger: ");
    one_bent(&fl_order_line_live_write(store, 0)->shipped, "I4: product P");
    fl_book_close(book);
}
