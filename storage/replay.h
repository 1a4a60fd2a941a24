/* replay.h - records of the WAL, applied again: the same command on the same state gives the same result and
 * the same state check, or replay stops and says where (I8).
 *
 * Records come one by one and are applied a group at a time, after the prefetch pass. Memory: one staging
 * buffer. Thread: one.
 */
#ifndef FLORIN_STORAGE_REPLAY_H
#define FLORIN_STORAGE_REPLAY_H

#include "core/engine/engine.h"
#include "storage/wal_reader.h"

struct fl_replay {
    struct fl_engine *engine;
    uint64_t from_seq; /* records below are in the state already */
    uint64_t applied;
    char *staging;
    uint64_t staged_bytes;
    uint32_t staged;
    uint64_t staged_offset[32];
    char file[64];
    uint64_t offset;
    struct fl_error error;
};

enum fl_status fl_replay_open(struct fl_replay *replay, struct fl_engine *engine);
/* The `record` callback of fl_wal_options, with the replay as its context. */
enum fl_status fl_replay_record(void *replay, const struct fl_wal_entry *entry);
/* Applies what is still staged. */
enum fl_status fl_replay_finish(struct fl_replay *replay);
void fl_replay_close(struct fl_replay *replay);

#endif
