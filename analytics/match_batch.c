#include "analytics/match_batch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/large_array.h"
#include "core/base/hash.h"
#include "core/domain/reference.h"
#include "core/domain/state.h"
#include "core/domain/statement_line.h"

#define ROUNDS        4
#define CHUNK_LINES   2048
#define POOL_BYTES    ((2u << 20) - sizeof(struct pool_block)) /* a block fills a large page */
#define THREADS_MAX   16
#define ASK_ROW       8 /* lines ahead */
#define ASK_TEXT      4
#define IDENTITY_SEED UINT64_C(0x666C6F72696E4C69)

/* ---- evidence, packed ------------------------------------------------------------------------ */

struct fl_match_packed {
    uint8_t payer_count, named_count, mention_count, says;
    struct fl_match_named named[]; /* then the payers */
};

struct pool_block {
    struct pool_block *next;
    size_t used;
    char bytes[];
};

struct fl_match_pool {
    struct pool_block *blocks;
};

static void *pool_take(struct fl_match_pool *pool, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if (!pool->blocks || pool->blocks->used + bytes > POOL_BYTES) {
        struct pool_block *block = fl_large_array(sizeof *block + POOL_BYTES);
        if (!block)
            return NULL;
        *block = (struct pool_block){.next = pool->blocks};
        pool->blocks = block;
    }
    void *at = pool->blocks->bytes + pool->blocks->used;
    pool->blocks->used += bytes;
    return at;
}

static struct fl_match_packed *evidence_pack(struct fl_match_pool *pool,
                                             const struct fl_match_evidence *e)
{
    size_t named = e->named_count * sizeof *e->named, payers = e->payer_count * sizeof *e->payers;
    struct fl_match_packed *packed = pool_take(pool, sizeof *packed + named + payers);
    if (!packed)
        return NULL;
    packed->payer_count = (uint8_t)e->payer_count;
    packed->named_count = (uint8_t)e->named_count;
    packed->mention_count = (uint8_t)e->mention_count;
    packed->says = (uint8_t)e->says;
    memcpy(packed->named, e->named, named);
    memcpy(packed->named + e->named_count, e->payers, payers);
    return packed;
}

static size_t packed_bytes(const struct fl_match_packed *packed)
{
    return sizeof *packed + packed->named_count * sizeof *packed->named +
           packed->payer_count * sizeof(struct fl_match_payer);
}

static void evidence_unpack(const struct fl_match_packed *packed, struct fl_match_evidence *e)
{
    e->payer_count = packed->payer_count;
    e->named_count = packed->named_count;
    e->mention_count = packed->mention_count;
    e->says = packed->says;
    memcpy(e->named, packed->named, packed->named_count * sizeof *e->named);
    memcpy(e->payers, packed->named + packed->named_count, packed->payer_count * sizeof *e->payers);
}

/* ---- lines ----------------------------------------------------------------------------------- */

bool fl_match_line_of(const struct fl_snapshot *s, uint32_t receipt, struct fl_match_line *out)
{
    const struct fl_receipt_card *card = fl_at_receipt_card(s, receipt);
    const struct fl_receipt_money *money = fl_at_receipt_money(s, receipt);
    const struct fl_receipt_status *status = fl_at_receipt_status(s, receipt);
    if (money->open_minor <= 0 ||
        (status->state != FL_RECEIPT_UNIDENTIFIED && status->state != FL_RECEIPT_UNAPPLIED))
        return false;
    *out = (struct fl_match_line){.amount_minor = money->open_minor,
                                  .receipt = receipt,
                                  .statement_line = status->statement_line,
                                  .customer = money->customer,
                                  .date = card->date,
                                  .currency = card->currency};
    if (status->statement_line != FL_NO_ROW) {
        const struct fl_statement_line_card *line =
            fl_at_statement_line_card(s, status->statement_line);
        out->identity = line->identity;
        out->date = line->booking_date; /* as the bank wrote it, whatever day is open */
        if (card->fee_minor == 0)
            out->charges_minor =
                fl_at_statement_line_cold(s, status->statement_line)->charges_minor;
        return true;
    }
    size_t length;
    const char *id = fl_id_get(s->store, &card->id, &length);
    out->identity = fl_hash64(id, length, IDENTITY_SEED);
    return true;
}

