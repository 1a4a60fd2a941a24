#include "core/engine/command_schema.h"

#include <string.h>

static const char *const tax_rounding_names[] = {"rate", "line", "document", NULL};
static const char *const rounding_names[] = {"half_up", "half_even", NULL};
static const char *const invoice_on_names[] = {"manual", "order", "ship", NULL};
static const char *const confirm_names[] = {"auto", "manual", NULL};
static const char *const discount_tax_names[] = {"reduce", "keep", NULL};
static const char *const prices_names[] = {"net", "gross", NULL};
static const char *const stock_kind_names[] = {"receive", "adjust", "count", NULL};
static const char *const account_kind_names[] = {"bank", "processor", "cash", NULL};
static const char *const decision_names[] = {"release", "reject", NULL};
static const char *const stage_names[] = {"shipped", "delivered", NULL};
static const char *const payout_kind_names[] = {"charge",     "refund",  "fee",
                                                "chargeback", "reserve", "adjustment", NULL};
static const char *const outcome_names[] = {"upheld", "rejected", NULL};

static const struct fl_field series_fields[] = {
    {"prefix", FL_KIND_TEXT, 0, offsetof(struct fl_series, prefix), 23, NULL, NULL},
    {"next", FL_KIND_NUMBER, 0, offsetof(struct fl_series, next), 0, NULL, NULL},
    {"digits", FL_KIND_NUMBER, 0, offsetof(struct fl_series, digits), 0, NULL, NULL},
};

static const struct fl_shape series = {"series", sizeof(struct fl_series),
                                       sizeof series_fields / sizeof series_fields[0],
                                       series_fields};

static const struct fl_field discount_terms_fields[] = {
    {"percent", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_discount_terms, percent), 0,
     NULL, NULL},
    {"days", FL_KIND_NUMBER, FL_FIELD_REQUIRED, offsetof(struct fl_discount_terms, days), 0, NULL,
     NULL},
    {"grace_days", FL_KIND_NUMBER, 0, offsetof(struct fl_discount_terms, grace_days), 0, NULL,
     NULL},
};

static const struct fl_shape discount_terms = {
    "discount_terms", sizeof(struct fl_discount_terms),
    sizeof discount_terms_fields / sizeof discount_terms_fields[0], discount_terms_fields};

static const struct fl_field charge_fields[] = {
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_charge, amount), 0, NULL,
     NULL},
    {"tax_rate", FL_KIND_DECIMAL, 0, offsetof(struct fl_charge, tax_rate), 0, NULL, NULL},
};

static const struct fl_shape charge = {"charge", sizeof(struct fl_charge),
                                       sizeof charge_fields / sizeof charge_fields[0],
                                       charge_fields};

static const struct fl_field order_item_fields[] = {
    {"product", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_order_item, product), 0, NULL,
     NULL},
    {"quantity", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_order_item, quantity), 0,
     NULL, NULL},
    {"price", FL_KIND_DECIMAL, 0, offsetof(struct fl_order_item, price), 0, NULL, NULL},
    {"discount_percent", FL_KIND_DECIMAL, 0, offsetof(struct fl_order_item, discount_percent), 0,
     NULL, NULL},
    {"tax_rate", FL_KIND_DECIMAL, 0, offsetof(struct fl_order_item, tax_rate), 0, NULL, NULL},
};

static const struct fl_shape order_item = {"order_item", sizeof(struct fl_order_item),
                                           sizeof order_item_fields / sizeof order_item_fields[0],
                                           order_item_fields};

static const struct fl_field invoice_item_fields[] = {
    {"product", FL_KIND_ID, 0, offsetof(struct fl_order_item, product), 0, NULL, NULL},
    {"text", FL_KIND_TEXT, 0, offsetof(struct fl_order_item, text), 0, NULL, NULL},
    {"quantity", FL_KIND_DECIMAL, 0, offsetof(struct fl_order_item, quantity), 0, NULL, NULL},
    {"price", FL_KIND_DECIMAL, 0, offsetof(struct fl_order_item, price), 0, NULL, NULL},
    {"discount_percent", FL_KIND_DECIMAL, 0, offsetof(struct fl_order_item, discount_percent), 0,
     NULL, NULL},
    {"tax_rate", FL_KIND_DECIMAL, 0, offsetof(struct fl_order_item, tax_rate), 0, NULL, NULL},
};

static const struct fl_shape invoice_item = {
    "invoice_item", sizeof(struct fl_order_item),
    sizeof invoice_item_fields / sizeof invoice_item_fields[0], invoice_item_fields};

static const struct fl_field line_part_fields[] = {
    {"line", FL_KIND_COUNT, FL_FIELD_REQUIRED, offsetof(struct fl_line_part, line), 0, NULL, NULL},
    {"quantity", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_line_part, quantity), 0,
     NULL, NULL},
};

static const struct fl_shape line_part = {"line_part", sizeof(struct fl_line_part),
                                          sizeof line_part_fields / sizeof line_part_fields[0],
                                          line_part_fields};

static const struct fl_field credit_line_fields[] = {
    {"line", FL_KIND_COUNT, FL_FIELD_REQUIRED, offsetof(struct fl_credit_line, line), 0, NULL,
     NULL},
    {"quantity", FL_KIND_DECIMAL, 0, offsetof(struct fl_credit_line, quantity), 0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, 0, offsetof(struct fl_credit_line, amount), 0, NULL, NULL},
};

