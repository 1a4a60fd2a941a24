/* csv_row.h - one record of a bank's CSV as a statement line, once the file's layout is known.
 *
 *   R1  A row is a line, a balance, nothing (blank, headings again), a remark of the bank, or it is
 *       refused with the reason; it is never half read.
 *   R2  A value is taken only if it reads one way in the file's forms (csv_values.h).
 *   R3  Money in is positive: by the amount's own sign, by the sign column, by the debit and credit
 *       columns. A debit column whose numbers are all negative has its sign already.
 *
 * Thread: one.  Memory: none; texts of a row are valid until the next record of the reader.
 */
#ifndef FLORIN_TOOLS_INGEST_CSV_ROW_H
#define FLORIN_TOOLS_INGEST_CSV_ROW_H

#include "tools/ingest/csv_columns.h"
#include "tools/ingest/statement.h"
#include "tools/ingest/statement_profile.h"

struct fl_csv_layout {
    const struct fl_statement_profile *profile;
    struct fl_csv_options options;
    struct fl_csv_columns columns;
    uint64_t heading_line; /* 0: the file has none */
    uint64_t heading_hash;
    size_t heading_bytes;
    unsigned forms, orders; /* of numbers and dates: what the file can be (csv_values.h) */
    const char *thousands;  /* declared; null: any */
    bool debit_signed;      /* R3 */
    bool sign_unsure;       /* the sign column has no heading: only its words make it one */
    bool sign_is_code;      /* a column "Type" is tried as the sign: Y4 of csv_layout.h */
    bool account_is_own;    /* FL_CSV_ANY_ACCOUNT is ours */
    uint8_t currency;       /* where the row says none */
    bool currency_assumed;  /* that is the book's: a foreign symbol beside an amount forbids it */
    char account[FL_ID_BYTES_MAX + 1]; /* from in front of the table; "" */
};

enum fl_csv_row_kind {
    FL_CSV_ROW_LINE,
    FL_CSV_ROW_OPENING,
    FL_CSV_ROW_CLOSING,
    FL_CSV_ROW_NOTHING,
    FL_CSV_ROW_REMARK, /* skipped, and said so */
    FL_CSV_ROW_REFUSED,
};

struct fl_csv_row {
    enum fl_csv_row_kind kind;
    struct fl_statement_line line; /* texts are raw: not joined, not cleaned */
    struct fl_decimal gross;       /* before the bank's fee; may be absent */
    struct fl_decimal balance;     /* after the line; of a balance row the balance; may be absent */
    struct fl_decimal opening, closing; /* columns of their own; may be absent */
    struct fl_slice account;            /* ours; may be empty */
    bool symbol;                        /* "$" and its kin stand beside the amount */
    struct fl_slice mandate, reference;
    enum fl_status code; /* of one that is refused */
    char message[160];   /* why it is refused or skipped */
};

/* The field of a role; empty where there is none. */
struct fl_slice fl_csv_field(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                             enum fl_csv_role role);
size_t fl_csv_record_bytes(const struct fl_csv_record *record);
uint64_t fl_csv_record_hash(const struct fl_csv_record *record);

void fl_csv_row_read(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                     struct fl_csv_row *out);

/* FL_CURRENCY_NONE if it is no code (of either case) and no euro sign. */
uint8_t fl_csv_currency(struct fl_slice cell);

#endif
