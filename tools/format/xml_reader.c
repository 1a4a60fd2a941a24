#include "tools/format/xml_reader.h"

#include <emmintrin.h>
#include <expat.h>
#include <stdlib.h>

#include "tools/format/charset.h"

#define CHUNK_BYTES (256u << 10)

struct fl_xml_reader {
    struct fl_byte_source source;
    const struct fl_xml_handler *handler;
    struct fl_error *error;
    XML_Parser expat;
    struct fl_charset *charset;
    bool raw;    /* UTF-16: expat decodes */
    char *bytes; /* carried over and just read */
    size_t length;
    char *decoded;
    uint64_t bytes_read;
    unsigned depth;
    enum fl_status status; /* of the handlers */
    const char *closing;   /* name of the element that closes */

    /* Line counting by chunks, beside expat's own, which is slower than its parser. */
    const char *chunk;
    size_t chunk_length;
    XML_Index chunk_start; /* offset of the chunk in what expat was fed */
    size_t counted;        /* bytes of the chunk whose newlines are in `line` */
    uint64_t line;
};

/* --- lines ----------------------------------------------------------------------------------- */

static void count_lines(struct fl_xml_reader *reader, size_t until)
{
    const char *end = reader->chunk + until;
    const char *p = reader->chunk + reader->counted;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        reader->line++;
        p++;
    }
    reader->counted = until;
}

uint64_t fl_xml_line(const struct fl_xml_reader *reader)
{
    struct fl_xml_reader *mine =
        (struct fl_xml_reader *)reader; /* counts lazily; never const here */
    XML_Index at = XML_GetCurrentByteIndex(reader->expat) - reader->chunk_start;
    size_t until = at < 0 ? 0 : (size_t)at;
    if (until > reader->chunk_length)
        until = reader->chunk_length;
    if (until > reader->counted)
        count_lines(mine, until);
    return reader->line;
}

/* --- events ---------------------------------------------------------------------------------- */

/* One pass: names are shorter than what two calls of the library cost. */
static struct fl_slice local_name(const char *name)
{
    const char *from = name, *at = name;
    for (; *at; at++) {
        if (*at == ':' && from == name)
            from = at + 1;
    }
    return fl_slice_of(from, (size_t)(at - from));
}

static void stop(struct fl_xml_reader *reader, enum fl_status status)
{
    if (reader->status == FL_OK)
        reader->status = status;
    XML_StopParser(reader->expat, XML_FALSE);
}

static void refuse(struct fl_xml_reader *reader, const char *reason)
{
    stop(reader,
         fl_error_set(reader->error, FL_UNREADABLE, "%s: line %llu: %s", reader->source.name,
                      (unsigned long long)fl_xml_line(reader), reason));
}

static void on_open(void *context, const char *name, const char **pairs)
{
    struct fl_xml_reader *reader = context;
    if (reader->status != FL_OK)
        return; /* expat may deliver one more event after it was stopped */
    if (++reader->depth > FL_XML_DEPTH_MAX) {
        refuse(reader, "elements nested too deep");
        return;
    }
    const struct fl_xml_handler *handler = reader->handler;
    if (!handler->open)
        return;
    struct fl_xml_attributes attributes = {(const char *const *)pairs};
    enum fl_status status = handler->open(handler->context, reader, local_name(name), attributes);
    if (status != FL_OK)
        stop(reader, status);
}

static void on_close(void *context, const char *name)
{
    struct fl_xml_reader *reader = context;
    if (reader->status != FL_OK)
        return;
    FL_ASSERT(reader->depth > 0);
    reader->depth--;
    reader->closing = name;
    const struct fl_xml_handler *handler = reader->handler;
    enum fl_status status = handler->close ? handler->close(handler->context, reader) : FL_OK;
    if (status != FL_OK)
        stop(reader, status);
}

struct fl_slice fl_xml_closing_name(const struct fl_xml_reader *reader)
{
    return local_name(reader->closing);
}

static void on_text(void *context, const char *text, int length)
{
    struct fl_xml_reader *reader = context;
    const struct fl_xml_handler *handler = reader->handler;
    if (reader->status != FL_OK || !handler->text)
        return;
    enum fl_status status =
        handler->text(handler->context, reader, fl_slice_of(text, (size_t)length));
    if (status != FL_OK)
        stop(reader, status);
}

