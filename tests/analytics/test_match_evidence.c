/* Damaged numbers: what a hand can do to one is met, and what is further away is not; against edits tried one by one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analytics/match_evidence.h"
#include "tests/support/random.h"

static unsigned points(const char *t, const char *d)
{
    bool whole;
    return fl_match_damage_points(t, (uint32_t)strlen(t), d, (uint32_t)strlen(d), 0, &whole);
}

static void without_zeros(const char *text, char *out)
{
    while (*text == '0' && text[1] != '\0')
        text++;
    strcpy(out, text);
}

/* All texts that one change makes of `d`: is `t` one of them? */
static bool one_change(const char *t, const char *d)
{
    size_t n = strlen(d);
    char made[40];
    for (size_t i = 0; i <= n; i++) {
        for (char c = '0'; c <= '9'; c++) {
            memcpy(made, d, i);
            made[i] = c;
            strcpy(made + i + 1, d + i); /* one too much */
            if (strcmp(made, t) == 0)
                return true;
            strcpy(made, d);
            if (i < n) {
                made[i] = c; /* one wrong */
                if (strcmp(made, t) == 0)
                    return true;
            }
        }
        if (i < n) {
            memcpy(made, d, i);
            strcpy(made + i, d + i + 1); /* one missing */
            if (strcmp(made, t) == 0)
                return true;
        }
        if (i + 1 < n) {
            strcpy(made, d);
            made[i] = d[i + 1];
            made[i + 1] = d[i];
            if (strcmp(made, t) == 0)
                return true;
        }
    }
    return false;
}

static bool naive(const char *t, const char *d)
{
    size_t n = strlen(t), m = strlen(d);
    char a[40], b[40];
    without_zeros(t, a);
    without_zeros(d, b);
    if (strcmp(t, d) == 0 || strcmp(a, b) == 0)
        return true;
    if (n < m && n >= 3 && strcmp(t, d + m - n) == 0)
        return true;
    size_t shorter = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
    bool piece = strlen(a) == strlen(b) + 1 && strncmp(a, b, strlen(b)) == 0; /* of a longer number */
    return (n == m && n >= 3 && one_change(t, d)) || (shorter >= 3 && !piece && one_change(a, b));
}

Test(match_evidence, v2_damage_is_one_change_or_what_was_left_out)
{
    struct fl_random random = fl_random_start("match_damage");
    unsigned near = 0;
    for (unsigned round = 0; round < 60000; round++) {
        char d[16], t[24];
        snprintf(d, sizeof d, "%06u", (unsigned)fl_random_below(&random, 20000));
        snprintf(t, sizeof t, "%0*u", 3 + (int)fl_random_below(&random, 5),
                 (unsigned)fl_random_below(&random, 20000));
        if (round % 3 > 0) { /* mostly something near */
            strcpy(t, d + (round % 3 == 2 ? fl_random_below(&random, 4) : 0));
            size_t at = fl_random_below(&random, strlen(t));
            if (round % 2)
                t[at] = (char)('0' + fl_random_below(&random, 10));
            else if (at + 1 < strlen(t)) {
                char kept = t[at];
                t[at] = t[at + 1];
                t[at + 1] = kept;
            }
        }
        bool met = points(t, d) > 0;
        cr_assert_eq(met, naive(t, d), "%s read as %s: %u points", t, d, points(t, d));
        near += met;
    }
    cr_assert_gt(near, 10000);
}

Test(match_evidence, v2_fewer_digits_fewer_points)
{
    cr_assert_gt(points("015499", "015499"), points("015498", "015499"));
    cr_assert_gt(points("015498", "015499"), points("499", "015499"));
    cr_assert_geq(points("5499", "015499"), points("499", "015499"));
    cr_assert_eq(points("99", "015499"), 0, "two digits name nothing");
    cr_assert_eq(points("015489", "016499"), 0, "two are wrong");
}
