#define _GNU_SOURCE /* renameat2 */
#include "storage/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/contract.h"
#include "storage/checkpoint_lmdb.h"

#define TRANSACTION_BYTES (256u << 10) /* P4; leaves and free list are on top */
#define ALONE_BYTES       (16u << 20)  /* a transaction's with nobody beside */
#define TRUNCATE_STEP     (8u << 20) /* freeing 1 GiB at once stalls the disk 0.3 s */
#define PATH_BYTES        4096

struct environment {
    struct fl_lmdb *lmdb;
    struct fl_checkpoint_manifest manifest;
    uint64_t seq;           /* of its root, if proved */
    uint32_t since_version; /* of the snapshot its root stands for; 0: unknown */
    bool proved;            /* P2 */
    bool in_place;          /* the manifest tells what is in it */
    bool leftovers;
};

struct fl_checkpoint {
    char directory[PATH_BYTES];
    struct fl_checkpoint_config config;
    struct environment sides[FL_CHECKPOINT_SIDES];
    uint64_t id_last;
    uint64_t transaction_bytes;
    struct timespec due; /* when the next transaction may begin */
    _Atomic uint64_t bytes_per_second;
    _Atomic uint64_t transaction_bytes_max;
    _Atomic uint64_t kept_seq, newest_seq;
    struct fl_checkpoint_facts facts;
};

/* One turn. */
struct turn {
    struct fl_checkpoint *checkpoint;
    struct environment *side;
    const struct fl_snapshot *snapshot;
    struct fl_checkpoint_manifest manifest; /* as it will be */
    struct fl_checkpoint_root root;
    struct fl_error *error;
    bool full; /* into a successor */
};

void fl_checkpoint_path(const char *directory, enum fl_checkpoint_side side, bool successor,
                        char *out, size_t capacity)
{
    int n = snprintf(out, capacity, "%s/checkpoint-%c%s", directory,
                     side == FL_CHECKPOINT_A ? 'a' : 'b', successor ? ".new" : "");
    FL_ASSERT(n > 0 && (size_t)n < capacity);
}

enum fl_status fl_checkpoint_manifest_size(struct fl_checkpoint_manifest *manifest,
                                           const uint32_t rows[FL_TABLE_COUNT])
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        uint32_t count = fl_checkpoint_chunks(i, rows), had = manifest->count[i];
        if (count > had) {
            struct fl_checkpoint_entry *entries =
                realloc(manifest->entries[i], (uint64_t)count * sizeof *entries);
            if (!entries)
                return FL_NO_MEMORY;
            memset(entries + had, 0, (uint64_t)(count - had) * sizeof *entries);
            manifest->entries[i] = entries;
        }
        manifest->count[i] = count;
    }
    return FL_OK;
}

void fl_checkpoint_manifest_free(struct fl_checkpoint_manifest *manifest)
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++)
        free(manifest->entries[i]);
    memset(manifest, 0, sizeof *manifest);
}

static enum fl_status manifest_copy(const struct fl_checkpoint_manifest *from,
                                    struct fl_checkpoint_manifest *to)
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        uint64_t bytes = (uint64_t)from->count[i] * sizeof *from->entries[i];
        if (bytes == 0)
            continue;
        to->entries[i] = malloc(bytes);
        if (!to->entries[i])
            return FL_NO_MEMORY;
        memcpy(to->entries[i], from->entries[i], bytes);
        to->count[i] = from->count[i];
    }
    return FL_OK;
}

enum fl_status fl_checkpoint_open(const char *directory, const struct fl_checkpoint_config *config,
                                  struct fl_checkpoint **out, struct fl_error *error)
{
    struct fl_checkpoint *checkpoint = calloc(1, sizeof *checkpoint);
    if (!checkpoint)
        return fl_error_set(error, FL_NO_MEMORY, "checkpoint: no memory");
    if (strlen(directory) + 32 > sizeof checkpoint->directory) {
        free(checkpoint);
        return fl_error_set(error, FL_BAD_VALUE, "the directory's name is too long");
    }
    strcpy(checkpoint->directory, directory);
    checkpoint->config = *config;
    if (checkpoint->config.map_bytes == 0)
        checkpoint->config.map_bytes = FL_CHECKPOINT_MAP_BYTES;
    checkpoint->id_last = config->id_floor;
    checkpoint->transaction_bytes_max = TRANSACTION_BYTES;
    fl_checkpoint_pace(checkpoint, config->bytes_per_second ? config->bytes_per_second
                                                            : FL_CHECKPOINT_BYTES_PER_SECOND);
    *out = checkpoint;
    return FL_OK;
}

