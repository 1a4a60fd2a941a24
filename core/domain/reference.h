/* reference.h - the normal form under which a document's number is found (rulings, Matching 1).
 *
 * Letters upper-cased, only letters and digits, leading zeros of the last run of digits dropped:
 * "INV-00047", "inv 47" and "INV.047" are one. Bytes above 127 are letters as they are: the core knows
 * no Unicode tables, text from outside arrives NFKC-normalised.
 */
#ifndef FLORIN_CORE_DOMAIN_REFERENCE_H
#define FLORIN_CORE_DOMAIN_REFERENCE_H

#include <stddef.h>

#define FL_REFERENCE_BYTES_MAX 128

/* Writes the normal form to `out` (FL_REFERENCE_BYTES_MAX bytes); returns its length, 0 if nothing is
 * left of it. Longer text is cut. */
size_t fl_reference_normal(const char *text, size_t length, char *out);

#endif
