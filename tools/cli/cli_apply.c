/* apply: commands in, results out, in order. The reader's thread parses and sends; a second one receives and
 * writes, so that parsing, applying and writing overlap and memory does not grow with the file. */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/data/ring.h"
#include "core/domain/state.h"
#include "tools/cli/cli.h"
#include "tools/cli/line_source.h"
#include "tools/format/command_json.h"
#include "tools/format/result_json.h"

struct apply {
    struct fl_host *host;
    struct fl_producer *producer;
    struct fl_command_json reader;
    struct fl_result_json writer;
    uint64_t refused, accepted, duplicates, failed;
    uint64_t base_line; /* lines of the files before: results are numbered over all input */
    bool quiet;
};

static void count(struct apply *a, enum fl_status status)
{
    switch (fl_status_class(status)) {
    case FL_CLASS_ACCEPTED:
        a->accepted++;
        break;
    case FL_CLASS_DUPLICATE:
        a->duplicates++;
        break;
    case FL_CLASS_FAILED:
        a->failed++;
        break;
    default:
        a->refused++;
        break;
    }
}

static void answer(struct apply *a, const struct fl_result *result)
{
    if (result->flags & FL_FLAG_MEMBER) {
        if (!a->quiet)
            fl_result_json_member(&a->writer, result);
        return;
    }
    count(a, result->status);
    if (result->tag != UINT64_MAX && !a->quiet)
        fl_result_json_write(&a->writer, result->tag, result);
}

/* Takes what is there; with `all`, until every command sent is answered. */
static void drain(struct apply *a, bool all)
{
    const struct fl_result *result;
    while ((result = fl_producer_receive(a->producer, all)) != NULL)
        answer(a, result);
}

static void send(struct apply *a, const struct fl_command *command, uint64_t line)
{
    enum fl_status status;
    while ((status = fl_producer_send(a->producer, command, line)) == FL_BUSY)
        drain(a, false);
    if (status != FL_OK)
        a->failed++;
}

/* What the reader refuses is answered here, after the answers before it: results stay in order. */
static void refuse(struct apply *a, uint64_t line, enum fl_status status)
{
    drain(a, true);
    a->refused++;
    if (!a->quiet)
        fl_result_json_invalid(&a->writer, line, &a->reader, status);
}

static bool is_blank(const struct fl_line *line)
{
    for (size_t i = 0; i < line->length; i++) {
        if (line->text[i] != ' ' && line->text[i] != '\t')
            return false;
    }
    return true;
}

static void apply_line(struct apply *a, const struct fl_line *line)
{
    struct fl_command *command;
    uint64_t number = a->base_line + line->number;
    if (!line->too_long && is_blank(line))
        return;
    enum fl_status status = FL_TOO_LONG;
    a->reader.path[0] = a->reader.type[0] = a->reader.id[0] = '\0';
    if (!line->too_long)
        status = fl_command_json_read(&a->reader, line->text, line->length, &command);
    if (status == FL_OK)
        send(a, command, number);
    else
        refuse(a, number, status);
}

static bool apply_lines(struct apply *a, int fd)
{
    struct fl_line_source source;
    struct fl_line line;
    if (!fl_line_source_open(&source, fd))
        return false;
    bool terminal = isatty(2);
    while (a->failed == 0 && fl_line_source_next(&source, &line)) {
        if ((line.number & 255) == 1)
            a->reader.now_us = fl_cli_now_us();
        apply_line(a, &line);
        drain(a, false);
        /* A pipe that pauses wants its answers now. */
        if (!fl_line_source_has_line(&source)) {
            drain(a, true);
            fflush(a->writer.out);
            a->reader.now_us = fl_cli_now_us();
        }
        if (terminal && (line.number & 0xFFFF) == 0)
            fprintf(stderr, "\r%" PRIu64 " commands", a->base_line + line.number);
    }
    drain(a, true);
    a->base_line += source.line;
    bool good = !source.failed;
    fl_line_source_close(&source);
    return good;
}