void fl_checkpoint_close(struct fl_checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    for (unsigned i = 0; i < FL_CHECKPOINT_SIDES; i++) {
        fl_lmdb_close(checkpoint->sides[i].lmdb);
        fl_checkpoint_manifest_free(&checkpoint->sides[i].manifest);
    }
    free(checkpoint);
}

static void publish_seqs(struct fl_checkpoint *checkpoint)
{
    const struct environment *a = &checkpoint->sides[0], *b = &checkpoint->sides[1];
    uint64_t kept = 0, newest = 0;
    if (a->proved && b->proved)
        kept = a->seq < b->seq ? a->seq : b->seq;
    if (a->proved)
        newest = a->seq;
    if (b->proved && b->seq > newest)
        newest = b->seq;
    atomic_store_explicit(&checkpoint->kept_seq, kept, memory_order_relaxed);
    atomic_store_explicit(&checkpoint->newest_seq, newest, memory_order_relaxed);
}

void fl_checkpoint_adopt(struct fl_checkpoint *checkpoint, enum fl_checkpoint_side side,
                         struct fl_checkpoint_proved *proved)
{
    struct environment *e = &checkpoint->sides[side];
    FL_ASSERT(!e->proved && !e->lmdb && proved->version > 0);
    e->manifest = proved->manifest;
    memset(&proved->manifest, 0, sizeof proved->manifest);
    e->seq = proved->root.seq;
    e->since_version = proved->version;
    e->proved = e->in_place = true;
    e->leftovers = proved->leftovers;
    if (proved->id_max > checkpoint->id_last)
        checkpoint->id_last = proved->id_max;
    publish_seqs(checkpoint);
}

void fl_checkpoint_pace(struct fl_checkpoint *checkpoint, uint64_t bytes_per_second)
{
    FL_ASSERT(bytes_per_second > 0);
    /* relaxed: a hint, nothing hangs on when it is seen */
    atomic_store_explicit(&checkpoint->bytes_per_second, bytes_per_second, memory_order_relaxed);
}

void fl_checkpoint_alone(struct fl_checkpoint *checkpoint)
{
    /* relaxed: as the pace */
    atomic_store_explicit(&checkpoint->transaction_bytes_max, ALONE_BYTES, memory_order_relaxed);
    fl_checkpoint_pace(checkpoint, UINT64_MAX);
}

uint64_t fl_checkpoint_kept_seq(const struct fl_checkpoint *checkpoint)
{
    return atomic_load_explicit(&checkpoint->kept_seq, memory_order_relaxed);
}

uint64_t fl_checkpoint_newest_seq(const struct fl_checkpoint *checkpoint)
{
    return atomic_load_explicit(&checkpoint->newest_seq, memory_order_relaxed);
}

void fl_checkpoint_facts(const struct fl_checkpoint *checkpoint, struct fl_checkpoint_facts *out)
{
    *out = checkpoint->facts;
}

/* Waits until the bytes written before are paid for. */
static void pace_wait(struct fl_checkpoint *checkpoint, uint64_t bytes)
{
    uint64_t rate = atomic_load_explicit(&checkpoint->bytes_per_second, memory_order_relaxed);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct timespec *due = &checkpoint->due;
    if (rate == UINT64_MAX) {
        *due = now;
        return;
    }
    if (due->tv_sec < now.tv_sec || (due->tv_sec == now.tv_sec && due->tv_nsec < now.tv_nsec))
        *due = now;
    else
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, due, NULL);
    uint64_t ns = (uint64_t)due->tv_nsec + bytes * 1000000000 / rate;
    due->tv_sec += (time_t)(ns / 1000000000);
    due->tv_nsec = (long)(ns % 1000000000);
}

