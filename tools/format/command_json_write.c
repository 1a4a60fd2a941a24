/* A command as one line of JSON: the same tables as reading, walked the other way. */
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/engine/command_schema.h"
#include "tools/format/command_json.h"

struct writing {
    struct fl_json_text *out;
    const struct fl_command *command;
    struct fl_time_zone *zone;
    bool first;
};

static void name(struct writing *w, const char *string)
{
    if (!w->first)
        fl_json_putc(w->out, ',');
    fl_json_putc(w->out, '"');
    fl_json_puts(w->out, string);
    FL_JSON_PUT(w->out, "\":");
    w->first = false;
}

static void write_text(struct writing *w, struct fl_text text)
{
    fl_json_put_string(w->out, fl_command_text(w->command, text), text.length);
}

static void write_decimal(struct writing *w, const struct fl_decimal *d)
{
    char digits[32];
    if (d->state == FL_DECIMAL_NULL) {
        FL_JSON_PUT(w->out, "null");
        return;
    }
    fl_json_putc(w->out, '"');
    fl_json_put(w->out, digits, fl_decimal_format(d->units, d->scale, digits));
    fl_json_putc(w->out, '"');
}

static void write_day(struct writing *w, uint16_t days)
{
    char text[13];
    text[0] = '"';
    fl_date_format(days, text + 1);
    text[11] = '"';
    fl_json_put(w->out, text, 12);
}

static void write_instant(struct writing *w, int64_t us)
{
    char text[32];
    size_t length = fl_instant_format(us, text);
    fl_json_putc(w->out, '"');
    fl_json_put(w->out, text, length);
    fl_json_putc(w->out, '"');
}

static void write_word(struct writing *w, const char *word)
{
    fl_json_putc(w->out, '"');
    fl_json_puts(w->out, word);
    fl_json_putc(w->out, '"');
}

static void write_object(struct writing *w, const struct fl_shape *shape, const char *at);
static void write_command(struct fl_json_text *out, const struct fl_command *command,
                          struct fl_time_zone *zone, bool inner);

static void write_amount(struct writing *w, const struct fl_amount *amount)
{
    if (amount->gross.state == FL_DECIMAL_VALUE) {
        write_decimal(w, &amount->gross);
        return;
    }
    FL_JSON_PUT(w->out, "{\"net\":");
    write_decimal(w, &amount->net);
    if (amount->tax.state == FL_DECIMAL_VALUE) {
        FL_JSON_PUT(w->out, ",\"tax\":");
        write_decimal(w, &amount->tax);
    }
    fl_json_putc(w->out, '}');
}

static void write_elements(struct writing *w, const struct fl_field *field, struct fl_list list)
{
    const char *at = fl_command_list(w->command, list);
    fl_json_putc(w->out, '[');
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0)
            fl_json_putc(w->out, ',');
        if (field->kind == FL_KIND_LIST)
            write_object(w, field->shape, at + (size_t)i * field->shape->bytes);
        else if (field->kind == FL_KIND_TEXT_LIST)
            write_text(w, ((const struct fl_text_item *)at)[i].text);
        else
            fl_json_put_unsigned(w->out, ((const struct fl_bucket *)at)[i].days);
    }
    fl_json_putc(w->out, ']');
}

static void write_map(struct writing *w, struct fl_list list)
{
    const struct fl_currency_amount *pairs = fl_command_list(w->command, list);
    bool first = w->first;
    w->first = true;
    fl_json_putc(w->out, '{');
    for (uint32_t i = 0; i < list.count; i++) {
        name(w, fl_currency_code(pairs[i].currency));
        write_decimal(w, &pairs[i].amount);
    }
    fl_json_putc(w->out, '}');
    w->first = first;
}

static void write_members(struct writing *w, struct fl_list list)
{
    const char *at = fl_command_list(w->command, list);
    fl_json_putc(w->out, '[');
    for (uint32_t i = 0; i < list.count; i++) {
        const struct fl_command *member = (const struct fl_command *)at;
        if (i > 0)
            fl_json_putc(w->out, ',');
        write_command(w->out, member, w->zone, true);
        at += member->bytes;
    }
    fl_json_putc(w->out, ']');
}

static bool is_zero(const char *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (at[i] != 0)
            return false;
    }
    return true;
}

/* What is absent is zero bytes, but for a count, which every line has. */
static bool is_there(const struct fl_field *field, const char *at)
{
    struct fl_list list;
    struct fl_text text;
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_ID:
    case FL_KIND_TEXT:
    case FL_KIND_CHARS2:
        memcpy(&text, at, sizeof text);
        return text.length > 0;
    case FL_KIND_LIST:
    case FL_KIND_TEXT_LIST:
    case FL_KIND_BUCKETS:
    case FL_KIND_CURRENCY_MAP:
    case FL_KIND_COMMANDS:
        memcpy(&list, at, sizeof list);
        return list.count > 0;
    case FL_KIND_DECIMAL:
    case FL_KIND_DECIMAL_NULL:
        return ((const struct fl_decimal *)at)->state != FL_DECIMAL_ABSENT;
    case FL_KIND_DATE:
        return !is_zero(at, sizeof(uint16_t));
    case FL_KIND_CHOICE:
    case FL_KIND_ENUM:
    case FL_KIND_CURRENCY:
        return *at != 0;
    case FL_KIND_NUMBER:
        return !is_zero(at, sizeof(uint32_t));
    case FL_KIND_COUNT:
        return true;
    case FL_KIND_OBJECT:
        return !is_zero(at, field->shape->bytes);
    case FL_KIND_AMOUNT:
        return !is_zero(at, sizeof(struct fl_amount));
    case FL_KIND_DAY_OR_INSTANT:
        return false; /* the header's */
    }
    return false;
}

