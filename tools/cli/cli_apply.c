/* apply: commands in, results out, in order. One thread parses, sends, receives and writes by
 * turns, the host's threads apply and sync meanwhile; what is under way is bounded by the rings, so
 * memory does not grow with the file. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/domain/state.h"
#include "tools/cli/cli.h"
#include "tools/cli/line_source.h"
#include "tools/format/command_json.h"
#include "tools/format/result_json.h"

#define KEPT_MAX (1u << 20)

/* An answer of the reader's, kept until those before it were given. */
struct kept {
    uint64_t after; /* commands answered before its turn */
    size_t end;     /* of its line in `kept_lines` */
};

struct apply {
    struct fl_host *host;
    struct fl_producer *producer;
    struct fl_command_json reader;
    struct fl_result_json writer;
    uint64_t sent, answered; /* to and by the host */
    enum fl_status last;     /* of the last answer */
    struct fl_json_text kept_lines;
    struct kept kept[1024];
    unsigned kept_count;
    uint64_t refused, accepted, duplicates, unavailable;
    enum fl_status broken; /* the host takes no more */
    uint64_t base_line;    /* lines of the files before: results are numbered over all input */
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
    case FL_CLASS_REFUSED:
    case FL_CLASS_INVALID:
        a->refused++;
        break;
    case FL_CLASS_UNAVAILABLE:
    case FL_CLASS_FAILED:
        a->unavailable++;
        break;
    }
}

/* Gives the kept answers whose turn has come. */
static void kept_give(struct apply *a)
{
    size_t given = 0;
    unsigned n = 0;
    while (n < a->kept_count && a->kept[n].after <= a->answered)
        given = a->kept[n++].end;
    if (n == 0)
        return;
    fwrite(a->kept_lines.bytes, 1, given, a->writer.out);
    memmove(a->kept_lines.bytes, a->kept_lines.bytes + given, a->kept_lines.length - given);
    a->kept_lines.length -= given;
    a->kept_count -= n;
    memmove(a->kept, a->kept + n, a->kept_count * sizeof a->kept[0]);
    for (unsigned i = 0; i < a->kept_count; i++)
        a->kept[i].end -= given;
}

static void answer(struct apply *a, const struct fl_result *result)
{
    if (result->flags & FL_FLAG_MEMBER) {
        if (!a->quiet)
            fl_result_json_member(&a->writer, result);
        return;
    }
    count(a, result->status);
    a->last = result->status;
    if (!a->quiet)
        fl_result_json_write(&a->writer, result->tag, result);
    a->answered++;
    if (a->kept_count > 0)
        kept_give(a);
}

/* Takes what is there; with `all`, until every command sent is answered. */
static void drain(struct apply *a, bool all)
{
    const struct fl_result *result;
    while ((result = fl_producer_receive(a->producer, all)) != NULL)
        answer(a, result);
}

/* After a book the zone is known only when it is answered. */
static void send(struct apply *a, const struct fl_command *command, uint64_t line)
{
    enum fl_status status;
    while ((status = fl_producer_send(a->producer, command, line)) == FL_BUSY)
        drain(a, false);
    if (status != FL_OK) {
        a->broken = status;
        return;
    }
    a->sent++;
    if (a->reader.zone_waits) {
        drain(a, true);
        fl_command_json_zone_settle(&a->reader, a->last == FL_OK);
    }
}

/* What the reader refuses is answered behind the answers before it: results stay in order. */
static void refuse(struct apply *a, uint64_t line, enum fl_status status)
{
    a->refused++;
    if (a->quiet)
        return;
    if (a->answered == a->sent) {
        fl_result_json_invalid(&a->writer, line, &a->reader, status);
        return;
    }
    fl_result_json_put_invalid(&a->kept_lines, line, &a->reader, status);
    fl_json_putc(&a->kept_lines, '\n');
    a->kept[a->kept_count++] = (struct kept){a->sent, a->kept_lines.length};
    if (a->kept_count == sizeof a->kept / sizeof a->kept[0] || a->kept_lines.length > KEPT_MAX)
        drain(a, true);
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
    enum fl_status status;
    if (line->too_long)
        status = fl_command_json_too_long(&a->reader);
    else if (is_blank(line))
        return;
    else
        status = fl_command_json_read(&a->reader, line->text, line->length, &command);
    if (status == FL_OK)
        send(a, command, number);
    else
        refuse(a, number, status);
}

static void progress(const struct apply *a, uint64_t commands)
{
    fprintf(stderr, "\r%" PRIu64 " commands", a->base_line + commands);
}

