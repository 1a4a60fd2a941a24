#include "tools/ingest/statement_bai2.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/limits.h"
#include "tools/format/charset.h"
#include "tools/format/text_window.h"
#include "tools/ingest/bai2_fields.h"

#define BUFFER_BYTES     (256u << 10)
#define RECORD_BYTES_MAX (64u << 10)
#define NAME_BYTES       160
#define NOTE_BYTES       2048

enum tag { TAG_NAME, TAG_ACCOUNT, TAG_END_TO_END, TAGS };
enum group_status { GROUP_UPDATE = 1, GROUP_DELETION, GROUP_CORRECTION, GROUP_TEST };

/* What a 49, 98 or 99 has to come to. */
struct control {
    fl_int128 written, reckoned; /* of the totals below it: as they say, as they should say */
    uint64_t records, parts;     /* physical records; accounts of a group, groups of a file */
};

struct reader {
    struct fl_text_window window; /* what is kept begins at the next piece */
    const struct fl_statement_sink *sink;
    struct fl_statement_summary *summary;
    struct fl_error *error;
    struct fl_charset *charset;

    size_t line_end; /* of the line in hand; `end` if none was seen yet */
    bool line_end_known;
    uint64_t line; /* of the piece in hand */

    /* The logical record being put together. */
    char *record;
    size_t record_length;
    unsigned code; /* 0: none yet */
    uint64_t record_line;
    uint64_t record_parts; /* physical records in it */
    bool record_too_long;
    char *decoded;

    bool file_open, group_open, account_open;
    struct control file, group, account;

    unsigned group_status;
    bool group_interim;
    uint16_t file_days, as_of_days;
    uint8_t group_currency;

    bool statement_open; /* false: the account record could not be read */
    struct fl_statement statement;
    char account_name[NAME_BYTES];
    struct fl_statement_total sum;
    char note[NOTE_BYTES];
    size_t note_length;
    bool default_said;
    char tagged[TAGS][FL_STATEMENT_FIELD_BYTES_MAX]; /* of the detail in hand */
};

static void warn(struct reader *r, uint64_t line, const char *message)
{
    r->summary->warnings++;
    if (r->sink->warning)
        r->sink->warning(r->sink->context, line, message);
}

