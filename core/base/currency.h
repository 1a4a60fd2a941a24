/* currency.h - the one table of currencies and their decimals, used on every path in and out.
 *
 * A currency is a uint8 number (currency_table.h); 0 is none.
 */
#ifndef FLORIN_CORE_BASE_CURRENCY_H
#define FLORIN_CORE_BASE_CURRENCY_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/currency_table.h"

#define FL_CURRENCY_NONE 0

enum fl_currency {
    FL_CURRENCY_FIRST_UNUSED_ = 0,
#define FL_CURRENCY_ENUM(code, exponent) FL_CURRENCY_##code,
    FL_CURRENCY_TABLE(FL_CURRENCY_ENUM)
#undef FL_CURRENCY_ENUM
        FL_CURRENCY_COUNT
};

/* "EUR" (upper case, exactly three letters); FL_CURRENCY_NONE if there is no such code. */
uint8_t fl_currency_find(const char *code, size_t length);
/* Three letters and a NUL; "" for FL_CURRENCY_NONE. */
const char *fl_currency_code(uint8_t currency);
/* Decimals of the minor unit: 0 (JPY), 2 (EUR), 3 (KWD), 4 (CLF). */
extern const uint8_t fl_currency_exponents[FL_CURRENCY_COUNT];
static inline unsigned fl_currency_exponent(uint8_t currency)
{
    FL_ASSERT(currency != FL_CURRENCY_NONE && currency < FL_CURRENCY_COUNT);
    return fl_currency_exponents[currency];
}

#endif
