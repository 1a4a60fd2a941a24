#include "analytics/match_evidence.h"

#include <string.h>

#include "analytics/match_name.h"
#include "core/base/contract.h"

#define SCANNED_ITEMS_MAX 512 /* of a customer, read for damaged numbers */
#define SAME_AMOUNT_MAX   64
#define NAME_WORDS_MAX    10

/* Points of text (rulings, Matching 3). */
#define POINTS_CHECKED 70
#define POINTS_NUMBER  60
#define POINTS_ORDER   50
#define POINTS_LABEL   10
#define POINTS_DAMAGED 40
#define POINTS_ACCOUNT 30
#define POINTS_NAME    25
#define POINTS_START   20
#define POINTS_FUZZY   10

static unsigned bare_points(unsigned digits)
{
    return digits >= 7 ? 55 : digits >= 5 ? 45 : digits == 4 ? 35 : 20;
}

/* ---- payers ---------------------------------------------------------------------------------- */

static void payer_add(struct fl_match_evidence *e, uint32_t customer, unsigned points, unsigned by)
{
    for (uint32_t i = 0; i < e->payer_count; i++) {
        struct fl_match_payer *payer = &e->payers[i];
        if (payer->customer != customer)
            continue;
        if (points > payer->points)
            *payer = (struct fl_match_payer){customer, (uint8_t)points, (uint8_t)by};
        return;
    }
    if (e->payer_count < FL_MATCH_PAYERS_MAX)
        e->payers[e->payer_count++] =
            (struct fl_match_payer){customer, (uint8_t)points, (uint8_t)by};
}

static void payers_by_account(const struct fl_match_index *index, const struct fl_match_text *text,
                              struct fl_match_evidence *e)
{
    for (uint32_t i = 0; i < text->account_count; i++) {
        uint32_t customer = fl_match_account_customer(index, text->accounts[i]);
        if (customer != FL_MATCH_NONE)
            payer_add(e, customer, POINTS_ACCOUNT, FL_MATCH_BY_ACCOUNT);
    }
}

/* One name of several customers tells as much as a name like it. */
static uint32_t customers_named(const struct fl_match_index *index, uint64_t hash,
                                struct fl_match_evidence *e)
{
    struct fl_match_cursor cursor;
    uint32_t named[FL_MATCH_PAYERS_MAX + 1], found = 0;
    for (uint32_t customer = fl_match_map_first(&index->names, hash, &cursor);
         customer != FL_MATCH_NONE && found <= FL_MATCH_PAYERS_MAX;
         customer = fl_match_map_next(&index->names, &cursor)) {
        if (index->name_hash[customer] == hash)
            named[found++] = customer;
    }
    for (uint32_t i = 0; i < found; i++)
        payer_add(e, named[i], found == 1 ? POINTS_NAME : POINTS_FUZZY,
                  found == 1 ? FL_MATCH_BY_NAME : FL_MATCH_BY_FUZZY_NAME);
    return found;
}

/* The one customer whose name begins with these words; none if several do. */
static uint32_t customer_beginning(const struct fl_match_index *index, uint64_t hash)
{
    struct fl_match_cursor cursor;
    uint32_t one = fl_match_map_first(&index->name_starts, hash, &cursor);
    if (one == FL_MATCH_NONE)
        return FL_MATCH_NONE;
    for (uint32_t next = fl_match_map_next(&index->name_starts, &cursor); next != FL_MATCH_NONE;
         next = fl_match_map_next(&index->name_starts, &cursor)) {
        if (next != one)
            return FL_MATCH_NONE;
    }
    return one;
}

static void payers_by_name(const struct fl_match_index *index, const uint64_t *words,
                           uint32_t count, struct fl_match_evidence *e)
{
    uint64_t hash = 0, starts[NAME_WORDS_MAX + 1] = {0};
    uint32_t read = count < NAME_WORDS_MAX ? count : NAME_WORDS_MAX;
    for (uint32_t i = 0; i < read; i++)
        starts[i + 1] = hash = fl_match_words_add(hash, words[i]);
    if (read == count && customers_named(index, hash, e) > 0)
        return;
    /* Ours is longer, or ends differently: the longest start that is one customer's alone. */
    for (uint32_t n = read; n >= 2; n--) {
        if (n < read && n + 1 < read)
            break;
        uint32_t customer = customer_beginning(index, starts[n]);
        if (customer != FL_MATCH_NONE) {
            payer_add(e, customer, POINTS_START, FL_MATCH_BY_NAME_START);
            return;
        }
    }
    for (uint32_t n = read - 1; read > 2 && n >= 2; n--) {
        if (customers_named(index, starts[n], e) > 0)
            return; /* ours is shorter: what follows it is an address */
    }
}

