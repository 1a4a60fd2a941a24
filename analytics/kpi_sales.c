#include "analytics/kpi_sales.h"

#include <stdlib.h>

uint8_t *fl_cash_sales(const struct fl_snapshot *s, const struct fl_open_items *items)
{
    uint8_t *cash = calloc(items->invoices + 1ul, 1);
    int64_t *covered = calloc(items->invoices + 1ul, sizeof *covered);
    if (!cash || !covered) {
        free(cash);
        free(covered);
        return NULL;
    }
    for (uint32_t row = 0; row < s->rows[FL_TABLE_movement]; row++) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        if (m->kind != FL_MOVE_APPLY_RECEIPT || m->date > items->as_of)
            continue;
        if (fl_at_movement_cold(s, row)->seq > items->known_seq)
            break; /* rows rise with it (S3) */
        if (fl_at_receipt_card(s, m->source)->date <= fl_at_invoice_scan(s, m->invoice)->date)
            covered[m->invoice] += m->amount_minor;
    }
    for (uint32_t row = 0; row < items->invoices; row++) {
        int64_t total = fl_at_invoice_scan(s, row)->total_minor;
        cash[row] = total > 0 && covered[row] >= total;
    }
    free(covered);
    return cash;
}
