/* Bank statements: every line is booked once, on its day, in full; never refused. */
#include "core/domain/cash_event.h"
#include "core/domain/posting_rules.h"
#include "core/domain/receipt.h"
#include "core/domain/receivable.h"
#include "core/domain/reference.h"

struct draft {
    uint32_t account, known, added, matched;
    uint8_t currency;
    int64_t opening, closing, sum;
    bool opening_given, closing_given, balanced;
    uint16_t from, to;
};

static int64_t line_minor(const struct fl_statement_item *item, uint8_t currency)
{
    int64_t minor;
    enum fl_status status =
        fl_decimal_scale(item->amount, fl_currency_exponent(currency), &minor);
    FL_ASSERT(status == FL_OK); /* draft_lines checked every line */
    return minor;
}

static enum fl_status signed_money(struct fl_context *c, const char *field,
                                   struct fl_decimal value, uint8_t currency, int64_t *out)
{
    enum fl_status status = fl_decimal_scale(value, fl_currency_exponent(currency), out);
    if (status == FL_OK && (*out > FL_AMOUNT_MAX || *out < -FL_AMOUNT_MAX))
        status = FL_OUT_OF_RANGE;
    return status == FL_OK ? FL_OK : fl_refuse(c, status, field, NULL, 0);
}

/* What a line is (semantics 4): account, bank id, date, amount, text; the how-many-th of them is added by
 * line_identity. */
static uint64_t line_content(const struct fl_context *c, uint32_t account,
                             const struct fl_statement_item *item, int64_t minor)
{
    uint64_t h = fl_hash_u64(account, 1);
    h = fl_hash64(fl_command_text(c->command, item->bank_ref), item->bank_ref.length, h);
    h = fl_hash_u64((uint64_t)minor, h);
    h = fl_hash_u64(item->booking_date, h);
    return fl_hash64(fl_command_text(c->command, item->text), item->text.length, h);
}

/* Two equal coffees are two: the reader says the how-many-th, else they are counted in the statement. */
static uint64_t line_identity(const uint64_t *contents, uint32_t i,
                              const struct fl_statement_item *item)
{
    uint64_t occurrence = 1;
    if (item->occurrence != FL_OPTIONAL_NONE)
        occurrence = item->occurrence - 1;
    for (uint32_t j = 0; item->occurrence == FL_OPTIONAL_NONE && j < i; j++)
        occurrence += contents[j] == contents[i];
    return fl_hash_u64(contents[i], occurrence);
}

static enum fl_status draft_lines(struct fl_context *c, const struct fl_command_statement *b,
                                  struct draft *d)
{
    const struct fl_statement_item *items = fl_command_list(c->command, b->lines);
    fl_int128 sum = 0;
    for (uint32_t i = 0; i < b->lines.count; i++) {
        int64_t minor;
        enum fl_status status =
            signed_money(c, "lines.amount", items[i].amount, d->currency, &minor);
        if (status != FL_OK) {
            fl_result_number(c->result, FL_RESULT_LINE, i + 1);
            return status;
        }
        if (items[i].currency && items[i].currency != d->currency)
            return fl_refuse(c, FL_CURRENCY_DIFFERS, "lines.currency", NULL, 0);
        sum += minor;
        uint16_t date = items[i].booking_date;
        if (date != FL_DATE_NONE && (d->from == FL_DATE_NONE || date < d->from))
            d->from = date;
        if (date > d->to)
            d->to = date;
    }
    if (sum > FL_AMOUNT_MAX || sum < -FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "lines", NULL, 0);
    d->sum = (int64_t)sum;
    return FL_OK;
}

