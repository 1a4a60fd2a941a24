/* match: settles what is sure, lists what is not with what each candidate lacks, explains one receipt. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/domain/state.h"
#include "tools/cli/cli_report.h"
#include "tools/cli/cli_show.h"
#include "tools/cli/match_run.h"
#include "tools/cli/match_words.h"
#include "tools/format/json_text.h"

#define WHY_BYTES 256
#define SET_BYTES 512
#define TEXT_BYTES 28 /* of a cell */

struct match_verb {
    const char *directory;
    struct fl_match_run run;
    struct fl_match_sum_workspace *sums;
    enum fl_format format;
    bool facts;
};

/* ---- candidates ------------------------------------------------------------------------------ */

static void json_string(const char *name, const char *text, size_t length)
{
    printf("%s", name);
    fl_json_write_string(stdout, text, length);
}

/* What applying the set would take off each of its documents: a credit note's is negative. */
static void set_amounts(const struct match_verb *v, uint32_t line, const struct fl_match_set *set,
                        int64_t amounts[FL_MATCH_SET_MAX])
{
    struct fl_match_application list[FL_MATCH_APPLICATIONS_MAX];
    uint32_t count = fl_match_plan(&v->run.batch.state, &v->run.batch.lines[line], set, list);
    for (uint32_t i = 0; i < set->count; i++) {
        amounts[i] = 0;
        for (uint32_t a = 0; a < count; a++) {
            if (list[a].item == set->items[i])
                amounts[i] += list[a].amount_minor;
            if (list[a].source == set->items[i])
                amounts[i] -= list[a].amount_minor;
        }
    }
}

static void json_documents(const struct match_verb *v, uint32_t line,
                           const struct fl_match_set *set)
{
    int64_t amounts[FL_MATCH_SET_MAX];
    uint8_t currency = v->run.batch.lines[line].currency;
    set_amounts(v, line, set, amounts);
    printf("\"documents\":[");
    for (uint32_t i = 0; i < set->count; i++) {
        size_t length;
        const char *id = fl_match_item_id(&v->run.index, set->items[i], &length);
        json_string(i ? ",{\"id\":" : "{\"id\":", id, length);
        printf(",\"amount\":\"%s\"}", fl_money_text(amounts[i], currency));
    }
    printf("]");
}

/* What set `at` falls short of, judged by itself. */
static unsigned shortage_of(const struct fl_match_run *run, const struct fl_match_choice *choice,
                            uint32_t at)
{
    const struct fl_match_set *set = &choice->sets[at];
    if (at == 0)
        return choice->verdict == FL_MATCH_SETTLES ? FL_MATCH_SHORT_NOTHING : choice->shortage;
    return set->contradicted                         ? FL_MATCH_SHORT_CONTRADICTION
           : set->undone                             ? FL_MATCH_SHORT_UNDONE
           : set->points < run->settings.auto_points ? FL_MATCH_SHORT_POINTS
           : set->assumed                            ? FL_MATCH_SHORT_ASSUMED
                                                     : FL_MATCH_SHORT_SEVERAL;
}

static void json_candidate(const struct match_verb *v, uint32_t line,
                           const struct fl_match_choice *choice, uint32_t at)
{
    char missing[160];
    const struct fl_match_set *set = &choice->sets[at];
    unsigned shortage = shortage_of(&v->run, choice, at);
    printf("{\"rule\":%u,\"points\":%d,", set->rule, set->points);
    json_documents(v, line, set);
    printf(",\"missing\":");
    fl_match_say_missing(&v->run, set, shortage, missing, sizeof missing);
    if (shortage == FL_MATCH_SHORT_NOTHING)
        printf("null");
    else
        fl_json_write_string(stdout, missing, strlen(missing));
    putchar('}');
}

static void json_candidates(const struct match_verb *v, uint32_t line,
                            const struct fl_match_choice *choice)
{
    printf("\"candidates\":[");
    for (uint32_t i = 0; i < choice->count; i++) {
        if (i > 0)
            putchar(',');
        json_candidate(v, line, choice, i);
    }
    printf("]");
}

