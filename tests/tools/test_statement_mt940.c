#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "tests/support/statement_recorder.h"
#include "tools/ingest/mt940_date.h"

static void expect_line(const struct statement_recorder *r, size_t i, const char *bank_ref,
                        const char *value, const char *booking, const char *amount)
{
    cr_assert_lt(i, r->lines_count);
    cr_expect_str_eq(r->lines[i].bank_ref, bank_ref);
    cr_expect_str_eq(r->lines[i].value, value, "%s", bank_ref);
    cr_expect_str_eq(r->lines[i].booking, booking, "%s", bank_ref);
    cr_expect_str_eq(r->lines[i].amount, amount, "%s", bank_ref);
}

Test(statement_mt940, o01_the_entry_date_takes_the_year_nearest_to_the_value_date)
{
    struct statement_recorder *r = recorder_read_text(":20:YRWRAP\n"
                                                      ":25:DE03100000000000000071\n"
                                                      ":28C:1/1\n"
                                                      ":60F:C241129EUR1000,00\n"
                                                      ":61:2411281202D18,40NMSCNONREF//E1\n"
                                                      ":86:CARD FEE\n"
                                                      ":61:2501021231C125,50NTRFINV-7001//E2\n"
                                                      ":86:INV-7001\n"
                                                      ":61:2412310102D20,00NTRFNONREF//E3\n"
                                                      ":86:RENT\n"
                                                      ":62F:C250102EUR1087,10\n"
                                                      "-\n",
                                                      0);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    cr_assert_eq(r->lines_count, 3);
    expect_line(r, 0, "E1", "2024-11-28", "2024-12-02", "-18.4");
    expect_line(r, 1, "E2", "2025-01-02", "2024-12-31", "125.5");
    expect_line(r, 2, "E3", "2024-12-31", "2025-01-02", "-20");
    cr_expect_str_eq(r->lines[1].customer_ref, "INV-7001");
    cr_expect_str_eq(r->lines[0].customer_ref, "");
    cr_expect_str_eq(r->statements[0].closing, "1087.1");
    cr_expect(r->statements[0].balanced);
    recorder_free(r);
}

/* Against all three years, one by one, for every pair of days that a year has. */
Test(statement_mt940, n3_no_other_year_is_nearer)
{
    uint16_t first = fl_date_from_civil(2023, 1, 1), last = fl_date_from_civil(2025, 12, 31);
    for (uint16_t value = first; value <= last; value = (uint16_t)(value + 3)) {
        for (unsigned month = 1; month <= 12; month++) {
            for (unsigned day = 1; day <= 28; day += 9) {
                int best = 100000;
                for (int year = 2021; year <= 2027; year++) {
                    int distance = abs((int)fl_date_from_civil(year, month, day) - (int)value);
                    best = distance < best ? distance : best;
                }
                uint16_t got = fl_mt940_entry_date(value, month, day);
                cr_assert_eq(abs((int)got - (int)value), best);
            }
        }
    }
    cr_assert_eq(fl_mt940_entry_date(first, 2, 29), fl_date_from_civil(2024, 2, 29));

    /* A day that its month has not: the month's last, of the year that is nearest all the same. */
    uint16_t march = fl_date_from_civil(2023, 3, 1);
    for (unsigned day = 28; day <= 31; day++)
        cr_assert_eq(fl_mt940_entry_date_clamped(march, 2, day), fl_date_from_civil(2023, 2, 28));
    march = fl_date_from_civil(2024, 3, 1);
    cr_assert_eq(fl_mt940_entry_date_clamped(march, 2, 30), fl_date_from_civil(2024, 2, 29));
    cr_assert_eq(fl_mt940_entry_date_clamped(march, 4, 31), fl_date_from_civil(2024, 4, 30));
    cr_assert_eq(fl_mt940_entry_date_clamped(march, 4, 32), FL_DATE_NONE);
    cr_assert_eq(fl_mt940_entry_date_clamped(march, 13, 29), FL_DATE_NONE);
}

