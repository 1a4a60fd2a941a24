#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/data/snapshot.h"
#include "tests/support/store_model.h"

static void store_open(struct fl_store *store, struct fl_arena *arena, uint64_t memory_bytes)
{
    struct fl_store_config config = {.memory_bytes = memory_bytes, .rows_max = 1u << 20};
    memset(arena, 0, sizeof *arena);
    cr_assert_eq(fl_store_init(store, arena, &config), FL_OK);
}

/* Nothing of any snapshot is left: one slot a chunk, no chain. */
static void check_reclaimed(struct fl_store *store)
{
    fl_store_reclaim(store);
    while (store->retired_count > 0) {
        uint32_t before = store->retired_count;
        fl_store_reclaim(store);
        cr_assert_lt(store->retired_count, before, "a chunk nobody needs is kept");
    }
    uint32_t chunks = 0;
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        const struct fl_column *c = &store->columns[i];
        for (uint32_t k = 0; c->kind == FL_COLUMN_LIVE && c->head[k].chunk; k++) {
            chunks++;
            cr_assert_eq((uint32_t)store->slots[fl_slot_of_chunk(store, c->head[k].chunk)].link,
                         FL_NO_SLOT);
        }
    }
    cr_assert_eq(store->slots_used - store->free_count, chunks);
    cr_assert_eq(store->live_count, 0);
}

/* A snapshot and the copy of everything that was made at its moment. */
struct pair {
    struct fl_snapshot snapshot;
    struct fl_store_model *model;
};

static void pair_release(struct pair *pair)
{
    fl_store_model_check_snapshot(pair->model, &pair->snapshot);
    fl_store_model_free(pair->model);
    fl_snapshot_release(&pair->snapshot);
    pair->model = NULL;
}

Test(snapshot, t1_two_live_snapshots_stay_equal_to_full_copies_under_random_writes)
{
    static struct fl_store store;
    struct fl_arena arena;
    struct fl_random random = fl_random_start("snapshot");
    struct fl_store_model *model = fl_store_model_new();
    struct pair pairs[2] = {0};
    store_open(&store, &arena, 512u << 20);
    for (unsigned round = 0; round < 60; round++) {
        struct pair *pair = &pairs[fl_random_below(&random, 2)];
        if (pair->model) {
            pair_release(pair);
        } else {
            cr_assert_eq(fl_snapshot_take(&store, round, &pair->snapshot), FL_OK);
            pair->model = fl_store_model_copy(model);
        }
        for (uint64_t n = fl_random_below(&random, 600); n > 0; n--)
            fl_store_model_step(model, &store, &random);
        for (unsigned i = 0; i < 2; i++) {
            if (pairs[i].model)
                fl_store_model_check_snapshot(pairs[i].model, &pairs[i].snapshot);
        }
        fl_store_model_check(model, &store);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (pairs[i].model)
            pair_release(&pairs[i]);
    }
    check_reclaimed(&store);
    fl_store_model_check(model, &store);
    fl_store_model_free(model);
    fl_arena_close(&arena);
}

/* What an incremental reader does: it keeps its own copy and reads changed windows only. */
Test(snapshot, t2_windows_said_unchanged_are_unchanged)
{
    static struct fl_store store;
    static uint8_t mine[FL_STORE_MODEL_ROWS * 64];
    const enum fl_column_id columns[] = {FL_COLUMN_movement_live, FL_COLUMN_movement_row};
    struct fl_arena arena;
    struct fl_random random = fl_random_start("changed");
    uint32_t skipped = 0; /* of both columns: a seed may leave none of one */
    for (unsigned c = 0; c < 2; c++) {
        struct fl_store_model *model = fl_store_model_new();
        uint32_t since = 0, element = 1u << 2;
        store_open(&store, &arena, 512u << 20);
        memset(mine, 0, sizeof mine);
        element = 1u << store.columns[columns[c]].element_shift;
        for (unsigned round = 0; round < 80; round++) {
            struct fl_snapshot snapshot;
            cr_assert_eq(fl_snapshot_take(&store, round, &snapshot), FL_OK);
            uint32_t windows = fl_snapshot_chunk_count(&snapshot, columns[c]);
            for (uint32_t k = 0; k < windows; k++) {
                uint32_t n;
                const uint8_t *bytes = fl_snapshot_chunk(&snapshot, columns[c], k, &n);
                if (fl_snapshot_chunk_changed(&snapshot, columns[c], k, since))
                    memcpy(mine + ((size_t)k << FL_CHUNK_SHIFT), bytes, (size_t)n * element);
                else
                    skipped++;
            }
            cr_assert_eq(memcmp(mine, model->cells[columns[c]],
                                (size_t)snapshot.rows[FL_TABLE_movement] * element),
                         0);
            since = snapshot.version;
            fl_snapshot_release(&snapshot);
            for (uint64_t n = fl_random_below(&random, 200); n > 0; n--)
                fl_store_model_step(model, &store, &random);
        }
        fl_store_model_free(model);
        fl_arena_close(&arena);
    }
    cr_assert_gt(skipped, 0);
}

