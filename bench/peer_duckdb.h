/* peer_duckdb.h - DuckDB answering the same question over as many rows, as a figure beside ours.
 *
 * The work is in peers/duckdb, with every core. match: the bare join of receipts with invoices
 * materialised, once in memory and once into a database file; nothing is posted or settled there,
 * ours does all of that, durably. aging: open invoices by bucket, over columns in memory.
 *
 * Thread: any, one at a time. Memory: the peer's, some 1.5 GB for 5 million.
 */
#ifndef FLORIN_BENCH_PEER_DUCKDB_H
#define FLORIN_BENCH_PEER_DUCKDB_H

#include <stdint.h>

#include "bench/peer_process.h"

/* FL_IO_ERROR; that DuckDB is missing is found at its end. Its first answer waits until its tables
 * are made. */
FL_MUST_USE enum fl_status fl_peer_duckdb_start(struct fl_peer_process *peer, const char *question,
                                                uint32_t rows, const char *directory,
                                                struct fl_error *error);
/* Of match; payments/s. */
struct fl_peer_duckdb_rates {
    double memory, file;
};
/* One run of both. False: it ended, and fl_peer_process_end says why. */
FL_MUST_USE bool fl_peer_duckdb_ask(struct fl_peer_process *peer, uint32_t rows,
                                    struct fl_peer_duckdb_rates *rates_out);
/* One run of another question; rows/s. False as before. */
FL_MUST_USE bool fl_peer_duckdb_rate(struct fl_peer_process *peer, uint32_t rows, double *rate_out);

#endif
