/* bench_host.h - the running engine, durable: threads, rings, log, recovery.
 *
 * State: size / 10 customers with size open invoices. cycle_durable: the cycle of bench_engine.h
 * through a producer in process, from the first command sent to the last answer received.
 * cycle_full_durable: the same as whole cycles; PostgreSQL's run follows each of ours where peers
 * are asked for. replay: opening that directory again, every record of it applied. ndjson_durable:
 * a file of cycles as NDJSON through `apply`, a process of its own, results written. */
#ifndef FLORIN_BENCH_BENCH_HOST_H
#define FLORIN_BENCH_BENCH_HOST_H

#include "bench/bench_options.h"

bool fl_bench_host_cycles(const struct fl_bench_options *options, struct fl_figure_table *table);
bool fl_bench_host_ndjson(const struct fl_bench_options *options, struct fl_figure_table *table);

#endif