static bool apply_lines(struct apply *a, int fd)
{
    struct fl_line_source source;
    struct fl_line line;
    if (!fl_line_source_open(&source, fd))
        return false;
    bool terminal = isatty(2);
    uint64_t block = 0;
    while (a->broken == FL_OK && fl_line_source_next(&source, &line)) {
        if (source.bytes_read != block) { /* arrival: one look at the clock a block */
            block = source.bytes_read;
            a->reader.now_us = fl_cli_now_us();
        }
        apply_line(a, &line);
        drain(a, false);
        /* A pipe that pauses wants its answers now. */
        if (fl_line_source_waits(&source)) {
            drain(a, true);
            fflush(a->writer.out);
        }
        if (terminal && (line.number & 0xFFFF) == 0)
            progress(a, line.number);
    }
    drain(a, true);
    a->base_line += source.line;
    bool good = !source.failed;
    fl_line_source_close(&source);
    return good;
}

/* The next command of a binary stream, into the reader's buffer. False at the end, and (`*good`) if
 * it is cut. */
static bool binary_next(struct apply *a, FILE *in, bool *good)
{
    char *buffer = a->reader.buffer;
    struct fl_command *header = (struct fl_command *)buffer;
    size_t n = fread(buffer, 1, sizeof *header, in);
    *good = !ferror(in) && n == 0;
    if (n < sizeof *header || header->bytes < sizeof *header ||
        header->bytes > FL_COMMAND_BYTES_MAX)
        return false;
    size_t rest = header->bytes - sizeof *header;
    *good = fread(buffer + sizeof *header, 1, rest, in) == rest;
    return *good;
}

/* --binary: whole commands, one behind the other, as `log --binary` writes them. */
static bool apply_binary(struct apply *a, int fd)
{
    FILE *in = fdopen(dup(fd), "rb");
    struct fl_command *command = (struct fl_command *)a->reader.buffer;
    uint64_t number = 0;
    bool good = in != NULL, terminal = isatty(2);
    while (good && a->broken == FL_OK && binary_next(a, in, &good)) {
        const char *field = NULL;
        if ((++number & 255) == 1)
            a->reader.now_us = fl_cli_now_us();
        enum fl_status status = fl_command_check(command, command->bytes, &field);
        if (status == FL_OK)
            status = fl_command_json_adopt(&a->reader, command);
        else
            fl_command_json_blame(&a->reader, field);
        if (status == FL_OK)
            send(a, command, a->base_line + number);
        else
            refuse(a, a->base_line + number, status);
        drain(a, false);
        if (terminal && (number & 0xFFFF) == 0)
            progress(a, number);
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

/* --facts: what the machinery did, one JSON line on stderr for whoever measures or tests it. */
static void facts_say(const struct apply *a)
{
    struct fl_host_facts facts;
    fl_host_facts(a->host, &facts);
    fprintf(stderr,
            "{\"io\":\"%s\",\"commands\":%" PRIu64 ",\"recovered_seq\":%" PRIu64
            ",\"checkpoint_seq\":%" PRIu64 ",\"durable_seq\":%" PRIu64
            ",\"dropped_bytes\":%" PRIu64 ",\"parks\":%" PRIu64 ",\"wakes\":%" PRIu64
            ",\"producer_parks\":%" PRIu64 ",\"producer_wakes\":%" PRIu64 "}\n",
            facts.io, a->sent, facts.recovered_seq, facts.checkpoint_seq, facts.durable_seq,
            facts.dropped_bytes, facts.parks, facts.wakes, facts.producer_parks,
            facts.producer_wakes);
}

static int run(struct apply *a, const struct fl_arguments *arguments)
{
    bool binary = fl_option_value(arguments, "--binary") != NULL;
    int exit = FL_EXIT_DONE;
    if (arguments->word_count == 1)
        exit = apply_file(a, "-", binary);
    for (unsigned i = 1; i < arguments->word_count && exit == FL_EXIT_DONE && a->broken == FL_OK;
         i++)
        exit = apply_file(a, arguments->words[i], binary);
    if (a->broken != FL_OK && exit == FL_EXIT_DONE) {
        fprintf(stderr, "florin apply: storage failed: %" PRIu64 " commands were answered\n",
                a->answered);
        exit = FL_EXIT_STORAGE;
    }
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
    struct fl_option options[] = {{"--io", true, NULL},
                                  {"--memory", true, NULL},
                                  {"--checkpoint", true, NULL},
                                  {"--facts", false, NULL},
                                  {"--binary", false, NULL},
                                  {"--quiet", false, NULL},
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
        return fl_cli_fail_open("apply", &error);
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
    if (fl_option_value(&arguments, "--facts"))
        facts_say(&a);
    fl_command_json_close(&a.reader);
    fl_json_text_free(&a.kept_lines);
    if (fl_host_close(a.host, &error) != FL_OK)
        return fl_cli_fail("apply", &error);
    summary(&a);
    if (exit == FL_EXIT_DONE && a.unavailable > 0)
        exit = FL_EXIT_STORAGE;
    return exit == FL_EXIT_DONE && a.refused > 0 ? FL_EXIT_REFUSED : exit;
}