static const struct fl_shape credit_line = {
    "credit_line", sizeof(struct fl_credit_line),
    sizeof credit_line_fields / sizeof credit_line_fields[0], credit_line_fields};

static const struct fl_field payer_fields[] = {
    {"name", FL_KIND_TEXT, 0, offsetof(struct fl_payer, name), 256, NULL, NULL},
    {"account", FL_KIND_TEXT, 0, offsetof(struct fl_payer, account), 64, NULL, NULL},
};

static const struct fl_shape payer = {"payer", sizeof(struct fl_payer),
                                      sizeof payer_fields / sizeof payer_fields[0], payer_fields};

static const struct fl_field match_document_fields[] = {
    {"id", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_match_document, id), 0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_match_document, amount), 0,
     NULL, NULL},
};

static const struct fl_shape match_document = {
    "match_document", sizeof(struct fl_match_document),
    sizeof match_document_fields / sizeof match_document_fields[0], match_document_fields};

static const struct fl_field match_candidate_fields[] = {
    {"rule", FL_KIND_NUMBER, 0, offsetof(struct fl_match_candidate, rule), 0, NULL, NULL},
    {"points", FL_KIND_NUMBER, 0, offsetof(struct fl_match_candidate, points), 0, NULL, NULL},
    {"documents", FL_KIND_LIST, 0, offsetof(struct fl_match_candidate, documents),
     FL_CANDIDATE_DOCUMENTS_MAX, &match_document, NULL},
    {"missing", FL_KIND_TEXT, 0, offsetof(struct fl_match_candidate, missing), 256, NULL, NULL},
};

static const struct fl_shape match_candidate = {
    "match_candidate", sizeof(struct fl_match_candidate),
    sizeof match_candidate_fields / sizeof match_candidate_fields[0], match_candidate_fields};

static const struct fl_field match_fields[] = {
    {"rule", FL_KIND_NUMBER, 0, offsetof(struct fl_match, rule), 0, NULL, NULL},
    {"points", FL_KIND_NUMBER, 0, offsetof(struct fl_match, points), 0, NULL, NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_match, reason), 512, NULL, NULL},
    {"runner_up", FL_KIND_OBJECT, 0, offsetof(struct fl_match, runner_up), 0, &match_candidate,
     NULL},
    {"candidates", FL_KIND_LIST, 0, offsetof(struct fl_match, candidates), FL_CANDIDATES_MAX,
     &match_candidate, NULL},
};

static const struct fl_shape match = {"match", sizeof(struct fl_match),
                                      sizeof match_fields / sizeof match_fields[0], match_fields};

static const struct fl_field availability_fields[] = {
    {"days", FL_KIND_COUNT, FL_FIELD_REQUIRED, offsetof(struct fl_availability, days), 0, NULL,
     NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_availability, amount), 0,
     NULL, NULL},
};

static const struct fl_shape availability = {
    "availability", sizeof(struct fl_availability),
    sizeof availability_fields / sizeof availability_fields[0], availability_fields};

static const struct fl_field advice_fields[] = {
    {"document", FL_KIND_TEXT, FL_FIELD_REQUIRED, offsetof(struct fl_advice, document), 64, NULL,
     NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_advice, amount), 0, NULL,
     NULL},
    {"discount", FL_KIND_DECIMAL, 0, offsetof(struct fl_advice, discount), 0, NULL, NULL},
};

static const struct fl_shape advice = {"advice", sizeof(struct fl_advice),
                                       sizeof advice_fields / sizeof advice_fields[0],
                                       advice_fields};

static const struct fl_field statement_item_fields[] = {
    {"booking_date", FL_KIND_DATE, 0, offsetof(struct fl_statement_item, booking_date), 0, NULL,
     NULL},
    {"value_date", FL_KIND_DATE, 0, offsetof(struct fl_statement_item, value_date), 0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_statement_item, amount), 0,
     NULL, NULL},
    {"currency", FL_KIND_CURRENCY, 0, offsetof(struct fl_statement_item, currency), 0, NULL, NULL},
    {"text", FL_KIND_TEXT, 0, offsetof(struct fl_statement_item, text), 0, NULL, NULL},
    {"bank_ref", FL_KIND_TEXT, 0, offsetof(struct fl_statement_item, bank_ref), 64, NULL, NULL},
    {"customer_ref", FL_KIND_TEXT, 0, offsetof(struct fl_statement_item, customer_ref), 64, NULL,
     NULL},
    {"end_to_end", FL_KIND_TEXT, 0, offsetof(struct fl_statement_item, end_to_end), 128, NULL,
     NULL},
    {"references", FL_KIND_TEXT_LIST, 0, offsetof(struct fl_statement_item, references),
     FL_REFERENCES_MAX, NULL, NULL},
    {"payer", FL_KIND_OBJECT, 0, offsetof(struct fl_statement_item, payer), 0, &payer, NULL},
    {"charges", FL_KIND_DECIMAL, 0, offsetof(struct fl_statement_item, charges), 0, NULL, NULL},
    {"availability", FL_KIND_LIST, 0, offsetof(struct fl_statement_item, availability),
     FL_AVAILABILITY_MAX, &availability, NULL},
    {"advice", FL_KIND_LIST, 0, offsetof(struct fl_statement_item, advice), FL_ADVICE_MAX, &advice,
     NULL},
    {"reversal", FL_KIND_CHOICE, 0, offsetof(struct fl_statement_item, reversal), 0, NULL, NULL},
    {"occurrence", FL_KIND_NUMBER, 0, offsetof(struct fl_statement_item, occurrence), 0, NULL,
     NULL},
    {"batch", FL_KIND_NUMBER, 0, offsetof(struct fl_statement_item, batch), 0, NULL, NULL},
};

