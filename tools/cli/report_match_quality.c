/* report match-quality: against a key, or without one what can be said all the same. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analytics/match_quality.h"
#include "core/base/currency.h"
#include "core/engine/engine.h"
#include "tools/cli/cli_report.h"
#include "tools/cli/line_source.h"
#include "tools/format/json_simd.h"

struct judging {
    struct fl_report *report;
    struct fl_quality quality;
    struct fl_json *json;
    struct fl_quality_pair pairs[FL_QUALITY_PAIRS_MAX];
    uint32_t pair_count;
    uint64_t line;
};

/* ---- the key --------------------------------------------------------------------------------- */

static const struct fl_json_node *member(const struct fl_json_node *nodes, uint32_t at,
                                         const char *name)
{
    for (uint32_t i = at + 1; i < nodes[at].end; i = nodes[i].end) {
        if (nodes[i].key_length == strlen(name) &&
            memcmp(nodes[i].key, name, nodes[i].key_length) == 0)
            return &nodes[i];
    }
    return NULL;
}

/* The receipt of a line, told by the line's id or by its own; FL_NO_ROW. */
static uint32_t receipt_of(const struct fl_report *report, const struct fl_json_node *line)
{
    const struct fl_snapshot *s = &report->snapshot;
    if (!line || line->text_length == 0)
        return FL_NO_ROW;
    uint32_t row =
        fl_engine_find(report->engine, FL_KIND_OF_STATEMENT_LINE, line->text, line->text_length);
    if (row != FL_NO_ROW) {
        const struct fl_statement_line_live *live = fl_at_statement_line_live(s, row);
        if (live->status == FL_LINE_TOLD) /* an interim report's line is the one that was posted */
            live = fl_at_statement_line_live(s, live->target);
        bool money_in = live->status == FL_LINE_RECEIPT || live->status == FL_LINE_LINKED;
        return money_in ? live->target : FL_NO_ROW;
    }
    return fl_engine_find(report->engine, FL_KIND_OF_RECEIPT, line->text, line->text_length);
}

/* In the minor units of the receipt's currency, else of the document's. */
static bool pair_read(struct judging *j, const struct fl_json_node *nodes, uint32_t at,
                      uint32_t receipt)
{
    const struct fl_snapshot *s = &j->report->snapshot;
    const struct fl_json_node *invoice = member(nodes, at, "invoice");
    const struct fl_json_node *note = member(nodes, at, "credit_note");
    const struct fl_json_node *amount = member(nodes, at, "amount");
    const struct fl_json_node *id = invoice ? invoice : note;
    struct fl_decimal value;
    if (!id || !amount || j->pair_count == FL_QUALITY_PAIRS_MAX ||
        fl_decimal_parse(amount->text, amount->text_length, &value) != FL_OK)
        return false;
    uint32_t row =
        fl_engine_find(j->report->engine, invoice ? FL_KIND_OF_INVOICE : FL_KIND_OF_CREDIT_NOTE,
                       id->text, id->text_length);
    uint8_t currency = FL_CURRENCY_NONE;
    if (row != FL_NO_ROW)
        currency = invoice ? fl_at_invoice_card(s, row)->currency
                           : fl_at_credit_note_card(s, row)->currency;
    else if (receipt != FL_NO_ROW)
        currency = fl_at_receipt_card(s, receipt)->currency;
    struct fl_quality_pair *pair = &j->pairs[j->pair_count++];
    pair->document = row == FL_NO_ROW ? FL_QUALITY_UNKNOWN
                     : invoice        ? FL_QUALITY_INVOICE(row)
                                      : FL_QUALITY_NOTE(row);
    unsigned decimals = currency == FL_CURRENCY_NONE ? 2 : fl_currency_exponent(currency);
    return fl_decimal_scale(value, decimals, &pair->amount_minor) == FL_OK;
}

