#include "tools/ingest/statement_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/engine/command_builder.h"

/* A text kept: offset in `texts`. */
struct kept {
    uint32_t offset, length;
};

#define KEPT_REFERENCES_MAX 24

struct fl_kept_line {
    struct kept text, bank_ref, customer_ref, end_to_end, payer_name, payer_account;
    struct kept references[KEPT_REFERENCES_MAX];
    uint32_t reference_count;
    uint32_t occurrence;
    struct fl_decimal amount, charges;
    uint16_t booking_days, value_days;
    bool reversal;
};

struct fl_seen {
    uint64_t identity;
    uint32_t count;
};

bool fl_statement_commands_open(struct fl_statement_commands *c)
{
    c->tokens = malloc(sizeof *c->tokens);
    c->buffer = aligned_alloc(64, FL_RECORD_BYTES_MAX);
    return c->tokens && c->buffer;
}

void fl_statement_commands_close(struct fl_statement_commands *c)
{
    free(c->tokens);
    free(c->buffer);
    free(c->lines);
    free(c->texts);
    free(c->seen);
}

void fl_statement_commands_drop(struct fl_statement_commands *c)
{
    c->count = 0;
    c->texts_used = 0;
}

void fl_statement_commands_file(struct fl_statement_commands *c)
{
    free(c->seen);
    c->seen = NULL;
    c->seen_count = c->seen_capacity = 0;
    fl_statement_commands_drop(c);
}

/* ---- what is kept ----------------------------------------------------------------------------------- */

static bool keep(struct fl_statement_commands *c, struct fl_slice text, struct kept *out)
{
    *out = (struct kept){(uint32_t)c->texts_used, (uint32_t)text.length};
    if (c->texts_capacity - c->texts_used < text.length) {
        size_t capacity = c->texts_capacity ? c->texts_capacity * 2 : 1u << 16;
        while (capacity - c->texts_used < text.length)
            capacity *= 2;
        char *texts = capacity <= UINT32_MAX ? realloc(c->texts, capacity) : NULL;
        if (!texts)
            return false;
        c->texts = texts;
        c->texts_capacity = capacity;
    }
    if (text.length > 0)
        memcpy(c->texts + c->texts_used, text.at, text.length);
    c->texts_used += text.length;
    return true;
}

static bool seen_grow(struct fl_statement_commands *c)
{
    uint64_t capacity = c->seen_capacity ? c->seen_capacity * 2 : 1024;
    struct fl_seen *seen = calloc(capacity, sizeof *seen);
    if (!seen)
        return false;
    for (uint64_t i = 0; i < c->seen_capacity; i++) {
        if (c->seen[i].count == 0)
            continue;
        uint64_t at = c->seen[i].identity & (capacity - 1);
        while (seen[at].count != 0)
            at = (at + 1) & (capacity - 1);
        seen[at] = c->seen[i];
    }
    free(c->seen);
    c->seen = seen;
    c->seen_capacity = capacity;
    return true;
}

/* The how-many-th line of this identity in the file, from 1; 0: no memory. */
static uint32_t occurrence(struct fl_statement_commands *c, uint64_t identity)
{
    if (c->seen_count * 2 >= c->seen_capacity && !seen_grow(c))
        return 0;
    uint64_t at = identity & (c->seen_capacity - 1);
    while (c->seen[at].count != 0 && c->seen[at].identity != identity)
        at = (at + 1) & (c->seen_capacity - 1);
    c->seen_count += c->seen[at].count == 0;
    c->seen[at].identity = identity;
    return ++c->seen[at].count;
}

static bool reference_keep(struct fl_statement_commands *c, struct fl_kept_line *kept,
                           struct fl_slice text)
{
    if (text.length == 0 || kept->reference_count == KEPT_REFERENCES_MAX)
        return true;
    return keep(c, text, &kept->references[kept->reference_count++]);
}

static bool token_counts(const struct fl_reference_token *token)
{
    if (token->flags & (FL_TOKEN_CHECK_FAILED | FL_TOKEN_MINUS))
        return false;
    return token->flags & (FL_TOKEN_PREFIXED | FL_TOKEN_STRUCTURED | FL_TOKEN_TAKEN_OVER) ||
           token->digits >= 6;
}

