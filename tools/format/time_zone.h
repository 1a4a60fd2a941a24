/* time_zone.h - the one place where instants become calendar days: ICU's zones behind a small door.
 *
 * The offset in force is kept with the span it is in force for, so that the common call is two comparisons.
 */
#ifndef FLORIN_TOOLS_FORMAT_TIME_ZONE_H
#define FLORIN_TOOLS_FORMAT_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_time_zone {
    void *calendar; /* null: UTC */
    int64_t from_us, to_us; /* the span of `offset_us` */
    int64_t offset_us;
};

/* False if there is no such zone ("Europe/Berlin", "UTC"). */
bool fl_time_zone_open(struct fl_time_zone *zone, const char *name, size_t length);
void fl_time_zone_close(struct fl_time_zone *zone);

/* The calendar day of an instant; 0 outside 1970..2149. */
uint16_t fl_time_zone_day(struct fl_time_zone *zone, int64_t us);
/* The first instant of a day that exists. */
int64_t fl_time_zone_day_start(struct fl_time_zone *zone, uint16_t date_days);

#endif
