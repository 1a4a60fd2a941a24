/* cli.h - the verbs of the command line, and what they share.
 *
 * Exit codes: 0 done; 1 done, some commands refused (or lines unmatched by --strict); 2 usage; 3 damaged or
 * unavailable storage; 4 input unreadable.
 */
#ifndef FLORIN_TOOLS_CLI_CLI_H
#define FLORIN_TOOLS_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/status.h"
#include "storage/host.h"

enum fl_exit { FL_EXIT_DONE, FL_EXIT_REFUSED, FL_EXIT_USAGE, FL_EXIT_STORAGE, FL_EXIT_INPUT };

/* argv[0] is the verb. */
int fl_cli_init(int argc, char **argv);
int fl_cli_apply(int argc, char **argv);
int fl_cli_log(int argc, char **argv);
int fl_cli_digest(int argc, char **argv);
int fl_cli_check(int argc, char **argv);
int fl_cli_report(int argc, char **argv);
int fl_cli_show(int argc, char **argv);
int fl_cli_list(int argc, char **argv);
int fl_cli_load(int argc, char **argv);
int fl_cli_import(int argc, char **argv);
int fl_cli_match(int argc, char **argv);
int fl_cli_predict(int argc, char **argv);

/* ---- options ------------------------------------------------------------------------------------ */

/* One option a verb takes: "--io" with a value, or a flag. */
struct fl_option {
    const char *name;
    bool takes_value;
    const char *value; /* filled: the value, or "" for a flag that was given */
};

#define FL_ARGUMENTS_MAX 4096

struct fl_arguments {
    const char *verb;
    struct fl_option *options;
    unsigned option_count;
    const char *words[FL_ARGUMENTS_MAX]; /* what is no option */
    unsigned word_count;
};

/* Sorts argv into options and words; says what is wrong on stderr and returns false. */
bool fl_arguments_read(struct fl_arguments *arguments, int argc, char **argv);
/* The value of an option, or null. */
const char *fl_option_value(const struct fl_arguments *arguments, const char *name);

/* ---- what every verb on a directory does ---------------------------------------------------------- */

/* Configuration from --io, --memory and --checkpoint; false and a word on stderr if they make no sense. */
bool fl_cli_host_config(const struct fl_arguments *arguments, struct fl_host_config *config);
/* Prints "florin VERB: message" and returns the exit code for the status. */
int fl_cli_fail(const char *verb, const struct fl_error *error);
/* The same for a directory that did not open: one that is not there is storage, not input. */
int fl_cli_fail_open(const char *verb, const struct fl_error *error);
/* Opens for reading, with progress on a terminal. Null and the exit code on failure. */
struct fl_host *fl_cli_open_reading(const struct fl_arguments *arguments, const char *directory,
                                    int *exit_out);
int64_t fl_cli_now_us(void);

#endif
