#include "tools/ingest/statement_ofx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/limits.h"
#include "tools/format/charset.h"
#include "tools/ingest/ofx_element.h"
#include "tools/ingest/ofx_reader.h"

#define NAME_BYTES  160
#define TEXT_BYTES  (128u << 10) /* of one transaction */
#define MESSAGE_MAX 192

/* --- state ----------------------------------------------------------------------------------- */

/* One STMTTRN; its texts stand in the reader's. */
struct transaction {
    uint64_t line;
    bool too_long;
    struct fl_slice field[FL_OFX_ELEMENTS - FL_OFX_AGGREGATES]; /* by leaf */
    struct fl_slice payee, other_account, currency, rate;
};

struct reader {
    const struct fl_statement_sink *sink;
    struct fl_statement_summary *summary;

    struct fl_ofx_words words;
    enum fl_ofx_element last;    /* that was opened: the leaf of a value that comes */
    uint8_t open[FL_OFX_LEVELS]; /* the aggregate open at each level; FL_OFX_NONE */
    uint64_t open_line[FL_OFX_LEVELS];
    bool any;

    char code[16], severity[16], message[96]; /* of the STATUS in hand */

    struct fl_statement statement;
    char account[NAME_BYTES];
    bool statement_open, begun;     /* begun: the sink knows of it */
    bool incomplete;                /* a line of it could not be read */
    uint16_t first_days, last_days; /* of its lines */
    struct fl_statement_total sum;
    struct fl_statement_balance balance; /* the one in hand */
    uint64_t balance_line;

    struct transaction transaction;
    char *text; /* its texts, then the line's */
    size_t text_length;
};

