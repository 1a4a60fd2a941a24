/* instalment.h - an invoice that is due in parts (rulings A6).
 *
 *   V1  The parts come to the invoice's total, stand by their days, and never change.
 *   V2  What is open of a part follows from what is open of the invoice: whatever comes off it
 * comes off the oldest part first. A late fee, which raises the invoice above its total, is due
 * with the oldest. V3  The live totals by due day hold each part on its own day.
 *
 * Pure but for the last two. Cost: an invoice without parts pays one flag that stands beside its
 * open amount.
 */
#ifndef FLORIN_CORE_DOMAIN_INSTALMENT_H
#define FLORIN_CORE_DOMAIN_INSTALMENT_H

#include "core/domain/state.h"

/* The invoice's parts among the first `rows` of the table: the first row, and how many; 0: it has
 * none. */
uint32_t fl_instalment_find(const struct fl_store *store, uint32_t rows, uint32_t invoice,
                            uint32_t *first_out);
/* What of each of them is open, in their order (V2). */
void fl_instalment_opens(const struct fl_store *store, uint32_t first, uint32_t count,
                         int64_t open_minor, int64_t opens[FL_INSTALMENTS_MAX]);

/* The parts of a command, checked against the total and sorted by day: FL_BAD_VALUE, FL_UNBALANCED.
 */
struct fl_instalment_draft {
    uint32_t count;
    struct fl_instalment_row rows[FL_INSTALMENTS_MAX];
};
enum fl_status fl_instalment_draft(struct fl_context *c, struct fl_list instalments,
                                   uint8_t currency, uint16_t date, int64_t total_minor,
                                   struct fl_instalment_draft *draft);
void fl_instalment_add(struct fl_state *s, uint32_t invoice, uint8_t currency,
                       const struct fl_instalment_draft *draft);
/* V3: the invoice's open amount changed. */
void fl_instalment_moved(struct fl_state *s, uint32_t invoice, int64_t before_minor,
                         int64_t after_minor);

#endif
