#include "analytics/kpi_items.h"

#include <stdlib.h>

#include "core/domain/instalment.h"
#include "core/domain/posting_rules.h"

/* ---- in the book's currency --------------------------------------------------------------------
 */

/* A document in the book's currency is as it is (B1); another begins with its total in base. */
static int64_t document_base(uint8_t currency, uint8_t base, int64_t open_minor,
                             int64_t base_total_minor, bool is_dated)
{
    if (currency == base)
        return open_minor;
    return is_dated ? base_total_minor : 0;
}

static void documents_base(const struct fl_snapshot *s, struct fl_kpi_items *items, uint8_t base)
{
    const struct fl_open_items *open = &items->open;
    for (uint32_t row = 0; row < open->invoices; row++) {
        const struct fl_invoice_card *card = fl_at_invoice_card(s, row);
        items->invoice_minor[row] =
            document_base(card->currency, base, open->invoice_minor[row],
                          fl_at_invoice_cold(s, row)->base_total_minor, card->date <= open->as_of);
    }
    for (uint32_t row = 0; row < open->receipts; row++) {
        const struct fl_receipt_card *card = fl_at_receipt_card(s, row);
        items->receipt_minor[row] =
            document_base(card->currency, base, open->receipt_minor[row],
                          fl_at_receipt_cold(s, row)->base_amount_minor, card->date <= open->as_of);
        items->receipt_nobody_minor[row] = card->currency == base ? open->receipt_nobody_minor[row]
                                           : card->first_customer == FL_NO_ROW
                                               ? items->receipt_minor[row]
                                               : 0;
    }
    for (uint32_t row = 0; row < open->notes; row++) {
        const struct fl_credit_note_card *card = fl_at_credit_note_card(s, row);
        items->note_minor[row] = document_base(card->currency, base, open->note_minor[row],
                                               fl_at_credit_note_cold(s, row)->base_total_minor,
                                               card->date <= open->as_of);
    }
}

/* What a foreign movement posted to the receivable accounts, in base. */
static void movement_base(const struct fl_snapshot *s, struct fl_kpi_items *items, uint32_t row)
{
    const struct fl_movement_row *m = fl_at_movement_row(s, row);
    struct fl_entry entry;
    fl_posting_movement(s->store, row, &entry);
    for (uint32_t i = 0; i < entry.count; i++) {
        const struct fl_posting *p = &entry.postings[i];
        if (p->account == FL_ACCOUNT_INVOICES)
            items->invoice_minor[m->invoice] += p->base_minor;
        else if (p->account == FL_ACCOUNT_CREDITS)
            items->note_minor[m->source] -= p->base_minor;
        else if (p->account == FL_ACCOUNT_UNAPPLIED || p->account == FL_ACCOUNT_UNIDENTIFIED)
            items->receipt_minor[m->source] -= p->base_minor;
        if (p->account == FL_ACCOUNT_UNIDENTIFIED)
            items->receipt_nobody_minor[m->source] -= p->base_minor;
    }
}

static enum fl_status base_fill(const struct fl_snapshot *s, struct fl_kpi_items *items)
{
    const struct fl_open_items *open = &items->open;
    uint8_t base = fl_at_book_settings(s, 0)->base_currency;
    items->invoice_minor = malloc((open->invoices + 1ul) * 8);
    items->receipt_minor = malloc((open->receipts + 1ul) * 8);
    items->receipt_nobody_minor = malloc((open->receipts + 1ul) * 8);
    items->note_minor = malloc((open->notes + 1ul) * 8);
    if (!items->invoice_minor || !items->receipt_minor || !items->receipt_nobody_minor ||
        !items->note_minor)
        return FL_NO_MEMORY;
    documents_base(s, items, base);
    for (uint32_t row = 0; row < s->rows[FL_TABLE_movement]; row++) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        if (m->currency == base || m->date > open->as_of)
            continue;
        if (fl_at_movement_cold(s, row)->seq > open->known_seq)
            break; /* rows rise with it (S3) */
        movement_base(s, items, row);
    }
    return FL_OK;
}

