/* kpi_dso.h - days sales outstanding, per currency (semantics 8). Undefined where sales are <= 0.
 *
 *   period      AR(end) / S(p) x D              (default: the last three calendar months)
 *
 *   count-back  take off the latest month's sales and add its days while AR covers them, then the
 *               part of the month that it still covers
 *
 *   true        each open invoice: age x open / sales of its own month of sale, summed
 *
 *   best        AR not past due / S x D
 *
 * AR is net of unapplied cash and open credits. S: invoice totals dated in the period less credit
 * notes dated in it; invoices wholly covered by receipts dated on or before them are cash sales and
 * left out, unless all_sales. Amounts are exact integers; days come out in tenths, rounded half up
 * (true: a month's part at 10^-9 days before).
 *
 * Cost: one pass over invoices a currency, one over movements; memory by malloc: 9 bytes an
 * invoice.
 */
#ifndef FLORIN_ANALYTICS_KPI_DSO_H
#define FLORIN_ANALYTICS_KPI_DSO_H

#include "analytics/kpi_aging.h"

struct fl_dso {
    uint8_t currency;
    uint16_t from, to;
    fl_int128 receivable, not_due, sales;
    bool sales_ever; /* any at all up to that day and after */
    bool defined;    /* sales > 0 */
    int64_t period_tenths, best_tenths;
    bool count_back_defined, count_back_is_more; /* more receivables than all history: ">=" */
    int64_t count_back_tenths;
    bool true_defined;
    int64_t true_tenths;
};

/* One row a currency that has anything, into FL_CURRENCY_COUNT places; `from` 0: the first day of
 * the month two months before the as-of day's. Returns the count; 0 also where memory is refused.
 */
unsigned fl_dso_by_currency(const struct fl_snapshot *snapshot, const struct fl_open_items *items,
                            uint16_t from, bool all_sales, struct fl_dso *out);

#endif
