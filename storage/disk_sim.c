#include "storage/disk_sim.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"

#define HANDLES_MAX 64

struct bytes {
    uint8_t *data;
    uint64_t size, room;
};

struct inode {
    bool folder;
    struct bytes now;     /* what a reader sees */
    struct bytes durable; /* what the platter has */
    int shared_locks, exclusive_locks;
};

struct name {
    char path[FL_DISK_PATH_BYTES_MAX];
    struct inode *inode;
};

struct names {
    struct name *list;
    size_t count, room;
};

enum change_kind { CHANGE_WRITE, CHANGE_TRUNCATE, CHANGE_NAME };

/* One pending change. A name change takes `from` away and puts `to` there; either may be empty. */
struct change {
    enum change_kind kind;
    struct inode *inode;
    uint64_t offset; /* of a write; the new size of a truncation */
    uint64_t bytes;
    uint8_t *data;
    uint8_t *old; /* of a direct write under way: what it covers */
    char *from, *to;
    const struct fl_disk_write *under_way; /* an asynchronous write that has not completed */
};

struct handle {
    struct inode *inode;
    unsigned flags;
    int locked; /* 0, 1 shared, 2 exclusive */
};

struct sim {
    struct fl_disk disk;
    pthread_mutex_t mutex;
    struct fl_disk_sim_faults faults;
    uint64_t random;
    uint64_t ops, now_ns;
    uint32_t lost;
    bool off;
    struct inode **inodes;
    size_t inode_count;
    struct names names, durable_names;
    struct change *changes;
    size_t change_count, change_room;
    struct handle handles[HANDLES_MAX];
    struct inode *broken;
    uint64_t broken_sector;
};

struct sim_queue {
    struct fl_disk_queue queue;
    struct fl_disk_write *under_way[FL_DISK_WRITES_MAX];
    uint32_t count;
};

/* ---- small things ---- */

static void *checked(void *memory)
{
    FL_ASSERT(memory); /* a test machine without memory is no disk fault */
    return memory;
}

static uint64_t draw(uint64_t *random)
{
    *random += 0x9e3779b97f4a7c15u;
    return fl_hash_u64(*random, 0x5851f42d4c957f2du);
}

static bool happens(struct sim *sim, uint32_t ppm)
{
    return ppm > 0 && draw(&sim->random) % 1000000u < ppm;
}

static void resize(struct bytes *bytes, uint64_t size)
{
    if (size > bytes->room) {
        bytes->room = size > 2 * bytes->room ? size : 2 * bytes->room;
        bytes->data = checked(realloc(bytes->data, bytes->room));
    }
    if (size > bytes->size)
        memset(bytes->data + bytes->size, 0, size - bytes->size);
    bytes->size = size;
}

static void put(struct bytes *bytes, uint64_t offset, const uint8_t *data, uint64_t count)
{
    if (count == 0)
        return;
    if (offset + count > bytes->size)
        resize(bytes, offset + count);
    memcpy(bytes->data + offset, data, count);
}

static struct inode *inode_new(struct sim *sim, bool folder)
{
    struct inode *inode = checked(calloc(1, sizeof *inode));
    inode->folder = folder;
    sim->inodes = checked(realloc(sim->inodes, (sim->inode_count + 1) * sizeof *sim->inodes));
    sim->inodes[sim->inode_count++] = inode;
    return inode;
}

/* ---- names ---- */

static struct name *find(const struct names *names, const char *path)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i].path, path) == 0)
            return &names->list[i];
    return NULL;
}

static struct inode *inode_of(const struct names *names, const char *path)
{
    struct name *name = find(names, path);
    return name ? name->inode : NULL;
}

static void change_names(struct names *names, const struct change *change)
{
    struct name *gone = change->from ? find(names, change->from) : NULL;
    if (gone)
        *gone = names->list[--names->count];
    if (!change->to)
        return;
    struct name *there = find(names, change->to);
    if (!there) {
        if (names->count == names->room) {
            names->room = names->room ? 2 * names->room : 16;
            names->list = checked(realloc(names->list, names->room * sizeof *names->list));
        }
        there = &names->list[names->count++];
        snprintf(there->path, sizeof there->path, "%s", change->to);
    }
    there->inode = change->inode;
}

static bool is_in(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return path[0] == '/' && path[1] != '\0' && !strchr(path + 1, '/');
    return strncmp(path, folder, length) == 0 && path[length] == '/' &&
           !strchr(path + length + 1, '/');
}