static bool line_judge(struct judging *j, const struct fl_line *line)
{
    const struct fl_json_node *nodes;
    uint32_t count;
    j->line = line->number;
    if (line->too_long ||
        fl_json_parse(j->json, line->text, line->length, &nodes, &count) != FL_JSON_OK ||
        nodes[0].kind != FL_JSON_OBJECT)
        return false;
    const struct fl_json_node *settles = member(nodes, 0, "settles");
    const struct fl_json_node *decidable = member(nodes, 0, "decidable");
    const struct fl_json_node *name = member(nodes, 0, "line");
    if (!name || !settles || settles->kind != FL_JSON_ARRAY)
        return false;
    uint32_t receipt = receipt_of(j->report, name);
    uint32_t list = (uint32_t)(settles - nodes);
    j->pair_count = 0;
    for (uint32_t i = list + 1; i < nodes[list].end; i = nodes[i].end) {
        if (!pair_read(j, nodes, i, receipt))
            return false;
    }
    fl_quality_judge(&j->quality, &j->report->snapshot, receipt, j->pairs, j->pair_count,
                     !decidable || decidable->kind != FL_JSON_FALSE);
    return true;
}

static int key_read(struct judging *j, const char *path)
{
    struct fl_line_source source;
    struct fl_line line;
    int fd = strcmp(path, "-") == 0 ? 0 : open(path, O_RDONLY | O_CLOEXEC);
    int exit = FL_EXIT_DONE;
    if (fd < 0) {
        fprintf(stderr, "florin report: cannot read %s\n", path);
        return FL_EXIT_INPUT;
    }
    j->json = fl_json_create();
    if (!j->json || !fl_line_source_open(&source, fd)) {
        fl_json_destroy(j->json);
        return FL_EXIT_STORAGE;
    }
    while (exit == FL_EXIT_DONE && fl_line_source_next(&source, &line)) {
        if (line.length > 0 && !line_judge(j, &line)) {
            fprintf(stderr, "florin report: %s:%" PRIu64 ": no line of a key\n", path, j->line);
            exit = FL_EXIT_INPUT;
        }
    }
    fl_line_source_close(&source);
    fl_json_destroy(j->json);
    if (fd > 0)
        close(fd);
    return exit;
}

/* ---- the figures ----------------------------------------------------------------------------- */

static void rate_json(FILE *out, const char *name, struct fl_rate rate)
{
    if (rate.value < 0)
        fprintf(out, "\"%s\":null,\"%s_interval\":null", name, name);
    else
        fprintf(out, "\"%s\":%.6f,\"%s_interval\":[%.6f,%.6f]", name, rate.value, name, rate.low,
                rate.high);
}

static double share(fl_int128 part, fl_int128 whole)
{
    return whole > 0 ? (double)part / (double)whole : -1;
}

static void share_json(FILE *out, const char *name, double value)
{
    if (value < 0)
        fprintf(out, "\"%s\":null", name);
    else
        fprintf(out, "\"%s\":%.6f", name, value);
}

static uint64_t decided(const struct fl_quality_counts *c)
{
    return c->right + c->wrong + c->partial;
}

static void payment_json(FILE *out, const struct fl_quality_counts *c)
{
    fprintf(out, "{");
    rate_json(out, "coverage", fl_quality_rate(c->right, c->decidable));
    fprintf(out, ",");
    rate_json(out, "precision", fl_quality_rate(c->right, decided(c)));
    fprintf(out,
            ",\"right\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"partial\":%" PRIu64 ",\"open\":%" PRIu64
            "}",
            c->right, c->wrong, c->partial, c->open);
}

