/* camt_entry.h - one entry as it was read: its own fields, its details, their remittance.
 *
 * Texts lie in the entry's arena, fields are places in it. A detail is told whole only when the
 * entry is, since only then can be judged whether the details add up to it (camt_line.h).
 *
 * Thread: one.  Memory: arena, details and references grow to the largest entry of the file, at
 * most FL_CAMT_ARENA_BYTES_MAX, FL_CAMT_DETAILS_MAX and FL_CAMT_REFERENCES_MAX; beyond them the
 * file is refused. Nothing grows with the number of entries.
 */
#ifndef FLORIN_TOOLS_INGEST_CAMT_ENTRY_H
#define FLORIN_TOOLS_INGEST_CAMT_ENTRY_H

#include "core/base/limits.h"
#include "tools/ingest/camt_amount.h"
#include "tools/ingest/camt_arena.h"
#include "tools/ingest/camt_paths.h"

#define FL_CAMT_DETAILS_MAX    262144u /* payments in one booking */
#define FL_CAMT_REFERENCES_MAX 524288u

/* A document or a payment reference that a structured remittance names. */
struct fl_camt_reference {
    enum fl_reference_kind kind;
    bool credit_note;
    struct fl_camt_span text;
    struct fl_decimal amount, discount;
};

struct fl_camt_party {
    struct fl_camt_span name, account, behind; /* behind: for whom it acts */
};

struct fl_camt_detail {
    struct fl_camt_span bank_ref, end_to_end, instruction, tx_id, mandate, code, return_reason;
    struct fl_camt_party debtor, creditor;
    struct fl_camt_span text, bank_text, structured_text;
    struct fl_camt_amount amount, tx_amount, counter_amount, instructed;
    struct fl_camt_charges charges;
    int sign;        /* +1, -1; 0: the entry's */
    bool piece_full; /* the last piece of the text filled its element */
    uint32_t references_from, references_count;
};

struct fl_camt_structured {
    struct fl_camt_span creditor, document, kind, text, amount_code;
    struct fl_decimal paid, due, credit, discount, amount;
};

/* Amounts that may be spent later, as read: the day comes before its amount, the sign behind it. */
struct fl_camt_availability {
    struct fl_statement_availability parts[FL_AVAILABILITY_MAX];
    uint16_t from_days[FL_AVAILABILITY_MAX]; /* the day it is; FL_DATE_NONE: days are given */
    uint32_t count, in;                      /* in: days of the one whose amount comes next */
    uint16_t from;                           /* or the day */
    bool kept;                               /* the last amount is one of ours: its sign follows */
};

struct fl_camt_entry {
    struct fl_camt_arena arena;
    uint64_t line;
    struct fl_camt_amount amount;
    struct fl_camt_charges charges;
    int sign;
    bool sign_missing, reversal;
    enum fl_status bad; /* why it cannot be booked, or FL_OK */
    char reason[FL_CAMT_REASON_BYTES];
    struct fl_camt_span bad_value_date; /* it is left out */
    struct fl_camt_span status, ref, bank_ref, batch_ref, code, text;
    uint16_t booking_days, value_days;
    struct fl_camt_availability availability;

    struct fl_camt_detail *details;
    uint32_t details_count, details_capacity;
    struct fl_camt_reference *references;
    uint32_t references_count, references_capacity;
    struct fl_camt_structured structured;
};

/* FL_NO_MEMORY. Deinit it whatever happens. */
enum fl_status fl_camt_entry_init(struct fl_camt_entry *entry) FL_MUST_USE;
void fl_camt_entry_deinit(struct fl_camt_entry *entry);

/* Ntry begins at that line of the file. */
void fl_camt_entry_begin(struct fl_camt_entry *entry, uint64_t line);

/* A block or a text of the entry opens; `*wanted` says whether its text is to be captured into the
 * arena. FL_TOO_LONG, FL_NO_MEMORY. */
enum fl_status fl_camt_entry_open(struct fl_camt_entry *entry, enum camt_element element,
                                  bool *wanted) FL_MUST_USE;
/* The text of an element, which is the last one of the arena, cleaned; `filled`: it came with as
 * many characters as the element may have. As open. */
enum fl_status fl_camt_entry_take(struct fl_camt_entry *entry, enum camt_element element,
                                  const struct fl_camt_currency *currency, struct fl_camt_span span,
                                  bool filled) FL_MUST_USE;
/* A block closes. As open. */
enum fl_status fl_camt_entry_close(struct fl_camt_entry *entry,
                                   enum camt_element element) FL_MUST_USE;

static inline struct fl_slice fl_camt_entry_text(const struct fl_camt_entry *entry,
                                                 struct fl_camt_span span)
{
    return fl_camt_arena_text(&entry->arena, span);
}

#endif
