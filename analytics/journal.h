/* journal.h - every entry in sequence order, derived from the rows by the posting rules.
 *
 * Tables rise with seq (S3), so the journal is their merge; within one sequence number documents come before the
 * movements that follow from them. The opening of a bank account stands where it was booked, and so does what
 * corrects it. Reads a quiet store through a snapshot. No memory of its own.
 */
#ifndef FLORIN_ANALYTICS_JOURNAL_H
#define FLORIN_ANALYTICS_JOURNAL_H

#include "core/data/snapshot.h"
#include "core/domain/ledger.h"

enum fl_journal_kind {
    FL_JOURNAL_OPENING,
    FL_JOURNAL_INVOICE,
    FL_JOURNAL_CREDIT_NOTE,
    FL_JOURNAL_SHIPMENT,
    FL_JOURNAL_RECEIPT,
    FL_JOURNAL_CASH_EVENT,
    FL_JOURNAL_STATEMENT_LINE,
    FL_JOURNAL_LINE_POSTING, /* of a line in another currency */
    FL_JOURNAL_ASSIGNMENT,
    FL_JOURNAL_PAYOUT,
    FL_JOURNAL_PAYOUT_PART,
    FL_JOURNAL_MOVEMENT,
    FL_JOURNAL_KIND_COUNT
};

struct fl_journal {
    const struct fl_snapshot *snapshot;
    uint64_t known_seq;
    uint32_t row[FL_JOURNAL_KIND_COUNT];
};

struct fl_journal_entry {
    uint64_t number; /* from 1 */
    uint64_t seq;
    enum fl_journal_kind kind;
    uint32_t row;
    uint32_t customer;    /* whose it is; FL_NO_ROW */
    const char *type;      /* "invoice", "application", ... */
    struct fl_id document; /* what it is about, by id; length 0: none */
    struct fl_entry entry;
};

/* Whose sub-account posting `at` of an entry moves, and which document of theirs: the invoice for what it owes, the
 * receipt or credit note for what is free of it. One who pays for another is on one side only. */
struct fl_journal_party {
    uint32_t customer;     /* FL_NO_ROW: nobody's */
    struct fl_id document; /* length 0: none */
};

void fl_journal_open(struct fl_journal *journal, const struct fl_snapshot *snapshot,
                     uint64_t known_seq);
/* The same, but only entries that became known after that sequence number; they are numbered from 1 all the same. */
void fl_journal_open_after(struct fl_journal *journal, const struct fl_snapshot *snapshot,
                           uint64_t after_seq);
/* The next entry that posts something; false at the end. */
bool fl_journal_next(struct fl_journal *journal, struct fl_journal_entry *out);
struct fl_journal_party fl_journal_party(const struct fl_snapshot *snapshot,
                                         const struct fl_journal_entry *entry, uint32_t at);

#endif
