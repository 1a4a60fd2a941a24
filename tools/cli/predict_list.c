#include "tools/cli/predict_list.h"

#include <inttypes.h>

#define REASONS_IN_TABLE 2

static const char *const factor_names[FL_FACTOR_COUNT] = {
    [FL_FACTOR_PART_1] = "segment",         [FL_FACTOR_PART_2] = "segment",
    [FL_FACTOR_PART_3] = "country",         [FL_FACTOR_CUSTOMER] = "customer",
    [FL_FACTOR_RECENT] = "customer_lately", [FL_FACTOR_TERMS] = "terms",
    [FL_FACTOR_AMOUNT] = "amount",          [FL_FACTOR_WEEKDAY] = "weekday",
    [FL_FACTOR_DISPUTE] = "dispute"};

static void reason_json(const struct fl_report *r, const struct fl_predict_live *live,
                        const struct fl_predict_open *open, const struct fl_predict_reason *reason)
{
    const struct fl_predict_row *row = fl_predict_live_row(live, open);
    fprintf(r->out, "{\"factor\":\"%s\",\"value\":", factor_names[reason->factor]);
    fl_report_string(r, fl_predict_reason_word(live, row, reason->factor, open->disputed));
    fprintf(r->out, ",\"days\":%.2f,\"invoices\":%" PRIu32 "}", reason->days, reason->rows);
}

/* base + all reasons = days: the base is the mean and the shape, the last reason what its age says.
 */
static void reasons_json(const struct fl_report *r, const struct fl_predict_live *live,
                         const struct fl_predict_open *open, const struct fl_prediction *p)
{
    double base = live->model.mean_days + p->days_at_issue - p->center_days;
    char text[160];
    fprintf(r->out, "\"days\":%.2f,\"base_days\":%.2f,\"reasons\":[", p->days, base);
    for (unsigned i = 0; i < p->reason_count; i++) {
        fputs(i ? "," : "", r->out);
        reason_json(r, live, open, &p->reasons[i]);
    }
    fprintf(r->out,
            "%s{\"factor\":\"still_open\",\"value\":\"still open\",\"days\":%.2f}],\"reason\":",
            p->reason_count ? "," : "", p->days - p->days_at_issue);
    fl_predict_reason_text(live, open, p, FL_FACTOR_COUNT, text);
    fl_report_string(r, text);
}

static void invoice_json(const struct fl_report *r, const struct fl_predict_live *live,
                         const struct fl_predict_open *open, const struct fl_prediction *p)
{
    const struct fl_snapshot *s = &r->snapshot;
    const struct fl_predict_row *row = fl_predict_live_row(live, open);
    struct fl_predict_days days = fl_predict_days_of(row, p, r->as_of);
    int overdue = (int)r->as_of - (int)row->due_days;
    fputs("{\"invoice\":", r->out);
    fl_report_string(r, fl_id_text(s, &fl_at_invoice_card(s, row->invoice)->id));
    fputs(",\"customer\":", r->out);
    fl_report_string(r, fl_id_text(s, &fl_at_customer_card(s, row->customer)->id));
    fprintf(r->out,
            ",\"date\":\"%s\",\"due_date\":\"%s\",\"days_overdue\":%d,\"currency\":\"%s\","
            "\"open\":\"%s\",\"disputed\":%s,\"new_customer\":%s,",
            fl_day_text(row->issue_days), fl_day_text(row->due_days), overdue > 0 ? overdue : 0,
            fl_currency_code(row->currency), fl_money_text(open->open_minor, row->currency),
            open->disputed ? "true" : "false",
            fl_predict_seen(&live->model, row->customer) <= 1 ? "true" : "false");
    fprintf(r->out, "\"p_late\":%.4f,\"p_paid_7\":%.4f,\"p_paid_14\":%.4f,\"p_paid_30\":%.4f,",
            p->p_late, p->p_paid_7, p->p_paid_14, p->p_paid_30);
    fl_predict_day_json(r->out, "expected_date", days.expected);
    fputs(",\"interval_80\":{", r->out);
    fl_predict_day_json(r->out, "from", days.from);
    putc(',', r->out);
    fl_predict_day_json(r->out, "to", days.to);
    fputs("},", r->out);
    reasons_json(r, live, open, p);
    fputs("}", r->out);
}

static void list_json(const struct fl_report *r, const struct fl_predict_live *live)
{
    putc('{', r->out);
    fl_report_head(r);
    fprintf(r->out,
            ",\"model\":\"additive_dispute\",\"learned_from\":{\"invoices\":%" PRIu32
            ",\"paid\":%" PRIu32 "},\"invoices\":[",
            live->model.rows, live->model.settled);
    for (uint32_t i = 0; i < live->count; i++) {
        struct fl_prediction p;
        fl_predict_score(&live->model, fl_predict_live_row(live, &live->open[i]), r->as_of,
                         live->open[i].disputed, &p);
        fputs(i ? "," : "", r->out);
        invoice_json(r, live, &live->open[i], &p);
    }
    fputs("]}\n", r->out);
}

/* ---- rows -------------------------------------------------------------------------------------
 */