static void quality_json(struct judging *j)
{
    FILE *out = j->report->out;
    const struct fl_quality *q = &j->quality;
    const struct fl_quality_counts *c = &q->all;
    uint64_t lines = c->lines + q->by_person;
    bool first = true;
    putc('{', out);
    fl_report_head(j->report);
    fprintf(out,
            ",\"lines\":%" PRIu64 ",\"decidable\":%" PRIu64 ",\"unmatchable\":%" PRIu64
            ",\"undecidable\":%" PRIu64 ",\"by_person\":%" PRIu64,
            lines, c->decidable, q->unmatchable, q->undecidable, q->by_person);
    fprintf(out, ",");
    share_json(out, "unmatchable_share", share((fl_int128)q->unmatchable, (fl_int128)lines));
    fprintf(out, ",");
    share_json(out, "undecidable_share", share((fl_int128)q->undecidable, (fl_int128)lines));
    fprintf(out, ",\"by_payment\":");
    payment_json(out, c);
    fprintf(out, ",\"by_line\":{");
    rate_json(out, "coverage", fl_quality_rate(c->pairs_both, c->pairs_key));
    fprintf(out, ",");
    rate_json(out, "precision", fl_quality_rate(c->pairs_both, c->pairs_applied));
    fprintf(out, "},\"by_amount\":{");
    share_json(out, "coverage", share(c->amount_both, c->amount_key));
    fprintf(out, ",");
    share_json(out, "precision", share(c->amount_both, c->amount_applied));
    fprintf(out, "},\"by_rule\":[");
    for (unsigned rule = 1; rule <= FL_QUALITY_RULES; rule++) {
        const struct fl_quality_counts *r = &q->rule[rule];
        if (r->lines == 0)
            continue;
        fprintf(out,
                "%s{\"rule\":%u,\"right\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"partial\":%" PRIu64
                ",",
                first ? "" : ",", rule, r->right, r->wrong, r->partial);
        share_json(out, "coverage", share((fl_int128)r->right, (fl_int128)c->decidable));
        fprintf(out, ",");
        rate_json(out, "precision", fl_quality_rate(r->right, decided(r)));
        fprintf(out, "}");
        first = false;
    }
    fprintf(out, "]}\n");
}

static void percent_cell(struct fl_table_writer *table, double value)
{
    if (value < 0)
        fl_table_cell(table, "-");
    else
        fl_table_cell(table, "%.3f", 100 * value);
}

static void rate_cells(struct fl_table_writer *table, const char *what, struct fl_rate coverage,
                       struct fl_rate precision)
{
    fl_table_cell(table, "%s", what);
    percent_cell(table, coverage.value);
    percent_cell(table, coverage.value < 0 ? -1 : coverage.low);
    percent_cell(table, coverage.value < 0 ? -1 : coverage.high);
    percent_cell(table, precision.value);
    percent_cell(table, precision.value < 0 ? -1 : precision.low);
    percent_cell(table, precision.value < 0 ? -1 : precision.high);
}

static void quality_table(struct judging *j)
{
    static const char *const names[] = {"by",           ">coverage %", ">from", ">to",
                                        ">precision %", ">from",       ">to"};
    const struct fl_quality *q = &j->quality;
    const struct fl_quality_counts *c = &q->all;
    struct fl_table_writer table;
    char word[24];
    fl_report_title(j->report, "Match quality against the key");
    fl_table_open(&table, names, 7);
    rate_cells(&table, "payment", fl_quality_rate(c->right, c->decidable),
               fl_quality_rate(c->right, decided(c)));
    rate_cells(&table, "line", fl_quality_rate(c->pairs_both, c->pairs_key),
               fl_quality_rate(c->pairs_both, c->pairs_applied));
    rate_cells(&table, "amount", (struct fl_rate){share(c->amount_both, c->amount_key), -1, -1},
               (struct fl_rate){share(c->amount_both, c->amount_applied), -1, -1});
    for (unsigned rule = 1; rule <= FL_QUALITY_RULES; rule++) {
        const struct fl_quality_counts *r = &q->rule[rule];
        if (r->lines == 0)
            continue;
        snprintf(word, sizeof word, "rule %u", rule);
        rate_cells(&table, word, fl_quality_rate(r->right, c->decidable),
                   fl_quality_rate(r->right, decided(r)));
    }
    fl_table_print(&table, j->report->out, j->report->format == FL_FORMAT_CSV);
    if (j->report->format == FL_FORMAT_CSV)
        return;
    fprintf(j->report->out,
            "\n%" PRIu64 " lines: right %" PRIu64 ", wrong %" PRIu64 ", partial %" PRIu64
            ", open %" PRIu64 "; %" PRIu64 " can be decided, %" PRIu64 " settle nothing, %" PRIu64
            " cannot be decided, %" PRIu64 " by persons\n",
            c->lines, c->right, c->wrong, c->partial, c->open, c->decidable, q->unmatchable,
            q->undecidable, q->by_person);
}

