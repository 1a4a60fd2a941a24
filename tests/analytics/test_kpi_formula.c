/* The formulas: the vectors of their definitions, hand-reckoned edges, and random sums reckoned
 * again in fractions of long double. */
#include <criterion/criterion.h>
#include <math.h>

#include "analytics/kpi_formula.h"
#include "tests/support/random.h"

static void is(struct fl_kpi_figure figure, int64_t value, const char *what)
{
    cr_expect(figure.defined, "%s is undefined", what);
    cr_expect_eq(figure.value, value, "%s: %ld, wanted %ld", what, (long)figure.value, (long)value);
}

static void is_undefined(struct fl_kpi_figure figure, const char *what)
{
    cr_expect(!figure.defined, "%s is %ld, not undefined", what, (long)figure.value);
    cr_expect_eq(figure.value, 0, "F2: %s", what);
}

/* 15 000 open, 4 000 of it current, sales 10 000, 30 days: 45, 12, 33. */
Test(kpi_formula, the_vector_of_days_delinquent)
{
    struct fl_kpi_figure dso = fl_kpi_days(1500000, 1000000, 30);
    struct fl_kpi_figure best = fl_kpi_days(400000, 1000000, 30);
    is(dso, 450, "DSO");
    is(best, 120, "best possible DSO");
    is(fl_kpi_delinquent(dso, best), 330, "average days delinquent");
}

/* AR 150, March 90, February 80: 31 + 60/80 x 28 = 52.0; in a leap year 31 + 60/80 x 29 = 52.75. */
Test(kpi_formula, the_vector_of_the_count_back_and_a_leap_day)
{
    struct fl_kpi_month months[] = {{.sales_minor = 9000, .days = 31},
                                    {.sales_minor = 8000, .days = 28}};
    is(fl_kpi_count_back(15000, months, 2), 520, "count-back");
    months[1].days = 29;
    is(fl_kpi_count_back(15000, months, 2), 528, "count-back with 29 days, half up");
}

Test(kpi_formula, f1_sales_of_zero_or_less_make_it_undefined_not_zero)
{
    struct fl_kpi_month nothing[] = {{.sales_minor = 0, .days = 31},
                                     {.sales_minor = -5, .days = 28}};
    is_undefined(fl_kpi_days(100, 0, 31), "DSO, no sales");
    is_undefined(fl_kpi_days(100, -1, 31), "DSO, negative sales");
    is_undefined(fl_kpi_days(0, 0, 31), "DSO of nothing over nothing");
    is_undefined(fl_kpi_count_back(100, nothing, 2), "count-back, credit notes only");
    is_undefined(fl_kpi_count_back(100, NULL, 0), "count-back, no history");
    is_undefined(fl_kpi_true_dso(nothing, 2), "true DSO, credit notes only");
    is_undefined(fl_kpi_share(1, 0), "share of nothing");
    is_undefined(fl_kpi_share(0, -1), "share of less");
    is_undefined(fl_kpi_mean(0, 0), "mean of none");
    is_undefined(fl_kpi_median(NULL, 0), "median of none");
    is_undefined(fl_kpi_delinquent(fl_kpi_days(1, 0, 1), fl_kpi_days(1, 1, 1)), "delinquent");
}

Test(kpi_formula, nothing_owed_is_zero_days_and_less_than_nothing_is_negative_or_undefined)
{
    struct fl_kpi_month month = {.sales_minor = 100, .days = 31};
    is(fl_kpi_days(0, 100, 31), 0, "DSO of nothing owed");
    is(fl_kpi_days(-50, 100, 31), -155, "DSO of customers in credit");
    is(fl_kpi_count_back(0, &month, 1), 0, "count-back of nothing owed");
    is_undefined(fl_kpi_count_back(-1, &month, 1), "count-back of customers in credit");
}

Test(kpi_formula, more_receivables_than_history_is_at_least_all_its_days)
{
    struct fl_kpi_month months[] = {{.sales_minor = 10, .days = 15},
                                    {.sales_minor = 20, .days = 29}};
    struct fl_kpi_figure figure = fl_kpi_count_back(31, months, 2);
    is(figure, 440, "count-back");
    cr_expect(figure.at_least);
    cr_expect(!fl_kpi_count_back(30, months, 2).at_least, "just all of it is no more than all");
    is(fl_kpi_count_back(30, months, 2), 440, "just all of it");
}

/* 25 = 10 of the latest, nothing of the month of credit notes, which adds its days, 15/20 of the
 * first. */
Test(kpi_formula, a_month_of_credit_notes_adds_its_days_and_takes_nothing)
{
    struct fl_kpi_month months[] = {{.sales_minor = 10, .days = 30},
                                    {.sales_minor = -40, .days = 31},
                                    {.sales_minor = 20, .days = 28}};
    is(fl_kpi_count_back(25, months, 3), 300 + 310 + 210, "count-back");
}

/* 600 money-days / 100 + 500 / 50 = 6 + 10; thirds are not rounded before they are summed. */
Test(kpi_formula, true_dso_weighs_each_month_by_its_own_sales)
{
    struct fl_kpi_month months[] = {{.sales_minor = 100, .weight = 600},
                                    {.sales_minor = 0, .weight = 0},
                                    {.sales_minor = 50, .weight = 500}};
    struct fl_kpi_month thirds[] = {{.sales_minor = 3, .weight = 1},
                                    {.sales_minor = 3, .weight = 1},
                                    {.sales_minor = 3, .weight = 1}};
    is(fl_kpi_true_dso(months, 3), 160, "true DSO");
    is(fl_kpi_true_dso(thirds, 3), 10, "three thirds");
    months[1].weight = 1;
    is_undefined(fl_kpi_true_dso(months, 3), "open from a month that sold nothing net");
}

