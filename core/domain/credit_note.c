#include "core/domain/invoice.h"
#include "core/domain/posting_rules.h"
#include "core/domain/pricing.h"
#include "core/domain/receivable.h"

/* A credit note being made. For each line of the invoice that it credits, the net taken stands in
 * s->draft_weights and the pieces in s->draft_shares, by line number. */
struct draft {
    uint32_t customer, invoice;
    uint8_t currency;
    uint16_t date;
    int64_t net, tax, total, deferred, base_total;
    uint32_t line_first, line_count; /* of credit_line */
    bool by_lines;
};

/* What earlier credit notes took of an invoice. */
struct credited {
    int64_t total_minor, tax_minor;
};

static void credited_before(const struct fl_state *s, uint32_t invoice, struct credited *sum)
{
    struct fl_index_cursor cursor;
    const struct fl_hash_index *index = &s->index[FL_INDEX_CREDIT_OF_INVOICE];
    memset(sum, 0, sizeof *sum);
    for (uint32_t row = fl_hash_index_first(index, fl_hash_u64(invoice, s->secret), &cursor);
         row != FL_NO_ROW; row = fl_hash_index_next(index, &cursor)) {
        if (fl_credit_note_card(&s->store, row)->invoice != invoice ||
            fl_credit_note_money(&s->store, row)->cancelled)
            continue;
        sum->total_minor += fl_credit_note_card(&s->store, row)->total_minor;
        sum->tax_minor += fl_credit_note_cold(&s->store, row)->tax_minor;
    }
}

static enum fl_status exceeds(struct fl_context *c, const struct draft *d, int64_t wanted,
                              int64_t creditable)
{
    return fl_refuse_exceeds(c, FL_EXCEEDS_CREDITABLE, "invoice",
                             &fl_invoice_card(&c->s->store, d->invoice)->id, wanted,
                             FL_RESULT_AVAILABLE, creditable, d->currency);
}

/* Tax of a gross part in the invoice's own proportion, cumulative so that the whole is exact. */
static enum fl_status draft_by_amount(struct fl_context *c, const struct fl_command_credit_note *b,
                                      const struct credited *before, struct draft *d)
{
    const struct fl_invoice_card *card = fl_invoice_card(&c->s->store, d->invoice);
    int64_t tax_all = fl_invoice_cold(&c->s->store, d->invoice)->tax_minor;
    if (b->amount.gross.state == FL_DECIMAL_VALUE) {
        FL_TRY(fl_money(c, "amount", b->amount.gross, d->currency, true, &d->total));
    } else {
        FL_TRY(fl_money(c, "amount.net", b->amount.net, d->currency, false, &d->net));
        if (b->amount.tax.state == FL_DECIMAL_VALUE)
            FL_TRY(fl_money(c, "amount.tax", b->amount.tax, d->currency, false, &d->tax));
        d->total = d->net + d->tax;
        if (d->total == 0)
            return fl_refuse(c, FL_BAD_VALUE, "amount", NULL, 0);
    }
    int64_t creditable = card->total_minor - before->total_minor;
    if (d->total > creditable || d->tax > tax_all - before->tax_minor)
        return exceeds(c, d, d->total, creditable);
    if (b->amount.gross.state == FL_DECIMAL_VALUE) {
        int64_t cumulative = fl_price_share(tax_all, before->total_minor + d->total,
                                            card->total_minor, fl_policy_rounding(c->s));
        d->tax = fl_max_i64(cumulative - before->tax_minor, 0);
        if (d->total == creditable)
            d->tax = tax_all - before->tax_minor;
        d->tax = fl_min_i64(d->tax, d->total);
        d->net = d->total - d->tax;
    }
    return FL_OK;
}

