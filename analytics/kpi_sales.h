/* kpi_sales.h - what counts as a credit sale (S(p) of the KPIs).
 *
 *   S(p) = totals of the invoices dated in p, tax and freight in, less the credit notes dated in p.
 *   An invoice wholly covered by receipts dated on or before it is a cash sale and left out: no
 *   credit was given.
 *
 * An application counts while it stands as of the day: a payment taken back later makes a credit
 * sale of it.
 */
#ifndef FLORIN_ANALYTICS_KPI_SALES_H
#define FLORIN_ANALYTICS_KPI_SALES_H

#include "analytics/kpi_aging.h"

/* By invoice of `items`, 1: a cash sale. By malloc, the caller frees; null: no memory. */
uint8_t *fl_cash_sales(const struct fl_snapshot *snapshot, const struct fl_open_items *items);

#endif
