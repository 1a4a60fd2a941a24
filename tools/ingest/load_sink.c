#include "tools/ingest/load_sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/domain/state.h"

#define BUFFER_BYTES (4u << 20) /* 4096 lines of an order with ids of full length are 0.6 MiB */
#define COMPLAINTS_MAX 10
#define MADE_HERE 0x100u /* beside a customer's currency: by this load */

/* ---- opening --------------------------------------------------------------------------------- */

static enum fl_status masters_read(struct fl_load_sink *sink, const struct fl_store *store)
{
    struct fl_slice id;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_customer]; row++) {
        id.at = fl_id_get(store, &fl_customer_card(store, row)->id, &id.length);
        uint32_t *currency = fl_load_names_at(&sink->customers, id);
        if (!currency)
            return FL_NO_MEMORY;
        *currency = fl_customer_account(store, row)->currency;
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_product]; row++) {
        id.at = fl_id_get(store, &fl_product_card(store, row)->id, &id.length);
        uint32_t *currency = fl_load_names_at(&sink->products, id);
        if (!currency)
            return FL_NO_MEMORY;
        *currency = fl_product_stock(store, row)->currency;
    }
    return FL_OK;
}

/* The book's policies, its zone and its masters. */
static enum fl_status book_read(struct fl_load_sink *sink, struct fl_host *host,
                                struct fl_error *error)
{
    const struct fl_store *store = fl_engine_store(fl_host_engine(host));
    const struct fl_book_settings *book = fl_book_settings(store, 0);
    sink->base_currency = book->base_currency;
    sink->rounding = book->rounding == 2 ? FL_ROUND_HALF_EVEN : FL_ROUND_HALF_UP;
    if (masters_read(sink, store) != FL_OK)
        return fl_error_set(error, FL_NO_MEMORY, "no memory for the book's masters");
    if (!fl_time_zone_open(&sink->zone, book->time_zone, book->time_zone_length))
        return fl_error_set(error, FL_UNSUPPORTED, "the book's time zone is not known here");
    return FL_OK;
}

enum fl_status fl_load_sink_open(struct fl_load_sink *sink, struct fl_host *host,
                                 const struct fl_load_options *options, struct fl_error *error)
{
    *sink = (struct fl_load_sink){.options = *options, .base_currency = FL_CURRENCY_EUR};
    FL_ASSERT(host || options->dry_run);
    sink->buffer = aligned_alloc(8, BUFFER_BYTES);
    if (!sink->buffer)
        return fl_error_set(error, FL_NO_MEMORY, "no memory for a command");
    if (host)
        FL_TRY(book_read(sink, host, error));
    if (sink->options.currency == FL_CURRENCY_NONE)
        sink->options.currency = sink->base_currency;
    if (options->dry_run)
        return FL_OK;
    enum fl_status status = fl_producer_open(host, &sink->producer);
    return status == FL_OK ? FL_OK : fl_error_set(error, status, "no producer is free");
}

void fl_load_sink_close(struct fl_load_sink *sink)
{
    if (sink->producer)
        fl_producer_close(sink->producer);
    fl_time_zone_close(&sink->zone);
    fl_load_names_free(&sink->customers);
    fl_load_names_free(&sink->products);
    free(sink->units);
    free(sink->buffer);
    *sink = (struct fl_load_sink){.producer = NULL};
}

/* ---- accounting ------------------------------------------------------------------------------ */

void fl_load_count(struct fl_load_sink *sink, enum fl_load_kind kind)
{
    sink->counts.kinds[kind]++;
}

static struct fl_load_reason *reason_of(struct fl_load_counts *counts, const char *name)
{
    unsigned i = 0;
    while (i < counts->reason_count && strcmp(counts->reasons[i].name, name) != 0)
        i++;
    FL_ASSERT(i < FL_LOAD_REASONS_MAX);
    if (i == counts->reason_count)
        counts->reasons[counts->reason_count++].name = name;
    return &counts->reasons[i];
}

void fl_load_refuse(struct fl_load_sink *sink, uint64_t line, uint32_t rows, const char *reason)
{
    reason_of(&sink->counts, reason)->rows += rows;
    sink->counts.refused += rows;
    if (sink->complaints++ < COMPLAINTS_MAX)
        fprintf(stderr, "%s:%" PRIu64 ": %s\n", sink->file, line, reason);
    else if (sink->complaints == COMPLAINTS_MAX + 1)
        fprintf(stderr, "more refused rows are counted, not named\n");
}

