/* Reports that list a table's live figures: bank statements, stock, exposure. */
#include <inttypes.h>
#include <string.h>

#include "core/domain/order.h"
#include "core/domain/state.h"
#include "tools/cli/cli_report.h"
#include "tools/cli/cli_show.h"

static void json_balance(const struct fl_report *r, const char *name, bool given, int64_t minor,
                         uint8_t currency)
{
    if (given)
        fprintf(r->out, ",\"%s\":\"%s\"", name, fl_money_text(minor, currency));
    else
        fprintf(r->out, ",\"%s\":null", name);
}

static void json_begin(const struct fl_report *r, const char *name)
{
    putc('{', r->out);
    fl_report_head(r);
    fprintf(r->out, ",\"%s\":[", name);
}

/* Stock and limits are decided in sequence, not by date: they have a present, no past. */
static bool is_live(const struct fl_report *r)
{
    static const char *const options[] = {"--as-of", "--known-at", "--from", "--to"};
    for (unsigned i = 0; i < 4; i++) {
        if (fl_option_value(r->arguments, options[i])) {
            fprintf(stderr, "florin report %s: it shows the present state; %s is not for it\n",
                    r->name, options[i]);
            return false;
        }
    }
    return true;
}

/* ---- bank
 * ------------------------------------------------------------------------------------------- */

/* Lines that are not posted, as known then: no rate of their currency, or their statement waits. */
static uint32_t lines_waiting(const struct fl_report *r, const struct fl_statement_card *c,
                              enum fl_line_status status)
{
    const struct fl_snapshot *s = &r->snapshot;
    bool base = c->currency == fl_at_book_settings(s, 0)->base_currency;
    uint32_t waiting = 0;
    for (uint32_t line = c->line_first; line < c->line_first + c->line_count; line++) {
        const struct fl_statement_line_live *live = fl_at_statement_line_live(s, line);
        bool later = live->posting != 0 &&
                     fl_at_line_posting_row(s, live->posting - 1)->seq > r->known_seq;
        uint8_t then = !later ? live->status : base ? FL_LINE_STORED : FL_LINE_NO_RATE;
        waiting += then == status;
    }
    return waiting;
}

static void statement_json(const struct fl_report *r, uint32_t row, bool first)
{
    const struct fl_snapshot *s = &r->snapshot;
    const struct fl_statement_card *c = fl_at_statement_card(s, row);
    char id[FL_ID_BYTES_MAX + 1];
    snprintf(id, sizeof id, "%.*s", (int)c->id.length, fl_text_get(s->store, FL_TABLE_text, c->id));
    fprintf(r->out, "%s{\"account\":", first ? "" : ",");
    fl_report_string(r, fl_id_text(s, &fl_at_bank_account_card(s, c->account)->id));
    fputs(",\"id\":", r->out);
    fl_report_string(r, id);
    fprintf(r->out, ",\"currency\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"sum\":\"%s\"",
            fl_currency_code(c->currency), fl_day_text(c->from_date), fl_day_text(c->to_date),
            fl_money_text(c->sum_minor, c->currency));
    /* One balance and the lines make the other. */
    bool known = c->opening_given || c->closing_given;
    json_balance(r, "opening", known, c->opening_minor, c->currency);
    json_balance(r, "closing", known, c->closing_minor, c->currency);
    json_balance(r, "difference", known,
                 c->closing_minor - c->opening_minor - c->sum_minor, c->currency);
    struct fl_show show = {.s = s, .out = r->out};
    int64_t gap = fl_show_statement_gap(&show, row);
    json_balance(r, "gap", gap != 0, gap, c->currency);
    fprintf(r->out, ",\"lines\":%u,\"no_rate\":%u,\"balanced\":%s", c->line_count,
            lines_waiting(r, c, FL_LINE_NO_RATE), c->balanced ? "true" : "false");
    uint32_t stored = lines_waiting(r, c, FL_LINE_STORED);
    if (stored > 0)
        fprintf(r->out, ",\"stored\":%u", stored);
    putc('}', r->out);
}

