/* Bank statements: every line is booked once, on its day, in full; never refused. Short ones at once, long ones by a
 * job (statement_job.h). */
#include "core/domain/bank_opening.h"
#include "core/domain/job.h"
#include "core/domain/line_told.h"
#include "core/domain/statement_job.h"
#include "core/domain/statement_line.h"

struct draft {
    uint32_t account, known, added, matched, waiting;
    uint32_t told; /* of those known: by interim reports, stored to be seen */
    uint8_t currency;
    int64_t opening, closing, sum;
    bool opening_given, closing_given, balanced;
    uint16_t from, to;
    uint32_t part, parts, before; /* before: row of the part that this one follows; FL_NO_ROW */
    bool in_turn, sliced;         /* the number is the next; its lines are stored only */
    bool part_known;              /* that number was there before */
    bool interim;                 /* a report or notice on the way */
};

static enum fl_status signed_money(struct fl_context *c, const char *field,
                                   struct fl_decimal value, uint8_t currency, int64_t *out)
{
    enum fl_status status = fl_decimal_scale(value, fl_currency_exponent(currency), out);
    if (status == FL_OK && (*out > FL_AMOUNT_MAX || *out < -FL_AMOUNT_MAX))
        status = FL_OUT_OF_RANGE;
    if (status == FL_OK)
        return FL_OK;
    (void)fl_refuse_decimal(c, status, field, value);
    fl_refusal_currency(c, currency);
    return status;
}

static enum fl_status draft_line(struct fl_context *c, const struct fl_statement_item *item,
                                 struct draft *d, int64_t *minor_out)
{
    const struct fl_availability *parts = fl_command_list(c->command, item->availability);
    int64_t unused;
    FL_TRY(signed_money(c, "lines.amount", item->amount, d->currency, minor_out));
    if (item->charges.state == FL_DECIMAL_VALUE)
        FL_TRY(signed_money(c, "lines.charges", item->charges, d->currency, &unused));
    for (uint32_t i = 0; i < item->availability.count; i++)
        FL_TRY(signed_money(c, "lines.availability.amount", parts[i].amount, d->currency, &unused));
    const struct fl_advice *advice = fl_command_list(c->command, item->advice);
    for (uint32_t i = 0; i < item->advice.count; i++) {
        FL_TRY(signed_money(c, "lines.advice.amount", advice[i].amount, d->currency, &unused));
        if (advice[i].discount.state == FL_DECIMAL_VALUE)
            FL_TRY(signed_money(c, "lines.advice.discount", advice[i].discount, d->currency,
                                &unused));
    }
    if (item->currency && item->currency != d->currency)
        return fl_refuse_currency(c, "lines.currency", item->currency, d->currency);
    uint16_t date = item->booking_date;
    if (date != FL_DATE_NONE && (d->from == FL_DATE_NONE || date < d->from))
        d->from = date;
    if (date > d->to)
        d->to = date;
    return FL_OK;
}

/* The days of the statement, which are those of its lines if it says none; without any, the business date. */
static enum fl_status draft_lines(struct fl_context *c, const struct fl_command_statement *b,
                                  struct draft *d)
{
    const struct fl_statement_item *items = fl_command_list(c->command, b->lines);
    fl_int128 sum = 0;
    for (uint32_t i = 0; i < b->lines.count; i++) {
        int64_t minor;
        enum fl_status status = draft_line(c, &items[i], d, &minor);
        if (status != FL_OK) {
            fl_result_number(c->result, FL_RESULT_LINE, i + 1);
            return status;
        }
        sum += minor;
    }
    if (sum > FL_AMOUNT_MAX || sum < -FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "lines", NULL, 0);
    if (d->to == FL_DATE_NONE)
        d->to = d->from != FL_DATE_NONE ? d->from : c->s->business_date;
    d->sum = (int64_t)sum;
    return FL_OK;
}