static bool parent_is_there(const struct sim *sim, const char *path)
{
    for (size_t i = 0; i < sim->names.count; i++)
        if (sim->names.list[i].inode->folder && is_in(path, sim->names.list[i].path))
            return true;
    return false;
}

/* ---- pending changes ---- */

static void add_change(struct sim *sim, struct change change)
{
    if (sim->change_count == sim->change_room) {
        sim->change_room = sim->change_room ? 2 * sim->change_room : 16;
        sim->changes = checked(realloc(sim->changes, sim->change_room * sizeof *sim->changes));
    }
    sim->changes[sim->change_count++] = change;
}

static void free_change(struct change *change)
{
    free(change->data);
    free(change->old);
    free(change->from);
    free(change->to);
}

static void make_durable(struct sim *sim, const struct change *change)
{
    if (change->kind == CHANGE_WRITE)
        put(&change->inode->durable, change->offset, change->data, change->bytes);
    else if (change->kind == CHANGE_TRUNCATE)
        resize(&change->inode->durable, change->offset);
    else
        change_names(&sim->durable_names, change);
}

static void add_write(struct sim *sim, struct inode *inode, const void *data, uint64_t bytes,
                      uint64_t offset)
{
    uint8_t *copy = checked(malloc(bytes ? bytes : 1));
    memcpy(copy, data, bytes);
    put(&inode->now, offset, copy, bytes);
    add_change(
        sim,
        (struct change){
            .kind = CHANGE_WRITE, .inode = inode, .offset = offset, .bytes = bytes, .data = copy});
}

static void rename_now(struct sim *sim, struct inode *inode, const char *from, const char *to)
{
    struct change change = {.kind = CHANGE_NAME,
                            .inode = inode,
                            .from = from ? checked(strdup(from)) : NULL,
                            .to = to ? checked(strdup(to)) : NULL};
    change_names(&sim->names, &change);
    add_change(sim, change);
}

/* Settles the pending changes of an inode's content or, with `folder`, of the names in it. */
static void settle(struct sim *sim, const struct inode *inode, const char *folder)
{
    size_t kept = 0;
    for (size_t i = 0; i < sim->change_count; i++) {
        struct change *change = &sim->changes[i];
        bool named = change->kind == CHANGE_NAME;
        bool meant = folder ? named && ((change->from && is_in(change->from, folder)) ||
                                        (change->to && is_in(change->to, folder)))
                            : !named && change->inode == inode;
        if (meant) {
            make_durable(sim, change);
            free_change(change);
        } else {
            sim->changes[kept++] = *change;
        }
    }
    sim->change_count = kept;
}

/* Takes a change off the list; durable, or as if it had never been. */
static void remove_change(struct sim *sim, size_t index, bool durable)
{
    struct change change = sim->changes[index];
    sim->change_count--;
    memmove(&sim->changes[index], &sim->changes[index + 1],
            (sim->change_count - index) * sizeof change);
    if (durable)
        make_durable(sim, &change);
    free_change(&change);
}

/* Settles the last change that was added: a synced write that has completed. */
static void settle_last(struct sim *sim)
{
    remove_change(sim, sim->change_count - 1, true);
}

/* ---- every operation begins here ---- */

/* Counts an operation that changes something; true: the power goes while it is under way. */
static bool power_goes(struct sim *sim)
{
    sim->ops++;
    sim->now_ns += 1000;
    if (sim->faults.crash_at_op && sim->ops >= sim->faults.crash_at_op)
        sim->off = true;
    return sim->off;
}

static struct sim *enter(struct fl_disk *disk)
{
    struct sim *sim = (struct sim *)disk;
    pthread_mutex_lock(&sim->mutex);
    return sim;
}

static int64_t leave(struct sim *sim, int64_t result)
{
    pthread_mutex_unlock(&sim->mutex);
    return result;
}

static struct handle *handle_at(struct sim *sim, int handle)
{
    FL_ASSERT(handle >= 0 && handle < HANDLES_MAX && sim->handles[handle].inode);
    return &sim->handles[handle];
}

/* ---- files ---- */

static int free_handle(const struct sim *sim)
{
    for (int i = 0; i < HANDLES_MAX; i++)
        if (!sim->handles[i].inode)
            return i;
    return -EMFILE;
}

