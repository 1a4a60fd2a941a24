/* random.h - numbers for tests, the same for the same seed, and the seed is printed.
 *
 * The default seed is fixed; FLORIN_SEED=n in the environment repeats another run, FLORIN_SEED=clock makes a new one.
 */
#ifndef FLORIN_TESTS_SUPPORT_RANDOM_H
#define FLORIN_TESTS_SUPPORT_RANDOM_H

#include <stdint.h>

struct fl_random {
    uint64_t state;
};

/* Prints "name: seed N". */
struct fl_random fl_random_start(const char *name);
/* For a further thread of the same run. */
struct fl_random fl_random_branch(struct fl_random *from);
uint64_t fl_random_next(struct fl_random *random);
/* 0 .. below - 1. */
uint64_t fl_random_below(struct fl_random *random, uint64_t below);

#endif
