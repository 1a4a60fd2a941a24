#include "tools/cli/import_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/domain/state.h"
#include "tools/cli/cli.h"
#include "tools/cli/import_account.h"
#include "tools/cli/import_internal.h"
#include "tools/cli/import_payout.h"
#include "tools/cli/import_suspect.h"
#include "tools/format/result_json.h"

/* ---- facts ---------------------------------------------------------------------------------- */

static void *grown(void *array, uint32_t count, uint32_t *capacity, size_t element_bytes)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? *capacity * 2 : 16;
    void *moved = realloc(array, *capacity * element_bytes);
    FL_ASSERT(moved != NULL); /* bounded: a few hundred bytes a statement of the file */
    return moved;
}

void fl_import_note_add(struct fl_import_file *file, uint64_t line, enum fl_status code,
                        const char *message)
{
    if (code == FL_OK)
        file->warnings++;
    else
        file->refused++;
    if (file->note_count == FL_IMPORT_NOTES_MAX)
        return;
    file->notes = grown(file->notes, file->note_count, &file->note_capacity, sizeof *file->notes);
    struct fl_import_note *note = &file->notes[file->note_count++];
    *note = (struct fl_import_note){.line = line, .code = code};
    snprintf(note->message, sizeof note->message, "%s", message);
}

struct fl_import_statement *fl_import_statement_add(struct fl_import_file *file)
{
    file->statements = grown(file->statements, file->statement_count, &file->statement_capacity,
                             sizeof *file->statements);
    struct fl_import_statement *new = &file->statements[file->statement_count++];
    memset(new, 0, sizeof *new);
    return new;
}

void fl_import_file_free(struct fl_import_file *file)
{
    free(file->statements);
    free(file->notes);
    memset(file, 0, sizeof *file);
}

/* False if it is longer than an id may be. */
static bool id_copy(char out[FL_ID_BYTES_MAX + 1], struct fl_slice text)
{
    if (text.length > FL_ID_BYTES_MAX)
        return false;
    if (text.length > 0) /* an empty slice may point nowhere */
        memcpy(out, text.at, text.length);
    out[text.length] = '\0';
    return true;
}

/* The bank's name for the statement; where it has none its number, else its last day. */
static void statement_name(const struct fl_statement *statement, char out[FL_ID_BYTES_MAX + 1])
{
    struct fl_slice id = statement->id.length > 0 ? statement->id : statement->sequence;
    if (id.length > FL_ID_BYTES_MAX)
        id.length = FL_ID_BYTES_MAX;
    while (id.length > 0 && id.length == FL_ID_BYTES_MAX &&
           ((unsigned char)id.at[id.length - 1] & 0x80))
        id.length--;
    (void)id_copy(out, id);
    if (id.length == 0)
        fl_date_format(statement->to_days ? statement->to_days : 1, out);
}

/* ---- the first reading ---------------------------------------------------------------------- */

static enum fl_status look_begin(void *context, const struct fl_statement *statement)
{
    struct fl_import *import = context;
    struct fl_import_file *file = import->file;
    if (file->statement_count == FL_IMPORT_STATEMENTS_MAX)
        return fl_error_set(&import->error, FL_UNREADABLE,
                            "%s: line %" PRIu64 ": more than %u statements in one file", file->path,
                            statement->line, FL_IMPORT_STATEMENTS_MAX);
    fl_import_statement_add(file)->line = statement->line;
    return FL_OK;
}

static enum fl_status look_line(void *context, const struct fl_statement_line *line)
{
    struct fl_import *import = context;
    struct fl_import_file *file = import->file;
    struct fl_import_statement *facts = &file->statements[file->statement_count - 1];
    if (line->reversal && line->booked)
        fl_statement_total_add(&facts->reversals, line->amount);
    fl_import_progress_line(&import->progress);
    return FL_OK;
}