static bool references_keep(struct fl_statement_commands *c, struct fl_kept_line *kept,
                            const struct fl_statement_line *line)
{
    for (uint32_t i = 0; i < line->references_count; i++) {
        if (line->references[i].kind != FL_REFERENCE_MANDATE &&
            !reference_keep(c, kept, line->references[i].text))
            return false;
    }
    if (!reference_keep(c, kept, line->end_to_end))
        return false;
    fl_reference_tokens(c->tokens, line->text);
    for (uint32_t i = 0; i < c->tokens->tokens_count; i++) {
        if (token_counts(&c->tokens->tokens[i]) &&
            !reference_keep(c, kept, c->tokens->tokens[i].normal))
            return false;
    }
    return true;
}

enum fl_status fl_statement_commands_line(struct fl_statement_commands *c, struct fl_slice account,
                                          const struct fl_statement_line *line)
{
    if (!line->booked)
        return FL_OK;
    if (c->count == c->capacity) {
        uint32_t capacity = c->capacity ? c->capacity * 2 : 256;
        struct fl_kept_line *lines = realloc(c->lines, capacity * sizeof *lines);
        if (!lines)
            return FL_NO_MEMORY;
        c->lines = lines;
        c->capacity = capacity;
    }
    struct fl_kept_line *kept = &c->lines[c->count];
    *kept = (struct fl_kept_line){.amount = line->amount,
                                  .charges = line->charges,
                                  .booking_days = line->booking_days,
                                  .value_days = line->value_days,
                                  .reversal = line->reversal};
    kept->occurrence = occurrence(c, fl_statement_line_identity(account, line, 0));
    bool good = kept->occurrence > 0 && keep(c, line->text, &kept->text) &&
                keep(c, line->bank_ref, &kept->bank_ref) &&
                keep(c, line->customer_ref, &kept->customer_ref) &&
                keep(c, line->end_to_end, &kept->end_to_end) &&
                keep(c, line->payer_name, &kept->payer_name) &&
                keep(c, line->payer_account, &kept->payer_account) &&
                (!c->match || references_keep(c, kept, line));
    c->count += good;
    return good ? FL_OK : FL_NO_MEMORY;
}

/* ---- the commands -------------------------------------------------------------------------------------- */

static struct fl_text put(struct fl_statement_commands *c, struct fl_command_builder *b,
                          struct kept text, uint32_t max)
{
    return fl_builder_text(b, c->texts + text.offset, text.length < max ? text.length : max);
}

static void put_references(struct fl_statement_commands *c, struct fl_command_builder *b,
                           const struct fl_kept_line *line, struct fl_statement_item *item)
{
    void *elements;
    struct fl_list list =
        fl_builder_list(b, sizeof(struct fl_text_item), line->reference_count, &elements);
    for (uint32_t i = 0; i < line->reference_count && elements; i++) {
        struct fl_text text = put(c, b, line->references[i], 256);
        ((struct fl_text_item *)elements)[i].text = text;
    }
    item->references = list;
}

/* The schema's order of fields: texts first, then references, then the payer. */
static void put_line(struct fl_statement_commands *c, struct fl_command_builder *b,
                     const struct fl_kept_line *line, struct fl_statement_item *item)
{
    item->booking_date = line->booking_days;
    item->value_date = line->value_days;
    item->amount = line->amount;
    item->text = put(c, b, line->text, FL_TEXT_BYTES_MAX);
    item->bank_ref = put(c, b, line->bank_ref, 64);
    item->customer_ref = put(c, b, line->customer_ref, 64);
    item->end_to_end = put(c, b, line->end_to_end, 128);
    put_references(c, b, line, item);
    item->payer.name = put(c, b, line->payer_name, 256);
    item->payer.account = put(c, b, line->payer_account, 64);
    if (line->charges.state == FL_DECIMAL_VALUE)
        item->charges = line->charges;
    item->reversal = line->reversal ? FL_CHOICE_YES : FL_CHOICE_ABSENT;
    item->occurrence = line->occurrence + 1; /* an optional number is its value + 1 */
}

struct part {
    uint32_t first, count, number;
    struct fl_decimal opening, closing;
};

