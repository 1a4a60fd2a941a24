#include "storage/wal_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/planted_fault.h"
#include "storage/wal_format.h"
#include "storage/wal_segments.h"

#define READ_BYTES (1u << 20)
/* Beside a running writer the end moves while it is looked at; this often is no accident any more.
 */
#define LOOKS_MAX 100

struct segment {
    uint64_t number;
    const char *folder;
    uint64_t bytes, first_seq, last_seq;
};

/* Where in the log: a segment of the list, and an offset in it. */
struct place {
    size_t index;
    uint64_t offset;
};

struct reader {
    struct fl_directory *directory;
    const struct fl_wal_options *options;
    struct fl_wal_verdict *verdict;
    struct fl_error *error;
    uint64_t seed;
    struct segment *segments;
    size_t count;
    /* The open segment and the window over it. */
    size_t index;
    struct fl_file file;
    uint64_t file_bytes;
    char *window;
    uint64_t window_room, window_from, window_bytes;
    bool read_failed;
    /* The chain so far. */
    bool started;
    uint64_t epoch;
    /* What the whole log shows. */
    struct fl_wal_facts facts;
    struct place newer;
    uint64_t done_bytes;
    enum fl_status callback_status;
};

/* What stands at a place. */
struct look {
    enum fl_wal_stop stop;
    const struct fl_wal_header *header; /* of an intact block; until the window moves */
    bool intact;
};

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- the window ---- */

static void close_segment(struct reader *reader)
{
    fl_disk_close_file(reader->directory->disk, &reader->file);
    reader->window_bytes = 0;
}

static enum fl_status open_segment(struct reader *reader, size_t index)
{
    if (reader->file.handle >= 0 && reader->index == index)
        return FL_OK;
    close_segment(reader);
    struct fl_disk *disk = reader->directory->disk;
    const struct segment *segment = &reader->segments[index];
    char name[32], path[FL_DISK_PATH_BYTES_MAX];
    fl_wal_segment_name(segment->number, name);
    fl_directory_path(reader->directory, segment->folder, name, path);
    FL_TRY(fl_disk_open_file(disk, path, 0, &reader->file, reader->error));
    reader->index = index;
    /* What is accepted from the page cache must be what the device has. */
    bool is_kept = reader->directory->mode == FL_DIRECTORY_WRITE;
    enum fl_status status = is_kept && !FL_PLANTED(FL_PLANT_READ_UNSYNCED)
                                ? fl_disk_sync(disk, &reader->file, reader->error)
                                : FL_OK;
    if (status == FL_OK)
        status = fl_disk_size(disk, &reader->file, &reader->file_bytes, reader->error);
    if (status != FL_OK)
        close_segment(reader);
    reader->segments[index].bytes = reader->file_bytes;
    return status;
}

static bool grow_window(struct reader *reader, uint64_t bytes)
{
    if (bytes <= reader->window_room)
        return true;
    free(reader->window);
    reader->window = malloc(bytes);
    reader->window_room = reader->window ? bytes : 0;
    if (!reader->window) {
        fl_error_set(reader->error, FL_NO_MEMORY, "no memory to read the log");
        reader->read_failed = true;
    }
    return reader->window != NULL;
}

/* Bytes [offset, offset + bytes) of the open segment, zeros where the file ends before. Null: the
 * read failed. Valid until the next call. */
static const char *fetch(struct reader *reader, uint64_t offset, uint64_t bytes)
{
    FL_ASSERT(bytes <= FL_WAL_BLOCK_BYTES_MAX && offset % FL_WAL_ALIGNMENT == 0);
    if (offset >= reader->window_from &&
        offset + bytes <= reader->window_from + reader->window_bytes)
        return reader->window + (offset - reader->window_from);
    uint64_t left = offset < reader->file_bytes ? reader->file_bytes - offset : 0;
    uint64_t wanted = min_u64(max_u64(bytes, READ_BYTES), fl_wal_align(left, FL_WAL_ALIGNMENT));
    wanted = max_u64(wanted, bytes);
    size_t done = 0;
    reader->window_bytes = 0;
    if (!grow_window(reader, wanted))
        return NULL;
    if (fl_disk_read(reader->directory->disk, &reader->file, reader->window, min_u64(wanted, left),
                     offset, &done, reader->error) != FL_OK) {
        reader->read_failed = true;
        return NULL;
    }
    memset(reader->window + done, 0, wanted - done);
    reader->window_from = offset;
    reader->window_bytes = wanted;
    return reader->window;
}

