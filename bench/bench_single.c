#include "bench/bench_single.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/bench_directory.h"
#include "bench/histogram.h"
#include "bench/probe_disk.h"

#define RATE        1000u
#define WINDOWS     5u
#define WINDOW_S    2.0
#define RAW_S       1.0 /* a window of the raw writer alone */
#define CHECKPOINTS 2u
#define SPIN_S      100e-6
#define SIZE_MIN    20000u /* receipts for windows without a long checkpoint */

struct side {
    struct fl_histogram windows[WINDOWS];
    struct fl_histogram all;
};

struct single {
    struct fl_bench_directory directory;
    struct fl_probe_disk disk;
    struct side ours, raw;
    struct fl_histogram beside; /* ours, while a checkpoint was under way */
    uint32_t *order;            /* in which invoices are paid */
    uint32_t invoices, paid;
    uint64_t sent, answered;
    double due_s[4096]; /* of what is under way, by sent modulo its size */
    /* The checkpoint of a window: begun by its thread, waited for by the window. */
    pthread_t thread;
    _Atomic bool under_way;
    enum fl_status status;
    double seconds[CHECKPOINTS];
    uint32_t checkpoints;
};

#define UNDER_WAY_MAX (sizeof((struct single *)0)->due_s / sizeof(double))

/* ---- a window of ours ------------------------------------------------------------------------ */

static void wait_until(double due_s)
{
    double left = due_s - fl_bench_now_s();
    if (left > SPIN_S) {
        double until = left - SPIN_S;
        struct timespec pause = {(time_t)until, (long)((until - (double)(time_t)until) * 1e9)};
        nanosleep(&pause, NULL);
    }
    while (fl_bench_now_s() < due_s)
        __builtin_ia32_pause();
}

/* False when every invoice is paid or the engine takes no more. */
static bool send_due(struct single *s, double due_s)
{
    struct fl_bench_directory *d = &s->directory;
    if (s->paid == s->invoices || s->sent - s->answered == UNDER_WAY_MAX)
        return false;
    fl_bench_commands_clear(&d->commands);
    fl_bench_add_receipt(&d->commands, s->paid, s->order[s->paid]);
    s->paid++;
    s->due_s[s->sent % UNDER_WAY_MAX] = due_s;
    if (fl_producer_send(d->producer, (const struct fl_command *)d->commands.bytes, s->sent) !=
        FL_OK)
        return false;
    s->sent++;
    return true;
}

/* The next answer, and all that came with it. */
static void take_answers(struct single *s, struct fl_histogram *window, bool beside)
{
    const struct fl_result *result = fl_producer_receive(s->directory.producer, true);
    for (; result; result = fl_producer_receive(s->directory.producer, false)) {
        double due_s = s->due_s[s->answered++ % UNDER_WAY_MAX];
        uint64_t late_ns = (uint64_t)((fl_bench_now_s() - due_s) * 1e9);
        s->directory.refused += result->status != FL_OK;
        fl_histogram_add(window, late_ns);
        if (beside)
            fl_histogram_add(&s->beside, late_ns);
    }
}

static bool window_run(struct single *s, struct fl_histogram *window)
{
    double start = fl_bench_now_s();
    for (uint64_t i = 0; i < (uint64_t)(WINDOW_S * RATE) || atomic_load(&s->under_way); i++) {
        double due_s = start + (double)i / RATE;
        if (fl_bench_now_s() < due_s) {
            while (s->answered < s->sent) /* W1: only what is late is sent ahead of answers */
                take_answers(s, window, atomic_load(&s->under_way));
            wait_until(due_s);
        }
        if (!send_due(s, due_s)) {
            fl_error_set(&s->directory.error, FL_NO_SPACE,
                         "no open invoice left: --size is larger");
            return fl_bench_directory_say(&s->directory, "singles");
        }
    }
    while (s->answered < s->sent)
        take_answers(s, window, false);
    return true;
}

/* ---- checkpoints ----------------------------------------------------------------------------- */

static void *checkpoint_run(void *context)
{
    struct single *s = context;
    double start = fl_bench_now_s();
    struct fl_error error = {.status = FL_OK};
    s->status = fl_host_checkpoint(s->directory.host, &error);
    s->seconds[s->checkpoints++] = fl_bench_now_s() - start;
    if (s->status != FL_OK)
        fprintf(stderr, "florin bench: checkpoint: %s\n", error.message);
    atomic_store(&s->under_way, false);
    return NULL;
}

static bool checkpoint_window(struct single *s, struct fl_histogram *window)
{
    atomic_store(&s->under_way, true);
    if (pthread_create(&s->thread, NULL, checkpoint_run, s) != 0)
        return false;
    bool good = window_run(s, window);
    pthread_join(s->thread, NULL);
    return good && s->status == FL_OK;
}