/* A customer's name within the text: the longest at each word. */
static void payers_in_text(const struct fl_match_index *index, const struct fl_match_text *text,
                           struct fl_match_evidence *e)
{
    const uint64_t *words = text->text_words;
    uint32_t count = text->text_count;
    for (uint32_t i = 0; i + 1 < count; i++) {
        uint64_t hash = 0, best = 0, start = 0;
        uint32_t best_length = 0;
        for (uint32_t n = 1; n <= NAME_WORDS_MAX && i + n <= count; n++) {
            struct fl_match_cursor cursor;
            hash = fl_match_words_add(hash, words[i + n - 1]);
            if (n < 2)
                continue;
            uint32_t whole = fl_match_map_first(&index->names, hash, &cursor);
            if (whole != FL_MATCH_NONE && index->name_hash[whole] == hash) {
                best = hash;
                best_length = n;
            }
            if (i + n == count)
                start = hash;
            if (whole == FL_MATCH_NONE &&
                fl_match_map_first(&index->name_starts, hash, &cursor) == FL_MATCH_NONE)
                break;
        }
        if (best_length > 0) {
            customers_named(index, best, e);
            i += best_length - 1;
        } else if (start != 0) {
            uint32_t customer = customer_beginning(index, start);
            if (customer != FL_MATCH_NONE)
                payer_add(e, customer, POINTS_START, FL_MATCH_BY_NAME_START);
        }
    }
}

static const struct fl_match_payer *payer_of(const struct fl_match_evidence *e, uint32_t customer)
{
    for (uint32_t i = 0; i < e->payer_count; i++) {
        if (e->payers[i].customer == customer)
            return &e->payers[i];
    }
    return NULL;
}

/* ---- damaged numbers (V2) -------------------------------------------------------------------- */

static void zeros_skip(const char **text, uint32_t *length)
{
    while (*length > 1 && **text == '0') {
        (*text)++;
        (*length)--;
    }
}

/* "INV-000471" begins as INV-00047, but is no slip of it: a number is never a piece of a longer one
 * (O09). */
static bool is_piece(const char *d, uint32_t n, const char *t, uint32_t m)
{
    return m == n + 1 && memcmp(t, d, n) == 0;
}

/* One wrong, two neighbours swapped, one missing, one too much. */
static bool is_one_off(const char *a, uint32_t n, const char *b, uint32_t m)
{
    if (n > m + 1 || m > n + 1)
        return false;
    uint32_t head = 0, tail = 0, shorter = n < m ? n : m;
    while (head < shorter && a[head] == b[head])
        head++;
    while (tail < shorter - head && a[n - 1 - tail] == b[m - 1 - tail])
        tail++;
    uint32_t rest_a = n - head - tail, rest_b = m - head - tail;
    if (rest_a == 2 && rest_b == 2)
        return a[head] == b[head + 1] && a[head + 1] == b[head];
    return rest_a <= 1 && rest_b <= 1;
}

static unsigned one_off_points(unsigned digits)
{
    return digits >= 5 ? POINTS_DAMAGED : digits == 4 ? 30 : digits == 3 ? 20 : 0;
}

unsigned fl_match_damage_points(const char *t, uint32_t t_length, const char *d, uint32_t d_length,
                                unsigned flags, bool *whole_out)
{
    unsigned best = 0, label = flags & (FL_MATCH_TOKEN_OURS | FL_MATCH_TOKEN_INVOICE);
    *whole_out = t_length == d_length && memcmp(t, d, t_length) == 0;
    if (t_length == 0 || d_length == 0)
        return 0;
    if (*whole_out)
        return bare_points(t_length) + (label ? 10 : 0);
    if (t_length < d_length && t_length >= 3 && memcmp(t, d + d_length - t_length, t_length) == 0)
        best = bare_points(t_length); /* shortened: the first digits left out */
    bool cut = t_length < d_length && d_length - t_length <= 3 && t_length >= 3 &&
               memcmp(t, d, t_length) == 0;
    if (best == 0 && cut && label)
        best = 20;
    if (t_length == d_length && is_one_off(t, t_length, d, d_length))
        best = bare_points(d_length) > POINTS_DAMAGED ? POINTS_DAMAGED : one_off_points(d_length);
    zeros_skip(&t, &t_length);
    zeros_skip(&d, &d_length);
    bool equal = t_length == d_length && memcmp(t, d, t_length) == 0;
    unsigned points = equal ? bare_points(t_length) + (label ? 10 : 0)
                      : is_piece(d, d_length, t, t_length) ? 0
                      : is_one_off(t, t_length, d, d_length)
                          ? one_off_points(t_length < d_length ? t_length : d_length)
                          : 0;
    return points > best ? points : best;
}

