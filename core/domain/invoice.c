#include "core/domain/invoice.h"

#include "core/domain/instalment.h"
#include "core/domain/order.h"
#include "core/domain/posting_rules.h"
#include "core/domain/pricing.h"
#include "core/domain/reference.h"

/* An invoice being made; the lines stand in s->draft_invoice_lines, the pieces of each that are already
 * delivered in s->draft_weights, the tax inside of each (prices that include tax) in s->draft_shares. */
struct draft {
    uint32_t customer, order, shipment, count;
    uint8_t currency, prices, opening;
    uint16_t date, due_date;
    int64_t freight, freight_rate, freight_tax, nets, net_by_amount, tax_by_amount, tax, total;
    int64_t rate, base_total;
    uint64_t id_hash; /* in the index of invoices */
    const char *reference;
    size_t reference_length;
    bool freight_from_order;
    const struct fl_instalment_draft *instalments; /* null: due at once */
};

/* ---- lines ------------------------------------------------------------------------------------ */

/* Amount of a part of an order line, by cumulative quantity (D6). */
static int64_t part_amount(const struct fl_order_line_card *card, int64_t before, int64_t quantity,
                           enum fl_rounding rounding)
{
    int64_t to = before + quantity;
    return fl_price_share(card->net_minor, to, card->quantity, rounding) -
           fl_price_share(card->net_minor, before, card->quantity, rounding) -
           fl_price_share(card->share_minor, to, card->quantity, rounding) +
           fl_price_share(card->share_minor, before, card->quantity, rounding);
}

static enum fl_status draft_order_line(struct fl_context *c, struct draft *d, uint32_t line,
                                       int64_t quantity)
{
    const struct fl_order_line_card *card = fl_order_line_card(&c->s->store, line);
    const struct fl_order_line_live *live = fl_order_line_live(&c->s->store, line);
    enum fl_rounding rounding = fl_policy_rounding(c->s);
    int64_t amount = part_amount(card, live->invoiced, quantity, rounding), inside = 0;
    if (d->prices == FL_PRICES_GROSS)
        FL_TRY(fl_price_tax_inside(amount, card->tax_rate, rounding, &inside));
    c->s->draft_shares[d->count] = inside;
    c->s->draft_weights[d->count] =
        fl_min_i64(fl_max_i64(live->shipped - live->invoiced, 0), quantity);
    c->s->draft_invoice_lines[d->count++] = (struct fl_invoice_line_card){
        .quantity = quantity,
        .price_e6 = card->price_e6,
        .net_minor = amount - inside,
        .tax_rate = card->tax_rate,
        .product = card->product,
        .order_line = line,
        .prev_of_order_line = FL_NO_ROW,
    };
    return FL_OK;
}

static enum fl_status draft_from_order(struct fl_context *c, struct draft *d)
{
    const struct fl_order_card *card = fl_order_card(&c->s->store, d->order);
    for (uint32_t i = 0; i < card->line_count; i++) {
        int64_t quantity = fl_order_line_billable(&c->s->store, card->line_first + i);
        if (quantity > 0)
            FL_TRY(draft_order_line(c, d, card->line_first + i, quantity));
    }
    return d->count > 0 ? FL_OK : FL_NOTHING_OPEN;
}

static enum fl_status draft_from_shipment(struct fl_context *c, struct draft *d)
{
    const struct fl_shipment_card *card = fl_shipment_card(&c->s->store, d->shipment);
    if (fl_shipment_live(&c->s->store, d->shipment)->invoiced)
        return FL_NOTHING_OPEN; /* each shipment once: what else is billable has not left yet */
    for (uint32_t i = 0; i < card->line_count; i++) {
        const struct fl_shipment_line_card *line =
            fl_shipment_line_card(&c->s->store, card->line_first + i);
        int64_t quantity = fl_min_i64(line->quantity,
                                      fl_order_line_billable(&c->s->store, line->order_line));
        if (quantity > 0)
            FL_TRY(draft_order_line(c, d, line->order_line, quantity));
    }
    return d->count > 0 ? FL_OK : FL_NOTHING_OPEN;
}

