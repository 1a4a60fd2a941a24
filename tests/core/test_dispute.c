/* Disputes: what is contested, and what becomes of it. */
#include <criterion/criterion.h>

#include "core/domain/dispute.h"
#include "core/domain/ledger.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"amount\":{\"net\":\"100\",\"tax\":\"19\"}}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(dispute, .init = setup, .fini = teardown);

static bool is_disputed(const char *invoice)
{
    const struct fl_store *store = fl_book_store(book);
    return fl_invoice_money(store, fl_book_row(book, FL_KIND_OF_INVOICE, invoice))->flags &
           FL_INVOICE_DISPUTED;
}

Test(dispute, is_of_at_most_what_is_open_and_several_add_up)
{
    fl_book_refuses(book, "exceeds_open",
                    "{\"type\":\"dispute\",\"id\":\"D0\",\"invoice\":\"I\",\"amount\":\"119.01\","
                    "\"reason\":\"price\"}");
    fl_book_must(book, "{\"type\":\"dispute\",\"id\":\"D1\",\"invoice\":\"I\",\"amount\":\"50\","
                       "\"reason\":\"price\"}");
    fl_book_refuses(book, "exceeds_open",
                    "{\"type\":\"dispute\",\"id\":\"D2\",\"invoice\":\"I\",\"amount\":\"69.01\","
                    "\"reason\":\"late\"}");
    cr_assert_str_eq(fl_book_field(book, "open"), "69.00");
    fl_book_must(book, "{\"type\":\"dispute\",\"id\":\"D2\",\"invoice\":\"I\",\"amount\":\"69\","
                       "\"reason\":\"late\"}");
    fl_book_refuses(book, "exceeds_open",
                    "{\"type\":\"dispute\",\"id\":\"D3\",\"invoice\":\"I\",\"amount\":\"0.01\","
                    "\"reason\":\"late\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 11900);
    cr_assert_eq(fl_book_exposure(book, "C"), 11900);
    fl_book_must(book, "{\"type\":\"dispute_close\",\"dispute\":\"D1\",\"outcome\":\"rejected\"}");
    fl_book_must(book, "{\"type\":\"dispute\",\"id\":\"D3\",\"invoice\":\"I\",\"amount\":\"50\","
                       "\"reason\":\"late\"}");
}

/* Of 119 with 19 tax 59.50 are 50 and 9.50: revenue 100 - 50, tax 19 - 9.50, receivable 119
 * - 59.50. */
Test(dispute, that_is_upheld_makes_the_note_it_names_in_the_invoice_s_tax_proportions)
{
    fl_book_must(book, "{\"type\":\"dispute\",\"id\":\"D\",\"invoice\":\"I\",\"amount\":\"59.50\","
                       "\"reason\":\"damaged\",\"date\":\"2025-06-03\"}");
    cr_assert(is_disputed("I"));
    fl_book_must(book, "{\"type\":\"dispute_close\",\"dispute\":\"D\",\"outcome\":\"upheld\","
                       "\"credit\":\"N\",\"date\":\"2025-06-05\"}");
    cr_assert_str_eq(fl_book_field(book, "credit_note"), "N");
    cr_assert(!is_disputed("I"));
    cr_assert_eq(fl_book_open_of(book, "I"), 5950);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_REVENUE, "EUR", 0), -5000);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_TAX, "EUR", 0), -950);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_INVOICES, "EUR", 0), 5950);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_CREDITS, "EUR", 0), 0);
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"dispute_close\",\"dispute\":\"D\",\"outcome\":\"rejected\"}");
}

Test(dispute, that_is_closed_without_a_note_moves_nothing)
{
    fl_book_must(book, "{\"type\":\"dispute\",\"id\":\"D\",\"invoice\":\"I\",\"amount\":\"59.50\","
                       "\"reason\":\"damaged\"}");
    fl_book_refuses(
        book, "bad_value",
        "{\"type\":\"dispute_close\",\"dispute\":\"D\",\"outcome\":\"rejected\",\"credit\":\"N\"}");
    fl_book_must(
        book,
        "{\"type\":\"dispute_close\",\"key\":\"k\",\"dispute\":\"D\",\"outcome\":\"rejected\"}");
    fl_book_again(
        book,
        "{\"type\":\"dispute_close\",\"key\":\"k\",\"dispute\":\"D\",\"outcome\":\"rejected\"}");
    cr_assert_str_eq(fl_book_field(book, "state"), "rejected");
    cr_assert_eq(fl_book_open_of(book, "I"), 11900);
    cr_assert(!is_disputed("I"));
}

