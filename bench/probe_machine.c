#define _GNU_SOURCE /* MADV_HUGEPAGE */

#include "bench/probe_machine.h"

#include <sys/mman.h>

#include "bench/bench_commands.h"

#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define LINE_WORDS      (FL_CACHE_LINE / sizeof(uint64_t))
#define STREAMS         4

enum fl_status fl_probe_machine_open(struct fl_probe_machine *probe, size_t buffer_bytes,
                                     struct fl_error *error)
{
    FL_ASSERT(buffer_bytes >= HUGE_PAGE_BYTES);
    FL_ASSERT((buffer_bytes & (buffer_bytes - 1)) == 0);
    void *base = mmap(NULL, buffer_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                      -1, 0);
    if (base == MAP_FAILED)
        return fl_error_set(error, FL_NO_MEMORY, "no %zu bytes for the memory probe",
                            buffer_bytes);
    madvise(base, buffer_bytes, MADV_HUGEPAGE); /* advice: kernels without it still measure */
    probe->words = base;
    probe->buffer_bytes = buffer_bytes;
    probe->sink = 1;
    for (size_t i = 0; i < buffer_bytes / sizeof(uint64_t); i++)
        probe->words[i] = i; /* P1 */
    return FL_OK;
}

void fl_probe_machine_close(struct fl_probe_machine *probe)
{
    FL_ASSERT(probe->words);
    munmap(probe->words, probe->buffer_bytes);
    probe->words = NULL;
}

/* The address comes from a linear congruence (its high bits), never from what was read. Four of
 * them run side by side, so that their multiplications do not bound the rate. */
double fl_probe_machine_line_reads(struct fl_probe_machine *probe, uint64_t line_count)
{
    FL_ASSERT(probe->words);
    FL_ASSERT(line_count >= STREAMS);
    const uint64_t *words = probe->words;
    uint64_t lines = probe->buffer_bytes / FL_CACHE_LINE;
    unsigned shift = 64u - (unsigned)__builtin_ctzll(lines);
    uint64_t state[STREAMS], sum = 0;
    for (unsigned i = 0; i < STREAMS; i++)
        state[i] = (probe->sink + i + 1) * UINT64_C(0x9e3779b97f4a7c15);

    uint64_t rounds = line_count / STREAMS;
    double start = fl_bench_now_s();
    for (uint64_t round = 0; round < rounds; round++)
        for (unsigned i = 0; i < STREAMS; i++) {
            state[i] = state[i] * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            sum += words[(state[i] >> shift) * LINE_WORDS];
        }
    double seconds = fl_bench_now_s() - start;
    probe->sink += sum;
    return (double)(rounds * STREAMS) / seconds;
}

/* Eight sums: one would be a chain of additions, shorter than the memory but not by much. */
double fl_probe_machine_bandwidth(struct fl_probe_machine *probe)
{
    FL_ASSERT(probe->words);
    const uint64_t *words = probe->words;
    size_t word_count = probe->buffer_bytes / sizeof(uint64_t);
    uint64_t sums[8] = {0};
    double start = fl_bench_now_s();
    for (size_t i = 0; i < word_count; i += 8)
        for (unsigned lane = 0; lane < 8; lane++)
            sums[lane] += words[i + lane];
    double seconds = fl_bench_now_s() - start;
    for (unsigned lane = 0; lane < 8; lane++)
        probe->sink += sums[lane];
    return (double)probe->buffer_bytes / seconds;
}