static enum fl_status line_part(struct fl_context *c, struct draft *d,
                                const struct fl_credit_line *part)
{
    const struct fl_invoice_card *invoice = fl_invoice_card(&c->s->store, d->invoice);
    if (part->line == 0 || part->line > invoice->line_count)
        return fl_refuse(c, FL_BAD_VALUE, "lines.line", NULL, 0);
    uint32_t i = part->line - 1, row = invoice->line_first + i;
    const struct fl_invoice_line_card *card = fl_invoice_line_card(&c->s->store, row);
    const struct fl_invoice_line_live *live = fl_invoice_line_live(&c->s->store, row);
    int64_t net = 0, quantity = 0;
    bool by_quantity = part->quantity.state == FL_DECIMAL_VALUE;
    if (by_quantity == (part->amount.state == FL_DECIMAL_VALUE))
        return fl_refuse(c, FL_MISSING_FIELD, "lines.quantity", NULL, 0);
    if (by_quantity) {
        enum fl_status status =
            fl_decimal_scale(part->quantity, FL_QUANTITY_DECIMALS, &quantity);
        if (status != FL_OK || quantity <= 0)
            return fl_refuse(c, status != FL_OK ? status : FL_BAD_VALUE, "lines.quantity", NULL,
                             0);
        int64_t before = live->credited_quantity + c->s->draft_shares[i];
        if (quantity > card->quantity - before) {
            fl_result_number(c->result, FL_RESULT_LINE, part->line);
            fl_result_quantity(c->result, FL_RESULT_WANTED, quantity);
            fl_result_quantity(c->result, FL_RESULT_AVAILABLE, card->quantity - before);
            return fl_refuse_text(c, FL_EXCEEDS_CREDITABLE, "invoice",
                                  ((const struct fl_command_credit_note *)fl_command_body(c->command))
                                      ->invoice);
        }
        enum fl_rounding rounding = fl_policy_rounding(c->s);
        net = fl_price_share(card->net_minor, before + quantity, card->quantity, rounding) -
              fl_price_share(card->net_minor, before, card->quantity, rounding);
    } else {
        FL_TRY(fl_money(c, "lines.amount", part->amount, d->currency, true, &net));
    }
    if (net > card->net_minor - live->credited_net_minor - c->s->draft_weights[i]) {
        fl_result_number(c->result, FL_RESULT_LINE, part->line);
        return exceeds(c, d, net, card->net_minor - live->credited_net_minor - c->s->draft_weights[i]);
    }
    c->s->draft_weights[i] += net;
    c->s->draft_shares[i] += quantity;
    d->net += net;
    return FL_OK;
}

/* Tax by rate on what the lines take; the last one takes the invoice's remainder, so that the whole is
 * the exact negative. */
static enum fl_status draft_by_lines(struct fl_context *c, const struct fl_command_credit_note *b,
                                     const struct credited *before, struct draft *d)
{
    const struct fl_invoice_card *invoice = fl_invoice_card(&c->s->store, d->invoice);
    const struct fl_credit_line *parts = fl_command_list(c->command, b->lines);
    memset(c->s->draft_weights, 0, sizeof(int64_t) * invoice->line_count);
    memset(c->s->draft_shares, 0, sizeof(int64_t) * invoice->line_count);
    d->by_lines = true;
    for (uint32_t i = 0; i < b->lines.count; i++)
        FL_TRY(line_part(c, d, &parts[i]));
    for (uint32_t i = 0; i < invoice->line_count; i++)
        c->s->draft_taxed[i] = (struct fl_taxed){
            c->s->draft_weights[i],
            fl_invoice_line_card(&c->s->store, invoice->line_first + i)->tax_rate};
    FL_TRY(fl_price_tax(c->s->draft_taxed, invoice->line_count, fl_book(c->s)->tax_rounding,
                        fl_policy_rounding(c->s), &d->tax));
    int64_t creditable = invoice->total_minor - before->total_minor;
    int64_t tax_left =
        fl_invoice_cold(&c->s->store, d->invoice)->tax_minor - before->tax_minor;
    int64_t net_left = creditable - tax_left;
    if (d->net == net_left || d->tax > tax_left)
        d->tax = tax_left;
    d->total = d->net + d->tax;
    if (d->total > creditable)
        return exceeds(c, d, d->total, creditable);
    return d->total > 0 ? FL_OK : fl_refuse(c, FL_BAD_VALUE, "lines", NULL, 0);
}

/* ---- what it takes from deferred revenue --------------------------------------------------------- */

static int64_t line_deferred(const struct fl_store *store, uint32_t row)
{
    const struct fl_invoice_line_card *card = fl_invoice_line_card(store, row);
    const struct fl_invoice_line_live *live = fl_invoice_line_live(store, row);
    return fl_max_i64(card->net_minor - live->recognised_minor - live->credited_net_minor, 0);
}

/* A note by amount takes deferred nets first, in line order, then recognised ones. */
static void spread_over_lines(struct fl_context *c, struct draft *d)
{
    const struct fl_invoice_card *invoice = fl_invoice_card(&c->s->store, d->invoice);
    int64_t left = d->net;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < invoice->line_count; i++) {
            uint32_t row = invoice->line_first + i;
            const struct fl_invoice_line_live *live = fl_invoice_line_live(&c->s->store, row);
            if (pass == 0)
                c->s->draft_weights[i] = c->s->draft_shares[i] = 0;
            int64_t room = pass == 0 ? line_deferred(&c->s->store, row)
                                     : fl_invoice_line_card(&c->s->store, row)->net_minor -
                                           live->credited_net_minor - c->s->draft_weights[i];
            int64_t take = fl_min_i64(left, fl_max_i64(room, 0));
            c->s->draft_weights[i] += take;
            left -= take;
        }
    }
}

