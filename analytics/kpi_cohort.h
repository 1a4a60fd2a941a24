/* kpi_cohort.h - how long invoices take to be paid, by the month they were issued in.
 *
 * The mean over those that are closed leaves out the slow ones while they are open, so it comes out
 * low for every recent month. Here an open invoice counts as long as it has been seen (Kaplan-Meier,
 * kpi_formula.h), and so does one that a credit note or write-off ended: it left unpaid.
 *
 * The twelve calendar months up to the as-of day, and all of them together. Cost: one pass over the
 * invoices and their movements; memory by malloc: 40 KB and the open items.
 */
#ifndef FLORIN_ANALYTICS_KPI_COHORT_H
#define FLORIN_ANALYTICS_KPI_COHORT_H

#include "analytics/kpi_sheet.h"

#define FL_COHORT_MONTHS 12
#define FL_COHORT_SPANS  3

extern const uint16_t fl_cohort_spans[FL_COHORT_SPANS]; /* 30, 60, 90 days */

struct fl_kpi_cohort {
    uint16_t month; /* its first day; of all together FL_DATE_NONE */
    uint32_t invoices, closed, open; /* closed: by cash; the rest ended in another way */
    struct fl_kpi_figure mean;       /* of those closed alone, beside the estimate */
    struct fl_kpi_figure median;     /* undefined while less than half are estimated to be closed */
    /* Share estimated to be closed by so many days; undefined where none was seen so long. */
    struct fl_kpi_figure within[FL_COHORT_SPANS];
};

/* The months in order, then all together: FL_COHORT_MONTHS + 1 of them, empty ones too. Of one
 * currency, or of all (query->in_base). FL_NO_MEMORY. */
enum fl_status fl_kpi_cohorts(const struct fl_snapshot *snapshot, const struct fl_kpi_query *query,
                              uint8_t currency, struct fl_kpi_cohort out[FL_COHORT_MONTHS + 1]);

#endif
