#include "tools/format/utf16_source.h"

#include <errno.h>
#include <string.h>

#define REPLACEMENT 0xFFFDu

bool fl_utf32_is(const char *start, size_t length)
{
    return length >= 4 &&
           (memcmp(start, "\xFF\xFE\0\0", 4) == 0 || memcmp(start, "\0\0\xFE\xFF", 4) == 0);
}

/* Characters whose bytes at `zero`, `zero` + 2, ... are zero and whose others are ASCII. */
static bool is_ascii_pairs(const char *start, size_t zero)
{
    for (size_t i = 0; i < 8; i += 2) {
        unsigned char letter = (unsigned char)start[i + 1 - zero];
        if (start[i + zero] != '\0' || letter == 0 || letter >= 0x80)
            return false;
    }
    return true;
}

bool fl_utf16_is(const char *start, size_t length)
{
    bool mark =
        length >= 2 && (memcmp(start, "\xFF\xFE", 2) == 0 || memcmp(start, "\xFE\xFF", 2) == 0);
    if (mark)
        return !fl_utf32_is(start, length);
    return length >= 8 && (is_ascii_pairs(start, 0) || is_ascii_pairs(start, 1));
}

static void give(struct fl_utf16_source *s, uint32_t code)
{
    char *out = s->out + s->out_length;
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(first[n] | code);
    s->out_length += n;
    FL_ASSERT(s->out_length <= sizeof s->out);
}

static void take(struct fl_utf16_source *s, uint32_t unit)
{
    bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
    if (low && s->high) {
        give(s, 0x10000 + ((s->high - 0xD800) << 10) + (unit - 0xDC00));
        s->high = 0;
        return;
    }
    if (s->high)
        give(s, REPLACEMENT);
    s->high = high ? unit : 0;
    if (low)
        give(s, REPLACEMENT);
    else if (!high)
        give(s, unit);
}

/* Takes whole units; an odd byte stays for the next block. */
static void block_take(struct fl_utf16_source *s)
{
    size_t at = 0;
    for (; at + 2 <= s->in_length; at += 2) {
        uint32_t a = s->in[at], b = s->in[at + 1];
        bool mark = !s->begun && ((a == 0xFE && b == 0xFF) || (a == 0xFF && b == 0xFE));
        if (!s->begun)
            s->big_endian = a == 0xFE || a == 0;
        s->begun = true;
        if (!mark)
            take(s, s->big_endian ? a << 8 | b : b << 8 | a);
    }
    s->in_length -= at;
    if (s->in_length > 0)
        s->in[0] = s->in[at];
}

static ssize_t fill(struct fl_utf16_source *s)
{
    ssize_t got;
    do
        got = s->inner.read(s->inner.context, s->in + s->in_length, sizeof s->in - s->in_length);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return got;
    s->out_length = s->out_at = 0;
    s->at_end = got == 0;
    s->in_length += (size_t)got;
    block_take(s);
    if (s->at_end && (s->high || s->in_length > 0))
        give(s, REPLACEMENT);
    return got;
}

static ssize_t read_utf16(void *context, void *buffer, size_t capacity)
{
    struct fl_utf16_source *s = context;
    while (s->out_at == s->out_length && !s->at_end) {
        if (fill(s) < 0)
            return -1;
    }
    size_t left = s->out_length - s->out_at, n = left < capacity ? left : capacity;
    memcpy(buffer, s->out + s->out_at, n);
    s->out_at += n;
    return (ssize_t)n;
}

static bool rewind_utf16(void *context)
{
    struct fl_utf16_source *s = context;
    struct fl_byte_source inner = s->inner;
    memset(s, 0, sizeof *s);
    s->inner = inner;
    return inner.rewind(inner.context);
}

static const char *why_utf16(void *context)
{
    const struct fl_utf16_source *s = context;
    return s->inner.why(s->inner.context);
}

struct fl_byte_source fl_utf16_source_init(struct fl_utf16_source *s, struct fl_byte_source inner)
{
    memset(s, 0, sizeof *s);
    s->inner = inner;
    return (struct fl_byte_source){.read = read_utf16,
                                   .context = s,
                                   .name = inner.name,
                                   .rewind = inner.rewind ? rewind_utf16 : NULL,
                                   .why = inner.why ? why_utf16 : NULL};
}
