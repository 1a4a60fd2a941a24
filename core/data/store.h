/* store.h - the tables: columns, rows, copy-on-write chunks, undo.
 *
 * FIXED and ERASE columns are contiguous: a row is one addition away. LIVE columns are chunks of
 * FL_CHUNK_BYTES from one preallocated pool. The writer keeps a flat array of chunk pointers; the first
 * write to a chunk after a snapshot copies it, links the copy to the old one and publishes the copy. A
 * reader of version V follows that link until it meets a chunk that is not newer than V:
 *
 *     chunk_of[k] -> slot 812 (version 9) -> slot 77 (version 6) -> slot 12 (version 0)
 *                                            ^ what a snapshot of version 6..8 reads
 *
 *   T1  A chunk whose version <= the version of a live snapshot is never written.
 *   T2  slot.version is that of the last write: "changed since snapshot V" is version > V.
 *   T3  Rows below a snapshot's count are complete when the snapshot is handed out (release/acquire).
 *   T4  With an undo mark set, every change can be taken back: rows, cells, index entries.
 *   T5  A slot's version never falls, over all its lives. A reader that stands on a slot when it is given
 *       back sees another owner in its link and begins again at the head; it never reads such bytes.
 *
 * Taking a snapshot is O(tables): a version number and the row counts.
 *
 * Thread: one writer; readers go through snapshot.h. Memory: all from the arena, at init. Cost: a read
 * of a LIVE cell is one pointer load (the arrays fit the second-level cache) and one line.
 */
#ifndef FLORIN_CORE_DATA_STORE_H
#define FLORIN_CORE_DATA_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/base/contract.h"
#include "core/base/limits.h"
#include "core/data/arena.h"
#include "core/data/schema.h"

#define FL_CHUNK_SHIFT 16
#define FL_NO_SLOT UINT32_MAX
static_assert(FL_CHUNK_BYTES == 1u << FL_CHUNK_SHIFT, "chunks are found by shifting");

/* Where a LIVE chunk is, and beside it the version of its slot: what a write looks at is on one line. */
struct fl_head {
    _Atomic(uint8_t *) chunk; /* null beyond the rows */
    uint32_t version;         /* the writer's own copy of the slot's */
    uint32_t zeros;
};

struct fl_column {
    uint8_t *base;             /* FIXED, ERASE: row 0 */
    struct fl_head *head;      /* LIVE: a chunk each */
    uint8_t element_shift;     /* log2 of the element's bytes */
    uint8_t kind;              /* enum fl_column_kind */
    uint16_t table;
    _Atomic uint32_t *fixed_version; /* FIXED: version of the last append, per window (T2) */
};

/* The link names the chunk this one was copied from, and whose chunk it is, in one word (T5):
 * owner << 32 | older slot. */
struct fl_slot {
    _Atomic uint64_t link;
    _Atomic uint32_t version;
    uint32_t newer; /* writer's: the slot whose link names this one; FL_NO_SLOT */
};
static_assert(sizeof(struct fl_slot) == 16, "four to a line");

/* A chunk that was replaced: the snapshots in version .. replaced - 1 need it. */
struct fl_retired {
    uint32_t slot;
    uint32_t version;
    uint32_t replaced;
};

enum fl_undo_kind { FL_UNDO_CELL, FL_UNDO_INDEX_ADD, FL_UNDO_INDEX_REMOVE, FL_UNDO_DUE_ADD };

struct fl_undo_entry {
    uint16_t kind;
    uint16_t column; /* column of the cell, or number of the index */
    uint32_t row;
    union {
        uint64_t hash;       /* index entries: undone by key, since growth moves slots; a due key */
        uint32_t saved_at;   /* cells: offset of the old bytes */
    };
};

struct fl_store;
struct fl_hash_index;
struct fl_due_index;

struct fl_undo {
    bool on;
    struct fl_undo_entry *entries;
    uint32_t count, capacity;
    uint8_t *saved;
    uint32_t saved_bytes, saved_capacity;
    uint32_t rows[FL_TABLE_COUNT];
    struct fl_hash_index *const *indexes; /* by the numbers in the entries */
    uint32_t index_count;
    struct fl_due_index *due;
};

struct fl_store_config {
    uint64_t memory_bytes; /* for rows, chunks, copies and indexes together */
    uint32_t rows_max;     /* address space per table; 0: FL_TABLE_ROWS_MAX */
};

