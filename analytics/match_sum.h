/* match_sum.h - which few of many amounts come to exactly a sum, and whether only they do.
 *
 * Amounts are signed (a credit note counts against). Every set of 2 to 6 of up to 60 amounts is looked at, by meeting in
 * the middle: a set in order is a first half (the lower places) and a second; all sets of up to three are kept in a
 * table by their sum, and each first half asks for what is missing to the sum. So each set is met once, and "only one"
 * is exact.
 *
 * An exact sum proves little by itself: among `looked` sets whose sums spread over so many minor units, looked / spread
 * of them come to any given sum by accident (rulings, Matching 5: lambda).
 *
 * Pure but for the workspace.  Cost: n^3 / 6 sums; 36,000 of them at 60.
 */
#ifndef FLORIN_ANALYTICS_MATCH_SUM_H
#define FLORIN_ANALYTICS_MATCH_SUM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/status.h"

#define FL_MATCH_SUM_OPEN_MAX  60
#define FL_MATCH_SUM_ITEMS_MAX 6

struct fl_match_sum {
    uint32_t found; /* 0, 1, or 2: several */
    uint32_t count; /* of the first one found */
    uint8_t places[FL_MATCH_SUM_ITEMS_MAX];
    uint64_t looked;
    int64_t spread_minor; /* largest sum less smallest */
};

struct fl_match_sum_workspace;
/* Null: no memory. */
struct fl_match_sum_workspace *fl_match_sum_open(void);
void fl_match_sum_close(struct fl_match_sum_workspace *workspace);

/* How many sets would be looked at, and how far their sums spread; nothing is found. */
void fl_match_sum_weigh(const int64_t *amounts_minor, uint32_t n, uint32_t items_max,
                        struct fl_match_sum *out);
/* Sets of 2 to `items_max` (at most 6) of n (at most 60) amounts that come to `target`. */
void fl_match_sum_find(struct fl_match_sum_workspace *workspace, const int64_t *amounts_minor,
                       uint32_t n, uint32_t items_max, int64_t target, struct fl_match_sum *out);

/* looked / spread, x 10^6, rounded up. */
uint64_t fl_match_sum_lambda_e6(const struct fl_match_sum *sum);

#endif
