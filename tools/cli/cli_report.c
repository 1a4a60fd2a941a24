/* report: one word a report; each is a function over a snapshot. */
#include "tools/cli/cli_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/date.h"
#include "core/domain/state.h"
#include "core/engine/record.h"
#include "tools/format/command_json.h"
#include "tools/format/json_text.h"

static const struct {
    const char *name;
    int (*run)(struct fl_report *report);
} reports[] = {
    {"aging", fl_report_aging},     {"dso", fl_report_dso},           {"ledger", fl_report_ledger},
    {"journal", fl_report_journal}, {"account", fl_report_account},   {"bank", fl_report_bank},
    {"stock", fl_report_stock},     {"exposure", fl_report_exposure},
    {"match-quality", fl_report_match_quality},
    {"kpi", fl_report_kpi},         {"cei", fl_report_cei},
    {"cash-forecast", fl_report_cash_forecast},
    {"worklist", fl_report_worklist},
    {"restatements", fl_report_restatements},
};

#define REPORTS (sizeof reports / sizeof reports[0])

/* ---- texts
 * ---------------------------------------------------------------------------------------- */

static char *text_place(void)
{
    static char places[8][160];
    static unsigned next;
    return places[next++ % 8];
}

const char *fl_money_text(fl_int128 minor, uint8_t currency)
{
    char *out = text_place();
    FL_ASSERT(minor <= INT64_MAX && minor >= -INT64_MAX); /* the volume guard */
    fl_decimal_format((int64_t)minor, fl_currency_exponent(currency), out);
    return out;
}

const char *fl_day_text(uint16_t date_days)
{
    char *out = text_place();
    out[0] = '\0';
    if (date_days != FL_DATE_NONE)
        fl_date_format(date_days, out);
    return out;
}

const char *fl_id_text(const struct fl_snapshot *snapshot, const struct fl_id *id)
{
    char *out = text_place();
    size_t length = 0;
    const char *bytes = id->length ? fl_id_get(snapshot->store, id, &length) : "";
    snprintf(out, 160, "%.*s", (int)length, bytes);
    return out;
}

const char *fl_quantity_text(int64_t quantity_e6)
{
    char *out = text_place();
    fl_decimal_format_short(quantity_e6, FL_QUANTITY_DECIMALS, out);
    return out;
}

void fl_report_string(const struct fl_report *report, const char *text)
{
    fl_json_write_string(report->out, text, strlen(text));
}

void fl_report_head(const struct fl_report *report)
{
    fprintf(report->out, "\"report\":\"%s\",\"as_of\":\"%s\",\"known_at\":", report->name,
            fl_day_text(report->as_of));
    if (report->known_seq == UINT64_MAX)
        fputs("null", report->out);
    else
        fprintf(report->out, "%" PRIu64, report->known_seq);
    fprintf(report->out, ",\"seq\":%" PRIu64, report->snapshot.seq);
}

void fl_report_title(const struct fl_report *report, const char *what)
{
    if (report->format != FL_FORMAT_TABLE)
        return;
    fprintf(report->out, "%s%s%s as of %s", what, report->currency ? " in " : "",
            report->currency ? fl_currency_code(report->currency) : "", fl_day_text(report->as_of));
    if (report->known_seq != UINT64_MAX)
        fprintf(report->out, ", as known at sequence %" PRIu64, report->known_seq);
    fprintf(report->out, " (sequence %" PRIu64 ")\n\n", report->snapshot.seq);
}

/* ---- options
 * ---------------------------------------------------------------------------------------- */

bool fl_format_read(const struct fl_arguments *arguments, enum fl_format *out)
{
    const char *format = fl_option_value(arguments, "--format");
    *out = isatty(1) ? FL_FORMAT_TABLE : FL_FORMAT_JSON;
    if (!format)
        return true;
    static const char *const names[] = {"table", "json", "csv"};
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(format, names[i]) == 0) {
            *out = (enum fl_format)i;
            return true;
        }
    }
    fprintf(stderr, "florin %s: --format is table, json or csv\n", arguments->verb);
    return false;
}

static bool read_day(const struct fl_arguments *arguments, const char *name, uint16_t *out)
{
    const char *text = fl_option_value(arguments, name);
    if (!text)
        return true;
    if (fl_date_parse(text, strlen(text), out) == FL_OK)
        return true;
    fprintf(stderr, "florin %s: %s takes a day such as 2025-03-31, not %s\n", arguments->verb, name,
            text);
    return false;
}

struct at_search {
    int64_t at_us;
    uint64_t seq;
};

static enum fl_status at_record(void *context, const struct fl_record *record, const char *file,
                                uint64_t offset)
{
    struct at_search *search = context;
    const struct fl_command *command = (const struct fl_command *)(record + 1);
    (void)file;
    (void)offset;
    if (command->at_us <= search->at_us)
        search->seq = record->seq;
    return FL_OK;
}

bool fl_report_close_seq(const struct fl_report *report, uint16_t day, uint64_t *seq_out)
{
    const struct fl_snapshot *s = &report->snapshot;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_period_close]; row++) {
        if (fl_at_period_close_row(s, row)->through >= day) {
            *seq_out = fl_at_period_close_row(s, row)->seq;
            return true;
        }
    }
    fprintf(stderr, "florin %s: no period was closed through %s\n", report->arguments->verb,
            fl_day_text(day));
    return false;
}