/* M1: which part it is, and what it follows. One of one is whole. */
static enum fl_status parts_read(struct fl_context *c, const struct fl_command_statement *b,
                                 struct draft *d)
{
    const char *id = fl_command_text(c->command, c->command->id);
    uint32_t part = b->part != FL_OPTIONAL_NONE ? b->part - 1 : 0;
    uint32_t parts = b->parts != FL_OPTIONAL_NONE ? b->parts - 1 : 0;
    bool given = b->part != FL_OPTIONAL_NONE || b->parts != FL_OPTIONAL_NONE;
    if (given && (part == 0 || part > UINT16_MAX || parts > UINT16_MAX))
        return fl_refuse(c, part == 0 ? FL_BAD_VALUE : FL_OUT_OF_RANGE, "part", NULL, 0);
    if (b->parts != FL_OPTIONAL_NONE && part > parts)
        return fl_refuse(c, FL_BAD_VALUE, "parts", NULL, 0);
    d->before = FL_NO_ROW;
    d->in_turn = true;
    d->sliced = b->lines.count > FL_SLICE_ITEMS && !c->in_batch;
    if (part == 0 || (part == 1 && parts == 1))
        return FL_OK;
    if (c->in_batch)
        return fl_refuse(c, FL_BAD_VALUE, "part", NULL, 0);
    d->part = part;
    d->parts = parts;
    d->sliced = true;
    if (d->account != FL_NO_ROW) {
        d->before = fl_statement_part_waiting(c->s, d->account, id, c->command->id.length);
        d->part_known = fl_statement_part_is_known(c->s, d->account, id, c->command->id.length, part);
    }
    uint32_t last =
        d->before == FL_NO_ROW ? 0 : fl_statement_live(&c->s->store, d->before)->part;
    d->in_turn = part == 1 || part == last + 1;
    return FL_OK;
}

/* M1: a part that follows another opens where that one closed. */
static enum fl_status parts_chain(struct fl_context *c, struct draft *d)
{
    if (d->before == FL_NO_ROW || d->part == 1 || !d->in_turn)
        return FL_OK;
    const struct fl_statement_card *card = fl_statement_card(&c->s->store, d->before);
    if (!card->opening_given && !card->closing_given)
        return FL_OK;
    if (d->opening_given && d->opening != card->closing_minor) {
        unsigned decimals = fl_currency_exponent(d->currency);
        fl_result_amount(c->result, FL_RESULT_EXPECTED, card->closing_minor, decimals);
        fl_result_amount(c->result, FL_RESULT_VALUE, d->opening, decimals);
        fl_result_amount(c->result, FL_RESULT_DIFFERENCE, d->opening - card->closing_minor,
                         decimals);
        return FL_UNBALANCED;
    }
    d->opening = card->closing_minor;
    d->opening_given = true;
    return FL_OK;
}

static enum fl_status draft_balances(struct fl_context *c, const struct fl_command_statement *b)
{
    const struct fl_statement_balance_item *items = fl_command_list(c->command, b->balances);
    int64_t unused;
    if (b->pages > UINT16_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "pages", NULL, 0);
    for (uint32_t i = 0; i < b->balances.count; i++)
        FL_TRY(signed_money(c, "balances.amount", items[i].amount, b->currency, &unused));
    return FL_OK;
}

static enum fl_status draft_read(struct fl_context *c, const struct fl_command_statement *b,
                                 struct draft *d)
{
    FL_TRY(draft_balances(c, b));
    d->currency = b->currency;
    d->interim = b->interim == FL_CHOICE_YES;
    d->from = b->from;
    d->to = b->to;
    d->opening_given = b->opening.state == FL_DECIMAL_VALUE;
    d->closing_given = b->closing.state == FL_DECIMAL_VALUE;
    if (d->opening_given)
        FL_TRY(signed_money(c, "opening", b->opening, b->currency, &d->opening));
    if (d->closing_given)
        FL_TRY(signed_money(c, "closing", b->closing, b->currency, &d->closing));
    FL_TRY(parts_chain(c, d));
    FL_TRY(draft_lines(c, b, d));
    d->balanced = true;
    if (d->opening_given && d->closing_given) {
        d->balanced = d->opening + d->sum == d->closing;
        if (!d->balanced && b->accept_unbalanced != FL_CHOICE_YES) {
            unsigned decimals = fl_currency_exponent(b->currency);
            fl_result_amount(c->result, FL_RESULT_EXPECTED, d->opening + d->sum, decimals);
            fl_result_amount(c->result, FL_RESULT_VALUE, d->closing, decimals);
            fl_result_amount(c->result, FL_RESULT_DIFFERENCE,
                             d->closing - d->opening - d->sum, decimals);
            fl_refusal_currency(c, b->currency);
            return FL_UNBALANCED;
        }
    } else if (d->opening_given) {
        d->closing = d->opening + d->sum;
    } else if (d->closing_given) {
        d->opening = d->closing - d->sum;
    }
    return FL_OK;
}

