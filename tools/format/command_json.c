#include "tools/format/command_json.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/utf8.h"
#include "core/engine/command_builder.h"
#include "core/engine/command_schema.h"

#define FIELDS_MAX 32

struct reading {
    struct fl_command_json *reader;
    const struct fl_json_node *nodes;
    struct fl_command_builder *builder;
};

enum fl_status fl_command_json_open(struct fl_command_json *reader, const char *zone,
                                    size_t zone_length)
{
    memset(reader, 0, sizeof *reader);
    reader->capacity = FL_RECORD_BYTES_MAX;
    reader->json = fl_json_create();
    reader->buffer = aligned_alloc(64, reader->capacity);
    reader->member = aligned_alloc(64, reader->capacity);
    if (!reader->json || !reader->buffer || !reader->member)
        return FL_NO_MEMORY;
    return fl_time_zone_open(&reader->zone, zone, zone_length) ? FL_OK : FL_BAD_VALUE;
}

void fl_command_json_close(struct fl_command_json *reader)
{
    fl_json_destroy(reader->json);
    fl_time_zone_close(&reader->zone);
    free(reader->buffer);
    free(reader->member);
    memset(reader, 0, sizeof *reader);
}

/* ---- paths ------------------------------------------------------------------------------------ */

/* Refusals are rare: the path is built from the inside out, each level putting itself in front. */
static enum fl_status at_name(struct reading *r, enum fl_status status, const char *name,
                              size_t length)
{
    char rest[FL_PATH_MAX];
    if (length > 40)
        length = 40;
    snprintf(rest, sizeof rest, "%s", r->reader->path);
    bool dot = rest[0] != '\0' && rest[0] != '[';
    snprintf(r->reader->path, FL_PATH_MAX, "%.*s%s%.50s", (int)length, name, dot ? "." : "", rest);
    return status;
}

static enum fl_status at_index(struct reading *r, enum fl_status status, uint32_t index)
{
    char rest[FL_PATH_MAX];
    snprintf(rest, sizeof rest, "%s", r->reader->path);
    bool dot = rest[0] != '\0' && rest[0] != '[';
    snprintf(r->reader->path, FL_PATH_MAX, "[%u]%s%.60s", index, dot ? "." : "", rest);
    return status;
}

/* ---- values ------------------------------------------------------------------------------------ */

static enum fl_status read_text(struct reading *r, const struct fl_json_node *node, uint32_t max,
                                bool is_id, struct fl_text *out)
{
    if (node->kind != FL_JSON_STRING)
        return FL_BAD_VALUE;
    if (node->text_length > max)
        return FL_TOO_LONG;
    if (is_id && node->text_length == 0)
        return FL_BAD_VALUE;
    for (uint32_t i = 0; i < node->text_length; i++) {
        unsigned char c = (unsigned char)node->text[i];
        if (c == 0 || (is_id && (c < 0x20 || c == 0x7F)))
            return FL_BAD_VALUE;
    }
    *out = fl_builder_text(r->builder, node->text, node->text_length);
    return r->builder->full ? FL_TOO_LONG : FL_OK;
}

static enum fl_status read_decimal(const struct fl_json_node *node, bool may_be_null,
                                   struct fl_decimal *out)
{
    if (node->kind == FL_JSON_NULL && may_be_null) {
        *out = (struct fl_decimal){.state = FL_DECIMAL_NULL};
        return FL_OK;
    }
    if (node->kind != FL_JSON_STRING && node->kind != FL_JSON_NUMBER)
        return FL_BAD_VALUE;
    return fl_decimal_parse(node->text, node->text_length, out);
}

static enum fl_status read_number(const struct fl_json_node *node, uint32_t *out)
{
    struct fl_decimal value;
    if (node->kind != FL_JSON_NUMBER && node->kind != FL_JSON_STRING)
        return FL_BAD_VALUE;
    enum fl_status status = fl_decimal_parse(node->text, node->text_length, &value);
    if (status != FL_OK)
        return status;
    if (value.scale != 0 || value.units < 0)
        return FL_BAD_VALUE;
    if (value.units >= UINT32_MAX)
        return FL_OUT_OF_RANGE;
    *out = (uint32_t)value.units;
    return FL_OK;
}

