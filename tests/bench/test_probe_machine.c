#include <criterion/criterion.h>

#include "bench/probe_machine.h"

Test(probe_machine, the_bandwidth_pass_reads_every_word)
{
    struct fl_probe_machine probe;
    size_t bytes = (size_t)4 << 20, words = bytes / 8;
    cr_assert_eq(fl_probe_machine_open(&probe, bytes, NULL), FL_OK);
    uint64_t before = probe.sink;
    cr_assert(fl_probe_machine_bandwidth(&probe) > 0);
    cr_assert_eq(probe.sink - before, (uint64_t)words * (words - 1) / 2, "0 + 1 + 2 + ...");
    fl_probe_machine_close(&probe);
    cr_assert_null(probe.words);
}

/* Word i holds i, so the mean of uniformly drawn lines lies close to the middle of the buffer. */
Test(probe_machine, line_reads_spread_over_the_whole_buffer)
{
    struct fl_probe_machine probe;
    size_t bytes = (size_t)4 << 20, words = bytes / 8;
    uint64_t reads = 1000000;
    cr_assert_eq(fl_probe_machine_open(&probe, bytes, NULL), FL_OK);
    for (int run = 0; run < 3; run++) {
        uint64_t before = probe.sink;
        cr_assert(fl_probe_machine_line_reads(&probe, reads) > 0);
        double mean = (double)(probe.sink - before) / (double)reads / (double)words;
        cr_assert(mean > 0.49 && mean < 0.51, "mean %f", mean);
    }
    fl_probe_machine_close(&probe);
}
