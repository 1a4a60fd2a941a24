/* bytes.h - equality and copies of short byte strings, in line.
 *
 * Ids are compared and copied several times a command and are nearly always 8 to 32 bytes long: two loads
 * from each end, overlapping, do what a library call does in a third of its instructions. Nothing outside
 * [0, n) is read or written.
 */
#ifndef FLORIN_CORE_BASE_BYTES_H
#define FLORIN_CORE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t fl_load_u64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint32_t fl_load_u32(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline bool fl_bytes_equal(const char *a, const char *b, size_t n)
{
    if (n > 32)
        return memcmp(a, b, n) == 0;
    if (n >= 8) {
        uint64_t differ = (fl_load_u64(a) ^ fl_load_u64(b)) |
                          (fl_load_u64(a + n - 8) ^ fl_load_u64(b + n - 8));
        if (n > 16)
            differ |= (fl_load_u64(a + 8) ^ fl_load_u64(b + 8)) |
                      (fl_load_u64(a + n - 16) ^ fl_load_u64(b + n - 16));
        return differ == 0;
    }
    if (n >= 4)
        return ((fl_load_u32(a) ^ fl_load_u32(b)) |
                (fl_load_u32(a + n - 4) ^ fl_load_u32(b + n - 4))) == 0;
    for (size_t i = 0; i < n; i++) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

static inline void fl_bytes_copy(char *restrict out, const char *restrict from, size_t n)
{
    if (n > 32) {
        memcpy(out, from, n);
    } else if (n >= 16) {
        memcpy(out, from, 16);
        memcpy(out + n - 16, from + n - 16, 16);
    } else if (n >= 8) {
        memcpy(out, from, 8);
        memcpy(out + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
        memcpy(out, from, 4);
        memcpy(out + n - 4, from + n - 4, 4);
    } else {
        for (size_t i = 0; i < n; i++)
            out[i] = from[i];
    }
}

#endif