static enum fl_status read_choice(const struct fl_json_node *node, uint8_t *out)
{
    if (node->kind != FL_JSON_TRUE && node->kind != FL_JSON_FALSE)
        return FL_BAD_VALUE;
    *out = node->kind == FL_JSON_TRUE ? FL_CHOICE_YES : FL_CHOICE_NO;
    return FL_OK;
}

static enum fl_status read_enum(const struct fl_json_node *node, const char *const *names,
                                uint8_t *out)
{
    if (node->kind != FL_JSON_STRING)
        return FL_BAD_VALUE;
    for (unsigned i = 0; names[i]; i++) {
        if (strlen(names[i]) == node->text_length &&
            memcmp(names[i], node->text, node->text_length) == 0) {
            *out = (uint8_t)(i + 1);
            return FL_OK;
        }
    }
    return FL_BAD_VALUE;
}

static enum fl_status read_currency(const char *text, size_t length, uint8_t *out)
{
    *out = fl_currency_find(text, length);
    return *out == FL_CURRENCY_NONE ? FL_BAD_VALUE : FL_OK;
}

static enum fl_status read_shape(struct reading *r, const struct fl_shape *shape, uint32_t node,
                                 uint32_t offset);

/* {net, tax} or a decimal. */
static enum fl_status read_amount(struct reading *r, uint32_t at, struct fl_amount *out)
{
    const struct fl_json_node *node = &r->nodes[at];
    if (node->kind != FL_JSON_OBJECT)
        return read_decimal(node, false, &out->gross);
    for (uint32_t i = at + 1; i < node->end; i = r->nodes[i].end) {
        const struct fl_json_node *part = &r->nodes[i];
        bool net = part->key_length == 3 && memcmp(part->key, "net", 3) == 0;
        bool tax = part->key_length == 3 && memcmp(part->key, "tax", 3) == 0;
        if (!net && !tax)
            return at_name(r, FL_UNKNOWN_FIELD, part->key, part->key_length);
        struct fl_decimal *target = net ? &out->net : &out->tax;
        if (target->state != FL_DECIMAL_ABSENT)
            return at_name(r, FL_BAD_JSON, part->key, part->key_length);
        enum fl_status status = read_decimal(part, false, target);
        if (status != FL_OK)
            return at_name(r, status, part->key, part->key_length);
    }
    return out->net.state == FL_DECIMAL_VALUE ? FL_OK : at_name(r, FL_MISSING_FIELD, "net", 3);
}

static uint32_t child_count(const struct reading *r, uint32_t at)
{
    uint32_t count = 0;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end)
        count++;
    return count;
}

/* A list of `element_bytes`; its place in the builder is told by offset, since the buffer is only appended to. */
static enum fl_status list_begin(struct reading *r, uint32_t at, uint32_t element_bytes, uint32_t max,
                                 enum fl_json_kind kind, struct fl_list *out)
{
    void *elements;
    if (r->nodes[at].kind != kind)
        return FL_BAD_VALUE;
    uint32_t count = child_count(r, at);
    if (count > max)
        return FL_TOO_LONG;
    *out = fl_builder_list(r->builder, element_bytes, count, &elements);
    return r->builder->full ? FL_TOO_LONG : FL_OK;
}

static enum fl_status read_list(struct reading *r, const struct fl_field *field, uint32_t at,
                                uint32_t place)
{
    struct fl_list list;
    FL_TRY(list_begin(r, at, field->shape->bytes, field->max, FL_JSON_ARRAY, &list));
    memcpy(r->builder->buffer + place, &list, sizeof list);
    uint32_t index = 0;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end, index++) {
        enum fl_status status =
            read_shape(r, field->shape, i, list.offset + index * field->shape->bytes);
        if (status != FL_OK)
            return at_index(r, status, index);
    }
    return FL_OK;
}

