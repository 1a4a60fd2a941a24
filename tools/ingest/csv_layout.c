#include "tools/ingest/csv_layout.h"

#include <stdio.h>

#include "core/base/currency.h"
#include "tools/ingest/csv_values.h"

/* ---- headings ------------------------------------------------------------------------------- */

static bool heading_is(struct fl_slice cell, const char *name)
{
    char normal[FL_CSV_NORMAL_BYTES_MAX], wanted[FL_CSV_NORMAL_BYTES_MAX];
    struct fl_slice trimmed = fl_csv_trim(cell);
    if (fl_slice_equals(trimmed, name))
        return true;
    size_t length = fl_csv_normal(trimmed, normal);
    return length > 0 && length == fl_csv_normal(fl_slice_of_text(name), wanted) &&
           memcmp(normal, wanted, length) == 0;
}

/* The column of a profile in this record; FL_CSV_NO_COLUMN: its heading is not there. */
static int32_t profile_column(const struct fl_profile_column *column,
                              const struct fl_csv_record *record)
{
    if (column->number > 0)
        return (int32_t)column->number - 1;
    for (size_t i = 0; i < record->count; i++) {
        if (fl_slice_equals(fl_csv_trim(record->fields[i]), column->name))
            return (int32_t)i;
    }
    for (size_t i = 0; i < record->count; i++) {
        if (heading_is(record->fields[i], column->name))
            return (int32_t)i;
    }
    return FL_CSV_NO_COLUMN;
}

/* Number of columns that are there; `*missing_out` is the first that is not. */
static uint32_t declared_find(const struct fl_statement_profile *profile,
                              const struct fl_csv_record *record, struct fl_csv_columns *out,
                              const char **missing_out)
{
    uint32_t found = 0;
    *missing_out = NULL;
    fl_csv_columns_clear(out);
    for (unsigned i = 0; i < FL_CSV_ROLES + profile->texts_count; i++) {
        bool text = i >= FL_CSV_ROLES;
        const struct fl_profile_column *column =
            text ? &profile->texts[i - FL_CSV_ROLES] : &profile->columns[i];
        if (!column->given)
            continue;
        int32_t at = profile_column(column, record);
        if (at >= 0)
            fl_csv_columns_set(out, text ? FL_CSV_TEXT : (enum fl_csv_role)i, (uint32_t)at);
        else if (!*missing_out)
            *missing_out = column->name;
        found += at >= 0;
    }
    return found;
}

static bool is_headless(const struct fl_statement_profile *profile)
{
    for (unsigned i = 0; i < FL_CSV_ROLES; i++) {
        if (profile->columns[i].given && profile->columns[i].number == 0)
            return false;
    }
    for (unsigned i = 0; i < profile->texts_count; i++) {
        if (profile->texts[i].number == 0)
            return false;
    }
    return profile->columns_given;
}

/* What one separator makes of the file's beginning. */
struct look {
    struct fl_csv_columns columns;
    uint64_t heading_line, heading_hash;
    size_t heading_bytes;
    uint32_t found;
    uint8_t currency;
    int32_t blank_after_amount;
    char separator;
    char missing[FL_PROFILE_NAME_BYTES_MAX + 1];
    char account[FL_ID_BYTES_MAX + 1];
};

static uint32_t columns_count(const struct fl_csv_columns *columns)
{
    uint32_t count = columns->texts_count;
    for (unsigned i = 0; i < FL_CSV_ROLES; i++)
        count += columns->of[i] >= 0;
    return count;
}

/* "Konto:";"12345678" in front of the table. */
static void preamble_read(const struct fl_csv_record *record, struct look *look)
{
    for (size_t i = 0; i + 1 < record->count; i++) {
        struct fl_slice value = fl_csv_trim(record->fields[i + 1]);
        if (value.length == 0)
            continue;
        enum fl_csv_role role = fl_csv_label_role(record->fields[i]);
        uint8_t currency = role == FL_CSV_CURRENCY ? fl_csv_currency(value) : FL_CURRENCY_NONE;
        bool digit = value.at[value.length - 1] >= '0' && value.at[value.length - 1] <= '9';
        if (role == FL_CSV_OWN_ACCOUNT && digit && value.length <= FL_ID_BYTES_MAX &&
            look->account[0] == '\0')
            memcpy(look->account, value.at, value.length);
        if (currency != FL_CURRENCY_NONE)
            look->currency = currency;
    }
}

