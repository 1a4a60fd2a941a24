/* Invoices due in parts (A6). */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "analytics/kpi_aging.h"
#include "core/base/date.h"
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

TestSuite(instalment, .init = setup, .fini = teardown);

static void bill(void)
{
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-03-"
                       "01\",\"amount\":{\"net\":\"2700\",\"tax\":\"0\"},\"instalments\":[{\"due_"
                       "date\":\"2025-06-01\",\"amount\":\"900\"},{\"due_date\":\"2025-04-01\","
                       "\"amount\":\"1000\"},{\"due_date\":\"2025-05-01\",\"amount\":\"800\"}]}");
}

static void opens_are(int64_t a, int64_t b, int64_t c)
{
    const struct fl_store *store = fl_book_store(book);
    int64_t opens[FL_INSTALMENTS_MAX];
    uint32_t first, invoice = fl_book_row(book, FL_KIND_OF_INVOICE, "I");
    cr_assert_eq(fl_instalment_find(store, store->rows[FL_TABLE_instalment], invoice, &first), 3);
    fl_instalment_opens(store, first, 3, fl_invoice_money(store, invoice)->open_minor, opens);
    cr_expect_eq(opens[0], a);
    cr_expect_eq(opens[1], b);
    cr_expect_eq(opens[2], c);
    cr_expect_eq(fl_book_open_of(book, "I"), a + b + c);
}

Test(instalment, stand_by_their_days_and_the_oldest_is_paid_first)
{
    bill();
    cr_assert_str_eq(fl_book_field(book, "due_date"), "2025-06-01");
    opens_are(100000, 80000, 90000);
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R1\",\"amount\":\"1200\",\"currency\":"
                       "\"EUR\",\"references\":[\"I\"],\"date\":\"2025-03-05\"}");
    opens_are(0, 60000, 90000);
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"N\",\"invoice\":\"I\",\"amount\":"
                       "\"100\",\"date\":\"2025-03-06\"}");
    opens_are(0, 50000, 90000);
    fl_book_must(book, "{\"type\":\"write_off\",\"id\":\"W\",\"invoice\":\"I\",\"amount\":\"600\","
                       "\"reason\":\"r\",\"date\":\"2025-03-07\"}");
    opens_are(0, 0, 80000);
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"R1/1\"}");
    opens_are(30000, 80000, 90000);
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":\"5000\",\"currency\":"
                       "\"EUR\",\"references\":[\"I\"],\"date\":\"2025-03-08\"}");
    opens_are(0, 0, 0);
}

Test(instalment, that_are_not_the_total_are_refused_with_both_figures)
{
    fl_book_refuses(book, "unbalanced",
                    "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"amount\":{\"net\":"
                    "\"100\",\"tax\":\"19\"},\"instalments\":[{\"due_date\":\"2025-07-01\","
                    "\"amount\":\"59.50\"},{\"due_date\":\"2025-08-01\",\"amount\":\"59.49\"}]}");
    cr_assert_str_eq(fl_book_field(book, "expected"), "119.00");
    cr_assert_str_eq(fl_book_field(book, "value"), "118.99");
    cr_assert_str_eq(fl_book_field(book, "difference"), "-0.01");
    fl_book_must(book, "{\"type\":\"invoice\",\"customer\":\"C\",\"amount\":{\"net\":\"100\","
                       "\"tax\":\"19\"},\"instalments\":[{\"due_date\":\"2025-07-01\",\"amount\":"
                       "\"59.50\"},{\"due_date\":\"2025-08-01\",\"amount\":\"59.50\"}]}");
    cr_assert_str_eq(fl_book_field(book, "id"), "FL-00000001"); /* a refusal takes no number */
}

Test(instalment, of_nothing_or_before_the_invoice_make_no_sense)
{
    fl_book_refuses(
        book, "bad_value",
        "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-01\",\"amount\":{"
        "\"net\":\"100\",\"tax\":\"0\"},\"instalments\":[{\"due_date\":\"2025-07-01\",\"amount\":"
        "\"100\"},{\"due_date\":\"2025-08-01\",\"amount\":\"0\"}]}");
    fl_book_refuses(book, "bad_value",
                    "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-01\","
                    "\"amount\":{\"net\":\"100\",\"tax\":\"0\"},\"instalments\":[{\"due_date\":"
                    "\"2025-05-31\",\"amount\":\"100\"}]}");
    fl_book_refuses(book, "too_many_decimals",
                    "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-01\","
                    "\"amount\":{\"net\":\"100\",\"tax\":\"0\"},\"instalments\":[{\"due_date\":"
                    "\"2025-06-30\",\"amount\":\"99.999\"}]}");
}

Test(instalment, are_content_of_the_invoice)
{
    bill();
    fl_book_again(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-03-"
                        "01\",\"amount\":{\"net\":\"2700\",\"tax\":\"0\"},\"instalments\":[{\"due_"
                        "date\":\"2025-06-01\",\"amount\":\"900.00\"},{\"due_date\":\"2025-04-01\","
                        "\"amount\":\"1000\"},{\"due_date\":\"2025-05-01\",\"amount\":\"800\"}]}");
    fl_book_refuses(book, "key_reused",
                    "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-03-01\","
                    "\"amount\":{\"net\":\"2700\",\"tax\":\"0\"}}");
}

/* By hand: on 15 May the first part (1,000, due 1 April) is 44 days late, the second (800, due 1
 * May) 14, the third not due; 200 of the first are paid. */
Test(instalment, age_each_on_its_own_day)
{
    bill();
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R1\",\"amount\":\"200\",\"currency\":"
                       "\"EUR\",\"references\":[\"I\"],\"date\":\"2025-05-02\"}");
    struct fl_snapshot snapshot;
    struct fl_open_items items;
    uint16_t day, early;
    cr_assert_eq(fl_date_parse("2025-05-15", 10, &day), FL_OK);
    cr_assert_eq(fl_date_parse("2025-05-01", 10, &early), FL_OK);
    cr_assert_eq(
        fl_snapshot_take(fl_engine_store(fl_book_engine(book)), fl_book_seq(book), &snapshot),
        FL_OK);
    struct fl_aging *aging = calloc(FL_CURRENCY_COUNT, sizeof *aging);
    cr_assert_eq(fl_open_items_make(&snapshot, day, UINT64_MAX, &items), FL_OK);
    cr_assert_eq(fl_aging_by_currency(&snapshot, &items, aging), 1);
    cr_assert_eq(aging->not_due, 90000);
    cr_assert_eq(aging->bucket[0], 80000);
    cr_assert_eq(aging->bucket[1], 80000);
    cr_assert_eq(aging->not_due_count + aging->bucket_count[0] + aging->bucket_count[1], 3);
    fl_open_items_free(&items);
    cr_assert_eq(fl_open_items_make(&snapshot, early, UINT64_MAX, &items),
                 FL_OK); /* before the payment */
    cr_assert_eq(fl_aging_of_customer(&snapshot, &items, 0, aging), 1);
    cr_assert_eq(aging->not_due, 170000);
    cr_assert_eq(aging->bucket[0], 100000); /* 30 days */
    fl_open_items_free(&items);
    free(aging);
    fl_snapshot_release(&snapshot);
}
