#include "analytics/predict_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/contract.h"

#define NO_LEVEL    UINT32_MAX
#define RECENT_DAYS 120
#define TURNS       3    /* of censored rows and fit (M2) */
#define ROUNDS      5    /* of the effects within a turn */
#define CLIP        3.0  /* mean absolute rests (M7) */
#define OWN_K       40.0 /* rows the shape of all weighs against a customer's own (M8) */
#define SPREAD_K    8.0  /* rows the spread of all weighs (M5) */
#define TAIL_SHARE  0.05 /* M4 */
#define TAIL_SHAPE  3.0  /* M4 */
#define EXCESS_MIN                                                                                 \
    1.0 /* mean absolute rests: where all that is known ends with some still open                  \
         */
#define ROUNDING 1e-9

/* How many rows the mean weighs against a level's own. These and the numbers above were set by
 * hand, some twenty settings looked at, on the two ledgers that the README quotes: the figures
 * there owe them something (AUC 0.754 to 0.773 on the real one), and are no held-out result. */
static const double shrink[FL_FACTOR_COUNT] = {20, 20, 20, 4, 8, 20, 20, 20, 20};

struct item {
    double value;
    uint32_t customer;
    bool observed;
};

struct fit {
    const struct fl_predict_set *set;
    struct fl_predict_model *model;
    uint32_t first, count; /* rows of the set */
    uint32_t (*level)[FL_FACTOR_COUNT];
    double *days, *center, *sum;
    bool *observed;
    struct item *items;
    double clip; /* M7: a rest pulls no harder than this */
};

/* ---- levels ---------------------------------------------------------------------------------- */

static uint32_t terms_bin(uint16_t days)
{
    static const uint16_t to[FL_PREDICT_TERMS_BINS - 1] = {7, 14, 30, 45, 60};
    uint32_t bin = 0;
    while (bin < FL_PREDICT_TERMS_BINS - 1 && days > to[bin])
        bin++;
    return bin;
}

static uint32_t amount_bin(const struct fl_predict_model *m, const struct fl_predict_row *row)
{
    uint32_t bin = 0;
    while (bin < FL_PREDICT_AMOUNT_BINS - 1 &&
           row->amount_minor >= m->amount_edge[row->currency][bin])
        bin++;
    return bin;
}

static void levels_of(const struct fl_predict_model *m, const struct fl_predict_row *row,
                      bool disputed, uint32_t out[FL_FACTOR_COUNT])
{
    for (unsigned i = 0; i < FL_PREDICT_PARTS; i++)
        out[i] = row->part[i] == FL_PREDICT_NO_PART ? NO_LEVEL : m->first_level[i] + row->part[i];
    out[FL_FACTOR_CUSTOMER] = m->first_level[FL_FACTOR_CUSTOMER] + row->customer;
    bool recent = row->issue_days + RECENT_DAYS >= m->origin_days;
    out[FL_FACTOR_RECENT] = recent ? m->first_level[FL_FACTOR_RECENT] + row->customer : NO_LEVEL;
    bool terms = row->terms_days != FL_PREDICT_NO_TERMS;
    out[FL_FACTOR_TERMS] =
        terms ? m->first_level[FL_FACTOR_TERMS] + terms_bin(row->terms_days) : NO_LEVEL;
    out[FL_FACTOR_AMOUNT] = m->first_level[FL_FACTOR_AMOUNT] + amount_bin(m, row);
    out[FL_FACTOR_WEEKDAY] = m->first_level[FL_FACTOR_WEEKDAY] + row->due_days % 7u;
    out[FL_FACTOR_DISPUTE] =
        m->with_dispute ? m->first_level[FL_FACTOR_DISPUTE] + disputed : NO_LEVEL;
}

