#include "core/data/snapshot.h"

/* A version that nothing was written after is shared. */
static struct fl_live_version *version_shared(struct fl_store *store, uint64_t seq)
{
    for (unsigned i = 0; i < FL_SNAPSHOTS_MAX; i++) {
        struct fl_live_version *live = &store->live[i];
        if (live->used && live->seq == seq && live->version + 1 == store->version &&
            memcmp(live->rows, store->rows, sizeof store->rows) == 0)
            return live;
    }
    return NULL;
}

static struct fl_live_version *version_new(struct fl_store *store, uint64_t seq)
{
    for (unsigned i = 0; i < FL_SNAPSHOTS_MAX; i++) {
        struct fl_live_version *live = &store->live[i];
        if (live->used)
            continue;
        live->used = true;
        live->version = fl_store_version_end(store);
        live->seq = seq;
        memcpy(live->rows, store->rows, sizeof store->rows);
        store->live_count++;
        return live;
    }
    return NULL;
}

void fl_snapshot_collect(struct fl_store *store)
{
    fl_store_reclaim(store);
}

enum fl_status fl_snapshot_take(struct fl_store *store, uint64_t seq, struct fl_snapshot *out)
{
    FL_ASSERT(!store->undo.on);
    fl_snapshot_collect(store);
    struct fl_live_version *live = version_shared(store, seq);
    if (!live)
        live = version_new(store, seq);
    if (!live)
        return FL_BUSY;
    atomic_fetch_add_explicit(&live->readers, 1, memory_order_relaxed);
    *out = (struct fl_snapshot){.store = store,
                                .version = live->version,
                                .slot = (uint32_t)(live - store->live),
                                .seq = seq};
    memcpy(out->rows, live->rows, sizeof out->rows);
    return FL_OK;
}

void fl_snapshot_release(struct fl_snapshot *snapshot)
{
    struct fl_live_version *live =
        (struct fl_live_version *)&snapshot->store->live[snapshot->slot];
    /* Release: everything read is read before the writer may give the chunks back. */
    uint32_t before = atomic_fetch_sub_explicit(&live->readers, 1, memory_order_release);
    FL_ASSERT(before > 0);
    snapshot->store = NULL;
}

uint32_t fl_snapshot_chunk_count(const struct fl_snapshot *snapshot, enum fl_column_id column)
{
    const struct fl_column *c = &snapshot->store->columns[column];
    uint32_t rows = snapshot->rows[c->table];
    return rows == 0 ? 0 : fl_chunk_of_row(c, rows - 1) + 1;
}

/* Follows the copies back from the head; FL_NO_SLOT if a slot was given back under the walk (T5).
 * Acquire of the links pairs with the releases in store.c: a slot found by a link is seen as it was when
 * it was linked, so its version is not an older one. */
static uint32_t walk(const struct fl_snapshot *snapshot, const uint8_t *head, uint32_t owner)
{
    const struct fl_store *store = snapshot->store;
    uint32_t slot = fl_slot_of_chunk(store, head);
    while (atomic_load_explicit(&store->slots[slot].version, memory_order_relaxed) >
           snapshot->version) {
        uint64_t link = atomic_load_explicit(&store->slots[slot].link, memory_order_acquire);
        if (link >> 32 != owner)
            return FL_NO_SLOT;
        slot = (uint32_t)link;
        FL_ASSERT(slot != FL_NO_SLOT); /* T1: what the snapshot needs is in the chain */
    }
    return slot;
}

/* The newest chunk that is not newer than the snapshot (T1). Acquire pairs with the release that published
 * the head. A walk is begun again only if a reclaim came between, so it ends. */
static uint32_t live_slot(const struct fl_snapshot *snapshot, const struct fl_column *c, uint32_t k)
{
    uint32_t owner = fl_chunk_owner((unsigned)(c - snapshot->store->columns), k);
    uint32_t slot;
    do {
        const uint8_t *head = atomic_load_explicit(&c->head[k].chunk, memory_order_acquire);
        FL_ASSERT(head != NULL);
        slot = walk(snapshot, head, owner);
    } while (FL_UNLIKELY(slot == FL_NO_SLOT));
    return slot;
}

static const uint8_t *live_chunk(const struct fl_snapshot *snapshot, const struct fl_column *c,
                                 uint32_t k)
{
    return snapshot->store->pool + ((uint64_t)live_slot(snapshot, c, k) << FL_CHUNK_SHIFT);
}

const uint8_t *fl_snapshot_chunk(const struct fl_snapshot *snapshot, enum fl_column_id column,
                                 uint32_t chunk, uint32_t *rows_out)
{
    const struct fl_column *c = &snapshot->store->columns[column];
    uint32_t per_chunk = FL_CHUNK_BYTES >> c->element_shift;
    uint64_t first = (uint64_t)chunk * per_chunk;
    FL_ASSERT(first < snapshot->rows[c->table]);
    uint64_t left = snapshot->rows[c->table] - first;
    *rows_out = left < per_chunk ? (uint32_t)left : per_chunk;
    if (c->kind == FL_COLUMN_LIVE)
        return live_chunk(snapshot, c, chunk);
    return c->base + ((uint64_t)chunk << FL_CHUNK_SHIFT);
}

bool fl_snapshot_chunk_changed(const struct fl_snapshot *snapshot, enum fl_column_id column,
                               uint32_t chunk, uint32_t since)
{
    const struct fl_store *store = snapshot->store;
    const struct fl_column *c = &store->columns[column];
    if (c->kind != FL_COLUMN_LIVE)
        return atomic_load_explicit(&c->fixed_version[chunk], memory_order_relaxed) > since;
    uint32_t slot = live_slot(snapshot, c, chunk);
    return atomic_load_explicit(&store->slots[slot].version, memory_order_relaxed) > since;
}

const uint8_t *fl_snapshot_cell(const struct fl_snapshot *snapshot, enum fl_column_id column,
                                uint32_t row)
{
    const struct fl_column *c = &snapshot->store->columns[column];
    FL_ASSERT(row < snapshot->rows[c->table]);
    if (c->kind != FL_COLUMN_LIVE)
        return c->base + ((uint64_t)row << c->element_shift);
    return live_chunk(snapshot, c, fl_chunk_of_row(c, row)) + fl_offset_in_chunk(c, row);
}