Test(snapshot, readers_of_one_version_share_it_and_a_third_version_waits)
{
    static struct fl_store store;
    struct fl_arena arena;
    struct fl_snapshot a, b, c, d;
    store_open(&store, &arena, 64u << 20);
    fl_store_add_row(&store, FL_TABLE_receipt);
    cr_assert_eq(fl_snapshot_take(&store, 1, &a), FL_OK);
    cr_assert_eq(fl_snapshot_take(&store, 1, &b), FL_OK);
    cr_assert_eq(a.version, b.version);
    fl_store_add_row(&store, FL_TABLE_receipt);
    cr_assert_eq(fl_snapshot_take(&store, 2, &c), FL_OK);
    cr_assert_neq(a.version, c.version);
    fl_store_add_row(&store, FL_TABLE_receipt);
    cr_assert_eq(fl_snapshot_take(&store, 3, &d), FL_BUSY);
    fl_snapshot_release(&a);
    cr_assert_eq(fl_snapshot_take(&store, 3, &d), FL_BUSY, "b still reads the first version");
    fl_snapshot_release(&b);
    cr_assert_eq(fl_snapshot_take(&store, 3, &d), FL_OK);
    fl_snapshot_release(&c);
    fl_snapshot_release(&d);
    check_reclaimed(&store);
    fl_arena_close(&arena);
}

Test(snapshot, when_the_last_reader_has_left_no_chunk_is_copied_any_more)
{
    static struct fl_store store;
    struct fl_arena arena;
    struct fl_snapshot snapshot;
    store_open(&store, &arena, 64u << 20);
    fl_store_add_row(&store, FL_TABLE_receipt);
    cr_assert_eq(fl_snapshot_take(&store, 1, &snapshot), FL_OK);
    fl_receipt_money_write(&store, 0)->open_minor = 1;
    cr_assert_eq(store.copies, 1);
    fl_snapshot_release(&snapshot);
    cr_assert_eq(fl_snapshot_take(&store, 2, &snapshot), FL_OK);
    fl_snapshot_release(&snapshot);
    fl_receipt_money_write(&store, 0)->open_minor = 2;
    cr_assert_eq(store.copies, 1);
    check_reclaimed(&store);
    fl_arena_close(&arena);
}

/* ---- threads
 * ---------------------------------------------------------------------------------------- */

#define ACCOUNTS 40000u /* ten chunks */
#define READERS  4

/* A snapshot on its way to a reader; `full` is the hand-over: release by who fills or empties it,
 * acquire by the other. */
struct letter_box {
    struct fl_snapshot snapshot;
    int64_t first[10]; /* what the first account of each chunk held */
    _Atomic uint32_t full;
    _Atomic uint32_t *stop;
    uint32_t passes; /* how often the reader reads everything */
    uint32_t wrong, read;
};

static int64_t money_of(const struct fl_snapshot *snapshot, uint32_t row)
{
    return fl_at_receipt_money(snapshot, row)->open_minor;
}

