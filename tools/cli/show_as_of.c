#include "tools/cli/show_as_of.h"

#include <stdlib.h>
#include <string.h>

static bool by_then(const struct fl_show *w, uint16_t date, uint64_t seq)
{
    return date <= w->as_of && seq <= w->items->known_seq;
}

static bool movement_counts(const struct fl_show *w, uint32_t row)
{
    return !w->items ||
           by_then(w, fl_at_movement_row(w->s, row)->date, fl_at_movement_cold(w->s, row)->seq);
}

bool fl_as_of_has(const struct fl_show *w, enum fl_table_id table, uint32_t row)
{
    const struct fl_snapshot *s = w->s;
    if (!w->items)
        return true;
    switch (table) {
    case FL_TABLE_customer:
        return fl_at_customer_card(s, row)->seq <= w->items->known_seq;
    case FL_TABLE_product:
        return fl_at_product_card(s, row)->seq <= w->items->known_seq;
    case FL_TABLE_bank_account:
        return fl_at_bank_account_card(s, row)->seq <= w->items->known_seq;
    case FL_TABLE_order:
        return by_then(w, fl_at_order_card(s, row)->date, fl_at_order_card(s, row)->seq);
    case FL_TABLE_shipment:
        return by_then(w, fl_at_shipment_card(s, row)->date, fl_at_shipment_card(s, row)->seq);
    case FL_TABLE_invoice:
        return by_then(w, fl_at_invoice_card(s, row)->date, fl_at_invoice_card(s, row)->seq);
    case FL_TABLE_credit_note:
        return by_then(w, fl_at_credit_note_card(s, row)->date,
                       fl_at_credit_note_card(s, row)->seq);
    case FL_TABLE_receipt:
        return by_then(w, fl_at_receipt_card(s, row)->date, fl_at_receipt_card(s, row)->seq);
    case FL_TABLE_cash_event:
        return by_then(w, fl_at_cash_event_card(s, row)->date, fl_at_cash_event_card(s, row)->seq);
    case FL_TABLE_statement:
        return by_then(w, fl_at_statement_card(s, row)->to_date, fl_at_statement_card(s, row)->seq);
    case FL_TABLE_statement_line: {
        const struct fl_statement_line_card *line = fl_at_statement_line_card(s, row);
        return by_then(w, line->booking_date, fl_at_statement_card(s, line->statement)->seq);
    }
    case FL_TABLE_movement:
        return movement_counts(w, row);
    case FL_TABLE_assignment:
        return by_then(w, fl_at_assignment_row(s, row)->date, fl_at_assignment_row(s, row)->seq);
    case FL_TABLE_payout:
        return by_then(w, fl_at_payout_card(s, row)->date, fl_at_payout_card(s, row)->seq);
    case FL_TABLE_dispute:
        return by_then(w, fl_at_dispute_card(s, row)->date, fl_at_dispute_card(s, row)->seq);
    case FL_TABLE_promise:
        return by_then(w, fl_at_promise_card(s, row)->made, fl_at_promise_card(s, row)->seq);
    default:
        return true;
    }
}

/* ---- invoices and credit notes
 * ------------------------------------------------------------------- */

int64_t fl_as_of_invoice_open(const struct fl_show *w, uint32_t invoice)
{
    return w->items ? w->items->invoice_minor[invoice]
                    : fl_at_invoice_money(w->s, invoice)->open_minor;
}

int64_t fl_as_of_note_open(const struct fl_show *w, uint32_t note)
{
    return w->items ? w->items->note_minor[note] : fl_at_credit_note_money(w->s, note)->open_minor;
}

/* What closed an invoice: written off, its own notes, or money and notes of others. */
struct closed_by {
    int64_t written_off, own_credit, other;
};

static void closed_by_add(const struct fl_show *w, uint32_t row, struct closed_by *sums)
{
    const struct fl_movement_row *m = fl_at_movement_row(w->s, row);
    switch ((enum fl_movement_kind)m->kind) {
    case FL_MOVE_WRITE_OFF:
        sums->written_off += m->amount_minor;
        break;
    case FL_MOVE_RECOVERY:
        sums->written_off -= m->amount_minor;
        break;
    case FL_MOVE_APPLY_CREDIT:
        if (fl_at_credit_note_card(w->s, m->source)->invoice == m->invoice)
            sums->own_credit += m->amount_minor;
        else
            sums->other += m->amount_minor;
        break;
    case FL_MOVE_APPLY_RECEIPT:
    case FL_MOVE_DISCOUNT:
    case FL_MOVE_SHORT:
        sums->other += m->amount_minor;
        break;
    default:
        break;
    }
}

enum fl_invoice_state fl_as_of_invoice_state(const struct fl_show *w, uint32_t invoice)
{
    const struct fl_invoice_money *money = fl_at_invoice_money(w->s, invoice);
    struct closed_by sums = {0};
    if (!w->items)
        return money->state;
    int64_t open = w->items->invoice_minor[invoice];
    if (open > 0)
        return open < fl_at_invoice_card(w->s, invoice)->total_minor ? FL_INVOICE_PARTIAL
                                                                     : FL_INVOICE_OPEN;
    for (uint32_t row = money->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(w->s, row)->prev_of_invoice) {
        if (movement_counts(w, row))
            closed_by_add(w, row, &sums);
    }
    if (sums.written_off > 0)
        return FL_INVOICE_WRITTEN_OFF;
    return sums.own_credit > 0 && sums.other <= 0 ? FL_INVOICE_CREDITED : FL_INVOICE_PAID;
}

