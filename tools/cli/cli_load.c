/* load: orders or receivables out of an export, through one of the maps, with every row accounted for. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/currency.h"
#include "core/domain/state.h"
#include "tools/cli/cli.h"
#include "tools/ingest/load_ar_ledger.h"
#include "tools/ingest/load_online_retail.h"

static const struct {
    const char *name;
    enum fl_status (*load)(struct fl_load_sink *sink, const char *path, struct fl_error *error);
} maps[] = {
    {"online-retail", fl_load_online_retail},
    {"ar-ledger", fl_load_ar_ledger},
};

#define MAPS (sizeof maps / sizeof maps[0])

static const char *const kind_names[] = {
#define KIND_NAME(symbol, name) name,
    FL_LOAD_KINDS(KIND_NAME)
#undef KIND_NAME
};

/* ---- options --------------------------------------------------------------------------------- */

static unsigned map_find(const char *name)
{
    unsigned i = 0;
    while (name && i < MAPS && strcmp(maps[i].name, name) != 0)
        i++;
    return name ? i : MAPS;
}

static bool options_read(const struct fl_arguments *arguments, struct fl_load_options *options)
{
    const char *as = fl_option_value(arguments, "--as");
    const char *currency = fl_option_value(arguments, "--currency");
    options->dry_run = fl_option_value(arguments, "--dry-run") != NULL;
    options->opening = as != NULL;
    if (as && strcmp(as, "opening") != 0) {
        fprintf(stderr, "florin load: --as takes opening\n");
        return false;
    }
    if (currency)
        options->currency = fl_currency_find(currency, strlen(currency));
    if (currency && options->currency == FL_CURRENCY_NONE) {
        fprintf(stderr, "florin load: there is no currency %s\n", currency);
        return false;
    }
    return true;
}

/* ---- the account of the rows ----------------------------------------------------------------- */

static void show_text(const struct fl_load_counts *c, bool dry_run)
{
    printf("rows %" PRIu64 " = loaded %" PRIu64 " + refused %" PRIu64, c->rows, c->loaded,
           c->refused);
    for (unsigned i = 0; i < c->reason_count; i++)
        printf("%s%s: %" PRIu64, i == 0 ? " (" : ", ", c->reasons[i].name, c->reasons[i].rows);
    printf("%s%s\n", c->reason_count > 0 ? ")" : "", dry_run ? "; nothing was sent" : "");
    if (c->known > 0)
        printf("of the loaded rows %" PRIu64 " were there before\n", c->known);
    if (c->due_raised > 0)
        printf("%" PRIu64 " due dates before the invoice's own day were taken as that day\n",
               c->due_raised);
    for (unsigned i = 0; i < FL_LOAD_KIND_COUNT; i++) {
        if (c->kinds[i] > 0)
            printf("  %-22s %12" PRIu64 " rows\n", kind_names[i], c->kinds[i]);
    }
    printf("  %-22s %12s %12s %12s\n", "", "accepted", "duplicate", "refused");
    for (unsigned type = 0; type < FL_COMMAND_TYPE_MAX; type++) {
        const struct fl_load_answers *a = &c->answers[type];
        if (a->accepted + a->duplicate + a->refused > 0)
            printf("  %-22s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", fl_command_name(type),
                   a->accepted, a->duplicate, a->refused);
    }
}

static void show_json(const struct fl_load_counts *c, bool dry_run)
{
    const char *comma = "";
    printf("{\"files\":%" PRIu64 ",\"rows\":%" PRIu64 ",\"loaded\":%" PRIu64 ",\"known\":%" PRIu64
           ",\"refused_rows\":%" PRIu64 ",\"refused\":{",
           c->files, c->rows, c->loaded, c->known, c->refused);
    for (unsigned i = 0; i < c->reason_count; i++)
        printf("%s\"%s\":%" PRIu64, i ? "," : "", c->reasons[i].name, c->reasons[i].rows);
    printf("},\"kinds\":{");
    for (unsigned i = 0; i < FL_LOAD_KIND_COUNT; i++) {
        if (c->kinds[i] > 0) {
            printf("%s\"%s\":%" PRIu64, comma, kind_names[i], c->kinds[i]);
            comma = ",";
        }
    }
    printf("},\"commands\":{");
    comma = "";
    for (unsigned type = 0; type < FL_COMMAND_TYPE_MAX; type++) {
        const struct fl_load_answers *a = &c->answers[type];
        if (a->accepted + a->duplicate + a->refused > 0) {
            printf("%s\"%s\":{\"accepted\":%" PRIu64 ",\"duplicate\":%" PRIu64
                   ",\"refused\":%" PRIu64 "}",
                   comma, fl_command_name(type), a->accepted, a->duplicate, a->refused);
            comma = ",";
        }
    }
    printf("},\"due_raised\":%" PRIu64 ",\"dry_run\":%s}\n", c->due_raised, dry_run ? "true" : "false");
}

