/* Payouts (posting row 22); every ledger reckoned by hand. */
#include <criterion/criterion.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

/* Bank row 0: B; the processor, made by its first payout, is row 1. */
static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\"}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"product\",\"id\":\"P\",\"name\":\"p\",\"currency\":\"EUR\","
                       "\"price\":\"100\"}");
    fl_book_must(book, "{\"type\":\"order\",\"id\":\"SO-1\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"lines\":[{\"product\":\"P\",\"quantity\":\"1\"}]}");
    fl_book_must(
        book, "{\"type\":\"invoice\",\"id\":\"INV-1\",\"order\":\"SO-1\",\"date\":\"2025-06-01\"}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"INV-2\",\"customer\":\"C\",\"date\":\"2025-"
                       "06-01\",\"amount\":{\"net\":\"50\",\"tax\":\"0\"}}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(payout, .init = setup, .fini = teardown);

static int64_t account(uint32_t number)
{
    return fl_book_account(book, number, "EUR", 0);
}

static int64_t processor(void)
{
    return account(FL_ACCOUNT_BANK_FIRST + 1);
}

#define PAYOUT                                                                                     \
    "{\"type\":\"payout\",\"id\":\"PO-1\",\"date\":\"2025-06-10\",\"currency\":\"EUR\","           \
    "\"processor\":\"STRIPE\","

/* 100 - 2.90 for the order, 50 - 1.45 for the invoice, 7 of nobody, a fee of 1, 5 held back:
 * 146.65. */
Test(payout, each_charge_clears_its_document_by_the_gross_and_the_fee_is_an_entry)
{
    fl_book_must(
        book,
        PAYOUT "\"amount\":\"146.65\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-1\",\"amount\":"
               "\"100\",\"fee\":\"2.90\"},{\"kind\":\"charge\",\"ref\":\"INV-2\",\"amount\":\"50."
               "00\",\"fee\":\"1.45\"},{\"kind\":\"charge\",\"ref\":\"ch_9\",\"amount\":\"7\"},{"
               "\"kind\":\"fee\",\"amount\":\"-1\"},{\"kind\":\"reserve\",\"amount\":\"-5\"}]}");
    cr_assert_str_eq(fl_book_field(book, "matched"), "2");
    cr_assert_eq(fl_book_open_of(book, "INV-1"), 0);
    cr_assert_eq(fl_book_open_of(book, "INV-2"), 0);
    cr_assert_eq(fl_book_receipt_open(book, "PO-1/3"), 700);
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), -700);
    cr_assert_eq(account(FL_ACCOUNT_BANK_CHARGES), 290 + 145 + 100);
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_PAYOUTS), 14665);
    cr_assert_eq(processor(), 500); /* the reserve */
    cr_assert_eq(account(FL_ACCOUNT_INVOICES), 0);
    cr_assert_eq(account(FL_ACCOUNT_UNAPPLIED), 0);
    uint32_t row = fl_book_row(book, FL_KIND_OF_APPLICATION, "PO-1/1/1");
    cr_assert_eq(fl_movement_cold(fl_book_store(book), row)->rule, 1);
    fl_book_must(book, "{\"type\":\"payout\",\"id\":\"PO-2\",\"date\":\"2025-06-11\",\"currency\":"
                       "\"EUR\",\"processor\":\"STRIPE\",\"amount\":\"5\",\"parts\":[{\"kind\":"
                       "\"reserve\",\"amount\":\"5\"}]}");
    cr_assert_eq(processor(), 0);
}

Test(payout, whose_parts_are_another_sum_does_nothing)
{
    uint64_t before = fl_book_digest(book);
    fl_book_refuses(book, "unbalanced",
                    PAYOUT "\"amount\":\"97.11\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-1\","
                           "\"amount\":\"100\",\"fee\":\"2.90\"}]}");
    cr_assert_str_eq(fl_book_field(book, "expected"), "97.11");
    cr_assert_str_eq(fl_book_field(book, "value"), "97.10");
    cr_assert_eq(fl_book_digest(book), before);
    fl_book_refuses(book, "bad_value",
                    PAYOUT "\"amount\":\"-100\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-1\","
                           "\"amount\":\"-100\"}]}");
    fl_book_refuses(book, "bad_value",
                    PAYOUT "\"amount\":\"100\",\"parts\":[{\"kind\":\"refund\",\"ref\":\"SO-1\","
                           "\"amount\":\"100\"}]}");
    fl_book_refuses(book, "missing_field", PAYOUT "\"amount\":\"0\",\"parts\":[]}");
}

/* Where every fee is below zero they are signed like the amounts. */
Test(payout, fees_may_be_signed_as_they_change_it)
{
    fl_book_must(book, PAYOUT "\"amount\":\"97.10\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-"
                              "1\",\"amount\":\"100\",\"fee\":\"-2.90\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_BANK_CHARGES), 290);
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_PAYOUTS), 9710);
    cr_assert_eq(processor(), 0);
}

