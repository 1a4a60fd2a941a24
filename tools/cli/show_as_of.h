/* show_as_of.h - what is shown of a document: live, or as of a day as known at a sequence.
 *
 * Without a day (show->items is null) the kept figures are given. With one, open amounts come from
 * fl_open_items and the rest from the movements dated and known by then; a state is told from them
 * by the same rules (rulings, D8).
 *
 * Limits: whether a promise is kept is told by what is known now. That a receipt stood on account in the past is not known; it is given as unapplied unless
 * it does so still.
 */
#ifndef FLORIN_TOOLS_CLI_SHOW_AS_OF_H
#define FLORIN_TOOLS_CLI_SHOW_AS_OF_H

#include "core/domain/receivable.h"
#include "tools/cli/cli_show.h"

/* Whether the row is there at all by then. */
bool fl_as_of_has(const struct fl_show *show, enum fl_table_id table, uint32_t row);

int64_t fl_as_of_invoice_open(const struct fl_show *show, uint32_t invoice);
enum fl_invoice_state fl_as_of_invoice_state(const struct fl_show *show, uint32_t invoice);
int64_t fl_as_of_note_open(const struct fl_show *show, uint32_t note);

struct fl_receipt_shown {
    int64_t open_minor, refundable_minor;
    uint32_t customer;
    enum fl_receipt_state state;
    struct fl_receipt_sums sums;
};
void fl_as_of_receipt(const struct fl_show *show, uint32_t receipt, struct fl_receipt_shown *out);

/* A line's status (enum fl_line_status), which was no_rate or stored until it was posted; and how many of a statement's
 * lines have one. */
uint8_t fl_as_of_line_status(const struct fl_show *show, uint32_t line);
uint32_t fl_as_of_lines_with(const struct fl_show *show, uint32_t statement, uint8_t status);

/* Of a customer in its own currency; credits and unapplied as positive amounts. */
struct fl_customer_shown {
    int64_t open_minor, unapplied_minor, credits_minor;
};
void fl_as_of_customer(const struct fl_show *show, uint32_t customer,
                       struct fl_customer_shown *out);

#endif
