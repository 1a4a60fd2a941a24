#include "bench/cli_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench_host.h"
#include "bench/bench_json.h"
#include "bench/peer_postgresql.h"
#include "bench/probe_disk.h"
#include "bench/probe_machine.h"
#include "tools/cli/cli.h"

/* Groups of figures that are measured together. */
static const char *const groups[] = {"engine", "cycles", "ndjson", "single", "json", "machine"};
#define GROUPS (sizeof groups / sizeof groups[0])

static bool wanted(const struct fl_arguments *arguments, const char *group)
{
    if (arguments->word_count == 0)
        return true;
    for (unsigned i = 0; i < arguments->word_count; i++) {
        if (strcmp(arguments->words[i], group) == 0)
            return true;
    }
    return false;
}

static bool words_known(const struct fl_arguments *arguments)
{
    for (unsigned i = 0; i < arguments->word_count; i++) {
        bool known = false;
        for (unsigned g = 0; g < GROUPS; g++)
            known |= strcmp(arguments->words[i], groups[g]) == 0;
        if (!known) {
            fprintf(stderr, "florin bench: there is no %s; there are:", arguments->words[i]);
            for (unsigned g = 0; g < GROUPS; g++)
                fprintf(stderr, " %s", groups[g]);
            fprintf(stderr, "\n");
            return false;
        }
    }
    return true;
}

static void add_one(struct fl_figure_table *table, const char *name, const char *unit, double value)
{
    struct fl_figure figure;
    fl_figure_of_samples(&figure, name, unit, &value, 1);
    fl_figure_table_add(table, &figure);
}

static bool run_engine(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct fl_probe_machine probe;
    struct fl_error error;
    if (fl_probe_machine_open(&probe, FL_PROBE_MACHINE_BYTES, &error) != FL_OK) {
        fprintf(stderr, "florin bench: %s\n", error.message);
        return false;
    }
    add_one(table, "memory_bandwidth", "B/s", fl_probe_machine_bandwidth(&probe));
    bool good = fl_bench_engine(options, &probe, table);
    fl_probe_machine_close(&probe);
    return good;
}

static bool run_machine(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct fl_probe_disk disk;
    struct fl_error error;
    double bandwidth;
    if (fl_probe_disk_open(&disk, options->directory, &error) != FL_OK ||
        fl_probe_disk_bandwidth(&disk, (uint64_t)1 << 30, &bandwidth, &error) != FL_OK) {
        fprintf(stderr, "florin bench: %s\n", error.message);
        return false;
    }
    fl_probe_disk_close(&disk);
    add_one(table, "raw_write_bandwidth", "B/s", bandwidth);
    return true;
}

static bool run_json(struct fl_figure_table *table)
{
    double rates[5], bytes;
    for (unsigned i = 0; i < 5; i++)
        rates[i] = fl_bench_json_read(200000, &bytes);
    struct fl_figure figure;
    fl_figure_of_samples(&figure, "parse_ndjson", "commands/s", rates, 5);
    fl_figure_table_add(table, &figure);
    return rates[0] > 0;
}

static bool run_peers(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct fl_peer_postgresql_options peer = {.directory = options->directory};
    struct fl_peer_postgresql_result results[3];
    struct fl_error error;
    for (unsigned i = 0; i < 3; i++) {
        if (fl_peer_postgresql_run(&peer, &results[i], &error) != FL_OK) {
            fprintf(stderr, "florin bench: PostgreSQL: %s\n", error.message);
            return false;
        }
    }
    fl_peer_postgresql_figures(results, 3, table);
    return true;
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
    arguments.options = options;
    arguments.option_count = 5;
    if (!fl_arguments_read(&arguments, argc, argv) || !words_known(&arguments))
        return FL_EXIT_USAGE;
    const char *size = fl_option_value(&arguments, "--size");
    const char *runs = fl_option_value(&arguments, "--runs");
    const char *directory = fl_option_value(&arguments, "--dir");
    const char *format = fl_option_value(&arguments, "--format");
    struct fl_bench_options bench = {
        .size = size ? (uint32_t)strtoul(size, NULL, 10) : 1000000,
        .runs = runs ? (uint32_t)strtoul(runs, NULL, 10) : 5,
        .directory = directory ? directory : ".",
    };
    if (bench.size < 1000 || bench.size > 40000000 || bench.runs < 1 || bench.runs > 20) {
        fprintf(stderr, "florin bench: --size is 1000 to 40000000, --runs 1 to 20\n");
        return FL_EXIT_USAGE;
    }
    fl_figure_table_init(&table, bench.directory);
    bool good = true;
    if (wanted(&arguments, "machine"))
        good = run_machine(&bench, &table) && good;
    if (wanted(&arguments, "engine"))
        good = run_engine(&bench, &table) && good;
    if (wanted(&arguments, "cycles"))
        good = fl_bench_host_cycles(&bench, &table) && good;
    if (wanted(&arguments, "ndjson"))
        good = fl_bench_host_ndjson(&bench, &table) && good;
    if (wanted(&arguments, "single"))
        good = fl_bench_host_single(&bench, &table) && good;
    if (wanted(&arguments, "json"))
        good = run_json(&table) && good;
    if (fl_option_value(&arguments, "--peers"))
        good = run_peers(&bench, &table) && good;
    if (format ? strcmp(format, "json") == 0 : !isatty(1))
        fl_figure_table_print_json(&table, stdout);
    else
        fl_figure_table_print_text(&table, stdout);
    return good ? FL_EXIT_DONE : FL_EXIT_STORAGE;
}
