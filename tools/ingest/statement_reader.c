#define _GNU_SOURCE /* memmem */
#include "tools/ingest/statement_reader.h"

#include <string.h>
#include <strings.h>

#include "tools/format/utf16_source.h"
#include "tools/ingest/statement_bai2.h"
#include "tools/ingest/statement_camt.h"
#include "tools/ingest/statement_csv.h"
#include "tools/ingest/statement_mt940.h"
#include "tools/ingest/statement_ofx.h"

static bool contains(const char *start, size_t length, const char *word)
{
    return memmem(start, length, word, strlen(word)) != NULL;
}

static bool all_digits(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
    }
    return true;
}

/* A line that begins with one of the tags that only MT940 has. */
static bool has_mt940_field(const char *start, size_t length)
{
    static const char *const tags[] = {
        ":20:", ":25:", ":28C:", ":28:", ":60F:", ":60M:", ":61:", ":62F:", ":86:"};
    const char *end = start + length;
    for (const char *line = start; line < end;) {
        for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
            size_t n = strlen(tags[i]);
            if ((size_t)(end - line) >= n && memcmp(line, tags[i], n) == 0)
                return true;
        }
        while (line < end && *line != '\n' && *line != '\r')
            line++;
        line++;
    }
    return false;
}

static enum fl_statement_format detect_xml(const char *start, size_t length)
{
    if (contains(start, length, "BkToCstmr") || contains(start, length, "xsd:camt.05"))
        return FL_FORMAT_CAMT;
    if (contains(start, length, "<OFX") || contains(start, length, "<?OFX"))
        return FL_FORMAT_OFX;
    return FL_FORMAT_OTHER_XML;
}

/* A record of the head (00 to 03) that "/" closes, or a file header with the date where it must be:
 * rows of a table may begin with 01 too. What is wrong with it the parser names. */
static bool begins_like_bai2(const char *start, size_t length)
{
    if (length < 3 || start[0] != '0' || start[1] < '0' || start[1] > '3' || start[2] != ',')
        return false;
    const char *at = start, *end = start;
    while (end < start + length && *end != '\n' && *end != '\r')
        end++;
    for (unsigned fields = 0; at && fields < 3; fields++) {
        at = memchr(at, ',', (size_t)(end - at));
        at += at != NULL;
    }
    bool dated = start[1] == '1' && at && end - at >= 6 && all_digits(at, 6);
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return dated || end[-1] == '/';
}

static bool begins_like_qif(const char *start, size_t length)
{
    static const char *const words[] = {"!Type:", "!Account", "!Option:", "!Clear:"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (length >= strlen(words[i]) && strncasecmp(start, words[i], strlen(words[i])) == 0)
            return true;
    }
    return false;
}

static enum fl_statement_format detect_text(const char *start, size_t length)
{
    if (length >= 9 && memcmp(start, "OFXHEADER", 9) == 0)
        return FL_FORMAT_OFX;
    if (begins_like_bai2(start, length))
        return FL_FORMAT_BAI2;
    if (has_mt940_field(start, length))
        return FL_FORMAT_MT940;
    if (begins_like_qif(start, length))
        return FL_FORMAT_QIF;
    if (length >= 94 && memcmp(start, "101", 3) == 0 && contains(start, 94, "094101"))
        return FL_FORMAT_ACH;
    if (length >= 20 && memcmp(start, "11", 2) == 0 && all_digits(start, 20))
        return FL_FORMAT_N43;
    if (length >= 16 && start[0] == '0' && memcmp(start, "00000", 5) == 0 && all_digits(start, 11))
        return FL_FORMAT_CODA;
    if (length >= 100 && all_digits(start, 60))
        return FL_FORMAT_V11;
    return FL_FORMAT_TEXT;
}

enum fl_statement_format fl_statement_format_detect(const char *start, size_t length)
{
    if (fl_utf16_is(start, length) || fl_utf32_is(start, length))
        return FL_FORMAT_UNKNOWN; /* what it is shows in UTF-8 */
    if (length >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0) {
        start += 3;
        length -= 3;
    }
    while (length > 0 && (unsigned char)start[0] <= ' ') {
        start++;
        length--;
    }
    if (length == 0)
        return FL_FORMAT_UNKNOWN;
    return start[0] == '<' ? detect_xml(start, length) : detect_text(start, length);
}

const char *fl_statement_format_name(enum fl_statement_format format)
{
    static const char *const names[] = {
        [FL_FORMAT_UNKNOWN] = "unknown", [FL_FORMAT_MT940] = "mt940",
        [FL_FORMAT_CAMT] = "camt",       [FL_FORMAT_BAI2] = "bai2",
        [FL_FORMAT_OFX] = "ofx",         [FL_FORMAT_CODA] = "coda",
        [FL_FORMAT_N43] = "norma43",     [FL_FORMAT_QIF] = "qif",
        [FL_FORMAT_ACH] = "ach",         [FL_FORMAT_V11] = "v11",
        [FL_FORMAT_OTHER_XML] = "xml",   [FL_FORMAT_TEXT] = "text",
        [FL_FORMAT_BANK_CSV] = "csv",    [FL_FORMAT_PAYOUT_CSV] = "payout",
    };
    return names[format];
}

