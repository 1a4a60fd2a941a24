#include "storage/wal_segments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/planted_fault.h"
#include "storage/wal_format.h"

static const unsigned direct_write = FL_DISK_WRITE | FL_DISK_DIRECT;

void fl_wal_segment_name(uint64_t number, char out[32])
{
    snprintf(out, 32, "%010llu.wal", (unsigned long long)number);
}

uint64_t fl_wal_segment_number(const char *name)
{
    uint64_t number = 0;
    size_t digits = 0;
    for (; name[digits] >= '0' && name[digits] <= '9' && digits < 19; digits++)
        number = number * 10 + (uint64_t)(name[digits] - '0');
    char canonical[32];
    fl_wal_segment_name(number, canonical);
    return strcmp(name, canonical) == 0 ? number : 0;
}

struct listing {
    uint64_t *numbers;
    size_t count, room;
    bool no_memory;
};

static void list_name(void *context, const char *name)
{
    struct listing *listing = context;
    uint64_t number = fl_wal_segment_number(name);
    if (number == 0)
        return;
    if (listing->count == listing->room) {
        size_t room = listing->room ? 2 * listing->room : 64;
        uint64_t *numbers = realloc(listing->numbers, room * sizeof *numbers);
        if (!numbers) {
            listing->no_memory = true;
            return;
        }
        listing->numbers = numbers;
        listing->room = room;
    }
    listing->numbers[listing->count++] = number;
}

