/* mt940_date.h - days and digits as MT940 and MT942 write them.
 *
 *   N3  The entry date has no year: it takes the one that puts it nearest to the value date.
 *
 * A day that its month has not (30 February: banks count interest so) is the month's last.
 *
 * Pure: no state, no allocation.
 */
#ifndef FLORIN_TOOLS_INGEST_MT940_DATE_H
#define FLORIN_TOOLS_INGEST_MT940_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool fl_mt940_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool fl_mt940_is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline unsigned fl_mt940_two_digits(const char *at)
{
    return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

static inline bool fl_mt940_all_digits(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!fl_mt940_is_digit(at[i]))
            return false;
    }
    return true;
}

/* YYMMDD; `*clamped` tells of a day that was made the month's last. FL_DATE_NONE: no date. */
uint16_t fl_mt940_date(const char *at, bool *clamped);

/* The day `month`/`day` of the year that is nearest to `value_days`; FL_DATE_NONE if there is no
 * such day in the years around. */
uint16_t fl_mt940_entry_date(uint16_t value_days, unsigned month, unsigned day);
/* The same of what a bank writes: a day that its month has not is the month's last. */
uint16_t fl_mt940_entry_date_clamped(uint16_t value_days, unsigned month, unsigned day);

#endif
