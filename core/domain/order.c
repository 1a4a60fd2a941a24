#include "core/domain/order.h"

#include "core/domain/invoice.h"
#include "core/domain/job.h"
#include "core/domain/pricing.h"

/* ---- exposure --------------------------------------------------------------------------------- */

/* Of the line's gross, the part of its first `quantity` pieces: parts of a line are differences of these (D6), so that
 * they add up to it whatever the rounding. */
static int64_t share_to(const struct fl_order_line_card *card, int64_t quantity,
                        enum fl_rounding rounding)
{
    return fl_price_share(card->gross_minor, quantity, card->quantity, rounding);
}

static bool rest_is_closed(const struct fl_order_live *order)
{
    return order->flags & FL_ORDER_REST_CLOSED;
}

/* What is neither cancelled nor closed (X2). */
static int64_t line_left(const struct fl_order_line_card *card,
                         const struct fl_order_line_live *live, bool closed)
{
    if (FL_UNLIKELY(closed))
        return fl_max_i64(live->shipped, live->invoiced);
    return card->quantity - live->cancelled;
}

static struct fl_line_exposure exposure_of(const struct fl_order_line_card *card,
                                           const struct fl_order_line_live *live, bool closed,
                                           enum fl_rounding rounding)
{
    int64_t gone = fl_max_i64(live->shipped, live->invoiced);
    int64_t left = line_left(card, live, closed);
    int64_t to_left = share_to(card, fl_max_i64(left, gone), rounding);
    int64_t to_gone = share_to(card, gone, rounding);
    return (struct fl_line_exposure){
        .ordered_minor = to_left - to_gone,
        .shipped_minor = to_gone - share_to(card, live->invoiced, rounding),
    };
}

struct fl_line_exposure fl_order_line_exposure(const struct fl_store *store, uint32_t line,
                                               enum fl_rounding rounding)
{
    const struct fl_order_line_card *card = fl_order_line_card(store, line);
    return exposure_of(card, fl_order_line_live(store, line),
                       rest_is_closed(fl_order_live(store, card->order)), rounding);
}

/* Of one line, what is left. */
static int64_t left_of(const struct fl_store *store, uint32_t line,
                       const struct fl_order_line_live *live)
{
    const struct fl_order_line_card *card = fl_order_line_card(store, line);
    return line_left(card, live, rest_is_closed(fl_order_live(store, card->order)));
}

int64_t fl_order_line_open(const struct fl_store *store, uint32_t line)
{
    const struct fl_order_line_live *live = fl_order_line_live(store, line);
    return left_of(store, line, live) - live->shipped;
}

/* Neither shipped nor invoiced. */
static int64_t line_cancellable(const struct fl_store *store, uint32_t line)
{
    const struct fl_order_line_live *live = fl_order_line_live(store, line);
    return left_of(store, line, live) - fl_max_i64(live->shipped, live->invoiced);
}

int64_t fl_order_line_billable(const struct fl_store *store, uint32_t line)
{
    const struct fl_order_line_live *live = fl_order_line_live(store, line);
    return left_of(store, line, live) - live->invoiced;
}

static bool order_counts(const struct fl_order_live *order)
{
    return order->state != FL_ORDER_HELD && order->state != FL_ORDER_REJECTED;
}

void fl_order_line_change(struct fl_state *s, uint32_t line, int64_t shipped, int64_t cancelled,
                          int64_t invoiced)
{
    enum fl_rounding rounding = fl_policy_rounding(s);
    const struct fl_order_line_card *card = fl_order_line_card(&s->store, line);
    const struct fl_order_live *order = fl_order_live(&s->store, card->order);
    bool closed = rest_is_closed(order), counts = order_counts(order);
    struct fl_order_line_live *live = fl_order_line_live_write(&s->store, line);
    struct fl_line_exposure before = exposure_of(card, live, closed, rounding);
    live->shipped += shipped;
    live->cancelled += cancelled;
    live->invoiced += invoiced;
    FL_ASSERT(live->shipped + live->cancelled <= card->quantity);  /* I4 */
    FL_ASSERT(live->invoiced + live->cancelled <= card->quantity); /* I4 */
    fl_fold(s, (uint64_t)live->shipped ^ (uint64_t)live->cancelled << 20);
    if (!counts)
        return;
    struct fl_line_exposure after = exposure_of(card, live, closed, rounding);
    int64_t ordered = after.ordered_minor - before.ordered_minor;
    int64_t moved = after.shipped_minor - before.shipped_minor;
    struct fl_order_live *kept = fl_order_live_write(&s->store, card->order);
    kept->ordered_minor += ordered;
    kept->shipped_minor += moved;
    struct fl_customer_account *account =
        fl_customer_account_write(&s->store, fl_order_card(&s->store, card->order)->customer);
    account->ordered_minor += ordered;
    account->shipped_minor += moved;
    FL_ASSERT(account->ordered_minor >= 0 && account->shipped_minor >= 0); /* I5 */
}

