#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/statement_recorder.h"
#include "tests/support/statement_scan.h"
#include "tools/ingest/statement_ofx.h"

#define SGML_HEAD                                                                                  \
    "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:%s\n"      \
    "COMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
#define BODY_BEGIN                                                                                 \
    "<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>%s\n"                                           \
    "<BANKACCTFROM><BANKID>1000<ACCTID>7 1<ACCTTYPE>CHECKING</BANKACCTFROM>\n"                     \
    "<BANKTRANLIST><DTSTART>20240301<DTEND>20240305\n"
#define BODY_END "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
#define LEDGER   "</BANKTRANLIST><LEDGERBAL><BALAMT>%s<DTASOF>20240305</LEDGERBAL>\n"

/* A statement with these transactions and this closing balance. */
static struct statement_recorder *read_with(const char *charset, const char *currency,
                                            const char *transactions, const char *closing)
{
    char text[8192];
    int n = snprintf(text, sizeof text, SGML_HEAD BODY_BEGIN "%s" LEDGER BODY_END, charset,
                     currency, transactions, closing);
    cr_assert_lt(n, (int)sizeof text);
    struct statement_recorder *r = recorder_read_text(text, 0);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    cr_assert_eq(r->statements_count, 1);
    return r;
}

#define TRN(amount, rest)                                                                          \
    "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20240305<TRNAMT>" amount "<FITID>F1" rest "</STMTTRN>\n"

Test(statement_ofx, f2_the_ledger_balance_is_the_end_and_the_opening_is_reckoned)
{
    struct statement_recorder *r =
        read_with("1252", "EUR", TRN("-19.95", "<NAME>A") TRN("+250,00", "<NAME>B"), "325.85");
    const struct recorded_statement *s = &r->statements[0];
    cr_expect_str_eq(s->account, "71");
    cr_expect_str_eq(s->opening, "95.8");
    cr_expect_str_eq(s->closing, "325.85");
    cr_expect_str_eq(s->sum, "230.05");
    cr_expect(s->balanced);
    cr_expect_str_eq(s->from, "2024-03-01");
    cr_expect_str_eq(s->to, "2024-03-05");
    recorder_free(r);
    r = read_with("1252", "EUR", TRN("-19.95", "<NAME>A") TRN("oops", "<NAME>B"), "325.85");
    cr_expect_eq(r->refused_count, 1);
    cr_expect_eq(r->refused[0].line, 15);
    cr_expect_str_eq(r->statements[0].opening, "-");
    cr_expect_not(r->statements[0].balanced);
    recorder_free(r);
}

