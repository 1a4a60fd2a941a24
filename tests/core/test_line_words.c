/* Lines that come without references: an id of ours in their text is found where it stands alone. */
#include <criterion/criterion.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"CN-77\",\"customer\":\"C\",\"date\":"
                       "\"2025-06-03\",\"amount\":{\"net\":\"24\",\"tax\":\"0\"}}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R-1\",\"customer\":\"C\",\"date\":"
                       "\"2025-06-03\",\"amount\":\"119\",\"currency\":\"EUR\"}");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"RF.9\",\"receipt\":\"R-1\",\"date\":"
                       "\"2025-06-04\",\"amount\":\"19\"}");
    fl_book_must(book,
                 "{\"type\":\"payout\",\"id\":\"PO-1\",\"date\":\"2025-06-04\",\"currency\":\"EUR\","
                 "\"processor\":\"P\",\"amount\":\"8\",\"parts\":[{\"kind\":\"adjustment\","
                 "\"amount\":\"8\"}]}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(line_words, .init = setup, .fini = teardown);

/* The line is settled by what its text says (matched 1), or is not (0). */
static void line(const char *text, const char *references, const char *amount, const char *matched)
{
    static unsigned n;
    fl_book_must(book,
                 "{\"type\":\"statement\",\"id\":\"S-%u\",\"account\":\"B\",\"currency\":\"EUR\","
                 "\"lines\":[{\"amount\":\"%s\",\"booking_date\":\"2025-06-05\",\"bank_ref\":\"L%u\","
                 "\"text\":\"%s\"%s}]}",
                 n, amount, n, text, references);
    n++;
    cr_assert_str_eq(fl_book_field(book, "matched"), matched, "%s: %s", text, fl_book_answer(book));
}

Test(line_words, money_out_that_names_a_credit_note_is_its_refund)
{
    line("to Beech Ltd: refund of cn-0077.", "", "-10", "1");
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_CREDITS, "EUR", 0), -1400);
    line("CN-77", "", "-14.01", "0"); /* more than is open of it */
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_SUSPENSE, "EUR", 0), 1401 - 800);
    line("(CN-77)", "", "-14", "1");
}

Test(line_words, refunds_and_payouts_are_linked)
{
    line("our RF.9, thanks", "", "-19", "1");
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_TRANSIT_REFUNDS, "EUR", 0), 0);
    line("P 'PO-1'", "", "8", "1");
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_TRANSIT_PAYOUTS, "EUR", 0), 0);
}

Test(line_words, a_part_of_a_word_is_nothing)
{
    line("XCN-77 CN-771 CN-7", "", "-10", "0");
    line(" , ; . ", "", "-1", "0");
}

Test(line_words, who_sends_references_has_read_the_text)
{
    line("CN-77", ",\"references\":[\"X\"]", "-10", "0");
    line("x", ",\"references\":[\"Y\",\"CN-77\"]", "-10", "1");
}