static void csv_row(const struct fl_report *r, const struct fl_predict_live *live,
                    const struct fl_predict_open *open, const struct fl_prediction *p,
                    struct fl_table_writer *table)
{
    const struct fl_predict_row *row = fl_predict_live_row(live, open);
    struct fl_predict_days days = fl_predict_days_of(row, p, r->as_of);
    char text[160];
    fl_table_cell(table, "%s", fl_day_text(row->issue_days));
    fl_table_cell(table, "%s", fl_day_text(row->due_days));
    fl_table_cell(table, "%s", fl_currency_code(row->currency));
    fl_table_cell(table, "%s", open->disputed ? "true" : "false");
    fl_table_cell(table, "%.4f", p->p_late);
    fl_table_cell(table, "%.4f", p->p_paid_7);
    fl_table_cell(table, "%.4f", p->p_paid_14);
    fl_table_cell(table, "%.4f", p->p_paid_30);
    fl_table_cell(table, "%s", fl_day_text(days.expected));
    fl_table_cell(table, "%s", fl_day_text(days.from));
    fl_table_cell(table, "%s", fl_day_text(days.to));
    fl_predict_reason_text(live, open, p, FL_FACTOR_COUNT, text);
    fl_table_cell(table, "%s", text);
}

static void table_row(const struct fl_report *r, const struct fl_predict_live *live,
                      const struct fl_predict_open *open, const struct fl_prediction *p,
                      struct fl_table_writer *table)
{
    const struct fl_predict_row *row = fl_predict_live_row(live, open);
    struct fl_predict_days days = fl_predict_days_of(row, p, r->as_of);
    char text[160];
    fl_table_cell(table, "%.0f", 100 * p->p_late);
    fl_table_cell(table, "%.0f", 100 * p->p_paid_7);
    fl_table_cell(table, "%s", days.expected ? fl_day_text(days.expected) : "> 2 years");
    fl_predict_reason_text(live, open, p, REASONS_IN_TABLE, text);
    fl_table_cell(table, "%s", text);
}

/* What is of one currency, from `from`; returns where the next one begins. */
static uint32_t rows_put(const struct fl_report *r, const struct fl_predict_live *live,
                         uint32_t from, struct fl_table_writer *table)
{
    const struct fl_snapshot *s = &r->snapshot;
    uint8_t currency = fl_predict_live_row(live, &live->open[from])->currency;
    uint32_t i = from;
    for (; i < live->count; i++) {
        const struct fl_predict_open *open = &live->open[i];
        const struct fl_predict_row *row = fl_predict_live_row(live, open);
        struct fl_prediction p;
        if (r->format == FL_FORMAT_TABLE && row->currency != currency)
            break;
        fl_predict_score(&live->model, row, r->as_of, open->disputed, &p);
        fl_table_cell(table, "%s", fl_id_text(s, &fl_at_invoice_card(s, row->invoice)->id));
        fl_table_cell(table, "%s", fl_id_text(s, &fl_at_customer_card(s, row->customer)->id));
        fl_table_cell(table, "%s", fl_money_text(open->open_minor, row->currency));
        if (r->format == FL_FORMAT_CSV)
            csv_row(r, live, open, &p, table);
        else
            table_row(r, live, open, &p, table);
    }
    return i;
}

static void list_csv(const struct fl_report *r, const struct fl_predict_live *live)
{
    static const char *const names[] = {"invoice",  "customer",  "open",      "date",
                                        "due_date", "currency",  "disputed",  "p_late",
                                        "p_paid_7", "p_paid_14", "p_paid_30", "expected_date",
                                        "from",     "to",        "reason"};
    struct fl_table_writer table;
    fl_table_open(&table, names, 15);
    if (live->count > 0)
        rows_put(r, live, 0, &table);
    fl_table_print(&table, r->out, true);
}

static void list_table(const struct fl_report *r, const struct fl_predict_live *live)
{
    static const char *const names[] = {"invoice", "customer", ">open",           ">late %",
                                        ">7 d %",  "expected", "because, in days"};
    struct fl_table_writer table;
    for (uint32_t i = 0; i < live->count;) {
        const struct fl_predict_row *row = fl_predict_live_row(live, &live->open[i]);
        fprintf(r->out, "%sWho will pay late, %s, as of %s (sequence %" PRIu64 ")\n\n",
                i ? "\n" : "", fl_currency_code(row->currency), fl_day_text(r->as_of),
                r->snapshot.seq);
        fl_table_open(&table, names, 7);
        i = rows_put(r, live, i, &table);
        fl_table_print(&table, r->out, false);
    }
    if (live->count == 0)
        fprintf(r->out, "nothing is open as of %s\n", fl_day_text(r->as_of));
    else
        fprintf(r->out, "\nlearned from %" PRIu32 " invoices, %" PRIu32 " of them paid\n",
                live->model.rows, live->model.settled);
}

void fl_predict_list_print(const struct fl_report *r, const struct fl_predict_live *live)
{
    if (r->format == FL_FORMAT_JSON)
        list_json(r, live);
    else if (r->format == FL_FORMAT_CSV)
        list_csv(r, live);
    else
        list_table(r, live);
}
