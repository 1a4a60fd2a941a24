#define _GNU_SOURCE /* memfd_create, pipe2 */

#include "bench/peer_process.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_UNAVAILABLE 3

/* The build names sources by their full path, so the scripts lie beside this file. */
void fl_peer_script(const char *given, const char *peer, char path_out[PATH_MAX])
{
    const char *peers = getenv("FLORIN_PEERS");
    const char *slash = strrchr(__FILE__, '/');
    if (given)
        snprintf(path_out, PATH_MAX, "%s", given);
    else if (peers)
        snprintf(path_out, PATH_MAX, "%s/%s/run.sh", peers, peer);
    else
        snprintf(path_out, PATH_MAX, "%.*s/peers/%s/run.sh", slash ? (int)(slash - __FILE__) : 1,
                 slash ? __FILE__ : ".", peer);
}

/* In the child, never returns. */
static void execute(const char *const *arguments, int in_fd, int out_fd, int chatter_fd)
{
    const char *argv[32] = {"bash"};
    for (unsigned i = 0; arguments[i] && i + 2 < sizeof argv / sizeof argv[0]; i++)
        argv[i + 1] = arguments[i];
    if (dup2(in_fd, STDIN_FILENO) >= 0 && dup2(out_fd, STDOUT_FILENO) >= 0 &&
        dup2(chatter_fd, STDERR_FILENO) >= 0)
        execvp("bash", (char *const *)argv);
    _exit(127);
}

enum fl_status fl_peer_process_start(struct fl_peer_process *process, const char *name,
                                     const char *const *arguments, struct fl_error *error)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    *process = (struct fl_peer_process){.name = name, .child = -1, .to_fd = -1, .from_fd = -1};
    process->chatter_fd = memfd_create("florin-peer", MFD_CLOEXEC);
    if (process->chatter_fd >= 0 && pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0)
        process->child = fork();
    int failed = errno;
    if (process->child == 0)
        execute(arguments, in[0], out[1], process->chatter_fd);
    close(in[0]);
    close(out[1]);
    process->to_fd = in[1];
    process->from_fd = out[0];
    if (process->child > 0)
        return FL_OK;
    close(in[1]);
    close(out[0]);
    close(process->chatter_fd);
    return fl_error_set(error, FL_IO_ERROR, "%s: %s", name, strerror(failed));
}

bool fl_peer_process_go(struct fl_peer_process *process)
{
    /* A script that ended must not end us. */
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    bool sent = write(process->to_fd, "go\n", 3) == 3;
    signal(SIGPIPE, before);
    return sent;
}

static ssize_t read_some(int fd, char *bytes, size_t most)
{
    ssize_t got;
    do
        got = read(fd, bytes, most);
    while (got < 0 && errno == EINTR);
    return got;
}

bool fl_peer_process_line(struct fl_peer_process *process, char *line, size_t line_bytes)
{
    FL_ASSERT(line_bytes > 0);
    size_t used = 0;
    char c = 0;
    while (read_some(process->from_fd, &c, 1) == 1 && c != '\n') {
        if (used + 1 < line_bytes)
            line[used++] = c;
    }
    line[used] = 0;
    return used > 0 || c == '\n';
}

/* Of the chatter. */
static void last_line(int chatter_fd, char *text, size_t text_bytes)
{
    off_t end = lseek(chatter_fd, 0, SEEK_END);
    off_t start = end > (off_t)text_bytes - 1 ? end - (off_t)text_bytes + 1 : 0;
    ssize_t got;
    size_t length = 0;
    lseek(chatter_fd, start, SEEK_SET);
    while (length + 1 < text_bytes &&
           (got = read_some(chatter_fd, text + length, text_bytes - 1 - length)) > 0)
        length += (size_t)got;
    while (length > 0 && text[length - 1] == '\n')
        length--;
    text[length] = 0;
    char *line = strrchr(text, '\n');
    if (line)
        memmove(text, line + 1, strlen(line));
}

enum fl_status fl_peer_process_end(struct fl_peer_process *process, struct fl_error *error)
{
    FL_ASSERT(process->child > 0);
    int status = -1;
    char line[200];
    close(process->to_fd);
    while (waitpid(process->child, &status, 0) < 0 && errno == EINTR)
        ;
    last_line(process->chatter_fd, line, sizeof line);
    close(process->from_fd);
    close(process->chatter_fd);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return FL_OK;
    bool missing = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_UNAVAILABLE;
    return fl_error_set(error, missing ? FL_UNSUPPORTED : FL_IO_ERROR, "%s: %s", process->name, line);
}

bool fl_peer_number(const char *json, const char *name, double *value_out)
{
    const char *found = strstr(json, name);
    if (!found)
        return false;
    found += strlen(name);
    char *end;
    *value_out = strtod(found, &end);
    return end != found && (*end == ',' || *end == '}') && isfinite(*value_out) && *value_out > 0;
}
