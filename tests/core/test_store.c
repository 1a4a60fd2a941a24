#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/data/hash_index.h"
#include "core/data/store.h"
#include "tests/support/store_model.h"

static void store_open(struct fl_store *store, struct fl_arena *arena, uint64_t memory_bytes)
{
    struct fl_store_config config = {.memory_bytes = memory_bytes, .rows_max = 1u << 20};
    memset(arena, 0, sizeof *arena);
    cr_assert_eq(fl_store_init(store, arena, &config), FL_OK);
}

Test(store, cells_and_rows_agree_with_plain_arrays)
{
    static struct fl_store store;
    struct fl_arena arena;
    struct fl_random random = fl_random_start("store");
    struct fl_store_model *model = fl_store_model_new();
    store_open(&store, &arena, 256u << 20);
    for (unsigned step = 0; step < 20000; step++) {
        fl_store_model_step(model, &store, &random);
        if (step % 4000 == 0)
            fl_store_model_check(model, &store);
    }
    fl_store_model_check(model, &store);
    fl_store_model_free(model);
    fl_arena_close(&arena);
}

/* Index entries as a plain list beside the index. */
struct entries {
    uint64_t hash[4000];
    uint32_t count;
};

static void index_step(struct fl_hash_index *index, struct entries *entries, struct fl_store *store,
                       struct fl_random *random)
{
    if (entries->count > 0 && fl_random_below(random, 3) == 0) {
        uint32_t last = --entries->count; /* rows are positions: the last goes */
        fl_hash_index_remove(index, entries->hash[last], last);
        fl_store_undo_index(store, FL_UNDO_INDEX_REMOVE, 0, entries->hash[last], last);
    } else if (entries->count < 4000) {
        uint64_t hash = fl_random_below(random, 900) << 32;
        fl_hash_index_add(index, hash, entries->count);
        fl_store_undo_index(store, FL_UNDO_INDEX_ADD, 0, hash, entries->count);
        entries->hash[entries->count++] = hash;
    }
}

static void index_check(const struct fl_hash_index *index, const struct entries *entries)
{
    cr_assert_eq(index->count, entries->count);
    for (uint32_t i = 0; i < entries->count; i++) {
        struct fl_index_cursor cursor;
        uint32_t row = fl_hash_index_first(index, entries->hash[i], &cursor);
        while (row != FL_NO_ROW && row != i)
            row = fl_hash_index_next(index, &cursor);
        cr_assert_eq(row, i);
    }
}

/* Marks, does some steps and takes them back or keeps them; snapshots come and go between, so that
 * chunks are copied while an undo is recorded. */
Test(store, t4_undo_restores_every_row_byte_and_index_entry)
{
    static struct fl_store store;
    static struct entries entries, entries_before;
    struct fl_arena arena;
    struct fl_hash_index index, *indexes[1] = {&index};
    struct fl_snapshot snapshot = {0};
    struct fl_random random = fl_random_start("undo");
    struct fl_store_model *model = fl_store_model_new();
    store_open(&store, &arena, 256u << 20);
    cr_assert_eq(fl_hash_index_init(&index, &arena, 4000, NULL), FL_OK);
    store.undo.indexes = indexes;
    for (unsigned round = 0; round < 150; round++) {
        if (snapshot.store && fl_random_below(&random, 2))
            fl_snapshot_release(&snapshot);
        else if (!snapshot.store)
            cr_assert_eq(fl_snapshot_take(&store, round, &snapshot), FL_OK);
        struct fl_store_model *before = fl_store_model_copy(model);
        entries_before = entries;
        fl_store_mark(&store);
        for (uint64_t n = fl_random_below(&random, 60); n > 0; n--) {
            fl_store_model_step(model, &store, &random);
            index_step(&index, &entries, &store, &random);
        }
        if (fl_random_below(&random, 2)) {
            fl_store_undo(&store);
            fl_store_model_free(model);
            model = before;
            entries = entries_before;
        } else {
            fl_store_keep(&store);
            fl_store_model_free(before);
        }
        fl_store_model_check(model, &store);
        index_check(&index, &entries);
    }
    fl_store_model_free(model);
    fl_arena_close(&arena);
}

