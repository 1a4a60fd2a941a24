/* Masters: book, customer, product, bank account, rates. Versioned: the same content again is a
 * duplicate, other content a new version that touches nothing already issued. */
#include "core/domain/bank_opening.h"
#include "core/domain/payer_account.h"
#include "core/domain/posting_rules.h"
#include "core/domain/state.h"
#include "core/domain/statement_line.h"

#define BODY(type) const struct fl_command_##type *b = fl_command_body(c->command)
#define TEXT(field) fl_command_text(c->command, b->field), b->field.length

/* ---- book ------------------------------------------------------------------------------------ */

/* A book sent again with the `next` that it began with does not count its series anew: under the same prefix the
 * counter only goes forward. */
static void series_set(const struct fl_command *command, const struct fl_series *series,
                       char *prefix, uint8_t *prefix_length, uint8_t *digits, int64_t *next)
{
    const char *given = fl_command_text(command, series->prefix);
    bool other = series->prefix.length > 0 &&
                 (series->prefix.length != *prefix_length || memcmp(given, prefix, *prefix_length));
    int64_t wanted = (int64_t)series->next - 1;
    if (series->next != FL_OPTIONAL_NONE && (other || wanted > *next))
        *next = wanted;
    if (series->prefix.length > 0) {
        memcpy(prefix, fl_command_text(command, series->prefix), series->prefix.length);
        *prefix_length = (uint8_t)series->prefix.length;
    }
    if (series->digits != FL_OPTIONAL_NONE)
        *digits = (uint8_t)(series->digits - 1);
}

/* A prefix begins ids, and an id has no control characters: `log` must be readable again. */
static bool is_prefix(const struct fl_command *command, struct fl_text prefix)
{
    const char *text = fl_command_text(command, prefix);
    for (uint32_t i = 0; i < prefix.length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return false;
    }
    return true;
}

/* An optional number that fits a byte: value + 1. */
static bool is_small(uint32_t number)
{
    return number <= UINT8_MAX + 1u;
}

static enum fl_status auto_match_check(struct fl_context *c, const struct fl_auto_match *m)
{
    int64_t lambda = 0;
    if (!is_small(m->auto_points) || !is_small(m->propose) || !is_small(m->margin) ||
        !is_small(m->sum_items) || !is_small(m->sum_open))
        return fl_refuse(c, FL_OUT_OF_RANGE, "auto_match", NULL, 0);
    if (m->lambda.state != FL_DECIMAL_VALUE)
        return FL_OK;
    enum fl_status status = fl_decimal_scale(m->lambda, 6, &lambda);
    if (status == FL_OK && (lambda < 0 || lambda > UINT16_MAX))
        status = FL_OUT_OF_RANGE;
    return status == FL_OK ? FL_OK
                           : fl_refuse_decimal(c, status, "auto_match.lambda", m->lambda);
}

static enum fl_status book_check(struct fl_context *c, const struct fl_command_book *b)
{
    const struct fl_book_settings *old = fl_book(c->s);
    bool entries = fl_book_counters(&c->s->store, 0)->entries;
    bool zone_differs =
        b->time_zone.length > 0 &&
        (b->time_zone.length != old->time_zone_length ||
         memcmp(fl_command_text(c->command, b->time_zone), old->time_zone, b->time_zone.length));
    if (entries && b->base_currency && b->base_currency != old->base_currency)
        return fl_refuse_state(c, "base_currency", (struct fl_text){0, 0}, "in use");
    if (entries && zone_differs)
        return fl_refuse_state(c, "time_zone", (struct fl_text){0, 0}, "in use");
    if (b->invoice_series.digits > 13 || b->credit_series.digits > 13)
        return fl_refuse(c, FL_BAD_VALUE, "invoice_series.digits", NULL, 0);
    if (!is_prefix(c->command, b->invoice_series.prefix))
        return fl_refuse(c, FL_BAD_VALUE, "invoice_series.prefix", NULL, 0);
    if (!is_prefix(c->command, b->credit_series.prefix))
        return fl_refuse(c, FL_BAD_VALUE, "credit_series.prefix", NULL, 0);
    if (b->net_days > 3661 || b->key_days > 3661)
        return fl_refuse(c, FL_OUT_OF_RANGE, b->net_days > 3661 ? "net_days" : "key_days", NULL, 0);
    if (b->reservation_days > 3661)
        return fl_refuse(c, FL_OUT_OF_RANGE, "reservation_days", NULL, 0);
    const struct fl_bucket *buckets = fl_command_list(c->command, b->buckets);
    for (uint32_t i = 0; i < b->buckets.count; i++) {
        if (buckets[i].days == 0 || buckets[i].days > 3660 ||
            (i > 0 && buckets[i].days <= buckets[i - 1].days))
            return fl_refuse(c, FL_BAD_VALUE, "buckets", NULL, 0);
    }
    const struct fl_currency_amount *tolerances = fl_command_list(c->command, b->tolerances);
    for (uint32_t i = 0; i < b->tolerances.count; i++) {
        int64_t minor;
        FL_TRY(fl_money(c, "tolerances", tolerances[i].amount, tolerances[i].currency, false,
                        &minor));
    }
    return auto_match_check(c, &b->auto_match);
}

