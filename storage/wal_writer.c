#include "storage/wal_writer.h"

#include <stdlib.h>
#include <string.h>

#include "storage/planted_fault.h"
#include "storage/wal_format.h"

/* How long to let the preparing thread run when the log waits for it. */
#define PREPARE_PAUSE_NS 100000u

static struct fl_wal_block *block_at(struct fl_wal_writer *writer, uint64_t index)
{
    return &writer->blocks[index % FL_WAL_BLOCKS];
}

static uint64_t room_in(const struct fl_wal_block *block)
{
    return block->segment_bytes - block->offset;
}

/* ---- blocks ---- */

static void place_block(struct fl_wal_writer *writer, struct fl_wal_block *block)
{
    block->file = writer->segment.file;
    block->segment = writer->segment.number;
    block->segment_bytes = writer->segment.bytes;
    block->offset = writer->next_offset;
}

/* Begins blocks[open] behind the one before, whose size is known now. */
static void start_block(struct fl_wal_writer *writer)
{
    FL_ASSERT(!writer->filling && writer->open - writer->oldest < FL_WAL_BLOCKS);
    struct fl_wal_block *block = block_at(writer, writer->open);
    place_block(writer, block);
    block->close_after = FL_FILE_NONE;
    block->payload_bytes = 0;
    block->first_seq = writer->appended_seq + 1;
    block->last_seq = writer->appended_seq;
    writer->filling = true;
}

static void seal_block(struct fl_wal_writer *writer)
{
    FL_ASSERT(writer->filling && writer->reserved_bytes == 0);
    struct fl_wal_block *block = block_at(writer, writer->open);
    writer->next_offset += fl_wal_block_bytes(block->payload_bytes);
    FL_ASSERT(writer->next_offset <= block->segment_bytes); /* W3 */
    writer->filling = false;
    writer->open++;
    if (writer->open - writer->oldest < FL_WAL_BLOCKS)
        start_block(writer);
}

/* A segment could not be prepared: a failed write like any other (W4). */
static enum fl_status take_segment(struct fl_wal_writer *writer, struct fl_wal_segment *next)
{
    enum fl_status status = fl_wal_segments_take(writer->segments, next);
    if (status != FL_IO_ERROR)
        return status;
    writer->failed = FL_IO_ERROR;
    return fl_error_set(&writer->error, FL_IO_ERROR,
                        "wal/preparing: a write or sync failed; writing has ended");
}

/* Moves the open block, still empty, to the start of the next segment. */
static enum fl_status change_segment(struct fl_wal_writer *writer)
{
    struct fl_wal_block *block = block_at(writer, writer->open);
    FL_ASSERT(writer->filling && block->payload_bytes == 0);
    struct fl_wal_segment next;
    FL_TRY(take_segment(writer, &next));
    if (block->close_after.handle >= 0)
        fl_disk_close_file(writer->directory->disk,
                           &writer->segment.file); /* nothing was put in it */
    else
        block->close_after = writer->segment.file;
    writer->segment = next;
    writer->next_offset = 0;
    place_block(writer, block);
    return FL_OK;
}

/* ---- records ---- */

enum fl_status fl_wal_writer_reserve(struct fl_wal_writer *writer, uint64_t bytes,
                                     void **record_out)
{
    FL_ASSERT(writer->reserved_bytes == 0 && bytes > 0);
    if (writer->failed)
        return writer->failed;
    uint64_t framed = fl_wal_framed_bytes(bytes);
    if (bytes > FL_RECORD_BYTES_MAX || fl_wal_block_bytes(framed) > writer->buffer_bytes)
        return FL_TOO_LONG;
    while (writer->filling) {
        struct fl_wal_block *block = block_at(writer, writer->open);
        uint64_t payload = block->payload_bytes + framed;
        bool fits_group = block->payload_bytes == 0 ||
                          sizeof(struct fl_wal_header) + payload <= writer->group_bytes;
        if (fits_group && fl_wal_block_bytes(payload) <= room_in(block)) {
            *record_out = (char *)block->data + sizeof(struct fl_wal_header) +
                          block->payload_bytes + FL_WAL_FRAME_BYTES;
            writer->reserved_bytes = bytes;
            return FL_OK;
        }
        if (block->payload_bytes > 0)
            seal_block(writer);
        else
            FL_TRY(change_segment(writer));
    }
    return FL_BUSY;
}

