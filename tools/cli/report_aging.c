#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/kpi_dso.h"
#include "analytics/kpi_sheet.h"
#include "core/domain/instalment.h"
#include "core/domain/state.h"
#include "tools/cli/report_aging.h"

/* ---- aging
 * -------------------------------------------------------------------------------------------- */

static fl_int128 total_of(const struct fl_aging *a)
{
    return fl_aging_invoices(a) - a->unapplied - a->credits;
}

static void bucket_range(const struct fl_book_settings *book, unsigned i, int *from, int *to)
{
    *from = i == 0 ? 1 : book->buckets[i - 1] + 1;
    *to = i < book->bucket_count ? book->buckets[i] : -1;
}

static fl_int128 control_account(const struct fl_report *r, uint8_t currency)
{
    return r->in_base ? fl_control_account_base(&r->snapshot, r->as_of, r->known_seq)
                      : fl_control_account(&r->snapshot, currency, r->as_of, r->known_seq);
}

void fl_report_aging_object(const struct fl_report *r, const struct fl_aging *a, bool with_ledger)
{
    const struct fl_book_settings *book = fl_at_book_settings(&r->snapshot, 0);
    fprintf(r->out, "{\"currency\":\"%s\",\"not_due\":\"%s\",\"buckets\":[",
            fl_currency_code(a->currency), fl_money_text(a->not_due, a->currency));
    for (unsigned i = 0; i <= book->bucket_count; i++) {
        int from, to;
        bucket_range(book, i, &from, &to);
        fprintf(r->out, "%s{\"from\":%d,\"to\":", i ? "," : "", from);
        if (to < 0)
            fputs("null", r->out);
        else
            fprintf(r->out, "%d", to);
        fprintf(r->out, ",\"amount\":\"%s\",\"count\":%" PRIu64 "}",
                fl_money_text(a->bucket[i], a->currency), a->bucket_count[i]);
    }
    fprintf(r->out, "],\"unapplied\":\"%s\",\"credits\":\"%s\",\"total\":\"%s\"",
            fl_money_text(-a->unapplied, a->currency), fl_money_text(-a->credits, a->currency),
            fl_money_text(total_of(a), a->currency));
    if (with_ledger)
        fprintf(r->out, ",\"ledger\":\"%s\",\"unidentified\":\"%s\"",
                fl_money_text(control_account(r, a->currency), a->currency),
                fl_money_text(a->unidentified, a->currency));
    fputs("}", r->out);
}

static unsigned keep_currency(const struct fl_report *r, struct fl_aging *all, unsigned count)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < count; i++) {
        if (r->currency == FL_CURRENCY_NONE || all[i].currency == r->currency)
            all[kept++] = all[i];
    }
    return kept;
}

static void aging_json(const struct fl_report *r, const struct fl_aging *all, unsigned count)
{
    putc('{', r->out);
    fl_report_head(r);
    fputs(",\"basis\":\"due_date\",\"currencies\":[", r->out);
    for (unsigned i = 0; i < count; i++) {
        fputs(i ? "," : "", r->out);
        fl_report_aging_object(r, &all[i], true);
    }
    fputs("]}\n", r->out);
}

void fl_report_bar(char *out, fl_int128 part, fl_int128 whole, int cells)
{
    int filled = whole > 0 && part > 0 ? (int)((part * cells + whole / 2) / whole) : 0;
    out[0] = '\0';
    for (int i = 0; i < filled && i < cells; i++)
        strcat(out, "\u2588");
}

void fl_report_bucket_text(const struct fl_report *r, unsigned i, char out[32])
{
    int from = 0, to = 0;
    if (i > 0)
        bucket_range(fl_at_book_settings(&r->snapshot, 0), i - 1, &from, &to);
    if (i == 0)
        snprintf(out, 32, "not due");
    else if (to < 0)
        snprintf(out, 32, "over %d days", from - 1);
    else
        snprintf(out, 32, "%d to %d days", from, to);
}

