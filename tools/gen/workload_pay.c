/* Payments as they are made: workload_payer.h has the invariants. */
#include "tools/gen/workload_payer_internal.h"

#include "tools/gen/payer_habit.h"

#define FEE_ACCOUNT 0 /* its format has a place for charges */
#define RUN_TRIES_MAX 3
#define RUN_AGAIN_DAYS 14u
#define DISCOUNT_DAYS 14
#define NOT_OURS_INDEX (UINT64_C(1) << 40) /* apart from what payments draw by their number */

/* What arrives, against `open_minor` of one invoice. */
static void differ(const struct fl_workload_payer *payer, struct fl_gen_payment *payment,
                   struct fl_gen_random *random, int64_t total_minor, uint8_t percent)
{
    int64_t *settles = &payment->settles[0].amount_minor;
    uint32_t over_max = payer->plan->hard ? 100 : 10;
    switch (payment->difference) {
    case FL_DIFFERENCE_TOLERANCE: {
        int64_t cents = 1 + fl_gen_random_below(random, 5);
        bool over = fl_gen_random_below(random, 2) == 0 || *settles <= cents;
        payment->amount_minor += over ? cents : -cents;
        *settles -= over ? 0 : cents;
        break;
    }
    case FL_DIFFERENCE_OVER:
        payment->amount_minor += 50 + 50 * fl_gen_random_below(random, over_max);
        break;
    case FL_DIFFERENCE_UNDER:
        payment->amount_minor = fl_payer_wrong_amount(payer, payment->settles[0].invoice,
                                                      total_minor);
        *settles = payment->amount_minor;
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

/* Begins a payment: number, day of value. */
static struct fl_gen_payment *begin(struct fl_workload_payer *payer, struct fl_gen_random *random,
                                    enum fl_gen_payment_kind kind, uint16_t date_days,
                                    struct fl_workload_event *out)
{
    out->kind = FL_EVENT_PAYMENT;
    out->payment = (struct fl_gen_payment){
        .number = payer->payments++, .kind = (uint8_t)kind, .other = FL_GEN_NOBODY};
    *random = fl_gen_random_of(payer->plan->seed, FL_GEN_FOR_PAYMENT, out->payment.number);
    out->payment.value_date_days =
        (uint16_t)(date_days + (fl_gen_random_permille(random, 50) ? 1 : 0));
    payer->counts->payments[kind]++;
    return &out->payment;
}

static void count(struct fl_workload_payer *payer, const struct fl_gen_payment *payment)
{
    struct fl_workload_counts *counts = payer->counts;
    int64_t settled = 0;
    bool credit = false;
    for (unsigned i = 0; i < payment->settle_count; i++) {
        settled += payment->settles[i].amount_minor;
        credit = credit || payment->settles[i].credit;
    }
    FL_ASSERT(settled <= payment->amount_minor + payment->fee_minor); /* E4 */
    counts->paid_minor += payment->amount_minor;
    counts->undecidable += !payment->decidable;
    counts->several_credit += credit;
    counts->several_cut += payment->list_cut;
    counts->other_customer += payment->other != FL_GEN_NOBODY;
    if (payment->settle_count == 0)
        counts->oddities[payment->oddity]++;
    else if (payment->settle_count == 1)
        counts->quotes[payment->quote]++;
    counts->differences[payment->difference]++;
}

/* Nothing of the invoice is open any more. */
static void close_invoice(struct fl_workload_payer *payer, uint32_t customer, uint32_t invoice,
                          uint16_t date_days)
{
    uint16_t due = payer->invoices[invoice].due_date_days;
    fl_payer_unchain(payer, customer, invoice);
    payer->invoices[invoice].due_date_days = 0; /* closed */
    if (date_days <= due) {
        payer->counts->settled_on_time++;
        return;
    }
    payer->counts->settled_late++;
    if (date_days - due > (int)payer->counts->days_late_max)
        payer->counts->days_late_max = (uint32_t)(date_days - due);
}

/* Of an invoice that is paid by this: what stays open, and what comes after. */
static enum fl_status after(struct fl_workload_payer *payer, const struct fl_gen_payment *payment,
                            struct fl_due_payment due, uint16_t date_days,
                            const struct fl_gen_customer *customer, struct fl_gen_random *random,
                            int64_t total_minor)
{
    struct fl_payer_invoice *row = &payer->invoices[due.index];
    int window_end = row->due_date_days - customer->net_days + DISCOUNT_DAYS;
    if (due.what == FL_DUE_FIRST && total_minor > 1) {
        row->flags |= FL_PAYER_PARTLY_PAID;
        unsigned day = date_days + 10u + fl_gen_random_below(random, 31);
        if (!fl_gen_random_permille(random, 700) ||
            !fl_payer_is_within_tail(day, row->due_date_days))
            return FL_OK; /* the rest stays open */
        due.what = FL_DUE_REST;
        if (payer->plan->hard)
            fl_workload_deck_plan(&payer->deck, FL_GEN_PAY_PART, 1);
        return fl_workload_due_pay(payer->due, day, due);
    }
    if (payment->difference == FL_DIFFERENCE_UNDER) {
        row->flags |= FL_PAYER_UNDERPAID;
        return FL_OK;
    }
    if (payment->difference == FL_DIFFERENCE_DISCOUNT && date_days > window_end) {
        row->flags |= FL_PAYER_LATE_DISCOUNT;
        return FL_OK;
    }
    close_invoice(payer, payment->customer, due.index, date_days);
    bool again = payer->plan->hard && payment->kind == FL_GEN_PAY_CLEAN &&
                 payment->quote == FL_QUOTE_FULL && fl_gen_random_permille(random, 40);
    if (!again)
        return FL_OK;
    due.what = FL_DUE_AGAIN;
    due.kind = FL_GEN_PAY_NOT_OURS;
    return fl_workload_due_pay(payer->due, date_days + 5u + fl_gen_random_below(random, 20), due);
}

/* Another customer pays, or a stranger. */
static uint32_t other_payer(const struct fl_workload_payer *payer, struct fl_gen_random *random)
{
    struct fl_gen_order order;
    if (!payer->plan->hard || fl_gen_random_below(random, 10) >= 3)
        return FL_GEN_NOBODY;
    uint32_t invoice = fl_gen_random_below(random, payer->invoice_count);
    fl_gen_order_facts(payer->plan, payer->invoices[invoice].order, &order);
    return order.customer;
}

/* Whether such a payment may be sent as it is planned (E5, Y4). */
static bool may_pay(const struct fl_workload_payer *payer, struct fl_due_payment due,
                    uint32_t customer, int64_t open_minor)
{
    if (!payer->plan->hard ||
        (due.kind != FL_GEN_PAY_TWIN && due.kind != FL_GEN_PAY_AMOUNT_ONLY))
        return true;
    bool fits = fl_payer_fits_another(payer, customer, due.index, open_minor);
    return fits == (due.kind == FL_GEN_PAY_TWIN);
}

/* The form of the number, and whether the line tells its invoice from all others. */
static void quote(struct fl_workload_payer *payer, struct fl_gen_payment *payment,
                  struct fl_gen_random *random, const struct fl_gen_order *order,
                  int64_t open_minor)
{
    uint32_t invoice = payment->settles[0].invoice;
    payment->quote = (uint8_t)fl_payer_habit(payer->plan, random, payment->kind, order);
    payment->decidable = payment->kind != FL_GEN_PAY_STRANGER;
    if (!payment->decidable || !fl_payer_habit_needs_amount(payment->quote) ||
        !fl_payer_fits_another(payer, payment->customer, invoice, open_minor))
        return;
    if (payer->plan->hard && payment->kind == FL_GEN_PAY_MISQUOTED) {
        payment->quote = FL_QUOTE_ZEROS; /* E5 */
        return;
    }
    payment->decidable = false;
    fl_payer_taint(payer, payment->customer, invoice, open_minor);
}

/* One invoice, the whole of what is open or its first part. */
static enum fl_status pay_one(struct fl_workload_payer *payer, struct fl_due_payment due,
                              uint16_t date_days, struct fl_workload_event *out)
{
    struct fl_gen_random random;
    struct fl_gen_order order;
    int64_t total = fl_payer_total_of(payer, due.index, &order);
    int64_t open = fl_payer_open_of_total(payer, due.index, total);
    if (!may_pay(payer, due, order.customer, open)) {
        out->kind = FL_EVENT_END;
        payer->counts->never++;
        if (due.kind != FL_GEN_PAY_TWIN)
            fl_workload_deck_plan(&payer->deck, due.kind, -1);
        return FL_OK;
    }
    struct fl_gen_payment *payment = begin(payer, &random, due.kind, date_days, out);
    int64_t amount =
        due.what == FL_DUE_FIRST ? fl_payer_first_part(payer, due.index, total) : open;
    struct fl_gen_customer customer = fl_gen_customer_facts(payer->plan, order.customer);
    payment->customer = order.customer;
    payment->account = customer.account;
    payment->payer_known = due.kind != FL_GEN_PAY_OTHER_PAYER && due.kind != FL_GEN_PAY_STRANGER;
    if (due.kind == FL_GEN_PAY_OTHER_PAYER)
        payment->other = other_payer(payer, &random);
    payment->difference = due.difference;
    payment->amount_minor = amount;
    payment->settle_count = 1;
    payment->settles[0] = (struct fl_gen_settle){
        .invoice = due.index, .order = payer->invoices[due.index].order, .amount_minor = amount};
    quote(payer, payment, &random, &order, open);
    differ(payer, payment, &random, total, customer.discount_percent);
    count(payer, payment);
    return after(payer, payment, due, date_days, &customer, &random, total);
}

/* A group that found no second document: put off, or paid as any other. */
static enum fl_status put_off(struct fl_workload_payer *payer, struct fl_due_payment due,
                              uint16_t date_days, struct fl_workload_event *out)
{
    struct fl_payer_customer *row = &payer->customers[due.index];
    uint16_t due_date = payer->invoices[row->group[0]].due_date_days;
    unsigned later = date_days + RUN_AGAIN_DAYS;
    out->kind = FL_EVENT_END;
    if (due.tries < RUN_TRIES_MAX && fl_payer_is_within_tail(later, due_date)) {
        due.tries++;
        return fl_workload_due_pay(payer->due, later, due);
    }
    struct fl_due_payment alone = {.index = row->group[0], .kind = FL_GEN_PAY_CLEAN};
    row->group_count = 0;
    if (!payer->plan->hard)
        return pay_one(payer, alone, date_days, out);
    fl_workload_deck_plan(&payer->deck, FL_GEN_PAY_SEVERAL, -1);
    fl_workload_deck_plan(&payer->deck, FL_GEN_PAY_CLEAN, 1);
    return fl_workload_ready_put(&payer->ready, alone);
}

static void settle_group(struct fl_workload_payer *payer, struct fl_payer_customer *row,
                         uint32_t customer, struct fl_gen_payment *payment, uint16_t date_days)
{
    unsigned n = 0;
    for (; n < row->group_count; n++) {
        struct fl_gen_order order;
        uint32_t invoice = row->group[n];
        int64_t total = fl_payer_total_of(payer, invoice, &order);
        FL_ASSERT(order.customer == customer);
        payment->settles[n] =
            (struct fl_gen_settle){invoice, payer->invoices[invoice].order, false, total};
        payment->amount_minor += total;
        close_invoice(payer, customer, invoice, date_days);
    }
    if (row->credit > 0) {
        payment->settles[n++] =
            (struct fl_gen_settle){row->credit - 1, 0, true, -(int64_t)row->credit_minor};
        payment->amount_minor -= row->credit_minor;
    }
    FL_ASSERT(n >= 2 && n <= FL_GEN_SETTLES_MAX && payment->amount_minor > 0);
    payment->settle_count = (uint8_t)n;
    row->group_count = 0;
    row->credit = 0;
}

/* One list in twenty is longer than the bank's line: its last number must be told by what is left
 * of the amount. */
static bool is_list_cut(struct fl_workload_payer *payer, struct fl_gen_random *random,
                        const struct fl_gen_payment *payment)
{
    const struct fl_gen_settle *last = &payment->settles[payment->settle_count - 1];
    return payer->plan->hard && !last->credit && fl_gen_random_below(random, 20) == 0 &&
           !fl_payer_fits_another(payer, payment->customer, last->invoice, last->amount_minor);
}

/* All that the customer saved up; one document alone waits for a second. */
static enum fl_status pay_run(struct fl_workload_payer *payer, struct fl_due_payment due,
                              uint16_t date_days, struct fl_workload_event *out)
{
    struct fl_payer_customer *row = &payer->customers[due.index];
    struct fl_gen_random random;
    if (row->group_count == 1 && row->credit == 0)
        return put_off(payer, due, date_days, out);
    struct fl_gen_payment *payment = begin(payer, &random, due.kind, date_days, out);
    payment->customer = due.index;
    payment->account = fl_gen_customer_facts(payer->plan, due.index).account;
    payment->payer_known = payment->decidable = true;
    settle_group(payer, row, due.index, payment, date_days);
    payment->quote = FL_QUOTE_FULL;
    payment->list_cut = is_list_cut(payer, &random, payment);
    count(payer, payment);
    return FL_OK;
}

/* Amount and account of money that is nobody's, by the payment's number: it may go back. */
static int64_t not_ours_amount(const struct fl_workload_payer *payer, uint32_t payment,
                               uint8_t *account_out)
{
    struct fl_gen_random random =
        fl_gen_random_of(payer->plan->seed, FL_GEN_FOR_NOT_OURS, payment);
    *account_out = (uint8_t)fl_gen_random_below(&random, FL_GEN_ACCOUNTS);
    return 100 + fl_gen_random_below(&random, 200000);
}

static int64_t out_amount(const struct fl_workload_payer *payer, uint32_t out, uint8_t *account_out)
{
    struct fl_gen_random random =
        fl_gen_random_of(payer->plan->seed, FL_GEN_FOR_NOT_OURS, NOT_OURS_INDEX | out);
    *account_out = (uint8_t)fl_gen_random_below(&random, FL_GEN_ACCOUNTS);
    return 1000 + fl_gen_random_below(&random, 3000000);
}

/* A customer pays for what is not billed; no open invoice of his has that amount. */
static void pay_ahead(struct fl_workload_payer *payer, struct fl_gen_random *random,
                      struct fl_gen_payment *payment)
{
    struct fl_gen_order order;
    uint32_t invoice = fl_gen_random_below(random, payer->invoice_count);
    fl_gen_order_facts(payer->plan, payer->invoices[invoice].order, &order);
    payment->customer = order.customer;
    payment->payer_known = true;
    payment->account = fl_gen_customer_facts(payer->plan, order.customer).account;
    while (fl_payer_fits_another(payer, order.customer, payer->invoice_count,
                                 payment->amount_minor))
        payment->amount_minor++;
}

static enum fl_status maybe_return(struct fl_workload_payer *payer, struct fl_gen_random *random,
                                   const struct fl_gen_payment *payment, uint16_t date_days)
{
    if (!fl_gen_random_permille(random, 200))
        return FL_OK;
    struct fl_due_payment due = {.index = payment->number, .what = FL_DUE_RETURN};
    return fl_workload_due_pay(payer->due, date_days + 1 + fl_gen_random_below(random, 3), due);
}

/* Money that settles nothing: decidable, since that much can be told. */
static enum fl_status pay_not_ours(struct fl_workload_payer *payer, uint16_t date_days,
                                   struct fl_workload_event *out)
{
    struct fl_gen_random random;
    struct fl_gen_payment *payment = begin(payer, &random, FL_GEN_PAY_NOT_OURS, date_days, out);
    uint32_t draw = payer->plan->hard ? fl_gen_random_below(&random, 100) : 0;
    payment->customer = FL_GEN_NOBODY;
    payment->quote = FL_QUOTE_NONE;
    payment->decidable = true;
    payment->amount_minor = not_ours_amount(payer, payment->number, &payment->account);
    payment->oddity = draw < 55   ? FL_ODD_STRANGER
                      : draw < 75 ? FL_ODD_NO_SUCH
                      : draw < 90 || payer->outs_made == 0 ? FL_ODD_AHEAD
                                                           : FL_ODD_REVERSED;
    if (payment->oddity == FL_ODD_AHEAD)
        pay_ahead(payer, &random, payment);
    if (payment->oddity == FL_ODD_REVERSED) {
        payment->reversal = true;
        payment->amount_minor = out_amount(payer, payer->outs_made - 1, &payment->account);
    }
    count(payer, payment);
    if (!payer->plan->hard || payment->oddity != FL_ODD_STRANGER)
        return FL_OK;
    return maybe_return(payer, &random, payment, date_days);
}

/* The same as before, and nothing is open. */
static void pay_again(struct fl_workload_payer *payer, struct fl_due_payment due,
                      uint16_t date_days, struct fl_workload_event *out)
{
    struct fl_gen_random random;
    struct fl_gen_order order;
    struct fl_gen_payment *payment = begin(payer, &random, FL_GEN_PAY_NOT_OURS, date_days, out);
    int64_t total = fl_payer_total_of(payer, due.index, &order);
    FL_ASSERT(payer->invoices[due.index].due_date_days == 0); /* closed */
    payment->customer = order.customer;
    payment->account = fl_gen_customer_facts(payer->plan, order.customer).account;
    payment->payer_known = payment->decidable = true;
    payment->oddity = FL_ODD_AGAIN;
    payment->quote = FL_QUOTE_FULL;
    payment->amount_minor = total;
    payment->settles[0] = (struct fl_gen_settle){
        .invoice = due.index, .order = payer->invoices[due.index].order};
    count(payer, payment);
}

static void pay_out(struct fl_workload_payer *payer, struct fl_due_payment due,
                    struct fl_workload_event *out)
{
    out->kind = FL_EVENT_BANK_OUT;
    out->bank_out.back = due.what == FL_DUE_RETURN;
    out->bank_out.reversal = out->bank_out.back && due.index % 2 == 0;
    out->bank_out.number = out->bank_out.back ? due.index : payer->outs_made++;
    if (out->bank_out.back)
        out->bank_out.amount_minor = not_ours_amount(payer, due.index, &out->bank_out.account);
    else
        out->bank_out.amount_minor =
            out_amount(payer, out->bank_out.number, &out->bank_out.account);
    payer->counts->returned += out->bank_out.back;
}

static enum fl_status make(struct fl_workload_payer *payer, struct fl_due_payment due,
                           uint16_t date_days, struct fl_workload_event *out)
{
    switch ((enum fl_due_what)due.what) {
    case FL_DUE_RUN:
        return pay_run(payer, due, date_days, out);
    case FL_DUE_NOT_OURS:
        return pay_not_ours(payer, date_days, out);
    case FL_DUE_OUT:
    case FL_DUE_RETURN:
        pay_out(payer, due, out);
        return FL_OK;
    case FL_DUE_AGAIN:
        pay_again(payer, due, date_days, out);
        return FL_OK;
    case FL_DUE_WHOLE:
    case FL_DUE_FIRST:
    case FL_DUE_REST:
        break;
    }
    return pay_one(payer, due, date_days, out);
}

enum fl_status fl_workload_payer_pays(struct fl_workload_payer *payer, struct fl_due_payment due,
                                      uint16_t date_days, struct fl_workload_event *out)
{
    if (!payer->plan->hard || due.what == FL_DUE_OUT || due.what == FL_DUE_RETURN)
        return make(payer, due, date_days, out);
    out->kind = FL_EVENT_END;
    return fl_workload_ready_put(&payer->ready, due);
}

/* Y4: later than the tail is never. */
static bool is_too_late(const struct fl_workload_payer *payer, struct fl_due_payment due,
                        uint16_t date_days)
{
    uint32_t invoice = due.what == FL_DUE_RUN ? payer->customers[due.index].group[0] : due.index;
    return due.what != FL_DUE_AGAIN &&
           date_days > payer->invoices[invoice].due_date_days + FL_PAYER_LATE_DAYS_MAX;
}

static void give_up(struct fl_workload_payer *payer, struct fl_due_payment due)
{
    if (due.what == FL_DUE_RUN)
        payer->customers[due.index].group_count = 0;
    if (due.kind != FL_GEN_PAY_TWIN)
        fl_workload_deck_plan(&payer->deck, due.kind, -1);
    payer->counts->never++;
}

enum fl_status fl_workload_payer_next(struct fl_workload_payer *payer, uint16_t date_days,
                                      struct fl_workload_event *out)
{
    if (payer->today != date_days) {
        payer->today = date_days;
        payer->today_count = 0;
    }
    out->kind = FL_EVENT_END;
    if (fl_gen_weekday(date_days) > 4 || payer->today_count == payer->day_max)
        return FL_OK;
    while (out->kind == FL_EVENT_END) {
        enum fl_gen_payment_kind kind = fl_workload_ready_turn(&payer->ready);
        struct fl_due_payment due = {.what = FL_DUE_NOT_OURS};
        bool waits = fl_workload_ready_take(&payer->ready, kind, &due);
        if (!waits && (kind != FL_GEN_PAY_NOT_OURS || payer->invoice_count == 0))
            return FL_OK;
        if (waits && is_too_late(payer, due, date_days))
            give_up(payer, due);
        else
            FL_TRY(make(payer, due, date_days, out));
    }
    FL_ASSERT(out->payment.kind == fl_workload_ready_turn(&payer->ready)); /* E5 */
    fl_workload_ready_advance(&payer->ready);
    payer->today_count++;
    return FL_OK;
}