uint32_t fl_load_unit_add(struct fl_load_sink *sink, uint64_t line, uint32_t rows)
{
    if (sink->unit_count == sink->unit_capacity) {
        uint32_t capacity = sink->unit_capacity ? sink->unit_capacity * 2 : 1024;
        struct fl_load_unit *units = realloc(sink->units, capacity * sizeof *units);
        if (!units) {
            sink->failed = FL_NO_MEMORY;
            return 0;
        }
        sink->units = units;
        sink->unit_capacity = capacity;
    }
    sink->units[sink->unit_count] = (struct fl_load_unit){.line = line, .rows = rows};
    return sink->unit_count++;
}

static bool is_master(unsigned type)
{
    return type == FL_COMMAND_CUSTOMER || type == FL_COMMAND_PRODUCT;
}

static void answer(struct fl_load_sink *sink, const struct fl_result *result)
{
    struct fl_load_answers *answers = &sink->counts.answers[result->type % FL_COMMAND_TYPE_MAX];
    FL_ASSERT(result->tag < sink->unit_count);
    struct fl_load_unit *unit = &sink->units[result->tag];
    enum fl_status_class class = fl_status_class(result->status);
    if (class == FL_CLASS_ACCEPTED) {
        answers->accepted++;
        unit->is_new |= !is_master(result->type);
    } else if (class == FL_CLASS_DUPLICATE) {
        answers->duplicate++;
    } else {
        answers->refused++;
        if (unit->status == FL_OK)
            unit->status = result->status;
        if (class == FL_CLASS_FAILED || class == FL_CLASS_UNAVAILABLE)
            sink->failed = result->status;
    }
}

static void drain(struct fl_load_sink *sink, bool all)
{
    const struct fl_result *result;
    while (sink->producer && (result = fl_producer_receive(sink->producer, all)) != NULL)
        answer(sink, result);
}

void fl_load_file_begin(struct fl_load_sink *sink, const char *path)
{
    sink->file = path;
    sink->unit_count = 0;
    sink->counts.files++;
}

void fl_load_file_end(struct fl_load_sink *sink)
{
    drain(sink, true);
    for (uint32_t i = 0; i < sink->unit_count; i++) {
        const struct fl_load_unit *unit = &sink->units[i];
        if (unit->status != FL_OK) {
            fl_load_refuse(sink, unit->line, unit->rows, fl_status_name(unit->status));
            continue;
        }
        sink->counts.loaded += unit->rows;
        if (!unit->is_new && !sink->options.dry_run)
            sink->counts.known += unit->rows;
    }
    sink->unit_count = 0;
}

/* ---- commands -------------------------------------------------------------------------------- */

void *fl_load_begin(struct fl_load_sink *sink, unsigned type, uint16_t date_days, uint32_t second)
{
    void *body = fl_builder_begin(&sink->builder, sink->buffer, BUFFER_BYTES - FL_COMMAND_SLACK,
                                  type);
    struct fl_command *command = fl_builder_header(&sink->builder);
    FL_ASSERT(body != NULL && date_days != FL_DATE_NONE);
    /* The second counts from the day's beginning and stays inside the day, where clocks changed too. */
    int64_t at = fl_time_zone_day_start(&sink->zone, date_days) + (int64_t)second * 1000000;
    if (date_days < FL_DATE_MAX) {
        int64_t next = fl_time_zone_day_start(&sink->zone, (uint16_t)(date_days + 1));
        at = at < next ? at : next - 1;
    }
    command->at_us = at;
    command->at_day = date_days;
    command->flags = FL_FLAG_AT_GIVEN;
    if (!is_master(type)) {
        command->flags |= FL_FLAG_DATE_GIVEN;
        command->date = date_days;
    }
    return body;
}

struct fl_text fl_load_text(struct fl_load_sink *sink, struct fl_slice text)
{
    return fl_builder_text(&sink->builder, text.at, text.length);
}

static void refuse_unit(struct fl_load_sink *sink, uint32_t unit, unsigned type,
                        enum fl_status status)
{
    sink->counts.answers[type].refused++;
    if (sink->units[unit].status == FL_OK)
        sink->units[unit].status = (uint16_t)status;
}

