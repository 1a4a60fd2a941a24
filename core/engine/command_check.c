/* Proves a command's bytes before anything else reads them (K2), and that they are the canonical
 * ones (K1).
 *
 * One walk over the field tables with a cursor: each text and list must begin where the one before
 * it ended. So nothing overlaps, nothing is read twice, every byte is accounted for, and the cost
 * is linear in the bytes, whatever they say of themselves.
 */
#include <string.h>

#include "core/base/contract.h"
#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/utf8.h"
#include "core/engine/command_schema.h"

#define SHAPE_BYTES_MAX 512
#define US_PER_DAY      INT64_C(86400000000)
#define KNOWN_FLAGS                                                                                \
    (FL_FLAG_AT_GIVEN | FL_FLAG_DATE_GIVEN | FL_FLAG_DUE_GIVEN | FL_FLAG_SERIES | FL_FLAG_AT_RAISED | \
     FL_FLAG_DATE_OWN | FL_FLAG_SLICED)

struct check {
    const char *bytes;
    uint64_t cursor, end; /* of the content */
    const char *field;
};

static bool is_zero(const char *at, uint64_t bytes)
{
    uint64_t word, i = 0;
    for (; i + 8 <= bytes; i += 8) {
        memcpy(&word, at + i, sizeof word);
        if (word != 0)
            return false;
    }
    for (; i < bytes; i++) {
        if (at[i] != 0)
            return false;
    }
    return true;
}

static uint64_t align8(uint64_t at)
{
    return (at + 7) & ~UINT64_C(7);
}

/* Moves the cursor to the next multiple of 8; false if the bytes between are not zero. */
static bool pad(struct check *c)
{
    uint64_t to = align8(c->cursor);
    if (to > c->end || !is_zero(c->bytes + c->cursor, to - c->cursor))
        return false;
    c->cursor = to;
    return true;
}

/* ---- texts ------------------------------------------------------------------------------ */

/* C0, DEL and C1. */
static bool has_control(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7F ||
            (c == 0xC2 && i + 1 < length && (unsigned char)text[i + 1] < 0xA0))
            return true;
    }
    return false;
}

/* Printable ASCII, which most texts are: nothing else to ask. */
static bool is_plain(const char *text, size_t length)
{
    unsigned odd = 0;
    for (size_t i = 0; i < length; i++)
        odd |= (unsigned)((uint8_t)((uint8_t)text[i] - 0x20) > 0x5E);
    return odd == 0;
}

static enum fl_status text_bytes(const char *text, uint32_t length, uint32_t max, bool is_id)
{
    if (length > max)
        return FL_TOO_LONG;
    if (is_plain(text, length))
        return FL_OK;
    if (!fl_utf8_is_valid(text, length))
        return FL_NOT_UTF8;
    if (memchr(text, 0, length) || (is_id && has_control(text, length)))
        return FL_BAD_VALUE;
    return FL_OK;
}

static enum fl_status check_text(struct check *c, struct fl_text text, uint32_t max, bool is_id)
{
    if (text.length == 0)
        return text.offset == 0 ? FL_OK : FL_OUT_OF_RANGE;
    if (text.offset != c->cursor || text.length > c->end - c->cursor)
        return FL_OUT_OF_RANGE;
    c->cursor += text.length;
    return text_bytes(c->bytes + text.offset, text.length, max, is_id);
}

static enum fl_status check_letters(struct check *c, struct fl_text text)
{
    FL_TRY(check_text(c, text, 2, true));
    for (uint32_t i = 0; i < text.length; i++) {
        char letter = (char)(c->bytes[text.offset + i] | 0x20);
        if (text.length != 2 || letter < 'a' || letter > 'z')
            return FL_BAD_VALUE;
    }
    return FL_OK;
}

/* ---- numbers ---------------------------------------------------------------------------- */

static enum fl_status check_decimal(const struct fl_decimal *d, bool may_be_null)
{
    if (d->scale > 18 || d->state > FL_DECIMAL_NULL ||
        (d->state == FL_DECIMAL_NULL && !may_be_null))
        return FL_BAD_VALUE;
    if (d->state != FL_DECIMAL_VALUE && (d->units != 0 || d->scale != 0))
        return FL_BAD_VALUE;
    if (d->scale > 0 && d->units % 10 == 0)
        return FL_BAD_VALUE; /* two forms of one value */
    return is_zero((const char *)d->zeros, sizeof d->zeros) ? FL_OK : FL_BAD_VALUE;
}

