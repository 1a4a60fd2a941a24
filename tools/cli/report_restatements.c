/* report restatements: what became known after a close (or --known-at) and concerns days up to the
 * as-of day. JSON: what was reported and what is now, of each currency and receivable account, and
 * the rows: those that restate come to the difference, those that were pushed change nothing. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/restatement.h"
#include "core/base/date.h"
#include "tools/cli/cli_report.h"

/* Receivable accounts, debit plus. */
struct sums {
    fl_int128 invoices, unapplied, credits;
};

struct currency_sums {
    uint8_t currency;
    struct sums reported, now;
};

static fl_int128 total(const struct sums *sums)
{
    return sums->invoices + sums->unapplied + sums->credits;
}

static struct sums sums_of(const struct fl_aging *a)
{
    return (struct sums){fl_aging_invoices(a), -a->unapplied, -a->credits};
}

/* By currency's number. */
static enum fl_status sums_read(const struct fl_report *r, uint64_t known_seq,
                                struct fl_aging *scratch, struct sums out[FL_CURRENCY_COUNT])
{
    struct fl_open_items items;
    FL_TRY(fl_open_items_make(&r->snapshot, r->as_of, known_seq, &items));
    unsigned count = fl_aging_by_currency(&r->snapshot, &items, scratch);
    for (unsigned i = 0; i < count; i++)
        out[scratch[i].currency] = sums_of(&scratch[i]);
    fl_open_items_free(&items);
    return FL_OK;
}

/* ---- json --------------------------------------------------------------------------------------
 */

static void sums_json(const struct fl_report *r, const char *name, const struct sums *sums,
                      uint8_t currency)
{
    fprintf(r->out,
            ",\"%s\":{\"receivable\":\"%s\",\"invoices\":\"%s\",\"unapplied\":\"%s\","
            "\"credits\":\"%s\"}",
            name, fl_money_text(total(sums), currency), fl_money_text(sums->invoices, currency),
            fl_money_text(sums->unapplied, currency), fl_money_text(sums->credits, currency));
}

static struct sums difference(const struct currency_sums *c)
{
    return (struct sums){c->now.invoices - c->reported.invoices,
                         c->now.unapplied - c->reported.unapplied,
                         c->now.credits - c->reported.credits};
}

static void row_json(const struct fl_report *r, const struct fl_restatement *row, bool first)
{
    const struct fl_entry *entry = &row->entry.entry;
    struct sums sums = {row->invoices, row->unapplied, row->credits};
    fprintf(r->out, "%s{\"seq\":%" PRIu64 ",\"date\":\"%s\",\"concerns\":\"%s\",\"type\":\"%s\"",
            first ? "" : ",", row->entry.seq, fl_day_text(entry->date),
            fl_day_text(row->concerns ? row->concerns : entry->date), row->entry.type);
    fputs(",\"ref\":", r->out);
    fl_report_string(r, fl_report_entry_ref(r, &row->entry));
    fputs(",\"document\":", r->out);
    fl_report_string(r, fl_id_text(&r->snapshot, &row->entry.document));
    fputs(",\"customer\":", r->out);
    if (row->entry.customer == FL_NO_ROW)
        fputs("null", r->out);
    else
        fl_report_string(
            r,
            fl_id_text(&r->snapshot, &fl_at_customer_card(&r->snapshot, row->entry.customer)->id));
    fprintf(r->out, ",\"currency\":\"%s\"", fl_currency_code(entry->currency));
    sums_json(r, "effect", &sums, entry->currency);
    fprintf(r->out, ",\"restates\":%s}", row->restates ? "true" : "false");
}

/* ---- rows --------------------------------------------------------------------------------------
 */

static bool is_wanted(const struct fl_report *r, uint8_t currency)
{
    return r->currency == FL_CURRENCY_NONE || r->currency == currency;
}

static void row_cells(const struct fl_report *r, const struct fl_restatement *row,
                      struct fl_table_writer *table)
{
    const struct fl_entry *entry = &row->entry.entry;
    const bool csv = r->format == FL_FORMAT_CSV;
    uint32_t customer = row->entry.customer;
    fl_table_cell(table, "%" PRIu64, row->entry.seq);
    fl_table_cell(table, "%s", fl_day_text(row->concerns ? row->concerns : entry->date));
    fl_table_cell(table, "%s", fl_day_text(entry->date));
    fl_table_cell(table, "%s", row->entry.type);
    fl_table_cell(table, "%s", fl_report_entry_ref(r, &row->entry));
    if (csv)
        fl_table_cell(
            table, "%s",
            customer == FL_NO_ROW
                ? ""
                : fl_id_text(&r->snapshot, &fl_at_customer_card(&r->snapshot, customer)->id));
    fl_table_cell(table, "%s", fl_currency_code(entry->currency));
    fl_table_cell(table, "%s",
                  fl_money_text(row->invoices + row->unapplied + row->credits, entry->currency));
    if (csv) {
        fl_table_cell(table, "%s", fl_money_text(row->invoices, entry->currency));
        fl_table_cell(table, "%s", fl_money_text(row->unapplied, entry->currency));
        fl_table_cell(table, "%s", fl_money_text(row->credits, entry->currency));
    }
    fl_table_cell(table, "%s", row->restates ? "true" : "false");
}

