#include "bench/bench_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench_commands.h"
#include "bench/histogram.h"
#include "bench/probe_disk.h"
#include "storage/host.h"
#include "tools/format/command_json.h"
#include "tools/format/json_text.h"

#define PRODUCTS 1000u
#define WINDOW_S 2.0
#define WINDOWS 4u

struct bench {
    const struct fl_bench_options *options;
    char path[512];
    struct fl_host *host;
    struct fl_producer *producer;
    struct fl_bench_commands commands;
    uint32_t customers, cycles;
    uint64_t refused;
    struct fl_error error;
};

static void add(struct fl_figure_table *table, const char *name, const char *unit,
                const double *samples, uint32_t count)
{
    struct fl_figure figure;
    fl_figure_of_samples(&figure, name, unit, samples, count);
    fl_figure_table_add(table, &figure);
}

static void remove_all(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", "--", path, (char *)NULL);
        _exit(127);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
}

static bool say(const struct bench *b, const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, b->error.message);
    return false;
}

static bool directory_open(struct bench *b)
{
    /* No checkpoint: the replay that follows must apply every record. */
    struct fl_host_config config = {.checkpoint_bytes = UINT64_C(1) << 50};
    snprintf(b->path, sizeof b->path, "%s/florin-bench-%d", b->options->directory, (int)getpid());
    remove_all(b->path);
    if (fl_host_init(b->path, &b->error) != FL_OK ||
        fl_host_open(b->path, &config, &b->host, &b->error) != FL_OK)
        return say(b, "open");
    return fl_producer_open(b->host, &b->producer) == FL_OK;
}

static bool directory_close(struct bench *b, bool keep)
{
    if (b->producer)
        fl_producer_close(b->producer);
    b->producer = NULL;
    enum fl_status status = b->host ? fl_host_close(b->host, &b->error) : FL_OK;
    b->host = NULL;
    if (!keep)
        remove_all(b->path);
    return status == FL_OK || say(b, "close");
}

static void receive(struct bench *b, bool wait)
{
    const struct fl_result *result;
    while ((result = fl_producer_receive(b->producer, wait)) != NULL)
        b->refused += result->status != FL_OK;
}

/* From the first send to the last answer. */
static double send_all(struct bench *b)
{
    const char *at = b->commands.bytes, *end = at + b->commands.used;
    double start = fl_bench_now_s();
    for (uint64_t n = 0; at < end; n++) {
        const struct fl_command *command = (const struct fl_command *)at;
        while (fl_producer_send(b->producer, command, n) == FL_BUSY)
            receive(b, false);
        at += command->bytes;
        if ((n & 63) == 0)
            receive(b, false);
    }
    receive(b, true);
    return fl_bench_now_s() - start;
}

static void masters(struct bench *b)
{
    for (uint32_t i = 0; i < PRODUCTS; i++)
        fl_bench_add_product(&b->commands, i);
    for (uint32_t i = 0; i < b->customers; i++)
        fl_bench_add_customer(&b->commands, i);
    send_all(b);
    fl_bench_commands_clear(&b->commands);
}

static void cycles_build(struct bench *b, uint32_t count, uint64_t *state)
{
    fl_bench_commands_clear(&b->commands);
    for (uint32_t i = 0; i < count; i++)
        fl_bench_add_cycle(&b->commands, b->cycles++,
                           (uint32_t)(fl_bench_random(state) % b->customers), PRODUCTS);
}

static double replay_rate(struct bench *b)
{
    struct fl_host *host;
    struct fl_host_facts facts;
    double start = fl_bench_now_s();
    if (fl_host_open_reading(b->path, NULL, &host, &b->error) != FL_OK) {
        say(b, "replay");
        return 0;
    }
    double seconds = fl_bench_now_s() - start;
    fl_host_facts(host, &facts);
    (void)fl_host_close(host, &b->error);
    return (double)(facts.recovered_seq - facts.checkpoint_seq) / seconds;
}

bool fl_bench_host_cycles(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct bench b = {.options = options, .customers = 100000};
    double rates[FL_FIGURE_RUNS_MAX], full[FL_FIGURE_RUNS_MAX], replays[FL_FIGURE_RUNS_MAX];
    uint64_t state = 99;
    bool good = fl_bench_commands_open(&b.commands, (size_t)1 << 30) && directory_open(&b);
    if (good)
        masters(&b);
    for (uint32_t run = 0; good && run < options->runs; run++) {
        cycles_build(&b, 100000, &state);
        rates[run] = (double)b.commands.count / send_all(&b);
        full[run] = rates[run] / 4;
    }
    good = directory_close(&b, true) && good;
    for (uint32_t run = 0; good && run < options->runs; run++)
        replays[run] = replay_rate(&b);
    if (good) {
        add(table, "cycle_durable", "commands/s", rates, options->runs);
        add(table, "cycle_full_durable", "cycles/s", full, options->runs);
        add(table, "replay", "commands/s", replays, options->runs);
    }
    remove_all(b.path);
    fl_bench_commands_close(&b.commands);
    return good && b.refused == 0;
}

/* ---- NDJSON ------------------------------------------------------------------------------------------ */