static void refuse(struct reader *r, uint64_t line, enum fl_status code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void refuse(struct reader *r, uint64_t line, enum fl_status code, const char *format, ...)
{
    char message[192];
    va_list arguments;
    r->summary->refused++;
    if (!r->sink->refused)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    r->sink->refused(r->sink->context, line, code, message);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* --- the statement --------------------------------------------------------------------------- */

static enum fl_status end_statement(struct reader *r)
{
    struct fl_statement *s = &r->statement;
    if (!r->statement_open)
        return FL_OK;
    r->statement_open = false;
    fl_statement_close(s, r->sum);
    r->note_length = fl_statement_text_clean(r->note, r->note_length);
    s->note = fl_slice_of(r->note, fl_utf8_valid_prefix(r->note, r->note_length));
    return r->sink->end(r->sink->context, s);
}

static void add_note(struct reader *r, struct fl_slice text)
{
    if (text.length + 1 > NOTE_BYTES - r->note_length)
        return;
    r->note[r->note_length++] = ' ';
    memcpy(r->note + r->note_length, text.at, text.length);
    r->note_length += text.length;
}

static void add_balance(struct fl_statement *s, struct fl_slice type, struct fl_decimal amount,
                        uint16_t date_days)
{
    static const struct {
        char type[4], iso[5];
    } names[] = {{"010", "OPBD"}, {"015", "CLBD"}, {"030", "ITBD"},
                 {"040", "OPAV"}, {"045", "CLAV"}, {"060", "ITAV"}};
    struct fl_statement_balance balance = {
        .amount = amount, .date_days = date_days, .currency = s->currency};
    memcpy(balance.code, type.at, 3);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (memcmp(type.at, names[i].type, 3) == 0)
            memcpy(balance.code, names[i].iso, 5);
    }
    if (memcmp(type.at, "010", 3) == 0)
        s->opening = balance;
    if (memcmp(type.at, "015", 3) == 0)
        s->closing = balance;
    if (s->balances_count < FL_STATEMENT_BALANCES_MAX)
        s->balances[s->balances_count++] = balance;
}

/* --- 01, 02 ---------------------------------------------------------------------------------- */

static void unclosed(struct reader *r, uint64_t line)
{
    if (r->account_open)
        refuse(r, line, FL_BAD_VALUE, "account %s has no record 49 before this", r->account_name);
    else if (r->group_open)
        refuse(r, line, FL_BAD_VALUE, "the group has no record 98 before this");
    else if (r->file_open)
        refuse(r, line, FL_BAD_VALUE, "the file has no record 99 before this");
}

/* Sender, receiver, date, time, id, ... */
static enum fl_status take_file(struct reader *r, struct fl_bai2_fields *fields)
{
    if (r->file_open)
        unclosed(r, r->record_line);
    FL_TRY(end_statement(r));
    r->account_open = r->group_open = false;
    r->file_open = true;
    r->file = (struct control){.records = r->record_parts};
    (void)fl_bai2_field_next(fields);
    (void)fl_bai2_field_next(fields);
    r->file_days = fl_bai2_date_read(fl_bai2_field_next(fields));
    return FL_OK;
}

/* Of a message: as much of the text as it shows. */
#define SHOWN(text, most)                                                                          \
    (int)((text).length <= (most) ? (text).length : fl_utf8_valid_prefix((text).at, (most)))

/* What has not been read of the record. */
static struct fl_slice rest_of(const struct fl_bai2_fields *fields)
{
    return fl_slice_of(fields->at, fields->more ? (size_t)(fields->end - fields->at) : 0);
}

static void group_kind(struct reader *r, struct fl_slice status, struct fl_slice modifier)
{
    uint64_t number;
    r->group_status = GROUP_UPDATE;
    if (status.length > 0 && fl_bai2_count_read(status, &number) && number >= GROUP_UPDATE &&
        number <= GROUP_TEST)
        r->group_status = (unsigned)number;
    else if (status.length > 0)
        refuse(r, r->record_line, FL_BAD_VALUE, "group status \"%.*s\": 1 to 4 is expected",
               SHOWN(status, 8), status.at);
    r->group_interim = fl_bai2_count_read(modifier, &number) && (number == 1 || number == 3);
    if (r->group_status == GROUP_TEST)
        warn(r, r->record_line, "group status 4: a test, which books nothing");
    if (r->group_status == GROUP_DELETION)
        refuse(r, r->record_line, FL_UNSUPPORTED,
               "group status 2: a deletion of what was sent before is not done from a file");
    if (r->group_status == GROUP_CORRECTION)
        warn(r, r->record_line,
             "group status 3: a correction; lines sent before that it leaves out stay booked");
}

/* Receiver, originator, status, as-of date, time, currency, modifier. */
static enum fl_status take_group(struct reader *r, struct fl_bai2_fields *fields)
{
    if (r->group_open)
        unclosed(r, r->record_line);
    FL_TRY(end_statement(r));
    r->account_open = false;
    r->group_open = true;
    r->group = (struct control){.records = r->record_parts};
    (void)fl_bai2_field_next(fields);
    (void)fl_bai2_field_next(fields);
    struct fl_slice status = fl_bai2_field_next(fields), date = fl_bai2_field_next(fields);
    (void)fl_bai2_field_next(fields);
    struct fl_slice currency = fl_bai2_field_next(fields);
    group_kind(r, status, fl_bai2_field_next(fields));
    r->as_of_days = date.length > 0 ? fl_bai2_date_read(date) : r->file_days;
    if (r->as_of_days == FL_DATE_NONE)
        refuse(r, r->record_line, FL_BAD_VALUE, "group: as-of date \"%.*s\" is no day, YYMMDD",
               SHOWN(date, 16), date.at);
    r->group_currency = fl_currency_find(currency.at, currency.length);
    if (currency.length > 0 && r->group_currency == FL_CURRENCY_NONE)
        refuse(r, r->record_line, FL_BAD_VALUE, "group: no such currency: %.*s", SHOWN(currency, 8),
               currency.at);
    return FL_OK;
}

/* --- 03 -------------------------------------------------------------------------------------- */

/* FL_CURRENCY_NONE if what is written is no currency. */
static uint8_t account_currency(struct reader *r, struct fl_slice text)
{
    if (text.length > 0)
        return fl_currency_find(text.at, text.length);
    if (r->group_currency != FL_CURRENCY_NONE)
        return r->group_currency;
    if (!r->default_said)
        warn(r, r->record_line, "no currency is named: USD, as the format's standard has it");
    r->default_said = true;
    return FL_CURRENCY_USD;
}

static void set_account(struct reader *r, struct fl_slice text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.length && n < NAME_BYTES - 1; i++) {
        if ((unsigned char)text.at[i] > ' ')
            r->account_name[n++] = text.at[i];
    }
    n = fl_utf8_valid_prefix(r->account_name, n);
    r->account_name[n] = '\0';
    r->statement.account = fl_slice_of(r->account_name, n);
}

