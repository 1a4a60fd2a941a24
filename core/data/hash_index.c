#include "core/data/hash_index.h"

#include <string.h>

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

enum fl_status fl_hash_index_init(struct fl_hash_index *index, struct fl_arena *arena,
                                  uint32_t entries_max)
{
    memset(index, 0, sizeof *index);
    uint32_t groups = FIRST_GROUPS;
    while ((uint64_t)groups * 4 < entries_max)
        groups *= 2;
    index->groups_max = groups;
    index->overflow_max = groups / 2;
    index->groups = fl_arena_take(arena, (uint64_t)groups * sizeof *index->groups);
    index->overflow =
        fl_arena_take(arena, (uint64_t)index->overflow_max * sizeof *index->overflow);
    index->level_mask = FIRST_GROUPS - 1;
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

/* Puts an entry into a chain that has no equal entry; the newest end of the chain takes it. */
static void chain_put(struct fl_hash_index *index, struct fl_index_group *group,
                      struct fl_index_entry entry)
{
    for (;;) {
        uint32_t link = link_of(group);
        unsigned room = link != 0 ? LINK_ENTRY : GROUP_ENTRIES;
        for (unsigned i = 0; i < room; i++) {
            if (group->entry[i].hash == 0) {
                group->entry[i] = entry;
                return;
            }
        }
        if (link == 0) {
            struct fl_index_entry moved = group->entry[LINK_ENTRY];
            link = overflow_take(index);
            group->entry[LINK_ENTRY] = (struct fl_index_entry){.hash = 0, .row = link};
            index->overflow[link - 1].entry[0] = moved;
        }
        group = &index->overflow[link - 1];
    }
}

/* Splits one group into itself and its image above (H3). A chain is short, so the pause is bounded. */
static void split(struct fl_hash_index *index)
{
    struct fl_index_group chain[64];
    uint32_t links[64], count = 0;
    uint32_t from = index->split_next;
    const struct fl_index_group *group = &index->groups[from];
    while (group && count < 64) {
        links[count] = link_of(group);
        chain[count++] = *group;
        group = next_group(index, group);
    }
    if (group)
        return; /* one key thousands of times: splitting would not part it */
    index->split_next++;
    memset(&index->groups[from], 0, sizeof *group);
    for (uint32_t i = 0; i < count; i++) {
        if (links[i] != 0)
            overflow_give(index, links[i]);
    }
    uint32_t mask = index->level_mask * 2 + 1;
    for (uint32_t i = 0; i < count; i++) {
        for (unsigned k = 0; k < GROUP_ENTRIES; k++) {
            if (chain[i].entry[k].hash != 0)
                chain_put(index, &index->groups[chain[i].entry[k].hash & mask],
                          chain[i].entry[k]);
        }
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

/* The hole is filled with the last entry of the chain, so that chains stay dense. */
void fl_hash_index_remove(struct fl_hash_index *index, uint64_t hash, uint32_t row)
{
    uint32_t stored = stored_hash(hash);
    struct fl_index_group *group = &index->groups[group_of(index, stored)], *before = NULL;
    struct fl_index_entry *hole = NULL;
    for (;;) {
        for (unsigned i = 0; i < GROUP_ENTRIES; i++) {
            if (group->entry[i].hash == stored && group->entry[i].row == row)
                hole = &group->entry[i];
        }
        uint32_t link = link_of(group);
        if (link == 0)
            break;
        before = group;
        group = &index->overflow[link - 1];
    }
    FL_ASSERT(hole != NULL);
    unsigned last = GROUP_ENTRIES;
    while (last > 0 && group->entry[last - 1].hash == 0)
        last--;
    FL_ASSERT(last > 0);
    *hole = group->entry[last - 1];
    group->entry[last - 1] = (struct fl_index_entry){0, 0};
    if (last == 1 && before) {
        overflow_give(index, link_of(before));
        before->entry[LINK_ENTRY] = (struct fl_index_entry){0, 0};
    }
    index->count--;
}

uint64_t fl_hash_index_bytes(const struct fl_hash_index *index)
{
    uint64_t groups = (uint64_t)index->level_mask + 1 + index->split_next;
    return (groups + index->overflow_used) * sizeof(struct fl_index_group);
}

/* ---- look-up ------------------------------------------------------------------------------------ */

uint32_t fl_hash_index_next(const struct fl_hash_index *index, struct fl_index_cursor *cursor)
{
    while (cursor->group) {
        while (cursor->at < GROUP_ENTRIES) {
            const struct fl_index_entry *entry = &cursor->group->entry[cursor->at++];
            if (entry->hash == cursor->hash)
                return entry->row;
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
