#include "core/domain/line_told.h"

/* The scratch by bytes. Candidates and their chains are needed in between only; what is returned
 * stands where the judge had its lines, behind the first MiB. */
#define HEADS      65536u
#define NEXT_AT    (FL_TOLD_CANDIDATES * sizeof(struct candidate))
#define HEADS_AT   (NEXT_AT + FL_TOLD_CANDIDATES * 4)
#define RESULTS_AT FL_IDENTITY_LINES_AT
#define WANTED_BITS                                                                                \
    65536u /* of (day, amount) that are asked for; a bit too many costs a candidate */
#define WANTED_AT (RESULTS_AT + FL_STATEMENT_LINES_MAX * 4)

/* A stored line, or those of a batch together. */
struct candidate {
    uint64_t key; /* account is the same, day and amount */
    uint32_t row;
    uint16_t count;
    uint8_t interim, taken;
};
static_assert(HEADS_AT + HEADS * 4 <= RESULTS_AT, "candidates fit");
static_assert(WANTED_AT + WANTED_BITS / 8 <= RESULTS_AT + FL_STATEMENT_LINES_MAX * 24, "bits fit");

/* A line of the statement that asks, or those of a batch together. */
struct unit {
    uint64_t key;
    uint32_t first, count;
};

/* Batches before texts: what is told as a sum must not lose a part to another line. */
enum pass {
    PASS_REFERENCE,
    PASS_END_TO_END,
    PASS_BATCH_REFERENCE,
    PASS_BATCH,
    PASS_TEXT,
    PASS_AMOUNT,
    PASSES
};

struct telling {
    struct fl_state *s;
    const struct fl_identity_statement *of;
    uint64_t *identity;
    struct candidate *candidates;
    uint32_t *next, *heads, *told;
    uint8_t *wanted;
    uint32_t count;
};

/* ---- what is compared ------------------------------------------------------------------------ */

/* Letters and digits alone, in upper case: files of one bank differ in the rest. 0: there are none.
 */
static uint64_t normal_hash(const char *text, size_t length)
{
    uint64_t h = 0;
    bool any = false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(c >= '0' && c <= '9') && c < 0x80)
            continue;
        h = (h ^ (c >= 'a' && c <= 'z' ? c - 32u : c)) * UINT64_C(0x100000001B3) + 1;
        any = true;
    }
    return any ? h | 1 : 0;
}

static uint64_t base_key(uint16_t day, int64_t minor)
{
    return fl_hash_u64((uint64_t)minor, day);
}

static uint64_t stored_hash(const struct fl_store *store, unsigned table, struct fl_text_ref ref)
{
    return ref.length == 0 ? 0 : normal_hash(fl_text_get(store, table, ref), ref.length);
}

static uint64_t item_hash(const struct telling *t, struct fl_text text)
{
    return normal_hash(fl_command_text(t->of->command, text), text.length);
}

/* What the pass compares of a stored line; 0: it has nothing of the kind. */
static uint64_t stored_evidence(const struct telling *t, uint32_t row, enum pass pass)
{
    const struct fl_store *store = &t->s->store;
    switch (pass) {
    case PASS_REFERENCE:
    case PASS_BATCH_REFERENCE:
        return stored_hash(store, FL_TABLE_text, fl_statement_line_card(store, row)->bank_ref);
    case PASS_END_TO_END:
        return stored_hash(store, FL_TABLE_personal,
                           fl_statement_line_cold(store, row)->end_to_end);
    case PASS_TEXT:
        return stored_hash(store, FL_TABLE_personal, fl_statement_line_cold(store, row)->text);
    default:
        return 1;
    }
}

static uint64_t own_evidence(const struct telling *t, uint32_t line, enum pass pass)
{
    const struct fl_statement_item *item = &t->of->items[line];
    switch (pass) {
    case PASS_REFERENCE:
    case PASS_BATCH_REFERENCE:
        return item_hash(t, item->bank_ref);
    case PASS_END_TO_END:
        return item_hash(t, item->end_to_end);
    case PASS_TEXT:
        return item_hash(t, item->text);
    default:
        return 1;
    }
}

/* ---- the units that ask ---------------------------------------------------------------------- */

static int64_t own_minor(const struct telling *t, uint32_t line)
{
    int64_t minor;
    enum fl_status status =
        fl_decimal_scale(t->of->items[line].amount, fl_currency_exponent(t->of->currency), &minor);
    FL_ASSERT(status == FL_OK); /* whoever asks has checked every line */
    return minor;
}

static uint16_t own_day(const struct telling *t, uint32_t line)
{
    uint16_t day = t->of->items[line].booking_date;
    return day != FL_DATE_NONE ? day : t->of->to;
}

static uint32_t batch_of(const struct fl_statement_item *item)
{
    return item->batch > FL_OPTIONAL_NONE ? item->batch - 1 : 0;
}

static struct unit unit_of_line(const struct telling *t, uint32_t line)
{
    return (struct unit){base_key(own_day(t, line), own_minor(t, line)), line, 1};
}

