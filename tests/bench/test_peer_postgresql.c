#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/peer_postgresql.h"

static char directory[64];
static char script[96];

static void make_directory(void)
{
    strcpy(directory, "/tmp/florin_peer_test.XXXXXX");
    cr_assert(mkdtemp(directory));
    cr_assert_eq(chmod(directory, 0755), 0); /* the peer runs as another user */
    snprintf(script, sizeof script, "%s/run.sh", directory);
}

/* rmdir fails on anything that the peer leaves behind. */
static void remove_directory(void)
{
    unlink(script);
    cr_assert_eq(rmdir(directory), 0);
}

TestSuite(peer_postgresql, .init = make_directory, .fini = remove_directory);

static enum fl_status run(const char *body, struct fl_peer_postgresql_result *result,
                          struct fl_error *error)
{
    FILE *file = fopen(script, "w");
    fputs(body, file);
    fclose(file);
    struct fl_peer_postgresql_options options = {.script = script, .directory = directory,
                                                 .seconds = 7, .customer_count = 123};
    return fl_peer_postgresql_run(&options, result, error);
}

Test(peer_postgresql, the_line_is_read_whole_or_not_at_all)
{
    static const char *const bad[] = {
        "",
        "{}",
        "{\"cycles_per_s_1\":10,\"cycles_per_s_best\":20,\"connections_best\":4}",
        "{\"cycles_per_s_1\":x,\"cycles_per_s_best\":20,\"connections_best\":4,\"seconds\":5}",
        "{\"cycles_per_s_1\":10,\"cycles_per_s_best\":20,\"connections_best\":4,\"seconds\":5",
        "{\"cycles_per_s_1\":-1,\"cycles_per_s_best\":20,\"connections_best\":4,\"seconds\":5}",
        "{\"cycles_per_s_1\":nan,\"cycles_per_s_best\":20,\"connections_best\":4,\"seconds\":5}",
        "{\"cycles_per_s_1\":30,\"cycles_per_s_best\":20,\"connections_best\":4,\"seconds\":5}",
        "{\"cycles_per_s_1\":10,\"cycles_per_s_best\":20,\"connections_best\":1.5,\"seconds\":5}",
    };
    struct fl_peer_postgresql_result result = {.connections_best = 99};
    struct fl_error error;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(fl_peer_postgresql_parse(bad[i], &result, &error), FL_UNREADABLE, "%s",
                     bad[i]);
        cr_assert_eq(result.connections_best, 99);
    }
    cr_assert_eq(fl_peer_postgresql_parse("{\"cycles_per_s_1\":10.5,\"cycles_per_s_best\":2e1,"
                                          "\"connections_best\":4,\"seconds\":5}",
                                          &result, &error),
                 FL_OK);
    cr_assert(result.cycles_per_s_1 == 10.5 && result.cycles_per_s_best == 20);
    cr_assert(result.connections_best == 4 && result.seconds == 5);
}

Test(peer_postgresql, the_script_gets_its_arguments)
{
    struct fl_peer_postgresql_result result;
    struct fl_error error = {0};
    enum fl_status status =
        run("[ \"$1 $3 $5 $7\" = '--seconds --customers --connections --dir' ] &&\n"
            "[ -d \"$8\" ] &&\n"
            "echo chatter >&2 && echo '{\"cycles_per_s_1\":'$4',\"cycles_per_s_best\":200,"
            "\"connections_best\":'${6##* }',\"seconds\":'$2'}'",
            &result, &error);
    cr_assert_eq(status, FL_OK, "%s", error.message);
    cr_assert(result.cycles_per_s_1 == 123 && result.seconds == 7);
    cr_assert_eq(result.connections_best, 16);
}

Test(peer_postgresql, a_failure_says_its_last_word)
{
    struct fl_peer_postgresql_result result;
    struct fl_error error = {0};
    cr_assert_eq(run("echo first >&2; echo 'no disk' >&2; exit 1", &result, &error), FL_IO_ERROR);
    cr_assert_str_eq(error.message, "PostgreSQL: no disk");
    cr_assert_eq(run("echo missing >&2; exit 3", &result, &error), FL_UNSUPPORTED);
    cr_assert_str_eq(error.message, "PostgreSQL: missing");
    cr_assert_eq(run("exit 0", &result, &error), FL_UNREADABLE);
}

Test(peer_postgresql, the_figures_are_medians_of_the_runs)
{
    static struct fl_figure_table table;
    const struct fl_peer_postgresql_result results[] = {
        {10, 50, 4, 5}, {30, 90, 16, 5}, {20, 40, 8, 5}};
    fl_peer_postgresql_figures(results, 3, &table);
    cr_assert(fl_figure_table_find(&table, "cycle_postgresql")->value == 20);
    cr_assert(fl_figure_table_find(&table, "cycle_postgresql_best")->value == 50);
    cr_assert_str_eq(fl_figure_table_find(&table, "cycle_postgresql")->unit, "cycles/s");
}

/* The real thing, briefly; it audits its own books. Never installs anything from a test. */
Test(peer_postgresql, the_real_script_measures_and_leaves_nothing)
{
    if (access("/usr/lib/postgresql/15/bin/pgbench", X_OK) != 0)
        cr_skip_test("PostgreSQL 15 is not installed");
    struct fl_peer_postgresql_result result;
    struct fl_error error = {0};
    struct fl_peer_postgresql_options options = {.directory = directory, .connections = "1 2",
                                                 .seconds = 1, .customer_count = 1000};
    cr_assert_eq(fl_peer_postgresql_run(&options, &result, &error), FL_OK, "%s", error.message);
    cr_assert(result.seconds == 1);
    cr_assert(result.connections_best == 1 || result.connections_best == 2);
}