static void table_title(const struct fl_report *r, uint8_t currency)
{
    fprintf(r->out, "Aging in %s as of %s, by %s date", fl_currency_code(currency),
            fl_day_text(r->as_of), r->by_document_date ? "document" : "due");
    if (r->known_seq != UINT64_MAX)
        fprintf(r->out, ", as known at sequence %" PRIu64, r->known_seq);
    fprintf(r->out, " (sequence %" PRIu64 ")\n\n", r->snapshot.seq);
}

void fl_aging_table(const struct fl_report *r, const struct fl_aging *a, bool csv)
{
    const struct fl_book_settings *book = fl_at_book_settings(&r->snapshot, 0);
    static const char *const names[] = {"overdue", ">invoices", ">amount", ""};
    struct fl_table_writer table;
    char bars[80], days[32];
    fl_int128 all = fl_aging_invoices(a);
    if (!csv)
        table_title(r, a->currency);
    fl_table_open(&table, names, csv ? 3 : 4);
    for (unsigned i = 0; i <= book->bucket_count + 1u; i++) {
        fl_int128 amount = i == 0 ? a->not_due : a->bucket[i - 1];
        fl_report_bucket_text(r, i, days);
        fl_table_cell(&table, "%s", days);
        fl_table_cell(&table, "%" PRIu64, i == 0 ? a->not_due_count : a->bucket_count[i - 1]);
        fl_table_cell(&table, "%s", fl_money_text(amount, a->currency));
        fl_report_bar(bars, amount, all, 24);
        if (!csv)
            fl_table_cell(&table, "%s", bars);
    }
    const struct {
        const char *name;
        fl_int128 amount;
    } rest[] = {{"unapplied", -a->unapplied}, {"credits", -a->credits}, {"total", total_of(a)}};
    for (unsigned i = 0; i < 3; i++) {
        fl_table_cell(&table, "%s", rest[i].name);
        fl_table_cell(&table, "%s", "");
        fl_table_cell(&table, "%s", fl_money_text(rest[i].amount, a->currency));
        if (!csv)
            fl_table_cell(&table, "%s", "");
    }
    fl_table_print(&table, r->out, csv);
    if (!csv) {
        fl_int128 ledger = control_account(r, a->currency);
        fprintf(r->out, "\nledger %s%s; unidentified cash %s\n\n",
                fl_money_text(ledger, a->currency),
                ledger == total_of(a) ? ", agrees" : ", DIFFERS: run florin check",
                fl_money_text(a->unidentified, a->currency));
    }
}

/* ---- by customer, by invoice
 * ------------------------------------------------------------------------------ */

/* A row a customer and currency; the buckets are named by their first day. */
void fl_aging_groups_line(const struct fl_report *r, const char *name, const struct fl_aging *a,
                          struct fl_table_writer *table)
{
    const struct fl_book_settings *book = fl_at_book_settings(&r->snapshot, 0);
    fl_table_cell(table, "%s", name);
    fl_table_cell(table, "%s", fl_currency_code(a->currency));
    fl_table_cell(table, "%s", fl_money_text(a->not_due, a->currency));
    for (unsigned bucket = 0; bucket <= book->bucket_count; bucket++)
        fl_table_cell(table, "%s", fl_money_text(a->bucket[bucket], a->currency));
    fl_table_cell(table, "%s", fl_money_text(-a->unapplied, a->currency));
    fl_table_cell(table, "%s", fl_money_text(-a->credits, a->currency));
    fl_table_cell(table, "%s", fl_money_text(total_of(a), a->currency));
}

