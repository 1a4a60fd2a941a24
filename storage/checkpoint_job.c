#include "storage/checkpoint_job.h"

#include <string.h>
#include <sys/resource.h>

#include "core/base/contract.h"

#define WAIT_NS          UINT64_C(100000000)
#define QUIET_ROUNDS     10
#define NICE             10
#define RECLAIMED_A_DOSE 4096 /* at least, by fl_store_reclaim */

/* Whoever waits sees what was written before the state became idle. */
static void job_end(struct fl_checkpoint_job *job, enum fl_status status,
                    const struct fl_error *error)
{
    pthread_mutex_lock(&job->lock);
    job->status = status;
    job->error = *error;
    job->done++;
    /* Release pairs with the apply thread's acquire: it then gives the snapshot's chunks back. */
    atomic_store_explicit(&job->state, FL_JOB_IDLE, memory_order_release);
    pthread_cond_broadcast(&job->ended);
    pthread_mutex_unlock(&job->lock);
}

static void job_write(struct fl_checkpoint_job *job)
{
    struct fl_error error = {.status = FL_OK};
    enum fl_status status = fl_checkpoint_write(job->checkpoint, &job->snapshot, &error);
    fl_snapshot_release(&job->snapshot);
    job_end(job, status, &error);
}

bool fl_checkpoint_job_work(struct fl_checkpoint_job *job)
{
    /* Acquire pairs with the hand-over of the snapshot. */
    if (atomic_load_explicit(&job->state, memory_order_acquire) != FL_JOB_WRITING)
        return false;
    job_write(job);
    return true;
}

static void *job_main(void *context)
{
    struct fl_checkpoint_job *job = context;
    for (;;) {
        if (fl_checkpoint_job_work(job))
            continue;
        if (atomic_load_explicit(&job->stopping, memory_order_acquire))
            return NULL;
        fl_park_announce(&job->park);
        if (atomic_load(&job->state) == FL_JOB_WRITING || atomic_load(&job->stopping))
            fl_park_cancel(&job->park);
        else
            fl_park_wait(&job->park, WAIT_NS);
    }
}

enum fl_status fl_checkpoint_job_start(struct fl_checkpoint_job *job,
                                       struct fl_checkpoint *checkpoint, struct fl_store *store,
                                       uint64_t every_bytes, uint64_t replayed_bytes,
                                       bool alone, struct fl_error *error)
{
    memset(job, 0, sizeof *job);
    job->checkpoint = checkpoint;
    job->store = store;
    job->every_bytes = every_bytes;
    job->next_bytes = replayed_bytes < every_bytes ? every_bytes - replayed_bytes : 0;
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->ended, NULL);
    if (alone)
        return FL_OK;
    if (pthread_create(&job->thread, NULL, job_main, job) != 0) {
        fl_checkpoint_job_stop(job);
        return fl_error_set(error, FL_NO_MEMORY, "no thread for checkpoints");
    }
    job->runs = true;
    return FL_OK;
}

void fl_checkpoint_job_stop(struct fl_checkpoint_job *job)
{
    if (!job->checkpoint)
        return;
    if (job->runs) {
        atomic_store_explicit(&job->stopping, 1, memory_order_release);
        fl_checkpoint_alone(job->checkpoint);
        fl_park_wake(&job->park);
        pthread_join(job->thread, NULL);
    }
    pthread_mutex_destroy(&job->lock);
    pthread_cond_destroy(&job->ended);
    fl_checkpoint_close(job->checkpoint);
    memset(job, 0, sizeof *job);
}

static void pace(struct fl_checkpoint_job *job)
{
    bool full_speed = job->closing || job->outgrown || job->quiet >= QUIET_ROUNDS;
    if (job->at_full_speed == full_speed)
        return;
    job->at_full_speed = full_speed;
    fl_checkpoint_pace(job->checkpoint, full_speed ? UINT64_MAX : FL_CHECKPOINT_BYTES_PER_SECOND);
}

void fl_checkpoint_job_idle(struct fl_checkpoint_job *job, bool idle)
{
    job->quiet = idle ? job->quiet + (job->quiet < QUIET_ROUNDS) : 0;
    pace(job);
}

