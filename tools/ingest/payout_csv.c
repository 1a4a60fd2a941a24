#include "tools/ingest/payout_csv.h"

#include <stdlib.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/ingest/csv_row.h"
#include "tools/ingest/csv_values.h"
#include "tools/ingest/load_names.h"

#define COUNT(array)    (sizeof(array) / sizeof(array)[0])
#define HEADING_ROWS    64
#define REF_COLUMNS_MAX 6

enum role {
    ROLE_PAYOUT,
    ROLE_DATE,
    ROLE_KIND,
    ROLE_AMOUNT,
    ROLE_FEE,
    ROLE_NET,
    ROLE_GROSS_DEBIT,
    ROLE_GROSS_CREDIT,
    ROLE_NET_DEBIT,
    ROLE_NET_CREDIT,
    ROLE_CURRENCY,
    ROLE_TOTAL,
    ROLE_PROCESSOR,
    ROLE_ID, /* of the row: names a payout that has no column */
    ROLE_REF,
    ROLES
};

struct heading {
    const char *name;
    uint8_t role, rank;
};

static const struct heading headings[] = {
    {"payout", ROLE_PAYOUT, 1},
    {"payoutid", ROLE_PAYOUT, 1},
    {"automaticpayoutid", ROLE_PAYOUT, 1},
    {"settlementid", ROLE_PAYOUT, 1},
    {"transferid", ROLE_PAYOUT, 2},
    {"batchnumber", ROLE_PAYOUT, 3},
    {"payoutdate", ROLE_DATE, 1},
    {"automaticpayouteffectiveat", ROLE_DATE, 1},
    {"automaticpayouteffectiveatutc", ROLE_DATE, 1},
    {"bookingdate", ROLE_DATE, 2},
    {"date", ROLE_DATE, 3},
    {"transactiondate", ROLE_DATE, 4},
    {"availableonutc", ROLE_DATE, 4},
    {"availableon", ROLE_DATE, 4},
    {"createdutc", ROLE_DATE, 5},
    {"created", ROLE_DATE, 5},
    {"creationdate", ROLE_DATE, 5},
    {"kind", ROLE_KIND, 1},
    {"reportingcategory", ROLE_KIND, 1},
    {"type", ROLE_KIND, 2},
    {"transactiontype", ROLE_KIND, 2},
    {"amount", ROLE_AMOUNT, 2},
    {"gross", ROLE_AMOUNT, 1},
    {"grossamount", ROLE_AMOUNT, 1},
    {"fee", ROLE_FEE, 1},
    {"fees", ROLE_FEE, 1},
    {"net", ROLE_NET, 1},
    {"netamount", ROLE_NET, 1},
    {"grossdebitgc", ROLE_GROSS_DEBIT, 1},
    {"grosscreditgc", ROLE_GROSS_CREDIT, 1},
    {"netdebitnc", ROLE_NET_DEBIT, 1},
    {"netcreditnc", ROLE_NET_CREDIT, 1},
    {"currency", ROLE_CURRENCY, 2},
    {"netcurrency", ROLE_CURRENCY, 1},
    {"payoutcurrency", ROLE_CURRENCY, 1},
    {"payoutamount", ROLE_TOTAL, 1},
    {"payouttotal", ROLE_TOTAL, 1},
    {"processor", ROLE_PROCESSOR, 1},
    {"merchantaccount", ROLE_PROCESSOR, 2},
    {"balancetransactionid", ROLE_ID, 1},
    {"transactionid", ROLE_ID, 1},
    {"ref", ROLE_REF, 1},
    {"reference", ROLE_REF, 1},
    {"order", ROLE_REF, 1},
    {"orderid", ROLE_REF, 1},
    {"ordername", ROLE_REF, 1},
    {"invoice", ROLE_REF, 1},
    {"invoiceid", ROLE_REF, 2},
    {"invoicenumber", ROLE_REF, 1},
    {"merchantreference", ROLE_REF, 1},
    {"paymentmetadataorderid", ROLE_REF, 1},
    {"paymentmetadatainvoice", ROLE_REF, 1},
    {"chargeid", ROLE_REF, 3},
    {"paymentintentid", ROLE_REF, 4},
    {"sourceid", ROLE_REF, 5},
    {"pspreference", ROLE_REF, 5},
};

