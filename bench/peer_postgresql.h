/* peer_postgresql.h - PostgreSQL 15 doing the same cycle durably, as a figure beside ours.
 *
 * The work is in peers/postgresql/run.sh: it makes a cluster of its own, measures, audits the books
 * it left and removes everything. This module runs it and reads its one line of JSON.
 *
 * Interleaving: one fl_peer_postgresql_run a run of ours, then the figures of all of them.
 * A cluster is made anew each time (some seconds), so that no run inherits the other's tables.
 *
 * Thread: any, one at a time.  Memory: none kept.  Cost: (connection counts + 1) x seconds + 4 s.
 */
#ifndef FLORIN_BENCH_PEER_POSTGRESQL_H
#define FLORIN_BENCH_PEER_POSTGRESQL_H

#include <stddef.h>
#include <stdint.h>

#include "bench/figure.h"
#include "core/base/contract.h"
#include "core/base/status.h"

struct fl_peer_postgresql_options {
    const char *script;       /* null: $FLORIN_PEERS/postgresql/run.sh, else the source tree's */
    const char *directory;    /* where the cluster lives: the device that ours is measured on */
    const char *connections;  /* null: "1 2 4 8 16" */
    uint32_t seconds;         /* a point; zero: 5 */
    uint32_t customer_count;  /* preloaded; zero: 50,000 */
};

struct fl_peer_postgresql_result {
    double cycles_per_s_1;    /* one connection */
    double cycles_per_s_best; /* the best connection count tried, one included */
    uint32_t connections_best;
    double seconds;           /* a point */
};

/* Reads the script's line. FL_UNREADABLE: not that line, or figures that cannot be. */
FL_MUST_USE enum fl_status fl_peer_postgresql_parse(const char *json,
                                                    struct fl_peer_postgresql_result *result_out,
                                                    struct fl_error *error);

/* FL_UNSUPPORTED: PostgreSQL is missing and cannot be installed. FL_IO_ERROR: the script failed;
 * the message is its last word. */
FL_MUST_USE enum fl_status fl_peer_postgresql_run(const struct fl_peer_postgresql_options *options,
                                                  struct fl_peer_postgresql_result *result_out,
                                                  struct fl_error *error);

/* Adds `cycle_postgresql` (one connection) and `cycle_postgresql_best`, both cycles/s. */
void fl_peer_postgresql_figures(const struct fl_peer_postgresql_result *results,
                                size_t result_count, struct fl_figure_table *table);

#endif
