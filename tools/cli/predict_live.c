#include "tools/cli/predict_live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"

/* ---- opening ----------------------------------------------------------------------------------
 */

static int fail(const struct fl_report *report, enum fl_status status)
{
    struct fl_error error;
    if (status == FL_NOTHING_OPEN) {
        fprintf(stderr, "florin %s: no invoice was paid by %s: there is nothing to learn from\n",
                report->name, fl_day_text(report->as_of));
        return FL_EXIT_REFUSED;
    }
    (void)fl_error_set(&error, status, "%s", fl_status_name(status));
    return fl_cli_fail(report->name, &error);
}

static bool is_wanted(const struct fl_report *report, const struct fl_predict_live *live,
                      uint32_t row)
{
    const struct fl_predict_row *r = &live->book.set.rows[row];
    return r->invoice < live->items.invoices && live->items.invoice_minor[r->invoice] > 0 &&
           (report->currency == FL_CURRENCY_NONE || report->currency == r->currency);
}

static int open_order(const void *a, const void *b)
{
    const struct fl_predict_open *x = a, *y = b;
    if (x->late != y->late)
        return x->late > y->late ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The most at risk first, currency by currency. */
static void open_sort(struct fl_predict_live *live, const uint32_t first[FL_CURRENCY_COUNT + 1])
{
    for (unsigned currency = 0; currency < FL_CURRENCY_COUNT; currency++) {
        uint32_t count = first[currency + 1] - first[currency];
        if (count > 0)
            qsort(live->open + first[currency], count, sizeof *live->open, open_order);
    }
}

static bool open_make(struct fl_predict_live *live, const struct fl_report *report)
{
    uint32_t first[FL_CURRENCY_COUNT + 1] = {0}, at[FL_CURRENCY_COUNT];
    for (uint32_t row = 0; row < live->book.set.count; row++) {
        if (is_wanted(report, live, row))
            first[live->book.set.rows[row].currency + 1]++;
    }
    for (unsigned currency = 0; currency < FL_CURRENCY_COUNT; currency++) {
        at[currency] = first[currency];
        first[currency + 1] += first[currency];
    }
    live->count = first[FL_CURRENCY_COUNT];
    live->open = malloc((live->count + 1ul) * sizeof *live->open);
    if (!live->open)
        return false;
    for (uint32_t row = 0; row < live->book.set.count; row++) {
        const struct fl_predict_row *r = &live->book.set.rows[row];
        struct fl_prediction p;
        if (!is_wanted(report, live, row))
            continue;
        bool disputed = r->disputed_days != 0 && r->disputed_days <= report->as_of;
        int64_t open = live->items.invoice_minor[r->invoice];
        fl_predict_score(&live->model, r, report->as_of, disputed, &p);
        live->open[at[r->currency]++] =
            (struct fl_predict_open){open, row, (float)(p.p_late * (double)open), disputed};
    }
    open_sort(live, first);
    return true;
}

int fl_predict_live_open(struct fl_predict_live *live, const struct fl_report *report)
{
    struct fl_error error = {.status = FL_OK};
    const struct fl_snapshot *s = &report->snapshot;
    memset(live, 0, sizeof *live);
    if (report->known_seq != UINT64_MAX || report->in_base) {
        fprintf(stderr, "florin %s: takes no --known-at, and adds nothing across currencies\n",
                report->name);
        return FL_EXIT_USAGE;
    }
    if (fl_segment_history_open(&live->history, report, report->arguments->words[0], &error) !=
        FL_OK)
        return fl_cli_fail(report->name, &error);
    const struct fl_predict_segments segments = {fl_segment_at_issue, &live->history};
    enum fl_status status = fl_predict_book_make(s, &segments, &live->book);
    if (status == FL_OK)
        status = fl_open_items_make(s, report->as_of, UINT64_MAX, &live->items);
    if (status == FL_OK)
        status = fl_predict_fit(&live->book.set, (uint16_t)(report->as_of + 1), true, &live->model);
    if (status == FL_OK && !open_make(live, report))
        status = FL_NO_MEMORY;
    return status == FL_OK ? FL_EXIT_DONE : fail(report, status);
}

void fl_predict_live_close(struct fl_predict_live *live)
{
    fl_segment_history_close(&live->history);
    fl_predict_book_free(&live->book);
    fl_predict_free(&live->model);
    fl_open_items_free(&live->items);
    free(live->open);
}

/* ---- days -------------------------------------------------------------------------------------
 */

/* `day`, not before `from`; none beyond the horizon. */
static uint16_t day_within(double day, uint16_t from, uint16_t as_of)
{
    double last = fmin((double)as_of + FL_PREDICT_HORIZON_DAYS, FL_DATE_MAX);
    return day > last ? FL_DATE_NONE : day <= from ? from : (uint16_t)day;
}

struct fl_predict_days fl_predict_days_of(const struct fl_predict_row *row,
                                          const struct fl_prediction *p, uint16_t as_of)
{
    struct fl_predict_days out;
    uint16_t tomorrow = (uint16_t)(as_of + 1);
    out.expected = day_within(round(row->due_days + p->days), tomorrow, as_of);
    out.from = day_within(ceil(row->due_days + p->days_low), tomorrow, as_of);
    if (out.expected != FL_DATE_NONE && (out.from == FL_DATE_NONE || out.from > out.expected))
        out.from = out.expected;
    out.to = day_within(floor(row->due_days + p->days_high),
                        out.expected != FL_DATE_NONE ? out.expected : tomorrow, as_of);
    return out;
}

void fl_predict_day_json(FILE *out, const char *name, uint16_t day)
{
    if (day == FL_DATE_NONE)
        fprintf(out, "\"%s\":null", name);
    else
        fprintf(out, "\"%s\":\"%s\"", name, fl_day_text(day));
}

/* ---- reasons ----------------------------------------------------------------------------------
 */

const char *fl_predict_reason_word(const struct fl_predict_live *live,
                                   const struct fl_predict_row *row, enum fl_predict_factor factor,
                                   bool disputed)
{
    static const char *const weekdays[] = {"due on Wed", "due on Thu", "due on Fri", "due on Sat",
                                           "due on Sun", "due on Mon", "due on Tue"};
    switch (factor) {
    case FL_FACTOR_PART_1:
    case FL_FACTOR_PART_2:
    case FL_FACTOR_PART_3:
        return live->book.parts.names[row->part[factor - FL_FACTOR_PART_1]].text;
    case FL_FACTOR_CUSTOMER:
        return "customer";
    case FL_FACTOR_RECENT:
        return "lately";
    case FL_FACTOR_TERMS:
        return "terms";
    case FL_FACTOR_AMOUNT:
        return "amount";
    case FL_FACTOR_WEEKDAY:
        return weekdays[row->due_days % 7];
    default:
        return disputed ? "disputed" : "not disputed";
    }
}

void fl_predict_reason_text(const struct fl_predict_live *live, const struct fl_predict_open *open,
                            const struct fl_prediction *p, unsigned most, char out[160])
{
    const struct fl_predict_row *row = fl_predict_live_row(live, open);
    size_t length = 0;
    double age = p->days - p->days_at_issue;
    out[0] = '\0';
    if (age > FL_PREDICT_HORIZON_DAYS)
        length = (size_t)snprintf(out, 160, "still open, no end seen");
    else if (age >= 1)
        length = (size_t)snprintf(out, 160, "still open +%.0f", age);
    most -= length > 0;
    for (unsigned i = 0; i < p->reason_count && most > 0 && fabs(p->reasons[i].days) >= 0.5; i++) {
        const char *word = fl_predict_reason_word(live, row, p->reasons[i].factor, open->disputed);
        int wrote = snprintf(out + length, 160 - length, "%s%.60s %+.0f", length ? ", " : "", word,
                             p->reasons[i].days);
        length += (size_t)wrote < 160 - length ? (size_t)wrote : 0;
        most--;
    }
}
