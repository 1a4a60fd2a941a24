#include "tools/gen/workload_ndjson.h"

#include <string.h>

#include "tools/gen/gen_names.h"
#include "tools/gen/our_accounts.h"
#include "tools/gen/payer_text.h"

#define PUT(text, literal) fl_gen_put((text), (literal), sizeof(literal) - 1)

static void put_id(struct fl_gen_text *text, enum fl_gen_id_kind kind, uint32_t number)
{
    char id[FL_GEN_ID_BYTES];
    fl_gen_put(text, id, fl_gen_id(kind, number, id));
}

/* {"type":"T","id":"X-000001" */
static void begin(struct fl_gen_text *text, const char *type, enum fl_gen_id_kind kind,
                  uint32_t number)
{
    PUT(text, "{\"type\":\"");
    fl_gen_puts(text, type);
    PUT(text, "\",\"id\":\"");
    put_id(text, kind, number);
    PUT(text, "\"");
}

static void put_at(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    PUT(text, ",\"at\":\"");
    fl_gen_put_instant(text, event->at_us);
    PUT(text, "\"");
}

static void put_at_date(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    put_at(text, event);
    PUT(text, ",\"date\":\"");
    fl_gen_put_date(text, event->date_days);
    PUT(text, "\"");
}

/* Names of this generator hold nothing that JSON would escape. */
static void put_name(struct fl_gen_text *text, const char *name, size_t length)
{
    PUT(text, ",\"name\":\"");
    fl_gen_put(text, name, length);
    PUT(text, "\"");
}

static void put_percent(struct fl_gen_text *text, unsigned percent)
{
    fl_gen_putc(text, '"');
    fl_gen_put_number(text, percent, 1);
    fl_gen_putc(text, '"');
}

static void put_book(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    PUT(text, "{\"type\":\"book\",\"base_currency\":\"EUR\",\"time_zone\":\"UTC\","
              "\"tolerances\":{\"EUR\":\"0.05\"},\"key_days\":400");
    put_at(text, event);
}

static void put_account(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    PUT(text, "{\"type\":\"bank_account\",\"id\":\"");
    fl_gen_puts(text, fl_our_account_iban(event->bank_account.number));
    PUT(text, "\",\"currency\":\"EUR\",\"opening\":\"");
    fl_gen_put_minor(text, event->bank_account.opening_minor, '.');
    PUT(text, "\"");
    put_at(text, event);
}

static void put_product(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    char name[FL_GEN_NAME_BYTES];
    begin(text, "product", FL_GEN_ID_PRODUCT, event->product.number);
    put_name(text, name, fl_gen_product(event->product.number, name));
    PUT(text, ",\"currency\":\"EUR\",\"price\":\"");
    fl_gen_put_minor(text, event->product.price_minor, '.');
    PUT(text, "\",\"tax_rate\":");
    put_percent(text, event->product.tax_percent);
    PUT(text, ",\"stock_control\":true");
    put_at(text, event);
}

static void put_stock(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    PUT(text, "{\"type\":\"stock\",\"key\":\"");
    put_id(text, FL_GEN_ID_STOCK, event->stock.number);
    PUT(text, "\",\"product\":\"");
    put_id(text, FL_GEN_ID_PRODUCT, event->stock.product);
    PUT(text, "\",\"quantity\":\"");
    fl_gen_put_number(text, event->stock.quantity, 1);
    PUT(text, "\",\"kind\":\"receive\"");
    put_at_date(text, event);
}

static void put_customer(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    const struct fl_gen_customer *facts = &event->customer.facts;
    char name[FL_GEN_NAME_BYTES], iban[FL_GEN_IBAN_BYTES];
    begin(text, "customer", FL_GEN_ID_CUSTOMER, event->customer.number);
    put_name(text, name, fl_gen_company(event->customer.number, name));
    PUT(text, ",\"currency\":\"EUR\",\"country\":\"DE\",\"segment\":\"");
    fl_gen_puts(text, fl_gen_segment_name(facts->segment));
    PUT(text, "\",\"net_days\":");
    fl_gen_put_number(text, facts->net_days, 1);
    PUT(text, ",\"credit_limit\":");
    if (facts->limited) {
        PUT(text, "\"");
        fl_gen_put_minor(text, FL_GEN_LIMIT_MINOR, '.');
        PUT(text, "\"");
    } else {
        PUT(text, "null");
    }
    if (facts->discount_percent > 0) {
        PUT(text, ",\"discount\":{\"days\":14,\"percent\":");
        put_percent(text, facts->discount_percent);
        PUT(text, "}");
    }
    if (facts->account_known) {
        PUT(text, ",\"bank_accounts\":[\"");
        fl_gen_put(text, iban, fl_gen_customer_iban(event->customer.number, iban));
        PUT(text, "\"]");
    }
    put_at(text, event);
}

