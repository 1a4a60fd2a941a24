/* cash_event.h - money that goes back, or is given up: refund, chargeback, return, write-off; and what of a chargeback
 * is won, of a write-off recovered. */
#ifndef FLORIN_CORE_DOMAIN_CASH_EVENT_H
#define FLORIN_CORE_DOMAIN_CASH_EVENT_H

#include "core/domain/state.h"

/* Money that a bank or a processor took, without a command of its own. */
struct fl_money_out {
    const char *id;
    size_t id_length;
    enum fl_target_kind target_kind; /* a receipt; of a refund a credit note, too */
    uint32_t target;
    int64_t amount_minor, fee_minor;
    uint32_t account;        /* FL_NO_ROW: transit */
    uint32_t statement_line; /* FL_NO_ROW */
    uint16_t date;
    bool suspense; /* the line was posted against suspense: the event's other side is there */
};

/* Row 16, won, in full as the bank's: `target` is the row of the chargeback, `fee_minor` what came back of its fee. The
 * receipt is given again what the chargeback had taken from it; the rest is what it had cost. Returns the event's row. */
uint32_t fl_money_back_chargeback(struct fl_context *c, const struct fl_money_out *back);
/* What of a chargeback's amount has not come back. */
int64_t fl_chargeback_left(const struct fl_store *store, uint32_t chargeback);

/* Rows 13, 15, 16. A return and a chargeback are booked in full: what is above the refundable is a loss. A refund is of
 * what is refundable. Each returns the event's row. */
uint32_t fl_money_out_return(struct fl_context *c, const struct fl_money_out *out);
uint32_t fl_money_out_chargeback(struct fl_context *c, const struct fl_money_out *out);
uint32_t fl_money_out_refund(struct fl_context *c, const struct fl_money_out *out);

#endif
