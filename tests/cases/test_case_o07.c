/* O07: `1.000` is a thousand or a one, and only the file as a whole can say which. Declared, it is
 * read so; proved by a row, likewise; else the file is refused and the row named. Never a 1.00
 * without a word. Beyond the case: every pair of separators, every exponent, random files, judged
 * by a reader of regular expressions. */
#include <criterion/criterion.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "tests/support/random.h"
#include "tests/support/statement_recorder.h"

static struct statement_recorder *read_csv(const char *text, const char *json)
{
    struct fl_statement_profile profile;
    struct fl_error error = {.status = FL_OK};
    struct fl_memory_source memory;
    cr_assert_eq(fl_statement_profile_read(json, strlen(json), &profile, &error), FL_OK, "%s",
                 error.message);
    struct fl_byte_source source = fl_memory_source_init(&memory, text, strlen(text), "o07.csv");
    struct statement_recorder *r = recorder_read_profile(source, &profile);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    return r;
}

static void expect_amounts(struct statement_recorder *r, const char *const *amounts, size_t count)
{
    cr_assert_eq(r->refused_count, 0, "%s", r->refused[0].message);
    cr_assert_eq(r->lines_count, count);
    for (size_t i = 0; i < count; i++)
        cr_expect_str_eq(r->lines[i].amount, amounts[i]);
    recorder_free(r);
}

static const char *const input_a = "date;text;amount\n"
                                   "2024-05-02;a;1.000\n"
                                   "2024-05-02;b;-3.000\n"
                                   "2024-05-02;c;1.234,5\n"
                                   "2024-05-02;d;0,07\n"
                                   "2024-05-02;e;\"12.345.678,90\"\n";
static const char *const amounts_a[] = {"1000", "-3000", "1234.5", "0.07", "12345678.9"};

Test(case_o07, a_decimal_comma_and_thousands_dots_declared)
{
    expect_amounts(read_csv(input_a, "{\"format\":\"csv\",\"separator\":\";\",\"decimal\":\",\","
                                     "\"thousands\":\".\",\"currency\":\"EUR\"}"),
                   amounts_a, 5);
}

Test(case_o07, a_proves_itself_by_its_third_row)
{
    expect_amounts(read_csv(input_a, "{}"), amounts_a, 5);
}

Test(case_o07, b_decimal_point_and_thousands_commas_declared)
{
    static const char *const amounts[] = {"-110.7", "1650", "-8.95"};
    static const char *const profile = "{\"format\":\"csv\",\"separator\":\",\",\"decimal\":\".\","
                                       "\"thousands\":\",\",\"currency\":\"EUR\"}";
    expect_amounts(read_csv("date,text,amount\n2024-05-02,f,-110.7\n2024-05-02,g,\"1,650.00\"\n"
                            "2024-05-02,h,-8.95000\n",
                            profile),
                   amounts, 3);
    struct statement_recorder *r = read_csv("date,text,amount\n2024-05-02,f,-110.7\n"
                                            "2024-05-02,g,\"1,650.00\"\n2024-05-02,h,8.955\n",
                                            profile);
    cr_assert_eq(r->refused_count, 1);
    cr_expect_eq(r->refused[0].line, 4);
    cr_expect_eq(r->refused[0].code, FL_TOO_MANY_DECIMALS);
    cr_expect(strstr(r->refused[0].message, "8.955"), "%s", r->refused[0].message);
    cr_expect_eq(r->lines_count, 2);
    recorder_free(r);
}

Test(case_o07, c_nothing_declared_and_nothing_proved_is_refused_with_its_row)
{
    struct statement_recorder *r = read_csv("date;amount\n2024-05-02;1.000\n", "{}");
    cr_expect_eq(r->statements_count, 0);
    cr_expect_eq(r->lines_count, 0);
    cr_assert_eq(r->refused_count, 1);
    cr_expect_eq(r->refused[0].line, 2);
    cr_expect(strstr(r->refused[0].message, "1.000"), "%s", r->refused[0].message);
    cr_expect(strstr(r->refused[0].message, "\"decimal\""), "%s", r->refused[0].message);
    recorder_free(r);
    static const char *const thousand[] = {"1000"}, *const one[] = {"1"};
    expect_amounts(read_csv("date;amount\n2024-05-02;1.000\n", "{\"decimal\":\",\"}"), thousand, 1);
    expect_amounts(read_csv("date;amount\n2024-05-02;1.000\n", "{\"decimal\":\".\"}"), one, 1);
    expect_amounts(read_csv("date;amount\n2024-05-02;1.000\n", "{\"thousands\":\"\"}"), one, 1);
}

