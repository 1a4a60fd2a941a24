#include "core/domain/cash_event.h"

#include "core/domain/posting_rules.h"
#include "core/domain/pricing.h"
#include "core/domain/receivable.h"

struct draft {
    enum fl_cash_event_kind kind;
    enum fl_target_kind target_kind;
    uint32_t target, account, customer, statement_line;
    uint8_t currency;
    uint16_t date;
    int64_t amount, fee, loss;
    uint64_t content_hash;
    const char *id;
    size_t id_length;
    struct fl_text reason;
    bool suspense;
};

/* The receipt that an event is about, a reversal's through the event that it reverses. */
static uint32_t receipt_about(const struct fl_store *store, enum fl_target_kind kind,
                              uint32_t target)
{
    if (kind == FL_TARGET_EVENT)
        target = fl_cash_event_card(store, target)->target;
    else
        FL_ASSERT(kind == FL_TARGET_RECEIPT);
    return target;
}

/* Loss and fee, at the rate of the day; without one at the rate of the receipt that they are about. */
static int64_t event_base(const struct fl_state *s, const struct draft *d, int64_t amount)
{
    int64_t base, rate = fl_policy_rate(s, d->currency, d->date);
    if (amount == 0 || d->currency == fl_book(s)->base_currency)
        return amount;
    if (rate > 0 && fl_policy_to_base(s, amount, d->currency, rate, &base) == FL_OK)
        return base;
    uint32_t receipt = receipt_about(&s->store, d->target_kind, d->target);
    fl_int128 share = (fl_int128)amount * fl_receipt_cold(&s->store, receipt)->base_amount_minor;
    enum fl_status status = fl_round_div(share, fl_receipt_card(&s->store, receipt)->amount_minor,
                                         fl_policy_rounding(s), &base);
    return status == FL_OK ? base : amount;
}

static uint32_t event_add(struct fl_context *c, const struct draft *d)
{
    struct fl_store *store = &c->s->store;
    uint32_t row = fl_store_add_row(store, FL_TABLE_cash_event);
    struct fl_cash_event_card *card = fl_cash_event_card_new(store, row);
    fl_id_set(c->s, &card->id, d->id, d->id_length);
    card->amount_minor = d->amount;
    card->fee_minor = d->fee;
    card->seq = c->s->seq;
    card->target = d->target;
    card->account = d->account;
    card->date = d->date;
    card->currency = d->currency;
    card->kind = (uint8_t)d->kind;
    card->target_kind = (uint8_t)d->target_kind;
    card->suspense = d->suspense;
    struct fl_cash_event_cold *cold = fl_cash_event_cold_new(store, row);
    cold->content_hash = d->content_hash;
    cold->loss_minor = d->loss;
    cold->customer = d->customer;
    cold->statement_line = d->statement_line;
    cold->reason = fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, d->reason),
                               d->reason.length);
    cold->loss_base_minor = event_base(c->s, d, d->loss);
    cold->fee_base_minor = event_base(c->s, d, d->fee);
    fl_cash_event_live_write(store, row)->line =
        d->statement_line == FL_NO_ROW ? 0 : d->statement_line + 1;
    fl_index_put(c->s, FL_INDEX_CASH_EVENT,
                 fl_key_hash(c->s, FL_INDEX_CASH_EVENT, d->id, d->id_length) + d->kind, row);
    struct fl_entry entry;
    fl_posting_cash_event(store, row, &entry);
    fl_post_entry(c->s, &entry);
    return row;
}

/* The same id and content is a duplicate, other content refused. True if it was there. */
static bool event_known(struct fl_context *c, enum fl_cash_event_kind kind,
                        enum fl_status *status_out)
{
    const struct fl_command *command = c->command;
    uint32_t row = fl_find_cash_event(c->s, kind, fl_command_text(command, command->id),
                                      command->id.length);
    if (row == FL_NO_ROW)
        return false;
    bool same = fl_cash_event_cold(&c->s->store, row)->content_hash == fl_content_hash(command) &&
                (!(command->flags & FL_FLAG_DATE_GIVEN) ||
                 command->date == fl_cash_event_card(&c->s->store, row)->date);
    c->made_row = row;
    *status_out = same ? FL_DUPLICATE : FL_KEY_REUSED;
    return true;
}

