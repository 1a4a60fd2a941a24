#include "core/domain/bank_opening.h"

#include "core/domain/posting_rules.h"
#include "core/domain/statement_line.h"

/* ---- booking ------------------------------------------------------------------------------------
 */

static uint32_t entry_add(struct fl_context *c, const struct fl_bank_opening_row *opening)
{
    uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_bank_opening);
    struct fl_bank_opening_row *stored = fl_bank_opening_row_new(&c->s->store, row);
    *stored = *opening;
    stored->seq = c->s->seq;
    stored->date = fl_policy_push(c->s, opening->date);
    struct fl_entry entry;
    fl_posting_bank_opening(&c->s->store, row, &entry);
    fl_post_entry(c->s, &entry);
    return row;
}

/* O3. */
static void mirror_add(struct fl_context *c, uint32_t row)
{
    struct fl_bank_opening_row mirror = *fl_bank_opening_row(&c->s->store, row);
    FL_ASSERT(mirror.by_statement && !mirror.mirrors);
    mirror.amount_minor = -mirror.amount_minor;
    mirror.base_minor = -mirror.base_minor;
    mirror.mirrors = 1;
    (void)entry_add(c, &mirror);
}

/* What is to be, on its own date, becomes what stands. */
static void book(struct fl_context *c, uint32_t account, int64_t base)
{
    struct fl_bank_account_live *live = fl_bank_account_live_write(&c->s->store, account);
    if (live->opening_row != 0)
        mirror_add(c, live->opening_row - 1);
    live->opening_waits = 0;
    live->opening_row = 0;
    live->opening_by_statement = live->opening_minor != 0;
    if (live->opening_minor == 0) {
        live->opening_date = FL_DATE_NONE;
        return;
    }
    const struct fl_bank_opening_row opening = {.amount_minor = live->opening_minor,
                                                .base_minor = base,
                                                .account = account,
                                                .date = live->opening_date,
                                                .by_statement = 1};
    uint32_t row = entry_add(c, &opening);
    live->opening_row = row + 1;
    live->opening_date = fl_bank_opening_row(&c->s->store, row)->date;
}

void fl_opening_give(struct fl_context *c, uint32_t account, int64_t opening_minor,
                     int64_t base_minor)
{
    const struct fl_bank_opening_row opening = {.amount_minor = opening_minor,
                                                .base_minor = base_minor,
                                                .account = account,
                                                .date = c->s->business_date};
    struct fl_bank_account_live *live = fl_bank_account_live_write(&c->s->store, account);
    FL_ASSERT(live->opening_row == 0 && live->opening_date == FL_DATE_NONE);
    uint32_t row = entry_add(c, &opening);
    live->opening_minor = opening_minor;
    live->opening_row = row + 1;
    live->opening_date = fl_bank_opening_row(&c->s->store, row)->date;
}

/* At the rate of the first line's day, which is the day after its own. */
static bool base_of(const struct fl_state *s, uint32_t account, int64_t *base_out)
{
    const struct fl_bank_account_live *live = fl_bank_account_live(&s->store, account);
    return fl_line_base(s, live->currency, (uint16_t)(live->opening_date + 1), live->opening_minor,
                        base_out);
}

void fl_opening_post_waiting(struct fl_context *c, uint32_t account)
{
    int64_t base;
    if (fl_bank_account_live(&c->s->store, account)->opening_waits && base_of(c->s, account, &base))
        book(c, account, base);
}

/* ---- what is to be (O2)
 * ---------------------------------------------------------------------------- */

/* What stands is what is to be: of one that was pushed the day is another. */
static bool stands(const struct fl_state *s, const struct fl_bank_account_live *live)
{
    if (live->opening_row == 0)
        return live->opening_minor == 0;
    const struct fl_bank_opening_row *row = fl_bank_opening_row(&s->store, live->opening_row - 1);
    return row->amount_minor == live->opening_minor &&
           (row->date == live->opening_date || row->date == fl_policy_push(s, live->opening_date));
}

