/* time_zone.h - the book's calendar: which day an instant falls on, and when a day begins.
 *
 * Between two changes of its offset from UTC a zone is arithmetic. Such spans are asked from ICU
 * the first time an instant falls into one; the last few are kept, so that a year of commands costs
 * two or three questions.
 *
 *   Z1  The day of an instant is its local calendar date.
 *   Z2  The beginning of a day is the first instant whose local date is that day or later: not
 * midnight where the clocks go forward over it, and the next day's where a zone skipped the day.
 *
 * ICU's calendar is behind this file alone.
 * Thread: a zone is one thread's. Memory: ICU's calendar. Cost: a few ns while instants stay in one
 * span.
 */
#ifndef FLORIN_TOOLS_FORMAT_TIME_ZONE_H
#define FLORIN_TOOLS_FORMAT_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FL_ZONE_SPANS 4

/* [from, to) of one offset. */
struct fl_zone_span {
    int64_t from_us, to_us, offset_us;
};

struct fl_time_zone {
    void *calendar; /* null: UTC, so that all zero is a zone */
    struct fl_zone_span spans[FL_ZONE_SPANS];
    unsigned count, last, next; /* `last` answered; `next` is replaced */
};

/* False if there is no such zone ("Europe/Berlin", "UTC"; "" is UTC). */
bool fl_time_zone_open(struct fl_time_zone *zone, const char *name, size_t length);
void fl_time_zone_close(struct fl_time_zone *zone);

/* The calendar day of an instant; 0 outside 1970-01-01..2149-06-05. */
uint16_t fl_time_zone_day(struct fl_time_zone *zone, int64_t us);
/* The first instant of a day (Z2). */
int64_t fl_time_zone_day_start(struct fl_time_zone *zone, uint16_t date_days);

#endif
