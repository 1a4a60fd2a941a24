/* park.h - a thread with nothing to do sleeps until another wakes it, without losing a wake-up.
 *
 * The sleeper announces itself, looks once more whether there is work, and only then sleeps; the waker
 * publishes its work and then looks whether anybody announced. Both orders are sequentially consistent, so
 * one of the two sees the other (the store-load pair that weaker orders do not give). While nobody is
 * parked a wake is one load: no system call at full load.
 */
#ifndef FLORIN_STORAGE_PARK_H
#define FLORIN_STORAGE_PARK_H

#include <stdatomic.h>
#include <stdint.h>

struct fl_park {
    _Atomic uint32_t asleep; /* 1: announced */
    _Atomic uint64_t parks, wakes;
};

/* The sleeper's two steps: announce, look for work, then wait (at most `ns`) or cancel. */
void fl_park_announce(struct fl_park *park);
void fl_park_cancel(struct fl_park *park);
void fl_park_wait(struct fl_park *park, uint64_t ns);

/* After publishing work. */
void fl_park_wake(struct fl_park *park);

/* For spinning before parking. */
static inline void fl_park_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

#endif