static const struct fl_shape statement_item = {
    "statement_item", sizeof(struct fl_statement_item),
    sizeof statement_item_fields / sizeof statement_item_fields[0], statement_item_fields};

static const struct fl_field auto_match_fields[] = {
    {"auto", FL_KIND_NUMBER, 0, offsetof(struct fl_auto_match, auto_points), 0, NULL, NULL},
    {"propose", FL_KIND_NUMBER, 0, offsetof(struct fl_auto_match, propose), 0, NULL, NULL},
    {"margin", FL_KIND_NUMBER, 0, offsetof(struct fl_auto_match, margin), 0, NULL, NULL},
    {"sum_items", FL_KIND_NUMBER, 0, offsetof(struct fl_auto_match, sum_items), 0, NULL, NULL},
    {"sum_open", FL_KIND_NUMBER, 0, offsetof(struct fl_auto_match, sum_open), 0, NULL, NULL},
    {"lambda", FL_KIND_DECIMAL, 0, offsetof(struct fl_auto_match, lambda), 0, NULL, NULL},
    {"oldest_first", FL_KIND_CHOICE, 0, offsetof(struct fl_auto_match, oldest_first), 0, NULL,
     NULL},
};

static const struct fl_shape auto_match = {"auto_match", sizeof(struct fl_auto_match),
                                           sizeof auto_match_fields / sizeof auto_match_fields[0],
                                           auto_match_fields};

static const struct fl_field statement_balance_fields[] = {
    {"code", FL_KIND_TEXT, FL_FIELD_REQUIRED, offsetof(struct fl_statement_balance_item, code), 17,
     NULL, NULL},
    {"date", FL_KIND_DATE, 0, offsetof(struct fl_statement_balance_item, date), 0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED,
     offsetof(struct fl_statement_balance_item, amount), 0, NULL, NULL},
};

static const struct fl_shape statement_balance = {
    "statement_balance", sizeof(struct fl_statement_balance_item),
    sizeof statement_balance_fields / sizeof statement_balance_fields[0], statement_balance_fields};

static const struct fl_field book_fields[] = {
    {"base_currency", FL_KIND_CURRENCY, 0, offsetof(struct fl_command_book, base_currency), 0, NULL,
     NULL},
    {"time_zone", FL_KIND_TEXT, 0, offsetof(struct fl_command_book, time_zone), 47, NULL, NULL},
    {"tax_rounding", FL_KIND_ENUM, 0, offsetof(struct fl_command_book, tax_rounding), 0, NULL,
     tax_rounding_names},
    {"rounding", FL_KIND_ENUM, 0, offsetof(struct fl_command_book, rounding), 0, NULL,
     rounding_names},
    {"invoice_on", FL_KIND_ENUM, 0, offsetof(struct fl_command_book, invoice_on), 0, NULL,
     invoice_on_names},
    {"confirm", FL_KIND_ENUM, 0, offsetof(struct fl_command_book, confirm), 0, NULL, confirm_names},
    {"discount_tax", FL_KIND_ENUM, 0, offsetof(struct fl_command_book, discount_tax), 0, NULL,
     discount_tax_names},
    {"prices", FL_KIND_ENUM, 0, offsetof(struct fl_command_book, prices), 0, NULL, prices_names},
    {"invoice_series", FL_KIND_OBJECT, 0, offsetof(struct fl_command_book, invoice_series), 0,
     &series, NULL},
    {"credit_series", FL_KIND_OBJECT, 0, offsetof(struct fl_command_book, credit_series), 0,
     &series, NULL},
    {"tolerances", FL_KIND_CURRENCY_MAP, 0, offsetof(struct fl_command_book, tolerances), 12, NULL,
     NULL},
    {"buckets", FL_KIND_BUCKETS, 0, offsetof(struct fl_command_book, buckets), 8, NULL, NULL},
    {"net_days", FL_KIND_NUMBER, 0, offsetof(struct fl_command_book, net_days), 0, NULL, NULL},
    {"reservation_days", FL_KIND_NUMBER, 0, offsetof(struct fl_command_book, reservation_days), 0,
     NULL, NULL},
    {"key_days", FL_KIND_NUMBER, 0, offsetof(struct fl_command_book, key_days), 0, NULL, NULL},
    {"auto_match", FL_KIND_OBJECT, 0, offsetof(struct fl_command_book, auto_match), 0, &auto_match,
     NULL},
};

