/* report cash-forecast: what the invoices open on a day bring in, week by week, and afterwards what
 * they brought.
 *
 * A week is seven days from the day after the as-of day. Expected is the sum of open x P(paid in
 * that week); the weeks and `later` add up to what is open, to the cent, since each is the
 * difference of two rounded sums. The interval takes the invoices of one customer to be paid as one
 * and customers for themselves: variance = sum over customers of (sum of open x sqrt(p (1 - p)))^2,
 * 80 % of a normal distribution. `due` is what falls due in the week. `came` is the cash that was
 * applied to these invoices, dated in the week, for weeks over by the business date; the error is
 * WAPE over them. Invoices to come are not in it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cli/predict_live.h"

#define WEEKS     13
#define WEEK_DAYS 7
#define NORMAL_80 1.2815515655446004

struct week {
    int64_t expected_minor, due_minor, came_minor;
    double sum, variance; /* of what is paid by its end; in it */
    int64_t low_minor, high_minor;
};

struct currency_forecast {
    uint8_t currency;
    uint32_t invoices;
    int64_t open_minor, overdue_minor, later_minor;
    struct week weeks[WEEKS];
};

struct forecast {
    const struct fl_report *report;
    struct fl_predict_live live;
    struct currency_forecast *currencies;
    unsigned count, weeks_over;
    double (*deviation)[WEEKS]; /* by customer: of the currency at work */
};

static uint16_t week_from(const struct forecast *f, unsigned week)
{
    return (uint16_t)(f->report->as_of + 1 + WEEK_DAYS * week);
}

static unsigned week_of(const struct forecast *f, uint16_t day)
{
    return day < week_from(f, 0) ? 0 : (unsigned)(day - week_from(f, 0)) / WEEK_DAYS;
}

/* ---- reckoning --------------------------------------------------------------------------------
 */

static void invoice_add(struct forecast *f, struct currency_forecast *c,
                        const struct fl_predict_open *open)
{
    const struct fl_predict_row *row = fl_predict_live_row(&f->live, open);
    double before = 0, amount = (double)open->open_minor;
    for (unsigned week = 0; week < WEEKS; week++) {
        double by = fl_predict_paid_within(&f->live.model, row, f->report->as_of, open->disputed,
                                           (int)(WEEK_DAYS * (week + 1)));
        double p = fmax(by - before, 0);
        c->weeks[week].sum += amount * by;
        f->deviation[row->customer][week] += amount * sqrt(p * (1 - p));
        before = by;
    }
    c->open_minor += open->open_minor;
    c->invoices++;
    if (row->due_days < f->report->as_of)
        c->overdue_minor += open->open_minor;
    else if (row->due_days < week_from(f, WEEKS)) /* due on the as-of day: this week's */
        c->weeks[week_of(f, row->due_days)].due_minor += open->open_minor;
}

static void currency_finish(struct forecast *f, struct currency_forecast *c)
{
    int64_t before = 0;
    for (uint32_t customer = 0; customer < f->live.book.set.customers; customer++) {
        for (unsigned week = 0; week < WEEKS; week++) {
            double d = f->deviation[customer][week];
            c->weeks[week].variance += d * d;
            f->deviation[customer][week] = 0;
        }
    }
    for (unsigned week = 0; week < WEEKS; week++) {
        struct week *w = &c->weeks[week];
        int64_t by = llround(w->sum);
        double reach = NORMAL_80 * sqrt(w->variance);
        by = by > c->open_minor ? c->open_minor : by < before ? before : by;
        w->expected_minor = by - before;
        w->low_minor = llround(fmax((double)w->expected_minor - reach, 0));
        w->high_minor = llround(fmin((double)w->expected_minor + reach, (double)c->open_minor));
        before = by;
    }
    c->later_minor = c->open_minor - before;
}

static void forecast_make(struct forecast *f)
{
    uint8_t currency = FL_CURRENCY_NONE;
    for (uint32_t i = 0; i < f->live.count; i++) {
        const struct fl_predict_open *open = &f->live.open[i];
        uint8_t own = fl_predict_live_row(&f->live, open)->currency;
        if (own != currency) {
            if (f->count > 0)
                currency_finish(f, &f->currencies[f->count - 1]);
            f->currencies[f->count++].currency = currency = own;
        }
        invoice_add(f, &f->currencies[f->count - 1], open);
    }
    if (f->count > 0)
        currency_finish(f, &f->currencies[f->count - 1]);
}