void fl_wal_writer_commit(struct fl_wal_writer *writer, uint64_t bytes, uint64_t seq)
{
    FL_ASSERT(bytes > 0 && bytes <= writer->reserved_bytes);
    FL_ASSERT(seq == writer->appended_seq + 1); /* L1 */
    struct fl_wal_block *block = block_at(writer, writer->open);
    char *at = (char *)block->data + sizeof(struct fl_wal_header) + block->payload_bytes;
    struct fl_wal_frame frame = {.bytes = (uint32_t)bytes, .seq_low = (uint32_t)seq};
    memcpy(at, &frame, sizeof frame);
    memset(at + FL_WAL_FRAME_BYTES + bytes, 0, fl_wal_align(bytes, 8) - bytes);
    if (FL_PLANTED(FL_PLANT_BYTE_DROPPED) && seq % 32 == 0)
        at[FL_WAL_FRAME_BYTES + bytes / 2] ^= 1;
    block->payload_bytes += fl_wal_framed_bytes(bytes);
    block->last_seq = seq;
    writer->appended_seq = seq;
    writer->reserved_bytes = 0;
}

void fl_wal_writer_abandon(struct fl_wal_writer *writer)
{
    writer->reserved_bytes = 0;
}

/* ---- writing ---- */

static enum fl_status fail(struct fl_wal_writer *writer, const struct fl_wal_block *block, int code)
{
    writer->failed = FL_IO_ERROR; /* W4 */
    return fl_error_set(&writer->error, FL_IO_ERROR, "%s: write at %llu: %s; writing has ended",
                        block->file.name, (unsigned long long)block->offset, strerror(code));
}

/* Only now are the two facts known that the header carries: the previous checksum and what is
 * durable. */
static void finish_header(struct fl_wal_writer *writer, struct fl_wal_block *block)
{
    struct fl_wal_header *header = block->data;
    uint64_t used = sizeof *header + block->payload_bytes;
    uint64_t bytes = fl_wal_block_bytes(block->payload_bytes);
    memset((char *)block->data + used, 0, bytes - used);
    *header = (struct fl_wal_header){.magic = FL_WAL_MAGIC,
                                     .version = FL_WAL_VERSION,
                                     .segment = block->segment,
                                     .epoch = writer->epoch,
                                     .first_seq = block->first_seq,
                                     .last_seq = block->last_seq,
                                     .durable_upto = writer->durable_seq,
                                     .previous = writer->checksum,
                                     .payload_bytes = (uint32_t)block->payload_bytes,
                                     .block_bytes = (uint32_t)bytes};
    if (FL_PLANTED(FL_PLANT_CHAIN_SKIPPED) && block->first_seq % 16 == 0)
        header->previous = 0;
    if (FL_PLANTED(FL_PLANT_DURABLE_UNTOLD))
        header->durable_upto = 0;
    memcpy(header->directory_id, writer->directory->id, sizeof header->directory_id);
    header->preamble_check = fl_wal_preamble_check(header, writer->seed);
    header->body_hash = fl_wal_body_hash(header, writer->seed);
    header->checksum = fl_wal_checksum(header, writer->seed);
    writer->checksum = header->checksum;
}

static enum fl_status send(struct fl_wal_writer *writer)
{
    struct fl_wal_block *block = block_at(writer, writer->oldest);
    FL_ASSERT(!writer->in_flight && writer->oldest < writer->open);
    FL_ASSERT(writer->durable_seq < block->first_seq); /* L3 */
    finish_header(writer, block);
    block->write =
        (struct fl_disk_write){.file = block->file,
                               .data = block->data,
                               .offset = block->offset,
                               .bytes = (uint32_t)fl_wal_block_bytes(block->payload_bytes)};
    if (fl_disk_queue_submit(writer->queue, &block->write) != FL_OK)
        return fail(writer, block, block->write.code);
    writer->in_flight = true;
    writer->submitted_seq = block->last_seq;
    if (FL_PLANTED(FL_PLANT_DURABLE_AT_SUBMISSION))
        writer->durable_seq = block->last_seq;
    FL_ASSERT(writer->durable_seq <= writer->submitted_seq); /* W2 */
    FL_ASSERT(writer->submitted_seq <= writer->appended_seq);
    return FL_OK;
}

enum fl_status fl_wal_writer_submit(struct fl_wal_writer *writer)
{
    if (writer->failed)
        return writer->failed;
    if (writer->in_flight) /* W1 */
        return FL_OK;
    if (writer->oldest == writer->open) {
        struct fl_wal_block *block = block_at(writer, writer->open);
        if (block->payload_bytes == 0 || writer->reserved_bytes > 0)
            return FL_OK;
        seal_block(writer);
    }
    return send(writer);
}

