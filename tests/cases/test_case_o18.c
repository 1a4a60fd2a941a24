/* O18: a currency has as many decimals as the table says, none, two, three or four, on every path:
 * prices, tax, refunds and the whole number that a payment service is sent. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/book.h"

static struct fl_test_book *book;

static void open_book(const char *currency)
{
    char settings[64];
    snprintf(settings, sizeof settings, "\"base_currency\":\"%s\"", currency);
    book = fl_book_open(settings);
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"Fir\",\"name\":\"Fir\",\"currency\":\"%s\","
                 "\"credit_limit\":null}",
                 currency);
    fl_book_must(
        book,
        "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"%s\",\"price\":\"1\"}",
        currency);
}

static void order(const char *price, const char *rate)
{
    fl_book_must(
        book,
        "{\"type\":\"order\",\"id\":\"SO\",\"customer\":\"Fir\",\"lines\":[{\"product\":\"P\","
        "\"quantity\":\"1\",\"price\":\"%s\",\"tax_rate\":\"%s\"}]}",
        price, rate);
}

static void pay(const char *amount, const char *currency)
{
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I-1\",\"order\":\"SO\"}");
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"%s\",\"currency\":\"%s\","
                 "\"references\":[\"I-1\"]}",
                 amount, currency);
    cr_assert_eq(fl_book_open_of(book, "I-1"), 0);
}

static void refund(const char *id, const char *amount, const char *minor)
{
    fl_book_must(book, "{\"type\":\"refund\",\"id\":\"%s\",\"receipt\":\"R\",\"amount\":\"%s\"}",
                 id, amount);
    cr_assert_str_eq(fl_book_field(book, "amount_minor"), minor);
}

Test(case_o18, yen_have_no_decimals_and_refunds_go_out_as_they_are)
{
    open_book("JPY");
    order("4983", "10");
    cr_assert_str_eq(fl_book_field(book, "tax"), "498");
    cr_assert_str_eq(fl_book_field(book, "total"), "5481");
    pay("5481", "JPY");
    refund("F1", "1500", "1500");
    cr_assert_eq(fl_book_refundable(book, "R"), 3981);
    fl_book_refuses(book, "exceeds_refundable",
                    "{\"type\":\"refund\",\"id\":\"F2\",\"receipt\":\"R\",\"amount\":\"3982\"}");
    refund("F2", "3981", "3981");
    cr_assert_eq(fl_book_refundable(book, "R"), 0);
    fl_book_close(book);
}

Test(case_o18, dinars_have_three_decimals)
{
    open_book("KWD");
    order("12.345", "5");
    cr_assert_str_eq(fl_book_field(book, "tax"), "0.617");
    cr_assert_str_eq(fl_book_field(book, "total"), "12.962");
    pay("12.962", "KWD");
    refund("F1", "12.962", "12962");
    fl_book_close(book);
}

Test(case_o18, half_a_yen_is_refused_wherever_it_is_offered)
{
    static const char *const offers[] = {
        "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":\"10.5\",\"currency\":\"JPY\"}",
        "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":10.5,\"currency\":\"JPY\"}",
        "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":\"10\",\"fee\":\"0.1\",\"currency\":"
        "\"JPY\"}",
        "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"10.5\"}",
        "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"10.5\"}",
        "{\"type\":\"receipt_reverse\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"10.5\"}",
        "{\"type\":\"write_off\",\"id\":\"W\",\"invoice\":\"I-1\",\"amount\":\"0.5\",\"reason\":"
        "\"r\"}",
        "{\"type\":\"credit_note\",\"id\":\"C\",\"invoice\":\"I-1\",\"amount\":\"10.5\"}",
        "{\"type\":\"invoice\",\"customer\":\"Fir\",\"amount\":{\"net\":\"10.5\",\"tax\":\"0\"}}",
        "{\"type\":\"invoice\",\"customer\":\"Fir\",\"amount\":{\"net\":\"10\",\"tax\":\"0.5\"}}",
        "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I-1\",\"amount\":\"0.5\"}",
        "{\"type\":\"order\",\"id\":\"SO2\",\"customer\":\"Fir\",\"lines\":[{\"product\":\"P\","
        "\"quantity\":\"1\"}],"
        "\"shipping\":{\"amount\":\"0.5\"}}",
        "{\"type\":\"customer\",\"id\":\"G\",\"name\":\"G\",\"currency\":\"JPY\",\"credit_limit\":"
        "\"10.5\"}",
        "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"JPY\",\"opening\":\"10.5\"}",
        "{\"type\":\"book\",\"tolerances\":{\"JPY\":\"0.5\"}}",
        "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":\"JPY\",\"lines\":[{"
        "\"amount\":\"10.5\","
        "\"booking_date\":\"2025-06-01\"}]}",
    };
    open_book("JPY");
    order("4983", "10");
    pay("5481", "JPY");
    for (unsigned i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        fl_book_refuses(book, "too_many_decimals", "%s", offers[i]);
        cr_assert_str_eq(fl_book_field(book, "result"), "invalid");
    }
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":\"10.000\",\"currency\":\"JPY\"}");
    fl_book_close(book);
}

/* For every number of decimals: price and tax at the last one, paid, and refunded in two parts of
 * whole minor units. */
Test(case_o18, each_number_of_decimals_goes_all_the_way)
{
    static const struct {
        const char *code, *price, *total, *first, *first_minor, *rest, *rest_minor, *too_fine;
    } cases[] = {
        {"JPY", "1001", "1201", "1", "1", "1200", "1200", "0.1"},
        {"EUR", "10.01", "12.01", "0.01", "1", "12.00", "1200", "0.001"},
        {"KWD", "1.001", "1.201", "0.001", "1", "1.200", "1200", "0.0001"},
        {"CLF", "0.1001", "0.1201", "0.0001", "1", "0.1200", "1200", "0.00001"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_book(cases[i].code);
        order(cases[i].price, "20");
        cr_assert_str_eq(fl_book_field(book, "total"), cases[i].total);
        pay(cases[i].total, cases[i].code);
        fl_book_refuses(book, "too_many_decimals",
                        "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"%s\"}",
                        cases[i].too_fine);
        refund("F1", cases[i].first, cases[i].first_minor);
        refund("F2", cases[i].rest, cases[i].rest_minor);
        cr_assert_eq(fl_book_refundable(book, "R"), 0);
        cr_assert_eq(fl_book_open_of(book, "I-1"), 1201);
        fl_book_close(book);
    }
}
