/* statement_ofx.h - statements of banks and credit cards in OFX 1 (SGML) and OFX 2 (XML), read as a
 * stream of elements (ofx_reader.h).
 *
 *   F1  Aggregates are known by their level, not by their end tags: one that opens closes all that
 *       are as deep or deeper. Elements that are not known are passed over.
 *   F2  LEDGERBAL is the balance at the end. The opening balance is that less the lines; it is not
 *       known where a line of the statement could not be read.
 *   F3  A day is the first eight digits as written; time and zone behind them are not looked at.
 *   F4  FITID is the line's bank reference and no key: banks give one to several lines.
 *   F5  TRNAMT has the sign as written, whatever TRNTYPE says; '.' or ',' is the decimal sign and
 *       there is no sign for thousands: "1,000" is refused where the currency has not three decimals.
 *   F6  An account is its ACCTID, blanks left out; BANKID is not part of it.
 *   F7  Every file ends with </OFX>: one that does not was cut, and is refused.
 *   F8  Account and currency stand before the lines; others behind them, as where two statements run
 *       into each other, are refused.
 *
 * Text is the name (EXTDNAME, else NAME, else PAYEE's) and MEMO, once where one begins with the
 * other. ORIGCURRENCY tells where an amount came from and is passed over; CURRENCY that is not the
 * account's makes the line refused, since its rate needs a rounding that the bank does not tell.
 * A line that replaces one sent before (CORRECTFITID) is booked with a warning, one that deletes is
 * not booked. Pending transactions (BANKTRANLISTP) are lines not booked. An error of the bank's
 * server, investment and loan statements are refused by name.
 *
 * Memory: the reader's and the texts of one transaction, 128 KiB at most.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_OFX_H
#define FLORIN_TOOLS_INGEST_STATEMENT_OFX_H

#include "tools/format/byte_source.h"
#include "tools/ingest/statement.h"

/* `charset`: declared encoding, or null: the file's own. `summary` is added to. FL_OK also where
 * records were refused (summary, sink); FL_UNREADABLE: the source fails, or there is no <OFX>. */
enum fl_status fl_statement_ofx_read(struct fl_byte_source source, const char *charset,
                                     const struct fl_statement_sink *sink,
                                     struct fl_statement_summary *summary,
                                     struct fl_error *error) FL_MUST_USE;

#endif