Test(statement_mt940, o02_reversal_marks_then_one_funds_letter)
{
    struct statement_recorder *r = recorder_read_text(":20:REVERSALS\n"
                                                      ":25:DE03100000000000000071\n"
                                                      ":28C:12/1\n"
                                                      ":60F:C240311EUR500,00\n"
                                                      ":61:2403110311C310,00NTRFINV-7101//A1\n"
                                                      ":61:2403110311RC310,00NTRFINV-7101//A2\n"
                                                      ":61:2403110311D35,00NMSCNONREF//A3\n"
                                                      ":61:2403120312RDR35,00NMSCNONREF//A4\n"
                                                      ":61:2403120312CR80,00NTRFINV-7002//A5\n"
                                                      ":62F:C240312EUR580,00\n"
                                                      "-\n",
                                                      0);
    static const char *const amounts[] = {"310", "-310", "-35", "35", "80"};
    static const bool reversals[] = {false, true, false, true, false};
    cr_assert_eq(r->lines_count, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_str_eq(r->lines[i].amount, amounts[i]);
        cr_expect_eq(r->lines[i].reversal, reversals[i]);
    }
    cr_expect_str_eq(r->statements[0].sum, "80");
    cr_expect(r->statements[0].balanced);
    recorder_free(r);
}

static const char *amount_in(const char *currency, const char *entry, struct statement_recorder **r)
{
    char text[256];
    snprintf(text, sizeof text, ":20:X\n:25:1\n:28C:1\n:60F:C240101%s0,\n:61:2401010101%sNTRFA\n",
             currency, entry);
    *r = recorder_read_text(text, 0);
    return (*r)->lines_count == 1 ? (*r)->lines[0].amount : "refused";
}

Test(statement_mt940, o18c_decimals_are_those_of_the_currency)
{
    struct statement_recorder *r;
    cr_expect_str_eq(amount_in("JPY", "C5481,", &r), "5481");
    recorder_free(r);
    cr_expect_str_eq(amount_in("KWD", "C12,962", &r), "12.962");
    recorder_free(r);
    cr_expect_str_eq(amount_in("JPY", "C10,5", &r), "refused");
    cr_expect_eq(r->refused[0].code, FL_TOO_MANY_DECIMALS);
    cr_expect_eq(r->refused[0].line, 5);
    recorder_free(r);
    cr_expect_str_eq(amount_in("JPY", "C10,00", &r), "10");
    recorder_free(r);
}

