/* O05: a bank that gives one FITID to several transactions, and a file imported twice: a line is
 * its account, FITID, day, amount and text together, and what is known already is counted, not
 * dropped.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/domain/ledger.h"
#include "tests/support/statement_book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o05, .init = setup, .fini = teardown);

#define HEAD                                                                                       \
    "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\n"    \
    "COMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"

static const char *file_of(const char *account, const char *transactions, const char *closing)
{
    static char text[1 << 16];
    snprintf(text, sizeof text,
             HEAD "<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR\n<BANKACCTFROM><BANKID>1000"
                  "<ACCTID>%s<ACCTTYPE>CHECKING</BANKACCTFROM>\n"
                  "<BANKTRANLIST><DTSTART>20240305<DTEND>20240305\n%s</BANKTRANLIST>\n"
                  "<LEDGERBAL><BALAMT>%s<DTASOF>20240305</LEDGERBAL>\n"
                  "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n",
             account, transactions, closing);
    return text;
}

static const char *of_the_case(const char *account)
{
    return file_of(
        account,
        "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20240305<TRNAMT>-19.95<FITID>20240305<NAME>Shop abroad"
        "</STMTTRN>\n"
        "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20240305<TRNAMT>-4.20<FITID>20240305<NAME>Foreign fee"
        "</STMTTRN>\n"
        "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20240305<TRNAMT>250.00<FITID>20240305<NAME>INV-811"
        "</STMTTRN>\n",
        "325.85");
}

static void expect(struct statement_import got, unsigned added, unsigned known)
{
    cr_assert_eq(got.status, FL_OK, "%s", got.reason);
    cr_expect_eq(got.refused, 0, "%s", got.reason);
    cr_expect(got.balanced);
    cr_expect_eq(got.added, added, "new: %u", got.added);
    cr_expect_eq(got.known, known, "known: %u", got.known);
}

Test(case_o05, one_fitid_three_lines_and_the_second_time_none)
{
    uint16_t day;
    expect(statement_book_import(book, of_the_case("71")), 3, 0);
    cr_expect_eq(statement_book_line(book, "71", "20240305", 0, &day), -1995);
    cr_expect_eq(statement_book_line(book, "71", "20240305", 1, &day), -420);
    cr_expect_eq(statement_book_line(book, "71", "20240305", 2, &day), 25000);
    uint32_t bank = FL_ACCOUNT_BANK_FIRST + fl_book_row(book, FL_KIND_OF_BANK_ACCOUNT, "71");
    cr_expect_eq(fl_book_account(book, bank, "EUR", 0), 32585); /* opening 100.00 and the lines */
    uint64_t digest = fl_book_digest(book);
    expect(statement_book_import(book, of_the_case("71")), 0, 3);
    cr_expect_eq(fl_book_digest(book), digest);
    cr_expect_eq(statement_book_lines(book, "71"), 3);
}

Test(case_o05, a_fitid_is_scoped_to_its_account)
{
    expect(statement_book_import(book, of_the_case("71")), 3, 0);
    expect(statement_book_import(book, of_the_case("99")), 3, 0);
    expect(statement_book_import(book, of_the_case("99")), 0, 3);
    cr_expect_eq(statement_book_lines(book, "71"), 3);
    cr_expect_eq(statement_book_lines(book, "99"), 3);
}

/* Every way in which two transactions of one day may be equal or differ: FITID, amount, text. The
 * lines that a person would count are all there, however often the file comes. */
Test(case_o05, whatever_repeats_no_line_is_lost_and_none_comes_twice)
{
    static const char *const fitid[] = {"", "<FITID>1", "<FITID>2"};
    static const char *const amount[] = {"-5.00", "-5", "5.00"};
    static const char *const name[] = {"", "<NAME>a", "<NAME>b"};
    char transactions[8192] = "", closing[24];
    unsigned lines = 0;
    long long sum = 0;
    for (unsigned n = 0; n < 54; n++) {
        char one[160];
        unsigned kind = n % 27; /* every one twice: two equal coffees */
        snprintf(one, sizeof one,
                 "<STMTTRN><TRNTYPE>POS<DTPOSTED>20240305<TRNAMT>%s%s%s</STMTTRN>\n",
                 amount[kind % 3], fitid[kind / 3 % 3], name[kind / 9]);
        strcat(transactions, one);
        sum += kind % 3 == 2 ? 5 : -5;
        lines++;
        snprintf(closing, sizeof closing, "%lld", 1000 + sum);
        unsigned before = n == 0 ? 0 : statement_book_lines(book, "71");
        struct statement_import got =
            statement_book_import(book, file_of("71", transactions, closing));
        cr_assert_eq(got.status, FL_OK, "%s", got.reason);
        cr_assert_eq(got.added, 1, "line %u: %u new", n, got.added);
        cr_assert_eq(got.known, before);
        cr_assert_eq(statement_book_lines(book, "71"), lines);
    }
    uint64_t digest = fl_book_digest(book);
    expect(statement_book_import(book, file_of("71", transactions, closing)), 0, lines);
    cr_expect_eq(fl_book_digest(book), digest);
}
