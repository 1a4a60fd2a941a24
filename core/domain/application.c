/* Applications as people and proposals make them, and their reversal. */
#include "core/domain/receipt.h"
#include "core/domain/receivable.h"

struct draft {
    uint32_t receipt, note, invoice;
    uint8_t currency;
    uint16_t source_date;
    int64_t amount, discount, difference; /* difference: > 0 short, < 0 over */
    int64_t source_open, invoice_open;
};

static enum fl_status draft_rows(struct fl_context *c, const struct fl_command_application *b,
                                 struct draft *d)
{
    d->receipt = d->note = d->invoice = FL_NO_ROW;
    if ((b->receipt.length > 0) == (b->credit_note.length > 0))
        return fl_refuse(c, b->receipt.length > 0 ? FL_BAD_VALUE : FL_MISSING_FIELD,
                         "receipt or credit_note", NULL, 0);
    if (b->receipt.length > 0) {
        d->receipt =
            fl_find_receipt(c->s, fl_command_text(c->command, b->receipt), b->receipt.length);
        if (d->receipt == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "receipt", b->receipt);
        d->currency = fl_receipt_card(&c->s->store, d->receipt)->currency;
        d->source_date = fl_receipt_card(&c->s->store, d->receipt)->date;
        d->source_open = fl_receipt_money(&c->s->store, d->receipt)->open_minor;
    } else {
        d->note = fl_find_credit_note(c->s, fl_command_text(c->command, b->credit_note),
                                      b->credit_note.length);
        if (d->note == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "credit_note", b->credit_note);
        d->currency = fl_credit_note_card(&c->s->store, d->note)->currency;
        d->source_date = fl_credit_note_card(&c->s->store, d->note)->date;
        d->source_open = fl_credit_note_money(&c->s->store, d->note)->open_minor;
    }
    if (b->park == FL_CHOICE_YES)
        return FL_OK;
    if (b->invoice.length == 0)
        return fl_refuse(c, FL_MISSING_FIELD, "invoice", NULL, 0);
    d->invoice =
        fl_find_invoice(c->s, fl_command_text(c->command, b->invoice), b->invoice.length);
    if (d->invoice == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "invoice", b->invoice);
    d->invoice_open = fl_invoice_money(&c->s->store, d->invoice)->open_minor;
    return FL_OK;
}

/* A decimal that may be negative: "difference". */
static enum fl_status signed_money(struct fl_context *c, const char *field,
                                   struct fl_decimal value, uint8_t currency, int64_t *out)
{
    *out = 0;
    if (value.state != FL_DECIMAL_VALUE)
        return FL_OK;
    enum fl_status status = fl_decimal_scale(value, fl_currency_exponent(currency), out);
    if (status == FL_OK && (*out > FL_AMOUNT_MAX || *out < -FL_AMOUNT_MAX))
        status = FL_OUT_OF_RANGE;
    return status == FL_OK ? FL_OK : fl_refuse(c, status, field, NULL, 0);
}

static enum fl_status draft_amounts(struct fl_context *c, const struct fl_command_application *b,
                                    struct draft *d)
{
    if (b->amount.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "amount", b->amount, d->currency, true, &d->amount));
    else
        d->amount = fl_min_i64(d->source_open, d->invoice_open);
    if (b->discount.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "discount", b->discount, d->currency, false, &d->discount));
    FL_TRY(signed_money(c, "difference", b->difference, d->currency, &d->difference));
    if (d->note != FL_NO_ROW && (d->discount != 0 || d->difference != 0))
        return fl_refuse(c, FL_BAD_VALUE, d->discount ? "discount" : "difference", NULL, 0);
    return FL_OK;
}

static enum fl_status exceeds_open(struct fl_context *c, const struct draft *d, int64_t wanted)
{
    return fl_refuse_exceeds(c, FL_EXCEEDS_OPEN, "invoice",
                             &fl_invoice_card(&c->s->store, d->invoice)->id, wanted,
                             FL_RESULT_OPEN, d->invoice_open, d->currency);
}

