#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/decimal.h"
#include "tests/support/random.h"

/* The C library prints the digits; the point is put in by hand. */
static void model_format(int64_t value, unsigned decimals, char *out)
{
    char digits[48];
    uint64_t magnitude = value < 0 ? (uint64_t)(-(value + 1)) + 1 : (uint64_t)value;
    int length = snprintf(digits, sizeof digits, "%0*" PRIu64, (int)decimals + 1, magnitude);
    int whole = length - (int)decimals;
    sprintf(out, "%s%.*s%s%s", value < 0 ? "-" : "", whole, digits, decimals > 0 ? "." : "",
            digits + whole);
}

static void check_format(int64_t value, unsigned decimals)
{
    char expected[64], out[24 + 8];
    memset(out, '#', sizeof out);
    model_format(value, decimals, expected);
    size_t length = fl_decimal_format(value, decimals, out);
    cr_assert_str_eq(out, expected);
    cr_assert_eq(length, strlen(expected));
    cr_assert_eq(out[24], '#', "more than the 24 bytes promised");
    struct fl_decimal back;
    int64_t again;
    cr_assert_eq(fl_decimal_parse(out, length, &back), FL_OK, "%s", out);
    cr_assert_eq(fl_decimal_scale(back, decimals, &again), FL_OK, "%s", out);
    cr_assert_eq(again, value, "%s", out);
    length = fl_decimal_format_short(value, decimals, out);
    cr_assert_eq(strlen(out), length);
    cr_assert(decimals == 0 || strchr(out, '.') == NULL || out[length - 1] != '0', "%s", out);
    cr_assert_eq(fl_decimal_parse(out, length, &back), FL_OK, "%s", out);
    cr_assert_eq(fl_decimal_scale(back, decimals, &again), FL_OK, "%s", out);
    cr_assert_eq(again, value, "%s", out);
}

Test(decimal, every_power_of_ten_and_its_neighbours_formats_and_reads_back)
{
    for (unsigned decimals = 0; decimals <= 18; decimals++) {
        int64_t power = 1;
        for (unsigned i = 0; i <= 18; i++) {
            for (int64_t d = -2; d <= 2; d++) {
                check_format(power + d, decimals);
                check_format(-power + d, decimals);
                check_format(5 * (power / 10) + d, decimals);
            }
            if (i < 18)
                power *= 10;
        }
        check_format(INT64_MAX, decimals);
        check_format(INT64_MIN, decimals);
        check_format(INT64_MIN + 1, decimals);
    }
}

Test(decimal, random_values_of_every_size_format_and_read_back)
{
    struct fl_random random = fl_random_start("decimal");
    for (unsigned i = 0; i < 200000; i++) {
        int64_t value = (int64_t)fl_random_next(&random) >> fl_random_below(&random, 64);
        check_format(value, (unsigned)fl_random_below(&random, 19));
    }
}

Test(decimal, text_is_one_value_however_many_zeros_it_carries)
{
    static const char *const texts[] = {"1.5", "1.50", "01.500", "0001.5000000000000000000000"};
    struct fl_decimal first, other;
    cr_assert_eq(fl_decimal_parse(texts[0], strlen(texts[0]), &first), FL_OK);
    cr_assert(first.units == 15 && first.scale == 1);
    for (unsigned i = 1; i < sizeof texts / sizeof texts[0]; i++) {
        memset(&other, 0xff, sizeof other);
        cr_assert_eq(fl_decimal_parse(texts[i], strlen(texts[i]), &other), FL_OK, "%s", texts[i]);
        cr_assert_eq(memcmp(&first, &other, sizeof first), 0, "%s", texts[i]);
    }
    struct fl_decimal made = fl_decimal_of(1500, 3);
    cr_assert_eq(memcmp(&first, &made, sizeof first), 0);
}

Test(decimal, what_is_no_number_is_refused)
{
    static const char *const texts[] = {"",
                                        "-",
                                        ".",
                                        ".5",
                                        "5.",
                                        "+1",
                                        "1e3",
                                        " 1",
                                        "1 ",
                                        "1,5",
                                        "--1",
                                        "1.2.",
                                        "1.-2",
                                        "0x1",
                                        "-.5",
                                        "1..2",
                                        "NaN",
                                        "\xc2\xa0"
                                        "1",
                                        "1_0"};
    struct fl_decimal out;
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_assert_eq(fl_decimal_parse(texts[i], strlen(texts[i]), &out), FL_BAD_VALUE, "'%s'",
                     texts[i]);
    cr_assert_eq(fl_decimal_parse("1\0"
                                  "2",
                                  3, &out),
                 FL_BAD_VALUE);
}

