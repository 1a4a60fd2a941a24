/* predict_csv.h - rows for prediction out of a file of paid invoices, without a book.
 *
 *   cust_number, clear_date, due_in_date, total_open_amount   and, where the file has it,
 *       posting_date and invoice_id
 *
 *   V1  Without posting_date the day of issue is due_in_date less 14 days, or the day of payment if
 *       that is earlier; the terms are then not known, and whoever prints says so.
 *   V2  If some rows have an invoice_id and others none, those with one are judged; else all are.
 *   V3  Amounts are in cents of a currency that is the same for all rows: they only sort into
 *       fifths, and weigh weeks. A row that has not all of it is refused, and counted.
 *
 * Memory: the rows, and the customers' numbers.
 */
#ifndef FLORIN_TOOLS_CLI_PREDICT_CSV_H
#define FLORIN_TOOLS_CLI_PREDICT_CSV_H

#include "analytics/predict_book.h"

#define FL_PREDICT_ASSUMED_TERMS_DAYS 14

struct fl_predict_csv {
    struct fl_predict_set set;
    struct fl_predict_names customers;
    uint32_t capacity, refused, with_id;
    uint16_t last_days; /* of any row */
    bool issue_assumed; /* V1 */
};

/* FL_UNREADABLE: no file, or not such a heading. FL_NO_MEMORY. fl_predict_csv_close afterwards, in
 * any case. */
enum fl_status fl_predict_csv_open(struct fl_predict_csv *csv, const char *path,
                                   struct fl_error *error);
void fl_predict_csv_close(struct fl_predict_csv *csv);

#endif
