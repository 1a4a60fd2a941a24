#include <criterion/criterion.h>
#include <string.h>
#include <wchar.h>

#include "tools/format/charset.h"

/* An independent judge of UTF-8: decode by arithmetic, then compare with the shortest form. */
static bool model_valid(const unsigned char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        unsigned c = s[i], extra = c < 0x80 ? 0 : c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 9;
        if (extra == 9 || c >= 0xF8 || i + extra >= n + (extra == 0))
            return false;
        unsigned long code = extra == 0 ? c : c & (0x3Fu >> extra);
        for (unsigned k = 1; k <= extra; k++) {
            if ((s[i + k] & 0xC0) != 0x80)
                return false;
            code = code << 6 | (s[i + k] & 0x3F);
        }
        unsigned shortest = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        if (extra != shortest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            return false;
        i += extra + 1;
    }
    return true;
}

Test(charset, validity_agrees_with_the_arithmetic_for_all_short_and_many_long_texts)
{
    unsigned char text[4];
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            text[0] = (unsigned char)a;
            text[1] = (unsigned char)b;
            cr_assert_eq(fl_utf8_is_valid((char *)text, 2), model_valid(text, 2), "%02x %02x", a,
                         b);
        }
    unsigned seed = 5;
    for (unsigned i = 0; i < 2000000; i++) {
        static const unsigned char likely[] = {0xE0, 0xED, 0xF0, 0xF4, 0x80, 0x8F,
                                               0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0x41};
        for (int k = 0; k < 4; k++) {
            seed = seed * 1664525u + 1013904223u;
            text[k] = seed >> 30 ? likely[(seed >> 16) % 12] : (unsigned char)(seed >> 16);
        }
        cr_assert_eq(fl_utf8_is_valid((char *)text, 4), model_valid(text, 4), "%02x %02x %02x %02x",
                     text[0], text[1], text[2], text[3]);
    }
}

static void expect_decoded(const char *declared, const char *in, const char *wanted)
{
    struct fl_charset *charset;
    struct fl_error error = {0};
    char out[256];
    cr_assert_eq(fl_charset_open(declared, &charset, &error), FL_OK, "%s", error.message);
    size_t n = fl_charset_decode(charset, in, strlen(in), out);
    out[n] = '\0';
    cr_expect_str_eq(out, wanted, "%s", declared ? declared : "(none)");
    fl_charset_close(charset);
}

Test(charset, c2_valid_utf8_wins_over_any_declaration)
{
    expect_decoded("ISO-8859-1", "M\xC3\xBCller \xE2\x82\xAC", "M\xC3\xBCller \xE2\x82\xAC");
    expect_decoded("Shift_JIS", "M\xC3\xBCller", "M\xC3\xBCller");
}

Test(charset, else_the_declared_one_else_windows_1252)
{
    expect_decoded(NULL, "M\xFCller 5\x80", "M\xC3\xBCller 5\xE2\x82\xAC");
    expect_decoded("UTF-8", "M\xFCller", "M\xC3\xBCller");
    expect_decoded("ISO-8859-15", "5\xA4", "5\xE2\x82\xAC");
    expect_decoded("ISO-8859-2", "\xA3\xF3\x64\xBC", "\xC5\x81\xC3\xB3\x64\xC5\xBA");
    expect_decoded("IBM850", "\x81\x84", "\xC3\xBC\xC3\xA4");
    expect_decoded("Shift_JIS", "\x83\x65\x83\x58\x83\x67", "\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88");
}

Test(charset, c1_a_bad_byte_costs_one_character)
{
    expect_decoded(NULL,
                   "a\x81"
                   "b",
                   "a\xEF\xBF\xBD"
                   "b");
    expect_decoded("UTF-8", "\xC3\xA4 \xC3", "\xC3\xA4 \xC3\x83");
    struct fl_charset *charset;
    cr_assert_eq(fl_charset_open("no-such-thing", &charset, NULL), FL_UNSUPPORTED);
    unsigned seed = 9;
    static const char *const names[] = {NULL, "ISO-8859-2", "Shift_JIS", "GB18030", "UTF-7"};
    for (size_t k = 0; k < 5; k++) {
        cr_assert_eq(fl_charset_open(names[k], &charset, NULL), FL_OK);
        for (int round = 0; round < 2000; round++) {
            char in[700], out[3 * 700];
            size_t n = seed % 700;
            for (size_t i = 0; i < n; i++)
                in[i] = (char)((seed = seed * 1664525u + 1013904223u) >> 20);
            size_t length = fl_charset_decode(charset, in, n, out);
            cr_assert_leq(length, 3 * n);
            cr_assert(fl_utf8_is_valid(out, length));
            cr_assert(k > 0 || length >= fl_utf8_valid_prefix(in, n));
        }
        fl_charset_close(charset);
    }
}