static void put_order_line(struct fl_gen_text *text, const struct fl_gen_line *line)
{
    PUT(text, "{\"product\":\"");
    put_id(text, FL_GEN_ID_PRODUCT, line->product);
    PUT(text, "\",\"quantity\":\"");
    fl_gen_put_number(text, line->quantity, 1);
    PUT(text, "\"");
    if (line->price_given) {
        PUT(text, ",\"price\":\"");
        fl_gen_put_minor(text, line->price_minor, '.');
        PUT(text, "\"");
    }
    if (line->discount_percent > 0) {
        PUT(text, ",\"discount_percent\":");
        put_percent(text, line->discount_percent);
    }
    PUT(text, "}");
}

static void put_order(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    const struct fl_gen_order *facts = &event->order.facts;
    begin(text, "order", FL_GEN_ID_ORDER, event->order.number);
    PUT(text, ",\"customer\":\"");
    put_id(text, FL_GEN_ID_CUSTOMER, facts->customer);
    PUT(text, "\",\"lines\":[");
    for (unsigned i = 0; i < facts->line_count; i++) {
        if (i > 0)
            PUT(text, ",");
        put_order_line(text, &facts->lines[i]);
    }
    PUT(text, "]");
    if (facts->freight_minor > 0) {
        PUT(text, ",\"shipping\":{\"amount\":\"");
        fl_gen_put_minor(text, facts->freight_minor, '.');
        PUT(text, "\",\"tax_rate\":\"19\"}");
    }
    put_at_date(text, event);
}

static void put_shipment(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    begin(text, "shipment", FL_GEN_ID_SHIPMENT, event->shipment.number);
    PUT(text, ",\"order\":\"");
    put_id(text, FL_GEN_ID_ORDER, event->shipment.order);
    PUT(text, "\"");
    for (unsigned i = 0; i < event->shipment.line_count; i++) {
        if (i == 0)
            PUT(text, ",\"lines\":[");
        else
            PUT(text, ",");
        PUT(text, "{\"line\":");
        fl_gen_put_number(text, i + 1, 1);
        PUT(text, ",\"quantity\":\"");
        fl_gen_put_number(text, event->shipment.quantities[i], 1);
        PUT(text, "\"}");
    }
    if (event->shipment.line_count > 0)
        PUT(text, "]");
    put_at_date(text, event);
}

static void put_invoice(struct fl_gen_text *text, const struct fl_workload_plan *plan,
                        const struct fl_workload_event *event)
{
    begin(text, "invoice", FL_GEN_ID_INVOICE, event->invoice.number);
    PUT(text, ",\"shipment\":\"");
    put_id(text, FL_GEN_ID_SHIPMENT, event->invoice.shipment);
    PUT(text, "\"");
    put_at_date(text, event);
    PUT(text, ",\"due_date\":\"");
    fl_gen_put_date(text, event->invoice.due_date_days);
    PUT(text, "\"");
    if (plan->hard) {
        char reference[FL_GEN_REFERENCE_BYTES];
        PUT(text, ",\"reference\":\"");
        fl_gen_put(text, reference, fl_gen_reference(event->invoice.number, reference));
        PUT(text, "\"");
    }
}

static void put_credit_note(struct fl_gen_text *text, const struct fl_workload_event *event)
{
    begin(text, "credit_note", FL_GEN_ID_CREDIT, event->credit_note.number);
    PUT(text, ",\"customer\":\"");
    put_id(text, FL_GEN_ID_CUSTOMER, event->credit_note.customer);
    PUT(text, "\",\"amount\":{\"net\":\"");
    fl_gen_put_minor(text, event->credit_note.total.net_minor, '.');
    PUT(text, "\",\"tax\":\"");
    fl_gen_put_minor(text, event->credit_note.total.tax_minor, '.');
    PUT(text, "\"},\"reason\":\"goodwill\"");
    put_at_date(text, event);
}

bool fl_gen_receipt_names_customer(const struct fl_gen_payment *payment)
{
    return payment->payer_known && (payment->number % 3 != 0 || payment->quote == FL_QUOTE_NONE);
}

static void put_payer(struct fl_gen_text *text, const struct fl_workload_plan *plan,
                      const struct fl_gen_payment *payment)
{
    struct fl_gen_payer payer;
    fl_gen_payer_of(plan, payment, &payer);
    PUT(text, ",\"payer\":{\"name\":\"");
    fl_gen_puts(text, payer.name);
    if (payer.iban[0] != '\0') {
        PUT(text, "\",\"account\":\"");
        fl_gen_puts(text, payer.iban);
    }
    PUT(text, "\"}");
}

