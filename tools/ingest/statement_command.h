/* statement_command.h - a read statement as `statement` commands for the engine.
 *
 * Keeps one statement's booked lines until its end, then builds commands of at most FL_STATEMENT_LINES_MAX lines.
 * A longer statement becomes several, chained: each has the running balance as its opening, so each balances by
 * itself. Candidate references come from the structured fields and from the text (reference_token.h): tokens with
 * letters, or of six digits and more.
 *
 * Memory: grows with the largest statement, not with the file.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_COMMAND_H
#define FLORIN_TOOLS_INGEST_STATEMENT_COMMAND_H

#include "core/engine/command.h"
#include "tools/ingest/reference_token.h"
#include "tools/ingest/statement.h"

struct fl_statement_commands {
    bool match;             /* candidate references are sent */
    bool accept_unbalanced;
    const char *account;    /* for statements that name none; nullable */
    /* What a command is given to; any status but FL_OK ends it. */
    enum fl_status (*send)(void *context, struct fl_command *command);
    void *context;

    struct fl_token_workspace *tokens;
    struct fl_kept_line *lines;
    uint32_t count, capacity;
    char *texts;
    size_t texts_used, texts_capacity;
    struct fl_seen *seen; /* identities of the file's lines: the how-many-th of equal ones */
    uint64_t seen_count, seen_capacity;
    char *buffer;
};

bool fl_statement_commands_open(struct fl_statement_commands *commands);
void fl_statement_commands_close(struct fl_statement_commands *commands);
/* A new file: the count of equal lines begins anew. */
void fl_statement_commands_file(struct fl_statement_commands *commands);
/* FL_NO_MEMORY. */
enum fl_status fl_statement_commands_line(struct fl_statement_commands *commands,
                                          struct fl_slice account,
                                          const struct fl_statement_line *line);
/* Builds and sends. FL_MISSING_FIELD: no account or no currency. */
enum fl_status fl_statement_commands_end(struct fl_statement_commands *commands,
                                         const struct fl_statement *statement, int64_t at_us,
                                         uint16_t at_day);
void fl_statement_commands_drop(struct fl_statement_commands *commands);

#endif
