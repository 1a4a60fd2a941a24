#include "tools/ingest/statement_command.h"

#include <stdlib.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/domain/state.h"
#include "tools/format/json_simd.h"
#include "tools/ingest/account_number.h"

#define REFERENCE_BYTES_MAX 64 /* an id of a document has no more */

enum fl_status fl_statement_command_open(struct fl_statement_command *command)
{
    memset(command, 0, sizeof *command);
    command->tokens = malloc(sizeof *command->tokens);
    return command->tokens ? FL_OK : FL_NO_MEMORY;
}

void fl_statement_command_close(struct fl_statement_command *command)
{
    fl_json_text_free(&command->lines);
    fl_json_text_free(&command->command);
    free(command->tokens);
    free(command->identities);
    command->tokens = NULL;
    command->identities = NULL;
}

void fl_statement_command_begin(struct fl_statement_command *command,
                                const struct fl_statement_head *head)
{
    command->head = *head;
    fl_json_text_clear(&command->lines);
    command->part = command->line_count = 0;
    command->total = (struct fl_statement_total){0};
    command->part_opening = head->opening;
    command->whole = NULL;
    command->identity_count = 0;
    if (command->identities)
        memset(command->identities, 0, command->identity_capacity * 16);
}

bool fl_statement_command_is_full(const struct fl_statement_command *command,
                                  const struct fl_statement_line *line)
{
    bool batch = line->batch_part == 1 && line->batch_parts > 1 && command->line_count > 0;
    return command->line_count == FL_STATEMENT_LINES_MAX ||
           command->lines.length > FL_PART_BYTES_MAX ||
           (batch && (command->line_count + line->batch_parts > FL_STATEMENT_LINES_MAX ||
                      command->lines.length > FL_PART_BYTES_MAX / 2)); /* P5 */
}

/* ---- how many-th (P3) ----------------------------------------------------------------------- */

/* The pair of the identity, or an empty one. */
static uint64_t *identity_place(uint64_t *pairs, size_t capacity, uint64_t identity)
{
    size_t at = identity & (capacity - 1);
    while (pairs[2 * at + 1] != 0 && pairs[2 * at] != identity)
        at = (at + 1) & (capacity - 1);
    return pairs + 2 * at;
}

static bool identities_grow(struct fl_statement_command *command)
{
    size_t capacity = command->identity_capacity ? command->identity_capacity * 2 : 1024;
    uint64_t *pairs = calloc(capacity, 16);
    if (!pairs)
        return false;
    for (size_t i = 0; i < command->identity_capacity; i++) {
        const uint64_t *old = command->identities + 2 * i;
        if (old[1] != 0)
            memcpy(identity_place(pairs, capacity, old[0]), old, 16);
    }
    free(command->identities);
    command->identities = pairs;
    command->identity_capacity = capacity;
    return true;
}

/* 1 for the first; 0: no memory. */
static uint64_t occurrence(struct fl_statement_command *command,
                           const struct fl_statement_line *line)
{
    if (2 * command->identity_count >= command->identity_capacity && !identities_grow(command))
        return 0;
    uint64_t identity =
        fl_statement_line_identity(fl_slice_of_text(command->head.account), line, 0);
    uint64_t *pair = identity_place(command->identities, command->identity_capacity, identity);
    command->identity_count += pair[1] == 0;
    pair[0] = identity;
    return ++pair[1];
}

/* ---- references (P4) ------------------------------------------------------------------------ */

/* Names a document by itself; a short bare number would need more to agree (semantics 5.4). */
static bool token_is_candidate(const struct fl_reference_token *token)
{
    if (token->flags & (FL_TOKEN_CHECK_FAILED | FL_TOKEN_MINUS) || token->label == FL_LABEL_OTHER)
        return false;
    if (token->flags & (FL_TOKEN_STRUCTURED | FL_TOKEN_PREFIXED | FL_TOKEN_TAKEN_OVER))
        return true;
    bool labelled = token->label == FL_LABEL_INVOICE || token->label == FL_LABEL_CREDIT_NOTE;
    return token->digits >= (labelled ? 5 : 7);
}

struct reference_list {
    struct fl_json_text *out;
    uint32_t count;
};

