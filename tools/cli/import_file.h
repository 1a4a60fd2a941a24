/* import_file.h - one bank file on its way into the book: read twice, posted whole or not at all.
 *
 * The first reading only looks: statements, balances, records that cannot be read. What is decided
 * from it stands in the facts; the second reading sends the lines of what is to be posted.
 *
 *   F1  A statement that does not balance is not posted unless asked (accept_unbalanced).
 *
 *   F2  A record that cannot be read keeps its whole file from being posted unless asked
 *       (skip_bad).
 *
 *   F3  Of interim reports and notices (camt.052, 054) what the bank says is booked is posted, once:
 *       the statement of the day tells it again, as one entry where the notice has the parts of a
 *       batch, and the engine knows it then (line_told.h). Their balances say nothing. MT942 and
 *       BAI2 do not say what is booked: their interim reports book nothing.
 *
 *   F4  A dry run applies the same commands to a state in memory, so its counts are those of the
 *       real run.
 *
 *   F5  That a statement is missing is told of one that follows none, none of whose lines was known:
 *       files overlap.
 *
 *   F5  What a bank_account says of its reversals (`reversal_flips`) holds where no profile says it,
 *       in the formats that have both manners: camt, MT940, CSV.
 *
 * Thread: one.  Memory: facts a statement, FL_IMPORT_NOTES_MAX notes a file, and one part.
 */
#ifndef FLORIN_TOOLS_CLI_IMPORT_FILE_H
#define FLORIN_TOOLS_CLI_IMPORT_FILE_H

#include "storage/host.h"
#include "tools/cli/import_progress.h"
#include "tools/format/command_json.h"
#include "tools/ingest/statement_command.h"
#include "tools/ingest/statement_reader.h"

#define FL_IMPORT_NOTES_MAX 1000 /* more than a person reads; all are counted */
#define FL_IMPORT_STATEMENTS_MAX                                                                   \
    250000u /* of one file: 200 MB of facts; beyond it the file is refused */

struct fl_import_options {
    const char *account;                        /* where the file names none, or names one; null */
    const struct fl_statement_profile *profile; /* what the bank's files do not say; null */
    bool dry_run, skip_bad, accept_unbalanced, references;
};

struct fl_import_statement {
    struct fl_statement_head head;
    enum fl_statement_kind kind;
    uint64_t line;
    struct fl_decimal sum, difference;
    struct fl_statement_total reversals; /* the booked lines that have a mark of reversal */
    bool reversals_turned; /* the account says that they are marked the other way (F5) */
    uint32_t lines, not_booked, added, known, told, matched, no_rate;
    bool balanced, begins_interim, page_missing, goes_on, post, posted;
    bool payout;    /* no statement but a processor's payout: its parts are the lines */
    char hint[320]; /* why it was not posted, or what to look at; empty */
    struct fl_import_gap {
        bool seen, in_file;    /* the one before is this file's, else a stored one */
        uint32_t before;       /* its place, or its row */
        int64_t closing_minor; /* of it */
    } gap;                     /* F5, as it was before posting */
};

struct fl_import_note {
    uint64_t line;
    enum fl_status code; /* FL_OK: a warning */
    char message[256];
};

struct fl_import_file {
    const char *path;
    const struct fl_statement_profile *profile; /* the import's */
    enum fl_statement_format format;
    struct fl_import_statement *statements;
    uint32_t statement_count, statement_capacity;
    struct fl_import_note *notes;
    uint32_t note_count, note_capacity;
    uint64_t refused, warnings; /* also those beyond the notes kept */
    uint64_t several_accounts;
    bool flagged; /* something a person has to look at: exit 1 */
};

struct fl_import {
    struct fl_import_options options;
    struct fl_statement_profile profile; /* with the currency of the account that was given */
    struct fl_host *host;
    struct fl_producer *producer; /* null: a dry run */
    struct fl_command_json reader;
    struct fl_statement_command command;
    struct fl_json_text payout; /* a payout's command */
    struct fl_import_progress progress;
    struct fl_import_file *file; /* the one being read */
    uint32_t at;                 /* second reading: the statement being read, + 1 */
    struct fl_error error;
};

/* The host: open for reading where it is a dry run. */
enum fl_status fl_import_open(struct fl_import *import, struct fl_host *host,
                              const struct fl_import_options *options);
void fl_import_close(struct fl_import *import);

/* Reads and posts one file, whose source can be rewound and whose name is kept. FL_UNREADABLE,
 * FL_UNSUPPORTED: nothing of it is posted, the error says why; other failures are the storage's.
 * Free the facts with fl_import_file_free. */
enum fl_status fl_import_file_run(struct fl_import *import, struct fl_byte_source source,
                                  struct fl_import_file *file, struct fl_error *error);
/* The facts of a file that could not even be opened. */
void fl_import_file_refuse(struct fl_import *import, const char *path, const struct fl_error *error,
                           struct fl_import_file *file);
void fl_import_file_free(struct fl_import_file *file);

#endif
