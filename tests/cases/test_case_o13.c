/* O13: who pays too much has a credit: the receipt stands at what came in, the surplus counts in
 * the balance from the day it came and can be used in parts, and using it moves nothing in the
 * balance. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"Alder\",\"name\":\"Alder\",\"currency\":\"EUR\","
                 "\"credit_limit\":null}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o13, .init = setup, .fini = teardown);

static void bill(const char *id, const char *customer, const char *net)
{
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"%s\",\"date\":\"2025-06-01\","
                 "\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}}",
                 id, customer, net);
}

Test(case_o13, a_surplus_is_a_credit_that_pays_the_next_invoice)
{
    bill("INV-840", "Alder", "64.00");
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"R-1\",\"amount\":\"71.25\",\"currency\":\"EUR\","
                 "\"date\":\"2025-06-03\",\"references\":[\"INV-840\"]}");
    cr_assert_str_eq(fl_book_field(book, "applied"), "64.00");
    cr_assert_str_eq(fl_book_field(book, "unapplied"), "7.25");
    cr_assert_str_eq(fl_book_invoice_state(book, "INV-840"), "paid");
    cr_assert_str_eq(fl_book_receipt_state(book, "R-1"), "partial");
    cr_assert_eq(fl_book_balance(book, "Alder"), -725);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_UNAPPLIED, "EUR", 0), -725);
    bill("INV-841", "Alder", "40.10");
    cr_assert_eq(fl_book_balance(book, "Alder"), 3285);
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R-1\",\"invoice\":\"INV-841\"}");
    cr_assert_str_eq(fl_book_field(book, "amount"), "7.25");
    cr_assert_eq(fl_book_open_of(book, "INV-841"), 3285);
    cr_assert_eq(fl_book_receipt_open(book, "R-1"), 0);
    cr_assert_eq(fl_book_balance(book, "Alder"), 3285);
}

/* Minor units as the currency writes them. */
static const char *money(int64_t minor, unsigned exponent)
{
    static char text[8][40];
    static unsigned next;
    int64_t whole = 1;
    for (unsigned i = 0; i < exponent; i++)
        whole *= 10;
    char *out = text[next++ % 8];
    if (exponent == 0)
        snprintf(out, 40, "%lld", (long long)minor);
    else
        snprintf(out, 40, "%lld.%0*lld", (long long)(minor / whole), (int)exponent,
                 (long long)(minor % whole));
    return out;
}

/* Pays `total` with `over` too much and spends the surplus on three invoices of a third each, the
 * last of which takes what is left; the balance is reckoned as invoiced less received at every
 * step. */
static void overpay(const char *currency, unsigned exponent, int64_t total, int64_t over)
{
    static unsigned n;
    char customer[16], invoice[16], receipt[16];
    int64_t invoiced = total, left = over;
    snprintf(customer, sizeof customer, "C%u", ++n);
    snprintf(invoice, sizeof invoice, "I-%u", 1000 * n);
    snprintf(receipt, sizeof receipt, "R%u", n);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"%s\",\"name\":\"c\",\"currency\":\"%s\"}",
                 customer, currency);
    bill(invoice, customer, money(total, exponent));
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"%s\",\"amount\":\"%s\",\"currency\":\"%s\","
                 "\"date\":\"2025-06-03\",\"fx_rate\":\"0.007\",\"references\":[\"%s\"]}",
                 receipt, money(total + over, exponent), currency, invoice);
    cr_assert_eq(fl_book_open_of(book, invoice), 0);
    cr_assert_eq(fl_book_receipt_open(book, receipt), over);
    for (unsigned part = 1; part <= 3 && left > 0; part++) {
        int64_t net = over / 3 > 0 ? over / 3 + (int64_t)part : over;
        int64_t take = net < left ? net : left;
        snprintf(invoice, sizeof invoice, "I-%u", 1000 * n + part);
        bill(invoice, customer, money(net, exponent));
        invoiced += net;
        fl_book_must(
            book,
            "{\"type\":\"application\",\"receipt\":\"%s\",\"invoice\":\"%s\",\"amount\":\"%s\"}",
            receipt, invoice, money(take, exponent));
        left -= take;
        cr_assert_eq(fl_book_open_of(book, invoice), net - take);
        cr_assert_eq(fl_book_receipt_open(book, receipt), left);
        cr_assert_eq(fl_book_balance(book, customer), invoiced - total - over);
    }
    cr_assert_eq(left, 0);
    fl_book_refuses(
        book, "nothing_open",
        "{\"type\":\"application\",\"receipt\":\"%s\",\"invoice\":\"I-%u\",\"amount\":\"%s\"}",
        receipt, 1000 * n, money(1, exponent));
}

Test(case_o13, any_surplus_in_any_currency_is_spent_in_parts_to_the_last_minor_unit)
{
    static const struct {
        const char *code;
        unsigned exponent;
    } currencies[] = {{"EUR", 2}, {"JPY", 0}, {"KWD", 3}, {"USD", 2}};
    static const int64_t surplus[] = {1, 2, 3, 99, 100, 6400, 12801, 57600};
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-01-01\",\"from\":\"JPY\",\"to\":"
                       "\"EUR\",\"rate\":\"0.0061\"}");
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-01-01\",\"from\":\"KWD\",\"to\":"
                       "\"EUR\",\"rate\":\"2.84\"}");
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-01-01\",\"from\":\"USD\",\"to\":"
                       "\"EUR\",\"rate\":\"0.9137\"}");
    for (unsigned c = 0; c < 4; c++) {
        for (unsigned i = 0; i < sizeof surplus / sizeof surplus[0]; i++)
            overpay(currencies[c].code, currencies[c].exponent, 6400, surplus[i]);
    }
}

Test(case_o13, money_of_nobody_known_is_in_no_balance_until_it_is_somebodys)
{
    bill("INV-840", "Alder", "64.00");
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"R-1\",\"amount\":\"71.25\",\"currency\":\"EUR\"}");
    cr_assert_eq(fl_book_balance(book, "Alder"), 6400);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_UNIDENTIFIED, "EUR", 0), -7125);
    fl_book_must(
        book,
        "{\"type\":\"application\",\"receipt\":\"R-1\",\"invoice\":\"INV-840\",\"amount\":\"64\"}");
    cr_assert_eq(fl_book_balance(book, "Alder"), -725);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_UNIDENTIFIED, "EUR", 0), 0);
}

Test(case_o13, a_surplus_can_be_paid_back_but_not_twice)
{
    bill("INV-840", "Alder", "64.00");
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"R-1\",\"amount\":\"71.25\",\"currency\":\"EUR\","
                 "\"references\":[\"INV-840\"]}");
    fl_book_must(book,
                 "{\"type\":\"refund\",\"id\":\"F-1\",\"receipt\":\"R-1\",\"amount\":\"7.25\"}");
    cr_assert_eq(fl_book_balance(book, "Alder"), 0);
    cr_assert_eq(fl_book_open_of(book, "INV-840"), 0);
    fl_book_refuses(
        book, "exceeds_refundable",
        "{\"type\":\"refund\",\"id\":\"F-2\",\"customer\":\"Alder\",\"amount\":\"0.01\"}");
    fl_book_refuses(
        book, "exceeds_refundable",
        "{\"type\":\"refund\",\"id\":\"F-2\",\"receipt\":\"R-1\",\"amount\":\"64.01\"}");
}
