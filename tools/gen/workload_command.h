/* workload_command.h - an event as a binary command, for whoever drives an engine in its own
 * process.
 *
 * Says the same as the line of workload_ndjson.h. Every event that is a command becomes one; lines
 * of the bank that are none become nothing.
 *
 * Thread: any.  Memory: the caller's.  Cost: about 0.2 us a command.
 */
#ifndef FLORIN_TOOLS_GEN_WORKLOAD_COMMAND_H
#define FLORIN_TOOLS_GEN_WORKLOAD_COMMAND_H

#include "core/engine/command.h"
#include "tools/gen/workload.h"

/* The largest command of a workload, with room for what an engine writes behind it. */
#define FL_WORKLOAD_COMMAND_BYTES 2048
#define FL_WORKLOAD_COMMAND_SLACK 128 /* of it, for the engine: FL_COMMAND_SLACK */

/* `out` is 8-byte aligned and holds FL_WORKLOAD_COMMAND_BYTES. Null if the event is no command. */
struct fl_command *fl_workload_command(const struct fl_workload_plan *plan,
                                       const struct fl_workload_event *event, void *out);

#endif
