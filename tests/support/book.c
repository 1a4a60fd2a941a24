#include "tests/support/book.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/audit.h"
#include "core/base/currency.h"
#include "core/domain/ledger.h"
#include "core/domain/order.h"
#include "core/domain/receivable.h"
#include "core/engine/command_schema.h"
#include "tools/format/command_json.h"
#include "tools/format/result_json.h"

struct fl_test_book {
    struct fl_engine *engine;
    struct fl_command_json reader;
    struct fl_result_json writer;
    struct fl_result result;
    const struct fl_command *command;
    enum fl_status status;
    char *line, *answer;
    size_t line_room, answer_bytes;
    uint64_t digest;
    bool unchecked, jobs_wait;
    struct fl_slice_sink slices;
    char fields[4][512];
    unsigned field_next;
};

/* ---- open, close
 * ---------------------------------------------------------------------------------- */

struct fl_test_book *fl_book_open(const char *book)
{
    struct fl_test_book *made = calloc(1, sizeof *made);
    struct fl_engine_config config = {
        .memory_bytes = UINT64_C(256) << 20, .rows_max = 1u << 17, .secret = 4711};
    cr_assert_eq(fl_engine_create(&config, &made->engine), FL_OK);
    cr_assert_eq(fl_command_json_open(&made->reader, "UTC", 3), FL_OK);
    fl_result_json_open(&made->writer, NULL);
    made->reader.now_us = FL_BOOK_NOW_US;
    made->digest = fl_book_digest(made);
    if (book)
        fl_book_must(made, "{\"type\":\"book\",%s}", book);
    return made;
}

void fl_book_close(struct fl_test_book *book)
{
    fl_result_json_close(&book->writer);
    fl_command_json_close(&book->reader);
    fl_engine_destroy(book->engine);
    free(book->answer);
    free(book->line);
    free(book);
}

void fl_book_checks(struct fl_test_book *book, bool on)
{
    book->unchecked = !on;
    book->digest = fl_book_digest(book);
}

void fl_book_jobs(struct fl_test_book *book, bool at_once, const struct fl_slice_sink *sink)
{
    book->jobs_wait = !at_once;
    book->slices = sink ? *sink : (struct fl_slice_sink){NULL, NULL};
}

/* ---- one command
 * ----------------------------------------------------------------------------------- */

static void say_difference(void *context, const char *sentence)
{
    fprintf(stderr, "audit: %s\n  after %s\n", sentence, (const char *)context);
}

static void check_after(struct fl_test_book *book, const char *what)
{
    if (book->unchecked)
        return;
    uint64_t digest = fl_book_digest(book);
    if (book->status != FL_OK)
        cr_assert_eq(digest, book->digest, "%s changed the state: %s", fl_status_name(book->status),
                     what);
    book->digest = digest;
    cr_assert_eq(fl_audit(fl_book_store(book), say_difference, (void *)(uintptr_t)what), 0, "%s",
                 what);
}

static void member(void *context, uint32_t index, const struct fl_result *result)
{
    struct fl_test_book *book = context;
    (void)index;
    fl_result_json_member(&book->writer, result);
}

static void apply_and_write(struct fl_test_book *book, struct fl_command *command)
{
    const struct fl_member_sink sink = {member, book};
    book->result.tag = 0;
    book->status = fl_engine_apply(book->engine, command, &book->result, &sink);
    book->command = command;
    uint32_t job = fl_engine_job_of(book->engine, command, book->status);
    if (!book->jobs_wait)
        cr_assert_eq(
            fl_engine_run_jobs(book->engine, book->slices.slice ? &book->slices : NULL), FL_OK);
    if (job != 0 && fl_engine_job_is_done(book->engine, job))
        fl_engine_job_answer(book->engine, job, &book->result);
    if (book->status != FL_OK && book->status != FL_DUPLICATE) /* taken back with their batch */
        fl_json_text_clear(&book->writer.members);
    fl_result_json_write(&book->writer, 0, &book->result);
    if (book->reader.zone_waits)
        fl_command_json_zone_settle(&book->reader, book->status == FL_OK);
}

static const char *send_line(struct fl_test_book *book, size_t length)
{
    struct fl_command *command;
    free(book->answer);
    book->answer = NULL;
    book->writer.out = open_memstream(&book->answer, &book->answer_bytes);
    book->command = NULL;
    book->status = fl_command_json_read(&book->reader, book->line, length, &command);
    if (book->status == FL_OK)
        apply_and_write(book, command);
    else
        fl_result_json_invalid(&book->writer, 0, &book->reader, book->status);
    fclose(book->writer.out);
    check_after(book, book->line);
    return book->answer;
}

