#include "tools/gen/workload_command.h"

#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/engine/command_builder.h"
#include "tools/gen/gen_names.h"
#include "tools/gen/our_accounts.h"
#include "tools/gen/payer_text.h"
#include "tools/gen/workload_ndjson.h"

/* Begins the command and stamps it; the buffer is large enough for any of a workload. */
static void *begin(struct fl_command_builder *b, void *out, unsigned type,
                   const struct fl_workload_event *event, bool dated)
{
    uint32_t room = FL_WORKLOAD_COMMAND_BYTES - FL_WORKLOAD_COMMAND_SLACK;
    void *body = fl_builder_begin(b, out, room, type);
    struct fl_command *command = fl_builder_header(b);
    command->flags = FL_FLAG_AT_GIVEN | (dated ? FL_FLAG_DATE_GIVEN : 0);
    command->date = dated ? event->date_days : 0;
    command->at_us = event->at_us;
    command->at_day = event->date_days;
    return body;
}

static struct fl_text put_string(struct fl_command_builder *b, const char *text)
{
    return fl_builder_text(b, text, strlen(text));
}

static struct fl_text put_id(struct fl_command_builder *b, enum fl_gen_id_kind kind,
                             uint32_t number)
{
    char id[FL_GEN_ID_BYTES];
    return fl_builder_text(b, id, fl_gen_id(kind, number, id));
}

static void *put_list(struct fl_command_builder *b, uint32_t count, uint32_t element_bytes,
                      struct fl_list *list_out)
{
    void *elements;
    *list_out = fl_builder_list(b, element_bytes, count, &elements);
    FL_ASSERT(elements);
    return elements;
}

static struct fl_command *end_with_id(struct fl_command_builder *b, enum fl_gen_id_kind kind,
                                      uint32_t number)
{
    char id[FL_GEN_ID_BYTES];
    return fl_builder_finish(b, id, fl_gen_id(kind, number, id), NULL, 0);
}

static struct fl_decimal minor(int64_t amount_minor)
{
    return fl_decimal_of(amount_minor, 2);
}

static struct fl_decimal whole(int64_t value)
{
    return fl_decimal_of(value, 0);
}

static struct fl_command *make_book(struct fl_command_builder *b,
                                    const struct fl_workload_event *event, void *out)
{
    struct fl_command_book *book = begin(b, out, FL_COMMAND_BOOK, event, false);
    book->base_currency = FL_CURRENCY_EUR;
    book->key_days = 400 + 1;
    book->time_zone = put_string(b, "UTC");
    struct fl_currency_amount *tolerance =
        put_list(b, 1, sizeof *tolerance, &book->tolerances);
    tolerance->amount = minor(5);
    tolerance->currency = FL_CURRENCY_EUR;
    return fl_builder_finish(b, NULL, 0, NULL, 0);
}

static struct fl_command *make_clock(struct fl_command_builder *b,
                                     const struct fl_workload_event *event, void *out)
{
    struct fl_command_clock *clock = begin(b, out, FL_COMMAND_CLOCK, event, false);
    clock->until_us = event->at_us;
    clock->until_day = event->date_days;
    char key[6 + 11] = "CLOCK-";
    fl_date_format(event->date_days, key + 6);
    return fl_builder_finish(b, NULL, 0, key, 16);
}

static struct fl_command *make_account(struct fl_command_builder *b,
                                       const struct fl_workload_event *event, void *out)
{
    struct fl_command_bank_account *account =
        begin(b, out, FL_COMMAND_BANK_ACCOUNT, event, false);
    account->currency = FL_CURRENCY_EUR;
    account->opening = minor(event->bank_account.opening_minor);
    const char *iban = fl_our_account_iban(event->bank_account.number);
    return fl_builder_finish(b, iban, strlen(iban), NULL, 0);
}

static struct fl_command *make_product(struct fl_command_builder *b,
                                       const struct fl_workload_event *event, void *out)
{
    char name[FL_GEN_NAME_BYTES];
    struct fl_command_product *product =
        begin(b, out, FL_COMMAND_PRODUCT, event, false);
    product->name = fl_builder_text(b, name, fl_gen_product(event->product.number, name));
    product->currency = FL_CURRENCY_EUR;
    product->stock_control = FL_CHOICE_YES;
    product->price = minor(event->product.price_minor);
    product->tax_rate = whole(event->product.tax_percent);
    return end_with_id(b, FL_GEN_ID_PRODUCT, event->product.number);
}