static enum fl_status draft_read(struct fl_context *c, const struct fl_command_statement *b,
                                 struct draft *d)
{
    d->currency = b->currency;
    d->from = b->from;
    d->to = b->to;
    d->opening_given = b->opening.state == FL_DECIMAL_VALUE;
    d->closing_given = b->closing.state == FL_DECIMAL_VALUE;
    if (d->opening_given)
        FL_TRY(signed_money(c, "opening", b->opening, b->currency, &d->opening));
    if (d->closing_given)
        FL_TRY(signed_money(c, "closing", b->closing, b->currency, &d->closing));
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
            return FL_UNBALANCED;
        }
    } else if (d->opening_given) {
        d->closing = d->opening + d->sum;
    } else if (d->closing_given) {
        d->opening = d->closing - d->sum;
    }
    int64_t base;
    return fl_receipt_rate(c, d->currency, c->s->business_date, NULL, d->sum, &base);
}

/* ---- one line ------------------------------------------------------------------------------------ */

/* "ACCOUNT/BANKREF", or "ACCOUNT/line row" where the bank gives none, or gave it before. */
static size_t line_id(struct fl_context *c, uint32_t account, const struct fl_statement_item *item,
                      uint32_t line, char out[FL_ID_BYTES_MAX])
{
    size_t length;
    const char *id = fl_id_get(&c->s->store, &fl_bank_account_card(&c->s->store, account)->id,
                               &length);
    if (length > 40)
        length = 40;
    memcpy(out, id, length);
    out[length++] = '/';
    size_t ref = item->bank_ref.length, prefix = length;
    if (ref > 0 && ref <= FL_ID_BYTES_MAX - length) {
        memcpy(out + length, fl_command_text(c->command, item->bank_ref), ref);
        if (fl_find_receipt(c->s, out, length + ref) == FL_NO_ROW &&
            fl_find_cash_event(c->s, FL_EVENT_RETURN, out, length + ref) == FL_NO_ROW)
            return length + ref;
    }
    out[prefix] = '#';
    char digits[12];
    size_t n = 0;
    uint32_t number = line + 1;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < n; i++)
        out[prefix + 1 + i] = digits[n - 1 - i];
    return prefix + 1 + n;
}

static struct fl_text_ref personal(struct fl_context *c, struct fl_text text)
{
    return fl_text_put(c->s, FL_TABLE_personal, fl_command_text(c->command, text), text.length);
}

static uint32_t line_add(struct fl_context *c, const struct draft *d, uint32_t statement,
                         const struct fl_statement_item *item, int64_t minor, uint64_t identity)
{
    struct fl_store *store = &c->s->store;
    uint32_t row = fl_store_add_row(store, FL_TABLE_statement_line);
    *fl_statement_line_card_new(store, row) = (struct fl_statement_line_card){
        .amount_minor = minor,
        .identity = identity,
        .statement = statement,
        .booking_date = item->booking_date ? item->booking_date : d->to,
        .value_date = item->value_date,
        .bank_ref = fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, item->bank_ref),
                                item->bank_ref.length),
    };
    struct fl_statement_line_cold *cold = fl_statement_line_cold_new(store, row);
    cold->text = personal(c, item->text);
    cold->payer_name = personal(c, item->payer.name);
    cold->payer_account = personal(c, item->payer.account);
    cold->customer_ref = personal(c, item->customer_ref);
    cold->end_to_end = personal(c, item->end_to_end);
    if (item->charges.state == FL_DECIMAL_VALUE &&
        fl_decimal_scale(item->charges, fl_currency_exponent(d->currency),
                         &cold->charges_minor) != FL_OK)
        cold->charges_minor = 0;
    fl_index_put(c->s, FL_INDEX_STATEMENT_LINE, fl_hash_u64(identity, c->s->secret), row);
    return row;
}

static void line_status(struct fl_context *c, uint32_t line, enum fl_line_status status,
                        uint32_t target, uint16_t date, int64_t base)
{
    *fl_statement_line_live_write(&c->s->store, line) = (struct fl_statement_line_live){
        .target = target, .date = date, .status = (uint8_t)status};
    fl_statement_line_cold_new(&c->s->store, line)->base_minor = base;
    struct fl_entry entry;
    fl_posting_statement_line(&c->s->store, line, &entry);
    fl_post_entry(c->s, &entry);
}

