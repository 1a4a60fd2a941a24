/* payout_parts.h - a processor's payout as its reports tell it: parts that come to what is paid out.
 *
 *   J1  Parts are signed as they change the payout, fees as what is taken off beside them. A part
 *       without an amount is only its fee; one whose sign its kind cannot have is an adjustment; a
 *       chargeback above zero was won.
 *   J2  amount = sum of parts less fees. Where the report says the amount itself, both must agree,
 *       or the payout is refused with both figures.
 *
 * A reader (payout_csv.h, payout_json.h) begins a payout, adds its parts, ends it; the sink gets it
 * whole. A payout of which anything was refused is not given.
 *
 * Thread: one.  Memory: the parts of one payout, FL_PAYOUT_PARTS_MAX at most.
 */
#ifndef FLORIN_TOOLS_INGEST_PAYOUT_PARTS_H
#define FLORIN_TOOLS_INGEST_PAYOUT_PARTS_H

#include "core/base/limits.h"
#include "tools/ingest/statement.h"

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
/* By a processor's word for it ("Reserved Funds", "payment_refund"). */
enum fl_payout_part_kind fl_payout_part_kind_of(struct fl_slice word);

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

/* A payout in the making. */
struct fl_payout_parts {
    const struct fl_payout_sink *sink;
    struct fl_payout_report report; /* the reader sets id, processor, day and currency */
    struct fl_payout_report_part *parts;
    uint32_t count;
    struct fl_statement_total sum;
    struct fl_decimal said; /* J2; absent: nothing was said */
    bool broken;            /* something of it was refused */
};

/* FL_NO_MEMORY. Close it whatever happens. */
enum fl_status fl_payout_parts_open(struct fl_payout_parts *parts,
                                    const struct fl_payout_sink *sink) FL_MUST_USE;
void fl_payout_parts_close(struct fl_payout_parts *parts);

/* Text cut to an id on a character's border. */
void fl_payout_id_copy(struct fl_slice text, char out[FL_ID_BYTES_MAX + 1]);

void fl_payout_parts_begin(struct fl_payout_parts *parts, uint64_t line, const char *id);
/* Of the payout in hand, which is broken then. */
void fl_payout_parts_refuse(struct fl_payout_parts *parts, uint64_t line, enum fl_status code,
                            const char *message);
/* J1. */
void fl_payout_parts_add(struct fl_payout_parts *parts, const struct fl_payout_report_part *part);
/* J2; a payout without an id has its day for one. Any status is the sink's. */
enum fl_status fl_payout_parts_end(struct fl_payout_parts *parts) FL_MUST_USE;

#endif
