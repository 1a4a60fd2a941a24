/* predict_model.h - who will pay late: additive effects with shrinkage, and the distribution of
 * what they miss.
 *
 *   days late = mean + segment's parts + customer + customer lately + terms + amount
 *               + weekday of the due day [+ disputed] + rest
 *
 * An effect is the sum of what is left of its rows / (their number + k): few rows move it little,
 * none leaves it 0, so a new customer is its segment, and without one the mean. Effects are fitted
 * in turns, a few times around. The rest is kept as a distribution (Kaplan-Meier), cut at an open
 * invoice's present age: "still open today" is the strongest fact.
 *
 *   M1  A fit at an origin reads nothing dated on or after it: not a payment, not a dispute, not an
 *       invoice.
 *   M2  An invoice still open at the origin, or that left unpaid (credited, written off), is
 *       censored: neither dropped nor late. Its days are what the distribution expects beyond its
 *       age, in turns with the fit.
 *   M3  The rest of a settled row is taken as if its customer had been fitted without it (rest / (1
 *       - leverage)), else intervals come out narrow where customers have few rows.
 *   M4  Beyond the point where a twentieth of the rows is left the distribution goes on as Pareto's,
 *       at the rate at which those were paid: an invoice older than anything paid has a future too,
 *       and the older, the longer it takes. What never was paid in its time holds the rate down.
 *   M5  The rest is scaled by the customer's own spread, shrunk likewise: who pays to the day has a
 *       narrow interval.
 *   M6  The reasons are the effects themselves: they add up to the expected days, before the cut.
 *   M7  A rest pulls on an effect no harder than three mean rests: one invoice paid a year late is
 *       a fact of its own, not the habit of its customer.
 *   M8  The distribution of a customer is a mixture of all rests and its own, which weighs more the
 *       more rows it has: some always pay on a Thursday, and no mean says so.
 *
 * No date enters as a number. The latest FL_PREDICT_HISTORY rows before the origin are read, no
 * more.
 *
 * Pure: rows in, figures out. Thread: any. Memory: malloc, some 80 bytes a row while fitting. Cost:
 * about 1 us a row.
 */
#ifndef FLORIN_ANALYTICS_PREDICT_MODEL_H
#define FLORIN_ANALYTICS_PREDICT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/currency.h"
#include "core/base/status.h"

#define FL_PREDICT_PARTS       3
#define FL_PREDICT_NO_PART     UINT32_MAX
#define FL_PREDICT_HISTORY     1000000
#define FL_PREDICT_AMOUNT_BINS 5
#define FL_PREDICT_TERMS_BINS  6

/* One invoice. */
struct fl_predict_row {
    int64_t amount_minor;
    uint32_t customer;               /* 0 .. set.customers - 1 */
    uint32_t part[FL_PREDICT_PARTS]; /* of its segment at issue: 0 .. set.parts - 1, or none */
    uint32_t invoice;                /* the caller's */
    uint16_t issue_days, due_days;
    uint16_t end_days;      /* the day it was closed; 0: open */
    uint16_t disputed_days; /* the day of its first dispute; 0: none */
    uint16_t terms_days;    /* due - issue; FL_PREDICT_NO_TERMS where the issue day is not known */
    uint8_t currency;
    bool paid; /* closed by cash: end_days is a payment */
    bool test; /* evaluation: counts (predict_evaluate.h) */
};
#define FL_PREDICT_NO_TERMS UINT16_MAX

struct fl_predict_set {
    struct fl_predict_row *rows; /* by issue day */
    uint32_t count, customers, parts;
};

enum fl_predict_factor {
    FL_FACTOR_PART_1,
    FL_FACTOR_PART_2,
    FL_FACTOR_PART_3,
    FL_FACTOR_CUSTOMER,
    FL_FACTOR_RECENT, /* the customer's last 120 days before the origin */
    FL_FACTOR_TERMS,
    FL_FACTOR_AMOUNT,
    FL_FACTOR_WEEKDAY, /* that the due day is */
    FL_FACTOR_DISPUTE,
    FL_FACTOR_COUNT
};
static_assert(FL_FACTOR_PART_3 - FL_FACTOR_PART_1 + 1 == FL_PREDICT_PARTS, "a factor a part");

struct fl_predict_model {
    uint16_t origin_days;
    bool with_dispute;
    uint32_t rows, settled; /* that it was fitted on */
    double mean_days;
    double *effect;                                     /* by level */
    uint32_t *seen;                                     /* rows of a level */
    double *spread;                                     /* by customer */
    uint32_t first_level[FL_FACTOR_COUNT + 1];          /* of a factor */
    int64_t (*amount_edge)[FL_PREDICT_AMOUNT_BINS - 1]; /* by currency */
    double *rest, *survival; /* P(rest > rest[i]) = survival[i]; rest rises */
    double *beyond;          /* the mean of what lies above rest[i] */
    uint32_t steps;
    uint32_t *own_first; /* by customer: where its steps begin (M8); one more at the end */
    double *own_rest, *own_survival;
    double cut, cut_survival, excess; /* M4 */
};

/* FL_NO_MEMORY; FL_NOTHING_OPEN if nothing was settled before the origin. fl_predict_free
 * afterwards. */
enum fl_status fl_predict_fit(const struct fl_predict_set *set, uint16_t origin_days,
                              bool with_dispute, struct fl_predict_model *out);
void fl_predict_free(struct fl_predict_model *model);

struct fl_predict_reason {
    enum fl_predict_factor factor;
    double days;
    uint32_t rows; /* it rests on */
};

struct fl_prediction {
    double p_late, p_paid_7, p_paid_14, p_paid_30; /* within so many days of the as-of day */
    double days, days_low, days_high;              /* after the due date: median, 10 % and 90 % */
    double center_days;                            /* mean + effects: what the reasons add up to */
    double days_at_issue;                          /* the median without the cut at its age */
    struct fl_predict_reason reasons[FL_FACTOR_COUNT]; /* the largest first; none of 0 */
    unsigned reason_count;
};

/* Of an invoice that is open at the end of `as_of_days`; 0: at issue, nothing known of its age.
 * `disputed`: by now. */
void fl_predict_score(const struct fl_predict_model *model, const struct fl_predict_row *row,
                      uint16_t as_of_days, bool disputed, struct fl_prediction *out);
/* P(paid within `days` days of the as-of day), of the same. */
double fl_predict_paid_within(const struct fl_predict_model *model,
                              const struct fl_predict_row *row, uint16_t as_of_days, bool disputed,
                              int days);
/* Rows of the customer in the fit: 0 is a new one. */
uint32_t fl_predict_seen(const struct fl_predict_model *model, uint32_t customer);

#endif
