#define _GNU_SOURCE /* memmem */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "storage/checkpoint.h"
#include "storage/checkpoint_lmdb.h"
#include "storage/checkpoint_reader.h"
#include "tests/support/wal_fixture.h"

/* A store with rows in tables of each kind, changed by a seeded walk, and copies of every column's
 * bytes at chosen moments: what a checkpoint must give back. */
#define ROWS_MAX (1u << 18)

struct copy {
    uint32_t rows[FL_TABLE_COUNT];
    uint8_t *bytes[FL_COLUMN_COUNT];
    uint64_t size[FL_COLUMN_COUNT];
};

struct place {
    char path[256];
    struct fl_arena arena;
    struct fl_store store;
    struct fl_checkpoint *checkpoint;
    struct fl_checkpoint_config config;
    uint64_t random, seq;
    struct fl_error error;
};

static uint64_t next_random(struct place *place)
{
    place->random = place->random * 6364136223846793005u + 1442695040888963407u;
    return place->random >> 20;
}

static void store_make(struct fl_store *store, struct fl_arena *arena)
{
    memset(arena, 0, sizeof *arena);
    struct fl_store_config config = {.memory_bytes = 256u << 20, .rows_max = ROWS_MAX};
    cr_assert_eq(fl_store_init(store, arena, &config), FL_OK);
}

static void begin(struct place *place)
{
    memset(place, 0, sizeof *place);
    place->random = 4711;
    fl_temp_dir_make(place->path);
    store_make(&place->store, &place->arena);
    place->config =
        (struct fl_checkpoint_config){.map_bytes = 1u << 30, .bytes_per_second = UINT64_MAX};
    memcpy(place->config.directory_id, "sixteen bytes id", 16);
    cr_assert_eq(fl_checkpoint_open(place->path, &place->config, &place->checkpoint, NULL), FL_OK);
}

static void end(struct place *place)
{
    fl_checkpoint_close(place->checkpoint);
    fl_arena_close(&place->arena);
    fl_temp_dir_remove(place->path);
}

static const enum fl_table_id tables[] = {FL_TABLE_text,  FL_TABLE_personal, FL_TABLE_customer,
                                          FL_TABLE_order, FL_TABLE_invoice,  FL_TABLE_movement};

static void fill_cells(struct place *place, enum fl_table_id table, uint32_t row)
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        const struct fl_column *column = &place->store.columns[i];
        if (column->table != table)
            continue;
        uint8_t *cell = column->kind == FL_COLUMN_LIVE ? fl_store_write(&place->store, i, row)
                                                       : fl_store_fixed(&place->store, i, row);
        uint64_t value = next_random(place);
        for (uint32_t b = 0; b < 1u << column->element_shift; b++)
            cell[b] = (uint8_t)(value >> (b % 8 * 5));
    }
}

static void grow(struct place *place, uint32_t rows)
{
    for (uint32_t i = 0; i < rows; i++) {
        enum fl_table_id table = tables[next_random(place) % (sizeof tables / sizeof tables[0])];
        fill_cells(place, table, fl_store_add_row(&place->store, table));
        place->seq++;
    }
}

static void change(struct place *place, uint32_t cells)
{
    static const enum fl_column_id live[] = {FL_COLUMN_invoice_money, FL_COLUMN_customer_account,
                                             FL_COLUMN_order_live};
    for (uint32_t i = 0; i < cells; i++) {
        enum fl_column_id column = live[next_random(place) % 3];
        uint32_t rows = place->store.rows[place->store.columns[column].table];
        uint8_t *cell =
            fl_store_write(&place->store, column, (uint32_t)(next_random(place) % rows));
        cell[0] = (uint8_t)(cell[0] + 1);
        place->seq++;
    }
}

