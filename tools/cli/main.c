#include <stdio.h>
#include <string.h>

#include "bench/cli_bench.h"
#include "tools/cli/cli.h"
#include "tools/cli/cli_gen.h"

static const struct {
    const char *verb;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *does;
} verbs[] = {
    {"init", fl_cli_init, "DIR [--book book.json]", "makes an engine directory"},
    {"apply", fl_cli_apply, "DIR [FILE...|-]", "commands in (NDJSON), results out"},
    {"import", fl_cli_import, "DIR FILE... [--dry-run] [--account ID]", "bank statements: MT940, camt.053"},
    {"show", fl_cli_show, "DIR KIND ID", "one thing whole"},
    {"list", fl_cli_list, "DIR KIND [--where F=V]", "many, a line each"},
    {"load", fl_cli_load, "DIR FILE... --map online-retail|ar-ledger",
     "an export of orders or receivables in"},
    {"report", fl_cli_report, "DIR NAME [--as-of D] [--by F]",
     "aging dso ledger journal account bank stock exposure"},
    {"log", fl_cli_log, "DIR [--from SEQ]", "the log as commands"},
    {"check", fl_cli_check, "DIR", "verifies every checksum and invariant"},
    {"digest", fl_cli_digest, "DIR", "the state digest at a sequence number"},
    {"bench", fl_cli_bench, "[--size N] [--dir D] [--peers]", "the figures of the README"},
    {"gen", fl_cli_gen, "[--orders N] [--seed S] [--out PATH]", "a deterministic workload"},
};

#define VERBS (sizeof verbs / sizeof verbs[0])

static void help(FILE *out)
{
    fprintf(out, "florin - an order-to-cash engine\n\n  florin VERB DIR ...\n\n");
    for (unsigned i = 0; i < VERBS; i++)
        fprintf(out, "  %-8s %-38s %s\n", verbs[i].verb, verbs[i].usage, verbs[i].does);
    fprintf(out, "\nNext: florin init books && florin gen --orders 1000 | florin apply books -\n");
}

int main(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        help(argc < 2 ? stderr : stdout);
        return argc < 2 ? FL_EXIT_USAGE : FL_EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("florin 0.1.0");
        return FL_EXIT_DONE;
    }
    for (unsigned i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i].verb) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "florin: there is no verb %s; florin --help lists them\n", argv[1]);
    return FL_EXIT_USAGE;
}
