#include "analytics/restatement.h"

#include "core/base/date.h"

void fl_restatements_open(struct fl_restatements *list, const struct fl_snapshot *snapshot,
                          uint16_t as_of, uint64_t known_seq)
{
    *list = (struct fl_restatements){.as_of = as_of};
    fl_journal_open_after(&list->journal, snapshot, known_seq);
}

/* The last day that was closed when a sequence number was given out. */
static uint16_t closed_before(const struct fl_snapshot *s, uint64_t seq)
{
    uint16_t through = FL_DATE_NONE;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_period_close]; row++) {
        if (fl_at_period_close_row(s, row)->seq < seq)
            through = fl_at_period_close_row(s, row)->through;
    }
    return through;
}

/* The day that an application or identification would count on, were nothing closed. */
static uint16_t natural_day(const struct fl_snapshot *s, const struct fl_movement_row *m)
{
    uint16_t source = FL_DATE_NONE, invoice = FL_DATE_NONE;
    if (m->kind == FL_MOVE_APPLY_RECEIPT || m->kind == FL_MOVE_IDENTIFY)
        source = fl_at_receipt_card(s, m->source)->date;
    else if (m->kind == FL_MOVE_APPLY_CREDIT)
        source = fl_at_credit_note_card(s, m->source)->date;
    if (m->invoice != FL_NO_ROW)
        invoice = fl_at_invoice_scan(s, m->invoice)->date;
    return source == FL_DATE_NONE ? m->date : source > invoice ? source : invoice;
}

static uint16_t movement_concerns(const struct fl_snapshot *s, uint32_t row, uint64_t seq)
{
    const struct fl_movement_row *m = fl_at_movement_row(s, row);
    uint16_t corrects = fl_at_movement_cold(s, row)->corrects;
    if (corrects != FL_DATE_NONE)
        return corrects;
    uint16_t day = natural_day(s, m);
    bool pushed = day < m->date && m->date == closed_before(s, seq) + 1;
    return pushed ? day : FL_DATE_NONE;
}

static uint16_t line_concerns(const struct fl_snapshot *s, uint32_t line)
{
    uint16_t booked = fl_at_statement_line_card(s, line)->booking_date;
    return booked != FL_DATE_NONE && booked < fl_at_statement_line_live(s, line)->date
               ? booked
               : FL_DATE_NONE;
}

static uint16_t concerns(const struct fl_snapshot *s, const struct fl_journal_entry *e)
{
    switch (e->kind) {
    case FL_JOURNAL_MOVEMENT:
        return movement_concerns(s, e->row, e->seq);
    case FL_JOURNAL_STATEMENT_LINE:
        return line_concerns(s, e->row);
    case FL_JOURNAL_LINE_POSTING:
        return line_concerns(s, fl_at_line_posting_row(s, e->row)->line);
    default:
        return FL_DATE_NONE;
    }
}

static void receivable_sums(const struct fl_entry *entry, struct fl_restatement *out)
{
    out->invoices = out->unapplied = out->credits = 0;
    for (uint32_t i = 0; i < entry->count; i++) {
        const struct fl_posting *p = &entry->postings[i];
        if (p->account == FL_ACCOUNT_INVOICES)
            out->invoices += p->amount_minor;
        else if (p->account == FL_ACCOUNT_UNAPPLIED)
            out->unapplied += p->amount_minor;
        else if (p->account == FL_ACCOUNT_CREDITS)
            out->credits += p->amount_minor;
    }
}

bool fl_restatements_next(struct fl_restatements *list, struct fl_restatement *out)
{
    while (fl_journal_next(&list->journal, &list->entry)) {
        uint16_t day = concerns(list->journal.snapshot, &list->entry);
        out->restates = list->entry.entry.date <= list->as_of;
        if (!out->restates && (day == FL_DATE_NONE || day > list->as_of))
            continue;
        out->entry = list->entry;
        out->concerns = day;
        receivable_sums(&list->entry.entry, out);
        return true;
    }
    return false;
}
