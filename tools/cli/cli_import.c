/* import: bank statements. A file is read twice: first whole, for what is wrong with it; then to book. Nothing of a
 * file with a damaged record is booked unless --skip-bad says so. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/domain/state.h"
#include "tools/cli/cli.h"
#include "tools/cli/cli_report.h"
#include "tools/format/json_text.h"
#include "tools/format/result_json.h"
#include "tools/format/time_zone.h"
#include "tools/ingest/statement_command.h"
#include "tools/ingest/statement_reader.h"

struct import {
    const struct fl_arguments *arguments;
    struct fl_host *host; /* null in a dry run */
    struct fl_producer *producer;
    struct fl_statement_commands commands;
    struct fl_time_zone zone;
    bool dry_run, skip_bad, checking;
    bool json, first_file, first_statement;
    /* This file. */
    uint64_t refused;
    struct fl_json_text refusals, warnings;
    /* This statement. */
    struct fl_statement statement;
    char account[FL_ID_BYTES_MAX + 1];
    uint64_t fresh, known, matched, unposted;
    char hint[256];
    /* All. */
    uint64_t all_matched, all_lines, all_fresh, all_known, flagged;
};

/* ---- the engine's side ------------------------------------------------------------------------------- */

static int64_t result_number(const struct fl_result *result, enum fl_result_name name)
{
    for (unsigned i = 0; i < result->field_count; i++) {
        if (result->fields[i].name == name)
            return result->fields[i].value;
    }
    return 0;
}

static enum fl_status send(void *context, struct fl_command *command)
{
    struct import *m = context;
    const struct fl_command_statement *body = fl_command_body(command);
    enum fl_status status;
    if (m->dry_run) {
        m->fresh += body->lines.count;
        return FL_OK;
    }
    while ((status = fl_producer_send(m->producer, command, 1)) == FL_BUSY)
        ;
    if (status != FL_OK)
        return status;
    const struct fl_result *result = fl_producer_receive(m->producer, true);
    if (!result || fl_status_class(result->status) == FL_CLASS_FAILED)
        return FL_IO_ERROR;
    if (result->status == FL_OK || result->status == FL_DUPLICATE) {
        m->fresh += (uint64_t)result_number(result, FL_RESULT_NEW);
        m->known += (uint64_t)result_number(result, FL_RESULT_KNOWN);
        m->matched += (uint64_t)result_number(result, FL_RESULT_MATCHED);
        if (result->status == FL_DUPLICATE)
            m->fresh = 0;
    } else {
        m->unposted++;
        fl_result_message(result, m->hint, sizeof m->hint);
    }
    return FL_OK;
}

/* ---- the reader's side --------------------------------------------------------------------------------- */

static enum fl_status on_begin(void *context, const struct fl_statement *statement)
{
    struct import *m = context;
    m->fresh = m->known = m->matched = m->unposted = 0;
    m->hint[0] = '\0';
    snprintf(m->account, sizeof m->account, "%.*s", (int)statement->account.length,
             statement->account.at);
    return FL_OK;
}

static enum fl_status on_line(void *context, const struct fl_statement_line *line)
{
    struct import *m = context;
    if (m->checking)
        return FL_OK;
    return fl_statement_commands_line(&m->commands, fl_slice_of_text(m->account), line);
}

static void put_decimal(const char *name, struct fl_decimal value, uint8_t currency)
{
    char text[32];
    int64_t minor;
    unsigned decimals = currency ? fl_currency_exponent(currency) : value.scale;
    if (value.state != FL_DECIMAL_VALUE || fl_decimal_scale(value, decimals, &minor) != FL_OK) {
        printf(",\"%s\":null", name);
        return;
    }
    fl_decimal_format(minor, decimals, text);
    printf(",\"%s\":\"%s\"", name, text);
}

