/* The book's policies: rounding, tolerance, dates and rates, in one place each. */
#include "core/domain/state.h"

enum fl_rounding fl_policy_rounding(const struct fl_state *s)
{
    return fl_book(s)->rounding == 2 ? FL_ROUND_HALF_EVEN : FL_ROUND_HALF_UP;
}

int64_t fl_policy_tolerance(const struct fl_state *s, uint8_t currency)
{
    const struct fl_book_settings *book = fl_book(s);
    for (unsigned i = 0; i < book->tolerance_count; i++) {
        if (book->tolerance_currency[i] == currency)
            return book->tolerance_minor[i];
    }
    return 0;
}

uint16_t fl_policy_push(const struct fl_state *s, uint16_t date_days)
{
    uint16_t closed = fl_book_counters(&s->store, 0)->closed_through;
    return date_days <= closed ? (uint16_t)(closed + 1) : date_days;
}

static bool is_near(uint16_t date_days, uint16_t business_date)
{
    int distance = (int)date_days - (int)business_date;
    int limit = FL_YEARS_AWAY_MAX * 366;
    return distance >= -limit && distance <= limit;
}

enum fl_status fl_policy_date(struct fl_context *c)
{
    struct fl_command *command = c->command;
    bool given = command->flags & FL_FLAG_DATE_GIVEN;
    if (given) {
        if (!is_near(command->date, c->s->business_date) || command->date == FL_DATE_MAX)
            return fl_refuse(c, FL_BAD_VALUE, "date", NULL, 0);
        if (command->date <= fl_book_counters(&c->s->store, 0)->closed_through) {
            fl_result_date(c->result, FL_RESULT_DATE, command->date);
            fl_result_date(c->result, FL_RESULT_THROUGH,
                           fl_book_counters(&c->s->store, 0)->closed_through);
            return fl_refuse(c, FL_PERIOD_CLOSED, "date", NULL, 0);
        }
        return FL_OK;
    }
    uint16_t date = command->flags & FL_FLAG_DATE_OWN   ? command->date
                    : command->flags & FL_FLAG_AT_GIVEN ? command->at_day
                                                        : c->s->business_date;
    if (!is_near(date, c->s->business_date))
        return fl_refuse(c, FL_BAD_VALUE, "at", NULL, 0);
    command->date = fl_policy_push(c->s, date);
    return FL_OK;
}

int64_t fl_policy_rate(const struct fl_state *s, uint8_t currency, uint16_t date_days)
{
    uint8_t base = fl_book(s)->base_currency;
    const struct fl_fx_rate_row *best = NULL;
    for (uint32_t row = 0; row < s->store.rows[FL_TABLE_fx_rate]; row++) {
        const struct fl_fx_rate_row *rate = fl_fx_rate_row(&s->store, row);
        if (rate->from == currency && rate->to == base && rate->date <= date_days &&
            (!best || rate->date >= best->date))
            best = rate;
    }
    return best ? best->rate : 0;
}

static const int64_t powers[11] = {1,       10,       100,       1000,       10000,      100000,
                                   1000000, 10000000, 100000000, 1000000000, 10000000000};

enum fl_status fl_policy_to_base(const struct fl_state *s, int64_t amount_minor, uint8_t currency,
                                 int64_t rate, int64_t *base_out)
{
    if (rate == 0) {
        *base_out = amount_minor;
        return FL_OK;
    }
    unsigned from = fl_currency_exponent(currency);
    unsigned to = fl_currency_exponent(fl_book(s)->base_currency);
    fl_int128 numerator = (fl_int128)amount_minor * rate * powers[to];
    fl_int128 denominator = (fl_int128)powers[FL_RATE_DECIMALS] * powers[from];
    return fl_round_div(numerator, denominator, fl_policy_rounding(s), base_out);
}

enum fl_status fl_refuse(struct fl_context *c, enum fl_status status, const char *field,
                         const char *value, size_t value_length)
{
    if (field)
        fl_result_text(c->result, FL_RESULT_FIELD, field, strlen(field));
    if (value)
        fl_result_text(c->result, FL_RESULT_VALUE, value, value_length);
    return status;
}

enum fl_status fl_refuse_text(struct fl_context *c, enum fl_status status, const char *field,
                              struct fl_text value)
{
    return fl_refuse(c, status, field, fl_command_text(c->command, value), value.length);
}

enum fl_status fl_money_signed(struct fl_context *c, const char *field, struct fl_decimal value,
                               uint8_t currency, int64_t *minor_out)
{
    *minor_out = 0;
    if (value.state != FL_DECIMAL_VALUE)
        return FL_OK;
    enum fl_status status = fl_decimal_scale(value, fl_currency_exponent(currency), minor_out);
    if (status == FL_OK && (*minor_out > FL_AMOUNT_MAX || *minor_out < -FL_AMOUNT_MAX))
        status = FL_OUT_OF_RANGE;
    if (status == FL_OK)
        return FL_OK;
    (void)fl_refuse_decimal(c, status, field, value);
    fl_refusal_currency(c, currency);
    return status;
}

enum fl_status fl_money(struct fl_context *c, const char *field, struct fl_decimal value,
                        uint8_t currency, bool positive, int64_t *minor_out)
{
    enum fl_status status = fl_decimal_scale(value, fl_currency_exponent(currency), minor_out);
    if (status == FL_OK && (*minor_out > FL_AMOUNT_MAX || *minor_out < -FL_AMOUNT_MAX))
        status = FL_OUT_OF_RANGE;
    if (status == FL_OK && (*minor_out < 0 || (positive && *minor_out == 0)))
        status = FL_BAD_VALUE;
    if (status == FL_OK)
        return FL_OK;
    (void)fl_refuse_decimal(c, status, field, value);
    fl_refusal_currency(c, currency);
    return status;
}
