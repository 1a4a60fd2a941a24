/* Whose a bank line is, said later; every ledger reckoned by hand. */
#include <criterion/criterion.h>

#include "core/base/date.h"
#include "core/domain/ledger.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

/* Bank row 0: B. */
static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\"}");
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"SAVINGS\",\"currency\":\"EUR\"}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"amount\":{\"net\":\"100\",\"tax\":\"0\"}}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(assign, .init = setup, .fini = teardown);

static void line(const char *account, const char *ref, const char *amount)
{
    fl_book_must(
        book,
        "{\"type\":\"statement\",\"id\":\"S-%s\",\"account\":\"%s\",\"currency\":\"EUR\",\"lines\":"
        "[{\"amount\":\"%s\",\"bank_ref\":\"%s\",\"booking_date\":\"2025-06-05\"}]}",
        ref, account, amount, ref);
}

static int64_t account(uint32_t number)
{
    return fl_book_account(book, number, "EUR", 0);
}

static int64_t bank(void)
{
    return account(FL_ACCOUNT_BANK_FIRST);
}

Test(assign, money_out_leaves_suspense_for_the_account_on_the_line_s_day)
{
    uint16_t day;
    line("B", "L", "-9.00");
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 900);
    fl_book_must(book, "{\"type\":\"assign\",\"key\":\"k\",\"line\":\"B/"
                       "L\",\"account\":\"expenses:bank_charges\"}");
    cr_assert_str_eq(fl_book_field(book, "date"), "2025-06-05");
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 0);
    cr_assert_eq(account(FL_ACCOUNT_BANK_CHARGES), 900);
    cr_assert_eq(bank(), -900);
    cr_assert_eq(fl_date_parse("2025-06-04", 10, &day), FL_OK);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BANK_CHARGES, "EUR", day), 0);
    fl_book_again(book, "{\"type\":\"assign\",\"key\":\"k\",\"line\":\"B/"
                        "L\",\"account\":\"expenses:bank_charges\"}");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"expenses:bank_charges\"}");
}

/* G6: the first is mirrored on its own day, the second posted on the line's. */
Test(assign, g6_said_again_otherwise_the_first_is_mirrored)
{
    uint16_t day;
    cr_assert_eq(fl_date_parse("2025-06-05", 10, &day), FL_OK);
    line("B", "L", "-9.00");
    fl_book_must(book,
                 "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"expenses:bank_charges\"}");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:late_fees\"}");
    cr_assert_str_eq(fl_book_field(book, "date"), "2025-06-05");
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BANK_CHARGES, "EUR", day), 0);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_LATE_FEES, "EUR", day), 900);
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 0);
    fl_book_must(book,
                 "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"liabilities:suspense\"}");
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 900);
    cr_assert_eq(account(FL_ACCOUNT_LATE_FEES), 0);
    fl_book_refuses(book, "not_found",
                    "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"liabilities:suspense\"}");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:late_fees\"}");
    fl_book_refuses(
        book, "wrong_state",
        "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:fx\",\"by\":\"florin\"}");
    cr_assert_eq(bank(), -900);
}

Test(assign, g6_money_in_is_its_receipt_s_again)
{
    line("B", "L", "30");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:recoveries\"}");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:fx\"}");
    cr_assert_eq(account(FL_ACCOUNT_RECOVERIES), 0);
    cr_assert_eq(account(FL_ACCOUNT_FX), -3000);
    fl_book_must(book,
                 "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"liabilities:unidentified\"}");
    cr_assert_eq(account(FL_ACCOUNT_FX), 0);
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), -3000);
    cr_assert_str_eq(fl_book_receipt_state(book, "B/L"), "unidentified");
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"B/L\",\"invoice\":\"I\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 7000);
}

/* Whose it is was said while it was nobody's: it comes back as that customer's. */
Test(assign, g6_what_was_identified_since_comes_back_to_the_customer)
{
    line("B", "L", "30");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:recoveries\"}");
    fl_book_must(book, "{\"type\":\"receipt_assign\",\"receipt\":\"B/L\",\"customer\":\"C\"}");
    fl_book_must(book,
                 "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"liabilities:unidentified\"}");
    cr_assert_eq(account(FL_ACCOUNT_UNAPPLIED), -3000);
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), 0);
    cr_assert_eq(fl_book_balance(book, "C"), 7000);
}

