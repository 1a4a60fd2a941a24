#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/statement_recorder.h"
#include "tools/ingest/statement_bai2.h"

static const char o08[] = "01,BANKX,CUST1,240305,0700,1,80,,2/\n"
                          "02,CUST1,BANKX,1,240304,,USD,2/\n"
                          "03,55501234,USD,010,100000,,,015,250075,,,045/\n"
                          "88,240075,,/\n"
                          "16,165,150075,S,100000,50075,0,REF8841,INV-2231,/\n"
                          "49,740225,4/\n"
                          "98,740225,1,6/\n"
                          "99,740225,1,8/\n";

static void expect_balance(const struct recorded_statement *s, uint32_t i, const char *code,
                           const char *amount)
{
    cr_assert_lt(i, s->balances_count);
    cr_expect_str_eq(s->balances[i].code, code);
    cr_expect_str_eq(s->balances[i].amount, amount, "%s", code);
    cr_expect_str_eq(s->balances[i].date, s->to);
}

static void expect_available(const struct recorded_line *l, uint32_t i, uint32_t days,
                             const char *amount)
{
    cr_assert_lt(i, l->availability_count);
    cr_expect_eq(l->availability[i].days, days);
    cr_expect_str_eq(l->availability[i].amount, amount);
}

Test(statement_bai2, o08_a_summary_goes_on_in_the_88_and_split_funds_are_no_reference)
{
    struct statement_recorder *r = recorder_read_text(o08, 0);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    cr_assert_eq(r->refused_count, 0, "%s", r->refused[0].message);
    cr_assert_eq(r->statements_count, 1);
    const struct recorded_statement *s = &r->statements[0];
    cr_expect_str_eq(s->account, "55501234");
    cr_expect_str_eq(s->from, "2024-03-04");
    cr_assert_eq(s->balances_count, 3);
    expect_balance(s, 0, "OPBD", "1000");
    expect_balance(s, 1, "CLBD", "2500.75");
    expect_balance(s, 2, "CLAV", "2400.75");
    cr_expect(s->balanced);
    cr_assert_eq(r->lines_count, 1);
    const struct recorded_line *l = &r->lines[0];
    cr_expect_str_eq(l->amount, "1500.75");
    cr_expect_str_eq(l->bank_ref, "REF8841");
    cr_expect_str_eq(l->customer_ref, "INV-2231");
    cr_expect_str_eq(l->text, "");
    cr_expect_str_eq(l->code, "165");
    cr_expect_eq(l->availability_count, 2);
    expect_available(l, 0, 0, "1000");
    expect_available(l, 1, 1, "500.75");
    recorder_free(r);
}

/* `o08` with `from` replaced by `to`. */
static struct statement_recorder *read_changed(const char *from, const char *to)
{
    char text[1024];
    const char *at = strstr(o08, from);
    cr_assert_not_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - o08), o08, to, at + strlen(from));
    return recorder_read_text(text, 0);
}

static void expect_refused(const char *from, const char *to, uint64_t line, const char *word,
                           const char *other)
{
    struct statement_recorder *r = read_changed(from, to);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    cr_expect_eq(r->refused_count, 1, "%s: %zu", to, r->refused_count);
    cr_expect_eq(r->refused[0].line, line, "%s", to);
    cr_expect_not_null(strstr(r->refused[0].message, word), "%s", r->refused[0].message);
    cr_expect_not_null(strstr(r->refused[0].message, other), "%s", r->refused[0].message);
    recorder_free(r);
}

Test(statement_bai2, b3_a_wrong_total_or_count_is_refused_with_both_figures)
{
    expect_refused("49,740225,4", "49,740226,4", 6, "740226", "740225");
    expect_refused("49,740225,4", "49,740225,5", 6, "5 records", "4 are there");
    expect_refused("98,740225,1", "98,740224,1", 7, "740224", "740225");
    expect_refused("98,740225,1,6", "98,740225,2,6", 7, "2 accounts", "1 are there");
    expect_refused("98,740225,1,6", "98,740225,1,7", 7, "7 records", "6 are there");
    expect_refused("99,740225,1", "99,40225,1", 8, "40225", "740225");
    expect_refused("99,740225,1,8", "99,740225,3,8", 8, "3 groups", "1 are there");
    expect_refused("99,740225,1,8", "99,740225,1,9", 8, "9 records", "8 are there");
    expect_refused("16,165,150075", "16,165,150076", 6, "740225", "740226");
    expect_refused("015,250075", "015,250074", 6, "740225", "740224");
}

