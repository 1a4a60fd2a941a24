#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/statement_recorder.h"

static bool no_samples(void)
{
    struct stat info;
    if (stat(FLORIN_SHARED_DATA "/mt940", &info) == 0)
        return false;
    cr_skip_test("skipped: no sample files at %s", FLORIN_SHARED_DATA);
    return true;
}

/* The 3,259 details of the 40 notices: each entry is the signed sum of its own. */
Test(statement_reader, notices_are_read_detail_by_detail_and_book_nothing)
{
    if (no_samples())
        return;
    struct dirent **names;
    int n = scandir(FLORIN_SHARED_DATA "/camt/subite_LT_054", &names, NULL, alphasort);
    size_t lines = 0;
    for (int i = 0; i < n; i++) {
        char path[1100];
        snprintf(path, sizeof path, FLORIN_SHARED_DATA "/camt/subite_LT_054/%s", names[i]->d_name);
        free(names[i]);
        if (!strstr(path, ".xml"))
            continue;
        struct statement_recorder *r = recorder_read_file(path, 0);
        cr_expect_eq(r->status, FL_OK);
        cr_expect_eq(r->warnings_count, 0, "%s: %s", path, r->last_warning);
        cr_expect_eq(r->statements[0].not_booked, r->statements[0].lines);
        cr_expect_str_eq(r->statements[0].sum, "0");
        lines += r->lines_count;
        recorder_free(r);
    }
    free(names);
    cr_expect_eq(lines, 3259, "%zu", lines);
}

/* Byte by byte and in odd steps, every sample gives the same as whole. */
Test(statement_reader, no_border_between_reads_shows)
{
    if (no_samples())
        return;
    static const char *const folders[] = {"/mt940", "/camt"};
    static const size_t steps[] = {1, 7};
    for (size_t f = 0; f < 2; f++) {
        char folder[600];
        snprintf(folder, sizeof folder, "%s%s", FLORIN_SHARED_DATA, folders[f]);
        struct dirent **names;
        int n = scandir(folder, &names, NULL, alphasort);
        for (int i = 0; i < n; i++) {
            char path[1100];
            snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
            free(names[i]);
            struct stat info;
            if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > 100000)
                continue;
            struct statement_recorder *whole = recorder_read_file(path, 0);
            char *expected = recorder_transcript(whole);
            for (size_t s = 0; s < 2; s++) {
                struct statement_recorder *cut = recorder_read_file(path, steps[s]);
                char *got = recorder_transcript(cut);
                cr_expect_str_eq(got, expected, "%s in steps of %zu", path, steps[s]);
                free(got);
                recorder_free(cut);
            }
            free(expected);
            recorder_free(whole);
        }
        free(names);
    }
}

