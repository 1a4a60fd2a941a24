/* init, log, digest, check: making a directory and looking into one. */
#define _GNU_SOURCE /* memmem */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analytics/audit.h"
#include "core/engine/record.h"
#include "tools/cli/check_storage.h"
#include "tools/cli/cli.h"
#include "tools/format/command_json.h"
#include "tools/format/json_text.h"
#include "tools/format/result_json.h"

/* ---- init
 * ----------------------------------------------------------------------------------------- */

static char *file_read(const char *path, size_t *length_out)
{
    FILE *in = fopen(path, "rb");
    char *text = calloc(1, (1u << 20) + FL_JSON_PADDING);
    if (in && text)
        *length_out = fread(text, 1, 1u << 20, in);
    if (in)
        fclose(in);
    if (!in) {
        free(text);
        return NULL;
    }
    return text;
}

/* The book's command stands at the smallest instant, so that any history can be loaded after it. */
static int book_send(struct fl_host *host, const char *text, size_t length)
{
    struct fl_command_json reader;
    struct fl_command *command;
    struct fl_producer *producer = NULL;
    int exit = FL_EXIT_REFUSED;
    if (fl_command_json_open(&reader, "UTC", 3) != FL_OK)
        return FL_EXIT_STORAGE;
    reader.now_us = fl_cli_now_us();
    reader.default_at_us = 1;
    enum fl_status status = fl_command_json_read(&reader, text, length, &command);
    if (status == FL_OK && command->type != FL_COMMAND_BOOK) {
        snprintf(reader.path, sizeof reader.path, "type");
        status = FL_BAD_VALUE;
    }
    if (status != FL_OK) {
        fprintf(stderr, "florin init: book: %s %s\n", fl_status_name(status), reader.path);
    } else if (fl_producer_open(host, &producer) == FL_OK &&
               fl_producer_send(producer, command, 1) == FL_OK) {
        const struct fl_result *result = fl_producer_receive(producer, true);
        char message[256] = "";
        if (result && (result->status == FL_OK || result->status == FL_DUPLICATE))
            exit = FL_EXIT_DONE;
        else if (result)
            fl_result_message(result, message, sizeof message);
        if (message[0])
            fprintf(stderr, "florin init: book: %s\n", message);
        fl_producer_close(producer);
    }
    fl_command_json_close(&reader);
    return exit;
}

/* A book without "type" is one all the same: {"base_currency":"EUR"}. */
static char *with_type(char *text, size_t *length)
{
    if (memmem(text, *length, "\"type\"", 6) != NULL)
        return text;
    char *brace = memchr(text, '{', *length);
    if (!brace)
        return text;
    static const char prefix[] = "{\"type\":\"book\"";
    char *whole = calloc(1, *length + sizeof prefix + 1 + FL_JSON_PADDING);
    const char *rest = brace + 1;
    size_t rest_length = *length - (size_t)(rest - text);
    bool empty = rest_length > 0 && rest[strspn(rest, " \t\r\n")] == '}';
    int n = sprintf(whole, "%s%s", prefix, empty ? "" : ",");
    memcpy(whole + n, rest, rest_length);
    *length = (size_t)n + rest_length;
    free(text);
    return whole;
}

int fl_cli_init(int argc, char **argv)
{
    struct fl_option options[] = {{"--book", true, NULL},
                                  {"--io", true, NULL},
                                  {"--memory", true, NULL},
                                  {"--format", true, NULL}};
    static struct fl_arguments arguments;
    struct fl_host_config config;
    struct fl_error error = {.status = FL_OK};
    arguments.options = options;
    arguments.option_count = 4;
    if (!fl_arguments_read(&arguments, argc, argv) || !fl_cli_host_config(&arguments, &config))
        return FL_EXIT_USAGE;
    if (arguments.word_count != 1) {
        fprintf(stderr, "usage: florin init DIR [--book book.json]\n");
        return FL_EXIT_USAGE;
    }
    const char *path = fl_option_value(&arguments, "--book");
    size_t length = 2;
    char *text = path ? file_read(path, &length) : NULL;
    if (path && !text) {
        fprintf(stderr, "florin init: %s cannot be read\n", path);
        return FL_EXIT_INPUT;
    }
    struct fl_host *host;
    int exit = FL_EXIT_DONE;
    if (fl_host_init(arguments.words[0], &error) != FL_OK ||
        fl_host_open(arguments.words[0], &config, &host, &error) != FL_OK) {
        free(text);
        return fl_cli_fail_open("init", &error);
    }
    if (text) {
        text = with_type(text, &length);
        for (size_t i = 0; i < length; i++) {
            if (text[i] == '\n' || text[i] == '\r')
                text[i] = ' ';
        }
        exit = book_send(host, text, length);
        free(text);
    }
    if (fl_host_close(host, &error) != FL_OK)
        return fl_cli_fail("init", &error);
    if (exit == FL_EXIT_DONE && isatty(1))
        printf("%s is ready. Next: florin apply %s commands.ndjson\n", arguments.words[0],
               arguments.words[0]);
    return exit;
}

