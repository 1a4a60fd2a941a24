/* Applications as people and proposals make them, and their reversal. */
#include "core/domain/decision.h"
#include "core/domain/match.h"
#include "core/domain/payer_account.h"
#include "core/domain/receipt.h"
#include "core/domain/receivable.h"

struct draft {
    uint32_t receipt, note, invoice;
    uint8_t currency;
    uint16_t source_date;
    int64_t amount, discount, difference; /* difference: > 0 short, < 0 over */
    int64_t source_open, invoice_open;
    struct fl_grade by;
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

static enum fl_status draft_amounts(struct fl_context *c, const struct fl_command_application *b,
                                    struct draft *d)
{
    if (b->amount.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "amount", b->amount, d->currency, true, &d->amount));
    else
        d->amount = fl_min_i64(d->source_open, d->invoice_open);
    if (b->discount.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "discount", b->discount, d->currency, false, &d->discount));
    FL_TRY(fl_money_signed(c, "difference", b->difference, d->currency, &d->difference));
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

/* decision.h, Y3. */
static enum fl_status draft_decision(struct fl_context *c, const struct draft *d)
{
    const struct fl_command_application *b = fl_command_body(c->command);
    const struct fl_store *store = &c->s->store;
    if (d->by.flags & FL_MOVE_FLAG_PERSON)
        return FL_OK;
    bool note = d->note != FL_NO_ROW;
    if (!note && fl_receipt_status(store, d->receipt)->state == FL_RECEIPT_ON_ACCOUNT)
        return fl_refuse_state(c, "receipt", b->receipt, "on_account");
    uint32_t last = note ? fl_credit_note_money(store, d->note)->last_movement
                         : fl_receipt_money(store, d->receipt)->last_movement;
    if (fl_decision_was_undone(store, last, d->invoice))
        return fl_refuse_state(c, "invoice", b->invoice, "undone_by_a_person");
    return FL_OK;
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
    FL_TRY(draft_decision(c, d));
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
    move.application = fl_credit_note_next_application(&c->s->store, d->note);
    move.flags = d->by.flags;
    move.rule = d->by.rule;
    move.points = d->by.points;
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
                                      fl_max_i64(d->difference, 0), given, d->by);
    if (d->by.flags & FL_MOVE_FLAG_PERSON)
        fl_payer_account_learn(s, d->receipt, fl_invoice_card(&s->store, d->invoice)->customer,
                               FL_PAYER_CONFIRMED);
    else if (d->by.rule == 2)
        fl_payer_account_learn(s, d->receipt, fl_invoice_card(&s->store, d->invoice)->customer,
                               FL_PAYER_SETTLED);
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
    struct fl_store *store = &c->s->store;
    if (c->command->id.length == 0)
        return;
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

static struct fl_grade draft_by(const struct fl_context *c, const struct fl_command_application *b)
{
    bool person = fl_decision_of_person(c->command, b->by, &b->match);
    return (struct fl_grade){
        .rule = (uint8_t)(b->match.rule ? b->match.rule - 1 : 0),
        .points = (uint8_t)(b->match.points ? b->match.points - 1 : 0),
        .flags = person ? FL_MOVE_FLAG_PERSON : 0,
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

/* The log prints the day that an application got. Out of a closed one that is the first open day, which says that it
 * was pushed, and from where, only if it is read as the day that it would have had (E2). */
static uint16_t date_meant(const struct fl_context *c, uint16_t earliest)
{
    return c->command->date == fl_policy_push(c->s, earliest) ? earliest : c->command->date;
}

enum fl_status fl_apply_application(struct fl_context *c)
{
    const struct fl_command_application *b = fl_command_body(c->command);
    struct draft d = {.receipt = FL_NO_ROW};
    FL_TRY(own_id_check(c));
    FL_TRY(fl_match_check(c, &b->match));
    FL_TRY(draft_rows(c, b, &d));
    d.by = draft_by(c, b);
    bool given = c->command->flags & FL_FLAG_DATE_GIVEN;
    FL_TRY(fl_policy_date(c));
    if (b->park == FL_CHOICE_YES) {
        bool nobodys = d.receipt == FL_NO_ROW ||
                       fl_receipt_money(&c->s->store, d.receipt)->customer == FL_NO_ROW;
        if (nobodys || d.source_open == 0)
            return fl_refuse_state(c, "receipt", b->receipt, nobodys ? "unidentified" : "applied");
        fl_receipt_status_write(&c->s->store, d.receipt)->state = FL_RECEIPT_ON_ACCOUNT;
        c->made_row = FL_NO_ROW; /* a state, no movement (posting row 9) */
        return FL_OK;
    }
    FL_TRY(draft_amounts(c, b, &d));
    FL_TRY(draft_check(c, &d));
    uint16_t earliest = fl_receivable_date(
        d.source_date, fl_invoice_card(&c->s->store, d.invoice)->date, FL_DATE_NONE);
    uint16_t date = given ? date_meant(c, earliest) : FL_DATE_NONE;
    c->made_row = d.note != FL_NO_ROW ? apply_note(c, &d, date) : apply_receipt(c, &d, date);
    c->command->date = fl_movement_row(&c->s->store, c->made_row)->date;
    application_name(c, c->made_row);
    fl_match_add(c, c->made_row, b->by, &b->match, d.currency);
    return FL_OK;
}

/* What the receipt taught is taken back with it, once. */
static void unlearn(struct fl_state *s, const struct fl_movement_row *row, uint8_t rule)
{
    bool confirmed = row->flags & FL_MOVE_FLAG_PERSON;
    if (row->kind != FL_MOVE_APPLY_RECEIPT || !(confirmed || rule == 2))
        return;
    for (uint32_t i = fl_receipt_money(&s->store, row->source)->last_movement;
         !confirmed && i != FL_NO_ROW; i = fl_movement_row(&s->store, i)->prev_of_source) {
        if (fl_movement_row(&s->store, i)->flags & FL_MOVE_FLAG_PERSON &&
            fl_movement_cold(&s->store, i)->reverses != FL_NO_ROW)
            return;
    }
    fl_payer_account_learn(s, row->source, fl_invoice_card(&s->store, row->invoice)->customer,
                           confirmed ? FL_PAYER_UNCONFIRMED : FL_PAYER_UNSETTLED);
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
    bool person = fl_decision_of_person(c->command, b->by, NULL);
    FL_TRY(fl_policy_date(c));
    const struct fl_movement_row row = *fl_movement_row(&c->s->store, movement);
    if (!person && row.flags & FL_MOVE_FLAG_PERSON) /* Y3 */
        return fl_refuse_state(c, "application", b->application, "decided_by_a_person");
    if (given && c->command->date < row.date)
        return fl_refuse_before(c, row.date);
    uint16_t date = given ? date_meant(c, row.date) : row.date; /* an error restates (D3) */
    if (person)
        unlearn(c->s, &row, fl_movement_cold(&c->s->store, movement)->rule);
    fl_application_undo(c->s, movement, date, person ? FL_MOVE_FLAG_PERSON : 0);
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