struct fl_store {
    struct fl_column columns[FL_COLUMN_COUNT];
    uint32_t rows[FL_TABLE_COUNT];
    uint32_t rows_ever[FL_TABLE_COUNT]; /* high-water mark: cells beyond it are zero */
    uint32_t quiet_until[FL_TABLE_COUNT]; /* rows below it need no chunk and no version mark */
    uint32_t room_rows; /* rows known to fit, less what was asked for and copied since */
    uint16_t first_column[FL_TABLE_COUNT]; /* the columns of a table stand together */
    uint32_t rows_max;
    uint32_t version;     /* of the writer: a snapshot takes it and raises it */
    uint32_t writable;    /* chunks of this version are written as they are; 0 while an undo mark is set */
    uint32_t live_count;  /* snapshots out */
    struct fl_live_version {
        uint32_t version;
        _Atomic uint32_t readers;
        uint32_t rows[FL_TABLE_COUNT];
        uint64_t seq;
        bool used;
    } live[FL_SNAPSHOTS_MAX];
    uint8_t *pool; /* chunks */
    struct fl_slot *slots;
    uint32_t slot_count, slots_used; /* capacity; high-water mark */
    uint32_t *free_slots;
    uint32_t free_count;
    struct fl_retired *retired;
    uint32_t retired_count, retired_capacity;
    uint32_t retired_at; /* where the next reclaim goes on */
    struct fl_undo undo;
    uint64_t memory_bytes;
    uint64_t index_bytes; /* kept by whoever owns the indexes */
    uint64_t copies;      /* chunks copied for snapshots, ever */
    struct fl_arena *arena;
};

/* Takes all address space from `arena`. FL_NO_MEMORY if it is refused. */
enum fl_status fl_store_init(struct fl_store *store, struct fl_arena *arena,
                             const struct fl_store_config *config);

/* Adds a row with zeroed cells and returns its number; the caller fills FIXED cells at once.
 * The caller has checked fl_store_has_room. */
static inline uint32_t fl_store_add_row(struct fl_store *store, enum fl_table_id table);
/* Adds `count` rows in a row (order lines, text units); returns the first. */
static inline uint32_t fl_store_add_rows(struct fl_store *store, enum fl_table_id table,
                                         uint32_t count);
uint32_t fl_store_add_rows_slow(struct fl_store *store, enum fl_table_id table, uint32_t count);
/* The version ends and is returned: whatever is written from now on bears the next. */
uint32_t fl_store_version_end(struct fl_store *store);

/* True if a command may still add `rows` rows to every table it touches: memory in use plus the worst case
 * fits, chunks to be copied for snapshots included; the last 5 % only where `reserve` is true. Counted anew
 * every some thousand commands. */
bool fl_store_has_room(struct fl_store *store, uint32_t rows, bool reserve);
uint64_t fl_store_bytes_used(const struct fl_store *store);

/* Undo. Between mark and keep or undo every change is recorded (T4). */
void fl_store_mark(struct fl_store *store);
void fl_store_keep(struct fl_store *store);
void fl_store_undo(struct fl_store *store);
void fl_store_undo_index(struct fl_store *store, enum fl_undo_kind kind, unsigned index_number,
                         uint64_t hash, uint32_t row);

/* Slow path of a LIVE write: copies the chunk if a snapshot may see it, records undo. */
uint8_t *fl_store_write_slow(struct fl_store *store, enum fl_column_id column, uint32_t row);

/* Lets go of versions without readers and gives back chunks that no live snapshot needs, looking at some
 * thousand a call; it goes on where it stopped. */
void fl_store_reclaim(struct fl_store *store);

/* Quiet rows: never used before, so zero, in chunks that are there and bear the present version. */
static inline uint32_t fl_store_add_rows(struct fl_store *store, enum fl_table_id table,
                                         uint32_t count)
{
    uint32_t first = store->rows[table], end = first + count;
    if (FL_UNLIKELY(first != store->rows_ever[table] || end > store->quiet_until[table] || end <= first))
        return fl_store_add_rows_slow(store, table, count);
    store->rows[table] = store->rows_ever[table] = end;
    return first;
}

static inline uint32_t fl_store_add_row(struct fl_store *store, enum fl_table_id table)
{
    return fl_store_add_rows(store, table, 1);
}

static inline uint8_t *fl_store_fixed(const struct fl_store *store, enum fl_column_id column,
                                      uint32_t row)
{
    const struct fl_column *c = &store->columns[column];
    return c->base + ((uint64_t)row << c->element_shift);
}

static inline uint32_t fl_chunk_of_row(const struct fl_column *column, uint32_t row)
{
    return (uint32_t)(((uint64_t)row << column->element_shift) >> FL_CHUNK_SHIFT);
}

