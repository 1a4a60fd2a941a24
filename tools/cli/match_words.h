/* match_words.h - what `match` says to people: the payment, why it is settled or not, and the commands that decide.
 *
 * Prints to stdout, text of payers without control characters. Reads a snapshot; keeps nothing.
 */
#ifndef FLORIN_TOOLS_CLI_MATCH_WORDS_H
#define FLORIN_TOOLS_CLI_MATCH_WORDS_H

#include "core/data/snapshot.h"

/* "number in the text", ... of rules 1 to 10; "" of another. */
const char *fl_match_rule_words(unsigned rule);

/* "BK/L1  119.00 EUR of 2025-06-10", who paid and what was written. */
void fl_match_words_receipt(const struct fl_snapshot *snapshot, uint32_t receipt);

/* Each standing application with its rule, points, reason and runner-up, and how one is taken back. */
void fl_match_words_settled(const struct fl_snapshot *snapshot, uint32_t receipt);

/* A command that applies so much of `source`, "receipt" or "credit_note" as it says, to an invoice; the discount and
 * the difference where they are not 0. */
struct fl_match_words_command {
    const char *source, *source_id, *invoice;
    size_t source_id_length, invoice_length;
    int64_t amount_minor, discount_minor, difference_minor;
    uint8_t currency;
};
void fl_match_words_apply(const struct fl_match_words_command *command);

/* What says whose a payment is, or parks it. */
void fl_match_words_else(const struct fl_snapshot *snapshot, uint32_t receipt);

#endif
