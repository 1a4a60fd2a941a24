/* Finding rows by id: hash, candidates, and always the string itself (H1). */
#include "core/domain/reference.h"
#include "core/domain/state.h"

uint64_t fl_key_hash(const struct fl_state *s, enum fl_index_id index, const char *text,
                     size_t length)
{
    return fl_hash64(text, length, s->secret + index);
}

uint64_t fl_normal_hash(const struct fl_state *s, const char *text, size_t length, char *normal,
                        size_t *normal_length_out)
{
    *normal_length_out = fl_reference_normal(text, length, normal);
    return fl_key_hash(s, FL_INDEX_INVOICE, normal, *normal_length_out);
}

void fl_index_put(struct fl_state *s, enum fl_index_id index, uint64_t hash, uint32_t row)
{
    fl_hash_index_add(&s->index[index], hash, row);
    if (s->store.undo.on)
        fl_store_undo_index(&s->store, FL_UNDO_INDEX_ADD, index, hash, row);
}

uint64_t fl_own_hash(struct fl_context *c, enum fl_index_id index)
{
    if (!c->own_hash_made) {
        c->own_hash = fl_key_hash(c->s, index, fl_command_text(c->command, c->command->id),
                                  c->command->id.length);
        c->own_hash_made = true;
    }
    return c->own_hash;
}