static void levels_place(struct fl_predict_model *m, const struct fl_predict_set *set)
{
    const uint32_t sizes[FL_FACTOR_COUNT] = {[FL_FACTOR_PART_1] = set->parts,
                                             [FL_FACTOR_PART_2] = set->parts,
                                             [FL_FACTOR_PART_3] = set->parts,
                                             [FL_FACTOR_CUSTOMER] = set->customers,
                                             [FL_FACTOR_RECENT] = set->customers,
                                             [FL_FACTOR_TERMS] = FL_PREDICT_TERMS_BINS,
                                             [FL_FACTOR_AMOUNT] = FL_PREDICT_AMOUNT_BINS,
                                             [FL_FACTOR_WEEKDAY] = 7,
                                             [FL_FACTOR_DISPUTE] = 2};
    for (unsigned i = 0; i < FL_FACTOR_COUNT; i++)
        m->first_level[i + 1] = m->first_level[i] + sizes[i];
}

static int amount_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Fifths of the amounts of each currency. */
static bool amount_edges(struct fit *f)
{
    int64_t *amounts = malloc(f->count * sizeof *amounts);
    if (!amounts)
        return false;
    for (unsigned currency = 0; currency < FL_CURRENCY_COUNT; currency++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < f->count; i++) {
            if (f->set->rows[f->first + i].currency == currency)
                amounts[count++] = f->set->rows[f->first + i].amount_minor;
        }
        if (count == 0)
            continue;
        qsort(amounts, count, sizeof *amounts, amount_order);
        for (unsigned k = 1; k < FL_PREDICT_AMOUNT_BINS; k++)
            f->model->amount_edge[currency][k - 1] =
                amounts[(uint64_t)count * k / FL_PREDICT_AMOUNT_BINS];
    }
    free(amounts);
    return true;
}

/* ---- the rest's distribution ------------------------------------------------------------------
 */

/* P(rest > x): between two steps a straight line, beyond the cut Pareto's tail (M4). */
static double survival_at(const struct fl_predict_model *m, double x)
{
    uint32_t low = 0, high = m->steps;
    if (x >= m->cut)
        return m->cut_survival *
               pow(1 + (x - m->cut) / ((TAIL_SHAPE - 1) * m->excess), -TAIL_SHAPE);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (m->rest[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 1;
    double from = m->rest[low - 1], to = low < m->steps ? m->rest[low] : m->cut;
    double s = m->survival[low - 1], next = low < m->steps ? m->survival[low] : m->cut_survival;
    return to > from ? s + (next - s) * (x - from) / (to - from) : s;
}

static int item_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (int)y->observed - (int)x->observed; /* what ended on a day was open before it */
}

/* Kaplan-Meier: at each value, of those still there, the share that ended. Returns the steps. */
static uint32_t steps_make(const struct item *items, uint32_t count, double *rest, double *survival)
{
    double left = 1;
    uint32_t steps = 0;
    for (uint32_t i = 0; i < count;) {
        uint32_t j = i, ended = 0;
        while (j < count && items[j].value == items[i].value)
            ended += items[j++].observed;
        if (ended > 0) {
            left -= left * ended / (count - i);
            rest[steps] = items[i].value;
            survival[steps++] = left < ROUNDING ? 0 : left;
        }
        i = j;
    }
    return steps;
}

static int own_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->customer != y->customer)
        return x->customer < y->customer ? -1 : 1;
    return item_order(a, b);
}

/* M8: the same, customer by customer. */
static void own_make(struct fl_predict_model *m, struct item *items, uint32_t count,
                     uint32_t customers)
{
    uint32_t at = 0, place = 0;
    qsort(items, count, sizeof *items, own_order);
    for (uint32_t customer = 0; customer < customers; customer++) {
        uint32_t from = at;
        while (at < count && items[at].customer == customer)
            at++;
        m->own_first[customer] = place;
        place += steps_make(items + from, at - from, m->own_rest + place, m->own_survival + place);
    }
    m->own_first[customers] = place;
}

/* A step function: before its first step 1; what is left after its last, still open the last time
 * that was known, goes on as all do. */
