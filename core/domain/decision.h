/* decision.h - who decided a match: a person or the machine (rulings, Matching 7).
 *
 *   Y1  `by` names who. "florin", alone or before anything but a letter or a digit ("florin
 * match"), in either case, is the machine; whatever else is there is a person. Y2  Without `by` an
 * `application` whose match has a rule is the machine's, since a rule found it. Without a rule it
 *       is a person's, and so are `application_reverse`, `receipt_assign` and `assign` without
 * `by`: commands by which people decide. Y3  What a person applied no machine takes back. What a
 * person took back no machine applies again to that pair of receipt (or credit note) and invoice,
 * by whatever rule. What a person parked on account no machine applies. All three are refused,
 * wrong_state. Y4  What the bank does (a return, a chargeback), what we pay back, and an invoice's
 * own credit note (D4.4) are no decisions about a match: they free and settle as the rulings say,
 * whoever matched.
 *
 * Y3 stands in the movements: FL_MOVE_FLAG_PERSON of an application, and of its reversal. Cost: a
 * walk over the source's movements, only where a machine decides about a source that has any.
 */
#ifndef FLORIN_CORE_DOMAIN_DECISION_H
#define FLORIN_CORE_DOMAIN_DECISION_H

#include "core/domain/state.h"

/* Y1 */
bool fl_decision_by_machine(const char *by, size_t length);
/* Y2: of an application; of any other command by its `by`. */
bool fl_decision_of_person(const struct fl_command *command, struct fl_text by,
                           const struct fl_match *match);

/* Y3: a person took the pair apart. `last_movement` is the source's, a receipt's or a credit
 * note's. */
bool fl_decision_was_undone(const struct fl_store *store, uint32_t last_movement, uint32_t invoice);

#endif