/* Type, amount, count, funds; again and again. Null, or why not. */
static const char *read_summaries(struct reader *r, struct fl_bai2_fields *fields,
                                  enum fl_status *code)
{
    unsigned exponent = fl_currency_exponent(r->statement.currency);
    struct fl_bai2_funds unused;
    while (fields->more) {
        struct fl_slice type = fl_bai2_field_next(fields), amount = fl_bai2_field_next(fields);
        (void)fl_bai2_field_next(fields);
        const char *why = fl_bai2_funds_read(fields, amount, exponent, &unused);
        int64_t minor;
        bool given;
        *code = fl_bai2_minor_read(amount, &minor, &given);
        if (why || *code != FL_OK) {
            *code = *code == FL_OK ? FL_BAD_VALUE : *code;
            return why ? why : "account: a summary's amount is not a whole number";
        }
        if (!given)
            continue;
        r->account.reckoned += minor;
        if (type.length != 3 || !is_digit(type.at[0]))
            return *code = FL_BAD_VALUE, "account: a type code of three digits expected";
        if (type.at[0] == '0')
            add_balance(&r->statement, type, fl_decimal_of(minor, exponent), r->as_of_days);
    }
    return NULL;
}

static enum fl_status take_account(struct reader *r, struct fl_bai2_fields *fields)
{
    if (r->account_open)
        unclosed(r, r->record_line);
    FL_TRY(end_statement(r));
    r->account_open = true;
    r->account = (struct control){.records = r->record_parts};
    struct fl_slice number = fl_bai2_field_next(fields), currency = fl_bai2_field_next(fields);
    bool moves = r->group_status != GROUP_TEST && r->group_status != GROUP_DELETION;
    r->statement = (struct fl_statement){
        .line = r->record_line,
        .kind = r->group_interim || !moves ? FL_STATEMENT_INTRADAY : FL_STATEMENT_BOOKED,
        .currency = account_currency(r, currency),
        .from_days = r->as_of_days,
        .to_days = r->as_of_days,
        .pages = 1,
    };
    set_account(r, number);
    struct fl_slice rest = rest_of(fields);
    enum fl_status code = FL_BAD_VALUE;
    const char *why = r->statement.currency == FL_CURRENCY_NONE ? "account: no such currency"
                                                                : read_summaries(r, fields, &code);
    if (why)
        refuse(r, r->record_line, code, "%s: \"03,%.*s,%.*s,%.*s\"", why, SHOWN(number, 20),
               number.at, SHOWN(currency, 8), currency.at, SHOWN(rest, 40), rest.at);
    if (r->statement.currency == FL_CURRENCY_NONE || r->as_of_days == FL_DATE_NONE)
        return FL_OK; /* its records are counted, and that is all */
    r->sum = (struct fl_statement_total){0};
    r->note_length = 0;
    r->statement_open = true;
    r->summary->statements++;
    return r->sink->begin(r->sink->context, &r->statement);
}

/* --- 16 -------------------------------------------------------------------------------------- */

static struct fl_slice reference_or_none(struct fl_slice text)
{
    return fl_statement_is_filler(text) ? fl_slice_of(text.at, 0) : text;
}

/* The value of a tag, copied: the text it stands in is cleaned in place afterwards. */
static struct fl_slice tag_value(struct reader *r, enum tag tag, struct fl_slice value)
{
    char *to = r->tagged[tag];
    size_t n = value.length < sizeof r->tagged[tag] ? value.length : sizeof r->tagged[tag];
    memcpy(to, value.at, n);
    return fl_slice_of(to, fl_statement_text_clean(to, fl_utf8_valid_prefix(to, n)));
}