/* Gross, or net and perhaps tax. */
static enum fl_status check_amount(const struct fl_amount *amount)
{
    FL_TRY(check_decimal(&amount->gross, false));
    FL_TRY(check_decimal(&amount->net, false));
    FL_TRY(check_decimal(&amount->tax, false));
    if (amount->gross.state && (amount->net.state || amount->tax.state))
        return FL_BAD_VALUE;
    return amount->tax.state && !amount->net.state ? FL_MISSING_FIELD : FL_OK;
}

static enum fl_status check_small(const struct fl_field *field, uint8_t value)
{
    unsigned count = 0;
    if (field->kind == FL_KIND_CHOICE)
        return value <= FL_CHOICE_YES ? FL_OK : FL_BAD_VALUE;
    if (field->kind == FL_KIND_CURRENCY)
        return value < FL_CURRENCY_COUNT ? FL_OK : FL_BAD_VALUE;
    while (field->names[count])
        count++;
    return value <= count ? FL_OK : FL_BAD_VALUE;
}

/* The instant lies on the day in some zone. */
static enum fl_status check_clock(const struct fl_command_clock *clock)
{
    int64_t midnight_us = ((int64_t)clock->until_day - 1) * US_PER_DAY;
    bool near = clock->until_us >= midnight_us - US_PER_DAY &&
                clock->until_us <= midnight_us + 2 * US_PER_DAY;
    return clock->until_day != FL_DATE_NONE && near ? FL_OK : FL_BAD_VALUE;
}

/* ---- shapes ----------------------------------------------------------------------------- */

/* One bit a byte that a field stands in; the others are zero. */
struct coverage {
    uint64_t words[SHAPE_BYTES_MAX / 64];
};

static unsigned field_bytes(const struct fl_field *field)
{
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_DECIMAL:
    case FL_KIND_DECIMAL_NULL:
        return sizeof(struct fl_decimal);
    case FL_KIND_DATE:
        return sizeof(uint16_t);
    case FL_KIND_CHOICE:
    case FL_KIND_ENUM:
    case FL_KIND_CURRENCY:
        return sizeof(uint8_t);
    case FL_KIND_NUMBER:
    case FL_KIND_COUNT:
        return sizeof(uint32_t);
    case FL_KIND_DAY_OR_INSTANT:
        return offsetof(struct fl_command_clock, zeros);
    case FL_KIND_OBJECT:
        return field->shape->bytes;
    case FL_KIND_AMOUNT:
        return sizeof(struct fl_amount);
    default:
        return sizeof(struct fl_text);
    }
}
static_assert(sizeof(struct fl_text) == 8 && sizeof(struct fl_list) == 8, "of equal size");

static void cover(struct coverage *out, unsigned begin, unsigned bytes)
{
    while (bytes > 0) {
        unsigned bit = begin % 64, n = bytes < 64 - bit ? bytes : 64 - bit;
        uint64_t ones = n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
        out->words[begin / 64] |= ones << bit;
        begin += n;
        bytes -= n;
    }
}

static void coverage_of(const struct fl_shape *shape, struct coverage *out)
{
    FL_ASSERT(shape->bytes <= SHAPE_BYTES_MAX && shape->bytes % 8 == 0);
    *out = (struct coverage){{0}};
    for (unsigned i = 0; i < shape->field_count; i++)
        cover(out, shape->fields[i].offset, field_bytes(&shape->fields[i]));
}

/* Eight bytes at a time: most are covered, or zero. */
static bool rest_is_zero(const char *at, const struct fl_shape *shape,
                         const struct coverage *covered)
{
    for (unsigned i = 0; i < shape->bytes; i += 8) {
        uint8_t bits = (uint8_t)(covered->words[i / 64] >> i % 64);
        uint64_t word;
        memcpy(&word, at + i, sizeof word);
        if (bits == 0xFF || word == 0)
            continue;
        for (unsigned k = 0; k < 8; k++) {
            if (!(bits >> k & 1) && at[i + k] != 0)
                return false;
        }
    }
    return true;
}

static enum fl_status check_shape(struct check *c, const struct fl_shape *shape,
                                  const struct coverage *covered, uint64_t offset);

static enum fl_status check_object(struct check *c, const struct fl_shape *shape, uint64_t offset)
{
    struct coverage covered;
    if (is_zero(c->bytes + offset, shape->bytes))
        return FL_OK; /* not there: nothing of it is required */
    coverage_of(shape, &covered);
    return check_shape(c, shape, &covered, offset);
}

/* ---- lists ------------------------------------------------------------------------------ */

