/* bench_json.h - how many lines of NDJSON a core turns into commands in a second. */
#ifndef FLORIN_BENCH_BENCH_JSON_H
#define FLORIN_BENCH_BENCH_JSON_H

#include <stdint.h>

/* Reads `lines` commands (orders of two lines, shipments, invoices, receipts with a reference,
 * applications) from memory and returns lines a second; 0 if memory is refused or a line is.
 * `bytes_out` (nullable): of one line, on average. */
double fl_bench_json_read(uint32_t lines, double *bytes_out);

#endif