static void book_lists(struct fl_context *c, const struct fl_command_book *b,
                       struct fl_book_settings *book)
{
    const struct fl_bucket *buckets = fl_command_list(c->command, b->buckets);
    if (b->buckets.count > 0) {
        memset(book->buckets, 0, sizeof book->buckets);
        book->bucket_count = (uint8_t)b->buckets.count;
        for (uint32_t i = 0; i < b->buckets.count; i++)
            book->buckets[i] = (uint16_t)buckets[i].days;
    }
    const struct fl_currency_amount *tolerances = fl_command_list(c->command, b->tolerances);
    if (b->tolerances.count > 0) {
        memset(book->tolerance_minor, 0, sizeof book->tolerance_minor);
        memset(book->tolerance_currency, 0, sizeof book->tolerance_currency);
        book->tolerance_count = (uint8_t)b->tolerances.count;
        for (uint32_t i = 0; i < b->tolerances.count; i++) {
            book->tolerance_currency[i] = tolerances[i].currency;
            enum fl_status status =
                fl_decimal_scale(tolerances[i].amount, fl_currency_exponent(tolerances[i].currency),
                                 &book->tolerance_minor[i]);
            FL_ASSERT(status == FL_OK);
        }
    }
}

static void number_set(uint8_t *out, uint32_t number)
{
    if (number != FL_OPTIONAL_NONE)
        *out = (uint8_t)(number - 1);
}

static void auto_match_set(const struct fl_auto_match *m, struct fl_book_settings *book)
{
    int64_t lambda;
    number_set(&book->auto_points, m->auto_points);
    number_set(&book->propose_points, m->propose);
    number_set(&book->match_margin, m->margin);
    number_set(&book->sum_items, m->sum_items);
    number_set(&book->sum_open, m->sum_open);
    if (m->oldest_first != FL_CHOICE_ABSENT)
        book->oldest_first = m->oldest_first == FL_CHOICE_YES;
    if (m->lambda.state != FL_DECIMAL_VALUE)
        return;
    enum fl_status status = fl_decimal_scale(m->lambda, 6, &lambda);
    FL_ASSERT(status == FL_OK); /* it was checked */
    book->lambda_e6 = (uint16_t)lambda;
}

#define SET(member)                                                                               \
    do {                                                                                          \
        if (b->member)                                                                            \
            book->member = b->member;                                                             \
    } while (0)

enum fl_status fl_apply_book(struct fl_context *c)
{
    BODY(book);
    uint64_t hash = fl_content_hash(c->command);
    if (fl_book(c->s)->content_hash == hash)
        return FL_DUPLICATE;
    FL_TRY(book_check(c, b));
    struct fl_book_settings *book = fl_book_settings_write(&c->s->store, 0);
    struct fl_book_counters *counters = fl_book_counters_write(&c->s->store, 0);
    SET(base_currency);
    SET(tax_rounding);
    SET(rounding);
    SET(invoice_on);
    SET(confirm);
    SET(discount_tax);
    SET(prices);
    if (b->net_days != FL_OPTIONAL_NONE)
        book->net_days = (uint16_t)(b->net_days - 1);
    if (b->key_days != FL_OPTIONAL_NONE)
        book->key_days = (uint16_t)(b->key_days - 1);
    if (b->reservation_days != FL_OPTIONAL_NONE) /* 0: they do not expire */
        book->reservation_days = (uint16_t)(b->reservation_days - 1);
    if (b->time_zone.length > 0) {
        memset(book->time_zone, 0, sizeof book->time_zone);
        memcpy(book->time_zone, TEXT(time_zone));
        book->time_zone_length = (uint8_t)b->time_zone.length;
    }
    series_set(c->command, &b->invoice_series, book->invoice_prefix, &book->invoice_prefix_length,
               &book->invoice_digits, &counters->invoice_next);
    series_set(c->command, &b->credit_series, book->credit_prefix, &book->credit_prefix_length,
               &book->credit_digits, &counters->credit_next);
    book_lists(c, b, book);
    auto_match_set(&b->auto_match, book);
    book->content_hash = hash;
    return FL_OK;
}

