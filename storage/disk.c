#include "storage/disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "storage/disk_backend.h"
#include "storage/planted_fault.h"

/* A device that answers EAGAIN this often is not short of something for a moment: it is broken. */
#define ATTEMPTS_MAX 1000

static enum fl_status status_of(int code)
{
    switch (code) {
    case ENOSPC:
    case EDQUOT:
        return FL_NO_SPACE;
    case EEXIST:
        return FL_EXISTS;
    case EWOULDBLOCK:
        return FL_LOCKED;
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case EPERM:
        return FL_UNREADABLE;
    default:
        return FL_IO_ERROR;
    }
}

static enum fl_status failed(struct fl_error *error, const char *name, const char *verb, int code)
{
    return fl_error_set(error, status_of(code), "%s: %s: %s", name, verb, strerror(code));
}

static enum fl_status failed_at(struct fl_error *error, const struct fl_file *file,
                                const char *verb, uint64_t offset, int code)
{
    return fl_error_set(error, status_of(code), "%s: %s at %llu: %s", file->name, verb,
                        (unsigned long long)offset, strerror(code));
}

/* D5 */
static void forget(struct fl_disk *disk, const struct fl_file *file)
{
    if (!FL_PLANTED(FL_PLANT_CACHE_BELIEVED))
        disk->ops->forget(disk, file->handle);
}

enum fl_status fl_disk_open(enum fl_disk_kind kind, struct fl_disk **out, struct fl_error *error)
{
    if (kind == FL_DISK_THREADS)
        return fl_disk_threads_create(out, error);
    struct fl_error refusal = {.status = FL_OK};
    enum fl_status status = fl_disk_uring_create(out, &refusal);
    if (status == FL_OK)
        return FL_OK;
    if (kind == FL_DISK_URING)
        return fl_error_set(error, status, "%s", refusal.message);
    FL_TRY(fl_disk_threads_create(out, error));
    snprintf((*out)->note, sizeof(*out)->note, "%.100s; I/O by threads instead", refusal.message);
    return FL_OK;
}

void fl_disk_close(struct fl_disk *disk)
{
    if (disk)
        disk->ops->destroy(disk);
}

const char *fl_disk_name(const struct fl_disk *disk)
{
    return disk->ops->name;
}

const char *fl_disk_note(const struct fl_disk *disk)
{
    return disk->note;
}

/* "/data/shop/wal/0000000001.wal" -> "wal/0000000001.wal". */
static void name_file(struct fl_file *file, const char *path)
{
    const char *name = path + strlen(path);
    for (int slashes = 0; name > path; name--)
        if (name[-1] == '/' && ++slashes == 2)
            break;
    snprintf(file->name, sizeof file->name, "%s", name);
}

enum fl_status fl_disk_open_file(struct fl_disk *disk, const char *path, unsigned flags,
                                 struct fl_file *out, struct fl_error *error)
{
    *out = FL_FILE_NONE;
    int handle = disk->ops->open(disk, path, flags);
    if (handle < 0)
        return failed(error, path, "open", -handle);
    out->handle = handle;
    name_file(out, path);
    return FL_OK;
}

void fl_disk_close_file(struct fl_disk *disk, struct fl_file *file)
{
    if (file->handle >= 0)
        disk->ops->close(disk, file->handle);
    file->handle = -1;
}

enum fl_status fl_disk_size(struct fl_disk *disk, const struct fl_file *file, uint64_t *bytes_out,
                            struct fl_error *error)
{
    int64_t bytes = disk->ops->size(disk, file->handle);
    if (bytes < 0)
        return failed(error, file->name, "size", (int)-bytes);
    *bytes_out = (uint64_t)bytes;
    return FL_OK;
}

enum fl_status fl_disk_read(struct fl_disk *disk, const struct fl_file *file, void *data,
                            size_t bytes, uint64_t offset, size_t *bytes_out,
                            struct fl_error *error)
{
    size_t done = 0;
    uint32_t again = 0, refused = 0;
    while (done < bytes) {
        int64_t n =
            disk->ops->read(disk, file->handle, (char *)data + done, bytes - done, offset + done);
        if (n == 0)
            break;
        if (n > 0) {
            FL_ASSERT((uint64_t)n <= bytes - done);
            done += (size_t)n;
        } else if (n == -EIO && refused++ == 0) {
            continue; /* D4 */
        } else if (n == -EINTR || (n == -EAGAIN && again++ < ATTEMPTS_MAX)) {
            continue;
        } else {
            return fl_error_set(error, FL_IO_ERROR, "%s: read at %llu: %s", file->name,
                                (unsigned long long)(offset + done), strerror((int)-n));
        }
    }
    *bytes_out = done;
    return FL_OK;
}

