#include "bench/bench_commands.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/engine/command_builder.h"

#define AT_US INT64_C(1735689600000000) /* 2025-01-01T00:00:00Z */

bool fl_bench_commands_open(struct fl_bench_commands *commands, size_t capacity)
{
    *commands = (struct fl_bench_commands){.capacity = capacity};
    commands->bytes = aligned_alloc(64, (capacity + 63) & ~(size_t)63);
    return commands->bytes != NULL;
}

void fl_bench_commands_close(struct fl_bench_commands *commands)
{
    free(commands->bytes);
    *commands = (struct fl_bench_commands){.bytes = NULL};
}

void fl_bench_commands_clear(struct fl_bench_commands *commands)
{
    commands->used = 0;
    commands->count = 0;
}

/* "INV-00000047": a letter prefix and eight digits. */
static size_t name(char *out, const char *prefix, uint32_t number)
{
    size_t length = strlen(prefix);
    memcpy(out, prefix, length);
    for (unsigned i = 0; i < 8; i++) {
        out[length + 7 - i] = (char)('0' + number % 10);
        number /= 10;
    }
    return length + 8;
}

static void *begin(struct fl_bench_commands *commands, struct fl_command_builder *b, unsigned type)
{
    FL_ASSERT(commands->capacity - commands->used >= FL_BENCH_COMMAND_BYTES);
    return fl_builder_begin(b, commands->bytes + commands->used, FL_BENCH_COMMAND_BYTES, type);
}

static void finish(struct fl_bench_commands *commands, struct fl_command_builder *b,
                   const char *prefix, uint32_t number)
{
    char id[32];
    size_t length = name(id, prefix, number);
    struct fl_command *command = fl_builder_finish(b, id, length, NULL, 0);
    FL_ASSERT(command != NULL);
    command->at_us = AT_US;
    command->at_day = fl_date_from_civil(2025, 1, 1);
    commands->used += command->bytes;
    commands->count++;
}

static struct fl_text put(struct fl_command_builder *b, const char *prefix, uint32_t number)
{
    char text[32];
    return fl_builder_text(b, text, name(text, prefix, number));
}

void fl_bench_add_customer(struct fl_bench_commands *commands, uint32_t number)
{
    struct fl_command_builder b;
    struct fl_command_customer *c = begin(commands, &b, FL_COMMAND_CUSTOMER);
    c->name = put(&b, "Customer ", number);
    c->currency = FL_CURRENCY_EUR;
    c->credit_limit.state = FL_DECIMAL_NULL;
    finish(commands, &b, "C", number);
}

void fl_bench_add_product(struct fl_bench_commands *commands, uint32_t number)
{
    struct fl_command_builder b;
    struct fl_command_product *p = begin(commands, &b, FL_COMMAND_PRODUCT);
    p->name = put(&b, "Product ", number);
    p->currency = FL_CURRENCY_EUR;
    p->price = fl_decimal_of(5000, 2);
    p->tax_rate = fl_decimal_of(19, 0);
    finish(commands, &b, "P", number);
}

void fl_bench_add_invoice(struct fl_bench_commands *commands, uint32_t number, uint32_t customer)
{
    struct fl_command_builder b;
    struct fl_command_invoice *i = begin(commands, &b, FL_COMMAND_INVOICE);
    i->customer = put(&b, "C", customer);
    i->amount.net = fl_decimal_of(10000, 2);
    i->amount.tax = fl_decimal_of(1900, 2);
    finish(commands, &b, "INV-", number);
}

static void receipt(struct fl_bench_commands *commands, const char *prefix, uint32_t number,
                    uint32_t invoice)
{
    struct fl_command_builder b;
    void *items;
    struct fl_command_receipt *r = begin(commands, &b, FL_COMMAND_RECEIPT);
    r->amount = fl_decimal_of(11900, 2);
    r->currency = FL_CURRENCY_EUR;
    r->references = fl_builder_list(&b, sizeof(struct fl_text_item), 1, &items);
    ((struct fl_text_item *)items)->text = put(&b, "INV-", invoice);
    finish(commands, &b, prefix, number);
}

void fl_bench_add_receipt(struct fl_bench_commands *commands, uint32_t number, uint32_t invoice)
{
    receipt(commands, "PAY-", number, invoice);
}

static void order(struct fl_bench_commands *commands, uint32_t number, uint32_t customer,
                  uint32_t products)
{
    struct fl_command_builder b;
    void *elements;
    struct fl_command_order *o = begin(commands, &b, FL_COMMAND_ORDER);
    o->customer = put(&b, "C", customer);
    o->lines = fl_builder_list(&b, sizeof(struct fl_order_item), 2, &elements);
    struct fl_order_item *items = elements;
    for (uint32_t i = 0; i < 2; i++) {
        items[i].product = put(&b, "P", (number * 7 + i * 31) % products);
        items[i].quantity = fl_decimal_of(1, 0);
    }
    finish(commands, &b, "SO-", number);
}

void fl_bench_add_cycle(struct fl_bench_commands *commands, uint32_t number, uint32_t customer,
                        uint32_t products)
{
    struct fl_command_builder b;
    order(commands, number, customer, products);
    struct fl_command_shipment *s = begin(commands, &b, FL_COMMAND_SHIPMENT);
    s->order = put(&b, "SO-", number);
    finish(commands, &b, "SH-", number);
    struct fl_command_invoice *i = begin(commands, &b, FL_COMMAND_INVOICE);
    i->order = put(&b, "SO-", number);
    finish(commands, &b, "INV-", number);
    receipt(commands, "R-", number, number);
}

uint64_t fl_bench_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

uint32_t *fl_bench_permutation(uint32_t count, uint64_t seed)
{
    uint32_t *order = malloc((size_t)count * sizeof *order);
    if (!order)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = (uint32_t)(fl_bench_random(&seed) % i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
    return order;
}

double fl_bench_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
