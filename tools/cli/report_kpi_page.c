/* The figures for people: a page that is read at a glance on 80 columns. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/kpi_cohort.h"
#include "analytics/kpi_top.h"
#include "core/domain/state.h"
#include "tools/cli/report_kpi.h"

#define BAR_CELLS    24
#define NAME_CELLS   24
#define SERIES_CELLS 20
#define SERIES_DAYS  100 /* a bar that is full; a longer one is cut */

/* ---- one page ----------------------------------------------------------------------------------
 */

static const struct {
    enum fl_kpi figure;
    const char *label, *unit;
} lines[] = {
    {FL_KPI_DSO, "DSO", "days"},
    {FL_KPI_COUNT_BACK, "  count-back", "days"},
    {FL_KPI_TRUE_DSO, "  true", "days"},
    {FL_KPI_BEST, "best possible DSO", "days"},
    {FL_KPI_DELINQUENT, "average days delinquent", "days"},
    {FL_KPI_CEI, "collection effectiveness", "%"},
    {FL_KPI_CURRENT, "current", "%"},
    {FL_KPI_OVER_90, "over 90 days", "%"},
    {FL_KPI_CLOSE, "time to close by cash", "days"},
    {FL_KPI_CLOSE_MEDIAN, "  median", "days"},
    {FL_KPI_BAD_DEBT, "bad debt", "%"},
    {FL_KPI_SALES, "credit sales", ""},
    {FL_KPI_RECEIVABLE, "receivable", ""},
    {FL_KPI_OVERDUE, "overdue", ""},
    {FL_KPI_UNAPPLIED, "unapplied cash", ""},
    {FL_KPI_CREDITS, "open credits", ""},
};

/* An arrow says where it went, the word whether that is good. */
static void trend_text(enum fl_kpi which, struct fl_kpi_figure now, struct fl_kpi_figure before,
                       char out[32])
{
    const char *trend = fl_kpi_trend(which, now, before);
    bool judged = fl_kpi_about[which].good != 0;
    out[0] = '\0';
    if (!trend)
        return;
    const char *arrow = now.value > before.value   ? "\u25b2"
                        : now.value < before.value ? "\u25bc"
                                                   : "=";
    snprintf(out, 32, "%s%s%s", arrow, judged && now.value != before.value ? " " : "",
             judged && now.value != before.value ? trend : "");
}

static void figures_print(const struct fl_kpi_report *kpi, const struct fl_kpi_row *row)
{
    static const char *const names[] = {"", ">now", "", ">before", ""};
    const struct fl_kpi_row *before = fl_kpi_row_before(kpi, row);
    struct fl_table_writer table;
    char text[48], trend[32];
    fl_table_open(&table, names, 5);
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct fl_kpi_figure now = row->figure[lines[i].figure];
        struct fl_kpi_figure then =
            before ? before->figure[lines[i].figure] : (struct fl_kpi_figure){.defined = false};
        fl_table_cell(&table, "%s", lines[i].label);
        fl_table_cell(
            &table, "%s%s", now.at_least ? ">=" : "",
            fl_kpi_figure_text(now, lines[i].figure, row->aging.currency, "undefined", text));
        fl_table_cell(&table, "%s", lines[i].unit);
        fl_table_cell(&table, "%s%s", then.at_least ? ">=" : "",
                      fl_kpi_figure_text(then, lines[i].figure, row->aging.currency, "-", text));
        trend_text(lines[i].figure, now, then, trend);
        fl_table_cell(&table, "%s", trend);
    }
    fl_table_print(&table, kpi->report->out, false);
}

static void aging_print(const struct fl_kpi_report *kpi, const struct fl_aging *a)
{
    static const char *const names[] = {"aging", ">invoices", ">amount", ">%", ""};
    const struct fl_report *r = kpi->report;
    const struct fl_book_settings *book = fl_at_book_settings(&r->snapshot, 0);
    struct fl_table_writer table;
    fl_int128 all = fl_aging_invoices(a);
    char bar[3 * BAR_CELLS + 1], text[48];
    fl_table_open(&table, names, 5);
    for (unsigned i = 0; i <= book->bucket_count + 1u; i++) {
        fl_int128 amount = i == 0 ? a->not_due : a->bucket[i - 1];
        fl_report_bucket_text(r, i, text);
        fl_table_cell(&table, "%s", text);
        fl_table_cell(&table, "%" PRIu64, i == 0 ? a->not_due_count : a->bucket_count[i - 1]);
        fl_table_cell(&table, "%s", fl_money_text(amount, a->currency));
        struct fl_kpi_figure share = fl_kpi_share(amount, all);
        fl_table_cell(&table, "%s",
                      fl_kpi_figure_text(share, FL_KPI_CURRENT, a->currency, "-", text));
        fl_report_bar(bar, amount, all, BAR_CELLS);
        fl_table_cell(&table, "%s", bar);
    }
    putc('\n', r->out);
    fl_table_print(&table, r->out, false);
}