int64_t fl_customer_exposure(const struct fl_customer_account *account)
{
    return account->ordered_minor + account->shipped_minor + account->invoices_minor -
           account->unapplied_minor - account->credits_minor;
}

bool fl_customer_limit(const struct fl_store *store, uint32_t customer, int64_t *limit_out)
{
    for (uint32_t row = customer; row != FL_NO_ROW;) {
        const struct fl_customer_account *account = fl_customer_account(store, row);
        *limit_out = account->limit_minor;
        if (account->limit_kind != FL_LIMIT_INHERITED)
            return account->limit_kind == FL_LIMIT_AMOUNT;
        row = fl_customer_profile(store, row)->parent;
    }
    *limit_out = 0;
    return true;
}

/* ---- order ------------------------------------------------------------------------------------ */

struct draft {
    uint32_t customer, count;
    uint8_t currency, prices;
    int64_t nets, discount, shipping, shipping_rate, tax, total, discount_percent;
    struct fl_order_line_card *lines; /* s->draft_lines */
};

static enum fl_status rate_of(struct fl_context *c, const char *field, struct fl_decimal value,
                              int64_t max, int64_t *out)
{
    enum fl_status status = fl_decimal_scale(value, FL_RATE_DECIMALS, out);
    if (status == FL_OK && *out < 0)
        status = FL_BAD_VALUE;
    if (status == FL_OK && *out > max)
        status = FL_OUT_OF_RANGE;
    return status == FL_OK ? FL_OK : fl_refuse_decimal(c, status, field, value);
}

/* Quantity, price, discount and tax of one line, and its amount before tax and order discount. */
static enum fl_status line_read(struct fl_context *c, struct draft *d,
                                const struct fl_order_item *item, struct fl_order_line_card *line)
{
    memset(line, 0, sizeof *line);
    line->product = fl_find_product(c->s, fl_command_text(c->command, item->product),
                                    item->product.length);
    if (line->product == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "product", item->product);
    const struct fl_product_stock *product = fl_product_stock(&c->s->store, line->product);
    enum fl_status status =
        fl_decimal_scale(item->quantity, FL_QUANTITY_DECIMALS, &line->quantity);
    if (status == FL_OK && line->quantity <= 0)
        status = FL_BAD_VALUE;
    if (status == FL_OK && line->quantity > FL_AMOUNT_MAX)
        status = FL_OUT_OF_RANGE;
    if (status != FL_OK)
        return fl_refuse_decimal(c, status, "quantity", item->quantity);
    line->price_e6 = product->price_e6;
    line->tax_rate = product->tax_rate;
    if (item->price.state == FL_DECIMAL_VALUE) {
        status = fl_decimal_scale(item->price, FL_PRICE_DECIMALS, &line->price_e6);
        if (status == FL_OK && (line->price_e6 > FL_AMOUNT_MAX || line->price_e6 < 0))
            status = line->price_e6 < 0 ? FL_BAD_VALUE : FL_OUT_OF_RANGE;
        if (status != FL_OK)
            return fl_refuse_decimal(c, status, "price", item->price);
    } else if (product->currency != d->currency) {
        return fl_refuse_currency(c, "product", product->currency, d->currency);
    }
    if (item->tax_rate.state == FL_DECIMAL_VALUE)
        FL_TRY(rate_of(c, "tax_rate", item->tax_rate, 1000 * FL_PERCENT_ONE, &line->tax_rate));
    if (item->discount_percent.state == FL_DECIMAL_VALUE)
        FL_TRY(rate_of(c, "discount_percent", item->discount_percent, 100 * FL_PERCENT_ONE,
                       &line->discount_percent));
    status = fl_price_line(line->quantity, line->price_e6, line->discount_percent,
                           fl_currency_exponent(d->currency), fl_policy_rounding(c->s),
                           &line->net_minor);
    if (status != FL_OK || line->net_minor > FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "quantity", NULL, 0);
    return FL_OK;
}

