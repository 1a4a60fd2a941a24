/* kpi_top.h - who owes most that is overdue.
 *
 * By customer: what is past its due day, how many invoices, and the one that has waited longest.
 * Cost: one pass over the open items a currency; memory by malloc: 24 bytes a customer.
 */
#ifndef FLORIN_ANALYTICS_KPI_TOP_H
#define FLORIN_ANALYTICS_KPI_TOP_H

#include "analytics/kpi_sheet.h"

#define FL_KPI_TOP_MAX 10

struct fl_kpi_overdue {
    uint32_t customer, invoices;
    uint32_t oldest; /* invoice; of two of a day the one booked first */
    uint16_t oldest_due;
    int64_t overdue_minor;
};

/* The most overdue first, of two alike the customer booked first, into FL_KPI_TOP_MAX places; of
 * one currency, or of all in the book's (query->in_base). FL_NO_MEMORY. */
enum fl_status fl_kpi_top(const struct fl_snapshot *snapshot, const struct fl_kpi_query *query,
                          uint8_t currency, struct fl_kpi_overdue *out, uint32_t *count_out);

#endif
