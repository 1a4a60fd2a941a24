#include "bench/bench_engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench_commands.h"
#include "bench/bench_scan.h"
#include "bench/probe_machine.h"
#include "core/engine/engine.h"
#include "storage/memory_ahead.h"

#define PRODUCTS      1000u
#define GROUP         16
#define PORTION       2048u
#define LINE_READS    10000000u
#define COPY_RECEIPTS 20000u

struct bench {
    const struct fl_bench_options *options;
    struct fl_figure_table *table;
    struct fl_engine *engine;
    struct fl_bench_commands commands;
    uint32_t customers, invoices, paid, cycles;
    uint64_t refused;
    char *work;
    struct fl_memory_ahead ahead;
    pthread_t preparing;
    _Atomic bool stop;
    bool failed;
};

/* As in the running engine: a second thread makes the tables' memory present ahead of the one that
 * is measured. */
static void *prepare(void *context)
{
    struct bench *b = context;
    while (!atomic_load(&b->stop)) {
        fl_memory_ahead_step(&b->ahead);
        usleep(200);
    }
    return NULL;
}

/* A copy into a writable place is part of the price: in the engine that place is the log's open
 * block. */
static void apply(struct bench *b, const struct fl_command *command)
{
    struct fl_result result;
    memcpy(b->work, command, command->bytes);
    result.tag = 0;
    if (fl_engine_apply(b->engine, (struct fl_command *)b->work, &result, NULL) != FL_OK)
        b->refused++;
}

/* All commands of the buffer, a group at a time; seconds. */
static double apply_all(struct bench *b)
{
    const struct fl_command *group[GROUP];
    const char *at = b->commands.bytes, *end = at + b->commands.used;
    double start = fl_bench_now_s();
    for (uint32_t groups = 0; at < end; groups++) {
        uint32_t n = 0;
        if ((groups & 63) == 0)
            fl_memory_ahead_note(&b->ahead);
        for (; n < GROUP && at < end; n++) {
            group[n] = (const struct fl_command *)at;
            at += group[n]->bytes;
        }
        fl_engine_prefetch(b->engine, group, n);
        for (uint32_t i = 0; i < n; i++)
            apply(b, group[i]);
    }
    return fl_bench_now_s() - start;
}

static void grow(struct bench *b)
{
    for (uint32_t i = 0; i < b->customers; i++) {
        fl_bench_add_customer(&b->commands, i);
        if (b->commands.count == 10000 || i + 1 == b->customers) {
            apply_all(b);
            fl_bench_commands_clear(&b->commands);
        }
    }
    for (uint32_t i = 0; i < PRODUCTS; i++)
        fl_bench_add_product(&b->commands, i);
    apply_all(b);
    fl_bench_commands_clear(&b->commands);
}

/* What an apply thread does when a checkpoint or a reader wants one. */
static double snapshot_once(struct bench *b)
{
    struct fl_snapshot snapshot;
    double start = fl_bench_now_s();
    enum fl_status status =
        fl_snapshot_take(fl_engine_store(b->engine), fl_engine_seq(b->engine), &snapshot);
    double seconds = fl_bench_now_s() - start;
    FL_ASSERT(status == FL_OK);
    fl_snapshot_release(&snapshot);
    return seconds;
}

static void snapshots_run(struct bench *b, const char *name)
{
    double seconds[FL_FIGURE_RUNS_MAX];
    for (uint32_t run = 0; run < b->options->runs; run++)
        seconds[run] = snapshot_once(b);
    fl_figure_table_add_samples(b->table, name, "s", seconds, b->options->runs);
}

static void grow_invoices(struct bench *b)
{
    uint64_t state = 88172645463325252u;
    for (uint32_t i = 0; i < b->invoices; i++) {
        fl_bench_add_invoice(&b->commands, i, (uint32_t)(fl_bench_random(&state) % b->customers));
        if (b->commands.count == 10000 || i + 1 == b->invoices) {
            apply_all(b);
            fl_bench_commands_clear(&b->commands);
        }
        if (i + 1 == 1000000)
            snapshots_run(b, "snapshot_1m");
        if (i + 1 == 10000000)
            snapshots_run(b, "snapshot_10m");
    }
}

static void receipts_build(struct bench *b, const uint32_t *order, uint32_t count)
{
    fl_bench_commands_clear(&b->commands);
    for (uint32_t i = 0; i < count; i++)
        fl_bench_add_receipt(&b->commands, b->paid + i, order[b->paid + i]);
    b->paid += count;
}

/* Commands as they come from a ring: made a few at a time, so that they stand in cache; their
 * applying alone is timed. */
static double receipts_apply(struct bench *b, const uint32_t *order, uint32_t count)
{
    double seconds = 0;
    for (uint32_t done = 0; done < count; done += PORTION) {
        receipts_build(b, order, count - done < PORTION ? count - done : PORTION);
        seconds += apply_all(b);
    }
    return seconds;
}

