/* match_command.h - what matching decided of a payment, as a command.
 *
 * One `application`, or a batch of them where several documents are settled together, built in the
 * binary form without a line of JSON between. The reason is the sum of its points in words, the
 * runner-up says what it lacked.
 *
 *   The command is the one that its JSON reads as: written by fl_command_json_write and read again
 * it is the same bytes.
 *
 * Thread: one a buffer.  Memory: none.  Cost: some hundred nanoseconds.
 */
#ifndef FLORIN_TOOLS_CLI_MATCH_COMMAND_H
#define FLORIN_TOOLS_CLI_MATCH_COMMAND_H

#include "core/engine/command.h"
#include "tools/cli/match_run.h"

/* The most that FL_MATCH_APPLICATIONS_MAX applications and a runner-up take, doubled. */
#define FL_MATCH_COMMAND_BYTES (128u << 10)

/* The decision of a line that is settled. `buffer` is 8-byte aligned and has
 * FL_MATCH_COMMAND_BYTES. */
struct fl_command *fl_match_command_make(const struct fl_match_run *run, uint32_t line,
                                         void *buffer);

#endif