/* W2 */
static bool windows_run(struct single *s)
{
    struct fl_bench_directory *d = &s->directory;
    for (uint32_t i = 0; i < WINDOWS; i++) {
        bool checkpoint = i % 2 == 1;
        bool good = checkpoint ? checkpoint_window(s, &s->ours.windows[i])
                               : window_run(s, &s->ours.windows[i]);
        if (!good)
            return false;
        if (fl_probe_disk_paced(&s->disk, RATE, WINDOW_S, &s->raw.windows[i], &d->error) != FL_OK)
            return fl_bench_directory_say(d, "raw device");
    }
    return s->checkpoints == CHECKPOINTS;
}

/* ---- figures --------------------------------------------------------------------------------- */

static void side_init(struct side *side)
{
    fl_histogram_init(&side->all);
    for (uint32_t i = 0; i < WINDOWS; i++)
        fl_histogram_init(&side->windows[i]);
}

static void side_merge(struct side *side)
{
    for (uint32_t i = 0; i < WINDOWS; i++)
        fl_histogram_merge(&side->all, &side->windows[i]);
}

static double quantile_s(const struct fl_histogram *histogram, uint32_t rank_ppm)
{
    return (double)fl_histogram_quantile_ns(histogram, rank_ppm) * 1e-9;
}

/* W3 */
static void add_quantile(struct fl_figure_table *table, const char *name, const struct side *side,
                         uint32_t rank_ppm)
{
    double windows[WINDOWS];
    for (uint32_t i = 0; i < WINDOWS; i++)
        windows[i] = quantile_s(&side->windows[i], rank_ppm);
    fl_figure_table_add_pooled(table, name, "s", quantile_s(&side->all, rank_ppm), windows,
                               WINDOWS);
}

static void add_raw(struct fl_figure_table *table, struct side *raw)
{
    side_merge(raw);
    add_quantile(table, "raw_write_p50", raw, 500000);
    add_quantile(table, "raw_write_p99", raw, 990000);
}

static void add_figures(struct single *s, struct fl_figure_table *table)
{
    add_raw(table, &s->raw);
    side_merge(&s->ours);
    add_quantile(table, "single_p50", &s->ours, 500000);
    add_quantile(table, "single_p99", &s->ours, 990000);
    add_quantile(table, "single_p100", &s->ours, 1000000);
    double ratio = quantile_s(&s->ours.all, 990000) / quantile_s(&s->raw.all, 990000);
    double beside = quantile_s(&s->beside, 990000), count = s->checkpoints;
    fl_figure_table_add_samples(table, "single_p99_ratio", "ratio", &ratio, 1);
    fl_figure_table_add_samples(table, "single_p99_checkpoint", "s", &beside, 1);
    fl_figure_table_add_samples(table, "single_checkpoints", "count", &count, 1);
    fl_figure_table_add_samples(table, "single_checkpoint_seconds", "s", s->seconds, CHECKPOINTS);
}

/* ---- the bench ------------------------------------------------------------------------------- */

static bool single_open(struct single *s, const struct fl_bench_options *options)
{
    side_init(&s->ours);
    side_init(&s->raw);
    fl_histogram_init(&s->beside);
    s->invoices = options->size > SIZE_MIN ? options->size : SIZE_MIN;
    s->order = fl_bench_permutation(s->invoices, 11);
    FL_ASSERT(s->order != NULL);
    if (!fl_bench_directory_open(&s->directory, options, (size_t)256 << 20))
        return false;
    if (fl_probe_disk_open(&s->disk, options->directory, &s->directory.error) != FL_OK)
        return fl_bench_directory_say(&s->directory, "raw device");
    fl_bench_directory_masters(&s->directory);
    fl_bench_directory_invoices(&s->directory, s->invoices);
    return true;
}

bool fl_bench_single(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct single *s = calloc(1, sizeof *s);
    FL_ASSERT(s != NULL);
    bool good = single_open(s, options) && windows_run(s);
    if (good)
        add_figures(s, table);
    if (s->disk.block)
        fl_probe_disk_close(&s->disk);
    good = fl_bench_directory_close(&s->directory) && good;
    free(s->order);
    free(s);
    return good;
}

bool fl_bench_single_raw(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct side *raw = malloc(sizeof *raw);
    struct fl_probe_disk disk;
    struct fl_error error;
    FL_ASSERT(raw != NULL);
    side_init(raw);
    enum fl_status status = fl_probe_disk_open(&disk, options->directory, &error);
    for (uint32_t i = 0; status == FL_OK && i < WINDOWS; i++)
        status = fl_probe_disk_paced(&disk, RATE, RAW_S, &raw->windows[i], &error);
    if (status == FL_OK)
        add_raw(table, raw);
    else
        fprintf(stderr, "florin bench: raw device: %s\n", error.message);
    if (disk.block)
        fl_probe_disk_close(&disk);
    free(raw);
    return status == FL_OK;
}
