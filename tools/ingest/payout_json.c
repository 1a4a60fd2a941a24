#define _GNU_SOURCE /* memmem */
#include "tools/ingest/payout_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/format/json_simd.h"
#include "tools/ingest/load_names.h"

#define NO_NODE UINT32_MAX

/* One transaction. */
struct row {
    uint32_t at; /* its node */
    uint64_t line;
    enum fl_payout_part_kind kind;
    struct fl_decimal gross, net;
    uint8_t currency;
    uint16_t day;
};

/* A row of a payout that stands with others in one file. */
struct chained {
    uint32_t at, next; /* node; place of the next row of its payout, NO_NODE */
};

struct reader {
    struct fl_byte_source source;
    struct fl_error *error;
    char *bytes;
    size_t length;
    struct fl_json *json;
    const struct fl_json_node *nodes;
    uint32_t list; /* node of the array */
    bool stripe;
    size_t counted; /* bytes whose lines are counted */
    uint64_t line;
    struct fl_payout_parts parts;
};

/* ---- the tree ------------------------------------------------------------------------------- */

static uint32_t member(const struct reader *r, uint32_t object, const char *name)
{
    const struct fl_json_node *nodes = r->nodes;
    size_t length = strlen(name);
    if (object == NO_NODE || nodes[object].kind != FL_JSON_OBJECT)
        return NO_NODE;
    for (uint32_t at = object + 1; at < nodes[object].end; at = nodes[at].end) {
        if (nodes[at].key_length == length && memcmp(nodes[at].key, name, length) == 0)
            return at;
    }
    return NO_NODE;
}

/* Of a string or number; empty for anything else. */
static struct fl_slice text_of(const struct reader *r, uint32_t at)
{
    bool text = at != NO_NODE &&
                (r->nodes[at].kind == FL_JSON_STRING || r->nodes[at].kind == FL_JSON_NUMBER);
    return text ? fl_slice_of(r->nodes[at].text, r->nodes[at].text_length) : fl_slice_of("", 0);
}

static struct fl_slice text_in(const struct reader *r, uint32_t object, const char *name)
{
    return text_of(r, member(r, object, name));
}

static bool is_true(const struct reader *r, uint32_t object, const char *name)
{
    uint32_t at = member(r, object, name);
    return at != NO_NODE && r->nodes[at].kind == FL_JSON_TRUE;
}

/* Where the object stands; objects are asked in the order of the file. */
static uint64_t line_of(struct reader *r, uint32_t object)
{
    const char *at = r->bytes + r->counted;
    for (uint32_t i = object + 1; i < r->nodes[object].end; i = r->nodes[i].end) {
        const char *key = r->nodes[i].key;
        if (key < r->bytes || key >= r->bytes + r->length)
            continue; /* with an escape: stands elsewhere */
        at = key;
        break;
    }
    if (at < r->bytes + r->counted) { /* Shopify's come payout by payout */
        r->counted = 0;
        r->line = 1;
    }
    for (const char *c = r->bytes + r->counted; c < at; c++)
        r->line += *c == '\n';
    r->counted = (size_t)(at - r->bytes);
    return r->line;
}

/* ---- values --------------------------------------------------------------------------------- */

/* J5. */
static unsigned stripe_decimals(uint8_t currency)
{
    const char *code = fl_currency_code(currency);
    if (strcmp(code, "ISK") == 0 || strcmp(code, "UGX") == 0)
        return 2;
    return strcmp(code, "MGA") == 0 ? 0 : fl_currency_exponent(currency);
}

/* "-50.00"; of Stripe -5000. Absent where the member is; false: no amount of the currency. */
static bool amount_read(const struct reader *r, uint32_t object, const char *name, uint8_t currency,
                        struct fl_decimal *out)
{
    struct fl_slice text = text_in(r, object, name);
    bool minus = text.length > 0 && text.at[0] == '-';
    *out = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
    if (text.length == 0)
        return true;
    if (minus)
        text = fl_slice_of(text.at + 1, text.length - 1);
    if (memchr(text.at, ',', text.length) || fl_statement_amount(text, out) != FL_OK)
        return false;
    if (r->stripe && out->scale != 0)
        return false;
    if (r->stripe)
        *out = fl_decimal_of(out->units, stripe_decimals(currency));
    if (minus)
        out->units = -out->units;
    return fl_statement_amount_check(*out, currency) == FL_OK;
}

