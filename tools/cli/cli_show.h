/* cli_show.h - one thing whole, as JSON; `list` prints the same shape line by line. */
#ifndef FLORIN_TOOLS_CLI_CLI_SHOW_H
#define FLORIN_TOOLS_CLI_CLI_SHOW_H

#include <stdio.h>

#include "analytics/kpi_aging.h"
#include "core/engine/engine.h"

struct fl_show {
    const struct fl_snapshot *s;
    FILE *out;
    uint16_t as_of;                    /* the day: today's, or the one that was asked for */
    const struct fl_open_items *items; /* as of that day; null: the live state */
};

void fl_show_customer(const struct fl_show *show, uint32_t row);
void fl_show_product(const struct fl_show *show, uint32_t row);
void fl_show_bank_account(const struct fl_show *show, uint32_t row);
void fl_show_order(const struct fl_show *show, uint32_t row);
void fl_show_shipment(const struct fl_show *show, uint32_t row);
void fl_show_invoice(const struct fl_show *show, uint32_t row);
void fl_show_credit_note(const struct fl_show *show, uint32_t row);
void fl_show_receipt(const struct fl_show *show, uint32_t row);
/* Why an application was made: the fields of A5, from "rule" to "candidates", without braces. */
void fl_show_match(const struct fl_show *show, uint32_t movement);
void fl_show_application(const struct fl_show *show, uint32_t row);
/* "P1/1", or the id that the caller gave it. */
#define FL_APPLICATION_ID_BYTES (FL_ID_BYTES_MAX + 16)
void fl_show_application_id(const struct fl_snapshot *s, uint32_t row,
                            char out[FL_APPLICATION_ID_BYTES]);
void fl_show_cash_event(const struct fl_show *show, uint32_t row);
void fl_show_statement(const struct fl_show *show, uint32_t row);
/* What lies between the closing of the statement before it and its opening; 0: none, or nobody says. */
int64_t fl_show_statement_gap(const struct fl_show *show, uint32_t row);
void fl_show_statement_line(const struct fl_show *show, uint32_t row);
void fl_show_payout(const struct fl_show *show, uint32_t row);
void fl_show_dispute(const struct fl_show *show, uint32_t row);
void fl_show_promise(const struct fl_show *show, uint32_t row);

#endif
