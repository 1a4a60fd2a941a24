/* probe_machine.h - what the memory of this machine gives one core, as a bound for our own figures.
 *
 * Random line reads: independent loads of cache lines spread over a buffer far larger than the
 * caches, addresses from arithmetic alone, so the core keeps as many in flight as it can. A pointer
 * chase would measure latency, which batched lookups do not pay; a hash of three multiplications
 * before every address measures the hash (31 M/s where the same lines, addresses at hand, make 47).
 * Bandwidth: one core reading the buffer from end to end.
 *
 *   P1  The buffer asks for 2 MiB pages (MADV_HUGEPAGE), as the tables do, and every page is
 *       written first: untouched pages would all be the one zero page, in cache.
 *
 * Thread: one a probe.  Memory: FL_PROBE_MACHINE_BYTES mapped between open and close.
 * Cost: opening writes the buffer (about a second for 4 GiB).
 */
#ifndef FLORIN_BENCH_PROBE_MACHINE_H
#define FLORIN_BENCH_PROBE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/status.h"

#define FL_PROBE_MACHINE_BYTES ((size_t)4 << 30)

struct fl_probe_machine {
    uint64_t *words;
    size_t buffer_bytes; /* a power of two, at least one huge page */
    uint64_t sink;       /* keeps the reads; random state of the next run */
};

/* FL_NO_MEMORY: the system has no such buffer. */
FL_MUST_USE enum fl_status fl_probe_machine_open(struct fl_probe_machine *probe,
                                                 size_t buffer_bytes, struct fl_error *error);

void fl_probe_machine_close(struct fl_probe_machine *probe);

/* Reads `line_count` random lines; lines a second. 20 million take about a second. */
double fl_probe_machine_line_reads(struct fl_probe_machine *probe, uint64_t line_count);

/* Reads the whole buffer once; bytes a second. */
double fl_probe_machine_bandwidth(struct fl_probe_machine *probe);

#endif
