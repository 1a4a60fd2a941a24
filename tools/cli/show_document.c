/* The JSON shapes of what `show` and `list` print. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/domain/order.h"
#include "core/domain/receivable.h"
#include "core/domain/statement_line.h"
#include "tools/cli/cli_report.h"
#include "tools/cli/cli_show.h"
#include "tools/cli/show_as_of.h"
#include "tools/cli/show_tax.h"
#include "tools/format/command_json.h"
#include "tools/format/json_text.h"

/* ---- fields
 * ---------------------------------------------------------------------------------------- */

static void id_field(const struct fl_show *w, const char *name, const struct fl_id *id)
{
    size_t length;
    const char *bytes = fl_id_get(w->s->store, id, &length);
    fprintf(w->out, "\"%s\":", name);
    fl_json_write_string(w->out, bytes, length);
}

static void text_field(const struct fl_show *w, const char *name, enum fl_table_id heap,
                       struct fl_text_ref ref)
{
    if (ref.length == 0)
        return;
    fprintf(w->out, ",\"%s\":", name);
    fl_json_write_string(w->out, fl_text_get(w->s->store, heap, ref), ref.length);
}

static void money_field(const struct fl_show *w, const char *name, fl_int128 minor,
                        uint8_t currency)
{
    fprintf(w->out, ",\"%s\":\"%s\"", name, fl_money_text(minor, currency));
}

static void day_field(const struct fl_show *w, const char *name, uint16_t day)
{
    if (day != FL_DATE_NONE)
        fprintf(w->out, ",\"%s\":\"%s\"", name, fl_day_text(day));
}

static void quantity_field(const struct fl_show *w, const char *name, int64_t quantity)
{
    fprintf(w->out, ",\"%s\":\"%s\"", name, fl_quantity_text(quantity));
}

static void word_field(const struct fl_show *w, const char *name, const char *word)
{
    fprintf(w->out, ",\"%s\":\"%s\"", name, word);
}

static void customer_field(const struct fl_show *w, uint32_t row)
{
    if (row == FL_NO_ROW)
        return;
    putc(',', w->out);
    id_field(w, "customer", &fl_at_customer_card(w->s, row)->id);
}

static void scaled_field(const struct fl_show *w, const char *name, int64_t value,
                         unsigned decimals)
{
    char text[32];
    fl_decimal_format_short(value, decimals, text);
    fprintf(w->out, ",\"%s\":\"%s\"", name, text);
}

/* ---- masters
 * --------------------------------------------------------------------------------------- */

/* Decided in sequence, not by date: the present only. */
static void exposure_fields(const struct fl_show *w, uint32_t row,
                            const struct fl_customer_account *a)
{
    int64_t limit, exposure = fl_customer_exposure(a);
    bool limited = fl_customer_limit(w->s->store, row, &limit);
    money_field(w, "ordered_not_shipped", a->ordered_minor, a->currency);
    money_field(w, "shipped_not_invoiced", a->shipped_minor, a->currency);
    money_field(w, "exposure", exposure, a->currency);
    if (limited) {
        money_field(w, "credit_limit", limit, a->currency);
        money_field(w, "available", limit - exposure, a->currency);
    } else {
        fputs(",\"credit_limit\":null,\"available\":null", w->out);
    }
}

void fl_show_customer(const struct fl_show *w, uint32_t row)
{
    const struct fl_customer_profile *p = fl_at_customer_profile(w->s, row);
    const struct fl_customer_account *a = fl_at_customer_account(w->s, row);
    struct fl_customer_shown shown;
    fl_as_of_customer(w, row, &shown);
    putc('{', w->out);
    id_field(w, "id", &fl_at_customer_card(w->s, row)->id);
    text_field(w, "name", FL_TABLE_personal, p->name);
    word_field(w, "currency", fl_currency_code(a->currency));
    money_field(w, "balance",
                (fl_int128)shown.open_minor - shown.unapplied_minor - shown.credits_minor,
                a->currency);
    money_field(w, "open", shown.open_minor, a->currency);
    money_field(w, "unapplied", shown.unapplied_minor, a->currency);
    money_field(w, "credits", shown.credits_minor, a->currency);
    if (!w->items)
        exposure_fields(w, row, a);
    fputs(",\"score\":null", w->out);
    fprintf(w->out, ",\"hold\":%s,\"net_days\":%u", a->hold ? "true" : "false",
            p->net_days_given ? p->net_days : fl_at_book_settings(w->s, 0)->net_days);
    if (p->parent != FL_NO_ROW) {
        putc(',', w->out);
        id_field(w, "parent", &fl_at_customer_card(w->s, p->parent)->id);
    }
    text_field(w, "segment", FL_TABLE_text, p->segment);
    text_field(w, "tax_id", FL_TABLE_text, p->tax_id);
    fputs("}", w->out);
}

