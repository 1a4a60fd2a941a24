/* match_run.h - matching over a running engine: snapshot, batch, and what is decided as commands.
 *
 * Each decision is one command: an `application` with rule, points and reason, or a batch of them
 * where several documents are settled together, so that a receipt is settled whole or not at all.
 * What was refused because the state moved on meanwhile stays open and is counted.
 *
 * Thread: the caller's, and one more for each processor but one while the batch is decided.
 */
#ifndef FLORIN_TOOLS_CLI_MATCH_RUN_H
#define FLORIN_TOOLS_CLI_MATCH_RUN_H

#include "analytics/match_batch.h"
#include "storage/host.h"
#include "tools/format/time_zone.h"

struct fl_match_run {
    struct fl_host *host;
    struct fl_producer *producer; /* null: a dry run, on a state in memory */
    struct fl_snapshot snapshot;
    struct fl_match_index index;
    struct fl_match_batch batch;
    struct fl_time_zone zone;
    void *command; /* room for the one at hand */
    int64_t at_us; /* arrival of the commands */
    uint16_t at_day;
    struct fl_match_settings settings;
    bool has_snapshot, has_index, has_batch;
    enum fl_status send_status; /* of the first that could not be sent */
    uint64_t sent, answered, settled, refused;
    uint64_t settled_by_rule[FL_MATCH_RULES + 1];
    double seconds_index, seconds_batch, seconds_send;
    double cpu_index, cpu_batch, cpu_send; /* of all threads */
};

/* Takes a snapshot of the host, which is quiet. FL_NO_MEMORY. Close it whatever happens. */
enum fl_status fl_match_run_open(struct fl_match_run *run, struct fl_host *host,
                                 struct fl_producer *producer);
/* Decides all open payments; nothing is sent. */
enum fl_status fl_match_run_decide(struct fl_match_run *run);
/* Reads one of them alone, so that it can be explained. */
enum fl_status fl_match_run_read(struct fl_match_run *run, uint32_t line);
/* Sends what was decided and waits for the answers. */
enum fl_status fl_match_run_send(struct fl_match_run *run);
/* Both at once: what is settled is sent while the rest is still being decided. Of one that fails
 * what was sent stands. */
enum fl_status fl_match_run_settle(struct fl_match_run *run);
void fl_match_run_close(struct fl_match_run *run);

/* The place of a receipt in the batch; FL_MATCH_NONE. */
uint32_t fl_match_run_line(const struct fl_match_run *run, uint32_t receipt);

#define FL_MATCH_REASON_BYTES 256

/* "needs 70, has 55: payer by name only"; at most `capacity` bytes with the zero. Both return the
 * length. */
size_t fl_match_say_missing(const struct fl_match_run *run, const struct fl_match_set *set,
                            unsigned shortage, char *out, size_t capacity);
/* "text 60, payer 30 (account), amount 30 (equal)": what the points are made of. */
size_t fl_match_say_points(const struct fl_match_decision *decision,
                           char out[FL_MATCH_REASON_BYTES]);

#endif
