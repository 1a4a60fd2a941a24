/* Business time: `clock` says how far it goes, the days between are worked one by one (job.h). */
#include "core/domain/job.h"
#include "core/domain/order.h"
#include "core/domain/promise.h"
#include "core/domain/statement_line.h"

enum fl_status fl_apply_clock(struct fl_context *c)
{
    const struct fl_command_clock *b = fl_command_body(c->command);
    struct fl_state *s = c->s;
    const struct fl_book_counters *now = fl_book_counters(&s->store, 0);
    if (b->until_day == FL_DATE_NONE)
        return fl_refuse(c, FL_BAD_VALUE, "date", NULL, 0);
    bool backwards = b->until_us < now->clock_us || b->until_day < now->clock_day;
    if (now->clock_day != FL_DATE_NONE && backwards) {
        fl_result_date(c->result, FL_RESULT_DATE, now->clock_day);
        return fl_refuse(c, FL_CLOCK_BACKWARDS, "date", NULL, 0);
    }
    struct fl_book_counters *counters = fl_book_counters_write(&s->store, 0);
    counters->clock_us = b->until_us;
    counters->clock_day = b->until_day;
    s->business_date = b->until_day; /* its own key counts from the day it leads to */
    bool through = fl_clock_advance(s);
    if (!through && fl_job_pending(s, FL_JOB_DAY) == 0)
        fl_job_begin(s, FL_JOB_DAY, FL_NO_ROW);
    c->command->flags &= (uint16_t)~FL_FLAG_SLICED;
    c->command->flags |= through ? 0 : FL_FLAG_SLICED;
    return fl_line_post_waiting(c, FL_NO_ROW);
}

bool fl_clock_advance(struct fl_state *s)
{
    const struct fl_book_counters *now = fl_book_counters(&s->store, 0);
    unsigned due = fl_due_index_first(&s->due) == FL_DUE_NOTHING
                       ? FL_DATE_MAX + 1u
                       : fl_due_day(fl_due_index_first(&s->due));
    bool through = due > now->clock_day;
    uint16_t reached = through ? now->clock_day : (uint16_t)(due - 1); /* B5 */
    if (reached > now->business_date || now->business_date == FL_DATE_NONE)
        fl_book_counters_write(&s->store, 0)->business_date = reached;
    FL_ASSERT(now->business_date <= now->clock_day);
    return through;
}

/* ---- a day's items -------------------------------------------------------------------------------- */

/* The key may be used anew; what stays is its row. */
static void key_drop(struct fl_state *s, uint32_t row)
{
    struct fl_text_ref text = fl_command_key_row(&s->store, row)->text;
    const char *key = fl_text_get(&s->store, FL_TABLE_text, text);
    struct fl_hash_index *index = &s->index[FL_INDEX_KEY];
    FL_ASSERT(!fl_command_key_live(&s->store, row)->dropped);
    fl_hash_index_remove(index, fl_key_hash(s, FL_INDEX_KEY, key, text.length), row);
    fl_command_key_live_write(&s->store, row)->dropped = 1;
}

static void item_do(struct fl_state *s, uint64_t key)
{
    fl_fold(s, key);
    switch ((enum fl_due_phase)fl_due_phase(key)) {
    case FL_DUE_RESERVATION:
        fl_order_expire(s, (uint32_t)key);
        return;
    case FL_DUE_PROMISE:
        fl_promise_decide(s, (uint32_t)key);
        return;
    case FL_DUE_KEY:
        key_drop(s, (uint32_t)key);
        return;
    }
    FL_ASSERT(false); /* no other phase is ever put */
}

static uint32_t item_weight(const struct fl_state *s, uint64_t key)
{
    return fl_due_phase(key) == FL_DUE_RESERVATION
               ? fl_order_card(&s->store, (uint32_t)key)->line_count
               : 1;
}

static const char *phase_name(uint16_t phase)
{
    return phase == FL_DUE_RESERVATION ? "reservations"
           : phase == FL_DUE_PROMISE   ? "promises"
                                       : "keys";
}

/* B2 */
enum fl_status fl_clock_slice(struct fl_context *c, uint32_t *n)
{
    struct fl_state *s = c->s;
    uint64_t taken[FL_SLICE_ITEMS];
    uint64_t group = fl_due_index_first(&s->due) >> 32;
    uint32_t count = 0, weight = 0, most = *n ? *n : FL_SLICE_ITEMS;
    FL_ASSERT(!s->store.undo.on);
    FL_ASSERT(group >> 16 <= fl_book_counters(&s->store, 0)->clock_day); /* B5 */
    while (count < most && fl_due_index_first(&s->due) >> 32 == group &&
           (*n != 0 || weight < FL_SLICE_LINES)) {
        taken[count] = fl_due_index_take(&s->due);
        weight += item_weight(s, taken[count++]);
    }
    if (*n != 0 && count != *n) {
        while (count > 0)
            fl_due_index_add(&s->due, taken[--count]);
        return fl_refuse(c, FL_WRONG_STATE, "n", NULL, 0);
    }
    for (uint32_t i = 0; i < count; i++)
        item_do(s, taken[i]);
    *n = count;
    const char *phase = phase_name((uint16_t)group);
    fl_result_date(c->result, FL_RESULT_DATE, (uint16_t)(group >> 16));
    fl_result_text(c->result, FL_RESULT_PHASE, phase, strlen(phase));
    return FL_OK;
}
