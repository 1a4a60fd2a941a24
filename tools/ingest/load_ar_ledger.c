#include "tools/ingest/load_ar_ledger.h"

#include <stdlib.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/ingest/load_arena.h"
#include "tools/ingest/load_file.h"

enum column {
    CUSTOMER,
    NAME,
    NUMBER,
    NUMBER_ELSE,
    DATE,
    DUE,
    AMOUNT,
    PAID,
    CURRENCY,
    COUNTRY,
    CHANNEL,
    DISPUTED,
    COLUMNS
};

/* Null: this ledger has no such column. */
struct form {
    const char *names[COLUMNS];
    bool needed[COLUMNS];
    uint8_t currency; /* of all rows, where the heading says it */
    bool converted;   /* A4 */
};

static const struct form forms[] = {
    {.names = {"customerID", NULL, "invoiceNumber", NULL, "InvoiceDate", "DueDate",
               "InvoiceAmount", "SettledDate", NULL, "countryCode", "PaperlessBill", "Disputed"},
     .needed = {[CUSTOMER] = true, [NUMBER] = true, [DATE] = true, [AMOUNT] = true}},
    {.names = {"cust_number", "name_customer", "invoice_id", "doc_id", "posting_date",
               "due_in_date", "total_open_amount", "clear_date", "invoice_currency"},
     .needed = {[CUSTOMER] = true,
                [NUMBER] = true,
                [DATE] = true,
                [AMOUNT] = true,
                [CURRENCY] = true}},
    {.names = {"cust_number", "name_customer", "doc_id", NULL, "posting_date", "due_in_date",
               "converted_usd", "clear_date", NULL},
     .needed = {[CUSTOMER] = true, [NUMBER] = true, [DATE] = true, [AMOUNT] = true},
     .currency = FL_CURRENCY_USD,
     .converted = true},
};

struct row {
    struct fl_load_piece customer, name, number, segment;
    struct fl_decimal amount;
    uint64_t line;
    uint32_t unit;
    uint16_t date_days, due_days, paid_days; /* FL_DATE_NONE: not given */
    uint8_t currency;
    bool due_raised; /* A2 */
    bool disputed;   /* A5 */
};

struct event {
    uint32_t row;
    uint16_t date_days;
    uint8_t is_receipt;
};

struct ledger {
    struct fl_load_sink *sink;
    const struct form *form;
    struct fl_load_file file;
    size_t columns[COLUMNS];
    struct fl_load_arena text;
    struct fl_load_array rows, events;
    struct fl_load_names segments; /* by customer: the row whose segment it has now */
};

static struct row *row_at(const struct ledger *l, uint32_t i)
{
    return (struct row *)l->rows.items + i;
}

