/* Groups of documents that are paid as one, against every stretch of days tried one by one. */
#include <criterion/criterion.h>

#include "analytics/match_group.h"
#include "core/base/date.h"
#include "tests/support/random.h"

#define MEMBERS_MAX 24
#define DAY         20100 /* 2025-01-12 */

static struct fl_match_member members[MEMBERS_MAX];

static uint64_t taken_by(const struct fl_match_group *group, unsigned n)
{
    uint64_t taken = 0;
    for (unsigned i = 0; i < n; i++)
        taken |= fl_match_group_has(group, &members[i]) ? UINT64_C(1) << i : 0;
    return taken;
}

static int64_t sum_of(uint64_t taken, unsigned n)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += taken >> i & 1 ? members[i].worth_minor : 0;
    return sum;
}

static unsigned add(uint64_t *sets, unsigned count, uint64_t set, unsigned n, int64_t target)
{
    if (__builtin_popcountll(set) < 2 || sum_of(set, n) != target)
        return count;
    for (unsigned i = 0; i < count; i++) {
        if (sets[i] == set)
            return count;
    }
    sets[count] = set;
    return count + 1;
}

static bool same_month(uint16_t a, uint16_t b)
{
    struct fl_civil x = fl_date_to_civil(a), y = fl_date_to_civil(b);
    return x.year == y.year && x.month == y.month;
}

/* Every group that the header names, said once more, member by member. */
static unsigned model(unsigned n, int64_t target, uint64_t *sets)
{
    uint64_t all = 0, past = 0, by_day = 0;
    unsigned count = 0;
    for (unsigned i = 0; i < n; i++) {
        all |= UINT64_C(1) << i;
        past |= members[i].due_date < DAY ? UINT64_C(1) << i : 0;
        by_day |= members[i].due_date <= DAY ? UINT64_C(1) << i : 0;
    }
    count = add(sets, count, all, n, target);
    count = add(sets, count, past, n, target);
    count = add(sets, count, by_day, n, target);
    for (unsigned i = 0; i < n; i++) {
        uint64_t term = 0, month = 0, until = 0;
        for (unsigned j = 0; j < n; j++) {
            bool in_month = same_month(members[i].date, members[j].date);
            term |= members[j].due_date == members[i].due_date ? UINT64_C(1) << j : 0;
            month |= in_month ? UINT64_C(1) << j : 0;
            until |= in_month || members[j].date < members[i].date ? UINT64_C(1) << j : 0;
        }
        count = add(sets, count, term, n, target);
        count = add(sets, count, month, n, target);
        count = add(sets, count, until, n, target);
    }
    return count;
}

Test(match_group, every_group_that_comes_to_the_amount_and_no_other)
{
    struct fl_random random = fl_random_start("match_group");
    for (unsigned round = 0; round < 4000; round++) {
        unsigned n = 1 + (unsigned)fl_random_below(&random, MEMBERS_MAX);
        uint64_t wanted[3 * MEMBERS_MAX + 3], got[64];
        struct fl_match_group groups[64];
        for (unsigned i = 0; i < n; i++) {
            int64_t worth = 1 + (int64_t)fl_random_below(&random, 6);
            uint16_t date = (uint16_t)(DAY - 100 + fl_random_below(&random, 100));
            members[i] =
                (struct fl_match_member){fl_random_below(&random, 6) == 0 ? -worth : worth, date,
                                         (uint16_t)(date + 15 * fl_random_below(&random, 4))};
        }
        int64_t target = 1 + (int64_t)fl_random_below(&random, 30);
        unsigned expected = model(n, target, wanted), different = 0;
        uint32_t found = fl_match_groups(members, n, target, DAY, groups, 64);
        cr_assert_leq(found, 64);
        for (uint32_t i = 0; i < found; i++) {
            uint64_t set = taken_by(&groups[i], n);
            cr_assert_eq((unsigned)__builtin_popcountll(set), groups[i].count);
            different = add(got, different, set, n, target);
        }
        cr_assert_eq(different, expected, "round %u: %u of %u", round, different, expected);
        for (unsigned i = 0; i < different; i++) {
            unsigned j = 0;
            while (j < expected && wanted[j] != got[i])
                j++;
            cr_assert_lt(j, expected, "round %u: a group that is none", round);
        }
    }
}
