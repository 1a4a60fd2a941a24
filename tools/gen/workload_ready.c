#include "tools/gen/workload_ready.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/contract.h"

#define SCHEDULE 100u

/* The kind whose next one must come first, of those that may come at place n (from 0). */
static unsigned earliest(const unsigned given[FL_GEN_PAY_KINDS], unsigned n)
{
    unsigned best = FL_GEN_PAY_KINDS, best_deadline = UINT32_MAX;
    for (unsigned kind = 0; kind < FL_GEN_PAY_KINDS; kind++) {
        unsigned share = fl_workload_deck_share(kind);
        if (share == 0 || given[kind] * SCHEDULE >= (n + 1) * share)
            continue;
        unsigned deadline = ((given[kind] + 1) * SCHEDULE + share - 1) / share;
        if (deadline < best_deadline) {
            best = kind;
            best_deadline = deadline;
        }
    }
    FL_ASSERT(best < FL_GEN_PAY_KINDS);
    return best;
}

static void check_shares(const unsigned given[FL_GEN_PAY_KINDS], unsigned n) /* T1 */
{
    for (unsigned kind = 0; kind < FL_GEN_PAY_KINDS; kind++) {
        unsigned share = fl_workload_deck_share(kind);
        FL_ASSERT(given[kind] >= n * share / SCHEDULE);
        FL_ASSERT(given[kind] <= (n * share + SCHEDULE - 1) / SCHEDULE);
    }
}

void fl_workload_ready_init(struct fl_workload_ready *ready)
{
    unsigned given[FL_GEN_PAY_KINDS] = {0};
    *ready = (struct fl_workload_ready){0};
    for (unsigned n = 0; n < SCHEDULE; n++) {
        ready->schedule[n] = (uint8_t)earliest(given, n);
        given[ready->schedule[n]]++;
        check_shares(given, n + 1);
    }
}

void fl_workload_ready_deinit(struct fl_workload_ready *ready)
{
    for (unsigned kind = 0; kind < FL_GEN_PAY_KINDS; kind++)
        free(ready->queues[kind].items);
}

static enum fl_status make_room(struct fl_ready_queue *queue)
{
    if (queue->head + queue->count < queue->capacity)
        return FL_OK;
    if (queue->head > queue->capacity / 2) {
        memmove(queue->items, queue->items + queue->head, queue->count * sizeof *queue->items);
        queue->head = 0;
        return FL_OK;
    }
    uint32_t capacity = queue->capacity > 0 ? queue->capacity * 2 : 64;
    struct fl_due_payment *items = realloc(queue->items, capacity * sizeof *items);
    if (!items)
        return FL_NO_MEMORY;
    queue->items = items;
    queue->capacity = capacity;
    return FL_OK;
}

enum fl_status fl_workload_ready_put(struct fl_workload_ready *ready,
                                     struct fl_due_payment payment)
{
    FL_ASSERT(payment.kind < FL_GEN_PAY_KINDS);
    struct fl_ready_queue *queue = &ready->queues[payment.kind];
    FL_TRY(make_room(queue));
    queue->items[queue->head + queue->count++] = payment;
    return FL_OK;
}

enum fl_gen_payment_kind fl_workload_ready_turn(const struct fl_workload_ready *ready)
{
    return ready->schedule[ready->given % SCHEDULE];
}

void fl_workload_ready_advance(struct fl_workload_ready *ready)
{
    ready->given++;
}

bool fl_workload_ready_take(struct fl_workload_ready *ready, enum fl_gen_payment_kind kind,
                            struct fl_due_payment *out)
{
    struct fl_ready_queue *queue = &ready->queues[kind];
    if (queue->count == 0)
        return false;
    queue->count--;
    *out = queue->items[kind == FL_GEN_PAY_DIFFERENCE ? queue->head + queue->count : queue->head++];
    return true;
}
