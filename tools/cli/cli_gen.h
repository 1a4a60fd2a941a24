/* cli_gen.h - the verb `gen`: a deterministic workload as commands, bank files and their key. */
#ifndef FLORIN_TOOLS_CLI_CLI_GEN_H
#define FLORIN_TOOLS_CLI_CLI_GEN_H

/* argv[0] is "gen". Returns the exit code. */
int fl_cli_gen(int argc, char **argv);

#endif
