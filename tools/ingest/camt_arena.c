#include "tools/ingest/camt_arena.h"

#include <stdlib.h>

#define FIRST_BYTES (64u << 10)

enum fl_status fl_camt_arena_init(struct fl_camt_arena *arena)
{
    *arena = (struct fl_camt_arena){.bytes = malloc(FIRST_BYTES), .capacity = FIRST_BYTES};
    return arena->bytes ? FL_OK : FL_NO_MEMORY;
}

void fl_camt_arena_deinit(struct fl_camt_arena *arena)
{
    free(arena->bytes);
    *arena = (struct fl_camt_arena){0};
}

static enum fl_status grow(struct fl_camt_arena *arena, size_t more)
{
    size_t wanted = arena->capacity * 2;
    while (wanted < arena->used + more)
        wanted *= 2;
    if (wanted > FL_CAMT_ARENA_BYTES_MAX)
        return FL_TOO_LONG;
    char *grown = realloc(arena->bytes, wanted);
    if (!grown)
        return FL_NO_MEMORY;
    arena->bytes = grown;
    arena->capacity = wanted;
    return FL_OK;
}

enum fl_status fl_camt_arena_append(struct fl_camt_arena *arena, struct fl_slice text)
{
    if (arena->used + text.length > arena->capacity)
        FL_TRY(grow(arena, text.length));
    memcpy(arena->bytes + arena->used, text.at, text.length);
    arena->used += text.length;
    return FL_OK;
}

enum fl_status fl_camt_arena_repeat(struct fl_camt_arena *arena, struct fl_camt_span *span)
{
    FL_ASSERT((size_t)span->at + span->length <= arena->used);
    if (arena->used + span->length > arena->capacity)
        FL_TRY(grow(arena, span->length));
    memcpy(arena->bytes + arena->used, arena->bytes + span->at, span->length);
    span->at = (uint32_t)arena->used;
    arena->used += span->length;
    return FL_OK;
}