static enum fl_status transaction_end(struct turn *turn)
{
    struct fl_checkpoint *checkpoint = turn->checkpoint;
    FL_TRY(fl_lmdb_commit(turn->side->lmdb, turn->error));
    pace_wait(checkpoint, checkpoint->transaction_bytes);
    checkpoint->transaction_bytes = 0;
    return FL_OK;
}

static enum fl_status put(struct turn *turn, const struct fl_checkpoint_key *key, const void *value,
                          uint32_t bytes)
{
    FL_TRY(fl_lmdb_put(turn->side->lmdb, key, value, bytes, turn->error));
    turn->checkpoint->transaction_bytes += bytes;
    turn->checkpoint->facts.bytes_written += bytes;
    return FL_OK;
}

static enum fl_status put_pieces(struct turn *turn, const struct fl_checkpoint_chunk *chunk,
                                 const uint8_t *bytes)
{
    struct fl_checkpoint_key key = {
        .column = chunk->column, .chunk = chunk->chunk, .checkpoint_id = chunk->checkpoint_id};
    uint32_t at = 0, piece;
    while ((piece = fl_checkpoint_piece(chunk->bytes - at)) > 0) {
        FL_TRY(put(turn, &key, bytes + at, piece));
        at += piece;
        key.piece++;
    }
    uint8_t tail[FL_CHECKPOINT_PIECE_BYTES];
    FL_ASSERT(sizeof *chunk + chunk->bytes - at <= sizeof tail);
    memcpy(tail, chunk, sizeof *chunk);
    memcpy(tail + sizeof *chunk, bytes + at, chunk->bytes - at);
    key.piece = FL_CHECKPOINT_TAIL;
    return put(turn, &key, tail, (uint32_t)sizeof *chunk + chunk->bytes - at);
}

static enum fl_status write_chunk(struct turn *turn, unsigned column, uint32_t k)
{
    const struct fl_snapshot *snapshot = turn->snapshot;
    uint32_t rows;
    const uint8_t *bytes = fl_snapshot_chunk(snapshot, (enum fl_column_id)column, k, &rows);
    struct fl_checkpoint_chunk chunk = {
        .checkpoint_id = turn->root.checkpoint_id,
        .seq = snapshot->seq,
        .bytes = fl_checkpoint_chunk_bytes(column, k, snapshot->rows),
        .chunk = k,
        .column = (uint16_t)column,
        .format = FL_CHECKPOINT_FORMAT,
    };
    chunk.checksum =
        fl_checkpoint_chunk_checksum(&chunk, bytes, turn->checkpoint->config.directory_id);
    turn->manifest.entries[column][k] =
        (struct fl_checkpoint_entry){chunk.checkpoint_id, chunk.checksum};
    turn->checkpoint->facts.chunks_written++;
    FL_TRY(put_pieces(turn, &chunk, bytes));
    uint64_t bytes_max =
        atomic_load_explicit(&turn->checkpoint->transaction_bytes_max, memory_order_relaxed);
    if (turn->checkpoint->transaction_bytes + FL_CHUNK_BYTES > bytes_max)
        return transaction_end(turn);
    return FL_OK;
}

static bool is_wanted(const struct turn *turn, unsigned column, uint32_t k)
{
    if (turn->full || turn->manifest.entries[column][k].checkpoint_id == 0)
        return true;
    return fl_snapshot_chunk_changed(turn->snapshot, (enum fl_column_id)column, k,
                                     turn->side->since_version);
}

static enum fl_status write_chunks(struct turn *turn)
{
    for (unsigned column = 0; column < FL_COLUMN_COUNT; column++) {
        FL_ASSERT(turn->manifest.count[column] ==
                  fl_snapshot_chunk_count(turn->snapshot, (enum fl_column_id)column));
        for (uint32_t k = 0; k < turn->manifest.count[column]; k++) {
            if (is_wanted(turn, column, k))
                FL_TRY(write_chunk(turn, column, k));
            else
                turn->checkpoint->facts.chunks_kept++;
            turn->root.manifest_hash = fl_checkpoint_manifest_add(
                turn->root.manifest_hash, column, k, &turn->manifest.entries[column][k]);
            turn->root.chunk_count++;
        }
    }
    return transaction_end(turn);
}

