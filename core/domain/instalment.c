#include "core/domain/instalment.h"

uint32_t fl_instalment_find(const struct fl_store *store, uint32_t rows, uint32_t invoice,
                            uint32_t *first_out)
{
    uint32_t low = 0, high = rows, count = 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (fl_instalment_row(store, middle)->invoice < invoice)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + count < rows && fl_instalment_row(store, low + count)->invoice == invoice)
        count++;
    *first_out = low;
    FL_ASSERT(count <= FL_INSTALMENTS_MAX);
    return count;
}

void fl_instalment_opens(const struct fl_store *store, uint32_t first, uint32_t count,
                         int64_t open_minor, int64_t opens[FL_INSTALMENTS_MAX])
{
    int64_t rest = open_minor;
    for (uint32_t i = count; i-- > 0;) {
        int64_t amount = fl_instalment_row(store, first + i)->amount_minor;
        opens[i] = i == 0 ? rest : fl_min_i64(rest, amount);
        rest -= opens[i];
    }
    FL_ASSERT(rest == 0);
}

/* ---- made with the invoice ---------------------------------------------------------------------
 */

/* By day, those of one day as they were given. */
static void draft_put(struct fl_instalment_draft *draft, struct fl_instalment_row row)
{
    uint32_t at = draft->count++;
    while (at > 0 && draft->rows[at - 1].due_date > row.due_date) {
        draft->rows[at] = draft->rows[at - 1];
        at--;
    }
    draft->rows[at] = row;
}

enum fl_status fl_instalment_draft(struct fl_context *c, struct fl_list instalments,
                                   uint8_t currency, uint16_t date, int64_t total_minor,
                                   struct fl_instalment_draft *draft)
{
    const struct fl_instalment *items = fl_command_list(c->command, instalments);
    fl_int128 sum = 0;
    draft->count = 0;
    for (uint32_t i = 0; i < instalments.count; i++) {
        struct fl_instalment_row row = {.due_date = items[i].due_date};
        FL_TRY(
            fl_money(c, "instalments.amount", items[i].amount, currency, true, &row.amount_minor));
        if (row.due_date < date)
            return fl_refuse(c, FL_BAD_VALUE, "instalments.due_date", NULL, 0);
        sum += row.amount_minor;
        draft_put(draft, row);
    }
    if (instalments.count == 0 || sum == total_minor)
        return FL_OK;
    if (sum > FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "instalments", NULL, 0);
    return fl_refuse_unbalanced(c, total_minor, (int64_t)sum, currency);
}

void fl_instalment_add(struct fl_state *s, uint32_t invoice, uint8_t currency,
                       const struct fl_instalment_draft *draft)
{
    uint32_t first = fl_store_add_rows(&s->store, FL_TABLE_instalment, draft->count);
    for (uint32_t i = 0; i < draft->count; i++) {
        struct fl_instalment_row row = draft->rows[i];
        row.invoice = invoice;
        row.number = (uint16_t)(i + 1);
        *fl_instalment_row_new(&s->store, first + i) = row;
        fl_post_statistic(s, FL_ACCOUNT_OPEN_BY_DUE, currency, row.due_date, row.amount_minor);
    }
}

void fl_instalment_moved(struct fl_state *s, uint32_t invoice, int64_t before_minor,
                         int64_t after_minor)
{
    int64_t before[FL_INSTALMENTS_MAX], after[FL_INSTALMENTS_MAX];
    uint32_t first;
    uint32_t count =
        fl_instalment_find(&s->store, s->store.rows[FL_TABLE_instalment], invoice, &first);
    uint8_t currency = fl_invoice_card(&s->store, invoice)->currency;
    FL_ASSERT(count > 0);
    fl_instalment_opens(&s->store, first, count, before_minor, before);
    fl_instalment_opens(&s->store, first, count, after_minor, after);
    for (uint32_t i = 0; i < count; i++)
        fl_post_statistic(s, FL_ACCOUNT_OPEN_BY_DUE, currency,
                          fl_instalment_row(&s->store, first + i)->due_date, after[i] - before[i]);
}
