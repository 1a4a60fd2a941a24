/* camt_statement.h - a camt statement between its elements and the sink: head, pages, sum, end.
 *
 *   A5  A page that is not the last goes on with the next Stmt of the file if account and sequence
 *       number (ElctrncSeqNb, else LglSeqNb) are the same; its page number must be the next one.
 *       What begins with an interim balance or a later page, misses one between or ends before its
 *       last page is marked so. LastPgInd of the message is that of its last statement.
 *   A6  Without a closing balance's day a statement ends on the day it was made; entries without a
 *       booking date are of that day.
 *
 * The head is known only at the first entry, since the balances stand before it: that is when the
 * statement begins for the sink.
 *
 * Thread: one.  Memory: none of its own.
 */
#ifndef FLORIN_TOOLS_INGEST_CAMT_STATEMENT_H
#define FLORIN_TOOLS_INGEST_CAMT_STATEMENT_H

#include "tools/ingest/camt_balance.h"

#define FL_CAMT_NAME_BYTES 160
#define FL_CAMT_NOTE_BYTES 2048

struct fl_camt_name {
    char bytes[FL_CAMT_NAME_BYTES];
    size_t length;
};

/* What the statement in hand says of itself before its first entry. */
struct fl_camt_head {
    uint64_t line;
    struct fl_camt_name id, account, sequence;
    uint8_t currency;
    uint16_t created_days, from_days, to_days;
    uint32_t page; /* 0: not given */
    bool last_page;
    bool begun;
    struct fl_camt_balances balances;
    char note[FL_CAMT_NOTE_BYTES];
    size_t note_length;
};

struct fl_camt_statement {
    const struct fl_statement_sink *sink;
    struct fl_statement_summary *summary;
    enum fl_statement_kind kind; /* of the message */
    bool message_goes_on;
    bool reversal_flips; /* of this bank a reversal's CdtDbtInd is that of what it takes back */

    struct fl_camt_head head;
    struct fl_statement statement;
    bool open, continues;
    bool continues_by_message; /* only the message says so: of its last statement */
    uint32_t page;
    struct fl_camt_name id, account, sequence;
    struct fl_statement_total sum;
    char note[FL_CAMT_NOTE_BYTES];
    size_t note_length;
    bool other_currency_warned;
};

void fl_camt_statement_init(struct fl_camt_statement *s, const struct fl_statement_sink *sink,
                            struct fl_statement_summary *summary);

/* A message begins; its header says whether it is the last of its statement. */
void fl_camt_statement_message(struct fl_camt_statement *s, enum fl_statement_kind kind);
void fl_camt_statement_message_page(struct fl_camt_statement *s, struct fl_slice text);

/* Stmt, Rpt or Ntfctn begins at that line of the file. */
void fl_camt_statement_open(struct fl_camt_statement *s, uint64_t line);
/* Texts of the head, CAMT_ID to CAMT_NOTE. */
void fl_camt_statement_take(struct fl_camt_statement *s, enum camt_element element,
                            struct fl_slice text);
/* The balance in hand is whole. */
void fl_camt_statement_balance(struct fl_camt_statement *s);
/* Before its first entry, whose currency is the statement's if nothing else says it. Any status is
 * the sink's. */
enum fl_status fl_camt_statement_begin(struct fl_camt_statement *s,
                                       uint8_t entry_currency) FL_MUST_USE;
/* One line of it: numbered, cut to its limits, summed, and given to the sink. */
enum fl_status fl_camt_statement_line(struct fl_camt_statement *s,
                                      struct fl_statement_line *line) FL_MUST_USE;
/* Stmt, Rpt or Ntfctn ends. */
enum fl_status fl_camt_statement_close(struct fl_camt_statement *s) FL_MUST_USE;
/* The file ends. */
enum fl_status fl_camt_statement_end(struct fl_camt_statement *s) FL_MUST_USE;

void fl_camt_statement_warn(struct fl_camt_statement *s, uint64_t line, const char *message);
void fl_camt_statement_refuse(struct fl_camt_statement *s, uint64_t line, enum fl_status code,
                              const char *message);

#endif