static size_t print_line(struct fl_test_book *book, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    size_t length = (size_t)vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length + 1 + FL_JSON_PADDING > book->line_room) {
        book->line_room = 2 * (length + 1 + FL_JSON_PADDING);
        book->line = realloc(book->line, book->line_room);
    }
    vsnprintf(book->line, length + 1, format, arguments);
    memset(book->line + length, 0, FL_JSON_PADDING);
    return length;
}

#define SEND(book, format)                                                                         \
    va_list arguments;                                                                             \
    va_start(arguments, format);                                                                   \
    const char *answer = send_line(book, print_line(book, format, arguments));                     \
    va_end(arguments)

const char *fl_book_send(struct fl_test_book *book, const char *format, ...)
{
    SEND(book, format);
    return answer;
}

const char *fl_book_must(struct fl_test_book *book, const char *format, ...)
{
    SEND(book, format);
    cr_assert_str_eq(fl_book_field(book, "result"), "accepted", "%.1000s\n%s", book->line, answer);
    return answer;
}

const char *fl_book_again(struct fl_test_book *book, const char *format, ...)
{
    SEND(book, format);
    cr_assert_str_eq(fl_book_field(book, "result"), "duplicate", "%.1000s\n%s", book->line, answer);
    return answer;
}

const char *fl_book_refuses(struct fl_test_book *book, const char *code, const char *format, ...)
{
    SEND(book, format);
    cr_assert_str_eq(fl_book_field(book, "code"), code, "%.1000s\n%s", book->line, answer);
    return answer;
}

enum fl_status fl_book_apply(struct fl_test_book *book, const struct fl_command *command)
{
    size_t bytes = (command->bytes + FL_COMMAND_SLACK + 63) & ~(size_t)63;
    struct fl_command *copy = aligned_alloc(64, bytes);
    memset(copy, 0, bytes);
    memcpy(copy, command, command->bytes);
    book->status = fl_engine_apply(book->engine, copy, &book->result, NULL);
    book->command = NULL;
    check_after(book, fl_command_name(command->type));
    free(copy);
    return book->status;
}

/* ---- answers
 * --------------------------------------------------------------------------------------- */

const char *fl_book_field(struct fl_test_book *book, const char *name)
{
    char quoted[72], *out = book->fields[book->field_next++ % 4];
    snprintf(quoted, sizeof quoted, "\"%s\":", name);
    const char *at = strstr(book->answer, quoted);
    out[0] = '\0';
    if (!at)
        return out;
    at += strlen(quoted);
    bool is_text = *at == '"';
    size_t n = is_text ? strcspn(at + 1, "\"") : strcspn(at, ",}\n");
    snprintf(out, sizeof book->fields[0], "%.*s", (int)n, at + is_text);
    return out;
}

const char *fl_book_answer(const struct fl_test_book *book)
{
    return book->answer;
}

const struct fl_command *fl_book_command(const struct fl_test_book *book)
{
    return book->command;
}

enum fl_status fl_book_status(const struct fl_test_book *book)
{
    return book->status;
}

/* ---- the state
 * ------------------------------------------------------------------------------------- */

struct fl_engine *fl_book_engine(const struct fl_test_book *book)
{
    return book->engine;
}

const struct fl_store *fl_book_store(const struct fl_test_book *book)
{
    return fl_engine_store(book->engine);
}

uint64_t fl_book_digest(const struct fl_test_book *book)
{
    struct fl_snapshot snapshot;
    cr_assert_eq(
        fl_snapshot_take(fl_engine_store(book->engine), fl_engine_seq(book->engine), &snapshot),
        FL_OK);
    uint64_t digest = fl_engine_digest(&snapshot);
    fl_snapshot_release(&snapshot);
    fl_snapshot_collect(fl_engine_store(book->engine));
    return digest;
}

uint64_t fl_book_seq(const struct fl_test_book *book)
{
    return fl_engine_seq(book->engine);
}

bool fl_book_has(const struct fl_test_book *book, enum fl_kind kind, const char *id)
{
    return fl_engine_find(book->engine, kind, id, strlen(id)) != FL_NO_ROW;
}