enum fl_status fl_kpi_items_make(const struct fl_snapshot *snapshot, uint16_t as_of,
                                 uint64_t known_seq, bool in_base, struct fl_kpi_items *out)
{
    *out = (struct fl_kpi_items){.in_base = in_base};
    FL_TRY(fl_open_items_make(snapshot, as_of, known_seq, &out->open));
    if (in_base)
        return base_fill(snapshot, out);
    out->invoice_minor = out->open.invoice_minor;
    out->receipt_minor = out->open.receipt_minor;
    out->receipt_nobody_minor = out->open.receipt_nobody_minor;
    out->note_minor = out->open.note_minor;
    return FL_OK;
}

void fl_kpi_items_free(struct fl_kpi_items *items)
{
    if (items->in_base) {
        free(items->invoice_minor);
        free(items->receipt_minor);
        free(items->receipt_nobody_minor);
        free(items->note_minor);
    }
    fl_open_items_free(&items->open);
    *items = (struct fl_kpi_items){.in_base = false};
}

/* ---- parts by due day --------------------------------------------------------------------------
 */

/* In base what is open goes with what is open in the document's currency, cumulatively. */
static void dues_to_base(struct fl_kpi_due *out, uint32_t count, int64_t open, int64_t base)
{
    fl_int128 up_to = 0;
    int64_t given = 0;
    for (uint32_t i = 0; i < count; i++) {
        up_to += out[i].open_minor;
        int64_t until = open == 0 || i + 1 == count ? base : (int64_t)(up_to * base / open);
        out[i].open_minor = until - given;
        given = until;
    }
}

uint32_t fl_kpi_dues(const struct fl_snapshot *s, const struct fl_kpi_items *items,
                     uint32_t invoice, struct fl_kpi_due out[FL_INSTALMENTS_MAX])
{
    int64_t opens[FL_INSTALMENTS_MAX], open = items->open.invoice_minor[invoice];
    uint32_t first;
    if (!(fl_at_invoice_money(s, invoice)->flags & FL_INVOICE_HAS_INSTALMENTS)) {
        out[0] = (struct fl_kpi_due){fl_at_invoice_scan(s, invoice)->due_date,
                                     items->invoice_minor[invoice]};
        return 1;
    }
    uint32_t count = fl_instalment_find(s->store, s->rows[FL_TABLE_instalment], invoice, &first);
    fl_instalment_opens(s->store, first, count, open, opens);
    for (uint32_t i = 0; i < count; i++)
        out[i] = (struct fl_kpi_due){fl_at_instalment_row(s, first + i)->due_date, opens[i]};
    if (items->in_base)
        dues_to_base(out, count, open, items->invoice_minor[invoice]);
    return count;
}

/* ---- the control account in base ---------------------------------------------------------------
 */

static fl_int128 entry_base(const struct fl_entry *entry, uint16_t as_of)
{
    fl_int128 sum = 0;
    if (entry->count == 0 || entry->date > as_of)
        return 0;
    for (uint32_t i = 0; i < entry->count; i++) {
        uint32_t account = entry->postings[i].account;
        if (account == FL_ACCOUNT_INVOICES || account == FL_ACCOUNT_UNAPPLIED ||
            account == FL_ACCOUNT_CREDITS)
            sum += entry->postings[i].base_minor;
    }
    return sum;
}

#define BASE_OF(table, seq, rule)                                                                  \
    for (uint32_t row = 0; row < s->rows[FL_TABLE_##table] && seq <= known_seq; row++) {           \
        rule(s->store, row, &entry);                                                               \
        sum += entry_base(&entry, as_of);                                                          \
    }

fl_int128 fl_control_account_base(const struct fl_snapshot *s, uint16_t as_of, uint64_t known_seq)
{
    struct fl_entry entry;
    fl_int128 sum = 0;
    BASE_OF(invoice, fl_at_invoice_card(s, row)->seq, fl_posting_invoice)
    BASE_OF(credit_note, fl_at_credit_note_card(s, row)->seq, fl_posting_credit_note)
    BASE_OF(receipt, fl_at_receipt_card(s, row)->seq, fl_posting_receipt)
    BASE_OF(movement, fl_at_movement_cold(s, row)->seq, fl_posting_movement)
    return sum;
}
