/* The apply thread: takes commands from the producers' rings in turn, applies each in place in the WAL's open
 * block, and lets results go once they are durable. While one write is in flight the next block fills. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "core/engine/record.h"
#include "storage/host_internal.h"
#include "storage/planted_fault.h"

#define GROUP_MAX 16
#define SPINS_BEFORE_PARK 400 /* some 50 us of pauses */
#define NOTE_GROUPS 64
#define IDLE_NS UINT64_C(10000000)
#define CLOSING_NS UINT64_C(1000000)

struct taken {
    struct fl_producer *producer;
    const struct fl_command *command;
    uint64_t tag;
    void *owned; /* to be freed after apply; null: in the ring */
};

struct fl_pipeline {
    struct fl_host *host;
    struct taken taken[GROUP_MAX];
    uint32_t count;
    uint32_t turn; /* producer whose turn it is */
    uint32_t groups;
    uint32_t waiting; /* producers that wait for a job */
    bool by_log;      /* the slices of the job at work come from a log */
    bool stalled;     /* the last slice could not be applied: not again before something happened */
    struct fl_member_list *members;
};

/* ---- results ------------------------------------------------------------------------------------- */

/* Results that wait for the same block go out together: one entry for all of them, so no more entries wait than there
 * are blocks. `block_seq`: the first record of the block being filled, or of the one to come. With no place left (a
 * planted fault wants them out of order) the last entry takes them in: later is always right (O1). */
static void pending_add(struct fl_producer *producer, uint64_t seq, uint64_t block_seq)
{
    uint64_t end = (producer->pending_first + producer->pending_count - 1) % FL_PENDING_MAX;
    struct fl_pending *last = &producer->pending[end];
    bool full = producer->pending_count == FL_PENDING_MAX;
    bool same_block = producer->pending_count > 0 &&
                      (last->seq == seq || (last->seq >= block_seq && seq > last->seq));
    if (same_block || full) {
        uint64_t latest = seq > last->seq ? seq : last->seq;
        *last = (struct fl_pending){producer->results.tail_open, latest};
        return;
    }
    uint64_t next = (producer->pending_first + producer->pending_count++) % FL_PENDING_MAX;
    producer->pending[next] = (struct fl_pending){producer->results.tail_open, seq};
}

static uint64_t ring_used(const struct fl_ring *ring)
{
    return atomic_load_explicit(&ring->tail, memory_order_relaxed) -
           atomic_load_explicit(&ring->head, memory_order_relaxed);
}

/* A sender that is ahead sleeps until half its ring is free, not until the next group is: else every
 * group would cost a system call. Answers that pile up wake it too, and its sleep ends after 10 ms. The
 * fence stands for fl_park_wake's: what was published is seen by whoever is not yet seen waiting. */
static void producer_wake(struct fl_producer *producer)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&producer->waits_for_room, memory_order_relaxed) != 0 &&
        ring_used(&producer->commands) > FL_COMMAND_RING_BYTES / 2 &&
        ring_used(&producer->results) < FL_RESULT_RING_BYTES / 2)
        return;
    fl_park_wake(&producer->park);
}

/* O1: what is durable goes out. */
static void publish(struct fl_producer *producer, uint64_t durable_seq)
{
    bool any = false;
    uint64_t position = 0;
    while (producer->pending_count > 0 &&
           producer->pending[producer->pending_first].seq <= durable_seq) {
        position = producer->pending[producer->pending_first].position;
        producer->pending_first = (producer->pending_first + 1) % FL_PENDING_MAX;
        producer->pending_count--;
        any = true;
    }
    if (!any)
        return;
    fl_ring_publish_to(&producer->results, position);
    producer_wake(producer);
}

static void publish_all(struct fl_pipeline *p)
{
    struct fl_host *host = p->host;
    uint64_t durable = fl_wal_writer_durable_seq(&host->writer);
    atomic_store_explicit(&host->durable_seq, durable, memory_order_release);
    uint32_t count = atomic_load_explicit(&host->producer_count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++)
        publish(host->producers[i], durable);
}