/* ---- log
 * -------------------------------------------------------------------------------------------- */

struct log_print {
    bool binary, offsets;
    struct fl_json_text line;
    struct fl_time_zone zone; /* the book's, as far as the log was read; null calendar: UTC */
    bool zone_known;
};

/* The zone follows the books in the log; begun in the middle, clocks are printed as instants until
 * one comes. */
static void log_follow(struct log_print *print, const struct fl_command *command)
{
    const struct fl_command_book *book = fl_command_body(command);
    if (command->type != FL_COMMAND_BOOK || book->time_zone.length == 0)
        return;
    fl_time_zone_close(&print->zone);
    print->zone_known = fl_time_zone_open(&print->zone, fl_command_text(command, book->time_zone),
                                          book->time_zone.length);
}

static void log_line(struct log_print *print, const struct fl_command *command)
{
    fl_json_text_clear(&print->line);
    fl_command_json_write(&print->line, command, print->zone_known ? &print->zone : NULL);
    fl_json_putc(&print->line, '\n');
    fwrite(print->line.bytes, 1, print->line.length, stdout);
    log_follow(print, command);
}

static enum fl_status log_print(void *context, const struct fl_record *record, const char *file,
                                uint64_t offset)
{
    struct log_print *print = context;
    if (print->offsets)
        printf("{\"seq\":%" PRIu64 ",\"file\":\"%s\",\"offset\":%" PRIu64 ",\"length\":%u}\n",
               record->seq, file, offset, record->bytes);
    else if (print->binary)
        fwrite(record + 1, 1, record->command_bytes, stdout);
    else {
        log_line(print, (const struct fl_command *)(record + 1));
    }
    return ferror(stdout) ? FL_UNREADABLE : FL_OK;
}

int fl_cli_log(int argc, char **argv)
{
    struct fl_option options[] = {{"--from", true, NULL},
                                  {"--binary", false, NULL},
                                  {"--offsets", false, NULL},
                                  {"--format", true, NULL}};
    static struct fl_arguments arguments;
    struct fl_error error = {.status = FL_OK};
    arguments.options = options;
    arguments.option_count = 4;
    if (!fl_arguments_read(&arguments, argc, argv))
        return FL_EXIT_USAGE;
    if (arguments.word_count != 1) {
        fprintf(stderr, "usage: florin log DIR [--from SEQ] [--offsets] [--binary]\n");
        return FL_EXIT_USAGE;
    }
    const char *from = fl_option_value(&arguments, "--from");
    char *end = NULL;
    uint64_t from_seq = from ? strtoull(from, &end, 10) : 0;
    if (from && (from[0] < '0' || from[0] > '9' || *end != '\0')) {
        fprintf(stderr, "florin log: --from is a sequence number, not %s\n", from);
        return FL_EXIT_USAGE;
    }
    struct log_print print = {.zone_known = from_seq <= 1,
                              .binary = fl_option_value(&arguments, "--binary") != NULL,
                              .offsets = fl_option_value(&arguments, "--offsets") != NULL};
    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    enum fl_status status = fl_host_log(arguments.words[0], from_seq, log_print, &print, &error);
    fflush(stdout);
    fl_json_text_free(&print.line);
    fl_time_zone_close(&print.zone);
    if (status != FL_OK) {
        error.status = FL_CORRUPT;
        return fl_cli_fail("log", &error);
    }
    return FL_EXIT_DONE;
}

/* ---- digest and check
 * ----------------------------------------------------------------------------------- */

