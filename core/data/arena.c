#include "core/data/arena.h"

#include <string.h>
#include <sys/mman.h>

#include "core/base/contract.h"

#define HUGE_PAGE (2u << 20)

void *fl_arena_take(struct fl_arena *arena, size_t bytes)
{
    FL_ASSERT(!arena->sealed);
    FL_ASSERT(arena->count < sizeof arena->ranges / sizeof arena->ranges[0]);
    bytes = (bytes + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
    size_t mapped = bytes + HUGE_PAGE;
    char *base = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    size_t head = (HUGE_PAGE - ((uintptr_t)base & (HUGE_PAGE - 1))) & (HUGE_PAGE - 1);
    if (head > 0)
        munmap(base, head);
    if (HUGE_PAGE - head > 0)
        munmap(base + head + bytes, HUGE_PAGE - head);
    base += head;
    /* The first 2 MiB stay on small pages: a small book should cost small memory. */
    if (bytes > HUGE_PAGE)
        madvise(base + HUGE_PAGE, bytes - HUGE_PAGE, MADV_HUGEPAGE);
    arena->ranges[arena->count].base = base;
    arena->ranges[arena->count++].bytes = bytes;
    return base;
}

void fl_arena_seal(struct fl_arena *arena)
{
    arena->sealed = 1;
}

void fl_arena_close(struct fl_arena *arena)
{
    for (uint32_t i = 0; i < arena->count; i++)
        munmap(arena->ranges[i].base, arena->ranges[i].bytes);
    memset(arena, 0, sizeof *arena);
}
