/* What the bank says of a statement beside its lines: pages, a note, balances. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/domain/statement_line.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(statement_balance, .init = setup, .fini = teardown);

Test(statement_balance, are_kept_with_their_statement)
{
    fl_book_must(book, "{\"type\":\"statement\",\"id\":\"S1\",\"account\":\"B\",\"currency\":"
                       "\"EUR\",\"opening\":\"0\",\"closing\":\"5\",\"lines\":[{\"amount\":\"5\","
                       "\"bank_ref\":\"a\",\"booking_date\":\"2025-06-01\"}],\"balances\":[{"
                       "\"code\":\"CLAV\",\"date\":\"2025-06-01\",\"amount\":\"4.50\"}]}");
    fl_book_must(book, "{\"type\":\"statement\",\"id\":\"S2\",\"account\":\"B\",\"currency\":"
                       "\"EUR\",\"opening\":\"5\",\"closing\":\"6\",\"pages\":3,\"note\":\"please "
                       "note\",\"lines\":[{\"amount\":\"1\",\"bank_ref\":\"b\",\"booking_date\":"
                       "\"2025-06-02\"}],\"balances\":[{\"code\":\"045\",\"amount\":\"-1\"},{"
                       "\"code\":\"FWAV\",\"date\":\"2025-06-09\",\"amount\":\"7.25\"}]}");
    const struct fl_store *store = fl_book_store(book);
    cr_assert_eq(store->rows[FL_TABLE_statement_balance], 3);
    uint32_t first = fl_statement_balances(store, 3, 1);
    cr_assert_eq(first, 1);
    cr_assert_eq(fl_statement_live(store, 0)->balance_count, 1);
    cr_assert_eq(fl_statement_live(store, 1)->balance_count, 2);
    cr_assert_eq(fl_statement_live(store, 1)->pages, 3);
    cr_assert_eq(memcmp(fl_text_get(store, FL_TABLE_personal, fl_statement_live(store, 1)->note),
                        "please note", 11),
                 0);
    cr_assert_eq(fl_statement_balance_row(store, 1)->amount_minor, -100);
    cr_assert_eq(fl_statement_balance_row(store, 2)->amount_minor, 725);
    cr_assert_eq(memcmp(fl_statement_balance_row(store, 2)->code, "FWAV", 4), 0);
}

Test(statement_balance, of_a_statement_that_is_known_is_not_kept_twice)
{
    for (int twice = 0; twice < 2; twice++)
        fl_book_send(book, "{\"type\":\"statement\",\"id\":\"S1\",\"account\":\"B\",\"currency\":"
                           "\"EUR\",\"opening\":\"0\",\"closing\":\"5\",\"lines\":[{\"amount\":"
                           "\"5\",\"bank_ref\":\"a\",\"booking_date\":\"2025-06-01\"}],"
                           "\"balances\":[{\"code\":\"CLAV\",\"amount\":\"4.50\"}]}");
    cr_assert_eq(fl_book_status(book), FL_DUPLICATE);
    cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_statement_balance], 1);
}

Test(statement_balance, with_more_decimals_than_the_currency_has_is_invalid)
{
    fl_book_refuses(book, "too_many_decimals",
                    "{\"type\":\"statement\",\"id\":\"S1\",\"account\":\"B\",\"currency\":\"JPY\","
                    "\"lines\":[],\"balances\":[{\"code\":\"CLAV\",\"amount\":\"4.5\"}]}");
    fl_book_refuses(book, "out_of_range",
                    "{\"type\":\"statement\",\"id\":\"S1\",\"account\":\"B\",\"currency\":\"JPY\","
                    "\"pages\":70000,\"lines\":[]}");
}
