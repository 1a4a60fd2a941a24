#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tests/support/command_maker.h"
#include "tools/format/command_json.h"

#define NOW_US INT64_C(1750000000000000)

static struct fl_command_json reader;
static struct made made;

static void setup(void)
{
    cr_assert_eq(fl_command_json_open(&reader, "Europe/Berlin", 13), FL_OK);
    reader.now_us = NOW_US;
}

static void teardown(void)
{
    fl_command_json_close(&reader);
}

TestSuite(command_json, .init = setup, .fini = teardown);

static enum fl_status read_text(const char *text, size_t length, struct fl_command **out)
{
    char *padded = calloc(1, length + FL_JSON_PADDING);
    memcpy(padded, text, length);
    enum fl_status status = fl_command_json_read(&reader, padded, length, out);
    free(padded);
    return status;
}

static enum fl_status read_line(const char *text)
{
    struct fl_command *command;
    return read_text(text, strlen(text), &command);
}

static struct fl_command *must_read(const char *text)
{
    struct fl_command *command;
    cr_assert_eq(read_text(text, strlen(text), &command), FL_OK, "%s at %s", text, reader.path);
    return command;
}

static void expect(const char *text, enum fl_status status, const char *path)
{
    enum fl_status said = read_line(text);
    cr_expect_eq(said, status, "%s: %s, wanted %s", text, fl_status_name(said),
                 fl_status_name(status));
    cr_expect_str_eq(reader.path, path, "%s", text);
}

static struct fl_command *copy_of(const struct fl_command *command)
{
    struct fl_command *copy = aligned_alloc(8, command->bytes);
    memcpy(copy, command, command->bytes);
    return copy;
}

static void must_be_sound(const struct fl_command *command, const char *text)
{
    const char *field;
    struct fl_command *copy = copy_of(command); /* alone, so that the sanitizer sees the end */
    cr_assert_eq(fl_command_check(copy, copy->bytes, &field), FL_OK, "%s: %s", text, field);
    free(copy);
}

static struct fl_command *round_trip(const struct fl_command *command)
{
    struct fl_json_text text = {.bytes = NULL};
    fl_command_json_write(&text, command, &reader.zone);
    fl_json_putc(&text, '\0');
    struct fl_command *again = must_read(text.bytes);
    fl_json_text_free(&text);
    return again;
}

Test(command_json, q1_every_type_reads_whole_and_in_any_order_to_the_same_sound_bytes)
{
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        struct fl_command *command;
        if (!fl_command_shape(type))
            continue;
        make_command(type, FAULT_NONE, 0, false, false, &made);
        cr_assert_eq(read_text(made.json, made.length, &command), FL_OK, "%s: %s %s", made.json,
                     reader.path, fl_status_name(read_line(made.json)));
        must_be_sound(command, made.json);
        struct fl_command *first = copy_of(command);
        make_command(type, FAULT_NONE, 0, true, false, &made);
        cr_assert_eq(read_text(made.json, made.length, &command), FL_OK, "%s", made.json);
        cr_assert_eq(first->bytes, command->bytes);
        cr_assert_arr_eq(first, command, first->bytes, "%s", made.json);
        free(first);
    }
}

Test(command_json, q3_written_and_read_again_is_the_same_command)
{
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        for (unsigned sparse = 0; sparse < 2; sparse++) {
            struct fl_command *command;
            if (!fl_command_shape(type))
                continue;
            make_command(type, FAULT_NONE, 0, false, sparse, &made);
            cr_assert_eq(read_text(made.json, made.length, &command), FL_OK, "%s at %s", made.json,
                         reader.path);
            struct fl_command *first = copy_of(command), *again = round_trip(command);
            cr_assert_eq(first->bytes, again->bytes);
            cr_assert_arr_eq(first, again, first->bytes, "%s", made.json);
            free(first);
        }
    }
}

