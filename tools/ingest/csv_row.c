#include "tools/ingest/csv_row.h"

#include <stdio.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/hash.h"
#include "tools/ingest/csv_values.h"

#define REFUSE(row, status, ...)                                                                   \
    ((row)->kind = FL_CSV_ROW_REFUSED, (row)->code = (status),                                     \
     (void)snprintf((row)->message, sizeof(row)->message, __VA_ARGS__), false)

struct fl_slice fl_csv_field(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                             enum fl_csv_role role)
{
    int32_t column = layout->columns.of[role];
    if (column < 0 || (size_t)column >= record->count)
        return fl_slice_of("", 0);
    return fl_csv_trim(record->fields[column]);
}

size_t fl_csv_record_bytes(const struct fl_csv_record *record)
{
    size_t bytes = record->count;
    for (size_t i = 0; i < record->count; i++)
        bytes += record->fields[i].length;
    return bytes;
}

uint64_t fl_csv_record_hash(const struct fl_csv_record *record)
{
    uint64_t hash = record->count;
    for (size_t i = 0; i < record->count; i++)
        hash = fl_hash64(record->fields[i].at ? record->fields[i].at : "", record->fields[i].length,
                         hash);
    return hash;
}

uint8_t fl_csv_currency(struct fl_slice cell)
{
    char code[3];
    struct fl_slice text = fl_csv_trim(cell);
    if (fl_slice_equals(text, "\xE2\x82\xAC"))
        return FL_CURRENCY_EUR;
    for (size_t i = 0; i < 3 && text.length == 3; i++)
        code[i] = (char)(text.at[i] >= 'a' && text.at[i] <= 'z' ? text.at[i] & ~0x20 : text.at[i]);
    return text.length == 3 ? fl_currency_find(code, 3) : FL_CURRENCY_NONE;
}

/* ---- one cell ------------------------------------------------------------------------------- */

/* A blank cell is absent. False: refused. */
static bool number_of(const struct fl_csv_layout *layout, struct fl_slice cell,
                      struct fl_csv_row *row, struct fl_decimal *out, uint8_t *currency)
{
    struct fl_csv_number number;
    bool differ = false;
    *out = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
    if (!fl_csv_number_open(cell, &number))
        return REFUSE(row, FL_BAD_VALUE, "%.*s is no number", fl_csv_shown(cell), cell.at);
    if (number.body.length == 0)
        return true;
    unsigned forms = layout->forms;
    if (forms == FL_CSV_ANY_NUMBER) /* else reading it tells */
        forms = fl_csv_number_forms(&number, forms, layout->thousands, &differ);
    unsigned form = forms & FL_CSV_POINT ? FL_CSV_POINT : FL_CSV_COMMA;
    enum fl_status status =
        forms ? fl_csv_number_read(&number, form, layout->thousands, out) : FL_BAD_VALUE;
    if (status == FL_BAD_VALUE)
        return REFUSE(row, FL_BAD_VALUE, "%.*s is no number with a decimal %s", fl_csv_shown(cell),
                      cell.at, layout->forms == FL_CSV_COMMA ? "comma" : "point");
    if (differ)
        return REFUSE(row, FL_BAD_VALUE, "%.*s reads as two numbers: the profile's \"decimal\"",
                      fl_csv_shown(cell), cell.at);
    if (status != FL_OK)
        return REFUSE(row, status, "%.*s is out of range", fl_csv_shown(cell), cell.at);
    if (number.currency != FL_CURRENCY_NONE && currency && *currency == FL_CURRENCY_NONE)
        *currency = number.currency;
    row->symbol |= number.symbol;
    return true;
}

static bool day_of(const struct fl_csv_layout *layout, struct fl_slice cell, struct fl_csv_row *row,
                   uint16_t *out)
{
    uint16_t days[FL_CSV_DATE_ORDERS];
    *out = FL_DATE_NONE;
    if (cell.length == 0)
        return true;
    unsigned orders = fl_csv_date_forms(cell, layout->orders, days);
    for (unsigned i = 0; i < FL_CSV_DATE_ORDERS; i++) {
        if (!(orders & 1u << i))
            continue;
        if (*out != FL_DATE_NONE && *out != days[i])
            return REFUSE(row, FL_BAD_VALUE, "%.*s reads as two days: the profile's \"date\"",
                          fl_csv_shown(cell), cell.at);
        *out = days[i];
    }
    return *out != FL_DATE_NONE ||
           REFUSE(row, FL_BAD_VALUE, "%.*s is no day%s", fl_csv_shown(cell), cell.at,
                  layout->profile->date_order ? " in the order of the profile's \"date\"" : "");
}

