#include "tools/ingest/reference_check.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool all_digits(struct fl_slice text, size_t least, size_t most)
{
    if (text.length < least || text.length > most)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (!is_digit(text.at[i]))
            return false;
    }
    return true;
}

/* ISO 7064 mod 97-10 of the text with its first four characters moved to the end; letters count 10
 * to
 * 35. -1 if there is another character in it. */
static int mod97_rotated(struct fl_slice text)
{
    unsigned rest = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[(i + 4) % text.length];
        if (is_digit(c))
            rest = (rest * 10 + (unsigned)(c - '0')) % 97;
        else if (is_upper(c))
            rest = (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
        else
            return -1;
    }
    return (int)rest;
}

bool fl_reference_check_rf(struct fl_slice reference)
{
    return reference.length >= 5 && reference.length <= 25 && fl_slice_begins(reference, "RF") &&
           is_digit(reference.at[2]) && is_digit(reference.at[3]) && mod97_rotated(reference) == 1;
}

bool fl_reference_check_iban(struct fl_slice account)
{
    return account.length >= 15 && account.length <= 34 && is_upper(account.at[0]) &&
           is_upper(account.at[1]) && is_digit(account.at[2]) && is_digit(account.at[3]) &&
           mod97_rotated(account) == 1;
}

bool fl_reference_check_qrr(struct fl_slice reference)
{
    static const unsigned char table[10] = {0, 9, 4, 6, 8, 2, 7, 1, 3, 5};
    if (!all_digits(reference, 27, 27))
        return false;
    unsigned carry = 0;
    for (size_t i = 0; i < 26; i++)
        carry = table[(carry + (unsigned)(reference.at[i] - '0')) % 10];
    return (10 - carry) % 10 == (unsigned)(reference.at[26] - '0');
}

bool fl_reference_check_finnish(struct fl_slice reference)
{
    static const unsigned char weights[3] = {7, 3, 1};
    if (!all_digits(reference, 4, 20))
        return false;
    unsigned sum = 0;
    for (size_t i = 1; i < reference.length; i++)
        sum += weights[(i - 1) % 3] * (unsigned)(reference.at[reference.length - 1 - i] - '0');
    return (10 - sum % 10) % 10 == (unsigned)(reference.at[reference.length - 1] - '0');
}

bool fl_reference_check_kid10(struct fl_slice reference)
{
    if (!all_digits(reference, 2, 25))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < reference.length; i++) {
        unsigned digit = (unsigned)(reference.at[reference.length - 1 - i] - '0');
        unsigned product = i % 2 ? digit * 2 : digit;
        sum += product > 9 ? product - 9 : product;
    }
    return sum % 10 == 0;
}

bool fl_reference_check_kid11(struct fl_slice reference)
{
    if (reference.length < 2)
        return false;
    struct fl_slice body = fl_slice_of(reference.at, reference.length - 1);
    char check = reference.at[reference.length - 1];
    if (!all_digits(body, 1, 24) || (!is_digit(check) && check != '-'))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < body.length; i++)
        sum += (unsigned)(body.at[body.length - 1 - i] - '0') * (unsigned)(2 + i % 6);
    unsigned wanted = (11 - sum % 11) % 11;
    return wanted == 10 ? check == '-' : check == (char)('0' + wanted);
}

bool fl_reference_check_belgian(struct fl_slice reference)
{
    if (!all_digits(reference, 12, 12))
        return false;
    unsigned rest = 0;
    for (size_t i = 0; i < 10; i++)
        rest = (rest * 10 + (unsigned)(reference.at[i] - '0')) % 97;
    unsigned check = (unsigned)(reference.at[10] - '0') * 10 + (unsigned)(reference.at[11] - '0');
    return check == (rest == 0 ? 97 : rest);
}

unsigned fl_reference_check(struct fl_slice reference)
{
    unsigned schemes = 0;
    schemes |= fl_reference_check_rf(reference) ? FL_SCHEME_RF : 0;
    schemes |= fl_reference_check_qrr(reference) ? FL_SCHEME_QRR : 0;
    schemes |= fl_reference_check_finnish(reference) ? FL_SCHEME_FINNISH : 0;
    schemes |= fl_reference_check_kid10(reference) ? FL_SCHEME_KID10 : 0;
    schemes |= fl_reference_check_kid11(reference) ? FL_SCHEME_KID11 : 0;
    schemes |= fl_reference_check_belgian(reference) ? FL_SCHEME_BELGIAN : 0;
    return schemes;
}