/* P1: a transaction of its own, after all others. */
static enum fl_status write_root(struct turn *turn)
{
    turn->root.checksum = fl_checkpoint_root_checksum(&turn->root);
    struct fl_checkpoint_key key = {.column = FL_CHECKPOINT_ROOT_COLUMN};
    FL_TRY(put(turn, &key, &turn->root, sizeof turn->root));
    /* From here on the outcome of an error is open: the manifest may be the old one or the new one.
     */
    turn->side->in_place = false;
    return transaction_end(turn);
}

static void begin_root(struct turn *turn)
{
    struct fl_checkpoint *checkpoint = turn->checkpoint;
    turn->root = (struct fl_checkpoint_root){
        .magic = FL_CHECKPOINT_MAGIC,
        .format = FL_CHECKPOINT_FORMAT,
        .schema_version = FL_SCHEMA_VERSION,
        .checkpoint_id = ++checkpoint->id_last,
        .seq = turn->snapshot->seq,
        .layout_hash = fl_checkpoint_layout_hash(),
        .table_count = FL_TABLE_COUNT,
        .column_count = FL_COLUMN_COUNT,
    };
    memcpy(turn->root.directory_id, checkpoint->config.directory_id, 16);
    memcpy(turn->root.rows, turn->snapshot->rows, sizeof turn->snapshot->rows);
}

static void sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd); /* if it fails, the old name stands after a crash: one generation older */
    close(fd);
}

/* Frees a file step by step, then removes it. */
static void remove_file(struct fl_checkpoint *checkpoint, const char *path)
{
    struct stat st;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        off_t size = fstat(fd, &st) == 0 ? st.st_size : 0;
        while (size > (off_t)TRUNCATE_STEP) {
            size -= TRUNCATE_STEP;
            if (ftruncate(fd, size) != 0)
                break;
            pace_wait(checkpoint, TRUNCATE_STEP);
        }
        close(fd);
    }
    unlink(path);
}

static void remove_environment(struct fl_checkpoint *checkpoint, const char *directory)
{
    char path[PATH_BYTES + 16];
    snprintf(path, sizeof path, "%s/data.mdb", directory);
    remove_file(checkpoint, path);
    snprintf(path, sizeof path, "%s/lock.mdb", directory);
    unlink(path);
    rmdir(directory);
}

static enum fl_status take_name(struct turn *turn, const char *successor, const char *path)
{
    struct fl_checkpoint *checkpoint = turn->checkpoint;
    sync_directory(successor);
    int rc = renameat2(AT_FDCWD, successor, AT_FDCWD, path, RENAME_EXCHANGE);
    bool exchanged = rc == 0;
    if (rc != 0 && errno != ENOENT) { /* a file system without exchange */
        remove_environment(checkpoint, path);
        errno = ENOENT;
    }
    if (rc != 0 && errno == ENOENT)
        rc = rename(successor, path);
    if (rc != 0)
        return fl_error_set(turn->error, FL_IO_ERROR, "%s: %s", path, strerror(errno));
    sync_directory(checkpoint->directory);
    if (exchanged)
        remove_environment(checkpoint, successor);
    return FL_OK;
}

static bool key_is_in_force(const void *context, const struct fl_checkpoint_key *key)
{
    const struct fl_checkpoint_manifest *manifest = context;
    if (key->column == FL_CHECKPOINT_ROOT_COLUMN)
        return true;
    return key->column < FL_COLUMN_COUNT && key->chunk < manifest->count[key->column] &&
           manifest->entries[key->column][key->chunk].checkpoint_id == key->checkpoint_id;
}

static enum fl_status sweep(struct environment *side, struct fl_error *error)
{
    FL_TRY(fl_lmdb_sweep(side->lmdb, key_is_in_force, &side->manifest, error));
    side->leftovers = false;
    return FL_OK;
}

