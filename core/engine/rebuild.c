#include "core/engine/rebuild.h"

#include "core/domain/dispute.h"
#include "core/domain/job.h"
#include "core/domain/payer_account.h"
#include "core/domain/promise.h"
#include "core/domain/reference.h"
#include "core/domain/statement_line.h"
#include "core/engine/engine.h"

static void put_id(struct fl_state *s, enum fl_index_id index, const struct fl_id *id, uint32_t row,
                   uint64_t salt)
{
    size_t length;
    const char *text = fl_id_get(&s->store, id, &length);
    fl_index_put(s, index, fl_key_hash(s, index, text, length) + salt, row);
}

#define REBUILD_BY_ID(table, INDEX)                                                               \
    for (uint32_t row = 0; row < s->store.rows[FL_TABLE_##table]; row++)                          \
        put_id(s, INDEX, &fl_##table##_card(&s->store, row)->id, row, 0)

static void rebuild_by_id(struct fl_state *s)
{
    REBUILD_BY_ID(customer, FL_INDEX_CUSTOMER);
    REBUILD_BY_ID(product, FL_INDEX_PRODUCT);
    REBUILD_BY_ID(bank_account, FL_INDEX_BANK_ACCOUNT);
    REBUILD_BY_ID(order, FL_INDEX_ORDER);
    REBUILD_BY_ID(shipment, FL_INDEX_SHIPMENT);
    REBUILD_BY_ID(receipt, FL_INDEX_RECEIPT);
    REBUILD_BY_ID(payout, FL_INDEX_PAYOUT);
    for (uint32_t row = 0; row < s->store.rows[FL_TABLE_cash_event]; row++)
        put_id(s, FL_INDEX_CASH_EVENT, &fl_cash_event_card(&s->store, row)->id, row,
               fl_cash_event_card(&s->store, row)->kind);
    for (uint32_t row = 0; row < s->store.rows[FL_TABLE_application_id]; row++)
        put_id(s, FL_INDEX_APPLICATION_ID, &fl_application_id_row(&s->store, row)->id, row, 0);
}

static void put_normal(struct fl_state *s, enum fl_index_id index, const char *text, size_t length,
                       uint32_t row)
{
    char normal[FL_REFERENCE_BYTES_MAX];
    size_t n = fl_reference_normal(text, length, normal);
    if (n > 0 || index == FL_INDEX_INVOICE)
        fl_index_put(s, index, fl_key_hash(s, index, normal, n), row);
}

static void rebuild_invoices(struct fl_state *s)
{
    const struct fl_store *store = &s->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_invoice]; row++) {
        size_t length;
        const char *id = fl_id_get(store, &fl_invoice_card(store, row)->id, &length);
        put_normal(s, FL_INDEX_INVOICE, id, length, row);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_invoice_extra]; row++) {
        const struct fl_invoice_extra *extra = fl_invoice_extra_row(store, row);
        if (extra->reference.length > 0)
            put_normal(s, FL_INDEX_INVOICE_REFERENCE,
                       fl_text_get(store, FL_TABLE_text, extra->reference),
                       extra->reference.length, extra->invoice);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_credit_note]; row++) {
        size_t length;
        const char *id = fl_id_get(store, &fl_credit_note_card(store, row)->id, &length);
        fl_index_put(s, FL_INDEX_CREDIT_NOTE, fl_credit_note_hash(s, id, length), row);
        uint32_t invoice = fl_credit_note_card(store, row)->invoice;
        if (invoice != FL_NO_ROW)
            fl_index_put(s, FL_INDEX_CREDIT_OF_INVOICE, fl_hash_u64(invoice, s->secret), row);
    }
}

static void rebuild_rest(struct fl_state *s)
{
    const struct fl_store *store = &s->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_statement]; row++) {
        const struct fl_statement_card *card = fl_statement_card(store, row);
        const char *id = fl_text_get(store, FL_TABLE_text, card->id);
        fl_index_put(s, FL_INDEX_STATEMENT,
                     fl_key_hash(s, FL_INDEX_STATEMENT, id, card->id.length) + card->account, row);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_statement_line]; row++)
        fl_line_index(s, row);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_payer_account]; row++)
        fl_payer_account_index(s, row);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_dispute]; row++)
        fl_dispute_index(s, row);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_promise]; row++)
        fl_promise_index(s, row);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_command_key]; row++) {
        struct fl_text_ref text = fl_command_key_row(store, row)->text;
        if (fl_command_key_live(store, row)->dropped)
            continue;
        fl_index_put(s, FL_INDEX_KEY,
                     fl_key_hash(s, FL_INDEX_KEY, fl_text_get(store, FL_TABLE_text, text),
                                 text.length),
                     row);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_account_day_key(store, row);
        fl_index_put(s, FL_INDEX_ACCOUNT_DAY,
                     fl_account_day_hash(s, key->account, key->currency, key->date), row);
    }
}

void fl_state_rebuild(struct fl_state *s)
{
    for (unsigned i = 0; i < FL_INDEX_COUNT; i++)
        FL_ASSERT(s->index[i].count == 0);
    fl_post_forget(s);
    rebuild_by_id(s);
    rebuild_invoices(s);
    rebuild_rest(s);
    fl_due_rebuild(s);
}

uint64_t fl_engine_digest(const struct fl_snapshot *snapshot)
{
    static const uint8_t kinds[] = {
#define FL_KIND_OF_COLUMN(table, name, type, kind) FL_COLUMN_##kind,
        FL_COLUMNS(FL_KIND_OF_COLUMN)
#undef FL_KIND_OF_COLUMN
    };
    uint64_t digest = FL_SCHEMA_VERSION;
    for (unsigned column = 0; column < FL_COLUMN_COUNT; column++) {
        if (kinds[column] == FL_COLUMN_ERASE)
            continue;
        uint32_t chunks = fl_snapshot_chunk_count(snapshot, column);
        digest = fl_hash_u64(chunks, digest + column);
        for (uint32_t k = 0; k < chunks; k++) {
            uint32_t rows;
            const uint8_t *bytes = fl_snapshot_chunk(snapshot, column, k, &rows);
            size_t shift = snapshot->store->columns[column].element_shift;
            digest = fl_hash64(bytes, (size_t)rows << shift, digest);
        }
    }
    return digest;
}