static double own_survival(const struct fl_predict_model *m, uint32_t customer, double x)
{
    uint32_t first = m->own_first[customer], low = first, high = m->own_first[customer + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (m->own_rest[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == first)
        return 1;
    double left = m->own_survival[low - 1], last = m->own_rest[low - 1];
    if (low < m->own_first[customer + 1] || left == 0)
        return left;
    return left * survival_at(m, x) / fmax(survival_at(m, last), 1e-12);
}

/* M4: the cut is where a twentieth of the rows is left, paid or not; beyond it those pay at the
 * rate that they were seen to: all their days over how many of them were paid. */
static void tail_make(struct fl_predict_model *m, const struct item *items, uint32_t count)
{
    uint32_t at = 0, left = (uint32_t)(TAIL_SHARE * count), paid = 0;
    double exposure = 0, cut = items[count - 1 - left].value;
    while (at + 1 < m->steps && m->rest[at + 1] <= cut)
        at++;
    m->steps = at + 1;
    m->cut = m->rest[at];
    m->cut_survival = fmax(m->survival[at], 1e-6);
    for (uint32_t i = count; i-- > 0 && items[i].value > m->cut;) {
        exposure += items[i].value - m->cut;
        paid += items[i].observed;
    }
    m->excess = fmax(exposure / (paid > 0 ? paid : 1), EXCESS_MIN);
    double mass = m->cut_survival, moment = mass * (m->cut + m->excess);
    for (uint32_t i = m->steps; i-- > 0;) {
        m->beyond[i] = moment / mass;
        double step = (i > 0 ? m->survival[i - 1] : 1) - m->survival[i];
        mass += step;
        moment += step * m->rest[i];
    }
}

/* The mean of the rests above x. */
static double mean_beyond(const struct fl_predict_model *m, double x)
{
    uint32_t low = 0, high = m->steps;
    if (x >= m->cut)
        return x + m->excess + (x - m->cut) / (TAIL_SHAPE - 1);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (m->rest[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return m->rest[0] + (m->beyond[0] - m->rest[0]) * m->survival[0];
    return fmax(m->beyond[low - 1], x);
}

/* ---- fitting ----------------------------------------------------------------------------------
 */

/* How late a row is for sure: of a settled one exactly, of a censored one at least. */
static double age_of(const struct fit *f, const struct fl_predict_row *row)
{
    uint16_t last = (uint16_t)(f->model->origin_days - 1);
    if (row->end_days != 0 && row->end_days < last)
        last = row->end_days;
    return (double)last - row->due_days;
}

static void rows_take(struct fit *f)
{
    struct fl_predict_model *m = f->model;
    for (uint32_t i = 0; i < f->count; i++) {
        const struct fl_predict_row *row = &f->set->rows[f->first + i];
        bool disputed = row->disputed_days != 0 && row->disputed_days < m->origin_days;
        f->observed[i] = row->paid && row->end_days != 0 && row->end_days < m->origin_days;
        f->days[i] = f->observed[i] ? (double)row->end_days - row->due_days : age_of(f, row);
        m->settled += f->observed[i];
        levels_of(m, row, disputed, f->level[i]);
    }
}

static void mean_take(struct fit *f, bool all)
{
    double sum = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->observed[i] || all) {
            sum += f->days[i];
            count++;
        }
    }
    f->model->mean_days = sum / count;
    for (uint32_t i = 0; i < f->count; i++)
        f->center[i] = f->model->mean_days;
    memset(f->model->effect, 0, f->model->first_level[FL_FACTOR_COUNT] * sizeof(double));
}

/* By what was paid: what is thought of the others must not widen what they may pull. */
static void clip_set(struct fit *f)
{
    double sum = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->observed[i])
            sum += fabs(f->days[i] - f->center[i]);
    }
    f->clip = fmax(CLIP * sum / f->model->settled, 1);
}

/* One factor anew, the others as they stand. */
static void factor_fit(struct fit *f, unsigned factor, bool all)
{
    struct fl_predict_model *m = f->model;
    uint32_t from = m->first_level[factor], to = m->first_level[factor + 1];
    memset(f->sum + from, 0, (to - from) * sizeof *f->sum);
    memset(m->seen + from, 0, (to - from) * sizeof *m->seen);
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t level = f->level[i][factor];
        if (level != NO_LEVEL && (f->observed[i] || all)) {
            double rest = f->days[i] - f->center[i];
            f->sum[level] += fmin(fmax(rest, -f->clip), f->clip) + m->effect[level];
            m->seen[level]++;
        }
    }
    for (uint32_t level = from; level < to; level++)
        f->sum[level] /= m->seen[level] + shrink[factor];
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t level = f->level[i][factor];
        if (level != NO_LEVEL)
            f->center[i] += f->sum[level] - m->effect[level];
    }
    memcpy(m->effect + from, f->sum + from, (to - from) * sizeof *f->sum);
}

