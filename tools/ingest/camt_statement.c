#include "tools/ingest/camt_statement.h"

#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/format/charset.h"

void fl_camt_statement_init(struct fl_camt_statement *s, const struct fl_statement_sink *sink,
                            struct fl_statement_summary *summary)
{
    memset(s, 0, sizeof *s);
    s->sink = sink;
    s->summary = summary;
}

void fl_camt_statement_warn(struct fl_camt_statement *s, uint64_t line, const char *message)
{
    s->summary->warnings++;
    if (s->sink->warning)
        s->sink->warning(s->sink->context, line, message);
}

void fl_camt_statement_refuse(struct fl_camt_statement *s, uint64_t line, enum fl_status code,
                              const char *message)
{
    s->summary->refused++;
    if (s->sink->refused)
        s->sink->refused(s->sink->context, line, code, message);
}

/* --- the head -------------------------------------------------------------------------------- */

void fl_camt_statement_message(struct fl_camt_statement *s, enum fl_statement_kind kind)
{
    s->kind = kind;
    s->message_goes_on = false;
}

static bool is_false(struct fl_slice text)
{
    return fl_slice_equals(text, "false") || fl_slice_equals(text, "0");
}

void fl_camt_statement_message_page(struct fl_camt_statement *s, struct fl_slice text)
{
    s->message_goes_on = is_false(text);
}

void fl_camt_statement_open(struct fl_camt_statement *s, uint64_t line)
{
    s->head = (struct fl_camt_head){.line = line, .last_page = true};
}

static void set_name(struct fl_camt_name *name, struct fl_slice text)
{
    size_t n = text.length < FL_CAMT_NAME_BYTES ? text.length : FL_CAMT_NAME_BYTES;
    if (n > 0)
        memcpy(name->bytes, text.at, n);
    name->length = fl_utf8_valid_prefix(name->bytes, n);
}

static struct fl_slice slice_of(const struct fl_camt_name *name)
{
    return fl_slice_of(name->bytes, name->length);
}

static bool is_same(const struct fl_camt_name *a, const struct fl_camt_name *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* 0: no number. */
static uint32_t number_of(struct fl_slice text)
{
    uint32_t number = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || number > 99999)
            return 0;
        number = number * 10 + (uint32_t)(text.at[i] - '0');
    }
    return number;
}

void fl_camt_statement_take(struct fl_camt_statement *s, enum camt_element element,
                            struct fl_slice text)
{
    struct fl_camt_head *head = &s->head;
    switch (element) {
    case CAMT_ID:
        set_name(&head->id, text);
        break;
    case CAMT_SEQUENCE:
        set_name(&head->sequence, text);
        break;
    case CAMT_LEGAL_SEQUENCE:
        if (head->sequence.length == 0)
            set_name(&head->sequence, text);
        break;
    case CAMT_CREATED:
        head->created_days = fl_camt_date(text);
        break;
    case CAMT_FROM:
        head->from_days = fl_camt_date(text);
        break;
    case CAMT_TO:
        head->to_days = fl_camt_date(text);
        break;
    case CAMT_PAGE:
        head->page = number_of(text);
        break;
    case CAMT_LAST_PAGE:
        head->last_page = !is_false(text);
        break;
    case CAMT_ACCOUNT:
        set_name(&head->account, text);
        break;
    case CAMT_CURRENCY:
        head->currency = fl_currency_find(text.at, text.length);
        break;
    case CAMT_NOTE:
        head->note_length = text.length < FL_CAMT_NOTE_BYTES ? text.length : FL_CAMT_NOTE_BYTES;
        memcpy(head->note, text.at, head->note_length);
        break;
    default:
        break;
    }
}

void fl_camt_statement_balance(struct fl_camt_statement *s)
{
    enum fl_status status = fl_camt_balances_close(&s->head.balances);
    if (status != FL_OK)
        fl_camt_statement_refuse(s, s->head.balances.line, status,
                                 s->head.balances.reason);
}

/* --- begin and end --------------------------------------------------------------------------- */

enum fl_status fl_camt_statement_end(struct fl_camt_statement *s)
{
    if (!s->open)
        return FL_OK;
    s->open = false;
    fl_statement_close(&s->statement, s->sum);
    s->statement.goes_on = s->continues;
    s->statement.note = fl_slice_of(s->note, fl_utf8_valid_prefix(s->note, s->note_length));
    return s->sink->end(s->sink->context, &s->statement);
}

/* A balance counts only in the statement's currency. */
static struct fl_statement_balance in_currency(struct fl_camt_statement *s,
                                               const struct fl_statement_balance *balance)
{
    if (!balance)
        return (struct fl_statement_balance){0};
    if (balance->currency == s->statement.currency)
        return *balance;
    fl_camt_statement_warn(s, s->head.line,
                           "a balance in another currency than the statement's is left out");
    return (struct fl_statement_balance){0};
}

static void add_balances(struct fl_statement *statement, const struct fl_camt_balances *balances)
{
    for (uint32_t i = 0; i < balances->count; i++) {
        if (statement->balances_count < FL_STATEMENT_BALANCES_MAX)
            statement->balances[statement->balances_count++] = balances->list[i];
    }
}

/* A5. */
static bool goes_on(const struct fl_camt_statement *s)
{
    const struct fl_camt_head *head = &s->head;
    return s->open && s->continues && head->sequence.length > 0 &&
           is_same(&head->sequence, &s->sequence) && is_same(&head->account, &s->account);
}

