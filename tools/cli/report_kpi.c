#include "tools/cli/report_kpi.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/kpi_cohort.h"
#include "analytics/kpi_top.h"
#include "core/base/date.h"

static const struct {
    const char *name, *list;
} groupings[] = {
    [FL_BY_CURRENCY] = {"currency", "currencies"}, [FL_BY_CUSTOMER] = {"customer", "customers"},
    [FL_BY_SEGMENT] = {"segment", "segments"},     [FL_BY_COUNTRY] = {"country", "countries"},
    [FL_BY_PRODUCT] = {"product", "products"},
};

const char *fl_kpi_by_name(enum fl_kpi_by by)
{
    return groupings[by].name;
}

const struct fl_kpi_row *fl_kpi_row_before(const struct fl_kpi_report *kpi,
                                           const struct fl_kpi_row *row)
{
    if (!kpi->has_before)
        return NULL;
    /* Groups are numbered alike in both: they do not depend on the period. */
    return fl_kpi_sheet_find(&kpi->before, row->group, row->aging.currency);
}

const char *fl_kpi_figure_text(struct fl_kpi_figure figure, enum fl_kpi which, uint8_t currency,
                               const char *none, char out[48])
{
    const enum fl_kpi_unit unit = fl_kpi_about[which].unit;
    unsigned decimals = unit == FL_KPI_MONEY     ? fl_currency_exponent(currency)
                        : unit == FL_KPI_DAYS    ? 1
                        : unit == FL_KPI_PERCENT ? 2
                                                 : 0;
    if (!figure.defined)
        return none;
    fl_decimal_format(figure.value, decimals, out);
    return out;
}

const char *fl_kpi_trend(enum fl_kpi which, struct fl_kpi_figure now, struct fl_kpi_figure before)
{
    int good = fl_kpi_about[which].good;
    if (!now.defined || !before.defined)
        return NULL;
    if (now.value == before.value)
        return "same";
    bool up = now.value > before.value;
    if (good == 0)
        return up ? "up" : "down";
    return up == (good > 0) ? "better" : "worse";
}

/* ---- json --------------------------------------------------------------------------------------
 */

static void figure_json(const struct fl_kpi_report *kpi, const struct fl_kpi_row *row,
                        enum fl_kpi which)
{
    char text[48];
    const char *quote =
        fl_kpi_about[which].unit == FL_KPI_MONEY && row->figure[which].defined ? "\"" : "";
    fprintf(kpi->report->out, "\"%s\":%s%s%s", fl_kpi_about[which].name, quote,
            fl_kpi_figure_text(row->figure[which], which, row->aging.currency, "null", text),
            quote);
    if (which == FL_KPI_COUNT_BACK)
        fprintf(kpi->report->out, ",\"count_back_at_least\":%s",
                row->figure[which].at_least ? "true" : "false");
}

static void figures_json(const struct fl_kpi_report *kpi, const struct fl_kpi_row *row)
{
    for (unsigned i = 0; i < FL_KPI_FIGURES; i++) {
        fputs(i ? "," : "", kpi->report->out);
        figure_json(kpi, row, i);
    }
}

static void before_json(const struct fl_kpi_report *kpi, const struct fl_kpi_row *row)
{
    const struct fl_kpi_row *before = fl_kpi_row_before(kpi, row);
    FILE *out = kpi->report->out;
    if (!before) {
        fputs(",\"before\":null,\"trend\":null", out);
        return;
    }
    fputs(",\"before\":{", out);
    figures_json(kpi, before);
    fputs("},\"trend\":{", out);
    for (unsigned i = 0; i < FL_KPI_FIGURES; i++) {
        const char *trend = fl_kpi_trend(i, row->figure[i], before->figure[i]);
        fprintf(out, "%s\"%s\":%s%s%s", i ? "," : "", fl_kpi_about[i].name, trend ? "\"" : "",
                trend ? trend : "null", trend ? "\"" : "");
    }
    putc('}', out);
}

