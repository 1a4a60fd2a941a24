#include "core/engine/engine.h"

#include <stdlib.h>

#include "core/domain/job.h"
#include "core/domain/order.h"
#include "core/domain/prefetch.h"
#include "core/domain/pricing.h"
#include "core/domain/reference.h"
#include "core/domain/state.h"
#include "core/domain/statement_job.h"
#include "core/domain/statement_line.h"
#include "core/engine/command_schema.h"
#include "core/engine/rebuild.h"

struct fl_engine {
    struct fl_state state;
};

static_assert(sizeof(struct fl_result) + 16 <= sizeof ((struct fl_state *)0)->batch_scratch,
              "a failing member's result fits");

#define MEMORY_DEFAULT (UINT64_C(1) << 30)

/* ---- create ------------------------------------------------------------------------------------ */

static enum fl_status drafts_init(struct fl_state *s)
{
    size_t n = FL_LINES_MAX + 1;
    s->day_memo = fl_arena_take(&s->arena, FL_DAY_MEMO * sizeof *s->day_memo);
    s->row_memo = fl_arena_take(&s->arena, FL_ROW_MEMO * sizeof *s->row_memo);
    s->scratch = fl_arena_take(&s->arena, FL_SCRATCH_ROWS * sizeof *s->scratch);
    s->draft_lines = fl_arena_take(&s->arena, n * sizeof *s->draft_lines);
    s->draft_invoice_lines = fl_arena_take(&s->arena, n * sizeof *s->draft_invoice_lines);
    s->draft_parts = fl_arena_take(&s->arena, n * sizeof *s->draft_parts);
    s->draft_taxed = fl_arena_take(&s->arena, n * sizeof *s->draft_taxed);
    s->draft_weights = fl_arena_take(&s->arena, n * sizeof *s->draft_weights);
    s->draft_shares = fl_arena_take(&s->arena, n * sizeof *s->draft_shares);
    bool all = s->day_memo && s->row_memo && s->scratch && s->draft_lines && s->draft_invoice_lines && s->draft_parts &&
               s->draft_taxed && s->draft_weights && s->draft_shares;
    return all ? FL_OK : FL_NO_MEMORY;
}

static void book_init(struct fl_state *s)
{
    uint32_t row = fl_store_add_row(&s->store, FL_TABLE_book);
    FL_ASSERT(row == 0);
    *fl_book_settings_write(&s->store, 0) = (struct fl_book_settings){
        .base_currency = FL_CURRENCY_EUR,
        .tax_rounding = FL_TAX_ROUND_RATE,
        .rounding = 1,
        .invoice_on = FL_INVOICE_ON_MANUAL,
        .confirm = FL_CONFIRM_AUTO,
        .discount_tax = FL_DISCOUNT_TAX_REDUCE,
        .prices = FL_PRICES_NET,
        .bucket_count = 3,
        .buckets = {30, 60, 90},
        .key_days = 30,
        .time_zone_length = 3,
        .time_zone = "UTC",
        .invoice_prefix_length = 3,
        .credit_prefix_length = 4,
        .invoice_prefix = "FL-",
        .credit_prefix = "FLC-",
        .invoice_digits = 8,
        .credit_digits = 8,
        .auto_points = 70,
        .propose_points = 30,
        .match_margin = 20,
        .sum_items = 6,
        .sum_open = 60,
        .lambda_e6 = 1000,
    };
    *fl_book_counters_write(&s->store, 0) =
        (struct fl_book_counters){.last_at_us = INT64_MIN, .invoice_next = 1, .credit_next = 1};
}