/* What stands between the mark and the type of the transaction is all of the amount. */
Test(statement_mt940, n10_an_amount_is_whole_or_refused)
{
    static const struct {
        const char *currency, *written, *read;
    } cases[] = {
        {"EUR", "C1,50", "1.5"},     {"EUR", "C1", "1"},         {"EUR", "C,50", "0.5"},
        {"EUR", "C1,", "1"},       {"EUR", "C12.50", "12.5"},    {"EUR", "C1,000", "1"},
        {"EUR", "C0.500", "0.5"},    {"KWD", "C1.500", "1.5"},    {"EUR", "C1x,", NULL},
        {"EUR", "C1x", NULL},         {"EUR", "C1,x", NULL},         {"EUR", "C1,5O,", NULL},
        {"EUR", "C1O,50", NULL},      {"EUR", "C1,5,0", NULL},       {"EUR", "C1.000,00", NULL},
        {"EUR", "C1.000", NULL},      {"EUR", "C12.345", NULL},      {"JPY", "C1.000", NULL},
        {"EUR", "C1 000,00", NULL},   {"EUR", "C1'000,00", NULL},    {"EUR", "C-1,00", NULL},
        {"EUR", "C+1,00", NULL},      {"EUR", "C1e3,00", NULL},      {"EUR", "C1,00-", NULL},
        {"EUR", "C1,00EUR", "1"}, /* a type like any other */
        {"EUR", "C9223372036854775808,", NULL}, {"EUR", "C99999999999999999999999,00", NULL},
        {"EUR", "C1,001", NULL},      {"EUR", "C", NULL},            {"EUR", "C,", NULL},
        {"EUR", "C1\xC2\xA0" "000,00", NULL}, {"EUR", "C0x10,", NULL},   {"EUR", "C1\t,50", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct statement_recorder *r;
        const char *got = amount_in(cases[i].currency, cases[i].written, &r);
        cr_expect_str_eq(got, cases[i].read ? cases[i].read : "refused", "%s %s", cases[i].currency,
                         cases[i].written);
        if (!cases[i].read)
            cr_expect_eq(r->refused[0].line, 5, "%s", cases[i].written);
        recorder_free(r);
    }
}

/* The same of balances; each is refused by its line. */
Test(statement_mt940, n10_a_balance_is_whole_or_refused)
{
    static const char *const bad[] = {"1x,00", "1.000",  "1.000,00", "1 000,00", "-1,00",
                                      "1,0,0", "1,00X",  "1e2",      "1,005",    "99999999999999999999,00",
                                      "",      ",",      "1'000,00", "EUR1,00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        for (unsigned closing = 0; closing < 2; closing++) {
            snprintf(text, sizeof text,
                     ":20:A\n:25:1\n:28C:1\n:60F:C240101EUR%s\n:61:2401010101C1,NTRFX\n"
                     ":62F:C240101EUR%s\n",
                     closing ? "0," : bad[i], closing ? bad[i] : "1,");
            struct statement_recorder *r = recorder_read_text(text, 0);
            cr_assert_eq(r->refused_count, 1, "%s", text);
            cr_expect_eq(r->refused[0].line, closing ? 6 : 4, "%s", text);
            recorder_free(r);
        }
    }
}

Test(statement_mt940, n1_n2_only_tags_start_fields_and_a_dash_in_the_text_ends_nothing)
{
    struct statement_recorder *r = recorder_read_text(":20:A\n:25:1\n:28C:1\n:60F:C240101EUR0,\n"
                                                      ":61:2401010101C5,NTRFX\n"
                                                      ":86:/EREF/AB-\n-\n17//REMI/USTD//at 20\n"
                                                      ":26:37 or\n:00:00/\n"
                                                      ":62F:C240101EUR5,\n-\nABNANL2A\n940\n"
                                                      ":20:B\n:25:1\n:28C:2\n:60F:C240101EUR5,\n"
                                                      ":62F:C240101EUR5,\n-}\n",
                                                      0);
    cr_assert_eq(r->statements_count, 2);
    cr_assert_eq(r->lines_count, 1);
    cr_expect_str_eq(r->lines[0].end_to_end, "AB--17");
    cr_expect_str_eq(r->lines[0].text, "at 20 :26:37 or :00:00");
    cr_expect(r->statements[0].balanced && r->statements[1].balanced);
    recorder_free(r);
}

Test(statement_mt940, n5_pages_are_one_statement)
{
    struct statement_recorder *r =
        recorder_read_text(":20:A\n:25:1\n:28C:7/1\n:60F:C240101EUR100,\n"
                           ":61:2401010101C5,NTRFX\n:62M:C240101EUR105,\n-\n"
                           ":20:B\n:25:1\n:28C:7/2\n:60M:C240101EUR105,\n"
                           ":61:2401010101D7,NTRFX\n:62F:C240102EUR98,\n-\n"
                           ":20:C\n:25:2\n:28C:1/2\n:60M:C240101EUR1,\n:62F:C240101EUR1,\n-\n",
                           0);
    cr_assert_eq(r->statements_count, 2);
    cr_expect_eq(r->statements[0].pages, 2);
    cr_expect_eq(r->statements[0].lines, 2);
    cr_expect_str_eq(r->statements[0].closing, "98");
    cr_expect(r->statements[0].balanced && !r->statements[0].page_missing);
    cr_expect(r->statements[1].page_missing, "its first page is elsewhere");
    recorder_free(r);
}