static void named_add(struct fl_match_evidence *e, struct fl_match_named named)
{
    for (uint32_t i = 0; i < e->named_count; i++) {
        struct fl_match_named *other = &e->named[i];
        if (other->row != named.row || other->kind != named.kind)
            continue;
        if (other->mention != named.mention && !(named.flags & FL_MATCH_NAMED_DAMAGED) &&
            named.points <= other->points)
            return; /* said twice */
        if (other->mention == named.mention || named.points > other->points) {
            if (named.points > other->points)
                *other = named;
            return;
        }
    }
    if (e->named_count < FL_MATCH_NAMED_MAX)
        e->named[e->named_count++] = named;
}

/* The number as it stands is one that this customer owes. */
static bool is_theirs(const struct fl_match_evidence *e, uint8_t mention, uint32_t customer)
{
    for (uint32_t i = 0; i < e->named_count; i++) {
        const struct fl_match_named *named = &e->named[i];
        if (named->mention == mention && named->customer == customer &&
            !(named->flags &
              (FL_MATCH_NAMED_DAMAGED | FL_MATCH_NAMED_CLOSED | FL_MATCH_NAMED_WEAK)))
            return true;
    }
    return false;
}

static bool damage_try(const struct fl_match_index *index, const struct fl_match_digits *digits,
                       uint32_t item, uint8_t mention, struct fl_match_evidence *e)
{
    const struct fl_match_item *i = &index->items[item];
    bool whole;
    unsigned points = fl_match_damage_points(digits->digits, digits->length, i->tail,
                                             i->tail_length, digits->flags, &whole);
    if (points == 0 || i->now_minor == 0)
        return false;
    /* Of a whole number "INV" is its own, no label. A damaged one has it as one: so that it stands
     * against a number that is there by the letter but does not have the amount. */
    bool own_letters = whole && (digits->flags & FL_MATCH_TOKEN_OURS);
    if ((digits->flags & FL_MATCH_TOKEN_INVOICE) && !own_letters)
        points += POINTS_LABEL;
    uint8_t flags = whole && digits->length >= 5 ? 0 : FL_MATCH_NAMED_DAMAGED;
    if (!whole && i->tail_length < 5)
        flags |= FL_MATCH_NAMED_GUESSED;
    if ((flags & FL_MATCH_NAMED_GUESSED) && is_theirs(e, mention, i->customer))
        return false;
    named_add(e, (struct fl_match_named){.item = item,
                                         .row = i->row,
                                         .customer = i->customer,
                                         .kind = i->kind,
                                         .points = (uint8_t)points,
                                         .mention = mention,
                                         .flags = flags});
    return true;
}

static bool damage_of_payers(const struct fl_match_index *index,
                             const struct fl_match_digits *digits, uint8_t currency,
                             uint8_t mention, struct fl_match_evidence *e)
{
    bool found = false;
    for (uint32_t p = 0; p < e->payer_count; p++) {
        uint32_t from = index->items_of[e->payers[p].customer];
        uint32_t to = index->items_of[e->payers[p].customer + 1];
        if (to - from > SCANNED_ITEMS_MAX)
            to = from + SCANNED_ITEMS_MAX;
        for (uint32_t item = from; item < to; item++) {
            if (index->items[item].currency == currency)
                found |= damage_try(index, digits, item, mention, e);
        }
    }
    return found;
}

static bool is_whole(const struct fl_match_digits *digits, const struct fl_match_item *item)
{
    return digits->length == item->tail_length &&
           memcmp(digits->digits, item->tail, digits->length) == 0;
}

/* The payer's own items of exactly this amount: a slip of a digit that happens to be another number
 * of theirs. */
