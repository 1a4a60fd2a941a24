#include "analytics/match_map.h"

#include <stdlib.h>
#include <string.h>

#include "analytics/large_array.h"
#include "core/base/contract.h"

enum fl_status fl_match_map_init(struct fl_match_map *map, uint64_t room)
{
    uint64_t slots = 16;
    while (slots < 2 * room)
        slots *= 2;
    *map = (struct fl_match_map){.mask = slots - 1, .room = room};
    map->slots = fl_large_array(slots * sizeof *map->slots);
    if (!map->slots)
        return FL_NO_MEMORY;
    memset(map->slots, 0xFF, slots * sizeof *map->slots);
    return FL_OK;
}

void fl_match_map_deinit(struct fl_match_map *map)
{
    free(map->slots);
    map->slots = NULL;
}

void fl_match_map_put(struct fl_match_map *map, uint64_t key, uint32_t value)
{
    FL_ASSERT(map->values < map->room && value != FL_MATCH_NONE);
    uint64_t at = key & map->mask;
    while (map->slots[at].value != FL_MATCH_NONE)
        at = (at + 1) & map->mask;
    map->slots[at] = (struct fl_match_slot){(uint32_t)(key >> 32), value};
    map->values++;
}

void fl_match_map_put_few(struct fl_match_map *map, uint64_t key, uint32_t value, unsigned most)
{
    uint64_t at = key & map->mask;
    for (unsigned same = 0; map->slots[at].value != FL_MATCH_NONE; at = (at + 1) & map->mask) {
        same += map->slots[at].tag == (uint32_t)(key >> 32);
        if (same >= most)
            return;
    }
    FL_ASSERT(map->values < map->room && value != FL_MATCH_NONE);
    map->slots[at] = (struct fl_match_slot){(uint32_t)(key >> 32), value};
    map->values++;
}

static uint32_t seek(const struct fl_match_map *map, struct fl_match_cursor *cursor)
{
    const struct fl_match_slot *slot = &map->slots[cursor->at];
    while (slot->value != FL_MATCH_NONE && slot->tag != cursor->tag) {
        cursor->at = (cursor->at + 1) & map->mask;
        slot = &map->slots[cursor->at];
    }
    return slot->value;
}

uint32_t fl_match_map_first(const struct fl_match_map *map, uint64_t key,
                            struct fl_match_cursor *cursor)
{
    *cursor = (struct fl_match_cursor){key & map->mask, (uint32_t)(key >> 32)};
    return seek(map, cursor);
}

uint32_t fl_match_map_next(const struct fl_match_map *map, struct fl_match_cursor *cursor)
{
    cursor->at = (cursor->at + 1) & map->mask;
    return seek(map, cursor);
}