Test(store, t4_rows_added_again_after_an_undo_begin_with_zeros)
{
    static struct fl_store store;
    static const uint8_t zeros[256];
    struct fl_arena arena;
    store_open(&store, &arena, 64u << 20);
    for (unsigned round = 0; round < 3; round++) {
        fl_store_mark(&store);
        uint32_t row = fl_store_add_rows(&store, FL_TABLE_receipt, 5000);
        cr_assert_eq(row, 0);
        for (; row < 5000; row++) {
            cr_assert_eq(memcmp(fl_receipt_card(&store, row), zeros, 64), 0);
            cr_assert_eq(memcmp(fl_receipt_money(&store, row), zeros, 16), 0);
            memset(fl_receipt_card_new(&store, row), 0xee, sizeof(struct fl_receipt_card));
            memset(fl_receipt_money_write(&store, row), 0xee, sizeof(struct fl_receipt_money));
        }
        fl_store_undo(&store);
        cr_assert_eq(store.rows[FL_TABLE_receipt], 0);
    }
    fl_arena_close(&arena);
}

Test(store, a_row_beyond_the_table_is_a_broken_program, .signal = SIGABRT)
{
    static struct fl_store store;
    struct fl_arena arena;
    store_open(&store, &arena, 64u << 20);
    fl_store_add_row(&store, FL_TABLE_receipt);
    fl_receipt_money_write(&store, 1)->open_minor = 1;
}

/* While room is answered truly no step fails, snapshots or not, and memory stays within its limit.
 */
Test(store, room_covers_rows_and_the_chunks_copied_for_snapshots)
{
    static struct fl_store store;
    struct fl_arena arena;
    struct fl_snapshot snapshots[2] = {0};
    struct fl_random random = fl_random_start("room");
    store_open(&store, &arena, 32u << 20);
    uint64_t refused = 0;
    for (uint64_t step = 0; step < 400000; step++) {
        struct fl_snapshot *snapshot = &snapshots[step / 1000 % 2];
        if (step % 1000 == 0 && snapshot->store)
            fl_snapshot_release(snapshot);
        if (step % 1000 == 0)
            cr_assert_eq(fl_snapshot_take(&store, step, snapshot), FL_OK);
        if (!fl_store_has_room(&store, 16, false)) {
            refused++;
            continue;
        }
        uint32_t row = fl_store_add_row(&store, FL_TABLE_receipt);
        for (unsigned i = 0; i < 7; i++)
            fl_receipt_money_write(&store, (uint32_t)fl_random_below(&random, row + 1))
                ->open_minor++;
        cr_assert_leq(fl_store_bytes_used(&store), store.memory_bytes);
    }
    cr_assert_gt(refused, 0, "the limit was not reached: the test tests nothing");
    cr_assert_gt(store.rows[FL_TABLE_receipt], 20000);
    cr_assert_gt(store.copies, 0);
    fl_arena_close(&arena);
}

Test(store, the_reserve_lets_only_who_may_use_it_go_on)
{
    static struct fl_store store;
    struct fl_arena arena;
    store_open(&store, &arena, 64u << 20);
    while (fl_store_has_room(&store, 16, false))
        fl_store_add_rows(&store, FL_TABLE_receipt, 16);
    uint32_t ordinary = store.rows[FL_TABLE_receipt];
    cr_assert(!fl_store_has_room(&store, 16, false));
    while (fl_store_has_room(&store, 16, true))
        fl_store_add_rows(&store, FL_TABLE_receipt, 16);
    cr_assert_gt(store.rows[FL_TABLE_receipt], ordinary);
    cr_assert_leq(fl_store_bytes_used(&store), store.memory_bytes);
    fl_arena_close(&arena);
}

Test(store, one_command_larger_than_the_usual_step_has_room_where_there_is_memory)
{
    static struct fl_store store;
    struct fl_arena arena;
    store_open(&store, &arena, 512u << 20);
    cr_assert(fl_store_has_room(&store, 300000, false));
    cr_assert(!fl_store_has_room(&store, 3000000, false));
    fl_arena_close(&arena);
}
