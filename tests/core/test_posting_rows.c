/* The posting table, row by row: what a command posts is exactly what the row says, on the day that
 * it says, in amounts reckoned by hand. Rows whose commands are not built yet are not here (17,
 * 24). */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/domain/ledger.h"
#include "tests/support/book.h"

enum { INV = FL_ACCOUNT_INVOICES, UNAP = FL_ACCOUNT_UNAPPLIED, CRED = FL_ACCOUNT_CREDITS };
enum { TRANSIT = FL_ACCOUNT_TRANSIT_RECEIPTS, REFUNDS = FL_ACCOUNT_TRANSIT_REFUNDS };
enum { PAYOUTS = FL_ACCOUNT_TRANSIT_PAYOUTS, NOBODY = FL_ACCOUNT_UNIDENTIFIED };
enum { TAX = FL_ACCOUNT_TAX, SUSPENSE = FL_ACCOUNT_SUSPENSE, FX = FL_ACCOUNT_FX };
enum { DISCOUNTS = FL_ACCOUNT_DISCOUNTS_ALLOWED, SMALL = FL_ACCOUNT_SMALL_DIFFERENCES };
enum { CHARGES = FL_ACCOUNT_BANK_CHARGES, BAD = FL_ACCOUNT_BAD_DEBT };
enum { BACKS = FL_ACCOUNT_CHARGEBACKS };
enum { BANK = FL_ACCOUNT_BANK_FIRST, PROCESSOR, BANKS_END }; /* B, then P */

struct posting {
    uint32_t account;
    int64_t minor;
};

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open("\"tolerances\":{\"EUR\":\"0.05\"}");
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\"}");
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"P\",\"currency\":\"EUR\",\"kind\":"
                       "\"processor\"}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null,\"discount\":{\"percent\":\"2\",\"days\":10}}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-04-"
                       "01\",\"amount\":{\"net\":\"100\",\"tax\":\"19\"}}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(posting_rows, .init = setup, .fini = teardown);

static void balances(uint16_t as_of, int64_t out[BANKS_END])
{
    for (uint32_t account = 1; account < BANKS_END; account++)
        out[account] = account < FL_ACCOUNT_FIXED_COUNT || account >= BANK
                           ? fl_book_account(book, account, "EUR", as_of)
                           : 0;
}

/* The command posts these and nothing else, all of it on `day`. */
static void posts(const char *line, const char *day, const struct posting *wanted)
{
    int64_t before[2][BANKS_END], after[2][BANKS_END];
    uint16_t date;
    cr_assert_eq(fl_date_parse(day, 10, &date), FL_OK);
    balances((uint16_t)(date - 1), before[0]);
    balances(date, before[1]);
    fl_book_must(book, "%s", line);
    balances((uint16_t)(date - 1), after[0]);
    balances(date, after[1]);
    for (uint32_t account = 1; account < BANKS_END; account++) {
        int64_t minor = 0;
        for (const struct posting *p = wanted; p->account != 0; p++)
            minor += p->account == account ? p->minor : 0;
        cr_expect_eq(after[0][account], before[0][account], "%s: account %u before %s", line,
                     account, day);
        cr_expect_eq(after[1][account] - before[1][account], minor,
                     "%s: account %u (%s): %" PRId64 ", not %" PRId64, line, account,
                     fl_account_name(account), after[1][account] - before[1][account], minor);
    }
    balances(FL_DATE_MAX - 1, before[0]);
    for (uint32_t account = 1; account < BANKS_END; account++)
        cr_expect_eq(before[0][account], after[1][account], "%s: account %u after %s", line,
                     account, day);
}

/* Of dollars, in euro. */
static int64_t base_of(uint32_t account)
{
    const struct fl_store *store = fl_book_store(book);
    int64_t sum = 0;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_total *total = fl_account_day_total(store, row);
        if (fl_account_day_key(store, row)->account == account &&
            fl_account_day_key(store, row)->currency == FL_CURRENCY_USD)
            sum += total->base_debit_minor - total->base_credit_minor;
    }
    return sum;
}

#define POSTS(line, day, ...) posts(line, day, (const struct posting[]){__VA_ARGS__, {0, 0}})