Test(statement_ofx, an_amount_has_the_currencys_decimals_and_any_sign)
{
    static const struct {
        const char *currency, *amount, *wanted; /* null: refused */
    } cases[] = {{"EUR", "10", "10"},
                 {"EUR", "-0.01", "-0.01"},
                 {"EUR", "+00000115.8300", "115.83"},
                 {"EUR", "115.8331", NULL},
                 {"EUR", "- 20,5", "-20.5"},
                 {"EUR", ".5", "0.5"},
                 {"EUR", "1,234.56", NULL},
                 {"EUR", "1,000", NULL}, /* nobody knows which */
                 {"EUR", "-12,000", NULL},
                 {"EUR", "0,500", "0.5"},
                 {"EUR", "1.000", "1"},
                 {"KWD", "1,500", "1.5"},
                 {"EUR", "$120", NULL},
                 {"EUR", "1e3", NULL},
                 {"EUR", "--1", NULL},
                 {"EUR", "99999999999999999999", NULL},
                 {"JPY", "1500", "1500"},
                 {"JPY", "1500.00", "1500"},
                 {"JPY", "1500.5", NULL},
                 {"KWD", "-1.234", "-1.234"},
                 {"KWD", "1.2345", NULL},
                 {"CLF", "1.2345", "1.2345"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char transaction[200];
        snprintf(transaction, sizeof transaction,
                 "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20240305<TRNAMT>%s\n<FITID>1</STMTTRN>",
                 cases[i].amount);
        struct statement_recorder *r = read_with("1252", cases[i].currency, transaction, "0");
        cr_expect_eq(r->lines_count, cases[i].wanted ? 1 : 0, "%s", cases[i].amount);
        cr_expect_eq(r->refused_count, cases[i].wanted ? 0 : 1, "%s", cases[i].amount);
        if (cases[i].wanted && r->lines_count == 1)
            cr_expect_str_eq(r->lines[0].amount, cases[i].wanted);
        recorder_free(r);
    }
}

Test(statement_ofx, every_field_of_a_transaction_has_its_place)
{
    struct statement_recorder *r = read_with(
        "1252", "EUR",
        "<STMTTRN><TRNTYPE>XFER<DTPOSTED>20240305<DTUSER>20240304<DTAVAIL>20240307120000[-5:EST]"
        "<TRNAMT>12.5<FITID>F9<SRVRTID>S1<CHECKNUM>0042<REFNUM>R-77<SIC>7\n"
        "<PAYEE><NAME>Elm Ltd<ADDR1>Street 1<CITY>X<STATE>Y<POSTALCODE>Z<PHONE>1</PAYEE>"
        "<BANKACCTTO><BANKID>22<ACCTID>9081<ACCTTYPE>CHECKING</BANKACCTTO><MEMO>inv &amp; more"
        "<ORIGCURRENCY><CURRATE>1.1<CURSYM>USD</ORIGCURRENCY></STMTTRN>\n" TRN(
            "1", "<CHECKNUM>0042<NAME>Larch") TRN("1", "<CHECKNUM>0<NAME>Oak<MEMO>Oak: INV-3")
            TRN("1", "<NAME>Oak: INV-3 and more<MEMO>Oak: INV-3")
                TRN("1", "<NAME>Cut at thirty-two char<EXTDNAME>Cut at thirty-two chars, not")
                    TRN("1", "<CURRENCY><CURRATE>1<CURSYM>EUR</CURRENCY><MEMO>own"),
        "0");
    cr_assert_eq(r->lines_count, 6, "%s", r->refused[0].message);
    const struct recorded_line *l = r->lines;
    cr_expect_str_eq(l[0].booking, "2024-03-05");
    cr_expect_str_eq(l[0].value, "2024-03-07");
    cr_expect_str_eq(l[0].bank_ref, "F9");
    cr_expect_str_eq(l[0].customer_ref, "R-77");
    cr_expect_str_eq(l[0].name, "Elm Ltd");
    cr_expect_str_eq(l[0].account, "9081");
    cr_expect_str_eq(l[0].text, "Elm Ltd inv & more");
    cr_expect_str_eq(l[0].code, "XFER");
    cr_expect_str_eq(l[1].customer_ref, "0042");
    cr_expect_str_eq(l[1].text, "Larch");
    cr_expect_str_eq(l[2].customer_ref, "");
    cr_expect_str_eq(l[2].text, "Oak: INV-3");
    cr_expect_str_eq(l[3].text, "Oak: INV-3 and more");
    cr_expect_str_eq(l[4].name, "Cut at thirty-two chars, not");
    cr_expect_str_eq(l[5].text, "own");
    recorder_free(r);
}

Test(statement_ofx, a_line_in_another_currency_is_refused)
{
    struct statement_recorder *r = read_with(
        "1252", "EUR", TRN("5", "<CURRENCY><CURRATE>1.1<CURSYM>USD</CURRENCY><MEMO>x"), "5");
    cr_assert_eq(r->refused_count, 1);
    cr_expect_eq(r->refused[0].code, FL_CURRENCY_DIFFERS);
    cr_expect_eq(r->refused[0].line, 14);
    recorder_free(r);
    r = read_with("1252", "", TRN("5", "<CURRENCY><CURRATE>1.00<CURSYM>AUD</CURRENCY>"), "5");
    cr_expect_str_eq(r->statements[0].currency, "AUD");
    cr_expect_eq(r->refused_count, 0);
    recorder_free(r);
    r = read_with("1252", "XQZ", TRN("5", ""), "5");
    cr_expect_eq(r->refused_count, 1);
    recorder_free(r);
}

Test(statement_ofx, corrections_are_said_and_a_deletion_books_nothing)
{
    struct statement_recorder *r =
        read_with("1252", "EUR",
                  TRN("5", "<CORRECTFITID>OLD7<CORRECTACTION>REPLACE")
                      TRN("6", "<CORRECTFITID>OLD8<CORRECTACTION>DELETE")
                          TRN("7", "<CORRECTFITID>F1<CORRECTACTION>REPLACE"),
                  "12");
    cr_assert_eq(r->lines_count, 3);
    cr_expect(r->lines[0].booked);
    cr_expect_not(r->lines[1].booked);
    cr_expect(r->lines[2].booked);
    cr_expect_eq(r->warnings_count, 2);
    cr_expect_not_null(strstr(r->last_warning, "OLD8"));
    cr_expect_str_eq(r->statements[0].sum, "12");
    cr_expect_eq(r->statements[0].not_booked, 1);
    recorder_free(r);
}

Test(statement_ofx, v5_text_is_read_in_the_headers_encoding_unless_it_is_utf8)
{
    static const struct {
        const char *charset, *bytes, *wanted;
    } cases[] = {{"1252", "caf\xE9 \x80", "caf\u00e9 \u20ac"},
                 {"1252", "caf\xC3\xA9", "caf\u00e9"},
                 {"ISO-8859-1", "caf\xE9", "caf\u00e9"},
                 {"8859-2", "\xB1\xE6", "\u0105\u0107"},
                 {"1251", "\xCF\xF0", "\u041f\u0440"},
                 {"NONE", "caf\xE9", "caf\u00e9"},
                 {"KLINGON", "caf\xE9", "caf\u00e9"},
                 {"1252", "A &lt;B&gt; &#233;&#xE9;&nbsp;&apos;&quot; AT&T &bogus; &",
                  "A <B> \u00e9\u00e9 '\" AT&T &bogus; &"},
                 {"1252", "1 < 2 <3> <!-- no --> <", "1 < 2 <3> <"},
                 {"1252", "<![CDATA[R&D <b>x</b> ]]>]", "R&D <b>x</b> ]"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char transaction[300];
        snprintf(transaction, sizeof transaction,
                 "<STMTTRN><DTPOSTED>20240305<TRNAMT>1<FITID>1<MEMO>%s</STMTTRN>", cases[i].bytes);
        struct statement_recorder *r = read_with(cases[i].charset, "EUR", transaction, "1");
        cr_assert_eq(r->lines_count, 1, "%s", cases[i].charset);
        cr_expect_str_eq(r->lines[0].text, cases[i].wanted);
        recorder_free(r);
    }
}

static const char xml[] =
    "<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?>\n"
    "<?OFX OFXHEADER=\"200\" VERSION=\"211\" SECURITY=\"NONE\" OLDFILEUID=\"NONE\"?>\n"
    "<OFX xmlns:o=\"http://ofx.net/types/2003/04\">\n<CREDITCARDMSGSRSV1><CCSTMTTRNRS><TRNUID>1"
    "</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><CCSTMTRS>\n"
    "<CURDEF>EUR</CURDEF><CCACCTFROM><ACCTID>71</ACCTID></CCACCTFROM><BANKTRANLIST>\n"
    "<DTSTART>20240301</DTSTART><DTEND>20240305</DTEND>\n"
    "<STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20240305</DTPOSTED><TRNAMT>-4.20</TRNAMT>"
    "<FITID>F1</FITID><NAME>\xB1 &amp; co</NAME><MEMO/></STMTTRN>\n"
    "<STMTTRN><DTPOSTED>20240304</DTPOSTED><TRNAMT>9</TRNAMT><FITID>F1</FITID></STMTTRN>\n"
    "</BANKTRANLIST><LEDGERBAL><BALAMT>-10</BALAMT><DTASOF>20240305</DTASOF></LEDGERBAL>\n"
    "<AVAILBAL><BALAMT>90</BALAMT><DTASOF>20240305</DTASOF></AVAILBAL>\n"
    "</CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>\n";

Test(statement_ofx, xml_and_sgml_say_the_same)
{
    for (size_t step = 0; step < 12; step += 3) {
        struct statement_recorder *r = recorder_read_text(xml, step);
        cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
        cr_assert_eq(r->lines_count, 2);
        cr_expect_str_eq(r->lines[0].text, "\u0105 & co");
        cr_expect_str_eq(r->statements[0].opening, "-14.8");
        cr_expect_str_eq(r->statements[0].closing, "-10");
        cr_expect_eq(r->statements[0].balances_count, 2);
        cr_expect_str_eq(r->statements[0].balances[1].code, "CLAV");
        recorder_free(r);
    }
    /* The same without the end tags of leaves, and with hardly any other. */
    static const char *const leaves[] = {"CODE",    "SEVERITY", "TRNUID",  "CURDEF",   "ACCTID",
                                         "DTSTART", "DTEND",    "TRNTYPE", "DTPOSTED", "TRNAMT",
                                         "FITID",   "NAME",     "BALAMT",  "DTASOF"};
    static const char *const more[] = {"STMTTRN",    "BANKTRANLIST", "LEDGERBAL", "AVAILBAL",
                                       "CCACCTFROM", "STATUS",       "CCSTMTRS"};
    struct statement_recorder *wanted = recorder_read_text(xml, 0);
    for (size_t sets = 1; sets <= 2; sets++) {
        char text[sizeof xml];
        memcpy(text, xml, sizeof xml);
        for (size_t i = 0; i < sizeof leaves / sizeof leaves[0] + (sets == 2 ? 7 : 0); i++) {
            char tag[32];
            snprintf(tag, sizeof tag, "</%s>", i < 14 ? leaves[i] : more[i - 14]);
            for (char *at; (at = strstr(text, tag));)
                memmove(at, at + strlen(tag), strlen(at + strlen(tag)) + 1);
        }
        struct statement_recorder *r = recorder_read_text(text, 5);
        char *a = recorder_transcript(wanted), *b = recorder_transcript(r);
        cr_expect_str_eq(b, a);
        free(a);
        free(b);
        recorder_free(r);
    }
    recorder_free(wanted);
}

/* Two statements that run into each other: the lines stay those of the first, in its currency. */
Test(statement_ofx, f8_account_and_currency_stay_what_they_were_at_the_first_line)
{
    struct statement_recorder *r = recorder_read_text(
        "<OFX><STMTRS><CURDEF>EUR\n<BANKACCTFROM><ACCTID>71</BANKACCTFROM><BANKTRANLIST><STMTTRN>"
        "<DTPOSTED>20240312<TRNAMT>1</STMTTRN></BANKTRANLIST><BANKACCTFROM><ACCTID>7 1</BANKACCTFROM>\n"
        "<CURDEF>AUD\n<BANKACCTFROM><ACCTID>72</BANKACCTFROM><BANKTRANLIST><STMTTRN>"
        "<DTPOSTED>20240312<TRNAMT>2</STMTTRN></BANKTRANLIST></STMTRS></OFX>",
        0);
    cr_assert_eq(r->refused_count, 2);
    cr_expect_eq(r->refused[0].line, 3);
    cr_expect_eq(r->refused[0].code, FL_CURRENCY_DIFFERS);
    cr_expect_eq(r->refused[1].line, 4);
    cr_expect_str_eq(r->refused[1].message, "ACCTID: another account within a statement");
    cr_assert_eq(r->statements_count, 1);
    cr_expect_str_eq(r->statements[0].account, "71");
    cr_expect_str_eq(r->statements[0].sum, "3");
    cr_expect_str_eq(r->lines[1].currency, "EUR");
    recorder_free(r);
}

Test(statement_ofx, days_that_the_list_does_not_say_are_those_of_lines_and_balance)
{
    static const struct {
        const char *list, *ledger, *from, *to;
    } cases[] = {
        {"<DTSTART>20240301<DTEND>20240331", "<DTASOF>20240402", "2024-03-01", "2024-03-31"},
        {"", "<DTASOF>20240402", "2024-03-07", "2024-04-02"},
        {"", "", "2024-03-07", "2024-03-12"},
        {"<DTSTART>x<DTEND>20241399", "<DTASOF>20240301", "2024-03-07", "2024-03-12"},
        {"<DTEND>20240331", "", "2024-03-07", "2024-03-31"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "<OFX><STMTRS><CURDEF>EUR<BANKTRANLIST>%s<STMTTRN><DTPOSTED>20240312<TRNAMT>1"
                 "</STMTTRN><STMTTRN><DTPOSTED>20240307<TRNAMT>1</STMTTRN></BANKTRANLIST>"
                 "<LEDGERBAL><BALAMT>9%s</LEDGERBAL></STMTRS></OFX>",
                 cases[i].list, cases[i].ledger);
        struct statement_recorder *r = recorder_read_text(text, 0);
        cr_assert_eq(r->statements_count, 1);
        cr_expect_str_eq(r->statements[0].from, cases[i].from);
        cr_expect_str_eq(r->statements[0].to, cases[i].to);
        recorder_free(r);
    }
}

Test(statement_ofx, f7_a_file_cut_anywhere_is_not_taken_for_whole)
{
    size_t body = (size_t)(strstr(xml, "<OFX ") - xml);
    for (size_t n = body + 3; n < sizeof xml - 3; n++) {
        struct fl_memory_source memory;
        struct statement_recorder *r =
            recorder_read(fl_memory_source_init(&memory, xml, n, "cut.ofx"), NULL);
        cr_expect(r->status != FL_OK || r->refused_count > 0, "after %zu bytes", n);
        for (size_t i = 0; i < r->statements_count; i++)
            cr_expect(r->statements[i].ended);
        recorder_free(r);
    }
}

Test(statement_ofx, statements_without_lines_and_pending_lines_are_valid)
{
    char text[2048];
    snprintf(text, sizeof text, SGML_HEAD, "1252");
    strcat(text, "<OFX><BANKMSGSRSV1>"
                 "<STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>1</BANKACCTFROM>"
                 "<LEDGERBAL><BALAMT>7<DTASOF>20240305</LEDGERBAL></STMTRS></STMTTRNRS>"
                 "<STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>2</BANKACCTFROM>"
                 "<BANKTRANLISTP><DTASOF>20240305<STMTTRNP><TRNTYPE>POS<DTTRAN>20240304<TRNAMT>-3"
                 "<REFNUM>P1<NAME>Shop</STMTTRNP></BANKTRANLISTP></STMTRS></STMTTRNRS>"
                 "<STMTTRNRS><STATUS><CODE>2003<SEVERITY>ERROR<MESSAGE>Account not found</STATUS>"
                 "</STMTTRNRS></BANKMSGSRSV1><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS>"
                 "<STMTTRN><DTPOSTED>20240305<TRNAMT>1<FITID>1</STMTTRN></INVSTMTRS>"
                 "</INVSTMTTRNRS></INVSTMTMSGSRSV1></OFX>");
    struct statement_recorder *r = recorder_read_text(text, 0);
    cr_assert_eq(r->statements_count, 2);
    cr_expect_str_eq(r->statements[0].opening, "7");
    cr_expect_str_eq(r->statements[0].to, "2024-03-05");
    cr_expect(r->statements[0].balanced);
    cr_assert_eq(r->lines_count, 1);
    cr_expect_not(r->lines[0].booked);
    cr_expect_str_eq(r->statements[1].sum, "0");
    cr_assert_eq(r->refused_count, 2);
    cr_expect_str_eq(r->refused[0].message,
                     "the bank answers with an error: 2003 Account not found");
    cr_expect_eq(r->refused[1].code, FL_UNSUPPORTED);
    recorder_free(r);
}

/* --- the samples, against a scan of their raw bytes ------------------------------------------- */

/* The text behind the next `tag` in [from, to), and its end; null if there is none. */
static const char *leaf(const char *from, const char *to, const char *tag, const char **end)
{
    const char *at = strstr(from, tag);
    if (!at || at >= to)
        return NULL;
    at += strlen(tag);
    *end = at + strcspn(at, "<\r\n");
    return at;
}

static long long scan_sum(const char *from, const char *to, unsigned *count)
{
    long long sum = 0;
    const char *end;
    *count = 0;
    for (const char *at = from; (at = leaf(at, to, "<TRNAMT>", &end)); at = end) {
        bool amount = strspn(at, "+-.,0123456789 ") >= (size_t)(end - at);
        sum += amount ? statement_scan_amount(at + (*at == '+'), end) : 0;
        *count += amount;
    }
    return sum;
}

static void compare_statement(const struct recorded_statement *s, const char *from, const char *to,
                              const char *file)
{
    unsigned count;
    const char *end = to, *at = leaf(from, to, "<ACCTID>", &end);
    char account[64] = "";
    for (; at < end; at++)
        strncat(account, at, *at == ' ' ? 0 : 1);
    cr_expect_str_eq(s->account, account, "%s", file);
    long long sum = scan_sum(from, to, &count);
    cr_expect_eq(s->lines, count, "%s", file);
    cr_expect_eq(statement_scan_amount(s->sum, s->sum + strlen(s->sum)), sum, "%s: %s", file,
                 s->sum);
    const char *ledger = strstr(from, "<LEDGERBAL>");
    at = ledger && ledger < to ? leaf(ledger, to, "<BALAMT>", &end) : NULL;
    if (!at || at == end) {
        cr_expect_str_eq(s->closing, "-", "%s", file);
        return;
    }
    long long closing = statement_scan_amount(at, end);
    cr_expect_eq(statement_scan_amount(s->closing, s->closing + strlen(s->closing)), closing, "%s",
                 file);
    if (count > 0 || !strstr(from, "<STMTTRN>"))
        cr_expect_eq(statement_scan_amount(s->opening, s->opening + strlen(s->opening)),
                     closing - sum, "%s", file);
}

static void blank_comments(char *text)
{
    for (char *start; (start = strstr(text, "<!--"));)
        memset(start, ' ', (size_t)(strstr(start, "-->") + 3 - start));
}

static void compare_file(const char *path, const char *name)
{
    static char text[1 << 20];
    FILE *file = fopen(path, "rb");
    size_t n = fread(text, 1, sizeof text - 1, file), statements = 0;
    text[n] = '\0';
    fclose(file);
    struct statement_recorder *r = recorder_read_file(path, 11);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    blank_comments(text);
    for (const char *at = text; (at = strstr(at, "STMTRS>")); at++) {
        if (at[-1] != '<' && (at[-1] != 'C' || at[-3] != '<'))
            continue;
        const char *end = strstr(at + 7, "STMTRS>");
        cr_assert_lt(statements, r->statements_count, "%s", name);
        compare_statement(&r->statements[statements++], at, end, name);
    }
    cr_expect_eq(r->statements_count, statements, "%s", name);
    bool bad =
        strstr(text, "<INVSTMTRS>") || strstr(text, "<SEVERITY>ERROR") || strstr(text, "<TRNAMT>$");
    cr_expect_eq(r->refused_count > 0, bad, "%s: %s", name, r->refused[0].message);
    recorder_free(r);
}

Test(statement_ofx, the_samples_are_what_a_scan_of_their_bytes_says)
{
    DIR *directory = opendir(FLORIN_SHARED_DATA "/ofx");
    size_t files = 0;
    if (!directory)
        cr_skip_test("no sample files");
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[1024];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/ofx/%s", FLORIN_SHARED_DATA, entry->d_name);
        compare_file(path, entry->d_name);
        files++;
    }
    closedir(directory);
    cr_expect_gt(files, 0);
}

/* --- bounds ------------------------------------------------------------------------------------
 */

/* A head, then a word again and again, then a tail. */
struct long_source {
    const char *head, *word, *tail;
    unsigned long long left; /* bytes of words */
    size_t head_at, word_at, tail_at;
};

static ssize_t read_long(void *context, void *buffer, size_t capacity)
{
    struct long_source *l = context;
    char *out = buffer;
    size_t n = 0;
    while (n < capacity && l->head[l->head_at] != '\0')
        out[n++] = l->head[l->head_at++];
    size_t length = strlen(l->word);
    for (; n < capacity && l->left > 0; l->left--) {
        out[n++] = l->word[l->word_at++];
        l->word_at = l->word_at == length ? 0 : l->word_at;
    }
    while (n < capacity && l->left == 0 && l->tail[l->tail_at] != '\0')
        out[n++] = l->tail[l->tail_at++];
    return (ssize_t)n;
}

Test(statement_ofx, a_text_without_end_costs_its_transaction_and_no_memory)
{
    static const char *const words[] = {"x", "<", "<a", "&", "&#", "<!-- ", "<![CDATA[", "\n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct long_source l = {
            .head =
                "<OFX><STMTRS><CURDEF>EUR<ACCTID>1\n<STMTTRN><DTPOSTED>20240305<TRNAMT>1<FITID>1"
                "</STMTTRN>\n<STMTTRN><DTPOSTED>20240305<TRNAMT>2<FITID>2<MEMO>y",
            .word = words[i],
            .tail = "--> ]]>\n<NAME>z</STMTTRN></STMTRS></OFX>",
            .left = 12u << 20};
        struct statement_recorder *r = recorder_read(
            (struct fl_byte_source){.read = read_long, .context = &l, .name = "long.ofx"}, NULL);
        cr_expect_eq(r->status, FL_OK, "%s", r->error.message);
        bool text = i != 5; /* a comment is none */
        cr_expect_eq(r->lines_count, text ? 1 : 2, "%s: %zu", words[i], r->lines_count);
        cr_expect_eq(r->refused_count, text ? 1 : 0, "%s", words[i]);
        if (text && r->refused_count) {
            cr_expect_eq(r->refused[0].line, 3);
            cr_expect_eq(r->refused[0].code, FL_TOO_LONG);
        }
        recorder_free(r);
    }
}

