#include "analytics/predict_evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/contract.h"
#include "core/base/date.h"

#define MONTHS    12
#define RATE_K    4.0
#define WEEK_DAYS 7

/* ---- what naive rules know at an origin --------------------------------------------------------
 */

struct past_day {
    uint32_t customer;
    int32_t days;
};

struct past {
    struct past_day *days; /* settled before the origin, by customer and days */
    int32_t *all;          /* the same, by days alone */
    uint32_t *first;       /* by customer: where its days begin; one more at the end */
    uint32_t count, late;
    double mean;
};

static int past_order(const void *a, const void *b)
{
    const struct past_day *x = a, *y = b;
    if (x->customer != y->customer)
        return x->customer < y->customer ? -1 : 1;
    return (x->days > y->days) - (x->days < y->days);
}

static int day_order(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static void past_free(struct past *past)
{
    free(past->days);
    free(past->all);
    free(past->first);
}

static bool is_settled(const struct fl_predict_row *row, uint16_t before_days)
{
    return row->paid && row->end_days != 0 && row->end_days < before_days;
}

static int32_t days_late(const struct fl_predict_row *row)
{
    return (int32_t)row->end_days - (int32_t)row->due_days;
}

static void past_fill(const struct fl_predict_set *set, uint16_t origin, struct past *out)
{
    for (uint32_t i = 0; i < set->count && set->rows[i].issue_days < origin; i++) {
        const struct fl_predict_row *row = &set->rows[i];
        if (!is_settled(row, origin))
            continue;
        int32_t days = days_late(row);
        out->days[out->count] = (struct past_day){row->customer, days};
        out->all[out->count++] = days;
        out->late += days > 0;
        out->mean += days;
    }
    out->mean = out->count > 0 ? out->mean / out->count : 0;
    qsort(out->days, out->count, sizeof *out->days, past_order);
    qsort(out->all, out->count, sizeof *out->all, day_order);
    uint32_t at = 0;
    for (uint32_t customer = 0; customer <= set->customers; customer++) {
        while (at < out->count && out->days[at].customer < customer)
            at++;
        out->first[customer] = at;
    }
}

static bool past_make(const struct fl_predict_set *set, uint16_t origin, struct past *out)
{
    *out = (struct past){.days = malloc((set->count + 1ul) * sizeof *out->days),
                         .all = malloc((set->count + 1ul) * sizeof *out->all),
                         .first = malloc((set->customers + 2ul) * sizeof *out->first)};
    bool ok = out->days && out->all && out->first;
    if (ok)
        past_fill(set, origin, out);
    return ok;
}

static double past_quantile(const struct past *past, double share)
{
    return past->all[(uint32_t)(share * (past->count - 1) + 0.5)];
}

static double customer_median(const struct past *past, uint32_t customer)
{
    uint32_t from = past->first[customer], to = past->first[customer + 1];
    if (from == to)
        return past_quantile(past, 0.5);
    uint32_t middle = from + (to - from) / 2;
    if ((to - from) % 2 == 1)
        return past->days[middle].days;
    return (past->days[middle - 1].days + past->days[middle].days) / 2.0;
}

/* Late share and mean days, each drawn to that of all by `k` rows. */
static void customer_mean(const struct past *past, uint32_t customer, double k, double *rate,
                          double *days)
{
    uint32_t from = past->first[customer], to = past->first[customer + 1];
    double late = k * past->late / past->count, sum = k * past->mean;
    for (uint32_t i = from; i < to; i++) {
        late += past->days[i].days > 0;
        sum += past->days[i].days;
    }
    *rate = late / (to - from + k);
    *days = sum / (to - from + k);
}

static void naive_answer(const struct past *past, uint32_t customer,
                         struct fl_predict_answer answer[FL_RULE_COUNT])
{
    double rate, days;
    answer[FL_RULE_MAJORITY] = (struct fl_predict_answer){
        (double)past->late / past->count, (float)past_quantile(past, 0.5),
        (float)past_quantile(past, 0.1), (float)past_quantile(past, 0.9)};
    answer[FL_RULE_DUE_DATE] = (struct fl_predict_answer){0, 0, NAN, NAN};
    customer_mean(past, customer, RATE_K, &rate, &days);
    answer[FL_RULE_CUSTOMER_RATE] = (struct fl_predict_answer){rate, (float)days, NAN, NAN};
    bool known = past->first[customer] < past->first[customer + 1];
    customer_mean(past, customer, known ? 0 : 1, &rate, &days);
    answer[FL_RULE_CUSTOMER_MEDIAN] =
        (struct fl_predict_answer){rate, (float)customer_median(past, customer), NAN, NAN};
}

/* ---- figures ----------------------------------------------------------------------------------
 */

struct scored {
    double score;
    bool hit;
};

static int scored_order(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;
    return (x->score > y->score) - (x->score < y->score);
}

/* The mean rank of the hits, ties sharing theirs (Mann-Whitney). */
static double auc_of(struct scored *all, uint32_t count)
{
    double ranks = 0, hits = 0;
    qsort(all, count, sizeof *all, scored_order);
    for (uint32_t i = 0; i < count;) {
        uint32_t j = i, here = 0;
        while (j < count && all[j].score == all[i].score)
            here += all[j++].hit;
        ranks += here * ((double)i + 1 + j) / 2;
        hits += here;
        i = j;
    }
    double misses = count - hits;
    return hits == 0 || misses == 0 ? NAN : (ranks - hits * (hits + 1) / 2) / (hits * misses);
}

double fl_predict_auc(const double *score, const bool *hit, uint32_t count)
{
    struct scored *all = malloc((count + 1ul) * sizeof *all);
    double auc = NAN;
    if (!all)
        return auc;
    for (uint32_t i = 0; i < count; i++)
        all[i] = (struct scored){score[i], hit[i]};
    auc = auc_of(all, count);
    free(all);
    return auc;
}

static void figures_make(const struct fl_predict_set *set, const struct fl_predict_evaluation *e,
                         enum fl_predict_rule rule, bool only_new, struct scored *scratch,
                         struct fl_predict_figures *out)
{
    double right = 0, brier = 0, error = 0, within = 0, intervals = 0;
    uint32_t n = 0, paid = 0;
    for (uint32_t i = 0; i < e->count; i++) {
        const struct fl_predict_answer *a = &e->tests[i].answer[rule];
        int32_t days = days_late(&set->rows[e->tests[i].row]);
        bool late = e->tests[i].open || days > 0;
        if (only_new && !e->tests[i].new_customer)
            continue;
        scratch[n++] = (struct scored){a->p_late, late};
        right += (a->p_late > 0.5) == late;
        brier += (a->p_late - late) * (a->p_late - late);
        if (e->tests[i].open)
            continue;
        paid++;
        error += fabs((double)a->days - days);
        intervals += !isnan(a->days_low);
        within += !isnan(a->days_low) && days >= a->days_low && days <= a->days_high;
    }
    *out = (struct fl_predict_figures){.auc = auc_of(scratch, n),
                                       .accuracy = n > 0 ? right / n : NAN,
                                       .brier = n > 0 ? brier / n : NAN,
                                       .mae_days = paid > 0 ? error / paid : NAN,
                                       .coverage_80 = intervals > 0 ? within / intervals : NAN,
                                       .tests = n,
                                       .paid = paid};
}

static bool figures_all(const struct fl_predict_set *set, struct fl_predict_evaluation *e)
{
    struct scored *scratch = malloc((e->count + 1ul) * sizeof *scratch);
    if (!scratch)
        return false;
    for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++) {
        figures_make(set, e, rule, false, scratch, &e->figures[rule]);
        figures_make(set, e, rule, true, scratch, &e->new_figures[rule]);
    }
    free(scratch);
    return true;
}