void fl_show_product(const struct fl_show *w, uint32_t row)
{
    const struct fl_product_stock *p = fl_at_product_stock(w->s, row);
    putc('{', w->out);
    id_field(w, "id", &fl_at_product_card(w->s, row)->id);
    text_field(w, "name", FL_TABLE_text, p->name);
    word_field(w, "currency", fl_currency_code(p->currency));
    scaled_field(w, "price", p->price_e6, FL_PRICE_DECIMALS);
    scaled_field(w, "tax_rate", p->tax_rate, FL_RATE_DECIMALS);
    quantity_field(w, "on_hand", p->on_hand);
    quantity_field(w, "reserved", p->reserved);
    quantity_field(w, "safety_stock", p->safety);
    quantity_field(w, "available", p->on_hand - p->reserved - p->safety);
    fprintf(w->out, ",\"stock_control\":%s,\"backorder\":%s}", p->stock_control ? "true" : "false",
            p->backorder ? "true" : "false");
}

void fl_show_bank_account(const struct fl_show *w, uint32_t row)
{
    static const char *const kinds[] = {"", "bank", "processor", "cash"};
    const struct fl_bank_account_live *live = fl_at_bank_account_live(w->s, row);
    putc('{', w->out);
    id_field(w, "id", &fl_at_bank_account_card(w->s, row)->id);
    word_field(w, "currency", fl_currency_code(live->currency));
    word_field(w, "kind", kinds[live->kind]);
    bool opened = !w->items || (!live->opening_waits && live->opening_seq <= w->items->known_seq &&
                                live->opening_date <= w->as_of);
    money_field(w, "opening", opened ? live->opening_minor : 0, live->currency);
    day_field(w, "opening_date", opened ? live->opening_date : FL_DATE_NONE);
    fputs("}", w->out);
}

/* ---- orders and shipments
 * ---------------------------------------------------------------------------- */

static const char *order_state(uint8_t state)
{
    static const char *const names[] = {"",        "held",   "open",      "part_shipped",
                                        "shipped", "closed", "cancelled", "rejected",
                                        "expired"};
    return names[state];
}

static void order_line(const struct fl_show *w, uint32_t row, unsigned n, uint8_t currency,
                       const struct fl_line_tax *tax)
{
    const struct fl_order_line_card *c = fl_at_order_line_card(w->s, row);
    const struct fl_order_line_live *l = fl_at_order_line_live(w->s, row);
    int64_t gone = l->shipped > l->invoiced ? l->shipped : l->invoiced; /* order.h, X2 */
    bool rest_closed = fl_at_order_live(w->s, c->order)->flags & FL_ORDER_REST_CLOSED;
    int64_t closed = rest_closed ? c->quantity - l->cancelled - gone : 0;
    fprintf(w->out, "%s{\"line\":%u,", n > 1 ? "," : "", n);
    id_field(w, "product", &fl_at_product_card(w->s, c->product)->id);
    quantity_field(w, "ordered", c->quantity);
    quantity_field(w, "shipped", l->shipped);
    quantity_field(w, "cancelled", l->cancelled);
    quantity_field(w, "open", c->quantity - l->shipped - l->cancelled - closed);
    quantity_field(w, "closed", closed);
    quantity_field(w, "invoiced", l->invoiced);
    quantity_field(w, "returned", l->returned);
    scaled_field(w, "price", c->price_e6, FL_PRICE_DECIMALS);
    scaled_field(w, "tax_rate", c->tax_rate, FL_RATE_DECIMALS);
    money_field(w, "before_discount", c->net_minor, currency);
    money_field(w, "discount", c->share_minor, currency);
    money_field(w, "net", tax->net_minor, currency);
    money_field(w, "tax", tax->tax_minor, currency);
    money_field(w, "total", (fl_int128)tax->net_minor + tax->tax_minor, currency);
    fputs("}", w->out);
}

