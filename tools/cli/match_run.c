#include "tools/cli/match_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/date.h"
#include "core/domain/state.h"
#include "tools/cli/cli.h"
#include "tools/cli/match_command.h"
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
    if (!fl_time_zone_open(&run->zone, book->time_zone, book->time_zone_length))
        return FL_BAD_VALUE;
    run->command = aligned_alloc(64, FL_MATCH_COMMAND_BYTES);
    if (!run->command)
        return FL_NO_MEMORY;
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
    fl_time_zone_close(&run->zone);
    if (run->has_snapshot)
        fl_snapshot_release(&run->snapshot);
    free(run->command);
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
                                        "is more",
                                        "is as the advice says"};
    return words[fit];
}

static int fit_points(unsigned fit)
{
    return fit == FL_MATCH_FIT_EQUAL || fit == FL_MATCH_FIT_ADVICE   ? 30
           : fit >= FL_MATCH_FIT_DISCOUNT && fit <= FL_MATCH_FIT_FEE ? 25
           : fit == FL_MATCH_FIT_NONE                                ? 0
                                                                     : 10;
}

struct sentence {
    char *out;
    size_t length;
};

static void say(struct sentence *s, const char *words)
{
    size_t n = strlen(words);
    FL_ASSERT(s->length + n < FL_MATCH_REASON_BYTES);
    memcpy(s->out + s->length, words, n);
    s->length += n;
}

static void say_number(struct sentence *s, unsigned number)
{
    char digits[12];
    unsigned at = sizeof digits;
    digits[--at] = '\0';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    say(s, digits + at);
}

/* "the text names it, 60; the payer is known by its account, 30; the amount is equal, 30" */
size_t fl_match_say_points(const struct fl_match_decision *d, char out[FL_MATCH_REASON_BYTES])
{
    struct sentence s = {.out = out};
    if (d->rule == 9) {
        say(&s, "assumed, the oldest first as the book says; ");
    } else if (d->text_points > 0) {
        say(&s,
            d->damaged ? "the text names it (by few or damaged digits), " : "the text names it, ");
        say_number(&s, d->text_points);
        say(&s, "; ");
    }
    if (d->payer_points > 0) {
        say(&s, "the payer is known by ");
        say(&s, payer_word(d->payer_by));
        say(&s, ", ");
        say_number(&s, d->payer_points);
        say(&s, "; ");
    } else if (d->other_payer) {
        say(&s, "the payer is another, -15; ");
    }
    say(&s, "the amount ");
    say(&s, fit_word(d->fit));
    say(&s, ", ");
    say_number(&s, (unsigned)fit_points(d->fit));
    if (d->only_one)
        say(&s, "; nothing else gives it, 15");
    out[s.length] = '\0';
    return s.length;
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

/* Of one that is assumed by its points alone, a fuzzy name. */
static const char *assumed_word(unsigned assumed)
{
    static const char *const words[] = {
        "a name like it only proposes",
        "the digits alone would decide between several",
        "the fee is not booked with the receipt",
        "the payment is more than the list owes",
        "the advice does not add up to it",
        "so many sums are possible that one proves little",
        "a sum wants the payer known by account",
        "other sums come to it too",
    };
    return words[assumed];
}

size_t fl_match_say_missing(const struct fl_match_run *run, const struct fl_match_set *set,
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
        snprintf(out, capacity, "has %d, but %s", set->points, assumed_word(set->assumed));
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
    return strlen(out);
}

/* ---- commands -------------------------------------------------------------------------------- */

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

static void line_send(void *context, uint32_t line)
{
    struct fl_match_run *run = context;
    if (run->send_status == FL_OK)
        run->send_status = command_send(run, fl_match_command_make(run, line, run->command), line);
}

static bool arrival_read(struct fl_match_run *run)
{
    run->at_us = fl_cli_now_us();
    run->at_day = fl_time_zone_day(&run->zone, run->at_us);
    return run->at_day != FL_DATE_NONE;
}

enum fl_status fl_match_run_send(struct fl_match_run *run)
{
    double begin = seconds_now(), cpu = cpu_now();
    if (!arrival_read(run))
        return FL_BAD_VALUE;
    for (uint32_t turn = 0; turn < run->batch.turn_count; turn++)
        line_send(run, run->batch.turns[turn]);
    drain(run, true);
    run->seconds_send = seconds_now() - begin;
    run->cpu_send = cpu_now() - cpu;
    return run->send_status;
}

enum fl_status fl_match_run_settle(struct fl_match_run *run)
{
    if (!arrival_read(run))
        return FL_BAD_VALUE;
    run->batch.settled = line_send;
    run->batch.settled_context = run;
    enum fl_status status = fl_match_run_decide(run);
    double begin = seconds_now(), cpu = cpu_now();
    drain(run, true);
    run->seconds_send = seconds_now() - begin;
    run->cpu_send = cpu_now() - cpu;
    return status == FL_OK ? run->send_status : status;
}
