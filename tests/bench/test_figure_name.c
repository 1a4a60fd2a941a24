#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "bench/figure.h"

static struct fl_figure_wish wish;

static const char *const limits[] = {"random_line_reads", "memory_bandwidth", "raw_write_p50",
                                     "raw_write_p99", "raw_write_bandwidth"};

static const char *read_word(const char *word, bool peers)
{
    return fl_figure_wish_read(&wish, &word, 1, peers);
}

/* The contract's names, written down a second time. */
Test(figure_name, every_name_of_the_contract_is_a_word)
{
    static const char *const names[] = {"random_line_reads",   "memory_bandwidth",
                                        "raw_write_p50",       "raw_write_p99",
                                        "raw_write_bandwidth", "receipt_application_memory",
                                        "cycle_memory",        "cycle_durable",
                                        "ndjson_durable",      "cycle_full_durable",
                                        "single_p50",          "single_p99",
                                        "single_p100",         "snapshot_1m",
                                        "snapshot_10m",        "replay",
                                        "checkpoint_load",     "bytes_per_open_invoice",
                                        "match_exact_durable", "parse_camt053",
                                        "parse_mt940",         "snapshot_copy_10m"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        cr_assert_null(read_word(names[i], false), "%s", names[i]);
        cr_assert(fl_figure_is_wanted(&wish, names[i]), "%s", names[i]);
    }
}

Test(figure_name, a_word_asks_for_itself_and_the_machine_s_limits)
{
    cr_assert_null(read_word("replay", false));
    cr_assert(fl_figure_is_wanted(&wish, "replay"));
    cr_assert_not(fl_figure_is_wanted(&wish, "cycle_durable"));
    cr_assert(fl_figure_group_is_wanted(&wish, "cycles"));
    cr_assert_not(fl_figure_group_is_wanted(&wish, "single"));
    for (size_t i = 0; i < 5; i++)
        cr_assert(fl_figure_is_wanted(&wish, limits[i]), "%s", limits[i]);
}

Test(figure_name, a_group_asks_for_all_of_its_figures)
{
    static const char *const groups[] = {"engine", "cycles", "ndjson", "single", "json", "machine"};
    for (size_t i = 0; i < 6; i++)
        cr_assert_null(read_word(groups[i], false), "%s", groups[i]);
    cr_assert_null(read_word("cycles", false));
    cr_assert(fl_figure_is_wanted(&wish, "cycle_durable"));
    cr_assert(fl_figure_is_wanted(&wish, "replay"));
    cr_assert_not(fl_figure_is_wanted(&wish, "cycle_postgresql"));
}

Test(figure_name, a_peer_s_figure_only_with_peers)
{
    cr_assert_str_eq(read_word("cycle_postgresql", false), "cycle_postgresql");
    cr_assert_null(read_word("cycle_postgresql", true));
    cr_assert(fl_figure_is_wanted(&wish, "cycle_postgresql"));
    cr_assert_null(fl_figure_wish_read(&wish, NULL, 0, false));
    cr_assert_not(fl_figure_is_wanted(&wish, "cycle_postgresql"));
    cr_assert(fl_figure_is_wanted(&wish, "single_p99"));
    cr_assert_null(fl_figure_wish_read(&wish, NULL, 0, true));
    cr_assert(fl_figure_is_wanted(&wish, "cycle_postgresql"));
}

Test(figure_name, an_unknown_word_is_named_and_the_names_are_told)
{
    static const char *const words[] = {"replay", "replays"};
    cr_assert_str_eq(fl_figure_wish_read(&wish, words, 2, false), "replays");
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    fl_figure_names_print(out);
    fclose(out);
    cr_assert(strstr(text, "cycles: cycle_durable cycle_full_durable replay\n"));
    cr_assert(strstr(text, "single_p99_ratio"));
    free(text);
}

Test(figure_name, a_name_that_does_not_exist_is_a_broken_program, .signal = SIGABRT)
{
    cr_assert_null(read_word("replay", false));
    (void)fl_figure_is_wanted(&wish, "replays");
}

Test(figure_name, the_table_keeps_what_is_asked_for)
{
    static struct fl_figure_table table;
    double one[] = {1}, some[] = {1, 2, 9};
    cr_assert_null(read_word("single_p99", false));
    fl_figure_table_add_samples(&table, "replay", "commands/s", one, 1);
    fl_figure_table_add_pooled(&table, "single_p99", "s", 5, some, 3);
    fl_figure_table_add_samples(&table, "raw_write_p99", "s", one, 1);
    fl_figure_table_keep(&table, &wish);
    cr_assert_eq(table.figure_count, 2);
    cr_assert_null(fl_figure_table_find(&table, "replay"));
    const struct fl_figure *p99 = fl_figure_table_find(&table, "single_p99");
    cr_assert(p99->value == 5 && p99->min == 1 && p99->max == 9 && p99->runs == 3);
    cr_assert_not_null(fl_figure_table_find(&table, "raw_write_p99"));
}
