#include "bench/cli_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench_checkpoint.h"
#include "bench/bench_engine.h"
#include "bench/bench_host.h"
#include "bench/bench_json.h"
#include "bench/bench_match.h"
#include "bench/bench_match_hard.h"
#include "bench/bench_single.h"
#include "bench/bench_statement.h"
#include "bench/probe_disk.h"
#include "bench/probe_handover.h"
#include "bench/probe_machine.h"
#include "tools/cli/cli.h"

#define SIZE_DEFAULT     1000000u
#define SIZE_MIN         1000u
#define SIZE_MAX_ALLOWED 40000000u
#define RUNS_MAX         20u
#define LINE_READS       10000000u
#define DISK_BYTES       (UINT64_C(256) << 20) /* a run of the raw writer at its full width */

/* The machine's own limits; those that stand beside a figure of ours are measured between its runs
 * instead. */
static bool run_memory(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct fl_probe_machine probe;
    struct fl_error error;
    double values[FL_FIGURE_RUNS_MAX];
    if (fl_probe_machine_open(&probe, FL_PROBE_MACHINE_BYTES, &error) != FL_OK) {
        fprintf(stderr, "florin bench: %s\n", error.message);
        return false;
    }
    for (uint32_t run = 0; run < options->runs; run++)
        values[run] = fl_probe_machine_bandwidth(&probe);
    fl_figure_table_add_samples(table, "memory_bandwidth", "B/s", values, options->runs);
    bool good = true;
    if (fl_figure_group_is_wanted(options->wish, "engine") ||
        fl_figure_is_wanted(options->wish, "aging_duckdb") ||
        fl_figure_is_wanted(options->wish, "aging_past_duckdb"))
        good = fl_bench_engine(options, &probe, table);
    if (!fl_figure_table_find(table, "random_line_reads")) {
        for (uint32_t run = 0; run < options->runs; run++)
            values[run] = fl_probe_machine_line_reads(&probe, LINE_READS);
        fl_figure_table_add_samples(table, "random_line_reads", "1/s", values, options->runs);
    }
    fl_probe_machine_close(&probe);
    return good;
}

static bool run_disk(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct fl_probe_disk disk;
    struct fl_error error;
    double bandwidth[FL_FIGURE_RUNS_MAX];
    enum fl_status status = fl_probe_disk_open(&disk, options->directory, &error);
    for (uint32_t run = 0; status == FL_OK && run < options->runs; run++)
        status = fl_probe_disk_bandwidth(&disk, DISK_BYTES, &bandwidth[run], &error);
    if (disk.block)
        fl_probe_disk_close(&disk);
    if (status != FL_OK) {
        fprintf(stderr, "florin bench: %s\n", error.message);
        return false;
    }
    fl_figure_table_add_samples(table, "raw_write_bandwidth", "B/s", bandwidth, options->runs);
    if (fl_figure_group_is_wanted(options->wish, "single"))
        return fl_bench_single(options, table);
    return fl_bench_single_raw(options, table);
}

static bool run_json(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    double rates[FL_FIGURE_RUNS_MAX], bytes;
    for (uint32_t run = 0; run < options->runs; run++) {
        rates[run] = fl_bench_json_read(200000, &bytes);
        if (rates[run] == 0)
            return false;
    }
    fl_figure_table_add_samples(table, "parse_ndjson", "commands/s", rates, options->runs);
    return true;
}

/* In the order of the table; a group runs when any of its figures is asked for. */
static const struct {
    const char *group;
    bool (*run)(const struct fl_bench_options *options, struct fl_figure_table *table);
} groups[] = {
    {"cycles", fl_bench_host_cycles},
    {"ndjson", fl_bench_host_ndjson},
    {"json", run_json},
    {"checkpoint", fl_bench_checkpoint},
    {"match", fl_bench_match},
    {"match_hard", fl_bench_match_hard},
    {"statements", fl_bench_statement},
};

/* Where the cores lie may change while the others run: some samples before them, some after. */
static void handover_take(double *samples, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        samples[i] = fl_probe_handover();
}