/* Why nothing is settled, in a sentence; a paid document first by its code (rulings, Matching 6). */
static const char *why(const struct match_verb *v, const struct fl_match_choice *choice,
                       char out[WHY_BYTES])
{
    char missing[160];
    if (choice->count == 0)
        return choice->other_currency ? "currency_differs: what the text names is in another currency"
               : choice->paid_named ? "already_paid: what the text names is paid"
                                  : "nothing that is open has its number or its amount";
    fl_match_say_missing(&v->run, &choice->sets[0], shortage_of(&v->run, choice, 0), missing,
                         sizeof missing);
    snprintf(out, WHY_BYTES, "%s%s",
             choice->paid_named ? "already_paid: what the text names is paid; " : "", missing);
    return out;
}

/* ---- the queue ------------------------------------------------------------------------------- */

static const char *receipt_text(const struct fl_match_run *run, uint32_t receipt, bool payer,
                                size_t *length)
{
    const struct fl_receipt_cold *cold = fl_at_receipt_cold(&run->snapshot, receipt);
    struct fl_text_ref ref = payer ? cold->payer_name : cold->text;
    *length = ref.length;
    return ref.length ? fl_text_get(run->snapshot.store, FL_TABLE_personal, ref) : "";
}

static void json_line(const struct match_verb *v, uint32_t at, const struct fl_match_choice *choice)
{
    const struct fl_match_run *run = &v->run;
    const struct fl_match_line *line = &run->batch.lines[at];
    size_t length;
    const char *text;
    char sentence[WHY_BYTES];
    json_string(
        "{\"receipt\":",
        fl_id_text(&run->snapshot, &fl_at_receipt_card(&run->snapshot, line->receipt)->id),
        strlen(fl_id_text(&run->snapshot, &fl_at_receipt_card(&run->snapshot, line->receipt)->id)));
    printf(",\"date\":\"%s\",\"amount\":\"%s\",\"currency\":\"%s\"", fl_day_text(line->date),
           fl_money_text(line->amount_minor, line->currency), fl_currency_code(line->currency));
    text = receipt_text(run, line->receipt, true, &length);
    json_string(",\"payer\":", text, length);
    text = receipt_text(run, line->receipt, false, &length);
    json_string(",\"text\":", text, length);
    printf(",\"verdict\":\"%s\",", choice->verdict == FL_MATCH_SETTLES    ? "sure"
                                   : choice->verdict == FL_MATCH_PROPOSES ? "proposed"
                                                                          : "open");
    text = why(v, choice, sentence);
    json_string("\"reason\":", text, strlen(text));
    putchar(',');
    json_candidates(v, at, choice);
    putchar('}');
}

/* The documents of a set, and with `amounts` what each of them would take. */
static const char *set_text(const struct match_verb *v, uint32_t line,
                            const struct fl_match_set *set, bool with_amounts, char out[SET_BYTES])
{
    int64_t amounts[FL_MATCH_SET_MAX];
    uint8_t currency = v->run.batch.lines[line].currency;
    size_t used = 0, length;
    out[0] = '\0';
    if (with_amounts)
        set_amounts(v, line, set, amounts);
    for (uint32_t i = 0; i < set->count && used + 72 < SET_BYTES; i++) {
        const char *id = fl_match_item_id(&v->run.index, set->items[i], &length);
        used += (size_t)snprintf(out + used, SET_BYTES - used, "%s%.*s", i ? ", " : "",
                                 (int)(length > 30 ? 30 : length), id);
        if (with_amounts)
            used += (size_t)snprintf(out + used, SET_BYTES - used, " %s",
                                     fl_money_text(amounts[i], currency));
    }
    return out;
}

/* What a payer wrote, in so many bytes at most, whole characters. */
static void text_cell(const struct match_verb *v, uint32_t receipt, bool payer,
                      struct fl_table_writer *table)
{
    size_t length;
    const char *text = receipt_text(&v->run, receipt, payer, &length);
    size_t cut = length;
    if (v->format == FL_FORMAT_TABLE && length > TEXT_BYTES) {
        for (cut = TEXT_BYTES; cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80;)
            cut--;
    }
    fl_table_cell(table, "%.*s%s", (int)cut, text, cut < length ? ".." : "");
}

