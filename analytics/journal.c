#include "analytics/journal.h"

#include "core/base/contract.h"
#include "core/base/date.h"
#include "core/domain/posting_rules.h"

void fl_journal_open(struct fl_journal *journal, const struct fl_snapshot *snapshot,
                     uint64_t known_seq)
{
    *journal = (struct fl_journal){.snapshot = snapshot, .known_seq = known_seq};
}

static const enum fl_table_id tables[FL_JOURNAL_KIND_COUNT] = {
    FL_TABLE_bank_opening, FL_TABLE_invoice,    FL_TABLE_credit_note,    FL_TABLE_shipment,
    FL_TABLE_receipt,      FL_TABLE_cash_event, FL_TABLE_statement_line, FL_TABLE_line_posting,
    FL_TABLE_assignment,   FL_TABLE_payout,     FL_TABLE_payout_part,    FL_TABLE_movement,
};

static uint64_t seq_of(const struct fl_snapshot *s, unsigned kind, uint32_t row)
{
    switch ((enum fl_journal_kind)kind) {
    case FL_JOURNAL_OPENING:
        return fl_at_bank_opening_row(s, row)->seq;
    case FL_JOURNAL_INVOICE:
        return fl_at_invoice_card(s, row)->seq;
    case FL_JOURNAL_CREDIT_NOTE:
        return fl_at_credit_note_card(s, row)->seq;
    case FL_JOURNAL_SHIPMENT:
        return fl_at_shipment_card(s, row)->seq;
    case FL_JOURNAL_RECEIPT:
        return fl_at_receipt_card(s, row)->seq;
    case FL_JOURNAL_CASH_EVENT:
        return fl_at_cash_event_card(s, row)->seq;
    case FL_JOURNAL_STATEMENT_LINE:
        return fl_at_statement_card(s, fl_at_statement_line_card(s, row)->statement)->seq;
    case FL_JOURNAL_LINE_POSTING:
        return fl_at_line_posting_row(s, row)->seq;
    case FL_JOURNAL_ASSIGNMENT:
        return fl_at_assignment_row(s, row)->seq;
    case FL_JOURNAL_PAYOUT:
        return fl_at_payout_card(s, row)->seq;
    case FL_JOURNAL_PAYOUT_PART:
        return fl_at_payout_card(s, fl_at_payout_part_row(s, row)->payout)->seq;
    case FL_JOURNAL_MOVEMENT:
        return fl_at_movement_cold(s, row)->seq;
    case FL_JOURNAL_KIND_COUNT:
        break;
    }
    return UINT64_MAX;
}

void fl_journal_open_after(struct fl_journal *journal, const struct fl_snapshot *snapshot,
                           uint64_t after_seq)
{
    *journal = (struct fl_journal){.snapshot = snapshot, .known_seq = UINT64_MAX};
    for (unsigned kind = 0; kind < FL_JOURNAL_KIND_COUNT; kind++) {
        uint32_t low = 0, high = snapshot->rows[tables[kind]];
        while (low < high) { /* rows rise with it (S3) */
            uint32_t middle = low + (high - low) / 2;
            if (seq_of(snapshot, kind, middle) <= after_seq)
                low = middle + 1;
            else
                high = middle;
        }
        journal->row[kind] = low;
    }
}

/* What the command is called that caused an event. */
static const char *event_type(enum fl_cash_event_kind kind)
{
    static const char *const types[] = {"",
                                        "refund",
                                        "chargeback",
                                        "write_off",
                                        "receipt_reverse",
                                        "chargeback_reverse",
                                        "write_off_reverse"};
    return types[kind];
}

