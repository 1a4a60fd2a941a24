#include "tools/ingest/statement_camt053.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/limits.h"
#include "tools/format/charset.h"
#include "tools/format/xml_reader.h"
#include "tools/ingest/camt_paths.h"

#define NAME_BYTES 160
#define NOTE_BYTES 2048
#define FULL_PIECE                                                                                 \
    140 /* of unstructured remittance: what fills it goes on in the next without a blank */

/* A text of the entry in hand, as a place in the arena, which moves as it grows. */
struct span {
    uint32_t at, length;
};

struct amount {
    struct fl_decimal value; /* unsigned; absent until read */
    enum fl_status bad;      /* FL_OK, or why it is no amount */
    uint8_t currency;
};

struct reference {
    enum fl_reference_kind kind;
    bool credit_note;
    struct span text;
    struct fl_decimal amount, discount;
};

struct detail {
    struct span bank_ref, end_to_end, instruction, tx_id, mandate, code, return_reason;
    struct span debtor_name, debtor_account, creditor_name, creditor_account;
    struct span text, bank_text, structured_text;
    struct amount amount, tx_amount, counter_amount, instructed, charges;
    int sign; /* +1, -1; 0: the entry's */
    bool piece_full;
    uint32_t references_from, references_count;
};

struct entry {
    uint64_t line;
    struct amount amount, charges;
    int sign;
    bool reversal;
    struct span status, ref, bank_ref, batch_ref, code, text;
    uint16_t booking_days, value_days;
    uint32_t availability_count, available_in; /* in: days of the one whose amount comes next */
    uint16_t available_from;                   /* or the day; FL_DATE_NONE */
    bool available_kept;                       /* the last amount is one of ours: its sign follows */
};

struct structured {
    struct span creditor, document, kind, text;
    struct fl_decimal paid, due, credit, discount;
};

struct name {
    char bytes[NAME_BYTES];
    size_t length;
};

/* What the statement in hand says of itself before its first entry. */
struct head {
    uint64_t line;
    struct name id, account, sequence;
    uint8_t currency;
    uint16_t created_days, from_days, to_days;
    bool last_page;
    bool begun;
    struct fl_statement_balance balances[FL_STATEMENT_BALANCES_MAX];
    uint32_t balances_count;
};

struct reader {
    const struct fl_statement_sink *sink;
    struct fl_statement_summary *summary;
    struct fl_error *error;
    const char *source_name;
    struct camt_paths paths;

    enum fl_statement_kind kind;
    bool in_message, any_message;
    uint16_t stack[FL_XML_DEPTH_MAX]; /* path nodes from the statement down; empty outside one */
    uint32_t stack_count, skipped;    /* depth inside a branch that means nothing */

    char *arena;
    size_t arena_used, arena_capacity, mark;
    bool capturing;
    uint8_t capture_currency;
    bool capture_currency_bad;
    char last_code[4]; /* the currency that was looked up last, and its number */
    uint8_t last_currency;

    struct head head;
    struct fl_statement_balance balance;
    bool balance_bad, balance_minus;
    struct entry entry;
    struct fl_statement_availability availability[FL_AVAILABILITY_MAX]; /* of the entry */
    uint16_t available_from[FL_AVAILABILITY_MAX]; /* the day it is; FL_DATE_NONE: days are given */
    bool in_entry;
    struct detail *details;
    uint32_t details_count, details_capacity;
    struct reference *references;
    uint32_t references_count, references_capacity;
    struct structured structured;

    struct fl_statement statement;
    bool statement_open, statement_continues;
    struct name statement_id, statement_account, statement_sequence;
    struct fl_statement_total sum;
    char note[NOTE_BYTES];
    size_t note_length;
    bool other_currency_warned;