enum fl_status fl_engine_create(const struct fl_engine_config *config, struct fl_engine **out)
{
    struct fl_engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return FL_NO_MEMORY;
    struct fl_state *s = &engine->state;
    struct fl_store_config store = {
        .memory_bytes = config->memory_bytes ? config->memory_bytes : MEMORY_DEFAULT,
        .rows_max = config->rows_max};
    s->secret = config->secret;
    enum fl_status status = fl_store_init(&s->store, &s->arena, &store);
    for (unsigned i = 0; status == FL_OK && i < FL_INDEX_COUNT; i++) {
        s->index_list[i] = &s->index[i];
        uint32_t times = i == FL_INDEX_STATEMENT_LINE ? 2 : 1; /* by identity, and by reference */
        status = fl_hash_index_init(&s->index[i], &s->arena, times * s->store.rows_max,
                                    &s->store.index_bytes);
    }
    if (status == FL_OK) /* an order's reservation, a promise, a key */
        status = fl_due_index_init(&s->due, &s->arena, UINT64_C(3) * s->store.rows_max);
    if (status == FL_OK)
        status = drafts_init(s);
    if (status != FL_OK) {
        fl_engine_destroy(engine);
        return status;
    }
    s->store.undo.indexes = s->index_list;
    s->store.undo.index_count = FL_INDEX_COUNT;
    s->store.undo.due = &s->due;
    fl_arena_seal(&s->arena);
    book_init(s);
    *out = engine;
    return FL_OK;
}

void fl_engine_destroy(struct fl_engine *engine)
{
    if (!engine)
        return;
    fl_arena_close(&engine->state.arena);
    free(engine);
}

void fl_engine_prefetch(struct fl_engine *engine, const struct fl_command *const *commands,
                        uint32_t count)
{
    fl_state_prefetch(&engine->state, commands, count);
}

struct fl_store *fl_engine_store(struct fl_engine *engine)
{
    return &engine->state.store;
}

uint64_t fl_engine_seq(const struct fl_engine *engine)
{
    return fl_book_counters(&engine->state.store, 0)->seq;
}

uint32_t fl_engine_state_check(const struct fl_engine *engine)
{
    return fl_book_counters(&engine->state.store, 0)->state_check;
}

/* ---- one command ---------------------------------------------------------------------------------- */

static enum fl_status (*const appliers[FL_COMMAND_TYPE_MAX + 1])(struct fl_context *c) = {
    [FL_COMMAND_BOOK] = fl_apply_book,
    [FL_COMMAND_CUSTOMER] = fl_apply_customer,
    [FL_COMMAND_PRODUCT] = fl_apply_product,
    [FL_COMMAND_STOCK] = fl_apply_stock,
    [FL_COMMAND_BANK_ACCOUNT] = fl_apply_bank_account,
    [FL_COMMAND_FX_RATE] = fl_apply_fx_rate,
    [FL_COMMAND_CLOCK] = fl_apply_clock,
    [FL_COMMAND_SLICE] = fl_apply_slice,
    [FL_COMMAND_PERIOD_CLOSE] = fl_apply_period_close,
    [FL_COMMAND_ORDER] = fl_apply_order,
    [FL_COMMAND_ORDER_CONFIRM] = fl_apply_order_confirm,
    [FL_COMMAND_ORDER_CANCEL] = fl_apply_order_cancel,
    [FL_COMMAND_CREDIT_DECISION] = fl_apply_credit_decision,
    [FL_COMMAND_SHIPMENT] = fl_apply_shipment,
    [FL_COMMAND_INVOICE] = fl_apply_invoice,
    [FL_COMMAND_CREDIT_NOTE] = fl_apply_credit_note,
    [FL_COMMAND_WRITE_OFF] = fl_apply_write_off,
    [FL_COMMAND_WRITE_OFF_REVERSE] = fl_apply_write_off_reverse,
    [FL_COMMAND_CREDIT_NOTE_CANCEL] = fl_apply_credit_note_cancel,
    [FL_COMMAND_RECEIPT] = fl_apply_receipt,
    [FL_COMMAND_APPLICATION] = fl_apply_application,
    [FL_COMMAND_APPLICATION_REVERSE] = fl_apply_application_reverse,
    [FL_COMMAND_RECEIPT_REVERSE] = fl_apply_receipt_reverse,
    [FL_COMMAND_RECEIPT_ASSIGN] = fl_apply_receipt_assign,
    [FL_COMMAND_REFUND] = fl_apply_refund,
    [FL_COMMAND_CHARGEBACK] = fl_apply_chargeback,
    [FL_COMMAND_CHARGEBACK_REVERSE] = fl_apply_chargeback_reverse,
    [FL_COMMAND_STATEMENT] = fl_apply_statement,
    [FL_COMMAND_ASSIGN] = fl_apply_assign,
    [FL_COMMAND_PAYOUT] = fl_apply_payout,
    [FL_COMMAND_DISPUTE] = fl_apply_dispute,
    [FL_COMMAND_DISPUTE_CLOSE] = fl_apply_dispute_close,
    [FL_COMMAND_PROMISE] = fl_apply_promise,
};