static enum fl_status exceeds_source(struct fl_context *c, const struct draft *d, int64_t wanted)
{
    bool note = d->note != FL_NO_ROW;
    const struct fl_id *id = note ? &fl_credit_note_card(&c->s->store, d->note)->id
                                  : &fl_receipt_card(&c->s->store, d->receipt)->id;
    return fl_refuse_exceeds(c, FL_EXCEEDS_UNAPPLIED, note ? "credit_note" : "receipt", id, wanted,
                             FL_RESULT_UNAPPLIED, d->source_open, d->currency);
}

static enum fl_status draft_check(struct fl_context *c, const struct draft *d)
{
    const struct fl_command_application *b = fl_command_body(c->command);
    const struct fl_invoice_card *card = fl_invoice_card(&c->s->store, d->invoice);
    uint16_t earliest = fl_receivable_date(d->source_date, card->date, FL_DATE_NONE);
    if (c->command->flags & FL_FLAG_DATE_GIVEN && c->command->date < earliest)
        return fl_refuse_before(c, earliest);
    if (card->currency != d->currency)
        return fl_refuse_currency(c, "invoice", card->currency, d->currency);
    uint32_t customer = d->receipt != FL_NO_ROW
                            ? fl_receipt_money(&c->s->store, d->receipt)->customer
                            : fl_credit_note_card(&c->s->store, d->note)->customer;
    if (d->note != FL_NO_ROW && customer != card->customer)
        return fl_refuse_state(c, "invoice", b->invoice, "of another customer");
    if (d->invoice_open == 0)
        return fl_refuse_text(c, FL_NOTHING_OPEN, "invoice", b->invoice);
    int64_t over = d->difference < 0 ? -d->difference : 0;
    int64_t reduces = d->amount + d->discount + fl_max_i64(d->difference, 0);
    if (reduces > d->invoice_open)
        return exceeds_open(c, d, reduces);
    if (d->amount + over > d->source_open || d->amount == 0)
        return exceeds_source(c, d, d->amount + over);
    return FL_OK;
}

static uint32_t apply_note(struct fl_context *c, const struct draft *d, uint16_t given)
{
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_APPLY_CREDIT;
    move.amount_minor = d->amount;
    move.invoice = d->invoice;
    move.source = d->note;
    move.date = fl_receivable_date(d->source_date,
                                   fl_invoice_card(&c->s->store, d->invoice)->date, given);
    uint32_t number = 1;
    for (uint32_t row = fl_credit_note_money(&c->s->store, d->note)->last_movement;
         row != FL_NO_ROW; row = fl_movement_row(&c->s->store, row)->prev_of_source) {
        if (fl_movement_row(&c->s->store, row)->application >= number)
            number = fl_movement_row(&c->s->store, row)->application + 1;
    }
    move.application = number;
    return fl_receivable_move(c->s, &move);
}

/* Money of another customer, paid by this one: identified with the invoice's customer if it was
 * nobody's; else it stays the payer's and settles as the person said. */
static uint32_t apply_receipt(struct fl_context *c, const struct draft *d, uint16_t given)
{
    struct fl_state *s = c->s;
    if (fl_receipt_money(&s->store, d->receipt)->customer == FL_NO_ROW)
        fl_receipt_identify(s, d->receipt, fl_invoice_card(&s->store, d->invoice)->customer);
    uint32_t first = fl_receipt_apply(s, d->receipt, d->invoice, d->amount, d->discount,
                                      fl_max_i64(d->difference, 0), given);
    if (d->difference < 0) {
        struct fl_move move = FL_MOVE_INIT;
        move.kind = FL_MOVE_OVER;
        move.amount_minor = -d->difference;
        move.source = d->receipt;
        move.date = fl_movement_row(&s->store, first)->date;
        move.application = fl_movement_row(&s->store, first)->application;
        fl_receivable_move(s, &move);
    }
    return first;
}

