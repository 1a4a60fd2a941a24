#include "storage/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine/record.h"

#define GROUP             16 /* prefetched together */
#define BATCH_BYTES       (FL_RECORD_BYTES_MAX + (1u << 20))
#define BATCH_BYTES_USUAL (256u << 10) /* stays in the cache between the two threads */
#define SPINS             200
#define WAIT_NS           UINT64_C(10000000)

/* ---- the applying thread ----------------------------------------------------------------------
 */

static enum fl_status differs(struct fl_replay *replay, const struct fl_replay_batch *batch,
                              uint32_t i, uint64_t seq, const char *what)
{
    return fl_error_set(
        &replay->error, FL_CORRUPT,
        "%s, offset %" PRIu64 ": record %" PRIu64
        " applied again gives another %s; this program is not the one that wrote it",
        batch->file, batch->offset[i], seq, what);
}

static enum fl_status apply_one(struct fl_replay *replay, struct fl_replay_batch *batch, uint32_t i)
{
    struct fl_record *record = (struct fl_record *)(batch->bytes + batch->at[i]);
    struct fl_command *command = (struct fl_command *)(record + 1);
    struct fl_result result;
    char packed[FL_RESULT_PACKED_MAX];
    /* The result stands behind the slack, where the command may grow. */
    const char *stored = (const char *)command + record->command_bytes + FL_COMMAND_SLACK;
    uint64_t seq = record->seq;
    if (seq != fl_engine_seq(replay->engine) + 1)
        return differs(replay, batch, i, seq, "sequence");
    result.tag = 0;
    if (fl_engine_apply(replay->engine, command, &result, NULL) != FL_OK)
        return differs(replay, batch, i, seq, "decision");
    size_t bytes = fl_result_pack(&result, packed);
    if (bytes != record->result_bytes || memcmp(packed, stored, bytes) != 0)
        return differs(replay, batch, i, seq, "result");
    if (fl_engine_state_check(replay->engine) != record->state_check)
        return differs(replay, batch, i, seq, "state");
    return FL_OK;
}

static enum fl_status apply_batch(struct fl_replay *replay, struct fl_replay_batch *batch)
{
    const struct fl_command *commands[GROUP];
    for (uint32_t from = 0; from < batch->count; from += GROUP) {
        uint32_t n = batch->count - from < GROUP ? batch->count - from : GROUP;
        for (uint32_t i = 0; i < n; i++)
            commands[i] = (const struct fl_command *)(batch->bytes + batch->at[from + i] +
                                                      sizeof(struct fl_record));
        fl_engine_prefetch(replay->engine, commands, n);
        for (uint32_t i = 0; i < n; i++)
            FL_TRY(apply_one(replay, batch, from + i));
    }
    return FL_OK;
}

static bool applier_has_work(struct fl_replay *replay)
{
    /* Acquire pairs with the reader's release: the batch is whole. */
    return atomic_load(&replay->filled) !=
               atomic_load_explicit(&replay->applied, memory_order_relaxed) ||
           atomic_load(&replay->ended);
}

static void applier_wait(struct fl_replay *replay)
{
    for (int i = 0; i < SPINS; i++) {
        if (applier_has_work(replay))
            return;
        fl_park_pause();
    }
    fl_park_announce(&replay->applier);
    if (applier_has_work(replay))
        fl_park_cancel(&replay->applier);
    else
        fl_park_wait(&replay->applier, WAIT_NS);
}

/* Applies the oldest batch that was handed over. False: it was the last (Y1). */
static bool batch_take(struct fl_replay *replay)
{
    uint64_t applied = atomic_load_explicit(&replay->applied, memory_order_relaxed);
    enum fl_status status =
        apply_batch(replay, &replay->batches[applied % replay->batch_count]);
    if (status != FL_OK) {
        atomic_store(&replay->failed, 1); /* Y1; releases `error` */
        return false;
    }
    fl_memory_ahead_note(&replay->ahead);
    atomic_store(&replay->applied, applied + 1);
    return true;
}

