#include "storage/checkpoint_lmdb.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/contract.h"

/* A sweep's transaction dirties at most a leaf a key: well below 1 MiB. */
#define SWEEP_DELETES 64
#define SWEEP_VISITS  8192

struct fl_lmdb {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
};

static enum fl_status failed(struct fl_lmdb *lmdb, int rc, const char *what, struct fl_error *error)
{
    if (lmdb->txn)
        mdb_txn_abort(lmdb->txn);
    lmdb->txn = NULL;
    enum fl_status status = FL_IO_ERROR;
    if (rc == MDB_MAP_FULL || rc == ENOSPC || rc == EDQUOT)
        status = FL_NO_SPACE;
    else if (rc == MDB_NOTFOUND)
        status = FL_NOT_FOUND;
    else if (rc <= MDB_PAGE_NOTFOUND && rc >= MDB_INVALID)
        status = FL_CORRUPT;
    return fl_error_set(error, status, "checkpoint: %s: %s", what, mdb_strerror(rc));
}

/* LMDB's own assertions speak of a damaged file: the process that meets one goes, quietly. */
static void assertion_failed(MDB_env *env, const char *text)
{
    (void)env;
    (void)text;
    abort();
}

static enum fl_status open_env(struct fl_lmdb *lmdb, const char *directory, uint64_t map_bytes,
                               unsigned flags, struct fl_error *error)
{
    int rc = mdb_env_create(&lmdb->env);
    if (rc == 0)
        rc = mdb_env_set_assert(lmdb->env, assertion_failed);
    if (rc == 0 && map_bytes > 0)
        rc = mdb_env_set_mapsize(lmdb->env, map_bytes);
    if (rc == 0)
        rc = mdb_env_open(lmdb->env, directory, flags, 0640);
    return rc == 0 ? FL_OK : failed(lmdb, rc, directory, error);
}

static enum fl_status open_table(struct fl_lmdb *lmdb, unsigned txn_flags, struct fl_error *error)
{
    int rc = mdb_txn_begin(lmdb->env, NULL, txn_flags, &lmdb->txn);
    if (rc == 0)
        rc = mdb_dbi_open(lmdb->txn, NULL, 0, &lmdb->dbi);
    if (rc != 0)
        return failed(lmdb, rc, "open", error);
    if (txn_flags & MDB_RDONLY)
        return FL_OK; /* one transaction for all the reading */
    rc = mdb_txn_commit(lmdb->txn);
    lmdb->txn = NULL;
    return rc == 0 ? FL_OK : failed(lmdb, rc, "open", error);
}

static enum fl_status open_any(const char *directory, uint64_t map_bytes, unsigned env_flags,
                               unsigned txn_flags, struct fl_lmdb **out, struct fl_error *error)
{
    struct fl_lmdb *lmdb = calloc(1, sizeof *lmdb);
    if (!lmdb)
        return fl_error_set(error, FL_NO_MEMORY, "checkpoint: no memory");
    enum fl_status status = open_env(lmdb, directory, map_bytes, env_flags, error);
    if (status == FL_OK)
        status = open_table(lmdb, txn_flags, error);
    if (status != FL_OK) {
        fl_lmdb_close(lmdb);
        return status;
    }
    *out = lmdb;
    return FL_OK;
}

enum fl_status fl_lmdb_open_writing(const char *directory, uint64_t map_bytes, struct fl_lmdb **out,
                                    struct fl_error *error)
{
    if (mkdir(directory, 0750) != 0 && errno != EEXIST)
        return fl_error_set(error, errno == ENOSPC ? FL_NO_SPACE : FL_IO_ERROR, "%s: %s", directory,
                            strerror(errno));
    FL_TRY(open_any(directory, map_bytes, 0, 0, out, error));
    int dead = 0;
    int rc = mdb_reader_check((*out)->env, &dead);
    if (rc == 0)
        return FL_OK;
    enum fl_status status = failed(*out, rc, "reader check", error);
    fl_lmdb_close(*out);
    return status;
}