#define RECEIPT(id, amount, more)                                                                  \
    "{\"type\":\"receipt\",\"id\":\"" id "\",\"amount\":\"" amount "\",\"currency\":\"EUR\","      \
    "\"date\":\"2025-04-20\"" more "}"
#define LINE(ref, amount, more)                                                                    \
    "{\"type\":\"statement\",\"id\":\"S" ref                                                       \
    "\",\"account\":\"B\",\"currency\":\"EUR\",\"lines\":[{"                                       \
    "\"booking_date\":\"2025-05-02\",\"amount\":\"" amount "\",\"bank_ref\":\"" ref "\"" more      \
    "}]}"

Test(posting_rows, row_8_money_of_nobody_is_unidentified_by_the_gross)
{
    POSTS(RECEIPT("R", "50", ",\"account\":\"B\",\"fee\":\"1.50\""), "2025-04-20", {BANK, 4850},
          {CHARGES, 150}, {NOBODY, -5000});
    POSTS(RECEIPT("T", "7", ""), "2025-04-20", {TRANSIT, 700}, {NOBODY, -700});
}

Test(posting_rows, row_9_of_a_known_customer_it_is_unapplied_and_parking_posts_nothing)
{
    POSTS(RECEIPT("R", "50", ",\"account\":\"B\",\"fee\":\"1.50\",\"customer\":\"C\""),
          "2025-04-20", {BANK, 4850}, {CHARGES, 150}, {UNAP, -5000});
    POSTS("{\"type\":\"application\",\"receipt\":\"R\",\"park\":true}", "2025-06-15", {0, 0});
}

Test(posting_rows, row_10_identified_later_it_counts_from_the_receipt_s_day_pushed)
{
    fl_book_must(book, RECEIPT("R", "50", ",\"account\":\"B\""));
    fl_book_must(book, RECEIPT("T", "5", ",\"account\":\"B\""));
    POSTS("{\"type\":\"receipt_assign\",\"receipt\":\"R\",\"customer\":\"C\",\"date\":\"2025-06-"
          "01\"}",
          "2025-04-20", {NOBODY, 5000}, {UNAP, -5000});
    fl_book_must(book, "{\"type\":\"period_close\",\"through\":\"2025-04-30\"}");
    POSTS("{\"type\":\"receipt_assign\",\"receipt\":\"T\",\"customer\":\"C\"}", "2025-05-01",
          {NOBODY, 500}, {UNAP, -500});
}

/* 119.00 with 2.38 discount, of which tax 2.38 x 19 / 119 = 0.38. */
Test(posting_rows, row_11_and_12_cash_discount_and_its_tax_and_their_mirror)
{
    fl_book_must(book, RECEIPT("R", "116.62", ",\"account\":\"B\",\"customer\":\"C\""));
    POSTS("{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"amount\":\"116.62\","
          "\"discount\":\"2.38\"}",
          "2025-04-20", {UNAP, 11662}, {DISCOUNTS, 200}, {TAX, 38}, {INV, -11900});
    cr_assert_eq(fl_book_open_of(book, "I"), 0);
    POSTS("{\"type\":\"application_reverse\",\"application\":\"R/1\"}", "2025-04-20",
          {UNAP, -11662}, {DISCOUNTS, -200}, {TAX, -38}, {INV, 11900});
}

Test(posting_rows, row_11_and_12_a_difference_on_either_side_and_their_mirror)
{
    fl_book_must(book, RECEIPT("R", "118.97", ",\"account\":\"B\",\"customer\":\"C\""));
    POSTS("{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"amount\":\"118.97\","
          "\"difference\":\"0.03\"}",
          "2025-04-20", {UNAP, 11897}, {SMALL, 3}, {INV, -11900});
    POSTS("{\"type\":\"application_reverse\",\"application\":\"R/1\"}", "2025-04-20",
          {UNAP, -11897}, {SMALL, -3}, {INV, 11900});
    fl_book_must(book, RECEIPT("T", "119.02", ",\"account\":\"B\",\"customer\":\"C\""));
    POSTS("{\"type\":\"application\",\"receipt\":\"T\",\"invoice\":\"I\",\"amount\":\"119\","
          "\"difference\":\"-0.02\",\"date\":\"2025-04-25\"}",
          "2025-04-25", {UNAP, 11902}, {SMALL, -2}, {INV, -11900});
    POSTS("{\"type\":\"application_reverse\",\"application\":\"T/1\"}", "2025-04-25",
          {UNAP, -11902}, {SMALL, 2}, {INV, 11900});
}