/* A receipt that went through transit and is this very money: by the bank's or the payer's reference. */
static uint32_t known_receipt(const struct fl_context *c, const struct fl_statement_item *item,
                              int64_t minor, uint8_t currency)
{
    const struct fl_text keys[3] = {item->end_to_end, item->bank_ref, item->customer_ref};
    for (unsigned i = 0; i < 3; i++) {
        if (keys[i].length == 0)
            continue;
        uint32_t row =
            fl_find_receipt(c->s, fl_command_text(c->command, keys[i]), keys[i].length);
        if (row == FL_NO_ROW)
            continue;
        const struct fl_receipt_card *card = fl_receipt_card(&c->s->store, row);
        if (card->account == FL_NO_ROW && card->currency == currency &&
            fl_receipt_status(&c->s->store, row)->statement_line == FL_NO_ROW &&
            card->amount_minor - card->fee_minor == minor)
            return row;
    }
    return FL_NO_ROW;
}

/* True if the text names anything that it contradicts: a closed document, or another's (Matching 2). */
static bool contradicts(const struct fl_context *c, const struct fl_named_list *named)
{
    for (uint32_t i = 0; i < named->count; i++) {
        uint32_t invoice = c->s->scratch[i];
        if (fl_invoice_money(&c->s->store, invoice)->open_minor == 0 ||
            fl_invoice_card(&c->s->store, invoice)->customer != named->customer)
            return true;
    }
    return false;
}

/* True unless the payer has a name and it is another's: one normal form begins with the other ("Nordwind GmbH",
 * "Nordwind GmbH, Altheim"). */
static bool payer_agrees(const struct fl_context *c, struct fl_text payer, uint32_t customer)
{
    char given[FL_REFERENCE_BYTES_MAX], ours[FL_REFERENCE_BYTES_MAX];
    struct fl_text_ref name = fl_customer_profile(&c->s->store, customer)->name;
    size_t n = fl_reference_normal(fl_command_text(c->command, payer), payer.length, given);
    size_t m = fl_reference_normal(fl_text_get(&c->s->store, FL_TABLE_personal, name),
                                   name.length, ours);
    size_t shorter = n < m ? n : m;
    return n == 0 || m == 0 || (shorter >= 4 && memcmp(given, ours, shorter) == 0);
}

static bool is_bare_number(const struct fl_context *c, uint32_t invoice)
{
    size_t length, at = 0;
    const char *id =
        fl_id_get(&c->s->store, &fl_invoice_card(&c->s->store, invoice)->id, &length);
    while (at < length && (id[at] < 'A' || (id[at] > 'Z' && id[at] < 'a')))
        at++;
    return at == length;
}

/* Matching 3: a number in the text settles by itself where the amount agrees too. Where it does not, the payer must
 * not be another; and a number without letters proves less: it needs the amount. */
static bool is_sure(const struct fl_context *c, const struct fl_named_list *named,
                    const struct fl_statement_item *item, int64_t minor, uint8_t currency)
{
    bool bare = false;
    fl_int128 open = 0;
    if (named->count == 0 || contradicts(c, named))
        return false;
    for (uint32_t i = 0; i < named->count; i++) {
        bare |= is_bare_number(c, c->s->scratch[i]);
        open += fl_invoice_money(&c->s->store, c->s->scratch[i])->open_minor;
    }
    fl_int128 apart = open > minor ? open - minor : minor - open;
    if (apart <= fl_policy_tolerance(c->s, currency))
        return true;
    return !bare && payer_agrees(c, item->payer.name, named->customer);
}

