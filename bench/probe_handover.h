/* probe_handover.h - what it takes to hand a cache line from one core to another and see it arrive.
 *
 * Two threads write one word in turn; half a round trip is one handover. Cores that share a cache
 * take some 25 ns, cores that do not some 180: where a virtual machine's cores lie is its host's
 * choice and changes while it runs, and with it every figure of two threads. Beside them it says
 * which of the two was measured.
 *
 * Thread: one that may start another; it is joined before the return. Cost: some milliseconds.
 */
#ifndef FLORIN_BENCH_PROBE_HANDOVER_H
#define FLORIN_BENCH_PROBE_HANDOVER_H

#include "core/base/contract.h"

/* Seconds a handover; 0 where there is one core alone, or no thread to be had. */
double fl_probe_handover(void);

#endif