static enum fl_status take_completion(struct fl_wal_writer *writer, bool wait)
{
    if (writer->failed)
        return writer->failed;
    if (!writer->in_flight)
        return FL_OK;
    struct fl_wal_block *block = block_at(writer, writer->oldest);
    struct fl_disk_write *done = fl_disk_queue_reap(writer->queue, wait);
    if (!done)
        return wait ? fail(writer, block, 0) : FL_OK;
    FL_ASSERT(done == &block->write);
    writer->in_flight = false;
    if (done->status != FL_OK)
        return fail(writer, block, done->code);
    writer->durable_seq = block->last_seq;
    writer->proven_seq = ((struct fl_wal_header *)block->data)->durable_upto;
    writer->blocks_written++;
    writer->bytes_written += done->bytes;
    fl_disk_close_file(writer->directory->disk, &block->close_after);
    writer->oldest++;
    if (!writer->filling)
        start_block(writer);
    return FL_OK;
}

enum fl_status fl_wal_writer_reap(struct fl_wal_writer *writer)
{
    return take_completion(writer, false);
}

enum fl_status fl_wal_writer_wait(struct fl_wal_writer *writer, bool prepare)
{
    if (writer->in_flight)
        return take_completion(writer, true);
    FL_TRY(fl_wal_writer_submit(writer));
    if (writer->in_flight)
        return FL_OK;
    bool more;
    if (!prepare)
        fl_disk_sleep_ns(writer->directory->disk, PREPARE_PAUSE_NS);
    else if (fl_wal_segments_step(writer->segments, &more, NULL) != FL_OK)
        return FL_OK; /* the next reserve says why */
    return FL_OK;
}

enum fl_status fl_wal_writer_flush(struct fl_wal_writer *writer)
{
    while (!fl_wal_writer_is_idle(writer) && !writer->failed) {
        FL_TRY(fl_wal_writer_submit(writer));
        FL_TRY(take_completion(writer, true));
    }
    return writer->failed;
}

static enum fl_status prove(struct fl_wal_writer *writer)
{
    struct fl_wal_block *block = block_at(writer, writer->open);
    FL_ASSERT(fl_wal_writer_is_idle(writer) && block->payload_bytes == 0);
    if (room_in(block) < FL_WAL_ALIGNMENT && change_segment(writer) != FL_OK)
        return FL_OK; /* no room: W5 waits for the next record */
    seal_block(writer);
    return send(writer);
}

enum fl_status fl_wal_writer_proof(struct fl_wal_writer *writer)
{
    if (writer->failed)
        return writer->failed;
    bool due = fl_wal_writer_is_idle(writer) && writer->proven_seq < writer->durable_seq;
    if (due && writer->reserved_bytes == 0)
        FL_TRY(prove(writer));
    return writer->failed;
}

int fl_wal_writer_fd(struct fl_wal_writer *writer)
{
    return fl_disk_queue_fd(writer->queue);
}

uint64_t fl_wal_writer_room(const struct fl_wal_writer *writer)
{
    return writer->segment.bytes - writer->next_offset +
           fl_wal_segments_ready_bytes(writer->segments);
}

/* ---- opening and closing ---- */

static enum fl_status take_buffers(struct fl_wal_writer *writer, struct fl_error *error)
{
    for (int i = 0; i < FL_WAL_BLOCKS; i++) {
        writer->blocks[i].data = aligned_alloc(FL_DISK_ALIGNMENT, writer->buffer_bytes);
        writer->blocks[i].close_after = FL_FILE_NONE;
        if (!writer->blocks[i].data)
            return fl_error_set(error, FL_NO_MEMORY, "no memory for the log's blocks");
    }
    return FL_OK;
}

/* The first segment of a new log is prepared on the spot. */
static enum fl_status make_first_segment(struct fl_wal_writer *writer, struct fl_error *error)
{
    enum fl_status status;
    while ((status = fl_wal_segments_take(writer->segments, &writer->segment)) == FL_BUSY) {
        bool more;
        FL_TRY(fl_wal_segments_step(writer->segments, &more, error));
    }
    if (status != FL_OK)
        return fl_error_set(error, status, "wal: no first segment");
    return FL_OK;
}

