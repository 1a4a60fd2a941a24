/* match_text.h - what a payment's text says, cut into what matching asks for.
 *
 * Of a bank's line its text, its payer and its references; of a receipt without a line its own. Tokens are those of
 * reference_token.h; those that no number of ours can look like are left out. Beside them, for damaged numbers: runs of
 * digits as written, where letters stand for digits (O, I, L, S, B behind letters of ours), where numbers were run
 * together, or cut apart by a blank. Account numbers are looked for in the text too: some banks have no field for them.
 *
 * Thread: a reader is one thread's.  Memory: the reader, some 100 KiB; none a payment.
 */
#ifndef FLORIN_TOOLS_INGEST_MATCH_TEXT_H
#define FLORIN_TOOLS_INGEST_MATCH_TEXT_H

#include "analytics/match_batch.h"

/* The source for a batch over a snapshot; context is the snapshot. */
struct fl_match_source fl_match_text_source(const struct fl_snapshot *snapshot);
/* Names and check digits for the index. */
extern const struct fl_match_letters fl_match_text_letters;

#endif
