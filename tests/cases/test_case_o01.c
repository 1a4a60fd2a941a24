/* O01: the entry date of an MT940 has no year; it takes the one that puts it nearest to the value
 * date, on either side of New Year, and that day is the day the money is booked on. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/base/date.h"
#include "core/domain/ledger.h"
#include "tests/support/book_import.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o01, .init = setup, .fini = teardown);

Test(case_o01, the_entry_date_may_fall_on_either_side_of_new_year)
{
    struct book_imported done = book_import(book, ":20:YRWRAP\n"
                                                  ":25:DE03100000000000000071\n"
                                                  ":28C:1/1\n"
                                                  ":60F:C241129EUR1000,00\n"
                                                  ":61:2411281202D18,40NMSCNONREF//E1\n"
                                                  ":86:CARD FEE\n"
                                                  ":61:2501021231C125,50NTRFINV-7001//E2\n"
                                                  ":86:INV-7001\n"
                                                  ":61:2412310102D20,00NTRFNONREF//E3\n"
                                                  ":86:RENT\n"
                                                  ":62F:C250102EUR1087,10\n"
                                                  "-\n");
    static const struct {
        const char *value, *booking;
        int64_t amount_minor;
    } wanted[] = {{"2024-11-28", "2024-12-02", -1840},
                  {"2025-01-02", "2024-12-31", 12550},
                  {"2024-12-31", "2025-01-02", -2000}};
    cr_assert_eq(done.added, 3);
    for (uint32_t n = 0; n < 3; n++) {
        cr_expect_str_eq(book_line_value(book, n), wanted[n].value);
        cr_expect_str_eq(book_line_booking(book, n), wanted[n].booking);
        cr_expect_eq(book_line_amount(book, n), wanted[n].amount_minor);
    }
    cr_expect_eq(book_bank_balance(book, "DE03100000000000000071", "EUR"), 108710);
    /* By the end of 2024 the receipt of 31 December is in, the rent of 2 January is not. */
    uint32_t account = FL_ACCOUNT_BANK_FIRST +
                       fl_book_row(book, FL_KIND_OF_BANK_ACCOUNT, "DE03100000000000000071");
    cr_expect_eq(fl_book_account(book, account, "EUR", fl_date_from_civil(2024, 12, 31)), 110710);
}

/* The kind: every distance of up to half a year, both ways, from days around the turn of leap and
 * common years. The days are walked one by one, which needs no rule for the year. */
Test(case_o01, any_entry_date_within_half_a_year_is_found)
{
    static const struct {
        int year;
        unsigned month, day;
    } values[] = {{2023, 12, 31}, {2024, 1, 1}, {2024, 2, 29},  {2024, 3, 1},  {2024, 7, 1},
                  {2024, 12, 31}, {2025, 1, 2}, {1999, 12, 31}, {2000, 2, 28}, {2069, 12, 30}};
    fl_book_checks(book, false);
    uint32_t n = 0;
    for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
        uint16_t value = fl_date_from_civil(values[v].year, values[v].month, values[v].day);
        for (int distance = -182; distance <= 182; distance += 7) {
            struct fl_civil entry = fl_date_to_civil((uint16_t)(value + distance));
            char text[256], wanted[11];
            snprintf(text, sizeof text,
                     ":20:S\n:25:A\n:28C:1\n:60F:C240101EUR0,\n"
                     ":61:%02d%02u%02u%02u%02uC1,NTRFX//%u\n:62F:C240101EUR1,\n-\n",
                     values[v].year % 100, values[v].month, values[v].day, entry.month, entry.day,
                     n);
            struct book_imported done = book_import(book, text);
            cr_assert_eq(done.added, 1, "%s", text);
            fl_date_format((uint16_t)(value + distance), wanted);
            wanted[10] = '\0';
            cr_expect_str_eq(book_line_booking(book, n), wanted, "%s", text);
            n++;
        }
    }
}

/* An entry without an entry date is booked on its value date. */
Test(case_o01, without_an_entry_date_the_value_date_counts)
{
    struct book_imported done =
        book_import(book, ":20:S\n:25:A\n:28C:1\n:60F:C240101EUR0,\n:61:241231C1,NTRFX//1\n"
                          ":62F:C241231EUR1,\n-\n");
    cr_assert_eq(done.added, 1);
    cr_expect_str_eq(book_line_booking(book, 0), "2024-12-31");
}
