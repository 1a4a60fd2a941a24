#include "tests/support/book_import.h"

#include <criterion/criterion.h>
#include <string.h>

#include "core/base/date.h"
#include "core/domain/ledger.h"
#include "tools/ingest/statement_command.h"
#include "tools/ingest/statement_reader.h"

struct importing {
    struct fl_test_book *book;
    struct fl_statement_command command;
    struct book_imported result;
    bool sends;
};

static void copy(char out[FL_ID_BYTES_MAX + 1], struct fl_slice text)
{
    cr_assert_leq(text.length, FL_ID_BYTES_MAX);
    memcpy(out, text.at, text.length);
    out[text.length] = '\0';
}

static enum fl_status on_begin(void *context, const struct fl_statement *statement)
{
    struct importing *i = context;
    struct fl_statement_head head = {.references = true};
    if (i->sends)
        fl_statement_command_begin(&i->command, &head);
    (void)statement;
    return FL_OK;
}

static enum fl_status on_line(void *context, const struct fl_statement_line *line)
{
    struct importing *i = context;
    return i->sends && line->booked ? fl_statement_command_line(&i->command, line) : FL_OK;
}

static void count(struct importing *i)
{
    struct fl_test_book *book = i->book;
    const char *result = fl_book_field(book, "result");
    cr_assert(strcmp(result, "accepted") == 0 || strcmp(result, "duplicate") == 0, "%s",
              fl_book_answer(book));
    i->result.added += (unsigned)atoi(fl_book_field(book, "new"));
    i->result.known += (unsigned)atoi(fl_book_field(book, "known"));
    i->result.matched += (unsigned)atoi(fl_book_field(book, "matched"));
}

/* The head is whole only now: account, days and balances may stand behind the lines. */
static enum fl_status on_end(void *context, const struct fl_statement *statement)
{
    struct importing *i = context;
    struct fl_statement_head *head = &i->command.head;
    i->result.statements++;
    if (!i->sends || statement->kind != FL_STATEMENT_BOOKED)
        return FL_OK;
    copy(head->account, statement->account);
    copy(head->id, statement->id.length > 0 ? statement->id : fl_slice_of_text("S"));
    head->currency = statement->currency;
    head->from_days = statement->from_days;
    head->to_days = statement->to_days;
    head->opening = i->command.part_opening = statement->opening.amount;
    head->closing = statement->closing.amount;
    const struct fl_json_text *json = fl_statement_command_finish(&i->command, true);
    cr_assert_not_null(json);
    fl_book_send(i->book, "%.*s", (int)json->length, json->bytes);
    count(i);
    return FL_OK;
}

static void on_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    struct importing *i = context;
    (void)line;
    (void)message;
    if (i->result.refused++ == 0)
        i->result.code = code;
}

static void read_once(struct importing *i, const char *text, bool sends)
{
    struct fl_memory_source memory;
    struct fl_statement_summary summary;
    struct fl_statement_sink sink = {
        .context = i, .begin = on_begin, .line = on_line, .end = on_end, .refused = on_refused};
    i->sends = sends;
    i->result = (struct book_imported){0};
    enum fl_status status = fl_statement_read(
        fl_memory_source_init(&memory, text, strlen(text), "t"), NULL, &sink, &summary, NULL, NULL);
    if (status != FL_OK)
        i->result.code = status;
}

struct book_imported book_import(struct fl_test_book *book, const char *text)
{
    struct importing i = {.book = book};
    cr_assert_eq(fl_statement_command_open(&i.command), FL_OK);
    read_once(&i, text, false);
    if (i.result.code == FL_OK)
        read_once(&i, text, true);
    fl_statement_command_close(&i.command);
    return i.result;
}

/* --- what is stored -------------------------------------------------------------------------- */

uint32_t book_line_count(const struct fl_test_book *book)
{
    return fl_book_store(book)->rows[FL_TABLE_statement_line];
}

static const struct fl_statement_line_card *line_of(const struct fl_test_book *book, uint32_t n)
{
    cr_assert_lt(n, book_line_count(book));
    return fl_statement_line_card(fl_book_store(book), n);
}

int64_t book_line_amount(const struct fl_test_book *book, uint32_t n)
{
    return line_of(book, n)->amount_minor;
}

static const char *date_text(uint16_t days)
{
    static char text[4][11];
    static unsigned next;
    char *out = text[next++ % 4];
    fl_date_format(days, out);
    out[10] = '\0';
    return out;
}

const char *book_line_booking(const struct fl_test_book *book, uint32_t n)
{
    return date_text(line_of(book, n)->booking_date);
}

const char *book_line_value(const struct fl_test_book *book, uint32_t n)
{
    return date_text(line_of(book, n)->value_date);
}

int64_t book_bank_balance(const struct fl_test_book *book, const char *account,
                          const char *currency)
{
    uint32_t row = fl_book_row(book, FL_KIND_OF_BANK_ACCOUNT, account);
    return fl_book_account(book, FL_ACCOUNT_BANK_FIRST + row, currency, 0);
}