/* ---- the verb -------------------------------------------------------------------------------- */

static int files_load(struct fl_load_sink *sink, const struct fl_arguments *arguments, unsigned map)
{
    struct fl_error error = {.status = FL_OK};
    bool terminal = isatty(2);
    for (unsigned i = 1; i < arguments->word_count; i++) {
        enum fl_status status = maps[map].load(sink, arguments->words[i], &error);
        if (status == FL_OK && sink->failed != FL_OK)
            status = fl_error_set(&error, sink->failed, "%s: stopped: %s", arguments->words[i],
                                  fl_status_name(sink->failed));
        if (status != FL_OK) {
            error.status = status;
            return fl_cli_fail("load", &error);
        }
        if (terminal)
            fprintf(stderr, "\r%u of %u files, %" PRIu64 " rows", i, arguments->word_count - 1,
                    sink->counts.rows);
    }
    if (terminal)
        fprintf(stderr, "\r\033[K");
    return sink->counts.refused > 0 ? FL_EXIT_REFUSED : FL_EXIT_DONE;
}

static int load(struct fl_host *host, const struct fl_arguments *arguments,
                const struct fl_load_options *options, unsigned map)
{
    struct fl_load_sink sink;
    struct fl_error error = {.status = FL_OK};
    int exit;
    if (fl_load_sink_open(&sink, host, options, &error) == FL_OK) {
        exit = files_load(&sink, arguments, map);
        const char *format = fl_option_value(arguments, "--format");
        bool text = format ? strcmp(format, "table") == 0 : isatty(1);
        (text ? show_text : show_json)(&sink.counts, options->dry_run);
    } else {
        exit = fl_cli_fail("load", &error);
    }
    fl_load_sink_close(&sink);
    return exit;
}

static int directory_load(const struct fl_arguments *arguments,
                          const struct fl_load_options *options, unsigned map)
{
    struct fl_host_config config;
    struct fl_host *host = NULL;
    struct fl_error error = {.status = FL_OK};
    const char *directory = arguments->words[0];
    if (!fl_cli_host_config(arguments, &config))
        return FL_EXIT_USAGE;
    enum fl_status status = options->dry_run
                                ? fl_host_open_reading(directory, &config, &host, &error)
                                : fl_host_open(directory, &config, &host, &error);
    if (status != FL_OK) {
        error.status = status == FL_UNREADABLE ? FL_IO_ERROR : status;
        return fl_cli_fail("load", &error);
    }
    int exit = load(host, arguments, options, map);
    fflush(stdout);
    if (fl_host_close(host, &error) != FL_OK)
        return fl_cli_fail("load", &error);
    return exit;
}

int fl_cli_load(int argc, char **argv)
{
    struct fl_option options[] = {{"--map", true, NULL},      {"--dry-run", false, NULL},
                                  {"--as", true, NULL},       {"--currency", true, NULL},
                                  {"--format", true, NULL},   {"--io", true, NULL},
                                  {"--memory", true, NULL}};
    static struct fl_arguments arguments;
    struct fl_load_options load_options = {.dry_run = false};
    arguments.options = options;
    arguments.option_count = sizeof options / sizeof options[0];
    if (!fl_arguments_read(&arguments, argc, argv) || !options_read(&arguments, &load_options))
        return FL_EXIT_USAGE;
    unsigned map = map_find(fl_option_value(&arguments, "--map"));
    if (arguments.word_count < 2 || map == MAPS) {
        fprintf(stderr, "usage: florin load DIR FILE... --map online-retail|ar-ledger [--dry-run] "
                        "[--as opening] [--currency C]\n");
        return FL_EXIT_USAGE;
    }
    return directory_load(&arguments, &load_options, map);
}
