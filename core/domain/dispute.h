/* dispute.h - an invoice, or a part of it, that the customer contests (rulings, Smaller rulings).
 *
 *   U1  A dispute is of an amount, at most what is open; several on one invoice together too. It
 * moves no money: what is disputed stays open, in aging and in exposure. U2  It is closed once:
 * upheld, with a credit note for its amount (or what can still be credited is refused) in the
 *       invoice's tax proportions if one is named; or rejected.
 *
 * Found by id, and by invoice. Cost: nothing on an invoice without one, but for a flag beside its
 * open amount.
 */
#ifndef FLORIN_CORE_DOMAIN_DISPUTE_H
#define FLORIN_CORE_DOMAIN_DISPUTE_H

#include "core/domain/state.h"

/* The sum of the invoice's open disputes. */
int64_t fl_dispute_open_sum(const struct fl_state *s, uint32_t invoice);
/* Into its indexes, when they are rebuilt. */
void fl_dispute_index(struct fl_state *s, uint32_t row);

#endif