/* Shares out the order's discount, then the tax (D6). With prices that include tax, net_minor becomes
 * the amount without it. */
static enum fl_status draft_total(struct fl_context *c, struct draft *d)
{
    enum fl_rounding rounding = fl_policy_rounding(c->s);
    struct fl_taxed *taxed = c->s->draft_taxed;
    int64_t tax_inside = 0, tax;
    d->nets = 0;
    for (uint32_t i = 0; i < d->count; i++)
        d->nets += d->lines[i].net_minor;
    FL_TRY(fl_price_percent(d->nets, d->discount_percent, rounding, &d->discount));
    int64_t *weights = c->s->draft_weights, *shares = c->s->draft_shares;
    for (uint32_t i = 0; i < d->count; i++)
        weights[i] = d->lines[i].net_minor;
    fl_price_allocate(d->discount, weights, d->count, shares);
    for (uint32_t i = 0; i < d->count; i++) {
        struct fl_order_line_card *line = &d->lines[i];
        line->share_minor = shares[i];
        int64_t amount = line->net_minor - line->share_minor;
        if (d->prices == FL_PRICES_GROSS) {
            FL_TRY(fl_price_tax_inside(amount, line->tax_rate, rounding, &tax));
            tax_inside += tax;
        }
        taxed[i] = (struct fl_taxed){amount, line->tax_rate};
    }
    taxed[d->count] = (struct fl_taxed){d->shipping, d->shipping_rate};
    int64_t amounts = d->nets - d->discount;
    if (d->prices == FL_PRICES_GROSS) {
        FL_TRY(fl_price_tax_inside(d->shipping, d->shipping_rate, rounding, &tax));
        d->tax = tax_inside + tax;
        d->total = amounts + d->shipping;
    } else {
        FL_TRY(fl_price_tax(taxed, d->count + 1, fl_book(c->s)->tax_rounding, rounding, &d->tax));
        d->total = amounts + d->shipping + d->tax;
    }
    for (uint32_t i = 0; i < d->count; i++)
        weights[i] = taxed[i].net_minor;
    fl_price_allocate(d->total, weights, d->count, shares);
    for (uint32_t i = 0; i < d->count; i++)
        d->lines[i].gross_minor = shares[i];
    return FL_OK;
}

static enum fl_status draft_read(struct fl_context *c, struct draft *d)
{
    const struct fl_command_order *b = fl_command_body(c->command);
    memset(d, 0, sizeof *d);
    d->customer =
        fl_find_customer(c->s, fl_command_text(c->command, b->customer), b->customer.length);
    if (d->customer == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "customer", b->customer);
    uint8_t own = fl_customer_account(&c->s->store, d->customer)->currency;
    d->currency = b->currency ? b->currency : own;
    d->prices = b->prices ? b->prices : fl_book(c->s)->prices;
    d->count = b->lines.count;
    d->lines = c->s->draft_lines;
    if (d->count == 0)
        return fl_refuse(c, FL_BAD_VALUE, "lines", NULL, 0);
    if (b->discount_percent.state == FL_DECIMAL_VALUE)
        FL_TRY(rate_of(c, "discount_percent", b->discount_percent, 100 * FL_PERCENT_ONE,
                       &d->discount_percent));
    if (b->shipping.amount.state == FL_DECIMAL_VALUE)
        FL_TRY(fl_money(c, "shipping.amount", b->shipping.amount, d->currency, false,
                        &d->shipping));
    if (b->shipping.tax_rate.state == FL_DECIMAL_VALUE)
        FL_TRY(rate_of(c, "shipping.tax_rate", b->shipping.tax_rate, 1000 * FL_PERCENT_ONE,
                       &d->shipping_rate));
    const struct fl_order_item *items = fl_command_list(c->command, b->lines);
    for (uint32_t i = 0; i < d->count; i++) {
        enum fl_status status = line_read(c, d, &items[i], &d->lines[i]);
        if (status != FL_OK) {
            fl_result_number(c->result, FL_RESULT_LINE, i + 1);
            return status;
        }
    }
    if (d->currency != own)
        return fl_refuse_currency(c, "currency", d->currency, own);
    enum fl_status status = draft_total(c, d);
    if (status != FL_OK || d->total > FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "total", NULL, 0);
    return FL_OK;
}

