#include "tools/cli/match_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/currency.h"
#include "core/domain/state.h"
#include "tools/cli/cli.h"
#include "tools/ingest/match_text.h"

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double cpu_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

enum fl_status fl_match_run_open(struct fl_match_run *run, struct fl_host *host,
                                 struct fl_producer *producer)
{
    struct fl_engine *engine = fl_host_engine(host);
    memset(run, 0, sizeof *run);
    run->host = host;
    run->producer = producer;
    FL_TRY(fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &run->snapshot));
    run->has_snapshot = true;
    const struct fl_book_settings *book = fl_at_book_settings(&run->snapshot, 0);
    run->settings = fl_match_settings_of(book);
    run->has_reader = true;
    FL_TRY(fl_command_json_open(&run->reader, book->time_zone, book->time_zone_length));
    double begin = seconds_now(), cpu = cpu_now();
    run->has_index = true;
    FL_TRY(fl_match_index_init(&run->index, &run->snapshot, &fl_match_text_letters));
    run->seconds_index = seconds_now() - begin;
    run->cpu_index = cpu_now() - cpu;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    run->has_batch = true;
    return fl_match_batch_init(&run->batch, &run->index, &run->settings,
                               processors > 1 ? (unsigned)processors : 1);
}

enum fl_status fl_match_run_decide(struct fl_match_run *run)
{
    struct fl_match_source source = fl_match_text_source(&run->snapshot);
    double begin = seconds_now(), cpu = cpu_now();
    enum fl_status status = fl_match_batch_run(&run->batch, &source);
    run->seconds_batch = seconds_now() - begin;
    run->cpu_batch = cpu_now() - cpu;
    return status;
}

enum fl_status fl_match_run_read(struct fl_match_run *run, uint32_t line)
{
    struct fl_match_source source = fl_match_text_source(&run->snapshot);
    return fl_match_batch_read(&run->batch, line, &source);
}

void fl_match_run_close(struct fl_match_run *run)
{
    if (run->has_batch)
        fl_match_batch_deinit(&run->batch);
    if (run->has_index)
        fl_match_index_deinit(&run->index);
    if (run->has_reader)
        fl_command_json_close(&run->reader);
    if (run->has_snapshot)
        fl_snapshot_release(&run->snapshot);
    fl_json_text_free(&run->command);
}

uint32_t fl_match_run_line(const struct fl_match_run *run, uint32_t receipt)
{
    uint32_t low = 0, high = run->batch.line_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (run->batch.lines[middle].receipt < receipt)
            low = middle + 1;
        else
            high = middle;
    }
    return low < run->batch.line_count && run->batch.lines[low].receipt == receipt ? low
                                                                                   : FL_MATCH_NONE;
}

/* ---- words ----------------------------------------------------------------------------------- */

static const char *payer_word(unsigned by)
{
    static const char *const words[] = {"nobody",   "a name like it", "a name that was cut",
                                        "its name", "its account",    "what we knew before"};
    return words[by];
}

static const char *fit_word(unsigned fit)
{
    static const char *const words[] = {"does not fit",
                                        "is equal",
                                        "is less the discount",
                                        "is within the tolerance",
                                        "is less a fee",
                                        "is a part",
                                        "is more"};
    return words[fit];
}

static int fit_points(unsigned fit)
{
    return fit == FL_MATCH_FIT_EQUAL                                 ? 30
           : fit >= FL_MATCH_FIT_DISCOUNT && fit <= FL_MATCH_FIT_FEE ? 25
           : fit == FL_MATCH_FIT_NONE                                ? 0
                                                                     : 10;
}

/* "the text names it, 60; the payer is known by its account, 30; the amount is equal, 30" */
void fl_match_say_points(const struct fl_match_decision *d, char *out, size_t capacity)
{
    char text[80] = "", payer[80] = "";
    if (d->rule == 9)
        snprintf(text, sizeof text, "assumed, the oldest first as the book says; ");
    else if (d->text_points > 0)
        snprintf(text, sizeof text, "the text names it%s, %u; ",
                 d->damaged ? " (by few or damaged digits)" : "", d->text_points);
    if (d->payer_points > 0)
        snprintf(payer, sizeof payer, "the payer is known by %s, %u; ", payer_word(d->payer_by),
                 d->payer_points);
    else if (d->other_payer)
        snprintf(payer, sizeof payer, "the payer is another, -15; ");
    snprintf(out, capacity, "%s%sthe amount %s, %d%s", text, payer, fit_word(d->fit),
             fit_points(d->fit), d->only_one ? "; nothing else gives it, 15" : "");
}