static bool barred_add(struct fl_match_batch *batch, uint32_t item)
{
    if (batch->barred_count == batch->barred_room) {
        uint32_t room = batch->barred_room ? 2 * batch->barred_room : 64;
        uint32_t *moved = realloc(batch->barred, room * sizeof *moved);
        if (!moved)
            return false;
        batch->barred = moved;
        batch->barred_room = room;
    }
    batch->barred[batch->barred_count++] = item;
    return true;
}

/* A person took the application back, not a machine, and not what the bank did (decision.h, Y3). */
static bool was_undone(const struct fl_snapshot *s, uint32_t movement)
{
    uint32_t mirror = fl_at_movement_live(s, movement)->reversed_by;
    return mirror != FL_NO_ROW && fl_at_movement_row(s, mirror)->flags & FL_MOVE_FLAG_PERSON;
}

/* Invoices that this receipt settled once and does no more: a person undid it. */
static bool barred_read(struct fl_match_batch *batch, struct fl_match_line *line)
{
    const struct fl_snapshot *s = batch->state.index->s;
    line->barred_first = batch->barred_count;
    for (uint32_t row = fl_at_receipt_money(s, line->receipt)->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(s, row)->prev_of_source) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        if (m->kind != FL_MOVE_APPLY_RECEIPT || m->amount_minor <= 0 || !was_undone(s, row))
            continue;
        uint32_t item = batch->state.index->item_of_invoice[m->invoice];
        if (item != FL_MATCH_NONE && !barred_add(batch, item))
            return false;
    }
    line->barred_count = batch->barred_count - line->barred_first;
    return true;
}

/* The one item that a document's number, as the payer wrote it, names: of the payer's where it
 * could be several. */
static uint32_t item_named(const struct fl_match_index *index, struct fl_text_ref document,
                           bool credit, uint32_t customer)
{
    char normal[FL_REFERENCE_BYTES_MAX];
    struct fl_match_found found[FL_MATCH_SAME_MAX];
    size_t length = fl_reference_normal(fl_text_get(index->s->store, FL_TABLE_personal, document),
                                        document.length, normal);
    uint32_t count = fl_match_find_number(index, normal, length, found, FL_MATCH_SAME_MAX);
    uint32_t one = FL_MATCH_NONE, open = 0, own = FL_MATCH_NONE, own_open = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (found[i].form == FL_MATCH_FORM_ORDER ||
            (found[i].kind == FL_MATCH_CREDIT_NOTE) != credit)
            continue;
        uint32_t item =
            credit ? index->item_of_note[found[i].row] : index->item_of_invoice[found[i].row];
        if (item == FL_MATCH_NONE || index->items[item].now_minor == 0 || item == one)
            continue;
        one = item;
        open++;
        own = index->items[item].customer == customer ? item : own;
        own_open += index->items[item].customer == customer;
    }
    return own_open == 1 ? own : open == 1 ? one : FL_MATCH_NONE;
}

/* The amounts of an advice. What they are of a document that has a discount: what is paid, or what
 * it owed before; which of the two it is, is shown by what adds up. */
static bool advised_read(struct fl_match_batch *batch, struct fl_match_line *line)
{
    const struct fl_match_index *index = batch->state.index;
    uint32_t rows = index->s->rows[FL_TABLE_advice], row;
    int64_t sum = 0, discounts = 0;
    line->advised_first = batch->advised_count;
    if (rows == 0 || line->statement_line == FL_NO_ROW)
        return true;
    for (row = fl_line_advice(index->s->store, rows, line->statement_line);
         row < rows && fl_at_advice_row(index->s, row)->line == line->statement_line; row++) {
        const struct fl_advice_row *advice = fl_at_advice_row(index->s, row);
        if (batch->advised_count == batch->advised_room) {
            uint32_t room = batch->advised_room ? 2 * batch->advised_room : 64;
            struct fl_match_advised *moved = realloc(batch->advised, room * sizeof *moved);
            if (!moved)
                return false;
            batch->advised = moved;
            batch->advised_room = room;
        }
        batch->advised[batch->advised_count++] = (struct fl_match_advised){
            .item = item_named(index, advice->document, advice->amount_minor < 0, line->customer),
            .amount_minor = advice->amount_minor,
            .discount_minor = advice->discount_minor};
        sum += advice->amount_minor;
        discounts += advice->discount_minor;
    }
    line->advised_count = (uint16_t)(batch->advised_count - line->advised_first);
    bool before = sum != line->amount_minor && sum - discounts == line->amount_minor;
    for (uint32_t i = line->advised_first; i < batch->advised_count && before; i++)
        batch->advised[i].amount_minor -= batch->advised[i].discount_minor;
    return true;
}