Test(posting_rows, row_11_and_12_of_a_credit_note)
{
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"N\",\"customer\":\"C\",\"date\":\"2025-"
                       "04-10\",\"amount\":{\"net\":\"10\",\"tax\":\"1.90\"}}");
    POSTS("{\"type\":\"application\",\"credit_note\":\"N\",\"invoice\":\"I\",\"amount\":\"5\"}",
          "2025-04-10", {CRED, 500}, {INV, -500});
    POSTS("{\"type\":\"application_reverse\",\"application\":\"N/1\"}", "2025-04-10", {CRED, -500},
          {INV, 500});
}

/* Of 60, 40 are applied: the return of 50 takes the free 20 first, then frees the application, and
 * 10 of it again. */
Test(posting_rows, row_13_what_the_bank_took_back_reopens_on_the_bank_s_day)
{
    fl_book_must(book, RECEIPT("R", "60", ",\"account\":\"B\",\"customer\":\"C\""));
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"amount\":"
                       "\"40\"}");
    POSTS("{\"type\":\"receipt_reverse\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"50\",\"fee\":"
          "\"3\",\"date\":\"2025-05-05\"}",
          "2025-05-05", {BANK, -5300}, {CHARGES, 300}, {UNAP, 2000}, {INV, 3000});
    fl_book_must(book, RECEIPT("T", "8", ",\"account\":\"B\""));
    POSTS("{\"type\":\"receipt_reverse\",\"id\":\"Y\",\"receipt\":\"T\",\"date\":\"2025-05-05\"}",
          "2025-05-05", {BANK, -800}, {NOBODY, 800});
}

Test(posting_rows, row_14_refund_of_a_receipt_a_note_and_a_customer_oldest_first)
{
    fl_book_must(book, RECEIPT("R", "60", ",\"account\":\"B\",\"customer\":\"C\""));
    POSTS(
        "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"10\",\"date\":\"2025-05-"
        "05\"}",
        "2025-05-05", {UNAP, 1000}, {REFUNDS, -1000});
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"N\",\"customer\":\"C\",\"date\":\"2025-"
                       "04-10\",\"amount\":{\"net\":\"30\",\"tax\":\"0\"}}");
    POSTS("{\"type\":\"refund\",\"id\":\"G\",\"credit_note\":\"N\",\"amount\":\"4\",\"account\":"
          "\"B\",\"date\":\"2025-05-05\"}",
          "2025-05-05", {CRED, 400}, {BANK, -400});
    /* The note of 10 April, 26 left, is older than the receipt of 20 April. */
    POSTS(
        "{\"type\":\"refund\",\"id\":\"H\",\"customer\":\"C\",\"amount\":\"36\",\"date\":\"2025-05-"
        "06\"}",
        "2025-05-06", {CRED, 2600}, {UNAP, 1000}, {REFUNDS, -3600});
}

Test(posting_rows, row_15_a_line_that_is_a_refund_or_names_a_note_or_a_receipt)
{
    fl_book_must(book, RECEIPT("R-8001", "60", ",\"account\":\"B\",\"customer\":\"C\""));
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"RF-7001\",\"receipt\":\"R-8001\",\"amount\":"
                       "\"10\",\"date\":\"2025-05-01\"}");
    POSTS(LINE("1", "-10", ",\"end_to_end\":\"RF-7001\""), "2025-05-02", {REFUNDS, 1000},
          {BANK, -1000});
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"CN-00470\",\"customer\":\"C\",\"date\":"
                       "\"2025-04-10\",\"amount\":{\"net\":\"30\",\"tax\":\"0\"}}");
    POSTS(LINE("2", "-30", ",\"references\":[\"CN-00470\"]"), "2025-05-02", {CRED, 3000},
          {BANK, -3000});
}

