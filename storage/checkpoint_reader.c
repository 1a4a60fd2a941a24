#define _GNU_SOURCE
#include "storage/checkpoint_reader.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/contract.h"
#include "core/data/store_load.h"
#include "storage/checkpoint_lmdb.h"

#define SLOTS      64u /* 4 MiB: one side may be a page fault ahead of the other */
#define SPINS      200
#define PATH_BYTES 4096

enum slot_kind { SLOT_ROOT = 1, SLOT_CHUNK, SLOT_END, SLOT_ERROR };

struct slot {
    uint32_t kind;
    uint32_t status;
    struct fl_checkpoint_chunk chunk; /* SLOT_CHUNK */
    uint64_t id_max;                  /* SLOT_END */
    uint32_t leftovers;
    char zeros[12];
    union {
        uint8_t bytes[FL_CHUNK_BYTES];
        struct fl_checkpoint_root root;
        char message[256];
    };
};

/* `head` is the child's, `tail` the parent's; each waits on the other's. */
struct ring {
    _Alignas(64) _Atomic uint32_t head;
    _Alignas(64) _Atomic uint32_t tail;
    _Alignas(64) _Atomic uint32_t sleepers;
    _Alignas(64) struct slot slots[SLOTS];
};

/* Shared between processes: the futex is not private. Wakes after 50 ms in any case, to see whether
 * the other side is still there. */
static void wait_for_change(struct ring *ring, _Atomic uint32_t *word, uint32_t seen)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(word, memory_order_acquire) != seen)
            return;
        __builtin_ia32_pause();
    }
    struct timespec timeout = {.tv_nsec = 50000000};
    /* seq_cst pairs with `publish`: either it sees the sleeper or we see the new word. */
    atomic_fetch_add(&ring->sleepers, 1);
    if (atomic_load(word) == seen)
        syscall(SYS_futex, word, FUTEX_WAIT, seen, &timeout, NULL, 0);
    atomic_fetch_sub(&ring->sleepers, 1);
}

static void publish(struct ring *ring, _Atomic uint32_t *word)
{
    atomic_fetch_add(word, 1);
    if (atomic_load(&ring->sleepers) > 0)
        syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* ---- the child ------------------------------------------------------------------------------- */

struct child {
    struct ring *ring;
    struct fl_lmdb *lmdb;
    struct fl_checkpoint_root root;
    struct fl_checkpoint_key at; /* the chunk version being put together */
    uint32_t at_bytes;           /* of it, so far */
    bool open;                   /* some of it came, the tail not yet */
    bool whole;                  /* in the slot, complete, not yet handed over */
    const char *flaw;            /* what is wrong with it; no matter if it is not in force */
    uint32_t leftovers;
    uint64_t id_max;
    struct fl_error error;
};

static struct slot *child_slot(struct child *child)
{
    struct ring *ring = child->ring;
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed), tail;
    while (head - (tail = atomic_load_explicit(&ring->tail, memory_order_acquire)) == SLOTS)
        wait_for_change(ring, &ring->tail, tail);
    return &ring->slots[head % SLOTS];
}

static void child_hand_over(struct child *child, enum slot_kind kind)
{
    child_slot(child)->kind = kind;
    publish(child->ring, &child->ring->head);
}

/* A version is in force unless a later one (not above the root's) follows; so it is handed over, or
 * found wanting, when the next chunk begins (F1). One that is superseded may be half deleted. */
static enum fl_status child_flush(struct child *child)
{
    if (child->open && !child->flaw)
        child->flaw = "a piece is missing";
    if (child->flaw)
        return fl_error_set(&child->error, FL_CORRUPT, "column %u, chunk %u: %s", child->at.column,
                            child->at.chunk, child->flaw);
    if (child->whole)
        child_hand_over(child, SLOT_CHUNK);
    child->whole = false;
    return FL_OK;
}

