/* The whole engine on the simulated disk: what the header of engine_walk.h claims.
 *
 * FLORIN_SEEDS=10000 for the long walk; FLORIN_SEED=n for that one alone, and other walks over the
 * crash points.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/engine_walk.h"
#include "tests/support/wal_fixture.h"

#ifdef __SANITIZE_ADDRESS__ /* ten times slower: every crash point, fewer images of each */
#define IMAGES_MOST 3
#define SEEDS       60
#else
#define IMAGES_MOST 0
#define SEEDS       300
#endif

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *given = getenv(name);
    return given ? strtoull(given, NULL, 10) : otherwise;
}

/* In memory: whether checkpoints themselves survive is not asked here. */
static void checkpoint_folder(char out[256])
{
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    fl_temp_dir_make(out);
}

static void say(const char *what, const struct fl_engine_tally *t)
{
    fprintf(stderr,
            "%s: %" PRIu64 " crash points, %" PRIu64 " images (%" PRIu64 " seen before), %" PRIu64
            " cut, %" PRIu64 " beyond the answers, %" PRIu64 " duplicates, %" PRIu64
            " from a checkpoint, %" PRIu64 " segments archived, %" PRIu64 " refused, %" PRIu64
            " last blocks rotten, %" PRIu64 " times full, %" PRIu64 " runs ended by a failure\n",
            what, t->crashes, t->images, t->seen, t->cuts, t->recovered_more, t->duplicates,
            t->from_checkpoint, t->archived, t->refused, t->rot, t->no_space, t->failed);
}

Test(engine_crash, every_crash_point_and_image_gives_the_models_state_of_a_prefix, .timeout = 600)
{
    struct fl_engine_script script;
    fl_engine_script_make(&script);
    struct fl_engine_walk walk = {.script = &script, .images_most = IMAGES_MOST};
    const uint64_t seed = number("FLORIN_SEED", 20250331);
    fprintf(stderr, "every crash point: seed %" PRIu64 "\n", seed);
    const char *complaint = fl_engine_walk_crashes(&walk, seed);
    say("every crash point", &walk.tally);
    cr_assert_null(complaint, "%s", complaint);
    cr_assert_gt(walk.tally.crashes, 300);
    fl_engine_script_free(&script);
}

/* The log's tail is crashed while checkpoints stand for what is before it; what both cover leaves
 * for the archive. */
Test(engine_crash, a_checkpoint_and_what_a_crash_leaves_of_the_log_behind_it, .timeout = 600)
{
    char folder[256];
    struct fl_engine_script script;
    fl_engine_script_make(&script);
    checkpoint_folder(folder);
    bool is_long = number("FLORIN_SEEDS", 0) >= 10000;
    struct fl_engine_walk walk = {
        .script = &script, .checkpoints = folder, .images_most = is_long ? 0 : 2, .window = 16};
    const uint64_t seed = number("FLORIN_SEED", 20250401);
    fprintf(stderr, "checkpoints: seed %" PRIu64 "\n", seed);
    const char *complaint = fl_engine_walk_crashes(&walk, seed);
    say("checkpoints", &walk.tally);
    cr_assert_null(complaint, "%s", complaint);
    cr_assert_gt(walk.tally.from_checkpoint, walk.tally.crashes / 2);
    cr_assert_gt(walk.tally.archived, 0);
    fl_temp_dir_remove(folder);
    fl_engine_script_free(&script);
}

static void walk_seeds(struct fl_engine_walk *walk, const char *what, uint64_t most)
{
    uint64_t from = number("FLORIN_SEED", 1);
    uint64_t count = getenv("FLORIN_SEED") ? 1 : number("FLORIN_SEEDS", most);
    for (uint64_t seed = from; seed < from + count; seed++) {
        const char *complaint = fl_engine_walk_seed(walk, seed);
        cr_assert_null(complaint, "FLORIN_SEED=%" PRIu64 ": %s", seed, complaint);
    }
    fprintf(stderr, "%s %" PRIu64 " to %" PRIu64 "\n", what, from, from + count - 1);
    say(what, &walk->tally);
    if (count < 300)
        return;
    cr_assert_gt(walk->tally.refused, count / 50);
    cr_assert_gt(walk->tally.no_space, count / 50);
    cr_assert_gt(walk->tally.failed, count / 50);
    cr_assert_gt(walk->tally.rot, 0);
}

Test(engine_crash, faults_from_a_seed_never_lose_what_was_answered, .timeout = 7200)
{
    struct fl_engine_script script;
    fl_engine_script_make(&script);
    struct fl_engine_walk walk = {.script = &script};
    walk_seeds(&walk, "seeds", SEEDS);
    fl_engine_script_free(&script);
}

Test(engine_crash, faults_from_a_seed_beside_checkpoints, .timeout = 7200)
{
    char folder[256];
    struct fl_engine_script script;
    fl_engine_script_make(&script);
    checkpoint_folder(folder);
    struct fl_engine_walk walk = {.script = &script, .checkpoints = folder};
    walk_seeds(&walk, "seeds with checkpoints", SEEDS / 4);
    cr_assert(getenv("FLORIN_SEED") || walk.tally.from_checkpoint > SEEDS / 20);
    fl_temp_dir_remove(folder);
    fl_engine_script_free(&script);
}

Test(engine_crash, a_device_that_lies_about_every_sync_is_noticed)
{
    struct fl_engine_script script;
    fl_engine_script_make(&script);
    struct fl_engine_walk walk = {.script = &script};
    cr_assert_not_null(fl_engine_walk_liar(&walk, 7));
    fl_engine_script_free(&script);
}
