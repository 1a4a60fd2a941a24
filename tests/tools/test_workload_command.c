#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine/engine.h"
#include "tools/format/command_json.h"
#include "tools/gen/workload_command.h"
#include "tools/gen/workload_ndjson.h"

static_assert(FL_WORKLOAD_COMMAND_SLACK >= FL_COMMAND_SLACK, "the engine writes behind a command");

static int64_t amount_of(const struct fl_result *result, enum fl_result_name name)
{
    const struct fl_result_field *field = fl_result_find(result, name);
    return field ? field->value : -1;
}

static void check_applied(const struct fl_gen_payment *payment,
                          const struct fl_result *result)
{
    if (payment->quote == FL_QUOTE_NONE)
        return;
    int64_t applied = 0;
    for (unsigned i = 0; i < payment->settle_count; i++)
        applied += payment->settles[i].amount_minor;
    cr_assert_eq(amount_of(result, FL_RESULT_APPLIED), applied, "R %u: %lld applied, not %lld",
                 payment->number, (long long)amount_of(result, FL_RESULT_APPLIED),
                 (long long)applied);
}

static void apply(struct fl_engine *engine, struct fl_workload *workload,
                  const struct fl_workload_event *event)
{
    _Alignas(8) char buffer[FL_WORKLOAD_COMMAND_BYTES];
    struct fl_result result;
    const char *field = "";
    struct fl_command *command = fl_workload_command(fl_workload_plan(workload), event, buffer);
    if (!command) {
        cr_assert(event->kind == FL_EVENT_BANK_OUT || event->kind == FL_EVENT_END);
        return;
    }
    cr_assert_eq(fl_command_check(command, command->bytes, &field), FL_OK, "%s: %s",
                 fl_command_name(command->type), field);
    fl_engine_apply(engine, command, &result, NULL);
    cr_assert_eq(fl_engine_run_jobs(engine, NULL), FL_OK);
    cr_assert_eq(result.status, FL_OK, "%s %.*s: %s", fl_command_name(command->type),
                 result.id_length, result.id, fl_status_name(result.status));
    if (event->kind == FL_EVENT_INVOICE)
        cr_assert_eq(amount_of(&result, FL_RESULT_TOTAL), event->invoice.total.total_minor);
    if (event->kind == FL_EVENT_PAYMENT)
        check_applied(&event->payment, &result);
}

static void run(uint32_t orders, uint64_t seed, bool hard)
{
    struct fl_workload_options options = {.orders = orders, .seed = seed, .hard = hard};
    struct fl_engine_config config = {.memory_bytes = UINT64_C(1) << 30, .rows_max = 1u << 20};
    struct fl_workload *workload;
    struct fl_engine *engine;
    struct fl_workload_event event;
    cr_assert_eq(fl_workload_open(&options, &workload, NULL), FL_OK);
    cr_assert_eq(fl_engine_create(&config, &engine), FL_OK);
    do {
        cr_assert_eq(fl_workload_next(workload, &event), FL_OK);
        apply(engine, workload, &event);
    } while (event.kind != FL_EVENT_END);
    cr_assert_gt(fl_workload_counts(workload)->invoiced_minor, 0);
    fl_engine_destroy(engine);
    fl_workload_close(workload);
}

Test(workload_command, e3_an_engine_refuses_nothing_and_agrees_on_every_amount)
{
    run(4000, 21, false);
}

Test(workload_command, e3_neither_of_a_hard_workload)
{
    run(4000, 22, true);
}

/* The line of JSON, read as anyone's would be, is the binary command to the byte. */
static void check_line(struct fl_command_json *reader, const struct fl_workload_plan *plan,
                       const struct fl_workload_event *event, struct fl_gen_text *line)
{
    static const char padding[FL_JSON_PADDING];
    _Alignas(8) char buffer[FL_WORKLOAD_COMMAND_BYTES];
    const struct fl_command *command = fl_workload_command(plan, event, buffer);
    struct fl_command *read;
    fl_gen_text_clear(line);
    fl_workload_ndjson_put(plan, event, line);
    cr_assert_eq(line->used == 0, command == NULL);
    if (!command)
        return;
    cr_assert_eq(line->bytes[line->used - 1], '\n');
    size_t length = line->used - 1;
    fl_gen_put(line, padding, sizeof padding);
    enum fl_status status = fl_command_json_read(reader, line->bytes, length, &read);
    cr_assert_eq(status, FL_OK, "%s %s: %s: %.*s", reader->type, reader->path,
                 fl_status_name(status), (int)length, line->bytes);
    cr_assert_eq(read->bytes, command->bytes, "%.*s", (int)length, line->bytes);
    cr_assert_arr_eq((const char *)read, (const char *)command, command->bytes, "%.*s", (int)length,
                     line->bytes);
}

Test(workload_command, json_and_binary_say_the_same)
{
    for (int hard = 0; hard <= 1; hard++) {
        struct fl_workload_options options = {.orders = 1500, .seed = 23, .hard = hard};
        struct fl_workload *workload;
        struct fl_workload_event event;
        struct fl_command_json reader;
        struct fl_gen_text line;
        cr_assert_eq(fl_workload_open(&options, &workload, NULL), FL_OK);
        cr_assert_eq(fl_command_json_open(&reader, "UTC", 3), FL_OK);
        cr_assert_eq(fl_gen_text_init(&line, -1), FL_OK);
        reader.now_us = INT64_C(2000000000000000);
        do {
            cr_assert_eq(fl_workload_next(workload, &event), FL_OK);
            check_line(&reader, fl_workload_plan(workload), &event, &line);
        } while (event.kind != FL_EVENT_END);
        fl_gen_text_deinit(&line);
        fl_command_json_close(&reader);
        fl_workload_close(workload);
    }
}
