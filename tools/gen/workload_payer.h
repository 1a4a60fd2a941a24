/* workload_payer.h - the customers' side: which invoices are open, who pays which of them, when and
 * how.
 *
 *   Y1  An invoice is in its customer's chain exactly while something of it is open.
 *   Y2  A payment's parts come off open amounts; the sum paid never exceeds an invoice's total.
 *   Y3  Once a line could not be told from another, the invoices it could have meant stay marked:
 *       the second payment of such a pair cannot be told either, unless it names its invoice.
 *   Y4  Hard: whoever is due waits for the turn of his kind (workload_ready.h); what would be
 *       undecidable and is no twin, or later than the tail, is never paid.
 *
 * workload_payer.c plans, workload_pay.c pays.
 *
 * Thread: one.  Memory: 16 bytes an invoice (address space for two an order), 40 a customer.
 */
#ifndef FLORIN_TOOLS_GEN_WORKLOAD_PAYER_H
#define FLORIN_TOOLS_GEN_WORKLOAD_PAYER_H

#include "tools/gen/workload.h"
#include "tools/gen/workload_due.h"
#include "tools/gen/workload_ready.h"

struct fl_payer_invoice {
    uint32_t order;
    uint32_t next, previous; /* invoice + 1 of the same customer, by Y1; 0: none */
    uint16_t due_date_days;
    uint8_t part, flags;
};

struct fl_payer_customer {
    uint32_t open_head; /* invoice + 1 */
    uint32_t group[FL_GEN_GROUP_MAX];
    uint8_t group_count, group_target; /* invoices saved up to be paid at once */
    uint8_t zeros[2];
    uint32_t credit, credit_minor; /* credit note + 1 that goes off the group; 0: none */
};

struct fl_workload_payer {
    const struct fl_workload_plan *plan;
    struct fl_workload_due *due;
    struct fl_workload_counts *counts;
    struct fl_workload_deck deck;
    struct fl_payer_invoice *invoices;
    struct fl_payer_customer *customers;
    struct fl_workload_ready ready; /* hard */
    uint32_t invoice_count, payments, not_ours, outs;
    uint32_t outs_made; /* of the outs, those that have happened */
    uint32_t credits;
    bool credit_pending; /* the last one is to be issued now, for ... */
    uint32_t credit_customer;
    int64_t credit_minor;
    uint16_t today;
    uint32_t today_count; /* hard: payments of this day, which is to have no more than ... */
    uint32_t day_max;
};

/* Plan, due and counts are borrowed. FL_NO_MEMORY. */
enum fl_status fl_workload_payer_init(struct fl_workload_payer *payer,
                                      const struct fl_workload_plan *plan,
                                      struct fl_workload_due *due,
                                      struct fl_workload_counts *counts) FL_MUST_USE;
void fl_workload_payer_deinit(struct fl_workload_payer *payer);

/* A new invoice: plans its payment. FL_NO_MEMORY. */
enum fl_status fl_workload_payer_invoiced(struct fl_workload_payer *payer, uint32_t invoice,
                                          const struct fl_due_shipment *shipped,
                                          const struct fl_gen_order *order,
                                          const struct fl_gen_customer *customer,
                                          uint16_t date_days) FL_MUST_USE;

/* Something planned for today: an event of kind FL_EVENT_PAYMENT or FL_EVENT_BANK_OUT, or
 * FL_EVENT_END if it was put off or, in hard workloads, waits for its turn. */
enum fl_status fl_workload_payer_pays(struct fl_workload_payer *payer, struct fl_due_payment due,
                                      uint16_t date_days,
                                      struct fl_workload_event *out) FL_MUST_USE;

/* Hard: the payment whose turn it is, or FL_EVENT_END if nobody of its kind waits or the day is
 * full. */
enum fl_status fl_workload_payer_next(struct fl_workload_payer *payer, uint16_t date_days,
                                      struct fl_workload_event *out) FL_MUST_USE;

/* Fills the counts of what is open. */
void fl_workload_payer_count_open(struct fl_workload_payer *payer, uint16_t date_days);

#endif
