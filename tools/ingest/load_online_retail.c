#include "tools/ingest/load_online_retail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/currency.h"
#include "core/domain/pricing.h"
#include "tools/ingest/load_arena.h"
#include "tools/ingest/load_file.h"

enum column { NUMBER, PRODUCT, NAME, QUANTITY, DATE, PRICE, CUSTOMER, COUNTRY, COLUMNS };

static const char *const column_names[COLUMNS] = {"InvoiceNo",   "StockCode", "Description",
                                                  "Quantity",    "InvoiceDate", "UnitPrice",
                                                  "CustomerID",  "Country"};

struct line {
    struct fl_load_piece product, name;
    struct fl_decimal quantity, price;
    uint64_t number; /* in the file */
    uint32_t next;   /* of its document */
};

enum document_kind { SALE, CREDIT, STOCK };

struct document {
    struct fl_load_piece number, customer, country;
    uint32_t first, last, count;
    uint32_t second;
    uint16_t date_days;
    uint8_t kind;
};

struct retail {
    struct fl_load_sink *sink;
    struct fl_load_file file;
    size_t columns[COLUMNS];
    struct fl_load_arena text;
    struct fl_load_array lines, documents;
    struct fl_load_names by_number;
};

#define NO_LINE UINT32_MAX

static struct line *line_at(const struct retail *r, uint32_t i)
{
    return (struct line *)r->lines.items + i;
}

static struct document *document_at(const struct retail *r, uint32_t i)
{
    return (struct document *)r->documents.items + i;
}

static struct fl_slice cell(const struct retail *r, enum column column)
{
    return fl_load_file_cell(&r->file, r->columns[column]);
}

