/* bench_statement.h - how many bytes of a bank statement a core reads in a second.
 *
 * One statement of size lines (a million at most) in memory, as a bank sends it: an entry a
 * payment, with the payer's name, account and text. Parsed, checked and summed; nothing is posted.
 */
#ifndef FLORIN_BENCH_BENCH_STATEMENT_H
#define FLORIN_BENCH_BENCH_STATEMENT_H

#include "bench/bench_options.h"

bool fl_bench_statement(const struct fl_bench_options *options, struct fl_figure_table *table);

#endif
