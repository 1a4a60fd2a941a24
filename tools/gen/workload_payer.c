#include "tools/gen/workload_payer.h"

#include <stdlib.h>

#define FEE_ACCOUNT 0 /* its format has a place for charges */
#define LATE_DAYS_MAX 120
#define RUN_TRIES_MAX 3
#define RUN_AGAIN_DAYS 14u

enum invoice_flags { PARTLY_PAID = 1, TAINTED = 2 };

enum fl_status fl_workload_payer_init(struct fl_workload_payer *payer,
                                      const struct fl_workload_plan *plan,
                                      struct fl_workload_due *due,
                                      struct fl_workload_counts *counts)
{
    *payer = (struct fl_workload_payer){.plan = plan, .due = due, .counts = counts};
    fl_workload_deck_init(&payer->deck, plan);
    /* Untouched pages of the second half cost nothing. */
    payer->invoices = calloc((size_t)plan->orders * 2, sizeof *payer->invoices);
    payer->customers = calloc(plan->customers, sizeof *payer->customers);
    return payer->invoices && payer->customers ? FL_OK : FL_NO_MEMORY;
}

void fl_workload_payer_deinit(struct fl_workload_payer *payer)
{
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

static void unchain(struct fl_workload_payer *payer, uint32_t customer, uint32_t invoice)
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

/* Nothing is paid later than the tail allows; a week end adds up to two days. */
static bool is_within_tail(unsigned day, uint16_t due_date_days)
{
    return day <= due_date_days + LATE_DAYS_MAX - 2u;
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
        row->group_target = (uint8_t)(2 + fl_gen_random_below(random, FL_GEN_SETTLES_MAX - 1));
        due.index = order->customer;
        due.what = FL_DUE_RUN;
    } else if (kind == FL_GEN_PAY_PART) {
        due.what = FL_DUE_FIRST;
    } else if (kind == FL_GEN_PAY_DIFFERENCE) {
        int64_t total = fl_gen_invoice_total(order, payer->invoices[invoice].part).total_minor;
        due.difference = (uint8_t)difference_of(payer->plan, random, customer, total);
        if (due.difference == FL_DIFFERENCE_DISCOUNT)
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

static int64_t total_of(const struct fl_workload_payer *payer, uint32_t invoice,
                        struct fl_gen_order *order_out)
{
    const struct fl_payer_invoice *row = &payer->invoices[invoice];
    fl_gen_order_facts(payer->plan, row->order, order_out);
    return fl_gen_invoice_total(order_out, row->part).total_minor;
}

/* The first part of a part payment: 30 to 70 percent. */
static int64_t first_part(const struct fl_workload_payer *payer, uint32_t invoice,
                          int64_t total_minor)
{
    struct fl_gen_random random = fl_gen_random_of(payer->plan->seed, FL_GEN_FOR_PART, invoice);
    int64_t part = total_minor * (30 + fl_gen_random_below(&random, 41)) / 100;
    return part > 0 ? part : 1;
}

static int64_t open_of_total(const struct fl_workload_payer *payer, uint32_t invoice,
                             int64_t total_minor)
{
    bool partly = payer->invoices[invoice].flags & PARTLY_PAID;
    return partly ? total_minor - first_part(payer, invoice, total_minor) : total_minor;
}

static int64_t open_of(const struct fl_workload_payer *payer, uint32_t invoice)
{
    struct fl_gen_order order;
    return open_of_total(payer, invoice, total_of(payer, invoice, &order));
}

/* Whether payer and amount name this invoice alone; marks those that they name as well (Y3). */
static bool is_told_by_amount(struct fl_workload_payer *payer, uint32_t customer, uint32_t invoice,
                              int64_t open_minor)
{
    bool told = !(payer->invoices[invoice].flags & TAINTED);
    uint32_t next = payer->customers[customer].open_head;
    for (; next > 0; next = payer->invoices[next - 1].next)
        if (next - 1 != invoice && open_of(payer, next - 1) == open_minor) {
            payer->invoices[next - 1].flags |= TAINTED;
            told = false;
        }
    return told;
}

static enum fl_gen_quote misquote(const struct fl_workload_plan *plan, struct fl_gen_random *random)
{
    uint32_t draw = fl_gen_random_below(random, 100);
    if (!plan->hard)
        return draw < 40 ? FL_QUOTE_ZEROS : draw < 80 ? FL_QUOTE_SEPARATOR : FL_QUOTE_SWAPPED;
    static const struct {
        uint8_t until, quote;
    } shares[] = {{25, FL_QUOTE_ZEROS}, {50, FL_QUOTE_SEPARATOR}, {70, FL_QUOTE_NO_PREFIX},
                  {82, FL_QUOTE_SHORT}, {92, FL_QUOTE_SPACED},    {97, FL_QUOTE_LETTERS},
                  {100, FL_QUOTE_SWAPPED}};
    unsigned i = 0;
    while (draw >= shares[i].until)
        i++;
    return shares[i].quote;
}

static enum fl_gen_quote quote_of(const struct fl_workload_plan *plan, struct fl_gen_random *random,
                                  enum fl_gen_payment_kind kind, const struct fl_gen_order *order)
{
    switch (kind) {
    case FL_GEN_PAY_CLEAN:
        return !order->split && fl_gen_random_permille(random, 30) ? FL_QUOTE_ORDER : FL_QUOTE_FULL;
    case FL_GEN_PAY_MISQUOTED:
        return misquote(plan, random);
    case FL_GEN_PAY_PART:
    case FL_GEN_PAY_OTHER_PAYER:
        return fl_gen_random_permille(random, 250) ? FL_QUOTE_ZEROS : FL_QUOTE_FULL;
    case FL_GEN_PAY_SEVERAL:
    case FL_GEN_PAY_DIFFERENCE:
        return FL_QUOTE_FULL;
    default:
        return FL_QUOTE_NONE;
    }
}

/* What arrives, against `open_minor` of one invoice. */
static void differ(struct fl_gen_payment *payment, struct fl_gen_random *random, uint8_t percent)
{
    int64_t *settles = &payment->settles[0].amount_minor;
    switch (payment->difference) {
    case FL_DIFFERENCE_TOLERANCE: {
        int64_t cents = 1 + fl_gen_random_below(random, 5);
        bool over = fl_gen_random_below(random, 2) == 0 || *settles <= cents;
        payment->amount_minor += over ? cents : -cents;
        *settles -= over ? 0 : cents;
        break;
    }
    case FL_DIFFERENCE_OVER:
        payment->amount_minor += 50 * (1 + fl_gen_random_below(random, 10));
        break;
    case FL_DIFFERENCE_DISCOUNT:
        payment->amount_minor -= (payment->amount_minor * percent + 50) / 100;
        *settles = payment->amount_minor;
        break;
    case FL_DIFFERENCE_FEE:
        payment->fee_minor = 500 + 50 * fl_gen_random_below(random, 21);
        payment->amount_minor -= payment->fee_minor;
        payment->account = FEE_ACCOUNT;
        break;
    default:
        break;
    }
    FL_ASSERT(payment->amount_minor > 0 && *settles > 0);
}

static bool is_decided(struct fl_workload_payer *payer, const struct fl_gen_payment *payment,
                       int64_t open_minor)
{
    if (payment->kind == FL_GEN_PAY_STRANGER)
        return false;
    bool by_amount = payment->quote == FL_QUOTE_NONE || payment->quote == FL_QUOTE_SHORT ||
                     payment->quote == FL_QUOTE_SWAPPED;
    return !by_amount || is_told_by_amount(payer, payment->customer, payment->settles[0].invoice,
                                           open_minor);
}

/* Begins a payment: number, day of value. */
static struct fl_gen_payment *begin(struct fl_workload_payer *payer, struct fl_gen_random *random,
                                    enum fl_gen_payment_kind kind, uint16_t date_days,
                                    struct fl_workload_event *out)
{
    out->kind = FL_EVENT_PAYMENT;
    out->payment = (struct fl_gen_payment){.number = payer->payments++, .kind = (uint8_t)kind};
    *random = fl_gen_random_of(payer->plan->seed, FL_GEN_FOR_PAYMENT, out->payment.number);
    out->payment.value_date_days =
        (uint16_t)(date_days + (fl_gen_random_permille(random, 50) ? 1 : 0));
    payer->counts->payments[kind]++;
    return &out->payment;
}

static void count(struct fl_workload_payer *payer, const struct fl_gen_payment *payment)
{
    payer->counts->paid_minor += payment->amount_minor;
    payer->counts->undecidable += !payment->decidable;
}

/* Nothing of the invoice is open any more. */
static void close_invoice(struct fl_workload_payer *payer, uint32_t customer, uint32_t invoice,
                          uint16_t date_days)
{
    uint16_t due = payer->invoices[invoice].due_date_days;
    unchain(payer, customer, invoice);
    payer->invoices[invoice].due_date_days = 0; /* closed */
    if (date_days <= due) {
        payer->counts->settled_on_time++;
        return;
    }
    payer->counts->settled_late++;
    if (date_days - due > (int)payer->counts->days_late_max)
        payer->counts->days_late_max = (uint32_t)(date_days - due);
}

/* One invoice, the whole of what is open or its first part. */
static enum fl_status pay_one(struct fl_workload_payer *payer, struct fl_due_payment due,
                              uint16_t date_days, struct fl_workload_event *out)
{
    struct fl_gen_random random;
    struct fl_gen_order order;
    struct fl_gen_payment *payment = begin(payer, &random, due.kind, date_days, out);
    int64_t total = total_of(payer, due.index, &order);
    int64_t open = open_of_total(payer, due.index, total);
    int64_t amount = due.what == FL_DUE_FIRST ? first_part(payer, due.index, total) : open;
    struct fl_gen_customer customer = fl_gen_customer_facts(payer->plan, order.customer);
    payment->customer = order.customer;
    payment->account = customer.account;
    payment->payer_known = due.kind != FL_GEN_PAY_OTHER_PAYER && due.kind != FL_GEN_PAY_STRANGER;
    payment->quote = (uint8_t)quote_of(payer->plan, &random, due.kind, &order);
    payment->difference = due.difference;
    payment->amount_minor = amount;
    payment->settle_count = 1;
    payment->settles[0] =
        (struct fl_gen_settle){due.index, payer->invoices[due.index].order, amount};
    differ(payment, &random, customer.discount_percent);
    payment->decidable = is_decided(payer, payment, open);
    count(payer, payment);
    if (due.what != FL_DUE_FIRST || total == 1) {
        close_invoice(payer, order.customer, due.index, date_days);
        return FL_OK;
    }
    payer->invoices[due.index].flags |= PARTLY_PAID;
    if (!fl_gen_random_permille(&random, 700))
        return FL_OK; /* the rest stays open */
    due.what = FL_DUE_REST;
    unsigned day = date_days + 10u + fl_gen_random_below(&random, 31);
    if (!is_within_tail(day, payer->invoices[due.index].due_date_days))
        return FL_OK;
    return fl_workload_due_pay(payer->due, day, due);
}

/* All that the customer saved up; one invoice alone waits for a second. */
static enum fl_status pay_run(struct fl_workload_payer *payer, struct fl_due_payment due,
                              uint16_t date_days, struct fl_workload_event *out)
{
    struct fl_payer_customer *row = &payer->customers[due.index];
    uint8_t group_count = row->group_count;
    uint16_t due_date = payer->invoices[row->group[0]].due_date_days;
    unsigned later = date_days + RUN_AGAIN_DAYS;
    if (group_count == 1 && due.tries < RUN_TRIES_MAX && is_within_tail(later, due_date)) {
        due.tries++;
        out->kind = FL_EVENT_END;
        return fl_workload_due_pay(payer->due, later, due);
    }
    row->group_count = 0;
    if (group_count == 1)
        return pay_one(payer, (struct fl_due_payment){.index = row->group[0]}, date_days, out);
    struct fl_gen_random random;
    struct fl_gen_payment *payment = begin(payer, &random, due.kind, date_days, out);
    payment->customer = due.index;
    payment->account = fl_gen_customer_facts(payer->plan, due.index).account;
    payment->payer_known = payment->decidable = true;
    payment->settle_count = group_count;
    for (unsigned i = 0; i < group_count; i++) {
        struct fl_gen_order order;
        uint32_t invoice = row->group[i];
        int64_t total = total_of(payer, invoice, &order);
        FL_ASSERT(order.customer == due.index);
        payment->settles[i] =
            (struct fl_gen_settle){invoice, payer->invoices[invoice].order, total};
        payment->amount_minor += total;
        close_invoice(payer, due.index, invoice, date_days);
    }
    payment->quote = (uint8_t)quote_of(payer->plan, &random, due.kind, NULL);
    count(payer, payment);
    return FL_OK;
}

static void pay_not_ours(struct fl_workload_payer *payer, uint16_t date_days,
                         struct fl_workload_event *out)
{
    struct fl_gen_random random;
    struct fl_gen_payment *payment =
        begin(payer, &random, FL_GEN_PAY_NOT_OURS, date_days, out);
    payment->customer = FL_GEN_NOBODY;
    payment->account = (uint8_t)fl_gen_random_below(&random, FL_GEN_ACCOUNTS);
    payment->quote = FL_QUOTE_NONE;
    payment->decidable = true; /* that it settles nothing */
    payment->amount_minor = 100 + fl_gen_random_below(&random, 200000);
    count(payer, payment);
}

static void pay_out(struct fl_workload_payer *payer, struct fl_due_payment due,
                    struct fl_workload_event *out)
{
    struct fl_gen_random random =
        fl_gen_random_of(payer->plan->seed, FL_GEN_FOR_PAYMENT, UINT64_C(1) << 40 | due.index);
    out->kind = FL_EVENT_BANK_OUT;
    out->bank_out.number = due.index;
    out->bank_out.account = (uint8_t)fl_gen_random_below(&random, FL_GEN_ACCOUNTS);
    out->bank_out.amount_minor = 1000 + fl_gen_random_below(&random, 3000000);
}

enum fl_status fl_workload_payer_pays(struct fl_workload_payer *payer, struct fl_due_payment due,
                                      uint16_t date_days, struct fl_workload_event *out)
{
    switch ((enum fl_due_what)due.what) {
    case FL_DUE_RUN:
        return pay_run(payer, due, date_days, out);
    case FL_DUE_NOT_OURS:
        pay_not_ours(payer, date_days, out);
        return FL_OK;
    case FL_DUE_OUT:
        pay_out(payer, due, out);
        return FL_OK;
    case FL_DUE_WHOLE:
    case FL_DUE_FIRST:
    case FL_DUE_REST:
        break;
    }
    return pay_one(payer, due, date_days, out);
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
