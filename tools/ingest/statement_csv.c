#include "tools/ingest/statement_csv.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/utf8.h"
#include "tools/ingest/csv_group.h"
#include "tools/ingest/csv_layout.h"
#include "tools/ingest/csv_values.h"

#define SCRATCH_BYTES     (4 * FL_TEXT_BYTES_MAX)
#define ARENA_CHUNK_BYTES (1u << 20)

/* Lines kept to be given out last first. */
struct kept {
    struct fl_statement_line line;
    struct fl_statement_reference references[2];
};

struct chunk {
    struct chunk *before;
    size_t used;
    char bytes[ARENA_CHUNK_BYTES];
};

struct reader {
    struct fl_byte_source source;
    const struct fl_statement_sink *sink;
    struct fl_statement_summary *summary;
    struct fl_error *error;
    struct fl_csv_layout layout;
    struct fl_csv_group groups[FL_CSV_STATEMENTS_MAX];
    uint32_t groups_count, group_last;
    struct fl_csv_refusal refusal;
    /* Of the line in hand. */
    struct fl_statement_reference references[2];
    char scratch[SCRATCH_BYTES];
    size_t scratch_used;
    /* Of a statement that is turned round. */
    struct kept *kept;
    size_t kept_count;
    struct chunk *chunks;
};

static void refuse(struct reader *r, uint64_t line, enum fl_status code, const char *message)
{
    r->summary->refused++;
    if (r->sink->refused)
        r->sink->refused(r->sink->context, line, code, message);
}

static void warn(struct reader *r, uint64_t line, const char *message)
{
    r->summary->warnings++;
    if (r->sink->warning)
        r->sink->warning(r->sink->context, line, message);
}

/* ---- accounts ------------------------------------------------------------------------------- */

/* Copies without blanks; what is longer than an id is cut, and refused by whoever posts. */
static size_t account_copy(struct fl_slice account, char out[FL_ID_BYTES_MAX + 1])
{
    size_t used = 0;
    for (size_t i = 0; i < account.length && used < FL_ID_BYTES_MAX; i++) {
        if ((unsigned char)account.at[i] > ' ')
            out[used++] = account.at[i];
    }
    if (used == FL_ID_BYTES_MAX)
        used = fl_utf8_valid_prefix(out, used);
    out[used] = '\0';
    return used;
}

/* The group of the row; null where there are too many. */
static struct fl_csv_group *group_of(struct reader *r, const struct fl_csv_row *row)
{
    char account[FL_ID_BYTES_MAX + 1];
    if (account_copy(row->account, account) == 0)
        memcpy(account, r->layout.account, sizeof account);
    uint8_t currency = row->line.currency;
    for (uint32_t n = 0; n < r->groups_count; n++) {
        uint32_t i = (r->group_last + n) % r->groups_count;
        if (r->groups[i].currency != currency || strcmp(r->groups[i].account, account) != 0)
            continue;
        r->group_last = i;
        return &r->groups[i];
    }
    if (r->groups_count == FL_CSV_STATEMENTS_MAX)
        return NULL;
    struct fl_csv_group *group = &r->groups[r->groups_count];
    memset(group, 0, sizeof *group);
    memcpy(group->account, account, sizeof account);
    group->currency = currency;
    group->first_line = row->line.line;
    r->group_last = r->groups_count++;
    return group;
}

/* A row that names a balance mostly names no account: it is of the statement it stands in. */
static struct fl_csv_group *group_of_balance(struct reader *r, const struct fl_csv_row *row)
{
    if (row->account.length > 0 || r->groups_count == 0)
        return group_of(r, row);
    for (uint32_t n = 0; n < r->groups_count; n++) {
        uint32_t i = (r->group_last + n) % r->groups_count;
        if (r->groups[i].currency == row->line.currency)
            return &r->groups[i];
    }
    return group_of(r, row);
}

static enum fl_status row_survey(struct reader *r, const struct fl_csv_record *record)
{
    struct fl_csv_row row;
    fl_csv_row_read(&r->layout, record, &row);
    if (row.kind == FL_CSV_ROW_REFUSED)
        refuse(r, record->line, row.code, row.message);
    if (row.kind == FL_CSV_ROW_REMARK)
        warn(r, record->line, row.message);
    bool balance = row.kind == FL_CSV_ROW_OPENING || row.kind == FL_CSV_ROW_CLOSING;
    if (row.kind != FL_CSV_ROW_LINE && !balance)
        return FL_OK;
    struct fl_csv_group *group = balance ? group_of_balance(r, &row) : group_of(r, &row);
    if (!group)
        return FL_TOO_LONG;
    if (row.kind == FL_CSV_ROW_LINE)
        fl_csv_group_add(group, &row, fl_csv_record_bytes(record));
    else if (row.kind == FL_CSV_ROW_OPENING)
        group->named_opening = row.balance;
    else
        group->named_closing = row.balance;
    return FL_OK;
}

