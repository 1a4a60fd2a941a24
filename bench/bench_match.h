/* bench_match.h - payments matched by the exact number of the invoice they name, posted, durable.
 *
 * As many receipts as open invoices (size of them, 5 million at most), in random order, each naming
 * its invoice; through a producer in process, from the first receipt sent to the last answer. A run
 * is an equal part of them. */
#ifndef FLORIN_BENCH_BENCH_MATCH_H
#define FLORIN_BENCH_BENCH_MATCH_H

#include "bench/bench_options.h"

bool fl_bench_match(const struct fl_bench_options *options, struct fl_figure_table *table);

#endif