Test(assign, g6_what_it_was_linked_to_is_free_again)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"80\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"account\":\"B\",\"date\":\"2025-06-02\"}");
    for (unsigned i = 1; i <= 2; i++)
        fl_book_must(book,
                     "{\"type\":\"refund\",\"id\":\"F%u\",\"receipt\":\"R\",\"amount\":\"30\","
                     "\"date\":\"2025-06-03\"}",
                     i);
    line("B", "L", "-30");
    line("B", "M", "-30");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"refund\":\"F1\"}");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"refund\":\"F2\"}");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/M\",\"refund\":\"F1\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_REFUNDS), 0);
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 0);
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"T\",\"amount\":\"50\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"date\":\"2025-06-02\"}");
    line("B", "N", "50");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/N\",\"receipt\":\"T\"}");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/N\",\"account\":\"income:fx\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_RECEIPTS), 5000);
    line("B", "O", "50");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/O\",\"receipt\":\"T\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_RECEIPTS), 0);
}

/* The mirror goes to the first open day; a closed one keeps what was said then. */
Test(assign, g6_after_a_close_the_mirror_is_pushed)
{
    uint16_t day;
    cr_assert_eq(fl_date_parse("2025-06-10", 10, &day), FL_OK);
    line("B", "L", "-9");
    line("B", "M", "7");
    fl_book_must(book,
                 "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"expenses:bank_charges\"}");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/M\",\"account\":\"income:fx\"}");
    fl_book_must(book, "{\"type\":\"period_close\",\"through\":\"2025-06-10\"}");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:late_fees\"}");
    fl_book_must(book,
                 "{\"type\":\"assign\",\"line\":\"B/M\",\"account\":\"liabilities:unidentified\"}");
    cr_assert_str_eq(fl_book_field(book, "date"), "2025-06-11");
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BANK_CHARGES, "EUR", day), 900);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_FX, "EUR", day), -700);
    cr_assert_eq(account(FL_ACCOUNT_BANK_CHARGES), 0);
    cr_assert_eq(account(FL_ACCOUNT_FX), 0);
}

/* A return, a chargeback that was won: the event stands. */
Test(assign, g6_what_made_an_event_stays)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"50\",\"currency\":\"EUR\","
                       "\"references\":[\"I\"],\"account\":\"B\",\"date\":\"2025-06-02\"}");
    line("B", "L", "-45");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"receipt\":\"R\"}");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"liabilities:suspense\"}");
    line("B", "Z", "0.00"); /* a line of nothing, too */
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/Z\",\"receipt\":\"R\"}");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"assign\",\"line\":\"B/Z\",\"account\":\"income:fx\"}");
    fl_book_must(book, "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"5\","
                       "\"account\":\"B\",\"date\":\"2025-06-05\"}");
    line("B", "M", "5");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/M\",\"chargeback\":\"X\"}");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"assign\",\"line\":\"B/M\",\"account\":\"income:fx\"}");
}

Test(assign, money_in_leaves_its_receipt_which_is_nobody_s_then)
{
    line("B", "L", "0.42");
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), -42);
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:recoveries\"}");
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), 0);
    cr_assert_eq(account(FL_ACCOUNT_RECOVERIES), -42);
    cr_assert_eq(bank(), 42);
    cr_assert_str_eq(fl_book_receipt_state(book, "B/L"), "reversed");
    cr_assert_eq(fl_book_receipt_open(book, "B/L"), 0);
    cr_assert_eq(fl_book_refundable(book, "B/L"), 0);
    fl_book_refuses(
        book, "exceeds_unapplied",
        "{\"type\":\"application\",\"receipt\":\"B/L\",\"invoice\":\"I\",\"amount\":\"0.10\"}");
}

