/* kpi_close.h - when an invoice was closed, and by what, as of a day and as known at a time.
 *
 *   H1  The day is the last on which its movements, by effective day, brought the open amount to
 * zero: an invoice that was reopened closes again, and what came and was taken back with the same
 *       day (an error) closed nothing.
 *   H2  By write-off if any of it is written off and not recovered; else by cash if any money of a
 *       receipt is in it; else by credit notes.
 *
 * An invoice of zero was never open and is never closed. Cost: the invoice's own movements.
 */
#ifndef FLORIN_ANALYTICS_KPI_CLOSE_H
#define FLORIN_ANALYTICS_KPI_CLOSE_H

#include "analytics/kpi_items.h"

enum fl_close_reason { FL_CLOSE_CASH, FL_CLOSE_CREDIT, FL_CLOSE_WRITE_OFF, FL_CLOSE_REASONS };

struct fl_invoice_close {
    uint16_t date_days;
    enum fl_close_reason reason;
};

/* False if the invoice was not closed on the items' day, as known then. */
bool fl_invoice_close_find(const struct fl_snapshot *snapshot, const struct fl_open_items *items,
                           uint32_t invoice, struct fl_invoice_close *out);

#endif
