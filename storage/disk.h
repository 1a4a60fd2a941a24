/* disk.h - the only door of storage to the device, to chance and to time.
 *
 *     caller --> disk.c (retries, short transfers, errno -> status) --> struct fl_disk_ops
 *                                                   disk_uring.c    io_uring through liburing
 *                                                   disk_threads.c  a thread and pwritev2
 *                                                   disk_sim.c      a simulated disk, from a seed
 *
 * Backends answer as the kernel does (bytes or -errno); what is to be done about a short write,
 * EINTR or EAGAIN is decided once, in disk.c, so the simulated disk proves it for the real ones.
 *
 *   D1  A write of a file opened FL_DISK_SYNCED is durable when it completes, whole; so no chain
 *       "write, then sync" exists that a short write could break.
 *   D2  At most FL_DISK_WRITES_MAX writes are under way in a queue, and every queue holds as many
 *       completions: a completion queue cannot overflow.
 *   D3  A file name becomes durable by fl_disk_sync_dir of its directory, not by syncing the file.
 *   D4  A failed write or sync is reported, never repeated; only a transfer that the kernel says
 *       did not happen (EINTR, EAGAIN, the rest of a short one) is asked for again. A read that
 *       fails with EIO is repeated once.
 *   D5  After a failed write or sync a page cache is asked to forget the file: it may show what the
 *       device does not have, to this process's successor too, and call it clean.
 *
 * Thread: plain calls from any thread; a queue belongs to one. Memory: at open only.
 */
#ifndef FLORIN_STORAGE_DISK_H
#define FLORIN_STORAGE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/status.h"

#define FL_DISK_PATH_BYTES_MAX 1024       /* of any path, its end mark included */
#define FL_DISK_WRITES_MAX     8          /* under way in one queue */
#define FL_DISK_ALIGNMENT      4096       /* of address, offset and length of a direct write */
#define FL_DISK_SHRINK_BYTES   (8u << 20) /* unlinking 1 GiB at once stalls the device for 273 ms */

enum fl_disk_kind { FL_DISK_AUTO, FL_DISK_URING, FL_DISK_THREADS };

enum fl_disk_flag {
    FL_DISK_WRITE = 1,     /* else for reading only */
    FL_DISK_CREATE = 2,    /* make it if it is not there */
    FL_DISK_EXCLUSIVE = 4, /* with create: FL_EXISTS if it is there */
    FL_DISK_DIRECT = 8,  /* past the page cache, unless the filesystem refuses (see fl_disk_note) */
    FL_DISK_SYNCED = 16, /* each write is durable when it completes */
};

struct fl_disk;
struct fl_disk_queue;

/* An open file. The name is for messages: the last two parts of its path. */
struct fl_file {
    int handle;
    char name[60];
};
#define FL_FILE_NONE ((struct fl_file){.handle = -1})

/* One asynchronous write; the caller's, untouched until it comes back from fl_disk_queue_reap. */
struct fl_disk_write {
    struct fl_file file;
    const void *data;
    uint64_t offset;
    uint32_t bytes;
    enum fl_status status; /* out */
    int code;              /* out: errno of a failed one */
    uint32_t bytes_done;   /* private to disk.c from here on */
    uint32_t attempts;
};

/* What a backend provides. Every call answers >= 0 or -errno. */
struct fl_disk_ops {
    const char *name;
    int (*open)(struct fl_disk *disk, const char *path, unsigned flags);
    int (*close)(struct fl_disk *disk, int handle);
    int64_t (*size)(struct fl_disk *disk, int handle);
    int64_t (*read)(struct fl_disk *disk, int handle, void *data, size_t bytes, uint64_t offset);
    int64_t (*write)(struct fl_disk *disk, int handle, const void *data, size_t bytes,
                     uint64_t offset);
    int (*sync)(struct fl_disk *disk, int handle);
    void (*forget)(struct fl_disk *disk, int handle); /* D5 */
    int (*truncate)(struct fl_disk *disk, int handle, uint64_t bytes);
    int (*preallocate)(struct fl_disk *disk, int handle, uint64_t bytes);
    int (*rename)(struct fl_disk *disk, const char *from, const char *to);
    int (*unlink)(struct fl_disk *disk, const char *path);
    int (*make_dir)(struct fl_disk *disk, const char *path);
    int (*sync_dir)(struct fl_disk *disk, const char *path);
    int (*list)(struct fl_disk *disk, const char *path,
                void (*name)(void *context, const char *name), void *context);
    int (*lock)(struct fl_disk *disk, int handle, bool shared);
    int (*entropy)(struct fl_disk *disk, void *data, size_t bytes);
    uint64_t (*now_ns)(struct fl_disk *disk);
    uint64_t (*wall_s)(struct fl_disk *disk);
    void (*sleep_ns)(struct fl_disk *disk, uint64_t ns);
    int (*queue_open)(struct fl_disk *disk, struct fl_disk_queue **out);
    int (*queue_submit)(struct fl_disk_queue *queue, struct fl_disk_write *write);
    /* One completion and its raw result; null if there is none (yet, or after waiting: none under
     * way). */
    struct fl_disk_write *(*queue_next)(struct fl_disk_queue *queue, bool wait,
                                        int64_t *result_out);
    int (*queue_fd)(struct fl_disk_queue *queue);
    void (*queue_close)(struct fl_disk_queue *queue);
    void (*destroy)(struct fl_disk *disk);
};

