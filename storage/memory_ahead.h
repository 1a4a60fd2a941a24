/* memory_ahead.h - memory of growing tables made ready before the writer touches it.
 *
 * A first touch costs the writer a fault, and the kernel's clearing of 2 MiB: a quarter of the
 * time of a replay, and the longest pause of a running engine. Whoever has time (the reading side
 * of a replay, the thread that prepares log segments) asks for it ahead.
 *
 * Small tables are left alone: a column gets memory ahead from 16 MiB on, 4 MiB at a time.
 * Thread: note by the writer's, step by one other. Where the kernel cannot do it (before 5.14),
 * nothing is lost.
 */
#ifndef FLORIN_STORAGE_MEMORY_AHEAD_H
#define FLORIN_STORAGE_MEMORY_AHEAD_H

#include "core/data/store.h"

#define FL_MEMORY_AHEAD_RANGES (FL_COLUMN_COUNT + 1) /* and the pool of chunks */

struct fl_memory_ahead {
    const struct fl_store *store;
    _Atomic uint64_t used[FL_MEMORY_AHEAD_RANGES]; /* bytes; relaxed, a hint */
    uint64_t ready[FL_MEMORY_AHEAD_RANGES];
    bool refused;
};

void fl_memory_ahead_init(struct fl_memory_ahead *ahead, const struct fl_store *store);
/* How far the tables have come. Cost: a store a column; some times a millisecond is more than
 * enough. */
void fl_memory_ahead_note(struct fl_memory_ahead *ahead);
/* Makes ready what is due. */
void fl_memory_ahead_step(struct fl_memory_ahead *ahead);

#endif