/* What is not cancelled: the parts of the placed total that the lines still carry. */
static int64_t order_total(const struct fl_show *w, const struct fl_order_card *card)
{
    int64_t cancelled = 0;
    enum fl_rounding rounding =
        fl_at_book_settings(w->s, 0)->rounding == 2 ? FL_ROUND_HALF_EVEN : FL_ROUND_HALF_UP;
    for (unsigned i = 0; i < card->line_count; i++) {
        const struct fl_order_line_card *c = fl_at_order_line_card(w->s, card->line_first + i);
        const struct fl_order_line_live *l = fl_at_order_line_live(w->s, card->line_first + i);
        int64_t part = 0;
        if (fl_round_div((fl_int128)c->gross_minor * l->cancelled, c->quantity, rounding, &part) ==
            FL_OK)
            cancelled += part;
    }
    return card->total_minor - cancelled;
}

void fl_show_order(const struct fl_show *w, uint32_t row)
{
    const struct fl_order_card *c = fl_at_order_card(w->s, row);
    const struct fl_order_cold *cold = fl_at_order_cold(w->s, row);
    const struct fl_order_live *live = fl_at_order_live(w->s, row);
    bool held = live->state == FL_ORDER_HELD;
    putc('{', w->out);
    id_field(w, "id", &c->id);
    customer_field(w, c->customer);
    day_field(w, "date", c->date);
    word_field(w, "currency", fl_currency_code(c->currency));
    word_field(w, "state", order_state(live->state));
    word_field(w, "credit",
               held                               ? "held"
               : live->state == FL_ORDER_REJECTED ? "rejected"
                                                  : "approved");
    fprintf(w->out, ",\"confirmed\":%s", live->confirmed ? "true" : "false");
    money_field(w, "total", order_total(w, c), c->currency);
    money_field(w, "ordered_total", c->total_minor, c->currency);
    money_field(w, "tax", cold->tax_minor, c->currency);
    money_field(w, "shipping", cold->shipping_minor, c->currency);
    day_field(w, "promised", c->promised);
    text_field(w, "source", FL_TABLE_text, cold->source);
    fputs(",\"lines\":[", w->out);
    struct fl_line_tax *taxes = fl_order_line_taxes(w->s, row);
    for (unsigned i = 0; i < c->line_count; i++)
        order_line(w, c->line_first + i, i + 1, c->currency, &taxes[i]);
    free(taxes);
    fputs("]}", w->out);
}

void fl_show_shipment(const struct fl_show *w, uint32_t row)
{
    const struct fl_shipment_card *c = fl_at_shipment_card(w->s, row);
    const struct fl_order_card *order = fl_at_order_card(w->s, c->order);
    putc('{', w->out);
    id_field(w, "id", &c->id);
    putc(',', w->out);
    id_field(w, "order", &order->id);
    day_field(w, "date", c->date);
    word_field(w, "stage", fl_at_shipment_live(w->s, row)->stage == 2 ? "delivered" : "shipped");
    text_field(w, "carrier", FL_TABLE_text, fl_at_shipment_cold(w->s, row)->carrier);
    text_field(w, "tracking", FL_TABLE_text, fl_at_shipment_cold(w->s, row)->tracking);
    fputs(",\"lines\":[", w->out);
    for (unsigned i = 0; i < c->line_count; i++) {
        const struct fl_shipment_line_card *l = fl_at_shipment_line_card(w->s, c->line_first + i);
        fprintf(w->out, "%s{\"line\":%u", i ? "," : "", l->order_line - order->line_first + 1);
        quantity_field(w, "quantity", l->quantity);
        fputs("}", w->out);
    }
    fputs("]}", w->out);
}

