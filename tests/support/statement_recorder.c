#include "tests/support/statement_recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"

static void keep(char *to, size_t room, struct fl_slice text)
{
    size_t n = text.length < room - 1 ? text.length : room - 1;
    if (n > 0)
        memcpy(to, text.at, n);
    to[n] = '\0';
}
#define KEEP(field, slice) keep(field, sizeof(field), slice)

static void keep_amount(char out[24], struct fl_decimal amount)
{
    if (amount.state == FL_DECIMAL_VALUE)
        fl_decimal_format(amount.units, amount.scale, out);
    else
        strcpy(out, "-");
}

static void keep_date(char out[11], uint16_t days)
{
    if (days == FL_DATE_NONE)
        strcpy(out, "none");
    else
        fl_date_format(days, out);
}

static void keep_statement(struct recorded_statement *out, const struct fl_statement *s)
{
    out->line = s->line;
    out->kind = (int)s->kind;
    KEEP(out->account, s->account);
    KEEP(out->id, s->id);
    KEEP(out->sequence, s->sequence);
    strcpy(out->currency, fl_currency_code(s->currency));
    keep_date(out->from, s->from_days);
    keep_date(out->to, s->to_days);
    keep_amount(out->opening, s->opening.amount);
    keep_amount(out->closing, s->closing.amount);
    keep_amount(out->sum, s->sum);
    keep_amount(out->difference, s->difference);
    out->balanced = s->balanced;
    out->page_missing = s->page_missing || s->begins_interim || s->goes_on;
    out->pages = s->pages;
    out->lines = s->lines;
    out->not_booked = s->not_booked;
    KEEP(out->note, s->note);
    out->balances_count = s->balances_count;
    for (uint32_t i = 0; i < s->balances_count; i++) {
        memcpy(out->balances[i].code, s->balances[i].code, sizeof out->balances[i].code);
        keep_date(out->balances[i].date, s->balances[i].date_days);
        keep_amount(out->balances[i].amount, s->balances[i].amount);
    }
}

static enum fl_status on_begin(void *context, const struct fl_statement *s)
{
    struct statement_recorder *r = context;
    r->statements = realloc(r->statements, (r->statements_count + 1) * sizeof *r->statements);
    struct recorded_statement *out = &r->statements[r->statements_count++];
    memset(out, 0, sizeof *out);
    keep_statement(out, s);
    return FL_OK;
}

static enum fl_status on_end(void *context, const struct fl_statement *s)
{
    struct statement_recorder *r = context;
    struct recorded_statement *out = &r->statements[r->statements_count - 1];
    keep_statement(out, s);
    out->ended = true;
    return FL_OK;
}

/* How many of the lines of this account before are equal in everything the identity sees. */
static uint32_t occurrence_of(const struct statement_recorder *r, struct fl_slice account,
                              const struct fl_statement_line *line)
{
    uint32_t occurrence = 0;
    for (size_t i = 0; i < r->lines_count;) {
        if (r->lines[i].identity == fl_statement_line_identity(account, line, occurrence)) {
            occurrence++;
            i = 0;
        } else {
            i++;
        }
    }
    return occurrence;
}

static enum fl_status on_line(void *context, const struct fl_statement_line *l)
{
    struct statement_recorder *r = context;
    struct fl_slice account = fl_slice_of_text(r->statements[r->statements_count - 1].account);
    uint32_t occurrence = r->lines_count < 300 ? occurrence_of(r, account, l) : 0;
    if (r->lines_count == r->lines_capacity) {
        r->lines_capacity = r->lines_capacity ? 2 * r->lines_capacity : 64;
        r->lines = realloc(r->lines, r->lines_capacity * sizeof *r->lines);
    }
    struct recorded_line *out = &r->lines[r->lines_count++];
    memset(out, 0, sizeof *out);
    out->statement = (uint32_t)r->statements_count - 1;
    out->line = l->line;
    out->identity = fl_statement_line_identity(account, l, occurrence);
    out->n = l->n;
    out->batch_part = l->batch_part;
    out->batch_parts = l->batch_parts;
    out->references_count = l->references_count;
    keep_date(out->booking, l->booking_days);
    keep_date(out->value, l->value_days);
    keep_amount(out->amount, l->amount);
    keep_amount(out->charges, l->charges);
    strcpy(out->currency, fl_currency_code(l->currency));
    out->booked = l->booked;
    out->reversal = l->reversal;
    KEEP(out->text, l->text);
    KEEP(out->bank_ref, l->bank_ref);
    KEEP(out->customer_ref, l->customer_ref);
    KEEP(out->end_to_end, l->end_to_end);
    KEEP(out->name, l->payer_name);
    KEEP(out->account, l->payer_account);
    KEEP(out->code, l->code);
    KEEP(out->return_reason, l->return_reason);
    for (uint32_t i = 0; i < l->references_count && i < 4; i++) {
        KEEP(out->references[i], l->references[i].text);
        keep_amount(out->reference_amounts[i], l->references[i].amount);
    }
    out->availability_count = l->availability_count;
    for (uint32_t i = 0; i < l->availability_count; i++) {
        out->availability[i].days = l->availability[i].days;
        keep_amount(out->availability[i].amount, l->availability[i].amount);
    }
    return FL_OK;
}