void fl_aging_groups_open(const struct fl_report *r, const char *by, struct fl_table_writer *table)
{
    static char bucket_names[FL_AGING_BUCKETS_MAX][24];
    const struct fl_book_settings *book = fl_at_book_settings(&r->snapshot, 0);
    const char *names[FL_TABLE_COLUMNS_MAX] = {by, "cur", ">not due"};
    unsigned columns = 3;
    for (unsigned i = 0; i <= book->bucket_count; i++) {
        int from, to;
        bucket_range(book, i, &from, &to);
        if (to < 0)
            snprintf(bucket_names[i], sizeof bucket_names[i], ">%d+", from);
        else
            snprintf(bucket_names[i], sizeof bucket_names[i], ">%d-%d", from, to);
        names[columns++] = bucket_names[i];
    }
    names[columns++] = ">unapplied";
    names[columns++] = ">credits";
    names[columns++] = ">total";
    fl_table_open(table, names, columns);
}

static void customer_json(const struct fl_report *r, const char *id, const struct fl_aging *all,
                          unsigned count, bool first)
{
    fprintf(r->out, "%s{\"customer\":", first ? "" : ",");
    fl_report_string(r, id);
    fputs(",\"currencies\":[", r->out);
    for (unsigned i = 0; i < count; i++) {
        fputs(i ? "," : "", r->out);
        fl_report_aging_object(r, &all[i], false);
    }
    fputs("]}", r->out);
}

static void by_begin(const struct fl_report *r, const char *list)
{
    fl_report_title(r, "Aging by due date");
    if (r->format != FL_FORMAT_JSON)
        return;
    putc('{', r->out);
    fl_report_head(r);
    fprintf(r->out, ",\"basis\":\"due_date\",\"%s\":[", list);
}

static void by_end(const struct fl_report *r, struct fl_table_writer *table)
{
    if (r->format == FL_FORMAT_JSON)
        fputs("]}\n", r->out);
    else
        fl_table_print(table, r->out, r->format == FL_FORMAT_CSV);
}

static int aging_by_customer(const struct fl_report *r, const struct fl_open_items *items)
{
    const struct fl_snapshot *s = &r->snapshot;
    struct fl_aging *all = calloc(FL_CURRENCY_COUNT, sizeof *all);
    struct fl_table_writer table;
    bool first = true;
    if (!all)
        return FL_EXIT_STORAGE;
    fl_aging_groups_open(r, "customer", &table);
    by_begin(r, "customers");
    for (uint32_t customer = 0; customer < s->rows[FL_TABLE_customer]; customer++) {
        const struct fl_customer_account *account = fl_at_customer_account(s, customer);
        if (account->last_invoice == FL_NO_ROW && account->last_receipt == FL_NO_ROW &&
            account->last_credit_note == FL_NO_ROW)
            continue;
        unsigned count = keep_currency(r, all, fl_aging_of_customer(s, items, customer, all));
        if (count == 0)
            continue;
        const char *id = fl_id_text(s, &fl_at_customer_card(s, customer)->id);
        if (r->format == FL_FORMAT_JSON)
            customer_json(r, id, all, count, first);
        for (unsigned i = 0; r->format != FL_FORMAT_JSON && i < count; i++)
            fl_aging_groups_line(r, id, &all[i], &table);
        first = false;
    }
    by_end(r, &table);
    free(all);
    return FL_EXIT_DONE;
}

static void invoice_bucket(const struct fl_report *r, int days, char out[24])
{
    const struct fl_book_settings *book = fl_at_book_settings(&r->snapshot, 0);
    int from, to;
    if (days <= 0) {
        snprintf(out, 24, "not_due");
        return;
    }
    bucket_range(book, fl_aging_bucket(book, days), &from, &to);
    if (to < 0)
        snprintf(out, 24, ">%d", from - 1);
    else
        snprintf(out, 24, "%d-%d", from, to);
}

static void invoice_json(const struct fl_report *r, const struct fl_invoice_card *card,
                         int64_t open, uint16_t due, bool first)
{
    int days = (int)r->as_of - (int)due;
    const struct fl_snapshot *s = &r->snapshot;
    char bucket[24];
    invoice_bucket(r, days, bucket);
    fprintf(r->out, "%s{\"invoice\":", first ? "" : ",");
    fl_report_string(r, fl_id_text(s, &card->id));
    fputs(",\"customer\":", r->out);
    fl_report_string(r, fl_id_text(s, &fl_at_customer_card(s, card->customer)->id));
    fprintf(r->out,
            ",\"date\":\"%s\",\"due_date\":\"%s\",\"days_overdue\":%d,\"currency\":\"%s\","
            "\"open\":\"%s\",\"bucket\":\"%s\"}",
            fl_day_text(card->date), fl_day_text(due), days > 0 ? days : 0,
            fl_currency_code(card->currency), fl_money_text(open, card->currency), bucket);
}