/* A finder for a table whose card begins with its id. */
#define FL_FINDER(name, table, INDEX)                                                             \
    static uint32_t seek_##name(const struct fl_state *s, uint64_t hash, const char *id,          \
                                size_t length)                                                    \
    {                                                                                             \
        struct fl_index_cursor cursor;                                                            \
        uint32_t row = fl_hash_index_first(&s->index[INDEX], hash, &cursor);                      \
        while (row != FL_NO_ROW &&                                                                \
               !fl_id_equals(&s->store, &fl_##table##_card(&s->store, row)->id, id, length))      \
            row = fl_hash_index_next(&s->index[INDEX], &cursor);                                  \
        return row;                                                                               \
    }                                                                                             \
    uint32_t fl_find_##name(const struct fl_state *s, const char *id, size_t length)              \
    {                                                                                             \
        uint32_t row = *fl_row_memo(s, INDEX, id, length);                                        \
        if (row < s->store.rows[FL_TABLE_##table] &&                                              \
            fl_id_equals(&s->store, &fl_##table##_card(&s->store, row)->id, id, length))          \
            return row;                                                                           \
        return seek_##name(s, fl_key_hash(s, INDEX, id, length), id, length);                     \
    }
#define FL_FINDER_OWN(name, INDEX)                                                                \
    uint32_t fl_find_own_##name(struct fl_context *c)                                             \
    {                                                                                             \
        return seek_##name(c->s, fl_own_hash(c, INDEX), fl_command_text(c->command, c->command->id), \
                           c->command->id.length);                                                \
    }

FL_FINDER(customer, customer, FL_INDEX_CUSTOMER)
FL_FINDER(product, product, FL_INDEX_PRODUCT)
FL_FINDER(bank_account, bank_account, FL_INDEX_BANK_ACCOUNT)
FL_FINDER(order, order, FL_INDEX_ORDER)
FL_FINDER(shipment, shipment, FL_INDEX_SHIPMENT)
FL_FINDER(receipt, receipt, FL_INDEX_RECEIPT)
FL_FINDER(dispute, dispute, FL_INDEX_DISPUTE)
FL_FINDER(promise, promise, FL_INDEX_PROMISE)
FL_FINDER(payout, payout, FL_INDEX_PAYOUT)
FL_FINDER_OWN(order, FL_INDEX_ORDER)
FL_FINDER_OWN(shipment, FL_INDEX_SHIPMENT)
FL_FINDER_OWN(receipt, FL_INDEX_RECEIPT)
#undef FL_FINDER
#undef FL_FINDER_OWN

uint64_t fl_credit_note_hash(const struct fl_state *s, const char *id, size_t length)
{
    char normal[FL_REFERENCE_BYTES_MAX];
    size_t n = fl_reference_normal(id, length, normal);
    return fl_key_hash(s, FL_INDEX_CREDIT_NOTE, normal, n);
}

uint32_t fl_find_credit_note(const struct fl_state *s, const char *id, size_t length)
{
    struct fl_index_cursor cursor;
    const struct fl_hash_index *index = &s->index[FL_INDEX_CREDIT_NOTE];
    uint32_t row = fl_hash_index_first(index, fl_credit_note_hash(s, id, length), &cursor);
    while (row != FL_NO_ROW &&
           !fl_id_equals(&s->store, &fl_credit_note_card(&s->store, row)->id, id, length))
        row = fl_hash_index_next(index, &cursor);
    return row;
}

/* True if the prefetch pass met the invoice with this very id. */
static bool is_foreseen(const struct fl_state *s, const char *id, size_t length, uint32_t *row_out)
{
    *row_out = *fl_row_memo(s, FL_INDEX_INVOICE, id, length);
    return *row_out < s->store.rows[FL_TABLE_invoice] &&
           fl_id_equals(&s->store, &fl_invoice_card(&s->store, *row_out)->id, id, length);
}

uint32_t fl_find_invoice(const struct fl_state *s, const char *id, size_t length)
{
    uint64_t hash;
    return fl_find_invoice_hash(s, id, length, &hash);
}

uint32_t fl_find_invoice_hash(const struct fl_state *s, const char *id, size_t length,
                              uint64_t *hash_out)
{
    char normal[FL_REFERENCE_BYTES_MAX];
    size_t n;
    struct fl_index_cursor cursor;
    uint64_t hash = *hash_out = fl_normal_hash(s, id, length, normal, &n);
    uint32_t row = fl_hash_index_first(&s->index[FL_INDEX_INVOICE], hash, &cursor);
    while (row != FL_NO_ROW &&
           !fl_id_equals(&s->store, &fl_invoice_card(&s->store, row)->id, id, length))
        row = fl_hash_index_next(&s->index[FL_INDEX_INVOICE], &cursor);
    return row;
}

static bool normal_is(const char *text, size_t length, const char *normal, size_t normal_length)
{
    char other[FL_REFERENCE_BYTES_MAX];
    size_t n = fl_reference_normal(text, length, other);
    return n == normal_length && memcmp(other, normal, n) == 0;
}

uint32_t fl_find_named_credit_note(const struct fl_state *s, const char *text, size_t length)
{
    char normal[FL_REFERENCE_BYTES_MAX];
    struct fl_index_cursor cursor;
    const struct fl_hash_index *index = &s->index[FL_INDEX_CREDIT_NOTE];
    uint32_t found = fl_find_credit_note(s, text, length), several = 0;
    size_t n = fl_reference_normal(text, length, normal);
    if (found != FL_NO_ROW || n == 0)
        return found;
    for (uint32_t row = fl_hash_index_first(index, fl_credit_note_hash(s, text, length), &cursor);
         row != FL_NO_ROW; row = fl_hash_index_next(index, &cursor)) {
        size_t id_length;
        const char *id =
            fl_id_get(&s->store, &fl_credit_note_card(&s->store, row)->id, &id_length);
        if (!normal_is(id, id_length, normal, n))
            continue;
        found = row;
        several++;
    }
    return several == 1 ? found : FL_NO_ROW;
}

/* Counts the invoices whose normal id (or reference) is `normal`; `exact` wins alone. */
static unsigned named_by_id(const struct fl_state *s, uint64_t hash, const char *normal, size_t n,
                            const char *text, size_t length, uint32_t *row_out)
{
    struct fl_index_cursor cursor;
    unsigned found = 0;
    for (uint32_t row = fl_hash_index_first(&s->index[FL_INDEX_INVOICE], hash, &cursor);
         row != FL_NO_ROW; row = fl_hash_index_next(&s->index[FL_INDEX_INVOICE], &cursor)) {
        const struct fl_id *id = &fl_invoice_card(&s->store, row)->id;
        if (fl_id_equals(&s->store, id, text, length)) {
            *row_out = row;
            return 1;
        }
        size_t id_length;
        const char *bytes = fl_id_get(&s->store, id, &id_length);
        if (normal_is(bytes, id_length, normal, n)) {
            *row_out = row;
            found++;
        }
    }
    return found;
}

static unsigned named_by_reference(const struct fl_state *s, const char *normal, size_t n,
                                   uint32_t *row_out)
{
    struct fl_index_cursor cursor;
    unsigned found = 0;
    const struct fl_hash_index *index = &s->index[FL_INDEX_INVOICE_REFERENCE];
    uint64_t hash = fl_key_hash(s, FL_INDEX_INVOICE_REFERENCE, normal, n);
    for (uint32_t row = fl_hash_index_first(index, hash, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(index, &cursor)) {
        uint32_t extra = fl_invoice_cold(&s->store, row)->extra;
        struct fl_text_ref ref = fl_invoice_extra_row(&s->store, extra)->reference;
        if (normal_is(fl_text_get(&s->store, FL_TABLE_text, ref), ref.length, normal, n)) {
            *row_out = row;
            found++;
        }
    }
    return found;
}

enum fl_named fl_find_named_invoice(const struct fl_state *s, const char *text, size_t length,
                                    uint32_t *invoice_out, bool *by_reference_out)
{
    char normal[FL_REFERENCE_BYTES_MAX];
    size_t n;
    if (is_foreseen(s, text, length, invoice_out))
        return FL_NAMED_ONE;
    uint64_t hash = fl_normal_hash(s, text, length, normal, &n);
    if (n == 0)
        return FL_NAMED_NOTHING;
    unsigned found = named_by_id(s, hash, normal, n, text, length, invoice_out);
    if (found == 0) {
        found = named_by_reference(s, normal, n, invoice_out);
        *by_reference_out |= found == 1;
    }
    return found == 0 ? FL_NAMED_NOTHING : found == 1 ? FL_NAMED_ONE : FL_NAMED_SEVERAL;
}

uint32_t fl_find_cash_event(const struct fl_state *s, enum fl_cash_event_kind kind, const char *id,
                            size_t length)
{
    struct fl_index_cursor cursor;
    uint64_t hash = fl_key_hash(s, FL_INDEX_CASH_EVENT, id, length) + kind;
    const struct fl_hash_index *index = &s->index[FL_INDEX_CASH_EVENT];
    for (uint32_t row = fl_hash_index_first(index, hash, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(index, &cursor)) {
        const struct fl_cash_event_card *card = fl_cash_event_card(&s->store, row);
        if (card->kind == kind && fl_id_equals(&s->store, &card->id, id, length))
            return row;
    }
    return FL_NO_ROW;
}

uint32_t fl_find_statement(const struct fl_state *s, uint32_t account, const char *id,
                           size_t length)
{
    struct fl_index_cursor cursor;
    uint64_t hash = fl_key_hash(s, FL_INDEX_STATEMENT, id, length) + account;
    const struct fl_hash_index *index = &s->index[FL_INDEX_STATEMENT];
    for (uint32_t row = fl_hash_index_first(index, hash, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(index, &cursor)) {
        const struct fl_statement_card *card = fl_statement_card(&s->store, row);
        if (card->account == account && card->id.length == length &&
            memcmp(fl_text_get(&s->store, FL_TABLE_text, card->id), id, length) == 0)
            return row;
    }
    return FL_NO_ROW;
}

uint32_t fl_find_statement_line(const struct fl_state *s, uint64_t identity)
{
    struct fl_index_cursor cursor;
    uint64_t hash = fl_hash_u64(identity, s->secret);
    const struct fl_hash_index *index = &s->index[FL_INDEX_STATEMENT_LINE];
    for (uint32_t row = fl_hash_index_first(index, hash, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(index, &cursor)) {
        if (fl_statement_line_card(&s->store, row)->identity == identity)
            return row;
    }
    return FL_NO_ROW;
}

static uint32_t application_by_own_id(const struct fl_state *s, const char *id, size_t length)
{
    struct fl_index_cursor cursor;
    uint64_t hash = fl_key_hash(s, FL_INDEX_APPLICATION_ID, id, length);
    const struct fl_hash_index *index = &s->index[FL_INDEX_APPLICATION_ID];
    for (uint32_t row = fl_hash_index_first(index, hash, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(index, &cursor)) {
        const struct fl_application_id_row *named = fl_application_id_row(&s->store, row);
        if (fl_id_equals(&s->store, &named->id, id, length))
            return named->movement;
    }
    return FL_NO_ROW;
}

/* The chain runs from the newest; the first movement of application n is the oldest with that n. */
static uint32_t application_in_chain(const struct fl_state *s, uint32_t head, unsigned number)
{
    uint32_t found = FL_NO_ROW;
    for (uint32_t row = head; row != FL_NO_ROW;
         row = fl_movement_row(&s->store, row)->prev_of_source) {
        const struct fl_movement_row *move = fl_movement_row(&s->store, row);
        bool applies = move->kind == FL_MOVE_APPLY_RECEIPT || move->kind == FL_MOVE_APPLY_CREDIT;
        if (applies && move->application == number &&
            fl_movement_cold(&s->store, row)->reverses == FL_NO_ROW)
            found = row;
    }
    return found;
}

uint32_t fl_find_application(const struct fl_state *s, const char *id, size_t length)
{
    uint32_t row = application_by_own_id(s, id, length);
    if (row != FL_NO_ROW)
        return row;
    size_t slash = length;
    while (slash > 0 && id[slash - 1] != '/')
        slash--;
    unsigned number = 0;
    for (size_t i = slash; i < length; i++) {
        if (id[i] < '0' || id[i] > '9' || number > FL_TABLE_ROWS_MAX)
            return FL_NO_ROW;
        number = number * 10 + (unsigned)(id[i] - '0');
    }
    if (slash < 2 || number == 0)
        return FL_NO_ROW;
    uint32_t receipt = fl_find_receipt(s, id, slash - 1);
    if (receipt != FL_NO_ROW)
        return application_in_chain(s, fl_receipt_money(&s->store, receipt)->last_movement,
                                    number);
    uint32_t note = fl_find_credit_note(s, id, slash - 1);
    if (note != FL_NO_ROW)
        return application_in_chain(s, fl_credit_note_money(&s->store, note)->last_movement,
                                    number);
    return FL_NO_ROW;
}
