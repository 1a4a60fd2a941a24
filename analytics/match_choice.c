#include "analytics/match_choice.h"

#include <stdlib.h>
#include <string.h>

#include "analytics/match_group.h"
#include "core/base/contract.h"

#define POINTS_EQUAL       30
#define POINTS_NEAR        25
#define POINTS_PART        10
#define POINTS_ONLY_ONE    15
#define POINTS_ADVICE      60 /* a number in full */
#define POINTS_OTHER       15 /* less: text and payer name different customers */
#define POINTS_CUT_LIST    45
#define WINDOW_ITEMS       256
#define COMBINATIONS       128
#define GROUPS_MAX         6
#define LAMBDA_HOPELESS_E6 3000000 /* accidents expected: one in twenty such amounts has none */

struct chooser {
    const struct fl_match_state *state;
    const struct fl_match_index *index;
    const struct fl_match_line *line;
    const struct fl_match_evidence *evidence;
    struct fl_match_sum_workspace *sums;
    struct fl_match_choice *out;
    bool full;
    uint32_t fits;     /* sets of the payer at work that give the amount */
    bool sums_unknown; /* sums of a few of the payer's say nothing */
};

struct group_search {
    uint32_t items[FL_MATCH_GROUP_ITEMS_MAX + 1]; /* rising */
    struct fl_match_member members[FL_MATCH_GROUP_ITEMS_MAX];
    uint32_t count;
};

struct fl_match_settings fl_match_settings_of(const struct fl_book_settings *book)
{
    return (struct fl_match_settings){
        .auto_points = book->auto_points,
        .propose_points = book->propose_points,
        .margin = book->match_margin,
        .sum_items =
            book->sum_items < FL_MATCH_SUM_ITEMS_MAX ? book->sum_items : FL_MATCH_SUM_ITEMS_MAX,
        .sum_open = book->sum_open < FL_MATCH_SUM_OPEN_MAX ? book->sum_open : FL_MATCH_SUM_OPEN_MAX,
        .lambda_e6 = book->lambda_e6,
        .oldest_first = book->oldest_first};
}

/* ---- amounts --------------------------------------------------------------------------------- */

static int64_t open_of(const struct chooser *c, uint32_t item)
{
    return c->state->open_minor[item];
}

/* Signed: what it adds to a payment. */
static int64_t worth(const struct chooser *c, uint32_t item)
{
    int64_t open = open_of(c, item);
    return c->index->items[item].kind == FL_MATCH_INVOICE ? open : -open;
}

static int64_t discount_of(const struct chooser *c, uint32_t item)
{
    const struct fl_match_item *i = &c->index->items[item];
    bool in_time = c->line->date <= i->discount_until && open_of(c, item) > i->discount_minor;
    return in_time ? i->discount_minor : 0;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static enum fl_match_fit fit_of(const struct chooser *c, const struct fl_match_set *set)
{
    int64_t sum = 0, discount = 0, amount = c->line->amount_minor, documents = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        sum += worth(c, set->items[i]);
        discount += discount_of(c, set->items[i]);
        documents += c->index->items[set->items[i]].kind == FL_MATCH_INVOICE;
    }
    int64_t tolerance = c->index->tolerance_minor[c->line->currency];
    if (set->text_points > 0)
        tolerance *= documents; /* D5.4: once per document named, once for a set found by sum */
    if (sum <= 0 || documents == 0)
        return FL_MATCH_FIT_NONE;
    if (amount == sum)
        return FL_MATCH_FIT_EQUAL;
    if (discount > 0 && amount == sum - discount)
        return FL_MATCH_FIT_DISCOUNT;
    if (distance(amount, sum) <= tolerance)
        return FL_MATCH_FIT_TOLERANCE;
    if (discount > 0 && distance(amount, sum - discount) <= tolerance)
        return FL_MATCH_FIT_DISCOUNT;
    if (c->line->charges_minor > 0 && amount + c->line->charges_minor == sum)
        return FL_MATCH_FIT_FEE;
    return amount < sum ? FL_MATCH_FIT_LESS : FL_MATCH_FIT_MORE;
}

/* C5: open on the payment's day, as far as this batch knows. */
static int64_t open_then(const struct chooser *c, uint32_t item)
{
    int64_t open = open_of(c, item);
    for (uint32_t at = c->state->taking_first[item]; at != FL_MATCH_NONE;
         at = c->state->takings[at].next) {
        if (c->state->takings[at].date >= c->line->date)
            open += c->state->takings[at].amount_minor;
    }
    return open;
}

static bool gives_amount(unsigned fit)
{
    return fit == FL_MATCH_FIT_EQUAL || fit == FL_MATCH_FIT_DISCOUNT ||
           fit == FL_MATCH_FIT_TOLERANCE || fit == FL_MATCH_FIT_FEE || fit == FL_MATCH_FIT_ADVICE;
}

static int fit_points(unsigned fit)
{
    return fit == FL_MATCH_FIT_EQUAL || fit == FL_MATCH_FIT_ADVICE ? POINTS_EQUAL
           : gives_amount(fit)                                     ? POINTS_NEAR
           : fit == FL_MATCH_FIT_NONE                              ? 0
                                                                   : POINTS_PART;
}

/* ---- candidates ------------------------------------------------------------------------------ */

static void items_sort(struct fl_match_set *set)
{
    for (uint32_t i = 1; i < set->count; i++) {
        uint32_t item = set->items[i], at = i;
        for (; at > 0 && set->items[at - 1] > item; at--)
            set->items[at] = set->items[at - 1];
        set->items[at] = item;
    }
}

static bool set_has(const struct fl_match_set *set, uint32_t item)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i] == item)
            return true;
    }
    return false;
}

static bool sets_equal(const struct fl_match_set *a, const struct fl_match_set *b)
{
    return a->count == b->count && memcmp(a->items, b->items, a->count * sizeof *a->items) == 0;
}

/* > 0: a before b. Nothing of it depends on the order in which lines or candidates came. */
static int set_compare(const struct fl_match_set *a, const struct fl_match_set *b)
{
    if (a->points != b->points)
        return a->points - b->points;
    if (a->rule != b->rule)
        return b->rule - a->rule;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->items[i] != b->items[i])
            return a->items[i] < b->items[i] ? 1 : -1;
    }
    return 0;
}

