/* line_told.h - one booked entry that several files tell: interim reports and notices (camt.052, 054) on the way, the
 * statement of the day at last (semantics 4).
 *
 *   U1  What an interim report tells as booked is a line like any other, posted once. The statement of the day tells it
 *       again: that line is stored with its statement, which is whole and balances, has the status `told` and posts
 *       nothing; its target is the line that was posted. A posted line is told so once.
 *   U2  An entry that a statement told before is known where an interim report tells it later: nothing is stored.
 *   U3  Account, day and amount are equal; then the surest comes first: the bank's reference (letters and digits of
 *       it), the end-to-end id, a batch and its sum (U5), the text, at last nothing more, since the statement of a day
 *       has every entry of it, whatever references the bank's other files give.
 *   U4  Two interim reports tell one entry only where a reference says so, or the text and one of them has no
 *       reference: of them nobody says that either has all entries.
 *   U5  The parts of a batch are together the entry that another file tells as their sum, either way round.
 *
 * Limits: a batch counts as one within one command; of the account's newest FL_TOLD_STATEMENTS statements those of the
 * same days count, and FL_TOLD_CANDIDATES of their lines that have day and amount of one asked for.
 *
 * Thread: the engine's. Memory: the state's scratch. Cost: none for accounts without interim reports; else the cards
 * of their lines of the same days.
 */
#ifndef FLORIN_CORE_DOMAIN_LINE_TOLD_H
#define FLORIN_CORE_DOMAIN_LINE_TOLD_H

#include "core/domain/line_identity.h"

#define FL_TOLD_STATEMENTS 65536u
#define FL_TOLD_CANDIDATES 32768u

/* `of` as it was judged, `identity` what came of it. Of an interim report the identity of what is known by U2 and U4
 * becomes 0. Of a statement returns for each line the row of the line that it tells again, or FL_NO_ROW, and marks
 * those rows as told; in the scratch: valid while no other command judges. Null: there is nothing of the kind. */
const uint32_t *fl_line_told(struct fl_state *s, const struct fl_identity_statement *of,
                             uint64_t *identity);

/* A stored line's place in a batch of its file, as line_add keeps it. */
enum fl_line_batch { FL_BATCH_NONE, FL_BATCH_FIRST, FL_BATCH_NEXT };

#endif