/* Of every line: its identity, 0 if it is known; the row of the line that told it before, in `told_out`, which is null
 * where there is no such thing. */
static const uint64_t *identities(struct fl_context *c, const struct fl_command_statement *b,
                                  const struct draft *d, const uint32_t **told_out)
{
    const struct fl_identity_statement judged = {
        .command = c->command,
        .items = fl_command_list(c->command, b->lines),
        .count = b->lines.count,
        .account = d->account,
        .opening_minor = d->opening,
        .closing_minor = d->closing,
        .has_balances = d->balanced && (d->opening_given || d->closing_given),
        .interim = d->interim,
        .from = d->from,
        .to = d->to,
        .currency = d->currency,
    };
    uint64_t *identity = fl_identity_judge(c->s, &judged);
    *told_out = fl_line_told(c->s, &judged, identity);
    return identity;
}

/* A line that is new, or was told before. */
static void line_book(struct fl_context *c, const struct fl_statement_item *item, struct draft *d,
                      uint32_t line, uint32_t told)
{
    if (told != FL_NO_ROW) {
        fl_line_tell(c, line, told);
        d->known++;
        d->told++;
        return;
    }
    d->added++;
    if (d->sliced)
        return;
    enum fl_line_outcome outcome = fl_line_post(c, line, item);
    d->matched += outcome == FL_LINE_MATCHED;
    d->waiting += outcome == FL_LINE_WAITS;
}

static void lines_book(struct fl_context *c, const struct fl_command_statement *b, struct draft *d,
                       uint32_t statement, const uint64_t *identity, const uint32_t *told)
{
    const struct fl_statement_item *items = fl_command_list(c->command, b->lines);
    int64_t before = d->opening;
    for (uint32_t i = 0; i < b->lines.count; i++) {
        int64_t minor;
        enum fl_status status =
            fl_decimal_scale(items[i].amount, fl_currency_exponent(d->currency), &minor);
        FL_ASSERT(status == FL_OK); /* draft_line has read it */
        if (identity[i] == 0) {
            d->known++;
        } else {
            uint16_t day = items[i].booking_date != FL_DATE_NONE ? items[i].booking_date : d->to;
            uint32_t line = fl_line_add(c, statement, &items[i], minor, before, day, identity[i]);
            line_book(c, &items[i], d, line, told ? told[i] : FL_NO_ROW);
        }
        before += minor;
    }
}

/* ---- the statement --------------------------------------------------------------------------------- */

static void parts_link(struct fl_store *store, const struct draft *d, uint32_t row,
                       const struct fl_command_statement *b)
{
    uint32_t first = row;
    if (d->before != FL_NO_ROW) {
        first = fl_statement_live(store, d->before)->first_part;
        fl_statement_live_write(store, d->before)->next_part = row;
    }
    *fl_statement_live_write(store, row) = (struct fl_statement_live){
        .first_part = first,
        .next_part = FL_NO_ROW,
        .part = (uint16_t)d->part,
        .parts = (uint16_t)d->parts,
        .state = d->sliced ? FL_STATEMENT_PARTS_MISSING : FL_STATEMENT_POSTED,
        .unmatched = b->match == FL_CHOICE_NO,
        .interim = d->interim};
}

