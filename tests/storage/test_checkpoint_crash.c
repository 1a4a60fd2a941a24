/* LMDB's own writes, recorded; then the file as a crash could leave it at any of them: what was
 * written after the last sync is there, not there, or there in part, sector by sector. Every such
 * file must load, as the old checkpoint or as the new one (P1). */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/store_fixture.h"

#define SECTOR 512u

struct operation {
    bool sync;    /* all before it is durable */
    bool durable; /* written through a descriptor that syncs */
    off_t offset;
    size_t bytes;
    uint8_t *data;
};

static struct {
    bool on;
    dev_t device;
    ino_t inode;
    struct operation *operations;
    size_t count;
} recording;

static bool is_recorded(int fd)
{
    struct stat st;
    return recording.on && fstat(fd, &st) == 0 && st.st_dev == recording.device &&
           st.st_ino == recording.inode;
}

static struct operation *add(void)
{
    if ((recording.count & (recording.count - 1)) == 0)
        recording.operations =
            realloc(recording.operations,
                    (recording.count ? recording.count * 2 : 1) * sizeof *recording.operations);
    struct operation *operation = &recording.operations[recording.count++];
    memset(operation, 0, sizeof *operation);
    return operation;
}

static void add_write(int fd, const void *data, size_t bytes, off_t offset)
{
    struct operation *operation = add();
    operation->durable = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
    operation->offset = offset;
    operation->bytes = bytes;
    operation->data = malloc(bytes);
    memcpy(operation->data, data, bytes);
}

/* These stand before the C library's for every library that the program loads. */
ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real)
        real = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    if (is_recorded(fd))
        add_write(fd, data, bytes, offset);
    return real(fd, data, bytes, offset);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    static ssize_t (*real)(int, const struct iovec *, int);
    if (!real)
        real = (ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
    if (is_recorded(fd)) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        for (int i = 0; i < count; i++) {
            add_write(fd, pieces[i].iov_base, pieces[i].iov_len, at);
            at += (off_t)pieces[i].iov_len;
        }
    }
    return real(fd, pieces, count);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    if (is_recorded(fd))
        add()->sync = true;
    return real(fd);
}

static void record_begin(const char *file)
{
    struct stat st;
    cr_assert_eq(stat(file, &st), 0);
    recording.device = st.st_dev;
    recording.inode = st.st_ino;
    recording.on = true;
}

static void record_end(void)
{
    recording.on = false;
}

struct image {
    uint8_t *bytes;
    size_t size, capacity;
};

static void image_write(struct image *image, off_t offset, const uint8_t *data, size_t bytes)
{
    size_t end = (size_t)offset + bytes;
    cr_assert_leq(end, image->capacity);
    memcpy(image->bytes + offset, data, bytes);
    if (end > image->size)
        image->size = end;
}

static void image_write_torn(struct fl_store_fixture *place, struct image *image,
                             const struct operation *operation)
{
    uint64_t mode = fl_store_fixture_random(place) % 3;
    for (size_t at = 0; mode > 0 && at < operation->bytes; at += SECTOR) {
        size_t n = operation->bytes - at < SECTOR ? operation->bytes - at : SECTOR;
        if (mode == 1 || fl_store_fixture_random(place) % 2 == 0)
            image_write(image, operation->offset + (off_t)at, operation->data + at, n);
    }
}

/* The file after a crash while operation `crash` was under way. */
static void image_make(struct fl_store_fixture *place, struct image *image,
                       const struct image *base, size_t crash)
{
    size_t synced = 0;
    for (size_t i = 0; i < crash; i++) {
        if (recording.operations[i].sync)
            synced = i;
    }
    memcpy(image->bytes, base->bytes, base->size);
    memset(image->bytes + base->size, 0, image->capacity - base->size);
    image->size = base->size;
    for (size_t i = 0; i < crash + 1 && i < recording.count; i++) {
        const struct operation *operation = &recording.operations[i];
        if (operation->sync)
            continue;
        if (i < synced || (operation->durable && i < crash))
            image_write(image, operation->offset, operation->data, operation->bytes);
        else
            image_write_torn(place, image, operation);
    }
}

