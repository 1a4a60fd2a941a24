#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bench/figure.h"

static struct fl_figure_table table;
static struct fl_figure figure;

static char *printed(void (*print)(const struct fl_figure_table *, FILE *))
{
    static char *text;
    static size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    print(&table, out);
    fclose(out);
    return text;
}

Test(figure, f1_the_median_of_odd_and_even_runs)
{
    const double odd[] = {9, 1, 5}, even[] = {4, 1, 3, 2}, one[] = {7};
    fl_figure_of_samples(&figure, "odd", "s", odd, 3);
    cr_assert(figure.value == 5 && figure.min == 1 && figure.max == 9 && figure.runs == 3);
    cr_assert(odd[0] == 9 && odd[2] == 5, "samples keep their order");
    fl_figure_of_samples(&figure, "even", "s", even, 4);
    cr_assert(figure.value == 2.5 && figure.min == 1 && figure.max == 4 && figure.runs == 4);
    fl_figure_of_samples(&figure, "one", "s", one, 1);
    cr_assert(figure.value == 7 && figure.min == 7 && figure.max == 7 && figure.runs == 1);
}

Test(figure, f1_a_figure_that_is_no_number_aborts, .signal = SIGABRT)
{
    const double samples[] = {1, NAN};
    fl_figure_of_samples(&figure, "nan", "s", samples, 2);
}

Test(figure, f2_a_name_twice_aborts, .signal = SIGABRT)
{
    const double samples[] = {1};
    fl_figure_of_samples(&figure, "twice", "s", samples, 1);
    fl_figure_table_add(&table, &figure);
    fl_figure_table_add(&table, &figure);
}

Test(figure, json_is_the_contract_to_the_byte)
{
    const double writes[] = {0.00018, 0.00025, 0.0002}, reads[] = {27123456.75};
    table.machine = (struct fl_machine){.cpu = "A \"fast\" \\ one\t", .core_count = 2,
                                        .memory_bytes = 25000000000, .kernel = "Linux 6",
                                        .filesystem = "ext4"};
    fl_figure_of_samples(&figure, "raw_write_p50", "s", writes, 3);
    fl_figure_table_add(&table, &figure);
    fl_figure_of_samples(&figure, "random_line_reads", "1/s", reads, 1);
    fl_figure_table_add(&table, &figure);
    char *text = printed(fl_figure_table_print_json);
    cr_assert_str_eq(text,
                     "{\"machine\":{\"cpu\":\"A \\\"fast\\\" \\\\ one\\u0009\",\"cores\":2,"
                     "\"memory_bytes\":25000000000,\"kernel\":\"Linux 6\","
                     "\"filesystem\":\"ext4\"},\"figures\":["
                     "{\"name\":\"raw_write_p50\",\"value\":0.0002,\"unit\":\"s\",\"runs\":3,"
                     "\"min\":0.00018,\"max\":0.00025},"
                     "{\"name\":\"random_line_reads\",\"value\":27123456.8,\"unit\":\"1/s\","
                     "\"runs\":1,\"min\":27123456.8,\"max\":27123456.8}]}\n");
    free(text);
}

Test(figure, text_lines_are_aligned_and_scaled)
{
    const double small[] = {0.0001842}, large[] = {2.71e6}, zero[] = {0};
    fl_figure_of_samples(&figure, "small", "s", small, 1);
    fl_figure_table_add(&table, &figure);
    fl_figure_of_samples(&figure, "large", "commands/s", large, 1);
    fl_figure_table_add(&table, &figure);
    fl_figure_of_samples(&figure, "zero", "B", zero, 1);
    fl_figure_table_add(&table, &figure);
    char *text = printed(fl_figure_table_print_text);
    cr_assert(strstr(text, " 184.2 u s "));
    cr_assert(strstr(text, " 2.71 M commands/s "));
    char *line = strchr(strstr(text, "\n\n") + 1, '\n') + 1;
    size_t width = strcspn(line, "\n");
    for (int i = 0; i < 4; i++, line += width + 1)
        cr_assert_eq(strcspn(line, "\n"), width);
    free(text);
}

Test(figure, the_machine_is_named)
{
    fl_figure_table_init(&table, "/");
    cr_assert(table.machine.core_count >= 1);
    cr_assert(table.machine.memory_bytes > 1 << 20);
    cr_assert(strncmp(table.machine.kernel, "Linux", 5) == 0);
    fl_figure_table_init(&table, "/proc");
    cr_assert_str_eq(table.machine.filesystem, "proc");
    fl_figure_table_init(&table, "/no/such/place");
    cr_assert_str_eq(table.machine.filesystem, "unknown");
}
