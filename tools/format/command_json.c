#define _GNU_SOURCE /* memmem */
#include "tools/format/command_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/utf8.h"
#include "core/engine/command_builder.h"
#include "core/engine/command_schema.h"

#define STEPS_MAX    12 /* commands[i].lines[i].payer.name, with room */
#define MINUTE_US    INT64_C(60000000)
#define TEN_YEARS_US (INT64_C(3653) * 86400 * 1000000)

/* Stands for each byte of a line that is no UTF-8, so that the rest can still be judged (Q2):
 * U+FFFF, which is no character. */
#define NO_CHARACTER "\xEF\xBF\xBF"

struct step {
    const char *name; /* null: an index */
    uint32_t length, index;
};

struct reading {
    struct fl_command_json *reader;
    const struct fl_json_node *nodes;
    struct fl_command_builder *builder;
    enum fl_status status; /* the first by precedence so far */
    bool repaired;         /* bytes that were no UTF-8 are NO_CHARACTER now */
    int64_t member;        /* of a batch; -1 */
    unsigned depth;
    struct step steps[STEPS_MAX];
};

enum fl_status fl_command_json_open(struct fl_command_json *reader, const char *zone,
                                    size_t zone_length)
{
    memset(reader, 0, sizeof *reader);
    reader->capacity = FL_COMMAND_BYTES_MAX + FL_COMMAND_SLACK;
    static_assert(FL_COMMAND_BYTES_MAX + FL_COMMAND_SLACK <= FL_RECORD_BYTES_MAX, "fits");
    reader->failed_member = -1;
    reader->json = fl_json_create();
    reader->buffer = aligned_alloc(64, FL_RECORD_BYTES_MAX);
    enum fl_status status = fl_field_tables_open(&reader->tables);
    if (status != FL_OK || !reader->json || !reader->buffer)
        return FL_NO_MEMORY;
    return fl_time_zone_open(&reader->zone, zone, zone_length) ? FL_OK : FL_BAD_VALUE;
}

void fl_command_json_close(struct fl_command_json *reader)
{
    fl_json_destroy(reader->json);
    fl_field_tables_close(reader->tables);
    fl_time_zone_close(&reader->zone);
    fl_time_zone_close(&reader->next_zone);
    free(reader->buffer);
    memset(reader, 0, sizeof *reader);
}

void fl_command_json_zone_settle(struct fl_command_json *reader, bool accepted)
{
    if (!reader->zone_waits)
        return;
    struct fl_time_zone *old = accepted ? &reader->zone : &reader->next_zone;
    fl_time_zone_close(old);
    if (accepted)
        reader->zone = reader->next_zone;
    memset(&reader->next_zone, 0, sizeof reader->next_zone);
    reader->zone_waits = false;
}

/* ---- what is wrong, and where -------------------------------------------------------------------
 */

static void step_in(struct reading *r, const char *name, size_t length, uint32_t index)
{
    FL_ASSERT(r->depth < STEPS_MAX);
    r->steps[r->depth++] = (struct step){name, (uint32_t)length, index};
}

static void step_out(struct reading *r)
{
    r->depth--;
}

/* As many whole characters as fit. */
static size_t put_cut(char *out, size_t room, const char *text, size_t length)
{
    if (length >= room)
        length = fl_utf8_valid_prefix(text, room - 1);
    memcpy(out, text, length);
    out[length] = '\0';
    return length;
}

static void path_write(struct reading *r)
{
    char *path = r->reader->path;
    size_t n = 0;
    path[0] = '\0';
    for (unsigned i = 0; i < r->depth; i++) {
        const struct step *step = &r->steps[i];
        if (!step->name) {
            int length = snprintf(path + n, FL_PATH_MAX - n, "[%u]", step->index);
            n += (size_t)length < FL_PATH_MAX - n ? (size_t)length : FL_PATH_MAX - 1 - n;
            continue;
        }
        if (n > 0)
            n += put_cut(path + n, FL_PATH_MAX - n, ".", 1);
        n += put_cut(path + n, FL_PATH_MAX - n, step->name, step->length);
    }
}

/* Keeps the answer that comes first by precedence (Q2). */
static void note(struct reading *r, enum fl_status status, const struct fl_json_node *value)
{
    if (r->status != FL_OK && r->status <= status)
        return;
    r->status = status;
    r->reader->failed_member = r->member;
    path_write(r);
    put_cut(r->reader->value, FL_PATH_MAX, value ? value->text : "",
            value ? value->text_length : 0);
}

