/* mt940_details.h - what field 86 of an MT940 says: remittance text, payer, references.
 *
 * Three styles, told by their first characters (the sign may be any of ?>~^@<|#!*%;$&; where the
 * code before it is missing, ? alone):
 *
 *   166?00GUTSCHRIFT?20EREF+..?22SVWZ+..?30BIC?31IBAN?32NAME   code, then subfields behind one sign
 *   /TRTP/SEPA OVERBOEKING/IBAN/NL..../NAME/.../REMI/.../      words between slashes
 *   anything else                                              plain text
 *
 * Banks break lines at 65 characters wherever that falls, and subfields at 27: what fills its line
 * is joined to the next without a blank, what is shorter with one. When in doubt a blank: a number
 * broken by a blank is still found by the matcher, two words run together are not.
 *
 * Pure: no state, no allocation.
 */
#ifndef FLORIN_TOOLS_INGEST_MT940_DETAILS_H
#define FLORIN_TOOLS_INGEST_MT940_DETAILS_H

#include "tools/format/slice.h"

struct fl_mt940_details {
    struct fl_slice text;
    struct fl_slice name, account; /* of the other side */
    struct fl_slice end_to_end, customer_ref, mandate;
    struct fl_slice creditor_ref; /* structured remittance */
    struct fl_slice code;         /* GVC, or the words of TRTP */
    struct fl_slice return_reason;
};

/* Room that fl_mt940_details_read may use for `bytes` of field 86. */
#define FL_MT940_DETAILS_SCRATCH(bytes) (6 * (bytes) + 64)

/* `raw`: everything behind the first ":86:" of an entry, valid UTF-8, line ends and further ":86:"
 * at line starts in. The slices point into `raw` or `scratch`. Fillers are still in. */
void fl_mt940_details_read(struct fl_slice raw, char *scratch, struct fl_mt940_details *out);

#endif
