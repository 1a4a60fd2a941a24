/* bench_engine.h - the engine alone, in memory, on one core, on grown state: no log, no threads but
 * the one that makes memory present ahead, as in the running engine.
 *
 * State: size / 10 customers with size open invoices. Groups of 16 are applied after the prefetch
 * pass, as the apply thread does, from commands that stand ready in memory; each is copied into a
 * writable place first, as into the log.
 *
 * snapshot_1m, snapshot_10m: taking one when so many invoices are there. snapshot_copy_1m, _10m:
 * what the writes after a snapshot cost more than the same writes without one, every chunk of
 * invoices and customers being written to; the first run copies into new memory, the others into
 * what was given back.
 * receipt_application_memory: each run pays a tenth of the invoices in random order, each receipt
 * naming its invoice; receipt_application_lines: one receipt's time in random line reads, measured
 * between the runs. cycle_memory: order of two lines, shipment, invoice, receipt that settles it,
 * counted as commands. bytes_per_open_invoice: rows and indexes. */
#ifndef FLORIN_BENCH_BENCH_ENGINE_H
#define FLORIN_BENCH_BENCH_ENGINE_H

#include "bench/bench_options.h"

struct fl_probe_machine;

/* Adds what is asked for. `probe` is open; random_line_reads is added if receipts are measured. */
bool fl_bench_engine(const struct fl_bench_options *options, struct fl_probe_machine *probe,
                     struct fl_figure_table *table);

#endif
