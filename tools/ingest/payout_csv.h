/* payout_csv.h - a processor's payouts out of a CSV: what was charged, refunded and kept of each.
 *
 * Read are the payout reports of Stripe (itemised, with automatic_payout_id), the settlement
 * details of Adyen, the payout transactions of Shopify, and any CSV whose headings say payout,
 * kind, amount, fee, currency, date and ref. Columns are told by their headings; the form of
 * numbers and days is proved by the rows or declared, as in statement_csv.h.
 *
 *   J1  Parts are signed as they change the payout, fees as what is taken off beside them. Where
 * the file has gross and net, the fee is their difference; else a column of fees that are all below
 * zero on charges is turned round. J2  amount = sum of parts less fees. Where the file says the
 * amount itself (a row of kind payout, a column), both must agree, or the payout is refused with
 * both figures. J3  The rows of one payout stand together; one that comes again behind another is
 * refused. Without a column that names it, a row of kind payout ends one, and the end of the file.
 *   J4  A row that cannot be read is refused with its line.
 *
 * Thread: one.  Memory: a csv_reader's, the parts of one payout (FL_PAYOUT_PARTS_MAX at most), and
 * the names of the payouts.
 * Cost: two passes.
 */
#ifndef FLORIN_TOOLS_INGEST_PAYOUT_CSV_H
#define FLORIN_TOOLS_INGEST_PAYOUT_CSV_H

#include "tools/format/byte_source.h"
#include "tools/ingest/statement.h"
#include "tools/ingest/statement_profile.h"

enum fl_payout_part_kind {
    FL_PAYOUT_PART_CHARGE,
    FL_PAYOUT_PART_REFUND,
    FL_PAYOUT_PART_FEE,
    FL_PAYOUT_PART_CHARGEBACK,
    FL_PAYOUT_PART_RESERVE,
    FL_PAYOUT_PART_ADJUSTMENT,
    FL_PAYOUT_PART_PAYOUT, /* the payout itself: never among the parts given */
    FL_PAYOUT_PART_UNKNOWN,
};

/* As the command `payout` names it. */
const char *fl_payout_part_kind_name(enum fl_payout_part_kind kind);

struct fl_payout_report_part {
    uint64_t line;
    enum fl_payout_part_kind kind;
    char ref[FL_ID_BYTES_MAX + 1]; /* order, invoice or charge; may be empty */
    struct fl_decimal amount, fee; /* J1 */
};

struct fl_payout_report {
    uint64_t line;                                                /* of its first row */
    char id[FL_ID_BYTES_MAX + 1], processor[FL_ID_BYTES_MAX + 1]; /* processor: may be empty */
    uint16_t date_days;
    uint8_t currency;
    struct fl_decimal amount;
    const struct fl_payout_report_part *parts;
    uint32_t parts_count;
};

struct fl_payout_sink {
    void *context;
    /* Valid until it returns. Any status but FL_OK stops the reading and comes back from it. */
    enum fl_status (*payout)(void *context, const struct fl_payout_report *payout);
    /* May be null. */
    void (*refused)(void *context, uint64_t line, enum fl_status code, const char *message);
};

/* Whether the file's headings are those of a payout report: a payout's name, kinds and amounts.
 * Leaves the source at its beginning. */
bool fl_payout_csv_is(struct fl_byte_source source, const struct fl_statement_profile *profile);

/* `source` can be rewound. FL_UNSUPPORTED: no headings of a payout report. FL_UNREADABLE: the
 * source. Else as the sink says. */
enum fl_status fl_payout_csv_read(struct fl_byte_source source,
                                  const struct fl_statement_profile *profile,
                                  const struct fl_payout_sink *sink,
                                  struct fl_error *error) FL_MUST_USE;

#endif
