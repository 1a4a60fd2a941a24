/* statement_checks.h - what must hold of any statement whatever the bytes: texts valid UTF-8 and
 * within their limits, sum and number of lines those of the lines, days that are days.
 */
#ifndef FLORIN_TESTS_FUZZ_STATEMENT_CHECKS_H
#define FLORIN_TESTS_FUZZ_STATEMENT_CHECKS_H

#include <stdint.h>

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "tools/format/byte_source.h"
#include "tools/ingest/statement.h"

struct statement_checks {
    struct fl_statement_total sum;
    uint8_t currency;
    uint32_t lines, not_booked;
    bool open;
};

static void check_text(struct fl_slice text)
{
    FL_ASSERT(text.length <= FL_TEXT_BYTES_MAX);
    FL_ASSERT(fl_utf8_is_valid(text.at, text.length));
}

static enum fl_status check_begin(void *context, const struct fl_statement *statement)
{
    struct statement_checks *seen = context;
    FL_ASSERT(!seen->open);
    *seen = (struct statement_checks){.currency = statement->currency, .open = true};
    check_text(statement->account);
    check_text(statement->id);
    check_text(statement->sequence);
    return FL_OK;
}

static enum fl_status check_line(void *context, const struct fl_statement_line *line)
{
    struct statement_checks *seen = context;
    FL_ASSERT(seen->open && line->n == seen->lines + 1 && line->booking_days != 0);
    FL_ASSERT(line->amount.state == FL_DECIMAL_VALUE && line->currency == seen->currency);
    FL_ASSERT(fl_statement_amount_check(line->amount, line->currency) == FL_OK);
    FL_ASSERT(line->availability_count <= FL_AVAILABILITY_MAX);
    seen->lines++;
    seen->not_booked += !line->booked;
    if (line->booked)
        fl_statement_total_add(&seen->sum, line->amount);
    const struct fl_slice texts[] = {line->text,       line->bank_ref,     line->customer_ref,
                                     line->end_to_end, line->payer_name,   line->payer_account,
                                     line->code,       line->return_reason};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_text(texts[i]);
    return FL_OK;
}

static enum fl_status check_end(void *context, const struct fl_statement *statement)
{
    struct statement_checks *seen = context;
    struct fl_decimal sum;
    FL_ASSERT(seen->open);
    seen->open = false;
    check_text(statement->note);
    FL_ASSERT(statement->lines == seen->lines && statement->not_booked == seen->not_booked);
    if (fl_statement_total_read(seen->sum, &sum) == FL_OK)
        FL_ASSERT(sum.units == statement->sum.units && sum.scale == statement->sum.scale);
    return FL_OK;
}

static void check_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    (void)context;
    FL_ASSERT(line > 0 && code != FL_OK && message[0] != '\0');
}

/* Runs `read` over the bytes behind the first, which says in which steps and charset. */
static void check_reading(const uint8_t *data, size_t size,
                          enum fl_status (*read)(struct fl_byte_source, const char *,
                                                 const struct fl_statement_sink *,
                                                 struct fl_statement_summary *, struct fl_error *))
{
    struct fl_memory_source memory;
    struct statement_checks seen = {0};
    struct fl_statement_summary summary = {0};
    struct fl_statement_sink sink = {.context = &seen,
                                     .begin = check_begin,
                                     .line = check_line,
                                     .end = check_end,
                                     .refused = check_refused};
    if (size < 1)
        return;
    struct fl_byte_source source = fl_memory_source_init(&memory, data + 1, size - 1, "fuzz");
    memory.step = data[0] & 0x3F;
    enum fl_status status =
        read(source, data[0] & 0x40 ? "ISO-8859-2" : NULL, &sink, &summary, NULL);
    FL_ASSERT(status != FL_OK || !seen.open);
}

#endif
