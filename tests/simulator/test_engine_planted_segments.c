/* The simulator itself on trial: wal_segments.c is built here a second time, with faults in it,
 * which takes the place of the library's, and the walk of the whole engine must complain. */
#include <criterion/criterion.h>

#include "storage/planted_fault.h"

static enum fl_planted_fault planted;
#undef FL_PLANTED
#define FL_PLANTED(fault) (planted == (fault))

#include "storage/wal_segments.c"
#include "tests/support/engine_walk.h"

Test(engine_planted_segments, zeros_that_are_not_on_the_device_are_caught)
{
    planted = FL_PLANT_ZEROS_UNSYNCED;
    fl_engine_walk_must_complain(fl_engine_walk_crashes, 1);
}

Test(engine_planted_segments, a_segment_whose_name_is_not_on_the_device_is_caught)
{
    planted = FL_PLANT_NAME_UNSYNCED;
    fl_engine_walk_must_complain(fl_engine_walk_crashes, 1);
}