static void reference_put(struct reference_list *list, const char *text, size_t length)
{
    if (length == 0 || length > REFERENCE_BYTES_MAX || list->count == FL_REFERENCES_MAX)
        return;
    if (list->count++ == 0)
        FL_JSON_PUT(list->out, ",\"references\":[");
    else
        fl_json_putc(list->out, ',');
    fl_json_put_string(list->out, text, length);
}

/* What a range passes over, its ends being tokens themselves. */
static void range_put(struct reference_list *list, const struct fl_token_workspace *tokens,
                      uint32_t end)
{
    char normal[FL_TOKEN_NORMAL_BYTES_MAX];
    uint32_t start = fl_reference_range_start(tokens, end);
    if (start == UINT32_MAX)
        return;
    uint32_t documents =
        fl_reference_range(&tokens->tokens[start], &tokens->tokens[end], FL_RANGE_DOCUMENTS_MAX);
    for (uint32_t n = 1; n + 1 < documents; n++) {
        size_t length = fl_reference_range_at(&tokens->tokens[start], n, normal);
        reference_put(list, normal, length);
    }
}

static void tokens_put(struct reference_list *list, const struct fl_token_workspace *tokens,
                       uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const struct fl_reference_token *token = &tokens->tokens[i];
        if (!token_is_candidate(token))
            continue;
        reference_put(list, token->normal.at, token->normal.length);
        if (token->flags & FL_TOKEN_RANGE_END)
            range_put(list, tokens, i);
    }
}

static void references_put(struct fl_statement_command *command,
                           const struct fl_statement_line *line)
{
    struct fl_token_workspace *tokens = command->tokens;
    struct reference_list list = {.out = &command->lines};
    fl_reference_tokens(tokens, line->text);
    uint32_t of_text = tokens->tokens_count;
    for (uint32_t i = 0; i < line->references_count; i++) {
        const struct fl_statement_reference *reference = &line->references[i];
        bool ours = !reference->credit_note || line->amount.units < 0; /* paid back: its number */
        if (reference->kind != FL_REFERENCE_MANDATE && ours)
            fl_reference_tokens_add(tokens, reference->text);
    }
    fl_reference_tokens_add(tokens, line->end_to_end);
    fl_reference_tokens_add(tokens, line->customer_ref);
    tokens_put(&list, tokens, of_text, tokens->tokens_count);
    tokens_put(&list, tokens, 0, of_text);
    if (list.count > 0)
        fl_json_putc(&command->lines, ']');
}

/* ---- the JSON ------------------------------------------------------------------------------- */

static void decimal_put(struct fl_json_text *out, const char *name, struct fl_decimal value)
{
    char text[48];
    if (value.state != FL_DECIMAL_VALUE)
        return;
    fl_json_puts(out, name);
    fl_json_put_string(out, text, fl_decimal_format(value.units, value.scale, text));
}

static void date_put(struct fl_json_text *out, const char *name, uint16_t date_days)
{
    char text[11];
    if (date_days == FL_DATE_NONE)
        return;
    fl_json_puts(out, name);
    fl_date_format(date_days, text);
    fl_json_put_string(out, text, 10);
}

/* Cut to `most` bytes on a character's border; nothing if it is empty. */
static void text_put(struct fl_json_text *out, const char *name, struct fl_slice text, size_t most)
{
    if (text.length > most) {
        text.length = most;
        while (text.length > 0 && ((unsigned char)text.at[text.length] & 0xC0) == 0x80)
            text.length--;
    }
    if (text.length == 0)
        return;
    fl_json_puts(out, name);
    fl_json_put_string(out, text.at, text.length);
}

static struct fl_slice account_normal(struct fl_slice account, char out[FL_ID_BYTES_MAX + 1])
{
    if (account.length == 0 || account.length > FL_ID_BYTES_MAX)
        return account;
    memcpy(out, account.at, account.length);
    out[account.length] = '\0';
    fl_account_number_normal(out);
    return fl_slice_of(out, strlen(out));
}

static void payer_put(struct fl_json_text *out, const struct fl_statement_line *line)
{
    char account[FL_ID_BYTES_MAX + 1];
    if (line->payer_name.length == 0 && line->payer_account.length == 0)
        return;
    FL_JSON_PUT(out, ",\"payer\":{");
    text_put(out, "\"name\":", line->payer_name, 256);
    text_put(out, line->payer_name.length ? ",\"account\":" : "\"account\":",
             account_normal(line->payer_account, account), 64);
    fl_json_putc(out, '}');
}

