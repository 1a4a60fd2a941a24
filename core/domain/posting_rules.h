/* posting_rules.h - the posting table: one pure function from a row to the lines of its entry.
 *
 * Rows of the table in the rulings (D2) are cited by number. Apply calls these to post; journal,
 * exports and the audit call them again over the rows in sequence order, so an entry is never stored.
 * What depended on the state when it was decided stands in the row or in posting_part.
 *
 * Base amounts. A document's total in the book's currency is round(total x its frozen rate). A movement takes of each
 * side round(rest of base x amount / rest of amount), the last what is left, so the parts of a document always sum to
 * its whole; a mirror takes back what the original took. The difference of the two sides of an application is exchange
 * (row 23). Movements of foreign documents keep both in posting_part, since they depend on what was left.
 */
#ifndef FLORIN_CORE_DOMAIN_POSTING_RULES_H
#define FLORIN_CORE_DOMAIN_POSTING_RULES_H

#include "core/data/store.h"
#include "core/domain/ledger.h"

/* Row 4. */
void fl_posting_invoice(const struct fl_store *store, uint32_t invoice, struct fl_entry *entry);
/* Row 5. */
void fl_posting_credit_note(const struct fl_store *store, uint32_t note, struct fl_entry *entry);
/* Rows 8, 9. */
void fl_posting_receipt(const struct fl_store *store, uint32_t receipt, struct fl_entry *entry);
/* Row 3; empty unless goods had been invoiced before. */
void fl_posting_shipment(const struct fl_store *store, uint32_t shipment, struct fl_entry *entry);
/* Rows 6, 7, 10 to 12, 14 to 19. */
void fl_posting_movement(const struct fl_store *store, uint32_t movement, struct fl_entry *entry);
/* What of rows 13, 16 is beside the money freed: fees and losses, in a reversal those given back; empty where there is
 * neither. */
void fl_posting_cash_event(const struct fl_store *store, uint32_t event, struct fl_entry *entry);
/* Row 21 and the linking of a known receipt, of a line in the book's currency; empty for a line that became a
 * receipt, for one in another currency, and for one that waits for its rate. */
void fl_posting_statement_line(const struct fl_store *store, uint32_t line,
                               struct fl_entry *entry);
/* The same of a line in another currency, by its row of line_posting: posted at once or when its rate came. */
void fl_posting_line_posting(const struct fl_store *store, uint32_t posting,
                             struct fl_entry *entry);
/* Row 20, and what else clears suspense: empty where a movement or an event has the entry. */
void fl_posting_assignment(const struct fl_store *store, uint32_t assignment,
                           struct fl_entry *entry);
/* Row 22: what of a part no document's entry has; and the processor's payment. */
void fl_posting_payout_part(const struct fl_store *store, uint32_t part, struct fl_entry *entry);
void fl_posting_payout(const struct fl_store *store, uint32_t payout, struct fl_entry *entry);
/* Row 26, by its row of bank_opening, and the mirror of one that was corrected. */
void fl_posting_bank_opening(const struct fl_store *store, uint32_t opening,
                             struct fl_entry *entry);

#endif
