/* json_text.h - JSON being written: a buffer that grows, and the pieces put into it.
 *
 * Who writes puts the brackets and commas; strings and numbers are put as JSON wants them. Memory
 * refused is remembered: what follows is dropped, and fl_json_text_is_whole says so.
 *
 * Thread: one's own. Memory: doubles. Cost: about a nanosecond a byte.
 */
#ifndef FLORIN_TOOLS_FORMAT_JSON_TEXT_H
#define FLORIN_TOOLS_FORMAT_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct fl_json_text {
    char *bytes;
    size_t length, capacity;
    bool failed;
};

void fl_json_text_free(struct fl_json_text *text);
/* Room for `bytes` more; false if refused. */
bool fl_json_text_grow(struct fl_json_text *text, size_t bytes);

static inline bool fl_json_text_is_whole(const struct fl_json_text *text)
{
    return !text->failed;
}

static inline void fl_json_text_clear(struct fl_json_text *text)
{
    text->length = 0;
    text->failed = false;
}

/* Bytes as they are. */
static inline void fl_json_put(struct fl_json_text *text, const char *bytes, size_t length)
{
    if (length > text->capacity - text->length && !fl_json_text_grow(text, length))
        return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

#define FL_JSON_PUT(text, literal) fl_json_put((text), "" literal "", sizeof(literal) - 1)

static inline void fl_json_putc(struct fl_json_text *text, char c)
{
    fl_json_put(text, &c, 1);
}

void fl_json_puts(struct fl_json_text *text, const char *string);
/* With its quotes; valid UTF-8 in, or U+FFFD for what is not. */
void fl_json_put_string(struct fl_json_text *text, const char *string, size_t length);
/* The same straight to a stream: for what is printed once. */
void fl_json_write_string(FILE *out, const char *string, size_t length);
void fl_json_put_number(struct fl_json_text *text, int64_t number);
void fl_json_put_unsigned(struct fl_json_text *text, uint64_t number);

#endif