/* The batch that begins at the line; count 0: none does. */
static struct unit unit_of_batch(const struct telling *t, uint32_t line)
{
    struct unit unit = {.first = line};
    fl_int128 sum = 0;
    if (batch_of(&t->of->items[line]) != 1)
        return unit;
    do {
        sum += own_minor(t, line + unit.count++);
    } while (line + unit.count < t->of->count &&
             batch_of(&t->of->items[line + unit.count]) == unit.count + 1);
    if (unit.count > UINT16_MAX || sum > FL_AMOUNT_MAX || sum < -FL_AMOUNT_MAX)
        unit.count = 0;
    unit.key = base_key(own_day(t, line), (int64_t)sum);
    return unit;
}

static void want(struct telling *t, uint64_t key)
{
    t->wanted[key % WANTED_BITS / 8] |= (uint8_t)(1u << key % 8);
}

static bool is_wanted(const struct telling *t, uint64_t key)
{
    return t->wanted[key % WANTED_BITS / 8] & 1u << key % 8;
}

static void units_want(struct telling *t)
{
    memset(t->wanted, 0, WANTED_BITS / 8);
    for (uint32_t i = 0; i < t->of->count; i++) {
        struct unit batch = unit_of_batch(t, i);
        want(t, unit_of_line(t, i).key);
        if (batch.count > 0)
            want(t, batch.key);
    }
}

/* ---- candidates ------------------------------------------------------------------------------ */

static void candidate_add(struct telling *t, uint64_t key, uint32_t row, uint32_t count,
                          bool interim)
{
    if (!is_wanted(t, key) || t->count == FL_TOLD_CANDIDATES || count > UINT16_MAX)
        return;
    t->candidates[t->count++] =
        (struct candidate){.key = key, .row = row, .count = (uint16_t)count, .interim = interim};
}

/* The stored batch that begins at the row, which is one of the statement's. */
static void batch_add(struct telling *t, uint32_t row, uint32_t end, bool interim)
{
    const struct fl_store *store = &t->s->store;
    uint16_t day = fl_statement_line_card(store, row)->booking_date;
    fl_int128 sum = 0;
    uint32_t next = row;
    do {
        sum += fl_statement_line_card(store, next++)->amount_minor;
    } while (next < end && fl_statement_line_live(store, next)->batch == FL_BATCH_NEXT);
    if (sum <= FL_AMOUNT_MAX && sum >= -FL_AMOUNT_MAX)
        candidate_add(t, base_key(day, (int64_t)sum), row, next - row, interim);
}

static void lines_gather(struct telling *t, const struct fl_statement_card *card, bool interim)
{
    const struct fl_store *store = &t->s->store;
    uint32_t end = card->line_first + card->line_count;
    for (uint32_t row = card->line_first; row < end; row++) {
        const struct fl_statement_line_card *line = fl_statement_line_card(store, row);
        const struct fl_statement_line_live *live = fl_statement_line_live(store, row);
        if (live->told)
            continue; /* the statement's own line speaks for it */
        candidate_add(t, base_key(line->booking_date, line->amount_minor), row, 1, interim);
        if (live->batch == FL_BATCH_FIRST)
            batch_add(t, row, end, interim);
    }
}

/* A statement asks for interim lines; an interim report for all. */
static void candidates_gather(struct telling *t)
{
    const struct fl_store *store = &t->s->store;
    uint32_t row = fl_bank_account_live(store, t->of->account)->last_statement;
    for (unsigned n = 0; row != FL_NO_ROW && n < FL_TOLD_STATEMENTS; n++) {
        const struct fl_statement_card *card = fl_statement_card(store, row);
        bool interim = fl_statement_live(store, row)->interim;
        bool same_days = card->from_date <= t->of->to && card->to_date >= t->of->from;
        if (same_days && (interim || t->of->interim))
            lines_gather(t, card, interim);
        row = card->prev_of_account;
    }
}

/* ---- the passes ------------------------------------------------------------------------------ */

static bool is_for_batches(enum pass pass)
{
    return pass == PASS_BATCH_REFERENCE || pass == PASS_BATCH;
}

/* The first one gathered stands first in its chain. */
static void pass_index(struct telling *t, enum pass pass)
{
    memset(t->heads, 0xFF, HEADS * sizeof *t->heads);
    for (uint32_t i = t->count; i-- > 0;) {
        const struct candidate *candidate = &t->candidates[i];
        uint64_t evidence;
        bool fits = is_for_batches(pass) || candidate->count == 1;
        bool never = pass == PASS_AMOUNT && t->of->interim && candidate->interim; /* U4 */
        if (candidate->taken || !fits || never ||
            (evidence = stored_evidence(t, candidate->row, pass)) == 0)
            continue;
        uint32_t *head = &t->heads[fl_hash_u64(evidence, candidate->key) % HEADS];
        t->next[i] = *head;
        *head = i;
    }
}

