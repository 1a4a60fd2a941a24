/* machine.h - names the machine beside its figures: a figure without it says nothing.
 *
 * Thread: any.  Memory: the caller's struct.  Cost: a few reads of /proc.
 * What the system does not tell is "unknown" or zero, never an error.
 */
#ifndef FLORIN_BENCH_MACHINE_H
#define FLORIN_BENCH_MACHINE_H

#include <stdint.h>

struct fl_machine {
    char cpu[128];
    uint32_t core_count; /* the ones this process may run on */
    uint64_t memory_bytes;
    char kernel[128];
    char filesystem[32]; /* of the directory that durable figures write to */
};

void fl_machine_describe(struct fl_machine *machine, const char *directory);

#endif