/* The same product on two lines is summed first: line i counts what lines 0..i want of it. */
static enum fl_status stock_check(struct fl_context *c, const struct fl_order_line_card *lines,
                                  uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct fl_product_stock *stock = fl_product_stock(&c->s->store, lines[i].product);
        if (!stock->stock_control || stock->backorder)
            continue;
        fl_int128 wanted = 0;
        for (uint32_t j = 0; j <= i; j++) {
            if (lines[j].product == lines[i].product)
                wanted += lines[j].quantity;
        }
        int64_t available = stock->on_hand - stock->reserved - stock->safety;
        if (wanted > available) {
            size_t length;
            const char *id =
                fl_id_get(&c->s->store, &fl_product_card(&c->s->store, lines[i].product)->id,
                          &length);
            fl_result_text(c->result, FL_RESULT_PRODUCT, id, length);
            fl_result_quantity(c->result, FL_RESULT_WANTED, (int64_t)wanted);
            fl_result_quantity(c->result, FL_RESULT_AVAILABLE, available);
            return FL_STOCK_SHORT;
        }
    }
    return FL_OK;
}

/* What is open of each line: of an order that was held, a part may be cancelled already. */
static void stock_reserve(struct fl_state *s, const struct fl_order_card *order)
{
    for (uint32_t line = order->line_first; line < order->line_first + order->line_count; line++) {
        uint32_t product = fl_order_line_card(&s->store, line)->product;
        struct fl_product_stock *stock = fl_product_stock_write(&s->store, product);
        stock->reserved += fl_order_line_open(&s->store, line);
        fl_fold(s, (uint64_t)stock->reserved);
    }
}

static bool credit_fits(const struct fl_state *s, uint32_t customer, int64_t more_minor)
{
    int64_t limit;
    if (!fl_customer_limit(&s->store, customer, &limit))
        return true;
    return fl_customer_exposure(fl_customer_account(&s->store, customer)) + more_minor <= limit;
}

static uint32_t order_lines_add(struct fl_context *c, const struct draft *d, uint32_t order)
{
    uint32_t first = fl_store_add_rows(&c->s->store, FL_TABLE_order_line, d->count);
    for (uint32_t i = 0; i < d->count; i++) {
        struct fl_order_line_card *card = fl_order_line_card_new(&c->s->store, first + i);
        *card = d->lines[i];
        card->order = order;
        fl_order_line_link_write(&c->s->store, first + i)->last_invoice_line = FL_NO_ROW;
    }
    return first;
}

static uint32_t order_add(struct fl_context *c, const struct draft *d, bool held)
{
    const struct fl_command_order *b = fl_command_body(c->command);
    const char *id = fl_command_text(c->command, c->command->id);
    uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_order);
    struct fl_order_card *card = fl_order_card_new(&c->s->store, row);
    fl_id_set(c->s, &card->id, id, c->command->id.length);
    card->seq = c->s->seq;
    card->total_minor = d->total;
    card->customer = d->customer;
    card->line_count = (uint16_t)d->count;
    card->date = c->command->date;
    card->promised = b->promised;
    card->currency = d->currency;
    card->placed_credit = held ? FL_CREDIT_HELD : FL_CREDIT_APPROVED;
    card->line_first = order_lines_add(c, d, row);
    *fl_order_cold_new(&c->s->store, row) = (struct fl_order_cold){
        .content_hash = fl_content_hash(c->command),
        .tax_minor = d->tax,
        .shipping_minor = d->shipping,
        .shipping_tax_rate = d->shipping_rate,
        .discount_percent = d->discount_percent,
        .at_us = c->s->at_us,
        .source = fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, b->source),
                              b->source.length),
        .prices = d->prices,
    };
    *fl_order_live_write(&c->s->store, row) = (struct fl_order_live){
        .last_shipment = FL_NO_ROW,
        .last_invoice = FL_NO_ROW,
        .state = held ? FL_ORDER_HELD : FL_ORDER_OPEN,
    };
    fl_index_put(c->s, FL_INDEX_ORDER, fl_own_hash(c, FL_INDEX_ORDER), row);
    return row;
}