static const struct fl_field customer_fields[] = {
    {"name", FL_KIND_TEXT, FL_FIELD_REQUIRED, offsetof(struct fl_command_customer, name), 256, NULL,
     NULL},
    {"currency", FL_KIND_CURRENCY, FL_FIELD_REQUIRED,
     offsetof(struct fl_command_customer, currency), 0, NULL, NULL},
    {"credit_limit", FL_KIND_DECIMAL_NULL, 0, offsetof(struct fl_command_customer, credit_limit), 0,
     NULL, NULL},
    {"net_days", FL_KIND_NUMBER, 0, offsetof(struct fl_command_customer, net_days), 0, NULL, NULL},
    {"discount", FL_KIND_OBJECT, 0, offsetof(struct fl_command_customer, discount), 0,
     &discount_terms, NULL},
    {"parent", FL_KIND_ID, 0, offsetof(struct fl_command_customer, parent), 0, NULL, NULL},
    {"segment", FL_KIND_TEXT, 0, offsetof(struct fl_command_customer, segment), 64, NULL, NULL},
    {"bank_accounts", FL_KIND_TEXT_LIST, 0, offsetof(struct fl_command_customer, bank_accounts), 64,
     NULL, NULL},
    {"tax_id", FL_KIND_TEXT, 0, offsetof(struct fl_command_customer, tax_id), 64, NULL, NULL},
    {"email", FL_KIND_TEXT, 0, offsetof(struct fl_command_customer, email), 256, NULL, NULL},
    {"country", FL_KIND_CHARS2, 0, offsetof(struct fl_command_customer, country), 0, NULL, NULL},
    {"language", FL_KIND_CHARS2, 0, offsetof(struct fl_command_customer, language), 0, NULL, NULL},
    {"hold", FL_KIND_CHOICE, 0, offsetof(struct fl_command_customer, hold), 0, NULL, NULL},
};

static const struct fl_field product_fields[] = {
    {"name", FL_KIND_TEXT, FL_FIELD_REQUIRED, offsetof(struct fl_command_product, name), 256, NULL,
     NULL},
    {"currency", FL_KIND_CURRENCY, FL_FIELD_REQUIRED, offsetof(struct fl_command_product, currency),
     0, NULL, NULL},
    {"price", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_product, price), 0,
     NULL, NULL},
    {"tax_rate", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_product, tax_rate), 0, NULL, NULL},
    {"stock_control", FL_KIND_CHOICE, 0, offsetof(struct fl_command_product, stock_control), 0,
     NULL, NULL},
    {"backorder", FL_KIND_CHOICE, 0, offsetof(struct fl_command_product, backorder), 0, NULL, NULL},
    {"safety_stock", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_product, safety_stock), 0, NULL,
     NULL},
};

static const struct fl_field stock_fields[] = {
    {"product", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_stock, product), 0, NULL,
     NULL},
    {"quantity", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_stock, quantity), 0,
     NULL, NULL},
    {"kind", FL_KIND_ENUM, FL_FIELD_REQUIRED, offsetof(struct fl_command_stock, kind), 0, NULL,
     stock_kind_names},
    {"ref", FL_KIND_TEXT, 0, offsetof(struct fl_command_stock, ref), 64, NULL, NULL},
};

static const struct fl_field bank_account_fields[] = {
    {"currency", FL_KIND_CURRENCY, FL_FIELD_REQUIRED,
     offsetof(struct fl_command_bank_account, currency), 0, NULL, NULL},
    {"opening", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_bank_account, opening), 0, NULL,
     NULL},
    {"reversal_flips", FL_KIND_CHOICE, 0, offsetof(struct fl_command_bank_account, reversal_flips),
     0, NULL, NULL},
    {"kind", FL_KIND_ENUM, 0, offsetof(struct fl_command_bank_account, kind), 0, NULL,
     account_kind_names},
};

static const struct fl_field fx_rate_fields[] = {
    {"from", FL_KIND_CURRENCY, FL_FIELD_REQUIRED, offsetof(struct fl_command_fx_rate, from), 0,
     NULL, NULL},
    {"to", FL_KIND_CURRENCY, FL_FIELD_REQUIRED, offsetof(struct fl_command_fx_rate, to), 0, NULL,
     NULL},
    {"rate", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_fx_rate, rate), 0, NULL,
     NULL},
};

static const struct fl_field clock_fields[] = {
    {"date", FL_KIND_DAY_OR_INSTANT, 0, offsetof(struct fl_command_clock, until_us), 0, NULL, NULL},
};

static const struct fl_field slice_fields[] = {
    {"job", FL_KIND_COUNT, FL_FIELD_REQUIRED, offsetof(struct fl_command_slice, job), 0, NULL, NULL},
    {"number", FL_KIND_COUNT, FL_FIELD_REQUIRED, offsetof(struct fl_command_slice, number), 0, NULL,
     NULL},
    {"n", FL_KIND_COUNT, FL_FIELD_REQUIRED, offsetof(struct fl_command_slice, n), 0, NULL, NULL},
};

static const struct fl_field period_close_fields[] = {
    {"through", FL_KIND_DATE, FL_FIELD_REQUIRED, offsetof(struct fl_command_period_close, through),
     0, NULL, NULL},
};

static const struct fl_field order_fields[] = {
    {"customer", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_order, customer), 0,
     NULL, NULL},
    {"lines", FL_KIND_LIST, FL_FIELD_REQUIRED, offsetof(struct fl_command_order, lines),
     FL_LINES_MAX, &order_item, NULL},
    {"currency", FL_KIND_CURRENCY, 0, offsetof(struct fl_command_order, currency), 0, NULL, NULL},
    {"shipping", FL_KIND_OBJECT, 0, offsetof(struct fl_command_order, shipping), 0, &charge, NULL},
    {"discount_percent", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_order, discount_percent), 0,
     NULL, NULL},
    {"promised", FL_KIND_DATE, 0, offsetof(struct fl_command_order, promised), 0, NULL, NULL},
    {"source", FL_KIND_TEXT, 0, offsetof(struct fl_command_order, source), 64, NULL, NULL},
    {"ship_to", FL_KIND_TEXT, 0, offsetof(struct fl_command_order, ship_to), 256, NULL, NULL},
    {"prices", FL_KIND_ENUM, 0, offsetof(struct fl_command_order, prices), 0, NULL, prices_names},
};

