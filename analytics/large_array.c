#define _GNU_SOURCE /* MADV_HUGEPAGE */
#include "analytics/large_array.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LARGE_PAGE_BYTES ((size_t)2 << 20)

void *fl_large_array(size_t bytes)
{
    if (bytes < LARGE_PAGE_BYTES)
        return malloc(bytes);
    size_t whole = (bytes + LARGE_PAGE_BYTES - 1) & ~(LARGE_PAGE_BYTES - 1);
    void *array = aligned_alloc(LARGE_PAGE_BYTES, whole);
    if (array)
        (void)madvise(array, whole, MADV_HUGEPAGE); /* advice: without it the same, slower */
    return array;
}
