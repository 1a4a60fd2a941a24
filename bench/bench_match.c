#include "bench/bench_match.h"

#include <stdlib.h>

#include "bench/bench_directory.h"
#include "bench/peer_duckdb.h"

#define PAYMENTS_MAX 5000000u

/* Ours and, if `peer` is there, DuckDB's, in turn: what slows the machine meets both. */
static bool payments_run(struct fl_bench_directory *d, uint32_t payments,
                         struct fl_peer_process *peer, struct fl_figure_table *table)
{
    double rates[FL_FIGURE_RUNS_MAX], peers[FL_FIGURE_RUNS_MAX], files[FL_FIGURE_RUNS_MAX];
    uint32_t runs = d->options->runs, per_run = payments / runs;
    uint32_t *order = fl_bench_permutation(payments, 13);
    if (!order)
        return false;
    for (uint32_t run = 0; run < runs; run++) {
        fl_bench_commands_clear(&d->commands);
        for (uint32_t i = run * per_run; i < (run + 1) * per_run; i++)
            fl_bench_add_receipt(&d->commands, i, order[i]);
        rates[run] = (double)per_run / fl_bench_directory_send(d);
        struct fl_peer_duckdb_rates rate = {0, 0};
        if (peer && !fl_peer_duckdb_ask(peer, payments, &rate)) {
            free(order);
            return false;
        }
        peers[run] = rate.memory;
        files[run] = rate.file;
    }
    free(order);
    if (peer) {
        fl_figure_table_add_samples(table, "match_exact_duckdb", "payments/s", peers, runs);
        fl_figure_table_add_samples(table, "match_exact_duckdb_file", "payments/s", files, runs);
    }
    fl_figure_table_add_samples(table, "match_exact_durable", "payments/s", rates, runs);
    return true;
}

/* The peer's end tells what went wrong with it, if anything did. */
static bool beside_peer(struct fl_bench_directory *d, uint32_t payments,
                        struct fl_figure_table *table)
{
    struct fl_peer_process peer;
    if (fl_peer_duckdb_start(&peer, "match", payments, d->options->directory, &d->error) != FL_OK)
        return fl_bench_directory_say(d, "peer");
    bool good = payments_run(d, payments, &peer, table);
    return (fl_peer_process_end(&peer, &d->error) == FL_OK || fl_bench_directory_say(d, "peer")) &&
           good;
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
        good = fl_figure_is_wanted(options->wish, "match_exact_duckdb") ||
                       fl_figure_is_wanted(options->wish, "match_exact_duckdb_file")
                   ? beside_peer(&d, payments, table)
                   : payments_run(&d, payments, NULL, table);
    }
    return fl_bench_directory_close(&d) && good;
}
