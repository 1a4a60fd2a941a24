#include "analytics/kpi_setoff.h"

#include <stdlib.h>

/* ---- pools -------------------------------------------------------------------------------------
 */

static int by_owner(const void *a, const void *b)
{
    const struct fl_setoff_pool *x = a, *y = b;
    if (x->customer != y->customer)
        return x->customer < y->customer ? -1 : 1;
    return (int)x->currency - (int)y->currency;
}

static void pools_merge(struct fl_setoff *out)
{
    uint32_t kept = 0;
    if (out->pools == 0)
        return;
    qsort(out->pool, out->pools, sizeof *out->pool, by_owner);
    for (uint32_t i = 1; i < out->pools; i++) {
        if (by_owner(&out->pool[kept], &out->pool[i]) == 0) {
            out->pool[kept].unapplied_minor += out->pool[i].unapplied_minor;
            out->pool[kept].credits_minor += out->pool[i].credits_minor;
        } else {
            out->pool[++kept] = out->pool[i];
        }
    }
    out->pools = kept + 1;
}

static enum fl_status pools_read(const struct fl_snapshot *s, const struct fl_kpi_items *items,
                                 struct fl_setoff *out)
{
    out->pool = malloc(((size_t)items->open.receipts + items->open.notes + 1) * sizeof *out->pool);
    if (!out->pool)
        return FL_NO_MEMORY;
    for (uint32_t row = 0; row < items->open.receipts; row++) {
        int64_t free_minor = items->receipt_minor[row] - items->receipt_nobody_minor[row];
        uint32_t customer = items->open.receipt_customer[row];
        if (free_minor <= 0 || customer == FL_NO_ROW)
            continue;
        out->pool[out->pools++] = (struct fl_setoff_pool){
            .customer = customer,
            .currency = fl_kpi_currency(s, items, fl_at_receipt_card(s, row)->currency),
            .unapplied_minor = free_minor};
    }
    for (uint32_t row = 0; row < items->open.notes; row++) {
        const struct fl_credit_note_card *card = fl_at_credit_note_card(s, row);
        if (items->note_minor[row] <= 0)
            continue;
        out->pool[out->pools++] =
            (struct fl_setoff_pool){.customer = card->customer,
                                    .currency = fl_kpi_currency(s, items, card->currency),
                                    .credits_minor = items->note_minor[row]};
    }
    pools_merge(out);
    return FL_OK;
}

/* ---- what is open, by day ----------------------------------------------------------------------
 */

static int by_day(const void *a, const void *b)
{
    const struct fl_setoff_due *x = a, *y = b;
    if (x->date != y->date)
        return x->date < y->date ? -1 : 1;
    if (x->invoice != y->invoice)
        return x->invoice < y->invoice ? -1 : 1;
    return (int)x->part - (int)y->part;
}

static int by_part(const void *a, const void *b)
{
    const struct fl_setoff_due *x = a, *y = b;
    if (x->invoice != y->invoice)
        return x->invoice < y->invoice ? -1 : 1;
    return (int)x->part - (int)y->part;
}

static bool dues_room(struct fl_setoff *out, uint32_t *capacity)
{
    if (out->dues + FL_INSTALMENTS_MAX <= *capacity)
        return true;
    uint32_t more = *capacity * 2 + FL_INSTALMENTS_MAX;
    struct fl_setoff_due *due = realloc(out->due, more * sizeof *due);
    if (!due)
        return false;
    out->due = due;
    *capacity = more;
    return true;
}

static enum fl_status dues_read(const struct fl_snapshot *s, const struct fl_kpi_items *items,
                                enum fl_aging_basis basis, struct fl_setoff *out)
{
    struct fl_kpi_due parts[FL_INSTALMENTS_MAX];
    uint32_t capacity = 0;
    for (uint32_t row = 0; row < items->open.invoices; row++) {
        if (items->invoice_minor[row] == 0)
            continue;
        if (!dues_room(out, &capacity))
            return FL_NO_MEMORY;
        uint32_t count = fl_kpi_dues(s, items, row, parts);
        for (uint32_t i = 0; i < count; i++) {
            uint16_t date =
                basis == FL_BASIS_DUE_DATE ? parts[i].due_date : fl_at_invoice_scan(s, row)->date;
            if (parts[i].open_minor > 0)
                out->due[out->dues++] =
                    (struct fl_setoff_due){row, (uint16_t)i, date, parts[i].open_minor, 0};
        }
    }
    return FL_OK;
}

/* ---- set off -----------------------------------------------------------------------------------
 */

static int64_t take(int64_t *from, int64_t *taken, int64_t most)
{
    int64_t amount = fl_min_i64(*from - *taken, most);
    *taken += amount;
    return amount;
}

static void dues_take(const struct fl_snapshot *s, const struct fl_kpi_items *items,
                      struct fl_setoff *out)
{
    for (uint32_t i = 0; i < out->dues; i++) {
        struct fl_setoff_due *due = &out->due[i];
        struct fl_setoff_pool key = {
            .customer = fl_at_invoice_scan(s, due->invoice)->customer,
            .currency =
                fl_kpi_currency(s, items, fl_at_invoice_currency(s, due->invoice)->currency)};
        struct fl_setoff_pool *pool = bsearch(&key, out->pool, out->pools, sizeof key, by_owner);
        if (!pool)
            continue;
        due->taken_minor = take(&pool->unapplied_minor, &pool->unapplied_taken, due->open_minor);
        due->taken_minor +=
            take(&pool->credits_minor, &pool->credits_taken, due->open_minor - due->taken_minor);
        FL_ASSERT(due->taken_minor >= 0 && due->taken_minor <= due->open_minor);
    }
}

enum fl_status fl_setoff_make(const struct fl_snapshot *snapshot, const struct fl_kpi_items *items,
                              enum fl_aging_basis basis, struct fl_setoff *out)
{
    *out = (struct fl_setoff){.pools = 0};
    FL_TRY(pools_read(snapshot, items, out));
    FL_TRY(dues_read(snapshot, items, basis, out));
    if (out->dues == 0)
        return FL_OK;
    qsort(out->due, out->dues, sizeof *out->due, by_day);
    dues_take(snapshot, items, out);
    qsort(out->due, out->dues, sizeof *out->due, by_part);
    return FL_OK;
}

void fl_setoff_free(struct fl_setoff *setoff)
{
    free(setoff->pool);
    free(setoff->due);
    *setoff = (struct fl_setoff){.pools = 0};
}

int64_t fl_setoff_taken(const struct fl_setoff *setoff, uint32_t invoice, uint32_t part)
{
    struct fl_setoff_due key = {.invoice = invoice, .part = (uint16_t)part};
    const struct fl_setoff_due *due =
        setoff->dues ? bsearch(&key, setoff->due, setoff->dues, sizeof key, by_part) : NULL;
    return due ? due->taken_minor : 0;
}
