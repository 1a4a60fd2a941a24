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
    if (writer->members_out)
        fclose(writer->members_out);
    free(writer->members);
    *writer = (struct fl_result_json){.out = NULL};
}

/* ---- the sentence -------------------------------------------------------------------------------- */

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

static void invalid_words(enum fl_status status, const char *field, char *out, size_t n)
{
    const char *what = field[0] ? field : "command";
    switch (status) {
    case FL_BAD_JSON:
        snprintf(out, n, field[0] ? "%s: stands twice" : "not a JSON object on one line", what);
        break;
    case FL_UNKNOWN_TYPE:
        snprintf(out, n, "%s: there is no such command", what);
        break;
    case FL_UNKNOWN_FIELD:
        snprintf(out, n, "%s: no field of this command", what);
        break;
    case FL_MISSING_FIELD:
        snprintf(out, n, "%s: is missing", what);
        break;
    case FL_TOO_MANY_DECIMALS:
        snprintf(out, n, "%s: more decimals than it can have", what);
        break;
    case FL_OUT_OF_RANGE:
        snprintf(out, n, "%s: too large or too small", what);
        break;
    case FL_NOT_UTF8:
        snprintf(out, n, "%s: not valid UTF-8", what);
        break;
    case FL_TOO_LONG:
        snprintf(out, n, "%s: too long", what);
        break;
    default:
        snprintf(out, n, "%s: not a value it can have", what);
        break;
    }
}

void fl_result_message(const struct fl_result *result, char *out, size_t bytes)
{
    struct words w;
    field_text(result, FL_RESULT_FIELD, w.field);
    field_text(result, FL_RESULT_VALUE, w.value);
    if (fl_status_class(result->status) == FL_CLASS_INVALID) {
        invalid_words(result->status, w.field, out, bytes);
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

/* ---- the line -------------------------------------------------------------------------------------- */

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

static void write_value(FILE *out, const struct fl_result *result,
                        const struct fl_result_field *field)
{
    char text[160];
    field_text(result, field->name, text);
    if (field->kind == FL_RESULT_KIND_NUMBER)
        fputs(text, out);
    else if (field->kind == FL_RESULT_KIND_BOOL)
        fputs(field->value ? "true" : "false", out);
    else if (field->kind == FL_RESULT_KIND_TEXT)
        fl_json_write_string(out, result->text + field->text_offset, field->text_length);
    else
        fprintf(out, "\"%s\"", text);
}

static void write_fields(FILE *out, const struct fl_result *result)
{
    for (unsigned i = 0; i < result->field_count; i++) {
        const struct fl_result_field *field = &result->fields[i];
        fprintf(out, ",\"%s\":", fl_result_name(field->name));
        write_value(out, result, field);
    }
}

static void write_refusal(FILE *out, const struct fl_result *result)
{
    char message[512];
    fl_result_message(result, message, sizeof message);
    fprintf(out, ",\"code\":\"%s\",\"message\":", fl_status_name(result->status));
    fl_json_write_string(out, message, strlen(message));
}

static void write_head(FILE *out, uint64_t line, const struct fl_result *result)
{
    putc('{', out);
    if (line > 0)
        fprintf(out, "\"line\":%" PRIu64 ",", line);
    fprintf(out, "\"type\":\"%s\"", fl_command_name(result->type));
    if (result->id_length > 0) {
        fputs(",\"id\":", out);
        fl_json_write_string(out, result->id, result->id_length);
    }
    fprintf(out, ",\"result\":\"%s\"", class_word(fl_status_class(result->status)));
    if (result->seq > 0)
        fprintf(out, ",\"seq\":%" PRIu64, result->seq);
}

/* {index, id, code, message}: the member that failed, from the fields that the engine left of it. */
static void write_failed(FILE *out, const struct fl_result *result)
{
    const struct fl_result_field *index = field_of(result, FL_RESULT_INDEX);
    const struct fl_result_field *id = field_of(result, FL_RESULT_ID);
    if (!index)
        return;
    fprintf(out, ",\"failed\":{\"index\":%" PRId64, index->value);
    if (id && id->text_length > 0) {
        fputs(",\"id\":", out);
        fl_json_write_string(out, result->text + id->text_offset, id->text_length);
    }
    write_refusal(out, result);
    putc('}', out);
}

static void write_batch(struct fl_result_json *writer, const struct fl_result *result)
{
    FILE *out = writer->out;
    const struct fl_result_field *count = field_of(result, FL_RESULT_COUNT);
    bool stands = result->status == FL_OK || result->status == FL_DUPLICATE;
    if (!stands)
        write_refusal(out, result);
    fprintf(out, ",\"applied\":%" PRId64, stands && count ? count->value : 0);
    write_failed(out, result);
    if (writer->members_out) {
        fclose(writer->members_out);
        writer->members_out = NULL;
        fprintf(out, ",\"results\":[%s]", writer->members);
        free(writer->members);
        writer->members = NULL;
    }
}

static void write_body(struct fl_result_json *writer, FILE *out, const struct fl_result *result)
{
    enum fl_status_class class = fl_status_class(result->status);
    if (result->type == FL_COMMAND_BATCH) {
        write_batch(writer, result);
    } else if (class == FL_CLASS_ACCEPTED || class == FL_CLASS_DUPLICATE) {
        if (result->flags & FL_FLAG_AT_RAISED)
            fputs(",\"at_raised\":true", out);
        write_fields(out, result);
    } else {
        write_refusal(out, result);
        write_fields(out, result);
    }
}

void fl_result_json_write(struct fl_result_json *writer, uint64_t line,
                          const struct fl_result *result)
{
    write_head(writer->out, line, result);
    write_body(writer, writer->out, result);
    fputs("}\n", writer->out);
}

void fl_result_json_member(struct fl_result_json *writer, const struct fl_result *result)
{
    if (!writer->members_out)
        writer->members_out = open_memstream(&writer->members, &writer->members_length);
    else
        putc(',', writer->members_out);
    if (!writer->members_out)
        return; /* no memory for them: the batch's own line still says what happened */
    write_head(writer->members_out, 0, result);
    write_body(writer, writer->members_out, result);
    putc('}', writer->members_out);
}

void fl_result_json_invalid(struct fl_result_json *writer, uint64_t line, const char *type,
                            const char *id, enum fl_status status, const char *field)
{
    FILE *out = writer->out;
    char message[256];
    invalid_words(status, field, message, sizeof message);
    fprintf(out, "{\"line\":%" PRIu64, line);
    if (type[0]) {
        fputs(",\"type\":", out);
        fl_json_write_string(out, type, strlen(type));
    }
    if (id[0]) {
        fputs(",\"id\":", out);
        fl_json_write_string(out, id, strlen(id));
    }
    fprintf(out, ",\"result\":\"invalid\",\"code\":\"%s\",\"message\":", fl_status_name(status));
    fl_json_write_string(out, message, strlen(message));
    if (field[0]) {
        fputs(",\"field\":", out);
        fl_json_write_string(out, field, strlen(field));
    }
    fputs("}\n", out);
}
