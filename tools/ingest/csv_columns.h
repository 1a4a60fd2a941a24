/* csv_columns.h - what the columns of a bank's CSV mean, told by their headings.
 *
 * A table of headings in the languages banks write, compared in a normal form: lower case, accents
 * folded, only letters and digits ("Crédit", "Id. de transacción", "S/H"). Where several columns
 * fit one role, the rank decides: booking date before date before time stamp, net before gross.
 *
 *   K1  A heading that is not in the table means nothing: its column is not read.
 *   K2  A heading alone never says which side an account is on where banks use it for both
 *       ("IBAN", "Account"): that is FL_CSV_ANY_ACCOUNT, and the rows decide.
 *
 * Thread: any.  Memory: none.
 */
#ifndef FLORIN_TOOLS_INGEST_CSV_COLUMNS_H
#define FLORIN_TOOLS_INGEST_CSV_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/format/csv_reader.h"

enum fl_csv_role {
    FL_CSV_DATE,
    FL_CSV_VALUE_DATE,
    FL_CSV_AMOUNT,
    FL_CSV_GROSS, /* before the fee; the amount is net */
    FL_CSV_DEBIT,
    FL_CSV_CREDIT,
    FL_CSV_SIGN,
    FL_CSV_SIGN_OR_AMOUNT, /* "Soll/Haben": the rows decide */
    FL_CSV_CURRENCY,
    FL_CSV_BALANCE,
    FL_CSV_OPENING,
    FL_CSV_CLOSING,
    FL_CSV_TEXT,
    FL_CSV_NAME,        /* of the other side */
    FL_CSV_DEBTOR_NAME, /* who pays: the other side of money in */
    FL_CSV_CREDITOR_NAME,
    FL_CSV_ACCOUNT, /* of the other side */
    FL_CSV_DEBTOR_ACCOUNT,
    FL_CSV_CREDITOR_ACCOUNT,
    FL_CSV_OWN_ACCOUNT,
    FL_CSV_ANY_ACCOUNT, /* K2 */
    FL_CSV_BANK_REF,
    FL_CSV_CUSTOMER_REF,
    FL_CSV_END_TO_END,
    FL_CSV_REFERENCE, /* of the creditor, with check digits */
    FL_CSV_MANDATE,
    FL_CSV_CODE, /* the bank's kind of transaction */
    FL_CSV_STATUS,
    FL_CSV_ROLES
};

#define FL_CSV_TEXTS_MAX 32
#define FL_CSV_NO_COLUMN (-1)

struct fl_csv_columns {
    int32_t of[FL_CSV_ROLES]; /* FL_CSV_NO_COLUMN: none; not used for FL_CSV_TEXT */
    uint16_t texts[FL_CSV_TEXTS_MAX];
    uint32_t texts_count;
    int32_t twice;  /* a column of amounts or days whose heading came before; FL_CSV_NO_COLUMN */
    uint32_t least; /* fields a record needs to have them all but the texts */
};

#define FL_CSV_NORMAL_BYTES_MAX 64

/* Writes the normal form with a NUL, cut to fit; returns its length. */
size_t fl_csv_normal(struct fl_slice text, char out[FL_CSV_NORMAL_BYTES_MAX]);

void fl_csv_columns_clear(struct fl_csv_columns *columns);
/* Says that `role` is in `column` (a text column is one more). */
void fl_csv_columns_set(struct fl_csv_columns *columns, enum fl_csv_role role, uint32_t column);
/* Tells the columns by a record of headings. False: it is none, a date or an amount is missing. */
bool fl_csv_columns_find(const struct fl_csv_record *headings, struct fl_csv_columns *out);
/* There is a date and money. */
bool fl_csv_columns_suffice(const struct fl_csv_columns *columns);
/* The role that a label in front of the table has ("Konto:"); FL_CSV_ROLES: none. */
enum fl_csv_role fl_csv_label_role(struct fl_slice label);

/* The currency that a heading names beside its meaning: "Amount (EUR)"; 0: none. */
uint8_t fl_csv_heading_currency(struct fl_slice heading);

/* What a word in a sign column means. */
enum fl_csv_side { FL_CSV_SIDE_UNKNOWN, FL_CSV_SIDE_IN, FL_CSV_SIDE_OUT };
enum fl_csv_side fl_csv_side_of(struct fl_slice cell, bool *reversal_out);
/* Pending, declined and their kind: no money moved. */
bool fl_csv_is_not_booked(struct fl_slice status);
/* FL_CSV_OPENING or FL_CSV_CLOSING for the name of a balance row; FL_CSV_ROLES: none. */
enum fl_csv_role fl_csv_balance_row(struct fl_slice cell);

#endif