static enum fl_status child_begin(struct child *child, const struct fl_checkpoint_key *key)
{
    bool same_chunk = key->column == child->at.column && key->chunk == child->at.chunk;
    if (child->at.checkpoint_id != 0 && same_chunk)
        child->leftovers = 1; /* superseded: its slot is used again */
    else
        FL_TRY(child_flush(child));
    child->at = *key;
    child->at_bytes = 0;
    child->open = true;
    child->whole = false;
    child->flaw = NULL;
    return FL_OK;
}

static const char *child_tail(struct child *child, const struct fl_checkpoint_key *key,
                              const uint8_t *value, size_t bytes)
{
    struct slot *slot = child_slot(child);
    size_t rest = bytes - sizeof slot->chunk;
    if (bytes < sizeof slot->chunk || rest > FL_CHUNK_BYTES - child->at_bytes)
        return "the tail has the wrong size";
    memcpy(&slot->chunk, value, sizeof slot->chunk);
    memcpy(slot->bytes + child->at_bytes, value + sizeof slot->chunk, rest);
    if (slot->chunk.bytes != child->at_bytes + rest || slot->chunk.column != key->column ||
        slot->chunk.chunk != key->chunk || slot->chunk.checkpoint_id != key->checkpoint_id)
        return "the tail belongs elsewhere";
    child->open = false;
    child->whole = true;
    return NULL;
}

static const char *child_piece(struct child *child, const struct fl_checkpoint_key *key,
                               const uint8_t *value, size_t bytes)
{
    if (!child->open)
        return "a piece behind the tail";
    if (key->piece == FL_CHECKPOINT_TAIL)
        return child_tail(child, key, value, bytes);
    uint32_t before = (uint32_t)key->piece * FL_CHECKPOINT_PIECE_BYTES;
    if (before != child->at_bytes || bytes > FL_CHUNK_BYTES - child->at_bytes)
        return "a piece is missing or too large";
    memcpy(child_slot(child)->bytes + child->at_bytes, value, bytes);
    child->at_bytes += (uint32_t)bytes;
    return NULL;
}

static enum fl_status child_visit(void *context, const struct fl_checkpoint_key *key,
                                  const void *value, size_t bytes)
{
    struct child *child = context;
    if (key->column == FL_CHECKPOINT_ROOT_COLUMN)
        return child_flush(child);
    if (key->checkpoint_id > child->id_max)
        child->id_max = key->checkpoint_id;
    if (key->checkpoint_id > child->root.checkpoint_id) {
        child->leftovers = 1; /* of a checkpoint that did not end */
        return FL_OK;
    }
    if (key->column != child->at.column || key->chunk != child->at.chunk ||
        key->checkpoint_id != child->at.checkpoint_id)
        FL_TRY(child_begin(child, key));
    if (!child->flaw)
        child->flaw = child_piece(child, key, value, bytes);
    return FL_OK;
}

static enum fl_status child_root(struct child *child, const char *path)
{
    FL_TRY(fl_lmdb_open_reading(path, &child->lmdb, &child->error));
    struct fl_checkpoint_key key = {.column = FL_CHECKPOINT_ROOT_COLUMN};
    /* Only the beginning is certain to be there whatever the format. */
    FL_TRY(fl_lmdb_get(child->lmdb, &key, &child->root, sizeof child->root, &child->error));
    memcpy(&child_slot(child)->root, &child->root, sizeof child->root);
    child_hand_over(child, SLOT_ROOT);
    return FL_OK;
}

static enum fl_status child_work(struct child *child, const char *path, bool all)
{
    FL_TRY(child_root(child, path));
    child->id_max = child->root.checkpoint_id;
    if (all) {
        FL_TRY(fl_lmdb_walk(child->lmdb, child_visit, child, &child->error));
        FL_TRY(child_flush(child));
    }
    struct slot *slot = child_slot(child);
    slot->id_max = child->id_max;
    slot->leftovers = child->leftovers;
    child_hand_over(child, SLOT_END);
    return FL_OK;
}