void fl_load_send(struct fl_load_sink *sink, uint32_t unit, struct fl_slice id, struct fl_slice key)
{
    if (sink->failed != FL_OK)
        return;
    unsigned type = fl_builder_header(&sink->builder)->type;
    const struct fl_command *command =
        fl_builder_finish(&sink->builder, id.at, id.length, key.at, key.length);
    const char *field;
    enum fl_status status =
        command ? fl_command_check(command, command->bytes, &field) : FL_TOO_LONG;
    if (status != FL_OK) {
        refuse_unit(sink, unit, type, status);
        return;
    }
    if (!sink->producer) {
        sink->counts.answers[type].accepted++;
        return;
    }
    while ((status = fl_producer_send(sink->producer, command, unit)) == FL_BUSY)
        drain(sink, false);
    if (status != FL_OK)
        sink->failed = status;
    drain(sink, false);
}

struct fl_slice fl_load_id(char out[FL_ID_BYTES_MAX + 8], const char *prefix, struct fl_slice rest)
{
    size_t before = strlen(prefix), length = rest.length;
    FL_ASSERT(before <= 8);
    if (length > FL_ID_BYTES_MAX + 8 - before)
        length = FL_ID_BYTES_MAX + 8 - before; /* too long all the same: the check refuses it */
    memcpy(out, prefix, before);
    if (length > 0)
        memcpy(out + before, rest.at, length);
    return fl_slice_of(out, before + length);
}

/* ---- masters --------------------------------------------------------------------------------- */

static void customer_send(struct fl_load_sink *sink, uint32_t unit,
                          const struct fl_load_master *m, struct fl_slice id)
{
    struct fl_command_customer *customer =
        fl_load_begin(sink, FL_COMMAND_CUSTOMER, m->date_days, m->second);
    customer->name = fl_load_text(sink, m->name.length > 0 ? m->name : id);
    customer->currency = m->currency;
    if (m->segment.length > 0)
        customer->segment = fl_load_text(sink, m->segment);
    customer->credit_limit.state = FL_DECIMAL_NULL;
    fl_load_send(sink, unit, id, fl_slice_of(NULL, 0));
}

struct fl_slice fl_load_customer(struct fl_load_sink *sink, uint32_t unit,
                                 const struct fl_load_master *m, char id_out[FL_ID_BYTES_MAX + 8])
{
    struct fl_slice id = fl_load_id(id_out, "", m->id);
    uint32_t *currency = fl_load_names_at(&sink->customers, id);
    if (currency && *currency != FL_LOAD_NAME_NEW && (*currency & ~MADE_HERE) != m->currency &&
        id.length <= FL_ID_BYTES_MAX) {
        id_out[id.length] = '-';
        memcpy(id_out + id.length + 1, fl_currency_code(m->currency), 3);
        id.length += 4;
        currency = fl_load_names_at(&sink->customers, id);
    }
    if (!currency) {
        sink->failed = FL_NO_MEMORY;
    } else if (*currency == FL_LOAD_NAME_NEW) {
        *currency = m->currency | MADE_HERE;
        customer_send(sink, unit, m, id);
    }
    return id;
}

bool fl_load_customer_change(struct fl_load_sink *sink, uint32_t unit,
                             const struct fl_load_master *m, struct fl_slice id)
{
    const uint32_t *currency = fl_load_names_at(&sink->customers, id);
    if (!currency || *currency == FL_LOAD_NAME_NEW || !(*currency & MADE_HERE))
        return false;
    customer_send(sink, unit, m, id);
    return true;
}

void fl_load_product(struct fl_load_sink *sink, uint32_t unit, const struct fl_load_master *m,
                     struct fl_decimal price)
{
    uint32_t *currency = fl_load_names_at(&sink->products, m->id);
    if (!currency) {
        sink->failed = FL_NO_MEMORY;
        return;
    }
    if (*currency != FL_LOAD_NAME_NEW)
        return;
    *currency = m->currency;
    struct fl_command_product *product =
        fl_load_begin(sink, FL_COMMAND_PRODUCT, m->date_days, m->second);
    product->name = fl_load_text(sink, m->name.length > 0 ? m->name : m->id);
    product->currency = m->currency;
    product->stock_control = FL_CHOICE_NO;
    product->price = price;
    fl_load_send(sink, unit, m->id, fl_slice_of(NULL, 0));
}
