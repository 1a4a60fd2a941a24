/* bench_match_hard.h - the full rule set of matching on gen's hardest workload: read, decided, posted, durable.
 *
 * `gen --hard` of size / 10 orders at most a million and a half; its commands are applied and its bank files booked without
 * matching, before the clock starts. Timed are the index, the decisions of all rules over a snapshot, with all
 * processors, and what was decided sent meanwhile, until the last answer is durable. One sample: it is settled then.
 * Payments a second, of all that were open.
 */
#ifndef FLORIN_BENCH_BENCH_MATCH_HARD_H
#define FLORIN_BENCH_BENCH_MATCH_HARD_H

#include "bench/bench_options.h"

bool fl_bench_match_hard(const struct fl_bench_options *options, struct fl_figure_table *table);

#endif