static void table_line(const struct match_verb *v, uint32_t at,
                       const struct fl_match_choice *choice, struct fl_table_writer *table)
{
    const struct fl_match_run *run = &v->run;
    const struct fl_match_line *line = &run->batch.lines[at];
    char sentence[WHY_BYTES], documents[SET_BYTES] = "";
    fl_table_cell(
        table, "%s",
        fl_id_text(&run->snapshot, &fl_at_receipt_card(&run->snapshot, line->receipt)->id));
    fl_table_cell(table, "%s", fl_day_text(line->date));
    fl_table_cell(table, "%s", fl_money_text(line->amount_minor, line->currency));
    fl_table_cell(table, "%s", fl_currency_code(line->currency));
    text_cell(v, line->receipt, true, table);
    text_cell(v, line->receipt, false, table);
    if (choice->count > 0)
        fl_table_cell(table, "%d", choice->sets[0].points);
    else
        fl_table_cell(table, "%s", "");
    fl_table_cell(table, "%s",
                  choice->count > 0 ? set_text(v, at, &choice->sets[0], false, documents) : "");
    fl_table_cell(table, "%s", why(v, choice, sentence));
}

/* Under the table: how many, and what a person does next. */
static void propose_words(const struct match_verb *v, uint64_t proposed, uint64_t open)
{
    if (v->format != FL_FORMAT_TABLE)
        return;
    printf("\n%" PRIu64 " proposed, %" PRIu64 " open", proposed, open);
    if (v->run.batch.turn_count > 0)
        printf("; %u more are sure: florin match %s --auto settles them", v->run.batch.turn_count,
               v->directory);
    if (proposed + open > 0)
        printf("\nwhat each candidate lacks, and how to decide: florin match %s --explain RECEIPT",
               v->directory);
    putchar('\n');
}

static int propose(struct match_verb *v)
{
    static const char *const names[] = {"receipt", "date",    ">amount", "cur",    "payer",
                                        "text",    ">points", "best",    "missing"};
    struct fl_table_writer table;
    bool first = true;
    uint64_t proposed = 0, open = 0;
    if (v->format != FL_FORMAT_JSON)
        fl_table_open(&table, names, 9);
    else
        printf("{\"queue\":[");
    struct fl_match_choice choice;
    uint32_t explained = FL_MATCH_NONE;
    for (uint32_t at = 0; at < v->run.batch.line_count; at++) {
        if (v->run.batch.decisions[at].turn > 0)
            continue;
        if (explained == FL_MATCH_NONE || !fl_match_batch_alike(&v->run.batch, explained, at))
            fl_match_batch_explain(&v->run.batch, at, v->sums, &choice);
        explained = at;
        if (v->format == FL_FORMAT_JSON) {
            if (!first)
                putchar(',');
            json_line(v, at, &choice);
        } else {
            table_line(v, at, &choice, &table);
        }
        first = false;
        proposed += choice.verdict != FL_MATCH_OPEN;
        open += choice.verdict == FL_MATCH_OPEN;
    }
    if (v->format == FL_FORMAT_JSON)
        printf("],\"settles\":%u,\"proposed\":%" PRIu64 ",\"open\":%" PRIu64 "}\n",
               v->run.batch.turn_count, proposed, open);
    else
        fl_table_print(&table, stdout, v->format == FL_FORMAT_CSV);
    propose_words(v, proposed, open);
    return FL_EXIT_DONE;
}

/* ---- settling -------------------------------------------------------------------------------- */

