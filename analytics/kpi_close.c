#include "analytics/kpi_close.h"

#include "core/base/date.h"

/* What the movements of an invoice say, as of the day and known then. */
struct story {
    const struct fl_snapshot *snapshot;
    const struct fl_open_items *items;
    uint32_t invoice;
    int64_t written_off, cash;
};

static int64_t delta(const struct fl_movement_row *m)
{
    bool up = m->kind == FL_MOVE_LATE_FEE || m->kind == FL_MOVE_RECOVERY;
    return up ? m->amount_minor : -m->amount_minor;
}

static bool counts(const struct story *story, uint32_t row, const struct fl_movement_row *m)
{
    return m->date <= story->items->as_of &&
           (story->items->known_seq == UINT64_MAX ||
            fl_at_movement_cold(story->snapshot, row)->seq <= story->items->known_seq);
}

/* The latest day before `before` on which something moved, and what it came to. 0: none. */
static uint16_t day_before(const struct story *story, uint32_t before, int64_t *net_out)
{
    const struct fl_snapshot *s = story->snapshot;
    uint32_t row = fl_at_invoice_money(s, story->invoice)->last_movement;
    uint16_t day = FL_DATE_NONE;
    *net_out = 0;
    while (row != FL_NO_ROW) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        if (m->date < before && m->date >= day && counts(story, row, m)) {
            *net_out = m->date > day ? delta(m) : *net_out + delta(m);
            day = m->date;
        }
        row = m->prev_of_invoice;
    }
    return day;
}

static void story_read(struct story *story)
{
    const struct fl_snapshot *s = story->snapshot;
    uint32_t row = fl_at_invoice_money(s, story->invoice)->last_movement;
    while (row != FL_NO_ROW) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        if (!counts(story, row, m))
            ;
        else if (m->kind == FL_MOVE_APPLY_RECEIPT)
            story->cash += m->amount_minor;
        else if (m->kind == FL_MOVE_WRITE_OFF)
            story->written_off += m->amount_minor;
        else if (m->kind == FL_MOVE_RECOVERY)
            story->written_off -= m->amount_minor;
        row = m->prev_of_invoice;
    }
}

bool fl_invoice_close_find(const struct fl_snapshot *snapshot, const struct fl_open_items *items,
                           uint32_t invoice, struct fl_invoice_close *out)
{
    struct story story = {snapshot, items, invoice, 0, 0};
    const struct fl_invoice_scan *scan = fl_at_invoice_scan(snapshot, invoice);
    uint32_t before = FL_DATE_MAX + 1u;
    int64_t net = 0;
    if (items->invoice_minor[invoice] != 0 || scan->date > items->as_of || scan->total_minor == 0)
        return false;
    do {
        out->date_days = day_before(&story, before, &net);
        before = out->date_days;
    } while (net == 0 && before != FL_DATE_NONE); /* H1 */
    FL_ASSERT(out->date_days >= scan->date);      /* something brought it from the total to zero */
    story_read(&story);
    out->reason = story.written_off > 0 ? FL_CLOSE_WRITE_OFF /* H2 */
                  : story.cash > 0      ? FL_CLOSE_CASH
                                        : FL_CLOSE_CREDIT;
    return true;
}
