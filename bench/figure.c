#include "bench/figure.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/contract.h"

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void fl_figure_of_samples(struct fl_figure *figure, const char *name, const char *unit,
                          const double *samples, size_t sample_count)
{
    FL_ASSERT(sample_count >= 1 && sample_count <= FL_FIGURE_RUNS_MAX);
    FL_ASSERT(strlen(name) < sizeof figure->name);
    FL_ASSERT(strlen(unit) < sizeof figure->unit);
    double sorted[FL_FIGURE_RUNS_MAX];
    for (size_t i = 0; i < sample_count; i++) {
        FL_ASSERT(isfinite(samples[i])); /* F1 */
        sorted[i] = samples[i];
    }
    qsort(sorted, sample_count, sizeof *sorted, compare_doubles);

    memset(figure, 0, sizeof *figure);
    strcpy(figure->name, name);
    strcpy(figure->unit, unit);
    size_t middle = sample_count / 2;
    figure->value = sample_count % 2 ? sorted[middle]
                                     : sorted[middle - 1] / 2 + sorted[middle] / 2;
    figure->min = sorted[0];
    figure->max = sorted[sample_count - 1];
    figure->runs = (uint32_t)sample_count;
}

void fl_figure_table_init(struct fl_figure_table *table, const char *directory)
{
    memset(table, 0, sizeof *table);
    fl_machine_describe(&table->machine, directory);
}

void fl_figure_table_add(struct fl_figure_table *table, const struct fl_figure *figure)
{
    FL_ASSERT(table->figure_count < FL_FIGURE_TABLE_MAX);
    FL_ASSERT(figure->runs >= 1);
    FL_ASSERT(!fl_figure_table_find(table, figure->name)); /* F2 */
    table->figures[table->figure_count++] = *figure;
}

void fl_figure_table_add_samples(struct fl_figure_table *table, const char *name, const char *unit,
                                 const double *samples, size_t sample_count)
{
    struct fl_figure figure;
    fl_figure_of_samples(&figure, name, unit, samples, sample_count);
    fl_figure_table_add(table, &figure);
}

void fl_figure_table_add_pooled(struct fl_figure_table *table, const char *name, const char *unit,
                                double value, const double *samples, size_t sample_count)
{
    struct fl_figure figure;
    FL_ASSERT(isfinite(value));
    fl_figure_of_samples(&figure, name, unit, samples, sample_count);
    figure.value = value;
    figure.min = fmin(figure.min, value); /* F1: buckets of a histogram round */
    figure.max = fmax(figure.max, value);
    fl_figure_table_add(table, &figure);
}

void fl_figure_table_keep(struct fl_figure_table *table, const struct fl_figure_wish *wish)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->figure_count; i++) {
        if (fl_figure_is_wanted(wish, table->figures[i].name))
            table->figures[kept++] = table->figures[i];
    }
    table->figure_count = kept;
}

const struct fl_figure *fl_figure_table_find(const struct fl_figure_table *table, const char *name)
{
    for (uint32_t i = 0; i < table->figure_count; i++)
        if (strcmp(table->figures[i].name, name) == 0)
            return &table->figures[i];
    return NULL;
}

/* Seven places hold every figure's meaning and keep columns narrow: 2.71 M, 184.2 u, 13. */
static void scale(double value, char *out, size_t out_bytes)
{
    static const struct {
        double factor;
        const char *letter;
    } steps[] = {{1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {1, "  "}, {1e-3, " m"}, {1e-6, " u"}};
    double size = fabs(value);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (size >= steps[i].factor) {
            snprintf(out, out_bytes, "%.4g%s", value / steps[i].factor, steps[i].letter);
            return;
        }
    snprintf(out, out_bytes, "%.4g%s", value * 1e9, value == 0 ? "  " : " n");
}

void fl_figure_table_print_text(const struct fl_figure_table *table, FILE *out)
{
    const struct fl_machine *machine = &table->machine;
    fprintf(out, "%s, %" PRIu32 " cores, %.1f GiB, %s, %s\n\n", machine->cpu, machine->core_count,
            (double)machine->memory_bytes / (1 << 30), machine->kernel, machine->filesystem);
    fprintf(out, "%-28s %12s %-12s %12s %12s %5s\n", "figure", "median  ", "unit", "min  ",
            "max  ", "runs");
    for (uint32_t i = 0; i < table->figure_count; i++) {
        const struct fl_figure *figure = &table->figures[i];
        char value[32], min[32], max[32];
        scale(figure->value, value, sizeof value);
        scale(figure->min, min, sizeof min);
        scale(figure->max, max, sizeof max);
        fprintf(out, "%-28s %12s %-12s %12s %12s %5" PRIu32 "\n", figure->name, value,
                figure->unit, min, max, figure->runs);
    }
}

static void print_json_string(const char *text, FILE *out)
{
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(out, "\\u%04x", *c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static void print_json_machine(const struct fl_machine *machine, FILE *out)
{
    fputs("{\"cpu\":", out);
    print_json_string(machine->cpu, out);
    fprintf(out, ",\"cores\":%" PRIu32 ",\"memory_bytes\":%" PRIu64 ",\"kernel\":",
            machine->core_count, machine->memory_bytes);
    print_json_string(machine->kernel, out);
    fputs(",\"filesystem\":", out);
    print_json_string(machine->filesystem, out);
    fputc('}', out);
}

void fl_figure_table_print_json(const struct fl_figure_table *table, FILE *out)
{
    fputs("{\"machine\":", out);
    print_json_machine(&table->machine, out);
    fputs(",\"figures\":[", out);
    for (uint32_t i = 0; i < table->figure_count; i++) {
        const struct fl_figure *figure = &table->figures[i];
        fputs(i ? ",{\"name\":" : "{\"name\":", out);
        print_json_string(figure->name, out);
        fprintf(out, ",\"value\":%.9g,\"unit\":", figure->value);
        print_json_string(figure->unit, out);
        fprintf(out, ",\"runs\":%" PRIu32 ",\"min\":%.9g,\"max\":%.9g}", figure->runs,
                figure->min, figure->max);
    }
    fputs("]}\n", out);
}
