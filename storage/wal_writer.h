/* wal_writer.h - makes records durable, in order, many with one write.
 *
 *     reserve ─► record written in place ─► commit          submit ─► one write in flight ─► reap
 *            ┌───────────┐  full, or submitted  ┌───────────┐   ┌───────────┐
 *            │ open      │ ───────────────────► │ sealed    │ ► │ in flight │ ─► durable_seq
 *            └───────────┘                      └───────────┘   └───────────┘
 *
 * While a block is being written the next one fills: the group grows with the device's latency, no
 * timer decides. A record larger than a block's usual size gets a block of its own.
 *
 *   W1  Record n+1 is never durable before record n: one write is in flight, in order.
 *   W2  durable_seq <= submitted_seq <= appended_seq.
 *   W3  A record is accepted only into zeros that are already on the device (wal_segments.h, S1).
 *   W4  After a failed write nothing is written any more; every call answers FL_IO_ERROR.
 *   W5  A block says what was durable when it was submitted: the proof of all before it. An idle
 *       writer proves its last block by an empty one; without it, rot of that block would read as
 *       a torn write.
 *
 * Thread: one at a time: the one that applies, or several that synchronise themselves. Only wait,
 * flush and close block. Memory: at open only, three blocks of address space. Cost: no copy of the
 * record, no system call before submit; a change of segment closes one file.
 */
#ifndef FLORIN_STORAGE_WAL_WRITER_H
#define FLORIN_STORAGE_WAL_WRITER_H

#include "storage/wal_reader.h"
#include "storage/wal_segments.h"

#define FL_WAL_BLOCKS              3
#define FL_WAL_GROUP_BYTES_DEFAULT (1u << 20)

struct fl_wal_block {
    void *data; /* FL_WAL_BLOCK_BYTES_MAX, or a segment if that is less */
    struct fl_file file;
    struct fl_file close_after; /* the segment before, if this block is the first in its own */
    uint64_t segment;
    uint64_t segment_bytes;
    uint64_t offset;
    uint64_t first_seq, last_seq;
    uint64_t payload_bytes;
    struct fl_disk_write write;
};

struct fl_wal_writer {
    struct fl_directory *directory;
    struct fl_wal_segments *segments;
    struct fl_disk_queue *queue;
    uint64_t seed;
    uint64_t epoch;
    uint64_t group_bytes;
    uint64_t buffer_bytes;
    /* The ring: blocks[oldest .. open], the oldest in flight or to be submitted next. */
    struct fl_wal_block blocks[FL_WAL_BLOCKS];
    uint64_t oldest, open;
    bool filling; /* blocks[open] exists: not all three are full */
    bool in_flight;
    uint64_t reserved_bytes;
    struct fl_wal_segment segment;
    uint64_t next_offset;
    uint64_t appended_seq, submitted_seq, durable_seq;
    uint64_t proven_seq;
    uint64_t checksum; /* of the last block submitted */
    enum fl_status failed;
    struct fl_error error;
    uint64_t blocks_written, bytes_written;
};

/* Continues the log that `verdict` describes (fl_wal_read; after fl_wal_cut if it says so), whose
 * directory is open to write. Makes the first segment of an empty log; adopts what is ready. After
 * a cut, a proof block in a new epoch is written and synced. `group_bytes` 0: the default.
 * `segments` was initialised by fl_wal_segments_init with last = verdict->tail_segment. */
FL_MUST_USE enum fl_status fl_wal_writer_open(struct fl_wal_writer *writer,
                                              struct fl_directory *directory,
                                              struct fl_wal_segments *segments,
                                              const struct fl_wal_verdict *verdict,
                                              uint64_t group_bytes, struct fl_error *error);
/* Writes what was committed, waits for it, proves it, and closes. No thread prepares segments any
 * more. FL_IO_ERROR: not all is durable. */
FL_MUST_USE enum fl_status fl_wal_writer_close(struct fl_wal_writer *writer,
                                               struct fl_error *error);

/* Space for a record of at most `bytes`, 8-byte aligned, to be written in place; until commit or
 * abandon. FL_BUSY: all blocks are full, or the next segment is not ready: fl_wal_writer_wait, then
 * again. FL_NO_SPACE: the device has none; clears by itself. FL_TOO_LONG: never fits. FL_IO_ERROR:
 * W4. */
FL_MUST_USE enum fl_status fl_wal_writer_reserve(struct fl_wal_writer *writer, uint64_t bytes,
                                                 void **record_out);
/* Keeps the first `bytes` of what was reserved as record `seq`, which is the last one's plus 1. */
void fl_wal_writer_commit(struct fl_wal_writer *writer, uint64_t bytes, uint64_t seq);
void fl_wal_writer_abandon(struct fl_wal_writer *writer);

/* Starts the next write if there is something to write and none is in flight. */
FL_MUST_USE enum fl_status fl_wal_writer_submit(struct fl_wal_writer *writer);
/* Takes a completion, if there is one. Afterwards durable_seq is what it is. */
FL_MUST_USE enum fl_status fl_wal_writer_reap(struct fl_wal_writer *writer);
/* Makes progress, sleeping until there is some: waits for the write in flight; or starts one; or,
 * with all written and no segment ready, lets the preparing thread run (`prepare` false), or
 * prepares a piece itself (true: there is no such thread). */
FL_MUST_USE enum fl_status fl_wal_writer_wait(struct fl_wal_writer *writer, bool prepare);
/* Until all that was committed is durable. */
FL_MUST_USE enum fl_status fl_wal_writer_flush(struct fl_wal_writer *writer);
/* Submits an empty block, if all is durable, the last block is not yet proven and there is room for
 * it. */
FL_MUST_USE enum fl_status fl_wal_writer_proof(struct fl_wal_writer *writer);

/* Readable (poll) when reap has something to take; -1 if the disk cannot say. */
int fl_wal_writer_fd(struct fl_wal_writer *writer);

static inline uint64_t fl_wal_writer_durable_seq(const struct fl_wal_writer *writer)
{
    return writer->durable_seq;
}
static inline uint64_t fl_wal_writer_appended_seq(const struct fl_wal_writer *writer)
{
    return writer->appended_seq;
}
/* Of the block being filled, the first sequence number; of one to come. Records from it on become durable together. */
static inline uint64_t fl_wal_writer_block_seq(const struct fl_wal_writer *writer)
{
    return writer->filling ? writer->blocks[writer->open % FL_WAL_BLOCKS].first_seq
                           : writer->appended_seq + 1;
}
static inline bool fl_wal_writer_is_idle(const struct fl_wal_writer *writer)
{
    return !writer->in_flight && writer->durable_seq == writer->appended_seq;
}
/* Why writing has ended; its status is FL_OK if it has not. */
static inline const struct fl_error *fl_wal_writer_error(const struct fl_wal_writer *writer)
{
    return &writer->error;
}
/* Bytes of zeros left for records, in this segment and those ready. */
uint64_t fl_wal_writer_room(const struct fl_wal_writer *writer);

#endif
