#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/wal_walk.h"

#ifdef __SANITIZE_ADDRESS__ /* ten times slower */
#define APPENDS 210
#else
#define APPENDS 600
#endif

static void say(const char *what, const struct fl_wal_tally *tally)
{
    fprintf(
        stderr,
        "%s: %llu crash points, %llu images, %llu cut, %llu beyond the acknowledged, %llu refused, "
        "%llu last blocks rotten, %llu times full, %llu runs ended by a failed write\n",
        what, (unsigned long long)tally->crashes, (unsigned long long)tally->images,
        (unsigned long long)tally->cuts, (unsigned long long)tally->recovered_more,
        (unsigned long long)tally->refused, (unsigned long long)tally->rot,
        (unsigned long long)tally->no_space, (unsigned long long)tally->failed);
}

Test(wal_crashes, every_crash_point_and_image_keeps_what_was_acknowledged)
{
    struct fl_wal_tally tally = {.crashes = 0};
    const char *complaint = fl_wal_walk_crashes(20250331, APPENDS, &tally);
    cr_assert_null(complaint, "%s", complaint);
    say("every crash point", &tally);
    /* The walk saw what it is for. */
    cr_assert_gt(tally.crashes, APPENDS / 2);
    cr_assert_gt(tally.cuts, APPENDS / 2);
    cr_assert_gt(tally.recovered_more, 100);
}

/* FLORIN_SEEDS=10000 for the long walk, FLORIN_SEED=n for one alone. */
Test(wal_crashes, faults_from_a_seed_never_lose_what_was_acknowledged)
{
    const char *many = getenv("FLORIN_SEEDS"), *one = getenv("FLORIN_SEED");
    uint64_t from = one ? strtoull(one, NULL, 10) : 1;
    uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : 500;
    struct fl_wal_tally tally = {.crashes = 0};
    for (uint64_t seed = from; seed < from + count; seed++) {
        const char *complaint = fl_wal_walk_seed(seed, &tally);
        cr_assert_null(complaint, "FLORIN_SEED=%llu: %s", (unsigned long long)seed, complaint);
    }
    say("seeds", &tally);
    if (count < 500)
        return;
    cr_assert_gt(tally.refused, count / 50);
    cr_assert_gt(tally.no_space, count / 50);
    cr_assert_gt(tally.failed, count / 50);
    cr_assert_gt(tally.rot, 0);
}

Test(wal_crashes, a_device_that_lies_about_every_sync_is_noticed)
{
    cr_assert_not_null(fl_wal_walk_liar(7));
}
