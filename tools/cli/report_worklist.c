/* report worklist: whom to call first, by the money that a call is expected to move.
 *
 *   value of a call = 30 % x sum over the customer's invoices of open x (1 - P(paid within 7 days
 *   anyway))
 *
 * over what is overdue or due within 7 days and may be called about. That a call brings in 30 % of
 * what would not have come is an assumption, the same for all: contacts are not recorded yet, so it
 * is not learned, and it changes the amounts but not the order. Not called about, but listed with
 * the word why: what is disputed (settle that first), what is promised for today or a later day,
 * and what our own refund reopened ("refunded, not credited", rulings D4.3). An unapplied receipt
 * or open credit of the customer is shown beside: it may be the payment.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cli/predict_live.h"

#define CALL_SHARE 0.30
#define WEEK_DAYS  7

enum word { WORD_CALL, WORD_DISPUTED, WORD_PROMISED, WORD_REFUNDED, WORDS };

static const char *const words[WORDS] = {"call", "disputed", "promised", "refunded, not credited"};

struct entry {
    int64_t open_minor, overdue_minor, value_minor, kept_minor[WORDS];
    double paid_7_minor;                /* of what may be called about, paid anyway */
    uint32_t customer, invoices, first; /* first: place in `items` */
    int oldest_days;                    /* overdue */
    uint8_t currency;
};

struct item {
    uint32_t open; /* of the live list */
    uint32_t customer;
    int64_t value_minor;
    float p_paid_7;
    uint8_t currency, word;
};

struct worklist {
    const struct fl_report *report;
    struct fl_predict_live live;
    uint16_t *promised_until,
        *promised_all; /* by invoice; by customer: the last open promise's day */
    struct item *items;
    struct entry *entries;
    uint32_t item_count, entry_count;
};

/* ---- what is not called about -------------------------------------------------------------------
 */

static void promise_note(uint16_t *days, uint32_t row, uint16_t until)
{
    if (days[row] < until)
        days[row] = until;
}

static bool promises_read(struct worklist *w)
{
    const struct fl_snapshot *s = &w->report->snapshot;
    w->promised_until = calloc(s->rows[FL_TABLE_invoice] + 1ul, sizeof *w->promised_until);
    w->promised_all = calloc(s->rows[FL_TABLE_customer] + 1ul, sizeof *w->promised_all);
    if (!w->promised_until || !w->promised_all)
        return false;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_promise]; row++) {
        const struct fl_promise_card *card = fl_at_promise_card(s, row);
        if (card->made > w->report->as_of || card->date < w->report->as_of ||
            fl_at_promise_live(s, row)->state == FL_PROMISE_KEPT)
            continue;
        if (card->invoice != FL_NO_ROW)
            promise_note(w->promised_until, card->invoice, card->date);
        else
            promise_note(w->promised_all, card->customer, card->date);
    }
    return true;
}

/* The receipt was refunded by the very record that took the application back. */
static bool refund_did(const struct fl_snapshot *s, uint32_t reversal)
{
    uint64_t seq = fl_at_movement_cold(s, reversal)->seq;
    uint32_t row = fl_at_receipt_money(s, fl_at_movement_row(s, reversal)->source)->last_movement;
    for (; row != FL_NO_ROW; row = fl_at_movement_row(s, row)->prev_of_source) {
        if (fl_at_movement_row(s, row)->kind == FL_MOVE_REFUND_RECEIPT &&
            fl_at_movement_cold(s, row)->seq == seq)
            return true;
    }
    return false;
}

/* An application of it was taken back by our own refund, and it owes since. */
static bool is_refunded(const struct fl_snapshot *s, uint32_t invoice, uint16_t as_of)
{
    uint32_t row = fl_at_invoice_money(s, invoice)->last_movement;
    for (; row != FL_NO_ROW; row = fl_at_movement_row(s, row)->prev_of_invoice) {
        const struct fl_movement_row *move = fl_at_movement_row(s, row);
        if (move->kind == FL_MOVE_APPLY_RECEIPT && move->amount_minor < 0 && move->date <= as_of &&
            refund_did(s, row))
            return true;
    }
    return false;
}