/* Whatever the digit and wherever the place. */
Test(statement_bai2, b3_no_changed_digit_of_an_amount_goes_unseen)
{
    for (size_t i = 0; i < sizeof o08 - 1; i++) {
        char text[sizeof o08];
        memcpy(text, o08, sizeof text);
        bool amount = strncmp(o08 + i, "100000,,", 8) == 0 || strncmp(o08 + i, "250075", 6) == 0 ||
                      strncmp(o08 + i, "240075,", 7) == 0 || strncmp(o08 + i, "150075", 6) == 0 ||
                      strncmp(o08 + i, "740225", 6) == 0;
        if (!amount)
            continue;
        for (size_t digit = 0; digit < 6; digit++) {
            memcpy(text, o08, sizeof text);
            text[i + digit] = text[i + digit] == '9' ? '3' : (char)(text[i + digit] + 1);
            struct statement_recorder *r = recorder_read_text(text, 0);
            cr_expect_geq(r->refused_count, 1, "%s", text);
            recorder_free(r);
        }
    }
}

Test(statement_bai2, a_file_cut_anywhere_is_not_taken_for_whole)
{
    for (size_t n = 4; n < sizeof o08 - 3; n++) {
        char text[sizeof o08];
        memcpy(text, o08, n);
        text[n] = '\0';
        struct statement_recorder *r = recorder_read_text(text, 0);
        cr_expect(r->status != FL_OK || r->refused_count > 0, "after %zu bytes", n);
        recorder_free(r);
    }
}

/* One detail in a statement of its own, with the totals that it needs. */
static struct statement_recorder *read_detail(const char *currency, const char *detail,
                                              long long total, size_t lines)
{
    char text[2048];
    snprintf(text, sizeof text,
             "01,B,C,240305,0700,1,,,2/\n02,C,B,1,240304,,%s,2/\n03,77,,/\n%s\n49,%lld,%zu/\n"
             "98,%lld,1,%zu/\n99,%lld,1,%zu/\n",
             currency, detail, total, lines + 2, total, lines + 4, total, lines + 6);
    struct statement_recorder *r = recorder_read_text(text, 0);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    return r;
}