static enum fl_status draft_begin(struct fl_context *c, struct draft *d, struct fl_text account)
{
    d->id = fl_command_text(c->command, c->command->id);
    d->id_length = c->command->id.length;
    d->content_hash = fl_content_hash(c->command);
    d->account = d->statement_line = d->customer = FL_NO_ROW;
    if (account.length > 0) {
        d->account =
            fl_find_bank_account(c->s, fl_command_text(c->command, account), account.length);
        if (d->account == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "account", account);
    }
    FL_TRY(fl_policy_date(c));
    d->date = c->command->date;
    return FL_OK;
}

static enum fl_status draft_receipt(struct fl_context *c, struct draft *d, struct fl_text id)
{
    d->target_kind = FL_TARGET_RECEIPT;
    d->target = fl_find_receipt(c->s, fl_command_text(c->command, id), id.length);
    if (d->target == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "receipt", id);
    d->currency = fl_receipt_card(&c->s->store, d->target)->currency;
    d->customer = fl_receipt_money(&c->s->store, d->target)->customer;
    return FL_OK;
}

/* A document's own day cannot lie before what it changes. */
static enum fl_status draft_after(struct fl_context *c, struct draft *d, uint16_t earliest)
{
    if (d->account != FL_NO_ROW &&
        fl_bank_account_live(&c->s->store, d->account)->currency != d->currency)
        return fl_refuse_currency(
            c, "account", fl_bank_account_live(&c->s->store, d->account)->currency, d->currency);
    if (d->date >= earliest)
        return FL_OK;
    if (c->command->flags & FL_FLAG_DATE_GIVEN)
        return fl_refuse_before(c, earliest);
    d->date = c->command->date = earliest;
    return FL_OK;
}

static uint16_t receipt_flags(const struct fl_state *s, uint32_t receipt)
{
    bool unidentified = fl_receipt_money(&s->store, receipt)->customer == FL_NO_ROW;
    return unidentified ? FL_MOVE_FLAG_UNIDENTIFIED : 0;
}

/* Frees the money and takes it out of the receipt. */
static void receipt_take(struct fl_context *c, enum fl_movement_kind kind, uint32_t receipt,
                         int64_t amount, uint16_t date, uint32_t event)
{
    if (amount == 0)
        return;
    fl_receipt_free(c->s, receipt, amount, date);
    struct fl_move move = FL_MOVE_INIT;
    move.kind = kind;
    move.amount_minor = amount;
    move.source = receipt;
    move.date = date;
    move.event = event;
    move.flags = receipt_flags(c->s, receipt);
    fl_receivable_move(c->s, &move);
}

static enum fl_status not_refundable(struct fl_context *c, const struct draft *d,
                                     int64_t refundable)
{
    const struct fl_store *store = &c->s->store;
    bool receipt = d->target_kind == FL_TARGET_RECEIPT;
    bool note = d->target_kind == FL_TARGET_CREDIT_NOTE;
    const struct fl_id *id = receipt ? &fl_receipt_card(store, d->target)->id
                             : note  ? &fl_credit_note_card(store, d->target)->id
                                     : &fl_customer_card(store, d->target)->id;
    return fl_refuse_exceeds(c, FL_EXCEEDS_REFUNDABLE,
                             receipt ? "receipt" : note ? "credit_note" : "customer", id,
                             d->amount, FL_RESULT_REFUNDABLE, refundable, d->currency);
}

/* ---- refund (posting row 14) ------------------------------------------------------------------------ */

