#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/utf8.h"
#include "tools/format/json_simd.h"

/* A naive reader, byte by byte: it says whether a text is JSON, and how many values it has. */
struct model {
    const char *at, *end;
    unsigned depth, values;
};

static void blanks(struct model *m)
{
    while (m->at < m->end && *m->at && strchr(" \t\r\n", *m->at))
        m->at++;
}

static bool take(struct model *m, const char *text)
{
    size_t length = strlen(text);
    if ((size_t)(m->end - m->at) < length || memcmp(m->at, text, length) != 0)
        return false;
    m->at += length;
    return true;
}

static unsigned hex(const struct model *m)
{
    unsigned code = 0;
    if (m->end - m->at < 4)
        return 0xFFFFF;
    for (int i = 0; i < 4; i++) {
        char c = m->at[i];
        const char *digits = "0123456789abcdef0123456789ABCDEF", *d = c ? strchr(digits, c) : NULL;
        if (!d)
            return 0xFFFFF;
        code = code * 16 + (unsigned)((d - digits) % 16);
    }
    return code;
}

static bool model_escape(struct model *m)
{
    char c = m->at < m->end ? *m->at++ : '\0';
    if (c != 'u')
        return c && strchr("\"\\/bfnrt", c);
    unsigned code = hex(m);
    if (code > 0xFFFF || (code >= 0xDC00 && code <= 0xDFFF))
        return false;
    m->at += 4;
    if (code < 0xD800 || code > 0xDBFF)
        return true;
    if (!take(m, "\\u"))
        return false;
    code = hex(m);
    m->at += 4;
    return code >= 0xDC00 && code <= 0xDFFF;
}

static bool model_string(struct model *m)
{
    if (!take(m, "\""))
        return false;
    while (m->at < m->end) {
        unsigned char c = (unsigned char)*m->at++;
        if (c == '"')
            return true;
        if (c < 0x20 || (c == '\\' && !model_escape(m)))
            return false;
    }
    return false;
}

static bool model_digits(struct model *m)
{
    const char *from = m->at;
    while (m->at < m->end && *m->at >= '0' && *m->at <= '9')
        m->at++;
    return m->at > from;
}

static bool model_number(struct model *m)
{
    take(m, "-");
    if (!take(m, "0") && !model_digits(m))
        return false;
    if (take(m, ".") && !model_digits(m))
        return false;
    if (take(m, "e") || take(m, "E")) {
        if (!take(m, "+"))
            take(m, "-");
        return model_digits(m);
    }
    return true;
}

static bool model_value(struct model *m);

static bool model_members(struct model *m, bool object, const char *close)
{
    if (++m->depth > FL_JSON_DEPTH_MAX)
        return false;
    blanks(m);
    for (bool first = true; !take(m, close); first = false) {
        if (!first && !take(m, ","))
            return false;
        blanks(m);
        if (object) {
            if (!model_string(m))
                return false;
            blanks(m);
            if (!take(m, ":"))
                return false;
        }
        if (!model_value(m))
            return false;
        blanks(m);
    }
    m->depth--;
    return true;
}

static bool model_value(struct model *m)
{
    blanks(m);
    m->values++;
    if (take(m, "{"))
        return model_members(m, true, "}");
    if (take(m, "["))
        return model_members(m, false, "]");
    if (m->at < m->end && *m->at == '"')
        return model_string(m);
    return take(m, "true") || take(m, "false") || take(m, "null") || model_number(m);
}

static bool model_is_json(const char *text, size_t length, unsigned *values)
{
    struct model m = {.at = text, .end = text + length};
    bool good = fl_utf8_is_valid(text, length) && model_value(&m);
    blanks(&m);
    *values = m.values;
    return good && m.at == m.end;
}

static void must_agree(struct fl_json *json, const char *text, size_t length)
{
    const struct fl_json_node *nodes;
    uint32_t count;
    unsigned values;
    char *padded = malloc(length + FL_JSON_PADDING);
    memcpy(padded, text, length);
    memset(padded + length, ']', FL_JSON_PADDING);
    bool good = fl_json_parse(json, padded, length, &nodes, &count) == FL_JSON_OK;
    cr_assert_eq(good, model_is_json(text, length, &values), "%.*s", (int)length, text);
    if (good) {
        cr_assert_eq(count, values, "%.*s", (int)length, text);
        cr_assert_eq(nodes[0].end, count);
        (void)fl_json_equal_keys(json);
    } else {
        cr_assert_leq(fl_json_position(json), length);
    }
    free(padded);
}

Test(json_simd, random_texts_are_json_if_a_naive_reader_says_so)
{
    static const char *const pieces[] = {
        "{",           "}",        "[",    "]",    ",",
        ":",           "\"a\"",    "\"",   "\\",   "1",
        "0",           "-",        ".5",   "e+3",  "true",
        "null",        "fa",       " ",    "\n",   "\"k\":",
        "\"\\n\"",     "\xC3\xA4", "\xC3", "\x01", "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"", "tru",      "00",   "\t",   "x",
        "\\u00e4",     "\f",       "\x1a"};
    struct fl_json *json = fl_json_create();
    unsigned seed = 11;
    for (unsigned i = 0; i < 300000; i++) {
        char text[512];
        size_t length = 0;
        unsigned n = (unsigned)rand_r(&seed) % 12 + 1;
        for (unsigned k = 0; k < n; k++) {
            const char *piece =
                pieces[(unsigned)rand_r(&seed) % (sizeof pieces / sizeof pieces[0])];
            memcpy(text + length, piece, strlen(piece));
            length += strlen(piece);
        }
        must_agree(json, text, length);
    }
    fl_json_destroy(json);
}

