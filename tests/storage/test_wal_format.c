#include <criterion/criterion.h>
#include <string.h>

#include "storage/disk_sim.h"
#include "storage/wal_format.h"
#include "tests/support/wal_fixture.h"

/* A log of format 1, as the first release writes it: whoever changes a byte of it makes format 2,
 * and keeps a reader for this one. */
Test(wal_format, the_bytes_of_version_1_stay_what_they_are)
{
    struct fl_wal_fixture log = {.segment_bytes = 32 << 10, .record_bytes_max = 100};
    cr_assert_eq(fl_disk_sim_create(1, &log.disk), FL_OK);
    cr_assert_eq(fl_directory_create(log.disk, "/shop", NULL), FL_OK);
    cr_assert_eq(fl_wal_fixture_open(&log, "/shop", NULL, 0), FL_OK);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(fl_wal_fixture_append(&log), FL_OK);
    cr_assert_eq(fl_wal_fixture_close(&log), FL_OK);
    struct fl_file file;
    unsigned char bytes[3 * 4096];
    size_t count = 0;
    cr_assert_eq(fl_disk_open_file(log.disk, "/shop/wal/0000000001.wal", 0, &file, NULL), FL_OK);
    cr_assert_eq(fl_disk_read(log.disk, &file, bytes, sizeof bytes, 0, &count, NULL), FL_OK);
    cr_assert_eq(count, sizeof bytes);
    cr_assert_eq(memcmp(bytes, "FORNWAL1\1\0\0\0", 12), 0);
    cr_assert_eq(memcmp(bytes + 48, "\1\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0", 16), 0, "1 to 3");
    cr_assert_eq(memcmp(bytes + 4096 + 64, "\3\0\0\0\0\0\0\0", 8), 0, "the proof of 3");
    cr_assert_eq(memcmp(bytes + 4096 + 72, bytes + 96, 8), 0, "L2");
    cr_assert_eq(memcmp(bytes + 8192, (char[4096]){0}, 4096), 0, "L4");
    cr_assert_eq(fl_hash64(bytes, sizeof bytes, 0), 0xe14e7c1530633a87u, "%#llx",
                 (unsigned long long)fl_hash64(bytes, sizeof bytes, 0));
    fl_disk_close_file(log.disk, &file);
    fl_disk_close(log.disk);
}