/* A field's rate; FL_BAD_VALUE below zero. */
static enum fl_status rate_of(struct fl_context *c, const char *field, struct fl_decimal value,
                              int64_t max, int64_t *out)
{
    if (value.state != FL_DECIMAL_VALUE)
        return FL_OK;
    enum fl_status status = fl_decimal_scale(value, FL_RATE_DECIMALS, out);
    if (status == FL_OK && *out < 0)
        status = FL_BAD_VALUE;
    if (status == FL_OK && *out > max)
        status = FL_OUT_OF_RANGE;
    return status == FL_OK ? FL_OK : fl_refuse(c, status, field, NULL, 0);
}

static enum fl_status item_numbers(struct fl_context *c, const struct fl_order_item *item,
                                   struct fl_invoice_line_card *line, int64_t *discount_out)
{
    enum fl_status status = FL_OK;
    line->quantity = FL_QUANTITY_ONE;
    if (item->quantity.state == FL_DECIMAL_VALUE)
        status = fl_decimal_scale(item->quantity, FL_QUANTITY_DECIMALS, &line->quantity);
    if (status == FL_OK && (line->quantity <= 0 || line->quantity > FL_AMOUNT_MAX))
        status = line->quantity <= 0 ? FL_BAD_VALUE : FL_OUT_OF_RANGE;
    if (status != FL_OK)
        return fl_refuse_decimal(c, status, "quantity", item->quantity);
    if (item->price.state == FL_DECIMAL_VALUE) {
        status = fl_decimal_scale(item->price, FL_PRICE_DECIMALS, &line->price_e6);
        if (status == FL_OK &&
            (line->price_e6 > FL_AMOUNT_MAX || line->price_e6 < -FL_AMOUNT_MAX))
            status = FL_OUT_OF_RANGE;
        if (status != FL_OK)
            return fl_refuse_decimal(c, status, "price", item->price);
    } else if (item->product.length == 0) {
        return fl_refuse(c, FL_MISSING_FIELD, "price", NULL, 0);
    }
    *discount_out = 0;
    FL_TRY(rate_of(c, "tax_rate", item->tax_rate, 1000 * FL_PERCENT_ONE, &line->tax_rate));
    return rate_of(c, "discount_percent", item->discount_percent, 100 * FL_PERCENT_ONE,
                   discount_out);
}

static enum fl_status draft_item(struct fl_context *c, struct draft *d,
                                 const struct fl_order_item *item)
{
    enum fl_rounding rounding = fl_policy_rounding(c->s);
    struct fl_invoice_line_card line = {
        .product = FL_NO_ROW, .order_line = FL_NO_ROW, .prev_of_order_line = FL_NO_ROW};
    if (item->product.length > 0) {
        line.product = fl_find_product(c->s, fl_command_text(c->command, item->product),
                                       item->product.length);
        if (line.product == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "product", item->product);
        const struct fl_product_stock *product = fl_product_stock(&c->s->store, line.product);
        line.price_e6 = product->price_e6;
        line.tax_rate = product->tax_rate;
        if (item->price.state != FL_DECIMAL_VALUE && product->currency != d->currency)
            return fl_refuse_currency(c, "product", product->currency, d->currency);
    }
    int64_t discount = 0, amount, full, inside = 0;
    FL_TRY(item_numbers(c, item, &line, &discount));
    unsigned exponent = fl_currency_exponent(d->currency);
    enum fl_status status =
        fl_price_line(line.quantity, line.price_e6, discount, exponent, rounding, &amount);
    if (status == FL_OK)
        status = fl_price_line(line.quantity, line.price_e6, 0, exponent, rounding, &full);
    if (status != FL_OK || amount > FL_AMOUNT_MAX || amount < -FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "quantity", NULL, 0);
    if (d->prices == FL_PRICES_GROSS)
        FL_TRY(fl_price_tax_inside(amount, line.tax_rate, rounding, &inside));
    line.net_minor = amount - inside;
    line.discount_minor = full - amount;
    c->s->draft_shares[d->count] = inside;
    c->s->draft_weights[d->count] = line.quantity;
    c->s->draft_invoice_lines[d->count++] = line;
    return FL_OK;
}

/* ---- totals ----------------------------------------------------------------------------------- */

