#include "tools/gen/workload.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "tools/gen/our_accounts.h"
#include "tools/gen/workload_due.h"
#include "tools/gen/workload_payer.h"

#define US_PER_DAY INT64_C(86400000000)
#define MORNING_US (INT64_C(6) * 3600 * 1000000)
#define STOCK_LOW (FL_GEN_LINES_MAX * FL_GEN_LINE_QUANTITY_MAX) /* one order takes no more */
#define STOCK_RECEIVED 2000
#define DAYS 364 /* 52 weeks */

enum phase { PHASE_BOOK, PHASE_CLOCK, PHASE_ACCOUNTS, PHASE_PRODUCTS, PHASE_CUSTOMERS, PHASE_DAY,
             PHASE_END };

struct fl_workload {
    struct fl_workload_plan plan;
    struct fl_workload_counts counts;
    struct fl_workload_due due;     /* shipments and payments by day */
    struct fl_workload_payer payer; /* open invoices; who pays what when */
    int64_t *stock;                 /* available, by product */
    enum phase phase;
    uint32_t day; /* 0 .. days - 1 */
    uint16_t date_days;
    int64_t at_us, step_us;
    uint32_t accounts_done, products_done, customers_done, customers_until;
    uint32_t order_next, order_from, order_until; /* of this day */
    uint32_t shipments, invoices, stocks, stock_product;
    bool stock_pending, invoice_pending;
    struct fl_due_shipment shipped;     /* whose invoice is pending */
    struct fl_gen_order shipped_facts;
};

/* Seconds between events, or as little as a day's many need. */
static int64_t step_for(const struct fl_workload_plan *plan)
{
    uint64_t day_events = (uint64_t)plan->orders * 10 / plan->days;
    uint64_t first_day = (uint64_t)plan->customers + 2 * (uint64_t)plan->products;
    uint64_t most = day_events > first_day ? day_events : first_day;
    int64_t step_us = 1000000;
    while (most * (uint64_t)step_us > UINT64_C(40000) * 1000000 && step_us > 1000)
        step_us /= 10;
    return step_us;
}

static uint32_t within(uint64_t value, uint32_t least, uint32_t most)
{
    return value < least ? least : value > most ? most : (uint32_t)value;
}

static void make_plan(const struct fl_workload_options *options, struct fl_workload_plan *plan)
{
    *plan = (struct fl_workload_plan){.seed = options->seed,
                                      .orders = options->orders,
                                      .customers = options->customers,
                                      .products = options->products,
                                      .start_date = fl_date_from_civil(2024, 1, 1),
                                      .days = DAYS,
                                      .hard = options->hard};
    if (plan->customers == 0)
        plan->customers = within(plan->orders / 20, 10, 1000000);
    if (plan->products == 0)
        plan->products = within(plan->orders / 200, 20, 5000);
    FL_ASSERT(fl_gen_weekday(plan->start_date) == 0);
}

enum fl_status fl_workload_open(const struct fl_workload_options *options, struct fl_workload **out,
                                struct fl_error *error)
{
    if (options->orders == 0 || options->orders > FL_GEN_ORDERS_MAX ||
        options->customers > FL_GEN_ORDERS_MAX || options->products > FL_GEN_ORDERS_MAX)
        return fl_error_set(error, FL_OUT_OF_RANGE, "between 1 and %u orders", FL_GEN_ORDERS_MAX);
    struct fl_workload *workload = calloc(1, sizeof *workload);
    if (!workload)
        return fl_error_set(error, FL_NO_MEMORY, "no memory for a workload");
    make_plan(options, &workload->plan);
    workload->date_days = workload->plan.start_date;
    workload->step_us = step_for(&workload->plan);
    workload->stock = calloc(workload->plan.products, sizeof *workload->stock);
    enum fl_status status = workload->stock ? FL_OK : FL_NO_MEMORY;
    if (status == FL_OK)
        status = fl_workload_payer_init(&workload->payer, &workload->plan, &workload->due,
                                        &workload->counts);
    if (status != FL_OK) {
        fl_workload_close(workload);
        return fl_error_set(error, status, "no memory for %u orders", options->orders);
    }
    *out = workload;
    return FL_OK;
}

void fl_workload_close(struct fl_workload *workload)
{
    if (!workload)
        return;
    fl_workload_payer_deinit(&workload->payer);
    fl_workload_due_deinit(&workload->due);
    free(workload->stock);
    free(workload);
}

static void stamp(struct fl_workload *workload, struct fl_workload_event *out,
                  enum fl_workload_event_kind kind)
{
    out->kind = kind;
    out->date_days = workload->date_days;
    out->at_us = workload->at_us;
    if (kind != FL_EVENT_BOOK && kind != FL_EVENT_CLOCK)
        workload->at_us += workload->step_us;
    FL_ASSERT(out->at_us / US_PER_DAY + 1 == out->date_days); /* E2 */
    workload->counts.events[kind]++;
}

