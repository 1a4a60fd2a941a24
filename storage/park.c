#include "storage/park.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void fl_park_announce(struct fl_park *park)
{
    atomic_store_explicit(&park->asleep, 1, memory_order_seq_cst);
    atomic_thread_fence(memory_order_seq_cst);
}

void fl_park_cancel(struct fl_park *park)
{
    atomic_store_explicit(&park->asleep, 0, memory_order_relaxed);
}

void fl_park_wait(struct fl_park *park, uint64_t ns)
{
    struct timespec timeout = {.tv_sec = (time_t)(ns / 1000000000u),
                               .tv_nsec = (long)(ns % 1000000000u)};
    atomic_fetch_add_explicit(&park->parks, 1, memory_order_relaxed);
    syscall(SYS_futex, &park->asleep, FUTEX_WAIT_PRIVATE, 1, &timeout, NULL, 0);
    atomic_store_explicit(&park->asleep, 0, memory_order_relaxed);
}

void fl_park_wake(struct fl_park *park)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&park->asleep, memory_order_seq_cst) == 0)
        return;
    atomic_store_explicit(&park->asleep, 0, memory_order_seq_cst);
    atomic_fetch_add_explicit(&park->wakes, 1, memory_order_relaxed);
    syscall(SYS_futex, &park->asleep, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
