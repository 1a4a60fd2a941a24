/* workload_ndjson.h - an event as one line of JSON, a command of the contract.
 *
 * Everything carries `at`, and a date where it has one; what has no id has a key, kept for longer than
 * the year, so that the same file again does nothing. A receipt's `references` are what the payer
 * meant and its `text` what he wrote; where nothing identifies the payment there are no references,
 * and one receipt in three leaves its customer to be found by them.
 *
 * Thread: one.  Memory: none.  Cost: about 0.3 us a line.
 */
#ifndef FLORIN_TOOLS_GEN_WORKLOAD_NDJSON_H
#define FLORIN_TOOLS_GEN_WORKLOAD_NDJSON_H

#include "tools/gen/gen_text.h"
#include "tools/gen/workload.h"

/* Writes the line. Lines of the bank that are no command (FL_EVENT_BANK_OUT) write nothing. */
void fl_workload_ndjson_put(const struct fl_workload_plan *plan,
                            const struct fl_workload_event *event, struct fl_gen_text *text);

/* Whether the receipt says who paid. */
bool fl_gen_receipt_names_customer(const struct fl_gen_payment *payment);

/* The payment's row of the answer key. `line` is ACCOUNT/BANKREF. */
void fl_workload_answer_put(const struct fl_gen_payment *payment, const char *account,
                            const char *bank_ref, struct fl_gen_text *text);

#endif
