/* bank_opening.h - what was on a bank account before its first line (posting row 26).
 *
 *   O1  An opening that `bank_account` gives stays as it was given.
 *   O2  Else it is that of the account's earliest statement with balances, whatever order they came in, less the
 *       lines that are posted of days before that statement: its opening has them. It stands on the day before both.
 *   O3  A statement that changes it mirrors the entry that stood, on its own date, and books the new one on the day that
 *       it is of; both pushed out of closed days (D3). What was known before stays: rows are added, none changes.
 *   O4  Of statements that begin on one day the earliest is the one that opens with what no other closes with. Where it
 *       is none or several of them, the one that came first is.
 *   O5  Without a rate for its day it waits, as lines do; what stood before stands until then.
 *
 * Interim reports bring no opening. Lines that another file told before are posted once and count once.
 *
 * Limits: days have no order within. Lines of the very day that the earliest statement with balances begins on, told
 * by one without balances only, count as after its opening; one that overlaps another from the same day on opens the
 * account if it came first. Of statements that begin on the earliest day FL_OPENING_SAME_DAY are compared. An opening
 * that becomes larger than an amount may be leaves the one before.
 *
 * Thread: the engine's. Memory: none. Cost: none, but for a statement from before the first: the cards of the
 * account's statements, if one of them has lines of days before it.
 */
#ifndef FLORIN_CORE_DOMAIN_BANK_OPENING_H
#define FLORIN_CORE_DOMAIN_BANK_OPENING_H

#include "core/domain/state.h"

#define FL_OPENING_SAME_DAY 32

/* O1. */
void fl_opening_give(struct fl_context *c, uint32_t account, int64_t opening_minor,
                     int64_t base_minor);
/* O2, of the statement whose first part is `first`: all of its lines are stored. */
void fl_opening_bring(struct fl_context *c, uint32_t first);
/* O5. */
void fl_opening_post_waiting(struct fl_context *c, uint32_t account);

#endif
