#include "bench/peer_duckdb.h"

#include <stdio.h>

enum fl_status fl_peer_duckdb_start(struct fl_peer_process *peer, const char *question,
                                    uint32_t rows, const char *directory, struct fl_error *error)
{
    char path[PATH_MAX], count[16];
    fl_peer_script(NULL, "duckdb", path);
    snprintf(count, sizeof count, "%u", rows);
    const char *const arguments[] = {path, question, "--rows", count, "--dir", directory, NULL};
    return fl_peer_process_start(peer, "DuckDB", arguments, error);
}

bool fl_peer_duckdb_ask(struct fl_peer_process *peer, uint32_t rows,
                        struct fl_peer_duckdb_rates *rates_out)
{
    char line[256];
    double seconds, file_seconds, found;
    if (!fl_peer_process_go(peer) || !fl_peer_process_line(peer, line, sizeof line) ||
        !fl_peer_number(line, "\"seconds\":", &seconds) ||
        !fl_peer_number(line, "\"file_seconds\":", &file_seconds) ||
        !fl_peer_number(line, "\"rows\":", &found) || (uint32_t)found != rows)
        return false;
    *rates_out = (struct fl_peer_duckdb_rates){rows / seconds, rows / file_seconds};
    return true;
}

bool fl_peer_duckdb_rate(struct fl_peer_process *peer, uint32_t rows, double *rate_out)
{
    char line[256];
    double seconds, found;
    if (!fl_peer_process_go(peer) || !fl_peer_process_line(peer, line, sizeof line) ||
        !fl_peer_number(line, "\"seconds\":", &seconds) ||
        !fl_peer_number(line, "\"rows\":", &found) || (uint32_t)found != rows)
        return false;
    *rate_out = rows / seconds;
    return true;
}