/* ---- after the fact ---------------------------------------------------------------------------
 */

static struct currency_forecast *currency_find(struct forecast *f, uint8_t currency)
{
    unsigned i = 0;
    while (i < f->count && f->currencies[i].currency != currency)
        i++;
    return i < f->count ? &f->currencies[i] : NULL;
}

static void came_add(struct forecast *f, const struct fl_movement_row *move)
{
    struct currency_forecast *c;
    if (move->kind != FL_MOVE_APPLY_RECEIPT || move->date < week_from(f, 0) ||
        move->date >= week_from(f, f->weeks_over) || move->invoice >= f->live.items.invoices ||
        f->live.items.invoice_minor[move->invoice] <= 0)
        return;
    c = currency_find(f, fl_at_invoice_currency(&f->report->snapshot, move->invoice)->currency);
    if (c)
        c->weeks[week_of(f, move->date)].came_minor += move->amount_minor;
}

static void came_make(struct forecast *f)
{
    const struct fl_snapshot *s = &f->report->snapshot;
    uint16_t today = fl_report_today(s);
    while (f->weeks_over < WEEKS && week_from(f, f->weeks_over + 1) <= (uint32_t)today + 1)
        f->weeks_over++;
    for (uint32_t row = 0; f->weeks_over > 0 && row < s->rows[FL_TABLE_movement]; row++)
        came_add(f, fl_at_movement_row(s, row));
}

/* NAN: nothing came, or no week is over. */
static double wape(const struct forecast *f, const struct currency_forecast *c)
{
    double apart = 0, came = 0;
    for (unsigned week = 0; week < f->weeks_over; week++) {
        apart += fabs((double)(c->weeks[week].expected_minor - c->weeks[week].came_minor));
        came += (double)c->weeks[week].came_minor;
    }
    return came > 0 ? apart / came : NAN;
}

/* ---- printing ---------------------------------------------------------------------------------
 */

static void amount_json(const struct forecast *f, const char *name, int64_t minor, uint8_t currency)
{
    fprintf(f->report->out, ",\"%s\":\"%s\"", name, fl_money_text(minor, currency));
}

static void week_json(const struct forecast *f, const struct currency_forecast *c, unsigned week)
{
    const struct week *w = &c->weeks[week];
    fprintf(f->report->out, "%s{\"from\":\"%s\",\"to\":\"%s\"", week ? "," : "",
            fl_day_text(week_from(f, week)), fl_day_text((uint16_t)(week_from(f, week + 1) - 1)));
    amount_json(f, "expected", w->expected_minor, c->currency);
    amount_json(f, "low", w->low_minor, c->currency);
    amount_json(f, "high", w->high_minor, c->currency);
    amount_json(f, "due", w->due_minor, c->currency);
    if (week < f->weeks_over)
        amount_json(f, "came", w->came_minor, c->currency);
    else
        fputs(",\"came\":null", f->report->out);
    fputs("}", f->report->out);
}

static void forecast_json(const struct forecast *f)
{
    FILE *out = f->report->out;
    putc('{', out);
    fl_report_head(f->report);
    fputs(",\"model\":\"additive_dispute\",\"currencies\":[", out);
    for (unsigned i = 0; i < f->count; i++) {
        const struct currency_forecast *c = &f->currencies[i];
        fprintf(out, "%s{\"currency\":\"%s\",\"invoices\":%" PRIu32, i ? "," : "",
                fl_currency_code(c->currency), c->invoices);
        amount_json(f, "open", c->open_minor, c->currency);
        amount_json(f, "overdue", c->overdue_minor, c->currency);
        fputs(",\"weeks\":[", out);
        for (unsigned week = 0; week < WEEKS; week++)
            week_json(f, c, week);
        putc(']', out);
        amount_json(f, "later", c->later_minor, c->currency);
        fprintf(out, ",\"weeks_over\":%u,\"wape\":", f->weeks_over);
        if (isnan(wape(f, c)))
            fputs("null}", out);
        else
            fprintf(out, "%.4f}", wape(f, c));
    }
    fputs("]}\n", out);
}

