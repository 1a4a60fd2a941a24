/* import: bank files in, lines booked and matched by what they name, a word a statement out. */
#define _GNU_SOURCE /* memmem, open_memstream */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/currency.h"
#include "tools/cli/cli_report.h"
#include "tools/cli/import_file.h"
#include "tools/cli/import_path.h"
#include "tools/cli/match_run.h"
#include "tools/format/json_text.h"

struct totals {
    uint64_t files, statements, posted, added, known, matched, flagged;
    uint64_t proposed;
    uint32_t receipts_before;
};

static uint64_t open_lines(const struct totals *totals)
{
    uint64_t done = totals->matched + totals->proposed;
    return totals->added > done ? totals->added - done : 0;
}

/* ---- JSON (rulings, A1) --------------------------------------------------------------------- */

static void json_text(FILE *out, const char *name, const char *text)
{
    fputs(name, out);
    fl_json_write_string(out, text, strlen(text));
}

/* With the currency's decimals; as it came where it has more of them; empty where it is absent. */
static const char *decimal_text(struct fl_decimal value, uint8_t currency, char out[48])
{
    int64_t minor;
    unsigned decimals = currency ? fl_currency_exponent(currency) : value.scale;
    out[0] = '\0';
    if (value.state == FL_DECIMAL_VALUE && fl_decimal_scale(value, decimals, &minor) == FL_OK)
        fl_decimal_format(minor, decimals, out);
    else if (value.state == FL_DECIMAL_VALUE)
        fl_decimal_format(value.units, value.scale, out);
    return out;
}

static void json_decimal(FILE *out, const char *name, struct fl_decimal value, uint8_t currency)
{
    char text[48];
    fprintf(out, value.state == FL_DECIMAL_VALUE ? "%s\"%s\"" : "%snull", name,
            decimal_text(value, currency, text));
}

/* As the engine and its report say: a statement that gives nothing to compare is not against it. */
static bool balances(const struct fl_import_statement *s)
{
    return s->balanced || (s->post && s->difference.state != FL_DECIMAL_VALUE);
}

static void json_statement(FILE *out, const struct fl_import_statement *s)
{
    uint8_t currency = s->head.currency;
    json_text(out, "{\"account\":", s->head.account);
    json_text(out, ",\"id\":", s->head.id);
    json_text(out, ",\"currency\":", currency ? fl_currency_code(currency) : "");
    json_decimal(out, ",\"opening\":", s->head.opening, currency);
    json_decimal(out, ",\"closing\":", s->head.closing, currency);
    json_decimal(out, ",\"sum\":", s->sum, currency);
    fprintf(out, ",\"lines\":%u,\"new\":%u,\"known\":%u,\"not_booked\":%u,\"balanced\":%s",
            s->lines, s->added, s->known, s->not_booked, balances(s) ? "true" : "false");
    json_decimal(out, ",\"difference\":", s->difference, currency);
    fprintf(out, ",\"posted\":%s", s->posted ? "true" : "false");
    if (s->hint[0])
        json_text(out, ",\"hint\":", s->hint);
    putc('}', out);
}

static void json_notes(FILE *out, const struct fl_import_file *file, bool warnings)
{
    bool first = true;
    for (uint32_t i = 0; i < file->note_count; i++) {
        const struct fl_import_note *note = &file->notes[i];
        if ((note->code == FL_OK) != warnings)
            continue;
        fprintf(out, "%s{\"line\":%" PRIu64, first ? "" : ",", note->line);
        if (!warnings)
            json_text(out, ",\"code\":", fl_status_name(note->code));
        json_text(out, ",\"message\":", note->message);
        putc('}', out);
        first = false;
    }
}

static void json_file(FILE *out, const struct fl_import_file *file, bool first)
{
    json_text(out, first ? "{\"file\":" : ",{\"file\":", file->path);
    json_text(out, ",\"format\":",
              file->statement_count > 0
                  ? fl_statement_format_of_kind(file->format, file->statements[0].kind)
                  : fl_statement_format_name(file->format));
    fprintf(out, ",\"statements\":[");
    for (uint32_t i = 0; i < file->statement_count; i++) {
        if (i > 0)
            putc(',', out);
        json_statement(out, &file->statements[i]);
    }
    fprintf(out, "],\"refused\":[");
    json_notes(out, file, false);
    fprintf(out, "],\"warnings\":[");
    json_notes(out, file, true);
    fprintf(out, "]}");
}

/* ---- for people, and CSV -------------------------------------------------------------------- */

