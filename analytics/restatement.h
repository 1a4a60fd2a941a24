/* restatement.h - what became known after a report was made, and concerns its days.
 *
 *   T1  As of the day, what was reported + what is listed as restating = what is reported now.
 *
 * Two kinds of entry. One restates: it counts on a day up to the as-of day. The other was pushed: it
 * concerns such a day, but that was closed, so it counts on the first open one and restates nothing;
 * it is listed all the same, with the day it concerns. What an entry concerns: a reversal names it
 * (`corrects`), a bank line has its booking date, an application the later of its documents' days.
 * A document that came without a date in a closed period has no other day than the one it got.
 *
 * Cost: what came later, no more.
 */
#ifndef FLORIN_ANALYTICS_RESTATEMENT_H
#define FLORIN_ANALYTICS_RESTATEMENT_H

#include "analytics/journal.h"
#include "core/base/decimal.h"

struct fl_restatement {
    struct fl_journal_entry entry;
    uint16_t concerns; /* the day in the closed period; FL_DATE_NONE: its own */
    bool restates;     /* counts by the as-of day */
    fl_int128 invoices, unapplied, credits; /* what it does to the three receivable accounts, debit plus */
};

struct fl_restatements {
    struct fl_journal journal;
    struct fl_journal_entry entry;
    uint16_t as_of;
};

/* Of what became known after `known_seq`. */
void fl_restatements_open(struct fl_restatements *list, const struct fl_snapshot *snapshot,
                          uint16_t as_of, uint64_t known_seq);
/* The next one, by sequence; false at the end. */
bool fl_restatements_next(struct fl_restatements *list, struct fl_restatement *out);

#endif
