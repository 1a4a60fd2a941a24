#include <criterion/criterion.h>
#include <string.h>

#include "core/base/currency.h"

Test(currency, every_code_of_three_letters_is_found_if_and_only_if_it_is_in_the_table)
{
    unsigned found = 0;
    char code[4] = {0};
    for (code[0] = 'A'; code[0] <= 'Z'; code[0]++) {
        for (code[1] = 'A'; code[1] <= 'Z'; code[1]++) {
            for (code[2] = 'A'; code[2] <= 'Z'; code[2]++) {
                uint8_t currency = fl_currency_find(code, 3);
                if (currency == FL_CURRENCY_NONE)
                    continue;
                cr_assert_str_eq(fl_currency_code(currency), code);
                found++;
            }
        }
    }
    cr_assert_eq(found, FL_CURRENCY_COUNT - 1, "each number is reached by its own code, once");
}

Test(currency, decimals_are_those_of_iso_4217)
{
    static const struct {
        const char *code;
        unsigned exponent;
    } known[] = {{"EUR", 2}, {"USD", 2}, {"JPY", 0}, {"KRW", 0}, {"KWD", 3}, {"BHD", 3},
                 {"OMR", 3}, {"TND", 3}, {"IQD", 3}, {"JOD", 3}, {"LYD", 3}, {"CLF", 4},
                 {"UYW", 4}, {"ISK", 0}, {"HUF", 2}, {"CLP", 0}, {"VND", 0}, {"DEM", 2},
                 {"ITL", 0}, {"XAF", 0}, {"XOF", 0}, {"XPF", 0}, {"UGX", 0}, {"PYG", 0}};
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        cr_assert_eq(fl_currency_exponent(fl_currency_find(known[i].code, 3)), known[i].exponent,
                     "%s", known[i].code);
}

Test(currency, what_is_not_a_code_is_none)
{
    static const char *const texts[] = {"", "E", "EU", "EURO", "eur", "Eur", "EU ", "E\0R", "123"};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_assert_eq(fl_currency_find(texts[i], strlen(texts[i])), FL_CURRENCY_NONE, "%s",
                     texts[i]);
    cr_assert_eq(fl_currency_find("\0\0\0", 3), FL_CURRENCY_NONE, "the name of none is no code");
    cr_assert_str_eq(fl_currency_code(FL_CURRENCY_NONE), "");
}
