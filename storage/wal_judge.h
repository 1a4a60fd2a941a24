/* wal_judge.h - torn or corrupt: the one table that decides what the end of a log is.
 *
 * V is the last sequence of the chain of intact blocks from the first kept one. P is the largest
 * sequence that anything proves was durable: the durable_upto of any intact header anywhere, and
 * the sequences of the verified checkpoint roots. "Stop" is the first position where the chain does
 * not go on. The first line that fits decides:
 *
 *     0  a read failed, and again when repeated            refuse  io_error
 *     1  a newer format, at the stop or behind it          refuse  newer_format
 *     2  the block is chained: intact, previous checksum   accept, go on
 *        and sequence fit
 *     3  P > V: something that was durable is not there    refuse  corrupt
 *     4  a segment is missing before an existing one       refuse  corrupt
 *     5  zeros, or an intact block of an older segment     end
 *        or epoch; nothing but such behind it
 *     6  a bad block, or a gap (an intact block of later   cut: zeros to the segment's end, later
 *        sequence, or anything behind zeros)               segments emptied, synced, new epoch
 *     7  anything else: complete but wrong                 refuse  corrupt
 *
 * Line 6 needs no look at what later blocks prove: all of them have durable_upto <= V, or line 3
 * had fitted. The limit, said plainly: rot of the very last block before its proof was written
 * cannot be told from a torn write, and is cut.
 */
#ifndef FLORIN_STORAGE_WAL_JUDGE_H
#define FLORIN_STORAGE_WAL_JUDGE_H

#include <stdbool.h>

/* What stands at the stop. */
enum fl_wal_stop {
    FL_WAL_STOP_CHAINED, /* not a stop yet */
    FL_WAL_STOP_ZERO,    /* zeros, or the end of the last segment */
    FL_WAL_STOP_OLDER,   /* intact, of an older segment or epoch */
    FL_WAL_STOP_GAP,     /* intact, its first sequence is beyond V + 1 */
    FL_WAL_STOP_WRONG,   /* intact, of another directory, segment or chain, or wrong inside */
    FL_WAL_STOP_BAD,     /* neither zeros nor intact */
};

/* The most telling thing behind the stop, in this segment and all later ones. */
enum fl_wal_later {
    FL_WAL_LATER_NOTHING,
    FL_WAL_LATER_OLDER,
    FL_WAL_LATER_INTACT,
    FL_WAL_LATER_BAD,
};

struct fl_wal_facts {
    bool read_failed;
    bool newer_format;
    enum fl_wal_stop stop;
    enum fl_wal_later later;
    bool proof_beyond; /* P > V */
    bool segment_missing;
};

/* The number of the table's line. */
enum fl_wal_case {
    FL_WAL_CASE_READ_FAILED = 0,
    FL_WAL_CASE_NEWER = 1,
    FL_WAL_CASE_ACCEPT = 2,
    FL_WAL_CASE_LOST = 3,
    FL_WAL_CASE_MISSING = 4,
    FL_WAL_CASE_END = 5,
    FL_WAL_CASE_CUT = 6,
    FL_WAL_CASE_WRONG = 7,
};

enum fl_wal_case fl_wal_judge(const struct fl_wal_facts *facts);

#endif