Test(assign, what_a_customer_had_unapplied_leaves_its_balance)
{
    line("B", "L", "30");
    fl_book_must(book, "{\"type\":\"receipt_assign\",\"receipt\":\"B/L\",\"customer\":\"C\"}");
    cr_assert_eq(fl_book_balance(book, "C"), 7000);
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:recoveries\"}");
    cr_assert_eq(fl_book_balance(book, "C"), 10000);
    cr_assert_eq(account(FL_ACCOUNT_UNAPPLIED), 0);
}

Test(assign, a_receipt_that_is_applied_stays)
{
    line("B", "L", "30");
    fl_book_must(
        book, "{\"type\":\"application\",\"receipt\":\"B/L\",\"invoice\":\"I\",\"amount\":\"1\"}");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:recoveries\"}");
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"B/L/1\"}");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"income:recoveries\"}");
}

/* D1: only lines move banks; the two sides meet on transit:payouts. */
Test(assign, an_own_transfer_meets_between_both_banks)
{
    line("B", "OUT", "-500");
    line("SAVINGS", "IN", "500");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/OUT\",\"account\":\"SAVINGS\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_PAYOUTS), 50000);
    fl_book_must(book,
                 "{\"type\":\"assign\",\"line\":\"SAVINGS/IN\",\"account\":\"assets:bank:B\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_PAYOUTS), 0);
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 0);
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), 0);
    cr_assert_eq(bank(), -50000);
    cr_assert_eq(account(FL_ACCOUNT_BANK_FIRST + 1), 50000);
}

Test(assign, accounts_that_documents_keep_are_not_given_by_hand)
{
    static const char *const kept[] = {"assets:receivable:invoices",
                                       "assets:receivable:unapplied",
                                       "assets:receivable:credits",
                                       "liabilities:unidentified",
                                       "liabilities:suspense",
                                       "liabilities:deferred_revenue",
                                       "expenses:none",
                                       "NOBANK"};
    line("B", "L", "-9");
    for (unsigned i = 0; i < sizeof kept / sizeof kept[0]; i++)
        fl_book_refuses(book, "not_found",
                        "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"%s\"}", kept[i]);
    fl_book_refuses(book, "bad_value", "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"B\"}");
    fl_book_refuses(book, "missing_field", "{\"type\":\"assign\",\"line\":\"B/L\"}");
    fl_book_refuses(book, "bad_value",
                    "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"B\",\"refund\":\"F\"}");
    fl_book_refuses(book, "not_found", "{\"type\":\"assign\",\"line\":\"B/M\",\"account\":\"B\"}");
}

Test(assign, a_refund_in_transit_is_cleared_by_its_line_once)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"80\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"account\":\"B\",\"date\":\"2025-06-02\"}");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"30\","
                       "\"date\":\"2025-06-03\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_REFUNDS), -3000);
    line("B", "L", "-30");
    line("B", "M", "-30");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"refund\":\"F\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_REFUNDS), 0);
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 3000); /* M's */
    cr_assert_eq(bank(), 8000 - 6000);
    fl_book_refuses(book, "wrong_state", "{\"type\":\"assign\",\"line\":\"B/M\",\"refund\":\"F\"}");
}

Test(assign, a_refund_that_named_the_account_was_booked_already)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"80\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"account\":\"B\",\"date\":\"2025-06-02\"}");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"30\","
                       "\"account\":\"B\",\"date\":\"2025-06-03\"}");
    line("B", "L", "-30");
    cr_assert_eq(bank(), 8000 - 6000);
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"refund\":\"F\"}");
    cr_assert_eq(bank(), 5000);
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 0);
}

Test(assign, a_line_of_another_amount_is_not_the_document_s)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"80\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"date\":\"2025-06-02\"}");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"30\","
                       "\"date\":\"2025-06-03\"}");
    line("B", "L", "-29");
    fl_book_refuses(book, "unbalanced", "{\"type\":\"assign\",\"line\":\"B/L\",\"refund\":\"F\"}");
    line("B", "M", "30");
    fl_book_refuses(book, "wrong_state", "{\"type\":\"assign\",\"line\":\"B/M\",\"refund\":\"F\"}");
}

