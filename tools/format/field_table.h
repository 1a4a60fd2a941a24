/* field_table.h - from a JSON key to the row of the command schema, without comparing names in a
 * row.
 *
 * Each shape gets a table of 128 slots and a multiplier under which no two of its names meet, found
 * when the tables are made. A look-up is one multiplication and one comparison.
 *
 *   F1  Names are looked up by 8 bytes at once: the key has 8 readable bytes from its beginning.
 *
 * Thread: any, after fl_field_tables_open.  Memory: one block, about 100 KiB.
 */
#ifndef FLORIN_TOOLS_FORMAT_FIELD_TABLE_H
#define FLORIN_TOOLS_FORMAT_FIELD_TABLE_H

#include "core/base/contract.h"
#include "core/engine/command_schema.h"

#define FL_FIELDS_MAX 40 /* of one shape, header fields in; types of commands */

/* A command's table has these first, in this order; only those its type takes are found. */
enum fl_header_entry {
    FL_ENTRY_TYPE,
    FL_ENTRY_ID,
    FL_ENTRY_KEY,
    FL_ENTRY_AT,
    FL_ENTRY_DATE,
    FL_ENTRY_DUE_DATE,
    FL_ENTRY_MARK, /* "series" or "sliced": no type takes both */
    FL_ENTRY_BODY, /* the first field of the struct */
};

#define FL_ENTRY_NONE 255

struct fl_name_table {
    uint64_t multiplier;
    uint8_t slots[128]; /* entry + 1 */
    uint8_t count;
    uint8_t lengths[FL_FIELDS_MAX];
    const char *names[FL_FIELDS_MAX]; /* null: not taken */
};

struct fl_field_table {
    const struct fl_shape *shape;
    uint8_t base; /* entries before the shape's fields: FL_ENTRY_BODY, or 0 */
    struct fl_name_table names;
    const struct fl_field_table *children[FL_FIELDS_MAX]; /* by field: of its own shape */
};

struct fl_field_tables;

/* FL_NO_MEMORY. */
enum fl_status fl_field_tables_open(struct fl_field_tables **out) FL_MUST_USE;
void fl_field_tables_close(struct fl_field_tables *tables);
const struct fl_field_table *fl_field_table_of(const struct fl_field_tables *tables, unsigned type);
/* FL_COMMAND_NONE if there is no such type. `name` as in F1. */
unsigned fl_field_tables_type(const struct fl_field_tables *tables, const char *name,
                              size_t length);

/* The entry, or FL_ENTRY_NONE. `name` as in F1. */
unsigned fl_name_table_find(const struct fl_name_table *table, const char *name, size_t length);

#endif