static const struct fl_field order_confirm_fields[] = {
    {"order", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_order_confirm, order), 0,
     NULL, NULL},
};

static const struct fl_field order_cancel_fields[] = {
    {"order", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_order_cancel, order), 0,
     NULL, NULL},
    {"lines", FL_KIND_LIST, 0, offsetof(struct fl_command_order_cancel, lines), FL_LINES_MAX,
     &line_part, NULL},
    {"restock", FL_KIND_CHOICE, 0, offsetof(struct fl_command_order_cancel, restock), 0, NULL,
     NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_order_cancel, reason), 256, NULL, NULL},
};

static const struct fl_field credit_decision_fields[] = {
    {"order", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_credit_decision, order), 0,
     NULL, NULL},
    {"decision", FL_KIND_ENUM, FL_FIELD_REQUIRED,
     offsetof(struct fl_command_credit_decision, decision), 0, NULL, decision_names},
    {"by", FL_KIND_TEXT, FL_FIELD_REQUIRED, offsetof(struct fl_command_credit_decision, by), 64,
     NULL, NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_credit_decision, reason), 256, NULL,
     NULL},
    {"expires", FL_KIND_DATE, 0, offsetof(struct fl_command_credit_decision, expires), 0, NULL,
     NULL},
};

static const struct fl_field shipment_fields[] = {
    {"order", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_shipment, order), 0, NULL,
     NULL},
    {"lines", FL_KIND_LIST, 0, offsetof(struct fl_command_shipment, lines), FL_LINES_MAX,
     &line_part, NULL},
    {"carrier", FL_KIND_TEXT, 0, offsetof(struct fl_command_shipment, carrier), 64, NULL, NULL},
    {"tracking", FL_KIND_TEXT, 0, offsetof(struct fl_command_shipment, tracking), 128, NULL, NULL},
    {"stage", FL_KIND_ENUM, 0, offsetof(struct fl_command_shipment, stage), 0, NULL, stage_names},
};

static const struct fl_field instalment_fields[] = {
    {"due_date", FL_KIND_DATE, FL_FIELD_REQUIRED, offsetof(struct fl_instalment, due_date), 0, NULL,
     NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_instalment, amount), 0, NULL,
     NULL},
};

static const struct fl_shape instalment = {"instalment", sizeof(struct fl_instalment),
                                           sizeof instalment_fields / sizeof instalment_fields[0],
                                           instalment_fields};

static const struct fl_field invoice_fields[] = {
    {"customer", FL_KIND_ID, 0, offsetof(struct fl_command_invoice, customer), 0, NULL, NULL},
    {"order", FL_KIND_ID, 0, offsetof(struct fl_command_invoice, order), 0, NULL, NULL},
    {"shipment", FL_KIND_ID, 0, offsetof(struct fl_command_invoice, shipment), 0, NULL, NULL},
    {"lines", FL_KIND_LIST, 0, offsetof(struct fl_command_invoice, lines), FL_LINES_MAX,
     &invoice_item, NULL},
    {"instalments", FL_KIND_LIST, 0, offsetof(struct fl_command_invoice, instalments),
     FL_INSTALMENTS_MAX, &instalment, NULL},
    {"amount", FL_KIND_AMOUNT, 0, offsetof(struct fl_command_invoice, amount), 0, NULL, NULL},
    {"shipping", FL_KIND_OBJECT, 0, offsetof(struct fl_command_invoice, shipping), 0, &charge,
     NULL},
    {"currency", FL_KIND_CURRENCY, 0, offsetof(struct fl_command_invoice, currency), 0, NULL, NULL},
    {"reference", FL_KIND_TEXT, 0, offsetof(struct fl_command_invoice, reference), 64, NULL, NULL},
    {"fx_rate", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_invoice, fx_rate), 0, NULL, NULL},
    {"prices", FL_KIND_ENUM, 0, offsetof(struct fl_command_invoice, prices), 0, NULL, prices_names},
    {"opening", FL_KIND_CHOICE, 0, offsetof(struct fl_command_invoice, opening), 0, NULL, NULL},
};

static const struct fl_field credit_note_fields[] = {
    {"invoice", FL_KIND_ID, 0, offsetof(struct fl_command_credit_note, invoice), 0, NULL, NULL},
    {"customer", FL_KIND_ID, 0, offsetof(struct fl_command_credit_note, customer), 0, NULL, NULL},
    {"amount", FL_KIND_AMOUNT, 0, offsetof(struct fl_command_credit_note, amount), 0, NULL, NULL},
    {"lines", FL_KIND_LIST, 0, offsetof(struct fl_command_credit_note, lines), FL_LINES_MAX,
     &credit_line, NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_credit_note, reason), 256, NULL, NULL},
    {"currency", FL_KIND_CURRENCY, 0, offsetof(struct fl_command_credit_note, currency), 0, NULL,
     NULL},
    {"fx_rate", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_credit_note, fx_rate), 0, NULL,
     NULL},
};

static const struct fl_field credit_note_cancel_fields[] = {
    {"credit_note", FL_KIND_ID, FL_FIELD_REQUIRED,
     offsetof(struct fl_command_credit_note_cancel, credit_note), 0, NULL, NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_credit_note_cancel, reason), 256, NULL,
     NULL},
};