static void warn(struct reader *r, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void refuse(struct reader *r, uint64_t line, enum fl_status code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void warn(struct reader *r, uint64_t line, const char *format, ...)
{
    char message[MESSAGE_MAX];
    va_list arguments;
    r->summary->warnings++;
    if (!r->sink->warning)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    r->sink->warning(r->sink->context, line, message);
}

static void refuse(struct reader *r, uint64_t line, enum fl_status code, const char *format, ...)
{
    char message[MESSAGE_MAX];
    va_list arguments;
    r->summary->refused++;
    r->incomplete = true;
    if (!r->sink->refused)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    r->sink->refused(r->sink->context, line, code, message);
}

/* Of a message: as much of a value as it shows. */
#define SHOWN(text) (int)((text).length <= 30 ? (text).length : fl_utf8_valid_prefix((text).at, 30))

/* --- values ---------------------------------------------------------------------------------- */

/* F3. FL_DATE_NONE if the text does not begin with a day. */
static uint16_t read_date(struct fl_slice text)
{
    unsigned value = 0;
    if (text.length < 8)
        return FL_DATE_NONE;
    for (size_t i = 0; i < 8; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return FL_DATE_NONE;
        value = value * 10 + (unsigned)(text.at[i] - '0');
    }
    return fl_date_from_civil((int32_t)(value / 10000), value / 100 % 100, value % 100);
}

/* F5: "-19.95", "+250", "-200,00". */
static enum fl_status read_amount(struct fl_slice text, uint8_t currency, struct fl_decimal *out)
{
    bool minus = text.length > 0 && text.at[0] == '-';
    if (minus || (text.length > 0 && text.at[0] == '+'))
        text = fl_slice_trim(fl_slice_of(text.at + 1, text.length - 1));
    FL_TRY(fl_statement_amount(text, out));
    if (fl_statement_amount_is_thousands(text, ',', currency))
        return FL_BAD_VALUE;
    if (minus)
        out->units = -out->units;
    return fl_statement_amount_check(*out, currency);
}

static const char *amount_fault(enum fl_status code)
{
    return code == FL_TOO_MANY_DECIMALS ? "more decimals than the currency has"
           : code == FL_OUT_OF_RANGE    ? "too large"
                                        : "not an amount";
}

static void keep(char *to, size_t room, struct fl_slice text)
{
    size_t n = text.length < room - 1 ? text.length : room - 1;
    memcpy(to, text.at, n);
    n = fl_statement_text_clean(to, fl_utf8_valid_prefix(to, n));
    to[n] = '\0';
}
#define KEEP(field, text) keep(field, sizeof(field), text)

static struct fl_slice reference_or_none(struct fl_slice text)
{
    return fl_statement_is_filler(text) ? fl_slice_of(text.at, 0) : text;
}

/* --- the statement --------------------------------------------------------------------------- */

static void begin_statement(struct reader *r, uint64_t line)
{
    r->statement = (struct fl_statement){.line = line, .kind = FL_STATEMENT_BOOKED, .pages = 1};
    r->account[0] = '\0';
    r->sum = (struct fl_statement_total){0};
    r->statement_open = true;
    r->begun = r->incomplete = false;
    r->first_days = r->last_days = FL_DATE_NONE;
}

/* The sink is told late: account and currency stand within the statement. */
static enum fl_status ensure_begun(struct reader *r)
{
    struct fl_statement *s = &r->statement;
    if (r->begun)
        return FL_OK;
    r->begun = true;
    s->account = fl_slice_of(r->account, strlen(r->account));
    r->summary->statements++;
    return r->sink->begin(r->sink->context, s);
}

/* F2. */
static void derive_opening(struct reader *r)
{
    struct fl_statement *s = &r->statement;
    struct fl_statement_total opening = {-r->sum.units};
    if (s->closing.amount.state != FL_DECIMAL_VALUE || r->incomplete)
        return;
    fl_statement_total_add(&opening, s->closing.amount);
    if (fl_statement_total_read(opening, &s->opening.amount) != FL_OK)
        s->opening.amount = (struct fl_decimal){0};
    s->opening.currency = s->currency;
    s->opening.date_days = s->from_days;
}

/* Where the list says no days, those of the balance and the lines are the statement's. */
static void settle_days(struct reader *r)
{
    struct fl_statement *s = &r->statement;
    uint16_t balance_days = s->closing.date_days;
    if (s->to_days == FL_DATE_NONE)
        s->to_days = balance_days > r->last_days ? balance_days : r->last_days;
    if (s->from_days == FL_DATE_NONE)
        s->from_days = r->first_days != FL_DATE_NONE ? r->first_days : s->to_days;
}

static enum fl_status end_statement(struct reader *r)
{
    struct fl_statement *s = &r->statement;
    if (!r->statement_open)
        return FL_OK;
    FL_TRY(ensure_begun(r));
    r->statement_open = false;
    settle_days(r);
    derive_opening(r);
    fl_statement_close(s, r->sum);
    return r->sink->end(r->sink->context, s);
}

/* F8: what the sink was told of the statement stays. */
static void set_account(struct reader *r, struct fl_slice text, uint64_t line)
{
    char account[sizeof r->account];
    size_t to = 0;
    KEEP(account, text);
    for (size_t i = 0; account[i] != '\0'; i++) {
        if (account[i] != ' ')
            account[to++] = account[i];
    }
    account[to] = '\0';
    if (!r->begun)
        memcpy(r->account, account, to + 1);
    else if (strcmp(r->account, account) != 0)
        refuse(r, line, FL_BAD_VALUE, "ACCTID: another account within a statement");
}

static void set_currency(struct reader *r, struct fl_slice text, uint64_t line)
{
    uint8_t currency = fl_currency_find(text.at, text.length);
    if (r->begun && currency != r->statement.currency) {
        refuse(r, line, FL_CURRENCY_DIFFERS, "CURDEF: another currency within a statement");
        return;
    }
    r->statement.currency = currency;
    if (currency == FL_CURRENCY_NONE)
        refuse(r, line, FL_BAD_VALUE, "CURDEF: no such currency: %.*s", SHOWN(text), text.at);
}

/* --- balances -------------------------------------------------------------------------------- */

static void set_balance(struct reader *r, enum fl_ofx_element leaf, struct fl_slice text)
{
    if (leaf == FL_OFX_DTASOF) {
        r->balance.date_days = read_date(text);
        return;
    }
    enum fl_status code = read_amount(text, r->statement.currency, &r->balance.amount);
    if (code == FL_OK)
        return;
    r->balance.amount = (struct fl_decimal){0};
    refuse(r, r->balance_line, code, "BALAMT: %s: %.*s", amount_fault(code), SHOWN(text), text.at);
}

static void end_balance(struct reader *r, const char *code)
{
    struct fl_statement *s = &r->statement;
    if (r->balance.amount.state != FL_DECIMAL_VALUE)
        return;
    strcpy(r->balance.code, code);
    r->balance.currency = s->currency;
    if (strcmp(code, "CLBD") == 0)
        s->closing = r->balance;
    if (s->balances_count < FL_STATEMENT_BALANCES_MAX)
        s->balances[s->balances_count++] = r->balance;
}

/* --- transactions ---------------------------------------------------------------------------- */

/* Copies a value; empty, and the transaction too long, if there is no room. */
static struct fl_slice store(struct reader *r, struct fl_slice text)
{
    char *to = r->text + r->text_length;
    if (text.length > TEXT_BYTES - r->text_length) {
        r->transaction.too_long = true;
        return fl_slice_of(to, 0);
    }
    memcpy(to, text.at, text.length);
    r->text_length += text.length;
    return fl_slice_of(to, fl_statement_text_clean(to, text.length));
}

static struct fl_slice field(const struct reader *r, enum fl_ofx_element leaf)
{
    return r->transaction.field[leaf - FL_OFX_AGGREGATES];
}

static bool begins(struct fl_slice text, struct fl_slice with)
{
    return text.length >= with.length && memcmp(text.at, with.at, with.length) == 0;
}

/* Name and memo, behind the transaction's texts, which leave room for them. */
static struct fl_slice line_text(struct reader *r, struct fl_slice name)
{
    struct fl_slice memo = field(r, FL_OFX_MEMO);
    if (memo.length == 0 || (name.length > 0 && begins(name, memo)))
        return name;
    if (name.length == 0 || begins(memo, name))
        return memo;
    char *to = r->text + TEXT_BYTES;
    memcpy(to, name.at, name.length);
    to[name.length] = ' ';
    memcpy(to + name.length + 1, memo.at, memo.length);
    return fl_slice_of(to, name.length + 1 + memo.length);
}

/* Null, or why the line cannot be booked. */
static const char *read_line(struct reader *r, struct fl_statement_line *line, bool pending,
                             enum fl_status *code)
{
    const struct transaction *t = &r->transaction;
    *code = FL_TOO_LONG;
    if (t->too_long)
        return "STMTTRN: more than 64 KiB of text";
    *code = FL_BAD_VALUE;
    line->booking_days = read_date(field(r, pending ? FL_OFX_DTTRAN : FL_OFX_DTPOSTED));
    if (line->booking_days == FL_DATE_NONE)
        return pending ? "DTTRAN: no such date" : "DTPOSTED: no such date";
    line->value_days = read_date(field(r, FL_OFX_DTAVAIL));
    if (line->value_days == FL_DATE_NONE)
        line->value_days = read_date(field(r, FL_OFX_VALUEDATE)); /* in no standard, but in files */
    line->currency = r->statement.currency;
    if (t->currency.length > 0 &&
        fl_currency_find(t->currency.at, t->currency.length) != line->currency) {
        *code = FL_CURRENCY_DIFFERS;
        return "CURRENCY: not the account's";
    }
    *code = read_amount(field(r, FL_OFX_TRNAMT), line->currency, &line->amount);
    if (*code == FL_TOO_MANY_DECIMALS)
        return "TRNAMT: more decimals than the currency has";
    return *code == FL_OK             ? NULL
           : *code == FL_OUT_OF_RANGE ? "TRNAMT: too large"
                                      : "TRNAMT: not an amount";
}

static void read_texts(struct reader *r, struct fl_statement_line *line)
{
    const struct transaction *t = &r->transaction;
    struct fl_slice name = field(r, FL_OFX_EXTDNAME);
    if (name.length == 0)
        name = field(r, FL_OFX_PARTY);
    if (name.length == 0)
        name = t->payee;
    line->text = line_text(r, name);
    line->payer_name = name;
    line->payer_account = t->other_account;
    line->bank_ref = reference_or_none(field(r, FL_OFX_FITID));
    line->customer_ref = reference_or_none(field(r, FL_OFX_REFNUM));
    if (line->customer_ref.length == 0)
        line->customer_ref = reference_or_none(field(r, FL_OFX_CHECKNUM));
    line->code = field(r, FL_OFX_TRNTYPE);
}

/* What is said of a line sent before. Whether this one moves money. */
static bool judge_correction(struct reader *r)
{
    struct fl_slice of = field(r, FL_OFX_CORRECTFITID), own = field(r, FL_OFX_FITID);
    bool deletes = fl_slice_equals(field(r, FL_OFX_CORRECTACTION), "DELETE");
    if (of.length == 0 || (!deletes && of.length == own.length && begins(of, own)))
        return true;
    warn(r, r->transaction.line, "%s line %.*s sent before: that one stays as it is booked",
         deletes ? "deletes" : "replaces", (int)(of.length < 64 ? of.length : 64), of.at);
    return !deletes;
}

/* A statement without CURDEF has the currency of its first line, if that is at par. */
static void adopt_currency(struct reader *r)
{
    const struct transaction *t = &r->transaction;
    struct fl_decimal rate;
    if (r->begun || r->statement.currency != FL_CURRENCY_NONE ||
        fl_statement_amount(t->rate, &rate) != FL_OK || rate.units != 1 || rate.scale != 0)
        return;
    r->statement.currency = fl_currency_find(t->currency.at, t->currency.length);
}

/* With what tells the line from others. */
static void refuse_line(struct reader *r, uint64_t line, bool pending, enum fl_status code,
                        const char *why)
{
    struct fl_slice day = field(r, pending ? FL_OFX_DTTRAN : FL_OFX_DTPOSTED),
                    amount = field(r, FL_OFX_TRNAMT), id = field(r, FL_OFX_FITID);
    refuse(r, line, code, "%s (%s \"%.*s\", TRNAMT \"%.*s\", FITID \"%.*s\")", why,
           pending ? "DTTRAN" : "DTPOSTED", SHOWN(day), day.at, SHOWN(amount), amount.at, SHOWN(id),
           id.at);
}

static enum fl_status end_transaction(struct reader *r, bool pending)
{
    struct fl_statement *s = &r->statement;
    adopt_currency(r);
    FL_TRY(ensure_begun(r));
    struct fl_statement_line line = {.line = r->transaction.line, .n = s->lines + 1};
    enum fl_status code;
    const char *why = read_line(r, &line, pending, &code);
    if (why) {
        refuse_line(r, line.line, pending, code, why);
        return FL_OK;
    }
    read_texts(r, &line);
    line.booked = judge_correction(r) && !pending;
    fl_statement_line_cut(&line);
    if (r->first_days == FL_DATE_NONE || line.booking_days < r->first_days)
        r->first_days = line.booking_days;
    if (line.booking_days > r->last_days)
        r->last_days = line.booking_days;
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

static void begin_transaction(struct reader *r, uint64_t line)
{
    r->transaction = (struct transaction){.line = line};
    r->text_length = 0;
}

/* --- status ---------------------------------------------------------------------------------- */

static void end_status(struct reader *r, uint64_t line)
{
    if (strcmp(r->severity, "ERROR") == 0)
        refuse(r, line, FL_UNREADABLE, "the bank answers with an error: %s %s", r->code,
               r->message);
    else if (strcmp(r->severity, "WARN") == 0)
        warn(r, line, "the bank warns: %s %s", r->code, r->message);
}

/* --- aggregates (F1) ------------------------------------------------------------------------- */

static bool in_statement(const struct reader *r)
{
    return r->open[fl_ofx_level[FL_OFX_STATEMENT]] == FL_OFX_STATEMENT;
}

static enum fl_status leave(struct reader *r, unsigned level)
{
    enum fl_ofx_element element = r->open[level];
    r->open[level] = FL_OFX_NONE;
    switch (element) {
    case FL_OFX_TRANSACTION:
    case FL_OFX_PENDING:
        return in_statement(r) ? end_transaction(r, element == FL_OFX_PENDING) : FL_OK;
    case FL_OFX_LEDGER:
    case FL_OFX_AVAILABLE:
        if (in_statement(r))
            end_balance(r, element == FL_OFX_LEDGER ? "CLBD" : "CLAV");
        return FL_OK;
    case FL_OFX_STATEMENT:
        return end_statement(r);
    case FL_OFX_STATUS:
        end_status(r, r->open_line[level]);
        return FL_OK;
    default:
        return FL_OK;
    }
}

static enum fl_status leave_from(struct reader *r, unsigned level)
{
    for (unsigned l = FL_OFX_LEVELS; l-- > level;) {
        if (r->open[l] != FL_OFX_NONE)
            FL_TRY(leave(r, l));
    }
    return FL_OK;
}

static void enter(struct reader *r, enum fl_ofx_element element, struct fl_slice name,
                  uint64_t line)
{
    switch (element) {
    case FL_OFX_OFX:
        r->any = true;
        break;
    case FL_OFX_STATEMENT:
        begin_statement(r, line);
        break;
    case FL_OFX_NOT_READ:
        refuse(r, line, FL_UNSUPPORTED, "%s: statements of %s are not read",
               name.at[0] == 'I' ? "INVSTMTRS" : "LOANSTMTRS",
               name.at[0] == 'I' ? "investments" : "loans");
        break;
    case FL_OFX_STATUS:
        r->code[0] = r->severity[0] = r->message[0] = '\0';
        break;
    case FL_OFX_LEDGER:
    case FL_OFX_AVAILABLE:
        r->balance = (struct fl_statement_balance){0};
        r->balance_line = line;
        break;
    case FL_OFX_TRANSACTION:
    case FL_OFX_PENDING:
        begin_transaction(r, line);
        if (!in_statement(r) && r->open[fl_ofx_level[FL_OFX_NOT_READ]] != FL_OFX_NOT_READ)
            refuse(r, line, FL_BAD_VALUE, "%s outside a statement",
                   element == FL_OFX_PENDING ? "STMTTRNP" : "STMTTRN");
        break;
    default:
        break;
    }
}

static enum fl_status on_open(void *context, struct fl_slice name, uint64_t line)
{
    struct reader *r = context;
    enum fl_ofx_element element = fl_ofx_element_find(&r->words, name);
    r->last = element;
    if (element == FL_OFX_NONE || element >= FL_OFX_AGGREGATES)
        return FL_OK;
    FL_TRY(leave_from(r, fl_ofx_level[element]));
    r->open[fl_ofx_level[element]] = (uint8_t)element;
    r->open_line[fl_ofx_level[element]] = line;
    enter(r, element, name, line);
    return FL_OK;
}

static enum fl_status on_close(void *context, struct fl_slice name, uint64_t line)
{
    struct reader *r = context;
    enum fl_ofx_element element = fl_ofx_element_find(&r->words, name);
    (void)line;
    if (element == FL_OFX_NONE || element >= FL_OFX_AGGREGATES ||
        r->open[fl_ofx_level[element]] != element)
        return FL_OK;
    return leave_from(r, fl_ofx_level[element]);
}

/* --- leaves ---------------------------------------------------------------------------------- */

static void take_transaction_leaf(struct reader *r, enum fl_ofx_element leaf, struct fl_slice text)
{
    struct transaction *t = &r->transaction;
    switch (r->open[FL_OFX_LEVELS - 1]) {
    case FL_OFX_NONE:
        t->field[leaf - FL_OFX_AGGREGATES] = store(r, text);
        break;
    case FL_OFX_PAYEE:
        if (leaf == FL_OFX_PARTY)
            t->payee = store(r, text);
        break;
    case FL_OFX_OTHER_ACCOUNT:
        if (leaf == FL_OFX_ACCTID)
            t->other_account = store(r, text);
        break;
    case FL_OFX_CURRENCY:
        if (leaf == FL_OFX_CURSYM)
            t->currency = store(r, text);
        else if (leaf == FL_OFX_CURRATE)
            t->rate = store(r, text);
        break;
    default:
        break;
    }
}

static void take_status_leaf(struct reader *r, enum fl_ofx_element leaf, struct fl_slice text)
{
    if (leaf == FL_OFX_CODE)
        KEEP(r->code, text);
    else if (leaf == FL_OFX_SEVERITY)
        KEEP(r->severity, text);
    else if (leaf == FL_OFX_MESSAGE)
        KEEP(r->message, text);
}

static void take_list_leaf(struct reader *r, enum fl_ofx_element leaf, struct fl_slice text)
{
    struct fl_statement *s = &r->statement;
    uint16_t days = read_date(text);
    if (leaf == FL_OFX_DTSTART && days != FL_DATE_NONE &&
        (s->from_days == FL_DATE_NONE || days < s->from_days))
        s->from_days = days;
    if (leaf == FL_OFX_DTEND && days > s->to_days)
        s->to_days = days;
}

/* In a statement, outside its transactions. */
static void take_statement_leaf(struct reader *r, enum fl_ofx_element leaf, struct fl_slice text,
                                uint64_t line)
{
    switch (r->open[4]) {
    case FL_OFX_NONE:
        if (leaf == FL_OFX_CURDEF)
            set_currency(r, text, line);
        break;
    case FL_OFX_ACCOUNT:
        if (leaf == FL_OFX_ACCTID)
            set_account(r, text, line);
        break;
    case FL_OFX_LIST:
        take_list_leaf(r, leaf, text);
        break;
    case FL_OFX_LEDGER:
    case FL_OFX_AVAILABLE:
        if (leaf == FL_OFX_BALAMT || leaf == FL_OFX_DTASOF)
            set_balance(r, leaf, text);
        break;
    default:
        break;
    }
}

static enum fl_status on_value(void *context, const struct fl_ofx_value *value)
{
    struct reader *r = context;
    enum fl_ofx_element leaf = r->last;
    uint8_t within = r->open[fl_ofx_level[FL_OFX_TRANSACTION]];
    if (leaf < FL_OFX_AGGREGATES)
        return FL_OK;
    if (within == FL_OFX_TRANSACTION || within == FL_OFX_PENDING) {
        r->transaction.too_long |= value->cut;
        take_transaction_leaf(r, leaf, value->text);
    } else if (r->open[fl_ofx_level[FL_OFX_STATUS]] == FL_OFX_STATUS) {
        take_status_leaf(r, leaf, value->text);
    } else if (in_statement(r) && within == FL_OFX_NONE) {
        take_statement_leaf(r, leaf, value->text, value->line);
    }
    return FL_OK;
}

/* --- the file -------------------------------------------------------------------------------- */

/* F7: what is still open is cut off; its transaction is not one. */
static enum fl_status end_file(struct reader *r, uint64_t line, const char *name,
                               struct fl_error *error)
{
    bool whole = true;
    if (!r->any)
        return fl_error_set(error, FL_UNREADABLE, "%s: no <OFX> in it", name);
    for (unsigned level = 0; level < FL_OFX_LEVELS; level++)
        whole &= r->open[level] == FL_OFX_NONE;
    if (!whole) {
        refuse(r, line, FL_BAD_VALUE, "the file ends without </OFX>: a part of it is missing");
        return end_statement(r);
    }
    if (r->summary->statements == 0 && r->summary->refused == 0)
        warn(r, line, "no statement is in it");
    return FL_OK;
}

enum fl_status fl_statement_ofx_read(struct fl_byte_source source, const char *charset,
                                     const struct fl_statement_sink *sink,
                                     struct fl_statement_summary *summary, struct fl_error *error)
{
    struct reader *r = calloc(1, sizeof *r);
    uint64_t bytes = 0, line = 1;
    enum fl_status status = FL_OK;
    if (r) {
        r->sink = sink;
        r->summary = summary;
        fl_ofx_words_init(&r->words);
        r->text = malloc(2 * TEXT_BYTES + 1); /* name and memo once more */
    }
    if (!r || !r->text)
        status = fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    const struct fl_ofx_handler handler = {r, on_open, on_value, on_close};
    if (status == FL_OK)
        status = fl_ofx_read(source, charset, &handler, &bytes, &line, error);
    summary->bytes += bytes;
    if (status == FL_OK)
        status = end_file(r, line, source.name, error);
    if (r)
        free(r->text);
    free(r);
    return status;
}