/* Kept, so that a note can be taken back; the note is the row that comes next. */
static void line_keep(struct fl_context *c, struct draft *d, uint32_t invoice_line, int64_t net,
                      int64_t quantity)
{
    struct fl_store *store = &c->s->store;
    uint32_t row = fl_store_add_row(store, FL_TABLE_credit_line);
    if (d->line_count++ == 0)
        d->line_first = row;
    *fl_credit_line_row_new(store, row) =
        (struct fl_credit_line_row){.net_minor = net,
                                    .quantity = quantity,
                                    .note = store->rows[FL_TABLE_credit_note],
                                    .invoice_line = invoice_line};
}

static void lines_take(struct fl_context *c, struct draft *d)
{
    const struct fl_invoice_card *invoice = fl_invoice_card(&c->s->store, d->invoice);
    for (uint32_t i = 0; i < invoice->line_count; i++) {
        uint32_t row = invoice->line_first + i;
        if (c->s->draft_weights[i] == 0 && c->s->draft_shares[i] == 0)
            continue;
        d->deferred +=
            fl_min_i64(line_deferred(&c->s->store, row), c->s->draft_weights[i]);
        struct fl_invoice_line_live *live = fl_invoice_line_live_write(&c->s->store, row);
        live->credited_net_minor += c->s->draft_weights[i];
        live->credited_quantity += c->s->draft_shares[i];
        line_keep(c, d, row, c->s->draft_weights[i], c->s->draft_shares[i]);
    }
}

/* ---- rows --------------------------------------------------------------------------------------- */

static uint32_t note_add(struct fl_context *c, const struct draft *d, uint64_t hash,
                         bool from_series)
{
    const struct fl_command_credit_note *b = fl_command_body(c->command);
    struct fl_store *store = &c->s->store;
    const char *id = fl_command_text(c->command, c->command->id);
    uint32_t row = fl_store_add_row(store, FL_TABLE_credit_note);
    struct fl_customer_account *account = fl_customer_account_write(store, d->customer);
    struct fl_credit_note_card *card = fl_credit_note_card_new(store, row);
    fl_id_set(c->s, &card->id, id, c->command->id.length);
    card->total_minor = d->total;
    card->seq = c->s->seq;
    card->customer = d->customer;
    card->invoice = d->invoice;
    card->prev_of_customer = account->last_credit_note;
    card->prev_of_invoice = FL_NO_ROW;
    card->date = d->date;
    card->currency = d->currency;
    card->from_series = from_series;
    account->last_credit_note = row;
    account->credits_minor += d->total;
    *fl_credit_note_cold_new(store, row) = (struct fl_credit_note_cold){
        .content_hash = hash,
        .tax_minor = d->tax,
        .deferred_minor = d->deferred,
        .base_total_minor = d->base_total,
        .line_first = d->line_first,
        .line_count = d->line_count,
        .reason = fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, b->reason),
                              b->reason.length),
    };
    *fl_credit_note_money_write(store, row) = (struct fl_credit_note_money){
        .open_minor = d->total, .last_movement = FL_NO_ROW};
    fl_index_put(c->s, FL_INDEX_CREDIT_NOTE, fl_credit_note_hash(c->s, id, c->command->id.length),
                 row);
    if (d->invoice != FL_NO_ROW) {
        fl_index_put(c->s, FL_INDEX_CREDIT_OF_INVOICE, fl_hash_u64(d->invoice, c->s->secret), row);
        fl_invoice_money_write(store, d->invoice)->flags |= FL_INVOICE_HAS_CREDIT_NOTE;
    }
    return row;
}

/* Rows 6 and 7: first what the invoice owes; of the rest only what came in as money stays spendable
 * (D4.6). */
static void note_settle(struct fl_context *c, uint32_t note, const struct draft *d)
{
    fl_credit_note_apply_own(c->s, d->invoice, d->date);
    fl_credit_note_cold_new(&c->s->store, note)->spendable_minor =
        fl_credit_note_back(c->s, note, d->date);
}

/* ---- the command ---------------------------------------------------------------------------------- */

