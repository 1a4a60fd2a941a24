#include "analytics/predict_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "analytics/predict_evaluate.h"
#include "tests/support/random.h"

#define ROWS      1200
#define CUSTOMERS 30
#define BEGIN     15000 /* a day of 2011 */

/* A ledger of two years: each customer has its habit, one part of two pays eight days later. */
static struct fl_predict_set ledger_make(struct fl_random *random)
{
    struct fl_predict_set set = {calloc(ROWS, sizeof *set.rows), ROWS, CUSTOMERS, 2};
    for (uint32_t i = 0; i < ROWS; i++) {
        struct fl_predict_row *row = &set.rows[i];
        *row = (struct fl_predict_row){.customer = (uint32_t)fl_random_below(random, CUSTOMERS),
                                       .part = {0, FL_PREDICT_NO_PART, FL_PREDICT_NO_PART},
                                       .invoice = i,
                                       .terms_days = 30,
                                       .currency = 1,
                                       .paid = true,
                                       .test = true};
        row->part[0] = row->customer % 2;
        row->amount_minor = (int64_t)(1000 + fl_random_below(random, 90000));
        row->issue_days = (uint16_t)(BEGIN + i * 730 / ROWS);
        row->due_days = (uint16_t)(row->issue_days + 30);
        unsigned days =
            10 + row->customer + 8 * row->part[0] + (unsigned)fl_random_below(random, 20);
        bool disputed = fl_random_below(random, 5) == 0;
        row->disputed_days = disputed ? (uint16_t)(row->issue_days + 5) : 0;
        row->end_days = (uint16_t)(row->issue_days + days + (disputed ? 15 : 0));
    }
    return set;
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* Everything dated on or after the origin becomes something else. */
static void later_change(struct fl_predict_set *set, uint16_t origin, struct fl_random *random)
{
    for (uint32_t i = 0; i < set->count; i++) {
        struct fl_predict_row *row = &set->rows[i];
        if (row->end_days >= origin) {
            row->end_days = (uint16_t)(origin + fl_random_below(random, 400));
            row->paid = fl_random_below(random, 4) != 0;
            if (fl_random_below(random, 4) == 0)
                row->end_days = 0;
        }
        if (row->disputed_days >= origin || row->disputed_days == 0)
            row->disputed_days =
                fl_random_below(random, 2) ? 0 : (uint16_t)(origin + fl_random_below(random, 90));
        if (row->issue_days >= origin) {
            row->customer = (uint32_t)fl_random_below(random, CUSTOMERS);
            row->amount_minor = (int64_t)fl_random_below(random, 1000000);
        }
    }
}

Test(predict_model, m1_what_is_dated_after_the_origin_changes_no_prediction)
{
    struct fl_random random = fl_random_start(__func__);
    for (unsigned month = 3; month < 20; month += 4) {
        uint16_t origin = (uint16_t)(BEGIN + 30 * month);
        struct fl_predict_set set = ledger_make(&random);
        for (int dispute = 0; dispute < 2; dispute++) {
            struct fl_predict_model before, after;
            struct fl_predict_set other = set;
            other.rows = malloc(ROWS * sizeof *other.rows);
            memcpy(other.rows, set.rows, ROWS * sizeof *other.rows);
            later_change(&other, origin, &random);
            cr_assert_eq(fl_predict_fit(&set, origin, dispute, &before), FL_OK);
            cr_assert_eq(fl_predict_fit(&other, origin, dispute, &after), FL_OK);
            for (uint32_t i = 0; i < ROWS; i += 7) {
                struct fl_prediction a, b;
                uint16_t as_of = set.rows[i].issue_days < origin ? (uint16_t)(origin - 1) : 0;
                fl_predict_score(&before, &set.rows[i], as_of, i % 2, &a);
                fl_predict_score(&after, &set.rows[i], as_of, i % 2, &b);
                cr_assert(same(a.p_late, b.p_late) && same(a.days, b.days) &&
                          same(a.p_paid_7, b.p_paid_7) && same(a.days_high, b.days_high) &&
                          a.reason_count == b.reason_count);
            }
            fl_predict_free(&before);
            fl_predict_free(&after);
            free(other.rows);
        }
        free(set.rows);
    }
}

Test(predict_model, m1_bites_what_is_dated_before_the_origin_does_change_it)
{
    struct fl_random random = fl_random_start(__func__);
    struct fl_predict_set set = ledger_make(&random);
    struct fl_predict_model model;
    struct fl_prediction a, b;
    uint16_t origin = BEGIN + 500;
    cr_assert_eq(fl_predict_fit(&set, origin, false, &model), FL_OK);
    fl_predict_score(&model, &set.rows[ROWS - 1], 0, false, &a);
    fl_predict_free(&model);
    for (uint32_t i = 0; i < ROWS; i++) {
        if (set.rows[i].end_days == origin - 1)
            set.rows[i].end_days++;
    }
    cr_assert_eq(fl_predict_fit(&set, origin, false, &model), FL_OK);
    fl_predict_score(&model, &set.rows[ROWS - 1], 0, false, &b);
    cr_assert(!same(a.days, b.days));
    fl_predict_free(&model);
    free(set.rows);
}

Test(predict_model, m2_an_open_invoice_is_neither_dropped_nor_late)
{
    /* One customer pays on day 10 or 40 after the due day. At the origin only the fast half of the
     * last is paid. */
    struct fl_predict_row rows[200];
    struct fl_predict_set set = {rows, 200, 1, 0}, dropped = {rows, 0, 1, 0};
    struct fl_predict_row kept[200];
    uint16_t origin = BEGIN + 60;
    for (uint32_t i = 0; i < 200; i++) {
        rows[i] = (struct fl_predict_row){
            .part = {FL_PREDICT_NO_PART, FL_PREDICT_NO_PART, FL_PREDICT_NO_PART},
            .currency = 1,
            .paid = true,
            .terms_days = 0,
            .amount_minor = 100};
        rows[i].issue_days = rows[i].due_days = (uint16_t)(BEGIN + i / 4);
        rows[i].end_days = (uint16_t)(rows[i].due_days + (i % 2 ? 10 : 40));
        if (rows[i].end_days < origin)
            kept[dropped.count++] = rows[i];
    }
    dropped.rows = kept;
    struct fl_predict_model all, fast;
    struct fl_prediction p, biased;
    cr_assert_eq(fl_predict_fit(&set, origin, false, &all), FL_OK);
    cr_assert_eq(fl_predict_fit(&dropped, origin, false, &fast), FL_OK);
    fl_predict_score(&all, &rows[0], 0, false, &p);
    fl_predict_score(&fast, &rows[0], 0, false, &biased);
    cr_assert_gt(p.center_days, biased.center_days + 3, "%g, without the open ones %g",
                 p.center_days, biased.center_days);
    cr_assert(fabs(p.center_days - 25) < 4, "true mean 25, found %g", p.center_days);
    fl_predict_free(&all);
    fl_predict_free(&fast);
}

Test(predict_model, m6_the_reasons_add_up)
{
    struct fl_random random = fl_random_start(__func__);
    struct fl_predict_set set = ledger_make(&random);
    struct fl_predict_model model;
    cr_assert_eq(fl_predict_fit(&set, BEGIN + 600, true, &model), FL_OK);
    for (uint32_t i = 0; i < ROWS; i += 11) {
        struct fl_prediction p;
        double sum = model.mean_days;
        fl_predict_score(&model, &set.rows[i], 0, i % 2, &p);
        for (unsigned k = 0; k < p.reason_count; k++) {
            sum += p.reasons[k].days;
            cr_assert(k == 0 || fabs(p.reasons[k].days) <= fabs(p.reasons[k - 1].days));
        }
        cr_assert(fabs(sum - p.center_days) < 1e-9);
    }
    fl_predict_free(&model);
    free(set.rows);
}

Test(predict_model, effects_are_found_and_a_new_customer_is_its_segment)
{
    struct fl_random random = fl_random_start(__func__);
    struct fl_predict_set set = ledger_make(&random);
    struct fl_predict_row *row = &set.rows[ROWS - 1];
    struct fl_predict_model model;
    struct fl_prediction p, q;
    set.customers++;
    cr_assert_eq(fl_predict_fit(&set, BEGIN + 720, true, &model), FL_OK);
    row->customer = CUSTOMERS;
    cr_assert_eq(fl_predict_seen(&model, CUSTOMERS), 0);
    row->part[0] = 1;
    fl_predict_score(&model, row, 0, false, &p);
    row->part[0] = 0;
    fl_predict_score(&model, row, 0, false, &q);
    /* Odd customers are 9 days slower in the mean: 8 of their part and 1 of their numbers. */
    cr_assert(p.center_days - q.center_days > 4 && p.center_days - q.center_days < 10, "%g",
              p.center_days - q.center_days);
    fl_predict_score(&model, row, 0, true, &p);
    cr_assert(fabs(p.center_days - q.center_days - 15) < 2, "a dispute is 15 days, found %g",
              p.center_days - q.center_days);
    fl_predict_free(&model);
    free(set.rows);
}

Test(predict_model, probabilities_are_in_order_and_depend_on_the_age)
{
    struct fl_random random = fl_random_start(__func__);
    struct fl_predict_set set = ledger_make(&random);
    struct fl_predict_model model;
    uint16_t origin = BEGIN + 700;
    cr_assert_eq(fl_predict_fit(&set, origin, false, &model), FL_OK);
    for (uint32_t i = 0; i < ROWS; i += 5) {
        double last_high = -1000;
        for (uint16_t age = 0; age < 400; age = (uint16_t)(age + 25)) {
            struct fl_prediction p;
            uint16_t today = (uint16_t)(set.rows[i].issue_days + age);
            fl_predict_score(&model, &set.rows[i], today, false, &p);
            cr_assert(p.p_paid_7 >= 0 && p.p_paid_7 <= p.p_paid_14 && p.p_paid_14 <= p.p_paid_30 &&
                      p.p_paid_30 <= 1 && p.p_late >= 0 && p.p_late <= 1);
            cr_assert(p.days_low <= p.days && p.days <= p.days_high);
            cr_assert(p.days_low >= (double)today - set.rows[i].due_days - 1, "paid before today");
            cr_assert(p.days_high >= last_high - 1e-6);
            if (today >= set.rows[i].due_days)
                cr_assert_eq(p.p_late, 1);
            last_high = p.days_high;
        }
    }
    fl_predict_free(&model);
    free(set.rows);
}

Test(predict_model, nothing_paid_is_nothing_to_learn_from)
{
    struct fl_predict_row row = {.issue_days = BEGIN, .due_days = BEGIN + 30, .currency = 1};
    struct fl_predict_set set = {&row, 1, 1, 0};
    struct fl_predict_model model;
    row.part[0] = row.part[1] = row.part[2] = FL_PREDICT_NO_PART;
    cr_assert_eq(fl_predict_fit(&set, BEGIN + 90, false, &model), FL_NOTHING_OPEN);
    row.paid = true;
    row.end_days = BEGIN + 89;
    cr_assert_eq(fl_predict_fit(&set, BEGIN + 90, false, &model), FL_OK);
    struct fl_prediction p;
    fl_predict_score(&model, &row, 0, false, &p);
    cr_assert(fabs(p.days - 59) < 1);
    fl_predict_free(&model);
}

/* ---- evaluation -------------------------------------------------------------------------------
 */

Test(predict_evaluate, the_auc_is_the_share_of_pairs_in_order)
{
    struct fl_random random = fl_random_start(__func__);
    for (unsigned round = 0; round < 50; round++) {
        double score[60], pairs = 0, right = 0;
        bool hit[60];
        uint32_t count = 2 + (uint32_t)fl_random_below(&random, 58);
        for (uint32_t i = 0; i < count; i++) {
            score[i] = (double)fl_random_below(&random, 12);
            hit[i] = fl_random_below(&random, 3) == 0;
        }
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j < count; j++) {
                if (!hit[i] || hit[j])
                    continue;
                pairs++;
                right += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
            }
        }
        double auc = fl_predict_auc(score, hit, count);
        cr_assert(pairs == 0 ? isnan(auc) : fabs(auc - right / pairs) < 1e-12);
    }
}

