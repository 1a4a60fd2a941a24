/* O15, O16 and O26 at the same moment: forty producers at once, each in its own thread, on a real
 * directory; and killed in the middle. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analytics/audit.h"
#include "storage/host.h"
#include "tests/support/random.h"
#include "tests/support/wal_fixture.h"
#include "tools/format/command_json.h"

#define RACERS 40

static char path[256];
static struct fl_host *host;
static struct fl_error error;
static const struct fl_host_config config = {
    .memory_bytes = UINT64_C(256) << 20, .rows_max = 1u << 16, .segment_bytes = 256u << 10};

static void host_open(void)
{
    cr_assert_eq(fl_host_open(path, &config, &host, &error), FL_OK, "%s", error.message);
}

static void host_close(void)
{
    cr_assert_eq(fl_host_close(host, &error), FL_OK, "%s", error.message);
}

static void setup(void)
{
    fl_temp_dir_make(path);
    cr_assert_eq(fl_host_init(path, &error), FL_OK, "%s", error.message);
    host_open();
}

static void teardown(void)
{
    host_close();
    fl_temp_dir_remove(path);
}

TestSuite(host_races, .init = setup, .fini = teardown, .timeout = 120);

/* ---- one producer
 * ------------------------------------------------------------------------------------ */

struct speaker {
    struct fl_producer *producer;
    struct fl_command_json reader;
};

static void speaker_open(struct speaker *s)
{
    cr_assert_eq(fl_producer_open(host, &s->producer), FL_OK);
    cr_assert_eq(fl_command_json_open(&s->reader, "UTC", 3), FL_OK);
    s->reader.now_us = INT64_C(1750000000000000);
}

static void speaker_close(struct speaker *s)
{
    fl_producer_close(s->producer);
    fl_command_json_close(&s->reader);
}

/* Sends a line and waits for its answer; answers of a batch's members are passed over. */
static struct fl_result speak(struct speaker *s, const char *line)
{
    size_t length = strlen(line);
    char *padded = calloc(1, length + FL_JSON_PADDING);
    struct fl_command *command;
    memcpy(padded, line, length);
    cr_assert_eq(fl_command_json_read(&s->reader, padded, length, &command), FL_OK, "%.300s", line);
    free(padded);
    cr_assert_eq(fl_producer_send(s->producer, command, 1), FL_OK);
    const struct fl_result *result;
    do {
        result = fl_producer_receive(s->producer, true);
        cr_assert_not_null(result);
    } while (result->flags & FL_FLAG_MEMBER);
    return *result;
}

static void say(const char *line)
{
    struct speaker s;
    speaker_open(&s);
    struct fl_result result = speak(&s, line);
    cr_assert_eq(result.status, FL_OK, "%.300s: %s", line, fl_status_name(result.status));
    speaker_close(&s);
}

/* ---- many at once
 * -------------------------------------------------------------------------------------- */

struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    char line[256];
    struct fl_result result;
};

static void *run(void *context)
{
    struct racer *racer = context;
    struct speaker s;
    speaker_open(&s);
    pthread_barrier_wait(racer->start);
    racer->result = speak(&s, racer->line);
    speaker_close(&s);
    return NULL;
}

static void race(struct racer *racers, unsigned count)
{
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, count);
    for (unsigned i = 0; i < count; i++) {
        racers[i].start = &start;
        cr_assert_eq(pthread_create(&racers[i].thread, NULL, run, &racers[i]), 0);
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(racers[i].thread, NULL);
    pthread_barrier_destroy(&start);
}

static unsigned answered(const struct racer *racers, unsigned count, enum fl_status status)
{
    unsigned found = 0;
    for (unsigned i = 0; i < count; i++)
        found += racers[i].result.status == status;
    return found;
}

static const struct fl_store *state(void)
{
    return fl_engine_store(fl_host_engine(host));
}

static int64_t available(void)
{
    uint32_t row = fl_engine_find(fl_host_engine(host), FL_KIND_OF_PRODUCT, "SKU-9", 5);
    const struct fl_product_stock *stock = fl_product_stock(state(), row);
    return (stock->on_hand - stock->reserved) / 1000000;
}

static void stock(unsigned pieces)
{
    char line[160];
    say("{\"type\":\"book\",\"invoice_series\":{\"prefix\":\"N\",\"digits\":3}}");
    say("{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\",\"credit_limit\":"
        "null}");
    say("{\"type\":\"product\",\"id\":\"SKU-9\",\"name\":\"l\",\"currency\":\"EUR\",\"price\":"
        "\"3\",\"stock_control\":true}");
    snprintf(line, sizeof line,
             "{\"type\":\"stock\",\"product\":\"SKU-9\",\"kind\":\"count\",\"quantity\":%u}",
             pieces);
    say(line);
}

static void orders(struct racer *racers, unsigned count, const unsigned *pieces)
{
    for (unsigned i = 0; i < count; i++)
        snprintf(racers[i].line, sizeof racers[i].line,
                 "{\"type\":\"order\",\"id\":\"SO-%u\",\"customer\":\"C\",\"lines\":[{\"product\":"
                 "\"SKU-9\",\"quantity\":%u}]}",
                 i, pieces ? pieces[i] : 1);
    race(racers, count);
}

/* The ids of the first `count` invoices are the series' numbers, each once. */
static void numbers_are(unsigned count)
{
    char id[16];
    cr_assert_eq(state()->rows[FL_TABLE_invoice], count);
    for (unsigned i = 1; i <= count; i++) {
        int n = snprintf(id, sizeof id, "N%03u", i);
        cr_assert_neq(fl_engine_find(fl_host_engine(host), FL_KIND_OF_INVOICE, id, (size_t)n),
                      FL_NO_ROW, "%s", id);
    }
}

