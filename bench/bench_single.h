/* bench_single.h - receipts one at a time at 1,000/s, through two checkpoints, beside a raw writer.
 *
 *     ours | raw | ours + checkpoint | raw | ours | raw | ours + checkpoint | raw | ours | raw
 *
 * State: size / 10 customers with size open invoices; every receipt settles one of them at random,
 * so that what a checkpoint still reads is copied on the way. The first checkpoints of a directory
 * write all of it.
 *
 *   W1  Latency counts from the instant a receipt was due, also when the ones before it were late
 * (open loop): what is due when an answer comes is sent at once. W2  A window has at least
 * WINDOW_S; one with a checkpoint ends after the checkpoint did, so that none runs beside the raw
 * writer. W3  single_* and raw_write_p* are quantiles over all samples of their windows; least and
 * most are the windows' own. single_p99_ratio is one over the other; single_p99_checkpoint is over
 * the windows with a checkpoint.
 */
#ifndef FLORIN_BENCH_BENCH_SINGLE_H
#define FLORIN_BENCH_BENCH_SINGLE_H

#include "bench/bench_options.h"

bool fl_bench_single(const struct fl_bench_options *options, struct fl_figure_table *table);

/* raw_write_p50 and raw_write_p99 alone, at the same rate, where no receipts are measured. */
bool fl_bench_single_raw(const struct fl_bench_options *options, struct fl_figure_table *table);

#endif