static void statement_json(struct import *m, const struct fl_statement *s, bool posted)
{
    printf("%s{\"account\":", m->first_statement ? "" : ",");
    const char *account = m->account[0] ? m->account
                          : m->commands.account ? m->commands.account
                                                : "";
    fl_json_write_string(stdout, account, strlen(account));
    fputs(",\"id\":", stdout);
    fl_json_write_string(stdout, s->id.at, s->id.length);
    printf(",\"currency\":\"%s\"", fl_currency_code(s->currency));
    put_decimal("opening", s->opening.amount, s->currency);
    put_decimal("closing", s->closing.amount, s->currency);
    put_decimal("sum", s->sum, s->currency);
    printf(",\"lines\":%u,\"new\":%" PRIu64 ",\"known\":%" PRIu64 ",\"not_booked\":%u,"
           "\"balanced\":%s",
           s->lines, m->fresh, m->known, s->not_booked, s->balanced ? "true" : "false");
    put_decimal("difference", s->difference, s->currency);
    printf(",\"posted\":%s", posted ? "true" : "false");
    if (m->hint[0]) {
        fputs(",\"hint\":", stdout);
        fl_json_write_string(stdout, m->hint, strlen(m->hint));
    }
    putchar('}');
    m->first_statement = false;
}

static void statement_text(const struct import *m, const struct fl_statement *s, bool posted)
{
    char opening[32] = "-", closing[32] = "-";
    int64_t minor;
    unsigned decimals = s->currency ? fl_currency_exponent(s->currency) : 2;
    if (s->opening.amount.state && fl_decimal_scale(s->opening.amount, decimals, &minor) == FL_OK)
        fl_decimal_format(minor, decimals, opening);
    if (s->closing.amount.state && fl_decimal_scale(s->closing.amount, decimals, &minor) == FL_OK)
        fl_decimal_format(minor, decimals, closing);
    printf("  %-24s %-16.*s %s  %s -> %s  %u lines, %" PRIu64 " new, %" PRIu64 " known, %" PRIu64
           " settled%s%s%s\n",
           m->account, (int)s->id.length, s->id.at, fl_currency_code(s->currency), opening, closing,
           s->lines, m->fresh, m->known, m->matched,
           posted ? "" : "  NOT POSTED", m->hint[0] ? ": " : "", m->hint);
}

/* Only what is final moves money: camt.053 and MT940; an unbalanced one only if told. */
static bool may_post(struct import *m, const struct fl_statement *s)
{
    static const char *const why[] = {
        [FL_STATEMENT_INTRADAY] = "intraday: not final, the day's statement books it",
        [FL_STATEMENT_NOTICE] = "a notice of details: the account's statement books it"};
    if (s->kind != FL_STATEMENT_BOOKED) {
        snprintf(m->hint, sizeof m->hint, "%s", why[s->kind]);
        return false;
    }
    if (!s->balanced && s->difference.state == FL_DECIMAL_VALUE && !m->commands.accept_unbalanced) {
        snprintf(m->hint, sizeof m->hint,
                 "opening and lines do not make the closing balance; --accept-unbalanced books it");
        return false;
    }
    return true;
}

static enum fl_status on_end(void *context, const struct fl_statement *s)
{
    struct import *m = context;
    enum fl_status status = FL_OK;
    if (m->checking)
        return FL_OK;
    bool posts = may_post(m, s);
    int64_t at_us = fl_cli_now_us();
    if (posts)
        status = fl_statement_commands_end(&m->commands, s, at_us,
                                           fl_time_zone_day(&m->zone, at_us));
    else
        fl_statement_commands_drop(&m->commands);
    if (status == FL_MISSING_FIELD) {
        snprintf(m->hint, sizeof m->hint, "no account or currency in it: give --account ID");
        posts = false;
        status = FL_OK;
    }
    posts = posts && m->unposted == 0 && !m->dry_run;
    m->flagged += !posts && !m->dry_run && s->kind == FL_STATEMENT_BOOKED;
    m->all_matched += m->matched;
    m->all_fresh += m->fresh;
    m->all_known += m->known;
    m->all_lines += s->lines;
    if (m->json)
        statement_json(m, s, posts);
    else
        statement_text(m, s, posts);
    return status;
}

