#include "storage/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/engine/record.h"
#include "storage/checkpoint_reader.h"
#include "storage/host_internal.h"
#include "storage/recovery.h"

#define SEGMENTS_AHEAD 2
#define READING_TRIES 3
#define CHECKPOINT_EVERY_BYTES (UINT64_C(1) << 30)
#define PREPARE_PAUSE_NS UINT64_C(5000000)

static enum fl_status disk_open(enum fl_io_choice io, struct fl_disk **out, struct fl_error *error)
{
    static const enum fl_disk_kind kinds[] = {
        [FL_IO_AUTO] = FL_DISK_AUTO, [FL_IO_URING] = FL_DISK_URING, [FL_IO_THREADS] = FL_DISK_THREADS};
    return fl_disk_open(kinds[io], out, error);
}

static enum fl_status host_disk(struct fl_host *host, enum fl_io_choice io, struct fl_error *error)
{
    host->disk = host->config.disk;
    return host->disk ? FL_OK : disk_open(io, &host->disk, error);
}

enum fl_status fl_host_init(const char *directory, struct fl_error *error)
{
    struct fl_disk *disk;
    FL_TRY(disk_open(FL_IO_AUTO, &disk, error));
    enum fl_status status = fl_directory_create(disk, directory, error);
    fl_disk_close(disk);
    return status;
}

/* ---- recovery ------------------------------------------------------------------------------------- */

static uint64_t memory_default(void)
{
    uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    return all / 4 * 3;
}

/* `kept` receives what the loaded checkpoint has shown, for whoever goes on writing. */
static enum fl_status recover(struct fl_host *host, bool beside_writer, struct fl_recovery *kept,
                              struct fl_error *error)
{
    struct fl_recovery_options options = {
        .directory = &host->directory,
        .checkpoints = host->config.checkpoints,
        .alone = host->config.stepped,
        .engine = {.memory_bytes = host->config.memory_bytes, .rows_max = host->config.rows_max},
        .beside_writer = beside_writer,
        .progress = host->config.progress,
        .context = host->config.context,
    };
    if (options.engine.memory_bytes == 0)
        options.engine.memory_bytes = memory_default();
    FL_TRY(fl_disk_entropy(host->disk, &options.engine.secret, sizeof options.engine.secret, error));
    enum fl_status status = fl_recovery_run(&options, kept, error);
    /* What a writer changes below us reads as damage: look again. */
    for (int i = 0; beside_writer && status == FL_CORRUPT && i < READING_TRIES; i++) {
        fl_engine_destroy(kept->engine);
        fl_checkpoint_manifest_free(&kept->proved.manifest);
        status = fl_recovery_run(&options, kept, error);
    }
    host->engine = kept->engine;
    host->verdict = kept->verdict;
    if (kept->loaded)
        host->checkpoint_seq = kept->proved.root.seq;
    memcpy(host->set_aside, kept->set_aside, sizeof host->set_aside);
    return status;
}

/* ---- opening --------------------------------------------------------------------------------------- */

/* Segments that both checkpoints cover leave the log. One at a time: a folder is synced for each. */
static void retire(struct fl_host *host)
{
    uint32_t moved = 0;
    uint64_t kept_seq = fl_checkpoint_kept_seq(host->checkpoints.checkpoint);
    if (kept_seq <= host->retired_seq)
        return;
    /* A failure leaves the segment where it is: more to read at the next opening, nothing lost. */
    if (fl_wal_segments_retire(&host->segments, kept_seq, 1, &moved, NULL) != FL_OK || moved == 0)
        host->retired_seq = kept_seq;
}

/* One piece; FL_IO_ERROR: preparing is over. */
static enum fl_status prepare_step(struct fl_host *host, bool *more_out)
{
    struct fl_error error;
    enum fl_status status = fl_wal_segments_step(&host->segments, more_out, &error);
    if (status == FL_IO_ERROR)
        return status;
    retire(host);
    fl_memory_ahead_step(&host->ahead);
    return status;
}

