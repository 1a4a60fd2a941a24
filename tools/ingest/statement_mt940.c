#define _GNU_SOURCE /* memmem */
#include "tools/ingest/statement_mt940.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/format/charset.h"
#include "tools/format/text_window.h"
#include "tools/ingest/mt940_date.h"
#include "tools/ingest/mt940_entry.h"

#define BUFFER_BYTES    (256u << 10)
#define ENTRY_BYTES_MAX (64u << 10)
#define DECODED_BYTES   (FL_CHARSET_GROWTH * ENTRY_BYTES_MAX)
#define SCRATCH_BYTES                                                                              \
    (DECODED_BYTES + FL_MT940_DETAILS_SCRATCH(DECODED_BYTES) + 4 * ENTRY_BYTES_MAX)
#define NAME_BYTES  160
#define NOTE_BYTES  2048
#define SHOWN_BYTES 40 /* of a field, in a message */

/* Where a line that starts no field belongs. */
enum place { PLACE_OUTSIDE, PLACE_HEADER, PLACE_ENTRY, PLACE_NOTE };

struct name {
    char bytes[NAME_BYTES];
    size_t length;
};

struct reader {
    struct fl_text_window window; /* what is kept begins at the open entry or at the next line */
    const struct fl_statement_sink *sink;
    struct fl_statement_summary *summary;
    struct fl_error *error;
    struct fl_charset *charset;

    uint64_t line; /* of the line in hand */

    enum place place;
    bool entry_open;
    size_t entry_at; /* offset behind ":61:" */
    uint64_t entry_line;
    bool any_field;

    /* The message's head, until a statement begins with it. */
    struct name reference, account, sequence;
    uint64_t message_line;
    bool message_begun; /* a statement is attached to this message */
    bool closed;        /* its closing balance was read */
    bool intraday;
    bool wrapped_942;       /* the wrapper of SWIFT says that the message is an MT942 */
    uint8_t floor_currency; /* of field 34F: an MT942 has no balance to tell it */

    struct fl_statement statement;
    bool statement_open, closing_interim;
    bool closing_seen; /* a field 62 of the statement, readable or not */
    struct name statement_account, statement_id, statement_sequence;
    struct fl_statement_total sum;
    char note[NOTE_BYTES];
    size_t note_length;

    struct fl_mt940_entry entry;

    char *scratch;
};

static void warn(struct reader *r, uint64_t line, const char *message)
{
    r->summary->warnings++;
    if (r->sink->warning)
        r->sink->warning(r->sink->context, line, message);
}

static void refuse(struct reader *r, uint64_t line, enum fl_status code, const char *message)
{
    r->summary->refused++;
    if (r->sink->refused)
        r->sink->refused(r->sink->context, line, code, message);
}

/* --- names ----------------------------------------------------------------------------------- */

static void set_name(struct name *name, struct fl_slice text)
{
    name->length = text.length < NAME_BYTES ? text.length : NAME_BYTES;
    if (name->length > 0)
        memcpy(name->bytes, text.at, name->length);
    name->length = fl_statement_text_clean(name->bytes, name->length);
    name->length = fl_utf8_valid_prefix(name->bytes, name->length);
}

static struct fl_slice slice_of(const struct name *name)
{
    return fl_slice_of(name->bytes, name->length);
}

/* "NL50RABO0156750961 EUR", "1291.99.348EUR", "NL92 KNAB 0123": blanks and currency go. */
static void set_account(struct name *name, struct fl_slice text)
{
    set_name(name, text);
    size_t to = 0;
    for (size_t i = 0; i < name->length; i++) {
        if (name->bytes[i] != ' ')
            name->bytes[to++] = name->bytes[i];
    }
    if (to > 6 && fl_mt940_is_digit(name->bytes[to - 4]) &&
        fl_currency_find(name->bytes + to - 3, 3))
        to -= 3;
    name->length = to;
}

/* --- the statement --------------------------------------------------------------------------- */

static enum fl_status end_statement(struct reader *r)
{
    if (!r->statement_open)
        return FL_OK;
    r->statement_open = false;
    struct fl_statement *s = &r->statement;
    fl_statement_close(s, r->sum);
    bool opened = s->opening.amount.state == FL_DECIMAL_VALUE;
    if (opened && !r->closing_seen && s->kind == FL_STATEMENT_BOOKED) /* N7 */
        refuse(r, s->line, FL_MISSING_FIELD, "statement: cut off, it has no closing balance");
    s->goes_on = r->closing_interim;
    r->note_length = fl_statement_text_clean(r->note, r->note_length);
    s->note = fl_slice_of(r->note, fl_utf8_valid_prefix(r->note, r->note_length));
    return r->sink->end(r->sink->context, s);
}