/* Takes the record for the headings. */
static void heading_take(const struct fl_csv_record *record, const struct fl_csv_columns *columns,
                         uint32_t found, struct look *look)
{
    look->columns = *columns;
    look->found = found;
    look->heading_line = record->line;
    look->heading_hash = fl_csv_record_hash(record);
    look->heading_bytes = fl_csv_record_bytes(record);
    static const enum fl_csv_role money[] = {FL_CSV_AMOUNT, FL_CSV_CREDIT, FL_CSV_DEBIT};
    for (size_t i = 0; i < sizeof money / sizeof money[0]; i++) {
        int32_t at = columns->of[money[i]];
        uint8_t currency = at < 0 || (size_t)at >= record->count
                               ? FL_CURRENCY_NONE
                               : fl_csv_heading_currency(record->fields[at]);
        if (currency != FL_CURRENCY_NONE)
            look->currency = currency;
    }
    int32_t amount = columns->of[FL_CSV_AMOUNT];
    if (amount < 0)
        return;
    look->blank_after_amount = FL_CSV_NO_COLUMN;
    if ((size_t)amount + 1 < record->count && fl_csv_trim(record->fields[amount + 1]).length == 0)
        look->blank_after_amount = amount + 1;
}

static bool heading_look(const struct fl_statement_profile *profile,
                         const struct fl_csv_record *record, struct look *look)
{
    struct fl_csv_columns columns;
    const char *missing = NULL;
    if (!profile->columns_given) {
        if (!fl_csv_columns_find(record, &columns))
            return false;
        heading_take(record, &columns, columns_count(&columns), look);
        return true;
    }
    uint32_t found = declared_find(profile, record, &columns, &missing);
    if (!missing) {
        heading_take(record, &columns, found, look);
        return true;
    }
    if (found >= look->found || look->missing[0] == '\0') {
        look->found = found;
        snprintf(look->missing, sizeof look->missing, "%s", missing);
    }
    return false;
}

/* Reads records until the headings, or until it is clear that there are none. */
static enum fl_status begin_look(struct fl_byte_source source, const struct fl_csv_options *options,
                                 const struct fl_statement_profile *profile, struct look *look,
                                 struct fl_error *error)
{
    struct fl_csv_reader *reader;
    memset(look, 0, sizeof *look);
    look->blank_after_amount = FL_CSV_NO_COLUMN;
    if (!source.rewind(source.context))
        return fl_error_set(error, FL_UNREADABLE, "%s: cannot be read again", source.name);
    FL_TRY(fl_csv_reader_open(source, options, &reader, error));
    look->separator = fl_csv_reader_separator(reader);
    for (unsigned i = 0; i < FL_CSV_HEADING_ROWS; i++) {
        struct fl_csv_record record;
        enum fl_status status = fl_csv_reader_next(reader, &record, NULL);
        if (status == FL_OK && record.count == 0)
            break;
        if (status == FL_OK && record.count > 1 && heading_look(profile, &record, look))
            break;
        if (status == FL_OK)
            preamble_read(&record, look);
        else if (status != FL_BAD_VALUE && status != FL_TOO_LONG)
            break;
    }
    fl_csv_reader_close(reader);
    return FL_OK;
}

static enum fl_status headings_missing(struct fl_byte_source source,
                                       const struct fl_statement_profile *profile,
                                       const struct look *best, struct fl_error *error)
{
    if (!profile->columns_given)
        return fl_error_set(error, FL_UNSUPPORTED,
                            "%s: no statement format known by its content; as CSV it has no row of "
                            "known headings, a profile with \"columns\" would name them",
                            source.name);
    return fl_error_set(error, FL_UNSUPPORTED,
                        "%s: the profile's column \"%s\" is not among the headings", source.name,
                        best->missing);
}

