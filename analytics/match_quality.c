#include "analytics/match_quality.h"

#include <math.h>
#include <string.h>

#include "core/domain/state.h"

struct fl_rate fl_quality_rate(uint64_t good, uint64_t all)
{
    const double z = 1.959963984540054;
    if (all == 0)
        return (struct fl_rate){-1, 0, 1};
    double n = (double)all, p = (double)good / n;
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    double low = middle - reach, high = middle + reach;
    return (struct fl_rate){p, low < 0 || good == 0 ? 0 : low, high > 1 || good == all ? 1 : high};
}

/* ---- what was applied ------------------------------------------------------------------------ */

/* What the machine settled without a rule of matching (a command's own references) counts as a number in the text. */
static bool is_by_person(const struct fl_snapshot *s, uint32_t movement, unsigned *rule_out)
{
    uint8_t rule = fl_at_movement_cold(s, movement)->rule;
    *rule_out = rule != 0 ? rule : 4;
    return fl_at_movement_row(s, movement)->flags & FL_MOVE_FLAG_PERSON;
}

static void pair_add(struct fl_quality_pair *pairs, uint32_t *count, uint64_t document,
                     int64_t amount_minor)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (pairs[i].document == document) {
            pairs[i].amount_minor += amount_minor;
            return;
        }
    }
    if (*count < FL_QUALITY_PAIRS_MAX)
        pairs[(*count)++] = (struct fl_quality_pair){document, amount_minor};
}

/* Credit notes used for the invoice in the very command that applied the cash. */
static void credits_add(const struct fl_snapshot *s, uint32_t cash, struct fl_quality_pair *pairs,
                        uint32_t *count)
{
    uint64_t seq = fl_at_movement_cold(s, cash)->seq;
    uint32_t invoice = fl_at_movement_row(s, cash)->invoice;
    for (uint32_t row = fl_at_invoice_money(s, invoice)->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(s, row)->prev_of_invoice) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        if (m->kind != FL_MOVE_APPLY_CREDIT || m->amount_minor <= 0 ||
            fl_at_movement_cold(s, row)->seq != seq ||
            fl_at_movement_live(s, row)->reversed_by != FL_NO_ROW)
            continue;
        pair_add(pairs, count, FL_QUALITY_INVOICE(invoice), m->amount_minor);
        pair_add(pairs, count, FL_QUALITY_NOTE(m->source), -m->amount_minor);
    }
}

uint32_t fl_quality_applied(const struct fl_snapshot *s, uint32_t receipt,
                            struct fl_quality_pair out[FL_QUALITY_PAIRS_MAX], unsigned *rule_out,
                            bool *person_out)
{
    uint32_t count = 0;
    *rule_out = 0;
    *person_out = false;
    for (uint32_t row = fl_at_receipt_money(s, receipt)->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(s, row)->prev_of_source) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        unsigned rule;
        if (m->kind != FL_MOVE_APPLY_RECEIPT || m->amount_minor <= 0)
            continue;
        if (is_by_person(s, row, &rule) || fl_at_movement_live(s, row)->reversed_by != FL_NO_ROW) {
            *person_out = true;
            continue;
        }
        if (*rule_out == 0)
            *rule_out = rule;
        pair_add(out, &count, FL_QUALITY_INVOICE(m->invoice), m->amount_minor);
        credits_add(s, row, out, &count);
    }
    return count;
}

/* ---- judging --------------------------------------------------------------------------------- */

static const struct fl_quality_pair *pair_of(const struct fl_quality_pair *pairs, uint32_t count,
                                             uint64_t document)
{
    for (uint32_t i = 0; i < count; i++) {
        if (pairs[i].document == document && document != FL_QUALITY_UNKNOWN)
            return &pairs[i];
    }
    return NULL;
}

static fl_int128 magnitude(int64_t amount)
{
    return amount < 0 ? -(fl_int128)amount : amount;
}

static fl_int128 overlap(int64_t a, int64_t b)
{
    if ((a < 0) != (b < 0))
        return 0;
    return magnitude(a) < magnitude(b) ? magnitude(a) : magnitude(b);
}

struct comparison {
    uint64_t same; /* pairs equal to the cent */
    fl_int128 key, applied, both;
};