Test(payout, its_bank_line_clears_the_transit)
{
    fl_book_must(book, PAYOUT "\"amount\":\"100\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-1\","
                              "\"amount\":\"100\"}]}");
    fl_book_must(book, "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":"
                       "\"EUR\",\"lines\":[{\"amount\":\"100\",\"bank_ref\":\"X\",\"end_to_end\":"
                       "\"PO-1\",\"booking_date\":\"2025-06-12\"},{\"amount\":\"100\",\"bank_ref\":"
                       "\"Y\",\"end_to_end\":\"PO-1\",\"booking_date\":\"2025-06-12\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_PAYOUTS), 0);
    cr_assert_eq(account(FL_ACCOUNT_BANK_FIRST), 20000);
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), -10000); /* the second is other money */
}

Test(payout, its_bank_line_may_come_first)
{
    fl_book_must(
        book,
        "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":\"EUR\",\"lines\":[{"
        "\"amount\":\"100\",\"bank_ref\":\"PO-1\",\"booking_date\":\"2025-06-09\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), -10000);
    fl_book_must(book, PAYOUT "\"amount\":\"100\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-1\","
                              "\"amount\":\"100\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_PAYOUTS), 0);
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), 0);
    cr_assert_eq(account(FL_ACCOUNT_BANK_FIRST), 10000);
    cr_assert_eq(processor(), 0);
}

Test(payout, that_names_the_account_books_it_and_the_line_posts_nothing)
{
    fl_book_must(book, PAYOUT "\"amount\":\"100\",\"account\":\"B\",\"parts\":[{\"kind\":"
                              "\"charge\",\"ref\":\"SO-1\",\"amount\":\"100\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_BANK_FIRST), 10000);
    fl_book_must(
        book,
        "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":\"EUR\",\"lines\":[{"
        "\"amount\":\"100\",\"bank_ref\":\"PO-1\",\"booking_date\":\"2025-06-12\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_BANK_FIRST), 10000);
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_PAYOUTS), 0);
    cr_assert_eq(account(FL_ACCOUNT_UNIDENTIFIED), 0);
}

/* A charge that was a receipt before: in transit it comes to the processor, on the processor's
 * account it is there. */
Test(payout, a_charge_that_was_a_receipt_is_not_received_twice)
{
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"STRIPE\",\"currency\":\"EUR\",\"kind\":"
                       "\"processor\"}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"ch_1\",\"amount\":\"100\",\"currency\":"
                       "\"EUR\",\"references\":[\"INV-1\"],\"date\":\"2025-06-05\"}");
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"ch_2\",\"amount\":\"50\",\"currency\":\"EUR\","
                 "\"references\":[\"INV-2\"],\"account\":\"STRIPE\",\"date\":\"2025-06-05\"}");
    fl_book_must(
        book, PAYOUT
        "\"amount\":\"146\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"ch_1\",\"amount\":\"100\","
        "\"fee\":\"3\"},{\"kind\":\"charge\",\"ref\":\"ch_2\",\"amount\":\"50\",\"fee\":\"1\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_RECEIPTS), 0);
    cr_assert_eq(processor(), 0);
    cr_assert_eq(account(FL_ACCOUNT_BANK_CHARGES), 400);
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_PAYOUTS), 14600);
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"payout\",\"id\":\"PO-2\",\"currency\":\"EUR\",\"processor\":"
                    "\"STRIPE\",\"amount\":\"100\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"ch_"
                    "1\",\"amount\":\"100\"}]}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"ch_3\",\"amount\":\"9\",\"currency\":"
                       "\"EUR\",\"customer\":\"C\",\"date\":\"2025-06-05\"}");
    fl_book_refuses(
        book, "unbalanced",
        "{\"type\":\"payout\",\"id\":\"PO-2\",\"currency\":\"EUR\",\"processor\":\"STRIPE\","
        "\"amount\":\"10\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"ch_3\",\"amount\":\"10\"}]}");
}

/* The refund pays the credit note back; the chargeback reopens what the charge had paid, its fee
 * beside it. */
Test(payout, refund_goes_to_the_credit_note_and_chargeback_reopens)
{
    fl_book_must(book, PAYOUT
                 "\"amount\":\"150\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-1\",\"amount\":"
                 "\"100\"},{\"kind\":\"charge\",\"ref\":\"INV-2\",\"amount\":\"50\"}]}");
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"N\",\"invoice\":\"INV-1\",\"amount\":"
                       "\"30\",\"date\":\"2025-06-11\"}");
    cr_assert_eq(fl_book_note_open(book, "N"), 3000);
    fl_book_must(book, "{\"type\":\"payout\",\"id\":\"PO-2\",\"date\":\"2025-06-12\",\"currency\":"
                       "\"EUR\",\"processor\":\"STRIPE\",\"amount\":\"-95\",\"parts\":[{\"kind\":"
                       "\"refund\",\"ref\":\"N\",\"amount\":\"-30\"},{\"kind\":\"chargeback\","
                       "\"ref\":\"INV-2\",\"amount\":\"-50\",\"fee\":\"15\"}]}");
    cr_assert_eq(fl_book_note_open(book, "N"), 0);
    cr_assert_eq(fl_book_open_of(book, "INV-2"), 5000);
    cr_assert_eq(account(FL_ACCOUNT_CHARGEBACKS), 1500);
    cr_assert_eq(processor(), 0);
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_PAYOUTS), 15000 - 9500);
    cr_assert_eq(account(FL_ACCOUNT_CREDITS), 0);
    cr_assert_eq(account(FL_ACCOUNT_UNAPPLIED), 0);
}

