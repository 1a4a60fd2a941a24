/* kpi_formula.h - the formulas of the headline figures, over exact integer sums.
 *
 * Pure: sums of minor units in, a figure out. Days come in tenths, shares in hundredths of a
 * percent, each rounded once, half up.
 *
 *   F1  What is divided by sales that are zero or less is undefined, never 0.
 *   F2  A figure that is undefined has the value 0, so that two of them can be compared as bytes.
 *   F3  Nothing here looks at a currency: all exponents are alike.
 *
 * Memory: the caller's.  Cost: the months, or days, that it is given.
 */
#ifndef FLORIN_ANALYTICS_KPI_FORMULA_H
#define FLORIN_ANALYTICS_KPI_FORMULA_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/decimal.h"

struct fl_kpi_figure {
    int64_t value;
    bool defined;
    bool at_least; /* more receivables than all history: ">=" */
};

/* amount / sales x days, in tenths: DSO of a period, best possible DSO (of what is not due). */
struct fl_kpi_figure fl_kpi_days(fl_int128 amount_minor, fl_int128 sales_minor, int64_t days);

/* A calendar month, or what of it has gone by. */
struct fl_kpi_month {
    fl_int128 sales_minor;
    fl_int128 weight; /* of the invoices issued in it: sum of open x age in days */
    int64_t days;
};

/* Count-back: `months` run backwards from the as-of day to the first that sold anything. Takes off
 * the latest month's sales and adds its days while the receivables cover them, then the part of the
 * month that they still cover. AR 150, March 90, February 80 -> 31 + 60/80 x 28 = 52.0. A month
 * that sold nothing, or less, adds its days. Undefined for receivables below zero, and where no
 * month sold anything; at_least where all history does not cover them. */
struct fl_kpi_figure fl_kpi_count_back(fl_int128 receivable_minor,
                                       const struct fl_kpi_month *months, uint32_t count);

/* True DSO: each open invoice waits age x open / sales of its own month, summed. A month's part is
 * rounded at 10^-9 days, the sum to tenths. Undefined where a month with something open sold
 * nothing net, and where nothing was ever sold. */
struct fl_kpi_figure fl_kpi_true_dso(const struct fl_kpi_month *months, uint32_t count);

/* Average days delinquent: DSO less best possible DSO, as both are printed. */
struct fl_kpi_figure fl_kpi_delinquent(struct fl_kpi_figure dso, struct fl_kpi_figure best);

/* Collection effectiveness, N months: (AR0 + S/N - AR1) / (AR0 + S/N - AR1 current) x 100.
 * Undefined where the denominator is not above zero. */
struct fl_kpi_figure fl_kpi_effectiveness(fl_int128 opening_minor, fl_int128 sales_minor,
                                          int64_t months, fl_int128 closing_minor,
                                          fl_int128 closing_current_minor);

/* part / whole in hundredths of a percent; undefined unless whole > 0. */
struct fl_kpi_figure fl_kpi_share(fl_int128 part, fl_int128 whole);

/* Mean and median of days, in tenths; undefined of none. `days` is sorted. */
struct fl_kpi_figure fl_kpi_mean(int64_t sum_days, uint64_t count);
struct fl_kpi_figure fl_kpi_median(const uint16_t *days, uint64_t count);

/* Kaplan-Meier: of `closed[t]` invoices it is known that they took t days, of `censored[t]` only
 * that they took longer (still open, or ended in another way). Writes to `survival[t]` the share
 * that is not yet closed at the end of day t, for t < count; beyond the last observation it stays
 * as it was there. Doubles: a share is an estimate, not money. */
void fl_kpi_survival(const uint32_t *closed, const uint32_t *censored, uint32_t count,
                     double *survival);
/* The first day by whose end at least half are closed, in tenths; undefined if it never comes. */
struct fl_kpi_figure fl_kpi_survival_median(const double *survival, uint32_t count);

#endif