/* ---- customer --------------------------------------------------------------------------------- */

#define PARENTS_MAX 8

/* A parent must exist, have the same currency, and not be below the customer itself. */
static enum fl_status parent_check(struct fl_context *c, const struct fl_command_customer *b,
                                   uint32_t self, uint32_t *parent_out)
{
    *parent_out = FL_NO_ROW;
    if (b->parent.length == 0)
        return FL_OK;
    uint32_t parent = fl_find_customer(c->s, TEXT(parent));
    if (parent == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "parent", b->parent);
    if (fl_customer_account(&c->s->store, parent)->currency != b->currency)
        return fl_refuse_currency(c, "parent",
                                  fl_customer_account(&c->s->store, parent)->currency, b->currency);
    unsigned depth = 0;
    for (uint32_t up = parent; up != FL_NO_ROW;
         up = fl_customer_profile(&c->s->store, up)->parent) {
        if (up == self || ++depth > PARENTS_MAX)
            return fl_refuse_state(c, "parent", b->parent, "below it");
    }
    *parent_out = parent;
    return FL_OK;
}

static enum fl_status customer_check(struct fl_context *c, const struct fl_command_customer *b,
                                     int64_t *limit_out, int64_t *percent_e7_out)
{
    *limit_out = *percent_e7_out = 0;
    if (b->credit_limit.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "credit_limit", b->credit_limit, b->currency, false, limit_out));
    if (b->discount.percent.state == FL_DECIMAL_VALUE) {
        enum fl_status status = fl_decimal_scale(b->discount.percent, 7, percent_e7_out);
        if (status == FL_OK && (*percent_e7_out < 0 || *percent_e7_out > 1000000000))
            status = FL_OUT_OF_RANGE;
        if (status != FL_OK)
            return fl_refuse_decimal(c, status, "discount.percent", b->discount.percent);
    }
    if (b->net_days > 3661 || b->discount.days > 3661 || b->discount.grace_days > 3661)
        return fl_refuse(c, FL_OUT_OF_RANGE, b->net_days > 3661 ? "net_days" : "discount.days",
                         NULL, 0);
    return FL_OK;
}

static struct fl_text_ref accounts_put(struct fl_context *c, const struct fl_command_customer *b)
{
    char joined[FL_TEXT_BYTES_MAX];
    size_t length = 0;
    const struct fl_text_item *items = fl_command_list(c->command, b->bank_accounts);
    for (uint32_t i = 0; i < b->bank_accounts.count; i++) {
        if (length + items[i].text.length + 1 > sizeof joined)
            break;
        if (length > 0)
            joined[length++] = '\n';
        memcpy(joined + length, fl_command_text(c->command, items[i].text), items[i].text.length);
        length += items[i].text.length;
    }
    return fl_text_put(c->s, FL_TABLE_personal, joined, length);
}

static void customer_profile_set(struct fl_context *c, uint32_t row, uint32_t parent,
                                 int64_t percent_e7, uint64_t hash)
{
    BODY(customer);
    struct fl_customer_profile profile = {
        .name = fl_text_put(c->s, FL_TABLE_personal, TEXT(name)),
        .email = fl_text_put(c->s, FL_TABLE_personal, TEXT(email)),
        .tax_id = fl_text_put(c->s, FL_TABLE_text, TEXT(tax_id)),
        .segment = fl_text_put(c->s, FL_TABLE_text, TEXT(segment)),
        .accounts = accounts_put(c, b),
        .content_hash = hash,
        .parent = parent,
        .discount_percent_e7 = (uint32_t)percent_e7,
        .net_days = (uint16_t)(b->net_days ? b->net_days - 1 : 0),
        .net_days_given = b->net_days != FL_OPTIONAL_NONE,
        .discount_days = (uint16_t)(b->discount.days ? b->discount.days - 1 : 0),
        .grace_days = (uint16_t)(b->discount.grace_days ? b->discount.grace_days - 1 : 0),
        .version_seq = c->s->seq,
    };
    memcpy(profile.country, fl_command_text(c->command, b->country), b->country.length);
    memcpy(profile.language, fl_command_text(c->command, b->language), b->language.length);
    *fl_customer_profile_write(&c->s->store, row) = profile;
}