struct layout {
    struct fl_csv_options options;
    int32_t of[ROLES];
    uint16_t refs[REF_COLUMNS_MAX];
    uint8_t ref_ranks[REF_COLUMNS_MAX];
    uint32_t refs_count;
    uint64_t heading_line;
    unsigned forms, orders;
    const char *thousands;
    bool fees_turned; /* J1 */
    uint8_t currency;
};

struct reader {
    struct fl_byte_source source;
    struct fl_error *error;
    struct layout layout;
    struct fl_payout_parts parts;
    bool open;
    struct fl_load_names seen; /* payouts that ended: J3 */
};

/* ---- headings ------------------------------------------------------------------------------- */

static void ref_add(struct layout *layout, uint16_t column, uint8_t rank)
{
    uint32_t at = layout->refs_count;
    if (at == REF_COLUMNS_MAX)
        return;
    for (; at > 0 && layout->ref_ranks[at - 1] > rank; at--) {
        layout->refs[at] = layout->refs[at - 1];
        layout->ref_ranks[at] = layout->ref_ranks[at - 1];
    }
    layout->refs[at] = column;
    layout->ref_ranks[at] = rank;
    layout->refs_count++;
}

static void heading_take(struct layout *layout, uint8_t ranks[ROLES], struct fl_slice cell,
                         uint16_t column)
{
    char name[FL_CSV_NORMAL_BYTES_MAX];
    (void)fl_csv_normal(cell, name);
    for (size_t h = 0; h < COUNT(headings); h++) {
        const struct heading *heading = &headings[h];
        if (heading->name[0] != name[0] || strcmp(heading->name, name) != 0)
            continue;
        if (heading->role == ROLE_REF) {
            ref_add(layout, column, heading->rank);
        } else if (heading->rank < ranks[heading->role]) {
            ranks[heading->role] = heading->rank;
            layout->of[heading->role] = column;
        }
    }
}

/* Enough to make payouts of: kinds, amounts, days, and what ends a payout. */
static bool headings_take(struct layout *layout, const struct fl_csv_record *record)
{
    uint8_t ranks[ROLES];
    memset(ranks, UINT8_MAX, sizeof ranks);
    layout->refs_count = 0;
    for (int i = 0; i < ROLES; i++)
        layout->of[i] = -1;
    for (size_t i = 0; i < record->count; i++)
        heading_take(layout, ranks, record->fields[i], (uint16_t)i);
    layout->heading_line = record->line;
    bool sides = layout->of[ROLE_GROSS_DEBIT] >= 0 && layout->of[ROLE_GROSS_CREDIT] >= 0;
    return layout->of[ROLE_KIND] >= 0 && (layout->of[ROLE_AMOUNT] >= 0 || sides) &&
           layout->of[ROLE_DATE] >= 0;
}

static bool headings_find(struct fl_byte_source source, struct layout *layout)
{
    static const char separators[] = {0, ';', ',', '\t', '|'};
    for (size_t s = 0; s < sizeof separators; s++) {
        struct fl_csv_reader *csv;
        struct fl_csv_record record;
        struct fl_csv_options options = layout->options;
        options.separator = options.separator ? options.separator : separators[s];
        if (!source.rewind(source.context) ||
            fl_csv_reader_open(source, &options, &csv, NULL) != FL_OK)
            continue;
        options.separator = fl_csv_reader_separator(csv);
        bool found = false;
        for (unsigned i = 0; i < HEADING_ROWS && !found; i++) {
            enum fl_status status = fl_csv_reader_next(csv, &record, NULL);
            if (status == FL_OK && record.count == 0)
                break;
            found = status == FL_OK && headings_take(layout, &record);
        }
        fl_csv_reader_close(csv);
        if (!found)
            continue;
        layout->options = options;
        return true;
    }
    return false;
}

