/* command_schema.h - the fields of every command, as data.
 *
 * One row a field: its JSON name, its kind, where it stands in the struct of command.h. The JSON reader,
 * the JSON writer (`log`), the check of binary commands and the fuzzers all walk these tables, so a field
 * is added in one place.
 */
#ifndef FLORIN_CORE_ENGINE_COMMAND_SCHEMA_H
#define FLORIN_CORE_ENGINE_COMMAND_SCHEMA_H

#include <stddef.h>

#include "core/engine/command.h"

#define FL_TEXT_ITEM_BYTES_MAX 256 /* of one text in a list of texts */

enum fl_field_kind {
    FL_KIND_ID,           /* struct fl_text, 1..64 bytes, no control characters */
    FL_KIND_TEXT,         /* struct fl_text up to FL_TEXT_BYTES_MAX */
    FL_KIND_DECIMAL,      /* struct fl_decimal; a string or a number as written */
    FL_KIND_DECIMAL_NULL, /* the same, or null */
    FL_KIND_DATE,         /* uint16_t days */
    FL_KIND_DAY_OR_INSTANT, /* clock: date or at -> struct fl_command_clock */
    FL_KIND_CHOICE,       /* uint8_t enum fl_choice; true or false */
    FL_KIND_ENUM,         /* uint8_t, 1 + position in `names` */
    FL_KIND_NUMBER,       /* uint32_t optional whole number, value + 1 */
    FL_KIND_COUNT,        /* uint32_t whole number, required, as it is */
    FL_KIND_CURRENCY,     /* uint8_t */
    FL_KIND_CHARS2,       /* struct fl_text of exactly two letters */
    FL_KIND_OBJECT,       /* sub-struct in place, `shape` */
    FL_KIND_AMOUNT,       /* struct fl_amount: a decimal, or {net, tax} */
    FL_KIND_LIST,         /* struct fl_list of `shape` */
    FL_KIND_TEXT_LIST,    /* struct fl_list of struct fl_text_item */
    FL_KIND_BUCKETS,      /* struct fl_list of struct fl_bucket: whole numbers */
    FL_KIND_CURRENCY_MAP, /* struct fl_list of struct fl_currency_amount: {"EUR":"0.05"} */
    FL_KIND_COMMANDS,     /* struct fl_list of commands: batch */
};

enum fl_field_flags {
    FL_FIELD_REQUIRED = 1,
};

struct fl_shape;

struct fl_field {
    const char *name;
    uint8_t kind; /* enum fl_field_kind */
    uint8_t flags;
    uint16_t offset;   /* in the struct */
    uint32_t max;      /* bytes of a text, elements of a list; 0: the kind's own limit */
    const struct fl_shape *shape;
    const char *const *names; /* of an enum, null at the end */
};

struct fl_shape {
    const char *name;
    uint16_t bytes; /* size of the struct */
    uint16_t field_count;
    const struct fl_field *fields;
};

/* Header fields that every command has: id, key, at, date, due_date, series. Which of them a type takes. */
enum fl_header_fields {
    FL_HEADER_ID_REQUIRED = 1,
    FL_HEADER_ID_OPTIONAL = 2,
    FL_HEADER_DATE = 4,
    FL_HEADER_DATE_REQUIRED = 8,
    FL_HEADER_DUE_DATE = 16,
    FL_HEADER_SERIES = 32,
    FL_HEADER_KEY_REQUIRED = 64,
    FL_HEADER_SLICED = 128,
};

struct fl_command_shape {
    uint16_t type;
    uint16_t header; /* enum fl_header_fields */
    struct fl_shape shape;
};

/* Null if there is no such type. */
const struct fl_command_shape *fl_command_shape(unsigned type);
const struct fl_command_shape *fl_command_shape_by_name(const char *name, size_t length);

#endif
