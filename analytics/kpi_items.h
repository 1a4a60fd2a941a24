/* kpi_items.h - what was open on a day, in its own currency or in the book's.
 *
 * In the book's currency each document stands at the rate that was frozen on it, and each movement
 * at what it posted to the receivable accounts, so that the sum is the ledger's base column to the
 * cent and no rate of another day comes in.
 *
 *   B1  Of a document in the book's currency both are the same.
 *
 * Memory by malloc: 28 bytes an invoice, 12 a receipt, 8 a credit note; half of it in the
 * documents' currencies. Cost: one pass over the movements; in base the foreign ones are posted
 * anew.
 */
#ifndef FLORIN_ANALYTICS_KPI_ITEMS_H
#define FLORIN_ANALYTICS_KPI_ITEMS_H

#include "analytics/kpi_aging.h"

struct fl_kpi_items {
    struct fl_open_items open; /* in the documents' currencies */
    bool in_base;
    int64_t *invoice_minor, *receipt_minor, *receipt_nobody_minor, *note_minor; /* as asked for */
};

/* FL_NO_MEMORY. fl_kpi_items_free afterwards, in any case. */
enum fl_status fl_kpi_items_make(const struct fl_snapshot *snapshot, uint16_t as_of,
                                 uint64_t known_seq, bool in_base, struct fl_kpi_items *out);
void fl_kpi_items_free(struct fl_kpi_items *items);

/* The currency that a document's amounts are in here. */
static inline uint8_t fl_kpi_currency(const struct fl_snapshot *snapshot,
                                      const struct fl_kpi_items *items, uint8_t currency)
{
    return items->in_base ? fl_at_book_settings(snapshot, 0)->base_currency : currency;
}

/* The parts of an invoice by the day each is due, and what is open of each: they come to
 * invoice_minor. An invoice without instalments is one part. Returns how many. */
struct fl_kpi_due {
    uint16_t due_date;
    int64_t open_minor;
};
uint32_t fl_kpi_dues(const struct fl_snapshot *snapshot, const struct fl_kpi_items *items,
                     uint32_t invoice, struct fl_kpi_due out[FL_INSTALMENTS_MAX]);

/* The control account at the items' (day, known-at) in the book's currency, over all documents. */
fl_int128 fl_control_account_base(const struct fl_snapshot *snapshot, uint16_t as_of,
                                  uint64_t known_seq);

#endif
