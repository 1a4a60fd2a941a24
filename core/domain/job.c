#include "core/domain/job.h"

#include "core/domain/promise.h"
#include "core/domain/statement_job.h"

/* ---- the due index ------------------------------------------------------------------------------ */

void fl_due_put(struct fl_state *s, uint16_t day, enum fl_due_phase phase, uint32_t row)
{
    FL_ASSERT(day != FL_DATE_NONE);
    uint64_t key = fl_due_key(day, (uint16_t)phase, row), before = s->due.count_ever;
    fl_due_index_add(&s->due, key);
    s->store.index_bytes += (s->due.count_ever - before) * sizeof key;
    fl_store_undo_index(&s->store, FL_UNDO_DUE_ADD, 0, key, row);
}

uint16_t fl_due_after(const struct fl_state *s, unsigned days)
{
    unsigned day = s->business_date + days;
    return day <= FL_DATE_MAX ? (uint16_t)day : FL_DATE_NONE;
}

void fl_due_rebuild(struct fl_state *s)
{
    const struct fl_store *store = &s->store;
    FL_ASSERT(s->due.count == 0);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_order]; row++) {
        uint16_t day = fl_order_live(store, row)->reserved_until;
        if (day != FL_DATE_NONE)
            fl_due_put(s, day, FL_DUE_RESERVATION, row);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_promise]; row++) {
        if (fl_promise_live(store, row)->state == FL_PROMISE_OPEN)
            fl_due_put(s, fl_promise_due(store, row), FL_DUE_PROMISE, row);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_command_key]; row++) {
        uint16_t day = fl_command_key_row(store, row)->due;
        if (day != FL_DATE_NONE && !fl_command_key_live(store, row)->dropped)
            fl_due_put(s, day, FL_DUE_KEY, row);
    }
}

/* ---- jobs ----------------------------------------------------------------------------------------- */

uint32_t fl_job_current(const struct fl_state *s)
{
    uint32_t done = fl_book_counters(&s->store, 0)->jobs_done;
    FL_ASSERT(done <= s->store.rows[FL_TABLE_job]); /* B1 */
    return done < s->store.rows[FL_TABLE_job] ? done + 1 : 0;
}

uint32_t fl_job_pending(const struct fl_state *s, enum fl_job_kind kind)
{
    uint32_t done = fl_book_counters(&s->store, 0)->jobs_done;
    for (uint32_t row = s->store.rows[FL_TABLE_job]; row-- > done;) {
        if (fl_job_live(&s->store, row)->kind == kind)
            return row + 1;
    }
    return 0;
}

uint32_t fl_job_begin(struct fl_state *s, enum fl_job_kind kind, uint32_t row)
{
    uint32_t job = fl_store_add_row(&s->store, FL_TABLE_job);
    *fl_job_live_write(&s->store, job) =
        (struct fl_job_live){.seq = s->seq, .row = row, .kind = (uint8_t)kind};
    fl_fold(s, job);
    return job + 1;
}

static enum fl_status slice_check(struct fl_context *c, const struct fl_command_slice *b)
{
    uint32_t current = fl_job_current(c->s), rows = c->s->store.rows[FL_TABLE_job];
    if (b->job == 0 || b->job > rows)
        return fl_refuse(c, FL_NOT_FOUND, "job", NULL, 0);
    const struct fl_job_live *job = fl_job_live(&c->s->store, b->job - 1);
    if (b->number == 0 || b->n > FL_SLICE_ITEMS)
        return fl_refuse(c, FL_BAD_VALUE, b->number == 0 ? "number" : "n", NULL, 0);
    if (b->number <= job->slices) { /* B6 */
        c->result->seq = job->seq;
        return FL_DUPLICATE;
    }
    if (b->job != current || b->number != job->slices + 1) /* B1 */
        return fl_refuse(c, FL_WRONG_STATE, b->job != current ? "job" : "number", NULL, 0);
    return FL_OK;
}

/* Of a day nothing is added, but chunks may be copied: of three an item, and one a line (B2). */
uint32_t fl_job_slice_rows(const struct fl_state *s)
{
    uint32_t job = fl_job_current(s);
    if (job != 0 && fl_job_live(&s->store, job - 1)->kind == FL_JOB_STATEMENT)
        return fl_statement_slice_rows(s, job - 1);
    return 3 * FL_SLICE_ITEMS + FL_SLICE_LINES + FL_LINES_MAX;
}

/* The work itself; `*through_out`: nothing of the job is left. */
static enum fl_status slice_work(struct fl_context *c, uint32_t job_row, uint32_t *n,
                                 bool *through_out)
{
    if (fl_job_live(&c->s->store, job_row)->kind == FL_JOB_STATEMENT) {
        FL_TRY(fl_statement_slice(c, job_row, n));
        *through_out = fl_statement_advance(c->s, job_row);
        return FL_OK;
    }
    FL_TRY(fl_clock_slice(c, n));
    *through_out = fl_clock_advance(c->s);
    return FL_OK;
}

enum fl_status fl_apply_slice(struct fl_context *c)
{
    struct fl_command_slice *b = (struct fl_command_slice *)(c->command + 1);
    struct fl_state *s = c->s;
    FL_TRY(slice_check(c, b));
    uint32_t n = b->n;
    bool through;
    FL_TRY(slice_work(c, b->job - 1, &n, &through));
    b->n = n;
    struct fl_job_live *job = fl_job_live_write(&s->store, b->job - 1);
    job->slices++;
    job->items += n;
    fl_fold(s, job->items << 32 | job->slices);
    if (through)
        fl_book_counters_write(&s->store, 0)->jobs_done++;
    fl_result_number(c->result, FL_RESULT_COUNT, n);
    return FL_OK;
}