static void availability_put(struct fl_json_text *out, const struct fl_statement_line *line)
{
    FL_ASSERT(line->availability_count <= FL_AVAILABILITY_MAX);
    for (uint32_t i = 0; i < line->availability_count; i++) {
        fl_json_puts(out, i == 0 ? ",\"availability\":[{\"days\":" : ",{\"days\":");
        fl_json_put_unsigned(out, line->availability[i].days);
        decimal_put(out, ",\"amount\":", line->availability[i].amount);
        fl_json_putc(out, '}');
    }
    if (line->availability_count > 0)
        fl_json_putc(out, ']');
}

static bool is_money(struct fl_decimal amount, uint8_t currency)
{
    int64_t minor;
    return fl_decimal_scale(amount, fl_currency_exponent(currency), &minor) == FL_OK &&
           minor <= FL_AMOUNT_MAX && minor >= -FL_AMOUNT_MAX;
}

/* It has amounts, and all of them could be this line's currency. */
static bool has_advice(const struct fl_statement_line *line)
{
    bool any = false;
    for (uint32_t i = 0; i < line->references_count; i++) {
        const struct fl_statement_reference *reference = &line->references[i];
        bool given = reference->amount.state == FL_DECIMAL_VALUE;
        any |= given;
        if ((given && !is_money(reference->amount, line->currency)) ||
            (reference->discount.state == FL_DECIMAL_VALUE &&
             !is_money(reference->discount, line->currency)))
            return false;
    }
    return any && line->amount.units > 0;
}

/* What an advice says of documents with their amounts; what is taken off is negative. */
static void advice_put(struct fl_json_text *out, const struct fl_statement_line *line)
{
    const char *before = ",\"advice\":[{\"document\":";
    uint32_t count = 0;
    for (uint32_t i = 0; i < line->references_count && count < FL_ADVICE_MAX; i++) {
        const struct fl_statement_reference *reference = &line->references[i];
        struct fl_decimal amount = reference->amount;
        if (reference->kind == FL_REFERENCE_MANDATE || reference->text.length == 0 ||
            reference->text.length > REFERENCE_BYTES_MAX || amount.state != FL_DECIMAL_VALUE)
            continue;
        if (reference->credit_note && amount.units > 0)
            amount.units = -amount.units;
        fl_json_puts(out, before);
        fl_json_put_string(out, reference->text.at, reference->text.length);
        decimal_put(out, ",\"amount\":", amount);
        decimal_put(out, ",\"discount\":", reference->discount);
        fl_json_putc(out, '}');
        before = ",{\"document\":";
        count++;
    }
    if (count > 0)
        fl_json_putc(out, ']');
}

enum fl_status fl_statement_command_line(struct fl_statement_command *command,
                                         const struct fl_statement_line *line)
{
    struct fl_json_text *out = &command->lines;
    FL_ASSERT(command->line_count < FL_STATEMENT_LINES_MAX && line->booked);
    uint64_t which = occurrence(command, line);
    if (which == 0)
        return FL_NO_MEMORY;
    fl_json_puts(out, command->line_count++ ? ",{" : "{");
    FL_JSON_PUT(out, "\"occurrence\":");
    fl_json_put_unsigned(out, which);
    decimal_put(out, ",\"amount\":", line->amount);
    date_put(out, ",\"booking_date\":", line->booking_days);
    date_put(out, ",\"value_date\":", line->value_days);
    text_put(out, ",\"text\":", line->text, FL_TEXT_BYTES_MAX);
    text_put(out, ",\"bank_ref\":", line->bank_ref, 64);
    text_put(out, ",\"customer_ref\":", line->customer_ref, 64);
    text_put(out, ",\"end_to_end\":", line->end_to_end, 128);
    payer_put(out, line);
    decimal_put(out, ",\"charges\":", line->charges);
    availability_put(out, line);
    if (has_advice(line))
        advice_put(out, line);
    if (line->reversal)
        FL_JSON_PUT(out, ",\"reversal\":true");
    if (line->batch_parts > 1) {
        FL_JSON_PUT(out, ",\"batch\":");
        fl_json_put_unsigned(out, line->batch_part);
    }
    if (command->head.references)
        references_put(command, line);
    fl_json_putc(out, '}');
    fl_statement_total_add(&command->total, line->amount);
    return fl_json_text_is_whole(out) ? FL_OK : FL_NO_MEMORY;
}