/* A good text with one byte changed, dropped or doubled, longer than the 64 bytes of a step. */
Test(json_simd, a_text_with_one_byte_wrong_is_judged_as_the_naive_reader_judges_it)
{
    static const char good[] =
        "{\"type\":\"receipt\",\"id\":\"R-1\",\"n\":[1,-2.50,3e7,true,false,null,[],{}],"
        "\"text\":\"caf\xC3\xA9 \\\"quoted\\\" \\u00e4 \\\\\",\"o\":{\"a\":{\"b\":[\"c\"]}} }";
    struct fl_json *json = fl_json_create();
    size_t length = sizeof good - 1;
    must_agree(json, good, length);
    for (size_t i = 0; i < length; i++) {
        char text[256];
        for (unsigned c = 0; c < 256; c++) {
            memcpy(text, good, length);
            text[i] = (char)c;
            must_agree(json, text, length);
        }
        memcpy(text, good, i);
        memcpy(text + i, good + i + 1, length - i - 1);
        must_agree(json, text, length - 1);
        must_agree(json, good, i);
        memcpy(text, good, i);
        text[i] = good[i];
        memcpy(text + i + 1, good + i, length - i);
        must_agree(json, text, length + 1);
    }
    fl_json_destroy(json);
}

Test(json_simd, j1_numbers_keep_their_digits_and_strings_lose_their_escapes)
{
    char text[256] = "{\"k\\u0065y\" : [ 1.50 , -0.10e2 ,\"a\\tb\\u20ac\", \"plain\" ] }";
    struct fl_json *json = fl_json_create();
    const struct fl_json_node *n;
    uint32_t count;
    cr_assert_eq(fl_json_parse(json, text, strlen(text), &n, &count), FL_JSON_OK);
    cr_assert_eq(count, 6);
    cr_assert(n[1].kind == FL_JSON_ARRAY && n[1].end == 6 && n[1].key_length == 3);
    cr_assert_arr_eq(n[1].key, "key", 3);
    cr_assert(n[2].text_length == 4 && memcmp(n[2].text, "1.50", 4) == 0 && !n[2].key);
    cr_assert(n[3].text_length == 7 && memcmp(n[3].text, "-0.10e2", 7) == 0);
    cr_assert(n[4].text_length == 6 && memcmp(n[4].text, "a\tb\xE2\x82\xAC", 6) == 0);
    cr_assert(n[5].text_length == 5 && n[5].text == strstr(text, "plain"));
    fl_json_destroy(json);
}

Test(json_simd, equal_keys_are_found_at_any_depth_whatever_their_spelling)
{
    static const struct {
        const char *text;
        const char *key;
    } cases[] = {{"{\"a\":1,\"b\":2}", NULL},
                 {"{\"a\":1,\"a\":2}", "a"},
                 {"{\"a\":{\"x\":1},\"b\":{\"x\":1}}", NULL},
                 {"[{\"b\":[{\"ab\":1,\"c\":2,\"\\u0061b\":3}]}]", "ab"},
                 {"{\"\":1,\"\":2}", ""}};
    struct fl_json *json = fl_json_create();
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256] = "";
        const struct fl_json_node *n;
        uint32_t count;
        strcpy(text, cases[i].text);
        cr_assert_eq(fl_json_parse(json, text, strlen(text), &n, &count), FL_JSON_OK);
        const struct fl_json_node *twice = fl_json_equal_keys(json);
        cr_assert_eq(twice != NULL, cases[i].key != NULL, "%s", text);
        if (twice)
            cr_assert(twice->key_length == strlen(cases[i].key) &&
                      memcmp(twice->key, cases[i].key, twice->key_length) == 0);
    }
    fl_json_destroy(json);
}

Test(json_simd, where_it_goes_wrong_is_told)
{
    static const struct {
        const char *text;
        size_t position;
    } cases[] = {{"{\"a\":1,}", 7}, {"{\"a\" 1}", 5}, {"{\"a\":\"bc", 5}, {"[1,\"\t\"]", 4},
                 {"[1", 2},         {"[1]x", 3},      {"{\"a\":tru}", 5}};
    struct fl_json *json = fl_json_create();
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[128] = "";
        const struct fl_json_node *n;
        uint32_t count;
        strcpy(text, cases[i].text);
        cr_assert_eq(fl_json_parse(json, text, strlen(text), &n, &count), FL_JSON_SYNTAX);
        cr_expect_eq(fl_json_position(json), cases[i].position, "%s: %zu", text,
                     fl_json_position(json));
    }
    fl_json_destroy(json);
}
