#include <criterion/criterion.h>
#include <stdatomic.h>
#include <string.h>

#include "analytics/scan_threads.h"

#define WINDOWS 1003

static _Atomic int visits[WINDOWS];
static _Atomic unsigned worker_max, longest;

static void visit(void *context, unsigned worker, uint32_t from, uint32_t to)
{
    (void)context;
    for (uint32_t k = from; k < to; k++)
        atomic_fetch_add(&visits[k], 1);
    if (worker > atomic_load(&worker_max))
        atomic_store(&worker_max, worker);
    if (to - from > atomic_load(&longest))
        atomic_store(&longest, to - from);
}

Test(scan_threads, every_window_is_visited_once_by_whatever_number_of_threads)
{
    for (uint32_t windows = 0; windows <= WINDOWS; windows += windows < 40 ? 1 : 107) {
        for (unsigned threads = 1; threads <= 6; threads++) {
            for (uint32_t take = 0; take <= 8; take += 1 + take) {
                const struct fl_scan_work work = {.step = visit, .windows = windows, .take = take};
                memset(visits, 0, sizeof visits);
                atomic_store(&worker_max, 0);
                atomic_store(&longest, 0);
                fl_scan_run(&work, threads);
                for (uint32_t k = 0; k < WINDOWS; k++)
                    cr_assert_eq(visits[k], k < windows, "%u of %u by %u", k, windows, threads);
                cr_assert(worker_max < threads);
                cr_assert(longest <= (take ? take : 8));
            }
        }
    }
}

Test(scan_threads, few_windows_are_one_threads)
{
    cr_assert_eq(fl_scan_threads(0), 1);
    cr_assert_eq(fl_scan_threads(31), 1);
    cr_assert(fl_scan_threads(1000000) >= 1 && fl_scan_threads(1000000) <= FL_SCAN_THREADS_MAX);
}
