/* snapshot.h - one sequence number across all tables, read while the writer goes on (I9).
 *
 * Taking one costs the same at any size: it pins a version and the row counts. At most
 * FL_SNAPSHOTS_MAX versions live; readers that ask at the same version share it.
 *
 *   N1  The writer takes snapshots (fl_snapshot_take) and reclaims after them; any thread may read one
 *       and let it go (fl_snapshot_release).
 *   N2  What a reader is given was durable: the engine takes it at the applied sequence and hands it
 *       out once that sequence is synced.
 */
#ifndef FLORIN_CORE_DATA_SNAPSHOT_H
#define FLORIN_CORE_DATA_SNAPSHOT_H

#include "core/data/store.h"

struct fl_snapshot {
    const struct fl_store *store;
    uint32_t version;
    uint32_t slot; /* which of store->live */
    uint64_t seq;
    uint32_t rows[FL_TABLE_COUNT];
};

/* FL_BUSY: FL_SNAPSHOTS_MAX other versions live; try again when one was let go. Writer's thread. */
enum fl_status fl_snapshot_take(struct fl_store *store, uint64_t seq, struct fl_snapshot *out);
/* Any thread. The snapshot must not be read afterwards. */
void fl_snapshot_release(struct fl_snapshot *snapshot);

/* Writer's thread: gives back the chunks that only released snapshots needed. Taking one does so too. */
void fl_snapshot_collect(struct fl_store *store);

/* The bytes of 64 KiB window `chunk` of a column as of the snapshot; whole rows below its count:
 * `*rows_out` of them. Valid until the release. */
const uint8_t *fl_snapshot_chunk(const struct fl_snapshot *snapshot, enum fl_column_id column,
                                 uint32_t chunk, uint32_t *rows_out);
/* How many windows the column has in the snapshot. */
uint32_t fl_snapshot_chunk_count(const struct fl_snapshot *snapshot, enum fl_column_id column);
/* True if the window may have changed after version `since` (T2). */
bool fl_snapshot_chunk_changed(const struct fl_snapshot *snapshot, enum fl_column_id column,
                               uint32_t chunk, uint32_t since);

/* One cell; for a loop over a column take chunks. */
const uint8_t *fl_snapshot_cell(const struct fl_snapshot *snapshot, enum fl_column_id column,
                                uint32_t row);

/* Typed: fl_at_invoice_money(snapshot, row). */
#define FL_SNAPSHOT_ACCESS(table, name, type, kind)                                               \
    static inline const struct type *fl_at_##table##_##name(const struct fl_snapshot *s,          \
                                                            uint32_t row)                         \
    {                                                                                             \
        return (const struct type *)fl_snapshot_cell(s, FL_COLUMN_##table##_##name, row);         \
    }
FL_COLUMNS(FL_SNAPSHOT_ACCESS)
#undef FL_SNAPSHOT_ACCESS

#endif