static const char *movement_type(const struct fl_movement_row *move, bool reverses)
{
    switch ((enum fl_movement_kind)move->kind) {
    case FL_MOVE_APPLY_RECEIPT:
    case FL_MOVE_APPLY_CREDIT:
    case FL_MOVE_DISCOUNT:
    case FL_MOVE_SHORT:
    case FL_MOVE_OVER:
        return reverses ? "application_reverse" : "application";
    case FL_MOVE_WRITE_OFF:
        return "write_off";
    case FL_MOVE_IDENTIFY:
        return "receipt_assign";
    case FL_MOVE_REFUND_RECEIPT:
    case FL_MOVE_REFUND_CREDIT:
        return "refund";
    case FL_MOVE_CHARGEBACK:
        return move->amount_minor < 0 ? "chargeback_reverse" : "chargeback";
    case FL_MOVE_RETURN:
        return "receipt_reverse";
    case FL_MOVE_CREDIT_NO_MONEY:
        return "credit_note";
    case FL_MOVE_CREDIT_CANCEL:
        return "credit_note_cancel";
    case FL_MOVE_LATE_FEE:
        return "late_fee";
    case FL_MOVE_RECOVERY:
        return "write_off_reverse";
    case FL_MOVE_ASSIGN:
        return "assign";
    case FL_MOVE_REFUND_SHARE:
        break;
    }
    return "movement";
}

/* Whose, and about what: the source's id if there is one, else the invoice's. */
static void movement_about(const struct fl_snapshot *s, struct fl_journal_entry *out)
{
    const struct fl_movement_row *m = fl_at_movement_row(s, out->row);
    bool note = m->kind == FL_MOVE_APPLY_CREDIT || m->kind == FL_MOVE_REFUND_CREDIT ||
                m->kind == FL_MOVE_CREDIT_NO_MONEY || m->kind == FL_MOVE_CREDIT_CANCEL;
    out->type = movement_type(m, fl_at_movement_cold(s, out->row)->reverses != FL_NO_ROW);
    if (m->source != FL_NO_ROW) {
        out->document = note ? fl_at_credit_note_card(s, m->source)->id
                             : fl_at_receipt_card(s, m->source)->id;
        out->customer = note ? fl_at_credit_note_card(s, m->source)->customer
                             : fl_at_receipt_money(s, m->source)->customer;
    } else if (m->invoice != FL_NO_ROW) {
        out->document = fl_at_invoice_card(s, m->invoice)->id;
        out->customer = fl_at_invoice_card(s, m->invoice)->customer;
    }
    fl_posting_movement(s->store, out->row, &out->entry);
}

static void event_about(const struct fl_snapshot *s, struct fl_journal_entry *out)
{
    const struct fl_cash_event_card *card = fl_at_cash_event_card(s, out->row);
    out->type = event_type(card->kind);
    out->document = card->id;
    out->customer = fl_at_cash_event_cold(s, out->row)->customer;
    fl_posting_cash_event(s->store, out->row, &out->entry);
}

static void payout_about(const struct fl_snapshot *s, struct fl_journal_entry *out)
{
    bool part = out->kind == FL_JOURNAL_PAYOUT_PART;
    uint32_t payout = part ? fl_at_payout_part_row(s, out->row)->payout : out->row;
    out->type = "payout";
    out->document = fl_at_payout_card(s, payout)->id;
    if (part)
        fl_posting_payout_part(s->store, out->row, &out->entry);
    else
        fl_posting_payout(s->store, out->row, &out->entry);
}

