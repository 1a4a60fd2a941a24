/* scan_threads.h - the windows of a table shared among threads.
 *
 * The caller is one of them; where another cannot be started the rest do its part. Windows are
 * taken some at a time, in rising order, so that no thread waits for another's share. Nothing here
 * knows what a window is. Thread: any. Cost: some 50 us a thread that is started.
 */
#ifndef FLORIN_ANALYTICS_SCAN_THREADS_H
#define FLORIN_ANALYTICS_SCAN_THREADS_H

#include <stdint.h>

#define FL_SCAN_THREADS_MAX 64u

/* Windows [from, to); `worker` counts from 0, to tell apart what each adds up for itself. */
struct fl_scan_work {
    void (*step)(void *context, unsigned worker, uint32_t from, uint32_t to);
    void *context;
    uint32_t windows;
    uint32_t take; /* at a time; 0: eight */
};

/* As many as there are processors, but no more than make sense for so many windows; at least 1. */
unsigned fl_scan_threads(uint32_t windows);
void fl_scan_run(const struct fl_scan_work *work, unsigned threads);

#endif