/* How much of a short write counts: a direct write goes on at an aligned place. */
static uint32_t counted(uint64_t written)
{
    return (uint32_t)(written / FL_DISK_ALIGNMENT * FL_DISK_ALIGNMENT);
}

enum write_step { WRITE_AGAIN, WRITE_DONE, WRITE_FAILED };

/* Takes a raw result into `write`: what remains is asked for again, or it has ended. */
static enum write_step take_result(struct fl_disk_write *write, int64_t result)
{
    uint32_t left = write->bytes - write->bytes_done;
    if (result == left) {
        write->bytes_done = write->bytes;
        write->status = FL_OK;
        return WRITE_DONE;
    }
    FL_ASSERT(result < (int64_t)left);
    bool progress = result > 0 && counted((uint64_t)result) > 0;
    if (progress) {
        write->bytes_done += counted((uint64_t)result);
        write->attempts = 0;
    }
    if (progress || result == -EINTR || result == -EAGAIN || result > 0)
        if (progress || write->attempts++ < ATTEMPTS_MAX)
            return WRITE_AGAIN;
    /* A write of nothing that says it went well means no room. */
    write->code = result == 0 ? ENOSPC : result > 0 ? EIO : (int)-result;
    write->status = status_of(write->code);
    return WRITE_FAILED;
}

enum fl_status fl_disk_write(struct fl_disk *disk, const struct fl_file *file, const void *data,
                             size_t bytes, uint64_t offset, struct fl_error *error)
{
    FL_ASSERT(bytes <= UINT32_MAX);
    struct fl_disk_write write = {.data = data, .offset = offset, .bytes = (uint32_t)bytes};
    while (write.bytes_done < write.bytes) {
        int64_t n = disk->ops->write(disk, file->handle, (const char *)data + write.bytes_done,
                                     bytes - write.bytes_done, offset + write.bytes_done);
        if (take_result(&write, n) == WRITE_FAILED) {
            forget(disk, file);
            return failed_at(error, file, "write", offset + write.bytes_done, write.code);
        }
    }
    return FL_OK;
}

enum fl_status fl_disk_sync(struct fl_disk *disk, const struct fl_file *file,
                            struct fl_error *error)
{
    int code = disk->ops->sync(disk, file->handle);
    if (code < 0)
        forget(disk, file);
    return code < 0 ? failed(error, file->name, "sync", -code) : FL_OK;
}

enum fl_status fl_disk_truncate(struct fl_disk *disk, const struct fl_file *file, uint64_t bytes,
                                struct fl_error *error)
{
    int code = disk->ops->truncate(disk, file->handle, bytes);
    return code < 0 ? failed_at(error, file, "truncate", bytes, -code) : FL_OK;
}

enum fl_status fl_disk_preallocate(struct fl_disk *disk, const struct fl_file *file, uint64_t bytes,
                                   struct fl_error *error)
{
    int code = disk->ops->preallocate(disk, file->handle, bytes);
    if (code == -EOPNOTSUPP || code == -EINVAL || code == -ENOSYS)
        return FL_OK;
    return code < 0 ? failed(error, file->name, "preallocate", -code) : FL_OK;
}

enum fl_status fl_disk_lock(struct fl_disk *disk, const struct fl_file *file, bool shared,
                            struct fl_error *error)
{
    int code = disk->ops->lock(disk, file->handle, shared);
    return code < 0 ? failed(error, file->name, "lock", -code) : FL_OK;
}

enum fl_status fl_disk_rename(struct fl_disk *disk, const char *from, const char *to,
                              struct fl_error *error)
{
    int code = disk->ops->rename(disk, from, to);
    return code < 0 ? failed(error, from, "rename", -code) : FL_OK;
}

enum fl_status fl_disk_unlink(struct fl_disk *disk, const char *path, struct fl_error *error)
{
    int code = disk->ops->unlink(disk, path);
    return code < 0 ? failed(error, path, "unlink", -code) : FL_OK;
}

enum fl_status fl_disk_remove_step(struct fl_disk *disk, const char *path, bool *gone_out,
                                   struct fl_error *error)
{
    *gone_out = false;
    struct fl_file file;
    int handle = disk->ops->open(disk, path, FL_DISK_WRITE);
    if (handle == -ENOENT) {
        *gone_out = true;
        return FL_OK;
    }
    if (handle < 0)
        return failed(error, path, "open", -handle);
    file.handle = handle;
    name_file(&file, path);
    uint64_t bytes = 0;
    enum fl_status status = fl_disk_size(disk, &file, &bytes, error);
    if (status == FL_OK && bytes > FL_DISK_SHRINK_BYTES)
        status = fl_disk_truncate(disk, &file, bytes - FL_DISK_SHRINK_BYTES, error);
    fl_disk_close_file(disk, &file);
    if (status != FL_OK || bytes > FL_DISK_SHRINK_BYTES)
        return status;
    FL_TRY(fl_disk_unlink(disk, path, error));
    *gone_out = true;
    return FL_OK;
}

