#include "bench/bench_match.h"

#include <stdlib.h>

#include "bench/bench_directory.h"

#define PAYMENTS_MAX 5000000u

static bool payments_run(struct fl_bench_directory *d, uint32_t payments,
                         struct fl_figure_table *table)
{
    double rates[FL_FIGURE_RUNS_MAX];
    uint32_t runs = d->options->runs, per_run = payments / runs;
    uint32_t *order = fl_bench_permutation(payments, 13);
    if (!order)
        return false;
    for (uint32_t run = 0; run < runs; run++) {
        fl_bench_commands_clear(&d->commands);
        for (uint32_t i = run * per_run; i < (run + 1) * per_run; i++)
            fl_bench_add_receipt(&d->commands, i, order[i]);
        rates[run] = (double)per_run / fl_bench_directory_send(d);
    }
    free(order);
    fl_figure_table_add_samples(table, "match_exact_durable", "payments/s", rates, runs);
    return true;
}

bool fl_bench_match(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct fl_bench_directory d;
    uint32_t payments = options->size < PAYMENTS_MAX ? options->size : PAYMENTS_MAX;
    /* A receipt takes some 300 bytes; what is not used is never touched. */
    size_t bytes = ((size_t)512 * payments / options->runs) + ((size_t)256 << 20);
    bool good = fl_bench_directory_open(&d, options, bytes);
    if (good) {
        fl_bench_directory_masters(&d);
        fl_bench_directory_invoices(&d, payments);
        good = payments_run(&d, payments, table);
    }
    return fl_bench_directory_close(&d) && good;
}