static enum word word_of(const struct worklist *w, const struct fl_predict_open *open)
{
    const struct fl_snapshot *s = &w->report->snapshot;
    const struct fl_predict_row *row = fl_predict_live_row(&w->live, open);
    if (is_refunded(s, row->invoice, w->report->as_of))
        return WORD_REFUNDED;
    if (open->disputed && fl_at_invoice_money(s, row->invoice)->flags & FL_INVOICE_DISPUTED)
        return WORD_DISPUTED;
    if (w->promised_until[row->invoice] != 0 || w->promised_all[row->customer] != 0)
        return WORD_PROMISED;
    return WORD_CALL;
}

/* ---- gathering --------------------------------------------------------------------------------
 */

static void item_add(struct worklist *w, uint32_t at)
{
    const struct fl_predict_open *open = &w->live.open[at];
    const struct fl_predict_row *row = fl_predict_live_row(&w->live, open);
    if (row->due_days > w->report->as_of + WEEK_DAYS)
        return;
    double p =
        fl_predict_paid_within(&w->live.model, row, w->report->as_of, open->disputed, WEEK_DAYS);
    enum word word = word_of(w, open);
    double value = word == WORD_CALL ? CALL_SHARE * (1 - p) * (double)open->open_minor : 0;
    w->items[w->item_count++] = (struct item){.open = at,
                                              .customer = row->customer,
                                              .currency = row->currency,
                                              .p_paid_7 = (float)p,
                                              .value_minor = llround(value),
                                              .word = (uint8_t)word};
}

/* By currency and customer, then what a call is about most. */
static int item_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->currency != y->currency)
        return x->currency < y->currency ? -1 : 1;
    if (x->customer != y->customer)
        return x->customer < y->customer ? -1 : 1;
    if (x->value_minor != y->value_minor)
        return x->value_minor > y->value_minor ? -1 : 1;
    return (x->open > y->open) - (x->open < y->open);
}

static void entry_take(struct worklist *w, struct entry *e, const struct item *item)
{
    const struct fl_predict_open *open = &w->live.open[item->open];
    int days = (int)w->report->as_of - (int)fl_predict_live_row(&w->live, open)->due_days;
    e->invoices++;
    e->open_minor += open->open_minor;
    e->overdue_minor += days > 0 ? open->open_minor : 0;
    e->value_minor += item->value_minor;
    e->kept_minor[item->word] += open->open_minor;
    e->oldest_days = days > e->oldest_days ? days : e->oldest_days;
    if (item->word == WORD_CALL)
        e->paid_7_minor += (double)item->p_paid_7 * (double)open->open_minor;
}

/* By currency; the most worth a call first, then what is overdue. */
static int entry_order(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->currency != y->currency)
        return x->currency < y->currency ? -1 : 1;
    if (x->value_minor != y->value_minor)
        return x->value_minor > y->value_minor ? -1 : 1;
    if (x->overdue_minor != y->overdue_minor)
        return x->overdue_minor > y->overdue_minor ? -1 : 1;
    return (x->customer > y->customer) - (x->customer < y->customer);
}

static bool worklist_make(struct worklist *w)
{
    w->items = malloc((w->live.count + 1ul) * sizeof *w->items);
    w->entries = malloc((w->live.count + 1ul) * sizeof *w->entries);
    if (!w->items || !w->entries || !promises_read(w))
        return false;
    for (uint32_t i = 0; i < w->live.count; i++)
        item_add(w, i);
    qsort(w->items, w->item_count, sizeof *w->items, item_order);
    for (uint32_t i = 0; i < w->item_count; i++) {
        const struct item *item = &w->items[i];
        if (i == 0 || item[-1].customer != item->customer || item[-1].currency != item->currency)
            w->entries[w->entry_count++] =
                (struct entry){.customer = item->customer, .currency = item->currency, .first = i};
        entry_take(w, &w->entries[w->entry_count - 1], item);
    }
    qsort(w->entries, w->entry_count, sizeof *w->entries, entry_order);
    return true;
}

/* ---- printing ---------------------------------------------------------------------------------
 */

/* Of what may be called about; NAN if nothing may. */
static double paid_7(const struct entry *e)
{
    return e->kept_minor[WORD_CALL] > 0 ? e->paid_7_minor / (double)e->kept_minor[WORD_CALL] : NAN;
}

