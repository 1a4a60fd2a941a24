/* hash.h - the one door to xxHash (XXH3, 64 bits). */
#ifndef FLORIN_CORE_BASE_HASH_H
#define FLORIN_CORE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Durable uses (digest, checksums) pass a fixed seed; indexes pass a random one per process. */
uint64_t fl_hash64(const void *data, size_t bytes, uint64_t seed);

/* Mixes one integer key; for indexes keyed by numbers. */
static inline uint64_t fl_hash_u64(uint64_t x, uint64_t seed)
{
    x ^= seed;
    x *= 0x9E3779B97F4A7C15u;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    x ^= x >> 32;
    return x;
}

#endif