static const struct fl_field write_off_fields[] = {
    {"invoice", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_write_off, invoice), 0,
     NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_write_off, amount), 0,
     NULL, NULL},
    {"reason", FL_KIND_TEXT, FL_FIELD_REQUIRED, offsetof(struct fl_command_write_off, reason), 256,
     NULL, NULL},
    {"tax_relief", FL_KIND_CHOICE, 0, offsetof(struct fl_command_write_off, tax_relief), 0, NULL,
     NULL},
};

static const struct fl_field write_off_reverse_fields[] = {
    {"write_off", FL_KIND_ID, FL_FIELD_REQUIRED,
     offsetof(struct fl_command_write_off_reverse, write_off), 0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_write_off_reverse, amount), 0, NULL,
     NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_write_off_reverse, reason), 256, NULL,
     NULL},
};

static const struct fl_field receipt_fields[] = {
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_receipt, amount), 0,
     NULL, NULL},
    {"currency", FL_KIND_CURRENCY, FL_FIELD_REQUIRED, offsetof(struct fl_command_receipt, currency),
     0, NULL, NULL},
    {"customer", FL_KIND_ID, 0, offsetof(struct fl_command_receipt, customer), 0, NULL, NULL},
    {"account", FL_KIND_ID, 0, offsetof(struct fl_command_receipt, account), 0, NULL, NULL},
    {"payer", FL_KIND_OBJECT, 0, offsetof(struct fl_command_receipt, payer), 0, &payer, NULL},
    {"text", FL_KIND_TEXT, 0, offsetof(struct fl_command_receipt, text), 0, NULL, NULL},
    {"references", FL_KIND_TEXT_LIST, 0, offsetof(struct fl_command_receipt, references),
     FL_REFERENCES_MAX, NULL, NULL},
    {"method", FL_KIND_TEXT, 0, offsetof(struct fl_command_receipt, method), 64, NULL, NULL},
    {"fee", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_receipt, fee), 0, NULL, NULL},
    {"fx_rate", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_receipt, fx_rate), 0, NULL, NULL},
};

static const struct fl_field application_fields[] = {
    {"receipt", FL_KIND_ID, 0, offsetof(struct fl_command_application, receipt), 0, NULL, NULL},
    {"credit_note", FL_KIND_ID, 0, offsetof(struct fl_command_application, credit_note), 0, NULL,
     NULL},
    {"invoice", FL_KIND_ID, 0, offsetof(struct fl_command_application, invoice), 0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_application, amount), 0, NULL, NULL},
    {"discount", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_application, discount), 0, NULL,
     NULL},
    {"difference", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_application, difference), 0, NULL,
     NULL},
    {"by", FL_KIND_TEXT, 0, offsetof(struct fl_command_application, by), 64, NULL, NULL},
    {"match", FL_KIND_OBJECT, 0, offsetof(struct fl_command_application, match), 0, &match, NULL},
    {"park", FL_KIND_CHOICE, 0, offsetof(struct fl_command_application, park), 0, NULL, NULL},
};

static const struct fl_field application_reverse_fields[] = {
    {"application", FL_KIND_TEXT, FL_FIELD_REQUIRED,
     offsetof(struct fl_command_application_reverse, application), 128, NULL, NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_application_reverse, reason), 256, NULL,
     NULL},
    {"by", FL_KIND_TEXT, 0, offsetof(struct fl_command_application_reverse, by), 64, NULL, NULL},
};

static const struct fl_field receipt_reverse_fields[] = {
    {"receipt", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_receipt_reverse, receipt),
     0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_receipt_reverse, amount), 0, NULL,
     NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_receipt_reverse, reason), 256, NULL,
     NULL},
    {"fee", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_receipt_reverse, fee), 0, NULL, NULL},
    {"account", FL_KIND_ID, 0, offsetof(struct fl_command_receipt_reverse, account), 0, NULL, NULL},
};

static const struct fl_field receipt_assign_fields[] = {
    {"receipt", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_receipt_assign, receipt),
     0, NULL, NULL},
    {"customer", FL_KIND_ID, FL_FIELD_REQUIRED,
     offsetof(struct fl_command_receipt_assign, customer), 0, NULL, NULL},
    {"by", FL_KIND_TEXT, 0, offsetof(struct fl_command_receipt_assign, by), 64, NULL, NULL},
};

static const struct fl_field refund_fields[] = {
    {"receipt", FL_KIND_ID, 0, offsetof(struct fl_command_refund, receipt), 0, NULL, NULL},
    {"credit_note", FL_KIND_ID, 0, offsetof(struct fl_command_refund, credit_note), 0, NULL, NULL},
    {"customer", FL_KIND_ID, 0, offsetof(struct fl_command_refund, customer), 0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_refund, amount), 0,
     NULL, NULL},
    {"account", FL_KIND_ID, 0, offsetof(struct fl_command_refund, account), 0, NULL, NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_refund, reason), 256, NULL, NULL},
};

static const struct fl_field chargeback_fields[] = {
    {"receipt", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_chargeback, receipt), 0,
     NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_chargeback, amount),
     0, NULL, NULL},
    {"fee", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_chargeback, fee), 0, NULL, NULL},
    {"account", FL_KIND_ID, 0, offsetof(struct fl_command_chargeback, account), 0, NULL, NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_chargeback, reason), 256, NULL, NULL},
};