/* ---- applications
 * --------------------------------------------------------------------------------------- */

static bool is_application(const struct fl_movement_row *m)
{
    return m->kind == FL_MOVE_APPLY_RECEIPT || m->kind == FL_MOVE_APPLY_CREDIT;
}

static const struct fl_id *source_id(const struct fl_show *w, const struct fl_movement_row *m)
{
    return m->kind == FL_MOVE_APPLY_RECEIPT ? &fl_at_receipt_card(w->s, m->source)->id
                                            : &fl_at_credit_note_card(w->s, m->source)->id;
}

/* Discount and difference that came with an application of a receipt. */
static void companions(const struct fl_show *w, uint32_t row, int64_t *discount,
                       int64_t *difference)
{
    const struct fl_movement_row *m = fl_at_movement_row(w->s, row);
    *discount = *difference = 0;
    for (uint32_t i = fl_at_invoice_money(w->s, m->invoice)->last_movement; i != FL_NO_ROW;
         i = fl_at_movement_row(w->s, i)->prev_of_invoice) {
        const struct fl_movement_row *other = fl_at_movement_row(w->s, i);
        if (other->application != m->application ||
            fl_at_movement_cold(w->s, i)->payer != m->source ||
            fl_at_movement_cold(w->s, i)->reverses != FL_NO_ROW)
            continue;
        if (other->kind == FL_MOVE_DISCOUNT)
            *discount += other->amount_minor;
        else if (other->kind == FL_MOVE_SHORT)
            *difference += other->amount_minor;
    }
}

/* The row about a movement: they rise with it. FL_NO_ROW where nobody said why. */
static uint32_t match_of(const struct fl_show *w, uint32_t movement)
{
    uint32_t low = 0, high = w->s->rows[FL_TABLE_match];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (fl_at_match_row(w->s, middle)->movement < movement)
            low = middle + 1;
        else
            high = middle;
    }
    bool found =
        low < w->s->rows[FL_TABLE_match] && fl_at_match_row(w->s, low)->movement == movement;
    return found ? low : FL_NO_ROW;
}

static void match_fields(const struct fl_show *w, uint32_t movement)
{
    uint32_t row = match_of(w, movement);
    if (row == FL_NO_ROW)
        return;
    const struct fl_match_row *match = fl_at_match_row(w->s, row);
    text_field(w, "by", FL_TABLE_text, match->by);
    fprintf(w->out, ",\"match\":{\"rule\":%u,\"points\":%u", match->rule, match->points);
    text_field(w, "reason", FL_TABLE_text, match->reason);
    putc('}', w->out);
}

void fl_show_application(const struct fl_show *w, uint32_t row)
{
    const struct fl_movement_row *m = fl_at_movement_row(w->s, row);
    const struct fl_movement_cold *cold = fl_at_movement_cold(w->s, row);
    int64_t discount = 0, difference = 0;
    char id[FL_ID_BYTES_MAX + 16];
    if (cold->application_id != FL_NO_ROW)
        snprintf(id, sizeof id, "%s",
                 fl_id_text(w->s, &fl_at_application_id_row(w->s, cold->application_id)->id));
    else
        snprintf(id, sizeof id, "%s/%u", fl_id_text(w->s, source_id(w, m)), m->application);
    fputs("{\"id\":", w->out);
    fl_json_write_string(w->out, id, strlen(id));
    putc(',', w->out);
    id_field(w, m->kind == FL_MOVE_APPLY_RECEIPT ? "receipt" : "credit_note", source_id(w, m));
    putc(',', w->out);
    id_field(w, "invoice", &fl_at_invoice_card(w->s, m->invoice)->id);
    money_field(w, "amount", m->amount_minor, m->currency);
    if (m->kind == FL_MOVE_APPLY_RECEIPT)
        companions(w, row, &discount, &difference);
    if (discount != 0)
        money_field(w, "discount", discount, m->currency);
    if (difference != 0)
        money_field(w, "difference", difference, m->currency);
    day_field(w, "date", m->date);
    match_fields(w, row);
    uint32_t reversed_by = fl_at_movement_live(w->s, row)->reversed_by;
    bool reversed = reversed_by != FL_NO_ROW && fl_as_of_has(w, FL_TABLE_movement, reversed_by);
    fprintf(w->out, ",\"seq\":%" PRIu64 ",\"reversed\":%s}", cold->seq,
            reversed ? "true" : "false");
}