static void *applier_run(void *context)
{
    struct fl_replay *replay = context;
    for (;;) {
        uint64_t applied = atomic_load_explicit(&replay->applied, memory_order_relaxed);
        if (atomic_load(&replay->filled) == applied) {
            if (atomic_load(&replay->ended) && atomic_load(&replay->filled) == applied)
                return NULL;
            applier_wait(replay);
            continue;
        }
        bool more = batch_take(replay);
        fl_park_wake(&replay->reader);
        if (!more)
            return NULL;
    }
}

/* ---- the reading thread ------------------------------------------------------------------------
 */

enum fl_status fl_replay_open(struct fl_replay *replay, struct fl_engine *engine, bool alone)
{
    memset(replay, 0, sizeof *replay);
    replay->engine = engine;
    replay->from_seq = fl_engine_seq(engine) + 1;
    fl_memory_ahead_init(&replay->ahead, fl_engine_store(engine));
    replay->batch_count = alone ? 1 : FL_REPLAY_BATCHES;
    for (unsigned i = 0; i < replay->batch_count; i++) {
        replay->batches[i].bytes = aligned_alloc(64, BATCH_BYTES);
        if (!replay->batches[i].bytes) {
            fl_replay_close(replay);
            return fl_error_set(&replay->reading_error, FL_NO_MEMORY, "no memory for the log");
        }
    }
    if (alone)
        return FL_OK;
    if (pthread_create(&replay->thread, NULL, applier_run, replay) != 0) {
        fl_replay_close(replay);
        return fl_error_set(&replay->reading_error, FL_NO_MEMORY, "no thread to apply the log");
    }
    replay->runs = true;
    return FL_OK;
}

static void applier_join(struct fl_replay *replay)
{
    if (!replay->runs)
        return;
    atomic_store(&replay->ended, 1);
    fl_park_wake(&replay->applier);
    pthread_join(replay->thread, NULL);
    replay->runs = false;
}

void fl_replay_close(struct fl_replay *replay)
{
    applier_join(replay);
    for (unsigned i = 0; i < FL_REPLAY_BATCHES; i++) {
        free(replay->batches[i].bytes);
        replay->batches[i].bytes = NULL;
    }
}

/* Lengths come from the file: each is checked before it is used. */
static enum fl_status record_check(struct fl_replay *replay, const struct fl_wal_entry *entry)
{
    const struct fl_record *record = entry->data;
    const char *field;
    if (entry->bytes < sizeof *record || record->bytes > entry->bytes ||
        record->kind != FL_RECORD_COMMAND || record->seq != entry->seq ||
        (uint64_t)sizeof *record + record->command_bytes + record->result_bytes > entry->bytes)
        return fl_error_set(&replay->reading_error, FL_CORRUPT,
                            "%s, offset %" PRIu64 ": record %" PRIu64 " is not one of ours",
                            entry->file, entry->offset, entry->seq);
    if (record->semantics_version > FL_SEMANTICS_VERSION)
        return fl_error_set(&replay->reading_error, FL_NEWER_FORMAT,
                            "%s, offset %" PRIu64 ": record %" PRIu64
                            " has the semantics of a newer florin (%u, this one knows %u)",
                            entry->file, entry->offset, entry->seq, record->semantics_version,
                            FL_SEMANTICS_VERSION);
    if (record->semantics_version < FL_SEMANTICS_OLDEST)
        return fl_error_set(&replay->reading_error, FL_UNSUPPORTED,
                            "%s, offset %" PRIu64 ": record %" PRIu64
                            " has the semantics of an older florin (%u, this one begins at %u)",
                            entry->file, entry->offset, entry->seq, record->semantics_version,
                            FL_SEMANTICS_OLDEST);
    if (fl_command_check(record + 1, record->command_bytes, &field) != FL_OK)
        return fl_error_set(&replay->reading_error, FL_CORRUPT,
                            "%s, offset %" PRIu64 ": record %" PRIu64 ", field %s: not a command",
                            entry->file, entry->offset, entry->seq, field);
    return FL_OK;
}