static enum fl_status look_end(void *context, const struct fl_statement *statement)
{
    struct fl_import *import = context;
    struct fl_import_file *file = import->file;
    struct fl_import_statement *facts = &file->statements[file->statement_count - 1];
    struct fl_statement_head *head = &facts->head;
    facts->kind = statement->kind;
    head->currency = statement->currency ? statement->currency : import->profile.currency;
    head->from_days = statement->from_days;
    head->to_days = statement->to_days;
    head->opening = statement->opening.amount;
    head->closing = statement->closing.amount;
    head->references = head->match_later = true;
    facts->sum = statement->sum;
    facts->difference = statement->difference;
    facts->lines = statement->lines;
    facts->not_booked = statement->not_booked;
    facts->balanced = statement->balanced;
    facts->begins_interim = statement->begins_interim;
    facts->page_missing = statement->page_missing;
    facts->goes_on = statement->goes_on;
    statement_name(statement, head->id);
    if (!id_copy(head->account, statement->account))
        fl_import_note_add(file, statement->line, FL_TOO_LONG,
                           "account number of more than 64 bytes");
    fl_import_account_settle(fl_host_engine(import->host), head->account);
    if (strcmp(head->account, file->statements[0].head.account) != 0)
        file->several_accounts = true;
    return FL_OK;
}

static void look_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    struct fl_import *import = context;
    fl_import_note_add(import->file, line, code, message);
}

static void look_warning(void *context, uint64_t line, const char *message)
{
    struct fl_import *import = context;
    fl_import_note_add(import->file, line, FL_OK, message);
}

/* ---- the decision (F1 to F3, F5) ---------------------------------------------------------------- */

#define HINT(facts, ...) snprintf((facts)->hint, sizeof(facts)->hint, __VA_ARGS__)

/* --account, else the profile's; null: neither. */
const char *fl_import_account(const struct fl_import *import)
{
    if (import->options.account)
        return import->options.account;
    return import->profile.account[0] ? import->profile.account : NULL;
}

/* "{currency}" in it stands for the statement's: a file of several has an account for each. */
static void account_name(const char *given, uint8_t currency, char out[FL_ID_BYTES_MAX + 1])
{
    static const char mark[] = "{currency}";
    const char *at = strstr(given, mark);
    if (!at) {
        snprintf(out, FL_ID_BYTES_MAX + 1, "%s", given);
        return;
    }
    snprintf(out, FL_ID_BYTES_MAX + 1, "%.*s%s%s", (int)(at - given), given,
             fl_currency_code(currency), at + sizeof mark - 1);
}

/* A person's word goes before the file's, which is told once a file. */
static void account_warn(struct fl_import *import, const struct fl_import_statement *facts,
                         const char *given)
{
    char message[256], wanted[FL_ID_BYTES_MAX + 1];
    if (facts != import->file->statements || facts->head.account[0] == '\0')
        return;
    account_name(given, facts->head.currency, wanted);
    fl_import_account_settle(fl_host_engine(import->host), wanted);
    if (import->file->several_accounts)
        snprintf(message, sizeof message,
                 "the file names several accounts: %s is taken for none of them", wanted);
    else
        snprintf(message, sizeof message, "the file says account %s: %s is taken, as was told",
                 facts->head.account, wanted);
    if (import->file->several_accounts || strcmp(facts->head.account, wanted) != 0)
        fl_import_note_add(import->file, facts->line, FL_OK, message);
}

static bool account_settle(struct fl_import *import, struct fl_import_statement *facts)
{
    const char *given = fl_import_account(import);
    char *account = facts->head.account;
    if (given)
        account_warn(import, facts, given);
    if (given && (account[0] == '\0' || !import->file->several_accounts))
        account_name(given, facts->head.currency, account);
    fl_import_account_settle(fl_host_engine(import->host), account);
    if (account[0] != '\0')
        return true;
    HINT(facts, "the file does not say whose account it is: --account ID or the profile's "
                "\"account\" says it");
    return false;
}

/* F5: the sum with the reversals turned round. */
static void reversals_settle(struct fl_import *import, struct fl_import_statement *facts)
{
    struct fl_engine *engine = fl_host_engine(import->host);
    const struct fl_store *store = fl_engine_store(engine);
    enum fl_statement_format format = import->file->format;
    uint32_t row = fl_engine_find(engine, FL_KIND_OF_BANK_ACCOUNT, facts->head.account,
                                  strlen(facts->head.account));
    if (row == FL_NO_ROW || import->profile.reversal_flips != FL_PROFILE_UNSAID)
        return;
    uint8_t says = fl_bank_account_live(store, row)->reversal_flips;
    bool turns = format == FL_FORMAT_CAMT ? says == FL_REVERSAL_FLIPS
                 : format == FL_FORMAT_MT940 || format == FL_FORMAT_BANK_CSV ||
                         format == FL_FORMAT_TEXT
                     ? says == FL_REVERSAL_KEEPS
                     : false;
    facts->reversals_turned = turns;
    if (!turns || facts->reversals.units == 0)
        return;
    struct fl_statement_total sum = {0}, closing = {0};
    fl_statement_total_add(&sum, facts->sum);
    sum.units -= 2 * facts->reversals.units;
    bool checked = facts->difference.state == FL_DECIMAL_VALUE;
    fl_statement_total_add(&closing, facts->difference);
    closing.units += 2 * facts->reversals.units;
    if (fl_statement_total_read(sum, &facts->sum) != FL_OK ||
        (checked && fl_statement_total_read(closing, &facts->difference) != FL_OK))
        return;
    facts->balanced = checked && facts->difference.units == 0;
}

