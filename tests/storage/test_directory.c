#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "storage/directory.h"
#include "storage/disk_sim.h"
#include "tests/support/wal_fixture.h"

static struct fl_disk *sim(void)
{
    struct fl_disk *disk;
    cr_assert_eq(fl_disk_sim_create(9, &disk), FL_OK);
    return disk;
}

static enum fl_status open_at(struct fl_disk *disk, enum fl_directory_mode mode,
                              struct fl_directory *out, struct fl_error *error)
{
    return fl_directory_open(disk, "/shop", mode, out, error);
}

static void put(struct fl_disk *disk, const char *path, const void *data, size_t bytes,
                uint64_t offset)
{
    struct fl_file file;
    cr_assert_eq(fl_disk_open_file(disk, path, FL_DISK_WRITE | FL_DISK_CREATE, &file, NULL), FL_OK);
    cr_assert_eq(fl_disk_write(disk, &file, data, bytes, offset, NULL), FL_OK);
    fl_disk_close_file(disk, &file);
}

Test(directory, what_was_made_opens_with_its_secret_id_and_is_not_made_twice)
{
    struct fl_disk *disk = sim();
    struct fl_directory a, b;
    struct fl_error error = {.status = FL_OK};
    cr_assert_eq(fl_directory_create(disk, "/shop/", NULL), FL_OK);
    cr_assert_eq(fl_directory_create(disk, "/shop", &error), FL_EXISTS);
    cr_assert_eq(open_at(disk, FL_DIRECTORY_READ, &a, NULL), FL_OK);
    cr_assert_eq(open_at(disk, FL_DIRECTORY_READ, &b, NULL), FL_OK);
    cr_assert_eq(memcmp(a.id, b.id, 16), 0);
    cr_assert_neq(memcmp(a.id, (char[16]){0}, 16), 0);
    cr_assert_eq(a.version, FL_DIRECTORY_VERSION);
    cr_assert_gt(a.created_s, 1600000000u);
    fl_disk_close(disk);
}

Test(directory, f1_a_crash_at_any_step_of_making_one_leaves_it_made_or_makeable)
{
    for (uint64_t op = 1;; op++) {
        struct fl_disk *disk = sim();
        fl_disk_sim_set_faults(disk, &(struct fl_disk_sim_faults){.crash_at_op = op});
        enum fl_status made = fl_directory_create(disk, "/shop", NULL);
        uint32_t images = fl_disk_sim_image_count(disk);
        for (uint32_t i = 0; i < images; i++) {
            struct fl_disk *image = fl_disk_sim_image(disk, i, op);
            struct fl_directory directory;
            enum fl_status status = open_at(image, FL_DIRECTORY_WRITE, &directory, NULL);
            cr_assert(status == FL_OK || (status == FL_UNREADABLE && made != FL_OK));
            if (status == FL_UNREADABLE) {
                cr_assert_eq(fl_directory_create(image, "/shop", NULL), FL_OK);
                cr_assert_eq(open_at(image, FL_DIRECTORY_WRITE, &directory, NULL), FL_OK);
            }
            fl_directory_close(&directory);
            fl_disk_close(image);
        }
        fl_disk_close(disk);
        if (made == FL_OK)
            return;
    }
}