Test(statement_mt940, n6_field_86_outside_entries_is_the_statements)
{
    struct statement_recorder *r =
        recorder_read_text(":20:A\n:25:1\n:28C:7/1\n:60F:C240101EUR100,\n:86:before\n"
                           ":61:2401010101C5,NTRFX\n:86:of the entry\n:62F:C240101EUR105,\n"
                           ":64:C240101EUR105,\n:86:after\n-\n",
                           0);
    cr_expect_str_eq(r->lines[0].text, "of the entry");
    cr_expect_str_eq(r->statements[0].note, "before after");
    recorder_free(r);
}

Test(statement_mt940, subfields_of_86)
{
    struct statement_recorder *r = recorder_read_text(
        ":20:A\n:25:1\n:28C:1\n:60F:C240101EUR0,\n"
        ":61:2401010101CR12,35NRTIKREF+//2016021783252833\n/OCMT/EUR11,85//CHGS/EUR0,50/\n"
        ":86:109?00SEPA-LASTSCHR. RETOURE CORE?109075/629?20EREF+A1.200080779.\n"
        "400143254?21.4961336 KREF+SEPA-DA202006?2201221740-34972000-P1 MR\n"
        "EF+2?230852HW2723821 CRED+DE41EON0?240000129793 OAMT+11,85 SVWZ+?\n"
        "25SONSTIGE GRUENDE ENDABRECHN?26UNG NR. 500106875 ZU VERTRA?2740\n"
        "0143254, KUNDENNUM MER 2?2802227779?30CSDBDE71XXX?31DE50712345600\n"
        "200691329?32TESTER?33EL?34904\n"
        ":61:2401010101C14,23NTRFEREF//14237654096217\n/TRCD/00100/\n"
        ":86:/CNTP/NL57ABNA0876543211/ABNANL2A/B Bert///REMI/USTD//22-08\n-2014 Omschrijving/\n"
        ":61:2401010101C1,NTRFNONREF\n"
        ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL57INGB0001212121/BIC/INGBNL2A/NAME/\n"
        "CAFE MON AMI/REMI/897789005/EREF/NOTPROVIDED\n",
        0);
    cr_assert_eq(r->lines_count, 3);
    const struct recorded_line *l = &r->lines[0];
    cr_expect_str_eq(l->end_to_end, "A1.200080779.400143254.4961336");
    cr_expect_str_eq(l->customer_ref, "SEPA-DA20200601221740-34972000-P1");
    cr_expect_str_eq(l->references[0], "20852HW2723821");
    cr_expect_str_eq(l->text, "SONSTIGE GRUENDE ENDABRECHNUNG NR. 500106875 ZU VERTRA400143254, "
                              "KUNDENNUM MER 2 02227779");
    cr_expect_str_eq(l->account, "DE50712345600200691329");
    cr_expect_str_eq(l->name, "TESTER EL");
    cr_expect_str_eq(l->return_reason, "904");
    cr_expect_str_eq(l->charges, "0.5");
    l = &r->lines[1];
    cr_expect_str_eq(l->account, "NL57ABNA0876543211");
    cr_expect_str_eq(l->name, "B Bert");
    cr_expect_str_eq(l->text, "22-08-2014 Omschrijving");
    cr_expect_str_eq(l->bank_ref, "14237654096217");
    cr_expect_str_eq(l->customer_ref, "");
    l = &r->lines[2];
    cr_expect_str_eq(l->account, "NL57INGB0001212121");
    cr_expect_str_eq(l->name, "CAFE MON AMI");
    cr_expect_str_eq(l->text, "897789005");
    cr_expect_str_eq(l->end_to_end, "");
    recorder_free(r);
}

