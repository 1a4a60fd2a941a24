/* csv_group.h - the rows of one account and currency in a CSV, added up as they pass.
 *
 * The balances are looked at in both directions at once, oldest first and newest first; what the
 * direction was is known at the end.
 *
 *   U1  Oldest first: balance = balance before + amounts since. Newest first: balance = balance
 *       above - amounts since. The direction with fewer breaks is the file's; where both agree, the
 *       days decide.
 *   U2  Balances that the file names (rows, columns) come before those that are reckoned.
 *
 * Thread: one.  Memory: the struct.
 */
#ifndef FLORIN_TOOLS_INGEST_CSV_GROUP_H
#define FLORIN_TOOLS_INGEST_CSV_GROUP_H

#include "tools/ingest/csv_row.h"

struct fl_csv_chain {
    uint64_t breaks, first_break_line;
};

struct fl_csv_group {
    char account[FL_ID_BYTES_MAX + 1];
    uint8_t currency;
    uint64_t first_line, rows, bytes;
    uint32_t lines, not_booked;
    uint16_t first_day, last_day, from_days, to_days;
    struct fl_statement_total sum; /* of the booked lines */
    struct fl_decimal named_opening, named_closing;
    /* Balances: how many rows have one, the sum before the first and the sum at the last, both
     * without the row's own amount, and what the two directions make of it. */
    uint64_t balances;
    struct fl_statement_total first_balance, last_balance, before_first, at_last;
    struct fl_decimal first_amount, last_amount;
    struct fl_csv_chain oldest_first, newest_first;
};

void fl_csv_group_add(struct fl_csv_group *group, const struct fl_csv_row *row, size_t bytes);
bool fl_csv_group_is_newest_first(const struct fl_csv_group *group);
/* The chain of the file's direction. */
struct fl_csv_chain fl_csv_group_chain(const struct fl_csv_group *group);
/* Absent where the file does not tell. */
struct fl_decimal fl_csv_group_opening(const struct fl_csv_group *group);
struct fl_decimal fl_csv_group_closing(const struct fl_csv_group *group);

#endif