Test(statement_bai2, b2_the_currency_says_where_the_point_is)
{
    static const struct {
        const char *currency, *amount;
    } cases[] = {{"JPY", "1234500"}, {"EUR", "12345"},   {"KWD", "1234.5"}, {"CLF", "123.45"},
                 {"USD", "12345"},   {"ISK", "1234500"}, {"BHD", "1234.5"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct statement_recorder *r =
            read_detail(cases[i].currency, "16,142,1234500,Z,,,X", 1234500, 1);
        cr_assert_eq(r->refused_count, 0, "%s", r->refused[0].message);
        cr_expect_str_eq(r->lines[0].amount, cases[i].amount, "%s", cases[i].currency);
        cr_expect_str_eq(r->statements[0].currency, cases[i].currency);
        recorder_free(r);
    }
    struct statement_recorder *r = read_detail("", "16,142,1234500,Z,,,X", 1234500, 1);
    cr_expect_str_eq(r->statements[0].currency, "USD");
    cr_expect_eq(r->warnings_count, 1);
    recorder_free(r);
    r = read_detail("XQZ", "16,142,1234500,Z,,,X", 1234500, 1);
    cr_expect_eq(r->refused_count, 1);
    cr_expect_not_null(strstr(r->refused[0].message, "XQZ"));
    recorder_free(r);
}

Test(statement_bai2, b4_every_type_code_has_its_direction_or_is_refused)
{
    for (unsigned type = 1; type <= 999; type++) {
        char detail[64];
        snprintf(detail, sizeof detail, "16,%03u,500,Z,B1,C1,T", type);
        struct statement_recorder *r = read_detail("EUR", detail, 500, 1);
        const char *wanted = NULL;
        if (type / 100 >= 1 && type / 100 <= 3)
            wanted = "5";
        else if (type / 100 >= 4 && type / 100 <= 6)
            wanted = "-5";
        else if (type / 100 == 7 && type >= 720)
            wanted = type < 760 ? "5" : "-5";
        else if (type >= 920)
            wanted = type < 960 ? "5" : "-5";
        if (wanted) {
            cr_assert_eq(r->lines_count, 1, "%u", type);
            cr_expect_str_eq(r->lines[0].amount, wanted, "%u", type);
            cr_expect_eq(r->refused_count, 0);
        } else {
            cr_expect_eq(r->lines_count, 0, "%u", type);
            cr_expect_eq(r->refused_count, type == 890 ? 0 : 1, "%u", type);
        }
        recorder_free(r);
    }
}

Test(statement_bai2, b4_890_is_the_statements_note_and_a_minus_turns_a_line)
{
    struct statement_recorder *r = read_detail(
        "EUR", "16,890,,,,,CUT-OFF MOVED TO 5 PM\n16,475,-700,,R1,,TAKEN BACK", -700, 2);
    cr_assert_eq(r->refused_count, 0, "%s", r->refused[0].message);
    cr_assert_eq(r->lines_count, 1);
    cr_expect_str_eq(r->statements[0].note, "CUT-OFF MOVED TO 5 PM");
    cr_expect_str_eq(r->lines[0].amount, "7");
    cr_expect(r->lines[0].reversal);
    recorder_free(r);
    r = read_detail("EUR", "16,555,700,,R1,,DEPOSITED ITEM RETURNED", 700, 1);
    cr_expect_str_eq(r->lines[0].amount, "-7");
    cr_expect(r->lines[0].reversal);
    recorder_free(r);
}

Test(statement_bai2, funds_of_every_type_become_availability_or_value_date)
{
    struct statement_recorder *r =
        read_detail("EUR",
                    "16,142,900,V,240306,1200,B1,C1,T1\n16,142,900,V,,,B2,C2,T2\n"
                    "16,475,900,D,3,0,100,2,300,5,500,B3,C3,T3\n16,142,900,1,B4,C4,T4\n"
                    "16,142,900,S,,,900,B5,C5,T5\n16,142,900,,B6,C6,T6\n16,142,900,0,B7,C7,T7\n"
                    "16,142,900,D,2,0,100,2/\n88,800,B8,C8,T8",
                    7200, 9);
    cr_assert_eq(r->refused_count, 0, "%s", r->refused[0].message);
    cr_assert_eq(r->lines_count, 8);
    for (size_t i = 0; i < 8; i++) {
        char wanted[8];
        snprintf(wanted, sizeof wanted, "B%zu", i + 1);
        cr_expect_str_eq(r->lines[i].bank_ref, wanted);
        wanted[0] = 'C';
        cr_expect_str_eq(r->lines[i].customer_ref, wanted);
        wanted[0] = 'T';
        cr_expect_str_eq(r->lines[i].text, wanted);
        cr_expect_str_eq(r->lines[i].value, i == 0 ? "2024-03-06" : "none");
        cr_expect_str_eq(r->lines[i].booking, "2024-03-04");
    }
    expect_available(&r->lines[2], 0, 0, "-1");
    expect_available(&r->lines[2], 1, 2, "-3");
    expect_available(&r->lines[2], 2, 5, "-5");
    expect_available(&r->lines[3], 0, 1, "9");
    expect_available(&r->lines[4], 0, 2, "9");
    cr_expect_eq(r->lines[5].availability_count, 0);
    expect_available(&r->lines[6], 0, 0, "9");
    expect_available(&r->lines[7], 1, 2, "8");
    recorder_free(r);
}

Test(statement_bai2, a_text_keeps_its_slashes_and_commas_and_goes_on_over_records)
{
    struct statement_recorder *r =
        read_detail("USD",
                    "16,195,900,,AB/GS/1,C/2,FED NO: 1, 2\n88,ORG:=2/AV MAIN, 3/MX\n88,/MEXICO ;\n"
                    "88,BNF NAME:=US\n88,EREF: E2E-77/\n88,DBNM:  Larch  Ltd/\n88,DACT: 9081\n"
                    "88,OBI:=INV-2231 08/18/23\n   wrapped by the bank",
                    900, 8);
    cr_assert_eq(r->refused_count, 0, "%s", r->refused[0].message);
    const struct recorded_line *l = &r->lines[0];
    cr_expect_str_eq(l->bank_ref, "AB/GS/1");
    cr_expect_str_eq(l->customer_ref, "C/2");
    cr_expect_str_eq(l->text,
                     "FED NO: 1, 2 ORG:=2/AV MAIN, 3/MX /MEXICO ; BNF NAME:=US EREF: E2E-77 "
                     "DBNM: Larch Ltd DACT: 9081 OBI:=INV-2231 08/18/23 wrapped by the bank");
    cr_expect_str_eq(l->name, "Larch Ltd");
    cr_expect_str_eq(l->account, "9081");
    cr_expect_str_eq(l->end_to_end, "E2E-77");
    recorder_free(r);
}

Test(statement_bai2, several_records_in_a_line_and_every_line_end_are_one)
{
    static const char *const ends[] = {"\n", "\r\n", "\r", "  \n", "   "};
    struct statement_recorder *plain = recorder_read_text(o08, 0);
    for (size_t e = 0; e < sizeof ends / sizeof ends[0]; e++) {
        char text[2048];
        size_t n = 0;
        for (const char *p = o08; *p; p++) {
            if (*p == '\n')
                n += (size_t)snprintf(text + n, sizeof text - n, "%s", ends[e]);
            else
                text[n++] = *p;
        }
        text[n] = '\0';
        for (size_t step = 0; step < 9; step += 4) {
            struct statement_recorder *r = recorder_read_text(text, step);
            cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
            cr_expect_eq(r->refused_count, 0, "%s", r->refused[0].message);
            cr_assert_eq(r->lines_count, 1);
            cr_expect_eq(r->lines[0].identity, plain->lines[0].identity);
            cr_expect_str_eq(r->statements[0].closing, "2500.75");
            recorder_free(r);
        }
    }
    recorder_free(plain);
}

Test(statement_bai2, b5_what_is_a_test_a_deletion_or_not_final_moves_nothing)
{
    static const struct {
        const char *group;
        int kind;
        size_t not_booked, refused;
    } cases[] = {{"1,240304,,USD,2", FL_STATEMENT_BOOKED, 0, 0},
                 {"1,240304,,USD,4", FL_STATEMENT_BOOKED, 0, 0},
                 {"1,240304,,USD,", FL_STATEMENT_BOOKED, 0, 0},
                 {"1,240304,,USD,1", FL_STATEMENT_INTRADAY, 0, 0},
                 {"1,240304,,USD,3", FL_STATEMENT_INTRADAY, 0, 0},
                 {"2,240304,,USD,2", FL_STATEMENT_INTRADAY, 1, 1},
                 {"3,240304,,USD,2", FL_STATEMENT_BOOKED, 0, 0},
                 {"4,240304,,USD,2", FL_STATEMENT_INTRADAY, 1, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct statement_recorder *r = read_changed("1,240304,,USD,2", cases[i].group);
        cr_expect_eq(r->statements[0].kind, cases[i].kind, "%s", cases[i].group);
        cr_expect_eq(r->statements[0].not_booked, cases[i].not_booked, "%s", cases[i].group);
        cr_expect_eq(r->refused_count, cases[i].refused, "%s", cases[i].group);
        recorder_free(r);
    }
}

Test(statement_bai2, several_files_groups_and_accounts_are_each_their_own)
{
    const char *text = "01,B,C,240305,,1,,,2/\n"
                       "02,C,B,1,240304,,EUR,2/\n03,1,,/\n16,142,100,,A,,X/\n49,100,3/\n"
                       "03,2,JPY,010,50,,/\n16,475,30,,A,,X/\n49,80,3/\n98,180,2,8/\n"
                       "02,C,B,1,240305,,KWD,2/\n03,1,,/\n49,0,2/\n98,0,1,4/\n99,180,2,14/\n"
                       "01,B,C,240306,,2,,,2/\n02,C,B,1,,,USD,2/\n03,3 4,,015,7,,/\n49,7,2/\n"
                       "98,7,1,4/\n99,7,1,6/\n";
    struct statement_recorder *r = recorder_read_text(text, 0);
    cr_assert_eq(r->refused_count, 0, "%s", r->refused[0].message);
    cr_assert_eq(r->statements_count, 4);
    static const char *const wanted[4][4] = {{"1", "EUR", "2024-03-04", "1"},
                                             {"2", "JPY", "2024-03-04", "-30"},
                                             {"1", "KWD", "2024-03-05", "0"},
                                             {"34", "USD", "2024-03-06", "0"}};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(r->statements[i].account, wanted[i][0]);
        cr_expect_str_eq(r->statements[i].currency, wanted[i][1]);
        cr_expect_str_eq(r->statements[i].to, wanted[i][2]);
        cr_expect_str_eq(r->statements[i].sum, wanted[i][3]);
    }
    recorder_free(r);
}

static void expect_bad_detail(const char *detail, enum fl_status code, const char *word)
{
    struct statement_recorder *r = read_detail("USD", detail, 0, 1);
    cr_expect_eq(r->lines_count, 0, "%s", detail);
    cr_assert_geq(r->refused_count, 1, "%s", detail);
    cr_expect_eq(r->refused[0].line, 4, "%s", detail);
    cr_expect_eq(r->refused[0].code, code, "%s", detail);
    cr_expect_not_null(strstr(r->refused[0].message, word), "%s", r->refused[0].message);
    recorder_free(r);
}

Test(statement_bai2, a_damaged_detail_is_named_with_its_line)
{
    expect_bad_detail("16,142,12.50,,,,X", FL_BAD_VALUE, "amount");
    expect_bad_detail("16,142,+,,,,X", FL_BAD_VALUE, "amount");
    expect_bad_detail("16,142,1234567890123456789,,,,X", FL_OUT_OF_RANGE, "too large");
    expect_bad_detail("16,142,,,,,X", FL_BAD_VALUE, "no amount");
    expect_bad_detail("16,1420,0,,,,X", FL_BAD_VALUE, "type code");
    expect_bad_detail("16,abc,0,,,,X", FL_BAD_VALUE, "type code");
    expect_bad_detail("16,142,0,Q,,,X", FL_BAD_VALUE, "funds");
    expect_bad_detail("16,142,0,V,240230,,,X", FL_BAD_VALUE, "date");
    expect_bad_detail("16,142,0,D,9,0,1,X", FL_BAD_VALUE, "funds");
    expect_bad_detail("16,142,0,D,99999999999,0,1", FL_BAD_VALUE, "funds");
}

/* --- the samples, against a scan of their raw bytes ------------------------------------------- */

#define FIELDS_MAX 400

struct scan {
    struct {
        char account[40];
        long long opening, closing, sum;
        bool has_opening, has_closing;
        unsigned details;
    } account[64];
    size_t accounts;
    long long total, group_total, file_total;
    unsigned records, group_records, file_records, group_accounts;
    bool holds; /* every total and count of accounts and groups is what it must be */
};

/* Fields that hang on a funds type, the type not counted. */
static size_t funds_fields(char **field, size_t count, size_t at)
{
    if (at >= count)
        return 0;
    if (field[at][0] == 'S')
        return 3;
    if (field[at][0] == 'V')
        return 2;
    return field[at][0] == 'D' && at + 1 < count ? 1 + 2 * (size_t)atoi(field[at + 1]) : 0;
}

static void scan_account(struct scan *scan, char **field, size_t count)
{
    size_t n = scan->accounts++;
    memset(&scan->account[n], 0, sizeof scan->account[n]);
    snprintf(scan->account[n].account, sizeof scan->account[n].account, "%s", field[1]);
    scan->total = 0;
    scan->group_accounts++;
    for (size_t at = 3; at + 1 < count; at += 4 + funds_fields(field, count, at + 3)) {
        long long amount = atoll(field[at + 1]);
        bool given = field[at + 1][0] != '\0';
        scan->total += amount;
        if (given && strcmp(field[at], "010") == 0)
            scan->account[n].opening = amount, scan->account[n].has_opening = true;
        if (given && strcmp(field[at], "015") == 0)
            scan->account[n].closing = amount, scan->account[n].has_closing = true;
    }
}

static void scan_record(struct scan *scan, char *text, unsigned physical)
{
    char *field[FIELDS_MAX];
    size_t count = 0;
    for (char *part; (part = strsep(&text, ",")) && count < FIELDS_MAX;)
        field[count++] = part;
    int code = atoi(field[0]);
    scan->records = code == 3 ? physical : scan->records + physical;
    if (code == 1)
        scan->file_total = 0, scan->file_records = physical;
    if (code == 2)
        scan->group_total = 0, scan->group_records = physical, scan->group_accounts = 0;
    if (code == 3)
        scan_account(scan, field, count);
    if (code == 16) {
        long long amount = atoll(field[2]);
        scan->total += amount;
        scan->account[scan->accounts - 1].sum += field[1][0] >= '4' ? -amount : amount;
        scan->account[scan->accounts - 1].details++;
    }
    if (code == 49) {
        scan->holds &= atoll(field[1]) == scan->total && (unsigned)atoi(field[2]) == scan->records;
        scan->group_total += atoll(field[1]);
        scan->group_records += scan->records;
    }
    if (code == 98) {
        scan->group_records += physical;
        scan->holds &= atoll(field[1]) == scan->group_total &&
                       (unsigned)atoi(field[2]) == scan->group_accounts &&
                       (unsigned)atoi(field[3]) == scan->group_records;
        scan->file_total += atoll(field[1]);
        scan->file_records += scan->group_records;
    }
    if (code == 99)
        scan->holds &= atoll(field[1]) == scan->file_total &&
                       (unsigned)atoi(field[3]) == scan->file_records + physical;
}

/* Puts a line end behind every "/" that a record follows in the same line. */
static void part_lines(char *text)
{
    for (char *p = text; (p = strchr(p, '/')); p++) {
        size_t blanks = strspn(p + 1, " ");
        char code[3] = {blanks ? p[1 + blanks] : '?', blanks ? p[2 + blanks] : '?', 0};
        if (blanks > 0 && p[3 + blanks] == ',' && strstr("01 02 03 16 49 98 99", code))
            p[1] = '\n';
    }
}

static void scan_file(struct scan *scan, char *text)
{
    static char record[65536];
    unsigned physical = 0;
    scan->holds = true;
    part_lines(text);
    for (char *line; (line = strsep(&text, "\r\n"));) {
        line += strspn(line, " ");
        size_t n = strlen(line);
        while (n > 0 && line[n - 1] == ' ')
            line[--n] = '\0';
        if (n > 0 && line[n - 1] == '/')
            line[--n] = '\0';
        bool is_record = n > 2 && line[2] == ',' && strspn(line, "0123456789") == 2;
        if (n == 0)
            continue;
        if (is_record && strncmp(line, "88", 2) != 0) {
            if (physical)
                scan_record(scan, record, physical);
            snprintf(record, sizeof record, "%s", line);
            physical = 1;
        } else {
            size_t at = strlen(record);
            snprintf(record + at, sizeof record - at, ",%s", is_record ? line + 3 : line);
            physical += is_record;
        }
    }
    scan_record(scan, record, physical);
}

static void expect_cents(const char *text, long long cents, const char *file)
{
    char *point = strchr(text, '.');
    long long got = atoll(text) * 100;
    if (point) {
        long long fraction = (point[1] - '0') * 10 + (point[2] ? point[2] - '0' : 0);
        got += text[0] == '-' ? -fraction : fraction;
    }
    cr_expect_eq(got, cents, "%s: %s, %lld", file, text, cents);
}

static void compare_file(const char *path, const char *name)
{
    static char text[1 << 20];
    static struct scan scan;
    FILE *file = fopen(path, "rb");
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    struct statement_recorder *r = recorder_read_file(path, 7);
    if (strncmp(text, "01,", 3) != 0) {
        cr_expect_eq(r->status, FL_UNREADABLE, "%s", name);
        cr_expect_not_null(strstr(r->error.message, "line 1"), "%s", r->error.message);
        recorder_free(r);
        return;
    }
    memset(&scan, 0, sizeof scan);
    scan_file(&scan, text);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    cr_expect_eq(r->refused_count == 0, scan.holds, "%s: %zu refused", name, r->refused_count);
    cr_assert_eq(r->statements_count, scan.accounts, "%s", name);
    for (size_t i = 0; i < scan.accounts; i++) {
        const struct recorded_statement *s = &r->statements[i];
        cr_expect_str_eq(s->account, scan.account[i].account, "%s", name);
        cr_expect_eq(s->lines, scan.account[i].details, "%s", name);
        expect_cents(s->sum, scan.account[i].sum, name);
        cr_expect_eq(strcmp(s->opening, "-") != 0, scan.account[i].has_opening, "%s", name);
        cr_expect_eq(strcmp(s->closing, "-") != 0, scan.account[i].has_closing, "%s", name);
        if (scan.account[i].has_opening)
            expect_cents(s->opening, scan.account[i].opening, name);
        if (scan.account[i].has_closing)
            expect_cents(s->closing, scan.account[i].closing, name);
    }
    recorder_free(r);
}

Test(statement_bai2, the_samples_are_what_a_scan_of_their_bytes_says)
{
    DIR *directory = opendir(FLORIN_SHARED_DATA "/bai2");
    size_t files = 0;
    if (!directory)
        cr_skip_test("no sample files");
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[1024];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/bai2/%s", FLORIN_SHARED_DATA, entry->d_name);
        compare_file(path, entry->d_name);
        files++;
    }
    closedir(directory);
    cr_expect_gt(files, 0);
}