static void *prepare_run(void *context)
{
    struct fl_host *host = context;
    while (!atomic_load_explicit(&host->stopping, memory_order_acquire)) {
        bool more = false;
        enum fl_status status = prepare_step(host, &more);
        if (status == FL_IO_ERROR)
            break;
        /* With a segment in hand there is no hurry: some 200 MB/s beside the log's own writes. */
        bool in_hand = fl_wal_segments_ready_bytes(&host->segments) > 0;
        if (more && status == FL_OK && !in_hand)
            continue;
        fl_park_announce(&host->prepare_park);
        if (atomic_load_explicit(&host->stopping, memory_order_acquire))
            break;
        fl_park_wait(&host->prepare_park, more ? PREPARE_PAUSE_NS : PREPARE_PAUSE_NS * 4);
    }
    return NULL;
}

static enum fl_status checkpoints_start(struct fl_host *host, struct fl_recovery *kept,
                                        struct fl_error *error)
{
    struct fl_checkpoint_config config = {.id_floor = kept->checkpoint_id_max};
    struct fl_checkpoint *checkpoint;
    memcpy(config.directory_id, host->directory.id, sizeof config.directory_id);
    const char *folder = host->config.checkpoints ? host->config.checkpoints : host->directory.path;
    FL_TRY(fl_checkpoint_open(folder, &config, &checkpoint, error));
    if (kept->loaded)
        fl_checkpoint_adopt(checkpoint, kept->side, &kept->proved);
    uint64_t every = host->config.checkpoint_bytes ? host->config.checkpoint_bytes
                                                   : CHECKPOINT_EVERY_BYTES;
    return fl_checkpoint_job_start(&host->checkpoints, checkpoint, fl_engine_store(host->engine),
                                   every, kept->replayed_bytes, host->config.stepped, error);
}

static enum fl_status threads_start(struct fl_host *host, struct fl_error *error)
{
    if (host->config.stepped) {
        host->pipeline = fl_pipeline_new(host);
        return host->pipeline ? FL_OK : fl_error_set(error, FL_NO_MEMORY, "no memory");
    }
    if (pthread_create(&host->prepare_thread, NULL, prepare_run, host) != 0)
        return fl_error_set(error, FL_NO_MEMORY, "no thread for preparing log segments");
    host->prepare_runs = true;
    if (pthread_create(&host->apply_thread, NULL, fl_pipeline_run, host) != 0)
        return fl_error_set(error, FL_NO_MEMORY, "no thread for applying commands");
    host->apply_runs = true;
    return FL_OK;
}

static enum fl_status writer_start(struct fl_host *host, struct fl_recovery *kept,
                                   struct fl_error *error)
{
    FL_TRY(fl_wal_cut(&host->directory, host->config.segment_bytes ? host->config.segment_bytes
                                                                   : FL_WAL_SEGMENT_BYTES_DEFAULT,
                      &host->verdict, error));
    FL_TRY(fl_wal_segments_init(&host->segments, &host->directory, host->config.segment_bytes,
                                SEGMENTS_AHEAD, host->verdict.tail_segment, error));
    enum fl_status status = fl_wal_writer_open(&host->writer, &host->directory, &host->segments,
                                               &host->verdict, 0, error);
    if (status != FL_OK) {
        fl_wal_segments_deinit(&host->segments);
        return status;
    }
    host->writing = true;
    atomic_store(&host->durable_seq, fl_wal_writer_durable_seq(&host->writer));
    FL_TRY(checkpoints_start(host, kept, error));
    fl_memory_ahead_init(&host->ahead, fl_engine_store(host->engine));
    return threads_start(host, error);
}

static void *pointer_in(const struct fl_ring_message *message)
{
    const struct fl_by_pointer *by = (const struct fl_by_pointer *)(message + 1);
    return by->marker == FL_BY_POINTER ? by->data : NULL;
}

/* What nobody took goes with it: commands, and answers that were never released. */
static void producer_free(struct fl_producer *producer)
{
    const struct fl_ring_message *message;
    if (!producer)
        return;
    while ((message = fl_ring_next(&producer->commands)) != NULL)
        free(pointer_in(message));
    fl_ring_publish(&producer->results);
    while ((message = fl_ring_next(&producer->results)) != NULL)
        fl_member_list_free(pointer_in(message));
    fl_member_list_free(producer->members);
    free(producer->memory);
    free(producer);
}

static void host_free(struct fl_host *host)
{
    for (unsigned i = 0; i < FL_PRODUCERS_MAX; i++)
        producer_free(host->producers[i]);
    fl_engine_destroy(host->engine);
    if (host->directory.disk)
        fl_directory_close(&host->directory);
    if (host->disk && host->disk != host->config.disk)
        fl_disk_close(host->disk);
    fl_pipeline_free(host->pipeline);
    pthread_mutex_destroy(&host->producers_lock);
    free(host);
}

