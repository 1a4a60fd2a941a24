/* wal_walk.h - the crash simulator of the log, as functions that complain.
 *
 * One scripted run on a simulated disk: three sessions of appends, group commits, proofs, segments
 * prepared and archived. Then a crash, and what is recovered is compared with what was
 * acknowledged.
 *
 * Oracle: recovered = a prefix of what was appended, and all of what was acknowledged is in it. If
 * the device itself lied or rotted (a garbled, lost or unreadable sector), refusing without
 * changing anything is right too; and the records of the very last block, if no later one proved
 * it, may be gone.
 *
 * A complaint is a sentence that names seed, operation and image; null: all is well.
 */
#ifndef FLORIN_TESTS_SUPPORT_WAL_WALK_H
#define FLORIN_TESTS_SUPPORT_WAL_WALK_H

#include <stdint.h>

struct fl_wal_tally {
    uint64_t crashes, images;
    uint64_t cuts;           /* recoveries that cut a torn end */
    uint64_t recovered_more; /* that found more than was acknowledged */
    uint64_t refused;        /* that refused damage */
    uint64_t rot;            /* that lost an unproven last block to damage */
    uint64_t no_space;       /* runs that met a full device and went on */
    uint64_t failed;         /* runs that a failed write ended */
};

/* Crashes the run at every operation, takes every image; recovers, goes on, crashes again; crashes
 * every recovery that cuts at each of its own operations. Also kills the process there, lets
 * another one read, and cuts the power then. */
const char *fl_wal_walk_crashes(uint64_t seed, uint64_t appends, struct fl_wal_tally *tally);

/* One run with faults as the seed says. */
const char *fl_wal_walk_seed(uint64_t seed, struct fl_wal_tally *tally);

/* The run on a device that says "synced" and keeps nothing: there must be a complaint. */
const char *fl_wal_walk_liar(uint64_t seed);

#endif