/* ---- the amount (R3) ------------------------------------------------------------------------ */

static struct fl_decimal negated(struct fl_decimal value)
{
    return fl_decimal_of(-value.units, value.scale);
}

static bool amount_by_sides(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                            struct fl_csv_row *row)
{
    struct fl_decimal debit, credit;
    uint8_t *currency = &row->line.currency;
    if (!number_of(layout, fl_csv_field(layout, record, FL_CSV_DEBIT), row, &debit, currency) ||
        !number_of(layout, fl_csv_field(layout, record, FL_CSV_CREDIT), row, &credit, currency))
        return false;
    struct fl_statement_total total = {0};
    bool is_debit = debit.state == FL_DECIMAL_VALUE, is_credit = credit.state == FL_DECIMAL_VALUE;
    if (!is_debit && !is_credit)
        return REFUSE(row, FL_BAD_VALUE, "no amount");
    if ((is_debit && debit.scale > FL_STATEMENT_DECIMALS_MAX) ||
        (is_credit && credit.scale > FL_STATEMENT_DECIMALS_MAX))
        return REFUSE(row, FL_TOO_MANY_DECIMALS, "more than %d decimals",
                      FL_STATEMENT_DECIMALS_MAX);
    if (is_credit)
        fl_statement_total_add(&total, credit);
    if (is_debit && layout->debit_signed)
        fl_statement_total_add(&total, debit);
    else if (is_debit)
        fl_statement_total_subtract(&total, debit);
    return fl_statement_total_read(total, &row->line.amount) == FL_OK ||
           REFUSE(row, FL_OUT_OF_RANGE, "the amount is out of range");
}

static bool amount_signed(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                          struct fl_csv_row *row)
{
    struct fl_slice sign = fl_csv_field(layout, record, FL_CSV_SIGN);
    struct fl_decimal *amount = &row->line.amount;
    if (!number_of(layout, fl_csv_field(layout, record, FL_CSV_AMOUNT), row, amount,
                   &row->line.currency))
        return false;
    if (amount->state != FL_DECIMAL_VALUE)
        return REFUSE(row, FL_BAD_VALUE, "no amount");
    if (sign.length == 0)
        return true;
    enum fl_csv_side side = fl_csv_side_of(sign, &row->line.reversal);
    if (side == FL_CSV_SIDE_UNKNOWN)
        return REFUSE(row, FL_BAD_VALUE, "%.*s says neither in nor out", fl_csv_shown(sign),
                      sign.at);
    bool out = side == FL_CSV_SIDE_OUT;
    if (row->line.reversal && layout->profile->reversal_flips == FL_PROFILE_NO)
        out = !out;
    if ((amount->units < 0) != out)
        *amount = negated(*amount);
    return true;
}

static bool currency_of(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                        struct fl_csv_row *row)
{
    struct fl_slice cell = fl_csv_field(layout, record, FL_CSV_CURRENCY);
    uint8_t named = fl_csv_currency(cell);
    if (named != FL_CURRENCY_NONE)
        row->line.currency = named;
    else if (cell.length == 3 && cell.at[0] >= 'A')
        return REFUSE(row, FL_BAD_VALUE, "%.*s is no currency", fl_csv_shown(cell), cell.at);
    if (row->line.currency == FL_CURRENCY_NONE && !(layout->currency_assumed && row->symbol))
        row->line.currency = layout->currency;
    return true;
}

static bool decimals_fit(struct fl_csv_row *row, struct fl_slice cell)
{
    enum fl_status status = fl_statement_amount_check(row->line.amount, row->line.currency);
    if (status == FL_OK)
        return true;
    const char *code = row->line.currency ? fl_currency_code(row->line.currency) : "any currency";
    return REFUSE(row, status, "%.*s %s %s has", fl_csv_shown(cell), cell.at,
                  status == FL_TOO_MANY_DECIMALS ? "has more decimals than" : "is more than", code);
}

/* Balances that do not fit the currency say nothing. */
static bool balances_of(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                        struct fl_csv_row *row)
{
    struct fl_decimal *const out[] = {&row->balance, &row->opening, &row->closing, &row->gross};
    static const enum fl_csv_role roles[] = {FL_CSV_BALANCE, FL_CSV_OPENING, FL_CSV_CLOSING,
                                             FL_CSV_GROSS};
    for (unsigned i = 0; i < 4; i++) {
        struct fl_slice cell = fl_csv_field(layout, record, roles[i]);
        if (!number_of(layout, cell, row, out[i], NULL))
            return false;
        if (out[i]->state == FL_DECIMAL_VALUE &&
            fl_statement_amount_check(*out[i], row->line.currency) != FL_OK)
            return REFUSE(row, FL_TOO_MANY_DECIMALS, "balance %.*s has more decimals than %s has",
                          fl_csv_shown(cell), cell.at, fl_currency_code(row->line.currency));
    }
    return true;
}

