/* match_quality.h - how much of the incoming money was matched, and how much of it rightly (rulings, Match quality).
 *
 *   T  what the key says a line settles: pairs of a document and what is taken off it, credits negative
 *   A  what the machine applied of the line and still stands; what a person touched is in neither
 *
 *   right    A = T, to the cent, not empty
 *   partial  A a true part of T
 *   wrong    A has a pair that T has not, or another amount; or A is not empty where T is, or the line is not decidable
 *   open     A is empty
 *
 *   by payment  coverage = right / lines with a decidable T        precision = right / (right + wrong + partial)
 *   by line     coverage = |A and T| / |T|, precision = |A and T| / |A|, over pairs
 *   by amount   the same with the amounts, as far as a pair's amounts agree
 *
 * With an interval by Wilson, 95 %. A rule answers for the lines that it settled. A line that is not in the book counts
 * as open.
 *
 * Limit: what a receipt settled that was given with its documents (no line of a bank) is no match and is not judged.
 */
#ifndef FLORIN_ANALYTICS_MATCH_QUALITY_H
#define FLORIN_ANALYTICS_MATCH_QUALITY_H

#include "core/base/decimal.h"
#include "core/data/snapshot.h"

#define FL_QUALITY_RULES     10
#define FL_QUALITY_PAIRS_MAX 256

/* A document, and what of it; documents of the two kinds never share a number here. */
struct fl_quality_pair {
    uint64_t document; /* FL_QUALITY_UNKNOWN, or row, credit notes above 2^32 */
    int64_t amount_minor;
};
#define FL_QUALITY_UNKNOWN      UINT64_MAX
#define FL_QUALITY_NOTE(row)    (UINT64_C(1) << 32 | (row))
#define FL_QUALITY_INVOICE(row) ((uint64_t)(row))

struct fl_quality_counts {
    uint64_t lines, decidable; /* with a T that can be decided */
    uint64_t right, wrong, partial, open;
    uint64_t pairs_key, pairs_applied, pairs_both;
    fl_int128 amount_key, amount_applied, amount_both;
};

struct fl_quality {
    struct fl_quality_counts all, rule[FL_QUALITY_RULES + 1];
    uint64_t unmatchable, undecidable; /* of all lines of the key */
    uint64_t by_person;                /* left out */
};

struct fl_rate {
    double value, low, high; /* Wilson, 95 %; value < 0: nothing to count */
};
struct fl_rate fl_quality_rate(uint64_t good, uint64_t all);

/* What the machine applied of a receipt and still stands, one pair a document; returns how many. `rule_out`: the rule of
 * the newest, 0 if there is none; `person_out`: a person applied or reversed something of it. */
uint32_t fl_quality_applied(const struct fl_snapshot *snapshot, uint32_t receipt,
                            struct fl_quality_pair out[FL_QUALITY_PAIRS_MAX], unsigned *rule_out,
                            bool *person_out);

/* Judges one line of the key; receipt FL_NO_ROW: not in the book. */
void fl_quality_judge(struct fl_quality *quality, const struct fl_snapshot *snapshot,
                      uint32_t receipt, const struct fl_quality_pair *key, uint32_t key_count,
                      bool decidable);

/* Without a key: receipts, how many are settled, what was undone, and how old the rest is. */
struct fl_queue {
    uint64_t incoming, settled, by_person, undone, open;
    uint64_t settled_by_rule[FL_QUALITY_RULES + 1];
    uint64_t age[4]; /* open for up to 7, 30, 90 days, and longer */
    uint32_t oldest_days;
};
void fl_queue_count(const struct fl_snapshot *snapshot, uint16_t as_of, struct fl_queue *out);

#endif
