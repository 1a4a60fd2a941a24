/* checkpoint.h - writes snapshots to disk, in turn into two environments.
 *
 *     snapshot --changed chunks--> checkpoint-b (checkpoint-a stays as it is) --root--> done
 *
 * The bytes are in checkpoint_format.h, reading in checkpoint_reader.h.
 *
 *   P1  A root is written after everything it covers is durable, and nothing it covers is deleted
 *       before the next root of its environment: a crash at any point leaves both generations
 *       whole.
 *   P2  Only an environment proved in this process (read whole, or written by it) is written in
 *       place. Any other is left alone until its successor, written beside it, takes its name.
 *   P3  A full map or disk, or an I/O error, fails this checkpoint and nothing else; the next turn
 *       in the environment removes what was left.
 *   P4  Transactions stay at 256 KiB: a larger one holds up the WAL's synced writes. Measured as
 *       p99 of single receipts beside a checkpoint at 100 MB/s, on two cores: 67 ms at 64 MiB, 1.4
 *       ms at 1 MiB, 0.5 ms at 256 KiB by a thread that yields.
 *
 * Of an older schema. A checkpoint is the columns as they stood: one of another FL_SCHEMA_VERSION has other tables and
 * sizes, and is read by the release that wrote it. This one says so (a value has the wrong size), sets it aside, and makes
 * the state from the log, which is kept whole; a record whose meaning changed since (engine.h, FL_SEMANTICS_OLDEST) is
 * refused by name. Schema 3 (payer accounts, instalments, disputes, promises, assignments, payouts) came with meaning 4:
 * before the first release, so nothing older needs to be read.
 *
 * Disk: the state twice; while an environment is replaced, three times.
 * Thread: one at a time; fl_checkpoint_pace, fl_checkpoint_alone and fl_checkpoint_kept_seq from any.
 * Memory: 16 bytes a chunk and environment.
 */
#ifndef FLORIN_STORAGE_CHECKPOINT_H
#define FLORIN_STORAGE_CHECKPOINT_H

#include <stdbool.h>

#include "core/base/status.h"
#include "core/data/snapshot.h"
#include "storage/checkpoint_format.h"

#define FL_CHECKPOINT_MAP_BYTES (UINT64_C(256) << 30)
#define FL_CHECKPOINT_BYTES_PER_SECOND (UINT64_C(100) << 20)

enum fl_checkpoint_side { FL_CHECKPOINT_A, FL_CHECKPOINT_B, FL_CHECKPOINT_SIDES };

/* Every chunk in force in one environment. */
struct fl_checkpoint_manifest {
    struct fl_checkpoint_entry *entries[FL_COLUMN_COUNT];
    uint32_t count[FL_COLUMN_COUNT];
};

/* Makes room for the chunks of these row counts, what is known kept. FL_NO_MEMORY. */
enum fl_status fl_checkpoint_manifest_size(struct fl_checkpoint_manifest *manifest,
                                           const uint32_t rows[FL_TABLE_COUNT]);
void fl_checkpoint_manifest_free(struct fl_checkpoint_manifest *manifest);

/* What reading an environment has shown. */
struct fl_checkpoint_proved {
    struct fl_checkpoint_root root;
    struct fl_checkpoint_manifest manifest;
    uint64_t id_max;  /* highest checkpoint id met, leftovers too */
    uint32_t version; /* of the store it was loaded into (fl_store_load_done) */
    bool leftovers;   /* keys that are not in force */
};

struct fl_checkpoint_config {
    uint64_t map_bytes;        /* 0: FL_CHECKPOINT_MAP_BYTES */
    uint64_t bytes_per_second; /* 0: FL_CHECKPOINT_BYTES_PER_SECOND */
    uint8_t directory_id[16];
    uint64_t id_floor;         /* ids of checkpoints begin above it: the highest seen in any root */
};

struct fl_checkpoint;

/* Touches no file. */
enum fl_status fl_checkpoint_open(const char *directory, const struct fl_checkpoint_config *config,
                                  struct fl_checkpoint **out, struct fl_error *error);
void fl_checkpoint_close(struct fl_checkpoint *checkpoint);

/* The state was loaded from this environment: it may be written in place (P2). The manifest
 * becomes the checkpoint's. */
void fl_checkpoint_adopt(struct fl_checkpoint *checkpoint, enum fl_checkpoint_side side,
                         struct fl_checkpoint_proved *proved);

/* Writes the snapshot into the environment whose turn it is. The snapshot stays the caller's. */
enum fl_status fl_checkpoint_write(struct fl_checkpoint *checkpoint,
                                   const struct fl_snapshot *snapshot, struct fl_error *error);

/* Bytes a second from now on; UINT64_MAX: no limit. */
void fl_checkpoint_pace(struct fl_checkpoint *checkpoint, uint64_t bytes_per_second);
/* Nobody writes the log beside it any more: no limit, and transactions of 16 MiB, since each costs two flushes of the
 * device (closing with 1.5 GB to write: 10 s by 256 KiB, 2 s so). */
void fl_checkpoint_alone(struct fl_checkpoint *checkpoint);
/* The WAL up to here is needed by neither generation; 0 until both are proved. */
uint64_t fl_checkpoint_kept_seq(const struct fl_checkpoint *checkpoint);
/* Sequence of the newest root that is known; 0 without one. */
uint64_t fl_checkpoint_newest_seq(const struct fl_checkpoint *checkpoint);

struct fl_checkpoint_facts {
    uint64_t chunks_written, bytes_written; /* by the last write */
    uint64_t chunks_kept;
    enum fl_checkpoint_side side;
};
void fl_checkpoint_facts(const struct fl_checkpoint *checkpoint, struct fl_checkpoint_facts *out);

/* "DIRECTORY/checkpoint-a" into `out`. */
void fl_checkpoint_path(const char *directory, enum fl_checkpoint_side side, bool successor,
                        char *out, size_t capacity);

#endif
