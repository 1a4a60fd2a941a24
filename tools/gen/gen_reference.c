#include "tools/gen/gen_reference.h"

#include <string.h>

#include "core/base/contract.h"

#define SCHEMES 6
#define NUMBER_DIGITS 10

/* Exactly `digits` digits of `value`. Returns the place behind them. */
static size_t put_digits(char *out, size_t at, uint64_t value, unsigned digits)
{
    for (unsigned i = digits; i > 0; value /= 10)
        out[at + --i] = (char)('0' + value % 10);
    out[at + digits] = '\0';
    return at + digits;
}

static unsigned mod97(const char *digits, size_t length, unsigned rest)
{
    for (size_t i = 0; i < length; i++)
        rest = (rest * 10 + (unsigned)(digits[i] - '0')) % 97;
    return rest;
}

/* "RF" is 2715 and goes with two zeros behind the body; 98 less the rest are the digits. */
static size_t make_rf(uint32_t number, char *out)
{
    memcpy(out, "RF00", 4);
    size_t length = put_digits(out, 4, number, NUMBER_DIGITS);
    unsigned rest = mod97("271500", 6, mod97(out + 4, length - 4, 0));
    put_digits(out, 2, 98 - rest, 2);
    out[4] = '0'; /* put_digits wrote its NUL there */
    return length;
}

static size_t make_qrr(uint32_t number, char *out)
{
    static const unsigned char next[10] = {0, 9, 4, 6, 8, 2, 7, 1, 3, 5};
    size_t length = put_digits(out, 0, 210000, 6);
    length = put_digits(out, length, number / 1000, NUMBER_DIGITS);
    length = put_digits(out, length, UINT64_C(4143000000) + number, NUMBER_DIGITS);
    unsigned carry = 0;
    for (size_t i = 0; i < length; i++)
        carry = next[(carry + (unsigned)(out[i] - '0')) % 10];
    return put_digits(out, length, (10 - carry) % 10, 1);
}

static size_t make_finnish(uint32_t number, char *out)
{
    static const unsigned weights[3] = {7, 3, 1};
    size_t length = put_digits(out, 0, 80800, 5);
    length = put_digits(out, length, number, NUMBER_DIGITS);
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += weights[i % 3] * (unsigned)(out[length - 1 - i] - '0');
    return put_digits(out, length, (10 - sum % 10) % 10, 1);
}

static size_t make_kid10(uint32_t number, char *out)
{
    size_t length = put_digits(out, 0, 3003, 4);
    length = put_digits(out, length, number, NUMBER_DIGITS);
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(out[length - 1 - i] - '0');
        unsigned twice = 2 * digit;
        sum += i % 2 == 0 ? twice / 10 + twice % 10 : digit;
    }
    return put_digits(out, length, (10 - sum % 10) % 10, 1);
}

static unsigned sum_kid11(const char *digits, size_t length)
{
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += (2 + (unsigned)i % 6) * (unsigned)(digits[length - 1 - i] - '0');
    return sum % 11;
}

/* A rest of one would need the sign '-': the first digit is raised then, which changes the rest. */
static size_t make_kid11(uint32_t number, char *out)
{
    size_t length = put_digits(out, 0, 404040, 6);
    length = put_digits(out, length, number, NUMBER_DIGITS);
    if (sum_kid11(out, length) == 1)
        out[0]++;
    unsigned rest = sum_kid11(out, length);
    FL_ASSERT(rest != 1);
    return put_digits(out, length, (11 - rest) % 11, 1);
}

static size_t make_belgian(uint32_t number, char *out)
{
    size_t length = put_digits(out, 0, number, NUMBER_DIGITS);
    unsigned rest = mod97(out, length, 0);
    return put_digits(out, length, rest == 0 ? 97 : rest, 2);
}

size_t fl_gen_reference(uint32_t invoice, char out[FL_GEN_REFERENCE_BYTES])
{
    static size_t (*const makes[SCHEMES])(uint32_t, char *) = {
        make_rf, make_qrr, make_finnish, make_kid10, make_kid11, make_belgian};
    return makes[invoice % SCHEMES](invoice + 1, out);
}

/* A blank before place `first` and every `every` places behind it. */
static size_t group(const char *plain, size_t length, size_t every, size_t first, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        if (i >= first && (i - first) % every == 0 && i > 0)
            out[n++] = ' ';
        out[n++] = plain[i];
    }
    out[n] = '\0';
    FL_ASSERT(n < FL_GEN_REFERENCE_BYTES);
    return n;
}

size_t fl_gen_reference_printed(uint32_t invoice, char out[FL_GEN_REFERENCE_BYTES])
{
    char plain[FL_GEN_REFERENCE_BYTES];
    size_t length = fl_gen_reference(invoice, plain);
    switch (invoice % SCHEMES) {
    case 0:
        return group(plain, length, 4, 4, out);
    case 1:
        return group(plain, length, 5, 2, out);
    case 2:
        return group(plain, length, 5, length % 5, out);
    case 5:
        memcpy(out, "+++000/0000/00000+++", 21);
        memcpy(out + 3, plain, 3);
        memcpy(out + 7, plain + 3, 4);
        memcpy(out + 12, plain + 7, 5);
        return 20;
    default: /* a KID is printed as it is */
        memcpy(out, plain, length + 1);
        return length;
    }
}
