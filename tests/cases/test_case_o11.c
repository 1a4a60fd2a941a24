/* O11: a receipt is what came in, and what of it is allocated is never more than either side has.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "core/domain/instalment.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o11, .init = setup, .fini = teardown);

static void transfer(const char *ref, const char *amount, const char *names)
{
    fl_book_must(book,
                 "{\"type\":\"statement\",\"id\":\"S%s\",\"account\":\"B\",\"currency\":\"EUR\","
                 "\"lines\":[{\"amount\":\"%s\",\"bank_ref\":\"%s\",\"booking_date\":\"2025-06-"
                 "05\",\"references\":[\"%s\"]}]}",
                 ref, amount, ref, names);
}

Test(case_o11, part_payments_leave_the_rest_where_it_is)
{
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"INV-820\",\"customer\":\"C\",\"date\":"
                       "\"2025-06-01\",\"amount\":{\"net\":\"90\",\"tax\":\"0\"}}");
    transfer("1", "30.00", "INV-820");
    cr_assert_eq(fl_book_open_of(book, "INV-820"), 6000);
    transfer("2", "45.00", "INV-820");
    cr_assert_eq(fl_book_open_of(book, "INV-820"), 1500);
    transfer("3", "25.00", "INV-820");
    cr_assert_eq(fl_book_open_of(book, "INV-820"), 0);
    cr_assert_eq(fl_book_receipt_open(book, "B/3"), 1000);
    cr_assert_eq(fl_book_balance(book, "C"), -1000);
    int64_t booked = 0;
    for (uint32_t row = 0; row < 3; row++) {
        char id[8];
        snprintf(id, sizeof id, "B/%u/1", row + 1);
        booked += fl_receipt_card(fl_book_store(book), row)->amount_minor;
        cr_expect_eq(
            fl_movement_cold(fl_book_store(book), fl_book_row(book, FL_KIND_OF_APPLICATION, id))
                ->points,
            70);
    }
    cr_assert_eq(booked, 10000);
}

Test(case_o11, an_instalment_is_paid_by_what_came_and_not_by_what_was_due)
{
    int64_t opens[FL_INSTALMENTS_MAX];
    uint32_t first;
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"INV-821\",\"customer\":\"C\",\"date\":\"2025-06-"
                 "01\",\"amount\":{\"net\":\"2700\",\"tax\":\"0\"},\"instalments\":[{\"due_date\":"
                 "\"2025-07-01\",\"amount\":\"900\"},{\"due_date\":\"2025-08-01\",\"amount\":"
                 "\"900\"},{\"due_date\":\"2025-09-01\",\"amount\":\"900\"}]}");
    transfer("1", "500.00", "INV-821");
    const struct fl_store *store = fl_book_store(book);
    cr_assert_eq(fl_book_open_of(book, "INV-821"), 220000);
    cr_assert_eq(fl_instalment_find(store, store->rows[FL_TABLE_instalment], 0, &first), 3);
    fl_instalment_opens(store, first, 3, 220000, opens);
    cr_assert_eq(opens[0], 40000);
    cr_assert_eq(opens[1], 90000);
    cr_assert_eq(opens[2], 90000);
}