/* "ORG:=NAME", "EREF: X": what a tagged piece of a wire's text tells of the other side. */
static void take_tag(struct reader *r, struct fl_statement_line *line, struct fl_slice piece)
{
    static const struct {
        const char *text;
        enum tag tag;
        int way; /* of money, where it is the other side's; 0: either */
    } tags[] = {
        {"ORG:=", TAG_NAME, 1},        {"DBNM:", TAG_NAME, 1},     {"BNF NAME:=", TAG_NAME, -1},
        {"CRNM:", TAG_NAME, -1},       {"DACT:", TAG_ACCOUNT, 1},  {"ORG ID:=", TAG_ACCOUNT, 1},
        {"BNF ID:=", TAG_ACCOUNT, -1}, {"CACT:", TAG_ACCOUNT, -1}, {"EREF:", TAG_END_TO_END, 0}};
    int way = line->amount.units < 0 ? -1 : 1;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if ((tags[i].way != 0 && tags[i].way != way) || !fl_slice_begins(piece, tags[i].text))
            continue;
        size_t n = strlen(tags[i].text);
        struct fl_slice value = fl_slice_of(piece.at + n, piece.length - n);
        value = tag_value(r, tags[i].tag, value);
        if (tags[i].tag == TAG_NAME)
            line->payer_name = value;
        else if (tags[i].tag == TAG_ACCOUNT)
            line->payer_account = value;
        else
            line->end_to_end = reference_or_none(value);
        return;
    }
}

static void read_tags(struct reader *r, struct fl_statement_line *line)
{
    const char *at = line->text.at, *end = at + line->text.length;
    while (at < end) {
        const char *join = memchr(at, FL_BAI2_JOIN, (size_t)(end - at));
        const char *stop = join ? join : end;
        if (stop - at > 5 && at[0] >= 'B' && at[0] <= 'O')
            take_tag(r, line, fl_slice_of(at, (size_t)(stop - at)));
        at = stop + 1;
    }
}

/* Null, or why not. The amount counts for the control total even where the rest is damaged. */
static const char *read_detail(struct reader *r, struct fl_bai2_fields *fields,
                               struct fl_statement_line *line, struct fl_bai2_funds *funds,
                               enum fl_status *code)
{
    /* Of an account that could not be read the figures count all the same. */
    unsigned exponent = r->statement_open ? fl_currency_exponent(r->statement.currency) : 0;
    struct fl_slice type = fl_bai2_field_next(fields), amount = fl_bai2_field_next(fields);
    int64_t minor;
    bool given;
    uint64_t number;
    if ((*code = fl_bai2_minor_read(amount, &minor, &given)) != FL_OK)
        return *code == FL_BAD_VALUE ? "detail: amount is not a whole number of minor units"
                                     : "detail: amount is too large";
    r->account.reckoned += minor;
    *code = FL_BAD_VALUE;
    if (type.length != 3 || !fl_bai2_count_read(type, &number))
        return "detail: a type code of three digits expected";
    const char *why = fl_bai2_funds_read(fields, amount, exponent, funds);
    if (why)
        return why;
    line->code = type;
    line->bank_ref = reference_or_none(fl_bai2_field_next(fields));
    line->customer_ref = reference_or_none(fl_bai2_field_next(fields));
    line->text = rest_of(fields);
    if (number == 890)
        return NULL;
    int way = fl_bai2_direction((unsigned)number);
    if (way == 0)
        return "detail: the type code is neither a credit's nor a debit's";
    if (!given)
        return "detail: no amount";
    line->amount = fl_decimal_of(way * minor, exponent);
    line->reversal = minor < 0 || fl_bai2_takes_back((unsigned)number);
    for (uint32_t i = 0; i < funds->count; i++)
        funds->parts[i].amount.units *= way;
    return NULL;
}

