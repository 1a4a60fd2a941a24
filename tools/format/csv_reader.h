/* csv_reader.h - one record at a time out of a CSV file (RFC 4180), in bounded memory.
 *
 * Fields may be quoted, hold separators, line ends and doubled quotes; records end with LF, CRLF,
 * or CR where the file has no LF at all. A byte order mark and a first line "sep=;" are consumed,
 * blank lines are skipped. The separator is given or found from the first records
 * (fl_csv_separator_find). Fields come out as valid UTF-8 (charset.h). A quote inside an unquoted
 * field is a plain character: shops write 5" pipes.
 *
 *   V1  A record that cannot be read is reported with the line it begins on, and reading goes on
 *       with the line after that one: one stray quote does not eat the file.
 *   V2  Memory is bounded by the longest record, at most FL_CSV_RECORD_BYTES_MAX.
 *
 * Thread: one.  Memory: a buffer that grows to the longest record, a table of fields as wide as the
 * widest; no allocation a record beyond that.  Cost: one pass; quoted fields are unescaped in
 * place.
 *
 *     struct fl_csv_record record;
 *     while ((status = fl_csv_reader_next(reader, &record, &error)) == FL_OK && record.count > 0)
 *         ...
 */
#ifndef FLORIN_TOOLS_FORMAT_CSV_READER_H
#define FLORIN_TOOLS_FORMAT_CSV_READER_H

#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/status.h"
#include "tools/format/byte_source.h"
#include "tools/format/slice.h"

#define FL_CSV_RECORD_BYTES_MAX (1u << 20) /* a longer one is a quote that nobody closed */
#define FL_CSV_FIELDS_MAX       4096

struct fl_csv_options {
    char separator;      /* 0: find it */
    const char *charset; /* declared encoding; null: none */
    uint32_t skip_lines; /* lines before the first record (a bank's preamble), as raw lines */
};

struct fl_csv_record {
    const struct fl_slice *fields; /* valid until the next call on the reader */
    size_t count;                  /* 0: the end of the file */
    uint64_t line;                 /* where the record begins; the first line is 1 */
};

struct fl_csv_reader;

/* `options` may be null. The source must outlive the reader.
 * FL_UNREADABLE: the source fails, or the separator cannot be told. FL_UNSUPPORTED: charset,
 * UTF-16. */
enum fl_status fl_csv_reader_open(struct fl_byte_source source,
                                  const struct fl_csv_options *options, struct fl_csv_reader **out,
                                  struct fl_error *error) FL_MUST_USE;
void fl_csv_reader_close(struct fl_csv_reader *reader);

/* The next record; count 0 at the end.
 * FL_BAD_VALUE: a quote that is not closed or has text after it. FL_TOO_LONG: record or field
 * count. After these two the reader stands at the next line (V1). FL_UNREADABLE, FL_NO_MEMORY:
 * over. */
enum fl_status fl_csv_reader_next(struct fl_csv_reader *reader, struct fl_csv_record *out,
                                  struct fl_error *error) FL_MUST_USE;

/* The separator in use. */
char fl_csv_reader_separator(const struct fl_csv_reader *reader);

/* Finds the separator from the first lines of a file: of tab ; | and comma the one that occurs
 * equally often in the most records; where two do so in all records the earlier of that list, since
 * the comma is also a decimal sign. ',' if none occurs (one column). 0: no candidate is in half of
 * the records alike, so it has to be given. */
char fl_csv_separator_find(const char *sample, size_t length);

#endif
