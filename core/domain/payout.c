/* Payouts of a processor, part by part (posting row 22).
 *
 * Each part changes what the processor owes us, its account P = assets:bank:PROCESSOR; what is paid
 * out leaves P for the bank. A part is signed as it changes the payout, its fee is taken off beside
 * it: the sum of amount less fee is the payout, or nothing is done. (Where every fee is written
 * below zero it is signed likewise, and added.)
 *
 *   charge      `ref` is a receipt that was there (on P, or in transit), else an order or invoice: a receipt of the
 *               gross amount on P clears it by rule 1, its number being ours; what names nothing stays unidentified.
 *   refund      a refund in transit, a credit note, a receipt, or an invoice (its own open note, else what paid it).
 *   chargeback  one in transit, or of a receipt, or of the invoice's newest. In full, as the bank's. Above zero one
 *               that was won: in transit, or by its own id, or the newest of the receipt or invoice of which something
 *               is not given back yet.
 *   fee         bank charges.
 *   reserve     nothing: it stays on P, or comes back to it.
 *   adjustment  the account of the ledger that `ref` names, else suspense.
 *
 * What a refund or chargeback with a ref that says nothing moved is in suspense. What the parts make is
 * named PAYOUT/n. The bank's line, if it came first, is taken out of unidentified.
 */
#include "core/domain/assign.h"
#include "core/domain/cash_event.h"
#include "core/domain/posting_rules.h"
#include "core/domain/receipt.h"
#include "core/domain/receivable.h"
#include "core/domain/statement_line.h"

struct draft {
    uint32_t processor, account, payout;
    uint8_t currency;
    uint16_t date;
    int64_t amount, rate;
    int fee_sign; /* -1: fees are written as they change the payout */
    uint32_t matched;
};

struct part {
    const struct fl_payout_item *item;
    const char *ref;
    size_t ref_length;
    uint32_t number;
    int64_t amount, fee;
    char id[FL_ID_BYTES_MAX]; /* of what it makes */
    size_t id_length;
    struct fl_payout_part_row row;
};

/* ---- what is asked
 * -------------------------------------------------------------------------------- */

static enum fl_status part_amounts(struct fl_context *c, const struct draft *d,
                                   const struct fl_payout_item *item, int64_t *amount, int64_t *fee)
{
    FL_TRY(fl_money_signed(c, "parts.amount", item->amount, d->currency, amount));
    FL_TRY(fl_money_signed(c, "parts.fee", item->fee, d->currency, fee));
    bool wrong = (item->kind == FL_PAYOUT_CHARGE && *amount <= 0) ||
                 (item->kind == FL_PAYOUT_REFUND && *amount >= 0) || *amount == 0;
    return wrong ? fl_refuse_decimal(c, FL_BAD_VALUE, "parts.amount", item->amount) : FL_OK;
}

static enum fl_status draft_parts(struct fl_context *c, const struct fl_command_payout *b,
                                  struct draft *d)
{
    const struct fl_payout_item *items = fl_command_list(c->command, b->parts);
    fl_int128 sum = 0, fees = 0;
    bool above = false;
    for (uint32_t i = 0; i < b->parts.count; i++) {
        int64_t amount, fee;
        enum fl_status status = part_amounts(c, d, &items[i], &amount, &fee);
        if (status != FL_OK) {
            fl_result_number(c->result, FL_RESULT_LINE, i + 1);
            return status;
        }
        sum += amount;
        fees += fee;
        above |= fee > 0;
    }
    if (sum - fees > FL_AMOUNT_MAX || sum - fees < -FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "parts", NULL, 0);
    d->fee_sign = sum - fees != d->amount && !above && sum + fees == d->amount ? -1 : 1;
    if (d->fee_sign > 0 && sum - fees != d->amount)
        return fl_refuse_unbalanced(c, d->amount, (int64_t)(sum - fees), d->currency);
    return FL_OK;
}