static void note_refund(struct fl_context *c, uint32_t note, int64_t amount, uint16_t date,
                        uint32_t event)
{
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_REFUND_CREDIT;
    move.amount_minor = amount;
    move.source = note;
    move.date = date;
    move.event = event;
    fl_receivable_move(c->s, &move);
    /* D4.2: it counts against the receipts that paid the note's invoice, newest first. */
    uint32_t invoice = fl_credit_note_card(&c->s->store, note)->invoice;
    if (invoice == FL_NO_ROW)
        return;
    for (uint32_t row = fl_invoice_money(&c->s->store, invoice)->last_movement;
         row != FL_NO_ROW && amount > 0;
         row = fl_movement_row(&c->s->store, row)->prev_of_invoice) {
        const struct fl_movement_row *paid = fl_movement_row(&c->s->store, row);
        if (paid->kind != FL_MOVE_APPLY_RECEIPT || !fl_receivable_stands(&c->s->store, row))
            continue;
        int64_t left = fl_receipt_refundable(&c->s->store, paid->source);
        int64_t share = fl_min_i64(fl_min_i64(amount, paid->amount_minor), left);
        if (share <= 0)
            continue;
        struct fl_move counted = FL_MOVE_INIT;
        counted.kind = FL_MOVE_REFUND_SHARE;
        counted.amount_minor = share;
        counted.source = paid->source;
        counted.date = date;
        counted.event = event;
        fl_receivable_move(c->s, &counted);
        amount -= share;
    }
}

/* What a customer has free: unapplied receipts and open credit notes, oldest first. */
struct free_item {
    uint16_t date;
    bool note;
    uint32_t row;
    int64_t amount;
};

/* Unapplied, and not given back already through a credit note (D4.2). */
static int64_t receipt_free_minor(const struct fl_store *store, uint32_t receipt)
{
    int64_t open = fl_receipt_money(store, receipt)->open_minor;
    return open > 0 ? fl_min_i64(open, fl_receipt_refundable(store, receipt)) : 0;
}

static int64_t customer_refundable(const struct fl_store *store, uint32_t customer)
{
    const struct fl_customer_account *account = fl_customer_account(store, customer);
    int64_t free = account->credits_minor;
    for (uint32_t row = account->last_receipt; row != FL_NO_ROW;
         row = fl_receipt_status(store, row)->prev_of_customer)
        free += receipt_free_minor(store, row);
    return free;
}

static struct free_item oldest_free(const struct fl_state *s, uint32_t customer)
{
    const struct fl_store *store = &s->store;
    const struct fl_customer_account *account = fl_customer_account(store, customer);
    struct free_item best = {.row = FL_NO_ROW};
    for (uint32_t row = account->last_receipt; row != FL_NO_ROW;
         row = fl_receipt_status(store, row)->prev_of_customer) {
        int64_t open = receipt_free_minor(store, row);
        uint16_t date = fl_receipt_card(store, row)->date;
        if (open > 0 && (best.row == FL_NO_ROW || date <= best.date))
            best = (struct free_item){date, false, row, open};
    }
    for (uint32_t row = account->last_credit_note; row != FL_NO_ROW;
         row = fl_credit_note_card(store, row)->prev_of_customer) {
        int64_t open = fl_credit_note_money(store, row)->open_minor;
        uint16_t date = fl_credit_note_card(store, row)->date;
        if (open > 0 && (best.row == FL_NO_ROW || date < best.date))
            best = (struct free_item){date, true, row, open};
    }
    return best;
}

static void customer_refund(struct fl_context *c, const struct draft *d, uint32_t event)
{
    int64_t left = d->amount;
    while (left > 0) {
        struct free_item item = oldest_free(c->s, d->target);
        FL_ASSERT(item.row != FL_NO_ROW); /* the sum was checked */
        int64_t take = fl_min_i64(left, item.amount);
        if (item.note)
            note_refund(c, item.row, take, d->date, event);
        else
            receipt_take(c, FL_MOVE_REFUND_RECEIPT, item.row, take, d->date, event);
        left -= take;
    }
}

