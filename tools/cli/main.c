#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/cli_bench.h"
#include "tools/cli/cli.h"
#include "tools/cli/cli_gen.h"

static const struct {
    const char *verb;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *does; /* 36 characters at most: a line of help fits a terminal of 80 */
    const char *more;
} verbs[] = {
    {"init", fl_cli_init, "DIR [--book book.json]", "makes an engine directory",
     "  --book FILE   the book's settings as one JSON object\n"},
    {"apply", fl_cli_apply, "DIR [FILE...|-]", "commands in (NDJSON), results out",
     "  --quiet       no results on stdout\n  --binary      commands as log --binary writes "
     "them\n  --facts       what the machinery did, as JSON on stderr\n  --checkpoint SIZE  of "
     "the log between two checkpoints\n"},
    {"import", fl_cli_import, "DIR FILE...|-", "bank statements of any bank, matched",
     "  FILE          camt.052 .053 .054, MT940, MT942, BAI2, OFX, CSV, payout reports; zip, gzip\n"
     "  --profile P   what is peculiar to a bank's files, as JSON\n"
     "  --account ID  whose account, where the file does not say\n"
     "  --dry-run     tells what would happen, keeps nothing\n"
     "  --skip-bad    posts the others where a record cannot be read\n"
     "  --accept-unbalanced  posts what does not come to its closing balance\n"
     "  --no-match    books only, settles nothing\n"
     "  --strict      exit 1 if a new line is left open\n"},
    {"match", fl_cli_match, "DIR [--propose|--auto]", "what is not settled yet, and why",
     "  --propose     the queue: candidates, and what each lacks\n"
     "  --auto        settles what is unique and sure\n"
     "  --explain RECEIPT  why it was settled so, or what is missing\n"},
    {"load", fl_cli_load, "DIR FILE... --map M", "an export of orders or receivables",
     "  --map M       online-retail or ar-ledger\n"
     "  --dry-run     counts, sends nothing\n"
     "  --as opening  old receivables against equity, not revenue\n"
     "  --currency C  where the file has none\n"},
    {"show", fl_cli_show, "DIR KIND ID", "one thing whole",
     "  KIND          customer product order shipment invoice credit_note receipt\n"
     "                application refund chargeback write_off receipt_reverse\n"
     "                chargeback_reverse write_off_reverse statement statement_line\n"
     "                bank_account dispute promise payout\n"
     "  --as-of D     as of that day; --known-at T: as known then\n"},
    {"list", fl_cli_list, "DIR KIND [--where F=V]", "many, a line each",
     "  KIND          as for show\n  --where F=V   only those whose field F is V\n"},
    {"report", fl_cli_report, "DIR NAME", "aging, dso, ledger and others",
     "  NAME          aging dso ledger journal account bank stock exposure\n"
     "                match-quality cash-forecast worklist\n"
     "  --key FILE    match-quality: the answers to be judged by\n"
     "  --as-of D     a day; default: the business date\n"
     "  --known-at T  a sequence number, an instant, or close\n"
     "  --from --to D a period\n"
     "  --by F        aging: customer or invoice\n"
     "  --currency C  only this one\n"
     "  --all-sales   dso: cash sales too\n"},
    {"predict", fl_cli_predict, "DIR [--evaluate]", "who will pay late, when, and why",
     "  --as-of D     a day; default: the business date\n"
     "  --evaluate    how well it is known: each month judged on what was known before it\n"
     "  --tests       evaluate: what each rule said of every invoice judged\n"
     "  FILE.csv      instead of DIR, to evaluate: cust_number, clear_date, due_in_date,\n"
     "                total_open_amount, and invoice_id where a row is to be judged\n"},
    {"log", fl_cli_log, "DIR [--from SEQ]", "the log as commands",
     "  --offsets     file, offset and length of each record instead\n"
     "  --binary      commands as apply --binary reads them\n"},
    {"check", fl_cli_check, "DIR", "verifies every checksum and invariant", ""},
    {"digest", fl_cli_digest, "DIR", "the state's digest at its sequence", ""},
    {"bench", fl_cli_bench, "[NAME...] [--size N] [--dir D] [--peers]", "the figures of the README",
     "  --peers       beside PostgreSQL and DuckDB\n"},
    {"gen", fl_cli_gen, "[--orders N] [--out PATH]", "a deterministic workload", ""},
};

#define VERBS (sizeof verbs / sizeof verbs[0])

static void help(FILE *out)
{
    fprintf(out, "florin - an order-to-cash engine\n\n  florin VERB DIR ...\n\n");
    for (unsigned i = 0; i < VERBS; i++)
        fprintf(out, "  %-7s %-26s %s\n", verbs[i].verb, verbs[i].usage, verbs[i].does);
    fprintf(
        out,
        "\nflorin VERB --help says more. Every verb takes --format table|json|csv (a table on a\n"
        "terminal, else json), those on a directory --memory and --io.\n"
        "Exit: 0 done, 1 something refused, 2 usage, 3 storage, 4 input unreadable.\n");
    fprintf(out, "\nNext: florin init books && florin gen --orders 1000 | florin apply books -\n");
}

/* Equal letters in order, from the front: enough to know a slip of the finger. */
static unsigned likeness(const char *typed, const char *verb)
{
    unsigned same = 0;
    for (const char *v = verb; *typed; typed++) {
        const char *found = strchr(v, *typed);
        if (found) {
            same++;
            v = found + 1;
        }
    }
    return same;
}

static int no_such_verb(const char *typed)
{
    unsigned best = 0, most = 0;
    for (unsigned i = 0; i < VERBS; i++) {
        unsigned same = likeness(typed, verbs[i].verb);
        bool closer = same > most && 2 * same > strlen(typed) && 2 * same > strlen(verbs[i].verb);
        best = closer ? i : best;
        most = closer ? same : most;
    }
    if (most > 0)
        fprintf(stderr, "florin: there is no verb %s; did you mean %s?\n", typed, verbs[best].verb);
    else
        fprintf(stderr, "florin: there is no verb %s; florin --help lists them\n", typed);
    return FL_EXIT_USAGE;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int main(int argc, char **argv)
{
    if (argc < 2 || asks_for_help(argv[1]) || strcmp(argv[1], "help") == 0) {
        help(argc < 2 ? stderr : stdout);
        return argc < 2 ? FL_EXIT_USAGE : FL_EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("florin 0.1.0");
        return FL_EXIT_DONE;
    }
    for (unsigned i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i].verb) != 0)
            continue;
        if (argc < 3 || !asks_for_help(argv[2]) || verbs[i].run == fl_cli_gen)
            return verbs[i].run(argc - 1, argv + 1);
        printf("usage: florin %s %s\n%s\n%s", verbs[i].verb, verbs[i].usage, verbs[i].does,
               verbs[i].more);
        return FL_EXIT_DONE;
    }
    return no_such_verb(argv[1]);
}