static int top_json(const struct fl_kpi_report *kpi, uint8_t currency)
{
    struct fl_kpi_overdue top[FL_KPI_TOP_MAX];
    const struct fl_report *r = kpi->report;
    const struct fl_snapshot *s = &r->snapshot;
    uint32_t count;
    if (fl_kpi_top(s, &kpi->now.query, currency, top, &count) != FL_OK)
        return FL_EXIT_STORAGE;
    fputs(",\"top_overdue\":[", r->out);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(r->out, "%s{\"customer\":", i ? "," : "");
        fl_report_string(r, fl_id_text(s, &fl_at_customer_card(s, top[i].customer)->id));
        fprintf(r->out, ",\"overdue\":\"%s\",\"invoices\":%u,\"oldest_invoice\":",
                fl_money_text(top[i].overdue_minor, currency), top[i].invoices);
        fl_report_string(r, fl_id_text(s, &fl_at_invoice_card(s, top[i].oldest)->id));
        fprintf(r->out, ",\"days_overdue\":%d}", r->as_of - top[i].oldest_due);
    }
    putc(']', r->out);
    return FL_EXIT_DONE;
}

/* "2024-03"; "" of all together. */
static void cohort_month(const struct fl_kpi_cohort *cohort, char out[16])
{
    snprintf(out, 16, "%.7s", cohort->month == FL_DATE_NONE ? "" : fl_day_text(cohort->month));
}

static void cohort_json(FILE *out, const struct fl_kpi_cohort *c)
{
    char month[16], mean[48], median[48], within[48];
    cohort_month(c, month);
    if (month[0])
        fprintf(out, "{\"month\":\"%s\"", month);
    else
        fputs("{\"month\":null", out);
    fprintf(out, ",\"invoices\":%u,\"closed\":%u,\"open\":%u,\"mean_of_closed\":%s,\"median\":%s",
            c->invoices, c->closed, c->open,
            fl_kpi_figure_text(c->mean, FL_KPI_CLOSE, FL_CURRENCY_NONE, "null", mean),
            fl_kpi_figure_text(c->median, FL_KPI_CLOSE, FL_CURRENCY_NONE, "null", median));
    for (unsigned i = 0; i < FL_COHORT_SPANS; i++)
        fprintf(out, ",\"percent_within_%d\":%s", fl_cohort_spans[i],
                fl_kpi_figure_text(c->within[i], FL_KPI_CEI, FL_CURRENCY_NONE, "null", within));
    putc('}', out);
}

static int cohorts_json(const struct fl_kpi_report *kpi, uint8_t currency)
{
    struct fl_kpi_cohort all[FL_COHORT_MONTHS + 1];
    FILE *out = kpi->report->out;
    bool first = true;
    if (fl_kpi_cohorts(&kpi->report->snapshot, &kpi->now.query, currency, all) != FL_OK)
        return FL_EXIT_STORAGE;
    fputs(",\"cohorts\":[", out);
    for (unsigned i = 0; i <= FL_COHORT_MONTHS; i++) {
        if (all[i].invoices == 0)
            continue;
        fputs(first ? "" : ",", out);
        cohort_json(out, &all[i]);
        first = false;
    }
    putc(']', out);
    return FL_EXIT_DONE;
}

static int row_json(const struct fl_kpi_report *kpi, const struct fl_kpi_row *row, bool whole)
{
    FILE *out = kpi->report->out;
    int exit = FL_EXIT_DONE;
    fprintf(out, "{\"currency\":\"%s\",", fl_currency_code(row->aging.currency));
    figures_json(kpi, row);
    fputs(",\"aging\":", out);
    fl_report_aging_object(kpi->report, &row->aging, whole && kpi->now.query.by == FL_BY_CURRENCY);
    if (whole) {
        before_json(kpi, row);
        if (kpi->now.query.by == FL_BY_CURRENCY)
            exit = top_json(kpi, row->aging.currency);
        if (kpi->now.query.by == FL_BY_CURRENCY && exit == FL_EXIT_DONE)
            exit = cohorts_json(kpi, row->aging.currency);
    }
    putc('}', out);
    return exit;
}

