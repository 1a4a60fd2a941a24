/* bench_directory.h - a running engine of the bench: a directory of its own, one producer, and the
 * commands that are sent to it.
 *
 *   B1  Commands are built before the clock starts; a run is from the first send to the last
 * answer. B2  A command that is refused is counted, and no bench with one is good.
 *
 * Thread: one.  Memory: the commands' buffer.  The directory is removed at the end. */
#ifndef FLORIN_BENCH_BENCH_DIRECTORY_H
#define FLORIN_BENCH_BENCH_DIRECTORY_H

#include "bench/bench_commands.h"
#include "bench/bench_options.h"
#include "storage/host.h"

#define FL_BENCH_PRODUCTS 1000u

struct fl_bench_directory {
    const struct fl_bench_options *options;
    char path[512];
    struct fl_host *host;
    struct fl_producer *producer;
    struct fl_bench_commands commands;
    uint32_t customers;
    uint64_t refused;
    struct fl_error error;
};

/* An empty engine that makes no checkpoint by itself, and room for `command_bytes` of commands.
 * What fails is said on standard error. The caller closes in any case. */
bool fl_bench_directory_open(struct fl_bench_directory *d, const struct fl_bench_options *options,
                             size_t command_bytes);
/* The engine goes, its files stay: for an opening that is measured. */
bool fl_bench_directory_stop(struct fl_bench_directory *d);
/* Stops if need be, removes everything. False if closing failed, or commands were refused (B2). */
bool fl_bench_directory_close(struct fl_bench_directory *d);
bool fl_bench_directory_say(const struct fl_bench_directory *d, const char *what);

/* Sends what stands in `commands` and waits for every answer; seconds (B1). */
double fl_bench_directory_send(struct fl_bench_directory *d);
void fl_bench_directory_receive(struct fl_bench_directory *d, bool wait);
/* Products and customers; then invoices 0 to count - 1, each of a random customer. */
void fl_bench_directory_masters(struct fl_bench_directory *d);
void fl_bench_directory_invoices(struct fl_bench_directory *d, uint32_t count);

#endif