static int64_t open_inode(struct sim *sim, const char *path, unsigned flags)
{
    if (sim->off)
        return -EIO;
    struct inode *inode = inode_of(&sim->names, path);
    if (inode && (flags & FL_DISK_CREATE) && (flags & FL_DISK_EXCLUSIVE))
        return -EEXIST;
    if (inode && inode->folder && (flags & FL_DISK_WRITE))
        return -EISDIR;
    if (!inode) {
        if (!(flags & FL_DISK_CREATE) || !parent_is_there(sim, path))
            return -ENOENT;
        inode = inode_new(sim, false);
        bool off = power_goes(sim);
        rename_now(sim, inode, NULL, path);
        if (off)
            return -EIO;
    }
    if (sim->faults.no_direct)
        flags &= ~(unsigned)FL_DISK_DIRECT;
    int handle = free_handle(sim);
    if (handle >= 0)
        sim->handles[handle] = (struct handle){.inode = inode, .flags = flags};
    return handle;
}

static int sim_open(struct fl_disk *disk, const char *path, unsigned flags)
{
    struct sim *sim = enter(disk);
    return (int)leave(sim, open_inode(sim, path, flags));
}

static int sim_close(struct fl_disk *disk, int handle)
{
    struct sim *sim = enter(disk);
    struct handle *open = handle_at(sim, handle);
    open->inode->shared_locks -= open->locked == 1;
    open->inode->exclusive_locks -= open->locked == 2;
    *open = (struct handle){.inode = NULL};
    return (int)leave(sim, 0);
}

static int64_t sim_size(struct fl_disk *disk, int handle)
{
    struct sim *sim = enter(disk);
    int64_t size = (int64_t)handle_at(sim, handle)->inode->now.size;
    return leave(sim, sim->off ? -EIO : size);
}

static int64_t sim_read(struct fl_disk *disk, int handle, void *data, size_t bytes, uint64_t offset)
{
    struct sim *sim = enter(disk);
    const struct inode *inode = handle_at(sim, handle)->inode;
    if (sim->off || happens(sim, sim->faults.read_error_ppm))
        return leave(sim, -EIO);
    uint64_t left = offset < inode->now.size ? inode->now.size - offset : 0;
    uint64_t count = bytes < left ? bytes : left;
    if (inode == sim->broken && sim->broken_sector < offset + count &&
        sim->broken_sector + FL_DISK_SIM_SECTOR > offset)
        return leave(sim, -EIO);
    if (count > 0)
        memcpy(data, inode->now.data + offset, count);
    return leave(sim, (int64_t)count);
}

static uint64_t used_space(const struct sim *sim)
{
    uint64_t used = 0;
    for (size_t i = 0; i < sim->names.count; i++)
        used += sim->names.list[i].inode->now.size;
    return used;
}

static bool has_space(const struct sim *sim, const struct inode *inode, uint64_t size)
{
    if (sim->faults.space_bytes == 0 || size <= inode->now.size)
        return true;
    return used_space(sim) + (size - inode->now.size) <= sim->faults.space_bytes;
}

/* The part of a write that the device takes this time: all of it, a part, or an error. */
static int64_t taken(struct sim *sim, const struct inode *inode, uint64_t bytes, uint64_t offset)
{
    if (!has_space(sim, inode, offset + bytes))
        return -ENOSPC;
    if (happens(sim, sim->faults.interrupted_ppm))
        return -EINTR;
    if (happens(sim, sim->faults.again_ppm))
        return -EAGAIN;
    if (happens(sim, sim->faults.write_error_ppm))
        return -EIO;
    if (bytes > 1 && happens(sim, sim->faults.short_write_ppm))
        return (int64_t)(1 + draw(&sim->random) % (bytes - 1));
    return (int64_t)bytes;
}

/* A direct write that is not aligned is refused by real devices. */
static bool is_aligned(const struct handle *open, const void *data, uint64_t bytes, uint64_t offset)
{
    return !(open->flags & FL_DISK_DIRECT) ||
           ((uintptr_t)data | bytes | offset) % FL_DISK_ALIGNMENT == 0;
}

static int64_t sim_write(struct fl_disk *disk, int handle, const void *data, size_t bytes,
                         uint64_t offset)
{
    struct sim *sim = enter(disk);
    struct handle *open = handle_at(sim, handle);
    FL_ASSERT(open->flags & FL_DISK_WRITE);
    FL_ASSERT(is_aligned(open, data, bytes, offset));
    if (sim->off)
        return leave(sim, -EIO);
    bool off = power_goes(sim);
    int64_t count = off ? (int64_t)bytes : taken(sim, open->inode, bytes, offset);
    if (count > 0)
        add_write(sim, open->inode, data, (uint64_t)count, offset);
    if (count > 0 && !off && (open->flags & FL_DISK_SYNCED))
        settle_last(sim);
    return leave(sim, off ? -EIO : count);
}