/* Y4: to be proved by the rows. */
static void sign_of_code(struct fl_csv_layout *layout)
{
    int32_t *of = layout->columns.of;
    layout->sign_is_code = layout->sign_unsure && of[FL_CSV_SIGN] == FL_CSV_NO_COLUMN &&
                           of[FL_CSV_CODE] >= 0 && of[FL_CSV_AMOUNT] >= 0;
    if (layout->sign_is_code)
        of[FL_CSV_SIGN] = of[FL_CSV_CODE];
}

/* The separator under which most is recognised. The one found by counting comes first: it wins
 * where another does as well. */
static enum fl_status headings_find(struct fl_byte_source source, struct fl_csv_layout *layout,
                                    struct fl_error *error)
{
    static const char candidates[] = {0, ';', ',', '\t', '|'};
    const struct fl_statement_profile *profile = layout->profile;
    struct look best = {0}, look;
    enum fl_status first = FL_OK;
    for (size_t i = 0; i < (profile->separator ? 1 : sizeof candidates); i++) {
        struct fl_csv_options options = layout->options;
        options.separator = profile->separator ? profile->separator : candidates[i];
        enum fl_status status = begin_look(source, &options, profile, &look, error);
        if (status != FL_OK && (status != FL_UNREADABLE || candidates[i] != 0))
            return status;
        first = status == FL_OK ? first : status;
        bool better =
            (look.heading_line > 0) > (best.heading_line > 0) ||
            ((look.heading_line > 0) == (best.heading_line > 0) && look.found > best.found);
        if (status == FL_OK && (i == 0 || better))
            best = look;
    }
    if (best.heading_line == 0)
        return headings_missing(source, profile, &best, error);
    layout->options.separator = best.separator;
    layout->columns = best.columns;
    layout->heading_line = best.heading_line;
    layout->heading_hash = best.heading_hash;
    layout->heading_bytes = best.heading_bytes;
    if (layout->currency == FL_CURRENCY_NONE)
        layout->currency = best.currency;
    memcpy(layout->account, best.account, sizeof best.account);
    layout->sign_unsure = !profile->columns_given && best.columns.of[FL_CSV_SIGN] < 0;
    if (layout->sign_unsure)
        layout->columns.of[FL_CSV_SIGN] = best.blank_after_amount; /* proved by the rows */
    sign_of_code(layout);
    if (best.columns.twice == FL_CSV_NO_COLUMN || profile->columns_given)
        return FL_OK;
    return fl_error_set(error, FL_UNSUPPORTED,
                        "%s: line %llu: column %d has the heading of one before it: the profile's "
                        "\"columns\" says which counts",
                        source.name, (unsigned long long)best.heading_line, best.columns.twice + 1);
}

/* ---- proof (Y1) ----------------------------------------------------------------------------- */

struct proof {
    struct fl_csv_layout *layout;
    uint64_t rows;
    /* Numbers: what rows still allow, and the first that proved each form, the first unsure one. */
    unsigned forms;
    uint64_t form_line[2], unsure_line;
    char unsure[32];
    /* Dates: the same for each pair of orders. */
    unsigned orders;
    uint64_t order_line[FL_CSV_DATE_ORDERS], unsure_day_line[FL_CSV_ANY_DATE + 1];
    char unsure_day[FL_CSV_ANY_DATE + 1][32];
    uint64_t broken_line;
    /* Sides. */
    bool debit_negative, debit_positive, money_in, money_out, amount_negative;
    uint64_t side_rows, side_words;
    char account[FL_ID_BYTES_MAX + 1];
    bool account_differs;
    uint64_t account_rows;
};

static void keep_cell(char out[32], struct fl_slice cell)
{
    snprintf(out, 32, "%.*s", fl_csv_shown(cell), cell.at);
}

