#include "core/data/store.h"

#include "core/data/due_index.h"
#include "core/data/hash_index.h"

/* Undo holds one batch of 10,000 members, each of some 40 cells. */
#define UNDO_ENTRIES (1u << 20)
#define UNDO_BYTES (64u << 20)
#define RETIRED_MAX (1u << 20)
/* What a row takes at most over its columns and their indexes: the unit of room. */
#define ROW_BYTES 512u

static const struct {
    uint16_t table;
    uint8_t kind;
    uint8_t shift;
} layout[FL_COLUMN_COUNT + 1] = {
#define FL_LAYOUT(table, name, type, kind)                                                        \
    {FL_TABLE_##table, FL_COLUMN_##kind, (uint8_t)__builtin_ctzll(sizeof(struct type))},
    FL_COLUMNS(FL_LAYOUT)
#undef FL_LAYOUT
    {FL_TABLE_COUNT, 0, 0}, /* the columns of a table stand together; this ends the last */
};

static enum fl_status column_init(struct fl_store *store, unsigned index)
{
    struct fl_column *column = &store->columns[index];
    column->table = layout[index].table;
    column->kind = layout[index].kind;
    column->element_shift = layout[index].shift;
    uint64_t bytes = (uint64_t)store->rows_max << column->element_shift;
    uint64_t chunks = (bytes >> FL_CHUNK_SHIFT) + 1;
    if (column->kind == FL_COLUMN_LIVE) {
        column->head = fl_arena_take(store->arena, chunks * sizeof *column->head);
        return column->head ? FL_OK : FL_NO_MEMORY;
    }
    column->base = fl_arena_take(store->arena, bytes);
    column->fixed_version = fl_arena_take(store->arena, chunks * sizeof(uint32_t));
    return column->base && column->fixed_version ? FL_OK : FL_NO_MEMORY;
}

static enum fl_status pool_init(struct fl_store *store)
{
    store->slot_count = (uint32_t)(store->memory_bytes >> FL_CHUNK_SHIFT) + 256;
    store->pool = fl_arena_take(store->arena, (uint64_t)store->slot_count << FL_CHUNK_SHIFT);
    store->slots = fl_arena_take(store->arena, (uint64_t)store->slot_count * sizeof *store->slots);
    store->free_slots = fl_arena_take(store->arena, (uint64_t)store->slot_count * 4);
    store->retired_capacity = RETIRED_MAX;
    store->retired =
        fl_arena_take(store->arena, (uint64_t)RETIRED_MAX * sizeof *store->retired);
    return store->pool && store->slots && store->free_slots && store->retired ? FL_OK
                                                                              : FL_NO_MEMORY;
}

static enum fl_status undo_init(struct fl_store *store)
{
    struct fl_undo *undo = &store->undo;
    undo->capacity = UNDO_ENTRIES;
    undo->saved_capacity = UNDO_BYTES;
    undo->entries = fl_arena_take(store->arena, (uint64_t)UNDO_ENTRIES * sizeof *undo->entries);
    undo->saved = fl_arena_take(store->arena, UNDO_BYTES);
    return undo->entries && undo->saved ? FL_OK : FL_NO_MEMORY;
}

enum fl_status fl_store_init(struct fl_store *store, struct fl_arena *arena,
                             const struct fl_store_config *config)
{
    memset(store, 0, sizeof *store);
    store->arena = arena;
    store->memory_bytes = config->memory_bytes;
    store->rows_max = config->rows_max ? config->rows_max : FL_TABLE_ROWS_MAX;
    store->version = store->writable = 1;
    for (unsigned i = FL_COLUMN_COUNT; i-- > 0;) {
        FL_TRY(column_init(store, i));
        store->first_column[layout[i].table] = (uint16_t)i;
    }
    FL_TRY(pool_init(store));
    return undo_init(store);
}

static uint32_t slot_take(struct fl_store *store)
{
    if (store->free_count > 0)
        return store->free_slots[--store->free_count];
    FL_ASSERT(store->slots_used < store->slot_count);
    return store->slots_used++;
}

static uint8_t *slot_chunk(const struct fl_store *store, uint32_t slot)
{
    return store->pool + ((uint64_t)slot << FL_CHUNK_SHIFT);
}

/* What a chunk takes of the rows known to fit. */
static void room_take_chunk(struct fl_store *store)
{
    uint32_t rows = FL_CHUNK_BYTES / ROW_BYTES;
    store->room_rows -= store->room_rows < rows ? store->room_rows : rows;
}

/* A slot for a chunk, not yet published. Of a zeroed one the first use needs no zeroing. The version is
 * stored before the link: who sees the new owner was never led here by a snapshot that could want it (T5). */
static uint32_t chunk_new(struct fl_store *store, uint32_t owner, uint32_t older, bool zero)
{
    bool fresh = store->free_count == 0;
    uint32_t slot = slot_take(store);
    if (zero && !fresh)
        memset(slot_chunk(store, slot), 0, FL_CHUNK_BYTES);
    FL_ASSERT(store->slots[slot].version <= store->version); /* T5 */
    atomic_store_explicit(&store->slots[slot].version, store->version, memory_order_relaxed);
    atomic_store_explicit(&store->slots[slot].link, fl_slot_link(owner, older),
                          memory_order_release);
    store->slots[slot].newer = FL_NO_SLOT;
    room_take_chunk(store);
    return slot;
}

/* Chunks for rows [first, first + count) of one LIVE column. Release pairs with the acquire of
 * fl_snapshot_chunk: a reader that sees the pointer sees the slot's version. */
static void live_extend(struct fl_store *store, struct fl_column *column, uint32_t first,
                        uint32_t count)
{
    uint32_t to = fl_chunk_of_row(column, first + count - 1);
    for (uint32_t k = fl_chunk_of_row(column, first); k <= to; k++) {
        if (atomic_load_explicit(&column->head[k].chunk, memory_order_relaxed))
            continue;
        uint32_t owner = fl_chunk_owner((unsigned)(column - store->columns), k);
        uint32_t slot = chunk_new(store, owner, FL_NO_SLOT, true);
        column->head[k].version = store->version;
        atomic_store_explicit(&column->head[k].chunk, slot_chunk(store, slot), memory_order_release);
    }
}

/* With a mark set no version is the writable one: every write takes the slow path, which keeps the old cell. */
static void undo_set(struct fl_store *store, bool on)
{
    store->undo.on = on;
    store->writable = on ? 0 : store->version;
}

static void version_mark(const struct fl_store *store, struct fl_head *head, struct fl_slot *slot)
{
    atomic_store_explicit(&slot->version, store->version, memory_order_relaxed);
    head->version = store->version;
}

/* A row that was undone may have left bytes behind: cells of a new row are zeroed. */
static void cells_add(struct fl_store *store, unsigned index, uint32_t first, uint32_t count,
                      bool zero)
{
    struct fl_column *column = &store->columns[index];
    uint64_t element = UINT64_C(1) << column->element_shift;
    if (column->kind != FL_COLUMN_LIVE) {
        if (zero)
            memset(column->base + first * element, 0, count * element);
        uint32_t to = fl_chunk_of_row(column, first + count - 1);
        for (uint32_t k = fl_chunk_of_row(column, first); k <= to; k++)
            atomic_store_explicit(&column->fixed_version[k], store->version,
                                  memory_order_relaxed);
        return;
    }
    live_extend(store, column, first, count);
    bool undo_on = store->undo.on;
    undo_set(store, false); /* a new row is undone by its table's count */
    uint32_t per_chunk = FL_CHUNK_BYTES >> column->element_shift;
    for (uint32_t row = first; row < first + count;) {
        uint32_t n = per_chunk - (row & (per_chunk - 1)); /* to the end of the chunk */
        if (n > first + count - row)
            n = first + count - row;
        uint8_t *cells = fl_store_write(store, index, row); /* T1, T2: the chunk changes */
        if (zero)
            memset(cells, 0, n * element);
        row += n;
    }
    undo_set(store, undo_on);
}

/* Up to the nearest end of a chunk among the table's columns, rows may be added without a look at them: the
 * chunks are there and bear the present version. */
static void quiet_mark(struct fl_store *store, enum fl_table_id table, uint32_t rows)
{
    uint32_t until = store->rows_max;
    for (unsigned i = store->first_column[table]; layout[i].table == table; i++) {
        uint32_t per_chunk = FL_CHUNK_BYTES >> layout[i].shift;
        uint32_t end = (rows - 1) / per_chunk * per_chunk + per_chunk;
        until = end < until ? end : until;
    }
    store->quiet_until[table] = until;
}

uint32_t fl_store_version_end(struct fl_store *store)
{
    FL_ASSERT(!store->undo.on);
    memset(store->quiet_until, 0, sizeof store->quiet_until);
    store->writable = store->version + 1;
    return store->version++;
}

uint32_t fl_store_add_rows_slow(struct fl_store *store, enum fl_table_id table, uint32_t count)
{
    FL_ASSERT(count > 0 && count <= store->rows_max - store->rows[table]);
    uint32_t first = store->rows[table];
    store->rows[table] = first + count;
    bool zero = first < store->rows_ever[table];
    for (unsigned i = store->first_column[table]; layout[i].table == table; i++)
        cells_add(store, i, first, count, zero);
    quiet_mark(store, table, first + count);
    if (store->rows_ever[table] < first + count)
        store->rows_ever[table] = first + count;
    return first;
}

/* True if a reader may see a chunk of this version. Acquire pairs with the release of a reader that left:
 * it has read what is written over from here on. */
static bool version_is_pinned(const struct fl_store *store, uint32_t version)
{
    for (unsigned i = 0; i < FL_SNAPSHOTS_MAX; i++) {
        const struct fl_live_version *live = &store->live[i];
        if (live->used && live->version >= version &&
            atomic_load_explicit(&live->readers, memory_order_acquire) > 0)
            return true;
    }
    return false;
}

/* T1: the old chunk stays as it is for the snapshots; the copy becomes the present. Release pairs with
 * the acquire of the reader's walk: it finds the copy's link and version. */
static uint8_t *chunk_copy(struct fl_store *store, struct fl_column *column, uint32_t k,
                           const uint8_t *old)
{
    uint32_t old_slot = fl_slot_of_chunk(store, old);
    uint32_t owner = fl_chunk_owner((unsigned)(column - store->columns), k);
    uint32_t slot = chunk_new(store, owner, old_slot, false);
    uint8_t *copy = slot_chunk(store, slot);
    memcpy(copy, old, FL_CHUNK_BYTES);
    column->head[k].version = store->version;
    atomic_store_explicit(&column->head[k].chunk, copy, memory_order_release);
    FL_ASSERT(store->slots[old_slot].newer == FL_NO_SLOT);
    store->slots[old_slot].newer = slot;
    FL_ASSERT(store->retired_count < store->retired_capacity);
    store->retired[store->retired_count++] = (struct fl_retired){
        .slot = old_slot,
        .version =
            atomic_load_explicit(&store->slots[old_slot].version, memory_order_relaxed),
        .replaced = store->version,
    };
    store->copies++;
    return copy;
}

static void undo_cell(struct fl_store *store, enum fl_column_id index, uint32_t row,
                      const uint8_t *cell)
{
    struct fl_undo *undo = &store->undo;
    uint32_t bytes = 1u << store->columns[index].element_shift;
    if (row >= undo->rows[store->columns[index].table])
        return; /* the row itself goes */
    FL_ASSERT(undo->count < undo->capacity);
    FL_ASSERT(undo->saved_bytes + bytes <= undo->saved_capacity);
    undo->entries[undo->count++] = (struct fl_undo_entry){
        .kind = FL_UNDO_CELL, .column = (uint16_t)index, .row = row,
        .saved_at = undo->saved_bytes};
    memcpy(undo->saved + undo->saved_bytes, cell, bytes);
    undo->saved_bytes += bytes;
}

uint8_t *fl_store_write_slow(struct fl_store *store, enum fl_column_id index, uint32_t row)
{
    struct fl_column *column = &store->columns[index];
    uint32_t k = fl_chunk_of_row(column, row);
    uint8_t *chunk = atomic_load_explicit(&column->head[k].chunk, memory_order_relaxed);
    struct fl_slot *slot = &store->slots[fl_slot_of_chunk(store, chunk)];
    uint32_t version = atomic_load_explicit(&slot->version, memory_order_relaxed);
    if (version != store->version) {
        if (store->live_count > 0 && version_is_pinned(store, version))
            chunk = chunk_copy(store, column, k, chunk);
        else
            version_mark(store, &column->head[k], slot);
    }
    uint8_t *cell = chunk + fl_offset_in_chunk(column, row);
    if (store->undo.on)
        undo_cell(store, index, row, cell);
    return cell;
}

void fl_store_mark(struct fl_store *store)
{
    FL_ASSERT(!store->undo.on);
    undo_set(store, true);
    store->undo.count = 0;
    store->undo.saved_bytes = 0;
    memcpy(store->undo.rows, store->rows, sizeof store->rows);
}

void fl_store_keep(struct fl_store *store)
{
    FL_ASSERT(store->undo.on);
    undo_set(store, false);
}

void fl_store_undo_index(struct fl_store *store, enum fl_undo_kind kind, unsigned index_number,
                         uint64_t hash, uint32_t row)
{
    struct fl_undo *undo = &store->undo;
    if (!undo->on)
        return;
    FL_ASSERT(undo->count < undo->capacity);
    undo->entries[undo->count++] = (struct fl_undo_entry){
        .kind = (uint16_t)kind, .column = (uint16_t)index_number, .row = row, .hash = hash};
}

static void undo_entry(struct fl_store *store, const struct fl_undo_entry *entry)
{
    if (entry->kind == FL_UNDO_INDEX_ADD) {
        fl_hash_index_remove(store->undo.indexes[entry->column], entry->hash, entry->row);
    } else if (entry->kind == FL_UNDO_INDEX_REMOVE) {
        fl_hash_index_add(store->undo.indexes[entry->column], entry->hash, entry->row);
    } else if (entry->kind == FL_UNDO_DUE_ADD) {
        fl_due_index_undo_add(store->undo.due, entry->hash);
    } else {
        uint32_t bytes = 1u << store->columns[entry->column].element_shift;
        memcpy(fl_store_write(store, entry->column, entry->row),
               store->undo.saved + entry->saved_at, bytes);
    }
}

void fl_store_undo(struct fl_store *store)
{
    FL_ASSERT(store->undo.on);
    undo_set(store, false);
    while (store->undo.count > 0)
        undo_entry(store, &store->undo.entries[--store->undo.count]);
    memcpy(store->rows, store->undo.rows, sizeof store->rows);
}

uint64_t fl_store_bytes_used(const struct fl_store *store)
{
    uint64_t bytes = store->index_bytes;
    bytes += (uint64_t)(store->slots_used - store->free_count) << FL_CHUNK_SHIFT;
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        if (store->columns[i].kind != FL_COLUMN_LIVE)
            bytes += (uint64_t)store->rows[layout[i].table] << layout[i].shift;
    }
    return bytes;
}

