/* Promises: kept by cash of their days, found out by the clock. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "core/domain/promise.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-06-10\"}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"amount\":{\"net\":\"100\",\"tax\":\"0\"}}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(promise, .init = setup, .fini = teardown);

static void promise(const char *id, const char *whose, const char *day, const char *amount)
{
    fl_book_must(book, "{\"type\":\"promise\",\"id\":\"%s\",%s,\"date\":\"%s\",\"amount\":\"%s\"}",
                 id, whose, day, amount);
}

static void pay(const char *id, const char *day, const char *amount)
{
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"%s\",\"amount\":\"%s\",\"currency\":\"EUR\","
                 "\"references\":[\"I\"],\"date\":\"%s\"}",
                 id, amount, day);
}

static void clock(const char *day)
{
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"%s\"}", day);
}

static enum fl_promise_state found(const char *id)
{
    return (enum fl_promise_state)fl_promise_live(fl_book_store(book),
                                                  fl_book_row(book, FL_KIND_OF_PROMISE, id))
        ->state;
}

static enum fl_promise_state now(const char *id)
{
    return fl_promise_state_now(fl_book_store(book), fl_book_row(book, FL_KIND_OF_PROMISE, id));
}

Test(promise, is_broken_when_the_next_day_begins_and_not_before)
{
    promise("P", "\"invoice\":\"I\"", "2025-06-15", "60");
    pay("R1", "2025-06-15", "59.99");
    clock("2025-06-15");
    cr_assert_eq(found("P"), FL_PROMISE_OPEN);
    clock("2025-06-16");
    cr_assert_eq(found("P"), FL_PROMISE_BROKEN);
    cr_assert_eq(now("P"), FL_PROMISE_BROKEN);
}

Test(promise, is_kept_by_cash_from_the_day_it_was_made_to_its_day)
{
    pay("R0", "2025-06-09", "10"); /* before it was made */
    promise("P", "\"invoice\":\"I\"", "2025-06-15", "60");
    pay("R1", "2025-06-10", "20");
    pay("R2", "2025-06-15", "40");
    clock("2025-06-20");
    cr_assert_eq(found("P"), FL_PROMISE_KEPT);
}

Test(promise, is_not_kept_by_cash_of_other_days_nor_by_a_credit_note)
{
    promise("P", "\"invoice\":\"I\"", "2025-06-15", "50");
    pay("R0", "2025-06-09", "30");
    pay("R1", "2025-06-16", "30");
    fl_book_must(book,
                 "{\"type\":\"credit_note\",\"id\":\"N\",\"invoice\":\"I\",\"amount\":\"40\"}");
    clock("2025-06-20");
    cr_assert_eq(found("P"), FL_PROMISE_BROKEN);
}

/* A receipt is judged by its own date (D3). */
Test(promise, that_was_found_broken_is_kept_by_a_receipt_entered_late)
{
    promise("P", "\"invoice\":\"I\"", "2025-06-15", "60");
    clock("2025-06-20");
    cr_assert_eq(now("P"), FL_PROMISE_BROKEN);
    pay("R1", "2025-06-14", "60");
    cr_assert_eq(found("P"), FL_PROMISE_BROKEN);
    cr_assert_eq(now("P"), FL_PROMISE_KEPT);
    fl_book_must(
        book,
        "{\"type\":\"receipt_reverse\",\"id\":\"X\",\"receipt\":\"R1\",\"date\":\"2025-06-20\"}");
    cr_assert_eq(now("P"), FL_PROMISE_BROKEN);
}

Test(promise, of_a_customer_counts_all_its_receipts_of_those_days)
{
    promise("P", "\"customer\":\"C\"", "2025-06-12", "30");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R1\",\"amount\":\"25\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"date\":\"2025-06-11\"}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":\"25\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"date\":\"2025-06-09\"}");
    clock("2025-06-12");
    cr_assert_eq(now("P"), FL_PROMISE_OPEN);
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R3\",\"amount\":\"5\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"date\":\"2025-06-12\"}");
    clock("2025-06-13");
    cr_assert_eq(found("P"), FL_PROMISE_KEPT);
}

Test(promise, waits_once_however_far_the_clock_goes)
{
    for (unsigned i = 0; i < 300; i++)
        fl_book_must(book,
                     "{\"type\":\"promise\",\"id\":\"P%u\",\"invoice\":\"I\",\"date\":\"2025-06-%"
                     "02u\",\"amount\":\"1\"}",
                     i, 11 + i % 9);
    clock("2025-07-30");
    for (unsigned i = 0; i < 300; i++) {
        char id[8];
        snprintf(id, sizeof id, "P%u", i);
        cr_assert_eq(found(id), FL_PROMISE_BROKEN);
    }
    clock("2025-07-31");
}

Test(promise, makes_sense_or_is_invalid)
{
    fl_book_refuses(book, "bad_value",
                    "{\"type\":\"promise\",\"id\":\"P\",\"invoice\":\"I\",\"date\":\"2025-06-09\","
                    "\"amount\":\"1\"}");
    fl_book_refuses(book, "bad_value",
                    "{\"type\":\"promise\",\"id\":\"P\",\"invoice\":\"I\",\"date\":\"2036-06-30\","
                    "\"amount\":\"1\"}");
    fl_book_refuses(book, "missing_field",
                    "{\"type\":\"promise\",\"id\":\"P\",\"date\":\"2025-06-11\",\"amount\":\"1\"}");
    fl_book_refuses(book, "missing_field",
                    "{\"type\":\"promise\",\"id\":\"P\",\"invoice\":\"I\",\"amount\":\"1\"}");
    fl_book_refuses(book, "bad_value",
                    "{\"type\":\"promise\",\"id\":\"P\",\"invoice\":\"I\",\"customer\":\"C\","
                    "\"date\":\"2025-06-11\",\"amount\":\"1\"}");
    fl_book_refuses(book, "not_found",
                    "{\"type\":\"promise\",\"id\":\"P\",\"invoice\":\"none\",\"date\":\"2025-06-"
                    "11\",\"amount\":\"1\"}");
    promise("P", "\"invoice\":\"I\"", "2025-06-11", "1");
    fl_book_again(book, "{\"type\":\"promise\",\"id\":\"P\",\"invoice\":\"I\",\"date\":\"2025-06-"
                        "11\",\"amount\":\"1.00\"}");
    fl_book_refuses(book, "key_reused",
                    "{\"type\":\"promise\",\"id\":\"P\",\"invoice\":\"I\",\"date\":\"2025-06-12\","
                    "\"amount\":\"1\"}");
    pay("R", "2025-06-10", "100");
    fl_book_refuses(book, "nothing_open",
                    "{\"type\":\"promise\",\"id\":\"Q\",\"invoice\":\"I\",\"date\":\"2025-06-12\","
                    "\"amount\":\"1\"}");
}