static struct fl_command *make_stock(struct fl_command_builder *b,
                                     const struct fl_workload_event *event, void *out)
{
    struct fl_command_stock *stock = begin(b, out, FL_COMMAND_STOCK, event, true);
    stock->product = put_id(b, FL_GEN_ID_PRODUCT, event->stock.product);
    stock->quantity = whole(event->stock.quantity);
    stock->kind = FL_STOCK_RECEIVE;
    char key[FL_GEN_ID_BYTES];
    return fl_builder_finish(b, NULL, 0, key, fl_gen_id(FL_GEN_ID_STOCK, event->stock.number, key));
}

static struct fl_command *make_customer(struct fl_command_builder *b,
                                        const struct fl_workload_event *event, void *out)
{
    const struct fl_gen_customer *facts = &event->customer.facts;
    char name[FL_GEN_NAME_BYTES], iban[FL_GEN_IBAN_BYTES];
    struct fl_command_customer *customer =
        begin(b, out, FL_COMMAND_CUSTOMER, event, false);
    customer->name = fl_builder_text(b, name, fl_gen_company(event->customer.number, name));
    customer->currency = FL_CURRENCY_EUR;
    customer->credit_limit = facts->limited ? minor(FL_GEN_LIMIT_MINOR)
                                            : (struct fl_decimal){.state = FL_DECIMAL_NULL};
    customer->net_days = facts->net_days + 1u;
    if (facts->discount_percent > 0) {
        customer->discount.percent = whole(facts->discount_percent);
        customer->discount.days = 14 + 1;
    }
    customer->segment = put_string(b, fl_gen_segment_name(facts->segment));
    if (facts->account_known) {
        struct fl_text_item *item = put_list(b, 1, sizeof *item, &customer->bank_accounts);
        item->text = fl_builder_text(b, iban, fl_gen_customer_iban(event->customer.number, iban));
    }
    customer->country = put_string(b, "DE");
    return end_with_id(b, FL_GEN_ID_CUSTOMER, event->customer.number);
}

static struct fl_command *make_order(struct fl_command_builder *b,
                                     const struct fl_workload_event *event, void *out)
{
    const struct fl_gen_order *facts = &event->order.facts;
    struct fl_command_order *order = begin(b, out, FL_COMMAND_ORDER, event, true);
    order->customer = put_id(b, FL_GEN_ID_CUSTOMER, facts->customer);
    struct fl_order_item *items =
        put_list(b, facts->line_count, sizeof *items, &order->lines);
    for (unsigned i = 0; i < facts->line_count; i++) {
        const struct fl_gen_line *line = &facts->lines[i];
        items[i].product = put_id(b, FL_GEN_ID_PRODUCT, line->product);
        items[i].quantity = whole(line->quantity);
        if (line->price_given)
            items[i].price = minor(line->price_minor);
        if (line->discount_percent > 0)
            items[i].discount_percent = whole(line->discount_percent);
    }
    if (facts->freight_minor > 0) {
        order->shipping.amount = minor(facts->freight_minor);
        order->shipping.tax_rate = whole(19);
    }
    return end_with_id(b, FL_GEN_ID_ORDER, event->order.number);
}

static struct fl_command *make_shipment(struct fl_command_builder *b,
                                        const struct fl_workload_event *event, void *out)
{
    struct fl_command_shipment *shipment =
        begin(b, out, FL_COMMAND_SHIPMENT, event, true);
    shipment->order = put_id(b, FL_GEN_ID_ORDER, event->shipment.order);
    if (event->shipment.line_count > 0) {
        struct fl_line_part *parts =
            put_list(b, event->shipment.line_count, sizeof *parts, &shipment->lines);
        for (unsigned i = 0; i < event->shipment.line_count; i++) {
            parts[i].line = i + 1;
            parts[i].quantity = whole(event->shipment.quantities[i]);
        }
    }
    return end_with_id(b, FL_GEN_ID_SHIPMENT, event->shipment.number);
}

