#define _GNU_SOURCE /* O_DIRECT */

#include "bench/probe_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S      UINT64_C(1000000000)
#define SPIN_NS       UINT64_C(100000)
#define DIRECT_ALIGN  4096

static uint64_t ns_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void wait_until(uint64_t due_ns)
{
    if (ns_now() + SPIN_NS < due_ns) {
        uint64_t wake_ns = due_ns - SPIN_NS;
        struct timespec wake = {.tv_sec = (time_t)(wake_ns / NS_PER_S),
                                .tv_nsec = (long)(wake_ns % NS_PER_S)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL) == EINTR)
            ;
    }
    while (ns_now() < due_ns)
        __builtin_ia32_pause();
}

static enum fl_status failed(struct fl_error *error, const char *what)
{
    int number = errno;
    enum fl_status status = number == ENOSPC   ? FL_NO_SPACE
                            : number == EINVAL ? FL_UNSUPPORTED
                                               : FL_IO_ERROR;
    return fl_error_set(error, status, "disk probe: %s: %s", what, strerror(number));
}

/* Writes at the running offset and wraps: a sequential log that starts over. */
static enum fl_status write_block(struct fl_probe_disk *probe, size_t block_bytes,
                                  struct fl_error *error)
{
    FL_ASSERT(block_bytes <= FL_PROBE_DISK_LARGE_BYTES);
    if (probe->offset_bytes + block_bytes > FL_PROBE_DISK_BYTES)
        probe->offset_bytes = 0;
    probe->write_count++; /* new contents each time: a device may notice equal ones */
    memcpy(probe->block, &probe->write_count, sizeof probe->write_count);
    ssize_t written;
    do
        written = pwrite(probe->fd, probe->block, block_bytes, (off_t)probe->offset_bytes);
    while (written < 0 && errno == EINTR);
    if (written < 0)
        return failed(error, "write");
    if ((size_t)written != block_bytes)
        return fl_error_set(error, FL_IO_ERROR, "disk probe: short write");
    probe->offset_bytes += block_bytes;
    return FL_OK;
}

/* Every block written once, so that later writes overwrite and convert no extents. */
static enum fl_status fill(struct fl_probe_disk *probe, struct fl_error *error)
{
    for (size_t i = 0; i < FL_PROBE_DISK_BYTES / FL_PROBE_DISK_LARGE_BYTES; i++)
        FL_TRY(write_block(probe, FL_PROBE_DISK_LARGE_BYTES, error));
    probe->offset_bytes = 0;
    if (fsync(probe->fd) != 0)
        return failed(error, "fsync");
    return FL_OK;
}

static enum fl_status open_unnamed(struct fl_probe_disk *probe, const char *directory,
                                   struct fl_error *error)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/probe_disk.XXXXXX", directory);
    if (length < 0 || (size_t)length >= sizeof path)
        return fl_error_set(error, FL_IO_ERROR, "disk probe: path too long");
    probe->fd = mkostemp(path, O_DIRECT | O_DSYNC | O_CLOEXEC);
    if (probe->fd < 0) {
        enum fl_status status = failed(error, directory);
        unlink(path); /* some kernels create the file before they refuse O_DIRECT */
        return status;
    }
    unlink(path); /* D2 */
    return FL_OK;
}

enum fl_status fl_probe_disk_open(struct fl_probe_disk *probe, const char *directory,
                                  struct fl_error *error)
{
    memset(probe, 0, sizeof *probe);
    FL_TRY(open_unnamed(probe, directory, error));
    probe->block = aligned_alloc(DIRECT_ALIGN, FL_PROBE_DISK_LARGE_BYTES);
    if (!probe->block) {
        close(probe->fd);
        return fl_error_set(error, FL_NO_MEMORY, "disk probe: no memory");
    }
    for (size_t i = 0; i < FL_PROBE_DISK_LARGE_BYTES; i++)
        probe->block[i] = (unsigned char)(i * 2654435761u >> 13);
    enum fl_status status = fill(probe, error);
    if (status != FL_OK)
        fl_probe_disk_close(probe);
    return status;
}

void fl_probe_disk_close(struct fl_probe_disk *probe)
{
    FL_ASSERT(probe->block);
    close(probe->fd);
    free(probe->block);
    probe->block = NULL;
}

enum fl_status fl_probe_disk_writes(struct fl_probe_disk *probe, uint64_t write_count,
                                    struct fl_histogram *histogram, struct fl_error *error)
{
    for (uint64_t i = 0; i < write_count; i++) {
        uint64_t start_ns = ns_now();
        FL_TRY(write_block(probe, FL_PROBE_DISK_SMALL_BYTES, error));
        fl_histogram_add(histogram, ns_now() - start_ns);
    }
    return FL_OK;
}

enum fl_status fl_probe_disk_paced(struct fl_probe_disk *probe, uint32_t writes_per_s,
                                   double seconds, struct fl_histogram *histogram,
                                   struct fl_error *error)
{
    FL_ASSERT(writes_per_s > 0);
    FL_ASSERT(seconds > 0);
    uint64_t write_count = (uint64_t)(seconds * writes_per_s);
    uint64_t start_ns = ns_now();
    for (uint64_t i = 0; i < write_count; i++) {
        uint64_t due_ns = start_ns + i * NS_PER_S / writes_per_s;
        wait_until(due_ns);
        FL_TRY(write_block(probe, FL_PROBE_DISK_SMALL_BYTES, error));
        fl_histogram_add(histogram, ns_now() - due_ns); /* D1 */
    }
    return FL_OK;
}

enum fl_status fl_probe_disk_bandwidth(struct fl_probe_disk *probe, uint64_t total_bytes,
                                       double *bytes_per_s_out, struct fl_error *error)
{
    FL_ASSERT(total_bytes > 0);
    uint64_t written_bytes = 0, start_ns = ns_now();
    while (written_bytes < total_bytes) {
        FL_TRY(write_block(probe, FL_PROBE_DISK_LARGE_BYTES, error));
        written_bytes += FL_PROBE_DISK_LARGE_BYTES;
    }
    *bytes_per_s_out = (double)written_bytes * NS_PER_S / (double)(ns_now() - start_ns);
    return FL_OK;
}
