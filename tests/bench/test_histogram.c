#include <criterion/criterion.h>
#include <stdlib.h>

#include "bench/histogram.h"

#define SAMPLES_MAX 20000

static struct fl_histogram histogram, other;
static uint64_t samples[SAMPLES_MAX];

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Nearest rank on sorted samples: the slow truth. */
static uint64_t model(size_t count, uint32_t rank_ppm)
{
    uint64_t rank = ((uint64_t)count * rank_ppm + 999999) / 1000000;
    return samples[rank ? rank - 1 : 0];
}

static void check_against_model(size_t count)
{
    static const uint32_t ranks[] = {0, 1, 10000, 250000, 500000, 900000, 990000, 999900, 1000000};
    qsort(samples, count, sizeof *samples, compare);
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
        uint64_t exact = model(count, ranks[i]);
        uint64_t got = fl_histogram_quantile_ns(&histogram, ranks[i]);
        cr_assert(got >= exact && got <= exact + exact / 128, "n %zu rank %u: %lu for %lu", count,
                  ranks[i], (unsigned long)got, (unsigned long)exact);
    }
}

Test(histogram, h1_quantiles_agree_with_sorted_samples_at_every_magnitude)
{
    for (size_t count = 1; count <= SAMPLES_MAX; count = count * 3 + 1) {
        fl_histogram_init(&histogram);
        for (size_t i = 0; i < count; i++) {
            samples[i] = next_random() >> (22 + next_random() % 42);
            fl_histogram_add(&histogram, samples[i]);
        }
        check_against_model(count);
    }
}

Test(histogram, h1_bucket_edges_are_kept)
{
    size_t count = 0;
    fl_histogram_init(&histogram);
    for (uint32_t bit = 1; bit < FL_HISTOGRAM_VALUE_BITS; bit++)
        for (int delta = -1; delta <= 1; delta++)
            samples[count++] = (UINT64_C(1) << bit) + (uint64_t)(int64_t)delta;
    for (size_t i = 0; i < count; i++)
        fl_histogram_add(&histogram, samples[i]);
    check_against_model(count);
}

Test(histogram, h1_small_values_are_exact)
{
    fl_histogram_init(&histogram);
    for (uint64_t value = 0; value < 256; value++)
        fl_histogram_add(&histogram, value);
    for (uint32_t i = 1; i <= 256; i++)
        cr_assert_eq(fl_histogram_quantile_ns(&histogram, i * 1000000 / 256), i - 1);
}

Test(histogram, h2_h3_the_largest_is_exact_even_beyond_the_limit)
{
    fl_histogram_init(&histogram);
    cr_assert_eq(fl_histogram_p99_ns(&histogram), 0);
    fl_histogram_add(&histogram, 1001);
    fl_histogram_add(&histogram, FL_HISTOGRAM_LIMIT_NS * 3 + 1);
    cr_assert_eq(fl_histogram_p100_ns(&histogram), FL_HISTOGRAM_LIMIT_NS * 3 + 1);
    cr_assert_eq(histogram.latency_ns_min, 1001);
    cr_assert(fl_histogram_p50_ns(&histogram) < 1010);
}

Test(histogram, merging_equals_adding_all)
{
    fl_histogram_init(&histogram);
    fl_histogram_init(&other);
    for (size_t i = 0; i < SAMPLES_MAX; i++) {
        samples[i] = next_random() % 10000000;
        fl_histogram_add(i % 3 ? &histogram : &other, samples[i]);
    }
    fl_histogram_merge(&histogram, &other);
    cr_assert_eq(histogram.sample_count, SAMPLES_MAX);
    check_against_model(SAMPLES_MAX);
}