static void invoice_json(const struct worklist *w, const struct item *item, bool first)
{
    const struct fl_report *r = w->report;
    const struct fl_predict_open *open = &w->live.open[item->open];
    const struct fl_predict_row *row = fl_predict_live_row(&w->live, open);
    struct fl_prediction p;
    char text[160];
    int days = (int)r->as_of - (int)row->due_days;
    fl_predict_score(&w->live.model, row, r->as_of, open->disputed, &p);
    struct fl_predict_days when = fl_predict_days_of(row, &p, r->as_of);
    fprintf(r->out, "%s{\"invoice\":", first ? "" : ",");
    fl_report_string(r,
                     fl_id_text(&r->snapshot, &fl_at_invoice_card(&r->snapshot, row->invoice)->id));
    fprintf(r->out, ",\"due_date\":\"%s\",\"days_overdue\":%d,\"open\":\"%s\",\"p_paid_7\":%.4f",
            fl_day_text(row->due_days), days > 0 ? days : 0,
            fl_money_text(open->open_minor, row->currency), p.p_paid_7);
    putc(',', r->out);
    fl_predict_day_json(r->out, "expected_date", when.expected);
    fprintf(r->out, ",\"value\":\"%s\",\"state\":\"%s\",\"reason\":",
            fl_money_text(item->value_minor, row->currency), words[item->word]);
    fl_predict_reason_text(&w->live, open, &p, FL_FACTOR_COUNT, text);
    fl_report_string(r, text);
    putc('}', r->out);
}

/* Money of the customer that pays nothing yet, as of the day. */
static void beside(const struct worklist *w, const struct entry *e, fl_int128 *unapplied,
                   fl_int128 *credits)
{
    static struct fl_aging all[FL_CURRENCY_COUNT];
    unsigned count = fl_aging_of_customer(&w->report->snapshot, &w->live.items, e->customer, all);
    for (unsigned i = 0; i < count; i++) {
        if (all[i].currency == e->currency) {
            *unapplied = all[i].unapplied;
            *credits = all[i].credits;
        }
    }
}

static void entry_json(const struct worklist *w, const struct entry *e, uint32_t rank)
{
    const struct fl_report *r = w->report;
    const struct fl_snapshot *s = &r->snapshot;
    fl_int128 unapplied = 0, credits = 0;
    beside(w, e, &unapplied, &credits);
    fprintf(r->out, "%s{\"rank\":%" PRIu32 ",\"customer\":", rank > 1 ? "," : "", rank);
    fl_report_string(r, fl_id_text(s, &fl_at_customer_card(s, e->customer)->id));
    fprintf(r->out, ",\"currency\":\"%s\",\"value\":\"%s\",\"open\":\"%s\",\"overdue\":\"%s\"",
            fl_currency_code(e->currency), fl_money_text(e->value_minor, e->currency),
            fl_money_text(e->open_minor, e->currency),
            fl_money_text(e->overdue_minor, e->currency));
    fprintf(r->out, ",\"oldest_days\":%d,\"p_paid_7\":", e->oldest_days);
    if (isnan(paid_7(e)))
        fputs("null", r->out);
    else
        fprintf(r->out, "%.4f", paid_7(e));
    fprintf(r->out, ",\"disputed\":\"%s\",\"promised\":\"%s\",\"refunded\":\"%s\"",
            fl_money_text(e->kept_minor[WORD_DISPUTED], e->currency),
            fl_money_text(e->kept_minor[WORD_PROMISED], e->currency),
            fl_money_text(e->kept_minor[WORD_REFUNDED], e->currency));
    fprintf(r->out, ",\"unapplied\":\"%s\",\"credits\":\"%s\",\"invoices\":[",
            fl_money_text(-unapplied, e->currency), fl_money_text(-credits, e->currency));
    for (uint32_t i = 0; i < e->invoices; i++)
        invoice_json(w, &w->items[e->first + i], i == 0);
    fputs("]}", r->out);
}

static void worklist_json(const struct worklist *w)
{
    const struct fl_report *r = w->report;
    putc('{', r->out);
    fl_report_head(r);
    fprintf(r->out, ",\"model\":\"additive_dispute\",\"call_share\":\"%.2f\",\"customers\":[",
            CALL_SHARE);
    for (uint32_t i = 0; i < w->entry_count; i++)
        entry_json(w, &w->entries[i], i + 1);
    fputs("]}\n", r->out);
}