/* --- bounds ------------------------------------------------------------------------------------
 */

/* A head, then one byte for ever. */
struct endless {
    const char *head;
    size_t at;
    unsigned long long left;
    char byte;
};

static ssize_t read_endless(void *context, void *buffer, size_t capacity)
{
    struct endless *e = context;
    size_t head = strlen(e->head);
    if (e->at < head) {
        size_t n = head - e->at < capacity ? head - e->at : capacity;
        memcpy(buffer, e->head + e->at, n);
        e->at += n;
        return (ssize_t)n;
    }
    size_t n = e->left < capacity ? (size_t)e->left : capacity;
    memset(buffer, e->byte, n);
    e->left -= n;
    return (ssize_t)n;
}

Test(statement_bai2, a_line_without_end_and_a_record_without_end_are_refused)
{
    static const char head[] = "01,B,C,240305,,1,,,2/\n02,C,B,1,240304,,EUR,2/\n03,1,,/\n"
                               "16,142,100,,A,,";
    static const char bytes[] = {'x', '\0', ',', '/', ' ', '8'};
    for (size_t i = 0; i < sizeof bytes; i++) {
        struct endless e = {head, 0, 1ull << 30, bytes[i]};
        struct statement_recorder *r = recorder_read(
            (struct fl_byte_source){.read = read_endless, .context = &e, .name = "long.bai"}, NULL);
        cr_expect_eq(r->status, FL_UNREADABLE);
        cr_expect_not_null(strstr(r->error.message, "line 4"), "%s", r->error.message);
        cr_expect_gt(e.left, 1u << 29);
        recorder_free(r);
    }
    struct endless e = {head, 0, 64u << 20, '\n'};
    struct statement_recorder *r = recorder_read(
        (struct fl_byte_source){.read = read_endless, .context = &e, .name = "long.bai"}, NULL);
    cr_expect_eq(r->status, FL_OK);
    cr_expect_eq(r->refused_count, 1);
    recorder_free(r);
    char *text = malloc(300000);
    size_t n = (size_t)snprintf(text, 300000, "%sx\n", head);
    while (n < 280000)
        n += (size_t)snprintf(text + n, 300000 - n, "88,%0200d\n", 7);
    r = recorder_read_text(text, 0);
    cr_expect_eq(r->status, FL_OK);
    cr_expect_eq(r->lines_count, 0);
    cr_assert_geq(r->refused_count, 1);
    cr_expect_eq(r->refused[0].code, FL_TOO_LONG);
    cr_expect_eq(r->refused[0].line, 4);
    recorder_free(r);
    free(text);
}
