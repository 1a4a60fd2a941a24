/* The simulator itself on trial: wal_writer.c is built here a second time, with faults in it, which
 * takes the place of the library's, and the walk of the whole engine must complain. */
#include <criterion/criterion.h>

#include "storage/planted_fault.h"

static enum fl_planted_fault planted;
#undef FL_PLANTED
#define FL_PLANTED(fault) (planted == (fault))

#include "storage/wal_writer.c"
#include "tests/support/engine_walk.h"

Test(engine_planted_writer, an_acknowledgement_before_the_sync_is_caught)
{
    planted = FL_PLANT_DURABLE_AT_SUBMISSION;
    fl_engine_walk_must_complain(fl_engine_walk_crashes, 1);
}

Test(engine_planted_writer, a_byte_that_a_record_loses_is_caught)
{
    planted = FL_PLANT_BYTE_DROPPED;
    fl_engine_walk_must_complain(fl_engine_walk_crashes, 1);
}

Test(engine_planted_writer, a_block_that_does_not_name_the_one_before_it_is_caught)
{
    planted = FL_PLANT_CHAIN_SKIPPED;
    fl_engine_walk_must_complain(fl_engine_walk_crashes, 1);
}

Test(engine_planted_writer, a_block_that_proves_nothing_is_caught)
{
    planted = FL_PLANT_DURABLE_UNTOLD;
    fl_engine_walk_must_complain(fl_engine_walk_seed, 300);
}