static void on_doctype(void *context, const char *name, const char *system_id,
                       const char *public_id, int has_internal_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    if (has_internal_subset)
        refuse(context, "a document type with declarations of its own is not read");
}

/* --- bytes ----------------------------------------------------------------------------------- */

/* Control characters that XML has not become blanks (X3). */
static void blank_controls(char *text, size_t length)
{
    const __m128i space = _mm_set1_epi8(0x20), tab = _mm_set1_epi8('\t');
    const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    size_t at = 0;
    for (; at + 16 <= length; at += 16) {
        __m128i *p = (__m128i *)(void *)(text + at);
        __m128i v = _mm_loadu_si128(p);
        __m128i low = _mm_cmpeq_epi8(_mm_max_epu8(v, space), space); /* v <= 0x20, unsigned */
        __m128i fine = _mm_or_si128(_mm_cmpeq_epi8(v, tab),
                                    _mm_or_si128(_mm_cmpeq_epi8(v, lf), _mm_cmpeq_epi8(v, cr)));
        __m128i bad = _mm_andnot_si128(fine, low); /* a blank is low too, and stays one */
        if (_mm_movemask_epi8(bad))
            _mm_storeu_si128(p, _mm_or_si128(_mm_andnot_si128(bad, v), _mm_and_si128(bad, space)));
    }
    for (; at < length; at++) {
        unsigned char c = (unsigned char)text[at];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            text[at] = ' ';
    }
}

static enum fl_status feed(struct fl_xml_reader *reader, char *text, size_t length, bool last)
{
    const char *nul = reader->raw ? NULL : memchr(text, 0, length);
    reader->chunk = text;
    reader->chunk_length = length;
    reader->counted = 0;
    if (nul) {
        count_lines(reader, (size_t)(nul - text));
        return fl_error_set(reader->error, FL_UNREADABLE, "%s: line %llu: a NUL byte",
                            reader->source.name, (unsigned long long)reader->line);
    }
    if (!reader->raw)
        blank_controls(text, length);
    enum XML_Status parsed = XML_Parse(reader->expat, text, (int)length, last);
    if (reader->status != FL_OK)
        return reader->status;
    if (parsed != XML_STATUS_OK) {
        enum XML_Error code = XML_GetErrorCode(reader->expat);
        bool cut = code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN;
        return fl_error_set(reader->error, FL_UNREADABLE, "%s: line %llu: %s", reader->source.name,
                            (unsigned long long)fl_xml_line(reader),
                            cut ? "the file ends before the document does" : XML_ErrorString(code));
    }
    count_lines(reader, length);
    reader->chunk_start += (XML_Index)length;
    XML_Index behind = reader->chunk_start - XML_GetCurrentByteIndex(reader->expat);
    if (!last && behind > (XML_Index)FL_XML_TOKEN_BYTES_MAX)
        return fl_error_set(reader->error, FL_UNREADABLE, "%s: line %llu: a tag of more than 4 MiB",
                            reader->source.name, (unsigned long long)reader->line);
    return FL_OK;
}

/* Where a text of another encoding may be cut: neither byte is part of a longer character in any.
 */
static size_t cut_before(const char *text, size_t length)
{
    while (length > 0 && text[length - 1] != '>' && text[length - 1] != '\n')
        length--;
    return length;
}

/* Feeds what is in hand and carries the rest over. */
static enum fl_status feed_buffer(struct fl_xml_reader *reader, bool last)
{
    size_t length = reader->length, used = length;
    enum fl_status status;
    size_t valid = reader->raw ? length : fl_utf8_valid_prefix(reader->bytes, length);
    bool cut = !last && fl_utf8_is_cut(reader->bytes + valid, length - valid);
    if (valid == length || cut) {
        used = valid;
        status = feed(reader, reader->bytes, used, last);
    } else {
        if (!last)
            used = cut_before(reader->bytes, length);
        if (used == 0)
            used = length;
        size_t n = fl_charset_decode(reader->charset, reader->bytes, used, reader->decoded);
        status = feed(reader, reader->decoded, n, last);
    }
    memmove(reader->bytes, reader->bytes + used, length - used);
    reader->length = length - used;
    return status;
}

