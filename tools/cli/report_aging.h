/* report_aging.h - how an aging is printed, for the report itself and its variants.
 *
 *   florin report DIR aging [--by customer|segment|country|product|currency|invoice]
 *                           [--currency C|BASE] [--as-of D] [--known-at N|INSTANT|close]
 *                           [--basis due|document] [--credits own|aged|oldest]
 *
 * Whatever the variant, an aging comes to the control account (kpi_sheet.h).
 */
#ifndef FLORIN_TOOLS_CLI_REPORT_AGING_H
#define FLORIN_TOOLS_CLI_REPORT_AGING_H

#include "tools/cli/cli_report.h"

/* One currency: a line a bucket, with a bar; `csv` without. */
void fl_aging_table(const struct fl_report *report, const struct fl_aging *aging, bool csv);
/* A line a group and currency. */
void fl_aging_groups_open(const struct fl_report *report, const char *by,
                          struct fl_table_writer *table);
void fl_aging_groups_line(const struct fl_report *report, const char *name,
                          const struct fl_aging *aging, struct fl_table_writer *table);

/* True if an option asks for what kpi_sheet.h reckons; fl_report_aging_variant then does it. */
bool fl_report_aging_is_variant(const struct fl_report *report);
int fl_report_aging_variant(struct fl_report *report);

#endif
