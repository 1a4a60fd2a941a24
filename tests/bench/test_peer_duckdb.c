#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/peer_duckdb.h"

static char directory[64], folder[80], script[96];

static void make_directory(void)
{
    strcpy(directory, "/tmp/florin_peer_test.XXXXXX");
    cr_assert(mkdtemp(directory));
    snprintf(folder, sizeof folder, "%s/duckdb", directory);
    snprintf(script, sizeof script, "%s/run.sh", folder);
    cr_assert_eq(mkdir(folder, 0700), 0);
    cr_assert_eq(setenv("FLORIN_PEERS", directory, 1), 0);
}

static void remove_directory(void)
{
    unlink(script);
    rmdir(folder);
    cr_assert_eq(rmdir(directory), 0);
}

TestSuite(peer_duckdb, .init = make_directory, .fini = remove_directory);

static void start(struct fl_peer_process *peer, const char *body)
{
    struct fl_error error;
    FILE *file = fopen(script, "w");
    cr_assert(file);
    fputs(body, file);
    fclose(file);
    cr_assert_eq(fl_peer_duckdb_start(peer, "match", 1000, "/tmp", &error), FL_OK);
}

Test(peer_duckdb, each_run_is_asked_for_and_answered)
{
    struct fl_peer_process peer;
    struct fl_error error;
    struct fl_peer_duckdb_rates rate;
    start(&peer, "[ \"$1 $2 $3 $4\" = 'match --rows 1000 --dir' ] || exit 1\n"
                 "n=0; while read -r word; do [ \"$word\" = go ] || exit 1; n=$((n + 1))\n"
                 "echo chatter >&2; echo "
                 "\"{\\\"seconds\\\":0.$n,\\\"file_seconds\\\":$n,\\\"rows\\\":1000}\"; done\n"
                 "[ $n = 2 ]");
    cr_assert(fl_peer_duckdb_ask(&peer, 1000, &rate));
    cr_assert_float_eq(rate.memory, 10000, 1e-6);
    cr_assert_float_eq(rate.file, 1000, 1e-6);
    cr_assert(fl_peer_duckdb_ask(&peer, 1000, &rate));
    cr_assert_float_eq(rate.memory, 5000, 1e-6);
    cr_assert_float_eq(rate.file, 500, 1e-6);
    cr_assert_eq(fl_peer_process_end(&peer, &error), FL_OK);
}

Test(peer_duckdb, another_number_of_rows_is_no_answer)
{
    struct fl_peer_process peer;
    struct fl_error error;
    struct fl_peer_duckdb_rates rate = {7, 7};
    start(&peer,
          "while read -r word; do echo '{\"seconds\":1,\"file_seconds\":1,\"rows\":999}'; done");
    cr_assert_not(fl_peer_duckdb_ask(&peer, 1000, &rate));
    cr_assert_eq(rate.memory, 7);
    cr_assert_eq(fl_peer_process_end(&peer, &error), FL_OK);
}

Test(peer_duckdb, one_that_is_gone_says_why)
{
    struct fl_peer_process peer;
    struct fl_error error;
    struct fl_peer_duckdb_rates rate;
    start(&peer, "echo first >&2; echo 'no such package' >&2; exit 3");
    cr_assert_not(fl_peer_duckdb_ask(&peer, 1000, &rate));
    cr_assert_not(fl_peer_duckdb_ask(&peer, 1000, &rate), "asked again of one that is gone");
    cr_assert_eq(fl_peer_process_end(&peer, &error), FL_UNSUPPORTED);
    cr_assert_str_eq(error.message, "DuckDB: no such package");
}

Test(peer_duckdb, another_question_has_one_rate)
{
    struct fl_peer_process peer;
    struct fl_error error;
    double rate = 0;
    start(&peer, "while read -r word; do echo '{\"seconds\":0.5,\"rows\":1000}'; done");
    cr_assert(fl_peer_duckdb_rate(&peer, 1000, &rate));
    cr_assert_float_eq(rate, 2000, 1e-6);
    cr_assert_not(fl_peer_duckdb_rate(&peer, 999, &rate));
    cr_assert_eq(fl_peer_process_end(&peer, &error), FL_OK);
}
