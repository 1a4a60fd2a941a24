/* report cei: collection effectiveness with the sums that it comes from, by currency or group. */
#include <inttypes.h>

#include "tools/cli/report_kpi.h"

static void row_json(const struct fl_report *r, const struct fl_kpi_row *row)
{
    uint8_t currency = row->aging.currency;
    char opening[48], sales[48], receivable[48], cei[48];
    fprintf(r->out,
            "{\"currency\":\"%s\",\"receivable_opening\":\"%s\",\"sales\":\"%s\","
            "\"receivable\":\"%s\",\"current\":\"%s\",\"cei\":%s}",
            fl_currency_code(currency),
            fl_kpi_figure_text(row->figure[FL_KPI_OPENING], FL_KPI_OPENING, currency, "", opening),
            fl_kpi_figure_text(row->figure[FL_KPI_SALES], FL_KPI_SALES, currency, "", sales),
            fl_kpi_figure_text(row->figure[FL_KPI_RECEIVABLE], FL_KPI_RECEIVABLE, currency, "",
                               receivable),
            fl_money_text(row->aging.not_due, currency),
            fl_kpi_figure_text(row->figure[FL_KPI_CEI], FL_KPI_CEI, currency, "null", cei));
}

static void json_print(const struct fl_report *r, const struct fl_kpi_sheet *sheet)
{
    const struct fl_kpi_query *q = &sheet->query;
    bool grouped = q->by != FL_BY_CURRENCY;
    putc('{', r->out);
    fl_report_head(r);
    fprintf(r->out,
            ",\"from\":\"%s\",\"to\":\"%s\",\"months\":%d,\"all_sales\":%s,\"by\":\"%s\","
            "\"in_base\":%s,\"%s\":[",
            fl_day_text(q->from), fl_day_text(q->to), (int)sheet->months,
            q->all_sales ? "true" : "false", fl_kpi_by_name(q->by), q->in_base ? "true" : "false",
            fl_kpi_by_list(q->by));
    for (uint32_t i = 0; i < sheet->rows; i++) {
        fputs(i ? "," : "", r->out);
        if (grouped && (i == 0 || sheet->row[i - 1].group != sheet->row[i].group))
            fl_kpi_group_begin(r, sheet, i);
        row_json(r, &sheet->row[i]);
        if (grouped && (i + 1 == sheet->rows || sheet->row[i + 1].group != sheet->row[i].group))
            fputs("]}", r->out);
    }
    fputs("]}\n", r->out);
}

static void table_print(const struct fl_report *r, const struct fl_kpi_sheet *sheet)
{
    const char *names[] = {sheet->query.by == FL_BY_CURRENCY ? "of"
                                                             : fl_kpi_by_name(sheet->query.by),
                           "cur",
                           ">opening",
                           ">sales",
                           ">receivable",
                           ">current",
                           ">CEI %"};
    static const enum fl_kpi first[] = {FL_KPI_OPENING, FL_KPI_SALES, FL_KPI_RECEIVABLE};
    const bool csv = r->format == FL_FORMAT_CSV;
    struct fl_table_writer table;
    char text[160];
    fl_report_title(r, "Collection effectiveness");
    fl_table_open(&table, names, 7);
    for (uint32_t i = 0; i < sheet->rows; i++) {
        const struct fl_kpi_row *row = &sheet->row[i];
        fl_kpi_group_name(&sheet->groups, row->group, text);
        fl_table_cell(&table, "%s", row->group == FL_NO_ROW && !csv ? "-" : text);
        fl_table_cell(&table, "%s", fl_currency_code(row->aging.currency));
        for (unsigned f = 0; f < 3; f++)
            fl_table_cell(
                &table, "%s",
                fl_kpi_figure_text(row->figure[first[f]], first[f], row->aging.currency, "", text));
        fl_table_cell(&table, "%s", fl_money_text(row->aging.not_due, row->aging.currency));
        fl_table_cell(&table, "%s",
                      fl_kpi_figure_text(row->figure[FL_KPI_CEI], FL_KPI_CEI, row->aging.currency,
                                         csv ? "" : "undefined", text));
    }
    fl_table_print(&table, r->out, csv);
}

int fl_report_cei(struct fl_report *r)
{
    struct fl_kpi_query query;
    struct fl_kpi_sheet sheet;
    unsigned months;
    if (!fl_kpi_query_read(r, &query, &months))
        return FL_EXIT_USAGE;
    enum fl_status status = fl_kpi_sheet_make(&r->snapshot, &query, &sheet);
    if (status != FL_OK)
        fprintf(stderr, "florin report cei: no memory\n");
    else if (r->format == FL_FORMAT_JSON)
        json_print(r, &sheet);
    else
        table_print(r, &sheet);
    fl_kpi_sheet_free(&sheet);
    return status == FL_OK ? FL_EXIT_DONE : FL_EXIT_STORAGE;
}
