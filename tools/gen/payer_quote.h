/* payer_quote.h - a document's number as a payer writes it, whole or damaged.
 *
 * The tables of damage are this file's own: nothing here knows how a matcher reads. Whatever is
 * done to a number, something is left that tells a careful person with the books at hand which
 * document is meant:
 *
 *   zeros, separator, blank, O for 0, no prefix, misspelt prefix, run together with a word, the
 *   reference without its signs or in small letters: the digits are all there, in their order;
 *   short (the last four digits), two digits swapped, cut by the bank's line: of the payer's open
 *   documents only one has the amount, and its number fits what is left (the last digits, the same
 *   digits, the first digits). Who deals these asks first whether the amount tells.
 *
 * Thread: any.  Memory: the caller's.
 */
#ifndef FLORIN_TOOLS_GEN_PAYER_QUOTE_H
#define FLORIN_TOOLS_GEN_PAYER_QUOTE_H

#include "tools/gen/gen_names.h"
#include "tools/gen/gen_random.h"
#include "tools/gen/gen_reference.h"
#include "tools/gen/workload.h"

#define FL_GEN_QUOTE_BYTES 64 /* with the NUL */

/* The number (FL_QUOTE_NONE: nothing). Returns its length. */
size_t fl_gen_quote_text(const struct fl_gen_settle *settle, enum fl_gen_quote quote,
                         struct fl_gen_random *random, char out[FL_GEN_QUOTE_BYTES]);

#endif
