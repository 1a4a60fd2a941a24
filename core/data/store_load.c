#include "core/data/store_load.h"

static uint32_t chunk_count(const struct fl_column *column, uint32_t rows)
{
    return rows == 0 ? 0 : fl_chunk_of_row(column, rows - 1) + 1;
}

static uint64_t slots_wanted(const struct fl_store *store, const uint32_t *rows)
{
    uint64_t wanted = 0;
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        const struct fl_column *column = &store->columns[i];
        if (column->kind == FL_COLUMN_LIVE)
            wanted += chunk_count(column, rows[column->table]);
    }
    return wanted;
}

static void live_make(struct fl_store *store, struct fl_column *column, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        if (atomic_load_explicit(&column->head[k].chunk, memory_order_relaxed))
            continue;
        uint32_t slot = store->slots_used++;
        FL_ASSERT(slot < store->slot_count);
        atomic_store_explicit(&store->slots[slot].version, store->version, memory_order_relaxed);
        uint32_t owner = fl_chunk_owner((unsigned)(column - store->columns), k);
        atomic_store_explicit(&store->slots[slot].link, fl_slot_link(owner, FL_NO_SLOT),
                              memory_order_relaxed);
        store->slots[slot].newer = FL_NO_SLOT;
        column->head[k].version = store->version;
        atomic_store_explicit(&column->head[k].chunk, store->pool + ((uint64_t)slot << FL_CHUNK_SHIFT),
                              memory_order_release);
    }
}

enum fl_status fl_store_load_rows(struct fl_store *store, const uint32_t rows[FL_TABLE_COUNT])
{
    FL_ASSERT(store->live_count == 0 && !store->undo.on && store->free_count == 0);
    for (unsigned t = 0; t < FL_TABLE_COUNT; t++) {
        if (rows[t] > store->rows_max)
            return FL_NO_MEMORY;
    }
    if (slots_wanted(store, rows) + store->slots_used > store->slot_count)
        return FL_NO_MEMORY;
    memcpy(store->rows, rows, sizeof store->rows);
    store->room_rows = 0;
    for (unsigned t = 0; t < FL_TABLE_COUNT; t++) {
        if (store->rows_ever[t] < rows[t])
            store->rows_ever[t] = rows[t];
    }
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        struct fl_column *column = &store->columns[i];
        uint32_t count = chunk_count(column, rows[column->table]);
        if (column->kind == FL_COLUMN_LIVE)
            live_make(store, column, count);
        else
            for (uint32_t k = 0; k < count; k++)
                atomic_store_explicit(&column->fixed_version[k], store->version,
                                      memory_order_relaxed);
    }
    return FL_OK;
}

uint8_t *fl_store_load_place(struct fl_store *store, enum fl_column_id index, uint32_t chunk)
{
    struct fl_column *column = &store->columns[index];
    FL_ASSERT(chunk < chunk_count(column, store->rows[column->table]));
    if (column->kind == FL_COLUMN_LIVE)
        return atomic_load_explicit(&column->head[chunk].chunk, memory_order_relaxed);
    return column->base + ((uint64_t)chunk << FL_CHUNK_SHIFT);
}

uint32_t fl_store_load_done(struct fl_store *store)
{
    FL_ASSERT(store->live_count == 0);
    return fl_store_version_end(store);
}