uint32_t fl_book_row(const struct fl_test_book *book, enum fl_kind kind, const char *id)
{
    uint32_t row = fl_engine_find(book->engine, kind, id, strlen(id));
    cr_assert_neq(row, FL_NO_ROW, "there is no %s", id);
    return row;
}

static const struct fl_customer_account *account_of(const struct fl_test_book *book,
                                                    const char *customer)
{
    return fl_customer_account(fl_book_store(book),
                               fl_book_row(book, FL_KIND_OF_CUSTOMER, customer));
}

int64_t fl_book_balance(const struct fl_test_book *book, const char *customer)
{
    const struct fl_customer_account *account = account_of(book, customer);
    return account->invoices_minor - account->unapplied_minor - account->credits_minor;
}

int64_t fl_book_exposure(const struct fl_test_book *book, const char *customer)
{
    return fl_customer_exposure(account_of(book, customer));
}

int64_t fl_book_unapplied(const struct fl_test_book *book, const char *customer)
{
    return account_of(book, customer)->unapplied_minor;
}

int64_t fl_book_open_of(const struct fl_test_book *book, const char *invoice)
{
    uint32_t row = fl_book_row(book, FL_KIND_OF_INVOICE, invoice);
    return fl_invoice_money(fl_book_store(book), row)->open_minor;
}

int64_t fl_book_receipt_open(const struct fl_test_book *book, const char *receipt)
{
    uint32_t row = fl_book_row(book, FL_KIND_OF_RECEIPT, receipt);
    return fl_receipt_money(fl_book_store(book), row)->open_minor;
}

int64_t fl_book_note_open(const struct fl_test_book *book, const char *note)
{
    uint32_t row = fl_book_row(book, FL_KIND_OF_CREDIT_NOTE, note);
    return fl_credit_note_money(fl_book_store(book), row)->open_minor;
}

int64_t fl_book_refundable(const struct fl_test_book *book, const char *receipt)
{
    return fl_receipt_refundable(fl_book_store(book),
                                 fl_book_row(book, FL_KIND_OF_RECEIPT, receipt));
}

int64_t fl_book_account(const struct fl_test_book *book, uint32_t account, const char *currency,
                        uint16_t as_of)
{
    const struct fl_store *store = fl_book_store(book);
    int64_t sum = 0;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_account_day_key(store, row);
        const struct fl_account_day_total *total = fl_account_day_total(store, row);
        if (key->account == account && (as_of == 0 || key->date <= as_of) &&
            strcmp(fl_currency_code(key->currency), currency) == 0)
            sum += total->debit_minor - total->credit_minor;
    }
    return sum;
}

static const struct fl_product_stock *stock_of(const struct fl_test_book *book, const char *product)
{
    return fl_product_stock(fl_book_store(book), fl_book_row(book, FL_KIND_OF_PRODUCT, product));
}

int64_t fl_book_available(const struct fl_test_book *book, const char *product)
{
    const struct fl_product_stock *stock = stock_of(book, product);
    return (stock->on_hand - stock->reserved - stock->safety) / FL_QUANTITY_ONE;
}

int64_t fl_book_on_hand(const struct fl_test_book *book, const char *product)
{
    return stock_of(book, product)->on_hand / FL_QUANTITY_ONE;
}

const char *fl_book_order_state(const struct fl_test_book *book, const char *order)
{
    static const char *const names[] = {"",        "held",   "open",      "part_shipped",
                                        "shipped", "closed", "cancelled", "rejected",
                                        "expired"};
    uint32_t row = fl_book_row(book, FL_KIND_OF_ORDER, order);
    return names[fl_order_live(fl_book_store(book), row)->state];
}

const char *fl_book_invoice_state(const struct fl_test_book *book, const char *invoice)
{
    static const char *const names[] = {"", "open", "partial", "paid", "credited", "written_off"};
    uint32_t row = fl_book_row(book, FL_KIND_OF_INVOICE, invoice);
    return names[fl_invoice_money(fl_book_store(book), row)->state];
}

const char *fl_book_receipt_state(const struct fl_test_book *book, const char *receipt)
{
    static const char *const names[] = {"",        "unidentified", "unapplied", "on_account",
                                        "partial", "applied",      "reversed"};
    uint32_t row = fl_book_row(book, FL_KIND_OF_RECEIPT, receipt);
    return names[fl_receipt_status(fl_book_store(book), row)->state];
}
