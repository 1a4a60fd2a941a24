/* line_identity.h - which lines of a bank statement are known already (semantics 4).
 *
 * A line is its account, bank reference, day, amount and text, and the how-many-th of those equal: files overlap and
 * are imported twice, references repeat, two equal coffees are two. Content alone cannot tell a coffee that comes
 * again from one that was bought again; the balances can. Every line stands at a balance of its account, so that
 *
 *   N1  a line with the content and the balance before it of a stored one is that line;
 *   N2  a line that is equal in content only is another one, if the two statements prove where they lie to each
 *       other: one begins where the other ends (also through statements between them), or the lines that they
 *       share, one block that reaches an end of each, all agree by N1;
 *   N3  where nothing is proved (no balances, a day sorted otherwise in another file) as many equal lines as are
 *       stored are known: a line is rather missed than booked twice, and the statement's balance shows it.
 *
 * Limits: a day whose lines come back to the same balance proves nothing for an equal line at that balance, it counts
 * as known. Statements of other days are no help and are not looked at: equal lines are of the same day. Of those of
 * the same days the newest FL_IDENTITY_STATEMENTS count, FL_IDENTITY_LOOKED of the account are looked through.
 *
 * Thread: the engine's. Memory: the state's scratch. Cost: one look-up a line where nothing equal is stored.
 */
#ifndef FLORIN_CORE_DOMAIN_LINE_IDENTITY_H
#define FLORIN_CORE_DOMAIN_LINE_IDENTITY_H

#include "core/domain/state.h"

#define FL_IDENTITY_STATEMENTS 64
#define FL_IDENTITY_LOOKED 4096
/* Where the scratch is free again when the judgement is done, for FL_STATEMENT_LINES_MAX times 24 bytes. */
#define FL_IDENTITY_LINES_AT ((1u << 20) + FL_STATEMENT_LINES_MAX * 8)

/* The statement to be judged. Lines without a booking date are of the day `to`. */
struct fl_identity_statement {
    const struct fl_command *command; /* its texts */
    const struct fl_statement_item *items;
    uint32_t count, account;
    int64_t opening_minor, closing_minor;
    bool has_balances; /* balanced, and a balance was given */
    bool interim;      /* an interim report's: line_told.h */
    uint16_t from, to;
    uint8_t currency;
};

/* The identity of each line to be stored, 0 for one that is known; `count` of them, in the scratch: valid until the
 * next judgement. Amounts fit their currency. Lines of interim reports are looked at by line_told.h: for a statement
 * they are not there, for an interim report those are not that a statement tells again. */
uint64_t *fl_identity_judge(struct fl_state *s, const struct fl_identity_statement *statement);

#endif
