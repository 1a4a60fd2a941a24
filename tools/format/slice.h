/* slice.h - a piece of somebody else's buffer: address and length, no NUL, not owned.
 *
 * Whoever hands one out says until when its bytes are valid. An empty slice has length 0 and may
 * have a null address.
 */
#ifndef FLORIN_TOOLS_FORMAT_SLICE_H
#define FLORIN_TOOLS_FORMAT_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct fl_slice {
    const char *at;
    size_t length;
};

static inline struct fl_slice fl_slice_of(const char *at, size_t length)
{
    return (struct fl_slice){at, length};
}

/* Of a NUL-terminated text; the NUL is left out. */
static inline struct fl_slice fl_slice_of_text(const char *text)
{
    return (struct fl_slice){text, text ? strlen(text) : 0};
}

static inline bool fl_slice_equals(struct fl_slice slice, const char *text)
{
    size_t length = strlen(text);
    return slice.length == length && memcmp(slice.at, text, length) == 0;
}

static inline bool fl_slice_begins(struct fl_slice slice, const char *text)
{
    size_t length = strlen(text);
    return slice.length >= length && memcmp(slice.at, text, length) == 0;
}

/* Without blanks, tabs and line ends on both sides. */
static inline struct fl_slice fl_slice_trim(struct fl_slice slice)
{
    while (slice.length > 0 && (unsigned char)slice.at[slice.length - 1] <= ' ')
        slice.length--;
    while (slice.length > 0 && (unsigned char)slice.at[0] <= ' ') {
        slice.at++;
        slice.length--;
    }
    return slice;
}

#endif