/* A processor that is not known is made, as the account of a statement is. */
static enum fl_status draft_accounts(struct fl_context *c, const struct fl_command_payout *b,
                                     struct draft *d)
{
    const char *id = fl_command_text(c->command, b->processor);
    d->account = FL_NO_ROW;
    d->processor = fl_find_bank_account(c->s, id, b->processor.length);
    if (b->account.length > 0) {
        d->account =
            fl_find_bank_account(c->s, fl_command_text(c->command, b->account), b->account.length);
        if (d->account == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "account", b->account);
        if (d->account == d->processor)
            return fl_refuse_text(c, FL_BAD_VALUE, "account", b->account);
        uint8_t currency = fl_bank_account_live(&c->s->store, d->account)->currency;
        if (currency != d->currency)
            return fl_refuse_currency(c, "account", currency, d->currency);
    }
    if (d->processor != FL_NO_ROW) {
        uint8_t currency = fl_bank_account_live(&c->s->store, d->processor)->currency;
        return currency == d->currency ? FL_OK
                                       : fl_refuse_currency(c, "processor", currency, d->currency);
    }
    d->processor = fl_bank_account_add(c->s, id, b->processor.length, d->currency);
    fl_bank_account_live_write(&c->s->store, d->processor)->kind = FL_ACCOUNT_KIND_PROCESSOR;
    return FL_OK;
}

static enum fl_status draft_rate(struct fl_context *c, const struct fl_command_payout *b,
                                 struct draft *d)
{
    if (d->currency == fl_book(c->s)->base_currency)
        return FL_OK;
    if (b->fx_rate.state == FL_DECIMAL_VALUE) {
        enum fl_status status = fl_decimal_scale(b->fx_rate, FL_RATE_DECIMALS, &d->rate);
        if (status != FL_OK || d->rate <= 0)
            return fl_refuse_decimal(c, status != FL_OK ? status : FL_BAD_VALUE, "fx_rate",
                                     b->fx_rate);
    } else {
        d->rate = fl_policy_rate(c->s, d->currency, d->date);
    }
    return d->rate > 0 ? FL_OK : fl_refuse_rate(c, d->currency, d->date);
}

static enum fl_status to_base(struct fl_context *c, const struct draft *d, int64_t amount,
                              int64_t *base_out)
{
    enum fl_status status = fl_policy_to_base(c->s, amount, d->currency, d->rate, base_out);
    if (status != FL_OK || *base_out > FL_AMOUNT_MAX || *base_out < -FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "fx_rate", NULL, 0);
    return FL_OK;
}

/* "PAYOUT/n", the payout's id cut where it would not fit. */
static void part_name(const struct fl_context *c, struct part *p)
{
    char digits[24];
    size_t n = fl_decimal_format(p->number, 0, digits), length = c->command->id.length;
    const char *id = fl_command_text(c->command, c->command->id);
    while (length + 1 + n > FL_ID_BYTES_MAX ||
           (length < c->command->id.length && ((unsigned char)id[length] & 0xC0) == 0x80))
        length--;
    memcpy(p->id, id, length);
    p->id[length] = '/';
    memcpy(p->id + length + 1, digits, n);
    p->id_length = length + 1 + n;
}

/* ---- what a ref names
 * ------------------------------------------------------------------------------ */

/* The invoices that it names into s->scratch, of an order the oldest first: a number, a reference,
 * or an order's. */
