#include "core/domain/reference.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

#include "core/base/bytes.h"

/* What a byte becomes: upper case, itself, or 0: left out. Bytes above 127 are letters as they are. */
static const uint8_t normal_byte[256] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',
    ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
#define FL_LETTER(upper, lower) [upper] = upper, [lower] = upper
    FL_LETTER('A', 'a'), FL_LETTER('B', 'b'), FL_LETTER('C', 'c'), FL_LETTER('D', 'd'),
    FL_LETTER('E', 'e'), FL_LETTER('F', 'f'), FL_LETTER('G', 'g'), FL_LETTER('H', 'h'),
    FL_LETTER('I', 'i'), FL_LETTER('J', 'j'), FL_LETTER('K', 'k'), FL_LETTER('L', 'l'),
    FL_LETTER('M', 'm'), FL_LETTER('N', 'n'), FL_LETTER('O', 'o'), FL_LETTER('P', 'p'),
    FL_LETTER('Q', 'q'), FL_LETTER('R', 'r'), FL_LETTER('S', 's'), FL_LETTER('T', 't'),
    FL_LETTER('U', 'u'), FL_LETTER('V', 'v'), FL_LETTER('W', 'w'), FL_LETTER('X', 'x'),
    FL_LETTER('Y', 'y'), FL_LETTER('Z', 'z'),
#undef FL_LETTER
#define FL_HIGH_8(first)                                                                          \
    [first] = first, [first + 1] = first + 1, [first + 2] = first + 2, [first + 3] = first + 3,   \
    [first + 4] = first + 4, [first + 5] = first + 5, [first + 6] = first + 6,                    \
    [first + 7] = first + 7
    FL_HIGH_8(128), FL_HIGH_8(136), FL_HIGH_8(144), FL_HIGH_8(152), FL_HIGH_8(160),
    FL_HIGH_8(168), FL_HIGH_8(176), FL_HIGH_8(184), FL_HIGH_8(192), FL_HIGH_8(200),
    FL_HIGH_8(208), FL_HIGH_8(216), FL_HIGH_8(224), FL_HIGH_8(232), FL_HIGH_8(240),
    FL_HIGH_8(248),
#undef FL_HIGH_8
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Drops the leading zeros of the last run of digits; returns the new length. */
static size_t zeros_drop(char *out, size_t n)
{
    size_t end = n;
    while (end > 0 && !is_digit(out[end - 1]))
        end--;
    size_t run = end;
    while (run > 0 && is_digit(out[run - 1]))
        run--;
    size_t zeros = 0;
    while (run + zeros + 1 < end && out[run + zeros] == '0')
        zeros++;
    if (zeros > 0)
        memmove(out + run, out + run + zeros, n - run - zeros);
    return n - zeros;
}

static size_t normal_long(const char *text, size_t length, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < length && n < FL_REFERENCE_BYTES_MAX; i++) {
        uint8_t c = normal_byte[(uint8_t)text[i]];
        out[n] = (char)c;
        n += c != 0;
    }
    return zeros_drop(out, n);
}

#if defined(__SSSE3__)
#define SHORT_MAX 16

static __m128i between(__m128i v, char low, char high)
{
    return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(low - 1))),
                         _mm_cmpgt_epi8(_mm_set1_epi8((char)(high + 1)), v));
}

/* Up to 16 bytes of text, zeros behind. Put together in registers: a load of what two stores just wrote waits for
 * both to reach the cache. */
static __m128i load_short(const char *text, size_t length)
{
    uint64_t low = 0, high = 0;
    if (length > 8) {
        low = fl_load_u64(text);
        high = fl_load_u64(text + length - 8) >> (16 - length) * 8;
    } else if (length == 8) {
        low = fl_load_u64(text);
    } else if (length >= 4) {
        low = fl_load_u32(text) | (uint64_t)fl_load_u32(text + length - 4) << (length - 4) * 8;
    } else {
        for (size_t i = 0; i < length; i++)
            low |= (uint64_t)(uint8_t)text[i] << i * 8;
    }
    return _mm_set_epi64x((int64_t)high, (int64_t)low);
}

/* What stands at `from + gap` and behind it, moved down to `from`. */
static __m128i close_up(__m128i v, unsigned from, unsigned gap)
{
    const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m128i moves = _mm_cmpgt_epi8(places, _mm_set1_epi8((char)((int)from - 1)));
    return _mm_shuffle_epi8(v, _mm_add_epi8(places, _mm_and_si128(moves, _mm_set1_epi8((char)gap))));
}

/* The zeros that begin the last run of digits, but for a last digit of it; where the run begins. */
static unsigned zeros_leading(__m128i v, size_t length, unsigned *run_out)
{
    unsigned digits = (unsigned)_mm_movemask_epi8(between(v, '0', '9')) & ((1u << length) - 1);
    if (digits == 0)
        return 0;
    unsigned end = 32 - (unsigned)__builtin_clz(digits);
    unsigned others = ~digits & ((1u << end) - 1);
    unsigned run = others == 0 ? 0 : 32 - (unsigned)__builtin_clz(others);
    unsigned nought = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('0'))) >> run;
    unsigned zeros = (unsigned)__builtin_ctz(~nought);
    *run_out = run;
    return zeros < end - run ? zeros : end - run - 1;
}

/* The same for up to 16 bytes, nearly every number of a document, as sets of positions: a tenth of the steps.
 * Bytes above 127 are below zero as these compares see them, so no class takes them for its own. */
static size_t normal_short(const char *text, size_t length, char *out)
{
    __m128i v = load_short(text, length);
    __m128i lower = between(v, 'a', 'z');
    v = _mm_sub_epi8(v, _mm_and_si128(lower, _mm_set1_epi8('a' - 'A')));
    __m128i kept = _mm_or_si128(_mm_or_si128(between(v, '0', '9'), between(v, 'A', 'Z')),
                                _mm_cmpgt_epi8(_mm_setzero_si128(), v));
    unsigned gone = ~(unsigned)_mm_movemask_epi8(kept) & ((1u << length) - 1);
    for (; gone != 0; length--) {
        unsigned last = 31 - (unsigned)__builtin_clz(gone);
        v = close_up(v, last, 1);
        gone ^= 1u << last;
    }
    unsigned run, zeros = zeros_leading(v, length, &run);
    if (zeros > 0)
        v = close_up(v, run, zeros);
    _mm_storeu_si128((__m128i *)out, v);
    return length - zeros;
}
#endif

size_t fl_reference_normal(const char *text, size_t length, char *out)
{
#if defined(__SSSE3__)
    if (length <= SHORT_MAX)
        return normal_short(text, length, out);
#endif
    return normal_long(text, length, out);
}