/* The second pass: what the statements say, and what of the file cannot be read (E3). */
static enum fl_status survey(struct reader *r)
{
    struct fl_csv_reader *csv;
    struct fl_csv_record record;
    struct fl_error reason = {.status = FL_OK};
    enum fl_status status;
    FL_TRY(fl_csv_layout_open(r->source, &r->layout, &csv, r->error));
    for (;;) {
        status = fl_csv_reader_next(csv, &record, &reason);
        if (status == FL_BAD_VALUE || status == FL_TOO_LONG) {
            refuse(r, record.line, status, "a quote that is not closed, or a record too long");
            continue;
        }
        if (status != FL_OK || record.count == 0)
            break;
        r->summary->bytes += fl_csv_record_bytes(&record);
        if (!fl_csv_layout_is_row(&r->layout, &record))
            continue;
        status = row_survey(r, &record);
        if (status != FL_OK)
            break;
    }
    fl_csv_reader_close(csv);
    if (status == FL_TOO_LONG) {
        r->groups_count = 0;
        refuse(r, record.line, status, "more than 64 accounts and currencies in one file");
        return FL_OK;
    }
    return status == FL_OK ? FL_OK : fl_error_set(r->error, status, "%s", reason.message);
}

/* ---- one line ------------------------------------------------------------------------------- */

/* A copy in the scratch, blanks collapsed; empty where no room is left (a line of nothing but
 * fields beyond their limits). */
static struct fl_slice cleaned(struct reader *r, struct fl_slice text, size_t most)
{
    char *to = r->scratch + r->scratch_used;
    size_t room = sizeof r->scratch - r->scratch_used;
    if (text.length > most)
        text.length = fl_utf8_valid_prefix(text.at, most);
    if (text.length == 0 || text.length > room)
        return fl_slice_of("", 0);
    memcpy(to, text.at, text.length);
    size_t length = fl_statement_text_clean(to, text.length);
    r->scratch_used += length;
    return fl_slice_of(to, length);
}

static struct fl_slice cleaned_account(struct reader *r, struct fl_slice text)
{
    struct fl_slice account = cleaned(r, text, FL_STATEMENT_FIELD_BYTES_MAX);
    char *to = r->scratch + (account.length ? (size_t)(account.at - r->scratch) : 0);
    size_t used = 0;
    for (size_t i = 0; i < account.length; i++) {
        if (account.at[i] != ' ')
            to[used++] = account.at[i];
    }
    account.length = used;
    return account;
}

static struct fl_slice cleaned_reference(struct reader *r, struct fl_slice text)
{
    struct fl_slice reference = cleaned(r, text, FL_STATEMENT_FIELD_BYTES_MAX);
    return fl_statement_is_filler(reference) ? fl_slice_of("", 0) : reference;
}

/* The text columns, with a blank between them. */
static struct fl_slice texts_join(struct reader *r, const struct fl_csv_record *record)
{
    const struct fl_csv_columns *columns = &r->layout.columns;
    char *to = r->scratch + r->scratch_used;
    size_t length = 0, room = sizeof r->scratch - r->scratch_used;
    room = room < 2 * FL_TEXT_BYTES_MAX ? room : 2 * FL_TEXT_BYTES_MAX;
    for (uint32_t i = 0; i < columns->texts_count && columns->texts[i] < record->count; i++) {
        struct fl_slice cell = fl_csv_trim(record->fields[columns->texts[i]]);
        if (cell.length == 0 || length + 1 >= room)
            continue;
        if (length > 0)
            to[length++] = ' ';
        if (cell.length > room - length)
            cell.length = fl_utf8_valid_prefix(cell.at, room - length);
        memcpy(to + length, cell.at, cell.length);
        length += cell.length;
    }
    length = fl_statement_text_clean(to, length);
    r->scratch_used += length;
    return fl_slice_of(to, length);
}

/* A column "Reference" holds one reference or a sentence ("Rest of INV-1"): of several words it is
 * text as well, and what is named in it is found. */
static struct fl_slice text_with_reference(struct reader *r, struct fl_slice text,
                                           struct fl_slice reference)
{
    size_t room = sizeof r->scratch - r->scratch_used, length = text.length + 1 + reference.length;
    if (!memchr(reference.at, ' ', reference.length) || length > room)
        return text;
    char *to = r->scratch + r->scratch_used;
    memcpy(to, text.at, text.length);
    to[text.length] = ' ';
    memcpy(to + text.length + 1, reference.at, reference.length);
    r->scratch_used += length;
    return text.length > 0 ? fl_slice_of(to, length) : fl_slice_of(to + 1, length - 1);
}