static struct copy copy_take(const struct fl_store *store)
{
    struct copy copy;
    memcpy(copy.rows, store->rows, sizeof copy.rows);
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        const struct fl_column *column = &store->columns[i];
        uint32_t rows = store->rows[column->table];
        copy.size[i] = (uint64_t)rows << column->element_shift;
        copy.bytes[i] = malloc(copy.size[i] + 1);
        for (uint32_t row = 0; row < rows; row++)
            memcpy(copy.bytes[i] + ((uint64_t)row << column->element_shift),
                   column->kind == FL_COLUMN_LIVE ? fl_store_live(store, i, row)
                                                  : fl_store_fixed(store, i, row),
                   1u << column->element_shift);
    }
    return copy;
}

static void copy_free(struct copy *copy)
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++)
        free(copy->bytes[i]);
}

static bool copies_are_equal(const struct copy *a, const struct copy *b)
{
    bool equal = memcmp(a->rows, b->rows, sizeof a->rows) == 0;
    for (unsigned i = 0; equal && i < FL_COLUMN_COUNT; i++)
        equal = a->size[i] == b->size[i] && memcmp(a->bytes[i], b->bytes[i], a->size[i]) == 0;
    return equal;
}

/* 64 KiB windows in which they differ. */
static uint64_t windows_changed(const struct copy *a, const struct copy *b)
{
    uint64_t changed = 0;
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        for (uint64_t at = 0; at < b->size[i]; at += FL_CHUNK_BYTES) {
            uint64_t n = b->size[i] - at < FL_CHUNK_BYTES ? b->size[i] - at : FL_CHUNK_BYTES;
            changed += at + n > a->size[i] || memcmp(a->bytes[i] + at, b->bytes[i] + at, n) != 0;
        }
    }
    return changed;
}

static enum fl_status write_now(struct place *place)
{
    struct fl_snapshot snapshot;
    cr_assert_eq(fl_snapshot_take(&place->store, place->seq, &snapshot), FL_OK);
    enum fl_status status = fl_checkpoint_write(place->checkpoint, &snapshot, &place->error);
    fl_snapshot_release(&snapshot);
    return status;
}

/* Loads a side into a store of its own and compares it. */
static enum fl_status load(struct place *place, enum fl_checkpoint_side side,
                           const struct copy *expected, struct fl_checkpoint_proved *proved)
{
    struct fl_store store;
    struct fl_arena arena;
    store_make(&store, &arena);
    struct fl_checkpoint_proved own = {0};
    enum fl_status status =
        fl_checkpoint_load(place->path, side, place->config.directory_id, &store,
                           proved ? proved : &own, NULL, NULL, &place->error);
    if (status == FL_OK && expected) {
        struct copy got = copy_take(&store);
        cr_assert(copies_are_equal(&got, expected), "what was loaded is not what was written");
        copy_free(&got);
    }
    fl_checkpoint_manifest_free(&own.manifest);
    fl_arena_close(&arena);
    return status;
}

static char *data_file(struct place *place, enum fl_checkpoint_side side)
{
    static char file[512];
    char path[400];
    fl_checkpoint_path(place->path, side, false, path, sizeof path);
    snprintf(file, sizeof file, "%s/data.mdb", path);
    return file;
}

Test(checkpoint, what_was_written_is_loaded)
{
    struct place place;
    begin(&place);
    grow(&place, 30000);
    struct copy copy = copy_take(&place.store);
    cr_assert_eq(write_now(&place), FL_OK, "%s", place.error.message);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, &copy, NULL), FL_OK, "%s", place.error.message);
    cr_assert_eq(load(&place, FL_CHECKPOINT_B, NULL, NULL), FL_NOT_FOUND);
    struct fl_checkpoint_root root;
    cr_assert_eq(fl_checkpoint_read_root(place.path, FL_CHECKPOINT_A, place.config.directory_id,
                                         &root, NULL),
                 FL_OK);
    cr_assert_eq(root.seq, place.seq);
    copy_free(&copy);
    end(&place);
}

