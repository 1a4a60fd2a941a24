/* bench_options.h - what a call of the bench was asked for. */
#ifndef FLORIN_BENCH_BENCH_OPTIONS_H
#define FLORIN_BENCH_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/figure.h"

struct fl_bench_options {
    uint32_t size;         /* invoices of grown state */
    uint32_t runs;         /* 1 to 20 */
    const char *directory; /* on the device to be measured */
    const struct fl_figure_wish *wish;
};

static inline bool fl_bench_wants(const struct fl_bench_options *options, const char *figure)
{
    return fl_figure_is_wanted(options->wish, figure);
}

/* Customers of a state: ten open invoices each. */
static inline uint32_t fl_bench_customers(const struct fl_bench_options *options)
{
    return options->size / 10;
}

#endif
