#include "core/domain/line_identity.h"

/* The scratch by bytes: receipts are named in its beginning while lines are booked, so that what must live so long
 * stands behind the first MiB. */
#define PLACES 65536u   /* of stored lines, open addressing: (content, balance) */
#define CONTENTS 32768u /* of the statement's lines */
#define RESULTS_AT (1u << 20)
#define LINES_AT FL_IDENTITY_LINES_AT
static_assert(LINES_AT == RESULTS_AT + FL_STATEMENT_LINES_MAX * 8, "lines follow the results");
#define CONTENTS_AT (2u << 20)
static_assert(LINES_AT + FL_STATEMENT_LINES_MAX * 24 <= CONTENTS_AT, "lines fit");
static_assert(CONTENTS >= 3 * FL_STATEMENT_LINES_MAX, "the table stays sparse");

/* Stored lines of one content at one balance. */
struct place {
    uint64_t key;
    uint32_t stored, taken;
};
static_assert(PLACES * sizeof(struct place) <= RESULTS_AT, "places fit");

/* Lines of one content. */
struct content {
    uint64_t key;
    int64_t amount_minor;
    uint32_t stored;    /* before this statement */
    uint32_t left_out;  /* of them those of interim reports that are not asked */
    uint32_t unproved;  /* of them those that N3 may take */
    uint32_t own, suspects; /* of this statement, and of them those that are equal in content only */
    uint32_t counted, added;
};
static_assert(CONTENTS_AT + CONTENTS * sizeof(struct content) <= FL_SCRATCH_ROWS * sizeof(uint32_t),
              "contents fit");

struct line {
    int64_t before_minor, amount_minor;
    uint32_t content; /* place in the table */
    bool matched;     /* N1 */
};

struct judge {
    struct fl_state *s;
    const struct fl_identity_statement *of;
    struct place *places;
    struct content *contents;
    struct line *lines;
    uint64_t *results;
    uint32_t contents_mask, places_used;
    uint32_t statements[FL_IDENTITY_STATEMENTS]; /* stored ones of the same days, newest first */
    bool proved[FL_IDENTITY_STATEMENTS];         /* N2 */
    bool overlaps[FL_IDENTITY_STATEMENTS];       /* by their common lines */
    bool begins_before[FL_IDENTITY_STATEMENTS], ends_behind[FL_IDENTITY_STATEMENTS];
    uint32_t statement_count;
    bool interim_stored; /* of the account, anything */
};

/* ---- content --------------------------------------------------------------------------------- */

struct line_text {
    const char *bank_ref, *text;
    size_t bank_ref_length, text_length;
};

static uint64_t content_hash(uint32_t account, int64_t minor, uint16_t day, struct line_text t)
{
    uint64_t h = fl_hash_u64(account, 1);
    h = fl_hash64(t.bank_ref, t.bank_ref_length, h);
    h = fl_hash_u64((uint64_t)minor, h);
    h = fl_hash_u64(day, h);
    return fl_hash64(t.text, t.text_length, h);
}

static uint64_t content_of(const struct judge *j, const struct fl_statement_item *item, int64_t minor)
{
    uint16_t day = item->booking_date != FL_DATE_NONE ? item->booking_date : j->of->to;
    return content_hash(j->of->account, minor, day,
                        (struct line_text){fl_command_text(j->of->command, item->bank_ref),
                                           fl_command_text(j->of->command, item->text),
                                           item->bank_ref.length, item->text.length});
}

static uint32_t content_place(struct judge *j, uint64_t key)
{
    uint32_t at = (uint32_t)(key >> 1) & j->contents_mask;
    while (j->contents[at].key != 0 && j->contents[at].key != key)
        at = (at + 1) & j->contents_mask;
    return at;
}

/* The place, or the empty one where it would be. */
static struct place *place_at(struct judge *j, uint64_t key)
{
    uint32_t at = (uint32_t)(key >> 1) & (PLACES - 1);
    while (j->places[at].key != 0 && j->places[at].key != key)
        at = (at + 1) & (PLACES - 1);
    return &j->places[at];
}

static uint64_t place_key(uint64_t content, int64_t before_minor)
{
    return fl_hash_u64((uint64_t)before_minor, content) | 1;
}

