/* table_writer.h - rows of cells, printed aligned for people or as CSV for programs. */
#ifndef FLORIN_TOOLS_FORMAT_TABLE_WRITER_H
#define FLORIN_TOOLS_FORMAT_TABLE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define FL_TABLE_COLUMNS_MAX 16

struct fl_table_writer {
    unsigned columns;
    const char *name[FL_TABLE_COLUMNS_MAX];
    bool right[FL_TABLE_COLUMNS_MAX];
    char **cells;
    size_t count, capacity;
};

/* `names`: one a column; a leading ">" sets it to the right. They outlive the table. */
void fl_table_open(struct fl_table_writer *table, const char *const *names, unsigned columns);
/* Adds the next cell, row by row. */
void fl_table_cell(struct fl_table_writer *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Text for a terminal: what a payer wrote must not move the cursor, so control characters become
 * "?". */
void fl_table_put_text(FILE *out, const char *text, size_t length);
/* Prints and frees. */
void fl_table_print(struct fl_table_writer *table, FILE *out, bool csv);

#endif
