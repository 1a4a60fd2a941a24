/* match_batch.h - settles all open payments of a snapshot, rule by rule.
 *
 *   B1  Rule by rule over the whole batch: what names its documents is settled before anything is
 * found by amount. B2  Within a rule every open payment chooses against the same state; then the
 * choices are made good by booking day and line identity, so that the outcome does not depend on
 * the order of the lines. One whose documents were touched meanwhile chooses again. B3  A rule is
 * gone through again while it settles something, at most ROUNDS times: what others took may leave
 *       only one.
 *   B4  No document is used beyond what is open.
 *   B5  Evidence and choices are made by all threads, the making good by one. Threads share nothing
 * they write.
 *
 * Receipts that were settled in part, parked or reversed are not in it.
 *
 * Memory: malloc; about 100 bytes a payment and what its text named.
 */
#ifndef FLORIN_ANALYTICS_MATCH_BATCH_H
#define FLORIN_ANALYTICS_MATCH_BATCH_H

#include "analytics/match_choice.h"

/* Reads what a payment says. A reader is one thread's; `text` is valid until its next read. */
struct fl_match_source {
    void *(*open)(void *context); /* null: no memory */
    void (*close)(void *reader);
    void (*read)(void *reader, const struct fl_match_index *index, const struct fl_match_line *line,
                 struct fl_match_text *text_out);
    /* Asks for what reading it will read: first where its text is, then the text. Nullable. */
    void (*ask)(void *reader, const struct fl_match_line *line, unsigned step);
    void *context;
};

struct fl_match_decision {
    uint32_t application_first, application_count; /* 0: not settled */
    uint32_t turn;                                 /* settled as the how-manieth, from 1 */
    uint32_t
        rival; /* place in `rivals` of the runner-up when it was settled, + 1; 0: there was none */
    int16_t points;
    uint8_t verdict; /* enum fl_match_verdict */
    uint8_t rule, fit;
    uint8_t shortage; /* enum fl_match_short */
    uint8_t text_points, payer_points, payer_by;
    bool only_one, damaged, other_payer;
};

struct fl_match_packed;

struct fl_match_claim {
    uint8_t fit, count;
    uint32_t items[];
};

/* What a line chose stays good until something is taken off what it looked at: by whole numbers
 * alone, those items; else all items of the customers that its evidence speaks of. */
struct fl_match_seen {
    const struct fl_match_claim *claim; /* the set that settles, if it had no runner-up; null */
    uint32_t stamp;                     /* sum of `taken`, or of `touched` */
    uint8_t level;                      /* 0: nothing yet; 1: by its text alone; 2: all rules */
    uint8_t settles;                    /* the first rule that settles; 0: none */
};

struct fl_match_batch {
    struct fl_match_state state;
    struct fl_match_line *lines;
    struct fl_match_packed **evidence;
    struct fl_match_decision *decisions;
    struct fl_match_application *applications;
    struct fl_match_seen *seen; /* of line: what it chose, and when */
    uint32_t *turns;            /* lines in the order in which they were settled */
    uint32_t line_count, application_count, application_room, turn_count;
    struct fl_match_set *rivals;
    uint32_t rival_count, rival_room;
    uint32_t *barred;
    struct fl_match_advised *advised;
    uint32_t advised_count, advised_room;
    uint32_t barred_count, barred_room;
    uint32_t proposed, open;
    struct fl_match_pool *pools;
    unsigned threads;
    void (*settled)(void *context,
                    uint32_t line); /* told at once of each; nullable. The caller's thread */
    void *settled_context;
};

/* The open payments of the index's snapshot, all undecided. FL_NO_MEMORY: deinit all the same. */
enum fl_status fl_match_batch_init(struct fl_match_batch *batch, const struct fl_match_index *index,
                                   const struct fl_match_settings *settings,
                                   unsigned threads) FL_MUST_USE;
void fl_match_batch_deinit(struct fl_match_batch *batch);
/* Decides all of them. FL_NO_MEMORY. */
enum fl_status fl_match_batch_run(struct fl_match_batch *batch,
                                  const struct fl_match_source *source) FL_MUST_USE;

/* A payment as the batch takes it; false if there is nothing of it to settle. */
bool fl_match_line_of(const struct fl_snapshot *snapshot, uint32_t receipt,
                      struct fl_match_line *out);
/* Reads the evidence of one line alone, where the batch was not run. FL_NO_MEMORY. */
enum fl_status fl_match_batch_read(struct fl_match_batch *batch, uint32_t at,
                                   const struct fl_match_source *source) FL_MUST_USE;
/* Two lines that say the same and are the same to every rule: what one chooses the other does.
 * Their evidence was read. */
bool fl_match_batch_alike(const struct fl_match_batch *batch, uint32_t a, uint32_t b);
/* What line `at`, whose evidence was read, chooses against the state as it is: all its candidates.
 */
void fl_match_batch_explain(const struct fl_match_batch *batch, uint32_t at,
                            struct fl_match_sum_workspace *sums, struct fl_match_choice *out);

#endif
