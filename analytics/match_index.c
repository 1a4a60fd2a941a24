#include "analytics/match_index.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/large_array.h"
#include "analytics/match_name.h"
#include "core/base/bytes.h"
#include "core/base/hash.h"
#include "core/domain/payer_account.h"
#include "core/domain/reference.h"
#include "core/domain/state.h"

#define NUMBER_SEED  UINT64_C(0x666C6F72696E4E6F)
#define WORD_SEED    UINT64_C(0x666C6F72696E576F)
#define FOLDED_BYTES 1024
#define WORDS_MAX    24
#define HISTORY_DAYS 400

/* ---- numbers --------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static uint64_t number_key(const char *normal, size_t length)
{
    return fl_hash64(normal, length, NUMBER_SEED);
}

/* Letters that a normal form begins with; all of it if there is no digit. */
static size_t letters_of(const char *normal, size_t length)
{
    size_t n = 0;
    while (n < length && !is_digit(normal[n]))
        n++;
    return n;
}

static const struct fl_id *document_id(const struct fl_snapshot *s, uint8_t kind, uint32_t row)
{
    return kind == FL_MATCH_INVOICE ? &fl_at_invoice_card(s, row)->id
                                    : &fl_at_credit_note_card(s, row)->id;
}

static size_t document_normal(const struct fl_snapshot *s, uint8_t kind, uint32_t row, char *out)
{
    size_t length;
    const char *id = fl_id_get(s->store, document_id(s, kind, row), &length);
    return fl_reference_normal(id, length, out);
}

static size_t reference_normal(const struct fl_snapshot *s, uint32_t invoice, char *out)
{
    uint32_t extra = fl_at_invoice_cold(s, invoice)->extra;
    if (extra == FL_NO_ROW)
        return 0;
    struct fl_text_ref ref = fl_at_invoice_extra_row(s, extra)->reference;
    if (ref.length == 0)
        return 0;
    return fl_reference_normal(fl_text_get(s->store, FL_TABLE_text, ref), ref.length, out);
}

static void prefix_count(struct fl_match_index *index, const char *normal, size_t letters,
                         uint32_t digits)
{
    if (letters == 0 || letters > FL_MATCH_PREFIX_BYTES_MAX)
        return;
    for (uint32_t i = 0; i < index->prefix_count; i++) {
        struct fl_match_prefix *prefix = &index->prefixes[i];
        if (prefix->length != letters || memcmp(prefix->bytes, normal, letters) != 0)
            continue;
        prefix->count++;
        if (prefix->tail_length != digits)
            prefix->tail_length = 0;
        return;
    }
    if (index->prefix_count == FL_MATCH_PREFIXES_MAX)
        return;
    struct fl_match_prefix *prefix = &index->prefixes[index->prefix_count++];
    *prefix = (struct fl_match_prefix){
        .length = (uint8_t)letters, .tail_length = (uint8_t)digits, .count = 1};
    memcpy(prefix->bytes, normal, letters);
}

static uint32_t digits_in(const char *text, size_t length)
{
    uint32_t n = 0;
    for (size_t i = 0; i < length; i++)
        n += is_digit(text[i]);
    return n;
}

static bool may_begin(const struct fl_match_index *index, const char *normal, size_t letters)
{
    uint64_t hash = number_key(normal, letters);
    for (uint32_t i = 0; i < index->start_count; i++) {
        if (index->starts[i] == hash)
            return true;
    }
    return false;
}

/* What no number of ours looks like need not be looked up. */
static void length_note(struct fl_match_index *index, const char *normal, size_t n)
{
    if (n > index->number_bytes_max)
        index->number_bytes_max = n;
    index->letters_behind |= !is_digit(normal[n - 1]);
    size_t letters = letters_of(normal, n);
    if (letters == 0 || !index->starts_all || may_begin(index, normal, letters))
        return;
    uint64_t hash = number_key(normal, letters);
    index->starts_all = index->start_count < FL_MATCH_STARTS_MAX;
    if (index->starts_all)
        index->starts[index->start_count++] = hash;
}