/* Freight of the order is billed once, on its first invoice. */
static enum fl_status draft_freight(struct fl_context *c, struct draft *d,
                                    const struct fl_charge *given)
{
    if (given && given->amount.state == FL_DECIMAL_VALUE) {
        FL_TRY(fl_money(c, "shipping.amount", given->amount, d->currency, false, &d->freight));
        FL_TRY(rate_of(c, "shipping.tax_rate", given->tax_rate, 1000 * FL_PERCENT_ONE,
                       &d->freight_rate));
    } else if (d->order != FL_NO_ROW && !fl_order_live(&c->s->store, d->order)->freight_billed) {
        d->freight = fl_order_cold(&c->s->store, d->order)->shipping_minor;
        d->freight_rate = fl_order_cold(&c->s->store, d->order)->shipping_tax_rate;
        d->freight_from_order = true;
    }
    if (d->prices == FL_PRICES_GROSS && d->freight != 0) {
        FL_TRY(fl_price_tax_inside(d->freight, d->freight_rate, fl_policy_rounding(c->s),
                                   &d->freight_tax));
        d->freight -= d->freight_tax;
    }
    return FL_OK;
}

static enum fl_status draft_total(struct fl_context *c, struct draft *d)
{
    enum fl_rounding rounding = fl_policy_rounding(c->s);
    struct fl_taxed *taxed = c->s->draft_taxed;
    fl_int128 nets = d->net_by_amount, inside = d->freight_tax;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct fl_invoice_line_card *line = &c->s->draft_invoice_lines[i];
        taxed[i] = (struct fl_taxed){line->net_minor, line->tax_rate};
        nets += line->net_minor;
        inside += c->s->draft_shares[i];
    }
    taxed[d->count] = (struct fl_taxed){d->freight, d->freight_rate};
    if (d->prices == FL_PRICES_GROSS)
        d->tax = (int64_t)inside;
    else if (fl_price_tax(taxed, d->count + 1, fl_book(c->s)->tax_rounding, rounding, &d->tax))
        return fl_refuse(c, FL_OUT_OF_RANGE, "total", NULL, 0);
    if (d->prices != FL_PRICES_GROSS && d->freight != 0)
        FL_TRY(fl_price_percent(d->freight, d->freight_rate, rounding, &d->freight_tax));
    d->tax += d->tax_by_amount;
    fl_int128 total = nets + d->freight + d->tax;
    if (total > FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "total", NULL, 0);
    if (total < 0)
        return fl_refuse(c, FL_BAD_VALUE, "total", NULL, 0);
    d->nets = (int64_t)nets;
    d->total = (int64_t)total;
    return FL_OK;
}

static enum fl_status draft_rate(struct fl_context *c, struct draft *d,
                                 const struct fl_decimal *given)
{
    d->rate = 0;
    if (d->currency != fl_book(c->s)->base_currency) {
        d->rate = fl_policy_rate(c->s, d->currency, d->date);
        if (given && given->state == FL_DECIMAL_VALUE)
            FL_TRY(rate_of(c, "fx_rate", *given, INT64_C(1000000000000000000), &d->rate));
        if (d->rate == 0)
            return fl_refuse_rate(c, d->currency, d->date);
    }
    enum fl_status status =
        fl_policy_to_base(c->s, d->total, d->currency, d->rate, &d->base_total);
    if (status != FL_OK || d->base_total > FL_AMOUNT_MAX)
        return fl_refuse(c, FL_OUT_OF_RANGE, "fx_rate", NULL, 0);
    return FL_OK;
}

static void draft_due(const struct fl_context *c, struct draft *d)
{
    const struct fl_customer_profile *profile =
        fl_customer_profile(&c->s->store, d->customer);
    unsigned days = profile->net_days_given ? profile->net_days : fl_book(c->s)->net_days;
    unsigned due = d->date + days;
    d->due_date = (uint16_t)(due > FL_DATE_MAX ? FL_DATE_MAX : due);
}

/* ---- rows ------------------------------------------------------------------------------------- */

/* One line: its pieces delivered already are revenue, the rest is deferred (row 4). Returns the
 * deferred net. */
