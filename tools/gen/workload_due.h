/* workload_due.h - what falls due on which day: shipments and payments, in the order they were
 * planned.
 *
 *   U1  Nothing is planned for the day that is open: each day's work is known in its morning.
 *   U2  Nothing is planned further ahead than FL_DUE_DAYS; work moves to Monday from a week end.
 *
 * Thread: one.  Memory: 8 bytes a planned thing, freed when its day is over.
 */
#ifndef FLORIN_TOOLS_GEN_WORKLOAD_DUE_H
#define FLORIN_TOOLS_GEN_WORKLOAD_DUE_H

#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/status.h"

#define FL_DUE_DAYS 512 /* net 60, late 120, a rest 40, week ends: well below */

struct fl_due_shipment {
    uint32_t order;
    uint32_t part; /* 0 or 1 */
};

enum fl_due_what {
    FL_DUE_WHOLE,    /* index is the invoice */
    FL_DUE_FIRST,    /* a part of it */
    FL_DUE_REST,     /* and the rest */
    FL_DUE_RUN,      /* index is the customer: several invoices at once */
    FL_DUE_NOT_OURS, /* money that settles nothing; index tells them apart */
    FL_DUE_OUT,      /* money that we pay */
    FL_DUE_AGAIN,    /* hard: a whole invoice that was paid before */
    FL_DUE_RETURN,   /* hard: the bank takes payment `index` back */
};

struct fl_due_payment {
    uint32_t index;
    uint8_t what; /* enum fl_due_what */
    uint8_t kind; /* enum fl_gen_payment_kind */
    uint8_t difference;
    uint8_t tries; /* of a run that waited for a second invoice */
};

struct fl_due_day {
    struct fl_due_shipment *shipments;
    struct fl_due_payment *payments;
    uint32_t shipment_count, shipment_capacity, shipped;
    uint32_t payment_count, payment_capacity, paid;
};

struct fl_workload_due {
    struct fl_due_day days[FL_DUE_DAYS];
    struct fl_due_day today; /* taken out of `days` in the morning */
    uint16_t date_days;
};

void fl_workload_due_deinit(struct fl_workload_due *due);

/* Begins a day. */
void fl_workload_due_open(struct fl_workload_due *due, uint16_t date_days);
/* Ends it; all of it must be done. */
void fl_workload_due_shut(struct fl_workload_due *due);

/* Plans something for `date_days` or the Monday after it (U1, U2). FL_NO_MEMORY. */
enum fl_status fl_workload_due_ship(struct fl_workload_due *due, unsigned date_days,
                                    struct fl_due_shipment shipment) FL_MUST_USE;
enum fl_status fl_workload_due_pay(struct fl_workload_due *due, unsigned date_days,
                                   struct fl_due_payment payment) FL_MUST_USE;

/* The next of today; there must be one. */
struct fl_due_shipment fl_workload_due_next_shipment(struct fl_workload_due *due);
struct fl_due_payment fl_workload_due_next_payment(struct fl_workload_due *due);

#endif