bool fl_match_may_begin(const struct fl_match_index *index, const char *normal, size_t length)
{
    size_t letters = letters_of(normal, length);
    return letters == 0 || !index->starts_all || may_begin(index, normal, letters);
}

/* The digits of an invoice's reference, zeros in; 0 if it has letters, or is too long for a check.
 */
static size_t reference_digits(const struct fl_snapshot *s, uint32_t invoice,
                               char out[FL_MATCH_REFERENCE_MAX])
{
    uint32_t extra = fl_at_invoice_cold(s, invoice)->extra;
    if (extra == FL_NO_ROW)
        return 0;
    struct fl_text_ref ref = fl_at_invoice_extra_row(s, extra)->reference;
    const char *text = ref.length ? fl_text_get(s->store, FL_TABLE_text, ref) : "";
    size_t n = 0;
    for (uint32_t i = 0; i < ref.length; i++) {
        bool sign = text[i] == ' ' || text[i] == '-' || text[i] == '/' || text[i] == '+' ||
                    text[i] == '.' || text[i] == '*';
        if (!sign && (!is_digit(text[i]) || n == FL_MATCH_REFERENCE_MAX))
            return 0;
        if (!sign)
            out[n++] = text[i];
    }
    return n;
}

uint8_t fl_match_reference_schemes(const struct fl_match_index *index, uint32_t invoice)
{
    char digits[FL_MATCH_REFERENCE_MAX];
    return index->schemes_hold[reference_digits(index->s, invoice, digits)];
}

static void reference_count(struct fl_match_index *index, uint32_t invoice,
                            const struct fl_match_letters *letters)
{
    char digits[FL_MATCH_REFERENCE_MAX];
    size_t n = reference_digits(index->s, invoice, digits);
    if (n == 0 || (index->references[n]++ > 0 && index->schemes_hold[n] == 0))
        return;
    uint8_t hold = (uint8_t)letters->schemes(digits, n);
    index->schemes_hold[n] = index->references[n] == 1 ? hold : index->schemes_hold[n] & hold;
}

/* Places of a large table are misses: they are asked for a few numbers ahead of being filled. */
#define WAITING_MAX 32

struct waiting {
    struct fl_match_map *map;
    uint32_t count;
    uint64_t keys[WAITING_MAX];
    uint32_t values[WAITING_MAX];
};

static void waiting_put(struct waiting *waiting)
{
    for (uint32_t i = 0; i < waiting->count; i++)
        fl_match_map_put_few(waiting->map, waiting->keys[i], waiting->values[i], FL_MATCH_SAME_MAX);
    waiting->count = 0;
}

static void number_add(struct waiting *waiting, const char *normal, size_t length, uint32_t value)
{
    if (waiting->count == WAITING_MAX)
        waiting_put(waiting);
    uint64_t key = number_key(normal, length);
    fl_match_map_prefetch(waiting->map, key);
    waiting->keys[waiting->count] = key;
    waiting->values[waiting->count++] = value;
}

static void number_put(struct fl_match_index *index, struct waiting *waiting, uint8_t kind,
                       uint32_t row, const struct fl_match_letters *speech)
{
    char normal[FL_REFERENCE_BYTES_MAX];
    size_t written;
    const char *id = fl_id_get(index->s->store, document_id(index->s, kind, row), &written);
    size_t n = fl_reference_normal(id, written, normal);
    uint32_t value = (uint32_t)kind << 31 | row;
    size_t letters = letters_of(normal, n);
    if (n == 0)
        return;
    length_note(index, normal, n);
    number_add(waiting, normal, n, value);
    if (letters > 0 && letters < n)
        number_add(waiting, normal + letters, n - letters, value);
    prefix_count(index, normal, letters, digits_in(id, written));
    if (kind != FL_MATCH_INVOICE)
        return;
    n = reference_normal(index->s, row, normal);
    if (n == 0)
        return;
    length_note(index, normal, n);
    index->reference_lengths |= UINT64_C(1) << (n < 63 ? n : 63);
    number_add(waiting, normal, n, value);
    reference_count(index, row, speech);
}