Test(command_json, one_fault_in_any_field_of_any_type_is_named_with_its_path)
{
    unsigned tried = 0;
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        if (!fl_command_shape(type))
            continue;
        make_command(type, FAULT_NONE, 0, false, false, &made);
        unsigned count = made.field_count;
        for (unsigned i = 0; i < count * FAULT_COUNT; i++) {
            struct fl_command *command;
            make_command(type, i % FAULT_COUNT, i / FAULT_COUNT, false, false, &made);
            if (!made.applies)
                continue;
            enum fl_status said = read_text(made.json, made.length, &command);
            cr_assert_eq(said, made.expected, "%.600s\nsaid %s, wanted %s of %s", made.json,
                         fl_status_name(said), fl_status_name(made.expected), made.path);
            cr_assert(said == FL_OK || strcmp(reader.path, made.path) == 0,
                      "%.600s\nnames %s, wanted %s", made.json, reader.path, made.path);
            tried++;
        }
    }
    cr_assert_gt(tried, 500);
}

/* A fault of every kind at one field, another one elsewhere: whichever has the smaller number. */
Test(command_json, q2_of_two_faults_the_first_by_precedence_is_told)
{
    static const char *const faults[] = {"\"customer\":\"C\",\"customer\":\"C\"",
                                         "\"nothing\":1",
                                         "\"currency\":\"EURO\"",
                                         "\"discount_percent\":0.1234567890123456789",
                                         "\"discount_percent\":99999999999999999999",
                                         "\"source\":\"\xC3\"",
                                         "\"ship_to\":\"%s\""};
    static const enum fl_status said[] = {FL_BAD_JSON,          FL_UNKNOWN_FIELD, FL_BAD_VALUE,
                                          FL_TOO_MANY_DECIMALS, FL_OUT_OF_RANGE,  FL_NOT_UTF8,
                                          FL_TOO_LONG};
    char fill[300], line[2048], first[512], second[512];
    memset(fill, 'x', sizeof fill);
    fill[299] = '\0';
    for (unsigned a = 0; a < 7; a++) {
        for (unsigned b = 0; b < 7; b++) {
            snprintf(first, sizeof first, faults[a], fill);
            snprintf(second, sizeof second, faults[b], fill);
            if (a == b || (a == 3 && b == 4) || (a == 4 && b == 3))
                continue;
            snprintf(
                line, sizeof line,
                "{\"type\":\"order\",\"id\":\"O\",\"lines\":[{\"product\":\"P\",\"quantity\":1}]"
                ",%s%s%s}",
                first, a == 0 || b == 0 ? "," : ",\"customer\":\"C\",", second);
            cr_expect_eq(read_line(line), said[a < b ? a : b], "%u %u: %s", a, b, reader.path);
        }
    }
    /* Deep before shallow, if it comes first by number; the missing one of two that differ only in
     * place. */
    expect("{\"type\":\"order\",\"id\":\"O\",\"lines\":[{\"product\":\"P\",\"quantity\":1},{\"x\":"
           "1}]}",
           FL_UNKNOWN_FIELD, "lines[1].x");
    expect("{\"type\":\"order\",\"id\":\"O\"}", FL_MISSING_FIELD, "customer");
    expect("{\"type\":\"order\",\"n\":{\"a\":1,\"\\u0061\":2}}", FL_BAD_JSON, "a");
}

Test(command_json, numbers_are_read_from_their_digits_up_to_both_limits_of_int64)
{
    static const struct {
        const char *text;
        int64_t units;
        unsigned scale;
    } good[] = {{"9223372036854775807", INT64_MAX, 0},
                {"-9223372036854775808", INT64_MIN, 0},
                {"\"92233720368547758.07\"", INT64_MAX, 2},
                {"-9.223372036854775808", INT64_MIN, 18},
                {"0.1", 1, 1},
                {"1.50", 15, 1},
                {"-0", 0, 0}};
    char line[256];
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(line, sizeof line,
                 "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"count\",\"quantity\":%s}",
                 good[i].text);
        const struct fl_command_stock *stock = fl_command_body(must_read(line));
        cr_expect_eq(stock->quantity.units, good[i].units, "%s", line);
        cr_expect_eq(stock->quantity.scale, good[i].scale, "%s", line);
    }
    static const struct {
        const char *text;
        enum fl_status status;
    } bad[] = {{"9223372036854775808", FL_OUT_OF_RANGE},
               {"-9223372036854775809", FL_OUT_OF_RANGE},
               {"922337203685477580.70000", FL_OK},
               {"922337203685477580.71", FL_OUT_OF_RANGE},
               {"1e3", FL_BAD_VALUE},
               {"\"\"", FL_BAD_VALUE},
               {"\"+1\"", FL_BAD_VALUE},
               {"\"1.\"", FL_BAD_VALUE},
               {"\" 1\"", FL_BAD_VALUE},
               {"null", FL_BAD_VALUE},
               {"01", FL_BAD_JSON},
               {"1.", FL_BAD_JSON},
               {"+1", FL_BAD_JSON},
               {"NaN", FL_BAD_JSON}};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(line, sizeof line,
                 "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"count\",\"quantity\":%s}",
                 bad[i].text);
        cr_expect_eq(read_line(line), bad[i].status, "%s", line);
    }
}

