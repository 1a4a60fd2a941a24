/* aging_scan.h - invoices by how long they are overdue, by windows, on all processors.
 *
 * What each window comes to is aging_kernel.h's; here is which rows it cannot take: windows of
 * several currencies are taken once for each, invoices in instalments one by one. Amounts wider
 * than its sums hold go by 128 bits.
 *
 * Reads a snapshot. Thread: any; starts others and waits for them. Memory by malloc: 60 KB a
 * thread.
 */
#ifndef FLORIN_ANALYTICS_AGING_SCAN_H
#define FLORIN_ANALYTICS_AGING_SCAN_H

#include "analytics/aging_kernel.h"
#include "analytics/kpi_aging.h"

struct fl_aging_scan {
    const struct fl_snapshot *snapshot;
    const int64_t *open_minor; /* by row; null: the live amounts */
    uint32_t invoices;         /* rows [0, invoices) */
    uint16_t as_of;            /* those dated later are left out */
    unsigned threads;          /* 0: as many as there are */
    enum fl_aging_instructions how;
};

/* Adds to `by_currency` (FL_CURRENCY_COUNT places) what is not due and the buckets. FL_NO_MEMORY:
 * nothing was added. */
FL_MUST_USE enum fl_status fl_aging_scan(const struct fl_aging_scan *scan,
                                         struct fl_aging *by_currency);

#endif