const char *fl_statement_format_of_kind(enum fl_statement_format format,
                                        enum fl_statement_kind kind)
{
    static const char *const camt[] = {[FL_STATEMENT_BOOKED] = "camt.053",
                                       [FL_STATEMENT_INTRADAY] = "camt.052",
                                       [FL_STATEMENT_NOTICE] = "camt.054"};
    if (format == FL_FORMAT_CAMT)
        return camt[kind];
    if (format == FL_FORMAT_MT940 && kind == FL_STATEMENT_INTRADAY)
        return "mt942";
    return fl_statement_format_name(format);
}

/* The bytes looked at come first, then the rest of the source. */
struct peeked {
    struct fl_byte_source rest;
    size_t length, at;
    char bytes[FL_STATEMENT_DETECT_BYTES];
};

static bool rewind_peeked(void *context)
{
    struct peeked *peeked = context;
    peeked->length = peeked->at = 0; /* the rest is the whole again */
    return peeked->rest.rewind(peeked->rest.context);
}

static const char *why_peeked(void *context)
{
    struct peeked *peeked = context;
    return peeked->rest.why(peeked->rest.context);
}

static ssize_t read_peeked(void *context, void *buffer, size_t capacity)
{
    struct peeked *peeked = context;
    size_t left = peeked->length - peeked->at;
    if (left == 0)
        return peeked->rest.read(peeked->rest.context, buffer, capacity);
    size_t take = left < capacity ? left : capacity;
    memcpy(buffer, peeked->bytes + peeked->at, take);
    peeked->at += take;
    return (ssize_t)take;
}

/* What a profile names; FL_FORMAT_UNKNOWN: it names none. */
static enum fl_statement_format format_declared(const struct fl_statement_profile *profile)
{
    static const struct {
        const char *name;
        enum fl_statement_format format;
    } names[] = {{"csv", FL_FORMAT_BANK_CSV},  {"mt940", FL_FORMAT_MT940},
                 {"mt942", FL_FORMAT_MT940},   {"camt", FL_FORMAT_CAMT},
                 {"camt.053", FL_FORMAT_CAMT}, {"bai2", FL_FORMAT_BAI2},
                 {"ofx", FL_FORMAT_OFX}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(profile->format, names[i].name) == 0)
            return names[i].format;
    }
    return FL_FORMAT_UNKNOWN;
}

static enum fl_status parse(struct fl_byte_source whole, enum fl_statement_format format,
                            const struct fl_statement_profile *profile,
                            const struct fl_statement_sink *sink,
                            struct fl_statement_summary *summary, struct fl_error *error)
{
    const char *charset = profile->charset[0] ? profile->charset : NULL;
    switch (format) {
    case FL_FORMAT_MT940:
        return fl_statement_mt940_read(whole, charset, profile->reversal_flips == FL_PROFILE_NO,
                                       sink, summary, error);
    case FL_FORMAT_CAMT:
        return fl_statement_camt_read(whole, profile->reversal_flips == FL_PROFILE_YES, sink,
                                      summary, error);
    case FL_FORMAT_BAI2:
        return fl_statement_bai2_read(whole, charset, sink, summary, error);
    case FL_FORMAT_OFX:
        return fl_statement_ofx_read(whole, charset, sink, summary, error);
    case FL_FORMAT_BANK_CSV:
        return fl_statement_csv_read(whole, profile, sink, summary, error);
    case FL_FORMAT_UNKNOWN:
        return fl_error_set(error, FL_UNREADABLE, "%s: not a bank statement in a known format",
                            whole.name);
    default:
        return fl_error_set(error, FL_UNSUPPORTED, "%s: %s is not read", whole.name,
                            fl_statement_format_name(format));
    }
}

/* What else people take for a statement: the file is whole, but no reader of ours is for it. Null:
 * nothing that is told by its first bytes. */
static const char *kind_told(const char *start, size_t length)
{
    static const struct {
        const char *begins, *is;
    } kinds[] = {{"%PDF-", "a PDF"},
                 {"\x89PNG", "a picture"},
                 {"\xFF\xD8\xFF", "a picture"},
                 {"\xD0\xCF\x11\xE0", "a spreadsheet or document of an old Office"},
                 {"{\\rtf", "a text of a word processor"},
                 {"<!DOCTYPE html", "a web page"},
                 {"<html", "a web page"}};
    if (length == 0)
        return "an empty file";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t n = strlen(kinds[i].begins);
        if (length >= n && strncasecmp(start, kinds[i].begins, n) == 0)
            return kinds[i].is;
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)start[i] > ' ')
            return NULL;
    }
    return "a file of nothing but blanks";
}

