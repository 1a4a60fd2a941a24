/* date.h - calendar days of the book.
 *
 * A day is a uint16: 1 is 1970-01-01, 65535 is 2149-06-05, 0 is none. A booking date is the day as
 * written; nothing here knows a time zone (the edge turns instants into days, once).
 */
#ifndef FLORIN_CORE_BASE_DATE_H
#define FLORIN_CORE_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

#define FL_DATE_NONE 0
#define FL_DATE_MAX 65535

struct fl_civil {
    int32_t year;
    uint8_t month; /* 1..12 */
    uint8_t day;   /* 1..31 */
};

/* 0 if the day does not exist (30 February) or lies outside 1970-01-01..2149-06-05. */
uint16_t fl_date_from_civil(int32_t year, unsigned month, unsigned day);
struct fl_civil fl_date_to_civil(uint16_t date_days);
unsigned fl_days_in_month(int32_t year, unsigned month);

/* "YYYY-MM-DD" exactly; FL_BAD_VALUE otherwise. */
enum fl_status fl_date_parse(const char *text, size_t length, uint16_t *date_days_out);
/* Writes 10 characters and a NUL. */
void fl_date_format(uint16_t date_days, char out[11]);

/* RFC 3339 with Z or an offset, up to microseconds; microseconds since 1970-01-01T00:00:00Z. */
enum fl_status fl_instant_parse(const char *text, size_t length, int64_t *us_out);
/* "2025-03-31T12:00:00Z", with ".123456" if not whole seconds, for the years 0000..9999; returns the
 * length (<= 27). */
size_t fl_instant_format(int64_t us, char out[32]);

#endif
