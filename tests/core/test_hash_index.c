#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/data/hash_index.h"
#include "core/data/schema.h"
#include "tests/support/random.h"

#define ENTRIES_MAX 60000

/* The truth: a list of all entries, searched from end to end. */
struct model {
    struct entry {
        uint64_t hash;
        uint32_t row;
    } entries[ENTRIES_MAX];
    uint32_t count;
};

/* H3: only the high half counts, and 0 is 1. */
static bool same_hash(uint64_t a, uint64_t b)
{
    uint32_t x = (uint32_t)(a >> 32), y = (uint32_t)(b >> 32);
    return (x ? x : 1) == (y ? y : 1);
}

/* What the index answers for a hash is what the list holds, each row once. */
static void check_hash(const struct fl_hash_index *index, const struct model *model, uint64_t hash)
{
    static uint8_t seen[ENTRIES_MAX];
    uint32_t expected = 0, got = 0;
    for (uint32_t i = 0; i < model->count; i++) {
        seen[model->entries[i].row] = same_hash(model->entries[i].hash, hash);
        expected += same_hash(model->entries[i].hash, hash);
    }
    struct fl_index_cursor cursor;
    for (uint32_t row = fl_hash_index_first(index, hash, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(index, &cursor)) {
        cr_assert(row < ENTRIES_MAX && seen[row] == 1, "row %u twice or never added", row);
        seen[row] = 2;
        got++;
    }
    cr_assert_eq(fl_hash_index_next(index, &cursor), FL_NO_ROW, "the end stays the end");
    cr_assert_eq(got, expected);
    for (uint32_t i = 0; i < model->count; i++)
        seen[model->entries[i].row] = 0;
}

/* Every entry is found by its own hash; group numbers agree with the prefetch. */
static void check_all(const struct fl_hash_index *index, const struct model *model)
{
    cr_assert_eq(index->count, model->count);
    for (uint32_t i = 0; i < model->count; i++) {
        struct fl_index_cursor cursor;
        uint32_t row = fl_hash_index_first(index, model->entries[i].hash, &cursor);
        while (row != FL_NO_ROW && row != model->entries[i].row)
            row = fl_hash_index_next(index, &cursor);
        cr_assert_eq(row, model->entries[i].row);
    }
}

static uint32_t overflow_in_use(const struct fl_hash_index *index)
{
    uint32_t free_groups = 0;
    for (uint32_t at = index->overflow_free; at != 0; at = index->overflow[at - 1].entry[0].row)
        free_groups++;
    return index->overflow_used - free_groups;
}

enum kind { SPREAD, CROWDED, LOW_BITS_EQUAL, ONE_OF_FEW, HIGH_HALF_ZERO, KINDS };

static uint64_t hash_of_kind(struct fl_random *random, enum kind kind)
{
    uint64_t h = fl_random_next(random);
    switch (kind) {
    case CROWDED:
        return h % 3000 << 32;
    case LOW_BITS_EQUAL: /* one group until late */
        return (h & 0xffff) << 48 | UINT64_C(0x2a) << 32 | (h >> 32 & 0xffffffff);
    case ONE_OF_FEW:
        return h % 5 << 40 | h >> 50;
    case HIGH_HALF_ZERO:
        return (h % 3) << 32 | (h >> 40);
    default:
        return h;
    }
}

static void add(struct fl_hash_index *index, struct model *model, uint64_t hash, uint32_t row)
{
    fl_hash_index_add(index, hash, row);
    model->entries[model->count++] = (struct entry){hash, row};
}

static void remove_any(struct fl_hash_index *index, struct model *model, struct fl_random *random,
                       uint32_t *row_out)
{
    struct entry *entry = &model->entries[fl_random_below(random, model->count)];
    *row_out = entry->row;
    fl_hash_index_remove(index, entry->hash, entry->row);
    *entry = model->entries[--model->count];
}

static void run(enum kind kind, uint32_t most, uint64_t steps)
{
    struct fl_random random = fl_random_start("hash_index");
    struct fl_arena arena = {0};
    struct fl_hash_index index;
    struct model *model = calloc(1, sizeof *model);
    uint32_t *rows = malloc(most * sizeof *rows), rows_free = most;
    for (uint32_t i = 0; i < most; i++)
        rows[i] = i;
    cr_assert_eq(fl_hash_index_init(&index, &arena, most, NULL), FL_OK);
    bool growing = true;
    for (uint64_t step = 0; step < steps; step++) {
        growing = model->count == 0 || (model->count < most && (growing || step % 8192 == 0));
        bool adds = fl_random_below(&random, 100) < (growing ? 70 : 30);
        if (model->count == 0 || (adds && rows_free > 0))
            add(&index, model, hash_of_kind(&random, kind), rows[--rows_free]);
        else
            remove_any(&index, model, &random, &rows[rows_free++]);
        if (step % 257 == 0)
            check_hash(&index, model, hash_of_kind(&random, kind));
        if (model->count > 0 && step % 511 == 0)
            check_hash(&index, model, model->entries[model->count / 2].hash);
    }
    if (kind == SPREAD)
        check_all(&index, model);
    while (model->count > 0)
        remove_any(&index, model, &random, &rows[rows_free++]);
    cr_assert_eq(index.count, 0);
    cr_assert_eq(overflow_in_use(&index), 0, "an empty index keeps no overflow group");
    fl_arena_close(&arena);
    free(rows);
    free(model);
}

Test(hash_index, h1_h2_spread_hashes_agree_with_a_list)
{
    run(SPREAD, 20000, 150000);
}

Test(hash_index, h2_many_equal_hashes_agree_with_a_list)
{
    run(CROWDED, 20000, 150000);
    run(ONE_OF_FEW, 3000, 40000);
}

Test(hash_index, h3_a_hash_of_zero_is_found_and_removed)
{
    run(HIGH_HALF_ZERO, 1000, 20000);
}

Test(hash_index, h3_hashes_that_share_their_low_bits_agree_with_a_list)
{
    run(LOW_BITS_EQUAL, 8000, 60000);
}

/* A table that cannot part one key must still grow for all others. */
Test(hash_index, h4_one_hash_thousands_of_times_does_not_stop_growth)
{
    struct fl_random random = fl_random_start("one hash");
    struct fl_arena arena = {0};
    struct fl_hash_index index;
    struct model *model = calloc(1, sizeof *model);
    cr_assert_eq(fl_hash_index_init(&index, &arena, ENTRIES_MAX, NULL), FL_OK);
    uint64_t often = UINT64_C(5) << 32;
    uint32_t row = 0;
    for (; row < 5000; row++)
        add(&index, model, often, row);
    for (; row < ENTRIES_MAX; row++)
        add(&index, model, fl_random_next(&random), row);
    uint64_t groups = (uint64_t)index.level_mask + 1 + index.split_next;
    cr_assert_geq(groups * 5, ENTRIES_MAX, "%lu groups", (unsigned long)groups);
    check_hash(&index, model, often);
    for (uint32_t i = 5000; i < ENTRIES_MAX; i += 997)
        check_hash(&index, model, model->entries[i].hash);
    while (row-- > 0)
        fl_hash_index_remove(&index, model->entries[row].hash, model->entries[row].row);
    cr_assert_eq(overflow_in_use(&index), 0);
    fl_arena_close(&arena);
    free(model);
}

Test(hash_index, every_hash_one_and_the_index_full_still_fits)
{
    struct fl_arena arena = {0};
    struct fl_hash_index index;
    cr_assert_eq(fl_hash_index_init(&index, &arena, 4096, NULL), FL_OK);
    for (uint32_t row = 0; row < 4096; row++)
        fl_hash_index_add(&index, UINT64_C(77) << 32, row);
    struct fl_index_cursor cursor;
    uint32_t found = 0;
    for (uint32_t row = fl_hash_index_first(&index, UINT64_C(77) << 32, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(&index, &cursor))
        found++;
    cr_assert_eq(found, 4096);
    fl_arena_close(&arena);
}

Test(hash_index, removing_what_does_not_stand_there_is_a_broken_program, .signal = SIGABRT)
{
    struct fl_arena arena = {0};
    struct fl_hash_index index;
    cr_assert_eq(fl_hash_index_init(&index, &arena, 1000, NULL), FL_OK);
    fl_hash_index_add(&index, UINT64_C(7) << 32, 3);
    fl_hash_index_remove(&index, UINT64_C(7) << 32, 4);
}