static void ref_invoices(struct fl_context *c, const struct part *p, struct fl_named_list *named,
                         uint32_t *customer_out)
{
    struct fl_state *s = c->s;
    uint32_t invoice;
    *named = (struct fl_named_list){.customer = FL_NO_ROW};
    *customer_out = FL_NO_ROW;
    if (p->ref_length == 0)
        return;
    enum fl_named what =
        fl_find_named_invoice(s, p->ref, p->ref_length, &invoice, &named->by_reference);
    if (what == FL_NAMED_ONE) {
        s->scratch[named->count++] = invoice;
        named->customer = *customer_out = fl_invoice_card(&s->store, invoice)->customer;
        return;
    }
    uint32_t order = fl_find_order(s, p->ref, p->ref_length);
    if (order == FL_NO_ROW)
        return;
    named->customer = *customer_out = fl_order_card(&s->store, order)->customer;
    for (uint32_t row = fl_order_live(&s->store, order)->last_invoice;
         row != FL_NO_ROW && named->count < FL_LINES_MAX;
         row = fl_invoice_cold(&s->store, row)->prev_of_order)
        s->scratch[named->count++] = row;
    for (uint32_t i = 0; i < named->count / 2; i++) { /* the chain runs from the newest */
        uint32_t last = s->scratch[named->count - 1 - i];
        s->scratch[named->count - 1 - i] = s->scratch[i];
        s->scratch[i] = last;
    }
}

/* The newest standing receipt on an invoice that can still give back so much; FL_NO_ROW. */
static uint32_t payer_receipt(const struct fl_store *store, uint32_t invoice, int64_t amount)
{
    for (uint32_t row = fl_invoice_money(store, invoice)->last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_invoice) {
        const struct fl_movement_row *move = fl_movement_row(store, row);
        if (move->kind == FL_MOVE_APPLY_RECEIPT && fl_receivable_stands(store, row) &&
            fl_receipt_refundable(store, move->source) >= amount)
            return move->source;
    }
    return FL_NO_ROW;
}

static uint32_t ref_receipt(struct fl_context *c, const struct draft *d, const struct part *p,
                            int64_t amount)
{
    struct fl_named_list named;
    uint32_t customer, row = FL_NO_ROW;
    if (p->ref_length > 0)
        row = fl_find_receipt(c->s, p->ref, p->ref_length);
    if (row == FL_NO_ROW) {
        ref_invoices(c, p, &named, &customer);
        for (uint32_t i = named.count; i-- > 0 && row == FL_NO_ROW;)
            row = payer_receipt(&c->s->store, c->s->scratch[i], amount);
    }
    bool fits = row != FL_NO_ROW && fl_receipt_card(&c->s->store, row)->currency == d->currency;
    return fits ? row : FL_NO_ROW;
}

/* A credit note by its id, or the invoice's own with so much open. */
static uint32_t ref_note(struct fl_context *c, const struct draft *d, const struct part *p,
                         int64_t amount)
{
    const struct fl_store *store = &c->s->store;
    struct fl_named_list named;
    uint32_t customer, row = FL_NO_ROW;
    if (p->ref_length > 0)
        row = fl_find_credit_note(c->s, p->ref, p->ref_length);
    if (row == FL_NO_ROW) {
        ref_invoices(c, p, &named, &customer);
        for (uint32_t note = named.customer == FL_NO_ROW
                                 ? FL_NO_ROW
                                 : fl_customer_account(store, named.customer)->last_credit_note;
             note != FL_NO_ROW && row == FL_NO_ROW;
             note = fl_credit_note_card(store, note)->prev_of_customer) {
            for (uint32_t i = 0; i < named.count; i++) {
                if (fl_credit_note_card(store, note)->invoice == c->s->scratch[i] &&
                    fl_credit_note_money(store, note)->open_minor >= amount)
                    row = note;
            }
        }
    }
    bool fits = row != FL_NO_ROW && fl_credit_note_card(store, row)->currency == d->currency &&
                fl_credit_note_money(store, row)->open_minor >= amount;
    return fits ? row : FL_NO_ROW;
}

/* An event of ours in transit of that amount, which no bank line has. */
static uint32_t ref_event(const struct fl_context *c, const struct draft *d, const struct part *p,
                          enum fl_cash_event_kind kind, int64_t amount)
{
    uint32_t row =
        p->ref_length == 0 ? FL_NO_ROW : fl_find_cash_event(c->s, kind, p->ref, p->ref_length);
    if (row == FL_NO_ROW)
        return FL_NO_ROW;
    const struct fl_cash_event_card *card = fl_cash_event_card(&c->s->store, row);
    bool fits = card->currency == d->currency && card->account == FL_NO_ROW &&
                card->amount_minor + card->fee_minor == amount &&
                fl_cash_event_live(&c->s->store, row)->line == 0;
    return fits ? row : FL_NO_ROW;
}