static uint64_t padded_bytes(const struct reader *reader)
{
    return fl_wal_align(reader->file_bytes, FL_WAL_ALIGNMENT);
}

/* ---- one block ---- */

static bool is_zero(const char *page)
{
    const uint64_t *words = (const uint64_t *)(const void *)page;
    uint64_t any = 0;
    for (size_t i = 0; i < FL_WAL_ALIGNMENT / sizeof *words; i++)
        any |= words[i];
    return any == 0;
}

/* Whether a header vouches for itself; then what it proves counts, whatever became of its body. */
static bool header_is_good(const struct fl_wal_header *header, uint64_t seed)
{
    return header->magic == FL_WAL_MAGIC && header->version >= 1 &&
           header->version <= FL_WAL_VERSION && header->checksum == fl_wal_checksum(header, seed);
}

static bool sizes_are_possible(const struct fl_wal_header *header)
{
    return header->block_bytes % FL_WAL_ALIGNMENT == 0 &&
           header->block_bytes == fl_wal_block_bytes(header->payload_bytes) &&
           header->block_bytes <= FL_WAL_BLOCK_BYTES_MAX;
}

/* The frames of an intact block tile its payload and count from first_seq to last_seq. */
static bool records_are_right(const struct fl_wal_header *header)
{
    const char *payload = (const char *)(header + 1);
    uint64_t at = 0, seq = header->first_seq;
    while (at < header->payload_bytes) {
        struct fl_wal_frame frame;
        if (header->payload_bytes - at < sizeof frame)
            return false;
        memcpy(&frame, payload + at, sizeof frame);
        if (frame.seq_low != (uint32_t)seq || frame.bytes == 0 ||
            fl_wal_framed_bytes(frame.bytes) > header->payload_bytes - at)
            return false;
        at += fl_wal_framed_bytes(frame.bytes);
        seq++;
    }
    return seq == header->last_seq + 1;
}

/* The very first kept block starts the chain: of the first segment ever, it must be the first ever.
 */
static bool may_start(const struct reader *reader, const struct fl_wal_header *header)
{
    if (header->segment > 1)
        return header->first_seq > 0;
    return header->previous == fl_wal_chain_start(reader->seed) && header->first_seq == 1;
}

static bool continues(const struct reader *reader, const struct fl_wal_header *header)
{
    const struct fl_wal_verdict *verdict = reader->verdict;
    return header->previous == verdict->checksum && header->first_seq == verdict->last_seq + 1 &&
           header->epoch >= reader->epoch;
}

static enum fl_wal_stop classify(const struct reader *reader, const struct fl_wal_header *header)
{
    uint64_t number = reader->segments[reader->index].number;
    bool here = header->segment == number && memcmp(header->directory_id, reader->directory->id,
                                                    sizeof header->directory_id) == 0;
    bool linked = reader->started ? continues(reader, header) : may_start(reader, header);
    if (here && linked && header->durable_upto < header->first_seq && records_are_right(header))
        return FL_WAL_STOP_CHAINED;
    if (header->segment < number || header->epoch < reader->epoch)
        return FL_WAL_STOP_OLDER;
    if (here && header->first_seq > reader->verdict->last_seq + 1)
        return FL_WAL_STOP_GAP;
    return FL_WAL_STOP_WRONG;
}

/* Another directory's block is complete and wrong, not torn: its own id vouches for it. */
static bool is_foreign(const struct fl_wal_header *header, const struct reader *reader)
{
    return memcmp(header->directory_id, reader->directory->id, sizeof header->directory_id) != 0 &&
           header_is_good(header, fl_wal_seed(header->directory_id));
}

static void note_proof(struct reader *reader, const struct fl_wal_header *header)
{
    reader->verdict->proven_seq = max_u64(reader->verdict->proven_seq, header->durable_upto);
    reader->verdict->last_epoch = max_u64(reader->verdict->last_epoch, header->epoch);
}

