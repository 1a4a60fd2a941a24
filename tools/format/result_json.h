/* result_json.h - one answer as one line of JSON, with a sentence for people where it is a refusal.
 *
 *   {"line":7,"type":"order","id":"SO-1","result":"accepted","seq":4711,"credit":"approved","total":"23.80"}
 *
 * A batch is one line: its members' answers are kept until its own comes, then stand in `results`.
 *
 * Thread: one writer a thread.
 */
#ifndef FLORIN_TOOLS_FORMAT_RESULT_JSON_H
#define FLORIN_TOOLS_FORMAT_RESULT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/engine/result.h"

struct fl_result_json {
    FILE *out;
    char *members; /* answers of a batch's members, already JSON, joined by commas */
    size_t members_length;
    FILE *members_out;
};

bool fl_result_json_open(struct fl_result_json *writer, FILE *out);
void fl_result_json_close(struct fl_result_json *writer);

/* `line`: of the input; 0 leaves it out. */
void fl_result_json_write(struct fl_result_json *writer, uint64_t line,
                          const struct fl_result *result);
void fl_result_json_member(struct fl_result_json *writer, const struct fl_result *result);

/* An answer that never reached the engine: what the reader refused. `type`, `id`, `field` may be "". */
void fl_result_json_invalid(struct fl_result_json *writer, uint64_t line, const char *type,
                            const char *id, enum fl_status status, const char *field);

/* The sentence. */
void fl_result_message(const struct fl_result *result, char *out, size_t bytes);

#endif