    struct fl_statement_reference line_references[FL_STATEMENT_REFERENCES_MAX];
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

static struct fl_slice slice_of_name(const struct name *name)
{
    return fl_slice_of(name->bytes, name->length);
}

static struct fl_slice slice_of(const struct reader *r, struct span span)
{
    return fl_slice_of(r->arena + span.at, span.length);
}

/* A reference, without fillers (T6). */
static struct fl_slice reference_of(const struct reader *r, struct span span)
{
    struct fl_slice text = slice_of(r, span);
    return fl_statement_is_filler(text) ? (struct fl_slice){0} : text;
}

/* --- the arena -------------------------------------------------------------------------------- */

static enum fl_status arena_append(struct reader *r, struct fl_slice text)
{
    if (r->arena_used + text.length > r->arena_capacity) {
        size_t wanted = r->arena_capacity * 2;
        while (wanted < r->arena_used + text.length)
            wanted *= 2;
        if (wanted > FL_CAMT_ENTRY_BYTES_MAX)
            return fl_error_set(r->error, FL_TOO_LONG,
                                "%s: line %llu: an entry of more than 256 MiB", r->source_name,
                                (unsigned long long)r->entry.line);
        char *grown = realloc(r->arena, wanted);
        if (!grown)
            return fl_error_set(r->error, FL_NO_MEMORY, "%s: no memory", r->source_name);
        r->arena = grown;
        r->arena_capacity = wanted;
    }
    memcpy(r->arena + r->arena_used, text.at, text.length);
    r->arena_used += text.length;
    return FL_OK;
}

static bool grow(void **array, uint32_t *capacity, size_t item)
{
    uint32_t wanted = *capacity ? *capacity * 2 : 64;
    void *grown = realloc(*array, wanted * item);
    if (!grown)
        return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

static struct detail *last_detail(struct reader *r)
{
    FL_ASSERT(r->details_count > 0);
    return &r->details[r->details_count - 1];
}

/* --- values ----------------------------------------------------------------------------------- */

static void set_name(struct name *name, struct fl_slice text)
{
    size_t n = text.length < NAME_BYTES ? text.length : NAME_BYTES;
    if (n > 0)
        memcpy(name->bytes, text.at, n);
    name->length = fl_utf8_valid_prefix(name->bytes, n);
}

/* "2024-03-20" and whatever follows: the day as written (T3). */
static uint16_t date_of(struct fl_slice text)
{
    uint16_t days = FL_DATE_NONE;
    if (text.length >= 10 && fl_date_parse(text.at, 10, &days) != FL_OK)
        return FL_DATE_NONE;
    return days;
}

static int sign_of(struct fl_slice text)
{
    return fl_slice_equals(text, "DBIT") ? -1 : 1;
}

static struct amount amount_of(struct reader *r, struct fl_slice text)
{
    struct amount amount = {.currency = r->capture_currency, .bad = FL_BAD_VALUE};
    bool minus = text.length > 0 && text.at[0] == '-';
    if (minus || (text.length > 0 && text.at[0] == '+'))
        text = fl_slice_of(text.at + 1, text.length - 1);
    if (r->capture_currency_bad || memchr(text.at, ',', text.length))
        return amount;
    amount.bad = fl_statement_amount(text, &amount.value);
    if (amount.bad == FL_OK)
        amount.bad = fl_statement_amount_check(amount.value, amount.currency);
    if (amount.bad != FL_OK)
        amount.value = (struct fl_decimal){0};
    else if (minus)
        amount.value.units = -amount.value.units;
    return amount;
}

static void find_currency(struct reader *r, struct fl_xml_attributes attributes)
{
    const char *code = fl_xml_attribute(attributes, "Ccy");
    r->capture_currency = FL_CURRENCY_NONE;
    r->capture_currency_bad = false;
    if (!code)
        return;
    if (strncmp(code, r->last_code, sizeof r->last_code) != 0) {
        r->last_currency = fl_currency_find(code, strlen(code));
        strncpy(r->last_code, code, sizeof r->last_code - 1);
    }
    r->capture_currency = r->last_currency;
    r->capture_currency_bad = r->last_currency == FL_CURRENCY_NONE;
}

static void add_charge(struct amount *total, struct amount charge)
{
    if (charge.bad != FL_OK)
        return;
    if (total->value.state != FL_DECIMAL_VALUE) {
        *total = charge;
        return;
    }
    struct fl_statement_total sum = {0};
    fl_statement_total_add(&sum, total->value);
    fl_statement_total_add(&sum, charge.value);
    if (total->currency == charge.currency)
        total->bad = fl_statement_total_read(sum, &total->value);
}

/* --- the statement ---------------------------------------------------------------------------- */

static const struct fl_statement_balance *find_balance(const struct head *head, const char *code,
                                                       bool last)
{
    const struct fl_statement_balance *found = NULL;
    for (uint32_t i = 0; i < head->balances_count; i++) {
        if (strcmp(head->balances[i].code, code) == 0 && (last || !found))
            found = &head->balances[i];
    }
    return found;
}

static const struct fl_statement_balance *opening_of(const struct head *head)
{
    const struct fl_statement_balance *found = find_balance(head, "OPBD", false);
    if (!found)
        found = find_balance(head, "PRCD", false);
    return found ? found : find_balance(head, "ITBD", false);
}

static const struct fl_statement_balance *closing_of(const struct head *head)
{
    const struct fl_statement_balance *found = find_balance(head, "CLBD", true);
    if (found)
        return found;
    found = find_balance(head, "ITBD", true);
    return found != opening_of(head) ? found : NULL;
}

static enum fl_status end_statement(struct reader *r)
{
    if (!r->statement_open)
        return FL_OK;
    r->statement_open = false;
    fl_statement_close(&r->statement, r->sum);
    r->statement.page_missing = r->statement.page_missing || r->statement_continues;
    r->statement.note = fl_slice_of(r->note, fl_utf8_valid_prefix(r->note, r->note_length));
    return r->sink->end(r->sink->context, &r->statement);
}

static bool same_name(const struct name *a, const struct name *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* A balance counts only in the statement's currency. */
static struct fl_statement_balance in_currency(struct reader *r,
                                               const struct fl_statement_balance *balance)
{
    if (!balance)
        return (struct fl_statement_balance){0};
    if (balance->currency == r->statement.currency)
        return *balance;
    warn(r, r->head.line, "a balance in another currency than the statement's is left out");
    return (struct fl_statement_balance){0};
}

static void add_balances(struct fl_statement *s, const struct head *head)
{
    for (uint32_t i = 0; i < head->balances_count; i++) {
        if (s->balances_count < FL_STATEMENT_BALANCES_MAX)
            s->balances[s->balances_count++] = head->balances[i];
    }
}

/* A5. */
static enum fl_status continue_statement(struct reader *r)
{
    struct fl_statement *s = &r->statement;
    struct fl_statement_balance closing = in_currency(r, closing_of(&r->head));
    s->pages++;
    add_balances(s, &r->head);
    s->closing = closing;
    if (closing.date_days != FL_DATE_NONE)
        s->to_days = closing.date_days;
    r->statement_continues = !r->head.last_page;
    return FL_OK;
}

/* The head becomes a statement, or a page of the one before. */
static enum fl_status begin_statement(struct reader *r)
{
    struct head *head = &r->head;
    FL_ASSERT(!head->begun);
    head->begun = true;
    if (r->statement_open && head->sequence.length > 0 &&
        same_name(&head->sequence, &r->statement_sequence) &&
        same_name(&head->account, &r->statement_account))
        return continue_statement(r);
    FL_TRY(end_statement(r));
    r->statement_id = head->id;
    r->statement_account = head->account;
    r->statement_sequence = head->sequence;
    const struct fl_statement_balance *opening = opening_of(head), *closing = closing_of(head);
    struct fl_statement *s = &r->statement;
    *s = (struct fl_statement){.line = head->line,
                               .kind = r->kind,
                               .id = slice_of_name(&r->statement_id),
                               .account = slice_of_name(&r->statement_account),
                               .sequence = slice_of_name(&r->statement_sequence),
                               .currency = head->currency,
                               .from_days = head->from_days,
                               .to_days = head->to_days,
                               .pages = 1};
    if (s->currency == FL_CURRENCY_NONE)
        s->currency = opening ? opening->currency : closing ? closing->currency : s->currency;
    if (s->currency == FL_CURRENCY_NONE && r->in_entry)
        s->currency = r->entry.amount.currency;
    s->opening = in_currency(r, opening);
    s->closing = in_currency(r, closing);
    if (s->closing.date_days != FL_DATE_NONE)
        s->to_days = s->closing.date_days;
    if (s->to_days == FL_DATE_NONE)
        s->to_days = head->created_days;
    if (s->from_days == FL_DATE_NONE)
        s->from_days = s->opening.date_days != FL_DATE_NONE ? s->opening.date_days : s->to_days;
    s->page_missing =
        opening && strcmp(opening->code, "ITBD") == 0 && r->kind == FL_STATEMENT_BOOKED;
    add_balances(s, head);
    r->statement_continues = !head->last_page;
    r->sum = (struct fl_statement_total){0};
    r->note_length = 0;
    r->statement_open = true;
    r->other_currency_warned = false;
    r->summary->statements++;
    return r->sink->begin(r->sink->context, s);
}

static void open_head(struct reader *r, uint64_t line)
{
    r->head = (struct head){.line = line, .last_page = true};
    r->stack[0] = CAMT_PATH_ROOT;
    r->stack_count = 1;
    r->skipped = 0;
    r->capturing = r->in_entry = false;
    r->arena_used = 0;
}

static enum fl_status close_head(struct reader *r)
{
    if (!r->head.begun)
        FL_TRY(begin_statement(r));
    return r->statement_continues ? FL_OK : end_statement(r);
}

static void close_balance(struct reader *r)
{
    struct head *head = &r->head;
    if (r->balance_bad) {
        refuse(r, head->line, FL_BAD_VALUE, "balance: not an amount of its currency");
        return;
    }
    if (r->balance_minus)
        r->balance.amount.units = -r->balance.amount.units;
    if (r->balance.amount.state == FL_DECIMAL_VALUE &&
        head->balances_count < FL_STATEMENT_BALANCES_MAX)
        head->balances[head->balances_count++] = r->balance;
}

/* --- lines ------------------------------------------------------------------------------------ */

static bool is_booked(const struct reader *r)
{
    struct fl_slice status = slice_of(r, r->entry.status);
    if (status.length == 0)
        return r->kind == FL_STATEMENT_BOOKED; /* A2 */
    return fl_slice_equals(status, "BOOK");
}

static struct fl_decimal signed_by(struct fl_decimal value, int sign)
{
    if (sign < 0)
        value.units = -value.units;
    return value;
}

/* The detail's amount in the entry's currency, unsigned; absent if it has none. */
static struct fl_decimal detail_amount(const struct reader *r, const struct detail *detail)
{
    const struct amount *candidates[] = {&detail->amount, &detail->tx_amount,
                                         &detail->counter_amount, &detail->instructed};
    for (size_t i = 0; i < 4; i++) {
        const struct amount *amount = candidates[i];
        if (amount->value.state == FL_DECIMAL_VALUE && amount->currency == r->entry.amount.currency)
            return amount->value;
    }
    return (struct fl_decimal){0};
}

/* The detail's charges in the entry's currency; absent if none. */
static struct fl_decimal charges_of(const struct reader *r, const struct amount *charges)
{
    bool fits = charges->bad == FL_OK && charges->value.state == FL_DECIMAL_VALUE &&
                charges->currency == r->entry.amount.currency;
    return fits ? charges->value : (struct fl_decimal){0};
}

enum parts { PARTS_NONE, PARTS_GROSS, PARTS_NET };

/* A1: whether the details add up, and as what. */
static enum parts judge_details(const struct reader *r, struct fl_decimal entry_amount)
{
    struct fl_statement_total gross = {0}, net = {0}, whole = {0};
    fl_statement_total_add(&whole, entry_amount);
    for (uint32_t i = 0; i < r->details_count; i++) {
        const struct detail *detail = &r->details[i];
        struct fl_decimal amount = detail_amount(r, detail);
        if (amount.state != FL_DECIMAL_VALUE)
            return PARTS_NONE;
        amount = signed_by(amount, detail->sign ? detail->sign : r->entry.sign);
        fl_statement_total_add(&gross, amount);
        fl_statement_total_add(&net, amount);
        struct fl_decimal charges = charges_of(r, &detail->charges);
        if (charges.state == FL_DECIMAL_VALUE)
            fl_statement_total_subtract(&net, charges);
    }
    if (gross.units == whole.units)
        return PARTS_GROSS;
    return net.units == whole.units ? PARTS_NET : PARTS_NONE;
}

static struct fl_decimal part_amount(const struct reader *r, const struct detail *detail,
                                     enum parts parts)
{
    struct fl_decimal amount = detail_amount(r, detail), charges = charges_of(r, &detail->charges);
    amount = signed_by(amount, detail->sign ? detail->sign : r->entry.sign);
    if (parts == PARTS_GROSS || charges.state != FL_DECIMAL_VALUE)
        return amount;
    struct fl_statement_total net = {0};
    fl_statement_total_add(&net, amount);
    fl_statement_total_subtract(&net, charges);
    struct fl_decimal result;
    return fl_statement_total_read(net, &result) == FL_OK ? result : amount;
}

static void add_line_reference(struct reader *r, struct fl_statement_line *line,
                               struct fl_statement_reference reference)
{
    if (reference.text.length > FL_STATEMENT_FIELD_BYTES_MAX)
        reference.text.length =
            fl_utf8_valid_prefix(reference.text.at, FL_STATEMENT_FIELD_BYTES_MAX);
    if (reference.text.length > 0 && line->references_count < FL_STATEMENT_REFERENCES_MAX)
        r->line_references[line->references_count++] = reference;
}

static void add_detail_references(struct reader *r, struct fl_statement_line *line,
                                  const struct detail *detail)
{
    for (uint32_t i = 0; i < detail->references_count; i++) {
        const struct reference *ref = &r->references[detail->references_from + i];
        add_line_reference(r, line,
                           (struct fl_statement_reference){.kind = ref->kind,
                                                           .credit_note = ref->credit_note,
                                                           .text = reference_of(r, ref->text),
                                                           .amount = ref->amount,
                                                           .discount = ref->discount});
    }
    struct fl_statement_reference mandate = {.kind = FL_REFERENCE_MANDATE,
                                             .text = reference_of(r, detail->mandate)};
    add_line_reference(r, line, mandate);
}

/* The other side: never the account itself where the other one is named. */
static void set_payer(const struct reader *r, struct fl_statement_line *line,
                      const struct detail *detail)
{
    bool debtor = line->amount.units >= 0;
    struct fl_slice own = r->statement.account;
    for (unsigned attempt = 0; attempt < 2; attempt++, debtor = !debtor) {
        struct fl_slice name = slice_of(r, debtor ? detail->debtor_name : detail->creditor_name);
        struct fl_slice account =
            slice_of(r, debtor ? detail->debtor_account : detail->creditor_account);
        bool ours = account.length > 0 && account.length == own.length &&
                    memcmp(account.at, own.at, own.length) == 0;
        if (ours || (name.length == 0 && account.length == 0))
            continue;
        line->payer_name = name;
        line->payer_account = account;
        return;
    }
}

static struct fl_slice first_text(const struct reader *r, const struct span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (spans[i].length > 0)
            return slice_of(r, spans[i]);
    }
    return (struct fl_slice){0};
}

static void set_detail(struct reader *r, struct fl_statement_line *line,
                       const struct detail *detail)
{
    const struct span texts[] = {detail->text, detail->structured_text, detail->bank_text,
                                 r->entry.text};
    line->text = first_text(r, texts, 4);
    if (detail->bank_ref.length > 0)
        line->bank_ref = slice_of(r, detail->bank_ref);
    line->end_to_end = reference_of(r, detail->end_to_end);
    line->customer_ref = reference_of(r, detail->instruction);
    if (line->code.length == 0 || detail->code.length > 0)
        line->code = slice_of(r, detail->code);
    line->return_reason = slice_of(r, detail->return_reason);
    line->charges = charges_of(r, &detail->charges);
    set_payer(r, line, detail);
    add_detail_references(r, line, detail);
}

static enum fl_status emit_line(struct reader *r, struct fl_statement_line *line)
{
    struct fl_statement *s = &r->statement;
    line->n = ++s->lines;
    r->summary->lines++;
    fl_statement_line_cut(line);
    if (!line->booked) {
        s->not_booked++;
        r->summary->not_booked++;
    } else if (line->currency == s->currency) {
        fl_statement_total_add(&r->sum, line->amount);
    } else if (!r->other_currency_warned) {
        r->other_currency_warned = true;
        warn(r, line->line, "an entry in another currency than the statement's is not in its sum");
    }
    return r->sink->line(r->sink->context, line);
}

static struct fl_statement_line entry_line(struct reader *r)
{
    const struct entry *e = &r->entry;
    struct fl_statement_line line = {
        .line = e->line,
        .booking_days = e->booking_days ? e->booking_days : r->statement.to_days,
        .amount = signed_by(e->amount.value, e->sign),
        .currency = e->amount.currency,
        .booked = is_booked(r),
        .reversal = e->reversal,
        .bank_ref = e->bank_ref.length > 0 ? slice_of(r, e->bank_ref) : slice_of(r, e->ref),
        .code = slice_of(r, e->code),
        .text = slice_of(r, e->text),
        .customer_ref = reference_of(r, e->batch_ref),
        .references = r->line_references,
    };
    line.value_days = e->value_days ? e->value_days : line.booking_days;
    return line;
}

static enum fl_status emit_parts(struct reader *r, enum parts parts)
{
    for (uint32_t i = 0; i < r->details_count; i++) {
        struct fl_statement_line line = entry_line(r);
        line.amount = part_amount(r, &r->details[i], parts);
        line.batch_part = i + 1;
        line.batch_parts = r->details_count;
        set_detail(r, &line, &r->details[i]);
        FL_TRY(emit_line(r, &line));
    }
    return FL_OK;
}

/* A day that is given is so many days behind the entry's value date, none of them before it. */
static void set_availability(struct reader *r, struct fl_statement_line *line)
{
    for (uint32_t i = 0; i < r->entry.availability_count; i++) {
        uint16_t from = r->available_from[i];
        if (from != FL_DATE_NONE)
            r->availability[i].days = from > line->value_days ? from - line->value_days : 0;
    }
    line->availability = r->availability;
    line->availability_count = r->entry.availability_count;
}

static enum fl_status close_entry(struct reader *r)
{
    struct entry *e = &r->entry;
    if (!r->head.begun)
        FL_TRY(begin_statement(r));
    if (e->amount.currency == FL_CURRENCY_NONE)
        e->amount.currency = r->statement.currency;
    enum fl_status bad = e->amount.bad;
    if (bad == FL_OK)
        bad = e->amount.value.state == FL_DECIMAL_VALUE
                  ? fl_statement_amount_check(e->amount.value, e->amount.currency)
                  : FL_MISSING_FIELD;
    if (bad != FL_OK) {
        refuse(r, e->line, bad, "entry: no amount of its currency");
        return FL_OK;
    }
    struct fl_statement_line line = entry_line(r);
    if (r->details_count > 1) {
        enum parts parts = judge_details(r, line.amount);
        if (parts != PARTS_NONE)
            return emit_parts(r, parts);
        warn(r, e->line, "the details do not add up to the entry, which is booked as one line");
        for (uint32_t i = 0; i < r->details_count; i++)
            add_detail_references(r, &line, &r->details[i]);
    } else if (r->details_count == 1) {
        set_detail(r, &line, &r->details[0]);
    }
    if (line.charges.state != FL_DECIMAL_VALUE)
        line.charges = charges_of(r, &e->charges);
    set_availability(r, &line);
    return emit_line(r, &line);
}

/* --- structured remittance ---------------------------------------------------------------------
 */

static enum fl_status push_reference(struct reader *r, struct reference reference)
{
    if (r->references_count == r->references_capacity &&
        !grow((void **)&r->references, &r->references_capacity, sizeof reference))
        return fl_error_set(r->error, FL_NO_MEMORY, "%s: no memory", r->source_name);
    r->references[r->references_count++] = reference;
    last_detail(r)->references_count++;
    return FL_OK;
}

static enum fl_status push_document(struct reader *r)
{
    struct structured *s = &r->structured;
    if (s->document.length == 0)
        return FL_OK;
    bool credit_note =
        fl_slice_equals(slice_of(r, s->kind), "CREN") || s->credit.state == FL_DECIMAL_VALUE;
    struct fl_decimal amount = s->paid.state == FL_DECIMAL_VALUE     ? s->paid
                               : s->credit.state == FL_DECIMAL_VALUE ? s->credit
                                                                     : s->due;
    struct reference reference = {.kind = FL_REFERENCE_DOCUMENT,
                                  .credit_note = credit_note,
                                  .text = s->document,
                                  .amount = amount,
                                  .discount = s->discount};
    s->document = s->kind = (struct span){0};
    return push_reference(r, reference);
}

static enum fl_status close_structured(struct reader *r)
{
    struct structured *s = &r->structured;
    if (s->creditor.length > 0)
        FL_TRY(push_reference(
            r, (struct reference){.kind = FL_REFERENCE_CREDITOR, .text = s->creditor}));
    FL_TRY(push_document(r));
    if (last_detail(r)->structured_text.length == 0)
        last_detail(r)->structured_text = s->text;
    return FL_OK;
}

/* --- elements ----------------------------------------------------------------------------------
 */

static enum fl_status open_detail(struct reader *r)
{
    if (r->details_count == r->details_capacity &&
        !grow((void **)&r->details, &r->details_capacity, sizeof r->details[0]))
        return fl_error_set(r->error, FL_NO_MEMORY, "%s: no memory", r->source_name);
    r->details[r->details_count++] = (struct detail){.references_from = r->references_count};
    return FL_OK;
}

/* A further piece of the remittance goes behind the first, which must be the arena's last text. */
static enum fl_status open_unstructured(struct reader *r)
{
    struct detail *detail = last_detail(r);
    if (detail->text.length == 0)
        return FL_OK;
    if (detail->text.at + detail->text.length != r->arena_used) {
        uint32_t at = (uint32_t)r->arena_used;
        for (uint32_t done = 0; done < detail->text.length;) {
            char copy[256];
            uint32_t n = detail->text.length - done < 256 ? detail->text.length - done : 256;
            memcpy(copy, r->arena + detail->text.at + done, n); /* the arena may move */
            FL_TRY(arena_append(r, fl_slice_of(copy, n)));
            done += n;
        }
        detail->text.at = at;
    }
    return detail->piece_full ? FL_OK : arena_append(r, fl_slice_of(" ", 1));
}

static enum fl_status open_element(struct reader *r, const struct fl_xml_reader *xml,
                                   enum camt_element element, struct fl_xml_attributes attributes)
{
    switch (element) {
    case CAMT_NOTHING:
        r->capturing = false;
        return FL_OK;
    case CAMT_BALANCE:
        r->balance = (struct fl_statement_balance){0};
        r->balance_bad = r->balance_minus = false;
        return FL_OK;
    case CAMT_ENTRY:
        r->entry = (struct entry){.line = fl_xml_line(xml), .sign = 1};
        r->details_count = r->references_count = 0;
        r->arena_used = 0;
        r->in_entry = true;
        return FL_OK;
    case CAMT_DETAIL:
        return open_detail(r);
    case CAMT_STRUCTURED:
        r->structured = (struct structured){0};
        return FL_OK;
    case CAMT_DETAIL_UNSTRUCTURED:
        FL_TRY(open_unstructured(r));
        break;
    default:
        break;
    }
    r->capturing = true;
    r->mark = r->arena_used;
    find_currency(r, attributes);
    return FL_OK;
}

static void take_statement_text(struct reader *r, enum camt_element element, struct fl_slice text)
{
    struct head *head = &r->head;
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
        head->created_days = date_of(text);
        break;
    case CAMT_FROM:
        head->from_days = date_of(text);
        break;
    case CAMT_TO:
        head->to_days = date_of(text);
        break;
    case CAMT_LAST_PAGE:
        head->last_page = !fl_slice_equals(text, "false") && !fl_slice_equals(text, "0");
        break;
    case CAMT_ACCOUNT:
        set_name(&head->account, text);
        break;
    case CAMT_CURRENCY:
        head->currency = fl_currency_find(text.at, text.length);
        break;
    case CAMT_NOTE:
        r->note_length = text.length < NOTE_BYTES ? text.length : NOTE_BYTES;
        memcpy(r->note, text.at, r->note_length);
        break;
    default:
        break;
    }
}

static void take_balance_text(struct reader *r, enum camt_element element, struct fl_slice text)
{
    struct fl_statement_balance *balance = &r->balance;
    if (element == CAMT_BALANCE_CODE) {
        size_t n = text.length < sizeof balance->code - 1 ? text.length : sizeof balance->code - 1;
        memset(balance->code, 0, sizeof balance->code);
        memcpy(balance->code, text.at, n);
    } else if (element == CAMT_BALANCE_AMOUNT) {
        struct amount amount = amount_of(r, text);
        balance->amount = amount.value;
        balance->currency = amount.currency;
        r->balance_bad = amount.bad != FL_OK;
    } else if (element == CAMT_BALANCE_SIGN) {
        r->balance_minus = sign_of(text) < 0;
    } else if (element == CAMT_BALANCE_DATE) {
        balance->date_days = date_of(text);
    }
}

/* "PMNT", then "RCDT", then "ESCT" make "PMNT.RCDT.ESCT"; a proprietary code only where there is
 * none. */
static enum fl_status add_code(struct reader *r, struct span *code, struct span part)
{
    bool follows = code->length > 0 && code->at + code->length == part.at && part.length <= 4 &&
                   code->length < sizeof "PMNT.RCDT.ESCT" - 1;
    if (code->length == 0) {
        *code = part;
    } else if (follows) {
        char piece[5] = {'.'};
        memcpy(piece + 1, r->arena + part.at, part.length);
        r->arena_used = part.at;
        FL_TRY(arena_append(r, fl_slice_of(piece, part.length + 1)));
        code->length += part.length + 1;
    }
    return FL_OK;
}

/* Days above this are a typing error: nobody waits so long for a cheque. */
#define AVAILABLE_DAYS_MAX 9999u

static uint32_t days_of(struct fl_slice text)
{
    uint32_t days = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || days > AVAILABLE_DAYS_MAX)
            return 0;
        days = days * 10 + (uint32_t)(text.at[i] - '0');
    }
    return days > AVAILABLE_DAYS_MAX ? 0 : days;
}

