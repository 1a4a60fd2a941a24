/* match_map.h - many values under a key of 64 bits: built by one thread, then read by any.
 *
 * Open addressing with 8 bytes a value: 32 bits of the key and the value. Two keys that agree in
 * those bits and stand together are told apart by whoever looks, so every user verifies what it
 * finds (or needs no more than "hardly ever wrong", and says so).
 *
 * Memory: malloc, at most 16 bytes a value at the load of one half.  Cost: one line a look-up.
 */
#ifndef FLORIN_ANALYTICS_MATCH_MAP_H
#define FLORIN_ANALYTICS_MATCH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/status.h"

#define FL_MATCH_NONE UINT32_MAX

struct fl_match_slot {
    uint32_t tag, value; /* value FL_MATCH_NONE: empty */
};

struct fl_match_map {
    struct fl_match_slot *slots;
    uint64_t mask;
    uint64_t values, room;
};

struct fl_match_cursor {
    uint64_t at;
    uint32_t tag;
};

/* Room for so many values, for good. FL_NO_MEMORY. */
enum fl_status fl_match_map_init(struct fl_match_map *map, uint64_t room) FL_MUST_USE;
void fl_match_map_deinit(struct fl_match_map *map);

void fl_match_map_put(struct fl_match_map *map, uint64_t key, uint32_t value);
/* The same unless the key has `most` values already: one that is so common tells nobody from
 * another. */
void fl_match_map_put_few(struct fl_match_map *map, uint64_t key, uint32_t value, unsigned most);
/* The first value under the key, and the next; FL_MATCH_NONE behind the last. */
uint32_t fl_match_map_first(const struct fl_match_map *map, uint64_t key,
                            struct fl_match_cursor *cursor);
uint32_t fl_match_map_next(const struct fl_match_map *map, struct fl_match_cursor *cursor);

/* Asks for the line that a look-up will read. */
static inline void fl_match_map_prefetch(const struct fl_match_map *map, uint64_t key)
{
    __builtin_prefetch(&map->slots[key & map->mask]);
}

#endif