/* Newest first in the chain; printed so. */
static void applications(const struct fl_show *w, uint32_t head, bool by_invoice)
{
    bool first = true;
    fputs(",\"applications\":[", w->out);
    for (uint32_t row = head; row != FL_NO_ROW;) {
        const struct fl_movement_row *m = fl_at_movement_row(w->s, row);
        if (is_application(m) && fl_at_movement_cold(w->s, row)->reverses == FL_NO_ROW &&
            fl_as_of_has(w, FL_TABLE_movement, row)) {
            fputs(first ? "" : ",", w->out);
            fl_show_application(w, row);
            first = false;
        }
        row = by_invoice ? m->prev_of_invoice : m->prev_of_source;
    }
    fputs("]", w->out);
}

/* ---- invoices and credit notes
 * ---------------------------------------------------------------------------- */

static void invoice_line(const struct fl_show *w, uint32_t row, unsigned n, uint8_t currency,
                         const struct fl_line_tax *tax)
{
    const struct fl_invoice_line_card *c = fl_at_invoice_line_card(w->s, row);
    const struct fl_invoice_line_live *l = fl_at_invoice_line_live(w->s, row);
    fprintf(w->out, "%s{\"n\":%u", n > 1 ? "," : "", n);
    if (c->product != FL_NO_ROW) {
        putc(',', w->out);
        id_field(w, "product", &fl_at_product_card(w->s, c->product)->id);
    }
    text_field(w, "text", FL_TABLE_text, c->text);
    quantity_field(w, "quantity", c->quantity);
    scaled_field(w, "price", c->price_e6, FL_PRICE_DECIMALS);
    money_field(w, "net", c->net_minor, currency);
    scaled_field(w, "tax_rate", c->tax_rate, FL_RATE_DECIMALS);
    money_field(w, "tax", tax->tax_minor, currency);
    money_field(w, "total", (fl_int128)tax->net_minor + tax->tax_minor, currency);
    money_field(w, "credited", l->credited_net_minor, currency);
    fputs("}", w->out);
}

void fl_show_invoice(const struct fl_show *w, uint32_t row)
{
    static const char *const states[] = {"", "open", "partial", "paid", "credited", "written_off"};
    const struct fl_invoice_card *c = fl_at_invoice_card(w->s, row);
    const struct fl_invoice_money *money = fl_at_invoice_money(w->s, row);
    const struct fl_invoice_cold *cold = fl_at_invoice_cold(w->s, row);
    int64_t open = fl_as_of_invoice_open(w, row);
    int days = (int)w->as_of - (int)c->due_date;
    putc('{', w->out);
    id_field(w, "id", &c->id);
    customer_field(w, c->customer);
    day_field(w, "date", c->date);
    day_field(w, "due_date", c->due_date);
    word_field(w, "currency", fl_currency_code(c->currency));
    money_field(w, "total", c->total_minor, c->currency);
    money_field(w, "tax", cold->tax_minor, c->currency);
    money_field(w, "open", open, c->currency);
    word_field(w, "state", states[fl_as_of_invoice_state(w, row)]);
    fprintf(w->out, ",\"days_overdue\":%d,\"dunning_level\":0,\"disputed\":false",
            open > 0 && days > 0 ? days : 0);
    if (c->order != FL_NO_ROW) {
        putc(',', w->out);
        id_field(w, "order", &fl_at_order_card(w->s, c->order)->id);
    }
    if (cold->extra != FL_NO_ROW) {
        const struct fl_invoice_extra *extra = fl_at_invoice_extra_row(w->s, cold->extra);
        text_field(w, "reference", FL_TABLE_text, extra->reference);
        if (extra->freight_minor != 0)
            money_field(w, "shipping", extra->freight_minor, c->currency);
    }
    applications(w, money->last_movement, true);
    fputs(",\"lines\":[", w->out);
    struct fl_line_tax *taxes = fl_invoice_line_taxes(w->s, row);
    for (unsigned i = 0; i < c->line_count; i++)
        invoice_line(w, c->line_first + i, i + 1, c->currency, &taxes[i]);
    free(taxes);
    fputs("]}", w->out);
}

