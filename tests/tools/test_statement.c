#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/limits.h"
#include "tools/format/charset.h"
#include "tools/ingest/statement.h"

static struct fl_statement_line line_of(const char *bank_ref, const char *text, int64_t units)
{
    return (struct fl_statement_line){.booking_days = 19000,
                                      .amount = fl_decimal_of(units, 2),
                                      .currency = FL_CURRENCY_EUR,
                                      .bank_ref = fl_slice_of_text(bank_ref),
                                      .text = fl_slice_of_text(text)};
}

Test(statement, identity_sees_account_bank_id_day_amount_text_and_how_many)
{
    struct fl_slice account = fl_slice_of_text("DE1"), other = fl_slice_of_text("DE2");
    struct fl_statement_line line = line_of("B1", "coffee", 300), changed;
    uint64_t first = fl_statement_line_identity(account, &line, 0);
    cr_expect_eq(fl_statement_line_identity(account, &line, 0), first);
    cr_expect_neq(fl_statement_line_identity(account, &line, 1), first);
    cr_expect_neq(fl_statement_line_identity(other, &line, 0), first);
    changed = line_of("B2", "coffee", 300);
    cr_expect_neq(fl_statement_line_identity(account, &changed, 0), first);
    changed = line_of("B1", "coffe", 300);
    cr_expect_neq(fl_statement_line_identity(account, &changed, 0), first);
    changed = line_of("B1", "coffee", -300);
    cr_expect_neq(fl_statement_line_identity(account, &changed, 0), first);
    changed = line;
    changed.booking_days++;
    cr_expect_neq(fl_statement_line_identity(account, &changed, 0), first);
    changed = line_of("B1c", "offee", 300);
    cr_expect_neq(fl_statement_line_identity(account, &changed, 0), first,
                  "no text runs into another");
    /* What the identity does not see: places, value day, payer. */
    changed = line;
    changed.line = 99;
    changed.n = 7;
    changed.value_days = 1;
    changed.payer_name = fl_slice_of_text("Anna");
    cr_expect_eq(fl_statement_line_identity(account, &changed, 0), first);
}

Test(statement, amounts_as_banks_write_them)
{
    static const struct {
        const char *text;
        enum fl_status status;
        int64_t units;
        unsigned scale;
    } cases[] = {
        {"5481,", FL_OK, 5481, 0},
        {",50", FL_OK, 5, 1},
        {"000300.00", FL_OK, 300, 0},
        {"12,962", FL_OK, 12962, 3},
        {"0,0", FL_OK, 0, 0},
        {"999999999999,99", FL_OK, INT64_C(99999999999999), 2},
        {"", FL_BAD_VALUE, 0, 0},
        {",", FL_BAD_VALUE, 0, 0},
        {"1.234,56", FL_BAD_VALUE, 0, 0},
        {"-5", FL_BAD_VALUE, 0, 0},
        {"1e5", FL_BAD_VALUE, 0, 0},
        {"99999999999999999999", FL_OUT_OF_RANGE, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fl_decimal got = {0};
        cr_expect_eq(fl_statement_amount(fl_slice_of_text(cases[i].text), &got), cases[i].status,
                     "%s", cases[i].text);
        cr_expect_eq(got.units, cases[i].units, "%s", cases[i].text);
        cr_expect_eq(got.scale, cases[i].scale, "%s", cases[i].text);
    }
    cr_expect_eq(fl_statement_amount_check(fl_decimal_of(105, 1), FL_CURRENCY_JPY),
                 FL_TOO_MANY_DECIMALS);
    cr_expect_eq(fl_statement_amount_check(fl_decimal_of(12962, 3), FL_CURRENCY_KWD), FL_OK);
}

Test(statement, t6_fillers_are_no_references)
{
    static const char *const fillers[] = {"NONREF", " NOTPROVIDED ", "0000", "", "-", "NOREF"};
    static const char *const references[] = {"NONREF1", "0001", "N1", "RE-0"};
    for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
        cr_expect(fl_statement_is_filler(fl_slice_of_text(fillers[i])), "%s", fillers[i]);
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++)
        cr_expect(!fl_statement_is_filler(fl_slice_of_text(references[i])), "%s", references[i]);
}