/* Takes the order into exposure and stock: placed within the limit, or released. */
static void order_open(struct fl_state *s, uint32_t order)
{
    const struct fl_order_card *card = fl_order_card(&s->store, order);
    struct fl_order_live *live = fl_order_live_write(&s->store, order);
    live->state = FL_ORDER_OPEN;
    live->confirmed = fl_book(s)->confirm != FL_CONFIRM_MANUAL;
    for (uint32_t i = 0; i < card->line_count; i++)
        live->ordered_minor += fl_order_line_exposure(&s->store, card->line_first + i,
                                                      fl_policy_rounding(s))
                                   .ordered_minor;
    fl_customer_account_write(&s->store, card->customer)->ordered_minor += live->ordered_minor;
    stock_reserve(s, card);
    unsigned days = fl_book(s)->reservation_days;
    if (days == 0)
        return;
    live->reserved_until = fl_due_after(s, days);
    if (live->reserved_until != FL_DATE_NONE)
        fl_due_put(s, live->reserved_until, FL_DUE_RESERVATION, order);
}

/* The lines of an order with what is open of each, for another look at the stock. */
static const struct fl_order_line_card *lines_open(struct fl_state *s, uint32_t order)
{
    const struct fl_order_card *card = fl_order_card(&s->store, order);
    for (uint32_t i = 0; i < card->line_count; i++) {
        s->draft_lines[i] = *fl_order_line_card(&s->store, card->line_first + i);
        s->draft_lines[i].quantity = fl_order_line_open(&s->store, card->line_first + i);
    }
    return s->draft_lines;
}

/* invoice_on order: billed when it opens, placed or released. */
static enum fl_status order_bill(struct fl_context *c, uint32_t order)
{
    uint32_t invoice;
    if (fl_book(c->s)->invoice_on != FL_INVOICE_ON_ORDER)
        return FL_OK;
    return fl_invoice_issue(c, order, FL_NO_ROW, c->command->date, &invoice);
}

enum fl_status fl_apply_order(struct fl_context *c)
{
    uint32_t row = fl_find_own_order(c);
    if (row != FL_NO_ROW) {
        c->made_row = row;
        bool same = fl_order_cold(&c->s->store, row)->content_hash == fl_content_hash(c->command);
        return same ? FL_DUPLICATE : FL_KEY_REUSED;
    }
    struct draft d;
    FL_TRY(draft_read(c, &d));
    FL_TRY(fl_policy_date(c));
    if (fl_customer_account(&c->s->store, d.customer)->hold)
        return fl_refuse_text(c, FL_CUSTOMER_HOLD, "customer",
                              ((const struct fl_command_order *)fl_command_body(c->command))
                                  ->customer);
    FL_TRY(stock_check(c, d.lines, d.count));
    bool held = !credit_fits(c->s, d.customer, d.total);
    c->made_row = order_add(c, &d, held);
    fl_fold(c->s, (uint64_t)d.total + held);
    if (held)
        return FL_OK;
    order_open(c->s, c->made_row);
    return order_bill(c, c->made_row);
}

/* ---- confirm, decide, cancel -------------------------------------------------------------------- */

static enum fl_status order_named(struct fl_context *c, struct fl_text id, uint32_t *row_out)
{
    *row_out = fl_find_order(c->s, fl_command_text(c->command, id), id.length);
    if (*row_out == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "order", id);
    c->made_row = *row_out;
    return FL_OK;
}

