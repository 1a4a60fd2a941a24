/* ofx_element.h - the elements of OFX that a statement is read from, and how deep they stand.
 *
 * Aggregates of one meaning are one element (STMTRS and CCSTMTRS are a statement). The level is
 * where an aggregate stands in a whole file, which its end tags need not show.
 *
 * Pure, but for the words, which are made once a reading: 256 bytes.
 */
#ifndef FLORIN_TOOLS_INGEST_OFX_ELEMENT_H
#define FLORIN_TOOLS_INGEST_OFX_ELEMENT_H

#include "tools/format/slice.h"

#define FL_OFX_LEVELS 7

enum fl_ofx_element {
    FL_OFX_NONE,
    /* Aggregates, which have a level (fl_ofx_level). */
    FL_OFX_OFX,
    FL_OFX_MESSAGE_SET,
    FL_OFX_ANSWER,
    FL_OFX_STATEMENT,
    FL_OFX_NOT_READ, /* investment and loan statements */
    FL_OFX_STATUS,
    FL_OFX_ACCOUNT,
    FL_OFX_LIST,
    FL_OFX_PENDING_LIST,
    FL_OFX_LEDGER,
    FL_OFX_AVAILABLE,
    FL_OFX_BALANCE_LIST,
    FL_OFX_TRANSACTION,
    FL_OFX_PENDING,
    FL_OFX_BALANCE,
    FL_OFX_PAYEE,
    FL_OFX_CURRENCY,
    FL_OFX_ORIGIN,
    FL_OFX_OTHER_ACCOUNT, /* BANKACCTTO, CCACCTTO */
    FL_OFX_AGGREGATES,    /* how many; leaves follow */
    FL_OFX_ACCTID,
    FL_OFX_BALAMT,
    FL_OFX_CHECKNUM,
    FL_OFX_CODE,
    FL_OFX_CORRECTACTION,
    FL_OFX_CORRECTFITID,
    FL_OFX_CURDEF,
    FL_OFX_CURRATE,
    FL_OFX_CURSYM,
    FL_OFX_DTASOF,
    FL_OFX_DTAVAIL,
    FL_OFX_DTEND,
    FL_OFX_DTPOSTED,
    FL_OFX_DTSTART,
    FL_OFX_DTTRAN,
    FL_OFX_EXTDNAME,
    FL_OFX_FITID,
    FL_OFX_MEMO,
    FL_OFX_MESSAGE,
    FL_OFX_PARTY, /* NAME */
    FL_OFX_REFNUM,
    FL_OFX_SEVERITY,
    FL_OFX_TRNAMT,
    FL_OFX_TRNTYPE,
    FL_OFX_VALUEDATE,
    FL_OFX_ELEMENTS
};

extern const uint8_t fl_ofx_level[FL_OFX_AGGREGATES];

/* Names by their hash: a look-up is one comparison, mostly. */
struct fl_ofx_words {
    uint8_t slot[256]; /* place in the table of names, + 1 */
};

void fl_ofx_words_init(struct fl_ofx_words *words);
/* `name` in upper case; FL_OFX_NONE if nothing is read from it. */
enum fl_ofx_element fl_ofx_element_find(const struct fl_ofx_words *words, struct fl_slice name);

#endif