/* Open invoices counted while they are seen: what the mean of those closed leaves out. */
static int estimate_print(const struct fl_kpi_report *kpi, uint8_t currency)
{
    struct fl_kpi_cohort all[FL_COHORT_MONTHS + 1];
    const struct fl_kpi_cohort *c = &all[FL_COHORT_MONTHS];
    FILE *out = kpi->report->out;
    char text[48];
    if (fl_kpi_cohorts(&kpi->report->snapshot, &kpi->now.query, currency, all) != FL_OK)
        return FL_EXIT_STORAGE;
    if (c->invoices == 0)
        return FL_EXIT_DONE;
    fprintf(out, "\nissued in twelve months, open ones counted: half paid by day %s;",
            fl_kpi_figure_text(c->median, FL_KPI_CLOSE, currency, "?", text));
    for (unsigned i = 0; i < FL_COHORT_SPANS; i++)
        fprintf(out, "%s %s %% by %d", i ? "," : "\n ",
                fl_kpi_figure_text(c->within[i], FL_KPI_CEI, currency, "?", text),
                fl_cohort_spans[i]);
    fputs(" days\n", out);
    return FL_EXIT_DONE;
}

/* Whole characters, so that no half of one is printed. */
static void name_text(const struct fl_snapshot *s, uint32_t customer, char out[4 * NAME_CELLS + 1])
{
    struct fl_text_ref name = fl_at_customer_profile(s, customer)->name;
    const char *bytes = name.length ? fl_text_get(s->store, FL_TABLE_personal, name) : "";
    unsigned at = 0, cells = 0;
    while (at < name.length) {
        cells += ((unsigned char)bytes[at] & 0xC0) != 0x80;
        if (cells > NAME_CELLS || at == 4 * NAME_CELLS)
            break;
        out[at] = bytes[at];
        at++;
    }
    out[at] = '\0';
}

static int top_print(const struct fl_kpi_report *kpi, uint8_t currency)
{
    static const char *const names[] = {"most overdue", "", ">amount", ">invoices", ">days"};
    struct fl_kpi_overdue top[FL_KPI_TOP_MAX];
    const struct fl_snapshot *s = &kpi->report->snapshot;
    struct fl_table_writer table;
    char name[4 * NAME_CELLS + 1];
    uint32_t count;
    if (fl_kpi_top(s, &kpi->now.query, currency, top, &count) != FL_OK)
        return FL_EXIT_STORAGE;
    if (count == 0)
        return FL_EXIT_DONE;
    fl_table_open(&table, names, 5);
    for (uint32_t i = 0; i < count; i++) {
        name_text(s, top[i].customer, name);
        fl_table_cell(&table, "%s", fl_id_text(s, &fl_at_customer_card(s, top[i].customer)->id));
        fl_table_cell(&table, "%s", name);
        fl_table_cell(&table, "%s", fl_money_text(top[i].overdue_minor, currency));
        fl_table_cell(&table, "%u", top[i].invoices);
        fl_table_cell(&table, "%d", kpi->report->as_of - top[i].oldest_due);
    }
    putc('\n', kpi->report->out);
    fl_table_print(&table, kpi->report->out, false);
    return FL_EXIT_DONE;
}

static int page_print(const struct fl_kpi_report *kpi, const struct fl_kpi_row *row)
{
    const struct fl_kpi_query *q = &kpi->now.query;
    FILE *out = kpi->report->out;
    fprintf(out, "Key figures in %s%s, %s to %s (", fl_currency_code(row->aging.currency),
            q->in_base ? ", all currencies" : "", fl_day_text(q->from), fl_day_text(q->to));
    if (q->known_seq != UINT64_MAX)
        fprintf(out, "as known at sequence %" PRIu64 " of ", q->known_seq);
    else
        fputs("sequence ", out);
    fprintf(out, "%" PRIu64 ")\n", kpi->report->snapshot.seq);
    if (kpi->has_before)
        fprintf(out, "before: %s to %s\n", fl_day_text(kpi->before.query.from),
                fl_day_text(kpi->before.query.to));
    putc('\n', out);
    figures_print(kpi, row);
    aging_print(kpi, &row->aging);
    int exit = estimate_print(kpi, row->aging.currency);
    return exit == FL_EXIT_DONE ? top_print(kpi, row->aging.currency) : exit;
}

