/* The fields of an answer, from the row that the command made: the first time and again (R1). */
#include "core/domain/receivable.h"
#include "core/domain/state.h"

static void answer_id(struct fl_context *c, const struct fl_id *id)
{
    size_t length;
    const char *text = fl_id_get(&c->s->store, id, &length);
    c->result->id_length = (uint8_t)length;
    memcpy(c->result->id, text, length);
}

static void text(struct fl_context *c, enum fl_result_name name, const char *string)
{
    fl_result_text(c->result, name, string, strlen(string));
}

static void id_field(struct fl_context *c, enum fl_result_name name, const struct fl_id *id)
{
    size_t length;
    const char *bytes = fl_id_get(&c->s->store, id, &length);
    fl_result_text(c->result, name, bytes, length);
}

static void answer_order(struct fl_context *c, uint32_t row)
{
    const struct fl_order_card *card = fl_order_card(&c->s->store, row);
    const struct fl_order_live *live = fl_order_live(&c->s->store, row);
    unsigned decimals = fl_currency_exponent(card->currency);
    bool held = card->placed_credit == FL_CREDIT_HELD;
    c->result->seq = card->seq;
    text(c, FL_RESULT_CREDIT, held ? "held" : "approved");
    if (held && c->result->status == FL_DUPLICATE)
        text(c, FL_RESULT_NOW,
             live->state == FL_ORDER_HELD       ? "held"
             : live->state == FL_ORDER_REJECTED ? "rejected"
                                                : "approved");
    fl_result_amount(c->result, FL_RESULT_TOTAL, card->total_minor, decimals);
    fl_result_amount(c->result, FL_RESULT_TAX, fl_order_cold(&c->s->store, row)->tax_minor,
                     decimals);
    uint32_t invoice = live->last_invoice;
    while (invoice != FL_NO_ROW && fl_invoice_card(&c->s->store, invoice)->seq != card->seq)
        invoice = fl_invoice_cold(&c->s->store, invoice)->prev_of_order;
    if (invoice != FL_NO_ROW)
        id_field(c, FL_RESULT_INVOICE, &fl_invoice_card(&c->s->store, invoice)->id);
}

static void answer_shipment(struct fl_context *c, uint32_t row)
{
    const struct fl_shipment_card *card = fl_shipment_card(&c->s->store, row);
    c->result->seq = card->seq;
    uint32_t invoice = fl_order_live(&c->s->store, card->order)->last_invoice;
    while (invoice != FL_NO_ROW && fl_invoice_card(&c->s->store, invoice)->seq != card->seq)
        invoice = fl_invoice_cold(&c->s->store, invoice)->prev_of_order;
    if (invoice != FL_NO_ROW)
        id_field(c, FL_RESULT_INVOICE, &fl_invoice_card(&c->s->store, invoice)->id);
}

static void answer_invoice(struct fl_context *c, uint32_t row)
{
    const struct fl_invoice_card *card = fl_invoice_card(&c->s->store, row);
    unsigned decimals = fl_currency_exponent(card->currency);
    c->result->seq = card->seq;
    answer_id(c, &card->id);
    fl_result_amount(c->result, FL_RESULT_TOTAL, card->total_minor, decimals);
    fl_result_amount(c->result, FL_RESULT_TAX, fl_invoice_cold(&c->s->store, row)->tax_minor,
                     decimals);
    fl_result_date(c->result, FL_RESULT_DUE_DATE, card->due_date);
}

static void answer_credit_note(struct fl_context *c, uint32_t row)
{
    const struct fl_credit_note_card *card = fl_credit_note_card(&c->s->store, row);
    const struct fl_credit_note_cold *cold = fl_credit_note_cold(&c->s->store, row);
    unsigned decimals = fl_currency_exponent(card->currency);
    c->result->seq = card->seq;
    answer_id(c, &card->id);
    fl_result_amount(c->result, FL_RESULT_TOTAL, card->total_minor, decimals);
    fl_result_amount(c->result, FL_RESULT_TAX, cold->tax_minor, decimals);
    fl_result_amount(c->result, FL_RESULT_SPENDABLE, cold->spendable_minor, decimals);
}