static const struct fl_field chargeback_reverse_fields[] = {
    {"chargeback", FL_KIND_ID, FL_FIELD_REQUIRED,
     offsetof(struct fl_command_chargeback_reverse, chargeback), 0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_chargeback_reverse, amount), 0, NULL,
     NULL},
    {"fee", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_chargeback_reverse, fee), 0, NULL, NULL},
    {"account", FL_KIND_ID, 0, offsetof(struct fl_command_chargeback_reverse, account), 0, NULL,
     NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_chargeback_reverse, reason), 256, NULL,
     NULL},
};

static const struct fl_field statement_fields[] = {
    {"account", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_statement, account), 0,
     NULL, NULL},
    {"currency", FL_KIND_CURRENCY, FL_FIELD_REQUIRED,
     offsetof(struct fl_command_statement, currency), 0, NULL, NULL},
    {"opening", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_statement, opening), 0, NULL, NULL},
    {"closing", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_statement, closing), 0, NULL, NULL},
    {"from", FL_KIND_DATE, 0, offsetof(struct fl_command_statement, from), 0, NULL, NULL},
    {"to", FL_KIND_DATE, 0, offsetof(struct fl_command_statement, to), 0, NULL, NULL},
    {"lines", FL_KIND_LIST, 0, offsetof(struct fl_command_statement, lines), FL_STATEMENT_LINES_MAX,
     &statement_item, NULL},
    {"part", FL_KIND_NUMBER, 0, offsetof(struct fl_command_statement, part), 0, NULL, NULL},
    {"parts", FL_KIND_NUMBER, 0, offsetof(struct fl_command_statement, parts), 0, NULL, NULL},
    {"accept_unbalanced", FL_KIND_CHOICE, 0,
     offsetof(struct fl_command_statement, accept_unbalanced), 0, NULL, NULL},
    {"match", FL_KIND_CHOICE, 0, offsetof(struct fl_command_statement, match), 0, NULL, NULL},
    {"interim", FL_KIND_CHOICE, 0, offsetof(struct fl_command_statement, interim), 0, NULL, NULL},
    {"pages", FL_KIND_NUMBER, 0, offsetof(struct fl_command_statement, pages), 0, NULL, NULL},
    {"note", FL_KIND_TEXT, 0, offsetof(struct fl_command_statement, note), 0, NULL, NULL},
    {"balances", FL_KIND_LIST, 0, offsetof(struct fl_command_statement, balances),
     FL_STATEMENT_BALANCES_ROWS, &statement_balance, NULL},
};

static const struct fl_field assign_fields[] = {
    {"line", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_assign, line), 0, NULL,
     NULL},
    {"account", FL_KIND_TEXT, 0, offsetof(struct fl_command_assign, account), 96, NULL, NULL},
    {"refund", FL_KIND_ID, 0, offsetof(struct fl_command_assign, refund), 0, NULL, NULL},
    {"receipt", FL_KIND_ID, 0, offsetof(struct fl_command_assign, receipt), 0, NULL, NULL},
    {"chargeback", FL_KIND_ID, 0, offsetof(struct fl_command_assign, chargeback), 0, NULL, NULL},
    {"by", FL_KIND_TEXT, 0, offsetof(struct fl_command_assign, by), 64, NULL, NULL},
};

static const struct fl_field payout_item_fields[] = {
    {"kind", FL_KIND_ENUM, FL_FIELD_REQUIRED, offsetof(struct fl_payout_item, kind), 0, NULL,
     payout_kind_names},
    {"ref", FL_KIND_TEXT, 0, offsetof(struct fl_payout_item, ref), 64, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_payout_item, amount), 0, NULL,
     NULL},
    {"fee", FL_KIND_DECIMAL, 0, offsetof(struct fl_payout_item, fee), 0, NULL, NULL},
};

static const struct fl_shape payout_item = {
    "payout_item", sizeof(struct fl_payout_item),
    sizeof payout_item_fields / sizeof payout_item_fields[0], payout_item_fields};

static const struct fl_field payout_fields[] = {
    {"currency", FL_KIND_CURRENCY, FL_FIELD_REQUIRED, offsetof(struct fl_command_payout, currency),
     0, NULL, NULL},
    {"processor", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_payout, processor), 0,
     NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_payout, amount), 0,
     NULL, NULL},
    {"parts", FL_KIND_LIST, FL_FIELD_REQUIRED, offsetof(struct fl_command_payout, parts),
     FL_PAYOUT_PARTS_MAX, &payout_item, NULL},
    {"account", FL_KIND_ID, 0, offsetof(struct fl_command_payout, account), 0, NULL, NULL},
    {"fx_rate", FL_KIND_DECIMAL, 0, offsetof(struct fl_command_payout, fx_rate), 0, NULL, NULL},
};

static const struct fl_field dispute_fields[] = {
    {"invoice", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_dispute, invoice), 0,
     NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_dispute, amount), 0,
     NULL, NULL},
    {"reason", FL_KIND_TEXT, FL_FIELD_REQUIRED, offsetof(struct fl_command_dispute, reason), 256,
     NULL, NULL},
};

static const struct fl_field dispute_close_fields[] = {
    {"dispute", FL_KIND_ID, FL_FIELD_REQUIRED, offsetof(struct fl_command_dispute_close, dispute),
     0, NULL, NULL},
    {"outcome", FL_KIND_ENUM, FL_FIELD_REQUIRED, offsetof(struct fl_command_dispute_close, outcome),
     0, NULL, outcome_names},
    {"credit", FL_KIND_ID, 0, offsetof(struct fl_command_dispute_close, credit), 0, NULL, NULL},
    {"reason", FL_KIND_TEXT, 0, offsetof(struct fl_command_dispute_close, reason), 256, NULL, NULL},
};