Test(predict_evaluate, each_test_is_judged_by_what_was_known_before_its_month)
{
    struct fl_random random = fl_random_start(__func__);
    struct fl_predict_set set = ledger_make(&random);
    struct fl_predict_evaluation e;
    cr_assert_eq(fl_predict_evaluate(&set, BEGIN + 900, &e), FL_OK);
    cr_assert_eq(e.origins, 12);
    double brier = 0, mae = 0;
    for (uint32_t i = 0; i < e.count; i++) {
        const struct fl_predict_row *row = &set.rows[e.tests[i].row];
        struct fl_predict_model model;
        struct fl_prediction p;
        cr_assert(row->issue_days >= e.tests[i].origin_days &&
                  row->issue_days < e.tests[i].origin_days + 31);
        const struct fl_predict_answer *a = &e.tests[i].answer[FL_RULE_ADDITIVE];
        brier += (a->p_late - (row->end_days > row->due_days)) *
                 (a->p_late - (row->end_days > row->due_days));
        mae += fabs((double)a->days - ((double)row->end_days - row->due_days));
        if (i % 40 != 0)
            continue;
        cr_assert_eq(fl_predict_fit(&set, e.tests[i].origin_days, false, &model), FL_OK);
        fl_predict_score(&model, row, 0, false, &p);
        cr_assert(same(p.p_late, a->p_late));
        fl_predict_free(&model);
    }
    cr_assert(fabs(brier / e.count - e.figures[FL_RULE_ADDITIVE].brier) < 1e-12);
    cr_assert(fabs(mae / e.count - e.figures[FL_RULE_ADDITIVE].mae_days) < 1e-9);
    cr_assert(e.figures[FL_RULE_ADDITIVE].brier < e.figures[FL_RULE_MAJORITY].brier);
    cr_assert(e.figures[FL_RULE_ADDITIVE_DISPUTE].mae_days < e.figures[FL_RULE_ADDITIVE].mae_days);
    fl_predict_evaluation_free(&e);
    free(set.rows);
}