/* ---- a line a group, a line a point ------------------------------------------------------------
 */

static const enum fl_kpi columns[] = {FL_KPI_RECEIVABLE, FL_KPI_OVERDUE, FL_KPI_DSO,
                                      FL_KPI_BEST,       FL_KPI_CEI,     FL_KPI_CURRENT};
static const enum fl_kpi series_columns[] = {FL_KPI_RECEIVABLE, FL_KPI_DSO, FL_KPI_CEI,
                                             FL_KPI_CURRENT};

static void line_figures(const struct fl_kpi_row *row, const enum fl_kpi *figures, unsigned count,
                         struct fl_table_writer *table)
{
    char text[48];
    for (unsigned i = 0; i < count; i++)
        fl_table_cell(table, "%s",
                      fl_kpi_figure_text(row->figure[figures[i]], figures[i], row->aging.currency,
                                         "-", text));
}

static int groups_print(const struct fl_kpi_report *kpi)
{
    const struct fl_kpi_sheet *sheet = &kpi->now;
    const char *names[] = {fl_kpi_by_name(sheet->query.by),
                           "cur",
                           ">receivable",
                           ">overdue",
                           ">DSO",
                           ">best",
                           ">CEI %",
                           ">current %"};
    struct fl_table_writer table;
    char name[160];
    fl_report_title(kpi->report, "Key figures");
    fl_table_open(&table, names, 8);
    for (uint32_t i = 0; i < sheet->rows; i++) {
        fl_kpi_group_name(&sheet->groups, sheet->row[i].group, name);
        fl_table_cell(&table, "%s", sheet->row[i].group == FL_NO_ROW ? "-" : name);
        fl_table_cell(&table, "%s", fl_currency_code(sheet->row[i].aging.currency));
        line_figures(&sheet->row[i], columns, 6, &table);
    }
    fl_table_print(&table, kpi->report->out, false);
    return FL_EXIT_DONE;
}

int fl_kpi_page_print(const struct fl_kpi_report *kpi)
{
    int exit = FL_EXIT_DONE;
    if (kpi->now.query.by != FL_BY_CURRENCY)
        return groups_print(kpi);
    for (uint32_t i = 0; i < kpi->now.rows && exit == FL_EXIT_DONE; i++) {
        if (i > 0)
            putc('\n', kpi->report->out);
        exit = page_print(kpi, &kpi->now.row[i]);
    }
    if (kpi->now.rows == 0)
        fprintf(kpi->report->out, "nothing was sold or is open as of %s (sequence %" PRIu64 ")\n",
                fl_day_text(kpi->report->as_of), kpi->report->snapshot.seq);
    return exit;
}

/* With groups the second column names them; without, a bar says how long the days are. */
void fl_kpi_series_open(enum fl_kpi_by by, struct fl_table_writer *table)
{
    static const char *const whole[] = {"as of",  "cur",        ">receivable", ">DSO",
                                        ">CEI %", ">current %", "DSO"};
    const char *const grouped[] = {"as of", fl_kpi_by_name(by), "cur",       ">receivable",
                                   ">DSO",  ">CEI %",           ">current %"};
    fl_table_open(table, by == FL_BY_CURRENCY ? whole : grouped, 7);
}

void fl_kpi_series_line(const struct fl_kpi_report *kpi, const struct fl_kpi_row *row,
                        struct fl_table_writer *table)
{
    struct fl_kpi_figure dso = row->figure[FL_KPI_DSO];
    bool grouped = kpi->now.query.by != FL_BY_CURRENCY;
    char name[160], bar[3 * SERIES_CELLS + 1];
    fl_kpi_group_name(&kpi->now.groups, row->group, name);
    fl_table_cell(table, "%s", fl_day_text(kpi->now.query.to));
    if (grouped)
        fl_table_cell(table, "%s", row->group == FL_NO_ROW ? "-" : name);
    fl_table_cell(table, "%s", fl_currency_code(row->aging.currency));
    line_figures(row, series_columns, 4, table);
    if (grouped)
        return;
    fl_report_bar(bar, dso.defined ? dso.value : 0, SERIES_DAYS * 10, SERIES_CELLS);
    fl_table_cell(table, "%s", bar);
}
