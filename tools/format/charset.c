#include "tools/format/charset.h"

#include <stdlib.h>
#include <strings.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "core/base/bytes.h"

#define REPLACEMENT    0xFFFD
#define NFKC_UNITS_MAX 4096 /* a bank line's text; more is not normalised */

struct utf8_unit {
    char bytes[3];
    uint8_t length;
};

struct fl_charset {
    struct utf8_unit unit[256]; /* of a single-byte encoding; all in the BMP */
    UConverter *converter;      /* of a multi-byte one; else null */
};

/* Windows-1252, 0x80..0x9F; 0 where no character is assigned. The rest equals Latin-1. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

size_t fl_utf8_nfkc(const char *text, size_t length, char *out, size_t capacity)
{
    size_t fits = length <= capacity ? length : fl_utf8_valid_prefix(text, capacity);
    if (length > 0 && !fl_ascii_is(text, fits) && length <= NFKC_UNITS_MAX) {
        UChar wide[NFKC_UNITS_MAX], normal[2 * NFKC_UNITS_MAX];
        UErrorCode code = U_ZERO_ERROR;
        int32_t n = 0, bytes = 0;
        u_strFromUTF8(wide, NFKC_UNITS_MAX, &n, text, (int32_t)length, &code);
        const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&code);
        n = unorm2_normalize(nfkc, wide, n, normal, 2 * NFKC_UNITS_MAX, &code);
        u_strToUTF8(out, (int32_t)capacity, &bytes, normal, n, &code);
        if (U_SUCCESS(code))
            return (size_t)bytes;
    }
    if (fits > 0)
        memcpy(out, text, fits);
    return fits;
}

/* ---- names ----------------------------------------------------------------------------------- */

struct folding {
    char *out;
    size_t length, capacity, word; /* where the present word begins */
    bool may_join;                 /* it may have a digraph in it */
};

/* The word that ends here: digraphs become their letters, "and" goes. */
static void word_end(struct folding *f)
{
    size_t to = f->word, n = f->length - f->word;
    const char *word = f->out + f->word;
    if (n == 0)
        return;
    if (n == 3 && (memcmp(word, "UND", 3) == 0 || memcmp(word, "AND", 3) == 0)) {
        f->length = f->word;
        return;
    }
    for (size_t i = f->may_join ? f->word : f->length; i < f->length; i++) {
        char c = f->out[i];
        f->out[to++] = c;
        bool vowel = c == 'A' || c == 'O' || c == 'U';
        if (vowel && i + 1 < f->length && f->out[i + 1] == 'E')
            i++;
    }
    f->length = f->may_join ? to : f->length;
    f->may_join = false;
    if (f->length > f->word && f->length < f->capacity)
        f->out[f->length++] = ' ';
    f->word = f->length;
}

static void put_bytes(struct folding *f, const char *bytes, size_t n)
{
    if (f->length + n > f->capacity)
        return;
    memcpy(f->out + f->length, bytes, n);
    f->length += n;
    f->may_join = true;
}

/* What an ASCII byte of a name becomes; 0: it ends a word. */
static const char name_byte[128] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',
    ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
#define FL_NAME_LETTER(upper, lower) [upper] = upper, [lower] = upper
    FL_NAME_LETTER('A', 'a'), FL_NAME_LETTER('B', 'b'), FL_NAME_LETTER('C', 'c'),
    FL_NAME_LETTER('D', 'd'), FL_NAME_LETTER('E', 'e'), FL_NAME_LETTER('F', 'f'),
    FL_NAME_LETTER('G', 'g'), FL_NAME_LETTER('H', 'h'), FL_NAME_LETTER('I', 'i'),
    FL_NAME_LETTER('J', 'j'), FL_NAME_LETTER('K', 'k'), FL_NAME_LETTER('L', 'l'),
    FL_NAME_LETTER('M', 'm'), FL_NAME_LETTER('N', 'n'), FL_NAME_LETTER('O', 'o'),
    FL_NAME_LETTER('P', 'p'), FL_NAME_LETTER('Q', 'q'), FL_NAME_LETTER('R', 'r'),
    FL_NAME_LETTER('S', 's'), FL_NAME_LETTER('T', 't'), FL_NAME_LETTER('U', 'u'),
    FL_NAME_LETTER('V', 'v'), FL_NAME_LETTER('W', 'w'), FL_NAME_LETTER('X', 'x'),
    FL_NAME_LETTER('Y', 'y'), FL_NAME_LETTER('Z', 'z'),
#undef FL_NAME_LETTER
};

static void put_ascii(struct folding *f, unsigned c)
{
    char byte = name_byte[c & 0x7F];
    if (byte == 0) {
        word_end(f);
    } else if (f->length < f->capacity) {
        char before = byte == 'E' && f->length > f->word ? f->out[f->length - 1] : '\0';
        f->may_join |= before == 'A' || before == 'O' || before == 'U';
        f->out[f->length++] = byte;
    }
}

