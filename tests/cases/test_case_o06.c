/* O06: a booking date is the day as the bank wrote it, in whatever zone the process runs and
 * whatever zone the bank names behind it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/date.h"
#include "tests/support/statement_book.h"

static const char *const zones[] = {
    "UTC",       "America/Sao_Paulo", "America/New_York", "Pacific/Auckland", "Pacific/Kiritimati",
    "Etc/GMT+12"};

static void in_zone(const char *zone)
{
    cr_assert_eq(setenv("TZ", zone, 1), 0);
    tzset();
}

/* The day that a transaction posted on `written` is booked on, "" if it is refused. */
static const char *booked(const char *written)
{
    static char text[2048], day[11];
    uint16_t days = 0;
    struct fl_test_book *book = fl_book_open(NULL);
    snprintf(text, sizeof text,
             "<OFX><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>71</BANKACCTFROM><BANKTRANLIST>"
             "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>%s<TRNAMT>1<FITID>T1</STMTTRN></BANKTRANLIST>"
             "</STMTRS></OFX>",
             written);
    struct statement_import got = statement_book_import(book, text);
    cr_assert_eq(got.status, FL_OK, "%s", got.reason);
    day[0] = '\0';
    if (got.refused == 0) {
        (void)statement_book_line(book, "71", "T1", 0, &days);
        fl_date_format(days, day);
    }
    fl_book_close(book);
    return day;
}

Test(case_o06, the_day_is_the_one_written_in_every_zone)
{
    static const char *const cases[][2] = {{"20240301", "2024-03-01"},
                                           {"20240301000000[-3:BRT]", "2024-03-01"},
                                           {"20240311", "2024-03-11"},
                                           {"20240229235959.000[-5:EST]", "2024-02-29"},
                                           {"20240401120000", "2024-04-01"}};
    for (size_t z = 0; z < sizeof zones / sizeof zones[0]; z++) {
        in_zone(zones[z]);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
            cr_expect_str_eq(booked(cases[i][0]), cases[i][1], "%s in %s", cases[i][0], zones[z]);
    }
}

/* Every day around both changes of the clocks, at the first and last second of the day, with every
 * kind of zone behind it. */
Test(case_o06, no_time_and_no_zone_moves_a_day)
{
    static const char *const behind[] = {"",
                                         "000000",
                                         "235959",
                                         "000000.000[-12:X]",
                                         "235959.999[+14:LINT]",
                                         "120000[0:GMT]",
                                         "0230",
                                         "000000[-3.5:NST]",
                                         "[5.30:IST]",
                                         "000000[-3]"};
    static const uint16_t months[] = {3, 4, 9, 10, 11};
    for (size_t z = 0; z < sizeof zones / sizeof zones[0]; z += 2) {
        in_zone(zones[z]);
        for (size_t m = 0; m < sizeof months / sizeof months[0]; m++) {
            for (unsigned day = 1 + (unsigned)(m + z) % 3; day <= 30; day += 3) {
                char written[48], wanted[16];
                snprintf(wanted, sizeof wanted, "2024-%02u-%02u", months[m], day);
                snprintf(written, sizeof written, "2024%02u%02u%s", months[m], day,
                         behind[(day + m) % (sizeof behind / sizeof behind[0])]);
                cr_expect_str_eq(booked(written), wanted, "%s in %s", written, zones[z]);
            }
        }
    }
}

Test(case_o06, what_is_no_day_is_refused_and_never_moved_to_one)
{
    static const char *const cases[] = {"20240230", "20240431", "20230229", "20241301", "20240300",
                                        "2024030",  "0",        "20240x01", "-0240301", "00000000"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_str_eq(booked(cases[i]), "", "%s", cases[i]);
}