Test(dispute, closes_with_no_note_that_could_not_be_made)
{
    fl_book_must(book, "{\"type\":\"dispute\",\"id\":\"D\",\"invoice\":\"I\",\"amount\":\"100\","
                       "\"reason\":\"damaged\"}");
    fl_book_refuses(book, "series_reserved",
                    "{\"type\":\"dispute_close\",\"dispute\":\"D\",\"outcome\":\"upheld\","
                    "\"credit\":\"FLC-00000009\"}");
    fl_book_must(book,
                 "{\"type\":\"credit_note\",\"id\":\"N\",\"invoice\":\"I\",\"amount\":\"50\"}");
    fl_book_refuses(
        book, "exists",
        "{\"type\":\"dispute_close\",\"dispute\":\"D\",\"outcome\":\"upheld\",\"credit\":\"N\"}");
    fl_book_refuses(
        book, "exceeds_creditable",
        "{\"type\":\"dispute_close\",\"dispute\":\"D\",\"outcome\":\"upheld\",\"credit\":\"M\"}");
    cr_assert(is_disputed("I"));
}

/* D4.6: what was paid becomes money of the customer's. */
Test(dispute, upheld_after_payment_gives_back_what_was_paid)
{
    fl_book_must(book, "{\"type\":\"dispute\",\"id\":\"D\",\"invoice\":\"I\",\"amount\":\"119\","
                       "\"reason\":\"wrong_item\"}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"119\",\"currency\":\"EUR\","
                       "\"references\":[\"I\"]}");
    fl_book_must(
        book,
        "{\"type\":\"dispute_close\",\"dispute\":\"D\",\"outcome\":\"upheld\",\"credit\":\"N\"}");
    cr_assert_eq(fl_book_note_open(book, "N"), 11900);
    fl_book_refuses(book, "nothing_open",
                    "{\"type\":\"dispute\",\"id\":\"E\",\"invoice\":\"I\",\"amount\":\"1\","
                    "\"reason\":\"late\"}");
}

Test(dispute, sent_again_is_a_duplicate_and_other_content_is_refused)
{
    fl_book_must(book, "{\"type\":\"dispute\",\"id\":\"D\",\"invoice\":\"I\",\"amount\":\"10\","
                       "\"reason\":\"late\",\"date\":\"2025-06-02\"}");
    fl_book_again(book, "{\"type\":\"dispute\",\"id\":\"D\",\"invoice\":\"I\",\"amount\":\"10.00\","
                        "\"reason\":\"late\"}");
    cr_assert_str_eq(fl_book_field(book, "amount"), "10.00");
    fl_book_refuses(book, "key_reused",
                    "{\"type\":\"dispute\",\"id\":\"D\",\"invoice\":\"I\",\"amount\":\"11\","
                    "\"reason\":\"late\"}");
    fl_book_refuses(book, "key_reused",
                    "{\"type\":\"dispute\",\"id\":\"D\",\"invoice\":\"I\",\"amount\":\"10\","
                    "\"reason\":\"late\",\"date\":\"2025-06-03\"}");
    fl_book_refuses(book, "date_before_document",
                    "{\"type\":\"dispute\",\"id\":\"E\",\"invoice\":\"I\",\"amount\":\"1\","
                    "\"reason\":\"late\",\"date\":\"2025-05-31\"}");
    fl_book_refuses(book, "not_found",
                    "{\"type\":\"dispute_close\",\"dispute\":\"none\",\"outcome\":\"upheld\"}");
}

Test(dispute, in_a_batch_that_fails_was_never_there)
{
    fl_book_refuses(
        book, "exceeds_open",
        "{\"type\":\"batch\",\"key\":\"b\",\"commands\":[{\"type\":\"dispute\",\"id\":\"D\","
        "\"invoice\":\"I\",\"amount\":\"100\",\"reason\":\"late\"},{\"type\":\"dispute_close\","
        "\"dispute\":\"D\",\"outcome\":\"upheld\",\"credit\":\"N\"},{\"type\":\"dispute\",\"id\":"
        "\"E\",\"invoice\":\"I\",\"amount\":\"20\",\"reason\":\"late\"}]}");
    cr_assert(!is_disputed("I"));
    cr_assert(!fl_book_has(book, FL_KIND_OF_CREDIT_NOTE, "N"));
    cr_assert(!fl_book_has(book, FL_KIND_OF_DISPUTE, "D"));
}