Test(checkpoint, an_empty_store_is_a_checkpoint_too)
{
    struct place place;
    begin(&place);
    struct copy copy = copy_take(&place.store);
    cr_assert_eq(write_now(&place), FL_OK, "%s", place.error.message);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, &copy, NULL), FL_OK, "%s", place.error.message);
    copy_free(&copy);
    end(&place);
}

Test(checkpoint, environments_take_turns_and_only_changed_chunks_are_written)
{
    struct place place;
    begin(&place);
    grow(&place, 60000);
    struct copy copies[8];
    for (unsigned turn = 0; turn < 8; turn++) {
        if (turn > 0) {
            grow(&place, 10);
            change(&place, 5);
        }
        copies[turn] = copy_take(&place.store);
        cr_assert_eq(write_now(&place), FL_OK, "%s", place.error.message);
        struct fl_checkpoint_facts facts;
        fl_checkpoint_facts(place.checkpoint, &facts);
        cr_assert_eq(facts.side, turn % 2);
        if (turn >= 2)
            cr_assert_eq(facts.chunks_written, windows_changed(&copies[turn - 2], &copies[turn]));
        cr_assert_eq(load(&place, turn % 2, &copies[turn], NULL), FL_OK, "%s", place.error.message);
        if (turn > 0)
            cr_assert_eq(load(&place, 1 - turn % 2, &copies[turn - 1], NULL), FL_OK);
    }
    for (unsigned turn = 0; turn < 8; turn++)
        copy_free(&copies[turn]);
    end(&place);
}

Test(checkpoint, the_snapshot_is_written_however_far_the_writer_has_gone)
{
    struct place place;
    begin(&place);
    grow(&place, 20000);
    struct copy copy = copy_take(&place.store);
    struct fl_snapshot snapshot;
    cr_assert_eq(fl_snapshot_take(&place.store, place.seq, &snapshot), FL_OK);
    grow(&place, 5000);
    change(&place, 5000);
    cr_assert_eq(fl_checkpoint_write(place.checkpoint, &snapshot, &place.error), FL_OK);
    fl_snapshot_release(&snapshot);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, &copy, NULL), FL_OK);
    copy_free(&copy);
    end(&place);
}

/* Ends the process's knowledge: a new store from side `from`, and a new writer that adopted it. */
static void restart(struct place *place, enum fl_checkpoint_side from)
{
    struct fl_checkpoint_proved proved;
    fl_checkpoint_close(place->checkpoint);
    fl_arena_close(&place->arena);
    store_make(&place->store, &place->arena);
    cr_assert_eq(fl_checkpoint_load(place->path, from, place->config.directory_id, &place->store,
                                    &proved, NULL, NULL, &place->error),
                 FL_OK, "%s", place->error.message);
    cr_assert_eq(fl_checkpoint_open(place->path, &place->config, &place->checkpoint, NULL), FL_OK);
    fl_checkpoint_adopt(place->checkpoint, from, &proved);
}

Test(checkpoint, after_a_restart_the_loaded_side_is_written_in_place_and_the_other_whole)
{
    struct place place;
    begin(&place);
    grow(&place, 30000);
    cr_assert_eq(write_now(&place), FL_OK);
    grow(&place, 10);
    cr_assert_eq(write_now(&place), FL_OK);
    struct copy loaded = copy_take(&place.store);
    restart(&place, FL_CHECKPOINT_B);
    cr_assert_eq(fl_checkpoint_kept_seq(place.checkpoint), 0, "one side is not proved");
    for (unsigned turn = 0; turn < 4; turn++) {
        change(&place, 3);
        struct copy copy = copy_take(&place.store);
        cr_assert_eq(write_now(&place), FL_OK, "%s", place.error.message);
        struct fl_checkpoint_facts facts;
        fl_checkpoint_facts(place.checkpoint, &facts);
        cr_assert_eq(facts.side, turn % 2);
        cr_assert_eq(facts.chunks_kept == 0, turn == 0);
        if (turn == 1)
            cr_assert_eq(facts.chunks_written, windows_changed(&loaded, &copy));
        cr_assert_eq(load(&place, turn % 2, &copy, NULL), FL_OK, "%s", place.error.message);
        cr_assert(fl_checkpoint_kept_seq(place.checkpoint) > 0);
        copy_free(&copy);
    }
    copy_free(&loaded);
    end(&place);
}

