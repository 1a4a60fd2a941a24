/* bank_files.h - the bank's side of a workload: statements of every account, in files of a month.
 *
 *     ACCOUNT-2024-01.xml, ACCOUNT-2024-01.bai, ...     one account, one format (our_accounts.h)
 *     ACCOUNT.profile.json                              where a CSV needs one
 *
 *   N1  opening + lines = closing, and each opening is the closing before; the first is the
 *       account's.
 *   N2  A line is in one file, once. Not so in hard workloads, where banks and people do what they
 *       do: the last statement of a month is delivered again at the head of the next month's file
 *       (a statement that is a month: its last three bank days); and the file of March is there
 *       twice for every third account, as ACCOUNT-2024-03-again.
 *   N3  The bank's reference is unique within its account: year, month, day, B and a running
 *       number.
 *
 * A statement is kept in memory until it is closed, since camt writes the closing balance first.
 *
 * Thread: one.  Memory: a statement of each account; a month of those accounts whose statement is
 * a month.
 */
#ifndef FLORIN_TOOLS_GEN_BANK_FILES_H
#define FLORIN_TOOLS_GEN_BANK_FILES_H

#include "core/base/status.h"
#include "tools/gen/bank_statement_text.h"
#include "tools/gen/workload.h"

struct fl_bank_files;

/* `directory` must exist and is borrowed, like the plan. FL_IO_ERROR, FL_NO_MEMORY. */
enum fl_status fl_bank_files_open(const char *directory, const struct fl_workload_plan *plan,
                                  struct fl_bank_files **out, struct fl_error *error) FL_MUST_USE;
/* Closes the file of each account; the first failure of all. */
enum fl_status fl_bank_files_close(struct fl_bank_files *files, struct fl_error *error) FL_MUST_USE;

/* Takes every event: payments and outgoing money become lines, a clock closes the days before it.
 * `bank_ref_out` is the reference of a line, else empty. */
enum fl_status fl_bank_files_put(struct fl_bank_files *files, const struct fl_workload_event *event,
                                 char bank_ref_out[FL_BANK_REF_BYTES],
                                 struct fl_error *error) FL_MUST_USE;

struct fl_bank_files_counts {
    uint64_t files, statements, lines_in, lines_out, bytes;
    uint64_t files_again, lines_again; /* planted duplicates (N2) */
};
struct fl_bank_files_counts fl_bank_files_counts(const struct fl_bank_files *files);

#endif