/* J8: seconds since 1970, or a day as it begins an instant. FL_DATE_NONE. */
static uint16_t day_read(struct fl_slice text)
{
    uint16_t day = FL_DATE_NONE;
    uint64_t seconds = 0;
    if (text.length >= 10 && text.at[4] == '-')
        return fl_date_parse(text.at, 10, &day) == FL_OK ? day : FL_DATE_NONE;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || seconds > UINT32_MAX)
            return FL_DATE_NONE;
        seconds = seconds * 10 + (uint64_t)(text.at[i] - '0');
    }
    uint64_t days = seconds / 86400 + 1;
    return seconds == 0 || days > FL_DATE_MAX ? FL_DATE_NONE : (uint16_t)days;
}

static struct fl_slice first_text(const struct reader *r, uint32_t object, const char *const *names,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fl_slice text = text_in(r, object, names[i]);
        if (text.length > 0)
            return text;
    }
    return fl_slice_of("", 0);
}
#define FIRST(r, object, names) first_text(r, object, names, sizeof(names) / sizeof(names)[0])

/* J7. */
static struct fl_slice ref_of(const struct reader *r, uint32_t object)
{
    static const char *const shopify[] = {"source_order_name", "order_name", "source_order_id",
                                          "source_id"};
    static const char *const metadata[] = {"order_id", "order",          "invoice_id",
                                           "invoice",  "invoice_number", "reference"};
    static const char *const source[] = {"invoice", "charge", "id"};
    uint32_t at = member(r, object, "source");
    if (!r->stripe)
        return FIRST(r, object, shopify);
    struct fl_slice text = text_of(r, at);
    if (text.length > 0 || at == NO_NODE)
        return text;
    text = FIRST(r, member(r, at, "metadata"), metadata);
    return text.length > 0 ? text : FIRST(r, at, source);
}

static enum fl_payout_part_kind kind_read(const struct reader *r, uint32_t object)
{
    enum fl_payout_part_kind kind =
        fl_payout_part_kind_of(text_in(r, object, "reporting_category"));
    return kind != FL_PAYOUT_PART_UNKNOWN ? kind
                                          : fl_payout_part_kind_of(text_in(r, object, "type"));
}

/* Null, or what is wrong with it. */
static const char *row_read(struct reader *r, uint32_t object, struct row *row)
{
    struct fl_slice code = text_in(r, object, "currency");
    *row = (struct row){.at = object, .line = line_of(r, object), .kind = kind_read(r, object)};
    char upper[3] = {0};
    for (size_t i = 0; i < 3 && i < code.length; i++)
        upper[i] = (char)(code.at[i] >= 'a' && code.at[i] <= 'z' ? code.at[i] - 32 : code.at[i]);
    row->currency = fl_currency_find(upper, code.length == 3 ? 3 : 0);
    if (row->kind == FL_PAYOUT_PART_UNKNOWN)
        return "no kind of a payout's part that is known";
    if (row->currency == FL_CURRENCY_NONE)
        return "no currency";
    if (!amount_read(r, object, "amount", row->currency, &row->gross) ||
        !amount_read(r, object, "net", row->currency, &row->net))
        return "not an amount of its currency";
    if (row->gross.state != FL_DECIMAL_VALUE)
        return "no amount";
    row->day = day_read(text_in(r, object, r->stripe ? "available_on" : "processed_at"));
    if (row->day == FL_DATE_NONE)
        row->day = day_read(text_in(r, object, r->stripe ? "created" : "processed_at"));
    return row->day == FL_DATE_NONE ? "no day" : NULL;
}

/* ---- payouts -------------------------------------------------------------------------------- */

static const char *part_take(struct reader *r, const struct row *row)
{
    struct fl_payout_report_part part = {
        .line = row->line, .kind = row->kind, .amount = row->gross};
    struct fl_statement_total fee = {0};
    if (row->net.state == FL_DECIMAL_VALUE) {
        fl_statement_total_add(&fee, row->gross);
        fl_statement_total_subtract(&fee, row->net);
    }
    if (fl_statement_total_read(fee, &part.fee) != FL_OK)
        return "a fee out of range";
    fl_payout_id_copy(ref_of(r, row->at), part.ref);
    fl_payout_parts_add(&r->parts, &part);
    return NULL;
}

