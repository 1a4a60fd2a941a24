/* book_fixture.h - an engine in memory that takes commands as JSON: for tests of what is reckoned
 * from a book. */
#ifndef FLORIN_TESTS_SUPPORT_BOOK_FIXTURE_H
#define FLORIN_TESTS_SUPPORT_BOOK_FIXTURE_H

#include "core/data/snapshot.h"
#include "core/engine/engine.h"
#include "tools/format/command_json.h"

struct fl_book_fixture {
    struct fl_engine *engine;
    struct fl_command_json reader;
    struct fl_result result; /* of the last command */
};

/* EUR, UTC, no clock; commands arrive on 2024-06-30. */
void fl_book_fixture_begin(struct fl_book_fixture *book);
void fl_book_fixture_end(struct fl_book_fixture *book);
/* One command, printf-like; returns its status, the answer stands in book->result. */
enum fl_status fl_book_fixture_try(struct fl_book_fixture *book, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for what must be accepted: returns its sequence number. */
uint64_t fl_book_fixture_do(struct fl_book_fixture *book, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct fl_snapshot fl_book_fixture_snapshot(struct fl_book_fixture *book);
uint16_t fl_book_fixture_day(const char *date);

#endif