void fl_show_credit_note(const struct fl_show *w, uint32_t row)
{
    const struct fl_credit_note_card *c = fl_at_credit_note_card(w->s, row);
    const struct fl_credit_note_cold *cold = fl_at_credit_note_cold(w->s, row);
    const struct fl_credit_note_money *money = fl_at_credit_note_money(w->s, row);
    putc('{', w->out);
    id_field(w, "id", &c->id);
    customer_field(w, c->customer);
    if (c->invoice != FL_NO_ROW) {
        putc(',', w->out);
        id_field(w, "invoice", &fl_at_invoice_card(w->s, c->invoice)->id);
    }
    day_field(w, "date", c->date);
    word_field(w, "currency", fl_currency_code(c->currency));
    money_field(w, "total", c->total_minor, c->currency);
    money_field(w, "tax", cold->tax_minor, c->currency);
    money_field(w, "open", fl_as_of_note_open(w, row), c->currency);
    money_field(w, "spendable", cold->spendable_minor, c->currency);
    text_field(w, "reason", FL_TABLE_text, cold->reason);
    applications(w, money->last_movement, false);
    fputs("}", w->out);
}

/* ---- cash
 * ----------------------------------------------------------------------------------------------------
 */

static const char *reason_text(uint8_t reason)
{
    static const char *const names[] = {
        "",          "no_reference", "unknown_reference", "already_paid", "other_customer",
        "ambiguous", "overpaid",     "currency",          "contradiction"};
    return names[reason];
}

void fl_show_receipt(const struct fl_show *w, uint32_t row)
{
    static const char *const states[] = {"",        "unidentified", "unapplied", "on_account",
                                         "partial", "applied",      "reversed"};
    const struct fl_receipt_card *c = fl_at_receipt_card(w->s, row);
    const struct fl_receipt_cold *cold = fl_at_receipt_cold(w->s, row);
    const struct fl_receipt_status *status = fl_at_receipt_status(w->s, row);
    struct fl_receipt_shown shown;
    fl_as_of_receipt(w, row, &shown);
    putc('{', w->out);
    id_field(w, "id", &c->id);
    money_field(w, "amount", c->amount_minor, c->currency);
    word_field(w, "currency", fl_currency_code(c->currency));
    day_field(w, "date", c->date);
    customer_field(w, shown.customer);
    word_field(w, "state", states[shown.state]);
    money_field(w, "applied", shown.sums.applied_minor, c->currency);
    money_field(w, "unapplied", shown.open_minor, c->currency);
    money_field(w, "refunded", shown.sums.refunded_minor, c->currency);
    money_field(w, "charged_back", shown.sums.charged_back_minor, c->currency);
    money_field(w, "returned", shown.sums.returned_minor, c->currency);
    money_field(w, "gain", shown.sums.gain_minor, c->currency);
    money_field(w, "refundable", shown.refundable_minor, c->currency);
    money_field(w, "fee", c->fee_minor, c->currency);
    if (c->account != FL_NO_ROW) {
        putc(',', w->out);
        id_field(w, "account", &fl_at_bank_account_card(w->s, c->account)->id);
    }
    text_field(w, "text", FL_TABLE_personal, cold->text);
    if (status->reason != FL_REASON_NONE)
        word_field(w, "open_reason", reason_text(status->reason));
    applications(w, fl_at_receipt_money(w->s, row)->last_movement, false);
    fputs("}", w->out);
}