/* The name of an XML document: what its namespace ends with, else its first element. */
static struct fl_slice xml_name(const char *start, size_t length)
{
    static const char space[] = "xsd:";
    const char *end = start + length;
    const char *at = memmem(start, length, space, strlen(space));
    if (at)
        at += strlen(space);
    for (const char *p = start; !at && p + 1 < end; p++) {
        if (*p == '<' && ((p[1] | 0x20) >= 'a' && (p[1] | 0x20) <= 'z'))
            at = p + 1;
    }
    size_t n = 0;
    while (at && at + n < end && n < 40 && (unsigned char)at[n] > ' ' && !strchr("\"'>/", at[n]))
        n++;
    return fl_slice_of(at ? at : start, n);
}

/* Says of a file that is none of ours what it is and what to ask the bank for; FL_OK: nothing. */
static enum fl_status refuse_other(const struct peeked *peeked, const char *name,
                                   enum fl_statement_format format, struct fl_error *error)
{
    const char *kind = kind_told(peeked->bytes, peeked->length);
    if (kind)
        return fl_error_set(error, FL_UNREADABLE,
                            "%s: %s: what is read is camt, MT940, MT942, BAI2, OFX and CSV", name,
                            kind);
    if (format != FL_FORMAT_OTHER_XML)
        return FL_OK;
    struct fl_slice xml = xml_name(peeked->bytes, peeked->length);
    return fl_error_set(error, FL_UNSUPPORTED,
                        "%s: XML of another kind: \"%.*s\"; camt.052, 053, 054 and OFX are read",
                        name, (int)xml.length, xml.at);
}

/* What the user is told of a text that no CSV came of: it is text, not CSV. */
static enum fl_statement_format format_told(enum fl_statement_format format, enum fl_status status)
{
    bool csv = format == FL_FORMAT_TEXT && status != FL_UNSUPPORTED;
    return csv ? FL_FORMAT_BANK_CSV : format;
}

static enum fl_status read_any(struct fl_byte_source source,
                               const struct fl_statement_profile *profile,
                               const struct fl_statement_sink *sink,
                               struct fl_statement_summary *summary,
                               enum fl_statement_format *format_out, struct fl_error *error)
{
    struct peeked peeked = {.rest = source};
    FL_TRY(fl_byte_source_fill(source, peeked.bytes, sizeof peeked.bytes, &peeked.length, error));
    enum fl_statement_format found = fl_statement_format_detect(peeked.bytes, peeked.length);
    enum fl_statement_format format = format_declared(profile);
    struct fl_byte_source whole = {.read = read_peeked,
                                   .context = &peeked,
                                   .name = source.name,
                                   .rewind = source.rewind ? rewind_peeked : NULL,
                                   .why = source.why ? why_peeked : NULL};
    if (fl_utf32_is(peeked.bytes, peeked.length))
        return fl_error_set(error, FL_UNSUPPORTED, "%s: UTF-32 is not read: save it as UTF-8",
                            source.name);
    if (found == FL_FORMAT_UNKNOWN && fl_utf16_is(peeked.bytes, peeked.length)) {
        struct fl_utf16_source utf16;
        return read_any(fl_utf16_source_init(&utf16, whole), profile, sink, summary, format_out,
                        error);
    }
    if (format == FL_FORMAT_UNKNOWN) {
        format = *format_out = found;
        FL_TRY(refuse_other(&peeked, source.name, format, error));
    }
    enum fl_statement_format as = format == FL_FORMAT_TEXT ? FL_FORMAT_BANK_CSV : format;
    enum fl_status status = parse(whole, as, profile, sink, summary, error);
    *format_out = format_told(format, status);
    return status;
}

enum fl_status fl_statement_read_profile(struct fl_byte_source source,
                                         const struct fl_statement_profile *profile,
                                         const struct fl_statement_sink *sink,
                                         struct fl_statement_summary *summary,
                                         enum fl_statement_format *format_out,
                                         struct fl_error *error)
{
    enum fl_statement_format format = FL_FORMAT_UNKNOWN;
    *summary = (struct fl_statement_summary){0};
    enum fl_status status = read_any(source, profile, sink, summary, &format, error);
    if (format_out)
        *format_out = format;
    return status;
}

enum fl_status fl_statement_read(struct fl_byte_source source, const char *charset,
                                 const struct fl_statement_sink *sink,
                                 struct fl_statement_summary *summary,
                                 enum fl_statement_format *format_out, struct fl_error *error)
{
    struct fl_statement_profile profile = {.charset = ""};
    if (charset && strlen(charset) >= sizeof profile.charset)
        return fl_error_set(error, FL_UNSUPPORTED, "no such encoding: %s", charset);
    if (charset)
        memcpy(profile.charset, charset, strlen(charset) + 1);
    return fl_statement_read_profile(source, &profile, sink, summary, format_out, error);
}
