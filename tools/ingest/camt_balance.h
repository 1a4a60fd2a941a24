/* camt_balance.h - the balances of a camt statement, and which of them open and close it.
 *
 *   A3  A DBIT balance is negative, no indicator is CRDT.
 *   A4  Opening is OPBD, else PRCD (what the statement before closed with), else the first ITBD;
 *       closing is CLBD, else the last ITBD that is not the opening.
 *
 * A credit line among the balances (CdtLine) is none of them.
 *
 * Thread: one.  Memory: none; the first FL_STATEMENT_BALANCES_MAX are kept.
 */
#ifndef FLORIN_TOOLS_INGEST_CAMT_BALANCE_H
#define FLORIN_TOOLS_INGEST_CAMT_BALANCE_H

#include "tools/ingest/camt_amount.h"
#include "tools/ingest/camt_paths.h"

struct fl_camt_balances {
    struct fl_statement_balance list[FL_STATEMENT_BALANCES_MAX];
    uint32_t count;
    struct fl_statement_balance in_hand;
    enum fl_status bad; /* of the one in hand */
    bool minus;
    char reason[FL_CAMT_REASON_BYTES]; /* where it is bad */
    uint64_t line;   /* of the file, where it begins */
};

/* A balance begins; its texts; it is whole. */
void fl_camt_balances_open(struct fl_camt_balances *balances, uint64_t line);
void fl_camt_balances_take(struct fl_camt_balances *balances, enum camt_element element,
                           const struct fl_camt_currency *currency, struct fl_slice text);
/* Its amount is none of its currency: it is left out, `reason` says why. */
enum fl_status fl_camt_balances_close(struct fl_camt_balances *balances) FL_MUST_USE;

/* Null: not given. */
const struct fl_statement_balance *
fl_camt_balances_opening(const struct fl_camt_balances *balances);
const struct fl_statement_balance *
fl_camt_balances_closing(const struct fl_camt_balances *balances);

#endif