/* What the bank says beside opening, closing and lines. */
static void extras_store(struct fl_context *c, const struct fl_command_statement *b,
                         const struct draft *d, uint32_t statement)
{
    struct fl_store *store = &c->s->store;
    const struct fl_statement_balance_item *items = fl_command_list(c->command, b->balances);
    for (uint32_t i = 0; i < b->balances.count; i++) {
        uint32_t row = fl_store_add_row(store, FL_TABLE_statement_balance);
        struct fl_statement_balance_row *balance = fl_statement_balance_row_new(store, row);
        *balance = (struct fl_statement_balance_row){.statement = statement,
                                                     .date = items[i].date,
                                                     .code_length = (uint8_t)items[i].code.length};
        FL_ASSERT(items[i].code.length <= sizeof balance->code);
        memcpy(balance->code, fl_command_text(c->command, items[i].code), items[i].code.length);
        enum fl_status status = fl_decimal_scale(
            items[i].amount, fl_currency_exponent(d->currency), &balance->amount_minor);
        FL_ASSERT(status == FL_OK); /* draft_balances has read it */
    }
    struct fl_statement_live *live = fl_statement_live_write(store, statement);
    live->pages = (uint16_t)(b->pages != FL_OPTIONAL_NONE ? b->pages - 1 : 0);
    live->balance_count = b->balances.count;
    live->note = fl_text_put(c->s, FL_TABLE_personal, fl_command_text(c->command, b->note),
                             b->note.length);
}

