/* Any bytes as a bank's CSV, with any profile's switches: no crash, texts valid UTF-8, the sum is
 * the lines' sum, and what is read once is read the same way again. */
#include <stdint.h>

#include "core/base/limits.h"
#include "tools/format/charset.h"
#include "tools/ingest/statement_csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct fl_statement_total sum;
    uint32_t lines, statements, all;
};

static void check_text(struct fl_slice text, size_t most)
{
    FL_ASSERT(text.length <= most);
    FL_ASSERT(fl_utf8_is_valid(text.at, text.length));
}

static enum fl_status on_begin(void *context, const struct fl_statement *statement)
{
    struct seen *seen = context;
    seen->sum = (struct fl_statement_total){0};
    seen->lines = 0;
    seen->statements++;
    check_text(statement->account, FL_ID_BYTES_MAX);
    check_text(statement->id, FL_ID_BYTES_MAX);
    return FL_OK;
}

static enum fl_status on_line(void *context, const struct fl_statement_line *line)
{
    struct seen *seen = context;
    FL_ASSERT(line->n == ++seen->lines);
    seen->all++;
    if (line->booked)
        fl_statement_total_add(&seen->sum, line->amount);
    check_text(line->text, FL_TEXT_BYTES_MAX);
    check_text(line->bank_ref, FL_STATEMENT_FIELD_BYTES_MAX);
    check_text(line->customer_ref, FL_STATEMENT_FIELD_BYTES_MAX);
    check_text(line->end_to_end, FL_STATEMENT_FIELD_BYTES_MAX);
    check_text(line->payer_name, FL_STATEMENT_FIELD_BYTES_MAX);
    check_text(line->payer_account, FL_STATEMENT_FIELD_BYTES_MAX);
    check_text(line->code, FL_STATEMENT_FIELD_BYTES_MAX);
    for (uint32_t i = 0; i < line->references_count; i++)
        check_text(line->references[i].text, FL_STATEMENT_FIELD_BYTES_MAX);
    return FL_OK;
}

static enum fl_status on_end(void *context, const struct fl_statement *statement)
{
    const struct seen *seen = context;
    struct fl_decimal sum;
    FL_ASSERT(statement->lines == seen->lines);
    if (fl_statement_total_read(seen->sum, &sum) == FL_OK)
        FL_ASSERT(sum.units == statement->sum.units && sum.scale == statement->sum.scale);
    return FL_OK;
}

static void on_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    (void)context;
    (void)line;
    FL_ASSERT(code != FL_OK && message[0] != '\0');
}

/* Bits of two bytes as what a profile could declare. */
static void profile_make(uint8_t a, uint8_t b, struct fl_statement_profile *out)
{
    static const char separators[] = {0, ';', ',', '\t'};
    *out = (struct fl_statement_profile){.separator = separators[a & 3]};
    out->decimal = a & 4 ? ',' : a & 8 ? '.' : 0;
    out->date_order = a >> 4 & 7;
    if (out->date_order & (out->date_order - 1))
        out->date_order = 0;
    out->skip_lines = b & 1;
    out->currency = b & 2 ? 1 : 0;
    out->currency_default = b & 4 ? 2 : 0;
    out->columns_given = b & 8;
    if (!out->columns_given)
        return;
    out->columns[FL_CSV_DATE] = (struct fl_profile_column){.given = true, .number = 1};
    out->columns[FL_CSV_AMOUNT] = (struct fl_profile_column){.given = true, .number = 2};
    out->columns[FL_CSV_BALANCE] = (struct fl_profile_column){.given = b & 16, .number = 3};
    out->columns[FL_CSV_SIGN] = (struct fl_profile_column){.given = b & 32, .number = 4};
    out->columns[FL_CSV_NAME] = (struct fl_profile_column){.given = true, .name = "name"};
    out->columns[FL_CSV_NAME].number = b & 64 ? 0 : 5;
    out->texts[0] = (struct fl_profile_column){.given = true, .number = 5};
    out->texts_count = 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, data + 3, size - 3, "fuzz");
    struct fl_statement_profile profile;
    struct fl_statement_summary summary = {0}, again = {0};
    memory.step = data[0] & 0x3F;
    profile_make(data[1], data[2], &profile);
    struct seen seen = {0}, second = {0};
    struct fl_statement_sink sink = {
        .context = &seen, .begin = on_begin, .line = on_line, .end = on_end, .refused = on_refused};
    enum fl_status status = fl_statement_csv_read(source, &profile, &sink, &summary, NULL);
    sink.context = &second;
    (void)source.rewind(source.context);
    FL_ASSERT(fl_statement_csv_read(source, &profile, &sink, &again, NULL) == status);
    FL_ASSERT(seen.all == second.all && seen.statements == second.statements);
    FL_ASSERT(summary.refused == again.refused && summary.lines == seen.all);
    return 0;
}