/* ---- months -----------------------------------------------------------------------------------
 */

static uint16_t month_first(uint16_t day, int months)
{
    struct fl_civil civil = fl_date_to_civil(day);
    int month = civil.year * 12 + civil.month - 1 + months;
    uint16_t first = fl_date_from_civil(month / 12, (unsigned)(month % 12 + 1), 1);
    return first == FL_DATE_NONE ? 1 : first;
}

/* E2 */
static bool is_test(const struct fl_predict_row *row, uint16_t as_of)
{
    bool open = row->end_days == 0 || row->end_days > as_of;
    return row->test && (is_settled(row, (uint16_t)(as_of + 1)) || (open && row->due_days < as_of));
}

static bool disputed_ever(const struct fl_predict_row *row)
{
    return row->disputed_days != 0 && (row->end_days == 0 || row->disputed_days <= row->end_days);
}

static void additive_answer(const struct fl_predict_model *model, const struct fl_predict_row *row,
                            struct fl_predict_answer *out)
{
    struct fl_prediction p;
    fl_predict_score(model, row, 0, model->with_dispute && disputed_ever(row), &p);
    *out =
        (struct fl_predict_answer){p.p_late, (float)p.days, (float)p.days_low, (float)p.days_high};
}

struct origin {
    struct past past;
    struct fl_predict_model additive, dispute;
};

