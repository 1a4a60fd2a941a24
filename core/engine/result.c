#include "core/engine/result.h"

#include <string.h>

#include "core/base/contract.h"

/* The packed form is the struct without the unused tails of id, fields and text. */
struct packed_header {
    uint64_t seq, tag;
    uint16_t type, status, flags, text_bytes;
    uint8_t field_count, id_length, zeros[6];
};
static_assert(sizeof(struct packed_header) == offsetof(struct fl_result, id), "same beginning");

void fl_result_clear(struct fl_result *result, unsigned type)
{
    memset(result, 0, sizeof(struct packed_header)); /* id, fields and text are as long as it says */
    result->type = (uint16_t)type;
}

static struct fl_result_field *field_add(struct fl_result *result, enum fl_result_name name,
                                         enum fl_result_kind kind)
{
    FL_ASSERT(result->field_count < FL_RESULT_FIELDS_MAX);
    struct fl_result_field *field = &result->fields[result->field_count++];
    *field = (struct fl_result_field){.name = (uint8_t)name, .kind = (uint8_t)kind};
    return field;
}

void fl_result_amount(struct fl_result *result, enum fl_result_name name, int64_t minor,
                      unsigned decimals)
{
    struct fl_result_field *field = field_add(result, name, FL_RESULT_KIND_AMOUNT);
    field->value = minor;
    field->decimals = (uint8_t)decimals;
}

void fl_result_quantity(struct fl_result *result, enum fl_result_name name, int64_t quantity_e6)
{
    field_add(result, name, FL_RESULT_KIND_QUANTITY)->value = quantity_e6;
}

void fl_result_number(struct fl_result *result, enum fl_result_name name, int64_t value)
{
    field_add(result, name, FL_RESULT_KIND_NUMBER)->value = value;
}

void fl_result_date(struct fl_result *result, enum fl_result_name name, uint16_t date_days)
{
    field_add(result, name, FL_RESULT_KIND_DATE)->value = date_days;
}

void fl_result_text(struct fl_result *result, enum fl_result_name name, const char *text,
                    size_t length)
{
    size_t room = FL_RESULT_TEXT_MAX - result->text_bytes;
    if (length > room)
        length = room;
    struct fl_result_field *field = field_add(result, name, FL_RESULT_KIND_TEXT);
    field->text_offset = result->text_bytes;
    field->text_length = (uint16_t)length;
    memcpy(result->text + result->text_bytes, text, length);
    result->text_bytes = (uint16_t)(result->text_bytes + length);
}

const struct fl_result_field *fl_result_find(const struct fl_result *result,
                                             enum fl_result_name name)
{
    for (unsigned i = 0; i < result->field_count; i++) {
        if (result->fields[i].name == name)
            return &result->fields[i];
    }
    return NULL;
}

const char *fl_result_name(unsigned name)
{
    static const char *const names[] = {
#define FL_RESULT_STRING(symbol, string) string,
        FL_RESULT_NAMES(FL_RESULT_STRING)
#undef FL_RESULT_STRING
    };
    return name < FL_RESULT_NAME_COUNT ? names[name] : "unknown";
}

size_t fl_result_packed_bytes(const struct fl_result *result)
{
    size_t bytes = sizeof(struct packed_header) + result->field_count * sizeof result->fields[0] +
                   result->id_length + result->text_bytes;
    return (bytes + 7) / 8 * 8;
}

/* Fields one by one: a copy of a length not known before costs a call or a slow string move. */
size_t fl_result_pack(const struct fl_result *result, void *out)
{
    char *at = out;
    memcpy(at, result, sizeof(struct packed_header));
    at += sizeof(struct packed_header);
    for (unsigned i = 0; i < result->field_count; i++, at += sizeof result->fields[0])
        memcpy(at, &result->fields[i], sizeof result->fields[0]);
    memcpy(at, result->id, result->id_length);
    at += result->id_length;
    memcpy(at, result->text, result->text_bytes);
    at += result->text_bytes;
    while ((size_t)(at - (char *)out) % 8 != 0)
        *at++ = 0;
    return (size_t)(at - (char *)out);
}

enum fl_status fl_result_unpack(const void *packed, size_t bytes, struct fl_result *out)
{
    const char *at = packed;
    if (bytes < sizeof(struct packed_header))
        return FL_BAD_VALUE;
    memcpy(out, at, sizeof(struct packed_header));
    if (out->field_count > FL_RESULT_FIELDS_MAX || out->id_length > sizeof out->id ||
        out->text_bytes > FL_RESULT_TEXT_MAX)
        return FL_BAD_VALUE;
    size_t fields = out->field_count * sizeof out->fields[0];
    if (bytes < sizeof(struct packed_header) + fields + out->id_length + out->text_bytes)
        return FL_BAD_VALUE;
    at += sizeof(struct packed_header);
    memcpy(out->fields, at, fields);
    at += fields;
    memcpy(out->id, at, out->id_length);
    memcpy(out->text, at + out->id_length, out->text_bytes);
    for (unsigned i = 0; i < out->field_count; i++) {
        if (out->fields[i].text_offset + out->fields[i].text_length > out->text_bytes)
            return FL_BAD_VALUE;
    }
    return FL_OK;
}