/* ---- parts
 * ------------------------------------------------------------------------------------------ */

/* Its own entry: the amount against an account, the fee to bank charges. */
static void part_posts(struct part *p, uint32_t account)
{
    p->row.account = account;
    p->row.posts = (uint8_t)(FL_PAYOUT_POSTS_AMOUNT | (p->fee != 0 ? FL_PAYOUT_POSTS_FEE : 0));
}

/* A receipt that was there: on P it is where it should be, in transit it comes to P. */
static enum fl_status charge_known(struct fl_context *c, const struct draft *d, struct part *p,
                                   uint32_t receipt)
{
    const struct fl_receipt_card *card = fl_receipt_card(&c->s->store, receipt);
    bool transit = card->account == FL_NO_ROW, with_fee = card->fee_minor != 0;
    if (card->currency != d->currency)
        return fl_refuse_currency(c, "parts.ref", card->currency, d->currency);
    if (!(transit || card->account == d->processor))
        return fl_refuse_state(c, "parts.ref", p->item->ref, "of another account");
    const struct fl_receipt_status *status = fl_receipt_status(&c->s->store, receipt);
    if (status->paid_out || (transit && status->statement_line != FL_NO_ROW))
        return fl_refuse_state(c, "parts.ref", p->item->ref, "paid out");
    if (card->amount_minor != p->amount || (with_fee && card->fee_minor != p->fee))
        return fl_refuse_unbalanced(c, card->amount_minor, p->amount, d->currency);
    p->row.target = receipt;
    p->row.account = FL_ACCOUNT_TRANSIT_RECEIPTS;
    p->row.posts = (uint8_t)((!transit   ? 0
                              : with_fee ? FL_PAYOUT_POSTS_NET
                                         : FL_PAYOUT_POSTS_AMOUNT) |
                             (with_fee || p->fee == 0 ? 0 : FL_PAYOUT_POSTS_FEE));
    fl_receipt_status_write(&c->s->store, receipt)->paid_out = 1;
    return FL_OK;
}

/* The order's or invoice's document is cleared by the gross (row 11). */
static enum fl_status charge_new(struct fl_context *c, struct draft *d, struct part *p)
{
    struct fl_named_list named;
    bool fee_inside = p->fee > 0 && p->fee <= p->amount;
    struct fl_receipt_draft draft = {.id = p->id,
                                     .id_hash =
                                         fl_key_hash(c->s, FL_INDEX_RECEIPT, p->id, p->id_length),
                                     .id_length = p->id_length,
                                     .amount_minor = p->amount,
                                     .fee_minor = fee_inside ? p->fee : 0,
                                     .base_minor = p->row.base_minor,
                                     .account = d->processor,
                                     .statement_line = FL_NO_ROW,
                                     .date = d->date,
                                     .currency = d->currency};
    ref_invoices(c, p, &named, &draft.customer);
    if (draft.customer != FL_NO_ROW &&
        fl_customer_account(&c->s->store, draft.customer)->currency != d->currency)
        draft.customer = FL_NO_ROW;
    if (fl_find_receipt(c->s, p->id, p->id_length) != FL_NO_ROW)
        return fl_refuse(c, FL_EXISTS, "receipt", p->id, p->id_length);
    named.payer_points = FL_POINTS_PAYER_KNOWN;
    named.is_ours = true;
    p->row.target = fl_receipt_add(c, &draft);
    fl_receipt_status_write(&c->s->store, p->row.target)->paid_out = 1;
    p->row.posts = p->fee != 0 && !fee_inside ? FL_PAYOUT_POSTS_FEE : 0;
    if (draft.customer != FL_NO_ROW)
        fl_receipt_settle(c, p->row.target, &named);
    else
        fl_receipt_status_write(&c->s->store, p->row.target)->reason = FL_REASON_NO_REFERENCE;
    d->matched += fl_receipt_money(&c->s->store, p->row.target)->open_minor < p->amount;
    return FL_OK;
}