/* Rows of a group stand together: {"customer":"C","currencies":[...]}. */
void fl_kpi_group_begin(const struct fl_report *r, const struct fl_kpi_sheet *sheet, uint32_t row)
{
    char name[160];
    fl_kpi_group_name(&sheet->groups, sheet->row[row].group, name);
    fprintf(r->out, "{\"%s\":", fl_kpi_by_name(sheet->query.by));
    if (sheet->row[row].group == FL_NO_ROW)
        fputs("null", r->out);
    else
        fl_report_string(r, name);
    fputs(",\"currencies\":[", r->out);
}

const char *fl_kpi_by_list(enum fl_kpi_by by)
{
    return groupings[by].list;
}

static int groups_json(const struct fl_kpi_report *kpi, bool whole)
{
    const struct fl_kpi_sheet *sheet = &kpi->now;
    FILE *out = kpi->report->out;
    int exit = FL_EXIT_DONE;
    bool grouped = sheet->query.by != FL_BY_CURRENCY;
    fprintf(out, ",\"%s\":[", groupings[sheet->query.by].list);
    for (uint32_t i = 0; i < sheet->rows && exit == FL_EXIT_DONE; i++) {
        bool first = i == 0 || sheet->row[i - 1].group != sheet->row[i].group;
        bool last = i + 1 == sheet->rows || sheet->row[i + 1].group != sheet->row[i].group;
        fputs(i ? "," : "", out);
        if (grouped && first)
            fl_kpi_group_begin(kpi->report, sheet, i);
        exit = row_json(kpi, &sheet->row[i], whole);
        if (grouped && last)
            fputs("]}", out);
    }
    putc(']', out);
    return exit;
}

static void period_json(const struct fl_kpi_report *kpi)
{
    const struct fl_kpi_query *q = &kpi->now.query;
    fprintf(kpi->report->out, "\"from\":\"%s\",\"to\":\"%s\",\"days\":%d,\"months\":%d",
            fl_day_text(q->from), fl_day_text(q->to), q->to - q->from + 1, (int)kpi->now.months);
}

static void variant_json(const struct fl_kpi_report *kpi, bool rolling)
{
    const struct fl_kpi_query *q = &kpi->now.query;
    fprintf(kpi->report->out,
            ",\"variant\":\"%s\",\"basis\":\"due_date\",\"all_sales\":%s,\"by\":\"%s\","
            "\"in_base\":%s",
            rolling ? "rolling months" : "period", q->all_sales ? "true" : "false",
            fl_kpi_by_name(q->by), q->in_base ? "true" : "false");
}

/* ---- csv: a line a figure ----------------------------------------------------------------------
 */

struct csv {
    const struct fl_kpi_report *kpi;
    struct fl_table_writer *table;
    const struct fl_kpi_row *row;
    char group[160];
};

static void csv_open(struct fl_table_writer *table, enum fl_kpi_by by)
{
    const char *group = by == FL_BY_CURRENCY ? "customer" : fl_kpi_by_name(by);
    const char *names[] = {"as_of",  "from",  group,    "currency",
                           "figure", "value", "before", "trend"};
    fl_table_open(table, names, sizeof names / sizeof names[0]);
}

static void csv_line(const struct csv *csv, const char *figure, const char *value,
                     const char *before, const char *trend)
{
    fl_table_cell(csv->table, "%s", fl_day_text(csv->kpi->now.query.to));
    fl_table_cell(csv->table, "%s", fl_day_text(csv->kpi->now.query.from));
    fl_table_cell(csv->table, "%s", csv->group);
    fl_table_cell(csv->table, "%s", fl_currency_code(csv->row->aging.currency));
    fl_table_cell(csv->table, "%s", figure);
    fl_table_cell(csv->table, "%s", value);
    fl_table_cell(csv->table, "%s", before);
    fl_table_cell(csv->table, "%s", trend ? trend : "");
}