static int settle(struct match_verb *v)
{
    const struct fl_match_run *run = &v->run;
    enum fl_status status = fl_match_run_settle(&v->run);
    if (status != FL_OK) {
        fprintf(stderr, "florin match: %s\n", fl_status_name(status));
        return FL_EXIT_STORAGE;
    }
    if (v->format == FL_FORMAT_JSON) {
        bool first = true;
        printf("{\"settled\":%" PRIu64 ",\"proposed\":%u,\"open\":%u,\"refused\":%" PRIu64
               ",\"by_rule\":[",
               run->settled, run->batch.proposed, run->batch.open, run->refused);
        for (unsigned rule = 1; rule <= FL_MATCH_RULES; rule++) {
            if (run->settled_by_rule[rule] == 0)
                continue;
            printf("%s{\"rule\":%u,\"settled\":%" PRIu64 "}", first ? "" : ",", rule,
                   run->settled_by_rule[rule]);
            first = false;
        }
        printf("]}\n");
    } else {
        printf("%" PRIu64 " settled, %u proposed, %u open\n", run->settled, run->batch.proposed,
               run->batch.open);
        for (unsigned rule = 1; rule <= FL_MATCH_RULES; rule++) {
            if (run->settled_by_rule[rule] > 0)
                printf("  rule %2u  %" PRIu64 "\n", rule, run->settled_by_rule[rule]);
        }
    }
    return run->refused > 0 ? FL_EXIT_REFUSED : FL_EXIT_DONE;
}

/* ---- one receipt ----------------------------------------------------------------------------- */

/* The newest standing application of the receipt, and why it was made; FL_NO_ROW. */
static uint32_t application_of(const struct fl_snapshot *s, uint32_t receipt)
{
    uint32_t row = fl_at_receipt_money(s, receipt)->last_movement;
    while (row != FL_NO_ROW && (fl_at_movement_row(s, row)->kind != FL_MOVE_APPLY_RECEIPT ||
                                fl_at_movement_row(s, row)->amount_minor <= 0 ||
                                fl_at_movement_live(s, row)->reversed_by != FL_NO_ROW))
        row = fl_at_movement_row(s, row)->prev_of_source;
    return row;
}

static void explain_settled(const struct match_verb *v, uint32_t receipt, uint32_t movement)
{
    const struct fl_snapshot *s = &v->run.snapshot;
    struct fl_show show = {.s = s, .out = stdout};
    const char *id = fl_id_text(s, &fl_at_receipt_card(s, receipt)->id);
    json_string("{\"receipt\":", id, strlen(id));
    putchar(',');
    fl_show_match(&show, movement);
    printf("}\n");
}

static void explain_parked(const char *id)
{
    json_string("{\"receipt\":", id, strlen(id));
    printf(",\"rule\":null,\"points\":null,\"by\":null,\"reason\":\"parked or taken back: there is "
           "nothing to settle\",\"runner_up\":null,\"candidates\":[]}\n");
}

static void explain_open(const struct match_verb *v, const char *id, uint32_t at,
                         const struct fl_match_choice *choice)
{
    char sentence[WHY_BYTES];
    json_string("{\"receipt\":", id, strlen(id));
    if (choice->count > 0)
        printf(",\"rule\":%u,\"points\":%d,\"by\":null", choice->sets[0].rule,
               choice->sets[0].points);
    else
        printf(",\"rule\":null,\"points\":null,\"by\":null");
    const char *reason = why(v, choice, sentence);
    json_string(",\"reason\":", reason, strlen(reason));
    printf(",\"runner_up\":");
    if (choice->count > 1)
        json_candidate(v, at, choice, 1);
    else
        printf("null");
    putchar(',');
    json_candidates(v, at, choice);
    printf("}\n");
}