static void note_at(struct reading *r, enum fl_status status, const char *name, size_t length,
                    const struct fl_json_node *value)
{
    step_in(r, name, length, 0);
    note(r, status, value);
    step_out(r);
}

static void note_name(struct reading *r, enum fl_status status, const char *name,
                      const struct fl_json_node *value)
{
    note_at(r, status, name, strlen(name), value);
}

/* ---- values ----------------------------------------------------------------------------- */

static bool is_broken(const struct reading *r, const char *text, size_t length)
{
    return r->repaired && memmem(text, length, NO_CHARACTER, 3) != NULL;
}

/* 1 to 64 bytes without control characters: C0, DEL and C1. */
static enum fl_status id_check(const struct reading *r, const struct fl_json_node *node)
{
    if (node->kind != FL_JSON_STRING || node->text_length == 0)
        return FL_BAD_VALUE;
    const unsigned char *text = (const unsigned char *)node->text;
    for (uint32_t i = 0; i < node->text_length; i++) {
        if (text[i] < 0x20 || text[i] == 0x7F || (text[i] == 0xC2 && text[i + 1] < 0xA0))
            return FL_BAD_VALUE;
    }
    if (is_broken(r, node->text, node->text_length))
        return FL_NOT_UTF8;
    return node->text_length > FL_ID_BYTES_MAX ? FL_TOO_LONG : FL_OK;
}

static enum fl_status text_check(const struct reading *r, const struct fl_json_node *node,
                                 uint32_t max)
{
    if (node->kind != FL_JSON_STRING || memchr(node->text, 0, node->text_length))
        return FL_BAD_VALUE;
    if (is_broken(r, node->text, node->text_length))
        return FL_NOT_UTF8;
    return node->text_length > max ? FL_TOO_LONG : FL_OK;
}

static enum fl_status put_text(struct reading *r, const struct fl_json_node *node, void *out)
{
    struct fl_text text = fl_builder_text(r->builder, node->text, node->text_length);
    memcpy(out, &text, sizeof text);
    return r->builder->full ? FL_TOO_LONG : FL_OK;
}

static enum fl_status read_text(struct reading *r, const struct fl_field *field,
                                const struct fl_json_node *node, void *out)
{
    if (field->kind == FL_KIND_ID) {
        FL_TRY(id_check(r, node));
    } else if (field->kind == FL_KIND_CHARS2) {
        FL_TRY(id_check(r, node));
        for (unsigned i = 0; i < 2; i++) {
            char letter = (char)(node->text[i] | 0x20);
            if (node->text_length != 2 || letter < 'a' || letter > 'z')
                return FL_BAD_VALUE;
        }
    } else {
        FL_TRY(text_check(r, node, field->max ? field->max : FL_TEXT_BYTES_MAX));
        if (node->text_length == 0)
            return field->flags & FL_FIELD_REQUIRED ? FL_MISSING_FIELD : FL_OK;
    }
    return put_text(r, node, out);
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

static enum fl_status read_number(const struct fl_json_node *node, uint32_t max, uint32_t *out)
{
    struct fl_decimal value;
    FL_TRY(read_decimal(node, false, &value));
    if (value.scale != 0)
        return FL_BAD_VALUE;
    if (value.units < 0 || value.units > max)
        return FL_OUT_OF_RANGE;
    *out = (uint32_t)value.units;
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

static enum fl_status read_day(const struct fl_json_node *node, uint16_t *out)
{
    if (node->kind != FL_JSON_STRING)
        return FL_BAD_VALUE;
    return fl_date_parse(node->text, node->text_length, out);
}

static enum fl_status read_currency(const char *text, size_t length, uint8_t *out)
{
    *out = fl_currency_find(text, length);
    return *out == FL_CURRENCY_NONE ? FL_BAD_VALUE : FL_OK;
}

static enum fl_status read_choice(const struct fl_json_node *node, uint8_t *out)
{
    if (node->kind != FL_JSON_TRUE && node->kind != FL_JSON_FALSE)
        return FL_BAD_VALUE;
    *out = node->kind == FL_JSON_TRUE ? FL_CHOICE_YES : FL_CHOICE_NO;
    return FL_OK;
}

/* ---- lists ------------------------------------------------------------------------------ */

static uint32_t child_count(const struct reading *r, uint32_t at)
{
    uint32_t count = 0;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end)
        count++;
    return count;
}

/* Room for the elements of a list, and their address; null if there are none or it failed. */
static void *list_begin(struct reading *r, const struct fl_field *field, uint32_t at, void *out,
                        uint32_t element_bytes, enum fl_json_kind kind)
{
    void *elements = NULL;
    uint32_t count = r->nodes[at].kind == kind ? child_count(r, at) : 0;
    if (r->nodes[at].kind != kind) {
        note(r, FL_BAD_VALUE, &r->nodes[at]);
    } else if (count > field->max) {
        note(r, FL_TOO_LONG, NULL);
    } else {
        struct fl_list list = fl_builder_list(r->builder, element_bytes, count, &elements);
        memcpy(out, &list, sizeof list);
        if (r->builder->full)
            note(r, FL_TOO_LONG, NULL);
    }
    if (count == 0 && r->nodes[at].kind == kind && field->flags & FL_FIELD_REQUIRED)
        note(r, FL_MISSING_FIELD, NULL);
    return elements;
}

static void read_object(struct reading *r, const struct fl_field_table *table, uint32_t at,
                        char *out);

static void read_list(struct reading *r, const struct fl_field *field,
                      const struct fl_field_table *table, uint32_t at, void *out)
{
    char *elements = list_begin(r, field, at, out, table->shape->bytes, FL_JSON_ARRAY);
    uint32_t index = 0;
    if (!elements)
        return;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end, index++) {
        step_in(r, NULL, 0, index);
        read_object(r, table, i, elements + (size_t)index * table->shape->bytes);
        step_out(r);
    }
}

