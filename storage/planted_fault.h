/* planted_fault.h - the simulator on trial: faults that its walks must notice.
 *
 * In florin none is planted: the question is always answered false, and the compiler drops what
 * hangs on it. A test program that includes a source of storage after it has defined FL_PLANTED
 * takes the place of the library's object with one that has the fault
 * (tests/simulator/test_*_planted.c).
 */
#ifndef FLORIN_STORAGE_PLANTED_FAULT_H
#define FLORIN_STORAGE_PLANTED_FAULT_H

#include <stdbool.h>

enum fl_planted_fault {
    FL_PLANT_NONE,
    /* wal_writer.c */
    FL_PLANT_DURABLE_AT_SUBMISSION, /* before the write has ended */
    FL_PLANT_BYTE_DROPPED,          /* one of a record, before the checksum is made */
    FL_PLANT_CHAIN_SKIPPED,         /* now and then a block does not name the one before it */
    FL_PLANT_DURABLE_UNTOLD,        /* blocks prove nothing of those before them */
    /* pipeline.c */
    FL_PLANT_ANSWER_AT_ONCE,  /* accepted commands do not wait for the disk */
    FL_PLANT_REFUSAL_AT_ONCE, /* what is not accepted does not wait for what it was decided on */
    /* wal_segments.c */
    FL_PLANT_ZEROS_UNSYNCED, /* a segment is ready before its zeros are on the device */
    FL_PLANT_NAME_UNSYNCED,  /* or its name */
    /* disk.c */
    FL_PLANT_CACHE_BELIEVED, /* a page cache shows what a failed write left in it */
    /* wal_reader.c */
    FL_PLANT_READ_UNSYNCED, /* what is read on opening may be in no device yet */
    FL_PLANT_PROOF_IGNORED, /* what a later block says was durable */
};

#ifndef FL_PLANTED
#define FL_PLANTED(fault) false
#endif

#endif
