/* import_progress.h - one line on a terminal while a long file is imported: a bar, lines, rate,
 * time left.
 *
 *     may.xml: booking [########------------] 40 %, 2,000,000 of 5,000,000 lines, 812,345/s, 3 s
 * left
 *
 * Where stderr is no terminal nothing is written. A file that takes less than half a second shows
 * nothing. In the first reading the end is told by the position in the file, also of an archive; in
 * the second by the lines that were counted.
 *
 * Thread: one.  Memory: the struct.  Cost: a counter a line; a look at the clock each 1024.
 */
#ifndef FLORIN_TOOLS_CLI_IMPORT_PROGRESS_H
#define FLORIN_TOOLS_CLI_IMPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_import_progress {
    bool wanted; /* stderr is a terminal */
    bool shown;  /* there is a line to be wiped off */
    int fd;      /* of the file; -1: its position is not known */
    uint64_t file_bytes;
    const char *name, *phase;
    uint64_t lines, lines_all; /* all: 0 where it is not known yet */
    int64_t begun_us, shown_us;
};

/* Looks whether there is a terminal. */
void fl_import_progress_init(struct fl_import_progress *progress);
/* The file whose position tells how far a first reading is; borrowed until the next. */
void fl_import_progress_file(struct fl_import_progress *progress, int fd);
/* A reading begins. `name` and `phase` are borrowed until it ends. */
void fl_import_progress_begin(struct fl_import_progress *progress, const char *name,
                              const char *phase, uint64_t lines_all);
/* The reading is over: the line is wiped off. */
void fl_import_progress_end(struct fl_import_progress *progress);

void fl_import_progress_look(struct fl_import_progress *progress);
static inline void fl_import_progress_line(struct fl_import_progress *progress)
{
    if ((++progress->lines & 1023) == 0 && progress->wanted)
        fl_import_progress_look(progress);
}

/* The line, without name: done of all in any unit (all 0: not known), after so long. */
size_t fl_import_progress_text(const struct fl_import_progress *progress, uint64_t done,
                               uint64_t all, int64_t elapsed_us, char out[160]);

#endif
