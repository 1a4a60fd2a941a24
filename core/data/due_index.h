/* due_index.h - what falls due, in order: by day, then phase of the day, then row.
 *
 *     key: | day 16 | phase 16 | row 32 |      a heap of four children, the least key at the top
 *
 *   D1  A key stands at most once; the order of taking is that of the keys, whatever the order of adding.
 *       So an index filled anew from the rows gives the same work.
 *   D2  An add is undone by key, newest first, before anything is taken.
 *
 * Days rise as time goes on: an add mostly compares with one parent and stays where it is.
 * Memory: address space from the arena at init, 8 bytes an entry. Thread: the writer's only.
 */
#ifndef FLORIN_CORE_DATA_DUE_INDEX_H
#define FLORIN_CORE_DATA_DUE_INDEX_H

#include <stdint.h>

#include "core/data/arena.h"

#define FL_DUE_NOTHING UINT64_MAX

struct fl_due_index {
    uint64_t *keys;
    uint64_t count, capacity;
    uint64_t count_ever; /* high-water mark: memory in use */
};

static inline uint64_t fl_due_key(uint16_t day, uint16_t phase, uint32_t row)
{
    return (uint64_t)day << 48 | (uint64_t)phase << 32 | row;
}

static inline uint16_t fl_due_day(uint64_t key)
{
    return (uint16_t)(key >> 48);
}

static inline uint16_t fl_due_phase(uint64_t key)
{
    return (uint16_t)(key >> 32);
}

enum fl_status fl_due_index_init(struct fl_due_index *index, struct fl_arena *arena,
                                 uint64_t entries_max);
void fl_due_index_add(struct fl_due_index *index, uint64_t key);
/* D2 */
void fl_due_index_undo_add(struct fl_due_index *index, uint64_t key);
/* Takes the least key; there is one. */
uint64_t fl_due_index_take(struct fl_due_index *index);

/* The least key, or FL_DUE_NOTHING. */
static inline uint64_t fl_due_index_first(const struct fl_due_index *index)
{
    return index->count > 0 ? index->keys[0] : FL_DUE_NOTHING;
}

#endif
