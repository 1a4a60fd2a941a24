#include "bench/figure_name.h"

#include <string.h>

#include "core/base/contract.h"

#define ALWAYS "machine"
#define PEERS  "peers"

static const struct {
    const char *name, *group;
} names[] = {
    {"random_line_reads", ALWAYS},
    {"memory_bandwidth", ALWAYS},
    {"core_handover", ALWAYS},
    {"raw_write_p50", ALWAYS},
    {"raw_write_p99", ALWAYS},
    {"raw_write_bandwidth", ALWAYS},
    {"bytes_per_open_invoice", "engine"},
    {"snapshot_1m", "engine"},
    {"snapshot_10m", "engine"},
    {"snapshot_copy_1m", "engine"},
    {"snapshot_copy_10m", "engine"},
    {"receipt_application_memory", "engine"},
    {"receipt_application_lines", "engine"},
    {"aging_scan", "engine"},
    {"aging_duckdb", PEERS},
    {"aging_past", "engine"},
    {"aging_past_duckdb", PEERS},
    {"cycle_memory", "engine"},
    {"cycle_durable", "cycles"},
    {"cycle_full_durable", "cycles"},
    {"replay", "cycles"},
    {"cycle_postgresql", PEERS},
    {"cycle_postgresql_best", PEERS},
    {"ndjson_durable", "ndjson"},
    {"parse_ndjson", "json"},
    {"single_p50", "single"},
    {"single_p99", "single"},
    {"single_p100", "single"},
    {"single_p99_ratio", "single"},
    {"single_p99_checkpoint", "single"},
    {"single_checkpoints", "single"},
    {"single_checkpoint_seconds", "single"},
    {"checkpoint_load", "checkpoint"},
    {"index_rebuild", "checkpoint"},
    {"match_exact_durable", "match"},
    {"match_exact_duckdb", PEERS},
    {"match_exact_duckdb_file", PEERS},
    {"match_hard", "match_hard"},
    {"parse_camt053", "statements"},
    {"parse_mt940", "statements"},
};
#define NAMES ((uint32_t)(sizeof names / sizeof names[0]))
static_assert(NAMES <= FL_FIGURE_NAMES_MAX, "a byte a name");

static bool word_take(struct fl_figure_wish *wish, const char *word, bool peers)
{
    bool known = false;
    for (uint32_t i = 0; i < NAMES; i++) {
        bool named = strcmp(word, names[i].name) == 0 || strcmp(word, names[i].group) == 0;
        if (!named || (strcmp(names[i].group, PEERS) == 0 && !peers))
            continue;
        wish->by_number[i] = known = true;
    }
    return known;
}

const char *fl_figure_wish_read(struct fl_figure_wish *wish, const char *const *words,
                                uint32_t word_count, bool peers)
{
    memset(wish, 0, sizeof *wish);
    for (uint32_t i = 0; i < NAMES; i++) {
        bool peer = strcmp(names[i].group, PEERS) == 0;
        wish->by_number[i] =
            strcmp(names[i].group, ALWAYS) == 0 || (word_count == 0 && (!peer || peers));
    }
    for (uint32_t i = 0; i < word_count; i++) {
        if (!word_take(wish, words[i], peers))
            return words[i];
    }
    return NULL;
}

bool fl_figure_is_wanted(const struct fl_figure_wish *wish, const char *name)
{
    uint32_t i = 0;
    while (i < NAMES && strcmp(names[i].name, name) != 0)
        i++;
    FL_ASSERT(i < NAMES);
    return wish->by_number[i];
}

bool fl_figure_group_is_wanted(const struct fl_figure_wish *wish, const char *group)
{
    for (uint32_t i = 0; i < NAMES; i++) {
        if (wish->by_number[i] && strcmp(names[i].group, group) == 0)
            return true;
    }
    return false;
}

void fl_figure_names_print(FILE *out)
{
    for (uint32_t i = 0; i < NAMES; i++) {
        if (i == 0 || strcmp(names[i - 1].group, names[i].group) != 0)
            fprintf(out, "%s%s:", i ? "\n" : "", names[i].group);
        fprintf(out, " %s", names[i].name);
    }
    fprintf(out, "\n");
}