/* The texts of a list of texts, or the days of buckets. */
static void read_items(struct reading *r, const struct fl_field *field, uint32_t at, void *out)
{
    char *elements = list_begin(r, field, at, out, 8, FL_JSON_ARRAY);
    uint32_t index = 0;
    static_assert(sizeof(struct fl_text_item) == 8 && sizeof(struct fl_bucket) == 8, "as read");
    if (!elements)
        return;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end, index++) {
        const struct fl_json_node *node = &r->nodes[i];
        void *element = elements + (size_t)index * 8;
        enum fl_status status;
        if (field->kind == FL_KIND_BUCKETS) {
            status = read_number(node, UINT32_MAX, element);
        } else {
            status = text_check(r, node, FL_TEXT_ITEM_BYTES_MAX);
            if (status == FL_OK)
                status = node->text_length > 0 ? put_text(r, node, element) : FL_BAD_VALUE;
        }
        if (status != FL_OK) {
            step_in(r, NULL, 0, index);
            note(r, status, node);
            step_out(r);
        }
    }
}

/* In order of currency, whatever the order of the members (Q1). */
static void map_put(struct reading *r, struct fl_currency_amount *pairs, uint32_t count,
                    const struct fl_currency_amount *pair, const struct fl_json_node *node)
{
    uint32_t at = count;
    while (at > 0 && pairs[at - 1].currency > pair->currency) {
        pairs[at] = pairs[at - 1];
        at--;
    }
    pairs[at] = *pair;
    if (at > 0 && pairs[at - 1].currency == pair->currency)
        note_at(r, FL_BAD_JSON, node->key, node->key_length, node);
}

static void read_map(struct reading *r, const struct fl_field *field, uint32_t at, void *out)
{
    struct fl_currency_amount *pairs = list_begin(r, field, at, out, sizeof *pairs, FL_JSON_OBJECT);
    uint32_t count = 0;
    if (!pairs)
        return;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end) {
        const struct fl_json_node *node = &r->nodes[i];
        struct fl_currency_amount pair = {.currency = 0};
        enum fl_status status = read_currency(node->key, node->key_length, &pair.currency);
        if (status == FL_OK)
            status = read_decimal(node, false, &pair.amount);
        if (status == FL_OK)
            map_put(r, pairs, count++, &pair, node);
        else
            note_at(r, status, node->key, node->key_length, node);
    }
}

static struct fl_command *read_command(struct reading *r, uint32_t at, bool inner);