/* Sums of mixed decimals against a sum of cents' ten-thousandths. */
Test(statement, t2_totals_and_differences_are_exact)
{
    unsigned seed = 11;
    for (unsigned round = 0; round < 200; round++) {
        struct fl_statement_total total = {0};
        long long expected = 0;
        static const long long factor[5] = {10000, 1000, 100, 10, 1};
        for (unsigned i = 0; i < 50; i++) {
            int64_t units = rand_r(&seed) % 2000001 - 1000000;
            unsigned scale = (unsigned)rand_r(&seed) % 5;
            fl_statement_total_add(&total, fl_decimal_of(units, scale));
            expected += units * factor[scale];
        }
        struct fl_decimal sum;
        int64_t scaled;
        cr_assert_eq(fl_statement_total_read(total, &sum), FL_OK);
        cr_assert_eq(fl_decimal_scale(sum, 4, &scaled), FL_OK);
        cr_assert_eq(scaled, expected);
        struct fl_statement s = {.opening.amount = fl_decimal_of(100, 0)};
        s.closing.amount = fl_decimal_of(expected + 1000000 + (round % 2), 4);
        fl_statement_close(&s, total);
        cr_expect_eq(s.balanced, round % 2 == 0);
        cr_expect_eq(s.difference.units, round % 2);
    }
    struct fl_statement_total huge = {0};
    fl_statement_total_add(&huge, fl_decimal_of(INT64_MAX, 0));
    fl_statement_total_add(&huge, fl_decimal_of(INT64_MAX, 0));
    struct fl_decimal sum;
    cr_expect_eq(fl_statement_total_read(huge, &sum), FL_OUT_OF_RANGE);
}

Test(statement, t4_text_is_cleaned_and_cut_on_a_characters_border)
{
    char text[] = "  a\t b\r\n\x01"
                  "c  ";
    text[fl_statement_text_clean(text, strlen(text))] = '\0';
    cr_expect_str_eq(text, "a b c");
    char lengthy[FL_TEXT_BYTES_MAX + 3];
    for (size_t i = 0; i + 1 < sizeof lengthy; i += 2)
        memcpy(lengthy + i, "\xC3\xA4", 2);
    lengthy[0] = 'x';
    lengthy[1] = 'y';
    memmove(lengthy + 1, lengthy + 2, sizeof lengthy - 3);
    size_t n = fl_statement_text_clean(lengthy, sizeof lengthy - 2);
    cr_expect_leq(n, FL_TEXT_BYTES_MAX);
    cr_expect(fl_utf8_is_valid(lengthy, n));
}

/* A word at a time, as a model: runs of blanks part words, one blank joins them. */
static size_t clean_model(const char *text, size_t length, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        unsigned char before = i > 0 ? (unsigned char)text[i - 1] : ' ';
        if (c <= ' ' || c == 0x7F)
            continue;
        if (n > 0 && (before <= ' ' || before == 0x7F))
            out[n++] = ' ';
        out[n++] = text[i];
    }
    return n;
}

Test(statement, t4_cleaning_agrees_with_a_model_at_every_length)
{
    static const char letters[] = "abcdefghij\xC3\xA4\xC3\xA4 \x80 \t\x7F";
    unsigned seed = 5;
    for (unsigned round = 0; round < 20000; round++) {
        char text[128], wanted[256], as_it_was[128];
        size_t length = (size_t)rand_r(&seed) % 100;
        unsigned kinds = round % 2 ? 12 : sizeof letters - 1; /* many clean ones, many not */
        for (size_t i = 0; i < length; i++)
            text[i] = rand_r(&seed) % 8 ? letters[(unsigned)rand_r(&seed) % kinds] : ' ';
        memcpy(as_it_was, text, length);
        size_t n = clean_model(text, length, wanted);
        cr_assert_eq(fl_statement_text_clean(text, length), n, "'%.*s'", (int)length, as_it_was);
        cr_assert_eq(memcmp(text, wanted, n), 0, "'%.*s'", (int)length, as_it_was);
    }
}