static void add_balance(struct fl_statement *s, const char *code,
                        const struct fl_statement_balance *balance)
{
    if (s->balances_count == FL_STATEMENT_BALANCES_MAX)
        return;
    struct fl_statement_balance *kept = &s->balances[s->balances_count++];
    *kept = *balance;
    memcpy(kept->code, code, 5);
}

/* The message's head becomes a statement; `opening` may be null (fragments, MT942). */
static enum fl_status begin_statement(struct reader *r, const struct fl_statement_balance *opening,
                                      bool interim)
{
    FL_TRY(end_statement(r));
    r->statement_account = r->account;
    r->statement_id = r->reference;
    r->statement_sequence = r->sequence;
    struct fl_statement *s = &r->statement;
    *s = (struct fl_statement){
        .line = r->message_line ? r->message_line : r->line,
        .kind = r->intraday ? FL_STATEMENT_INTRADAY : FL_STATEMENT_BOOKED,
        .account = slice_of(&r->statement_account),
        .id = slice_of(&r->statement_id),
        .sequence = slice_of(&r->statement_sequence),
        .pages = 1,
        .begins_interim = interim,
    };
    if (opening) {
        s->opening = *opening;
        s->currency = opening->currency;
        s->from_days = opening->date_days;
        add_balance(s, interim ? "ITBD" : "OPBD", opening);
    } else {
        s->currency = r->floor_currency;
    }
    r->sum = (struct fl_statement_total){0};
    r->note_length = 0;
    r->statement_open = r->message_begun = true;
    r->closing_interim = r->closing_seen = false;
    r->summary->statements++;
    return r->sink->begin(r->sink->context, s);
}

static enum fl_status ensure_statement(struct reader *r)
{
    return r->message_begun ? FL_OK : begin_statement(r, NULL, false);
}

static bool same_account(const struct reader *r)
{
    return r->account.length == r->statement_account.length &&
           memcmp(r->account.bytes, r->statement_account.bytes, r->account.length) == 0;
}

/* 60F and 60M. */
static enum fl_status open_page(struct reader *r, const struct fl_statement_balance *opening,
                                bool interim)
{
    r->closed = false;
    bool continues = interim && r->statement_open && r->closing_interim && same_account(r);
    if (!continues)
        return begin_statement(r, opening, interim);
    struct fl_statement *s = &r->statement;
    struct fl_decimal last = s->closing.amount;
    if (last.units != opening->amount.units || last.scale != opening->amount.scale) {
        warn(r, r->line, "a page does not open with the balance the page before it closed with");
        s->page_missing = true;
    }
    s->pages++;
    s->closing = (struct fl_statement_balance){0};
    r->closing_interim = r->closing_seen = false;
    r->message_begun = true;
    return FL_OK;
}

/* "C240311EUR500,00"; the currency may be missing. Null, or why not. */
static const char *read_balance(struct reader *r, struct fl_slice text, uint8_t default_currency,
                                struct fl_statement_balance *out, enum fl_status *code)
{
    *out = (struct fl_statement_balance){.currency = default_currency};
    *code = FL_BAD_VALUE;
    text = fl_slice_trim(text);
    if (text.length < 8 || (text.at[0] != 'C' && text.at[0] != 'D') ||
        !fl_mt940_all_digits(text.at + 1, 6))
        return "balance: C or D and a date expected";
    bool clamped = false;
    out->date_days = fl_mt940_date(text.at + 1, &clamped);
    if (out->date_days == FL_DATE_NONE)
        return "balance: no such date";
    if (clamped)
        warn(r, r->line, "balance: no such day, taken as the last of its month");
    struct fl_slice amount = fl_slice_of(text.at + 7, text.length - 7);
    if (amount.length > 3 && fl_mt940_is_letter(amount.at[0])) {
        out->currency = fl_currency_find(amount.at, 3);
        if (out->currency == FL_CURRENCY_NONE)
            return "balance: no such currency";
        amount = fl_slice_trim(fl_slice_of(amount.at + 3, amount.length - 3));
    }
    if ((*code = fl_statement_amount(amount, &out->amount)) != FL_OK)
        return *code == FL_OUT_OF_RANGE ? "balance: the amount is too large"
                                        : "balance: not an amount";
    if (fl_statement_amount_is_thousands(amount, '.', out->currency)) {
        out->amount = (struct fl_decimal){0};
        *code = FL_BAD_VALUE;
        return "balance: the point may divide thousands or decimals";
    }
    if ((*code = fl_statement_amount_check(out->amount, out->currency)) != FL_OK) {
        out->amount = (struct fl_decimal){0};
        return "balance: more decimals than the currency has";
    }
    if (text.at[0] == 'D')
        out->amount.units = -out->amount.units;
    return NULL;
}