static uint16_t earlier_day(uint16_t a, uint16_t b)
{
    return a == FL_DATE_NONE || (b != FL_DATE_NONE && b < a) ? b : a;
}

/* The day before the statement and every line; of a statement that has no day, the business date.
 */
static uint16_t date_to_be(const struct fl_state *s, const struct fl_bank_account_live *live)
{
    uint16_t from = live->opening_from;
    FL_ASSERT(from != FL_DATE_NONE && live->opening_statement != 0);
    if (fl_statement_card(&s->store, live->opening_statement - 1)->from_date == FL_DATE_NONE &&
        (live->line_first_day == FL_DATE_NONE || live->line_first_day >= from))
        return s->business_date;
    uint16_t first = earlier_day(from, live->line_first_day);
    return first > 1 ? (uint16_t)(first - 1) : s->business_date;
}

static bool may_be(fl_int128 minor)
{
    return minor <= FL_AMOUNT_MAX && minor >= -FL_AMOUNT_MAX;
}

static void set_to_be(struct fl_context *c, uint32_t account, int64_t opening_minor)
{
    struct fl_bank_account_live *live = fl_bank_account_live_write(&c->s->store, account);
    int64_t base;
    live->opening_minor = opening_minor;
    live->opening_date = date_to_be(c->s, live);
    live->opening_by_statement = 1;
    live->opening_waits = 1;
    if (stands(c->s, live)) {
        live->opening_waits = 0;
        live->opening_by_statement = live->opening_row != 0;
        live->opening_date = live->opening_row != 0
                                 ? fl_bank_opening_row(&c->s->store, live->opening_row - 1)->date
                                 : FL_DATE_NONE;
    } else if (base_of(c->s, account, &base)) {
        book(c, account, base);
    }
}

/* ---- statements
 * ------------------------------------------------------------------------------------- */

/* Lines of one command of a statement, of days before `day`: their sum; and the first day of all.
 */
static void lines_sum(const struct fl_store *store, uint32_t statement, uint16_t day,
                      fl_int128 *sum, uint16_t *first_day)
{
    const struct fl_statement_card *card = fl_statement_card(store, statement);
    for (uint32_t line = card->line_first; line < card->line_first + card->line_count; line++) {
        const struct fl_statement_line_card *of = fl_statement_line_card(store, line);
        if (fl_statement_line_live(store, line)->status == FL_LINE_TOLD)
            continue;
        *first_day = earlier_day(*first_day, of->booking_date);
        if (of->booking_date < day)
            *sum += of->amount_minor;
    }
}

/* A statement as a whole. */
struct whole {
    uint32_t first;
    uint16_t from;
    int64_t opening_minor, closing_minor;
    bool opens; /* has balances, and is no interim report */
};

static struct whole whole_of(const struct fl_store *store, uint32_t first)
{
    const struct fl_statement_card *card = fl_statement_card(store, first);
    struct whole whole = {.first = first,
                          .from = card->from_date != FL_DATE_NONE ? card->from_date : card->to_date,
                          .opening_minor = card->opening_minor,
                          .opens = (card->opening_given || card->closing_given) &&
                                   !fl_statement_live(store, first)->interim};
    for (uint32_t row = first; row != FL_NO_ROW; row = fl_statement_live(store, row)->next_part) {
        whole.from = earlier_day(whole.from, fl_statement_card(store, row)->from_date);
        whole.closing_minor = fl_statement_card(store, row)->closing_minor;
    }
    return whole;
}

/* All of it is there: until then its lines are not posted. */
static bool is_there(const struct fl_store *store, uint32_t row)
{
    uint32_t first = fl_statement_live(store, row)->first_part;
    return fl_statement_live(store, first)->state != FL_STATEMENT_PARTS_MISSING;
}