static void statement_row(const struct fl_report *r, uint32_t row, struct fl_table_writer *table)
{
    const struct fl_snapshot *s = &r->snapshot;
    const struct fl_statement_card *c = fl_at_statement_card(s, row);
    fl_table_cell(table, "%s", fl_id_text(s, &fl_at_bank_account_card(s, c->account)->id));
    fl_table_cell(table, "%.*s", (int)c->id.length, fl_text_get(s->store, FL_TABLE_text, c->id));
    fl_table_cell(table, "%s", fl_day_text(c->to_date));
    bool known = c->opening_given || c->closing_given;
    fl_table_cell(table, "%s", known ? fl_money_text(c->opening_minor, c->currency) : "");
    fl_table_cell(table, "%s", fl_money_text(c->sum_minor, c->currency));
    fl_table_cell(table, "%s", known ? fl_money_text(c->closing_minor, c->currency) : "");
    fl_table_cell(table, "%u", c->line_count);
    fl_table_cell(table, "%u",
                  lines_waiting(r, c, FL_LINE_NO_RATE) + lines_waiting(r, c, FL_LINE_STORED));
    fl_table_cell(table, "%s", c->balanced ? "yes" : "NO");
}

int fl_report_bank(struct fl_report *r)
{
    static const char *const names[] = {"account", "statement", "to",     ">opening",
                                        ">lines",  ">closing",  ">count", ">no rate", "balanced"};
    struct fl_table_writer table;
    bool json = r->format == FL_FORMAT_JSON;
    fl_table_open(&table, names, 9);
    fl_report_title(r, "Bank statements");
    if (json)
        json_begin(r, "statements");
    bool first = true;
    for (uint32_t row = 0; row < r->snapshot.rows[FL_TABLE_statement]; row++) {
        const struct fl_statement_card *c = fl_at_statement_card(&r->snapshot, row);
        if (c->to_date > r->as_of || c->to_date < r->from || c->seq > r->known_seq ||
            (r->currency != FL_CURRENCY_NONE && r->currency != c->currency))
            continue;
        if (json)
            statement_json(r, row, first);
        else
            statement_row(r, row, &table);
        first = false;
    }
    if (json)
        fputs("]}\n", r->out);
    else
        fl_table_print(&table, r->out, r->format == FL_FORMAT_CSV);
    return FL_EXIT_DONE;
}

/* ---- stock
 * -------------------------------------------------------------------------------------------- */

int fl_report_stock(struct fl_report *r)
{
    static const char *const names[] = {"product", ">on hand", ">reserved", ">safety",
                                        ">available"};
    const struct fl_snapshot *s = &r->snapshot;
    struct fl_table_writer table;
    if (!is_live(r))
        return FL_EXIT_USAGE;
    bool json = r->format == FL_FORMAT_JSON;
    fl_table_open(&table, names, 5);
    fl_report_title(r, "Stock");
    if (json)
        json_begin(r, "products");
    for (uint32_t row = 0; row < s->rows[FL_TABLE_product]; row++) {
        const struct fl_product_stock *p = fl_at_product_stock(s, row);
        const char *id = fl_id_text(s, &fl_at_product_card(s, row)->id);
        int64_t available = p->on_hand - p->reserved - p->safety;
        if (json) {
            fprintf(r->out, "%s{\"product\":", row ? "," : "");
            fl_report_string(r, id);
            fprintf(r->out,
                    ",\"on_hand\":\"%s\",\"reserved\":\"%s\",\"safety_stock\":\"%s\","
                    "\"available\":\"%s\"}",
                    fl_quantity_text(p->on_hand), fl_quantity_text(p->reserved),
                    fl_quantity_text(p->safety), fl_quantity_text(available));
            continue;
        }
        fl_table_cell(&table, "%s", id);
        fl_table_cell(&table, "%s", fl_quantity_text(p->on_hand));
        fl_table_cell(&table, "%s", fl_quantity_text(p->reserved));
        fl_table_cell(&table, "%s", fl_quantity_text(p->safety));
        fl_table_cell(&table, "%s", fl_quantity_text(available));
    }
    if (json)
        fputs("]}\n", r->out);
    else
        fl_table_print(&table, r->out, r->format == FL_FORMAT_CSV);
    return FL_EXIT_DONE;
}