static void incoming(struct fl_context *c, struct draft *d, const struct fl_statement_item *item,
                     uint32_t line, int64_t minor, int64_t base)
{
    uint16_t date =
        fl_policy_push(c->s, fl_statement_line_card(&c->s->store, line)->booking_date);
    uint32_t known = known_receipt(c, item, minor, d->currency);
    if (known != FL_NO_ROW) {
        fl_receipt_status_write(&c->s->store, known)->statement_line = line;
        line_status(c, line, FL_LINE_LINKED, known, date, base);
        d->matched++;
        return;
    }
    char id[FL_ID_BYTES_MAX];
    struct fl_named_list named;
    fl_receipt_name(c, item->references, d->currency, &named);
    bool sure = is_sure(c, &named, item, minor, d->currency);
    size_t id_length = line_id(c, d->account, item, line, id);
    struct fl_receipt_draft draft = {
        .id = id,
        .id_hash = fl_key_hash(c->s, FL_INDEX_RECEIPT, id, id_length),
        .id_length = id_length,
        .amount_minor = minor,
        .base_minor = base,
        .customer = sure ? named.customer : FL_NO_ROW,
        .account = d->account,
        .statement_line = line,
        .date = date,
        .currency = d->currency,
        .text = item->text,
        .payer_name = item->payer.name,
        .payer_account = item->payer.account,
    };
    uint32_t receipt = fl_receipt_add(c, &draft);
    if (sure) {
        fl_receipt_settle(c, receipt, &named);
        d->matched++;
    } else {
        fl_receipt_status_write(&c->s->store, receipt)->reason =
            named.count > 0   ? FL_REASON_CONTRADICTION
            : named.several   ? FL_REASON_AMBIGUOUS
                              : FL_REASON_NO_REFERENCE;
    }
    line_status(c, line, FL_LINE_RECEIPT, receipt, date, base);
}

/* A credit taken back names what it had paid: the newest standing receipt of that amount on it. */
static uint32_t receipt_taken_back(struct fl_context *c, const struct fl_statement_item *item,
                                   int64_t amount, uint8_t currency)
{
    struct fl_named_list named;
    fl_receipt_name(c, item->references, currency, &named);
    for (uint32_t i = 0; i < named.count; i++) {
        for (uint32_t row = fl_invoice_money(&c->s->store, c->s->scratch[i])->last_movement;
             row != FL_NO_ROW; row = fl_movement_row(&c->s->store, row)->prev_of_invoice) {
            const struct fl_movement_row *move = fl_movement_row(&c->s->store, row);
            if (move->kind == FL_MOVE_APPLY_RECEIPT && fl_receivable_stands(&c->s->store, row) &&
                fl_receipt_card(&c->s->store, move->source)->amount_minor == amount &&
                fl_receipt_refundable(&c->s->store, move->source) >= amount)
                return move->source;
        }
    }
    return FL_NO_ROW;
}

static void outgoing(struct fl_context *c, struct draft *d, const struct fl_statement_item *item,
                     uint32_t line, int64_t minor, int64_t base)
{
    uint16_t date =
        fl_policy_push(c->s, fl_statement_line_card(&c->s->store, line)->booking_date);
    uint32_t receipt = FL_NO_ROW;
    if (item->reversal == FL_CHOICE_YES)
        receipt = receipt_taken_back(c, item, -minor, d->currency);
    if (receipt == FL_NO_ROW) {
        line_status(c, line, FL_LINE_SUSPENSE, FL_NO_ROW, date, base);
        return;
    }
    char id[FL_ID_BYTES_MAX];
    size_t length = line_id(c, d->account, item, line, id);
    uint32_t event = fl_receipt_return(c, id, length, receipt, -minor, 0, d->account, date, line, 0,
                                       (struct fl_text){0, 0});
    line_status(c, line, FL_LINE_RETURN, event, date, base);
    d->matched++;
}

