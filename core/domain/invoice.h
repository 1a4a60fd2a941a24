/* invoice.h - issuing an invoice: by command, or because the book says so on order or shipment. */
#ifndef FLORIN_CORE_DOMAIN_INVOICE_H
#define FLORIN_CORE_DOMAIN_INVOICE_H

#include "core/domain/state.h"

/* Invoices what is billable of an order (shipment FL_NO_ROW) or a shipment, dated `date`, under the
 * series' next id. Used by `invoice_on`; refusals cannot happen there but for the limits of amounts. */
enum fl_status fl_invoice_issue(struct fl_context *c, uint32_t order, uint32_t shipment,
                                uint16_t date_days, uint32_t *invoice_out);

/* The series: writes the next id for a document of that day, and of an invoice the hash that it is found by; 0 length
 * never. */
enum fl_series_kind { FL_SERIES_INVOICE, FL_SERIES_CREDIT_NOTE };
size_t fl_series_next(struct fl_state *s, enum fl_series_kind kind, uint16_t date_days,
                      char out[FL_ID_BYTES_MAX], uint64_t *hash_out);
void fl_series_advance(struct fl_state *s, enum fl_series_kind kind, uint16_t date_days);
/* Resolves the command's id: given (not one that the series gives now or later), or the series' next,
 * written into the command (E2). FL_SERIES_RESERVED. `*from_series_out` says which; the hash is
 * that of an id written here. */
enum fl_status fl_series_resolve(struct fl_context *c, enum fl_series_kind kind,
                                 bool *from_series_out, uint64_t *hash_out);

#endif