/* M3 */
static double rest_of(const struct fit *f, uint32_t i)
{
    uint32_t customer = f->level[i][FL_FACTOR_CUSTOMER];
    double rest = f->days[i] - f->center[i];
    double leverage = 1 / (f->model->seen[customer] + shrink[FL_FACTOR_CUSTOMER]);
    return f->observed[i] ? rest / (1 - leverage) : rest;
}

/* M5: the customer's root mean square of settled rests, drawn to that of all. */
static void spreads_make(struct fit *f)
{
    struct fl_predict_model *m = f->model;
    uint32_t base = m->first_level[FL_FACTOR_CUSTOMER];
    double all = 0;
    memset(f->sum, 0, f->set->customers * sizeof *f->sum);
    memset(m->spread, 0, f->set->customers * sizeof *m->spread);
    for (uint32_t i = 0; i < f->count; i++) {
        if (!f->observed[i])
            continue;
        uint32_t customer = f->level[i][FL_FACTOR_CUSTOMER] - base;
        double rest = fabs(rest_of(f, i));
        all += rest / m->settled;
        m->spread[customer] += rest;
        f->sum[customer] += 1;
    }
    all = fmax(all, 1.0 / 4);
    for (uint32_t customer = 0; customer < f->set->customers; customer++)
        m->spread[customer] =
            (m->spread[customer] + SPREAD_K * all) / ((f->sum[customer] + SPREAD_K) * all);
}

static double spread_of(const struct fl_predict_model *m, const uint32_t level[FL_FACTOR_COUNT])
{
    return m->spread[level[FL_FACTOR_CUSTOMER] - m->first_level[FL_FACTOR_CUSTOMER]];
}

static void distribution_fit(struct fit *f)
{
    struct fl_predict_model *m = f->model;
    spreads_make(f);
    for (uint32_t i = 0; i < f->count; i++) {
        double age = age_of(f, &f->set->rows[f->first + i]);
        double rest = f->observed[i] ? rest_of(f, i) : age - f->center[i];
        f->items[i] = (struct item){rest / spread_of(m, f->level[i]),
                                    f->set->rows[f->first + i].customer, f->observed[i]};
    }
    qsort(f->items, f->count, sizeof *f->items, item_order);
    m->steps = steps_make(f->items, f->count, m->rest, m->survival);
    tail_make(m, f->items, f->count);
}

static void censored_expect(struct fit *f)
{
    struct fl_predict_model *m = f->model;
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->observed[i])
            continue;
        double spread = spread_of(m, f->level[i]);
        double age = age_of(f, &f->set->rows[f->first + i]);
        double rest = spread * mean_beyond(m, (age - f->center[i]) / spread);
        f->days[i] = f->center[i] + fmin(rest, f->clip);
    }
}

static void turns_run(struct fit *f)
{
    for (unsigned turn = 0; turn <= TURNS; turn++) {
        mean_take(f, turn > 0);
        for (unsigned round = 0; round < ROUNDS; round++) {
            clip_set(f);
            for (unsigned factor = 0; factor < FL_FACTOR_COUNT; factor++)
                factor_fit(f, factor, turn > 0);
        }
        distribution_fit(f);
        if (turn < TURNS)
            censored_expect(f);
    }
    own_make(f->model, f->items, f->count, f->set->customers);
}

/* The rows issued before the origin, the latest of them (M1). */
static void rows_choose(struct fit *f)
{
    uint32_t low = 0, high = f->set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (f->set->rows[middle].issue_days < f->model->origin_days)
            low = middle + 1;
        else
            high = middle;
    }
    f->first = low > FL_PREDICT_HISTORY ? low - FL_PREDICT_HISTORY : 0;
    f->count = low - f->first;
    f->model->rows = f->count;
}

