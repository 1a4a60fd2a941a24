/* statement_line.h - one line of a bank statement: stored, then posted once (posting rows 8, 13, 15, 21).
 *
 *   L1  What the command carried of a line stands in its rows: posting it later needs no command.
 *   L2  A line in another currency is posted at the rate of its booking day. While there is none it is stored in
 *       state `no_rate`: its statement is whole and balanced, the ledger knows nothing of it.
 *   L3  What waits is posted by the command that brings the rate (fx_rate), in the order of the lines, up to
 *       FL_WAITING_LINES_MAX looked at; the rest, and what no longer needs a rate, by the clock and by the next
 *       statement of the account, as many at a time. The opening that a statement brought waits likewise.
 *   L4  A line's id is ACCOUNT/BANKREF if it is the first of the account with that reference, else ACCOUNT/#n. What it
 *       becomes (a receipt, a return) has the same id.
 *
 * Posting late happens on the first open day on or after the booking day, as posting at once does (D3), and stands in
 * the journal at the command that did it.
 *
 * A line's charges (camt `Chrgs`) were kept on the way: where the documents that it names are open by the amount with
 * the charges, the receipt is of that amount and the charges are its fee; else it is of the line's amount.
 *
 * Thread: the engine's. Memory: none of its own. Cost: a receipt's.
 */
#ifndef FLORIN_CORE_DOMAIN_STATEMENT_LINE_H
#define FLORIN_CORE_DOMAIN_STATEMENT_LINE_H

#include "core/domain/state.h"

#define FL_LINE_ACCOUNT_BYTES_MAX 40 /* of the account in a line's id; a longer one is cut */

/* Stores the line of the command's statement, without posting it. */
uint32_t fl_line_add(struct fl_context *c, uint32_t statement, const struct fl_statement_item *item,
                     int64_t amount_minor, int64_t before_minor, uint16_t booking_date,
                     uint64_t identity);

/* The line was told before by the line `told` of an interim report: it posts nothing (line_told.h). */
void fl_line_tell(struct fl_context *c, uint32_t line, uint32_t told);

enum fl_line_outcome { FL_LINE_POSTED, FL_LINE_MATCHED, FL_LINE_WAITS };
/* Posts the line, if there is a rate: MATCHED if it settled something or is known money. Else it waits (L2). */
enum fl_line_outcome fl_line_post(struct fl_context *c, uint32_t line,
                                  const struct fl_statement_item *item);

/* The same of a line that was stored by an earlier record, or in it: its command is not needed. */
enum fl_line_outcome fl_line_post_stored(struct fl_context *c, uint32_t line);
/* Rows that posting it may add to a table, at most. */
uint32_t fl_line_rows_worst(const struct fl_store *store, uint32_t line);

/* The amount in the book's currency at that day's rate. False: no rate, or one that makes it too large to keep. */
bool fl_line_base(const struct fl_state *s, uint8_t currency, uint16_t date, int64_t amount_minor,
                  int64_t *base_out);

/* L3, for one account or (FL_NO_ROW) all; c->values[0]: how many were posted. FL_NO_MEMORY: nothing is decided. */
enum fl_status fl_line_post_waiting(struct fl_context *c, uint32_t account);

/* L4: writes the id, FL_ID_BYTES_MAX at most; returns its length. */
size_t fl_line_id(const struct fl_store *store, uint32_t line, char out[FL_ID_BYTES_MAX]);
/* By that id; FL_NO_ROW. */
uint32_t fl_line_find(const struct fl_state *s, const char *id, size_t length);
/* The same, or by the id of the receipt or return that it became; of one that was told before, the line it was. */
uint32_t fl_line_of_id(const struct fl_state *s, const char *id, size_t length);
/* The account's first line with that reference of the bank; FL_NO_ROW. */
uint32_t fl_line_by_reference(const struct fl_state *s, uint32_t account, const char *ref,
                              size_t length);
/* Into the index, when it is rebuilt. */
void fl_line_index(struct fl_state *s, uint32_t line);

/* The next reference of the line behind `*at` (0 to begin with), and moves `*at`; null at the end. */
const char *fl_line_reference(const struct fl_store *store, uint32_t line, uint32_t *at);
/* The statement's first row of balances among the first `rows`; how many follow stands in statement_live. */
uint32_t fl_statement_balances(const struct fl_store *store, uint32_t rows, uint32_t statement);
/* The line's first row of advice among the first `rows`; rows of the line follow. */
uint32_t fl_line_advice(const struct fl_store *store, uint32_t rows, uint32_t line);
/* The line's first row of availability; rows of the line follow. */
uint32_t fl_line_availability(const struct fl_store *store, uint32_t line);

#endif