/* A run of ASCII letters and digits; returns where it ends. */
static size_t put_run(struct folding *f, const char *text, size_t at, size_t length)
{
    size_t n = f->length;
    char byte, before = n > f->word ? f->out[n - 1] : '\0';
    bool may_join = f->may_join;
    for (; at < length && (unsigned char)text[at] < 0x80 && n < f->capacity; at++) {
        byte = name_byte[(unsigned char)text[at]];
        if (byte == 0)
            break;
        may_join |= byte == 'E' && (before == 'A' || before == 'O' || before == 'U');
        f->out[n++] = before = byte;
    }
    f->length = n;
    f->may_join = may_join;
    return at;
}

/* U+00C0 to U+00FF without their signs; null for a multiplication or division sign. */
static const char *latin_letter(unsigned code)
{
    static const char *const letters[32] = {"A", "A", "A", "A", "A", "A", "A",  "C", "E", "E", "E",
                                            "E", "I", "I", "I", "I", "D", "N",  "O", "O", "O", "O",
                                            "O", "",  "O", "U", "U", "U", "U",  "Y", "TH", "SS"};
    if (code == 0xFF)
        return "Y";
    return code < 0xC0 || code > 0xFF ? NULL : letters[(code - 0xC0) & 31];
}

static void put_wide(struct folding *f, UChar32 c)
{
    static const struct {
        UChar32 from;
        const char *to;
    } others[] = {{0xF8, "O"},   {0xE6, "A"},  {0x153, "O"}, {0x111, "D"}, {0x142, "L"},
                  {0xFE, "TH"},  {0xF0, "D"},  {0x131, "I"}, {0x127, "H"}, {0x1E9E, "SS"}};
    if (c < 0x80) {
        put_ascii(f, (unsigned)c);
        return;
    }
    if (c >= 0x300 && c < 0x370)
        return; /* an accent */
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i].from == c) {
            put_bytes(f, others[i].to, strlen(others[i].to));
            return;
        }
    }
    bool mark = (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
    char bytes[4];
    int32_t n = 0;
    if (!mark && !u_isalnum(c)) {
        word_end(f);
        return;
    }
    U8_APPEND_UNSAFE(bytes, n, c);
    put_bytes(f, bytes, (size_t)n);
}

/* False: ICU does not take it. */
static bool fold_wide(struct folding *f, const char *text, size_t length)
{
    UChar wide[NFKC_UNITS_MAX], folded[2 * NFKC_UNITS_MAX], parts[4 * NFKC_UNITS_MAX];
    UErrorCode code = U_ZERO_ERROR;
    int32_t n = 0;
    if (length > NFKC_UNITS_MAX)
        return false;
    u_strFromUTF8(wide, NFKC_UNITS_MAX, &n, text, (int32_t)length, &code);
    n = unorm2_normalize(unorm2_getNFKCCasefoldInstance(&code), wide, n, folded,
                         2 * NFKC_UNITS_MAX, &code);
    n = unorm2_normalize(unorm2_getNFDInstance(&code), folded, n, parts, 4 * NFKC_UNITS_MAX, &code);
    for (int32_t at = 0; U_SUCCESS(code) && at < n;) {
        UChar32 c;
        U16_NEXT(parts, at, n, c);
        put_wide(f, c);
    }
    return U_SUCCESS(code);
}

static bool is_latin1(const char *text, size_t length)
{
    size_t i = 0;
    while (i + 8 <= length && !(fl_load_u64(text + i) & UINT64_C(0x8080808080808080)))
        i += 8;
    for (; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80 && c != 0xC3)
            return false;
        i += c == 0xC3;
    }
    return true;
}

size_t fl_utf8_fold_name(const char *text, size_t length, char *out, size_t capacity)
{
    struct folding f = {.out = out, .capacity = capacity};
    if (is_latin1(text, length) || !fold_wide(&f, text, length)) {
        f.length = f.word = 0;
        for (size_t i = 0; (i = put_run(&f, text, i, length)) < length; i++) {
            unsigned char c = (unsigned char)text[i];
            const char *letter = NULL;
            if (c == 0xC3 && i + 1 < length)
                letter = latin_letter(0xC0u | ((unsigned char)text[++i] & 0x3F));
            if (letter)
                put_bytes(&f, letter, strlen(letter));
            else
                put_ascii(&f, c < 0x80 ? c : ' ');
        }
    }
    word_end(&f);
    while (f.length > 0 && out[f.length - 1] == ' ')
        f.length--;
    return f.length;
}

