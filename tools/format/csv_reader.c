#include "tools/format/csv_reader.h"

#include <stdlib.h>

#include "tools/format/charset.h"

#define FIRST_BUFFER_BYTES (256u << 10)
#define SAMPLE_RECORDS     100

enum scan { SCAN_DONE, SCAN_MORE, SCAN_OPEN_QUOTE, SCAN_AFTER_QUOTE, SCAN_TOO_WIDE };

struct fl_csv_reader {
    struct fl_byte_source source;
    struct fl_charset *charset;
    char *bytes; /* [begin, end) is read and not yet given out; begin is a record's first byte */
    size_t capacity, begin, end;
    bool at_end;
    bool cr_ends; /* the file has CR and no LF */
    char separator;
    bool stops[256]; /* bytes that end an unquoted field */
    uint64_t line;
    struct fl_slice *fields;
    uint8_t *doubled; /* per field: holds "" to be made one */
    size_t fields_capacity, fields_count;
    char *decoded;
    size_t decoded_capacity;
};

/* --- the separator ------------------------------------------------------------------------- */

/* Counts candidates outside quotes in the record at `at`; returns where the next one begins, or
 * `length` + 1 if the sample ends first. */
static size_t count_record(const char *sample, size_t at, size_t length, unsigned counts[4])
{
    bool quoted = false;
    memset(counts, 0, 4 * sizeof counts[0]);
    for (; at < length; at++) {
        char c = sample[at];
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '\n' || (c == '\r' && (at + 1 == length || sample[at + 1] != '\n')))
            return at + 1;
        else if (c == '\t' || c == ';' || c == '|' || c == ',')
            counts[c == '\t' ? 0 : c == ';' ? 1 : c == '|' ? 2 : 3]++;
    }
    return length + 1;
}

/* How many of the records have the commonest count of a candidate, counts of none left out. */
static unsigned agreement(unsigned counts[SAMPLE_RECORDS][4], unsigned records, unsigned candidate)
{
    unsigned best = 0;
    for (unsigned i = 0; i < records; i++) {
        unsigned alike = 0;
        for (unsigned j = 0; j < records; j++)
            alike += counts[j][candidate] == counts[i][candidate];
        if (counts[i][candidate] > 0 && alike > best)
            best = alike;
    }
    return best;
}

char fl_csv_separator_find(const char *sample, size_t length)
{
    static const char candidates[4] = {'\t', ';', '|', ','};
    unsigned counts[SAMPLE_RECORDS][4], records = 0;
    size_t at = 0;
    while (at < length && records < SAMPLE_RECORDS) {
        size_t next = count_record(sample, at, length, counts[records]);
        bool blank = next <= length && next - at <= 2 && (sample[at] == '\n' || sample[at] == '\r');
        bool cut = next > length && records > 0; /* the last one may be half */
        if (!blank && !cut)
            records++;
        at = next;
    }
    unsigned best = 0, best_alike = 0;
    for (unsigned c = 0; c < 4; c++) {
        unsigned alike = agreement(counts, records, c);
        if (alike > best_alike) {
            best = c;
            best_alike = alike;
        }
    }
    if (best_alike == 0)
        return ',';
    return best_alike * 2 >= records ? candidates[best] : '\0';
}

/* --- the buffer ---------------------------------------------------------------------------- */

/* Moves the open record to the front, makes room and reads on. */
static enum fl_status refill(struct fl_csv_reader *reader, struct fl_error *error)
{
    FL_ASSERT(!reader->at_end && reader->begin <= reader->end);
    size_t kept = reader->end - reader->begin;
    memmove(reader->bytes, reader->bytes + reader->begin, kept);
    reader->begin = 0;
    reader->end = kept;
    if (kept > reader->capacity / 2) {
        char *grown = realloc(reader->bytes, reader->capacity * 2);
        if (!grown)
            return fl_error_set(error, FL_NO_MEMORY, "%s: no memory for a record of %zu bytes",
                                reader->source.name, kept);
        reader->bytes = grown;
        reader->capacity *= 2;
    }
    size_t got = 0, room = reader->capacity - kept;
    FL_TRY(fl_byte_source_fill(reader->source, reader->bytes + kept, room, &got, error));
    reader->end += got;
    reader->at_end = got < room;
    return FL_OK;
}