/* These decide everything before their first write; the others run under an undo mark (E1). */
static bool decides_first(const struct fl_state *s, unsigned type)
{
    if (type == FL_COMMAND_RECEIPT || type == FL_COMMAND_INVOICE || type == FL_COMMAND_SLICE)
        return true;
    bool orders = type == FL_COMMAND_ORDER || type == FL_COMMAND_SHIPMENT;
    return orders && fl_book(s)->invoice_on == FL_INVOICE_ON_MANUAL;
}

/* What must work when memory is nearly gone: money in, its application, taking either back, and what was begun. */
static bool always_works(unsigned type)
{
    return type == FL_COMMAND_RECEIPT || type == FL_COMMAND_APPLICATION ||
           type == FL_COMMAND_APPLICATION_REVERSE || type == FL_COMMAND_RECEIPT_REVERSE ||
           type == FL_COMMAND_ASSIGN || type == FL_COMMAND_SLICE;
}

/* Rows that a command may add at most: its bytes hold every line and text, each movement comes with
 * parts. */
static uint32_t rows_worst(const struct fl_state *s, const struct fl_command *command)
{
    if (FL_UNLIKELY(command->type == FL_COMMAND_SLICE))
        return fl_job_slice_rows(s);
    if (FL_UNLIKELY(command->type == FL_COMMAND_PAYOUT)) /* a part clears all that its order was billed */
        return 64 + command->bytes;
    return 64 + command->bytes / 8;
}

static void context_begin(struct fl_context *c, struct fl_state *s, struct fl_command *command,
                          struct fl_result *result)
{
    *c = (struct fl_context){.s = s, .command = command, .result = result, .made_row = FL_NO_ROW};
    if (command->id.length > 0) {
        result->id_length = (uint8_t)command->id.length;
        memcpy(result->id, fl_command_text(command, command->id), command->id.length);
    }
}

/* ---- keys ------------------------------------------------------------------------------------------ */

