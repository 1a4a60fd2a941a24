#include "bench/histogram.h"

#include <string.h>

#include "core/base/contract.h"

#define SUB_COUNT (UINT64_C(1) << FL_HISTOGRAM_SUB_BITS)

static uint32_t bucket_of(uint64_t latency_ns)
{
    if (latency_ns >= FL_HISTOGRAM_LIMIT_NS)
        return FL_HISTOGRAM_BUCKET_COUNT - 1;
    if (latency_ns < SUB_COUNT)
        return (uint32_t)latency_ns;
    uint32_t shift = 63u - (uint32_t)__builtin_clzll(latency_ns) - FL_HISTOGRAM_SUB_BITS;
    return (uint32_t)(shift * SUB_COUNT + (latency_ns >> shift));
}

/* The largest latency that falls into the bucket. */
static uint64_t bucket_top_ns(uint32_t bucket)
{
    if (bucket < SUB_COUNT)
        return bucket;
    uint32_t shift = bucket / SUB_COUNT - 1;
    uint64_t mantissa = bucket % SUB_COUNT + SUB_COUNT;
    return ((mantissa + 1) << shift) - 1;
}

void fl_histogram_init(struct fl_histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
    histogram->latency_ns_min = UINT64_MAX;
}

void fl_histogram_add(struct fl_histogram *histogram, uint64_t latency_ns)
{
    histogram->bucket_samples[bucket_of(latency_ns)]++;
    histogram->sample_count++;
    if (latency_ns < histogram->latency_ns_min)
        histogram->latency_ns_min = latency_ns;
    if (latency_ns > histogram->latency_ns_max)
        histogram->latency_ns_max = latency_ns;
}

void fl_histogram_merge(struct fl_histogram *histogram, const struct fl_histogram *from)
{
    for (uint32_t bucket = 0; bucket < FL_HISTOGRAM_BUCKET_COUNT; bucket++)
        histogram->bucket_samples[bucket] += from->bucket_samples[bucket];
    histogram->sample_count += from->sample_count;
    if (from->latency_ns_min < histogram->latency_ns_min)
        histogram->latency_ns_min = from->latency_ns_min;
    if (from->latency_ns_max > histogram->latency_ns_max)
        histogram->latency_ns_max = from->latency_ns_max;
}

uint64_t fl_histogram_quantile_ns(const struct fl_histogram *histogram, uint32_t rank_ppm)
{
    FL_ASSERT(rank_ppm <= 1000000);
    if (histogram->sample_count == 0)
        return 0;
    unsigned __int128 scaled = (unsigned __int128)histogram->sample_count * rank_ppm;
    uint64_t rank = (uint64_t)((scaled + 999999) / 1000000);
    if (rank == 0)
        return histogram->latency_ns_min;
    if (rank == histogram->sample_count)
        return histogram->latency_ns_max;
    uint32_t bucket = 0;
    uint64_t seen = histogram->bucket_samples[0];
    while (seen < rank)
        seen += histogram->bucket_samples[++bucket];
    uint64_t top_ns = bucket_top_ns(bucket);
    if (bucket == FL_HISTOGRAM_BUCKET_COUNT - 1 || top_ns > histogram->latency_ns_max)
        return histogram->latency_ns_max;
    return top_ns;
}

uint64_t fl_histogram_p50_ns(const struct fl_histogram *histogram)
{
    return fl_histogram_quantile_ns(histogram, 500000);
}

uint64_t fl_histogram_p99_ns(const struct fl_histogram *histogram)
{
    return fl_histogram_quantile_ns(histogram, 990000);
}

uint64_t fl_histogram_p100_ns(const struct fl_histogram *histogram)
{
    return fl_histogram_quantile_ns(histogram, 1000000);
}
