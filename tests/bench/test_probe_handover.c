#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <sched.h>

#include "bench/probe_handover.h"

Test(probe_handover, takes_some_time_and_gives_the_cores_back)
{
    cpu_set_t before, after;
    cr_assert_eq(sched_getaffinity(0, sizeof before, &before), 0);
    double seconds = fl_probe_handover();
    cr_assert_eq(sched_getaffinity(0, sizeof after, &after), 0);
    cr_assert(CPU_EQUAL(&before, &after));
    if (CPU_COUNT(&before) > 1)
        cr_assert(seconds > 1e-9 && seconds < 1, "%g s", seconds);
    else
        cr_assert_eq(seconds, 0);
}

Test(probe_handover, one_core_alone_has_none)
{
    cpu_set_t one;
    cr_assert_eq(sched_getaffinity(0, sizeof one, &one), 0);
    int first = 0;
    while (!CPU_ISSET(first, &one))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
    cr_assert_eq(fl_probe_handover(), 0);
}
