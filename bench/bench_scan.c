#include "bench/bench_scan.h"

#include <stdio.h>
#include <string.h>

#include "analytics/aging_scan.h"
#include "bench/bench_commands.h"
#include "bench/figure_name.h"
#include "bench/peer_duckdb.h"

#define LAST_DAY (UINT16_MAX - 1) /* after everything: all rows count */

/* Returns how many invoices were found. */
typedef uint64_t ask(const struct fl_snapshot *snapshot, struct fl_aging *aging);

static uint64_t invoices_of(const struct fl_aging *aging)
{
    uint64_t found = aging->not_due_count;
    for (unsigned i = 0; i < FL_AGING_BUCKETS_MAX; i++)
        found += aging->bucket_count[i];
    return found;
}

static uint64_t ask_aging(const struct fl_snapshot *snapshot, struct fl_aging *aging)
{
    const struct fl_aging_scan scan = {.snapshot = snapshot,
                                       .invoices = snapshot->rows[FL_TABLE_invoice],
                                       .as_of = LAST_DAY,
                                       .how = fl_aging_best()};
    uint64_t found = 0;
    enum fl_status status = fl_aging_scan(&scan, aging);
    FL_ASSERT(status == FL_OK);
    for (unsigned c = 0; c < FL_CURRENCY_COUNT; c++)
        found += invoices_of(&aging[c]);
    return found;
}

static uint64_t ask_past(const struct fl_snapshot *snapshot, struct fl_aging *aging)
{
    struct fl_open_items items;
    enum fl_status status = fl_open_items_make(snapshot, LAST_DAY, UINT64_MAX, &items);
    FL_ASSERT(status == FL_OK);
    unsigned count = fl_aging_by_currency(snapshot, &items, aging);
    uint64_t found = 0;
    for (unsigned i = 0; i < count; i++)
        found += invoices_of(&aging[i]);
    fl_open_items_free(&items);
    return found;
}

static const struct question {
    const char *name, *peer_name; /* figures */
    const char *peer_question;
    ask *ask;
} questions[] = {
    [FL_BENCH_AGING] = {"aging_scan", "aging_duckdb", "aging", ask_aging},
    [FL_BENCH_AGING_PAST] = {"aging_past", "aging_past_duckdb", "aging_past", ask_past},
};

bool fl_bench_scan_is_wanted(const struct fl_bench_options *options,
                             enum fl_bench_question question)
{
    return fl_figure_is_wanted(options->wish, questions[question].name) ||
           fl_figure_is_wanted(options->wish, questions[question].peer_name);
}

/* Rows a second; every open invoice must be found again in some bucket, each time. */
static double ask_once(const struct question *q, const struct fl_snapshot *snapshot,
                       uint64_t *found_before)
{
    static struct fl_aging aging[FL_CURRENCY_COUNT];
    memset(aging, 0, sizeof aging);
    double start = fl_bench_now_s();
    uint64_t found = q->ask(snapshot, aging);
    double seconds = fl_bench_now_s() - start;
    FL_ASSERT(found > 0 && (*found_before == 0 || *found_before == found));
    *found_before = found;
    return snapshot->rows[FL_TABLE_invoice] / seconds;
}

static bool ask_all(const struct fl_bench_options *options, const struct question *q,
                    const struct fl_snapshot *snapshot, struct fl_peer_process *peer,
                    struct fl_figure_table *table)
{
    double ours[FL_FIGURE_RUNS_MAX], theirs[FL_FIGURE_RUNS_MAX];
    uint64_t found = 0;
    for (uint32_t run = 0; run < options->runs; run++) {
        ours[run] = ask_once(q, snapshot, &found);
        if (peer && !fl_peer_duckdb_rate(peer, options->size, &theirs[run]))
            return false;
    }
    fl_figure_table_add_samples(table, q->name, "invoices/s", ours, options->runs);
    if (peer)
        fl_figure_table_add_samples(table, q->peer_name, "invoices/s", theirs, options->runs);
    return true;
}

/* The peer's end tells what went wrong with it, if anything did. */
static bool beside_peer(const struct fl_bench_options *options, const struct question *q,
                        const struct fl_snapshot *snapshot, struct fl_figure_table *table)
{
    struct fl_peer_process peer;
    struct fl_error error = {.status = FL_OK};
    bool good = fl_peer_duckdb_start(&peer, q->peer_question, options->size, options->directory,
                                     &error) == FL_OK;
    if (good) {
        good = ask_all(options, q, snapshot, &peer, table);
        good = fl_peer_process_end(&peer, &error) == FL_OK && good;
    }
    if (!good)
        fprintf(stderr, "florin bench: peer: %s\n", error.message);
    return good;
}

bool fl_bench_scan(const struct fl_bench_options *options, enum fl_bench_question question,
                   struct fl_engine *engine, struct fl_figure_table *table)
{
    const struct question *q = &questions[question];
    struct fl_snapshot snapshot;
    bool with_peer = fl_figure_is_wanted(options->wish, q->peer_name);
    if (fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &snapshot) != FL_OK)
        return false;
    bool good = with_peer ? beside_peer(options, q, &snapshot, table)
                          : ask_all(options, q, &snapshot, NULL, table);
    fl_snapshot_release(&snapshot);
    return good;
}