static enum fl_status numbers_make(struct fl_match_index *index,
                                   const struct fl_match_letters *letters)
{
    const struct fl_snapshot *s = index->s;
    uint32_t invoices = s->rows[FL_TABLE_invoice], notes = s->rows[FL_TABLE_credit_note];
    struct waiting waiting = {.map = &index->numbers};
    FL_TRY(fl_match_map_init(&index->numbers,
                             2ull * invoices + 2ull * notes + s->rows[FL_TABLE_invoice_extra]));
    for (uint32_t row = 0; row < invoices; row++)
        number_put(index, &waiting, FL_MATCH_INVOICE, row, letters);
    for (uint32_t row = 0; row < notes; row++)
        number_put(index, &waiting, FL_MATCH_CREDIT_NOTE, row, letters);
    waiting_put(&waiting);
    FL_TRY(fl_match_map_init(&index->orders, s->rows[FL_TABLE_order]));
    waiting.map = &index->orders;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_order]; row++) {
        char normal[FL_REFERENCE_BYTES_MAX];
        size_t length;
        const char *id = fl_id_get(s->store, &fl_at_order_card(s, row)->id, &length);
        size_t n = fl_reference_normal(id, length, normal);
        if (n == 0)
            continue;
        length_note(index, normal, n);
        number_add(&waiting, normal, n, row);
    }
    waiting_put(&waiting);
    return FL_OK;
}

/* X1: which form of the document this is; false if none. */
static bool form_of(const struct fl_match_index *index, uint8_t kind, uint32_t row,
                    const char *normal, size_t length, uint8_t *form_out)
{
    char own[FL_REFERENCE_BYTES_MAX];
    size_t n = document_normal(index->s, kind, row, own);
    size_t letters = letters_of(own, n);
    *form_out = FL_MATCH_FORM_NUMBER;
    if (n == length && memcmp(own, normal, n) == 0)
        return true;
    if (kind == FL_MATCH_INVOICE && index->reference_lengths >> (length < 63 ? length : 63) & 1) {
        char reference[FL_REFERENCE_BYTES_MAX];
        size_t m = reference_normal(index->s, row, reference);
        *form_out = FL_MATCH_FORM_REFERENCE;
        if (m > 0 && m == length && memcmp(reference, normal, m) == 0)
            return true;
    }
    *form_out = FL_MATCH_FORM_BARE;
    return n - letters == length && memcmp(own + letters, normal, length) == 0;
}

static bool order_is(const struct fl_snapshot *s, uint32_t row, const char *normal, size_t length)
{
    char own[FL_REFERENCE_BYTES_MAX];
    size_t written;
    const char *id = fl_id_get(s->store, &fl_at_order_card(s, row)->id, &written);
    return fl_reference_normal(id, written, own) == length && memcmp(own, normal, length) == 0;
}

uint64_t fl_match_ask_number(const struct fl_match_index *index, const char *normal, size_t length)
{
    uint64_t key = number_key(normal, length);
    fl_match_map_prefetch(&index->numbers, key);
    fl_match_map_prefetch(&index->orders, key);
    return key;
}

void fl_match_ask_document(const struct fl_match_index *index, uint64_t asked)
{
    struct fl_match_cursor cursor;
    uint32_t value = fl_match_map_first(&index->numbers, asked, &cursor);
    if (value == FL_MATCH_NONE)
        return;
    uint32_t row = value & INT32_MAX;
    if (value >> 31 == FL_MATCH_INVOICE) {
        __builtin_prefetch(fl_at_invoice_card(index->s, row));
        __builtin_prefetch(&index->item_of_invoice[row]);
    } else {
        __builtin_prefetch(fl_at_credit_note_card(index->s, row));
        __builtin_prefetch(&index->item_of_note[row]);
    }
}