static void read_members(struct reading *r, const struct fl_field *field, uint32_t at, void *out)
{
    struct fl_command_builder *outer = r->builder, builder;
    struct fl_list list = {fl_builder_align(outer), 0};
    if (r->nodes[at].kind != FL_JSON_ARRAY) {
        note(r, FL_BAD_VALUE, &r->nodes[at]);
        return;
    }
    if (child_count(r, at) > field->max) {
        note(r, FL_TOO_LONG, NULL);
        return;
    }
    r->builder = &builder;
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end) {
        step_in(r, NULL, 0, list.count);
        r->member = list.count++;
        builder = *outer; /* read_command begins where it ends */
        struct fl_command *member = read_command(r, i, true);
        if (member && !fl_builder_member_end(outer, member))
            note(r, FL_TOO_LONG, NULL);
        step_out(r);
    }
    r->member = -1;
    r->builder = outer;
    memcpy(out, &list, sizeof list);
    if (list.count == 0)
        note(r, FL_MISSING_FIELD, NULL);
}

/* ---- fields ----------------------------------------------------------------------------- */

/* {net, tax}, or a decimal: gross. */
static void read_amount(struct reading *r, uint32_t at, struct fl_amount *out)
{
    if (r->nodes[at].kind != FL_JSON_OBJECT) {
        enum fl_status status = read_decimal(&r->nodes[at], false, &out->gross);
        if (status != FL_OK)
            note(r, status, &r->nodes[at]);
        return;
    }
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end) {
        const struct fl_json_node *node = &r->nodes[i];
        bool net = node->key_length == 3 && memcmp(node->key, "net", 3) == 0;
        bool tax = node->key_length == 3 && memcmp(node->key, "tax", 3) == 0;
        struct fl_decimal *target = net ? &out->net : &out->tax;
        enum fl_status status = !net && !tax                         ? FL_UNKNOWN_FIELD
                                : target->state != FL_DECIMAL_ABSENT ? FL_BAD_JSON
                                                                     : FL_OK;
        if (status == FL_OK)
            status = read_decimal(node, false, target);
        if (status != FL_OK)
            note_at(r, status, node->key, node->key_length, node);
    }
    if (out->net.state == FL_DECIMAL_ABSENT)
        note_name(r, FL_MISSING_FIELD, "net", NULL);
}

static enum fl_status read_scalar(struct reading *r, const struct fl_field *field,
                                  const struct fl_json_node *node, char *out)
{
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_ID:
    case FL_KIND_TEXT:
    case FL_KIND_CHARS2:
        return read_text(r, field, node, out);
    case FL_KIND_DECIMAL:
    case FL_KIND_DECIMAL_NULL:
        return read_decimal(node, field->kind == FL_KIND_DECIMAL_NULL, (struct fl_decimal *)out);
    case FL_KIND_DATE:
        return read_day(node, (uint16_t *)out);
    case FL_KIND_CHOICE:
        return read_choice(node, (uint8_t *)out);
    case FL_KIND_ENUM:
        return read_enum(node, field->names, (uint8_t *)out);
    case FL_KIND_CURRENCY:
        return node->kind == FL_JSON_STRING
                   ? read_currency(node->text, node->text_length, (uint8_t *)out)
                   : FL_BAD_VALUE;
    case FL_KIND_COUNT:
        return read_number(node, UINT32_MAX, (uint32_t *)out);
    case FL_KIND_NUMBER:
        FL_TRY(read_number(node, UINT32_MAX - 1, (uint32_t *)out));
        *(uint32_t *)out += 1;
        return FL_OK;
    default:
        return FL_OK; /* clock's day: read_clock */
    }
}

static bool is_container(unsigned kind)
{
    return kind >= FL_KIND_OBJECT;
}
static_assert(FL_KIND_OBJECT > FL_KIND_CHARS2 && FL_KIND_OBJECT < FL_KIND_AMOUNT, "scalars first");

static void read_container(struct reading *r, const struct fl_field *field,
                           const struct fl_field_table *table, uint32_t at, char *out)
{
    step_in(r, field->name, strlen(field->name), 0);
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_OBJECT:
        read_object(r, table, at, out);
        break;
    case FL_KIND_AMOUNT:
        read_amount(r, at, (struct fl_amount *)out);
        break;
    case FL_KIND_LIST:
        read_list(r, field, table, at, out);
        break;
    case FL_KIND_CURRENCY_MAP:
        read_map(r, field, at, out);
        break;
    case FL_KIND_COMMANDS:
        read_members(r, field, at, out);
        break;
    default:
        read_items(r, field, at, out);
        break;
    }
    step_out(r);
}

