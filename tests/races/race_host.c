/* Many producers on one engine: who gets the last pieces, and does every answer find its sender. A plain program, since
 * the thread sanitizer and Criterion's process boxes do not go together.
 *
 * 40 threads order one piece each of a product of which there are 10: exactly 10 are accepted, none is oversold. Then
 * each thread sends receipts of its own, all of which must come back to it, in its order. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analytics/audit.h"
#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/engine/command_builder.h"
#include "storage/host.h"

#define RACERS 40
#define PIECES 10
#define RECEIPTS 200

static struct fl_host *host;

struct racer {
    pthread_t thread;
    unsigned number;
    unsigned accepted, short_of_stock, wrong;
};

static void *begin(struct fl_command_builder *b, char *buffer, unsigned type)
{
    return fl_builder_begin(b, buffer, 2048, type);
}

static struct fl_command *finish(struct fl_command_builder *b, const char *id)
{
    struct fl_command *command = fl_builder_finish(b, id, id ? strlen(id) : 0, NULL, 0);
    FL_ASSERT(command != NULL);
    command->at_us = INT64_C(1735689600000000);
    command->at_day = fl_date_from_civil(2025, 1, 1);
    return command;
}

static const struct fl_result *ask(struct fl_producer *producer, const struct fl_command *command,
                                   uint64_t tag)
{
    enum fl_status status = fl_producer_send(producer, command, tag);
    FL_ASSERT(status == FL_OK);
    const struct fl_result *result = fl_producer_receive(producer, true);
    FL_ASSERT(result != NULL);
    return result;
}

static void masters(void)
{
    _Alignas(64) char buffer[2048];
    struct fl_command_builder b;
    struct fl_producer *producer;
    enum fl_status status = fl_producer_open(host, &producer);
    FL_ASSERT(status == FL_OK);
    struct fl_command_customer *c = begin(&b, buffer, FL_COMMAND_CUSTOMER);
    c->name = fl_builder_text(&b, "Racer", 5);
    c->currency = FL_CURRENCY_EUR;
    c->credit_limit.state = FL_DECIMAL_NULL;
    FL_ASSERT(ask(producer, finish(&b, "C"), 1)->status == FL_OK);
    struct fl_command_product *p = begin(&b, buffer, FL_COMMAND_PRODUCT);
    p->name = fl_builder_text(&b, "Last", 4);
    p->currency = FL_CURRENCY_EUR;
    p->stock_control = FL_CHOICE_YES;
    p->price = fl_decimal_of(1, 0);
    FL_ASSERT(ask(producer, finish(&b, "P"), 2)->status == FL_OK);
    struct fl_command_stock *s = begin(&b, buffer, FL_COMMAND_STOCK);
    s->product = fl_builder_text(&b, "P", 1);
    s->quantity = fl_decimal_of(PIECES, 0);
    s->kind = FL_STOCK_RECEIVE;
    FL_ASSERT(ask(producer, finish(&b, NULL), 3)->status == FL_OK);
    fl_producer_close(producer);
}

static void order_one(struct racer *racer, struct fl_producer *producer)
{
    _Alignas(64) char buffer[2048];
    char id[32];
    void *items;
    struct fl_command_builder b;
    struct fl_command_order *o = begin(&b, buffer, FL_COMMAND_ORDER);
    o->customer = fl_builder_text(&b, "C", 1);
    o->lines = fl_builder_list(&b, sizeof(struct fl_order_item), 1, &items);
    struct fl_order_item *item = items;
    item->product = fl_builder_text(&b, "P", 1);
    item->quantity = fl_decimal_of(1, 0);
    snprintf(id, sizeof id, "SO-%u", racer->number);
    const struct fl_result *result = ask(producer, finish(&b, id), racer->number);
    racer->accepted += result->status == FL_OK;
    racer->short_of_stock += result->status == FL_STOCK_SHORT;
    racer->wrong += result->tag != racer->number;
}

static void receipts(struct racer *racer, struct fl_producer *producer)
{
    _Alignas(64) char buffer[2048];
    char id[32];
    uint64_t next = 0;
    const struct fl_result *result;
    for (uint64_t i = 0; i < RECEIPTS; i++) {
        struct fl_command_builder b;
        struct fl_command_receipt *r = begin(&b, buffer, FL_COMMAND_RECEIPT);
        r->amount = fl_decimal_of(1, 0);
        r->currency = FL_CURRENCY_EUR;
        snprintf(id, sizeof id, "R-%u-%u", racer->number, (unsigned)i);
        struct fl_command *command = finish(&b, id);
        enum fl_status status;
        while ((status = fl_producer_send(producer, command, i)) == FL_BUSY) {
            while ((result = fl_producer_receive(producer, false)) != NULL)
                racer->wrong += result->tag != next++ || result->status != FL_OK;
        }
        racer->wrong += status != FL_OK;
    }
    while ((result = fl_producer_receive(producer, true)) != NULL)
        racer->wrong += result->tag != next++ || result->status != FL_OK;
    racer->wrong += next != RECEIPTS;
}

static void *race(void *context)
{
    struct racer *racer = context;
    struct fl_producer *producer;
    enum fl_status status = fl_producer_open(host, &producer);
    FL_ASSERT(status == FL_OK);
    order_one(racer, producer);
    receipts(racer, producer);
    fl_producer_close(producer);
    return NULL;
}

static void say(void *context, const char *sentence)
{
    (void)context;
    fprintf(stderr, "audit: %s\n", sentence);
}

static int judge(const struct racer *racers, const char *path)
{
    unsigned accepted = 0, short_of_stock = 0, wrong = 0;
    struct fl_host_config config = {.memory_bytes = 256u << 20, .rows_max = 1u << 16};
    struct fl_host *reader;
    struct fl_error error = {.message = ""};
    for (unsigned i = 0; i < RACERS; i++) {
        accepted += racers[i].accepted;
        short_of_stock += racers[i].short_of_stock;
        wrong += racers[i].wrong;
    }
    if (fl_host_open_reading(path, &config, &reader, &error) != FL_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    struct fl_store *store = fl_engine_store(fl_host_engine(reader));
    uint64_t differences = fl_audit(store, say, NULL);
    bool good = accepted == PIECES && short_of_stock == RACERS - PIECES && wrong == 0 &&
                differences == 0 && store->rows[FL_TABLE_receipt] == RACERS * RECEIPTS;
    printf("%u accepted, %u short, %u wrong answers, %u receipts: %s\n", accepted, short_of_stock,
           wrong, store->rows[FL_TABLE_receipt], good ? "as it must be" : "WRONG");
    (void)fl_host_close(reader, &error);
    return good ? 0 : 1;
}

int main(void)
{
    char path[] = "/tmp/florin_race_XXXXXX", command[64];
    struct fl_host_config config = {.memory_bytes = 256u << 20, .rows_max = 1u << 16};
    struct fl_error error = {.message = ""};
    static struct racer racers[RACERS];
    if (!mkdtemp(path) || rmdir(path) != 0 || fl_host_init(path, &error) != FL_OK ||
        fl_host_open(path, &config, &host, &error) != FL_OK) {
        fprintf(stderr, "race_host: %s\n", error.message);
        return 1;
    }
    masters();
    for (unsigned i = 0; i < RACERS; i++) {
        racers[i].number = i;
        if (pthread_create(&racers[i].thread, NULL, race, &racers[i]) != 0)
            return 1;
    }
    for (unsigned i = 0; i < RACERS; i++)
        pthread_join(racers[i].thread, NULL);
    int exit = fl_host_close(host, &error) == FL_OK ? judge(racers, path) : 1;
    snprintf(command, sizeof command, "rm -rf %s", path);
    return system(command) == 0 ? exit : 1;
}