static void event_take(struct fl_context *c, struct part *p, uint32_t event,
                       enum fl_account transit)
{
    p->row.target = event;
    p->row.account = transit;
    fl_cash_event_live_write(&c->s->store, event)->line = FL_NO_ROW; /* a payout has it */
}

static struct fl_money_out money_out(const struct draft *d, const struct part *p,
                                     enum fl_target_kind kind, uint32_t target, uint16_t earliest)
{
    return (struct fl_money_out){.id = p->id,
                                 .id_length = p->id_length,
                                 .target_kind = kind,
                                 .target = target,
                                 .amount_minor = -p->amount,
                                 .account = d->processor,
                                 .statement_line = FL_NO_ROW,
                                 .date = d->date > earliest ? d->date : earliest};
}

static enum fl_status event_is_free(struct fl_context *c, const struct part *p,
                                    enum fl_cash_event_kind kind, const char *name)
{
    if (fl_find_cash_event(c->s, kind, p->id, p->id_length) == FL_NO_ROW)
        return FL_OK;
    return fl_refuse(c, FL_EXISTS, name, p->id, p->id_length);
}

static enum fl_status part_refund(struct fl_context *c, const struct draft *d, struct part *p)
{
    const struct fl_store *store = &c->s->store;
    p->row.posts = p->fee != 0 ? FL_PAYOUT_POSTS_FEE : 0;
    uint32_t event = ref_event(c, d, p, FL_EVENT_REFUND, -p->amount);
    if (event != FL_NO_ROW) {
        event_take(c, p, event, FL_ACCOUNT_TRANSIT_REFUNDS);
        p->row.posts |= FL_PAYOUT_POSTS_AMOUNT;
        return FL_OK;
    }
    FL_TRY(event_is_free(c, p, FL_EVENT_REFUND, "refund"));
    uint32_t note = ref_note(c, d, p, -p->amount);
    uint32_t receipt = note == FL_NO_ROW ? ref_receipt(c, d, p, -p->amount) : FL_NO_ROW;
    if (note != FL_NO_ROW) {
        struct fl_money_out out =
            money_out(d, p, FL_TARGET_CREDIT_NOTE, note, fl_credit_note_card(store, note)->date);
        p->row.target = fl_money_out_refund(c, &out);
    } else if (receipt != FL_NO_ROW && fl_receipt_refundable(store, receipt) >= -p->amount) {
        struct fl_money_out out =
            money_out(d, p, FL_TARGET_RECEIPT, receipt, fl_receipt_card(store, receipt)->date);
        p->row.target = fl_money_out_refund(c, &out);
    } else {
        part_posts(p, FL_ACCOUNT_SUSPENSE);
        return FL_OK;
    }
    fl_cash_event_live_write(&c->s->store, p->row.target)->line = FL_NO_ROW;
    return FL_OK;
}

/* The fee is the event's, beside its amount; one given back is bank charges. */
static enum fl_status part_chargeback(struct fl_context *c, const struct draft *d, struct part *p)
{
    uint32_t event = ref_event(c, d, p, FL_EVENT_CHARGEBACK, -p->amount + p->fee);
    if (event != FL_NO_ROW) {
        event_take(c, p, event, FL_ACCOUNT_TRANSIT_RECEIPTS);
        p->row.posts = FL_PAYOUT_POSTS_NET;
        return FL_OK;
    }
    FL_TRY(event_is_free(c, p, FL_EVENT_CHARGEBACK, "chargeback"));
    uint32_t receipt = ref_receipt(c, d, p, 0);
    if (receipt == FL_NO_ROW) {
        part_posts(p, FL_ACCOUNT_SUSPENSE);
        return FL_OK;
    }
    struct fl_money_out out =
        money_out(d, p, FL_TARGET_RECEIPT, receipt, fl_receipt_card(&c->s->store, receipt)->date);
    out.fee_minor = fl_max_i64(p->fee, 0);
    p->row.posts = p->fee < 0 ? FL_PAYOUT_POSTS_FEE : 0;
    p->row.target = fl_money_out_chargeback(c, &out);
    fl_cash_event_live_write(&c->s->store, p->row.target)->line = FL_NO_ROW;
    return FL_OK;
}