static enum fl_status origin_make(const struct fl_predict_set *set, uint16_t day,
                                  struct origin *out)
{
    *out = (struct origin){.past = {.count = 0}};
    if (!past_make(set, day, &out->past))
        return FL_NO_MEMORY;
    FL_TRY(fl_predict_fit(set, day, false, &out->additive));
    return fl_predict_fit(set, day, true, &out->dispute);
}

static void origin_free(struct origin *origin)
{
    past_free(&origin->past);
    fl_predict_free(&origin->additive);
    fl_predict_free(&origin->dispute);
}

static void month_judge(const struct fl_predict_set *set, const struct origin *origin,
                        uint16_t from, uint16_t to, uint16_t as_of, struct fl_predict_evaluation *e)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const struct fl_predict_row *row = &set->rows[i];
        if (row->issue_days < from || row->issue_days >= to || row->issue_days > as_of)
            continue;
        e->left_out += row->test && !is_test(row, as_of);
        if (!is_test(row, as_of))
            continue;
        struct fl_predict_test *test = &e->tests[e->count++];
        *test = (struct fl_predict_test){.row = i, .origin_days = from};
        test->open = !is_settled(row, (uint16_t)(as_of + 1));
        test->new_customer = fl_predict_seen(&origin->additive, row->customer) == 0;
        naive_answer(&origin->past, row->customer, test->answer);
        additive_answer(&origin->additive, row, &test->answer[FL_RULE_ADDITIVE]);
        additive_answer(&origin->dispute, row, &test->answer[FL_RULE_ADDITIVE_DISPUTE]);
    }
}

static enum fl_status months_judge(const struct fl_predict_set *set, uint16_t as_of,
                                   struct fl_predict_evaluation *e)
{
    for (int month = 0; month < MONTHS; month++) {
        uint16_t from = month_first(e->from_days, month), to = month_first(e->from_days, month + 1);
        struct origin origin;
        if (from > e->to_days)
            break;
        enum fl_status status = origin_make(set, from, &origin);
        if (status == FL_OK) {
            month_judge(set, &origin, from, to, as_of, e);
            e->origins++;
        }
        origin_free(&origin);
        if (status != FL_OK && status != FL_NOTHING_OPEN)
            return status;
    }
    return e->count > 0 ? FL_OK : FL_NOTHING_OPEN;
}

/* ---- Mondays ----------------------------------------------------------------------------------
 */

/* Invoices on Mondays: what each rule said of "within 7 days". */
struct weeks {
    struct scored *scored[FL_RULE_COUNT];
    uint32_t count, capacity;
    double apart[FL_RULE_COUNT], came;
};

static bool weeks_grow(struct weeks *w)
{
    uint32_t capacity = w->capacity ? 2 * w->capacity : 4096;
    for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++) {
        struct scored *more = realloc(w->scored[rule], capacity * sizeof *more);
        if (!more)
            return false;
        w->scored[rule] = more;
    }
    w->capacity = capacity;
    return true;
}

static void weeks_free(struct weeks *w)
{
    for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++)
        free(w->scored[rule]);
}

/* score: the sooner the higher. share: of the amount, expected within the week; what a naive rule
 * expects before today it expects today. */
static void week_answers(const struct origin *origin, const struct fl_predict_row *row,
                         uint16_t monday, double score[FL_RULE_COUNT], double share[FL_RULE_COUNT])
{
    const struct past *past = &origin->past;
    double rate, mean;
    customer_mean(past, row->customer, RATE_K, &rate, &mean);
    const double expected[] = {[FL_RULE_MAJORITY] = past_quantile(past, 0.5),
                               [FL_RULE_DUE_DATE] = 0,
                               [FL_RULE_CUSTOMER_RATE] = mean,
                               [FL_RULE_CUSTOMER_MEDIAN] = customer_median(past, row->customer)};
    for (unsigned rule = 0; rule <= FL_RULE_CUSTOMER_MEDIAN; rule++) {
        double ahead = row->due_days + expected[rule] - monday;
        score[rule] = -ahead;
        share[rule] = ahead <= WEEK_DAYS;
    }
    bool disputed = row->disputed_days != 0 && row->disputed_days <= monday;
    score[FL_RULE_ADDITIVE] =
        fl_predict_paid_within(&origin->additive, row, monday, false, WEEK_DAYS);
    score[FL_RULE_ADDITIVE_DISPUTE] =
        fl_predict_paid_within(&origin->dispute, row, monday, disputed, WEEK_DAYS);
    share[FL_RULE_ADDITIVE] = score[FL_RULE_ADDITIVE];
    share[FL_RULE_ADDITIVE_DISPUTE] = score[FL_RULE_ADDITIVE_DISPUTE];
}

