/* The simulator itself on trial: disk.c is built here a second time, with faults in it, which
 * takes the place of the library's, and the walk of the whole engine must complain. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "storage/planted_fault.h"

static enum fl_planted_fault planted;
#undef FL_PLANTED
#define FL_PLANTED(fault) (planted == (fault))

#include "storage/disk.c"
#include "tests/support/engine_walk.h"

static void must_be_caught_by(enum fl_planted_fault fault,
                              const char *(*walk_it)(struct fl_engine_walk *walk, uint64_t seed),
                              uint64_t seeds)
{
    struct fl_engine_script script;
    fl_engine_script_make(&script);
    struct fl_engine_walk walk = {.script = &script};
    const char *complaint = NULL;
    planted = fault;
    for (uint64_t seed = 1; seed <= seeds && !complaint; seed++)
        complaint = walk_it(&walk, seed);
    cr_assert_not_null(complaint, "the simulator is blind");
    fprintf(stderr, "planted fault caught: %s\n", complaint);
    fl_engine_script_free(&script);
}

Test(engine_planted_disk, a_page_cache_that_is_believed_after_a_failed_write_is_caught,
     .timeout = 300)
{
    must_be_caught_by(FL_PLANT_CACHE_BELIEVED, fl_engine_walk_seed, 1000);
}