/* Null if nothing of it is stored. */
static struct place *place_find(struct judge *j, uint64_t content, int64_t before_minor)
{
    struct place *place = place_at(j, place_key(content, before_minor));
    return place->key != 0 ? place : NULL;
}

/* Where the table is full, the rest is left to N3. */
static void place_add(struct judge *j, uint64_t content, int64_t before_minor)
{
    uint64_t key = place_key(content, before_minor);
    if (j->places_used == 0)
        memset(j->places, 0, PLACES * sizeof *j->places);
    struct place *place = place_at(j, key);
    if (place->key == 0 && j->places_used == PLACES / 2)
        return;
    j->places_used += place->key == 0;
    place->key = key;
    place->stored++;
}

/* The stored line that is the n-th of its content. */
static uint32_t stored_line(const struct judge *j, const struct content *content, uint32_t n)
{
    return fl_find_statement_line(j->s, fl_hash_u64(content->key, n));
}

static bool has_balances(const struct fl_statement_card *card)
{
    return card->balanced && (card->opening_given || card->closing_given);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_left_out(const struct judge *j, uint32_t row)
{
    const struct fl_store *store = &j->s->store;
    return j->interim_stored &&
           fl_statement_live(store, fl_statement_line_card(store, row)->statement)->interim &&
           (!j->of->interim || fl_statement_line_live(store, row)->told);
}

/* The numbers of a content stand without gaps, so that their end is found by doubling and halving. */
static uint32_t stored_end(const struct judge *j, const struct content *content)
{
    uint32_t low = content->stored, high = low + 1;
    while (high < FL_TABLE_ROWS_MAX && stored_line(j, content, high) != FL_NO_ROW) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (stored_line(j, content, middle) != FL_NO_ROW)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Each is looked at only where its place counts, or whose it is. */
static void stored_count(struct judge *j, struct content *content)
{
    const struct fl_store *store = &j->s->store;
    uint32_t row;
    bool places = j->of->has_balances;
    while ((places || j->interim_stored) &&
           (row = stored_line(j, content, content->stored + 1)) != FL_NO_ROW) {
        content->stored++;
        content->left_out += is_left_out(j, row);
        if (places &&
            has_balances(fl_statement_card(store, fl_statement_line_card(store, row)->statement)))
            place_add(j, content->key, fl_statement_line_cold(store, row)->before_minor);
    }
    if (!places && !j->interim_stored)
        content->stored = stored_end(j, content);
}

/* Returns whether anything equal is stored. */
static bool lines_read(struct judge *j)
{
    unsigned exponent = fl_currency_exponent(j->of->currency);
    int64_t before = j->of->opening_minor;
    bool any = false;
    for (uint32_t i = 0; i < j->of->count; i++) {
        int64_t minor;
        enum fl_status status = fl_decimal_scale(j->of->items[i].amount, exponent, &minor);
        FL_ASSERT(status == FL_OK); /* whoever asks has checked every line */
        uint64_t key = content_of(j, &j->of->items[i], minor) | 1;
        uint32_t at = content_place(j, key);
        struct content *content = &j->contents[at];
        if (content->key == 0) {
            content->key = key;
            content->amount_minor = minor;
            stored_count(j, content);
        }
        content->own++;
        j->lines[i] = (struct line){before, minor, at, false};
        before += minor;
        any |= content->stored > 0;
    }
    return any;
}

/* N1. */
static void lines_match(struct judge *j)
{
    if (j->places_used == 0)
        memset(j->places, 0, PLACES * sizeof *j->places);
    for (uint32_t i = 0; i < j->of->count; i++) {
        struct line *line = &j->lines[i];
        struct content *content = &j->contents[line->content];
        if (content->stored == 0)
            continue;
        struct place *place = place_find(j, content->key, line->before_minor);
        line->matched = place && place->taken < place->stored;
        content->suspects += !line->matched;
        if (line->matched)
            place->taken++;
    }
}

/* ---- where the stored statements lie (N2) ---------------------------------------------------- */

static void statements_gather(struct judge *j)
{
    const struct fl_store *store = &j->s->store;
    uint32_t row = fl_bank_account_live(store, j->of->account)->last_statement;
    for (unsigned n = 0; row != FL_NO_ROW && n < FL_IDENTITY_LOOKED; n++) {
        const struct fl_statement_card *card = fl_statement_card(store, row);
        bool same_days = card->from_date <= j->of->to && card->to_date >= j->of->from;
        if (same_days && has_balances(card) && j->statement_count < FL_IDENTITY_STATEMENTS)
            j->statements[j->statement_count++] = row;
        row = card->prev_of_account;
    }
}

/* What the lines with an equal one come to: were a day of such a sum only sorted otherwise, it would end where it
 * began, and its next file would seem to follow it. */
static bool equal_lines_move_the_balance(const struct judge *j)
{
    fl_int128 sum = 0;
    for (uint32_t i = 0; i <= j->contents_mask; i++) {
        const struct content *content = &j->contents[i];
        uint32_t pairs = content->own < content->stored ? content->own : content->stored;
        sum += (fl_int128)content->amount_minor * pairs;
    }
    return sum != 0;
}

/* A line that was stored for the statement begins or ends at that balance. */
static bool stored_at(const struct judge *j, uint32_t statement, int64_t balance)
{
    const struct fl_store *store = &j->s->store;
    const struct fl_statement_card *card = fl_statement_card(store, statement);
    for (uint32_t line = card->line_first; line < card->line_first + card->line_count; line++) {
        int64_t before = fl_statement_line_cold(store, line)->before_minor;
        if (before == balance ||
            before + fl_statement_line_card(store, line)->amount_minor == balance)
            return true;
    }
    return false;
}

/* The balance before line i; behind the last one for i = count. */
static int64_t balance_at(const struct judge *j, uint32_t i)
{
    return i < j->of->count ? j->lines[i].before_minor : j->of->closing_minor;
}

/* The first line that stands at the balance; count + 1 if none does. */
static uint32_t first_at(const struct judge *j, int64_t balance)
{
    uint32_t i = 0;
    while (i <= j->of->count && balance_at(j, i) != balance)
        i++;
    return i;
}

static uint32_t last_at(const struct judge *j, int64_t balance)
{
    for (uint32_t i = j->of->count + 1; i-- > 0;) {
        if (balance_at(j, i) == balance)
            return i;
    }
    return j->of->count + 1;
}

static bool block_matches(const struct judge *j, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        if (!j->lines[i].matched)
            return false;
    }
    return from < to;
}

/* The lines that both have: from where the stored one opens, or ours does, to where one of them closes. */
static void overlap_prove(struct judge *j, uint32_t i)
{
    const struct fl_statement_card *card = fl_statement_card(&j->s->store, j->statements[i]);
    uint32_t count = j->of->count;
    uint32_t opens = first_at(j, card->opening_minor), closes = last_at(j, card->closing_minor);
    j->begins_before[i] = opens > count;
    j->ends_behind[i] = closes > count;
    j->proved[i] = block_matches(j, opens > count ? 0 : opens, closes > count ? count : closes);
}

/* Statements that lie wholly before ours (or, `after`, behind): the one that closes where ours opens, or where one
 * opens that overlaps ours and begins before it; those that close where that one opens or on its way, and so on. */
static void chain_prove(struct judge *j, bool after)
{
    const struct fl_store *store = &j->s->store;
    uint32_t chain[FL_IDENTITY_STATEMENTS], count = 0;
    bool in_chain[FL_IDENTITY_STATEMENTS] = {false};
    int64_t own_end = after ? j->of->closing_minor : j->of->opening_minor;
    for (uint32_t i = 0; i < j->statement_count; i++) {
        in_chain[i] = j->overlaps[i] && (after ? j->ends_behind[i] : j->begins_before[i]);
        if (in_chain[i])
            chain[count++] = i;
    }
    for (uint32_t done = 0; done <= count; done++) { /* 0: ours */
        uint32_t link = done > 0 ? j->statements[chain[done - 1]] : FL_NO_ROW;
        int64_t far = link == FL_NO_ROW ? own_end
                      : after           ? fl_statement_card(store, link)->closing_minor
                                        : fl_statement_card(store, link)->opening_minor;
        for (uint32_t i = 0; i < j->statement_count; i++) {
            const struct fl_statement_card *card = fl_statement_card(store, j->statements[i]);
            int64_t near = after ? card->opening_minor : card->closing_minor;
            if (in_chain[i] ||
                (near != far && (link == FL_NO_ROW || !stored_at(j, link, near))))
                continue;
            in_chain[i] = j->proved[i] = true;
            chain[count++] = i;
        }
    }
}

static void statements_prove(struct judge *j)
{
    statements_gather(j);
    for (uint32_t i = 0; i < j->statement_count; i++)
        overlap_prove(j, i);
    memcpy(j->overlaps, j->proved, sizeof j->overlaps);
    if (equal_lines_move_the_balance(j)) {
        chain_prove(j, false);
        chain_prove(j, true);
    }
}

/* ---- the judgement --------------------------------------------------------------------------- */

static bool is_proved(const struct judge *j, uint32_t statement)
{
    for (uint32_t i = 0; i < j->statement_count; i++) {
        if (j->statements[i] == statement)
            return j->proved[i];
    }
    return false;
}

/* Stored lines that N1 did not take and N2 says nothing of. */
static void unproved_count(struct judge *j, struct content *content)
{
    const struct fl_store *store = &j->s->store;
    for (uint32_t n = 1; content->suspects > 0 && n <= content->stored; n++) {
        uint32_t row = stored_line(j, content, n);
        const struct fl_statement_line_card *card = fl_statement_line_card(store, row);
        if (is_left_out(j, row))
            continue;
        if (has_balances(fl_statement_card(store, card->statement))) {
            struct place *place =
                place_find(j, content->key, fl_statement_line_cold(store, row)->before_minor);
            if (place && place->taken > 0) {
                place->taken--;
                continue;
            }
        }
        content->unproved += !is_proved(j, card->statement);
    }
}

/* Without balances of its own: the how-many-th of its content, as the reader says or as counted here. */
static bool known_by_count(struct content *content, const struct fl_statement_item *item)
{
    content->counted++;
    uint32_t nth = item->occurrence > FL_OPTIONAL_NONE + 1 ? item->occurrence - 1 : content->counted;
    return nth <= content->stored - content->left_out;
}

static bool known_unproved(struct content *content, const struct line *line)
{
    bool known = line->matched || content->unproved > 0;
    content->unproved -= known && !line->matched;
    return known;
}

static void results_write(struct judge *j)
{
    for (uint32_t i = 0; i < j->of->count; i++) {
        struct content *content = &j->contents[j->lines[i].content];
        bool known = content->stored > 0 &&
                     (j->of->has_balances ? known_unproved(content, &j->lines[i])
                                          : known_by_count(content, &j->of->items[i]));
        j->results[i] = known ? 0 : fl_hash_u64(content->key, content->stored + ++content->added);
    }
}

uint64_t *fl_identity_judge(struct fl_state *s, const struct fl_identity_statement *statement)
{
    char *scratch = (char *)s->scratch;
    struct judge j = {.s = s,
                      .of = statement,
                      .places = (struct place *)scratch,
                      .contents = (struct content *)(scratch + CONTENTS_AT),
                      .lines = (struct line *)(scratch + LINES_AT),
                      .results = (uint64_t *)(scratch + RESULTS_AT),
                      .interim_stored =
                          fl_bank_account_live(&s->store, statement->account)->has_interim};
    FL_ASSERT(statement->count <= FL_STATEMENT_LINES_MAX);
    j.contents_mask = 63;
    while (j.contents_mask < 3 * statement->count)
        j.contents_mask = j.contents_mask * 2 + 1;
    memset(j.contents, 0, (j.contents_mask + 1) * sizeof *j.contents);
    bool any = lines_read(&j);
    if (any && statement->has_balances) {
        lines_match(&j);
        statements_prove(&j);
        for (uint32_t i = 0; i <= j.contents_mask; i++) {
            if (j.contents[i].stored > 0)
                unproved_count(&j, &j.contents[i]);
        }
    }
    results_write(&j);
    return j.results;
}
