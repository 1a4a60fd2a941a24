#include <criterion/criterion.h>
#include <stdio.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open("\"tolerances\":{\"EUR\":\"0.05\"}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null,"
                       "\"discount\":{\"percent\":\"2\",\"days\":10}}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(receivable, .init = setup, .fini = teardown);

static void bill(const char *id, const char *date, const char *net)
{
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"C\",\"date\":\"%s\","
                 "\"amount\":{\"net\":\"%s\","
                 "\"tax\":\"0\"}}",
                 id, date, net);
}

static void pay(const char *id, const char *date, const char *amount, const char *invoices)
{
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"%s\",\"amount\":\"%s\",\"currency\":\"EUR\","
                 "\"customer\":\"C\","
                 "\"date\":\"%s\",\"references\":[%s]}",
                 id, amount, date, invoices);
}

static void credit(const char *id, const char *invoice, const char *amount)
{
    fl_book_must(book,
                 "{\"type\":\"credit_note\",\"id\":\"%s\",\"invoice\":\"%s\",\"amount\":\"%s\"}",
                 id, invoice, amount);
}

/* D4.1, D4.6: 98 paid for 100, credited in full: 98 are spendable, 2 take the discount back.
 * Without the payment the note is worth its 100 against what is owed. */
Test(receivable, a_discount_that_falls_with_its_payment_is_not_owed_after_a_full_credit_note)
{
    bill("I", "2025-06-01", "100");
    pay("R", "2025-06-05", "98", "\"I\"");
    cr_assert_eq(fl_book_open_of(book, "I"), 0);
    credit("N", "I", "100");
    cr_assert_eq(fl_book_note_open(book, "N"), 9800);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_DISCOUNTS_ALLOWED, "EUR", 0), 0);
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"R/1\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 0);
    cr_assert_eq(fl_book_note_open(book, "N"), 0);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_DISCOUNTS_ALLOWED, "EUR", 0), 0);
    cr_assert_eq(fl_book_balance(book, "C"), -9800);
    cr_assert_str_eq(fl_book_invoice_state(book, "I"), "credited");
}

Test(receivable, a_note_that_closed_its_reopened_invoice_takes_no_money_from_the_next_note)
{
    bill("I", "2025-06-01", "100");
    pay("R", "2025-06-13", "100", "\"I\"");
    credit("N1", "I", "60");
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"60\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 0);
    cr_assert_eq(fl_book_note_open(book, "N1"), 0);
    credit("N2", "I", "40");
    cr_assert_str_eq(fl_book_field(book, "spendable"), "40.00");
    cr_assert_eq(fl_book_note_open(book, "N2"), 4000);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BAD_DEBT, "EUR", 0), 0);
}

/* D4.4 */
Test(receivable, a_note_taken_off_another_invoice_pays_what_its_own_owes_first)
{
    bill("I", "2025-06-01", "100");
    bill("J", "2025-06-01", "100");
    pay("R", "2025-06-13", "100", "\"I\"");
    credit("N", "I", "100");
    fl_book_must(book,
                 "{\"type\":\"application\",\"id\":\"A\",\"credit_note\":\"N\",\"invoice\":\"J\"}");
    fl_book_must(book,
                 "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"100\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 10000);
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"A\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 0);
    cr_assert_eq(fl_book_open_of(book, "J"), 10000);
    cr_assert_eq(fl_book_note_open(book, "N"), 0);
}

/* D4.2: the note's refund counts against the receipt, also when the receipt's application is taken
 * back later. */
Test(receivable, what_a_note_paid_back_is_not_paid_back_again_to_the_customer)
{
    bill("I", "2025-06-01", "100");
    pay("R", "2025-06-13", "100", "\"I\"");
    credit("N", "I", "100");
    fl_book_must(book,
                 "{\"type\":\"refund\",\"id\":\"F\",\"credit_note\":\"N\",\"amount\":\"100\"}");
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"R/1\"}");
    cr_assert_eq(fl_book_receipt_open(book, "R"), 10000);
    cr_assert_eq(fl_book_refundable(book, "R"), 0);
    fl_book_refuses(book, "exceeds_refundable",
                    "{\"type\":\"refund\",\"id\":\"G\",\"customer\":\"C\",\"amount\":\"0.01\"}");
}

/* D5.4: a tolerance belongs to a payment; without a cent left there is none. */
Test(receivable, no_document_is_closed_by_a_difference_alone)
{
    bill("I", "2025-06-01", "100");
    bill("J", "2025-06-01", "0.05");
    pay("R", "2025-06-13", "100", "\"I\",\"J\"");
    cr_assert_eq(fl_book_open_of(book, "I"), 0);
    cr_assert_eq(fl_book_open_of(book, "J"), 5);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_SMALL_DIFFERENCES, "EUR", 0), 0);
}

