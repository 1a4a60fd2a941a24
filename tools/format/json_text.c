#include "tools/format/json_text.h"

#include <stdlib.h>

#include "core/base/utf8.h"

#define FIRST_BYTES 4096

void fl_json_text_free(struct fl_json_text *text)
{
    free(text->bytes);
    *text = (struct fl_json_text){.bytes = NULL};
}

bool fl_json_text_grow(struct fl_json_text *text, size_t bytes)
{
    size_t larger = text->capacity ? text->capacity : FIRST_BYTES;
    if (text->failed)
        return false;
    while (larger - text->length < bytes)
        larger *= 2;
    char *moved = realloc(text->bytes, larger);
    if (!moved) {
        text->failed = true;
        return false;
    }
    text->bytes = moved;
    text->capacity = larger;
    return true;
}

void fl_json_puts(struct fl_json_text *text, const char *string)
{
    fl_json_put(text, string, strlen(string));
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F;
}

static void put_escape(struct fl_json_text *text, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = c ? strchr(names, c) : NULL;
    if (found) {
        char pair[2] = {'\\', letters[found - names]};
        fl_json_put(text, pair, 2);
    } else {
        char code[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        fl_json_put(text, code, 6);
    }
}

static void put_valid(struct fl_json_text *text, const char *string, size_t length)
{
    size_t done = 0;
    for (size_t i = 0; i < length; i++) {
        if (is_plain((unsigned char)string[i]))
            continue;
        fl_json_put(text, string + done, i - done);
        put_escape(text, (unsigned char)string[i]);
        done = i + 1;
    }
    fl_json_put(text, string + done, length - done);
}

void fl_json_put_string(struct fl_json_text *text, const char *string, size_t length)
{
    fl_json_putc(text, '"');
    for (;;) {
        size_t valid = fl_utf8_valid_prefix(string, length);
        put_valid(text, string, valid);
        if (valid == length)
            break;
        FL_JSON_PUT(text, "\xEF\xBF\xBD");
        string += valid + 1;
        length -= valid + 1;
    }
    fl_json_putc(text, '"');
}

void fl_json_put_unsigned(struct fl_json_text *text, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    fl_json_put(text, digits + at, sizeof digits - at);
}

void fl_json_put_number(struct fl_json_text *text, int64_t number)
{
    if (number < 0)
        fl_json_putc(text, '-');
    fl_json_put_unsigned(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void fl_json_write_string(FILE *out, const char *string, size_t length)
{
    struct fl_json_text text = {.bytes = NULL};
    fl_json_put_string(&text, string, length);
    fwrite(text.bytes, 1, text.length, out);
    fl_json_text_free(&text);
}