static enum fl_status lines_collect(struct fl_match_batch *batch)
{
    const struct fl_snapshot *s = batch->state.index->s;
    uint32_t receipts = s->rows[FL_TABLE_receipt], count = 0;
    struct fl_match_line line;
    for (uint32_t row = 0; row < receipts; row++)
        count += fl_match_line_of(s, row, &line);
    batch->lines = malloc(((size_t)count + 1) * sizeof *batch->lines);
    batch->evidence = calloc((size_t)count + 1, sizeof *batch->evidence);
    batch->decisions = calloc((size_t)count + 1, sizeof *batch->decisions);
    batch->turns = malloc(((size_t)count + 1) * sizeof *batch->turns);
    batch->seen = calloc((size_t)count + 1, sizeof *batch->seen);
    if (!batch->lines || !batch->seen || !batch->evidence || !batch->decisions || !batch->turns)
        return FL_NO_MEMORY;
    for (uint32_t row = 0; row < receipts; row++) {
        struct fl_match_line *out = &batch->lines[batch->line_count];
        if (!fl_match_line_of(s, row, out))
            continue;
        if (!barred_read(batch, out) || !advised_read(batch, out))
            return FL_NO_MEMORY;
        batch->line_count++;
    }
    batch->state.barred = batch->barred;
    batch->state.advised = batch->advised;
    return FL_OK;
}

/* What was taken off the items before this batch, on or after the day of its oldest payment. */
static enum fl_status past_taken(struct fl_match_state *state)
{
    const struct fl_match_index *index = state->index;
    const struct fl_snapshot *s = index->s;
    for (uint32_t i = 0; i < index->item_count; i++) {
        const struct fl_match_item *item = &index->items[i];
        if (item->now_minor == item->open_minor)
            continue;
        for (uint32_t row = fl_at_invoice_money(s, item->row)->last_movement; row != FL_NO_ROW;
             row = fl_at_movement_row(s, row)->prev_of_invoice) {
            const struct fl_movement_row *m = fl_at_movement_row(s, row);
            if (fl_match_takes(s, row) && m->date >= index->since)
                FL_TRY(fl_match_take(state, i, m->amount_minor, m->date));
        }
        FL_ASSERT(state->open_minor[i] == item->now_minor);
    }
    return FL_OK;
}

enum fl_status fl_match_batch_init(struct fl_match_batch *batch, const struct fl_match_index *index,
                                   const struct fl_match_settings *settings, unsigned threads)
{
    memset(batch, 0, sizeof *batch);
    batch->threads = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
    batch->pools = calloc(batch->threads, sizeof *batch->pools);
    struct fl_match_state *state = &batch->state;
    uint32_t customers = index->s->rows[FL_TABLE_customer];
    state->index = index;
    state->settings = *settings;
    state->open_minor = malloc(((size_t)index->item_count + 1) * sizeof *state->open_minor);
    state->changed_first = malloc(((size_t)customers + 1) * 4);
    state->changed_next = malloc(((size_t)index->item_count + 1) * 4);
    state->taking_first = malloc(((size_t)index->item_count + 1) * 4);
    state->touched = calloc((size_t)customers + 1, 4);
    state->taken = calloc((size_t)index->item_count + 1, 4);
    if (!batch->pools || !state->touched || !state->taken || !state->open_minor ||
        !state->changed_first || !state->changed_next || !state->taking_first)
        return FL_NO_MEMORY;
    memset(state->taking_first, 0xFF, ((size_t)index->item_count + 1) * 4);
    for (uint32_t i = 0; i < index->item_count; i++)
        state->open_minor[i] = index->items[i].open_minor;
    memset(state->changed_first, 0xFF, ((size_t)customers + 1) * 4);
    FL_TRY(past_taken(state));
    return lines_collect(batch);
}

