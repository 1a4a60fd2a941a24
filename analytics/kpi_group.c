#include "analytics/kpi_group.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/decimal.h"
#include "core/base/hash.h"
#include "core/domain/state.h"

/* ---- segments and countries --------------------------------------------------------------------
 */

/* Segments by their text, while they are being counted: open addressing, 0 is free. */
struct names {
    uint32_t *slot; /* segment + 1 */
    uint32_t slots; /* a power of two */
};

static bool text_equals(const struct fl_snapshot *s, struct fl_text_ref a, struct fl_text_ref b)
{
    return a.length == b.length && memcmp(fl_text_get(s->store, FL_TABLE_text, a),
                                          fl_text_get(s->store, FL_TABLE_text, b), a.length) == 0;
}

/* The segment's number; a new one is added. `names` has room for one a customer. */
static uint32_t segment_of(struct fl_kpi_groups *groups, struct names *names,
                           struct fl_text_ref text)
{
    const struct fl_snapshot *s = groups->snapshot;
    const char *bytes = fl_text_get(s->store, FL_TABLE_text, text);
    uint32_t at = (uint32_t)fl_hash64(bytes, text.length, 1) & (names->slots - 1);
    for (; names->slot[at] != 0; at = (at + 1) & (names->slots - 1)) {
        if (text_equals(s, groups->segment[names->slot[at] - 1], text))
            return names->slot[at] - 1;
    }
    groups->segment[groups->segments] = text;
    names->slot[at] = ++groups->segments;
    return groups->segments - 1;
}

static enum fl_status segments_read(struct fl_kpi_groups *groups, uint32_t customers)
{
    struct names names = {.slots = 16};
    while (names.slots < 2 * (uint64_t)customers)
        names.slots *= 2;
    names.slot = calloc(names.slots, sizeof *names.slot);
    groups->segment = malloc((customers + 1ul) * sizeof *groups->segment);
    if (!names.slot || !groups->segment) {
        free(names.slot);
        return FL_NO_MEMORY;
    }
    for (uint32_t row = 0; row < customers; row++) {
        struct fl_text_ref text = fl_at_customer_profile(groups->snapshot, row)->segment;
        groups->of_customer[row] = text.length == 0 ? FL_NO_ROW : segment_of(groups, &names, text);
    }
    free(names.slot);
    return FL_OK;
}

static void countries_read(struct fl_kpi_groups *groups, uint32_t customers)
{
    for (uint32_t row = 0; row < customers; row++) {
        const char *country = fl_at_customer_profile(groups->snapshot, row)->country;
        groups->of_customer[row] = country[0] == '\0'
                                       ? FL_NO_ROW
                                       : (uint32_t)(uint8_t)country[0] << 8 | (uint8_t)country[1];
    }
}

enum fl_status fl_kpi_groups_make(const struct fl_snapshot *snapshot, enum fl_kpi_by by,
                                  struct fl_kpi_groups *out)
{
    uint32_t customers = snapshot->rows[FL_TABLE_customer];
    *out = (struct fl_kpi_groups){.snapshot = snapshot, .by = by};
    out->parts = malloc(FL_LINES_MAX * sizeof *out->parts);
    if (!out->parts)
        return FL_NO_MEMORY;
    if (by != FL_BY_SEGMENT && by != FL_BY_COUNTRY)
        return FL_OK;
    out->of_customer = malloc((customers + 1ul) * sizeof *out->of_customer);
    if (!out->of_customer)
        return FL_NO_MEMORY;
    if (by == FL_BY_SEGMENT)
        return segments_read(out, customers);
    countries_read(out, customers);
    return FL_OK;
}

void fl_kpi_groups_free(struct fl_kpi_groups *groups)
{
    free(groups->of_customer);
    free(groups->segment);
    free(groups->parts);
    groups->of_customer = NULL;
    groups->segment = NULL;
    groups->parts = NULL;
}

uint32_t fl_kpi_group_of_customer(const struct fl_kpi_groups *groups, uint32_t customer)
{
    switch (groups->by) {
    case FL_BY_CURRENCY:
        return 0;
    case FL_BY_CUSTOMER:
        return customer;
    case FL_BY_PRODUCT:
        return FL_NO_ROW;
    default:
        return groups->of_customer[customer];
    }
}

