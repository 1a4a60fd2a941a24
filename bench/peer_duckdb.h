/* peer_duckdb.h - DuckDB joining as many receipts with invoices, as a figure beside our matching.
 *
 * The work is in peers/duckdb: with every core, the bare join materialised, once in memory and once into a database file.
 * Nothing is posted or settled there; ours does all of that, durably.
 *
 * Thread: any, one at a time. Memory: the peer's, some 1.5 GB for 5 million.
 */
#ifndef FLORIN_BENCH_PEER_DUCKDB_H
#define FLORIN_BENCH_PEER_DUCKDB_H

#include <stdint.h>

#include "bench/peer_process.h"

/* FL_IO_ERROR; that DuckDB is missing is found at its end. Its first answer waits until its tables are made. */
FL_MUST_USE enum fl_status fl_peer_duckdb_start(struct fl_peer_process *peer, uint32_t rows,
                                                const char *directory, struct fl_error *error);
/* Payments/s. */
struct fl_peer_duckdb_rates {
    double memory, file;
};
/* One run of both. False: it ended, and fl_peer_process_end says why. */
FL_MUST_USE bool fl_peer_duckdb_ask(struct fl_peer_process *peer, uint32_t rows,
                                  struct fl_peer_duckdb_rates *rates_out);

#endif
