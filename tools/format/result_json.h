/* result_json.h - one answer as one line of JSON, with a sentence for people where it is a refusal.
 *
 *   {"line":7,"type":"order","id":"SO-1","result":"accepted","seq":4711,"credit":"approved","total":"23.80"}
 *
 * A batch is one line: its members' answers are kept until its own comes, then stand in `results`.
 *
 * Thread: one writer a thread. Memory: grows with the largest batch. Cost: some 0.2 us a line.
 */
#ifndef FLORIN_TOOLS_FORMAT_RESULT_JSON_H
#define FLORIN_TOOLS_FORMAT_RESULT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/engine/result.h"
#include "tools/format/json_text.h"
#include "tools/format/result_message.h"

struct fl_command_json;

struct fl_result_json {
    FILE *out;
    struct fl_json_text line;    /* the one being made */
    struct fl_json_text members; /* of a batch, joined by commas */
};

bool fl_result_json_open(struct fl_result_json *writer, FILE *out);
void fl_result_json_close(struct fl_result_json *writer);

/* `line`: of the input; 0 leaves it out. */
void fl_result_json_write(struct fl_result_json *writer, uint64_t line,
                          const struct fl_result *result);
void fl_result_json_member(struct fl_result_json *writer, const struct fl_result *result);

/* An answer that never reached the engine: what the reader refused last. `line` as above. */
void fl_result_json_invalid(struct fl_result_json *writer, uint64_t line,
                            const struct fl_command_json *reader, enum fl_status status);
/* The same, appended to a text without the line feed: for who keeps it until its turn. */
void fl_result_json_put_invalid(struct fl_json_text *out, uint64_t line,
                                const struct fl_command_json *reader, enum fl_status status);

#endif