/* Beginning 100, sales 90 in 3 months, ending 50, current 30: (100 + 30 - 50) / (100 + 30 - 30). */
Test(kpi_formula, collection_effectiveness)
{
    is(fl_kpi_effectiveness(100, 90, 3, 50, 30), 8000, "CEI");
    is(fl_kpi_effectiveness(100, 0, 1, 0, 0), 10000, "all collected");
    is(fl_kpi_effectiveness(100, 0, 1, 100, 0), 0, "nothing collected");
    is(fl_kpi_effectiveness(10, 10, 3, 0, 0), 10000, "thirds of a sale are not rounded before");
    is_undefined(fl_kpi_effectiveness(0, 0, 1, 0, 0), "nothing to collect");
    is_undefined(fl_kpi_effectiveness(100, 0, 1, 150, 150), "more current than there was");
    is_undefined(fl_kpi_effectiveness(100, 0, 0, 0, 0), "no months");
}

Test(kpi_formula, shares_mean_and_median)
{
    const uint16_t days[] = {1, 2, 9, 10};
    is(fl_kpi_share(1, 3), 3333, "a third");
    is(fl_kpi_share(2, 3), 6667, "two thirds");
    is(fl_kpi_share(3, 2), 15000, "more than all");
    is(fl_kpi_share(-1, 8), -1250, "recovered more than written off");
    is(fl_kpi_mean(22, 4), 55, "mean");
    is(fl_kpi_mean(1, 3), 3, "mean of thirds");
    is(fl_kpi_median(days, 4), 55, "median of four");
    is(fl_kpi_median(days, 3), 20, "median of three");
}

/* Five invoices: closed on day 2, 4, 4; open at 3 and 6. At risk 5, 4 (one left at 3), 3: 4/5, then
 * 4/5 x 1/3. Leaving the open ones out would say that all are closed by day 4. */
Test(kpi_formula, kaplan_meier_counts_open_invoices_while_they_are_seen)
{
    uint32_t closed[7] = {[2] = 1, [4] = 2}, censored[7] = {[3] = 1, [6] = 1};
    double survival[7];
    fl_kpi_survival(closed, censored, 7, survival);
    cr_expect_eq(survival[1], 1.0);
    cr_expect_float_eq(survival[2], 0.8, 1e-12);
    cr_expect_float_eq(survival[3], 0.8, 1e-12);
    cr_expect_float_eq(survival[4], 0.8 / 3, 1e-12);
    cr_expect_float_eq(survival[6], 0.8 / 3, 1e-12);
    is(fl_kpi_survival_median(survival, 7), 40, "median");
    is_undefined(fl_kpi_survival_median(survival, 4), "not half are closed by day 3");
}

/* 3/4 x 2/3 is a half, whatever a processor makes of it. */
Test(kpi_formula, a_half_is_a_half)
{
    uint32_t closed[3] = {0, 1, 1}, censored[3] = {0, 0, 2};
    double survival[3];
    fl_kpi_survival(closed, censored, 3, survival);
    is(fl_kpi_survival_median(survival, 3), 20, "median");
}

/* The largest sums that the book keeps do not overflow. */
Test(kpi_formula, sums_at_the_edge_of_the_book)
{
    is(fl_kpi_days(INT64_MAX, INT64_MAX, 92), 920, "DSO");
    is(fl_kpi_effectiveness(INT64_MAX, INT64_MAX, 1200, INT64_MAX, 0), 8, "CEI"); /* 1/1201 */
    is_undefined(fl_kpi_days(INT64_MAX, 1, 92), "beyond int64");
}

Test(kpi_formula, agrees_with_fractions)
{
    struct fl_random random = fl_random_start("kpi_formula");
    for (int i = 0; i < 20000; i++) {
        int64_t amount = (int64_t)fl_random_below(&random, 1000000000) - 100000000;
        int64_t sales = 1 + (int64_t)fl_random_below(&random, 1000000000);
        int64_t days = 1 + (int64_t)fl_random_below(&random, 366);
        long double wanted = (long double)amount * days * 10 / sales;
        struct fl_kpi_figure figure = fl_kpi_days(amount, sales, days);
        cr_assert(figure.defined && fabsl((long double)figure.value - wanted) <= 0.5000001L);
        int64_t n = 1 + (int64_t)fl_random_below(&random, 12);
        int64_t closing = (int64_t)fl_random_below(&random, 1000000000);
        int64_t current = (int64_t)fl_random_below(&random, (uint64_t)closing + 1);
        long double due = (long double)amount + (long double)sales / n;
        figure = fl_kpi_effectiveness(amount, sales, n, closing, current);
        cr_assert_eq(figure.defined, (fl_int128)amount * n + sales > (fl_int128)current * n);
        if (figure.defined && due - current > 1)
            cr_assert(fabsl((long double)figure.value -
                            10000 * (due - closing) / (due - current)) <= 0.501L);
    }
}
