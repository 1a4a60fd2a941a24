/* Any bytes as a bank statement: no crash, texts valid UTF-8, and the sum is the lines' sum. How
 * the bytes are cut, and the declared charset, follow from their number, so that the sample files
 * are seeds as they are: fuzz_statement DIR ../shared/data/camt ../shared/data/mt940. */
#include <stdint.h>

#include "core/base/limits.h"
#include "tools/format/charset.h"
#include "tools/ingest/statement_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct fl_statement_total sum;
    uint8_t currency;
    uint32_t lines;
};

static void check_text(struct fl_slice text)
{
    FL_ASSERT(text.length <= FL_TEXT_BYTES_MAX);
    FL_ASSERT(fl_utf8_is_valid(text.at, text.length));
}

static enum fl_status on_begin(void *context, const struct fl_statement *statement)
{
    *(struct seen *)context = (struct seen){.currency = statement->currency};
    check_text(statement->account);
    check_text(statement->id);
    check_text(statement->sequence);
    return FL_OK;
}

static enum fl_status on_line(void *context, const struct fl_statement_line *line)
{
    struct seen *seen = context;
    seen->lines++;
    if (line->booked && line->currency == seen->currency)
        fl_statement_total_add(&seen->sum, line->amount);
    check_text(line->text);
    check_text(line->bank_ref);
    check_text(line->customer_ref);
    check_text(line->end_to_end);
    check_text(line->payer_name);
    check_text(line->payer_account);
    check_text(line->code);
    for (uint32_t i = 0; i < line->references_count; i++)
        check_text(line->references[i].text);
    FL_ASSERT(line->text.length <= FL_TEXT_BYTES_MAX);
    return FL_OK;
}

static enum fl_status on_end(void *context, const struct fl_statement *statement)
{
    const struct seen *seen = context;
    check_text(statement->note);
    FL_ASSERT(statement->lines == seen->lines);
    struct fl_decimal sum;
    if (statement->currency == seen->currency && fl_statement_total_read(seen->sum, &sum) == FL_OK)
        FL_ASSERT(sum.units == statement->sum.units && sum.scale == statement->sum.scale);
    return FL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, data, size, "fuzz");
    memory.step = size % 61; /* 0: whole */
    struct seen seen = {0};
    struct fl_statement_sink sink = {
        .context = &seen, .begin = on_begin, .line = on_line, .end = on_end};
    struct fl_statement_summary summary;
    (void)!fl_statement_read(source, size % 7 == 3 ? "ISO-8859-2" : NULL, &sink, &summary, NULL,
                             NULL);
    return 0;
}