/* O2: writing is over; whoever waits is told. */
static void fail(struct fl_pipeline *p)
{
    struct fl_host *host = p->host;
    atomic_store_explicit(&host->failed, 1, memory_order_release);
    uint32_t count = atomic_load_explicit(&host->producer_count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++)
        fl_park_wake(&host->producers[i]->park);
}

static bool has_failed(const struct fl_pipeline *p)
{
    return atomic_load_explicit(&p->host->failed, memory_order_relaxed) != 0;
}

static void reap(struct fl_pipeline *p)
{
    if (fl_wal_writer_reap(&p->host->writer) != FL_OK)
        fail(p);
    publish_all(p);
}

static void submit(struct fl_pipeline *p)
{
    if (fl_wal_writer_submit(&p->host->writer) != FL_OK)
        fail(p);
}

/* Room for a result of `bytes`; while there is none, the disk and then the receiver must move. */
static void *result_room(struct fl_pipeline *p, struct fl_producer *producer, uint32_t bytes,
                         uint64_t tag)
{
    void *at;
    while (!(at = fl_ring_reserve(&producer->results, bytes, tag)) && !has_failed(p)) {
        submit(p);
        reap(p);
        if (atomic_load_explicit(&producer->used, memory_order_acquire) == 0)
            return NULL; /* it left without its answers */
        sched_yield();
    }
    return at;
}

static void result_send(struct fl_pipeline *p, const struct taken *t, const struct fl_result *result,
                        struct fl_member_list *members)
{
    struct fl_producer *producer = t->producer;
    uint64_t needed = fl_wal_writer_appended_seq(&p->host->writer); /* O1 */
    if (FL_PLANTED(result->status == FL_OK ? FL_PLANT_ANSWER_AT_ONCE : FL_PLANT_REFUSAL_AT_ONCE))
        needed = 0;
    if (members) {
        struct fl_by_pointer *by =
            result_room(p, producer, sizeof(struct fl_by_pointer), t->tag);
        if (!by) {
            fl_member_list_free(members);
            return;
        }
        *by = (struct fl_by_pointer){FL_BY_POINTER, members};
    }
    void *at = result_room(p, producer, (uint32_t)fl_result_packed_bytes(result), t->tag);
    if (!at)
        return;
    fl_result_pack(result, at);
    pending_add(producer, needed, fl_wal_writer_block_seq(&p->host->writer));
}

/* ---- one command ------------------------------------------------------------------------------------ */

static void member_keep(void *context, uint32_t index, const struct fl_result *result)
{
    struct fl_pipeline *p = context;
    (void)index;
    if (!p->members)
        p->members = calloc(1, sizeof *p->members);
    struct fl_member_list *list = p->members;
    if (!list)
        return;
    if (list->capacity - list->used < FL_RESULT_PACKED_MAX + 8) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64u << 10;
        char *bytes = realloc(list->bytes, capacity);
        if (!bytes)
            return; /* the batch's own answer still goes out */
        list->bytes = bytes;
        list->capacity = capacity;
    }
    uint64_t n = fl_result_pack(result, list->bytes + list->used + 8);
    memcpy(list->bytes + list->used, &n, 8);
    list->used += 8 + n;
    list->count++;
}

void fl_member_list_free(struct fl_member_list *list)
{
    if (list)
        free(list->bytes);
    free(list);
}

static enum fl_status reserve(struct fl_pipeline *p, uint64_t bytes, struct fl_record **out)
{
    for (;;) {
        void *at;
        enum fl_status status = fl_wal_writer_reserve(&p->host->writer, bytes, &at);
        if (status == FL_OK)
            *out = at;
        if (status == FL_IO_ERROR) /* of a segment being prepared, too: writing is over */
            fail(p);
        if (status != FL_BUSY)
            return status;
        fl_park_wake(&p->host->prepare_park);
        if (fl_wal_writer_wait(&p->host->writer, p->host->config.stepped) != FL_OK) {
            fail(p);
            return FL_IO_ERROR;
        }
        publish_all(p);
    }
}