/* Two generations, then one damage at a time in the newer: the load says no, or gives exactly what
 * was written (the damage met a page that nothing refers to), and the older one stays good. */
Test(checkpoint, c1_no_damage_kills_or_deceives, .timeout = 300)
{
    struct place place;
    begin(&place);
    grow(&place, 12000);
    struct copy older = copy_take(&place.store);
    cr_assert_eq(write_now(&place), FL_OK);
    change(&place, 50);
    struct copy newer = copy_take(&place.store);
    cr_assert_eq(write_now(&place), FL_OK);
    const char *file = data_file(&place, FL_CHECKPOINT_B);
    struct stat st;
    cr_assert_eq(stat(file, &st), 0);
    uint64_t size = (uint64_t)st.st_size, refused = 0;
    uint8_t *good = malloc(size), *bad = malloc(size);
    int fd = open(file, O_RDWR);
    cr_assert_eq(pread(fd, good, size, 0), (ssize_t)size);
    for (unsigned round = 0; round < 120; round++) {
        uint64_t page = next_random(&place) % (size / 4096) * 4096;
        uint64_t kept = size;
        memcpy(bad, good, size);
        if (round % 4 == 0)
            memset(bad + page, 0, 4096);
        else if (round % 4 == 1)
            kept = page + next_random(&place) % 4096;
        else if (round % 4 == 2)
            bad[page + next_random(&place) % 4096] ^= (uint8_t)(1u << round % 8);
        else /* the heads of pages, where LMDB's own links stand */
            bad[page + next_random(&place) % 64] ^= (uint8_t)(1 + next_random(&place) % 255);
        cr_assert_eq(ftruncate(fd, 0), 0);
        cr_assert_eq(pwrite(fd, bad, kept, 0), (ssize_t)kept);
        enum fl_status status = load(&place, FL_CHECKPOINT_B, &newer, NULL);
        cr_assert(status == FL_OK || status == FL_CORRUPT || status == FL_NOT_FOUND, "round %u: %s",
                  round, place.error.message);
        if (round % 4 == 1 && kept + 8192 < size)
            cr_assert_neq(status, FL_OK, "round %u: cut to %lu of %lu", round, kept, size);
        refused += status != FL_OK;
        if (round % 10 == 0)
            cr_assert_eq(load(&place, FL_CHECKPOINT_A, &older, NULL), FL_OK);
    }
    cr_assert_gt(refused, 60);
    close(fd);
    free(good);
    free(bad);
    copy_free(&older);
    copy_free(&newer);
    end(&place);
}

/* Every byte of the pieces is covered: a flip in the middle of any chunk's page is found. */
Test(checkpoint, f2_a_flipped_bit_in_any_chunk_is_found)
{
    struct place place;
    begin(&place);
    grow(&place, 3000);
    cr_assert_eq(write_now(&place), FL_OK);
    const uint8_t *needle = fl_store_fixed(&place.store, FL_COLUMN_invoice_cold, 100);
    const char *file = data_file(&place, FL_CHECKPOINT_A);
    int fd = open(file, O_RDWR);
    struct stat st;
    fstat(fd, &st);
    uint8_t *bytes = malloc((size_t)st.st_size);
    cr_assert_eq(pread(fd, bytes, (size_t)st.st_size, 0), st.st_size);
    uint8_t *at = memmem(bytes, (size_t)st.st_size, needle, 16);
    cr_assert_not_null(at);
    *at ^= 4;
    cr_assert_eq(pwrite(fd, at, 1, at - bytes), 1);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    cr_assert(strstr(place.error.message, "checksum"), "%s", place.error.message);
    close(fd);
    free(bytes);
    end(&place);
}