static struct fl_command *build(struct fl_statement_commands *c, const struct fl_statement *s,
                                struct fl_slice account, const struct part *part)
{
    struct fl_command_builder b;
    void *elements;
    char id[FL_ID_BYTES_MAX + 16];
    struct fl_command_statement *body = fl_builder_begin(
        &b, c->buffer, FL_RECORD_BYTES_MAX - FL_COMMAND_SLACK - 4096, FL_COMMAND_STATEMENT);
    body->account = fl_builder_text(&b, account.at, account.length);
    body->currency = s->currency;
    body->opening = part->opening;
    body->closing = part->closing;
    body->from = s->from_days;
    body->to = s->to_days;
    body->accept_unbalanced = c->accept_unbalanced ? FL_CHOICE_YES : FL_CHOICE_ABSENT;
    body->lines =
        fl_builder_list(&b, sizeof(struct fl_statement_item), part->count, &elements);
    for (uint32_t i = 0; i < part->count && elements; i++)
        put_line(c, &b, &c->lines[part->first + i], &((struct fl_statement_item *)elements)[i]);
    int length = (int)s->id.length > 48 ? 48 : (int)s->id.length;
    if (length == 0)
        length = snprintf(id, sizeof id, "%u-%u", s->from_days, s->to_days);
    else
        memcpy(id, s->id.at, (size_t)length);
    if (part->number > 0)
        length += snprintf(id + length, sizeof id - (size_t)length, "#%u", part->number);
    return fl_builder_finish(&b, id, (size_t)length, NULL, 0);
}

/* The most lines that fit a record: texts and references count too. */
static uint32_t lines_that_fit(const struct fl_statement_commands *c, uint32_t first)
{
    uint64_t bytes = 4096;
    uint32_t n = 0;
    while (first + n < c->count && n < FL_STATEMENT_LINES_MAX) {
        const struct fl_kept_line *line = &c->lines[first + n];
        bytes += sizeof(struct fl_statement_item) + line->text.length + line->bank_ref.length +
                 line->customer_ref.length + line->end_to_end.length + line->payer_name.length +
                 line->payer_account.length + 16;
        for (uint32_t i = 0; i < line->reference_count; i++)
            bytes += sizeof(struct fl_text_item) + line->references[i].length;
        if (bytes > FL_RECORD_BYTES_MAX / 2)
            break;
        n++;
    }
    return n > 0 ? n : 1;
}

static enum fl_status send_parts(struct fl_statement_commands *c, const struct fl_statement *s,
                                 struct fl_slice account, int64_t at_us, uint16_t at_day)
{
    struct part part = {.opening = s->opening.amount};
    struct fl_statement_total running = {0};
    bool chained = s->opening.amount.state == FL_DECIMAL_VALUE;
    if (chained)
        fl_statement_total_add(&running, s->opening.amount);
    do {
        part.count = lines_that_fit(c, part.first);
        if (part.first + part.count > c->count)
            part.count = c->count - part.first;
        for (uint32_t i = 0; i < part.count; i++)
            fl_statement_total_add(&running, c->lines[part.first + i].amount);
        bool last = part.first + part.count >= c->count;
        part.number = last && part.first == 0 ? 0 : part.number + 1;
        part.closing = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
        if (last)
            part.closing = s->closing.amount;
        else if (chained)
            FL_TRY(fl_statement_total_read(running, &part.closing));
        struct fl_command *command = build(c, s, account, &part);
        if (!command)
            return FL_TOO_LONG;
        command->at_us = at_us;
        command->at_day = at_day;
        FL_TRY(c->send(c->context, command));
        part.opening = part.closing;
        part.first += part.count;
    } while (part.first < c->count);
    return FL_OK;
}

enum fl_status fl_statement_commands_end(struct fl_statement_commands *c,
                                         const struct fl_statement *statement, int64_t at_us,
                                         uint16_t at_day)
{
    struct fl_slice account = statement->account;
    enum fl_status status = FL_MISSING_FIELD;
    if (account.length == 0 && c->account)
        account = fl_slice_of_text(c->account);
    if (account.length > 0 && account.length <= FL_ID_BYTES_MAX &&
        statement->currency != FL_CURRENCY_NONE)
        status = send_parts(c, statement, account, at_us, at_day);
    fl_statement_commands_drop(c);
    return status;
}
