#include "tools/cli/line_source.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/format/command_json.h"

#define BLOCK (1u << 20)

bool fl_line_source_open(struct fl_line_source *source, int fd)
{
    *source = (struct fl_line_source){.fd = fd};
    source->capacity = (size_t)FL_LINE_BYTES_MAX + BLOCK;
    source->buffer = malloc(source->capacity + FL_JSON_PADDING);
    return source->buffer != NULL;
}

void fl_line_source_close(struct fl_line_source *source)
{
    free(source->buffer);
    source->buffer = NULL;
}

/* Reads one more block behind what is there; false if nothing came. */
static bool fill(struct fl_line_source *source)
{
    if (source->begin > 0) {
        memmove(source->buffer, source->buffer + source->begin, source->filled - source->begin);
        source->filled -= source->begin;
        source->begin = 0;
    }
    size_t room = source->capacity - source->filled;
    if (source->end || room == 0)
        return false;
    ssize_t n;
    do {
        n = read(source->fd, source->buffer + source->filled, room < BLOCK ? room : BLOCK);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
        source->end = true;
        source->failed = n < 0;
        return false;
    }
    source->filled += (size_t)n;
    source->bytes_read += (uint64_t)n;
    return true;
}

static char *line_end(const struct fl_line_source *source, size_t from)
{
    return memchr(source->buffer + from, '\n', source->filled - from);
}

static void give(struct fl_line_source *source, size_t length, size_t taken, struct fl_line *out)
{
    out->text = source->buffer + source->begin;
    out->length = length > 0 && out->text[length - 1] == '\r' ? length - 1 : length;
    out->number = ++source->line;
    out->too_long = false;
    source->begin += taken;
}

/* The rest of a line that does not fit is read and forgotten. */
static void skip_line(struct fl_line_source *source, struct fl_line *out)
{
    *out = (struct fl_line){.text = "", .number = ++source->line, .too_long = true};
    source->begin = source->filled;
    while (fill(source)) {
        char *end = line_end(source, 0);
        if (end) {
            source->begin = (size_t)(end - source->buffer) + 1;
            return;
        }
        source->begin = source->filled;
    }
    source->begin = source->filled;
}

bool fl_line_source_waits(const struct fl_line_source *source)
{
    if (source->end || line_end(source, source->begin))
        return false;
    struct pollfd ready = {.fd = source->fd, .events = POLLIN};
    return poll(&ready, 1, 0) == 0; /* a file is always ready */
}

/* What some editors put before the first line. */
static void skip_mark(struct fl_line_source *source)
{
    static const char mark[] = "\xEF\xBB\xBF";
    while (source->filled < 3 && memcmp(source->buffer, mark, source->filled) == 0 && fill(source))
        continue;
    if (source->filled >= 3 && memcmp(source->buffer, mark, 3) == 0)
        source->begin = 3;
    source->begun = true;
}

bool fl_line_source_next(struct fl_line_source *source, struct fl_line *out)
{
    if (!source->begun)
        skip_mark(source);
    size_t looked = source->begin;
    for (;;) {
        char *end = line_end(source, looked);
        if (end) {
            size_t length = (size_t)(end - source->buffer) - source->begin;
            give(source, length, length + 1, out);
            return true;
        }
        size_t unread = source->filled - source->begin;
        if (unread > FL_LINE_BYTES_MAX) {
            skip_line(source, out);
            return true;
        }
        if (!fill(source)) {
            unread = source->filled - source->begin;
            if (unread == 0 || source->failed)
                return false;
            give(source, unread, unread, out);
            return true;
        }
        looked = unread; /* the line was moved to the front */
    }
}