static void csv_figures(const struct csv *csv)
{
    const struct fl_kpi_row *row = csv->row, *before = fl_kpi_row_before(csv->kpi, row);
    uint8_t currency = row->aging.currency;
    char now_text[48], before_text[48];
    for (unsigned i = 0; i < FL_KPI_FIGURES; i++) {
        const char *then =
            before ? fl_kpi_figure_text(before->figure[i], i, currency, "", before_text) : "";
        csv_line(csv, fl_kpi_about[i].name,
                 fl_kpi_figure_text(row->figure[i], i, currency, "", now_text), then,
                 before ? fl_kpi_trend(i, row->figure[i], before->figure[i]) : NULL);
    }
    csv_line(csv, "count_back_at_least", row->figure[FL_KPI_COUNT_BACK].at_least ? "true" : "false",
             "", NULL);
}

static void csv_aging(const struct csv *csv)
{
    const struct fl_aging *a = &csv->row->aging;
    const struct fl_book_settings *book = fl_at_book_settings(&csv->kpi->report->snapshot, 0);
    char name[48], count[32];
    csv_line(csv, "not_due", fl_money_text(a->not_due, a->currency), "", NULL);
    snprintf(count, sizeof count, "%" PRIu64, a->not_due_count);
    csv_line(csv, "not_due_count", count, "", NULL);
    for (unsigned i = 0; i <= book->bucket_count; i++) {
        int from = i == 0 ? 1 : book->buckets[i - 1] + 1;
        snprintf(name, sizeof name, "overdue_from_%d", from);
        csv_line(csv, name, fl_money_text(a->bucket[i], a->currency), "", NULL);
        snprintf(name, sizeof name, "overdue_from_%d_count", from);
        snprintf(count, sizeof count, "%" PRIu64, a->bucket_count[i]);
        csv_line(csv, name, count, "", NULL);
    }
    csv_line(csv, "unidentified", fl_money_text(a->unidentified, a->currency), "", NULL);
}

static int csv_top(struct csv *csv)
{
    struct fl_kpi_overdue top[FL_KPI_TOP_MAX];
    const struct fl_snapshot *s = &csv->kpi->report->snapshot;
    uint8_t currency = csv->row->aging.currency;
    char text[32];
    uint32_t count;
    if (fl_kpi_top(s, &csv->kpi->now.query, currency, top, &count) != FL_OK)
        return FL_EXIT_STORAGE;
    for (uint32_t i = 0; i < count; i++) {
        snprintf(csv->group, sizeof csv->group, "%s",
                 fl_id_text(s, &fl_at_customer_card(s, top[i].customer)->id));
        csv_line(csv, "top_overdue", fl_money_text(top[i].overdue_minor, currency), "", NULL);
        snprintf(text, sizeof text, "%u", top[i].invoices);
        csv_line(csv, "top_overdue_invoices", text, "", NULL);
        csv_line(csv, "top_overdue_oldest_invoice",
                 fl_id_text(s, &fl_at_invoice_card(s, top[i].oldest)->id), "", NULL);
        snprintf(text, sizeof text, "%d", csv->kpi->now.query.to - top[i].oldest_due);
        csv_line(csv, "top_overdue_days", text, "", NULL);
    }
    return FL_EXIT_DONE;
}

