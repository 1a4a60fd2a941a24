/* figure_name.h - the names of all figures, and which of them a call asks for.
 *
 * A word of the command line is a figure's name or its group's; no word asks for all. The machine's
 * own limits are asked for by every call: a figure without them says nothing.
 *
 * Thread: one.  Memory: a byte a name.
 */
#ifndef FLORIN_BENCH_FIGURE_NAME_H
#define FLORIN_BENCH_FIGURE_NAME_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FL_FIGURE_NAMES_MAX 64

struct fl_figure_wish {
    bool by_number[FL_FIGURE_NAMES_MAX];
};

/* The first word that is no name, or null when all are. */
const char *fl_figure_wish_read(struct fl_figure_wish *wish, const char *const *words,
                                uint32_t word_count, bool peers);
/* Whether the figure is asked for; a name that does not exist is a broken program. */
bool fl_figure_is_wanted(const struct fl_figure_wish *wish, const char *name);
/* Whether any figure of the group is. */
bool fl_figure_group_is_wanted(const struct fl_figure_wish *wish, const char *group);
/* All names and groups, for whoever typed another. */
void fl_figure_names_print(FILE *out);

#endif