/* Opens what this turn writes into. */
static enum fl_status begin_side(struct turn *turn, const char *path, const char *successor)
{
    struct environment *side = turn->side;
    struct fl_checkpoint *checkpoint = turn->checkpoint;
    turn->full = !side->proved || !side->in_place;
    if (turn->full) {
        fl_lmdb_close(side->lmdb);
        side->lmdb = NULL;
    }
    /* What a crash left there: an unfinished successor, or the old one after the names were
     * changed. */
    if (!side->lmdb)
        remove_environment(checkpoint, successor);
    if (!side->lmdb)
        FL_TRY(fl_lmdb_open_writing(turn->full ? successor : path, checkpoint->config.map_bytes,
                                    &side->lmdb, turn->error));
    if (turn->full)
        return fl_checkpoint_manifest_size(&turn->manifest, turn->snapshot->rows);
    if (side->leftovers)
        FL_TRY(sweep(side, turn->error));
    FL_TRY(manifest_copy(&side->manifest, &turn->manifest));
    return fl_checkpoint_manifest_size(&turn->manifest, turn->snapshot->rows);
}

/* The root is durable: what the environment is known to hold. */
static void end_side(struct turn *turn)
{
    struct environment *side = turn->side;
    fl_checkpoint_manifest_free(&side->manifest);
    side->manifest = turn->manifest;
    memset(&turn->manifest, 0, sizeof turn->manifest);
    side->seq = turn->snapshot->seq;
    side->since_version = turn->snapshot->version;
    side->proved = side->in_place = true;
    side->leftovers = !turn->full;
    publish_seqs(turn->checkpoint);
}

static enum fl_status write_side(struct turn *turn, const char *path, const char *successor)
{
    FL_TRY(begin_side(turn, path, successor));
    begin_root(turn);
    FL_TRY(write_chunks(turn));
    FL_TRY(write_root(turn));
    if (turn->full)
        FL_TRY(take_name(turn, successor, path));
    end_side(turn);
    return FL_OK;
}

/* The environment without a proved root, else the one with the older root. */
static enum fl_checkpoint_side whose_turn(const struct fl_checkpoint *checkpoint)
{
    const struct environment *a = &checkpoint->sides[FL_CHECKPOINT_A];
    const struct environment *b = &checkpoint->sides[FL_CHECKPOINT_B];
    if (a->proved != b->proved)
        return a->proved ? FL_CHECKPOINT_B : FL_CHECKPOINT_A;
    return a->seq <= b->seq ? FL_CHECKPOINT_A : FL_CHECKPOINT_B;
}

enum fl_status fl_checkpoint_write(struct fl_checkpoint *checkpoint,
                                   const struct fl_snapshot *snapshot, struct fl_error *error)
{
    enum fl_checkpoint_side which = whose_turn(checkpoint);
    struct environment *side = &checkpoint->sides[which];
    FL_ASSERT(!side->proved || snapshot->seq >= side->seq);
    struct turn turn = {
        .checkpoint = checkpoint, .side = side, .snapshot = snapshot, .error = error};
    char path[PATH_BYTES], successor[PATH_BYTES];
    fl_checkpoint_path(checkpoint->directory, which, false, path, sizeof path);
    fl_checkpoint_path(checkpoint->directory, which, true, successor, sizeof successor);
    checkpoint->facts = (struct fl_checkpoint_facts){.side = which};
    checkpoint->transaction_bytes = 0;
    enum fl_status status = write_side(&turn, path, successor);
    fl_checkpoint_manifest_free(&turn.manifest);
    if (status == FL_NO_MEMORY)
        fl_error_set(error, FL_NO_MEMORY, "checkpoint: no memory for the manifest");
    if (status == FL_OK) {
        /* A failure here is the next turn's to repair: the checkpoint stands. */
        if (side->leftovers)
            (void)sweep(side, NULL);
        return FL_OK;
    }
    fl_lmdb_close(side->lmdb);
    side->lmdb = NULL;
    side->leftovers = true;
    if (turn.full)
        remove_environment(checkpoint, successor);
    return status;
}
