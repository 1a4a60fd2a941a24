#include "tools/ingest/camt_entry.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/date.h"
#include "tools/format/charset.h"

enum fl_status fl_camt_entry_init(struct fl_camt_entry *entry)
{
    *entry = (struct fl_camt_entry){0};
    return fl_camt_arena_init(&entry->arena);
}

void fl_camt_entry_deinit(struct fl_camt_entry *entry)
{
    free(entry->references);
    free(entry->details);
    fl_camt_arena_deinit(&entry->arena);
    *entry = (struct fl_camt_entry){0};
}

void fl_camt_entry_begin(struct fl_camt_entry *entry, uint64_t line)
{
    struct fl_camt_entry fresh = {.arena = entry->arena,
                                  .line = line,
                                  .sign = 1,
                                  .sign_missing = true,
                                  .details = entry->details,
                                  .details_capacity = entry->details_capacity,
                                  .references = entry->references,
                                  .references_capacity = entry->references_capacity};
    fresh.arena.used = 0;
    *entry = fresh;
}

/* Room for one more item; FL_TOO_LONG at the limit. */
static enum fl_status room_for_one(void **array, uint32_t count, uint32_t *capacity, size_t item,
                                   uint32_t most)
{
    if (count < *capacity)
        return FL_OK;
    if (count >= most)
        return FL_TOO_LONG;
    uint32_t wanted = *capacity ? *capacity * 2 : 16;
    void *grown = realloc(*array, wanted * item);
    if (!grown)
        return FL_NO_MEMORY;
    *array = grown;
    *capacity = wanted;
    return FL_OK;
}

static struct fl_camt_detail *last_detail(struct fl_camt_entry *entry)
{
    FL_ASSERT(entry->details_count > 0);
    return &entry->details[entry->details_count - 1];
}

/* --- blocks ---------------------------------------------------------------------------------- */

static enum fl_status open_detail(struct fl_camt_entry *entry)
{
    FL_TRY(room_for_one((void **)&entry->details, entry->details_count, &entry->details_capacity,
                        sizeof entry->details[0], FL_CAMT_DETAILS_MAX));
    entry->details[entry->details_count++] =
        (struct fl_camt_detail){.references_from = entry->references_count};
    return FL_OK;
}

/* A further piece of the remittance goes behind the first, which must be the arena's last text.
 * What filled its element goes on in the next without a blank. */
static enum fl_status open_unstructured(struct fl_camt_entry *entry, bool *wanted)
{
    struct fl_camt_detail *detail = last_detail(entry);
    if (detail->text.length == 0)
        return FL_OK;
    *wanted = detail->text.length < FL_TEXT_BYTES_MAX; /* the rest would be cut off anyhow */
    if (!*wanted)
        return FL_OK;
    if (detail->text.at + detail->text.length != entry->arena.used)
        FL_TRY(fl_camt_arena_repeat(&entry->arena, &detail->text));
    return detail->piece_full ? FL_OK : fl_camt_arena_append(&entry->arena, fl_slice_of(" ", 1));
}

enum fl_status fl_camt_entry_open(struct fl_camt_entry *entry, enum camt_element element,
                                  bool *wanted)
{
    *wanted = true;
    switch (element) {
    case CAMT_DETAIL:
        *wanted = false;
        return open_detail(entry);
    case CAMT_STRUCTURED:
        *wanted = false;
        entry->structured = (struct fl_camt_structured){0};
        return FL_OK;
    case CAMT_STRUCTURED_AMOUNT:
    case CAMT_ENTRY_CHARGES:
    case CAMT_DETAIL_CHARGES:
        *wanted = false;
        return FL_OK;
    case CAMT_DETAIL_UNSTRUCTURED:
        return open_unstructured(entry, wanted);
    default:
        return FL_OK;
    }
}

static enum fl_status push_reference(struct fl_camt_entry *entry,
                                     struct fl_camt_reference reference)
{
    FL_TRY(room_for_one((void **)&entry->references, entry->references_count,
                        &entry->references_capacity, sizeof reference, FL_CAMT_REFERENCES_MAX));
    entry->references[entry->references_count++] = reference;
    last_detail(entry)->references_count++;
    return FL_OK;
}