/* Its newest chargeback of which something is not given back yet; FL_NO_ROW. */
static uint32_t lost_of_receipt(const struct fl_state *s, uint32_t receipt)
{
    const struct fl_store *store = &s->store;
    for (uint32_t row = fl_receipt_money(store, receipt)->last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_source) {
        const struct fl_movement_row *move = fl_movement_row(store, row);
        if (move->kind == FL_MOVE_CHARGEBACK && move->amount_minor > 0 &&
            fl_chargeback_left(store, fl_movement_cold(store, row)->event) > 0)
            return fl_movement_cold(store, row)->event;
    }
    return FL_NO_ROW;
}

/* Of what had paid the invoice, whether it still does or not. */
static uint32_t lost_of_invoice(const struct fl_state *s, uint32_t invoice)
{
    const struct fl_store *store = &s->store;
    uint32_t lost = FL_NO_ROW;
    for (uint32_t row = fl_invoice_money(store, invoice)->last_movement;
         row != FL_NO_ROW && lost == FL_NO_ROW; row = fl_movement_row(store, row)->prev_of_invoice) {
        if (fl_movement_row(store, row)->kind == FL_MOVE_APPLY_RECEIPT)
            lost = lost_of_receipt(s, fl_movement_row(store, row)->source);
    }
    return lost;
}

/* The chargeback that came back: by its id, or of what the ref names. */
static uint32_t ref_lost(struct fl_context *c, const struct draft *d, const struct part *p)
{
    const struct fl_store *store = &c->s->store;
    struct fl_named_list named;
    uint32_t customer, receipt;
    if (p->ref_length == 0)
        return FL_NO_ROW;
    uint32_t row = fl_find_cash_event(c->s, FL_EVENT_CHARGEBACK, p->ref, p->ref_length);
    if (row == FL_NO_ROW) {
        receipt = fl_find_receipt(c->s, p->ref, p->ref_length);
        row = receipt == FL_NO_ROW ? FL_NO_ROW : lost_of_receipt(c->s, receipt);
    }
    if (row == FL_NO_ROW) {
        ref_invoices(c, p, &named, &customer);
        for (uint32_t i = named.count; i-- > 0 && row == FL_NO_ROW;)
            row = lost_of_invoice(c->s, c->s->scratch[i]);
    }
    bool fits = row != FL_NO_ROW && fl_cash_event_card(store, row)->currency == d->currency;
    return fits ? row : FL_NO_ROW;
}

/* What came back, with the fee where that came too; another fee is bank charges. */
static enum fl_status part_chargeback_won(struct fl_context *c, const struct draft *d,
                                          struct part *p)
{
    const struct fl_store *store = &c->s->store;
    int64_t back = p->amount - fl_min_i64(p->fee, 0);
    uint8_t amount = p->fee < 0 ? FL_PAYOUT_POSTS_NET : FL_PAYOUT_POSTS_AMOUNT;
    p->row.posts = p->fee > 0 ? FL_PAYOUT_POSTS_FEE : 0;
    uint32_t event = ref_event(c, d, p, FL_EVENT_CHARGEBACK_REVERSE, back);
    if (event != FL_NO_ROW) {
        event_take(c, p, event, FL_ACCOUNT_TRANSIT_RECEIPTS);
        p->row.posts |= amount;
        return FL_OK;
    }
    FL_TRY(event_is_free(c, p, FL_EVENT_CHARGEBACK_REVERSE, "chargeback_reverse"));
    uint32_t lost = ref_lost(c, d, p);
    if (lost == FL_NO_ROW) {
        p->row.account = FL_ACCOUNT_SUSPENSE;
        p->row.posts |= amount;
        return FL_OK;
    }
    struct fl_money_out out =
        money_out(d, p, FL_TARGET_RECEIPT, lost, fl_cash_event_card(store, lost)->date);
    out.amount_minor = p->amount;
    out.fee_minor = back - p->amount;
    p->row.target = fl_money_back_chargeback(c, &out);
    fl_cash_event_live_write(&c->s->store, p->row.target)->line = FL_NO_ROW;
    return FL_OK;
}

