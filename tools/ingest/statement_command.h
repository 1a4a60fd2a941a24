/* statement_command.h - lines of a bank statement as `statement` commands, in parts.
 *
 * Lines gather as text until a part is full; finish makes the command's JSON of it, so that what is
 * imported is byte for byte what somebody could have sent, and what `log` prints.
 *
 *   P1  A part has at most FL_STATEMENT_LINES_MAX lines and FL_PART_BYTES_MAX bytes of lines: it
 *       fits one record.
 *
 *   P2  Parts of a statement chain: each opens where the one before closed, so that each balances
 *       by itself and a statement that does not balance fails in its last part only. That one says
 *       how many there are: before it nothing is posted.
 *
 *   P3  Every line carries how many-th it is of those equal in its statement, over all its parts,
 *       so that the same file cut otherwise is the same lines.
 *
 *   P4  References are candidates, the surest first: structured fields and what the payer gave as
 *       reference, then tokens of the text that are long or prefixed enough to name a document by
 *       themselves, and what a range passes over. Tokens whose check digits fail, numbers of
 *       customers or contracts, and what is deducted are left out.
 *
 *   P5  A batch stands in one part if it can: the engine knows it as one entry only there.
 *
 *   P6  Pages, note and balances of the statement go with the part that ends it.
 *
 * Thread: one.  Memory: a part's text, and 16 bytes a line of the statement for P3.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_COMMAND_H
#define FLORIN_TOOLS_INGEST_STATEMENT_COMMAND_H

#include "core/base/limits.h"
#include "tools/format/json_text.h"
#include "tools/ingest/reference_token.h"
#include "tools/ingest/statement.h"

#define FL_PART_BYTES_MAX (6u << 20) /* of JSON lines: the binary form is smaller than twice that  \
                                      */
#define FL_RANGE_DOCUMENTS_MAX 64    /* "5510 to 5523": more is a typing error or a date */

/* What the caller knows of the statement before its lines. */
struct fl_statement_head {
    char account[FL_ID_BYTES_MAX + 1], id[FL_ID_BYTES_MAX + 1];
    uint8_t currency;
    uint16_t from_days, to_days;
    struct fl_decimal opening, closing; /* state FL_DECIMAL_ABSENT: not given */
    bool accept_unbalanced, references;
    bool match_later; /* its lines are booked only: matching comes after */
    bool interim;     /* a report or notice on the way: a statement tells its lines again */
};

struct fl_statement_command {
    struct fl_statement_head head;
    struct fl_json_text lines, command;
    struct fl_token_workspace *tokens;
    uint32_t part, line_count;
    struct fl_statement_total total; /* of the lines so far: of this part and the parts before */
    struct fl_decimal part_opening;
    const struct fl_statement *whole; /* P6; null: nothing more is known of it */
    uint64_t *identities; /* open addressing: identity and its count, in pairs */
    size_t identity_count, identity_capacity;
};

/* FL_NO_MEMORY. Close it whatever happens. */
enum fl_status fl_statement_command_open(struct fl_statement_command *command) FL_MUST_USE;
void fl_statement_command_close(struct fl_statement_command *command);

/* Begins a statement. */
void fl_statement_command_begin(struct fl_statement_command *command,
                                const struct fl_statement_head *head);
/* True: the line, or the batch that it begins, does not fit: finish the part first. */
bool fl_statement_command_is_full(const struct fl_statement_command *command,
                                  const struct fl_statement_line *line);
/* Adds a booked line. FL_NO_MEMORY. */
enum fl_status fl_statement_command_line(struct fl_statement_command *command,
                                         const struct fl_statement_line *line) FL_MUST_USE;
/* What the parser said at the statement's end (P6); it is looked at when the last part is finished. */
void fl_statement_command_end(struct fl_statement_command *command,
                              const struct fl_statement *statement);

/* The part as one JSON object, with FL_JSON_PADDING readable bytes behind it; valid until the next
 * call. Begins the next part. `last`: it closes where the statement does. Null: no memory, or a sum
 * out of range. */
const struct fl_json_text *fl_statement_command_finish(struct fl_statement_command *command,
                                                       bool last);

#endif