static bool has_failed(struct fl_replay *replay)
{
    return atomic_load(&replay->failed) != 0;
}

static bool reader_has_room(struct fl_replay *replay)
{
    return atomic_load_explicit(&replay->filled, memory_order_relaxed) -
                   atomic_load(&replay->applied) <
               replay->batch_count ||
           has_failed(replay);
}

/* Waits until the batch that comes next is free. */
static void reader_wait(struct fl_replay *replay)
{
    while (!reader_has_room(replay)) {
        fl_memory_ahead_step(&replay->ahead);
        fl_park_announce(&replay->reader);
        if (reader_has_room(replay))
            fl_park_cancel(&replay->reader);
        else
            fl_park_wait(&replay->reader, WAIT_NS);
    }
}

static enum fl_status hand_over(struct fl_replay *replay)
{
    uint64_t filled = atomic_load_explicit(&replay->filled, memory_order_relaxed);
    if (replay->batches[filled % replay->batch_count].count == 0)
        return FL_OK;
    atomic_store(&replay->filled, filled + 1); /* releases the batch */
    if (replay->runs) {
        fl_park_wake(&replay->applier);
        reader_wait(replay);
    } else if (!has_failed(replay)) {
        (void)batch_take(replay);
    }
    if (has_failed(replay))
        return replay->error.status;
    struct fl_replay_batch *next = &replay->batches[(filled + 1) % replay->batch_count];
    next->count = 0;
    next->used = 0;
    return FL_OK;
}

/* Header and command, the slack, the result. */
static void stage(struct fl_replay_batch *batch, const struct fl_wal_entry *entry)
{
    const struct fl_record *record = entry->data;
    char *at = batch->bytes + batch->used;
    size_t front = sizeof *record + record->command_bytes;
    memcpy(at, record, front);
    memset(at + front, 0, FL_COMMAND_SLACK);
    memcpy(at + front + FL_COMMAND_SLACK, (const char *)record + front, record->result_bytes);
    batch->offset[batch->count] = entry->offset;
    batch->at[batch->count++] = batch->used;
    batch->used += (front + FL_COMMAND_SLACK + record->result_bytes + 63) & ~UINT64_C(63);
}

enum fl_status fl_replay_record(void *context, const struct fl_wal_entry *entry)
{
    struct fl_replay *replay = context;
    if (entry->seq < replay->from_seq)
        return FL_OK;
    FL_TRY(record_check(replay, entry));
    uint64_t filled = atomic_load_explicit(&replay->filled, memory_order_relaxed);
    struct fl_replay_batch *batch = &replay->batches[filled % replay->batch_count];
    bool other_file = batch->count > 0 && strcmp(batch->file, entry->file) != 0;
    if (other_file || batch->count == FL_REPLAY_BATCH_RECORDS ||
        (batch->count > 0 && batch->used + entry->bytes > BATCH_BYTES_USUAL)) {
        FL_TRY(hand_over(replay));
        batch = &replay->batches[(filled + 1) % replay->batch_count];
    }
    FL_ASSERT(batch->used + entry->bytes + FL_COMMAND_SLACK + 64 <= BATCH_BYTES);
    if (batch->count == 0)
        snprintf(batch->file, sizeof batch->file, "%s", entry->file);
    stage(batch, entry);
    return FL_OK;
}

enum fl_status fl_replay_finish(struct fl_replay *replay)
{
    enum fl_status status = hand_over(replay);
    applier_join(replay);
    return status == FL_OK && has_failed(replay) ? replay->error.status : status;
}

const struct fl_error *fl_replay_error(const struct fl_replay *replay)
{
    FL_ASSERT(!replay->runs);
    return atomic_load(&replay->failed) ? &replay->error : &replay->reading_error;
}