static bool run_all(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    double handover[FL_FIGURE_RUNS_MAX];
    handover_take(handover, 0, options->runs / 2);
    bool good = run_memory(options, table);
    good = run_disk(options, table) && good;
    for (unsigned i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        bool wanted = fl_figure_group_is_wanted(options->wish, groups[i].group);
        if (groups[i].run == fl_bench_host_cycles) /* a peer runs between ours only */
            wanted |= fl_figure_is_wanted(options->wish, "cycle_postgresql") ||
                      fl_figure_is_wanted(options->wish, "cycle_postgresql_best");
        if (groups[i].run == fl_bench_match)
            wanted |= fl_figure_is_wanted(options->wish, "match_exact_duckdb") ||
                      fl_figure_is_wanted(options->wish, "match_exact_duckdb_file");
        if (wanted)
            good = groups[i].run(options, table) && good;
    }
    handover_take(handover, options->runs / 2, options->runs);
    fl_figure_table_add_samples(table, "core_handover", "s", handover, options->runs);
    fl_figure_table_keep(table, options->wish);
    return good;
}

/* False and the names that exist if a word is none of them. */
static bool wish_read(struct fl_figure_wish *wish, const struct fl_arguments *arguments, bool peers)
{
    const char *unknown = fl_figure_wish_read(wish, arguments->words, arguments->word_count, peers);
    if (!unknown)
        return true;
    fprintf(stderr, "florin bench: there is no %s%s; there are\n", unknown,
            peers ? "" : " (a peer's figure only with --peers)");
    fl_figure_names_print(stderr);
    return false;
}

/* Figures of 10 million invoices ask for a state of 10 million, unless a size is given. 0: no size.
 */
static uint32_t size_of(const struct fl_arguments *arguments, const struct fl_figure_wish *wish)
{
    const char *size = fl_option_value(arguments, "--size");
    char *end;
    bool large = arguments->word_count > 0 && (fl_figure_is_wanted(wish, "snapshot_10m") ||
                                               fl_figure_is_wanted(wish, "snapshot_copy_10m"));
    if (!size)
        return large ? 10 * SIZE_DEFAULT : SIZE_DEFAULT;
    unsigned long value = strtoul(size, &end, 10);
    return *size && !*end && value <= SIZE_MAX_ALLOWED ? (uint32_t)value : 0;
}

/* What was asked for and the size does not allow is said. */
static void say_missing(const struct fl_figure_wish *wish, const struct fl_figure_table *table)
{
    static const char *const sized[] = {"snapshot_1m", "snapshot_10m", "snapshot_copy_1m",
                                        "snapshot_copy_10m"};
    for (unsigned i = 0; i < sizeof sized / sizeof sized[0]; i++) {
        if (fl_figure_is_wanted(wish, sized[i]) && !fl_figure_table_find(table, sized[i]))
            fprintf(stderr, "florin bench: %s: not at this --size\n", sized[i]);
    }
}

int fl_cli_bench(int argc, char **argv)
{
    struct fl_option options[] = {{"--size", true, NULL},
                                  {"--runs", true, NULL},
                                  {"--dir", true, NULL},
                                  {"--peers", false, NULL},
                                  {"--format", true, NULL}};
    static struct fl_arguments arguments;
    static struct fl_figure_table table;
    struct fl_figure_wish wish;
    arguments.options = options;
    arguments.option_count = 5;
    if (!fl_arguments_read(&arguments, argc, argv) ||
        !wish_read(&wish, &arguments, fl_option_value(&arguments, "--peers") != NULL))
        return FL_EXIT_USAGE;
    const char *runs = fl_option_value(&arguments, "--runs");
    const char *directory = fl_option_value(&arguments, "--dir");
    const char *format = fl_option_value(&arguments, "--format");
    struct fl_bench_options bench = {
        .size = size_of(&arguments, &wish),
        .runs = runs ? (uint32_t)strtoul(runs, NULL, 10) : 5,
        .directory = directory ? directory : ".",
        .wish = &wish,
    };
    if (bench.size < SIZE_MIN || bench.runs < 1 || bench.runs > RUNS_MAX) {
        fprintf(stderr, "florin bench: --size is %u to %u, --runs 1 to %u\n", SIZE_MIN,
                SIZE_MAX_ALLOWED, RUNS_MAX);
        return FL_EXIT_USAGE;
    }
    fl_figure_table_init(&table, bench.directory);
    bool good = run_all(&bench, &table);
    say_missing(&wish, &table);
    if (format ? strcmp(format, "json") == 0 : !isatty(1))
        fl_figure_table_print_json(&table, stdout);
    else
        fl_figure_table_print_text(&table, stdout);
    return good ? FL_EXIT_DONE : FL_EXIT_STORAGE;
}