enum fl_status fl_apply_order_confirm(struct fl_context *c)
{
    const struct fl_command_order_confirm *b = fl_command_body(c->command);
    uint32_t order;
    FL_TRY(order_named(c, b->order, &order));
    FL_TRY(fl_policy_date(c));
    const struct fl_order_live *live = fl_order_live(&c->s->store, order);
    if (live->state != FL_ORDER_OPEN || live->confirmed)
        return fl_refuse_state(c, "order", b->order,
                               live->state == FL_ORDER_OPEN ? "confirmed"
                                                            : fl_order_state_word(live->state));
    fl_order_live_write(&c->s->store, order)->confirmed = 1;
    return FL_OK;
}

enum fl_status fl_apply_credit_decision(struct fl_context *c)
{
    const struct fl_command_credit_decision *b = fl_command_body(c->command);
    uint32_t order;
    FL_TRY(order_named(c, b->order, &order));
    FL_TRY(fl_policy_date(c));
    if (fl_order_live(&c->s->store, order)->state != FL_ORDER_HELD)
        return fl_refuse_state(c, "order", b->order,
                               fl_order_state_word(fl_order_live(&c->s->store, order)->state));
    if (b->decision == FL_DECISION_REJECT) {
        fl_order_live_write(&c->s->store, order)->state = FL_ORDER_REJECTED;
        return FL_OK;
    }
    const struct fl_order_card *card = fl_order_card(&c->s->store, order);
    FL_TRY(stock_check(c, lines_open(c->s, order), card->line_count));
    struct fl_order_live *live = fl_order_live_write(&c->s->store, order);
    live->flags |= FL_ORDER_BY_PERSON;
    live->expires = b->expires;
    order_open(c->s, order);
    return order_bill(c, order);
}

static enum fl_status part_read(struct fl_context *c, uint32_t order,
                                const struct fl_line_part *part, int64_t open_quantity,
                                struct fl_part_line *out)
{
    (void)order;
    enum fl_status status =
        fl_decimal_scale(part->quantity, FL_QUANTITY_DECIMALS, &out->quantity);
    if (status == FL_OK && out->quantity <= 0)
        status = FL_BAD_VALUE;
    if (status != FL_OK) {
        fl_result_number(c->result, FL_RESULT_LINE, part->line);
        return fl_refuse_decimal(c, status, "quantity", part->quantity);
    }
    if (out->quantity > open_quantity) {
        fl_result_number(c->result, FL_RESULT_LINE, part->line);
        fl_result_quantity(c->result, FL_RESULT_WANTED, out->quantity);
        fl_result_quantity(c->result, FL_RESULT_OPEN, open_quantity);
        return FL_EXCEEDS_OPEN;
    }
    return FL_OK;
}

/* A line named twice is summed: what an earlier part took is no longer there for a later one. */
static int64_t taken_before(const struct fl_part_line *parts, uint32_t count, uint32_t line)
{
    int64_t taken = 0;
    for (uint32_t i = 0; i < count; i++)
        taken += parts[i].line == line ? parts[i].quantity : 0;
    return taken;
}

enum fl_status fl_order_parts(struct fl_context *c, uint32_t order, struct fl_list lines,
                              int64_t (*available)(const struct fl_store *store, uint32_t line),
                              struct fl_part_line *out, uint32_t *count_out)
{
    const struct fl_order_card *card = fl_order_card(&c->s->store, order);
    const struct fl_line_part *parts = fl_command_list(c->command, lines);
    uint32_t count = 0;
    for (uint32_t i = 0; i < lines.count; i++) {
        if (parts[i].line == 0 || parts[i].line > card->line_count)
            return fl_refuse(c, FL_BAD_VALUE, "lines.line", NULL, 0);
        uint32_t line = card->line_first + parts[i].line - 1;
        int64_t open = available(&c->s->store, line) - taken_before(out, count, line);
        FL_TRY(part_read(c, order, &parts[i], open, &out[count]));
        out[count++].line = line;
    }
    for (uint32_t i = 0; lines.count == 0 && i < card->line_count; i++) {
        int64_t open = available(&c->s->store, card->line_first + i);
        if (open > 0)
            out[count++] = (struct fl_part_line){.line = card->line_first + i, .quantity = open};
    }
    *count_out = count;
    return count > 0 ? FL_OK : FL_NOTHING_OPEN;
}

