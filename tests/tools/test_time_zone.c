#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/date.h"
#include "tools/format/time_zone.h"

#define US INT64_C(1000000)

/* Midnight is skipped in Sao Paulo's and Beirut's springs, a day in Apia's 2011, and Cairo changed
 * its mind. */
static const char *const zones[] = {"Europe/Berlin", "America/New_York",   "America/Sao_Paulo",
                                    "Pacific/Apia",  "Asia/Kolkata",       "Asia/Beirut",
                                    "Africa/Cairo",  "Australia/Lord_Howe"};

/* The C library's zones are the second opinion, up to 2021: what was decided later, one of them may
 * not know. */
static bool model_zone(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    if (access(path, R_OK) != 0) {
        fprintf(stderr, "skipped: no %s\n", path); /* a warning of the framework fails the program */
        return false;
    }
    setenv("TZ", name, 1);
    tzset();
    return true;
}

static int64_t model_day(int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm local;
    localtime_r(&t, &local);
    return fl_date_from_civil(local.tm_year + 1900, (unsigned)local.tm_mon + 1,
                              (unsigned)local.tm_mday);
}

static int64_t model_day_start(uint16_t day)
{
    int64_t seconds = ((int64_t)day - 1) * 86400 - 26 * 3600;
    while (model_day(seconds) < day)
        seconds += 900; /* clocks change on quarters of an hour */
    return seconds;
}

Test(time_zone, z1_z2_days_and_their_beginnings_agree_with_the_c_library)
{
    unsigned seed = 7;
    for (unsigned i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        struct fl_time_zone zone;
        if (!model_zone(zones[i]))
            continue;
        cr_assert(fl_time_zone_open(&zone, zones[i], strlen(zones[i])));
        for (unsigned k = 0; k < 5000; k++) {
            int64_t seconds = 1100 * 86400 + (int64_t)rand_r(&seed) % (17800 * INT64_C(86400));
            cr_assert_eq(fl_time_zone_day(&zone, seconds * US + 999999), model_day(seconds),
                         "%s %ld", zones[i], (long)seconds);
        }
        for (uint16_t day = 12000; day < 18900; day = (uint16_t)(day + 1 + day % 3))
            cr_assert_eq(fl_time_zone_day_start(&zone, day), model_day_start(day) * US, "%s %u",
                         zones[i], day);
        fl_time_zone_close(&zone);
    }
}

Test(time_zone, z2_where_midnight_or_the_day_does_not_exist)
{
    struct fl_time_zone zone;
    char text[32];
    cr_assert(fl_time_zone_open(&zone, "America/Sao_Paulo", 17));
    fl_instant_format(fl_time_zone_day_start(&zone, fl_date_from_civil(2018, 11, 4)), text);
    cr_assert_str_eq(text, "2018-11-04T03:00:00Z"); /* 00:00 became 01:00 */
    fl_time_zone_close(&zone);
    cr_assert(fl_time_zone_open(&zone, "Pacific/Apia", 12));
    int64_t skipped = fl_time_zone_day_start(&zone, fl_date_from_civil(2011, 12, 30));
    cr_assert_eq(skipped, fl_time_zone_day_start(&zone, fl_date_from_civil(2011, 12, 31)));
    cr_assert_eq(fl_time_zone_day(&zone, skipped), fl_date_from_civil(2011, 12, 31));
    cr_assert_eq(fl_time_zone_day(&zone, skipped - 1), fl_date_from_civil(2011, 12, 29));
    fl_time_zone_close(&zone);
}

Test(time_zone, the_calendar_ends_where_a_day_has_no_number)
{
    struct fl_time_zone zone;
    cr_assert(fl_time_zone_open(&zone, "UTC", 3));
    cr_assert_eq(fl_time_zone_day(&zone, -1), FL_DATE_NONE);
    cr_assert_eq(fl_time_zone_day(&zone, 0), 1);
    cr_assert_eq(fl_time_zone_day(&zone, fl_time_zone_day_start(&zone, FL_DATE_MAX)), FL_DATE_MAX);
    cr_assert_eq(fl_time_zone_day(&zone, INT64_C(86400) * FL_DATE_MAX * US), FL_DATE_NONE);
    cr_assert_eq(fl_time_zone_day(&zone, INT64_MIN), FL_DATE_NONE);
    cr_assert_eq(fl_time_zone_day(&zone, INT64_MAX), FL_DATE_NONE);
    fl_time_zone_close(&zone);
    cr_assert(fl_time_zone_open(&zone, "Europe/Berlin", 13));
    cr_assert_eq(fl_time_zone_day(&zone, -3600 * US), 1,
                 "the first day begins an hour before UTC's");
    cr_assert_eq(fl_time_zone_day(&zone, -3601 * US), FL_DATE_NONE);
    fl_time_zone_close(&zone);
}

Test(time_zone, what_is_no_zone_is_refused)
{
    static const char *const names[] = {"Europe/Atlantis", "+01:00",   "GMT+1", "europe/berlin ",
                                        "Etc/Unknown",     "\xFF\xFE", "a",     "UTC+1"};
    struct fl_time_zone zone;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        cr_expect_not(fl_time_zone_open(&zone, names[i], strlen(names[i])), "%s", names[i]);
    char longest[100];
    memset(longest, 'A', sizeof longest);
    cr_expect_not(fl_time_zone_open(&zone, longest, sizeof longest));
    cr_assert(fl_time_zone_open(&zone, "", 0));
    cr_assert_eq(fl_time_zone_day(&zone, 0), 1);
}
