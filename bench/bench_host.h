/* bench_host.h - the running engine, durable: threads, rings, log, recovery.
 *
 * cycle_durable: the cycle of bench_engine.h through a producer in process, from the first command sent to the last
 * answer received. cycle_full_durable: the same as whole cycles. ndjson_durable: a file of the same commands as NDJSON
 * through `apply`, a process of its own, results written. replay: opening that directory again. single_*: receipts at
 * 1,000/s, open loop, a receipt at a time, beside a raw 4 KiB writer at the same rate in alternating windows. */
#ifndef FLORIN_BENCH_BENCH_HOST_H
#define FLORIN_BENCH_BENCH_HOST_H

#include "bench/bench_engine.h"

bool fl_bench_host_cycles(const struct fl_bench_options *options, struct fl_figure_table *table);
bool fl_bench_host_ndjson(const struct fl_bench_options *options, struct fl_figure_table *table);
bool fl_bench_host_single(const struct fl_bench_options *options, struct fl_figure_table *table);

#endif