static enum fl_status read_texts(struct reading *r, const struct fl_field *field, uint32_t at,
                                 uint32_t place)
{
    struct fl_list list;
    FL_TRY(list_begin(r, at, sizeof(struct fl_text_item), field->max, FL_JSON_ARRAY, &list));
    memcpy(r->builder->buffer + place, &list, sizeof list);
    uint32_t index = 0;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end, index++) {
        struct fl_text_item item = {{0, 0}};
        enum fl_status status = read_text(r, &r->nodes[i], 256, false, &item.text);
        if (status != FL_OK)
            return at_index(r, status, index);
        memcpy(r->builder->buffer + list.offset + index * sizeof item, &item, sizeof item);
    }
    return FL_OK;
}

static enum fl_status read_buckets(struct reading *r, const struct fl_field *field, uint32_t at,
                                   uint32_t place)
{
    struct fl_list list;
    FL_TRY(list_begin(r, at, sizeof(struct fl_bucket), field->max, FL_JSON_ARRAY, &list));
    memcpy(r->builder->buffer + place, &list, sizeof list);
    uint32_t index = 0;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end, index++) {
        struct fl_bucket bucket = {0, 0};
        enum fl_status status = read_number(&r->nodes[i], &bucket.days);
        if (status != FL_OK)
            return at_index(r, status, index);
        memcpy(r->builder->buffer + list.offset + index * sizeof bucket, &bucket, sizeof bucket);
    }
    return FL_OK;
}

static enum fl_status read_map(struct reading *r, const struct fl_field *field, uint32_t at,
                               uint32_t place)
{
    struct fl_list list;
    FL_TRY(list_begin(r, at, sizeof(struct fl_currency_amount), field->max, FL_JSON_OBJECT, &list));
    memcpy(r->builder->buffer + place, &list, sizeof list);
    uint32_t index = 0;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end, index++) {
        struct fl_currency_amount pair = {.currency = 0};
        const struct fl_json_node *node = &r->nodes[i];
        enum fl_status status = read_currency(node->key, node->key_length, &pair.currency);
        if (status == FL_OK)
            status = read_decimal(node, false, &pair.amount);
        if (status != FL_OK)
            return at_name(r, status, node->key, node->key_length);
        memcpy(r->builder->buffer + list.offset + index * sizeof pair, &pair, sizeof pair);
    }
    return FL_OK;
}

static enum fl_status read_command(struct reading *r, uint32_t node, char *buffer, bool inner,
                                   struct fl_command **out);

/* Members are built one by one in a buffer of their own and copied behind each other. */
static enum fl_status read_members(struct reading *r, const struct fl_field *field, uint32_t at,
                                   uint32_t place)
{
    if (r->nodes[at].kind != FL_JSON_ARRAY)
        return FL_BAD_VALUE;
    struct fl_list list = {fl_builder_align(r->builder), child_count(r, at)};
    if (list.count == 0)
        return FL_BAD_VALUE;
    if (list.count > field->max)
        return FL_TOO_LONG;
    uint32_t index = 0;
    struct fl_command_builder *outer = r->builder;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end, index++) {
        struct fl_command *member;
        struct fl_command_builder builder;
        r->builder = &builder;
        enum fl_status status = read_command(r, i, r->reader->member, true, &member);
        r->builder = outer;
        if (status == FL_OK && !fl_builder_member(outer, member))
            status = FL_TOO_LONG;
        if (status != FL_OK)
            return at_index(r, status, index);
    }
    memcpy(outer->buffer + place, &list, sizeof list);
    return FL_OK;
}