static struct utf8_unit unit_of(unsigned code)
{
    struct utf8_unit unit = {.length = 1};
    if (code < 0x80) {
        unit.bytes[0] = (char)code;
    } else if (code < 0x800) {
        unit.bytes[0] = (char)(0xC0 | code >> 6);
        unit.bytes[1] = (char)(0x80 | (code & 0x3F));
        unit.length = 2;
    } else {
        unit.bytes[0] = (char)(0xE0 | code >> 12);
        unit.bytes[1] = (char)(0x80 | (code >> 6 & 0x3F));
        unit.bytes[2] = (char)(0x80 | (code & 0x3F));
        unit.length = 3;
    }
    return unit;
}

static void set_windows_1252(struct fl_charset *charset)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned code = byte;
        if (byte >= 0x80 && byte < 0xA0)
            code = windows_1252[byte - 0x80] ? windows_1252[byte - 0x80] : REPLACEMENT;
        charset->unit[byte] = unit_of(code);
    }
}

/* Latin-1 is read as Windows-1252: its C1 controls stand in no bank's text, curly quotes do. */
static bool is_windows_1252(const char *name)
{
    static const char *const names[] = {
        "",           "utf-8",  "utf8",    "windows-1252", "cp1252", "iso-8859-1", "iso8859-1",
        "iso_8859-1", "latin1", "latin-1", "us-ascii",     "ascii",  "ansi",       "l1"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static void set_from_converter(struct fl_charset *charset, UConverter *converter)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        UErrorCode code = U_ZERO_ERROR;
        char in = (char)byte;
        UChar wide[4];
        int32_t n = ucnv_toUChars(converter, wide, 4, &in, 1, &code);
        bool good = U_SUCCESS(code) && n == 1 && !U16_IS_SURROGATE(wide[0]);
        charset->unit[byte] = unit_of(good ? wide[0] : REPLACEMENT);
    }
}

enum fl_status fl_charset_open(const char *declared, struct fl_charset **out,
                               struct fl_error *error)
{
    const char *name = declared ? declared : "";
    struct fl_charset *charset = calloc(1, sizeof *charset);
    if (!charset)
        return fl_error_set(error, FL_NO_MEMORY, "no memory for a character table");
    if (is_windows_1252(name)) {
        set_windows_1252(charset);
        *out = charset;
        return FL_OK;
    }
    UErrorCode code = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(name, &code);
    if (U_FAILURE(code)) {
        free(charset);
        return fl_error_set(error, FL_UNSUPPORTED, "unknown character encoding \"%.40s\"", name);
    }
    if (ucnv_getMaxCharSize(converter) == 1) {
        set_from_converter(charset, converter);
        ucnv_close(converter);
    } else {
        charset->converter = converter;
    }
    *out = charset;
    return FL_OK;
}

void fl_charset_close(struct fl_charset *charset)
{
    if (!charset)
        return;
    if (charset->converter)
        ucnv_close(charset->converter);
    free(charset);
}

/* Through UTF-16 in steps; ICU puts U+FFFD where a byte makes no sense. */
static size_t decode_multi_byte(UConverter *converter, const char *text, size_t length, char *out)
{
    size_t written = 0;
    const char *source = text, *end = text + length;
    UChar wide[256];
    int32_t carried = 0; /* first half of a surrogate pair that the buffer's end cut */
    ucnv_resetToUnicode(converter);
    for (bool more = true; more;) {
        UChar *target = wide + carried;
        UErrorCode code = U_ZERO_ERROR;
        ucnv_toUnicode(converter, &target, wide + 256, &source, end, NULL, true, &code);
        more = code == U_BUFFER_OVERFLOW_ERROR;
        int32_t bytes = 0, count = (int32_t)(target - wide);
        carried = more && count > 0 && U16_IS_LEAD(wide[count - 1]) ? 1 : 0;
        count -= carried;
        char narrow[256 * 3];
        code = U_ZERO_ERROR;
        u_strToUTF8WithSub(narrow, sizeof narrow, &bytes, wide, count, REPLACEMENT, NULL, &code);
        size_t room = FL_CHARSET_GROWTH * length - written;
        size_t take = (size_t)bytes < room ? (size_t)bytes : room;
        memcpy(out + written, narrow, take);
        written += take;
        if (carried)
            wide[0] = wide[count];
    }
    return fl_utf8_valid_prefix(out, written);
}

size_t fl_charset_decode(struct fl_charset *charset, const char *text, size_t length, char *out)
{
    size_t at = fl_utf8_valid_prefix(text, length);
    if (charset->converter && at < length)
        return decode_multi_byte(charset->converter, text, length, out);
    memcpy(out, text, at);
    size_t written = at;
    while (at < length) {
        struct utf8_unit unit = charset->unit[(unsigned char)text[at++]];
        memcpy(out + written, unit.bytes, unit.length);
        written += unit.length;
        size_t valid = fl_utf8_valid_prefix(text + at, length - at);
        memcpy(out + written, text + at, valid);
        at += valid;
        written += valid;
    }
    return written;
}
