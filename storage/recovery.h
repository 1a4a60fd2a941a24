/* recovery.h - from a directory to the state it stands for.
 *
 *     checkpoint-a, checkpoint-b --newest that proves itself--> store --indexes--> engine
 *     wal/ --------------- records above its sequence, applied again ------------> engine
 *
 *   V1  The newest root whose every chunk verifies is taken, else the other, else an empty state.
 *   V2  The log must go without a gap from the checkpoint's next record, and reach the sequence of
 *       every root that verifies itself: what a checkpoint knew was durable. Otherwise it is
 *       refused.
 *   V3  Nothing is changed: a torn end is cut by whoever goes on writing (fl_wal_cut).
 *
 * Call it before threads exist (checkpoint_reader.h). Memory: the engine's.
 */
#ifndef FLORIN_STORAGE_RECOVERY_H
#define FLORIN_STORAGE_RECOVERY_H

#include "core/engine/engine.h"
#include "storage/checkpoint.h"
#include "storage/wal_reader.h"

struct fl_recovery_options {
    struct fl_directory *directory;
    const char *checkpoints; /* the real folder that holds them; null: the directory's own path */
    bool alone;              /* no thread for replay: the caller's does it all */
    struct fl_engine_config engine;
    bool beside_writer; /* another process writes: only what it has proved durable */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t all); /* nullable */
    void *context;
};

struct fl_recovery {
    struct fl_engine *engine; /* the caller's, also after an error */
    struct fl_wal_verdict verdict;
    bool loaded;                      /* from a checkpoint: */
    enum fl_checkpoint_side side;     /* this one, */
    struct fl_checkpoint_proved proved; /* with this manifest; for fl_checkpoint_adopt */
    uint64_t checkpoint_id_max;       /* of any root */
    uint64_t replayed_records, replayed_bytes;
    char set_aside[256];              /* why a checkpoint was passed over; "" if none was */
};

/* FL_CORRUPT, FL_NEWER_FORMAT, FL_NO_MEMORY, FL_IO_ERROR; `error` names file and offset. */
enum fl_status fl_recovery_run(const struct fl_recovery_options *options, struct fl_recovery *out,
                               struct fl_error *error);

#endif