static void customer_account_set(struct fl_context *c, uint32_t row, int64_t limit)
{
    BODY(customer);
    struct fl_customer_account *account = fl_customer_account_write(&c->s->store, row);
    account->currency = b->currency;
    account->hold = b->hold == FL_CHOICE_YES;
    account->limit_minor = limit;
    account->limit_kind = b->credit_limit.state == FL_DECIMAL_VALUE  ? FL_LIMIT_AMOUNT
                          : b->credit_limit.state == FL_DECIMAL_NULL ? FL_LIMIT_UNLIMITED
                                                                     : FL_LIMIT_INHERITED;
}

static uint32_t customer_add(struct fl_context *c)
{
    uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_customer);
    struct fl_customer_card *card = fl_customer_card_new(&c->s->store, row);
    const char *id = fl_command_text(c->command, c->command->id);
    size_t length = c->command->id.length;
    fl_id_set(c->s, &card->id, id, length);
    card->seq = c->s->seq;
    struct fl_customer_account *account = fl_customer_account_write(&c->s->store, row);
    account->last_invoice = account->last_receipt = account->last_credit_note = FL_NO_ROW;
    fl_index_put(c->s, FL_INDEX_CUSTOMER, fl_key_hash(c->s, FL_INDEX_CUSTOMER, id, length), row);
    return row;
}

enum fl_status fl_apply_customer(struct fl_context *c)
{
    BODY(customer);
    uint64_t hash = fl_content_hash(c->command);
    uint32_t row = fl_find_customer(c->s, fl_command_text(c->command, c->command->id),
                                    c->command->id.length);
    if (row != FL_NO_ROW && fl_customer_profile(&c->s->store, row)->content_hash == hash) {
        c->made_row = row;
        c->result->seq = fl_customer_profile(&c->s->store, row)->version_seq;
        return FL_DUPLICATE;
    }
    uint32_t parent;
    int64_t limit, percent_e7;
    FL_TRY(customer_check(c, b, &limit, &percent_e7));
    if (row != FL_NO_ROW && fl_customer_account(&c->s->store, row)->currency != b->currency)
        return fl_refuse_currency(c, "currency", b->currency,
                                  fl_customer_account(&c->s->store, row)->currency);
    FL_TRY(parent_check(c, b, row, &parent));
    if (row == FL_NO_ROW)
        row = customer_add(c);
    struct fl_text_ref accounts = fl_customer_profile(&c->s->store, row)->accounts;
    customer_profile_set(c, row, parent, percent_e7, hash);
    fl_payer_account_declare(c->s, row, accounts, fl_customer_profile(&c->s->store, row)->accounts);
    customer_account_set(c, row, limit);
    c->made_row = row;
    return FL_OK;
}

/* ---- product ---------------------------------------------------------------------------------- */

static enum fl_status scaled(struct fl_context *c, const char *field, struct fl_decimal value,
                             unsigned decimals, int64_t max, int64_t *out)
{
    *out = 0;
    if (value.state != FL_DECIMAL_VALUE)
        return FL_OK;
    enum fl_status status = fl_decimal_scale(value, decimals, out);
    if (status == FL_OK && *out < 0)
        status = FL_BAD_VALUE;
    if (status == FL_OK && *out > max)
        status = FL_OUT_OF_RANGE;
    return status == FL_OK ? FL_OK : fl_refuse_decimal(c, status, field, value);
}

static uint32_t product_add(struct fl_context *c)
{
    uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_product);
    struct fl_product_card *card = fl_product_card_new(&c->s->store, row);
    const char *id = fl_command_text(c->command, c->command->id);
    size_t length = c->command->id.length;
    fl_id_set(c->s, &card->id, id, length);
    card->seq = c->s->seq;
    fl_index_put(c->s, FL_INDEX_PRODUCT, fl_key_hash(c->s, FL_INDEX_PRODUCT, id, length), row);
    return row;
}