int fl_cli_digest(int argc, char **argv)
{
    struct fl_option options[] = {
        {"--io", true, NULL}, {"--memory", true, NULL}, {"--format", true, NULL}};
    static struct fl_arguments arguments;
    struct fl_snapshot snapshot;
    int exit;
    arguments.options = options;
    arguments.option_count = 3;
    if (!fl_arguments_read(&arguments, argc, argv))
        return FL_EXIT_USAGE;
    if (arguments.word_count != 1) {
        fprintf(stderr, "usage: florin digest DIR\n");
        return FL_EXIT_USAGE;
    }
    struct fl_host *host = fl_cli_open_reading(&arguments, arguments.words[0], &exit);
    if (!host)
        return exit;
    struct fl_engine *engine = fl_host_engine(host);
    enum fl_status status =
        fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &snapshot);
    FL_ASSERT(status == FL_OK);
    uint64_t digest = fl_engine_digest(&snapshot);
    const char *format = fl_option_value(&arguments, "--format");
    bool table = format ? strcmp(format, "table") == 0 : isatty(1);
    printf(table ? "%016" PRIx64 " at sequence %" PRIu64 "\n"
                 : "{\"digest\":\"%016" PRIx64 "\",\"seq\":%" PRIu64 "}\n",
           digest, snapshot.seq);
    fl_snapshot_release(&snapshot);
    struct fl_error error;
    (void)fl_host_close(host, &error);
    return FL_EXIT_DONE;
}

struct check_print {
    bool table;
    uint64_t said;
};

static void check_say(void *context, const char *sentence)
{
    struct check_print *print = context;
    if (print->table) {
        printf("%s\n", sentence);
    } else {
        fputs(print->said ? "," : "", stdout);
        fl_json_write_string(stdout, sentence, strlen(sentence));
    }
    print->said++;
}

/* Where there is no state to look at, the files' trouble is still told. */
static void check_complain(void *context, const char *sentence)
{
    (void)context;
    fprintf(stderr, "florin check: %s\n", sentence);
}

static bool check_run(const char *directory, struct fl_host *host, struct fl_check_storage *storage,
                      bool table)
{
    struct check_print print = {.table = table};
    struct fl_engine *engine = fl_host_engine(host);
    struct fl_host_facts facts;
    fl_host_facts(host, &facts);
    if (!table)
        printf("{\"seq\":%" PRIu64 ",", fl_engine_seq(engine));
    fl_check_storage_print(directory, storage, table, facts.dropped_bytes);
    if (!table)
        fputs(",\"differences\":[", stdout);
    uint64_t found = fl_audit(fl_engine_store(engine), check_say, &print);
    found += fl_check_storage_say(storage, check_say, &print);
    if (table)
        printf(found == 0 ? "sequence %" PRIu64 ": every checksum and invariant holds\n"
                          : "sequence %" PRIu64 ": differences found, see above\n",
               fl_engine_seq(engine));
    else
        printf("],\"found\":%" PRIu64 "}\n", found);
    return found == 0;
}

int fl_cli_check(int argc, char **argv)
{
    struct fl_option options[] = {
        {"--io", true, NULL}, {"--memory", true, NULL}, {"--format", true, NULL}};
    static struct fl_arguments arguments;
    struct fl_error error;
    int exit;
    arguments.options = options;
    arguments.option_count = 3;
    if (!fl_arguments_read(&arguments, argc, argv))
        return FL_EXIT_USAGE;
    if (arguments.word_count != 1) {
        fprintf(stderr, "usage: florin check DIR\n");
        return FL_EXIT_USAGE;
    }
    struct fl_check_storage storage = {.checkpoint_count = 0};
    fl_check_storage_checkpoints(arguments.words[0], &storage);
    struct fl_host *host = fl_cli_open_reading(&arguments, arguments.words[0], &exit);
    if (!host) {
        fl_check_storage_say(&storage, check_complain, NULL);
        return exit;
    }
    const char *format = fl_option_value(&arguments, "--format");
    bool table = format ? strcmp(format, "table") == 0 : isatty(1);
    bool holds = check_run(arguments.words[0], host, &storage, table);
    (void)fl_host_close(host, &error);
    return holds ? FL_EXIT_DONE : FL_EXIT_STORAGE;
}