enum fl_status fl_disk_make_dir(struct fl_disk *disk, const char *path, struct fl_error *error)
{
    int code = disk->ops->make_dir(disk, path);
    return code < 0 ? failed(error, path, "make directory", -code) : FL_OK;
}

enum fl_status fl_disk_sync_dir(struct fl_disk *disk, const char *path, struct fl_error *error)
{
    int code = disk->ops->sync_dir(disk, path);
    return code < 0 ? failed(error, path, "sync directory", -code) : FL_OK;
}

enum fl_status fl_disk_list(struct fl_disk *disk, const char *path,
                            void (*name)(void *context, const char *name), void *context,
                            struct fl_error *error)
{
    int code = disk->ops->list(disk, path, name, context);
    return code < 0 ? failed(error, path, "list", -code) : FL_OK;
}

enum fl_status fl_disk_entropy(struct fl_disk *disk, void *data, size_t bytes,
                               struct fl_error *error)
{
    int code = disk->ops->entropy(disk, data, bytes);
    return code < 0 ? failed(error, "getrandom", "random bytes", -code) : FL_OK;
}

uint64_t fl_disk_now_ns(struct fl_disk *disk)
{
    return disk->ops->now_ns(disk);
}

uint64_t fl_disk_wall_s(struct fl_disk *disk)
{
    return disk->ops->wall_s(disk);
}

void fl_disk_sleep_ns(struct fl_disk *disk, uint64_t ns)
{
    disk->ops->sleep_ns(disk, ns);
}

enum fl_status fl_disk_queue_open(struct fl_disk *disk, struct fl_disk_queue **out,
                                  struct fl_error *error)
{
    int code = disk->ops->queue_open(disk, out);
    return code < 0 ? failed(error, disk->ops->name, "open a queue", -code) : FL_OK;
}

void fl_disk_queue_close(struct fl_disk_queue *queue)
{
    if (!queue)
        return;
    while (queue->under_way > 0)
        if (!fl_disk_queue_reap(queue, true))
            break;
    queue->disk->ops->queue_close(queue);
}

/* The backend sees what is left of the write; it comes back as the same pointer. */
static int submit_rest(struct fl_disk_queue *queue, struct fl_disk_write *write)
{
    int code;
    do {
        code = queue->disk->ops->queue_submit(queue, write);
    } while (code == -EINTR || (code == -EAGAIN && write->attempts++ < ATTEMPTS_MAX));
    return code;
}

enum fl_status fl_disk_queue_submit(struct fl_disk_queue *queue, struct fl_disk_write *write)
{
    if (queue->under_way >= FL_DISK_WRITES_MAX) /* D2 */
        return FL_BUSY;
    FL_ASSERT(write->bytes > 0);
    FL_ASSERT(write->bytes % FL_DISK_ALIGNMENT == 0 && write->offset % FL_DISK_ALIGNMENT == 0);
    FL_ASSERT((uintptr_t)write->data % FL_DISK_ALIGNMENT == 0);
    write->bytes_done = 0;
    write->attempts = 0;
    write->code = 0;
    write->status = FL_BUSY;
    int code = submit_rest(queue, write);
    if (code < 0) {
        write->code = -code;
        write->status = FL_IO_ERROR;
        return FL_IO_ERROR;
    }
    queue->under_way++;
    return FL_OK;
}

struct fl_disk_write *fl_disk_queue_reap(struct fl_disk_queue *queue, bool wait)
{
    while (queue->under_way > 0) {
        int64_t result = 0;
        struct fl_disk_write *write = queue->disk->ops->queue_next(queue, wait, &result);
        if (!write)
            return NULL;
        if (take_result(write, result) == WRITE_AGAIN) {
            int code = submit_rest(queue, write);
            if (code >= 0)
                continue;
            write->code = -code;
            write->status = FL_IO_ERROR;
        }
        if (write->status != FL_OK)
            forget(queue->disk, &write->file);
        queue->under_way--;
        return write;
    }
    return NULL;
}

int fl_disk_queue_fd(struct fl_disk_queue *queue)
{
    return queue->disk->ops->queue_fd(queue);
}