enum fl_status fl_apply_product(struct fl_context *c)
{
    BODY(product);
    uint64_t hash = fl_content_hash(c->command);
    uint32_t row = fl_find_product(c->s, fl_command_text(c->command, c->command->id),
                                   c->command->id.length);
    c->made_row = row;
    if (row != FL_NO_ROW && fl_product_stock(&c->s->store, row)->content_hash == hash) {
        c->result->seq = fl_product_card(&c->s->store, row)->seq;
        return FL_DUPLICATE;
    }
    int64_t price, rate, safety;
    FL_TRY(scaled(c, "price", b->price, FL_PRICE_DECIMALS, FL_AMOUNT_MAX, &price));
    FL_TRY(scaled(c, "tax_rate", b->tax_rate, FL_RATE_DECIMALS, 1000 * FL_PERCENT_ONE, &rate));
    FL_TRY(scaled(c, "safety_stock", b->safety_stock, FL_QUANTITY_DECIMALS, FL_AMOUNT_MAX,
                  &safety));
    if (row == FL_NO_ROW)
        row = product_add(c);
    struct fl_text_ref name = fl_text_put(c->s, FL_TABLE_text, TEXT(name));
    struct fl_product_stock *stock = fl_product_stock_write(&c->s->store, row);
    stock->price_e6 = price;
    stock->tax_rate = rate;
    stock->safety = safety;
    stock->currency = b->currency;
    stock->stock_control = b->stock_control == FL_CHOICE_YES;
    stock->backorder = b->backorder == FL_CHOICE_YES;
    stock->name = name;
    stock->content_hash = hash;
    c->made_row = row;
    return FL_OK;
}

/* ---- stock ------------------------------------------------------------------------------------ */

enum fl_status fl_apply_stock(struct fl_context *c)
{
    BODY(stock);
    uint32_t row = fl_find_product(c->s, TEXT(product));
    int64_t quantity;
    enum fl_status status = fl_decimal_scale(b->quantity, FL_QUANTITY_DECIMALS, &quantity);
    if (status == FL_OK && (quantity > FL_AMOUNT_MAX || quantity < -FL_AMOUNT_MAX))
        status = FL_OUT_OF_RANGE;
    if (status == FL_OK && ((b->kind == FL_STOCK_RECEIVE && quantity <= 0) ||
                            (b->kind == FL_STOCK_COUNT && quantity < 0)))
        status = FL_BAD_VALUE;
    if (status != FL_OK)
        return fl_refuse_decimal(c, status, "quantity", b->quantity);
    if (row == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "product", b->product);
    FL_TRY(fl_policy_date(c));
    const struct fl_product_stock *now = fl_product_stock(&c->s->store, row);
    int64_t on_hand = b->kind == FL_STOCK_COUNT ? quantity : now->on_hand + quantity;
    if (on_hand > FL_AMOUNT_MAX || on_hand < -FL_AMOUNT_MAX)
        return fl_refuse_decimal(c, FL_OUT_OF_RANGE, "quantity", b->quantity);
    struct fl_product_stock *stock = fl_product_stock_write(&c->s->store, row);
    stock->on_hand = on_hand;
    fl_fold(c->s, (uint64_t)on_hand);
    c->made_row = row;
    c->values[0] = on_hand;
    c->values[1] = on_hand - stock->reserved - stock->safety;
    return FL_OK;
}

/* ---- bank account ------------------------------------------------------------------------------ */

/* D2 row 26: the opening stands on the day before the first line; without lines, on the business
 * date. */
static enum fl_status opening_set(struct fl_context *c, uint32_t row, int64_t opening_minor)
{
    const struct fl_bank_account_live *old = fl_bank_account_live(&c->s->store, row);
    if (old->opening_date != FL_DATE_NONE)
        return opening_minor == old->opening_minor
                   ? FL_OK
                   : fl_refuse_state(c, "opening", (struct fl_text){0, 0}, "booked");
    int64_t base, rate = 0;
    if (old->currency != fl_book(c->s)->base_currency) {
        rate = fl_policy_rate(c->s, old->currency, c->s->business_date);
        if (rate == 0)
            return fl_refuse_rate(c, old->currency, c->s->business_date);
    }
    FL_TRY(fl_policy_to_base(c->s, opening_minor, old->currency, rate, &base));
    fl_opening_give(c, row, opening_minor, base);
    return FL_OK;
}

uint32_t fl_bank_account_add(struct fl_state *s, const char *id, size_t length, uint8_t currency)
{
    uint32_t row = fl_store_add_row(&s->store, FL_TABLE_bank_account);
    struct fl_bank_account_card *card = fl_bank_account_card_new(&s->store, row);
    fl_id_set(s, &card->id, id, length);
    card->seq = s->seq;
    struct fl_bank_account_live *live = fl_bank_account_live_write(&s->store, row);
    live->currency = currency;
    live->kind = FL_ACCOUNT_KIND_BANK;
    live->last_statement = FL_NO_ROW;
    fl_index_put(s, FL_INDEX_BANK_ACCOUNT, fl_key_hash(s, FL_INDEX_BANK_ACCOUNT, id, length),
                 row);
    return row;
}

