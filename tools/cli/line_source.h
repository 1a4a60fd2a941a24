/* line_source.h - lines of a file or a pipe, in blocks, in bounded memory.
 *
 * A line longer than FL_LINE_BYTES_MAX is not held: it comes as too long, with its number, and is
 * skipped to its end. CR before LF is dropped, a byte order mark before the first line too; a last
 * line without LF counts. FL_JSON_PADDING readable bytes follow each line.
 */
#ifndef FLORIN_TOOLS_CLI_LINE_SOURCE_H
#define FLORIN_TOOLS_CLI_LINE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_line_source {
    int fd;
    bool begun, end, failed;
    char *buffer;
    size_t capacity, begin, filled;
    uint64_t line; /* number of the last line given, from 1 */
    uint64_t bytes_read;
};

struct fl_line {
    const char *text;
    size_t length;
    uint64_t number;
    bool too_long;
};

/* Takes over nothing: the caller closes the descriptor. False: no memory. */
bool fl_line_source_open(struct fl_line_source *source, int fd);
void fl_line_source_close(struct fl_line_source *source);
/* False at the end, or after a read error (source->failed). Valid until the next call. */
bool fl_line_source_next(struct fl_line_source *source, struct fl_line *out);
/* True if the next line would have to be waited for: none is in memory, and a pipe holds nothing
 * now. */
bool fl_line_source_waits(const struct fl_line_source *source);

#endif