/* Rows that surely fit: a row is at most some 512 bytes over its columns and their indexes, and every LIVE
 * column may have to copy a chunk for a snapshot. */
static uint32_t room_count(const struct fl_store *store, uint64_t limit_bytes)
{
    uint64_t used = fl_store_bytes_used(store) + ((uint64_t)FL_COLUMN_COUNT << FL_CHUNK_SHIFT);
    uint64_t rows = used < limit_bytes ? (limit_bytes - used) / ROW_BYTES : 0;
    for (unsigned t = 0; t < FL_TABLE_COUNT; t++) {
        if (rows > store->rows_max - store->rows[t])
            rows = store->rows_max - store->rows[t];
    }
    return (uint32_t)rows;
}

/* True if the pool has a slot for every chunk that `rows` rows may begin and, while a snapshot lives, for
 * every chunk they may make copy: one a row, and each chunk once. */
static bool has_slots(const struct fl_store *store, uint32_t rows)
{
    uint32_t used = store->slots_used - store->free_count;
    uint64_t wanted = FL_COLUMN_COUNT + (uint64_t)rows * ROW_BYTES / FL_CHUNK_BYTES;
    if (store->live_count > 0) {
        uint32_t present = used - store->retired_count;
        wanted += rows < present ? rows : present;
    }
    return wanted <= store->slot_count - used;
}

