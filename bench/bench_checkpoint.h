/* bench_checkpoint.h - an engine opened from a checkpoint alone.
 *
 * State: size / 10 customers with size invoices, a tenth of them paid. checkpoint_load: bytes of
 * the columns in the checkpoint by the time from nothing to all of them verified and in their
 * place, the files being in the page cache; from a cold disk raw_write_bandwidth is no bad guess of
 * the bound. index_rebuild: entries of the indexes that are made from them afterwards. */
#ifndef FLORIN_BENCH_BENCH_CHECKPOINT_H
#define FLORIN_BENCH_BENCH_CHECKPOINT_H

#include "bench/bench_options.h"

bool fl_bench_checkpoint(const struct fl_bench_options *options, struct fl_figure_table *table);

#endif
