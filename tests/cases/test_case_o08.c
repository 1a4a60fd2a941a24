/* O08: a BAI2 summary that is cut behind its type code and goes on in an 88, a split-funds amount
 * that is no reference, control figures that must hold. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/domain/ledger.h"
#include "tests/support/statement_book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open("\"base_currency\":\"USD\"");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o08, .init = setup, .fini = teardown);

static const char file[] = "01,BANKX,CUST1,240305,0700,1,80,,2/\n"
                           "02,CUST1,BANKX,1,240304,,USD,2/\n"
                           "03,55501234,USD,010,100000,,,015,250075,,,045/\n"
                           "88,240075,,/\n"
                           "16,165,150075,S,100000,50075,0,REF8841,INV-2231,/\n"
                           "49,740225,4/\n"
                           "98,740225,1,6/\n"
                           "99,740225,1,8/\n";

Test(case_o08, the_transaction_is_booked_and_settles_what_it_names)
{
    uint16_t day;
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"Larch\",\"name\":\"Larch\","
                       "\"currency\":\"USD\",\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"INV-2231\",\"customer\":\"Larch\","
                       "\"date\":\"2024-03-01\",\"amount\":{\"net\":\"1500.75\",\"tax\":\"0\"}}");
    struct statement_import got = statement_book_import(book, file);
    cr_assert_eq(got.status, FL_OK, "%s", got.reason);
    cr_expect_eq(got.refused, 0, "%s", got.reason);
    cr_expect(got.balanced);
    cr_expect_eq(got.added, 1);
    cr_expect_eq(statement_book_line(book, "55501234", "REF8841", 0, &day), 150075);
    cr_expect_eq(day, fl_date_from_civil(2024, 3, 4));
    cr_expect_eq(fl_book_open_of(book, "INV-2231"), 0);
    uint32_t bank = FL_ACCOUNT_BANK_FIRST + fl_book_row(book, FL_KIND_OF_BANK_ACCOUNT, "55501234");
    cr_expect_eq(fl_book_account(book, bank, "USD", 0), 250075);
    uint64_t digest = fl_book_digest(book);
    got = statement_book_import(book, file);
    cr_expect_eq(got.added, 0);
    cr_expect_eq(got.known, 1);
    cr_expect_eq(fl_book_digest(book), digest);
}

Test(case_o08, a_control_total_that_does_not_hold_refuses_the_file_with_both_figures)
{
    char text[sizeof file];
    memcpy(text, file, sizeof file);
    strstr(text, "49,740225")[8] = '6';
    uint64_t digest = fl_book_digest(book);
    struct statement_import got = statement_book_import(book, text);
    cr_expect_eq(got.refused, 1);
    cr_expect_not_null(strstr(got.reason, "line 6"), "%s", got.reason);
    cr_expect_not_null(strstr(got.reason, "740226"), "%s", got.reason);
    cr_expect_not_null(strstr(got.reason, "740225"), "%s", got.reason);
    cr_expect_eq(fl_book_digest(book), digest);
}

/* --- the kind: a statement cut into 88s at every border of its fields ---------------------------
 */

/* The fields of one account record and one detail, with totals reckoned here, cut behind field
 * `cut` of the record (0: not at all). */
static size_t cut_file(char *out, size_t room, const char *currency, const char *const *fields,
                       size_t count, size_t cut, const char *detail, long long total)
{
    size_t n = (size_t)snprintf(out, room, "01,B,C,240305,,1,,,2/\r\n02,C,B,1,240304,,%s,2/\r\n03",
                                currency);
    for (size_t i = 0; i < count; i++)
        n += (size_t)snprintf(out + n, room - n, "%s%s", cut != 0 && i == cut ? "/\r\n88," : ",",
                              fields[i]);
    unsigned records = cut == 0 ? 3 : 4;
    n += (size_t)snprintf(out + n, room - n,
                          "/\r\n%s\r\n49,%lld,%u/\r\n98,%lld,1,%u/\r\n99,%lld,1,%u/\r\n", detail,
                          total, records, total, records + 2, total, records + 4);
    return n;
}

Test(case_o08, a_record_may_be_cut_behind_any_field_in_any_currency)
{
    static const char *const fields[] = {"77",  "",    "010", "-1000", "",   "",       "015",
                                         "500", "2",   "S",   "400",   "50", "50",     "072",
                                         "7",   "1",   "D",   "2",     "0",  "3",      "1",
                                         "4",   "045", "450", "",      "V",  "240306", ""};
    static const struct {
        const char *currency;
        unsigned exponent;
    } currencies[] = {{"JPY", 0}, {"USD", 2}, {"KWD", 3}, {"CLF", 4}};
    size_t count = sizeof fields / sizeof fields[0];
    for (size_t c = 0; c < sizeof currencies / sizeof currencies[0]; c++) {
        for (size_t cut = 0; cut < count; cut++) {
            char text[2048], account[] = "77";
            uint16_t day;
            struct fl_test_book *own = fl_book_open("\"base_currency\":\"USD\"");
            fl_book_must(own,
                         "{\"type\":\"fx_rate\",\"date\":\"2024-01-01\",\"from\":\"%s\","
                         "\"to\":\"USD\",\"rate\":\"0.5\"}",
                         c == 1 ? "EUR" : currencies[c].currency);
            cut_file(text, sizeof text, currencies[c].currency, fields, count, cut,
                     "16,142,1500,S,700,800,,REF1,CUST1,TEXT", -1000 + 500 + 7 + 450 + 1500);
            struct statement_import got = statement_book_import(own, text);
            cr_assert_eq(got.status, FL_OK, "%s", got.reason);
            cr_assert_eq(got.refused, 0, "cut %zu: %s", cut, got.reason);
            cr_assert(got.balanced, "cut %zu", cut);
            cr_expect_eq(statement_book_line(own, account, "REF1", 0, &day), 1500);
            cr_expect_eq(fl_currency_exponent(fl_currency_find(currencies[c].currency, 3)),
                         currencies[c].exponent);
            fl_book_close(own);
        }
    }
}