static void invoice_row(const struct fl_report *r, const struct fl_invoice_card *card, int64_t open,
                        uint16_t due, struct fl_table_writer *table)
{
    int days = (int)r->as_of - (int)due;
    const struct fl_snapshot *s = &r->snapshot;
    fl_table_cell(table, "%s", fl_id_text(s, &card->id));
    fl_table_cell(table, "%s", fl_id_text(s, &fl_at_customer_card(s, card->customer)->id));
    fl_table_cell(table, "%s", fl_day_text(card->date));
    fl_table_cell(table, "%s", fl_day_text(due));
    fl_table_cell(table, "%d", days > 0 ? days : 0);
    fl_table_cell(table, "%s", fl_currency_code(card->currency));
    fl_table_cell(table, "%s", fl_money_text(open, card->currency));
}

/* `table` null: as JSON. */
static void invoice_put(const struct fl_report *r, const struct fl_invoice_card *card, int64_t open,
                        uint16_t due, struct fl_table_writer *table, bool *first)
{
    if (table)
        invoice_row(r, card, open, due, table);
    else
        invoice_json(r, card, open, due, *first);
    *first = false;
}

/* A row for each part that is open, by its own day. */
static void instalment_rows(const struct fl_report *r, uint32_t invoice, int64_t open,
                            struct fl_table_writer *table, bool *first)
{
    const struct fl_snapshot *s = &r->snapshot;
    int64_t opens[FL_INSTALMENTS_MAX];
    uint32_t at;
    uint32_t count = fl_instalment_find(s->store, s->rows[FL_TABLE_instalment], invoice, &at);
    fl_instalment_opens(s->store, at, count, open, opens);
    for (uint32_t i = 0; i < count; i++) {
        if (opens[i] != 0)
            invoice_put(r, fl_at_invoice_card(s, invoice), opens[i],
                        fl_at_instalment_row(s, at + i)->due_date, table, first);
    }
}

static int aging_by_invoice(const struct fl_report *r, const struct fl_open_items *items)
{
    static const char *const names[] = {"invoice", "customer", "date", "due",
                                        ">days",   "cur",      ">open"};
    const struct fl_snapshot *s = &r->snapshot;
    struct fl_table_writer table;
    bool first = true;
    fl_table_open(&table, names, 7);
    struct fl_table_writer *rows = r->format == FL_FORMAT_JSON ? NULL : &table;
    by_begin(r, "rows");
    for (uint32_t row = 0; row < items->invoices; row++) {
        const struct fl_invoice_card *card = fl_at_invoice_card(s, row);
        if (items->invoice_minor[row] == 0 ||
            (r->currency != FL_CURRENCY_NONE && r->currency != card->currency))
            continue;
        if (fl_at_invoice_money(s, row)->flags & FL_INVOICE_HAS_INSTALMENTS)
            instalment_rows(r, row, items->invoice_minor[row], rows, &first);
        else
            invoice_put(r, card, items->invoice_minor[row], card->due_date, rows, &first);
    }
    by_end(r, &table);
    return FL_EXIT_DONE;
}