static void record_fill(struct fl_pipeline *p, struct fl_record *record,
                        const struct fl_command *command, struct fl_result *result)
{
    uint64_t tag = result->tag;
    result->tag = 0; /* the caller's, not the record's */
    size_t packed = fl_result_pack(result, (char *)command + command->bytes);
    result->tag = tag;
    *record = (struct fl_record){
        .bytes = (uint32_t)(sizeof *record + command->bytes + packed),
        .kind = FL_RECORD_COMMAND,
        .semantics_version = FL_SEMANTICS_VERSION,
        .seq = result->seq,
        .command_bytes = command->bytes,
        .result_bytes = (uint32_t)packed,
        .state_check = fl_engine_state_check(p->host->engine),
    };
    fl_wal_writer_commit(&p->host->writer, record->bytes, record->seq);
}

static void refuse(struct fl_pipeline *p, const struct taken *t, enum fl_status status)
{
    struct fl_result result;
    fl_result_clear(&result, t->command->type);
    result.tag = t->tag;
    result.status = (uint16_t)status;
    result_send(p, t, &result, NULL);
}

/* O4. What follows the commands of these types in their stream waits. */
static bool may_begin_job(const struct fl_command *command)
{
    return command->type == FL_COMMAND_CLOCK || command->type == FL_COMMAND_STATEMENT;
}

/* True if the answer is held until the job is done. */
static bool answer_is_held(struct fl_pipeline *p, const struct taken *t, uint32_t job,
                           const struct fl_result *result)
{
    struct fl_producer *producer = t->producer;
    p->by_log = t->command->flags & FL_FLAG_SLICED && p->waiting == 0;
    if (t->command->flags & FL_FLAG_SLICED)
        return false;
    FL_ASSERT(producer->waits_for == 0);
    producer->waits_for = job;
    producer->held = *result;
    producer->held_tag = t->tag;
    p->waiting++;
    return true;
}

/* Reserve, copy, apply in place, commit or abandon (design, Order and visibility). */
static void apply_one(struct fl_pipeline *p, const struct taken *t)
{
    struct fl_record *record;
    uint64_t bytes = sizeof *record + t->command->bytes + FL_COMMAND_SLACK + FL_RESULT_PACKED_MAX;
    enum fl_status status = reserve(p, bytes, &record);
    if (status != FL_OK) {
        if (!has_failed(p)) /* O2 */
            refuse(p, t, status);
        return;
    }
    struct fl_command *command = (struct fl_command *)(record + 1);
    memcpy(command, t->command, t->command->bytes);
    const struct fl_member_sink sink = {member_keep, p};
    struct fl_result result;
    result.tag = t->tag;
    p->members = NULL;
    status = fl_engine_apply(p->host->engine, command, &result, &sink);
    uint32_t job = 0;
    if (FL_UNLIKELY(may_begin_job(t->command)))
        job = fl_engine_job_of(p->host->engine, command, status);
    if (status == FL_OK)
        record_fill(p, record, command, &result);
    else
        fl_wal_writer_abandon(&p->host->writer);
    struct fl_member_list *members = p->members;
    if (status != FL_OK && status != FL_DUPLICATE) {
        fl_member_list_free(members);
        members = NULL;
    }
    if (FL_UNLIKELY(job != 0) && answer_is_held(p, t, job, &result))
        return;
    result_send(p, t, &result, members);
}

/* ---- jobs ------------------------------------------------------------------------------------------- */

static bool is_closing(const struct fl_pipeline *p)
{
    return atomic_load_explicit(&p->host->stopping, memory_order_acquire) != 0;
}

static bool slice_is_due(const struct fl_pipeline *p)
{
    return fl_engine_has_slice(p->host->engine) && !p->by_log && !p->stalled &&
           (p->waiting > 0 || !is_closing(p));
}

static void answer_held(struct fl_pipeline *p, struct fl_producer *producer)
{
    const struct taken t = {.producer = producer, .tag = producer->held_tag};
    producer->waits_for = 0;
    p->waiting--;
    result_send(p, &t, &producer->held, NULL);
}

