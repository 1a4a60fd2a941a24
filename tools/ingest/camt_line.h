/* camt_line.h - the lines that an entry of a camt statement is.
 *
 *   A1  The details of an entry add up to it, each with its sign, or the entry is one line with a
 *       warning. The entry's amount is a detail's only where there is one detail.
 *   A2  No status means booked in a camt.053 and not booked in 052 and 054; else only BOOK is
 *       booked.
 *   A8  An entry of a statement is in the currency of its account, or it is refused; one of a report
 *       or notice is not booked then.
 *
 * A detail's amount is its Amt, else AmtDtls TxAmt, CntrValAmt, InstdAmt: the first in the entry's
 * currency; where only less the details' own charges the sum is right, they are net. Text is the
 * unstructured remittance, else what a structured one adds, else what the bank adds. The payer is
 * the other side: debtor of money in, creditor of money out, never the account itself where the
 * other one is named; where neither has a name, for whom it acts.
 *
 * Availability (Avlbty) is the line's where the entry is one line; of a batch nobody says whose it
 * is.
 *
 * Thread: one.  Memory: none; a line's references are on the stack.
 */
#ifndef FLORIN_TOOLS_INGEST_CAMT_LINE_H
#define FLORIN_TOOLS_INGEST_CAMT_LINE_H

#include "tools/ingest/camt_entry.h"
#include "tools/ingest/camt_statement.h"

/* Gives the lines of the whole entry to the statement. A bad entry is reported there. Any status is
 * the sink's. */
enum fl_status fl_camt_lines_emit(struct fl_camt_statement *statement,
                                  struct fl_camt_entry *entry) FL_MUST_USE;

#endif
