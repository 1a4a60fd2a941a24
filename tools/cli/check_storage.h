/* check_storage.h - what `check` says of the files: every log file as far as it holds, every
 * checkpoint.
 *
 * JSON: "wal":[{"file","bytes","first_seq","last_seq"}],"dropped_bytes":n,"checkpoints":[{"name",
 * "state","seq","chunks"} or {"name","state","message"}]; state is good, damaged or newer. What is
 * wrong comes back as sentences too, each with its file and place, for the list of differences.
 *
 * Thread: one, before others exist (a checkpoint is read by a forked child).  Cost: reads all of
 * it.
 */
#ifndef FLORIN_TOOLS_CLI_CHECK_STORAGE_H
#define FLORIN_TOOLS_CLI_CHECK_STORAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/status.h"

#define FL_CHECK_CHECKPOINTS_MAX 2

struct fl_check_checkpoint {
    char name[32];
    enum fl_status status;
    uint64_t seq, chunks;
    char message[256];
};

struct fl_check_storage {
    struct fl_check_checkpoint checkpoints[FL_CHECK_CHECKPOINTS_MAX];
    uint32_t checkpoint_count;
    char log_message[256]; /* empty if the log holds */
};

/* Verifies both checkpoints. Beside a running engine, one that is being rewritten looks damaged: a
 * damaged one is looked at again before it is called so. */
void fl_check_storage_checkpoints(const char *directory, struct fl_check_storage *check);
/* Prints the log's files, reading every record, and then the checkpoints: as lines, or as the JSON
 * members above. */
void fl_check_storage_print(const char *directory, struct fl_check_storage *check, bool table,
                            uint64_t dropped_bytes);
/* How many sentences, each said through `say`. */
uint64_t fl_check_storage_say(const struct fl_check_storage *check,
                              void (*say)(void *context, const char *sentence), void *context);

#endif
