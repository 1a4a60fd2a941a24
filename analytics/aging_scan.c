#include "analytics/aging_scan.h"

#include <stdlib.h>

#include "analytics/scan_threads.h"

#define WINDOW_ROWS FL_AGING_WINDOW_ROWS
static_assert(WINDOW_ROWS == FL_CHUNK_BYTES / sizeof(struct fl_invoice_scan) &&
                  WINDOW_ROWS == FL_CHUNK_BYTES / sizeof(struct fl_invoice_money) &&
                  FL_CHUNK_BYTES % WINDOW_ROWS == 0,
              "a window is a chunk of both columns, and within one of the currencies");

/* What one thread adds up. */
struct part {
    struct fl_aging by_currency[FL_CURRENCY_COUNT];
    int64_t open[WINDOW_ROWS]; /* of one currency in a window of several */
};

struct run {
    const struct fl_aging_scan *scan;
    struct fl_aging_window limits; /* what all windows are asked */
    struct part *parts;
    bool has_instalments;
};

static const uint8_t *chunk(const struct run *run, enum fl_column_id column, uint32_t k)
{
    uint32_t rows;
    return fl_snapshot_chunk(run->scan->snapshot, column, k, &rows);
}

static struct fl_aging_window window_of(const struct run *run, uint32_t k)
{
    struct fl_aging_window w = run->limits;
    uint32_t left = run->scan->invoices - k * WINDOW_ROWS;
    w.rows = left < WINDOW_ROWS ? left : WINDOW_ROWS;
    w.scan = (const void *)chunk(run, FL_COLUMN_invoice_scan, k);
    if (run->scan->open_minor) {
        w.open = run->scan->open_minor + (size_t)k * WINDOW_ROWS;
        w.open_words = 1;
    } else {
        w.open = (const void *)chunk(run, FL_COLUMN_invoice_money, k);
        w.open_words = 2;
    }
    return w;
}

static const uint8_t *currencies_of(const struct run *run, uint32_t k)
{
    uint32_t row = k * WINDOW_ROWS;
    return chunk(run, FL_COLUMN_invoice_currency, row / FL_CHUNK_BYTES) + row % FL_CHUNK_BYTES;
}

/* Buckets are differences (A1). */
static void window_add(const struct run *run, const struct fl_aging_window *w, struct fl_aging *a)
{
    struct fl_aging_sums sums;
    struct fl_aging_exact exact;
    fl_aging_window_scan(w, run->scan->how, &sums);
    if (FL_LIKELY(fl_aging_is_narrow(&sums))) {
        exact.all = sums.all;
        for (unsigned i = 0; i < w->limit_count; i++)
            exact.over[i] = sums.over[i];
    } else {
        fl_aging_window_exact(w, &exact);
    }
    a->not_due += exact.all - exact.over[0];
    a->not_due_count += sums.all_count - sums.over_count[0];
    for (unsigned i = 0; i < w->limit_count; i++) {
        bool last = i + 1 == w->limit_count;
        a->bucket[i] += exact.over[i] - (last ? 0 : exact.over[i + 1]);
        a->bucket_count[i] += sums.over_count[i] - (last ? 0 : sums.over_count[i + 1]);
    }
}

/* Row by row: instalments age each on its own day. */
static void rows_add(const struct run *run, const struct fl_aging_window *w, uint32_t k,
                     struct part *part)
{
    const struct fl_snapshot *s = run->scan->snapshot;
    const uint8_t *currency = currencies_of(run, k);
    for (uint32_t i = 0; i < w->rows; i++) {
        if (w->scan[i].date <= w->as_of)
            fl_aging_add_invoice(s, k * WINDOW_ROWS + i, w->as_of,
                                 w->open[(size_t)i * w->open_words],
                                 &part->by_currency[currency[i]]);
    }
}

static bool has_instalments(const struct run *run, uint32_t k, uint32_t rows)
{
    const struct fl_invoice_money *money = (const void *)chunk(run, FL_COLUMN_invoice_money, k);
    unsigned flags = 0;
    for (uint32_t i = 0; i < rows; i++)
        flags |= money[i].flags;
    return flags & FL_INVOICE_HAS_INSTALMENTS;
}

/* A window of several: each of them alone, what is not of it zero. */
static void currencies_add(const struct run *run, const struct fl_aging_window *w,
                           const uint8_t *currency, struct part *part)
{
    bool seen[256] = {false};
    struct fl_aging_window one = *w;
    one.open = part->open;
    one.open_words = 1;
    for (uint32_t i = 0; i < w->rows; i++) {
        if (seen[currency[i]])
            continue;
        seen[currency[i]] = true;
        for (uint32_t j = 0; j < w->rows; j++)
            part->open[j] = currency[j] == currency[i] ? w->open[(size_t)j * w->open_words] : 0;
        window_add(run, &one, &part->by_currency[currency[i]]);
    }
}

static void windows_add(void *context, unsigned worker, uint32_t from, uint32_t to)
{
    const struct run *run = context;
    struct part *part = &run->parts[worker];
    for (uint32_t k = from; k < to; k++) {
        struct fl_aging_window w = window_of(run, k);
        const uint8_t *currency = currencies_of(run, k);
        if (run->has_instalments && has_instalments(run, k, w.rows))
            rows_add(run, &w, k, part);
        else if (memcmp(currency, currency + 1, w.rows - 1) == 0)
            window_add(run, &w, &part->by_currency[currency[0]]);
        else
            currencies_add(run, &w, currency, part);
    }
}

static void aging_sum(struct fl_aging *to, const struct fl_aging *part)
{
    to->not_due += part->not_due;
    to->not_due_count += part->not_due_count;
    for (unsigned i = 0; i < FL_AGING_BUCKETS_MAX; i++) {
        to->bucket[i] += part->bucket[i];
        to->bucket_count[i] += part->bucket_count[i];
    }
}

/* More than b days overdue: due before as_of - b. */
static void limits_set(struct run *run)
{
    const struct fl_book_settings *book = fl_at_book_settings(run->scan->snapshot, 0);
    struct fl_aging_window *w = &run->limits;
    w->as_of = run->scan->as_of;
    w->limits[w->limit_count++] = w->as_of;
    for (unsigned i = 0; i < book->bucket_count && w->limit_count < FL_AGING_LIMITS_MAX; i++)
        w->limits[w->limit_count++] =
            w->as_of > book->buckets[i] ? (uint16_t)(w->as_of - book->buckets[i]) : 0;
}

enum fl_status fl_aging_scan(const struct fl_aging_scan *scan, struct fl_aging *by_currency)
{
    uint32_t windows = (scan->invoices + WINDOW_ROWS - 1) / WINDOW_ROWS;
    unsigned threads = scan->threads ? scan->threads : fl_scan_threads(windows);
    struct run run = {.scan = scan,
                      .has_instalments = scan->snapshot->rows[FL_TABLE_instalment] > 0};
    FL_ASSERT(scan->invoices <= scan->snapshot->rows[FL_TABLE_invoice]);
    run.parts = calloc(threads, sizeof *run.parts);
    if (!run.parts)
        return FL_NO_MEMORY;
    limits_set(&run);
    const struct fl_scan_work work = {.step = windows_add, .context = &run, .windows = windows};
    fl_scan_run(&work, threads);
    for (unsigned i = 0; i < threads; i++) {
        for (unsigned currency = 0; currency < FL_CURRENCY_COUNT; currency++)
            aging_sum(&by_currency[currency], &run.parts[i].by_currency[currency]);
    }
    free(run.parts);
    return FL_OK;
}