/* "opening and lines do not come to the closing balance, 1.00 is missing" */
static void difference_hint(struct fl_import_statement *facts)
{
    unsigned decimals = fl_currency_exponent(facts->head.currency);
    char amount[48];
    int64_t minor;
    if (facts->difference.units == 0 ||
        fl_decimal_scale(facts->difference, decimals, &minor) != FL_OK) {
        HINT(facts, "the balances do not follow from row to row");
        return;
    }
    fl_decimal_format(minor < 0 ? -minor : minor, decimals, amount);
    HINT(facts, "opening and lines do not come to the closing balance, %s is %s", amount,
         minor < 0 ? "too much" : "missing");
}

static bool balance_settle(struct fl_import *import, struct fl_import_statement *facts)
{
    if (facts->balanced || facts->difference.state != FL_DECIMAL_VALUE)
        return true;
    facts->head.accept_unbalanced = import->options.accept_unbalanced;
    import->file->flagged = true;
    difference_hint(facts);
    size_t used = strlen(facts->hint);
    if (!import->options.accept_unbalanced)
        snprintf(facts->hint + used, sizeof facts->hint - used,
                 ": --accept-unbalanced posts it all the same");
    return import->options.accept_unbalanced;
}

/* Without both balances nothing shows that all lines are there. Formats that never have both say
 * nothing by it. */
static void unchecked_hint(const struct fl_import_file *file, struct fl_import_statement *facts)
{
    bool both = file->format == FL_FORMAT_CAMT || file->format == FL_FORMAT_MT940;
    bool opening = facts->head.opening.state == FL_DECIMAL_VALUE;
    bool closing = facts->head.closing.state == FL_DECIMAL_VALUE;
    bool whole = facts->kind == FL_STATEMENT_BOOKED; /* interim reports need none */
    if (both && whole && facts->post && !(opening && closing) && facts->hint[0] == '\0')
        HINT(facts, "not checked: the file has no %s",
             opening   ? "closing balance"
             : closing ? "opening balance"
                       : "balances");
}

/* F3: whether there is something to post. */
static bool interim_settle(const struct fl_import_file *file, struct fl_import_statement *facts)
{
    bool says = file->format == FL_FORMAT_CAMT;
    facts->head.interim = true;
    facts->head.opening = facts->head.closing = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
    if (says && facts->lines > facts->not_booked)
        return true;
    HINT(facts, "%s: the statement of the day books it",
         !says                                    ? "an interim report (MT942, BAI2) does not say what is booked"
         : facts->kind == FL_STATEMENT_NOTICE ? "a notice (camt.054) without a booked entry"
                                              : "an interim report (camt.052) without a booked entry");
    return false;
}

static void statement_decide(struct fl_import *import, struct fl_import_statement *facts)
{
    struct fl_import_file *file = import->file;
    if (facts->kind != FL_STATEMENT_BOOKED && !interim_settle(file, facts))
        return;
    facts->post = true;
    if (facts->head.currency == FL_CURRENCY_NONE) {
        HINT(facts, "the file does not say the account's currency: the profile's \"currency\" or "
                    "an account that is known says it");
        facts->post = false;
    }
    facts->post &= account_settle(import, facts);
    reversals_settle(import, facts);
    if (facts->kind == FL_STATEMENT_BOOKED)
        facts->post &= balance_settle(import, facts);
    if (file->refused > 0 && !import->options.skip_bad) {
        HINT(facts, "%" PRIu64 " record%s could not be read: --skip-bad posts the others",
             file->refused, file->refused == 1 ? "" : "s");
        facts->post = false;
    }
    unchecked_hint(file, facts);
    file->flagged |= !facts->post;
}

#define PAGES_LOOKED 64 /* statements of the account back: a page may come again later */