static enum fl_status refund_target(struct fl_context *c, const struct fl_command_refund *b,
                                    struct draft *d)
{
    unsigned named =
        (b->receipt.length > 0) + (b->credit_note.length > 0) + (b->customer.length > 0);
    if (named != 1)
        return fl_refuse(c, named == 0 ? FL_MISSING_FIELD : FL_BAD_VALUE,
                         "receipt, credit_note or customer", NULL, 0);
    if (b->receipt.length > 0)
        return draft_receipt(c, d, b->receipt);
    if (b->credit_note.length > 0) {
        d->target_kind = FL_TARGET_CREDIT_NOTE;
        d->target = fl_find_credit_note(c->s, fl_command_text(c->command, b->credit_note),
                                        b->credit_note.length);
        if (d->target == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "credit_note", b->credit_note);
        d->currency = fl_credit_note_card(&c->s->store, d->target)->currency;
        d->customer = fl_credit_note_card(&c->s->store, d->target)->customer;
        return FL_OK;
    }
    d->target_kind = FL_TARGET_CUSTOMER;
    d->target = d->customer =
        fl_find_customer(c->s, fl_command_text(c->command, b->customer), b->customer.length);
    if (d->target == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "customer", b->customer);
    d->currency = fl_customer_account(&c->s->store, d->target)->currency;
    return FL_OK;
}

static int64_t refundable_of(const struct fl_state *s, const struct draft *d, uint16_t *date_out)
{
    const struct fl_store *store = &s->store;
    *date_out = FL_DATE_NONE;
    if (d->target_kind == FL_TARGET_RECEIPT) {
        *date_out = fl_receipt_card(store, d->target)->date;
        return fl_receipt_refundable(store, d->target);
    }
    if (d->target_kind == FL_TARGET_CREDIT_NOTE) {
        *date_out = fl_credit_note_card(store, d->target)->date;
        return fl_credit_note_money(store, d->target)->open_minor;
    }
    return customer_refundable(store, d->target);
}

enum fl_status fl_apply_refund(struct fl_context *c)
{
    const struct fl_command_refund *b = fl_command_body(c->command);
    struct draft d = {.kind = FL_EVENT_REFUND};
    enum fl_status status;
    if (event_known(c, d.kind, &status))
        return status;
    FL_TRY(draft_begin(c, &d, b->account));
    FL_TRY(refund_target(c, b, &d));
    d.reason = b->reason;
    FL_TRY(fl_money(c, "amount", b->amount, d.currency, true, &d.amount));
    uint16_t earliest;
    int64_t refundable = refundable_of(c->s, &d, &earliest);
    FL_TRY(draft_after(c, &d, earliest));
    if (d.amount > refundable)
        return not_refundable(c, &d, refundable);
    c->made_row = event_add(c, &d);
    if (d.target_kind == FL_TARGET_RECEIPT)
        receipt_take(c, FL_MOVE_REFUND_RECEIPT, d.target, d.amount, d.date, c->made_row);
    else if (d.target_kind == FL_TARGET_CREDIT_NOTE)
        note_refund(c, d.target, d.amount, d.date, c->made_row);
    else
        customer_refund(c, &d, c->made_row);
    return FL_OK;
}

/* ---- chargeback (16) and return (13) ------------------------------------------------------------------ */

static uint32_t chargeback_book(struct fl_context *c, struct draft *d)
{
    int64_t back = fl_min_i64(d->amount, fl_receipt_refundable(&c->s->store, d->target));
    d->loss = d->amount - back;
    uint32_t event = event_add(c, d);
    receipt_take(c, FL_MOVE_CHARGEBACK, d->target, back, d->date, event);
    return event;
}

enum fl_status fl_apply_chargeback(struct fl_context *c)
{
    const struct fl_command_chargeback *b = fl_command_body(c->command);
    struct draft d = {.kind = FL_EVENT_CHARGEBACK};
    enum fl_status status;
    if (event_known(c, d.kind, &status))
        return status;
    FL_TRY(draft_begin(c, &d, b->account));
    FL_TRY(draft_receipt(c, &d, b->receipt));
    d.reason = b->reason;
    FL_TRY(fl_money(c, "amount", b->amount, d.currency, true, &d.amount));
    if (b->fee.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "fee", b->fee, d.currency, false, &d.fee));
    FL_TRY(draft_after(c, &d, fl_receipt_card(&c->s->store, d.target)->date));
    c->made_row = chargeback_book(c, &d);
    return FL_OK;
}

