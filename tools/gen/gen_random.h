/* gen_random.h - the workload's own random numbers: integers only, the same on every machine.
 *
 * A stream is named by (seed, purpose, index), so a fact about order 17 can be made again at any
 * time without keeping it and without disturbing any other fact. The mixer is SplitMix64.
 *
 * Thread: a stream belongs to its holder.  Memory: 8 bytes.  Cost: about a nanosecond a number.
 */
#ifndef FLORIN_TOOLS_GEN_GEN_RANDOM_H
#define FLORIN_TOOLS_GEN_GEN_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct fl_gen_random {
    uint64_t state;
};

/* One letter a purpose, so that two facts about one index never share their numbers. */
enum fl_gen_purpose {
    FL_GEN_FOR_CUSTOMER = 'C',
    FL_GEN_FOR_PRODUCT = 'P',
    FL_GEN_FOR_ORDER = 'O',
    FL_GEN_FOR_TWIN = 'T',
    FL_GEN_FOR_DECK = 'D',
    FL_GEN_FOR_INVOICE = 'I',
    FL_GEN_FOR_PART = 'H',
    FL_GEN_FOR_PAYMENT = 'Y',
    FL_GEN_FOR_TEXT = 'X',
    FL_GEN_FOR_CREDIT = 'N',
    FL_GEN_FOR_NOT_OURS = 'Z',
};

static inline uint64_t fl_gen_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline struct fl_gen_random fl_gen_random_of(uint64_t seed, enum fl_gen_purpose purpose,
                                                    uint64_t index)
{
    uint64_t named = fl_gen_mix(seed + UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)purpose);
    return (struct fl_gen_random){fl_gen_mix(named + UINT64_C(0xd1342543de82ef95) * (index + 1))};
}

static inline uint64_t fl_gen_random_next(struct fl_gen_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    return fl_gen_mix(random->state);
}

/* 0 .. n - 1; n > 0. */
static inline uint32_t fl_gen_random_below(struct fl_gen_random *random, uint32_t n)
{
    return (uint32_t)(((fl_gen_random_next(random) >> 32) * n) >> 32);
}

static inline bool fl_gen_random_permille(struct fl_gen_random *random, uint32_t permille)
{
    return fl_gen_random_below(random, 1000) < permille;
}

/* 0 .. n - 1, the small ones more often: the k-th smallest share of 1/4 has half of all draws. */
static inline uint32_t fl_gen_random_skewed(struct fl_gen_random *random, uint32_t n)
{
    uint64_t u = fl_gen_random_next(random) >> 32;
    return (uint32_t)((((u * u) >> 32) * n) >> 32);
}

#endif
