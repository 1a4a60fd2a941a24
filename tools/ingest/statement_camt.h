/* statement_camt.h - ISO 20022 account reports: camt.053 statements, camt.052 reports and camt.054
 * notices, versions 02 to 13, by local element name.
 *
 * This file walks the XML: which element it is says camt_paths, texts gather in the entry's arena
 * (camt_entry), balances and head in camt_balance and camt_statement; what an entry means says
 * camt_line.
 *
 *   A0  Account and currency belong to the statement, not to the file.
 *   A1, A2, A8  camt_line.h.  A3, A4  camt_balance.h.  A5, A6  camt_statement.h.
 *   A7  Whatever the file holds, memory is bounded: depth and tags by xml_reader, a text by
 *       FL_CAMT_TEXT_BYTES_MAX (more of it is dropped: no field keeps as much), an entry by
 *       camt_entry's limits, beyond which the file is refused by name and line.
 *
 * Thread: one.  Memory: the entry in hand; freed at the end. Nothing grows with the number of
 * entries.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_CAMT_H
#define FLORIN_TOOLS_INGEST_STATEMENT_CAMT_H

#include "tools/format/byte_source.h"
#include "tools/ingest/statement.h"

#define FL_CAMT_TEXT_BYTES_MAX                                                                     \
    (16u << 10) /* of one element, blanks that are collapsed counted in */

/* `summary` is added to. FL_OK also where records were refused; FL_UNREADABLE: damaged XML, an
 * entry too large, or no account report in it. */
enum fl_status fl_statement_camt_read(struct fl_byte_source source, bool reversal_flips,
                                      const struct fl_statement_sink *sink,
                                      struct fl_statement_summary *summary,
                                      struct fl_error *error) FL_MUST_USE;

#endif