/* Those who wait: for what is done, the answer; after a failure, that. */
static void waiters_answer(struct fl_pipeline *p, enum fl_status failure)
{
    uint32_t count = atomic_load_explicit(&p->host->producer_count, memory_order_acquire);
    for (uint32_t i = 0; i < count && p->waiting > 0; i++) {
        struct fl_producer *producer = p->host->producers[i];
        if (producer->waits_for == 0)
            continue;
        if (failure != FL_OK) {
            fl_result_clear(&producer->held, producer->held.type);
            producer->held.status = (uint16_t)failure;
            producer->held.tag = producer->held_tag;
            answer_held(p, producer);
        } else if (fl_engine_job_is_done(p->host->engine, producer->waits_for)) {
            fl_engine_job_answer(p->host->engine, producer->waits_for, &producer->held);
            answer_held(p, producer);
        }
    }
}

/* One slice of the job at work, a record of its own. */
static void slice_apply(struct fl_pipeline *p)
{
    struct fl_record *record;
    struct fl_result result;
    uint64_t bytes = sizeof *record + FL_SLICE_BYTES + FL_COMMAND_SLACK + FL_RESULT_PACKED_MAX;
    enum fl_status status = reserve(p, bytes, &record);
    if (status == FL_OK) {
        struct fl_command *command = (struct fl_command *)(record + 1);
        fl_engine_next_slice(p->host->engine, command);
        result.tag = 0;
        status = fl_engine_apply(p->host->engine, command, &result, NULL);
        if (status == FL_OK)
            record_fill(p, record, command, &result);
        else
            fl_wal_writer_abandon(&p->host->writer);
    }
    FL_ASSERT(fl_status_class(status) != FL_CLASS_REFUSED);
    p->stalled = status != FL_OK;
    if (p->waiting > 0 && !has_failed(p))
        waiters_answer(p, status);
}

/* ---- checkpoints ---------------------------------------------------------------------------------- */

static void checkpoint_step(struct fl_pipeline *p)
{
    struct fl_host *host = p->host;
    fl_checkpoint_job_step(&host->checkpoints, fl_wal_writer_appended_seq(&host->writer),
                           fl_wal_writer_durable_seq(&host->writer), host->writer.bytes_written,
                           has_failed(p));
}

/* True when all is written and no checkpoint is to be waited for. */
static bool may_stop(struct fl_pipeline *p)
{
    struct fl_host *host = p->host;
    if (!is_closing(p) || !fl_wal_writer_is_idle(&host->writer))
        return false;
    if (!fl_checkpoint_job_closing(&host->checkpoints, host->writer.bytes_written))
        return true;
    checkpoint_step(p);
    if (host->config.stepped) {
        (void)fl_checkpoint_job_work(&host->checkpoints);
        return false;
    }
    fl_park_announce(&host->park);
    fl_park_wait(&host->park, CLOSING_NS);
    return false;
}

/* ---- the loop -------------------------------------------------------------------------------------------- */

static bool take_one(struct fl_pipeline *p, struct fl_producer *producer)
{
    const struct fl_ring_message *message = fl_ring_next(&producer->commands);
    if (!message)
        return false;
    const struct fl_by_pointer *by = (const struct fl_by_pointer *)(message + 1);
    struct taken *t = &p->taken[p->count++];
    *t = (struct taken){.producer = producer, .tag = message->tag};
    if (by->marker == FL_BY_POINTER)
        t->command = t->owned = by->data;
    else
        t->command = (const struct fl_command *)(message + 1);
    return true;
}

/* Producers in turn, each up to a share of the group, so that none waits behind another's stream; of one that
 * waits for a job, nothing (O4). */
static void gather(struct fl_pipeline *p)
{
    uint32_t count = atomic_load_explicit(&p->host->producer_count, memory_order_acquire);
    p->count = 0;
    if (count == 0)
        return;
    uint32_t share = GROUP_MAX / count > 0 ? GROUP_MAX / count : 1;
    for (uint32_t i = 0; i < count && p->count < GROUP_MAX; i++) {
        struct fl_producer *producer = p->host->producers[(p->turn + i) % count];
        if (FL_UNLIKELY(producer->waits_for != 0))
            continue;
        for (uint32_t n = 0; n < share && p->count < GROUP_MAX; n++) {
            if (!take_one(p, producer) || may_begin_job(p->taken[p->count - 1].command))
                break;
        }
    }
    p->turn = (p->turn + 1) % count;
}

