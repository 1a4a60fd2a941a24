#include "tools/ingest/mt940_entry.h"

#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/format/charset.h"
#include "tools/ingest/mt940_date.h"

#define SHORTEST_ENTRY 14 /* "240101C1,NTRFX": with an amount of one digit */

/* `at` walks over the first line of field 61. */
struct cursor {
    const char *at, *end;
};

static size_t left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

static const char *convert_dates(struct fl_mt940_entry *e, const char *at, bool entry_date)
{
    e->dates_length = 0;
    e->value_days = e->booking_days = fl_mt940_date(at, &e->clamped);
    if (e->value_days == FL_DATE_NONE)
        return "entry: no such value date";
    if (entry_date)
        e->booking_days = fl_mt940_entry_date_clamped(e->value_days, fl_mt940_two_digits(at + 6),
                                                      fl_mt940_two_digits(at + 8));
    if (e->booking_days == FL_DATE_NONE)
        return "entry: no such entry date";
    if (e->clamped)
        return NULL; /* to be told again */
    e->dates_length = entry_date ? 10 : 6;
    memcpy(e->dates, at, e->dates_length);
    return NULL;
}

/* "YYMMDD" and, behind it, perhaps "MMDD". Neighbouring entries have mostly the same. */
static const char *read_dates(struct fl_mt940_entry *e, struct cursor *c,
                              struct fl_statement_line *line)
{
    if (left(c) < 7 || !fl_mt940_all_digits(c->at, 6))
        return "entry: value date expected";
    bool entry_date = left(c) >= 10 && fl_mt940_all_digits(c->at + 6, 4);
    size_t length = entry_date ? 10 : 6;
    if (e->dates_length != length || memcmp(e->dates, c->at, length) != 0) {
        const char *why = convert_dates(e, c->at, entry_date);
        if (why)
            return why;
    }
    line->value_days = e->value_days;
    line->booking_days = e->booking_days;
    c->at += length;
    return NULL;
}

/* N4. */
static const char *read_mark(struct fl_mt940_entry *e, struct cursor *c,
                             struct fl_statement_line *line, bool *minus)
{
    while (left(c) > 0 && *c->at == ' ')
        c->at++;
    line->booked = e->kind == FL_STATEMENT_BOOKED;
    if (left(c) > 1 && (*c->at == 'R' || *c->at == 'E') && (c->at[1] == 'C' || c->at[1] == 'D')) {
        line->reversal = *c->at == 'R';
        line->booked = line->booked && *c->at == 'R';
        c->at++;
    }
    if (left(c) == 0 || (*c->at != 'C' && *c->at != 'D'))
        return "entry: mark C, D, RC or RD expected";
    *minus = (*c->at++ == 'D') != (line->reversal && !e->reversal_keeps);
    if (left(c) > 0 && fl_mt940_is_letter(*c->at))
        c->at++;
    return NULL;
}

/* N10. */
static bool type_follows(const struct cursor *c, bool marked)
{
    const char *at = c->at;
    while (at < c->end && *at == ' ')
        at++;
    if (at == c->end)
        return true;
    if (marked ? !fl_mt940_is_letter(*at) : *at != 'N' && *at != 'F' && *at != 'S')
        return false;
    for (const char *next = at + 1; next < c->end && next < at + 4; next++) {
        if (*next == ',' || *next == '.')
            return false; /* the amount goes on */
    }
    return true;
}

static const char *read_amount(struct fl_mt940_entry *e, struct cursor *c,
                               struct fl_statement_line *line, bool minus, enum fl_status *code)
{
    while (left(c) > 0 && *c->at == ' ')
        c->at++;
    const char *from = c->at;
    while (left(c) > 0 && (fl_mt940_is_digit(*c->at) || *c->at == ',' || *c->at == '.'))
        c->at++;
    struct fl_slice amount = fl_slice_of(from, (size_t)(c->at - from));
    *code = fl_statement_amount(amount, &line->amount);
    if (*code != FL_OK)
        return *code == FL_OUT_OF_RANGE ? "entry: the amount is too large" : "entry: not an amount";
    line->currency = e->currency;
    *code = FL_BAD_VALUE;
    bool marked = memchr(amount.at, ',', amount.length) || memchr(amount.at, '.', amount.length);
    if (!type_follows(c, marked))
        return "entry: neither an amount nor a type of transaction";
    if (fl_statement_amount_is_thousands(amount, '.', line->currency))
        return "entry: the point may divide thousands or decimals";
    if ((*code = fl_statement_amount_check(line->amount, line->currency)) != FL_OK)
        return "entry: more decimals than the currency has";
    if (minus)
        line->amount.units = -line->amount.units;
    return NULL;
}