void fl_show_cash_event(const struct fl_show *w, uint32_t row)
{
    static const char *const targets[] = {"", "receipt", "credit_note", "customer", "invoice"};
    const struct fl_cash_event_card *c = fl_at_cash_event_card(w->s, row);
    const struct fl_cash_event_cold *cold = fl_at_cash_event_cold(w->s, row);
    const struct fl_id *target =
        c->target_kind == FL_TARGET_RECEIPT       ? &fl_at_receipt_card(w->s, c->target)->id
        : c->target_kind == FL_TARGET_CREDIT_NOTE ? &fl_at_credit_note_card(w->s, c->target)->id
        : c->target_kind == FL_TARGET_INVOICE     ? &fl_at_invoice_card(w->s, c->target)->id
                                                  : &fl_at_customer_card(w->s, c->target)->id;
    putc('{', w->out);
    id_field(w, "id", &c->id);
    putc(',', w->out);
    id_field(w, targets[c->target_kind], target);
    if (c->target_kind != FL_TARGET_CUSTOMER)
        customer_field(w, cold->customer);
    money_field(w, "amount", c->amount_minor, c->currency);
    word_field(w, "currency", fl_currency_code(c->currency));
    if (c->fee_minor != 0)
        money_field(w, "fee", c->fee_minor, c->currency);
    if (cold->loss_minor != 0)
        money_field(w, "loss", cold->loss_minor, c->currency);
    day_field(w, "date", c->date);
    text_field(w, "reason", FL_TABLE_text, cold->reason);
    fputs("}", w->out);
}

/* ---- statements
 * ------------------------------------------------------------------------------------------------
 */

/* Which part of the statement the row is, how many are there, and what has become of the whole. */
static void statement_parts(const struct fl_show *w, uint32_t row)
{
    static const char *const states[] = {"posted", "parts_missing", "posting"};
    const struct fl_statement_live *live = fl_at_statement_live(w->s, row);
    uint32_t count = 0;
    for (uint32_t part = live->first_part; live->part > 0 && part != FL_NO_ROW && part < w->s->rows[FL_TABLE_statement];
         part = fl_at_statement_live(w->s, part)->next_part)
        count++;
    if (live->part > 0)
        fprintf(w->out, ",\"part\":%u,\"parts_here\":%u", live->part, count);
    if (live->parts > 0)
        fprintf(w->out, ",\"parts\":%u", live->parts);
    word_field(w, "state", states[fl_at_statement_live(w->s, live->first_part)->state]);
}

void fl_show_statement(const struct fl_show *w, uint32_t row)
{
    const struct fl_statement_card *c = fl_at_statement_card(w->s, row);
    fputs("{\"id\":", w->out);
    fl_json_write_string(w->out, fl_text_get(w->s->store, FL_TABLE_text, c->id), c->id.length);
    putc(',', w->out);
    id_field(w, "account", &fl_at_bank_account_card(w->s, c->account)->id);
    word_field(w, "currency", fl_currency_code(c->currency));
    day_field(w, "from", c->from_date);
    day_field(w, "to", c->to_date);
    money_field(w, "opening", c->opening_minor, c->currency);
    money_field(w, "closing", c->closing_minor, c->currency);
    money_field(w, "sum", c->sum_minor, c->currency);
    fprintf(w->out, ",\"balanced\":%s", c->balanced ? "true" : "false");
    money_field(w, "difference", (fl_int128)c->closing_minor - c->opening_minor - c->sum_minor,
                c->currency);
    fprintf(w->out, ",\"lines\":%u", c->line_count);
    uint32_t waiting = fl_as_of_lines_with(w, row, FL_LINE_NO_RATE);
    uint32_t stored = fl_as_of_lines_with(w, row, FL_LINE_STORED);
    if (waiting > 0)
        fprintf(w->out, ",\"no_rate\":%u", waiting);
    statement_parts(w, row);
    fprintf(w->out, ",\"posted\":%s}", waiting + stored == 0 ? "true" : "false");
}

static void payer_field(const struct fl_show *w, const struct fl_statement_line_cold *cold)
{
    const struct {
        const char *name;
        struct fl_text_ref text;
    } fields[] = {{"name", cold->payer_name}, {"account", cold->payer_account}};
    bool first = true;
    for (unsigned i = 0; i < 2; i++) {
        if (fields[i].text.length == 0)
            continue;
        fprintf(w->out, first ? ",\"payer\":{\"%s\":" : ",\"%s\":", fields[i].name);
        fl_json_write_string(w->out, fl_text_get(w->s->store, FL_TABLE_personal, fields[i].text),
                             fields[i].text.length);
        first = false;
    }
    fputs(first ? "" : "}", w->out);
}

