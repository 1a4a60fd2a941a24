/* match.h - what is kept of why money was applied: who, the sentence, the runner-up, the candidates
 * (rulings A5).
 *
 * Rule and points stand at the application's movement, beside what is written there anyway. A row
 * of `match` is added only where a command says more: rows rise with the movement, so that they are
 * found by halving.
 */
#ifndef FLORIN_CORE_DOMAIN_MATCH_H
#define FLORIN_CORE_DOMAIN_MATCH_H

#include "core/domain/state.h"

/* FL_OUT_OF_RANGE: a rule or points that no byte holds. */
enum fl_status fl_match_check(struct fl_context *c, const struct fl_match *match);
void fl_match_add(struct fl_context *c, uint32_t movement, struct fl_text by,
                  const struct fl_match *match, uint8_t currency);

/* The row about the movement among the first `rows`; FL_NO_ROW. */
uint32_t fl_match_find(const struct fl_store *store, uint32_t rows, uint32_t movement);
/* The next document of a candidate behind `*at` (0 to begin with), and its amount as text; null at
 * the end. */
const char *fl_match_document_next(const struct fl_store *store, uint32_t candidate, uint32_t *at,
                                   const char **amount_out);

#endif