static bool memory_take(struct fit *f)
{
    struct fl_predict_model *m = f->model;
    uint32_t levels = m->first_level[FL_FACTOR_COUNT];
    m->effect = calloc(levels, sizeof *m->effect);
    m->seen = calloc(levels, sizeof *m->seen);
    m->spread = calloc(f->set->customers + 1ul, sizeof *m->spread);
    m->amount_edge = calloc(FL_CURRENCY_COUNT, sizeof *m->amount_edge);
    m->rest = malloc((f->count + 1ul) * sizeof *m->rest);
    m->survival = malloc((f->count + 1ul) * sizeof *m->survival);
    m->beyond = malloc((f->count + 1ul) * sizeof *m->beyond);
    m->own_first = malloc((f->set->customers + 1ul) * sizeof *m->own_first);
    m->own_rest = malloc((f->count + 1ul) * sizeof *m->own_rest);
    m->own_survival = malloc((f->count + 1ul) * sizeof *m->own_survival);
    f->level = malloc((f->count + 1ul) * sizeof *f->level);
    f->days = malloc((f->count + 1ul) * sizeof *f->days);
    f->center = malloc((f->count + 1ul) * sizeof *f->center);
    f->observed = malloc(f->count + 1ul);
    f->items = malloc((f->count + 1ul) * sizeof *f->items);
    f->sum = malloc(levels * sizeof *f->sum);
    return m->effect && m->seen && m->spread && m->amount_edge && m->rest && m->survival &&
           m->beyond && m->own_first && m->own_rest && m->own_survival && f->level && f->days &&
           f->center && f->observed && f->items && f->sum;
}

static void memory_give_back(struct fit *f)
{
    free(f->level);
    free(f->days);
    free(f->center);
    free(f->observed);
    free(f->items);
    free(f->sum);
}

enum fl_status fl_predict_fit(const struct fl_predict_set *set, uint16_t origin_days,
                              bool with_dispute, struct fl_predict_model *out)
{
    struct fit f = {.set = set, .model = out};
    enum fl_status status = FL_OK;
    FL_ASSERT(origin_days > 0);
    *out = (struct fl_predict_model){.origin_days = origin_days, .with_dispute = with_dispute};
    rows_choose(&f);
    levels_place(out, set);
    if (!memory_take(&f) || !amount_edges(&f)) {
        status = FL_NO_MEMORY;
    } else {
        rows_take(&f);
        status = out->settled == 0 ? FL_NOTHING_OPEN : FL_OK;
    }
    if (status == FL_OK)
        turns_run(&f);
    else
        fl_predict_free(out);
    memory_give_back(&f);
    return status;
}

void fl_predict_free(struct fl_predict_model *m)
{
    free(m->effect);
    free(m->seen);
    free(m->spread);
    free(m->amount_edge);
    free(m->rest);
    free(m->survival);
    free(m->beyond);
    free(m->own_first);
    free(m->own_rest);
    free(m->own_survival);
    *m = (struct fl_predict_model){.origin_days = 0};
}

/* ---- scoring ----------------------------------------------------------------------------------
 */

/* What is known of a row: its center and spread, and how late it is at least. */
struct view {
    double center, spread;
    uint32_t customer;
    double own;  /* weight of the customer's own distribution (M8) */
    double age;  /* days after the due date at the end of the as-of day */
    double here; /* P(still open at that age) */
};

/* M8 */
static double mixed(const struct fl_predict_model *m, const struct view *v, double rest)
{
    return v->own * own_survival(m, v->customer, rest) + (1 - v->own) * survival_at(m, rest);
}

static double view_survival(const struct fl_predict_model *m, const struct view *v, double days)
{
    return mixed(m, v, (days - v->center) / v->spread) / v->here;
}

