/* limits.h - the one file of capacities, each with its reason. */
#ifndef FLORIN_CORE_BASE_LIMITS_H
#define FLORIN_CORE_BASE_LIMITS_H

#define FL_ID_BYTES_MAX 64            /* ids from outside; an answer to a person fits a line */
#define FL_TEXT_BYTES_MAX 4096        /* free text: a bank's remittance is at most some 10 x 140 */
#define FL_LINES_MAX 4096             /* lines of one order, invoice, shipment or return */
#define FL_REFERENCES_MAX 256         /* candidate references of one receipt */
#define FL_INSTALMENTS_MAX 120        /* of one invoice: ten years by the month */
#define FL_CANDIDATES_MAX 16          /* of one match: more are no help to a person */
#define FL_CANDIDATE_DOCUMENTS_MAX 64 /* of one candidate */
#define FL_STATEMENT_BALANCES_ROWS 64 /* balances of one statement beside opening and closing */
#define FL_PAYOUT_PARTS_MAX 10000     /* parts of one payout: part of the record format */
#define FL_AVAILABILITY_MAX 16        /* parts of one bank line by when they may be spent */
#define FL_ADVICE_MAX 64              /* documents that the remittance advice of one bank line names with amounts */
#define FL_WAITING_LINES_MAX 1000     /* lines without a rate looked at by one command: a few ms */
#define FL_BATCH_MEMBERS_MAX 10000    /* members of one batch: part of the record format */
#define FL_STATEMENT_LINES_MAX 10000  /* lines of one statement part: part of the record format */
#define FL_RECORD_BYTES_MAX (16u << 20) /* one WAL record: part of the record format */
#define FL_TABLE_ROWS_MAX (1u << 26)  /* rows a table may have: address space reserved per column */
#define FL_CHUNK_BYTES (64u << 10)    /* unit of copy-on-write and of checkpoints: 6 us to copy */
#define FL_SNAPSHOTS_MAX 2            /* live versions: one checkpoint's, one shared by the readers */
#define FL_POSTINGS_MAX 16            /* lines of one journal entry of fixed shape */
#define FL_YEARS_AWAY_MAX 10          /* a date further from the business date is a typing error */

#endif
