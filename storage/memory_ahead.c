#include "storage/memory_ahead.h"

#include <sys/mman.h>

#define STEP_BYTES (UINT64_C(4) << 20)
#define FROM_BYTES (UINT64_C(16) << 20)

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

void fl_memory_ahead_init(struct fl_memory_ahead *ahead, const struct fl_store *store)
{
    *ahead = (struct fl_memory_ahead){.store = store};
}

void fl_memory_ahead_note(struct fl_memory_ahead *ahead)
{
    const struct fl_store *store = ahead->store;
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        const struct fl_column *column = &store->columns[i];
        if (column->kind != FL_COLUMN_LIVE)
            atomic_store_explicit(&ahead->used[i],
                                  (uint64_t)store->rows[column->table] << column->element_shift,
                                  memory_order_relaxed);
    }
    atomic_store_explicit(&ahead->used[FL_COLUMN_COUNT],
                          (uint64_t)store->slots_used << FL_CHUNK_SHIFT, memory_order_relaxed);
}

static void range_step(struct fl_memory_ahead *ahead, unsigned i, uint8_t *base, uint64_t bytes_max)
{
    uint64_t used = atomic_load_explicit(&ahead->used[i], memory_order_relaxed);
    if (used < FROM_BYTES || used + STEP_BYTES <= ahead->ready[i])
        return;
    /* From the next step on: the one the writer is in it has begun already. */
    uint64_t from = (used + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
    if (from < ahead->ready[i])
        from = ahead->ready[i];
    if (from + STEP_BYTES > bytes_max)
        return;
    if (madvise(base + from, STEP_BYTES, MADV_POPULATE_WRITE) != 0)
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
}