static void part_adjustment(struct part *p)
{
    uint32_t account = fl_assign_ledger_account(p->ref, p->ref_length);
    part_posts(p, account != FL_ACCOUNT_NONE ? account : (uint32_t)FL_ACCOUNT_SUSPENSE);
}

static enum fl_status part_do(struct fl_context *c, struct draft *d, struct part *p)
{
    uint32_t receipt;
    switch ((enum fl_payout_kind)p->item->kind) {
    case FL_PAYOUT_CHARGE:
        receipt = p->ref_length == 0 ? FL_NO_ROW : fl_find_receipt(c->s, p->ref, p->ref_length);
        return receipt != FL_NO_ROW ? charge_known(c, d, p, receipt) : charge_new(c, d, p);
    case FL_PAYOUT_REFUND:
        return part_refund(c, d, p);
    case FL_PAYOUT_CHARGEBACK:
        return p->amount > 0 ? part_chargeback_won(c, d, p) : part_chargeback(c, d, p);
    case FL_PAYOUT_FEE:
        part_posts(p, FL_ACCOUNT_BANK_CHARGES);
        break;
    case FL_PAYOUT_RESERVE:
        p->row.posts = p->fee != 0 ? FL_PAYOUT_POSTS_FEE : 0;
        break;
    case FL_PAYOUT_ADJUSTMENT:
        part_adjustment(p);
        break;
    }
    return FL_OK;
}

static enum fl_status part_read(struct fl_context *c, const struct draft *d,
                                const struct fl_payout_item *item, uint32_t number, struct part *p)
{
    *p = (struct part){.item = item,
                       .ref = fl_command_text(c->command, item->ref),
                       .ref_length = item->ref.length,
                       .number = number};
    FL_TRY(part_amounts(c, d, item, &p->amount, &p->fee));
    p->fee *= d->fee_sign;
    p->row = (struct fl_payout_part_row){.amount_minor = p->amount,
                                         .fee_minor = p->fee,
                                         .payout = d->payout,
                                         .target = FL_NO_ROW,
                                         .kind = item->kind};
    FL_TRY(to_base(c, d, p->amount, &p->row.base_minor));
    FL_TRY(to_base(c, d, p->fee, &p->row.fee_base_minor));
    part_name(c, p);
    return FL_OK;
}

/* Rows of a payout stand together, so they are there before the work begins. */
static enum fl_status parts_do(struct fl_context *c, const struct fl_command_payout *b,
                               struct draft *d, uint32_t first)
{
    const struct fl_payout_item *items = fl_command_list(c->command, b->parts);
    struct part p;
    for (uint32_t i = 0; i < b->parts.count; i++) {
        enum fl_status status = part_read(c, d, &items[i], i + 1, &p);
        if (status == FL_OK)
            status = part_do(c, d, &p);
        if (status != FL_OK) {
            fl_result_number(c->result, FL_RESULT_LINE, i + 1);
            return status;
        }
        p.row.ref = fl_text_put(c->s, FL_TABLE_text, p.ref, p.ref_length);
        *fl_payout_part_row_new(&c->s->store, first + i) = p.row;
        struct fl_entry entry;
        fl_posting_payout_part(&c->s->store, first + i, &entry);
        fl_post_entry(c->s, &entry);
    }
    return FL_OK;
}

/* ---- the payout
 * --------------------------------------------------------------------------------------- */