static void references_field(const struct fl_show *w, uint32_t row)
{
    uint32_t at = 0;
    const char *text, *before = ",\"references\":[";
    while ((text = fl_line_reference(w->s->store, row, &at)) != NULL) {
        fputs(before, w->out);
        fl_json_write_string(w->out, text, strlen(text));
        before = ",";
    }
    fputs(before[1] ? ",\"references\":[]" : "]", w->out);
}

static void availability_field(const struct fl_show *w, uint32_t row, uint8_t currency)
{
    const char *before = ",\"availability\":[";
    for (uint32_t i = fl_line_availability(w->s->store, row);
         i < w->s->rows[FL_TABLE_availability] && fl_at_availability_row(w->s, i)->line == row;
         i++) {
        const struct fl_availability_row *part = fl_at_availability_row(w->s, i);
        fprintf(w->out, "%s{\"days\":%u", before, part->days);
        money_field(w, "amount", part->amount_minor, currency);
        putc('}', w->out);
        before = ",";
    }
    fputs(before[1] ? ",\"availability\":[]" : "]", w->out);
}

static void line_outcome_fields(const struct fl_show *w, uint32_t row)
{
    static const char *const names[] = {"stored", "receipt",  "suspense",
                                        "linked", "returned", "no_rate"};
    const struct fl_statement_line_live *live = fl_at_statement_line_live(w->s, row);
    uint8_t status = fl_as_of_line_status(w, row);
    word_field(w, "status", names[status]);
    if (status == FL_LINE_RECEIPT || status == FL_LINE_LINKED) {
        putc(',', w->out);
        id_field(w, "receipt", &fl_at_receipt_card(w->s, live->target)->id);
    } else if (status == FL_LINE_RETURN) {
        putc(',', w->out);
        id_field(w, "receipt_reverse", &fl_at_cash_event_card(w->s, live->target)->id);
    }
}

void fl_show_statement_line(const struct fl_show *w, uint32_t row)
{
    const struct fl_statement_line_card *c = fl_at_statement_line_card(w->s, row);
    const struct fl_statement_line_cold *cold = fl_at_statement_line_cold(w->s, row);
    const struct fl_statement_card *statement = fl_at_statement_card(w->s, c->statement);
    char id[FL_ID_BYTES_MAX];
    fputs("{\"id\":", w->out);
    fl_json_write_string(w->out, id, fl_line_id(w->s->store, row, id));
    putc(',', w->out);
    id_field(w, "account", &fl_at_bank_account_card(w->s, statement->account)->id);
    fputs(",\"statement\":", w->out);
    fl_json_write_string(w->out, fl_text_get(w->s->store, FL_TABLE_text, statement->id),
                         statement->id.length);
    fprintf(w->out, ",\"n\":%u", row - statement->line_first + 1);
    day_field(w, "booking_date", c->booking_date);
    day_field(w, "value_date", c->value_date);
    money_field(w, "amount", c->amount_minor, statement->currency);
    word_field(w, "currency", fl_currency_code(statement->currency));
    text_field(w, "text", FL_TABLE_personal, cold->text);
    text_field(w, "bank_ref", FL_TABLE_text, c->bank_ref);
    text_field(w, "customer_ref", FL_TABLE_personal, cold->customer_ref);
    text_field(w, "end_to_end", FL_TABLE_personal, cold->end_to_end);
    references_field(w, row);
    payer_field(w, cold);
    if (cold->charges_minor != 0)
        money_field(w, "charges", cold->charges_minor, statement->currency);
    availability_field(w, row, statement->currency);
    fprintf(w->out, ",\"reversal\":%s",
            fl_at_statement_line_live(w->s, row)->reversal ? "true" : "false");
    line_outcome_fields(w, row);
    fputs("}", w->out);
}