static void table_file(const struct fl_import_file *file, struct fl_table_writer *table)
{
    char opening[48], closing[48];
    for (uint32_t i = 0; i < file->statement_count; i++) {
        const struct fl_import_statement *s = &file->statements[i];
        fl_table_cell(table, "%s", s->head.account);
        fl_table_cell(table, "%s", s->head.id);
        fl_table_cell(table, "%s", s->head.currency ? fl_currency_code(s->head.currency) : "");
        fl_table_cell(table, "%s", decimal_text(s->head.opening, s->head.currency, opening));
        fl_table_cell(table, "%s", decimal_text(s->head.closing, s->head.currency, closing));
        fl_table_cell(table, "%u", s->lines);
        fl_table_cell(table, "%u", s->added);
        fl_table_cell(table, "%u", s->known);
        fl_table_cell(table, "%s", s->posted ? "yes" : "NO");
        fl_table_cell(table, "%s", file->path);
    }
}

/* What a person has to look at goes to stderr, so that a table or CSV stays one. */
static void say_notes(const struct fl_import_file *file)
{
    for (uint32_t i = 0; i < file->statement_count; i++) {
        const struct fl_import_statement *s = &file->statements[i];
        if (s->hint[0])
            fprintf(stderr, "%s:%" PRIu64 ": statement %s of %s: %s\n", file->path, s->line,
                    s->head.id, s->head.account[0] ? s->head.account : "no account", s->hint);
    }
    for (uint32_t i = 0; i < file->note_count; i++) {
        const struct fl_import_note *note = &file->notes[i];
        if (note->line == 0)
            continue; /* the file as a whole: said already */
        fprintf(stderr, "%s:%" PRIu64 ": %s%s%s\n", file->path, note->line,
                note->code == FL_OK ? "" : fl_status_name(note->code),
                note->code == FL_OK ? "" : ": ", note->message);
    }
    uint64_t all = file->refused + file->warnings;
    if (all > file->note_count)
        fprintf(stderr, "%s: and %" PRIu64 " more\n", file->path, all - file->note_count);
}

/* ---- the verb ------------------------------------------------------------------------------- */

static void totals_add(struct totals *totals, const struct fl_import_file *file)
{
    totals->files++;
    totals->flagged += file->flagged;
    totals->statements += file->statement_count;
    for (uint32_t i = 0; i < file->statement_count; i++) {
        totals->posted += file->statements[i].posted;
        if (file->statements[i].payout)
            continue; /* its parts are no lines that could be open */
        totals->added += file->statements[i].added;
        totals->known += file->statements[i].known;
        totals->matched += file->statements[i].matched;
    }
}

/* What the files have come to, and where it goes. */
struct output {
    enum fl_format format;
    FILE *json; /* of the path in hand */
    struct fl_table_writer table;
    struct totals *totals;
    int exit;
};

static void file_done(struct fl_import_file *file, enum fl_status status,
                      const struct fl_error *error, struct output *out)
{
    if (status != FL_OK) {
        bool unreadable = status == FL_UNREADABLE || status == FL_UNSUPPORTED;
        fprintf(stderr, "florin import: %s\n",
                error->status != FL_OK ? error->message : fl_status_name(status));
        out->exit = out->exit == FL_EXIT_STORAGE || !unreadable ? FL_EXIT_STORAGE : FL_EXIT_INPUT;
    }
    if (out->format == FL_FORMAT_JSON)
        json_file(out->json, file, ftell(out->json) == 0);
    else
        table_file(file, &out->table);
    totals_add(out->totals, file);
    if (out->format != FL_FORMAT_JSON || isatty(2))
        say_notes(file);
    fl_import_file_free(file);
}

/* The file, or each file of an archive. */
static void import_path(struct fl_import *import, const char *name, struct output *out)
{
    struct fl_import_path path;
    struct fl_error error = {.status = FL_OK};
    struct fl_byte_source source = {.name = name};
    struct fl_import_file file;
    enum fl_status status = fl_import_path_open(&path, name, &error);
    bool opened = status == FL_OK;
    fl_import_progress_file(&import->progress, opened ? path.file.fd : -1);
    uint64_t before = out->totals->files;
    while (out->exit != FL_EXIT_STORAGE) {
        if (opened) {
            error = (struct fl_error){.status = FL_OK};
            status = fl_import_path_next(&path, &source, &error);
        }
        bool end = status == FL_OK && !source.read;
        if (end && out->totals->files == before)
            status = fl_error_set(&error, FL_UNREADABLE, "%s: an archive without files", name);
        else if (end)
            break;
        if (status == FL_OK)
            status = fl_import_file_run(import, source, &file, &error);
        else
            fl_import_file_refuse(import, source.name, &error, &file);
        file_done(&file, status, &error, out);
        if (!opened || end)
            break;
    }
    fl_import_path_close(&path);
}

/* A notice (camt.054), which has the parts of what a statement tells as a sum. Of an archive what
 * its first file is. */