/* The commands by which a person takes the best, or does otherwise. */
static void words_decide(const struct match_verb *v, uint32_t receipt, uint32_t at,
                         const struct fl_match_choice *choice)
{
    const struct fl_match_line *line = &v->run.batch.lines[at];
    struct fl_match_application list[FL_MATCH_APPLICATIONS_MAX];
    const char *id = fl_id_text(&v->run.snapshot, &fl_at_receipt_card(&v->run.snapshot, receipt)->id);
    uint32_t count =
        choice->count > 0 ? fl_match_plan(&v->run.batch.state, line, &choice->sets[0], list) : 0;
    struct fl_match_words_command command = {.source = "receipt",
                                             .source_id = id,
                                             .source_id_length = strlen(id),
                                             .invoice = "INVOICE",
                                             .invoice_length = strlen("INVOICE"),
                                             .amount_minor = line->amount_minor,
                                             .currency = line->currency};
    printf("\nto decide, to florin apply %s - send%s\n", v->directory,
           count > 0 ? ", for the first of them" : "");
    if (count == 0)
        fl_match_words_apply(&command);
    for (uint32_t i = 0; i < count; i++) {
        struct fl_match_words_command each = command;
        if (list[i].source != FL_MATCH_NONE) {
            each.source = "credit_note";
            each.source_id =
                fl_match_item_id(&v->run.index, list[i].source, &each.source_id_length);
        }
        each.invoice = fl_match_item_id(&v->run.index, list[i].item, &each.invoice_length);
        each.amount_minor = list[i].amount_minor;
        each.discount_minor = list[i].discount_minor;
        each.difference_minor = list[i].difference_minor;
        fl_match_words_apply(&each);
    }
    printf("or, if it is none of them\n");
    fl_match_words_else(&v->run.snapshot, receipt);
}

/* For people: the best first, what each lacks, and what they can do about it. */
static void words_open(const struct match_verb *v, uint32_t receipt, uint32_t at,
                       const struct fl_match_choice *choice)
{
    static const char *const names[] = {">points", ">rule", "by", "would settle", "but"};
    struct fl_table_writer table;
    char sentence[WHY_BYTES], text[SET_BYTES];
    if (choice->verdict == FL_MATCH_SETTLES)
        printf("\nsure: florin match %s --auto settles it\n\n", v->directory);
    else
        printf("\nnot settled: %s\n%s", why(v, choice, sentence), choice->count > 0 ? "\n" : "");
    fl_table_open(&table, names, 5);
    for (uint32_t i = 0; i < choice->count; i++) {
        unsigned shortage = shortage_of(&v->run, choice, i);
        fl_match_say_missing(&v->run, &choice->sets[i], shortage, sentence, sizeof sentence);
        fl_table_cell(&table, "%d", choice->sets[i].points);
        fl_table_cell(&table, "%u", choice->sets[i].rule);
        fl_table_cell(&table, "%s", fl_match_rule_words(choice->sets[i].rule));
        fl_table_cell(&table, "%s", set_text(v, at, &choice->sets[i], true, text));
        fl_table_cell(&table, "%s", shortage == FL_MATCH_SHORT_NOTHING ? "" : sentence);
    }
    if (choice->count > 0)
        fl_table_print(&table, stdout, false);
    words_decide(v, receipt, at, choice);
}

static int explain(struct match_verb *v, const char *id)
{
    uint32_t receipt =
        fl_engine_find(fl_host_engine(v->run.host), FL_KIND_OF_RECEIPT, id, strlen(id));
    struct fl_match_choice choice;
    bool words = v->format != FL_FORMAT_JSON;
    if (receipt == FL_NO_ROW) {
        fprintf(stderr, "florin match: there is no receipt %s\n", id);
        return FL_EXIT_REFUSED;
    }
    uint32_t movement = application_of(&v->run.snapshot, receipt);
    uint32_t at = movement == FL_NO_ROW ? fl_match_run_line(&v->run, receipt) : FL_MATCH_NONE;
    if (words)
        fl_match_words_receipt(&v->run.snapshot, receipt);
    if (movement != FL_NO_ROW && words) {
        fl_match_words_settled(&v->run.snapshot, receipt);
    } else if (movement != FL_NO_ROW) {
        explain_settled(v, receipt, movement);
    } else if (at == FL_MATCH_NONE && words) {
        printf("\nparked or taken back: there is nothing to settle\n");
    } else if (at == FL_MATCH_NONE) {
        explain_parked(id);
    } else {
        if (fl_match_run_read(&v->run, at) != FL_OK)
            return FL_EXIT_STORAGE;
        fl_match_batch_explain(&v->run.batch, at, v->sums, &choice);
        if (words)
            words_open(v, receipt, at, &choice);
        else
            explain_open(v, id, at, &choice);
    }
    return FL_EXIT_DONE;
}

