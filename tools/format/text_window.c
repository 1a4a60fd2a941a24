#include "tools/format/text_window.h"

#include <stdlib.h>

#include "core/base/contract.h"

enum fl_status fl_text_window_open(struct fl_text_window *window, struct fl_byte_source source,
                                   size_t capacity)
{
    *window = (struct fl_text_window){.source = source, .capacity = capacity};
    window->bytes = malloc(capacity);
    return window->bytes ? FL_OK : FL_NO_MEMORY;
}

void fl_text_window_close(struct fl_text_window *window)
{
    free(window->bytes);
    window->bytes = NULL;
}

/* W2, W3. */
static void begin(struct fl_text_window *window)
{
    const char *new = window->bytes + window->end;
    window->begun = true;
    window->old_mac = memchr(new, '\r', window->filled) && !memchr(new, '\n', window->filled);
    if (window->filled >= 3 && memcmp(new, "\xEF\xBB\xBF", 3) == 0)
        window->at += 3;
}

enum fl_status fl_text_window_fill(struct fl_text_window *window, size_t keep,
                                   struct fl_error *error)
{
    FL_ASSERT(keep <= window->at && window->at <= window->end);
    FL_ASSERT(window->end - keep < window->capacity);
    memmove(window->bytes, window->bytes + keep, window->end - keep);
    window->at -= keep;
    window->end -= keep;
    size_t room = window->capacity - window->end;
    FL_TRY(fl_byte_source_fill(window->source, window->bytes + window->end, room, &window->filled,
                               error));
    if (!window->begun)
        begin(window);
    for (size_t i = 0; window->old_mac && i < window->filled; i++) {
        char *byte = window->bytes + window->end + i;
        *byte = (char)(*byte == '\r' ? '\n' : *byte);
    }
    window->end += window->filled;
    window->at_end = window->filled < room;
    window->bytes_read += window->filled;
    return FL_OK;
}