/* Nothing of the parent runs in the child: no handlers, no buffers flushed, no core file. */
static _Noreturn void child_main(struct ring *ring, const char *path, bool all, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    static const int deadly[] = {SIGBUS, SIGSEGV, SIGABRT, SIGFPE, SIGILL};
    for (unsigned i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        signal(deadly[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0);
    struct child child = {.ring = ring};
    enum fl_status status = child_work(&child, path, all);
    if (status == FL_OK)
        _exit(0);
    struct slot *slot = child_slot(&child);
    slot->status = status;
    memcpy(slot->message, child.error.message, sizeof slot->message);
    child_hand_over(&child, SLOT_ERROR);
    _exit(1);
}

/* ---- the parent ------------------------------------------------------------------------------ */

struct parent {
    struct ring *ring;
    pid_t pid;
    bool reaped;
    int exit_status;
    const uint8_t *directory_id;
    struct fl_checkpoint_root root;
    struct fl_checkpoint_manifest manifest;
    struct fl_store *store;
    uint8_t *scratch;       /* where chunks go that are only verified */
    uint32_t column, chunk; /* expected next */
    uint64_t manifest_hash, chunks;
    const char *path;
    struct fl_error *error;
};

static enum fl_status bad(struct parent *parent, const char *what)
{
    return fl_error_set(parent->error, FL_CORRUPT, "%s: %s", parent->path, what);
}

static enum fl_status start(struct parent *parent, bool all)
{
    parent->ring =
        mmap(NULL, sizeof *parent->ring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (parent->ring == MAP_FAILED) {
        parent->ring = NULL;
        return fl_error_set(parent->error, FL_NO_MEMORY, "no memory to read a checkpoint");
    }
    pid_t self = getpid();
    parent->pid = fork();
    if (parent->pid == 0)
        child_main(parent->ring, parent->path, all, self);
    if (parent->pid < 0)
        return fl_error_set(parent->error, FL_NO_MEMORY, "fork: %s", strerror(errno));
    return FL_OK;
}

static void stop(struct parent *parent)
{
    if (parent->pid > 0 && !parent->reaped) {
        kill(parent->pid, SIGKILL);
        while (waitpid(parent->pid, &parent->exit_status, 0) < 0 && errno == EINTR)
            continue;
    }
    if (parent->ring)
        munmap(parent->ring, sizeof *parent->ring);
    free(parent->scratch);
}

/* The next slot; null when the child is gone without one. */
static struct slot *next_slot(struct parent *parent)
{
    struct ring *ring = parent->ring;
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    for (;;) {
        if (atomic_load_explicit(&ring->head, memory_order_acquire) != tail)
            return &ring->slots[tail % SLOTS];
        if (parent->reaped)
            return NULL;
        wait_for_change(ring, &ring->head, tail);
        if (atomic_load_explicit(&ring->head, memory_order_acquire) == tail)
            parent->reaped = waitpid(parent->pid, &parent->exit_status, WNOHANG) == parent->pid;
    }
}

static enum fl_status child_is_gone(struct parent *parent)
{
    if (WIFSIGNALED(parent->exit_status))
        return fl_error_set(parent->error, FL_CORRUPT, "%s: damaged (its reader met signal %d)",
                            parent->path, WTERMSIG(parent->exit_status));
    return bad(parent, "damaged (its reader gave up)");
}

static enum fl_status take_error(struct parent *parent, const struct slot *slot)
{
    if (slot->status == FL_NOT_FOUND)
        return fl_error_set(parent->error, FL_NOT_FOUND, "%s: no checkpoint", parent->path);
    return fl_error_set(parent->error, FL_CORRUPT, "%s: %.200s", parent->path, slot->message);
}

static enum fl_status check_root(struct parent *parent, const struct fl_checkpoint_root *root)
{
    if (root->magic != FL_CHECKPOINT_MAGIC)
        return bad(parent, "not a root");
    if (root->format > FL_CHECKPOINT_FORMAT || root->schema_version > FL_SCHEMA_VERSION)
        return fl_error_set(parent->error, FL_NEWER_FORMAT, "%s: format %u, schema %u are newer",
                            parent->path, root->format, root->schema_version);
    if (root->checksum != fl_checkpoint_root_checksum(root))
        return bad(parent, "the root's checksum is wrong");
    if (memcmp(root->directory_id, parent->directory_id, 16) != 0)
        return bad(parent, "it belongs to another directory");
    if (root->layout_hash != fl_checkpoint_layout_hash())
        return bad(parent, "its tables have another layout");
    return FL_OK;
}

static enum fl_status take_root(struct parent *parent)
{
    struct slot *slot = next_slot(parent);
    if (!slot)
        return child_is_gone(parent);
    if (slot->kind == SLOT_ERROR)
        return take_error(parent, slot);
    if (slot->kind != SLOT_ROOT)
        return bad(parent, "the reader is out of step");
    parent->root = slot->root;
    FL_TRY(check_root(parent, &parent->root));
    publish(parent->ring, &parent->ring->tail);
    return FL_OK;
}

/* To the next column that has a chunk. */
static void expect_next(struct parent *parent)
{
    while (parent->column < FL_COLUMN_COUNT &&
           parent->chunk == fl_checkpoint_chunks(parent->column, parent->root.rows)) {
        parent->column++;
        parent->chunk = 0;
    }
}

static enum fl_status take_chunk(struct parent *parent, const struct slot *slot)
{
    const struct fl_checkpoint_chunk chunk = slot->chunk;
    expect_next(parent);
    if (chunk.column != parent->column || chunk.chunk != parent->chunk)
        return bad(parent, "a chunk is missing, or one too many");
    if (chunk.bytes != fl_checkpoint_chunk_bytes(chunk.column, chunk.chunk, parent->root.rows))
        return bad(parent, "a chunk has the wrong size");
    uint8_t *place = parent->store ? fl_store_load_place(parent->store, chunk.column, chunk.chunk)
                                   : parent->scratch;
    memcpy(place, slot->bytes, chunk.bytes);
    if (fl_checkpoint_chunk_checksum(&chunk, place, parent->directory_id) != chunk.checksum)
        return fl_error_set(parent->error, FL_CORRUPT, "%s: column %u, chunk %u: checksum is wrong",
                            parent->path, chunk.column, chunk.chunk);
    struct fl_checkpoint_entry entry = {chunk.checkpoint_id, chunk.checksum};
    parent->manifest.entries[chunk.column][chunk.chunk] = entry;
    parent->manifest_hash =
        fl_checkpoint_manifest_add(parent->manifest_hash, chunk.column, chunk.chunk, &entry);
    parent->chunks++;
    parent->chunk++;
    return FL_OK;
}

static enum fl_status take_end(struct parent *parent, const struct slot *slot,
                               struct fl_checkpoint_proved *proved)
{
    expect_next(parent);
    if (parent->column != FL_COLUMN_COUNT || parent->chunks != parent->root.chunk_count)
        return bad(parent, "a chunk is missing");
    if (parent->manifest_hash != parent->root.manifest_hash)
        return bad(parent, "the chunks are not those of the root");
    if (!proved)
        return FL_OK;
    memset(proved, 0, sizeof *proved);
    proved->root = parent->root;
    proved->id_max = slot->id_max;
    proved->leftovers = slot->leftovers != 0;
    proved->manifest = parent->manifest;
    memset(&parent->manifest, 0, sizeof parent->manifest);
    return FL_OK;
}

static enum fl_status make_room(struct parent *parent)
{
    if (parent->store && fl_store_load_rows(parent->store, parent->root.rows) != FL_OK)
        return fl_error_set(parent->error, FL_NO_MEMORY,
                            "%s: the state is larger than the memory given", parent->path);
    if (fl_checkpoint_manifest_size(&parent->manifest, parent->root.rows) != FL_OK)
        return fl_error_set(parent->error, FL_NO_MEMORY, "no memory for the manifest");
    if (!parent->store) {
        parent->scratch = malloc(FL_CHUNK_BYTES);
        if (!parent->scratch)
            return fl_error_set(parent->error, FL_NO_MEMORY, "no memory to read a checkpoint");
    }
    return FL_OK;
}

static enum fl_status take_all(struct parent *parent, struct fl_checkpoint_proved *proved,
                               void (*progress)(void *context, uint64_t done, uint64_t all),
                               void *context)
{
    FL_TRY(take_root(parent));
    FL_TRY(make_room(parent));
    for (;;) {
        struct slot *slot = next_slot(parent);
        if (!slot)
            return child_is_gone(parent);
        if (slot->kind == SLOT_ERROR)
            return take_error(parent, slot);
        if (slot->kind == SLOT_END)
            return take_end(parent, slot, proved);
        FL_TRY(take_chunk(parent, slot));
        publish(parent->ring, &parent->ring->tail);
        if (progress && parent->chunks % 1024 == 0)
            progress(context, parent->chunks, parent->root.chunk_count);
    }
}

/* An empty or missing directory is no damage. */
static bool is_there(const char *path)
{
    char file[PATH_BYTES + 16];
    struct stat st;
    snprintf(file, sizeof file, "%s/data.mdb", path);
    return stat(file, &st) == 0;
}

enum fl_status fl_checkpoint_read_root(const char *directory, enum fl_checkpoint_side side,
                                       const uint8_t directory_id[16],
                                       struct fl_checkpoint_root *out, struct fl_error *error)
{
    char path[PATH_BYTES];
    fl_checkpoint_path(directory, side, false, path, sizeof path);
    struct parent parent = {.directory_id = directory_id, .path = path, .error = error};
    if (!is_there(path))
        return fl_error_set(error, FL_NOT_FOUND, "%s: no checkpoint", path);
    enum fl_status status = start(&parent, false);
    if (status == FL_OK)
        status = take_root(&parent);
    if (status == FL_OK)
        *out = parent.root;
    stop(&parent);
    return status;
}

enum fl_status fl_checkpoint_refuse_newer(const char *directory, const uint8_t directory_id[16],
                                          struct fl_error *error)
{
    struct fl_checkpoint_root root;
    for (unsigned side = 0; side < FL_CHECKPOINT_SIDES; side++) {
        struct fl_error found;
        if (fl_checkpoint_read_root(directory, (enum fl_checkpoint_side)side, directory_id, &root,
                                    &found) == FL_NEWER_FORMAT)
            return fl_error_set(error, FL_NEWER_FORMAT, "%s", found.message);
    }
    return FL_OK;
}

enum fl_status fl_checkpoint_load(const char *directory, enum fl_checkpoint_side side,
                                  const uint8_t directory_id[16], struct fl_store *store,
                                  struct fl_checkpoint_proved *proved,
                                  void (*progress)(void *context, uint64_t done, uint64_t all),
                                  void *context, struct fl_error *error)
{
    char path[PATH_BYTES];
    fl_checkpoint_path(directory, side, false, path, sizeof path);
    struct parent parent = {
        .directory_id = directory_id, .store = store, .path = path, .error = error};
    if (!is_there(path))
        return fl_error_set(error, FL_NOT_FOUND, "%s: no checkpoint", path);
    enum fl_status status = start(&parent, true);
    if (status == FL_OK)
        status = take_all(&parent, proved, progress, context);
    if (status == FL_OK && store) {
        uint32_t version = fl_store_load_done(store);
        if (proved)
            proved->version = version;
    }
    fl_checkpoint_manifest_free(&parent.manifest);
    stop(&parent);
    return status;
}
