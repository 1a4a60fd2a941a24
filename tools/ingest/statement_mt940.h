/* statement_mt940.h - MT940 and MT942, read as a stream.
 *
 *   N1  A field starts only at ":NN:" or ":NNa:" of a tag that the messages have, at the start of a
 *       line: "00:00:00" broken over two lines is text.
 *   N2  Only a lone "-" (or "-}") ends a message, and only once its closing balance was read: banks
 *       break lines so that a dash of the text stands alone.
 *   N3  mt940_date.h.  N4  mt940_entry.h.
 *   N5  A page that opens with 60M goes on with the statement that closed with 62M.
 *   N6  A field 86 before the first 61 or after the closing balance is the statement's own.
 *   N7  A statement with an opening and without a closing balance is cut off: a damaged record.
 *   N8  A NUL byte is in no text: the file is refused.
 *   N9  MT942 is told by 34F, 13D or 90, or by the wrapper around it.
 *
 * A day that its month has not (30 February: banks count interest so) is the month's last, with a
 * warning. Balances without currency have the statement's.
 *
 * Memory: one buffer of 256 KiB and its scratch, whatever the file's size; an entry with its field
 * 86 is refused beyond 64 KiB. Nothing is allocated an entry.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_MT940_H
#define FLORIN_TOOLS_INGEST_STATEMENT_MT940_H

#include "tools/format/byte_source.h"
#include "tools/ingest/statement.h"

/* `charset`: declared encoding, or null. `reversal_keeps`: a bank that writes RC for money in, as a
 * person declared (statement_profile.h). `summary` is added to. FL_OK also where records were
 * refused (summary, sink); FL_UNREADABLE: the source fails, or holds no field of the message at
 * all. */
enum fl_status fl_statement_mt940_read(struct fl_byte_source source, const char *charset,
                                       bool reversal_keeps,
                                       const struct fl_statement_sink *sink,
                                       struct fl_statement_summary *summary,
                                       struct fl_error *error) FL_MUST_USE;

#endif
