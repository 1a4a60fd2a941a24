/* show_table.h - what `show` and `list` print as JSON, for people: a thing as names and values,
 * many as a table or CSV. Made from the JSON itself, so that no figure is told in two places.
 *
 * Thread: one.  Memory: the cells of a list.
 */
#ifndef FLORIN_TOOLS_CLI_SHOW_TABLE_H
#define FLORIN_TOOLS_CLI_SHOW_TABLE_H

#include <stdio.h>

#include "tools/format/json_simd.h"
#include "tools/format/json_text.h"
#include "tools/format/table_writer.h"

struct fl_show_table {
    struct fl_json *json;
    struct fl_json_text text; /* the object, with the padding a reader wants */
    struct fl_table_writer table;
    char names[FL_TABLE_COLUMNS_MAX][32];
    unsigned columns;
};

/* `columns`: names of fields with blanks between; ">amount" is set to the right. False: no memory.
 */
bool fl_show_table_open(struct fl_show_table *show, const char *columns);
/* Whether the object itself (not what is in it) has a field of that name and value: "state=open".
 */
bool fl_show_table_holds(struct fl_show_table *show, const char *json, size_t length,
                         const char *where);
/* One object as a row: its fields by name, empty where it has none. */
void fl_show_table_row(struct fl_show_table *show, const char *json, size_t length);
/* One object whole. */
void fl_show_table_one(struct fl_show_table *show, FILE *out, const char *json, size_t length);
/* Prints the rows, if there were any, and frees. */
void fl_show_table_close(struct fl_show_table *show, FILE *out, bool csv);

#endif
