/* Two clocks and six other streams on one engine, for the thread sanitizer. The clocks go on day by day, each answered
 * when its day is through; the others send keyed commands, whose keys run out by the thousand meanwhile. After a last
 * clock every key is dropped, each command was applied once, and the figures hold. */
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

#define CLOCKS 2
#define SENDERS 6
#define DAYS 60
#define KEYS 1500

static struct fl_host *host;
static uint16_t first_day;

struct stream {
    pthread_t thread;
    unsigned number;
    unsigned wrong;
};

static struct fl_command *finish(struct fl_command_builder *b, const char *id, const char *key)
{
    struct fl_command *command =
        fl_builder_finish(b, id, id ? strlen(id) : 0, key, key ? strlen(key) : 0);
    FL_ASSERT(command != NULL);
    command->at_us = ((int64_t)first_day - 1) * 86400000000;
    command->at_day = first_day;
    return command;
}

static const struct fl_result *ask(struct fl_producer *producer, const struct fl_command *command)
{
    enum fl_status status = fl_producer_send(producer, command, 7);
    FL_ASSERT(status == FL_OK);
    const struct fl_result *result = fl_producer_receive(producer, true);
    FL_ASSERT(result != NULL);
    return result;
}

static struct fl_command *clock_to(char *buffer, uint16_t day)
{
    struct fl_command_builder b;
    struct fl_command_clock *clock = fl_builder_begin(&b, buffer, 512, FL_COMMAND_CLOCK);
    clock->until_day = day;
    clock->until_us = ((int64_t)day - 1) * 86400000000;
    return finish(&b, NULL, NULL);
}

static void masters(void)
{
    _Alignas(64) char buffer[512];
    struct fl_command_builder b;
    struct fl_producer *producer;
    enum fl_status status = fl_producer_open(host, &producer);
    FL_ASSERT(status == FL_OK);
    struct fl_command_book *book = fl_builder_begin(&b, buffer, 512, FL_COMMAND_BOOK);
    book->key_days = 1 + 1;
    FL_ASSERT(ask(producer, finish(&b, NULL, NULL))->status == FL_OK);
    struct fl_command_product *p = fl_builder_begin(&b, buffer, 512, FL_COMMAND_PRODUCT);
    p->name = fl_builder_text(&b, "Piece", 5);
    p->currency = FL_CURRENCY_EUR;
    p->price = fl_decimal_of(1, 0);
    FL_ASSERT(ask(producer, finish(&b, "P", NULL))->status == FL_OK);
    FL_ASSERT(ask(producer, clock_to(buffer, first_day))->status == FL_OK);
    fl_producer_close(producer);
}

static void *move_clock(void *context)
{
    struct stream *stream = context;
    _Alignas(64) char buffer[512];
    struct fl_producer *producer;
    enum fl_status status = fl_producer_open(host, &producer);
    FL_ASSERT(status == FL_OK);
    for (uint16_t day = first_day; day <= first_day + DAYS; day++) {
        status = ask(producer, clock_to(buffer, day))->status;
        stream->wrong += status != FL_OK && status != FL_CLOCK_BACKWARDS; /* the other is ahead */
    }
    fl_producer_close(producer);
    return NULL;
}

static void *send_keys(void *context)
{
    struct stream *stream = context;
    _Alignas(64) char buffer[512];
    struct fl_producer *producer;
    const struct fl_result *result;
    uint64_t next = 0;
    enum fl_status status = fl_producer_open(host, &producer);
    FL_ASSERT(status == FL_OK);
    for (uint64_t i = 0; i < KEYS; i++) {
        char key[32];
        struct fl_command_builder b;
        struct fl_command_stock *s = fl_builder_begin(&b, buffer, 512, FL_COMMAND_STOCK);
        s->product = fl_builder_text(&b, "P", 1);
        s->quantity = fl_decimal_of(1, 0);
        s->kind = FL_STOCK_RECEIVE;
        snprintf(key, sizeof key, "%u-%u", stream->number, (unsigned)i);
        struct fl_command *command = finish(&b, NULL, key);
        while ((status = fl_producer_send(producer, command, i)) == FL_BUSY) {
            while ((result = fl_producer_receive(producer, false)) != NULL)
                stream->wrong += result->tag != next++ || result->status != FL_OK;
        }
        stream->wrong += status != FL_OK;
        while (i % 64 == 63 && (result = fl_producer_receive(producer, true)) != NULL)
            stream->wrong += result->tag != next++ || result->status != FL_OK;
    }
    while ((result = fl_producer_receive(producer, true)) != NULL)
        stream->wrong += result->tag != next++ || result->status != FL_OK;
    stream->wrong += next != KEYS;
    fl_producer_close(producer);
    return NULL;
}

static void say(void *context, const char *sentence)
{
    (void)context;
    fprintf(stderr, "audit: %s\n", sentence);
}

static int judge(const char *path, unsigned wrong)
{
    struct fl_host_config config = {.memory_bytes = 256u << 20, .rows_max = 1u << 16};
    struct fl_host *reader;
    struct fl_error error = {.message = ""};
    if (fl_host_open_reading(path, &config, &reader, &error) != FL_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    struct fl_store *store = fl_engine_store(fl_host_engine(reader));
    uint32_t kept = 0, keys = store->rows[FL_TABLE_command_key];
    for (uint32_t row = 0; row < keys; row++)
        kept += !fl_command_key_live(store, row)->dropped;
    const struct fl_book_counters *book = fl_book_counters(store, 0);
    bool good = wrong == 0 && fl_audit(store, say, NULL) == 0 && keys == SENDERS * KEYS &&
                kept == 0 && book->business_date == first_day + DAYS + 10 &&
                fl_product_stock(store, 0)->on_hand == (int64_t)SENDERS * KEYS * 1000000;
    printf("%u keys, %u kept, %u wrong answers, %u jobs: %s\n", keys, kept, wrong,
           store->rows[FL_TABLE_job], good ? "as it must be" : "WRONG");
    (void)fl_host_close(reader, &error);
    return good ? 0 : 1;
}

int main(void)
{
    char path[] = "/tmp/florin_race_XXXXXX", command[64];
    _Alignas(64) char buffer[512];
    struct fl_host_config config = {.memory_bytes = 256u << 20, .rows_max = 1u << 16};
    struct fl_error error = {.message = ""};
    static struct stream streams[CLOCKS + SENDERS];
    struct fl_producer *producer;
    unsigned wrong = 0;
    first_day = fl_date_from_civil(2025, 1, 1);
    if (!mkdtemp(path) || rmdir(path) != 0 || fl_host_init(path, &error) != FL_OK ||
        fl_host_open(path, &config, &host, &error) != FL_OK) {
        fprintf(stderr, "race_clock: %s\n", error.message);
        return 1;
    }
    masters();
    for (unsigned i = 0; i < CLOCKS + SENDERS; i++) {
        streams[i].number = i;
        if (pthread_create(&streams[i].thread, NULL, i < CLOCKS ? move_clock : send_keys,
                           &streams[i]) != 0)
            return 1;
    }
    for (unsigned i = 0; i < CLOCKS + SENDERS; i++) {
        pthread_join(streams[i].thread, NULL);
        wrong += streams[i].wrong;
    }
    if (fl_producer_open(host, &producer) != FL_OK)
        return 1;
    wrong += ask(producer, clock_to(buffer, first_day + DAYS + 10))->status != FL_OK;
    fl_producer_close(producer);
    int exit = fl_host_close(host, &error) == FL_OK ? judge(path, wrong) : 1;
    snprintf(command, sizeof command, "rm -rf %s", path);
    return system(command) == 0 ? exit : 1;
}