static uint32_t payout_add(struct fl_context *c, const struct fl_command_payout *b,
                           const struct draft *d, int64_t base)
{
    struct fl_store *store = &c->s->store;
    const char *id = fl_command_text(c->command, c->command->id);
    uint32_t row = fl_store_add_row(store, FL_TABLE_payout);
    uint32_t first = fl_store_add_rows(store, FL_TABLE_payout_part, b->parts.count);
    struct fl_payout_card *card = fl_payout_card_new(store, row);
    fl_id_set(c->s, &card->id, id, c->command->id.length);
    card->amount_minor = d->amount;
    card->seq = c->s->seq;
    card->content_hash = fl_content_hash(c->command);
    card->processor = d->processor;
    card->account = d->account;
    card->part_first = first;
    card->part_count = (uint16_t)b->parts.count;
    card->date = d->date;
    fl_payout_live_write(store, row)->base_minor = base;
    fl_index_put(c->s, FL_INDEX_PAYOUT,
                 fl_key_hash(c->s, FL_INDEX_PAYOUT, id, c->command->id.length), row);
    struct fl_entry entry;
    fl_posting_payout(store, row, &entry);
    fl_post_entry(c->s, &entry);
    return row;
}

/* The bank's line came first, by the payout's id as its reference: its money is the payout's. */
static void line_take(struct fl_context *c, const struct draft *d)
{
    struct fl_store *store = &c->s->store;
    const char *id = fl_command_text(c->command, c->command->id);
    for (uint32_t account = 0; account < store->rows[FL_TABLE_bank_account]; account++) {
        uint32_t line = fl_line_by_reference(c->s, account, id, c->command->id.length);
        bool here = d->account == FL_NO_ROW || d->account == account;
        if (line == FL_NO_ROW || !here || account == d->processor)
            continue;
        uint32_t receipt = fl_assign_free_receipt(store, line);
        if (receipt == FL_NO_ROW || fl_receipt_card(store, receipt)->amount_minor != d->amount ||
            fl_receipt_card(store, receipt)->fee_minor != 0 ||
            fl_receipt_card(store, receipt)->currency != d->currency)
            continue;
        uint32_t side = d->account == FL_NO_ROW ? (uint32_t)FL_ACCOUNT_TRANSIT_PAYOUTS
                                                : FL_ACCOUNT_BANK_FIRST + account;
        fl_assign_receipt_line(c, line, FL_ASSIGN_PAYOUT, side, d->payout, 0);
        fl_payout_live_write(store, d->payout)->line = line + 1;
        return;
    }
}

static bool same_as_stored(const struct fl_context *c, uint32_t row)
{
    const struct fl_payout_card *card = fl_payout_card(&c->s->store, row);
    return card->content_hash == fl_content_hash(c->command) &&
           (!(c->command->flags & FL_FLAG_DATE_GIVEN) || c->command->date == card->date);
}

enum fl_status fl_apply_payout(struct fl_context *c)
{
    const struct fl_command_payout *b = fl_command_body(c->command);
    struct draft d = {.currency = b->currency};
    int64_t base;
    c->made_row =
        fl_find_payout(c->s, fl_command_text(c->command, c->command->id), c->command->id.length);
    if (c->made_row != FL_NO_ROW)
        return same_as_stored(c, c->made_row) ? FL_DUPLICATE : FL_KEY_REUSED;
    FL_TRY(fl_money_signed(c, "amount", b->amount, d.currency, &d.amount));
    FL_TRY(fl_policy_date(c));
    d.date = c->command->date;
    FL_TRY(draft_accounts(c, b, &d));
    FL_TRY(draft_rate(c, b, &d));
    FL_TRY(draft_parts(c, b, &d));
    FL_TRY(to_base(c, &d, d.amount, &base));
    d.payout = payout_add(c, b, &d, base);
    FL_TRY(parts_do(c, b, &d, fl_payout_card(&c->s->store, d.payout)->part_first));
    fl_payout_live_write(&c->s->store, d.payout)->matched = d.matched;
    line_take(c, &d);
    c->made_row = d.payout;
    return FL_OK;
}
