/* kpi_group.h - whose an amount is when figures are asked for `--by` something.
 *
 * A group is a number: a customer's or product's row, a segment in the order first seen, a country
 * as its two letters. FL_NO_ROW is the group of what has none: a customer without segment or
 * country, a line without product, a credit note without invoice when asked by product.
 *
 *   G1  The parts of an amount come to the amount.
 *
 * By product an invoice's amounts are shared out by the net of its lines, cumulatively, so that tax
 * and freight go with the goods; an invoice without lines has no product. Receipts have none
 * either. Segment and country are those that the customer has now.
 *
 * Memory by malloc: 4 bytes a customer, and the longest invoice.
 */
#ifndef FLORIN_ANALYTICS_KPI_GROUP_H
#define FLORIN_ANALYTICS_KPI_GROUP_H

#include "core/data/snapshot.h"

enum fl_kpi_by {
    FL_BY_CURRENCY, /* one group */
    FL_BY_CUSTOMER,
    FL_BY_SEGMENT,
    FL_BY_COUNTRY,
    FL_BY_PRODUCT,
};

struct fl_kpi_part {
    uint32_t group;
    int64_t weight;
    int64_t amount_minor; /* filled by fl_kpi_parts_share */
};

struct fl_kpi_groups {
    const struct fl_snapshot *snapshot;
    enum fl_kpi_by by;
    uint32_t *of_customer; /* null: a customer is its own group, or there is one group */
    struct fl_text_ref *segment;
    uint32_t segments;
    struct fl_kpi_part *parts; /* of one invoice at a time */
};

/* FL_NO_MEMORY. fl_kpi_groups_free afterwards, in any case. */
enum fl_status fl_kpi_groups_make(const struct fl_snapshot *snapshot, enum fl_kpi_by by,
                                  struct fl_kpi_groups *out);
void fl_kpi_groups_free(struct fl_kpi_groups *groups);

/* Of a customer's receipts and credit notes; FL_NO_ROW by product. */
uint32_t fl_kpi_group_of_customer(const struct fl_kpi_groups *groups, uint32_t customer);

/* The groups that an invoice belongs to, each once: at least one. They stay until the next call. */
uint32_t fl_kpi_parts(struct fl_kpi_groups *groups, uint32_t invoice);
/* Shares an amount among them (G1). */
void fl_kpi_parts_share(struct fl_kpi_groups *groups, uint32_t count, int64_t amount_minor);

/* The group's name as text, "" for FL_NO_ROW; `out` holds 160 bytes. */
void fl_kpi_group_name(const struct fl_kpi_groups *groups, uint32_t group, char out[160]);

#endif