static void layout_begin(struct layout *layout, const struct fl_statement_profile *profile)
{
    memset(layout, 0, sizeof *layout);
    layout->options =
        (struct fl_csv_options){.separator = profile->separator,
                                .charset = profile->charset[0] ? profile->charset : NULL,
                                .skip_lines = profile->skip_lines};
    layout->thousands = profile->thousands_given ? profile->thousands : NULL;
    layout->forms = profile->decimal == '.'   ? FL_CSV_POINT
                    : profile->decimal == ',' ? FL_CSV_COMMA
                                              : FL_CSV_ANY_NUMBER;
    layout->orders = profile->date_order ? profile->date_order : FL_CSV_ANY_DATE;
    layout->currency = profile->currency;
}

/* ---- cells ---------------------------------------------------------------------------------- */

static struct fl_slice field(const struct layout *layout, const struct fl_csv_record *record,
                             enum role role)
{
    int32_t at = layout->of[role];
    return at < 0 || (size_t)at >= record->count ? fl_slice_of("", 0)
                                                 : fl_csv_trim(record->fields[at]);
}

/* Blank is absent. False: not one number. */
static bool number_of(const struct layout *layout, struct fl_slice cell, struct fl_decimal *out)
{
    struct fl_csv_number number;
    bool differ;
    *out = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
    if (!fl_csv_number_open(cell, &number))
        return false;
    if (number.body.length == 0)
        return true;
    unsigned forms = fl_csv_number_forms(&number, layout->forms, layout->thousands, &differ);
    if (forms == 0 || differ)
        return false;
    unsigned form = forms & FL_CSV_POINT ? FL_CSV_POINT : FL_CSV_COMMA;
    return fl_csv_number_read(&number, form, layout->thousands, out) == FL_OK &&
           out->scale <= FL_STATEMENT_DECIMALS_MAX;
}

/* Credit less debit, or the one column; absent where all are blank. */
static bool signed_of(const struct layout *layout, const struct fl_csv_record *record,
                      enum role single, enum role debit, enum role credit, struct fl_decimal *out)
{
    struct fl_decimal out_side, in_side;
    struct fl_statement_total total = {0};
    if (layout->of[single] >= 0)
        return number_of(layout, field(layout, record, single), out);
    *out = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
    if (!number_of(layout, field(layout, record, debit), &out_side) ||
        !number_of(layout, field(layout, record, credit), &in_side))
        return false;
    if (out_side.state == FL_DECIMAL_VALUE)
        fl_statement_total_subtract(&total, out_side);
    if (in_side.state == FL_DECIMAL_VALUE)
        fl_statement_total_add(&total, in_side);
    if (out_side.state != FL_DECIMAL_VALUE && in_side.state != FL_DECIMAL_VALUE)
        return true;
    return fl_statement_total_read(total, out) == FL_OK;
}

static uint16_t day_of(const struct layout *layout, struct fl_slice cell)
{
    uint16_t days[FL_CSV_DATE_ORDERS], day = FL_DATE_NONE;
    unsigned orders = fl_csv_date_forms(cell, layout->orders, days);
    for (unsigned i = 0; i < FL_CSV_DATE_ORDERS; i++) {
        if (orders & 1u << i && day == FL_DATE_NONE)
            day = days[i];
        else if (orders & 1u << i && day != days[i])
            return FL_DATE_NONE;
    }
    return day;
}

/* ---- proof ---------------------------------------------------------------------------------- */

struct proof {
    unsigned forms, orders;
    bool fee_above, fee_below;
};

static bool is_some(struct fl_slice body)
{
    for (size_t i = 0; i < body.length; i++) {
        if (body.at[i] >= '1' && body.at[i] <= '9')
            return true;
    }
    return false;
}

