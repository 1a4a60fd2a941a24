#include "core/domain/receipt.h"

#include "core/domain/check_digits.h"
#include "core/domain/decision.h"
#include "core/domain/payer_account.h"
#include "core/domain/posting_rules.h"
#include "core/domain/pricing.h"
#include "core/domain/receivable.h"

/* ---- booking ------------------------------------------------------------------------------------ */

enum fl_status fl_receipt_rate(struct fl_context *c, uint8_t currency, uint16_t date,
                               const struct fl_decimal *given, int64_t amount_minor,
                               int64_t *base_out)
{
    int64_t rate = 0;
    if (currency != fl_book(c->s)->base_currency) {
        if (given && given->state == FL_DECIMAL_VALUE)
            FL_TRY(fl_decimal_scale(*given, FL_RATE_DECIMALS, &rate));
        else
            rate = fl_policy_rate(c->s, currency, date);
        if (rate <= 0)
            return fl_refuse_rate(c, currency, date);
    }
    enum fl_status status = fl_policy_to_base(c->s, amount_minor, currency, rate, base_out);
    if (status != FL_OK || *base_out > FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "fx_rate", NULL, 0);
    return FL_OK;
}

static struct fl_text_ref personal(struct fl_context *c, struct fl_text text)
{
    return fl_text_put(c->s, FL_TABLE_personal, fl_command_text(c->command, text), text.length);
}

static void receipt_to_customer(struct fl_state *s, uint32_t receipt, uint32_t customer)
{
    struct fl_customer_account *account = fl_customer_account_write(&s->store, customer);
    fl_receipt_status_write(&s->store, receipt)->prev_of_customer = account->last_receipt;
    account->last_receipt = receipt;
}

uint32_t fl_receipt_add(struct fl_context *c, const struct fl_receipt_draft *d)
{
    struct fl_store *store = &c->s->store;
    uint32_t row = fl_store_add_row(store, FL_TABLE_receipt);
    struct fl_receipt_card *card = fl_receipt_card_new(store, row);
    fl_id_set(c->s, &card->id, d->id, d->id_length);
    card->amount_minor = d->amount_minor;
    card->fee_minor = d->fee_minor;
    card->seq = c->s->seq;
    card->account = d->account;
    card->first_customer = d->customer;
    card->date = d->date;
    card->currency = d->currency;
    struct fl_receipt_cold *cold = fl_receipt_cold_new(store, row);
    cold->content_hash = d->content_hash;
    cold->base_amount_minor = d->base_minor;
    cold->details = FL_NO_ROW;
    cold->text = personal(c, d->text);
    cold->payer_name = personal(c, d->payer_name);
    cold->payer_account = personal(c, d->payer_account);
    cold->method = fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, d->method),
                               d->method.length);
    *fl_receipt_money_write(store, row) = (struct fl_receipt_money){
        .open_minor = d->amount_minor, .last_movement = FL_NO_ROW, .customer = d->customer};
    *fl_receipt_status_write(store, row) = (struct fl_receipt_status){
        .prev_of_customer = FL_NO_ROW,
        .statement_line = d->statement_line,
        .state = d->customer == FL_NO_ROW ? FL_RECEIPT_UNIDENTIFIED : FL_RECEIPT_UNAPPLIED};
    if (d->customer != FL_NO_ROW) {
        receipt_to_customer(c->s, row, d->customer);
        fl_customer_account_write(store, d->customer)->unapplied_minor += d->amount_minor;
    }
    fl_index_put(c->s, FL_INDEX_RECEIPT, d->id_hash, row);
    struct fl_entry entry;
    fl_posting_receipt(store, row, &entry);
    fl_post_entry(c->s, &entry);
    return row;
}

