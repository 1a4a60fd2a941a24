/* gen_reference.h - structured payment references with check digits, one made for each invoice.
 *
 * The scheme goes by the invoice's number, so that every seller's country is there:
 *
 *   n mod 6   scheme                                              example of a form
 *   0         ISO 11649 (RF, mod 97)                              RF18 5390 0754 7034
 *   1         Swiss QR (27 digits, mod 10 recursive)              21 00000 00003 13947 14300 09017
 *   2         Finnish (weights 7 3 1)                             8 08000 00000 01232
 *   3         Norwegian KID, mod 10                               300300000001235
 *   4         Norwegian KID, mod 11 (none that would end in '-')  40404000000001235
 *   5         Belgian (mod 97 of ten digits)                      +++090/9337/55493+++
 *
 * Reckoned here from the schemes' own rules; nothing is shared with whoever reads them. References
 * differ for every invoice, and their lengths for every scheme.
 *
 * Thread: any.  Memory: none.
 */
#ifndef FLORIN_TOOLS_GEN_GEN_REFERENCE_H
#define FLORIN_TOOLS_GEN_GEN_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#define FL_GEN_REFERENCE_BYTES 40 /* in any form, with the NUL */

/* As the books keep it: without blanks and signs. Returns its length. */
size_t fl_gen_reference(uint32_t invoice, char out[FL_GEN_REFERENCE_BYTES]);

/* As it is printed on the invoice, in groups. Returns its length. */
size_t fl_gen_reference_printed(uint32_t invoice, char out[FL_GEN_REFERENCE_BYTES]);

#endif
