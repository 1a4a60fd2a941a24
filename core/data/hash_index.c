#include "core/data/hash_index.h"

#include <stdbool.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/base/contract.h"
#include "core/data/schema.h"

#define GROUP_ENTRIES 8
#define LINK_ENTRY 7
/* Entries per group before the next one is split: with 4.5 of 8 some tenth of the groups overflow. */
#define FILL_TIMES_2 9
#define FIRST_GROUPS 64u

static uint32_t stored_hash(uint64_t hash)
{
    uint32_t h = (uint32_t)(hash >> 32);
    return h == 0 ? 1 : h;
}

/* A bit for each entry with this hash. The hashes stand at every other word: a shuffle of two loads puts
 * four of them together. */
static unsigned matches(const struct fl_index_group *group, uint32_t hash)
{
#if defined(__SSE2__)
    const __m128 *pair = (const __m128 *)group;
    __m128i wanted = _mm_set1_epi32((int)hash);
    __m128 low = _mm_shuffle_ps(pair[0], pair[1], _MM_SHUFFLE(2, 0, 2, 0));
    __m128 high = _mm_shuffle_ps(pair[2], pair[3], _MM_SHUFFLE(2, 0, 2, 0));
    __m128i low_equal = _mm_cmpeq_epi32(_mm_castps_si128(low), wanted);
    __m128i high_equal = _mm_cmpeq_epi32(_mm_castps_si128(high), wanted);
    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(low_equal)) |
           (unsigned)_mm_movemask_ps(_mm_castsi128_ps(high_equal)) << 4;
#else
    unsigned bits = 0;
    for (unsigned i = 0; i < GROUP_ENTRIES; i++)
        bits |= (unsigned)(group->entry[i].hash == hash) << i;
    return bits;
#endif
}

/* A group that overflows has in its last entry hash 0 and the number of the overflow group + 1. */
static uint32_t link_of(const struct fl_index_group *group)
{
    const struct fl_index_entry *last = &group->entry[LINK_ENTRY];
    return last->hash == 0 ? last->row : 0;
}

static const struct fl_index_group *next_group(const struct fl_hash_index *index,
                                               const struct fl_index_group *group)
{
    uint32_t link = link_of(group);
    return link == 0 ? NULL : &index->overflow[link - 1];
}

static uint32_t group_of(const struct fl_hash_index *index, uint32_t stored)
{
    uint32_t group = stored & index->level_mask;
    return group < index->split_next ? stored & (index->level_mask * 2 + 1) : group;
}

static void bytes_add(struct fl_hash_index *index, uint64_t groups)
{
    if (index->bytes_total)
        *index->bytes_total += groups * sizeof(struct fl_index_group);
}

enum fl_status fl_hash_index_init(struct fl_hash_index *index, struct fl_arena *arena,
                                  uint32_t entries_max, uint64_t *bytes_total)
{
    memset(index, 0, sizeof *index);
    index->bytes_total = bytes_total;
    uint32_t groups = FIRST_GROUPS;
    while ((uint64_t)groups * 4 < entries_max)
        groups *= 2;
    index->groups_max = groups;
    index->overflow_max = groups - groups / 4; /* even if all hashes are one: 7 entries a group */
    index->groups = fl_arena_take(arena, (uint64_t)groups * sizeof *index->groups);
    index->overflow =
        fl_arena_take(arena, (uint64_t)index->overflow_max * sizeof *index->overflow);
    index->level_mask = FIRST_GROUPS - 1;
    bytes_add(index, FIRST_GROUPS);
    return index->groups && index->overflow ? FL_OK : FL_NO_MEMORY;
}

/* ---- overflow groups --------------------------------------------------------------------------- */

static uint32_t overflow_take(struct fl_hash_index *index)
{
    uint32_t number = index->overflow_free;
    if (number != 0) {
        index->overflow_free = index->overflow[number - 1].entry[0].row;
    } else {
        FL_ASSERT(index->overflow_used < index->overflow_max);
        number = ++index->overflow_used;
        bytes_add(index, 1);
    }
    memset(&index->overflow[number - 1], 0, sizeof index->overflow[0]);
    return number;
}

static void overflow_give(struct fl_hash_index *index, uint32_t number)
{
    struct fl_index_group *group = &index->overflow[number - 1];
    memset(group, 0, sizeof *group);
    group->entry[0].row = index->overflow_free;
    index->overflow_free = number;
}

static bool group_put(struct fl_index_group *group, struct fl_index_entry entry)
{
    unsigned holes = matches(group, 0);
    if (link_of(group) != 0)
        holes &= (1u << LINK_ENTRY) - 1;
    if (holes == 0)
        return false;
    group->entry[__builtin_ctz(holes)] = entry;
    return true;
}