static void on_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    struct statement_recorder *r = context;
    if (r->refused_count == 32)
        return;
    r->refused[r->refused_count].line = line;
    r->refused[r->refused_count].code = code;
    KEEP(r->refused[r->refused_count].message, fl_slice_of_text(message));
    r->refused_count++;
}

static void on_warning(void *context, uint64_t line, const char *message)
{
    struct statement_recorder *r = context;
    r->warnings_count++;
    snprintf(r->last_warning, sizeof r->last_warning, "line %llu: %s", (unsigned long long)line,
             message);
}

static const struct fl_statement_sink recording = {
    .begin = on_begin, .line = on_line, .end = on_end, .refused = on_refused, .warning = on_warning};

struct statement_recorder *recorder_read(struct fl_byte_source source, const char *charset)
{
    struct statement_recorder *r = calloc(1, sizeof *r);
    struct fl_statement_sink sink = recording;
    sink.context = r;
    r->status = fl_statement_read(source, charset, &sink, &r->summary, &r->format, &r->error);
    return r;
}

struct statement_recorder *recorder_read_profile(struct fl_byte_source source,
                                                 const struct fl_statement_profile *profile)
{
    struct statement_recorder *r = calloc(1, sizeof *r);
    struct fl_statement_sink sink = recording;
    sink.context = r;
    r->status =
        fl_statement_read_profile(source, profile, &sink, &r->summary, &r->format, &r->error);
    return r;
}

struct statement_recorder *recorder_read_text(const char *text, size_t step)
{
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, text, strlen(text), "t.sta");
    memory.step = step;
    return recorder_read(source, NULL);
}

/* Reads the file whole, so that the parser can be fed in steps. */
struct statement_recorder *recorder_read_file(const char *path, size_t step)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    size_t length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(length + 1);
    length = fread(bytes, 1, length, file);
    fclose(file);
    const char *slash = strrchr(path, '/');
    struct fl_memory_source memory;
    struct fl_byte_source source =
        fl_memory_source_init(&memory, bytes, length, slash ? slash + 1 : path);
    memory.step = step;
    struct statement_recorder *r = recorder_read(source, NULL);
    free(bytes);
    return r;
}

void recorder_free(struct statement_recorder *r)
{
    if (!r)
        return;
    free(r->statements);
    free(r->lines);
    free(r);
}

char *recorder_transcript(const struct statement_recorder *r)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    fprintf(out, "status %d %s\n", (int)r->status, r->error.message);
    for (size_t i = 0; i < r->statements_count; i++) {
        const struct recorded_statement *s = &r->statements[i];
        fprintf(out, "S %llu %d %s|%s|%s|%s %s %s %s %s %s %s %d%d%d %u %u %u %s\n",
                (unsigned long long)s->line, s->kind, s->account, s->id, s->sequence, s->currency,
                s->from, s->to, s->opening, s->closing, s->sum, s->difference, s->balanced,
                s->page_missing, s->ended, s->pages, s->lines, s->not_booked, s->note);
    }
    for (size_t i = 0; i < r->lines_count; i++) {
        const struct recorded_line *l = &r->lines[i];
        fprintf(out, "L %llu %u %016llx %s %s %s %s %s %d%d %u/%u %s|%s|%s|%s|%s|%s|%s|%s|%s %s\n",
                (unsigned long long)l->line, l->statement, (unsigned long long)l->identity,
                l->booking, l->value, l->amount, l->currency, l->charges, l->booked, l->reversal,
                l->batch_part, l->batch_parts, l->text, l->bank_ref, l->customer_ref, l->end_to_end,
                l->name, l->account, l->code, l->references[0], l->references[1], l->return_reason);
    }
    for (size_t i = 0; i < r->refused_count; i++)
        fprintf(out, "R %llu %d %s\n", (unsigned long long)r->refused[i].line,
                (int)r->refused[i].code, r->refused[i].message);
    fprintf(out, "W %zu %s\n", r->warnings_count, r->last_warning);
    fclose(out);
    return text;
}