static uint32_t return_book(struct fl_context *c, struct draft *d)
{
    int64_t back = fl_min_i64(d->amount, fl_receipt_refundable(&c->s->store, d->target));
    d->loss = d->amount - back;
    uint32_t event = event_add(c, d);
    receipt_take(c, FL_MOVE_RETURN, d->target, back, d->date, event);
    return event;
}

static struct draft draft_of(const struct fl_context *c, enum fl_cash_event_kind kind,
                             const struct fl_money_out *out)
{
    const struct fl_store *store = &c->s->store;
    bool note = out->target_kind == FL_TARGET_CREDIT_NOTE;
    return (struct draft){
        .kind = kind,
        .target_kind = out->target_kind,
        .target = out->target,
        .account = out->account,
        .customer = note ? fl_credit_note_card(store, out->target)->customer
                         : fl_receipt_money(store, out->target)->customer,
        .statement_line = out->statement_line,
        .currency = note ? fl_credit_note_card(store, out->target)->currency
                         : fl_receipt_card(store, out->target)->currency,
        .date = out->date,
        .amount = out->amount_minor,
        .fee = out->fee_minor,
        .suspense = out->suspense,
        .id = out->id,
        .id_length = out->id_length,
    };
}

uint32_t fl_money_out_return(struct fl_context *c, const struct fl_money_out *out)
{
    struct draft d = draft_of(c, FL_EVENT_RETURN, out);
    return return_book(c, &d);
}

uint32_t fl_money_out_chargeback(struct fl_context *c, const struct fl_money_out *out)
{
    struct draft d = draft_of(c, FL_EVENT_CHARGEBACK, out);
    return chargeback_book(c, &d);
}

uint32_t fl_money_out_refund(struct fl_context *c, const struct fl_money_out *out)
{
    struct draft d = draft_of(c, FL_EVENT_REFUND, out);
    uint32_t event = event_add(c, &d);
    if (out->target_kind == FL_TARGET_CREDIT_NOTE)
        note_refund(c, out->target, out->amount_minor, out->date, event);
    else
        receipt_take(c, FL_MOVE_REFUND_RECEIPT, out->target, out->amount_minor, out->date, event);
    return event;
}

enum fl_status fl_apply_receipt_reverse(struct fl_context *c)
{
    const struct fl_command_receipt_reverse *b = fl_command_body(c->command);
    struct draft d = {.kind = FL_EVENT_RETURN};
    enum fl_status status;
    if (event_known(c, d.kind, &status))
        return status;
    FL_TRY(draft_begin(c, &d, b->account));
    FL_TRY(draft_receipt(c, &d, b->receipt));
    d.reason = b->reason;
    struct fl_receipt_sums sums;
    fl_receipt_sums(&c->s->store, d.target, &sums);
    d.amount = fl_receipt_card(&c->s->store, d.target)->amount_minor - sums.returned_minor;
    if (b->amount.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "amount", b->amount, d.currency, true, &d.amount));
    if (b->fee.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "fee", b->fee, d.currency, false, &d.fee));
    if (d.account == FL_NO_ROW)
        d.account = fl_receipt_card(&c->s->store, d.target)->account;
    if (d.amount == 0)
        return fl_refuse_state(c, "receipt", b->receipt, "reversed");
    FL_TRY(draft_after(c, &d, fl_receipt_card(&c->s->store, d.target)->date));
    c->made_row = return_book(c, &d);
    return FL_OK;
}

/* ---- write-off (18) ------------------------------------------------------------------------------------ */