static void row_prove(const struct layout *layout, const struct fl_csv_record *record,
                      struct proof *proof)
{
    static const enum role numbers[] = {ROLE_AMOUNT,      ROLE_FEE,          ROLE_NET,
                                        ROLE_GROSS_DEBIT, ROLE_GROSS_CREDIT, ROLE_NET_DEBIT,
                                        ROLE_NET_CREDIT,  ROLE_TOTAL};
    struct fl_csv_number number;
    uint16_t days[FL_CSV_DATE_ORDERS];
    bool differ, below;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        if (!fl_csv_number_open(field(layout, record, numbers[i]), &number) ||
            number.body.length == 0)
            continue;
        unsigned forms = fl_csv_number_forms(&number, layout->forms, layout->thousands, &differ);
        proof->forms &= forms ? forms : FL_CSV_ANY_NUMBER;
        below = number.negative;
        bool some = is_some(number.body);
        if (numbers[i] == ROLE_FEE && some &&
            fl_payout_part_kind_of(field(layout, record, ROLE_KIND)) == FL_PAYOUT_PART_CHARGE) {
            proof->fee_below |= below;
            proof->fee_above |= !below;
        }
    }
    unsigned orders = fl_csv_date_forms(field(layout, record, ROLE_DATE), layout->orders, days);
    proof->orders &= orders ? orders : FL_CSV_ANY_DATE;
}

static enum fl_status rows_prove(struct reader *r)
{
    struct fl_csv_reader *csv;
    struct fl_csv_record record;
    struct layout *layout = &r->layout;
    struct proof proof = {.forms = layout->forms, .orders = layout->orders};
    enum fl_status status;
    if (!r->source.rewind(r->source.context))
        return fl_error_set(r->error, FL_UNREADABLE, "%s: cannot be read again", r->source.name);
    FL_TRY(fl_csv_reader_open(r->source, &layout->options, &csv, r->error));
    for (;;) {
        status = fl_csv_reader_next(csv, &record, r->error);
        if (status == FL_BAD_VALUE || status == FL_TOO_LONG)
            continue;
        if (status != FL_OK || record.count == 0)
            break;
        if (record.line > layout->heading_line)
            row_prove(layout, &record, &proof);
    }
    fl_csv_reader_close(csv);
    layout->forms = proof.forms ? proof.forms : layout->forms; /* else rows are refused */
    layout->orders = proof.orders ? proof.orders : layout->orders;
    layout->fees_turned = proof.fee_below && !proof.fee_above;
    return status;
}

/* ---- one payout ----------------------------------------------------------------------------- */

static void refuse(struct reader *r, uint64_t line, enum fl_status code, const char *message)
{
    fl_payout_parts_refuse(&r->parts, line, code, message);
}

static enum fl_status payout_end(struct reader *r)
{
    if (!r->open)
        return FL_OK;
    r->open = false;
    enum fl_status status = fl_payout_parts_end(&r->parts);
    uint32_t *seen = fl_load_names_at(&r->seen, fl_slice_of_text(r->parts.report.id));
    if (!seen)
        return fl_error_set(r->error, FL_NO_MEMORY, "%s: no memory", r->source.name);
    *seen = 1;
    return status;
}

static void payout_begin(struct reader *r, const struct fl_csv_record *record, const char *id)
{
    fl_payout_parts_begin(&r->parts, record->line, id);
    fl_payout_id_copy(field(&r->layout, record, ROLE_PROCESSOR), r->parts.report.processor);
    r->open = true;
    uint32_t *seen = id[0] != '\0' ? fl_load_names_at(&r->seen, fl_slice_of_text(id)) : NULL;
    if (seen && *seen != FL_LOAD_NAME_NEW)
        refuse(r, record->line, FL_BAD_VALUE,
               "a row of a payout that ended before: its rows must stand together");
}

/* ---- one row -------------------------------------------------------------------------------- */

