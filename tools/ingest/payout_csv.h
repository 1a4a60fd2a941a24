/* payout_csv.h - a processor's payouts out of a CSV: what was charged, refunded and kept of each.
 *
 * Read are the payout reports of Stripe (itemised, with automatic_payout_id), the settlement
 * details of Adyen, the payout transactions of Shopify, and any CSV whose headings say payout,
 * kind, amount, fee, currency, date and ref. Columns are told by their headings; the form of
 * numbers and days is proved by the rows or declared, as in statement_csv.h.
 *
 *   J1, J2  payout_parts.h. Where the file has gross and net, the fee is their difference; else a
 *       column of fees that are all below zero on charges is turned round. What the file says of the
 *       amount is a row of kind payout, or a column.
 *   J3  The rows of one payout stand together; one that comes again behind another is refused.
 *       Without a column that names it, a row of kind payout ends one, and the end of the file.
 *   J4  A row that cannot be read is refused with its line.
 *
 * Thread: one.  Memory: a csv_reader's, the parts of one payout (FL_PAYOUT_PARTS_MAX at most), and
 * the names of the payouts.
 * Cost: two passes.
 */
#ifndef FLORIN_TOOLS_INGEST_PAYOUT_CSV_H
#define FLORIN_TOOLS_INGEST_PAYOUT_CSV_H

#include "tools/format/byte_source.h"
#include "tools/ingest/payout_parts.h"
#include "tools/ingest/statement_profile.h"

/* Whether the file's headings are those of a payout report: a payout's name, kinds and amounts.
 * Leaves the source at its beginning. */
bool fl_payout_csv_is(struct fl_byte_source source, const struct fl_statement_profile *profile);

/* `source` can be rewound. FL_UNSUPPORTED: no headings of a payout report. FL_UNREADABLE: the
 * source. Else as the sink says. */
enum fl_status fl_payout_csv_read(struct fl_byte_source source,
                                  const struct fl_statement_profile *profile,
                                  const struct fl_payout_sink *sink,
                                  struct fl_error *error) FL_MUST_USE;

#endif
