#include "core/base/date.h"

#include "core/base/contract.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY (INT64_C(86400) * US_PER_SECOND)

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

unsigned fl_days_in_month(int32_t year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    FL_ASSERT(month >= 1 && month <= 12);
    return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar; years counted from March so that the
 * leap day is the last of its year and a month's offset is linear. */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct fl_civil civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    unsigned month = (unsigned)(shifted < 10 ? shifted + 3 : shifted - 9);
    return (struct fl_civil){.year = (int32_t)(year_of_era + era * 400 + (month <= 2)),
                             .month = (uint8_t)month,
                             .day = (uint8_t)(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

uint16_t fl_date_from_civil(int32_t year, unsigned month, unsigned day)
{
    if (year < 1970 || year > 2149 || month < 1 || month > 12 || day < 1 ||
        day > fl_days_in_month(year, month))
        return FL_DATE_NONE;
    int64_t days = days_from_civil(year, month, day) + 1;
    return days > FL_DATE_MAX ? FL_DATE_NONE : (uint16_t)days;
}

struct fl_civil fl_date_to_civil(uint16_t date_days)
{
    FL_ASSERT(date_days != FL_DATE_NONE);
    return civil_from_days((int64_t)date_days - 1);
}

static bool read_digits(const char *text, unsigned count, unsigned *out)
{
    unsigned value = 0;
    for (unsigned i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    *out = value;
    return true;
}

enum fl_status fl_date_parse(const char *text, size_t length, uint16_t *date_days_out)
{
    unsigned year, month, day;
    if (length != 10 || text[4] != '-' || text[7] != '-' || !read_digits(text, 4, &year) ||
        !read_digits(text + 5, 2, &month) || !read_digits(text + 8, 2, &day))
        return FL_BAD_VALUE;
    *date_days_out = fl_date_from_civil((int32_t)year, month, day);
    return *date_days_out == FL_DATE_NONE ? FL_BAD_VALUE : FL_OK;
}

static void put_digits(char *out, unsigned count, unsigned value)
{
    while (count > 0) {
        out[--count] = (char)('0' + value % 10);
        value /= 10;
    }
}

static void put_civil(char *out, struct fl_civil civil)
{
    put_digits(out, 4, (unsigned)civil.year);
    out[4] = '-';
    put_digits(out + 5, 2, civil.month);
    out[7] = '-';
    put_digits(out + 8, 2, civil.day);
}

void fl_date_format(uint16_t date_days, char out[11])
{
    put_civil(out, fl_date_to_civil(date_days));
    out[10] = '\0';
}

/* Reads ".123" to microseconds; further digits are cut. Returns characters read, 0 if malformed. */
static size_t read_fraction(const char *text, size_t length, int64_t *us_out)
{
    size_t at = 1;
    int64_t us = 0, unit = US_PER_SECOND / 10;
    while (at < length && text[at] >= '0' && text[at] <= '9') {
        us += unit * (text[at] - '0');
        unit /= 10;
        at++;
    }
    *us_out = us;
    return at > 1 ? at : 0;
}

static bool read_offset(const char *text, size_t length, int64_t *seconds_out)
{
    unsigned hours, minutes;
    *seconds_out = 0;
    if (length == 1 && (text[0] == 'Z' || text[0] == 'z'))
        return true;
    if (length != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
        !read_digits(text + 1, 2, &hours) || !read_digits(text + 4, 2, &minutes) || hours > 23 ||
        minutes > 59)
        return false;
    *seconds_out = (text[0] == '-' ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
    return true;
}

enum fl_status fl_instant_parse(const char *text, size_t length, int64_t *us_out)
{
    unsigned year, month, day, hour, minute, second;
    if (length < 20 || text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' ||
        text[16] != ':' || !read_digits(text, 4, &year) || !read_digits(text + 5, 2, &month) ||
        !read_digits(text + 8, 2, &day) || !read_digits(text + 11, 2, &hour) ||
        !read_digits(text + 14, 2, &minute) || !read_digits(text + 17, 2, &second))
        return FL_BAD_VALUE;
    if (month < 1 || month > 12 || day < 1 || day > fl_days_in_month((int32_t)year, month) ||
        hour > 23 || minute > 59 || second > 60)
        return FL_BAD_VALUE;
    int64_t fraction_us = 0, offset_seconds;
    size_t at = 19;
    if (text[at] == '.') {
        size_t taken = read_fraction(text + at, length - at, &fraction_us);
        if (taken == 0)
            return FL_BAD_VALUE;
        at += taken;
    }
    if (!read_offset(text + at, length - at, &offset_seconds))
        return FL_BAD_VALUE;
    int64_t seconds = (int64_t)hour * 3600 + minute * 60 + second - offset_seconds;
    *us_out = days_from_civil(year, month, day) * US_PER_DAY + seconds * US_PER_SECOND +
              fraction_us;
    return FL_OK;
}

size_t fl_instant_format(int64_t us, char out[32])
{
    int64_t days = us / US_PER_DAY, rest = us % US_PER_DAY;
    if (rest < 0) {
        rest += US_PER_DAY;
        days--;
    }
    put_civil(out, civil_from_days(days));
    int64_t seconds = rest / US_PER_SECOND;
    unsigned fraction_us = (unsigned)(rest % US_PER_SECOND);
    out[10] = 'T';
    put_digits(out + 11, 2, (unsigned)(seconds / 3600));
    out[13] = ':';
    put_digits(out + 14, 2, (unsigned)(seconds / 60 % 60));
    out[16] = ':';
    put_digits(out + 17, 2, (unsigned)(seconds % 60));
    size_t length = 19;
    if (fraction_us != 0) {
        out[length++] = '.';
        put_digits(out + length, 6, fraction_us);
        length += 6;
    }
    out[length++] = 'Z';
    out[length] = '\0';
    return length;
}
