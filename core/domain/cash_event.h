/* cash_event.h - money that goes back, or is given up: refund, chargeback, return, write-off. */
#ifndef FLORIN_CORE_DOMAIN_CASH_EVENT_H
#define FLORIN_CORE_DOMAIN_CASH_EVENT_H

#include "core/domain/state.h"

/* A bank line that takes a receipt back (posting row 13), booked in full: what is above the refundable is
 * a loss. `account` FL_NO_ROW: transit. Returns the event's row. */
uint32_t fl_receipt_return(struct fl_context *c, const char *id, size_t id_length, uint32_t receipt,
                           int64_t amount_minor, int64_t fee_minor, uint32_t account,
                           uint16_t date, uint32_t statement_line, uint64_t content_hash,
                           struct fl_text reason);

#endif