static void candidate_add(struct chooser *c, const struct fl_match_set *set)
{
    struct fl_match_choice *out = c->out;
    for (uint32_t i = 0; i < out->count; i++) {
        if (!sets_equal(&out->sets[i], set))
            continue;
        bool advised = out->sets[i].rule == 3 && set->rule > 3; /* how it is paid is said */
        if (!advised && (set->rule < out->sets[i].rule || set->points > out->sets[i].points))
            out->sets[i] = *set; /* the same set under an earlier rule says more */
        return;
    }
    if (out->count < FL_MATCH_CANDIDATES_MAX) {
        out->sets[out->count++] = *set;
        return;
    }
    uint32_t worst = 0;
    for (uint32_t i = 1; i < out->count; i++) {
        if (set_compare(&out->sets[i], &out->sets[worst]) < 0)
            worst = i;
    }
    if (set_compare(set, &out->sets[worst]) > 0)
        out->sets[worst] = *set;
}

static const struct fl_match_payer *payer_of(const struct fl_match_evidence *e, uint32_t customer)
{
    for (uint32_t i = 0; i < e->payer_count; i++) {
        if (e->payers[i].customer == customer)
            return &e->payers[i];
    }
    return NULL;
}

/* The number as it stands is one of the same customer's that is paid: it is no slip, the money came
 * twice. */
static bool was_paid(const struct chooser *c, const struct fl_match_named *slip)
{
    const struct fl_match_evidence *e = c->evidence;
    for (uint32_t i = 0; i < e->named_count; i++) {
        const struct fl_match_named *named = &e->named[i];
        if (named->mention == slip->mention && named->customer == slip->customer &&
            !(named->flags & FL_MATCH_NAMED_DAMAGED) &&
            (named->item == FL_MATCH_NONE || open_of(c, named->item) == 0))
            return true;
    }
    return false;
}

/* The number as it stands is what another customer owes, which somebody may pay for them; or it is
 * so short that a digit wrong leaves little of it. */
static bool is_no_slip(const struct chooser *c, const struct fl_match_named *slip)
{
    const struct fl_match_evidence *e = c->evidence;
    for (uint32_t i = 0; i < e->named_count; i++) {
        const struct fl_match_named *named = &e->named[i];
        if (named->mention == slip->mention && named->customer != slip->customer &&
            !(named->flags & (FL_MATCH_NAMED_DAMAGED | FL_MATCH_NAMED_WEAK)) &&
            named->item != FL_MATCH_NONE && open_of(c, named->item) > 0)
            return true;
    }
    return slip->flags & FL_MATCH_NAMED_GUESSED;
}

/* C3: something that the text names is not in the set. */
static bool leaves_out(const struct chooser *c, const struct fl_match_set *set)
{
    const struct fl_match_evidence *e = c->evidence;
    uint64_t mentioned = 0, kept = 0;
    for (uint32_t i = 0; i < e->named_count; i++) {
        const struct fl_match_named *named = &e->named[i];
        if (named->flags & FL_MATCH_NAMED_WEAK)
            continue;
        mentioned |= UINT64_C(1) << named->mention;
        bool slip = named->flags & FL_MATCH_NAMED_DAMAGED;
        if (named->item != FL_MATCH_NONE && set_has(set, named->item) &&
            !(slip && (was_paid(c, named) || is_no_slip(c, named))))
            kept |= UINT64_C(1) << named->mention;
    }
    return (mentioned & ~kept) != 0;
}

static void set_payer(const struct chooser *c, struct fl_match_set *set)
{
    const struct fl_match_payer *payer = payer_of(c->evidence, set->customer);
    set->payer_points = payer ? payer->points : 0;
    set->payer_by = payer ? payer->by : FL_MATCH_BY_NOTHING;
    bool stranger = (c->evidence->says & FL_MATCH_SAYS_NAME) && !gives_amount(set->fit);
    set->other_payer = !payer && (c->evidence->payer_count > 0 || stranger);
}

static void set_finish(struct chooser *c, struct fl_match_set *set)
{
    set->contradicted = (c->evidence->says & (FL_MATCH_SAYS_NOBODY | FL_MATCH_SAYS_CHECK_FAILED)) ||
                        leaves_out(c, set);
    set->points = (int16_t)(set->text_points + set->payer_points + fit_points(set->fit) -
                            (set->other_payer && set->text_points > 0 ? POINTS_OTHER : 0));
    items_sort(set);
    candidate_add(c, set);
}

/* ---- items near an amount -------------------------------------------------------------------- */

/* A customer's items that an amount could be for: those that owed about so much when the index was
 * made, then those that were paid in part since, whatever they owe. */
struct near {
    uint32_t item, end, changed, read;
    int64_t above, most; /* beyond `above` only what has a discount */
    uint8_t currency;
    bool cut; /* there are more than are looked at */
};

/* Discounts above an eighth are not looked for. */
static void near_begin(const struct chooser *c, uint32_t customer, int64_t amount,
                       int64_t tolerance, struct near *near)
{
    bool discounts = c->index->has_discount[customer];
    *near = (struct near){.end = c->index->items_of[customer + 1],
                          .changed = c->state->changed_first[customer],
                          .above = amount + tolerance,
                          .most = amount + tolerance + (discounts ? amount / 7 : 0),
                          .currency = c->line->currency};
    near->item = fl_match_item_place(c->index, customer, near->currency, amount - tolerance);
}

static int64_t near_tolerance(const struct chooser *c)
{
    return c->index->tolerance_minor[c->line->currency] + c->line->charges_minor;
}

static uint32_t near_next(const struct chooser *c, struct near *near)
{
    while (near->item < near->end && !near->cut) {
        uint32_t item = near->item++;
        const struct fl_match_item *i = &c->index->items[item];
        if (i->currency != near->currency || i->open_minor > near->most)
            break;
        near->cut = near->read++ == WINDOW_ITEMS;
        bool listed = open_of(c, item) != i->open_minor && open_of(c, item) > 0;
        if (!near->cut && !listed && (i->open_minor <= near->above || i->discount_minor > 0))
            return item;
    }
    near->end = 0;
    uint32_t changed = near->changed;
    if (changed != FL_MATCH_NONE)
        near->changed = c->state->changed_next[changed];
    return changed;
}

