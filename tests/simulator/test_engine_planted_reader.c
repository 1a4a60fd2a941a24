/* The simulator itself on trial: wal_reader.c is built here a second time, with faults in it, which
 * takes the place of the library's, and the walk of the whole engine must complain. */
#include <criterion/criterion.h>

#include "storage/planted_fault.h"

static enum fl_planted_fault planted;
#undef FL_PLANTED
#define FL_PLANTED(fault) (planted == (fault))

#include "storage/wal_reader.c"
#include "tests/support/engine_walk.h"

Test(engine_planted_reader, answers_from_what_is_on_no_device_are_caught)
{
    planted = FL_PLANT_READ_UNSYNCED;
    fl_engine_walk_must_complain(fl_engine_walk_crashes, 1);
}

Test(engine_planted_reader, a_proof_that_is_not_heeded_is_caught)
{
    planted = FL_PLANT_PROOF_IGNORED;
    fl_engine_walk_must_complain(fl_engine_walk_seed, 300);
}
