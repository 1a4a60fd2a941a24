#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "storage/disk_backend.h"

static int64_t answer(int64_t result)
{
    return result < 0 ? -(int64_t)errno : result;
}

static int open_flags(unsigned flags)
{
    int real = O_CLOEXEC | (flags & FL_DISK_WRITE ? O_RDWR : O_RDONLY);
    if (flags & FL_DISK_CREATE)
        real |= O_CREAT;
    if (flags & FL_DISK_EXCLUSIVE)
        real |= O_EXCL;
    if (flags & FL_DISK_SYNCED)
        real |= O_DSYNC;
    return real;
}

static int posix_open(struct fl_disk *disk, const char *path, unsigned flags)
{
    int real = open_flags(flags);
    if (flags & FL_DISK_DIRECT) {
        int handle = open(path, real | O_DIRECT, 0600);
        if (handle >= 0 || errno != EINVAL)
            return (int)answer(handle);
        /* With O_DSYNC the page cache is written through: slower, no less durable. A file that
         * O_DIRECT refused after O_CREAT made it is opened by the second call. */
        real &= ~O_EXCL;
        /* Written once, by the first file, which the engine opens before its threads start. */
        if (disk->note[0] == '\0')
            snprintf(disk->note, sizeof disk->note,
                     "the filesystem refuses O_DIRECT; writing through the page cache");
    }
    return (int)answer(open(path, real, 0600));
}

static int posix_close(struct fl_disk *disk, int handle)
{
    (void)disk;
    return (int)answer(close(handle));
}

static int64_t posix_size(struct fl_disk *disk, int handle)
{
    (void)disk;
    struct stat facts;
    return fstat(handle, &facts) < 0 ? -(int64_t)errno : (int64_t)facts.st_size;
}

static int64_t posix_read(struct fl_disk *disk, int handle, void *data, size_t bytes,
                          uint64_t offset)
{
    (void)disk;
    return answer(pread(handle, data, bytes, (off_t)offset));
}

static int64_t posix_write(struct fl_disk *disk, int handle, const void *data, size_t bytes,
                           uint64_t offset)
{
    (void)disk;
    return answer(pwrite(handle, data, bytes, (off_t)offset));
}

static int posix_sync(struct fl_disk *disk, int handle)
{
    (void)disk;
    return (int)answer(fsync(handle));
}

/* After a failed write-back the kernel calls its pages clean: none is in the way of this. */
static void posix_forget(struct fl_disk *disk, int handle)
{
    (void)disk;
    (void)posix_fadvise(handle, 0, 0, POSIX_FADV_DONTNEED);
}

static int posix_truncate(struct fl_disk *disk, int handle, uint64_t bytes)
{
    (void)disk;
    return (int)answer(ftruncate(handle, (off_t)bytes));
}

static int posix_preallocate(struct fl_disk *disk, int handle, uint64_t bytes)
{
    (void)disk;
    return (int)answer(fallocate(handle, 0, 0, (off_t)bytes));
}

static int posix_rename(struct fl_disk *disk, const char *from, const char *to)
{
    (void)disk;
    return (int)answer(rename(from, to));
}

static int posix_unlink(struct fl_disk *disk, const char *path)
{
    (void)disk;
    return (int)answer(unlink(path));
}

static int posix_make_dir(struct fl_disk *disk, const char *path)
{
    (void)disk;
    return (int)answer(mkdir(path, 0700));
}

static int posix_sync_dir(struct fl_disk *disk, const char *path)
{
    (void)disk;
    int handle = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0)
        return -errno;
    int result = (int)answer(fsync(handle));
    close(handle);
    return result;
}

static int posix_list(struct fl_disk *disk, const char *path,
                      void (*name)(void *context, const char *name), void *context)
{
    (void)disk;
    DIR *dir = opendir(path);
    if (!dir)
        return -errno;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            name(context, entry->d_name);
    int result = -errno;
    closedir(dir);
    return result;
}

static int posix_lock(struct fl_disk *disk, int handle, bool shared)
{
    (void)disk;
    return (int)answer(flock(handle, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB));
}

static int posix_entropy(struct fl_disk *disk, void *data, size_t bytes)
{
    (void)disk;
    int64_t n = answer(getrandom(data, bytes, 0));
    return n < 0 ? (int)n : (size_t)n == bytes ? 0 : -EIO;
}

static uint64_t posix_now_ns(struct fl_disk *disk)
{
    (void)disk;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t posix_wall_s(struct fl_disk *disk)
{
    (void)disk;
    return (uint64_t)time(NULL);
}

static void posix_sleep_ns(struct fl_disk *disk, uint64_t ns)
{
    (void)disk;
    struct timespec pause = {.tv_sec = (time_t)(ns / 1000000000u),
                             .tv_nsec = (long)(ns % 1000000000u)};
    while (nanosleep(&pause, &pause) < 0 && errno == EINTR)
        ;
}

static void posix_destroy(struct fl_disk *disk)
{
    free(disk);
}

struct posix_disk {
    struct fl_disk disk;
    struct fl_disk_ops ops;
};

static void fill(struct fl_disk_ops *ops)
{
    ops->open = posix_open;
    ops->close = posix_close;
    ops->size = posix_size;
    ops->read = posix_read;
    ops->write = posix_write;
    ops->sync = posix_sync;
    ops->forget = posix_forget;
    ops->truncate = posix_truncate;
    ops->preallocate = posix_preallocate;
    ops->rename = posix_rename;
    ops->unlink = posix_unlink;
    ops->make_dir = posix_make_dir;
    ops->sync_dir = posix_sync_dir;
    ops->list = posix_list;
    ops->lock = posix_lock;
    ops->entropy = posix_entropy;
    ops->now_ns = posix_now_ns;
    ops->wall_s = posix_wall_s;
    ops->sleep_ns = posix_sleep_ns;
    ops->destroy = posix_destroy;
}

struct fl_disk *fl_disk_posix_create(const struct fl_disk_ops *queue_ops)
{
    struct posix_disk *posix = calloc(1, sizeof *posix);
    if (!posix)
        return NULL;
    posix->ops = *queue_ops;
    fill(&posix->ops);
    posix->disk.ops = &posix->ops;
    return &posix->disk;
}
