/* Adds entries to the totals per account, currency and day. */
#include "core/domain/state.h"

/* The key row as one number. */
static uint64_t key_number(const struct fl_account_day_key *key)
{
    uint64_t number;
    static_assert(sizeof *key == sizeof number, "compared at once");
    memcpy(&number, key, sizeof number);
    return number;
}

static uint64_t day_key(uint32_t account, uint8_t currency, uint16_t date)
{
    struct fl_account_day_key key = {.account = account, .date = date, .currency = currency};
    return key_number(&key);
}

uint64_t fl_account_day_hash(const struct fl_state *s, uint32_t account, uint8_t currency,
                             uint16_t date)
{
    return fl_hash_u64(day_key(account, currency, date), s->secret);
}

static bool day_is(const struct fl_state *s, uint32_t row, uint64_t key)
{
    return key_number(fl_account_day_key(&s->store, row)) == key;
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

static uint32_t day_row(struct fl_state *s, uint32_t account, uint8_t currency, uint16_t date)
{
    uint64_t key = day_key(account, currency, date);
    uint64_t hash = fl_hash_u64(key, s->secret);
    uint32_t row = day_find(s, key, hash);
    return row != FL_NO_ROW ? row : day_add(s, account, currency, date, hash);
}

/* The rows of one day and currency, by account: of the day asked for, whatever stood there before. */
static struct fl_day_memo *day_memo(struct fl_state *s, uint8_t currency, uint16_t date)
{
    struct fl_day_memo *memo = &s->day_memo[(date + currency * 7u) % FL_DAY_MEMO];
    if (FL_UNLIKELY(memo->date != date || memo->currency != currency)) {
        memset(memo, 0, sizeof *memo);
        memo->date = date;
        memo->currency = currency;
    }
    return memo;
}

/* What is remembered stands: an undo that takes days away forgets all of it (fl_post_forget). */
static struct fl_account_day_total *day_total(struct fl_state *s, struct fl_day_memo *memo,
                                              uint32_t account)
{
    if (FL_UNLIKELY(account >= FL_DAY_MEMO_ACCOUNTS))
        return fl_account_day_total_write(&s->store,
                                          day_row(s, account, memo->currency, memo->date));
    if (FL_UNLIKELY(memo->row[account] == 0))
        memo->row[account] = day_row(s, account, memo->currency, memo->date) + 1;
    return fl_account_day_total_write(&s->store, memo->row[account] - 1);
}

void fl_post_forget(struct fl_state *s)
{
    memset(s->day_memo, 0, FL_DAY_MEMO * sizeof *s->day_memo);
}

/* Adds to the debits or the credits by mask: which of them it is, no branch can know. Returns the debits. */
static int64_t post(struct fl_state *s, struct fl_day_memo *memo, const struct fl_posting *posting)
{
    struct fl_account_day_total *total = day_total(s, memo, posting->account);
    int64_t a = posting->amount_minor, b = posting->base_minor;
    int64_t a_credit = a & a >> 63, b_credit = b & b >> 63;
    total->debit_minor += a - a_credit;
    total->credit_minor -= a_credit;
    total->base_debit_minor += b - b_credit;
    total->base_credit_minor -= b_credit;
    FL_ASSERT((total->debit_minor | total->credit_minor) >= 0);
    return a - a_credit + b - b_credit;
}

void fl_post_entry(struct fl_state *s, const struct fl_entry *entry)
{
    int64_t sum = 0, base_sum = 0; /* a few amounts of at most FL_AMOUNT_MAX each: no overflow */
    int64_t debits = 0; /* of both: as much as the credits */
    uint64_t check = entry->date;
    static_assert(FL_ENTRY_POSTINGS_MAX * FL_AMOUNT_MAX <= INT64_MAX / 4, "sums fit");
    if (entry->count == 0)
        return;
    FL_ASSERT(entry->date != FL_DATE_NONE);
    struct fl_day_memo *memo = day_memo(s, entry->currency, entry->date);
    for (uint32_t i = 0; i < entry->count; i++) {
        const struct fl_posting *posting = &entry->postings[i];
        sum += posting->amount_minor;
        base_sum += posting->base_minor;
        check = check * FL_FOLD_STEP ^ (uint64_t)posting->amount_minor ^
                (uint64_t)posting->account << 48;
        debits += post(s, memo, posting);
    }
    FL_ASSERT(sum == 0);      /* I1 */
    FL_ASSERT(base_sum == 0); /* I1 */
    s->volume_minor += 2 * debits;
    fl_fold(s, check);
}

void fl_post_statistic(struct fl_state *s, uint32_t account, uint8_t currency, uint16_t date,
                       int64_t amount_minor)
{
    if (amount_minor == 0)
        return;
    struct fl_account_day_total *total = day_total(s, day_memo(s, currency, date), account);
    int64_t credit = amount_minor >> 63;
    total->debit_minor += amount_minor & ~credit;
    total->credit_minor -= amount_minor & credit;
}