enum fl_status fl_apply_bank_account(struct fl_context *c)
{
    BODY(bank_account);
    uint64_t hash = fl_content_hash(c->command);
    const char *id = fl_command_text(c->command, c->command->id);
    uint32_t row = fl_find_bank_account(c->s, id, c->command->id.length);
    c->made_row = row;
    if (row != FL_NO_ROW && fl_bank_account_live(&c->s->store, row)->content_hash == hash) {
        c->result->seq = fl_bank_account_card(&c->s->store, row)->seq;
        return FL_DUPLICATE;
    }
    int64_t opening = 0;
    enum fl_status status = FL_OK;
    if (b->opening.state == FL_DECIMAL_VALUE)
        status = fl_decimal_scale(b->opening, fl_currency_exponent(b->currency), &opening);
    if (status == FL_OK && (opening > FL_AMOUNT_MAX || opening < -FL_AMOUNT_MAX))
        status = FL_OUT_OF_RANGE;
    if (status != FL_OK)
        return fl_refuse_decimal(c, status, "opening", b->opening);
    if (row != FL_NO_ROW && fl_bank_account_live(&c->s->store, row)->currency != b->currency)
        return fl_refuse_currency(c, "currency", b->currency,
                                  fl_bank_account_live(&c->s->store, row)->currency);
    if (row == FL_NO_ROW)
        row = fl_bank_account_add(c->s, id, c->command->id.length, b->currency);
    if (b->opening.state == FL_DECIMAL_VALUE)
        FL_TRY(opening_set(c, row, opening));
    struct fl_bank_account_live *live = fl_bank_account_live_write(&c->s->store, row);
    live->content_hash = hash;
    live->reversal_flips = b->reversal_flips == FL_CHOICE_YES  ? FL_REVERSAL_FLIPS
                           : b->reversal_flips == FL_CHOICE_NO ? FL_REVERSAL_KEEPS
                                                               : FL_REVERSAL_UNSAID;
    if (b->kind != 0)
        live->kind = b->kind;
    c->made_row = row;
    return FL_OK;
}

/* ---- rates, period ---------------------------------------------------------------------- */

enum fl_status fl_apply_fx_rate(struct fl_context *c)
{
    BODY(fx_rate);
    int64_t rate;
    FL_TRY(scaled(c, "rate", b->rate, FL_RATE_DECIMALS, INT64_C(1000000000000000000), &rate));
    if (rate == 0)
        return fl_refuse_decimal(c, FL_BAD_VALUE, "rate", b->rate);
    if (b->from == b->to)
        return fl_refuse(c, FL_BAD_VALUE, "to", fl_currency_code(b->to), 3);
    for (uint32_t row = c->s->store.rows[FL_TABLE_fx_rate]; row-- > 0;) {
        const struct fl_fx_rate_row *old = fl_fx_rate_row(&c->s->store, row);
        if (old->date == c->command->date && old->from == b->from && old->to == b->to) {
            c->made_row = row;
            if (old->rate != rate)
                break;
            c->result->seq = old->seq;
            return FL_DUPLICATE;
        }
    }
    uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_fx_rate);
    *fl_fx_rate_row_new(&c->s->store, row) = (struct fl_fx_rate_row){
        .rate = rate, .seq = c->s->seq, .date = c->command->date, .from = b->from, .to = b->to};
    c->made_row = row;
    return fl_line_post_waiting(c, FL_NO_ROW);
}

enum fl_status fl_apply_period_close(struct fl_context *c)
{
    BODY(period_close);
    const struct fl_book_counters *now = fl_book_counters(&c->s->store, 0);
    if (b->through >= c->s->business_date)
        return fl_refuse(c, FL_BAD_VALUE, "through", NULL, 0);
    if (b->through <= now->closed_through) {
        c->values[0] = now->closed_through;
        if (b->through == now->closed_through)
            return FL_DUPLICATE;
        fl_result_date(c->result, FL_RESULT_THROUGH, now->closed_through);
        fl_result_date(c->result, FL_RESULT_DATE, b->through);
        return fl_refuse(c, FL_PERIOD_CLOSED, "through", NULL, 0);
    }
    uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_period_close);
    *fl_period_close_row_new(&c->s->store, row) =
        (struct fl_close_row){.seq = c->s->seq, .through = b->through};
    fl_book_counters_write(&c->s->store, 0)->closed_through = b->through;
    c->made_row = row;
    return FL_OK;
}