/* Morning: what of this day is known now. */
static void next_clock(struct fl_workload *workload, struct fl_workload_event *out)
{
    workload->date_days = (uint16_t)(workload->plan.start_date + workload->day);
    workload->at_us = (workload->date_days - 1) * US_PER_DAY;
    stamp(workload, out, FL_EVENT_CLOCK);
    workload->at_us += MORNING_US;
    workload->order_from = workload->order_next;
    workload->order_until = fl_gen_orders_before(&workload->plan, workload->day + 1);
    workload->customers_until = workload->order_until == workload->plan.orders
                                    ? workload->plan.customers
                                    : fl_gen_customers_open(&workload->plan, workload->order_until);
    fl_workload_due_open(&workload->due, workload->date_days);
    workload->phase = workload->day == 0 ? PHASE_ACCOUNTS : PHASE_CUSTOMERS;
}

static void next_account(struct fl_workload *workload, struct fl_workload_event *out)
{
    stamp(workload, out, FL_EVENT_BANK_ACCOUNT);
    out->bank_account.number = workload->accounts_done;
    out->bank_account.opening_minor = fl_our_account_opening_minor(workload->accounts_done);
    if (++workload->accounts_done == FL_GEN_ACCOUNTS)
        workload->phase = PHASE_PRODUCTS;
}

static void receive_stock(struct fl_workload *workload, uint32_t product,
                          struct fl_workload_event *out)
{
    stamp(workload, out, FL_EVENT_STOCK);
    out->stock.number = workload->stocks++;
    out->stock.product = product;
    out->stock.quantity = STOCK_RECEIVED;
    workload->stock[product] += STOCK_RECEIVED;
}

static void next_product(struct fl_workload *workload, struct fl_workload_event *out)
{
    uint32_t product = workload->products_done;
    if (workload->stock_pending) {
        workload->stock_pending = false;
        receive_stock(workload, product, out);
        if (++workload->products_done == workload->plan.products)
            workload->phase = PHASE_CUSTOMERS;
        return;
    }
    stamp(workload, out, FL_EVENT_PRODUCT);
    out->product.number = product;
    out->product.price_minor = fl_gen_product_price(&workload->plan, product);
    out->product.tax_percent = fl_gen_product_tax(&workload->plan, product);
    workload->stock_pending = true;
}

static void next_customer(struct fl_workload *workload, struct fl_workload_event *out)
{
    if (workload->customers_done == workload->customers_until) {
        workload->phase = PHASE_DAY;
        return;
    }
    stamp(workload, out, FL_EVENT_CUSTOMER);
    out->customer.number = workload->customers_done++;
    out->customer.facts = fl_gen_customer_facts(&workload->plan, out->customer.number);
}

/* The order, or first the stock that it needs (E3). */
static enum fl_status next_order(struct fl_workload *workload, struct fl_workload_event *out)
{
    struct fl_gen_order facts;
    fl_gen_order_facts(&workload->plan, workload->order_next, &facts);
    FL_ASSERT(facts.customer < workload->customers_done);
    for (unsigned i = 0; i < facts.line_count; i++)
        if (workload->stock[facts.lines[i].product] < STOCK_LOW) {
            receive_stock(workload, facts.lines[i].product, out);
            return FL_OK;
        }
    for (unsigned i = 0; i < facts.line_count; i++)
        workload->stock[facts.lines[i].product] -= facts.lines[i].quantity;
    stamp(workload, out, FL_EVENT_ORDER);
    out->order.number = workload->order_next;
    out->order.facts = facts;
    return fl_workload_due_ship(&workload->due, workload->date_days + facts.ship_delay_days,
                                (struct fl_due_shipment){.order = workload->order_next++});
}

static enum fl_status next_shipment(struct fl_workload *workload, struct fl_workload_event *out)
{
    struct fl_due_shipment due = fl_workload_due_next_shipment(&workload->due);
    struct fl_gen_order *facts = &workload->shipped_facts;
    fl_gen_order_facts(&workload->plan, due.order, facts);
    stamp(workload, out, FL_EVENT_SHIPMENT);
    out->shipment.number = workload->shipments++;
    out->shipment.order = due.order;
    out->shipment.line_count = facts->split && due.part == 0 ? facts->line_count : 0;
    for (unsigned i = 0; i < out->shipment.line_count; i++)
        out->shipment.quantities[i] = fl_gen_part_quantity(facts, i, due.part);
    workload->shipped = due;
    workload->invoice_pending = true;
    if (!facts->split || due.part == 1)
        return FL_OK;
    return fl_workload_due_ship(&workload->due, workload->date_days + facts->second_delay_days,
                                (struct fl_due_shipment){.order = due.order, .part = 1});
}

