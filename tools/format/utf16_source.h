/* utf16_source.h - a byte source whose UTF-16 comes out as UTF-8.
 *
 * Spreadsheets save "Unicode text" as UTF-16 with a byte order mark; readers here want UTF-8. The
 * mark says the byte order and is not given out; without one the zero byte of the first character
 * says it, which is ASCII in all that is read here. A surrogate without its other half, or a byte left
 * over at the end, becomes U+FFFD.
 *
 * Thread: one.  Memory: the struct.  Cost: a pass over the bytes.
 */
#ifndef FLORIN_TOOLS_FORMAT_UTF16_SOURCE_H
#define FLORIN_TOOLS_FORMAT_UTF16_SOURCE_H

#include <stdint.h>

#include "tools/format/byte_source.h"

#define FL_UTF16_BLOCK_BYTES 4096

struct fl_utf16_source {
    struct fl_byte_source inner;
    bool big_endian, begun, at_end;
    uint32_t high; /* a first half that waits for its second; 0: none */
    unsigned char in[FL_UTF16_BLOCK_BYTES];
    size_t in_length;
    char out[FL_UTF16_BLOCK_BYTES / 2 * 3 + 8]; /* a unit is three bytes at most */
    size_t out_length, out_at;
};

/* True if the bytes begin with a mark of UTF-16, or with four ASCII characters of it. */
bool fl_utf16_is(const char *start, size_t length);
/* True if they begin with a mark of UTF-32, which nothing here reads. */
bool fl_utf32_is(const char *start, size_t length);

/* `inner` stands at its first byte and is borrowed, as is `utf16`. */
struct fl_byte_source fl_utf16_source_init(struct fl_utf16_source *utf16,
                                           struct fl_byte_source inner);

#endif
