#include "tools/cli/match_command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/domain/state.h"
#include "core/engine/command_builder.h"

struct making {
    const struct fl_match_run *run;
    const struct fl_match_decision *decision;
    const struct fl_match_line *line;
    const char *reason;
    size_t reason_length;
};

static struct fl_decimal money(int64_t minor, uint8_t currency)
{
    return fl_decimal_of(minor, fl_currency_exponent(currency));
}

/* How a command keeps a number that may be absent. */
static uint32_t number(int points)
{
    return points > 0 ? (uint32_t)points + 1 : 1;
}

static struct fl_text put_item(const struct making *m, struct fl_command_builder *b, uint32_t item)
{
    size_t length;
    const char *id = fl_match_item_id(&m->run->index, item, &length);
    return fl_builder_text(b, id, length);
}

/* The next best set, and what it lacked. */
static struct fl_match_candidate put_rival(const struct making *m, struct fl_command_builder *b,
                                           const struct fl_match_set *set)
{
    char missing[160];
    void *elements;
    unsigned shortage = set->contradicted                            ? FL_MATCH_SHORT_CONTRADICTION
                        : set->points < m->run->settings.auto_points ? FL_MATCH_SHORT_POINTS
                                                                     : FL_MATCH_SHORT_SEVERAL;
    struct fl_match_candidate rival = {.rule = number(set->rule), .points = number(set->points)};
    rival.documents = fl_builder_list(b, sizeof(struct fl_match_document), set->count, &elements);
    struct fl_match_document *documents = elements;
    for (uint32_t i = 0; documents && i < set->count; i++) {
        const struct fl_match_item *item = &m->run->index.items[set->items[i]];
        bool invoice = item->kind == FL_MATCH_INVOICE;
        documents[i].id = put_item(m, b, set->items[i]);
        documents[i].amount = money(invoice ? item->now_minor : -item->now_minor, item->currency);
    }
    size_t length = fl_match_say_missing(m->run, set, shortage, missing, sizeof missing);
    rival.missing = fl_builder_text(b, missing, length);
    return rival;
}

/* Texts and lists stand in the order of the schema's fields. */
static struct fl_command *put_application(const struct making *m, struct fl_command_builder *b,
                                          struct fl_command_application *out,
                                          const struct fl_match_application *a, bool with_rival)
{
    const struct fl_match_batch *batch = &m->run->batch;
    uint8_t currency = m->line->currency;
    if (!out)
        return NULL;
    if (a->source == FL_MATCH_NONE) {
        size_t length;
        const struct fl_receipt_card *card =
            fl_at_receipt_card(&m->run->snapshot, m->line->receipt);
        const char *id = fl_id_get(m->run->snapshot.store, &card->id, &length);
        out->receipt = fl_builder_text(b, id, length);
    } else {
        out->credit_note = put_item(m, b, a->source);
    }
    out->invoice = put_item(m, b, a->item);
    out->amount = money(a->amount_minor, currency);
    if (a->discount_minor != 0)
        out->discount = money(a->discount_minor, currency);
    if (a->difference_minor != 0)
        out->difference = money(a->difference_minor, currency);
    out->match.rule = number(m->decision->rule);
    out->match.points = number(m->decision->points);
    out->match.reason = fl_builder_text(b, m->reason, m->reason_length);
    if (with_rival && m->decision->rival > 0)
        out->match.runner_up = put_rival(m, b, &batch->rivals[m->decision->rival - 1]);
    return fl_builder_finish(b, NULL, 0, NULL, 0);
}

static struct fl_command *put_batch(const struct making *m, void *buffer,
                                    const struct fl_match_application *list, uint32_t count)
{
    struct fl_command_builder b, member;
    char key[64];
    struct fl_command_batch *body =
        fl_builder_begin(&b, buffer, FL_MATCH_COMMAND_BYTES - FL_COMMAND_SLACK, FL_COMMAND_BATCH);
    FL_ASSERT(body != NULL);
    body->commands = (struct fl_list){fl_builder_align(&b), count};
    for (uint32_t i = 0; i < count; i++) {
        struct fl_command_application *out =
            fl_builder_member_begin(&b, &member, FL_COMMAND_APPLICATION);
        (void)fl_builder_member_end(&b, put_application(m, &member, out, &list[i], i + 1 == count));
    }
    int length = snprintf(key, sizeof key, "match-%" PRIu64 "-%u", m->run->snapshot.seq,
                          m->line->receipt + 1);
    return fl_builder_finish(&b, NULL, 0, key, (size_t)length);
}

struct fl_command *fl_match_command_make(const struct fl_match_run *run, uint32_t line,
                                         void *buffer)
{
    char reason[FL_MATCH_REASON_BYTES];
    const struct fl_match_decision *d = &run->batch.decisions[line];
    const struct fl_match_application *list = run->batch.applications + d->application_first;
    struct making m = {
        .run = run, .decision = d, .line = &run->batch.lines[line], .reason = reason};
    m.reason_length = fl_match_say_points(d, reason);
    FL_ASSERT(d->application_count > 0);
    struct fl_command *command;
    if (d->application_count == 1) {
        struct fl_command_builder b;
        struct fl_command_application *out = fl_builder_begin(
            &b, buffer, FL_MATCH_COMMAND_BYTES - FL_COMMAND_SLACK, FL_COMMAND_APPLICATION);
        command = put_application(&m, &b, out, list, true);
    } else {
        command = put_batch(&m, buffer, list, d->application_count);
    }
    FL_ASSERT(command != NULL); /* the buffer is larger than any */
    command->at_us = run->at_us;
    command->at_day = run->at_day;
    return command;
}
