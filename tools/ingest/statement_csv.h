/* statement_csv.h - a bank's CSV as statements, one for each account and currency in it.
 *
 * Three passes over the file: its layout is found and proved (csv_layout.h); its rows are read for
 * what a statement says before its lines (accounts, days, balances, which end is the newest); its
 * lines are given out, account after account, oldest first.
 *
 *   E1  With a balance column the opening and closing balances come from it, and every row must
 *       follow from the one before: a file whose balances part somewhere is not balanced, even if
 *       its ends agree. The first row that does not follow is named in a warning.
 *   E2  A file that runs newest first is told by its balances, else by its days, and turned round:
 *       a line stands at the same place in two exports that overlap.
 *   E3  A row that cannot be read is refused with its line; nothing of it is guessed.
 *   E4  A file that could mean two things is refused as a whole, the row named: `refused` is told
 *       of it, no statement begins, and the status is FL_OK as for any record.
 *
 * A CSV has no name for its statement: that is its days ("2024-05-02..2024-05-31").
 *
 * Limits: FL_CSV_STATEMENTS_MAX accounts and currencies a file. A newest-first statement of more
 * than FL_CSV_TURN_BYTES_MAX stays in the file's order.
 *
 * Thread: one.  Memory: a reader's; where lines are turned round, those of one statement.  Cost:
 * some five passes of csv_reader over the file, one more for each further statement.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_CSV_H
#define FLORIN_TOOLS_INGEST_STATEMENT_CSV_H

#include "tools/format/byte_source.h"
#include "tools/ingest/statement.h"
#include "tools/ingest/statement_profile.h"

#define FL_CSV_STATEMENTS_MAX 64
#define FL_CSV_TURN_BYTES_MAX (128u << 20)

/* `profile`: all zero where nothing is declared. FL_UNSUPPORTED: the source cannot be rewound, or
 * the columns are not known (the message says what a profile has to name). FL_UNREADABLE: the
 * source. Else as the sink says. */
enum fl_status fl_statement_csv_read(struct fl_byte_source source,
                                     const struct fl_statement_profile *profile,
                                     const struct fl_statement_sink *sink,
                                     struct fl_statement_summary *summary,
                                     struct fl_error *error) FL_MUST_USE;

#endif
