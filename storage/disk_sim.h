/* disk_sim.h - a disk in memory that does what real ones do when the power goes, from a seed.
 *
 * Every file has what a reader sees now and what is on the platter; between them stands a list of
 * pending changes, in the order they were made: writes, truncations, changes of names. A sync of a
 * file or folder makes its pending changes durable, and a synced write itself. Whatever is pending
 * when the power goes may be there or not, in any combination, and a write may be there in part, by
 * sectors of 512 bytes.
 *
 *     loses      a synced write that answers well and is nowhere (faults.lose_ppm): no log can tell
 *                for its last block; recovery must refuse where later blocks prove it
 *     tears      at sectors: the first, the last or random ones missing, one garbled (images)
 *     reorders   any one change without those before it (images)
 *     garbles    fl_disk_sim_damage: recovery must refuse, unless it is the unproven last block
 *     refuses    EIO for a write or sync, EIO once for a read, a sector that can never be read,
 *                ENOSPC beyond space_bytes, EINTR, EAGAIN, short writes: all must be survived or
 *                end writing, and never lose what was acknowledged
 *
 * A failed direct write is seen by readers as far as it arrived, as there is no cache between. With
 * faults.no_direct writes go through a page cache, which goes on showing what failed, and calls it
 * clean, until it is asked to forget (D5). So it does with whatever a failed sync lost.
 *
 * A crash: with faults.crash_at_op = n the n-th operation that changes anything begins, does not
 * end, and every call after it answers EIO. fl_disk_sim_image then gives the disk that a machine
 * would find.
 *
 * Links into tests and the bench only. Thread: any (one mutex); deterministic with one thread. Time
 * is simulated too: it passes by operations and sleeps.
 */
#ifndef FLORIN_STORAGE_DISK_SIM_H
#define FLORIN_STORAGE_DISK_SIM_H

#include "storage/disk.h"

#define FL_DISK_SIM_SECTOR 512u

/* Parts per million of the operations they can happen to; 0: never. */
struct fl_disk_sim_faults {
    uint64_t crash_at_op; /* 0: no crash */
    uint32_t write_error_ppm, sync_error_ppm, read_error_ppm;
    uint32_t short_write_ppm, interrupted_ppm, again_ppm;
    uint32_t lose_ppm;    /* synced writes, */
    uint32_t lose_most;   /* and how many in all; 0: no limit */
    bool no_direct;       /* the filesystem refuses it: files opened from now on are cached */
    uint32_t late_ppm;    /* a look for completions finds none yet */
    uint64_t space_bytes; /* of all files together; 0: enough */
};

/* An empty disk with the folder "/". */
FL_MUST_USE enum fl_status fl_disk_sim_create(uint64_t seed, struct fl_disk **out);
void fl_disk_sim_set_faults(struct fl_disk *disk, const struct fl_disk_sim_faults *faults);
/* Operations that changed something, so far. */
uint64_t fl_disk_sim_ops(const struct fl_disk *disk);
bool fl_disk_sim_is_off(const struct fl_disk *disk);

/* The images of a crash now: 0 nothing of what is pending, 1 all of it, then each prefix, each
 * single one, each write torn in FL_DISK_SIM_TEARS ways behind all before it. `disk` is left as it
 * is; the caller closes the image, which is a disk of its own without faults. */
#define FL_DISK_SIM_TEARS 6u
uint32_t fl_disk_sim_image_count(const struct fl_disk *disk);
struct fl_disk *fl_disk_sim_image(const struct fl_disk *disk, uint32_t index, uint64_t seed);
/* The process died, not the machine: what it had begun is seen by readers, and still pending.
 * Without faults from here on. */
void fl_disk_sim_revive(struct fl_disk *disk);
/* Any subset of what is pending, any write of it torn. */
struct fl_disk *fl_disk_sim_image_random(const struct fl_disk *disk, uint64_t seed);

/* Changes `bytes` bytes at `offset` of a file, on the platter too. False: not there. */
bool fl_disk_sim_damage(struct fl_disk *disk, const char *path, uint64_t offset, uint64_t bytes,
                        uint64_t seed);
/* From now on the sector at `offset` cannot be read. One a disk. */
bool fl_disk_sim_break_sector(struct fl_disk *disk, const char *path, uint64_t offset);
/* Over all names and what readers see: equal if nothing was changed. */
uint64_t fl_disk_sim_digest(const struct fl_disk *disk);

#endif