Test(statement_ofx, deep_nesting_and_bombs_are_passed_over)
{
    struct long_source l = {.head = "<?xml version=\"1.0\"?><!DOCTYPE OFX [<!ENTITY a \"aaaa\">"
                                    "<!ENTITY b \"&a;&a;&a;\">]><OFX>",
                            .word = "<DEEP>",
                            .tail = "<STMTRS><CURDEF>EUR<STMTTRN><DTPOSTED>20240305<TRNAMT>1"
                                    "<MEMO>&b;</STMTTRN></STMTRS></OFX>",
                            .left = 6000000};
    struct statement_recorder *r = recorder_read(
        (struct fl_byte_source){.read = read_long, .context = &l, .name = "deep.ofx"}, NULL);
    cr_expect_eq(r->status, FL_OK, "%s", r->error.message);
    cr_assert_eq(r->lines_count, 1);
    cr_expect_str_eq(r->lines[0].text, "&b;");
    recorder_free(r);
}

Test(statement_ofx, a_nul_is_a_blank_in_a_text_and_a_fault_in_an_amount)
{
    static const char text[] = "<OFX><STMTRS><CURDEF>EUR<STMTTRN><DTPOSTED>20240305<TRNAMT>1"
                               "<MEMO>a\0b</STMTTRN>\n<STMTTRN><DTPOSTED>20240305<TRNAMT>1\0002"
                               "</STMTTRN></STMTRS></OFX>";
    struct fl_memory_source memory;
    struct statement_recorder *r =
        recorder_read(fl_memory_source_init(&memory, text, sizeof text - 1, "nul.ofx"), NULL);
    cr_assert_eq(r->lines_count, 1);
    cr_expect_str_eq(r->lines[0].text, "a b");
    cr_assert_eq(r->refused_count, 1);
    cr_expect_eq(r->refused[0].line, 2);
    recorder_free(r);
}