/* 119 received and applied, 19 refunded: of a chargeback of 110, 100 are the receipt's, 10 and the
 * fee of 15 a loss. Won: 100 come back to the receipt; the rest is what it had cost. */
Test(posting_rows, row_16_a_chargeback_and_what_was_won_of_it)
{
    fl_book_must(book, RECEIPT("R", "119", ",\"account\":\"B\",\"references\":[\"I\"]"));
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"19\","
                       "\"account\":\"B\",\"date\":\"2025-05-01\"}");
    POSTS(
        "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"110\",\"fee\":\"15\","
        "\"account\":\"B\",\"date\":\"2025-05-05\"}",
        "2025-05-05", {BANK, -12500}, {BACKS, 2500}, {INV, 10000});
    cr_assert_eq(fl_book_refundable(book, "R"), 0);
    fl_book_refuses(book, "date_before_document",
                    "{\"type\":\"chargeback_reverse\",\"id\":\"W\",\"chargeback\":\"X\",\"date\":"
                    "\"2025-05-04\"}");
    fl_book_refuses(book, "not_found",
                    "{\"type\":\"chargeback_reverse\",\"id\":\"W\",\"chargeback\":\"F\"}");
    POSTS("{\"type\":\"chargeback_reverse\",\"id\":\"W1\",\"chargeback\":\"X\",\"amount\":\"30\","
          "\"date\":\"2025-06-01\"}",
          "2025-06-01", {TRANSIT, 3000}, {UNAP, -3000});
    cr_assert_eq(fl_book_refundable(book, "R"), 3000);
    fl_book_refuses(book, "exceeds_open",
                    "{\"type\":\"chargeback_reverse\",\"id\":\"W2\",\"chargeback\":\"X\","
                    "\"amount\":\"80.01\"}");
    POSTS("{\"type\":\"chargeback_reverse\",\"id\":\"W2\",\"chargeback\":\"X\",\"fee\":\"15\","
          "\"account\":\"B\",\"date\":\"2025-06-02\"}",
          "2025-06-02", {BANK, 9500}, {UNAP, -7000}, {BACKS, -2500});
    fl_book_again(book, "{\"type\":\"chargeback_reverse\",\"id\":\"W2\",\"chargeback\":\"X\","
                        "\"fee\":\"15.00\",\"account\":\"B\"}");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"chargeback_reverse\",\"id\":\"W3\",\"chargeback\":\"X\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 11900); /* nothing is settled by it */
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"amount\":"
                       "\"100\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 1900);
}

/* Half of the relief of 1.90 goes back with half of the amount, the rest with the rest. */
Test(posting_rows, row_19_a_recovery_is_owed_again_with_its_tax)
{
    fl_book_must(book,
                 "{\"type\":\"write_off\",\"id\":\"V\",\"invoice\":\"I\",\"amount\":\"11.90\","
                 "\"reason\":\"r\",\"tax_relief\":true,\"date\":\"2025-05-05\"}");
    POSTS("{\"type\":\"write_off_reverse\",\"id\":\"Y\",\"write_off\":\"V\",\"amount\":\"5.95\","
          "\"date\":\"2025-05-09\"}",
          "2025-05-09", {INV, 595}, {TAX, -95}, {FL_ACCOUNT_RECOVERIES, -500});
    POSTS("{\"type\":\"write_off_reverse\",\"id\":\"Z\",\"write_off\":\"V\",\"date\":\"2025-05-"
          "09\"}",
          "2025-05-09", {INV, 595}, {TAX, -95}, {FL_ACCOUNT_RECOVERIES, -500});
    cr_assert_eq(fl_book_open_of(book, "I"), 11900);
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"write_off_reverse\",\"id\":\"ZZ\",\"write_off\":\"V\"}");
}

