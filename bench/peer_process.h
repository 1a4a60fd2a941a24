/* peer_process.h - the script of a peer (bench/peers), run beside us: its answers by line, its chatter kept.
 *
 * A script prints one JSON object a line on standard output and everything else on standard error; the last line of
 * that is why it failed. It exits 3 if the peer is missing and cannot be installed. One that measures several times is
 * asked for each: a line "go" on its standard input, so that its runs stand between ours; at the end of its input it
 * removes what it made and exits.
 *
 * Thread: any, one at a time. Memory: none kept. Limit: the script cleans up after signals to the process group
 * (Ctrl-C), not after a SIGKILL.
 */
#ifndef FLORIN_BENCH_PEER_PROCESS_H
#define FLORIN_BENCH_PEER_PROCESS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/contract.h"
#include "core/base/status.h"

struct fl_peer_process {
    const char *name; /* for messages; static */
    pid_t child;
    int to_fd, from_fd, chatter_fd;
};

/* Where the script PEER/run.sh is: `given`, else below $FLORIN_PEERS, else in the source tree. */
void fl_peer_script(const char *given, const char *peer, char path_out[PATH_MAX]);

/* Starts `bash ARGUMENTS`; the first is the script, the last null. FL_IO_ERROR. */
FL_MUST_USE enum fl_status fl_peer_process_start(struct fl_peer_process *process, const char *name,
                                                 const char *const *arguments,
                                                 struct fl_error *error);
/* Asks for a run. False: it does not listen any more; its end says why. */
FL_MUST_USE bool fl_peer_process_go(struct fl_peer_process *process);
/* The next line, without its end; false: there is none. A longer one is cut. */
FL_MUST_USE bool fl_peer_process_line(struct fl_peer_process *process, char *line, size_t line_bytes);
/* Ends its input and waits. FL_UNSUPPORTED: the peer is missing. FL_IO_ERROR: it failed; the message is its last
 * word. */
FL_MUST_USE enum fl_status fl_peer_process_end(struct fl_peer_process *process,
                                               struct fl_error *error);

/* The number behind `name` ("\"seconds\":") in a script's object, above zero; false: there is none. The scripts print
 * exactly these names, so a search and a number are a whole parser. */
FL_MUST_USE bool fl_peer_number(const char *json, const char *name, double *value_out);

#endif