/* With what stands there: the field's first line, as much of it as a message shows. */
static void refuse_field(struct reader *r, uint64_t line, enum fl_status code, const char *why,
                         const char *tag, struct fl_slice text)
{
    char message[192];
    const char *newline = memchr(text.at, '\n', text.length);
    size_t n = newline ? (size_t)(newline - text.at) : text.length;
    n = fl_utf8_valid_prefix(text.at, n < SHOWN_BYTES ? n : SHOWN_BYTES);
    while (n > 0 && (unsigned char)text.at[n - 1] <= ' ')
        n--;
    snprintf(message, sizeof message, "%s: \":%s:%.*s\"", why, tag, (int)n, text.at);
    refuse(r, line, code, message);
}

static enum fl_status take_balance(struct reader *r, unsigned tag, char letter,
                                   struct fl_slice text)
{
    struct fl_statement_balance balance;
    enum fl_status code;
    if (tag != 60)
        FL_TRY(ensure_statement(r));
    r->closing_seen |= tag == 62;
    uint8_t currency = tag == 60 ? FL_CURRENCY_NONE : r->statement.currency;
    const char *why = read_balance(r, text, currency, &balance, &code);
    const char name[4] = {(char)('0' + tag / 10), (char)('0' + tag % 10), letter, '\0'};
    if (why && tag != 65)
        refuse_field(r, r->line, code, why, name, text);
    if (why && tag == 60)
        return begin_statement(r, NULL, false);
    if (why)
        return FL_OK;
    if (tag == 60)
        return open_page(r, &balance, letter == 'M');
    struct fl_statement *s = &r->statement;
    if (tag == 62) {
        s->closing = balance;
        s->to_days = balance.date_days;
        r->closing_interim = letter == 'M';
        if (s->currency == FL_CURRENCY_NONE)
            s->currency = balance.currency;
        if (balance.currency != s->currency) {
            refuse(r, r->line, FL_CURRENCY_DIFFERS,
                   "balance: closing in another currency than opening");
            s->closing.amount = (struct fl_decimal){0};
        }
    }
    add_balance(s,
                tag == 62   ? (letter == 'M' ? "ITBD" : "CLBD")
                : tag == 64 ? "CLAV"
                            : "FWAV",
                &balance);
    return FL_OK;
}

/* --- entries --------------------------------------------------------------------------------- */

/* The entry's bytes up to `until`, as UTF-8, without the line ends and the lone dash behind it. */
static struct fl_slice entry_text(struct reader *r, size_t until, bool message_ends, char **scratch)
{
    struct fl_slice entry = fl_slice_of(r->window.bytes + r->entry_at, until - r->entry_at);
    while (entry.length > 0 && (unsigned char)entry.at[entry.length - 1] <= ' ')
        entry.length--;
    if (message_ends && entry.length > 1 && entry.at[entry.length - 1] == '-' &&
        entry.at[entry.length - 2] == '\n')
        entry.length -= 2;
    *scratch = r->scratch;
    if (fl_utf8_is_valid(entry.at, entry.length))
        return entry;
    size_t n = fl_charset_decode(r->charset, entry.at, entry.length, r->scratch);
    *scratch = r->scratch + n;
    return fl_slice_of(r->scratch, n);
}

static enum fl_status emit_entry(struct reader *r, size_t until, bool message_ends)
{
    if (!r->entry_open)
        return FL_OK;
    r->entry_open = false;
    if (until - r->entry_at > ENTRY_BYTES_MAX) {
        refuse(r, r->entry_line, FL_TOO_LONG, "entry: more than 64 KiB");
        return FL_OK;
    }
    char *scratch;
    struct fl_slice entry = entry_text(r, until, message_ends, &scratch);
    struct fl_statement_line line = {.line = r->entry_line, .n = r->statement.lines + 1};
    enum fl_status code;
    r->entry.kind = r->statement.kind;
    r->entry.currency = r->statement.currency;
    const char *why = fl_mt940_entry_read(&r->entry, entry, scratch, &line, &code);
    if (r->entry.clamped)
        warn(r, r->entry_line, "entry: no such day, taken as the last of its month");
    if (why) {
        refuse_field(r, r->entry_line, code, why, "61", entry);
        return FL_OK;
    }
    fl_statement_line_cut(&line);
    struct fl_statement *s = &r->statement;
    s->lines++;
    r->summary->lines++;
    if (line.booked) {
        fl_statement_total_add(&r->sum, line.amount);
    } else {
        s->not_booked++;
        r->summary->not_booked++;
    }
    if (s->from_days == FL_DATE_NONE)
        s->from_days = line.booking_days;
    if (line.booking_days > s->to_days)
        s->to_days = line.booking_days; /* the closing balance's day overrules it */
    return r->sink->line(r->sink->context, &line);
}