/* The newest statement of the account that is no interim report; FL_NO_ROW. */
static uint32_t last_statement(struct fl_import *import, const char *account)
{
    const struct fl_store *store = fl_engine_store(fl_host_engine(import->host));
    uint32_t row = fl_engine_find(fl_host_engine(import->host), FL_KIND_OF_BANK_ACCOUNT, account,
                                  strlen(account));
    if (row == FL_NO_ROW)
        return FL_NO_ROW;
    row = fl_bank_account_live(store, row)->last_statement;
    while (row != FL_NO_ROW && fl_statement_live(store, row)->interim)
        row = fl_statement_card(store, row)->prev_of_account;
    return row;
}

/* What the account closed with before: by the statement before in the file, else by the last one
 * booked. False: there is none, or it does not come before. */
static bool closing_before(struct fl_import *import, const struct fl_import_statement *facts,
                           struct fl_import_gap *out)
{
    const struct fl_import_file *file = import->file;
    const struct fl_store *store = fl_engine_store(fl_host_engine(import->host));
    for (const struct fl_import_statement *s = facts; s > file->statements;) {
        s--;
        if (s->kind != FL_STATEMENT_BOOKED || strcmp(s->head.account, facts->head.account) != 0)
            continue;
        out->in_file = true;
        out->before = (uint32_t)(s - file->statements);
        return s->head.currency == facts->head.currency &&
               s->head.to_days <= facts->head.from_days &&
               s->head.closing.state == FL_DECIMAL_VALUE &&
               fl_decimal_scale(s->head.closing, fl_currency_exponent(s->head.currency),
                                &out->closing_minor) == FL_OK;
    }
    out->before = last_statement(import, facts->head.account);
    if (out->before == FL_NO_ROW)
        return false;
    const struct fl_statement_card *card = fl_statement_card(store, out->before);
    out->closing_minor = card->closing_minor;
    return (card->opening_given || card->closing_given) && card->to_date < facts->head.from_days;
}

/* Whether the page before, in this file or booked last, closed where the statement opens; the days
 * say nothing, they are the same. */
static bool page_follows(struct fl_import *import, const struct fl_import_statement *facts)
{
    const struct fl_store *store = fl_engine_store(fl_host_engine(import->host));
    const struct fl_statement_head *head = &facts->head;
    unsigned exponent = fl_currency_exponent(head->currency);
    int64_t opening, closing;
    if (head->opening.state != FL_DECIMAL_VALUE ||
        fl_decimal_scale(head->opening, exponent, &opening) != FL_OK)
        return false;
    for (const struct fl_import_statement *s = facts; s > import->file->statements;) {
        s--;
        if (strcmp(s->head.account, head->account) == 0)
            return s->head.closing.state == FL_DECIMAL_VALUE &&
                   fl_decimal_scale(s->head.closing, exponent, &closing) == FL_OK &&
                   closing == opening;
    }
    uint32_t row = last_statement(import, head->account);
    for (unsigned n = 0; row != FL_NO_ROW && n < PAGES_LOOKED; n++) {
        const struct fl_statement_card *card = fl_statement_card(store, row);
        if (card->closing_given && card->closing_minor == opening)
            return true;
        row = card->prev_of_account;
    }
    return false;
}

static void page_note(struct fl_import *import, struct fl_import_statement *facts)
{
    if (facts->kind != FL_STATEMENT_BOOKED)
        return;
    bool missing = facts->page_missing || (facts->begins_interim && !page_follows(import, facts));
    import->file->flagged |= missing;
    if ((missing || facts->goes_on) && facts->hint[0] == '\0')
        HINT(facts, "%s",
             missing ? "a page of this statement is missing" : "its next page is not in this file");
}

/* Where it is not given, what closing and lines make it. */
static bool opening_minor(const struct fl_import_statement *facts, int64_t *out)
{
    const struct fl_statement_head *head = &facts->head;
    unsigned exponent = fl_currency_exponent(head->currency);
    int64_t closing, sum;
    if (head->opening.state == FL_DECIMAL_VALUE)
        return fl_decimal_scale(head->opening, exponent, out) == FL_OK;
    return head->closing.state == FL_DECIMAL_VALUE &&
           fl_decimal_scale(head->closing, exponent, &closing) == FL_OK &&
           fl_decimal_scale(facts->sum, exponent, &sum) == FL_OK &&
           !__builtin_sub_overflow(closing, sum, out);
}

