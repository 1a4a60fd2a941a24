/* Any bytes as a command: refused, or one that prints and reads as the same content (K1, K2). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/contract.h"
#include "tools/format/command_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_and_read(struct fl_command_json *reader, const struct fl_command *command)
{
    struct fl_json_text text = {.bytes = NULL};
    struct fl_command *again;
    fl_command_json_write(&text, command, NULL);
    fl_json_put(&text, (char[FL_JSON_PADDING]){0}, FL_JSON_PADDING);
    enum fl_status status =
        fl_command_json_read(reader, text.bytes, text.length - FL_JSON_PADDING, &again);
    FL_ASSERT(status == FL_OK || status == FL_BAD_VALUE); /* of the wall's clock, and zones */
    if (status == FL_OK) {
        FL_ASSERT(again->content_bytes == command->content_bytes);
        if (command->type != FL_COMMAND_BATCH && command->type != FL_COMMAND_CLOCK)
            FL_ASSERT(memcmp(again + 1, command + 1, command->content_bytes - sizeof *command) ==
                      0);
        FL_ASSERT(fl_command_check(again, again->bytes, NULL) == FL_OK);
    }
    fl_json_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fl_command_json reader;
    if (!reader.json)
        FL_ASSERT(fl_command_json_open(&reader, "UTC", 3) == FL_OK);
    reader.now_us = INT64_C(1750000000000000);
    void *bytes = aligned_alloc(8, (size + 8) & ~(size_t)7);
    memcpy(bytes, data, size);
    /* The sizes are made to fit, so that more is reached. */
    if (size >= sizeof(struct fl_command))
        ((struct fl_command *)bytes)->bytes = (uint32_t)size;
    if (fl_command_check(bytes, size, NULL) == FL_OK)
        print_and_read(&reader, bytes);
    free(bytes);
    return 0;
}
