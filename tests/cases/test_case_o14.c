/* O14: settled in the document's currency; the difference in ours is a realised gain or loss and
 * changes no open amount. And the kind behind it: part-payment series at any rates, the last of
 * which brings both currencies to zero. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"USD\"}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"USD\","
                       "\"credit_limit\":null}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o14, .init = setup, .fini = teardown);

/* Debit less credit in the book's currency. */
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

Test(case_o14, a_gain_and_a_loss_are_realised_and_the_open_amount_is_in_dollars)
{
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"fx_rate\":\"0.90\",\"amount\":{\"net\":\"500\",\"tax\":\"0\"}}");
    fl_book_must(
        book,
        "{\"type\":\"receipt\",\"id\":\"R1\",\"amount\":\"200\",\"currency\":\"USD\","
        "\"references\":[\"I\"],\"account\":\"B\",\"fx_rate\":\"0.95\",\"date\":\"2025-06-02\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 30000);
    cr_assert_eq(base_of(FL_ACCOUNT_FX), -1000);
    fl_book_must(
        book,
        "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":\"300\",\"currency\":\"USD\","
        "\"references\":[\"I\"],\"account\":\"B\",\"fx_rate\":\"0.88\",\"date\":\"2025-06-03\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 0);
    cr_assert_str_eq(fl_book_invoice_state(book, "I"), "paid");
    cr_assert_eq(base_of(FL_ACCOUNT_INVOICES), 0);
    cr_assert_eq(base_of(FL_ACCOUNT_UNAPPLIED), 0);
    cr_assert_eq(base_of(FL_ACCOUNT_FX), -400);
    cr_assert_eq(base_of(FL_ACCOUNT_BANK_FIRST), 45400);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_FX, "USD", 0), 0);
}

Test(case_o14, the_last_part_takes_the_remainder_in_both_currencies)
{
    struct fl_random dice = {.state = 14};
    fl_book_checks(book, false);
    for (unsigned i = 0; i < 300; i++) {
        int64_t left = 100 + (int64_t)fl_random_below(&dice, 90000);
        unsigned parts = 1 + (unsigned)fl_random_below(&dice, 6);
        fl_book_must(
            book,
            "{\"type\":\"invoice\",\"id\":\"I%u\",\"customer\":\"C\",\"date\":\"2025-06-01\",\"fx_"
            "rate\":\"0.%04u\",\"amount\":{\"net\":\"%" PRId64 ".%02u\",\"tax\":\"0\"}}",
            i, 1 + (unsigned)fl_random_below(&dice, 9999), left / 100, (unsigned)(left % 100));
        for (unsigned k = 0; k < parts; k++) {
            int64_t part = k + 1 == parts || left < 2
                               ? left
                               : 1 + (int64_t)fl_random_below(&dice, (uint64_t)left - 1);
            if (part == 0)
                break;
            left -= part;
            fl_book_must(book,
                         "{\"type\":\"receipt\",\"id\":\"R%u-%u\",\"amount\":\"%" PRId64
                         ".%02u\",\"currency\":\"USD\",\"references\":[\"I%u\"],\"fx_rate\":\"1.%"
                         "04u\",\"date\":\"2025-06-02\"}",
                         i, k, part / 100, (unsigned)(part % 100), i,
                         (unsigned)fl_random_below(&dice, 9999));
        }
        cr_assert_eq(base_of(FL_ACCOUNT_INVOICES), 0, "invoice %u", i);
        cr_assert_eq(base_of(FL_ACCOUNT_UNAPPLIED), 0, "invoice %u", i);
    }
}
