#include "tests/support/book_fixture.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/date.h"

#define LINE_BYTES 4096

void fl_book_fixture_begin(struct fl_book_fixture *book)
{
    const struct fl_engine_config config = {
        .memory_bytes = UINT64_C(256) << 20, .rows_max = 1u << 16, .secret = 7};
    memset(book, 0, sizeof *book);
    cr_assert_eq(fl_engine_create(&config, &book->engine), FL_OK);
    cr_assert_eq(fl_command_json_open(&book->reader, "UTC", 3), FL_OK);
    cr_assert_eq(fl_instant_parse("2024-06-30T12:00:00Z", 20, &book->reader.now_us), FL_OK);
}

void fl_book_fixture_end(struct fl_book_fixture *book)
{
    fl_command_json_close(&book->reader);
    fl_engine_destroy(book->engine);
}

static enum fl_status line_apply(struct fl_book_fixture *book, const char *line)
{
    struct fl_command *command;
    enum fl_status status = fl_command_json_read(&book->reader, line, strlen(line), &command);
    cr_assert_eq(status, FL_OK, "%s: %s %s", line, fl_status_name(status), book->reader.path);
    status = fl_engine_apply(book->engine, command, &book->result, NULL);
    cr_assert_eq(fl_engine_run_jobs(book->engine, NULL), FL_OK);
    return status;
}

enum fl_status fl_book_fixture_try(struct fl_book_fixture *book, const char *format, ...)
{
    char line[LINE_BYTES + FL_JSON_PADDING] = "";
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, LINE_BYTES, format, arguments);
    va_end(arguments);
    cr_assert(length > 0 && length < LINE_BYTES);
    return line_apply(book, line);
}

uint64_t fl_book_fixture_do(struct fl_book_fixture *book, const char *format, ...)
{
    char line[LINE_BYTES + FL_JSON_PADDING] = "";
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, LINE_BYTES, format, arguments);
    va_end(arguments);
    cr_assert(length > 0 && length < LINE_BYTES);
    enum fl_status status = line_apply(book, line);
    cr_assert_eq(status, FL_OK, "%s: %s", line, fl_status_name(status));
    return book->result.seq;
}

struct fl_snapshot fl_book_fixture_snapshot(struct fl_book_fixture *book)
{
    struct fl_snapshot snapshot;
    cr_assert_eq(
        fl_snapshot_take(fl_engine_store(book->engine), fl_engine_seq(book->engine), &snapshot),
        FL_OK);
    return snapshot;
}

uint16_t fl_book_fixture_day(const char *date)
{
    uint16_t day;
    cr_assert_eq(fl_date_parse(date, strlen(date), &day), FL_OK);
    return day;
}
