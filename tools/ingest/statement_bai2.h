/* statement_bai2.h - BAI2 cash reports (01 file, 02 group, 03 account, 16 detail, 49/98/99 sums),
 * read as a stream.
 *
 *   B1  A record and its 88s are one logical record, joined with a field boundary; a "/" ends the
 *       physical record only. Fields are found by their count, so a summary group cut behind its
 *       type code goes on in the 88.
 *   B2  Amounts have no point: the currency of the account, else of the group, else USD (the
 *       standard's own default, with a warning) says where it is.
 *   B3  Control totals and counts of 49, 98 and 99 are reckoned again; another figure is a refusal
 *       that names both. A total of totals may be that of the figures written below it or of those
 *       reckoned, so that one wrong figure is named once.
 *   B4  The type code says credit (100-399, 720-759, 920-959) or debit (400-699, 760-799, 960-999);
 *       an amount with a minus turns it. 890 has no money in it: its text is the statement's note.
 *   B5  A group whose day is not over (as-of modifier 1 or 3), that is a test (status 4) or a
 *       deletion (status 2) moves no money.
 *
 * An account record is a statement: 010 and 015 are its opening and closing balance, the other
 * status codes are kept as balances. Its id is empty: the format has none. Booking date is the
 * group's as-of date, value date that of funds type V; S, D, 0, 1 and 2 become availability.
 * A line that begins with no record code goes on with the one before (banks wrap texts); several
 * records in one line are told by "/", blanks and a record code. Text of wires that is tagged
 * (ORG:=, EREF: and their kind) gives payer and end-to-end reference.
 *
 * Limits: files cut at every 80th byte without line ends are read only where records end with "/"
 * and a blank.
 *
 * Memory: one buffer of 256 KiB and one record of 64 KiB with its decoded copy, whatever the file's
 * size; a longer record is refused, a longer line ends the reading.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_BAI2_H
#define FLORIN_TOOLS_INGEST_STATEMENT_BAI2_H

#include "tools/format/byte_source.h"
#include "tools/ingest/statement.h"

/* `charset`: declared encoding, or null. `summary` is added to. FL_OK also where records were
 * refused (summary, sink); FL_UNREADABLE: the source fails, a line without end, or no file header
 * where one must be. */
enum fl_status fl_statement_bai2_read(struct fl_byte_source source, const char *charset,
                                      const struct fl_statement_sink *sink,
                                      struct fl_statement_summary *summary,
                                      struct fl_error *error) FL_MUST_USE;

#endif