/* ---- the verb -------------------------------------------------------------------------------- */

/* What it took, as JSON on stderr. */
static void facts(const struct fl_match_run *run)
{
    fprintf(stderr,
            "{\"payments\":%u,\"items\":%u,\"seconds_index\":%.3f,\"seconds_decide\":%.3f,"
            "\"seconds_send\":%.3f,\"cpu_index\":%.3f,\"cpu_decide\":%.3f,\"cpu_send\":%.3f}\n",
            run->batch.line_count, run->index.item_count, run->seconds_index, run->seconds_batch,
            run->seconds_send, run->cpu_index, run->cpu_batch, run->cpu_send);
}

static int run_verb(struct match_verb *v, struct fl_host *host, struct fl_producer *producer,
                    const char *receipt, bool automatic)
{
    int exit = FL_EXIT_STORAGE;
    v->sums = fl_match_sum_open();
    enum fl_status status = fl_match_run_open(&v->run, host, producer);
    if (status == FL_OK && !receipt && !automatic)
        status = fl_match_run_decide(&v->run);
    if (status == FL_OK && v->sums)
        exit = receipt ? explain(v, receipt) : automatic ? settle(v) : propose(v);
    else
        fprintf(stderr, "florin match: %s\n", fl_status_name(FL_NO_MEMORY));
    if (v->facts)
        facts(&v->run);
    fl_match_run_close(&v->run);
    fl_match_sum_close(v->sums);
    return exit;
}

static int match_auto(struct match_verb *v, const struct fl_arguments *arguments)
{
    struct fl_host_config config;
    struct fl_error error = {.status = FL_OK};
    struct fl_producer *producer = NULL;
    struct fl_host *host = NULL;
    int exit = FL_EXIT_STORAGE;
    if (!fl_cli_host_config(arguments, &config))
        return FL_EXIT_USAGE;
    if (fl_host_open(arguments->words[0], &config, &host, &error) != FL_OK)
        return fl_cli_fail_open("match", &error);
    if (fl_producer_open(host, &producer) == FL_OK) {
        exit = run_verb(v, host, producer, NULL, true);
        fl_producer_close(producer);
    }
    if (fl_host_close(host, &error) != FL_OK)
        return fl_cli_fail("match", &error);
    return exit;
}

int fl_cli_match(int argc, char **argv)
{
    struct fl_option options[] = {
        {"--propose", false, NULL}, {"--auto", false, NULL},  {"--explain", true, NULL},
        {"--io", true, NULL},       {"--memory", true, NULL}, {"--format", true, NULL},
        {"--facts", false, NULL},
    };
    static struct fl_arguments arguments;
    static struct match_verb verb;
    struct fl_error error;
    int exit;
    arguments.options = options;
    arguments.option_count = sizeof options / sizeof options[0];
    if (!fl_arguments_read(&arguments, argc, argv) || !fl_format_read(&arguments, &verb.format))
        return FL_EXIT_USAGE;
    const char *receipt = fl_option_value(&arguments, "--explain");
    bool automatic = fl_option_value(&arguments, "--auto") != NULL;
    verb.facts = fl_option_value(&arguments, "--facts") != NULL;
    if (arguments.word_count != 1 ||
        (automatic && (receipt || fl_option_value(&arguments, "--propose")))) {
        fprintf(stderr, "usage: florin match DIR [--propose | --auto | --explain RECEIPT]\n");
        return FL_EXIT_USAGE;
    }
    verb.directory = arguments.words[0];
    if (automatic)
        return match_auto(&verb, &arguments);
    struct fl_host *host = fl_cli_open_reading(&arguments, arguments.words[0], &exit);
    if (!host)
        return exit;
    exit = run_verb(&verb, host, NULL, receipt, false);
    (void)fl_host_close(host, &error);
    return exit;
}