/* "cohort_2024-03_median"; all together "cohort_median". */
static void csv_cohort(const struct csv *csv, const struct fl_kpi_cohort *c)
{
    char month[16], name[64], text[48];
    const struct {
        const char *name;
        uint32_t count;
    } counts[] = {{"invoices", c->invoices}, {"closed", c->closed}, {"open", c->open}};
    cohort_month(c, month);
    const char *dash = month[0] ? "_" : "";
    for (unsigned i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "cohort%s%s_%s", dash, month, counts[i].name);
        snprintf(text, sizeof text, "%u", counts[i].count);
        csv_line(csv, name, text, "", NULL);
    }
    snprintf(name, sizeof name, "cohort%s%s_mean_of_closed", dash, month);
    csv_line(csv, name, fl_kpi_figure_text(c->mean, FL_KPI_CLOSE, FL_CURRENCY_NONE, "", text), "",
             NULL);
    snprintf(name, sizeof name, "cohort%s%s_median", dash, month);
    csv_line(csv, name, fl_kpi_figure_text(c->median, FL_KPI_CLOSE, FL_CURRENCY_NONE, "", text), "",
             NULL);
    for (unsigned i = 0; i < FL_COHORT_SPANS; i++) {
        snprintf(name, sizeof name, "cohort%s%s_percent_within_%d", dash, month,
                 fl_cohort_spans[i]);
        csv_line(csv, name,
                 fl_kpi_figure_text(c->within[i], FL_KPI_CEI, FL_CURRENCY_NONE, "", text), "",
                 NULL);
    }
}

static int csv_cohorts(const struct csv *csv)
{
    struct fl_kpi_cohort all[FL_COHORT_MONTHS + 1];
    if (fl_kpi_cohorts(&csv->kpi->report->snapshot, &csv->kpi->now.query, csv->row->aging.currency,
                       all) != FL_OK)
        return FL_EXIT_STORAGE;
    for (unsigned i = 0; i <= FL_COHORT_MONTHS; i++) {
        if (all[i].invoices > 0)
            csv_cohort(csv, &all[i]);
    }
    return FL_EXIT_DONE;
}

/* `whole`: with what a point of a series leaves out. */
static int csv_rows(const struct fl_kpi_report *kpi, struct fl_table_writer *table, bool whole)
{
    int exit = FL_EXIT_DONE;
    for (uint32_t i = 0; i < kpi->now.rows && exit == FL_EXIT_DONE; i++) {
        struct csv csv = {.kpi = kpi, .table = table, .row = &kpi->now.row[i]};
        fl_kpi_group_name(&kpi->now.groups, csv.row->group, csv.group);
        csv_figures(&csv);
        csv_aging(&csv);
        if (whole && kpi->now.query.by == FL_BY_CURRENCY)
            exit = csv_cohorts(&csv);
        if (whole && kpi->now.query.by == FL_BY_CURRENCY && exit == FL_EXIT_DONE)
            exit = csv_top(&csv);
    }
    return exit;
}

/* ---- one period --------------------------------------------------------------------------------
 */

static int memory_fail(void)
{
    fprintf(stderr, "florin report kpi: no memory\n");
    return FL_EXIT_STORAGE;
}

static enum fl_status before_make(struct fl_kpi_report *kpi)
{
    struct fl_kpi_query query = kpi->now.query;
    kpi->has_before = fl_kpi_period_before(query.from, query.to, &query.from, &query.to);
    if (!kpi->has_before)
        return FL_OK;
    return fl_kpi_sheet_make(&kpi->report->snapshot, &query, &kpi->before);
}

static int one_json(const struct fl_kpi_report *kpi, bool rolling)
{
    putc('{', kpi->report->out);
    fl_report_head(kpi->report);
    putc(',', kpi->report->out);
    period_json(kpi);
    variant_json(kpi, rolling);
    int exit = groups_json(kpi, true);
    fputs("}\n", kpi->report->out);
    return exit;
}

static int one_print(struct fl_kpi_report *kpi, bool rolling)
{
    struct fl_table_writer table;
    if (kpi->report->format == FL_FORMAT_JSON)
        return one_json(kpi, rolling);
    if (kpi->report->format == FL_FORMAT_TABLE)
        return fl_kpi_page_print(kpi);
    csv_open(&table, kpi->now.query.by);
    int exit = csv_rows(kpi, &table, true);
    fl_table_print(&table, kpi->report->out, true);
    return exit;
}

