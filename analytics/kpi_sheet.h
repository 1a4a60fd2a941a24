/* kpi_sheet.h - every headline figure of a period, as of its last day and as known at any time.
 *
 * One row a currency, or a group (kpi_group.h) and currency. The sums of a row are exact; figures
 * come from them by kpi_formula.h.
 *
 *   receivable     open invoices - unapplied cash - open credit notes                    AR(to)
 *   sales          S(from..to): kpi_sales.h
 *   dso, best_possible, average_days_delinquent, count_back, true_dso, cei
 *   percent_*      of the receivable; `percent_current_of_invoices` of the open invoices alone
 *   time_to_close  invoices whose open amount reached zero in the period: days from issue to the last
 *                  day it did, by what closed them: cash (any money of a receipt), credit notes
 *                  alone, write-off
 *   bad_debt       write-offs less what was recovered or credited after them, over the sales
 *
 *   K1  Rows of a currency sum to the row of the whole: nothing is counted twice, nothing left out.
 *   K2  not due + buckets - unapplied - credits = the control account at (to, known).
 *
 * Cost: two passes over movements and documents (the period's end and the day before it begins);
 * memory by malloc: kpi_items.h twice, and some 700 bytes a row.
 */
#ifndef FLORIN_ANALYTICS_KPI_SHEET_H
#define FLORIN_ANALYTICS_KPI_SHEET_H

#include "analytics/kpi_formula.h"
#include "analytics/kpi_group.h"
#include "analytics/kpi_items.h"
#include "analytics/kpi_setoff.h"

enum fl_kpi_unit { FL_KPI_MONEY, FL_KPI_DAYS, FL_KPI_PERCENT, FL_KPI_COUNT };

/* X(symbol, name, unit, what is good: +1 more, -1 less, 0 neither) */
#define FL_KPIS(X)                                                                                 \
    X(RECEIVABLE, "receivable", FL_KPI_MONEY, 0)                                                   \
    X(OPENING, "receivable_opening", FL_KPI_MONEY, 0)                                              \
    X(OVERDUE, "overdue", FL_KPI_MONEY, -1)                                                        \
    X(SALES, "sales", FL_KPI_MONEY, 1)                                                             \
    X(DSO, "dso", FL_KPI_DAYS, -1)                                                                 \
    X(COUNT_BACK, "count_back", FL_KPI_DAYS, -1)                                                   \
    X(TRUE_DSO, "true_dso", FL_KPI_DAYS, -1)                                                       \
    X(BEST, "best_possible", FL_KPI_DAYS, 0)                                                       \
    X(DELINQUENT, "average_days_delinquent", FL_KPI_DAYS, -1)                                      \
    X(CEI, "cei", FL_KPI_PERCENT, 1)                                                               \
    X(CURRENT, "percent_current", FL_KPI_PERCENT, 1)                                               \
    X(CURRENT_OF_INVOICES, "percent_current_of_invoices", FL_KPI_PERCENT, 1)                       \
    X(OVER_90, "percent_over_90", FL_KPI_PERCENT, -1)                                              \
    X(CLOSE, "time_to_close", FL_KPI_DAYS, -1)                                                     \
    X(CLOSE_MEDIAN, "time_to_close_median", FL_KPI_DAYS, -1)                                       \
    X(CLOSED, "closed", FL_KPI_COUNT, 0)                                                           \
    X(CLOSE_CREDIT, "time_to_close_by_credit", FL_KPI_DAYS, 0)                                     \
    X(CLOSED_CREDIT, "closed_by_credit", FL_KPI_COUNT, 0)                                          \
    X(CLOSE_WRITE_OFF, "time_to_close_by_write_off", FL_KPI_DAYS, 0)                               \
    X(CLOSED_WRITE_OFF, "closed_by_write_off", FL_KPI_COUNT, 0)                                    \
    X(UNAPPLIED, "unapplied_cash", FL_KPI_MONEY, -1)                                               \
    X(CREDITS, "open_credits", FL_KPI_MONEY, 0)                                                    \
    X(WRITE_OFFS, "write_offs", FL_KPI_MONEY, -1)                                                  \
    X(RECOVERIES, "recoveries", FL_KPI_MONEY, 0)                                                   \
    X(BAD_DEBT, "bad_debt", FL_KPI_PERCENT, -1)

enum fl_kpi {
#define FL_KPI_ENUM(symbol, name, unit, good) FL_KPI_##symbol,
    FL_KPIS(FL_KPI_ENUM)
#undef FL_KPI_ENUM
        FL_KPI_FIGURES
};

struct fl_kpi_about {
    const char *name;
    enum fl_kpi_unit unit;
    int good;
};
extern const struct fl_kpi_about fl_kpi_about[FL_KPI_FIGURES];

/* Where the aging has free cash and credit notes; the figures do not depend on it. */
enum fl_aging_credits {
    FL_CREDITS_OWN,    /* in columns of their own */
    FL_CREDITS_AGED,   /* in the bucket of their own day */
    FL_CREDITS_OLDEST, /* off their customer's oldest invoices (kpi_setoff.h); not by product */
};

struct fl_kpi_query {
    uint16_t from, to; /* from: FL_DATE_NONE is the first of the month two before that of `to` */
    uint64_t known_seq;
    enum fl_kpi_by by;
    uint8_t currency; /* only this one; FL_CURRENCY_NONE: all */
    bool in_base;     /* all of them added, in the book's currency */
    bool all_sales;   /* cash sales too */
    enum fl_aging_basis basis; /* of the aging; what is current is always by due date */
    enum fl_aging_credits credits;
};

struct fl_kpi_row {
    uint32_t group;
    struct fl_aging aging;
    struct fl_kpi_figure figure[FL_KPI_FIGURES];
};

struct fl_kpi_sheet {
    struct fl_kpi_query query; /* `from` as resolved */
    int64_t months;            /* calendar months that the period touches */
    struct fl_kpi_groups groups;
    struct fl_kpi_row *row; /* by group's number, then currency */
    uint32_t rows;
};

/* FL_NO_MEMORY. fl_kpi_sheet_free afterwards, in any case. Reads `snapshot` as long as it stands. */
enum fl_status fl_kpi_sheet_make(const struct fl_snapshot *snapshot,
                                 const struct fl_kpi_query *query, struct fl_kpi_sheet *out);
void fl_kpi_sheet_free(struct fl_kpi_sheet *sheet);
/* Null if it has none. */
const struct fl_kpi_row *fl_kpi_sheet_find(const struct fl_kpi_sheet *sheet, uint32_t group,
                                           uint8_t currency);

/* The period before: whole months if `from` is the first of one, else as many days. False where the
 * calendar ends. */
bool fl_kpi_period_before(uint16_t from, uint16_t to, uint16_t *from_out, uint16_t *to_out);
/* The first day of the month so many before the day's; FL_DATE_NONE where the calendar ends. */
uint16_t fl_month_start(uint16_t date_days, unsigned months_before);

#endif