enum fl_status fl_lmdb_open_reading(const char *directory, struct fl_lmdb **out,
                                    struct fl_error *error)
{
    return open_any(directory, 0, MDB_RDONLY | MDB_NOLOCK, MDB_RDONLY, out, error);
}

void fl_lmdb_close(struct fl_lmdb *lmdb)
{
    if (!lmdb)
        return;
    if (lmdb->txn)
        mdb_txn_abort(lmdb->txn);
    if (lmdb->env)
        mdb_env_close(lmdb->env);
    free(lmdb);
}

enum fl_status fl_lmdb_put(struct fl_lmdb *lmdb, const struct fl_checkpoint_key *key,
                           const void *value, size_t bytes, struct fl_error *error)
{
    FL_ASSERT(bytes <= FL_CHECKPOINT_PIECE_BYTES);
    if (!lmdb->txn) {
        int rc = mdb_txn_begin(lmdb->env, NULL, 0, &lmdb->txn);
        if (rc != 0)
            return failed(lmdb, rc, "begin", error);
    }
    uint8_t packed[FL_CHECKPOINT_KEY_BYTES];
    fl_checkpoint_key_pack(key, packed);
    MDB_val k = {sizeof packed, packed};
    MDB_val v = {bytes, (void *)(uintptr_t)value};
    int rc = mdb_put(lmdb->txn, lmdb->dbi, &k, &v, 0);
    return rc == 0 ? FL_OK : failed(lmdb, rc, "put", error);
}

enum fl_status fl_lmdb_commit(struct fl_lmdb *lmdb, struct fl_error *error)
{
    if (!lmdb->txn)
        return FL_OK;
    int rc = mdb_txn_commit(lmdb->txn);
    lmdb->txn = NULL; /* gone, whatever the answer */
    return rc == 0 ? FL_OK : failed(lmdb, rc, "commit", error);
}

struct sweep {
    uint8_t doomed[SWEEP_DELETES][FL_CHECKPOINT_KEY_BYTES];
    uint32_t doomed_count;
    uint8_t at[FL_CHECKPOINT_KEY_BYTES]; /* where the next round begins */
    bool done;
};