static struct fl_host *host_new(const struct fl_host_config *config)
{
    struct fl_host *host = calloc(1, sizeof *host);
    if (!host)
        return NULL;
    if (config)
        host->config = *config;
    pthread_mutex_init(&host->producers_lock, NULL);
    return host;
}

enum fl_status fl_host_open(const char *directory, const struct fl_host_config *config,
                            struct fl_host **out, struct fl_error *error)
{
    struct fl_host *host = host_new(config);
    if (!host)
        return fl_error_set(error, FL_NO_MEMORY, "no memory");
    enum fl_status status = host_disk(host, host->config.io, error);
    if (status == FL_OK) {
        host->io = fl_disk_name(host->disk);
        status = fl_directory_open(host->disk, directory, FL_DIRECTORY_WRITE, &host->directory,
                                   error);
    }
    struct fl_recovery kept = {.loaded = false};
    if (status == FL_OK)
        status = recover(host, false, &kept, error);
    if (status == FL_OK)
        status = writer_start(host, &kept, error);
    fl_checkpoint_manifest_free(&kept.proved.manifest);
    if (status != FL_OK) {
        struct fl_error ignored;
        if (host->writing)
            (void)fl_host_close(host, &ignored);
        else
            host_free(host);
        return status;
    }
    *out = host;
    return FL_OK;
}

enum fl_status fl_host_open_reading(const char *directory, const struct fl_host_config *config,
                                    struct fl_host **out, struct fl_error *error)
{
    struct fl_host *host = host_new(config);
    if (!host)
        return fl_error_set(error, FL_NO_MEMORY, "no memory");
    enum fl_status status = host_disk(host, FL_IO_THREADS, error);
    if (status == FL_OK)
        status = fl_directory_open(host->disk, directory, FL_DIRECTORY_READ, &host->directory,
                                   error);
    struct fl_recovery kept = {.loaded = false};
    if (status == FL_OK)
        status = recover(host, fl_directory_is_held(&host->directory), &kept, error);
    fl_checkpoint_manifest_free(&kept.proved.manifest);
    if (status != FL_OK) {
        host_free(host);
        return status;
    }
    *out = host;
    return FL_OK;
}

bool fl_host_step(struct fl_host *host, enum fl_host_thread thread)
{
    FL_ASSERT(host->writing && host->config.stepped);
    if (thread == FL_HOST_APPLY)
        return fl_pipeline_step(host->pipeline);
    if (thread == FL_HOST_CHECKPOINT)
        return fl_checkpoint_job_work(&host->checkpoints);
    bool more = false;
    return prepare_step(host, &more) != FL_IO_ERROR && more;
}

static enum fl_status threads_stop(struct fl_host *host)
{
    atomic_store_explicit(&host->stopping, 1, memory_order_release);
    while (host->pipeline && fl_pipeline_step(host->pipeline))
        continue;
    if (host->apply_runs) {
        fl_park_wake(&host->park);
        pthread_join(host->apply_thread, NULL);
    }
    if (host->prepare_runs) {
        fl_park_wake(&host->prepare_park);
        pthread_join(host->prepare_thread, NULL);
    }
    fl_checkpoint_job_stop(&host->checkpoints);
    return atomic_load(&host->failed) ? FL_IO_ERROR : FL_OK;
}

enum fl_status fl_host_close(struct fl_host *host, struct fl_error *error)
{
    enum fl_status status = FL_OK;
    if (host->writing) {
        status = threads_stop(host);
        if (status != FL_OK && error)
            *error = *fl_wal_writer_error(&host->writer);
        enum fl_status closed = fl_wal_writer_close(&host->writer, status == FL_OK ? error : NULL);
        status = status != FL_OK ? status : closed;
        fl_wal_segments_deinit(&host->segments);
    }
    host_free(host);
    return status;
}

struct fl_engine *fl_host_engine(struct fl_host *host)
{
    return host->engine;
}