/* ---- rows that are no line ------------------------------------------------------------------ */

static enum fl_csv_role balance_name(const struct fl_csv_record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        enum fl_csv_role role = fl_csv_balance_row(record->fields[i]);
        if (role != FL_CSV_ROLES)
            return role;
    }
    return FL_CSV_ROLES;
}

static size_t filled(const struct fl_csv_record *record)
{
    size_t count = 0;
    for (size_t i = 0; i < record->count; i++)
        count += fl_csv_trim(record->fields[i]).length > 0;
    return count;
}

static bool is_total(const struct fl_csv_record *record)
{
    static const char *const words[] = {"total", "summe",  "sum",   "suma",
                                        "somme", "totaal", "totale"};
    char name[FL_CSV_NORMAL_BYTES_MAX];
    for (size_t i = 0; i < record->count; i++) {
        if (fl_csv_normal(record->fields[i], name) == 0)
            continue;
        for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
            if (strcmp(name, words[w]) == 0)
                return true;
        }
        return false;
    }
    return false;
}

/* The balance of a row that is named one, with its sign column. */
static void balance_row_read(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                             enum fl_csv_role role, struct fl_csv_row *row)
{
    struct fl_slice cell = fl_csv_field(layout, record, FL_CSV_BALANCE);
    bool good;
    if (cell.length > 0)
        good = number_of(layout, cell, row, &row->line.amount, NULL);
    else if (fl_csv_field(layout, record, FL_CSV_AMOUNT).length > 0)
        good = amount_signed(layout, record, row);
    else
        good = amount_by_sides(layout, record, row);
    good = good && currency_of(layout, record, row) && decimals_fit(row, cell);
    if (!good || row->line.amount.state != FL_DECIMAL_VALUE)
        return;
    row->balance = row->line.amount;
    row->kind = role == FL_CSV_OPENING ? FL_CSV_ROW_OPENING : FL_CSV_ROW_CLOSING;
    row->account = fl_csv_field(layout, record, FL_CSV_OWN_ACCOUNT);
}

/* True: the row is no line, and `row` says what it is. */
static bool is_no_line(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                       struct fl_csv_row *row)
{
    size_t cells = filled(record);
    enum fl_csv_role balance;
    uint16_t days[FL_CSV_DATE_ORDERS];
    row->kind = FL_CSV_ROW_NOTHING;
    if (cells == 0 || record->line == layout->heading_line)
        return true;
    if (layout->heading_line && fl_csv_record_bytes(record) == layout->heading_bytes &&
        fl_csv_record_hash(record) == layout->heading_hash)
        return true;
    if ((balance = balance_name(record)) != FL_CSV_ROLES) {
        balance_row_read(layout, record, balance, row);
        return true;
    }
    row->kind = FL_CSV_ROW_REMARK;
    bool no_day =
        fl_csv_date_forms(fl_csv_field(layout, record, FL_CSV_DATE), layout->orders, days) == 0;
    if (no_day && (is_total(record) || (cells == 1 && record->fields[0].length > 0))) {
        snprintf(row->message, sizeof row->message, "skipped, a remark: %.*s",
                 fl_csv_shown(record->fields[0]), record->fields[0].at);
        return true;
    }
    return false;
}

/* ---- the line ------------------------------------------------------------------------------- */

