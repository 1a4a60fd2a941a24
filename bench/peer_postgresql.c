#define _GNU_SOURCE /* memfd_create, pipe2 */

#include "bench/peer_postgresql.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_UNAVAILABLE 3 /* run.sh says so */

/* The script prints exactly these names, so a search and a number are a whole parser. */
static bool read_number(const char *json, const char *name, double *value_out)
{
    const char *found = strstr(json, name);
    if (!found)
        return false;
    found += strlen(name);
    char *end;
    *value_out = strtod(found, &end);
    return end != found && (*end == ',' || *end == '}') && isfinite(*value_out) && *value_out > 0;
}

enum fl_status fl_peer_postgresql_parse(const char *json,
                                        struct fl_peer_postgresql_result *result_out,
                                        struct fl_error *error)
{
    struct fl_peer_postgresql_result result = {0};
    double connections;
    if (!read_number(json, "\"cycles_per_s_1\":", &result.cycles_per_s_1) ||
        !read_number(json, "\"cycles_per_s_best\":", &result.cycles_per_s_best) ||
        !read_number(json, "\"connections_best\":", &connections) ||
        !read_number(json, "\"seconds\":", &result.seconds))
        return fl_error_set(error, FL_UNREADABLE, "PostgreSQL: no figures in \"%.100s\"", json);
    if (connections > 1000 || connections != floor(connections) ||
        result.cycles_per_s_best < result.cycles_per_s_1)
        return fl_error_set(error, FL_UNREADABLE, "PostgreSQL: figures that cannot be: %.100s",
                            json);
    result.connections_best = (uint32_t)connections;
    *result_out = result;
    return FL_OK;
}

/* The build names sources by their full path, so the script lies beside this file's directory. */
static void find_script(const struct fl_peer_postgresql_options *options, char *path,
                        size_t path_bytes)
{
    const char *peers = getenv("FLORIN_PEERS");
    const char *slash = strrchr(__FILE__, '/');
    if (options->script)
        snprintf(path, path_bytes, "%s", options->script);
    else if (peers)
        snprintf(path, path_bytes, "%s/postgresql/run.sh", peers);
    else
        snprintf(path, path_bytes, "%.*s/peers/postgresql/run.sh",
                 slash ? (int)(slash - __FILE__) : 1, slash ? __FILE__ : ".");
}

/* In the child, never returns. Standard output is the pipe, the chatter goes to `chatter_fd`. */
static void execute(const struct fl_peer_postgresql_options *options, int out_fd, int chatter_fd)
{
    char path[PATH_MAX], seconds[16], customers[16];
    find_script(options, path, sizeof path);
    snprintf(seconds, sizeof seconds, "%u", options->seconds ? options->seconds : 5);
    snprintf(customers, sizeof customers, "%u",
             options->customer_count ? options->customer_count : 50000);
    const char *connections = options->connections ? options->connections : "1 2 4 8 16";
    if (dup2(out_fd, STDOUT_FILENO) >= 0 && dup2(chatter_fd, STDERR_FILENO) >= 0)
        execlp("bash", "bash", path, "--seconds", seconds, "--customers", customers,
               "--connections", connections, "--dir", options->directory, (char *)NULL);
    _exit(127);
}

static void read_all(int fd, char *text, size_t text_bytes)
{
    size_t used = 0;
    ssize_t got;
    while (used + 1 < text_bytes) {
        got = read(fd, text + used, text_bytes - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    text[used] = 0;
}

/* The script's last line of chatter is why it failed. */
static void last_line(int chatter_fd, char *text, size_t text_bytes)
{
    off_t end = lseek(chatter_fd, 0, SEEK_END);
    off_t start = end > (off_t)text_bytes - 1 ? end - (off_t)text_bytes + 1 : 0;
    lseek(chatter_fd, start, SEEK_SET);
    read_all(chatter_fd, text, text_bytes);
    size_t length = strlen(text);
    while (length && text[length - 1] == '\n')
        text[--length] = 0;
    char *line = strrchr(text, '\n');
    if (line)
        memmove(text, line + 1, strlen(line));
}

static enum fl_status judge(int wait_status, int chatter_fd, const char *json,
                            struct fl_peer_postgresql_result *result_out, struct fl_error *error)
{
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
        return fl_peer_postgresql_parse(json, result_out, error);
    char line[200];
    last_line(chatter_fd, line, sizeof line);
    bool missing = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == EXIT_UNAVAILABLE;
    return fl_error_set(error, missing ? FL_UNSUPPORTED : FL_IO_ERROR, "PostgreSQL: %s", line);
}

enum fl_status fl_peer_postgresql_run(const struct fl_peer_postgresql_options *options,
                                      struct fl_peer_postgresql_result *result_out,
                                      struct fl_error *error)
{
    FL_ASSERT(options->directory);
    int pipe_fds[2];
    int chatter_fd = memfd_create("florin-peer", MFD_CLOEXEC);
    if (chatter_fd < 0)
        return fl_error_set(error, FL_IO_ERROR, "PostgreSQL: %s", strerror(errno));
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
        close(chatter_fd);
        return fl_error_set(error, FL_IO_ERROR, "PostgreSQL: %s", strerror(errno));
    }
    pid_t child = fork();
    if (child == 0)
        execute(options, pipe_fds[1], chatter_fd);
    close(pipe_fds[1]);

    enum fl_status status;
    char json[1024];
    int wait_status = -1;
    if (child < 0) {
        status = fl_error_set(error, FL_IO_ERROR, "PostgreSQL: no process");
    } else {
        read_all(pipe_fds[0], json, sizeof json);
        while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR)
            ;
        status = judge(wait_status, chatter_fd, json, result_out, error);
    }
    close(pipe_fds[0]);
    close(chatter_fd);
    return status;
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