Test(posting_rows, row_18_a_write_off_with_and_without_relief)
{
    POSTS("{\"type\":\"write_off\",\"id\":\"V\",\"invoice\":\"I\",\"amount\":\"11.90\",\"reason\":"
          "\"r\",\"date\":\"2025-05-05\"}",
          "2025-05-05", {BAD, 1190}, {INV, -1190});
    POSTS("{\"type\":\"write_off\",\"id\":\"W\",\"invoice\":\"I\",\"amount\":\"11.90\",\"reason\":"
          "\"r\",\"tax_relief\":true,\"date\":\"2025-05-05\"}",
          "2025-05-05", {BAD, 1000}, {TAX, 190}, {INV, -1190});
}

Test(posting_rows, row_20_and_21_lines_that_are_not_ours_yet_and_whose_they_are)
{
    POSTS(LINE("1", "-9", ""), "2025-05-02", {SUSPENSE, 900}, {BANK, -900});
    POSTS("{\"type\":\"assign\",\"line\":\"B/1\",\"account\":\"expenses:bank_charges\"}",
          "2025-05-02", {CHARGES, 900}, {SUSPENSE, -900});
    POSTS(LINE("2", "0.40", ""), "2025-05-02", {BANK, 40}, {NOBODY, -40});
    POSTS("{\"type\":\"assign\",\"line\":\"B/2\",\"account\":\"income:recoveries\"}", "2025-05-02",
          {NOBODY, 40}, {FL_ACCOUNT_RECOVERIES, -40});
}

#define PAYOUT(id, amount, parts)                                                                  \
    "{\"type\":\"payout\",\"id\":\"" id "\",\"date\":\"2025-05-10\",\"currency\":\"EUR\","         \
    "\"processor\":\"P\",\"amount\":\"" amount "\",\"parts\":[" parts "]}"

Test(posting_rows, row_22_each_part_on_the_processor_then_the_net_in_transit)
{
    POSTS(PAYOUT("PO-1", "111",
                 "{\"kind\":\"charge\",\"ref\":\"I\",\"amount\":\"119\",\"fee\":\"3\"},"
                 "{\"kind\":\"fee\",\"amount\":\"-1\"},{\"kind\":\"reserve\",\"amount\":\"-4\"}"),
          "2025-05-10", {PAYOUTS, 11100}, {PROCESSOR, 400}, {CHARGES, 400}, {INV, -11900});
    POSTS(PAYOUT("PO-2", "-134",
                 "{\"kind\":\"chargeback\",\"ref\":\"I\",\"amount\":\"-119\",\"fee\":\"15\"}"),
          "2025-05-10", {PAYOUTS, -13400}, {BACKS, 1500}, {INV, 11900});
}

/* Lost by a payout, won by the next: by the invoice, with the fee; by its id; by nothing that is
 * known. */
Test(posting_rows, row_22_a_chargeback_above_zero_was_won)
{
    fl_book_must(book,
                 PAYOUT("PO-1", "119", "{\"kind\":\"charge\",\"ref\":\"I\",\"amount\":\"119\"}"));
    fl_book_must(
        book, PAYOUT("PO-2", "-134",
                     "{\"kind\":\"chargeback\",\"ref\":\"I\",\"amount\":\"-119\",\"fee\":\"15\"}"));
    POSTS(PAYOUT("PO-3", "58",
                 "{\"kind\":\"chargeback\",\"ref\":\"I\",\"amount\":\"60\",\"fee\":\"2\"}"),
          "2025-05-10", {PAYOUTS, 5800}, {UNAP, -6000}, {CHARGES, 200});
    cr_assert_eq(fl_book_open_of(book, "I"), 11900);
    cr_assert_eq(fl_book_receipt_open(book, "PO-1/1"), 6000);
    POSTS(PAYOUT("PO-4", "74",
                 "{\"kind\":\"chargeback\",\"ref\":\"PO-2/1\",\"amount\":\"59\",\"fee\":\"-15\"}"),
          "2025-05-10", {PAYOUTS, 7400}, {UNAP, -5900}, {BACKS, -1500});
    POSTS(PAYOUT("PO-5", "7", "{\"kind\":\"chargeback\",\"ref\":\"I\",\"amount\":\"7\"}"),
          "2025-05-10", {PAYOUTS, 700}, {SUSPENSE, -700});
}