void fl_match_batch_deinit(struct fl_match_batch *batch)
{
    for (unsigned i = 0; batch->pools && i < batch->threads; i++) {
        while (batch->pools[i].blocks) {
            struct pool_block *next = batch->pools[i].blocks->next;
            free(batch->pools[i].blocks);
            batch->pools[i].blocks = next;
        }
    }
    free(batch->pools);
    free(batch->state.open_minor);
    free(batch->state.changed_first);
    free(batch->state.changed_next);
    free(batch->state.taking_first);
    free(batch->state.touched);
    free(batch->state.taken);
    free(batch->state.takings);
    free(batch->lines);
    free(batch->evidence);
    free(batch->decisions);
    free(batch->applications);
    free(batch->rivals);
    free(batch->turns);
    free(batch->seen);
    free(batch->barred);
    free(batch->advised);
    memset(batch, 0, sizeof *batch);
}

/* ---- threads --------------------------------------------------------------------------------- */

struct work {
    struct fl_match_batch *batch;
    const struct fl_match_source *source;
    const uint32_t *todo; /* lines; null: all */
    uint32_t todo_count;
    unsigned rule_max;
    bool settled_nothing; /* nothing was taken since the lines chose last */
    uint32_t next; /* chunk; atomic, relaxed: whoever gets one does it alone, join is the fence */
    bool failed;
    uint8_t *settles; /* of todo: the line settles under the rule */
};

struct worker {
    struct work *work;
    unsigned number;
    pthread_t thread;
    void (*run)(struct worker *worker);
};

static bool chunk_next(struct work *work, uint32_t *from, uint32_t *to)
{
    uint32_t at = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED);
    if ((uint64_t)at * CHUNK_LINES >= work->todo_count)
        return false;
    *from = at * CHUNK_LINES;
    *to = work->todo_count - *from < CHUNK_LINES ? work->todo_count : *from + CHUNK_LINES;
    return true;
}

static void ask_ahead(const struct work *work, void *reader, uint32_t at)
{
    const struct fl_match_batch *batch = work->batch;
    if (!work->source->ask)
        return;
    if (at + ASK_ROW < batch->line_count)
        work->source->ask(reader, &batch->lines[at + ASK_ROW], 0);
    if (at + ASK_TEXT < batch->line_count)
        work->source->ask(reader, &batch->lines[at + ASK_TEXT], 1);
}

static void evidence_make(struct worker *worker)
{
    struct work *work = worker->work;
    struct fl_match_batch *batch = work->batch;
    struct fl_match_evidence evidence;
    struct fl_match_text text;
    uint32_t from, to;
    void *reader = work->source->open(work->source->context);
    if (!reader)
        __atomic_store_n(&work->failed, true, __ATOMIC_RELAXED);
    while (reader && chunk_next(work, &from, &to)) {
        for (uint32_t i = from; i < to; i++) {
            const struct fl_match_line *line = &batch->lines[i];
            ask_ahead(work, reader, i);
            work->source->read(reader, batch->state.index, line, &text);
            fl_match_evidence_read(batch->state.index, &text, line->customer, line->currency,
                                   line->amount_minor, &evidence);
            batch->evidence[i] = evidence_pack(&batch->pools[worker->number], &evidence);
            if (!batch->evidence[i])
                __atomic_store_n(&work->failed, true, __ATOMIC_RELAXED);
        }
    }
    if (reader)
        work->source->close(reader);
}

static void decision_note(struct fl_match_decision *decision, const struct fl_match_choice *choice)
{
    const struct fl_match_set *set = &choice->sets[0];
    decision->verdict = choice->verdict;
    decision->shortage = choice->shortage;
    if (choice->count == 0)
        return;
    decision->points = set->points;
    decision->rule = set->rule;
    decision->fit = set->fit;
    decision->text_points = set->text_points;
    decision->payer_points = set->payer_points;
    decision->payer_by = set->payer_by;
    decision->only_one = set->only_one;
    decision->damaged = set->damaged;
    decision->other_payer = set->other_payer;
}

/* Null: no memory; then it is chosen again. */
static const struct fl_match_claim *claim_keep(struct fl_match_pool *pool,
                                               const struct fl_match_set *set)
{
    struct fl_match_claim *claim = pool_take(pool, sizeof *claim + set->count * sizeof *set->items);
    if (claim) {
        claim->fit = set->fit;
        claim->count = (uint8_t)set->count;
        memcpy(claim->items, set->items, set->count * sizeof *set->items);
    }
    return claim;
}

