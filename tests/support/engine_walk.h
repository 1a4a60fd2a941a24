/* engine_walk.h - the crash simulator of the whole engine, as functions that complain.
 *
 * The script (engine_script.h) is sent to a stepped host on a simulated disk: groups, proofs,
 * segments, sessions and checkpoints fall as the dice say. Then the power goes, and a host opened
 * on what is left of the disk is compared with the engine that never saw one.
 *
 * Oracle: the recovered state is the model's after some prefix of the script, to the digest; every
 * answer that was received, refusals and duplicates too, was the model's to the byte and stands on
 * a state in that prefix; nothing is there that was not sent. What was accepted beyond the answers
 * is a duplicate when it is sent again, and the rest of the script then leads to the whole run's
 * state.
 *
 * If the device itself lied or rotted (a garbled, lost or unreadable sector), refusing by name
 * without changing anything is right too; and the records of the very last block, if no later one
 * proved it, may be gone.
 *
 * Checkpoints, where a walk has them, are real files beside the simulated log: they are as they
 * were when the power went, and are read only.
 *
 * A complaint is a sentence that names seed, operation and image; null: all is well.
 */
#ifndef FLORIN_TESTS_SUPPORT_ENGINE_WALK_H
#define FLORIN_TESTS_SUPPORT_ENGINE_WALK_H

#include "tests/support/engine_script.h"

struct fl_engine_tally {
    uint64_t crashes, images;
    uint64_t seen;           /* images that an earlier crash had left in the same way */
    uint64_t cuts;           /* recoveries that cut a torn end */
    uint64_t recovered_more; /* that found more than was answered */
    uint64_t duplicates;     /* commands that were there, sent again */
    uint64_t from_checkpoint;
    uint64_t archived; /* segments, by runs that were walked to their end */
    uint64_t refused;  /* recoveries that refused damage */
    uint64_t rot;      /* that lost an unproven last block to damage */
    uint64_t no_space; /* answers */
    uint64_t failed;   /* runs that a failed write or sync ended */
};

struct fl_engine_walk {
    const struct fl_engine_script *script;
    const char *checkpoints; /* an empty real folder; null: without */
    uint32_t images_most;    /* of each crash point, by lot; 0: all */
    uint32_t window;         /* commands sent and not answered: more of them make larger groups */
    struct fl_engine_tally tally;
};

/* Crashes the run at every operation. */
const char *fl_engine_walk_crashes(struct fl_engine_walk *walk, uint64_t seed);
/* One run with faults as the seed says. */
const char *fl_engine_walk_seed(struct fl_engine_walk *walk, uint64_t seed);
/* With a fault planted (storage/planted_fault.h): fails the test unless one of the walks from seed
 * 1 on complains, and says how. */
void fl_engine_walk_must_complain(const char *(*walk_it)(struct fl_engine_walk *walk,
                                                         uint64_t seed),
                                  uint64_t seeds);
/* The run on a device that says "synced" and keeps nothing: there must be a complaint. */
const char *fl_engine_walk_liar(struct fl_engine_walk *walk, uint64_t seed);

#endif
