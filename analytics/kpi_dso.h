/* kpi_dso.h - days sales outstanding, per currency (semantics 8). Undefined where sales are <= 0.
 *
 *   period      AR(end) / S(p) x D                                (default: the last three calendar months)
 *   count-back  take off the latest month's sales and add its days while AR covers them, then the part
 *   true        sum over open invoices of age x open, over the sales of their months of sale
 *   best        AR not past due / S x D
 *
 * AR is net of unapplied cash and open credits unless said. S: invoice totals dated in the period less credit notes
 * dated in it. Amounts are exact integers; days come out in tenths, rounded half up.
 */
#ifndef FLORIN_ANALYTICS_KPI_DSO_H
#define FLORIN_ANALYTICS_KPI_DSO_H

#include "analytics/kpi_aging.h"

struct fl_dso {
    uint8_t currency;
    uint16_t from, to;
    fl_int128 receivable, not_due, sales;
    bool defined;              /* sales > 0 */
    int64_t period_tenths, best_tenths;
    bool count_back_defined, count_back_is_more; /* more receivables than all history: ">=" */
    int64_t count_back_tenths;
    bool true_defined;
    int64_t true_tenths;
};

/* One row a currency; `from` 0: the first day of the month two months before `to`'s. Returns the count. */
unsigned fl_dso_by_currency(const struct fl_snapshot *snapshot, const struct fl_open_items *items,
                            uint16_t from, struct fl_dso *out);

#endif
