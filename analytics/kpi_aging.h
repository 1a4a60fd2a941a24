/* kpi_aging.h - open receivables by how long they are overdue, as of any (day, known-at).
 *
 *   open(D, K) = total (if the invoice is dated <= D and within the prefix of K) + the movements
 * dated <= D within K days overdue = D - due date; <= 0: not due; buckets from the book (30, 60,
 * 90); an invoice in instalments ages part by part, and counts so total = buckets + not due -
 * unapplied cash - open credits = the control account at (D, K)        (I2)
 *
 * Unidentified cash is nobody's: a figure of its own, outside the total. Forward evaluation: one
 * array of open amounts, one scatter over the movements' prefix, documents shared among the
 * processors; it costs memory for the rows and is exact for any (D, K).
 *
 * Reads a snapshot; takes memory by malloc.
 */
#ifndef FLORIN_ANALYTICS_KPI_AGING_H
#define FLORIN_ANALYTICS_KPI_AGING_H

#include "core/base/currency.h"
#include "core/base/decimal.h"
#include "core/data/snapshot.h"

#define FL_AGING_BUCKETS_MAX 9 /* the book's, and what is older */

/* What was open on the day, as known then. */
struct fl_open_items {
    uint16_t as_of;
    uint64_t known_seq;                 /* rows with seq <= this; UINT64_MAX: all */
    uint32_t invoices, receipts, notes; /* rows within the prefix */
    int64_t *invoice_minor, *receipt_minor, *note_minor; /* 0 where not yet dated */
    uint32_t *receipt_customer; /* FL_NO_ROW while unidentified as known then */
    bool has_nobody; /* some receipt came without a customer; else all of the next are 0 */
    int64_t *receipt_nobody_minor; /* of receipt_minor: what was nobody's on the day. A receipt that was identified
                                      after a part of it had gone back has both, on the days between. */
};

/* FL_NO_MEMORY. fl_open_items_free afterwards. */
enum fl_status fl_open_items_make(const struct fl_snapshot *snapshot, uint16_t as_of,
                                  uint64_t known_seq, struct fl_open_items *out);
/* By so many threads, for what small tables would not get; 0: as many as make sense. */
enum fl_status fl_open_items_make_by(const struct fl_snapshot *snapshot, uint16_t as_of,
                                     uint64_t known_seq, unsigned threads,
                                     struct fl_open_items *out);
void fl_open_items_free(struct fl_open_items *items);

struct fl_aging {
    uint8_t currency;
    fl_int128 not_due, bucket[FL_AGING_BUCKETS_MAX];
    uint64_t not_due_count, bucket_count[FL_AGING_BUCKETS_MAX];
    fl_int128 unapplied, credits; /* positive amounts; printed negative */
    fl_int128 unidentified;
};

static inline fl_int128 fl_aging_invoices(const struct fl_aging *aging)
{
    fl_int128 sum = aging->not_due;
    for (unsigned i = 0; i < FL_AGING_BUCKETS_MAX; i++)
        sum += aging->bucket[i];
    return sum;
}

/* The bucket of so many days overdue (> 0): index into `bucket`. */
unsigned fl_aging_bucket(const struct fl_book_settings *book, int days_overdue);

/* Adds one invoice that has `open` left on the day: to its bucket, or each instalment to its own.
 */
void fl_aging_add_invoice(const struct fl_snapshot *snapshot, uint32_t row, uint16_t as_of,
                          int64_t open, struct fl_aging *aging);

/* One row a currency that has anything, in the order of the currency table. Returns how many were
 * written to `out` (FL_CURRENCY_COUNT places). */
unsigned fl_aging_by_currency(const struct fl_snapshot *snapshot, const struct fl_open_items *items,
                              struct fl_aging *out);

/* The same for one customer, by the chains of its documents: costs what the customer has, not what
 * all have. */
unsigned fl_aging_of_customer(const struct fl_snapshot *snapshot, const struct fl_open_items *items,
                              uint32_t customer, struct fl_aging *out);

/* The control account in a currency at (D, K), from the entries themselves: what the aging must
 * come to. */
fl_int128 fl_control_account(const struct fl_snapshot *snapshot, uint8_t currency, uint16_t as_of,
                             uint64_t known_seq);

/* The day on which a credit note was taken back, as known then: sold again; FL_DATE_NONE: it stands. */
uint16_t fl_credit_note_cancelled_day(const struct fl_snapshot *snapshot, uint32_t note,
                                      uint64_t known_seq);

#endif