/* A sequence number, an instant (the last record known by then), or "close": the first close that
 * covers the as-of day. */
static bool read_known(struct fl_report *report, const char *directory)
{
    const char *text = fl_option_value(report->arguments, "--known-at");
    char *end;
    report->known_seq = UINT64_MAX;
    if (!text)
        return true;
    report->known_is_close = strcmp(text, "close") == 0;
    if (report->known_is_close)
        return fl_report_close_seq(report, report->as_of, &report->known_seq);
    report->known_seq = strtoull(text, &end, 10);
    if (end != text && *end == '\0')
        return true;
    struct at_search search = {0, 0};
    struct fl_error error;
    if (fl_instant_parse(text, strlen(text), &search.at_us) != FL_OK) {
        fprintf(stderr, "florin %s: --known-at takes a sequence number, an instant or close\n",
                report->arguments->verb);
        return false;
    }
    if (fl_host_log(directory, 0, at_record, &search, &error) != FL_OK)
        return false;
    report->known_seq = search.seq;
    return true;
}

static bool read_currency(struct fl_report *report)
{
    const char *code = fl_option_value(report->arguments, "--currency");
    if (!code)
        return true;
    report->in_base = strcmp(code, "BASE") == 0;
    if (report->in_base &&
        (strcmp(report->name, "kpi") == 0 || strcmp(report->name, "cei") == 0 ||
         strcmp(report->name, "aging") == 0 || strcmp(report->name, "dso") == 0))
        return true;
    report->currency = fl_currency_find(code, strlen(code));
    if (report->currency != FL_CURRENCY_NONE)
        return true;
    fprintf(stderr, "florin report: there is no currency %s\n", code);
    return false;
}

uint16_t fl_report_today(const struct fl_snapshot *s)
{
    uint16_t day = fl_at_book_counters(s, 0)->business_date;
    if (day != FL_DATE_NONE)
        return day;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_at_account_day_key(s, row);
        if (key->account != FL_ACCOUNT_OPEN_BY_DUE && key->date > day)
            day = key->date;
    }
    for (uint32_t row = 0; row < s->rows[FL_TABLE_statement]; row++) { /* of no lines too */
        uint16_t to = fl_at_statement_card(s, row)->to_date;
        day = to > day ? to : day;
    }
    int64_t at_us = fl_at_book_counters(s, 0)->last_at_us;
    if (day == FL_DATE_NONE && at_us > 0)
        day = (uint16_t)(at_us / INT64_C(86400000000) + 1);
    return day == FL_DATE_NONE ? 1 : day;
}

bool fl_report_read_times(struct fl_report *report, const char *directory)
{
    report->as_of = fl_report_today(&report->snapshot);
    if (!read_day(report->arguments, "--as-of", &report->as_of) ||
        !read_day(report->arguments, "--to", &report->to))
        return false;
    if (report->to != FL_DATE_NONE && !fl_option_value(report->arguments, "--as-of"))
        report->as_of = report->to;
    return read_known(report, directory);
}

static bool report_read(struct fl_report *report, const char *directory)
{
    return read_day(report->arguments, "--from", &report->from) &&
           fl_format_read(report->arguments, &report->format) && read_currency(report) &&
           fl_report_read_times(report, directory);
}

static int report_run(struct fl_report *report, const char *directory, const char *name)
{
    int exit = FL_EXIT_USAGE;
    for (unsigned i = 0; i < REPORTS; i++) {
        if (strcmp(reports[i].name, name) != 0)
            continue;
        report->name = reports[i].name;
        if (report_read(report, directory))
            exit = reports[i].run(report);
        return exit;
    }
    fprintf(stderr, "florin report: there is no report %s; there are:", name);
    for (unsigned i = 0; i < REPORTS; i++)
        fprintf(stderr, " %s", reports[i].name);
    fprintf(stderr, "\n");
    return exit;
}

int fl_cli_report(int argc, char **argv)
{
    struct fl_option options[] = {
        {"--as-of", true, NULL},      {"--known-at", true, NULL}, {"--from", true, NULL},
        {"--to", true, NULL},         {"--by", true, NULL},       {"--currency", true, NULL},
        {"--io", true, NULL},         {"--memory", true, NULL},   {"--format", true, NULL},
        {"--all-sales", false, NULL}, {"--key", true, NULL},      {"--every", true, NULL},
        {"--months", true, NULL},     {"--basis", true, NULL},    {"--credits", true, NULL},
    };
    static struct fl_arguments arguments;
    struct fl_report report = {.arguments = &arguments, .out = stdout};
    struct fl_error error;
    int exit;
    arguments.options = options;
    arguments.option_count = sizeof options / sizeof options[0];
    if (!fl_arguments_read(&arguments, argc, argv))
        return FL_EXIT_USAGE;
    if (arguments.word_count < 2) {
        fprintf(stderr, "usage: florin report DIR NAME [--as-of DAY] [--known-at SEQ]\n");
        return FL_EXIT_USAGE;
    }
    struct fl_host *host = fl_cli_open_reading(&arguments, arguments.words[0], &exit);
    if (!host)
        return exit;
    struct fl_engine *engine = fl_host_engine(host);
    report.engine = engine;
    enum fl_status status =
        fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &report.snapshot);
    FL_ASSERT(status == FL_OK);
    exit = report_run(&report, arguments.words[0], arguments.words[1]);
    fl_snapshot_release(&report.snapshot);
    (void)fl_host_close(host, &error);
    return exit;
}
