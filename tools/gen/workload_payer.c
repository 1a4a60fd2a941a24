#include "tools/gen/workload_payer_internal.h"

#include <stdlib.h>

#define LATE_DAYS_MAX FL_PAYER_LATE_DAYS_MAX

enum fl_status fl_workload_payer_init(struct fl_workload_payer *payer,
                                      const struct fl_workload_plan *plan,
                                      struct fl_workload_due *due,
                                      struct fl_workload_counts *counts)
{
    *payer = (struct fl_workload_payer){.plan = plan, .due = due, .counts = counts};
    fl_workload_deck_init(&payer->deck, plan);
    fl_workload_ready_init(&payer->ready);
    payer->day_max = plan->orders / 100 + 4; /* three times what an even year would have */
    /* Untouched pages of the second half cost nothing. */
    payer->invoices = calloc((size_t)plan->orders * 2 + 1, sizeof *payer->invoices);
    payer->customers = calloc(plan->customers, sizeof *payer->customers);
    return payer->invoices && payer->customers ? FL_OK : FL_NO_MEMORY;
}

void fl_workload_payer_deinit(struct fl_workload_payer *payer)
{
    fl_workload_ready_deinit(&payer->ready);
    free(payer->invoices);
    free(payer->customers);
}

static void chain(struct fl_workload_payer *payer, uint32_t customer, uint32_t invoice)
{
    struct fl_payer_invoice *row = &payer->invoices[invoice];
    uint32_t head = payer->customers[customer].open_head;
    row->next = head;
    row->previous = 0;
    if (head > 0)
        payer->invoices[head - 1].previous = invoice + 1;
    payer->customers[customer].open_head = invoice + 1;
}

void fl_payer_unchain(struct fl_workload_payer *payer, uint32_t customer, uint32_t invoice)
{
    struct fl_payer_invoice *row = &payer->invoices[invoice];
    if (row->next > 0)
        payer->invoices[row->next - 1].previous = row->previous;
    if (row->previous > 0) {
        payer->invoices[row->previous - 1].next = row->next;
    } else {
        FL_ASSERT(payer->customers[customer].open_head == invoice + 1); /* Y1 */
        payer->customers[customer].open_head = row->next;
    }
}

/* The customer's own day: mostly a little before it is due, sometimes late. */
static unsigned pay_day(struct fl_gen_random *random, const struct fl_gen_customer *customer,
                        uint16_t date_days)
{
    if (!fl_gen_random_permille(random, customer->late_permille)) {
        unsigned early = fl_gen_random_below(random, 10);
        return date_days + customer->net_days - early;
    }
    unsigned late = 1 + fl_gen_random_below(random, customer->late_days);
    while (late < LATE_DAYS_MAX && fl_gen_random_permille(random, 400)) /* the tail */
        late += customer->late_days;
    unsigned most = LATE_DAYS_MAX - 2; /* a week end adds up to two */
    return date_days + customer->net_days + (late < most ? late : most);
}

static enum fl_gen_difference difference_of(const struct fl_workload_plan *plan,
                                            struct fl_gen_random *random,
                                            const struct fl_gen_customer *customer,
                                            int64_t total_minor)
{
    if (!plan->hard)
        return fl_gen_random_below(random, 2) == 0 ? FL_DIFFERENCE_TOLERANCE : FL_DIFFERENCE_OVER;
    if (customer->discount_percent > 0)
        return FL_DIFFERENCE_DISCOUNT;
    bool fee = fl_gen_random_below(random, 2) == 0 && total_minor > 6000;
    return fee ? FL_DIFFERENCE_FEE : FL_DIFFERENCE_TOLERANCE;
}

/* Hard: one group in three gets a credit note that its payment takes off. Not of customers with a
 * discount: what is short by a credit note would look like one. */
static void maybe_credit(struct fl_workload_payer *payer, struct fl_gen_random *random,
                         const struct fl_gen_order *order, const struct fl_gen_customer *customer,
                         uint32_t invoice)
{
    struct fl_payer_customer *row = &payer->customers[order->customer];
    row->credit = 0;
    if (!payer->plan->hard || customer->discount_percent > 0 || fl_gen_random_below(random, 3) > 0)
        return;
    int64_t total = fl_gen_invoice_total(order, payer->invoices[invoice].part).total_minor;
    int64_t credit = total * (5 + fl_gen_random_below(random, 26)) / 100;
    if (credit == 0)
        return;
    FL_ASSERT(!payer->credit_pending && credit < total && credit < UINT32_MAX);
    payer->credit_pending = true;
    payer->credit_customer = order->customer;
    payer->credit_minor = credit;
    row->credit = ++payer->credits;
    row->credit_minor = (uint32_t)credit;
}

