/* mt940_entry.h - one entry of an MT940 or MT942: field 61 with what belongs to it, as a line.
 *
 *   N4  The mark is RC, RD, C or D, then at most one letter (the third of the currency). RC takes
 *       money out, RD brings it back. EC and ED are expected, not booked.
 *   N10 Behind the amount stands nothing or the type of the transaction: a capital letter (N, F or S
 *       where the amount has no mark) and three characters that are no mark. Anything else was meant
 *       to be of the amount. A point before three digits is refused where the currency has not
 *       three decimals: nobody knows if it divides thousands.
 *
 * What field 86 knows (mt940_details.h) goes before what field 61 had: its references, and the
 * lines behind its first one, where banks put a reference broken over, an account, charges or, as
 * ":NS:", numbered lines in place of a field 86. A first line that cannot hold an amount goes on in
 * the second.
 *
 * Thread: one.  Memory: none but what the caller gives.
 */
#ifndef FLORIN_TOOLS_INGEST_MT940_ENTRY_H
#define FLORIN_TOOLS_INGEST_MT940_ENTRY_H

#include "tools/ingest/mt940_details.h"
#include "tools/ingest/statement.h"

/* Of the statement, and the dates of the entry before, as written and as days: neighbours have
 * mostly the same. */
struct fl_mt940_entry {
    enum fl_statement_kind kind;
    uint8_t currency;
    bool reversal_keeps; /* of this bank RC is money in: the mark does not turn the letter round */
    bool clamped; /* of the entry read: a day that its month has not was made the month's last */

    char dates[10];
    size_t dates_length;
    uint16_t value_days, booking_days;
    struct fl_statement_reference references[2];
};

/* Room that reading an entry of so many bytes may use. */
#define FL_MT940_ENTRY_SCRATCH(bytes) (FL_MT940_DETAILS_SCRATCH(bytes) + 2 * (bytes) + 16)

/* `entry`: everything behind ":61:", valid UTF-8, its fields 86 in. Null, or why it cannot be read
 * and, in `*code`, as what. The line points into `entry`, `scratch` and `e`. */
const char *fl_mt940_entry_read(struct fl_mt940_entry *e, struct fl_slice entry, char *scratch,
                                struct fl_statement_line *line, enum fl_status *code);

#endif