static enum fl_status read_field(struct reading *r, const struct fl_field *field, uint32_t at,
                                 uint32_t place)
{
    const struct fl_json_node *node = &r->nodes[at];
    struct fl_text text = {0, 0};
    struct fl_decimal decimal = {.state = 0};
    struct fl_amount amount = {.gross = {.state = 0}};
    uint8_t small = 0;
    uint16_t date = 0;
    uint32_t number = 0;
    char *base = r->builder->buffer;
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_ID:
    case FL_KIND_TEXT: {
        bool is_id = field->kind == FL_KIND_ID;
        uint32_t max = is_id ? FL_ID_BYTES_MAX : field->max ? field->max : FL_TEXT_BYTES_MAX;
        FL_TRY(read_text(r, node, max, is_id, &text));
        memcpy(base + place, &text, sizeof text);
        return FL_OK;
    }
    case FL_KIND_CHARS2:
        if (node->kind == FL_JSON_STRING && node->text_length != 2)
            return FL_BAD_VALUE;
        FL_TRY(read_text(r, node, 2, true, &text));
        memcpy(base + place, &text, sizeof text);
        return FL_OK;
    case FL_KIND_DECIMAL:
    case FL_KIND_DECIMAL_NULL:
        FL_TRY(read_decimal(node, field->kind == FL_KIND_DECIMAL_NULL, &decimal));
        memcpy(base + place, &decimal, sizeof decimal);
        return FL_OK;
    case FL_KIND_DATE:
        if (node->kind != FL_JSON_STRING)
            return FL_BAD_VALUE;
        FL_TRY(fl_date_parse(node->text, node->text_length, &date));
        memcpy(base + place, &date, sizeof date);
        return FL_OK;
    case FL_KIND_CHOICE:
        FL_TRY(read_choice(node, &small));
        base[place] = (char)small;
        return FL_OK;
    case FL_KIND_ENUM:
        FL_TRY(read_enum(node, field->names, &small));
        base[place] = (char)small;
        return FL_OK;
    case FL_KIND_CURRENCY:
        if (node->kind != FL_JSON_STRING)
            return FL_BAD_VALUE;
        FL_TRY(read_currency(node->text, node->text_length, &small));
        base[place] = (char)small;
        return FL_OK;
    case FL_KIND_NUMBER:
    case FL_KIND_COUNT:
        FL_TRY(read_number(node, &number));
        number += field->kind == FL_KIND_NUMBER;
        memcpy(base + place, &number, sizeof number);
        return FL_OK;
    case FL_KIND_OBJECT:
        return read_shape(r, field->shape, at, place);
    case FL_KIND_AMOUNT:
        FL_TRY(read_amount(r, at, &amount));
        memcpy(base + place, &amount, sizeof amount);
        return FL_OK;
    case FL_KIND_LIST:
        return read_list(r, field, at, place);
    case FL_KIND_TEXT_LIST:
        return read_texts(r, field, at, place);
    case FL_KIND_BUCKETS:
        return read_buckets(r, field, at, place);
    case FL_KIND_CURRENCY_MAP:
        return read_map(r, field, at, place);
    case FL_KIND_COMMANDS:
        return read_members(r, field, at, place);
    case FL_KIND_DAY_OR_INSTANT:
        return FL_OK; /* read_clock */
    }
    return FL_BAD_VALUE;
}

/* ---- objects ------------------------------------------------------------------------------------ */

static unsigned field_find(const struct fl_shape *shape, const char *key, uint32_t length)
{
    for (unsigned i = 0; i < shape->field_count; i++) {
        const char *name = shape->fields[i].name;
        if (name[0] == key[0] && strlen(name) == length && memcmp(name, key, length) == 0)
            return i;
    }
    return FIELDS_MAX;
}

/* The fields found, by number (0: absent), then read in the order of the table (K1). */
static enum fl_status read_found(struct reading *r, const struct fl_shape *shape,
                                 const uint32_t *found, uint32_t offset)
{
    for (unsigned i = 0; i < shape->field_count; i++) {
        const struct fl_field *field = &shape->fields[i];
        enum fl_status status = FL_OK;
        if (found[i] != 0)
            status = read_field(r, field, found[i], offset + field->offset);
        else if (field->flags & FL_FIELD_REQUIRED)
            status = FL_MISSING_FIELD;
        if (status != FL_OK)
            return at_name(r, status, field->name, strlen(field->name));
    }
    return FL_OK;
}

