/* bench_engine.h - the engine alone, in memory, on one core, on grown state: no log, no threads.
 *
 * receipt_application_memory: `invoices` open invoices of invoices/10 customers; each run pays a tenth of them in random
 * order, each receipt naming its invoice; a second thread makes memory present ahead, as in the engine. cycle_memory: order of two lines, shipment, invoice, receipt that settles it,
 * counted as commands. Both apply groups of 16 after the prefetch pass, as the apply thread does, from commands that
 * stand ready in memory. */
#ifndef FLORIN_BENCH_BENCH_ENGINE_H
#define FLORIN_BENCH_BENCH_ENGINE_H

#include <stdbool.h>

#include "bench/figure.h"

struct fl_bench_options {
    uint32_t size;         /* invoices of grown state; 0: 1,000,000 */
    uint32_t runs;         /* 5 */
    const char *directory; /* on the device to be measured */
};

struct fl_probe_machine;

/* Adds receipt_application_memory, receipt_application_lines, bytes_per_open_invoice, snapshot_*, cycle_memory, and the
 * machine's line reads measured between the runs. `probe` is open. */
bool fl_bench_engine(const struct fl_bench_options *options, struct fl_probe_machine *probe,
                     struct fl_figure_table *table);

#endif