Test(checkpoint, another_directorys_checkpoint_is_refused)
{
    struct place place;
    begin(&place);
    grow(&place, 100);
    cr_assert_eq(write_now(&place), FL_OK);
    place.config.directory_id[3] ^= 1;
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    end(&place);
}

static void rewrite_root(struct place *place, void (*edit)(struct fl_checkpoint_root *root))
{
    char path[400];
    struct fl_lmdb *lmdb;
    struct fl_checkpoint_root root;
    struct fl_checkpoint_key key = {.column = FL_CHECKPOINT_ROOT_COLUMN};
    cr_assert_eq(fl_checkpoint_read_root(place->path, FL_CHECKPOINT_A, place->config.directory_id,
                                         &root, NULL),
                 FL_OK);
    edit(&root);
    fl_checkpoint_path(place->path, FL_CHECKPOINT_A, false, path, sizeof path);
    cr_assert_eq(fl_lmdb_open_writing(path, 1u << 30, &lmdb, NULL), FL_OK);
    cr_assert_eq(fl_lmdb_put(lmdb, &key, &root, sizeof root, NULL), FL_OK);
    cr_assert_eq(fl_lmdb_commit(lmdb, NULL), FL_OK);
    fl_lmdb_close(lmdb);
}

static void edit_format(struct fl_checkpoint_root *root)
{
    root->format++;
    root->checksum = fl_checkpoint_root_checksum(root);
}

static void edit_manifest(struct fl_checkpoint_root *root)
{
    root->manifest_hash++;
    root->checksum = fl_checkpoint_root_checksum(root);
}

static void edit_rows(struct fl_checkpoint_root *root)
{
    root->rows[FL_TABLE_invoice]--;
    root->checksum = fl_checkpoint_root_checksum(root);
}

static void edit_seq(struct fl_checkpoint_root *root)
{
    root->seq++;
}

Test(checkpoint, f3_f4_a_root_that_does_not_fit_is_refused)
{
    struct place place;
    begin(&place);
    grow(&place, 3000);
    cr_assert_eq(write_now(&place), FL_OK);
    fl_checkpoint_close(place.checkpoint);
    place.checkpoint = NULL;
    rewrite_root(&place, edit_manifest);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    rewrite_root(&place, edit_rows);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    rewrite_root(&place, edit_format);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_NEWER_FORMAT);
    end(&place);
    begin(&place);
    grow(&place, 3000);
    cr_assert_eq(write_now(&place), FL_OK);
    fl_checkpoint_close(place.checkpoint);
    place.checkpoint = NULL;
    rewrite_root(&place, edit_seq);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    end(&place);
}

/* Puts keys that are not in force; a crash between the chunks and the root leaves such. */
static void put_leftovers(struct place *place, uint64_t id, uint16_t piece)
{
    char path[400];
    struct fl_lmdb *lmdb;
    fl_checkpoint_path(place->path, FL_CHECKPOINT_A, false, path, sizeof path);
    cr_assert_eq(fl_lmdb_open_writing(path, 1u << 30, &lmdb, NULL), FL_OK);
    struct fl_checkpoint_key key = {
        .column = FL_COLUMN_invoice_money, .checkpoint_id = id, .piece = piece};
    cr_assert_eq(fl_lmdb_put(lmdb, &key, "leftover", 8, NULL), FL_OK);
    cr_assert_eq(fl_lmdb_commit(lmdb, NULL), FL_OK);
    fl_lmdb_close(lmdb);
}