/* The day comes before its amount, the amount before its sign (the schema's order). Amounts of another currency than
 * the entry's, and more parts than a line has, are left out. */
static void take_availability(struct reader *r, enum camt_element element, struct fl_slice text)
{
    struct entry *e = &r->entry;
    if (element == CAMT_ENTRY_AVAILABLE_DAYS) {
        e->available_in = days_of(text);
        e->available_from = FL_DATE_NONE;
    } else if (element == CAMT_ENTRY_AVAILABLE_DATE) {
        e->available_from = date_of(text);
    } else if (element == CAMT_ENTRY_AVAILABLE_SIGN) {
        if (e->available_kept && sign_of(text) < 0)
            r->availability[e->availability_count - 1].amount.units *= -1;
    } else {
        struct amount amount = amount_of(r, text);
        e->available_kept = amount.bad == FL_OK && amount.currency == e->amount.currency &&
                            e->availability_count < FL_AVAILABILITY_MAX;
        if (!e->available_kept)
            return;
        r->available_from[e->availability_count] = e->available_from;
        r->availability[e->availability_count++] =
            (struct fl_statement_availability){.days = e->available_in, .amount = amount.value};
    }
}

static enum fl_status take_entry_text(struct reader *r, enum camt_element element, struct span span)
{
    struct entry *e = &r->entry;
    struct fl_slice text = slice_of(r, span);
    switch (element) {
    case CAMT_ENTRY_REF:
        e->ref = span;
        break;
    case CAMT_ENTRY_AMOUNT:
        e->amount = amount_of(r, text);
        break;
    case CAMT_ENTRY_SIGN:
        e->sign = sign_of(text);
        break;
    case CAMT_ENTRY_REVERSAL:
        e->reversal = fl_slice_equals(text, "true") || fl_slice_equals(text, "1");
        break;
    case CAMT_ENTRY_STATUS:
        e->status = span;
        break;
    case CAMT_ENTRY_BOOKED:
        e->booking_days = date_of(text);
        break;
    case CAMT_ENTRY_VALUE:
        e->value_days = date_of(text);
        break;
    case CAMT_ENTRY_BANK_REF:
        e->bank_ref = span;
        break;
    case CAMT_BATCH_REF:
        e->batch_ref = span;
        break;
    case CAMT_ENTRY_CODE:
        return add_code(r, &e->code, span);
    case CAMT_ENTRY_CHARGES:
        e->charges = amount_of(r, text);
        break;
    case CAMT_ENTRY_CHARGE:
        add_charge(&e->charges, amount_of(r, text));
        break;
    case CAMT_ENTRY_AVAILABLE_DAYS:
    case CAMT_ENTRY_AVAILABLE_DATE:
    case CAMT_ENTRY_AVAILABLE_AMOUNT:
    case CAMT_ENTRY_AVAILABLE_SIGN:
        take_availability(r, element, text);
        break;
    case CAMT_ENTRY_TEXT:
        e->text = span;
        break;
    default:
        break;
    }
    return FL_OK;
}