/* First member of every backend's own struct. */
struct fl_disk {
    const struct fl_disk_ops *ops;
    char note[160];
};

/* First member of every backend's own queue. */
struct fl_disk_queue {
    struct fl_disk *disk;
    uint32_t under_way;
};

/* ---- the disk ---- */

/* AUTO takes io_uring and falls back to threads, which fl_disk_note then says. The simulated disk
 * is made by fl_disk_sim_create (disk_sim.h). */
FL_MUST_USE enum fl_status fl_disk_open(enum fl_disk_kind kind, struct fl_disk **out,
                                        struct fl_error *error);
void fl_disk_close(struct fl_disk *disk);
/* "uring", "threads", "sim". */
const char *fl_disk_name(const struct fl_disk *disk);
/* One line for the log of what was refused and what is done instead; "" if nothing was. */
const char *fl_disk_note(const struct fl_disk *disk);

/* ---- files ---- */

FL_MUST_USE enum fl_status fl_disk_open_file(struct fl_disk *disk, const char *path, unsigned flags,
                                             struct fl_file *out, struct fl_error *error);
/* Nothing to do for FL_FILE_NONE. */
void fl_disk_close_file(struct fl_disk *disk, struct fl_file *file);
FL_MUST_USE enum fl_status fl_disk_size(struct fl_disk *disk, const struct fl_file *file,
                                        uint64_t *bytes_out, struct fl_error *error);
/* Reads up to `bytes`; fewer only at the end of the file. */
FL_MUST_USE enum fl_status fl_disk_read(struct fl_disk *disk, const struct fl_file *file,
                                        void *data, size_t bytes, uint64_t offset,
                                        size_t *bytes_out, struct fl_error *error);
FL_MUST_USE enum fl_status fl_disk_write(struct fl_disk *disk, const struct fl_file *file,
                                         const void *data, size_t bytes, uint64_t offset,
                                         struct fl_error *error);
FL_MUST_USE enum fl_status fl_disk_sync(struct fl_disk *disk, const struct fl_file *file,
                                        struct fl_error *error);
FL_MUST_USE enum fl_status fl_disk_truncate(struct fl_disk *disk, const struct fl_file *file,
                                            uint64_t bytes, struct fl_error *error);
/* Finds out early whether there is room; FL_OK too where the filesystem cannot tell. */
FL_MUST_USE enum fl_status fl_disk_preallocate(struct fl_disk *disk, const struct fl_file *file,
                                               uint64_t bytes, struct fl_error *error);
/* Exclusive or shared, without waiting; held until the file is closed. FL_LOCKED: somebody has it.
 */
FL_MUST_USE enum fl_status fl_disk_lock(struct fl_disk *disk, const struct fl_file *file,
                                        bool shared, struct fl_error *error);

/* ---- names ---- */

FL_MUST_USE enum fl_status fl_disk_rename(struct fl_disk *disk, const char *from, const char *to,
                                          struct fl_error *error);
FL_MUST_USE enum fl_status fl_disk_unlink(struct fl_disk *disk, const char *path,
                                          struct fl_error *error);
/* Takes a big file away by one piece: cuts FL_DISK_SHRINK_BYTES off, or unlinks what is small
 * enough. The caller paces. A file that is not there is gone. */
FL_MUST_USE enum fl_status fl_disk_remove_step(struct fl_disk *disk, const char *path,
                                               bool *gone_out, struct fl_error *error);
/* FL_EXISTS: it is there. */
FL_MUST_USE enum fl_status fl_disk_make_dir(struct fl_disk *disk, const char *path,
                                            struct fl_error *error);
FL_MUST_USE enum fl_status fl_disk_sync_dir(struct fl_disk *disk, const char *path,
                                            struct fl_error *error);
/* Calls `name` with each entry but "." and "..", in no order. */
FL_MUST_USE enum fl_status fl_disk_list(struct fl_disk *disk, const char *path,
                                        void (*name)(void *context, const char *name),
                                        void *context, struct fl_error *error);

/* ---- chance and time ---- */

FL_MUST_USE enum fl_status fl_disk_entropy(struct fl_disk *disk, void *data, size_t bytes,
                                           struct fl_error *error);
uint64_t fl_disk_now_ns(struct fl_disk *disk);
uint64_t fl_disk_wall_s(struct fl_disk *disk);
void fl_disk_sleep_ns(struct fl_disk *disk, uint64_t ns);

/* ---- asynchronous writes ---- */

FL_MUST_USE enum fl_status fl_disk_queue_open(struct fl_disk *disk, struct fl_disk_queue **out,
                                              struct fl_error *error);
/* Waits for what is under way. */
void fl_disk_queue_close(struct fl_disk_queue *queue);
/* FL_BUSY: FL_DISK_WRITES_MAX are under way. FL_IO_ERROR: not started, and writing is over. */
FL_MUST_USE enum fl_status fl_disk_queue_submit(struct fl_disk_queue *queue,
                                                struct fl_disk_write *write);
/* One that has ended, well or not (its status says); null if none has, or with `wait` none is under
 * way. */
struct fl_disk_write *fl_disk_queue_reap(struct fl_disk_queue *queue, bool wait);
/* Readable (poll) when a completion waits to be reaped; -1 where that makes no sense (simulated).
 */
int fl_disk_queue_fd(struct fl_disk_queue *queue);

#endif
