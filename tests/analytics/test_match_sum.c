/* Sums of few of many, against every subset tried one by one. */
#include <criterion/criterion.h>
#include <string.h>

#include "analytics/match_sum.h"
#include "tests/support/random.h"

/* Every set of 2 to `most` of n, by its bits. */
static uint32_t naive(const int64_t *amounts, uint32_t n, uint32_t most, int64_t target,
                      uint64_t *looked, uint32_t *first)
{
    uint32_t found = 0;
    *looked = 0;
    for (uint32_t set = 1; set < UINT32_C(1) << n; set++) {
        uint32_t size = (uint32_t)__builtin_popcount(set);
        int64_t sum = 0;
        if (size < 2 || size > most)
            continue;
        (*looked)++;
        for (uint32_t i = 0; i < n; i++)
            sum += set >> i & 1 ? amounts[i] : 0;
        if (sum == target && found++ == 0)
            *first = set;
    }
    return found;
}

static uint32_t bits_of(const struct fl_match_sum *sum)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < sum->count; i++)
        bits |= UINT32_C(1) << sum->places[i];
    return bits;
}

Test(match_sum, finds_what_trying_all_finds)
{
    struct fl_match_sum_workspace *w = fl_match_sum_open();
    struct fl_random random = fl_random_start("match_sum");
    unsigned met[3] = {0};
    for (unsigned round = 0; round < 4000; round++) {
        int64_t amounts[14];
        uint32_t n = 1 + (uint32_t)fl_random_below(&random, 14), first = 0;
        uint32_t most = 2 + (uint32_t)fl_random_below(&random, 5);
        uint64_t looked;
        int64_t target = 0;
        for (uint32_t i = 0; i < n; i++) {
            amounts[i] = 1 + (int64_t)fl_random_below(&random, round % 3 ? 2000 : 40);
            if (fl_random_below(&random, 5) == 0)
                amounts[i] = -amounts[i];
        }
        for (uint32_t i = 0; i < 3; i++)
            target += amounts[fl_random_below(&random, n)];
        struct fl_match_sum sum;
        fl_match_sum_find(w, amounts, n, most, target, &sum);
        uint32_t found = naive(amounts, n, most, target, &looked, &first);
        cr_assert_eq(sum.found, found > 2 ? 2 : found, "round %u: %u of %u", round, sum.found,
                     found);
        cr_assert_eq(sum.looked, looked, "round %u", round);
        if (found == 1)
            cr_assert_eq(bits_of(&sum), first, "round %u", round);
        met[sum.found]++;
    }
    cr_assert(met[0] > 100 && met[1] > 100 && met[2] > 100, "all three outcomes were met");
    fl_match_sum_close(w);
}

Test(match_sum, sixty_amounts_and_a_planted_set_of_six)
{
    struct fl_match_sum_workspace *w = fl_match_sum_open();
    int64_t amounts[60], target = 0;
    struct fl_match_sum sum;
    /* Far apart, so that no other set can come to it. */
    for (uint32_t i = 0; i < 60; i++)
        amounts[i] = i < 55 ? (int64_t)(i + 1) * 1000000 : (INT64_C(1) << (i - 50)) + 17;
    for (uint32_t i = 54; i < 60; i++)
        target += amounts[i];
    fl_match_sum_find(w, amounts, 60, 6, target, &sum);
    cr_assert_geq(sum.found, 1);
    cr_assert_eq(sum.looked, 56048997u);
    fl_match_sum_close(w);
}

Test(match_sum, lambda_is_sets_over_spread_rounded_up)
{
    struct fl_match_sum sum = {.looked = 3, .spread_minor = 1000000};
    cr_assert_eq(fl_match_sum_lambda_e6(&sum), 3);
    sum = (struct fl_match_sum){.looked = 10, .spread_minor = 3};
    cr_assert_eq(fl_match_sum_lambda_e6(&sum), 3333334);
}