static void line_finish(struct reader *r, const struct fl_csv_record *record,
                        struct fl_csv_row *row)
{
    struct fl_statement_line *line = &row->line;
    uint32_t count = 0;
    r->scratch_used = 0;
    line->text = texts_join(r, record);
    line->bank_ref = cleaned_reference(r, line->bank_ref);
    line->customer_ref = cleaned_reference(r, line->customer_ref);
    line->text = text_with_reference(r, line->text, line->customer_ref);
    line->end_to_end = cleaned_reference(r, line->end_to_end);
    line->code = cleaned(r, line->code, FL_STATEMENT_FIELD_BYTES_MAX);
    line->payer_name = cleaned(r, line->payer_name, FL_STATEMENT_FIELD_BYTES_MAX);
    line->payer_account = cleaned_account(r, line->payer_account);
    struct fl_slice reference = cleaned_reference(r, row->reference);
    struct fl_slice mandate = cleaned_reference(r, row->mandate);
    memset(r->references, 0, sizeof r->references);
    if (reference.length > 0)
        r->references[count++] =
            (struct fl_statement_reference){.kind = FL_REFERENCE_CREDITOR, .text = reference};
    if (mandate.length > 0)
        r->references[count++] =
            (struct fl_statement_reference){.kind = FL_REFERENCE_MANDATE, .text = mandate};
    line->references = r->references;
    line->references_count = count;
    fl_statement_line_cut(line);
}

/* ---- turning round (E2) --------------------------------------------------------------------- */

static bool text_keep(struct reader *r, struct fl_slice *text)
{
    if (text->length == 0)
        return true;
    if (!r->chunks || r->chunks->used + text->length > ARENA_CHUNK_BYTES) {
        struct chunk *chunk = malloc(sizeof *chunk);
        if (!chunk)
            return false;
        chunk->before = r->chunks;
        chunk->used = 0;
        r->chunks = chunk;
    }
    char *to = r->chunks->bytes + r->chunks->used;
    memcpy(to, text->at, text->length);
    r->chunks->used += text->length;
    text->at = to;
    return true;
}

static enum fl_status line_keep(struct reader *r, const struct fl_statement_line *line)
{
    struct kept *kept = &r->kept[r->kept_count++];
    kept->line = *line;
    struct fl_slice *const texts[] = {
        &kept->line.text, &kept->line.bank_ref,   &kept->line.customer_ref, &kept->line.end_to_end,
        &kept->line.code, &kept->line.payer_name, &kept->line.payer_account};
    bool good = true;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        good = good && text_keep(r, texts[i]);
    for (uint32_t i = 0; good && i < line->references_count; i++) {
        kept->references[i] = line->references[i];
        good = text_keep(r, &kept->references[i].text);
    }
    kept->line.references = kept->references;
    return good ? FL_OK : FL_NO_MEMORY;
}

static void kept_free(struct reader *r)
{
    while (r->chunks) {
        struct chunk *before = r->chunks->before;
        free(r->chunks);
        r->chunks = before;
    }
    free(r->kept);
    r->kept = NULL;
    r->kept_count = 0;
}

static enum fl_status line_give(struct reader *r, struct fl_statement_line *line, uint32_t *n)
{
    line->n = ++*n;
    r->summary->lines++;
    r->summary->not_booked += !line->booked;
    return r->sink->line(r->sink->context, line);
}

/* ---- one statement -------------------------------------------------------------------------- */

static bool is_turned(struct reader *r, const struct fl_csv_group *group)
{
    if (!fl_csv_group_is_newest_first(group))
        return false;
    if (group->rows * sizeof(struct kept) + group->bytes <= FL_CSV_TURN_BYTES_MAX)
        return true;
    warn(r, group->first_line, "newest first and too long to be turned round");
    return false;
}

static enum fl_status lines_give(struct reader *r, struct fl_csv_group *group, bool turned)
{
    struct fl_csv_reader *csv;
    struct fl_csv_record record;
    enum fl_status status;
    uint32_t n = 0;
    FL_TRY(fl_csv_layout_open(r->source, &r->layout, &csv, r->error));
    for (;;) {
        struct fl_csv_row row;
        status = fl_csv_reader_next(csv, &record, r->error);
        if (status == FL_BAD_VALUE || status == FL_TOO_LONG)
            continue;
        if (status != FL_OK || record.count == 0)
            break;
        if (!fl_csv_layout_is_row(&r->layout, &record))
            continue;
        fl_csv_row_read(&r->layout, &record, &row);
        if (row.kind != FL_CSV_ROW_LINE || group_of(r, &row) != group)
            continue;
        if (turned && r->kept_count == group->rows) /* the file grew while it was read */
            break;
        line_finish(r, &record, &row);
        status = turned ? line_keep(r, &row.line) : line_give(r, &row.line, &n);
        if (status != FL_OK)
            break;
    }
    fl_csv_reader_close(csv);
    while (turned && status == FL_OK && r->kept_count > 0)
        status = line_give(r, &r->kept[--r->kept_count].line, &n);
    return status;
}

