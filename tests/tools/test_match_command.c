/* What matching decided is the same command whichever way it is made: built in binary, or written
 * as JSON and read. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/currency.h"
#include "core/base/decimal.h"
#include "core/domain/state.h"
#include "core/engine/command_schema.h"
#include "tools/cli/match_command.h"
#include "tools/format/command_json.h"

static char directory[64];

static void run(const char *command)
{
    char line[512];
    snprintf(line, sizeof line, "cd %s && %s >>output 2>&1", directory, command);
    cr_assert_eq(system(line), 0, "%s", command);
}

static void book_make(void)
{
    strcpy(directory, "/tmp/florin-match-command-XXXXXX");
    cr_assert(mkdtemp(directory));
    run(FLORIN_BINARY " gen --orders 2500 --seed 23 --hard --out year");
    run(FLORIN_BINARY " init books");
    run(FLORIN_BINARY " apply books year/commands.ndjson --quiet");
    run("ls year/*.xml year/*.sta year/*.bai year/*.ofx | xargs " FLORIN_BINARY
        " import books --no-match");
}

static struct fl_host *book_open(void)
{
    char path[128];
    struct fl_host_config config = {.memory_bytes = 0};
    struct fl_error error;
    struct fl_host *host;
    snprintf(path, sizeof path, "%s/books", directory);
    cr_assert_eq(fl_host_open_reading(path, &config, &host, &error), FL_OK, "%s", error.message);
    return host;
}

/* Reads it back as `log` would print it. */
static void compare(struct fl_command_json *reader, const struct fl_command *made)
{
    struct fl_json_text text = {.bytes = NULL};
    struct fl_command *read;
    fl_command_json_write(&text, made, NULL);
    cr_assert(fl_json_text_grow(&text, FL_JSON_PADDING));
    enum fl_status status = fl_command_json_read(reader, text.bytes, text.length, &read);
    cr_assert_eq(status, FL_OK, "%s: %.*s", reader->path, (int)text.length, text.bytes);
    cr_assert_eq(read->bytes, made->bytes, "%.*s", (int)text.length, text.bytes);
    read->flags = made->flags; /* `at` stands in what `log` prints */
    cr_assert_eq(memcmp(read, made, made->bytes), 0, "%.*s", (int)text.length, text.bytes);
    fl_json_text_free(&text);
}

static int64_t taken_by(const struct fl_command *command, uint8_t currency)
{
    const struct fl_command_application *a = fl_command_body(command);
    int64_t minor;
    cr_assert_eq(fl_decimal_scale(a->amount, fl_currency_exponent(currency), &minor), FL_OK);
    return minor;
}

Test(match_command, is_the_one_that_its_json_reads_as)
{
    static struct fl_match_run match;
    struct fl_command_json reader;
    void *buffer = aligned_alloc(64, FL_MATCH_COMMAND_BYTES);
    unsigned batches = 0, rivals = 0;
    book_make();
    struct fl_host *host = book_open();
    cr_assert_eq(fl_command_json_open(&reader, "UTC", 3), FL_OK);
    cr_assert_eq(fl_match_run_open(&match, host, NULL), FL_OK);
    cr_assert_eq(fl_match_run_decide(&match), FL_OK);
    match.at_us = reader.now_us = INT64_C(1735689600000000);
    match.at_day = fl_time_zone_day(&reader.zone, match.at_us);
    cr_assert_gt(match.batch.turn_count, 1000);
    for (uint32_t turn = 0; turn < match.batch.turn_count; turn++) {
        uint32_t line = match.batch.turns[turn];
        const struct fl_match_decision *d = &match.batch.decisions[line];
        const struct fl_command *made = fl_match_command_make(&match, line, buffer);
        cr_assert_eq(fl_command_check(made, made->bytes, NULL), FL_OK);
        compare(&reader, made);
        batches += made->type == FL_COMMAND_BATCH;
        rivals += d->rival > 0;
        if (made->type == FL_COMMAND_APPLICATION)
            cr_assert_eq(taken_by(made, match.batch.lines[line].currency),
                         match.batch.applications[d->application_first].amount_minor);
    }
    cr_assert(batches > 0 && rivals > 0, "%u batches, %u with a runner-up", batches, rivals);
    fl_match_run_close(&match);
    fl_command_json_close(&reader);
    free(buffer);
    struct fl_error error;
    cr_assert_eq(fl_host_close(host, &error), FL_OK);
    run("rm -rf books year && cd .. && rm -rf $OLDPWD");
}