static enum fl_status take_detail(struct reader *r, struct fl_bai2_fields *fields)
{
    struct fl_statement *s = &r->statement;
    struct fl_statement_line line = {.line = r->record_line,
                                     .n = s->lines + 1,
                                     .booking_days = s->from_days,
                                     .currency = s->currency};
    struct fl_bai2_funds funds;
    enum fl_status code;
    struct fl_slice record = rest_of(fields);
    r->account.records += r->record_parts;
    const char *why = read_detail(r, fields, &line, &funds, &code);
    if (why)
        refuse(r, r->record_line, code, "%s: \"16,%.*s\"", why, SHOWN(record, 40), record.at);
    if (why || !r->statement_open || r->record_too_long)
        return FL_OK;
    read_tags(r, &line);
    /* The record is this reader's own copy; the text is cleaned where it stands. */
    line.text.length = fl_statement_text_clean((char *)line.text.at, line.text.length);
    if (line.amount.state != FL_DECIMAL_VALUE) {
        add_note(r, line.text);
        return FL_OK;
    }
    line.value_days = funds.value_days;
    line.availability = funds.parts;
    line.availability_count = funds.count;
    line.booked = r->group_status != GROUP_TEST && r->group_status != GROUP_DELETION;
    fl_statement_line_cut(&line);
    s->lines++;
    r->summary->lines++;
    if (line.booked) {
        fl_statement_total_add(&r->sum, line.amount);
    } else {
        s->not_booked++;
        r->summary->not_booked++;
    }
    return r->sink->line(r->sink->context, &line);
}

/* --- 49, 98, 99 ------------------------------------------------------------------------------ */

/* Compares a trailer with what was read; `parts` is null where it has no number of parts. */
static int64_t take_trailer(struct reader *r, struct fl_bai2_fields *fields,
                            const struct control *control, const char *of, const char *parts)
{
    struct fl_slice total = fl_bai2_field_next(fields);
    int64_t minor;
    bool given;
    uint64_t count;
    if (fl_bai2_minor_read(total, &minor, &given) != FL_OK || !given)
        refuse(r, r->record_line, FL_BAD_VALUE, "%s control total: not a whole number", of);
    else if (minor != control->written && minor != control->reckoned)
        refuse(r, r->record_line, FL_UNBALANCED,
               "%s control total: %lld is written, its records come to %lld", of, (long long)minor,
               (long long)control->reckoned);
    if (parts && !fl_bai2_count_read(fl_bai2_field_next(fields), &count))
        refuse(r, r->record_line, FL_BAD_VALUE, "%s: number of %s expected", of, parts);
    else if (parts && count != control->parts)
        refuse(r, r->record_line, FL_UNBALANCED, "%s: %llu %s are written, %llu are there", of,
               (unsigned long long)count, parts, (unsigned long long)control->parts);
    if (!fl_bai2_count_read(fl_bai2_field_next(fields), &count))
        refuse(r, r->record_line, FL_BAD_VALUE, "%s: number of records expected", of);
    else if (count != control->records)
        refuse(r, r->record_line, FL_UNBALANCED, "%s: %llu records are written, %llu are there", of,
               (unsigned long long)count, (unsigned long long)control->records);
    return minor;
}

static void add_up(struct control *above, const struct control *below, int64_t written)
{
    above->written += written;
    above->reckoned += below->reckoned;
    above->records += below->records;
    above->parts++;
}

static enum fl_status take_account_end(struct reader *r, struct fl_bai2_fields *fields)
{
    r->account.records += r->record_parts;
    r->account.written = r->account.reckoned;
    int64_t written = take_trailer(r, fields, &r->account, "account", NULL);
    add_up(&r->group, &r->account, written);
    r->account_open = false;
    return end_statement(r);
}

static enum fl_status take_group_end(struct reader *r, struct fl_bai2_fields *fields)
{
    if (r->account_open)
        unclosed(r, r->record_line);
    FL_TRY(end_statement(r));
    r->group.records += r->record_parts;
    int64_t written = take_trailer(r, fields, &r->group, "group", "accounts");
    add_up(&r->file, &r->group, written);
    r->account_open = r->group_open = false;
    return FL_OK;
}

static enum fl_status take_file_end(struct reader *r, struct fl_bai2_fields *fields)
{
    if (r->group_open)
        unclosed(r, r->record_line);
    FL_TRY(end_statement(r));
    r->file.records += r->record_parts;
    (void)take_trailer(r, fields, &r->file, "file", "groups");
    r->account_open = r->group_open = r->file_open = false;
    return FL_OK;
}

