#include "tests/support/store_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/wal_fixture.h"

#define ROWS_MAX (1u << 18)

uint64_t fl_store_fixture_random(struct fl_store_fixture *place)
{
    place->random = place->random * 6364136223846793005u + 1442695040888963407u;
    return place->random >> 20;
}

void fl_store_fixture_store(struct fl_store *store, struct fl_arena *arena)
{
    memset(arena, 0, sizeof *arena);
    struct fl_store_config config = {.memory_bytes = 256u << 20, .rows_max = ROWS_MAX};
    cr_assert_eq(fl_store_init(store, arena, &config), FL_OK);
}

void fl_store_fixture_begin(struct fl_store_fixture *place)
{
    memset(place, 0, sizeof *place);
    place->random = 4711;
    fl_temp_dir_make(place->path);
    fl_store_fixture_store(&place->store, &place->arena);
    place->config =
        (struct fl_checkpoint_config){.map_bytes = 1u << 30, .bytes_per_second = UINT64_MAX};
    memcpy(place->config.directory_id, "sixteen bytes id", 16);
    cr_assert_eq(fl_checkpoint_open(place->path, &place->config, &place->checkpoint, NULL), FL_OK);
}

void fl_store_fixture_end(struct fl_store_fixture *place)
{
    fl_checkpoint_close(place->checkpoint);
    fl_arena_close(&place->arena);
    fl_temp_dir_remove(place->path);
}

static const enum fl_table_id tables[] = {FL_TABLE_text,  FL_TABLE_personal, FL_TABLE_customer,
                                          FL_TABLE_order, FL_TABLE_invoice,  FL_TABLE_movement};

static void fill_cells(struct fl_store_fixture *place, enum fl_table_id table, uint32_t row)
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        const struct fl_column *column = &place->store.columns[i];
        if (column->table != table)
            continue;
        uint8_t *cell = column->kind == FL_COLUMN_LIVE ? fl_store_write(&place->store, i, row)
                                                       : fl_store_fixed(&place->store, i, row);
        uint64_t value = fl_store_fixture_random(place);
        for (uint32_t b = 0; b < 1u << column->element_shift; b++)
            cell[b] = (uint8_t)(value >> (b % 8 * 5));
    }
}

void fl_store_fixture_grow(struct fl_store_fixture *place, uint32_t rows)
{
    for (uint32_t i = 0; i < rows; i++) {
        enum fl_table_id table =
            tables[fl_store_fixture_random(place) % (sizeof tables / sizeof tables[0])];
        fill_cells(place, table, fl_store_add_row(&place->store, table));
        place->seq++;
    }
}

void fl_store_fixture_change(struct fl_store_fixture *place, uint32_t cells)
{
    static const enum fl_column_id live[] = {FL_COLUMN_invoice_money, FL_COLUMN_customer_account,
                                             FL_COLUMN_order_live};
    for (uint32_t i = 0; i < cells; i++) {
        enum fl_column_id column = live[fl_store_fixture_random(place) % 3];
        uint32_t rows = place->store.rows[place->store.columns[column].table];
        uint8_t *cell = fl_store_write(&place->store, column,
                                       (uint32_t)(fl_store_fixture_random(place) % rows));
        cell[0] = (uint8_t)(cell[0] + 1);
        place->seq++;
    }
}

struct fl_store_copy fl_store_copy_take(const struct fl_store *store)
{
    struct fl_store_copy copy;
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

void fl_store_copy_free(struct fl_store_copy *copy)
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++)
        free(copy->bytes[i]);
}

bool fl_store_copy_is_equal(const struct fl_store_copy *a, const struct fl_store_copy *b)
{
    bool equal = memcmp(a->rows, b->rows, sizeof a->rows) == 0;
    for (unsigned i = 0; equal && i < FL_COLUMN_COUNT; i++)
        equal = a->size[i] == b->size[i] && memcmp(a->bytes[i], b->bytes[i], a->size[i]) == 0;
    return equal;
}

/* 64 KiB windows in which they differ. */
uint64_t fl_store_copy_windows(const struct fl_store_copy *a, const struct fl_store_copy *b)
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

enum fl_status fl_store_fixture_write(struct fl_store_fixture *place)
{
    struct fl_snapshot snapshot;
    cr_assert_eq(fl_snapshot_take(&place->store, place->seq, &snapshot), FL_OK);
    enum fl_status status = fl_checkpoint_write(place->checkpoint, &snapshot, &place->error);
    fl_snapshot_release(&snapshot);
    return status;
}

/* Loads a side into a store of its own and compares it. */
enum fl_status fl_store_fixture_load(struct fl_store_fixture *place, enum fl_checkpoint_side side,
                                     const struct fl_store_copy *expected,
                                     struct fl_checkpoint_proved *proved)
{
    struct fl_store store;
    struct fl_arena arena;
    fl_store_fixture_store(&store, &arena);
    struct fl_checkpoint_proved own = {0};
    enum fl_status status =
        fl_checkpoint_load(place->path, side, place->config.directory_id, &store,
                           proved ? proved : &own, NULL, NULL, &place->error);
    if (status == FL_OK && expected) {
        struct fl_store_copy got = fl_store_copy_take(&store);
        cr_assert(fl_store_copy_is_equal(&got, expected),
                  "what was loaded is not what was written");
        fl_store_copy_free(&got);
    }
    fl_checkpoint_manifest_free(&own.manifest);
    fl_arena_close(&arena);
    return status;
}

/* Ends the process's knowledge: a new store from side `from`, and a new writer that adopted it. */
void fl_store_fixture_restart(struct fl_store_fixture *place, enum fl_checkpoint_side from)
{
    struct fl_checkpoint_proved proved;
    fl_checkpoint_close(place->checkpoint);
    fl_arena_close(&place->arena);
    fl_store_fixture_store(&place->store, &place->arena);
    cr_assert_eq(fl_checkpoint_load(place->path, from, place->config.directory_id, &place->store,
                                    &proved, NULL, NULL, &place->error),
                 FL_OK, "%s", place->error.message);
    cr_assert_eq(fl_checkpoint_open(place->path, &place->config, &place->checkpoint, NULL), FL_OK);
    fl_checkpoint_adopt(place->checkpoint, from, &proved);
}
