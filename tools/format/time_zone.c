#include "tools/format/time_zone.h"

#include <string.h>
#include <unicode/ucal.h>

#include "core/base/date.h"

#define US_PER_MS INT64_C(1000)
#define US_PER_HOUR (INT64_C(3600) * 1000000)
#define US_PER_DAY (24 * US_PER_HOUR)

bool fl_time_zone_open(struct fl_time_zone *zone, const char *name, size_t length)
{
    UChar id[64], canonical[64];
    UErrorCode error = U_ZERO_ERROR;
    UBool system = 0;
    memset(zone, 0, sizeof *zone);
    zone->from_us = INT64_MIN;
    zone->to_us = INT64_MAX;
    if (length == 0 || (length == 3 && memcmp(name, "UTC", 3) == 0))
        return true;
    if (length >= 63)
        return false;
    for (size_t i = 0; i < length; i++)
        id[i] = (UChar)(unsigned char)name[i];
    id[length] = 0;
    ucal_getCanonicalTimeZoneID(id, (int32_t)length, canonical, 64, &system, &error);
    if (U_FAILURE(error) || !system)
        return false;
    zone->calendar = ucal_open(id, (int32_t)length, "en", UCAL_GREGORIAN, &error);
    zone->from_us = zone->to_us = 0;
    return U_SUCCESS(error) && zone->calendar;
}

void fl_time_zone_close(struct fl_time_zone *zone)
{
    if (zone->calendar)
        ucal_close(zone->calendar);
    zone->calendar = NULL;
}

/* The offset at an instant, and the span between the transitions around it. */
static void offset_find(struct fl_time_zone *zone, int64_t us)
{
    UErrorCode error = U_ZERO_ERROR;
    UCalendar *calendar = zone->calendar;
    int64_t ms = us >= 0 ? us / US_PER_MS : -((-us + US_PER_MS - 1) / US_PER_MS);
    UDate from, to;
    ucal_setMillis(calendar, (UDate)ms, &error);
    zone->offset_us = ((int64_t)ucal_get(calendar, UCAL_ZONE_OFFSET, &error) +
                       ucal_get(calendar, UCAL_DST_OFFSET, &error)) *
                      US_PER_MS;
    bool before = ucal_getTimeZoneTransitionDate(
        calendar, UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE, &from, &error);
    bool after =
        ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &to, &error);
    zone->from_us = before ? (int64_t)from * US_PER_MS : INT64_MIN;
    zone->to_us = after ? (int64_t)to * US_PER_MS : INT64_MAX;
}

static int64_t local_days(struct fl_time_zone *zone, int64_t us)
{
    if (us < zone->from_us || us >= zone->to_us)
        offset_find(zone, us);
    int64_t local = us + zone->offset_us;
    return local >= 0 ? local / US_PER_DAY : -((-local + US_PER_DAY - 1) / US_PER_DAY);
}

uint16_t fl_time_zone_day(struct fl_time_zone *zone, int64_t us)
{
    if (us < 0 || us > INT64_C(180) * 366 * US_PER_DAY)
        return FL_DATE_NONE;
    int64_t day = local_days(zone, us) + 1;
    return day < 1 || day > FL_DATE_MAX ? FL_DATE_NONE : (uint16_t)day;
}

/* Midnight may not exist (clocks go forward at 00:00): the first instant whose day is this one, to the second.
 * Days rise with instants, so halving the span finds it. */
int64_t fl_time_zone_day_start(struct fl_time_zone *zone, uint16_t date_days)
{
    int64_t midnight_utc = ((int64_t)date_days - 1) * US_PER_DAY;
    if (!zone->calendar)
        return midnight_utc;
    int64_t second = 1000000, low = midnight_utc / second - 36 * 3600,
            high = midnight_utc / second + 36 * 3600;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (local_days(zone, middle * second) + 1 >= date_days)
            high = middle;
        else
            low = middle + 1;
    }
    return low * second;
}