static void texts_of(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                     struct fl_csv_row *row)
{
    struct fl_statement_line *line = &row->line;
    bool in = line->amount.units >= 0;
    line->bank_ref = fl_csv_field(layout, record, FL_CSV_BANK_REF);
    line->customer_ref = fl_csv_field(layout, record, FL_CSV_CUSTOMER_REF);
    line->end_to_end = fl_csv_field(layout, record, FL_CSV_END_TO_END);
    line->code = fl_csv_field(layout, record, FL_CSV_CODE);
    line->payer_name = fl_csv_field(layout, record, FL_CSV_NAME);
    if (line->payer_name.length == 0)
        line->payer_name =
            fl_csv_field(layout, record, in ? FL_CSV_DEBTOR_NAME : FL_CSV_CREDITOR_NAME);
    line->payer_account = fl_csv_field(layout, record, FL_CSV_ACCOUNT);
    if (line->payer_account.length == 0)
        line->payer_account =
            fl_csv_field(layout, record, in ? FL_CSV_DEBTOR_ACCOUNT : FL_CSV_CREDITOR_ACCOUNT);
    if (line->payer_account.length == 0 && !layout->account_is_own)
        line->payer_account = fl_csv_field(layout, record, FL_CSV_ANY_ACCOUNT);
    row->account = fl_csv_field(layout, record, FL_CSV_OWN_ACCOUNT);
    if (row->account.length == 0 && layout->account_is_own)
        row->account = fl_csv_field(layout, record, FL_CSV_ANY_ACCOUNT);
    row->mandate = fl_csv_field(layout, record, FL_CSV_MANDATE);
    row->reference = fl_csv_field(layout, record, FL_CSV_REFERENCE);
}

/* What the payer paid more than the bank passed on. */
static void charges_of(struct fl_csv_row *row)
{
    struct fl_statement_total fee = {0};
    if (row->gross.state != FL_DECIMAL_VALUE || row->line.amount.units <= 0)
        return;
    fl_statement_total_add(&fee, row->gross);
    fl_statement_total_subtract(&fee, row->line.amount);
    if (fee.units > 0 && fl_statement_total_read(fee, &row->line.charges) != FL_OK)
        row->line.charges = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
}

static struct fl_slice money_cell(const struct fl_csv_layout *layout,
                                  const struct fl_csv_record *record)
{
    struct fl_slice cell = fl_csv_field(layout, record, FL_CSV_AMOUNT);
    if (cell.length == 0)
        cell = fl_csv_field(layout, record, FL_CSV_DEBIT);
    return cell.length > 0 ? cell : fl_csv_field(layout, record, FL_CSV_CREDIT);
}

/* A balance carried forward; the chain of the balances shows whether money is missing. */
static bool is_balance_only(const struct fl_csv_layout *layout, const struct fl_csv_record *record)
{
    return money_cell(layout, record).length == 0 &&
           fl_csv_field(layout, record, FL_CSV_BALANCE).length > 0;
}

static bool line_read(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                      struct fl_csv_row *row)
{
    struct fl_slice day = fl_csv_field(layout, record, FL_CSV_DATE);
    struct fl_slice status = fl_csv_field(layout, record, FL_CSV_STATUS);
    struct fl_statement_line *line = &row->line;
    if (record->count < layout->columns.least)
        return REFUSE(row, FL_BAD_VALUE, "%zu fields, the table has %u at least", record->count,
                      layout->columns.least);
    if (!day_of(layout, day, row, &line->booking_days) ||
        !day_of(layout, fl_csv_field(layout, record, FL_CSV_VALUE_DATE), row, &line->value_days))
        return false;
    if (is_balance_only(layout, record)) {
        row->kind = FL_CSV_ROW_REMARK;
        snprintf(row->message, sizeof row->message, "skipped: a balance without an amount");
        return true;
    }
    bool sides = fl_csv_field(layout, record, FL_CSV_AMOUNT).length == 0 &&
                 (layout->columns.of[FL_CSV_DEBIT] >= 0 || layout->columns.of[FL_CSV_CREDIT] >= 0);
    if (!(sides ? amount_by_sides(layout, record, row) : amount_signed(layout, record, row)) ||
        !currency_of(layout, record, row) || !decimals_fit(row, money_cell(layout, record)) ||
        !balances_of(layout, record, row))
        return false;
    /* Where the balance moves with it, the money has moved, whatever the status says. */
    line->booked = row->balance.state == FL_DECIMAL_VALUE || !fl_csv_is_not_booked(status);
    if (line->booked && line->booking_days == FL_DATE_NONE)
        return REFUSE(row, FL_BAD_VALUE, "no booking date");
    if (line->value_days == FL_DATE_NONE)
        line->value_days = line->booking_days;
    texts_of(layout, record, row);
    charges_of(row);
    return true;
}

void fl_csv_row_read(const struct fl_csv_layout *layout, const struct fl_csv_record *record,
                     struct fl_csv_row *out)
{
    FL_ASSERT(record->count > 0);
    memset(out, 0, sizeof *out);
    out->line.line = record->line;
    if (is_no_line(layout, record, out))
        return;
    out->kind = FL_CSV_ROW_LINE;
    if (!line_read(layout, record, out))
        FL_ASSERT(out->kind == FL_CSV_ROW_REFUSED && out->code != FL_OK);
}