static void application_name(struct fl_context *c, uint32_t movement)
{
    const struct fl_command_application *b = fl_command_body(c->command);
    struct fl_store *store = &c->s->store;
    if (c->command->id.length > 0) {
        const char *id = fl_command_text(c->command, c->command->id);
        uint32_t row = fl_store_add_row(store, FL_TABLE_application_id);
        struct fl_application_id_row *named = fl_application_id_row_new(store, row);
        fl_id_set(c->s, &named->id, id, c->command->id.length);
        named->movement = movement;
        named->content_hash = fl_content_hash(c->command);
        fl_movement_cold_new(store, movement)->application_id = row;
        fl_index_put(c->s, FL_INDEX_APPLICATION_ID,
                     fl_key_hash(c->s, FL_INDEX_APPLICATION_ID, id, c->command->id.length), row);
    }
    if (b->by.length == 0 && b->match.rule == 0 && b->match.points == 0 &&
        b->match.reason.length == 0)
        return;
    uint32_t row = fl_store_add_row(store, FL_TABLE_match);
    *fl_match_row_new(store, row) = (struct fl_match_row){
        .by = fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, b->by), b->by.length),
        .reason = fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, b->match.reason),
                              b->match.reason.length),
        .movement = movement,
        .rule = (uint8_t)(b->match.rule ? b->match.rule - 1 : 0),
        .points = (uint8_t)(b->match.points ? b->match.points - 1 : 0),
    };
}

static enum fl_status own_id_check(struct fl_context *c)
{
    if (c->command->id.length == 0)
        return FL_OK;
    const char *id = fl_command_text(c->command, c->command->id);
    uint32_t movement = fl_find_application(c->s, id, c->command->id.length);
    if (movement == FL_NO_ROW)
        return FL_OK;
    c->made_row = movement;
    uint32_t row = fl_movement_cold(&c->s->store, movement)->application_id;
    bool same = row != FL_NO_ROW && fl_application_id_row(&c->s->store, row)->content_hash ==
                                        fl_content_hash(c->command);
    return same ? FL_DUPLICATE : FL_KEY_REUSED;
}

enum fl_status fl_apply_application(struct fl_context *c)
{
    const struct fl_command_application *b = fl_command_body(c->command);
    struct draft d = {.receipt = FL_NO_ROW};
    FL_TRY(own_id_check(c));
    FL_TRY(draft_rows(c, b, &d));
    bool given = c->command->flags & FL_FLAG_DATE_GIVEN;
    FL_TRY(fl_policy_date(c));
    if (b->park == FL_CHOICE_YES) {
        bool nobodys = d.receipt == FL_NO_ROW ||
                       fl_receipt_money(&c->s->store, d.receipt)->customer == FL_NO_ROW;
        if (nobodys || d.source_open == 0)
            return fl_refuse_state(c, "receipt", b->receipt, nobodys ? "unidentified" : "applied");
        fl_receipt_status_write(&c->s->store, d.receipt)->state = FL_RECEIPT_ON_ACCOUNT;
        c->made_row = FL_NO_ROW;
        return FL_OK;
    }
    FL_TRY(draft_amounts(c, b, &d));
    FL_TRY(draft_check(c, &d));
    uint16_t date = given ? c->command->date : FL_DATE_NONE;
    c->made_row = d.note != FL_NO_ROW ? apply_note(c, &d, date) : apply_receipt(c, &d, date);
    c->command->date = fl_movement_row(&c->s->store, c->made_row)->date;
    application_name(c, c->made_row);
    return FL_OK;
}

enum fl_status fl_apply_application_reverse(struct fl_context *c)
{
    const struct fl_command_application_reverse *b = fl_command_body(c->command);
    uint32_t movement = fl_find_application(c->s, fl_command_text(c->command, b->application),
                                            b->application.length);
    if (movement == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "application", b->application);
    if (!fl_receivable_stands(&c->s->store, movement))
        return fl_refuse_state(c, "application", b->application, "reversed");
    bool given = c->command->flags & FL_FLAG_DATE_GIVEN;
    FL_TRY(fl_policy_date(c));
    const struct fl_movement_row row = *fl_movement_row(&c->s->store, movement);
    if (given && c->command->date < row.date)
        return fl_refuse_before(c, row.date);
    uint16_t date = given ? c->command->date : row.date; /* an error restates (D3) */
    fl_application_undo(c->s, movement, date);
    fl_credit_note_settle_again(c->s, row.invoice, date);
    if (row.kind == FL_MOVE_APPLY_CREDIT) {
        uint32_t own = fl_credit_note_card(&c->s->store, row.source)->invoice;
        if (own != FL_NO_ROW && own != row.invoice)
            fl_credit_note_settle_again(c->s, own, date); /* D4.4 */
    }
    c->command->date = fl_policy_push(c->s, date);
    c->made_row = movement;
    return FL_OK;
}
