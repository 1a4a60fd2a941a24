/* kpi_setoff.h - free cash and credit notes set against the oldest of what their customer owes.
 *
 * A variant of the aging, for reading: nothing is applied. Within a customer and currency what is
 * free is taken off the open invoices by their days, the oldest first (of one day the one booked
 * first), cash before credit notes; what is left over stays free.
 *
 *   E1  What is taken off invoices is what is taken of cash and notes.
 *
 * Memory by malloc: 24 bytes a part of an open invoice.  Cost: a sort of them.
 */
#ifndef FLORIN_ANALYTICS_KPI_SETOFF_H
#define FLORIN_ANALYTICS_KPI_SETOFF_H

#include "analytics/kpi_items.h"

enum fl_aging_basis { FL_BASIS_DUE_DATE, FL_BASIS_DOCUMENT_DATE };

/* What a customer has free in a currency, and what of it was used. */
struct fl_setoff_pool {
    uint32_t customer;
    uint8_t currency;
    int64_t unapplied_minor, credits_minor;
    int64_t unapplied_taken, credits_taken;
};

struct fl_setoff_due {
    uint32_t invoice;
    uint16_t part; /* as fl_kpi_dues numbers them */
    uint16_t date; /* by the basis */
    int64_t open_minor, taken_minor;
};

struct fl_setoff {
    struct fl_setoff_pool *pool; /* by customer and currency */
    uint32_t pools;
    struct fl_setoff_due *due; /* by invoice and part */
    uint32_t dues;
};

/* FL_NO_MEMORY. fl_setoff_free afterwards, in any case. */
enum fl_status fl_setoff_make(const struct fl_snapshot *snapshot, const struct fl_kpi_items *items,
                              enum fl_aging_basis basis, struct fl_setoff *out);
void fl_setoff_free(struct fl_setoff *setoff);

/* What is taken off a part of an invoice. */
int64_t fl_setoff_taken(const struct fl_setoff *setoff, uint32_t invoice, uint32_t part);

#endif