void fl_receipt_identify(struct fl_state *s, uint32_t receipt, uint32_t customer)
{
    struct fl_receipt_money *money = fl_receipt_money_write(&s->store, receipt);
    FL_ASSERT(money->customer == FL_NO_ROW);
    money->customer = customer;
    receipt_to_customer(s, receipt, customer);
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_IDENTIFY;
    move.amount_minor = money->open_minor;
    move.source = receipt;
    move.date = fl_receipt_card(&s->store, receipt)->date;
    if (move.amount_minor > 0)
        fl_receivable_move(s, &move);
    fl_receipt_settle_state(s, receipt);
}

/* ---- cash application ----------------------------------------------------------------------------- */

int64_t fl_receipt_discount(const struct fl_state *s, uint32_t receipt, uint32_t invoice)
{
    return fl_receipt_discount_on(s, fl_receipt_card(&s->store, receipt)->date, invoice);
}

int64_t fl_receipt_discount_on(const struct fl_state *s, uint16_t date, uint32_t invoice)
{
    const struct fl_store *store = &s->store;
    if (!(fl_invoice_money(store, invoice)->flags & FL_INVOICE_HAS_DISCOUNT))
        return 0;
    const struct fl_invoice_extra *extra =
        fl_invoice_extra_row(store, fl_invoice_cold(store, invoice)->extra);
    if (date > extra->discount_until)
        return 0;
    struct fl_invoice_sums sums;
    fl_invoice_sums(store, invoice, &sums);
    if (sums.discount_minor > 0 || sums.written_off_minor > 0)
        return 0;
    int64_t base = fl_invoice_card(store, invoice)->total_minor - sums.own_credit_minor, discount;
    enum fl_status status = fl_price_percent(base, (int64_t)extra->discount_percent_e7 * 1000,
                                             fl_policy_rounding(s), &discount);
    FL_ASSERT(status == FL_OK);
    return fl_min_i64(discount, fl_invoice_money(store, invoice)->open_minor);
}

/* D5.2: the tax part of a discount. */
static int64_t discount_tax(const struct fl_state *s, uint32_t invoice, int64_t discount)
{
    if (fl_book(s)->discount_tax == FL_DISCOUNT_TAX_KEEP || discount == 0)
        return 0;
    int64_t total = fl_invoice_card(&s->store, invoice)->total_minor;
    return fl_price_share(fl_invoice_cold(&s->store, invoice)->tax_minor, discount, total,
                          fl_policy_rounding(s));
}

uint32_t fl_receipt_apply(struct fl_state *s, uint32_t receipt, uint32_t invoice, int64_t cash_minor,
                          int64_t discount_minor, int64_t short_minor, uint16_t given_date,
                          struct fl_grade by)
{
    struct fl_move move = FL_MOVE_INIT;
    uint32_t first = FL_NO_ROW;
    FL_ASSERT(cash_minor >= 0 && discount_minor >= 0 && short_minor >= 0);
    move.invoice = invoice;
    move.date = fl_receivable_date(fl_receipt_card(&s->store, receipt)->date,
                                   fl_invoice_card(&s->store, invoice)->date, given_date);
    move.application = ++fl_receipt_status_write(&s->store, receipt)->applications;
    move.flags = by.flags;
    move.rule = by.rule;
    move.points = by.points;
    /* Discount and difference first: the cash is then what closes the invoice. */
    move.payer = receipt;
    if (discount_minor > 0) {
        move.kind = FL_MOVE_DISCOUNT;
        move.amount_minor = discount_minor;
        move.tax_minor = discount_tax(s, invoice, discount_minor);
        fl_receivable_move(s, &move);
        move.tax_minor = 0;
    }
    if (short_minor > 0) {
        move.kind = FL_MOVE_SHORT;
        move.amount_minor = short_minor;
        fl_receivable_move(s, &move);
    }
    move.payer = FL_NO_ROW;
    if (cash_minor > 0) {
        move.kind = FL_MOVE_APPLY_RECEIPT;
        move.amount_minor = cash_minor;
        move.source = receipt;
        first = fl_receivable_move(s, &move);
    }
    return first;
}

static bool already_named(const struct fl_state *s, uint32_t count, uint32_t invoice)
{
    for (uint32_t i = 0; i < count; i++) {
        if (s->scratch[i] == invoice)
            return true;
    }
    return false;
}