void fl_order_settle_state(struct fl_state *s, uint32_t order)
{
    const struct fl_order_card *card = fl_order_card(&s->store, order);
    int64_t open = 0;
    bool shipped = false, left = false;
    for (uint32_t i = 0; i < card->line_count; i++) {
        const struct fl_order_line_live *live =
            fl_order_line_live(&s->store, card->line_first + i);
        open += fl_order_line_open(&s->store, card->line_first + i);
        shipped |= live->shipped > 0;
        left |= live->cancelled < fl_order_line_card(&s->store, card->line_first + i)->quantity;
    }
    bool closed = fl_order_live(&s->store, order)->flags & FL_ORDER_REST_CLOSED;
    uint8_t state = open > 0   ? (shipped ? FL_ORDER_PART_SHIPPED : FL_ORDER_OPEN)
                    : closed          ? FL_ORDER_EXPIRED
                    : shipped || left ? FL_ORDER_SHIPPED
                                      : FL_ORDER_CANCELLED;
    struct fl_order_live *live = fl_order_live_write(&s->store, order);
    if (live->state == FL_ORDER_HELD && state != FL_ORDER_CANCELLED)
        return;
    live->state = state;
}

static void stock_give_back(struct fl_state *s, uint32_t product, int64_t quantity, bool restock)
{
    struct fl_product_stock *stock = fl_product_stock_write(&s->store, product);
    stock->reserved -= quantity;
    if (!restock)
        stock->on_hand -= quantity;
    FL_ASSERT(stock->reserved >= 0); /* I4 */
    fl_fold(s, (uint64_t)stock->reserved ^ (uint64_t)stock->on_hand << 24);
}

void fl_order_expire(struct fl_state *s, uint32_t order)
{
    const struct fl_order_card *card = fl_order_card(&s->store, order);
    struct fl_order_live *live = fl_order_live_write(&s->store, order);
    int64_t closed = 0;
    live->reserved_until = FL_DATE_NONE;
    if (live->state != FL_ORDER_OPEN && live->state != FL_ORDER_PART_SHIPPED)
        return;
    for (uint32_t line = card->line_first; line < card->line_first + card->line_count; line++) {
        int64_t rest = line_cancellable(&s->store, line);
        if (rest > 0)
            stock_give_back(s, fl_order_line_card(&s->store, line)->product, rest, true);
        closed += rest;
    }
    if (closed == 0)
        return; /* all of it is on its way or billed */
    struct fl_customer_account *account = fl_customer_account_write(&s->store, card->customer);
    account->ordered_minor -= live->ordered_minor;
    live->ordered_minor = 0; /* X1: nothing is left beyond what is gone */
    live->flags |= FL_ORDER_REST_CLOSED;
    FL_ASSERT(account->ordered_minor >= 0); /* I5 */
    fl_order_settle_state(s, order);
}

enum fl_status fl_apply_order_cancel(struct fl_context *c)
{
    const struct fl_command_order_cancel *b = fl_command_body(c->command);
    uint32_t order, count = 0;
    FL_TRY(order_named(c, b->order, &order));
    FL_TRY(fl_policy_date(c));
    uint8_t state = fl_order_live(&c->s->store, order)->state;
    if (state == FL_ORDER_REJECTED || state == FL_ORDER_CLOSED)
        return fl_refuse_state(c, "order", b->order, fl_order_state_word(state));
    struct fl_part_line *parts = c->s->draft_parts;
    enum fl_status status =
        fl_order_parts(c, order, b->lines, line_cancellable, parts, &count);
    if (status == FL_NOTHING_OPEN)
        return fl_refuse_text(c, FL_NOTHING_OPEN, "order", b->order);
    FL_TRY(status);
    for (uint32_t i = 0; i < count; i++) {
        fl_order_line_change(c->s, parts[i].line, 0, parts[i].quantity, 0);
        if (state != FL_ORDER_HELD)
            stock_give_back(c->s, fl_order_line_card(&c->s->store, parts[i].line)->product,
                            parts[i].quantity, b->restock != FL_CHOICE_NO);
    }
    fl_order_settle_state(c->s, order);
    return FL_OK;
}
