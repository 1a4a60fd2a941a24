#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ingest/reference_check.h"

static bool holds(bool (*check)(struct fl_slice), const char *reference)
{
    return check(fl_slice_of_text(reference));
}

Test(reference_check, published_examples_hold)
{
    cr_expect(holds(fl_reference_check_rf, "RF18539007547034"));
    cr_expect(holds(fl_reference_check_rf, "RF712348231"));
    cr_expect(holds(fl_reference_check_qrr, "210000000003139471430009017"));
    cr_expect(holds(fl_reference_check_qrr, "120000000000234478943216899"));
    cr_expect(holds(fl_reference_check_finnish, "1234561"));
    cr_expect(holds(fl_reference_check_finnish, "1232"));
    cr_expect(holds(fl_reference_check_belgian, "090933755493"));
    cr_expect(holds(fl_reference_check_kid10, "2345676"));
    cr_expect(holds(fl_reference_check_kid11, "12345678903"));
    cr_expect(holds(fl_reference_check_iban, "NL91ABNA0417164300"));
    cr_expect(holds(fl_reference_check_iban, "DE89370400440532013000"));
    cr_expect(!holds(fl_reference_check_rf, "RF18"));
    cr_expect(!holds(fl_reference_check_qrr, "21000000000313947143000901"));
    cr_expect(!holds(fl_reference_check_belgian, "09093375549"));
    cr_expect_eq(fl_reference_check(fl_slice_of_text("RF18539007547034")), FL_SCHEME_RF);
}

/* Of the ways to end a body exactly one holds, and no single wrong digit passes. */
static void judge(bool (*check)(struct fl_slice), size_t body, size_t checks, unsigned ways_most,
                  const char *prefix)
{
    unsigned seed = (unsigned)body;
    for (unsigned round = 0; round < 300; round++) {
        char text[40], good[40] = "";
        size_t lead = strlen(prefix), n = lead + body + checks;
        memcpy(text, prefix, lead);
        for (size_t i = 0; i < body; i++)
            text[lead + i] = (char)('0' + rand_r(&seed) % 10);
        unsigned ways = 0, tries = checks == 1 ? 10 : 100;
        for (unsigned end = 0; end < tries; end++) {
            char ending[3];
            snprintf(ending, sizeof ending, checks == 1 ? "%u" : "%02u", end);
            memcpy(text + lead + body, ending, checks);
            text[n] = '\0';
            if (check(fl_slice_of(text, n))) {
                strcpy(good, text);
                ways++;
            }
        }
        cr_assert_leq(ways, ways_most, "%s", text);
        cr_assert(ways == 1 || check == fl_reference_check_kid11, "%s", text);
        for (size_t i = lead; ways == 1 && i < n; i++) {
            char kept = good[i];
            for (char c = '0'; c <= '9'; c++) {
                good[i] = c;
                cr_assert_eq(check(fl_slice_of(good, n)), c == kept, "%s", good);
            }
            good[i] = kept;
        }
    }
}

Test(reference_check, one_ending_holds_and_single_errors_do_not)
{
    judge(fl_reference_check_qrr, 26, 1, 1, "");
    judge(fl_reference_check_finnish, 3, 1, 1, "");
    judge(fl_reference_check_finnish, 19, 1, 1, "");
    judge(fl_reference_check_kid10, 7, 1, 1, "");
    judge(fl_reference_check_kid10, 24, 1, 1, "");
    judge(fl_reference_check_kid11, 8, 1, 1, "");
    judge(fl_reference_check_belgian, 10, 2, 1, "");
}

Test(reference_check, mod_97_by_long_division)
{
    unsigned seed = 3;
    for (unsigned round = 0; round < 20000; round++) {
        char body[16];
        snprintf(body, sizeof body, "%u", (unsigned)rand_r(&seed));
        /* RF cc body: body RF cc -> digits, R 27, F 15 */
        unsigned check = (unsigned)rand_r(&seed) % 100;
        char digits[40], reference[40];
        snprintf(digits, sizeof digits, "%s2715%02u", body, check);
        snprintf(reference, sizeof reference, "RF%02u%s", check, body);
        unsigned __int128 number = 0;
        for (const char *p = digits; *p; p++)
            number = number * 10 + (unsigned)(*p - '0');
        cr_assert_eq(holds(fl_reference_check_rf, reference), (unsigned)(number % 97) == 1, "%s",
                     reference);
    }
}
