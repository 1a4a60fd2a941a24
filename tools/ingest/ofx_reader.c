#define _GNU_SOURCE /* memmem */
#include "tools/ingest/ofx_reader.h"

#include <stdlib.h>
#include <string.h>

#include "tools/format/charset.h"
#include "tools/format/text_window.h"

#define BUFFER_BYTES  (256u << 10)
#define HEADER_BYTES  8192 /* where the encoding is looked for */
#define CHARSET_BYTES 40

struct reader {
    struct fl_text_window window;
    const struct fl_ofx_handler *handler;
    struct fl_error *error;
    struct fl_charset *charset;

    uint64_t line;

    /* The leaf whose value is gathered. */
    bool pending, cut;
    char name[FL_OFX_NAME_BYTES_MAX];
    size_t name_length;
    uint64_t name_line;
    char *value, *decoded;
    size_t value_length;
};

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- encoding -------------------------------------------------------------------------------- */

/* What stands behind `key` up to a blank, a quote or a tag. */
static struct fl_slice behind(struct fl_slice head, const char *key)
{
    const char *end = head.at + head.length;
    const char *at = memmem(head.at, head.length, key, strlen(key));
    if (!at)
        return fl_slice_of(end, 0);
    at += strlen(key);
    const char *stop = at;
    while (stop < end && (unsigned char)*stop > ' ' && !strchr("\"'<>", *stop))
        stop++;
    return fl_slice_of(at, (size_t)(stop - at));
}

/* The encoding that the file's head declares, as a name; "" for none. "1252" is a code page, and
 * "8859-1" has lost its ISO. */
static void declared_charset(struct fl_slice head, char out[CHARSET_BYTES])
{
    struct fl_slice name = behind(head, "CHARSET:");
    const char *prefix = "";
    out[0] = '\0';
    if (name.length == 0)
        name = behind(head, "encoding=\"");
    if (name.length == 0)
        name = behind(head, "encoding='");
    if (name.length == 0 || name.length > CHARSET_BYTES - 10 || fl_slice_equals(name, "NONE"))
        return;
    if (name.length == 4 && is_digit(name.at[0]))
        prefix = "windows-";
    else if (fl_slice_begins(name, "8859"))
        prefix = "ISO-";
    strcpy(out, prefix);
    strncat(out, name.at, name.length);
}

/* --- values ---------------------------------------------------------------------------------- */

static size_t put_utf8(uint32_t code, char *out)
{
    if (code < 0x20 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        code = ' ';
    if (code < 0x80)
        return *out = (char)code, 1;
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    size_t n = 0;
    if (code < 0x10000) {
        out[n++] = (char)(0xE0 | code >> 12);
    } else {
        out[n++] = (char)(0xF0 | code >> 18);
        out[n++] = (char)(0x80 | (code >> 12 & 0x3F));
    }
    out[n++] = (char)(0x80 | (code >> 6 & 0x3F));
    out[n++] = (char)(0x80 | (code & 0x3F));
    return n;
}

/* "#233" or "#xE9"; false if it is no number. */
static bool read_number(struct fl_slice text, uint32_t *code)
{
    bool hex = text.length > 2 && (text.at[1] | 0x20) == 'x';
    *code = 0;
    for (size_t i = hex ? 2 : 1; i < text.length; i++) {
        char c = text.at[i], low = (char)(c | 0x20);
        uint32_t digit = is_digit(c)                       ? (uint32_t)(c - '0')
                         : hex && low >= 'a' && low <= 'f' ? (uint32_t)(low - 'a') + 10
                                                           : 99;
        if (digit == 99 || *code > 0x10FFFF)
            return false;
        *code = *code * (hex ? 16 : 10) + digit;
    }
    return text.length > 1;
}

/* The character behind "&" and before ";"; false if it is none of those known (V2). */
static bool entity(struct fl_slice name, uint32_t *code)
{
    static const struct {
        const char *name;
        char code;
    } known[] = {{"amp", '&'},  {"lt", '<'},    {"gt", '>'},
                 {"quot", '"'}, {"apos", '\''}, {"nbsp", ' '}};
    if (name.length > 1 && name.at[0] == '#')
        return read_number(name, code);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (fl_slice_equals(name, known[i].name)) {
            *code = (uint32_t)known[i].code;
            return true;
        }
    }
    return false;
}

