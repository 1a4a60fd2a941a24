/* cli_bench.h - the verb `bench`: the figures of the README, with the machine's own limits beside them. */
#ifndef FLORIN_BENCH_CLI_BENCH_H
#define FLORIN_BENCH_CLI_BENCH_H

int fl_cli_bench(int argc, char **argv);

#endif