/* A whole day counts from its middle: late is a day late or more, so P(days > 0.5). */
static struct view view_of(const struct fl_predict_model *m, const struct fl_predict_row *row,
                           uint16_t as_of_days, bool disputed)
{
    struct view v = {.center = m->mean_days, .here = 1};
    uint32_t level[FL_FACTOR_COUNT];
    levels_of(m, row, disputed, level);
    for (unsigned i = 0; i < FL_FACTOR_COUNT; i++)
        v.center += level[i] == NO_LEVEL ? 0 : m->effect[level[i]];
    v.spread = spread_of(m, level);
    v.customer = row->customer;
    uint32_t rows = m->own_first[row->customer + 1] > m->own_first[row->customer]
                        ? m->seen[level[FL_FACTOR_CUSTOMER]]
                        : 0;
    v.own = rows / (rows + OWN_K);
    if (as_of_days != 0) {
        v.age = (double)as_of_days - row->due_days;
        v.here = fmax(mixed(m, &v, (v.age + 0.5 - v.center) / v.spread), 1e-300);
    }
    return v;
}

static void reasons_make(const struct fl_predict_model *m, const struct fl_predict_row *row,
                         bool disputed, struct fl_prediction *out)
{
    uint32_t level[FL_FACTOR_COUNT];
    levels_of(m, row, disputed, level);
    for (unsigned factor = 0; factor < FL_FACTOR_COUNT; factor++) {
        if (level[factor] == NO_LEVEL || m->effect[level[factor]] == 0)
            continue;
        struct fl_predict_reason reason = {factor, m->effect[level[factor]],
                                           m->seen[level[factor]]};
        unsigned at = out->reason_count++;
        for (; at > 0 && fabs(out->reasons[at - 1].days) < fabs(reason.days); at--)
            out->reasons[at] = out->reasons[at - 1];
        out->reasons[at] = reason;
    }
}

/* The days within which it is paid with that probability, by halving: the mixture has no inverse of
 * its own. */
static double days_at(const struct fl_predict_model *m, const struct view *v, double share)
{
    double low = m->rest[0] - 1, high = m->cut, want = v->here * (1 - share);
    for (double step = m->excess; mixed(m, v, high) > want && step < 1e6; step *= 2)
        high += step;
    for (unsigned i = 0; i < 50; i++) {
        double middle = (low + high) / 2;
        if (mixed(m, v, middle) > want)
            low = middle;
        else
            high = middle;
    }
    return v->center + v->spread * high;
}

static double uncut_median(const struct fl_predict_model *m, struct view v)
{
    v.here = 1;
    return days_at(m, &v, 0.5);
}

static double paid_within(const struct fl_predict_model *m, const struct view *v, int days)
{
    return 1 - view_survival(m, v, v->age + days + 0.5);
}

double fl_predict_paid_within(const struct fl_predict_model *m, const struct fl_predict_row *row,
                              uint16_t as_of_days, bool disputed, int days)
{
    FL_ASSERT(as_of_days != 0);
    struct view v = view_of(m, row, as_of_days, disputed);
    return paid_within(m, &v, days);
}

void fl_predict_score(const struct fl_predict_model *m, const struct fl_predict_row *row,
                      uint16_t as_of_days, bool disputed, struct fl_prediction *out)
{
    struct view v = view_of(m, row, as_of_days, disputed);
    *out = (struct fl_prediction){.center_days = v.center};
    if (as_of_days == 0)
        v.age = (double)row->issue_days - row->due_days;
    out->p_late = v.age >= 0 && as_of_days != 0 ? 1 : view_survival(m, &v, 0.5);
    out->p_paid_7 = paid_within(m, &v, 7);
    out->p_paid_14 = paid_within(m, &v, 14);
    out->p_paid_30 = paid_within(m, &v, 30);
    out->days = days_at(m, &v, 0.5);
    out->days_at_issue = as_of_days == 0 ? out->days : uncut_median(m, v);
    out->days_low = days_at(m, &v, 0.1);
    out->days_high = days_at(m, &v, 0.9);
    reasons_make(m, row, disputed, out);
}

uint32_t fl_predict_seen(const struct fl_predict_model *m, uint32_t customer)
{
    return m->seen[m->first_level[FL_FACTOR_CUSTOMER] + customer];
}