static struct fl_command *make_invoice(struct fl_command_builder *b,
                                       const struct fl_workload_plan *plan,
                                       const struct fl_workload_event *event, void *out)
{
    char reference[FL_GEN_REFERENCE_BYTES];
    struct fl_command_invoice *invoice =
        begin(b, out, FL_COMMAND_INVOICE, event, true);
    fl_builder_header(b)->flags |= FL_FLAG_DUE_GIVEN;
    fl_builder_header(b)->due_date = event->invoice.due_date_days;
    invoice->shipment = put_id(b, FL_GEN_ID_SHIPMENT, event->invoice.shipment);
    if (plan->hard)
        invoice->reference = fl_builder_text(
            b, reference, fl_gen_reference(event->invoice.number, reference));
    return end_with_id(b, FL_GEN_ID_INVOICE, event->invoice.number);
}

static struct fl_command *make_credit_note(struct fl_command_builder *b,
                                           const struct fl_workload_event *event, void *out)
{
    struct fl_command_credit_note *note = begin(b, out, FL_COMMAND_CREDIT_NOTE, event, true);
    note->customer = put_id(b, FL_GEN_ID_CUSTOMER, event->credit_note.customer);
    note->amount.net = minor(event->credit_note.total.net_minor);
    note->amount.tax = minor(event->credit_note.total.tax_minor);
    note->reason = put_string(b, "goodwill");
    return end_with_id(b, FL_GEN_ID_CREDIT, event->credit_note.number);
}

static struct fl_command *make_receipt(struct fl_command_builder *b,
                                       const struct fl_workload_plan *plan,
                                       const struct fl_workload_event *event, void *out)
{
    const struct fl_gen_payment *payment = &event->payment;
    char words[FL_GEN_PAYER_TEXT_BYTES];
    struct fl_gen_payer payer;
    struct fl_command_receipt *receipt =
        begin(b, out, FL_COMMAND_RECEIPT, event, true);
    fl_gen_payer_of(plan, payment, &payer);
    receipt->amount = minor(payment->amount_minor + payment->fee_minor);
    receipt->currency = FL_CURRENCY_EUR;
    if (payment->fee_minor > 0)
        receipt->fee = minor(payment->fee_minor);
    if (fl_gen_receipt_names_customer(payment))
        receipt->customer = put_id(b, FL_GEN_ID_CUSTOMER, payment->customer);
    receipt->account = put_string(b, fl_our_account_iban(payment->account));
    receipt->payer.name = put_string(b, payer.name);
    receipt->payer.account = put_string(b, payer.iban);
    receipt->text = fl_builder_text(b, words, fl_gen_payer_text(plan, payment, words));
    unsigned named = payment->settle_count;
    if (named > 0 && payment->settles[named - 1].credit)
        named--; /* a credit note goes off by an application of its own */
    if (payment->quote != FL_QUOTE_NONE && named > 0) {
        struct fl_text_item *items =
            put_list(b, named, sizeof *items, &receipt->references);
        for (unsigned i = 0; i < named; i++)
            items[i].text = put_id(b, FL_GEN_ID_INVOICE, payment->settles[i].invoice);
    }
    return end_with_id(b, FL_GEN_ID_RECEIPT, payment->number);
}

struct fl_command *fl_workload_command(const struct fl_workload_plan *plan,
                                       const struct fl_workload_event *event, void *out)
{
    static struct fl_command *(*const makes[FL_EVENT_KINDS])(
        struct fl_command_builder *, const struct fl_workload_event *, void *) = {
        [FL_EVENT_BOOK] = make_book,         [FL_EVENT_CLOCK] = make_clock,
        [FL_EVENT_BANK_ACCOUNT] = make_account, [FL_EVENT_PRODUCT] = make_product,
        [FL_EVENT_STOCK] = make_stock,       [FL_EVENT_CUSTOMER] = make_customer,
        [FL_EVENT_ORDER] = make_order,       [FL_EVENT_SHIPMENT] = make_shipment,
        [FL_EVENT_CREDIT_NOTE] = make_credit_note};
    struct fl_command_builder b;
    FL_ASSERT((uintptr_t)out % 8 == 0);
    struct fl_command *command;
    if (event->kind == FL_EVENT_PAYMENT)
        command = make_receipt(&b, plan, event, out);
    else if (event->kind == FL_EVENT_INVOICE)
        command = make_invoice(&b, plan, event, out);
    else if (makes[event->kind])
        command = makes[event->kind](&b, event, out);
    else
        return NULL;
    FL_ASSERT(command); /* no text of a workload fills the buffer */
    return command;
}