/* Takes the elements; the texts behind them follow. */
static enum fl_status list_take(struct check *c, const struct fl_field *field, struct fl_list list,
                                uint64_t element_bytes)
{
    if (list.count == 0)
        return list.offset == 0 ? FL_OK : FL_OUT_OF_RANGE;
    if (list.count > field->max)
        return FL_TOO_LONG;
    if (!pad(c))
        return FL_BAD_VALUE;
    if (list.offset != c->cursor || element_bytes * list.count > c->end - c->cursor)
        return FL_OUT_OF_RANGE;
    c->cursor += element_bytes * list.count;
    return FL_OK;
}

static enum fl_status check_list(struct check *c, const struct fl_field *field, struct fl_list list)
{
    struct coverage covered;
    FL_TRY(list_take(c, field, list, field->shape->bytes));
    coverage_of(field->shape, &covered);
    for (uint32_t i = 0; i < list.count; i++)
        FL_TRY(check_shape(c, field->shape, &covered,
                           list.offset + (uint64_t)i * field->shape->bytes));
    return FL_OK;
}

static enum fl_status check_texts(struct check *c, const struct fl_field *field,
                                  struct fl_list list)
{
    FL_TRY(list_take(c, field, list, sizeof(struct fl_text_item)));
    const struct fl_text_item *items = (const struct fl_text_item *)(c->bytes + list.offset);
    for (uint32_t i = 0; i < list.count; i++) {
        if (items[i].text.length == 0)
            return FL_BAD_VALUE;
        FL_TRY(check_text(c, items[i].text, FL_TEXT_ITEM_BYTES_MAX, false));
    }
    return FL_OK;
}

static enum fl_status check_buckets(struct check *c, const struct fl_field *field,
                                    struct fl_list list)
{
    FL_TRY(list_take(c, field, list, sizeof(struct fl_bucket)));
    const struct fl_bucket *buckets = (const struct fl_bucket *)(c->bytes + list.offset);
    for (uint32_t i = 0; i < list.count; i++) {
        if (buckets[i].zeros != 0)
            return FL_BAD_VALUE;
    }
    return FL_OK;
}

/* Each currency once, in rising order. */
static enum fl_status check_map(struct check *c, const struct fl_field *field, struct fl_list list)
{
    FL_TRY(list_take(c, field, list, sizeof(struct fl_currency_amount)));
    const struct fl_currency_amount *pairs =
        (const struct fl_currency_amount *)(c->bytes + list.offset);
    unsigned before = FL_CURRENCY_NONE;
    for (uint32_t i = 0; i < list.count; i++) {
        if (pairs[i].currency <= before || pairs[i].currency >= FL_CURRENCY_COUNT ||
            pairs[i].amount.state != FL_DECIMAL_VALUE ||
            !is_zero((const char *)pairs[i].zeros, sizeof pairs[i].zeros))
            return FL_BAD_VALUE;
        FL_TRY(check_decimal(&pairs[i].amount, false));
        before = pairs[i].currency;
    }
    return FL_OK;
}

static enum fl_status check_command(const char *bytes, uint64_t length, bool inner,
                                    const char **field_out);

/* Members are commands of their own, one behind the other. */
static enum fl_status check_members(struct check *c, const struct fl_field *field,
                                    struct fl_list list)
{
    if (list.count == 0)
        return FL_MISSING_FIELD;
    if (list.count > field->max)
        return FL_TOO_LONG;
    if (!pad(c))
        return FL_BAD_VALUE;
    if (list.offset != c->cursor)
        return FL_OUT_OF_RANGE;
    for (uint32_t i = 0; i < list.count; i++) {
        uint64_t left = c->end - c->cursor;
        const struct fl_command *member = (const struct fl_command *)(c->bytes + c->cursor);
        if (left < sizeof *member || member->bytes > left || member->bytes < sizeof *member)
            return FL_OUT_OF_RANGE;
        FL_TRY(check_command(c->bytes + c->cursor, member->bytes, true, &c->field));
        c->cursor += member->bytes;
    }
    return FL_OK;
}

/* ---- fields ----------------------------------------------------------------------------- */