/* ---- statements
 * ----------------------------------------------------------------------------------------------- */

uint8_t fl_as_of_line_status(const struct fl_show *w, uint32_t line)
{
    const struct fl_statement_line_live *live = fl_at_statement_line_live(w->s, line);
    bool later = w->items && live->posting != 0 &&
                 fl_at_line_posting_row(w->s, live->posting - 1)->seq > w->items->known_seq;
    if (!later)
        return live->status;
    const struct fl_statement_card *card =
        fl_at_statement_card(w->s, fl_at_statement_line_card(w->s, line)->statement);
    bool base = card->currency == fl_at_book_settings(w->s, 0)->base_currency;
    return base ? FL_LINE_STORED : FL_LINE_NO_RATE;
}

uint32_t fl_as_of_lines_with(const struct fl_show *w, uint32_t statement, uint8_t status)
{
    const struct fl_statement_card *card = fl_at_statement_card(w->s, statement);
    uint32_t waiting = 0;
    for (uint32_t line = card->line_first; line < card->line_first + card->line_count; line++)
        waiting += fl_as_of_line_status(w, line) == status;
    return waiting;
}

/* ---- receipts
 * ------------------------------------------------------------------------------------- */

static void receipt_sums(const struct fl_show *w, uint32_t receipt, struct fl_receipt_sums *sums)
{
    for (uint32_t row = fl_at_receipt_money(w->s, receipt)->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(w->s, row)->prev_of_source) {
        const struct fl_movement_row *m = fl_at_movement_row(w->s, row);
        int64_t *const of[] = {
            [FL_MOVE_APPLY_RECEIPT] = &sums->applied_minor,
            [FL_MOVE_REFUND_RECEIPT] = &sums->refunded_minor,
            [FL_MOVE_CHARGEBACK] = &sums->charged_back_minor,
            [FL_MOVE_RETURN] = &sums->returned_minor,
            [FL_MOVE_OVER] = &sums->gain_minor,
            [FL_MOVE_REFUND_SHARE] = &sums->refund_share_minor,
            [FL_MOVE_ASSIGN] = &sums->assigned_minor,
        };
        if (m->kind < sizeof of / sizeof of[0] && of[m->kind] && movement_counts(w, row))
            *of[m->kind] += m->amount_minor;
    }
}

static enum fl_receipt_state receipt_state(const struct fl_show *w, uint32_t receipt,
                                           const struct fl_receipt_shown *shown)
{
    int64_t amount = fl_at_receipt_card(w->s, receipt)->amount_minor;
    bool on_account = fl_at_receipt_status(w->s, receipt)->state == FL_RECEIPT_ON_ACCOUNT;
    if (shown->customer == FL_NO_ROW)
        return shown->open_minor == 0 ? FL_RECEIPT_REVERSED : FL_RECEIPT_UNIDENTIFIED;
    if (shown->sums.returned_minor + shown->sums.assigned_minor >= amount)
        return FL_RECEIPT_REVERSED;
    if (shown->open_minor == 0)
        return FL_RECEIPT_APPLIED;
    if (on_account)
        return FL_RECEIPT_ON_ACCOUNT;
    return shown->sums.applied_minor > 0 ? FL_RECEIPT_PARTIAL : FL_RECEIPT_UNAPPLIED;
}

void fl_as_of_receipt(const struct fl_show *w, uint32_t receipt, struct fl_receipt_shown *out)
{
    const struct fl_receipt_money *money = fl_at_receipt_money(w->s, receipt);
    memset(out, 0, sizeof *out);
    out->open_minor = w->items ? w->items->receipt_minor[receipt] : money->open_minor;
    out->customer = w->items ? w->items->receipt_customer[receipt] : money->customer;
    receipt_sums(w, receipt, &out->sums);
    int64_t left = fl_at_receipt_card(w->s, receipt)->amount_minor - out->sums.refunded_minor -
                   out->sums.charged_back_minor - out->sums.returned_minor -
                   out->sums.refund_share_minor - out->sums.assigned_minor;
    out->refundable_minor = left > 0 ? left : 0;
    out->state = w->items ? receipt_state(w, receipt, out)
                          : (enum fl_receipt_state)fl_at_receipt_status(w->s, receipt)->state;
}

/* ---- customers
 * ------------------------------------------------------------------------------------- */

void fl_as_of_customer(const struct fl_show *w, uint32_t customer, struct fl_customer_shown *out)
{
    const struct fl_customer_account *account = fl_at_customer_account(w->s, customer);
    *out = (struct fl_customer_shown){account->invoices_minor, account->unapplied_minor,
                                      account->credits_minor};
    if (!w->items)
        return;
    *out = (struct fl_customer_shown){0, 0, 0};
    struct fl_aging *all = calloc(FL_CURRENCY_COUNT, sizeof *all);
    unsigned count = all ? fl_aging_of_customer(w->s, w->items, customer, all) : 0;
    for (unsigned i = 0; i < count; i++) {
        if (all[i].currency == account->currency)
            *out = (struct fl_customer_shown){(int64_t)fl_aging_invoices(&all[i]),
                                              (int64_t)all[i].unapplied, (int64_t)all[i].credits};
    }
    free(all);
}
