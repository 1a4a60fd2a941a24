/* payer_habit.h - how payers quote: which form a number has, in shares of a hundred.
 *
 * | hard kind   | forms                                                                          |
 * |-------------|--------------------------------------------------------------------------------|
 * | clean       | full 75, order number 4, reference as printed 12, in the bank's field 9        |
 * | damaged     | zeros 16, separator 16, no prefix 14, run together 14, blank 10, misspelt 9,   |
 * |             | reference damaged 7, last four digits 6, O for 0 4, swapped 2, cut 2           |
 * | several     | full, in lists and ranges of many shapes (payer_text.c)                        |
 * | part        | full 60, zeros 25, reference 15                                                |
 * | other payer | full 60, zeros 20, reference 20                                                |
 * | difference  | full 70, zeros 15, reference 15                                                |
 *
 * Thread: any.  Memory: none.
 */
#ifndef FLORIN_TOOLS_GEN_PAYER_HABIT_H
#define FLORIN_TOOLS_GEN_PAYER_HABIT_H

#include "tools/gen/workload.h"

enum fl_gen_quote fl_payer_habit(const struct fl_workload_plan *plan, struct fl_gen_random *random,
                                 enum fl_gen_payment_kind kind, const struct fl_gen_order *order);

/* Whether the number alone does not tell the document, and the amount must. */
bool fl_payer_habit_needs_amount(enum fl_gen_quote quote);

#endif
