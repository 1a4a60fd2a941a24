#include "tests/support/match_book.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/domain/state.h"
#include "tools/ingest/match_text.h"

void fl_match_book_open(struct fl_match_book *m, struct fl_test_book *book, unsigned threads)
{
    struct fl_engine *engine = fl_book_engine(book);
    memset(m, 0, sizeof *m);
    m->book = book;
    m->sums = fl_match_sum_open();
    cr_assert_not_null(m->sums);
    cr_assert_eq(fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &m->snapshot),
                 FL_OK);
    struct fl_match_settings settings = fl_match_settings_of(fl_at_book_settings(&m->snapshot, 0));
    cr_assert_eq(fl_match_index_init(&m->index, &m->snapshot, &fl_match_text_letters), FL_OK);
    cr_assert_eq(fl_match_batch_init(&m->batch, &m->index, &settings, threads), FL_OK);
}

void fl_match_book_close(struct fl_match_book *m)
{
    fl_match_batch_deinit(&m->batch);
    fl_match_index_deinit(&m->index);
    fl_snapshot_release(&m->snapshot);
    fl_match_sum_close(m->sums);
}

void fl_match_book_run(struct fl_match_book *m)
{
    struct fl_match_source source = fl_match_text_source(&m->snapshot);
    cr_assert_eq(fl_match_batch_run(&m->batch, &source), FL_OK);
}

uint32_t fl_match_book_line(const struct fl_match_book *m, const char *receipt)
{
    uint32_t row = fl_book_row(m->book, FL_KIND_OF_RECEIPT, receipt), at = 0;
    while (at < m->batch.line_count && m->batch.lines[at].receipt != row)
        at++;
    cr_assert_lt(at, m->batch.line_count, "%s is not in the batch", receipt);
    return at;
}

void fl_match_book_choose(struct fl_match_book *m, const char *receipt, struct fl_match_choice *out)
{
    struct fl_match_source source = fl_match_text_source(&m->snapshot);
    uint32_t at = fl_match_book_line(m, receipt);
    cr_assert_eq(fl_match_batch_read(&m->batch, at, &source), FL_OK);
    fl_match_batch_explain(&m->batch, at, m->sums, out);
}

/* ---- words ----------------------------------------------------------------------------------- */

static char *place(void)
{
    static char places[8][512];
    static unsigned next;
    return places[next++ % 8];
}

static size_t put_item(const struct fl_match_book *m, char *out, size_t used, uint32_t item,
                       int64_t minor)
{
    size_t length;
    char amount[48];
    const char *id = fl_match_item_id(&m->index, item, &length);
    fl_decimal_format(minor, fl_currency_exponent(m->index.items[item].currency), amount);
    return used + (size_t)snprintf(out + used, 512 - used, "%.*s %s, ", (int)length, id, amount);
}

const char *fl_match_book_set(const struct fl_match_book *m, const struct fl_match_set *set)
{
    char *out = place();
    size_t used = 0, length;
    for (uint32_t i = 0; i < set->count; i++) {
        const char *id = fl_match_item_id(&m->index, set->items[i], &length);
        used += (size_t)snprintf(out + used, 512 - used, "%s%.*s", i ? "+" : "", (int)length, id);
    }
    snprintf(out + used, 512 - used, " (rule %u, %d)", set->rule, set->points);
    return out;
}

const char *fl_match_book_outcome(const struct fl_match_book *m, const char *receipt)
{
    uint32_t at = fl_match_book_line(m, receipt);
    const struct fl_match_decision *d = &m->batch.decisions[at];
    char *out = place();
    size_t used = 0;
    if (d->turn == 0)
        return d->verdict == FL_MATCH_PROPOSES ? "proposed" : "open";
    for (uint32_t i = 0; i < d->application_count; i++) {
        const struct fl_match_application *a = &m->batch.applications[d->application_first + i];
        used = put_item(m, out, used, a->item, a->amount_minor);
        if (a->source != FL_MATCH_NONE)
            used = put_item(m, out, used, a->source, -a->amount_minor);
    }
    snprintf(out + used, 512 - used, "rule %u, %d", d->rule, d->points);
    return out;
}

/* ---- into the book --------------------------------------------------------------------------- */

void fl_match_book_apply(struct fl_match_book *m)
{
    for (uint32_t turn = 0; turn < m->batch.turn_count; turn++) {
        uint32_t at = m->batch.turns[turn];
        const struct fl_match_decision *d = &m->batch.decisions[at];
        uint8_t currency = m->batch.lines[at].currency;
        for (uint32_t i = 0; i < d->application_count; i++) {
            const struct fl_match_application *a = &m->batch.applications[d->application_first + i];
            char amount[48], discount[48], difference[48];
            size_t from_length, to_length;
            const char *from =
                a->source != FL_MATCH_NONE
                    ? fl_match_item_id(&m->index, a->source, &from_length)
                    : fl_id_get(m->snapshot.store,
                                &fl_at_receipt_card(&m->snapshot, m->batch.lines[at].receipt)->id,
                                &from_length);
            const char *to = fl_match_item_id(&m->index, a->item, &to_length);
            fl_decimal_format(a->amount_minor, fl_currency_exponent(currency), amount);
            fl_decimal_format(a->discount_minor, fl_currency_exponent(currency), discount);
            fl_decimal_format(a->difference_minor, fl_currency_exponent(currency), difference);
            fl_book_must(m->book,
                         "{\"type\":\"application\",\"%s\":\"%.*s\",\"invoice\":\"%.*s\","
                         "\"amount\":\"%s\"%s%s%s%s%s%s,\"match\":{\"rule\":%u,\"points\":%d}}",
                         a->source != FL_MATCH_NONE ? "credit_note" : "receipt", (int)from_length,
                         from, (int)to_length, to, amount,
                         a->discount_minor ? ",\"discount\":\"" : "",
                         a->discount_minor ? discount : "", a->discount_minor ? "\"" : "",
                         a->difference_minor ? ",\"difference\":\"" : "",
                         a->difference_minor ? difference : "", a->difference_minor ? "\"" : "",
                         d->rule, d->points);
        }
    }
}
