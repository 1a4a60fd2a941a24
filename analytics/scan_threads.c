#include "analytics/scan_threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/base/contract.h"

#define WINDOWS_A_TAKE   8u
#define WINDOWS_A_THREAD 32u /* fewer are not worth a thread */

struct shared {
    const struct fl_scan_work *work;
    _Atomic uint32_t next;
};

struct worker {
    struct shared *shared;
    unsigned number;
    pthread_t thread;
};

unsigned fl_scan_threads(uint32_t windows)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = windows / WINDOWS_A_THREAD;
    if (processors > 0 && threads > (unsigned long)processors)
        threads = (unsigned)processors;
    if (threads > FL_SCAN_THREADS_MAX)
        threads = FL_SCAN_THREADS_MAX;
    return threads > 0 ? threads : 1;
}

static void *worker_main(void *context)
{
    const struct worker *worker = context;
    const struct fl_scan_work *work = worker->shared->work;
    uint32_t take = work->take ? work->take : WINDOWS_A_TAKE;
    for (;;) {
        /* relaxed: what the steps write is read after the join */
        uint32_t from =
            atomic_fetch_add_explicit(&worker->shared->next, take, memory_order_relaxed);
        if (from >= work->windows)
            return NULL;
        uint32_t left = work->windows - from;
        work->step(work->context, worker->number, from, from + (left < take ? left : take));
    }
}

void fl_scan_run(const struct fl_scan_work *work, unsigned threads)
{
    struct worker workers[FL_SCAN_THREADS_MAX];
    struct shared shared = {.work = work};
    unsigned started = 1;
    FL_ASSERT(threads >= 1 && threads <= FL_SCAN_THREADS_MAX);
    FL_ASSERT(work->take <= WINDOWS_A_TAKE);
    FL_ASSERT(work->windows < UINT32_MAX - WINDOWS_A_TAKE * (FL_SCAN_THREADS_MAX + 1));
    for (unsigned i = 0; i < threads; i++)
        workers[i] = (struct worker){.shared = &shared, .number = i};
    while (started < threads &&
           pthread_create(&workers[started].thread, NULL, worker_main, &workers[started]) == 0)
        started++;
    (void)worker_main(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
}
