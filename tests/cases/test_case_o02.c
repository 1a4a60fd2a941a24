/* O02: RC takes money out and RD brings it back; the mark is read as RC, RD, C or D, then at most
 * one letter, the third of the currency. What a reversed credit had settled is open again. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/book_import.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"Ash\",\"name\":\"Ash\",\"currency\":\"EUR\","
                 "\"credit_limit\":null}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o02, .init = setup, .fini = teardown);

static void bill(const char *id, const char *net)
{
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"Ash\",\"date\":\"2024-03-01\","
                 "\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}}",
                 id, net);
}

static const char head[] = ":20:REVERSALS\n:25:DE03100000000000000071\n:28C:12/1\n"
                           ":60F:C240311EUR500,00\n";

Test(case_o02, reversals_take_back_and_a_funds_letter_is_none)
{
    char text[1024];
    bill("INV-7101", "310.00");
    bill("INV-7002", "80.00");
    snprintf(text, sizeof text,
             "%s:61:2403110311C310,00NTRFINV-7101//A1\n:61:2403110311RC310,00NTRFINV-7101//A2\n"
             ":61:2403110311D35,00NMSCNONREF//A3\n:61:2403120312RDR35,00NMSCNONREF//A4\n"
             ":61:2403120312CR80,00NTRFINV-7002//A5\n:62F:C240312EUR580,00\n-\n",
             head);
    struct book_imported done = book_import(book, text);
    static const int64_t wanted[] = {31000, -31000, -3500, 3500, 8000};
    cr_assert_eq(done.added, 5);
    for (uint32_t n = 0; n < 5; n++)
        cr_expect_eq(book_line_amount(book, n), wanted[n], "A%u", n + 1);
    cr_expect_eq(book_bank_balance(book, "DE03100000000000000071", "EUR"), 58000);
    cr_expect_eq(fl_book_open_of(book, "INV-7101"), 31000);
    cr_expect_eq(fl_book_open_of(book, "INV-7002"), 0);
    done = book_import(book, text);
    cr_expect_eq(done.added, 0);
    cr_expect_eq(done.known, 5);
}

/* Paid on one day, taken back on another, by another file: open again only from then on. */
Test(case_o02, a_credit_may_be_reversed_by_a_later_statement)
{
    char text[512];
    bill("INV-7101", "310.00");
    snprintf(text, sizeof text,
             "%s:61:2403110311C310,00NTRFINV-7101//A1\n:62F:C240311EUR810,00\n-\n", head);
    book_import(book, text);
    cr_expect_eq(fl_book_open_of(book, "INV-7101"), 0);
    book_import(book, ":20:NEXT\n:25:DE03100000000000000071\n:28C:13/1\n:60F:C240311EUR810,00\n"
                      ":61:2403120312RC310,00NTRFINV-7101//A2\n:62F:C240312EUR500,00\n-\n");
    cr_expect_eq(fl_book_open_of(book, "INV-7101"), 31000);
    cr_expect_eq(book_bank_balance(book, "DE03100000000000000071", "EUR"), 50000);
}

/* The kind: every mark, with and without an entry date, a funds letter and a blank. The closing
 * balance is the referee: with the sign that a person gives the mark the statement adds up, and
 * with the other it does not. */
Test(case_o02, every_mark_has_its_sign_whatever_stands_around_it)
{
    static const struct {
        const char *mark;
        int sign; /* 0: expected only, nothing is booked */
    } marks[] = {{"C", 1}, {"D", -1}, {"RC", -1}, {"RD", 1}, {"EC", 0}, {"ED", 0}};
    static const char *const dates[] = {"240311", "2403110311"};
    static const char *const letters[] = {"", "R", "D", "C", "K", "F", "Y"};
    static const char *const blanks[] = {"", " "};
    char text[400];
    unsigned number = 0;
    fl_book_checks(book, false);
    for (size_t m = 0; m < 6; m++) {
        for (size_t k = 0; k < 2 * 7 * 2; k++) {
            int closing = 500 + marks[m].sign * 25;
            snprintf(text, sizeof text,
                     ":20:S\n:25:ACC%u\n:28C:1\n:60F:C240311EUR500,00\n:61:%s%s%s%s25,00NTRFX//%u\n"
                     ":62F:C240311EUR%d,00\n-\n",
                     number, dates[k % 2], marks[m].mark, letters[k / 2 % 7], blanks[k / 14],
                     number, closing);
            struct book_imported done = book_import(book, text);
            cr_assert_eq(done.refused, 0, "%s", text);
            cr_assert_eq(done.added, marks[m].sign != 0, "%s", text);
            if (marks[m].sign != 0)
                cr_expect_eq(book_line_amount(book, book_line_count(book) - 1),
                             2500 * marks[m].sign, "%s", text);
            number++;
        }
    }
}

Test(case_o02, what_is_no_mark_is_refused)
{
    static const char *const bad[] = {"RR25,00",  "X25,00", "R25,00",
                                      "CRR25,00", "25,00",  "RCXX25,00"};
    char text[300];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "%s:61:2403110311%sNTRFX//1\n:62F:C240311EUR525,00\n-\n", head,
                 bad[i]);
        struct book_imported done = book_import(book, text);
        cr_expect_eq(done.refused, 1, "%s", bad[i]);
        cr_expect_eq(done.code, FL_BAD_VALUE, "%s", bad[i]);
        cr_expect_eq(book_line_count(book), 0);
    }
}
