/* statement_job.h - a bank statement too long for one command: stored as it comes, posted in slices (job.h).
 *
 *   M1  A statement is one command, or parts of one id: 1, 2, and so on in their order. The last says how many there
 *       are (`parts`); a part before it may, too. Each part balances by itself and opens where the one before closed;
 *       one that gives no opening does so.
 *   M2  Of parts nothing is posted before the last is there; the lines are known from their storing on. Where the last
 *       never comes nothing is ever posted, and the statement says so. Parts may be sent again (duplicates) and gone
 *       on with later; part 1 with new lines begins to count anew, what was stored before it stays in front.
 *   M3  Parts, and a command of more than FL_SLICE_ITEMS lines, are posted by a job, line by line in their order: each
 *       line as if it were posted at once in its slice (statement_line.h). The sender of the last part is answered when
 *       that is done. Inside a batch a statement is posted at once and has no parts.
 *
 * Limits: a line that another statement brings again is known, though its first statement may wait for ever for its
 * last part. Parts that are sent again cut otherwise are refused, where they bring new lines out of turn.
 */
#ifndef FLORIN_CORE_DOMAIN_STATEMENT_JOB_H
#define FLORIN_CORE_DOMAIN_STATEMENT_JOB_H

#include "core/domain/state.h"

/* The newest part that waits for more of them; FL_NO_ROW. */
uint32_t fl_statement_part_waiting(const struct fl_state *s, uint32_t account, const char *id,
                                   size_t length);
/* True if that part was stored once. */
bool fl_statement_part_is_known(const struct fl_state *s, uint32_t account, const char *id,
                                size_t length, uint32_t part);

/* Id of the job that posts, or posted, the newest statement of that name; 0: none. */
uint32_t fl_statement_job(const struct fl_state *s, const struct fl_command *command);

/* All of the statement is there, its last row is `statement`: books the opening that it brings and begins the job,
 * if any line is to be posted. Returns whether a job was begun. */
bool fl_statement_complete(struct fl_context *c, uint32_t statement);

/* Posts the next lines of the job: `*n` of them, or as many as a slice holds. */
enum fl_status fl_statement_slice(struct fl_context *c, uint32_t job_row, uint32_t *n);
/* Moves the job past parts that are through; true when all are, which it notes. */
bool fl_statement_advance(struct fl_state *s, uint32_t job_row);
/* Rows that the next slice of the job may add at most. */
uint32_t fl_statement_slice_rows(const struct fl_state *s, uint32_t job_row);

#endif