/* --- records --------------------------------------------------------------------------------- */

/* The record's bytes as UTF-8. */
static struct fl_slice record_text(struct reader *r)
{
    if (fl_utf8_is_valid(r->record, r->record_length))
        return fl_slice_of(r->record, r->record_length);
    size_t n = fl_charset_decode(r->charset, r->record, r->record_length, r->decoded);
    return fl_slice_of(r->decoded, n);
}

static bool is_in_place(const struct reader *r)
{
    switch (r->code) {
    case 1:
        return true;
    case 2:
    case 99:
        return r->file_open;
    case 3:
    case 98:
        return r->group_open;
    default:
        return r->account_open;
    }
}

/* The logical record is whole. */
static enum fl_status take_record(struct reader *r)
{
    unsigned code = r->code;
    if (code == 0)
        return FL_OK;
    if (r->record_too_long)
        refuse(r, r->record_line, FL_TOO_LONG, "record %02u: more than 64 KiB", code);
    if (!is_in_place(r)) {
        refuse(r, r->record_line, FL_BAD_VALUE, "record %02u: not in its place", code);
        return FL_OK;
    }
    struct fl_slice text = record_text(r);
    struct fl_bai2_fields fields = {text.at, text.at + text.length, true};
    switch (code) {
    case 1:
        return take_file(r, &fields);
    case 2:
        return take_group(r, &fields);
    case 3:
        return take_account(r, &fields);
    case 16:
        return take_detail(r, &fields);
    case 49:
        return take_account_end(r, &fields);
    case 98:
        return take_group_end(r, &fields);
    default:
        return take_file_end(r, &fields);
    }
}

