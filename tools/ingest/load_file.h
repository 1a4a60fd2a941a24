/* load_file.h - one export file being loaded: heading, columns, records, and the values in its cells.
 *
 * A record that cannot be read as CSV is one refused row; reading goes on behind it.
 * Thread: one. Memory: the CSV reader's.
 */
#ifndef FLORIN_TOOLS_INGEST_LOAD_FILE_H
#define FLORIN_TOOLS_INGEST_LOAD_FILE_H

#include "tools/format/csv_reader.h"

struct fl_load_sink;

#define FL_LOAD_COLUMN_NONE SIZE_MAX

struct fl_load_file {
    struct fl_file_source source;
    struct fl_csv_reader *reader;
    struct fl_csv_record record; /* the heading first */
};

/* Opens and reads the heading. FL_UNREADABLE: no file, or nothing in it. */
enum fl_status fl_load_file_open(struct fl_load_file *file, const char *path,
                                 struct fl_error *error) FL_MUST_USE;
void fl_load_file_close(struct fl_load_file *file);
/* The number of a column of the heading (case does not matter), while the heading is the record. */
size_t fl_load_file_column(const struct fl_load_file *file, const char *name);
/* The next record into file->record; count 0 at the end. Counts the row, refuses what is no record. */
enum fl_status fl_load_file_next(struct fl_load_file *file, struct fl_load_sink *sink,
                                 struct fl_error *error) FL_MUST_USE;
/* A cell of the record without blanks around; empty if the record or the file has no such column. */
struct fl_slice fl_load_file_cell(const struct fl_load_file *file, size_t column);

/* A day and, behind it, an optional time: "2010-12-01 08:26:00", "30-03-2020", "1/2/2013 8:26": the order of year,
 * month and day is told by the separator and by what is four digits long. False if it is none of these. */
bool fl_load_day_read(struct fl_slice text, uint16_t *date_days_out, uint32_t *second_out);
/* "17850.0" as "17850": numbers that passed through a table of floats. Anything else as it is. */
struct fl_slice fl_load_whole_number(struct fl_slice text);

#endif