static int one_run(struct fl_report *r, const struct fl_kpi_query *query, bool rolling)
{
    struct fl_kpi_report kpi = {.report = r};
    int exit;
    enum fl_status status = fl_kpi_sheet_make(&r->snapshot, query, &kpi.now);
    if (status == FL_OK)
        status = before_make(&kpi);
    exit = status == FL_OK ? one_print(&kpi, rolling) : memory_fail();
    fl_kpi_sheet_free(&kpi.now);
    if (kpi.has_before)
        fl_kpi_sheet_free(&kpi.before);
    return exit;
}

/* ---- a series ----------------------------------------------------------------------------------
 */

enum every { EVERY_DAY, EVERY_WEEK, EVERY_MONTH, EVERY_QUARTER, EVERY_YEAR, EVERY_COUNT };

static const char *const every_names[EVERY_COUNT] = {"day", "week", "month", "quarter", "year"};

/* The last day of the day's week (ISO: Sunday), month, quarter or year. */
static uint16_t point_end(enum every every, uint16_t day)
{
    struct fl_civil c = fl_date_to_civil(day);
    unsigned month = every == EVERY_QUARTER ? (c.month + 2u) / 3 * 3
                     : every == EVERY_YEAR  ? 12u
                                            : c.month;
    if (every == EVERY_DAY)
        return day;
    if (every == EVERY_WEEK) /* day 1 is a Thursday */
        return (uint16_t)(day + (7 - (day + 3) % 7) % 7);
    return fl_date_from_civil(c.year, month, fl_days_in_month(c.year, month));
}

struct series {
    struct fl_report *report;
    struct fl_kpi_query query;
    struct fl_table_writer table;
    bool first;
};

static int point_json(const struct fl_kpi_report *kpi, bool first)
{
    FILE *out = kpi->report->out;
    fputs(first ? "{" : ",{", out);
    period_json(kpi);
    if (kpi->now.query.known_seq == UINT64_MAX)
        fputs(",\"known_at\":null", out);
    else
        fprintf(out, ",\"known_at\":%" PRIu64, kpi->now.query.known_seq);
    int exit = groups_json(kpi, false);
    putc('}', out);
    return exit;
}

static int point_run(struct series *series)
{
    struct fl_report *r = series->report;
    struct fl_kpi_report kpi = {.report = r};
    int exit = FL_EXIT_DONE;
    r->as_of = series->query.to;
    if (r->known_is_close && !fl_report_close_seq(r, r->as_of, &series->query.known_seq))
        return FL_EXIT_USAGE;
    if (fl_kpi_sheet_make(&r->snapshot, &series->query, &kpi.now) != FL_OK)
        exit = memory_fail();
    else if (r->format == FL_FORMAT_JSON)
        exit = point_json(&kpi, series->first);
    else if (r->format == FL_FORMAT_CSV)
        exit = csv_rows(&kpi, &series->table, false);
    for (uint32_t i = 0; r->format == FL_FORMAT_TABLE && i < kpi.now.rows; i++)
        fl_kpi_series_line(&kpi, &kpi.now.row[i], &series->table);
    series->first = false;
    fl_kpi_sheet_free(&kpi.now);
    return exit;
}

/* From --from (a year before --to without it) to --to, each point with months of its own. */
static int series_points(struct series *series, enum every every, unsigned months)
{
    struct fl_report *r = series->report;
    uint16_t to = series->query.to;
    uint16_t from = r->from ? r->from : fl_month_start(to, 11);
    int exit = FL_EXIT_DONE;
    for (uint32_t day = from ? from : 1; day <= to && exit == FL_EXIT_DONE; day++) {
        uint16_t end = point_end(every, (uint16_t)day);
        series->query.to = end == FL_DATE_NONE || end > to ? to : end;
        series->query.from = fl_month_start(series->query.to, months - 1);
        exit = point_run(series);
        day = series->query.to;
    }
    return exit;
}

