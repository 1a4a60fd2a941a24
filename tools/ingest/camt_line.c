#include "tools/ingest/camt_line.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/format/charset.h"

/* One line on its way, with room for what it points at. */
struct draft {
    struct fl_camt_statement *statement;
    struct fl_camt_entry *entry;
    struct fl_statement_line line;
    struct fl_statement_reference references[FL_STATEMENT_REFERENCES_MAX];
};

static struct fl_slice text_of(const struct draft *d, struct fl_camt_span span)
{
    return fl_camt_entry_text(d->entry, span);
}

/* A reference, without fillers (T6). */
static struct fl_slice reference_of(const struct draft *d, struct fl_camt_span span)
{
    struct fl_slice text = text_of(d, span);
    return fl_statement_is_filler(text) ? (struct fl_slice){0} : text;
}

/* --- do the details add up ------------------------------------------------------------------- */

/* The detail's amount in the entry's currency, unsigned; absent if it has none. */
static struct fl_decimal detail_amount(const struct fl_camt_entry *entry,
                                       const struct fl_camt_detail *detail)
{
    const struct fl_camt_amount *candidates[] = {&detail->amount, &detail->tx_amount,
                                                 &detail->counter_amount, &detail->instructed};
    for (size_t i = 0; i < 4; i++) {
        const struct fl_camt_amount *amount = candidates[i];
        if (fl_camt_amount_is_given(amount) && amount->currency == entry->amount.currency)
            return amount->value;
    }
    return (struct fl_decimal){0};
}

static struct fl_decimal detail_signed(const struct fl_camt_entry *entry,
                                       const struct fl_camt_detail *detail)
{
    return fl_camt_signed(detail_amount(entry, detail), detail->sign ? detail->sign : entry->sign);
}

enum parts { PARTS_NONE, PARTS_GROSS, PARTS_NET };

/* A1: whether the details add up, and as what. */
static enum parts judge_details(const struct fl_camt_entry *entry, struct fl_decimal entry_amount)
{
    struct fl_statement_total gross = {0}, kept = {0}, whole = {0};
    fl_statement_total_add(&whole, entry_amount);
    for (uint32_t i = 0; i < entry->details_count; i++) {
        const struct fl_camt_detail *detail = &entry->details[i];
        struct fl_decimal amount = detail_signed(entry, detail);
        if (amount.state != FL_DECIMAL_VALUE)
            return PARTS_NONE;
        fl_statement_total_add(&gross, amount);
        struct fl_decimal charges = fl_camt_charges_kept(&detail->charges, entry->amount.currency);
        if (charges.state == FL_DECIMAL_VALUE)
            fl_statement_total_add(&kept, charges);
    }
    if (gross.units == whole.units)
        return PARTS_GROSS;
    return gross.units - kept.units == whole.units ? PARTS_NET : PARTS_NONE;
}

static struct fl_decimal part_amount(const struct fl_camt_entry *entry,
                                     const struct fl_camt_detail *detail, enum parts parts)
{
    struct fl_decimal amount = detail_signed(entry, detail);
    struct fl_decimal charges = fl_camt_charges_kept(&detail->charges, entry->amount.currency);
    if (parts == PARTS_GROSS || charges.state != FL_DECIMAL_VALUE)
        return amount;
    struct fl_statement_total net = {0};
    fl_statement_total_add(&net, amount);
    fl_statement_total_subtract(&net, charges);
    struct fl_decimal result;
    return fl_statement_total_read(net, &result) == FL_OK ? result : amount;
}

/* --- what a detail says ---------------------------------------------------------------------- */

static void add_reference(struct draft *d, struct fl_statement_reference reference)
{
    if (reference.text.length > FL_STATEMENT_FIELD_BYTES_MAX)
        reference.text.length =
            fl_utf8_valid_prefix(reference.text.at, FL_STATEMENT_FIELD_BYTES_MAX);
    if (reference.text.length > 0 && d->line.references_count < FL_STATEMENT_REFERENCES_MAX)
        d->references[d->line.references_count++] = reference;
}

static void add_detail_references(struct draft *d, const struct fl_camt_detail *detail)
{
    for (uint32_t i = 0; i < detail->references_count; i++) {
        const struct fl_camt_reference *ref = &d->entry->references[detail->references_from + i];
        add_reference(d, (struct fl_statement_reference){.kind = ref->kind,
                                                         .credit_note = ref->credit_note,
                                                         .text = reference_of(d, ref->text),
                                                         .amount = ref->amount,
                                                         .discount = ref->discount});
    }
    add_reference(d, (struct fl_statement_reference){.kind = FL_REFERENCE_MANDATE,
                                                     .text = reference_of(d, detail->mandate)});
}

