#include "tools/cli/import_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/cli/cli.h"

#define QUIET_US  500000
#define PERIOD_US 200000
#define BAR       20

/* "1,234,567" */
static const char *grouped(uint64_t value, char out[32])
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, value), used = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return out;
}

static size_t time_left(uint64_t done, uint64_t all, int64_t elapsed_us, char *out, size_t room)
{
    double seconds = (double)elapsed_us / 1e6 * (double)(all - done) / (double)done;
    uint64_t s = (uint64_t)(seconds + 0.5);
    if (s >= 3600)
        return (size_t)snprintf(out, room, ", %" PRIu64 " h %02" PRIu64 " min left", s / 3600,
                                s / 60 % 60);
    if (s >= 60)
        return (size_t)snprintf(out, room, ", %" PRIu64 " min %02" PRIu64 " s left", s / 60,
                                s % 60);
    return (size_t)snprintf(out, room, ", %" PRIu64 " s left", s);
}

size_t fl_import_progress_text(const struct fl_import_progress *p, uint64_t done, uint64_t all,
                               int64_t elapsed_us, char out[160])
{
    char lines[32], lines_all[32], rate[32], bar[BAR + 1];
    uint64_t per_second = elapsed_us > 0 ? p->lines * UINT64_C(1000000) / (uint64_t)elapsed_us : 0;
    bool known = all > 0 && done > 0;
    if (done > all)
        done = all;
    int used = snprintf(out, 160, "%s ", p->phase);
    if (known) {
        unsigned full = (unsigned)(done * BAR / all);
        memset(bar, '-', BAR);
        memset(bar, '#', full);
        bar[BAR] = '\0';
        used += snprintf(out + used, (size_t)(160 - used), "[%s] %" PRIu64 " %%, ", bar,
                         done * 100 / all);
    }
    used +=
        snprintf(out + used, (size_t)(160 - used), "%s%s%s lines, %s/s", grouped(p->lines, lines),
                 p->lines_all ? " of " : "", p->lines_all ? grouped(p->lines_all, lines_all) : "",
                 grouped(per_second, rate));
    if (known)
        used += (int)time_left(done, all, elapsed_us, out + used, (size_t)(160 - used));
    return used < 160 ? (size_t)used : 159;
}

void fl_import_progress_init(struct fl_import_progress *p)
{
    *p = (struct fl_import_progress){.wanted = isatty(2) == 1, .fd = -1};
}

void fl_import_progress_file(struct fl_import_progress *p, int fd)
{
    struct stat about;
    p->fd = fd;
    p->file_bytes = fd >= 0 && fstat(fd, &about) == 0 ? (uint64_t)about.st_size : 0;
}

void fl_import_progress_begin(struct fl_import_progress *p, const char *name, const char *phase,
                              uint64_t lines_all)
{
    p->name = name;
    p->phase = phase;
    p->lines = 0;
    p->lines_all = lines_all;
    p->begun_us = p->shown_us = fl_cli_now_us();
}

void fl_import_progress_look(struct fl_import_progress *p)
{
    char text[160];
    int64_t now_us = fl_cli_now_us();
    if (now_us - p->begun_us < QUIET_US || now_us - p->shown_us < PERIOD_US)
        return;
    off_t at = p->lines_all == 0 && p->fd >= 0 ? lseek(p->fd, 0, SEEK_CUR) : 0;
    uint64_t done = p->lines_all > 0 ? p->lines : at > 0 ? (uint64_t)at : 0;
    uint64_t all = p->lines_all > 0 ? p->lines_all : p->file_bytes;
    (void)fl_import_progress_text(p, done, all, now_us - p->begun_us, text);
    fprintf(stderr, "\r\033[K%.60s: %s", p->name, text);
    p->shown_us = now_us;
    p->shown = true;
}

void fl_import_progress_end(struct fl_import_progress *p)
{
    if (p->shown)
        fprintf(stderr, "\r\033[K");
    p->shown = false;
}