static void number_prove(struct proof *p, struct fl_slice cell, uint64_t line)
{
    struct fl_csv_number number;
    bool differ;
    if (!fl_csv_number_open(cell, &number) || number.body.length == 0)
        return;
    unsigned all = p->layout->forms;
    unsigned forms = fl_csv_number_forms(&number, all, p->layout->thousands, &differ);
    if (forms == 0)
        return;
    if (differ && p->unsure_line == 0) {
        p->unsure_line = line;
        keep_cell(p->unsure, cell);
    }
    if (forms == FL_CSV_POINT && all == FL_CSV_ANY_NUMBER && !p->form_line[0])
        p->form_line[0] = line;
    if (forms == FL_CSV_COMMA && all == FL_CSV_ANY_NUMBER && !p->form_line[1])
        p->form_line[1] = line;
    p->forms &= forms;
}

static void day_prove(struct proof *p, struct fl_slice cell, uint64_t line)
{
    uint16_t days[FL_CSV_DATE_ORDERS];
    unsigned orders = fl_csv_date_forms(cell, p->layout->orders, days);
    if (orders == 0)
        return;
    for (unsigned a = 0; a < FL_CSV_DATE_ORDERS; a++) {
        for (unsigned b = a + 1; b < FL_CSV_DATE_ORDERS; b++) {
            unsigned pair = 1u << a | 1u << b;
            if ((orders & pair) != pair || days[a] == days[b] || p->unsure_day_line[pair])
                continue;
            p->unsure_day_line[pair] = line;
            keep_cell(p->unsure_day[pair], cell);
        }
        if (orders == 1u << a && !p->order_line[a])
            p->order_line[a] = line;
    }
    if ((p->orders & orders) == 0 && p->broken_line == 0)
        p->broken_line = line;
    p->orders &= orders;
}

/* Not nothing: "0.00" in the debit column of a credit says nothing of signs. */
static bool is_some(struct fl_slice body)
{
    for (size_t i = 0; i < body.length; i++) {
        if (body.at[i] >= '1' && body.at[i] <= '9')
            return true;
    }
    return false;
}

static void sides_prove(struct proof *p, const struct fl_csv_record *record)
{
    struct fl_csv_number debit, credit, amount;
    bool reversal;
    const struct fl_csv_layout *layout = p->layout;
    if (fl_csv_number_open(fl_csv_field(layout, record, FL_CSV_DEBIT), &debit) &&
        is_some(debit.body)) {
        p->debit_negative |= debit.negative;
        p->debit_positive |= !debit.negative;
        p->money_out = true;
    }
    p->money_in |= fl_csv_number_open(fl_csv_field(layout, record, FL_CSV_CREDIT), &credit) &&
                   is_some(credit.body);
    struct fl_slice sign = fl_csv_field(layout, record, FL_CSV_SIGN);
    enum fl_csv_side side = fl_csv_side_of(sign, &reversal);
    p->side_rows++;
    p->side_words += side != FL_CSV_SIDE_UNKNOWN || sign.length == 0;
    if (!fl_csv_number_open(fl_csv_field(layout, record, FL_CSV_AMOUNT), &amount) ||
        amount.body.length == 0)
        return;
    p->amount_negative |= amount.negative;
    bool out = side == FL_CSV_SIDE_UNKNOWN ? amount.negative : side == FL_CSV_SIDE_OUT;
    p->money_out |= out;
    p->money_in |= !out;
}

static void account_prove(struct proof *p, const struct fl_csv_record *record)
{
    struct fl_slice cell = fl_csv_field(p->layout, record, FL_CSV_ANY_ACCOUNT);
    p->account_rows++;
    if (cell.length == 0 || cell.length > FL_ID_BYTES_MAX)
        p->account_differs = true;
    else if (p->account[0] == '\0')
        memcpy(p->account, cell.at, cell.length);
    else
        p->account_differs |= !fl_slice_equals(cell, p->account);
}

