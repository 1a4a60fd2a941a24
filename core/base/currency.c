#include "core/base/currency.h"

#include <string.h>

static_assert(FL_CURRENCY_COUNT <= 255, "a currency is a uint8");

static const char codes[FL_CURRENCY_COUNT][4] = {
    "",
#define FL_CURRENCY_CODE(code, exponent) #code,
    FL_CURRENCY_TABLE(FL_CURRENCY_CODE)
#undef FL_CURRENCY_CODE
};

const uint8_t fl_currency_exponents[FL_CURRENCY_COUNT] = {
    0,
#define FL_CURRENCY_EXPONENT(code, exponent) exponent,
    FL_CURRENCY_TABLE(FL_CURRENCY_EXPONENT)
#undef FL_CURRENCY_EXPONENT
};

uint8_t fl_currency_find(const char *code, size_t length)
{
    if (length != 3)
        return FL_CURRENCY_NONE;
    for (unsigned i = 1; i < FL_CURRENCY_COUNT; i++) {
        if (memcmp(codes[i], code, 3) == 0)
            return (uint8_t)i;
    }
    return FL_CURRENCY_NONE;
}

const char *fl_currency_code(uint8_t currency)
{
    FL_ASSERT(currency < FL_CURRENCY_COUNT);
    return codes[currency];
}
