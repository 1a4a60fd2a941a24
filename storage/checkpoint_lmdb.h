/* checkpoint_lmdb.h - one LMDB environment: put, commit, sweep, walk. The only door to LMDB.
 *
 *   L1  A value given to a walk is borrowed from the map: copied before the walk goes on.
 *   L2  A damaged file can kill the process that opens or walks it (SIGBUS on a cut file, abort on
 *       a zeroed tree page): only a child process walks an environment that was not proved
 *       (checkpoint_reader.h).
 *   L3  Reading takes no lock and writes nothing: the pages may be overwritten below the reader by
 *       a writer of another process; the checksums show it.
 *
 * Default sync mode. No MDB_NORDAHEAD: without read-ahead a load is ten times slower.
 * Thread: one at a time.
 */
#ifndef FLORIN_STORAGE_CHECKPOINT_LMDB_H
#define FLORIN_STORAGE_CHECKPOINT_LMDB_H

#include <stdbool.h>

#include "core/base/status.h"
#include "storage/checkpoint_format.h"

struct fl_lmdb;

/* Opens the environment in `directory` (made if it is not there, unless reading). Readers that died
 * are cleared. The caller closes. */
enum fl_status fl_lmdb_open_writing(const char *directory, uint64_t map_bytes,
                                    struct fl_lmdb **out, struct fl_error *error);
/* L2, L3. FL_NOT_FOUND: there is no environment. */
enum fl_status fl_lmdb_open_reading(const char *directory, struct fl_lmdb **out,
                                    struct fl_error *error);
/* An open transaction is dropped. */
void fl_lmdb_close(struct fl_lmdb *lmdb);

/* Into the open transaction, which begins with the first put. FL_NO_SPACE: the map or the disk is
 * full. After any error the transaction is gone, and what was committed stays. */
enum fl_status fl_lmdb_put(struct fl_lmdb *lmdb, const struct fl_checkpoint_key *key,
                           const void *value, size_t bytes, struct fl_error *error);
/* Durable when it returns FL_OK. Nothing to do without a transaction. */
enum fl_status fl_lmdb_commit(struct fl_lmdb *lmdb, struct fl_error *error);

/* Deletes every key that `keep` refuses, in small transactions. */
enum fl_status fl_lmdb_sweep(struct fl_lmdb *lmdb,
                             bool (*keep)(const void *context, const struct fl_checkpoint_key *key),
                             const void *context, struct fl_error *error);

/* Copies the value of a key that must have exactly `bytes`. FL_NOT_FOUND, FL_CORRUPT. */
enum fl_status fl_lmdb_get(struct fl_lmdb *lmdb, const struct fl_checkpoint_key *key, void *out,
                           size_t bytes, struct fl_error *error);
/* Every key in order, L1; ends early if `visit` does not return FL_OK. FL_CORRUPT: keys out of
 * order or of a wrong size. Walks the list of free pages as well. */
enum fl_status fl_lmdb_walk(struct fl_lmdb *lmdb,
                            enum fl_status (*visit)(void *context,
                                                    const struct fl_checkpoint_key *key,
                                                    const void *value, size_t bytes),
                            void *context, struct fl_error *error);

#endif
