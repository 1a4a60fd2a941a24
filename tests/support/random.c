#include "tests/support/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The same walk every time, so that what a change breaks is the change's; FLORIN_SEED=clock for another walk. */
#define SEED_DEFAULT 20250331u

struct fl_random fl_random_start(const char *name)
{
    const char *given = getenv("FLORIN_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : SEED_DEFAULT;
    if (given && strcmp(given, "clock") == 0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        seed = (uint64_t)now.tv_sec * 1000000007u + (uint64_t)now.tv_nsec;
    }
    fprintf(stderr, "%s: seed %llu\n", name, (unsigned long long)seed);
    return (struct fl_random){.state = seed};
}

struct fl_random fl_random_branch(struct fl_random *from)
{
    return (struct fl_random){.state = fl_random_next(from)};
}

/* splitmix64 */
uint64_t fl_random_next(struct fl_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint64_t fl_random_below(struct fl_random *random, uint64_t below)
{
    return fl_random_next(random) % below;
}
