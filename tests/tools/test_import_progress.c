#include <criterion/criterion.h>

#include "tools/cli/import_progress.h"

static const char *text(uint64_t lines, uint64_t lines_all, uint64_t done, uint64_t all,
                        int64_t elapsed_us)
{
    static char out[160];
    struct fl_import_progress p = {.phase = "booking", .lines = lines, .lines_all = lines_all};
    size_t length = fl_import_progress_text(&p, done, all, elapsed_us, out);
    cr_assert_eq(length, strlen(out));
    return out;
}

Test(import_progress, a_bar_lines_rate_and_time_left)
{
    cr_expect_str_eq(text(2000000, 5000000, 2000000, 5000000, 2000000),
                     "booking [########------------] 40 %, 2,000,000 of 5,000,000 lines, "
                     "1,000,000/s, 3 s left");
    cr_expect_str_eq(text(1024, 0, 50, 100, 100000000),
                     "booking [##########----------] 50 %, 1,024 lines, 10/s, 1 min 40 s left");
    cr_expect_str_eq(text(1, 0, 1, 10001, 1000000),
                     "booking [--------------------] 0 %, 1 lines, 1/s, 2 h 46 min left");
}

Test(import_progress, what_is_not_known_is_not_said)
{
    cr_expect_str_eq(text(4096, 0, 0, 0, 1000000), "booking 4,096 lines, 4,096/s");
    cr_expect_str_eq(text(4096, 0, 0, 900, 0), "booking 4,096 lines, 0/s");
    cr_expect_str_eq(text(10, 0, 200, 100, 1000000), /* a file that grew */
                     "booking [####################] 100 %, 10 lines, 10/s, 0 s left");
    cr_expect_lt(strlen(text(UINT64_MAX, UINT64_MAX, 1, UINT64_MAX, 1)), 160);
}