static void note_newer(struct reader *reader, struct place place)
{
    if (!reader->facts.newer_format)
        reader->newer = place;
    reader->facts.newer_format = true;
}

/* Looks at one place of the open segment. */
static struct look look_at(struct reader *reader, uint64_t offset)
{
    struct look look = {.stop = FL_WAL_STOP_ZERO};
    if (offset >= reader->file_bytes)
        return look;
    const char *page = fetch(reader, offset, FL_WAL_ALIGNMENT);
    if (!page || is_zero(page))
        return look;
    const struct fl_wal_header *header = (const void *)page;
    look.stop = FL_WAL_STOP_BAD;
    if (header->magic == FL_WAL_MAGIC && header->version > FL_WAL_VERSION &&
        header->preamble_check == fl_wal_preamble_check(header, reader->seed))
        note_newer(reader, (struct place){.index = reader->index, .offset = offset});
    if (!header_is_good(header, reader->seed)) {
        if (is_foreign(header, reader))
            look.stop = FL_WAL_STOP_WRONG;
        return look;
    }
    note_proof(reader, header);
    if (!sizes_are_possible(header) || header->block_bytes > padded_bytes(reader) - offset)
        return look;
    header = (const void *)fetch(reader, offset, header->block_bytes);
    if (!header || header->body_hash != fl_wal_body_hash(header, reader->seed))
        return look;
    look.intact = true;
    look.header = header;
    look.stop = classify(reader, header);
    return look;
}

/* ---- the chain ---- */

static enum fl_status hand_out(struct reader *reader, const struct fl_wal_header *header,
                               uint64_t offset)
{
    const struct fl_wal_options *options = reader->options;
    uint64_t upto = options->upto_seq ? options->upto_seq : UINT64_MAX;
    if (!options->record || header->last_seq < options->from_seq || header->first_seq > upto)
        return FL_OK;
    const char *payload = (const char *)(header + 1);
    uint64_t at = 0;
    for (uint64_t seq = header->first_seq; seq <= header->last_seq && seq <= upto; seq++) {
        struct fl_wal_frame frame;
        memcpy(&frame, payload + at, sizeof frame);
        struct fl_wal_entry entry = {.seq = seq,
                                     .data = payload + at + sizeof frame,
                                     .bytes = frame.bytes,
                                     .file = reader->file.name,
                                     .offset = offset + sizeof *header + at + sizeof frame};
        if (seq >= options->from_seq)
            FL_TRY(options->record(options->context, &entry));
        at += fl_wal_framed_bytes(frame.bytes);
    }
    return FL_OK;
}

static void accept(struct reader *reader, const struct fl_wal_header *header, uint64_t offset)
{
    struct fl_wal_verdict *verdict = reader->verdict;
    if (!reader->started)
        verdict->first_seq = header->first_seq;
    struct segment *segment = &reader->segments[reader->index];
    if (header->last_seq >= header->first_seq) {
        if (segment->first_seq == 0)
            segment->first_seq = header->first_seq;
        segment->last_seq = header->last_seq;
    }
    reader->started = true;
    reader->epoch = header->epoch;
    verdict->last_seq = header->last_seq;
    verdict->checksum = header->checksum;
    verdict->tail_segment = segment->number;
    verdict->tail_offset = offset + header->block_bytes;
    verdict->tail_bytes = reader->file_bytes;
}

static void report_progress(struct reader *reader, uint64_t bytes)
{
    reader->done_bytes += bytes;
    if (!reader->options->progress)
        return;
    uint64_t all = max_u64(reader->done_bytes, reader->file_bytes * reader->count);
    reader->options->progress(reader->options->context, reader->done_bytes, all);
}

/* Follows the chain through the open segment from `offset`; `stop` is where it ends. */
static enum fl_status follow_in_segment(struct reader *reader, struct place *stop)
{
    uint64_t from = stop->offset;
    for (;;) {
        struct look look = look_at(reader, stop->offset);
        reader->facts.stop = look.stop;
        if (look.stop != FL_WAL_STOP_CHAINED || reader->read_failed)
            break;
        accept(reader, look.header, stop->offset);
        FL_TRY(hand_out(reader, look.header, stop->offset));
        stop->offset += look.header->block_bytes;
    }
    report_progress(reader, stop->offset - from);
    return FL_OK;
}