static void take_party_text(struct detail *detail, enum camt_element element, struct span span)
{
    struct span *field = element == CAMT_DEBTOR_NAME      ? &detail->debtor_name
                         : element == CAMT_DEBTOR_ACCOUNT ? &detail->debtor_account
                         : element == CAMT_CREDITOR_NAME  ? &detail->creditor_name
                                                          : &detail->creditor_account;
    *field = span;
}

static enum fl_status take_detail_text(struct reader *r, enum camt_element element,
                                       struct span span)
{
    struct detail *detail = last_detail(r);
    struct fl_slice text = slice_of(r, span);
    switch (element) {
    case CAMT_DETAIL_BANK_REF:
        detail->bank_ref = span;
        break;
    case CAMT_DETAIL_END_TO_END:
        detail->end_to_end = span;
        break;
    case CAMT_DETAIL_INSTRUCTION:
        detail->instruction = span;
        break;
    case CAMT_DETAIL_TX_ID:
        detail->tx_id = span;
        break;
    case CAMT_DETAIL_MANDATE:
        detail->mandate = span;
        break;
    case CAMT_DETAIL_AMOUNT:
        detail->amount = amount_of(r, text);
        break;
    case CAMT_DETAIL_TX_AMOUNT:
        detail->tx_amount = amount_of(r, text);
        break;
    case CAMT_DETAIL_COUNTER_AMOUNT:
        detail->counter_amount = amount_of(r, text);
        break;
    case CAMT_DETAIL_INSTRUCTED:
        detail->instructed = amount_of(r, text);
        break;
    case CAMT_DETAIL_SIGN:
        detail->sign = sign_of(text);
        break;
    case CAMT_DETAIL_CHARGES:
        detail->charges = amount_of(r, text);
        break;
    case CAMT_DETAIL_CHARGE:
        add_charge(&detail->charges, amount_of(r, text));
        break;
    case CAMT_DETAIL_CODE:
        return add_code(r, &detail->code, span);
    case CAMT_DETAIL_RETURN:
        detail->return_reason = span;
        break;
    case CAMT_DETAIL_TEXT:
        detail->bank_text = span;
        break;
    case CAMT_DETAIL_UNSTRUCTURED:
        if (detail->text.length == 0)
            detail->text = span;
        detail->text.length = span.at + span.length - detail->text.at;
        break;
    default:
        take_party_text(detail, element, span);
        break;
    }
    return FL_OK;
}

