/* O18: a currency has as many decimals as the table says, none, two, three or four, on every path:
 * prices, tax, refunds and the whole number that a payment service is sent. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/book_import.h"

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

/* --- (c) statements --------------------------------------------------------------------------- */

static char file_text[2048];

static const char *camt(const char *currency, const char *amount)
{
    snprintf(
        file_text, sizeof file_text,
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt>"
        "<Id>S</Id><Acct><Id><Othr><Id>A</Id></Othr></Id><Ccy>%s</Ccy></Acct><Ntry><Amt Ccy=\"%s\">"
        "%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2024-03-05</Dt></BookgDt>"
        "</Ntry></Stmt></BkToCstmrStmt></Document>",
        currency, currency, amount);
    return file_text;
}

static const char *mt940(const char *currency, const char *amount)
{
    snprintf(
        file_text, sizeof file_text,
        ":20:S\n:25:A\n:28C:1\n:60F:C240305%s0,\n:61:2403050305C%sNTRFX\n:62F:C240305%s%s\n-\n",
        currency, amount, currency, amount);
    return file_text;
}

/* BAI2 has no point: the figure is in minor units as it stands. */
static const char *bai2(const char *currency, const char *amount)
{
    snprintf(file_text, sizeof file_text,
             "01,BANKX,CUST1,240305,0700,1,80,,2/\n02,CUST1,BANKX,1,240304,,%s,2/\n"
             "03,A,%s,010,0,,/\n88,015,%s,,/\n16,165,%s,,,,/\n49,%lld,4/\n98,%lld,1,6/\n"
             "99,%lld,1,8/\n",
             currency, currency, amount, amount, 2 * atoll(amount), 2 * atoll(amount),
             2 * atoll(amount));
    return file_text;
}

static void expect_amount(const char *currency, const char *text, int64_t wanted_minor)
{
    book = fl_book_open(NULL);
    struct book_imported done = book_import(book, text);
    cr_assert_eq(done.added, 1, "%s: %s", currency, text);
    cr_expect_eq(book_line_amount(book, 0), wanted_minor, "%s: %s", currency, text);
    fl_book_close(book);
}

Test(case_o18, statements_have_the_decimals_of_their_currency)
{
    expect_amount("JPY", camt("JPY", "5481"), 5481);
    expect_amount("JPY", mt940("JPY", "5481,"), 5481);
    expect_amount("KWD", mt940("KWD", "12,962"), 12962);
    expect_amount("JPY", bai2("JPY", "5481"), 5481);
    expect_amount("KWD", bai2("KWD", "12962"), 12962);
}

static void expect_too_many(const char *text)
{
    book = fl_book_open(NULL);
    struct book_imported done = book_import(book, text);
    cr_expect_gt(done.refused, 0, "%s", text);
    cr_expect_eq(done.code, FL_TOO_MANY_DECIMALS, "%s", text);
    cr_expect_eq(book_line_count(book), 0);
    fl_book_close(book);
}

Test(case_o18, a_statement_with_half_a_yen_is_refused)
{
    expect_too_many(camt("JPY", "10.5"));
    expect_too_many(mt940("JPY", "10,5"));
}

/* Every number of decimals: fewer than the currency has and zeros behind them are the same amount,
 * one more is refused. */
Test(case_o18, every_number_of_decimals_in_every_format)
{
    static const struct {
        const char *currency, *amounts[3], *too_fine;
        int64_t minor;
    } cases[] = {
        {"JPY", {"1200", "1200.0", "1200.000"}, "1200.1", 1200},
        {"EUR", {"12", "12.0", "12.0000"}, "12.001", 1200},
        {"KWD", {"1.2", "1.200", "1.20000"}, "1.2001", 1200},
        {"CLF", {"0.12", "0.1200", "0.120000"}, "0.12001", 1200},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned k = 0; k < 4; k++) {
            char comma[16];
            const char *amount = k < 3 ? cases[i].amounts[k] : cases[i].too_fine;
            snprintf(comma, sizeof comma, "%s", amount);
            if (strchr(comma, '.'))
                *strchr(comma, '.') = ',';
            if (k < 3) {
                expect_amount(cases[i].currency, camt(cases[i].currency, amount), cases[i].minor);
                expect_amount(cases[i].currency, mt940(cases[i].currency, comma), cases[i].minor);
            } else {
                expect_too_many(camt(cases[i].currency, amount));
                expect_too_many(mt940(cases[i].currency, comma));
            }
        }
        expect_amount(cases[i].currency, bai2(cases[i].currency, "1200"), cases[i].minor);
    }
}