/* Drops everything up to and with the next line end. */
static enum fl_status skip_line(struct fl_csv_reader *reader, struct fl_error *error)
{
    for (;;) {
        char *from = reader->bytes + reader->begin;
        char *newline = memchr(from, reader->cr_ends ? '\r' : '\n', reader->end - reader->begin);
        if (newline) {
            reader->begin = (size_t)(newline + 1 - reader->bytes);
            reader->line++;
            return FL_OK;
        }
        reader->begin = reader->end;
        if (reader->at_end)
            return FL_OK;
        FL_TRY(refill(reader, error));
    }
}

/* --- one record ---------------------------------------------------------------------------- */

static bool make_field_room(struct fl_csv_reader *reader)
{
    size_t capacity = reader->fields_capacity ? reader->fields_capacity * 2 : 64;
    struct fl_slice *fields = realloc(reader->fields, capacity * sizeof *fields);
    if (fields)
        reader->fields = fields;
    uint8_t *doubled = realloc(reader->doubled, capacity);
    if (doubled)
        reader->doubled = doubled;
    if (!fields || !doubled)
        return false;
    reader->fields_capacity = capacity;
    return true;
}

static void push_field(struct fl_csv_reader *reader, size_t from, size_t to, bool doubled)
{
    FL_ASSERT(reader->fields_count < reader->fields_capacity);
    reader->doubled[reader->fields_count] = doubled;
    reader->fields[reader->fields_count++] = fl_slice_of(reader->bytes + from, to - from);
}

static bool ends_line(const struct fl_csv_reader *reader, size_t at)
{
    char c = reader->bytes[at];
    if (c == '\n')
        return true;
    if (c != '\r')
        return false;
    if (reader->cr_ends)
        return true;
    return at + 1 < reader->end ? reader->bytes[at + 1] == '\n' : reader->at_end;
}

/* From behind the opening quote; `*at` ends on what follows the closing one. */
static enum scan scan_quoted(struct fl_csv_reader *reader, size_t *at, uint64_t *newlines)
{
    size_t from = *at;
    bool doubled = false;
    for (;;) {
        char *quote = memchr(reader->bytes + *at, '"', reader->end - *at);
        if (!quote)
            return reader->at_end ? SCAN_OPEN_QUOTE : SCAN_MORE;
        *at = (size_t)(quote - reader->bytes) + 1;
        if (*at == reader->end && !reader->at_end)
            return SCAN_MORE;
        if (*at == reader->end || reader->bytes[*at] != '"')
            break;
        doubled = true;
        ++*at;
    }
    const char newline = reader->cr_ends ? '\r' : '\n';
    const char *stop = reader->bytes + *at - 1;
    for (const char *p = reader->bytes + from; (p = memchr(p, newline, (size_t)(stop - p))); p++)
        ++*newlines;
    push_field(reader, from, *at - 1, doubled);
    if (*at == reader->end || reader->bytes[*at] == reader->separator || ends_line(reader, *at))
        return SCAN_DONE;
    bool lone_cr = reader->bytes[*at] == '\r' && *at + 1 == reader->end;
    return lone_cr ? SCAN_MORE : SCAN_AFTER_QUOTE;
}

static enum scan scan_plain(struct fl_csv_reader *reader, size_t *at)
{
    size_t from = *at, i = *at;
    for (;; i++) {
        while (i < reader->end && !reader->stops[(unsigned char)reader->bytes[i]])
            i++;
        if (i == reader->end || reader->bytes[i] == reader->separator || ends_line(reader, i))
            break;
        if (i + 1 == reader->end && !reader->at_end)
            return SCAN_MORE; /* a CR whose next byte is not there yet */
    }
    if (i == reader->end && !reader->at_end)
        return SCAN_MORE;
    push_field(reader, from, i, false);
    *at = i;
    return SCAN_DONE;
}

