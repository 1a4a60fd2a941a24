/* promise.h - a customer's word to pay so much by a day (rulings, Smaller rulings).
 *
 *   W1  Cash counts that is dated from the business date on which the promise was made to its day:
 * of an invoice what receipts of those days have paid of it, of a customer those receipts
 * themselves, less what went back to them. W2  When the day after begins, the clock finds it kept
 * or broken (phase FL_DUE_PROMISE, job.h). W3  A receipt is judged by its own date: one entered
 * later that is dated in time keeps a promise that was found broken. What the clock found stays
 * with its sequence; what holds now is fl_promise_state_now.
 *
 * Cost of finding out: the movements of the invoice, or the receipts of the customer.
 */
#ifndef FLORIN_CORE_DOMAIN_PROMISE_H
#define FLORIN_CORE_DOMAIN_PROMISE_H

#include "core/domain/state.h"

/* W1 */
int64_t fl_promise_cash(const struct fl_store *store, uint32_t row);
/* W3 */
enum fl_promise_state fl_promise_state_now(const struct fl_store *store, uint32_t row);

/* W2: its day is over. */
void fl_promise_decide(struct fl_state *s, uint32_t row);
/* Into its index, and into the due index while it waits. */
void fl_promise_index(struct fl_state *s, uint32_t row);
/* The day that decides it. */
uint16_t fl_promise_due(const struct fl_store *store, uint32_t row);

#endif