static enum fl_status take_structured_text(struct reader *r, enum camt_element element,
                                           struct span span)
{
    struct structured *s = &r->structured;
    struct fl_slice text = slice_of(r, span);
    switch (element) {
    case CAMT_STRUCTURED_REF:
        s->creditor = span;
        break;
    case CAMT_STRUCTURED_DOCUMENT:
        FL_TRY(push_document(r)); /* a remittance may name several */
        s->document = span;
        break;
    case CAMT_STRUCTURED_KIND:
        s->kind = span;
        break;
    case CAMT_STRUCTURED_PAID:
        s->paid = amount_of(r, text).value;
        break;
    case CAMT_STRUCTURED_DUE:
        s->due = amount_of(r, text).value;
        break;
    case CAMT_STRUCTURED_CREDIT:
        s->credit = amount_of(r, text).value;
        break;
    case CAMT_STRUCTURED_DISCOUNT:
        s->discount = amount_of(r, text).value;
        break;
    default:
        /* "?REJECT?0", "?ERROR?000": PostFinance's marks on a slip, no text of the payer. */
        if (!fl_slice_begins(text, "?REJECT?") && !fl_slice_begins(text, "?ERROR?"))
            s->text = span;
        break;
    }
    return FL_OK;
}

static enum fl_status take_text(struct reader *r, enum camt_element element)
{
    if (element == CAMT_DETAIL_UNSTRUCTURED)
        last_detail(r)->piece_full = r->arena_used - r->mark >= FULL_PIECE;
    size_t length = fl_statement_text_clean(r->arena + r->mark, r->arena_used - r->mark);
    struct span span = {(uint32_t)r->mark, (uint32_t)length};
    r->arena_used = r->mark + length;
    struct fl_slice text = slice_of(r, span);
    if (length == 0)
        return FL_OK;
    if (element >= CAMT_STRUCTURED_REF)
        return take_structured_text(r, element, span);
    if (element >= CAMT_DETAIL_BANK_REF)
        return take_detail_text(r, element, span);
    if (element >= CAMT_ENTRY_REF)
        return take_entry_text(r, element, span);
    if (element >= CAMT_BALANCE_CODE)
        take_balance_text(r, element, text);
    else
        take_statement_text(r, element, text);
    r->arena_used = r->mark; /* copied: the arena is for entries */
    return FL_OK;
}