/* The payout itself. */
static const char *payout_take(struct reader *r, const struct row *row)
{
    struct fl_payout_report *report = &r->parts.report;
    struct fl_decimal amount = row->net.state == FL_DECIMAL_VALUE ? row->net : row->gross;
    if (r->parts.said.state == FL_DECIMAL_VALUE)
        return "a second payout in the list: it is to be that of one";
    r->parts.said = fl_decimal_of(amount.units < 0 ? -amount.units : amount.units, amount.scale);
    while (r->parts.said.scale > 0 && r->parts.said.units % 10 == 0) { /* as sums are written */
        r->parts.said.units /= 10;
        r->parts.said.scale--;
    }
    report->date_days = row->day;
    if (r->stripe)
        fl_payout_id_copy(ref_of(r, row->at), report->id);
    return NULL;
}

static void row_take(struct reader *r, uint32_t object)
{
    struct row row;
    struct fl_payout_report *report = &r->parts.report;
    const char *why = row_read(r, object, &row);
    if (!why && report->currency != FL_CURRENCY_NONE && report->currency != row.currency)
        why = "another currency than the payout's rows before";
    if (!why)
        why = row.kind == FL_PAYOUT_PART_PAYOUT ? payout_take(r, &row) : part_take(r, &row);
    if (why) {
        fl_payout_parts_refuse(&r->parts, row.line, FL_BAD_VALUE, why);
        return;
    }
    report->currency = row.currency;
    if (r->parts.said.state != FL_DECIMAL_VALUE && row.day > report->date_days)
        report->date_days = row.day;
}

/* J5. */
static enum fl_status stripe_take(struct reader *r)
{
    uint32_t first = r->list + 1, end = r->nodes[r->list].end;
    if (first == end)
        return FL_OK;
    fl_payout_parts_begin(&r->parts, line_of(r, first), "");
    for (uint32_t at = first; at < end; at = r->nodes[at].end)
        row_take(r, at);
    return fl_payout_parts_end(&r->parts);
}

/* J6: each payout by the chain of its rows. */
static enum fl_status chain_take(struct reader *r, const struct chained *rows, uint32_t first)
{
    char id[FL_ID_BYTES_MAX + 1];
    fl_payout_id_copy(text_in(r, rows[first].at, "payout_id"), id);
    fl_payout_parts_begin(&r->parts, line_of(r, rows[first].at), id);
    for (uint32_t i = first; i != NO_NODE; i = rows[i].next)
        row_take(r, rows[i].at);
    return fl_payout_parts_end(&r->parts);
}

/* Rows of one payout chained; `last[n]` is the last row of the n-th payout, whose first is
 * `first[n]`. */
static bool chains_make(struct reader *r, struct chained *rows, uint32_t *first, uint32_t *last,
                        uint32_t *payouts_out)
{
    struct fl_load_names names = {0};
    uint32_t count = 0, payouts = 0, end = r->nodes[r->list].end;
    bool good = true;
    for (uint32_t at = r->list + 1; good && at < end; at = r->nodes[at].end) {
        struct fl_slice id = text_in(r, at, "payout_id");
        if (id.length == 0 || is_true(r, at, "test"))
            continue;
        uint32_t *number = fl_load_names_at(&names, id);
        good = number != NULL;
        if (!good)
            break;
        rows[count] = (struct chained){at, NO_NODE};
        if (*number == FL_LOAD_NAME_NEW) {
            *number = payouts;
            first[payouts++] = count;
        } else {
            rows[last[*number]].next = count;
        }
        last[*number] = count++;
    }
    fl_load_names_free(&names);
    *payouts_out = payouts;
    return good;
}

static enum fl_status shopify_take(struct reader *r)
{
    size_t most = r->nodes[r->list].end - r->list;
    struct chained *rows = malloc(most * sizeof *rows);
    uint32_t *first = malloc(most * sizeof *first), *last = malloc(most * sizeof *last);
    uint32_t payouts = 0;
    enum fl_status status = FL_OK;
    if (!rows || !first || !last || !chains_make(r, rows, first, last, &payouts))
        status = fl_error_set(r->error, FL_NO_MEMORY, "%s: no memory", r->source.name);
    for (uint32_t i = 0; status == FL_OK && i < payouts; i++)
        status = chain_take(r, rows, first[i]);
    free(last);
    free(first);
    free(rows);
    return status;
}

/* ---- the file ------------------------------------------------------------------------------- */

