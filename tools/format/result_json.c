#include "tools/format/result_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/engine/command.h"
#include "tools/format/command_json.h"
#include "tools/format/result_message.h"

bool fl_result_json_open(struct fl_result_json *writer, FILE *out)
{
    *writer = (struct fl_result_json){.out = out};
    return true;
}

void fl_result_json_close(struct fl_result_json *writer)
{
    fl_json_text_free(&writer->line);
    fl_json_text_free(&writer->members);
    *writer = (struct fl_result_json){.out = NULL};
}

/* ---- the line --------------------------------------------------------------------------- */

static const char *class_word(enum fl_status_class class)
{
    switch (class) {
    case FL_CLASS_ACCEPTED:
        return "accepted";
    case FL_CLASS_DUPLICATE:
        return "duplicate";
    case FL_CLASS_REFUSED:
        return "refused";
    case FL_CLASS_INVALID:
        return "invalid";
    case FL_CLASS_UNAVAILABLE:
    case FL_CLASS_FAILED:
        break;
    }
    return "unavailable";
}

static void write_value(struct fl_json_text *out, const struct fl_result *result,
                        const struct fl_result_field *field)
{
    char text[32];
    size_t length = 0;
    switch ((enum fl_result_kind)field->kind) {
    case FL_RESULT_KIND_TEXT:
        fl_json_put_string(out, result->text + field->text_offset, field->text_length);
        return;
    case FL_RESULT_KIND_NUMBER:
        fl_json_put_number(out, field->value);
        return;
    case FL_RESULT_KIND_BOOL:
        fl_json_puts(out, field->value ? "true" : "false");
        return;
    case FL_RESULT_KIND_AMOUNT:
        length = fl_decimal_format(field->value, field->decimals, text);
        break;
    case FL_RESULT_KIND_QUANTITY:
        length = fl_decimal_format_short(field->value, FL_QUANTITY_DECIMALS, text);
        break;
    case FL_RESULT_KIND_DATE:
        if (field->value == FL_DATE_NONE) {
            FL_JSON_PUT(out, "null");
            return;
        }
        fl_date_format((uint16_t)field->value, text);
        length = 10;
        break;
    }
    fl_json_putc(out, '"');
    fl_json_put(out, text, length);
    fl_json_putc(out, '"');
}

static void write_fields(struct fl_json_text *out, const struct fl_result *result)
{
    for (unsigned i = 0; i < result->field_count; i++) {
        const struct fl_result_field *field = &result->fields[i];
        FL_JSON_PUT(out, ",\"");
        fl_json_puts(out, fl_result_name(field->name));
        FL_JSON_PUT(out, "\":");
        write_value(out, result, field);
    }
}

static void write_code(struct fl_json_text *out, enum fl_status status, const char *message)
{
    FL_JSON_PUT(out, ",\"code\":\"");
    fl_json_puts(out, fl_status_name(status));
    FL_JSON_PUT(out, "\",\"message\":");
    fl_json_put_string(out, message, strlen(message));
}

static void write_refusal(struct fl_json_text *out, const struct fl_result *result)
{
    char message[512];
    fl_result_message(result, message, sizeof message);
    write_code(out, result->status, message);
}

/* {"line":7,"type":"order","id":"SO-1","result":"accepted" */
static void write_head(struct fl_json_text *out, uint64_t line, const char *type, const char *id,
                       size_t id_length, enum fl_status_class class)
{
    FL_JSON_PUT(out, "{");
    if (line > 0) {
        FL_JSON_PUT(out, "\"line\":");
        fl_json_put_unsigned(out, line);
        FL_JSON_PUT(out, ",");
    }
    if (type[0]) {
        FL_JSON_PUT(out, "\"type\":\"");
        fl_json_puts(out, type);
        FL_JSON_PUT(out, "\",");
    }
    if (id_length > 0) {
        FL_JSON_PUT(out, "\"id\":");
        fl_json_put_string(out, id, id_length);
        FL_JSON_PUT(out, ",");
    }
    FL_JSON_PUT(out, "\"result\":\"");
    fl_json_puts(out, class_word(class));
    FL_JSON_PUT(out, "\"");
}

static void write_answer_head(struct fl_json_text *out, uint64_t line,
                              const struct fl_result *result)
{
    write_head(out, line, fl_command_name(result->type), result->id, result->id_length,
               fl_status_class(result->status));
    if (result->seq > 0) {
        FL_JSON_PUT(out, ",\"seq\":");
        fl_json_put_unsigned(out, result->seq);
    }
}

