/* report_kpi.h - what the two halves of `report kpi` share: the sheet, and the period's before it.
 *
 *   florin report DIR kpi [--by customer|segment|country|product|currency] [--currency C|BASE]
 *                         [--as-of D] [--from D] [--months N] [--known-at N|INSTANT|close]
 *                         [--every day|week|month|quarter|year --from D --to D] [--all-sales]
 *
 * The period is the N calendar months that end with the as-of day (3: rolling), or begins at
 * --from. In a series each point is the report as of its last day, the last point as of --to; with
 * `--known-at close` each as its own close knew it. By segment and country customers are where they
 * are now.
 */
#ifndef FLORIN_TOOLS_CLI_REPORT_KPI_H
#define FLORIN_TOOLS_CLI_REPORT_KPI_H

#include "analytics/kpi_sheet.h"
#include "tools/cli/cli_report.h"

struct fl_kpi_report {
    struct fl_report *report;
    struct fl_kpi_sheet now, before;
    bool has_before; /* there was a period before, and it was asked for */
};

/* --by, --from, --months, --currency and --all-sales; false and a word on stderr if they make no
 * sense. */
bool fl_kpi_query_read(const struct fl_report *report, struct fl_kpi_query *out,
                       unsigned *months_out);
/* The group of a row: `{"customer":"C","currencies":[`. */
void fl_kpi_group_begin(const struct fl_report *report, const struct fl_kpi_sheet *sheet,
                        uint32_t row);
/* "customers". */
const char *fl_kpi_by_list(enum fl_kpi_by by);
/* "customer", or "currency" where there are no groups. */
const char *fl_kpi_by_name(enum fl_kpi_by by);
/* Of the period before; null if there is none. */
const struct fl_kpi_row *fl_kpi_row_before(const struct fl_kpi_report *kpi,
                                           const struct fl_kpi_row *row);
/* "52.0", "93.75", "1200.00", "12"; `none` where it is undefined. `out` holds 48 bytes. */
const char *fl_kpi_figure_text(struct fl_kpi_figure figure, enum fl_kpi which, uint8_t currency,
                               const char *none, char out[48]);
/* "better", "worse", "up", "down", "same"; null where one of the two is undefined. */
const char *fl_kpi_trend(enum fl_kpi which, struct fl_kpi_figure now, struct fl_kpi_figure before);

/* For people: a page a currency, or a line a group; a line a point of a series. */
int fl_kpi_page_print(const struct fl_kpi_report *kpi);
void fl_kpi_series_open(enum fl_kpi_by by, struct fl_table_writer *table);
void fl_kpi_series_line(const struct fl_kpi_report *kpi, const struct fl_kpi_row *row,
                        struct fl_table_writer *table);

#endif
