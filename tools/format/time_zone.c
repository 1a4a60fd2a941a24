#include "tools/format/time_zone.h"

#include <string.h>
#include <unicode/ucal.h>

#include "core/base/contract.h"
#include "core/base/date.h"

#define US_PER_MS     INT64_C(1000)
#define US_PER_DAY    INT64_C(86400000000)
#define ZONE_NAME_MAX 63
#define EVER_US       (INT64_MAX / 4) /* beyond every date, and sums with it do not overflow */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/* ICU takes an unknown name for UTC, and says so only here. */
static bool is_known(const UChar *name, size_t length)
{
    UChar canonical[128];
    UErrorCode error = U_ZERO_ERROR;
    UBool system = 0;
    ucal_getCanonicalTimeZoneID(name, (int32_t)length, canonical, 128, &system, &error);
    return U_SUCCESS(error) && system;
}

bool fl_time_zone_open(struct fl_time_zone *zone, const char *name, size_t length)
{
    UChar wide[ZONE_NAME_MAX + 1] = {0};
    UErrorCode error = U_ZERO_ERROR;
    memset(zone, 0, sizeof *zone);
    if (length == 0 || (length == 3 && memcmp(name, "UTC", 3) == 0))
        return true;
    if (length > ZONE_NAME_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        wide[i] = (UChar)(unsigned char)name[i];
    if (!is_known(wide, length))
        return false;
    zone->calendar = ucal_open(wide, (int32_t)length, "en", UCAL_GREGORIAN, &error);
    if (U_FAILURE(error))
        fl_time_zone_close(zone);
    return zone->calendar != NULL;
}

void fl_time_zone_close(struct fl_time_zone *zone)
{
    if (zone->calendar)
        ucal_close(zone->calendar);
    zone->calendar = NULL;
}

static int64_t transition(UCalendar *calendar, UTimeZoneTransitionType type, int64_t without_us)
{
    UDate date;
    UErrorCode error = U_ZERO_ERROR;
    UBool found = ucal_getTimeZoneTransitionDate(calendar, type, &date, &error);
    return U_SUCCESS(error) && found ? (int64_t)date * US_PER_MS : without_us;
}

static struct fl_zone_span ask(UCalendar *calendar, int64_t us)
{
    UErrorCode error = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)floor_div(us, US_PER_MS), &error);
    int64_t offset_ms = ucal_get(calendar, UCAL_ZONE_OFFSET, &error);
    offset_ms += ucal_get(calendar, UCAL_DST_OFFSET, &error);
    FL_ASSERT(U_SUCCESS(error));
    struct fl_zone_span span = {.offset_us = offset_ms * US_PER_MS};
    span.from_us = transition(calendar, UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE, -EVER_US);
    span.to_us = transition(calendar, UCAL_TZ_TRANSITION_NEXT, EVER_US);
    FL_ASSERT(span.from_us <= us && us < span.to_us);
    return span;
}

static bool holds(const struct fl_zone_span *span, int64_t us)
{
    return span->from_us <= us && us < span->to_us;
}

static const struct fl_zone_span *span_at(struct fl_time_zone *zone, int64_t us)
{
    static const struct fl_zone_span utc = {-EVER_US, EVER_US, 0};
    if (!zone->calendar)
        return &utc;
    if (FL_LIKELY(zone->count > 0 && holds(&zone->spans[zone->last], us)))
        return &zone->spans[zone->last];
    for (unsigned i = 0; i < zone->count; i++) {
        if (holds(&zone->spans[i], us)) {
            zone->last = i;
            return &zone->spans[i];
        }
    }
    zone->last = zone->next++ % FL_ZONE_SPANS;
    if (zone->count < FL_ZONE_SPANS)
        zone->count++;
    zone->spans[zone->last] = ask(zone->calendar, us);
    return &zone->spans[zone->last];
}

uint16_t fl_time_zone_day(struct fl_time_zone *zone, int64_t us)
{
    /* A day more on both sides: the offset decides at the edges. */
    if (us < -US_PER_DAY || us > (FL_DATE_MAX + 1) * US_PER_DAY)
        return FL_DATE_NONE;
    int64_t day = floor_div(us + span_at(zone, us)->offset_us, US_PER_DAY) + 1;
    return day >= 1 && day <= FL_DATE_MAX ? (uint16_t)day : FL_DATE_NONE;
}

int64_t fl_time_zone_day_start(struct fl_time_zone *zone, uint16_t date_days)
{
    FL_ASSERT(date_days != FL_DATE_NONE);
    int64_t midnight_us = ((int64_t)date_days - 1) * US_PER_DAY;
    /* Offsets are less than a day, so the beginning lies behind this instant; spans are taken in
     * order. */
    int64_t us = midnight_us - US_PER_DAY;
    for (;;) {
        struct fl_zone_span span = *span_at(zone, us);
        int64_t start_us = midnight_us - span.offset_us;
        if (start_us < span.from_us)
            start_us = span.from_us;
        if (start_us < span.to_us)
            return start_us;
        us = span.to_us;
    }
}