uint32_t fl_match_find_number(const struct fl_match_index *index, const char *normal, size_t length,
                              struct fl_match_found *out, uint32_t most)
{
    struct fl_match_cursor cursor;
    uint64_t key = number_key(normal, length);
    uint32_t found = 0;
    for (uint32_t value = fl_match_map_first(&index->numbers, key, &cursor);
         value != FL_MATCH_NONE && found < most;
         value = fl_match_map_next(&index->numbers, &cursor)) {
        struct fl_match_found *one = &out[found];
        one->kind = (uint8_t)(value >> 31);
        one->row = value & INT32_MAX;
        if (form_of(index, one->kind, one->row, normal, length, &one->form) &&
            (found == 0 || out[found - 1].row != one->row || out[found - 1].kind != one->kind))
            found++;
    }
    for (uint32_t row = fl_match_map_first(&index->orders, key, &cursor);
         row != FL_MATCH_NONE && found < most; row = fl_match_map_next(&index->orders, &cursor)) {
        if (order_is(index->s, row, normal, length))
            out[found++] = (struct fl_match_found){
                .row = row, .kind = FL_MATCH_INVOICE, .form = FL_MATCH_FORM_ORDER};
    }
    return found;
}

/* ---- open items ------------------------------------------------------------------------------ */

struct taken {
    int64_t own_credit, discount, written_off;
};

static struct taken taken_of(const struct fl_snapshot *s, uint32_t invoice)
{
    struct taken taken = {0, 0, 0};
    for (uint32_t row = fl_at_invoice_money(s, invoice)->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(s, row)->prev_of_invoice) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        if (m->kind == FL_MOVE_DISCOUNT)
            taken.discount += m->amount_minor;
        else if (m->kind == FL_MOVE_WRITE_OFF)
            taken.written_off += m->amount_minor;
        else if (m->kind == FL_MOVE_APPLY_CREDIT &&
                 fl_at_credit_note_card(s, m->source)->invoice == invoice)
            taken.own_credit += m->amount_minor;
    }
    return taken;
}

/* The early-payment discount that a payment in time earns (D5), as the core reckons it. */
static int64_t discount_of(const struct fl_snapshot *s, uint32_t invoice, int64_t open,
                           uint16_t *until_out)
{
    if (!(fl_at_invoice_money(s, invoice)->flags & FL_INVOICE_HAS_DISCOUNT))
        return 0;
    const struct fl_invoice_extra *extra =
        fl_at_invoice_extra_row(s, fl_at_invoice_cold(s, invoice)->extra);
    struct taken taken = taken_of(s, invoice);
    *until_out = extra->discount_until;
    if (taken.discount > 0 || taken.written_off > 0)
        return 0;
    fl_int128 product =
        (fl_int128)(fl_at_invoice_card(s, invoice)->total_minor - taken.own_credit) *
        extra->discount_percent_e7;
    fl_int128 whole = (fl_int128)1000000000; /* percent x 10^7 of an amount */
    fl_int128 quotient = product / whole, rest = product % whole;
    bool even = fl_at_book_settings(s, 0)->rounding != 0; /* half up is the default */
    if (2 * rest > whole || (2 * rest == whole && (!even || (quotient & 1))))
        quotient++;
    int64_t discount = (int64_t)quotient;
    return discount < open ? discount : 0;
}

/* Digits of the number behind the letters it begins with, as written. */
static void tail_set(struct fl_match_item *item, const char *id, size_t length)
{
    size_t at = length;
    item->tail_length = 0;
    while (at > 0 && item->tail_length < FL_MATCH_TAIL_MAX) {
        char c = id[--at];
        if (is_digit(c))
            item->tail[FL_MATCH_TAIL_MAX - ++item->tail_length] = c;
    }
    memmove(item->tail, item->tail + FL_MATCH_TAIL_MAX - item->tail_length, item->tail_length);
}

static void invoice_item(const struct fl_snapshot *s, uint32_t row, int64_t open_minor,
                         struct fl_match_item *item)
{
    const struct fl_invoice_card *card = fl_at_invoice_card(s, row);
    size_t length;
    const char *id = fl_id_get(s->store, &card->id, &length);
    *item = (struct fl_match_item){.open_minor = open_minor,
                                   .now_minor = fl_at_invoice_money(s, row)->open_minor,
                                   .row = row,
                                   .customer = card->customer,
                                   .date = card->date,
                                   .due_date = card->due_date,
                                   .kind = FL_MATCH_INVOICE,
                                   .currency = card->currency};
    if (item->now_minor > 0)
        item->discount_minor = discount_of(s, row, item->now_minor, &item->discount_until);
    tail_set(item, id, length);
}