/* Of what a failed sync was to make durable some is and some never will be. */
static void settle_some(struct sim *sim, const struct inode *inode)
{
    for (size_t i = 0; i < sim->change_count;) {
        const struct change *change = &sim->changes[i];
        if (change->kind == CHANGE_WRITE && change->inode == inode && !change->under_way)
            remove_change(sim, i, draw(&sim->random) & 1);
        else
            i++;
    }
}

static int sim_sync(struct fl_disk *disk, int handle)
{
    struct sim *sim = enter(disk);
    struct inode *inode = handle_at(sim, handle)->inode;
    if (sim->off || power_goes(sim))
        return (int)leave(sim, -EIO);
    if (happens(sim, sim->faults.sync_error_ppm)) {
        settle_some(sim, inode);
        return (int)leave(sim, -EIO);
    }
    settle(sim, inode, NULL);
    return (int)leave(sim, 0);
}

/* Readers see the device again: what is durable, and what it may still take. */
static void sim_forget(struct fl_disk *disk, int handle)
{
    struct sim *sim = enter(disk);
    struct inode *inode = handle_at(sim, handle)->inode;
    if (!sim->off) {
        resize(&inode->now, inode->durable.size);
        put(&inode->now, 0, inode->durable.data, inode->durable.size);
        for (size_t i = 0; i < sim->change_count; i++) {
            const struct change *change = &sim->changes[i];
            if (change->inode == inode && change->kind == CHANGE_WRITE)
                put(&inode->now, change->offset, change->data, change->bytes);
            else if (change->inode == inode && change->kind == CHANGE_TRUNCATE)
                resize(&inode->now, change->offset);
        }
    }
    leave(sim, 0);
}

static int64_t truncate_inode(struct sim *sim, struct inode *inode, uint64_t bytes)
{
    if (sim->off)
        return -EIO;
    if (!has_space(sim, inode, bytes))
        return -ENOSPC;
    bool off = power_goes(sim);
    resize(&inode->now, bytes);
    add_change(sim, (struct change){.kind = CHANGE_TRUNCATE, .inode = inode, .offset = bytes});
    return off ? -EIO : 0;
}

static int sim_truncate(struct fl_disk *disk, int handle, uint64_t bytes)
{
    struct sim *sim = enter(disk);
    return (int)leave(sim, truncate_inode(sim, handle_at(sim, handle)->inode, bytes));
}

static int sim_preallocate(struct fl_disk *disk, int handle, uint64_t bytes)
{
    struct sim *sim = enter(disk);
    struct inode *inode = handle_at(sim, handle)->inode;
    return (int)leave(sim, bytes > inode->now.size ? truncate_inode(sim, inode, bytes) : 0);
}

/* ---- folders ---- */

static int64_t rename_inode(struct sim *sim, const char *from, const char *to)
{
    struct inode *inode = inode_of(&sim->names, from);
    if (sim->off)
        return -EIO;
    if (!inode || !parent_is_there(sim, to))
        return -ENOENT;
    bool off = power_goes(sim);
    rename_now(sim, inode, from, to);
    return off ? -EIO : 0;
}

static int sim_rename(struct fl_disk *disk, const char *from, const char *to)
{
    struct sim *sim = enter(disk);
    return (int)leave(sim, rename_inode(sim, from, to));
}

static int sim_unlink(struct fl_disk *disk, const char *path)
{
    struct sim *sim = enter(disk);
    struct inode *inode = inode_of(&sim->names, path);
    if (sim->off || !inode)
        return (int)leave(sim, sim->off ? -EIO : -ENOENT);
    bool off = power_goes(sim);
    rename_now(sim, inode, path, NULL);
    return (int)leave(sim, off ? -EIO : 0);
}

static int64_t make_folder(struct sim *sim, const char *path)
{
    if (sim->off)
        return -EIO;
    if (find(&sim->names, path))
        return -EEXIST;
    if (!parent_is_there(sim, path))
        return -ENOENT;
    struct inode *inode = inode_new(sim, true);
    bool off = power_goes(sim);
    rename_now(sim, inode, NULL, path);
    return off ? -EIO : 0;
}

static int sim_make_dir(struct fl_disk *disk, const char *path)
{
    struct sim *sim = enter(disk);
    return (int)leave(sim, make_folder(sim, path));
}