#define ROOM_STEP 65536u

static bool room_take(struct fl_store *store, uint32_t rows)
{
    if (store->room_rows < rows || !has_slots(store, rows))
        return false;
    store->room_rows -= rows;
    return true;
}

bool fl_store_has_room(struct fl_store *store, uint32_t rows, bool reserve)
{
    if (FL_LIKELY(room_take(store, rows)))
        return true;
    fl_store_reclaim(store);
    uint32_t room = room_count(store, store->memory_bytes / 20 * 19);
    uint32_t step = rows > ROOM_STEP ? rows : ROOM_STEP;
    store->room_rows = room < step ? room : step;
    if (room_take(store, rows))
        return true;
    store->room_rows = 0;
    return reserve && has_slots(store, rows) && room_count(store, store->memory_bytes) >= rows;
}

/* ---- reclaim ---------------------------------------------------------------------------------------- */

/* A version whose readers are gone is no longer used. Acquire pairs with the release of the last
 * reader: what it read was read before its chunks are given back. */
static void versions_collect(struct fl_store *store)
{
    for (unsigned i = 0; i < FL_SNAPSHOTS_MAX; i++) {
        struct fl_live_version *live = &store->live[i];
        if (live->used && atomic_load_explicit(&live->readers, memory_order_acquire) == 0) {
            live->used = false;
            store->live_count--;
        }
    }
}

