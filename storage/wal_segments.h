/* wal_segments.h - space for the log: prepares segments ahead of the writer, takes old ones away.
 *
 *     wal/preparing --(zeros, 1 MiB a step; sync; rename; sync folder)--> wal/00000000NN.wal
 *                         ready ------ fl_wal_segments_take ------> the writer's
 *     wal/00000000NN.wal --(both checkpoints cover it)--> archive/00000000NN.wal
 *
 *   S1  A segment is handed out only when all of it is zeros and synced under its final name; so a
 *       write into it changes no metadata and needs no space.
 *   S2  Segments are numbered without a hole, and move to the archive from the oldest on.
 *   S3  The writer's segment never leaves: one goes only when the next holds a record that both
 *       checkpoints cover.
 *
 * Thread: step and retire by one thread (a background thread, or the writer's own where there is
 * none); take and the rest by the writer's. They meet in three atomics. Memory: fixed; 1 MiB of
 * zeros. Cost: a step writes at most 1 MiB; the caller paces (100 MB/s beside a busy log).
 */
#ifndef FLORIN_STORAGE_WAL_SEGMENTS_H
#define FLORIN_STORAGE_WAL_SEGMENTS_H

#include <stdatomic.h>

#include "storage/directory.h"

#define FL_WAL_SEGMENT_BYTES_DEFAULT (64u << 20)
#define FL_WAL_SEGMENT_BYTES_MIN     (32u << 10) /* for tests; the largest record must fit one */
#define FL_WAL_AHEAD_MAX             4
#define FL_WAL_STEP_BYTES            (1u << 20)

struct fl_wal_segment {
    uint64_t number;
    uint64_t bytes;
    struct fl_file file; /* direct and synced, for the writer */
};

struct fl_wal_segments {
    struct fl_directory *directory;
    uint64_t segment_bytes;
    uint32_t ahead;
    /* ready: stored with release by the preparing thread after slots[] was filled, read with
     * acquire by the writer. taken: the other way round, frees the slot. trouble: the last failure,
     * for answers. */
    atomic_uint_fast64_t ready;
    atomic_uint_fast64_t taken;
    atomic_int trouble;
    struct fl_wal_segment slots[FL_WAL_AHEAD_MAX];
    /* The preparing thread's own. */
    struct fl_file preparing;
    uint64_t preparing_offset;
    void *zeros;
};

/* `last` is the last segment in use or ready (0: none yet). `segment_bytes` 0: the default; `ahead`
 * is how many to hold ready, 1 to FL_WAL_AHEAD_MAX. The directory outlives it. */
FL_MUST_USE enum fl_status fl_wal_segments_init(struct fl_wal_segments *segments,
                                                struct fl_directory *directory,
                                                uint64_t segment_bytes, uint32_t ahead,
                                                uint64_t last, struct fl_error *error);
/* Counts a segment found ready on opening (zeros, right behind `last`): only before the threads
 * start. */
FL_MUST_USE enum fl_status fl_wal_segments_adopt(struct fl_wal_segments *segments, uint64_t bytes,
                                                 struct fl_error *error);
void fl_wal_segments_deinit(struct fl_wal_segments *segments);

/* One piece of preparation. `more_out`: there is more to do now. FL_NO_SPACE: none, now; call again
 * later, it goes on where it was. FL_IO_ERROR: preparing is over for good. */
FL_MUST_USE enum fl_status fl_wal_segments_step(struct fl_wal_segments *segments, bool *more_out,
                                                struct fl_error *error);

/* The writer's next segment. FL_BUSY: being prepared; FL_NO_SPACE, FL_IO_ERROR: none, for that
 * reason. */
FL_MUST_USE enum fl_status fl_wal_segments_take(struct fl_wal_segments *segments,
                                                struct fl_wal_segment *out);
/* The size the next one has, or will have. */
uint64_t fl_wal_segments_next_bytes(const struct fl_wal_segments *segments);
/* Zeros ready and not taken: what the writer may still count on beside its own segment. */
uint64_t fl_wal_segments_ready_bytes(const struct fl_wal_segments *segments);

/* Moves segments to the archive whose records are all <= `upto_seq`, the lower of the two verified
 * checkpoints. At most `most` of them. */
FL_MUST_USE enum fl_status fl_wal_segments_retire(struct fl_wal_segments *segments,
                                                  uint64_t upto_seq, uint32_t most,
                                                  uint32_t *moved_out, struct fl_error *error);

/* "0000000001.wal"; and back, 0 if `name` is not one. */
void fl_wal_segment_name(uint64_t number, char out[32]);
uint64_t fl_wal_segment_number(const char *name);

/* The numbers in "wal" or "archive", rising. The caller frees *out. */
FL_MUST_USE enum fl_status fl_wal_segments_list(const struct fl_directory *directory,
                                                const char *folder, uint64_t **out,
                                                size_t *count_out, struct fl_error *error);

/* Writes zeros to [from, to) in pieces of at most `most` bytes, multiples of 4096 throughout; the
 * file is open direct. Returns where it stopped. */
FL_MUST_USE enum fl_status fl_wal_fill_zeros(struct fl_disk *disk, const struct fl_file *file,
                                             const void *zeros, uint64_t *from, uint64_t to,
                                             uint64_t most, struct fl_error *error);

#endif
