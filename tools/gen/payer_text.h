/* payer_text.h - what a payer writes around the numbers (payer_quote.h), and who it says he is.
 *
 * The words and the damage are this file's own: nothing here knows how a matcher reads. All of it
 * is a function of the payment, so a text is made only where somebody writes it.
 *
 * Thread: any.  Memory: the caller's.
 */
#ifndef FLORIN_TOOLS_GEN_PAYER_TEXT_H
#define FLORIN_TOOLS_GEN_PAYER_TEXT_H

#include "tools/gen/payer_quote.h"

#define FL_GEN_PAYER_TEXT_BYTES 256 /* with the NUL */

struct fl_gen_payer {
    char name[FL_GEN_NAME_BYTES];
    char iban[FL_GEN_IBAN_BYTES]; /* empty: the bank does not say */
};

/* The remittance text, ASCII; may be empty. Returns its length. */
size_t fl_gen_payer_text(const struct fl_workload_plan *plan, const struct fl_gen_payment *payment,
                         char out[FL_GEN_PAYER_TEXT_BYTES]);

/* The name (UTF-8) and account that the bank gives. */
void fl_gen_payer_of(const struct fl_workload_plan *plan, const struct fl_gen_payment *payment,
                     struct fl_gen_payer *out);

/* The reference that goes beside the text where a format has a place for it; else empty. */
size_t fl_gen_payer_reference(const struct fl_gen_payment *payment,
                              char out[FL_GEN_REFERENCE_BYTES]);

/* The account that a customer pays from. */
size_t fl_gen_customer_iban(uint32_t customer, char out[FL_GEN_IBAN_BYTES]);

#endif