static void week_row(const struct forecast *f, const struct currency_forecast *c, unsigned week,
                     int64_t most, struct fl_table_writer *table)
{
    const struct week *w = &c->weeks[week];
    char bar[64];
    if (f->report->format == FL_FORMAT_CSV)
        fl_table_cell(table, "%s", fl_currency_code(c->currency));
    fl_table_cell(table, "%s", fl_day_text(week_from(f, week)));
    fl_table_cell(table, "%s", fl_money_text(w->expected_minor, c->currency));
    fl_table_cell(table, "%s", fl_money_text(w->low_minor, c->currency));
    fl_table_cell(table, "%s", fl_money_text(w->high_minor, c->currency));
    fl_table_cell(table, "%s", fl_money_text(w->due_minor, c->currency));
    fl_table_cell(table, "%s",
                  week < f->weeks_over ? fl_money_text(w->came_minor, c->currency) : "");
    if (f->report->format == FL_FORMAT_CSV)
        return;
    fl_report_bar(bar, w->expected_minor, most, 12);
    fl_table_cell(table, "%s", bar);
}

static void later_row(const struct forecast *f, const struct currency_forecast *c,
                      struct fl_table_writer *table)
{
    bool csv = f->report->format == FL_FORMAT_CSV;
    if (csv)
        fl_table_cell(table, "%s", fl_currency_code(c->currency));
    fl_table_cell(table, "later");
    fl_table_cell(table, "%s", fl_money_text(c->later_minor, c->currency));
    for (unsigned i = 0; i < (csv ? 4 : 5); i++)
        fl_table_cell(table, "%s", "");
}

static void currency_rows(const struct forecast *f, const struct currency_forecast *c,
                          struct fl_table_writer *table)
{
    int64_t most = 1;
    for (unsigned week = 0; week < WEEKS; week++)
        most = c->weeks[week].expected_minor > most ? c->weeks[week].expected_minor : most;
    for (unsigned week = 0; week < WEEKS; week++)
        week_row(f, c, week, most, table);
    later_row(f, c, table);
}

static void forecast_table(const struct forecast *f)
{
    static const char *const names[] = {"week of", ">expected", ">low", ">high",
                                        ">due",    ">came",     ""};
    const struct fl_report *r = f->report;
    struct fl_table_writer table;
    for (unsigned i = 0; i < f->count; i++) {
        const struct currency_forecast *c = &f->currencies[i];
        fprintf(r->out, "%sCash expected in %s as of %s (sequence %" PRIu64 ")\n\n", i ? "\n" : "",
                fl_currency_code(c->currency), fl_day_text(r->as_of), r->snapshot.seq);
        fl_table_open(&table, names, 7);
        currency_rows(f, c, &table);
        fl_table_print(&table, r->out, false);
        fprintf(r->out,
                "\n%" PRIu32 " invoices open, %s, of it overdue %s; low to high holds 80 %%\n",
                c->invoices, fl_money_text(c->open_minor, c->currency),
                fl_money_text(c->overdue_minor, c->currency));
        if (!isnan(wape(f, c)))
            fprintf(r->out, "of %u weeks that are over the forecast was %.1f %% off\n",
                    f->weeks_over, 100 * wape(f, c));
    }
    if (f->count == 0)
        fprintf(r->out, "nothing is open as of %s\n", fl_day_text(r->as_of));
}

static void forecast_csv(const struct forecast *f)
{
    static const char *const names[] = {"currency", "from", "expected", "low",
                                        "high",     "due",  "came"};
    struct fl_table_writer table;
    fl_table_open(&table, names, 7);
    for (unsigned i = 0; i < f->count; i++)
        currency_rows(f, &f->currencies[i], &table);
    fl_table_print(&table, f->report->out, true);
}

static int forecast_run(struct forecast *f)
{
    f->currencies = calloc(FL_CURRENCY_COUNT, sizeof *f->currencies);
    f->deviation = calloc(f->live.book.set.customers + 1ul, sizeof *f->deviation);
    if (!f->currencies || !f->deviation)
        return FL_EXIT_STORAGE;
    forecast_make(f);
    came_make(f);
    if (f->report->format == FL_FORMAT_JSON)
        forecast_json(f);
    else if (f->report->format == FL_FORMAT_CSV)
        forecast_csv(f);
    else
        forecast_table(f);
    return FL_EXIT_DONE;
}

int fl_report_cash_forecast(struct fl_report *report)
{
    struct forecast f = {.report = report};
    int exit = fl_predict_live_open(&f.live, report);
    if (exit == FL_EXIT_DONE)
        exit = forecast_run(&f);
    fl_predict_live_close(&f.live);
    free(f.currencies);
    free(f.deviation);
    return exit;
}