static int64_t line_add(struct fl_context *c, const struct draft *d, uint32_t invoice,
                        uint32_t row, uint32_t i)
{
    struct fl_store *store = &c->s->store;
    struct fl_invoice_line_card *card = fl_invoice_line_card_new(store, row);
    *card = c->s->draft_invoice_lines[i];
    card->invoice = invoice;
    (void)d;
    struct fl_invoice_line_live *live = fl_invoice_line_live_write(store, row);
    live->delivered = c->s->draft_weights[i];
    live->recognised_minor = fl_price_share(card->net_minor, live->delivered, card->quantity,
                                            fl_policy_rounding(c->s));
    if (card->order_line != FL_NO_ROW) {
        struct fl_order_line_link *link = fl_order_line_link_write(store, card->order_line);
        card->prev_of_order_line = link->last_invoice_line;
        link->last_invoice_line = row;
        fl_order_line_change(c->s, card->order_line, 0, 0, card->quantity);
    }
    return card->net_minor - live->recognised_minor;
}

static bool needs_extra(const struct fl_context *c, const struct draft *d, int64_t deferred)
{
    return deferred != 0 || d->freight != 0 || d->freight_tax != 0 || d->rate != 0 ||
           d->net_by_amount != 0 || d->reference_length > 0 || d->shipment != FL_NO_ROW ||
           d->opening ||
           fl_customer_profile(&c->s->store, d->customer)->discount_percent_e7 != 0;
}

static uint32_t extra_add(struct fl_context *c, const struct draft *d, uint32_t invoice,
                          int64_t deferred)
{
    const struct fl_customer_profile *profile =
        fl_customer_profile(&c->s->store, d->customer);
    unsigned until = d->date + profile->discount_days + profile->grace_days;
    uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_invoice_extra);
    *fl_invoice_extra_row_new(&c->s->store, row) = (struct fl_invoice_extra){
        .deferred_minor = deferred,
        .freight_minor = d->freight,
        .freight_tax_minor = d->freight_tax,
        .rate = d->rate,
        .net_minor = d->net_by_amount,
        .reference =
            fl_text_put(c->s, FL_TABLE_text, d->reference, d->reference_length),
        .shipment = d->shipment,
        .invoice = invoice,
        .discount_percent_e7 = profile->discount_percent_e7,
        .discount_until = (uint16_t)(until > FL_DATE_MAX ? FL_DATE_MAX : until),
        .opening = d->opening,
    };
    return row;
}

static void invoice_index(struct fl_context *c, const struct draft *d, uint32_t row)
{
    fl_index_put(c->s, FL_INDEX_INVOICE, d->id_hash, row);
    if (d->reference_length == 0)
        return;
    char normal[FL_REFERENCE_BYTES_MAX];
    size_t n = fl_reference_normal(d->reference, d->reference_length, normal);
    if (n > 0)
        fl_index_put(c->s, FL_INDEX_INVOICE_REFERENCE,
                     fl_key_hash(c->s, FL_INDEX_INVOICE_REFERENCE, normal, n), row);
}

static void invoice_card_set(struct fl_context *c, const struct draft *d, uint32_t row,
                             const char *id, size_t id_length, bool from_series)
{
    struct fl_invoice_card *card = fl_invoice_card_new(&c->s->store, row);
    struct fl_customer_account *account =
        fl_customer_account_write(&c->s->store, d->customer);
    fl_id_set(c->s, &card->id, id, id_length);
    card->total_minor = d->total;
    card->seq = c->s->seq;
    card->customer = d->customer;
    card->order = d->order;
    card->line_count = (uint16_t)d->count;
    card->date = d->date;
    card->due_date = d->due_date;
    card->currency = d->currency;
    card->from_series = from_series;
    card->prev_of_customer = account->last_invoice;
    account->last_invoice = row;
    account->invoices_minor += d->total;
    *fl_invoice_scan_new(&c->s->store, row) =
        (struct fl_invoice_scan){.total_minor = d->total,
                                 .customer = d->customer,
                                 .date = d->date,
                                 .due_date = d->due_date};
    fl_invoice_currency_new(&c->s->store, row)->currency = d->currency;
}

