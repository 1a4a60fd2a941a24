/* check_digits.h - check digits of structured payment references (semantics 5, rule 2).
 *
 * Each function takes the reference without blanks and separators and says whether its length and
 * its check digits are those of the scheme. A bare number passes a weak one (KID mod 10, Finnish)
 * one time in ten by accident.
 *
 * Pure.
 */
#ifndef FLORIN_CORE_DOMAIN_CHECK_DIGITS_H
#define FLORIN_CORE_DOMAIN_CHECK_DIGITS_H

#include <stdbool.h>
#include <stddef.h>

/* ISO 11649: RF, two check digits, 1 to 21 letters and digits; mod 97 of it rotated is 1. */
bool fl_check_rf(const char *text, size_t length);
/* Swiss QR and ISR reference: 27 digits, mod 10 recursive. */
bool fl_check_qrr(const char *text, size_t length);
/* Finnish: 4 to 20 digits, weights 7 3 1 from the right. */
bool fl_check_finnish(const char *text, size_t length);
/* Norwegian KID: 2 to 25 digits, the last one by mod 10 (Luhn)... */
bool fl_check_kid10(const char *text, size_t length);
/* ...or by mod 11 (weights 2 to 7 from the right); a check of ten is written '-'. */
bool fl_check_kid11(const char *text, size_t length);
/* Belgian +++ddd/dddd/ddddd+++: 12 digits, the first ten mod 97 (0 as 97) are the last two. */
bool fl_check_belgian(const char *text, size_t length);
/* An IBAN: two letters, two digits, 11 to 30 letters and digits; mod 97 of it rotated is 1. */
bool fl_check_iban(const char *text, size_t length);

/* True if the text, blanks and separators left out, holds under any scheme of references. */
bool fl_check_any(const char *text, size_t length);

#endif
