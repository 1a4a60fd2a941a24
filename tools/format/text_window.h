/* text_window.h - the bytes of a text file that a parser has in hand: a window that slides over it.
 *
 *   +--------------- bytes, `capacity` of them ----------------+
 *   | passed over | keep ...  at: not looked at yet ... | end  |
 *
 *   W1  What stands from `keep` on is there after a fill, moved to the beginning; places before it
 *       are not.
 *   W2  A mark of UTF-8 at the beginning of the file is passed over.
 *   W3  Where the first window has carriage returns and no newline, as old Macs wrote, every
 *       carriage return of the file is a newline.
 *
 * Lines are the parser's: it counts them, and knows what of them it still needs.
 *
 * Thread: one.  Memory: the window, taken at open.  Cost: what is kept is moved once a fill.
 */
#ifndef FLORIN_TOOLS_FORMAT_TEXT_WINDOW_H
#define FLORIN_TOOLS_FORMAT_TEXT_WINDOW_H

#include <string.h>

#include "tools/format/byte_source.h"

struct fl_text_window {
    struct fl_byte_source source;
    char *bytes;
    size_t at, end, capacity;
    size_t filled; /* bytes that the last fill brought: they stand before `end` */
    uint64_t bytes_read;
    bool at_end; /* there is nothing behind `end` */
    bool begun, old_mac;
};

/* FL_NO_MEMORY. Close it whatever happens. */
enum fl_status fl_text_window_open(struct fl_text_window *window, struct fl_byte_source source,
                                   size_t capacity) FL_MUST_USE;
void fl_text_window_close(struct fl_text_window *window);

/* Moves what stands from `keep` (at most `at`) on to the beginning and reads behind it. There must
 * be room: less than `capacity` bytes are kept. FL_UNREADABLE: the source. */
enum fl_status fl_text_window_fill(struct fl_text_window *window, size_t keep,
                                   struct fl_error *error) FL_MUST_USE;

/* The newline that ends the line at `at`; null if it is not in the window. */
static inline const char *fl_text_window_newline(const struct fl_text_window *window)
{
    return memchr(window->bytes + window->at, '\n', window->end - window->at);
}

#endif