/* Of all other statements of the account. */
static fl_int128 earlier_sum(const struct fl_store *store, uint32_t account, const struct whole *of)
{
    const struct fl_bank_account_live *live = fl_bank_account_live(store, account);
    fl_int128 sum = 0;
    uint16_t unused = FL_DATE_NONE;
    if (live->line_first_day == FL_DATE_NONE || live->line_first_day >= of->from)
        return 0;
    for (uint32_t row = live->last_statement; row != FL_NO_ROW;) {
        const struct fl_statement_card *card = fl_statement_card(store, row);
        bool before = card->from_date == FL_DATE_NONE || card->from_date < of->from;
        if (before && fl_statement_live(store, row)->first_part != of->first &&
            is_there(store, row))
            lines_sum(store, row, of->from, &sum, &unused);
        row = card->prev_of_account;
    }
    return sum;
}

/* The account's statements that open on the day, `own` among them; 0: more than are compared. */
static unsigned same_day(const struct fl_store *store, uint32_t account, const struct whole *own,
                         struct whole out[FL_OPENING_SAME_DAY])
{
    unsigned count = 0;
    uint32_t row = fl_bank_account_live(store, account)->last_statement;
    for (; row != FL_NO_ROW; row = fl_statement_card(store, row)->prev_of_account) {
        bool first = fl_statement_live(store, row)->first_part == row;
        if (!first || (row != own->first && !is_there(store, row)))
            continue;
        struct whole whole = whole_of(store, row);
        if (!whole.opens || whole.from != own->from)
            continue;
        if (count == FL_OPENING_SAME_DAY)
            return 0;
        out[count++] = whole;
    }
    return count;
}

static bool follows(const struct whole *of, const struct whole *all, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (all[i].first != of->first && all[i].opening_minor != all[i].closing_minor &&
            all[i].closing_minor == of->opening_minor)
            return true;
    }
    return false;
}

/* O4. */
static bool first_of_day(const struct fl_store *store, uint32_t account, const struct whole *own,
                         struct whole *out)
{
    struct whole all[FL_OPENING_SAME_DAY];
    unsigned count = same_day(store, account, own, all), found = 0;
    for (unsigned i = 0; i < count; i++) {
        if (follows(&all[i], all, count))
            continue;
        if (found > 0 && all[i].opening_minor != out->opening_minor)
            return false;
        *out = all[i];
        found++;
    }
    return found > 0;
}

/* Whether the opening becomes that of `whole`; it may name another of the same day (O4). */
static bool opens_before(const struct fl_store *store, uint32_t account, struct whole *whole)
{
    const struct fl_bank_account_live *live = fl_bank_account_live(store, account);
    if (!whole->opens)
        return false;
    if (live->opening_statement == 0 || whole->from < live->opening_from)
        return true;
    struct whole own = *whole;
    return whole->from == live->opening_from && first_of_day(store, account, &own, whole);
}

static void open_with(struct fl_context *c, uint32_t account, const struct whole *whole)
{
    fl_int128 opening = whole->opening_minor - earlier_sum(&c->s->store, account, whole);
    if (!may_be(opening))
        return;
    struct fl_bank_account_live *live = fl_bank_account_live_write(&c->s->store, account);
    live->opening_from = whole->from;
    live->opening_statement = whole->first + 1;
    set_to_be(c, account, (int64_t)opening);
}

void fl_opening_bring(struct fl_context *c, uint32_t first)
{
    const struct fl_store *store = &c->s->store;
    uint32_t account = fl_statement_card(store, first)->account;
    struct fl_bank_account_live *live = fl_bank_account_live_write(&c->s->store, account);
    struct whole whole = whole_of(store, first);
    uint16_t first_day = FL_DATE_NONE;
    fl_int128 sum = 0;
    if (live->opening_date != FL_DATE_NONE && !live->opening_by_statement)
        return; /* O1 */
    for (uint32_t row = first; row != FL_NO_ROW; row = fl_statement_live(store, row)->next_part)
        lines_sum(store, row, live->opening_from, &sum, &first_day);
    live->line_first_day = earlier_day(live->line_first_day, first_day);
    if (opens_before(store, account, &whole)) {
        open_with(c, account, &whole);
    } else if (live->opening_statement != 0 && first_day != FL_DATE_NONE &&
               first_day < live->opening_from) {
        fl_int128 opening = live->opening_minor - sum;
        if (may_be(opening))
            set_to_be(c, account, (int64_t)opening);
    }
}
