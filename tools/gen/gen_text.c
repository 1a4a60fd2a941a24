#include "tools/gen/gen_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/date.h"

#define US_PER_DAY INT64_C(86400000000)

enum fl_status fl_gen_text_init(struct fl_gen_text *text, int fd)
{
    *text = (struct fl_gen_text){.fd = fd, .capacity = FL_GEN_TEXT_BYTES, .status = FL_OK};
    text->bytes = malloc(text->capacity);
    return text->bytes ? FL_OK : FL_NO_MEMORY;
}

void fl_gen_text_deinit(struct fl_gen_text *text)
{
    free(text->bytes);
    *text = (struct fl_gen_text){.fd = -1};
}

static void write_out(struct fl_gen_text *text)
{
    size_t done = 0;
    while (text->status == FL_OK && done < text->used) {
        ssize_t n = write(text->fd, text->bytes + done, text->used - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            text->status = FL_IO_ERROR;
    }
    text->used = 0;
}

enum fl_status fl_gen_text_flush(struct fl_gen_text *text)
{
    if (text->fd >= 0)
        write_out(text);
    return text->status;
}

void fl_gen_text_clear(struct fl_gen_text *text)
{
    FL_ASSERT(text->fd < 0);
    text->used = 0;
}

/* Room for `length` more bytes; false if there is none to be had. */
static bool make_room(struct fl_gen_text *text, size_t length)
{
    if (text->fd >= 0) {
        FL_ASSERT(length <= text->capacity);
        write_out(text); /* G1 */
        return text->status == FL_OK;
    }
    size_t capacity = text->capacity;
    FL_ASSERT(length < SIZE_MAX / 4);
    while (capacity - text->used < length)
        capacity *= 2;
    char *bytes = realloc(text->bytes, capacity);
    if (!bytes) {
        text->status = FL_NO_MEMORY;
        return false;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void fl_gen_put(struct fl_gen_text *text, const char *bytes, size_t length)
{
    while (text->fd >= 0 && FL_UNLIKELY(length > text->capacity)) {
        fl_gen_put(text, bytes, text->capacity);
        bytes += text->capacity;
        length -= text->capacity;
    }
    if (FL_UNLIKELY(text->capacity - text->used < length) && !make_room(text, length))
        return;
    memcpy(text->bytes + text->used, bytes, length);
    text->used += length;
}

void fl_gen_puts(struct fl_gen_text *text, const char *string)
{
    fl_gen_put(text, string, strlen(string));
}

void fl_gen_put_number(struct fl_gen_text *text, uint64_t value, unsigned digits)
{
    char out[24];
    unsigned n = sizeof out;
    FL_ASSERT(digits <= 20);
    do {
        out[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (sizeof out - n < digits)
        out[--n] = '0';
    fl_gen_put(text, out + n, sizeof out - n);
}

void fl_gen_put_minor(struct fl_gen_text *text, int64_t amount_minor, char point)
{
    char cents[3] = {point, (char)('0' + amount_minor / 10 % 10), (char)('0' + amount_minor % 10)};
    FL_ASSERT(amount_minor >= 0);
    fl_gen_put_number(text, (uint64_t)amount_minor / 100, 1);
    fl_gen_put(text, cents, 3);
}

void fl_gen_put_date(struct fl_gen_text *text, uint16_t date_days)
{
    char out[11];
    fl_date_format(date_days, out);
    fl_gen_put(text, out, 10);
}

void fl_gen_put_yymmdd(struct fl_gen_text *text, uint16_t date_days)
{
    char out[11];
    fl_date_format(date_days, out);
    char compact[6] = {out[2], out[3], out[5], out[6], out[8], out[9]};
    fl_gen_put(text, compact, 6);
}

static void two_digits(char *out, int64_t value)
{
    out[0] = (char)('0' + value / 10 % 10);
    out[1] = (char)('0' + value % 10);
}

void fl_gen_put_instant(struct fl_gen_text *text, int64_t at_us)
{
    char out[] = "T00:00:00.000Z";
    int64_t ms = at_us % US_PER_DAY / 1000;
    FL_ASSERT(at_us >= 0);
    two_digits(out + 1, ms / 3600000);
    two_digits(out + 4, ms / 60000 % 60);
    two_digits(out + 7, ms / 1000 % 60);
    fl_gen_put_date(text, (uint16_t)(at_us / US_PER_DAY + 1));
    if (ms % 1000 == 0) {
        out[9] = 'Z';
        fl_gen_put(text, out, 10);
        return;
    }
    out[10] = (char)('0' + ms % 1000 / 100);
    two_digits(out + 11, ms % 100);
    fl_gen_put(text, out, 14);
}

void fl_gen_put_xml(struct fl_gen_text *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        switch (bytes[i]) {
        case '&':
            fl_gen_puts(text, "&amp;");
            break;
        case '<':
            fl_gen_puts(text, "&lt;");
            break;
        case '>':
            fl_gen_puts(text, "&gt;");
            break;
        default:
            fl_gen_putc(text, bytes[i]);
        }
    }
}