static const char *weakness(const struct fl_match_set *set)
{
    if (set->payer_by == FL_MATCH_BY_NOTHING && set->text_points == 0)
        return "amount only";
    if (set->payer_by == FL_MATCH_BY_NOTHING)
        return set->other_payer ? "the payer is another" : "payer not known";
    if (set->text_points == 0 && set->payer_by < FL_MATCH_BY_ACCOUNT)
        return "payer by name only";
    return set->text_points == 0 ? "nothing in the text names it" : "the amount does not agree";
}

void fl_match_say_missing(const struct fl_match_run *run, const struct fl_match_set *set,
                          unsigned shortage, char *out, size_t capacity)
{
    int needs = run->settings.auto_points;
    switch (shortage) {
    case FL_MATCH_SHORT_CONTRADICTION:
        snprintf(out, capacity, "has %d, but the text names something else", set->points);
        break;
    case FL_MATCH_SHORT_SEVERAL:
        snprintf(out, capacity, "has %d, but another has more than %d: not unique", set->points,
                 set->points - run->settings.margin);
        break;
    case FL_MATCH_SHORT_ASSUMED:
        snprintf(out, capacity, "has %d, but rule %u only proposes", set->points, set->rule);
        break;
    case FL_MATCH_SHORT_UNDONE:
        snprintf(out, capacity, "has %d, but it was undone before", set->points);
        break;
    case FL_MATCH_SHORT_NOTHING:
        snprintf(out, capacity, "has %d", set->points);
        break;
    default:
        snprintf(out, capacity, "needs %d, has %d: %s", needs, set->points, weakness(set));
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

static void id_put(struct fl_match_run *run, const char *name, const char *id, size_t length)
{
    struct fl_json_text *out = &run->command;
    fl_json_puts(out, name);
    fl_json_put_string(out, id, length);
}

static void money_put(struct fl_json_text *out, const char *name, int64_t minor, uint8_t currency)
{
    char text[48];
    size_t n = fl_decimal_format(minor, fl_currency_exponent(currency), text);
    fl_json_puts(out, name);
    fl_json_put_string(out, text, n);
}

/* The next best set, and what it lacked. */
static void rival_put(struct fl_match_run *run, const struct fl_match_set *set)
{
    struct fl_json_text *out = &run->command;
    char missing[160];
    unsigned shortage = set->contradicted                         ? FL_MATCH_SHORT_CONTRADICTION
                        : set->points < run->settings.auto_points ? FL_MATCH_SHORT_POINTS
                                                                  : FL_MATCH_SHORT_SEVERAL;
    FL_JSON_PUT(out, ",\"runner_up\":{\"rule\":");
    fl_json_put_unsigned(out, set->rule);
    FL_JSON_PUT(out, ",\"points\":");
    fl_json_put_unsigned(out, (uint64_t)(set->points > 0 ? set->points : 0));
    FL_JSON_PUT(out, ",\"documents\":[");
    for (uint32_t i = 0; i < set->count; i++) {
        const struct fl_match_item *item = &run->index.items[set->items[i]];
        bool invoice = item->kind == FL_MATCH_INVOICE;
        size_t length;
        const char *id = fl_match_item_id(&run->index, set->items[i], &length);
        id_put(run, i > 0 ? ",{\"id\":" : "{\"id\":", id, length);
        money_put(out, ",\"amount\":", invoice ? item->now_minor : -item->now_minor,
                  item->currency);
        fl_json_putc(out, '}');
    }
    fl_match_say_missing(run, set, shortage, missing, sizeof missing);
    FL_JSON_PUT(out, "],\"missing\":");
    fl_json_put_string(out, missing, strlen(missing));
    fl_json_putc(out, '}');
}

static void application_put(struct fl_match_run *run, uint32_t line,
                            const struct fl_match_application *a, const char *reason,
                            bool with_rival)
{
    struct fl_json_text *out = &run->command;
    const struct fl_match_decision *d = &run->batch.decisions[line];
    uint8_t currency = run->batch.lines[line].currency;
    size_t length;
    const char *id;
    FL_JSON_PUT(out, "{\"type\":\"application\"");
    if (a->source == FL_MATCH_NONE) {
        id = fl_id_get(run->snapshot.store,
                       &fl_at_receipt_card(&run->snapshot, run->batch.lines[line].receipt)->id,
                       &length);
        id_put(run, ",\"receipt\":", id, length);
    } else {
        id = fl_match_item_id(&run->index, a->source, &length);
        id_put(run, ",\"credit_note\":", id, length);
    }
    id = fl_match_item_id(&run->index, a->item, &length);
    id_put(run, ",\"invoice\":", id, length);
    money_put(out, ",\"amount\":", a->amount_minor, currency);
    if (a->discount_minor != 0)
        money_put(out, ",\"discount\":", a->discount_minor, currency);
    if (a->difference_minor != 0)
        money_put(out, ",\"difference\":", a->difference_minor, currency);
    FL_JSON_PUT(out, ",\"match\":{\"rule\":");
    fl_json_put_unsigned(out, d->rule);
    FL_JSON_PUT(out, ",\"points\":");
    fl_json_put_unsigned(out, (uint64_t)(d->points > 0 ? d->points : 0));
    FL_JSON_PUT(out, ",\"reason\":");
    fl_json_put_string(out, reason, strlen(reason));
    if (with_rival && d->rival > 0)
        rival_put(run, &run->batch.rivals[d->rival - 1]);
    FL_JSON_PUT(out, "}}");
}

static void command_make(struct fl_match_run *run, uint32_t line)
{
    struct fl_json_text *out = &run->command;
    const struct fl_match_decision *d = &run->batch.decisions[line];
    const struct fl_match_application *list = run->batch.applications + d->application_first;
    char reason[256], key[64];
    fl_match_say_points(d, reason, sizeof reason);
    fl_json_text_clear(out);
    if (d->application_count == 1) {
        application_put(run, line, list, reason, true);
    } else {
        snprintf(key, sizeof key, "match-%" PRIu64 "-%u", run->snapshot.seq,
                 run->batch.lines[line].receipt + 1);
        FL_JSON_PUT(out, "{\"type\":\"batch\",\"key\":");
        fl_json_put_string(out, key, strlen(key));
        FL_JSON_PUT(out, ",\"commands\":[");
        for (uint32_t i = 0; i < d->application_count; i++) {
            if (i > 0)
                fl_json_putc(out, ',');
            application_put(run, line, &list[i], reason, i + 1 == d->application_count);
        }
        FL_JSON_PUT(out, "]}");
    }
    (void)fl_json_text_grow(out, FL_JSON_PADDING);
}

static void answer(struct fl_match_run *run, const struct fl_result *result)
{
    if (result->flags & FL_FLAG_MEMBER)
        return;
    run->answered++;
    if (fl_status_class(result->status) == FL_CLASS_ACCEPTED) {
        run->settled++;
        run->settled_by_rule[run->batch.decisions[result->tag].rule]++;
    } else {
        run->refused++;
    }
}

static void drain(struct fl_match_run *run, bool all)
{
    const struct fl_result *result;
    while (run->producer && (result = fl_producer_receive(run->producer, all)) != NULL)
        answer(run, result);
}

static enum fl_status command_send(struct fl_match_run *run, struct fl_command *command,
                                   uint32_t line)
{
    enum fl_status status;
    if (!run->producer) {
        struct fl_result result;
        enum fl_status decided = fl_engine_apply(fl_host_engine(run->host), command, &result, NULL);
        FL_ASSERT(decided == (enum fl_status)result.status);
        result.tag = line;
        answer(run, &result);
        return FL_OK;
    }
    while ((status = fl_producer_send(run->producer, command, line)) == FL_BUSY)
        drain(run, false);
    run->sent++;
    if (run->sent % 64 == 0)
        drain(run, false);
    return status;
}

enum fl_status fl_match_run_send(struct fl_match_run *run)
{
    double begin = seconds_now(), cpu = cpu_now();
    run->reader.now_us = fl_cli_now_us();
    for (uint32_t turn = 0; turn < run->batch.turn_count; turn++) {
        struct fl_command *command;
        uint32_t line = run->batch.turns[turn];
        command_make(run, line);
        if (!fl_json_text_is_whole(&run->command))
            return FL_NO_MEMORY;
        FL_TRY(
            fl_command_json_read(&run->reader, run->command.bytes, run->command.length, &command));
        FL_TRY(command_send(run, command, line));
    }
    drain(run, true);
    run->seconds_send = seconds_now() - begin;
    run->cpu_send = cpu_now() - cpu;
    return FL_OK;
}