/* In place: no entity is shorter than its character. Returns the new length. */
static size_t decode_entities(char *text, size_t length)
{
    char *end = text + length, *to = memchr(text, '&', length);
    if (!to)
        return length;
    for (char *p = to; p < end;) {
        size_t room = (size_t)(end - p) < 12 ? (size_t)(end - p) : 12;
        char *stop = *p == '&' ? memchr(p, ';', room) : NULL;
        uint32_t code;
        if (stop && entity(fl_slice_of(p + 1, (size_t)(stop - p) - 1), &code)) {
            to += put_utf8(code, to);
            p = stop + 1;
        } else {
            *to++ = *p++;
        }
    }
    return (size_t)(to - text);
}

static enum fl_status emit_value(struct reader *r)
{
    struct fl_slice raw = fl_slice_trim(fl_slice_of(r->value, r->value_length));
    if (!r->pending)
        return FL_OK;
    r->pending = false;
    if (raw.length == 0)
        return FL_OK;
    char *text = r->value + (raw.at - r->value);
    size_t length = raw.length;
    if (!fl_utf8_is_valid(text, length)) {
        length = fl_charset_decode(r->charset, text, length, r->decoded);
        text = r->decoded;
    }
    length = decode_entities(text, length);
    const struct fl_ofx_value value = {.name = fl_slice_of(r->name, r->name_length),
                                       .text = fl_slice_trim(fl_slice_of(text, length)),
                                       .line = r->name_line,
                                       .cut = r->cut};
    return value.text.length > 0 ? r->handler->value(r->handler->context, &value) : FL_OK;
}

/* --- bytes ----------------------------------------------------------------------------------- */

static enum fl_status refill(struct reader *r)
{
    FL_ASSERT(r->window.end - r->window.at <= FL_OFX_TAG_BYTES_MAX);
    return fl_text_window_fill(&r->window, r->window.at, r->error);
}

/* Passes over `n` bytes. */
static void advance(struct reader *r, size_t n)
{
    const char *p = r->window.bytes + r->window.at, *end = p + n;
    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        r->line++;
        p++;
    }
    r->window.at += n;
}

static void take_text(struct reader *r, size_t n)
{
    size_t room = FL_OFX_VALUE_BYTES_MAX - r->value_length, take = n < room ? n : room;
    if (r->pending) {
        memcpy(r->value + r->value_length, r->window.bytes + r->window.at, take);
        r->value_length += take;
        r->cut |= take < n;
    }
    advance(r, n);
}

/* Passes over everything up to and with `mark`; what stands before it is text if asked. */
static enum fl_status pass(struct reader *r, const char *mark, bool text)
{
    size_t length = strlen(mark);
    for (;;) {
        const char *start = r->window.bytes + r->window.at;
        const char *found = memmem(start, r->window.end - r->window.at, mark, length);
        size_t n = r->window.end - r->window.at;
        if (found)
            n = (size_t)(found - start);
        else if (!r->window.at_end)
            n = n < length ? 0 : n - length + 1; /* the mark may have begun */
        if (text)
            take_text(r, n);
        else
            advance(r, n);
        if (found)
            advance(r, length);
        if (found || r->window.at_end)
            return FL_OK;
        FL_TRY(refill(r));
    }
}

/* --- tags ------------------------------------------------------------------------------------ */

struct tag {
    char name[FL_OFX_NAME_BYTES_MAX];
    size_t name_length, bytes;
    bool closes, empty;
};

static bool is_name(char c)
{
    return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == ':';
}

/* False: what begins with this "<" is no tag. */
static bool read_tag(struct fl_slice text, struct tag *tag)
{
    const char *p = text.at + 1, *end = text.at + text.length;
    *tag = (struct tag){.closes = p < end && *p == '/'};
    p += tag->closes;
    if (p == end || !is_letter(*p))
        return false;
    for (; p < end && is_name(*p); p++) {
        if (*p == ':')
            tag->name_length = 0;
        else if (tag->name_length == FL_OFX_NAME_BYTES_MAX)
            return false;
        else
            tag->name[tag->name_length++] = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    }
    if (p < end && *p != '>' && *p != '/' && (unsigned char)*p > ' ')
        return false;
    while (p < end && *p != '>' && *p != '<')
        p++;
    if (p == end || *p == '<')
        return false;
    tag->empty = p[-1] == '/';
    tag->bytes = (size_t)(p + 1 - text.at);
    return tag->name_length > 0;
}