static void note_add(struct fl_json_text *out, uint64_t line, const char *code, const char *message)
{
    if (out->length > 0)
        fl_json_putc(out, ',');
    fl_json_puts(out, "{\"line\":");
    fl_json_put_unsigned(out, line);
    if (code) {
        fl_json_puts(out, ",\"code\":");
        fl_json_put_string(out, code, strlen(code));
    }
    fl_json_puts(out, ",\"message\":");
    fl_json_put_string(out, message, strlen(message));
    fl_json_putc(out, '}');
}

static void on_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    struct import *m = context;
    if (!m->checking)
        return;
    m->refused++;
    note_add(&m->refusals, line, fl_status_name(code), message);
    if (!m->json)
        fprintf(stderr, "  line %" PRIu64 ": %s: %s\n", line, fl_status_name(code), message);
}

static void on_warning(void *context, uint64_t line, const char *message)
{
    struct import *m = context;
    if (!m->checking)
        return;
    note_add(&m->warnings, line, NULL, message);
    if (!m->json)
        fprintf(stderr, "  line %" PRIu64 ": %s\n", line, message);
}

/* ---- a file ---------------------------------------------------------------------------------------------- */

static enum fl_status pass(struct import *m, const char *path, bool checking,
                           enum fl_statement_format *format, struct fl_error *error)
{
    const struct fl_statement_sink sink = {.context = m,
                                           .begin = on_begin,
                                           .line = on_line,
                                           .end = on_end,
                                           .refused = on_refused,
                                           .warning = on_warning};
    struct fl_statement_summary summary;
    struct fl_file_source file;
    struct fl_byte_source source;
    m->checking = checking;
    FL_TRY(fl_file_source_open(&file, path, &source, error));
    enum fl_status status = fl_statement_read(source, NULL, &sink, &summary, format, error);
    fl_file_source_close(&file);
    return status;
}

static void file_json_end(struct import *m)
{
    printf("],\"refused\":[%.*s],\"warnings\":[%.*s]}", (int)m->refusals.length,
           m->refusals.bytes ? m->refusals.bytes : "", (int)m->warnings.length,
           m->warnings.bytes ? m->warnings.bytes : "");
}

static int import_file(struct import *m, const char *path)
{
    enum fl_statement_format format = FL_FORMAT_UNKNOWN;
    struct fl_error error = {.status = FL_OK, .message = ""};
    m->refused = 0;
    m->first_statement = true;
    fl_json_text_clear(&m->refusals);
    fl_json_text_clear(&m->warnings);
    fl_statement_commands_file(&m->commands);
    if (!m->json)
        printf("%s\n", path);
    enum fl_status status = pass(m, path, true, &format, &error);
    if (m->json) {
        printf("%s{\"file\":", m->first_file ? "" : ",");
        fl_json_write_string(stdout, path, strlen(path));
        printf(",\"format\":\"%s\",\"statements\":[", fl_statement_format_name(format));
    }
    m->first_file = false;
    if (status == FL_OK && (m->refused == 0 || m->skip_bad))
        status = pass(m, path, false, &format, &error);
    else if (status == FL_OK)
        m->flagged++;
    if (m->refused > 0 && !m->skip_bad && !m->json)
        printf("  %" PRIu64 " records cannot be read: nothing of this file was booked "
               "(--skip-bad books the rest)\n",
               m->refused);
    if (status != FL_OK)
        note_add(&m->refusals, 0, fl_status_name(status), error.message);
    if (m->json)
        file_json_end(m);
    if (status == FL_OK)
        return FL_EXIT_DONE;
    fprintf(stderr, "florin import: %s\n", error.message[0] ? error.message : path);
    return status == FL_IO_ERROR ? FL_EXIT_STORAGE : FL_EXIT_INPUT;
}

