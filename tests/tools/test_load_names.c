#include <criterion/criterion.h>
#include <stdio.h>

#include "tools/ingest/load_names.h"

static struct fl_slice name_of(char out[24], unsigned i)
{
    return fl_slice_of(out, (size_t)snprintf(out, 24, "NAME-%u", i * 7919));
}

Test(load_names, every_name_keeps_its_number_while_the_set_grows)
{
    struct fl_load_names names = {0};
    char text[24];
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t *number = fl_load_names_at(&names, name_of(text, i));
        cr_assert_not_null(number);
        cr_assert_eq(*number, FL_LOAD_NAME_NEW);
        *number = i;
    }
    for (unsigned i = 0; i < 20000; i++)
        cr_assert_eq(*fl_load_names_at(&names, name_of(text, i)), i);
    cr_assert_eq(names.used, 20000);
    fl_load_names_free(&names);
}

Test(load_names, the_empty_name_and_prefixes_are_names_of_their_own)
{
    struct fl_load_names names = {0};
    static const char *const texts[] = {"", "A", "AB", "a", "A "};
    for (unsigned i = 0; i < 5; i++)
        *fl_load_names_at(&names, fl_slice_of_text(texts[i])) = i;
    for (unsigned i = 0; i < 5; i++)
        cr_expect_eq(*fl_load_names_at(&names, fl_slice_of_text(texts[i])), i);
    fl_load_names_clear(&names);
    cr_expect_eq(*fl_load_names_at(&names, fl_slice_of_text("A")), FL_LOAD_NAME_NEW);
    fl_load_names_free(&names);
}