void fl_host_facts(const struct fl_host *host, struct fl_host_facts *out)
{
    uint64_t checkpoint_seq = host->checkpoint_seq;
    if (host->checkpoints.checkpoint)
        checkpoint_seq = fl_checkpoint_newest_seq(host->checkpoints.checkpoint);
    *out = (struct fl_host_facts){
        .recovered_seq = host->verdict.last_seq,
        .checkpoint_seq = checkpoint_seq,
        .durable_seq = host->writing ? atomic_load(&host->durable_seq) : host->verdict.last_seq,
        .dropped_bytes = host->verdict.dropped_bytes,
        .io = host->io ? host->io : "none",
        .parks = atomic_load(&host->park.parks),
        .wakes = atomic_load(&host->park.wakes),
        .set_aside = host->set_aside[0] ? host->set_aside : NULL,
    };
    uint32_t count = atomic_load_explicit(&host->producer_count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++) {
        out->producer_parks += atomic_load(&host->producers[i]->park.parks);
        out->producer_wakes += atomic_load(&host->producers[i]->park.wakes);
    }
}

enum fl_status fl_host_checkpoint(struct fl_host *host, struct fl_error *error)
{
    if (!host->writing)
        return fl_error_set(error, FL_UNSUPPORTED, "a host opened for reading writes no checkpoint");
    if (!host->config.stepped)
        return fl_checkpoint_job_run(&host->checkpoints, &host->park, error);
    struct fl_checkpoint_job *job = &host->checkpoints;
    while (!fl_checkpoint_job_ask(job)) {
        (void)fl_host_step(host, FL_HOST_APPLY);
        (void)fl_host_step(host, FL_HOST_CHECKPOINT);
    }
    for (uint64_t before = job->done; job->done == before;) {
        (void)fl_host_step(host, FL_HOST_APPLY);
        (void)fl_host_step(host, FL_HOST_CHECKPOINT);
    }
    if (error && job->status != FL_OK)
        *error = job->error;
    return job->status;
}

/* ---- producers -------------------------------------------------------------------------------------- */

static struct fl_producer *producer_new(struct fl_host *host)
{
    struct fl_producer *producer = aligned_alloc(64, (sizeof *producer + 63) & ~(size_t)63);
    char *memory = malloc(FL_COMMAND_RING_BYTES + FL_RESULT_RING_BYTES);
    if (!producer || !memory) {
        free(producer);
        free(memory);
        return NULL;
    }
    memset(producer, 0, sizeof *producer);
    producer->host = host;
    producer->memory = memory;
    fl_ring_init(&producer->commands, memory, FL_COMMAND_RING_BYTES);
    fl_ring_init(&producer->results, memory + FL_COMMAND_RING_BYTES, FL_RESULT_RING_BYTES);
    return producer;
}

/* A place that was left, all its answers taken, is used again: the apply thread still visits it. */
static struct fl_producer *producer_again(struct fl_host *host, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct fl_producer *producer = host->producers[i];
        if (atomic_load(&producer->used) == 0 && producer->sent == producer->received)
            return producer;
    }
    return NULL;
}

enum fl_status fl_producer_open(struct fl_host *host, struct fl_producer **out)
{
    pthread_mutex_lock(&host->producers_lock);
    uint32_t count = atomic_load(&host->producer_count);
    struct fl_producer *producer = producer_again(host, count);
    enum fl_status status = FL_OK;
    if (!producer && count == FL_PRODUCERS_MAX)
        status = FL_BUSY;
    if (!producer && status == FL_OK) {
        producer = producer_new(host);
        status = producer ? FL_OK : FL_NO_MEMORY;
        if (producer) {
            host->producers[count] = producer;
            /* Release: the apply thread sees the producer whole before it is counted. */
            atomic_store_explicit(&host->producer_count, count + 1, memory_order_release);
        }
    }
    if (status == FL_OK)
        atomic_store_explicit(&producer->used, 1, memory_order_release);
    pthread_mutex_unlock(&host->producers_lock);
    *out = producer;
    return status;
}

void fl_producer_close(struct fl_producer *producer)
{
    while (producer->sent != producer->received && fl_producer_receive(producer, true))
        ;
    atomic_store_explicit(&producer->used, 0, memory_order_release);
}

uint64_t fl_producer_under_way(const struct fl_producer *producer)
{
    return producer->sent - producer->received;
}