/* Counters only rise, so that equal sums are equal counters. */
static uint32_t stamp_of(const struct fl_match_state *state, const struct fl_match_packed *packed,
                         unsigned level)
{
    const struct fl_match_payer *payers =
        (const struct fl_match_payer *)(packed->named + packed->named_count);
    uint32_t stamp = 0;
    bool whole = level == 1;
    for (uint32_t i = 0; i < packed->named_count && whole; i++)
        whole = !(packed->named[i].flags & (FL_MATCH_NAMED_DAMAGED | FL_MATCH_NAMED_SHORT));
    for (uint32_t i = 0; i < packed->named_count && whole; i++) {
        if (packed->named[i].item != FL_MATCH_NONE)
            stamp += state->taken[packed->named[i].item];
    }
    if (whole)
        return stamp;
    for (uint32_t i = 0; i < packed->named_count; i++)
        stamp += state->touched[packed->named[i].customer];
    for (uint32_t i = 0; i < packed->payer_count; i++)
        stamp += state->touched[payers[i].customer];
    return stamp;
}

/* Lines of one day lie near each other, those of todo do not: what the next ones need is asked for.
 */
static void line_ask(const struct work *work, uint32_t at)
{
    const struct fl_match_batch *batch = work->batch;
    if (at + ASK_ROW < work->todo_count) {
        uint32_t line = work->todo[at + ASK_ROW];
        __builtin_prefetch(batch->evidence[line]);
        __builtin_prefetch(&batch->seen[line]);
        __builtin_prefetch(&batch->lines[line]);
    }
    if (at + ASK_TEXT < work->todo_count) {
        const struct fl_match_packed *packed = batch->evidence[work->todo[at + ASK_TEXT]];
        uint32_t item = packed->named_count > 0 ? packed->named[0].item : FL_MATCH_NONE;
        if (item != FL_MATCH_NONE) {
            __builtin_prefetch(&batch->state.taken[item]);
            __builtin_prefetch(&batch->state.open_minor[item]);
            __builtin_prefetch(&batch->state.index->items[item]);
        }
    }
}

bool fl_match_batch_alike(const struct fl_match_batch *batch, uint32_t a, uint32_t b)
{
    const struct fl_match_line *x = &batch->lines[a], *y = &batch->lines[b];
    const struct fl_match_packed *p = batch->evidence[a], *q = batch->evidence[b];
    return x->amount_minor == y->amount_minor && x->date == y->date && x->customer == y->customer &&
           x->currency == y->currency && x->charges_minor == y->charges_minor &&
           x->barred_count + y->barred_count == 0 && packed_bytes(p) == packed_bytes(q) &&
           memcmp(p, q, packed_bytes(p)) == 0;
}

/* Lines that chose lately, by what they are and say: of a million equal ones the second needs no
 * choice of its own. */
#define LATELY 64

static uint32_t *lately_place(uint32_t *lately, const struct fl_match_line *line,
                              const struct fl_match_packed *packed)
{
    uint64_t key = (uint64_t)line->amount_minor ^ (uint64_t)line->date << 48;
    if (packed->named_count > 0)
        key ^= (uint64_t)packed->named[0].row << 24;
    return &lately[fl_hash_u64(key, 0) % LATELY];
}

static bool choice_copy(struct fl_match_batch *batch, uint32_t line, uint32_t other,
                        const struct fl_match_seen *now)
{
    if (other == FL_MATCH_NONE || !fl_match_batch_alike(batch, line, other) ||
        batch->seen[other].level != now->level || batch->seen[other].stamp != now->stamp)
        return false;
    batch->seen[line] = batch->seen[other];
    batch->decisions[line] = batch->decisions[other];
    return true;
}