Test(host_races, o15_forty_buyers_at_once_get_the_last_ten_pieces_and_ten_numbers)
{
    static struct racer racers[RACERS], bills[10];
    stock(10);
    orders(racers, RACERS, NULL);
    cr_assert_eq(answered(racers, RACERS, FL_OK), 10);
    cr_assert_eq(answered(racers, RACERS, FL_STOCK_SHORT), 30);
    cr_assert_eq(available(), 0);
    unsigned n = 0;
    for (unsigned i = 0; i < RACERS; i++) {
        if (racers[i].result.status == FL_OK)
            snprintf(bills[n++].line, sizeof bills[0].line,
                     "{\"type\":\"invoice\",\"order\":\"SO-%u\"}", i);
    }
    race(bills, 10);
    cr_assert_eq(answered(bills, 10, FL_OK), 10);
    numbers_are(10);
    host_close();
    host_open();
    numbers_are(10);
    cr_assert_eq(available(), 0);
    cr_assert_eq(fl_audit(state(), NULL, NULL), 0);
}

Test(host_races, o15_eight_and_five_at_once_of_ten_one_is_served)
{
    static const unsigned pieces[2] = {8, 5};
    static struct racer racers[2];
    stock(10);
    orders(racers, 2, pieces);
    cr_assert_eq(answered(racers, 2, FL_OK), 1);
    cr_assert_eq(answered(racers, 2, FL_STOCK_SHORT), 1);
    cr_assert_eq(available(), racers[0].result.status == FL_OK ? 2 : 5);
}

Test(host_races, o16_one_notice_forty_times_at_once_is_one_receipt)
{
    static struct racer racers[RACERS];
    stock(1);
    say("{\"type\":\"invoice\",\"id\":\"INV-3001\",\"customer\":\"C\",\"amount\":{\"net\":\"120\","
        "\"tax\":\"0\"}}");
    for (unsigned i = 0; i < RACERS; i++)
        strcpy(racers[i].line,
               "{\"type\":\"receipt\",\"id\":\"evt-501\",\"amount\":\"120\",\"currency\":\"EUR\","
               "\"references\":[\"INV-3001\"]}");
    race(racers, RACERS);
    cr_assert_eq(answered(racers, RACERS, FL_OK), 1);
    cr_assert_eq(answered(racers, RACERS, FL_DUPLICATE), RACERS - 1);
    for (unsigned i = 1; i < RACERS; i++)
        cr_assert_eq(racers[i].result.seq, racers[0].result.seq);
    host_close();
    host_open();
    struct speaker s;
    speaker_open(&s);
    cr_assert_eq(speak(&s, racers[0].line).status, FL_DUPLICATE);
    speaker_close(&s);
    cr_assert_eq(state()->rows[FL_TABLE_receipt], 1);
    cr_assert_eq(fl_invoice_money(state(), 0)->open_minor, 0);
}

/* ---- killed in the middle
 * ------------------------------------------------------------------------------ */

/* Runs `work` in a process with the host open and kills it after `us` microseconds. */
static void killed_after(unsigned us, void (*work)(void))
{
    host_close();
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        host_open();
        work();
        pause();
        _exit(0);
    }
    usleep(us);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    host_open();
}

static void bill_twenty(void)
{
    struct speaker s;
    char line[160];
    speaker_open(&s);
    for (unsigned i = 0; i < 20; i++) {
        snprintf(line, sizeof line,
                 "{\"type\":\"invoice\",\"order\":\"SO-%u\",\"key\":\"bill-%u\"}", i, i);
        speak(&s, line);
    }
    speaker_close(&s);
}

Test(host_races, o15_a_kill_among_the_invoices_leaves_no_gap)
{
    static struct racer racers[20];
    struct fl_random random = fl_random_start("host_races");
    stock(20);
    orders(racers, 20, NULL);
    cr_assert_eq(answered(racers, 20, FL_OK), 20);
    for (unsigned i = 0; i < 8; i++) {
        killed_after((unsigned)fl_random_below(&random, 60000), bill_twenty);
        numbers_are(state()->rows[FL_TABLE_invoice]);
    }
    bill_twenty();
    numbers_are(20);
    cr_assert_eq(fl_audit(state(), NULL, NULL), 0);
}

static char *batch_line;

static void send_batch(void)
{
    struct speaker s;
    speaker_open(&s);
    struct fl_result result = speak(&s, batch_line);
    cr_assert(result.status == FL_OK || result.status == FL_DUPLICATE, "%s",
              fl_status_name(result.status));
    speaker_close(&s);
}

Test(host_races, o26_a_kill_in_a_batch_leaves_all_of_it_or_nothing)
{
    struct fl_random random = fl_random_start("host_races");
    size_t room = 1000 * 96 + 100, at = 0;
    batch_line = malloc(room);
    stock(1);
    for (unsigned round = 0; round < 6; round++) {
        at = (size_t)snprintf(batch_line, room,
                              "{\"type\":\"batch\",\"key\":\"k-%u\",\"commands\":[", round);
        for (unsigned i = 0; i < 1000; i++)
            at += (size_t)snprintf(
                batch_line + at, room - at,
                "%s{\"type\":\"receipt\",\"id\":\"R%u-%u\",\"amount\":1,\"currency\":\"EUR\"}",
                i ? "," : "", round, i);
        snprintf(batch_line + at, room - at, "]}");
        killed_after((unsigned)fl_random_below(&random, 50000), send_batch);
        uint32_t receipts = state()->rows[FL_TABLE_receipt];
        cr_assert(receipts == 1000 * round || receipts == 1000 * (round + 1), "%u of a batch",
                  receipts % 1000);
        send_batch();
        cr_assert_eq(state()->rows[FL_TABLE_receipt], 1000 * (round + 1));
    }
    free(batch_line);
}