static enum fl_status next_invoice(struct fl_workload *workload, struct fl_workload_event *out)
{
    const struct fl_gen_order *facts = &workload->shipped_facts;
    struct fl_gen_customer customer = fl_gen_customer_facts(&workload->plan, facts->customer);
    stamp(workload, out, FL_EVENT_INVOICE);
    out->invoice.number = workload->invoices++;
    out->invoice.shipment = workload->shipments - 1;
    out->invoice.order = workload->shipped.order;
    out->invoice.customer = facts->customer;
    out->invoice.due_date_days = (uint16_t)(workload->date_days + customer.net_days);
    out->invoice.total = fl_gen_invoice_total(facts, workload->shipped.part);
    workload->invoice_pending = false;
    workload->counts.invoiced_minor += out->invoice.total.total_minor;
    return fl_workload_payer_invoiced(&workload->payer, out->invoice.number, &workload->shipped,
                                      facts, &customer, workload->date_days);
}

/* Of a group whose payment will take it off. */
static void next_credit_note(struct fl_workload *workload, struct fl_workload_event *out)
{
    struct fl_workload_payer *payer = &workload->payer;
    int64_t total = payer->credit_minor, tax = (total * 19 * 2 + 119) / (2 * 119);
    stamp(workload, out, FL_EVENT_CREDIT_NOTE);
    out->credit_note.number = payer->credits - 1;
    out->credit_note.customer = payer->credit_customer;
    out->credit_note.total = (struct fl_gen_total){
        .net_minor = total - tax, .tax_minor = tax, .total_minor = total};
    payer->credit_pending = false;
    workload->counts.credited_minor += total;
}

/* Hard: whose turn it is. */
static enum fl_status next_turn(struct fl_workload *workload, struct fl_workload_event *out)
{
    FL_TRY(fl_workload_payer_next(&workload->payer, workload->date_days, out));
    if (out->kind != FL_EVENT_END)
        stamp(workload, out, out->kind);
    return FL_OK;
}

static enum fl_status next_payment(struct fl_workload *workload, struct fl_workload_event *out)
{
    struct fl_due_payment due = fl_workload_due_next_payment(&workload->due);
    FL_TRY(fl_workload_payer_pays(&workload->payer, due, workload->date_days, out));
    if (out->kind != FL_EVENT_END)
        stamp(workload, out, out->kind);
    return FL_OK;
}

/* True if `done` of `all` is less far than `done2` of `all2`. */
static bool is_behind(uint64_t done, uint64_t all, uint64_t done2, uint64_t all2)
{
    if (done == all)
        return false;
    return done2 == all2 || done * all2 <= done2 * all;
}

/* Orders, shipments and payments go through the day at the same pace. */
static enum fl_status next_of_day(struct fl_workload *workload, struct fl_workload_event *out)
{
    if (workload->invoice_pending)
        return next_invoice(workload, out);
    if (workload->payer.credit_pending) {
        next_credit_note(workload, out);
        return FL_OK;
    }
    if (workload->plan.hard) {
        FL_TRY(next_turn(workload, out));
        if (out->kind != FL_EVENT_END)
            return FL_OK;
    }
    const struct fl_due_day *day = &workload->due.today;
    uint64_t orders = workload->order_until - workload->order_from;
    uint64_t ordered = workload->order_next - workload->order_from;
    bool order_first = is_behind(ordered, orders, day->shipped, day->shipment_count) &&
                       is_behind(ordered, orders, day->paid, day->payment_count);
    if (order_first)
        return next_order(workload, out);
    if (is_behind(day->shipped, day->shipment_count, day->paid, day->payment_count))
        return next_shipment(workload, out);
    if (day->paid < day->payment_count)
        return next_payment(workload, out);
    if (ordered < orders)
        return next_order(workload, out);
    fl_workload_due_shut(&workload->due);
    workload->day++;
    workload->phase = workload->day == workload->plan.days ? PHASE_END : PHASE_CLOCK;
    return FL_OK;
}

static enum fl_status step(struct fl_workload *workload, struct fl_workload_event *out)
{
    switch (workload->phase) {
    case PHASE_BOOK:
        workload->at_us = (workload->date_days - 1) * US_PER_DAY;
        stamp(workload, out, FL_EVENT_BOOK);
        workload->phase = PHASE_CLOCK;
        return FL_OK;
    case PHASE_CLOCK:
        next_clock(workload, out);
        return FL_OK;
    case PHASE_ACCOUNTS:
        next_account(workload, out);
        return FL_OK;
    case PHASE_PRODUCTS:
        next_product(workload, out);
        return FL_OK;
    case PHASE_CUSTOMERS:
        next_customer(workload, out);
        return FL_OK;
    case PHASE_DAY:
        return next_of_day(workload, out);
    case PHASE_END:
        break;
    }
    return FL_OK;
}

enum fl_status fl_workload_next(struct fl_workload *workload, struct fl_workload_event *out)
{
    out->kind = FL_EVENT_END;
    while (out->kind == FL_EVENT_END && workload->phase != PHASE_END)
        FL_TRY(step(workload, out));
    if (out->kind == FL_EVENT_END)
        fl_workload_payer_count_open(&workload->payer, workload->date_days);
    return FL_OK;
}

const struct fl_workload_plan *fl_workload_plan(const struct fl_workload *workload)
{
    return &workload->plan;
}

const struct fl_workload_counts *fl_workload_counts(const struct fl_workload *workload)
{
    return &workload->counts;
}
