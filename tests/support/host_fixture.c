#include "tests/support/host_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/wal_fixture.h"
#include "tools/gen/workload_command.h"

static void keep(struct fl_host_fixture *fixture, const struct fl_command *command)
{
    if ((fixture->count & (fixture->count - 1)) == 0)
        fixture->commands = realloc(fixture->commands, (fixture->count ? fixture->count * 2 : 1) *
                                                           sizeof *fixture->commands);
    size_t bytes = (command->bytes + FL_COMMAND_SLACK + 63) & ~(size_t)63;
    struct fl_command *copy = aligned_alloc(64, bytes);
    memset(copy, 0, bytes);
    memcpy(copy, command, command->bytes);
    fixture->commands[fixture->count++] = copy;
}

static void make_commands(struct fl_host_fixture *fixture, uint32_t orders, uint64_t seed)
{
    struct fl_workload_options options = {.orders = orders, .seed = seed};
    struct fl_workload *workload;
    struct fl_workload_event event;
    _Alignas(64) char buffer[FL_WORKLOAD_COMMAND_BYTES];
    cr_assert_eq(fl_workload_open(&options, &workload, NULL), FL_OK);
    do {
        cr_assert_eq(fl_workload_next(workload, &event), FL_OK);
        const struct fl_command *command =
            fl_workload_command(fl_workload_plan(workload), &event, buffer);
        if (command)
            keep(fixture, command);
    } while (event.kind != FL_EVENT_END);
    fl_workload_close(workload);
}

void fl_host_fixture_begin(struct fl_host_fixture *fixture, uint32_t orders, uint64_t seed)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->config = (struct fl_host_config){
        .memory_bytes = UINT64_C(2) << 30, .rows_max = 1u << 20, .segment_bytes = 256u << 10};
    make_commands(fixture, orders, seed);
    fl_temp_dir_make(fixture->path);
    cr_assert_eq(fl_host_init(fixture->path, &fixture->error), FL_OK, "%s", fixture->error.message);
    struct fl_engine_config config = {.memory_bytes = UINT64_C(2) << 30, .rows_max = 1u << 20};
    cr_assert_eq(fl_engine_create(&config, &fixture->model), FL_OK);
}

void fl_host_fixture_end(struct fl_host_fixture *fixture)
{
    fl_engine_destroy(fixture->model);
    for (uint64_t i = 0; i < fixture->count; i++)
        free(fixture->commands[i]);
    free(fixture->commands);
    fl_temp_dir_remove(fixture->path);
}

enum fl_status fl_host_fixture_open(struct fl_host_fixture *fixture)
{
    enum fl_status status =
        fl_host_open(fixture->path, &fixture->config, &fixture->host, &fixture->error);
    if (status != FL_OK)
        return status;
    return fl_producer_open(fixture->host, &fixture->producer);
}

enum fl_status fl_host_fixture_close(struct fl_host_fixture *fixture)
{
    fl_producer_close(fixture->producer);
    return fl_host_close(fixture->host, &fixture->error);
}

static bool take(struct fl_host_fixture *fixture, bool wait, uint64_t *expected,
                 _Atomic uint64_t *acked)
{
    const struct fl_result *result = fl_producer_receive(fixture->producer, wait);
    if (!result)
        return false;
    cr_assert_eq(result->status, FL_OK, "%s", fl_status_name(result->status));
    cr_assert_eq(result->tag, *expected); /* O3 */
    cr_assert_eq(result->seq, *expected + 1);
    ++*expected;
    fixture->acknowledged++;
    if (acked)
        *acked = result->seq;
    return true;
}

void fl_host_fixture_feed(struct fl_host_fixture *fixture, uint64_t from, uint64_t to,
                          _Atomic uint64_t *acked)
{
    uint64_t expected = from;
    for (uint64_t i = from; i < to; i++) {
        enum fl_status status;
        while ((status = fl_producer_send(fixture->producer, fixture->commands[i], i)) == FL_BUSY)
            take(fixture, false, &expected, acked);
        cr_assert_eq(status, FL_OK, "%s", fl_status_name(status));
        take(fixture, false, &expected, acked);
    }
    while (take(fixture, true, &expected, acked))
        continue;
    cr_assert_eq(expected, to);
}

uint64_t fl_engine_digest_now(struct fl_engine *engine)
{
    struct fl_snapshot snapshot;
    cr_assert_eq(fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &snapshot),
                 FL_OK);
    uint64_t digest = fl_engine_digest(&snapshot);
    fl_snapshot_release(&snapshot);
    return digest;
}

uint64_t fl_host_fixture_model_digest(struct fl_host_fixture *fixture, uint64_t seq)
{
    uint64_t at = fl_engine_seq(fixture->model);
    cr_assert_leq(at, seq);
    cr_assert_leq(seq, fixture->count);
    for (; at < seq; at++) {
        const struct fl_command *command = fixture->commands[at];
        size_t bytes = (command->bytes + FL_COMMAND_SLACK + 63) & ~(size_t)63;
        struct fl_command *copy = aligned_alloc(64, bytes);
        struct fl_result result;
        memcpy(copy, command, bytes);
        cr_assert_eq(fl_engine_apply(fixture->model, copy, &result, NULL), FL_OK);
        free(copy);
    }
    return fl_engine_digest_now(fixture->model);
}

enum fl_status fl_host_fixture_read(struct fl_host_fixture *fixture, uint64_t *digest_out,
                                    uint64_t *seq_out, struct fl_host_facts *facts_out)
{
    struct fl_host *host;
    enum fl_status status =
        fl_host_open_reading(fixture->path, &fixture->config, &host, &fixture->error);
    if (status != FL_OK)
        return status;
    *seq_out = fl_engine_seq(fl_host_engine(host));
    *digest_out = fl_engine_digest_now(fl_host_engine(host));
    if (facts_out)
        fl_host_facts(host, facts_out);
    return fl_host_close(host, &fixture->error);
}