static enum fl_status check_field(struct check *c, const struct fl_field *field, const char *at)
{
    struct fl_text text;
    struct fl_list list;
    uint32_t max = field->max ? field->max : FL_TEXT_BYTES_MAX;
    memcpy(&text, at, sizeof text);
    memcpy(&list, at, sizeof list);
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_ID:
        return check_text(c, text, FL_ID_BYTES_MAX, true);
    case FL_KIND_TEXT:
        return check_text(c, text, max, false);
    case FL_KIND_CHARS2:
        return check_letters(c, text);
    case FL_KIND_DECIMAL:
    case FL_KIND_DECIMAL_NULL:
        return check_decimal((const struct fl_decimal *)at, field->kind == FL_KIND_DECIMAL_NULL);
    case FL_KIND_AMOUNT:
        return check_amount((const struct fl_amount *)at);
    case FL_KIND_CHOICE:
    case FL_KIND_ENUM:
    case FL_KIND_CURRENCY:
        return check_small(field, (uint8_t)*at);
    case FL_KIND_OBJECT:
        return check_object(c, field->shape, (uint64_t)(at - c->bytes));
    case FL_KIND_LIST:
        return check_list(c, field, list);
    case FL_KIND_TEXT_LIST:
        return check_texts(c, field, list);
    case FL_KIND_BUCKETS:
        return check_buckets(c, field, list);
    case FL_KIND_CURRENCY_MAP:
        return check_map(c, field, list);
    case FL_KIND_COMMANDS:
        return check_members(c, field, list);
    case FL_KIND_DAY_OR_INSTANT:
        return check_clock((const struct fl_command_clock *)at);
    case FL_KIND_DATE:
    case FL_KIND_NUMBER:
    case FL_KIND_COUNT:
        return FL_OK; /* every value is one; what it may be is the engine's to say */
    }
    return FL_BAD_VALUE;
}

static bool is_absent(const struct fl_field *field, const char *at)
{
    struct fl_text text;
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_COUNT:
        return false;
    case FL_KIND_DECIMAL:
    case FL_KIND_DECIMAL_NULL:
        return ((const struct fl_decimal *)at)->state == FL_DECIMAL_ABSENT;
    case FL_KIND_ID:
    case FL_KIND_TEXT:
    case FL_KIND_CHARS2:
    case FL_KIND_LIST:
    case FL_KIND_TEXT_LIST:
    case FL_KIND_COMMANDS:
        memcpy(&text, at, sizeof text);
        return text.length == 0; /* where a list has its count */
    default:
        return is_zero(at, field_bytes(field));
    }
}

static enum fl_status check_shape(struct check *c, const struct fl_shape *shape,
                                  const struct coverage *covered, uint64_t offset)
{
    for (unsigned i = 0; i < shape->field_count; i++) {
        const struct fl_field *field = &shape->fields[i];
        const char *at = c->bytes + offset + field->offset;
        enum fl_status status = check_field(c, field, at);
        if (status == FL_OK && field->flags & FL_FIELD_REQUIRED && is_absent(field, at))
            status = FL_MISSING_FIELD;
        if (status != FL_OK) {
            if (!c->field)
                c->field = field->name;
            return status;
        }
    }
    return rest_is_zero(c->bytes + offset, shape, covered) ? FL_OK : FL_BAD_VALUE;
}

/* ---- the header ------------------------------------------------------------------------- */

static bool header_is_sound(const struct fl_command *command, uint64_t length,
                            const struct fl_command_shape *shape)
{
    bool dates = shape->header & (FL_HEADER_DATE | FL_HEADER_DATE_REQUIRED);
    bool due = shape->header & FL_HEADER_DUE_DATE;
    unsigned flags = command->flags;
    return command->bytes == length && (length & 7) == 0 && (command->content_bytes & 7) == 0 &&
           command->content_bytes >= sizeof *command + shape->shape.bytes &&
           command->content_bytes <= length && command->version == FL_COMMAND_VERSION &&
           command->zeros == 0 && command->zeros64[0] == 0 && command->zeros64[1] == 0 &&
           (flags & ~(unsigned)KNOWN_FLAGS) == 0 && command->at_us >= -US_PER_DAY &&
           command->at_us <= (FL_DATE_MAX + 1) * US_PER_DAY &&
           (dates || command->date == FL_DATE_NONE) && (due || command->due_date == FL_DATE_NONE) &&
           (!(flags & FL_FLAG_DATE_GIVEN) || command->date != FL_DATE_NONE) &&
           (!(flags & FL_FLAG_DUE_GIVEN) || command->due_date != FL_DATE_NONE) &&
           (!(flags & FL_FLAG_SLICED) || shape->header & FL_HEADER_SLICED) &&
           (!(flags & FL_FLAG_SERIES) ||
            (shape->header & FL_HEADER_SERIES && command->id.length > 0));
}

static enum fl_status check_name(const char *bytes, const struct fl_command *command,
                                 struct fl_text text)
{
    if (text.length == 0)
        return FL_OK;
    if (text.offset < command->content_bytes ||
        (uint64_t)text.offset + text.length > command->bytes)
        return FL_OUT_OF_RANGE;
    return text_bytes(bytes + text.offset, text.length, FL_ID_BYTES_MAX, true);
}