/* Field 86 in the styles of banks, one entry each; what is read is worked out by hand. */
Test(statement_mt940, dialects_of_field_86)
{
    static const struct {
        const char *details, *text, *name, *account, *end_to_end, *reference;
    } cases[] = {
        {"166?00GUTSCHRIFT?20EREF+E-1?21SVWZ+RE 55?30BIC?31DE1?32Kun?33de", "RE 55", "Kun de",
         "DE1", "E-1", ""},
        {"?20EREF+E-1?21SVWZ+RE 55?31DE1?32Kunde", "RE 55", "Kunde", "DE1", "E-1", ""},
        {"?? 20 LEFT?", "?? 20 LEFT?", "", "", "", ""},
        {"166~00GUTSCHRIFT~20EREF+E-1~21SVWZ+RE 55~31DE1~32Kunde", "RE 55", "Kunde", "DE1", "E-1",
         ""},
        {"020<00PRZELEW<20FAKTURA 333/2003<3110600076<32HUTA", "FAKTURA 333/2003", "HUTA",
         "10600076", "", ""},
        {"000>100666666666>20HUUR KANTOOR>21FEB 2010>310666666666", "HUUR KANTOOR FEB 2010", "",
         "0666666666", "", ""},
        {"/TRTP/SEPA "
         "OVERBOEKING/IBAN/NL57INGB0001212121/BIC/INGBNL2A/NAME/CAFE/REMI/897789/EREF/E-2",
         "897789", "CAFE", "NL57INGB0001212121", "E-2", ""},
        {"/TRTP/SEPA OVERBOEKING/IBAN/NL25ABNA0987654321/NAME/FOO/REMI/BAR/ORDP//ID/20\n3798",
         "BAR", "FOO", "NL25ABNA0987654321", "", ""},
        {"/EREF/E-3//CNTP/NL32INGB0000012345/INGBNL2A/ING BANK//AMSTERDAM//REMI/STRD/CUR/9001123/",
         "CUR/9001123", "ING BANK", "NL32INGB0000012345", "E-3", "9001123"},
        {"/EREF/E-4/ORDP//NAME/DLN/REMI/RE 7/CDTRREFTP//CD/SCOR/ISSR/CUR/CDTRREF/9001123412341234",
         "RE 7", "DLN", "", "E-4", "9001123412341234"},
        {"/EREF/E-5/ORDP//NAME/DLN/REMI/order/ID/7 and /CD/8", "order/ID/7 and /CD/8", "DLN", "",
         "E-5", ""},
        {"/BENM//NAME/KPN/INIT//NAME/X/REMI/RE 1/ULTD//NAME/Y/PURP//CD/EPAY", "RE 1", "KPN", "", "",
         ""},
        {"SEPA IDEAL IBAN: NL70ABNA0888888888 NAAM: NS GROEP  OMSCHRIJVING: 485",
         "SEPA IDEAL IBAN: NL70ABNA0888888888 NAAM: NS GROEP OMSCHRIJVING: 485", "NS GROEP",
         "NL70ABNA0888888888", "", ""},
        {"NL57ABNA0987654321 ABNANL2A J AAP parkeren", "NL57ABNA0987654321 ABNANL2A J AAP parkeren",
         "", "NL57ABNA0987654321", "", ""},
        {"INVOICE 47 FROM 3.4.", "INVOICE 47 FROM 3.4.", "", "", "", ""},
        {"500 EUR ?20 LEFT", "500 EUR ?20 LEFT", "", "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 ":20:S\n:25:A\n:28C:1\n:60F:C240101EUR0,\n:61:2401020102C1,NTRFNONREF\n:86:%s\n"
                 ":62F:C240102EUR1,\n-\n",
                 cases[i].details);
        struct statement_recorder *r = recorder_read_text(text, 0);
        cr_assert_eq(r->lines_count, 1, "%s", cases[i].details);
        const struct recorded_line *l = &r->lines[0];
        cr_expect_str_eq(l->text, cases[i].text, "%s: %s", cases[i].details, l->text);
        cr_expect_str_eq(l->name, cases[i].name, "%s: %s", cases[i].details, l->name);
        cr_expect_str_eq(l->account, cases[i].account, "%s: %s", cases[i].details, l->account);
        cr_expect_str_eq(l->end_to_end, cases[i].end_to_end, "%s", cases[i].details);
        cr_expect_str_eq(l->references[0], cases[i].reference, "%s", cases[i].details);
        recorder_free(r);
    }
}