static struct fl_slice cell(const struct ledger *l, enum column column)
{
    return fl_load_file_cell(&l->file, l->columns[column]);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* A date that may be missing. */
static bool day_read(struct fl_slice text, uint16_t *out)
{
    uint32_t second;
    *out = FL_DATE_NONE;
    return text.length == 0 || fl_load_day_read(text, out, &second);
}

/* The amount as the book can take it. */
static enum fl_status amount_read(const struct ledger *l, struct fl_slice text, uint8_t currency,
                                  struct fl_decimal *out)
{
    unsigned exponent = fl_currency_exponent(currency);
    FL_TRY(fl_decimal_parse(text.at, text.length, out));
    if (!l->form->converted || out->scale <= exponent)
        return FL_OK;
    int64_t divisor = 1, minor;
    for (unsigned i = exponent; i < out->scale; i++)
        divisor *= 10;
    FL_TRY(fl_round_div(out->units, divisor, l->sink->rounding, &minor));
    *out = fl_decimal_of(minor, exponent);
    return FL_OK;
}

static uint8_t currency_read(const struct ledger *l)
{
    struct fl_slice text = cell(l, CURRENCY);
    if (l->form->currency != FL_CURRENCY_NONE)
        return l->form->currency;
    if (l->columns[CURRENCY] == FL_LOAD_COLUMN_NONE || text.length == 0)
        return l->sink->options.currency;
    return fl_currency_find(text.at, text.length);
}

static struct fl_slice number_read(const struct ledger *l)
{
    struct fl_slice number = cell(l, NUMBER);
    return fl_load_whole_number(number.length > 0 ? number : cell(l, NUMBER_ELSE));
}

static enum fl_status row_read(const struct ledger *l, struct row *row)
{
    *row = (struct row){.line = l->file.record.line, .currency = currency_read(l)};
    if (cell(l, CUSTOMER).length == 0 || number_read(l).length == 0 || cell(l, DATE).length == 0 ||
        cell(l, AMOUNT).length == 0)
        return FL_MISSING_FIELD;
    if (row->currency == FL_CURRENCY_NONE || !day_read(cell(l, DATE), &row->date_days) ||
        !day_read(cell(l, DUE), &row->due_days) || !day_read(cell(l, PAID), &row->paid_days))
        return FL_BAD_VALUE;
    row->disputed = fl_slice_equals(cell(l, DISPUTED), "Yes");
    row->due_raised = row->due_days != FL_DATE_NONE && row->due_days < row->date_days;
    if (row->due_raised)
        row->due_days = row->date_days;
    return amount_read(l, cell(l, AMOUNT), row->currency, &row->amount);
}

static bool event_add(struct ledger *l, uint32_t row, uint16_t date_days, bool is_receipt)
{
    struct event *event = fl_load_array_add(&l->events);
    if (event)
        *event = (struct event){row, date_days, is_receipt};
    return event != NULL;
}

/* "391/electronic", of what the file has. */
static struct fl_load_piece segment_put(struct ledger *l)
{
    char text[FL_ID_BYTES_MAX];
    struct fl_slice country = cell(l, COUNTRY), channel = cell(l, CHANNEL);
    bool both = country.length > 0 && channel.length > 0;
    size_t length = country.length + both + channel.length;
    if (length == 0 || length > sizeof text)
        return (struct fl_load_piece){0, 0};
    memcpy(text, country.at, country.length);
    if (both)
        text[country.length] = '/';
    for (size_t i = 0; i < channel.length; i++) {
        char c = channel.at[i];
        text[country.length + both + i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return fl_load_arena_put(&l->text, fl_slice_of(text, length));
}

/* False: no memory. */
static bool row_take(struct ledger *l)
{
    struct row read;
    enum fl_status status = row_read(l, &read);
    if (status != FL_OK) {
        fl_load_refuse(l->sink, l->file.record.line, 1, fl_status_name(status));
        return true;
    }
    l->sink->counts.due_raised += read.due_raised;
    fl_load_count(l->sink, read.paid_days != FL_DATE_NONE ? FL_LOAD_PAID : FL_LOAD_OPEN);
    read.customer = fl_load_arena_put(&l->text, cell(l, CUSTOMER));
    read.name = fl_load_arena_put(&l->text, cell(l, NAME));
    read.number = fl_load_arena_put(&l->text, number_read(l));
    read.segment = segment_put(l);
    read.unit = fl_load_unit_add(l->sink, read.line, 1);
    uint32_t at = l->rows.count;
    struct row *row = fl_load_array_add(&l->rows);
    if (!row || l->text.failed || l->sink->failed != FL_OK)
        return false;
    *row = read;
    return event_add(l, at, read.date_days, false) &&
           (read.paid_days == FL_DATE_NONE || event_add(l, at, read.paid_days, true));
}

static enum fl_status rows_read(struct ledger *l, struct fl_error *error)
{
    FL_TRY(fl_load_file_next(&l->file, l->sink, error));
    while (l->file.record.count > 0) {
        if (!row_take(l))
            return fl_error_set(error, FL_NO_MEMORY, "no memory for the rows of one file");
        FL_TRY(fl_load_file_next(&l->file, l->sink, error));
    }
    return FL_OK;
}

/* ---- sending --------------------------------------------------------------------------------- */

static struct fl_slice text_of(const struct ledger *l, struct fl_load_piece piece)
{
    return fl_load_arena_slice(&l->text, piece);
}

static struct fl_slice customer_make(struct ledger *l, const struct row *row, uint16_t date_days,
                                     char id[FL_ID_BYTES_MAX + 8])
{
    struct fl_load_master customer = {.id = text_of(l, row->customer),
                                      .name = text_of(l, row->name),
                                      .segment = text_of(l, row->segment),
                                      .currency = row->currency,
                                      .date_days = date_days};
    return fl_load_customer(l->sink, row->unit, &customer, id);
}

static bool same_text(struct fl_slice a, struct fl_slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

/* A5 */
static void segment_keep(struct ledger *l, const struct row *row, struct fl_slice customer)
{
    uint32_t *last = fl_load_names_at(&l->segments, customer);
    if (!last) {
        l->sink->failed = FL_NO_MEMORY;
        return;
    }
    struct fl_slice segment = text_of(l, row->segment);
    if (*last != FL_LOAD_NAME_NEW && !same_text(text_of(l, row_at(l, *last)->segment), segment)) {
        struct fl_load_master changed = {.name = text_of(l, row->name),
                                         .segment = segment,
                                         .currency = row->currency,
                                         .date_days = row->date_days};
        fl_load_customer_change(l->sink, row->unit, &changed, customer);
    }
    *last = (uint32_t)(row - row_at(l, 0));
}

static void dispute_send(struct ledger *l, const struct row *row)
{
    char id[FL_ID_BYTES_MAX + 8];
    struct fl_slice number = text_of(l, row->number);
    struct fl_command_dispute *dispute =
        fl_load_begin(l->sink, FL_COMMAND_DISPUTE, row->date_days, 0);
    dispute->invoice = fl_load_text(l->sink, number);
    dispute->reason = fl_load_text(l->sink, fl_slice_of("other", 5));
    dispute->amount = row->amount;
    fl_load_send(l->sink, row->unit, fl_load_id(id, "DIS-", number), fl_slice_of(NULL, 0));
}

static void invoice_send(struct ledger *l, const struct row *row)
{
    char id[FL_ID_BYTES_MAX + 8];
    struct fl_slice customer = customer_make(l, row, row->date_days, id);
    segment_keep(l, row, customer);
    struct fl_command_invoice *invoice =
        fl_load_begin(l->sink, FL_COMMAND_INVOICE, row->date_days, 0);
    invoice->customer = fl_load_text(l->sink, customer);
    invoice->amount.net = row->amount;
    invoice->currency = row->currency;
    if (l->sink->options.opening)
        invoice->opening = FL_CHOICE_YES;
    if (row->due_days != FL_DATE_NONE) {
        struct fl_command *command = fl_builder_header(&l->sink->builder);
        command->due_date = row->due_days;
        command->flags |= FL_FLAG_DUE_GIVEN;
    }
    fl_load_send(l->sink, row->unit, text_of(l, row->number), fl_slice_of(NULL, 0));
    if (row->disputed)
        dispute_send(l, row);
}

static void receipt_send(struct ledger *l, const struct row *row)
{
    char customer_id[FL_ID_BYTES_MAX + 8], id[FL_ID_BYTES_MAX + 8];
    struct fl_slice customer = customer_make(l, row, row->paid_days, customer_id);
    struct fl_slice number = text_of(l, row->number);
    struct fl_command_receipt *receipt =
        fl_load_begin(l->sink, FL_COMMAND_RECEIPT, row->paid_days, 0);
    receipt->amount = row->amount;
    receipt->currency = row->currency;
    receipt->customer = fl_load_text(l->sink, customer);
    void *elements;
    receipt->references =
        fl_builder_list(&l->sink->builder, sizeof(struct fl_text_item), 1, &elements);
    struct fl_text_item *item = elements;
    if (item)
        item->text = fl_load_text(l->sink, number);
    fl_load_send(l->sink, row->unit, fl_load_id(id, "PAY-", number), fl_slice_of(NULL, 0));
}

static int by_day(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->date_days != y->date_days)
        return x->date_days < y->date_days ? -1 : 1;
    if (x->is_receipt != y->is_receipt)
        return x->is_receipt ? 1 : -1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void events_send(struct ledger *l)
{
    const struct event *events = l->events.items;
    if (l->events.count > 0)
        qsort(l->events.items, l->events.count, sizeof(struct event), by_day);
    for (uint32_t i = 0; i < l->events.count && l->sink->failed == FL_OK; i++) {
        if (events[i].is_receipt)
            receipt_send(l, row_at(l, events[i].row));
        else
            invoice_send(l, row_at(l, events[i].row));
    }
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool form_fits(struct ledger *l, const struct form *form)
{
    for (unsigned i = 0; i < COLUMNS; i++) {
        l->columns[i] = fl_load_file_column(&l->file, form->names[i]);
        if (form->needed[i] && l->columns[i] == FL_LOAD_COLUMN_NONE)
            return false;
    }
    l->form = form;
    return true;
}

static enum fl_status form_find(struct ledger *l, const char *path, struct fl_error *error)
{
    for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (form_fits(l, &forms[i]))
            return FL_OK;
    }
    return fl_error_set(error, FL_UNREADABLE,
                        "%s: its heading has none of invoiceNumber + InvoiceAmount, invoice_id + "
                        "total_open_amount, doc_id + converted_usd",
                        path);
}

enum fl_status fl_load_ar_ledger(struct fl_load_sink *sink, const char *path,
                                 struct fl_error *error)
{
    struct ledger l = {.sink = sink,
                       .rows = {.item_bytes = sizeof(struct row)},
                       .events = {.item_bytes = sizeof(struct event)}};
    FL_TRY(fl_load_file_open(&l.file, path, error));
    enum fl_status status = form_find(&l, path, error);
    if (status == FL_OK) {
        fl_load_file_begin(sink, path);
        status = rows_read(&l, error);
        events_send(&l);
        fl_load_file_end(sink);
    }
    fl_load_file_close(&l.file);
    fl_load_array_free(&l.rows);
    fl_load_array_free(&l.events);
    fl_load_names_free(&l.segments);
    fl_load_arena_free(&l.text);
    return status;
}
