/* replay.h - records of the WAL, applied again: the same command on the same state gives the same
 * result and the same state check, or replay stops and says where (I8).
 *
 *     reading thread: verify block, check command, copy --> [batch|batch|..] --> applying thread
 *
 * The applying thread is the bottleneck and does nothing else; reading also makes memory ready
 * ahead of it.
 *
 *   Y1  Records are applied in the order they come in; after the first that differs, none.
 *   Y2  After finish or close the applying thread is gone: the engine is the caller's again.
 *
 * Alone, there is one batch, and who reads applies it when it is full.
 *
 * Thread: record, finish and close by one. Memory: four batches, of 17 MiB address space each,
 * touched as far as records need it.
 */
#ifndef FLORIN_STORAGE_REPLAY_H
#define FLORIN_STORAGE_REPLAY_H

#include <pthread.h>

#include "core/engine/engine.h"
#include "storage/memory_ahead.h"
#include "storage/park.h"
#include "storage/wal_reader.h"

#define FL_REPLAY_BATCHES 4
#define FL_REPLAY_BATCH_RECORDS 256

struct fl_replay_batch {
    char *bytes;
    uint64_t used;
    uint32_t count;
    char file[64];
    uint64_t at[FL_REPLAY_BATCH_RECORDS];     /* of each record in `bytes` */
    uint64_t offset[FL_REPLAY_BATCH_RECORDS]; /* in the file */
};

struct fl_replay {
    struct fl_engine *engine;
    uint64_t from_seq; /* records below are in the state already */
    struct fl_replay_batch batches[FL_REPLAY_BATCHES];
    uint64_t batch_count;
    _Atomic uint64_t filled, applied; /* batches */
    _Atomic uint32_t ended;           /* no more comes */
    _Atomic uint32_t failed;          /* `error` says why; set by the applying thread */
    struct fl_error reading_error;    /* the reading thread's */
    struct fl_park reader, applier;
    struct fl_memory_ahead ahead;
    pthread_t thread;
    bool runs;
    struct fl_error error;
};

/* `alone`: without a thread of its own. */
enum fl_status fl_replay_open(struct fl_replay *replay, struct fl_engine *engine, bool alone);
/* The `record` callback of fl_wal_options, with the replay as its context. */
enum fl_status fl_replay_record(void *replay, const struct fl_wal_entry *entry);
/* Applies what is still on its way. */
enum fl_status fl_replay_finish(struct fl_replay *replay);
void fl_replay_close(struct fl_replay *replay);
/* After close: what went wrong first; its status is FL_OK if nothing did here. */
const struct fl_error *fl_replay_error(const struct fl_replay *replay);

#endif
