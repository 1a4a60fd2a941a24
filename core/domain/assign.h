/* assign.h - whose a bank line is, said after it was booked (rulings A3; posting rows 15, 20, 21).
 *
 *   G1  A line is assigned in whole. What stands in suspense (money out that nothing explained) leaves suspense; what
 *       became a receipt, of which nothing is applied, leaves that receipt, which is then nobody's.
 *   G2  account: an account of the ledger, but for those that documents keep (receivables, unidentified, deferred
 *       revenue, suspense itself) and other banks. A bank account of ours, by its id or as assets:bank:ID, is an own
 *       transfer: only statement lines move banks (D1), so each side is assigned to the other and they meet on
 *       assets:transit:payouts.
 *   G3  refund, chargeback: money out that is one which is known. Through transit it clears the transit account; if it
 *       named this account already, the line's own entry is taken back. Money in that names a chargeback is what was
 *       won of it: a chargeback_reverse that is known, or one is made.
 *   G4  receipt: money in that is one which is known, likewise; money out that the bank took back from it, in full:
 *       what is above the refundable is a loss (row 13).
 *   G5  An assignment corrects the line's entry: it carries its day, pushed (D3).
 *   G6  Assigned again it was an error (D3): what was posted is mirrored on its day, pushed, what it was linked to is free
 *       again, and the line is assigned anew. account liabilities:suspense (money in: liabilities:unidentified) puts it
 *       back where it stood and no more. A machine does not do that. The same again is refused, wrong_state.
 *
 * Limit: where the assignment made an event (a return, a chargeback that was won), it stays.
 */
#ifndef FLORIN_CORE_DOMAIN_ASSIGN_H
#define FLORIN_CORE_DOMAIN_ASSIGN_H

#include "core/domain/state.h"

/* G2: the account of the ledger with that name, if a line may be of it; FL_ACCOUNT_NONE. */
uint32_t fl_assign_ledger_account(const char *text, size_t length);

/* The line's receipt, if nothing of it is applied, refunded or assigned yet; FL_NO_ROW. */
uint32_t fl_assign_free_receipt(const struct fl_store *store, uint32_t line);

/* G1 for a line that became such a receipt: its money is of `account` (a number of the ledger).
 * Returns the row. */
uint32_t fl_assign_receipt_line(struct fl_context *c, uint32_t line, enum fl_assignment_kind kind,
                                uint32_t account, uint32_t target, uint16_t date);

#endif