/* --binary: whole commands, one behind the other, as `log --binary` writes them. */
static bool apply_binary(struct apply *a, int fd)
{
    FILE *in = fdopen(dup(fd), "rb");
    char *buffer = a->reader.buffer;
    struct fl_command header;
    bool good = in != NULL;
    uint64_t number = 0;
    while (good && a->failed == 0 && fread(&header, sizeof header, 1, in) == 1) {
        const char *field = "";
        number++;
        good = header.bytes >= sizeof header && header.bytes <= FL_RECORD_BYTES_MAX - 4096;
        if (!good)
            break;
        memcpy(buffer, &header, sizeof header);
        size_t rest = header.bytes - sizeof header;
        good = fread(buffer + sizeof header, 1, rest, in) == rest;
        enum fl_status status =
            good ? fl_command_check(buffer, header.bytes, &field) : FL_OUT_OF_RANGE;
        if (status != FL_OK) {
            snprintf(a->reader.path, sizeof a->reader.path, "%s", field ? field : "");
            refuse(a, a->base_line + number, status);
            continue;
        }
        send(a, (const struct fl_command *)buffer, a->base_line + number);
        drain(a, false);
    }
    drain(a, true);
    a->base_line += number;
    if (in)
        fclose(in);
    return good;
}

static int apply_file(struct apply *a, const char *path, bool binary)
{
    int fd = strcmp(path, "-") == 0 ? 0 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "florin apply: %s cannot be read\n", path);
        return FL_EXIT_INPUT;
    }
    bool good = binary ? apply_binary(a, fd) : apply_lines(a, fd);
    if (fd != 0)
        close(fd);
    if (!good)
        fprintf(stderr, "florin apply: %s: reading stopped before its end\n", path);
    return good ? FL_EXIT_DONE : FL_EXIT_INPUT;
}

/* Nothing but what is asked for on stdout; a summary for people on a terminal. */
static void summary(const struct apply *a)
{
    if (!isatty(2))
        return;
    fprintf(stderr, "\r%" PRIu64 " accepted, %" PRIu64 " duplicate, %" PRIu64 " refused\n",
            a->accepted, a->duplicates, a->refused);
}

static int run(struct apply *a, const struct fl_arguments *arguments)
{
    bool binary = fl_option_value(arguments, "--binary") != NULL;
    int exit = FL_EXIT_DONE;
    if (arguments->word_count == 1)
        exit = apply_file(a, "-", binary);
    for (unsigned i = 1; i < arguments->word_count && exit == FL_EXIT_DONE && a->failed == 0; i++)
        exit = apply_file(a, arguments->words[i], binary);
    drain(a, true);
    return exit;
}

static enum fl_status reader_open(struct apply *a)
{
    const struct fl_book_settings *book =
        fl_book_settings(fl_engine_store(fl_host_engine(a->host)), 0);
    enum fl_status status =
        fl_command_json_open(&a->reader, book->time_zone, book->time_zone_length);
    a->reader.now_us = fl_cli_now_us();
    return status;
}

int fl_cli_apply(int argc, char **argv)
{
    struct fl_option options[] = {{"--io", true, NULL},      {"--memory", true, NULL},
                                  {"--binary", false, NULL}, {"--quiet", false, NULL},
                                  {"--format", true, NULL}};
    static struct fl_arguments arguments;
    static struct apply a;
    struct fl_host_config config;
    struct fl_error error = {.status = FL_OK};
    arguments.options = options;
    arguments.option_count = sizeof options / sizeof options[0];
    if (!fl_arguments_read(&arguments, argc, argv) || !fl_cli_host_config(&arguments, &config))
        return FL_EXIT_USAGE;
    if (arguments.word_count < 1) {
        fprintf(stderr, "usage: florin apply DIR [FILE...|-] [--binary] [--quiet] [--io uring]\n");
        return FL_EXIT_USAGE;
    }
    if (fl_host_open(arguments.words[0], &config, &a.host, &error) != FL_OK)
        return fl_cli_fail("apply", &error);
    struct fl_host_facts facts;
    fl_host_facts(a.host, &facts);
    if (facts.dropped_bytes > 0)
        fprintf(stderr, "florin apply: %" PRIu64 " bytes of an unfinished write were dropped\n",
                facts.dropped_bytes);
    int exit = FL_EXIT_STORAGE;
    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    a.quiet = fl_option_value(&arguments, "--quiet") != NULL;
    if (reader_open(&a) == FL_OK && fl_producer_open(a.host, &a.producer) == FL_OK) {
        fl_result_json_open(&a.writer, stdout);
        exit = run(&a, &arguments);
        fl_producer_close(a.producer);
        fl_result_json_close(&a.writer);
    }
    fflush(stdout);
    fl_command_json_close(&a.reader);
    if (fl_host_close(a.host, &error) != FL_OK)
        return fl_cli_fail("apply", &error);
    summary(&a);
    return exit != FL_EXIT_DONE ? exit : a.refused > 0 ? FL_EXIT_REFUSED : FL_EXIT_DONE;
}
