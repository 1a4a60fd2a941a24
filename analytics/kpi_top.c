#include "analytics/kpi_top.h"

#include <stdlib.h>

static void invoice_add(const struct fl_snapshot *s, const struct fl_kpi_items *items,
                        uint32_t invoice, struct fl_kpi_overdue *of)
{
    struct fl_kpi_due due[FL_INSTALMENTS_MAX];
    uint32_t dues = fl_kpi_dues(s, items, invoice, due);
    bool counted = false;
    for (uint32_t i = 0; i < dues; i++) {
        if (due[i].due_date >= items->open.as_of || due[i].open_minor == 0)
            continue;
        of->overdue_minor += due[i].open_minor;
        of->invoices += !counted;
        counted = true;
        if (of->oldest == FL_NO_ROW || due[i].due_date < of->oldest_due) {
            of->oldest = invoice;
            of->oldest_due = due[i].due_date;
        }
    }
}

/* By insertion: ten of them. */
static void top_add(struct fl_kpi_overdue *out, uint32_t *count, const struct fl_kpi_overdue *one)
{
    uint32_t at = *count;
    if (one->overdue_minor <= 0 ||
        (at == FL_KPI_TOP_MAX && out[at - 1].overdue_minor >= one->overdue_minor))
        return;
    if (at == FL_KPI_TOP_MAX)
        at--;
    else
        ++*count;
    for (; at > 0 && out[at - 1].overdue_minor < one->overdue_minor; at--)
        out[at] = out[at - 1];
    out[at] = *one;
}

enum fl_status fl_kpi_top(const struct fl_snapshot *s, const struct fl_kpi_query *query,
                          uint8_t currency, struct fl_kpi_overdue *out, uint32_t *count_out)
{
    struct fl_kpi_items items;
    uint32_t customers = s->rows[FL_TABLE_customer];
    struct fl_kpi_overdue *of = malloc((customers + 1ul) * sizeof *of);
    enum fl_status status =
        fl_kpi_items_make(s, query->to, query->known_seq, query->in_base, &items);
    *count_out = 0;
    if (!of)
        status = FL_NO_MEMORY;
    for (uint32_t row = 0; status == FL_OK && row < customers; row++)
        of[row] = (struct fl_kpi_overdue){.customer = row, .oldest = FL_NO_ROW};
    for (uint32_t row = 0; status == FL_OK && row < items.open.invoices; row++) {
        if (items.invoice_minor[row] == 0 ||
            (!query->in_base && fl_at_invoice_currency(s, row)->currency != currency))
            continue;
        invoice_add(s, &items, row, &of[fl_at_invoice_scan(s, row)->customer]);
    }
    for (uint32_t row = 0; status == FL_OK && row < customers; row++)
        top_add(out, count_out, &of[row]);
    fl_kpi_items_free(&items);
    free(of);
    return status;
}
