#define _GNU_SOURCE /* strnlen */
#include "tools/ingest/camt_amount.h"

#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/format/charset.h"

void fl_camt_currency_take(struct fl_camt_currency *currency, const char *code)
{
    currency->number = FL_CURRENCY_NONE;
    currency->unknown = false;
    if (!code)
        return;
    if (strncmp(code, currency->last_code, sizeof currency->last_code) != 0) {
        currency->last_number = fl_currency_find(code, strlen(code));
        memset(currency->last_code, 0, sizeof currency->last_code);
        memcpy(currency->last_code, code, strnlen(code, sizeof currency->last_code));
    }
    currency->number = currency->last_number;
    currency->unknown = currency->last_number == FL_CURRENCY_NONE;
}

struct fl_camt_amount fl_camt_amount_read(const struct fl_camt_currency *currency,
                                          struct fl_slice text)
{
    struct fl_camt_amount amount = {.currency = currency->number, .bad = FL_BAD_VALUE};
    bool minus = text.length > 0 && text.at[0] == '-';
    if (minus || (text.length > 0 && text.at[0] == '+'))
        text = fl_slice_of(text.at + 1, text.length - 1);
    if (currency->unknown || memchr(text.at, ',', text.length)) /* V1 */
        return amount;
    amount.bad = fl_statement_amount(text, &amount.value);
    if (amount.bad == FL_OK)
        amount.bad = fl_statement_amount_check(amount.value, amount.currency);
    if (amount.bad != FL_OK)
        amount.value = (struct fl_decimal){0};
    else if (minus)
        amount.value.units = -amount.value.units;
    return amount;
}

void fl_camt_amount_reason(char reason[FL_CAMT_REASON_BYTES], const char *what,
                           const struct fl_camt_currency *currency, struct fl_slice text,
                           enum fl_status bad)
{
    int shown = text.length < 40 ? (int)fl_utf8_valid_prefix(text.at, text.length) : 0;
    const char *code = currency->number ? fl_currency_code(currency->number) : "its currency";
    if (currency->unknown)
        snprintf(reason, FL_CAMT_REASON_BYTES, "%s: no such currency: \"%.4s\"", what,
                 currency->last_code);
    else if (bad == FL_TOO_MANY_DECIMALS)
        snprintf(reason, FL_CAMT_REASON_BYTES, "%s: %.*s has more decimals than %s has", what,
                 shown, text.at, code);
    else
        snprintf(reason, FL_CAMT_REASON_BYTES,
                 "%s: \"%.*s\" is no amount: digits, a point, decimals of %s", what, shown, text.at,
                 code);
}

int fl_camt_sign(struct fl_slice text)
{
    return fl_slice_equals(text, "DBIT") ? -1 : 1;
}

struct fl_decimal fl_camt_signed(struct fl_decimal value, int sign)
{
    if (sign < 0)
        value.units = -value.units;
    return value;
}

uint16_t fl_camt_date(struct fl_slice text)
{
    uint16_t days = FL_DATE_NONE;
    if (text.length >= 10 && fl_date_parse(text.at, 10, &days) != FL_OK)
        return FL_DATE_NONE;
    return days;
}

bool fl_camt_is_true(struct fl_slice text)
{
    return fl_slice_equals(text, "true") || fl_slice_equals(text, "1");
}

/* --- charges --------------------------------------------------------------------------------- */

void fl_camt_charges_take(struct fl_camt_charges *charges, enum fl_camt_charges_part part,
                          const struct fl_camt_currency *currency, struct fl_slice text)
{
    switch (part) {
    case CAMT_CHARGES_TOTAL:
        charges->total = fl_camt_amount_read(currency, text);
        break;
    case CAMT_CHARGES_AMOUNT:
        charges->record = fl_camt_amount_read(currency, text);
        break;
    case CAMT_CHARGES_SIGN:
        charges->record_credit = fl_slice_equals(text, "CRDT");
        break;
    }
}

void fl_camt_charges_close(struct fl_camt_charges *charges)
{
    struct fl_camt_amount record = charges->record;
    struct fl_camt_amount *sum = &charges->records;
    bool counts = fl_camt_amount_is_given(&record);
    if (charges->record_credit)
        record.value.units = -record.value.units;
    charges->record = (struct fl_camt_amount){0};
    charges->record_credit = false;
    if (!counts)
        return;
    if (sum->value.state != FL_DECIMAL_VALUE) {
        *sum = record;
        return;
    }
    if (sum->currency != record.currency)
        return;
    struct fl_statement_total total = {0};
    fl_statement_total_add(&total, sum->value);
    fl_statement_total_add(&total, record.value);
    sum->bad = fl_statement_total_read(total, &sum->value);
}

struct fl_decimal fl_camt_charges_kept(const struct fl_camt_charges *charges, uint8_t currency)
{
    const struct fl_camt_amount *kept =
        charges->total.value.state == FL_DECIMAL_VALUE ? &charges->total : &charges->records;
    bool fits = fl_camt_amount_is_given(kept) && kept->currency == currency;
    return fits ? kept->value : (struct fl_decimal){0};
}