Test(statement_reader, formats_are_told_by_their_content)
{
    static const struct {
        const char *start;
        enum fl_statement_format format;
    } cases[] = {
        {"text before\n\n:20:X\n", FL_FORMAT_MT940},
        {"\xEF\xBB\xBF\n<?xml version=\"1.0\"?><Document "
         "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.13\">",
         FL_FORMAT_CAMT},
        {"<a:Document><a:BkToCstmrAcctRpt>", FL_FORMAT_CAMT},
        {"<Invoice xmlns=\"urn:oasis\">", FL_FORMAT_OTHER_XML},
        {"OFXHEADER:100\nDATA:OFXSGML", FL_FORMAT_OFX},
        {"01,122099999,123456789,040621", FL_FORMAT_BAI2},
        {"01,B,C,240305,0700,1,80,,2/\n16,142,1,,,,X\n:20:X\n", FL_FORMAT_BAI2},
        {"00,0004,1/2/345,06/0321,0829/  \n", FL_FORMAT_BAI2},
        {"01,text,5.00,2024-03-05\n02,text,6.00,2024-03-05\n", FL_FORMAT_TEXT},
        {"01,\n", FL_FORMAT_TEXT},
        {"\r\n\r\nOFXHEADER:100\n:20:X\n", FL_FORMAT_OFX},
        {"<?xml version=\"1.0\"?>\n<?OFX OFXHEADER=\"200\"?>\n<OFX>", FL_FORMAT_OFX},
        {"<OFX>", FL_FORMAT_OFX},
        {"!Type:Bank\nD1/2/24\n", FL_FORMAT_QIF},
        {"!account\nNx\n", FL_FORMAT_QIF},
        {"date;amount\n", FL_FORMAT_TEXT},
        {"", FL_FORMAT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(fl_statement_format_detect(cases[i].start, strlen(cases[i].start)),
                     cases[i].format, "%s", cases[i].start);
}

/* ASCII as UTF-16, with a mark or without; returns the length. */
static size_t as_utf16(const char *text, bool big, bool mark, unsigned char *out)
{
    size_t n = 0;
    if (mark) {
        out[n++] = big ? 0xFE : 0xFF;
        out[n++] = big ? 0xFF : 0xFE;
    }
    for (; *text; text++, n += 2) {
        out[n + big] = (unsigned char)*text;
        out[n + !big] = 0;
    }
    return n;
}

/* Whatever the format: in UTF-16 of either order it reads as it does in UTF-8, though XML says of itself what it is
 * not any more. UTF-32 is refused by name. */
Test(statement_reader, utf16_with_a_mark_or_without_is_the_same_statement)
{
    static const char *const texts[] = {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt."
        "053.001.02\"><BkToCstmrStmt><Stmt><Id>S</Id><Acct><Id><IBAN>DE77</IBAN></Id><Ccy>EUR</Ccy>"
        "</Acct><Ntry><Amt Ccy=\"EUR\">3.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2024-03-05"
        "</Dt></BookgDt></Ntry></Stmt></BkToCstmrStmt></Document>",
        "<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<?OFX OFXHEADER=\"200\" VERSION=\"211\"?>\n<OFX>"
        "<BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR</CURDEF><BANKACCTFROM><ACCTID>71</ACCTID>"
        "</BANKACCTFROM><BANKTRANLIST><STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20240305</DTPOSTED>"
        "<TRNAMT>3.00</TRNAMT><FITID>F1</FITID></STMTTRN></BANKTRANLIST><LEDGERBAL><BALAMT>3.00"
        "</BALAMT><DTASOF>20240305</DTASOF></LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>",
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:UNICODE\nCHARSET:NONE\n\n<OFX><BANKMSGSRSV1>"
        "<STMTTRNRS><STMTRS><CURDEF>EUR\n<BANKACCTFROM><ACCTID>71\n</BANKACCTFROM><BANKTRANLIST>"
        "<STMTTRN><TRNTYPE>CREDIT\n<DTPOSTED>20240305\n<TRNAMT>3.00\n<FITID>F1\n</STMTTRN></BANKTRANLIST>"
        "<LEDGERBAL><BALAMT>3.00\n<DTASOF>20240305\n</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>",
        ":20:S1\n:25:ACC1\n:28C:1\n:60F:C240305EUR100,00\n:61:2403050305C3,00NTRFNONREF//B1\n:86:x\n"
        ":62F:C240305EUR103,00\n-\n",
        "01,A,B,240305,0600,1,,,2/\n02,B,A,1,240305,,EUR,2/\n03,71,EUR,010,0,,,015,300,,/\n"
        "16,165,300,Z,B1,,x/\n49,600,3/\n98,600,1,5/\n99,600,1,7/\n",
        "Date;Amount;Currency;Text\n2024-03-05;3,00;EUR;x\n2024-03-25;3,00;EUR;y\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct statement_recorder *plain = recorder_read_text(texts[i], 0);
        cr_assert_gt(plain->lines_count, 0, "%s: %s", texts[i], plain->error.message);
        char *wanted = recorder_transcript(plain);
        for (unsigned kind = 0; kind < 8; kind++) {
            static unsigned char bytes[8192];
            struct fl_memory_source memory;
            size_t n = as_utf16(texts[i], kind & 1, kind & 2, bytes);
            struct fl_byte_source source = fl_memory_source_init(&memory, bytes, n, "t.sta");
            memory.step = kind & 4 ? 3 : 0;
            struct statement_recorder *r = recorder_read(source, NULL);
            char *got = recorder_transcript(r);
            cr_expect_eq(r->format, plain->format);
            cr_expect_str_eq(got, wanted, "%u: %.40s: %s", kind, texts[i], r->error.message);
            free(got);
            recorder_free(r);
        }
        free(wanted);
        recorder_free(plain);
    }
    struct fl_memory_source memory;
    static const char wide[] = "\xFF\xFE\0\0<\0\0\0a\0\0\0";
    struct statement_recorder *r =
        recorder_read(fl_memory_source_init(&memory, wide, sizeof wide - 1, "w.xml"), NULL);
    cr_expect_eq(r->status, FL_UNSUPPORTED);
    cr_expect_str_eq(r->error.message, "w.xml: UTF-32 is not read: save it as UTF-8");
    recorder_free(r);
}