void fl_receipt_name(struct fl_context *c, struct fl_list references, uint8_t currency,
                     struct fl_named_list *named)
{
    const struct fl_text_item *items = fl_command_list(c->command, references);
    *named = (struct fl_named_list){.customer = FL_NO_ROW};
    for (uint32_t i = 0; i < references.count; i++) {
        uint32_t invoice;
        enum fl_named what = fl_find_named_invoice(
            c->s, fl_command_text(c->command, items[i].text), items[i].text.length, &invoice,
            &named->by_reference);
        named->unknown |= what == FL_NAMED_NOTHING;
        named->several |= what == FL_NAMED_SEVERAL;
        if (what != FL_NAMED_ONE || already_named(c->s, named->count, invoice))
            continue;
        c->s->scratch[named->count++] = invoice;
        const struct fl_invoice_card *card = fl_invoice_card(&c->s->store, invoice);
        if (named->customer == FL_NO_ROW && card->currency == currency &&
            fl_invoice_money(&c->s->store, invoice)->open_minor > 0)
            named->customer = card->customer;
    }
}

/* Matching 3: a number with its prefix, or bare and so long. */
static unsigned points_of_number(const char *id, size_t length)
{
    size_t digits = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)id[i];
        if ((uint8_t)((c | 0x20) - 'a') < 26 || c >= 0x80)
            return 60;
        digits += (uint8_t)(c - '0') < 10;
    }
    return digits >= 7 ? 55 : digits >= 5 ? 45 : digits == 4 ? 35 : 20;
}

static bool has_checked_reference(const struct fl_store *store, uint32_t invoice)
{
    uint32_t extra = fl_invoice_cold(store, invoice)->extra;
    if (extra == FL_NO_ROW)
        return false;
    struct fl_text_ref reference = fl_invoice_extra_row(store, extra)->reference;
    return fl_check_any(fl_text_get(store, FL_TABLE_text, reference), reference.length);
}

struct fl_grade fl_receipt_grade(const struct fl_state *s, const struct fl_named_list *named,
                                 enum fl_fit fit)
{
    unsigned text = 0;
    struct fl_grade grade = {.rule = 4};
    for (uint32_t i = 0; i < named->count && text < 60; i++) {
        size_t length;
        const char *id =
            fl_id_get(&s->store, &fl_invoice_card(&s->store, s->scratch[i])->id, &length);
        unsigned points = points_of_number(id, length);
        text = points > text ? points : text;
    }
    if (FL_UNLIKELY(named->by_reference)) {
        text = 60; /* a reference in full */
        for (uint32_t i = 0; i < named->count; i++) {
            if (has_checked_reference(&s->store, s->scratch[i])) {
                text = 70;
                grade.rule = 2;
            }
        }
    }
    if (named->is_ours)
        grade.rule = 1;
    grade.points = (uint8_t)(text + fit + named->payer_points);
    return grade;
}

/* Keeps those that this receipt may settle; says why of the first that it may not. */
static uint32_t keep_settleable(struct fl_context *c, uint32_t receipt, uint32_t count,
                                uint8_t *reason)
{
    struct fl_state *s = c->s;
    const struct fl_receipt_card *card = fl_receipt_card(&s->store, receipt);
    uint32_t customer = fl_receipt_money(&s->store, receipt)->customer, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t invoice = s->scratch[i];
        const struct fl_invoice_card *named = fl_invoice_card(&s->store, invoice);
        uint8_t why = FL_REASON_NONE;
        if (named->customer != customer)
            why = FL_REASON_OTHER_CUSTOMER;
        else if (named->currency != card->currency)
            why = FL_REASON_CURRENCY;
        else if (fl_invoice_money(&s->store, invoice)->open_minor == 0)
            why = FL_REASON_ALREADY_PAID;
        if (why == FL_REASON_NONE)
            s->scratch[kept++] = invoice;
        else if (*reason == FL_REASON_NONE)
            *reason = why;
    }
    return kept;
}