/* A statement that does not open where the one before closed: one between them may be missing. */
static void gap_look(struct fl_import *import, struct fl_import_statement *facts)
{
    int64_t opening;
    facts->gap.seen = facts->post && opening_minor(facts, &opening) &&
                      closing_before(import, facts, &facts->gap) &&
                      opening != facts->gap.closing_minor;
}

/* F5, once it is known what of it was new. */
static void gap_tell(struct fl_import *import, const struct fl_import_statement *facts)
{
    const struct fl_store *store = fl_engine_store(fl_host_engine(import->host));
    const struct fl_import_gap *gap = &facts->gap;
    char message[160], before[32], now[32];
    int64_t opening;
    if (!gap->seen || facts->known > facts->told || !opening_minor(facts, &opening))
        return;
    unsigned exponent = fl_currency_exponent(facts->head.currency);
    const char *id = gap->in_file ? import->file->statements[gap->before].head.id : NULL;
    size_t id_length = id ? strlen(id) : 0;
    if (!id) {
        struct fl_text_ref ref = fl_statement_card(store, gap->before)->id;
        id = fl_text_get(store, FL_TABLE_text, ref);
        id_length = ref.length;
    }
    fl_decimal_format(gap->closing_minor, exponent, before);
    fl_decimal_format(opening, exponent, now);
    snprintf(message, sizeof message, "opens with %s, %.*s closed with %s: a statement is missing",
             now, (int)id_length, id, before);
    fl_import_note_add(import->file, facts->line, FL_OK, message);
}

/* ---- the second reading --------------------------------------------------------------------- */

static int64_t result_number(const struct fl_result *result, enum fl_result_name name)
{
    const struct fl_result_field *field = fl_result_find(result, name);
    return field ? field->value : 0;
}

static void rate_hint(struct fl_import_statement *facts)
{
    if (facts->no_rate > 0)
        HINT(facts, "%u line%s for a rate of %s: fx_rate posts them", facts->no_rate,
             facts->no_rate == 1 ? " waits" : "s wait",
             fl_currency_code(facts->head.currency));
}

/* Lines that were known and wait for a rate since they came first: the account's of these days. The engine has nothing
 * to do just now. */
static void known_waiting_settle(struct fl_import *import, struct fl_import_statement *facts)
{
    const struct fl_store *store = fl_engine_store(fl_host_engine(import->host));
    uint32_t account = fl_engine_find(fl_host_engine(import->host), FL_KIND_OF_BANK_ACCOUNT,
                                      facts->head.account, strlen(facts->head.account));
    if (facts->payout || !facts->posted || facts->known == 0 || account == FL_NO_ROW)
        return;
    const struct fl_bank_account_live *live = fl_bank_account_live(store, account);
    uint32_t line = live->waiting_first;
    for (uint32_t n = 0; n < live->waiting_count && facts->no_rate < facts->known; n++) {
        uint16_t day = fl_statement_line_card(store, line)->booking_date;
        facts->no_rate += day >= facts->head.from_days && day <= facts->head.to_days;
        line = fl_statement_line_live(store, line)->target;
    }
    facts->posted = facts->no_rate == 0;
    rate_hint(facts);
}

static void answer(struct fl_import *import, const struct fl_result *result)
{
    struct fl_import_file *file = import->file;
    struct fl_import_statement *facts = &file->statements[result->tag];
    char message[256];
    enum fl_status_class class = fl_status_class(result->status);
    if (facts->payout && (class == FL_CLASS_ACCEPTED || class == FL_CLASS_DUPLICATE)) {
        facts->posted = true;
        facts->added = class == FL_CLASS_ACCEPTED ? facts->lines : 0;
        facts->known = facts->lines - facts->added;
        return;
    }
    if (class == FL_CLASS_ACCEPTED || class == FL_CLASS_DUPLICATE) {
        facts->known += (uint32_t)result_number(result, FL_RESULT_KNOWN);
        facts->told += (uint32_t)result_number(result, FL_RESULT_TOLD);
        if (class == FL_CLASS_ACCEPTED) {
            facts->added += (uint32_t)result_number(result, FL_RESULT_NEW);
            facts->matched += (uint32_t)result_number(result, FL_RESULT_MATCHED);
            facts->no_rate += (uint32_t)result_number(result, FL_RESULT_WAITING);
        }
        facts->posted = facts->no_rate == 0;
        rate_hint(facts);
        return;
    }
    fl_result_message(result, message, sizeof message);
    fl_import_note_add(file, facts->line, result->status, message);
    HINT(facts, "refused: %.180s", message);
    facts->posted = false; /* of parts nothing is, where one is missing */
    file->flagged = true;
}