static bool damage_of_equal(const struct fl_match_index *index,
                            const struct fl_match_digits *digits, uint8_t currency,
                            int64_t amount_minor, bool whole_only, uint8_t mention,
                            struct fl_match_evidence *e)
{
    bool found = false;
    for (uint32_t p = 0; p < e->payer_count; p++) {
        uint32_t item = fl_match_item_place(index, e->payers[p].customer, currency, amount_minor);
        uint32_t end = index->items_of[e->payers[p].customer + 1];
        for (; item < end && index->items[item].currency == currency &&
               index->items[item].open_minor == amount_minor;
             item++) {
            if (!whole_only || is_whole(digits, &index->items[item]))
                found |= damage_try(index, digits, item, mention, e);
        }
    }
    return found;
}

static bool damage_of_amount(const struct fl_match_index *index,
                             const struct fl_match_digits *digits, uint8_t currency,
                             int64_t amount_minor, uint8_t mention, struct fl_match_evidence *e)
{
    bool found = false;
    uint32_t place = fl_match_amount_place(index, currency, amount_minor);
    for (uint32_t n = 0; place < index->item_count && n < SAME_AMOUNT_MAX; place++, n++) {
        const struct fl_match_item *item = &index->items[index->by_amount[place]];
        if (item->currency != currency || item->open_minor != amount_minor)
            break;
        found |= damage_try(index, digits, index->by_amount[place], mention, e);
    }
    return found;
}

/* ---- mentions (V1) --------------------------------------------------------------------------- */

struct span {
    uint32_t from, to;
    uint8_t mention;
    bool settled; /* names something open of a payer, or of anybody where no payer is known */
    bool weak;
};

struct reading {
    const struct fl_match_index *index;
    const struct fl_match_text *text;
    struct fl_match_evidence *out;
    struct span spans[FL_MATCH_MENTIONS_MAX];
    uint32_t span_count;
    uint8_t currency;
    int64_t amount_minor;
};

static unsigned hit_points(const struct fl_match_index *index, const struct fl_match_token *token,
                           const struct fl_match_found *found, uint8_t *flags_out)
{
    bool letters = token->flags & FL_MATCH_TOKEN_LETTERS, labelled;
    unsigned points = letters ? POINTS_NUMBER : bare_points(token->digits);
    labelled = !letters && (token->flags & FL_MATCH_TOKEN_INVOICE); /* "INV" is the number's own */
    *flags_out = 0;
    if (found->form == FL_MATCH_FORM_REFERENCE) {
        bool ours = fl_match_reference_schemes(index, found->row) & token->schemes;
        bool checked = ours || (letters && token->schemes);
        points = checked ? POINTS_CHECKED : token->digits >= 5 || letters ? POINTS_NUMBER : points;
        *flags_out = checked ? FL_MATCH_NAMED_CHECKED : 0;
    } else if (found->form == FL_MATCH_FORM_ORDER) {
        labelled = token->flags & FL_MATCH_TOKEN_ORDER;
        points = letters || labelled ? POINTS_ORDER : points / 2;
        *flags_out = FL_MATCH_NAMED_ORDER;
    }
    bool sure = letters || labelled || (*flags_out & FL_MATCH_NAMED_CHECKED);
    if (!letters && token->digits < 5)
        *flags_out |= FL_MATCH_NAMED_SHORT;
    bool foreign = token->flags & FL_MATCH_TOKEN_FOREIGN;
    if (foreign)
        points /= 2;
    if (foreign || (!sure && points < 45))
        *flags_out |= FL_MATCH_NAMED_WEAK;
    return points + (labelled ? POINTS_LABEL : 0);
}

static bool document_add(struct reading *r, uint8_t kind, uint32_t row, unsigned points,
                         uint8_t flags, uint8_t mention)
{
    const struct fl_match_index *index = r->index;
    uint32_t item =
        kind == FL_MATCH_INVOICE ? index->item_of_invoice[row] : index->item_of_note[row];
    uint32_t customer = kind == FL_MATCH_INVOICE ? fl_at_invoice_card(index->s, row)->customer
                                                 : fl_at_credit_note_card(index->s, row)->customer;
    const struct fl_match_payer *payer = payer_of(r->out, customer);
    bool open = item != FL_MATCH_NONE && index->items[item].now_minor > 0;
    if ((flags & FL_MATCH_NAMED_WEAK) && (!open || !payer))
        return false;
    if (!open)
        flags |= FL_MATCH_NAMED_CLOSED;
    named_add(r->out, (struct fl_match_named){.item = item,
                                              .row = row,
                                              .customer = customer,
                                              .kind = kind,
                                              .points = (uint8_t)points,
                                              .mention = mention,
                                              .flags = flags});
    return true;
}