static void give_back(struct fl_pipeline *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        free(p->taken[i].owned);
        bool last = true;
        for (uint32_t j = i + 1; j < p->count && last; j++)
            last = p->taken[j].producer != p->taken[i].producer;
        if (last) {
            fl_ring_release(&p->taken[i].producer->commands);
            producer_wake(p->taken[i].producer);
        }
    }
}

static void apply_group(struct fl_pipeline *p)
{
    const struct fl_command *commands[GROUP_MAX];
    for (uint32_t i = 0; i < p->count; i++)
        commands[i] = p->taken[i].command;
    fl_engine_prefetch(p->host->engine, commands, p->count);
    for (uint32_t i = 0; i < p->count; i++) {
        if (has_failed(p))
            break;
        apply_one(p, &p->taken[i]);
    }
    give_back(p);
    p->stalled = false;
    if (p->groups++ % NOTE_GROUPS == 0)
        fl_memory_ahead_note(&p->host->ahead);
}

/* A group of commands, and between groups a slice of the job at work. */
static void work(struct fl_pipeline *p)
{
    if (p->count > 0)
        apply_group(p);
    if (FL_UNLIKELY(slice_is_due(p)) && !has_failed(p))
        slice_apply(p);
    submit(p);
    reap(p);
}

static bool has_work(const struct fl_pipeline *p)
{
    uint32_t count = atomic_load_explicit(&p->host->producer_count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++) {
        const struct fl_producer *producer = p->host->producers[i];
        if (producer->waits_for == 0 && fl_ring_has_messages(&producer->commands))
            return true;
    }
    return false;
}

/* A short spin, then sleep. False: there was something to do before it came to that. */
static bool idle_sleep(struct fl_pipeline *p)
{
    struct fl_host *host = p->host;
    for (unsigned i = 0; i < SPINS_BEFORE_PARK; i++) {
        if (has_work(p))
            return false;
        fl_park_pause();
    }
    fl_park_announce(&host->park);
    if (has_work(p) || is_closing(p) || fl_checkpoint_job_is_waiting(&host->checkpoints)) {
        fl_park_cancel(&host->park);
        return false;
    }
    fl_checkpoint_job_idle(&host->checkpoints, true);
    fl_park_wait(&host->park, IDLE_NS);
    return true;
}

/* Nothing to apply: first the disk, then sleep. An idle log proves its last block. */
static void idle(struct fl_pipeline *p)
{
    struct fl_host *host = p->host;
    if (!fl_wal_writer_is_idle(&host->writer)) {
        if (fl_wal_writer_wait(&host->writer, false) != FL_OK)
            fail(p);
        publish_all(p);
        return;
    }
    publish_all(p);
    if (!host->config.stepped && !idle_sleep(p))
        return;
    p->stalled = false;
    if (!has_work(p) && fl_wal_writer_proof(&host->writer) == FL_IO_ERROR)
        fail(p);
}

bool fl_pipeline_step(struct fl_pipeline *p)
{
    gather(p);
    checkpoint_step(p);
    if (has_failed(p)) {
        give_back(p);
        return !is_closing(p);
    }
    if (p->count > 0 || slice_is_due(p)) {
        fl_checkpoint_job_idle(&p->host->checkpoints, false);
        work(p);
    } else if (may_stop(p)) {
        publish_all(p);
        return false;
    } else {
        idle(p);
    }
    return true;
}

struct fl_pipeline *fl_pipeline_new(struct fl_host *host)
{
    struct fl_pipeline *p = calloc(1, sizeof *p);
    if (p)
        p->host = host;
    return p;
}

void fl_pipeline_free(struct fl_pipeline *p)
{
    free(p);
}

void *fl_pipeline_run(void *context)
{
    struct fl_pipeline *p = fl_pipeline_new(context);
    FL_ASSERT(p != NULL);
    prctl(PR_SET_NAME, "florin-apply"); /* what top and strace call it */
    while (fl_pipeline_step(p)) {
        if (has_failed(p))
            sched_yield();
    }
    fl_pipeline_free(p);
    return NULL;
}