static void note_item(const struct fl_snapshot *s, uint32_t row, struct fl_match_item *item)
{
    const struct fl_credit_note_card *card = fl_at_credit_note_card(s, row);
    size_t length;
    const char *id = fl_id_get(s->store, &card->id, &length);
    *item = (struct fl_match_item){.open_minor = fl_at_credit_note_money(s, row)->open_minor,
                                   .now_minor = fl_at_credit_note_money(s, row)->open_minor,
                                   .row = row,
                                   .customer = card->customer,
                                   .date = card->date,
                                   .due_date = card->date,
                                   .kind = FL_MATCH_CREDIT_NOTE,
                                   .currency = card->currency};
    tail_set(item, id, length);
}

static int item_order(const void *left, const void *right)
{
    const struct fl_match_item *a = left, *b = right;
    if (a->currency != b->currency)
        return a->currency < b->currency ? -1 : 1;
    if (a->open_minor != b->open_minor)
        return a->open_minor < b->open_minor ? -1 : 1;
    if (a->due_date != b->due_date)
        return a->due_date < b->due_date ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* What came off an invoice on or after the day, and still counts. */
static int64_t taken_since(const struct fl_snapshot *s, uint32_t invoice, uint16_t since)
{
    int64_t taken = 0;
    for (uint32_t row = fl_at_invoice_money(s, invoice)->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(s, row)->prev_of_invoice) {
        if (fl_match_takes(s, row) && fl_at_movement_row(s, row)->date >= since)
            taken += fl_at_movement_row(s, row)->amount_minor;
    }
    return taken;
}

bool fl_match_takes(const struct fl_snapshot *s, uint32_t movement)
{
    const struct fl_movement_row *m = fl_at_movement_row(s, movement);
    bool off = m->kind == FL_MOVE_APPLY_RECEIPT || m->kind == FL_MOVE_APPLY_CREDIT ||
               m->kind == FL_MOVE_DISCOUNT || m->kind == FL_MOVE_SHORT;
    return off && m->amount_minor > 0 && fl_at_movement_live(s, movement)->reversed_by == FL_NO_ROW;
}

/* Open now, or then; 0: it is no item. */
static int64_t open_since(const struct fl_match_index *index, uint32_t invoice)
{
    const struct fl_invoice_money *money = fl_at_invoice_money(index->s, invoice);
    bool long_closed = money->open_minor == 0 && money->closed_date < index->since;
    return long_closed ? 0 : money->open_minor + taken_since(index->s, invoice, index->since);
}

/* `open_minor`: of each invoice, for fill_items. */
static void count_open(struct fl_match_index *index, int64_t *open_minor)
{
    const struct fl_snapshot *s = index->s;
    uint32_t *counts = index->items_of;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_invoice]; row++) {
        open_minor[row] = open_since(index, row);
        if (open_minor[row] > 0)
            counts[fl_at_invoice_card(s, row)->customer + 1]++;
    }
    for (uint32_t row = 0; row < s->rows[FL_TABLE_credit_note]; row++) {
        if (fl_at_credit_note_money(s, row)->open_minor > 0)
            counts[fl_at_credit_note_card(s, row)->customer + 1]++;
    }
}

static void fill_items(struct fl_match_index *index, const int64_t *open_minor, uint32_t *next)
{
    const struct fl_snapshot *s = index->s;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_invoice]; row++) {
        if (open_minor[row] > 0)
            invoice_item(s, row, open_minor[row],
                         &index->items[next[fl_at_invoice_card(s, row)->customer]++]);
    }
    for (uint32_t row = 0; row < s->rows[FL_TABLE_credit_note]; row++) {
        if (fl_at_credit_note_money(s, row)->open_minor > 0)
            note_item(s, row, &index->items[next[fl_at_credit_note_card(s, row)->customer]++]);
    }
}

static void rows_point_back(struct fl_match_index *index)
{
    const struct fl_snapshot *s = index->s;
    memset(index->item_of_invoice, 0xFF, 4 * (size_t)s->rows[FL_TABLE_invoice] + 4);
    memset(index->item_of_note, 0xFF, 4 * (size_t)s->rows[FL_TABLE_credit_note] + 4);
    for (uint32_t i = 0; i < index->item_count; i++) {
        const struct fl_match_item *item = &index->items[i];
        uint32_t *place =
            item->kind == FL_MATCH_INVOICE ? index->item_of_invoice : index->item_of_note;
        place[item->row] = i;
        index->has_discount[item->customer] |= item->discount_minor > 0;
    }
}