static enum fl_status draft_parties(struct fl_context *c, const struct fl_command_credit_note *b,
                                    struct draft *d)
{
    d->invoice = FL_NO_ROW;
    if (b->invoice.length > 0) {
        d->invoice =
            fl_find_invoice(c->s, fl_command_text(c->command, b->invoice), b->invoice.length);
        if (d->invoice == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "invoice", b->invoice);
        d->customer = fl_invoice_card(&c->s->store, d->invoice)->customer;
    } else if (b->customer.length == 0) {
        return fl_refuse(c, FL_MISSING_FIELD, "invoice or customer", NULL, 0);
    }
    if (b->customer.length > 0) {
        uint32_t customer = fl_find_customer(c->s, fl_command_text(c->command, b->customer),
                                             b->customer.length);
        if (customer == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "customer", b->customer);
        if (d->invoice != FL_NO_ROW && customer != d->customer)
            return fl_refuse_text(c, FL_BAD_VALUE, "customer", b->customer);
        d->customer = customer;
    }
    return FL_OK;
}

static enum fl_status draft_currency(struct fl_context *c, const struct fl_command_credit_note *b,
                                     struct draft *d)
{
    uint8_t own = d->invoice != FL_NO_ROW
                      ? fl_invoice_card(&c->s->store, d->invoice)->currency
                      : fl_customer_account(&c->s->store, d->customer)->currency;
    d->currency = b->currency ? b->currency : own;
    if (d->currency != own)
        return fl_refuse_currency(c, "currency", d->currency, own);
    return FL_OK;
}

static enum fl_status draft_amounts(struct fl_context *c, const struct fl_command_credit_note *b,
                                    const struct credited *before, struct draft *d)
{
    bool amount = b->amount.gross.state != FL_DECIMAL_ABSENT ||
                  b->amount.net.state != FL_DECIMAL_ABSENT;
    if (amount == (b->lines.count > 0))
        return fl_refuse(c, amount ? FL_BAD_VALUE : FL_MISSING_FIELD, "amount or lines", NULL, 0);
    if (d->invoice != FL_NO_ROW)
        return amount ? draft_by_amount(c, b, before, d) : draft_by_lines(c, b, before, d);
    if (b->amount.net.state != FL_DECIMAL_VALUE)
        return fl_refuse(c, FL_MISSING_FIELD, "amount.net", NULL, 0);
    FL_TRY(fl_money(c, "amount.net", b->amount.net, d->currency, false, &d->net));
    if (b->amount.tax.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "amount.tax", b->amount.tax, d->currency, false, &d->tax));
    d->total = d->net + d->tax;
    return d->total > 0 ? FL_OK : fl_refuse(c, FL_BAD_VALUE, "amount", NULL, 0);
}

/* On an invoice the invoice's own rate (D9). */
static enum fl_status draft_rate(struct fl_context *c, const struct fl_command_credit_note *b,
                                 struct draft *d)
{
    int64_t rate = 0;
    if (d->currency != fl_book(c->s)->base_currency) {
        uint32_t extra = d->invoice == FL_NO_ROW
                             ? FL_NO_ROW
                             : fl_invoice_cold(&c->s->store, d->invoice)->extra;
        if (extra != FL_NO_ROW)
            rate = fl_invoice_extra_row(&c->s->store, extra)->rate;
        else if (b->fx_rate.state == FL_DECIMAL_VALUE)
            FL_TRY(fl_decimal_scale(b->fx_rate, FL_RATE_DECIMALS, &rate));
        else
            rate = fl_policy_rate(c->s, d->currency, d->date);
        if (rate <= 0)
            return fl_refuse_rate(c, d->currency, d->date);
    }
    return fl_policy_to_base(c->s, d->total, d->currency, rate, &d->base_total);
}