static bool next_is_there(const struct reader *reader, size_t index)
{
    return index + 1 < reader->count &&
           reader->segments[index + 1].number == reader->segments[index].number + 1;
}

/* Follows the chain from `stop` as far as it goes, through as many segments as it goes. What fills
 * the rest of a segment does not matter where the next one's first block is chained; but only the
 * first kept one starts a chain. */
static enum fl_status follow(struct reader *reader, struct place *stop)
{
    for (;;) {
        FL_TRY(open_segment(reader, stop->index));
        FL_TRY(follow_in_segment(reader, stop));
        if (reader->read_failed || !reader->started || !next_is_there(reader, stop->index))
            return FL_OK;
        enum fl_wal_stop here = reader->facts.stop;
        FL_TRY(open_segment(reader, stop->index + 1));
        struct look look = look_at(reader, 0);
        if (look.stop != FL_WAL_STOP_CHAINED || reader->read_failed) {
            reader->facts.stop = here;
            return FL_OK;
        }
        stop->index++;
        stop->offset = 0;
    }
}

/* ---- behind the chain ---- */

static uint64_t used_bytes(const char *page)
{
    uint64_t used = FL_WAL_ALIGNMENT;
    while (used > 0 && page[used - 1] == 0)
        used--;
    return used;
}

static void note_later(struct reader *reader, const struct look *look)
{
    enum fl_wal_later later = FL_WAL_LATER_BAD;
    if (look->stop == FL_WAL_STOP_ZERO)
        later = FL_WAL_LATER_NOTHING;
    else if (look->intact)
        later = look->stop == FL_WAL_STOP_OLDER ? FL_WAL_LATER_OLDER : FL_WAL_LATER_INTACT;
    if (later > reader->facts.later)
        reader->facts.later = later;
}

/* Looks at everything from `from` to the end of the open segment; *end_out is behind its last byte
 * that is not zero. `is_stop`: the block at `from` is the stop itself, not behind it. */
static void look_behind(struct reader *reader, uint64_t from, bool is_stop, uint64_t *end_out)
{
    *end_out = from;
    for (uint64_t offset = from; offset < reader->file_bytes;) {
        struct look look = look_at(reader, offset);
        if (reader->read_failed)
            return;
        if (!is_stop || offset != from)
            note_later(reader, &look);
        uint64_t step = look.intact ? look.header->block_bytes : FL_WAL_ALIGNMENT;
        for (uint64_t at = offset; at < offset + step; at += FL_WAL_ALIGNMENT) {
            const char *page = fetch(reader, at, FL_WAL_ALIGNMENT);
            if (!page)
                return;
            if (!is_zero(page))
                *end_out = at + used_bytes(page);
        }
        offset += step;
    }
}

/* A segment of zeros only that follows the tail without a hole, and of a size worth having. */
static void note_ready(struct reader *reader, uint64_t used)
{
    struct fl_wal_verdict *verdict = reader->verdict;
    uint64_t number = reader->segments[reader->index].number;
    bool whole = used == 0 && reader->file_bytes >= FL_WAL_SEGMENT_BYTES_MIN &&
                 reader->file_bytes % FL_WAL_ALIGNMENT == 0;
    size_t room = sizeof verdict->ready_bytes / sizeof verdict->ready_bytes[0];
    if (whole && number == verdict->tail_segment + 1 + verdict->ready && verdict->ready < room)
        verdict->ready_bytes[verdict->ready++] = reader->file_bytes;
}