static void check_parse(const char *text, enum fl_status expected, int64_t units, unsigned scale)
{
    struct fl_decimal out = {0};
    cr_assert_eq(fl_decimal_parse(text, strlen(text), &out), expected, "%s", text);
    if (expected == FL_OK)
        cr_assert(out.units == units && out.scale == scale && out.state == FL_DECIMAL_VALUE, "%s",
                  text);
}

Test(decimal, the_ends_of_the_range_are_exact)
{
    check_parse("9223372036854775807", FL_OK, INT64_MAX, 0);
    check_parse("9223372036854775808", FL_OUT_OF_RANGE, 0, 0);
    check_parse("-9223372036854775808", FL_OK, INT64_MIN, 0);
    check_parse("-9223372036854775809", FL_OUT_OF_RANGE, 0, 0);
    check_parse("9.223372036854775807", FL_OK, INT64_MAX, 18);
    check_parse("-9.223372036854775808", FL_OK, INT64_MIN, 18);
    check_parse("9.2233720368547758070", FL_OK, INT64_MAX, 18);
    check_parse("0.0000000000000000001", FL_TOO_MANY_DECIMALS, 0, 0);
    check_parse("-0.00", FL_OK, 0, 0);
    check_parse("99999999999999999999999999", FL_OUT_OF_RANGE, 0, 0);
    int64_t out;
    cr_assert_eq(fl_decimal_scale(fl_decimal_of(INT64_MAX, 0), 1, &out), FL_OUT_OF_RANGE);
    cr_assert_eq(fl_decimal_scale(fl_decimal_of(1, 3), 2, &out), FL_TOO_MANY_DECIMALS);
    cr_assert_eq(fl_decimal_scale(fl_decimal_of(1230, 3), 2, &out), FL_OK);
    cr_assert_eq(out, 123);
}

/* Not by dividing: the result is right if no neighbour is nearer, and ties go as the policy says.
 */
static void check_round(fl_int128 n, fl_int128 d, enum fl_rounding rounding)
{
    int64_t q;
    cr_assert_eq(fl_round_div(n, d, rounding, &q), FL_OK);
    fl_int128 off = n - (fl_int128)q * d; /* what the result leaves out */
    fl_int128 away = off < 0 ? -off : off;
    cr_assert(2 * away <= d);
    if (2 * away != d)
        return;
    if (rounding == FL_ROUND_HALF_EVEN)
        cr_assert_eq(q & 1, 0);
    else
        cr_assert(n > 0 ? off < 0 : off > 0); /* q lies further from zero than n / d */
}

Test(decimal, m2_quotients_are_nearest_and_ties_go_as_the_policy_says)
{
    struct fl_random random = fl_random_start("rounding");
    for (int64_t n = -60; n <= 60; n++) {
        for (int64_t d = 1; d <= 12; d++) {
            check_round(n, d, FL_ROUND_HALF_UP);
            check_round(n, d, FL_ROUND_HALF_EVEN);
        }
    }
    for (unsigned i = 0; i < 200000; i++) {
        fl_int128 d =
            1 + (fl_int128)(fl_random_next(&random) >> (1 + fl_random_below(&random, 62)));
        fl_int128 q = (int64_t)fl_random_next(&random) >> (2 + fl_random_below(&random, 60));
        fl_int128 rest =
            fl_random_below(&random, 2) ? d / 2 : (fl_int128)fl_random_below(&random, (uint64_t)d);
        check_round(q * d + rest, d, (enum fl_rounding)fl_random_below(&random, 2));
    }
}

Test(decimal, a_quotient_beyond_64_bits_is_refused_and_never_wraps)
{
    fl_int128 most = ((fl_int128)INT64_MAX << 64) | (fl_int128)UINT64_MAX;
    int64_t q;
    cr_assert_eq(fl_round_div(most, 1, FL_ROUND_HALF_UP, &q), FL_OUT_OF_RANGE);
    cr_assert_eq(fl_round_div(-most - 1, 1, FL_ROUND_HALF_UP, &q), FL_OUT_OF_RANGE);
    cr_assert_eq(fl_round_div(most, most, FL_ROUND_HALF_UP, &q), FL_OK);
    cr_assert_eq(q, 1);
    cr_assert_eq(fl_round_div(most / 2 + 1, most, FL_ROUND_HALF_UP, &q), FL_OK);
    cr_assert_eq(q, 1); /* doubling the rest would leave 128 bits */
    cr_assert_eq(fl_round_div(most / 2, most, FL_ROUND_HALF_UP, &q), FL_OK);
    cr_assert_eq(q, 0);
    cr_assert_eq(fl_round_div((fl_int128)INT64_MAX * 2 + 1, 2, FL_ROUND_HALF_UP, &q),
                 FL_OUT_OF_RANGE);
    cr_assert_eq(fl_round_div((fl_int128)INT64_MAX * 2, 2, FL_ROUND_HALF_UP, &q), FL_OK);
    cr_assert_eq(q, INT64_MAX);
}