/* Splits the record at `begin`; `*next` is where the following one begins. */
static enum scan scan_record(struct fl_csv_reader *reader, size_t *next, uint64_t *newlines)
{
    size_t at = reader->begin;
    reader->fields_count = 0;
    *newlines = 0;
    for (;;) {
        if (reader->fields_count >= FL_CSV_FIELDS_MAX)
            return SCAN_TOO_WIDE;
        if (reader->fields_count == reader->fields_capacity && !make_field_room(reader))
            return SCAN_TOO_WIDE;
        bool quoted = at < reader->end && reader->bytes[at] == '"';
        if (quoted)
            at++;
        enum scan scan = quoted ? scan_quoted(reader, &at, newlines) : scan_plain(reader, &at);
        if (scan != SCAN_DONE)
            return scan;
        if (at == reader->end) {
            *next = at;
            return SCAN_DONE;
        }
        if (reader->bytes[at] != reader->separator)
            break;
        at++;
    }
    bool two = reader->bytes[at] == '\r' && at + 1 < reader->end && reader->bytes[at + 1] == '\n';
    *next = at + (two ? 2 : 1);
    ++*newlines;
    return SCAN_DONE;
}

static void collapse_quotes(struct fl_slice *field)
{
    char *to = (char *)field->at; /* the reader's own buffer */
    const char *from = field->at, *end = field->at + field->length;
    while (from < end) {
        if (*from == '"')
            from++; /* the first of a pair */
        *to++ = *from++;
    }
    field->length = (size_t)(to - field->at);
}

/* Makes the fields UTF-8 in a buffer of their own; records of plain ASCII never come here. */
static enum fl_status decode_fields(struct fl_csv_reader *reader, size_t record_bytes,
                                    struct fl_error *error)
{
    size_t wanted = record_bytes * FL_CHARSET_GROWTH;
    if (wanted > reader->decoded_capacity) {
        char *grown = realloc(reader->decoded, wanted);
        if (!grown)
            return fl_error_set(error, FL_NO_MEMORY, "%s: no memory", reader->source.name);
        reader->decoded = grown;
        reader->decoded_capacity = wanted;
    }
    size_t used = 0;
    for (size_t i = 0; i < reader->fields_count; i++) {
        struct fl_slice *field = &reader->fields[i];
        size_t n =
            fl_charset_decode(reader->charset, field->at, field->length, reader->decoded + used);
        *field = fl_slice_of(reader->decoded + used, n);
        used += n;
    }
    FL_ASSERT(used <= wanted);
    return FL_OK;
}

static enum fl_status finish_record(struct fl_csv_reader *reader, size_t next,
                                    struct fl_error *error)
{
    const char *record = reader->bytes + reader->begin;
    size_t record_bytes = next - reader->begin;
    bool utf8 = fl_utf8_is_valid(record, record_bytes);
    for (size_t i = 0; i < reader->fields_count; i++) {
        if (reader->doubled[i])
            collapse_quotes(&reader->fields[i]);
    }
    return utf8 ? FL_OK : decode_fields(reader, record_bytes, error);
}

/* Reports the record and stands behind its first line (V1). */
static enum fl_status refuse_record(struct fl_csv_reader *reader, enum scan scan,
                                    struct fl_error *error)
{
    enum fl_status status = FL_BAD_VALUE;
    const char *reason = "a quote is not closed";
    if (scan == SCAN_AFTER_QUOTE) {
        reason = "text after a closing quote";
    } else if (scan == SCAN_TOO_WIDE) {
        status = FL_TOO_LONG;
        reason = "too many fields in one record";
    } else if (scan == SCAN_MORE) {
        status = FL_TOO_LONG;
        reason = "a record of more than 1 MiB: perhaps a quote is not closed";
    }
    uint64_t line = reader->line;
    FL_TRY(skip_line(reader, error));
    return fl_error_set(error, status, "%s: line %llu: %s", reader->source.name,
                        (unsigned long long)line, reason);
}