static void entry_fill(const struct fl_snapshot *s, struct fl_journal_entry *out)
{
    out->customer = FL_NO_ROW;
    out->document = (struct fl_id){.length = 0};
    switch (out->kind) {
    case FL_JOURNAL_OPENING:
        out->type =
            fl_at_bank_opening_row(s, out->row)->by_statement ? "statement" : "bank_account";
        out->document = fl_at_bank_account_card(s, fl_at_bank_opening_row(s, out->row)->account)->id;
        fl_posting_bank_opening(s->store, out->row, &out->entry);
        break;
    case FL_JOURNAL_INVOICE:
        out->type = "invoice";
        out->document = fl_at_invoice_card(s, out->row)->id;
        out->customer = fl_at_invoice_card(s, out->row)->customer;
        fl_posting_invoice(s->store, out->row, &out->entry);
        break;
    case FL_JOURNAL_CREDIT_NOTE:
        out->type = "credit_note";
        out->document = fl_at_credit_note_card(s, out->row)->id;
        out->customer = fl_at_credit_note_card(s, out->row)->customer;
        fl_posting_credit_note(s->store, out->row, &out->entry);
        break;
    case FL_JOURNAL_SHIPMENT:
        out->type = "shipment";
        out->document = fl_at_shipment_card(s, out->row)->id;
        fl_posting_shipment(s->store, out->row, &out->entry);
        break;
    case FL_JOURNAL_RECEIPT:
        out->type = "receipt";
        out->document = fl_at_receipt_card(s, out->row)->id;
        out->customer = fl_at_receipt_card(s, out->row)->first_customer;
        fl_posting_receipt(s->store, out->row, &out->entry);
        break;
    case FL_JOURNAL_CASH_EVENT:
        event_about(s, out);
        break;
    case FL_JOURNAL_STATEMENT_LINE:
        out->type = "statement";
        fl_posting_statement_line(s->store, out->row, &out->entry);
        break;
    case FL_JOURNAL_LINE_POSTING:
        out->type = "statement";
        fl_posting_line_posting(s->store, out->row, &out->entry);
        break;
    case FL_JOURNAL_ASSIGNMENT:
        out->type = "assign";
        fl_posting_assignment(s->store, out->row, &out->entry);
        break;
    case FL_JOURNAL_PAYOUT:
    case FL_JOURNAL_PAYOUT_PART:
        payout_about(s, out);
        break;
    case FL_JOURNAL_MOVEMENT:
        movement_about(s, out);
        break;
    case FL_JOURNAL_KIND_COUNT:
        break;
    }
}

bool fl_journal_next(struct fl_journal *journal, struct fl_journal_entry *out)
{
    const struct fl_snapshot *s = journal->snapshot;
    for (;;) {
        unsigned best = FL_JOURNAL_KIND_COUNT;
        uint64_t best_seq = UINT64_MAX;
        for (unsigned kind = 0; kind < FL_JOURNAL_KIND_COUNT; kind++) {
            if (journal->row[kind] >= s->rows[tables[kind]])
                continue;
            uint64_t seq = seq_of(s, kind, journal->row[kind]);
            if (seq < best_seq) {
                best = kind;
                best_seq = seq;
            }
        }
        if (best == FL_JOURNAL_KIND_COUNT || best_seq > journal->known_seq)
            return false;
        out->kind = best;
        out->row = journal->row[best];
        out->seq = best_seq;
        journal->row[best]++;
        entry_fill(s, out);
        if (out->entry.count > 0) {
            out->number++;
            return true;
        }
    }
}

/* What a movement takes from an invoice is the invoice's; the rest is its source's. */
static struct fl_journal_party movement_party(const struct fl_snapshot *s,
                                              const struct fl_journal_entry *entry,
                                              uint32_t account)
{
    const struct fl_movement_row *m = fl_at_movement_row(s, entry->row);
    bool free_money = account == FL_ACCOUNT_UNAPPLIED || account == FL_ACCOUNT_CREDITS ||
                      account == FL_ACCOUNT_UNIDENTIFIED;
    if (free_money || m->invoice == FL_NO_ROW)
        return (struct fl_journal_party){entry->customer, entry->document};
    const struct fl_invoice_card *invoice = fl_at_invoice_card(s, m->invoice);
    return (struct fl_journal_party){invoice->customer, invoice->id};
}

struct fl_journal_party fl_journal_party(const struct fl_snapshot *snapshot,
                                         const struct fl_journal_entry *entry, uint32_t at)
{
    FL_ASSERT(at < entry->entry.count);
    uint32_t account = entry->entry.postings[at].account;
    struct fl_journal_party party = {entry->customer, entry->document};
    if (entry->kind == FL_JOURNAL_MOVEMENT)
        party = movement_party(snapshot, entry, account);
    if (account == FL_ACCOUNT_UNIDENTIFIED)
        party.customer = FL_NO_ROW;
    return party;
}