/* The encoding of <?xml ... encoding="..."?>; empty if none is declared. */
static void declared_encoding(const char *start, size_t length, char out[41])
{
    out[0] = '\0';
    struct fl_slice text = fl_slice_of(start, length < 256 ? length : 256);
    if (fl_slice_begins(text, "\xEF\xBB\xBF"))
        text = fl_slice_of(text.at + 3, text.length - 3);
    const char *end = memchr(text.at, '>', text.length);
    if (!fl_slice_begins(text, "<?xml") || !end)
        return;
    static const char word[] = "encoding";
    for (const char *p = text.at; p + sizeof word < end; p++) {
        if (memcmp(p, word, sizeof word - 1) != 0)
            continue;
        p += sizeof word - 1;
        while (p < end && *p != '"' && *p != '\'')
            p++;
        size_t n = 0;
        for (p++; p < end && *p != '"' && *p != '\'' && n < 40; p++)
            out[n++] = *p;
        out[n] = '\0';
        return;
    }
}

static enum fl_status set_up(struct fl_xml_reader *reader)
{
    const char *start = reader->bytes;
    reader->raw = reader->length >= 2 &&
                  (memcmp(start, "\xFF\xFE", 2) == 0 || memcmp(start, "\xFE\xFF", 2) == 0);
    char encoding[41];
    declared_encoding(start, reader->length, encoding);
    enum fl_status status = fl_charset_open(encoding, &reader->charset, reader->error);
    if (status == FL_UNSUPPORTED) /* a name nobody knows: valid UTF-8 wins anyhow */
        status = fl_charset_open(NULL, &reader->charset, reader->error);
    FL_TRY(status);
    reader->expat = XML_ParserCreate(reader->raw ? NULL : "UTF-8");
    if (!reader->expat)
        return fl_error_set(reader->error, FL_NO_MEMORY, "%s: no memory", reader->source.name);
    XML_SetUserData(reader->expat, reader);
    XML_SetElementHandler(reader->expat, on_open, on_close);
    XML_SetCharacterDataHandler(reader->expat, on_text);
    XML_SetStartDoctypeDeclHandler(reader->expat, on_doctype);
    return FL_OK;
}

/* Blank lines before the document: XML has none, files do. */
static void skip_blanks(struct fl_xml_reader *reader)
{
    size_t at = 0;
    while (at < reader->length && strchr(" \t\r\n", reader->bytes[at]) && reader->bytes[at] != '\0')
        reader->line += reader->bytes[at++] == '\n';
    memmove(reader->bytes, reader->bytes + at, reader->length - at);
    reader->length -= at;
}

static enum fl_status read_all(struct fl_xml_reader *reader)
{
    bool last = false;
    while (!last) {
        size_t got = 0, room = 2 * CHUNK_BYTES - reader->length;
        if (room > CHUNK_BYTES)
            room = CHUNK_BYTES;
        FL_TRY(fl_byte_source_fill(reader->source, reader->bytes + reader->length, room, &got,
                                   reader->error));
        reader->length += got;
        reader->bytes_read += got;
        last = got < room;
        if (!reader->expat) {
            skip_blanks(reader);
            FL_TRY(set_up(reader));
        }
        FL_TRY(feed_buffer(reader, last));
    }
    return FL_OK;
}

enum fl_status fl_xml_read(struct fl_byte_source source, const struct fl_xml_handler *handler,
                           uint64_t *bytes_out, struct fl_error *error)
{
    struct fl_xml_reader reader = {.source = source, .handler = handler, .error = error, .line = 1};
    reader.bytes = malloc(2 * CHUNK_BYTES);
    reader.decoded = malloc(2 * CHUNK_BYTES * FL_CHARSET_GROWTH);
    enum fl_status status = FL_OK;
    if (!reader.bytes || !reader.decoded)
        status = fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    if (status == FL_OK)
        status = read_all(&reader);
    if (bytes_out)
        *bytes_out = reader.bytes_read;
    if (reader.expat)
        XML_ParserFree(reader.expat);
    fl_charset_close(reader.charset);
    free(reader.decoded);
    free(reader.bytes);
    return status;
}

const char *fl_xml_attribute(struct fl_xml_attributes attributes, const char *name)
{
    for (const char *const *pair = attributes.pairs; pair[0]; pair += 2) {
        const char *colon = strchr(pair[0], ':');
        if (strcmp(colon ? colon + 1 : pair[0], name) == 0)
            return pair[1];
    }
    return NULL;
}
