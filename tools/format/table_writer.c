#define _GNU_SOURCE /* vasprintf */
#include "tools/format/table_writer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void fl_table_open(struct fl_table_writer *table, const char *const *names, unsigned columns)
{
    memset(table, 0, sizeof *table);
    table->columns = columns;
    for (unsigned i = 0; i < columns; i++) {
        table->right[i] = names[i][0] == '>';
        table->name[i] = names[i] + table->right[i];
    }
}

void fl_table_cell(struct fl_table_writer *table, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 64;
        char **cells = realloc(table->cells, capacity * sizeof *cells);
        if (!cells) {
            free(text);
            return;
        }
        table->cells = cells;
        table->capacity = capacity;
    }
    table->cells[table->count++] = text;
}

/* Columns on a screen: continuation bytes of UTF-8 take no place. */
static int width(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += (*text & 0xC0) != 0x80;
    return n;
}

static void put_csv(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\n\r")) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

void fl_table_put_text(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool control = (unsigned char)text[i] < ' ' || text[i] == 127;
        putc(control ? '?' : text[i], out);
    }
}

static void put_aligned(FILE *out, const char *text, int wide, bool right, bool last)
{
    int pad = wide - width(text);
    for (int i = 0; right && i < pad; i++)
        putc(' ', out);
    fl_table_put_text(out, text, strlen(text));
    for (int i = 0; !right && !last && i < pad; i++)
        putc(' ', out);
}

static const char *cell(const struct fl_table_writer *table, size_t i)
{
    return i < table->count && table->cells[i] ? table->cells[i] : "";
}

static void put_row(const struct fl_table_writer *table, FILE *out, bool csv, const int *wide,
                    size_t first, bool head)
{
    for (unsigned c = 0; c < table->columns; c++) {
        const char *text = head ? table->name[c] : cell(table, first + c);
        if (c > 0)
            fputs(csv ? "," : "  ", out);
        if (csv)
            put_csv(out, text);
        else
            put_aligned(out, text, wide[c], table->right[c], c + 1 == table->columns);
    }
    putc('\n', out);
}

void fl_table_print(struct fl_table_writer *table, FILE *out, bool csv)
{
    int wide[FL_TABLE_COLUMNS_MAX];
    for (unsigned c = 0; c < table->columns; c++)
        wide[c] = width(table->name[c]);
    for (size_t i = 0; i < table->count; i++) {
        int w = width(cell(table, i));
        if (w > wide[i % table->columns])
            wide[i % table->columns] = w;
    }
    put_row(table, out, csv, wide, 0, true);
    for (size_t i = 0; i < table->count; i += table->columns)
        put_row(table, out, csv, wide, i, false);
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    memset(table, 0, sizeof *table);
}
