/* A command as one line of JSON: the same tables as reading, walked the other way. */
#include <inttypes.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/engine/command_schema.h"
#include "tools/format/command_json.h"

struct writing {
    FILE *out;
    const struct fl_command *command;
    bool first;
};

void fl_json_write_string(FILE *out, const char *text, size_t length)
{
    putc('"', out);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c == '\t')
            fputs("\\t", out);
        else if (c < 0x20 || c == 0x7F)
            fprintf(out, "\\u%04x", c);
        else
            putc(c, out);
    }
    putc('"', out);
}

static void name(struct writing *w, const char *string)
{
    fprintf(w->out, "%s\"%s\":", w->first ? "" : ",", string);
    w->first = false;
}

static void write_text(struct writing *w, struct fl_text text)
{
    fl_json_write_string(w->out, fl_command_text(w->command, text), text.length);
}

static void write_decimal(struct writing *w, const struct fl_decimal *d)
{
    char digits[32];
    if (d->state == FL_DECIMAL_NULL) {
        fputs("null", w->out);
        return;
    }
    fl_decimal_format(d->units, d->scale, digits);
    fprintf(w->out, "\"%s\"", digits);
}

static void write_day(struct writing *w, uint16_t days)
{
    char text[11];
    fl_date_format(days, text);
    fprintf(w->out, "\"%s\"", text);
}

static bool shape_is_empty(const char *at, const struct fl_shape *shape)
{
    for (unsigned i = 0; i < shape->bytes; i++) {
        if (at[i] != 0)
            return false;
    }
    return true;
}

static void write_shape(struct writing *w, const struct fl_shape *shape, const char *at);
static void write_command(FILE *out, const struct fl_command *command, bool inner);

static void write_amount(struct writing *w, const struct fl_amount *amount)
{
    if (amount->gross.state == FL_DECIMAL_VALUE) {
        write_decimal(w, &amount->gross);
        return;
    }
    fputs("{\"net\":", w->out);
    write_decimal(w, &amount->net);
    if (amount->tax.state == FL_DECIMAL_VALUE) {
        fputs(",\"tax\":", w->out);
        write_decimal(w, &amount->tax);
    }
    putc('}', w->out);
}

static void write_elements(struct writing *w, const struct fl_field *field, struct fl_list list)
{
    const char *at = fl_command_list(w->command, list);
    putc('[', w->out);
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0)
            putc(',', w->out);
        if (field->kind == FL_KIND_LIST)
            write_shape(w, field->shape, at + (size_t)i * field->shape->bytes);
        else if (field->kind == FL_KIND_TEXT_LIST)
            write_text(w, ((const struct fl_text_item *)at)[i].text);
        else
            fprintf(w->out, "%" PRIu32, ((const struct fl_bucket *)at)[i].days);
    }
    putc(']', w->out);
}

static void write_map(struct writing *w, struct fl_list list)
{
    const struct fl_currency_amount *pairs = fl_command_list(w->command, list);
    putc('{', w->out);
    for (uint32_t i = 0; i < list.count; i++) {
        fprintf(w->out, "%s\"%s\":", i ? "," : "", fl_currency_code(pairs[i].currency));
        write_decimal(w, &pairs[i].amount);
    }
    putc('}', w->out);
}

static void write_members(struct writing *w, struct fl_list list)
{
    const char *at = fl_command_list(w->command, list);
    putc('[', w->out);
    for (uint32_t i = 0; i < list.count; i++) {
        const struct fl_command *member = (const struct fl_command *)at;
        if (i > 0)
            putc(',', w->out);
        write_command(w->out, member, true);
        at += member->bytes;
    }
    putc(']', w->out);
}

