#include "core/domain/promise.h"

#include "core/domain/job.h"
#include "core/domain/receivable.h"

static bool in_time(const struct fl_promise_card *card, uint16_t date)
{
    return date >= card->made && date <= card->date;
}

static int64_t cash_of_invoice(const struct fl_store *store, const struct fl_promise_card *card)
{
    int64_t cash = 0;
    for (uint32_t row = fl_invoice_money(store, card->invoice)->last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_invoice) {
        const struct fl_movement_row *move = fl_movement_row(store, row);
        if (move->kind == FL_MOVE_APPLY_RECEIPT &&
            in_time(card, fl_receipt_card(store, move->source)->date))
            cash += move->amount_minor;
    }
    return cash;
}

static int64_t cash_of_customer(const struct fl_store *store, const struct fl_promise_card *card)
{
    int64_t cash = 0;
    for (uint32_t row = fl_customer_account(store, card->customer)->last_receipt; row != FL_NO_ROW;
         row = fl_receipt_status(store, row)->prev_of_customer) {
        struct fl_receipt_sums sums;
        if (!in_time(card, fl_receipt_card(store, row)->date))
            continue;
        fl_receipt_sums(store, row, &sums);
        cash += fl_receipt_card(store, row)->amount_minor - sums.returned_minor -
                sums.charged_back_minor - sums.refunded_minor - sums.assigned_minor;
    }
    return cash;
}

int64_t fl_promise_cash(const struct fl_store *store, uint32_t row)
{
    const struct fl_promise_card *card = fl_promise_card(store, row);
    return card->invoice != FL_NO_ROW ? cash_of_invoice(store, card)
                                      : cash_of_customer(store, card);
}

enum fl_promise_state fl_promise_state_now(const struct fl_store *store, uint32_t row)
{
    enum fl_promise_state found = (enum fl_promise_state)fl_promise_live(store, row)->state;
    bool reached = fl_promise_cash(store, row) >= fl_promise_card(store, row)->amount_minor;
    if (reached)
        return FL_PROMISE_KEPT;
    return found == FL_PROMISE_OPEN ? FL_PROMISE_OPEN : FL_PROMISE_BROKEN;
}

uint16_t fl_promise_due(const struct fl_store *store, uint32_t row)
{
    unsigned day = fl_promise_card(store, row)->date + 1u;
    return day <= FL_DATE_MAX ? (uint16_t)day : FL_DATE_MAX;
}

void fl_promise_decide(struct fl_state *s, uint32_t row)
{
    FL_ASSERT(fl_promise_live(&s->store, row)->state == FL_PROMISE_OPEN);
    bool kept = fl_promise_cash(&s->store, row) >= fl_promise_card(&s->store, row)->amount_minor;
    struct fl_promise_live *live = fl_promise_live_write(&s->store, row);
    live->state = kept ? FL_PROMISE_KEPT : FL_PROMISE_BROKEN;
    live->decided_seq = s->seq;
    fl_fold(s, (uint64_t)row << 8 | live->state);
}

void fl_promise_index(struct fl_state *s, uint32_t row)
{
    size_t length;
    const char *id = fl_id_get(&s->store, &fl_promise_card(&s->store, row)->id, &length);
    fl_index_put(s, FL_INDEX_PROMISE, fl_key_hash(s, FL_INDEX_PROMISE, id, length), row);
}

/* ---- the command
 * --------------------------------------------------------------------------------- */

struct draft {
    uint32_t customer, invoice;
    uint8_t currency;
    int64_t amount;
};

static enum fl_status draft_whose(struct fl_context *c, const struct fl_command_promise *b,
                                  struct draft *d)
{
    d->customer = d->invoice = FL_NO_ROW;
    if ((b->customer.length > 0) == (b->invoice.length > 0))
        return fl_refuse(c, b->customer.length > 0 ? FL_BAD_VALUE : FL_MISSING_FIELD,
                         "customer or invoice", NULL, 0);
    if (b->invoice.length > 0) {
        d->invoice =
            fl_find_invoice(c->s, fl_command_text(c->command, b->invoice), b->invoice.length);
        if (d->invoice == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "invoice", b->invoice);
        d->customer = fl_invoice_card(&c->s->store, d->invoice)->customer;
        d->currency = fl_invoice_card(&c->s->store, d->invoice)->currency;
        return FL_OK;
    }
    d->customer =
        fl_find_customer(c->s, fl_command_text(c->command, b->customer), b->customer.length);
    if (d->customer == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "customer", b->customer);
    d->currency = fl_customer_account(&c->s->store, d->customer)->currency;
    return FL_OK;
}

static uint32_t promise_add(struct fl_context *c, const struct draft *d)
{
    struct fl_store *store = &c->s->store;
    uint32_t row = fl_store_add_row(store, FL_TABLE_promise);
    struct fl_promise_card *card = fl_promise_card_new(store, row);
    fl_id_set(c->s, &card->id, fl_command_text(c->command, c->command->id), c->command->id.length);
    card->amount_minor = d->amount;
    card->seq = c->s->seq;
    card->content_hash = fl_content_hash(c->command);
    card->customer = d->customer;
    card->invoice = d->invoice;
    card->date = c->command->date;
    card->made = c->s->business_date;
    card->currency = d->currency;
    fl_promise_live_write(store, row)->state = FL_PROMISE_OPEN;
    fl_promise_index(c->s, row);
    fl_due_put(c->s, fl_promise_due(store, row), FL_DUE_PROMISE, row);
    fl_fold(c->s, card->content_hash ^ row);
    return row;
}

enum fl_status fl_apply_promise(struct fl_context *c)
{
    const struct fl_command_promise *b = fl_command_body(c->command);
    struct draft d;
    c->made_row =
        fl_find_promise(c->s, fl_command_text(c->command, c->command->id), c->command->id.length);
    if (c->made_row != FL_NO_ROW) {
        const struct fl_promise_card *card = fl_promise_card(&c->s->store, c->made_row);
        bool same =
            card->content_hash == fl_content_hash(c->command) && card->date == c->command->date;
        return same ? FL_DUPLICATE : FL_KEY_REUSED;
    }
    FL_TRY(draft_whose(c, b, &d));
    FL_TRY(fl_money(c, "amount", b->amount, d.currency, true, &d.amount));
    unsigned last = c->s->business_date + FL_YEARS_AWAY_MAX * 366u;
    if (c->command->date < c->s->business_date || c->command->date > last)
        return fl_refuse(c, FL_BAD_VALUE, "date", NULL, 0);
    if (d.invoice != FL_NO_ROW && fl_invoice_money(&c->s->store, d.invoice)->open_minor == 0)
        return fl_refuse_text(c, FL_NOTHING_OPEN, "invoice", b->invoice);
    c->made_row = promise_add(c, &d);
    return FL_OK;
}