/* The other side: never the account itself where the other one is named. */
static void set_payer(struct draft *d, const struct fl_camt_detail *detail)
{
    bool debtor = d->line.amount.units >= 0;
    struct fl_slice own = d->statement->statement.account;
    for (unsigned attempt = 0; attempt < 2; attempt++, debtor = !debtor) {
        const struct fl_camt_party *party = debtor ? &detail->debtor : &detail->creditor;
        struct fl_slice account = text_of(d, party->account);
        struct fl_slice name = text_of(d, party->name.length > 0 ? party->name : party->behind);
        bool ours = account.length > 0 && account.length == own.length &&
                    memcmp(account.at, own.at, own.length) == 0;
        if (ours || (name.length == 0 && account.length == 0))
            continue;
        d->line.payer_name = name;
        d->line.payer_account = account;
        return;
    }
}

static struct fl_slice first_text(const struct draft *d, const struct fl_camt_span *spans,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (spans[i].length > 0)
            return text_of(d, spans[i]);
    }
    return (struct fl_slice){0};
}

static void set_detail(struct draft *d, const struct fl_camt_detail *detail)
{
    struct fl_statement_line *line = &d->line;
    const struct fl_camt_span texts[] = {detail->text, detail->structured_text, detail->bank_text,
                                         d->entry->text};
    line->text = first_text(d, texts, 4);
    if (detail->bank_ref.length > 0)
        line->bank_ref = text_of(d, detail->bank_ref);
    line->end_to_end = reference_of(d, detail->end_to_end);
    line->customer_ref = reference_of(d, detail->instruction);
    if (line->customer_ref.length == 0)
        line->customer_ref = reference_of(d, d->entry->batch_ref);
    if (line->code.length == 0 || detail->code.length > 0)
        line->code = text_of(d, detail->code);
    line->return_reason = text_of(d, detail->return_reason);
    line->charges = fl_camt_charges_kept(&detail->charges, d->entry->amount.currency);
    set_payer(d, detail);
    add_detail_references(d, detail);
}

/* --- lines ----------------------------------------------------------------------------------- */

static bool is_booked(const struct draft *d)
{
    struct fl_slice status = text_of(d, d->entry->status);
    if (status.length == 0)
        return d->statement->kind == FL_STATEMENT_BOOKED; /* A2 */
    return fl_slice_equals(status, "BOOK");
}

static void set_entry(struct draft *d)
{
    const struct fl_camt_entry *e = d->entry;
    uint16_t end = d->statement->statement.to_days;
    d->line = (struct fl_statement_line){
        .line = e->line,
        .booking_days = e->booking_days ? e->booking_days : end,
        .amount = fl_camt_signed(e->amount.value, e->sign),
        .currency = e->amount.currency,
        .booked = is_booked(d) && (d->statement->kind == FL_STATEMENT_BOOKED ||
                                   e->amount.currency == d->statement->statement.currency),
        .reversal = e->reversal,
        .bank_ref = text_of(d, e->bank_ref.length > 0 ? e->bank_ref : e->ref),
        .code = text_of(d, e->code),
        .text = text_of(d, e->text),
        .customer_ref = reference_of(d, e->batch_ref),
        .references = d->references,
    };
    d->line.value_days = e->value_days ? e->value_days : d->line.booking_days;
}

static enum fl_status emit_parts(struct draft *d, enum parts parts)
{
    for (uint32_t i = 0; i < d->entry->details_count; i++) {
        set_entry(d);
        d->line.amount = part_amount(d->entry, &d->entry->details[i], parts);
        d->line.batch_part = i + 1;
        d->line.batch_parts = d->entry->details_count;
        set_detail(d, &d->entry->details[i]);
        FL_TRY(fl_camt_statement_line(d->statement, &d->line));
    }
    return FL_OK;
}

/* A day that is given is so many days behind the entry's value date, none of them before it. */
static void set_availability(struct draft *d)
{
    struct fl_camt_availability *a = &d->entry->availability;
    uint16_t value = d->line.value_days;
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->from_days[i] != FL_DATE_NONE)
            a->parts[i].days = a->from_days[i] > value ? a->from_days[i] - value : 0;
    }
    d->line.availability = a->parts;
    d->line.availability_count = a->count;
}