static enum fl_status take_tag(struct reader *r, const struct tag *tag)
{
    struct fl_slice name = fl_slice_of(tag->name, tag->name_length);
    uint64_t line = r->line;
    FL_TRY(emit_value(r));
    advance(r, tag->bytes);
    if (tag->closes)
        return r->handler->close(r->handler->context, name, line);
    FL_TRY(r->handler->open(r->handler->context, name, line));
    if (tag->empty)
        return r->handler->close(r->handler->context, name, line);
    memcpy(r->name, tag->name, tag->name_length);
    r->name_length = tag->name_length;
    r->name_line = line;
    r->value_length = 0;
    r->pending = true;
    r->cut = false;
    return FL_OK;
}

/* What begins with the "<" at r->window.at. */
static enum fl_status take_markup(struct reader *r)
{
    if (r->window.end - r->window.at < FL_OFX_TAG_BYTES_MAX && !r->window.at_end)
        FL_TRY(refill(r));
    size_t n = r->window.end - r->window.at;
    struct fl_slice text = fl_slice_of(r->window.bytes + r->window.at,
                                       n < FL_OFX_TAG_BYTES_MAX ? n : FL_OFX_TAG_BYTES_MAX);
    struct tag tag;
    if (fl_slice_begins(text, "<!--"))
        return pass(r, "-->", false);
    if (fl_slice_begins(text, "<![CDATA[")) {
        advance(r, strlen("<![CDATA["));
        return pass(r, "]]>", true);
    }
    if (fl_slice_begins(text, "<?"))
        return pass(r, "?>", false);
    if (text.length > 2 && text.at[1] == '!' && is_letter(text.at[2]))
        return pass(r, ">", false);
    if (read_tag(text, &tag))
        return take_tag(r, &tag);
    take_text(r, 1);
    return FL_OK;
}

static enum fl_status read_all(struct reader *r)
{
    for (;;) {
        const char *start = r->window.bytes + r->window.at;
        const char *tag = memchr(start, '<', r->window.end - r->window.at);
        take_text(r, tag ? (size_t)(tag - start) : r->window.end - r->window.at);
        if (tag)
            FL_TRY(take_markup(r));
        else if (r->window.at_end)
            return FL_OK;
        else
            FL_TRY(refill(r));
    }
}

/* The user's encoding, else the file's, else none. */
static enum fl_status open_charset(struct reader *r, const char *charset)
{
    char declared[CHARSET_BYTES];
    if (charset && charset[0] != '\0')
        return fl_charset_open(charset, &r->charset, r->error);
    declared_charset(
        fl_slice_of(r->window.bytes, r->window.end < HEADER_BYTES ? r->window.end : HEADER_BYTES),
        declared);
    if (fl_charset_open(declared, &r->charset, NULL) == FL_OK)
        return FL_OK;
    return fl_charset_open(NULL, &r->charset, r->error);
}

enum fl_status fl_ofx_read(struct fl_byte_source source, const char *charset,
                           const struct fl_ofx_handler *handler, uint64_t *bytes_out,
                           uint64_t *line_out, struct fl_error *error)
{
    struct reader r = {.handler = handler, .error = error, .line = 1};
    enum fl_status status = fl_text_window_open(&r.window, source, BUFFER_BYTES);
    r.value = malloc(FL_OFX_VALUE_BYTES_MAX);
    r.decoded = malloc((size_t)FL_CHARSET_GROWTH * FL_OFX_VALUE_BYTES_MAX);
    if (status != FL_OK || !r.value || !r.decoded)
        status = fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    if (status == FL_OK)
        status = refill(&r);
    if (status == FL_OK)
        status = open_charset(&r, charset);
    if (status == FL_OK)
        status = read_all(&r);
    *bytes_out = r.window.bytes_read;
    *line_out = r.line;
    fl_charset_close(r.charset);
    free(r.decoded);
    free(r.value);
    fl_text_window_close(&r.window);
    return status;
}