Test(directory, missing_foreign_damaged_and_newer_ones_are_told_apart_and_left_alone)
{
    struct fl_disk *disk = sim();
    struct fl_directory directory;
    struct fl_error error = {.status = FL_OK};
    for (int mode = 0; mode < 2; mode++) {
        cr_assert_eq(open_at(disk, (enum fl_directory_mode)mode, &directory, &error),
                     FL_UNREADABLE);
        cr_assert(strstr(error.message, "/shop is no florin directory"));
    }
    cr_assert_eq(fl_directory_create(disk, "/shop", NULL), FL_OK);
    for (uint64_t byte = 0; byte < 64; byte++) {
        struct fl_disk *image = fl_disk_sim_image(disk, 0, 1);
        cr_assert(fl_disk_sim_damage(image, "/shop/florin.dir", byte, 1, byte));
        uint64_t before = fl_disk_sim_digest(image);
        cr_assert_eq(open_at(image, FL_DIRECTORY_WRITE, &directory, &error), FL_CORRUPT);
        cr_assert(strstr(error.message, "florin.dir"));
        cr_assert_eq(fl_directory_create(image, "/shop", &error), FL_CORRUPT);
        cr_assert_eq(fl_disk_sim_digest(image), before);
        fl_disk_close(image);
    }
    unsigned char bytes[64] = "florin\r\n\x02"; /* version 2, with a right hash */
    uint64_t hash = fl_hash64(bytes, 56, 0);
    memcpy(bytes + 56, &hash, 8);
    put(disk, "/shop/florin.dir", bytes, 64, 0);
    uint64_t before = fl_disk_sim_digest(disk);
    cr_assert_eq(open_at(disk, FL_DIRECTORY_WRITE, &directory, &error), FL_NEWER_FORMAT);
    cr_assert(strstr(error.message, "format 2"));
    cr_assert_eq(fl_disk_sim_digest(disk), before);
    fl_disk_close(disk);
}

Test(directory, f2_one_writes_while_others_read_without_a_lock)
{
    struct fl_disk *disk = sim();
    struct fl_directory writer, second, reader;
    struct fl_error error = {.status = FL_OK};
    cr_assert_eq(fl_directory_create(disk, "/shop", NULL), FL_OK);
    cr_assert_eq(open_at(disk, FL_DIRECTORY_READ, &reader, NULL), FL_OK);
    cr_assert_not(fl_directory_is_held(&reader));
    cr_assert_eq(open_at(disk, FL_DIRECTORY_WRITE, &writer, NULL), FL_OK);
    uint64_t before = fl_disk_now_ns(disk);
    cr_assert_eq(open_at(disk, FL_DIRECTORY_WRITE, &second, &error), FL_LOCKED);
    cr_assert_geq(fl_disk_now_ns(disk) - before, 900000000u, "it tried for about a second");
    cr_assert(fl_directory_is_held(&reader));
    fl_directory_close(&writer);
    cr_assert_not(fl_directory_is_held(&reader));
    uint64_t digest = fl_disk_sim_digest(disk);
    cr_assert_eq(open_at(disk, FL_DIRECTORY_READ, &second, NULL), FL_OK);
    cr_assert_eq(fl_disk_sim_digest(disk), digest);
    fl_disk_close(disk);
}

/* A process that was killed in the middle of it leaves nothing that keeps the next one out. */
Test(directory, a_killed_process_releases_the_directory)
{
    char path[256];
    fl_temp_dir_make(path);
    struct fl_disk *disk;
    cr_assert_eq(fl_disk_open(FL_DISK_AUTO, &disk, NULL), FL_OK);
    cr_assert_eq(fl_directory_create(disk, path, NULL), FL_OK);
    int ready[2];
    cr_assert_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct fl_directory held;
        if (fl_directory_open(disk, path, FL_DIRECTORY_WRITE, &held, NULL) != FL_OK)
            _exit(1);
        if (write(ready[1], "x", 1) != 1)
            _exit(2);
        pause();
        _exit(0);
    }
    char x;
    cr_assert_eq(read(ready[0], &x, 1), 1);
    struct fl_directory directory;
    cr_assert_eq(fl_directory_open(disk, path, FL_DIRECTORY_READ, &directory, NULL), FL_OK);
    cr_assert(fl_directory_is_held(&directory));
    kill(child, SIGKILL);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(fl_directory_open(disk, path, FL_DIRECTORY_WRITE, &directory, NULL), FL_OK);
    fl_directory_close(&directory);
    fl_disk_close(disk);
    fl_temp_dir_remove(path);
}