bool fl_payout_json_is(const char *start, size_t length)
{
    while (length > 0 && ((unsigned char)*start <= ' ' || (unsigned char)*start >= 0xBB)) {
        start++; /* a mark of UTF-8, too */
        length--;
    }
    if (length == 0 || (*start != '{' && *start != '['))
        return false;
    return memmem(start, length, "\"balance_transaction\"", 21) ||
           memmem(start, length, "\"payout_id\"", 11);
}

static enum fl_status bytes_read(struct reader *r)
{
    size_t capacity = 1u << 16, got;
    do {
        capacity *= 2;
        char *moved = realloc(r->bytes, capacity + FL_JSON_PADDING);
        if (!moved)
            return fl_error_set(r->error, FL_NO_MEMORY, "%s: no memory", r->source.name);
        r->bytes = moved;
        FL_TRY(fl_byte_source_fill(r->source, r->bytes + r->length, capacity - r->length, &got,
                                   r->error));
        r->length += got;
    } while (r->length == capacity && capacity < FL_PAYOUT_JSON_BYTES_MAX);
    if (r->length == capacity)
        return fl_error_set(r->error, FL_UNREADABLE, "%s: more than 64 MiB of JSON",
                            r->source.name);
    memset(r->bytes + r->length, ' ', FL_JSON_PADDING);
    return FL_OK;
}

static enum fl_status parse(struct reader *r)
{
    static const char *const why[] = {[FL_JSON_SYNTAX] = "not JSON",
                                      [FL_JSON_NOT_UTF8] = "not UTF-8",
                                      [FL_JSON_TOO_DEEP] = "nested too deep",
                                      [FL_JSON_TOO_LARGE] = "too large"};
    uint32_t count;
    size_t mark = r->length >= 3 && memcmp(r->bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    enum fl_json_error bad =
        fl_json_parse(r->json, r->bytes + mark, r->length - mark, &r->nodes, &count);
    if (bad == FL_JSON_OK)
        return FL_OK;
    uint64_t line = 1;
    for (size_t i = 0; i < mark + fl_json_position(r->json) && i < r->length; i++)
        line += r->bytes[i] == '\n';
    return fl_error_set(r->error, FL_UNREADABLE, "%s: line %llu: %s", r->source.name,
                        (unsigned long long)line, why[bad]);
}

static bool is_array(const struct reader *r, uint32_t at)
{
    return at != NO_NODE && r->nodes[at].kind == FL_JSON_ARRAY;
}

/* Which list it is: all of it are objects of one kind. */
static enum fl_status list_find(struct reader *r)
{
    uint32_t data = member(r, 0, "data"), transactions = member(r, 0, "transactions");
    r->list = is_array(r, 0) ? 0 : is_array(r, data) ? data : transactions;
    r->stripe = r->list != transactions || r->list == NO_NODE;
    if (!is_array(r, r->list))
        return fl_error_set(r->error, FL_UNREADABLE,
                            "%s: no list of a processor's balance transactions", r->source.name);
    if (is_true(r, 0, "has_more"))
        return fl_error_set(r->error, FL_UNREADABLE,
                            "%s: the list goes on (has_more): all of a payout is wanted",
                            r->source.name);
    for (uint32_t at = r->list + 1; at < r->nodes[r->list].end; at = r->nodes[at].end) {
        bool good = r->stripe ? fl_slice_equals(text_in(r, at, "object"), "balance_transaction")
                              : r->nodes[at].kind == FL_JSON_OBJECT;
        if (!good)
            return fl_error_set(r->error, FL_UNREADABLE, "%s: not only balance transactions in it",
                                r->source.name);
    }
    return FL_OK;
}

static enum fl_status read_all(struct reader *r)
{
    FL_TRY(bytes_read(r));
    FL_TRY(parse(r));
    FL_TRY(list_find(r));
    return r->stripe ? stripe_take(r) : shopify_take(r);
}

enum fl_status fl_payout_json_read(struct fl_byte_source source, const struct fl_payout_sink *sink,
                                   struct fl_error *error)
{
    struct reader r = {.source = source, .error = error, .line = 1};
    r.json = fl_json_create();
    enum fl_status status = fl_payout_parts_open(&r.parts, sink);
    if (!r.json || status != FL_OK)
        status = fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    else
        status = read_all(&r);
    fl_payout_parts_close(&r.parts);
    if (r.json)
        fl_json_destroy(r.json);
    free(r.bytes);
    return status;
}
