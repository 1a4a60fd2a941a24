/* command_json.h - one JSON object as a command, and a command as one line of JSON.
 *
 * Reading walks the field tables of command_schema.h: whatever is not in them is refused by name. A refusal
 * carries the code and the path of the field ("lines[2].quantity"). Times are made days here, by the book's
 * zone, and nowhere else; a `book` command in the stream changes the zone for what follows.
 *
 * Thread: one reader a thread. Memory: at open; none a line after the largest was seen.
 */
#ifndef FLORIN_TOOLS_FORMAT_COMMAND_JSON_H
#define FLORIN_TOOLS_FORMAT_COMMAND_JSON_H

#include <stdio.h>

#include "core/engine/command.h"
#include "tools/format/json_simd.h"
#include "tools/format/time_zone.h"

#define FL_PATH_MAX 96

struct fl_command_json {
    struct fl_json *json;
    struct fl_time_zone zone;
    char *buffer; /* the command being read */
    uint32_t capacity;
    char *member; /* a batch's member being read */
    int64_t now_us;     /* arrival: set by who reads the clock */
    int64_t default_at_us; /* `at` where none is given; 0: now_us */
    /* Of the last refusal. */
    char path[FL_PATH_MAX];
    char type[32];
    char id[FL_ID_BYTES_MAX + 1];
};

/* `zone`: the book's. FL_NO_MEMORY, FL_BAD_VALUE: no such zone. */
enum fl_status fl_command_json_open(struct fl_command_json *reader, const char *zone,
                                    size_t zone_length);
void fl_command_json_close(struct fl_command_json *reader);

/* Reads one object; `text` has FL_JSON_PADDING readable bytes behind it. The command is valid until the next
 * call and has FL_COMMAND_SLACK... free bytes behind it only in a copy: the reader's buffer is not the
 * engine's. On a refusal `path`, `type` and `id` say of what, as far as they are known. */
enum fl_status fl_command_json_read(struct fl_command_json *reader, const char *text,
                                    size_t length, struct fl_command **out);

/* Writes a resolved command as one line, without the line feed: what `log` prints. */
void fl_command_json_write(FILE *out, const struct fl_command *command);

/* A JSON string with its quotes. */
void fl_json_write_string(FILE *out, const char *text, size_t length);

#endif
