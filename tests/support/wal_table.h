/* wal_table.h - torn or corrupt as patterns, beside the function in wal_judge.c: each combination
 * must meet exactly one.
 */
#ifndef FLORIN_TESTS_SUPPORT_WAL_TABLE_H
#define FLORIN_TESTS_SUPPORT_WAL_TABLE_H

#include "storage/wal_judge.h"

/* Combination number `index` of all facts; false behind the last one. */
bool fl_wal_table_combination(int index, struct fl_wal_facts *out);
/* The line it meets; -1 none, -2 several lines of different outcome. */
int fl_wal_table_case(const struct fl_wal_facts *facts);

#endif