Test(payout, a_refund_and_a_chargeback_in_transit_are_taken_from_there)
{
    fl_book_must(book, PAYOUT
                 "\"amount\":\"150\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-1\",\"amount\":"
                 "\"100\"},{\"kind\":\"charge\",\"ref\":\"INV-2\",\"amount\":\"50\"}]}");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"PO-1/"
                       "1\",\"amount\":\"20\",\"date\":\"2025-06-11\"}");
    fl_book_must(book, "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"PO-1/"
                       "2\",\"amount\":\"10\",\"fee\":\"5\",\"date\":\"2025-06-11\"}");
    fl_book_must(book, "{\"type\":\"payout\",\"id\":\"PO-2\",\"date\":\"2025-06-12\",\"currency\":"
                       "\"EUR\",\"processor\":\"STRIPE\",\"amount\":\"-35\",\"parts\":[{\"kind\":"
                       "\"refund\",\"ref\":\"F\",\"amount\":\"-20\"},{\"kind\":\"chargeback\","
                       "\"ref\":\"X\",\"amount\":\"-10\",\"fee\":\"5\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_REFUNDS), 0);
    cr_assert_eq(account(FL_ACCOUNT_TRANSIT_RECEIPTS), 0);
    cr_assert_eq(processor(), 0);
    cr_assert_eq(account(FL_ACCOUNT_CHARGEBACKS), 500);
}

Test(payout, money_out_that_names_nothing_is_in_suspense_and_an_adjustment_where_it_says)
{
    fl_book_must(
        book, PAYOUT
        "\"amount\":\"-9\",\"parts\":[{\"kind\":\"refund\",\"ref\":\"re_7\",\"amount\":\"-4\"},{"
        "\"kind\":\"chargeback\",\"amount\":\"-3\"},{\"kind\":\"adjustment\",\"amount\":\"-2.50\"},"
        "{\"kind\":\"adjustment\",\"ref\":\"income:recoveries\",\"amount\":\"0.50\"}]}");
    cr_assert_eq(account(FL_ACCOUNT_SUSPENSE), 400 + 300 + 250);
    cr_assert_eq(account(FL_ACCOUNT_RECOVERIES), -50);
    cr_assert_eq(processor(), 0);
}

Test(payout, sent_again_is_a_duplicate_with_the_first_answer)
{
    fl_book_must(book, PAYOUT "\"amount\":\"100\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-1\","
                              "\"amount\":\"100\"}]}");
    fl_book_again(book, PAYOUT "\"amount\":\"100.00\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-"
                               "1\",\"amount\":\"100\"}]}");
    cr_assert_str_eq(fl_book_field(book, "matched"), "1");
    fl_book_refuses(
        book, "key_reused",
        PAYOUT
        "\"amount\":\"99\",\"parts\":[{\"kind\":\"charge\",\"ref\":\"SO-1\",\"amount\":\"99\"}]}");
}

/* Dollars at 0.90: the processor's base column comes to zero with the dollars. */
Test(payout, in_foreign_currency_is_booked_at_its_day_s_rate)
{
    fl_book_refuses(book, "no_rate",
                    "{\"type\":\"payout\",\"id\":\"PO-1\",\"date\":\"2025-06-10\",\"currency\":"
                    "\"USD\",\"processor\":\"PAYU\",\"amount\":\"10\",\"parts\":[{\"kind\":"
                    "\"charge\",\"amount\":\"10\"}]}");
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-06-01\",\"from\":\"USD\",\"to\":"
                       "\"EUR\",\"rate\":\"0.90\"}");
    fl_book_must(book, "{\"type\":\"payout\",\"id\":\"PO-1\",\"date\":\"2025-06-10\",\"currency\":"
                       "\"USD\",\"processor\":\"PAYU\",\"amount\":\"9.67\",\"parts\":[{\"kind\":"
                       "\"charge\",\"amount\":\"10\",\"fee\":\"0.33\"}]}");
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_TRANSIT_PAYOUTS, "USD", 0), 967);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_UNIDENTIFIED, "USD", 0), -1000);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BANK_FIRST + 1, "USD", 0), 0);
    fl_book_refuses(
        book, "currency_differs",
        "{\"type\":\"payout\",\"id\":\"PO-2\",\"currency\":\"EUR\",\"processor\":\"PAYU\","
        "\"amount\":\"1\",\"parts\":[{\"kind\":\"charge\",\"amount\":\"1\"}]}");
}