Test(statement_mt940, wrappers_of_swift_and_messages_of_both_kinds)
{
    struct statement_recorder *r = recorder_read_text(
        "{1:F01AAAABB99BSMK3513951576}{2:O9400934081223BBBBAA33XXXX03592332770812230834N}{4:\n"
        ":20:S\n:25:A EUR\n:28C:1\n:60F:C240101EUR0,\n:61:2401020102C1,NTRFX\n:86:one\n"
        ":62F:C240102EUR1,\n-}{5:{MAC:00000000}{CHK:19DA346889CC}}\n"
        "{1:F01AAAABB99BSMK3513951576}{2:O9420934081223BBBBAA33XXXX03592332770812230834N}{4:\n"
        ":20:I\n:25:A EUR\n:28C:2\n:34F:EURD10,\n:34F:EURC5,\n:13D:2401021200+0100\n"
        ":61:2401020102D7,NTRFY\n:86:two\n:90D:1EUR7,\n:90C:0EUR0,\n:86:all of it\n-}\n",
        0);
    cr_assert_eq(r->statements_count, 2);
    cr_expect_eq(r->refused_count, 0, "%s", r->refused[0].message);
    cr_expect_eq(r->statements[0].kind, FL_STATEMENT_BOOKED);
    cr_expect(r->statements[0].balanced);
    cr_expect_eq(r->statements[1].kind, FL_STATEMENT_INTRADAY);
    cr_expect_str_eq(r->statements[1].currency, "EUR");
    cr_expect_eq(r->statements[1].not_booked, 1);
    cr_expect_str_eq(r->statements[1].note, "all of it");
    cr_expect_str_eq(r->lines[1].amount, "-7");
    cr_expect_str_eq(r->lines[1].text, "two");
    recorder_free(r);
}

/* An MT942 whose own fields do not say so: its wrapper does, for that message only. */
Test(statement_mt940, the_wrapper_tells_the_kind)
{
    static const char *const wrappers[] = {"{1:F01A}{2:O9420934081223BBBB}{4:\n",
                                           "BANKNL2A\n942\nBANKNL2A\n",
                                           "{2:I942BANKNL2AXXXXN}{4:\n"};
    static const char message[] =
        ":20:S\n:25:A\n:28C:1\n:60F:C240101EUR0,\n:61:2401020102C1,NTRFX\n"
        ":62F:C240102EUR1,\n-\n";
    for (size_t i = 0; i < 3; i++) {
        char text[600];
        snprintf(text, sizeof text, "%s%s{1:F01A}{2:O9400934081223BBBB}{4:\n%s", wrappers[i],
                 message, message);
        struct statement_recorder *r = recorder_read_text(text, 0);
        cr_assert_eq(r->statements_count, 2, "%s", text);
        cr_expect_eq(r->statements[0].kind, FL_STATEMENT_INTRADAY, "%s", text);
        cr_expect_eq(r->statements[1].kind, FL_STATEMENT_BOOKED, "%s", text);
        recorder_free(r);
    }
}