int fl_report_aging(struct fl_report *r)
{
    struct fl_open_items items;
    const char *by = fl_option_value(r->arguments, "--by");
    int exit = FL_EXIT_DONE;
    if (fl_report_aging_is_variant(r))
        return fl_report_aging_variant(r);
    struct fl_aging *all = calloc(FL_CURRENCY_COUNT, sizeof *all);
    if (!all || fl_open_items_make(&r->snapshot, r->as_of, r->known_seq, &items) != FL_OK) {
        free(all);
        return FL_EXIT_STORAGE;
    }
    unsigned count = keep_currency(r, all, fl_aging_by_currency(&r->snapshot, &items, all));
    if (by && strcmp(by, "customer") == 0) {
        exit = aging_by_customer(r, &items);
    } else if (by && strcmp(by, "invoice") == 0) {
        exit = aging_by_invoice(r, &items);
    } else if (by) {
        fprintf(stderr,
                "florin report aging: --by is currency, customer, segment, country, product "
                "or invoice\n");
        exit = FL_EXIT_USAGE;
    } else if (r->format == FL_FORMAT_JSON) {
        aging_json(r, all, count);
    } else {
        for (unsigned i = 0; i < count; i++)
            fl_aging_table(r, &all[i], r->format == FL_FORMAT_CSV);
        if (count == 0)
            fprintf(r->out, "nothing is open as of %s\n", fl_day_text(r->as_of));
    }
    fl_open_items_free(&items);
    free(all);
    return exit;
}

/* ---- DSO
 * ------------------------------------------------------------------------------------------------------
 */

static void tenths_json(const struct fl_report *r, const char *name, bool defined, int64_t tenths)
{
    char text[32];
    fl_decimal_format(tenths, 1, text);
    fprintf(r->out, ",\"%s\":%s", name, defined ? text : "null");
}

static void dso_json(const struct fl_report *r, const struct fl_dso *d)
{
    fprintf(r->out,
            "{\"currency\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"days\":%d,\"receivable\":\"%s\","
            "\"sales\":\"%s\"",
            fl_currency_code(d->currency), fl_day_text(d->from), fl_day_text(d->to),
            d->to - d->from + 1, fl_money_text(d->receivable, d->currency),
            fl_money_text(d->sales, d->currency));
    tenths_json(r, "dso", d->defined, d->period_tenths);
    tenths_json(r, "count_back", d->count_back_defined, d->count_back_tenths);
    fprintf(r->out, ",\"count_back_at_least\":%s", d->count_back_is_more ? "true" : "false");
    tenths_json(r, "true_dso", d->true_defined, d->true_tenths);
    tenths_json(r, "best_possible", d->defined, d->best_tenths);
    tenths_json(r, "average_days_delinquent", d->defined, d->period_tenths - d->best_tenths);
    putc('}', r->out);
}

static const char *tenths_text(bool defined, int64_t tenths, char out[32])
{
    if (defined)
        fl_decimal_format(tenths, 1, out);
    else
        snprintf(out, 32, "undefined");
    return out;
}

static void dso_table(const struct fl_report *r, const struct fl_dso *all, unsigned count)
{
    static const char *const names[] = {"cur",  "from",        "to",    ">receivable", ">sales",
                                        ">DSO", ">count-back", ">true", ">best"};
    struct fl_table_writer table;
    char text[32];
    fl_report_title(r, "Days sales outstanding");
    fl_table_open(&table, names, 9);
    for (unsigned i = 0; i < count; i++) {
        const struct fl_dso *d = &all[i];
        fl_table_cell(&table, "%s", fl_currency_code(d->currency));
        fl_table_cell(&table, "%s", fl_day_text(d->from));
        fl_table_cell(&table, "%s", fl_day_text(d->to));
        fl_table_cell(&table, "%s", fl_money_text(d->receivable, d->currency));
        fl_table_cell(&table, "%s", fl_money_text(d->sales, d->currency));
        fl_table_cell(&table, "%s", tenths_text(d->defined, d->period_tenths, text));
        fl_table_cell(&table, "%s%s", d->count_back_is_more ? ">=" : "",
                      tenths_text(d->count_back_defined, d->count_back_tenths, text));
        fl_table_cell(&table, "%s", tenths_text(d->true_defined, d->true_tenths, text));
        fl_table_cell(&table, "%s", tenths_text(d->defined, d->best_tenths, text));
    }
    fl_table_print(&table, r->out, r->format == FL_FORMAT_CSV);
}