/* The fields of an object, by entry of its table; 0: absent (the first node is never a member). */
static void fields_find(struct reading *r, const struct fl_field_table *table, uint32_t at,
                        uint32_t *found)
{
    memset(found, 0, table->names.count * sizeof *found);
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end) {
        const struct fl_json_node *node = &r->nodes[i];
        unsigned entry = fl_name_table_find(&table->names, node->key, node->key_length);
        if (FL_UNLIKELY(entry == FL_ENTRY_NONE))
            note_at(r, FL_UNKNOWN_FIELD, node->key, node->key_length, NULL);
        else if (FL_UNLIKELY(found[entry] != 0))
            note_at(r, FL_BAD_JSON, node->key, node->key_length, NULL);
        else
            found[entry] = i;
    }
}

/* In the order of the table, which is the order of the bytes (K1). */
static void fields_read(struct reading *r, const struct fl_field_table *table,
                        const uint32_t *found, char *out)
{
    const struct fl_shape *shape = table->shape;
    for (unsigned i = 0; i < shape->field_count; i++) {
        const struct fl_field *field = &shape->fields[i];
        uint32_t at = found[table->base + i];
        if (at == 0) {
            if (FL_UNLIKELY(field->flags & FL_FIELD_REQUIRED))
                note_name(r, FL_MISSING_FIELD, field->name, NULL);
        } else if (is_container(field->kind)) {
            read_container(r, field, table->children[i], at, out + field->offset);
        } else {
            enum fl_status status = read_scalar(r, field, &r->nodes[at], out + field->offset);
            if (FL_UNLIKELY(status != FL_OK))
                note_name(r, status, field->name, &r->nodes[at]);
        }
    }
}

static void read_object(struct reading *r, const struct fl_field_table *table, uint32_t at,
                        char *out)
{
    uint32_t found[FL_FIELDS_MAX];
    if (r->nodes[at].kind != FL_JSON_OBJECT) {
        note(r, FL_BAD_VALUE, &r->nodes[at]);
        return;
    }
    fields_find(r, table, at, found);
    fields_read(r, table, found, out);
}

/* ---- the header ------------------------------------------------------------------------- */

static unsigned type_find(struct reading *r, uint32_t at, bool inner)
{
    for (uint32_t i = at + 1; i < r->nodes[at].end; i = r->nodes[i].end) {
        const struct fl_json_node *node = &r->nodes[i];
        if (node->key_length != 4 || memcmp(node->key, "type", 4) != 0)
            continue;
        unsigned type = FL_COMMAND_NONE;
        if (node->kind == FL_JSON_STRING)
            type = fl_field_tables_type(r->reader->tables, node->text, node->text_length);
        if (type == FL_COMMAND_NONE)
            note_name(r, FL_UNKNOWN_TYPE, "type", node);
        bool alone = type == FL_COMMAND_BATCH || type == FL_COMMAND_CLOCK || type == FL_COMMAND_SLICE;
        if (inner && alone) {
            note_name(r, FL_BAD_VALUE, "type", node);
            return FL_COMMAND_NONE;
        }
        return type;
    }
    note_name(r, FL_MISSING_FIELD, "type", NULL);
    return FL_COMMAND_NONE;
}

static void read_at(struct reading *r, uint32_t at, struct fl_command *command, bool inner)
{
    struct fl_command_json *reader = r->reader;
    const struct fl_json_node *node = &r->nodes[at];
    if (at != 0) {
        if (node->kind != FL_JSON_STRING ||
            fl_instant_parse(node->text, node->text_length, &command->at_us) != FL_OK ||
            command->at_us > reader->now_us + MINUTE_US) {
            note_name(r, FL_BAD_VALUE, "at", node);
            return;
        }
        command->flags |= FL_FLAG_AT_GIVEN;
    } else if (inner) {
        return; /* the batch's own `at` */
    } else {
        command->at_us = reader->default_at_us ? reader->default_at_us : reader->now_us;
    }
    command->at_day = fl_time_zone_day(&reader->zone, command->at_us);
    if (command->at_day == FL_DATE_NONE)
        note_name(r, FL_BAD_VALUE, "at", at ? node : NULL);
}