static struct fl_slice reference_or_none(struct fl_slice text)
{
    text = fl_slice_trim(text);
    bool pointer =
        text.length == 4 && (fl_slice_equals(text, "EREF") || fl_slice_equals(text, "KREF") ||
                             fl_slice_equals(text, "PREF") || fl_slice_equals(text, "MARF"));
    if (pointer || fl_statement_is_filler(text))
        return (struct fl_slice){0};
    if (text.length > FL_STATEMENT_FIELD_BYTES_MAX)
        text.length = fl_utf8_valid_prefix(text.at, FL_STATEMENT_FIELD_BYTES_MAX);
    return text;
}

/* "NTRFNONREF//0724710333343453": type, customer's reference, the bank's. Rabobank puts account and
 * name of the other side in place of a reference: 16 characters, then the name. */
static void read_references(struct cursor *c, struct fl_statement_line *line)
{
    while (left(c) > 0 && *c->at == ' ')
        c->at++;
    struct fl_slice rest = fl_slice_of(c->at, left(c));
    if (rest.length >= 4 && fl_ascii_is(rest.at, 4) && !fl_slice_begins(rest, "NONREF")) {
        line->code = fl_slice_trim(fl_slice_of(rest.at, 4));
        rest = fl_slice_of(rest.at + 4, rest.length - 4);
    }
    size_t own = rest.length;
    for (size_t i = 0; i + 1 < rest.length; i++) {
        if (rest.at[i] == '/' && rest.at[i + 1] == '/') {
            own = i;
            line->bank_ref = reference_or_none(fl_slice_of(rest.at + i + 2, rest.length - i - 2));
            break;
        }
    }
    if (own == rest.length && rest.length > 16 && rest.at[15] == ' ' && rest.at[16] != ' ') {
        line->payer_name = fl_slice_trim(fl_slice_of(rest.at + 16, rest.length - 16));
        own = 16;
    }
    line->customer_ref = reference_or_none(fl_slice_of(rest.at, own));
}

static size_t push_text(char *scratch, size_t length, struct fl_slice text)
{
    if (text.length == 0)
        return length;
    if (length > 0)
        scratch[length++] = ' ';
    memcpy(scratch + length, text.at, text.length);
    return length + text.length;
}

/* ":NS:01Verwendungszweck 1", "15Name": numbered lines that some banks put instead of field 86. */
static size_t read_numbered(struct fl_slice more, char *scratch, struct fl_statement_line *line)
{
    size_t length = 0;
    more = fl_slice_of(more.at + 4, more.length - 4);
    while (more.length > 0) {
        const char *newline = memchr(more.at, '\n', more.length);
        size_t n = newline ? (size_t)(newline - more.at) : more.length;
        struct fl_slice piece = fl_slice_trim(fl_slice_of(more.at, n));
        more = fl_slice_of(more.at + n + (newline ? 1 : 0), more.length - n - (newline ? 1 : 0));
        if (piece.length < 3 || !fl_mt940_all_digits(piece.at, 2))
            continue;
        unsigned number = fl_mt940_two_digits(piece.at);
        piece = fl_slice_of(piece.at + 2, piece.length - 2);
        if (number < 15)
            length = push_text(scratch, length, piece);
        else if (number == 15)
            line->payer_name = piece;
    }
    return length;
}

/* "/OCMT/EUR11,85//CHGS/EUR0,50/": the charges among it, in the statement's currency. */
static void read_charges(struct fl_slice more, struct fl_statement_line *line)
{
    for (size_t i = 0; i + 9 < more.length; i++) {
        if (memcmp(more.at + i, "/CHGS/", 6) != 0)
            continue;
        const char *from = more.at + i + 9;
        size_t n = more.length - i - 9;
        const char *slash = memchr(from, '/', n);
        struct fl_decimal charges;
        struct fl_slice amount =
            fl_slice_trim(fl_slice_of(from, slash ? (size_t)(slash - from) : n));
        if (fl_currency_find(from - 3, 3) == line->currency &&
            fl_statement_amount(amount, &charges) == FL_OK &&
            fl_statement_amount_check(charges, line->currency) == FL_OK)
            line->charges = charges;
        return;
    }
}

/* The lines of field 61 behind its first: a reference broken over, or supplementary details. */
static size_t read_supplement(struct fl_slice more, char *scratch, struct fl_statement_line *line)
{
    more = fl_slice_trim(more);
    if (more.length == 0)
        return 0;
    if (fl_slice_begins(more, ":NS:"))
        return read_numbered(more, scratch, line);
    const char *newline = memchr(more.at, '\n', more.length);
    struct fl_slice first =
        fl_slice_trim(fl_slice_of(more.at, newline ? (size_t)(newline - more.at) : more.length));
    if (fl_slice_begins(first, "//")) {
        line->bank_ref = reference_or_none(fl_slice_of(first.at + 2, first.length - 2));
        return 0;
    }
    size_t have = line->bank_ref.length;
    if (have > 0 && have + first.length <= 16 && fl_mt940_all_digits(line->bank_ref.at, have) &&
        fl_mt940_all_digits(first.at, first.length)) {
        memcpy(scratch, line->bank_ref.at, have);
        memcpy(scratch + have, first.at, first.length);
        line->bank_ref = fl_slice_of(scratch, have + first.length);
        return 0;
    }
    if (more.at[0] == '/') {
        read_charges(more, line);
        return 0;
    }
    memcpy(scratch, more.at, more.length);
    return fl_statement_text_clean(scratch, more.length);
}

