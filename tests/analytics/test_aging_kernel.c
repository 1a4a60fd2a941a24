#include <criterion/criterion.h>
#include <stdlib.h>

#include "analytics/aging_kernel.h"

#define ROWS FL_AGING_WINDOW_ROWS

static struct fl_invoice_scan scan[ROWS];
static struct fl_invoice_money money[ROWS];
static int64_t array[ROWS];

static uint64_t state = 88172645463325252u;
static uint64_t any(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static void rows_make(int64_t most)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        int64_t open = any(3) == 0 ? 0 : (int64_t)any((uint64_t)most) * (any(4) == 0 ? -1 : 1);
        scan[i] = (struct fl_invoice_scan){
            .total_minor = (int64_t)any(1u << 30),
            .customer = (uint32_t)any(UINT32_MAX),
            .date = (uint16_t)(20000 + any(200)),
            .due_date = (uint16_t)(any(50) == 0 ? any(65536) : 20000 + any(300))};
        money[i] = (struct fl_invoice_money){.open_minor = open,
                                             .last_movement = (uint32_t)any(UINT32_MAX),
                                             .closed_date = (uint16_t)any(65536),
                                             .flags = (uint8_t)any(256)};
        array[i] = open;
    }
}

/* Row by row into buckets, by 128 bits: another way to the same figures. */
static void must_be_right(const struct fl_aging_window *w, const struct fl_aging_sums *got)
{
    fl_int128 bucket[FL_AGING_LIMITS_MAX + 1] = {0};
    uint32_t count[FL_AGING_LIMITS_MAX + 1] = {0};
    for (uint32_t i = 0; i < w->rows; i++) {
        int64_t open = w->open_words == 2 ? money[i].open_minor : array[i];
        if (scan[i].date > w->as_of || open == 0)
            continue;
        unsigned b = 0;
        while (b < w->limit_count && scan[i].due_date < w->limits[b])
            b++;
        bucket[b] += open;
        count[b]++;
    }
    cr_assert_eq(bucket[0], (fl_int128)got->all - (w->limit_count ? got->over[0] : 0));
    cr_assert_eq(count[0], got->all_count - (w->limit_count ? got->over_count[0] : 0));
    for (unsigned b = 1; b <= w->limit_count; b++) {
        bool last = b == w->limit_count;
        cr_assert_eq(bucket[b], (fl_int128)got->over[b - 1] - (last ? 0 : got->over[b]));
        cr_assert_eq(count[b], got->over_count[b - 1] - (last ? 0 : got->over_count[b]));
    }
}

static struct fl_aging_window window_make(unsigned words, uint32_t rows, unsigned limits)
{
    struct fl_aging_window w = {.scan = scan,
                                .open = words == 2 ? &money[0].open_minor : array,
                                .open_words = words,
                                .rows = rows,
                                .as_of = 20150,
                                .limit_count = limits};
    for (unsigned k = 0; k < limits; k++)
        w.limits[k] = (uint16_t)(20150 - 17 * k);
    return w;
}

Test(aging_kernel, a2_every_instruction_set_gives_what_the_rows_come_to)
{
    static const uint32_t sizes[] = {0, 1, 3, 4, 7, 8, 9, 15, 31, 1000, ROWS};
    for (unsigned round = 0; round < 20; round++) {
        rows_make(round % 2 ? 1000 : INT64_C(1) << 49);
        for (unsigned size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
            for (unsigned limits = 0; limits <= FL_AGING_LIMITS_MAX; limits++) {
                for (unsigned words = 1; words <= 2; words++) {
                    struct fl_aging_window w = window_make(words, sizes[size], limits);
                    struct fl_aging_sums plain, sums;
                    fl_aging_window_scan(&w, FL_AGING_PLAIN, &plain);
                    must_be_right(&w, &plain);
                    for (unsigned how = 1; how <= (unsigned)fl_aging_best(); how++) {
                        fl_aging_window_scan(&w, (enum fl_aging_instructions)how, &sums);
                        cr_assert_eq(memcmp(&plain, &sums, sizeof sums), 0,
                                     "%u: %u rows, %u limits", how, w.rows, limits);
                    }
                }
            }
        }
    }
}

Test(aging_kernel, a3_amounts_too_wide_for_64_bit_sums_are_told_and_reckoned_by_128)
{
    rows_make(1000);
    array[100] = INT64_MAX;
    array[200] = INT64_MAX;
    array[300] = INT64_MIN;
    scan[100].date = scan[200].date = scan[300].date = 20000;
    scan[100].due_date = scan[200].due_date = 20149;
    scan[300].due_date = 20151;
    struct fl_aging_window w = window_make(1, ROWS, 4);
    fl_int128 all = 0, over = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        all += scan[i].date <= w.as_of ? array[i] : 0;
        over += scan[i].date <= w.as_of && scan[i].due_date < w.limits[0] ? array[i] : 0;
    }
    struct fl_aging_exact exact;
    fl_aging_window_exact(&w, &exact);
    cr_assert(exact.all == all && exact.over[0] == over);
    for (unsigned how = 0; how <= (unsigned)fl_aging_best(); how++) {
        struct fl_aging_sums sums;
        fl_aging_window_scan(&w, (enum fl_aging_instructions)how, &sums);
        cr_assert_not(fl_aging_is_narrow(&sums));
    }
    array[100] = array[200] = array[300] = (INT64_C(1) << 50) - 1;
    struct fl_aging_sums sums;
    fl_aging_window_scan(&w, fl_aging_best(), &sums);
    cr_assert(fl_aging_is_narrow(&sums));
}