static uint32_t key_find(const struct fl_state *s, const char *key, size_t length)
{
    struct fl_index_cursor cursor;
    uint64_t hash = fl_key_hash(s, FL_INDEX_KEY, key, length);
    const struct fl_hash_index *index = &s->index[FL_INDEX_KEY];
    for (uint32_t row = fl_hash_index_first(index, hash, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(index, &cursor)) {
        struct fl_text_ref text = fl_command_key_row(&s->store, row)->text;
        if (text.length == length &&
            memcmp(fl_text_get(&s->store, FL_TABLE_text, text), key, length) == 0)
            return row;
    }
    return FL_NO_ROW;
}

/* A key stands for one command: its content and, if the caller gave one, its id. */
static uint64_t key_content(const struct fl_command *command)
{
    uint64_t hash = fl_content_hash(command);
    if (command->id.length == 0 || command->flags & FL_FLAG_SERIES)
        return hash;
    return fl_hash64(fl_command_text(command, command->id), command->id.length, hash);
}

/* True if the key was used: the first answer again, or key_reused. */
static bool key_known(struct fl_context *c, enum fl_status *status_out)
{
    const struct fl_command *command = c->command;
    if (command->key.length == 0)
        return false;
    uint32_t row =
        key_find(c->s, fl_command_text(command, command->key), command->key.length);
    if (row == FL_NO_ROW)
        return false;
    const struct fl_key_row *key = fl_command_key_row(&c->s->store, row);
    bool same = key->type == command->type && key->content_hash == key_content(command);
    *status_out = same ? FL_DUPLICATE : fl_refuse_text(c, FL_KEY_REUSED, "key", command->key);
    c->made_row = key->row;
    c->values[0] = key->values[0];
    c->values[1] = key->values[1];
    c->result->seq = key->seq;
    return true;
}

static void key_remember(struct fl_context *c, uint64_t content_hash)
{
    struct fl_state *s = c->s;
    const struct fl_command *command = c->command;
    if (command->key.length == 0)
        return;
    const char *key = fl_command_text(command, command->key);
    uint16_t due = fl_due_after(s, fl_book(s)->key_days + 1u); /* kept for key_days after its own */
    uint32_t row = fl_store_add_row(&s->store, FL_TABLE_command_key);
    *fl_command_key_row_new(&s->store, row) = (struct fl_key_row){
        .text = fl_text_put(s, FL_TABLE_text, key, command->key.length),
        .content_hash = content_hash,
        .seq = s->seq,
        .values = {c->values[0], c->values[1]},
        .row = c->made_row,
        .date = s->business_date,
        .type = (uint8_t)command->type,
        .due = due,
    };
    if (due != FL_DATE_NONE)
        fl_due_put(s, due, FL_DUE_KEY, row);
    fl_index_put(s, FL_INDEX_KEY, fl_key_hash(s, FL_INDEX_KEY, key, command->key.length), row);
}

/* ---- apply ------------------------------------------------------------------------------------------ */

static void answer(struct fl_context *c, enum fl_status status)
{
    c->result->status = (uint16_t)status;
    c->result->flags = c->command->flags & FL_FLAG_AT_RAISED;
    if (status == FL_OK || status == FL_DUPLICATE)
        fl_answer(c, c->command->type, c->made_row);
    if (status == FL_OK)
        c->result->seq = c->s->seq;
}

/* Decides one command that is not a batch. The caller owns the undo mark, if one is set. */
static enum fl_status decide(struct fl_context *c)
{
    enum fl_status status;
    if (key_known(c, &status))
        return status;
    uint64_t hash = c->command->key.length > 0 ? key_content(c->command) : 0;
    status = appliers[c->command->type](c);
    if (status == FL_OK)
        key_remember(c, hash);
    return status;
}

static void take_back(struct fl_state *s)
{
    uint32_t days = s->store.rows[FL_TABLE_account_day];
    fl_store_undo(&s->store);
    if (s->store.rows[FL_TABLE_account_day] != days)
        fl_post_forget(s);
}

static enum fl_status apply_single(struct fl_context *c)
{
    bool mark = !decides_first(c->s, c->command->type);
    if (mark)
        fl_store_mark(&c->s->store);
    enum fl_status status = decide(c);
    if (mark) {
        if (status == FL_OK)
            fl_store_keep(&c->s->store);
        else
            take_back(c->s);
    }
    answer(c, status);
    return status;
}

/* ---- batch -------------------------------------------------------------------------------------------- */

struct batch_failure {
    uint32_t index;
    enum fl_status status;
    struct fl_result result;
};

static struct fl_command *batch_member(struct fl_command *batch, uint32_t offset)
{
    return (struct fl_command *)((char *)batch + offset);
}

static void batch_failed(struct fl_context *c, const struct batch_failure *failure)
{
    struct fl_result *result = c->result;
    fl_result_number(result, FL_RESULT_INDEX, failure->index);
    fl_result_text(result, FL_RESULT_ID, failure->result.id, failure->result.id_length);
    const char *code = fl_status_name(failure->status);
    fl_result_text(result, FL_RESULT_CODE, code, strlen(code));
    for (unsigned i = 0; i < failure->result.field_count; i++) {
        const struct fl_result_field *field = &failure->result.fields[i];
        if (result->field_count + 1 >= FL_RESULT_FIELDS_MAX)
            break;
        if (field->kind == FL_RESULT_KIND_TEXT) {
            fl_result_text(result, field->name, failure->result.text + field->text_offset,
                           field->text_length);
        } else {
            result->fields[result->field_count++] = *field;
        }
    }
}

static void member_send(const struct fl_member_sink *sink, uint32_t index,
                        const struct fl_result *result)
{
    if (sink && sink->member)
        sink->member(sink->context, index, result);
}

/* Kept for the batch sent again (E4). */
static void member_remember(const struct fl_context *inner)
{
    struct fl_store *store = &inner->s->store;
    *fl_batch_answer_row_new(store, fl_store_add_row(store, FL_TABLE_batch_answer)) =
        (struct fl_batch_answer_row){.answered_seq = inner->result->seq,
                                     .values = {inner->values[0], inner->values[1]},
                                     .row = inner->made_row,
                                     .type = inner->command->type};
}

/* E4: every member as it was answered then; which of them were known before the batch is not told apart. */
static void members_again(struct fl_context *c, struct fl_result *result,
                          const struct fl_member_sink *sink)
{
    const struct fl_command_batch *b = fl_command_body(c->command);
    uint32_t offset = b->commands.offset;
    for (uint32_t i = 0; i < b->commands.count; i++) {
        struct fl_command *member = batch_member(c->command, offset);
        const struct fl_batch_answer_row *kept =
            fl_batch_answer_row(&c->s->store, c->made_row + i);
        struct fl_context inner;
        fl_result_clear(result, member->type);
        context_begin(&inner, c->s, member, result);
        inner.made_row = kept->row;
        inner.values[0] = kept->values[0];
        inner.values[1] = kept->values[1];
        inner.values_given = true;
        answer(&inner, FL_DUPLICATE);
        result->seq = kept->answered_seq;
        member_send(sink, i, result);
        offset += member->bytes;
    }
}

/* Each member sees what those before it did. Results go out only if all of them stand. */
static enum fl_status batch_members(struct fl_context *c, struct batch_failure *failure,
                                    const struct fl_member_sink *sink)
{
    const struct fl_command_batch *b = fl_command_body(c->command);
    uint32_t offset = b->commands.offset;
    for (uint32_t i = 0; i < b->commands.count; i++) {
        struct fl_command *member = batch_member(c->command, offset);
        struct fl_context inner;
        if (!(member->flags & FL_FLAG_AT_GIVEN)) {
            member->at_us = c->command->at_us;
            member->at_day = c->command->at_day;
        }
        fl_result_clear(&failure->result, member->type);
        context_begin(&inner, c->s, member, &failure->result);
        inner.in_batch = true;
        enum fl_status status = decide(&inner);
        answer(&inner, status);
        if (status != FL_OK && status != FL_DUPLICATE) {
            failure->index = i;
            failure->status = status;
            return status;
        }
        member_remember(&inner);
        member_send(sink, i, &failure->result);
        offset += member->bytes;
    }
    return FL_OK;
}

static enum fl_status apply_batch(struct fl_context *c, const struct fl_member_sink *sink)
{
    const struct fl_command_batch *b = fl_command_body(c->command);
    enum fl_status status;
    uint64_t hash = key_content(c->command);
    struct batch_failure *failure = (struct batch_failure *)c->s->batch_scratch;
    if (key_known(c, &status)) {
        if (status == FL_DUPLICATE) {
            members_again(c, &failure->result, sink);
            fl_result_number(c->result, FL_RESULT_COUNT, c->values[0]);
        }
        c->result->status = (uint16_t)status;
        return status;
    }
    c->made_row = c->s->store.rows[FL_TABLE_batch_answer];
    fl_store_mark(&c->s->store);
    status = batch_members(c, failure, sink);
    c->values[0] = b->commands.count;
    if (status == FL_OK) {
        key_remember(c, hash);
        fl_store_keep(&c->s->store);
        fl_result_number(c->result, FL_RESULT_COUNT, b->commands.count);
        c->result->seq = c->s->seq;
    } else {
        take_back(c->s);
        batch_failed(c, failure);
    }
    c->result->status = (uint16_t)status;
    return status;
}

/* ---- the door ------------------------------------------------------------------------------------------ */

/* When a command became known is raised, not when it counts: its own day is its date before that day is lost, so
 * that the record applied again decides the same. */
static void date_from_own_at(const struct fl_state *s, struct fl_command *command)
{
    const struct fl_command_shape *shape = fl_command_shape(command->type);
    bool defaults = (command->flags & (FL_FLAG_AT_GIVEN | FL_FLAG_DATE_GIVEN)) == FL_FLAG_AT_GIVEN;
    if (!defaults || !(shape->header & FL_HEADER_DATE))
        return;
    command->date = fl_policy_push(s, command->at_day);
    command->flags |= FL_FLAG_DATE_OWN;
}

/* `at` never runs backwards: an earlier one is raised to the last. */
static void time_begin(struct fl_state *s, struct fl_command *command)
{
    const struct fl_book_counters *counters = fl_book_counters(&s->store, 0);
    s->at_day = command->at_day;
    if (command->at_us < counters->last_at_us) {
        date_from_own_at(s, command);
        command->at_us = counters->last_at_us;
        command->at_day = s->at_day = counters->last_at_day;
        command->flags |= FL_FLAG_AT_RAISED;
    }
    s->at_us = command->at_us;
    s->business_date =
        counters->business_date != FL_DATE_NONE ? counters->business_date : s->at_day;
    if (s->business_date == FL_DATE_NONE)
        s->business_date = 1;
    s->seq = counters->seq + 1;
    s->check = counters->state_check;
    s->volume_minor = 0;
}

static void time_commit(struct fl_state *s)
{
    struct fl_book_counters *counters = fl_book_counters_write(&s->store, 0);
    fl_fold(s, s->seq ^ (uint64_t)s->store.rows[FL_TABLE_movement] << 32);
    counters->seq = s->seq;
    counters->last_at_us = s->at_us;
    counters->last_at_day = s->at_day;
    counters->state_check = s->check;
    counters->volume_minor += s->volume_minor;
    if (s->volume_minor != 0)
        counters->entries = 1;
}

enum fl_status fl_engine_apply(struct fl_engine *engine, struct fl_command *command,
                               struct fl_result *result, const struct fl_member_sink *sink)
{
    struct fl_state *s = &engine->state;
    struct fl_context c;
    enum fl_status status;
    uint64_t tag = result->tag;
    fl_result_clear(result, command->type);
    result->tag = tag;
    context_begin(&c, s, command, result);
    time_begin(s, command);
    if (!fl_store_has_room(&s->store, rows_worst(s, command), always_works(command->type)))
        status = FL_NO_MEMORY;
    else if (fl_book_counters(&s->store, 0)->volume_minor > FL_VOLUME_MAX)
        status = FL_OUT_OF_RANGE;
    else if (command->type == FL_COMMAND_BATCH)
        status = apply_batch(&c, sink);
    else
        status = apply_single(&c);
    result->status = (uint16_t)status;
    if (status == FL_OK)
        time_commit(s);
    return status;
}

/* ---- jobs ------------------------------------------------------------------------------------------------- */

bool fl_engine_has_slice(const struct fl_engine *engine)
{
    return fl_job_current(&engine->state) != 0;
}

void fl_engine_next_slice(struct fl_engine *engine, void *command_out)
{
    const struct fl_state *s = &engine->state;
    const struct fl_book_counters *counters = fl_book_counters(&s->store, 0);
    struct fl_command *command = command_out;
    struct fl_command_slice *slice = (struct fl_command_slice *)(command + 1);
    uint32_t job = fl_job_current(s);
    FL_ASSERT(job != 0);
    *command = (struct fl_command){
        .bytes = FL_SLICE_BYTES,
        .content_bytes = FL_SLICE_BYTES,
        .type = FL_COMMAND_SLICE,
        .at_us = counters->last_at_us,
        .at_day = counters->last_at_day,
        .version = FL_COMMAND_VERSION,
    };
    *slice = (struct fl_command_slice){
        .job = job, .number = fl_job_live(&s->store, job - 1)->slices + 1};
}

uint32_t fl_engine_job_of(const struct fl_engine *engine, const struct fl_command *command,
                          enum fl_status status)
{
    const struct fl_state *s = &engine->state;
    if (status != FL_OK && status != FL_DUPLICATE)
        return 0;
    if (command->type == FL_COMMAND_CLOCK)
        return fl_job_pending(s, FL_JOB_DAY);
    if (command->type != FL_COMMAND_STATEMENT)
        return 0;
    if (status == FL_OK)
        return command->flags & FL_FLAG_SLICED ? s->store.rows[FL_TABLE_job] : 0;
    uint32_t job = fl_statement_job(s, command);
    return job != 0 && !fl_engine_job_is_done(engine, job) ? job : 0;
}

static void number_replace(struct fl_result *result, enum fl_result_name name, int64_t value)
{
    for (unsigned i = 0; i < result->field_count; i++) {
        if (result->fields[i].name == name) {
            result->fields[i].value = value;
            return;
        }
    }
    if (value != 0)
        fl_result_number(result, name, value);
}

void fl_engine_job_answer(const struct fl_engine *engine, uint32_t job, struct fl_result *result)
{
    const struct fl_job_live *live = fl_job_live(&engine->state.store, job - 1);
    FL_ASSERT(fl_engine_job_is_done(engine, job));
    if (live->kind != FL_JOB_STATEMENT || result->status != FL_OK)
        return;
    number_replace(result, FL_RESULT_MATCHED, live->matched);
    number_replace(result, FL_RESULT_WAITING, live->waiting);
}

bool fl_engine_job_is_done(const struct fl_engine *engine, uint32_t job)
{
    return job <= fl_book_counters(&engine->state.store, 0)->jobs_done;
}

enum fl_status fl_engine_run_jobs(struct fl_engine *engine, const struct fl_slice_sink *sink)
{
    _Alignas(64) char bytes[FL_SLICE_BYTES + FL_COMMAND_SLACK];
    struct fl_command *command = (struct fl_command *)bytes;
    struct fl_result result;
    while (fl_engine_has_slice(engine)) {
        fl_engine_next_slice(engine, command);
        result.tag = 0;
        FL_TRY(fl_engine_apply(engine, command, &result, NULL));
        if (sink)
            sink->slice(sink->context, command, &result);
    }
    return FL_OK;
}

void fl_engine_rebuild(struct fl_engine *engine)
{
    fl_state_rebuild(&engine->state);
}

/* ---- finding, for those outside -------------------------------------------------------------------------- */

static uint32_t find_statement_anywhere(const struct fl_state *s, const char *id, size_t length)
{
    for (uint32_t account = 0; account < s->store.rows[FL_TABLE_bank_account]; account++) {
        uint32_t row = fl_find_statement(s, account, id, length);
        if (row != FL_NO_ROW)
            return row;
    }
    return FL_NO_ROW;
}

uint32_t fl_engine_find(const struct fl_engine *engine, enum fl_kind kind, const char *id,
                        size_t length)
{
    const struct fl_state *s = &engine->state;
    switch (kind) {
    case FL_KIND_OF_CUSTOMER:
        return fl_find_customer(s, id, length);
    case FL_KIND_OF_PRODUCT:
        return fl_find_product(s, id, length);
    case FL_KIND_OF_BANK_ACCOUNT:
        return fl_find_bank_account(s, id, length);
    case FL_KIND_OF_ORDER:
        return fl_find_order(s, id, length);
    case FL_KIND_OF_SHIPMENT:
        return fl_find_shipment(s, id, length);
    case FL_KIND_OF_INVOICE:
        return fl_find_invoice(s, id, length);
    case FL_KIND_OF_CREDIT_NOTE:
        return fl_find_credit_note(s, id, length);
    case FL_KIND_OF_RECEIPT:
        return fl_find_receipt(s, id, length);
    case FL_KIND_OF_REFUND:
        return fl_find_cash_event(s, FL_EVENT_REFUND, id, length);
    case FL_KIND_OF_CHARGEBACK:
        return fl_find_cash_event(s, FL_EVENT_CHARGEBACK, id, length);
    case FL_KIND_OF_WRITE_OFF:
        return fl_find_cash_event(s, FL_EVENT_WRITE_OFF, id, length);
    case FL_KIND_OF_RETURN:
        return fl_find_cash_event(s, FL_EVENT_RETURN, id, length);
    case FL_KIND_OF_CHARGEBACK_REVERSE:
        return fl_find_cash_event(s, FL_EVENT_CHARGEBACK_REVERSE, id, length);
    case FL_KIND_OF_WRITE_OFF_REVERSE:
        return fl_find_cash_event(s, FL_EVENT_WRITE_OFF_REVERSE, id, length);
    case FL_KIND_OF_STATEMENT:
        return find_statement_anywhere(s, id, length);
    case FL_KIND_OF_STATEMENT_LINE:
        return fl_line_of_id(s, id, length);
    case FL_KIND_OF_APPLICATION:
        return fl_find_application(s, id, length);
    case FL_KIND_OF_PAYOUT:
        return fl_find_payout(s, id, length);
    case FL_KIND_OF_DISPUTE:
        return fl_find_dispute(s, id, length);
    case FL_KIND_OF_PROMISE:
        return fl_find_promise(s, id, length);
    case FL_KIND_OF_COUNT:
        break;
    }
    return FL_NO_ROW;
}