enum fl_status fl_apply_credit_note(struct fl_context *c)
{
    const struct fl_command_credit_note *b = fl_command_body(c->command);
    uint64_t hash = fl_content_hash(c->command);
    uint32_t row = FL_NO_ROW;
    if (c->command->id.length > 0)
        row = fl_find_credit_note(c->s, fl_command_text(c->command, c->command->id),
                                  c->command->id.length);
    if (row != FL_NO_ROW) {
        c->made_row = row;
        bool same = fl_credit_note_cold(&c->s->store, row)->content_hash == hash &&
                    (!(c->command->flags & FL_FLAG_DATE_GIVEN) ||
                     c->command->date == fl_credit_note_card(&c->s->store, row)->date);
        return same ? FL_DUPLICATE : FL_KEY_REUSED;
    }
    struct draft d = {.invoice = FL_NO_ROW};
    struct credited before = {0};
    FL_TRY(draft_parties(c, b, &d));
    FL_TRY(fl_policy_date(c));
    d.date = c->command->date;
    if (d.invoice != FL_NO_ROW && d.date < fl_invoice_card(&c->s->store, d.invoice)->date) {
        if (c->command->flags & FL_FLAG_DATE_GIVEN)
            return fl_refuse_before(c, fl_invoice_card(&c->s->store, d.invoice)->date);
        d.date = c->command->date = fl_invoice_card(&c->s->store, d.invoice)->date;
    }
    FL_TRY(draft_currency(c, b, &d));
    if (d.invoice != FL_NO_ROW)
        credited_before(c->s, d.invoice, &before);
    FL_TRY(draft_amounts(c, b, &before, &d));
    FL_TRY(draft_rate(c, b, &d));
    bool from_series;
    uint64_t invoice_hash; /* none: a credit note's id stands in another index */
    FL_TRY(fl_series_resolve(c, FL_SERIES_CREDIT_NOTE, &from_series, &invoice_hash));
    if (d.invoice != FL_NO_ROW) {
        if (!d.by_lines)
            spread_over_lines(c, &d);
        lines_take(c, &d);
    }
    c->made_row = note_add(c, &d, hash, from_series);
    struct fl_entry entry;
    fl_posting_credit_note(&c->s->store, c->made_row, &entry);
    fl_post_entry(c->s, &entry);
    fl_post_statistic(c->s, FL_ACCOUNT_SALES_BY_DAY, d.currency, d.date, -d.total);
    if (d.invoice != FL_NO_ROW)
        note_settle(c, c->made_row, &d);
    else
        fl_credit_note_cold_new(&c->s->store, c->made_row)->spendable_minor = d.total;
    if (from_series)
        fl_series_advance(c->s, FL_SERIES_CREDIT_NOTE, d.date);
    return FL_OK;
}

/* ---- taking one back (A20) --------------------------------------------------------------------------- */

static void lines_give_back(struct fl_context *c, uint32_t note)
{
    const struct fl_credit_note_cold *cold = fl_credit_note_cold(&c->s->store, note);
    for (uint32_t i = 0; i < cold->line_count; i++) {
        const struct fl_credit_line_row *line =
            fl_credit_line_row(&c->s->store, cold->line_first + i);
        FL_ASSERT(line->note == note);
        struct fl_invoice_line_live *live =
            fl_invoice_line_live_write(&c->s->store, line->invoice_line);
        live->credited_net_minor -= line->net_minor;
        live->credited_quantity -= line->quantity;
    }
}

/* Why it cannot be taken back; null: it can. What it took from deferred revenue may have been delivered since. */
static const char *not_cancellable(const struct fl_store *store, uint32_t note)
{
    const struct fl_credit_note_money *money = fl_credit_note_money(store, note);
    if (money->cancelled)
        return "cancelled";
    if (money->open_minor != fl_credit_note_card(store, note)->total_minor)
        return "used";
    return fl_credit_note_cold(store, note)->deferred_minor != 0 ? "of goods not delivered" : NULL;
}

enum fl_status fl_apply_credit_note_cancel(struct fl_context *c)
{
    const struct fl_command_credit_note_cancel *b = fl_command_body(c->command);
    struct fl_store *store = &c->s->store;
    uint32_t note = fl_find_credit_note(c->s, fl_command_text(c->command, b->credit_note),
                                        b->credit_note.length);
    if (note == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "credit_note", b->credit_note);
    FL_TRY(fl_policy_date(c));
    const struct fl_credit_note_card *card = fl_credit_note_card(store, note);
    if (c->command->date < card->date) {
        if (c->command->flags & FL_FLAG_DATE_GIVEN)
            return fl_refuse_before(c, card->date);
        c->command->date = card->date;
    }
    const char *state = not_cancellable(store, note);
    if (state)
        return fl_refuse_state(c, "credit_note", b->credit_note, state);
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_CREDIT_CANCEL;
    move.amount_minor = card->total_minor;
    move.source = note;
    move.date = c->command->date;
    uint16_t day = fl_movement_row(store, fl_receivable_move(c->s, &move))->date;
    fl_credit_note_money_write(store, note)->cancelled = 1;
    fl_post_statistic(c->s, FL_ACCOUNT_SALES_BY_DAY, card->currency, day, card->total_minor);
    lines_give_back(c, note);
    c->made_row = note;
    return FL_OK;
}
