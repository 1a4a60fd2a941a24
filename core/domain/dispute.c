#include "core/domain/dispute.h"

int64_t fl_dispute_open_sum(const struct fl_state *s, uint32_t invoice)
{
    struct fl_index_cursor cursor;
    int64_t sum = 0;
    const struct fl_hash_index *index = &s->index[FL_INDEX_DISPUTE_OF_INVOICE];
    if (!(fl_invoice_money(&s->store, invoice)->flags & FL_INVOICE_DISPUTED))
        return 0;
    for (uint32_t row = fl_hash_index_first(index, fl_hash_u64(invoice, s->secret), &cursor);
         row != FL_NO_ROW; row = fl_hash_index_next(index, &cursor)) {
        if (fl_dispute_card(&s->store, row)->invoice == invoice &&
            fl_dispute_live(&s->store, row)->state == FL_DISPUTE_OPEN)
            sum += fl_dispute_card(&s->store, row)->amount_minor;
    }
    return sum;
}

void fl_dispute_index(struct fl_state *s, uint32_t row)
{
    size_t length;
    const struct fl_dispute_card *card = fl_dispute_card(&s->store, row);
    const char *id = fl_id_get(&s->store, &card->id, &length);
    fl_index_put(s, FL_INDEX_DISPUTE, fl_key_hash(s, FL_INDEX_DISPUTE, id, length), row);
    fl_index_put(s, FL_INDEX_DISPUTE_OF_INVOICE, fl_hash_u64(card->invoice, s->secret), row);
}

/* ---- dispute
 * ------------------------------------------------------------------------------------- */

static uint32_t dispute_add(struct fl_context *c, uint32_t invoice, int64_t amount_minor)
{
    const struct fl_command_dispute *b = fl_command_body(c->command);
    struct fl_store *store = &c->s->store;
    uint32_t row = fl_store_add_row(store, FL_TABLE_dispute);
    struct fl_dispute_card *card = fl_dispute_card_new(store, row);
    fl_id_set(c->s, &card->id, fl_command_text(c->command, c->command->id), c->command->id.length);
    card->amount_minor = amount_minor;
    card->seq = c->s->seq;
    card->content_hash = fl_content_hash(c->command);
    card->reason =
        fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, b->reason), b->reason.length);
    card->invoice = invoice;
    card->date = c->command->date;
    card->currency = fl_invoice_card(store, invoice)->currency;
    *fl_dispute_live_write(store, row) =
        (struct fl_dispute_live){.credit_note = FL_NO_ROW, .state = FL_DISPUTE_OPEN};
    fl_invoice_money_write(store, invoice)->flags |= FL_INVOICE_DISPUTED;
    fl_dispute_index(c->s, row);
    fl_fold(c->s, card->content_hash ^ row);
    return row;
}

static enum fl_status day_after(struct fl_context *c, uint16_t earliest)
{
    if (c->command->date >= earliest)
        return FL_OK;
    if (c->command->flags & FL_FLAG_DATE_GIVEN)
        return fl_refuse_before(c, earliest);
    c->command->date = earliest;
    return FL_OK;
}

static bool same_as_stored(const struct fl_context *c, uint32_t row)
{
    const struct fl_dispute_card *card = fl_dispute_card(&c->s->store, row);
    return card->content_hash == fl_content_hash(c->command) &&
           (!(c->command->flags & FL_FLAG_DATE_GIVEN) || c->command->date == card->date);
}

enum fl_status fl_apply_dispute(struct fl_context *c)
{
    const struct fl_command_dispute *b = fl_command_body(c->command);
    int64_t amount;
    c->made_row =
        fl_find_dispute(c->s, fl_command_text(c->command, c->command->id), c->command->id.length);
    if (c->made_row != FL_NO_ROW)
        return same_as_stored(c, c->made_row) ? FL_DUPLICATE : FL_KEY_REUSED;
    uint32_t invoice =
        fl_find_invoice(c->s, fl_command_text(c->command, b->invoice), b->invoice.length);
    if (invoice == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "invoice", b->invoice);
    const struct fl_invoice_card *card = fl_invoice_card(&c->s->store, invoice);
    FL_TRY(fl_money(c, "amount", b->amount, card->currency, true, &amount));
    FL_TRY(fl_policy_date(c));
    FL_TRY(day_after(c, card->date));
    int64_t open = fl_invoice_money(&c->s->store, invoice)->open_minor;
    if (open == 0)
        return fl_refuse_text(c, FL_NOTHING_OPEN, "invoice", b->invoice);
    int64_t left = fl_max_i64(open - fl_dispute_open_sum(c->s, invoice), 0);
    if (amount > left) /* U1 */
        return fl_refuse_exceeds(c, FL_EXCEEDS_OPEN, "invoice", &card->id, amount, FL_RESULT_OPEN,
                                 left, card->currency);
    c->made_row = dispute_add(c, invoice, amount);
    return FL_OK;
}

/* ---- dispute_close
 * ------------------------------------------------------------------------------- */

