/* figure.h - a figure is the median of some runs, with the least and the most beside it.
 *
 * A table gathers the figures of one bench call and prints them twice over: aligned text for
 * people, and {"machine":{...},"figures":[...]} for programs.
 *
 *   F1  min <= value <= max, all finite; runs >= 1.
 *   F2  Names are unique in a table.
 *
 * Thread: one.  Memory: the caller's structs; no allocation.  Cost: a sort of the runs.
 */
#ifndef FLORIN_BENCH_FIGURE_H
#define FLORIN_BENCH_FIGURE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/figure_name.h"
#include "bench/machine.h"

#define FL_FIGURE_RUNS_MAX  64
#define FL_FIGURE_TABLE_MAX 128

struct fl_figure {
    char name[48];
    char unit[24];
    double value; /* the median; of an even number of runs the mean of the middle two */
    double min;
    double max;
    uint32_t runs;
};

struct fl_figure_table {
    struct fl_machine machine;
    uint32_t figure_count;
    struct fl_figure figures[FL_FIGURE_TABLE_MAX];
};

/* Makes a figure of 1 to FL_FIGURE_RUNS_MAX samples, which keep their order. */
void fl_figure_of_samples(struct fl_figure *figure, const char *name, const char *unit,
                          const double *samples, size_t sample_count);

void fl_figure_table_init(struct fl_figure_table *table, const char *directory);

/* Appends a copy. */
void fl_figure_table_add(struct fl_figure_table *table, const struct fl_figure *figure);

/* The two in one. */
void fl_figure_table_add_samples(struct fl_figure_table *table, const char *name, const char *unit,
                                 const double *samples, size_t sample_count);
/* Appends a figure whose value is not the median of its runs but reckoned over all of them (a
 * quantile of every sample taken): `samples` are the runs' own, and give least and most. */
void fl_figure_table_add_pooled(struct fl_figure_table *table, const char *name, const char *unit,
                                double value, const double *samples, size_t sample_count);
/* Leaves the figures that are asked for, in their order. */
void fl_figure_table_keep(struct fl_figure_table *table, const struct fl_figure_wish *wish);

/* The figure of that name, or null; valid as long as the table. */
const struct fl_figure *fl_figure_table_find(const struct fl_figure_table *table, const char *name);

void fl_figure_table_print_text(const struct fl_figure_table *table, FILE *out);
void fl_figure_table_print_json(const struct fl_figure_table *table, FILE *out);

#endif
