#define _GNU_SOURCE /* memmem */
#include "tools/cli/import_payout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/cli/import_internal.h"
#include "tools/ingest/payout_csv.h"
#include "tools/ingest/payout_json.h"

#define LOOK_BYTES 4096

enum looks { LOOKS_OTHER, LOOKS_CSV, LOOKS_JSON };

/* A word that every such report has in its headings: other files are not read for them. */
static enum looks look(struct fl_byte_source source)
{
    char start[LOOK_BYTES];
    size_t length = 0;
    if (!source.rewind)
        return LOOKS_OTHER;
    if (fl_byte_source_fill(source, start, sizeof start, &length, NULL) != FL_OK)
        length = 0; /* whoever reads it says why */
    if (fl_payout_json_is(start, length))
        return source.rewind(source.context) ? LOOKS_JSON : LOOKS_OTHER;
    for (size_t i = 0; i < length; i++)
        start[i] = (char)(start[i] >= 'A' && start[i] <= 'Z' ? start[i] | 0x20 : start[i]);
    bool likely = length > 0 && start[0] != '<' && start[0] != ':' &&
                  (memmem(start, length, "payout", 6) || memmem(start, length, "settlement", 10));
    return source.rewind(source.context) && likely ? LOOKS_CSV : LOOKS_OTHER;
}

bool fl_import_payout_is(const struct fl_import *import, struct fl_byte_source source)
{
    const char *format = import->profile.format;
    if (strcmp(format, "payout") == 0)
        return true;
    if (format[0] != '\0')
        return false;
    enum looks looks = look(source);
    return looks == LOOKS_JSON ||
           (looks == LOOKS_CSV && fl_payout_csv_is(source, &import->profile));
}

static enum fl_status read_payouts(struct fl_import *import, struct fl_byte_source source,
                                   const struct fl_payout_sink *sink, struct fl_error *error)
{
    bool json = look(source) == LOOKS_JSON;
    return json ? fl_payout_json_read(source, sink, error)
                : fl_payout_csv_read(source, &import->profile, sink, error);
}

/* ---- the first reading ---------------------------------------------------------------------- */

#define HINT(facts, ...) snprintf((facts)->hint, sizeof(facts)->hint, __VA_ARGS__)

static enum fl_status look_payout(void *context, const struct fl_payout_report *payout)
{
    struct fl_import *import = context;
    struct fl_import_statement *facts = fl_import_statement_add(import->file);
    const char *given = fl_import_account(import);
    facts->line = payout->line;
    facts->payout = true;
    facts->lines = payout->parts_count;
    facts->sum = payout->amount;
    facts->head.currency = payout->currency;
    facts->head.from_days = facts->head.to_days = payout->date_days;
    memcpy(facts->head.id, payout->id, sizeof payout->id);
    snprintf(facts->head.account, sizeof facts->head.account, "%s",
             given ? given : payout->processor);
    facts->post = facts->head.account[0] != '\0';
    if (!facts->post)
        HINT(facts, "the file does not say whose payout it is: --account ID or the profile's "
                    "\"account\" names the processor");
    return FL_OK;
}

static void look_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    struct fl_import *import = context;
    fl_import_note_add(import->file, line, code, message);
}

static void decide(struct fl_import *import)
{
    struct fl_import_file *file = import->file;
    for (uint32_t i = 0; i < file->statement_count; i++) {
        struct fl_import_statement *facts = &file->statements[i];
        if (facts->post && file->refused > 0 && !import->options.skip_bad) {
            HINT(facts, "%" PRIu64 " records could not be read: --skip-bad posts the others",
                 file->refused);
            facts->post = false;
        }
        file->flagged |= !facts->post;
    }
}

/* ---- the second reading --------------------------------------------------------------------- */

static void decimal_put(struct fl_json_text *out, const char *name, struct fl_decimal value)
{
    char text[48];
    fl_json_puts(out, name);
    fl_json_put_string(out, text, fl_decimal_format(value.units, value.scale, text));
}

static void text_put(struct fl_json_text *out, const char *name, const char *text)
{
    fl_json_puts(out, name);
    fl_json_put_string(out, text, strlen(text));
}

static void part_put(struct fl_json_text *out, const struct fl_payout_report_part *part, bool first)
{
    text_put(out, first ? "{\"kind\":" : ",{\"kind\":", fl_payout_part_kind_name(part->kind));
    if (part->ref[0])
        text_put(out, ",\"ref\":", part->ref);
    decimal_put(out, ",\"amount\":", part->amount);
    if (part->fee.units != 0)
        decimal_put(out, ",\"fee\":", part->fee);
    fl_json_putc(out, '}');
}

static enum fl_status post_payout(void *context, const struct fl_payout_report *payout)
{
    struct fl_import *import = context;
    struct fl_json_text *out = &import->payout;
    char day[11];
    FL_ASSERT(import->at < import->file->statement_count);
    const struct fl_import_statement *facts = &import->file->statements[import->at++];
    if (!facts->post)
        return FL_OK;
    fl_date_format(payout->date_days, day);
    fl_json_text_clear(out);
    text_put(out, "{\"type\":\"payout\",\"id\":", payout->id);
    text_put(out, ",\"date\":", day);
    text_put(out, ",\"currency\":", fl_currency_code(payout->currency));
    text_put(out, ",\"processor\":", facts->head.account);
    decimal_put(out, ",\"amount\":", payout->amount);
    FL_JSON_PUT(out, ",\"parts\":[");
    for (uint32_t i = 0; i < payout->parts_count; i++)
        part_put(out, &payout->parts[i], i == 0);
    FL_JSON_PUT(out, "]}");
    if (!fl_json_text_grow(out, FL_JSON_PADDING) || !fl_json_text_is_whole(out))
        return FL_NO_MEMORY;
    return fl_import_send(import, out);
}

static bool rewound(struct fl_byte_source source)
{
    return source.rewind && source.rewind(source.context);
}

enum fl_status fl_import_payout_run(struct fl_import *import, struct fl_byte_source source,
                                    struct fl_error *error)
{
    struct fl_import_file *file = import->file;
    const struct fl_payout_sink looking = {
        .context = import, .payout = look_payout, .refused = look_refused};
    const struct fl_payout_sink post = {.context = import, .payout = post_payout};
    file->format = FL_FORMAT_PAYOUT_CSV;
    enum fl_status status = read_payouts(import, source, &looking, error);
    import->at = 0;
    if (status == FL_OK)
        decide(import);
    if (status == FL_OK && file->statement_count > 0)
        status = rewound(source)
                     ? read_payouts(import, source, &post, error)
                     : fl_error_set(error, FL_UNREADABLE, "%s cannot be read twice", source.name);
    fl_import_drain(import, true);
    if (status != FL_OK)
        fl_import_note_add(file, 0, status, error->message);
    file->flagged |= file->refused > 0;
    return status;
}