/* ---- exposure
 * ------------------------------------------------------------------------------------------- */

static void exposure_json(const struct fl_report *r, uint32_t row, bool first)
{
    const struct fl_snapshot *s = &r->snapshot;
    const struct fl_customer_account *a = fl_at_customer_account(s, row);
    int64_t limit, exposure = fl_customer_exposure(a);
    bool limited = fl_customer_limit(s->store, row, &limit);
    fprintf(r->out, "%s{\"customer\":", first ? "" : ",");
    fl_report_string(r, fl_id_text(s, &fl_at_customer_card(s, row)->id));
    fprintf(r->out,
            ",\"currency\":\"%s\",\"ordered_not_shipped\":\"%s\",\"shipped_not_invoiced\":\"%s\","
            "\"open_invoices\":\"%s\",\"unapplied\":\"%s\",\"credits\":\"%s\",\"exposure\":\"%s\"",
            fl_currency_code(a->currency), fl_money_text(a->ordered_minor, a->currency),
            fl_money_text(a->shipped_minor, a->currency),
            fl_money_text(a->invoices_minor, a->currency),
            fl_money_text(-a->unapplied_minor, a->currency),
            fl_money_text(-a->credits_minor, a->currency), fl_money_text(exposure, a->currency));
    if (limited)
        fprintf(r->out, ",\"credit_limit\":\"%s\",\"available\":\"%s\"}",
                fl_money_text(limit, a->currency), fl_money_text(limit - exposure, a->currency));
    else
        fputs(",\"credit_limit\":null,\"available\":null}", r->out);
}

static void exposure_row(const struct fl_report *r, uint32_t row, struct fl_table_writer *table)
{
    const struct fl_snapshot *s = &r->snapshot;
    const struct fl_customer_account *a = fl_at_customer_account(s, row);
    int64_t limit;
    bool limited = fl_customer_limit(s->store, row, &limit);
    fl_table_cell(table, "%s", fl_id_text(s, &fl_at_customer_card(s, row)->id));
    fl_table_cell(table, "%s", fl_currency_code(a->currency));
    fl_table_cell(table, "%s", fl_money_text(a->ordered_minor, a->currency));
    fl_table_cell(table, "%s", fl_money_text(a->shipped_minor, a->currency));
    fl_table_cell(
        table, "%s",
        fl_money_text(a->invoices_minor - a->unapplied_minor - a->credits_minor, a->currency));
    fl_table_cell(table, "%s", fl_money_text(fl_customer_exposure(a), a->currency));
    fl_table_cell(table, "%s", limited ? fl_money_text(limit, a->currency) : "unlimited");
}

int fl_report_exposure(struct fl_report *r)
{
    static const char *const names[] = {"customer", "cur",       ">ordered", ">shipped",
                                        ">balance", ">exposure", ">limit"};
    struct fl_table_writer table;
    if (!is_live(r))
        return FL_EXIT_USAGE;
    bool json = r->format == FL_FORMAT_JSON;
    fl_table_open(&table, names, 7);
    fl_report_title(r, "Exposure");
    if (json)
        json_begin(r, "customers");
    for (uint32_t row = 0; row < r->snapshot.rows[FL_TABLE_customer]; row++) {
        if (json)
            exposure_json(r, row, row == 0);
        else
            exposure_row(r, row, &table);
    }
    if (json)
        fputs("]}\n", r->out);
    else
        fl_table_print(&table, r->out, r->format == FL_FORMAT_CSV);
    return FL_EXIT_DONE;
}