static enum fl_status close_element(struct reader *r, enum camt_element element)
{
    switch (element) {
    case CAMT_NOTHING:
        return FL_OK;
    case CAMT_BALANCE:
        close_balance(r);
        return FL_OK;
    case CAMT_ENTRY: {
        enum fl_status status = close_entry(r);
        r->in_entry = false;
        return status;
    }
    case CAMT_DETAIL:
        return FL_OK;
    case CAMT_STRUCTURED:
        return close_structured(r);
    default:
        break;
    }
    if (!r->capturing)
        return FL_OK; /* the value was in an element inside (Sts/Cd) */
    r->capturing = false;
    return take_text(r, element);
}

/* --- events ------------------------------------------------------------------------------------
 */

static enum fl_status open_outside(struct reader *r, const struct fl_xml_reader *xml,
                                   struct fl_slice name)
{
    if (fl_slice_begins(name, "BkToCstmr")) {
        r->in_message = r->any_message = true;
        r->kind = fl_slice_equals(name, "BkToCstmrStmt")      ? FL_STATEMENT_BOOKED
                  : fl_slice_equals(name, "BkToCstmrAcctRpt") ? FL_STATEMENT_INTRADAY
                                                              : FL_STATEMENT_NOTICE;
    } else if (r->in_message && (fl_slice_equals(name, "Stmt") || fl_slice_equals(name, "Rpt") ||
                                 fl_slice_equals(name, "Ntfctn"))) {
        open_head(r, fl_xml_line(xml));
    }
    return FL_OK;
}