Test(case_o07, a_declared_form_is_not_bent_for_a_cell_that_does_not_fit)
{
    struct statement_recorder *r = read_csv("date;amount\n2024-05-02;-110.7\n2024-05-02;5,50\n",
                                            "{\"decimal\":\",\",\"thousands\":\".\"}");
    cr_assert_eq(r->refused_count, 1);
    cr_expect_eq(r->refused[0].line, 2); /* never -1,107 */
    cr_assert_eq(r->lines_count, 1);
    recorder_free(r);
    r = read_csv("date;amount\n2024-05-02;1.234,5\n2024-05-02;1,234.5\n", "{}");
    cr_expect_eq(r->statements_count, 0); /* two forms in one file */
    cr_assert_eq(r->refused_count, 1);
    cr_expect_eq(r->refused[0].line, 3);
    recorder_free(r);
}

/* --- the whole kind --------------------------------------------------------------------------- */

struct style {
    char decimal;
    const char *thousands;
};

/* The amount as a bank of that style writes it, with `decimals` of which some may be dropped. */
static void write_amount(char *out, long long minor, unsigned decimals, struct style style)
{
    char digits[32], whole[64];
    unsigned long long value = (unsigned long long)llabs(minor), unit = 1;
    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    int n = snprintf(digits, sizeof digits, "%llu", value / unit), used = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            used += sprintf(whole + used, "%s", style.thousands);
        whole[used++] = digits[i];
    }
    whole[used] = '\0';
    int at = sprintf(out, "%s%s", minor < 0 ? "-" : "", whole);
    if (decimals > 0)
        out[at++] = style.decimal;
    for (unit /= 10; decimals > 0 && unit > 0; unit /= 10)
        out[at++] = (char)('0' + value / unit % 10);
    out[at] = '\0';
}

/* Whether the cell is a number with this decimal sign, as a regular expression sees it. */
static bool reads(const char *cell, char decimal)
{
    char pattern[200];
    regex_t regex;
    char other = decimal == '.' ? ',' : '.';
    snprintf(pattern, sizeof pattern,
             "^-?([1-9][0-9]{0,2}([%c][0-9]{3})+|[1-9][0-9]{0,2}( [0-9]{3})+|"
             "[1-9][0-9]{0,2}('[0-9]{3})+|[0-9]+)([%c][0-9]*)?$",
             other, decimal);
    cr_assert_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    bool good = regexec(&regex, cell, 0, NULL, 0) == 0;
    regfree(&regex);
    return good;
}

/* Only a separator that both could own makes two numbers of it. */
static bool differs(const char *cell)
{
    return strpbrk(cell, ".,") != NULL;
}

#define ROWS 4

static void judge(struct style style, unsigned decimals, const char *code, struct fl_random *random)
{
    char text[600], cell[80];
    long long minor[ROWS];
    bool point = true, comma = true, unsure = false;
    int at = sprintf(text, "date;amount;currency\n");
    int rows = 1 + (int)(fl_random_next(random) % ROWS);
    for (int i = 0; i < rows; i++) {
        minor[i] = (long long)(fl_random_next(random) % 3000000);
        if (fl_random_next(random) % 4 == 0)
            minor[i] = minor[i] / 1000 * 1000;
        minor[i] = fl_random_next(random) % 2 ? minor[i] : -minor[i];
        write_amount(cell, minor[i], decimals, style);
        bool as_point = reads(cell, '.'), as_comma = reads(cell, ',');
        cr_assert(style.decimal == '.' ? as_point : as_comma, "%s", cell);
        point = point && as_point;
        comma = comma && as_comma;
        unsure = unsure || (as_point && as_comma && differs(cell));
        at += sprintf(text + at, "2024-05-%02d;\"%s\";%s\n", 2 + i, cell, code);
    }
    struct statement_recorder *r = read_csv(text, "{}");
    if (point && comma && unsure) {
        cr_assert_eq(r->statements_count, 0, "%s", text);
        cr_assert_eq(r->refused_count, 1, "%s", text);
    } else {
        cr_assert_eq(r->refused_count, 0, "%s: %s", text, r->refused[0].message);
        cr_assert_eq((int)r->lines_count, rows, "%s", text);
        for (int i = 0; i < rows; i++) {
            struct fl_decimal value;
            int64_t got;
            cr_assert_eq(fl_decimal_parse(r->lines[i].amount, strlen(r->lines[i].amount), &value),
                         FL_OK);
            cr_assert_eq(fl_decimal_scale(value, decimals, &got), FL_OK, "%s", text);
            cr_assert_eq(got, minor[i], "%s: %s", text, r->lines[i].amount);
        }
    }
    recorder_free(r);
}

Test(case_o07, every_style_and_exponent_is_read_right_or_refused)
{
    static const struct style styles[] = {{'.', ","}, {'.', ""}, {'.', " "}, {'.', "'"},
                                          {',', "."}, {',', ""}, {',', " "}, {',', "'"}};
    static const char *const codes[] = {"JPY", "EUR", "KWD", "CLF"};
    struct fl_random random = {.state = 707};
    for (unsigned s = 0; s < sizeof styles / sizeof styles[0]; s++) {
        for (unsigned c = 0; c < 4; c++) {
            unsigned decimals = fl_currency_exponent(fl_currency_find(codes[c], 3));
            for (int i = 0; i < 60; i++)
                judge(styles[s], decimals, codes[c], &random);
        }
    }
}
