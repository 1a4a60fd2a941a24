#include <criterion/criterion.h>

#include "tools/cli/import_suspect.h"

static struct fl_decimal cents(int64_t minor)
{
    return fl_decimal_of(minor, 2);
}

/* The difference that is left when the bank's line of `amount` was read as `read`: closing -
 * opening
 * - sum, with all other lines right. */
static enum fl_suspicion suspicion(int64_t amount, int64_t difference, bool booked)
{
    struct fl_statement_line line = {.amount = cents(amount), .booked = booked};
    return fl_import_suspect(&line, cents(difference));
}

Test(import_suspect, a_wrong_sign_is_twice_the_line)
{
    /* -35.00 read as +35.00: the sum is 70.00 too high. */
    cr_expect_eq(suspicion(3500, -7000, true), FL_SUSPECT_SIGN);
    cr_expect_eq(suspicion(-3500, 7000, true), FL_SUSPECT_SIGN);
    cr_expect_eq(suspicion(3500, 7000, true), FL_SUSPECT_NONE, "that would make it worse");
    cr_expect_eq(suspicion(3500, -7000, false), FL_SUSPECT_NONE, "it is not in the sum");
}

Test(import_suspect, a_line_too_many_is_the_difference_taken_negative)
{
    cr_expect_eq(suspicion(3500, -3500, true), FL_SUSPECT_TWICE);
    cr_expect_eq(suspicion(-3500, 3500, true), FL_SUSPECT_TWICE);
}

Test(import_suspect, a_line_too_few_is_the_difference)
{
    cr_expect_eq(suspicion(3500, 3500, false), FL_SUSPECT_NOT_BOOKED);
    cr_expect_eq(suspicion(3500, 3500, true), FL_SUSPECT_LIKE_IT);
    cr_expect_eq(suspicion(3501, 3500, true), FL_SUSPECT_NONE);
    cr_expect_eq(suspicion(0, 0, true), FL_SUSPECT_NONE);
}

Test(import_suspect, two_digits_changed_over_are_a_difference_of_nines)
{
    cr_expect_eq(suspicion(910, -9, true), FL_SUSPECT_DIGITS, "9.01 read as 9.10");
    cr_expect_eq(suspicion(-54321, 900, true), FL_SUSPECT_DIGITS, "-534.21");
    cr_expect_eq(suspicion(-54321, -900, true), FL_SUSPECT_NONE, "-552.21");
    cr_expect_eq(suspicion(1234, 9, true), FL_SUSPECT_DIGITS, "12.43");
    cr_expect_eq(suspicion(1234, 18, true), FL_SUSPECT_NONE, "12.52");
    cr_expect_eq(suspicion(1122, 9, true), FL_SUSPECT_NONE);
    cr_expect_eq(suspicion(910, -9, false), FL_SUSPECT_NONE, "it is not in the sum");
}

Test(import_suspect, decimals_are_compared_by_value)
{
    struct fl_statement_line line = {.amount = fl_decimal_of(35, 0), .booked = true};
    cr_expect_eq(fl_import_suspect(&line, fl_decimal_of(-70000, 3)), FL_SUSPECT_SIGN);
}