/* ---- by product --------------------------------------------------------------------------------
 */

static int by_group(const void *a, const void *b)
{
    uint32_t left = ((const struct fl_kpi_part *)a)->group;
    uint32_t right = ((const struct fl_kpi_part *)b)->group;
    return (left > right) - (left < right);
}

/* Lines of one product together; the parts are sorted by it. */
static uint32_t parts_merge(struct fl_kpi_part *parts, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 1; i < count; i++) {
        if (parts[i].group == parts[kept].group)
            parts[kept].weight += parts[i].weight;
        else
            parts[++kept] = parts[i];
    }
    return kept + 1;
}

static uint32_t product_parts(struct fl_kpi_groups *groups, uint32_t invoice)
{
    const struct fl_invoice_card *card = fl_at_invoice_card(groups->snapshot, invoice);
    FL_ASSERT(card->line_count <= FL_LINES_MAX);
    for (uint32_t i = 0; i < card->line_count; i++) {
        const struct fl_invoice_line_card *line =
            fl_at_invoice_line_card(groups->snapshot, card->line_first + i);
        groups->parts[i] = (struct fl_kpi_part){
            .group = line->product, .weight = line->net_minor > 0 ? line->net_minor : 0};
    }
    if (card->line_count == 0) {
        groups->parts[0] = (struct fl_kpi_part){.group = FL_NO_ROW};
        return 1;
    }
    qsort(groups->parts, card->line_count, sizeof *groups->parts, by_group);
    return parts_merge(groups->parts, card->line_count);
}

uint32_t fl_kpi_parts(struct fl_kpi_groups *groups, uint32_t invoice)
{
    if (groups->by == FL_BY_PRODUCT)
        return product_parts(groups, invoice);
    uint32_t customer = fl_at_invoice_scan(groups->snapshot, invoice)->customer;
    groups->parts[0] = (struct fl_kpi_part){.group = fl_kpi_group_of_customer(groups, customer)};
    return 1;
}

void fl_kpi_parts_share(struct fl_kpi_groups *groups, uint32_t count, int64_t amount_minor)
{
    struct fl_kpi_part *parts = groups->parts;
    fl_int128 all = 0, up_to = 0;
    int64_t given = 0, sum = 0;
    for (uint32_t i = 0; i < count; i++)
        all += parts[i].weight;
    for (uint32_t i = 0; i < count; i++) {
        up_to += parts[i].weight;
        int64_t until = all > 0 ? (int64_t)(amount_minor * up_to / all) : amount_minor;
        parts[i].amount_minor = until - given;
        given = until;
        sum += parts[i].amount_minor;
    }
    FL_ASSERT(sum == amount_minor); /* G1 */
}

/* ---- names -------------------------------------------------------------------------------------
 */

static void id_name(const struct fl_snapshot *s, const struct fl_id *id, char out[160])
{
    size_t length = 0;
    const char *bytes = fl_id_get(s->store, id, &length);
    snprintf(out, 160, "%.*s", (int)length, bytes);
}

void fl_kpi_group_name(const struct fl_kpi_groups *groups, uint32_t group, char out[160])
{
    const struct fl_snapshot *s = groups->snapshot;
    out[0] = '\0';
    if (group == FL_NO_ROW || groups->by == FL_BY_CURRENCY)
        return;
    if (groups->by == FL_BY_CUSTOMER) {
        id_name(s, &fl_at_customer_card(s, group)->id, out);
    } else if (groups->by == FL_BY_PRODUCT) {
        id_name(s, &fl_at_product_card(s, group)->id, out);
    } else if (groups->by == FL_BY_SEGMENT) {
        struct fl_text_ref text = groups->segment[group];
        snprintf(out, 160, "%.*s", (int)text.length, fl_text_get(s->store, FL_TABLE_text, text));
    } else {
        snprintf(out, 160, "%c%c", (char)(group >> 8), (char)group);
    }
}