static inline uint32_t fl_offset_in_chunk(const struct fl_column *column, uint32_t row)
{
    return (uint32_t)(((uint64_t)row << column->element_shift) & (FL_CHUNK_BYTES - 1));
}

/* Read of the writer's present state; valid until the next write to the same column. */
static inline const uint8_t *fl_store_live(const struct fl_store *store, enum fl_column_id column,
                                           uint32_t row)
{
    const struct fl_column *c = &store->columns[column];
    uint8_t *chunk =
        atomic_load_explicit(&c->head[fl_chunk_of_row(c, row)].chunk, memory_order_relaxed);
    return chunk + fl_offset_in_chunk(c, row);
}

#define FL_OWNER_CHUNK_BITS 24
static_assert(FL_COLUMN_COUNT <= 256, "an owner is a column and a chunk in 32 bits");

static inline uint32_t fl_chunk_owner(unsigned column, uint32_t chunk)
{
    return column << FL_OWNER_CHUNK_BITS | chunk;
}

static inline uint64_t fl_slot_link(uint32_t owner, uint32_t older)
{
    return (uint64_t)owner << 32 | older;
}

static inline uint32_t fl_slot_of_chunk(const struct fl_store *store, const uint8_t *chunk)
{
    return (uint32_t)((uint64_t)(chunk - store->pool) >> FL_CHUNK_SHIFT);
}

/* The cell to write, after copy-on-write and undo, of a column known at run time only. */
static inline uint8_t *fl_store_write(struct fl_store *store, enum fl_column_id column,
                                      uint32_t row)
{
    const struct fl_column *c = &store->columns[column];
    FL_ASSERT(row < store->rows[c->table]);
    const struct fl_head *head = &c->head[fl_chunk_of_row(c, row)];
    if (FL_UNLIKELY(head->version != store->writable))
        return fl_store_write_slow(store, column, row);
    return atomic_load_explicit(&head->chunk, memory_order_relaxed) + fl_offset_in_chunk(c, row);
}

/* Typed access, made from the list: fl_invoice_money(store, row), fl_invoice_money_write(store, row),
 * fl_invoice_card_new(store, row) for the FIXED cell of a row just added. The sizes are known here, so a cell is
 * found without a look at its column's shape. */
#define FL_ACCESS_FIXED(table, name, type)                                                        \
    static inline struct type *fl_##table##_##name##_new(struct fl_store *s, uint32_t row)        \
    {                                                                                             \
        return (struct type *)s->columns[FL_COLUMN_##table##_##name].base + row;                  \
    }                                                                                             \
    static inline const struct type *fl_##table##_##name(const struct fl_store *s, uint32_t row)  \
    {                                                                                             \
        return (const struct type *)s->columns[FL_COLUMN_##table##_##name].base + row;            \
    }
#define FL_ACCESS_ERASE(table, name, type) FL_ACCESS_FIXED(table, name, type)
#define FL_ACCESS_LIVE(table, name, type)                                                         \
    static inline const struct type *fl_##table##_##name(const struct fl_store *s, uint32_t row)  \
    {                                                                                             \
        const uint32_t n = FL_CHUNK_BYTES / (uint32_t)sizeof(struct type);                        \
        const uint8_t *chunk = atomic_load_explicit(                                              \
            &s->columns[FL_COLUMN_##table##_##name].head[row / n].chunk, memory_order_relaxed);   \
        return (const struct type *)chunk + row % n;                                              \
    }                                                                                             \
    static inline struct type *fl_##table##_##name##_write(struct fl_store *s, uint32_t row)      \
    {                                                                                             \
        const uint32_t n = FL_CHUNK_BYTES / (uint32_t)sizeof(struct type);                        \
        FL_ASSERT(row < s->rows[FL_TABLE_##table]);                                               \
        const struct fl_head *head = &s->columns[FL_COLUMN_##table##_##name].head[row / n];       \
        if (FL_UNLIKELY(head->version != s->writable))                                            \
            return (struct type *)fl_store_write_slow(s, FL_COLUMN_##table##_##name, row);        \
        return (struct type *)atomic_load_explicit(&head->chunk, memory_order_relaxed) + row % n; \
    }
#define FL_ACCESS(table, name, type, kind) FL_ACCESS_##kind(table, name, type)
FL_COLUMNS(FL_ACCESS)
#undef FL_ACCESS
#undef FL_ACCESS_LIVE
#undef FL_ACCESS_ERASE
#undef FL_ACCESS_FIXED

#endif
