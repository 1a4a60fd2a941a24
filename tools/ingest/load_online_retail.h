/* load_online_retail.h - the map `online-retail`: a shop's lines as they were invoiced, one row a line.
 *
 * Columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country. What a row is:
 *   InvoiceNo begins with A         refused, bad_debt_without_invoice: it names no invoice to write off
 *   InvoiceNo begins with C         a line of the credit note of that number, without invoice
 *   negative quantity otherwise     a stock adjustment; its price, if it has one, is no revenue
 *   else                            a line of order SO-n, shipment SH-n and invoice n, on its day; price 0 is a line
 *                                   of 0.00; without CustomerID on the customer `unknown`
 *
 *   R1  Lines of one number need not stand together: they are gathered over the file, and documents are made in the
 *       order of their times. A number that goes on in a second file is refused there as key_reused.
 *   R2  Each line is rounded by itself, as the engine rounds lines of an order: the sum is that of the documents.
 *   R3  The day is the first line's; a line of another customer is refused, customer_differs.
 *   R4  A stock adjustment has no number of its own; its key is the file's name without folders and the line in it. A
 *       file that was renamed or cut adjusts again, two different files of one name clash (key_reused).
 *
 * Limits: the book has to have confirm `auto` and invoice_on `manual` (the defaults): the file brings its invoices.
 * Thread: one. Memory: one file's rows.
 */
#ifndef FLORIN_TOOLS_INGEST_LOAD_ONLINE_RETAIL_H
#define FLORIN_TOOLS_INGEST_LOAD_ONLINE_RETAIL_H

#include "tools/ingest/load_sink.h"

/* FL_UNREADABLE: the file, or a heading without the columns. FL_NO_MEMORY. */
enum fl_status fl_load_online_retail(struct fl_load_sink *sink, const char *path,
                                     struct fl_error *error) FL_MUST_USE;

#endif
