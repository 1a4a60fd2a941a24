/* checkpoint_reader.h - proves and loads a checkpoint without trusting its file.
 *
 * A damaged LMDB file kills who reads it. So a child process walks the environment and hands
 * chunks to the parent through a ring in shared memory; the parent verifies and places them:
 *
 *     child: LMDB map --copy--> [slot|slot|...|slot] --verify, copy--> store          :parent
 *
 *   C1  Whatever the file holds, the parent survives: a signal, an error, a missing or an extra
 *       key, a wrong checksum or manifest is one answer, FL_CORRUPT, and the next environment is
 *       tried.
 *   C2  Nothing is written: not to the file, not to LMDB's lock table. A writer of another process
 *       may overwrite what is being read; then a checksum fails and the caller tries again.
 *   C3  Every byte placed was verified after it was copied out of the child.
 *
 * Call it before threads exist: the child is a fork. Cost: two processes, one hash and two copies
 * a byte.
 */
#ifndef FLORIN_STORAGE_CHECKPOINT_READER_H
#define FLORIN_STORAGE_CHECKPOINT_READER_H

#include "core/data/store.h"
#include "storage/checkpoint.h"

/* Only the root, which proves itself alone (F4). FL_NOT_FOUND: no environment or no root;
 * FL_CORRUPT; FL_NEWER_FORMAT. */
enum fl_status fl_checkpoint_read_root(const char *directory, enum fl_checkpoint_side side,
                                       const uint8_t directory_id[16],
                                       struct fl_checkpoint_root *out, struct fl_error *error);

/* For readers of the log, which need no checkpoint: FL_NEWER_FORMAT if either root is of a later
 * florin, since its log may then mean something else; whatever else is wrong is no matter. */
enum fl_status fl_checkpoint_refuse_newer(const char *directory, const uint8_t directory_id[16],
                                          struct fl_error *error);

/* Everything: verified, and placed in `store` if it is not null (store_load.h). `proved` receives
 * the manifest, freed by the caller or given to fl_checkpoint_adopt; it may be null. After any
 * error the store's content is undefined. FL_NO_MEMORY: the state is larger than the store. */
enum fl_status fl_checkpoint_load(const char *directory, enum fl_checkpoint_side side,
                                  const uint8_t directory_id[16], struct fl_store *store,
                                  struct fl_checkpoint_proved *proved,
                                  void (*progress)(void *context, uint64_t done, uint64_t all),
                                  void *context, struct fl_error *error);

#endif
