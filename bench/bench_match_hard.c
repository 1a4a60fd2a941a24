#include "bench/bench_match_hard.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench_directory.h"
#include "tools/cli/cli.h"
#include "tools/cli/cli_gen.h"
#include "tools/cli/import_file.h"
#include "tools/cli/line_source.h"
#include "tools/cli/match_run.h"

#define ORDERS_MAX 1500000u

/* Everything but the cash. */
static bool commands_apply(struct fl_bench_directory *d, const char *path)
{
    struct fl_command_json reader;
    struct fl_line_source source;
    struct fl_line line;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fl_command_json_open(&reader, "UTC", 3) == FL_OK &&
                fl_line_source_open(&source, fd);
    reader.now_us = fl_cli_now_us();
    while (good && fl_line_source_next(&source, &line)) {
        struct fl_command *command;
        good = fl_command_json_read(&reader, line.text, line.length, &command) == FL_OK;
        while (good && fl_producer_send(d->producer, command, 0) == FL_BUSY)
            fl_bench_directory_receive(d, false);
        fl_bench_directory_receive(d, false);
    }
    fl_bench_directory_receive(d, true);
    if (good) {
        fl_line_source_close(&source);
        fl_command_json_close(&reader);
    }
    if (fd >= 0)
        close(fd);
    d->refused = 0; /* what a workload is refused is its own matter */
    return good;
}

static bool is_statement(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".xml") == 0 || strcmp(dot, ".sta") == 0 ||
                   strcmp(dot, ".bai") == 0 || strcmp(dot, ".ofx") == 0);
}

static bool statements_book(struct fl_bench_directory *d, const char *folder)
{
    static struct fl_import import;
    struct fl_import_options wanted = {.references = false};
    struct dirent **names;
    char path[1024];
    int count = scandir(folder, &names, NULL, alphasort);
    bool good = count >= 0 && fl_import_open(&import, d->host, &wanted) == FL_OK;
    for (int i = 0; i < count; i++) {
        struct fl_import_file file;
        struct fl_file_source opened;
        struct fl_byte_source source;
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (good && is_statement(names[i]->d_name)) {
            good = fl_file_source_open(&opened, path, &source, &d->error) == FL_OK;
            if (good) {
                good = fl_import_file_run(&import, source, &file, &d->error) == FL_OK;
                fl_import_file_free(&file);
                fl_file_source_close(&opened);
            }
        }
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    fl_import_close(&import);
    return good;
}

static bool workload_make(struct fl_bench_directory *d, const char *folder)
{
    char orders[16], path[1024];
    uint32_t wanted = d->options->size / 10;
    snprintf(orders, sizeof orders, "%u", wanted < ORDERS_MAX ? wanted : ORDERS_MAX);
    char *argv[] = {"gen", "--orders", orders, "--hard", "--out", (char *)(uintptr_t)folder, NULL};
    snprintf(path, sizeof path, "%s/commands.ndjson", folder);
    return fl_cli_gen(6, argv) == 0 && commands_apply(d, path) && statements_book(d, folder);
}

/* What is settled is settled: of a workload there is one sample. */
static bool matching_run(struct fl_bench_directory *d, struct fl_figure_table *table)
{
    struct fl_match_run match;
    bool good = fl_match_run_open(&match, d->host, d->producer) == FL_OK &&
                fl_match_run_settle(&match) == FL_OK;
    double rate =
        match.batch.line_count / (match.seconds_index + match.seconds_batch + match.seconds_send);
    fl_match_run_close(&match);
    if (good)
        fl_figure_table_add_samples(table, "match_hard", "payments/s", &rate, 1);
    return good;
}

bool fl_bench_match_hard(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct fl_bench_directory d;
    char folder[600];
    bool good = fl_bench_directory_open(&d, options, 1 << 20);
    snprintf(folder, sizeof folder, "%s/workload", d.path);
    if (good && !workload_make(&d, folder))
        good = fl_bench_directory_say(&d, "workload");
    if (good && !matching_run(&d, table))
        good = fl_bench_directory_say(&d, "matching");
    return fl_bench_directory_close(&d) && good;
}