/* ---- sets that the text names ---------------------------------------------------------------- */

struct mention {
    uint32_t first, count; /* among `ways` */
    bool closed;
};

struct naming {
    uint32_t ways[FL_MATCH_NAMED_MAX]; /* places in evidence->named */
    struct mention mentions[FL_MATCH_MENTIONS_MAX];
    uint32_t mention_count;
    uint32_t customer;
};

static bool may_name(const struct chooser *c, const struct fl_match_named *named)
{
    return named->item != FL_MATCH_NONE && open_of(c, named->item) > 0 &&
           c->index->items[named->item].currency == c->line->currency;
}

static void naming_read(const struct chooser *c, uint32_t customer, struct naming *naming)
{
    const struct fl_match_evidence *e = c->evidence;
    uint32_t ways = 0;
    naming->mention_count = 0;
    naming->customer = customer;
    for (uint32_t m = 0; m < e->mention_count; m++) {
        struct mention mention = {.first = ways};
        for (uint32_t i = 0; i < e->named_count; i++) {
            if (e->named[i].mention == m && e->named[i].customer == customer &&
                may_name(c, &e->named[i]) &&
                !((e->named[i].flags & FL_MATCH_NAMED_DAMAGED) && was_paid(c, &e->named[i]))) {
                naming->ways[ways++] = i;
                mention.count++;
            }
        }
        if (mention.count > 0)
            naming->mentions[naming->mention_count++] = mention;
    }
}

/* A set that takes for each mention the way that `choice` says; false if one document stands twice
 * in it. */
static bool set_of_ways(const struct chooser *c, const struct naming *naming,
                        const uint32_t *choice, struct fl_match_set *set)
{
    bool checked = true;
    *set = (struct fl_match_set){.customer = naming->customer, .rule = 4, .text_points = 255};
    for (uint32_t m = 0; m < naming->mention_count; m++) {
        const struct fl_match_named *named =
            &c->evidence->named[naming->ways[naming->mentions[m].first + choice[m]]];
        if (set_has(set, named->item))
            return false;
        set->items[set->count++] = named->item;
        if (named->points < set->text_points)
            set->text_points = named->points;
        checked &= (named->flags & FL_MATCH_NAMED_CHECKED) != 0;
        set->wrong_digits |= (named->flags & FL_MATCH_NAMED_DAMAGED) != 0;
        set->no_slip |= (named->flags & FL_MATCH_NAMED_DAMAGED) && is_no_slip(c, named);
        set->damaged |= (named->flags & (FL_MATCH_NAMED_DAMAGED | FL_MATCH_NAMED_SHORT)) != 0;
    }
    set->rule = checked ? 2 : 4;
    return set->count > 0;
}

/* Another document of the customer gives the amount as well as the one named, or did on that day.
 */
static bool has_twin(const struct chooser *c, const struct fl_match_set *named)
{
    struct near near;
    int64_t amount = c->line->amount_minor;
    near_begin(c, named->customer, amount, near_tolerance(c), &near);
    for (uint32_t other; (other = near_next(c, &near)) != FL_MATCH_NONE;) {
        const struct fl_match_item *i = &c->index->items[other];
        struct fl_match_set set = {.items = {other}, .count = 1};
        if (other == named->items[0] || i->kind != FL_MATCH_INVOICE ||
            i->currency != c->line->currency || i->date > c->line->date)
            continue;
        unsigned fit = fit_of(c, &set);
        if (open_then(c, other) == amount || (gives_amount(fit) && fit <= named->fit))
            return true;
    }
    return near.cut;
}

/* A damaged number, or a few digits, names its document only together with the amount; and where
 * two have it, the digits alone would decide. */
static bool says_too_little(const struct chooser *c, const struct fl_match_set *set)
{
    if (!set->damaged)
        return false;
    bool known = set->payer_by >= FL_MATCH_BY_NAME && !set->wrong_digits;
    if (set->wrong_digits && set->payer_by == FL_MATCH_BY_NOTHING)
        return true;
    return !gives_amount(set->fit) || (set->count == 1 && !known && has_twin(c, set));
}

/* A list cut by the width of a bank's line: what is left of the payment is what one more document
 * of the customer owes, and only one. */
static void list_complete(struct chooser *c, const struct fl_match_set *list)
{
    struct fl_match_set set = *list;
    struct near near;
    int64_t rest = c->line->amount_minor;
    uint32_t found = 0;
    for (uint32_t i = 0; i < list->count; i++)
        rest -= worth(c, list->items[i]);
    if (rest <= 0 || list->count == FL_MATCH_SET_MAX)
        return;
    near_begin(c, list->customer, rest, 0, &near);
    for (uint32_t item; (item = near_next(c, &near)) != FL_MATCH_NONE;) {
        const struct fl_match_item *i = &c->index->items[item];
        if (i->kind != FL_MATCH_INVOICE || i->currency != c->line->currency ||
            i->date > c->line->date || set_has(list, item) ||
            (open_of(c, item) != rest && open_then(c, item) != rest))
            continue;
        found++;
        if (open_of(c, item) == rest && open_then(c, item) == rest)
            set.items[list->count] = item;
        else
            found++; /* somebody else's: it could have been meant */
    }
    if (found != 1 || near.cut)
        return;
    set.count = list->count + 1;
    set.fit = FL_MATCH_FIT_EQUAL;
    set.assumed = FL_MATCH_ASSUMED_NOT;
    if (set.text_points > POINTS_CUT_LIST)
        set.text_points = POINTS_CUT_LIST;
    set_payer(c, &set);
    set_finish(c, &set);
}

static uint64_t tail_number(const struct fl_match_item *item)
{
    uint64_t number = 0;
    for (uint32_t i = 0; i < item->tail_length; i++)
        number = number * 10 + (uint64_t)(item->tail[i] - '0');
    return number;
}

