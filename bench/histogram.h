/* histogram.h - latencies counted in log-linear buckets of fixed memory.
 *
 * Every power of two is cut into 128 equal buckets, so a quantile is at most 1/128 above the sample
 * it stands for and never below it. Sorting samples would need memory by the run's length and would
 * disturb the caches that are being measured.
 *
 *   H1  A quantile q satisfies sample <= q <= sample + sample / 128, sample being the exact one
 *       (nearest rank); values below 256 ns are exact.
 *   H2  The smallest and the largest sample are kept exactly; p100 is the largest.
 *   H3  Samples of FL_HISTOGRAM_LIMIT_NS (73 minutes) and more share the last bucket.
 *
 * Thread: one writer.  Memory: the struct, 36 KiB.  Cost: one increment a sample.
 */
#ifndef FLORIN_BENCH_HISTOGRAM_H
#define FLORIN_BENCH_HISTOGRAM_H

#include <stdint.h>

#define FL_HISTOGRAM_SUB_BITS     7
#define FL_HISTOGRAM_VALUE_BITS   42
#define FL_HISTOGRAM_LIMIT_NS     (UINT64_C(1) << FL_HISTOGRAM_VALUE_BITS)
#define FL_HISTOGRAM_BUCKET_COUNT                                                                  \
    ((FL_HISTOGRAM_VALUE_BITS - FL_HISTOGRAM_SUB_BITS + 1) << FL_HISTOGRAM_SUB_BITS)

struct fl_histogram {
    uint64_t sample_count;
    uint64_t latency_ns_min;
    uint64_t latency_ns_max;
    uint64_t bucket_samples[FL_HISTOGRAM_BUCKET_COUNT];
};

void fl_histogram_init(struct fl_histogram *histogram);

void fl_histogram_add(struct fl_histogram *histogram, uint64_t latency_ns);

/* Adds every sample of `from`; how windows of one side become one distribution. */
void fl_histogram_merge(struct fl_histogram *histogram, const struct fl_histogram *from);

/* The latency that `rank_ppm` millionths of the samples do not exceed (500000 = p50, 1000000 =
 * p100); zero without samples. */
uint64_t fl_histogram_quantile_ns(const struct fl_histogram *histogram, uint32_t rank_ppm);

uint64_t fl_histogram_p50_ns(const struct fl_histogram *histogram);
uint64_t fl_histogram_p99_ns(const struct fl_histogram *histogram);
uint64_t fl_histogram_p100_ns(const struct fl_histogram *histogram);

#endif
