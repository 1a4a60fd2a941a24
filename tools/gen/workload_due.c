#include "tools/gen/workload_due.h"

#include <stdlib.h>

#include "tools/gen/workload_facts.h"

static void free_day(struct fl_due_day *day)
{
    free(day->shipments);
    free(day->payments);
    *day = (struct fl_due_day){0};
}

void fl_workload_due_deinit(struct fl_workload_due *due)
{
    for (unsigned i = 0; i < FL_DUE_DAYS; i++)
        free_day(&due->days[i]);
    free_day(&due->today);
}

void fl_workload_due_open(struct fl_workload_due *due, uint16_t date_days)
{
    struct fl_due_day *day = &due->days[date_days % FL_DUE_DAYS];
    FL_ASSERT(!due->today.shipments && !due->today.payments);
    due->today = *day;
    due->date_days = date_days;
    *day = (struct fl_due_day){0};
}

void fl_workload_due_shut(struct fl_workload_due *due)
{
    FL_ASSERT(due->today.shipped == due->today.shipment_count);
    FL_ASSERT(due->today.paid == due->today.payment_count);
    free_day(&due->today);
}

static struct fl_due_day *working_day(struct fl_workload_due *due, unsigned date_days)
{
    unsigned weekday = fl_gen_weekday((uint16_t)date_days);
    if (weekday >= 5)
        date_days += 7 - weekday;
    FL_ASSERT(date_days > due->date_days);              /* U1 */
    FL_ASSERT(date_days - due->date_days < FL_DUE_DAYS); /* U2 */
    return &due->days[date_days % FL_DUE_DAYS];
}

/* Room for one more element; `list` may move. */
static enum fl_status grow(void **list, uint32_t count, uint32_t *capacity, size_t element_bytes)
{
    if (count < *capacity)
        return FL_OK;
    uint32_t larger = *capacity > 0 ? *capacity * 2 : 16;
    void *moved = realloc(*list, larger * element_bytes);
    if (!moved)
        return FL_NO_MEMORY;
    *list = moved;
    *capacity = larger;
    return FL_OK;
}

enum fl_status fl_workload_due_ship(struct fl_workload_due *due, unsigned date_days,
                                    struct fl_due_shipment shipment)
{
    struct fl_due_day *day = working_day(due, date_days);
    void *list = day->shipments;
    FL_TRY(grow(&list, day->shipment_count, &day->shipment_capacity, sizeof shipment));
    day->shipments = list;
    day->shipments[day->shipment_count++] = shipment;
    return FL_OK;
}

enum fl_status fl_workload_due_pay(struct fl_workload_due *due, unsigned date_days,
                                   struct fl_due_payment payment)
{
    struct fl_due_day *day = working_day(due, date_days);
    void *list = day->payments;
    FL_TRY(grow(&list, day->payment_count, &day->payment_capacity, sizeof payment));
    day->payments = list;
    day->payments[day->payment_count++] = payment;
    return FL_OK;
}

struct fl_due_shipment fl_workload_due_next_shipment(struct fl_workload_due *due)
{
    FL_ASSERT(due->today.shipped < due->today.shipment_count);
    return due->today.shipments[due->today.shipped++];
}

struct fl_due_payment fl_workload_due_next_payment(struct fl_workload_due *due)
{
    FL_ASSERT(due->today.paid < due->today.payment_count);
    return due->today.payments[due->today.paid++];
}
