/* camt_paths.h - the elements of a camt statement that mean something, as a tree of names.
 *
 * One table of paths (camt_paths.c), relative to Stmt, Rpt or Ntfctn, says what each element is;
 * the reader walks down the tree with the document and skips every branch that is not in it. Old
 * and new shapes of an element are two paths of one meaning. A second, small one is the message's
 * header.
 *
 * The elements stand in the order of who takes their text: message, statement, balance, entry,
 * detail, structured remittance (statement_camt.c).
 */
#ifndef FLORIN_TOOLS_INGEST_CAMT_PATHS_H
#define FLORIN_TOOLS_INGEST_CAMT_PATHS_H

#include <stdint.h>

#include "tools/format/slice.h"

enum camt_element {
    CAMT_NOTHING, /* on the way to something */
    /* blocks */
    CAMT_BALANCE,
    CAMT_ENTRY,
    CAMT_DETAIL,
    CAMT_STRUCTURED,
    CAMT_STRUCTURED_AMOUNT, /* newer shape of its amounts: a code and an amount */
    CAMT_ENTRY_CHARGES,     /* a record of them, or all in older versions */
    CAMT_DETAIL_CHARGES,
    /* texts of the message */
    CAMT_MESSAGE_LAST_PAGE,
    /* texts of the statement */
    CAMT_ID,
    CAMT_SEQUENCE,
    CAMT_LEGAL_SEQUENCE,
    CAMT_CREATED,
    CAMT_FROM,
    CAMT_TO,
    CAMT_PAGE,
    CAMT_LAST_PAGE,
    CAMT_ACCOUNT,
    CAMT_CURRENCY,
    CAMT_NOTE,
    CAMT_BALANCE_CODE,
    CAMT_BALANCE_AMOUNT,
    CAMT_BALANCE_SIGN,
    CAMT_BALANCE_DATE,
    /* texts of the entry */
    CAMT_ENTRY_REF,
    CAMT_ENTRY_AMOUNT,
    CAMT_ENTRY_SIGN,
    CAMT_ENTRY_REVERSAL,
    CAMT_ENTRY_STATUS,
    CAMT_ENTRY_BOOKED,
    CAMT_ENTRY_VALUE,
    CAMT_ENTRY_BANK_REF,
    CAMT_ENTRY_CODE,
    CAMT_ENTRY_CHARGES_TOTAL,
    CAMT_ENTRY_CHARGES_AMOUNT,
    CAMT_ENTRY_CHARGES_SIGN,
    CAMT_ENTRY_AVAILABLE_DAYS,
    CAMT_ENTRY_AVAILABLE_DATE,
    CAMT_ENTRY_AVAILABLE_AMOUNT,
    CAMT_ENTRY_AVAILABLE_SIGN,
    CAMT_ENTRY_TEXT,
    CAMT_BATCH_REF,
    /* texts of a detail */
    CAMT_DETAIL_BANK_REF,
    CAMT_DETAIL_END_TO_END,
    CAMT_DETAIL_INSTRUCTION,
    CAMT_DETAIL_TX_ID,
    CAMT_DETAIL_MANDATE,
    CAMT_DETAIL_AMOUNT,
    CAMT_DETAIL_TX_AMOUNT,
    CAMT_DETAIL_COUNTER_AMOUNT,
    CAMT_DETAIL_INSTRUCTED,
    CAMT_DETAIL_SIGN,
    CAMT_DETAIL_CHARGES_TOTAL,
    CAMT_DETAIL_CHARGES_AMOUNT,
    CAMT_DETAIL_CHARGES_SIGN,
    CAMT_DEBTOR_NAME,
    CAMT_DEBTOR_ACCOUNT,
    CAMT_DEBTOR_BEHIND, /* for whom the debtor pays */
    CAMT_CREDITOR_NAME,
    CAMT_CREDITOR_ACCOUNT,
    CAMT_CREDITOR_BEHIND,
    CAMT_DETAIL_UNSTRUCTURED,
    CAMT_DETAIL_CODE,
    CAMT_DETAIL_RETURN,
    CAMT_DETAIL_TEXT,
    /* texts of a structured remittance */
    CAMT_STRUCTURED_REF,
    CAMT_STRUCTURED_DOCUMENT,
    CAMT_STRUCTURED_KIND,
    CAMT_STRUCTURED_PAID,
    CAMT_STRUCTURED_DUE,
    CAMT_STRUCTURED_CREDIT,
    CAMT_STRUCTURED_DISCOUNT,
    CAMT_STRUCTURED_AMOUNT_CODE,
    CAMT_STRUCTURED_AMOUNT_VALUE,
    CAMT_STRUCTURED_TEXT,
};

#define CAMT_NODES_MAX   320
#define CAMT_PATH_NONE   0xFFFF /* no such branch */
#define CAMT_PATH_ROOT   0      /* Stmt, Rpt, Ntfctn */
#define CAMT_PATH_HEADER 1      /* GrpHdr */

struct camt_paths {
    struct camt_node {
        const char *name;
        uint16_t name_length, first_child, next_sibling, recent_child;
        uint8_t element;
    } nodes[CAMT_NODES_MAX];
    uint16_t count;
};

void fl_camt_paths_init(struct camt_paths *paths);

/* The branch `name` of `node`, or CAMT_PATH_NONE. Documents keep the schema's order, so that what
 * was found last, or its next sibling, is tried first. */
static inline uint16_t fl_camt_paths_child(struct camt_paths *paths, uint16_t node,
                                           struct fl_slice name)
{
    struct camt_node *parent = &paths->nodes[node];
    uint16_t child = parent->recent_child;
    if (name.length == 0)
        return CAMT_PATH_NONE;
    for (unsigned half = 0; half < 2; half++, child = parent->first_child) {
        uint16_t end = half == 0 ? CAMT_PATH_NONE : parent->recent_child;
        for (; child != end; child = paths->nodes[child].next_sibling) {
            const struct camt_node *c = &paths->nodes[child];
            if (c->name_length == name.length && c->name[0] == name.at[0] &&
                memcmp(c->name, name.at, name.length) == 0)
                return parent->recent_child = child;
        }
    }
    return CAMT_PATH_NONE;
}

#endif