Test(command_json, whole_numbers_have_their_limits)
{
    char line[160];
    static const struct {
        const char *text;
        enum fl_status status;
    } cases[] = {{"0", FL_OK},
                 {"4294967294", FL_OK},
                 {"4294967295", FL_OUT_OF_RANGE},
                 {"-1", FL_OUT_OF_RANGE},
                 {"1.5", FL_BAD_VALUE},
                 {"30.0", FL_OK}};
    for (unsigned i = 0; i < 6; i++) {
        snprintf(line, sizeof line, "{\"type\":\"book\",\"net_days\":%s}", cases[i].text);
        cr_expect_eq(read_line(line), cases[i].status, "%s", line);
    }
}

Test(command_json, what_is_no_json_object_is_bad_json)
{
    static const char *const lines[] = {"",
                                        "x",
                                        "[]",
                                        "5",
                                        "\"a\"",
                                        "{",
                                        "{}}",
                                        "{\"a\":1,}",
                                        "{\"a\" 1}",
                                        "{\"a\":}",
                                        "{a:1}",
                                        "{\"a\":1}{\"b\":2}",
                                        "{\"a\":1",
                                        "{\"a\":tru}",
                                        "{\"a\":\"b}",
                                        "{,}",
                                        "{\"a\":\"\t\"}",
                                        "{\"a\":\"\\x\"}",
                                        "{\"a\":\"\\u12g4\"}",
                                        "{\"a\":\"\\ud800\"}",
                                        "{\"a\":[1 2]}",
                                        "{\"a\":[1,]}",
                                        "{\"a\":1]"};
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++)
        cr_expect_eq(read_line(lines[i]), FL_BAD_JSON, "%s", lines[i]);
    char deep[400] = "{\"a\":";
    memset(deep + 5, '[', 200);
    cr_expect_eq(read_line(deep), FL_BAD_JSON);
    expect("{}", FL_MISSING_FIELD, "type");
    expect("{\"type\":\"quotes\"}", FL_UNKNOWN_TYPE, "type");
    expect("{\"type\":7}", FL_UNKNOWN_TYPE, "type");
}

Test(command_json, escapes_are_resolved_in_texts_and_in_keys)
{
    struct fl_command *command =
        must_read(" {\"\\u0074ype\" : \"customer\", \"id\":\"\\u00e4\\ud83d\\ude00\", "
                  "\"name\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"currency\":\"\\u0045UR\"} ");
    const struct fl_command_customer *customer = fl_command_body(command);
    cr_assert_eq(command->id.length, 6);
    cr_assert_arr_eq(fl_command_text(command, command->id), "\xC3\xA4\xF0\x9F\x98\x80", 6);
    cr_assert_eq(customer->name.length, 8);
    cr_assert_arr_eq(fl_command_text(command, customer->name), "\"\\/\b\f\n\r\t", 8);
    cr_assert_eq(customer->currency, FL_CURRENCY_EUR);
    expect("{\"type\":\"customer\",\"id\":\"a\",\"name\":\"a\\u0000b\",\"currency\":\"EUR\"}",
           FL_BAD_VALUE, "name");
    expect("{\"type\":\"customer\",\"id\":\"a\\u0085\",\"name\":\"a\",\"currency\":\"EUR\"}",
           FL_BAD_VALUE, "id");
    expect("{\"type\":\"customer\",\"id\":\"\",\"name\":\"a\",\"currency\":\"EUR\"}", FL_BAD_VALUE,
           "id");
}