static enum fl_status items_make(struct fl_match_index *index)
{
    const struct fl_snapshot *s = index->s;
    uint32_t customers = s->rows[FL_TABLE_customer];
    index->items_of = calloc((size_t)customers + 2, 4);
    index->item_of_invoice = fl_large_array(4 * (size_t)s->rows[FL_TABLE_invoice] + 4);
    index->item_of_note = malloc(4 * (size_t)s->rows[FL_TABLE_credit_note] + 4);
    index->has_discount = calloc((size_t)customers + 1, 1);
    uint32_t *next = malloc(4 * ((size_t)customers + 1));
    int64_t *open_minor = malloc(8 * (size_t)s->rows[FL_TABLE_invoice] + 8);
    enum fl_status status = FL_NO_MEMORY;
    if (!index->items_of || !index->item_of_invoice || !index->item_of_note ||
        !index->has_discount || !next || !open_minor)
        goto done;
    count_open(index, open_minor);
    for (uint32_t c = 0; c < customers; c++)
        index->items_of[c + 1] += index->items_of[c];
    memcpy(next, index->items_of, 4 * ((size_t)customers + 1));
    index->item_count = index->items_of[customers];
    index->items = fl_large_array(((size_t)index->item_count + 1) * sizeof *index->items);
    if (!index->items)
        goto done;
    fill_items(index, open_minor, next);
    for (uint32_t c = 0; c < customers; c++)
        qsort(index->items + index->items_of[c], index->items_of[c + 1] - index->items_of[c],
              sizeof *index->items, item_order);
    rows_point_back(index);
    status = FL_OK;
done:
    free(next);
    free(open_minor);
    return status;
}

struct amount_place {
    uint64_t key; /* currency, amount */
    uint32_t item;
};

/* By one byte of the key; equal ones stay in their order. False: all have the same. */
static bool places_deal(const struct amount_place *from, struct amount_place *to, uint32_t count,
                        unsigned shift)
{
    uint32_t starts[257] = {0};
    for (uint32_t i = 0; i < count; i++)
        starts[(from[i].key >> shift & 0xFF) + 1]++;
    if (count == 0 || starts[(from[0].key >> shift & 0xFF) + 1] == count)
        return false;
    for (unsigned byte = 0; byte < 256; byte++)
        starts[byte + 1] += starts[byte];
    for (uint32_t i = 0; i < count; i++)
        to[starts[from[i].key >> shift & 0xFF]++] = from[i];
    return true;
}

/* Items stand by customer, so sorting only by currency and amount leaves equals in their order. */
static enum fl_status amounts_make(struct fl_match_index *index)
{
    uint32_t count = index->item_count;
    struct amount_place *places = malloc(((size_t)count + 1) * sizeof *places);
    struct amount_place *others = malloc(((size_t)count + 1) * sizeof *others);
    index->by_amount = malloc(((size_t)count + 1) * 4);
    bool whole = places && others && index->by_amount;
    for (uint32_t i = 0; whole && i < count; i++) {
        const struct fl_match_item *item = &index->items[i];
        FL_ASSERT(item->open_minor > 0 && (uint64_t)item->open_minor < UINT64_C(1) << 56);
        places[i] =
            (struct amount_place){(uint64_t)item->currency << 56 | (uint64_t)item->open_minor, i};
    }
    for (unsigned shift = 0; whole && shift < 64; shift += 8) {
        if (!places_deal(places, others, count, shift))
            continue;
        struct amount_place *dealt = others;
        others = places;
        places = dealt;
    }
    for (uint32_t i = 0; whole && i < count; i++)
        index->by_amount[i] = places[i].item;
    free(places);
    free(others);
    return whole ? FL_OK : FL_NO_MEMORY;
}

