/* probe_disk.h - what the device under a directory gives a bare synced writer.
 *
 * One thread, one write in flight, O_DIRECT|O_DSYNC, into a file whose blocks are all written
 * beforehand, as the log's are: no allocation, no size change, no journal commit beyond the flush.
 * No log can acknowledge faster; durable figures stand beside these.
 *
 *   D1  In the paced mode latency counts from the instant a write was due, not from when it was
 *       issued: a stall is charged to every write that waited behind it (open loop).
 *   D2  The file has no name after open, so nothing is left behind even by a kill.
 *
 * Alternating windows: call fl_probe_disk_paced for a window with a histogram of its own, then our
 * own writer for one, and so on; merge each side's histograms in the end.
 * Thread: one a probe.  Memory: one large block.  Disk: FL_PROBE_DISK_BYTES.
 */
#ifndef FLORIN_BENCH_PROBE_DISK_H
#define FLORIN_BENCH_PROBE_DISK_H

#include <stddef.h>
#include <stdint.h>

#include "bench/histogram.h"
#include "core/base/contract.h"
#include "core/base/status.h"

#define FL_PROBE_DISK_BYTES       ((size_t)64 << 20)
#define FL_PROBE_DISK_SMALL_BYTES ((size_t)4096)
#define FL_PROBE_DISK_LARGE_BYTES ((size_t)4 << 20)

struct fl_probe_disk {
    int fd;
    unsigned char *block; /* FL_PROBE_DISK_LARGE_BYTES, aligned for O_DIRECT */
    uint64_t offset_bytes;
    uint64_t write_count;
};

/* FL_UNSUPPORTED: the filesystem takes no O_DIRECT (tmpfs). FL_IO_ERROR, FL_NO_SPACE,
 * FL_NO_MEMORY: as they say. Nothing to close after a failure. */
FL_MUST_USE enum fl_status fl_probe_disk_open(struct fl_probe_disk *probe, const char *directory,
                                              struct fl_error *error);

void fl_probe_disk_close(struct fl_probe_disk *probe);

/* `write_count` writes of 4 KiB, one after the other (closed loop). */
FL_MUST_USE enum fl_status fl_probe_disk_writes(struct fl_probe_disk *probe, uint64_t write_count,
                                                struct fl_histogram *histogram,
                                                struct fl_error *error);

/* 4 KiB writes at a fixed rate for so long (D1); adds seconds x rate samples. Waits by sleeping,
 * the last 100 us by spinning, since a timer's wake-up is no latency of the device. */
FL_MUST_USE enum fl_status fl_probe_disk_paced(struct fl_probe_disk *probe, uint32_t writes_per_s,
                                               double seconds, struct fl_histogram *histogram,
                                               struct fl_error *error);

/* Synced writes of 4 MiB, `total_bytes` in all (rounded up to whole blocks). */
FL_MUST_USE enum fl_status fl_probe_disk_bandwidth(struct fl_probe_disk *probe,
                                                   uint64_t total_bytes,
                                                   double *bytes_per_s_out,
                                                   struct fl_error *error);

#endif