/* The invoices of an order; closed ones only if none is open. */
static bool order_add(struct reading *r, uint32_t order, unsigned points, uint8_t flags,
                      uint8_t mention)
{
    const struct fl_snapshot *s = r->index->s;
    bool any = false;
    for (unsigned pass = 0; pass < 2 && !any; pass++) {
        for (uint32_t row = fl_at_order_live(s, order)->last_invoice; row != FL_NO_ROW;
             row = fl_at_invoice_cold(s, row)->prev_of_order) {
            uint32_t item = r->index->item_of_invoice[row];
            bool open = item != FL_MATCH_NONE && r->index->items[item].now_minor > 0;
            if (open == (pass == 0))
                any |= document_add(r, FL_MATCH_INVOICE, row, points, flags, mention);
        }
    }
    return any;
}

static bool is_free(const struct reading *r, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < r->span_count; i++) {
        if (from < r->spans[i].to && r->spans[i].from < to)
            return false;
    }
    return true;
}

/* Something open of a payer's, or of anybody's where no payer is known. */
static bool is_settled(const struct reading *r, uint8_t mention)
{
    for (uint32_t i = 0; i < r->out->named_count; i++) {
        const struct fl_match_named *named = &r->out->named[i];
        if (named->mention == mention && !(named->flags & FL_MATCH_NAMED_CLOSED) &&
            (r->out->payer_count == 0 || payer_of(r->out, named->customer)))
            return true;
    }
    return false;
}

/* What the mention names has the amount: it is no slip. */
static bool is_equal(const struct reading *r, uint8_t mention)
{
    for (uint32_t i = 0; i < r->out->named_count; i++) {
        const struct fl_match_named *named = &r->out->named[i];
        if (named->mention == mention && named->item != FL_MATCH_NONE &&
            r->index->items[named->item].now_minor == r->amount_minor)
            return true;
    }
    return false;
}

static void token_read(struct reading *r, const struct fl_match_token *token)
{
    struct fl_match_found found[FL_MATCH_SAME_MAX];
    bool field = token->flags & FL_MATCH_TOKEN_FIELD, any = false;
    bool piece = (token->flags & FL_MATCH_TOKEN_GLUED) && token->digits < 5 &&
                 !(token->flags & FL_MATCH_TOKEN_LETTERS); /* "1NV-": no number */
    if ((token->flags & FL_MATCH_TOKEN_OTHER) || piece || r->span_count == FL_MATCH_MENTIONS_MAX ||
        (!field && !is_free(r, token->from, token->to)))
        return;
    uint32_t count =
        fl_match_find_number(r->index, token->normal, token->length, found, FL_MATCH_SAME_MAX);
    uint8_t mention = (uint8_t)r->span_count, flags;
    for (uint32_t i = 0; i < count; i++) {
        unsigned points = hit_points(r->index, token, &found[i], &flags);
        any |= found[i].form == FL_MATCH_FORM_ORDER
                   ? order_add(r, found[i].row, points, flags, mention)
                   : document_add(r, found[i].kind, found[i].row, points, flags, mention);
    }
    if (any)
        r->spans[r->span_count++] =
            (struct span){.from = token->from, .to = token->to, .mention = mention};
}

/* V1: fields first, then the text's tokens, the longest first; equal ones in the order of the text.
 */
static void tokens_read(struct reading *r)
{
    uint8_t order[256];
    uint32_t count = r->text->token_count < 256 ? r->text->token_count : 256;
    for (uint32_t i = 0; i < count; i++) {
        const struct fl_match_token *token = &r->text->tokens[i];
        uint32_t at = i;
        while (at > 0) {
            const struct fl_match_token *other = &r->text->tokens[order[at - 1]];
            bool before =
                (token->flags & FL_MATCH_TOKEN_FIELD) > (other->flags & FL_MATCH_TOKEN_FIELD) ||
                ((token->flags & FL_MATCH_TOKEN_FIELD) == (other->flags & FL_MATCH_TOKEN_FIELD) &&
                 token->to - token->from > other->to - other->from);
            if (!before)
                break;
            order[at] = order[at - 1];
            at--;
        }
        order[at] = (uint8_t)i;
    }
    for (uint32_t i = 0; i < count; i++)
        token_read(r, &r->text->tokens[order[i]]);
}