Test(command_json, header_fields_that_a_type_does_not_take_are_unknown)
{
    expect("{\"type\":\"stock\",\"id\":\"X\",\"product\":\"P\",\"kind\":\"count\",\"quantity\":1}",
           FL_UNKNOWN_FIELD, "id");
    expect("{\"type\":\"order_confirm\",\"order\":\"X\",\"due_date\":\"2025-01-01\"}",
           FL_UNKNOWN_FIELD, "due_date");
    expect("{\"type\":\"receipt\",\"id\":\"X\",\"series\":true}", FL_UNKNOWN_FIELD, "series");
    expect("{\"type\":\"fx_rate\",\"from\":\"USD\",\"to\":\"EUR\",\"rate\":1}", FL_MISSING_FIELD,
           "date");
    expect("{\"type\":\"invoice\",\"series\":true,\"order\":\"O\"}", FL_MISSING_FIELD, "id");
    struct fl_command *command =
        must_read("{\"type\":\"invoice\",\"series\":true,\"id\":\"FL-1\",\"order\":\"O\"}");
    cr_assert(command->flags & FL_FLAG_SERIES);
}

Test(command_json, at_is_the_arrival_or_what_is_given_but_not_later)
{
    struct fl_command *command = must_read("{\"type\":\"order_confirm\",\"order\":\"X\"}");
    cr_assert_eq(command->at_us, NOW_US);
    cr_assert_eq(command->flags, 0);
    command = must_read(
        "{\"type\":\"order_confirm\",\"order\":\"X\",\"at\":\"2025-03-30T22:30:00.25Z\"}");
    cr_assert_eq(command->flags, FL_FLAG_AT_GIVEN);
    char day[11];
    fl_date_format(command->at_day, day);
    cr_assert_str_eq(day, "2025-03-31", "half past midnight in Berlin's summer");
    char line[128], at[32];
    fl_instant_format(NOW_US + 60000000, at);
    snprintf(line, sizeof line, "{\"type\":\"order_confirm\",\"order\":\"X\",\"at\":\"%s\"}", at);
    must_read(line);
    fl_instant_format(NOW_US + 60000001, at);
    snprintf(line, sizeof line, "{\"type\":\"order_confirm\",\"order\":\"X\",\"at\":\"%s\"}", at);
    expect(line, FL_BAD_VALUE, "at");
    expect("{\"type\":\"order_confirm\",\"order\":\"X\",\"at\":\"1969-12-30T00:00:00Z\"}",
           FL_BAD_VALUE, "at");
}

Test(command_json, a_clock_moves_to_the_first_instant_of_a_day_or_to_an_instant)
{
    char text[32];
    const struct fl_command_clock *clock =
        fl_command_body(must_read("{\"type\":\"clock\",\"date\":\"2025-03-31\"}"));
    fl_instant_format(clock->until_us, text);
    cr_assert_str_eq(text, "2025-03-30T22:00:00Z");
    clock = fl_command_body(must_read("{\"type\":\"clock\",\"at\":\"2025-03-31T12:00:00Z\"}"));
    fl_instant_format(clock->until_us, text);
    cr_assert_str_eq(text, "2025-03-31T12:00:00Z");
    expect("{\"type\":\"clock\"}", FL_MISSING_FIELD, "date");
    expect("{\"type\":\"clock\",\"date\":\"2036-01-01\",\"at\":\"2025-01-01T00:00:00Z\"}",
           FL_BAD_VALUE, "date");
    /* A raised `at`: the clock still moves to where it moved. */
    struct fl_command *raised = must_read("{\"type\":\"clock\",\"at\":\"2025-03-31T12:00:00Z\"}");
    raised->at_us += 1000000;
    int64_t until_us = ((const struct fl_command_clock *)fl_command_body(raised))->until_us;
    struct fl_command *again = round_trip(raised);
    clock = fl_command_body(again);
    cr_assert_eq(clock->until_us, until_us);
}