static int sim_sync_dir(struct fl_disk *disk, const char *path)
{
    struct sim *sim = enter(disk);
    if (sim->off || power_goes(sim) || happens(sim, sim->faults.sync_error_ppm))
        return (int)leave(sim, -EIO);
    if (!find(&sim->names, path))
        return (int)leave(sim, -ENOENT);
    settle(sim, NULL, path);
    return (int)leave(sim, 0);
}

static int sim_list(struct fl_disk *disk, const char *path,
                    void (*name)(void *context, const char *name), void *context)
{
    struct sim *sim = enter(disk);
    if (sim->off || !find(&sim->names, path))
        return (int)leave(sim, sim->off ? -EIO : -ENOENT);
    for (size_t i = 0; i < sim->names.count; i++)
        if (is_in(sim->names.list[i].path, path))
            name(context, strrchr(sim->names.list[i].path, '/') + 1);
    return (int)leave(sim, 0);
}

static int sim_lock(struct fl_disk *disk, int handle, bool shared)
{
    struct sim *sim = enter(disk);
    struct handle *open = handle_at(sim, handle);
    struct inode *inode = open->inode;
    int others = inode->exclusive_locks - (open->locked == 2);
    if (!shared)
        others += inode->shared_locks - (open->locked == 1);
    if (sim->off || others > 0)
        return (int)leave(sim, sim->off ? -EIO : -EWOULDBLOCK);
    inode->shared_locks += shared - (open->locked == 1);
    inode->exclusive_locks += !shared - (open->locked == 2);
    open->locked = shared ? 1 : 2;
    return (int)leave(sim, 0);
}

/* ---- chance and time ---- */

static int sim_entropy(struct fl_disk *disk, void *data, size_t bytes)
{
    struct sim *sim = enter(disk);
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)data)[i] = (uint8_t)draw(&sim->random);
    return (int)leave(sim, 0);
}

static uint64_t sim_now_ns(struct fl_disk *disk)
{
    struct sim *sim = enter(disk);
    return (uint64_t)leave(sim, (int64_t)sim->now_ns);
}

static uint64_t sim_wall_s(struct fl_disk *disk)
{
    return 1700000000u + sim_now_ns(disk) / 1000000000u;
}

static void sim_sleep_ns(struct fl_disk *disk, uint64_t ns)
{
    struct sim *sim = enter(disk);
    sim->now_ns += ns;
    leave(sim, 0);
}

/* ---- asynchronous writes ---- */

static int sim_queue_open(struct fl_disk *disk, struct fl_disk_queue **out)
{
    struct sim_queue *queue = checked(calloc(1, sizeof *queue));
    queue->queue.disk = disk;
    *out = &queue->queue;
    return 0;
}

static uint8_t *covered(const struct inode *inode, uint64_t bytes, uint64_t offset)
{
    uint8_t *old = checked(calloc(1, bytes));
    if (offset < inode->now.size)
        memcpy(old, inode->now.data + offset,
               inode->now.size - offset < bytes ? inode->now.size - offset : bytes);
    return old;
}

/* The write's data is pending from now on: the device may take it at any time. */
static int sim_queue_submit(struct fl_disk_queue *queue, struct fl_disk_write *write)
{
    struct sim_queue *own = (struct sim_queue *)queue;
    struct sim *sim = enter(queue->disk);
    struct handle *open = handle_at(sim, write->file.handle);
    FL_ASSERT(own->count < FL_DISK_WRITES_MAX && (open->flags & FL_DISK_WRITE));
    FL_ASSERT(is_aligned(open, (const char *)write->data + write->bytes_done,
                         write->bytes - write->bytes_done, write->offset + write->bytes_done));
    if (!sim->off) {
        uint64_t bytes = write->bytes - write->bytes_done;
        uint64_t offset = write->offset + write->bytes_done;
        uint8_t *old = covered(open->inode, bytes, offset);
        power_goes(sim);
        add_write(sim, open->inode, (const char *)write->data + write->bytes_done, bytes, offset);
        sim->changes[sim->change_count - 1].under_way = write;
        sim->changes[sim->change_count - 1].old = old;
    }
    own->under_way[own->count++] = write;
    return (int)leave(sim, 0);
}

/* How much of a write that failed, was cut short or got lost is there in the end. */
static uint64_t arrived(struct sim *sim, int64_t count, uint64_t bytes)
{
    if (count == -EIO) /* nobody knows */
        return draw(&sim->random) % (bytes / FL_DISK_SIM_SECTOR + 1) * FL_DISK_SIM_SECTOR;
    bool may_lose = sim->faults.lose_most == 0 || sim->lost < sim->faults.lose_most;
    if (count > 0 && may_lose && happens(sim, sim->faults.lose_ppm)) {
        sim->lost++;
        return 0;
    }
    return count > 0 ? (uint64_t)count : 0;
}