static enum fl_status read_shape(struct reading *r, const struct fl_shape *shape, uint32_t at,
                                 uint32_t offset)
{
    uint32_t found[FIELDS_MAX] = {0};
    if (r->nodes[at].kind != FL_JSON_OBJECT)
        return FL_BAD_VALUE;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end) {
        const struct fl_json_node *node = &r->nodes[i];
        unsigned field = node->key_length ? field_find(shape, node->key, node->key_length)
                                          : FIELDS_MAX;
        if (field == FIELDS_MAX)
            return at_name(r, FL_UNKNOWN_FIELD, node->key, node->key_length);
        if (found[field] != 0)
            return at_name(r, FL_BAD_JSON, node->key, node->key_length);
        found[field] = i;
    }
    return read_found(r, shape, found, offset);
}

/* ---- the command ---------------------------------------------------------------------------------- */

struct header_nodes {
    uint32_t type, id, key, at, date, due_date, series;
};

static uint32_t *header_slot(struct header_nodes *h, const struct fl_json_node *node)
{
    static const struct {
        const char *name;
        size_t offset;
    } slots[] = {
        {"type", offsetof(struct header_nodes, type)},
        {"id", offsetof(struct header_nodes, id)},
        {"key", offsetof(struct header_nodes, key)},
        {"at", offsetof(struct header_nodes, at)},
        {"date", offsetof(struct header_nodes, date)},
        {"due_date", offsetof(struct header_nodes, due_date)},
        {"series", offsetof(struct header_nodes, series)},
    };
    for (unsigned i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        if (strlen(slots[i].name) == node->key_length &&
            memcmp(slots[i].name, node->key, node->key_length) == 0)
            return (uint32_t *)((char *)h + slots[i].offset);
    }
    return NULL;
}

/* Header fields that this type does not take are unknown fields. */
static bool header_takes(const struct fl_command_shape *shape, const struct header_nodes *h,
                         const uint32_t *slot)
{
    unsigned takes = shape->header;
    if (slot == &h->id)
        return takes & (FL_HEADER_ID_REQUIRED | FL_HEADER_ID_OPTIONAL);
    if (slot == &h->date)
        return takes & (FL_HEADER_DATE | FL_HEADER_DATE_REQUIRED) ||
               shape->type == FL_COMMAND_CLOCK;
    if (slot == &h->due_date)
        return takes & FL_HEADER_DUE_DATE;
    if (slot == &h->series)
        return takes & FL_HEADER_SERIES;
    return true;
}

static enum fl_status type_find(struct reading *r, uint32_t at, const struct fl_command_shape **out)
{
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end) {
        const struct fl_json_node *node = &r->nodes[i];
        if (node->key_length == 2 && memcmp(node->key, "id", 2) == 0 &&
            node->kind == FL_JSON_STRING && node->text_length <= FL_ID_BYTES_MAX) {
            memcpy(r->reader->id, node->text, node->text_length);
            r->reader->id[node->text_length] = '\0';
        }
        if (node->key_length != 4 || memcmp(node->key, "type", 4) != 0)
            continue;
        if (node->kind != FL_JSON_STRING)
            return at_name(r, FL_BAD_VALUE, "type", 4);
        snprintf(r->reader->type, sizeof r->reader->type, "%.*s", (int)node->text_length,
                 node->text);
        *out = fl_command_shape_by_name(node->text, node->text_length);
        if (!*out)
            return at_name(r, FL_UNKNOWN_TYPE, "type", 4);
    }
    return *out ? FL_OK : at_name(r, FL_MISSING_FIELD, "type", 4);
}

static enum fl_status fields_find(struct reading *r, uint32_t at,
                                  const struct fl_command_shape *shape, struct header_nodes *h,
                                  uint32_t *found)
{
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end) {
        const struct fl_json_node *node = &r->nodes[i];
        uint32_t *slot = header_slot(h, node);
        if (slot && !header_takes(shape, h, slot))
            slot = NULL;
        if (!slot) {
            unsigned field = node->key_length
                                 ? field_find(&shape->shape, node->key, node->key_length)
                                 : FIELDS_MAX;
            if (field == FIELDS_MAX)
                return at_name(r, FL_UNKNOWN_FIELD, node->key, node->key_length);
            slot = &found[field];
        }
        if (*slot != 0)
            return at_name(r, FL_BAD_JSON, node->key, node->key_length);
        *slot = i;
    }
    return FL_OK;
}

