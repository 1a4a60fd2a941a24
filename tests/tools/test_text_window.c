#include "tools/format/text_window.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Reads the text through a window of `capacity` bytes, `step` at a time, keeping at least `kept` bytes
 * behind; what was passed over, joined, must be `wanted`. */
static void must_read(const char *text, size_t length, size_t capacity, size_t step, size_t kept,
                      const char *wanted)
{
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, text, length, "w");
    struct fl_text_window window;
    char *out = malloc(length + 1);
    size_t n = 0;
    memory.step = step;
    cr_assert_eq(fl_text_window_open(&window, source, capacity), FL_OK);
    while (!window.at_end || window.at < window.end) {
        if (window.at == window.end) {
            size_t keep = window.at > kept ? window.at - kept : 0;
            char before[16] = {0};
            memcpy(before, window.bytes + keep, window.at - keep);
            cr_assert_eq(fl_text_window_fill(&window, keep, NULL), FL_OK);
            size_t mark = n == 0 && window.at >= 3 ? 3 : 0; /* W2 */
            cr_assert_eq(memcmp(window.bytes, before, mark ? 0 : window.at), 0, "W1");
            continue;
        }
        out[n++] = window.bytes[window.at++];
    }
    out[n] = '\0';
    cr_expect_str_eq(out, wanted, "%zu by %zu keeping %zu", capacity, step, kept);
    cr_expect_eq(window.bytes_read, length);
    fl_text_window_close(&window);
    free(out);
}

Test(text_window, w1_w2_w3_the_file_comes_whole_whatever_the_borders)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {{"one\ntwo\r\nthree", "one\ntwo\r\nthree"},
                 {"\xEF\xBB\xBFone\ntwo", "one\ntwo"},
                 {"a\rb\rc\rd\re\rf\rg\rh", "a\nb\nc\nd\ne\nf\ng\nh"},
                 {"\xEF\xBB\xBF", ""},
                 {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t capacity = 4; capacity < 24; capacity++) {
            for (size_t step = 0; step < 5; step++) {
                for (size_t kept = 0; kept < 3; kept++)
                    must_read(cases[i].text, strlen(cases[i].text), capacity, step, kept,
                              cases[i].wanted);
            }
        }
    }
}
