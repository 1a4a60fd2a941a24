#include <criterion/criterion.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "storage/park.h"

#define WAITERS    4
#define ROUNDS     5000u
#define FOREVER_NS UINT64_C(20000000000) /* a lost wake-up is seen as twenty seconds of nothing */

/* Work is a counter: the waker raises it, the sleeper follows it and answers. Nobody spins, so
 * every round has to get through a park. */
struct desk {
    struct fl_park sleeper, waker;
    _Atomic uint32_t work, answer;
    uint32_t timeouts;
    pthread_t thread;
};

/* The full protocol: announce, look again, wait or cancel. True if it had to be the timeout. */
static bool wait_for(struct fl_park *park, _Atomic uint32_t *value, uint32_t wanted)
{
    struct timespec from, to;
    while (atomic_load_explicit(value, memory_order_acquire) != wanted) {
        fl_park_announce(park);
        if (atomic_load_explicit(value, memory_order_acquire) == wanted) {
            fl_park_cancel(park);
            return false;
        }
        clock_gettime(CLOCK_MONOTONIC, &from);
        fl_park_wait(park, FOREVER_NS);
        clock_gettime(CLOCK_MONOTONIC, &to);
        if (to.tv_sec - from.tv_sec >= 15)
            return true;
    }
    return false;
}

static void *sleeper(void *argument)
{
    struct desk *desk = argument;
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        desk->timeouts += wait_for(&desk->sleeper, &desk->work, round);
        atomic_store_explicit(&desk->answer, round, memory_order_release);
        fl_park_wake(&desk->waker);
    }
    return NULL;
}

static void *waker(void *argument)
{
    struct desk *desk = argument;
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        atomic_store_explicit(&desk->work, round, memory_order_release);
        fl_park_wake(&desk->sleeper);
        desk->timeouts += wait_for(&desk->waker, &desk->answer, round);
    }
    return NULL;
}

Test(park, no_wake_up_is_lost_between_more_threads_than_cores)
{
    static struct desk desks[WAITERS];
    pthread_t wakers[WAITERS];
    uint64_t parks = 0;
    for (unsigned i = 0; i < WAITERS; i++) {
        pthread_create(&desks[i].thread, NULL, sleeper, &desks[i]);
        pthread_create(&wakers[i], NULL, waker, &desks[i]);
    }
    for (unsigned i = 0; i < WAITERS; i++) {
        pthread_join(desks[i].thread, NULL);
        pthread_join(wakers[i], NULL);
        cr_assert_eq(desks[i].timeouts, 0, "slept through a wake-up");
        parks += desks[i].sleeper.parks + desks[i].waker.parks;
    }
    cr_assert_gt(parks, 0, "nobody slept: the test tests nothing");
}

Test(park, while_nobody_sleeps_a_wake_is_no_system_call)
{
    struct fl_park park = {0};
    for (unsigned i = 0; i < 1000; i++)
        fl_park_wake(&park);
    cr_assert_eq(park.wakes, 0);
    fl_park_announce(&park);
    fl_park_cancel(&park);
    fl_park_wake(&park);
    cr_assert_eq(park.wakes, 0);
    fl_park_announce(&park);
    fl_park_wake(&park);
    fl_park_wake(&park);
    cr_assert_eq(park.wakes, 1, "one sleeper is woken once");
    fl_park_wait(&park, FOREVER_NS); /* already woken: comes back at once */
    cr_assert_eq(park.parks, 1);
}