static struct fl_slice text_of(const struct retail *r, struct fl_load_piece piece)
{
    return fl_load_arena_slice(&r->text, piece);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The document a line belongs to: of its number, but each stock adjustment for itself. Null: no memory. */
static struct document *document_of(struct retail *r, enum document_kind kind, uint16_t date_days,
                                    uint32_t second)
{
    uint32_t *place = NULL;
    if (kind != STOCK) {
        place = fl_load_names_at(&r->by_number, cell(r, NUMBER));
        if (!place)
            return NULL;
        if (*place != FL_LOAD_NAME_NEW)
            return document_at(r, *place);
        *place = r->documents.count;
    }
    struct document *d = fl_load_array_add(&r->documents);
    if (!d)
        return NULL;
    *d = (struct document){.first = NO_LINE,
                           .last = NO_LINE,
                           .date_days = date_days,
                           .second = second,
                           .kind = (uint8_t)kind};
    d->number = fl_load_arena_put(&r->text, cell(r, NUMBER));
    d->customer = fl_load_arena_put(&r->text, fl_load_whole_number(cell(r, CUSTOMER)));
    d->country = fl_load_arena_put(&r->text, cell(r, COUNTRY));
    return d;
}

static bool same_customer(const struct retail *r, const struct document *d)
{
    struct fl_slice own = text_of(r, d->customer);
    struct fl_slice line = fl_load_whole_number(cell(r, CUSTOMER));
    return own.length == line.length &&
           (own.length == 0 || memcmp(own.at, line.at, own.length) == 0);
}

static bool line_add(struct retail *r, struct document *d, const struct line *read)
{
    uint32_t at = r->lines.count;
    struct line *line = fl_load_array_add(&r->lines);
    if (!line)
        return false;
    *line = *read;
    line->product = fl_load_arena_put(&r->text, cell(r, PRODUCT));
    line->name = fl_load_arena_put(&r->text, cell(r, NAME));
    line->next = NO_LINE;
    if (d->last == NO_LINE)
        d->first = at;
    else
        line_at(r, d->last)->next = at;
    d->last = at;
    d->count++;
    return !r->text.failed;
}

static void count_kind(struct retail *r, enum document_kind kind, const struct line *line)
{
    if (kind == STOCK) {
        fl_load_count(r->sink, FL_LOAD_STOCK);
    } else if (kind == CREDIT) {
        fl_load_count(r->sink, FL_LOAD_CREDIT);
    } else if (line->price.units == 0) {
        fl_load_count(r->sink, FL_LOAD_GIVEN);
    } else {
        fl_load_count(r->sink, FL_LOAD_SALE);
        if (cell(r, CUSTOMER).length == 0)
            fl_load_count(r->sink, FL_LOAD_SALE_WITHOUT_CUSTOMER);
    }
}

/* Why a row cannot be read, or null. */
static const char *row_read(const struct retail *r, struct line *line, uint16_t *date_days,
                            uint32_t *second)
{
    struct fl_slice quantity = cell(r, QUANTITY), price = cell(r, PRICE);
    if (cell(r, NUMBER).length == 0 || cell(r, PRODUCT).length == 0)
        return fl_status_name(FL_MISSING_FIELD);
    if (fl_decimal_parse(quantity.at, quantity.length, &line->quantity) != FL_OK ||
        fl_decimal_parse(price.at, price.length, &line->price) != FL_OK ||
        !fl_load_day_read(cell(r, DATE), date_days, second))
        return fl_status_name(FL_BAD_VALUE);
    line->number = r->file.record.line;
    return NULL;
}

/* One row into its document. False: no memory. */
static bool row_take(struct retail *r)
{
    struct line line = {.next = NO_LINE};
    uint16_t date_days;
    uint32_t second;
    const char *reason = row_read(r, &line, &date_days, &second);
    char letter = reason ? '\0' : cell(r, NUMBER).at[0];
    if (letter == 'A') {
        fl_load_count(r->sink, FL_LOAD_BAD_DEBT);
        reason = "bad_debt_without_invoice";
    }
    if (reason) {
        fl_load_refuse(r->sink, r->file.record.line, 1, reason);
        return true;
    }
    enum document_kind kind = letter == 'C' ? CREDIT : line.quantity.units < 0 ? STOCK : SALE;
    struct document *d = document_of(r, kind, date_days, second);
    if (!d || r->text.failed)
        return false;
    count_kind(r, kind, &line);
    if (!same_customer(r, d)) {
        fl_load_refuse(r->sink, line.number, 1, "customer_differs");
        return true;
    }
    return line_add(r, d, &line);
}

static enum fl_status rows_read(struct retail *r, struct fl_error *error)
{
    FL_TRY(fl_load_file_next(&r->file, r->sink, error));
    while (r->file.record.count > 0) {
        if (!row_take(r))
            return fl_error_set(error, FL_NO_MEMORY, "no memory for the rows of one file");
        FL_TRY(fl_load_file_next(&r->file, r->sink, error));
    }
    return FL_OK;
}

/* ---- sending --------------------------------------------------------------------------------- */

static struct fl_slice nothing(void)
{
    return fl_slice_of(NULL, 0);
}

static void *begin(struct retail *r, const struct document *d, unsigned type)
{
    return fl_load_begin(r->sink, type, d->date_days, d->second);
}

static void products_make(struct retail *r, const struct document *d, uint32_t unit)
{
    for (uint32_t i = d->first; i != NO_LINE; i = line_at(r, i)->next) {
        const struct line *line = line_at(r, i);
        struct fl_load_master product = {.id = text_of(r, line->product),
                                         .name = text_of(r, line->name),
                                         .currency = r->sink->options.currency,
                                         .date_days = d->date_days,
                                         .second = d->second};
        fl_load_product(r->sink, unit, &product, line->price);
    }
}

static struct fl_slice customer_make(struct retail *r, const struct document *d, uint32_t unit,
                                     char id[FL_ID_BYTES_MAX + 8])
{
    struct fl_load_master customer = {.id = text_of(r, d->customer),
                                      .currency = r->sink->options.currency,
                                      .date_days = d->date_days,
                                      .second = d->second};
    if (customer.id.length == 0)
        customer.id = fl_slice_of_text("unknown");
    return fl_load_customer(r->sink, unit, &customer, id);
}

static void order_send(struct retail *r, const struct document *d, uint32_t unit,
                       struct fl_slice customer, struct fl_slice id)
{
    void *elements;
    struct fl_command_order *order = begin(r, d, FL_COMMAND_ORDER);
    order->customer = fl_load_text(r->sink, customer);
    order->lines =
        fl_builder_list(&r->sink->builder, sizeof(struct fl_order_item), d->count, &elements);
    struct fl_order_item *item = elements;
    for (uint32_t i = d->first; item && i != NO_LINE; i = line_at(r, i)->next, item++) {
        item->product = fl_load_text(r->sink, text_of(r, line_at(r, i)->product));
        item->quantity = line_at(r, i)->quantity;
        item->price = line_at(r, i)->price;
    }
    order->currency = r->sink->options.currency;
    order->source = fl_load_text(r->sink, fl_slice_of_text("online-retail"));
    order->ship_to = fl_load_text(r->sink, text_of(r, d->country));
    fl_load_send(r->sink, unit, id, nothing());
}

static void sale_send(struct retail *r, const struct document *d, uint32_t unit)
{
    char customer_id[FL_ID_BYTES_MAX + 8], order_id[FL_ID_BYTES_MAX + 8];
    char shipment_id[FL_ID_BYTES_MAX + 8];
    struct fl_slice number = text_of(r, d->number);
    struct fl_slice order = fl_load_id(order_id, "SO-", number);
    struct fl_slice shipment = fl_load_id(shipment_id, "SH-", number);
    struct fl_slice customer = customer_make(r, d, unit, customer_id);
    products_make(r, d, unit);
    order_send(r, d, unit, customer, order);
    struct fl_command_shipment *shipped = begin(r, d, FL_COMMAND_SHIPMENT);
    shipped->order = fl_load_text(r->sink, order);
    fl_load_send(r->sink, unit, shipment, nothing());
    struct fl_command_invoice *invoice = begin(r, d, FL_COMMAND_INVOICE);
    invoice->shipment = fl_load_text(r->sink, shipment);
    if (r->sink->options.opening)
        invoice->opening = FL_CHOICE_YES;
    fl_load_send(r->sink, unit, number, nothing());
}

/* What the lines take back, in minor units, each rounded by itself (R2). */
static enum fl_status credit_net(const struct retail *r, const struct document *d,
                                 unsigned exponent, int64_t *net_out)
{
    *net_out = 0;
    for (uint32_t i = d->first; i != NO_LINE; i = line_at(r, i)->next) {
        int64_t quantity_e6, price_e6, amount;
        FL_TRY(fl_decimal_scale(line_at(r, i)->quantity, FL_QUANTITY_DECIMALS, &quantity_e6));
        FL_TRY(fl_decimal_scale(line_at(r, i)->price, FL_PRICE_DECIMALS, &price_e6));
        FL_TRY(fl_price_line(quantity_e6, price_e6, 0, exponent, r->sink->rounding, &amount));
        if (__builtin_sub_overflow(*net_out, amount, net_out))
            return FL_OUT_OF_RANGE;
    }
    return FL_OK;
}

static void credit_send(struct retail *r, const struct document *d, uint32_t unit)
{
    char customer_id[FL_ID_BYTES_MAX + 8];
    unsigned exponent = fl_currency_exponent(r->sink->options.currency);
    int64_t net_minor;
    enum fl_status status = credit_net(r, d, exponent, &net_minor);
    if (status != FL_OK) {
        r->sink->units[unit].status = (uint16_t)status;
        return;
    }
    struct fl_slice customer = customer_make(r, d, unit, customer_id);
    struct fl_command_credit_note *note = begin(r, d, FL_COMMAND_CREDIT_NOTE);
    note->customer = fl_load_text(r->sink, customer);
    note->amount.net = fl_decimal_of(net_minor, exponent);
    struct fl_slice reason = text_of(r, line_at(r, d->first)->name);
    if (reason.length <= 256)
        note->reason = fl_load_text(r->sink, reason);
    note->currency = r->sink->options.currency;
    fl_load_send(r->sink, unit, text_of(r, d->number), nothing());
}

/* The key: where the row stands, by the file's name without its folders. */
static void stock_send(struct retail *r, const struct document *d, uint32_t unit)
{
    const struct line *line = line_at(r, d->first);
    const char *slash = strrchr(r->sink->file, '/');
    const char *name = slash ? slash + 1 : r->sink->file;
    size_t length = strlen(name);
    char key[FL_ID_BYTES_MAX + 1];
    int key_length = snprintf(key, sizeof key, "%s:%" PRIu64, length > 40 ? name + length - 40 : name,
                              line->number);
    products_make(r, d, unit);
    struct fl_command_stock *stock = begin(r, d, FL_COMMAND_STOCK);
    stock->product = fl_load_text(r->sink, text_of(r, line->product));
    stock->quantity = line->quantity;
    stock->kind = FL_STOCK_ADJUST;
    stock->ref = fl_load_text(r->sink, text_of(r, d->number));
    fl_load_send(r->sink, unit, nothing(), fl_slice_of(key, (size_t)key_length));
}

static int by_time(const void *a, const void *b)
{
    const struct document *x = a, *y = b;
    if (x->date_days != y->date_days)
        return x->date_days < y->date_days ? -1 : 1;
    if (x->second != y->second)
        return x->second < y->second ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static void documents_send(struct retail *r)
{
    if (r->documents.count > 0)
        qsort(r->documents.items, r->documents.count, sizeof(struct document), by_time);
    for (uint32_t i = 0; i < r->documents.count && r->sink->failed == FL_OK; i++) {
        const struct document *d = document_at(r, i);
        uint32_t unit = fl_load_unit_add(r->sink, line_at(r, d->first)->number, d->count);
        if (r->sink->failed != FL_OK)
            return;
        if (d->kind == SALE)
            sale_send(r, d, unit);
        else if (d->kind == CREDIT)
            credit_send(r, d, unit);
        else
            stock_send(r, d, unit);
    }
}

/* ---- the file -------------------------------------------------------------------------------- */

static enum fl_status columns_find(struct retail *r, const char *path, struct fl_error *error)
{
    for (unsigned i = 0; i < COLUMNS; i++) {
        r->columns[i] = fl_load_file_column(&r->file, column_names[i]);
        bool needed = i != NAME && i != CUSTOMER && i != COUNTRY;
        if (needed && r->columns[i] == FL_LOAD_COLUMN_NONE)
            return fl_error_set(error, FL_UNREADABLE, "%s: there is no column %s", path,
                                column_names[i]);
    }
    return FL_OK;
}

enum fl_status fl_load_online_retail(struct fl_load_sink *sink, const char *path,
                                     struct fl_error *error)
{
    struct retail r = {.sink = sink,
                       .lines = {.item_bytes = sizeof(struct line)},
                       .documents = {.item_bytes = sizeof(struct document)}};
    FL_TRY(fl_load_file_open(&r.file, path, error));
    enum fl_status status = columns_find(&r, path, error);
    if (status == FL_OK) {
        fl_load_file_begin(sink, path);
        status = rows_read(&r, error);
        documents_send(&r);
        fl_load_file_end(sink);
    }
    fl_load_file_close(&r.file);
    fl_load_names_free(&r.by_number);
    fl_load_array_free(&r.lines);
    fl_load_array_free(&r.documents);
    fl_load_arena_free(&r.text);
    return status;
}
