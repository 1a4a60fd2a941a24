/* Adds entries to the totals per account, currency and day. */
#include "core/domain/state.h"

static uint64_t day_key(uint32_t account, uint8_t currency, uint16_t date)
{
    return (uint64_t)account << 24 | (uint64_t)date << 8 | currency;
}

uint64_t fl_account_day_hash(const struct fl_state *s, uint32_t account, uint8_t currency,
                             uint16_t date)
{
    return fl_hash_u64(day_key(account, currency, date), s->secret);
}

static bool day_is(const struct fl_state *s, uint32_t row, uint64_t key)
{
    const struct fl_account_day_key *k = fl_account_day_key(&s->store, row);
    return day_key(k->account, k->currency, k->date) == key;
}

static uint32_t day_find(const struct fl_state *s, uint64_t key, uint64_t hash)
{
    struct fl_index_cursor cursor;
    const struct fl_hash_index *index = &s->index[FL_INDEX_ACCOUNT_DAY];
    uint32_t row = fl_hash_index_first(index, hash, &cursor);
    while (row != FL_NO_ROW && !day_is(s, row, key))
        row = fl_hash_index_next(index, &cursor);
    return row;
}

static uint32_t day_add(struct fl_state *s, uint32_t account, uint8_t currency, uint16_t date,
                        uint64_t hash)
{
    uint32_t row = fl_store_add_row(&s->store, FL_TABLE_account_day);
    *fl_account_day_key_new(&s->store, row) =
        (struct fl_account_day_key){.account = account, .date = date, .currency = currency};
    fl_index_put(s, FL_INDEX_ACCOUNT_DAY, hash, row);
    return row;
}

static struct fl_account_day_total *day_total(struct fl_state *s, uint32_t account,
                                              uint8_t currency, uint16_t date)
{
    uint64_t key = day_key(account, currency, date);
    uint64_t hash = fl_hash_u64(key, s->secret);
    uint32_t *memo = &s->day_memo[hash & (FL_DAY_MEMO - 1)];
    if (*memo == 0 || *memo > s->store.rows[FL_TABLE_account_day] || !day_is(s, *memo - 1, key)) {
        uint32_t row = day_find(s, key, hash);
        if (row == FL_NO_ROW)
            row = day_add(s, account, currency, date, hash);
        *memo = row + 1;
    }
    return fl_account_day_total_write(&s->store, *memo - 1);
}

static void post(struct fl_state *s, const struct fl_posting *posting, uint16_t date)
{
    struct fl_account_day_total *total =
        day_total(s, posting->account, posting->currency, date);
    if (posting->amount_minor >= 0)
        total->debit_minor += posting->amount_minor;
    else
        total->credit_minor -= posting->amount_minor;
    if (posting->base_minor >= 0)
        total->base_debit_minor += posting->base_minor;
    else
        total->base_credit_minor -= posting->base_minor;
    FL_ASSERT(total->debit_minor >= 0 && total->credit_minor >= 0);
    int64_t a = posting->amount_minor, b = posting->base_minor;
    s->volume_minor += (a < 0 ? -a : a) + (b < 0 ? -b : b);
    fl_fold(s, (uint64_t)a ^ (uint64_t)posting->account << 48 ^ (uint64_t)date << 32);
}

void fl_post_entry(struct fl_state *s, const struct fl_entry *entry)
{
    int64_t sum = 0, base_sum = 0; /* a few amounts of at most FL_AMOUNT_MAX each: no overflow */
    static_assert(FL_ENTRY_POSTINGS_MAX * FL_AMOUNT_MAX <= INT64_MAX / 2, "sums fit");
    for (uint32_t i = 0; i < entry->count; i++) {
        FL_ASSERT(entry->postings[i].currency == entry->currency);
        sum += entry->postings[i].amount_minor;
        base_sum += entry->postings[i].base_minor;
    }
    FL_ASSERT(sum == 0);      /* I1 */
    FL_ASSERT(base_sum == 0); /* I1 */
    FL_ASSERT(entry->count == 0 || entry->date != FL_DATE_NONE);
    for (uint32_t i = 0; i < entry->count; i++)
        post(s, &entry->postings[i], entry->date);
}

void fl_post_statistic(struct fl_state *s, uint32_t account, uint8_t currency, uint16_t date,
                       int64_t amount_minor)
{
    if (amount_minor == 0)
        return;
    struct fl_account_day_total *total = day_total(s, account, currency, date);
    if (amount_minor > 0)
        total->debit_minor += amount_minor;
    else
        total->credit_minor -= amount_minor;
}
