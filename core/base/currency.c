#include "core/base/currency.h"

#include <string.h>

#include "core/base/contract.h"

static_assert(FL_CURRENCY_COUNT <= 255, "a currency is a uint8");

struct currency {
    char code[4];
    uint8_t exponent;
};

static const struct currency currencies[FL_CURRENCY_COUNT] = {
    {"", 0},
#define FL_CURRENCY_ROW(code, exponent) {#code, exponent},
    FL_CURRENCY_TABLE(FL_CURRENCY_ROW)
#undef FL_CURRENCY_ROW
};

uint8_t fl_currency_find(const char *code, size_t length)
{
    if (length != 3)
        return FL_CURRENCY_NONE;
    for (unsigned i = 1; i < FL_CURRENCY_COUNT; i++) {
        if (memcmp(currencies[i].code, code, 3) == 0)
            return (uint8_t)i;
    }
    return FL_CURRENCY_NONE;
}

const char *fl_currency_code(uint8_t currency)
{
    FL_ASSERT(currency < FL_CURRENCY_COUNT);
    return currencies[currency].code;
}

unsigned fl_currency_exponent(uint8_t currency)
{
    FL_ASSERT(currency != FL_CURRENCY_NONE && currency < FL_CURRENCY_COUNT);
    return currencies[currency].exponent;
}