uint32_t fl_match_item_place(const struct fl_match_index *index, uint32_t customer,
                             uint8_t currency, int64_t amount_minor)
{
    uint32_t low = index->items_of[customer], high = index->items_of[customer + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct fl_match_item *item = &index->items[middle];
        bool below = item->currency != currency ? item->currency < currency
                                                : item->open_minor < amount_minor;
        if (below)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t fl_match_amount_place(const struct fl_match_index *index, uint8_t currency,
                               int64_t amount_minor)
{
    uint32_t low = 0, high = index->item_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct fl_match_item *item = &index->items[index->by_amount[middle]];
        bool below = item->currency != currency ? item->currency < currency
                                                : item->open_minor < amount_minor;
        if (below)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- payers ---------------------------------------------------------------------------------- */

uint64_t fl_match_word_hash(const char *word, size_t length)
{
    uint64_t hash = WORD_SEED + length, last = 0;
    for (; length > 8; word += 8, length -= 8) {
        hash = (hash ^ fl_load_u64(word)) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    for (size_t i = 0; i < length; i++)
        last |= (uint64_t)(uint8_t)word[i] << i * 8;
    hash = (hash ^ last) * UINT64_C(0xD6E8FEB86659FD93);
    return hash ^ hash >> 32;
}

uint32_t fl_match_words(const char *folded, size_t length, uint64_t *hashes, uint32_t most)
{
    uint32_t count = 0;
    for (size_t at = 0; at < length && count < most;) {
        size_t end = at;
        while (end < length && folded[end] != ' ')
            end++;
        if (end > at)
            hashes[count++] = fl_match_word_hash(folded + at, end - at);
        at = end + 1;
    }
    return count;
}

/* Accounts that paid for a customer, or are its own: learned by the core (payer_account.h). */
static enum fl_status accounts_make(struct fl_match_index *index)
{
    const struct fl_snapshot *s = index->s;
    uint32_t rows = s->rows[FL_TABLE_payer_account];
    FL_TRY(fl_match_map_init(&index->accounts, rows + 1ull));
    for (uint32_t row = 0; row < rows; row++) {
        uint64_t hash = fl_at_payer_account_name(s, row)->hash;
        if (hash != 0 && fl_payer_account_is_learned(fl_at_payer_account_live(s, row)))
            fl_match_map_put_few(&index->accounts, hash, row, FL_MATCH_SAME_MAX);
    }
    return FL_OK;
}

uint32_t fl_match_account_customer(const struct fl_match_index *index, uint64_t hash)
{
    struct fl_match_cursor cursor;
    uint32_t customer = FL_MATCH_NONE;
    for (uint32_t row = fl_match_map_first(&index->accounts, hash, &cursor); row != FL_MATCH_NONE;
         row = fl_match_map_next(&index->accounts, &cursor)) {
        if (fl_at_payer_account_name(index->s, row)->hash != hash)
            continue;
        uint32_t other = fl_at_payer_account_card(index->s, row)->customer;
        if (customer != FL_MATCH_NONE && customer != other)
            return FL_MATCH_NONE; /* of several: it says nothing */
        customer = other;
    }
    return customer;
}

static void name_put(struct fl_match_index *index, uint32_t customer, const char *folded,
                     size_t length)
{
    uint64_t words[WORDS_MAX], hash = 0;
    uint32_t count = fl_match_words(folded, length, words, WORDS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        hash = fl_match_words_add(hash, words[i]);
        if (i >= 1 && i + 1 < count)
            fl_match_map_put_few(&index->name_starts, hash, customer, FL_MATCH_SAME_MAX);
    }
    index->name_hash[customer] = hash;
    index->name_words[customer] = (uint8_t)count;
    if (count == 0)
        return;
    fl_match_map_put_few(&index->names, hash, customer, FL_MATCH_SAME_MAX);
    uint64_t pieces[WORDS_MAX];
    uint32_t n = fl_match_name_pieces(folded, length, pieces, WORDS_MAX);
    for (uint32_t i = 0; i < n && index->name_pieces.values < index->name_pieces.room; i++)
        fl_match_map_put_few(&index->name_pieces, pieces[i], customer, FL_MATCH_PIECE_MAX);
}

static enum fl_status payers_make(struct fl_match_index *index,
                                  const struct fl_match_letters *letters)
{
    const struct fl_snapshot *s = index->s;
    uint32_t customers = s->rows[FL_TABLE_customer];
    char folded[FOLDED_BYTES];
    index->name_hash = calloc((size_t)customers + 1, 8);
    index->name_words = calloc((size_t)customers + 1, 1);
    if (!index->name_hash || !index->name_words)
        return FL_NO_MEMORY;
    FL_TRY(accounts_make(index));
    FL_TRY(fl_match_map_init(&index->names, customers));
    FL_TRY(fl_match_map_init(&index->name_starts, 6ull * customers + 64));
    FL_TRY(fl_match_map_init(&index->name_pieces, 8ull * customers + 64));
    for (uint32_t row = 0; row < customers; row++) {
        struct fl_text_ref name = fl_at_customer_profile(s, row)->name;
        if (name.length == 0)
            continue;
        size_t n = letters->fold(fl_text_get(s->store, FL_TABLE_personal, name), name.length,
                                 folded, sizeof folded);
        if (index->name_starts.values + WORDS_MAX < index->name_starts.room)
            name_put(index, row, folded, n);
    }
    return FL_OK;
}

/* The day of the oldest open payment, within HISTORY_DAYS of the newest: older ones are a person's.
 */
static uint16_t oldest_payment(const struct fl_snapshot *s)
{
    uint16_t oldest = UINT16_MAX, newest = 0;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_receipt]; row++) {
        uint16_t date = fl_at_receipt_card(s, row)->date;
        if (fl_at_receipt_money(s, row)->open_minor <= 0)
            continue;
        oldest = date < oldest ? date : oldest;
        newest = date > newest ? date : newest;
    }
    return newest > oldest && newest - oldest > HISTORY_DAYS ? (uint16_t)(newest - HISTORY_DAYS)
                                                             : oldest;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Documents' numbers and the rest share nothing that is written: two threads make them. */
struct half {
    struct fl_match_index *index;
    const struct fl_match_letters *letters;
    enum fl_status status;
};

static void *numbers_half(void *context)
{
    struct half *half = context;
    half->status = numbers_make(half->index, half->letters);
    return NULL;
}

enum fl_status fl_match_index_init(struct fl_match_index *index, const struct fl_snapshot *snapshot,
                                   const struct fl_match_letters *letters)
{
    memset(index, 0, sizeof *index);
    index->s = snapshot;
    index->letters = letters;
    const struct fl_book_settings *book = fl_at_book_settings(snapshot, 0);
    for (unsigned i = 0; i < book->tolerance_count; i++)
        index->tolerance_minor[book->tolerance_currency[i]] = book->tolerance_minor[i];
    index->starts_all = true;
    index->since = oldest_payment(snapshot);
    struct half numbers = {.index = index, .letters = letters};
    pthread_t thread;
    bool apart = pthread_create(&thread, NULL, numbers_half, &numbers) == 0;
    enum fl_status status = items_make(index);
    if (status == FL_OK)
        status = amounts_make(index);
    if (status == FL_OK)
        status = payers_make(index, letters);
    if (apart)
        pthread_join(thread, NULL);
    else
        numbers_half(&numbers);
    return status == FL_OK ? numbers.status : status;
}

void fl_match_index_deinit(struct fl_match_index *index)
{
    fl_match_map_deinit(&index->numbers);
    fl_match_map_deinit(&index->orders);
    fl_match_map_deinit(&index->accounts);
    fl_match_map_deinit(&index->names);
    fl_match_map_deinit(&index->name_starts);
    fl_match_map_deinit(&index->name_pieces);
    free(index->items);
    free(index->items_of);
    free(index->item_of_invoice);
    free(index->item_of_note);
    free(index->by_amount);
    free(index->has_discount);
    free(index->name_hash);
    free(index->name_words);
    memset(index, 0, sizeof *index);
}

const char *fl_match_item_id(const struct fl_match_index *index, uint32_t item, size_t *length_out)
{
    const struct fl_match_item *i = &index->items[item];
    return fl_id_get(index->s->store, document_id(index->s, i->kind, i->row), length_out);
}
