/* memory_ahead.h - memory of growing tables made ready before the writer touches it.
 *
 * A first touch costs the writer a fault, and the kernel's clearing of 2 MiB: a quarter of the
 * time of a replay, and the longest pause of a running engine. Whoever has time (the reading side
 * of a replay, the thread that prepares log segments) asks for it ahead: columns, the pool of
 * chunks, the groups of the indexes.
 *
 * Small tables are left alone: a range gets memory ahead from 2 MiB on, a quarter of what it has, at
 * least 4 MiB and at most 32, 4 MiB at a time. So what stands ready is a small part of what is used.
 * Thread: note by the writer's, step by one other. Where the kernel cannot do it (before 5.14),
 * nothing is lost.
 */
#ifndef FLORIN_STORAGE_MEMORY_AHEAD_H
#define FLORIN_STORAGE_MEMORY_AHEAD_H

#include "core/data/store.h"

#define FL_MEMORY_AHEAD_INDEXES 32
/* Columns, the pool of chunks, indexes. */
#define FL_MEMORY_AHEAD_RANGES (FL_COLUMN_COUNT + 1 + FL_MEMORY_AHEAD_INDEXES)

struct fl_memory_ahead {
    const struct fl_store *store;
    _Atomic uint64_t used[FL_MEMORY_AHEAD_RANGES]; /* bytes; relaxed, a hint */
    uint64_t ready[FL_MEMORY_AHEAD_RANGES];
    bool refused;
};

void fl_memory_ahead_init(struct fl_memory_ahead *ahead, const struct fl_store *store);
/* How far the tables have come. Cost: a store a range; some times a millisecond is more than
 * enough. */
void fl_memory_ahead_note(struct fl_memory_ahead *ahead);
/* Makes ready what is due, at most 4 MiB a range. */
void fl_memory_ahead_step(struct fl_memory_ahead *ahead);

#endif