Test(posting_rows, row_22_one_that_was_won_in_transit_is_taken_from_there)
{
    fl_book_must(book,
                 PAYOUT("PO-1", "119", "{\"kind\":\"charge\",\"ref\":\"I\",\"amount\":\"119\"}"));
    fl_book_must(book, "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"PO-1/1\",\"amount\":"
                       "\"119\",\"account\":\"P\",\"date\":\"2025-05-10\"}");
    POSTS("{\"type\":\"chargeback_reverse\",\"id\":\"W\",\"chargeback\":\"X\",\"date\":\"2025-05-"
          "10\"}",
          "2025-05-10", {TRANSIT, 11900}, {UNAP, -11900});
    POSTS(PAYOUT("PO-2", "119", "{\"kind\":\"chargeback\",\"ref\":\"W\",\"amount\":\"119\"}"),
          "2025-05-10", {PAYOUTS, 11900}, {TRANSIT, -11900});
}

Test(posting_rows, row_16_the_bank_s_line_of_what_was_won)
{
    fl_book_must(book, RECEIPT("R", "119", ",\"account\":\"B\",\"references\":[\"I\"]"));
    fl_book_must(book, "{\"type\":\"chargeback\",\"id\":\"CB-9001\",\"receipt\":\"R\",\"amount\":"
                       "\"119\",\"account\":\"B\",\"date\":\"2025-05-01\"}");
    /* told by a command, then seen on the account */
    fl_book_must(book, "{\"type\":\"chargeback_reverse\",\"id\":\"WON-4711\",\"chargeback\":"
                       "\"CB-9001\",\"amount\":\"19\",\"date\":\"2025-05-02\"}");
    POSTS(LINE("1", "19", ",\"end_to_end\":\"WON-4711\""), "2025-05-02", {BANK, 1900},
          {TRANSIT, -1900});
    /* seen, then told of a chargeback_reverse that is known */
    fl_book_must(book, "{\"type\":\"chargeback_reverse\",\"id\":\"W2\",\"chargeback\":\"CB-9001\","
                       "\"amount\":\"40\",\"date\":\"2025-05-02\"}");
    fl_book_must(book, LINE("2", "40", ""));
    POSTS("{\"type\":\"assign\",\"line\":\"B/2\",\"chargeback\":\"W2\"}", "2025-05-02",
          {NOBODY, 4000}, {TRANSIT, -4000});
    /* seen, then told that it is of the chargeback */
    fl_book_must(book, LINE("3", "60", ""));
    POSTS("{\"type\":\"assign\",\"line\":\"B/3\",\"chargeback\":\"CB-9001\"}", "2025-05-02",
          {NOBODY, 6000}, {UNAP, -6000});
    cr_assert_eq(fl_book_refundable(book, "R"), 11900);
}

/* 100.00 USD at 0.90, paid at 0.95 and 0.88: 40 realise 2.00 gain, 60 lose 1.20. */
Test(posting_rows, row_23_exchange_is_the_difference_of_both_sides_in_base)
{
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"D\",\"name\":\"D\",\"currency\":\"USD\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"U\",\"customer\":\"D\",\"currency\":\"USD\","
                       "\"fx_rate\":\"0.90\",\"date\":\"2025-04-01\",\"amount\":{\"net\":\"100\","
                       "\"tax\":\"0\"}}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"40\",\"currency\":\"USD\","
                       "\"fx_rate\":\"0.95\",\"customer\":\"D\",\"date\":\"2025-04-20\"}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"T\",\"amount\":\"60\",\"currency\":\"USD\","
                       "\"fx_rate\":\"0.88\",\"customer\":\"D\",\"date\":\"2025-04-21\"}");
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"U\"}");
    cr_expect_eq(base_of(INV), 9000 - 3600);
    cr_expect_eq(base_of(UNAP), -5280);
    cr_expect_eq(base_of(FX), -200);
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"T\",\"invoice\":\"U\"}");
    cr_expect_eq(base_of(INV), 0);
    cr_expect_eq(base_of(UNAP), 0);
    cr_expect_eq(base_of(FX), -200 + 120);
    cr_expect_eq(fl_book_account(book, FX, "USD", 0), 0);
}