/* "16," at `at`: the record's code; 0 if it is none. */
static unsigned record_code(const char *at, const char *end)
{
    if (end - at < 3 || at[2] != ',' || !is_digit(at[0]) || !is_digit(at[1]))
        return 0;
    unsigned code = (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
    bool known = (code >= 1 && code <= 3) || code == 16 || code == 49 || code == 88 || code == 98 ||
                 code == 99;
    return known ? code : 0;
}

static void append(struct reader *r, struct fl_slice piece, bool join)
{
    if (piece.length + 1 > RECORD_BYTES_MAX - r->record_length) {
        r->record_too_long = true;
        return;
    }
    if (join)
        r->record[r->record_length++] = FL_BAI2_JOIN;
    memcpy(r->record + r->record_length, piece.at, piece.length);
    r->record_length += piece.length;
}

static enum fl_status take_piece(struct reader *r, struct fl_slice piece)
{
    piece = fl_slice_trim(piece);
    if (piece.length == 0)
        return FL_OK;
    unsigned code = record_code(piece.at, piece.at + piece.length);
    if (piece.at[piece.length - 1] == '/')
        piece.length--;
    struct fl_slice rest = code ? fl_slice_of(piece.at + 3, piece.length - 3) : piece;
    if (r->code == 0 && code != 1)
        return fl_error_set(r->error, FL_UNREADABLE,
                            "%s: line %llu: a file header (record 01) is expected",
                            r->window.source.name, (unsigned long long)r->line);
    if (code == 0 || code == 88) {
        r->record_parts += code == 88;
        append(r, rest, true);
        return FL_OK;
    }
    FL_TRY(take_record(r));
    r->code = code;
    r->record_line = r->line;
    r->record_parts = 1;
    r->record_length = 0;
    r->record_too_long = false;
    append(r, rest, false);
    return FL_OK;
}

/* --- bytes ----------------------------------------------------------------------------------- */

static enum fl_status refill(struct reader *r)
{
    if (r->window.end - r->window.at > BUFFER_BYTES / 2)
        return fl_error_set(r->error, FL_UNREADABLE, "%s: line %llu: a record without end",
                            r->window.source.name, (unsigned long long)r->line);
    r->line_end_known = false;
    FL_TRY(fl_text_window_fill(&r->window, r->window.at, r->error));
    r->summary->bytes += r->window.filled;
    return FL_OK;
}

/* Whether a record begins at `at`, behind "/" and blanks: more than a code and a comma must be
 * right, since texts have slashes too. */
static bool begins_record(const char *at, const char *end)
{
    unsigned code = record_code(at, end);
    if (code == 16)
        return end - at > 6 && is_digit(at[3]) && is_digit(at[4]) && is_digit(at[5]) &&
               at[6] == ',';
    if (code == 49 || code == 98 || code == 99)
        return end - at > 3 && (is_digit(at[3]) || at[3] == '+' || at[3] == '-');
    return code != 0;
}

/* The end of the piece at r->window.at within [r->window.at, limit): behind the "/" of a record
 * that another follows in the same line, or `limit`. */
static size_t piece_end(const struct reader *r, size_t limit)
{
    const char *p = r->window.bytes + r->window.at, *end = r->window.bytes + limit;
    while ((p = memchr(p, '/', (size_t)(end - p)))) {
        const char *next = ++p;
        while (next < end && is_blank(*next))
            next++;
        if (next > p && begins_record(next, end))
            return (size_t)(p - r->window.bytes);
    }
    return limit;
}

/* The next record's bytes; `*more` false at the end of the file. The end of the line is looked for
 * once, however many records are in it. */
static enum fl_status next_piece(struct reader *r, struct fl_slice *piece, bool *more)
{
    for (;;) {
        if (!r->line_end_known) {
            const char *newline = fl_text_window_newline(&r->window);
            r->line_end = newline ? (size_t)(newline - r->window.bytes) : r->window.end;
            r->line_end_known = true;
        }
        size_t until = piece_end(r, r->line_end);
        bool split = until < r->line_end, ended = r->line_end < r->window.end || r->window.at_end;
        if (!split && !ended) {
            FL_TRY(refill(r));
            continue;
        }
        *more = r->window.at < r->window.end;
        *piece = fl_slice_of(r->window.bytes + r->window.at, until - r->window.at);
        r->window.at = until;
        return FL_OK;
    }
}

/* Behind the piece: over the line's end, if it is there. */
static void pass_line_end(struct reader *r)
{
    if (r->window.at == r->line_end && r->window.at < r->window.end) {
        r->window.at++;
        r->line++;
        r->line_end_known = false;
    }
}

static enum fl_status read_all(struct reader *r)
{
    for (;;) {
        struct fl_slice piece;
        bool more;
        FL_TRY(next_piece(r, &piece, &more));
        if (!more)
            break;
        FL_TRY(take_piece(r, piece));
        pass_line_end(r);
    }
    FL_TRY(take_record(r));
    if (r->code == 0)
        return fl_error_set(r->error, FL_UNREADABLE, "%s: no BAI2 record in it",
                            r->window.source.name);
    if (r->file_open)
        refuse(r, r->line, FL_BAD_VALUE, "the file is cut off%s%s: record%s missing",
               r->account_open ? " within account "
               : r->group_open ? " within a group"
                               : " at its end",
               r->account_open ? r->account_name : "",
               r->account_open ? "s 49, 98, 99 are"
               : r->group_open ? "s 98, 99 are"
                               : " 99 is");
    return end_statement(r);
}

enum fl_status fl_statement_bai2_read(struct fl_byte_source source, const char *charset,
                                      const struct fl_statement_sink *sink,
                                      struct fl_statement_summary *summary, struct fl_error *error)
{
    struct reader *r = calloc(1, sizeof *r);
    enum fl_status status = FL_OK;
    if (r) {
        r->sink = sink;
        r->summary = summary;
        r->error = error;
        r->line = 1;
        status = fl_text_window_open(&r->window, source, BUFFER_BYTES);
        r->record = malloc(RECORD_BYTES_MAX);
        r->decoded = malloc((size_t)FL_CHARSET_GROWTH * RECORD_BYTES_MAX);
    }
    if (!r || status != FL_OK || !r->record || !r->decoded)
        status = fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    if (status == FL_OK)
        status = fl_charset_open(charset, &r->charset, error);
    if (status == FL_OK)
        status = read_all(r);
    if (r) {
        fl_charset_close(r->charset);
        free(r->decoded);
        free(r->record);
        fl_text_window_close(&r->window);
    }
    free(r);
    return status;
}
