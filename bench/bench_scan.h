/* bench_scan.h - questions over the columns of a grown state, as an analyst asks them.
 *
 * aging_scan: all invoices by currency and bucket from the live open amounts, all processors,
 * thread start and sum included. Beside it, with --peers, DuckDB's answer over as many rows in
 * memory (aging_duckdb), between our runs.
 * aging_past: the same as of a day, known as now, from the movements: open items made anew, then
 * the buckets; after the receipts of receipt_application_memory, half of the invoices paid. Beside
 * it DuckDB with as many invoices and a table of half as many applications (aging_past_duckdb).
 */
#ifndef FLORIN_BENCH_BENCH_SCAN_H
#define FLORIN_BENCH_BENCH_SCAN_H

#include "bench/bench_options.h"
#include "core/engine/engine.h"

enum fl_bench_question { FL_BENCH_AGING, FL_BENCH_AGING_PAST };

/* True where one of its figures is asked for. */
bool fl_bench_scan_is_wanted(const struct fl_bench_options *options,
                             enum fl_bench_question question);
/* False: it said why. */
FL_MUST_USE bool fl_bench_scan(const struct fl_bench_options *options,
                               enum fl_bench_question question, struct fl_engine *engine,
                               struct fl_figure_table *table);

#endif