static enum fl_status on_open(void *context, const struct fl_xml_reader *xml, struct fl_slice name,
                              struct fl_xml_attributes attributes)
{
    struct reader *r = context;
    if (r->stack_count == 0)
        return open_outside(r, xml, name);
    if (r->skipped > 0) {
        r->skipped++;
        return FL_OK;
    }
    uint16_t node = fl_camt_paths_child(&r->paths, r->stack[r->stack_count - 1], name);
    if (node == CAMT_PATH_NONE) {
        r->skipped = 1;
        return FL_OK;
    }
    FL_ASSERT(r->stack_count < FL_XML_DEPTH_MAX);
    r->stack[r->stack_count++] = node;
    return open_element(r, xml, r->paths.nodes[node].element, attributes);
}

static enum fl_status on_text(void *context, const struct fl_xml_reader *xml, struct fl_slice text)
{
    struct reader *r = context;
    (void)xml;
    return r->capturing && r->skipped == 0 ? arena_append(r, text) : FL_OK;
}

static enum fl_status on_close(void *context, const struct fl_xml_reader *xml, struct fl_slice name)
{
    struct reader *r = context;
    (void)xml;
    (void)name;
    if (r->stack_count == 0)
        return FL_OK;
    if (r->skipped > 0) {
        r->skipped--;
        return FL_OK;
    }
    uint16_t node = r->stack[--r->stack_count];
    if (r->stack_count == 0)
        return close_head(r);
    return close_element(r, r->paths.nodes[node].element);
}

