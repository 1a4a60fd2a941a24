/* csv_layout.h - how a bank's CSV is to be read: separator, columns, number form, date order.
 *
 * The file is looked at before a line of it is believed. First its beginning, for the row of
 * headings, with each separator in turn; then its rows, for what they prove.
 *
 *   Y1  A form is declared, or proved: some row reads in this form only, and no row reads only in
 *       another. Where two are left and a row would mean two things, the file is refused and that
 *       row is named; where rows prove two forms, both are named.
 *   Y2  The rows prove it all within the first FL_CSV_PROOF_ROWS, or all rows are looked at. A
 * later row that does not fit is refused as a row. Y3  An account column of unsure side is ours if
 * it holds one account throughout, with money in and money out (K2); else it is the other side's.
 *
 *   Y4  Where nothing says the direction, a column of kinds ("Type") does if every row's is a word of
 *       direction (DR, CR, Debit, ...) and no amount has a sign of its own.
 *   Y5  Two columns of the same heading that says amount or day: which one counts is not guessed.
 *
 * Thread: one.  Memory: a reader's (csv_reader.h).  Cost: the beginning a few times, the rows once.
 */
#ifndef FLORIN_TOOLS_INGEST_CSV_LAYOUT_H
#define FLORIN_TOOLS_INGEST_CSV_LAYOUT_H

#include "tools/ingest/csv_row.h"

#define FL_CSV_PROOF_ROWS   20000
#define FL_CSV_HEADING_ROWS 64 /* the row of headings is within these */

/* Why a file as a whole is refused, and the line that shows it. */
struct fl_csv_refusal {
    uint64_t line;
    char message[160];
};

/* `source` can be rewound. On FL_OK either the layout stands and `refusal->line` is 0, or the file
 * is refused for what its rows say. FL_UNSUPPORTED: no headings that are known and no profile that
 * names the columns, or one names a column that is not there. FL_UNREADABLE as csv_reader. */
enum fl_status fl_csv_layout_find(struct fl_byte_source source,
                                  const struct fl_statement_profile *profile,
                                  struct fl_csv_layout *layout, struct fl_csv_refusal *refusal,
                                  struct fl_error *error) FL_MUST_USE;

/* Opens a reader at the first byte. */
enum fl_status fl_csv_layout_open(struct fl_byte_source source, const struct fl_csv_layout *layout,
                                  struct fl_csv_reader **out, struct fl_error *error) FL_MUST_USE;
/* True: the record stands behind the headings. */
bool fl_csv_layout_is_row(const struct fl_csv_layout *layout, const struct fl_csv_record *record);

#endif