static void read_header_day(struct reading *r, uint32_t at, const char *name, uint16_t *out,
                            struct fl_command *command, unsigned flag)
{
    if (at == 0)
        return;
    enum fl_status status = read_day(&r->nodes[at], out);
    if (status != FL_OK)
        note_name(r, status, name, &r->nodes[at]);
    command->flags |= (uint16_t)flag;
}

static void read_header(struct reading *r, unsigned header, const uint32_t *found,
                        struct fl_command *command)
{
    uint32_t mark = found[FL_ENTRY_MARK];
    read_header_day(r, found[FL_ENTRY_DATE], "date", &command->date, command, FL_FLAG_DATE_GIVEN);
    read_header_day(r, found[FL_ENTRY_DUE_DATE], "due_date", &command->due_date, command,
                    FL_FLAG_DUE_GIVEN);
    if (header & FL_HEADER_DATE_REQUIRED && found[FL_ENTRY_DATE] == 0)
        note_name(r, FL_MISSING_FIELD, "date", NULL);
    if (mark != 0) {
        bool series = header & FL_HEADER_SERIES;
        uint8_t choice = FL_CHOICE_ABSENT;
        if (read_choice(&r->nodes[mark], &choice) != FL_OK)
            note_name(r, FL_BAD_VALUE, series ? "series" : "sliced", &r->nodes[mark]);
        if (choice == FL_CHOICE_YES && series && found[FL_ENTRY_ID] == 0)
            note_name(r, FL_MISSING_FIELD, "id", NULL);
        if (choice == FL_CHOICE_YES)
            command->flags |= series ? FL_FLAG_SERIES : FL_FLAG_SLICED;
    }
}

/* An id or key, or an empty node. */
static const struct fl_json_node *read_name(struct reading *r, uint32_t at, const char *name,
                                            bool required)
{
    static const struct fl_json_node none;
    if (at == 0) {
        if (required)
            note_name(r, FL_MISSING_FIELD, name, NULL);
        return &none;
    }
    enum fl_status status = id_check(r, &r->nodes[at]);
    if (status == FL_OK)
        return &r->nodes[at];
    note_name(r, status, name, &r->nodes[at]);
    return &none;
}

/* ---- the command ------------------------------------------------------------------------ */

/* clock {date}: the first instant of that day in the book's zone, or an instant; clock {at}: that
 * instant. One by a past day that does not say when it became known became known then, so that a
 * history can be told. */
static void read_clock(struct reading *r, uint32_t date, struct fl_command *command)
{
    struct fl_command_clock *clock = (struct fl_command_clock *)(command + 1);
    struct fl_time_zone *zone = &r->reader->zone;
    bool at_given = command->flags & FL_FLAG_AT_GIVEN;
    const struct fl_json_node *node = &r->nodes[date];
    if (date == 0) {
        clock->until_us = command->at_us;
        clock->until_day = command->at_day;
        if (!at_given)
            note_name(r, FL_MISSING_FIELD, "date", NULL);
        return;
    }
    if (read_day(node, &clock->until_day) == FL_OK) {
        clock->until_us = fl_time_zone_day_start(zone, clock->until_day);
    } else if (node->kind == FL_JSON_STRING &&
               fl_instant_parse(node->text, node->text_length, &clock->until_us) == FL_OK) {
        clock->until_day = fl_time_zone_day(zone, clock->until_us);
    }
    if (clock->until_day == FL_DATE_NONE || clock->until_us - command->at_us > TEN_YEARS_US)
        note_name(r, FL_BAD_VALUE, "date", node);
    if (!at_given && clock->until_us < command->at_us) {
        command->at_us = clock->until_us;
        command->at_day = clock->until_day;
    }
}

/* The zone is kept aside until the book is accepted. */
static void read_zone(struct reading *r, const struct fl_command *command)
{
    const struct fl_command_book *book = fl_command_body(command);
    struct fl_time_zone zone;
    if (book->time_zone.length == 0)
        return;
    if (!fl_time_zone_open(&zone, fl_command_text(command, book->time_zone),
                           book->time_zone.length)) {
        note_name(r, FL_BAD_VALUE, "time_zone", NULL);
        return;
    }
    fl_command_json_zone_settle(r->reader, false); /* a second book in one batch */
    r->reader->next_zone = zone;
    r->reader->zone_waits = true;
}