/* Looks through the next keys; deleting while a cursor stands there would move it. */
static int sweep_look(struct fl_lmdb *lmdb, struct sweep *sweep,
                      bool (*keep)(const void *context, const struct fl_checkpoint_key *key),
                      const void *context)
{
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(lmdb->txn, lmdb->dbi, &cursor);
    if (rc != 0)
        return rc;
    MDB_val k = {sizeof sweep->at, sweep->at}, v;
    rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    for (uint32_t visits = 0; rc == 0; visits++) {
        if (k.mv_size != FL_CHECKPOINT_KEY_BYTES) {
            rc = MDB_CORRUPTED;
            break;
        }
        memcpy(sweep->at, k.mv_data, sizeof sweep->at);
        if (sweep->doomed_count == SWEEP_DELETES || visits == SWEEP_VISITS)
            break;
        struct fl_checkpoint_key key;
        fl_checkpoint_key_unpack(sweep->at, &key);
        if (!keep(context, &key))
            memcpy(sweep->doomed[sweep->doomed_count++], sweep->at, sizeof sweep->at);
        rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    sweep->done = rc == MDB_NOTFOUND;
    return rc == MDB_NOTFOUND ? 0 : rc;
}

enum fl_status fl_lmdb_sweep(struct fl_lmdb *lmdb,
                             bool (*keep)(const void *context, const struct fl_checkpoint_key *key),
                             const void *context, struct fl_error *error)
{
    FL_ASSERT(!lmdb->txn);
    struct sweep sweep = {0};
    while (!sweep.done) {
        sweep.doomed_count = 0;
        int rc = mdb_txn_begin(lmdb->env, NULL, 0, &lmdb->txn);
        if (rc == 0)
            rc = sweep_look(lmdb, &sweep, keep, context);
        for (uint32_t i = 0; rc == 0 && i < sweep.doomed_count; i++) {
            MDB_val k = {FL_CHECKPOINT_KEY_BYTES, sweep.doomed[i]};
            rc = mdb_del(lmdb->txn, lmdb->dbi, &k, NULL);
        }
        if (rc != 0)
            return failed(lmdb, rc, "sweep", error);
        FL_TRY(fl_lmdb_commit(lmdb, error));
    }
    return FL_OK;
}

enum fl_status fl_lmdb_get(struct fl_lmdb *lmdb, const struct fl_checkpoint_key *key, void *out,
                           size_t bytes, struct fl_error *error)
{
    FL_ASSERT(lmdb->txn);
    uint8_t packed[FL_CHECKPOINT_KEY_BYTES];
    fl_checkpoint_key_pack(key, packed);
    MDB_val k = {sizeof packed, packed}, v;
    int rc = mdb_get(lmdb->txn, lmdb->dbi, &k, &v);
    if (rc == MDB_NOTFOUND)
        return fl_error_set(error, FL_NOT_FOUND, "checkpoint: no root");
    if (rc != 0)
        return failed(lmdb, rc, "get", error);
    if (v.mv_size != bytes)
        return fl_error_set(error, FL_CORRUPT, "checkpoint: a value has the wrong size");
    memcpy(out, v.mv_data, bytes);
    return FL_OK;
}

/* A damaged list of free pages would be met by the next writer, in the engine's own process. */
static enum fl_status walk_free_pages(struct fl_lmdb *lmdb, struct fl_error *error)
{
    MDB_envinfo info;
    MDB_cursor *cursor;
    mdb_env_info(lmdb->env, &info);
    int rc = mdb_cursor_open(lmdb->txn, 0, &cursor);
    if (rc != 0)
        return failed(lmdb, rc, "free list", error);
    MDB_val k, v;
    bool good = true;
    while (good && (rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
        size_t count = 0, page = 0;
        good = k.mv_size == sizeof(size_t) && v.mv_size >= sizeof(size_t);
        if (good)
            memcpy(&count, v.mv_data, sizeof count);
        good = good && count <= v.mv_size / sizeof(size_t) - 1;
        for (size_t i = 1; good && i <= count; i++) {
            memcpy(&page, (const char *)v.mv_data + i * sizeof page, sizeof page);
            good = page >= 2 && page <= info.me_last_pgno;
        }
    }
    mdb_cursor_close(cursor);
    if (!good)
        return fl_error_set(error, FL_CORRUPT, "checkpoint: the list of free pages is damaged");
    return rc == MDB_NOTFOUND ? FL_OK : failed(lmdb, rc, "free list", error);
}

enum fl_status fl_lmdb_walk(struct fl_lmdb *lmdb,
                            enum fl_status (*visit)(void *context,
                                                    const struct fl_checkpoint_key *key,
                                                    const void *value, size_t bytes),
                            void *context, struct fl_error *error)
{
    FL_ASSERT(lmdb->txn);
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(lmdb->txn, lmdb->dbi, &cursor);
    if (rc != 0)
        return failed(lmdb, rc, "walk", error);
    enum fl_status status = FL_OK;
    MDB_val k, v;
    uint8_t last[FL_CHECKPOINT_KEY_BYTES] = {0};
    while (status == FL_OK && (rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
        /* Strictly rising keys: a cycle in a damaged tree cannot hold us. */
        if (k.mv_size != sizeof last || memcmp(k.mv_data, last, sizeof last) <= 0) {
            status = fl_error_set(error, FL_CORRUPT, "checkpoint: keys out of order");
            break;
        }
        memcpy(last, k.mv_data, sizeof last);
        struct fl_checkpoint_key key;
        fl_checkpoint_key_unpack(last, &key);
        status = visit(context, &key, v.mv_data, v.mv_size);
    }
    mdb_cursor_close(cursor);
    FL_TRY(status);
    if (rc != MDB_NOTFOUND)
        return failed(lmdb, rc, "walk", error);
    return walk_free_pages(lmdb, error);
}