void fl_import_drain(struct fl_import *import, bool all)
{
    const struct fl_result *result;
    while (import->producer && (result = fl_producer_receive(import->producer, all)) != NULL)
        answer(import, result);
}

static enum fl_status command_send(struct fl_import *import, struct fl_command *command)
{
    enum fl_status status;
    if (!import->producer) {
        struct fl_result result;
        enum fl_status decided =
            fl_engine_apply(fl_host_engine(import->host), command, &result, NULL);
        FL_ASSERT(decided == (enum fl_status)result.status);
        uint32_t job = fl_engine_job_of(fl_host_engine(import->host), command, decided);
        FL_TRY(fl_engine_run_jobs(fl_host_engine(import->host), NULL));
        if (job != 0)
            fl_engine_job_answer(fl_host_engine(import->host), job, &result);
        result.tag = import->at - 1;
        answer(import, &result);
        return FL_OK;
    }
    while ((status = fl_producer_send(import->producer, command, import->at - 1)) == FL_BUSY)
        fl_import_drain(import, false);
    fl_import_drain(import, false);
    return status;
}

enum fl_status fl_import_send(struct fl_import *import, const struct fl_json_text *json)
{
    struct fl_command *command;
    struct fl_import_statement *facts = &import->file->statements[import->at - 1];
    import->reader.now_us = fl_cli_now_us();
    enum fl_status status =
        fl_command_json_read(&import->reader, json->bytes, json->length, &command);
    if (status == FL_OK)
        return command_send(import, command);
    char message[320];
    snprintf(message, sizeof message, "%s: %s %s", facts->head.id, import->reader.path,
             import->reader.value);
    fl_import_note_add(import->file, facts->line, status, message);
    HINT(facts, "refused: %s", fl_status_name(status));
    import->file->flagged = true;
    return FL_OK;
}

static enum fl_status part_send(struct fl_import *import, bool last)
{
    const struct fl_json_text *json = fl_statement_command_finish(&import->command, last);
    return json ? fl_import_send(import, json) : FL_NO_MEMORY;
}

static struct fl_import_statement *posting(struct fl_import *import)
{
    struct fl_import_statement *facts = &import->file->statements[import->at - 1];
    return facts->post ? facts : NULL;
}

static enum fl_status post_begin(void *context, const struct fl_statement *statement)
{
    struct fl_import *import = context;
    (void)statement;
    import->at++;
    FL_ASSERT(import->at <= import->file->statement_count); /* equal bytes, equal statements */
    struct fl_import_statement *facts = posting(import);
    if (facts)
        fl_statement_command_begin(&import->command, &facts->head);
    return FL_OK;
}

static enum fl_status post_line(void *context, const struct fl_statement_line *line)
{
    struct fl_import *import = context;
    fl_import_progress_line(&import->progress);
    if (!posting(import) || !line->booked)
        return FL_OK;
    if (fl_statement_command_is_full(&import->command, line))
        FL_TRY(part_send(import, false));
    struct fl_statement_line turned = *line;
    if (line->reversal && posting(import)->reversals_turned)
        turned.amount.units = -line->amount.units;
    return fl_statement_command_line(&import->command, &turned);
}

static enum fl_status post_end(void *context, const struct fl_statement *statement)
{
    struct fl_import *import = context;
    if (!posting(import))
        return FL_OK;
    fl_statement_command_end(&import->command, statement);
    return part_send(import, true);
}

/* ---- one file ------------------------------------------------------------------------------- */

static bool rewound(struct fl_byte_source source)
{
    return source.rewind && source.rewind(source.context);
}

static enum fl_status file_post(struct fl_import *import, struct fl_byte_source source,
                                struct fl_error *error)
{
    struct fl_statement_summary summary;
    const struct fl_statement_sink post = {
        .context = import, .begin = post_begin, .line = post_line, .end = post_end};
    bool any = false;
    for (uint32_t i = 0; i < import->file->statement_count; i++)
        any |= import->file->statements[i].post;
    if (!any)
        return FL_OK;
    if (!rewound(source))
        return fl_error_set(error, FL_UNREADABLE, "%s cannot be read twice", source.name);
    import->at = 0;
    fl_import_progress_begin(&import->progress, source.name, "booking", import->progress.lines);
    enum fl_status status =
        fl_statement_read_profile(source, &import->profile, &post, &summary, NULL, error);
    fl_import_drain(import, true);
    for (uint32_t i = 0; i < import->file->statement_count; i++)
        known_waiting_settle(import, &import->file->statements[i]);
    fl_import_progress_end(&import->progress);
    return status;
}

