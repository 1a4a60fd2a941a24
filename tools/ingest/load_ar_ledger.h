/* load_ar_ledger.h - the map `ar-ledger`: receivables, one row an invoice by its amount, paid or open.
 *
 * The heading says which ledger it is:
 *   customerID, invoiceNumber, InvoiceDate, DueDate, InvoiceAmount, SettledDate   M/D/YYYY, no currency
 *   cust_number, invoice_id, posting_date, due_in_date, total_open_amount, invoice_currency   YYYY-MM-DD
 *   cust_number, doc_id, posting_date, due_in_date, converted_usd                 DD-MM-YYYY, US dollars
 * The first may have countryCode and PaperlessBill: the customer's segment, as in 391/electronic; and Disputed. The
 * latter two may have clear_date and name_customer; dates are told by their own form, not by the heading.
 *
 *   A1  A row is the invoice of its number, net = amount, no tax, with its date and due date. With a date of payment
 *       it is also the receipt PAY-n of the whole amount on that day, for that customer, referring to it.
 *   A2  A due date before the invoice's own day (terms counted from an earlier day than it was posted) is taken as
 *       that day, since a debt cannot be due before it is there; such rows are counted as due_raised.
 *   A3  Documents are made in the order of their days over the file, invoices before receipts of the same day.
 *   A4  Converted amounts have the decimals of the conversion; they are rounded to the cent by the book's policy. In
 *       the other two more decimals than the currency has are refused.
 *   A5  Where the segment of a customer changes from one invoice to the next, the customer gets a new version on that
 *       day, if it was this load that made it. An invoice marked Disputed: Yes has the dispute DIS-n of its amount; the
 *       file says neither when nor how it ended, so it is dated as the invoice and stays as it is.
 *
 * Thread: one. Memory: one file's rows.
 */
#ifndef FLORIN_TOOLS_INGEST_LOAD_AR_LEDGER_H
#define FLORIN_TOOLS_INGEST_LOAD_AR_LEDGER_H

#include "tools/ingest/load_sink.h"

/* FL_UNREADABLE: the file, or a heading of none of the three kinds. FL_NO_MEMORY. */
enum fl_status fl_load_ar_ledger(struct fl_load_sink *sink, const char *path,
                                 struct fl_error *error) FL_MUST_USE;

#endif