Test(command_json, a_books_zone_counts_once_it_is_accepted)
{
    static const char book[] = "{\"type\":\"book\",\"time_zone\":\"America/New_York\"}";
    static const char line[] =
        "{\"type\":\"order_confirm\",\"order\":\"X\",\"at\":\"2025-03-31T02:00:00Z\"}";
    uint16_t berlin = must_read(line)->at_day;
    must_read(book);
    cr_assert(reader.zone_waits);
    fl_command_json_zone_settle(&reader, false);
    cr_assert_eq(must_read(line)->at_day, berlin);
    must_read(book);
    fl_command_json_zone_settle(&reader, true);
    cr_assert_eq(must_read(line)->at_day, berlin - 1);
    must_read("{\"type\":\"book\",\"time_zone\":\"Europe/Berlin\"}");
    cr_assert_eq(must_read(line)->at_day, berlin, "reading on takes it");
    expect("{\"type\":\"book\",\"time_zone\":\"Europe/Atlantis\"}", FL_BAD_VALUE, "time_zone");
    expect("{\"type\":\"book\",\"time_zone\":\"+25:00\"}", FL_BAD_VALUE, "time_zone");
}

Test(command_json, a_batch_names_the_member_that_is_wrong)
{
    expect(
        "{\"type\":\"batch\",\"key\":\"k\",\"commands\":[{\"type\":\"order_confirm\","
        "\"order\":\"X\"},{\"type\":\"write_off\",\"id\":\"W\",\"invoice\":\"I\",\"amount\":\"x\","
        "\"reason\":\"r\"}]}",
        FL_BAD_VALUE, "commands[1].amount");
    cr_assert_eq(reader.failed_member, 1);
    expect("{\"type\":\"batch\",\"key\":\"k\",\"commands\":[{\"type\":\"batch\",\"key\":\"l\","
           "\"commands\":[]}]}",
           FL_BAD_VALUE, "commands[0].type");
    expect("{\"type\":\"batch\",\"key\":\"k\",\"commands\":[{\"type\":\"clock\",\"date\":"
           "\"2025-01-01\"}]}",
           FL_BAD_VALUE, "commands[0].type");
    expect("{\"type\":\"batch\",\"key\":\"k\",\"commands\":[]}", FL_MISSING_FIELD, "commands");
    expect("{\"type\":\"batch\",\"commands\":[{\"type\":\"order_confirm\",\"order\":\"X\"}]}",
           FL_MISSING_FIELD, "key");
}

Test(command_json, lists_have_their_limits)
{
    size_t room = 64u << 10, n;
    char *line = malloc(room);
    for (unsigned count = FL_REFERENCES_MAX; count <= FL_REFERENCES_MAX + 1; count++) {
        n = (size_t)snprintf(line, room,
                             "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":1,\"currency\":\"EUR\","
                             "\"references\":[\"r\"");
        for (unsigned i = 1; i < count; i++)
            n += (size_t)snprintf(line + n, room - n, ",\"r\"");
        snprintf(line + n, room - n, "]}");
        cr_expect_eq(read_line(line), count == FL_REFERENCES_MAX ? FL_OK : FL_TOO_LONG);
    }
    free(line);
    expect("{\"type\":\"order\",\"id\":\"O\",\"customer\":\"C\",\"lines\":[]}", FL_MISSING_FIELD,
           "lines");
}

Test(command_json, a_command_larger_than_a_record_is_too_long)
{
    size_t room = 20u << 20, n;
    char *line = malloc(room);
    n = (size_t)sprintf(line, "{\"type\":\"batch\",\"key\":\"k\",\"commands\":[");
    for (unsigned i = 0; i < FL_BATCH_MEMBERS_MAX; i++) {
        n += (size_t)sprintf(line + n,
                             "%s{\"type\":\"receipt\",\"id\":\"R%u\",\"amount\":1,"
                             "\"currency\":\"EUR\",\"text\":\"",
                             i ? "," : "", i);
        memset(line + n, 'x', 1500);
        n += 1500;
        n += (size_t)sprintf(line + n, "\"}");
    }
    sprintf(line + n, "]}");
    cr_expect_eq(read_line(line), FL_TOO_LONG);
    free(line);
}