static struct image image_read(const char *file, size_t capacity)
{
    struct image image = {.bytes = calloc(1, capacity), .capacity = capacity};
    int fd = open(file, O_RDONLY);
    image.size = (size_t)read(fd, image.bytes, capacity);
    close(fd);
    return image;
}

static void image_store(const struct image *image, const char *file)
{
    int fd = open(file, O_WRONLY | O_TRUNC);
    cr_assert_eq(write(fd, image->bytes, image->size), (ssize_t)image->size);
    close(fd);
}

static void check_image(struct fl_store_fixture *place, const struct fl_store_copy *older,
                        uint64_t older_seq, const struct fl_store_copy *newer,
                        uint64_t *newer_count)
{
    struct fl_checkpoint_root root;
    cr_assert_eq(fl_checkpoint_read_root(place->path, FL_CHECKPOINT_A, place->config.directory_id,
                                         &root, &place->error),
                 FL_OK, "%s", place->error.message);
    bool is_new = root.seq != older_seq;
    *newer_count += is_new;
    cr_assert_eq(fl_store_fixture_load(place, FL_CHECKPOINT_A, is_new ? newer : older, NULL), FL_OK,
                 "%s", place->error.message);
}

/* P4: what one sync has to bring to the disk. */
static size_t unsynced_bytes_max(void)
{
    size_t most = 0, bytes = 0;
    for (size_t i = 0; i < recording.count; i++) {
        bytes = recording.operations[i].sync ? 0 : bytes + recording.operations[i].bytes;
        most = bytes > most ? bytes : most;
    }
    return most;
}

static void crash_everywhere(uint64_t seed, unsigned images)
{
    struct fl_store_fixture place;
    char path[400], file[512];
    fl_store_fixture_begin(&place);
    place.random = seed;
    fl_store_fixture_grow(&place, 12000);
    for (int i = 0; i < 4; i++) {
        fl_store_fixture_change(&place, 40);
        cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    }
    /* A holds the third, B the fourth; the next turn is A's. */
    struct fl_checkpoint_root root;
    cr_assert_eq(fl_checkpoint_read_root(place.path, FL_CHECKPOINT_A, place.config.directory_id,
                                         &root, NULL),
                 FL_OK);
    fl_checkpoint_path(place.path, FL_CHECKPOINT_A, false, path, sizeof path);
    snprintf(file, sizeof file, "%s/data.mdb", path);
    struct fl_store store;
    struct fl_arena arena;
    fl_store_fixture_store(&store, &arena);
    cr_assert_eq(fl_checkpoint_load(place.path, FL_CHECKPOINT_A, place.config.directory_id, &store,
                                    NULL, NULL, NULL, NULL),
                 FL_OK);
    struct fl_store_copy older = fl_store_copy_take(&store);
    fl_arena_close(&arena);
    fl_store_fixture_grow(&place, 2000);
    fl_store_fixture_change(&place, 100);
    struct fl_store_copy newer = fl_store_copy_take(&place.store);
    struct image base = image_read(file, 64u << 20);
    struct image image = {.bytes = calloc(1, base.capacity), .capacity = base.capacity};
    record_begin(file);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
    record_end();
    cr_assert_gt(recording.count, 20);
    cr_assert_leq(unsynced_bytes_max(), 1u << 20, "%zu bytes in one transaction",
                  unsynced_bytes_max());
    uint64_t new_count = 0;
    for (unsigned i = 0; i < images; i++) {
        size_t crash = fl_store_fixture_random(&place) % (recording.count + 1);
        image_make(&place, &image, &base, crash);
        image_store(&image, file);
        check_image(&place, &older, root.seq, &newer, &new_count);
    }
    cr_assert_gt(new_count, 0);
    cr_assert_lt(new_count, images);
    fl_store_copy_free(&older);
    fl_store_copy_free(&newer);
    free(base.bytes);
    free(image.bytes);
    fl_store_fixture_end(&place);
}

Test(checkpoint_crash, p1_a_crash_at_any_write_leaves_the_old_checkpoint_or_the_new, .timeout = 200)
{
    crash_everywhere(1, 80);
}

Test(checkpoint_crash, p1_the_same_from_another_seed, .timeout = 200)
{
    crash_everywhere(99, 80);
}
