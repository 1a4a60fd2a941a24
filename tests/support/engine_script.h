/* engine_script.h - one history of the whole engine, and what it must come to after every prefix.
 *
 * Some three hundred commands: every type of command.h, refusals, duplicates and batches among
 * them. The answers and the states are those of an engine in memory that has never seen a disk:
 * what any host, however often it was stopped, must agree with.
 *
 * Commands that change something have an id or a key of their own, so that sent again they are
 * duplicates.
 */
#ifndef FLORIN_TESTS_SUPPORT_ENGINE_SCRIPT_H
#define FLORIN_TESTS_SUPPORT_ENGINE_SCRIPT_H

#include "core/engine/engine.h"

/* An answer, and the answers of a batch's members before it, packed one behind the other. */
struct fl_script_answer {
    char *bytes;
    size_t used, room;
};
void fl_script_answer_add(struct fl_script_answer *answer, const struct fl_result *result);

struct fl_script_step {
    struct fl_command *command;
    enum fl_status status;
    uint64_t seq; /* of the last record, once this command is decided */
    bool has_job; /* and slices did what it began: it is answered behind them */
    struct fl_script_answer answer;
};

struct fl_engine_script {
    struct fl_engine_config config;
    struct fl_script_step *steps;
    uint32_t count;
    uint64_t last_seq;
    uint32_t slices;   /* records that are slices of a job, not commands of the script */
    uint64_t *digests; /* [seq], from 0 */
    /* [seq]: steps that the state of this sequence has in it; the last of them may have a job under
     * way, which goes on by itself. */
    uint32_t *steps_done;
};

void fl_engine_script_make(struct fl_engine_script *script);
void fl_engine_script_free(struct fl_engine_script *script);

#endif