static const struct fl_field promise_fields[] = {
    {"customer", FL_KIND_ID, 0, offsetof(struct fl_command_promise, customer), 0, NULL, NULL},
    {"invoice", FL_KIND_ID, 0, offsetof(struct fl_command_promise, invoice), 0, NULL, NULL},
    {"amount", FL_KIND_DECIMAL, FL_FIELD_REQUIRED, offsetof(struct fl_command_promise, amount), 0,
     NULL, NULL},
};

static const struct fl_field batch_fields[] = {
    {"commands", FL_KIND_COMMANDS, FL_FIELD_REQUIRED, offsetof(struct fl_command_batch, commands),
     FL_BATCH_MEMBERS_MAX, NULL, NULL},
};

#define FL_SHAPE(symbol, header_fields, shape_name)                                                \
    [FL_COMMAND_##symbol] = {FL_COMMAND_##symbol,                                                  \
                             header_fields,                                                        \
                             {#shape_name, sizeof(struct fl_command_##shape_name),                 \
                              sizeof shape_name##_fields / sizeof shape_name##_fields[0],          \
                              shape_name##_fields}}

static const struct fl_command_shape shapes[FL_COMMAND_TYPE_MAX + 1] = {
    FL_SHAPE(BOOK, 0, book),
    FL_SHAPE(CUSTOMER, FL_HEADER_ID_REQUIRED, customer),
    FL_SHAPE(PRODUCT, FL_HEADER_ID_REQUIRED, product),
    FL_SHAPE(STOCK, FL_HEADER_DATE, stock),
    FL_SHAPE(BANK_ACCOUNT, FL_HEADER_ID_REQUIRED, bank_account),
    FL_SHAPE(FX_RATE, FL_HEADER_DATE_REQUIRED, fx_rate),
    FL_SHAPE(CLOCK, FL_HEADER_SLICED, clock),
    FL_SHAPE(SLICE, 0, slice),
    FL_SHAPE(PERIOD_CLOSE, 0, period_close),
    FL_SHAPE(ORDER, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, order),
    FL_SHAPE(ORDER_CONFIRM, FL_HEADER_DATE, order_confirm),
    FL_SHAPE(ORDER_CANCEL, FL_HEADER_DATE, order_cancel),
    FL_SHAPE(CREDIT_DECISION, FL_HEADER_DATE, credit_decision),
    FL_SHAPE(SHIPMENT, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, shipment),
    FL_SHAPE(INVOICE,
             FL_HEADER_ID_OPTIONAL | FL_HEADER_DATE | FL_HEADER_DUE_DATE | FL_HEADER_SERIES,
             invoice),
    FL_SHAPE(CREDIT_NOTE, FL_HEADER_ID_OPTIONAL | FL_HEADER_DATE | FL_HEADER_SERIES, credit_note),
    FL_SHAPE(WRITE_OFF, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, write_off),
    FL_SHAPE(WRITE_OFF_REVERSE, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, write_off_reverse),
    FL_SHAPE(CREDIT_NOTE_CANCEL, FL_HEADER_DATE, credit_note_cancel),
    FL_SHAPE(RECEIPT, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, receipt),
    FL_SHAPE(APPLICATION, FL_HEADER_ID_OPTIONAL | FL_HEADER_DATE, application),
    FL_SHAPE(APPLICATION_REVERSE, FL_HEADER_DATE, application_reverse),
    FL_SHAPE(RECEIPT_REVERSE, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, receipt_reverse),
    FL_SHAPE(RECEIPT_ASSIGN, FL_HEADER_DATE, receipt_assign),
    FL_SHAPE(REFUND, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, refund),
    FL_SHAPE(CHARGEBACK, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, chargeback),
    FL_SHAPE(CHARGEBACK_REVERSE, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, chargeback_reverse),
    FL_SHAPE(STATEMENT, FL_HEADER_ID_REQUIRED | FL_HEADER_SLICED, statement),
    FL_SHAPE(ASSIGN, FL_HEADER_DATE, assign),
    FL_SHAPE(PAYOUT, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, payout),
    FL_SHAPE(DISPUTE, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE, dispute),
    FL_SHAPE(DISPUTE_CLOSE, FL_HEADER_DATE, dispute_close),
    FL_SHAPE(PROMISE, FL_HEADER_ID_REQUIRED | FL_HEADER_DATE_REQUIRED, promise),
    FL_SHAPE(BATCH, FL_HEADER_KEY_REQUIRED, batch),
};

const struct fl_command_shape *fl_command_shape(unsigned type)
{
    return type <= FL_COMMAND_TYPE_MAX && shapes[type].type != 0 ? &shapes[type] : NULL;
}

const struct fl_command_shape *fl_command_shape_by_name(const char *name, size_t length)
{
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        const char *other = shapes[type].shape.name;
        if (other && strlen(other) == length && memcmp(other, name, length) == 0)
            return &shapes[type];
    }
    return NULL;
}

const char *fl_command_name(unsigned type)
{
    const struct fl_command_shape *shape = fl_command_shape(type);
    return shape ? shape->shape.name : "unknown";
}
