/* engine.h - the state machine: one command in, one decision, all or nothing.
 *
 * Deterministic: the same accepted commands in the same order give the same state to the bit (I8). It
 * knows no clock, no file and no thread; who drives it gives it memory for the command, and the
 * command carries its time.
 *
 *   E1  A command is applied whole or not at all (I6): what can be refused is decided before the first
 *       change; a batch and whatever may fail midway runs under an undo mark.
 *   E2  An accepted command has everything resolved in place: date, due date, id of a series, `at`.
 *       Applied again to the state before it, it gives the same result to the byte.
 *   E3  Refusals change nothing, use no sequence number and no key.
 *   E4  A batch known by its key is answered as it was: seq, count, and every member with the fields and the
 *       sequence number of its first answer, all of them as duplicates (also those that were made by the batch).
 *       A held order's answer has its present credit beside it (`now`), as that of any duplicate.
 *
 * Thread: one. Memory: the arena, taken at create. Cost: see schema.h for the lines a receipt touches.
 */
#ifndef FLORIN_CORE_ENGINE_ENGINE_H
#define FLORIN_CORE_ENGINE_ENGINE_H

#include "core/data/snapshot.h"
#include "core/engine/command.h"
#include "core/engine/result.h"

/* What a record means. 1: clocks did their day at once; 2: a bank line equal to a stored one was known whatever the
 * balances said, and had no availability; 3: a bank line knew no payer's account, and a credit note
 * no number of its applications. The oldest that can be applied again. */
#define FL_SEMANTICS_VERSION 4
#define FL_SEMANTICS_OLDEST 4

struct fl_engine;

struct fl_engine_config {
    uint64_t memory_bytes; /* 0: 1 GiB */
    uint32_t rows_max;     /* per table; 0: FL_TABLE_ROWS_MAX */
    uint64_t secret;       /* seeds the indexes; random per process, nothing durable depends on it */
};

/* FL_NO_MEMORY if the address space is refused. */
enum fl_status fl_engine_create(const struct fl_engine_config *config, struct fl_engine **out);
void fl_engine_destroy(struct fl_engine *engine);

/* Decides and applies. `command` passed fl_command_check, is writable, 8-byte aligned and has
 * FL_COMMAND_SLACK free bytes behind it. Fills `result` whatever happens; accepted means
 * result->status == FL_OK. A batch calls `member` (nullable) with each member's result as it is decided, or as it
 * was (E4): who listens drops them if the batch itself is neither accepted nor a duplicate. */
struct fl_member_sink {
    void (*member)(void *context, uint32_t index, const struct fl_result *result);
    void *context;
};
enum fl_status fl_engine_apply(struct fl_engine *engine, struct fl_command *command,
                               struct fl_result *result, const struct fl_member_sink *sink);

/* Work in slices (job.h). After a command that began a job, someone must apply its slices: the host between other
 * commands, fl_engine_run_jobs at once, replay those of the log. */
#define FL_SLICE_BYTES (sizeof(struct fl_command) + sizeof(struct fl_command_slice))
/* True while a job is not through. */
bool fl_engine_has_slice(const struct fl_engine *engine);
/* Makes the next slice; `command_out` has FL_SLICE_BYTES and FL_COMMAND_SLACK behind them. */
void fl_engine_next_slice(struct fl_engine *engine, void *command_out);
/* The job that the answer to the command just applied, with that status, waits for; 0: none. */
uint32_t fl_engine_job_of(const struct fl_engine *engine, const struct fl_command *command,
                          enum fl_status status);
bool fl_engine_job_is_done(const struct fl_engine *engine, uint32_t job);
/* Adds to the first answer what only the job that is done could know: how many lines of a statement it matched. */
void fl_engine_job_answer(const struct fl_engine *engine, uint32_t job, struct fl_result *result);
/* Applies slices until no job is left, and shows each (`sink` is nullable). Ends with the status of one that could
 * not be applied (FL_NO_MEMORY). */
struct fl_slice_sink {
    void (*slice)(void *context, const struct fl_command *command, const struct fl_result *result);
    void *context;
};
enum fl_status fl_engine_run_jobs(struct fl_engine *engine, const struct fl_slice_sink *sink);

/* Asks memory for what applying these commands will read; call with 8 to 32 at a time. */
void fl_engine_prefetch(struct fl_engine *engine, const struct fl_command *const *commands,
                        uint32_t count);

struct fl_store *fl_engine_store(struct fl_engine *engine);
uint64_t fl_engine_seq(const struct fl_engine *engine);
uint32_t fl_engine_state_check(const struct fl_engine *engine);

/* Rebuilds every index from the columns (after a checkpoint was loaded into the store). */
void fl_engine_rebuild(struct fl_engine *engine);

/* Kinds that can be looked up by id. */
enum fl_kind {
    FL_KIND_OF_CUSTOMER,
    FL_KIND_OF_PRODUCT,
    FL_KIND_OF_BANK_ACCOUNT,
    FL_KIND_OF_ORDER,
    FL_KIND_OF_SHIPMENT,
    FL_KIND_OF_INVOICE,
    FL_KIND_OF_CREDIT_NOTE,
    FL_KIND_OF_RECEIPT,
    FL_KIND_OF_REFUND,
    FL_KIND_OF_CHARGEBACK,
    FL_KIND_OF_WRITE_OFF,
    FL_KIND_OF_RETURN,
    FL_KIND_OF_CHARGEBACK_REVERSE,
    FL_KIND_OF_WRITE_OFF_REVERSE,
    FL_KIND_OF_STATEMENT,
    FL_KIND_OF_STATEMENT_LINE, /* by "ACCOUNT/BANKREF" or "ACCOUNT/#n", or the id of its receipt */
    FL_KIND_OF_APPLICATION,    /* by its id, or "RECEIPT/n": the first movement of it */
    FL_KIND_OF_PAYOUT,
    FL_KIND_OF_DISPUTE,
    FL_KIND_OF_PROMISE,
    FL_KIND_OF_COUNT
};
/* Row of the kind's table (cash_event for refunds, chargebacks, write-offs, returns; movement for
 * applications); FL_NO_ROW. */
uint32_t fl_engine_find(const struct fl_engine *engine, enum fl_kind kind, const char *id,
                        size_t length);

/* The state digest of a snapshot: canonical rows of all columns that are not personal, in table order. */
uint64_t fl_engine_digest(const struct fl_snapshot *snapshot);

#endif
