/* command_json.h - one JSON object as a command, and a command as one line of JSON.
 *
 * Reading walks the field tables of command_schema.h: whatever is not in them is refused by name. A
 * refusal carries the code and the path of the field ("lines[2].quantity"). Times are made days
 * here, by the book's zone, and nowhere else.
 *
 *   Q1  What is read passes fl_command_check, and equal content is equal bytes, whatever the order
 * of the fields. Q2  Of several things that are wrong, the one whose code comes first is told
 * (rulings, Defaults and codes); of several with one code, the first met. Q3  Written and read
 * again, a resolved command is the same command.
 *
 * `at` where none is given is the arrival, which the caller sets: once for a block of lines. A
 * `book` with a time zone decides the days of what comes after it, if it is accepted; the reader
 * cannot know that, so it keeps the new zone aside until it is told, or reads on (which takes it).
 *
 * Limits: an escape that is half a surrogate pair is bad_json. A `book` inside a batch changes the
 * zone behind the batch only.
 *
 * Thread: one reader a thread. Memory: at open; none a line after the largest was seen.
 */
#ifndef FLORIN_TOOLS_FORMAT_COMMAND_JSON_H
#define FLORIN_TOOLS_FORMAT_COMMAND_JSON_H

#include "core/engine/command.h"
#include "tools/format/field_table.h"
#include "tools/format/json_simd.h"
#include "tools/format/json_text.h"
#include "tools/format/time_zone.h"

#define FL_PATH_MAX 96
#define FL_LINE_BYTES_MAX                                                                          \
    (2 * FL_RECORD_BYTES_MAX) /* escapes may make a line longer than its command */

struct fl_command_json {
    struct fl_json *json;
    struct fl_field_tables *tables;
    struct fl_time_zone zone, next_zone;
    bool zone_waits; /* the last command was a book with `next_zone` */
    char *buffer;    /* the command being read */
    uint32_t capacity;
    int64_t now_us;        /* arrival: set by who reads the clock */
    int64_t default_at_us; /* `at` where none is given; 0: now_us */
    /* Of the last refusal. */
    char path[FL_PATH_MAX];
    char value[FL_PATH_MAX]; /* as written, cut */
    char type[32];
    char id[FL_ID_BYTES_MAX + 1];
    int64_t failed_member; /* of a batch; -1: none */
    size_t position;       /* byte of the line, where it is no JSON */
};

/* `zone`: the book's. FL_NO_MEMORY, FL_BAD_VALUE: no such zone. */
enum fl_status fl_command_json_open(struct fl_command_json *reader, const char *zone,
                                    size_t zone_length);
void fl_command_json_close(struct fl_command_json *reader);

/* Reads one object; `text` has FL_JSON_PADDING readable bytes behind it. The command is valid until
 * the next call and has FL_COMMAND_SLACK free bytes behind it. On a refusal `path`, `type` and `id`
 * say of what, as far as they are known. */
enum fl_status fl_command_json_read(struct fl_command_json *reader, const char *text, size_t length,
                                    struct fl_command **out);

/* The same for a command in its binary form that passed fl_command_check: what the edge decides
 * (days, the latest `at`, the zone that a book brings) is decided here, whatever the bytes say. */
enum fl_status fl_command_json_adopt(struct fl_command_json *reader, struct fl_command *command);

/* Makes the last refusal one of a line too long to be held, or of `field` (nullable). */
enum fl_status fl_command_json_too_long(struct fl_command_json *reader);
void fl_command_json_blame(struct fl_command_json *reader, const char *field);

/* After a read that left `zone_waits`: whether the book was accepted. */
void fl_command_json_zone_settle(struct fl_command_json *reader, bool accepted);

/* Appends a resolved command as one object, without the line feed: what `log` prints. `zone`: the
 * book's, so that a clock to the beginning of a day is written as that day; null: as the instant.
 */
void fl_command_json_write(struct fl_json_text *out, const struct fl_command *command,
                           struct fl_time_zone *zone);

#endif
