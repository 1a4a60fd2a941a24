/* Any bytes, read in pieces of any size: no crash, no endless loop, fields always valid UTF-8. */
#include <stdint.h>

#include "core/base/contract.h"
#include "tools/format/charset.h"
#include "tools/format/csv_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, data + 2, size - 2, "fuzz");
    memory.step = data[0];
    struct fl_csv_options options = {.separator = data[1] & 1 ? ',' : 0,
                                     .charset = data[1] & 2 ? "Shift_JIS" : NULL,
                                     .skip_lines = data[1] >> 6};
    struct fl_csv_reader *reader;
    if (fl_csv_reader_open(source, &options, &reader, NULL) != FL_OK)
        return 0;
    uint64_t line = 0;
    for (;;) {
        struct fl_csv_record record;
        enum fl_status status = fl_csv_reader_next(reader, &record, NULL);
        FL_ASSERT(status == FL_OK || status == FL_BAD_VALUE || status == FL_TOO_LONG);
        FL_ASSERT(record.line >= line);
        line = record.line;
        if (status == FL_OK && record.count == 0)
            break;
        for (size_t i = 0; i < record.count; i++)
            FL_ASSERT(fl_utf8_is_valid(record.fields[i].at, record.fields[i].length));
    }
    fl_csv_reader_close(reader);
    return 0;
}