static void file_begin(struct fl_import *import, const char *path, struct fl_import_file *file)
{
    memset(file, 0, sizeof *file);
    file->path = path;
    file->profile = &import->profile;
    import->file = file;
}

void fl_import_file_refuse(struct fl_import *import, const char *path, const struct fl_error *error,
                           struct fl_import_file *file)
{
    file_begin(import, path, file);
    fl_import_note_add(file, 0, error->status, error->message);
    file->flagged = true;
}

enum fl_status fl_import_file_run(struct fl_import *import, struct fl_byte_source source,
                                  struct fl_import_file *file, struct fl_error *error)
{
    struct fl_statement_summary summary;
    const struct fl_statement_sink look = {.context = import,
                                           .begin = look_begin,
                                           .line = look_line,
                                           .end = look_end,
                                           .refused = look_refused,
                                           .warning = look_warning};
    file_begin(import, source.name, file);
    if (fl_import_payout_is(import, source))
        return fl_import_payout_run(import, source, error);
    fl_import_progress_begin(&import->progress, source.name, "reading", 0);
    enum fl_status status =
        fl_statement_read_profile(source, &import->profile, &look, &summary, &file->format, error);
    fl_import_progress_end(&import->progress);
    if (status != FL_OK && error->status == FL_OK)
        *error = import->error; /* the sink's */
    for (uint32_t i = 0; status == FL_OK && i < file->statement_count; i++)
        statement_decide(import, &file->statements[i]);
    for (uint32_t i = 0; status == FL_OK && i < file->statement_count; i++) {
        page_note(import, &file->statements[i]);
        gap_look(import, &file->statements[i]);
    }
    if (status == FL_OK && fl_import_suspects_wanted(file) && rewound(source))
        status = fl_import_suspects_find(file, source, error);
    if (status == FL_OK)
        status = file_post(import, source, error);
    for (uint32_t i = 0; i < file->statement_count; i++)
        gap_tell(import, &file->statements[i]);
    if (status != FL_OK)
        fl_import_note_add(file, 0, status, error->message);
    file->flagged |= file->refused > 0;
    return status;
}

/* A file that names no currency is in that of the account it was said to be of. */
static void profile_settle(struct fl_import *import)
{
    if (import->options.profile)
        import->profile = *import->options.profile;
    import->profile.currency_default =
        fl_book_settings(fl_engine_store(fl_host_engine(import->host)), 0)->base_currency;
    const char *given = fl_import_account(import);
    char account[FL_ID_BYTES_MAX + 1];
    if (!given || import->profile.currency != FL_CURRENCY_NONE)
        return;
    struct fl_engine *engine = fl_host_engine(import->host);
    snprintf(account, sizeof account, "%s", given);
    fl_import_account_settle(engine, account);
    uint32_t row = fl_engine_find(engine, FL_KIND_OF_BANK_ACCOUNT, account, strlen(account));
    if (row != FL_NO_ROW)
        import->profile.currency = fl_bank_account_live(fl_engine_store(engine), row)->currency;
}

enum fl_status fl_import_open(struct fl_import *import, struct fl_host *host,
                              const struct fl_import_options *options)
{
    const struct fl_book_settings *book =
        fl_book_settings(fl_engine_store(fl_host_engine(host)), 0);
    memset(import, 0, sizeof *import);
    import->options = *options;
    import->host = host;
    profile_settle(import);
    fl_import_progress_init(&import->progress);
    FL_TRY(fl_statement_command_open(&import->command));
    FL_TRY(fl_command_json_open(&import->reader, book->time_zone, book->time_zone_length));
    return options->dry_run ? FL_OK : fl_producer_open(host, &import->producer);
}

void fl_import_close(struct fl_import *import)
{
    if (import->producer)
        fl_producer_close(import->producer);
    fl_json_text_free(&import->payout);
    fl_command_json_close(&import->reader);
    fl_statement_command_close(&import->command);
}
