/* statement_reader.h - one door for bank statements: tells the format by the content, picks the
 * parser.
 *
 * Names and endings of files are not looked at: banks send camt as .txt and MT940 as .xml. What is
 * recognised but has no parser is refused by its name.
 *
 * Thread: one.  Memory: the parser's (none of them grows with the file).
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_READER_H
#define FLORIN_TOOLS_INGEST_STATEMENT_READER_H

#include "tools/format/byte_source.h"
#include "tools/ingest/statement.h"
#include "tools/ingest/statement_profile.h"

enum fl_statement_format {
    FL_FORMAT_UNKNOWN,
    FL_FORMAT_MT940, /* and MT942 */
    FL_FORMAT_CAMT,  /* 052, 053, 054, any version */
    FL_FORMAT_BAI2,
    FL_FORMAT_OFX,
    FL_FORMAT_CODA,
    FL_FORMAT_N43,
    FL_FORMAT_QIF,
    FL_FORMAT_ACH,
    FL_FORMAT_V11,
    FL_FORMAT_OTHER_XML,
    FL_FORMAT_TEXT, /* none of these: CSV, where its headings are known or a profile names them */
    FL_FORMAT_BANK_CSV,
    FL_FORMAT_PAYOUT_CSV, /* no statement: payout_csv.h reads it */
};

/* Bytes of a file's beginning that fl_statement_format_detect wants to see. */
#define FL_STATEMENT_DETECT_BYTES 8192

enum fl_statement_format fl_statement_format_detect(const char *start, size_t length);
/* "mt940", "camt", ...; never null. */
const char *fl_statement_format_name(enum fl_statement_format format);
/* The same of a file whose statements are of that kind: "camt.052" is no "camt.053", "mt942" no
 * "mt940". */
const char *fl_statement_format_of_kind(enum fl_statement_format format,
                                        enum fl_statement_kind kind);

/* Reads the whole source into the sink. `charset` (nullable) is what the user declared; XML
 * declares its own. `format_out` (nullable) is set even when the reading fails. FL_UNSUPPORTED: a
 * format without a parser, named. FL_UNREADABLE: damaged beyond a single record, with file, line
 * and reason. Else as the parser or the sink says; `summary` is zeroed first. */
enum fl_status fl_statement_read(struct fl_byte_source source, const char *charset,
                                 const struct fl_statement_sink *sink,
                                 struct fl_statement_summary *summary,
                                 enum fl_statement_format *format_out,
                                 struct fl_error *error) FL_MUST_USE;

/* The same with what a person declared of the bank's files; a declared format is not looked for.
 * FL_UNSUPPORTED also for a CSV that cannot be read without a profile: the message says which of
 * its keys would help. */
enum fl_status fl_statement_read_profile(struct fl_byte_source source,
                                         const struct fl_statement_profile *profile,
                                         const struct fl_statement_sink *sink,
                                         struct fl_statement_summary *summary,
                                         enum fl_statement_format *format_out,
                                         struct fl_error *error) FL_MUST_USE;

#endif