static int64_t complete(struct sim *sim, const struct fl_disk_write *write)
{
    struct handle *open = handle_at(sim, write->file.handle);
    size_t at = 0;
    while (at < sim->change_count && sim->changes[at].under_way != write)
        at++;
    if (sim->off)
        return -EIO;
    uint64_t bytes = write->bytes - write->bytes_done, offset = write->offset + write->bytes_done;
    int64_t count = taken(sim, open->inode, bytes, offset);
    if (at == sim->change_count)
        return count; /* a sync has already settled it */
    sim->changes[at].under_way = NULL;
    if (count > 0 && !(open->flags & FL_DISK_SYNCED))
        return count;
    uint64_t there = arrived(sim, count, bytes);
    sim->changes[at].bytes = there;
    /* No cache stands between a direct write and its reader: what did not arrive is not seen. */
    if (count < (int64_t)bytes && (open->flags & FL_DISK_DIRECT))
        put(&open->inode->now, offset + there, sim->changes[at].old + there, bytes - there);
    remove_change(sim, at, true);
    return count;
}

static struct fl_disk_write *sim_queue_next(struct fl_disk_queue *queue, bool wait,
                                            int64_t *result_out)
{
    struct sim_queue *own = (struct sim_queue *)queue;
    struct sim *sim = enter(queue->disk);
    if (own->count == 0 || (!wait && happens(sim, sim->faults.late_ppm))) {
        leave(sim, 0);
        return NULL;
    }
    uint32_t at = (uint32_t)(draw(&sim->random) % own->count);
    struct fl_disk_write *write = own->under_way[at];
    own->under_way[at] = own->under_way[--own->count];
    *result_out = complete(sim, write);
    leave(sim, 0);
    return write;
}

static int sim_queue_fd(struct fl_disk_queue *queue)
{
    (void)queue;
    return -1;
}

static void sim_queue_close(struct fl_disk_queue *queue)
{
    free(queue);
}

/* ---- the disk itself ---- */

static void sim_destroy(struct fl_disk *disk)
{
    struct sim *sim = (struct sim *)disk;
    for (size_t i = 0; i < sim->inode_count; i++) {
        free(sim->inodes[i]->now.data);
        free(sim->inodes[i]->durable.data);
        free(sim->inodes[i]);
    }
    for (size_t i = 0; i < sim->change_count; i++)
        free_change(&sim->changes[i]);
    free(sim->inodes);
    free(sim->changes);
    free(sim->names.list);
    free(sim->durable_names.list);
    pthread_mutex_destroy(&sim->mutex);
    free(sim);
}

static const struct fl_disk_ops sim_ops = {
    .name = "sim",
    .open = sim_open,
    .close = sim_close,
    .size = sim_size,
    .read = sim_read,
    .write = sim_write,
    .sync = sim_sync,
    .forget = sim_forget,
    .truncate = sim_truncate,
    .preallocate = sim_preallocate,
    .rename = sim_rename,
    .unlink = sim_unlink,
    .make_dir = sim_make_dir,
    .sync_dir = sim_sync_dir,
    .list = sim_list,
    .lock = sim_lock,
    .entropy = sim_entropy,
    .now_ns = sim_now_ns,
    .wall_s = sim_wall_s,
    .sleep_ns = sim_sleep_ns,
    .queue_open = sim_queue_open,
    .queue_submit = sim_queue_submit,
    .queue_next = sim_queue_next,
    .queue_fd = sim_queue_fd,
    .queue_close = sim_queue_close,
    .destroy = sim_destroy,
};

static struct sim *blank(uint64_t seed)
{
    struct sim *sim = checked(calloc(1, sizeof *sim));
    sim->disk.ops = &sim_ops;
    sim->random = seed;
    pthread_mutex_init(&sim->mutex, NULL);
    return sim;
}

enum fl_status fl_disk_sim_create(uint64_t seed, struct fl_disk **out)
{
    struct sim *sim = blank(seed);
    struct change root = {.kind = CHANGE_NAME, .inode = inode_new(sim, true), .to = (char[]){"/"}};
    change_names(&sim->names, &root);
    change_names(&sim->durable_names, &root);
    *out = &sim->disk;
    return FL_OK;
}