static enum fl_status read_at(struct reading *r, uint32_t at, struct fl_command *command, bool inner)
{
    struct fl_command_json *reader = r->reader;
    const struct fl_json_node *node = &r->nodes[at];
    if (at == 0) {
        if (inner)
            return FL_OK; /* the batch's own `at` */
        command->at_us = reader->default_at_us ? reader->default_at_us : reader->now_us;
    } else {
        if (node->kind != FL_JSON_STRING ||
            fl_instant_parse(node->text, node->text_length, &command->at_us) != FL_OK ||
            command->at_us > reader->now_us + INT64_C(60000000))
            return at_name(r, FL_BAD_VALUE, "at", 2);
        command->flags |= FL_FLAG_AT_GIVEN;
    }
    command->at_day = fl_time_zone_day(&reader->zone, command->at_us);
    return command->at_day == 0 ? at_name(r, FL_BAD_VALUE, "at", 2) : FL_OK;
}

static enum fl_status read_day(struct reading *r, uint32_t at, const char *name, uint16_t *out)
{
    const struct fl_json_node *node = &r->nodes[at];
    if (node->kind != FL_JSON_STRING ||
        fl_date_parse(node->text, node->text_length, out) != FL_OK)
        return at_name(r, FL_BAD_VALUE, name, strlen(name));
    return FL_OK;
}

static enum fl_status read_dates(struct reading *r, const struct fl_command_shape *shape,
                                 const struct header_nodes *h, struct fl_command *command)
{
    if (h->date != 0 && shape->type != FL_COMMAND_CLOCK) {
        FL_TRY(read_day(r, h->date, "date", &command->date));
        command->flags |= FL_FLAG_DATE_GIVEN;
    } else if (shape->header & FL_HEADER_DATE_REQUIRED) {
        return at_name(r, FL_MISSING_FIELD, "date", 4);
    }
    if (h->due_date != 0) {
        FL_TRY(read_day(r, h->due_date, "due_date", &command->due_date));
        command->flags |= FL_FLAG_DUE_GIVEN;
    }
    if (h->series != 0) {
        if (r->nodes[h->series].kind != FL_JSON_TRUE)
            return at_name(r, FL_BAD_VALUE, "series", 6);
        command->flags |= FL_FLAG_SERIES;
    }
    return FL_OK;
}

/* clock {date}: 00:00 of that day in the book's zone; clock {at}: that instant. Not ten years beyond its own
 * `at`, which for a clock by date is when it arrived. */
static enum fl_status read_clock(struct reading *r, const struct header_nodes *h,
                                 struct fl_command *command)
{
    struct fl_command_clock *clock = (struct fl_command_clock *)(command + 1);
    struct fl_time_zone *zone = &r->reader->zone;
    uint16_t day;
    if (h->date != 0) {
        FL_TRY(read_day(r, h->date, "date", &day));
        clock->until_us = fl_time_zone_day_start(zone, day);
        clock->until_day = day;
        if (h->at == 0 && clock->until_us < command->at_us) {
            command->at_us = clock->until_us;
            command->at_day = day;
        }
    } else if (h->at != 0) {
        clock->until_us = command->at_us;
        clock->until_day = command->at_day;
    } else {
        return at_name(r, FL_MISSING_FIELD, "date", 4);
    }
    int64_t ten_years_us = INT64_C(3653) * 86400 * 1000000;
    if (clock->until_us - command->at_us > ten_years_us)
        return at_name(r, FL_BAD_VALUE, "date", 4);
    return FL_OK;
}

/* A new zone holds for the commands after it. */
static enum fl_status zone_follow(struct reading *r, const struct fl_command *command)
{
    const struct fl_command_book *book = fl_command_body(command);
    if (book->time_zone.length == 0)
        return FL_OK;
    struct fl_time_zone zone;
    if (!fl_time_zone_open(&zone, fl_command_text(command, book->time_zone),
                           book->time_zone.length))
        return at_name(r, FL_BAD_VALUE, "time_zone", 9);
    fl_time_zone_close(&r->reader->zone);
    r->reader->zone = zone;
    return FL_OK;
}