/* Where the part closes: where the statement does, or opening and all lines so far. */
static bool part_closing(const struct fl_statement_command *command, bool last,
                         struct fl_decimal *out)
{
    *out = command->head.closing;
    if (last)
        return true;
    struct fl_statement_total total = command->total;
    *out = command->part_opening;
    if (command->head.opening.state != FL_DECIMAL_VALUE)
        return true;
    fl_statement_total_add(&total, command->head.opening);
    return fl_statement_total_read(total, out) == FL_OK;
}

void fl_statement_command_end(struct fl_statement_command *command,
                              const struct fl_statement *statement)
{
    command->whole = statement;
}

/* P6. A balance in another currency is none of the account's. */
static void whole_put(struct fl_json_text *out, const struct fl_statement *statement)
{
    const char *before = ",\"balances\":[";
    if (statement->pages > 1) {
        FL_JSON_PUT(out, ",\"pages\":");
        fl_json_put_unsigned(out, statement->pages < UINT16_MAX ? statement->pages : UINT16_MAX);
    }
    text_put(out, ",\"note\":", statement->note, FL_TEXT_BYTES_MAX);
    for (uint32_t i = 0; i < statement->balances_count; i++) {
        const struct fl_statement_balance *balance = &statement->balances[i];
        bool ours = balance->currency == statement->currency || balance->currency == 0;
        if (!ours || balance->code[0] == '\0' || balance->amount.state != FL_DECIMAL_VALUE)
            continue;
        fl_json_puts(out, before);
        before = ",";
        FL_JSON_PUT(out, "{\"code\":");
        fl_json_put_string(out, balance->code, strlen(balance->code));
        date_put(out, ",\"date\":", balance->date_days);
        decimal_put(out, ",\"amount\":", balance->amount);
        fl_json_putc(out, '}');
    }
    if (before[1] == '\0')
        fl_json_putc(out, ']');
}

const struct fl_json_text *fl_statement_command_finish(struct fl_statement_command *command,
                                                       bool last)
{
    struct fl_json_text *out = &command->command;
    const struct fl_statement_head *head = &command->head;
    struct fl_decimal closing;
    bool whole = last && command->part == 0;
    if (!part_closing(command, last, &closing))
        return NULL;
    command->part++;
    fl_json_text_clear(out);
    FL_JSON_PUT(out, "{\"type\":\"statement\",\"id\":");
    fl_json_put_string(out, head->id, strlen(head->id));
    FL_JSON_PUT(out, ",\"account\":");
    fl_json_put_string(out, head->account, strlen(head->account));
    FL_JSON_PUT(out, ",\"currency\":");
    fl_json_put_string(out, fl_currency_code(head->currency), 3);
    date_put(out, ",\"from\":", head->from_days);
    date_put(out, ",\"to\":", head->to_days);
    decimal_put(out, ",\"opening\":", command->part_opening);
    decimal_put(out, ",\"closing\":", closing);
    if (!whole) {
        FL_JSON_PUT(out, ",\"part\":");
        fl_json_put_unsigned(out, command->part);
        if (last) {
            FL_JSON_PUT(out, ",\"parts\":");
            fl_json_put_unsigned(out, command->part);
        }
    }
    if (last && command->whole)
        whole_put(out, command->whole);
    if (head->accept_unbalanced)
        FL_JSON_PUT(out, ",\"accept_unbalanced\":true");
    if (head->match_later)
        FL_JSON_PUT(out, ",\"match\":false");
    if (head->interim)
        FL_JSON_PUT(out, ",\"interim\":true");
    FL_JSON_PUT(out, ",\"lines\":[");
    fl_json_put(out, command->lines.bytes ? command->lines.bytes : "", command->lines.length);
    FL_JSON_PUT(out, "]}");
    command->part_opening = closing;
    command->line_count = 0;
    bool good = fl_json_text_grow(out, FL_JSON_PADDING) && fl_json_text_is_whole(out) &&
                fl_json_text_is_whole(&command->lines);
    fl_json_text_clear(&command->lines);
    return good ? out : NULL;
}