/* "INV-1 - INV-4": two numbers stand for all between them, where every one of these is open, the
 * customer's, and the amount is that of all (rulings, Matching 1). */
static void range_fill(struct chooser *c, const struct fl_match_set *list)
{
    struct fl_match_set set = *list;
    uint64_t first = UINT64_MAX, last = 0;
    uint8_t digits = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct fl_match_item *item = &c->index->items[list->items[i]];
        if (item->kind != FL_MATCH_INVOICE)
            continue;
        uint64_t number = tail_number(item);
        first = number < first ? number : first;
        last = number > last ? number : last;
        digits = item->tail_length;
    }
    if (last <= first || last - first >= FL_MATCH_SET_MAX)
        return;
    uint64_t inside = 0;
    for (uint32_t item = c->index->items_of[list->customer];
         item < c->index->items_of[list->customer + 1]; item++) {
        const struct fl_match_item *i = &c->index->items[item];
        uint64_t number = tail_number(i);
        if (i->kind != FL_MATCH_INVOICE || i->tail_length != digits || number < first ||
            number > last || i->currency != c->line->currency || open_of(c, item) == 0)
            continue;
        inside++;
        if (!set_has(&set, item) && set.count < FL_MATCH_SET_MAX)
            set.items[set.count++] = item;
    }
    if (inside != last - first + 1)
        return;
    set.assumed = FL_MATCH_ASSUMED_NOT;
    set.fit = (uint8_t)fit_of(c, &set);
    if (!gives_amount(set.fit))
        return;
    set_payer(c, &set);
    set_finish(c, &set);
}

static enum fl_match_assumed set_by_text_assumes(const struct chooser *c,
                                                 const struct fl_match_set *set, bool cut)
{
    return says_too_little(c, set)                                 ? FL_MATCH_ASSUMED_DIGITS
           : set->fit == FL_MATCH_FIT_FEE                          ? FL_MATCH_ASSUMED_FEE
           : cut                                                   ? FL_MATCH_ASSUMED_CUT
           : c->line->advised_count > 0 && !gives_amount(set->fit) ? FL_MATCH_ASSUMED_ADVICE
                                                                   : FL_MATCH_ASSUMED_NOT;
}

static void set_by_text(struct chooser *c, struct fl_match_set *set)
{
    set->fit = (uint8_t)fit_of(c, set);
    if (set->fit == FL_MATCH_FIT_NONE)
        return;
    if (set->no_slip && !gives_amount(set->fit))
        return; /* neither number nor amount: what stands there is what is meant */
    bool cut = set->count > 1 && set->fit == FL_MATCH_FIT_MORE;
    set_payer(c, set);
    set->assumed = set_by_text_assumes(c, set, cut);
    struct fl_match_set list = *set;
    set_finish(c, set);
    if (cut) {
        range_fill(c, &list);
        list_complete(c, &list);
    }
}

/* All invoices of an order are one mention: together they are a set too. */
static void sets_of_order(struct chooser *c, const struct naming *naming)
{
    const struct mention *mention = &naming->mentions[0];
    if (naming->mention_count != 1 || mention->count < 2 || mention->count > FL_MATCH_SET_MAX)
        return;
    struct fl_match_set set = {.customer = naming->customer, .rule = 4, .text_points = 255};
    for (uint32_t i = 0; i < mention->count; i++) {
        const struct fl_match_named *named = &c->evidence->named[naming->ways[mention->first + i]];
        if (!(named->flags & FL_MATCH_NAMED_ORDER))
            return;
        set.items[set.count++] = named->item;
        if (named->points < set.text_points)
            set.text_points = named->points;
    }
    set_by_text(c, &set);
}

/* Every reading of the mentions, up to a bound; beyond it the first readings only. */
static void sets_of_naming(struct chooser *c, const struct naming *naming)
{
    uint32_t choice[FL_MATCH_MENTIONS_MAX] = {0};
    for (uint32_t n = 0; n < COMBINATIONS; n++) {
        struct fl_match_set set;
        if (set_of_ways(c, naming, choice, &set))
            set_by_text(c, &set);
        uint32_t m = 0;
        while (m < naming->mention_count && ++choice[m] == naming->mentions[m].count)
            choice[m++] = 0;
        if (m == naming->mention_count)
            break;
    }
    sets_of_order(c, naming);
}

static void sets_by_text(struct chooser *c)
{
    const struct fl_match_evidence *e = c->evidence;
    struct naming naming;
    for (uint32_t i = 0; i < e->named_count; i++) {
        bool seen = !may_name(c, &e->named[i]);
        for (uint32_t j = 0; j < i && !seen; j++)
            seen = e->named[j].customer == e->named[i].customer && may_name(c, &e->named[j]);
        if (seen)
            continue;
        naming_read(c, e->named[i].customer, &naming);
        sets_of_naming(c, &naming);
    }
    c->out->paid_named = e->named_count > 0;
    for (uint32_t i = 0; i < e->named_count; i++) {
        const struct fl_match_named *named = &e->named[i];
        bool closed = named->item == FL_MATCH_NONE || open_of(c, named->item) == 0;
        bool slip = (named->flags & FL_MATCH_NAMED_DAMAGED) && was_paid(c, named);
        c->out->paid_named &= closed || slip;
        c->out->other_currency |=
            !closed && c->index->items[named->item].currency != c->line->currency;
    }
}

/* ---- the advice ------------------------------------------------------------------------------ */

static const struct fl_match_advised *advised_of(const struct fl_match_state *state,
                                                 const struct fl_match_line *line, uint32_t item)
{
    const struct fl_match_advised *list = state->advised + line->advised_first;
    for (uint32_t i = 0; i < line->advised_count; i++) {
        if (list[i].item == item)
            return &list[i];
    }
    return NULL;
}

/* Can be paid as advised: the payment's currency, and no more than is open. */
static bool may_be_paid(const struct chooser *c, const struct fl_match_advised *advised,
                        uint32_t customer)
{
    if (advised->item == FL_MATCH_NONE || advised->amount_minor == 0)
        return false;
    const struct fl_match_item *item = &c->index->items[advised->item];
    bool credit = item->kind == FL_MATCH_CREDIT_NOTE;
    int64_t paid = credit ? -advised->amount_minor : advised->amount_minor;
    return item->customer == customer && item->currency == c->line->currency && paid > 0 &&
           paid <= open_of(c, advised->item);
}