/* --- lines and fields ------------------------------------------------------------------------ */

/* ":61:" -> 61, ":60F:" -> 60 and 'F'; 0 if the line starts no field (N1). */
static unsigned field_tag(struct fl_slice line, char *letter, size_t *length)
{
    static const uint8_t known[] = {13, 20, 21, 25, 28, 34, 60, 61, 62, 64, 65, 86, 90};
    *letter = 0;
    if (line.length < 4 || line.at[0] != ':' || !fl_mt940_is_digit(line.at[1]) ||
        !fl_mt940_is_digit(line.at[2]))
        return 0;
    *length = 4;
    if (line.at[3] != ':') {
        if (line.length < 5 || !fl_mt940_is_letter(line.at[3]) || line.at[4] != ':')
            return 0;
        *letter = line.at[3];
        *length = 5;
    }
    unsigned tag = fl_mt940_two_digits(line.at + 1);
    for (size_t i = 0; i < sizeof known; i++) {
        if (known[i] == tag)
            return tag;
    }
    return 0;
}

static void begin_message(struct reader *r, struct fl_slice reference)
{
    set_name(&r->reference, reference);
    r->account.length = r->sequence.length = 0;
    r->message_line = r->line;
    r->message_begun = r->closed = false;
    r->intraday = r->wrapped_942;
    r->floor_currency = FL_CURRENCY_NONE;
}

static void add_note(struct reader *r, struct fl_slice text)
{
    size_t room = NOTE_BYTES - r->note_length;
    if (text.length + 1 > room)
        return;
    size_t n = r->note_length;
    r->note[n++] = ' ';
    memcpy(r->note + n, text.at, text.length);
    r->note_length = n + text.length;
}

static enum fl_status take_field(struct reader *r, unsigned tag, char letter, struct fl_slice text)
{
    r->place = PLACE_HEADER;
    switch (tag) {
    case 20:
        begin_message(r, text);
        return FL_OK;
    case 25:
        set_account(&r->account, text);
        return FL_OK;
    case 28:
        set_name(&r->sequence, text);
        return FL_OK;
    case 13:
    case 34:
        if (tag == 34 && text.length > 3)
            r->floor_currency = fl_currency_find(text.at, 3);
        r->intraday = true;
        return FL_OK;
    case 60:
    case 62:
    case 64:
    case 65:
        FL_TRY(take_balance(r, tag, letter, text));
        r->closed = r->closed || tag == 62;
        return FL_OK;
    case 90:
        r->intraday = true;
        r->closed = true;
        return ensure_statement(r);
    default:
        return FL_OK;
    }
}

/* "{2:O9420934081223...", or a line "942": what the next message is, where its own fields do not
 * say. */
static void take_wrapper(struct reader *r, struct fl_slice line)
{
    static const char *const marks[] = {"{2:O940", "{2:I940", "{2:O942", "{2:I942"};
    if (fl_slice_equals(line, "940") || fl_slice_equals(line, "942"))
        r->wrapped_942 = line.at[2] == '2';
    if (line.length == 0 || line.at[0] != '{')
        return;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (memmem(line.at, line.length, marks[i], 7))
            r->wrapped_942 = i >= 2;
    }
}

static enum fl_status take_line(struct reader *r, struct fl_slice line)
{
    char letter;
    size_t length;
    size_t offset = (size_t)(line.at - r->window.bytes);
    unsigned tag = field_tag(line, &letter, &length);
    if (tag == 86 && r->place == PLACE_ENTRY)
        return FL_OK; /* the open entry's: its bytes are read when it is whole */
    if (tag != 0) {
        r->any_field = true;
        FL_TRY(emit_entry(r, offset, tag == 20));
        struct fl_slice text = fl_slice_of(line.at + length, line.length - length);
        if (tag == 61) {
            FL_TRY(ensure_statement(r));
            r->place = PLACE_ENTRY;
            r->entry_open = true;
            r->entry_at = offset + length;
            r->entry_line = r->line;
            return FL_OK;
        }
        if (tag == 86) {
            r->place = PLACE_NOTE;
            add_note(r, text);
            return FL_OK;
        }
        return take_field(r, tag, letter, text);
    }
    struct fl_slice trimmed = fl_slice_trim(line);
    bool dash = fl_slice_equals(trimmed, "-") || fl_slice_begins(trimmed, "-}");
    bool block = trimmed.length > 2 && trimmed.at[0] == '{' && fl_mt940_is_digit(trimmed.at[1]);
    if ((dash && (r->closed || trimmed.length > 1)) || block) {
        FL_TRY(emit_entry(r, offset, true));
        r->place = PLACE_OUTSIDE;
    } else if (r->place == PLACE_NOTE) {
        add_note(r, trimmed);
    }
    if (r->place == PLACE_OUTSIDE)
        take_wrapper(r, trimmed);
    return FL_OK;
}

