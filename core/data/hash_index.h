/* hash_index.h - from a 64-bit hash to row numbers, growing without a pause.
 *
 * Linear hashing: the table grows by splitting one group at a time, so an insert never stops for a
 * rehash and memory never doubles. A group is one cache line of 8 entries {hash 32, row 32}; when it
 * is full its last entry becomes a link to an overflow group.
 *
 *     group g: | h r | h r | h r | h r | h r | h r | h r | h r or link |   64 bytes, aligned
 *
 *   H1  The index holds no keys: a candidate row is always verified by the caller against the stored id.
 *   H2  Equal hashes may stand several times with different rows; (hash, row) stands once.
 *   H3  The high 32 bits are the hash, 0 taken as 1. They are stored and their low bits decide the group,
 *       so growth moves entries without reading any key.
 *   H4  Only a group and the first of its overflow have holes: adding is bounded however often one hash
 *       stands. The order of candidates depends on history: nobody may rely on it.
 *
 * Memory: address space from the arena at init; some 15 bytes an entry at 4.5 of 8 in use (13 at 6, for
 * twice the overflow). Cost: a look-up is one line, 1.05 with overflow. Thread: the writer's only.
 */
#ifndef FLORIN_CORE_DATA_HASH_INDEX_H
#define FLORIN_CORE_DATA_HASH_INDEX_H

#include <stdint.h>

#include "core/data/arena.h"

struct fl_index_entry {
    uint32_t hash; /* 0 is kept for "empty": a hash of 0 is stored as 1 */
    uint32_t row;
};

struct fl_index_group {
    struct fl_index_entry entry[8];
};

struct fl_hash_index {
    struct fl_index_group *groups;
    struct fl_index_group *overflow;
    uint64_t count;
    uint32_t level_mask;  /* groups at the start of this round - 1 */
    uint32_t split_next;  /* next group to split */
    uint32_t overflow_used, overflow_free; /* high-water; head of a free list (number + 1), 0: none */
    uint32_t groups_max, overflow_max;
    uint64_t *bytes_total; /* whoever counts memory: grows with the groups in use */
};

/* `bytes_total` may be null; else the bytes of this index are in it from now on. */
enum fl_status fl_hash_index_init(struct fl_hash_index *index, struct fl_arena *arena,
                                  uint32_t entries_max, uint64_t *bytes_total);
/* Adds; splits a group when due. */
void fl_hash_index_add(struct fl_hash_index *index, uint64_t hash, uint32_t row);
/* Removes exactly (hash, row); it must stand there. */
void fl_hash_index_remove(struct fl_hash_index *index, uint64_t hash, uint32_t row);
/* Bytes of the groups in use: they begin at index->groups and go on without a hole. */
static inline uint64_t fl_hash_index_groups_bytes(const struct fl_hash_index *index)
{
    return ((uint64_t)index->level_mask + 1 + index->split_next) * sizeof *index->groups;
}

/* Candidates for a hash, one after the other; FL_NO_ROW at the end. Not valid over an add. */
struct fl_index_cursor {
    const struct fl_index_group *group;
    uint32_t hash;
    uint32_t at;
};
uint32_t fl_hash_index_first(const struct fl_hash_index *index, uint64_t hash,
                             struct fl_index_cursor *cursor);
uint32_t fl_hash_index_next(const struct fl_hash_index *index, struct fl_index_cursor *cursor);

static inline uint32_t fl_hash_index_group(const struct fl_hash_index *index, uint64_t hash)
{
    uint32_t stored = (uint32_t)(hash >> 32) ? (uint32_t)(hash >> 32) : 1;
    uint32_t group = stored & index->level_mask;
    return group < index->split_next ? stored & (index->level_mask * 2 + 1) : group;
}

static inline void fl_hash_index_prefetch(const struct fl_hash_index *index, uint64_t hash)
{
    __builtin_prefetch(&index->groups[fl_hash_index_group(index, hash)]);
}

#endif
