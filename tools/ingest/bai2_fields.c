#include "tools/ingest/bai2_fields.h"

#include "core/base/date.h"

#define AMOUNT_DIGITS 18 /* what an int64 holds whatever the digits are */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- fields ---------------------------------------------------------------------------------- */

struct fl_slice fl_bai2_field_next(struct fl_bai2_fields *fields)
{
    const char *start = fields->at, *p = start;
    if (!fields->more)
        return fl_slice_of(fields->end, 0);
    while (p < fields->end && *p != ',' && *p != FL_BAI2_JOIN)
        p++;
    fields->more = p < fields->end;
    fields->at = fields->more ? p + 1 : p;
    return fl_slice_trim(fl_slice_of(start, (size_t)(p - start)));
}

enum fl_status fl_bai2_minor_read(struct fl_slice text, int64_t *minor, bool *given)
{
    bool minus = text.length > 0 && text.at[0] == '-';
    size_t digits = 0, i = minus || (text.length > 0 && text.at[0] == '+');
    int64_t value = 0;
    *minor = 0;
    *given = text.length > 0;
    for (; i < text.length; i++) {
        if (!is_digit(text.at[i]))
            return FL_BAD_VALUE;
        value = value * 10 + (text.at[i] - '0');
        digits += value > 0;
        if (digits > AMOUNT_DIGITS)
            return FL_OUT_OF_RANGE;
    }
    *minor = minus ? -value : value;
    return text.length == 1 && !is_digit(text.at[0]) ? FL_BAD_VALUE : FL_OK;
}

bool fl_bai2_count_read(struct fl_slice text, uint64_t *count)
{
    int64_t value;
    bool given;
    if (fl_bai2_minor_read(text, &value, &given) != FL_OK || value < 0)
        return false;
    *count = (uint64_t)value;
    return given;
}

uint16_t fl_bai2_date_read(struct fl_slice text)
{
    uint64_t value;
    if ((text.length != 6 && text.length != 8) || !fl_bai2_count_read(text, &value))
        return FL_DATE_NONE;
    int32_t year = (int32_t)(value / 10000);
    if (text.length == 6)
        year += year >= 70 ? 1900 : 2000;
    return fl_date_from_civil(year, (unsigned)(value / 100 % 100), (unsigned)(value % 100));
}

/* --- funds: when a part of an amount may be spent -------------------------------------------- */

static const char *add_funds(struct fl_bai2_funds *funds, uint64_t days, struct fl_slice text,
                             unsigned exponent)
{
    int64_t minor;
    bool given;
    if (fl_bai2_minor_read(text, &minor, &given) != FL_OK)
        return "funds: not an amount";
    if (minor == 0 || funds->count == FL_AVAILABILITY_MAX)
        return NULL;
    funds->parts[funds->count++] = (struct fl_statement_availability){
        .days = (uint32_t)days, .amount = fl_decimal_of(minor, exponent)};
    return NULL;
}

static const char *read_distribution(struct fl_bai2_fields *fields, struct fl_bai2_funds *funds,
                                     unsigned exponent)
{
    uint64_t parts, days;
    if (!fl_bai2_count_read(fl_bai2_field_next(fields), &parts))
        return "funds: number of parts expected";
    for (uint64_t i = 0; i < parts; i++) {
        if (!fields->more)
            return "funds: fewer parts than announced";
        if (!fl_bai2_count_read(fl_bai2_field_next(fields), &days) || days > UINT32_MAX)
            return "funds: number of days expected";
        const char *why = add_funds(funds, days, fl_bai2_field_next(fields), exponent);
        if (why)
            return why;
    }
    return NULL;
}

const char *fl_bai2_funds_read(struct fl_bai2_fields *fields, struct fl_slice total,
                               unsigned exponent, struct fl_bai2_funds *funds)
{
    const char *why = NULL;
    *funds = (struct fl_bai2_funds){0};
    struct fl_slice type = fl_bai2_field_next(fields);
    if (type.length == 0 || fl_slice_equals(type, "Z"))
        return NULL;
    if (type.length != 1)
        return "no such funds type";
    switch (type.at[0]) {
    case '0':
    case '1':
    case '2':
        return add_funds(funds, (uint64_t)(type.at[0] - '0'), total, exponent);
    case 'S':
        for (uint64_t days = 0; days < 3 && !why; days++)
            why = add_funds(funds, days, fl_bai2_field_next(fields), exponent);
        return why;
    case 'V': {
        struct fl_slice date = fl_bai2_field_next(fields);
        (void)fl_bai2_field_next(fields); /* the time of day */
        funds->value_days = fl_bai2_date_read(date);
        return date.length > 0 && funds->value_days == FL_DATE_NONE ? "funds: no such date" : NULL;
    }
    case 'D':
        return read_distribution(fields, funds, exponent);
    default:
        return "no such funds type";
    }
}

/* --- type codes ---------------------------------------------------------------------------- */

int fl_bai2_direction(unsigned type)
{
    if ((type >= 100 && type <= 399) || (type >= 720 && type <= 759) ||
        (type >= 920 && type <= 959))
        return 1;
    if ((type >= 400 && type <= 699) || (type >= 760 && type <= 799) || type >= 960)
        return -1;
    return 0;
}

bool fl_bai2_takes_back(unsigned type)
{
    static const uint16_t types[] = {252, 255, 257, 258, 261, 266, 552, 555, 557, 558, 561, 566};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i] == type)
            return true;
    }
    return false;
}
