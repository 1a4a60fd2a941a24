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

/* The last key of that sequence number, a batch's being the last that its record remembers; FL_NO_ROW. */
static uint32_t key_of_seq(const struct fl_store *store, uint64_t seq)
{
    uint32_t low = 0, high = store->rows[FL_TABLE_command_key];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (fl_command_key_row(store, middle)->seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low > 0 && fl_command_key_row(store, low - 1)->seq == seq;
    return found ? low - 1 : FL_NO_ROW;
}

struct answer_range {
    uint32_t from, to;
};

/* The members' answers of the batch of that sequence number; of the one under way, those that may be its own. */
static struct answer_range answers_of_seq(const struct fl_state *s, uint64_t seq)
{
    uint32_t rows = s->store.rows[FL_TABLE_batch_answer];
    if (seq == s->seq)
        return (struct answer_range){rows > FL_BATCH_MEMBERS_MAX ? rows - FL_BATCH_MEMBERS_MAX : 0, rows};
    uint32_t key = key_of_seq(&s->store, seq);
    if (key == FL_NO_ROW || fl_command_key_row(&s->store, key)->type != FL_COMMAND_BATCH)
        return (struct answer_range){0, 0};
    const struct fl_key_row *row = fl_command_key_row(&s->store, key);
    return (struct answer_range){row->row, row->row + (uint32_t)row->values[0]};
}

/* True if c->values are those of the first answer: kept so, or found where the document was a batch's. A duplicate
 * may not count what later members of that batch did to it under the same seq. */
static bool values_are_first(struct fl_context *c, unsigned type, uint32_t row, uint64_t seq)
{
    if (c->values_given || c->result->status != FL_DUPLICATE)
        return c->values_given;
    struct answer_range range = answers_of_seq(c->s, seq);
    for (uint32_t i = range.from; i < range.to; i++) {
        const struct fl_batch_answer_row *kept = fl_batch_answer_row(&c->s->store, i);
        if (kept->row == row && kept->type == type && kept->answered_seq == seq) {
            c->values[0] = kept->values[0];
            c->values[1] = kept->values[1];
            return true;
        }
    }
    return false;
}

/* values[0]: the row + 1 of the invoice that the command itself made; 0 none. */
static void answer_own_invoice(struct fl_context *c, unsigned type, uint32_t row, uint64_t seq,
                               uint32_t order)
{
    const struct fl_store *store = &c->s->store;
    if (!values_are_first(c, type, row, seq)) {
        uint32_t invoice = fl_order_live(store, order)->last_invoice;
        while (invoice != FL_NO_ROW && fl_invoice_card(store, invoice)->seq != seq)
            invoice = fl_invoice_cold(store, invoice)->prev_of_order;
        c->values[0] = invoice == FL_NO_ROW ? 0 : (int64_t)invoice + 1;
    }
    if (c->values[0] != 0)
        id_field(c, FL_RESULT_INVOICE, &fl_invoice_card(store, (uint32_t)c->values[0] - 1)->id);
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
    answer_own_invoice(c, FL_COMMAND_ORDER, row, card->seq, row);
}

static void answer_shipment(struct fl_context *c, uint32_t row)
{
    const struct fl_shipment_card *card = fl_shipment_card(&c->s->store, row);
    c->result->seq = card->seq;
    answer_own_invoice(c, FL_COMMAND_SHIPMENT, row, card->seq, card->order);
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
static void receipt_values(struct fl_context *c, uint32_t row, uint64_t seq)
{
    const struct fl_store *store = &c->s->store;
    c->values[0] = c->values[1] = 0;
    for (uint32_t move = fl_receipt_money(store, row)->last_movement; move != FL_NO_ROW;
         move = fl_movement_row(store, move)->prev_of_source) {
        if (fl_movement_cold(store, move)->seq != seq)
            continue;
        const struct fl_movement_row *m = fl_movement_row(store, move);
        c->values[0] += m->kind == FL_MOVE_APPLY_RECEIPT ? m->amount_minor : 0;
        c->values[1] += m->kind == FL_MOVE_OVER ? m->amount_minor : 0;
    }
}

/* values: applied, and kept as our small gain. */
static void answer_receipt(struct fl_context *c, uint32_t row)
{
    const struct fl_receipt_card *card = fl_receipt_card(&c->s->store, row);
    unsigned decimals = fl_currency_exponent(card->currency);
    c->result->seq = card->seq;
    if (!values_are_first(c, FL_COMMAND_RECEIPT, row, card->seq))
        receipt_values(c, row, card->seq);
    fl_result_amount(c->result, FL_RESULT_APPLIED, c->values[0], decimals);
    fl_result_amount(c->result, FL_RESULT_UNAPPLIED,
                     card->amount_minor - c->values[0] - c->values[1], decimals);
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
        char name[FL_ID_BYTES_MAX + 32];
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

static void answer_dispute(struct fl_context *c, uint32_t row)
{
    const struct fl_dispute_card *card = fl_dispute_card(&c->s->store, row);
    c->result->seq = card->seq;
    id_field(c, FL_RESULT_INVOICE, &fl_invoice_card(&c->s->store, card->invoice)->id);
    fl_result_amount(c->result, FL_RESULT_AMOUNT, card->amount_minor,
                     fl_currency_exponent(card->currency));
}

static void answer_dispute_close(struct fl_context *c, uint32_t row)
{
    const struct fl_dispute_live *live = fl_dispute_live(&c->s->store, row);
    text(c, FL_RESULT_STATE, live->state == FL_DISPUTE_UPHELD ? "upheld" : "rejected");
    if (live->credit_note != FL_NO_ROW)
        id_field(c, FL_RESULT_CREDIT_NOTE,
                 &fl_credit_note_card(&c->s->store, live->credit_note)->id);
}

static void answer_promise(struct fl_context *c, uint32_t row)
{
    const struct fl_promise_card *card = fl_promise_card(&c->s->store, row);
    c->result->seq = card->seq;
    fl_result_amount(c->result, FL_RESULT_AMOUNT, card->amount_minor,
                     fl_currency_exponent(card->currency));
    fl_result_date(c->result, FL_RESULT_DATE, card->date);
}

static void answer_assign(struct fl_context *c, uint32_t row)
{
    const struct fl_store *store = &c->s->store;
    const struct fl_assignment_row *a = fl_assignment_row(store, row);
    uint32_t statement = fl_statement_line_card(store, a->line)->statement;
    fl_result_amount(c->result, FL_RESULT_AMOUNT, a->amount_minor,
                     fl_currency_exponent(fl_statement_card(store, statement)->currency));
    fl_result_date(c->result, FL_RESULT_DATE, a->date);
}

static void answer_payout(struct fl_context *c, uint32_t row)
{
    const struct fl_payout_card *card = fl_payout_card(&c->s->store, row);
    uint8_t currency = fl_bank_account_live(&c->s->store, card->processor)->currency;
    c->result->seq = card->seq;
    fl_result_amount(c->result, FL_RESULT_AMOUNT, card->amount_minor,
                     fl_currency_exponent(currency));
    fl_result_number(c->result, FL_RESULT_COUNT, card->part_count);
    fl_result_number(c->result, FL_RESULT_MATCHED, fl_payout_live(&c->s->store, row)->matched);
}

static void answer_claim(struct fl_context *c, unsigned type, uint32_t row)
{
    switch (type) {
    case FL_COMMAND_ASSIGN:
        answer_assign(c, row);
        break;
    case FL_COMMAND_PAYOUT:
        answer_payout(c, row);
        break;
    case FL_COMMAND_DISPUTE:
        answer_dispute(c, row);
        break;
    case FL_COMMAND_DISPUTE_CLOSE:
        answer_dispute_close(c, row);
        break;
    case FL_COMMAND_CREDIT_NOTE_CANCEL:
        id_field(c, FL_RESULT_CREDIT_NOTE, &fl_credit_note_card(&c->s->store, row)->id);
        fl_result_amount(
            c->result, FL_RESULT_AMOUNT, fl_credit_note_card(&c->s->store, row)->total_minor,
            fl_currency_exponent(fl_credit_note_card(&c->s->store, row)->currency));
        break;
    case FL_COMMAND_PROMISE:
        answer_promise(c, row);
        break;
    default:
        break;
    }
}

/* Counted while it was booked: the lines of its rows say nothing of those that were known. */
static void answer_statement(struct fl_context *c, uint32_t row)
{
    const struct fl_store *store = &c->s->store;
    uint32_t job = row == FL_NO_ROW ? 0 : fl_statement_live(store, row)->job;
    if (job != 0 && job <= fl_book_counters(store, 0)->jobs_done) /* known by its key: what its answer said in the end */
        c->values[1] =
            (int64_t)fl_job_live(store, job - 1)->waiting << 32 | fl_job_live(store, job - 1)->matched;
    fl_result_number(c->result, FL_RESULT_NEW, (uint32_t)c->values[0]);
    fl_result_number(c->result, FL_RESULT_KNOWN, c->values[0] >> 32 & 0xFFFF);
    if (c->values[0] >> 48 != 0)
        fl_result_number(c->result, FL_RESULT_TOLD, c->values[0] >> 48);
    fl_result_number(c->result, FL_RESULT_MATCHED, (uint32_t)c->values[1]);
    if (c->values[1] >> 32 != 0)
        fl_result_number(c->result, FL_RESULT_WAITING, c->values[1] >> 32);
}

void fl_answer(struct fl_context *c, unsigned type, uint32_t row)
{
    switch (type) {
    case FL_COMMAND_STOCK:
        fl_result_quantity(c->result, FL_RESULT_ON_HAND, c->values[0]);
        fl_result_quantity(c->result, FL_RESULT_AVAILABLE, c->values[1]);
        break;
    case FL_COMMAND_PERIOD_CLOSE:
        if (c->values[0] != 0)
            fl_result_date(c->result, FL_RESULT_THROUGH, (uint16_t)c->values[0]);
        break;
    case FL_COMMAND_FX_RATE:
    case FL_COMMAND_CLOCK:
        if (c->values[0] != 0)
            fl_result_number(c->result, FL_RESULT_POSTED, c->values[0]);
        break;
    case FL_COMMAND_STATEMENT:
        answer_statement(c, row);
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
    case FL_COMMAND_WRITE_OFF_REVERSE:
    case FL_COMMAND_CHARGEBACK_REVERSE:
        answer_cash_event(c, row);
        break;
    default:
        answer_claim(c, type, row);
        break;
    }
}
