/* Any line: refused with a name of what is wrong, or a sound command that prints and reads as
 * itself (Q1, Q3). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/contract.h"
#include "core/base/utf8.h"
#include "tools/format/command_json.h"
#include "tools/format/result_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fl_command *read_copy(struct fl_command_json *reader, const void *text, size_t length,
                                    enum fl_status *status_out)
{
    struct fl_command *command, *copy = NULL;
    char *padded = malloc(length + FL_JSON_PADDING);
    if (length > 0)
        memcpy(padded, text, length);
    memset(padded + length, '"', FL_JSON_PADDING); /* what is behind must not matter */
    *status_out = fl_command_json_read(reader, padded, length, &command);
    if (*status_out == FL_OK) {
        copy = aligned_alloc(8, command->bytes);
        memcpy(copy, command, command->bytes);
    }
    free(padded);
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fl_command_json reader;
    static struct fl_json_text text;
    enum fl_status status;
    if (!reader.json)
        FL_ASSERT(fl_command_json_open(&reader, "Europe/Berlin", 13) == FL_OK);
    reader.now_us = INT64_C(1750000000000000);
    struct fl_command *command = read_copy(&reader, data, size, &status);
    fl_command_json_zone_settle(&reader, false);
    fl_json_text_clear(&text);
    if (!command) {
        FL_ASSERT(fl_status_class(status) == FL_CLASS_INVALID);
        fl_result_json_put_invalid(&text, 1, &reader, status);
        FL_ASSERT(fl_utf8_is_valid(text.bytes, text.length));
        return 0;
    }
    FL_ASSERT(fl_command_check(command, command->bytes, NULL) == FL_OK);
    fl_command_json_write(&text, command, &reader.zone);
    struct fl_command *again = read_copy(&reader, text.bytes, text.length, &status);
    FL_ASSERT(status == FL_OK && again->bytes == command->bytes);
    command->flags |= FL_FLAG_AT_GIVEN; /* the one thing that printing decides */
    FL_ASSERT(memcmp(again, command, command->bytes) == 0);
    fl_command_json_zone_settle(&reader, false);
    free(again);
    free(command);
    return 0;
}
