/* job.h - work that is too much for one command: done in slices, between other commands.
 *
 * A command that begins such work (`clock`, a long `statement`) is answered when the work is done. The work is a row of
 * `job`; it advances by `slice` commands of its own, each a record of the log like any other, so that
 * replay repeats the history and not the clock on the wall.
 *
 *   B1  One job at a time, in the order they were begun: rows below book_counters.jobs_done are through.
 *   B2  A slice does a number of items that is fixed by the state or, from a log, by its `n`: never by
 *       time. At most FL_SLICE_ITEMS, of one day and phase; it ends after the item that brings it to
 *       FL_SLICE_LINES order lines, or references of bank lines. What the log's slice asks for and the state has not is refused.
 *   B3  Items wait in a due index (day, phase, row) and leave it when they are done; what becomes due
 *       up to the clock's day meanwhile joins.
 *   B4  The index follows from the rows: an order is in it while reserved_until is set, a promise while it is open, a
 *       key while it is not dropped. Filled anew after a checkpoint it gives the same slices.
 *   B5  The business date is the day whose work is done: one behind the first item that waits, at most
 *       the clock's day. Commands of other streams see it until the next day is through.
 *   B6  A slice is known by job and number: one that was done is a duplicate, so a log may be applied
 *       again over its end.
 *
 * A slice decides before its first change and sets no undo mark. One item is at most what a command of
 * that order does (FL_LINES_MAX lines).
 */
#ifndef FLORIN_CORE_DOMAIN_JOB_H
#define FLORIN_CORE_DOMAIN_JOB_H

#include "core/domain/state.h"

#define FL_SLICE_ITEMS 128
#define FL_SLICE_LINES 1024

/* Of a day, in this order (rulings, Time). Stored: append where the order allows it. */
enum fl_due_phase { FL_DUE_RESERVATION = 16, FL_DUE_PROMISE = 32, FL_DUE_KEY = 1024 };

/* The item waits for the beginning of `day`. */
void fl_due_put(struct fl_state *s, uint16_t day, enum fl_due_phase phase, uint32_t row);
/* `days` after the business date; 0 where that is no day any more. */
uint16_t fl_due_after(const struct fl_state *s, unsigned days);
/* B4: fills the empty index from the rows. */
void fl_due_rebuild(struct fl_state *s);

/* Id of the job at work, or of the one of a kind that is not through; 0: none. */
uint32_t fl_job_current(const struct fl_state *s);
uint32_t fl_job_pending(const struct fl_state *s, enum fl_job_kind kind);
uint32_t fl_job_begin(struct fl_state *s, enum fl_job_kind kind, uint32_t row);

/* Rows that the next slice may add at most, and chunks it may make copy. */
uint32_t fl_job_slice_rows(const struct fl_state *s);

/* clock.c: the days between the business date and the clock's. B5; true when they are all through. */
bool fl_clock_advance(struct fl_state *s);
/* Does the first items that wait: `*n` of them, or as many as a slice holds. Statements: statement_job.h. */
enum fl_status fl_clock_slice(struct fl_context *c, uint32_t *n);

#endif