/* {index, id, code, message}: the member that failed, from the fields that the engine left of it.
 */
static void write_failed(struct fl_json_text *out, const struct fl_result *result)
{
    const struct fl_result_field *index = fl_result_find(result, FL_RESULT_INDEX);
    const struct fl_result_field *id = fl_result_find(result, FL_RESULT_ID);
    if (!index)
        return;
    FL_JSON_PUT(out, ",\"failed\":{\"index\":");
    fl_json_put_number(out, index->value);
    if (id && id->text_length > 0) {
        FL_JSON_PUT(out, ",\"id\":");
        fl_json_put_string(out, result->text + id->text_offset, id->text_length);
    }
    write_refusal(out, result);
    FL_JSON_PUT(out, "}");
}

static void write_batch(struct fl_result_json *writer, const struct fl_result *result)
{
    struct fl_json_text *out = &writer->line;
    const struct fl_result_field *count = fl_result_find(result, FL_RESULT_COUNT);
    bool stands = result->status == FL_OK || result->status == FL_DUPLICATE;
    if (!stands)
        write_refusal(out, result);
    FL_JSON_PUT(out, ",\"applied\":");
    fl_json_put_number(out, stands && count ? count->value : 0);
    write_failed(out, result);
    if (writer->members.length > 0) {
        FL_JSON_PUT(out, ",\"results\":[");
        fl_json_put(out, writer->members.bytes, writer->members.length);
        FL_JSON_PUT(out, "]");
    }
    fl_json_text_clear(&writer->members);
}

static void write_body(struct fl_json_text *out, const struct fl_result *result)
{
    enum fl_status_class class = fl_status_class(result->status);
    if (class != FL_CLASS_ACCEPTED && class != FL_CLASS_DUPLICATE)
        write_refusal(out, result);
    else if (result->flags & FL_FLAG_AT_RAISED)
        FL_JSON_PUT(out, ",\"at_raised\":true");
    write_fields(out, result);
}

void fl_result_json_write(struct fl_result_json *writer, uint64_t line,
                          const struct fl_result *result)
{
    struct fl_json_text *out = &writer->line;
    fl_json_text_clear(out);
    write_answer_head(out, line, result);
    if (result->type == FL_COMMAND_BATCH)
        write_batch(writer, result);
    else
        write_body(out, result);
    FL_JSON_PUT(out, "}\n");
    fwrite(out->bytes, 1, out->length, writer->out);
}

void fl_result_json_member(struct fl_result_json *writer, const struct fl_result *result)
{
    struct fl_json_text *out = &writer->members;
    if (out->length > 0)
        FL_JSON_PUT(out, ",");
    write_answer_head(out, 0, result);
    write_body(out, result);
    FL_JSON_PUT(out, "}");
}

void fl_result_json_put_invalid(struct fl_json_text *out, uint64_t line,
                                const struct fl_command_json *reader, enum fl_status status)
{
    char message[320];
    bool syntax = status == FL_BAD_JSON && !reader->path[0];
    if (syntax && reader->position > 0)
        snprintf(message, sizeof message, "not a JSON object on one line: wrong at byte %zu",
                 reader->position + 1);
    else
        fl_message_invalid(status, reader->path, reader->value, message, sizeof message);
    write_head(out, line, reader->type, reader->id, strlen(reader->id), FL_CLASS_INVALID);
    write_code(out, status, message);
    if (reader->path[0]) {
        FL_JSON_PUT(out, ",\"field\":");
        fl_json_put_string(out, reader->path, strlen(reader->path));
    }
    if (reader->failed_member >= 0) {
        FL_JSON_PUT(out, ",\"applied\":0,\"failed\":{\"index\":");
        fl_json_put_number(out, reader->failed_member);
        write_code(out, status, message);
        FL_JSON_PUT(out, "}");
    }
    FL_JSON_PUT(out, "}");
}

void fl_result_json_invalid(struct fl_result_json *writer, uint64_t line,
                            const struct fl_command_json *reader, enum fl_status status)
{
    fl_json_text_clear(&writer->line);
    fl_result_json_put_invalid(&writer->line, line, reader, status);
    FL_JSON_PUT(&writer->line, "\n");
    fwrite(writer->line.bytes, 1, writer->line.length, writer->out);
}
