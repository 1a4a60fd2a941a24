/* reference_check.h - check digits of structured payment references.
 *
 * Each function takes the reference without blanks and separators and says whether its length and
 * its check digits are those of the scheme. Which schemes a seller uses is the seller's; a bare
 * number passes a weak one (KID mod 10, Finnish) one time in ten by accident.
 *
 * Pure.
 */
#ifndef FLORIN_TOOLS_INGEST_REFERENCE_CHECK_H
#define FLORIN_TOOLS_INGEST_REFERENCE_CHECK_H

#include <stdbool.h>

#include "tools/format/slice.h"

/* ISO 11649: RF, two check digits, 1 to 21 letters and digits; mod 97 of it rotated is 1. */
bool fl_reference_check_rf(struct fl_slice reference);
/* Swiss QR and ISR reference: 27 digits, mod 10 recursive. */
bool fl_reference_check_qrr(struct fl_slice reference);
/* Finnish: 4 to 20 digits, weights 7 3 1 from the right. */
bool fl_reference_check_finnish(struct fl_slice reference);
/* Norwegian KID: 2 to 25 digits, the last one by mod 10 (Luhn)... */
bool fl_reference_check_kid10(struct fl_slice reference);
/* ...or by mod 11 (weights 2 to 7 from the right); a check of ten is written '-'. */
bool fl_reference_check_kid11(struct fl_slice reference);
/* Belgian +++ddd/dddd/ddddd+++: 12 digits, the first ten mod 97 (0 as 97) are the last two. */
bool fl_reference_check_belgian(struct fl_slice reference);
/* An IBAN: two letters, two digits, 11 to 30 letters and digits; mod 97 of it rotated is 1. */
bool fl_reference_check_iban(struct fl_slice account);

enum fl_reference_scheme {
    FL_SCHEME_RF = 1 << 0,
    FL_SCHEME_QRR = 1 << 1,
    FL_SCHEME_FINNISH = 1 << 2,
    FL_SCHEME_KID10 = 1 << 3,
    FL_SCHEME_KID11 = 1 << 4,
    FL_SCHEME_BELGIAN = 1 << 5,
};

/* All schemes that hold, as a set. */
unsigned fl_reference_check(struct fl_slice reference);

#endif
