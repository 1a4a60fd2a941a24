/* Proves a command's bytes before anything else reads them (K2): offsets, counts, enums, texts, padding. */
#include <string.h>

#include "core/base/currency.h"
#include "core/base/utf8.h"
#include "core/engine/command_schema.h"

struct check {
    const char *bytes;
    uint64_t length;
    const char *field;
};

static enum fl_status check_shape(struct check *c, const struct fl_shape *shape, uint64_t offset);

static bool has_control(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return true;
    }
    return false;
}

static enum fl_status check_text(struct check *c, struct fl_text text, uint32_t max, bool is_id)
{
    if (text.length == 0)
        return FL_OK;
    if ((uint64_t)text.offset + text.length > c->length || text.offset < sizeof(struct fl_command))
        return FL_OUT_OF_RANGE;
    if (text.length > max)
        return FL_TOO_LONG;
    const char *at = c->bytes + text.offset;
    if (!fl_utf8_is_valid(at, text.length))
        return FL_NOT_UTF8;
    if (memchr(at, 0, text.length) || (is_id && has_control(at, text.length)))
        return FL_BAD_VALUE;
    return FL_OK;
}

static enum fl_status check_decimal(const struct fl_decimal *d, bool may_be_null)
{
    if (d->scale > 18 || d->state > FL_DECIMAL_NULL || (d->state == FL_DECIMAL_NULL && !may_be_null))
        return FL_BAD_VALUE;
    if (d->state != FL_DECIMAL_VALUE && (d->units != 0 || d->scale != 0))
        return FL_BAD_VALUE;
    if (d->scale > 0 && d->units % 10 == 0)
        return FL_BAD_VALUE; /* not canonical: two forms of one value */
    for (unsigned i = 0; i < sizeof d->zeros; i++) {
        if (d->zeros[i] != 0)
            return FL_BAD_VALUE;
    }
    return FL_OK;
}

static unsigned enum_count(const char *const *names)
{
    unsigned n = 0;
    while (names[n])
        n++;
    return n;
}

static enum fl_status list_bounds(const struct check *c, struct fl_list list, uint64_t element,
                                  uint32_t max)
{
    if (list.count == 0)
        return list.offset == 0 ? FL_OK : FL_BAD_VALUE;
    if (list.count > max)
        return FL_TOO_LONG;
    if ((list.offset & 7) != 0 || list.offset < sizeof(struct fl_command) ||
        list.offset + element * list.count > c->length)
        return FL_OUT_OF_RANGE;
    return FL_OK;
}

static enum fl_status check_list(struct check *c, const struct fl_field *field, struct fl_list list)
{
    FL_TRY(list_bounds(c, list, field->shape->bytes, field->max));
    for (uint32_t i = 0; i < list.count; i++)
        FL_TRY(check_shape(c, field->shape, list.offset + (uint64_t)i * field->shape->bytes));
    return FL_OK;
}

static enum fl_status check_texts(struct check *c, const struct fl_field *field,
                                  struct fl_list list)
{
    FL_TRY(list_bounds(c, list, sizeof(struct fl_text_item), field->max));
    for (uint32_t i = 0; i < list.count; i++) {
        struct fl_text_item item;
        memcpy(&item, c->bytes + list.offset + i * sizeof item, sizeof item);
        FL_TRY(check_text(c, item.text, 256, false));
    }
    return FL_OK;
}

static enum fl_status check_map(struct check *c, const struct fl_field *field, struct fl_list list)
{
    FL_TRY(list_bounds(c, list, sizeof(struct fl_currency_amount), field->max));
    for (uint32_t i = 0; i < list.count; i++) {
        struct fl_currency_amount pair;
        memcpy(&pair, c->bytes + list.offset + i * sizeof pair, sizeof pair);
        if (pair.currency == FL_CURRENCY_NONE || pair.currency >= FL_CURRENCY_COUNT ||
            pair.amount.state != FL_DECIMAL_VALUE)
            return FL_BAD_VALUE;
        FL_TRY(check_decimal(&pair.amount, false));
    }
    return FL_OK;
}

