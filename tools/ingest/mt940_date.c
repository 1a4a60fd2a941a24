#include "tools/ingest/mt940_date.h"

#include "core/base/date.h"

uint16_t fl_mt940_date(const char *at, bool *clamped)
{
    unsigned yy = fl_mt940_two_digits(at), month = fl_mt940_two_digits(at + 2),
             day = fl_mt940_two_digits(at + 4);
    int32_t year = (int32_t)yy + (yy >= 70 ? 1900 : 2000);
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return FL_DATE_NONE;
    unsigned last = fl_days_in_month(year, month);
    *clamped = day > last;
    return fl_date_from_civil(year, month, day > last ? last : day);
}

/* Of the years around the value date, the day nearest to it; `clamp`: one that its month has not is
 * the month's last. */
static uint16_t nearest(uint16_t value_days, unsigned month, unsigned day, bool clamp)
{
    int32_t year = fl_date_to_civil(value_days).year;
    uint16_t best = FL_DATE_NONE;
    int best_distance = 0;
    for (int32_t y = year - 1; y <= year + 1; y++) {
        bool over = clamp && month >= 1 && month <= 12 && day > fl_days_in_month(y, month);
        uint16_t days = fl_date_from_civil(y, month, over ? fl_days_in_month(y, month) : day);
        int distance = days > value_days ? days - value_days : value_days - days;
        if (days != FL_DATE_NONE && (best == FL_DATE_NONE || distance < best_distance)) {
            best = days;
            best_distance = distance;
        }
    }
    return best;
}

uint16_t fl_mt940_entry_date(uint16_t value_days, unsigned month, unsigned day)
{
    return nearest(value_days, month, day, false);
}

uint16_t fl_mt940_entry_date_clamped(uint16_t value_days, unsigned month, unsigned day)
{
    return day <= 31 ? nearest(value_days, month, day, true) : FL_DATE_NONE;
}