/* Rule 3. Amounts that are the documents' own, before the discount, add up with it taken off. */
static void set_by_advice(struct chooser *c)
{
    const struct fl_match_advised *list = c->state->advised + c->line->advised_first;
    struct fl_match_set set = {.rule = 3, .text_points = POINTS_ADVICE, .fit = FL_MATCH_FIT_ADVICE};
    int64_t sum = 0;
    if (c->line->advised_count == 0 || c->line->advised_count > FL_MATCH_SET_MAX ||
        list[0].item == FL_MATCH_NONE)
        return;
    set.customer = c->index->items[list[0].item].customer;
    for (uint32_t i = 0; i < c->line->advised_count; i++) {
        if (!may_be_paid(c, &list[i], set.customer) || set_has(&set, list[i].item))
            return;
        set.items[set.count++] = list[i].item;
        sum += list[i].amount_minor;
    }
    if (sum != c->line->amount_minor)
        return;
    set_payer(c, &set);
    set_finish(c, &set);
}

/* ---- sets that the amount suggests ----------------------------------------------------------- */

static void set_by_amount(struct chooser *c, const struct fl_match_payer *payer, uint32_t item)
{
    struct fl_match_set set = {.items = {item}, .count = 1, .customer = payer->customer};
    const struct fl_match_item *i = &c->index->items[item];
    if (i->kind != FL_MATCH_INVOICE || i->currency != c->line->currency || i->date > c->line->date)
        return;
    int64_t then = open_then(c, item);
    if (then != open_of(c, item) && then == c->line->amount_minor)
        c->fits++;
    if (open_of(c, item) <= 0)
        return;
    set.fit = (uint8_t)fit_of(c, &set);
    if (!gives_amount(set.fit))
        return;
    c->fits++;
    set.rule = set.fit == FL_MATCH_FIT_EQUAL ? 5 : 6;
    set.assumed = set.fit == FL_MATCH_FIT_FEE ? FL_MATCH_ASSUMED_FEE : FL_MATCH_ASSUMED_NOT;
    set_payer(c, &set);
    set_finish(c, &set);
}

static void singles_of(struct chooser *c, const struct fl_match_payer *payer)
{
    struct near near;
    near_begin(c, payer->customer, c->line->amount_minor, near_tolerance(c), &near);
    for (uint32_t item; (item = near_next(c, &near)) != FL_MATCH_NONE;)
        set_by_amount(c, payer, item);
    if (near.cut)
        c->fits += 2; /* not all were looked at */
}

/* The payer's open items by the day of the payment; one more than `most` if there are more. */
static uint32_t open_items(const struct chooser *c, uint32_t customer, uint32_t most,
                           uint32_t *items)
{
    uint32_t n = 0;
    for (uint32_t item = c->index->items_of[customer];
         item < c->index->items_of[customer + 1] && n <= most; item++) {
        const struct fl_match_item *i = &c->index->items[item];
        if (i->currency == c->line->currency && i->date <= c->line->date && open_of(c, item) > 0)
            items[n++] = item;
    }
    return n;
}

/* The members of a group as a set; false if they are too many for one. */
static bool group_take(const struct group_search *search, const struct fl_match_group *group,
                       struct fl_match_set *set)
{
    if (group->count > FL_MATCH_SET_MAX)
        return false;
    for (uint32_t i = 0; i < search->count; i++) {
        if (fl_match_group_has(group, &search->members[i]))
            set->items[set->count++] = search->items[i];
    }
    FL_ASSERT(set->count == group->count);
    return true;
}

/* What is paid as one: all, all due, a term, a statement of account. Returns how many different
 * sets come to the amount, and how many of them have more documents than are summed. */
static uint32_t groups_of(struct chooser *c, const struct fl_match_payer *payer,
                          struct group_search *search, uint32_t *large_out)
{
    struct fl_match_group groups[GROUPS_MAX];
    struct fl_match_set sets[GROUPS_MAX];
    uint32_t different = 0;
    for (uint32_t i = 0; i < search->count; i++) {
        const struct fl_match_item *item = &c->index->items[search->items[i]];
        search->members[i] =
            (struct fl_match_member){worth(c, search->items[i]), item->date, item->due_date};
    }
    uint32_t found = fl_match_groups(search->members, search->count, c->line->amount_minor,
                                     c->line->date, groups, GROUPS_MAX);
    for (uint32_t i = 0; i < found && i < GROUPS_MAX; i++) {
        struct fl_match_set *set = &sets[different];
        *set = (struct fl_match_set){
            .customer = payer->customer, .rule = 7, .fit = FL_MATCH_FIT_EQUAL};
        bool again = false;
        if (!group_take(search, &groups[i], set)) {
            c->fits += 2; /* that it is there is all that can be said */
            continue;
        }
        for (uint32_t j = 0; j < different; j++)
            again |= sets_equal(&sets[j], set);
        if (again)
            continue;
        *large_out += set->count > c->state->settings.sum_items;
        different++;
        set_payer(c, set);
        set_finish(c, set);
    }
    return different;
}

/* Sums of a few. False if they were not looked at, or tell nothing: beyond so many open items some
 * set comes to any amount by accident. */
