#include "bench/bench_statement.h"

#include <stdio.h>
#include <string.h>

#include "bench/bench_commands.h"
#include "core/base/date.h"
#include "tools/gen/bank_statement_text.h"
#include "tools/ingest/statement_reader.h"

#define LINES_MAX 1000000u

static enum fl_status on_statement(void *context, const struct fl_statement *statement)
{
    (void)context;
    (void)statement;
    return FL_OK;
}

static enum fl_status on_line(void *context, const struct fl_statement_line *line)
{
    uint64_t *lines = context;
    *lines += line->booked;
    return FL_OK;
}

static void line_make(struct fl_bank_line *line, uint32_t n, uint16_t day)
{
    *line = (struct fl_bank_line){
        .booking_date_days = day, .value_date_days = day, .amount_minor = 11900 + n % 50000};
    snprintf(line->bank_ref, sizeof line->bank_ref, "250401B%09u", n % 1000000000u);
    snprintf(line->text, sizeof line->text, "Rechnung INV-%08u vom 01.03.2025 Kunde %06u", n,
             n % 99991);
    snprintf(line->other.name, sizeof line->other.name, "Handelshaus Nummer %u GmbH", n % 99991);
    snprintf(line->other.iban, sizeof line->other.iban, "DE89370400440532%06u", n % 99991);
}

/* The first of the workload's accounts whose bank sends this format. */
static uint32_t account_of(enum fl_our_format format)
{
    uint32_t account = 0;
    while (fl_our_account_format(account) != format)
        account++;
    return account;
}

static enum fl_status text_make(struct fl_gen_text *file, const struct fl_bank_format *format,
                                uint32_t account, uint32_t lines)
{
    uint16_t day = fl_date_from_civil(2025, 4, 1);
    struct fl_bank_statement statement = {
        .account = account, .number = 1, .from_date_days = day, .to_date_days = day};
    struct fl_bank_line line;
    FL_TRY(fl_gen_text_init(&statement.body, -1));
    format->begin_file(file, account, day);
    for (uint32_t n = 0; n < lines; n++) {
        line_make(&line, n, day);
        format->put_line(&statement, &line);
        statement.balance_minor += line.amount_minor;
        statement.line_count++;
    }
    format->put_statement(&statement, file);
    format->end_file(file);
    enum fl_status status = statement.body.status;
    fl_gen_text_deinit(&statement.body);
    return status != FL_OK ? status : file->status;
}

/* Bytes a second; 0 if a line was not read. */
static double read_once(const struct fl_gen_text *file, uint32_t lines)
{
    struct fl_memory_source memory;
    struct fl_statement_summary summary;
    struct fl_error error = {.status = FL_OK};
    uint64_t seen = 0;
    struct fl_statement_sink sink = {
        .context = &seen, .begin = on_statement, .line = on_line, .end = on_statement};
    double start = fl_bench_now_s();
    enum fl_status status =
        fl_statement_read(fl_memory_source_init(&memory, file->bytes, file->used, "statement"),
                          NULL, &sink, &summary, NULL, &error);
    double seconds = fl_bench_now_s() - start;
    if (status == FL_OK && seen == lines && summary.refused == 0)
        return (double)file->used / seconds;
    fprintf(stderr, "florin bench: statement: %llu of %u lines: %s\n", (unsigned long long)seen,
            lines, error.message);
    return 0;
}

static bool format_run(const struct fl_bench_options *options, const struct fl_bank_format *format,
                       enum fl_our_format kind, const char *name, struct fl_figure_table *table)
{
    double rates[FL_FIGURE_RUNS_MAX];
    struct fl_gen_text file;
    uint32_t lines = options->size < LINES_MAX ? options->size : LINES_MAX;
    if (!fl_bench_wants(options, name))
        return true;
    if (fl_gen_text_init(&file, -1) != FL_OK)
        return false;
    bool good = text_make(&file, format, account_of(kind), lines) == FL_OK;
    for (uint32_t run = 0; good && run < options->runs; run++) {
        rates[run] = read_once(&file, lines);
        good = rates[run] > 0;
    }
    fl_gen_text_deinit(&file);
    if (good)
        fl_figure_table_add_samples(table, name, "B/s", rates, options->runs);
    return good;
}

bool fl_bench_statement(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    bool camt =
        format_run(options, &fl_bank_format_camt053, FL_OUR_CAMT_SINGLE, "parse_camt053", table);
    bool mt940 =
        format_run(options, &fl_bank_format_mt940, FL_OUR_MT940_STRUCTURED, "parse_mt940", table);
    return camt && mt940;
}