static enum fl_status open_tail(struct fl_wal_writer *writer, const struct fl_wal_verdict *verdict,
                                struct fl_error *error)
{
    for (uint32_t i = 0; i < verdict->ready && i < FL_WAL_AHEAD_MAX; i++)
        FL_TRY(fl_wal_segments_adopt(writer->segments, verdict->ready_bytes[i], error));
    if (verdict->tail_segment == 0)
        return make_first_segment(writer, error);
    char name[32], path[FL_DISK_PATH_BYTES_MAX];
    fl_wal_segment_name(verdict->tail_segment, name);
    fl_directory_path(writer->directory, "wal", name, path);
    writer->segment.number = verdict->tail_segment;
    writer->segment.bytes = verdict->tail_bytes / FL_WAL_ALIGNMENT * FL_WAL_ALIGNMENT;
    writer->next_offset = verdict->tail_offset;
    if (writer->segment.bytes < writer->next_offset) /* cut short inside the last block's padding */
        writer->segment.bytes = writer->next_offset;
    return fl_disk_open_file(writer->directory->disk, path,
                             FL_DISK_WRITE | FL_DISK_DIRECT | FL_DISK_SYNCED, &writer->segment.file,
                             error);
}

static void release(struct fl_wal_writer *writer)
{
    struct fl_disk *disk = writer->directory->disk;
    fl_disk_queue_close(writer->queue);
    writer->queue = NULL;
    for (int i = 0; i < FL_WAL_BLOCKS; i++) {
        fl_disk_close_file(disk, &writer->blocks[i].close_after);
        free(writer->blocks[i].data);
        writer->blocks[i].data = NULL;
    }
    fl_disk_close_file(disk, &writer->segment.file);
}

static enum fl_status begin(struct fl_wal_writer *writer, const struct fl_wal_verdict *verdict,
                            struct fl_error *error)
{
    FL_TRY(take_buffers(writer, error));
    FL_TRY(fl_disk_queue_open(writer->directory->disk, &writer->queue, error));
    FL_TRY(open_tail(writer, verdict, error));
    start_block(writer);
    if (verdict->decision != FL_WAL_CASE_CUT)
        return FL_OK; /* R3 */
    enum fl_status status = prove(writer);
    if (status == FL_OK)
        status = fl_wal_writer_flush(writer);
    return status == FL_OK ? FL_OK : fl_error_set(error, status, "%s", writer->error.message);
}

enum fl_status fl_wal_writer_open(struct fl_wal_writer *writer, struct fl_directory *directory,
                                  struct fl_wal_segments *segments,
                                  const struct fl_wal_verdict *verdict, uint64_t group_bytes,
                                  struct fl_error *error)
{
    FL_ASSERT(directory->mode == FL_DIRECTORY_WRITE);
    FL_ASSERT(verdict->decision == FL_WAL_CASE_END || verdict->decision == FL_WAL_CASE_CUT);
    memset(writer, 0, sizeof *writer);
    writer->directory = directory;
    writer->segments = segments;
    writer->segment.file = FL_FILE_NONE;
    writer->seed = fl_wal_seed(directory->id);
    writer->epoch = verdict->last_epoch + 1;
    writer->checksum = verdict->checksum;
    writer->proven_seq = verdict->proven_seq;
    writer->appended_seq = writer->submitted_seq = writer->durable_seq = verdict->last_seq;
    writer->buffer_bytes = segments->segment_bytes < FL_WAL_BLOCK_BYTES_MAX
                               ? segments->segment_bytes
                               : FL_WAL_BLOCK_BYTES_MAX;
    writer->group_bytes = group_bytes ? group_bytes : FL_WAL_GROUP_BYTES_DEFAULT;
    if (writer->group_bytes > writer->buffer_bytes)
        writer->group_bytes = writer->buffer_bytes;
    enum fl_status status = begin(writer, verdict, error);
    if (status != FL_OK)
        release(writer);
    return status;
}

/* W5: a log that ends with its segment gets another for the proof. No space: there is none. */
static void make_room_for_proof(struct fl_wal_writer *writer)
{
    bool due = writer->proven_seq < writer->durable_seq;
    bool more = true;
    while (due && more && room_in(block_at(writer, writer->open)) < FL_WAL_ALIGNMENT &&
           fl_wal_segments_ready_bytes(writer->segments) == 0)
        if (fl_wal_segments_step(writer->segments, &more, NULL) != FL_OK)
            return;
}

enum fl_status fl_wal_writer_close(struct fl_wal_writer *writer, struct fl_error *error)
{
    fl_wal_writer_abandon(writer);
    enum fl_status status = fl_wal_writer_flush(writer);
    if (status == FL_OK)
        make_room_for_proof(writer);
    if (status == FL_OK)
        status = fl_wal_writer_proof(writer);
    if (status == FL_OK)
        status = fl_wal_writer_flush(writer);
    if (status != FL_OK)
        fl_error_set(error, status, "%s", writer->error.message);
    release(writer);
    return status;
}