static void *command_room(struct fl_producer *producer, uint32_t bytes, uint64_t tag)
{
    struct fl_host *host = producer->host;
    for (;;) {
        void *at = fl_ring_reserve(&producer->commands, bytes, tag);
        if (at || atomic_load_explicit(&host->failed, memory_order_acquire))
            return at;
        if (host->config.stepped || fl_ring_has_messages(&producer->results))
            return NULL; /* the caller takes answers first: both rings must not fill up */
        atomic_store_explicit(&producer->waits_for_room, 1, memory_order_relaxed);
        fl_park_announce(&producer->park);
        at = fl_ring_reserve(&producer->commands, bytes, tag);
        bool stays = !at && !fl_ring_has_messages(&producer->results);
        if (stays)
            fl_park_wait(&producer->park, 10000000);
        else
            fl_park_cancel(&producer->park);
        atomic_store_explicit(&producer->waits_for_room, 0, memory_order_relaxed);
        if (!stays)
            return at;
    }
}

enum fl_status fl_producer_send(struct fl_producer *producer, const struct fl_command *command,
                                uint64_t tag)
{
    struct fl_host *host = producer->host;
    if (FL_UNLIKELY(atomic_load_explicit(&host->failed, memory_order_acquire)))
        return FL_IO_ERROR; /* O2 */
    bool by_pointer = command->bytes > FL_COMMAND_INLINE_MAX;
    uint32_t bytes = by_pointer ? sizeof(struct fl_by_pointer) : command->bytes;
    void *at = command_room(producer, bytes, tag);
    if (!at)
        return atomic_load(&host->failed) ? FL_IO_ERROR : FL_BUSY;
    if (by_pointer) {
        void *copy = aligned_alloc(64, (command->bytes + 63) & ~(size_t)63);
        FL_ASSERT(copy != NULL);
        memcpy(copy, command, command->bytes);
        *(struct fl_by_pointer *)at = (struct fl_by_pointer){FL_BY_POINTER, copy};
    } else {
        memcpy(at, command, command->bytes);
    }
    fl_ring_publish(&producer->commands);
    fl_park_wake(&host->park);
    producer->sent++;
    return FL_OK;
}

/* The next member of the batch whose answers were handed over, or null when they are through. */
static const struct fl_result *member_next(struct fl_producer *producer)
{
    struct fl_member_list *list = producer->members;
    if (producer->members_at < list->used) {
        uint64_t bytes;
        memcpy(&bytes, list->bytes + producer->members_at, 8);
        enum fl_status status = fl_result_unpack(list->bytes + producer->members_at + 8, bytes,
                                                 &producer->result);
        FL_ASSERT(status == FL_OK);
        producer->members_at += 8 + bytes;
        producer->result.flags |= FL_FLAG_MEMBER;
        return &producer->result;
    }
    fl_member_list_free(list);
    producer->members = NULL;
    return NULL;
}

static const struct fl_result *result_read(struct fl_producer *producer,
                                           const struct fl_ring_message *message)
{
    enum fl_status status = fl_result_unpack(message + 1, message->bytes, &producer->result);
    FL_ASSERT(status == FL_OK);
    producer->result.tag = message->tag;
    fl_ring_release(&producer->results);
    producer->received++;
    return &producer->result;
}

/* What was sent and will not be answered: the log cannot be written any more (O2). */
static const struct fl_result *result_failed(struct fl_producer *producer)
{
    fl_result_clear(&producer->result, FL_COMMAND_NONE);
    producer->result.status = FL_IO_ERROR;
    producer->result.tag = UINT64_MAX;
    producer->received = producer->sent;
    return &producer->result;
}

const struct fl_result *fl_producer_receive(struct fl_producer *producer, bool wait)
{
    for (;;) {
        if (producer->members) {
            const struct fl_result *member = member_next(producer);
            if (member)
                return member;
        }
        const struct fl_ring_message *message = fl_ring_next(&producer->results);
        if (message) {
            const struct fl_by_pointer *by = (const struct fl_by_pointer *)(message + 1);
            if (by->marker != FL_BY_POINTER)
                return result_read(producer, message);
            producer->members = by->data;
            producer->members_at = 0;
            fl_ring_release(&producer->results);
            continue;
        }
        if (producer->sent == producer->received)
            return NULL;
        if (atomic_load_explicit(&producer->host->failed, memory_order_acquire))
            return result_failed(producer);
        if (!wait || producer->host->config.stepped)
            return NULL;
        fl_park_announce(&producer->park);
        if (fl_ring_has_messages(&producer->results) ||
            atomic_load_explicit(&producer->host->failed, memory_order_acquire))
            fl_park_cancel(&producer->park);
        else
            fl_park_wait(&producer->park, 10000000);
    }
}

