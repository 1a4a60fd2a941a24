#include <criterion/criterion.h>

#include "core/base/date.h"
#include "tools/ingest/load_file.h"

static void expect_day(const char *text, const char *day, uint32_t second)
{
    uint16_t date_days = FL_DATE_NONE;
    uint32_t read = UINT32_MAX;
    char written[11] = "";
    cr_expect(fl_load_day_read(fl_slice_of_text(text), &date_days, &read), "%s is not read", text);
    fl_date_format(date_days, written);
    cr_expect_str_eq(written, day, "%s", text);
    cr_expect_eq(read, second, "%s", text);
}

Test(load_file, the_order_of_a_date_is_told_by_its_form)
{
    expect_day("2010-12-01 08:26:00", "2010-12-01", 8 * 3600 + 26 * 60);
    expect_day("2010-12-01T23:59:59", "2010-12-01", 86399);
    expect_day("2020-02-29", "2020-02-29", 0);
    expect_day("30-03-2020", "2020-03-30", 0);
    expect_day("1/2/2013", "2013-01-02", 0);
    expect_day("12/1/2010 8:26", "2010-12-01", 8 * 3600 + 26 * 60);
}

Test(load_file, what_is_no_day_is_not_taken_for_one)
{
    static const char *const texts[] = {"",           "2020",        "2020-02-30", "2020-13-01",
                                        "30/03/2020", "03-30-2020",  "1-2-13",     "2020-01-01x",
                                        "20200101",   "2020-01/01",  "1/2/2013 24:00",
                                        "1/2/2013 8:60", "1/2/2013 8", "2020-01-01 8:00:00:00",
                                        "1969-12-31", "99999999999-01-01"};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint16_t day;
        uint32_t second;
        bool hour_alone = strcmp(texts[i], "1/2/2013 8") == 0;
        cr_expect_eq(fl_load_day_read(fl_slice_of_text(texts[i]), &day, &second), hour_alone, "%s",
                     texts[i]);
    }
}

Test(load_file, only_whole_numbers_lose_the_point_of_a_float)
{
    cr_expect(fl_slice_equals(fl_load_whole_number(fl_slice_of_text("17850.0")), "17850"));
    cr_expect(fl_slice_equals(fl_load_whole_number(fl_slice_of_text("0012.0")), "0012"));
    cr_expect(fl_slice_equals(fl_load_whole_number(fl_slice_of_text("17850.5")), "17850.5"));
    cr_expect(fl_slice_equals(fl_load_whole_number(fl_slice_of_text("A1.0")), "A1.0"));
    cr_expect(fl_slice_equals(fl_load_whole_number(fl_slice_of_text(".0")), ".0"));
}
