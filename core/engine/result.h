/* result.h - the answer to a command: binary inside, one JSON line outside (tools/format).
 *
 *   R1  Fields are those of rows of the command's own record, as they were when it was applied: a
 *       duplicate can be answered with the first answer again.
 *   R2  A refusal carries what a person needs for the message as fields too (wanted, available, ...);
 *       the sentence is made outside.
 */
#ifndef FLORIN_CORE_ENGINE_RESULT_H
#define FLORIN_CORE_ENGINE_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/* X(symbol, name): the JSON names of result fields; numbers are durable: append. */
#define FL_RESULT_NAMES(X)                                                                        \
    X(FIELD, "field") X(VALUE, "value") X(CREDIT, "credit") X(STATE, "state") X(TOTAL, "total")   \
    X(TAX, "tax") X(APPLIED, "applied") X(UNAPPLIED, "unapplied") X(INVOICE, "invoice")           \
    X(OPEN, "open") X(CUSTOMER, "customer") X(PRODUCT, "product") X(WANTED, "wanted")             \
    X(AVAILABLE, "available") X(LIMIT, "limit") X(EXPOSURE, "exposure") X(ORDER, "order")         \
    X(AMOUNT, "amount") X(AMOUNT_MINOR, "amount_minor") X(REFUNDABLE, "refundable")               \
    X(APPLICATION, "application") X(NOW, "now") X(DATE, "date") X(NEW, "new") X(KNOWN, "known")   \
    X(MATCHED, "matched") X(OPENED, "left_open") X(INDEX, "index") X(COUNT, "count")              \
    X(CREDIT_NOTE, "credit_note") X(SPENDABLE, "spendable") X(REASON, "reason") X(LOSS, "loss")   \
    X(DIFFERENCE, "difference") X(EXPECTED, "expected") X(ON_HAND, "on_hand")                     \
    X(RESERVED, "reserved") X(THROUGH, "through") X(ID, "failed_id") X(CODE, "failed_code")       \
    X(DISCOUNT, "discount") X(SHIPPED_NOT_INVOICED, "shipped_not_invoiced")                       \
    X(ORDERED_NOT_SHIPPED, "ordered_not_shipped") X(BALANCE, "balance") X(CURRENCY, "currency")   \
    X(DUE_DATE, "due_date") X(POSTED, "posted") X(LINE, "line_number") X(LOST_FIELD, "member_field") \
    X(PHASE, "phase") X(WAITING, "no_rate") X(TOLD, "told")

enum fl_result_name {
#define FL_RESULT_ENUM(symbol, name) FL_RESULT_##symbol,
    FL_RESULT_NAMES(FL_RESULT_ENUM)
#undef FL_RESULT_ENUM
        FL_RESULT_NAME_COUNT
};

enum fl_result_kind {
    FL_RESULT_KIND_AMOUNT,   /* value in minor units with `decimals` */
    FL_RESULT_KIND_QUANTITY, /* value x 10^-6, printed short, as a string */
    FL_RESULT_KIND_NUMBER,   /* a JSON number */
    FL_RESULT_KIND_DATE,     /* days */
    FL_RESULT_KIND_TEXT,     /* text */
    FL_RESULT_KIND_BOOL,
};

#define FL_RESULT_FIELDS_MAX 12
#define FL_RESULT_TEXT_MAX 320

struct fl_result_field {
    uint8_t name; /* enum fl_result_name */
    uint8_t kind; /* enum fl_result_kind */
    uint8_t decimals;
    uint8_t zeros;
    uint16_t text_offset, text_length; /* in `text` */
    int64_t value;
};

struct fl_result {
    uint64_t seq;
    uint64_t tag; /* the caller's: line, stream; not part of a record */
    uint16_t type;
    uint16_t status; /* enum fl_status */
    uint16_t flags;  /* FL_FLAG_AT_RAISED */
    uint16_t text_bytes;
    uint8_t field_count;
    uint8_t id_length;
    uint8_t zeros[6];
    char id[64];
    struct fl_result_field fields[FL_RESULT_FIELDS_MAX];
    char text[FL_RESULT_TEXT_MAX];
};

void fl_result_clear(struct fl_result *result, unsigned type);
void fl_result_amount(struct fl_result *result, enum fl_result_name name, int64_t minor,
                      unsigned decimals);
void fl_result_quantity(struct fl_result *result, enum fl_result_name name, int64_t quantity_e6);
void fl_result_number(struct fl_result *result, enum fl_result_name name, int64_t value);
void fl_result_date(struct fl_result *result, enum fl_result_name name, uint16_t date_days);
/* Copies the text, cut to what there is room for. */
void fl_result_text(struct fl_result *result, enum fl_result_name name, const char *text,
                    size_t length);
/* The field of that name; null if the answer has none. Valid as long as the result is not written to. */
const struct fl_result_field *fl_result_find(const struct fl_result *result,
                                             enum fl_result_name name);
/* The JSON name. */
const char *fl_result_name(unsigned name);

/* Packed form for records and rings: only what is used. Returns the bytes (multiple of 8). */
size_t fl_result_pack(const struct fl_result *result, void *out);
size_t fl_result_packed_bytes(const struct fl_result *result);
#define FL_RESULT_PACKED_MAX sizeof(struct fl_result)
/* FL_BAD_VALUE if the bytes are not a packed result. */
enum fl_status fl_result_unpack(const void *packed, size_t bytes, struct fl_result *out);

#endif