/* One field if it is there. */
static void write_field(struct writing *w, const struct fl_field *field, const char *at)
{
    struct fl_text text;
    struct fl_list list;
    uint32_t number;
    uint16_t date;
    memcpy(&text, at, sizeof text);
    memcpy(&list, at, sizeof list);
    memcpy(&number, at, sizeof number);
    memcpy(&date, at, sizeof date);
    uint8_t small = (uint8_t)*at;
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_ID:
    case FL_KIND_TEXT:
    case FL_KIND_CHARS2:
        if (text.length > 0)
            name(w, field->name), write_text(w, text);
        return;
    case FL_KIND_DECIMAL:
    case FL_KIND_DECIMAL_NULL:
        if (((const struct fl_decimal *)at)->state != FL_DECIMAL_ABSENT)
            name(w, field->name), write_decimal(w, (const struct fl_decimal *)at);
        return;
    case FL_KIND_DATE:
        if (date != FL_DATE_NONE)
            name(w, field->name), write_day(w, date);
        return;
    case FL_KIND_CHOICE:
        if (small != FL_CHOICE_ABSENT)
            name(w, field->name), fputs(small == FL_CHOICE_YES ? "true" : "false", w->out);
        return;
    case FL_KIND_ENUM:
        if (small != 0)
            name(w, field->name), fprintf(w->out, "\"%s\"", field->names[small - 1]);
        return;
    case FL_KIND_CURRENCY:
        if (small != 0)
            name(w, field->name), fprintf(w->out, "\"%s\"", fl_currency_code(small));
        return;
    case FL_KIND_NUMBER:
        if (number != FL_OPTIONAL_NONE)
            name(w, field->name), fprintf(w->out, "%" PRIu32, number - 1);
        return;
    case FL_KIND_COUNT:
        name(w, field->name), fprintf(w->out, "%" PRIu32, number);
        return;
    case FL_KIND_OBJECT:
        if (!shape_is_empty(at, field->shape))
            name(w, field->name), write_shape(w, field->shape, at);
        return;
    case FL_KIND_AMOUNT: {
        const struct fl_amount *amount = (const struct fl_amount *)at;
        if (amount->gross.state || amount->net.state)
            name(w, field->name), write_amount(w, amount);
        return;
    }
    case FL_KIND_LIST:
    case FL_KIND_TEXT_LIST:
    case FL_KIND_BUCKETS:
        if (list.count > 0)
            name(w, field->name), write_elements(w, field, list);
        return;
    case FL_KIND_CURRENCY_MAP:
        if (list.count > 0)
            name(w, field->name), write_map(w, list);
        return;
    case FL_KIND_COMMANDS:
        name(w, field->name), write_members(w, list);
        return;
    case FL_KIND_DAY_OR_INSTANT:
        return; /* the header's */
    }
}

static void write_fields(struct writing *w, const struct fl_shape *shape, const char *at)
{
    for (unsigned i = 0; i < shape->field_count; i++)
        write_field(w, &shape->fields[i], at + shape->fields[i].offset);
}

static void write_shape(struct writing *w, const struct fl_shape *shape, const char *at)
{
    bool first = w->first;
    w->first = true;
    putc('{', w->out);
    write_fields(w, shape, at);
    putc('}', w->out);
    w->first = first;
}

static void write_instant(struct writing *w, int64_t us)
{
    char text[32];
    fl_instant_format(us, text);
    fprintf(w->out, "\"%s\"", text);
}

/* A clock by day is printed as that day; its own `at` need not be the instant it moves to. */
static void write_clock(struct writing *w)
{
    const struct fl_command_clock *clock = fl_command_body(w->command);
    name(w, "date");
    write_day(w, clock->until_day);
}

static void write_header(struct writing *w, const struct fl_command_shape *shape, bool inner)
{
    const struct fl_command *c = w->command;
    name(w, "type");
    fprintf(w->out, "\"%s\"", shape->shape.name);
    if (c->id.length > 0)
        name(w, "id"), write_text(w, c->id);
    if (c->flags & FL_FLAG_SERIES)
        name(w, "series"), fputs("true", w->out);
    if (c->key.length > 0)
        name(w, "key"), write_text(w, c->key);
    bool clock_at = c->type == FL_COMMAND_CLOCK &&
                    ((const struct fl_command_clock *)fl_command_body(c))->until_us == c->at_us;
    if ((!inner || c->flags & FL_FLAG_AT_GIVEN) || clock_at)
        name(w, "at"), write_instant(w, c->at_us);
    if (c->type == FL_COMMAND_CLOCK && !(clock_at && c->flags & FL_FLAG_AT_GIVEN))
        write_clock(w);
    if (shape->header & (FL_HEADER_DATE | FL_HEADER_DATE_REQUIRED) && c->date != FL_DATE_NONE)
        name(w, "date"), write_day(w, c->date);
    if (shape->header & FL_HEADER_DUE_DATE && c->due_date != FL_DATE_NONE)
        name(w, "due_date"), write_day(w, c->due_date);
}

static void write_command(FILE *out, const struct fl_command *command, bool inner)
{
    const struct fl_command_shape *shape = fl_command_shape(command->type);
    struct writing w = {.out = out, .command = command, .first = true};
    putc('{', out);
    write_header(&w, shape, inner);
    write_fields(&w, &shape->shape, (const char *)(command + 1));
    putc('}', out);
}

void fl_command_json_write(FILE *out, const struct fl_command *command)
{
    write_command(out, command, false);
}
