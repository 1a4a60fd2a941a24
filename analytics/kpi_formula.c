#include "analytics/kpi_formula.h"

#define DAY_TENTHS    10
#define PERCENT_E2    10000         /* hundredths of a percent in one */
#define PART_ONE      1000000000    /* a month's part of the true DSO is rounded at 10^-9 days */
#define HALF_AND_DUST (0.5 + 1e-12) /* a product of shares that is a half may come out above it */

static struct fl_kpi_figure undefined(void)
{
    return (struct fl_kpi_figure){.defined = false};
}

/* F1: undefined by a divisor that is not above zero; so, too, beyond int64. */
static struct fl_kpi_figure divided(fl_int128 numerator, fl_int128 denominator)
{
    struct fl_kpi_figure figure = {.defined = denominator > 0};
    if (figure.defined)
        figure.defined =
            fl_round_div(numerator, denominator, FL_ROUND_HALF_UP, &figure.value) == FL_OK;
    return figure.defined ? figure : undefined();
}

struct fl_kpi_figure fl_kpi_days(fl_int128 amount_minor, fl_int128 sales_minor, int64_t days)
{
    return divided(amount_minor * days * DAY_TENTHS, sales_minor);
}

static bool sold_ever(const struct fl_kpi_month *months, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (months[i].sales_minor > 0)
            return true;
    }
    return false;
}

struct fl_kpi_figure fl_kpi_count_back(fl_int128 receivable_minor,
                                       const struct fl_kpi_month *months, uint32_t count)
{
    fl_int128 rest = receivable_minor;
    int64_t days = 0;
    if (receivable_minor < 0 || !sold_ever(months, count))
        return undefined();
    for (uint32_t i = 0; i < count && rest > 0; i++) {
        if (months[i].sales_minor > rest) {
            struct fl_kpi_figure part = fl_kpi_days(rest, months[i].sales_minor, months[i].days);
            part.value += days * DAY_TENTHS;
            return part;
        }
        if (months[i].sales_minor > 0)
            rest -= months[i].sales_minor;
        days += months[i].days;
    }
    return (struct fl_kpi_figure){days * DAY_TENTHS, true, rest > 0};
}

struct fl_kpi_figure fl_kpi_true_dso(const struct fl_kpi_month *months, uint32_t count)
{
    fl_int128 parts = 0;
    if (!sold_ever(months, count))
        return undefined();
    for (uint32_t i = 0; i < count; i++) {
        if (months[i].weight == 0)
            continue;
        struct fl_kpi_figure part = divided(months[i].weight * PART_ONE, months[i].sales_minor);
        if (!part.defined)
            return undefined();
        parts += part.value;
    }
    return divided(parts * DAY_TENTHS, PART_ONE);
}

struct fl_kpi_figure fl_kpi_delinquent(struct fl_kpi_figure dso, struct fl_kpi_figure best)
{
    if (!dso.defined || !best.defined)
        return undefined();
    return (struct fl_kpi_figure){dso.value - best.value, true, false};
}

/* Both sides times N: no rounding before the one division. */
struct fl_kpi_figure fl_kpi_effectiveness(fl_int128 opening_minor, fl_int128 sales_minor,
                                          int64_t months, fl_int128 closing_minor,
                                          fl_int128 closing_current_minor)
{
    if (months <= 0)
        return undefined();
    fl_int128 due = opening_minor * months + sales_minor;
    return divided((due - closing_minor * months) * PERCENT_E2,
                   due - closing_current_minor * months);
}

struct fl_kpi_figure fl_kpi_share(fl_int128 part, fl_int128 whole)
{
    return divided(part * PERCENT_E2, whole);
}

struct fl_kpi_figure fl_kpi_mean(int64_t sum_days, uint64_t count)
{
    return divided((fl_int128)sum_days * DAY_TENTHS, count);
}

struct fl_kpi_figure fl_kpi_median(const uint16_t *days, uint64_t count)
{
    if (count == 0)
        return undefined();
    int64_t low = days[(count - 1) / 2], high = days[count / 2];
    return (struct fl_kpi_figure){(low + high) * DAY_TENTHS / 2, true, false};
}

void fl_kpi_survival(const uint32_t *closed, const uint32_t *censored, uint32_t count,
                     double *survival)
{
    uint64_t at_risk = 0;
    double share = 1.0;
    for (uint32_t t = 0; t < count; t++)
        at_risk += (uint64_t)closed[t] + censored[t];
    for (uint32_t t = 0; t < count; t++) {
        if (closed[t] > 0)
            share *= (double)(at_risk - closed[t]) / (double)at_risk;
        at_risk -= (uint64_t)closed[t] + censored[t];
        survival[t] = share;
    }
}

struct fl_kpi_figure fl_kpi_survival_median(const double *survival, uint32_t count)
{
    for (uint32_t t = 0; t < count; t++) {
        if (survival[t] <= HALF_AND_DUST)
            return (struct fl_kpi_figure){(int64_t)t * DAY_TENTHS, true, false};
    }
    return undefined();
}