/* 40 of 50 are still refundable, the bank took 45 back: 40 reopen the invoice, 5 are a loss. */
Test(assign, money_the_bank_took_back_from_a_receipt_is_booked_in_full)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"50\",\"currency\":\"EUR\","
                       "\"references\":[\"I\"],\"account\":\"B\",\"date\":\"2025-06-02\"}");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"10\","
                       "\"account\":\"B\",\"date\":\"2025-06-03\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 6000);
    line("B", "L", "-45");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"receipt\":\"R\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 10000);
    cr_assert_eq(account(FL_ACCOUNT_CHARGEBACKS), 500);
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 0);
    cr_assert_eq(account(FL_ACCOUNT_UNAPPLIED), 0);
    cr_assert_eq(bank(), 5000 - 1000 - 4500);
    cr_assert_eq(fl_book_refundable(book, "R"), 0);
}

Test(assign, money_in_that_was_a_receipt_in_transit_clears_it)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"50\",\"fee\":\"2\","
                       "\"currency\":\"EUR\",\"references\":[\"I\"],\"date\":\"2025-06-02\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_RECEIPTS), 4800);
    line("B", "L", "48");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"receipt\":\"R\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_RECEIPTS), 0);
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), 0);
    cr_assert_eq(bank(), 4800);
    line("B", "M", "48");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"assign\",\"line\":\"B/M\",\"receipt\":\"R\"}");
}

Test(assign, a_chargeback_in_transit_is_cleared_with_its_fee)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"50\",\"currency\":\"EUR\","
                       "\"references\":[\"I\"],\"account\":\"B\",\"date\":\"2025-06-02\"}");
    fl_book_must(book, "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"50\","
                       "\"fee\":\"15\",\"date\":\"2025-06-03\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_RECEIPTS), -6500);
    line("B", "L", "-65");
    fl_book_must(book, "{\"type\":\"assign\",\"line\":\"B/L\",\"chargeback\":\"X\"}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_RECEIPTS), 0);
    cr_assert_eq(account(FL_ACCOUNT_CHARGEBACKS), 1500);
    cr_assert_eq(bank(), 5000 - 6500);
}

/* The same, told by the line itself (posting row 15, Matching 8). */
Test(assign, a_line_that_quotes_our_refund_or_a_credit_note_says_so_itself)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"80\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"account\":\"B\",\"date\":\"2025-06-02\"}");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"30\","
                       "\"date\":\"2025-06-03\"}");
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"CN-007\",\"customer\":\"C\",\"date\":"
                       "\"2025-06-03\",\"amount\":{\"net\":\"20\",\"tax\":\"0\"}}");
    fl_book_must(book, "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":"
                       "\"EUR\",\"lines\":[{\"amount\":\"-30\",\"bank_ref\":\"L1\",\"end_to_end\":"
                       "\"F\",\"booking_date\":\"2025-06-05\"},{\"amount\":\"-20\",\"bank_ref\":"
                       "\"L2\",\"references\":[\"CN7\"],\"booking_date\":\"2025-06-05\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_REFUNDS), 0);
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 0);
    cr_assert_eq(fl_book_note_open(book, "CN-007"), 0);
    cr_assert_eq(account(FL_ACCOUNT_CREDITS), 0);
    cr_assert_eq(bank(), 3000);
    fl_book_refuses(
        book, "wrong_state",
        "{\"type\":\"assign\",\"line\":\"B/L1\",\"account\":\"expenses:bank_charges\"}");
}

Test(assign, after_a_close_counts_from_the_first_open_day)
{
    line("B", "L", "-9");
    fl_book_must(book, "{\"type\":\"period_close\",\"through\":\"2025-06-10\"}");
    fl_book_must(book,
                 "{\"type\":\"assign\",\"line\":\"B/L\",\"account\":\"expenses:bank_charges\"}");
    cr_assert_str_eq(fl_book_field(book, "date"), "2025-06-11");
}