static bool monday_judge(const struct fl_predict_set *set, const struct origin *origin,
                         uint16_t monday, uint8_t currency, struct weeks *w)
{
    double came = 0, expected[FL_RULE_COUNT] = {0};
    for (uint32_t i = 0; i < set->count && set->rows[i].issue_days <= monday; i++) {
        const struct fl_predict_row *row = &set->rows[i];
        double score[FL_RULE_COUNT], share[FL_RULE_COUNT];
        if (!row->test || (row->end_days != 0 && (row->end_days <= monday || !row->paid)))
            continue;
        if (w->count == w->capacity && !weeks_grow(w))
            return false;
        bool hit = is_settled(row, (uint16_t)(monday + WEEK_DAYS + 1));
        double amount = row->currency == currency ? (double)row->amount_minor : 0;
        week_answers(origin, row, monday, score, share);
        for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++) {
            w->scored[rule][w->count] = (struct scored){score[rule], hit};
            expected[rule] += amount * share[rule];
        }
        came += hit ? amount : 0;
        w->count++;
    }
    for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++)
        w->apart[rule] += fabs(expected[rule] - came);
    w->came += came;
    return true;
}

/* 1970-01-01, day 1, was a Thursday. */
static uint16_t next_monday(uint16_t day)
{
    unsigned since_monday = (day + 2u) % 7;
    return (uint16_t)(day + (7 - since_monday) % 7);
}

static enum fl_status mondays_judge(const struct fl_predict_set *set, uint16_t as_of,
                                    struct fl_predict_evaluation *e)
{
    struct weeks w = {.count = 0};
    enum fl_status status = FL_OK;
    uint16_t end = month_first(e->to_days, 1);
    for (uint16_t monday = next_monday(e->from_days);
         monday < end && monday + WEEK_DAYS <= as_of &&
         (status == FL_OK || status == FL_NOTHING_OPEN);
         monday = (uint16_t)(monday + WEEK_DAYS)) {
        struct origin origin;
        status = origin_make(set, (uint16_t)(monday + 1), &origin);
        if (status == FL_OK && !monday_judge(set, &origin, monday, e->currency, &w))
            status = FL_NO_MEMORY;
        e->mondays += status == FL_OK;
        origin_free(&origin);
    }
    for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++)
        e->week[rule] = (struct fl_predict_week_figures){
            auc_of(w.scored[rule], w.count), w.came > 0 ? w.apart[rule] / w.came : NAN, w.count};
    weeks_free(&w);
    return status == FL_NOTHING_OPEN ? FL_OK : status;
}

/* ---- all of it --------------------------------------------------------------------------------
 */

/* The months that are judged, and the currency of most tests. */
static bool window_find(const struct fl_predict_set *set, uint16_t as_of,
                        struct fl_predict_evaluation *e)
{
    uint32_t by_currency[FL_CURRENCY_COUNT] = {0};
    uint16_t first = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct fl_predict_row *row = &set->rows[i];
        if (!is_test(row, as_of))
            continue;
        first = first == 0 ? row->issue_days : first;
        e->to_days = row->issue_days;
        if (++by_currency[row->currency] > by_currency[e->currency])
            e->currency = row->currency;
    }
    if (first == 0)
        return false;
    uint16_t earliest = month_first(e->to_days, 1 - MONTHS);
    e->from_days = month_first(first, 0);
    e->from_days = e->from_days < earliest ? earliest : e->from_days;
    return true;
}

enum fl_status fl_predict_evaluate(const struct fl_predict_set *set, uint16_t as_of_days,
                                   struct fl_predict_evaluation *out)
{
    *out = (struct fl_predict_evaluation){.origins = 0};
    if (!window_find(set, as_of_days, out))
        return FL_NOTHING_OPEN;
    out->tests = malloc(set->count * sizeof *out->tests);
    enum fl_status status = out->tests ? months_judge(set, as_of_days, out) : FL_NO_MEMORY;
    if (status == FL_OK)
        status = mondays_judge(set, as_of_days, out);
    if (status == FL_OK && !figures_all(set, out))
        status = FL_NO_MEMORY;
    if (status != FL_OK)
        fl_predict_evaluation_free(out);
    return status;
}

void fl_predict_evaluation_free(struct fl_predict_evaluation *evaluation)
{
    free(evaluation->tests);
    *evaluation = (struct fl_predict_evaluation){.origins = 0};
}