uint32_t fl_statement_balances(const struct fl_store *store, uint32_t rows, uint32_t statement)
{
    uint32_t low = 0, high = rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (fl_statement_balance_row(store, middle)->statement < statement)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t statement_add(struct fl_context *c, const struct draft *d)
{
    struct fl_store *store = &c->s->store;
    const char *id = fl_command_text(c->command, c->command->id);
    uint32_t row = fl_store_add_row(store, FL_TABLE_statement);
    struct fl_bank_account_live *account = fl_bank_account_live_write(store, d->account);
    *fl_statement_card_new(store, row) = (struct fl_statement_card){
        .opening_minor = d->opening,
        .closing_minor = d->closing,
        .sum_minor = d->sum,
        .seq = c->s->seq,
        .id = fl_text_put(c->s, FL_TABLE_text, id, c->command->id.length),
        .account = d->account,
        .line_first = store->rows[FL_TABLE_statement_line],
        .from_date = d->from,
        .to_date = d->to,
        .currency = d->currency,
        .balanced = d->balanced,
        .opening_given = d->opening_given,
        .closing_given = d->closing_given,
        .prev_of_account = account->last_statement,
    };
    account->last_statement = row;
    account->has_interim |= d->interim;
    parts_link(&c->s->store, d, row, fl_command_body(c->command));
    extras_store(c, fl_command_body(c->command), d, row);
    fl_index_put(c->s, FL_INDEX_STATEMENT,
                 fl_key_hash(c->s, FL_INDEX_STATEMENT, id, c->command->id.length) + d->account,
                 row);
    return row;
}

/* An account that is not known is made. */
static enum fl_status account_settle(struct fl_context *c, const struct fl_command_statement *b,
                                     struct draft *d)
{
    if (d->account == FL_NO_ROW)
        d->account = fl_bank_account_add(c->s, fl_command_text(c->command, b->account),
                                         b->account.length, d->currency);
    else if (fl_bank_account_live(&c->s->store, d->account)->currency != d->currency)
        return fl_refuse_currency(c, "currency", d->currency,
                                  fl_bank_account_live(&c->s->store, d->account)->currency);
    return FL_OK;
}

static bool any_is_new(const uint64_t *identity, uint32_t count)
{
    while (count > 0 && identity[count - 1] == 0)
        count--;
    return count > 0;
}

static bool is_same_empty(const struct fl_context *c, const struct draft *d, uint32_t row)
{
    const struct fl_store *store = &c->s->store;
    const struct fl_statement_card *card = fl_statement_card(store, row);
    const char *id = fl_command_text(c->command, c->command->id);
    return card->from_date == d->from && card->to_date == d->to &&
           card->opening_minor == d->opening && card->closing_minor == d->closing &&
           card->id.length == c->command->id.length &&
           memcmp(fl_text_get(store, FL_TABLE_text, card->id), id, card->id.length) == 0;
}

/* The same empty statement again: nothing but its name and its balances could tell, and some banks give every
 * statement one name, so that all of the account are looked at, up to FL_IDENTITY_LOOKED. FL_NO_ROW: there is none. */
static uint32_t empty_find(const struct fl_context *c, const struct draft *d)
{
    const struct fl_store *store = &c->s->store;
    uint32_t row = fl_bank_account_live(store, d->account)->last_statement;
    for (unsigned n = 0; row != FL_NO_ROW && n < FL_IDENTITY_LOOKED; n++) {
        if (is_same_empty(c, d, row))
            return row;
        row = fl_statement_card(store, row)->prev_of_account;
    }
    return FL_NO_ROW;
}

/* Nothing of it is new. A part that others' lines make empty is counted all the same, once. */
static bool is_known(const struct draft *d)
{
    return d->part == 0 || !d->in_turn || d->part_known;
}

/* Whole, or the last part of it. */
static bool is_complete(const struct draft *d)
{
    return d->part == 0 || d->part == d->parts;
}

/* Nothing is done; the answer names the sequence of the statement that was there. What it counts is what is new and
 * known now: an import that is repeated asks just that. */
static enum fl_status known_already(struct fl_context *c, uint32_t first)
{
    if (first != FL_NO_ROW)
        c->result->seq = fl_statement_card(&c->s->store, first)->seq;
    return FL_DUPLICATE;
}

static void statement_end(struct fl_context *c, const struct draft *d, uint32_t statement)
{
    fl_statement_card_new(&c->s->store, statement)->line_count = d->added + d->told;
    if (d->known > d->told)
        fl_statement_live_write(&c->s->store, statement)->overlaps = 1;
    c->made_row = statement;
    c->values[0] = (int64_t)d->told << 48 | (int64_t)d->known << 32 | d->added;
    c->values[1] = (int64_t)d->waiting << 32 | d->matched;
}

enum fl_status fl_apply_statement(struct fl_context *c)
{
    const struct fl_command_statement *b = fl_command_body(c->command);
    struct draft d = {.account = fl_find_bank_account(
                          c->s, fl_command_text(c->command, b->account), b->account.length)};
    FL_TRY(parts_read(c, b, &d));
    FL_TRY(draft_read(c, b, &d));
    FL_TRY(account_settle(c, b, &d));
    uint32_t first = fl_find_statement(
        c->s, d.account, fl_command_text(c->command, c->command->id), c->command->id.length);
    uint32_t empty = b->lines.count == 0 && d.part == 0 ? empty_find(c, &d) : FL_NO_ROW;
    if (empty != FL_NO_ROW || (b->lines.count == 0 && d.part_known))
        return known_already(c, empty != FL_NO_ROW ? empty : first);
    FL_TRY(fl_line_post_waiting(c, d.account));
    const uint32_t *told;
    const uint64_t *identity = identities(c, b, &d, &told);
    if (!d.in_turn && (b->lines.count == 0 || any_is_new(identity, b->lines.count)))
        return fl_refuse(c, FL_WRONG_STATE, "part", NULL, 0);
    uint32_t statement = statement_add(c, &d);
    lines_book(c, b, &d, statement, identity, told);
    statement_end(c, &d, statement);
    if (d.added + d.told == 0 && b->lines.count > 0 && is_known(&d))
        return known_already(c, first); /* taken back whole by the undo mark */
    if (d.part == 0)
        fl_opening_bring(c, statement);
    bool goes_on = d.sliced && is_complete(&d) && fl_statement_complete(c, statement);
    c->command->flags &= (uint16_t)~FL_FLAG_SLICED;
    c->command->flags |= goes_on ? FL_FLAG_SLICED : 0;
    return FL_OK;
}
