#include "bench/bench_scan.h"

#include <stdio.h>
#include <string.h>

#include "analytics/aging_scan.h"
#include "bench/bench_commands.h"
#include "bench/figure_name.h"
#include "bench/peer_duckdb.h"

bool fl_bench_scan_is_wanted(const struct fl_bench_options *options)
{
    return fl_figure_is_wanted(options->wish, "aging_scan") ||
           fl_figure_is_wanted(options->wish, "aging_duckdb");
}

/* Rows a second; every invoice must be found again in some bucket. */
static double aging_once(const struct fl_snapshot *snapshot)
{
    static struct fl_aging aging[FL_CURRENCY_COUNT];
    const struct fl_aging_scan scan = {.snapshot = snapshot,
                                       .invoices = snapshot->rows[FL_TABLE_invoice],
                                       .as_of = UINT16_MAX - 1,
                                       .how = fl_aging_best()};
    memset(aging, 0, sizeof aging);
    double start = fl_bench_now_s();
    enum fl_status status = fl_aging_scan(&scan, aging);
    double seconds = fl_bench_now_s() - start;
    uint64_t found = 0;
    for (unsigned c = 0; c < FL_CURRENCY_COUNT; c++) {
        found += aging[c].not_due_count;
        for (unsigned i = 0; i < FL_AGING_BUCKETS_MAX; i++)
            found += aging[c].bucket_count[i];
    }
    FL_ASSERT(status == FL_OK && found == scan.invoices);
    return scan.invoices / seconds;
}

static bool aging_run(const struct fl_bench_options *options, const struct fl_snapshot *snapshot,
                      struct fl_peer_process *peer, struct fl_figure_table *table)
{
    double ours[FL_FIGURE_RUNS_MAX], theirs[FL_FIGURE_RUNS_MAX];
    for (uint32_t run = 0; run < options->runs; run++) {
        ours[run] = aging_once(snapshot);
        if (peer && !fl_peer_duckdb_rate(peer, snapshot->rows[FL_TABLE_invoice], &theirs[run]))
            return false;
    }
    fl_figure_table_add_samples(table, "aging_scan", "invoices/s", ours, options->runs);
    if (peer)
        fl_figure_table_add_samples(table, "aging_duckdb", "invoices/s", theirs, options->runs);
    return true;
}

/* The peer's end tells what went wrong with it, if anything did. */
static bool beside_peer(const struct fl_bench_options *options, const struct fl_snapshot *snapshot,
                        struct fl_figure_table *table)
{
    struct fl_peer_process peer;
    struct fl_error error = {.status = FL_OK};
    bool good = fl_peer_duckdb_start(&peer, "aging", snapshot->rows[FL_TABLE_invoice],
                                     options->directory, &error) == FL_OK;
    if (good) {
        good = aging_run(options, snapshot, &peer, table);
        good = fl_peer_process_end(&peer, &error) == FL_OK && good;
    }
    if (!good)
        fprintf(stderr, "florin bench: peer: %s\n", error.message);
    return good;
}

bool fl_bench_scan(const struct fl_bench_options *options, struct fl_engine *engine,
                   struct fl_figure_table *table)
{
    struct fl_snapshot snapshot;
    bool with_peer = fl_figure_is_wanted(options->wish, "aging_duckdb");
    if (fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &snapshot) != FL_OK)
        return false;
    bool good = with_peer ? beside_peer(options, &snapshot, table)
                          : aging_run(options, &snapshot, NULL, table);
    fl_snapshot_release(&snapshot);
    return good;
}
