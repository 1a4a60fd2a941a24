/* workload_payer_internal.h - what workload_payer.c and workload_pay.c share. */
#ifndef FLORIN_TOOLS_GEN_WORKLOAD_PAYER_INTERNAL_H
#define FLORIN_TOOLS_GEN_WORKLOAD_PAYER_INTERNAL_H

#include "tools/gen/workload_payer.h"

#define FL_PAYER_LATE_DAYS_MAX 120
#define FL_PAYER_DISCOUNT_PERCENT 2

enum fl_payer_invoice_flags {
    FL_PAYER_PARTLY_PAID = 1,
    FL_PAYER_TAINTED = 2,     /* Y3 */
    FL_PAYER_UNDERPAID = 4,   /* a wrong amount came, nothing follows */
    FL_PAYER_LATE_DISCOUNT = 8, /* the discount was taken too late and is still open */
};

/* Nothing is paid later than the tail allows; a week end adds up to two days. */
static inline bool fl_payer_is_within_tail(unsigned day, uint16_t due_date_days)
{
    return day <= due_date_days + FL_PAYER_LATE_DAYS_MAX - 2u;
}

/* Takes an invoice of which nothing is open any more out of its customer's chain (Y1). */
void fl_payer_unchain(struct fl_workload_payer *payer, uint32_t customer, uint32_t invoice);

int64_t fl_payer_total_of(const struct fl_workload_payer *payer, uint32_t invoice,
                          struct fl_gen_order *order_out);
/* The first part of a part payment: 30 to 70 percent. A wrong amount: 60 to 98. */
int64_t fl_payer_first_part(const struct fl_workload_payer *payer, uint32_t invoice,
                            int64_t total_minor);
int64_t fl_payer_wrong_amount(const struct fl_workload_payer *payer, uint32_t invoice,
                              int64_t total_minor);
int64_t fl_payer_open_of_total(const struct fl_workload_payer *payer, uint32_t invoice,
                               int64_t total_minor);

/* Whether another open invoice of the customer has this amount open, or had once when a line could
 * not be told from it. */
bool fl_payer_fits_another(const struct fl_workload_payer *payer, uint32_t customer,
                           uint32_t invoice, int64_t open_minor);
/* Marks those that have (Y3). */
void fl_payer_taint(struct fl_workload_payer *payer, uint32_t customer, uint32_t invoice,
                    int64_t open_minor);

#endif