Test(statement_mt940, equal_lines_have_identities_of_their_own_and_a_second_reading_the_same)
{
    const char *text = ":20:A\n:25:1\n:28C:1\n:60F:C240101EUR0,\n"
                       ":61:2401010101D3,NTRFX\n:86:COFFEE\n"
                       ":61:2401010101D3,NTRFX\n:86:COFFEE\n:62F:D240101EUR6,\n";
    struct statement_recorder *a = recorder_read_text(text, 0), *b = recorder_read_text(text, 1);
    cr_assert_eq(a->lines_count, 2);
    cr_expect_neq(a->lines[0].identity, a->lines[1].identity);
    cr_expect_eq(a->lines[0].identity, b->lines[0].identity);
    cr_expect_eq(a->lines[1].identity, b->lines[1].identity);
    recorder_free(a);
    recorder_free(b);
}

Test(statement_mt940, damage_is_named_with_its_line_and_the_rest_is_read)
{
    struct statement_recorder *r = recorder_read_text(":20:A\n:25:1\n:28C:1\n:60F:C240101EUR0,\n"
                                                      ":61:2413010101C5,NTRFX\n"
                                                      ":61:2401010101X5,NTRFX\n"
                                                      ":61:2401010101CNTRFX\n"
                                                      ":61:2401010101C6,NTRFX\n"
                                                      ":62F:C240101EUX6,\n",
                                                      0);
    cr_expect_eq(r->status, FL_OK);
    cr_assert_eq(r->refused_count, 4);
    cr_expect_eq(r->refused[0].line, 5);
    cr_expect_str_eq(r->refused[0].message, "entry: no such value date: \":61:2413010101C5,NTRFX\"");
    cr_expect_str_eq(r->refused[1].message, "entry: mark C, D, RC or RD expected: \":61:2401010101X5,NTRFX\"");
    cr_expect_str_eq(r->refused[2].message, "entry: not an amount: \":61:2401010101CNTRFX\"");
    cr_expect_eq(r->refused[3].line, 9);
    cr_expect_eq(r->lines_count, 1);
    cr_expect(!r->statements[0].balanced);
    cr_expect_eq(r->summary.refused, 4);
    recorder_free(r);
    r = recorder_read_text("no statement at all", 0);
    cr_expect_eq(r->status, FL_UNSUPPORTED);
    cr_expect_str_eq(r->error.message,
                     "t.sta: no statement format known by its content; as CSV it has no row of "
                     "known headings, a profile with \"columns\" would name them");
    recorder_free(r);
}

/* 8 MB through a 256 KiB buffer, entries of every length across its borders. */
Test(statement_mt940, memory_does_not_grow_and_no_border_of_the_buffer_shows)
{
    size_t capacity = 8u << 20, n = 0, entries = 0;
    char *text = malloc(capacity + 1024);
    n += (size_t)sprintf(text, ":20:A\n:25:1\n:28C:1\n:60F:C240101EUR0,\n");
    long cents = 0;
    while (n < capacity) {
        size_t words = entries % 40;
        n += (size_t)sprintf(text + n, ":61:2401010101C%zu,%02zuNTRFREF%zu//B%zu\n:86:INVOICE",
                             entries % 1000, entries % 100, entries, entries);
        for (size_t w = 0; w < words; w++)
            n += (size_t)sprintf(text + n, "%s%zu", w % 9 == 8 ? "\n" : " ", entries + w);
        text[n++] = '\n';
        cents += (long)(entries % 1000 * 100 + entries % 100);
        entries++;
    }
    n += (size_t)sprintf(text + n, ":62F:C240101EUR%ld,%02ld\n-\n", cents / 100, cents % 100);
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, text, n, "big.sta");
    struct statement_recorder *r = recorder_read(source, NULL);
    cr_expect_eq(r->lines_count, entries);
    cr_expect(r->statements[0].balanced, "difference %s", r->statements[0].difference);
    cr_expect_eq(r->refused_count, 0);
    cr_expect_str_eq(r->lines[entries - 1].code, "NTRF");
    recorder_free(r);
    free(text);
}