static bool is_notice(const char *name)
{
    struct fl_import_path path;
    struct fl_byte_source source = {.name = name};
    struct fl_error error = {.status = FL_OK};
    char start[FL_STATEMENT_DETECT_BYTES];
    size_t length = 0;
    if (strcmp(name, "-") == 0)
        return false; /* read when its turn comes */
    if (fl_import_path_open(&path, name, &error) == FL_OK &&
        fl_import_path_next(&path, &source, &error) == FL_OK && source.read &&
        fl_byte_source_fill(source, start, sizeof start, &length, &error) != FL_OK)
        length = 0; /* whoever imports it says why */
    fl_import_path_close(&path);
    return memmem(start, length, "BkToCstmrDbtCdtNtfctn", 21) != NULL;
}

/* What is told of one path, in JSON. */
struct answer {
    char *text;
    size_t length;
    bool notice;
};

static void answer_path(struct fl_import *import, const char *name, struct answer *answer,
                        struct output *out)
{
    out->json = open_memstream(&answer->text, &answer->length);
    FL_ASSERT(out->json != NULL); /* some hundred bytes a statement */
    import_path(import, name, out);
    fclose(out->json);
}

static void answers_print(const struct answer *answers, unsigned count)
{
    bool first = true;
    printf("{\"files\":[");
    for (unsigned i = 0; i < count; i++) {
        if (answers[i].length == 0)
            continue;
        printf("%s", first ? "" : ",");
        fwrite(answers[i].text, 1, answers[i].length, stdout);
        first = false;
    }
}

/* Every file; one that cannot be read is named, the others go on. Notices first, whose parts are
 * used only before their sum is booked; they are told of in the order given. Returns the exit code.
 */
static int import_files(struct fl_import *import, const struct fl_arguments *arguments,
                        enum fl_format format, struct totals *totals)
{
    static const char *const names[] = {"account", "statement", "cur",    ">opening", ">closing",
                                        ">lines",  ">new",      ">known", "posted",   "file"};
    struct output out = {.format = format, .totals = totals, .exit = FL_EXIT_DONE};
    unsigned count = arguments->word_count - 1;
    struct answer *answers = calloc(count, sizeof *answers);
    FL_ASSERT(answers != NULL && count > 0);
    fl_table_open(&out.table, names, sizeof names / sizeof names[0]);
    for (unsigned i = 0; count > 1 && i < count; i++)
        answers[i].notice = is_notice(arguments->words[i + 1]);
    for (unsigned turn = 0; turn < 2; turn++) {
        for (unsigned i = 0; i < count && out.exit != FL_EXIT_STORAGE; i++) {
            if (answers[i].notice == (turn == 0))
                answer_path(import, arguments->words[i + 1], &answers[i], &out);
        }
    }
    if (format == FL_FORMAT_JSON)
        answers_print(answers, count);
    else
        fl_table_print(&out.table, stdout, format == FL_FORMAT_CSV);
    for (unsigned i = 0; i < count; i++)
        free(answers[i].text);
    free(answers);
    return out.exit;
}

/* What is new and what was left before, in one go: what others took may leave only one. */
static enum fl_status match(struct fl_import *import, struct totals *totals)
{
    struct fl_match_run run;
    enum fl_status status = fl_match_run_open(&run, import->host, import->producer);
    if (status == FL_OK)
        status = fl_match_run_settle(&run);
    for (uint32_t i = 0; status == FL_OK && i < run.batch.line_count; i++) {
        const struct fl_match_decision *decision = &run.batch.decisions[i];
        bool fresh = run.batch.lines[i].receipt >= totals->receipts_before;
        totals->matched += fresh && decision->turn > 0;
        totals->proposed += fresh && decision->turn == 0 && decision->verdict == FL_MATCH_PROPOSES;
    }
    fl_match_run_close(&run);
    return status;
}

static int match_new(struct fl_import *import, enum fl_format format, struct totals *totals,
                     int exit)
{
    bool wanted = import->options.references && exit != FL_EXIT_STORAGE && totals->added > 0;
    if (wanted && match(import, totals) != FL_OK) {
        fprintf(stderr, "florin import: the lines are booked, matching failed: florin match DIR "
                        "--auto goes on\n");
        exit = FL_EXIT_STORAGE;
    }
    if (format == FL_FORMAT_JSON)
        printf("],\"matched\":%" PRIu64 ",\"proposed\":%" PRIu64 ",\"open\":%" PRIu64 "}\n",
               totals->matched, totals->proposed, open_lines(totals));
    return exit;
}

static void summary(const char *dir, const struct fl_import_options *options,
                    const struct totals *totals)
{
    printf("\n%s%" PRIu64 " new lines, %" PRIu64 " known before; %" PRIu64 " matched, %" PRIu64
           " proposed, %" PRIu64 " open\n",
           options->dry_run ? "dry run, nothing was kept: " : "", totals->added, totals->known,
           totals->matched, totals->proposed, open_lines(totals));
    if (totals->posted < totals->statements)
        printf("%" PRIu64 " of %" PRIu64 " statements not posted\n",
               totals->statements - totals->posted, totals->statements);
    if (!options->dry_run && totals->proposed + open_lines(totals) > 0)
        printf("Next: florin match %s --propose\n", dir);
}