static enum fl_status check_id_text(struct reading *r, uint32_t at, const char *name)
{
    const struct fl_json_node *node = &r->nodes[at];
    enum fl_status status = FL_OK;
    if (node->kind != FL_JSON_STRING || node->text_length == 0)
        status = FL_BAD_VALUE;
    else if (node->text_length > FL_ID_BYTES_MAX)
        status = FL_TOO_LONG;
    for (uint32_t i = 0; status == FL_OK && i < node->text_length; i++) {
        if ((unsigned char)node->text[i] < 0x20 || node->text[i] == 0x7F)
            status = FL_BAD_VALUE;
    }
    return status == FL_OK ? FL_OK : at_name(r, status, name, strlen(name));
}

static enum fl_status finish(struct reading *r, const struct fl_command_shape *shape,
                             const struct header_nodes *h, struct fl_command **out)
{
    static const struct fl_json_node none;
    const struct fl_json_node *id = h->id ? &r->nodes[h->id] : &none;
    const struct fl_json_node *key = h->key ? &r->nodes[h->key] : &none;
    if (h->id != 0)
        FL_TRY(check_id_text(r, h->id, "id"));
    else if (shape->header & FL_HEADER_ID_REQUIRED)
        return at_name(r, FL_MISSING_FIELD, "id", 2);
    if (h->key != 0)
        FL_TRY(check_id_text(r, h->key, "key"));
    else if (shape->header & FL_HEADER_KEY_REQUIRED)
        return at_name(r, FL_MISSING_FIELD, "key", 3);
    *out = fl_builder_finish(r->builder, id->text, id->text_length, key->text, key->text_length);
    return *out ? FL_OK : FL_TOO_LONG;
}

static enum fl_status read_command(struct reading *r, uint32_t at, char *buffer, bool inner,
                                   struct fl_command **out)
{
    const struct fl_command_shape *shape = NULL;
    struct header_nodes h = {0};
    uint32_t found[FIELDS_MAX] = {0};
    if (r->nodes[at].kind != FL_JSON_OBJECT)
        return FL_BAD_VALUE;
    FL_TRY(type_find(r, at, &shape));
    if (inner && shape->type == FL_COMMAND_BATCH)
        return at_name(r, FL_BAD_VALUE, "type", 4);
    FL_TRY(fields_find(r, at, shape, &h, found));
    fl_builder_begin(r->builder, buffer, r->reader->capacity - FL_COMMAND_SLACK, shape->type);
    struct fl_command *command = fl_builder_header(r->builder);
    FL_TRY(read_at(r, h.at, command, inner));
    FL_TRY(read_dates(r, shape, &h, command));
    if (shape->type == FL_COMMAND_CLOCK)
        FL_TRY(read_clock(r, &h, command));
    else
        FL_TRY(read_found(r, &shape->shape, found, sizeof *command));
    FL_TRY(finish(r, shape, &h, out));
    return shape->type == FL_COMMAND_BOOK ? zone_follow(r, *out) : FL_OK;
}

enum fl_status fl_command_json_read(struct fl_command_json *reader, const char *text,
                                    size_t length, struct fl_command **out)
{
    uint32_t count;
    struct fl_command_builder builder;
    struct reading r = {.reader = reader, .builder = &builder};
    reader->path[0] = reader->type[0] = reader->id[0] = '\0';
    if (length > FL_RECORD_BYTES_MAX)
        return FL_TOO_LONG;
    switch (fl_json_parse(reader->json, text, length, &r.nodes, &count)) {
    case FL_JSON_OK:
        return read_command(&r, 0, reader->buffer, false, out);
    case FL_JSON_NOT_UTF8:
        return FL_NOT_UTF8;
    case FL_JSON_TOO_LARGE:
        return FL_TOO_LONG;
    default:
        return FL_BAD_JSON;
    }
}