static void amount_text(struct fl_decimal amount, uint8_t currency, char out[48])
{
    int64_t minor;
    out[0] = '\0';
    if (fl_decimal_scale(amount, fl_currency_exponent(currency), &minor) == FL_OK)
        fl_decimal_format(minor, fl_currency_exponent(currency), out);
}

/* Both figures, where each detail has an amount: else there is nothing to add up. */
static void warn_details(struct draft *d)
{
    const struct fl_camt_entry *e = d->entry;
    struct fl_statement_total total = {0};
    struct fl_decimal sum;
    char message[192], details[48], entry[48];
    bool all = true;
    for (uint32_t i = 0; i < e->details_count; i++) {
        struct fl_decimal amount = detail_signed(e, &e->details[i]);
        all &= amount.state == FL_DECIMAL_VALUE;
        if (all)
            fl_statement_total_add(&total, amount);
    }
    if (!all || fl_statement_total_read(total, &sum) != FL_OK) {
        snprintf(message, sizeof message,
                 "not each of the %" PRIu32
                 " details has an amount: the entry is booked as one line",
                 e->details_count);
    } else {
        amount_text(sum, e->amount.currency, details);
        amount_text(d->line.amount, e->amount.currency, entry);
        snprintf(message, sizeof message,
                 "the details come to %s, the entry is %s: it is booked as one line", details,
                 entry);
    }
    fl_camt_statement_warn(d->statement, e->line, message);
}

static enum fl_status emit_one(struct draft *d)
{
    const struct fl_camt_entry *e = d->entry;
    if (e->details_count == 1) {
        set_detail(d, &e->details[0]);
    } else if (e->details_count > 1) {
        warn_details(d);
        for (uint32_t i = 0; i < e->details_count; i++)
            add_detail_references(d, &e->details[i]);
    }
    if (d->line.charges.state != FL_DECIMAL_VALUE)
        d->line.charges = fl_camt_charges_kept(&e->charges, e->amount.currency);
    set_availability(d);
    return fl_camt_statement_line(d->statement, &d->line);
}

/* Why the entry cannot be booked, FL_OK if it can. */
static enum fl_status judge_entry(const struct fl_camt_statement *statement,
                                  const struct fl_camt_entry *entry, const char **reason)
{
    *reason = entry->reason;
    if (entry->bad != FL_OK)
        return entry->bad;
    *reason = "entry: no Amt";
    if (entry->amount.value.state != FL_DECIMAL_VALUE)
        return FL_MISSING_FIELD;
    *reason = "entry: in another currency than the account";
    if (statement->kind == FL_STATEMENT_BOOKED && /* else it would be booked as if it were */
        entry->amount.currency != statement->statement.currency)
        return FL_CURRENCY_DIFFERS;
    *reason = "entry: more decimals than the account's currency has";
    return fl_statement_amount_check(entry->amount.value, entry->amount.currency);
}

static void warn_value_date(struct draft *d)
{
    char message[96];
    struct fl_slice text = text_of(d, d->entry->bad_value_date);
    if (text.length == 0)
        return;
    int shown = (int)fl_utf8_valid_prefix(text.at, text.length < 30 ? text.length : 30);
    snprintf(message, sizeof message, "entry: ValDt \"%.*s\" is no day, the booking's is taken",
             shown, text.at);
    fl_camt_statement_warn(d->statement, d->entry->line, message);
}

enum fl_status fl_camt_lines_emit(struct fl_camt_statement *statement, struct fl_camt_entry *entry)
{
    struct draft d;
    FL_TRY(fl_camt_statement_begin(statement, entry->amount.currency));
    if (entry->amount.currency == FL_CURRENCY_NONE)
        entry->amount.currency = statement->statement.currency;
    const char *reason;
    enum fl_status bad = judge_entry(statement, entry, &reason);
    if (bad != FL_OK) {
        fl_camt_statement_refuse(statement, entry->line, bad, reason);
        return FL_OK;
    }
    d.statement = statement;
    d.entry = entry;
    set_entry(&d);
    warn_value_date(&d);
    if (entry->sign_missing)
        fl_camt_statement_warn(statement, entry->line,
                               "entry: no CdtDbtInd, taken for money that came in (CRDT)");
    if (entry->details_count > 1) {
        enum parts parts = judge_details(entry, d.line.amount);
        if (parts != PARTS_NONE)
            return emit_parts(&d, parts);
    }
    return emit_one(&d);
}