static void choices_make(struct worker *worker)
{
    struct work *work = worker->work;
    struct fl_match_batch *batch = work->batch;
    struct fl_match_evidence evidence;
    struct fl_match_choice choice;
    uint32_t from, to, lately[LATELY];
    memset(lately, 0xFF, sizeof lately);
    struct fl_match_sum_workspace *sums = fl_match_sum_open();
    if (!sums)
        __atomic_store_n(&work->failed, true, __ATOMIC_RELAXED);
    while (sums && chunk_next(work, &from, &to)) {
        for (uint32_t i = from; i < to; i++) {
            uint32_t line = work->todo[i];
            const struct fl_match_packed *packed = batch->evidence[line];
            struct fl_match_seen *seen = &batch->seen[line];
            struct fl_match_seen now = {.level = work->rule_max <= 4 ? 1 : 2};
            line_ask(work, i);
            if (work->settled_nothing && seen->level == now.level) {
                work->settles[i] = seen->settles > 0 && seen->settles <= work->rule_max;
                continue;
            }
            now.stamp = stamp_of(&batch->state, packed, now.level);
            if (now.level == 1 && packed->named_count == 0) {
                work->settles[i] = 0;
                continue;
            }
            uint32_t *alike = lately_place(lately, &batch->lines[line], packed);
            if ((seen->level != now.level || seen->stamp != now.stamp) &&
                !choice_copy(batch, line, *alike, &now)) {
                evidence_unpack(packed, &evidence);
                fl_match_choose(&batch->state, &batch->lines[line], &evidence,
                                now.level == 1 ? 4 : FL_MATCH_RULES, false, sums, &choice);
                if (choice.verdict == FL_MATCH_SETTLES) {
                    now.settles = choice.sets[0].rule;
                    if (choice.runner_up == 0 && choice.sets[0].fit != FL_MATCH_FIT_ADVICE)
                        now.claim = claim_keep(&batch->pools[worker->number], &choice.sets[0]);
                }
                decision_note(&batch->decisions[line], &choice);
                *seen = now;
                *alike = line;
            }
            work->settles[i] = seen->settles > 0 && seen->settles <= work->rule_max;
        }
    }
    fl_match_sum_close(sums);
}

static void *worker_main(void *context)
{
    struct worker *worker = context;
    worker->run(worker);
    return NULL;
}