#define NOTE_BYTES                                                                                 \
    (sizeof(struct fl_command) + sizeof(struct fl_command_credit_note) + 2 * FL_ID_BYTES_MAX +     \
     FL_TEXT_BYTES_MAX + FL_COMMAND_SLACK)

static struct fl_text put(struct fl_command *note, const char *text, size_t length)
{
    struct fl_text at = {note->bytes, (uint32_t)length};
    memcpy((char *)note + note->bytes, text, length);
    note->bytes += (uint32_t)length;
    note->content_bytes = note->bytes;
    return length > 0 ? at : (struct fl_text){0, 0};
}

/* As written: without zeros at the end. */
static struct fl_decimal decimal_of(int64_t minor, uint8_t currency)
{
    struct fl_decimal value = {.units = minor,
                               .scale = (uint8_t)fl_currency_exponent(currency),
                               .state = FL_DECIMAL_VALUE};
    while (value.scale > 0 && value.units % 10 == 0) {
        value.units /= 10;
        value.scale--;
    }
    return value;
}

/* The command that a person would have sent for it. */
static void note_command(const struct fl_context *c, uint32_t row, struct fl_command *note)
{
    const struct fl_command_dispute_close *b = fl_command_body(c->command);
    const struct fl_dispute_card *card = fl_dispute_card(&c->s->store, row);
    struct fl_command_credit_note *body = (struct fl_command_credit_note *)(note + 1);
    size_t length;
    memset(note, 0, sizeof *note + sizeof *body);
    *note = *c->command;
    note->type = FL_COMMAND_CREDIT_NOTE;
    note->flags = FL_FLAG_DATE_GIVEN;
    note->key = (struct fl_text){0, 0};
    note->bytes = sizeof *note + sizeof *body;
    const char *invoice =
        fl_id_get(&c->s->store, &fl_invoice_card(&c->s->store, card->invoice)->id, &length);
    body->invoice = put(note, invoice, length);
    body->reason =
        put(note, fl_text_get(&c->s->store, FL_TABLE_text, card->reason), card->reason.length);
    body->amount.gross = decimal_of(card->amount_minor, card->currency);
    note->id = put(note, fl_command_text(c->command, b->credit), b->credit.length);
    note->content_bytes = note->id.offset;
}

/* U2 */
static enum fl_status note_make(struct fl_context *c, uint32_t row, uint32_t *note_out)
{
    _Alignas(8) char bytes[NOTE_BYTES];
    struct fl_command *own = c->command;
    const struct fl_command_dispute_close *b = fl_command_body(own);
    if (fl_find_credit_note(c->s, fl_command_text(own, b->credit), b->credit.length) != FL_NO_ROW)
        return fl_refuse_text(c, FL_EXISTS, "credit_note", b->credit);
    note_command(c, row, (struct fl_command *)bytes);
    c->command = (struct fl_command *)bytes;
    enum fl_status status = fl_apply_credit_note(c);
    c->command = own;
    *note_out = c->made_row;
    return status;
}

/* The flag stays while any other dispute is open. */
static void dispute_end(struct fl_context *c, uint32_t row, uint32_t note, uint8_t outcome)
{
    uint32_t invoice = fl_dispute_card(&c->s->store, row)->invoice;
    *fl_dispute_live_write(&c->s->store, row) = (struct fl_dispute_live){
        .closed_seq = c->s->seq,
        .credit_note = note,
        .closed_date = c->command->date,
        .state = outcome == FL_OUTCOME_UPHELD ? FL_DISPUTE_UPHELD : FL_DISPUTE_REJECTED};
    if (fl_dispute_open_sum(c->s, invoice) == 0)
        fl_invoice_money_write(&c->s->store, invoice)->flags &= (uint8_t)~FL_INVOICE_DISPUTED;
    fl_fold(c->s, (uint64_t)row << 8 | outcome);
}

enum fl_status fl_apply_dispute_close(struct fl_context *c)
{
    const struct fl_command_dispute_close *b = fl_command_body(c->command);
    static const char *const states[] = {"", "open", "upheld", "rejected"};
    uint32_t note = FL_NO_ROW;
    uint32_t row =
        fl_find_dispute(c->s, fl_command_text(c->command, b->dispute), b->dispute.length);
    if (row == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "dispute", b->dispute);
    if (b->credit.length > 0 && b->outcome != FL_OUTCOME_UPHELD)
        return fl_refuse_text(c, FL_BAD_VALUE, "credit", b->credit);
    FL_TRY(fl_policy_date(c));
    FL_TRY(day_after(c, fl_dispute_card(&c->s->store, row)->date));
    uint8_t state = fl_dispute_live(&c->s->store, row)->state;
    if (state != FL_DISPUTE_OPEN)
        return fl_refuse_state(c, "dispute", b->dispute, states[state]);
    if (b->credit.length > 0)
        FL_TRY(note_make(c, row, &note));
    dispute_end(c, row, note, b->outcome);
    c->made_row = row;
    return FL_OK;
}