/* ---- verifying checkpoints --------------------------------------------------------------------- */

static enum fl_status verify_side(
    const struct fl_directory *folder, enum fl_checkpoint_side side,
    void (*report)(void *context, const struct fl_host_checkpoint_report *report), void *context)
{
    struct fl_checkpoint_proved proved = {.leftovers = false};
    struct fl_error found = {.status = FL_OK};
    struct fl_host_checkpoint_report line = {
        .name = side == FL_CHECKPOINT_A ? "checkpoint-a" : "checkpoint-b", .message = found.message};
    line.status =
        fl_checkpoint_load(folder->path, side, folder->id, NULL, &proved, NULL, NULL, &found);
    if (line.status == FL_NOT_FOUND)
        return FL_OK;
    if (line.status == FL_OK) {
        line.seq = proved.root.seq;
        line.chunks = proved.root.chunk_count;
    }
    fl_checkpoint_manifest_free(&proved.manifest);
    report(context, &line);
    return line.status;
}

enum fl_status fl_host_verify_checkpoints(
    const char *directory,
    void (*report)(void *context, const struct fl_host_checkpoint_report *report), void *context,
    struct fl_error *error)
{
    struct fl_disk *disk;
    struct fl_directory folder;
    FL_TRY(disk_open(FL_IO_THREADS, &disk, error));
    enum fl_status status = fl_directory_open(disk, directory, FL_DIRECTORY_READ, &folder, error);
    if (status == FL_OK) {
        for (unsigned side = 0; side < FL_CHECKPOINT_SIDES; side++) {
            enum fl_status found =
                verify_side(&folder, (enum fl_checkpoint_side)side, report, context);
            if (found != FL_OK)
                status = fl_error_set(error, found, "a checkpoint is damaged");
        }
        fl_directory_close(&folder);
    }
    fl_disk_close(disk);
    return status;
}

/* ---- the log --------------------------------------------------------------------------------------------- */

struct log_reading {
    enum fl_status (*record)(void *context, const struct fl_record *record, const char *file,
                             uint64_t offset);
    void *context;
};

static enum fl_status log_record(void *context, const struct fl_wal_entry *entry)
{
    const struct log_reading *reading = context;
    const struct fl_record *record = entry->data;
    if (entry->bytes < sizeof *record || record->kind != FL_RECORD_COMMAND ||
        (uint64_t)sizeof *record + record->command_bytes > entry->bytes ||
        fl_command_check(record + 1, record->command_bytes, NULL) != FL_OK)
        return FL_CORRUPT;
    return reading->record(reading->context, record, entry->file, entry->offset);
}

enum fl_status fl_host_log(const char *directory, uint64_t from_seq,
                           enum fl_status (*record)(void *context, const struct fl_record *record,
                                                    const char *file, uint64_t offset),
                           void *context, struct fl_error *error)
{
    struct fl_disk *disk;
    struct fl_directory folder;
    struct fl_wal_verdict verdict = {.last_seq = 0};
    struct log_reading reading = {record, context};
    FL_TRY(disk_open(FL_IO_THREADS, &disk, error));
    enum fl_status status = fl_directory_open(disk, directory, FL_DIRECTORY_READ, &folder, error);
    if (status == FL_OK) {
        struct fl_wal_options options = {.any_start = true, .archive = true};
        status = fl_checkpoint_refuse_newer(folder.path, folder.id, error);
        if (status == FL_OK)
            status = fl_wal_read(&folder, &options, &verdict, error);
        bool held = fl_directory_is_held(&folder);
        options.record = log_record;
        options.context = &reading;
        options.from_seq = from_seq;
        options.upto_seq = held ? verdict.proven_seq : 0;
        if (status == FL_OK && from_seq < verdict.first_seq && from_seq > 0)
            status = fl_error_set(error, FL_UNREADABLE,
                                  "the log begins at sequence %" PRIu64, verdict.first_seq);
        else if (status == FL_OK && !(held && verdict.proven_seq == 0))
            status = fl_wal_read(&folder, &options, &verdict, error);
        fl_directory_close(&folder);
    }
    fl_disk_close(disk);
    return status;
}