enum fl_status fl_apply_write_off(struct fl_context *c)
{
    const struct fl_command_write_off *b = fl_command_body(c->command);
    struct draft d = {.kind = FL_EVENT_WRITE_OFF, .target_kind = FL_TARGET_INVOICE};
    enum fl_status status;
    if (event_known(c, d.kind, &status))
        return status;
    FL_TRY(draft_begin(c, &d, (struct fl_text){0, 0}));
    d.target = fl_find_invoice(c->s, fl_command_text(c->command, b->invoice), b->invoice.length);
    if (d.target == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "invoice", b->invoice);
    const struct fl_invoice_card *card = fl_invoice_card(&c->s->store, d.target);
    d.currency = card->currency;
    d.customer = card->customer;
    d.reason = b->reason;
    FL_TRY(fl_money(c, "amount", b->amount, d.currency, true, &d.amount));
    FL_TRY(draft_after(c, &d, card->date));
    int64_t open = fl_invoice_money(&c->s->store, d.target)->open_minor;
    if (open == 0)
        return fl_refuse_text(c, FL_NOTHING_OPEN, "invoice", b->invoice);
    if (d.amount > open)
        return fl_refuse_exceeds(c, FL_EXCEEDS_OPEN, "invoice", &card->id, d.amount, FL_RESULT_OPEN,
                                 open, d.currency);
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_WRITE_OFF;
    move.amount_minor = d.amount;
    move.invoice = d.target;
    move.date = d.date;
    if (b->tax_relief == FL_CHOICE_YES)
        move.tax_minor =
            fl_price_share(fl_invoice_cold(&c->s->store, d.target)->tax_minor, d.amount,
                           card->total_minor, fl_policy_rounding(c->s));
    move.event = c->made_row = event_add(c, &d);
    fl_receivable_move(c->s, &move);
    fl_customer_account_write(&c->s->store, d.customer)->hold = 1; /* D7 */
    return FL_OK;
}

/* ---- what was lost and comes back (16, 19) ------------------------------------------------------------- */

/* A processor may have given back more than it took. */
static int64_t event_left(const struct fl_store *store, uint32_t event)
{
    return fl_max_i64(fl_cash_event_card(store, event)->amount_minor -
                          fl_cash_event_live(store, event)->reversed_minor,
                      0);
}

int64_t fl_chargeback_left(const struct fl_store *store, uint32_t chargeback)
{
    FL_ASSERT(fl_cash_event_card(store, chargeback)->kind == FL_EVENT_CHARGEBACK);
    return event_left(store, chargeback);
}

/* The event that is reversed, and how much of it is left to be: all, unless `amount` says less. */
static enum fl_status draft_reversed(struct fl_context *c, struct draft *d, const char *field,
                                     struct fl_text id, enum fl_cash_event_kind kind,
                                     struct fl_decimal amount)
{
    const struct fl_store *store = &c->s->store;
    d->target_kind = FL_TARGET_EVENT;
    d->target = fl_find_cash_event(c->s, kind, fl_command_text(c->command, id), id.length);
    if (d->target == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, field, id);
    const struct fl_cash_event_card *card = fl_cash_event_card(store, d->target);
    d->currency = card->currency;
    d->customer = fl_cash_event_cold(store, d->target)->customer;
    int64_t left = event_left(store, d->target);
    d->amount = left;
    if (amount.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "amount", amount, d->currency, true, &d->amount));
    FL_TRY(draft_after(c, d, card->date));
    if (left == 0)
        return fl_refuse_state(c, field, id, "reversed");
    if (d->amount > left)
        return fl_refuse_exceeds(c, FL_EXCEEDS_OPEN, field, &card->id, d->amount, FL_RESULT_OPEN,
                                 left, d->currency);
    return FL_OK;
}

/* Of what came back before and now, what the receipt is given again: the loss comes back last. */
static void chargeback_give(struct fl_context *c, const struct draft *d, int64_t back,
                            uint32_t event)
{
    uint32_t receipt = fl_cash_event_card(&c->s->store, d->target)->target;
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_CHARGEBACK;
    move.amount_minor = -back;
    move.source = receipt;
    move.date = d->date;
    move.event = event;
    move.flags = receipt_flags(c->s, receipt);
    if (back > 0)
        fl_receivable_move(c->s, &move);
}

static uint32_t won_book(struct fl_context *c, struct draft *d)
{
    struct fl_cash_event_live *live = fl_cash_event_live_write(&c->s->store, d->target);
    int64_t taken = fl_cash_event_card(&c->s->store, d->target)->amount_minor -
                    fl_cash_event_cold(&c->s->store, d->target)->loss_minor;
    int64_t back = fl_min_i64(d->amount, fl_max_i64(taken - live->reversed_minor, 0));
    live->reversed_minor += d->amount;
    d->loss = d->amount - back;
    uint32_t event = event_add(c, d);
    chargeback_give(c, d, back, event);
    return event;
}