struct row {
    enum fl_payout_part_kind kind;
    struct fl_decimal gross, fee, net, total;
    uint16_t day;
    uint8_t currency;
};

/* Null, or what is wrong. */
static const char *row_read(const struct layout *layout, const struct fl_csv_record *record,
                            struct row *row)
{
    row->kind = fl_payout_part_kind_of(field(layout, record, ROLE_KIND));
    if (row->kind == FL_PAYOUT_PART_UNKNOWN)
        return "no kind of a payout's part that is known";
    if (!signed_of(layout, record, ROLE_AMOUNT, ROLE_GROSS_DEBIT, ROLE_GROSS_CREDIT, &row->gross) ||
        !signed_of(layout, record, ROLE_NET, ROLE_NET_DEBIT, ROLE_NET_CREDIT, &row->net) ||
        !number_of(layout, field(layout, record, ROLE_FEE), &row->fee) ||
        !number_of(layout, field(layout, record, ROLE_TOTAL), &row->total))
        return "an amount that is no number, or could be two: the profile's \"decimal\"";
    if (row->gross.state != FL_DECIMAL_VALUE)
        row->gross = row->net; /* a fee of the processor's own has no gross */
    if (row->gross.state != FL_DECIMAL_VALUE)
        return "no amount";
    row->day = day_of(layout, field(layout, record, ROLE_DATE));
    if (row->day == FL_DATE_NONE)
        return "no day, or one that could be two: the profile's \"date\"";
    struct fl_slice code = field(layout, record, ROLE_CURRENCY);
    row->currency = code.length > 0 ? fl_csv_currency(code) : layout->currency;
    if (row->currency == FL_CURRENCY_NONE)
        return "no currency: the profile's \"currency\"";
    if (fl_statement_amount_check(row->gross, row->currency) != FL_OK)
        return "more decimals than the currency has";
    return NULL;
}

/* What is taken off beside the amount (J1). */
static bool fee_settle(const struct layout *layout, struct row *row)
{
    struct fl_statement_total fee = {0};
    if (row->net.state == FL_DECIMAL_VALUE) {
        fl_statement_total_add(&fee, row->gross);
        fl_statement_total_subtract(&fee, row->net);
    } else if (row->fee.state == FL_DECIMAL_VALUE && layout->fees_turned) {
        fl_statement_total_subtract(&fee, row->fee);
    } else if (row->fee.state == FL_DECIMAL_VALUE) {
        fl_statement_total_add(&fee, row->fee);
    }
    return fl_statement_total_read(fee, &row->fee) == FL_OK &&
           fl_statement_amount_check(row->fee, row->currency) == FL_OK;
}

static void ref_take(const struct layout *layout, const struct fl_csv_record *record,
                     char out[FL_ID_BYTES_MAX + 1])
{
    out[0] = '\0';
    for (uint32_t i = 0; i < layout->refs_count && out[0] == '\0'; i++) {
        if (layout->refs[i] < record->count)
            fl_payout_id_copy(fl_csv_trim(record->fields[layout->refs[i]]), out);
    }
}

static void part_add(struct reader *r, const struct fl_csv_record *record, const struct row *row)
{
    struct fl_payout_report_part part = {
        .line = record->line, .kind = row->kind, .amount = row->gross, .fee = row->fee};
    ref_take(&r->layout, record, part.ref);
    fl_payout_parts_add(&r->parts, &part);
}

/* The payout itself: what it says it is, and, where no column names payouts, its end (J3). */
static enum fl_status payout_row(struct reader *r, const struct fl_csv_record *record,
                                 const struct row *row)
{
    struct fl_decimal amount = row->net.state == FL_DECIMAL_VALUE ? row->net : row->gross;
    r->parts.said = fl_decimal_of(amount.units < 0 ? -amount.units : amount.units, amount.scale);
    if (r->layout.of[ROLE_PAYOUT] >= 0)
        return FL_OK;
    struct fl_slice id = field(&r->layout, record, ROLE_ID);
    if (id.length > 0)
        fl_payout_id_copy(id, r->parts.report.id);
    r->parts.report.date_days = row->day;
    return payout_end(r);
}

