#include "tools/format/result_message.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/decimal.h"
#include "core/engine/command.h"

#define WORD 168

/* ---- fields as words
 * ------------------------------------------------------------------------------------ */

/* "-1428.00" -> "-1,428.00" */
static void group_thousands(const char *plain, char out[WORD])
{
    size_t whole = strcspn(plain, "."), sign = plain[0] == '-', at = 0;
    for (size_t i = 0; plain[i] && at + 2 < WORD; i++) {
        if (i > sign && i < whole && (whole - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = plain[i];
    }
    out[at] = '\0';
}

/* The field as a word; "" if the answer has none. */
static const char *word(const struct fl_result *result, enum fl_result_name name, char out[WORD])
{
    const struct fl_result_field *field = fl_result_find(result, name);
    char plain[32];
    out[0] = '\0';
    if (!field)
        return out;
    switch ((enum fl_result_kind)field->kind) {
    case FL_RESULT_KIND_AMOUNT:
        fl_decimal_format(field->value, field->decimals, plain);
        group_thousands(plain, out);
        break;
    case FL_RESULT_KIND_QUANTITY:
        fl_decimal_format_short(field->value, FL_QUANTITY_DECIMALS, out);
        break;
    case FL_RESULT_KIND_NUMBER:
    case FL_RESULT_KIND_BOOL:
        snprintf(out, WORD, "%" PRId64, field->value);
        break;
    case FL_RESULT_KIND_DATE:
        fl_date_format((uint16_t)field->value, out);
        break;
    case FL_RESULT_KIND_TEXT:
        snprintf(out, WORD, "%.*s", field->text_length > 150 ? 150 : field->text_length,
                 result->text + field->text_offset);
        break;
    }
    return out;
}

/* Field names are JSON's: "credit_note" is a credit note. */
static void spaced(char *text)
{
    for (; *text; text++) {
        if (*text == '_')
            *text = ' ';
    }
}

/* What most sentences need. */
struct words {
    char field[WORD], value[WORD], currency[WORD], expected[WORD], date[WORD], state[WORD];
    char thing[2 * WORD]; /* "invoice I-7" */
    char type[WORD], id[WORD];
};

static void words_read(const struct fl_result *result, struct words *w)
{
    word(result, FL_RESULT_FIELD, w->field);
    word(result, FL_RESULT_VALUE, w->value);
    word(result, FL_RESULT_CURRENCY, w->currency);
    word(result, FL_RESULT_EXPECTED, w->expected);
    word(result, FL_RESULT_DATE, w->date);
    word(result, FL_RESULT_STATE, w->state);
    spaced(w->state);
    snprintf(w->type, WORD, "%s", fl_command_name(result->type));
    spaced(w->type);
    snprintf(w->id, WORD, "%.*s", result->id_length, result->id);
    if (result->type == FL_COMMAND_BATCH && fl_result_find(result, FL_RESULT_ID)) { /* its member's */
        word(result, FL_RESULT_ID, w->id);
        snprintf(w->type, WORD, "document");
    }
    char field[WORD];
    snprintf(field, WORD, "%s", w->field);
    spaced(field);
    snprintf(w->thing, sizeof w->thing, "%s%s%s", field, w->value[0] ? " " : "", w->value);
}

/* ---- refused
 * -------------------------------------------------------------------------------------------- */

/* "invoice I-7: 1,428.00 wanted, 1,000.00 open (EUR)" */
static void exceeds(const struct fl_result *result, const struct words *w, char *out, size_t n)
{
    static const struct {
        enum fl_result_name name;
        const char *words;
    } have_of[] = {
        [FL_EXCEEDS_OPEN - FL_EXCEEDS_OPEN] = {FL_RESULT_OPEN, "open"},
        [FL_EXCEEDS_UNAPPLIED - FL_EXCEEDS_OPEN] = {FL_RESULT_UNAPPLIED, "unapplied"},
        [FL_EXCEEDS_CREDITABLE - FL_EXCEEDS_OPEN] = {FL_RESULT_AVAILABLE, "can still be credited"},
        [FL_EXCEEDS_REFUNDABLE - FL_EXCEEDS_OPEN] = {FL_RESULT_REFUNDABLE, "can still be refunded"},
    };
    char wanted[WORD], have[WORD], line[WORD];
    const char *what = have_of[result->status - FL_EXCEEDS_OPEN].words;
    word(result, FL_RESULT_WANTED, wanted);
    word(result, have_of[result->status - FL_EXCEEDS_OPEN].name, have);
    word(result, FL_RESULT_LINE, line);
    snprintf(out, n, "%s%s%s%s%s%s%s%s%s %s%s%s%s", w->thing, w->thing[0] && line[0] ? ", " : "",
             line[0] ? "line " : "", line, w->thing[0] || line[0] ? ": " : "", wanted,
             wanted[0] ? " wanted, " : "", wanted[0] ? "" : "only ", have, what,
             w->currency[0] ? " (" : "", w->currency, w->currency[0] ? ")" : "");
}

/* "ACME: 1,428.00 wanted, 1,000.00 limit, 238.00 used (EUR)" */
static void credit_limit(const struct fl_result *result, const struct words *w, char *out, size_t n)
{
    char customer[WORD], wanted[WORD], limit[WORD], used[WORD];
    word(result, FL_RESULT_CUSTOMER, customer);
    word(result, FL_RESULT_WANTED, wanted);
    word(result, FL_RESULT_LIMIT, limit);
    word(result, FL_RESULT_EXPOSURE, used);
    snprintf(out, n, "%s%s%s wanted, %s limit, %s used%s%s%s",
             customer[0] ? customer : "the customer", ": ", wanted, limit, used,
             w->currency[0] ? " (" : "", w->currency, w->currency[0] ? ")" : "");
}

/* When the command could be given. */
static const char *right_state(const struct fl_result *result, const char *field, const char *state)
{
    if (strcmp(state, "undone by a person") == 0 || strcmp(state, "decided by a person") == 0)
        return "what a person decided no machine changes";
    if (strcmp(state, "on account") == 0)
        return "what was parked on account only a person applies";
    switch (result->type) {
    case FL_COMMAND_ORDER_CONFIRM:
        return "an order is confirmed once, while it is open";
    case FL_COMMAND_CREDIT_DECISION:
        return "a decision is for a held order";
    case FL_COMMAND_ORDER_CANCEL:
        return "an order is cancelled before it is closed or rejected";
    case FL_COMMAND_SHIPMENT:
        return "an order is shipped while it is open and confirmed";
    case FL_COMMAND_INVOICE:
        return "an order is billed once its credit is approved";
    case FL_COMMAND_APPLICATION:
        return strcmp(field, "invoice") == 0
                   ? "a credit note is for invoices of its own customer"
                   : "money is put on account while some is left and its customer is known";
    case FL_COMMAND_APPLICATION_REVERSE:
        return "an application is reversed once";
    case FL_COMMAND_RECEIPT_REVERSE:
        return "a receipt is reversed while the bank has not taken all of it back";
    case FL_COMMAND_RECEIPT_ASSIGN:
        return "a receipt is assigned while its customer is unknown";
    case FL_COMMAND_ASSIGN:
        if (strcmp(field, "line") != 0)
            return "a line is one document's that no other line has, of its account and direction";
        return "a line is assigned in whole, by a person again otherwise: out of suspense, or while "
               "nothing of its receipt is applied";
    case FL_COMMAND_PAYOUT:
        return "a charge is paid out once, by the processor that has it";
    case FL_COMMAND_DISPUTE_CLOSE:
        return "a dispute is closed once";
    case FL_COMMAND_CREDIT_NOTE_CANCEL:
        return "a credit note is taken back whole, before anything of it is used";
    case FL_COMMAND_CHARGEBACK_REVERSE:
    case FL_COMMAND_WRITE_OFF_REVERSE:
        return "all of it came back";
    case FL_COMMAND_BOOK:
        return "it stays what it is once something is booked";
    case FL_COMMAND_BANK_ACCOUNT:
        return "an opening is booked once";
    case FL_COMMAND_CUSTOMER:
        return "a customer does not come below itself";
    default:
        return "it is not possible now";
    }
}

static void wrong_state(const struct fl_result *result, const struct words *w, char *out, size_t n)
{
    snprintf(out, n, "%s%s%s: %s", w->thing[0] ? w->thing : w->type, w->state[0] ? " is " : "",
             w->state, right_state(result, w->field, w->state));
}

static void reused(const struct words *w, char *out, size_t n)
{
    if (strcmp(w->field, "key") == 0)
        snprintf(out, n,
                 "key %s was used before for another command: a new one needs a key of its own",
                 w->value);
    else
        snprintf(out, n,
                 "%s %s was sent before with other content: what is new needs an id of its own",
                 w->type, w->id[0] ? w->id : "of this id");
}

static void closed(const struct fl_result *result, const struct words *w, char *out, size_t n)
{
    const struct fl_result_field *through = fl_result_find(result, FL_RESULT_THROUGH);
    char last[WORD] = "", first[WORD] = "";
    word(result, FL_RESULT_THROUGH, last);
    if (through && through->value < FL_DATE_MAX)
        fl_date_format((uint16_t)(through->value + 1), first);
    snprintf(out, n, "%s %s: the books are closed through %s, the first open day is %s", w->field,
             w->date, last, first);
}

static void differs(const struct words *w, char *out, size_t n)
{
    const char *dot = strrchr(w->field, '.');
    if (!w->expected[0])
        snprintf(out, n, "%s: another currency", w->thing);
    else if (strcmp(dot ? dot + 1 : w->field, "currency") == 0)
        snprintf(out, n, "%s: it must be %s", w->thing, w->expected);
    else
        snprintf(out, n, "the %s is in %s: it must be in %s", w->field, w->value, w->expected);
}

static void unbalanced(const struct fl_result *result, const struct words *w, char *out, size_t n)
{
    char apart[WORD];
    const char *first = "opening and lines make", *second = "closing says";
    if (result->type == FL_COMMAND_INVOICE) {
        first = "the invoice comes to";
        second = "its instalments to";
    } else if (result->type == FL_COMMAND_PAYOUT) {
        first = fl_result_find(result, FL_RESULT_LINE) ? "the charge was of" : "the payout is of";
        second = fl_result_find(result, FL_RESULT_LINE) ? "the part is of" : "its parts come to";
    } else if (result->type == FL_COMMAND_ASSIGN) {
        first = "the document is of";
        second = "the line of";
    }
    snprintf(out, n, "%s %s, %s %s: %s apart%s%s%s", first, w->expected, second, w->value,
             word(result, FL_RESULT_DIFFERENCE, apart), w->currency[0] ? " (" : "", w->currency,
             w->currency[0] ? ")" : "");
}

static void stock_short(const struct fl_result *result, char *out, size_t n)
{
    char product[WORD], wanted[WORD], available[WORD];
    snprintf(out, n, "%s: %s wanted, %s available", word(result, FL_RESULT_PRODUCT, product),
             word(result, FL_RESULT_WANTED, wanted), word(result, FL_RESULT_AVAILABLE, available));
}

/* Sentences with one word of the answer in them. */
static void simply(enum fl_status status, const struct words *w, char *out, size_t n)
{
    switch (status) {
    case FL_NOT_FOUND:
        snprintf(out, n, "there is no %s", w->thing[0] ? w->thing : "such thing");
        break;
    case FL_EXISTS:
        snprintf(out, n, "%s exists already", w->thing[0] ? w->thing : w->type);
        break;
    case FL_CLOCK_BACKWARDS:
        snprintf(out, n, "the clock stands at %s already: it only goes forward", w->date);
        break;
    case FL_SERIES_RESERVED:
        snprintf(out, n,
                 "id %s is one that the number series gives: leave the id out or take another",
                 w->value);
        break;
    case FL_CUSTOMER_HOLD:
        snprintf(out, n, "customer %s is on hold: no orders until that is lifted", w->value);
        break;
    case FL_NOTHING_OPEN:
        snprintf(out, n, "%s: nothing of it is open", w->thing);
        break;
    default:
        snprintf(out, n, "%s", fl_status_name(status));
        break;
    }
}

static void refused(const struct fl_result *result, const struct words *w, char *out, size_t n)
{
    switch ((enum fl_status)result->status) {
    case FL_KEY_REUSED:
        reused(w, out, n);
        break;
    case FL_PERIOD_CLOSED:
        closed(result, w, out, n);
        break;
    case FL_DATE_BEFORE_DOCUMENT:
        snprintf(out, n, "%s %s: what it is about is of %s, it cannot be earlier", w->field,
                 w->date, w->expected);
        break;
    case FL_CURRENCY_DIFFERS:
        differs(w, out, n);
        break;
    case FL_NO_RATE:
        snprintf(out, n, "no rate from %s to %s of %s or before: fx_rate gives one", w->value,
                 w->expected, w->date);
        break;
    case FL_WRONG_STATE:
        wrong_state(result, w, out, n);
        break;
    case FL_EXCEEDS_OPEN:
    case FL_EXCEEDS_UNAPPLIED:
    case FL_EXCEEDS_CREDITABLE:
    case FL_EXCEEDS_REFUNDABLE:
        exceeds(result, w, out, n);
        break;
    case FL_UNBALANCED:
        unbalanced(result, w, out, n);
        break;
    case FL_STOCK_SHORT:
        stock_short(result, out, n);
        break;
    case FL_CREDIT_LIMIT:
        credit_limit(result, w, out, n);
        break;
    default:
        simply(result->status, w, out, n);
        break;
    }
}

/* ---- nothing decided
 * ------------------------------------------------------------------------------------ */

static const char *unavailable(enum fl_status status)
{
    switch (status) {
    case FL_NO_SPACE:
        return "the disk is full: nothing was decided, send it again when there is room";
    case FL_NO_MEMORY:
        return "the memory that the engine may use is full (--memory): nothing was decided, send "
               "it "
               "again when there is more";
    case FL_BUSY:
        return "too many commands wait: nothing was decided, send it again";
    case FL_STOPPING:
        return "the engine is stopping: nothing was decided, send it again after its next start";
    case FL_SNAPSHOT_TOO_OLD:
        return "the view of the data became too old while it was read: ask again";
    case FL_IO_ERROR:
        return "the disk failed: whether it was kept is known after the next start";
    case FL_CORRUPT:
        return "stored data is damaged: `florin check` says where";
    case FL_NEWER_FORMAT:
        return "the data was written by a newer florin: this one does not read it";
    case FL_LOCKED:
        return "another process has the directory open: one at a time may write";
    case FL_UNREADABLE:
        return "the input cannot be read";
    case FL_UNSUPPORTED:
        return "this is not supported here";
    case FL_OK:
        return "accepted";
    case FL_DUPLICATE:
        return "known already: the first answer again";
    default:
        return fl_status_name(status);
    }
}

/* ---- invalid
 * -------------------------------------------------------------------------------------------- */

struct right {
    const char *field, *words;
};

/* What would be right, by the last part of the field's path: of a value as it is written. */
static const struct right rights_of_form[] = {
    {"quantity", "a quantity is above 0, with at most 6 decimals"},
    {"price", "a price has at most 6 decimals"},
    {"rate", "a rate is above 0, with at most 10 decimals"},
    {"fx_rate", "a rate is above 0, with at most 10 decimals, and the amount must fit at it"},
    {"tax_rate", "a percentage from 0, with at most 10 decimals"},
    {"discount_percent", "a percentage from 0 to 100"},
    {"percent", "a percentage from 0 to 100, with at most 7 decimals"},
    {"date", "a day, YYYY-MM-DD"},
    {"due_date", "a day, YYYY-MM-DD"},
    {"booking_date", "a day, YYYY-MM-DD"},
    {"value_date", "a day, YYYY-MM-DD"},
    {"through", "a day, YYYY-MM-DD"},
    {"from", "a day, YYYY-MM-DD, or of a rate a currency's three letters"},
    {"to", "a day, YYYY-MM-DD, or of a rate a currency's three letters"},
    {"at", "an instant like 2025-03-31T10:00:00Z, not in the future"},
    {"buckets", "days that rise, from 1 to 3660"},
    {"net_days", "days from 0 to 3660"},
    {"days", "days from 0 to 3660"},
    {"key_days", "days from 0 to 3660"},
    {"reservation_days", "days from 0 to 3660"},
    {"id", "1 to 64 bytes, without control characters"},
    {"key", "1 to 64 bytes, without control characters"},
    {"currency", "a currency's three letters, like EUR"},
    {"base_currency", "a currency's three letters, like EUR"},
    {"credit_limit", "a decimal, or null for none"},
    {"kind", "one of the kinds that the command names"},
    {"outcome", "upheld or rejected"},
    {"lambda", "from 0 to 0.065535, with at most 6 decimals"},
    {"auto_match", "whole numbers from 0 to 255"},
};

/* The same of a value that is one, but not here: what the engine says. */
static const struct right rights_here[] = {
    {"line", "the number of a line, from 1"},
    {"lines", "at least one line, in a sum that fits"},
    {"date", "a day within ten years of the business date, a promise's not before it"},
    {"at", "an instant within ten years of the business date"},
    {"due_date", "a day not before the document's own"},
    {"through", "a day before the business date"},
    {"to", "another currency than `from`"},
    {"digits", "digits from 0 to 12"},
    {"prefix", "text without control characters"},
    {"customer", "the customer of the document that it is about"},
    {"fee", "0 or more, and not more than the amount"},
    {"total", "a total that is not negative and fits"},
    {"discount", "only beside a receipt"},
    {"difference", "only beside a receipt"},
    {"credit", "only of a dispute that is upheld"},
    {"account", "another account than the line's or the processor's own"},
    {"receipt", "another receipt than the line's own"},
    {"match", "rules and points from 0 to 255"},
};

static const char *right_in(const struct right *rights, size_t count, const char *field)
{
    const char *dot = strrchr(field, '.');
    const char *last = dot ? dot + 1 : field;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rights[i].field, last) == 0)
            return rights[i].words;
    }
    return NULL;
}

