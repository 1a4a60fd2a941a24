#include "core/domain/reference.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* What an ASCII byte becomes: upper case, itself, or 0: left out. Bytes above 127 are letters as they are. This is
 * on the path of every receipt: one table look-up a byte, one pass. */
static const uint8_t normal_byte[128] = {
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
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

size_t fl_reference_normal(const char *text, size_t length, char *out)
{
    size_t n = 0, run = 0, run_end = 0; /* the last run of digits: [run, run_end) */
    for (size_t i = 0; i < length && n < FL_REFERENCE_BYTES_MAX; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c < 128)
            c = normal_byte[c];
        if (c == 0)
            continue;
        if (is_digit(c)) {
            run = run_end == n ? run : n;
            run_end = n + 1;
        }
        out[n++] = (char)c;
    }
    size_t zeros = 0;
    while (run + zeros + 1 < run_end && out[run + zeros] == '0')
        zeros++;
    if (zeros > 0)
        memmove(out + run, out + run + zeros, n - run - zeros);
    return n - zeros;
}