/* The engine writes a series' id where the command has room for it, or behind the command: inside a
 * batch there is no behind. */
static bool has_room(const struct fl_command *command, bool inner)
{
    struct fl_text id = command->id, key = command->key;
    if (id.offset == 0)
        return !inner;
    uint64_t end = (uint64_t)id.offset + FL_ID_BYTES_MAX;
    bool apart = key.length == 0 || end <= key.offset || key.offset + key.length <= id.offset;
    return id.offset >= command->content_bytes && end <= command->bytes && apart;
}

/* Behind the content: id and key apart, zeros around them. */
static enum fl_status check_tail(const char *bytes, const struct fl_command *command)
{
    uint64_t at = command->content_bytes, end = command->bytes;
    struct fl_text first = command->id, second = command->key;
    if (first.length == 0 || (second.length > 0 && second.offset < first.offset)) {
        first = command->key;
        second = command->id;
    }
    struct fl_text names[2] = {first, second};
    for (unsigned i = 0; i < 2; i++) {
        if (names[i].length == 0)
            continue;
        if (names[i].offset < at || !is_zero(bytes + at, names[i].offset - at))
            return FL_BAD_VALUE;
        at = (uint64_t)names[i].offset + names[i].length;
    }
    return is_zero(bytes + at, end - at) ? FL_OK : FL_BAD_VALUE;
}

static enum fl_status check_names(const char *bytes, const struct fl_command *command,
                                  const struct fl_command_shape *shape, bool inner,
                                  const char **field_out)
{
    unsigned header = shape->header;
    *field_out = "id";
    FL_TRY(check_name(bytes, command, command->id));
    if (command->id.length == 0) {
        if (header & FL_HEADER_ID_REQUIRED)
            return FL_MISSING_FIELD;
        if (header & FL_HEADER_SERIES ? !has_room(command, inner) : command->id.offset != 0)
            return FL_OUT_OF_RANGE;
    } else if (!(header & (FL_HEADER_ID_REQUIRED | FL_HEADER_ID_OPTIONAL))) {
        return FL_UNKNOWN_FIELD;
    }
    *field_out = "key";
    FL_TRY(check_name(bytes, command, command->key));
    if (command->key.length == 0 && command->key.offset != 0)
        return FL_OUT_OF_RANGE;
    if (command->key.length == 0 && header & FL_HEADER_KEY_REQUIRED)
        return FL_MISSING_FIELD;
    *field_out = "date";
    if (header & FL_HEADER_DATE_REQUIRED && command->date == FL_DATE_NONE)
        return FL_MISSING_FIELD;
    *field_out = "command";
    return check_tail(bytes, command);
}

static enum fl_status check_content(const char *bytes, const struct fl_command *command,
                                    const struct fl_command_shape *shape, const char **field_out)
{
    struct coverage covered;
    struct check c = {.bytes = bytes,
                      .cursor = sizeof *command + shape->shape.bytes,
                      .end = command->content_bytes};
    coverage_of(&shape->shape, &covered);
    enum fl_status status = check_shape(&c, &shape->shape, &covered, sizeof *command);
    *field_out = c.field ? c.field : "command";
    if (status == FL_OK && (!pad(&c) || c.cursor != c.end))
        status = FL_BAD_VALUE;
    return status;
}

static enum fl_status check_command(const char *bytes, uint64_t length, bool inner,
                                    const char **field_out)
{
    const struct fl_command *command = (const struct fl_command *)bytes;
    const struct fl_command_shape *shape = fl_command_shape(command->type);
    *field_out = "type";
    if (!shape)
        return FL_UNKNOWN_TYPE;
    bool alone = shape->type == FL_COMMAND_BATCH || shape->type == FL_COMMAND_CLOCK ||
                 shape->type == FL_COMMAND_SLICE;
    if (inner && alone)
        return FL_BAD_VALUE;
    *field_out = "command";
    if (!header_is_sound(command, length, shape))
        return FL_OUT_OF_RANGE;
    FL_TRY(check_names(bytes, command, shape, inner, field_out));
    return check_content(bytes, command, shape, field_out);
}

enum fl_status fl_command_check(const void *command, uint64_t bytes, const char **field_out)
{
    const char *field = "command";
    enum fl_status status = FL_OUT_OF_RANGE;
    if (bytes >= sizeof(struct fl_command) && bytes <= FL_COMMAND_BYTES_MAX &&
        ((uintptr_t)command & 7) == 0)
        status = check_command(command, bytes, false, &field);
    if (field_out)
        *field_out = status == FL_OK ? NULL : field;
    return status;
}