static int by_number(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

enum fl_status fl_wal_segments_list(const struct fl_directory *directory, const char *folder,
                                    uint64_t **out, size_t *count_out, struct fl_error *error)
{
    struct listing listing = {.numbers = NULL};
    char path[FL_DISK_PATH_BYTES_MAX];
    fl_directory_path(directory, folder, NULL, path);
    enum fl_status status = fl_disk_list(directory->disk, path, list_name, &listing, error);
    if (status == FL_OK && listing.no_memory)
        status = fl_error_set(error, FL_NO_MEMORY, "no memory for the list of segments");
    if (status != FL_OK) {
        free(listing.numbers);
        return status;
    }
    if (listing.count > 0)
        qsort(listing.numbers, listing.count, sizeof *listing.numbers, by_number);
    *out = listing.numbers;
    *count_out = listing.count;
    return FL_OK;
}

enum fl_status fl_wal_fill_zeros(struct fl_disk *disk, const struct fl_file *file,
                                 const void *zeros, uint64_t *from, uint64_t to, uint64_t most,
                                 struct fl_error *error)
{
    FL_ASSERT(*from % FL_WAL_ALIGNMENT == 0 && to % FL_WAL_ALIGNMENT == 0);
    uint64_t end = to - *from < most ? to : *from + most;
    while (*from < end) {
        uint64_t bytes = end - *from < FL_WAL_STEP_BYTES ? end - *from : FL_WAL_STEP_BYTES;
        FL_TRY(fl_disk_write(disk, file, zeros, bytes, *from, error));
        *from += bytes;
    }
    return FL_OK;
}

enum fl_status fl_wal_segments_init(struct fl_wal_segments *segments,
                                    struct fl_directory *directory, uint64_t segment_bytes,
                                    uint32_t ahead, uint64_t last, struct fl_error *error)
{
    memset(segments, 0, sizeof *segments);
    segments->directory = directory;
    segments->segment_bytes = segment_bytes ? fl_wal_align(segment_bytes, FL_WAL_ALIGNMENT)
                                            : FL_WAL_SEGMENT_BYTES_DEFAULT;
    if (segments->segment_bytes < FL_WAL_SEGMENT_BYTES_MIN)
        segments->segment_bytes = FL_WAL_SEGMENT_BYTES_MIN;
    FL_ASSERT(ahead >= 1 && ahead <= FL_WAL_AHEAD_MAX);
    segments->ahead = ahead;
    atomic_init(&segments->ready, last);
    atomic_init(&segments->taken, last);
    atomic_init(&segments->trouble, FL_OK);
    segments->preparing = FL_FILE_NONE;
    segments->zeros = aligned_alloc(FL_DISK_ALIGNMENT, FL_WAL_STEP_BYTES);
    if (!segments->zeros)
        return fl_error_set(error, FL_NO_MEMORY, "no memory to prepare segments");
    memset(segments->zeros, 0, FL_WAL_STEP_BYTES);
    return FL_OK;
}

static void segment_path(const struct fl_wal_segments *segments, const char *folder,
                         uint64_t number, char path[FL_DISK_PATH_BYTES_MAX])
{
    char name[32];
    fl_wal_segment_name(number, name);
    fl_directory_path(segments->directory, folder, name, path);
}

/* Opens segment `number` for the writer and shows it as ready. */
static enum fl_status publish(struct fl_wal_segments *segments, uint64_t number, uint64_t bytes,
                              struct fl_error *error)
{
    struct fl_wal_segment *slot = &segments->slots[number % FL_WAL_AHEAD_MAX];
    FL_ASSERT(number - atomic_load(&segments->taken) <= FL_WAL_AHEAD_MAX);
    char path[FL_DISK_PATH_BYTES_MAX];
    segment_path(segments, "wal", number, path);
    FL_TRY(fl_disk_open_file(segments->directory->disk, path, direct_write | FL_DISK_SYNCED,
                             &slot->file, error));
    slot->number = number;
    slot->bytes = bytes;
    atomic_store_explicit(&segments->ready, number, memory_order_release);
    return FL_OK;
}

enum fl_status fl_wal_segments_adopt(struct fl_wal_segments *segments, uint64_t bytes,
                                     struct fl_error *error)
{
    FL_ASSERT(bytes % FL_WAL_ALIGNMENT == 0);
    return publish(segments, atomic_load(&segments->ready) + 1, bytes, error);
}

void fl_wal_segments_deinit(struct fl_wal_segments *segments)
{
    if (!segments->directory)
        return;
    struct fl_disk *disk = segments->directory->disk;
    for (uint64_t n = atomic_load(&segments->taken) + 1; n <= atomic_load(&segments->ready); n++)
        fl_disk_close_file(disk, &segments->slots[n % FL_WAL_AHEAD_MAX].file);
    fl_disk_close_file(disk, &segments->preparing);
    free(segments->zeros);
    segments->zeros = NULL;
    segments->directory = NULL;
}

static void preparing_path(const struct fl_wal_segments *segments,
                           char path[FL_DISK_PATH_BYTES_MAX])
{
    fl_directory_path(segments->directory, "wal", "preparing", path);
}

/* What an earlier run left under this name is overwritten from the start. */
static enum fl_status begin(struct fl_wal_segments *segments, struct fl_error *error)
{
    struct fl_disk *disk = segments->directory->disk;
    char path[FL_DISK_PATH_BYTES_MAX];
    preparing_path(segments, path);
    struct fl_file file;
    FL_TRY(fl_disk_open_file(disk, path, direct_write | FL_DISK_CREATE, &file, error));
    uint64_t bytes = 0;
    enum fl_status status = fl_disk_size(disk, &file, &bytes, error);
    if (status == FL_OK && bytes > segments->segment_bytes)
        status = fl_disk_truncate(disk, &file, segments->segment_bytes, error);
    if (status == FL_OK)
        status = fl_disk_preallocate(disk, &file, segments->segment_bytes, error);
    if (status != FL_OK) {
        if (fl_disk_truncate(disk, &file, 0, NULL) != FL_OK)
            status = FL_IO_ERROR; /* half a reservation would keep the last space from everybody */
        fl_disk_close_file(disk, &file);
        return status;
    }
    segments->preparing = file;
    segments->preparing_offset = 0;
    return FL_OK;
}

static enum fl_status finish(struct fl_wal_segments *segments, struct fl_error *error)
{
    struct fl_disk *disk = segments->directory->disk;
    uint64_t number = atomic_load(&segments->ready) + 1;
    char from[FL_DISK_PATH_BYTES_MAX], to[FL_DISK_PATH_BYTES_MAX], folder[FL_DISK_PATH_BYTES_MAX];
    preparing_path(segments, from);
    segment_path(segments, "wal", number, to);
    fl_directory_path(segments->directory, "wal", NULL, folder);
    if (!FL_PLANTED(FL_PLANT_ZEROS_UNSYNCED))
        FL_TRY(fl_disk_sync(disk, &segments->preparing, error));
    fl_disk_close_file(disk, &segments->preparing);
    FL_TRY(fl_disk_rename(disk, from, to, error));
    if (!FL_PLANTED(FL_PLANT_NAME_UNSYNCED))
        FL_TRY(fl_disk_sync_dir(disk, folder, error));
    return publish(segments, number, segments->segment_bytes, error); /* S1 */
}

static enum fl_status step(struct fl_wal_segments *segments, struct fl_error *error)
{
    if (segments->preparing.handle < 0)
        return begin(segments, error);
    if (segments->preparing_offset < segments->segment_bytes)
        return fl_wal_fill_zeros(segments->directory->disk, &segments->preparing, segments->zeros,
                                 &segments->preparing_offset, segments->segment_bytes,
                                 FL_WAL_STEP_BYTES, error);
    return finish(segments, error);
}

static uint64_t ready_count(const struct fl_wal_segments *segments)
{
    return atomic_load_explicit(&segments->ready, memory_order_acquire) -
           atomic_load_explicit(&segments->taken, memory_order_acquire);
}

enum fl_status fl_wal_segments_step(struct fl_wal_segments *segments, bool *more_out,
                                    struct fl_error *error)
{
    *more_out = false;
    enum fl_status trouble = (enum fl_status)atomic_load(&segments->trouble);
    if (trouble != FL_OK && trouble != FL_NO_SPACE)
        return fl_error_set(error, trouble, "wal: preparing has ended after a failed write");
    if (ready_count(segments) >= segments->ahead)
        return FL_OK;
    enum fl_status status = step(segments, error);
    atomic_store(&segments->trouble,
                 (int)(status == FL_OK || status == FL_NO_SPACE ? status : FL_IO_ERROR));
    *more_out = status == FL_OK && ready_count(segments) < segments->ahead;
    return status;
}

enum fl_status fl_wal_segments_take(struct fl_wal_segments *segments, struct fl_wal_segment *out)
{
    if (ready_count(segments) == 0) {
        enum fl_status trouble = (enum fl_status)atomic_load(&segments->trouble);
        return trouble == FL_OK ? FL_BUSY : trouble;
    }
    uint64_t number = atomic_load_explicit(&segments->taken, memory_order_relaxed) + 1;
    *out = segments->slots[number % FL_WAL_AHEAD_MAX];
    FL_ASSERT(out->number == number); /* S2 */
    atomic_store_explicit(&segments->taken, number, memory_order_release);
    return FL_OK;
}

uint64_t fl_wal_segments_next_bytes(const struct fl_wal_segments *segments)
{
    if (ready_count(segments) == 0)
        return segments->segment_bytes;
    uint64_t number = atomic_load_explicit(&segments->taken, memory_order_relaxed) + 1;
    return segments->slots[number % FL_WAL_AHEAD_MAX].bytes;
}

uint64_t fl_wal_segments_ready_bytes(const struct fl_wal_segments *segments)
{
    uint64_t bytes = 0;
    uint64_t ready = atomic_load_explicit(&segments->ready, memory_order_acquire);
    for (uint64_t n = atomic_load(&segments->taken) + 1; n <= ready; n++)
        bytes += segments->slots[n % FL_WAL_AHEAD_MAX].bytes;
    return bytes;
}

/* The first sequence of a segment's first block; 0 if it holds none that its checksum vouches for.
 */
static enum fl_status first_seq_of(struct fl_wal_segments *segments, uint64_t number,
                                   uint64_t *seq_out, struct fl_error *error)
{
    struct fl_disk *disk = segments->directory->disk;
    char path[FL_DISK_PATH_BYTES_MAX];
    segment_path(segments, "wal", number, path);
    struct fl_file file;
    FL_TRY(fl_disk_open_file(disk, path, 0, &file, error));
    struct fl_wal_header header = {.magic = 0};
    size_t bytes = 0;
    enum fl_status status = fl_disk_read(disk, &file, &header, sizeof header, 0, &bytes, error);
    fl_disk_close_file(disk, &file);
    FL_TRY(status);
    uint64_t seed = fl_wal_seed(segments->directory->id);
    bool intact = bytes == sizeof header && header.magic == FL_WAL_MAGIC &&
                  header.version == FL_WAL_VERSION &&
                  header.checksum == fl_wal_checksum(&header, seed) && header.segment == number;
    *seq_out = intact ? header.first_seq : 0;
    return FL_OK;
}

static enum fl_status archive_one(struct fl_wal_segments *segments, uint64_t number,
                                  struct fl_error *error)
{
    struct fl_disk *disk = segments->directory->disk;
    char from[FL_DISK_PATH_BYTES_MAX], to[FL_DISK_PATH_BYTES_MAX];
    segment_path(segments, "wal", number, from);
    segment_path(segments, "archive", number, to);
    FL_TRY(fl_disk_rename(disk, from, to, error));
    fl_directory_path(segments->directory, "archive", NULL, to);
    FL_TRY(fl_disk_sync_dir(disk, to, error));
    fl_directory_path(segments->directory, "wal", NULL, from);
    return fl_disk_sync_dir(disk, from, error);
}

enum fl_status fl_wal_segments_retire(struct fl_wal_segments *segments, uint64_t upto_seq,
                                      uint32_t most, uint32_t *moved_out, struct fl_error *error)
{
    *moved_out = 0;
    uint64_t *numbers = NULL;
    size_t count = 0;
    FL_TRY(fl_wal_segments_list(segments->directory, "wal", &numbers, &count, error));
    enum fl_status status = FL_OK;
    for (size_t i = 0; i + 1 < count && *moved_out < most && status == FL_OK; i++) {
        uint64_t next_first = 0;
        if (numbers[i + 1] != numbers[i] + 1)
            break;
        status = first_seq_of(segments, numbers[i + 1], &next_first, error);
        if (status != FL_OK || next_first == 0 || next_first > upto_seq) /* S3 */
            break;
        status = archive_one(segments, numbers[i], error);
        *moved_out += status == FL_OK;
    }
    free(numbers);
    return status;
}