static enum fl_status row_take(struct reader *r, const struct fl_csv_record *record)
{
    char id[FL_ID_BYTES_MAX + 1];
    struct row row;
    fl_payout_id_copy(field(&r->layout, record, ROLE_PAYOUT), id);
    if (r->open && r->layout.of[ROLE_PAYOUT] >= 0 && strcmp(id, r->parts.report.id) != 0)
        FL_TRY(payout_end(r));
    if (!r->open)
        payout_begin(r, record, id);
    const char *why = row_read(&r->layout, record, &row);
    if (!why && row.kind != FL_PAYOUT_PART_PAYOUT && !fee_settle(&r->layout, &row))
        why = "a fee of more decimals than the currency has";
    if (!why && r->parts.report.currency != FL_CURRENCY_NONE &&
        r->parts.report.currency != row.currency)
        why = "another currency than the payout's rows before";
    if (why) {
        refuse(r, record->line, FL_BAD_VALUE, why);
        return FL_OK;
    }
    r->parts.report.currency = row.currency;
    if (row.day > r->parts.report.date_days)
        r->parts.report.date_days = row.day;
    if (row.total.state == FL_DECIMAL_VALUE)
        r->parts.said = row.total;
    if (row.kind == FL_PAYOUT_PART_PAYOUT)
        return payout_row(r, record, &row);
    part_add(r, record, &row);
    return FL_OK;
}

static enum fl_status rows_take(struct reader *r)
{
    struct fl_csv_reader *csv;
    struct fl_csv_record record;
    enum fl_status status;
    if (!r->source.rewind(r->source.context))
        return fl_error_set(r->error, FL_UNREADABLE, "%s: cannot be read again", r->source.name);
    FL_TRY(fl_csv_reader_open(r->source, &r->layout.options, &csv, r->error));
    for (;;) {
        status = fl_csv_reader_next(csv, &record, r->error);
        if (status == FL_BAD_VALUE || status == FL_TOO_LONG) {
            refuse(r, record.line, status, "a quote that is not closed, or a record too long");
            continue;
        }
        if (status != FL_OK || record.count == 0)
            break;
        if (record.line <= r->layout.heading_line)
            continue;
        status = row_take(r, &record);
        if (status != FL_OK)
            break;
    }
    fl_csv_reader_close(csv);
    return status == FL_OK ? payout_end(r) : status;
}

bool fl_payout_csv_is(struct fl_byte_source source, const struct fl_statement_profile *profile)
{
    struct layout layout;
    layout_begin(&layout, profile);
    bool found = source.rewind && headings_find(source, &layout);
    /* A batch number alone is also on statements: those say by their profile what they are. */
    bool named = found && layout.of[ROLE_PAYOUT] >= 0 && layout.of[ROLE_GROSS_DEBIT] < 0;
    return (!source.rewind || source.rewind(source.context)) && named;
}

enum fl_status fl_payout_csv_read(struct fl_byte_source source,
                                  const struct fl_statement_profile *profile,
                                  const struct fl_payout_sink *sink, struct fl_error *error)
{
    struct reader *r = calloc(1, sizeof *r);
    enum fl_status status = r ? fl_payout_parts_open(&r->parts, sink) : FL_NO_MEMORY;
    if (status != FL_OK) {
        free(r);
        return fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    }
    r->source = source;
    r->error = error;
    layout_begin(&r->layout, profile);
    if (!source.rewind || !headings_find(source, &r->layout))
        status =
            fl_error_set(error, FL_UNSUPPORTED,
                         "%s: no headings of a payout report (kind, amount, date)", source.name);
    if (status == FL_OK)
        status = rows_prove(r);
    if (status == FL_OK)
        status = rows_take(r);
    fl_load_names_free(&r->seen);
    fl_payout_parts_close(&r->parts);
    free(r);
    return status;
}