/* What the receipt's own record applied: later movements are not part of its answer. */
static void answer_receipt(struct fl_context *c, uint32_t row)
{
    const struct fl_store *store = &c->s->store;
    const struct fl_receipt_card *card = fl_receipt_card(store, row);
    unsigned decimals = fl_currency_exponent(card->currency);
    int64_t applied = 0, gain = 0;
    c->result->seq = card->seq;
    for (uint32_t move = fl_receipt_money(store, row)->last_movement; move != FL_NO_ROW;
         move = fl_movement_row(store, move)->prev_of_source) {
        if (fl_movement_cold(store, move)->seq != card->seq)
            continue;
        const struct fl_movement_row *m = fl_movement_row(store, move);
        applied += m->kind == FL_MOVE_APPLY_RECEIPT ? m->amount_minor : 0;
        gain += m->kind == FL_MOVE_OVER ? m->amount_minor : 0;
    }
    fl_result_amount(c->result, FL_RESULT_APPLIED, applied, decimals);
    fl_result_amount(c->result, FL_RESULT_UNAPPLIED, card->amount_minor - applied - gain,
                     decimals);
}

/* RECEIPT/n, or the caller's id. */
static void answer_application(struct fl_context *c, uint32_t row)
{
    const struct fl_store *store = &c->s->store;
    const struct fl_movement_row *move = fl_movement_row(store, row);
    const struct fl_movement_cold *cold = fl_movement_cold(store, row);
    c->result->seq = cold->seq;
    if (cold->application_id != FL_NO_ROW) {
        id_field(c, FL_RESULT_APPLICATION,
                 &fl_application_id_row(store, cold->application_id)->id);
    } else {
        char name[FL_ID_BYTES_MAX + 8];
        size_t length;
        const char *id = move->kind == FL_MOVE_APPLY_RECEIPT
                             ? fl_id_get(store, &fl_receipt_card(store, move->source)->id, &length)
                             : fl_id_get(store, &fl_credit_note_card(store, move->source)->id,
                                         &length);
        memcpy(name, id, length);
        name[length++] = '/';
        length += fl_decimal_format(move->application, 0, name + length);
        fl_result_text(c->result, FL_RESULT_APPLICATION, name, length);
    }
    fl_result_amount(c->result, FL_RESULT_AMOUNT, move->amount_minor,
                     fl_currency_exponent(move->currency));
}

static void answer_cash_event(struct fl_context *c, uint32_t row)
{
    const struct fl_cash_event_card *card = fl_cash_event_card(&c->s->store, row);
    unsigned decimals = fl_currency_exponent(card->currency);
    c->result->seq = card->seq;
    fl_result_amount(c->result, FL_RESULT_AMOUNT, card->amount_minor, decimals);
    fl_result_number(c->result, FL_RESULT_AMOUNT_MINOR, card->amount_minor);
    if (card->kind == FL_EVENT_CHARGEBACK || card->kind == FL_EVENT_RETURN)
        fl_result_amount(c->result, FL_RESULT_LOSS,
                         fl_cash_event_cold(&c->s->store, row)->loss_minor, decimals);
}

void fl_answer(struct fl_context *c, unsigned type, uint32_t row)
{
    switch (type) {
    case FL_COMMAND_STOCK:
        fl_result_quantity(c->result, FL_RESULT_ON_HAND, c->values[0]);
        fl_result_quantity(c->result, FL_RESULT_AVAILABLE, c->values[1]);
        break;
    case FL_COMMAND_ORDER:
        answer_order(c, row);
        break;
    case FL_COMMAND_SHIPMENT:
        answer_shipment(c, row);
        break;
    case FL_COMMAND_INVOICE:
        answer_invoice(c, row);
        break;
    case FL_COMMAND_CREDIT_NOTE:
        answer_credit_note(c, row);
        break;
    case FL_COMMAND_RECEIPT:
        answer_receipt(c, row);
        break;
    case FL_COMMAND_APPLICATION:
        if (row != FL_NO_ROW)
            answer_application(c, row);
        break;
    case FL_COMMAND_REFUND:
    case FL_COMMAND_CHARGEBACK:
    case FL_COMMAND_RECEIPT_REVERSE:
    case FL_COMMAND_WRITE_OFF:
        answer_cash_event(c, row);
        break;
    default:
        break;
    }
}