static void put_references(struct fl_gen_text *text, const struct fl_gen_payment *payment)
{
    for (unsigned i = 0; i < payment->settle_count && !payment->settles[i].credit; i++) {
        if (i == 0)
            PUT(text, ",\"references\":[\"");
        else
            PUT(text, "\",\"");
        put_id(text, FL_GEN_ID_INVOICE, payment->settles[i].invoice);
    }
    PUT(text, "\"]");
}

static void put_receipt(struct fl_gen_text *text, const struct fl_workload_plan *plan,
                        const struct fl_workload_event *event)
{
    const struct fl_gen_payment *payment = &event->payment;
    char words[FL_GEN_PAYER_TEXT_BYTES];
    size_t length = fl_gen_payer_text(plan, payment, words);
    begin(text, "receipt", FL_GEN_ID_RECEIPT, payment->number);
    PUT(text, ",\"amount\":\"");
    fl_gen_put_minor(text, payment->amount_minor + payment->fee_minor, '.');
    PUT(text, "\",\"currency\":\"EUR\",\"account\":\"");
    fl_gen_puts(text, fl_our_account_iban(payment->account));
    PUT(text, "\"");
    if (payment->fee_minor > 0) {
        PUT(text, ",\"fee\":\"");
        fl_gen_put_minor(text, payment->fee_minor, '.');
        PUT(text, "\"");
    }
    if (fl_gen_receipt_names_customer(payment)) {
        PUT(text, ",\"customer\":\"");
        put_id(text, FL_GEN_ID_CUSTOMER, payment->customer);
        PUT(text, "\"");
    }
    put_payer(text, plan, payment);
    if (length > 0) {
        PUT(text, ",\"text\":\"");
        fl_gen_put(text, words, length);
        PUT(text, "\"");
    }
    if (payment->quote != FL_QUOTE_NONE && payment->settle_count > 0)
        put_references(text, payment);
    put_at_date(text, event);
}

void fl_workload_ndjson_put(const struct fl_workload_plan *plan,
                            const struct fl_workload_event *event, struct fl_gen_text *text)
{
    static void (*const puts[FL_EVENT_KINDS])(struct fl_gen_text *,
                                              const struct fl_workload_event *) = {
        [FL_EVENT_BOOK] = put_book,         [FL_EVENT_BANK_ACCOUNT] = put_account,
        [FL_EVENT_PRODUCT] = put_product,   [FL_EVENT_STOCK] = put_stock,
        [FL_EVENT_CUSTOMER] = put_customer, [FL_EVENT_ORDER] = put_order,
        [FL_EVENT_SHIPMENT] = put_shipment, [FL_EVENT_CREDIT_NOTE] = put_credit_note};
    if (event->kind == FL_EVENT_END || event->kind == FL_EVENT_BANK_OUT)
        return;
    if (event->kind == FL_EVENT_CLOCK) {
        PUT(text, "{\"type\":\"clock\",\"key\":\"CLOCK-");
        fl_gen_put_date(text, event->date_days);
        PUT(text, "\"");
        put_at(text, event);
    } else if (event->kind == FL_EVENT_INVOICE) {
        put_invoice(text, plan, event);
    } else if (event->kind == FL_EVENT_PAYMENT) {
        put_receipt(text, plan, event);
    } else {
        FL_ASSERT(puts[event->kind]);
        puts[event->kind](text, event);
    }
    PUT(text, "}\n");
}

void fl_workload_answer_put(const struct fl_gen_payment *payment, const char *account,
                            const char *bank_ref, struct fl_gen_text *text)
{
    PUT(text, "{\"line\":\"");
    fl_gen_puts(text, account);
    PUT(text, "/");
    fl_gen_puts(text, bank_ref);
    PUT(text, "\",\"settles\":[");
    for (unsigned i = 0; i < payment->settle_count; i++) {
        if (i > 0)
            PUT(text, ",");
        const struct fl_gen_settle *settle = &payment->settles[i];
        if (settle->credit)
            PUT(text, "{\"credit_note\":\"");
        else
            PUT(text, "{\"invoice\":\"");
        put_id(text, settle->credit ? FL_GEN_ID_CREDIT : FL_GEN_ID_INVOICE, settle->invoice);
        PUT(text, "\",\"amount\":\"");
        if (settle->credit)
            PUT(text, "-");
        fl_gen_put_minor(text, settle->credit ? -settle->amount_minor : settle->amount_minor, '.');
        PUT(text, "\"}");
    }
    if (payment->decidable)
        PUT(text, "],\"decidable\":true}\n");
    else
        PUT(text, "],\"decidable\":false}\n");
}