static void invoice_live_set(struct fl_context *c, const struct draft *d, uint32_t row,
                             uint64_t content_hash, uint32_t extra)
{
    struct fl_store *store = &c->s->store;
    struct fl_invoice_cold *cold = fl_invoice_cold_new(store, row);
    *cold = (struct fl_invoice_cold){.content_hash = content_hash,
                                     .tax_minor = d->tax,
                                     .base_total_minor = d->base_total,
                                     .extra = extra,
                                     .prev_of_order = FL_NO_ROW};
    *fl_invoice_money_write(store, row) = (struct fl_invoice_money){
        .open_minor = d->total,
        .last_movement = FL_NO_ROW,
        .closed_date = d->total == 0 ? d->date : FL_DATE_NONE,
        .state = d->total == 0 ? FL_INVOICE_PAID : FL_INVOICE_OPEN,
        .flags = fl_customer_profile(store, d->customer)->discount_percent_e7 != 0
                     ? FL_INVOICE_HAS_DISCOUNT
                     : 0,
    };
    if (d->instalments)
        fl_invoice_money_write(store, row)->flags |= FL_INVOICE_HAS_INSTALMENTS;
    if (d->order != FL_NO_ROW) {
        struct fl_order_live *live = fl_order_live_write(store, d->order);
        cold->prev_of_order = live->last_invoice;
        live->last_invoice = row;
        live->freight_billed |= d->freight_from_order;
    }
    if (d->shipment != FL_NO_ROW)
        fl_shipment_live_write(store, d->shipment)->invoiced = 1;
}

static uint32_t invoice_add(struct fl_context *c, const struct draft *d, const char *id,
                            size_t id_length, bool from_series, uint64_t content_hash)
{
    struct fl_store *store = &c->s->store;
    uint32_t row = fl_store_add_row(store, FL_TABLE_invoice), first = 0;
    int64_t deferred = 0;
    if (d->count > 0)
        first = fl_store_add_rows(store, FL_TABLE_invoice_line, d->count);
    invoice_card_set(c, d, row, id, id_length, from_series);
    fl_invoice_card_new(store, row)->line_first = first;
    for (uint32_t i = 0; i < d->count; i++)
        deferred += line_add(c, d, row, first + i, i);
    uint32_t extra = FL_NO_ROW;
    if (needs_extra(c, d, deferred))
        extra = extra_add(c, d, row, deferred);
    invoice_live_set(c, d, row, content_hash, extra);
    invoice_index(c, d, row);
    struct fl_entry entry;
    fl_posting_invoice(store, row, &entry);
    fl_post_entry(c->s, &entry);
    if (d->instalments)
        fl_instalment_add(c->s, row, d->currency, d->instalments);
    else
        fl_post_statistic(c->s, FL_ACCOUNT_OPEN_BY_DUE, d->currency, d->due_date, d->total);
    fl_post_statistic(c->s, FL_ACCOUNT_SALES_BY_DAY, d->currency, d->date, d->total);
    if (from_series)
        fl_series_advance(c->s, FL_SERIES_INVOICE, d->date);
    return row;
}

/* ---- by policy, by command -------------------------------------------------------------------- */

static void draft_for_order(const struct fl_context *c, struct draft *d, uint32_t order,
                            uint32_t shipment)
{
    const struct fl_order_card *card = fl_order_card(&c->s->store, order);
    d->order = order;
    d->shipment = shipment;
    d->customer = card->customer;
    d->currency = card->currency;
    d->prices = fl_order_cold(&c->s->store, order)->prices;
}

enum fl_status fl_invoice_issue(struct fl_context *c, uint32_t order, uint32_t shipment,
                                uint16_t date_days, uint32_t *invoice_out)
{
    struct draft d = {.date = date_days};
    draft_for_order(c, &d, order, shipment);
    FL_TRY(shipment == FL_NO_ROW ? draft_from_order(c, &d) : draft_from_shipment(c, &d));
    FL_TRY(draft_freight(c, &d, NULL));
    FL_TRY(draft_total(c, &d));
    FL_TRY(draft_rate(c, &d, NULL));
    draft_due(c, &d);
    char id[FL_ID_BYTES_MAX];
    size_t length = fl_series_next(c->s, FL_SERIES_INVOICE, date_days, id, &d.id_hash);
    *invoice_out = invoice_add(c, &d, id, length, true, 0);
    return FL_OK;
}

