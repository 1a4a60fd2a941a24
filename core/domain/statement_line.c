#include "core/domain/statement_line.h"

#include "core/domain/bank_opening.h"
#include "core/domain/cash_event.h"
#include "core/domain/line_told.h"
#include "core/domain/payer_account.h"
#include "core/domain/posting_rules.h"
#include "core/domain/receipt.h"
#include "core/domain/receivable.h"
#include "core/domain/reference.h"

static const struct fl_statement_card *statement_of(const struct fl_store *store, uint32_t line)
{
    return fl_statement_card(store, fl_statement_line_card(store, line)->statement);
}

/* ---- id (L4) --------------------------------------------------------------------------------- */

/* "ACCOUNT/", cut between characters. */
static size_t account_prefix(const struct fl_store *store, uint32_t account, char *out)
{
    size_t length;
    const char *id = fl_id_get(store, &fl_bank_account_card(store, account)->id, &length);
    if (length > FL_LINE_ACCOUNT_BYTES_MAX) {
        length = FL_LINE_ACCOUNT_BYTES_MAX;
        while (length > 1 && ((unsigned char)id[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(out, id, length);
    out[length] = '/';
    return length + 1;
}

size_t fl_line_id(const struct fl_store *store, uint32_t line, char out[FL_ID_BYTES_MAX])
{
    struct fl_text_ref ref = fl_statement_line_card(store, line)->bank_ref;
    size_t length = account_prefix(store, statement_of(store, line)->account, out);
    if (!fl_statement_line_live(store, line)->numbered) {
        memcpy(out + length, fl_text_get(store, FL_TABLE_text, ref), ref.length);
        return length + ref.length;
    }
    char digits[24];
    size_t n = fl_decimal_format((int64_t)line + 1, 0, digits);
    out[length] = '#';
    memcpy(out + length + 1, digits, n);
    return length + 1 + n;
}
static_assert(FL_LINE_ACCOUNT_BYTES_MAX + 2 + 10 <= FL_ID_BYTES_MAX, "a numbered id fits");

/* Beside the identities: a reference of an account. Whoever finds it compares. */
static uint64_t reference_hash(const struct fl_state *s, uint32_t account, const char *ref,
                               size_t length)
{
    return fl_hash64(ref, length, fl_hash_u64(account, ~s->secret));
}

static uint32_t find_by_reference(const struct fl_state *s, uint32_t account, const char *ref,
                                  size_t length)
{
    struct fl_index_cursor cursor;
    const struct fl_hash_index *index = &s->index[FL_INDEX_STATEMENT_LINE];
    uint32_t row = fl_hash_index_first(index, reference_hash(s, account, ref, length), &cursor);
    for (; row != FL_NO_ROW; row = fl_hash_index_next(index, &cursor)) {
        struct fl_text_ref own = fl_statement_line_card(&s->store, row)->bank_ref;
        if (!fl_statement_line_live(&s->store, row)->numbered && own.length == length &&
            statement_of(&s->store, row)->account == account &&
            memcmp(fl_text_get(&s->store, FL_TABLE_text, own), ref, length) == 0)
            return row;
    }
    return FL_NO_ROW;
}

/* The reference is none, too long for an id, or stands for something else already. */
static bool must_be_numbered(const struct fl_state *s, uint32_t account, struct fl_text_ref ref)
{
    char id[FL_ID_BYTES_MAX + FL_TEXT_BYTES_MAX];
    size_t length = account_prefix(&s->store, account, id);
    const char *text = fl_text_get(&s->store, FL_TABLE_text, ref);
    if (ref.length == 0 || length + ref.length > FL_ID_BYTES_MAX || text[0] == '#')
        return true;
    memcpy(id + length, text, ref.length);
    length += ref.length;
    return find_by_reference(s, account, text, ref.length) != FL_NO_ROW ||
           fl_find_receipt(s, id, length) != FL_NO_ROW ||
           fl_find_cash_event(s, FL_EVENT_RETURN, id, length) != FL_NO_ROW ||
           fl_find_cash_event(s, FL_EVENT_REFUND, id, length) != FL_NO_ROW;
}

void fl_line_index(struct fl_state *s, uint32_t line)
{
    const struct fl_statement_line_card *card = fl_statement_line_card(&s->store, line);
    fl_index_put(s, FL_INDEX_STATEMENT_LINE, fl_hash_u64(card->identity, s->secret), line);
    if (!fl_statement_line_live(&s->store, line)->numbered)
        fl_index_put(s, FL_INDEX_STATEMENT_LINE,
                     reference_hash(s, statement_of(&s->store, line)->account,
                                    fl_text_get(&s->store, FL_TABLE_text, card->bank_ref),
                                    card->bank_ref.length),
                     line);
}

/* "#n" of the account. */
static uint32_t find_by_number(const struct fl_state *s, uint32_t account, const char *text,
                               size_t length)
{
    uint64_t number = 0;
    for (size_t i = 1; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || number > FL_TABLE_ROWS_MAX)
            return FL_NO_ROW;
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    if (number == 0 || number > s->store.rows[FL_TABLE_statement_line])
        return FL_NO_ROW;
    uint32_t row = (uint32_t)number - 1;
    bool own = statement_of(&s->store, row)->account == account &&
               fl_statement_line_live(&s->store, row)->numbered;
    return own ? row : FL_NO_ROW;
}

/* Both an account's id and a reference may have strokes: every cut is tried. */
uint32_t fl_line_find(const struct fl_state *s, const char *id, size_t length)
{
    for (size_t cut = 1; cut + 1 < length; cut++) {
        uint32_t account =
            id[cut] == '/' ? fl_find_bank_account(s, id, cut) : FL_NO_ROW;
        if (account == FL_NO_ROW)
            continue;
        const char *rest = id + cut + 1;
        uint32_t row = rest[0] == '#' ? find_by_number(s, account, rest, length - cut - 1)
                                      : find_by_reference(s, account, rest, length - cut - 1);
        if (row != FL_NO_ROW)
            return row;
    }
    return FL_NO_ROW;
}

/* What a line made has its id, or (a receipt by a command) one of its own. */
uint32_t fl_line_of_id(const struct fl_state *s, const char *id, size_t length)
{
    uint32_t receipt = fl_find_receipt(s, id, length);
    if (receipt != FL_NO_ROW && fl_receipt_status(&s->store, receipt)->statement_line != FL_NO_ROW)
        return fl_receipt_status(&s->store, receipt)->statement_line;
    uint32_t event = fl_find_cash_event(s, FL_EVENT_RETURN, id, length);
    if (event != FL_NO_ROW && fl_cash_event_cold(&s->store, event)->statement_line != FL_NO_ROW)
        return fl_cash_event_cold(&s->store, event)->statement_line;
    uint32_t line = fl_line_find(s, id, length);
    bool told = line != FL_NO_ROW && fl_statement_line_live(&s->store, line)->status == FL_LINE_TOLD;
    return told ? fl_statement_line_live(&s->store, line)->target : line;
}

uint32_t fl_line_by_reference(const struct fl_state *s, uint32_t account, const char *ref,
                              size_t length)
{
    return find_by_reference(s, account, ref, length);
}

/* ---- storing (L1) ---------------------------------------------------------------------------- */

static struct fl_text_ref personal(struct fl_context *c, struct fl_text text)
{
    return fl_text_put(c->s, FL_TABLE_personal, fl_command_text(c->command, text), text.length);
}

/* Texts have no zero bytes: one behind each divides them. */
static struct fl_text_ref references_store(struct fl_context *c, struct fl_list references)
{
    const struct fl_text_item *items = fl_command_list(c->command, references);
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < references.count; i++)
        bytes += items[i].text.length + 1;
    if (bytes == 0)
        return (struct fl_text_ref){0, 0};
    uint32_t unit = fl_store_add_rows(&c->s->store, FL_TABLE_personal, (bytes + 7) / 8);
    char *at = fl_personal_heap_new(&c->s->store, unit)->bytes;
    for (uint32_t i = 0; i < references.count; i++) {
        memcpy(at, fl_command_text(c->command, items[i].text), items[i].text.length);
        at += items[i].text.length;
        *at++ = '\0';
    }
    return (struct fl_text_ref){unit, bytes};
}

const char *fl_line_reference(const struct fl_store *store, uint32_t line, uint32_t *at)
{
    struct fl_text_ref ref = fl_statement_line_cold(store, line)->references;
    if (*at >= ref.length)
        return NULL;
    const char *text = fl_text_get(store, FL_TABLE_personal, ref) + *at;
    *at += (uint32_t)strlen(text) + 1;
    return text;
}

/* Amounts were checked with the line's. */
static void availability_store(struct fl_context *c, uint32_t line, struct fl_list parts,
                               uint8_t currency)
{
    const struct fl_availability *items = fl_command_list(c->command, parts);
    for (uint32_t i = 0; i < parts.count; i++) {
        uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_availability);
        struct fl_availability_row *part = fl_availability_row_new(&c->s->store, row);
        *part = (struct fl_availability_row){.line = line, .days = items[i].days};
        enum fl_status status = fl_decimal_scale(items[i].amount, fl_currency_exponent(currency),
                                                 &part->amount_minor);
        FL_ASSERT(status == FL_OK);
    }
}

static int64_t checked_minor(struct fl_decimal amount, uint8_t currency)
{
    int64_t minor = 0;
    if (amount.state != FL_DECIMAL_VALUE)
        return 0;
    enum fl_status status = fl_decimal_scale(amount, fl_currency_exponent(currency), &minor);
    FL_ASSERT(status == FL_OK);
    return minor;
}

/* Amounts were checked with the line's. */
static void advice_store(struct fl_context *c, uint32_t line, struct fl_list advice,
                         uint8_t currency)
{
    const struct fl_advice *items = fl_command_list(c->command, advice);
    for (uint32_t i = 0; i < advice.count; i++) {
        struct fl_text_ref document = personal(c, items[i].document);
        uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_advice);
        *fl_advice_row_new(&c->s->store, row) =
            (struct fl_advice_row){.amount_minor = checked_minor(items[i].amount, currency),
                                   .discount_minor = checked_minor(items[i].discount, currency),
                                   .document = document,
                                   .line = line};
    }
}

uint32_t fl_line_advice(const struct fl_store *store, uint32_t rows, uint32_t line)
{
    uint32_t low = 0, high = rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (fl_advice_row(store, middle)->line < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t fl_line_availability(const struct fl_store *store, uint32_t line)
{
    uint32_t low = 0, high = store->rows[FL_TABLE_availability];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (fl_availability_row(store, middle)->line < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t fl_line_add(struct fl_context *c, uint32_t statement, const struct fl_statement_item *item,
                     int64_t amount_minor, int64_t before_minor, uint16_t booking_date,
                     uint64_t identity)
{
    struct fl_store *store = &c->s->store;
    const struct fl_statement_card *of = fl_statement_card(store, statement);
    struct fl_text_ref ref = fl_text_put(
        c->s, FL_TABLE_text, fl_command_text(c->command, item->bank_ref), item->bank_ref.length);
    bool numbered = must_be_numbered(c->s, of->account, ref);
    uint32_t row = fl_store_add_row(store, FL_TABLE_statement_line);
    *fl_statement_line_card_new(store, row) =
        (struct fl_statement_line_card){.amount_minor = amount_minor,
                                        .identity = identity,
                                        .statement = statement,
                                        .booking_date = booking_date,
                                        .value_date = item->value_date,
                                        .bank_ref = ref};
    struct fl_statement_line_cold *cold = fl_statement_line_cold_new(store, row);
    *cold = (struct fl_statement_line_cold){.text = personal(c, item->text),
                                            .payer_name = personal(c, item->payer.name),
                                            .payer_account = personal(c, item->payer.account),
                                            .customer_ref = personal(c, item->customer_ref),
                                            .end_to_end = personal(c, item->end_to_end),
                                            .references = references_store(c, item->references),
                                            .before_minor = before_minor};
    if (item->charges.state == FL_DECIMAL_VALUE) {
        enum fl_status status = fl_decimal_scale(
            item->charges, fl_currency_exponent(of->currency), &cold->charges_minor);
        FL_ASSERT(status == FL_OK); /* the statement checked it */
    }
    *fl_statement_line_live_write(store, row) = (struct fl_statement_line_live){
        .target = FL_NO_ROW,
        .reversal = item->reversal == FL_CHOICE_YES,
        .numbered = numbered,
        .batch = item->batch <= FL_OPTIONAL_NONE + 1   ? FL_BATCH_NONE
                 : item->batch == FL_OPTIONAL_NONE + 2 ? FL_BATCH_FIRST
                                                       : FL_BATCH_NEXT};
    availability_store(c, row, item->availability, of->currency);
    advice_store(c, row, item->advice, of->currency);
    fl_line_index(c->s, row);
    return row;
}

void fl_line_tell(struct fl_context *c, uint32_t line, uint32_t told)
{
    struct fl_statement_line_live *live = fl_statement_line_live_write(&c->s->store, line);
    live->target = told;
    live->date = fl_policy_push(c->s, fl_statement_line_card(&c->s->store, line)->booking_date);
    live->status = FL_LINE_TOLD;
}

/* ---- posting --------------------------------------------------------------------------------- */

/* A line being posted; `item` has its texts in c->command. */
struct posting {
    const struct fl_statement_item *item;
    uint32_t line, account;
    int64_t minor, charges_minor, base_minor;
    uint8_t currency;
    uint16_t date;
};

bool fl_line_base(const struct fl_state *s, uint8_t currency, uint16_t date, int64_t amount_minor,
                  int64_t *base_out)
{
    int64_t rate = 0;
    if (currency != fl_book(s)->base_currency) {
        rate = fl_policy_rate(s, currency, date);
        if (rate <= 0)
            return false;
    }
    return fl_policy_to_base(s, amount_minor, currency, rate, base_out) == FL_OK &&
           *base_out <= FL_AMOUNT_MAX && *base_out >= -FL_AMOUNT_MAX;
}

static void status_set(struct fl_context *c, const struct posting *p, enum fl_line_status status,
                       uint32_t target)
{
    struct fl_store *store = &c->s->store;
    struct fl_statement_line_live *live = fl_statement_line_live_write(store, p->line);
    live->target = target;
    live->date = p->date;
    live->status = (uint8_t)status;
    struct fl_entry entry;
    bool later = statement_of(store, p->line)->seq != c->s->seq;
    if (later || p->currency != fl_book(c->s)->base_currency) {
        uint32_t row = fl_store_add_row(store, FL_TABLE_line_posting);
        *fl_line_posting_row_new(store, row) = (struct fl_line_posting_row){
            .seq = c->s->seq, .base_minor = p->base_minor, .line = p->line};
        live->posting = row + 1;
        fl_posting_line_posting(store, row, &entry);
    } else {
        fl_posting_statement_line(store, p->line, &entry);
    }
    fl_post_entry(c->s, &entry);
}

/* ---- the same money as a document that was there (D1) ------------------------------------------ */

/* The word of a line's text that begins at or behind `from`, without blanks and signs about it; length 0: none. */
static struct fl_text text_word(const struct fl_context *c, struct fl_text text, uint32_t from)
{
    static const char apart[] = " \t\r\n,;()\"'";
    const char *bytes = fl_command_text(c->command, text);
    while (from < text.length && memchr(apart, bytes[from], sizeof apart - 1))
        from++;
    uint32_t to = from;
    while (to < text.length && !memchr(apart, bytes[to], sizeof apart - 1))
        to++;
    while (to > from + 1 && (bytes[to - 1] == '.' || bytes[to - 1] == ':'))
        to--;
    return (struct fl_text){.offset = text.offset + from, .length = to - from};
}

/* The next reference of a line, by `at`, which begins at 0: those that whoever sent it found in its text; of a line
 * that was sent without any its words, so that an id of ours is found where it stands alone. */
static bool reference_next(const struct fl_context *c, const struct posting *p, uint32_t *at,
                           struct fl_text *out)
{
    const struct fl_text_item *items = fl_command_list(c->command, p->item->references);
    *out = (struct fl_text){0, 0};
    while (out->length == 0 && *at < p->item->references.count)
        *out = items[(*at)++].text;
    if (p->item->references.count == 0) {
        *out = text_word(c, p->item->text, *at);
        *at = out->offset + out->length - p->item->text.offset;
    }
    return out->length > 0;
}

/* What a line quotes of ours, the bank's and the payer's references first. Which of them names a document is for whoever
 * looks it up. */
static bool key_next(const struct fl_context *c, const struct posting *p, uint32_t *at,
                     struct fl_text *key_out)
{
    const struct fl_text keys[3] = {p->item->end_to_end, p->item->bank_ref, p->item->customer_ref};
    while (*at < 3) {
        *key_out = keys[(*at)++];
        if (key_out->length > 0)
            return true;
    }
    uint32_t next = *at - 3;
    bool found = reference_next(c, p, &next, key_out);
    *at = next + 3;
    return found;
}

/* A receipt by the bank's or the payer's reference: through transit, or booked on this account already. */
static uint32_t known_receipt(const struct fl_context *c, const struct posting *p)
{
    const struct fl_text keys[3] = {p->item->end_to_end, p->item->bank_ref, p->item->customer_ref};
    for (unsigned i = 0; i < 3; i++) {
        if (keys[i].length == 0)
            continue;
        uint32_t row =
            fl_find_receipt(c->s, fl_command_text(c->command, keys[i]), keys[i].length);
        if (row == FL_NO_ROW)
            continue;
        const struct fl_receipt_card *card = fl_receipt_card(&c->s->store, row);
        if ((card->account == FL_NO_ROW || card->account == p->account) &&
            card->currency == p->currency &&
            fl_receipt_status(&c->s->store, row)->statement_line == FL_NO_ROW &&
            !fl_receipt_status(&c->s->store, row)->paid_out &&
            card->amount_minor - card->fee_minor == p->minor)
            return row;
    }
    return FL_NO_ROW;
}

static bool receipt_linked(struct fl_context *c, const struct posting *p)
{
    uint32_t known = known_receipt(c, p);
    if (known == FL_NO_ROW)
        return false;
    bool transit = fl_receipt_card(&c->s->store, known)->account == FL_NO_ROW;
    fl_receipt_status_write(&c->s->store, known)->statement_line = p->line;
    status_set(c, p, transit ? FL_LINE_LINKED : FL_LINE_RECEIPT_KNOWN, known);
    return true;
}

static bool payout_linked(struct fl_context *c, const struct posting *p)
{
    const struct fl_store *store = &c->s->store;
    struct fl_text key;
    for (uint32_t at = 0; store->rows[FL_TABLE_payout] > 0 && key_next(c, p, &at, &key);) {
        uint32_t row = fl_find_payout(c->s, fl_command_text(c->command, key), key.length);
        if (row == FL_NO_ROW || fl_payout_live(store, row)->line != 0)
            continue;
        const struct fl_payout_card *card = fl_payout_card(store, row);
        bool transit = card->account == FL_NO_ROW;
        uint8_t currency = fl_bank_account_live(store, card->processor)->currency;
        if (card->amount_minor != p->minor || currency != p->currency ||
            !(transit || card->account == p->account))
            continue;
        fl_payout_live_write(&c->s->store, row)->line = p->line + 1;
        status_set(c, p, transit ? FL_LINE_PAYOUT_LINKED : FL_LINE_PAYOUT_KNOWN, row);
        return true;
    }
    return false;
}

/* A refund or chargeback of ours: of all that it took, or of all that was won back. */
static bool is_this_event(const struct fl_store *store, const struct posting *p, uint32_t row)
{
    if (row == FL_NO_ROW || fl_cash_event_live(store, row)->line != 0)
        return false;
    const struct fl_cash_event_card *card = fl_cash_event_card(store, row);
    int64_t amount = p->minor < 0 ? -p->minor : p->minor;
    return card->amount_minor + card->fee_minor == amount && card->currency == p->currency &&
           (card->account == FL_NO_ROW || card->account == p->account);
}

static bool event_linked(struct fl_context *c, const struct posting *p)
{
    static const enum fl_cash_event_kind kinds[] = {FL_EVENT_REFUND, FL_EVENT_CHARGEBACK,
                                                    FL_EVENT_CHARGEBACK_REVERSE};
    static const enum fl_line_status statuses[][2] = {
        {FL_LINE_REFUND_KNOWN, FL_LINE_REFUND_LINKED},
        {FL_LINE_CHARGEBACK_KNOWN, FL_LINE_CHARGEBACK_LINKED},
        {FL_LINE_CHARGEBACK_KNOWN, FL_LINE_CHARGEBACK_LINKED}};
    unsigned first = p->minor < 0 ? 0 : 2, end = p->minor < 0 ? 2 : 3;
    struct fl_text key;
    for (uint32_t at = 0;
         c->s->store.rows[FL_TABLE_cash_event] > 0 && key_next(c, p, &at, &key);) {
        for (unsigned i = first; i < end; i++) {
            uint32_t row = fl_find_cash_event(c->s, kinds[i], fl_command_text(c->command, key),
                                              key.length);
            if (!is_this_event(&c->s->store, p, row))
                continue;
            bool transit = fl_cash_event_card(&c->s->store, row)->account == FL_NO_ROW;
            fl_cash_event_live_write(&c->s->store, row)->line = p->line + 1;
            status_set(c, p, statuses[i][transit], row);
            return true;
        }
    }
    return false;
}

/* ---- money in ---------------------------------------------------------------------------------- */

/* True if the text names anything that it contradicts: a closed document, or another's (Matching 2). */
static bool contradicts(const struct fl_context *c, const struct fl_named_list *named)
{
    for (uint32_t i = 0; i < named->count; i++) {
        uint32_t invoice = c->s->scratch[i];
        if (fl_invoice_money(&c->s->store, invoice)->open_minor == 0 ||
            fl_invoice_card(&c->s->store, invoice)->customer != named->customer)
            return true;
    }
    return false;
}

/* True unless the payer has a name and it is another's: one normal form begins with the other ("Nordwind GmbH",
 * "Nordwind GmbH, Altheim"). */
static bool payer_agrees(const struct fl_context *c, struct fl_text payer, uint32_t customer)
{
    char given[FL_REFERENCE_BYTES_MAX], ours[FL_REFERENCE_BYTES_MAX];
    struct fl_text_ref name = fl_customer_profile(&c->s->store, customer)->name;
    size_t n = fl_reference_normal(fl_command_text(c->command, payer), payer.length, given);
    size_t m = fl_reference_normal(fl_text_get(&c->s->store, FL_TABLE_personal, name),
                                   name.length, ours);
    size_t shorter = n < m ? n : m;
    return n == 0 || m == 0 || (shorter >= 4 && memcmp(given, ours, shorter) == 0);
}

static fl_int128 distance(fl_int128 a, fl_int128 b)
{
    return a > b ? a - b : b - a;
}

/* What the account and the name say of the payer; the account is looked up only where it may decide. */
static uint8_t payer_points(const struct fl_context *c, const struct fl_named_list *named,
                            const struct posting *p)
{
    struct fl_text account = p->item->payer.account, payer = p->item->payer.name;
    if (account.length > 0 &&
        fl_payer_account_customer(c->s, fl_command_text(c->command, account), account.length) ==
            named->customer)
        return FL_POINTS_PAYER_KNOWN;
    char given[FL_REFERENCE_BYTES_MAX], ours[FL_REFERENCE_BYTES_MAX];
    struct fl_text_ref name = fl_customer_profile(&c->s->store, named->customer)->name;
    size_t n = fl_reference_normal(fl_command_text(c->command, payer), payer.length, given);
    size_t m = fl_reference_normal(fl_text_get(&c->s->store, FL_TABLE_personal, name),
                                   name.length, ours);
    return n > 0 && n == m && memcmp(given, ours, n) == 0 ? FL_POINTS_PAYER_NAMED : 0;
}

/* Matching 3 and 4: a number in the text settles by itself where the amount agrees too. Where it does not, the payer
 * must not be another; the shorter a bare number, the more else must agree. */
static bool is_sure(const struct fl_context *c, struct fl_named_list *named,
                    const struct posting *p, int64_t minor)
{
    fl_int128 open = 0, discounted = 0;
    int64_t tolerance = fl_policy_tolerance(c->s, p->currency);
    if (named->count == 0 || contradicts(c, named))
        return false;
    for (uint32_t i = 0; i < named->count; i++) {
        open += fl_invoice_money(&c->s->store, c->s->scratch[i])->open_minor;
        discounted += fl_receipt_discount_on(c->s, p->date, c->s->scratch[i]);
    }
    bool nearly = distance(open, minor) <= tolerance ||
                  (discounted > 0 && distance(open - discounted, minor) <= tolerance);
    enum fl_fit fit = open == minor ? FL_FIT_EQUAL : nearly ? FL_FIT_NEARLY : FL_FIT_PART;
    if (fit == FL_FIT_PART && !payer_agrees(c, p->item->payer.name, named->customer))
        return false;
    unsigned needed = fl_book(c->s)->auto_points;
    if (fl_receipt_grade(c->s, named, fit).points >= needed)
        return true;
    named->payer_points = payer_points(c, named, p);
    return fl_receipt_grade(c->s, named, fit).points >= needed;
}

/* The charges kept on the way that the named documents show to be part of the payment; 0 if they do not. Exact
 * amounts decide before those within the tolerance, and before the discount. */
static int64_t charges_of_payer(const struct fl_context *c, const struct fl_named_list *named,
                                const struct posting *p)
{
    int64_t gross = p->minor + p->charges_minor, tolerance = fl_policy_tolerance(c->s, p->currency);
    fl_int128 open = 0, discounted = 0;
    if (p->charges_minor <= 0 || gross > FL_AMOUNT_MAX || named->count == 0 || contradicts(c, named))
        return 0;
    for (uint32_t i = 0; i < named->count; i++) {
        uint32_t invoice = c->s->scratch[i];
        open += fl_invoice_money(&c->s->store, invoice)->open_minor;
        discounted += fl_receipt_discount_on(c->s, p->date, invoice);
    }
    discounted = open - discounted;
    if (open == gross || discounted == gross)
        return p->charges_minor;
    if (open == p->minor || discounted == p->minor)
        return 0;
    bool fits = distance(open, gross) <= tolerance || distance(discounted, gross) <= tolerance;
    return fits ? p->charges_minor : 0;
}

static struct fl_receipt_draft receipt_draft(const struct fl_context *c, const struct posting *p,
                                              const char *id, size_t length)
{
    return (struct fl_receipt_draft){.id = id,
                                     .id_hash = fl_key_hash(c->s, FL_INDEX_RECEIPT, id, length),
                                     .id_length = length,
                                     .amount_minor = p->minor,
                                     .base_minor = p->base_minor,
                                     .customer = FL_NO_ROW,
                                     .account = p->account,
                                     .statement_line = p->line,
                                     .date = p->date,
                                     .currency = p->currency,
                                     .text = p->item->text,
                                     .payer_name = p->item->payer.name,
                                     .payer_account = p->item->payer.account};
}

/* With the charges the receipt is worth more than the line, at the rate of the same day. */
static bool gross_up(struct fl_context *c, const struct posting *p, int64_t charges,
                     struct fl_receipt_draft *draft)
{
    uint16_t day = fl_statement_line_card(&c->s->store, p->line)->booking_date;
    int64_t base;
    if (charges == 0 || !fl_line_base(c->s, p->currency, day, p->minor + charges, &base))
        return false;
    draft->amount_minor += charges;
    draft->fee_minor = charges;
    draft->base_minor = base;
    return true;
}

static bool incoming(struct fl_context *c, const struct posting *p)
{
    char id[FL_ID_BYTES_MAX];
    struct fl_named_list named;
    if (receipt_linked(c, p) || payout_linked(c, p) || event_linked(c, p))
        return true;
    struct fl_receipt_draft draft = receipt_draft(c, p, id, fl_line_id(&c->s->store, p->line, id));
    fl_receipt_name(c, p->item->references, p->currency, &named);
    bool later = fl_statement_live(&c->s->store,
                                   fl_statement_line_card(&c->s->store, p->line)->statement)
                     ->unmatched;
    named.with_fee = gross_up(c, p, charges_of_payer(c, &named, p), &draft);
    bool sure = named.with_fee || (!later && is_sure(c, &named, p, p->minor));
    draft.customer = sure ? named.customer
                          : fl_receipt_payer_by_account(c, p->item->payer.account, &named, p->currency);
    uint32_t receipt = fl_receipt_add(c, &draft);
    if (sure)
        fl_receipt_settle(c, receipt, &named);
    else
        fl_receipt_status_write(&c->s->store, receipt)->reason =
            later             ? FL_REASON_NONE
            : named.count > 0 ? FL_REASON_CONTRADICTION
            : named.several ? FL_REASON_AMBIGUOUS
                            : FL_REASON_NO_REFERENCE;
    status_set(c, p, FL_LINE_RECEIPT, receipt);
    return sure;
}

/* The bank takes back what it gave: all of a receipt, or all but the charges that were kept on the way. */
static bool is_of_amount(const struct fl_receipt_card *card, int64_t amount)
{
    return card->amount_minor == amount || card->amount_minor - card->fee_minor == amount;
}

/* A credit taken back names what it had paid: the newest standing receipt of that amount on it. */
static uint32_t receipt_taken_back(struct fl_context *c, const struct posting *p, int64_t amount)
{
    struct fl_named_list named;
    fl_receipt_name(c, p->item->references, p->currency, &named);
    for (uint32_t i = 0; i < named.count; i++) {
        for (uint32_t row = fl_invoice_money(&c->s->store, c->s->scratch[i])->last_movement;
             row != FL_NO_ROW; row = fl_movement_row(&c->s->store, row)->prev_of_invoice) {
            const struct fl_movement_row *move = fl_movement_row(&c->s->store, row);
            if (move->kind == FL_MOVE_APPLY_RECEIPT && fl_receivable_stands(&c->s->store, row) &&
                is_of_amount(fl_receipt_card(&c->s->store, move->source), amount) &&
                fl_receipt_refundable(&c->s->store, move->source) >= amount)
                return move->source;
        }
    }
    return FL_NO_ROW;
}

/* Row 15: money out that names a credit note pays it back, if so much of it is open; one that names a receipt, if it is
 * all that can be paid back of it (Matching 8). */
static bool names_what_it_refunds(const struct fl_context *c, const struct posting *p,
                                  struct fl_money_out *out)
{
    const struct fl_store *store = &c->s->store;
    struct fl_text reference;
    for (uint32_t at = 0; p->minor < 0 && reference_next(c, p, &at, &reference);) {
        const char *text = fl_command_text(c->command, reference);
        out->target_kind = FL_TARGET_CREDIT_NOTE;
        out->target = fl_find_named_credit_note(c->s, text, reference.length);
        if (out->target != FL_NO_ROW &&
            fl_credit_note_card(store, out->target)->currency == p->currency &&
            fl_credit_note_card(store, out->target)->date <= p->date &&
            fl_credit_note_money(store, out->target)->open_minor >= -p->minor)
            return true;
        out->target_kind = FL_TARGET_RECEIPT;
        out->target = fl_find_receipt(c->s, text, reference.length);
        if (out->target != FL_NO_ROW &&
            fl_receipt_card(store, out->target)->currency == p->currency &&
            fl_receipt_card(store, out->target)->date <= p->date &&
            fl_receipt_refundable(store, out->target) == -p->minor)
            return true;
    }
    return false;
}

static bool outgoing(struct fl_context *c, const struct posting *p)
{
    char id[FL_ID_BYTES_MAX];
    struct fl_money_out out = {.id = id,
                               .target_kind = FL_TARGET_RECEIPT,
                               .target = FL_NO_ROW,
                               .amount_minor = -p->minor,
                               .account = p->account,
                               .statement_line = p->line,
                               .date = p->date};
    if (event_linked(c, p) || payout_linked(c, p))
        return true;
    out.id_length = fl_line_id(&c->s->store, p->line, id);
    if (fl_statement_line_live(&c->s->store, p->line)->reversal)
        out.target = receipt_taken_back(c, p, -p->minor);
    if (out.target != FL_NO_ROW) {
        status_set(c, p, FL_LINE_RETURN, fl_money_out_return(c, &out));
    } else if (names_what_it_refunds(c, p, &out)) {
        status_set(c, p, FL_LINE_REFUND, fl_money_out_refund(c, &out));
    } else {
        status_set(c, p, FL_LINE_SUSPENSE, FL_NO_ROW);
        return false;
    }
    return true;
}

static bool post(struct fl_context *c, uint32_t line, const struct fl_statement_item *item,
                 int64_t base_minor)
{
    const struct fl_statement_line_card *card = fl_statement_line_card(&c->s->store, line);
    const struct fl_statement_card *statement = statement_of(&c->s->store, line);
    const struct posting p = {
        .item = item,
        .line = line,
        .account = statement->account,
        .minor = card->amount_minor,
        .charges_minor = fl_statement_line_cold(&c->s->store, line)->charges_minor,
        .base_minor = base_minor,
        .currency = statement->currency,
        .date = fl_policy_push(c->s, card->booking_date)};
    bool in = p.minor > 0 && !fl_statement_line_live(&c->s->store, line)->reversal;
    return in ? incoming(c, &p) : outgoing(c, &p);
}

static bool base_of_line(const struct fl_state *s, uint32_t line, int64_t *base_out)
{
    const struct fl_statement_line_card *card = fl_statement_line_card(&s->store, line);
    return fl_line_base(s, statement_of(&s->store, line)->currency, card->booking_date,
                        card->amount_minor, base_out);
}

/* ---- waiting for a rate (L2, L3) ------------------------------------------------------------- */

static void wait_add(struct fl_state *s, uint32_t account, uint32_t line)
{
    struct fl_bank_account_live *live = fl_bank_account_live_write(&s->store, account);
    struct fl_statement_line_live *waiting = fl_statement_line_live_write(&s->store, line);
    waiting->status = FL_LINE_NO_RATE;
    waiting->target = FL_NO_ROW;
    if (live->waiting_count++ == 0)
        live->waiting_first = line;
    else
        fl_statement_line_live_write(&s->store, live->waiting_last)->target = line;
    live->waiting_last = line;
}

static uint32_t wait_take(struct fl_state *s, uint32_t account)
{
    struct fl_bank_account_live *live = fl_bank_account_live_write(&s->store, account);
    FL_ASSERT(live->waiting_count > 0);
    uint32_t line = live->waiting_first;
    live->waiting_first = fl_statement_line_live(&s->store, line)->target;
    live->waiting_count--;
    FL_ASSERT((live->waiting_first == FL_NO_ROW) == (live->waiting_count == 0));
    if (live->waiting_count == 0)
        live->waiting_first = live->waiting_last = 0;
    return line;
}

enum fl_line_outcome fl_line_post(struct fl_context *c, uint32_t line,
                                  const struct fl_statement_item *item)
{
    int64_t base;
    if (!base_of_line(c->s, line, &base)) {
        wait_add(c->s, statement_of(&c->s->store, line)->account, line);
        return FL_LINE_WAITS;
    }
    return post(c, line, item, base) ? FL_LINE_MATCHED : FL_LINE_POSTED;
}

/* A stored line as a command has it, so that posting knows one kind of line only. It stands at the end of the
 * scratch; its texts are bounded by the command's own limits. */
#define COPY_BYTES (512u << 10)
#define COPY_AT (FL_SCRATCH_ROWS * sizeof(uint32_t) - COPY_BYTES)
static_assert(sizeof(struct fl_command) + sizeof(struct fl_statement_item) + 5 * FL_TEXT_BYTES_MAX +
                      FL_REFERENCES_MAX * (sizeof(struct fl_text_item) + 256) <=
                  COPY_BYTES,
              "a line fits");

struct copy {
    struct fl_command *command;
    uint32_t used;
};

static struct fl_text copy_text(struct copy *copy, const char *text, uint32_t length)
{
    struct fl_text placed = {copy->used, length};
    FL_ASSERT(length <= COPY_BYTES - copy->used);
    memcpy((char *)copy->command + copy->used, text, length);
    copy->used += length;
    return placed;
}

static struct fl_text copy_ref(struct copy *copy, const struct fl_store *store,
                               enum fl_table_id heap, struct fl_text_ref ref)
{
    return copy_text(copy, fl_text_get(store, heap, ref), ref.length);
}

static struct fl_list copy_references(struct copy *copy, const struct fl_store *store, uint32_t line)
{
    struct fl_list list = {copy->used, 0};
    struct fl_text_item *items = (struct fl_text_item *)((char *)copy->command + copy->used);
    copy->used += FL_REFERENCES_MAX * sizeof *items;
    uint32_t at = 0;
    for (const char *text; (text = fl_line_reference(store, line, &at)) != NULL;) {
        FL_ASSERT(list.count < FL_REFERENCES_MAX);
        items[list.count++].text = copy_text(copy, text, (uint32_t)strlen(text));
    }
    return list;
}

static const struct fl_statement_item *line_copy(struct fl_state *s, uint32_t line,
                                                 struct fl_command **command_out)
{
    const struct fl_statement_line_cold *cold = fl_statement_line_cold(&s->store, line);
    struct copy copy = {.command = (struct fl_command *)((char *)s->scratch + COPY_AT),
                        .used = sizeof(struct fl_command) + sizeof(struct fl_statement_item)};
    struct fl_statement_item *item = (struct fl_statement_item *)(copy.command + 1);
    memset(copy.command, 0, copy.used);
    item->references = copy_references(&copy, &s->store, line);
    item->text = copy_ref(&copy, &s->store, FL_TABLE_personal, cold->text);
    item->payer.name = copy_ref(&copy, &s->store, FL_TABLE_personal, cold->payer_name);
    item->payer.account = copy_ref(&copy, &s->store, FL_TABLE_personal, cold->payer_account);
    item->customer_ref = copy_ref(&copy, &s->store, FL_TABLE_personal, cold->customer_ref);
    item->end_to_end = copy_ref(&copy, &s->store, FL_TABLE_personal, cold->end_to_end);
    item->bank_ref = copy_ref(&copy, &s->store, FL_TABLE_text,
                              fl_statement_line_card(&s->store, line)->bank_ref);
    *command_out = copy.command;
    return item;
}

static bool post_late(struct fl_context *c, uint32_t line, int64_t base)
{
    struct fl_command *own = c->command;
    const struct fl_statement_item *item = line_copy(c->s, line, &c->command);
    bool matched = post(c, line, item, base);
    c->command = own;
    return matched;
}

enum fl_line_outcome fl_line_post_stored(struct fl_context *c, uint32_t line)
{
    int64_t base;
    if (fl_statement_line_live(&c->s->store, line)->status == FL_LINE_TOLD)
        return FL_LINE_POSTED;
    FL_ASSERT(fl_statement_line_live(&c->s->store, line)->status == FL_LINE_STORED);
    if (!base_of_line(c->s, line, &base)) {
        wait_add(c->s, statement_of(&c->s->store, line)->account, line);
        return FL_LINE_WAITS;
    }
    return post_late(c, line, base) ? FL_LINE_MATCHED : FL_LINE_POSTED;
}

uint32_t fl_line_rows_worst(const struct fl_store *store, uint32_t line)
{
    const struct fl_statement_line_cold *cold = fl_statement_line_cold(store, line);
    uint32_t rows =
        32 + (cold->text.length + cold->payer_name.length + cold->payer_account.length) / 8;
    for (uint32_t at = 0; fl_line_reference(store, line, &at) != NULL;)
        rows += 8; /* cash, discount and difference of each, and their parts */
    return rows;
}

/* What posting the next `count` lines of the account may add to a table, at most. */
static uint64_t rows_of_waiting(const struct fl_state *s, uint32_t account, uint32_t count)
{
    uint64_t rows = 64;
    uint32_t line = fl_bank_account_live(&s->store, account)->waiting_first;
    for (uint32_t i = 0; i < count; i++) {
        rows += fl_line_rows_worst(&s->store, line);
        line = fl_statement_line_live(&s->store, line)->target;
    }
    return rows;
}

/* Those that still have no rate go to the end, so that none is looked at for ever before the others. */
static uint32_t account_post_waiting(struct fl_context *c, uint32_t account, uint32_t count)
{
    uint32_t posted = 0;
    int64_t base;
    fl_opening_post_waiting(c, account);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t line = wait_take(c->s, account);
        if (base_of_line(c->s, line, &base)) {
            (void)post_late(c, line, base);
            posted++;
        } else {
            wait_add(c->s, account, line);
        }
    }
    return posted;
}

/* Nothing of the account can have changed before its currency has any rate. */
static bool may_post(const struct fl_state *s, const struct fl_bank_account_live *live)
{
    return (live->waiting_count > 0 || live->opening_waits) &&
           (live->currency == fl_book(s)->base_currency ||
            fl_policy_rate(s, live->currency, FL_DATE_MAX) > 0);
}

enum fl_status fl_line_post_waiting(struct fl_context *c, uint32_t account)
{
    struct fl_store *store = &c->s->store;
    uint32_t left = FL_WAITING_LINES_MAX;
    uint32_t end = account == FL_NO_ROW ? store->rows[FL_TABLE_bank_account] : account + 1;
    c->values[0] = 0;
    for (uint32_t row = account == FL_NO_ROW ? 0 : account; row < end; row++) {
        const struct fl_bank_account_live *live = fl_bank_account_live(store, row);
        if (!may_post(c->s, live))
            continue;
        uint32_t count = live->waiting_count < left ? live->waiting_count : left;
        uint64_t rows = rows_of_waiting(c->s, row, count);
        if (rows > UINT32_MAX || !fl_store_has_room(store, (uint32_t)rows, false))
            return FL_NO_MEMORY;
        c->values[0] += account_post_waiting(c, row, count);
        left -= count;
    }
    return FL_OK;
}