static void keep_names(struct reading *r, const uint32_t *found, unsigned type)
{
    struct fl_command_json *reader = r->reader;
    uint32_t id = found[FL_ENTRY_ID];
    put_cut(reader->type, sizeof reader->type, fl_command_name(type),
            strlen(fl_command_name(type)));
    if (id != 0 && id_check(r, &r->nodes[id]) == FL_OK)
        put_cut(reader->id, sizeof reader->id, r->nodes[id].text, r->nodes[id].text_length);
}

static struct fl_command *read_command(struct reading *r, uint32_t at, bool inner)
{
    uint32_t found[FL_FIELDS_MAX];
    if (r->nodes[at].kind != FL_JSON_OBJECT) {
        note(r, inner ? FL_BAD_VALUE : FL_BAD_JSON, NULL);
        return NULL;
    }
    unsigned type = type_find(r, at, inner);
    if (type == FL_COMMAND_NONE)
        return NULL;
    const struct fl_command_shape *shape = fl_command_shape(type);
    const struct fl_field_table *table = fl_field_table_of(r->reader->tables, type);
    struct fl_command_builder *b = r->builder;
    char *body = fl_builder_begin(b, b->buffer + b->bytes, b->capacity - b->bytes, type);
    if (!body) {
        note(r, FL_TOO_LONG, NULL);
        return NULL;
    }
    struct fl_command *command = fl_builder_header(b);
    fields_find(r, table, at, found);
    read_at(r, found[FL_ENTRY_AT], command, inner);
    read_header(r, shape->header, found, command);
    fields_read(r, table, found, body);
    if (type == FL_COMMAND_CLOCK)
        read_clock(r, found[FL_ENTRY_BODY], command);
    const struct fl_json_node *id =
        read_name(r, found[FL_ENTRY_ID], "id", shape->header & FL_HEADER_ID_REQUIRED);
    const struct fl_json_node *key =
        read_name(r, found[FL_ENTRY_KEY], "key", shape->header & FL_HEADER_KEY_REQUIRED);
    command = fl_builder_finish(b, id->text, id->text_length, key->text, key->text_length);
    if (!command)
        note(r, FL_TOO_LONG, NULL);
    else if (type == FL_COMMAND_BOOK)
        read_zone(r, command);
    if (FL_UNLIKELY(r->status != FL_OK) && !inner)
        keep_names(r, found, type);
    return command;
}

/* ---- the line --------------------------------------------------------------------------- */

static enum fl_status read_nodes(struct fl_command_json *reader, const struct fl_json_node *nodes,
                                 bool repaired, struct fl_command **out)
{
    struct fl_command_builder builder = {.buffer = reader->buffer,
                                         .capacity = reader->capacity - FL_COMMAND_SLACK};
    struct reading r = {
        .reader = reader, .nodes = nodes, .builder = &builder, .repaired = repaired, .member = -1};
    *out = read_command(&r, 0, false);
    if (FL_LIKELY(r.status == FL_OK && !repaired))
        return FL_OK;
    fl_command_json_zone_settle(reader, false);
    const struct fl_json_node *twice =
        r.status == FL_BAD_JSON ? NULL : fl_json_equal_keys(reader->json);
    if (twice)
        note_at(&r, FL_BAD_JSON, twice->key, twice->key_length, NULL);
    return r.status == FL_OK ? FL_NOT_UTF8 : r.status;
}

/* A line with bytes that are no UTF-8: they are marked, and the rest is judged, since what else is
 * wrong may come first (Q2). */
static enum fl_status read_repaired(struct fl_command_json *reader, const char *text, size_t length,
                                    struct fl_command **out)
{
    const struct fl_json_node *nodes;
    uint32_t count;
    size_t n = 0;
    char *copy = malloc(length * 3 + FL_JSON_PADDING);
    if (!copy)
        return FL_NOT_UTF8;
    for (size_t at = 0; at < length; at++) {
        size_t valid = fl_utf8_valid_prefix(text + at, length - at);
        memcpy(copy + n, text + at, valid);
        n += valid;
        at += valid;
        if (at < length) {
            memcpy(copy + n, NO_CHARACTER, 3);
            n += 3;
        }
    }
    memset(copy + n, 0, FL_JSON_PADDING);
    enum fl_status status = FL_BAD_JSON;
    if (fl_json_parse(reader->json, copy, n, &nodes, &count) == FL_JSON_OK)
        status = read_nodes(reader, nodes, true, out);
    free(copy);
    return status;
}