static bool retired_is_needed(const struct fl_store *store, const struct fl_retired *retired)
{
    for (unsigned i = 0; i < FL_SNAPSHOTS_MAX; i++) {
        const struct fl_live_version *live = &store->live[i];
        if (live->used && live->version >= retired->version && live->version < retired->replaced)
            return true;
    }
    return false;
}

/* Takes a slot out of the middle of its chain. A reader of an older version may be passing over it at this
 * moment; it goes on by the old link, which still leads right, or sees another owner (T5). */
static void slot_give(struct fl_store *store, uint32_t slot)
{
    uint64_t link = atomic_load_explicit(&store->slots[slot].link, memory_order_relaxed);
    uint32_t older = (uint32_t)link, newer = store->slots[slot].newer;
    FL_ASSERT(newer != FL_NO_SLOT);
    /* Release: who follows the new link sees what the older slot became before. */
    atomic_store_explicit(&store->slots[newer].link, link, memory_order_release);
    if (older != FL_NO_SLOT)
        store->slots[older].newer = newer;
    store->free_slots[store->free_count++] = slot;
}

#define RECLAIM_STEP 8192u

void fl_store_reclaim(struct fl_store *store)
{
    versions_collect(store);
    uint32_t steps = store->retired_count < RECLAIM_STEP ? store->retired_count : RECLAIM_STEP;
    for (; steps > 0; steps--) {
        if (store->retired_at >= store->retired_count)
            store->retired_at = 0;
        struct fl_retired *retired = &store->retired[store->retired_at];
        if (retired_is_needed(store, retired)) {
            store->retired_at++;
            continue;
        }
        slot_give(store, retired->slot);
        *retired = store->retired[--store->retired_count];
    }
}