/* Money only moves between accounts: in any snapshot it sums to nothing. */
static bool sums_to_nothing(const struct fl_snapshot *snapshot)
{
    int64_t sum = 0;
    uint32_t windows = fl_snapshot_chunk_count(snapshot, FL_COLUMN_receipt_money);
    for (uint32_t k = 0; k < windows; k++) {
        uint32_t n;
        const struct fl_receipt_money *money = (const struct fl_receipt_money *)fl_snapshot_chunk(
            snapshot, FL_COLUMN_receipt_money, k, &n);
        for (uint32_t i = 0; i < n; i++)
            sum += money[i].open_minor;
    }
    return sum == 0;
}

static void *reader(void *argument)
{
    struct letter_box *box = argument;
    for (;;) {
        /* Stop first: a letter posted before it is then seen. */
        bool stops = atomic_load_explicit(box->stop, memory_order_acquire);
        if (!atomic_load_explicit(&box->full, memory_order_acquire)) {
            if (stops)
                return NULL;
            continue;
        }
        for (uint32_t pass = 0; pass < box->passes; pass++) {
            if (!sums_to_nothing(&box->snapshot))
                box->wrong++;
            for (uint32_t i = 0; i < 20000;
                 i++) /* many walks, so that some are cut in the middle */
                box->wrong += money_of(&box->snapshot, i % 10 * 4096) != box->first[i % 10];
        }
        box->read++;
        fl_snapshot_release(&box->snapshot);
        atomic_store_explicit(&box->full, 0, memory_order_release);
    }
}

/* All readers get the same version, once all have read the last: the other one is the writer's own.
 */
static void letters_post(struct fl_store *store, struct letter_box *boxes, uint64_t seq)
{
    for (unsigned i = 0; i < READERS; i++) {
        if (atomic_load_explicit(&boxes[i].full, memory_order_acquire))
            return;
    }
    for (unsigned i = 0; i < READERS; i++) {
        cr_assert_eq(fl_snapshot_take(store, seq, &boxes[i].snapshot), FL_OK);
        for (uint32_t k = 0; k < 10; k++)
            boxes[i].first[k] = fl_receipt_money(store, k * 4096)->open_minor;
    }
    for (unsigned i = 0; i < READERS; i++)
        atomic_store_explicit(&boxes[i].full, 1, memory_order_release);
}

static void move_money(struct fl_store *store, struct fl_random *random)
{
    int64_t amount = (int64_t)fl_random_below(random, 1000);
    uint32_t from = (uint32_t)fl_random_below(random, ACCOUNTS);
    uint32_t to = (uint32_t)fl_random_below(random, 10) * 4096;
    fl_receipt_money_write(store, from)->open_minor -= amount;
    fl_receipt_money_write(store, to)->open_minor += amount;
}

/* Long readers hold one version while the writer makes, drops and recycles others all the time
 * (T5): more readers than cores, so that walks are interrupted. */
Test(snapshot, t5_readers_see_their_version_while_chunks_of_others_are_recycled)
{
    static struct fl_store store;
    static struct letter_box boxes[READERS];
    struct fl_arena arena;
    struct fl_random random = fl_random_start("threads");
    _Atomic uint32_t stop = 0;
    pthread_t threads[READERS];
    store_open(&store, &arena, 64u << 20);
    fl_store_add_rows(&store, FL_TABLE_receipt, ACCOUNTS);
    for (unsigned i = 0; i < READERS; i++) {
        boxes[i].stop = &stop;
        boxes[i].passes = 1 + i * 2;
        pthread_create(&threads[i], NULL, reader, &boxes[i]);
    }
    for (uint64_t seq = 1; seq < 12000; seq++) {
        letters_post(&store, boxes, seq);
        move_money(&store, &random);
        struct fl_snapshot mine;
        cr_assert_eq(fl_snapshot_take(&store, seq, &mine), FL_OK);
        for (unsigned n = 0; n < 6; n++)
            move_money(&store, &random);
        fl_snapshot_release(&mine);
        fl_snapshot_collect(&store);
    }
    atomic_store_explicit(&stop, 1, memory_order_release);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        cr_assert_gt(boxes[i].read, 0);
        cr_assert_eq(boxes[i].wrong, 0, "reader %u", i);
    }
    check_reclaimed(&store);
    fl_arena_close(&arena);
}
