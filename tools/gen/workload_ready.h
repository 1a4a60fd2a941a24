/* workload_ready.h - hard workloads: payments whose day has come, and whose turn it is.
 *
 * The shares of a hard workload are exact, whatever its size and wherever the year cuts it off: so
 * it is not the day alone that says who pays next. Whoever is due waits in a queue of his kind, and
 * kinds take turns by a schedule of a hundred in which every beginning has each kind's share,
 * rounded up or down. If nobody of the kind whose turn it is waits, all wait.
 *
 *   T1  Of the first n payments of the schedule each kind has floor or ceiling of its share.
 *   T2  First come, first paid; but last come for differences, whose discount lapses.
 *
 * The schedule is that of jobs with deadlines: the i-th of a kind with a share of s in a hundred
 * may come from 100 (i - 1) / s on and must come by 100 i / s; the earliest deadline goes first.
 *
 * Thread: one.  Memory: 8 bytes a waiting payment.
 */
#ifndef FLORIN_TOOLS_GEN_WORKLOAD_READY_H
#define FLORIN_TOOLS_GEN_WORKLOAD_READY_H

#include "tools/gen/workload_deck.h"
#include "tools/gen/workload_due.h"

struct fl_ready_queue {
    struct fl_due_payment *items;
    uint32_t head, count, capacity; /* items [head, head + count) */
};

struct fl_workload_ready {
    struct fl_ready_queue queues[FL_GEN_PAY_KINDS];
    uint8_t schedule[100];
    uint32_t given; /* payments made */
};

void fl_workload_ready_init(struct fl_workload_ready *ready);
void fl_workload_ready_deinit(struct fl_workload_ready *ready);

/* Waits from now on, in the queue of its kind. FL_NO_MEMORY. */
enum fl_status fl_workload_ready_put(struct fl_workload_ready *ready,
                                     struct fl_due_payment payment) FL_MUST_USE;

/* Whose turn it is. */
enum fl_gen_payment_kind fl_workload_ready_turn(const struct fl_workload_ready *ready);
/* The turn is taken: a payment was made. */
void fl_workload_ready_advance(struct fl_workload_ready *ready);

/* The next of a kind (T2); false if nobody waits. */
bool fl_workload_ready_take(struct fl_workload_ready *ready, enum fl_gen_payment_kind kind,
                            struct fl_due_payment *out);

#endif
