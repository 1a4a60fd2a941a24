/* statement_camt053.h - ISO 20022 account reports: camt.053 statements, camt.052 reports and
 * camt.054 notices, versions 02 to 13, by local element name.
 *
 *   A1  The details of an entry add up to it, each with its sign, or the entry is one line with a
 *       warning. The entry's amount is a detail's only where there is one detail.
 *   A2  No status means booked in a camt.053 and not booked in 052 and 054; else only BOOK is
 * booked. A3  Account and currency belong to the statement. A DBIT balance is negative, no
 * indicator is CRDT. A4  Opening is OPBD, else PRCD, else the first ITBD; closing is CLBD, else the
 * last ITBD. A5  A statement whose page is not its last goes on with the next one of the file if
 * account and sequence number are the same.
 *
 * A detail's amount is its Amt, else AmtDtls TxAmt, CntrValAmt, InstdAmt: the first in the entry's
 * currency; where only less the detail's own charges the sum is right, it is net. Text is the
 * unstructured remittance, else what the bank adds. The payer is the other side: debtor of money
 * in, creditor of money out, never the account itself where the other one is named.
 *
 * Availability (Avlbty) is the line's where the entry is one line; of a batch nobody says whose it is.
 *
 * Memory: the entry in hand with all its details, since a batch can be judged only when it is
 * whole; at most FL_CAMT_ENTRY_BYTES_MAX, freed at the end. Nothing grows with the number of
 * entries.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_CAMT053_H
#define FLORIN_TOOLS_INGEST_STATEMENT_CAMT053_H

#include "tools/format/byte_source.h"
#include "tools/ingest/statement.h"

#define FL_CAMT_ENTRY_BYTES_MAX (256u << 20) /* some 100,000 payments in one booking */

/* `summary` is added to. FL_OK also where records were refused; FL_UNREADABLE: damaged XML or no
 * account report in it. */
enum fl_status fl_statement_camt053_read(struct fl_byte_source source,
                                         const struct fl_statement_sink *sink,
                                         struct fl_statement_summary *summary,
                                         struct fl_error *error) FL_MUST_USE;

#endif