void fl_disk_sim_set_faults(struct fl_disk *disk, const struct fl_disk_sim_faults *faults)
{
    struct sim *sim = enter(disk);
    sim->faults = *faults;
    leave(sim, 0);
}

void fl_disk_sim_revive(struct fl_disk *disk)
{
    struct sim *sim = enter(disk);
    sim->off = false;
    sim->faults = (struct fl_disk_sim_faults){.crash_at_op = 0};
    for (size_t i = 0; i < sim->change_count; i++)
        sim->changes[i].under_way = NULL;
    leave(sim, 0);
}

uint64_t fl_disk_sim_ops(const struct fl_disk *disk)
{
    return ((const struct sim *)disk)->ops;
}

bool fl_disk_sim_is_off(const struct fl_disk *disk)
{
    return ((const struct sim *)disk)->off;
}

/* ---- images ---- */

/* A new disk with what is durable in `sim`; map[i] is the copy of sim->inodes[i]. */
static struct sim *copy_durable(const struct sim *sim, uint64_t seed, struct inode **map)
{
    struct sim *image = blank(seed);
    for (size_t i = 0; i < sim->inode_count; i++) {
        map[i] = inode_new(image, sim->inodes[i]->folder);
        const struct bytes *durable = &sim->inodes[i]->durable;
        put(&map[i]->durable, 0, durable->data, durable->size);
        resize(&map[i]->durable, durable->size);
    }
    return image;
}

static struct inode *mapped(const struct sim *sim, struct inode *const *map,
                            const struct inode *inode)
{
    for (size_t i = 0; i < sim->inode_count; i++)
        if (sim->inodes[i] == inode)
            return map[i];
    return NULL;
}

static void copy_names(const struct sim *sim, struct sim *image, struct inode *const *map)
{
    for (size_t i = 0; i < sim->durable_names.count; i++) {
        struct name *name = &sim->durable_names.list[i];
        struct change change = {
            .kind = CHANGE_NAME, .inode = mapped(sim, map, name->inode), .to = name->path};
        change_names(&image->durable_names, &change);
    }
}

/* What is on the platter is what a reader will see. */
static void power_on(struct sim *image)
{
    for (size_t i = 0; i < image->inode_count; i++) {
        struct inode *inode = image->inodes[i];
        put(&inode->now, 0, inode->durable.data, inode->durable.size);
        resize(&inode->now, inode->durable.size);
    }
    for (size_t i = 0; i < image->durable_names.count; i++) {
        struct name *name = &image->durable_names.list[i];
        struct change change = {.kind = CHANGE_NAME, .inode = name->inode, .to = name->path};
        change_names(&image->names, &change);
    }
}

/* Whether sector `i` of `n` of a write that is torn in this way reached the platter. */
static bool sector_arrived(uint32_t tear, uint64_t i, uint64_t n, uint64_t *random)
{
    switch (tear) {
    case 0:
        return i == 0;
    case 1:
        return i + 1 < n;
    case 2:
        return i < n / 2;
    case 3:
        return i > 0;
    case 4:
        return draw(random) & 1;
    default:
        return true;
    }
}

/* Applies a write in part; the last kind of tear puts all of it, one sector garbled. */
static void put_torn(struct sim *image, const struct change *change, uint32_t tear)
{
    uint64_t sectors = (change->bytes + FL_DISK_SIM_SECTOR - 1) / FL_DISK_SIM_SECTOR;
    uint64_t garbled = tear == FL_DISK_SIM_TEARS - 1 ? draw(&image->random) % sectors : sectors;
    for (uint64_t i = 0; i < sectors; i++) {
        uint64_t from = i * FL_DISK_SIM_SECTOR;
        uint64_t bytes = change->bytes - from;
        bytes = bytes < FL_DISK_SIM_SECTOR ? bytes : FL_DISK_SIM_SECTOR;
        uint8_t noise[FL_DISK_SIM_SECTOR];
        for (uint64_t b = 0; i == garbled && b < bytes; b++)
            noise[b] = (uint8_t)draw(&image->random);
        if (sector_arrived(tear, i, sectors, &image->random))
            put(&change->inode->durable, change->offset + from,
                i == garbled ? noise : change->data + from, bytes);
    }
}

static void apply(const struct sim *sim, struct sim *image, struct inode *const *map, size_t index,
                  int tear)
{
    struct change change = sim->changes[index];
    change.inode = mapped(sim, map, change.inode);
    if (tear >= 0 && change.kind == CHANGE_WRITE && change.bytes > 0)
        put_torn(image, &change, (uint32_t)tear);
    else
        make_durable(image, &change);
}

