/* checkpoint_job.h - one checkpoint at a time, between the apply thread and a thread that writes.
 *
 *     idle --want--> wanted --snapshot--> taken --log durable--> writing --written--> idle
 *          anyone            apply thread       apply thread             the writer
 *
 *   J1  The apply thread never waits: it looks at one word between groups, takes a snapshot, goes
 *       on.
 *   J2  A snapshot is written only when the log is durable up to it: no root is ahead of the log.
 *   J3  A failed checkpoint is told to who asked for it, and tried again after some more log.
 *
 * Without a thread of its own (start with `alone`), fl_checkpoint_job_work is called in its place.
 *
 * Memory: the job. Cost for the apply thread: a load a group.
 */
#ifndef FLORIN_STORAGE_CHECKPOINT_JOB_H
#define FLORIN_STORAGE_CHECKPOINT_JOB_H

#include <pthread.h>

#include "storage/checkpoint.h"
#include "storage/park.h"

enum fl_job_state { FL_JOB_IDLE, FL_JOB_WANTED, FL_JOB_TAKEN, FL_JOB_WRITING };

struct fl_checkpoint_job {
    struct fl_checkpoint *checkpoint;
    pthread_t thread;
    bool runs;
    _Atomic uint32_t state; /* enum fl_job_state */
    _Atomic uint32_t stopping;
    struct fl_park park;  /* the writing thread */
    pthread_mutex_t lock; /* `done`, `status`, `error`, and who waits for them */
    pthread_cond_t ended;
    uint64_t done;
    enum fl_status status;
    struct fl_error error;
    /* Apply thread, until handed over. */
    struct fl_snapshot snapshot;
    struct fl_store *store;
    uint64_t every_bytes; /* a checkpoint after so much log */
    uint64_t next_bytes;  /* the log's bytes at which the next is due */
    uint64_t taken_bytes; /* the log's bytes when the snapshot was taken */
    bool reclaim;         /* chunks to be given back when the writer is through, */
    uint32_t reclaims;    /* in so many doses, one a group */
    uint32_t quiet;       /* times in a row that there was nothing to apply */
    bool outgrown;        /* the log is too far ahead of what is being written */
    bool at_full_speed;
    bool closing;
};

/* Starts the thread, unless `alone`; takes the checkpoint. `replayed_bytes` of log are above the
 * last root already. */
enum fl_status fl_checkpoint_job_start(struct fl_checkpoint_job *job,
                                       struct fl_checkpoint *checkpoint, struct fl_store *store,
                                       uint64_t every_bytes, uint64_t replayed_bytes, bool alone,
                                       struct fl_error *error);
/* Ends the thread after what is being written, and closes the checkpoint. The apply thread has
 * ended. */
void fl_checkpoint_job_stop(struct fl_checkpoint_job *job);

/* Apply thread, between groups. `log_bytes` rises with what is written; `failed`: nothing will
 * become durable any more. */
void fl_checkpoint_job_step(struct fl_checkpoint_job *job, uint64_t seq, uint64_t durable_seq,
                            uint64_t log_bytes, bool failed);
/* What the writing thread does when there is something to write; false: there was nothing. */
bool fl_checkpoint_job_work(struct fl_checkpoint_job *job);
/* Apply thread: nothing to apply, or something again. After a while of nothing (some ten calls,
 * each 10 ms of sleep) a checkpoint may have all of the disk: a pause between two commands is none.
 */
void fl_checkpoint_job_idle(struct fl_checkpoint_job *job, bool idle);

static inline bool fl_checkpoint_job_is_waiting(const struct fl_checkpoint_job *job)
{
    /* relaxed: whoever wants one wakes the apply thread afterwards */
    uint32_t state = atomic_load_explicit(&job->state, memory_order_relaxed);
    return state == FL_JOB_WANTED || state == FL_JOB_TAKEN;
}

/* Any other thread: one whole checkpoint from now on. `wake` is the apply thread's park. */
enum fl_status fl_checkpoint_job_run(struct fl_checkpoint_job *job, struct fl_park *wake,
                                     struct fl_error *error);
/* The same where no other thread is: asks for one and returns; `done` rises when it ended. False:
 * one is under way. */
bool fl_checkpoint_job_ask(struct fl_checkpoint_job *job);
/* Apply thread, when the host closes: true while there is a checkpoint to wait for. Begins one if
 * so much log was written since the last root that reading it again would cost more. */
bool fl_checkpoint_job_closing(struct fl_checkpoint_job *job, uint64_t log_bytes);

#endif
