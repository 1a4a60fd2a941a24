#include "core/domain/payer_account.h"

#define HASH_SEED UINT64_C(0x666c6f72696e7061) /* durable */

size_t fl_payer_account_normal(const char *account, size_t length, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < length && n < FL_PAYER_ACCOUNT_BYTES_MAX; i++) {
        char c = account[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
        if (kept)
            out[n++] = c;
    }
    return n;
}

uint64_t fl_payer_account_hash(const char *account, size_t length)
{
    char normal[FL_PAYER_ACCOUNT_BYTES_MAX];
    size_t n = fl_payer_account_normal(account, length, normal);
    return n == 0 ? 0 : fl_hash64(normal, n, HASH_SEED) | 1; /* 0 is none */
}

static bool is_account(const struct fl_state *s, uint32_t row, const char *normal, size_t n)
{
    char other[FL_PAYER_ACCOUNT_BYTES_MAX];
    struct fl_text_ref ref = fl_payer_account_name(&s->store, row)->account;
    size_t m =
        fl_payer_account_normal(fl_text_get(&s->store, FL_TABLE_personal, ref), ref.length, other);
    return n == m && memcmp(normal, other, n) == 0;
}

struct search {
    char normal[FL_PAYER_ACCOUNT_BYTES_MAX];
    size_t length;
    uint64_t hash;
    struct fl_index_cursor cursor;
};

static uint32_t search_next(const struct fl_state *s, struct search *search, uint32_t row)
{
    const struct fl_hash_index *index = &s->index[FL_INDEX_PAYER_ACCOUNT];
    while (row != FL_NO_ROW && !is_account(s, row, search->normal, search->length))
        row = fl_hash_index_next(index, &search->cursor);
    return row;
}

static uint32_t search_first(const struct fl_state *s, struct search *search, const char *account,
                             size_t length)
{
    search->length = fl_payer_account_normal(account, length, search->normal);
    search->hash = fl_payer_account_hash(account, length);
    if (search->length == 0)
        return FL_NO_ROW;
    uint32_t row = fl_hash_index_first(&s->index[FL_INDEX_PAYER_ACCOUNT],
                                       fl_hash_u64(search->hash, s->secret), &search->cursor);
    return search_next(s, search, row);
}

static uint32_t search_after(const struct fl_state *s, struct search *search)
{
    return search_next(s, search,
                       fl_hash_index_next(&s->index[FL_INDEX_PAYER_ACCOUNT], &search->cursor));
}

uint32_t fl_payer_account_customer(const struct fl_state *s, const char *account, size_t length)
{
    struct search search;
    uint32_t found = FL_NO_ROW;
    for (uint32_t row = search_first(s, &search, account, length); row != FL_NO_ROW;
         row = search_after(s, &search)) {
        if (!fl_payer_account_is_learned(fl_payer_account_live(&s->store, row)))
            continue;
        if (found != FL_NO_ROW)
            return FL_NO_ROW;
        found = fl_payer_account_card(&s->store, row)->customer;
    }
    return found;
}

void fl_payer_account_index(struct fl_state *s, uint32_t row)
{
    fl_index_put(s, FL_INDEX_PAYER_ACCOUNT,
                 fl_hash_u64(fl_payer_account_name(&s->store, row)->hash, s->secret), row);
}

/* The row of the account and the customer; FL_NO_ROW where there is none, and none is to be made.
 * `text` stands in the heap of personal texts: where a unit begins it is used as it stands
 * (`account`), else (length 0) put again. */
static uint32_t row_of(struct fl_state *s, const char *text, uint32_t length,
                       struct fl_text_ref account, uint32_t customer, bool make)
{
    struct search search;
    uint32_t row = search_first(s, &search, text, length);
    while (row != FL_NO_ROW && fl_payer_account_card(&s->store, row)->customer != customer)
        row = search_after(s, &search);
    if (row != FL_NO_ROW || !make || search.length == 0)
        return row;
    if (account.length == 0)
        account = fl_text_put(s, FL_TABLE_personal, text, length);
    row = fl_store_add_row(&s->store, FL_TABLE_payer_account);
    *fl_payer_account_card_new(&s->store, row) =
        (struct fl_payer_account_card){.seq = s->seq, .customer = customer};
    *fl_payer_account_name_new(&s->store, row) =
        (struct fl_payer_account_name){.hash = search.hash, .account = account};
    fl_payer_account_index(s, row);
    return row;
}

void fl_payer_account_learn(struct fl_state *s, uint32_t receipt, uint32_t customer,
                            enum fl_payer_lesson lesson)
{
    struct fl_text_ref account = fl_receipt_cold(&s->store, receipt)->payer_account;
    bool makes = lesson == FL_PAYER_CONFIRMED || lesson == FL_PAYER_SETTLED;
    if (account.length == 0)
        return;
    uint32_t row = row_of(s, fl_text_get(&s->store, FL_TABLE_personal, account), account.length,
                          account, customer, makes);
    if (row == FL_NO_ROW)
        return;
    struct fl_payer_account_live *live = fl_payer_account_live_write(&s->store, row);
    if (lesson == FL_PAYER_CONFIRMED)
        live->confirmed++;
    else if (lesson == FL_PAYER_UNCONFIRMED)
        live->confirmed -= live->confirmed > 0;
    else if (lesson == FL_PAYER_SETTLED)
        live->settled = (uint16_t)(live->settled + (live->settled < UINT16_MAX));
    else
        live->settled = (uint16_t)(live->settled - (live->settled > 0));
}

static void declare(struct fl_state *s, uint32_t customer, struct fl_text_ref joined,
                    uint8_t declared)
{
    uint32_t at = 0;
    while (at < joined.length) {
        const char *text = fl_text_get(&s->store, FL_TABLE_personal, joined) + at;
        const char *end = memchr(text, '\n', joined.length - at);
        uint32_t length = end ? (uint32_t)(end - text) : joined.length - at;
        struct fl_text_ref first = {joined.unit, at == 0 ? length : 0};
        uint32_t row = row_of(s, text, length, first, customer, declared != 0);
        if (row != FL_NO_ROW)
            fl_payer_account_live_write(&s->store, row)->declared = declared;
        at += length + 1;
    }
}

void fl_payer_account_declare(struct fl_state *s, uint32_t customer, struct fl_text_ref before,
                              struct fl_text_ref now)
{
    declare(s, customer, before, 0);
    declare(s, customer, now, 1);
}