uint32_t fl_money_back_chargeback(struct fl_context *c, const struct fl_money_out *back)
{
    const struct fl_cash_event_card *card = fl_cash_event_card(&c->s->store, back->target);
    FL_ASSERT(card->kind == FL_EVENT_CHARGEBACK);
    struct draft d = {.kind = FL_EVENT_CHARGEBACK_REVERSE,
                      .target_kind = FL_TARGET_EVENT,
                      .target = back->target,
                      .account = back->account,
                      .customer = fl_cash_event_cold(&c->s->store, back->target)->customer,
                      .statement_line = back->statement_line,
                      .currency = card->currency,
                      .date = back->date,
                      .amount = back->amount_minor,
                      .fee = back->fee_minor,
                      .id = back->id,
                      .id_length = back->id_length};
    return won_book(c, &d);
}

enum fl_status fl_apply_chargeback_reverse(struct fl_context *c)
{
    const struct fl_command_chargeback_reverse *b = fl_command_body(c->command);
    struct draft d = {.kind = FL_EVENT_CHARGEBACK_REVERSE};
    enum fl_status status;
    if (event_known(c, d.kind, &status))
        return status;
    FL_TRY(draft_begin(c, &d, b->account));
    FL_TRY(draft_reversed(c, &d, "chargeback", b->chargeback, FL_EVENT_CHARGEBACK, b->amount));
    if (b->fee.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "fee", b->fee, d.currency, false, &d.fee));
    d.reason = b->reason;
    c->made_row = won_book(c, &d);
    return FL_OK;
}

/* The tax that the write-off gave relief of. */
static int64_t relief_of(const struct fl_store *store, uint32_t write_off)
{
    uint32_t invoice = fl_cash_event_card(store, write_off)->target;
    for (uint32_t row = fl_invoice_money(store, invoice)->last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_invoice) {
        const struct fl_movement_cold *cold = fl_movement_cold(store, row);
        if (fl_movement_row(store, row)->kind != FL_MOVE_WRITE_OFF || cold->event != write_off)
            continue;
        const struct fl_posting_part *part =
            cold->part == FL_NO_ROW ? NULL : fl_posting_part_row(store, cold->part);
        return part && part->account == FL_ACCOUNT_TAX ? part->amount_minor : 0;
    }
    return 0;
}

/* The invoice owes it again, to be paid as usual; the tax relief goes back in proportion. */
enum fl_status fl_apply_write_off_reverse(struct fl_context *c)
{
    const struct fl_command_write_off_reverse *b = fl_command_body(c->command);
    struct draft d = {.kind = FL_EVENT_WRITE_OFF_REVERSE};
    enum fl_status status;
    if (event_known(c, d.kind, &status))
        return status;
    FL_TRY(draft_begin(c, &d, (struct fl_text){0, 0}));
    FL_TRY(draft_reversed(c, &d, "write_off", b->write_off, FL_EVENT_WRITE_OFF, b->amount));
    d.reason = b->reason;
    const struct fl_cash_event_card *card = fl_cash_event_card(&c->s->store, d.target);
    int64_t before = fl_cash_event_live(&c->s->store, d.target)->reversed_minor;
    int64_t relief = relief_of(&c->s->store, d.target), whole = card->amount_minor;
    enum fl_rounding rounding = fl_policy_rounding(c->s);
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_RECOVERY;
    move.amount_minor = d.amount;
    move.tax_minor = fl_price_share(relief, before + d.amount, whole, rounding) -
                     fl_price_share(relief, before, whole, rounding);
    move.invoice = card->target;
    move.date = d.date;
    fl_cash_event_live_write(&c->s->store, d.target)->reversed_minor += d.amount;
    move.event = c->made_row = event_add(c, &d);
    fl_receivable_move(c->s, &move);
    fl_credit_note_settle_again(c->s, move.invoice, d.date);
    return FL_OK;
}
