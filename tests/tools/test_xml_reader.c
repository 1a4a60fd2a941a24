#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/format/charset.h"
#include "tools/format/xml_reader.h"

/* What the reader says, as one text: <name@a=v line>text</name>. */
struct transcript {
    char *at;
    size_t length, capacity;
    unsigned stop_after; /* events; 0: never */
};

static void add(struct transcript *t, const char *bytes, size_t length)
{
    cr_assert_lt(t->length + length, t->capacity);
    memcpy(t->at + t->length, bytes, length);
    t->length += length;
    t->at[t->length] = '\0';
}

static enum fl_status on_open(void *context, const struct fl_xml_reader *reader,
                              struct fl_slice name, struct fl_xml_attributes attributes)
{
    struct transcript *t = context;
    char line[40];
    const char *value = fl_xml_attribute(attributes, "Ccy");
    add(t, "<", 1);
    add(t, name.at, name.length);
    if (value) {
        add(t, "@", 1);
        add(t, value, strlen(value));
    }
    add(t, line,
        (size_t)snprintf(line, sizeof line, " %llu>", (unsigned long long)fl_xml_line(reader)));
    if (t->stop_after > 0 && --t->stop_after == 0)
        return FL_STOPPING;
    return FL_OK;
}

static enum fl_status on_text(void *context, const struct fl_xml_reader *reader,
                              struct fl_slice text)
{
    (void)reader;
    add(context, text.at, text.length);
    return FL_OK;
}

static enum fl_status on_close(void *context, const struct fl_xml_reader *reader)
{
    struct fl_slice name = fl_xml_closing_name(reader);
    add(context, "</", 2);
    add(context, name.at, name.length);
    add(context, ">", 1);
    return FL_OK;
}

static enum fl_status read_bytes(const char *text, size_t length, size_t step, struct transcript *t,
                                 struct fl_error *error)
{
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, text, length, "t.xml");
    memory.step = step;
    struct fl_xml_handler handler = {t, on_open, on_text, on_close};
    return fl_xml_read(source, &handler, NULL, error);
}

static void expect(const char *text, size_t length, enum fl_status status, const char *wanted)
{
    for (size_t step = 0; step < 4; step++) {
        char room[4096] = "";
        struct transcript t = {.at = room, .capacity = sizeof room};
        struct fl_error error = {0};
        cr_expect_eq(read_bytes(text, length, step, &t, &error), status, "%s", error.message);
        cr_expect_str_eq(status == FL_OK ? room : error.message, wanted);
    }
}
#define EXPECT(text, status, wanted) expect(text, sizeof(text) - 1, status, wanted)

Test(xml_reader, x4_names_are_local_and_events_know_their_line)
{
    EXPECT("<?xml version='1.0'?>\n<n:a xmlns:n='u'>\n<n:b x:Ccy='EUR'>1&amp;2</n:b>\n</n:a>",
           FL_OK, "<a 2>\n<b@EUR 3>1&2</b>\n</a>");
}

Test(xml_reader, x3_encodings_and_bad_bytes)
{
    EXPECT("<?xml version='1.0' encoding='ISO-8859-15'?><a>\xFC\xA4</a>", FL_OK,
           "<a 1>\xC3\xBC\xE2\x82\xAC</a>");
    EXPECT("<?xml version='1.0' encoding='UTF-8'?><a>\xC3\xBC \xFC</a>", FL_OK,
           "<a 1>\xC3\xBC \xC3\xBC</a>");
    EXPECT("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC3\xBC</a>", FL_OK,
           "<a 1>\xC3\xBC</a>");
    EXPECT("<a>x\x01y\x1Fz 0123456789abcdef\x02</a>", FL_OK, "<a 1>x y z 0123456789abcdef </a>");
    EXPECT("\xEF\xBB\xBF<a/>", FL_OK, "<a 1></a>");
    EXPECT("\xFF\xFE<\0a\0>\0\xFC\0<\0/\0a\0>\0", FL_OK, "<a 1>\xC3\xBC</a>");
}

Test(xml_reader, x2_declarations_and_foreign_entities_are_refused)
{
    EXPECT("<!DOCTYPE a [<!ENTITY x 'xxxxxxxxxx'><!ENTITY y '&x;&x;&x;'>]>\n<a>&y;</a>",
           FL_UNREADABLE,
           "t.xml: line 1: a document type with declarations of its own is not read");
    EXPECT("<a>\n&y;</a>", FL_UNREADABLE, "t.xml: line 2: undefined entity");
}

Test(xml_reader, damage_is_named_with_line_and_reason)
{
    EXPECT("<a>\n<b></a>", FL_UNREADABLE, "t.xml: line 2: mismatched tag");
    EXPECT("<a>\n<b>", FL_UNREADABLE, "t.xml: line 2: the file ends before the document does");
    EXPECT("", FL_UNREADABLE, "t.xml: line 1: the file ends before the document does");
    EXPECT("hello", FL_UNREADABLE, "t.xml: line 1: syntax error");
}

Test(xml_reader, x1_depth_is_bounded)
{
    char text[1024];
    size_t n = 0;
    for (int i = 0; i < FL_XML_DEPTH_MAX; i++)
        n += (size_t)sprintf(text + n, "<a>");
    for (int i = 0; i < FL_XML_DEPTH_MAX; i++)
        n += (size_t)sprintf(text + n, "</a>");
    char room[4096] = "";
    struct transcript t = {.at = room, .capacity = sizeof room};
    cr_expect_eq(read_bytes(text, n, 0, &t, NULL), FL_OK);
    n = 0;
    for (int i = 0; i <= FL_XML_DEPTH_MAX; i++)
        n += (size_t)sprintf(text + n, "<a>");
    expect(text, n, FL_UNREADABLE, "t.xml: line 1: elements nested too deep");
}

Test(xml_reader, a_handlers_status_stops_the_reading_and_comes_back)
{
    char room[4096] = "";
    struct transcript t = {.at = room, .capacity = sizeof room, .stop_after = 2};
    cr_expect_eq(read_bytes("<a><b/><c/></a>", 15, 0, &t, NULL), FL_STOPPING);
    cr_expect_str_eq(room, "<a 1><b 1>");
}

/* Two megabytes of lines with a foreign byte here and there: nothing is lost at the chunks'
 * borders. */
Test(xml_reader, no_border_of_a_chunk_shows)
{
    size_t capacity = 2u << 20, n = 0;
    char *text = malloc(capacity + 64);
    n += (size_t)sprintf(text, "<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>");
    unsigned lines = 0;
    while (n < capacity)
        n +=
            (size_t)sprintf(text + n, "<b>%u%s</b>\n", lines, lines % 7 == 0 ? "\xFC" : "\xC3\xA4"),
            lines++;
    n += (size_t)sprintf(text + n, "</a>");
    struct transcript t = {.at = malloc(8u << 20), .capacity = 8u << 20};
    struct fl_error error = {0};
    cr_assert_eq(read_bytes(text, n, 0, &t, &error), FL_OK, "%s", error.message);
    const char *at = t.at + strlen("<a 2>");
    for (unsigned i = 0; i < lines; i++) {
        char wanted[64];
        size_t length = (size_t)snprintf(wanted, sizeof wanted, "<b %u>%u%s</b>\n", i + 2, i,
                                         i % 7 == 0 ? "\xC3\xBC" : "\xC3\xA4");
        cr_assert_arr_eq(at, wanted, length, "line %u: %.40s", i, at);
        at += length;
    }
    free(t.at);
    free(text);
}
