#include "core/base/utf8.h"

#include <stdint.h>
#include <string.h>

static size_t ascii_prefix(const char *text, size_t length)
{
    size_t at = 0;
    for (; at + 8 <= length; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, sizeof word);
        word &= UINT64_C(0x8080808080808080);
        if (word != 0)
            return at + (size_t)__builtin_ctzll(word) / 8; /* little-endian, as all of florin */
    }
    while (at < length && (unsigned char)text[at] < 0x80)
        at++;
    return at;
}

bool fl_ascii_is(const char *text, size_t length)
{
    return ascii_prefix(text, length) == length;
}

/* What the lead byte promises: bytes in all (0: not a lead byte) and the range of the second one,
 * which is where overlong forms, surrogates and what lies above U+10FFFF are told apart. */
static size_t sequence_shape(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    if (lead < 0xE0)
        return 2;
    if (lead < 0xF0) {
        if (lead == 0xE0)
            *low = 0xA0;
        if (lead == 0xED)
            *high = 0x9F;
        return 3;
    }
    if (lead == 0xF0)
        *low = 0x90;
    if (lead == 0xF4)
        *high = 0x8F;
    return 4;
}

/* Bytes of `text` that agree with one sequence; `*whole` tells whether it is complete. */
static size_t sequence_match(const char *text, size_t length, bool *whole)
{
    unsigned char low, high;
    size_t wanted = sequence_shape((unsigned char)text[0], &low, &high);
    *whole = false;
    if (wanted == 0)
        return 0;
    size_t at = 1;
    for (; at < wanted && at < length; at++) {
        unsigned char c = (unsigned char)text[at];
        if (c < (at == 1 ? low : 0x80) || c > (at == 1 ? high : 0xBF))
            return at;
    }
    *whole = at == wanted;
    return at;
}

size_t fl_utf8_valid_prefix(const char *text, size_t length)
{
    size_t at = 0;
    if (length == 0)
        return 0; /* an empty slice may have no address */
    for (;;) {
        at += ascii_prefix(text + at, length - at);
        if (at == length)
            return at;
        bool whole;
        size_t matched = sequence_match(text + at, length - at, &whole);
        if (!whole)
            return at;
        at += matched;
    }
}

bool fl_utf8_is_valid(const char *text, size_t length)
{
    return fl_utf8_valid_prefix(text, length) == length;
}

bool fl_utf8_is_cut(const char *text, size_t length)
{
    if (length == 0 || length > 3)
        return false;
    bool whole;
    return sequence_match(text, length, &whole) == length && !whole;
}
