#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/base/date.h"
#include "tests/support/random.h"

/* Counts one day at a time, as a wall calendar does. */
struct counter {
    int year, month, day;
};

static int month_length(int year, int month)
{
    if (month == 2)
        return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static void counter_step(struct counter *c)
{
    if (++c->day <= month_length(c->year, c->month))
        return;
    c->day = 1;
    if (++c->month > 12) {
        c->month = 1;
        c->year++;
    }
}

Test(date, every_day_of_the_range_agrees_with_counting)
{
    struct counter c = {1970, 1, 1};
    for (unsigned days = 1; days <= FL_DATE_MAX; days++, counter_step(&c)) {
        struct fl_civil civil = fl_date_to_civil((uint16_t)days);
        cr_assert(civil.year == c.year && civil.month == c.month && civil.day == c.day, "%u", days);
        cr_assert_eq(fl_date_from_civil(c.year, (unsigned)c.month, (unsigned)c.day), days);
        cr_assert_eq(fl_days_in_month(c.year, (unsigned)c.month),
                     (unsigned)month_length(c.year, c.month));
        char expected[32], out[11];
        uint16_t back;
        snprintf(expected, sizeof expected, "%04d-%02d-%02d", c.year, c.month, c.day);
        fl_date_format((uint16_t)days, out);
        cr_assert_str_eq(out, expected);
        cr_assert_eq(fl_date_parse(out, 10, &back), FL_OK);
        cr_assert_eq(back, days);
    }
    cr_assert(c.year == 2149 && c.month == 6 && c.day == 6, "the day after the last");
}

Test(date, days_that_do_not_exist_or_lie_outside_are_none)
{
    for (int year = 1960; year <= 2160; year++) {
        for (int month = 0; month <= 14; month++) {
            for (int day = 0; day <= 33; day++) {
                bool exists =
                    month >= 1 && month <= 12 && day >= 1 && day <= month_length(year, month);
                int ymd = (year * 100 + month) * 100 + day;
                bool inside = ymd >= 19700101 && ymd <= 21490605;
                bool some =
                    fl_date_from_civil(year, (unsigned)month, (unsigned)day) != FL_DATE_NONE;
                cr_assert_eq(some, exists && inside, "%d-%d-%d", year, month, day);
            }
        }
    }
}

Test(date, text_that_is_no_day_is_refused)
{
    static const char *const texts[] = {
        "2025-02-29", "2025-13-01", "2025-00-01", "2025-01-00", "2025-1-01",
        "2025/01/01", "20250101",   "2025-01-1 ", " 2025-01-1", "2025-01-011",
        "1969-12-31", "2149-06-06", "+025-01-01", "2025-01--1", ""};
    uint16_t out;
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_assert_eq(fl_date_parse(texts[i], strlen(texts[i]), &out), FL_BAD_VALUE, "%s", texts[i]);
}

/* Microseconds by counting days and adding up. */
static int64_t model_instant(uint16_t days, int second_of_day, int us, int offset_minutes)
{
    return ((int64_t)(days - 1) * 86400 + second_of_day - (int64_t)offset_minutes * 60) * 1000000 +
           us;
}

static void check_instant(const char *text, int64_t expected)
{
    int64_t us = 0;
    cr_assert_eq(fl_instant_parse(text, strlen(text), &us), FL_OK, "%s", text);
    cr_assert_eq(us, expected, "%s", text);
    char out[32];
    int64_t again = 0;
    size_t length = fl_instant_format(us, out);
    cr_assert(length <= 27 && strlen(out) == length && out[length - 1] == 'Z', "%s", out);
    cr_assert_eq(fl_instant_parse(out, length, &again), FL_OK, "%s", out);
    cr_assert_eq(again, us, "%s", out);
}

Test(date, random_instants_with_offsets_agree_with_adding_up)
{
    struct fl_random random = fl_random_start("instants");
    for (unsigned i = 0; i < 100000; i++) {
        uint16_t days = (uint16_t)(1 + fl_random_below(&random, FL_DATE_MAX));
        int second = (int)fl_random_below(&random, 86400);
        int us = fl_random_below(&random, 2) ? (int)fl_random_below(&random, 1000000) : 0;
        int offset = (int)fl_random_below(&random, 2 * 1439 + 1) - 1439;
        int away = offset < 0 ? -offset : offset;
        char date[11], text[64];
        fl_date_format(days, date);
        snprintf(text, sizeof text, "%s%c%02d:%02d:%02d.%06d%c%02d:%02d", date,
                 "Tt "[fl_random_below(&random, 3)], second / 3600, second / 60 % 60, second % 60,
                 us, offset < 0 ? '-' : '+', away / 60, away % 60);
        check_instant(text, model_instant(days, second, us, offset));
    }
}

Test(date, instants_outside_the_days_of_a_book_keep_their_order)
{
    check_instant("1969-12-31T23:59:59.999999Z", -1);
    check_instant("1970-01-01T00:00:00Z", 0);
    check_instant("1970-01-01T00:00:00.1Z", 100000);
    check_instant("1970-01-01T00:00:00.123456789Z", 123456);
    check_instant("0001-01-01T00:00:00Z", INT64_C(-62135596800) * 1000000);
    check_instant("9999-12-31T23:59:59.999999Z", INT64_C(253402300799) * 1000000 + 999999);
    check_instant("2016-12-31T23:59:60Z", INT64_C(1483228800) * 1000000); /* a leap second */
}

Test(date, text_that_is_no_instant_is_refused)
{
    static const char *const texts[] = {"2025-03-31T12:00:00",
                                        "2025-03-31T24:00:00Z",
                                        "2025-03-31T12:60:00Z",
                                        "2025-03-31T12:00:61Z",
                                        "2025-03-31T12:00:00.Z",
                                        "2025-03-31T12:00:00.1",
                                        "2025-03-31T12:00:00+0100",
                                        "2025-03-31T12:00:00+24:00",
                                        "2025-03-31T12:00:00+01:60",
                                        "2025-03-31T12:00:00ZZ",
                                        "2025-02-29T12:00:00Z",
                                        "2025-03-31X12:00:00Z",
                                        "2025-03-31T12:00:00 +01:00",
                                        "2025-03-31T1:00:00Z",
                                        "",
                                        "2025-03-31"};
    int64_t us;
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_assert_eq(fl_instant_parse(texts[i], strlen(texts[i]), &us), FL_BAD_VALUE, "%s",
                     texts[i]);
}
