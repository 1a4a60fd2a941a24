#include "bench/peer_postgresql.h"

#include <math.h>
#include <stdio.h>

#include "bench/peer_process.h"

enum fl_status fl_peer_postgresql_parse(const char *json,
                                        struct fl_peer_postgresql_result *result_out,
                                        struct fl_error *error)
{
    struct fl_peer_postgresql_result result = {0};
    double connections;
    if (!fl_peer_number(json, "\"cycles_per_s_1\":", &result.cycles_per_s_1) ||
        !fl_peer_number(json, "\"cycles_per_s_best\":", &result.cycles_per_s_best) ||
        !fl_peer_number(json, "\"connections_best\":", &connections) ||
        !fl_peer_number(json, "\"seconds\":", &result.seconds))
        return fl_error_set(error, FL_UNREADABLE, "PostgreSQL: no figures in \"%.100s\"", json);
    if (connections > 1000 || connections != floor(connections) ||
        result.cycles_per_s_best < result.cycles_per_s_1)
        return fl_error_set(error, FL_UNREADABLE, "PostgreSQL: figures that cannot be: %.100s",
                            json);
    result.connections_best = (uint32_t)connections;
    *result_out = result;
    return FL_OK;
}

enum fl_status fl_peer_postgresql_run(const struct fl_peer_postgresql_options *options,
                                      struct fl_peer_postgresql_result *result_out,
                                      struct fl_error *error)
{
    FL_ASSERT(options->directory);
    char path[PATH_MAX], seconds[16], customers[16], json[1024];
    fl_peer_script(options->script, "postgresql", path);
    snprintf(seconds, sizeof seconds, "%u", options->seconds ? options->seconds : 5);
    snprintf(customers, sizeof customers, "%u",
             options->customer_count ? options->customer_count : 50000);
    const char *const arguments[] = {
        path, "--seconds", seconds, "--customers", customers, "--connections",
        options->connections ? options->connections : "1 2 4 8 16", "--dir", options->directory,
        NULL};
    struct fl_peer_process process;
    FL_TRY(fl_peer_process_start(&process, "PostgreSQL", arguments, error));
    bool answered = fl_peer_process_line(&process, json, sizeof json);
    FL_TRY(fl_peer_process_end(&process, error));
    return fl_peer_postgresql_parse(answered ? json : "", result_out, error);
}

void fl_peer_postgresql_figures(const struct fl_peer_postgresql_result *results,
                                size_t result_count, struct fl_figure_table *table)
{
    FL_ASSERT(result_count >= 1 && result_count <= FL_FIGURE_RUNS_MAX);
    double single[FL_FIGURE_RUNS_MAX], best[FL_FIGURE_RUNS_MAX];
    for (size_t i = 0; i < result_count; i++) {
        single[i] = results[i].cycles_per_s_1;
        best[i] = results[i].cycles_per_s_best;
    }
    struct fl_figure figure;
    fl_figure_of_samples(&figure, "cycle_postgresql", "cycles/s", single, result_count);
    fl_figure_table_add(table, &figure);
    fl_figure_of_samples(&figure, "cycle_postgresql_best", "cycles/s", best, result_count);
    fl_figure_table_add(table, &figure);
}