/* Puts an entry into the group's chain. Only the group and the first of its overflow have holes: a
 * new overflow group goes between them, so that a key that stands a thousand times costs no walk. */
static void chain_put(struct fl_hash_index *index, struct fl_index_group *group,
                      struct fl_index_entry entry)
{
    uint32_t link = link_of(group);
    if (group_put(group, entry) || (link != 0 && group_put(&index->overflow[link - 1], entry)))
        return;
    uint32_t number = overflow_take(index);
    struct fl_index_group *fresh = &index->overflow[number - 1];
    if (link != 0)
        fresh->entry[LINK_ENTRY].row = link;
    else
        fresh->entry[1] = group->entry[LINK_ENTRY];
    fresh->entry[0] = entry;
    group->entry[LINK_ENTRY] = (struct fl_index_entry){.hash = 0, .row = number};
}

/* Splits one group into itself and its image above (H3). The chain is taken apart group by group, each
 * given back before its entries need a new one. */
static void split(struct fl_hash_index *index)
{
    struct fl_index_group *group = &index->groups[index->split_next++];
    uint32_t mask = index->level_mask * 2 + 1;
    struct fl_index_group part = *group;
    bytes_add(index, 1);
    memset(group, 0, sizeof *group);
    for (;;) {
        uint32_t link = link_of(&part);
        for (unsigned i = 0; i < GROUP_ENTRIES; i++) {
            if (part.entry[i].hash != 0)
                chain_put(index, &index->groups[part.entry[i].hash & mask], part.entry[i]);
        }
        if (link == 0)
            break;
        part = index->overflow[link - 1];
        overflow_give(index, link);
    }
    if (index->split_next > index->level_mask) {
        index->level_mask = mask;
        index->split_next = 0;
    }
}

void fl_hash_index_add(struct fl_hash_index *index, uint64_t hash, uint32_t row)
{
    uint64_t groups = (uint64_t)index->level_mask + 1 + index->split_next;
    if (index->count * 2 >= groups * FILL_TIMES_2 && groups < index->groups_max)
        split(index);
    uint32_t stored = stored_hash(hash);
    chain_put(index, &index->groups[group_of(index, stored)],
              (struct fl_index_entry){.hash = stored, .row = row});
    index->count++;
}

static struct fl_index_entry *entry_find(struct fl_hash_index *index, struct fl_index_group *group,
                                         uint32_t stored, uint32_t row)
{
    for (;;) {
        for (unsigned i = 0; i < GROUP_ENTRIES; i++) {
            if (group->entry[i].hash == stored && group->entry[i].row == row)
                return &group->entry[i];
        }
        uint32_t link = link_of(group);
        if (link == 0)
            return NULL;
        group = &index->overflow[link - 1];
    }
}

/* The hole is filled from the first overflow group, which goes when it is empty: the rest stays full. */
void fl_hash_index_remove(struct fl_hash_index *index, uint64_t hash, uint32_t row)
{
    uint32_t stored = stored_hash(hash);
    struct fl_index_group *group = &index->groups[group_of(index, stored)];
    struct fl_index_entry *hole = entry_find(index, group, stored, row);
    FL_ASSERT(hole != NULL);
    index->count--;
    uint32_t link = link_of(group);
    struct fl_index_group *from = link != 0 ? &index->overflow[link - 1] : group;
    uint32_t from_link = link_of(from);
    unsigned last = from_link != 0 ? LINK_ENTRY : GROUP_ENTRIES;
    while (last > 0 && from->entry[last - 1].hash == 0)
        last--;
    FL_ASSERT(last > 0);
    *hole = from->entry[last - 1];
    from->entry[last - 1] = (struct fl_index_entry){0, 0};
    if (last == 1 && from != group) {
        overflow_give(index, link);
        group->entry[LINK_ENTRY].row = from_link;
    }
}

/* ---- look-up ------------------------------------------------------------------------------------ */

uint32_t fl_hash_index_next(const struct fl_hash_index *index, struct fl_index_cursor *cursor)
{
    while (cursor->group) {
        unsigned bits = matches(cursor->group, cursor->hash) & ~0u << cursor->at;
        if (bits != 0) {
            unsigned i = (unsigned)__builtin_ctz(bits);
            cursor->at = i + 1;
            return cursor->group->entry[i].row;
        }
        cursor->group = next_group(index, cursor->group);
        cursor->at = 0;
    }
    return FL_NO_ROW;
}

uint32_t fl_hash_index_first(const struct fl_hash_index *index, uint64_t hash,
                             struct fl_index_cursor *cursor)
{
    cursor->hash = stored_hash(hash);
    cursor->group = &index->groups[group_of(index, cursor->hash)];
    cursor->at = 0;
    return fl_hash_index_next(index, cursor);
}