#define RIGHT(table, field) right_in(table, sizeof table / sizeof table[0], field)

static const char *invalid_what(enum fl_status status)
{
    switch (status) {
    case FL_BAD_JSON:
        return "stands twice";
    case FL_UNKNOWN_TYPE:
        return "there is no such command";
    case FL_UNKNOWN_FIELD:
        return "no field of this command";
    case FL_MISSING_FIELD:
        return "is missing";
    case FL_TOO_MANY_DECIMALS:
        return "more decimals than it can have";
    case FL_OUT_OF_RANGE:
        return "too large or too small";
    case FL_NOT_UTF8:
        return "not valid UTF-8";
    case FL_TOO_LONG:
        return "too long";
    default:
        return "not a value it can have";
    }
}

static void invalid_words(enum fl_status status, const char *field, const char *value,
                          const char *right, char *out, size_t bytes)
{
    bool shows = value[0] && status != FL_NOT_UTF8 && status != FL_TOO_LONG;
    if (status == FL_BAD_JSON && !field[0]) {
        snprintf(out, bytes, "not a JSON object on one line");
        return;
    }
    if (status != FL_BAD_VALUE && status != FL_OUT_OF_RANGE && status != FL_TOO_MANY_DECIMALS)
        right = NULL;
    bool by_right = right && status == FL_BAD_VALUE;
    snprintf(out, bytes, "%s%s%s%s: %s%s%s", field[0] ? field : "command", shows ? " \"" : "",
             shows ? value : "", shows ? "\"" : "", by_right ? "" : invalid_what(status),
             right && !by_right ? ": " : "", right ? right : "");
}

