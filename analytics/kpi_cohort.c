#include "analytics/kpi_cohort.h"

#include <stdlib.h>

#include "analytics/kpi_close.h"
#include "core/base/date.h"

#define DAYS_SEEN 367 /* nothing of twelve months is older */

const uint16_t fl_cohort_spans[FL_COHORT_SPANS] = {30, 60, 90};

/* By day of age: closed then, or seen so long and no longer. */
struct ages {
    uint32_t closed[DAYS_SEEN], censored[DAYS_SEEN];
    int64_t closed_days;
};

struct cohorts {
    struct ages ages[FL_COHORT_MONTHS + 1];
    uint16_t start[FL_COHORT_MONTHS + 1];
};

static void age_add(struct ages *ages, struct fl_kpi_cohort *cohort, int days, bool closed,
                    bool open)
{
    FL_ASSERT(days >= 0 && days < DAYS_SEEN);
    cohort->invoices++;
    cohort->closed += closed;
    cohort->open += open;
    ages->closed_days += closed ? days : 0;
    *(closed ? &ages->closed[days] : &ages->censored[days]) += 1;
}

static void invoice_add(const struct fl_snapshot *s, const struct fl_open_items *items,
                        uint32_t invoice, struct cohorts *all, struct fl_kpi_cohort *out)
{
    const struct fl_invoice_scan *scan = fl_at_invoice_scan(s, invoice);
    struct fl_invoice_close close;
    unsigned month = FL_COHORT_MONTHS;
    if (scan->date > items->as_of || scan->total_minor == 0)
        return;
    while (month > 0 && scan->date < all->start[month - 1])
        month--;
    if (month == 0)
        return; /* before all of them */
    bool ended = fl_invoice_close_find(s, items, invoice, &close);
    int days = (ended ? close.date_days : items->as_of) - scan->date;
    bool closed = ended && close.reason == FL_CLOSE_CASH;
    age_add(&all->ages[month - 1], &out[month - 1], days, closed, !ended);
    age_add(&all->ages[FL_COHORT_MONTHS], &out[FL_COHORT_MONTHS], days, closed, !ended);
}

/* The longest time that any was seen, plus one; 0: there is none. */
static uint32_t seen_until(const struct ages *ages)
{
    uint32_t count = DAYS_SEEN;
    while (count > 0 && ages->closed[count - 1] == 0 && ages->censored[count - 1] == 0)
        count--;
    return count;
}

static void cohort_reckon(const struct ages *ages, struct fl_kpi_cohort *cohort)
{
    double survival[DAYS_SEEN];
    uint32_t count = seen_until(ages);
    fl_kpi_survival(ages->closed, ages->censored, count, survival);
    cohort->mean = fl_kpi_mean(ages->closed_days, cohort->closed);
    cohort->median = fl_kpi_survival_median(survival, count);
    for (unsigned i = 0; i < FL_COHORT_SPANS; i++) {
        uint32_t day = fl_cohort_spans[i];
        bool all_closed = count > 0 && survival[count - 1] <= 0;
        if (day >= count && !all_closed)
            continue;
        double left = day < count ? survival[day] : 0;
        cohort->within[i] =
            (struct fl_kpi_figure){(int64_t)((1 - left) * 10000 + 0.5), true, false};
    }
}

enum fl_status fl_kpi_cohorts(const struct fl_snapshot *s, const struct fl_kpi_query *query,
                              uint8_t currency, struct fl_kpi_cohort out[FL_COHORT_MONTHS + 1])
{
    struct fl_open_items items;
    struct cohorts *all = calloc(1, sizeof *all);
    enum fl_status status =
        all ? fl_open_items_make(s, query->to, query->known_seq, &items) : FL_NO_MEMORY;
    if (status != FL_OK) {
        free(all);
        return status;
    }
    for (unsigned i = 0; i < FL_COHORT_MONTHS; i++) {
        all->start[i] = fl_month_start(query->to, FL_COHORT_MONTHS - 1 - i);
        out[i] = (struct fl_kpi_cohort){.month = all->start[i]};
    }
    out[FL_COHORT_MONTHS] = (struct fl_kpi_cohort){.month = FL_DATE_NONE};
    for (uint32_t row = 0; row < items.invoices; row++) {
        if (query->in_base || fl_at_invoice_currency(s, row)->currency == currency)
            invoice_add(s, &items, row, all, out);
    }
    for (unsigned i = 0; i <= FL_COHORT_MONTHS; i++)
        cohort_reckon(&all->ages[i], &out[i]);
    fl_open_items_free(&items);
    free(all);
    return FL_OK;
}