/* An IBAN; or, beside a name in words (Rabobank), any one word of digits. */
static bool looks_like_account(struct fl_slice text, bool named)
{
    if (text.length == 0 || memchr(text.at, ' ', text.length))
        return false;
    if (named && fl_mt940_all_digits(text.at + 1, text.length - 1))
        return true;
    return text.length > 14 && fl_mt940_is_letter(text.at[0]) && fl_mt940_is_letter(text.at[1]) &&
           fl_mt940_all_digits(text.at + 2, 2);
}

/* What field 86 knows goes before what field 61 had. */
static uint32_t add_details(const struct fl_mt940_details *details, struct fl_slice supplement,
                            struct fl_statement_line *line, struct fl_statement_reference *refs)
{
    uint32_t count = 0;
    line->text = details->text;
    line->end_to_end = reference_or_none(details->end_to_end);
    struct fl_slice customer_ref = reference_or_none(details->customer_ref);
    if (customer_ref.length > 0)
        line->customer_ref = customer_ref;
    if (details->name.length > 0)
        line->payer_name = details->name;
    line->payer_account = details->account;
    if (line->payer_account.length == 0 && looks_like_account(supplement, details->name.length > 0))
        line->payer_account = supplement;
    else if (line->text.length == 0)
        line->text = supplement;
    if (details->code.length > 0)
        line->code = details->code;
    line->return_reason = details->return_reason;
    struct fl_slice creditor_ref = reference_or_none(details->creditor_ref);
    struct fl_slice mandate = reference_or_none(details->mandate);
    if (creditor_ref.length > 0)
        refs[count++] =
            (struct fl_statement_reference){.kind = FL_REFERENCE_CREDITOR, .text = creditor_ref};
    if (mandate.length > 0)
        refs[count++] =
            (struct fl_statement_reference){.kind = FL_REFERENCE_MANDATE, .text = mandate};
    return count;
}

/* A first line that cannot hold an amount goes on in the second. */
static struct fl_slice unwrapped(const char *from, const char *end, const char **first_end,
                                 char **scratch)
{
    const char *newline =
        *first_end < end ? memchr(*first_end + 1, '\n', (size_t)(end - *first_end) - 1) : end;
    if (!newline)
        newline = end;
    size_t n = 0;
    for (const char *p = from; p < newline; p++) {
        if (*p != '\n' && *p != '\r')
            (*scratch)[n++] = *p;
    }
    struct fl_slice line = fl_slice_of(*scratch, n);
    *scratch += n;
    *first_end = newline;
    return line;
}

/* Parts the entry at its first ":86:" and reads both sides. Null, or why not. */
const char *fl_mt940_entry_read(struct fl_mt940_entry *e, struct fl_slice entry, char *scratch,
                                struct fl_statement_line *line, enum fl_status *code)
{
    e->clamped = false;
    *code = FL_BAD_VALUE;
    const char *end = entry.at + entry.length, *details_at = NULL, *first_end = NULL;
    for (const char *p = entry.at; (p = memchr(p, '\n', (size_t)(end - p))); p++) {
        if (!first_end)
            first_end = p;
        if (end - p > 4 && memcmp(p + 1, ":86:", 4) == 0) {
            details_at = p + 1;
            break;
        }
    }
    const char *entry_end = details_at ? details_at - 1 : end;
    if (!first_end)
        first_end = entry_end;
    struct fl_slice first = fl_slice_trim(fl_slice_of(entry.at, (size_t)(first_end - entry.at)));
    if (first.length < SHORTEST_ENTRY)
        first = unwrapped(entry.at, entry_end, &first_end, &scratch);
    struct cursor cursor = {first.at, first.at + first.length};
    bool minus = false;
    const char *why = read_dates(e, &cursor, line);
    if (!why)
        why = read_mark(e, &cursor, line, &minus);
    if (!why)
        why = read_amount(e, &cursor, line, minus, code);
    if (why)
        return why;
    read_references(&cursor, line);
    size_t n =
        read_supplement(fl_slice_of(first_end, (size_t)(entry_end - first_end)), scratch, line);
    struct fl_slice supplement = fl_slice_of(scratch, n);
    struct fl_mt940_details details = {0};
    if (details_at) {
        struct fl_slice raw = fl_slice_of(details_at + 4, (size_t)(end - details_at) - 4);
        fl_mt940_details_read(raw, scratch + entry.length + 16, &details);
    }
    line->references_count = add_details(&details, supplement, line, e->references);
    line->references = e->references;
    return NULL;
}