/* Hard: two in five of what is planned as a part are a wrong amount instead. */
static void wrong_amount(const struct fl_workload_payer *payer, struct fl_gen_random *random,
                         const struct fl_gen_order *order, struct fl_due_payment *due)
{
    uint32_t draw = fl_gen_random_below(random, 5);
    int64_t total = fl_gen_invoice_total(order, payer->invoices[due->index].part).total_minor;
    if (!payer->plan->hard || draw > 1 || total < 100)
        return;
    due->what = FL_DUE_WHOLE;
    due->difference = draw == 0 ? FL_DIFFERENCE_UNDER : FL_DIFFERENCE_OVER;
}

static enum fl_status plan_kind(struct fl_workload_payer *payer, struct fl_gen_random *random,
                                enum fl_gen_payment_kind kind, uint32_t invoice,
                                const struct fl_gen_order *order,
                                const struct fl_gen_customer *customer, uint16_t date_days)
{
    struct fl_due_payment due = {.index = invoice, .kind = (uint8_t)kind};
    unsigned day = pay_day(random, customer, date_days);
    if (kind == FL_GEN_PAY_SEVERAL) {
        struct fl_payer_customer *row = &payer->customers[order->customer];
        row->group[0] = invoice;
        row->group_count = 1;
        row->group_target = (uint8_t)(2 + fl_gen_random_below(random, FL_GEN_GROUP_MAX - 1));
        if (order->burst)
            row->group_target = FL_GEN_BURST;
        due.index = order->customer;
        due.what = FL_DUE_RUN;
        maybe_credit(payer, random, order, customer, invoice);
    } else if (kind == FL_GEN_PAY_PART) {
        due.what = FL_DUE_FIRST;
        wrong_amount(payer, random, order, &due);
    } else if (kind == FL_GEN_PAY_DIFFERENCE) {
        int64_t total = fl_gen_invoice_total(order, payer->invoices[invoice].part).total_minor;
        due.difference = (uint8_t)difference_of(payer->plan, random, customer, total);
        bool late = payer->plan->hard && fl_gen_random_below(random, 4) == 0;
        if (due.difference == FL_DIFFERENCE_DISCOUNT && !late)
            day = date_days + 2 + fl_gen_random_below(random, 10); /* a week end keeps the window */
    }
    return fl_workload_due_pay(payer->due, day, due);
}

/* Bank lines that come now and then, whoever buys. */
static enum fl_status plan_not_ours(struct fl_workload_payer *payer, struct fl_gen_random *random,
                                    uint16_t date_days)
{
    struct fl_due_payment due = {.index = payer->not_ours++,
                                 .what = FL_DUE_NOT_OURS,
                                 .kind = FL_GEN_PAY_NOT_OURS};
    return fl_workload_due_pay(payer->due, date_days + 20 + fl_gen_random_below(random, 20), due);
}

static enum fl_status plan_out(struct fl_workload_payer *payer, struct fl_gen_random *random,
                               uint16_t date_days)
{
    struct fl_due_payment due = {.index = payer->outs++, .what = FL_DUE_OUT};
    return fl_workload_due_pay(payer->due, date_days + 1 + fl_gen_random_below(random, 20), due);
}

static bool joins_group(struct fl_payer_customer *row, uint32_t invoice)
{
    if (row->group_count == 0 || row->group_count == row->group_target)
        return false;
    row->group[row->group_count++] = invoice;
    return true;
}

enum fl_status fl_workload_payer_invoiced(struct fl_workload_payer *payer, uint32_t invoice,
                                          const struct fl_due_shipment *shipped,
                                          const struct fl_gen_order *order,
                                          const struct fl_gen_customer *customer,
                                          uint16_t date_days)
{
    struct fl_gen_random random =
        fl_gen_random_of(payer->plan->seed, FL_GEN_FOR_INVOICE, invoice);
    FL_ASSERT(invoice == payer->invoice_count && invoice < payer->plan->orders * UINT64_C(2));
    payer->invoice_count++;
    payer->invoices[invoice] = (struct fl_payer_invoice){
        .order = shipped->order,
        .part = (uint8_t)shipped->part,
        .due_date_days = (uint16_t)(date_days + customer->net_days)};
    chain(payer, order->customer, invoice);
    if (invoice % 40 == 0)
        FL_TRY(plan_out(payer, &random, date_days));
    if (order->twin)
        return plan_kind(payer, &random, FL_GEN_PAY_TWIN, invoice, order, customer, date_days);
    if (joins_group(&payer->customers[order->customer], invoice))
        return FL_OK;
    if (order->burst && payer->customers[order->customer].group_count == 0) {
        fl_workload_deck_plan(&payer->deck, FL_GEN_PAY_SEVERAL, 1);
        return plan_kind(payer, &random, FL_GEN_PAY_SEVERAL, invoice, order, customer, date_days);
    }
    struct fl_gen_customer who = *customer;
    who.frequent = who.frequent && payer->customers[order->customer].group_count == 0;
    enum fl_gen_payment_kind kind;
    while ((kind = fl_workload_deck_deal(&payer->deck, &who)) == FL_GEN_PAY_NOT_OURS)
        FL_TRY(plan_not_ours(payer, &random, date_days));
    if (kind == FL_GEN_PAY_NEVER) {
        payer->counts->never++;
        return FL_OK;
    }
    return plan_kind(payer, &random, kind, invoice, order, customer, date_days);
}