/* A zone that still waits is taken: the caller reads on. */
static void refusal_clear(struct fl_command_json *reader)
{
    fl_command_json_zone_settle(reader, true);
    reader->path[0] = reader->value[0] = reader->type[0] = reader->id[0] = '\0';
    reader->failed_member = -1;
    reader->position = 0;
}

enum fl_status fl_command_json_read(struct fl_command_json *reader, const char *text, size_t length,
                                    struct fl_command **out)
{
    uint32_t count;
    const struct fl_json_node *nodes;
    refusal_clear(reader);
    if (length > FL_LINE_BYTES_MAX)
        return FL_TOO_LONG;
    switch (fl_json_parse(reader->json, text, length, &nodes, &count)) {
    case FL_JSON_OK:
        return read_nodes(reader, nodes, false, out);
    case FL_JSON_NOT_UTF8:
        return read_repaired(reader, text, length, out);
    case FL_JSON_TOO_LARGE:
        return FL_TOO_LONG;
    default:
        reader->position = fl_json_position(reader->json);
        return FL_BAD_JSON;
    }
}

/* ---- a command that is one already ------------------------------------------------------ */

static void adopt_clock(struct reading *r, struct fl_command *command)
{
    struct fl_command_clock *clock = (struct fl_command_clock *)(command + 1);
    clock->until_day = fl_time_zone_day(&r->reader->zone, clock->until_us);
    if (clock->until_day == FL_DATE_NONE || clock->until_us - command->at_us > TEN_YEARS_US)
        note_name(r, FL_BAD_VALUE, "date", NULL);
}

static void adopt(struct reading *r, struct fl_command *command, bool inner)
{
    command->flags &= (uint16_t)~FL_FLAG_AT_RAISED;
    if (!inner || command->flags & FL_FLAG_AT_GIVEN) {
        command->at_day = fl_time_zone_day(&r->reader->zone, command->at_us);
        if (command->at_day == FL_DATE_NONE || command->at_us > r->reader->now_us + MINUTE_US)
            note_name(r, FL_BAD_VALUE, "at", NULL);
    }
    if (command->type == FL_COMMAND_CLOCK)
        adopt_clock(r, command);
    if (command->type == FL_COMMAND_BOOK)
        read_zone(r, command);
}

static void adopt_members(struct reading *r, struct fl_command *batch)
{
    const struct fl_command_batch *body = fl_command_body(batch);
    char *at = (char *)batch + body->commands.offset;
    step_in(r, "commands", 8, 0);
    for (uint32_t i = 0; i < body->commands.count; i++) {
        struct fl_command *member = (struct fl_command *)at;
        step_in(r, NULL, 0, i);
        r->member = i;
        adopt(r, member, true);
        step_out(r);
        at += member->bytes;
    }
    r->member = -1;
    step_out(r);
}

enum fl_status fl_command_json_adopt(struct fl_command_json *reader, struct fl_command *command)
{
    struct reading r = {.reader = reader, .member = -1};
    refusal_clear(reader);
    adopt(&r, command, false);
    if (command->type == FL_COMMAND_BATCH)
        adopt_members(&r, command);
    if (r.status != FL_OK) {
        const char *name = fl_command_name(command->type);
        put_cut(reader->type, sizeof reader->type, name, strlen(name));
        put_cut(reader->id, sizeof reader->id, fl_command_text(command, command->id),
                command->id.length);
        fl_command_json_zone_settle(reader, false);
    }
    return r.status;
}

void fl_command_json_blame(struct fl_command_json *reader, const char *field)
{
    refusal_clear(reader);
    put_cut(reader->path, FL_PATH_MAX, field ? field : "", field ? strlen(field) : 0);
}

enum fl_status fl_command_json_too_long(struct fl_command_json *reader)
{
    fl_command_json_blame(reader, NULL);
    return FL_TOO_LONG;
}