/* Exactly one of order, shipment, lines, amount; with the last two a customer. */
static enum fl_status source_check(struct fl_context *c, const struct fl_command_invoice *b)
{
    bool amount = b->amount.net.state != FL_DECIMAL_ABSENT ||
                  b->amount.gross.state != FL_DECIMAL_ABSENT;
    unsigned sources = (b->order.length > 0) + (b->shipment.length > 0) + (b->lines.count > 0) +
                       amount;
    if (sources == 0)
        return fl_refuse(c, FL_MISSING_FIELD, "order, shipment, lines or amount", NULL, 0);
    if (sources > 1)
        return fl_refuse(c, FL_BAD_VALUE, "one of order, shipment, lines, amount", NULL, 0);
    if (b->customer.length == 0 && b->order.length == 0 && b->shipment.length == 0)
        return fl_refuse(c, FL_MISSING_FIELD, "customer", NULL, 0);
    if (b->amount.gross.state != FL_DECIMAL_ABSENT)
        return fl_refuse(c, FL_MISSING_FIELD, "amount.net", NULL, 0);
    return FL_OK;
}

static enum fl_status draft_parties(struct fl_context *c, const struct fl_command_invoice *b,
                                    struct draft *d)
{
    d->order = d->shipment = FL_NO_ROW;
    if (b->order.length > 0) {
        uint32_t order =
            fl_find_order(c->s, fl_command_text(c->command, b->order), b->order.length);
        if (order == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "order", b->order);
        draft_for_order(c, d, order, FL_NO_ROW);
    } else if (b->shipment.length > 0) {
        uint32_t shipment = fl_find_shipment(c->s, fl_command_text(c->command, b->shipment),
                                             b->shipment.length);
        if (shipment == FL_NO_ROW)
            return fl_refuse_text(c, FL_NOT_FOUND, "shipment", b->shipment);
        draft_for_order(c, d, fl_shipment_card(&c->s->store, shipment)->order, shipment);
    }
    if (b->customer.length == 0)
        return FL_OK;
    uint32_t customer =
        fl_find_customer(c->s, fl_command_text(c->command, b->customer), b->customer.length);
    if (customer == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "customer", b->customer);
    if (d->order != FL_NO_ROW && d->customer != customer)
        return fl_refuse_text(c, FL_BAD_VALUE, "customer", b->customer);
    d->customer = customer;
    return FL_OK;
}

static enum fl_status draft_currency(struct fl_context *c, const struct fl_command_invoice *b,
                                     struct draft *d)
{
    uint8_t own = fl_customer_account(&c->s->store, d->customer)->currency;
    uint8_t currency = b->currency ? b->currency : d->order != FL_NO_ROW ? d->currency : own;
    if (currency != own || (d->order != FL_NO_ROW && currency != d->currency))
        return fl_refuse_currency(c, "currency", currency,
                                  d->order != FL_NO_ROW ? d->currency : own);
    d->currency = currency;
    if (d->order == FL_NO_ROW)
        d->prices = b->prices ? b->prices : fl_book(c->s)->prices;
    return FL_OK;
}

/* What was not accepted, or not to the end, is in no state to be billed. */
static bool is_billable(uint8_t order_state)
{
    return order_state != FL_ORDER_HELD && order_state != FL_ORDER_REJECTED;
}

static enum fl_status draft_body(struct fl_context *c, const struct fl_command_invoice *b,
                                 struct draft *d)
{
    const struct fl_order_item *items = fl_command_list(c->command, b->lines);
    for (uint32_t i = 0; i < b->lines.count; i++) {
        enum fl_status status = draft_item(c, d, &items[i]);
        if (status != FL_OK) {
            fl_result_number(c->result, FL_RESULT_LINE, i + 1);
            return status;
        }
    }
    if (b->amount.net.state == FL_DECIMAL_VALUE) {
        FL_TRY(fl_money(c, "amount.net", b->amount.net, d->currency, false, &d->net_by_amount));
        if (b->amount.tax.state == FL_DECIMAL_VALUE)
            FL_TRY(fl_money(c, "amount.tax", b->amount.tax, d->currency, false,
                            &d->tax_by_amount));
    }
    enum fl_status status = FL_OK;
    if (d->order != FL_NO_ROW && !is_billable(fl_order_live(&c->s->store, d->order)->state))
        return fl_refuse_state(
            c, "order", b->order,
            fl_order_state_word(fl_order_live(&c->s->store, d->order)->state));
    if (d->shipment != FL_NO_ROW)
        status = draft_from_shipment(c, d);
    else if (d->order != FL_NO_ROW)
        status = draft_from_order(c, d);
    if (status == FL_NOTHING_OPEN)
        return fl_refuse_text(c, status, d->shipment != FL_NO_ROW ? "shipment" : "order",
                              d->shipment != FL_NO_ROW ? b->shipment : b->order);
    return status;
}

