/* The simulator itself on trial: disk.c is built here a second time, with faults in it, which
 * takes the place of the library's, and the walk of the whole engine must complain. */
#include <criterion/criterion.h>

#include "storage/planted_fault.h"

static enum fl_planted_fault planted;
#undef FL_PLANTED
#define FL_PLANTED(fault) (planted == (fault))

#include "storage/disk.c"
#include "tests/support/engine_walk.h"

Test(engine_planted_disk, a_page_cache_that_is_believed_after_a_failed_write_is_caught)
{
    planted = FL_PLANT_CACHE_BELIEVED;
    fl_engine_walk_must_complain(fl_engine_walk_seed, 1000);
}