void fl_message_invalid(enum fl_status status, const char *field, const char *value, char *out,
                        size_t bytes)
{
    invalid_words(status, field, value, RIGHT(rights_of_form, field), out, bytes);
}

/* Money says what its currency has. */
static void invalid(const struct fl_result *result, const struct words *w, char *sentence, size_t n)
{
    uint8_t currency = w->currency[0] ? fl_currency_find(w->currency, 3) : FL_CURRENCY_NONE;
    if (currency != FL_CURRENCY_NONE && result->status == FL_TOO_MANY_DECIMALS)
        snprintf(sentence, n, "%s %s: %s has %u decimals", w->field, w->value, w->currency,
                 fl_currency_exponent(currency));
    else if (currency != FL_CURRENCY_NONE && result->status == FL_BAD_VALUE)
        snprintf(sentence, n, "%s %s: an amount of %s %s", w->field, w->value, w->currency,
                 w->value[0] == '-' ? "is not negative here" : "above 0 is needed");
    else if (currency != FL_CURRENCY_NONE && result->status == FL_OUT_OF_RANGE)
        snprintf(sentence, n, "%s %s: more than an amount of %s can be", w->field, w->value,
                 w->currency);
    else
        invalid_words(result->status, w->field, w->value,
                      RIGHT(rights_here, w->field) ? RIGHT(rights_here, w->field)
                                                   : RIGHT(rights_of_form, w->field),
                      sentence, n);
}

/* "line 2: " where one line of several is meant; what exceeds says so itself. */
static size_t line_prefix(const struct fl_result *result, char *out, size_t bytes)
{
    char line[WORD];
    bool own = result->status >= FL_EXCEEDS_OPEN && result->status <= FL_EXCEEDS_REFUNDABLE;
    if (own || !word(result, FL_RESULT_LINE, line)[0])
        return 0;
    int n = snprintf(out, bytes, "line %s: ", line);
    return (size_t)n < bytes ? (size_t)n : bytes - 1;
}

void fl_result_message(const struct fl_result *result, char *out, size_t bytes)
{
    struct words w;
    words_read(result, &w);
    size_t prefix = line_prefix(result, out, bytes);
    out += prefix;
    bytes -= prefix;
    switch (fl_status_class(result->status)) {
    case FL_CLASS_INVALID:
        invalid(result, &w, out, bytes);
        break;
    case FL_CLASS_REFUSED:
        refused(result, &w, out, bytes);
        break;
    case FL_CLASS_ACCEPTED:
    case FL_CLASS_DUPLICATE:
    case FL_CLASS_UNAVAILABLE:
    case FL_CLASS_FAILED:
        snprintf(out, bytes, "%s", unavailable(result->status));
        break;
    }
}