static enum fl_status look_behind_all(struct reader *reader, struct place stop)
{
    struct fl_wal_verdict *verdict = reader->verdict;
    uint64_t end = 0;
    FL_TRY(open_segment(reader, stop.index));
    verdict->tail_segment = reader->segments[stop.index].number;
    verdict->tail_offset = stop.offset;
    verdict->tail_bytes = reader->file_bytes;
    look_behind(reader, stop.offset, true, &end);
    verdict->dropped_bytes = end - stop.offset;
    /* Segments before the first kept one went to the archive only when it held a durable block. */
    reader->facts.segment_missing = !reader->started && reader->segments[0].number > 1;
    for (size_t i = stop.index + 1; i < reader->count && !reader->read_failed; i++) {
        if (reader->segments[i].number != reader->segments[i - 1].number + 1)
            reader->facts.segment_missing = true;
        FL_TRY(open_segment(reader, i));
        look_behind(reader, 0, false, &end);
        verdict->dropped_bytes += end;
        note_ready(reader, end);
        report_progress(reader, reader->file_bytes);
    }
    return FL_OK;
}

/* ---- the decision ---- */

static uint64_t highest_root(const struct fl_wal_options *options)
{
    uint64_t highest = 0;
    for (uint32_t i = 0; i < options->root_count; i++)
        highest = max_u64(highest, options->roots[i]);
    return highest;
}

static enum fl_status say(struct reader *reader, struct place at, enum fl_status status,
                          const char *what)
{
    const struct segment *segment = &reader->segments[at.index];
    char name[32];
    fl_wal_segment_name(segment->number, name);
    return fl_error_set(reader->error, status, "%s/%s at %llu: %s", segment->folder, name,
                        (unsigned long long)at.offset, what);
}

static enum fl_status refuse(struct reader *reader, struct place stop)
{
    const struct fl_wal_verdict *verdict = reader->verdict;
    char name[32];
    switch (verdict->decision) {
    case FL_WAL_CASE_READ_FAILED:
        return FL_IO_ERROR; /* the disk has said what and where */
    case FL_WAL_CASE_NEWER:
        return say(reader, reader->newer, FL_NEWER_FORMAT, "a block of a newer format");
    case FL_WAL_CASE_LOST:
        fl_wal_segment_name(reader->segments[stop.index].number, name);
        return fl_error_set(reader->error, FL_CORRUPT,
                            "%s/%s at %llu: damaged: the log can be read up to sequence %llu, but "
                            "%llu was durable",
                            reader->segments[stop.index].folder, name,
                            (unsigned long long)stop.offset, (unsigned long long)verdict->last_seq,
                            (unsigned long long)verdict->proven_seq);
    case FL_WAL_CASE_MISSING:
        return say(reader, stop, FL_CORRUPT, "the log ends here, and a segment is missing");
    default:
        return say(reader, stop, FL_CORRUPT, "a whole block that does not belong here");
    }
}

static enum fl_status check_start(struct reader *reader)
{
    const struct fl_wal_options *options = reader->options;
    uint64_t root = highest_root(options);
    if (options->any_start || reader->verdict->first_seq <= root + 1)
        return FL_OK;
    return fl_error_set(
        reader->error, FL_CORRUPT, "wal: begins at sequence %llu, but is needed from %llu",
        (unsigned long long)reader->verdict->first_seq, (unsigned long long)root + 1);
}

static enum fl_wal_case judge(struct reader *reader)
{
    reader->facts.read_failed = reader->read_failed;
    reader->facts.proof_beyond = reader->verdict->proven_seq > reader->verdict->last_seq &&
                                 !FL_PLANTED(FL_PLANT_PROOF_IGNORED);
    return fl_wal_judge(&reader->facts);
}

/* Beside a running writer: whether the chain goes on at the stop, now that it is looked at again.
 */
static bool has_moved_on(struct reader *reader, struct place stop)
{
    if (reader->directory->mode != FL_DIRECTORY_READ || reader->read_failed)
        return false;
    bool moved = false;
    close_segment(reader);
    if (next_is_there(reader, stop.index) && open_segment(reader, stop.index + 1) == FL_OK)
        moved = look_at(reader, 0).stop == FL_WAL_STOP_CHAINED;
    if (!moved && open_segment(reader, stop.index) == FL_OK)
        moved = look_at(reader, stop.offset).stop == FL_WAL_STOP_CHAINED;
    close_segment(reader);
    return moved;
}