/* FL_EXIT_DONE, or the exit code of a profile that cannot be read. */
static int profile_open(const struct fl_arguments *arguments, struct fl_import_options *options)
{
    static struct fl_statement_profile profile;
    struct fl_error error = {.status = FL_OK};
    const char *path = fl_option_value(arguments, "--profile");
    if (!path)
        return FL_EXIT_DONE;
    if (fl_statement_profile_open(path, &profile, &error) != FL_OK)
        return fl_cli_fail("import", &error);
    options->profile = &profile;
    return FL_EXIT_DONE;
}

static bool read_options(struct fl_arguments *arguments, int argc, char **argv,
                         struct fl_import_options *options, enum fl_format *format)
{
    *options = (struct fl_import_options){0};
    if (!fl_arguments_read(arguments, argc, argv) || !fl_format_read(arguments, format))
        return false;
    options->account = fl_option_value(arguments, "--account");
    options->dry_run = fl_option_value(arguments, "--dry-run") != NULL;
    options->skip_bad = fl_option_value(arguments, "--skip-bad") != NULL;
    options->accept_unbalanced = fl_option_value(arguments, "--accept-unbalanced") != NULL;
    options->references = fl_option_value(arguments, "--no-match") == NULL;
    if (options->account &&
        (options->account[0] == '\0' || strlen(options->account) > FL_ID_BYTES_MAX)) {
        fprintf(stderr, "florin import: --account is an id of 1 to %d bytes\n", FL_ID_BYTES_MAX);
        return false;
    }
    if (arguments->word_count >= 2)
        return true;
    fprintf(stderr,
            "usage: florin import DIR FILE...|- [--account ID] [--profile FILE] [--dry-run]\n"
            "       [--skip-bad] [--accept-unbalanced] [--no-match] [--strict]\n");
    return false;
}

/* A dry run works on a state in memory: the directory is only read. */
static struct fl_host *host_open(const struct fl_arguments *arguments, bool dry_run, int *exit_out)
{
    struct fl_host_config config;
    struct fl_error error = {.status = FL_OK};
    struct fl_host *host = NULL;
    if (dry_run)
        return fl_cli_open_reading(arguments, arguments->words[0], exit_out);
    *exit_out = FL_EXIT_USAGE;
    if (!fl_cli_host_config(arguments, &config))
        return NULL;
    if (fl_host_open(arguments->words[0], &config, &host, &error) != FL_OK) {
        *exit_out = fl_cli_fail_open("import", &error);
        return NULL;
    }
    return host;
}

int fl_cli_import(int argc, char **argv)
{
    struct fl_option options[] = {
        {"--account", true, NULL},
        {"--profile", true, NULL},
        {"--dry-run", false, NULL},
        {"--skip-bad", false, NULL},
        {"--accept-unbalanced", false, NULL},
        {"--no-match", false, NULL},
        {"--strict", false, NULL},
        {"--io", true, NULL},
        {"--memory", true, NULL},
        {"--format", true, NULL},
    };
    static struct fl_arguments arguments;
    static struct fl_import import;
    struct fl_import_options wanted;
    struct fl_error error = {.status = FL_OK};
    struct totals totals = {0};
    enum fl_format format;
    int exit;
    arguments.options = options;
    arguments.option_count = sizeof options / sizeof options[0];
    if (!read_options(&arguments, argc, argv, &wanted, &format))
        return FL_EXIT_USAGE;
    exit = profile_open(&arguments, &wanted);
    if (exit != FL_EXIT_DONE)
        return exit;
    struct fl_host *host = host_open(&arguments, wanted.dry_run, &exit);
    if (!host)
        return exit;
    exit = FL_EXIT_STORAGE;
    if (fl_import_open(&import, host, &wanted) == FL_OK) {
        totals.receipts_before = fl_engine_store(fl_host_engine(host))->rows[FL_TABLE_receipt];
        exit = import_files(&import, &arguments, format, &totals);
        exit = match_new(&import, format, &totals, exit);
    }
    fl_import_close(&import);
    if (fl_host_close(host, &error) != FL_OK)
        return fl_cli_fail("import", &error);
    if (format == FL_FORMAT_TABLE)
        summary(arguments.words[0], &wanted, &totals);
    bool unmatched = fl_option_value(&arguments, "--strict") && totals.added > totals.matched;
    if (exit == FL_EXIT_DONE && (totals.flagged > 0 || unmatched))
        exit = FL_EXIT_REFUSED;
    return exit;
}
