/* camt_arena.h - the texts of the camt entry in hand, one behind the other in a block of memory.
 *
 * A text is named by its place (a span), since the block moves as it grows. It is cleared at every
 * entry, keeps its size, and never grows beyond FL_CAMT_ARENA_BYTES_MAX.
 *
 * Thread: one.  Memory: the block; freed by deinit.
 */
#ifndef FLORIN_TOOLS_INGEST_CAMT_ARENA_H
#define FLORIN_TOOLS_INGEST_CAMT_ARENA_H

#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/status.h"
#include "tools/format/slice.h"

#define FL_CAMT_ARENA_BYTES_MAX (256u << 20) /* some 200,000 payments in one booking */

struct fl_camt_span {
    uint32_t at, length;
};

struct fl_camt_arena {
    char *bytes;
    size_t used, capacity;
};

/* FL_NO_MEMORY. */
enum fl_status fl_camt_arena_init(struct fl_camt_arena *arena) FL_MUST_USE;
void fl_camt_arena_deinit(struct fl_camt_arena *arena);

/* `text` may not lie in the arena. FL_TOO_LONG beyond the limit, FL_NO_MEMORY. */
enum fl_status fl_camt_arena_append(struct fl_camt_arena *arena, struct fl_slice text) FL_MUST_USE;

/* Copies a text of the arena behind the last one; `*span` is then there. As append. */
enum fl_status fl_camt_arena_repeat(struct fl_camt_arena *arena,
                                    struct fl_camt_span *span) FL_MUST_USE;

/* Valid until the next append. */
static inline struct fl_slice fl_camt_arena_text(const struct fl_camt_arena *arena,
                                                 struct fl_camt_span span)
{
    return fl_slice_of(arena->bytes + span.at, span.length);
}

#endif
