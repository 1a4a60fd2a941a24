/* host.h - a running engine: state machine, WAL, checkpoints and the threads between them.
 *
 *     producer thread(s)           apply thread                       I/O
 *     fl_producer_send  --ring-->  reserve WAL, apply in place,  -->  one synced write a group
 *     fl_producer_receive <-ring-  results held until durable    <--  synced sequence
 *
 *   O1  A result is released when durable >= the last sequence applied when it was decided; refusals and
 *       duplicates wait too.
 *   O2  After a failed write nothing above durable is shown; the host answers FL_IO_ERROR from then on.
 *   O3  Results of one producer come in the order of its commands.
 *   O4  A command that begins a job (`clock`, a long statement, the last part of one) is answered when the job is
 *       done; until then no further command of its producer is taken. Other producers go on: between their groups one
 *       slice is applied. One that comes from a log (`sliced`) is answered at once and brings its slices itself.
 *
 * A job under way at opening is gone on with, slice by slice; one that nobody waits for is left where it is at closing.
 * A job that a log began and did not finish waits for more of the log, the next command that begins a job, or the next
 * opening. Slices that cannot be applied (no memory, no space) are answered so to who waits, and tried again.
 *
 * A stepped host has no threads: the caller takes each one's next step by fl_host_step, one step
 * after the other, with the functions that the threads run. On a simulated disk (disk_sim.h) a run
 * is then the same every time, and can be stopped between any two I/O operations. What goes through
 * the caller's disk: the directory's identity, lock and folders, the log and its archive. What does
 * not: checkpoints are LMDB environments on the real file system, in `checkpoints`. The calls below that
 * take no configuration (init, verify, log) open a real disk; fl_directory_create makes a directory on
 * any.
 */
#ifndef FLORIN_STORAGE_HOST_H
#define FLORIN_STORAGE_HOST_H

#include "core/engine/engine.h"

enum fl_io_choice { FL_IO_AUTO, FL_IO_URING, FL_IO_THREADS };

struct fl_host_config {
    uint64_t memory_bytes;      /* 0: default */
    enum fl_io_choice io;
    uint64_t segment_bytes;     /* 0: default */
    uint64_t checkpoint_bytes;  /* start a checkpoint after this much WAL; 0: default */
    uint32_t rows_max;          /* 0: default */
    struct fl_disk *disk;    /* the caller's, outlives the host; null: the host opens one by `io` */
    const char *checkpoints; /* an existing folder for them; null: the directory itself */
    bool stepped;
    /* Progress of recovery, for a person; nullable. */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t all);
    void *context;
};

struct fl_host;
struct fl_producer;

/* Makes an engine directory. FL_EXISTS: there is one already. */
enum fl_status fl_host_init(const char *directory, struct fl_error *error);

/* Locks, verifies, recovers, starts the apply thread. FL_LOCKED, FL_CORRUPT, FL_NEWER_FORMAT, FL_IO_ERROR:
 * nothing was changed; the error names file and offset. */
enum fl_status fl_host_open(const char *directory, const struct fl_host_config *config,
                            struct fl_host **out, struct fl_error *error);
/* Waits for what was sent, writes a proof block (and a checkpoint if due), stops, unlocks. */
enum fl_status fl_host_close(struct fl_host *host, struct fl_error *error);

/* For a stepped host. True: there may be more to do. */
enum fl_host_thread {
    FL_HOST_APPLY,     /* applies what was sent, or waits for the disk, or proves an idle log */
    FL_HOST_PREPARE,   /* a piece of the next segment; a covered segment into the archive */
    FL_HOST_CHECKPOINT /* writes a checkpoint, if one was taken and is durable */
};
bool fl_host_step(struct fl_host *host, enum fl_host_thread thread);

/* For reading verbs: recovers into memory without changing anything on disk; works on a directory that
 * another process holds (then from its last checkpoint and what of the WAL is durable). No threads. */
enum fl_status fl_host_open_reading(const char *directory, const struct fl_host_config *config,
                                    struct fl_host **out, struct fl_error *error);

/* The state, for a host opened for reading, or a quiet one (everything sent was received, no job under way). */
struct fl_engine *fl_host_engine(struct fl_host *host);

struct fl_host_facts {
    uint64_t recovered_seq, checkpoint_seq, durable_seq;
    uint64_t dropped_bytes; /* of a torn tail */
    const char *io;         /* "uring", "threads" */
    uint64_t parks, wakes;                  /* of the apply thread, and of it by others */
    uint64_t producer_parks, producer_wakes; /* of producers, and of them by the apply thread */
    const char *set_aside; /* why a checkpoint was passed over on opening; null if none was */
};
void fl_host_facts(const struct fl_host *host, struct fl_host_facts *out);

/* At most 64; each belongs to one thread. */
enum fl_status fl_producer_open(struct fl_host *host, struct fl_producer **out);
void fl_producer_close(struct fl_producer *producer);
/* Copies the checked command into the ring; waits while it is full. `tag` comes back with the result. */
enum fl_status fl_producer_send(struct fl_producer *producer, const struct fl_command *command,
                                uint64_t tag);
/* The next released result, or null after waiting when `wait` is false or nothing is under way. Members of
 * a batch come before the batch's own result, with result.flags & FL_FLAG_MEMBER. Valid until the next
 * call. A producer that sends without receiving must call this now and then: no more commands may be under
 * way than the result ring holds (fl_producer_send returns FL_BUSY then). With a stepped host
 * neither send nor receive ever waits. */
#define FL_FLAG_MEMBER 0x8000
const struct fl_result *fl_producer_receive(struct fl_producer *producer, bool wait);
/* Commands sent and not yet answered. */
uint64_t fl_producer_under_way(const struct fl_producer *producer);

/* Runs one checkpoint now and waits for it; takes a stepped host's steps itself. */
enum fl_status fl_host_checkpoint(struct fl_host *host, struct fl_error *error);

/* Reads both checkpoints whole and verifies every chunk; changes nothing. `report` is called for each that
 * is there. Returns FL_OK if none is damaged. Beside a running engine one may look damaged that is just
 * being written: ask again. */
struct fl_host_checkpoint_report {
    const char *name;      /* "checkpoint-a" */
    enum fl_status status; /* FL_OK, FL_CORRUPT, FL_NEWER_FORMAT */
    uint64_t seq, chunks;  /* of a good one */
    const char *message;   /* what is wrong; valid during the call */
};
enum fl_status fl_host_verify_checkpoints(
    const char *directory,
    void (*report)(void *context, const struct fl_host_checkpoint_report *report), void *context,
    struct fl_error *error);

/* Streams the durable WAL: every record in order from `from_seq`. */
struct fl_record;
enum fl_status fl_host_log(const char *directory, uint64_t from_seq,
                           enum fl_status (*record)(void *context, const struct fl_record *record,
                                                    const char *file, uint64_t offset),
                           void *context, struct fl_error *error);

#endif
