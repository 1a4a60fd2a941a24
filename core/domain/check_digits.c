#include "core/domain/check_digits.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool all_digits(const char *text, size_t length, size_t least, size_t most)
{
    if (length < least || length > most)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return false;
    }
    return true;
}

/* ISO 7064 mod 97-10 of the text with its first four characters moved to the end; letters count 10
 * to
 * 35. -1 if there is another character in it. */
static int mod97_rotated(const char *text, size_t length)
{
    unsigned rest = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[(i + 4) % length];
        if (is_digit(c))
            rest = (rest * 10 + (unsigned)(c - '0')) % 97;
        else if (is_upper(c))
            rest = (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
        else
            return -1;
    }
    return (int)rest;
}

bool fl_check_rf(const char *text, size_t length)
{
    return length >= 5 && length <= 25 && text[0] == 'R' && text[1] == 'F' && is_digit(text[2]) &&
           is_digit(text[3]) && mod97_rotated(text, length) == 1;
}

bool fl_check_iban(const char *text, size_t length)
{
    return length >= 15 && length <= 34 && is_upper(text[0]) && is_upper(text[1]) &&
           is_digit(text[2]) && is_digit(text[3]) && mod97_rotated(text, length) == 1;
}

bool fl_check_qrr(const char *text, size_t length)
{
    static const unsigned char table[10] = {0, 9, 4, 6, 8, 2, 7, 1, 3, 5};
    if (!all_digits(text, length, 27, 27))
        return false;
    unsigned carry = 0;
    for (size_t i = 0; i < 26; i++)
        carry = table[(carry + (unsigned)(text[i] - '0')) % 10];
    return (10 - carry) % 10 == (unsigned)(text[26] - '0');
}

bool fl_check_finnish(const char *text, size_t length)
{
    static const unsigned char weights[3] = {7, 3, 1};
    if (!all_digits(text, length, 4, 20))
        return false;
    unsigned sum = 0;
    for (size_t i = 1; i < length; i++)
        sum += weights[(i - 1) % 3] * (unsigned)(text[length - 1 - i] - '0');
    return (10 - sum % 10) % 10 == (unsigned)(text[length - 1] - '0');
}

bool fl_check_kid10(const char *text, size_t length)
{
    if (!all_digits(text, length, 2, 25))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(text[length - 1 - i] - '0');
        unsigned product = i % 2 ? digit * 2 : digit;
        sum += product > 9 ? product - 9 : product;
    }
    return sum % 10 == 0;
}

bool fl_check_kid11(const char *text, size_t length)
{
    if (length < 2)
        return false;
    size_t n = length - 1;
    char check = text[length - 1];
    if (!all_digits(text, n, 1, 24) || (!is_digit(check) && check != '-'))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (unsigned)(text[n - 1 - i] - '0') * (unsigned)(2 + i % 6);
    unsigned wanted = (11 - sum % 11) % 11;
    return wanted == 10 ? check == '-' : check == (char)('0' + wanted);
}

bool fl_check_belgian(const char *text, size_t length)
{
    if (!all_digits(text, length, 12, 12))
        return false;
    unsigned rest = 0;
    for (size_t i = 0; i < 10; i++)
        rest = (rest * 10 + (unsigned)(text[i] - '0')) % 97;
    unsigned check = (unsigned)(text[10] - '0') * 10 + (unsigned)(text[11] - '0');
    return check == (rest == 0 ? 97 : rest);
}

bool fl_check_any(const char *text, size_t length)
{
    char plain[32];
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
        if (!is_digit(c) && !is_upper(c))
            continue;
        if (n == sizeof plain)
            return false;
        plain[n++] = c;
    }
    return fl_check_rf(plain, n) || fl_check_qrr(plain, n) || fl_check_finnish(plain, n) ||
           fl_check_kid10(plain, n) || fl_check_kid11(plain, n) || fl_check_belgian(plain, n);
}
