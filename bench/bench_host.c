#include "bench/bench_host.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench_directory.h"
#include "bench/peer_postgresql.h"
#include "tools/format/command_json.h"
#include "tools/format/json_text.h"

#define CYCLES_NUMBER        50000000u /* above every invoice of the grown state */
#define COMMAND_BYTES        ((size_t)1 << 30)
#define NDJSON_CUSTOMERS_MAX 100000u /* reading them again is in the time of every run */

static uint32_t cycles_per_run(const struct fl_bench_options *options)
{
    return options->size / 10 < 100000 ? options->size / 10 : 100000;
}

static void cycles_build(struct fl_bench_directory *d, uint32_t run, uint64_t *state)
{
    uint32_t count = cycles_per_run(d->options);
    fl_bench_commands_clear(&d->commands);
    for (uint32_t i = 0; i < count; i++)
        fl_bench_add_cycle(&d->commands, CYCLES_NUMBER + run * count + i,
                           (uint32_t)(fl_bench_random(state) % d->customers), FL_BENCH_PRODUCTS);
}

static bool peer_run(struct fl_bench_directory *d, struct fl_peer_postgresql_result *result)
{
    struct fl_peer_postgresql_options peer = {.directory = d->options->directory};
    return fl_peer_postgresql_run(&peer, result, &d->error) == FL_OK ||
           fl_bench_directory_say(d, "peer");
}

/* Ours and, if asked for, PostgreSQL's, in turn: what slows the machine meets both. */
static bool cycles_run(struct fl_bench_directory *d, struct fl_figure_table *table)
{
    double rates[FL_FIGURE_RUNS_MAX], full[FL_FIGURE_RUNS_MAX];
    struct fl_peer_postgresql_result peers[FL_FIGURE_RUNS_MAX];
    uint64_t state = 99;
    uint32_t runs = d->options->runs;
    bool peer = fl_figure_is_wanted(d->options->wish, "cycle_postgresql") ||
                fl_figure_is_wanted(d->options->wish, "cycle_postgresql_best");
    for (uint32_t run = 0; run < runs; run++) {
        cycles_build(d, run, &state);
        rates[run] = (double)d->commands.count / fl_bench_directory_send(d);
        full[run] = rates[run] / 4;
        if (peer && !peer_run(d, &peers[run]))
            return false;
    }
    fl_figure_table_add_samples(table, "cycle_durable", "commands/s", rates, runs);
    fl_figure_table_add_samples(table, "cycle_full_durable", "cycles/s", full, runs);
    if (peer)
        fl_peer_postgresql_figures(peers, runs, table);
    return true;
}

static double replay_rate(struct fl_bench_directory *d)
{
    struct fl_host *host;
    struct fl_host_facts facts;
    double start = fl_bench_now_s();
    if (fl_host_open_reading(d->path, NULL, &host, &d->error) != FL_OK) {
        fl_bench_directory_say(d, "replay");
        return 0;
    }
    double seconds = fl_bench_now_s() - start;
    fl_host_facts(host, &facts);
    (void)fl_host_close(host, &d->error);
    return (double)(facts.recovered_seq - facts.checkpoint_seq) / seconds;
}

static bool replay_run(struct fl_bench_directory *d, struct fl_figure_table *table)
{
    double rates[FL_FIGURE_RUNS_MAX];
    for (uint32_t run = 0; run < d->options->runs; run++) {
        rates[run] = replay_rate(d);
        if (rates[run] == 0)
            return false;
    }
    fl_figure_table_add_samples(table, "replay", "commands/s", rates, d->options->runs);
    return true;
}

bool fl_bench_host_cycles(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct fl_bench_directory d;
    bool good = fl_bench_directory_open(&d, options, COMMAND_BYTES);
    if (good) {
        fl_bench_directory_masters(&d);
        fl_bench_directory_invoices(&d, options->size);
        good = cycles_run(&d, table) && fl_bench_directory_stop(&d);
    }
    if (good && fl_bench_wants(options, "replay"))
        good = replay_run(&d, table);
    return fl_bench_directory_close(&d) && good;
}

/* ---- NDJSON ---------------------------------------------------------------------------------- */

static uint64_t ndjson_write(const struct fl_bench_commands *commands, const char *file)
{
    FILE *out = fopen(file, "w");
    struct fl_json_text text = {.bytes = NULL};
    const char *at = commands->bytes, *end = at + commands->used;
    uint64_t lines = 0;
    if (!out)
        return 0;
    for (; at < end; lines++) {
        const struct fl_command *command = (const struct fl_command *)at;
        fl_json_text_clear(&text);
        fl_command_json_write(&text, command, 0);
        fl_json_putc(&text, '\n');
        fwrite(text.bytes, 1, text.length, out);
        at += command->bytes;
    }
    fl_json_text_free(&text);
    return fclose(out) == 0 ? lines : 0;
}

/* Seconds; 0 if it failed. */
static double apply_process(const struct fl_bench_directory *d, const char *file)
{
    char self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    int status = 1;
    if (n <= 0)
        return 0;
    self[n] = '\0';
    double start = fl_bench_now_s();
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(126);
        execl(self, self, "apply", d->path, file, (char *)NULL);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return status == 0 ? fl_bench_now_s() - start : 0;
}

/* One run on a directory of its own with the masters in it: commands a second, 0 if it failed. */
static double ndjson_once(const struct fl_bench_options *options, uint32_t run, uint64_t *state)
{
    struct fl_bench_directory d;
    char file[600];
    double rate = 0;
    bool good = fl_bench_directory_open(&d, options, COMMAND_BYTES);
    if (d.customers > NDJSON_CUSTOMERS_MAX)
        d.customers = NDJSON_CUSTOMERS_MAX;
    if (good)
        fl_bench_directory_masters(&d);
    good = fl_bench_directory_stop(&d) && good;
    snprintf(file, sizeof file, "%s.ndjson", d.path);
    if (good) {
        cycles_build(&d, run, state);
        uint64_t lines = ndjson_write(&d.commands, file);
        double seconds = apply_process(&d, file);
        rate = seconds > 0 ? (double)lines / seconds : 0;
    }
    unlink(file);
    return fl_bench_directory_close(&d) ? rate : 0;
}

/* Opening, reading, answering and closing are in the time; what earlier runs left in the log is not. */
bool fl_bench_host_ndjson(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    double rates[FL_FIGURE_RUNS_MAX];
    uint64_t state = 5;
    for (uint32_t run = 0; run < options->runs; run++) {
        rates[run] = ndjson_once(options, run, &state);
        if (rates[run] <= 0)
            return false;
    }
    fl_figure_table_add_samples(table, "ndjson_durable", "commands/s", rates, options->runs);
    return true;
}
