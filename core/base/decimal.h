/* decimal.h - decimal numbers as written, and money in minor units.
 *
 * A number from outside is kept as its digits say: `units` x 10^-scale, trailing zeros of the
 * fraction dropped, so that "1.50" and "1.5" are one value. It becomes int64 minor units, a
 * quantity (6 decimals), a price (6) or a rate (10) only where the target is known, and then more
 * decimals than the target has are refused unless they are zeros.
 *
 *   M1  No float anywhere; products and sums are made in 128 bits and range-checked.
 *   M2  An amount is rounded once, by the book's policy, ties as stated there.
 */
#ifndef FLORIN_CORE_BASE_DECIMAL_H
#define FLORIN_CORE_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/status.h"

typedef __int128 fl_int128; /* the one typedef: C has no keyword for it */

enum fl_decimal_state { FL_DECIMAL_ABSENT, FL_DECIMAL_VALUE, FL_DECIMAL_NULL };

struct fl_decimal {
    int64_t units;
    uint8_t scale;    /* 0..18 */
    uint8_t state;    /* enum fl_decimal_state */
    uint8_t zeros[6]; /* always zero: the struct is hashed as bytes */
};
static_assert(sizeof(struct fl_decimal) == 16, "hashed as bytes");

enum fl_rounding { FL_ROUND_HALF_UP, FL_ROUND_HALF_EVEN }; /* ties away from zero / to even */

#define FL_QUANTITY_DECIMALS 6
#define FL_PRICE_DECIMALS 6
#define FL_RATE_DECIMALS 10
#define FL_QUANTITY_ONE INT64_C(1000000)
#define FL_PERCENT_ONE INT64_C(10000000000) /* one percent, as a rate */

/* Reads "-12.50", "7", ".5" is refused, exponents are refused.
 * FL_BAD_VALUE: not a number. FL_OUT_OF_RANGE: does not fit int64 at its own scale. */
enum fl_status fl_decimal_parse(const char *text, size_t length, struct fl_decimal *out);

/* The value x 10^decimals as an integer. FL_TOO_MANY_DECIMALS, FL_OUT_OF_RANGE. */
extern const int64_t fl_powers_of_ten[19];
static inline enum fl_status fl_decimal_scale(struct fl_decimal value, unsigned decimals,
                                              int64_t *out)
{
    FL_ASSERT(decimals <= 18 && value.scale <= 18);
    if (value.scale > decimals)
        return FL_TOO_MANY_DECIMALS;
    if (__builtin_mul_overflow(value.units, fl_powers_of_ten[decimals - value.scale], out))
        return FL_OUT_OF_RANGE;
    return FL_OK;
}

/* Writes value x 10^-decimals with exactly `decimals` digits after the point ("-0.05");
 * returns the length. `out` holds at least 24 bytes; a NUL follows. */
size_t fl_decimal_format(int64_t value, unsigned decimals, char *out);

/* The same with trailing zeros of the fraction dropped ("1.5", "2"). */
size_t fl_decimal_format_short(int64_t value, unsigned decimals, char *out);

static inline struct fl_decimal fl_decimal_of(int64_t units, unsigned scale)
{
    struct fl_decimal d = {.units = units, .scale = (uint8_t)scale, .state = FL_DECIMAL_VALUE};
    while (d.scale > 0 && d.units % 10 == 0) {
        d.units /= 10;
        d.scale--;
    }
    return d;
}

/* numerator / denominator, rounded; denominator > 0. FL_OUT_OF_RANGE beyond int64. */
enum fl_status fl_round_div(fl_int128 numerator, fl_int128 denominator, enum fl_rounding rounding,
                            int64_t *out);

static inline FL_MUST_USE bool fl_add_overflows(int64_t a, int64_t b, int64_t *out)
{
    return __builtin_add_overflow(a, b, out);
}

static inline int64_t fl_min_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t fl_max_i64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

#endif