Test(checkpoint, f1_leftovers_are_passed_over_and_swept_by_the_next_turn)
{
    struct place place;
    begin(&place);
    grow(&place, 3000);
    for (int i = 0; i < 3; i++) {
        change(&place, 200);
        cr_assert_eq(write_now(&place), FL_OK);
    }
    struct copy copy = copy_take(&place.store); /* checkpoint 3, in A */
    fl_checkpoint_close(place.checkpoint);
    place.checkpoint = NULL;
    put_leftovers(&place, 1, FL_CHECKPOINT_TAIL); /* superseded, half deleted */
    put_leftovers(&place, 9, 0);                  /* of a checkpoint that did not end */
    struct fl_checkpoint_proved proved;
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, &copy, &proved), FL_OK, "%s", place.error.message);
    cr_assert(proved.leftovers);
    cr_assert_eq(proved.id_max, 9);
    fl_checkpoint_manifest_free(&proved.manifest);
    copy_free(&copy);
    cr_assert_eq(fl_checkpoint_open(place.path, &place.config, &place.checkpoint, NULL), FL_OK);
    restart(&place, FL_CHECKPOINT_A);
    for (int i = 0; i < 2; i++) {
        change(&place, 200);
        cr_assert_eq(write_now(&place), FL_OK, "%s", place.error.message);
    }
    copy = copy_take(&place.store);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, &copy, &proved), FL_OK, "%s", place.error.message);
    cr_assert_not(proved.leftovers);
    cr_assert_gt(proved.root.checkpoint_id, 9);
    fl_checkpoint_manifest_free(&proved.manifest);
    copy_free(&copy);
    end(&place);
}

Test(checkpoint, p3_a_full_map_fails_one_checkpoint_and_nothing_else)
{
    struct place place;
    begin(&place);
    fl_checkpoint_close(place.checkpoint);
    place.config.map_bytes = 4u << 20;
    cr_assert_eq(fl_checkpoint_open(place.path, &place.config, &place.checkpoint, NULL), FL_OK);
    grow(&place, 10000);
    cr_assert_eq(write_now(&place), FL_OK, "%s", place.error.message);
    cr_assert_eq(write_now(&place), FL_OK, "%s", place.error.message);
    struct copy copy = copy_take(&place.store);
    grow(&place, 80000);
    cr_assert_eq(write_now(&place), FL_NO_SPACE, "%s", place.error.message);
    cr_assert_eq(write_now(&place), FL_NO_SPACE);
    cr_assert_eq(load(&place, FL_CHECKPOINT_A, &copy, NULL), FL_OK, "%s", place.error.message);
    cr_assert_eq(load(&place, FL_CHECKPOINT_B, &copy, NULL), FL_OK);
    place.config.map_bytes = 1u << 30;
    restart(&place, FL_CHECKPOINT_B);
    grow(&place, 40000);
    copy_free(&copy);
    copy = copy_take(&place.store);
    struct fl_checkpoint_proved proved;
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(write_now(&place), FL_OK, "%s", place.error.message);
        cr_assert_eq(load(&place, (enum fl_checkpoint_side)i, &copy, &proved), FL_OK);
        cr_assert_not(proved.leftovers);
        fl_checkpoint_manifest_free(&proved.manifest);
    }
    copy_free(&copy);
    end(&place);
}

Test(checkpoint, a_state_larger_than_the_store_is_refused_by_name)
{
    struct place place;
    begin(&place);
    grow(&place, 60000);
    cr_assert_eq(write_now(&place), FL_OK);
    struct fl_arena arena = {0};
    struct fl_store small;
    struct fl_store_config config = {.memory_bytes = 64 << 10, .rows_max = 1000};
    cr_assert_eq(fl_store_init(&small, &arena, &config), FL_OK);
    cr_assert_eq(fl_checkpoint_load(place.path, FL_CHECKPOINT_A, place.config.directory_id, &small,
                                    NULL, NULL, NULL, &place.error),
                 FL_NO_MEMORY);
    fl_arena_close(&arena);
    end(&place);
}

Test(checkpoint, verifying_alone_needs_no_store)
{
    struct place place;
    begin(&place);
    grow(&place, 5000);
    cr_assert_eq(write_now(&place), FL_OK);
    cr_assert_eq(fl_checkpoint_load(place.path, FL_CHECKPOINT_A, place.config.directory_id, NULL,
                                    NULL, NULL, NULL, &place.error),
                 FL_OK);
    end(&place);
}