static void take(struct fl_checkpoint_job *job, uint64_t seq, uint64_t log_bytes)
{
    if (fl_snapshot_take(job->store, seq, &job->snapshot) != FL_OK)
        return; /* readers hold all versions: in the next round */
    job->taken_bytes = log_bytes;
    job->outgrown = false;
    job->next_bytes = log_bytes + job->every_bytes;
    job->reclaim = true;
    atomic_store_explicit(&job->state, FL_JOB_TAKEN, memory_order_relaxed);
}

static void give_up(struct fl_checkpoint_job *job, bool taken)
{
    struct fl_error error;
    fl_error_set(&error, FL_IO_ERROR, "the log cannot be written any more");
    if (taken)
        fl_snapshot_release(&job->snapshot);
    job_end(job, FL_IO_ERROR, &error);
}

void fl_checkpoint_job_step(struct fl_checkpoint_job *job, uint64_t seq, uint64_t durable_seq,
                            uint64_t log_bytes, bool failed)
{
    uint32_t state = atomic_load_explicit(&job->state, memory_order_acquire);
    if (FL_LIKELY(state == FL_JOB_IDLE && log_bytes < job->next_bytes && !job->reclaim &&
                  job->reclaims == 0))
        return;
    if (state == FL_JOB_WRITING) {
        /* The log outgrows what the pace allows: better a slower answer than a full disk. */
        job->outgrown = log_bytes - job->taken_bytes > 4 * job->every_bytes;
        pace(job);
        return;
    }
    if (state == FL_JOB_IDLE && job->reclaim) {
        job->reclaim = false;
        job->reclaims = job->store->retired_count / RECLAIMED_A_DOSE + 1;
    }
    if (job->reclaims > 0) {
        job->reclaims--;
        fl_snapshot_collect(job->store);
    }
    if (state == FL_JOB_IDLE && log_bytes >= job->next_bytes && !failed) {
        uint32_t idle = FL_JOB_IDLE;
        if (atomic_compare_exchange_strong(&job->state, &idle, FL_JOB_WANTED))
            state = FL_JOB_WANTED;
    }
    if (failed && (state == FL_JOB_WANTED || state == FL_JOB_TAKEN)) {
        give_up(job, state == FL_JOB_TAKEN);
        return;
    }
    if (state == FL_JOB_WANTED)
        take(job, seq, log_bytes);
    if (atomic_load_explicit(&job->state, memory_order_relaxed) == FL_JOB_TAKEN &&
        durable_seq >= job->snapshot.seq) { /* J2 */
        atomic_store_explicit(&job->state, FL_JOB_WRITING, memory_order_release);
        fl_park_wake(&job->park);
    }
}

enum fl_status fl_checkpoint_job_run(struct fl_checkpoint_job *job, struct fl_park *wake,
                                     struct fl_error *error)
{
    pthread_mutex_lock(&job->lock);
    uint32_t idle = FL_JOB_IDLE;
    /* One that is under way may be older than this question: wait for it first. */
    while (!atomic_compare_exchange_strong(&job->state, &idle, FL_JOB_WANTED)) {
        pthread_cond_wait(&job->ended, &job->lock);
        idle = FL_JOB_IDLE;
    }
    uint64_t before = job->done;
    fl_park_wake(wake);
    while (job->done == before)
        pthread_cond_wait(&job->ended, &job->lock);
    enum fl_status status = job->status;
    if (error && status != FL_OK)
        *error = job->error;
    pthread_mutex_unlock(&job->lock);
    return status;
}

bool fl_checkpoint_job_ask(struct fl_checkpoint_job *job)
{
    FL_ASSERT(!job->runs);
    uint32_t idle = FL_JOB_IDLE;
    return atomic_compare_exchange_strong(&job->state, &idle, FL_JOB_WANTED);
}

static bool is_due(const struct fl_checkpoint_job *job, uint64_t log_bytes)
{
    if (log_bytes >= job->next_bytes)
        return true;
    uint64_t since = log_bytes + job->every_bytes - job->next_bytes;
    return since > job->every_bytes / 16 && since > fl_store_bytes_used(job->store) / 8;
}

bool fl_checkpoint_job_closing(struct fl_checkpoint_job *job, uint64_t log_bytes)
{
    uint32_t idle = FL_JOB_IDLE;
    if (!job->closing && is_due(job, log_bytes))
        atomic_compare_exchange_strong(&job->state, &idle, FL_JOB_WANTED);
    if (!job->closing)
        fl_checkpoint_alone(job->checkpoint);
    job->closing = true;
    pace(job);
    return atomic_load_explicit(&job->state, memory_order_acquire) != FL_JOB_IDLE;
}