/* Which of n pending changes an image holds: [from, to) whole, then `torn` (n: none) by `tear`. */
struct choice {
    size_t from, to, torn;
    int tear;
};

static struct choice choose(size_t n, uint32_t index)
{
    size_t i = index;
    if (i == 0)
        return (struct choice){.torn = n};
    if (i == 1)
        return (struct choice){.to = n, .torn = n};
    i -= 2;
    if (n > 1 && i < n - 1) /* prefixes */
        return (struct choice){.to = i + 1, .torn = n};
    i -= n > 1 ? n - 1 : 0;
    if (n > 1 && i < n) /* singles */
        return (struct choice){.from = i, .to = i + 1, .torn = n};
    i -= n > 1 ? n : 0;
    size_t torn = i / FL_DISK_SIM_TEARS;
    return (struct choice){.to = torn, .torn = torn, .tear = (int)(i % FL_DISK_SIM_TEARS)};
}

uint32_t fl_disk_sim_image_count(const struct fl_disk *disk)
{
    size_t n = ((const struct sim *)disk)->change_count;
    if (n == 0)
        return 1;
    return (uint32_t)(2 + (n > 1 ? n - 1 + n : 0) + n * FL_DISK_SIM_TEARS);
}

struct fl_disk *fl_disk_sim_image(const struct fl_disk *disk, uint32_t index, uint64_t seed)
{
    const struct sim *sim = (const struct sim *)disk;
    FL_ASSERT(index < fl_disk_sim_image_count(disk));
    struct inode **map = checked(calloc(sim->inode_count + 1, sizeof *map));
    struct sim *image = copy_durable(sim, seed, map);
    copy_names(sim, image, map);
    struct choice choice = choose(sim->change_count, index);
    for (size_t i = choice.from; i < choice.to; i++)
        apply(sim, image, map, i, -1);
    if (choice.torn < sim->change_count)
        apply(sim, image, map, choice.torn, choice.tear);
    power_on(image);
    free(map);
    return &image->disk;
}

struct fl_disk *fl_disk_sim_image_random(const struct fl_disk *disk, uint64_t seed)
{
    const struct sim *sim = (const struct sim *)disk;
    struct inode **map = checked(calloc(sim->inode_count + 1, sizeof *map));
    struct sim *image = copy_durable(sim, seed, map);
    copy_names(sim, image, map);
    for (size_t i = 0; i < sim->change_count; i++) {
        uint64_t dice = draw(&image->random) % 8;
        if (dice < 3)
            apply(sim, image, map, i, -1);
        else if (dice < 6)
            apply(sim, image, map, i, (int)(draw(&image->random) % FL_DISK_SIM_TEARS));
    }
    power_on(image);
    free(map);
    return &image->disk;
}

/* ---- damage ---- */

bool fl_disk_sim_damage(struct fl_disk *disk, const char *path, uint64_t offset, uint64_t bytes,
                        uint64_t seed)
{
    struct sim *sim = (struct sim *)disk;
    struct inode *inode = inode_of(&sim->names, path);
    if (!inode || offset + bytes > inode->now.size)
        return false;
    for (uint64_t i = offset; i < offset + bytes; i++) {
        uint8_t flip = (uint8_t)(1 + draw(&seed) % 255); /* never none */
        inode->now.data[i] ^= flip;
        if (i < inode->durable.size)
            inode->durable.data[i] = inode->now.data[i];
    }
    return true;
}

bool fl_disk_sim_break_sector(struct fl_disk *disk, const char *path, uint64_t offset)
{
    struct sim *sim = (struct sim *)disk;
    sim->broken = inode_of(&sim->names, path);
    sim->broken_sector = offset / FL_DISK_SIM_SECTOR * FL_DISK_SIM_SECTOR;
    return sim->broken != NULL;
}

uint64_t fl_disk_sim_digest(const struct fl_disk *disk)
{
    const struct sim *sim = (const struct sim *)disk;
    uint64_t sum = 0; /* the order of names means nothing */
    for (size_t i = 0; i < sim->names.count; i++) {
        const struct name *name = &sim->names.list[i];
        uint64_t hash = fl_hash64(name->path, strlen(name->path), 1);
        if (name->inode->now.size > 0)
            hash = fl_hash64(name->inode->now.data, name->inode->now.size, hash);
        sum += fl_hash_u64(hash, name->inode->now.size);
    }
    return sum;
}