static bool sums_of(struct chooser *c, const struct fl_match_payer *payer, const uint32_t *items,
                    uint32_t n)
{
    int64_t amounts[FL_MATCH_SUM_OPEN_MAX];
    struct fl_match_sum sum;
    const struct fl_match_settings *settings = &c->state->settings;
    if (n > settings->sum_open)
        return false;
    for (uint32_t i = 0; i < n; i++)
        amounts[i] = worth(c, items[i]);
    fl_match_sum_weigh(amounts, n, settings->sum_items, &sum);
    bool hopeless = fl_match_sum_lambda_e6(&sum) >= LAMBDA_HOPELESS_E6;
    if (hopeless && !c->full)
        return false;
    fl_match_sum_find(c->sums, amounts, n, settings->sum_items, c->line->amount_minor, &sum);
    c->fits += hopeless ? 0 : sum.found;
    if (sum.found == 0)
        return !hopeless;
    struct fl_match_set set = {.customer = payer->customer,
                               .rule = 7,
                               .count = sum.count,
                               .fit = FL_MATCH_FIT_EQUAL,
                               .lambda_e6 = fl_match_sum_lambda_e6(&sum)};
    for (uint32_t i = 0; i < sum.count; i++)
        set.items[i] = items[sum.places[i]];
    set_payer(c, &set);
    set.assumed = sum.found > 1                         ? FL_MATCH_ASSUMED_SEVERAL
                  : set.lambda_e6 > settings->lambda_e6 ? FL_MATCH_ASSUMED_SUM
                  : set.payer_by < FL_MATCH_BY_ACCOUNT  ? FL_MATCH_ASSUMED_PAYER
                                                        : FL_MATCH_ASSUMED_NOT;
    set_finish(c, &set);
    return !hopeless;
}

/* Rule 7. */
static void several_of(struct chooser *c, const struct fl_match_payer *payer)
{
    struct group_search search;
    uint32_t groups = 0, large = 0;
    if (c->fits > 1 && !c->full)
        return; /* nothing is the only one, and several beside them decide nothing */
    search.count = open_items(c, payer->customer, FL_MATCH_GROUP_ITEMS_MAX, search.items);
    if (search.count < 2)
        return;
    if (search.count <= FL_MATCH_GROUP_ITEMS_MAX)
        groups = groups_of(c, payer, &search, &large);
    if (c->fits + groups > 1 && !c->full)
        c->fits += groups;
    else if (sums_of(c, payer, search.items, search.count))
        c->fits += large; /* the others are sums too */
    else {
        c->fits += groups;
        c->sums_unknown = true;
    }
}

/* What C4 may say of: where sums say nothing, only a single document, or a group, of exactly the
 * amount. */
static bool may_be_only_one(const struct chooser *c, const struct fl_match_set *set)
{
    bool known = !c->sums_unknown || (set->fit == FL_MATCH_FIT_EQUAL &&
                                      (set->count == 1 || (set->rule == 7 && set->lambda_e6 == 0)));
    return known && gives_amount(set->fit) && !set->contradicted &&
           set->payer_by != FL_MATCH_BY_NOTHING && !set->only_one;
}

/* C4, for the sets of this payer. */
static void only_one(struct chooser *c, uint32_t customer)
{
    for (uint32_t i = 0; i < c->out->count && c->fits == 1; i++) {
        struct fl_match_set *set = &c->out->sets[i];
        if (set->customer == customer && may_be_only_one(c, set)) {
            set->only_one = true;
            set->points = (int16_t)(set->points + POINTS_ONLY_ONE);
        }
    }
}

