/* The JSON shapes of what `show` and `list` print. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/domain/assign.h"
#include "core/domain/instalment.h"
#include "core/domain/match.h"
#include "core/domain/order.h"
#include "core/domain/promise.h"
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

/* A field that the contract names: null where there is nothing. */
static void named_text_field(const struct fl_show *w, const char *name, enum fl_table_id heap,
                             struct fl_text_ref ref)
{
    if (ref.length == 0)
        fprintf(w->out, ",\"%s\":null", name);
    else
        text_field(w, name, heap, ref);
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

static void payer_field(const struct fl_show *w, struct fl_text_ref name,
                        struct fl_text_ref account)
{
    fputs(",\"payer\":{\"name\":", w->out);
    if (name.length == 0)
        fputs("null", w->out);
    else
        fl_json_write_string(w->out, fl_text_get(w->s->store, FL_TABLE_personal, name), name.length);
    named_text_field(w, "account", FL_TABLE_personal, account);
    putc('}', w->out);
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

struct opening {
    int64_t minor;
    uint16_t date;
};

/* The last that was known then; it may be that one known was taken back and none stands for it. */
static struct opening opening_as_of(const struct fl_show *w, uint32_t account)
{
    for (uint32_t row = w->s->rows[FL_TABLE_bank_opening]; row > 0;) {
        const struct fl_bank_opening_row *opening = fl_at_bank_opening_row(w->s, --row);
        if (opening->account != account || opening->seq > w->items->known_seq)
            continue;
        if (opening->mirrors || opening->date > w->as_of)
            break;
        return (struct opening){opening->amount_minor, opening->date};
    }
    return (struct opening){0, FL_DATE_NONE};
}

void fl_show_bank_account(const struct fl_show *w, uint32_t row)
{
    static const char *const kinds[] = {"", "bank", "processor", "cash"};
    const struct fl_bank_account_live *live = fl_at_bank_account_live(w->s, row);
    putc('{', w->out);
    id_field(w, "id", &fl_at_bank_account_card(w->s, row)->id);
    word_field(w, "currency", fl_currency_code(live->currency));
    word_field(w, "kind", kinds[live->kind]);
    struct opening opening = {live->opening_minor, live->opening_date};
    if (w->items)
        opening = opening_as_of(w, row);
    money_field(w, "opening", opening.minor, live->currency);
    day_field(w, "opening_date", opening.date);
    if (live->reversal_flips != FL_REVERSAL_UNSAID)
        fprintf(w->out, ",\"reversal_flips\":%s",
                live->reversal_flips == FL_REVERSAL_FLIPS ? "true" : "false");
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

/* Discount and difference that came with an application of a receipt; below zero what was paid above. */
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
    for (uint32_t i = fl_at_receipt_money(w->s, m->source)->last_movement; i != FL_NO_ROW;
         i = fl_at_movement_row(w->s, i)->prev_of_source) {
        const struct fl_movement_row *other = fl_at_movement_row(w->s, i);
        if (other->kind == FL_MOVE_OVER && other->application == m->application &&
            fl_at_movement_cold(w->s, i)->reverses == FL_NO_ROW)
            *difference -= other->amount_minor;
    }
}

/* "by": who signed it; the machine, where it found the match; nobody said. */
static void by_field(const struct fl_show *w, uint32_t movement, uint32_t match)
{
    bool person = fl_at_movement_row(w->s, movement)->flags & FL_MOVE_FLAG_PERSON;
    struct fl_text_ref by = {0, 0};
    if (match != FL_NO_ROW)
        by = fl_at_match_row(w->s, match)->by;
    if (by.length > 0)
        text_field(w, "by", FL_TABLE_text, by);
    else if (!person && fl_at_movement_cold(w->s, movement)->rule != 0)
        word_field(w, "by", "florin");
}

/* The sentence: as it was given, or what the core settles by. */
static void reason_field(const struct fl_show *w, uint32_t movement, uint32_t match)
{
    const struct fl_movement_row *m = fl_at_movement_row(w->s, movement);
    uint8_t rule = fl_at_movement_cold(w->s, movement)->rule;
    const char *why = rule == 1   ? "a processor quotes our own number, "
                      : rule == 2 ? "a reference whose check digits hold is that of "
                                  : "its references or its text name ";
    char sentence[2 * FL_ID_BYTES_MAX + 64];
    if (match != FL_NO_ROW && fl_at_match_row(w->s, match)->reason.length > 0) {
        text_field(w, "reason", FL_TABLE_text, fl_at_match_row(w->s, match)->reason);
        return;
    }
    snprintf(sentence, sizeof sentence, "%s%s", rule ? why : "a person decided so: ",
             fl_id_text(w->s, &fl_at_invoice_card(w->s, m->invoice)->id));
    fputs(",\"reason\":", w->out);
    fl_json_write_string(w->out, sentence, strlen(sentence));
}

static void candidate(const struct fl_show *w, uint32_t row)
{
    const struct fl_match_candidate_row *c = fl_at_match_candidate_row(w->s, row);
    const char *id, *amount, *before = "";
    uint32_t at = 0;
    fprintf(w->out, "{\"rule\":%u,\"points\":%u,\"documents\":[", c->rule, c->points);
    while ((id = fl_match_document_next(w->s->store, row, &at, &amount)) != NULL) {
        fprintf(w->out, "%s{\"id\":", before);
        fl_json_write_string(w->out, id, strlen(id));
        fprintf(w->out, ",\"amount\":\"%s\"}", amount);
        before = ",";
    }
    putc(']', w->out);
    text_field(w, "missing", FL_TABLE_text, c->missing);
    putc('}', w->out);
}

static void candidates_fields(const struct fl_show *w, uint32_t match)
{
    static const struct fl_match_row none;
    const struct fl_match_row *row = match == FL_NO_ROW ? &none : fl_at_match_row(w->s, match);
    uint32_t at = row->candidate_first, end = at + row->candidate_count;
    fputs(",\"runner_up\":", w->out);
    if (row->has_runner_up)
        candidate(w, at++);
    else
        fputs("null", w->out);
    fputs(",\"candidates\":[", w->out);
    for (const char *before = ""; at < end; at++, before = ",") {
        fputs(before, w->out);
        candidate(w, at);
    }
    putc(']', w->out);
}

static uint32_t match_of(const struct fl_show *w, uint32_t movement)
{
    return fl_match_find(w->s->store, w->s->rows[FL_TABLE_match], movement);
}

static void rule_fields(const struct fl_show *w, const struct fl_movement_cold *cold)
{
    if (cold->rule != 0)
        fprintf(w->out, "\"rule\":%u,\"points\":%u", cold->rule, cold->points);
    else
        fputs("\"rule\":null,\"points\":null", w->out);
}

void fl_show_match(const struct fl_show *w, uint32_t movement)
{
    uint32_t match = match_of(w, movement);
    rule_fields(w, fl_at_movement_cold(w->s, movement));
    by_field(w, movement, match);
    reason_field(w, movement, match);
    candidates_fields(w, match);
}

static void match_fields(const struct fl_show *w, uint32_t movement)
{
    uint32_t match = match_of(w, movement);
    const struct fl_movement_cold *cold = fl_at_movement_cold(w->s, movement);
    by_field(w, movement, match);
    if (match == FL_NO_ROW && cold->rule == 0)
        return;
    fputs(",\"match\":{", w->out);
    rule_fields(w, cold);
    reason_field(w, movement, match);
    putc('}', w->out);
}

/* Of a receipt: why its newest standing application is; of one that has none, why not. */
static void receipt_match(const struct fl_show *w, uint32_t receipt, const char *open_reason)
{
    uint32_t row = fl_at_receipt_money(w->s, receipt)->last_movement;
    for (; row != FL_NO_ROW; row = fl_at_movement_row(w->s, row)->prev_of_source) {
        uint32_t reversed = fl_at_movement_live(w->s, row)->reversed_by;
        bool stands = reversed == FL_NO_ROW || !fl_as_of_has(w, FL_TABLE_movement, reversed);
        if (fl_at_movement_row(w->s, row)->kind == FL_MOVE_APPLY_RECEIPT && stands &&
            fl_at_movement_cold(w->s, row)->reverses == FL_NO_ROW &&
            fl_as_of_has(w, FL_TABLE_movement, row))
            break;
    }
    if (row == FL_NO_ROW) {
        fputs(",\"match\":{\"rule\":null,\"points\":null", w->out);
        if (open_reason[0])
            word_field(w, "reason", open_reason);
        else
            fputs(",\"reason\":null", w->out);
        fputs(",\"runner_up\":null,\"candidates\":[]}", w->out);
        return;
    }
    fputs(",\"match\":{", w->out);
    fl_show_match(w, row);
    putc('}', w->out);
}

void fl_show_application_id(const struct fl_snapshot *s, uint32_t row,
                            char out[FL_APPLICATION_ID_BYTES])
{
    const struct fl_movement_row *m = fl_at_movement_row(s, row);
    uint32_t given = fl_at_movement_cold(s, row)->application_id;
    const struct fl_id *source = m->kind == FL_MOVE_APPLY_RECEIPT
                                     ? &fl_at_receipt_card(s, m->source)->id
                                     : &fl_at_credit_note_card(s, m->source)->id;
    if (given != FL_NO_ROW)
        snprintf(out, FL_APPLICATION_ID_BYTES, "%s",
                 fl_id_text(s, &fl_at_application_id_row(s, given)->id));
    else
        snprintf(out, FL_APPLICATION_ID_BYTES, "%s/%u", fl_id_text(s, source), m->application);
}

void fl_show_application(const struct fl_show *w, uint32_t row)
{
    const struct fl_movement_row *m = fl_at_movement_row(w->s, row);
    const struct fl_movement_cold *cold = fl_at_movement_cold(w->s, row);
    int64_t discount = 0, difference = 0;
    char id[FL_APPLICATION_ID_BYTES];
    fl_show_application_id(w->s, row, id);
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

struct parts {
    uint32_t first, count;
    uint16_t oldest; /* due day of the oldest that is open */
    int64_t opens[FL_INSTALMENTS_MAX];
};

static void parts_read(const struct fl_show *w, uint32_t invoice, int64_t open, struct parts *parts)
{
    parts->count = 0;
    if (!(fl_at_invoice_money(w->s, invoice)->flags & FL_INVOICE_HAS_INSTALMENTS))
        return;
    parts->count = fl_instalment_find(w->s->store, w->s->rows[FL_TABLE_instalment], invoice,
                                      &parts->first);
    fl_instalment_opens(w->s->store, parts->first, parts->count, open, parts->opens);
    uint32_t i = 0;
    while (i + 1 < parts->count && parts->opens[i] == 0)
        i++;
    parts->oldest = fl_at_instalment_row(w->s, parts->first + i)->due_date;
}

static void instalments_field(const struct fl_show *w, const struct parts *parts, uint8_t currency)
{
    for (uint32_t i = 0; i < parts->count; i++) {
        const struct fl_instalment_row *row = fl_at_instalment_row(w->s, parts->first + i);
        fprintf(w->out, "%s{\"n\":%u", i ? "," : ",\"instalments\":[", row->number);
        day_field(w, "due_date", row->due_date);
        money_field(w, "amount", row->amount_minor, currency);
        money_field(w, "open", parts->opens[i], currency);
        putc('}', w->out);
    }
    if (parts->count > 0)
        putc(']', w->out);
}

static bool dispute_is_open(const struct fl_show *w, uint32_t row)
{
    const struct fl_dispute_live *live = fl_at_dispute_live(w->s, row);
    if (!w->items || live->state == FL_DISPUTE_OPEN)
        return live->state == FL_DISPUTE_OPEN;
    return live->closed_date > w->as_of || live->closed_seq > w->items->known_seq;
}

/* Disputes are few: all are looked at, for an invoice that has any. */
static int64_t disputed_sum(const struct fl_show *w, uint32_t invoice)
{
    int64_t sum = 0;
    if (!w->items && !(fl_at_invoice_money(w->s, invoice)->flags & FL_INVOICE_DISPUTED))
        return 0;
    for (uint32_t row = 0; row < w->s->rows[FL_TABLE_dispute]; row++) {
        if (fl_at_dispute_card(w->s, row)->invoice == invoice &&
            fl_as_of_has(w, FL_TABLE_dispute, row) && dispute_is_open(w, row))
            sum += fl_at_dispute_card(w->s, row)->amount_minor;
    }
    return sum;
}

void fl_show_invoice(const struct fl_show *w, uint32_t row)
{
    static const char *const states[] = {"", "open", "partial", "paid", "credited", "written_off"};
    const struct fl_invoice_card *c = fl_at_invoice_card(w->s, row);
    const struct fl_invoice_money *money = fl_at_invoice_money(w->s, row);
    const struct fl_invoice_cold *cold = fl_at_invoice_cold(w->s, row);
    int64_t open = fl_as_of_invoice_open(w, row);
    struct parts parts;
    parts_read(w, row, open, &parts);
    int days = (int)w->as_of - (int)(parts.count > 0 ? parts.oldest : c->due_date);
    int64_t disputed = disputed_sum(w, row);
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
    fprintf(w->out, ",\"days_overdue\":%d,\"dunning_level\":0,\"disputed\":%s",
            open > 0 && days > 0 ? days : 0, disputed > 0 ? "true" : "false");
    if (disputed > 0)
        money_field(w, "disputed_amount", disputed, c->currency);
    instalments_field(w, &parts, c->currency);
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

static bool note_is_cancelled(const struct fl_show *w, uint32_t note)
{
    uint32_t row = fl_at_credit_note_money(w->s, note)->last_movement;
    while (row != FL_NO_ROW && fl_at_movement_row(w->s, row)->kind != FL_MOVE_CREDIT_CANCEL)
        row = fl_at_movement_row(w->s, row)->prev_of_source;
    return row != FL_NO_ROW && fl_as_of_has(w, FL_TABLE_movement, row);
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
    fprintf(w->out, ",\"cancelled\":%s", note_is_cancelled(w, row) ? "true" : "false");
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
    if (shown.customer == FL_NO_ROW)
        fputs(",\"customer\":null", w->out);
    word_field(w, "state", states[shown.state]);
    money_field(w, "applied", shown.sums.applied_minor, c->currency);
    money_field(w, "unapplied", shown.open_minor, c->currency);
    money_field(w, "refunded", shown.sums.refunded_minor, c->currency);
    money_field(w, "charged_back", shown.sums.charged_back_minor, c->currency);
    money_field(w, "returned", shown.sums.returned_minor, c->currency);
    money_field(w, "gain", shown.sums.gain_minor, c->currency);
    if (shown.sums.assigned_minor != 0)
        money_field(w, "assigned", shown.sums.assigned_minor, c->currency);
    money_field(w, "refundable", shown.refundable_minor, c->currency);
    money_field(w, "fee", c->fee_minor, c->currency);
    if (c->account != FL_NO_ROW) {
        putc(',', w->out);
        id_field(w, "account", &fl_at_bank_account_card(w->s, c->account)->id);
    }
    text_field(w, "text", FL_TABLE_personal, cold->text);
    text_field(w, "method", FL_TABLE_text, cold->method);
    payer_field(w, cold->payer_name, cold->payer_account);
    uint8_t reason = shown.open_minor > 0 ? status->reason : FL_REASON_NONE;
    if (reason != FL_REASON_NONE)
        word_field(w, "open_reason", reason_text(reason));
    receipt_match(w, row, reason_text(reason));
    applications(w, fl_at_receipt_money(w->s, row)->last_movement, false);
    fputs("}", w->out);
}

/* A8: what went back of the refund's receipt, and what still can. */
static void given_back_fields(const struct fl_show *w, uint32_t receipt)
{
    uint8_t currency = fl_at_receipt_card(w->s, receipt)->currency;
    struct fl_receipt_shown shown;
    fl_as_of_receipt(w, receipt, &shown);
    money_field(w, "refunded", shown.sums.refunded_minor, currency);
    money_field(w, "charged_back", shown.sums.charged_back_minor, currency);
    money_field(w, "returned", shown.sums.returned_minor, currency);
    money_field(w, "refundable", shown.refundable_minor, currency);
}

void fl_show_cash_event(const struct fl_show *w, uint32_t row)
{
    const struct fl_cash_event_card *c = fl_at_cash_event_card(w->s, row);
    const char *const targets[] = {
        "",        "receipt",
        "credit_note", "customer",
        "invoice", c->kind == FL_EVENT_WRITE_OFF_REVERSE ? "write_off" : "chargeback"};
    const struct fl_cash_event_cold *cold = fl_at_cash_event_cold(w->s, row);
    const struct fl_id *target =
        c->target_kind == FL_TARGET_RECEIPT       ? &fl_at_receipt_card(w->s, c->target)->id
        : c->target_kind == FL_TARGET_CREDIT_NOTE ? &fl_at_credit_note_card(w->s, c->target)->id
        : c->target_kind == FL_TARGET_INVOICE     ? &fl_at_invoice_card(w->s, c->target)->id
        : c->target_kind == FL_TARGET_EVENT       ? &fl_at_cash_event_card(w->s, c->target)->id
                                                  : &fl_at_customer_card(w->s, c->target)->id;
    putc('{', w->out);
    id_field(w, "id", &c->id);
    putc(',', w->out);
    id_field(w, targets[c->target_kind], target);
    if (c->target_kind != FL_TARGET_CUSTOMER)
        customer_field(w, cold->customer);
    money_field(w, "amount", c->amount_minor, c->currency);
    word_field(w, "currency", fl_currency_code(c->currency));
    money_field(w, "fee", c->fee_minor, c->currency);
    if (c->kind == FL_EVENT_REFUND && c->target_kind == FL_TARGET_RECEIPT)
        given_back_fields(w, c->target);
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

/* The statement of the account that ends before this one begins, the last of them; FL_NO_ROW. Of parts the last. */
static uint32_t statement_before(const struct fl_show *w, uint32_t row)
{
    const struct fl_statement_card *c = fl_at_statement_card(w->s, row);
    uint32_t best = FL_NO_ROW;
    uint16_t best_day = 0;
    for (uint32_t i = fl_at_bank_account_live(w->s, c->account)->last_statement; i != FL_NO_ROW;
         i = fl_at_statement_card(w->s, i)->prev_of_account) {
        const struct fl_statement_card *other = fl_at_statement_card(w->s, i);
        bool earlier = other->to_date < c->from_date || (other->to_date <= c->from_date && i < row);
        if (i == row || !earlier || !(other->closing_given || other->opening_given) ||
            !fl_as_of_has(w, FL_TABLE_statement, i))
            continue;
        if (best == FL_NO_ROW || other->to_date > best_day) { /* newest rows come first */
            best = i;
            best_day = other->to_date;
        }
    }
    return best;
}

int64_t fl_show_statement_gap(const struct fl_show *w, uint32_t row)
{
    const struct fl_statement_card *c = fl_at_statement_card(w->s, row);
    const struct fl_statement_live *live = fl_at_statement_live(w->s, row);
    uint32_t before = statement_before(w, row);
    bool overlaps = live->overlaps || fl_at_statement_live(w->s, live->first_part)->overlaps;
    return before == FL_NO_ROW || !(c->opening_given || c->closing_given) || overlaps
               ? 0
               : c->opening_minor - fl_at_statement_card(w->s, before)->closing_minor;
}

static void statement_extras(const struct fl_show *w, uint32_t row)
{
    const struct fl_statement_card *c = fl_at_statement_card(w->s, row);
    const struct fl_statement_live *live = fl_at_statement_live(w->s, row);
    int64_t gap = fl_show_statement_gap(w, row);
    fprintf(w->out, ",\"pages\":%u,\"gap\":", live->pages ? live->pages : 1);
    if (gap != 0)
        fprintf(w->out, "\"%s\"", fl_money_text(gap, c->currency));
    else
        fputs("null", w->out);
    text_field(w, "note", FL_TABLE_personal, live->note);
    fputs(",\"balances\":[", w->out);
    uint32_t first = fl_statement_balances(w->s->store, w->s->rows[FL_TABLE_statement_balance], row);
    for (uint32_t i = 0; i < live->balance_count; i++) {
        const struct fl_statement_balance_row *b = fl_at_statement_balance_row(w->s, first + i);
        fputs(i ? ",{\"code\":" : "{\"code\":", w->out);
        fl_json_write_string(w->out, b->code, b->code_length);
        day_field(w, "date", b->date);
        money_field(w, "amount", b->amount_minor, c->currency);
        putc('}', w->out);
    }
    putc(']', w->out);
}

void fl_show_statement(const struct fl_show *w, uint32_t row)
{
    const struct fl_statement_card *c = fl_at_statement_card(w->s, row);
    bool known = c->opening_given || c->closing_given; /* one and the lines make the other */
    fputs("{\"id\":", w->out);
    fl_json_write_string(w->out, fl_text_get(w->s->store, FL_TABLE_text, c->id), c->id.length);
    putc(',', w->out);
    id_field(w, "account", &fl_at_bank_account_card(w->s, c->account)->id);
    word_field(w, "currency", fl_currency_code(c->currency));
    day_field(w, "from", c->from_date);
    day_field(w, "to", c->to_date);
    if (known) {
        money_field(w, "opening", c->opening_minor, c->currency);
        money_field(w, "closing", c->closing_minor, c->currency);
    } else {
        fputs(",\"opening\":null,\"closing\":null", w->out);
    }
    money_field(w, "sum", c->sum_minor, c->currency);
    fprintf(w->out, ",\"balanced\":%s", c->balanced ? "true" : "false");
    if (known)
        money_field(w, "difference", (fl_int128)c->closing_minor - c->opening_minor - c->sum_minor,
                    c->currency);
    else
        fputs(",\"difference\":null", w->out);
    fprintf(w->out, ",\"lines\":%u", c->line_count);
    uint32_t waiting = fl_as_of_lines_with(w, row, FL_LINE_NO_RATE);
    uint32_t stored = fl_as_of_lines_with(w, row, FL_LINE_STORED);
    if (waiting > 0)
        fprintf(w->out, ",\"no_rate\":%u", waiting);
    statement_extras(w, row);
    statement_parts(w, row);
    fprintf(w->out, ",\"posted\":%s}", waiting + stored == 0 ? "true" : "false");
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

/* What the payer's advice says, where it had amounts. */
static void advice_field(const struct fl_show *w, uint32_t row, uint8_t currency)
{
    const char *before = ",\"advice\":[";
    uint32_t rows = w->s->rows[FL_TABLE_advice];
    for (uint32_t i = fl_line_advice(w->s->store, rows, row);
         i < rows && fl_at_advice_row(w->s, i)->line == row; i++) {
        const struct fl_advice_row *advice = fl_at_advice_row(w->s, i);
        fprintf(w->out, "%s{\"document\":", before);
        fl_json_write_string(w->out, fl_text_get(w->s->store, FL_TABLE_personal, advice->document),
                             advice->document.length);
        money_field(w, "amount", advice->amount_minor, currency);
        if (advice->discount_minor != 0)
            money_field(w, "discount", advice->discount_minor, currency);
        putc('}', w->out);
        before = ",";
    }
    fputs(before[1] ? "" : "]", w->out);
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

static const char *event_word(const struct fl_show *w, uint32_t event)
{
    static const char *const words[] = {"",
                                        "refund",
                                        "chargeback",
                                        "write_off",
                                        "receipt_reverse",
                                        "chargeback_reverse",
                                        "write_off_reverse"};
    return words[fl_at_cash_event_card(w->s, event)->kind];
}

static void event_field(const struct fl_show *w, const char *name, uint32_t event)
{
    putc(',', w->out);
    id_field(w, name, &fl_at_cash_event_card(w->s, event)->id);
}

/* "assets:bank:ID", or the account's name. */
static void account_field(const struct fl_show *w, const char *name, uint32_t account)
{
    fprintf(w->out, ",\"%s\":\"%s\"", name, fl_account_name(account));
}

/* The assignment of a line that became a receipt stands at the movement that took its money. */
static uint32_t assignment_of(const struct fl_show *w, uint32_t line)
{
    const struct fl_statement_line_live *live = fl_at_statement_line_live(w->s, line);
    uint32_t last = live->status == FL_LINE_SUSPENSE ? live->target : FL_NO_ROW;
    if (live->status != FL_LINE_SUSPENSE && live->status != FL_LINE_RECEIPT)
        return FL_NO_ROW;
    while (last != FL_NO_ROW && !fl_as_of_has(w, FL_TABLE_assignment, last))
        last = fl_at_assignment_row(w->s, last)->previous - 1; /* 0: none */
    if (live->status == FL_LINE_SUSPENSE)
        return last != FL_NO_ROW && fl_at_assignment_row(w->s, last)->reverses == 0 ? last
                                                                                   : FL_NO_ROW;
    for (uint32_t row = fl_at_receipt_money(w->s, live->target)->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(w->s, row)->prev_of_source) {
        if (fl_at_movement_row(w->s, row)->kind == FL_MOVE_ASSIGN &&
            fl_as_of_has(w, FL_TABLE_movement, row))
            return fl_at_movement_cold(w->s, row)->reverses == FL_NO_ROW
                       ? fl_at_movement_cold(w->s, row)->event
                       : FL_NO_ROW;
    }
    return FL_NO_ROW;
}

static void assigned_fields(const struct fl_show *w, uint32_t line, uint32_t row)
{
    const struct fl_assignment_row *a = fl_at_assignment_row(w->s, row);
    switch ((enum fl_assignment_kind)a->kind) {
    case FL_ASSIGN_ACCOUNT:
        if (a->target == FL_NO_ROW) {
            account_field(w, "assigned", a->account);
        } else {
            putc(',', w->out);
            id_field(w, "assigned", &fl_at_bank_account_card(w->s, a->target)->id);
        }
        break;
    case FL_ASSIGN_REFUND:
    case FL_ASSIGN_CHARGEBACK:
        event_field(w, "assigned", a->target);
        event_field(w, event_word(w, a->target), a->target);
        break;
    case FL_ASSIGN_RECEIPT:
        putc(',', w->out);
        id_field(w, "assigned",
                 fl_at_statement_line_live(w->s, line)->status == FL_LINE_SUSPENSE
                     ? &fl_at_receipt_card(w->s, fl_at_cash_event_card(w->s, a->target)->target)->id
                     : &fl_at_receipt_card(w->s, a->target)->id);
        break;
    case FL_ASSIGN_PAYOUT:
        putc(',', w->out);
        id_field(w, "assigned", &fl_at_payout_card(w->s, a->target)->id);
        break;
    }
}

static void line_outcome_fields(const struct fl_show *w, uint32_t row)
{
    static const char *const names[] = {
        "stored",          "receipt",       "suspense",          "linked",        "returned",
        "no_rate",         "refund",        "refund_linked",     "chargeback_linked",
        "payout_linked",   "receipt_known", "refund_known",      "chargeback_known",
        "payout_known",    "told"};
    uint32_t target = fl_at_statement_line_live(w->s, row)->target;
    uint8_t status = fl_as_of_line_status(w, row);
    uint32_t assignment = assignment_of(w, row);
    word_field(w, "status", assignment != FL_NO_ROW ? "assigned" : names[status]);
    if (assignment != FL_NO_ROW) {
        assigned_fields(w, row, assignment);
        return;
    }
    switch ((enum fl_line_status)status) {
    case FL_LINE_RECEIPT:
    case FL_LINE_LINKED:
    case FL_LINE_RECEIPT_KNOWN:
        putc(',', w->out);
        id_field(w, "receipt", &fl_at_receipt_card(w->s, target)->id);
        break;
    case FL_LINE_RETURN:
        event_field(w, "receipt_reverse", target);
        break;
    case FL_LINE_REFUND:
    case FL_LINE_REFUND_LINKED:
    case FL_LINE_REFUND_KNOWN:
        event_field(w, "refund", target);
        break;
    case FL_LINE_CHARGEBACK_LINKED:
    case FL_LINE_CHARGEBACK_KNOWN:
        event_field(w, event_word(w, target), target);
        break;
    case FL_LINE_PAYOUT_LINKED:
    case FL_LINE_PAYOUT_KNOWN:
        putc(',', w->out);
        id_field(w, "payout", &fl_at_payout_card(w->s, target)->id);
        break;
    case FL_LINE_TOLD: {
        char id[FL_ID_BYTES_MAX];
        fputs(",\"told\":", w->out);
        fl_json_write_string(w->out, id, fl_line_id(w->s->store, target, id));
        break;
    }
    case FL_LINE_STORED:
    case FL_LINE_SUSPENSE:
    case FL_LINE_NO_RATE:
        break;
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
    if (c->value_date == FL_DATE_NONE)
        fputs(",\"value_date\":null", w->out);
    money_field(w, "amount", c->amount_minor, statement->currency);
    word_field(w, "currency", fl_currency_code(statement->currency));
    text_field(w, "text", FL_TABLE_personal, cold->text);
    if (cold->text.length == 0)
        fputs(",\"text\":\"\"", w->out);
    named_text_field(w, "bank_ref", FL_TABLE_text, c->bank_ref);
    named_text_field(w, "customer_ref", FL_TABLE_personal, cold->customer_ref);
    named_text_field(w, "end_to_end", FL_TABLE_personal, cold->end_to_end);
    references_field(w, row);
    payer_field(w, cold->payer_name, cold->payer_account);
    money_field(w, "charges", cold->charges_minor, statement->currency);
    availability_field(w, row, statement->currency);
    advice_field(w, row, statement->currency);
    fprintf(w->out, ",\"reversal\":%s",
            fl_at_statement_line_live(w->s, row)->reversal ? "true" : "false");
    line_outcome_fields(w, row);
    fputs("}", w->out);
}

/* ---- payouts, disputes, promises
 * -------------------------------------------------------------------------------- */

static void payout_part(const struct fl_show *w, uint32_t row, unsigned n, uint8_t currency)
{
    static const char *const kinds[] = {"",           "charge",  "refund",    "fee",
                                        "chargeback", "reserve", "adjustment"};
    const struct fl_payout_part_row *part = fl_at_payout_part_row(w->s, row);
    fprintf(w->out, "%s{\"n\":%u,\"kind\":\"%s\"", n > 1 ? "," : "", n, kinds[part->kind]);
    named_text_field(w, "ref", FL_TABLE_text, part->ref);
    money_field(w, "amount", part->amount_minor, currency);
    money_field(w, "fee", part->fee_minor, currency);
    if (part->target != FL_NO_ROW && part->kind == FL_PAYOUT_CHARGE) {
        putc(',', w->out);
        id_field(w, "receipt", &fl_at_receipt_card(w->s, part->target)->id);
    } else if (part->target != FL_NO_ROW) {
        event_field(w, event_word(w, part->target), part->target);
    } else if (part->posts & FL_PAYOUT_POSTS_AMOUNT) {
        account_field(w, "account", part->account);
    }
    putc('}', w->out);
}

void fl_show_payout(const struct fl_show *w, uint32_t row)
{
    const struct fl_payout_card *c = fl_at_payout_card(w->s, row);
    const struct fl_payout_live *live = fl_at_payout_live(w->s, row);
    uint8_t currency = fl_at_bank_account_live(w->s, c->processor)->currency;
    putc('{', w->out);
    id_field(w, "id", &c->id);
    day_field(w, "date", c->date);
    word_field(w, "currency", fl_currency_code(currency));
    putc(',', w->out);
    id_field(w, "processor", &fl_at_bank_account_card(w->s, c->processor)->id);
    money_field(w, "amount", c->amount_minor, currency);
    if (c->account != FL_NO_ROW) {
        putc(',', w->out);
        id_field(w, "account", &fl_at_bank_account_card(w->s, c->account)->id);
    }
    fprintf(w->out, ",\"matched\":%u", live->matched);
    if (live->line != 0) {
        char id[FL_ID_BYTES_MAX];
        fputs(",\"line\":", w->out);
        fl_json_write_string(w->out, id, fl_line_id(w->s->store, live->line - 1, id));
    }
    fputs(",\"parts\":[", w->out);
    for (unsigned i = 0; i < c->part_count; i++)
        payout_part(w, c->part_first + i, i + 1, currency);
    fputs("]}", w->out);
}

void fl_show_dispute(const struct fl_show *w, uint32_t row)
{
    static const char *const states[] = {"", "open", "upheld", "rejected"};
    const struct fl_dispute_card *c = fl_at_dispute_card(w->s, row);
    const struct fl_dispute_live *live = fl_at_dispute_live(w->s, row);
    bool open = dispute_is_open(w, row);
    putc('{', w->out);
    id_field(w, "id", &c->id);
    putc(',', w->out);
    id_field(w, "invoice", &fl_at_invoice_card(w->s, c->invoice)->id);
    customer_field(w, fl_at_invoice_card(w->s, c->invoice)->customer);
    money_field(w, "amount", c->amount_minor, c->currency);
    word_field(w, "currency", fl_currency_code(c->currency));
    day_field(w, "date", c->date);
    text_field(w, "reason", FL_TABLE_text, c->reason);
    word_field(w, "state", open ? "open" : "closed");
    if (!open) {
        word_field(w, "outcome", states[live->state]);
        day_field(w, "closed", live->closed_date);
        if (live->credit_note != FL_NO_ROW) {
            putc(',', w->out);
            id_field(w, "credit", &fl_at_credit_note_card(w->s, live->credit_note)->id);
        }
    }
    putc('}', w->out);
}

void fl_show_promise(const struct fl_show *w, uint32_t row)
{
    static const char *const states[] = {"", "open", "kept", "broken"};
    const struct fl_promise_card *c = fl_at_promise_card(w->s, row);
    putc('{', w->out);
    id_field(w, "id", &c->id);
    customer_field(w, c->customer);
    if (c->invoice != FL_NO_ROW) {
        putc(',', w->out);
        id_field(w, "invoice", &fl_at_invoice_card(w->s, c->invoice)->id);
    }
    money_field(w, "amount", c->amount_minor, c->currency);
    word_field(w, "currency", fl_currency_code(c->currency));
    day_field(w, "date", c->date);
    day_field(w, "made", c->made);
    money_field(w, "paid", fl_promise_cash(w->s->store, row), c->currency);
    word_field(w, "state", states[fl_promise_state_now(w->s->store, row)]);
    putc('}', w->out);
}