/* ---- contradictions and damage --------------------------------------------------------------- */

/* V2: as long as references of ours that all have check digits, and they do not hold. */
static void checks_read(struct reading *r)
{
    for (uint32_t i = 0; i < r->text->token_count; i++) {
        const struct fl_match_token *token = &r->text->tokens[i];
        bool failed = token->flags & FL_MATCH_TOKEN_CHECK_FAILED;
        if ((failed && !(token->flags & FL_MATCH_TOKEN_LETTERS)) ||
            (failed && is_free(r, token->from, token->to)) ||
            (!(token->flags & (FL_MATCH_TOKEN_LETTERS | FL_MATCH_TOKEN_OTHER)) &&
             token->digits >= 6 && token->digits <= FL_MATCH_REFERENCE_MAX &&
             r->index->schemes_hold[token->digits] &&
             !(r->index->schemes_hold[token->digits] & token->schemes) &&
             is_free(r, token->from, token->to)))
            r->out->says |= FL_MATCH_SAYS_CHECK_FAILED;
    }
}

/* But for zeros before them. */
static bool digits_equal(const struct fl_match_digits *a, const struct fl_match_digits *b)
{
    const char *x = a->digits, *y = b->digits;
    uint32_t n = a->length, m = b->length;
    zeros_skip(&x, &n);
    zeros_skip(&y, &m);
    return n == m && memcmp(x, y, n) == 0;
}

/* The mention that the digits stand in; FL_MATCH_MENTIONS_MAX if none. */
static uint32_t span_of(const struct reading *r, const struct fl_match_digits *digits)
{
    uint32_t i = 0;
    while (i < r->span_count && !(digits->from < r->spans[i].to && r->spans[i].from < digits->to))
        i++;
    return i < r->span_count ? i : FL_MATCH_MENTIONS_MAX;
}

static void digits_read(struct reading *r, const struct fl_match_digits *digits)
{
    uint32_t span = span_of(r, digits);
    bool ours =
        digits->flags & (FL_MATCH_TOKEN_OURS | FL_MATCH_TOKEN_INVOICE | FL_MATCH_TOKEN_ORDER);
    if (span < FL_MATCH_MENTIONS_MAX && is_settled(r, r->spans[span].mention)) {
        if (!(digits->flags & (FL_MATCH_TOKEN_ORDER | FL_MATCH_TOKEN_OTHER)))
            (void)damage_of_equal(r->index, digits, r->currency, r->amount_minor,
                                  is_equal(r, r->spans[span].mention), r->spans[span].mention,
                                  r->out);
        return;
    }
    if ((digits->flags & FL_MATCH_TOKEN_OTHER) ||
        (span == FL_MATCH_MENTIONS_MAX &&
         (r->span_count == FL_MATCH_MENTIONS_MAX || (!ours && digits->length < 4))))
        return;
    bool new_span = span == FL_MATCH_MENTIONS_MAX;
    uint8_t mention = new_span ? (uint8_t)r->span_count : r->spans[span].mention;
    bool found = false;
    if (!(digits->flags & FL_MATCH_TOKEN_ORDER)) {
        found = damage_of_payers(r->index, digits, r->currency, mention, r->out);
        /* Beyond those that are scanned, the ones that could settle. */
        found |=
            damage_of_equal(r->index, digits, r->currency, r->amount_minor, false, mention, r->out);
        if (r->out->payer_count == 0)
            found |=
                damage_of_amount(r->index, digits, r->currency, r->amount_minor, mention, r->out);
    }
    if (new_span && found)
        r->spans[r->span_count++] =
            (struct span){.from = digits->from, .to = digits->to, .mention = mention};
    else if (new_span && ours)
        r->out->says |= FL_MATCH_SAYS_NOBODY;
}

/* What finding will read lies anywhere in memory: it is asked for in two steps, all of a payment's
 * at once, and what was asked for comes while other things are done. */
#define ASKED_MAX 64

struct asked {
    uint64_t keys[ASKED_MAX];
    uint32_t count;
};

