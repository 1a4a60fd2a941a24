/* result_message.h - the sentence for people in an answer that is not an acceptance.
 *
 *   "SKU-9: 1 wanted, 0 available"
 *   "invoice I-7: 1,428.00 wanted, 1,000.00 open (EUR)"
 *   "line 2: quantity -1: a quantity is above 0, with at most 6 decimals"
 *
 *   M1  It names the thing, says what was wrong with it, and what there is or what would be right.
 *   M2  Amounts have their currency's decimals, groups of three, and the currency behind them.
 *   M3  It is made from the fields of the answer alone: whoever keeps an answer can make it again.
 *       A field that is missing is left out, not guessed.
 *
 * The code is stable, the sentence is not: it may become better.
 *
 * Thread: any. Memory: the caller's. Cost: a microsecond.
 */
#ifndef FLORIN_TOOLS_FORMAT_RESULT_MESSAGE_H
#define FLORIN_TOOLS_FORMAT_RESULT_MESSAGE_H

#include <stddef.h>

#include "core/engine/result.h"

/* Writes the sentence, cut to `bytes`. */
void fl_result_message(const struct fl_result *result, char *out, size_t bytes);

/* Of a command that never reached the engine: the path of the field and the value as written,
 * either may be empty. */
void fl_message_invalid(enum fl_status status, const char *field, const char *value, char *out,
                        size_t bytes);

#endif