static void bench_receipts(struct bench *b, const uint32_t *order, struct fl_probe_machine *probe)
{
    double rates[FL_FIGURE_RUNS_MAX], lines[FL_FIGURE_RUNS_MAX], reads[FL_FIGURE_RUNS_MAX];
    uint32_t runs = b->options->runs, per_run = b->invoices / (runs * 2);
    for (uint32_t run = 0; run < runs; run++) {
        reads[run] = fl_probe_machine_line_reads(probe, LINE_READS);
        rates[run] = (double)per_run / receipts_apply(b, order, per_run);
        lines[run] = reads[run] / rates[run];
    }
    fl_figure_table_add_samples(b->table, "random_line_reads", "1/s", reads, runs);
    fl_figure_table_add_samples(b->table, "receipt_application_memory", "commands/s", rates, runs);
    fl_figure_table_add_samples(b->table, "receipt_application_lines", "line reads", lines, runs);
}

/* Enough random receipts to meet every chunk: of 10 million invoices each column has 1,200 at most.
 */
static double copies_once(struct bench *b, const uint32_t *order)
{
    struct fl_snapshot snapshot;
    receipts_build(b, order, COPY_RECEIPTS);
    double without = apply_all(b);
    receipts_build(b, order, COPY_RECEIPTS);
    enum fl_status status =
        fl_snapshot_take(fl_engine_store(b->engine), fl_engine_seq(b->engine), &snapshot);
    FL_ASSERT(status == FL_OK);
    double with = apply_all(b);
    fl_snapshot_release(&snapshot);
    fl_snapshot_collect(fl_engine_store(b->engine));
    return with > without ? with - without : 0;
}

static void bench_copies(struct bench *b, const uint32_t *order)
{
    const char *name = b->invoices >= 10000000 ? "snapshot_copy_10m" : "snapshot_copy_1m";
    double seconds[FL_FIGURE_RUNS_MAX];
    if (b->invoices < 1000000 || !fl_bench_wants(b->options, name))
        return;
    for (uint32_t run = 0; run < b->options->runs; run++)
        seconds[run] = copies_once(b, order);
    fl_figure_table_add_samples(b->table, name, "s", seconds, b->options->runs);
}

static void bench_cycles(struct bench *b)
{
    double rates[FL_FIGURE_RUNS_MAX];
    uint64_t state = 1234567;
    uint32_t per_run = b->options->size / 20 < 200000 ? b->options->size / 20 : 200000;
    for (uint32_t run = 0; run < b->options->runs; run++) {
        double seconds = 0;
        for (uint32_t done = 0; done < per_run;) {
            fl_bench_commands_clear(&b->commands);
            for (; done < per_run && b->commands.count < PORTION; done++)
                fl_bench_add_cycle(&b->commands, 50000000 + b->cycles++,
                                   (uint32_t)(fl_bench_random(&state) % b->customers), PRODUCTS);
            seconds += apply_all(b);
        }
        rates[run] = per_run * 4.0 / seconds;
    }
    fl_figure_table_add_samples(b->table, "cycle_memory", "commands/s", rates, b->options->runs);
}

static bool bench_open(struct bench *b)
{
    struct fl_engine_config config = {.secret = 0x5eed};
    uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    config.memory_bytes = all / 4 * 3;
    b->invoices = b->options->size;
    b->customers = fl_bench_customers(b->options);
    b->work = aligned_alloc(64, FL_BENCH_COMMAND_BYTES * 4);
    if (!b->work || fl_engine_create(&config, &b->engine) != FL_OK ||
        !fl_bench_commands_open(&b->commands, (size_t)2 << 30))
        return false;
    fl_memory_ahead_init(&b->ahead, fl_engine_store(b->engine));
    return pthread_create(&b->preparing, NULL, prepare, b) == 0;
}

static void bench_run(struct bench *b, struct fl_probe_machine *probe)
{
    grow(b);
    uint64_t before = fl_store_bytes_used(fl_engine_store(b->engine));
    grow_invoices(b);
    double bytes = (double)(fl_store_bytes_used(fl_engine_store(b->engine)) - before) / b->invoices;
    fl_figure_table_add_samples(b->table, "bytes_per_open_invoice", "B", &bytes, 1);
    if (fl_bench_scan_is_wanted(b->options, FL_BENCH_AGING))
        b->failed |= !fl_bench_scan(b->options, FL_BENCH_AGING, b->engine, b->table);
    uint32_t *order = fl_bench_permutation(b->invoices, 7);
    FL_ASSERT(order != NULL);
    bool past = fl_bench_scan_is_wanted(b->options, FL_BENCH_AGING_PAST);
    if (fl_bench_wants(b->options, "receipt_application_memory") ||
        fl_bench_wants(b->options, "receipt_application_lines") || past)
        bench_receipts(b, order, probe);
    if (past)
        b->failed |= !fl_bench_scan(b->options, FL_BENCH_AGING_PAST, b->engine, b->table);
    bench_copies(b, order);
    free(order);
    if (fl_bench_wants(b->options, "cycle_memory"))
        bench_cycles(b);
}

bool fl_bench_engine(const struct fl_bench_options *options, struct fl_probe_machine *probe,
                     struct fl_figure_table *table)
{
    struct bench b = {.options = options, .table = table};
    bool opened = bench_open(&b);
    if (opened) {
        bench_run(&b, probe);
        if (b.refused > 0)
            fprintf(stderr, "florin bench: %llu commands were refused\n",
                    (unsigned long long)b.refused);
        atomic_store(&b.stop, true);
        pthread_join(b.preparing, NULL);
    }
    fl_bench_commands_close(&b.commands);
    fl_engine_destroy(b.engine);
    free(b.work);
    return opened && b.refused == 0 && !b.failed;
}