/* The caller is one of the threads; where another cannot be started the rest do its part. */
static enum fl_status work_run(struct work *work, void (*run)(struct worker *worker))
{
    struct worker workers[THREADS_MAX];
    unsigned started = 1, threads = work->batch->threads;
    work->next = 0;
    if (work->todo_count <= CHUNK_LINES)
        threads = 1;
    for (unsigned i = 0; i < threads; i++)
        workers[i] = (struct worker){.work = work, .number = i, .run = run};
    while (started < threads &&
           pthread_create(&workers[started].thread, NULL, worker_main, &workers[started]) == 0)
        started++;
    run(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    return work->failed ? FL_NO_MEMORY : FL_OK;
}

/* ---- making good (B2) ------------------------------------------------------------------------ */

static bool applications_add(struct fl_match_batch *batch, const struct fl_match_application *list,
                             uint32_t count)
{
    if (batch->application_count + count > batch->application_room) {
        uint32_t room = batch->application_room ? 2 * batch->application_room : 4096;
        struct fl_match_application *moved = realloc(batch->applications, room * sizeof *moved);
        if (!moved)
            return false;
        batch->applications = moved;
        batch->application_room = room;
    }
    memcpy(batch->applications + batch->application_count, list, count * sizeof *list);
    batch->application_count += count;
    return true;
}

static bool rival_add(struct fl_match_batch *batch, const struct fl_match_set *set)
{
    if (batch->rival_count == batch->rival_room) {
        uint32_t room = batch->rival_room ? 2 * batch->rival_room : 256;
        struct fl_match_set *moved = realloc(batch->rivals, room * sizeof *moved);
        if (!moved)
            return false;
        batch->rivals = moved;
        batch->rival_room = room;
    }
    batch->rivals[batch->rival_count++] = *set;
    return true;
}

/* Chooses against the state as it is now, and settles. */
static enum fl_status line_settle(struct fl_match_batch *batch, uint32_t line, unsigned rule_max,
                                  struct fl_match_sum_workspace *sums, uint32_t *settled)
{
    struct fl_match_evidence evidence;
    struct fl_match_choice choice;
    struct fl_match_application list[FL_MATCH_APPLICATIONS_MAX];
    struct fl_match_decision *decision = &batch->decisions[line];
    const struct fl_match_seen *seen = &batch->seen[line];
    if (seen->claim && seen->stamp == stamp_of(&batch->state, batch->evidence[line], seen->level)) {
        choice.runner_up = 0;
        choice.sets[0].fit = seen->claim->fit;
        choice.sets[0].count = seen->claim->count;
        memcpy(choice.sets[0].items, seen->claim->items,
               seen->claim->count * sizeof *seen->claim->items);
    } else {
        evidence_unpack(batch->evidence[line], &evidence);
        fl_match_choose(&batch->state, &batch->lines[line], &evidence, rule_max, false, sums,
                        &choice);
        decision_note(decision, &choice);
        if (choice.verdict != FL_MATCH_SETTLES)
            return FL_OK;
    }
    uint32_t count = fl_match_plan(&batch->state, &batch->lines[line], &choice.sets[0], list);
    if (count == 0) {
        decision->verdict = FL_MATCH_PROPOSES;
        return FL_OK;
    }
    if (choice.runner_up) {
        if (!rival_add(batch, &choice.sets[choice.runner_up]))
            return FL_NO_MEMORY;
        decision->rival = batch->rival_count;
    }
    decision->application_first = batch->application_count;
    decision->application_count = count;
    if (!applications_add(batch, list, count))
        return FL_NO_MEMORY;
    FL_TRY(fl_match_apply(&batch->state, &batch->lines[line], list, count));
    batch->turns[batch->turn_count++] = line;
    decision->turn = batch->turn_count;
    (*settled)++;
    if (batch->settled)
        batch->settled(batch->settled_context, line);
    return FL_OK;
}

struct turn {
    uint64_t identity;
    uint32_t line;
};

static int turn_order(const void *left, const void *right)
{
    const struct turn *a = left, *b = right;
    if (a->identity != b->identity)
        return a->identity < b->identity ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line; /* lines stand by receipt */
}

/* By booking day, then identity: dealt by day, then each day sorted. */
static enum fl_status todo_sort(const struct fl_match_batch *batch, uint32_t *todo)
{
    struct turn *turns = malloc(((size_t)batch->line_count + 1) * sizeof *turns);
    uint32_t *starts = calloc(UINT16_MAX + 2, sizeof *starts);
    bool whole = turns && starts;
    for (uint32_t i = 0; whole && i < batch->line_count; i++)
        starts[batch->lines[i].date + 1]++;
    for (uint32_t day = 0; whole && day <= UINT16_MAX; day++)
        starts[day + 1] += starts[day];
    for (uint32_t i = 0; whole && i < batch->line_count; i++)
        turns[starts[batch->lines[i].date]++] = (struct turn){batch->lines[i].identity, i};
    /* Each start is where the next day's was now. */
    for (uint32_t day = 0, from = 0; whole && day <= UINT16_MAX; from = starts[day++])
        qsort(turns + from, starts[day] - from, sizeof *turns, turn_order);
    for (uint32_t i = 0; whole && i < batch->line_count; i++)
        todo[i] = turns[i].line;
    free(turns);
    free(starts);
    return whole ? FL_OK : FL_NO_MEMORY;
}

static uint32_t todo_keep(struct fl_match_batch *batch, uint32_t *todo, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (batch->decisions[todo[i]].turn == 0)
            todo[kept++] = todo[i];
    }
    return kept;
}

/* What settling will read and write, in four steps: each asks by what the one before brought. */
static void settle_ask(const struct work *work, uint32_t at)
{
    static const uint8_t ahead[4] = {16, 12, 8, 4};
    const struct fl_match_batch *batch = work->batch;
    const struct fl_match_state *state = &batch->state;
    for (unsigned step = 0; step < 4; step++) {
        if (at + ahead[step] >= work->todo_count || !work->settles[at + ahead[step]])
            continue;
        uint32_t line = work->todo[at + ahead[step]];
        const struct fl_match_claim *claim = step > 0 ? batch->seen[line].claim : NULL;
        uint32_t item = step > 1 && claim ? claim->items[0] : FL_MATCH_NONE;
        if (step == 0) {
            __builtin_prefetch(&batch->seen[line]);
            __builtin_prefetch(&batch->lines[line]);
            __builtin_prefetch(&batch->decisions[line], 1);
        } else if (step == 1) {
            __builtin_prefetch(claim);
            __builtin_prefetch(batch->evidence[line]);
            __builtin_prefetch(fl_at_receipt_card(state->index->s, batch->lines[line].receipt));
        } else if (step == 2 && item != FL_MATCH_NONE) {
            __builtin_prefetch(&state->index->items[item]);
            __builtin_prefetch(&state->open_minor[item], 1);
            __builtin_prefetch(&state->taken[item], 1);
            __builtin_prefetch(&state->taking_first[item], 1);
        } else if (item != FL_MATCH_NONE && state->index->items[item].kind == FL_MATCH_INVOICE) {
            __builtin_prefetch(fl_at_invoice_card(state->index->s, state->index->items[item].row));
        }
    }
}

