#include "storage/memory_ahead.h"

#include <sys/mman.h>

#include "core/data/hash_index.h"

#define MIB (UINT64_C(1) << 20)
#define STEP_BYTES (4 * MIB)
#define AHEAD_BYTES_MAX (32 * MIB)
#define FROM_BYTES (2 * MIB)

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

void fl_memory_ahead_init(struct fl_memory_ahead *ahead, const struct fl_store *store)
{
    *ahead = (struct fl_memory_ahead){.store = store};
    FL_ASSERT(store->undo.index_count <= FL_MEMORY_AHEAD_INDEXES);
}

static void note(struct fl_memory_ahead *ahead, unsigned range, uint64_t bytes)
{
    atomic_store_explicit(&ahead->used[range], bytes, memory_order_relaxed);
}

void fl_memory_ahead_note(struct fl_memory_ahead *ahead)
{
    const struct fl_store *store = ahead->store;
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        const struct fl_column *column = &store->columns[i];
        if (column->kind != FL_COLUMN_LIVE)
            note(ahead, i, (uint64_t)store->rows[column->table] << column->element_shift);
    }
    note(ahead, FL_COLUMN_COUNT, (uint64_t)store->slots_used << FL_CHUNK_SHIFT);
    for (unsigned i = 0; i < store->undo.index_count; i++)
        note(ahead, FL_COLUMN_COUNT + 1 + i, fl_hash_index_groups_bytes(store->undo.indexes[i]));
}

/* How far from its beginning a range with so many bytes in use should be ready. */
static uint64_t wanted(uint64_t used)
{
    uint64_t more = used / 4;
    more = more < STEP_BYTES ? STEP_BYTES : more > AHEAD_BYTES_MAX ? AHEAD_BYTES_MAX : more;
    return used + more;
}

static void range_step(struct fl_memory_ahead *ahead, unsigned i, void *base, uint64_t bytes_max)
{
    uint64_t used = atomic_load_explicit(&ahead->used[i], memory_order_relaxed);
    if (used < FROM_BYTES || wanted(used) <= ahead->ready[i])
        return;
    /* From the next huge page on: the one the writer is in it has begun already. */
    uint64_t from = (used + FROM_BYTES - 1) / FROM_BYTES * FROM_BYTES;
    if (from < ahead->ready[i])
        from = ahead->ready[i];
    if (from + STEP_BYTES > bytes_max)
        return;
    if (madvise((char *)base + from, STEP_BYTES, MADV_POPULATE_WRITE) != 0)
        ahead->refused = true;
    ahead->ready[i] = from + STEP_BYTES;
}

void fl_memory_ahead_step(struct fl_memory_ahead *ahead)
{
    const struct fl_store *store = ahead->store;
    for (unsigned i = 0; i < FL_COLUMN_COUNT && !ahead->refused; i++) {
        const struct fl_column *column = &store->columns[i];
        if (column->kind != FL_COLUMN_LIVE)
            range_step(ahead, i, column->base, (uint64_t)store->rows_max << column->element_shift);
    }
    if (!ahead->refused)
        range_step(ahead, FL_COLUMN_COUNT, store->pool,
                   (uint64_t)store->slot_count << FL_CHUNK_SHIFT);
    for (unsigned i = 0; i < store->undo.index_count && !ahead->refused; i++) {
        const struct fl_hash_index *index = store->undo.indexes[i];
        range_step(ahead, FL_COLUMN_COUNT + 1 + i, index->groups,
                   (uint64_t)index->groups_max * sizeof *index->groups);
    }
}
