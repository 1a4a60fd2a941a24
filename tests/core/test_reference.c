/* The normal form of a reference against a slow reckoning, letter by letter. */
#include "core/domain/reference.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

#include "tests/support/random.h"

/* As the header says it: letters up, others out, then zeros of the last run of digits, one by one. */
static size_t slow_normal(const char *text, size_t length, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < length && n < FL_REFERENCE_BYTES_MAX; i++) {
        unsigned char c = (unsigned char)text[i];
        bool ascii_word = c < 128 && isalnum(c);
        if (ascii_word || c >= 128)
            out[n++] = (char)(ascii_word ? toupper(c) : c);
    }
    for (;;) {
        size_t end = n;
        while (end > 0 && !isdigit((unsigned char)out[end - 1]))
            end--;
        size_t run = end;
        while (run > 0 && isdigit((unsigned char)out[run - 1]))
            run--;
        if (end - run < 2 || out[run] != '0')
            return n;
        memmove(out + run, out + run + 1, n - run - 1);
        n--;
    }
}

static void same(const char *text, size_t length)
{
    char fast[FL_REFERENCE_BYTES_MAX + 16], slow[FL_REFERENCE_BYTES_MAX];
    size_t n = fl_reference_normal(text, length, fast), m = slow_normal(text, length, slow);
    cr_assert_eq(n, m, "'%.*s': %zu, should be %zu", (int)length, text, n, m);
    cr_assert_eq(memcmp(fast, slow, n), 0, "'%.*s'", (int)length, text);
}

Test(reference, the_normal_form_is_the_stated_one)
{
    static const char *const texts[] = {"", "0", "00", "-", "INV-00047", "inv 47", "INV.047", "0047A",
                                        "A0B00", "2024/0001-07", "RE-0", "000", "AB", "a0000000000001",
                                        "ABCDEFGH00000001", "ABCDEFGHI00000001", "0000000000000000",
                                        "\xC3\xA4-01", "----------------", "z@[`{/:19"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        same(texts[i], strlen(texts[i]));
}

Test(reference, any_bytes_of_any_length_have_the_slow_form)
{
    static const char alphabet[] = "0000001239AZaz-/. @[`{:\x80\xff\x7f";
    struct fl_random random = fl_random_start("reference");
    for (unsigned round = 0; round < 200000; round++) {
        char text[160];
        size_t length = fl_random_below(&random, round % 4 == 0 ? 160 : 20);
        for (size_t i = 0; i < length; i++)
            text[i] = alphabet[fl_random_below(&random, sizeof alphabet - 1)];
        same(text, length);
    }
}
