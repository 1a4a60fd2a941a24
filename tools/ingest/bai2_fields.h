/* bai2_fields.h - what stands in a logical record of BAI2: fields, whole numbers, days, funds, type
 * codes.
 *
 * A field ends at a comma or where a continuation was joined; which field is which is told by their
 * count alone, so that a funds type has to be read to know where the next field is.
 *
 * Pure: no state, no allocation.
 */
#ifndef FLORIN_TOOLS_INGEST_BAI2_FIELDS_H
#define FLORIN_TOOLS_INGEST_BAI2_FIELDS_H

#include "core/base/limits.h"
#include "tools/ingest/statement.h"

/* Between a record and its continuation: a field boundary that in a text becomes a blank. */
#define FL_BAI2_JOIN '\x1f'

/* Walks over a logical record. */
struct fl_bai2_fields {
    const char *at, *end;
    bool more; /* false once the last field was given out */
};

/* The next field, trimmed; empty behind the last. */
struct fl_slice fl_bai2_field_next(struct fl_bai2_fields *fields);

/* Minor units with an optional sign; empty is absent (`*given` false). FL_BAD_VALUE,
 * FL_OUT_OF_RANGE. */
enum fl_status fl_bai2_minor_read(struct fl_slice text, int64_t *minor, bool *given);
/* False if it is empty or no whole number. */
bool fl_bai2_count_read(struct fl_slice text, uint64_t *count);
/* YYMMDD, or YYYYMMDD as the successor of the format has it; FL_DATE_NONE. */
uint16_t fl_bai2_date_read(struct fl_slice text);

/* When the parts of an amount may be spent; with the sign that the record has. */
struct fl_bai2_funds {
    uint16_t value_days; /* of type V; FL_DATE_NONE */
    struct fl_statement_availability parts[FL_AVAILABILITY_MAX];
    uint32_t count; /* parts that are not zero; those beyond the limit are left out */
};

/* The funds type and what hangs on it; `total` is the amount that it tells of. Null, or why not. */
const char *fl_bai2_funds_read(struct fl_bai2_fields *fields, struct fl_slice total,
                               unsigned exponent, struct fl_bai2_funds *funds);

/* 1: a credit's type code, -1: a debit's, 0: neither's. */
int fl_bai2_direction(unsigned type);
/* Returned items, reversals and rejected payments, of either side. */
bool fl_bai2_takes_back(unsigned type);

#endif
