/* pricing.h - line amounts, discounts, tax and parts, each rounded once (rulings, D5 and D6).
 *
 * Pure: no state. Every product is made in 128 bits and range-checked.
 */
#ifndef FLORIN_CORE_DOMAIN_PRICING_H
#define FLORIN_CORE_DOMAIN_PRICING_H

#include "core/base/decimal.h"

/* One line of a document for the tax: its amount without tax and its rate (percent x 10^10). */
struct fl_taxed {
    int64_t net_minor;
    int64_t tax_rate;
};

enum fl_tax_mode { FL_TAX_BY_RATE = 1, FL_TAX_BY_LINE, FL_TAX_BY_DOCUMENT };

/* round(quantity x price x (1 - discount %)) in minor units of `exponent`. FL_OUT_OF_RANGE. */
enum fl_status fl_price_line(int64_t quantity_e6, int64_t price_e6, int64_t discount_percent,
                             unsigned exponent, enum fl_rounding rounding, int64_t *amount_out);

/* round(amount x percent %). */
enum fl_status fl_price_percent(int64_t amount_minor, int64_t percent, enum fl_rounding rounding,
                                int64_t *out);

/* Tax inside a gross amount: round(gross x rate / (100 + rate)). */
enum fl_status fl_price_tax_inside(int64_t gross_minor, int64_t tax_rate,
                                   enum fl_rounding rounding, int64_t *tax_out);

/* The tax of a document by the book's mode. */
enum fl_status fl_price_tax(const struct fl_taxed *lines, uint32_t count, enum fl_tax_mode mode,
                            enum fl_rounding rounding, int64_t *tax_out);

/* round(amount x part / whole): the cumulative share; a part is the difference of two of them. */
int64_t fl_price_share_rounded(int64_t amount_minor, int64_t part, int64_t whole,
                               enum fl_rounding rounding);

/* The same; none of it and all of it, which most lines are asked for, need no division. */
static inline int64_t fl_price_share(int64_t amount_minor, int64_t part, int64_t whole,
                                     enum fl_rounding rounding)
{
    if (part == 0 && whole > 0)
        return 0;
    return part == whole && part > 0 ? amount_minor
                                     : fl_price_share_rounded(amount_minor, part, whole, rounding);
}

/* Shares `amount` out over weights >= 0 by largest remainder, ties to the lower index; all weights zero:
 * the first takes it. |amount| <= FL_AMOUNT_MAX. */
void fl_price_allocate(int64_t amount_minor, const int64_t *weights, uint32_t count,
                       int64_t *shares_out);

#endif