/* The document of the structured remittance that is in hand, if it named one. */
static enum fl_status push_document(struct fl_camt_entry *entry)
{
    struct fl_camt_structured *s = &entry->structured;
    if (s->document.length == 0)
        return FL_OK;
    bool credited = s->credit.state == FL_DECIMAL_VALUE;
    struct fl_camt_reference reference = {
        .kind = FL_REFERENCE_DOCUMENT,
        .credit_note = credited || fl_slice_equals(fl_camt_entry_text(entry, s->kind), "CREN"),
        .text = s->document,
        .amount = s->paid.state == FL_DECIMAL_VALUE ? s->paid
                  : credited                        ? s->credit
                                                    : s->due,
        .discount = s->discount};
    s->document = s->kind = (struct fl_camt_span){0};
    return push_reference(entry, reference);
}

static enum fl_status close_structured(struct fl_camt_entry *entry)
{
    struct fl_camt_structured *s = &entry->structured;
    struct fl_camt_reference creditor = {.kind = FL_REFERENCE_CREDITOR, .text = s->creditor};
    if (s->document.length == 0) {
        creditor.amount = s->paid.state == FL_DECIMAL_VALUE ? s->paid : s->due;
        creditor.discount = s->discount;
    }
    if (s->creditor.length > 0)
        FL_TRY(push_reference(entry, creditor));
    FL_TRY(push_document(entry));
    if (last_detail(entry)->structured_text.length == 0)
        last_detail(entry)->structured_text = s->text;
    return FL_OK;
}

/* ISO 20022 version 11 and later have one amount with a code in place of an element for each. */
static void close_structured_amount(struct fl_camt_entry *entry)
{
    struct fl_camt_structured *s = &entry->structured;
    struct fl_slice code = fl_camt_entry_text(entry, s->amount_code);
    struct fl_decimal *field = fl_slice_equals(code, "DUPA")   ? &s->due
                               : fl_slice_begins(code, "DIS")  ? &s->discount
                               : fl_slice_equals(code, "CREN") ? &s->credit
                                                               : &s->paid;
    if (s->amount.state == FL_DECIMAL_VALUE && !fl_slice_begins(code, "TAX"))
        *field = s->amount;
    s->amount = (struct fl_decimal){0};
    s->amount_code = (struct fl_camt_span){0};
}

enum fl_status fl_camt_entry_close(struct fl_camt_entry *entry, enum camt_element element)
{
    if (element == CAMT_STRUCTURED)
        return close_structured(entry);
    if (element == CAMT_STRUCTURED_AMOUNT)
        close_structured_amount(entry);
    else if (element == CAMT_ENTRY_CHARGES)
        fl_camt_charges_close(&entry->charges);
    else if (element == CAMT_DETAIL_CHARGES)
        fl_camt_charges_close(&last_detail(entry)->charges);
    return FL_OK;
}

/* --- texts of the entry ---------------------------------------------------------------------- */

/* "PMNT", then "RCDT", then "ESCT" make "PMNT.RCDT.ESCT"; a proprietary code only where there is
 * none. */