struct set_sums {
    fl_int128 open, discount;
};

static struct set_sums set_sum(const struct fl_state *s, uint32_t receipt, uint32_t count)
{
    struct set_sums sums = {0, 0};
    for (uint32_t i = 0; i < count; i++) {
        sums.open += fl_invoice_money(&s->store, s->scratch[i])->open_minor;
        sums.discount += fl_receipt_discount(s, receipt, s->scratch[i]);
    }
    return sums;
}

/* What is left of the receipt after its last document: within the tolerance it is our small gain. */
static void close_over(struct fl_state *s, uint32_t receipt, int64_t tolerance, uint16_t date)
{
    int64_t rest = fl_receipt_money(&s->store, receipt)->open_minor;
    if (rest == 0 || rest > tolerance)
        return;
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_OVER;
    move.amount_minor = rest;
    move.source = receipt;
    move.date = date;
    move.application = fl_receipt_status(&s->store, receipt)->applications;
    fl_receivable_move(s, &move);
}

/* One document, with what is free of the receipt: whole, whole with the discount, whole within the
 * tolerance, else a part. `may_discount`: the set as a whole is paid at the discounted price. */
/* The usual receipt names one document and pays it to the cent: no discount, tolerance or rest. */
static bool settles_exactly(const struct fl_state *s, uint32_t receipt, uint32_t count)
{
    return count == 1 && fl_invoice_money(&s->store, s->scratch[0])->open_minor ==
                             fl_receipt_money(&s->store, receipt)->open_minor;
}

static void settle_one(struct fl_state *s, uint32_t receipt, uint32_t invoice, bool may_discount,
                       int64_t tolerance, struct fl_grade by)
{
    int64_t open = fl_invoice_money(&s->store, invoice)->open_minor;
    int64_t free = fl_receipt_money(&s->store, receipt)->open_minor;
    int64_t discount = may_discount ? fl_receipt_discount(s, receipt, invoice) : 0;
    if (free == 0) /* an application is cash: nothing is closed by a difference alone */
        return;
    if (discount == open)
        discount = 0;
    int64_t owed = open - discount;
    if (free >= owed)
        fl_receipt_apply(s, receipt, invoice, owed, discount, 0, FL_DATE_NONE, by);
    else if (owed - free <= tolerance)
        fl_receipt_apply(s, receipt, invoice, free, discount, owed - free, FL_DATE_NONE, by);
    else
        fl_receipt_apply(s, receipt, invoice, free, 0, 0, FL_DATE_NONE, by);
}

static enum fl_fit set_fit(fl_int128 open, int64_t free, bool nearly, int64_t tolerance)
{
    fl_int128 apart = open > free ? open - free : free - open;
    if (apart == 0 && !nearly)
        return FL_FIT_EQUAL;
    return nearly || apart <= tolerance ? FL_FIT_NEARLY : FL_FIT_PART;
}

/* Matching 7: a reference whose check digits hold tells whose the account is. */
static void settled_learn(struct fl_state *s, uint32_t receipt, struct fl_grade by)
{
    if (FL_UNLIKELY(by.rule == 2))
        fl_payer_account_learn(s, receipt, fl_receipt_money(&s->store, receipt)->customer,
                               FL_PAYER_SETTLED);
}