static void series_head(const struct series *series, enum every every)
{
    struct fl_kpi_report kpi = {.report = series->report, .now.query = series->query};
    putc('{', series->report->out);
    fl_report_head(series->report);
    variant_json(&kpi, true);
    fprintf(series->report->out, ",\"every\":\"%s\",\"points\":[", every_names[every]);
}

static int series_run(struct fl_report *r, const struct fl_kpi_query *query, enum every every,
                      unsigned months)
{
    struct series series = {.report = r, .query = *query, .first = true};
    if (r->format == FL_FORMAT_JSON)
        series_head(&series, every);
    else if (r->format == FL_FORMAT_CSV)
        csv_open(&series.table, query->by);
    else
        fl_kpi_series_open(query->by, &series.table);
    fl_report_title(r, "Key figures");
    int exit = series_points(&series, every, months);
    if (r->format == FL_FORMAT_JSON)
        fputs("]}\n", r->out);
    else
        fl_table_print(&series.table, r->out, r->format == FL_FORMAT_CSV);
    return exit;
}

/* ---- options -----------------------------------------------------------------------------------
 */

static bool read_word(const struct fl_report *r, const char *option, const char *const *words,
                      unsigned count, unsigned *out)
{
    const char *text = fl_option_value(r->arguments, option);
    for (unsigned i = 0; text && i < count; i++) {
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return true;
        }
    }
    if (!text)
        return true;
    fprintf(stderr, "florin report %s: %s takes", r->name, option);
    for (unsigned i = 0; i < count; i++)
        fprintf(stderr, "%s %s", i ? "," : "", words[i]);
    fprintf(stderr, ", not %s\n", text);
    return false;
}

static bool read_months(const struct fl_report *r, unsigned *months)
{
    const char *text = fl_option_value(r->arguments, "--months");
    char *end;
    if (!text)
        return true;
    unsigned long value = strtoul(text, &end, 10);
    *months = (unsigned)value;
    if (end != text && *end == '\0' && value >= 1 && value <= 1200)
        return true;
    fprintf(stderr, "florin report %s: --months takes 1 to 1200, not %s\n", r->name, text);
    return false;
}

bool fl_kpi_query_read(const struct fl_report *r, struct fl_kpi_query *out, unsigned *months_out)
{
    const char *by_names[] = {groupings[0].name, groupings[1].name, groupings[2].name,
                              groupings[3].name, groupings[4].name};
    unsigned by = FL_BY_CURRENCY;
    *months_out = 3;
    if (!read_word(r, "--by", by_names, 5, &by) || !read_months(r, months_out))
        return false;
    if (r->from > r->as_of) {
        fprintf(stderr, "florin report %s: --from is behind the last day\n", r->name);
        return false;
    }
    *out = (struct fl_kpi_query){
        .from = r->from ? r->from : fl_month_start(r->as_of, *months_out - 1),
        .to = r->as_of,
        .known_seq = r->known_seq,
        .by = (enum fl_kpi_by)by,
        .currency = r->currency,
        .in_base = r->in_base,
        .all_sales = fl_option_value(r->arguments, "--all-sales") != NULL,
    };
    return true;
}

int fl_report_kpi(struct fl_report *r)
{
    struct fl_kpi_query query;
    bool is_series = fl_option_value(r->arguments, "--every") != NULL;
    unsigned every = EVERY_MONTH, months;
    if (!fl_kpi_query_read(r, &query, &months) ||
        !read_word(r, "--every", every_names, EVERY_COUNT, &every))
        return FL_EXIT_USAGE;
    return is_series ? series_run(r, &query, (enum every)every, months)
                     : one_run(r, &query, r->from == FL_DATE_NONE);
}