static enum fl_status read_all(struct reader *r, struct fl_byte_source source)
{
    struct fl_xml_handler handler = {
        .context = r, .open = on_open, .text = on_text, .close = on_close};
    uint64_t bytes = 0;
    enum fl_status status = fl_xml_read(source, &handler, &bytes, r->error);
    r->summary->bytes += bytes;
    FL_TRY(status);
    FL_TRY(end_statement(r));
    if (!r->any_message)
        return fl_error_set(r->error, FL_UNREADABLE, "%s: no camt.052, 053 or 054 in it",
                            source.name);
    return FL_OK;
}

enum fl_status fl_statement_camt053_read(struct fl_byte_source source,
                                         const struct fl_statement_sink *sink,
                                         struct fl_statement_summary *summary,
                                         struct fl_error *error)
{
    struct reader *r = calloc(1, sizeof *r);
    if (r)
        r->arena = malloc(r->arena_capacity = 64u << 10);
    if (!r || !r->arena) {
        free(r);
        return fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    }
    r->sink = sink;
    r->summary = summary;
    r->error = error;
    r->source_name = source.name;
    fl_camt_paths_init(&r->paths);
    enum fl_status status = read_all(r, source);
    free(r->references);
    free(r->details);
    free(r->arena);
    free(r);
    return status;
}