static void row_prove(struct proof *p, const struct fl_csv_record *record)
{
    static const enum fl_csv_role numbers[] = {FL_CSV_AMOUNT,  FL_CSV_DEBIT, FL_CSV_CREDIT,
                                               FL_CSV_BALANCE, FL_CSV_GROSS, FL_CSV_OPENING,
                                               FL_CSV_CLOSING};
    uint16_t days[FL_CSV_DATE_ORDERS];
    const struct fl_csv_layout *layout = p->layout;
    struct fl_slice day = fl_csv_field(layout, record, FL_CSV_DATE);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        number_prove(p, fl_csv_field(layout, record, numbers[i]), record->line);
    day_prove(p, day, record->line);
    day_prove(p, fl_csv_field(layout, record, FL_CSV_VALUE_DATE), record->line);
    if (fl_csv_date_forms(day, layout->orders, days) == 0)
        return; /* a balance or a remark proves nothing of sides */
    p->rows++;
    bool balance = false;
    for (size_t i = 0; i < record->count && !balance; i++)
        balance = fl_csv_balance_row(record->fields[i]) != FL_CSV_ROLES;
    if (balance)
        return;
    sides_prove(p, record);
    account_prove(p, record);
}

static bool is_proved(const struct proof *p)
{
    bool form = p->forms != FL_CSV_ANY_NUMBER;
    bool order = (p->orders & (p->orders - 1)) == 0;
    return form && order;
}

static enum fl_status rows_prove(struct fl_byte_source source, struct proof *p,
                                 struct fl_error *error)
{
    struct fl_csv_reader *reader;
    struct fl_csv_record record;
    enum fl_status status;
    FL_TRY(fl_csv_layout_open(source, p->layout, &reader, error));
    for (;;) {
        status = fl_csv_reader_next(reader, &record, error);
        if (status == FL_BAD_VALUE || status == FL_TOO_LONG)
            continue;
        if (status != FL_OK || record.count == 0)
            break;
        if (fl_csv_layout_is_row(p->layout, &record))
            row_prove(p, &record);
        if (p->rows >= FL_CSV_PROOF_ROWS && is_proved(p))
            break;
    }
    fl_csv_reader_close(reader);
    return status;
}

#define REFUSE(refusal, at, ...)                                                                   \
    ((refusal)->line = (at),                                                                       \
     (void)snprintf((refusal)->message, sizeof(refusal)->message, __VA_ARGS__), false)

static bool numbers_conclude(const struct proof *p, struct fl_csv_refusal *refusal)
{
    if (p->forms == 0) {
        uint64_t point = p->form_line[0], comma = p->form_line[1];
        return REFUSE(refusal, point > comma ? point : comma,
                      "line %llu has a decimal point, line %llu a decimal comma: the profile's "
                      "\"decimal\" says which is right",
                      (unsigned long long)point, (unsigned long long)comma);
    }
    if (p->forms == FL_CSV_ANY_NUMBER && p->unsure_line)
        return REFUSE(refusal, p->unsure_line,
                      "%s: ambiguous, a thousand or a fraction, and no row of the file tells: the "
                      "profile's \"decimal\" says it",
                      p->unsure);
    p->layout->forms = p->forms;
    return true;
}

static bool days_conclude(const struct proof *p, struct fl_csv_refusal *refusal)
{
    if (p->orders == 0)
        return REFUSE(refusal, p->broken_line,
                      "the order of day and month is not that of the rows before: the profile's "
                      "\"date\" says which is right");
    for (unsigned pair = 3; pair <= 6; pair++) {
        if ((p->orders & pair) != pair || !p->unsure_day_line[pair] || (pair & (pair - 1)) == 0)
            continue;
        return REFUSE(refusal, p->unsure_day_line[pair],
                      "%s: ambiguous, day or month first, and no row of the file tells: the "
                      "profile's \"date\" says it",
                      p->unsure_day[pair]);
    }
    p->layout->orders = p->orders;
    return true;
}

