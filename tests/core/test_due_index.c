#include <criterion/criterion.h>
#include <stdlib.h>

#include "core/data/due_index.h"
#include "tests/support/random.h"

#define KEYS 5000

static struct fl_arena arena;
static struct fl_due_index due;

static void setup(void)
{
    cr_assert_eq(fl_due_index_init(&due, &arena, KEYS), FL_OK);
}

static void teardown(void)
{
    fl_arena_close(&arena);
}

TestSuite(due_index, .init = setup, .fini = teardown);

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Different keys of few days, so that many share one. */
static void make_keys(uint64_t *keys, unsigned count, struct fl_random *random)
{
    for (unsigned i = 0; i < count; i++)
        keys[i] = fl_due_key((uint16_t)(1 + fl_random_below(random, 40)),
                             (uint16_t)fl_random_below(random, 3), i);
    for (unsigned i = count; i-- > 1;) {
        unsigned k = (unsigned)fl_random_below(random, i + 1);
        uint64_t kept = keys[i];
        keys[i] = keys[k];
        keys[k] = kept;
    }
}

Test(due_index, d1_takes_by_day_then_phase_then_row_whatever_the_order_of_adding)
{
    static uint64_t keys[KEYS];
    struct fl_random random = fl_random_start("due_index");
    make_keys(keys, KEYS, &random);
    for (unsigned i = 0; i < KEYS; i++)
        fl_due_index_add(&due, keys[i]);
    qsort(keys, KEYS, sizeof keys[0], compare);
    for (unsigned i = 0; i < KEYS; i++) {
        cr_assert_eq(fl_due_index_first(&due), keys[i]);
        cr_assert_eq(fl_due_index_take(&due), keys[i]);
    }
    cr_assert_eq(fl_due_index_first(&due), FL_DUE_NOTHING);
    cr_assert_lt(fl_due_key(1, 65535, UINT32_MAX), fl_due_key(2, 0, 0));
}

Test(due_index, d2_undone_adds_leave_it_as_it_was)
{
    static uint64_t keys[KEYS];
    struct fl_random random = fl_random_start("due_index");
    make_keys(keys, KEYS, &random);
    for (unsigned kept = 0; kept < 300; kept += 7) {
        due.count = 0;
        for (unsigned i = 0; i < kept; i++)
            fl_due_index_add(&due, keys[i]);
        uint64_t before[300];
        for (unsigned i = 0; i < kept; i++)
            before[i] = due.keys[i];
        for (unsigned i = kept; i < 2 * kept; i++)
            fl_due_index_add(&due, keys[i]);
        for (unsigned i = 2 * kept; i-- > kept;)
            fl_due_index_undo_add(&due, keys[i]);
        cr_assert_eq(due.count, kept);
        for (unsigned i = 0; i < kept; i++)
            cr_assert_eq(due.keys[i], before[i]);
    }
}

Test(due_index, takes_and_adds_mixed_agree_with_a_sorted_list)
{
    static uint64_t keys[KEYS], left[KEYS];
    unsigned count = 0;
    struct fl_random random = fl_random_start("due_index");
    make_keys(keys, KEYS, &random);
    for (unsigned i = 0; i < KEYS;) {
        if (count > 0 && fl_random_below(&random, 3) == 0) {
            qsort(left, count, sizeof left[0], compare);
            cr_assert_eq(fl_due_index_take(&due), left[0]);
            left[0] = left[--count];
            continue;
        }
        left[count++] = keys[i];
        fl_due_index_add(&due, keys[i++]);
    }
    cr_assert_eq(due.count, count);
}