static void ask_first(const struct fl_match_index *index, const struct fl_match_text *text,
                      struct asked *asked)
{
    uint64_t name = 0;
    for (uint32_t i = 0; i < text->account_count; i++)
        fl_match_map_prefetch(&index->accounts, text->accounts[i]);
    for (uint32_t i = 0; i < text->name_count; i++)
        name = fl_match_words_add(name, text->name_words[i]);
    fl_match_map_prefetch(&index->names, name);
    for (uint32_t i = 0; i + 1 < text->text_count; i++) {
        uint64_t two =
            fl_match_words_add(fl_match_words_add(0, text->text_words[i]), text->text_words[i + 1]);
        fl_match_map_prefetch(&index->names, two);
        fl_match_map_prefetch(&index->name_starts, two);
    }
    asked->count = text->token_count < ASKED_MAX ? text->token_count : ASKED_MAX;
    for (uint32_t i = 0; i < asked->count; i++)
        asked->keys[i] = fl_match_ask_number(index, text->tokens[i].normal, text->tokens[i].length);
}

/* The long digits begin or end with the short ones. */
static bool digits_cut(const struct fl_match_digits *piece, const struct fl_match_digits *all)
{
    uint32_t n = piece->length, m = all->length;
    return n >= 4 && n < m &&
           (memcmp(piece->digits, all->digits, n) == 0 ||
            memcmp(piece->digits, all->digits + m - n, n) == 0);
}

/* A number that is written twice is one mention: these digits stand elsewhere in one, whole or cut
 * by a blank. */
static bool is_said(const struct reading *r, uint32_t at)
{
    const struct fl_match_digits *digits = &r->text->digits[at];
    if (span_of(r, digits) < FL_MATCH_MENTIONS_MAX)
        return false;
    for (uint32_t i = 0; i < r->text->digits_count; i++) {
        const struct fl_match_digits *other = &r->text->digits[i];
        if (i != at && (digits_equal(digits, other) || digits_cut(digits, other)) &&
            span_of(r, other) < FL_MATCH_MENTIONS_MAX)
            return true;
    }
    return false;
}

static bool is_marked(const struct reading *r, const struct fl_match_digits *digits)
{
    return (digits->flags &
            (FL_MATCH_TOKEN_OURS | FL_MATCH_TOKEN_INVOICE | FL_MATCH_TOKEN_ORDER)) ||
           span_of(r, digits) < FL_MATCH_MENTIONS_MAX;
}

void fl_match_evidence_read(const struct fl_match_index *index, const struct fl_match_text *text,
                            uint32_t customer, uint8_t currency, int64_t amount_minor,
                            struct fl_match_evidence *out)
{
    struct reading r = {.index = index,
                        .text = text,
                        .out = out,
                        .currency = currency,
                        .amount_minor = amount_minor};
    struct asked asked;
    out->payer_count = out->named_count = out->mention_count = out->says = 0;
    ask_first(index, text, &asked);
    if (customer != FL_MATCH_NONE)
        payer_add(out, customer, POINTS_ACCOUNT, FL_MATCH_BY_CUSTOMER);
    payers_by_account(index, text, out);
    if (text->name_count > 0)
        payers_by_name(index, text->name_words, text->name_count, out);
    payers_in_text(index, text, out);
    for (uint32_t i = 0; i < asked.count; i++)
        fl_match_ask_document(index, asked.keys[i]);
    uint32_t alike = FL_MATCH_NONE;
    if (out->payer_count == 0 && text->name_length > 0)
        alike = fl_match_name_find(index, text->name, text->name_length);
    if (alike != FL_MATCH_NONE)
        payer_add(out, alike, POINTS_FUZZY, FL_MATCH_BY_FUZZY_NAME);
    if (text->name_count > 0 || text->account_count > 0)
        out->says |= FL_MATCH_SAYS_NAME;
    tokens_read(&r);
    checks_read(&r);
    if (!(out->says & FL_MATCH_SAYS_CHECK_FAILED)) {
        /* Digits that nothing marks as ours are read only where the text names nothing else. */
        for (uint32_t i = 0; i < text->digits_count; i++) {
            if (is_marked(&r, &text->digits[i]) && !is_said(&r, i))
                digits_read(&r, &text->digits[i]);
        }
        bool silent = r.span_count == 0 && !(out->says & FL_MATCH_SAYS_NOBODY);
        for (uint32_t i = 0; silent && i < text->digits_count; i++) {
            if (!is_marked(&r, &text->digits[i]))
                digits_read(&r, &text->digits[i]);
        }
    }
    out->mention_count = r.span_count;
}