void fl_receipt_settle(struct fl_context *c, uint32_t receipt, const struct fl_named_list *named)
{
    struct fl_state *s = c->s;
    uint8_t reason = FL_REASON_NONE;
    struct fl_named_list kept = *named;
    uint32_t count = kept.count = keep_settleable(c, receipt, named->count, &reason);
    if (settles_exactly(s, receipt, count)) {
        struct fl_grade by =
            fl_receipt_grade(s, &kept, named->with_fee ? FL_FIT_NEARLY : FL_FIT_EQUAL);
        fl_receipt_apply(s, receipt, s->scratch[0],
                         fl_receipt_money(&s->store, receipt)->open_minor, 0, 0, FL_DATE_NONE, by);
        settled_learn(s, receipt, by);
        return;
    }
    if (count > 0) {
        int64_t tolerance =
            fl_policy_tolerance(s, fl_receipt_card(&s->store, receipt)->currency);
        struct set_sums sums = set_sum(s, receipt, count);
        int64_t free = fl_receipt_money(&s->store, receipt)->open_minor;
        bool discounted = sums.discount > 0 && free < sums.open &&
                          free + tolerance >= sums.open - sums.discount;
        struct fl_grade by = fl_receipt_grade(
            s, &kept, set_fit(sums.open, free, discounted || named->with_fee, tolerance));
        for (uint32_t i = 0; i < count; i++)
            settle_one(s, receipt, s->scratch[i], discounted, tolerance, by);
        settled_learn(s, receipt, by);
        close_over(s, receipt, tolerance,
                   fl_receivable_date(fl_receipt_card(&s->store, receipt)->date,
                                      fl_invoice_card(&s->store, s->scratch[count - 1])->date,
                                      FL_DATE_NONE));
    }
    if (fl_receipt_money(&s->store, receipt)->open_minor == 0)
        return;
    if (reason == FL_REASON_NONE)
        reason = count > 0         ? FL_REASON_OVERPAID
                 : named->several  ? FL_REASON_AMBIGUOUS
                 : named->unknown  ? FL_REASON_UNKNOWN_REFERENCE
                                   : FL_REASON_NO_REFERENCE;
    fl_receipt_status_write(&s->store, receipt)->reason = reason;
}

/* ---- the commands ---------------------------------------------------------------------------------- */

static enum fl_status draft_read(struct fl_context *c, struct fl_receipt_draft *d)
{
    const struct fl_command_receipt *b = fl_command_body(c->command);
    d->currency = b->currency;
    d->account = d->statement_line = d->customer = FL_NO_ROW;
    d->content_hash = fl_content_hash(c->command);
    d->text = b->text;
    d->payer_name = b->payer.name;
    d->payer_account = b->payer.account;
    d->method = b->method;
    FL_TRY(fl_money(c, "amount", b->amount, b->currency, true, &d->amount_minor));
    if (b->fee.state == FL_DECIMAL_VALUE) {
        FL_TRY(fl_money(c, "fee", b->fee, b->currency, false, &d->fee_minor));
        if (d->fee_minor > d->amount_minor)
            return fl_refuse_decimal(c, FL_BAD_VALUE, "fee", b->fee);
    }
    if (b->customer.length > 0) {
        d->customer =
            fl_find_customer(c->s, fl_command_text(c->command, b->customer), b->customer.length);
        if (d->customer == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "customer", b->customer);
    }
    if (b->account.length > 0) {
        d->account = fl_find_bank_account(c->s, fl_command_text(c->command, b->account),
                                          b->account.length);
        if (d->account == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "account", b->account);
    }
    FL_TRY(fl_policy_date(c));
    d->date = c->command->date;
    uint8_t customers = d->customer == FL_NO_ROW
                            ? d->currency
                            : fl_customer_account(&c->s->store, d->customer)->currency;
    uint8_t accounts = d->account == FL_NO_ROW
                           ? d->currency
                           : fl_bank_account_live(&c->s->store, d->account)->currency;
    if (customers != d->currency || accounts != d->currency)
        return fl_refuse_currency(c, "currency", d->currency,
                                  customers != d->currency ? customers : accounts);
    return fl_receipt_rate(c, d->currency, d->date, &b->fx_rate, d->amount_minor, &d->base_minor);
}

/* Whose money it is that names documents: of the open ones the first decides; where all are closed, the one customer
 * that they all belong to (a second payment of the same invoice is its payer's credit, O16). */
static uint32_t payer_of(const struct fl_state *s, const struct fl_named_list *named,
                         uint8_t currency)
{
    if (named->customer != FL_NO_ROW || named->count == 0 || named->unknown || named->several)
        return named->customer;
    uint32_t customer = fl_invoice_card(&s->store, s->scratch[0])->customer;
    for (uint32_t i = 0; i < named->count; i++) {
        const struct fl_invoice_card *card = fl_invoice_card(&s->store, s->scratch[i]);
        if (card->customer != customer || card->currency != currency)
            return FL_NO_ROW;
    }
    return customer;
}