/* Why not, or why to: the word of what is kept back, else the first invoice's reasons. */
static void entry_text(const struct worklist *w, const struct entry *e, char out[160])
{
    const struct item *item = &w->items[e->first];
    const struct fl_predict_open *open = &w->live.open[item->open];
    struct fl_prediction p;
    if (item->word != WORD_CALL) {
        snprintf(out, 160, "%s", words[item->word]);
        return;
    }
    fl_predict_score(&w->live.model, fl_predict_live_row(&w->live, open), w->report->as_of,
                     open->disputed, &p);
    fl_predict_reason_text(&w->live, open, &p, 2, out);
}

static void entry_row(const struct worklist *w, const struct entry *e,
                      struct fl_table_writer *table)
{
    const struct fl_snapshot *s = &w->report->snapshot;
    bool csv = w->report->format == FL_FORMAT_CSV;
    char text[160];
    fl_table_cell(table, "%s", fl_id_text(s, &fl_at_customer_card(s, e->customer)->id));
    if (csv)
        fl_table_cell(table, "%s", fl_currency_code(e->currency));
    fl_table_cell(table, "%s", fl_money_text(e->value_minor, e->currency));
    fl_table_cell(table, "%s", fl_money_text(e->overdue_minor, e->currency));
    fl_table_cell(table, "%s", fl_money_text(e->open_minor, e->currency));
    fl_table_cell(table, "%d", e->oldest_days);
    if (isnan(paid_7(e)))
        fl_table_cell(table, "%s", "");
    else
        fl_table_cell(table, "%.*f", csv ? 2 : 0, 100 * paid_7(e));
    for (unsigned word = WORD_DISPUTED; csv && word < WORDS; word++)
        fl_table_cell(table, "%s", fl_money_text(e->kept_minor[word], e->currency));
    entry_text(w, e, text);
    fl_table_cell(table, "%s", text);
}

static void worklist_csv(const struct worklist *w)
{
    static const char *const names[] = {"customer", "currency",    "value",          "overdue",
                                        "open",     "oldest_days", "paid_7_percent", "disputed",
                                        "promised", "refunded",    "because"};
    struct fl_table_writer table;
    fl_table_open(&table, names, 11);
    for (uint32_t i = 0; i < w->entry_count; i++)
        entry_row(w, &w->entries[i], &table);
    fl_table_print(&table, w->report->out, true);
}

static void worklist_table(const struct worklist *w)
{
    static const char *const names[] = {"customer", ">moves", ">overdue",        ">open",
                                        ">oldest",  ">7 d %", "because, in days"};
    const struct fl_report *r = w->report;
    struct fl_table_writer table;
    for (uint32_t i = 0; i < w->entry_count;) {
        uint8_t currency = w->entries[i].currency;
        fprintf(r->out, "%sWhom to call first, %s, as of %s (sequence %" PRIu64 ")\n\n",
                i ? "\n" : "", fl_currency_code(currency), fl_day_text(r->as_of), r->snapshot.seq);
        fl_table_open(&table, names, 7);
        for (; i < w->entry_count && w->entries[i].currency == currency; i++)
            entry_row(w, &w->entries[i], &table);
        fl_table_print(&table, r->out, false);
    }
    if (w->entry_count == 0)
        fprintf(r->out, "nothing is due as of %s\n", fl_day_text(r->as_of));
    else
        fprintf(r->out,
                "\nmoves: what a call brings in within 7 days, taken as %.0f %% of what would "
                "not come\n",
                100 * CALL_SHARE);
}

int fl_report_worklist(struct fl_report *report)
{
    struct worklist w = {.report = report};
    int exit = fl_predict_live_open(&w.live, report);
    if (exit == FL_EXIT_DONE && !worklist_make(&w)) {
        fprintf(stderr, "florin report worklist: no memory\n");
        exit = FL_EXIT_STORAGE;
    } else if (exit == FL_EXIT_DONE && report->format == FL_FORMAT_JSON) {
        worklist_json(&w);
    } else if (exit == FL_EXIT_DONE && report->format == FL_FORMAT_CSV) {
        worklist_csv(&w);
    } else if (exit == FL_EXIT_DONE) {
        worklist_table(&w);
    }
    fl_predict_live_close(&w.live);
    free(w.promised_until);
    free(w.promised_all);
    free(w.items);
    free(w.entries);
    return exit;
}
