/* directory.h - the folder an engine lives in.
 *
 *     DIRECTORY/
 *       florin.dir      64 bytes: what this is, format version, the secret id, when it was made
 *       lock            flock by the one process that writes
 *       wal/            segments of the log that recovery reads
 *       archive/        segments both checkpoints cover
 *       checkpoint-a/   two LMDB environments, written in turn
 *       checkpoint-b/
 *
 *   florin.dir    0  char  magic[8]  "florin\r\n"
 *                 8  u32   version
 *                12  u32   zero
 *                16  u8    id[16]    random; seeds every checksum of the WAL
 *                32  u64   created, seconds since 1970
 *                40  u64   zero
 *                48  u64   zero
 *                56  u64   hash over bytes 0 to 55
 *
 *   F1  florin.dir comes last and whole (written aside, synced, renamed), so a directory that has
 *       it is complete, and a crash while making one leaves something that can be made again.
 *   F2  Opening to read writes nothing and takes no lock.
 *
 * The lock belongs to the open file: a child of fork that keeps it keeps the directory locked.
 */
#ifndef FLORIN_STORAGE_DIRECTORY_H
#define FLORIN_STORAGE_DIRECTORY_H

#include "storage/disk.h"

#define FL_DIRECTORY_VERSION 1u

enum fl_directory_mode { FL_DIRECTORY_READ, FL_DIRECTORY_WRITE };

struct fl_directory {
    struct fl_disk *disk;
    char path[FL_DISK_PATH_BYTES_MAX - 64];
    uint8_t id[16];
    uint32_t version;
    uint64_t created_s;
    enum fl_directory_mode mode;
    struct fl_file lock;
};

/* Makes the folder (its parent must exist) or completes one that has no florin.dir yet. FL_EXISTS:
 * an engine lives there. */
FL_MUST_USE enum fl_status fl_directory_create(struct fl_disk *disk, const char *path,
                                               struct fl_error *error);

/* To write: locks (tries for a second: io_uring may hold a killed process's files for a moment) and
 * syncs the folders, so that what is read is what stays. FL_LOCKED, FL_UNREADABLE (none there, no
 * right), FL_NEWER_FORMAT, FL_CORRUPT, FL_IO_ERROR: nothing was changed. */
FL_MUST_USE enum fl_status fl_directory_open(struct fl_disk *disk, const char *path,
                                             enum fl_directory_mode mode, struct fl_directory *out,
                                             struct fl_error *error);
void fl_directory_close(struct fl_directory *directory);

/* Whether another process has it open to write; for those who opened it to read. */
bool fl_directory_is_held(struct fl_directory *directory);

/* "PATH/folder/name" or, with `name` null, "PATH/folder". */
void fl_directory_path(const struct fl_directory *directory, const char *folder, const char *name,
                       char out[FL_DISK_PATH_BYTES_MAX]);

#endif
