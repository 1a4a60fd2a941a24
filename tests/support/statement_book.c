#include "tests/support/statement_book.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/domain/state.h"
#include "tools/ingest/statement_command.h"

struct importing {
    struct fl_test_book *book;
    struct statement_import *out;
    struct fl_statement_command command;
    struct fl_statement_head *heads; /* of the first reading */
    unsigned at;                     /* second reading: statements begun */
};

static enum fl_status look_begin(void *context, const struct fl_statement *statement)
{
    (void)context;
    (void)statement;
    return FL_OK;
}

static enum fl_status look_line(void *context, const struct fl_statement_line *line)
{
    struct importing *i = context;
    (void)line;
    i->out->lines++;
    return FL_OK;
}

static enum fl_status look_end(void *context, const struct fl_statement *s)
{
    struct importing *i = context;
    unsigned n = i->out->statements++;
    i->heads = realloc(i->heads, i->out->statements * sizeof *i->heads);
    struct fl_statement_head *head = &i->heads[n];
    *head = (struct fl_statement_head){.currency = s->currency,
                                       .from_days = s->from_days,
                                       .to_days = s->to_days,
                                       .opening = s->opening.amount,
                                       .closing = s->closing.amount,
                                       .references = true};
    snprintf(head->account, sizeof head->account, "%.*s", (int)s->account.length, s->account.at);
    snprintf(head->id, sizeof head->id, "S%u", (unsigned)s->to_days);
    if (s->difference.state == FL_DECIMAL_VALUE)
        i->out->balanced &= s->balanced;
    return FL_OK;
}

static void look_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    struct importing *i = context;
    (void)code;
    if (i->out->refused++ == 0)
        snprintf(i->out->reason, sizeof i->out->reason, "line %llu: %s", (unsigned long long)line,
                 message);
}

static enum fl_status post_begin(void *context, const struct fl_statement *statement)
{
    struct importing *i = context;
    (void)statement;
    fl_statement_command_begin(&i->command, &i->heads[i->at++]);
    return FL_OK;
}

static enum fl_status post_line(void *context, const struct fl_statement_line *line)
{
    struct importing *i = context;
    return line->booked ? fl_statement_command_line(&i->command, line) : FL_OK;
}

static enum fl_status post_end(void *context, const struct fl_statement *statement)
{
    struct importing *i = context;
    const struct fl_json_text *json = fl_statement_command_finish(&i->command, true);
    (void)statement;
    cr_assert_not_null(json);
    const char *answer = fl_book_send(i->book, "%.*s", (int)json->length, json->bytes);
    const char *result = fl_book_field(i->book, "result");
    cr_assert(strcmp(result, "accepted") == 0 || strcmp(result, "duplicate") == 0, "%s", answer);
    i->out->added += (unsigned)atoi(fl_book_field(i->book, "new"));
    i->out->known += (unsigned)atoi(fl_book_field(i->book, "known"));
    i->out->matched += (unsigned)atoi(fl_book_field(i->book, "matched"));
    return FL_OK;
}

static enum fl_status reading(const char *text, struct fl_statement_sink sink,
                              struct fl_error *error)
{
    struct fl_memory_source memory;
    struct fl_statement_summary summary;
    return fl_statement_read(fl_memory_source_init(&memory, text, strlen(text), "statement"), NULL,
                             &sink, &summary, NULL, error);
}

struct statement_import statement_book_import(struct fl_test_book *book, const char *text)
{
    struct statement_import out = {.balanced = true};
    struct importing i = {.book = book, .out = &out};
    struct fl_error error = {0};
    out.status = reading(text,
                         (struct fl_statement_sink){.context = &i,
                                                    .begin = look_begin,
                                                    .line = look_line,
                                                    .end = look_end,
                                                    .refused = look_refused},
                         &error);
    if (out.status != FL_OK)
        snprintf(out.reason, sizeof out.reason, "%s", error.message);
    if (out.status == FL_OK && out.refused == 0 && out.balanced) {
        cr_assert_eq(fl_statement_command_open(&i.command), FL_OK);
        out.status =
            reading(text,
                    (struct fl_statement_sink){
                        .context = &i, .begin = post_begin, .line = post_line, .end = post_end},
                    &error);
        fl_statement_command_close(&i.command);
    }
    free(i.heads);
    return out;
}

static bool is_of(const struct fl_store *store, uint32_t line, uint32_t account)
{
    uint32_t statement = fl_statement_line_card(store, line)->statement;
    return fl_statement_card(store, statement)->account == account;
}

int64_t statement_book_line(const struct fl_test_book *book, const char *account,
                            const char *bank_ref, unsigned which, uint16_t *booking_out)
{
    const struct fl_store *store = fl_book_store(book);
    uint32_t of = fl_book_row(book, FL_KIND_OF_BANK_ACCOUNT, account);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_statement_line]; row++) {
        const struct fl_statement_line_card *card = fl_statement_line_card(store, row);
        if (!is_of(store, row, of) || card->bank_ref.length != strlen(bank_ref) ||
            memcmp(fl_text_get(store, FL_TABLE_text, card->bank_ref), bank_ref, strlen(bank_ref)) !=
                0 ||
            which-- > 0)
            continue;
        *booking_out = card->booking_date;
        return card->amount_minor;
    }
    cr_assert_fail("no line %s of %s", bank_ref, account);
    return 0;
}

unsigned statement_book_lines(const struct fl_test_book *book, const char *account)
{
    const struct fl_store *store = fl_book_store(book);
    uint32_t of = fl_book_row(book, FL_KIND_OF_BANK_ACCOUNT, account);
    unsigned count = 0;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_statement_line]; row++)
        count += is_of(store, row, of);
    return count;
}
