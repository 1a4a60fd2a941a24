/* audit.h - recomputes every kept figure from the rows and compares (I1 to I5).
 *
 * Written from the accounting rules over the rows, not from the code that keeps the figures: open amounts
 * are totals and movements, balances are open documents, daily totals are the entries of the posting rules
 * summed again (the posting rules are the one place that knows them: they are shared), exposure is D7
 * counted over the pieces of each order line, with a rounding of its own. Reads a quiet store; takes memory
 * by malloc, so it has no place on the apply path.
 */
#ifndef FLORIN_ANALYTICS_AUDIT_H
#define FLORIN_ANALYTICS_AUDIT_H

#include "core/data/store.h"

/* Says each difference in a sentence (at most FL_AUDIT_SENTENCES_MAX of them) and returns how many there
 * are; UINT64_MAX if memory is refused. */
#define FL_AUDIT_SENTENCES_MAX 100
uint64_t fl_audit(const struct fl_store *store, void (*say)(void *context, const char *sentence),
                  void *context);

#endif