enum fl_status fl_csv_reader_next(struct fl_csv_reader *reader, struct fl_csv_record *out,
                                  struct fl_error *error)
{
    for (;;) {
        *out = (struct fl_csv_record){.line = reader->line};
        if (reader->begin == reader->end && reader->at_end)
            return FL_OK;
        size_t next = 0;
        uint64_t newlines = 0;
        enum scan scan = scan_record(reader, &next, &newlines);
        if (scan == SCAN_MORE && reader->end - reader->begin <= FL_CSV_RECORD_BYTES_MAX) {
            FL_TRY(refill(reader, error));
            continue;
        }
        if (scan != SCAN_DONE)
            return refuse_record(reader, scan, error);
        FL_ASSERT(next > reader->begin && next <= reader->end);
        bool blank = reader->fields_count == 1 && reader->bytes[reader->begin] != '"' &&
                     reader->fields[0].length == 0;
        enum fl_status status = blank ? FL_OK : finish_record(reader, next, error);
        reader->begin = next;
        reader->line += newlines;
        if (blank)
            continue;
        FL_TRY(status);
        out->fields = reader->fields;
        out->count = reader->fields_count;
        return FL_OK;
    }
}

/* --- opening ------------------------------------------------------------------------------- */

/* Excel's hint: a first line "sep=;". */
static enum fl_status take_separator_hint(struct fl_csv_reader *reader, struct fl_error *error)
{
    const char *from = reader->bytes + reader->begin;
    if (reader->end - reader->begin < 6 || memcmp(from, "sep=", 4) != 0 ||
        (from[5] != '\r' && from[5] != '\n'))
        return FL_OK;
    reader->separator = from[4];
    return skip_line(reader, error);
}

static enum fl_status read_start(struct fl_csv_reader *reader, const struct fl_csv_options *options,
                                 struct fl_error *error)
{
    FL_TRY(refill(reader, error));
    const char *start = reader->bytes;
    if (reader->end >= 2 &&
        (memcmp(start, "\xFF\xFE", 2) == 0 || memcmp(start, "\xFE\xFF", 2) == 0))
        return fl_error_set(error, FL_UNSUPPORTED, "%s: UTF-16; save the file as UTF-8",
                            reader->source.name);
    if (reader->end >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0)
        reader->begin = 3;
    reader->cr_ends =
        memchr(start, '\r', reader->end) != NULL && memchr(start, '\n', reader->end) == NULL;
    for (uint32_t i = 0; i < options->skip_lines; i++)
        FL_TRY(skip_line(reader, error));
    FL_TRY(take_separator_hint(reader, error));
    if (options->separator)
        reader->separator = options->separator;
    if (!reader->separator)
        reader->separator =
            fl_csv_separator_find(reader->bytes + reader->begin, reader->end - reader->begin);
    if (!reader->separator)
        return fl_error_set(error, FL_UNREADABLE,
                            "%s: the separator cannot be told from the first lines; give it",
                            reader->source.name);
    reader->stops['\r'] = reader->stops['\n'] = true;
    reader->stops[(unsigned char)reader->separator] = true;
    return FL_OK;
}

enum fl_status fl_csv_reader_open(struct fl_byte_source source,
                                  const struct fl_csv_options *options, struct fl_csv_reader **out,
                                  struct fl_error *error)
{
    static const struct fl_csv_options none;
    options = options ? options : &none;
    struct fl_csv_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    reader->source = source;
    reader->line = 1;
    reader->capacity = FIRST_BUFFER_BYTES;
    reader->bytes = malloc(reader->capacity);
    enum fl_status status = FL_OK;
    if (!reader->bytes)
        status = fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    if (status == FL_OK)
        status = fl_charset_open(options->charset, &reader->charset, error);
    if (status == FL_OK)
        status = read_start(reader, options, error);
    if (status != FL_OK) {
        fl_csv_reader_close(reader);
        return status;
    }
    *out = reader;
    return FL_OK;
}

void fl_csv_reader_close(struct fl_csv_reader *reader)
{
    if (!reader)
        return;
    fl_charset_close(reader->charset);
    free(reader->decoded);
    free(reader->doubled);
    free(reader->fields);
    free(reader->bytes);
    free(reader);
}

char fl_csv_reader_separator(const struct fl_csv_reader *reader)
{
    return reader->separator;
}
