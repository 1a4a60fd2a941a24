/* The simulator itself on trial: pipeline.c is built here a second time, with faults in it, which
 * takes the place of the library's, and the walk of the whole engine must complain. */
#include <criterion/criterion.h>

#include "storage/planted_fault.h"

static enum fl_planted_fault planted;
#undef FL_PLANTED
#define FL_PLANTED(fault) (planted == (fault))

#include "storage/pipeline.c"
#include "tests/support/engine_walk.h"

Test(engine_planted_pipeline, an_answer_before_the_sync_is_caught)
{
    planted = FL_PLANT_ANSWER_AT_ONCE;
    fl_engine_walk_must_complain(fl_engine_walk_crashes, 1);
}

Test(engine_planted_pipeline, a_refusal_before_the_sync_of_what_it_was_decided_on_is_caught)
{
    planted = FL_PLANT_REFUSAL_AT_ONCE;
    fl_engine_walk_must_complain(fl_engine_walk_crashes, 1);
}