static void write_list(struct writing *w, const struct fl_field *field, const char *at)
{
    struct fl_list list;
    memcpy(&list, at, sizeof list);
    if (field->kind == FL_KIND_CURRENCY_MAP)
        write_map(w, list);
    else if (field->kind == FL_KIND_COMMANDS)
        write_members(w, list);
    else
        write_elements(w, field, list);
}

static void write_value(struct writing *w, const struct fl_field *field, const char *at)
{
    struct fl_text text;
    uint8_t small = (uint8_t)*at;
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_ID:
    case FL_KIND_TEXT:
    case FL_KIND_CHARS2:
        memcpy(&text, at, sizeof text);
        write_text(w, text);
        break;
    case FL_KIND_DECIMAL:
    case FL_KIND_DECIMAL_NULL:
        write_decimal(w, (const struct fl_decimal *)at);
        break;
    case FL_KIND_DATE:
        write_day(w, *(const uint16_t *)at);
        break;
    case FL_KIND_CHOICE:
        fl_json_puts(w->out, small == FL_CHOICE_YES ? "true" : "false");
        break;
    case FL_KIND_ENUM:
        write_word(w, field->names[small - 1]);
        break;
    case FL_KIND_CURRENCY:
        write_word(w, fl_currency_code(small));
        break;
    case FL_KIND_NUMBER:
        fl_json_put_unsigned(w->out, *(const uint32_t *)at - 1);
        break;
    case FL_KIND_COUNT:
        fl_json_put_unsigned(w->out, *(const uint32_t *)at);
        break;
    case FL_KIND_OBJECT:
        write_object(w, field->shape, at);
        break;
    case FL_KIND_AMOUNT:
        write_amount(w, (const struct fl_amount *)at);
        break;
    default:
        write_list(w, field, at);
        break;
    }
}

static void write_fields(struct writing *w, const struct fl_shape *shape, const char *body)
{
    for (unsigned i = 0; i < shape->field_count; i++) {
        const struct fl_field *field = &shape->fields[i];
        const char *at = body + field->offset;
        if (is_there(field, at)) {
            name(w, field->name);
            write_value(w, field, at);
        }
    }
}

static void write_object(struct writing *w, const struct fl_shape *shape, const char *at)
{
    bool first = w->first;
    w->first = true;
    fl_json_putc(w->out, '{');
    write_fields(w, shape, at);
    fl_json_putc(w->out, '}');
    w->first = first;
}

/* A clock moves to its own `at`, to the beginning of a day, or to an instant (its `at` may have
 * been raised). */
static void write_clock(struct writing *w)
{
    const struct fl_command_clock *clock = fl_command_body(w->command);
    if (clock->until_us == w->command->at_us)
        return;
    name(w, "date");
    if (w->zone && clock->until_day != FL_DATE_NONE &&
        fl_time_zone_day_start(w->zone, clock->until_day) == clock->until_us)
        write_day(w, clock->until_day);
    else
        write_instant(w, clock->until_us);
}

static void write_header(struct writing *w, const struct fl_command_shape *shape, bool inner)
{
    const struct fl_command *c = w->command;
    name(w, "type");
    write_word(w, shape->shape.name);
    if (c->id.length > 0) {
        name(w, "id");
        write_text(w, c->id);
    }
    if (c->flags & FL_FLAG_SERIES) {
        name(w, "series");
        FL_JSON_PUT(w->out, "true");
    }
    if (c->flags & FL_FLAG_SLICED) {
        name(w, "sliced");
        FL_JSON_PUT(w->out, "true");
    }
    if (c->key.length > 0) {
        name(w, "key");
        write_text(w, c->key);
    }
    if (!inner || c->flags & FL_FLAG_AT_GIVEN) {
        name(w, "at");
        write_instant(w, c->at_us);
    }
    if (c->type == FL_COMMAND_CLOCK)
        write_clock(w);
    if (c->date != FL_DATE_NONE) {
        name(w, "date");
        write_day(w, c->date);
    }
    if (c->due_date != FL_DATE_NONE) {
        name(w, "due_date");
        write_day(w, c->due_date);
    }
}

static void write_command(struct fl_json_text *out, const struct fl_command *command,
                          struct fl_time_zone *zone, bool inner)
{
    const struct fl_command_shape *shape = fl_command_shape(command->type);
    struct writing w = {.out = out, .command = command, .zone = zone, .first = true};
    FL_ASSERT(shape != NULL);
    fl_json_putc(out, '{');
    write_header(&w, shape, inner);
    write_fields(&w, &shape->shape, fl_command_body(command));
    fl_json_putc(out, '}');
}

void fl_command_json_write(struct fl_json_text *out, const struct fl_command *command,
                           struct fl_time_zone *zone)
{
    write_command(out, command, zone, false);
}
