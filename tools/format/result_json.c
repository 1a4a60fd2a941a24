#include "tools/format/result_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/engine/command.h"
#include "tools/format/command_json.h"

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

/* ---- the sentence ----------------------------------------------------------------------- */

static const struct fl_result_field *field_of(const struct fl_result *result,
                                              enum fl_result_name name)
{
    for (unsigned i = 0; i < result->field_count; i++) {
        if (result->fields[i].name == name)
            return &result->fields[i];
    }
    return NULL;
}

static void field_text(const struct fl_result *result, enum fl_result_name name, char out[160])
{
    const struct fl_result_field *field = field_of(result, name);
    out[0] = '\0';
    if (!field)
        return;
    switch ((enum fl_result_kind)field->kind) {
    case FL_RESULT_KIND_AMOUNT:
        fl_decimal_format(field->value, field->decimals, out);
        break;
    case FL_RESULT_KIND_QUANTITY:
        fl_decimal_format_short(field->value, FL_QUANTITY_DECIMALS, out);
        break;
    case FL_RESULT_KIND_NUMBER:
    case FL_RESULT_KIND_BOOL:
        snprintf(out, 160, "%" PRId64, field->value);
        break;
    case FL_RESULT_KIND_DATE:
        fl_date_format((uint16_t)field->value, out);
        break;
    case FL_RESULT_KIND_TEXT:
        snprintf(out, 160, "%.*s", field->text_length > 150 ? 150 : field->text_length,
                 result->text + field->text_offset);
        break;
    }
}

struct words {
    char field[160], value[160], product[160], wanted[160], available[160], open[160],
        unapplied[160], refundable[160], expected[160], difference[160], through[160], date[160];
};

static void refused_words(const struct fl_result *result, const struct words *w, char *out,
                          size_t n)
{
    switch ((enum fl_status)result->status) {
    case FL_KEY_REUSED:
        snprintf(out, n, "this id or key was used before with other content");
        break;
    case FL_NOT_FOUND:
        snprintf(out, n, "%s %s: not found", w->field, w->value);
        break;
    case FL_CLOCK_BACKWARDS:
        snprintf(out, n, "the business date is %s already; time does not run backwards", w->date);
        break;
    case FL_PERIOD_CLOSED:
        snprintf(out, n, "%s: the books are closed through %s", w->field, w->through);
        break;
    case FL_DATE_BEFORE_DOCUMENT:
        snprintf(out, n, "%s lies before the document's own day", w->field);
        break;
    case FL_CURRENCY_DIFFERS:
        snprintf(out, n, "%s %s: another currency", w->field, w->value);
        break;
    case FL_NO_RATE:
        snprintf(out, n, "no exchange rate for %s on that day", w->value);
        break;
    case FL_WRONG_STATE:
        snprintf(out, n, "%s %s: not possible in its present state", w->field, w->value);
        break;
    case FL_SERIES_RESERVED:
        snprintf(out, n, "id %s belongs to the number series", w->value);
        break;
    case FL_CUSTOMER_HOLD:
        snprintf(out, n, "customer %s is on hold", w->value);
        break;
    case FL_NOTHING_OPEN:
        snprintf(out, n, "%s %s: nothing is open", w->field, w->value);
        break;
    case FL_EXCEEDS_OPEN:
        snprintf(out, n, "%s wanted, %s open", w->wanted[0] ? w->wanted : "more", w->open);
        break;
    case FL_EXCEEDS_UNAPPLIED:
        snprintf(out, n, "%s wanted, %s unapplied", w->wanted, w->unapplied);
        break;
    case FL_EXCEEDS_CREDITABLE:
        snprintf(out, n, "only %s can still be credited", w->available);
        break;
    case FL_EXCEEDS_REFUNDABLE:
        snprintf(out, n, "only %s can still be refunded", w->refundable);
        break;
    case FL_UNBALANCED:
        snprintf(out, n, "opening and lines make %s, closing says %s: %s apart", w->expected,
                 w->value, w->difference);
        break;
    case FL_STOCK_SHORT:
        snprintf(out, n, "%s: %s wanted, %s available", w->product, w->wanted, w->available);
        break;
    default:
        snprintf(out, n, "%s", fl_status_name(result->status));
        break;
    }
}

static const char *invalid_what(enum fl_status status)
{
    switch (status) {
    case FL_BAD_JSON:
        return "stands twice";
    case FL_UNKNOWN_TYPE:
        return "there is no such command";
    case FL_UNKNOWN_FIELD:
        return "no field of this command";
    case FL_MISSING_FIELD:
        return "is missing";
    case FL_TOO_MANY_DECIMALS:
        return "more decimals than it can have";
    case FL_OUT_OF_RANGE:
        return "too large or too small";
    case FL_NOT_UTF8:
        return "not valid UTF-8";
    case FL_TOO_LONG:
        return "too long";
    default:
        return "not a value it can have";
    }
}

/* "lines[2].quantity \"abc\": not a value it can have" */
static void invalid_words(enum fl_status status, const char *field, const char *value, char *out,
                          size_t n)
{
    bool shows = value[0] && status != FL_NOT_UTF8 && status != FL_TOO_LONG;
    if (status == FL_BAD_JSON && !field[0])
        snprintf(out, n, "not a JSON object on one line");
    else
        snprintf(out, n, "%s%s%s%s: %s", field[0] ? field : "command", shows ? " \"" : "",
                 shows ? value : "", shows ? "\"" : "", invalid_what(status));
}

void fl_result_message(const struct fl_result *result, char *out, size_t bytes)
{
    struct words w;
    field_text(result, FL_RESULT_FIELD, w.field);
    field_text(result, FL_RESULT_VALUE, w.value);
    if (fl_status_class(result->status) == FL_CLASS_INVALID) {
        invalid_words(result->status, w.field, w.value, out, bytes);
        return;
    }
    field_text(result, FL_RESULT_PRODUCT, w.product);
    field_text(result, FL_RESULT_WANTED, w.wanted);
    field_text(result, FL_RESULT_AVAILABLE, w.available);
    field_text(result, FL_RESULT_OPEN, w.open);
    field_text(result, FL_RESULT_UNAPPLIED, w.unapplied);
    field_text(result, FL_RESULT_REFUNDABLE, w.refundable);
    field_text(result, FL_RESULT_EXPECTED, w.expected);
    field_text(result, FL_RESULT_DIFFERENCE, w.difference);
    field_text(result, FL_RESULT_THROUGH, w.through);
    field_text(result, FL_RESULT_DATE, w.date);
    refused_words(result, &w, out, bytes);
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
    const struct fl_result_field *index = field_of(result, FL_RESULT_INDEX);
    const struct fl_result_field *id = field_of(result, FL_RESULT_ID);
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
    const struct fl_result_field *count = field_of(result, FL_RESULT_COUNT);
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
        invalid_words(status, reader->path, reader->value, message, sizeof message);
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