static enum fl_status draft_dates(struct fl_context *c, struct draft *d)
{
    struct fl_command *command = c->command;
    d->date = command->date;
    if (command->flags & FL_FLAG_DUE_GIVEN) {
        if (command->due_date < command->date)
            return fl_refuse(c, FL_BAD_VALUE, "due_date", NULL, 0);
        d->due_date = command->due_date;
    } else {
        draft_due(c, d);
        command->due_date = d->due_date;
    }
    return FL_OK;
}

/* Due in parts: as a whole it is due with the last, unless the command says another day. */
static enum fl_status draft_instalments(struct fl_context *c, struct fl_list list, struct draft *d,
                                        struct fl_instalment_draft *instalments)
{
    if (list.count == 0)
        return FL_OK;
    FL_TRY(fl_instalment_draft(c, list, d->currency, d->date, d->total, instalments));
    d->instalments = instalments;
    if (!(c->command->flags & FL_FLAG_DUE_GIVEN))
        c->command->due_date = d->due_date = instalments->rows[instalments->count - 1].due_date;
    return FL_OK;
}

/* What the hash leaves out is compared where it is given. */
static bool same_as_stored(const struct fl_context *c, uint32_t row)
{
    const struct fl_command *command = c->command;
    const struct fl_invoice_card *card = fl_invoice_card(&c->s->store, row);
    if (fl_invoice_cold(&c->s->store, row)->content_hash != fl_content_hash(command))
        return false;
    if (command->flags & FL_FLAG_DATE_GIVEN && command->date != card->date)
        return false;
    return !(command->flags & FL_FLAG_DUE_GIVEN) || command->due_date == card->due_date;
}

enum fl_status fl_apply_invoice(struct fl_context *c)
{
    const struct fl_command_invoice *b = fl_command_body(c->command);
    const char *id = fl_command_text(c->command, c->command->id);
    FL_TRY(source_check(c, b));
    struct draft d = {.opening = b->opening == FL_CHOICE_YES};
    uint32_t row = FL_NO_ROW;
    if (c->command->id.length > 0)
        row = fl_find_invoice_hash(c->s, id, c->command->id.length, &d.id_hash);
    if (row != FL_NO_ROW) {
        c->made_row = row;
        return same_as_stored(c, row) ? FL_DUPLICATE : FL_KEY_REUSED;
    }
    uint64_t hash = fl_content_hash(c->command);
    d.reference = fl_command_text(c->command, b->reference);
    d.reference_length = b->reference.length;
    FL_TRY(draft_parties(c, b, &d));
    FL_TRY(fl_policy_date(c));
    FL_TRY(draft_currency(c, b, &d));
    FL_TRY(draft_dates(c, &d));
    FL_TRY(draft_body(c, b, &d));
    FL_TRY(draft_freight(c, &d, &b->shipping));
    FL_TRY(draft_total(c, &d));
    FL_TRY(draft_rate(c, &d, &b->fx_rate));
    struct fl_instalment_draft instalments;
    FL_TRY(draft_instalments(c, b->instalments, &d, &instalments));
    bool from_series;
    FL_TRY(fl_series_resolve(c, FL_SERIES_INVOICE, &from_series, &d.id_hash));
    c->made_row = invoice_add(c, &d, fl_command_text(c->command, c->command->id),
                              c->command->id.length, from_series, hash);
    const struct fl_order_item *items = fl_command_list(c->command, b->lines);
    uint32_t first = fl_invoice_card(&c->s->store, c->made_row)->line_first;
    for (uint32_t i = 0; i < b->lines.count; i++) {
        if (items[i].text.length > 0)
            fl_invoice_line_card_new(&c->s->store, first + i)->text =
                fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, items[i].text),
                            items[i].text.length);
    }
    return FL_OK;
}
