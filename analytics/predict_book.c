#include "analytics/predict_book.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"

/* ---- names ------------------------------------------------------------------------------------
 */

static bool names_grow(struct fl_predict_names *names)
{
    uint32_t slot_count = names->slot_count ? 2 * names->slot_count : 64;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    struct fl_predict_name *more = realloc(names->names, slot_count / 2 * sizeof *more);
    if (more)
        names->names = more;
    if (!slots || !more) {
        free(slots);
        return false;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        uint64_t at = fl_hash64(more[i].text, more[i].length, 0);
        while (slots[at % slot_count] != 0)
            at++;
        slots[at % slot_count] = i + 1;
    }
    free(names->slots);
    names->slots = slots;
    names->slot_count = slot_count;
    names->capacity = slot_count / 2;
    return true;
}

static uint32_t name_add(struct fl_predict_names *names, const char *text, size_t length,
                         uint64_t slot)
{
    char *copy = malloc(length + 1);
    if (!copy)
        return FL_PREDICT_NO_PART;
    memcpy(copy, text, length);
    copy[length] = '\0';
    names->names[names->count] = (struct fl_predict_name){copy, length};
    names->slots[slot] = ++names->count;
    return names->count - 1;
}

uint32_t fl_predict_name_at(struct fl_predict_names *names, const char *text, size_t length)
{
    if (names->count == names->capacity && !names_grow(names))
        return FL_PREDICT_NO_PART;
    uint64_t at = fl_hash64(text, length, 0);
    for (;; at++) {
        uint32_t number = names->slots[at % names->slot_count];
        if (number == 0)
            return name_add(names, text, length, at % names->slot_count);
        const struct fl_predict_name *name = &names->names[number - 1];
        if (name->length == length && memcmp(name->text, text, length) == 0)
            return number - 1;
    }
}

void fl_predict_names_free(struct fl_predict_names *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        free(names->names[i].text);
    free(names->names);
    free(names->slots);
    *names = (struct fl_predict_names){.count = 0};
}

/* ---- rows -------------------------------------------------------------------------------------
 */

static uint32_t part_at(struct fl_predict_book *book, const char *text, size_t length)
{
    return length == 0 ? FL_PREDICT_NO_PART : fl_predict_name_at(&book->parts, text, length);
}

/* K2 */
static void parts_set(const struct fl_snapshot *s, const struct fl_predict_segments *segments,
                      struct fl_predict_book *book, struct fl_predict_row *row)
{
    char country[12] = "country ";
    const struct fl_customer_profile *profile = fl_at_customer_profile(s, row->customer);
    size_t length = 0;
    const char *text =
        segments ? segments->at_issue(segments->context, row->invoice, &length) : NULL;
    const char *slash = text && length > 0 ? memchr(text, '/', length) : NULL;
    size_t first = slash ? (size_t)(slash - text) : length;
    for (unsigned i = 0; i < FL_PREDICT_PARTS; i++)
        row->part[i] = FL_PREDICT_NO_PART;
    if (text)
        row->part[0] = part_at(book, text, first);
    if (slash)
        row->part[1] = part_at(book, slash + 1, length - first - 1);
    memcpy(country + 8, profile->country, 2);
    if (profile->country[0] != '\0')
        row->part[2] = part_at(book, country, 10);
}

/* K1 */
static void row_make(const struct fl_snapshot *s, uint32_t invoice, struct fl_predict_row *row)
{
    const struct fl_invoice_scan *scan = fl_at_invoice_scan(s, invoice);
    const struct fl_invoice_money *money = fl_at_invoice_money(s, invoice);
    bool open = money->state == FL_INVOICE_OPEN || money->state == FL_INVOICE_PARTIAL;
    *row = (struct fl_predict_row){
        .amount_minor = scan->total_minor,
        .customer = scan->customer,
        .invoice = invoice,
        .issue_days = scan->date,
        .due_days = scan->due_date,
        .end_days = open ? 0 : money->closed_date,
        .terms_days = (uint16_t)(scan->due_date > scan->date ? scan->due_date - scan->date : 0),
        .currency = fl_at_invoice_currency(s, invoice)->currency,
        .paid = money->state == FL_INVOICE_PAID,
        .test = true};
}

/* K3; before the rows are sorted: a row is its invoice. */
static void disputes_set(const struct fl_snapshot *s, struct fl_predict_set *set)
{
    for (uint32_t i = 0; i < s->rows[FL_TABLE_dispute]; i++) {
        const struct fl_dispute_card *card = fl_at_dispute_card(s, i);
        uint16_t *day = &set->rows[card->invoice].disputed_days;
        if (*day == 0 || card->date < *day)
            *day = card->date;
    }
}

bool fl_predict_set_sort(struct fl_predict_set *set)
{
    uint32_t *place = calloc(65537, sizeof *place);
    struct fl_predict_row *sorted = malloc((set->count + 1ul) * sizeof *sorted);
    if (place && sorted) {
        for (uint32_t i = 0; i < set->count; i++)
            place[set->rows[i].issue_days + 1u]++;
        for (uint32_t day = 0; day < 65536; day++)
            place[day + 1] += place[day];
        for (uint32_t i = 0; i < set->count; i++)
            sorted[place[set->rows[i].issue_days]++] = set->rows[i];
        free(set->rows);
        set->rows = sorted;
        sorted = NULL;
        free(place);
        return true;
    }
    free(place);
    free(sorted);
    return false;
}

enum fl_status fl_predict_book_make(const struct fl_snapshot *s,
                                    const struct fl_predict_segments *segments,
                                    struct fl_predict_book *out)
{
    *out = (struct fl_predict_book){.set = {.customers = s->rows[FL_TABLE_customer]}};
    uint32_t invoices = s->rows[FL_TABLE_invoice];
    out->set.rows = malloc((invoices + 1ul) * sizeof *out->set.rows);
    if (!out->set.rows)
        return FL_NO_MEMORY;
    for (uint32_t invoice = 0; invoice < invoices; invoice++) {
        row_make(s, invoice, &out->set.rows[invoice]);
        parts_set(s, segments, out, &out->set.rows[invoice]);
    }
    out->set.count = invoices;
    out->set.parts = out->parts.count;
    disputes_set(s, &out->set);
    if (fl_predict_set_sort(&out->set))
        return FL_OK;
    fl_predict_book_free(out);
    return FL_NO_MEMORY;
}

void fl_predict_book_free(struct fl_predict_book *book)
{
    free(book->set.rows);
    fl_predict_names_free(&book->parts);
    *book = (struct fl_predict_book){.set = {.count = 0}};
}