static void balance_set(struct fl_statement *s, struct fl_statement_balance *out, const char *code,
                        struct fl_decimal amount, uint16_t day)
{
    *out =
        (struct fl_statement_balance){.amount = amount, .date_days = day, .currency = s->currency};
    memcpy(out->code, code, strlen(code) + 1);
    if (amount.state == FL_DECIMAL_VALUE)
        s->balances[s->balances_count++] = *out;
}

static void statement_fill(const struct fl_csv_group *group, char id[24], struct fl_statement *out)
{
    *out = (struct fl_statement){.line = group->first_line,
                                 .kind = FL_STATEMENT_BOOKED,
                                 .account = fl_slice_of_text(group->account),
                                 .currency = group->currency,
                                 .from_days = group->from_days,
                                 .to_days = group->to_days};
    id[0] = '\0';
    if (group->from_days != FL_DATE_NONE) {
        fl_date_format(group->from_days, id);
        memcpy(id + 10, "..", 2);
        fl_date_format(group->to_days, id + 12);
    }
    out->id = fl_slice_of_text(id);
    balance_set(out, &out->opening, "OPBD", fl_csv_group_opening(group), group->from_days);
    balance_set(out, &out->closing, "CLBD", fl_csv_group_closing(group), group->to_days);
}

/* E1. */
static void chain_judge(struct reader *r, const struct fl_csv_group *group, struct fl_statement *s)
{
    char message[120];
    struct fl_csv_chain chain = fl_csv_group_chain(group);
    if (chain.breaks == 0)
        return;
    s->balanced = false;
    snprintf(message, sizeof message,
             "the balance does not follow from the row before (%llu such rows in the statement)",
             (unsigned long long)chain.breaks);
    warn(r, chain.first_break_line, message);
}

static enum fl_status statement_give(struct reader *r, struct fl_csv_group *group)
{
    struct fl_statement statement;
    char id[24];
    bool turned = is_turned(r, group);
    statement_fill(group, id, &statement);
    if (turned) {
        r->kept = malloc(group->rows * sizeof *r->kept);
        if (!r->kept)
            return fl_error_set(r->error, FL_NO_MEMORY, "%s: no memory", r->source.name);
    }
    r->summary->statements++;
    enum fl_status status = r->sink->begin(r->sink->context, &statement);
    if (status == FL_OK)
        status = lines_give(r, group, turned);
    kept_free(r);
    FL_TRY(status);
    statement.lines = group->lines;
    statement.not_booked = group->not_booked;
    statement.pages = 1;
    fl_statement_close(&statement, group->sum);
    chain_judge(r, group, &statement);
    return r->sink->end(r->sink->context, &statement);
}

static void currency_warn(struct reader *r)
{
    char message[100];
    const struct fl_csv_layout *layout = &r->layout;
    if (!layout->currency_assumed || layout->currency == FL_CURRENCY_NONE ||
        layout->columns.of[FL_CSV_CURRENCY] >= 0 || r->groups_count == 0 ||
        r->groups[0].currency != layout->currency)
        return;
    snprintf(message, sizeof message,
             "the file names no currency: %s, the book's, is assumed (the profile's \"currency\")",
             fl_currency_code(layout->currency));
    warn(r, layout->heading_line, message);
}

static enum fl_status read_all(struct reader *r, const struct fl_statement_profile *profile)
{
    FL_TRY(fl_csv_layout_find(r->source, profile, &r->layout, &r->refusal, r->error));
    if (r->refusal.line > 0) {
        refuse(r, r->refusal.line, FL_BAD_VALUE, r->refusal.message);
        return FL_OK;
    }
    FL_TRY(survey(r));
    if (r->groups_count == 0 && r->summary->refused == 0)
        warn(r, r->layout.heading_line, "no rows");
    uint32_t count = r->groups_count;
    currency_warn(r);
    for (uint32_t i = 0; i < count; i++)
        FL_TRY(statement_give(r, &r->groups[i]));
    return FL_OK;
}

enum fl_status fl_statement_csv_read(struct fl_byte_source source,
                                     const struct fl_statement_profile *profile,
                                     const struct fl_statement_sink *sink,
                                     struct fl_statement_summary *summary, struct fl_error *error)
{
    if (!source.rewind)
        return fl_error_set(error, FL_UNSUPPORTED, "%s: a CSV has to be read more than once",
                            source.name);
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        return fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    r->source = source;
    r->sink = sink;
    r->summary = summary;
    r->error = error;
    enum fl_status status = read_all(r, profile);
    free(r);
    return status;
}