static void sides_conclude(const struct proof *p)
{
    struct fl_csv_layout *layout = p->layout;
    struct fl_csv_columns *columns = &layout->columns;
    if ((p->layout->sign_unsure && p->side_words < p->side_rows) ||
        (p->layout->sign_is_code && p->amount_negative))
        columns->of[FL_CSV_SIGN] = FL_CSV_NO_COLUMN;
    layout->debit_signed = p->debit_negative && !p->debit_positive &&
                           columns->of[FL_CSV_DEBIT] >= 0 && columns->of[FL_CSV_CREDIT] >= 0;
    bool one = p->account[0] != '\0' && !p->account_differs && p->account_rows > 1;
    bool ours = strcmp(p->account, layout->account) == 0 ||
                strcmp(p->account, layout->profile->account) == 0;
    bool other = columns->of[FL_CSV_ACCOUNT] >= 0 || columns->of[FL_CSV_DEBTOR_ACCOUNT] >= 0 ||
                 columns->of[FL_CSV_CREDITOR_ACCOUNT] >= 0;
    bool proved = other ? !p->account_differs : one && p->money_in && p->money_out;
    layout->account_is_own =
        columns->of[FL_CSV_OWN_ACCOUNT] < 0 && p->account[0] != '\0' && (ours || proved);
}

/* ---- the door ------------------------------------------------------------------------------- */

static void layout_begin(struct fl_csv_layout *layout, const struct fl_statement_profile *profile)
{
    memset(layout, 0, sizeof *layout);
    layout->profile = profile;
    layout->options.charset = profile->charset[0] ? profile->charset : NULL;
    layout->options.skip_lines = profile->skip_lines;
    layout->options.separator = profile->separator;
    layout->currency = profile->currency;
    layout->thousands = profile->thousands_given ? profile->thousands : NULL;
    layout->forms = FL_CSV_ANY_NUMBER;
    if (profile->decimal)
        layout->forms = profile->decimal == '.' ? FL_CSV_POINT : FL_CSV_COMMA;
    else if (profile->thousands_given && strcmp(profile->thousands, ".") == 0)
        layout->forms = FL_CSV_COMMA;
    else if (profile->thousands_given && strcmp(profile->thousands, ",") == 0)
        layout->forms = FL_CSV_POINT;
    layout->orders = profile->date_order ? profile->date_order : FL_CSV_ANY_DATE;
}

enum fl_status fl_csv_layout_find(struct fl_byte_source source,
                                  const struct fl_statement_profile *profile,
                                  struct fl_csv_layout *layout, struct fl_csv_refusal *refusal,
                                  struct fl_error *error)
{
    const struct fl_csv_record none = {0};
    const char *missing;
    FL_ASSERT(source.rewind != NULL);
    memset(refusal, 0, sizeof *refusal);
    layout_begin(layout, profile);
    if (is_headless(profile))
        (void)declared_find(profile, &none, &layout->columns, &missing);
    else
        FL_TRY(headings_find(source, layout, error));
    struct proof proof = {.layout = layout, .forms = layout->forms, .orders = layout->orders};
    FL_TRY(rows_prove(source, &proof, error));
    if (numbers_conclude(&proof, refusal) && days_conclude(&proof, refusal))
        sides_conclude(&proof);
    layout->currency_assumed = layout->currency == FL_CURRENCY_NONE;
    if (layout->currency_assumed)
        layout->currency = profile->currency_default;
    return FL_OK;
}

enum fl_status fl_csv_layout_open(struct fl_byte_source source, const struct fl_csv_layout *layout,
                                  struct fl_csv_reader **out, struct fl_error *error)
{
    if (!source.rewind(source.context))
        return fl_error_set(error, FL_UNREADABLE, "%s: cannot be read again", source.name);
    return fl_csv_reader_open(source, &layout->options, out, error);
}

bool fl_csv_layout_is_row(const struct fl_csv_layout *layout, const struct fl_csv_record *record)
{
    return record->line > layout->heading_line;
}
