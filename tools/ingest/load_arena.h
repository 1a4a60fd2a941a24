/* load_arena.h - what is kept of one file: texts one behind the other, and arrays that grow.
 *
 * Places in them are offsets and numbers, since growing moves them. Thread: one. Memory: doubles.
 */
#ifndef FLORIN_TOOLS_INGEST_LOAD_ARENA_H
#define FLORIN_TOOLS_INGEST_LOAD_ARENA_H

#include <stdlib.h>

#include "tools/format/slice.h"

struct fl_load_piece {
    uint64_t offset;
    uint32_t length;
};

struct fl_load_arena {
    char *text;
    size_t used, capacity;
    bool failed; /* memory was refused: pieces since are empty */
};

static inline struct fl_load_piece fl_load_arena_put(struct fl_load_arena *arena,
                                                     struct fl_slice text)
{
    struct fl_load_piece piece = {arena->used, (uint32_t)text.length};
    if (text.length > arena->capacity - arena->used) {
        size_t capacity = (arena->used + text.length) * 2 + 65536;
        char *bigger = realloc(arena->text, capacity);
        if (!bigger) {
            arena->failed = true;
            return (struct fl_load_piece){0, 0};
        }
        arena->text = bigger;
        arena->capacity = capacity;
    }
    if (text.length > 0)
        memcpy(arena->text + arena->used, text.at, text.length);
    arena->used += text.length;
    return piece;
}

static inline struct fl_slice fl_load_arena_slice(const struct fl_load_arena *arena,
                                                  struct fl_load_piece piece)
{
    return fl_slice_of(piece.length > 0 ? arena->text + piece.offset : NULL, piece.length);
}

static inline void fl_load_arena_free(struct fl_load_arena *arena)
{
    free(arena->text);
    *arena = (struct fl_load_arena){.text = NULL};
}

struct fl_load_array {
    void *items;
    size_t item_bytes;
    uint32_t count, capacity;
};

/* One more item, its bytes not set; null if memory is refused. */
static inline void *fl_load_array_add(struct fl_load_array *array)
{
    if (array->count == array->capacity) {
        uint32_t capacity = array->capacity ? array->capacity * 2 : 1024;
        void *bigger = realloc(array->items, capacity * array->item_bytes);
        if (!bigger)
            return NULL;
        array->items = bigger;
        array->capacity = capacity;
    }
    return (char *)array->items + array->item_bytes * array->count++;
}

static inline void fl_load_array_free(struct fl_load_array *array)
{
    free(array->items);
    array->items = NULL;
    array->count = array->capacity = 0;
}

#endif