static struct comparison compare(const struct fl_quality_pair *key, uint32_t key_count,
                                 const struct fl_quality_pair *applied, uint32_t applied_count)
{
    struct comparison c = {0, 0, 0, 0};
    for (uint32_t i = 0; i < key_count; i++)
        c.key += magnitude(key[i].amount_minor);
    for (uint32_t i = 0; i < applied_count; i++) {
        const struct fl_quality_pair *true_one = pair_of(key, key_count, applied[i].document);
        c.applied += magnitude(applied[i].amount_minor);
        if (!true_one)
            continue;
        c.same += true_one->amount_minor == applied[i].amount_minor;
        c.both += overlap(true_one->amount_minor, applied[i].amount_minor);
    }
    return c;
}

static void counts_add(struct fl_quality_counts *counts, const struct comparison *c,
                       uint32_t key_count, uint32_t applied_count, bool decidable)
{
    bool has_key = key_count > 0 && decidable;
    counts->lines++;
    counts->decidable += has_key;
    if (has_key) {
        counts->pairs_key += key_count;
        counts->amount_key += c->key;
        counts->pairs_both += c->same;
        counts->amount_both += c->both;
    }
    counts->pairs_applied += applied_count;
    counts->amount_applied += c->applied;
    if (applied_count == 0)
        counts->open++;
    else if (!has_key || c->same < applied_count)
        counts->wrong++;
    else if (c->same < key_count)
        counts->partial++;
    else
        counts->right++;
}

void fl_quality_judge(struct fl_quality *quality, const struct fl_snapshot *s, uint32_t receipt,
                      const struct fl_quality_pair *key, uint32_t key_count, bool decidable)
{
    struct fl_quality_pair applied[FL_QUALITY_PAIRS_MAX];
    uint32_t applied_count = 0;
    unsigned rule = 0;
    bool person = false;
    if (receipt != FL_NO_ROW)
        applied_count = fl_quality_applied(s, receipt, applied, &rule, &person);
    quality->unmatchable += key_count == 0;
    quality->undecidable += key_count > 0 && !decidable;
    if (person) {
        quality->by_person++;
        return;
    }
    struct comparison c = compare(key, key_count, applied, applied_count);
    counts_add(&quality->all, &c, key_count, applied_count, decidable);
    if (rule > 0 && rule <= FL_QUALITY_RULES)
        counts_add(&quality->rule[rule], &c, key_count, applied_count, decidable);
}

/* ---- the queue ------------------------------------------------------------------------------- */

static void queue_age(struct fl_queue *out, uint16_t as_of, uint16_t date)
{
    uint32_t days = as_of > date ? (uint32_t)(as_of - date) : 0;
    out->open++;
    out->age[days <= 7 ? 0 : days <= 30 ? 1 : days <= 90 ? 2 : 3]++;
    if (days > out->oldest_days)
        out->oldest_days = days;
}

static void queue_receipt(const struct fl_snapshot *s, uint32_t receipt, uint16_t as_of,
                          struct fl_queue *out)
{
    bool machine = false, person = false;
    unsigned rule = 0, newest = 0;
    out->incoming++;
    for (uint32_t row = fl_at_receipt_money(s, receipt)->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(s, row)->prev_of_source) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        if (m->kind != FL_MOVE_APPLY_RECEIPT || m->amount_minor <= 0)
            continue;
        bool by_person = is_by_person(s, row, &rule);
        bool undone = fl_at_movement_live(s, row)->reversed_by != FL_NO_ROW;
        out->undone += undone && !by_person;
        person |= by_person && !undone;
        if (!by_person && !undone && !machine)
            newest = rule;
        machine |= !by_person && !undone;
    }
    out->settled += machine && !person;
    out->by_person += person;
    if (machine && !person && newest <= FL_QUALITY_RULES)
        out->settled_by_rule[newest]++;
    if (!machine && !person && fl_at_receipt_money(s, receipt)->open_minor > 0)
        queue_age(out, as_of, fl_at_receipt_card(s, receipt)->date);
}

void fl_queue_count(const struct fl_snapshot *s, uint16_t as_of, struct fl_queue *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t row = 0; row < s->rows[FL_TABLE_receipt]; row++)
        queue_receipt(s, row, as_of, out);
}
