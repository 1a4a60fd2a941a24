/* arena.h - address space taken once, at start.
 *
 * Everything the core uses is mapped here before the first command: ranges are reserved without
 * being counted (MAP_NORESERVE) and become memory when they are touched. Ranges beyond 2 MiB ask
 * for huge pages: random access with 4 KiB pages reads half as many lines a second.
 *
 *   A1  After fl_arena_seal nothing can be taken: a later call is a broken program.
 */
#ifndef FLORIN_CORE_DATA_ARENA_H
#define FLORIN_CORE_DATA_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

struct fl_arena {
    struct {
        void *base;
        size_t bytes;
    } ranges[256];
    uint32_t count;
    uint32_t sealed;
};

/* Zeroed memory of `bytes`, 2 MiB aligned; owned by the arena until fl_arena_close.
 * Null if the address space is refused. */
void *fl_arena_take(struct fl_arena *arena, size_t bytes);
void fl_arena_seal(struct fl_arena *arena);
/* Unmaps every range. */
void fl_arena_close(struct fl_arena *arena);

#endif
