#include <criterion/criterion.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/probe_disk.h"

static char directory[64];

static void make_directory(void)
{
    strcpy(directory, "probe_disk_test.XXXXXX");
    cr_assert(mkdtemp(directory));
}

/* rmdir fails on anything left behind (D2). */
static void remove_directory(void)
{
    cr_assert_eq(rmdir(directory), 0);
}

TestSuite(probe_disk, .init = make_directory, .fini = remove_directory);

static struct fl_histogram histogram;

/* False, visibly, where the build directory's filesystem takes no O_DIRECT. */
static bool opened(struct fl_probe_disk *probe)
{
    struct fl_error error = {0};
    enum fl_status status = fl_probe_disk_open(probe, directory, &error);
    if (status == FL_UNSUPPORTED)
        cr_skip_test("%s", error.message);
    cr_assert_eq(status, FL_OK, "%s", error.message);
    return true;
}

Test(probe_disk, writes_are_counted_and_take_time)
{
    struct fl_probe_disk probe;
    if (!opened(&probe))
        return;
    fl_histogram_init(&histogram);
    cr_assert_eq(fl_probe_disk_writes(&probe, 20, &histogram, NULL), FL_OK);
    cr_assert_eq(histogram.sample_count, 20);
    cr_assert(histogram.latency_ns_min > 0);
    double bytes_per_s = 0;
    cr_assert_eq(fl_probe_disk_bandwidth(&probe, 3 * FL_PROBE_DISK_LARGE_BYTES, &bytes_per_s, NULL),
                 FL_OK);
    cr_assert(bytes_per_s > 0);
    fl_probe_disk_close(&probe);
}

Test(probe_disk, d1_a_paced_window_has_every_write_however_late)
{
    struct fl_probe_disk probe;
    if (!opened(&probe))
        return;
    fl_histogram_init(&histogram);
    /* A rate no disk keeps: all but the first are late, and the last waited for all before it, so
     * its latency is the whole run. Counted from the issue it would be one write's. */
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    cr_assert_eq(fl_probe_disk_paced(&probe, 100000000, 0.0000004, &histogram, NULL), FL_OK);
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t elapsed_ns = (end.tv_sec - start.tv_sec) * INT64_C(1000000000) + end.tv_nsec -
                         start.tv_nsec;
    cr_assert_eq(histogram.sample_count, 40);
    cr_assert(2 * (int64_t)histogram.latency_ns_max >= elapsed_ns);
    cr_assert((int64_t)histogram.latency_ns_max <= elapsed_ns);
    fl_probe_disk_close(&probe);
}

Test(probe_disk, d2_a_filled_file_leaves_no_name)
{
    struct fl_probe_disk probe;
    if (!opened(&probe))
        return;
    DIR *listing = opendir(directory);
    struct dirent *entry;
    while ((entry = readdir(listing)))
        cr_assert_eq(entry->d_name[0], '.', "%s", entry->d_name);
    closedir(listing);
    fl_probe_disk_close(&probe);
}

Test(probe_disk, a_missing_directory_is_an_answer)
{
    struct fl_probe_disk probe;
    struct fl_error error = {0};
    cr_assert_eq(fl_probe_disk_open(&probe, "/no/such/place", &error), FL_IO_ERROR);
    cr_assert(error.message[0]);
}