static void report_segments(const struct reader *reader)
{
    for (size_t i = 0; i < reader->count && reader->options->segment; i++) {
        const struct segment *segment = &reader->segments[i];
        char name[32], file[48];
        fl_wal_segment_name(segment->number, name);
        snprintf(file, sizeof file, "%s/%s", segment->folder, name);
        struct fl_wal_segment_facts facts = {.file = file,
                                             .bytes = segment->bytes,
                                             .first_seq = segment->first_seq,
                                             .last_seq = segment->last_seq};
        reader->options->segment(reader->options->context, &facts);
    }
}

static enum fl_status read_all(struct reader *reader)
{
    struct fl_wal_verdict *verdict = reader->verdict;
    struct place stop = {.index = 0};
    for (int looks = 0;; looks++) {
        reader->facts = (struct fl_wal_facts){.read_failed = false};
        verdict->ready = 0;
        FL_TRY(follow(reader, &stop));
        if (!reader->read_failed)
            FL_TRY(look_behind_all(reader, stop));
        verdict->decision = judge(reader);
        if (verdict->decision == FL_WAL_CASE_END || looks == LOOKS_MAX ||
            !has_moved_on(reader, stop))
            break;
    }
    if (verdict->decision != FL_WAL_CASE_END && verdict->decision != FL_WAL_CASE_CUT)
        return refuse(reader, stop);
    if (verdict->decision == FL_WAL_CASE_END) {
        verdict->dirty = verdict->dropped_bytes > 0;
        verdict->dropped_bytes = 0;
    }
    if (!reader->started)
        verdict->first_seq = verdict->last_seq + 1;
    report_segments(reader);
    return check_start(reader);
}

/* ---- the list ---- */

/* Archived segments count as far back as they go without a hole from the first one in wal/. */
static size_t first_of_run(const uint64_t *archived, size_t count, uint64_t next)
{
    size_t first = count;
    while (first > 0 && archived[first - 1] >= next)
        first--;
    while (first > 0 && archived[first - 1] == next - 1) {
        first--;
        next--;
    }
    return first;
}

static enum fl_status join_lists(struct reader *reader, const uint64_t *archived, size_t first,
                                 size_t last, const uint64_t *live, size_t live_count)
{
    reader->segments = calloc(last - first + live_count + 1, sizeof *reader->segments);
    if (!reader->segments)
        return fl_error_set(reader->error, FL_NO_MEMORY, "no memory for the list of segments");
    for (size_t i = first; i < last; i++)
        reader->segments[reader->count++] =
            (struct segment){.number = archived[i], .folder = "archive"};
    for (size_t i = 0; i < live_count; i++)
        reader->segments[reader->count++] = (struct segment){.number = live[i], .folder = "wal"};
    return FL_OK;
}

static enum fl_status list_segments(struct reader *reader)
{
    uint64_t *live = NULL, *archived = NULL;
    size_t live_count = 0, archived_count = 0;
    FL_TRY(fl_wal_segments_list(reader->directory, "wal", &live, &live_count, reader->error));
    enum fl_status status = FL_OK;
    if (reader->options->archive)
        status = fl_wal_segments_list(reader->directory, "archive", &archived, &archived_count,
                                      reader->error);
    if (status == FL_OK) {
        uint64_t next = live_count ? live[0] : UINT64_MAX;
        if (live_count == 0 && archived_count > 0)
            next = archived[archived_count - 1] + 1;
        size_t first = first_of_run(archived, archived_count, next);
        size_t last = archived_count;
        while (last > first && archived[last - 1] >= next)
            last--;
        status = join_lists(reader, archived, first, last, live, live_count);
    }
    free(live);
    free(archived);
    return status;
}

enum fl_status fl_wal_read(struct fl_directory *directory, const struct fl_wal_options *options,
                           struct fl_wal_verdict *verdict, struct fl_error *error)
{
    struct reader reader = {.directory = directory,
                            .options = options,
                            .verdict = verdict,
                            .error = error,
                            .seed = fl_wal_seed(directory->id),
                            .file = FL_FILE_NONE};
    *verdict = (struct fl_wal_verdict){.decision = FL_WAL_CASE_END, .first_seq = 1};
    verdict->proven_seq = highest_root(options);
    verdict->checksum = fl_wal_chain_start(reader.seed);
    FL_TRY(list_segments(&reader));
    enum fl_status status = FL_OK;
    if (reader.count > 0)
        status = read_all(&reader);
    else if (verdict->proven_seq > 0)
        status = fl_error_set(error, FL_CORRUPT, "wal: no segment, but sequence %llu was durable",
                              (unsigned long long)verdict->proven_seq);
    close_segment(&reader);
    free(reader.window);
    free(reader.segments);
    return status;
}