/* --- bytes ----------------------------------------------------------------------------------- */

/* N8: in what was just read. */
static enum fl_status refuse_nul(struct reader *r)
{
    const struct fl_text_window *window = &r->window;
    const char *nul = memchr(window->bytes + window->end - window->filled, 0, window->filled);
    uint64_t line = r->line + 1;
    if (!nul)
        return FL_OK;
    for (const char *p = r->window.bytes + r->window.at; (p = memchr(p, '\n', (size_t)(nul - p)));
         p++)
        line++;
    return fl_error_set(r->error, FL_UNREADABLE, "%s: line %llu: a NUL byte: this is no text",
                        r->window.source.name, (unsigned long long)line);
}

/* Keeps the open entry, or the begun line, and reads on. */
static enum fl_status refill(struct reader *r)
{
    size_t from = r->entry_open ? r->entry_at : r->window.at;
    if (r->window.end - from > BUFFER_BYTES / 2 && r->entry_open) {
        refuse(r, r->entry_line, FL_TOO_LONG, "entry: more than 64 KiB");
        r->entry_open = false;
        from = r->window.at;
    }
    if (r->window.end - from > BUFFER_BYTES / 2)
        return fl_error_set(r->error, FL_UNREADABLE, "%s: line %llu: too long for a bank statement",
                            r->window.source.name, (unsigned long long)r->line + 1);
    r->entry_at -= r->entry_open ? from : 0;
    FL_TRY(fl_text_window_fill(&r->window, from, r->error));
    r->summary->bytes += r->window.filled;
    return refuse_nul(r);
}

/* The next line without its end; `*more` false at the end of the file. */
static enum fl_status next_line(struct reader *r, struct fl_slice *line, bool *more)
{
    const char *newline;
    while (!(newline = fl_text_window_newline(&r->window)) && !r->window.at_end)
        FL_TRY(refill(r));
    size_t end = newline ? (size_t)(newline - r->window.bytes) : r->window.end;
    *more = newline || r->window.at < r->window.end;
    *line = fl_slice_of(r->window.bytes + r->window.at, end - r->window.at);
    while (line->length > 0 && line->at[line->length - 1] == '\r')
        line->length--;
    r->window.at = newline ? end + 1 : end;
    r->line++;
    return FL_OK;
}

static enum fl_status read_all(struct reader *r)
{
    for (;;) {
        struct fl_slice line;
        bool more;
        FL_TRY(next_line(r, &line, &more));
        if (!more)
            break;
        FL_TRY(take_line(r, line));
    }
    FL_TRY(emit_entry(r, r->window.end, true));
    FL_TRY(end_statement(r));
    if (!r->any_field || r->summary->statements == 0)
        return fl_error_set(r->error, FL_UNREADABLE, "%s: no %s in it", r->window.source.name,
                            r->any_field ? "statement" : "MT940 field");
    return FL_OK;
}

enum fl_status fl_statement_mt940_read(struct fl_byte_source source, const char *charset,
                                       bool reversal_keeps, const struct fl_statement_sink *sink,
                                       struct fl_statement_summary *summary, struct fl_error *error)
{
    struct reader *r = calloc(1, sizeof *r);
    enum fl_status status = FL_OK;
    if (r) {
        r->entry.reversal_keeps = reversal_keeps;
        r->sink = sink;
        r->summary = summary;
        r->error = error;
        status = fl_text_window_open(&r->window, source, BUFFER_BYTES);
        r->scratch = malloc(SCRATCH_BYTES);
    }
    if (!r || status != FL_OK || !r->scratch)
        status = fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    if (status == FL_OK)
        status = fl_charset_open(charset, &r->charset, error);
    if (status == FL_OK)
        status = read_all(r);
    if (r) {
        fl_charset_close(r->charset);
        free(r->scratch);
        fl_text_window_close(&r->window);
    }
    free(r);
    return status;
}
