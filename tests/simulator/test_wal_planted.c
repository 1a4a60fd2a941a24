/* The simulator itself on trial: the writer is built here a second time with a fault in it, which
 * takes the place of the library's, and the walk of the log alone must complain. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "storage/planted_fault.h"

#undef FL_PLANTED
#define FL_PLANTED(fault) ((fault) == FL_PLANT_DURABLE_AT_SUBMISSION)

#include "storage/wal_writer.c"
#include "tests/support/wal_walk.h"

Test(wal_planted, an_acknowledgement_before_the_sync_is_caught)
{
    struct fl_wal_tally tally = {.crashes = 0};
    const char *complaint = fl_wal_walk_crashes(20250331, 220, &tally);
    cr_assert_not_null(complaint, "the simulator is blind");
    fprintf(stderr, "planted fault caught: %s\n", complaint);
}
