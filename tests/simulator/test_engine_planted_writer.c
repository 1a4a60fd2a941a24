/* The simulator itself on trial: wal_writer.c is built here a second time, with faults in it, which
 * takes the place of the library's, and the walk of the whole engine must complain. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "storage/planted_fault.h"

static enum fl_planted_fault planted;
#undef FL_PLANTED
#define FL_PLANTED(fault) (planted == (fault))

#include "storage/wal_writer.c"
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

Test(engine_planted_writer, an_acknowledgement_before_the_sync_is_caught, .timeout = 300)
{
    must_be_caught_by(FL_PLANT_DURABLE_AT_SUBMISSION, fl_engine_walk_crashes, 1);
}

Test(engine_planted_writer, a_byte_that_a_record_loses_is_caught, .timeout = 300)
{
    must_be_caught_by(FL_PLANT_BYTE_DROPPED, fl_engine_walk_crashes, 1);
}

Test(engine_planted_writer, a_block_that_does_not_name_the_one_before_it_is_caught, .timeout = 300)
{
    must_be_caught_by(FL_PLANT_CHAIN_SKIPPED, fl_engine_walk_crashes, 1);
}

Test(engine_planted_writer, a_block_that_proves_nothing_is_caught, .timeout = 300)
{
    must_be_caught_by(FL_PLANT_DURABLE_UNTOLD, fl_engine_walk_seed, 300);
}