static void page_set(struct fl_camt_statement *s)
{
    s->page = s->head.page;
    s->continues = !s->head.last_page || s->message_goes_on;
    s->continues_by_message = s->head.last_page;
}

static void page_check(struct fl_camt_statement *s)
{
    struct fl_statement *statement = &s->statement;
    const struct fl_statement_balance *opening = fl_camt_balances_opening(&s->head.balances);
    struct fl_statement_total step = {0};
    if (s->page != 0 && s->head.page > s->page + 1) {
        fl_camt_statement_warn(s, s->head.line, "a page of the statement is missing before it");
        statement->page_missing = true;
    }
    if (!opening || strcmp(opening->code, "ITBD") != 0 ||
        statement->closing.amount.state != FL_DECIMAL_VALUE)
        return;
    fl_statement_total_add(&step, opening->amount);
    fl_statement_total_subtract(&step, statement->closing.amount);
    if (step.units == 0)
        return;
    fl_camt_statement_warn(s, s->head.line,
                           "a page does not open with the balance the page before it closed with");
    statement->page_missing = true;
}

static enum fl_status continue_statement(struct fl_camt_statement *s)
{
    struct fl_statement *statement = &s->statement;
    page_check(s);
    statement->pages++;
    add_balances(statement, &s->head.balances);
    statement->closing = in_currency(s, fl_camt_balances_closing(&s->head.balances));
    if (statement->closing.date_days != FL_DATE_NONE)
        statement->to_days = statement->closing.date_days;
    page_set(s);
    return FL_OK;
}

static void set_days(struct fl_statement *statement, const struct fl_camt_head *head)
{
    statement->from_days = head->from_days;
    statement->to_days = head->to_days;
    if (statement->closing.date_days != FL_DATE_NONE)
        statement->to_days = statement->closing.date_days;
    if (statement->to_days == FL_DATE_NONE)
        statement->to_days = head->created_days; /* A6 */
    if (statement->from_days == FL_DATE_NONE)
        statement->from_days = statement->opening.date_days != FL_DATE_NONE
                                   ? statement->opening.date_days
                                   : statement->to_days;
}

static void set_names(struct fl_camt_statement *s)
{
    s->id = s->head.id;
    s->account = s->head.account;
    s->sequence = s->head.sequence;
    s->statement.id = slice_of(&s->id);
    s->statement.account = slice_of(&s->account);
    s->statement.sequence = slice_of(&s->sequence);
}

static enum fl_status begin_new(struct fl_camt_statement *s, uint8_t entry_currency)
{
    struct fl_camt_head *head = &s->head;
    const struct fl_statement_balance *opening = fl_camt_balances_opening(&head->balances);
    const struct fl_statement_balance *closing = fl_camt_balances_closing(&head->balances);
    struct fl_statement *statement = &s->statement;
    *statement = (struct fl_statement){
        .line = head->line, .kind = s->kind, .currency = head->currency, .pages = 1};
    set_names(s);
    if (statement->currency == FL_CURRENCY_NONE)
        statement->currency = opening   ? opening->currency
                              : closing ? closing->currency
                                        : entry_currency;
    statement->opening = in_currency(s, opening);
    statement->closing = in_currency(s, closing);
    set_days(statement, head);
    bool interim = opening && strcmp(opening->code, "ITBD") == 0;
    statement->begins_interim = s->kind == FL_STATEMENT_BOOKED && (interim || head->page > 1);
    add_balances(statement, &head->balances);
    page_set(s);
    s->note_length = 0;
    s->sum = (struct fl_statement_total){0};
    s->open = true;
    s->other_currency_warned = false;
    s->summary->statements++;
    return s->sink->begin(s->sink->context, statement);
}

enum fl_status fl_camt_statement_begin(struct fl_camt_statement *s, uint8_t entry_currency)
{
    if (s->head.begun)
        return FL_OK;
    s->head.begun = true;
    if (goes_on(s))
        return continue_statement(s);
    if (s->continues_by_message)
        s->continues = false;
    FL_TRY(fl_camt_statement_end(s));
    return begin_new(s, entry_currency);
}

enum fl_status fl_camt_statement_close(struct fl_camt_statement *s)
{
    FL_TRY(fl_camt_statement_begin(s, FL_CURRENCY_NONE));
    if (s->head.note_length > 0) {
        memcpy(s->note, s->head.note, s->head.note_length);
        s->note_length = s->head.note_length;
    }
    return s->continues ? FL_OK : fl_camt_statement_end(s);
}

/* --- lines ----------------------------------------------------------------------------------- */

enum fl_status fl_camt_statement_line(struct fl_camt_statement *s, struct fl_statement_line *line)
{
    FL_ASSERT(s->open);
    struct fl_statement *statement = &s->statement;
    line->n = ++statement->lines;
    if (s->reversal_flips && line->reversal)
        line->amount.units = -line->amount.units;
    s->summary->lines++;
    fl_statement_line_cut(line);
    if (!line->booked) {
        statement->not_booked++;
        s->summary->not_booked++;
    } else if (line->currency == statement->currency) {
        fl_statement_total_add(&s->sum, line->amount);
    } else if (!s->other_currency_warned) {
        s->other_currency_warned = true;
        fl_camt_statement_warn(
            s, line->line, "an entry in another currency than the statement's is not in its sum");
    }
    return s->sink->line(s->sink->context, line);
}