static enum fl_status check_members(struct check *c, const struct fl_field *field,
                                    struct fl_list list)
{
    uint64_t at = list.offset;
    if (list.count == 0)
        return FL_BAD_VALUE;
    if (list.count > field->max)
        return FL_TOO_LONG;
    if ((at & 7) != 0 || at < sizeof(struct fl_command))
        return FL_OUT_OF_RANGE;
    for (uint32_t i = 0; i < list.count; i++) {
        struct fl_command member;
        if (at + sizeof member > c->length)
            return FL_OUT_OF_RANGE;
        memcpy(&member, c->bytes + at, sizeof member);
        if (member.type == FL_COMMAND_BATCH)
            return FL_BAD_VALUE;
        if (member.bytes > c->length - at)
            return FL_OUT_OF_RANGE;
        FL_TRY(fl_command_check(c->bytes + at, member.bytes, &c->field));
        at += member.bytes;
    }
    return FL_OK;
}

static enum fl_status check_small(const struct fl_field *field, uint8_t value)
{
    switch (field->kind) {
    case FL_KIND_CHOICE:
        return value <= FL_CHOICE_YES ? FL_OK : FL_BAD_VALUE;
    case FL_KIND_ENUM:
        return value <= enum_count(field->names) ? FL_OK : FL_BAD_VALUE;
    default:
        return value < FL_CURRENCY_COUNT ? FL_OK : FL_BAD_VALUE;
    }
}

static enum fl_status check_field(struct check *c, const struct fl_field *field, uint64_t at)
{
    struct fl_text text;
    struct fl_list list;
    struct fl_decimal decimal;
    struct fl_amount amount;
    memcpy(&text, c->bytes + at, sizeof text);
    memcpy(&list, c->bytes + at, sizeof list);
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_ID:
        return check_text(c, text, FL_ID_BYTES_MAX, true);
    case FL_KIND_TEXT:
        return check_text(c, text, field->max ? field->max : FL_TEXT_BYTES_MAX, false);
    case FL_KIND_CHARS2:
        return text.length == 0 || text.length == 2 ? check_text(c, text, 2, true) : FL_BAD_VALUE;
    case FL_KIND_DECIMAL:
    case FL_KIND_DECIMAL_NULL:
        memcpy(&decimal, c->bytes + at, sizeof decimal);
        return check_decimal(&decimal, field->kind == FL_KIND_DECIMAL_NULL);
    case FL_KIND_AMOUNT:
        memcpy(&amount, c->bytes + at, sizeof amount);
        FL_TRY(check_decimal(&amount.gross, false));
        FL_TRY(check_decimal(&amount.net, false));
        return check_decimal(&amount.tax, false);
    case FL_KIND_CHOICE:
    case FL_KIND_ENUM:
    case FL_KIND_CURRENCY:
        return check_small(field, (uint8_t)c->bytes[at]);
    case FL_KIND_OBJECT:
        return check_shape(c, field->shape, at);
    case FL_KIND_LIST:
        return check_list(c, field, list);
    case FL_KIND_TEXT_LIST:
        return check_texts(c, field, list);
    case FL_KIND_BUCKETS:
        return list_bounds(c, list, sizeof(struct fl_bucket), field->max);
    case FL_KIND_CURRENCY_MAP:
        return check_map(c, field, list);
    case FL_KIND_COMMANDS:
        return check_members(c, field, list);
    case FL_KIND_DATE:
    case FL_KIND_DAY_OR_INSTANT:
    case FL_KIND_NUMBER:
    case FL_KIND_COUNT:
        return FL_OK; /* every value is one; what it may be is the engine's to say */
    }
    return FL_BAD_VALUE;
}

static bool is_absent(const struct check *c, const struct fl_field *field, uint64_t at)
{
    struct fl_text text;
    struct fl_decimal decimal;
    memcpy(&text, c->bytes + at, sizeof text);
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_ID:
    case FL_KIND_TEXT:
    case FL_KIND_CHARS2:
        return text.length == 0;
    case FL_KIND_LIST:
    case FL_KIND_TEXT_LIST:
    case FL_KIND_COMMANDS:
        return text.length == 0; /* the count stands where a text has its length */
    case FL_KIND_DECIMAL:
        memcpy(&decimal, c->bytes + at, sizeof decimal);
        return decimal.state == FL_DECIMAL_ABSENT;
    case FL_KIND_ENUM:
    case FL_KIND_CURRENCY:
        return c->bytes[at] == 0;
    case FL_KIND_DATE:
        return c->bytes[at] == 0 && c->bytes[at + 1] == 0;
    case FL_KIND_NUMBER:
        return text.offset == 0;
    default:
        return false;
    }
}