/* D9: what goes back through transit goes at the rate that it came at. */
Test(receivable, a_foreign_refund_without_a_bank_makes_no_exchange_difference)
{
    static const char *const ways[] = {
        "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"40\"}",
        "{\"type\":\"receipt_reverse\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"40\"}",
        "{\"type\":\"chargeback\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"40\"}"};
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"U\",\"name\":\"U\",\"currency\":\"USD\"}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"200\",\"currency\":\"USD\","
                       "\"customer\":\"U\","
                       "\"fx_rate\":\"0.9\"}");
    for (unsigned i = 0; i < 3; i++) {
        fl_book_must(book, "%s", ways[i]);
        const struct fl_store *store = fl_book_store(book);
        for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++)
            cr_assert_neq(fl_account_day_key(store, row)->account, FL_ACCOUNT_FX, "%s", ways[i]);
    }
}

/* An application counts from its invoice's day; money taken back before it cannot end it before it
 * began. */
Test(receivable, an_application_of_tomorrow_that_is_freed_today_ends_tomorrow)
{
    bill("I", "2025-08-01", "100");
    pay("R", "2025-06-10", "100", "\"I\"");
    fl_book_must(book, "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"100\","
                       "\"date\":\"2025-06-12\"}");
    const struct fl_store *store = fl_book_store(book);
    uint16_t issued = fl_invoice_card(store, fl_book_row(book, FL_KIND_OF_INVOICE, "I"))->date;
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_INVOICES, "EUR", (uint16_t)(issued - 1)), 0);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_INVOICES, "EUR", issued), 10000);
}

/* Row 3 at the invoice's rate (D9): the dollar fell between bill and delivery, and nothing stays
 * deferred. */
Test(receivable, goods_billed_before_are_revenue_at_the_rate_of_their_invoice)
{
    int64_t deferred = 0, revenue = 0;
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"U\",\"name\":\"U\",\"currency\":\"USD\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"USD\","
                       "\"price\":\"100\"}");
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-06-01\",\"from\":\"USD\",\"to\":"
                       "\"EUR\",\"rate\":\"0.9\"}");
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-06-10\",\"from\":\"USD\",\"to\":"
                       "\"EUR\",\"rate\":\"0.8\"}");
    fl_book_must(book, "{\"type\":\"order\",\"id\":\"O\",\"customer\":\"U\",\"lines\":[{"
                       "\"product\":\"P\",\"quantity\":3}]}");
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"I\",\"order\":\"O\",\"date\":\"2025-06-02\"}");
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S1\",\"order\":\"O\",\"lines\":[{\"line\":"
                       "1,\"quantity\":1}]}");
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S2\",\"order\":\"O\"}");
    const struct fl_store *store = fl_book_store(book);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_total *total = fl_account_day_total(store, row);
        int64_t base = total->base_debit_minor - total->base_credit_minor;
        deferred +=
            fl_account_day_key(store, row)->account == FL_ACCOUNT_DEFERRED_REVENUE ? base : 0;
        revenue += fl_account_day_key(store, row)->account == FL_ACCOUNT_REVENUE ? base : 0;
    }
    cr_assert_eq(deferred, 0);
    cr_assert_eq(revenue, -27000);
}

/* Reaching 65,536 by commands would take minutes: the numbers given out are set to one before it.
 */
Test(receivable, the_sixty_five_thousand_five_hundred_and_thirty_sixth_application_has_its_own_name)
{
    struct fl_store *store = fl_engine_store(fl_book_engine(book));
    bill("I", "2025-06-01", "100");
    bill("J", "2025-06-01", "100");
    pay("R", "2025-06-13", "50", "\"I\"");
    fl_receipt_status_write(store, fl_book_row(book, FL_KIND_OF_RECEIPT, "R"))->applications =
        UINT16_MAX;
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"R/1\"}");
    for (unsigned n = 65536; n < 65539; n++) {
        char id[24];
        fl_book_must(book,
                     "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"J\","
                     "\"amount\":\"%u\"}",
                     n - 65535);
        snprintf(id, sizeof id, "R/%u", n);
        cr_assert_str_eq(fl_book_field(book, "application"), id);
        uint32_t row = fl_book_row(book, FL_KIND_OF_APPLICATION, id);
        cr_assert_eq(fl_movement_row(store, row)->amount_minor, (n - 65535) * 100);
    }
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"R/65537\"}");
    cr_assert_eq(fl_book_open_of(book, "J"), 9600);
    cr_assert_eq(fl_book_receipt_open(book, "R"), 4600);
}

Test(receivable, applications_of_a_credit_note_go_on_beyond_sixteen_bits)
{
    struct fl_store *store = fl_engine_store(fl_book_engine(book));
    bill("I", "2025-06-01", "100");
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"N\",\"customer\":\"C\",\"amount\":"
                       "{\"net\":\"9\",\"tax\":\"0\"}}");
    static const char apply[] = "{\"type\":\"application\",\"credit_note\":\"N\",\"invoice\":"
                                "\"I\",\"amount\":\"2\"}";
    fl_book_must(book, apply);
    uint32_t first = fl_book_row(book, FL_KIND_OF_APPLICATION, "N/1");
    fl_movement_row_new(store, first)->application = UINT16_MAX;
    fl_book_must(book, apply);
    cr_assert_str_eq(fl_book_field(book, "application"), "N/65536");
    fl_book_must(book, apply);
    cr_assert_str_eq(fl_book_field(book, "application"), "N/65537");
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"N/65536\"}");
    cr_assert_eq(fl_book_note_open(book, "N"), 500);
}
