#include "tools/cli/import_suspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"

struct search {
    struct fl_import_file *file;
    uint32_t at; /* the statement being read, + 1 */
    enum fl_suspicion found;
    uint32_t count; /* lines of that suspicion */
    uint32_t n;
    uint64_t line;
    struct fl_decimal amount;
};

static bool has_difference(const struct fl_import_statement *facts)
{
    return facts->difference.state == FL_DECIMAL_VALUE && facts->difference.units != 0;
}

bool fl_import_suspects_wanted(const struct fl_import_file *file)
{
    for (uint32_t i = 0; file->refused == 0 && i < file->statement_count; i++) {
        if (has_difference(&file->statements[i]))
            return true;
    }
    return false;
}

/* Whether two neighbouring digits changed over turn one amount into the other. */
static bool digits_swapped(fl_int128 a, fl_int128 b)
{
    if ((a < 0) != (b < 0))
        return false;
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    fl_int128 step = a > b ? a - b : b - a;
    for (fl_int128 place = 1; place <= step; place *= 10) {
        int low = (int)(a / place % 10), high = (int)(a / place / 10 % 10);
        if (a + (fl_int128)(low - high) * 9 * place == b)
            return true;
    }
    return false;
}

enum fl_suspicion fl_import_suspect(const struct fl_statement_line *line,
                                    struct fl_decimal difference)
{
    struct fl_statement_total amount = {0}, wanted = {0};
    if (line->amount.units == 0)
        return FL_SUSPECT_NONE;
    fl_statement_total_add(&amount, line->amount);
    fl_statement_total_add(&wanted, difference);
    if (line->booked && 2 * amount.units == -wanted.units)
        return line->reversal ? FL_SUSPECT_REVERSAL : FL_SUSPECT_SIGN;
    if (line->booked && amount.units == -wanted.units)
        return FL_SUSPECT_TWICE;
    if (line->booked && digits_swapped(amount.units, amount.units + wanted.units))
        return FL_SUSPECT_DIGITS;
    if (amount.units != wanted.units)
        return FL_SUSPECT_NONE;
    return line->booked ? FL_SUSPECT_LIKE_IT : FL_SUSPECT_NOT_BOOKED;
}

static enum fl_status search_begin(void *context, const struct fl_statement *statement)
{
    struct search *search = context;
    (void)statement;
    search->at++;
    search->found = FL_SUSPECT_NONE;
    search->count = 0;
    FL_ASSERT(search->at <= search->file->statement_count); /* equal bytes, equal statements */
    return FL_OK;
}

static enum fl_status search_line(void *context, const struct fl_statement_line *line)
{
    struct search *search = context;
    const struct fl_import_statement *facts = &search->file->statements[search->at - 1];
    if (!has_difference(facts) || line->currency != facts->head.currency)
        return FL_OK;
    struct fl_statement_line turned = *line;
    if (line->reversal && facts->reversals_turned)
        turned.amount.units = -line->amount.units;
    enum fl_suspicion suspicion = fl_import_suspect(&turned, facts->difference);
    if (suspicion > search->found || suspicion == FL_SUSPECT_NONE)
        return FL_OK;
    if (suspicion == search->found) {
        search->count++;
        return FL_OK;
    }
    search->found = suspicion;
    search->count = 1;
    search->n = line->n;
    search->line = line->line;
    search->amount = turned.amount;
    return FL_OK;
}

static enum fl_status search_end(void *context, const struct fl_statement *statement)
{
    static const char *const reasons[] = {
        [FL_SUSPECT_REVERSAL] = "is a reversal that may be marked the other way: the account's or "
                                "the profile's \"reversal_flips\" says so",
        [FL_SUSPECT_SIGN] = "may have the wrong sign",
        [FL_SUSPECT_TWICE] = "may be there twice, or another statement's",
        [FL_SUSPECT_NOT_BOOKED] = "is not booked, but the balance counts it",
        [FL_SUSPECT_LIKE_IT] = "is as much: one like it may be missing",
        [FL_SUSPECT_DIGITS] = "may have two digits changed over",
    };
    struct search *search = context;
    struct fl_import_statement *facts = &search->file->statements[search->at - 1];
    char amount[48], more[32] = "";
    (void)statement;
    if (search->found == FL_SUSPECT_NONE)
        return FL_OK;
    int64_t minor;
    unsigned decimals = fl_currency_exponent(facts->head.currency);
    if (fl_decimal_scale(search->amount, decimals, &minor) != FL_OK)
        return FL_OK;
    fl_decimal_format(minor, decimals, amount);
    if (search->count > 1)
        snprintf(more, sizeof more, " (one of %" PRIu32 ")", search->count);
    size_t used = strlen(facts->hint);
    snprintf(facts->hint + used, sizeof facts->hint - used,
             "%sentry %" PRIu32 " of %s at line %" PRIu64 " %s%s", used > 0 ? "; " : "", search->n,
             amount, search->line, reasons[search->found], more);
    return FL_OK;
}

enum fl_status fl_import_suspects_find(struct fl_import_file *file, struct fl_byte_source source,
                                       struct fl_error *error)
{
    struct search search = {.file = file};
    struct fl_statement_summary summary;
    const struct fl_statement_sink sink = {
        .context = &search, .begin = search_begin, .line = search_line, .end = search_end};
    return fl_statement_read_profile(source, file->profile, &sink, &summary, NULL, error);
}
