/* predict_evaluate.h - how well it is known who pays late: time-split figures beside naive rules.
 *
 *   E1  At the first of each month the models are fitted on what was known by then (predict_model.h
 *       M1), and judged on the invoices issued in that month, each as at its issue. Twelve months,
 *       the last with an invoice to be judged.
 *   E2  Judged is what was paid by the as-of day, and what was then overdue and open: that is late,
 *       though by how many days is not known, so it counts in neither MAE nor coverage. What was
 *       open and not due, credited or written off is left out, and counted.
 *   E3  Each Monday the invoices open at its end are judged anew, the model fitted on what was
 *       known by then: paid within 7 days or not, and how far the money expected for the week lies
 *       from what came (of those invoices; WAPE = sum |expected - came| / sum came, over the weeks
 *       that are over by the as-of day).
 *
 *   majority        the share that was late; the median of all days; the interval of all
 *   due_date        pays on the due day
 *   customer_rate   the customer's share of late ones and its mean days, both shrunk to all
 *   customer_median the customer's share of late ones as it is, and its median
 *   additive        predict_model.h without disputes; additive_dispute: with them, and an invoice
 *                   that was disputed before it was paid is judged as if that were known: it is for
 *                   the day on which it is
 *
 * AUC counts ties half; accuracy is at P = 1/2; MAE is of days after the due day, early ones
 * negative; coverage is the share within the 10 % and 90 % points. New customers: without any
 * invoice issued before the origin.
 *
 * Pure. Memory: malloc, 24 bytes a test and model. Cost: some 64 fits.
 */
#ifndef FLORIN_ANALYTICS_PREDICT_EVALUATE_H
#define FLORIN_ANALYTICS_PREDICT_EVALUATE_H

#include "analytics/predict_model.h"

/* X(symbol, name) */
#define FL_PREDICT_RULES(X)                                                                        \
    X(MAJORITY, "majority")                                                                        \
    X(DUE_DATE, "due_date")                                                                        \
    X(CUSTOMER_RATE, "customer_rate")                                                              \
    X(CUSTOMER_MEDIAN, "customer_median")                                                          \
    X(ADDITIVE, "additive")                                                                        \
    X(ADDITIVE_DISPUTE, "additive_dispute")

enum fl_predict_rule {
#define FL_PREDICT_RULE_ENUM(symbol, name) FL_RULE_##symbol,
    FL_PREDICT_RULES(FL_PREDICT_RULE_ENUM)
#undef FL_PREDICT_RULE_ENUM
        FL_RULE_COUNT
};

/* NAN: not defined. */
struct fl_predict_figures {
    double auc, accuracy, brier, mae_days, coverage_80;
    uint32_t tests, paid; /* paid: those with days */
};

struct fl_predict_week_figures {
    double auc, wape;
    uint32_t tests; /* invoices on Mondays */
};

/* What a rule said of a row at its issue. */
struct fl_predict_answer {
    double p_late;
    float days, days_low, days_high; /* low, high: NAN where the rule has none */
};

struct fl_predict_test {
    uint32_t row;
    uint16_t origin_days;
    bool new_customer, open; /* open: late, by how much is not known (E2) */
    struct fl_predict_answer answer[FL_RULE_COUNT];
};

struct fl_predict_evaluation {
    uint16_t from_days, to_days; /* of issue */
    unsigned origins, mondays;
    uint32_t left_out; /* E2 */
    uint8_t currency;  /* of the weeks' money: that of most tests */
    struct fl_predict_figures figures[FL_RULE_COUNT], new_figures[FL_RULE_COUNT];
    struct fl_predict_week_figures week[FL_RULE_COUNT];
    struct fl_predict_test *tests;
    uint32_t count;
};

/* Of the rows marked `test`. FL_NO_MEMORY; FL_NOTHING_OPEN if there is nothing to judge or to learn
 * from. fl_predict_evaluation_free afterwards. */
enum fl_status fl_predict_evaluate(const struct fl_predict_set *set, uint16_t as_of_days,
                                   struct fl_predict_evaluation *out);
void fl_predict_evaluation_free(struct fl_predict_evaluation *evaluation);

/* The area under the ROC curve of `score` for `hit`; NAN if all are alike. Sorts a copy. */
double fl_predict_auc(const double *score, const bool *hit, uint32_t count);

#endif