/* ---- without a key --------------------------------------------------------------------------- */

static void queue_json(struct fl_report *r, const struct fl_queue *q)
{
    FILE *out = r->out;
    static const int to[] = {7, 30, 90};
    bool first = true;
    putc('{', out);
    fl_report_head(r);
    fprintf(out,
            ",\"lines\":%" PRIu64 ",\"settled\":%" PRIu64 ",\"by_person\":%" PRIu64
            ",\"undone\":%" PRIu64 ",\"open\":%" PRIu64 ",",
            q->incoming, q->settled, q->by_person, q->undone, q->open);
    rate_json(out, "coverage", fl_quality_rate(q->settled, q->incoming));
    fprintf(out, ",\"by_rule\":[");
    for (unsigned rule = 1; rule <= FL_QUALITY_RULES; rule++) {
        if (q->settled_by_rule[rule] == 0)
            continue;
        fprintf(out, "%s{\"rule\":%u,\"settled\":%" PRIu64 "}", first ? "" : ",", rule,
                q->settled_by_rule[rule]);
        first = false;
    }
    fprintf(out, "],\"queue\":{\"oldest_days\":%u,\"ages\":[", q->oldest_days);
    for (unsigned i = 0; i < 4; i++) {
        fprintf(out, "%s{\"from\":%d,\"to\":", i ? "," : "", i ? to[i - 1] + 1 : 0);
        if (i < 3)
            fprintf(out, "%d", to[i]);
        else
            fprintf(out, "null");
        fprintf(out, ",\"count\":%" PRIu64 "}", q->age[i]);
    }
    fprintf(out, "]}}\n");
}

static void queue_table(struct fl_report *r, const struct fl_queue *q)
{
    static const char *const names[] = {">lines",     ">settled", ">persons", ">undone", ">open",
                                        ">to 7 days", ">to 30",   ">to 90",   ">older"};
    struct fl_table_writer table;
    fl_report_title(r, "Matching, without a key");
    fl_table_open(&table, names, 9);
    const uint64_t cells[9] = {q->incoming, q->settled, q->by_person, q->undone, q->open,
                               q->age[0],   q->age[1],  q->age[2],    q->age[3]};
    for (unsigned i = 0; i < 9; i++)
        fl_table_cell(&table, "%" PRIu64, cells[i]);
    fl_table_print(&table, r->out, r->format == FL_FORMAT_CSV);
}

int fl_report_match_quality(struct fl_report *r)
{
    const char *key = fl_option_value(r->arguments, "--key");
    if (!key) {
        struct fl_queue queue;
        fl_queue_count(&r->snapshot, r->as_of, &queue);
        if (r->format == FL_FORMAT_JSON)
            queue_json(r, &queue);
        else
            queue_table(r, &queue);
        return FL_EXIT_DONE;
    }
    static struct judging judging;
    judging.report = r;
    int exit = key_read(&judging, key);
    if (exit != FL_EXIT_DONE)
        return exit;
    if (r->format == FL_FORMAT_JSON)
        quality_json(&judging);
    else
        quality_table(&judging);
    return FL_EXIT_DONE;
}
