#include "storage/wal_judge.h"

enum fl_wal_case fl_wal_judge(const struct fl_wal_facts *facts)
{
    bool quiet_stop = facts->stop == FL_WAL_STOP_ZERO || facts->stop == FL_WAL_STOP_OLDER;
    bool quiet_later = facts->later == FL_WAL_LATER_NOTHING || facts->later == FL_WAL_LATER_OLDER;
    bool incomplete = facts->stop == FL_WAL_STOP_BAD || facts->stop == FL_WAL_STOP_GAP;

    if (facts->read_failed)
        return FL_WAL_CASE_READ_FAILED;
    if (facts->newer_format)
        return FL_WAL_CASE_NEWER;
    if (facts->stop == FL_WAL_STOP_CHAINED)
        return FL_WAL_CASE_ACCEPT;
    if (facts->proof_beyond)
        return FL_WAL_CASE_LOST;
    if (facts->segment_missing)
        return FL_WAL_CASE_MISSING;
    if (quiet_stop && quiet_later)
        return FL_WAL_CASE_END;
    if (incomplete || quiet_stop)
        return FL_WAL_CASE_CUT;
    return FL_WAL_CASE_WRONG;
}