static int due_order(const struct fl_match_index *index, uint32_t a, uint32_t b)
{
    const struct fl_match_item *x = &index->items[a], *y = &index->items[b];
    if (x->due_date != y->due_date)
        return x->due_date < y->due_date ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Rule 9, where policy says so: what the payer owes, the oldest due first, as far as the money
 * goes. Everything that the text could say is left out, so it stands only where the text says
 * nothing. */
static void oldest_first(struct chooser *c, const struct fl_match_payer *payer)
{
    struct fl_match_set set = {.customer = payer->customer, .rule = 9};
    uint32_t items[FL_MATCH_GROUP_ITEMS_MAX + 1];
    int64_t rest = c->line->amount_minor;
    uint32_t n = open_items(c, payer->customer, FL_MATCH_GROUP_ITEMS_MAX, items);
    if (n > FL_MATCH_GROUP_ITEMS_MAX)
        return; /* which are the oldest is not known */
    while (n > 0 && rest > 0 && set.count < FL_MATCH_SET_MAX) {
        uint32_t first = 0;
        for (uint32_t i = 1; i < n; i++) {
            if (due_order(c->index, items[i], items[first]) < 0)
                first = i;
        }
        if (c->index->items[items[first]].kind == FL_MATCH_INVOICE) {
            set.items[set.count++] = items[first];
            rest -= open_of(c, items[first]);
        }
        items[first] = items[--n];
    }
    if (set.count == 0)
        return;
    set.fit = (uint8_t)fit_of(c, &set);
    set_payer(c, &set);
    set_finish(c, &set);
}

static void sets_by_payer(struct chooser *c)
{
    for (uint32_t p = 0; p < c->evidence->payer_count; p++) {
        const struct fl_match_payer *payer = &c->evidence->payers[p];
        c->fits = 0;
        c->sums_unknown = false;
        singles_of(c, payer);
        several_of(c, payer);
        only_one(c, payer->customer);
        if (c->state->settings.oldest_first)
            oldest_first(c, payer);
    }
}

/* Nobody is known: what has this amount, for a person to see. */
static void sets_of_amount_alone(struct chooser *c)
{
    uint32_t place = fl_match_amount_place(c->index, c->line->currency, c->line->amount_minor);
    for (uint32_t n = 0; place < c->index->item_count && n < FL_MATCH_CANDIDATES_MAX;
         place++, n++) {
        uint32_t item = c->index->by_amount[place];
        const struct fl_match_item *i = &c->index->items[item];
        if (i->currency != c->line->currency || i->open_minor != c->line->amount_minor)
            return;
        struct fl_match_set set = {.items = {item},
                                   .count = 1,
                                   .customer = i->customer,
                                   .rule = 5,
                                   .fit = FL_MATCH_FIT_EQUAL};
        if (i->kind == FL_MATCH_INVOICE && open_of(c, item) == i->open_minor &&
            i->date <= c->line->date)
            set_finish(c, &set);
    }
}

/* ---- the choice ------------------------------------------------------------------------------ */

static void sets_sort(struct fl_match_choice *out)
{
    for (uint32_t i = 1; i < out->count; i++) {
        struct fl_match_set set = out->sets[i];
        uint32_t at = i;
        for (; at > 0 && set_compare(&set, &out->sets[at - 1]) > 0; at--)
            out->sets[at] = out->sets[at - 1];
        out->sets[at] = set;
    }
}

/* C1: the best other set under this rule or an earlier one; UINT32_MAX. */
static uint32_t rival_of(const struct fl_match_choice *out, uint32_t at)
{
    for (uint32_t i = 0; i < out->count; i++) {
        if (i != at && out->sets[i].rule <= out->sets[at].rule)
            return i;
    }
    return UINT32_MAX;
}

static enum fl_match_short shortage_of(const struct chooser *c, uint32_t at)
{
    const struct fl_match_set *set = &c->out->sets[at];
    const struct fl_match_settings *settings = &c->state->settings;
    uint32_t rival = rival_of(c->out, at);
    if (set->contradicted)
        return FL_MATCH_SHORT_CONTRADICTION;
    if (set->undone)
        return FL_MATCH_SHORT_UNDONE;
    if (set->rule == 9) /* what policy says is no question of points */
        return set->payer_by >= FL_MATCH_BY_NAME ? FL_MATCH_SHORT_NOTHING : FL_MATCH_SHORT_ASSUMED;
    if (set->points < settings->auto_points)
        return FL_MATCH_SHORT_POINTS;
    if (rival != UINT32_MAX && c->out->sets[rival].points > set->points - settings->margin)
        return FL_MATCH_SHORT_SEVERAL;
    /* A fuzzy name settles nothing: what is sure is so without it. */
    bool fuzzy = set->payer_by == FL_MATCH_BY_FUZZY_NAME &&
                 set->points - set->payer_points < settings->auto_points;
    return set->assumed || fuzzy ? FL_MATCH_SHORT_ASSUMED : FL_MATCH_SHORT_NOTHING;
}

static void set_to_front(struct fl_match_choice *out, uint32_t at)
{
    struct fl_match_set set = out->sets[at];
    memmove(&out->sets[1], &out->sets[0], at * sizeof set);
    out->sets[0] = set;
}

static void decide(struct chooser *c, unsigned rule_max)
{
    struct fl_match_choice *out = c->out;
    sets_sort(out);
    for (unsigned rule = 1; rule <= rule_max; rule++) {
        for (uint32_t i = 0; i < out->count; i++) {
            if (out->sets[i].rule != rule)
                continue;
            if (shortage_of(c, i) == FL_MATCH_SHORT_NOTHING) {
                set_to_front(out, i);
                out->verdict = FL_MATCH_SETTLES;
                return;
            }
            break;
        }
    }
    if (out->count == 0)
        return;
    out->shortage = (uint8_t)shortage_of(c, 0);
    if (out->sets[0].points >= c->state->settings.propose_points)
        out->verdict = FL_MATCH_PROPOSES;
}

/* Matching 7: what a person undid is not made again. */
static void mark_undone(struct chooser *c)
{
    for (uint32_t b = 0; b < c->line->barred_count; b++) {
        for (uint32_t i = 0; i < c->out->count; i++)
            c->out->sets[i].undone |=
                set_has(&c->out->sets[i], c->state->barred[c->line->barred_first + b]);
    }
}

void fl_match_choose(const struct fl_match_state *state, const struct fl_match_line *line,
                     const struct fl_match_evidence *evidence, unsigned rule_max, bool full,
                     struct fl_match_sum_workspace *sums, struct fl_match_choice *out)
{
    struct chooser c = {.state = state,
                        .index = state->index,
                        .line = line,
                        .evidence = evidence,
                        .sums = sums,
                        .out = out,
                        .full = full};
    out->count = 0;
    out->verdict = FL_MATCH_OPEN;
    out->shortage = FL_MATCH_SHORT_NOTHING;
    out->runner_up = 0;
    out->paid_named = out->other_currency = false;
    set_by_advice(&c);
    sets_by_text(&c);
    if (rule_max > 4 || full) {
        sets_by_payer(&c);
        if (evidence->payer_count == 0)
            sets_of_amount_alone(&c);
    }
    mark_undone(&c);
    decide(&c, rule_max);
    uint32_t rival = out->count > 0 ? rival_of(out, 0) : UINT32_MAX;
    out->runner_up = rival == UINT32_MAX ? 0 : (uint8_t)rival;
}

/* ---- the plan -------------------------------------------------------------------------------- */

struct plan {
    const struct fl_match_state *state;
    const struct fl_match_line *line;
    uint32_t invoices[FL_MATCH_SET_MAX], notes[FL_MATCH_SET_MAX];
    uint32_t invoice_count, note_count;
    int64_t rest[FL_MATCH_SET_MAX]; /* of invoices: what is to be paid of them */
    bool advised;
    struct fl_match_application *out;
    uint32_t count;
};

static void plan_sort(struct plan *p, const struct fl_match_set *set)
{
    const struct fl_match_index *index = p->state->index;
    for (uint32_t i = 0; i < set->count; i++) {
        bool invoice = index->items[set->items[i]].kind == FL_MATCH_INVOICE;
        uint32_t *list = invoice ? p->invoices : p->notes;
        uint32_t at = invoice ? p->invoice_count++ : p->note_count++;
        for (; at > 0 && due_order(index, set->items[i], list[at - 1]) < 0; at--)
            list[at] = list[at - 1];
        list[at] = set->items[i];
    }
    for (uint32_t i = 0; i < p->invoice_count; i++)
        p->rest[i] = p->advised ? advised_of(p->state, p->line, p->invoices[i])->amount_minor
                                : p->state->open_minor[p->invoices[i]];
}

static void plan_credits(struct plan *p)
{
    uint32_t at = 0;
    for (uint32_t n = 0; n < p->note_count; n++) {
        int64_t credit = p->advised ? -advised_of(p->state, p->line, p->notes[n])->amount_minor
                                    : p->state->open_minor[p->notes[n]];
        for (; at < p->invoice_count && credit > 0; at += p->rest[at] == 0) {
            int64_t amount = credit < p->rest[at] ? credit : p->rest[at];
            p->out[p->count++] = (struct fl_match_application){
                .source = p->notes[n], .item = p->invoices[at], .amount_minor = amount};
            credit -= amount;
            p->rest[at] -= amount;
        }
    }
}

/* What a single invoice of the set takes: discount if the set was paid with it, its part of a
 * difference. */
static void plan_cash(struct plan *p, const struct fl_match_line *line,
                      const struct fl_match_set *set)
{
    const struct fl_match_index *index = p->state->index;
    int64_t cash = line->amount_minor, owed = 0;
    int64_t tolerance = index->tolerance_minor[line->currency];
    bool discounted = set->fit == FL_MATCH_FIT_DISCOUNT;
    bool near = discounted || set->fit == FL_MATCH_FIT_TOLERANCE;
    int64_t discount[FL_MATCH_SET_MAX] = {0};
    for (uint32_t i = 0; i < p->invoice_count; i++) {
        const struct fl_match_item *item = &index->items[p->invoices[i]];
        if (discounted && line->date <= item->discount_until && p->rest[i] > item->discount_minor)
            discount[i] = item->discount_minor;
        owed += p->rest[i] - discount[i];
    }
    int64_t missing = near && cash < owed ? owed - cash : 0,
            over = near && cash > owed ? cash - owed : 0;
    for (uint32_t i = 0; i < p->invoice_count && cash > 0; i++) {
        int64_t due = p->rest[i] - discount[i];
        int64_t later = (int64_t)(p->invoice_count - 1 - i) * tolerance;
        int64_t part = missing > later ? missing - later : 0; /* of the difference, here */
        if (due <= 0)
            continue;
        if (part >= due)
            part = due - 1;
        int64_t amount = cash < due - part ? cash : due - part;
        p->out[p->count++] = (struct fl_match_application){.source = FL_MATCH_NONE,
                                                           .item = p->invoices[i],
                                                           .amount_minor = amount,
                                                           .discount_minor = discount[i],
                                                           .difference_minor = part};
        missing -= part;
        cash -= amount;
    }
    if (over > 0 && p->count > 0 && p->out[p->count - 1].source == FL_MATCH_NONE)
        p->out[p->count - 1].difference_minor = -over;
}

/* What stays open beside the part that is paid: a discount that was earned, or a difference within
 * the tolerance. */
static void plan_close(struct plan *p, uint32_t item, int64_t left,
                       struct fl_match_application *out)
{
    const struct fl_match_item *i = &p->state->index->items[item];
    int64_t advised = advised_of(p->state, p->line, item)->discount_minor;
    bool in_time =
        p->line->date <= i->discount_until && advised > 0 && advised <= i->discount_minor;
    if (in_time && advised <= left)
        out->discount_minor = advised;
    left -= out->discount_minor;
    if (left > 0 && left <= p->state->index->tolerance_minor[p->line->currency])
        out->difference_minor = left;
    else if (left > 0)
        out->discount_minor = 0; /* the receipt that closes it takes the discount (D5.1) */
}

/* As the advice says. */
static void plan_advised(struct plan *p)
{
    for (uint32_t i = 0; i < p->invoice_count; i++) {
        int64_t paid = advised_of(p->state, p->line, p->invoices[i])->amount_minor;
        struct fl_match_application a = {
            .source = FL_MATCH_NONE, .item = p->invoices[i], .amount_minor = p->rest[i]};
        if (p->rest[i] == 0)
            continue;
        plan_close(p, a.item, p->state->open_minor[a.item] - paid, &a);
        p->out[p->count++] = a;
    }
}

uint32_t fl_match_plan(const struct fl_match_state *state, const struct fl_match_line *line,
                       const struct fl_match_set *set, struct fl_match_application *out)
{
    struct plan p = {
        .state = state, .line = line, .out = out, .advised = set->fit == FL_MATCH_FIT_ADVICE};
    plan_sort(&p, set);
    plan_credits(&p);
    if (p.advised)
        plan_advised(&p);
    else
        plan_cash(&p, line, set);
    FL_ASSERT(p.count <= FL_MATCH_APPLICATIONS_MAX);
    return p.count;
}

/* Of one day one entry: many payments may take off one document, and each looks at all of them. */
static bool taking_add(struct fl_match_state *state, uint32_t item, int64_t minor, uint16_t date)
{
    uint32_t last = state->taking_first[item];
    if (last != FL_MATCH_NONE && state->takings[last].date == date) {
        state->takings[last].amount_minor += minor;
        return true;
    }
    if (state->taking_count == state->taking_room) {
        uint32_t room = state->taking_room ? 2 * state->taking_room : 4096;
        struct fl_match_taking *moved = realloc(state->takings, room * sizeof *moved);
        if (!moved)
            return false;
        state->takings = moved;
        state->taking_room = room;
    }
    state->takings[state->taking_count] =
        (struct fl_match_taking){minor, state->taking_first[item], date};
    state->taking_first[item] = state->taking_count++;
    return true;
}

enum fl_status fl_match_take(struct fl_match_state *state, uint32_t item, int64_t minor,
                             uint16_t date)
{
    uint32_t customer = state->index->items[item].customer;
    bool changed = state->open_minor[item] != state->index->items[item].open_minor;
    FL_ASSERT(minor >= 0 && minor <= state->open_minor[item]);
    if (minor == 0)
        return FL_OK;
    state->open_minor[item] -= minor;
    state->touched[customer]++;
    state->taken[item]++;
    if (!taking_add(state, item, minor, date))
        return FL_NO_MEMORY;
    if (changed || state->open_minor[item] == 0)
        return FL_OK; /* in the list already, or not to be found by another amount */
    state->changed_next[item] = state->changed_first[customer];
    state->changed_first[customer] = item;
    return FL_OK;
}

enum fl_status fl_match_apply(struct fl_match_state *state, const struct fl_match_line *line,
                              const struct fl_match_application *applications, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct fl_match_application *a = &applications[i];
        int64_t short_minor = a->difference_minor > 0 ? a->difference_minor : 0;
        FL_TRY(fl_match_take(state, a->item, a->amount_minor + a->discount_minor + short_minor,
                             line->date));
        if (a->source != FL_MATCH_NONE)
            FL_TRY(fl_match_take(state, a->source, a->amount_minor, line->date));
    }
    return FL_OK;
}
