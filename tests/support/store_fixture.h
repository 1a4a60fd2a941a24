/* store_fixture.h - a store with rows in tables of each kind, changed by a seeded walk,
 * checkpointed, and copies of every column's bytes at chosen moments: what a checkpoint must give
 * back.
 */
#ifndef FLORIN_TESTS_SUPPORT_STORE_FIXTURE_H
#define FLORIN_TESTS_SUPPORT_STORE_FIXTURE_H

#include "storage/checkpoint.h"
#include "storage/checkpoint_reader.h"

struct fl_store_copy {
    uint32_t rows[FL_TABLE_COUNT];
    uint8_t *bytes[FL_COLUMN_COUNT];
    uint64_t size[FL_COLUMN_COUNT];
};

struct fl_store_fixture {
    char path[256];
    struct fl_arena arena;
    struct fl_store store;
    struct fl_checkpoint *checkpoint;
    struct fl_checkpoint_config config;
    uint64_t random, seq;
    struct fl_error error;
};

/* A store in a temporary directory, with a checkpoint that knows no limit of pace. */
void fl_store_fixture_begin(struct fl_store_fixture *place);
void fl_store_fixture_end(struct fl_store_fixture *place);
void fl_store_fixture_store(struct fl_store *store, struct fl_arena *arena);
uint64_t fl_store_fixture_random(struct fl_store_fixture *place);

/* New rows; changed cells of LIVE columns. Each counts as a sequence. */
void fl_store_fixture_grow(struct fl_store_fixture *place, uint32_t rows);
void fl_store_fixture_change(struct fl_store_fixture *place, uint32_t cells);

struct fl_store_copy fl_store_copy_take(const struct fl_store *store);
void fl_store_copy_free(struct fl_store_copy *copy);
bool fl_store_copy_is_equal(const struct fl_store_copy *a, const struct fl_store_copy *b);
/* 64 KiB windows in which they differ. */
uint64_t fl_store_copy_windows(const struct fl_store_copy *a, const struct fl_store_copy *b);

/* A checkpoint of what is there now. */
enum fl_status fl_store_fixture_write(struct fl_store_fixture *place);
/* Loads a side into a store of its own and compares it (nullable). */
enum fl_status fl_store_fixture_load(struct fl_store_fixture *place, enum fl_checkpoint_side side,
                                     const struct fl_store_copy *expected,
                                     struct fl_checkpoint_proved *proved);
/* Ends the process's knowledge: a new store from side `from`, and a new writer that adopted it. */
void fl_store_fixture_restart(struct fl_store_fixture *place, enum fl_checkpoint_side from);

#endif