int64_t fl_payer_total_of(const struct fl_workload_payer *payer, uint32_t invoice,
                          struct fl_gen_order *order_out)
{
    const struct fl_payer_invoice *row = &payer->invoices[invoice];
    fl_gen_order_facts(payer->plan, row->order, order_out);
    return fl_gen_invoice_total(order_out, row->part).total_minor;
}

/* `least` percent and up to `span` - 1 more. */
static int64_t share_of(const struct fl_workload_payer *payer, uint32_t invoice,
                        int64_t total_minor, uint32_t least, uint32_t span)
{
    struct fl_gen_random random = fl_gen_random_of(payer->plan->seed, FL_GEN_FOR_PART, invoice);
    int64_t part = total_minor * (least + fl_gen_random_below(&random, span)) / 100;
    return part > 0 ? part : 1;
}

int64_t fl_payer_first_part(const struct fl_workload_payer *payer, uint32_t invoice,
                            int64_t total_minor)
{
    return share_of(payer, invoice, total_minor, 30, 41);
}

int64_t fl_payer_wrong_amount(const struct fl_workload_payer *payer, uint32_t invoice,
                              int64_t total_minor)
{
    return share_of(payer, invoice, total_minor, 60, 39);
}

int64_t fl_payer_open_of_total(const struct fl_workload_payer *payer, uint32_t invoice,
                               int64_t total_minor)
{
    unsigned flags = payer->invoices[invoice].flags;
    if (flags & FL_PAYER_PARTLY_PAID)
        return total_minor - fl_payer_first_part(payer, invoice, total_minor);
    if (flags & FL_PAYER_UNDERPAID)
        return total_minor - fl_payer_wrong_amount(payer, invoice, total_minor);
    if (flags & FL_PAYER_LATE_DISCOUNT)
        return (total_minor * FL_PAYER_DISCOUNT_PERCENT + 50) / 100;
    return total_minor;
}

static int64_t open_of(const struct fl_workload_payer *payer, uint32_t invoice)
{
    struct fl_gen_order order;
    return fl_payer_open_of_total(payer, invoice, fl_payer_total_of(payer, invoice, &order));
}

bool fl_payer_fits_another(const struct fl_workload_payer *payer, uint32_t customer,
                           uint32_t invoice, int64_t open_minor)
{
    if (payer->invoices[invoice].flags & FL_PAYER_TAINTED)
        return true;
    uint32_t next = payer->customers[customer].open_head;
    for (; next > 0; next = payer->invoices[next - 1].next)
        if (next - 1 != invoice && open_of(payer, next - 1) == open_minor)
            return true;
    return false;
}

void fl_payer_taint(struct fl_workload_payer *payer, uint32_t customer, uint32_t invoice,
                    int64_t open_minor)
{
    uint32_t next = payer->customers[customer].open_head;
    for (; next > 0; next = payer->invoices[next - 1].next)
        if (next - 1 != invoice && open_of(payer, next - 1) == open_minor)
            payer->invoices[next - 1].flags |= FL_PAYER_TAINTED;
}

void fl_workload_payer_count_open(struct fl_workload_payer *payer, uint16_t date_days)
{
    struct fl_workload_counts *counts = payer->counts;
    counts->open_not_due = counts->open_overdue = 0;
    counts->open_minor = 0;
    for (uint32_t i = 0; i < payer->invoice_count; i++) {
        if (payer->invoices[i].due_date_days == 0)
            continue;
        if (payer->invoices[i].due_date_days < date_days)
            counts->open_overdue++;
        else
            counts->open_not_due++;
        counts->open_minor += open_of(payer, i);
    }
}