/* An object that is not there at all (all zero) has no required fields. */
static bool object_is_absent(const struct check *c, const struct fl_shape *shape, uint64_t offset)
{
    for (uint32_t i = 0; i < shape->bytes; i++) {
        if (c->bytes[offset + i] != 0)
            return false;
    }
    return true;
}

static enum fl_status check_shape(struct check *c, const struct fl_shape *shape, uint64_t offset)
{
    for (unsigned i = 0; i < shape->field_count; i++) {
        const struct fl_field *field = &shape->fields[i];
        uint64_t at = offset + field->offset;
        if (field->kind == FL_KIND_OBJECT && object_is_absent(c, field->shape, at))
            continue;
        enum fl_status status = check_field(c, field, at);
        if (status == FL_OK && field->flags & FL_FIELD_REQUIRED && is_absent(c, field, at))
            status = FL_MISSING_FIELD;
        if (status != FL_OK) {
            if (!c->field)
                c->field = field->name;
            return status;
        }
    }
    return FL_OK;
}

static enum fl_status check_id(struct check *c, const struct fl_command *command,
                               const struct fl_command_shape *shape)
{
    bool takes = shape->header & (FL_HEADER_ID_REQUIRED | FL_HEADER_ID_OPTIONAL);
    c->field = "id";
    if (command->id.length == 0) {
        /* Room for the series' id. */
        if (command->id.offset != 0 &&
            (!(shape->header & FL_HEADER_SERIES) ||
             (uint64_t)command->id.offset + FL_ID_BYTES_MAX > c->length ||
             command->id.offset < command->content_bytes))
            return FL_OUT_OF_RANGE;
        return shape->header & FL_HEADER_ID_REQUIRED ? FL_MISSING_FIELD : FL_OK;
    }
    if (!takes)
        return FL_UNKNOWN_FIELD;
    if (command->id.offset < command->content_bytes)
        return FL_OUT_OF_RANGE;
    return check_text(c, command->id, FL_ID_BYTES_MAX, true);
}

static enum fl_status check_header(struct check *c, const struct fl_command *command,
                                   const struct fl_command_shape *shape)
{
    c->field = "command";
    if (command->bytes != c->length || (command->bytes & 7) != 0 ||
        command->content_bytes > command->bytes || (command->content_bytes & 7) != 0 ||
        command->content_bytes < sizeof *command + shape->shape.bytes)
        return FL_OUT_OF_RANGE;
    if (command->version > FL_COMMAND_VERSION || command->zeros != 0 ||
        command->zeros64[0] != 0 || command->zeros64[1] != 0)
        return FL_BAD_VALUE;
    FL_TRY(check_id(c, command, shape));
    c->field = "key";
    if (command->key.length == 0)
        return shape->header & FL_HEADER_KEY_REQUIRED ? FL_MISSING_FIELD : FL_OK;
    if (command->key.offset < command->content_bytes)
        return FL_OUT_OF_RANGE;
    return check_text(c, command->key, FL_ID_BYTES_MAX, true);
}

enum fl_status fl_command_check(const void *command, uint64_t bytes, const char **field_out)
{
    struct check c = {.bytes = command, .length = bytes};
    struct fl_command header;
    enum fl_status status = FL_OUT_OF_RANGE;
    c.field = "command";
    if (bytes >= sizeof header && bytes <= FL_RECORD_BYTES_MAX && ((uintptr_t)command & 7) == 0) {
        memcpy(&header, command, sizeof header);
        const struct fl_command_shape *shape = fl_command_shape(header.type);
        status = shape ? check_header(&c, &header, shape) : FL_UNKNOWN_TYPE;
        if (status == FL_OK) {
            c.field = NULL;
            status = check_shape(&c, &shape->shape, sizeof header);
        }
    }
    if (field_out)
        *field_out = status == FL_OK ? NULL : c.field;
    return status;
}