/* All currencies in the book's. Returns how many rows, at most one; FL_NO_MEMORY. */
static enum fl_status dso_in_base(const struct fl_report *r, bool all_sales, struct fl_dso *out,
                                  unsigned *count_out)
{
    struct fl_kpi_query query = {.from = r->from,
                                 .to = r->as_of,
                                 .known_seq = r->known_seq,
                                 .in_base = true,
                                 .all_sales = all_sales};
    struct fl_kpi_sheet sheet;
    enum fl_status status = fl_kpi_sheet_make(&r->snapshot, &query, &sheet);
    *count_out = 0;
    for (uint32_t i = 0; status == FL_OK && i < sheet.rows; i++) {
        const struct fl_kpi_figure *figure = sheet.row[i].figure;
        out[(*count_out)++] =
            (struct fl_dso){.currency = sheet.row[i].aging.currency,
                            .from = sheet.query.from,
                            .to = sheet.query.to,
                            .receivable = figure[FL_KPI_RECEIVABLE].value,
                            .not_due = sheet.row[i].aging.not_due,
                            .sales = figure[FL_KPI_SALES].value,
                            .defined = figure[FL_KPI_DSO].defined,
                            .period_tenths = figure[FL_KPI_DSO].value,
                            .best_tenths = figure[FL_KPI_BEST].value,
                            .count_back_defined = figure[FL_KPI_COUNT_BACK].defined,
                            .count_back_is_more = figure[FL_KPI_COUNT_BACK].at_least,
                            .count_back_tenths = figure[FL_KPI_COUNT_BACK].value,
                            .true_defined = figure[FL_KPI_TRUE_DSO].defined,
                            .true_tenths = figure[FL_KPI_TRUE_DSO].value};
    }
    fl_kpi_sheet_free(&sheet);
    return status;
}

/* Those that were asked for, to the front. */
static enum fl_status dso_by_currency(const struct fl_report *r, bool all_sales, struct fl_dso *all,
                                      unsigned *kept)
{
    struct fl_open_items items;
    FL_TRY(fl_open_items_make(&r->snapshot, r->as_of, r->known_seq, &items));
    unsigned count = fl_dso_by_currency(&r->snapshot, &items, r->from, all_sales, all);
    *kept = 0;
    for (unsigned i = 0; i < count; i++) {
        if (r->currency == FL_CURRENCY_NONE || all[i].currency == r->currency)
            all[(*kept)++] = all[i];
    }
    fl_open_items_free(&items);
    return FL_OK;
}

static void dso_json_all(const struct fl_report *r, bool all_sales, const struct fl_dso *all,
                         unsigned count)
{
    putc('{', r->out);
    fl_report_head(r);
    fprintf(r->out, ",\"variant\":\"%s\",\"all_sales\":%s,\"currencies\":[",
            r->from ? "period" : "rolling three months", all_sales ? "true" : "false");
    for (unsigned i = 0; i < count; i++) {
        fputs(i ? "," : "", r->out);
        dso_json(r, &all[i]);
    }
    fputs("]}\n", r->out);
}

int fl_report_dso(struct fl_report *r)
{
    struct fl_dso *all = calloc(FL_CURRENCY_COUNT, sizeof *all);
    bool all_sales = fl_option_value(r->arguments, "--all-sales") != NULL;
    unsigned kept = 0;
    enum fl_status status = !all         ? FL_NO_MEMORY
                            : r->in_base ? dso_in_base(r, all_sales, all, &kept)
                                         : dso_by_currency(r, all_sales, all, &kept);
    if (status == FL_OK && r->format == FL_FORMAT_JSON)
        dso_json_all(r, all_sales, all, kept);
    else if (status == FL_OK)
        dso_table(r, all, kept);
    free(all);
    return status == FL_OK ? FL_EXIT_DONE : FL_EXIT_STORAGE;
}
