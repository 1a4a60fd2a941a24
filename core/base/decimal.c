#include "core/base/decimal.h"

#include <string.h>

const int64_t fl_powers_of_ten[19] = {
    INT64_C(1),
    INT64_C(10),
    INT64_C(100),
    INT64_C(1000),
    INT64_C(10000),
    INT64_C(100000),
    INT64_C(1000000),
    INT64_C(10000000),
    INT64_C(100000000),
    INT64_C(1000000000),
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
    INT64_C(10000000000000000),
    INT64_C(100000000000000000),
    INT64_C(1000000000000000000),
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Length of the fraction without its trailing zeros. */
static size_t significant_fraction(const char *fraction, size_t length)
{
    while (length > 0 && fraction[length - 1] == '0')
        length--;
    return length;
}

/* Appends digits to a non-positive accumulator: INT64_MIN has no positive twin. */
static bool accumulate(const char *digits, size_t length, int64_t *negative)
{
    for (size_t i = 0; i < length; i++) {
        if (__builtin_mul_overflow(*negative, INT64_C(10), negative) ||
            __builtin_sub_overflow(*negative, (int64_t)(digits[i] - '0'), negative))
            return false;
    }
    return true;
}

enum fl_status fl_decimal_parse(const char *text, size_t length, struct fl_decimal *out)
{
    size_t at = 0;
    bool minus = length > 0 && text[0] == '-';
    if (minus)
        at++;
    size_t whole = at;
    while (at < length && is_digit(text[at]))
        at++;
    size_t whole_length = at - whole;
    size_t fraction = at, fraction_length = 0;
    if (at < length && text[at] == '.') {
        fraction = ++at;
        while (at < length && is_digit(text[at]))
            at++;
        fraction_length = at - fraction;
        if (fraction_length == 0)
            return FL_BAD_VALUE;
    }
    if (at != length || whole_length == 0)
        return FL_BAD_VALUE;
    fraction_length = significant_fraction(text + fraction, fraction_length);
    if (fraction_length > 18)
        return FL_TOO_MANY_DECIMALS;
    int64_t negative = 0;
    if (!accumulate(text + whole, whole_length, &negative) ||
        !accumulate(text + fraction, fraction_length, &negative))
        return FL_OUT_OF_RANGE;
    if (!minus && negative == INT64_MIN)
        return FL_OUT_OF_RANGE;
    memset(out, 0, sizeof *out);
    out->units = minus ? negative : -negative;
    out->scale = (uint8_t)fraction_length;
    out->state = FL_DECIMAL_VALUE;
    return FL_OK;
}

/* Digits come out last first, so they are laid from the end: 19 digits, point, sign at most. */
size_t fl_decimal_format(int64_t value, unsigned decimals, char *out)
{
    FL_ASSERT(decimals <= 18);
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (unsigned n = 0; rest > 0 || n <= decimals; n++) {
        if (n == decimals && decimals > 0)
            digits[--at] = '.';
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (value < 0)
        digits[--at] = '-';
    size_t length = sizeof digits - at;
    memcpy(out, digits + at, length);
    out[length] = '\0';
    return length;
}

size_t fl_decimal_format_short(int64_t value, unsigned decimals, char *out)
{
    size_t length = fl_decimal_format(value, decimals, out);
    if (decimals > 0) {
        while (out[length - 1] == '0')
            length--;
        if (out[length - 1] == '.')
            length--;
        out[length] = '\0';
    }
    return length;
}

/* The magnitude is unsigned and half is found by subtraction: neither end of 128 bits overflows. */
/* Up if the rest is more than half, or half and the rounding says so. */
static bool rounds_up(bool more, bool half, bool odd, enum fl_rounding rounding)
{
    return more || (half && (rounding == FL_ROUND_HALF_UP || odd));
}

/* Nearly every amount: one division of 64 bits instead of two calls for 128. */
static int64_t round_div_small(uint64_t magnitude, uint64_t divisor, enum fl_rounding rounding)
{
    uint64_t quotient = magnitude / divisor, rest = magnitude % divisor, missing = divisor - rest;
    return (int64_t)(quotient + rounds_up(rest > missing, rest == missing, quotient & 1, rounding));
}

enum fl_status fl_round_div(fl_int128 numerator, fl_int128 denominator, enum fl_rounding rounding,
                            int64_t *out)
{
    FL_ASSERT(denominator > 0);
    bool minus = numerator < 0;
    unsigned __int128 divisor = (unsigned __int128)denominator;
    unsigned __int128 magnitude = (unsigned __int128)numerator;
    if (minus)
        magnitude = 0 - magnitude;
    if (FL_LIKELY(((magnitude | divisor) >> 62) == 0)) {
        int64_t small = round_div_small((uint64_t)magnitude, (uint64_t)divisor, rounding);
        *out = minus ? -small : small;
        return FL_OK;
    }
    unsigned __int128 quotient = magnitude / divisor, rest = magnitude % divisor;
    unsigned __int128 missing = divisor - rest; /* to the next whole */
    quotient += rounds_up(rest > missing, rest == missing, quotient & 1, rounding);
    if (quotient > INT64_MAX)
        return FL_OUT_OF_RANGE;
    *out = minus ? -(int64_t)quotient : (int64_t)quotient;
    return FL_OK;
}