static enum fl_status add_code(struct fl_camt_entry *entry, struct fl_camt_span *code,
                               struct fl_camt_span part)
{
    bool follows = code->length > 0 && code->at + code->length == part.at && part.length <= 4 &&
                   code->length < sizeof "PMNT.RCDT.ESCT" - 1;
    if (code->length == 0) {
        *code = part;
    } else if (follows) {
        char piece[5] = {'.'};
        memcpy(piece + 1, entry->arena.bytes + part.at, part.length);
        entry->arena.used = part.at;
        FL_TRY(fl_camt_arena_append(&entry->arena, fl_slice_of(piece, part.length + 1)));
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

/* Amounts of another currency than the entry's, and more parts than a line has, are left out. */
static void take_available_amount(struct fl_camt_entry *entry, struct fl_camt_amount amount)
{
    struct fl_camt_availability *a = &entry->availability;
    a->kept = amount.bad == FL_OK && amount.currency == entry->amount.currency &&
              a->count < FL_AVAILABILITY_MAX;
    if (!a->kept)
        return;
    a->from_days[a->count] = a->from;
    a->parts[a->count++] =
        (struct fl_statement_availability){.days = a->in, .amount = amount.value};
}

static void take_availability(struct fl_camt_entry *entry, enum camt_element element,
                              const struct fl_camt_currency *currency, struct fl_slice text)
{
    struct fl_camt_availability *a = &entry->availability;
    if (element == CAMT_ENTRY_AVAILABLE_DAYS) {
        a->in = days_of(text);
        a->from = FL_DATE_NONE;
    } else if (element == CAMT_ENTRY_AVAILABLE_DATE) {
        a->from = fl_camt_date(text);
    } else if (element == CAMT_ENTRY_AVAILABLE_AMOUNT) {
        take_available_amount(entry, fl_camt_amount_read(currency, text));
    } else if (a->kept && fl_camt_sign(text) < 0) {
        a->parts[a->count - 1].amount.units *= -1;
    }
}

/* The first thing that keeps the entry from being booked. */
static void refuse(struct fl_camt_entry *e, const char *what, struct fl_slice text,
                   const char *wanted)
{
    if (e->bad != FL_OK)
        return;
    e->bad = FL_BAD_VALUE;
    int shown = (int)fl_utf8_valid_prefix(text.at, text.length < 30 ? text.length : 30);
    snprintf(e->reason, sizeof e->reason, "entry: %s \"%.*s\" is not %s", what, shown, text.at,
             wanted);
}

static void take_amount(struct fl_camt_entry *e, const struct fl_camt_currency *currency,
                        struct fl_slice text)
{
    e->amount = fl_camt_amount_read(currency, text);
    if (e->amount.bad == FL_OK || e->bad != FL_OK)
        return;
    e->bad = e->amount.bad;
    fl_camt_amount_reason(e->reason, "entry", currency, text, e->bad);
}

static void take_sign(struct fl_camt_entry *e, struct fl_slice text)
{
    e->sign_missing = false;
    if (fl_slice_equals(text, "CRDT") || fl_slice_equals(text, "DBIT"))
        e->sign = fl_camt_sign(text);
    else
        refuse(e, "CdtDbtInd", text, "CRDT or DBIT");
}

static void take_booking_date(struct fl_camt_entry *e, struct fl_slice text)
{
    e->booking_days = fl_camt_date(text);
    if (e->booking_days == FL_DATE_NONE)
        refuse(e, "BookgDt", text, "a day, YYYY-MM-DD");
}

static enum fl_status take_entry(struct fl_camt_entry *e, enum camt_element element,
                                 const struct fl_camt_currency *currency, struct fl_camt_span span)
{
    struct fl_slice text = fl_camt_entry_text(e, span);
    switch (element) {
    case CAMT_ENTRY_REF:
        e->ref = span;
        break;
    case CAMT_ENTRY_AMOUNT:
        take_amount(e, currency, text);
        break;
    case CAMT_ENTRY_SIGN:
        take_sign(e, text);
        break;
    case CAMT_ENTRY_REVERSAL:
        e->reversal = fl_camt_is_true(text);
        break;
    case CAMT_ENTRY_STATUS:
        e->status = span;
        break;
    case CAMT_ENTRY_BOOKED:
        take_booking_date(e, text);
        break;
    case CAMT_ENTRY_VALUE:
        e->value_days = fl_camt_date(text);
        e->bad_value_date = e->value_days == FL_DATE_NONE ? span : (struct fl_camt_span){0};
        break;
    case CAMT_ENTRY_BANK_REF:
        e->bank_ref = span;
        break;
    case CAMT_BATCH_REF:
        e->batch_ref = span;
        break;
    case CAMT_ENTRY_CODE:
        return add_code(e, &e->code, span);
    case CAMT_ENTRY_CHARGES_TOTAL:
    case CAMT_ENTRY_CHARGES_AMOUNT:
    case CAMT_ENTRY_CHARGES_SIGN:
        fl_camt_charges_take(&e->charges, element - CAMT_ENTRY_CHARGES_TOTAL, currency, text);
        break;
    case CAMT_ENTRY_TEXT:
        e->text = span;
        break;
    default:
        take_availability(e, element, currency, text);
        break;
    }
    return FL_OK;
}

/* --- texts of a detail ----------------------------------------------------------------------- */

/* Null: the element is no amount. */
static struct fl_camt_amount *amount_field(struct fl_camt_detail *detail, enum camt_element element)
{
    return element == CAMT_DETAIL_AMOUNT           ? &detail->amount
           : element == CAMT_DETAIL_TX_AMOUNT      ? &detail->tx_amount
           : element == CAMT_DETAIL_COUNTER_AMOUNT ? &detail->counter_amount
           : element == CAMT_DETAIL_INSTRUCTED     ? &detail->instructed
                                                   : NULL;
}

/* Where a text goes as it is. */
static struct fl_camt_span *text_field(struct fl_camt_detail *detail, enum camt_element element)
{
    switch (element) {
    case CAMT_DETAIL_BANK_REF:
        return &detail->bank_ref;
    case CAMT_DETAIL_END_TO_END:
        return &detail->end_to_end;
    case CAMT_DETAIL_INSTRUCTION:
        return &detail->instruction;
    case CAMT_DETAIL_TX_ID:
        return &detail->tx_id;
    case CAMT_DETAIL_MANDATE:
        return &detail->mandate;
    case CAMT_DETAIL_RETURN:
        return &detail->return_reason;
    case CAMT_DETAIL_TEXT:
        return &detail->bank_text;
    case CAMT_DEBTOR_NAME:
        return &detail->debtor.name;
    case CAMT_DEBTOR_ACCOUNT:
        return &detail->debtor.account;
    case CAMT_DEBTOR_BEHIND:
        return &detail->debtor.behind;
    case CAMT_CREDITOR_NAME:
        return &detail->creditor.name;
    case CAMT_CREDITOR_ACCOUNT:
        return &detail->creditor.account;
    case CAMT_CREDITOR_BEHIND:
        return &detail->creditor.behind;
    default:
        return NULL;
    }
}

static enum fl_status take_detail(struct fl_camt_entry *entry, enum camt_element element,
                                  const struct fl_camt_currency *currency, struct fl_camt_span span)
{
    struct fl_camt_detail *detail = last_detail(entry);
    struct fl_camt_span *text = text_field(detail, element);
    struct fl_camt_amount *amount = amount_field(detail, element);
    if (text)
        *text = span;
    else if (amount)
        *amount = fl_camt_amount_read(currency, fl_camt_entry_text(entry, span));
    else if (element == CAMT_DETAIL_CODE)
        return add_code(entry, &detail->code, span);
    else if (element == CAMT_DETAIL_SIGN)
        detail->sign = fl_camt_sign(fl_camt_entry_text(entry, span));
    else if (element >= CAMT_DETAIL_CHARGES_TOTAL && element <= CAMT_DETAIL_CHARGES_SIGN)
        fl_camt_charges_take(&detail->charges, element - CAMT_DETAIL_CHARGES_TOTAL, currency,
                             fl_camt_entry_text(entry, span));
    return FL_OK;
}

static void take_unstructured(struct fl_camt_entry *entry, struct fl_camt_span span, bool filled)
{
    struct fl_camt_detail *detail = last_detail(entry);
    detail->piece_full = filled;
    if (span.length == 0)
        return;
    if (detail->text.length == 0)
        detail->text = span;
    detail->text.length = span.at + span.length - detail->text.at;
}

/* --- structured remittance ------------------------------------------------------------------- */

static enum fl_status take_structured(struct fl_camt_entry *entry, enum camt_element element,
                                      const struct fl_camt_currency *currency,
                                      struct fl_camt_span span)
{
    struct fl_camt_structured *s = &entry->structured;
    struct fl_slice text = fl_camt_entry_text(entry, span);
    switch (element) {
    case CAMT_STRUCTURED_REF:
        s->creditor = span;
        break;
    case CAMT_STRUCTURED_DOCUMENT:
        FL_TRY(push_document(entry)); /* a remittance may name several */
        s->document = span;
        break;
    case CAMT_STRUCTURED_KIND:
        s->kind = span;
        break;
    case CAMT_STRUCTURED_PAID:
        s->paid = fl_camt_amount_read(currency, text).value;
        break;
    case CAMT_STRUCTURED_DUE:
        s->due = fl_camt_amount_read(currency, text).value;
        break;
    case CAMT_STRUCTURED_CREDIT:
        s->credit = fl_camt_amount_read(currency, text).value;
        break;
    case CAMT_STRUCTURED_DISCOUNT:
        s->discount = fl_camt_amount_read(currency, text).value;
        break;
    case CAMT_STRUCTURED_AMOUNT_CODE:
        s->amount_code = span;
        break;
    case CAMT_STRUCTURED_AMOUNT_VALUE:
        s->amount = fl_camt_amount_read(currency, text).value;
        break;
    default:
        /* "?REJECT?0", "?ERROR?000": PostFinance's marks on a slip, no text of the payer. */
        if (!fl_slice_begins(text, "?REJECT?") && !fl_slice_begins(text, "?ERROR?"))
            s->text = span;
        break;
    }
    return FL_OK;
}

enum fl_status fl_camt_entry_take(struct fl_camt_entry *entry, enum camt_element element,
                                  const struct fl_camt_currency *currency, struct fl_camt_span span,
                                  bool filled)
{
    FL_ASSERT(element >= CAMT_ENTRY_REF && (size_t)span.at + span.length == entry->arena.used);
    if (element == CAMT_DETAIL_UNSTRUCTURED) {
        take_unstructured(entry, span, filled);
        return FL_OK;
    }
    if (span.length == 0)
        return FL_OK;
    if (element >= CAMT_STRUCTURED_REF)
        return take_structured(entry, element, currency, span);
    if (element >= CAMT_DETAIL_BANK_REF)
        return take_detail(entry, element, currency, span);
    return take_entry(entry, element, currency, span);
}
