/* receivable.h - movements: everything that changes an open amount after its document was issued.
 *
 * One function adds a movement and carries it to the invoice, the receipt or credit note, the customer
 * and the ledger, so that the control account and the documents cannot part (I2, I3). What is decided
 * (how much, of what) is decided by the callers before.
 */
#ifndef FLORIN_CORE_DOMAIN_RECEIVABLE_H
#define FLORIN_CORE_DOMAIN_RECEIVABLE_H

#include "core/domain/state.h"

/* What a movement is to do; the rest is found from the rows. */
struct fl_move {
    enum fl_movement_kind kind;
    int64_t amount_minor; /* signed: negative in a reversal */
    uint32_t invoice, source;
    uint16_t date; /* before the push */
    uint32_t application;
    uint16_t flags;
    uint8_t rule, points; /* of an application */
    uint32_t reverses, event, application_id, payer;
    /* Parts of the amount, by account (discount and write-off: TAX; credit without money: four). */
    int64_t tax_minor, discounts_minor, small_minor, bad_debt_minor;
};

#define FL_MOVE_INIT                                                                              \
    {                                                                                             \
        .invoice = FL_NO_ROW, .source = FL_NO_ROW, .reverses = FL_NO_ROW, .event = FL_NO_ROW,     \
        .application_id = FL_NO_ROW, .payer = FL_NO_ROW                                           \
    }

/* Adds the row and carries it everywhere; returns it. */
uint32_t fl_receivable_move(struct fl_state *s, const struct fl_move *move);

/* Adds the mirror of a movement, dated as given (pushed), and marks the original. `person`: FL_MOVE_FLAG_PERSON, or 0. */
uint32_t fl_receivable_reverse(struct fl_state *s, uint32_t movement, uint16_t date,
                               uint16_t person);

/* True while no reversal of it exists (and it is none itself). */
bool fl_receivable_stands(const struct fl_store *store, uint32_t movement);

/* Total less what own credit notes took off, and what was written off standing, of an invoice. */
struct fl_invoice_sums {
    int64_t cash_minor;      /* standing cash from receipts */
    int64_t other_credit_minor; /* credit notes that are not its own */
    int64_t own_credit_minor;
    int64_t discount_minor, discount_tax_minor;
    int64_t short_minor;
    int64_t written_off_minor;
};
void fl_invoice_sums(const struct fl_store *store, uint32_t invoice, struct fl_invoice_sums *sums);

/* Sets a receipt's state from its amounts. */
void fl_receipt_settle_state(struct fl_state *s, uint32_t receipt);

/* D4.4: applies the invoice's own open credit notes to what it owes, oldest first. */
void fl_credit_note_apply_own(struct fl_state *s, uint32_t invoice, uint16_t date);

/* What the invoice's own credit notes came to beside taking off what it owed. */
struct fl_own_notes {
    int64_t open_minor;
    int64_t spent_minor; /* paid out, or used for other invoices */
    int64_t discount_minor, short_minor, written_off_minor; /* without money behind it: row 7, by what it took back */
};
void fl_own_notes_sum(const struct fl_state *s, uint32_t invoice, struct fl_own_notes *sums);

/* D4.6: of the open amount of one of the invoice's notes, what has no money behind it takes back discount, difference
 * and write-off, in this order (row 7). Returns what stays spendable. */
int64_t fl_credit_note_back(struct fl_state *s, uint32_t note, uint16_t date);

/* After something of the invoice was taken back: its notes settle anew what it owes, and what they are without
 * money. */
void fl_credit_note_settle_again(struct fl_state *s, uint32_t invoice, uint16_t date);

/* Takes an application back whole: its cash (or credit), discount and difference. `person` as above. */
void fl_application_undo(struct fl_state *s, uint32_t movement, uint16_t date, uint16_t person);

/* The next n of NOTE/n. */
uint32_t fl_credit_note_next_application(const struct fl_store *store, uint32_t note);

/* D4.1: makes `amount` of a receipt free (unapplied), its newest applications first; each is freed whole
 * and the rest applied again without discount or difference. */
void fl_receipt_free(struct fl_state *s, uint32_t receipt, int64_t amount_minor, uint16_t date);

/* D4.2. */
int64_t fl_receipt_refundable(const struct fl_store *store, uint32_t receipt);
struct fl_receipt_sums {
    int64_t applied_minor, refunded_minor, charged_back_minor, returned_minor, gain_minor;
    int64_t refund_share_minor;
    int64_t assigned_minor; /* no customer's: of an account of the ledger */
};
void fl_receipt_sums(const struct fl_store *store, uint32_t receipt, struct fl_receipt_sums *sums);

/* Latest of the dates of the source, the invoice and `given` (D3). */
uint16_t fl_receivable_date(uint16_t source_date, uint16_t invoice_date, uint16_t given);

#endif
