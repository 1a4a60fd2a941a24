#include "core/domain/reference.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* What a byte becomes; 0: left out. */
static char normal_byte(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 128)
        return c;
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t fl_reference_normal(const char *text, size_t length, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < length && n < FL_REFERENCE_BYTES_MAX; i++) {
        char c = normal_byte(text[i]);
        if (c != 0)
            out[n++] = c;
    }
    size_t end = n;
    while (end > 0 && !is_digit(out[end - 1]))
        end--;
    size_t begin = end;
    while (begin > 0 && is_digit(out[begin - 1]))
        begin--;
    size_t zeros = 0;
    while (begin + zeros + 1 < end && out[begin + zeros] == '0')
        zeros++;
    memmove(out + begin, out + begin + zeros, n - begin - zeros);
    return n - zeros;
}
