#include "core/base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the sequence that begins with `first`, and the range its second byte must lie in; 0 invalid. */
static unsigned sequence(uint8_t first, uint8_t *low, uint8_t *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF) {
        if (first == 0xE0)
            *low = 0xA0;
        if (first == 0xED)
            *high = 0x9F;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (first == 0xF0)
            *low = 0x90;
        if (first == 0xF4)
            *high = 0x8F;
        return 4;
    }
    return 0;
}

bool fl_utf8_is_valid(const char *text, size_t length)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t at = 0;
    while (at < length) {
        uint64_t word;
        if (at + 8 <= length) {
            memcpy(&word, bytes + at, 8);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                at += 8;
                continue;
            }
        }
        if (bytes[at] < 0x80) {
            at++;
            continue;
        }
        uint8_t low, high;
        unsigned n = sequence(bytes[at], &low, &high);
        if (n == 0 || at + n > length || bytes[at + 1] < low || bytes[at + 1] > high)
            return false;
        for (unsigned i = 2; i < n; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80)
                return false;
        }
        at += n;
    }
    return true;
}