static enum fl_status line_book(struct fl_context *c, struct draft *d, uint32_t statement,
                                const struct fl_statement_item *items, uint32_t i)
{
    const struct fl_statement_item *item = &items[i];
    int64_t minor = line_minor(item, d->currency), base;
    uint64_t *contents = (uint64_t *)c->s->scratch + FL_SCRATCH_ROWS / 4;
    contents[i] = line_content(c, d->account, item, minor);
    uint64_t identity = line_identity(contents, i, item);
    if (fl_find_statement_line(c->s, identity) != FL_NO_ROW) {
        d->known++;
        return FL_OK;
    }
    FL_TRY(fl_receipt_rate(c, d->currency, item->booking_date, NULL, minor, &base));
    uint32_t line = line_add(c, d, statement, item, minor, identity);
    d->added++;
    if (minor > 0 && item->reversal != FL_CHOICE_YES)
        incoming(c, d, item, line, minor, base);
    else
        outgoing(c, d, item, line, minor, base);
    return FL_OK;
}

/* ---- the statement --------------------------------------------------------------------------------- */

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
    fl_index_put(c->s, FL_INDEX_STATEMENT,
                 fl_key_hash(c->s, FL_INDEX_STATEMENT, id, c->command->id.length) + d->account,
                 row);
    return row;
}

/* Row 26: the first statement of an account brings its opening, the day before its first line. */
static enum fl_status opening_book(struct fl_context *c, const struct draft *d)
{
    const struct fl_bank_account_live *old = fl_bank_account_live(&c->s->store, d->account);
    if (old->opening_date != FL_DATE_NONE || old->last_statement != FL_NO_ROW ||
        !(d->opening_given || d->closing_given) || d->opening == 0)
        return FL_OK;
    uint16_t day = d->from > 1 ? (uint16_t)(d->from - 1) : c->s->business_date;
    int64_t base;
    FL_TRY(fl_receipt_rate(c, d->currency, c->s->business_date, NULL, d->opening, &base));
    struct fl_bank_account_live *live = fl_bank_account_live_write(&c->s->store, d->account);
    live->opening_minor = d->opening;
    live->opening_base_minor = base;
    live->opening_seq = c->s->seq;
    live->opening_by_statement = 1;
    live->opening_date = fl_policy_push(c->s, day);
    struct fl_entry entry;
    fl_posting_bank_opening(&c->s->store, d->account, &entry);
    fl_post_entry(c->s, &entry);
    return FL_OK;
}

enum fl_status fl_apply_statement(struct fl_context *c)
{
    const struct fl_command_statement *b = fl_command_body(c->command);
    const char *account = fl_command_text(c->command, b->account);
    struct draft d = {.account = fl_find_bank_account(c->s, account, b->account.length)};
    FL_TRY(draft_read(c, b, &d));
    if (d.account == FL_NO_ROW)
        d.account = fl_bank_account_add(c->s, account, b->account.length, d.currency);
    else if (fl_bank_account_live(&c->s->store, d.account)->currency != d.currency)
        return fl_refuse(c, FL_CURRENCY_DIFFERS, "currency", fl_currency_code(d.currency), 3);
    if (b->lines.count == 0 &&
        fl_find_statement(c->s, d.account, fl_command_text(c->command, c->command->id),
                          c->command->id.length) != FL_NO_ROW)
        return FL_DUPLICATE;
    FL_TRY(opening_book(c, &d));
    uint32_t statement = statement_add(c, &d);
    const struct fl_statement_item *items = fl_command_list(c->command, b->lines);
    for (uint32_t i = 0; i < b->lines.count; i++)
        FL_TRY(line_book(c, &d, statement, items, i));
    fl_statement_card_new(&c->s->store, statement)->line_count = d.added;
    c->made_row = statement;
    c->values[0] = (int64_t)d.known << 32 | d.added;
    c->values[1] = d.matched;
    /* Nothing of it is new: a duplicate, taken back whole by the undo mark. */
    return d.added == 0 && b->lines.count > 0 ? FL_DUPLICATE : FL_OK;
}