/* ---- cutting ---- */

static enum fl_status cut_tail(struct fl_directory *directory, uint64_t segment_bytes,
                               struct fl_wal_verdict *verdict, const void *zeros,
                               struct fl_error *error)
{
    struct fl_disk *disk = directory->disk;
    char name[32], path[FL_DISK_PATH_BYTES_MAX];
    fl_wal_segment_name(verdict->tail_segment, name);
    fl_directory_path(directory, "wal", name, path);
    struct fl_file file;
    FL_TRY(fl_disk_open_file(disk, path, FL_DISK_WRITE | FL_DISK_DIRECT, &file, error));
    uint64_t whole = verdict->tail_bytes / FL_WAL_ALIGNMENT * FL_WAL_ALIGNMENT;
    uint64_t from = verdict->tail_offset;
    uint64_t to = max_u64(max_u64(whole, segment_bytes), from);
    enum fl_status status = FL_OK;
    if (whole != verdict->tail_bytes) /* a stray end of less than a block */
        status = fl_disk_truncate(disk, &file, max_u64(whole, from), error);
    if (status == FL_OK)
        status = fl_wal_fill_zeros(disk, &file, zeros, &from, to, UINT64_MAX, error);
    if (status == FL_OK)
        status = fl_disk_sync(disk, &file, error);
    fl_disk_close_file(disk, &file);
    verdict->tail_bytes = to;
    return status;
}

/* Empties one later segment, by pieces; its name stays, so that no hole in the numbers can be seen.
 */
static enum fl_status empty_segment(struct fl_directory *directory, uint64_t number,
                                    struct fl_error *error)
{
    struct fl_disk *disk = directory->disk;
    char name[32], path[FL_DISK_PATH_BYTES_MAX];
    fl_wal_segment_name(number, name);
    fl_directory_path(directory, "wal", name, path);
    struct fl_file file;
    uint64_t bytes = 0;
    FL_TRY(fl_disk_open_file(disk, path, FL_DISK_WRITE, &file, error));
    enum fl_status status = fl_disk_size(disk, &file, &bytes, error);
    while (status == FL_OK && bytes > 0) {
        bytes -= min_u64(bytes, FL_DISK_SHRINK_BYTES);
        status = fl_disk_truncate(disk, &file, bytes, error);
    }
    if (status == FL_OK)
        status = fl_disk_sync(disk, &file, error);
    fl_disk_close_file(disk, &file);
    return status;
}

enum fl_status fl_wal_cut(struct fl_directory *directory, uint64_t segment_bytes,
                          struct fl_wal_verdict *verdict, struct fl_error *error)
{
    FL_ASSERT(directory->mode == FL_DIRECTORY_WRITE);
    if (verdict->decision != FL_WAL_CASE_CUT && !verdict->dirty)
        return FL_OK; /* R3 */
    uint64_t *numbers = NULL;
    size_t count = 0;
    FL_TRY(fl_wal_segments_list(directory, "wal", &numbers, &count, error));
    enum fl_status status = FL_OK;
    for (size_t i = count; i > 0 && numbers[i - 1] > verdict->tail_segment && status == FL_OK; i--)
        status = empty_segment(directory, numbers[i - 1], error);
    free(numbers);
    FL_TRY(status);
    void *zeros = aligned_alloc(FL_DISK_ALIGNMENT, FL_WAL_STEP_BYTES);
    if (!zeros)
        return fl_error_set(error, FL_NO_MEMORY, "no memory to cut the log");
    memset(zeros, 0, FL_WAL_STEP_BYTES);
    status = cut_tail(directory, segment_bytes, verdict, zeros, error);
    free(zeros);
    verdict->ready = 0;
    return status;
}