static uint64_t ndjson_write(struct bench *b, const char *file)
{
    FILE *out = fopen(file, "w");
    struct fl_json_text text = {.bytes = NULL};
    const char *at = b->commands.bytes, *end = at + b->commands.used;
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
    fclose(out);
    return lines;
}

static double apply_process(const struct bench *b, const char *file)
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
        execl(self, self, "apply", b->path, file, (char *)NULL);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return status == 0 ? fl_bench_now_s() - start : 0;
}

bool fl_bench_host_ndjson(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct bench b = {.options = options, .customers = 100000};
    double rates[FL_FIGURE_RUNS_MAX];
    uint64_t state = 5;
    char file[600];
    bool good = fl_bench_commands_open(&b.commands, (size_t)1 << 30) && directory_open(&b);
    if (good)
        masters(&b);
    good = directory_close(&b, true) && good;
    snprintf(file, sizeof file, "%s.ndjson", b.path);
    for (uint32_t run = 0; good && run < options->runs; run++) {
        cycles_build(&b, 100000, &state);
        uint64_t lines = ndjson_write(&b, file);
        double seconds = apply_process(&b, file);
        good = seconds > 0;
        rates[run] = good ? (double)lines / seconds : 0;
    }
    if (good)
        add(table, "ndjson_durable", "commands/s", rates, options->runs);
    unlink(file);
    remove_all(b.path);
    fl_bench_commands_close(&b.commands);
    return good;
}

/* ---- one command at a time ----------------------------------------------------------------------------- */

static void sleep_until(double when_s)
{
    for (;;) {
        double left = when_s - fl_bench_now_s();
        if (left <= 0)
            return;
        if (left > 150e-6) {
            struct timespec pause = {0, (long)((left - 100e-6) * 1e9)};
            nanosleep(&pause, NULL);
        }
    }
}

/* Latency counts from the instant a command was due, not from when it could be sent. */
static void single_window(struct bench *b, const char **at, double seconds,
                          struct fl_histogram *histogram)
{
    uint32_t count = (uint32_t)(seconds * 1000);
    double start = fl_bench_now_s();
    for (uint32_t i = 0; i < count; i++) {
        const struct fl_command *command = (const struct fl_command *)*at;
        double due = start + i * 1e-3;
        sleep_until(due);
        if (fl_producer_send(b->producer, command, i) != FL_OK)
            return;
        const struct fl_result *result = fl_producer_receive(b->producer, true);
        b->refused += !result || result->status != FL_OK;
        fl_histogram_add(histogram, (uint64_t)((fl_bench_now_s() - due) * 1e9));
        *at += command->bytes;
    }
}

static void latency(struct fl_figure_table *table, const char *name, uint64_t ns)
{
    double seconds = (double)ns * 1e-9;
    add(table, name, "s", &seconds, 1);
}

static void invoices_open(struct bench *b, uint32_t count)
{
    fl_bench_commands_clear(&b->commands);
    for (uint32_t i = 0; i < count; i++)
        fl_bench_add_invoice(&b->commands, 80000000 + i, i % b->customers);
    send_all(b);
    fl_bench_commands_clear(&b->commands);
    for (uint32_t i = 0; i < count; i++)
        fl_bench_add_receipt(&b->commands, 80000000 + i, 80000000 + i);
}

/* Windows of ours and of the raw writer in turn; two checkpoints begin within ours. */
static bool windows_run(struct bench *b, struct fl_histogram *ours, struct fl_histogram *raw)
{
    struct fl_probe_disk disk;
    const char *at = b->commands.bytes;
    if (fl_probe_disk_open(&disk, b->options->directory, &b->error) != FL_OK)
        return say(b, "raw device");
    bool good = true;
    for (uint32_t window = 0; good && window < WINDOWS; window++) {
        single_window(b, &at, WINDOW_S, ours);
        good = fl_probe_disk_paced(&disk, 1000, WINDOW_S, raw, &b->error) == FL_OK;
    }
    fl_probe_disk_close(&disk);
    return good;
}

bool fl_bench_host_single(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct bench b = {.options = options, .customers = 10000};
    struct fl_histogram *ours = malloc(sizeof *ours), *raw = malloc(sizeof *raw);
    FL_ASSERT(ours && raw);
    fl_histogram_init(ours);
    fl_histogram_init(raw);
    bool good = fl_bench_commands_open(&b.commands, (size_t)256 << 20) && directory_open(&b);
    if (good) {
        masters(&b);
        invoices_open(&b, (uint32_t)(WINDOW_S * WINDOWS * 1000) + 1000);
        good = windows_run(&b, ours, raw);
    }
    if (good) {
        latency(table, "single_p50", fl_histogram_p50_ns(ours));
        latency(table, "single_p99", fl_histogram_p99_ns(ours));
        latency(table, "single_p100", fl_histogram_p100_ns(ours));
        latency(table, "raw_write_p50", fl_histogram_p50_ns(raw));
        latency(table, "raw_write_p99", fl_histogram_p99_ns(raw));
    }
    good = directory_close(&b, false) && good;
    free(ours);
    free(raw);
    fl_bench_commands_close(&b.commands);
    return good && b.refused == 0;
}
