/* Refusals with what a person needs for the sentence: what was wanted, what there is, what would be right. */
#include "core/domain/state.h"

enum fl_status fl_refuse_decimal(struct fl_context *c, enum fl_status status, const char *field,
                                 struct fl_decimal value)
{
    char text[32];
    size_t length = value.state == FL_DECIMAL_VALUE && value.scale <= 18
                        ? fl_decimal_format(value.units, value.scale, text)
                        : 0;
    return fl_refuse(c, status, field, length > 0 ? text : NULL, length);
}

void fl_refusal_currency(struct fl_context *c, uint8_t currency)
{
    fl_result_text(c->result, FL_RESULT_CURRENCY, fl_currency_code(currency), 3);
}

enum fl_status fl_refuse_exceeds(struct fl_context *c, enum fl_status status, const char *field,
                                 const struct fl_id *id, int64_t wanted_minor,
                                 enum fl_result_name name, int64_t have_minor, uint8_t currency)
{
    unsigned decimals = fl_currency_exponent(currency);
    size_t length;
    const char *text = fl_id_get(&c->s->store, id, &length);
    (void)fl_refuse(c, status, field, text, length);
    fl_result_amount(c->result, FL_RESULT_WANTED, wanted_minor, decimals);
    fl_result_amount(c->result, name, have_minor, decimals);
    fl_refusal_currency(c, currency);
    return status;
}

enum fl_status fl_refuse_unbalanced(struct fl_context *c, int64_t expected_minor, int64_t value_minor,
                                    uint8_t currency)
{
    unsigned decimals = fl_currency_exponent(currency);
    fl_result_amount(c->result, FL_RESULT_EXPECTED, expected_minor, decimals);
    fl_result_amount(c->result, FL_RESULT_VALUE, value_minor, decimals);
    fl_result_amount(c->result, FL_RESULT_DIFFERENCE, value_minor - expected_minor, decimals);
    fl_refusal_currency(c, currency);
    return FL_UNBALANCED;
}

enum fl_status fl_refuse_currency(struct fl_context *c, const char *field, uint8_t given,
                                  uint8_t right)
{
    (void)fl_refuse(c, FL_CURRENCY_DIFFERS, field, fl_currency_code(given), 3);
    fl_result_text(c->result, FL_RESULT_EXPECTED, fl_currency_code(right), 3);
    return FL_CURRENCY_DIFFERS;
}

enum fl_status fl_refuse_rate(struct fl_context *c, uint8_t currency, uint16_t date_days)
{
    const char *base = fl_currency_code(fl_book(c->s)->base_currency);
    (void)fl_refuse(c, FL_NO_RATE, "currency", fl_currency_code(currency), 3);
    fl_result_text(c->result, FL_RESULT_EXPECTED, base, 3);
    fl_result_date(c->result, FL_RESULT_DATE, date_days);
    return FL_NO_RATE;
}

enum fl_status fl_refuse_before(struct fl_context *c, uint16_t earliest)
{
    (void)fl_refuse(c, FL_DATE_BEFORE_DOCUMENT, "date", NULL, 0);
    fl_result_date(c->result, FL_RESULT_DATE, c->command->date);
    fl_result_date(c->result, FL_RESULT_EXPECTED, earliest);
    return FL_DATE_BEFORE_DOCUMENT;
}

enum fl_status fl_refuse_state(struct fl_context *c, const char *field, struct fl_text value,
                               const char *state)
{
    if (value.length > 0)
        (void)fl_refuse_text(c, FL_WRONG_STATE, field, value);
    else
        (void)fl_refuse(c, FL_WRONG_STATE, field, NULL, 0);
    fl_result_text(c->result, FL_RESULT_STATE, state, strlen(state));
    return FL_WRONG_STATE;
}

const char *fl_order_state_word(uint8_t state)
{
    static const char *const words[] = {"",        "held",   "open",      "part_shipped",
                                        "shipped", "closed", "cancelled", "rejected",
                                        "expired"};
    FL_ASSERT(state < sizeof words / sizeof words[0]);
    return words[state];
}
