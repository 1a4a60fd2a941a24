#include "core/domain/pricing.h"

#include <string.h>

#define PERCENT_HUNDRED (100 * FL_PERCENT_ONE)

static const int64_t powers[13] = {
    1,       10,       100,       1000,       10000,       100000,       1000000,
    10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
};

enum fl_status fl_price_line(int64_t quantity_e6, int64_t price_e6, int64_t discount_percent,
                             unsigned exponent, enum fl_rounding rounding, int64_t *amount_out)
{
    fl_int128 numerator = (fl_int128)quantity_e6 * price_e6;
    fl_int128 denominator = powers[12 - exponent];
    if (discount_percent != 0) {
        int64_t factor = PERCENT_HUNDRED - discount_percent, whole = PERCENT_HUNDRED;
        while (factor % 10 == 0 && whole > 1 && factor != 0) {
            factor /= 10;
            whole /= 10;
        }
        if (__builtin_mul_overflow(numerator, (fl_int128)factor, &numerator))
            return FL_OUT_OF_RANGE;
        denominator *= whole;
    }
    return fl_round_div(numerator, denominator, rounding, amount_out);
}

enum fl_status fl_price_percent(int64_t amount_minor, int64_t percent, enum fl_rounding rounding,
                                int64_t *out)
{
    return fl_round_div((fl_int128)amount_minor * percent, PERCENT_HUNDRED, rounding, out);
}

enum fl_status fl_price_tax_inside(int64_t gross_minor, int64_t tax_rate,
                                   enum fl_rounding rounding, int64_t *tax_out)
{
    return fl_round_div((fl_int128)gross_minor * tax_rate, (fl_int128)PERCENT_HUNDRED + tax_rate,
                        rounding, tax_out);
}

static enum fl_status tax_by_line(const struct fl_taxed *lines, uint32_t count,
                                  enum fl_rounding rounding, int64_t *tax_out)
{
    int64_t sum = 0, tax;
    for (uint32_t i = 0; i < count; i++) {
        FL_TRY(fl_price_percent(lines[i].net_minor, lines[i].tax_rate, rounding, &tax));
        if (fl_add_overflows(sum, tax, &sum))
            return FL_OUT_OF_RANGE;
    }
    *tax_out = sum;
    return FL_OK;
}

/* True if all lines with an amount have one rate: then the document has one tax. */
static bool one_rate(const struct fl_taxed *lines, uint32_t count, int64_t *rate_out,
                     fl_int128 *net_out)
{
    fl_int128 net = 0;
    int64_t rate = 0;
    bool found = false;
    for (uint32_t i = 0; i < count; i++) {
        if (lines[i].net_minor == 0)
            continue;
        if (found && lines[i].tax_rate != rate)
            return false;
        found = true;
        rate = lines[i].tax_rate;
        net += lines[i].net_minor;
    }
    *rate_out = rate;
    *net_out = net;
    return true;
}

/* Each rate once, at its first line. Few rates, so the inner pass is short. */
static enum fl_status tax_by_rate(const struct fl_taxed *lines, uint32_t count,
                                  enum fl_rounding rounding, int64_t *tax_out)
{
    int64_t sum = 0, rate;
    fl_int128 all;
    if (one_rate(lines, count, &rate, &all))
        return fl_round_div(all * rate, PERCENT_HUNDRED, rounding, tax_out);
    for (uint32_t i = 0; i < count; i++) {
        bool first = true;
        for (uint32_t j = 0; j < i && first; j++)
            first = lines[j].tax_rate != lines[i].tax_rate;
        if (!first)
            continue;
        fl_int128 net = 0;
        for (uint32_t j = i; j < count; j++) {
            if (lines[j].tax_rate == lines[i].tax_rate)
                net += lines[j].net_minor;
        }
        int64_t tax;
        FL_TRY(fl_round_div(net * lines[i].tax_rate, PERCENT_HUNDRED, rounding, &tax));
        if (fl_add_overflows(sum, tax, &sum))
            return FL_OUT_OF_RANGE;
    }
    *tax_out = sum;
    return FL_OK;
}

enum fl_status fl_price_tax(const struct fl_taxed *lines, uint32_t count, enum fl_tax_mode mode,
                            enum fl_rounding rounding, int64_t *tax_out)
{
    if (mode == FL_TAX_BY_LINE)
        return tax_by_line(lines, count, rounding, tax_out);
    if (mode == FL_TAX_BY_RATE)
        return tax_by_rate(lines, count, rounding, tax_out);
    fl_int128 sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += (fl_int128)lines[i].net_minor * lines[i].tax_rate;
    return fl_round_div(sum, PERCENT_HUNDRED, rounding, tax_out);
}

int64_t fl_price_share_rounded(int64_t amount_minor, int64_t part, int64_t whole,
                               enum fl_rounding rounding)
{
    FL_ASSERT(whole > 0 && part >= 0 && part <= whole);
    int64_t share;
    enum fl_status status = fl_round_div((fl_int128)amount_minor * part, whole, rounding, &share);
    FL_ASSERT(status == FL_OK); /* |share| <= |amount| */
    return share;
}

/* The index with the largest remainder not yet raised. */
static uint32_t largest_remainder(int64_t amount, const int64_t *weights, uint32_t count,
                                  fl_int128 sum, const int64_t *shares)
{
    uint32_t best = 0;
    fl_int128 best_rest = -1;
    for (uint32_t i = 0; i < count; i++) {
        fl_int128 rest = (fl_int128)amount * weights[i] - (fl_int128)shares[i] * sum;
        if (rest > best_rest) {
            best = i;
            best_rest = rest;
        }
    }
    return best;
}

/* amount x weight / sum, rounded down; nearly always within 64 bits. All are >= 0. */
static int64_t share_down(int64_t amount, int64_t weight, fl_int128 sum)
{
    unsigned __int128 product = (unsigned __int128)amount * (uint64_t)weight;
    if (FL_LIKELY(((product | (unsigned __int128)sum) >> 64) == 0))
        return (int64_t)((uint64_t)product / (uint64_t)sum);
    return (int64_t)(product / (unsigned __int128)sum);
}

void fl_price_allocate(int64_t amount_minor, const int64_t *weights, uint32_t count,
                       int64_t *shares_out)
{
    FL_ASSERT(count > 0);
    if (amount_minor == 0) {
        memset(shares_out, 0, count * sizeof *shares_out);
        return;
    }
    bool minus = amount_minor < 0;
    int64_t amount = minus ? -amount_minor : amount_minor;
    fl_int128 sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        FL_ASSERT(weights[i] >= 0);
        sum += weights[i];
    }
    int64_t given = 0;
    for (uint32_t i = 0; i < count; i++) {
        shares_out[i] = sum == 0 ? (i == 0 ? amount : 0)
                                 : share_down(amount, weights[i], sum);
        given += shares_out[i];
    }
    for (; given < amount; given++)
        shares_out[largest_remainder(amount, weights, count, sum, shares_out)]++;
    for (uint32_t i = 0; minus && i < count; i++)
        shares_out[i] = -shares_out[i];
}