/* U4: two references that differ are two entries. */
static bool contradicts(const struct telling *t, const struct candidate *candidate, uint32_t line)
{
    return t->of->interim && candidate->interim && own_evidence(t, line, PASS_REFERENCE) != 0 &&
           stored_evidence(t, candidate->row, PASS_REFERENCE) != 0;
}

static bool any_told(const struct telling *t, const struct candidate *candidate)
{
    for (uint32_t i = 0; i < candidate->count; i++) {
        if (fl_statement_line_live(&t->s->store, candidate->row + i)->told)
            return true;
    }
    return false;
}

/* A part of a batch is found alone only where a reference says so: else its batch is found whole,
 * as a batch or as its sum. Were a part taken by amount or text, its batch would never be whole
 * again. */
static bool shapes_agree(const struct telling *t, const struct unit *unit,
                         const struct candidate *candidate, enum pass pass)
{
    bool own_part = batch_of(&t->of->items[unit->first]) > 0;
    bool part = fl_statement_line_live(&t->s->store, candidate->row)->batch != FL_BATCH_NONE;
    bool own_whole = unit->count > 1 || !own_part, whole = candidate->count > 1 || !part;
    if (is_for_batches(pass))
        return own_whole && whole && unit->count + candidate->count > 2;
    return pass == PASS_REFERENCE || pass == PASS_END_TO_END || (!own_part && !part);
}

static struct candidate *candidate_take(struct telling *t, const struct unit *unit, enum pass pass)
{
    uint64_t evidence = own_evidence(t, unit->first, pass);
    if (evidence == 0)
        return NULL;
    uint32_t *link = &t->heads[fl_hash_u64(evidence, unit->key) % HEADS];
    while (*link != UINT32_MAX) {
        struct candidate *candidate = &t->candidates[*link];
        bool equal = candidate->key == unit->key &&
                     stored_evidence(t, candidate->row, pass) == evidence &&
                     shapes_agree(t, unit, candidate, pass);
        if (candidate->taken || (equal && any_told(t, candidate))) {
            *link = t->next[*link];
            continue;
        }
        if (equal && !(pass == PASS_TEXT && contradicts(t, candidate, unit->first)))
            return candidate;
        link = &t->next[*link];
    }
    return NULL;
}

static void unit_tell(struct telling *t, const struct unit *unit, struct candidate *candidate)
{
    candidate->taken = 1;
    for (uint32_t i = 0; i < unit->count; i++) {
        t->told[unit->first + i] = /* asks no more */
            candidate->row + (unit->count == candidate->count ? i : 0);
        if (t->of->interim)
            t->identity[unit->first + i] = 0;
    }
    for (uint32_t i = 0; !t->of->interim && i < candidate->count; i++)
        fl_statement_line_live_write(&t->s->store, candidate->row + i)->told = 1;
}

/* What an interim report tells that is known word for word takes its line too, so that no other
 * does. */
static bool unit_asks(const struct telling *t, const struct unit *unit, enum pass pass)
{
    for (uint32_t i = unit->first; i < unit->first + unit->count; i++) {
        bool known = t->identity[i] == 0;
        bool takes = t->of->interim && !is_for_batches(pass) && pass != PASS_AMOUNT;
        if (t->told[i] != FL_NO_ROW || (known && !takes))
            return false;
    }
    return unit->count > 0;
}

static void unit_pass(struct telling *t, struct unit unit, enum pass pass)
{
    struct candidate *candidate = unit_asks(t, &unit, pass) ? candidate_take(t, &unit, pass) : NULL;
    if (candidate)
        unit_tell(t, &unit, candidate);
}

static void run_pass(struct telling *t, enum pass pass)
{
    pass_index(t, pass);
    for (uint32_t i = 0; i < t->of->count; i++) {
        if (is_for_batches(pass))
            unit_pass(t, unit_of_batch(t, i), pass);
        unit_pass(t, unit_of_line(t, i), pass);
    }
}

const uint32_t *fl_line_told(struct fl_state *s, const struct fl_identity_statement *of,
                             uint64_t *identity)
{
    char *scratch = (char *)s->scratch;
    struct telling t = {.s = s,
                        .of = of,
                        .identity = identity,
                        .candidates = (struct candidate *)scratch,
                        .next = (uint32_t *)(scratch + NEXT_AT),
                        .heads = (uint32_t *)(scratch + HEADS_AT),
                        .told = (uint32_t *)(scratch + RESULTS_AT),
                        .wanted = (uint8_t *)(scratch + WANTED_AT)};
    FL_ASSERT(of->count <= FL_STATEMENT_LINES_MAX);
    if (!of->interim && !fl_bank_account_live(&s->store, of->account)->has_interim)
        return NULL;
    memset(t.told, 0xFF, of->count * sizeof *t.told);
    units_want(&t);
    candidates_gather(&t);
    for (enum pass pass = PASS_REFERENCE; t.count > 0 && pass < PASSES; pass++)
        run_pass(&t, pass);
    return of->interim ? NULL : t.told;
}