/* `table` null: as JSON. */
static void rows_put(const struct fl_report *r, struct fl_table_writer *table)
{
    struct fl_restatements *list = calloc(1, sizeof *list);
    struct fl_restatement *row = calloc(1, sizeof *row);
    bool first = true;
    if (list && row)
        fl_restatements_open(list, &r->snapshot, r->as_of, r->known_seq);
    while (list && row && fl_restatements_next(list, row)) {
        if (!is_wanted(r, row->entry.entry.currency))
            continue;
        if (table)
            row_cells(r, row, table);
        else
            row_json(r, row, first);
        first = false;
    }
    free(row);
    free(list);
}

static void rows_print(const struct fl_report *r)
{
    static const char *const wide[] = {"seq",       "concerns",   "date",     "type",
                                       "ref",       "customer",   "currency", ">receivable",
                                       ">invoices", ">unapplied", ">credits", "restates"};
    static const char *const narrow[] = {"seq", "concerns", "counts on",   "type",
                                         "ref", "cur",      ">receivable", "restates"};
    struct fl_table_writer table;
    bool csv = r->format == FL_FORMAT_CSV;
    fl_table_open(&table, csv ? wide : narrow, csv ? 12 : 8);
    rows_put(r, &table);
    fl_table_print(&table, r->out, csv);
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

static void json_print(const struct fl_report *r, const struct currency_sums *all, unsigned count)
{
    putc('{', r->out);
    fl_report_head(r);
    fputs(",\"currencies\":[", r->out);
    for (unsigned i = 0; i < count; i++) {
        struct sums change = difference(&all[i]);
        fprintf(r->out, "%s{\"currency\":\"%s\"", i ? "," : "", fl_currency_code(all[i].currency));
        sums_json(r, "reported", &all[i].reported, all[i].currency);
        sums_json(r, "restated", &all[i].now, all[i].currency);
        sums_json(r, "difference", &change, all[i].currency);
        putc('}', r->out);
    }
    fputs("],\"rows\":[", r->out);
    rows_put(r, NULL);
    fputs("]}\n", r->out);
}

static void table_print(const struct fl_report *r, const struct currency_sums *all, unsigned count)
{
    static const char *const names[] = {"receivable", ">as reported", ">restated", ">difference"};
    struct fl_table_writer table;
    fl_report_title(r, "Restatements");
    fl_table_open(&table, names, 4);
    for (unsigned i = 0; i < count; i++) {
        struct sums change = difference(&all[i]);
        fl_table_cell(&table, "%s", fl_currency_code(all[i].currency));
        fl_table_cell(&table, "%s", fl_money_text(total(&all[i].reported), all[i].currency));
        fl_table_cell(&table, "%s", fl_money_text(total(&all[i].now), all[i].currency));
        fl_table_cell(&table, "%s", fl_money_text(total(&change), all[i].currency));
    }
    fl_table_print(&table, r->out, false);
    putc('\n', r->out);
    rows_print(r);
}

/* The currencies that have anything, reported or now, to the front of `all`. */
static unsigned currencies_of(const struct fl_report *r, const struct sums *reported,
                              const struct sums *now, struct currency_sums *all)
{
    static const struct sums none;
    unsigned count = 0;
    for (unsigned currency = 1; currency < FL_CURRENCY_COUNT; currency++) {
        bool empty = memcmp(&reported[currency], &none, sizeof none) == 0 &&
                     memcmp(&now[currency], &none, sizeof none) == 0;
        if (!empty && is_wanted(r, (uint8_t)currency))
            all[count++] =
                (struct currency_sums){(uint8_t)currency, reported[currency], now[currency]};
    }
    return count;
}

int fl_report_restatements(struct fl_report *r)
{
    static struct sums reported[FL_CURRENCY_COUNT], now[FL_CURRENCY_COUNT];
    static struct currency_sums all[FL_CURRENCY_COUNT];
    if (!fl_option_value(r->arguments, "--known-at") &&
        !fl_report_close_seq(r, r->as_of, &r->known_seq))
        return FL_EXIT_USAGE;
    struct fl_aging *scratch = calloc(FL_CURRENCY_COUNT, sizeof *scratch);
    if (!scratch || sums_read(r, r->known_seq, scratch, reported) != FL_OK ||
        sums_read(r, UINT64_MAX, scratch, now) != FL_OK) {
        free(scratch);
        return FL_EXIT_STORAGE;
    }
    free(scratch);
    unsigned count = currencies_of(r, reported, now, all);
    if (r->format == FL_FORMAT_JSON)
        json_print(r, all, count);
    else if (r->format == FL_FORMAT_CSV)
        rows_print(r);
    else
        table_print(r, all, count);
    return FL_EXIT_DONE;
}