uint32_t fl_receipt_payer_by_account(const struct fl_context *c, struct fl_text account,
                                     const struct fl_named_list *named, uint8_t currency)
{
    if (account.length == 0)
        return FL_NO_ROW;
    uint32_t customer = fl_payer_account_customer(
        c->s, fl_command_text(c->command, account), account.length);
    if (customer == FL_NO_ROW || fl_customer_account(&c->s->store, customer)->currency != currency)
        return FL_NO_ROW;
    for (uint32_t i = 0; i < named->count; i++) {
        if (fl_invoice_card(&c->s->store, c->s->scratch[i])->customer != customer)
            return FL_NO_ROW;
    }
    return customer;
}

enum fl_status fl_apply_receipt(struct fl_context *c)
{
    const struct fl_command_receipt *b = fl_command_body(c->command);
    struct fl_receipt_draft d = {.id = fl_command_text(c->command, c->command->id),
                                 .id_hash = fl_own_hash(c, FL_INDEX_RECEIPT),
                                 .id_length = c->command->id.length};
    uint32_t row = fl_find_own_receipt(c);
    if (row != FL_NO_ROW) {
        c->made_row = row;
        bool same =
            fl_receipt_cold(&c->s->store, row)->content_hash == fl_content_hash(c->command) &&
            (!(c->command->flags & FL_FLAG_DATE_GIVEN) ||
             c->command->date == fl_receipt_card(&c->s->store, row)->date);
        return same ? FL_DUPLICATE : FL_KEY_REUSED;
    }
    FL_TRY(draft_read(c, &d));
    struct fl_named_list named = {.customer = FL_NO_ROW};
    if (b->references.count > 0)
        fl_receipt_name(c, b->references, d.currency, &named);
    named.payer_points = d.customer != FL_NO_ROW ? FL_POINTS_PAYER_KNOWN : 0;
    if (d.customer == FL_NO_ROW)
        d.customer = payer_of(c->s, &named, d.currency);
    if (d.customer == FL_NO_ROW)
        d.customer = fl_receipt_payer_by_account(c, b->payer.account, &named, d.currency);
    c->made_row = fl_receipt_add(c, &d);
    if (d.customer != FL_NO_ROW || named.count > 0 || named.unknown || named.several)
        fl_receipt_settle(c, c->made_row, &named);
    else
        fl_receipt_status_write(&c->s->store, c->made_row)->reason = FL_REASON_NO_REFERENCE;
    return FL_OK;
}

enum fl_status fl_apply_receipt_assign(struct fl_context *c)
{
    const struct fl_command_receipt_assign *b = fl_command_body(c->command);
    uint32_t receipt =
        fl_find_receipt(c->s, fl_command_text(c->command, b->receipt), b->receipt.length);
    if (receipt == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "receipt", b->receipt);
    uint32_t customer =
        fl_find_customer(c->s, fl_command_text(c->command, b->customer), b->customer.length);
    if (customer == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "customer", b->customer);
    FL_TRY(fl_policy_date(c));
    if (fl_customer_account(&c->s->store, customer)->currency !=
        fl_receipt_card(&c->s->store, receipt)->currency)
        return fl_refuse_currency(c, "customer",
                                  fl_customer_account(&c->s->store, customer)->currency,
                                  fl_receipt_card(&c->s->store, receipt)->currency);
    if (fl_receipt_money(&c->s->store, receipt)->customer != FL_NO_ROW)
        return fl_refuse_state(c, "receipt", b->receipt, "identified");
    fl_receipt_identify(c->s, receipt, customer);
    if (fl_decision_of_person(c->command, b->by, NULL))
        fl_payer_account_learn(c->s, receipt, customer, FL_PAYER_CONFIRMED);
    c->made_row = receipt;
    return FL_OK;
}