static enum fl_status rounds_run(struct work *work, uint32_t *todo,
                                 struct fl_match_sum_workspace *sums)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t settled = 0;
        FL_TRY(work_run(work, choices_make));
        for (uint32_t i = 0; i < work->todo_count; i++) {
            settle_ask(work, i);
            if (work->settles[i])
                FL_TRY(line_settle(work->batch, todo[i], work->rule_max, sums, &settled));
        }
        work->todo_count = todo_keep(work->batch, todo, work->todo_count);
        work->settled_nothing = settled == 0;
        if (settled == 0)
            break;
    }
    return FL_OK;
}

static enum fl_status rules_run(struct work *work, uint32_t *todo,
                                struct fl_match_sum_workspace *sums)
{
    static const unsigned rules[] = {2, 4, 5, 6, 7, 9};
    work->todo = todo;
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        work->rule_max = rules[i];
        FL_TRY(rounds_run(work, todo, sums));
    }
    work->rule_max = FL_MATCH_RULES; /* what is left: why, and what could be proposed */
    FL_TRY(work_run(work, choices_make));
    for (uint32_t i = 0; i < work->todo_count; i++) {
        struct fl_match_decision *decision = &work->batch->decisions[todo[i]];
        if (decision->verdict == FL_MATCH_SETTLES)
            decision->verdict = FL_MATCH_PROPOSES;
        work->batch->proposed += decision->verdict == FL_MATCH_PROPOSES;
        work->batch->open += decision->verdict == FL_MATCH_OPEN;
    }
    return FL_OK;
}

enum fl_status fl_match_batch_run(struct fl_match_batch *batch,
                                  const struct fl_match_source *source)
{
    struct work work = {.batch = batch, .source = source, .todo_count = batch->line_count};
    uint32_t *todo = malloc(((size_t)batch->line_count + 1) * sizeof *todo);
    struct fl_match_sum_workspace *sums = fl_match_sum_open();
    work.settles = malloc((size_t)batch->line_count + 1);
    enum fl_status status = todo && sums && work.settles ? FL_OK : FL_NO_MEMORY;
    if (status == FL_OK)
        status = work_run(&work, evidence_make);
    if (status == FL_OK)
        status = todo_sort(batch, todo);
    if (status == FL_OK)
        status = rules_run(&work, todo, sums);
    free(todo);
    free(work.settles);
    fl_match_sum_close(sums);
    return status;
}

enum fl_status fl_match_batch_read(struct fl_match_batch *batch, uint32_t at,
                                   const struct fl_match_source *source)
{
    const struct fl_match_line *line = &batch->lines[at];
    struct fl_match_evidence evidence;
    struct fl_match_text text;
    void *reader = source->open(source->context);
    if (!reader)
        return FL_NO_MEMORY;
    source->read(reader, batch->state.index, line, &text);
    fl_match_evidence_read(batch->state.index, &text, line->customer, line->currency,
                           line->amount_minor, &evidence);
    source->close(reader);
    batch->evidence[at] = evidence_pack(&batch->pools[0], &evidence);
    return batch->evidence[at] ? FL_OK : FL_NO_MEMORY;
}

void fl_match_batch_explain(const struct fl_match_batch *batch, uint32_t at,
                            struct fl_match_sum_workspace *sums, struct fl_match_choice *out)
{
    struct fl_match_evidence evidence;
    evidence_unpack(batch->evidence[at], &evidence);
    fl_match_choose(&batch->state, &batch->lines[at], &evidence, FL_MATCH_RULES, true, sums, out);
}