static int import_files(struct import *m)
{
    int exit = FL_EXIT_DONE;
    m->first_file = true;
    if (m->json)
        fputs("{\"files\":[", stdout);
    for (unsigned i = 1; i < m->arguments->word_count && exit != FL_EXIT_STORAGE; i++) {
        int one = import_file(m, m->arguments->words[i]);
        exit = one > exit ? one : exit;
    }
    uint64_t open = m->all_fresh > m->all_matched ? m->all_fresh - m->all_matched : 0;
    if (m->json)
        printf("],\"matched\":%" PRIu64 ",\"proposed\":0,\"open\":%" PRIu64 "}\n", m->all_matched,
               open);
    else
        printf("%" PRIu64 " lines: %" PRIu64 " new, %" PRIu64 " known; %" PRIu64
               " settled, %" PRIu64 " left open\n",
               m->all_lines, m->all_fresh, m->all_known, m->all_matched, open);
    bool strict = fl_option_value(m->arguments, "--strict") != NULL && open > 0;
    return exit == FL_EXIT_DONE && (m->flagged > 0 || strict) ? FL_EXIT_REFUSED : exit;
}

static int import_open(struct import *m)
{
    struct fl_host_config config;
    struct fl_error error = {.status = FL_OK};
    if (!fl_cli_host_config(m->arguments, &config))
        return FL_EXIT_USAGE;
    if (m->dry_run)
        return fl_time_zone_open(&m->zone, "UTC", 3) ? FL_EXIT_DONE : FL_EXIT_STORAGE;
    if (fl_host_open(m->arguments->words[0], &config, &m->host, &error) != FL_OK)
        return fl_cli_fail("import", &error);
    const struct fl_book_settings *book =
        fl_book_settings(fl_engine_store(fl_host_engine(m->host)), 0);
    if (!fl_time_zone_open(&m->zone, book->time_zone, book->time_zone_length) ||
        fl_producer_open(m->host, &m->producer) != FL_OK)
        return FL_EXIT_STORAGE;
    return FL_EXIT_DONE;
}

static int import_close(struct import *m, int exit)
{
    struct fl_error error;
    fl_time_zone_close(&m->zone);
    fl_statement_commands_close(&m->commands);
    fl_json_text_free(&m->refusals);
    fl_json_text_free(&m->warnings);
    if (m->producer)
        fl_producer_close(m->producer);
    if (m->host && fl_host_close(m->host, &error) != FL_OK)
        return fl_cli_fail("import", &error);
    return exit;
}

int fl_cli_import(int argc, char **argv)
{
    struct fl_option options[] = {
        {"--account", true, NULL},   {"--dry-run", false, NULL},
        {"--skip-bad", false, NULL}, {"--accept-unbalanced", false, NULL},
        {"--no-match", false, NULL}, {"--strict", false, NULL},
        {"--io", true, NULL},        {"--memory", true, NULL},
        {"--format", true, NULL},
    };
    static struct fl_arguments arguments;
    static struct import m;
    enum fl_format format;
    arguments.options = options;
    arguments.option_count = sizeof options / sizeof options[0];
    if (!fl_arguments_read(&arguments, argc, argv) || !fl_format_read(&arguments, &format))
        return FL_EXIT_USAGE;
    if (arguments.word_count < 2) {
        fprintf(stderr, "usage: florin import DIR FILE... [--account ID] [--dry-run]\n");
        return FL_EXIT_USAGE;
    }
    m.arguments = &arguments;
    m.json = format == FL_FORMAT_JSON;
    m.dry_run = fl_option_value(&arguments, "--dry-run") != NULL;
    m.skip_bad = fl_option_value(&arguments, "--skip-bad") != NULL;
    m.commands = (struct fl_statement_commands){
        .match = fl_option_value(&arguments, "--no-match") == NULL,
        .accept_unbalanced = fl_option_value(&arguments, "--accept-unbalanced") != NULL,
        .account = fl_option_value(&arguments, "--account"),
        .send = send,
        .context = &m,
    };
    if (!fl_statement_commands_open(&m.commands))
        return FL_EXIT_STORAGE;
    int exit = import_open(&m);
    if (exit == FL_EXIT_DONE)
        exit = import_files(&m);
    return import_close(&m, exit);
}
