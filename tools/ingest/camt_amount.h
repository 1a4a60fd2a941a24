/* camt_amount.h - amounts, signs and days as camt writes them.
 *
 *   V1  An amount has a point and the decimals of its currency at most; a comma is no amount.
 *   V2  No CdtDbtInd is a credit; of an entry that is warned of, and one that is neither CRDT nor
 *       DBIT refuses it.
 *   V3  Charges are what was kept: DBIT and no sign add up, CRDT was given back. A total that is
 *       given goes before its records.
 *
 * Thread: one.  Memory: none.
 */
#ifndef FLORIN_TOOLS_INGEST_CAMT_AMOUNT_H
#define FLORIN_TOOLS_INGEST_CAMT_AMOUNT_H

#include "tools/ingest/statement.h"

struct fl_camt_amount {
    struct fl_decimal value; /* as written; absent until read */
    enum fl_status bad;      /* FL_OK, or why it is no amount */
    uint8_t currency;
};

/* The attribute Ccy of the element in hand; the last code that was looked up is remembered. */
struct fl_camt_currency {
    uint8_t number; /* FL_CURRENCY_NONE: none given, or unknown */
    bool unknown;
    char last_code[4];
    uint8_t last_number;
};

/* `code` is the attribute's value; null if there is none. */
void fl_camt_currency_take(struct fl_camt_currency *currency, const char *code);

struct fl_camt_amount fl_camt_amount_read(const struct fl_camt_currency *currency,
                                          struct fl_slice text);

static inline bool fl_camt_amount_is_given(const struct fl_camt_amount *amount)
{
    return amount->bad == FL_OK && amount->value.state == FL_DECIMAL_VALUE;
}

#define FL_CAMT_REASON_BYTES 120
/* Why `text` is no amount: `what` and the text as they stand, and what would be right. */
void fl_camt_amount_reason(char reason[FL_CAMT_REASON_BYTES], const char *what,
                           const struct fl_camt_currency *currency, struct fl_slice text,
                           enum fl_status bad);

/* -1 or +1; anything but DBIT is a credit (V2). */
int fl_camt_sign(struct fl_slice text);
struct fl_decimal fl_camt_signed(struct fl_decimal value, int sign);
/* "2024-03-20" and whatever follows: the day as written (T3); FL_DATE_NONE. */
uint16_t fl_camt_date(struct fl_slice text);
bool fl_camt_is_true(struct fl_slice text);

/* The charges of an entry or a detail (V3). */
struct fl_camt_charges {
    struct fl_camt_amount total, records, record; /* record: the one in hand */
    bool record_credit;
};

enum fl_camt_charges_part { CAMT_CHARGES_TOTAL, CAMT_CHARGES_AMOUNT, CAMT_CHARGES_SIGN };

void fl_camt_charges_take(struct fl_camt_charges *charges, enum fl_camt_charges_part part,
                          const struct fl_camt_currency *currency, struct fl_slice text);
/* The record in hand is whole. */
void fl_camt_charges_close(struct fl_camt_charges *charges);
/* What was kept in that currency; absent if nothing. */
struct fl_decimal fl_camt_charges_kept(const struct fl_camt_charges *charges, uint8_t currency);

#endif
