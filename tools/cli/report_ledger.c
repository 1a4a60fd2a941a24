/* The ledger's reports: trial balance, journal, statement of account. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/journal.h"
#include "core/base/date.h"
#include "core/domain/state.h"
#include "core/domain/statement_line.h"
#include "core/engine/record.h"
#include "tools/cli/cli_report.h"

struct line {
    uint32_t account;
    uint8_t currency;
    fl_int128 debit, credit, base;
};

struct lines {
    struct line *line;
    size_t count, capacity;
};

static struct line *line_of(struct lines *lines, uint32_t account, uint8_t currency)
{
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->line[i].account == account && lines->line[i].currency == currency)
            return &lines->line[i];
    }
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity ? lines->capacity * 2 : 64;
        lines->line = realloc(lines->line, lines->capacity * sizeof *lines->line);
        FL_ASSERT(lines->line != NULL);
    }
    lines->line[lines->count] = (struct line){.account = account, .currency = currency};
    return &lines->line[lines->count++];
}

static int line_order(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (int)x->currency - (int)y->currency;
}

static void lines_from_totals(const struct fl_report *r, struct lines *lines)
{
    const struct fl_snapshot *s = &r->snapshot;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_at_account_day_key(s, row);
        const struct fl_account_day_total *total = fl_at_account_day_total(s, row);
        bool statistic =
            key->account >= FL_ACCOUNT_FIXED_COUNT && key->account < FL_ACCOUNT_BANK_FIRST;
        if (statistic || key->date > r->as_of)
            continue;
        struct line *line = line_of(lines, key->account, key->currency);
        line->debit += total->debit_minor;
        line->credit += total->credit_minor;
        line->base += total->base_debit_minor - (fl_int128)total->base_credit_minor;
    }
}

/* As known then: the entries themselves. */
static void lines_from_journal(const struct fl_report *r, struct lines *lines)
{
    struct fl_journal journal;
    struct fl_journal_entry entry = {.number = 0};
    fl_journal_open(&journal, &r->snapshot, r->known_seq);
    while (fl_journal_next(&journal, &entry)) {
        if (entry.entry.date > r->as_of)
            continue;
        for (uint32_t i = 0; i < entry.entry.count; i++) {
            const struct fl_posting *p = &entry.entry.postings[i];
            struct line *line = line_of(lines, p->account, p->currency);
            if (p->amount_minor >= 0)
                line->debit += p->amount_minor;
            else
                line->credit -= p->amount_minor;
            line->base += p->base_minor;
        }
    }
}

static const char *account_text(const struct fl_report *r, uint32_t account)
{
    static char text[4][128];
    static unsigned next;
    char *out = text[next++ % 4];
    if (account >= FL_ACCOUNT_BANK_FIRST)
        snprintf(out, 128, "%s:%s", fl_account_name(account),
                 fl_id_text(
                     &r->snapshot,
                     &fl_at_bank_account_card(&r->snapshot, account - FL_ACCOUNT_BANK_FIRST)->id));
    else
        snprintf(out, 128, "%s", fl_account_name(account));
    return out;
}

static void ledger_json(const struct fl_report *r, const struct lines *lines)
{
    uint8_t base = fl_at_book_settings(&r->snapshot, 0)->base_currency;
    struct lines totals = {0};
    putc('{', r->out);
    fl_report_head(r);
    fprintf(r->out, ",\"base_currency\":\"%s\",\"accounts\":[", fl_currency_code(base));
    bool first = true;
    for (size_t i = 0; i < lines->count; i++) {
        const struct line *l = &lines->line[i];
        if (r->currency != FL_CURRENCY_NONE && l->currency != r->currency)
            continue;
        fprintf(r->out, "%s{\"account\":", first ? "" : ",");
        fl_report_string(r, account_text(r, l->account));
        fprintf(r->out,
                ",\"currency\":\"%s\",\"debit\":\"%s\",\"credit\":\"%s\",\"balance\":\"%s\","
                "\"base_balance\":\"%s\"}",
                fl_currency_code(l->currency), fl_money_text(l->debit, l->currency),
                fl_money_text(l->credit, l->currency),
                fl_money_text(l->debit - l->credit, l->currency), fl_money_text(l->base, base));
        struct line *total = line_of(&totals, 0, l->currency);
        total->debit += l->debit;
        total->credit += l->credit;
        total->base += l->base;
        first = false;
    }
    fputs("],\"totals\":[", r->out);
    for (size_t i = 0; i < totals.count; i++)
        fprintf(
            r->out, "%s{\"currency\":\"%s\",\"debit\":\"%s\",\"credit\":\"%s\",\"balance\":\"%s\"}",
            i ? "," : "", fl_currency_code(totals.line[i].currency),
            fl_money_text(totals.line[i].debit, totals.line[i].currency),
            fl_money_text(totals.line[i].credit, totals.line[i].currency),
            fl_money_text(totals.line[i].debit - totals.line[i].credit, totals.line[i].currency));
    fputs("]}\n", r->out);
    free(totals.line);
}

static void ledger_table(const struct fl_report *r, const struct lines *lines)
{
    static const char *const names[] = {"account", "cur", ">debit", ">credit", ">balance"};
    struct fl_table_writer table;
    fl_report_title(r, "Trial balance");
    fl_table_open(&table, names, 5);
    for (size_t i = 0; i < lines->count; i++) {
        const struct line *l = &lines->line[i];
        if (r->currency != FL_CURRENCY_NONE && l->currency != r->currency)
            continue;
        fl_table_cell(&table, "%s", account_text(r, l->account));
        fl_table_cell(&table, "%s", fl_currency_code(l->currency));
        fl_table_cell(&table, "%s", fl_money_text(l->debit, l->currency));
        fl_table_cell(&table, "%s", fl_money_text(l->credit, l->currency));
        fl_table_cell(&table, "%s", fl_money_text(l->debit - l->credit, l->currency));
    }
    fl_table_print(&table, r->out, r->format == FL_FORMAT_CSV);
}

int fl_report_ledger(struct fl_report *r)
{
    struct lines lines = {0};
    if (r->known_seq == UINT64_MAX)
        lines_from_totals(r, &lines);
    else
        lines_from_journal(r, &lines);
    if (lines.count > 0)
        qsort(lines.line, lines.count, sizeof *lines.line, line_order);
    if (r->format == FL_FORMAT_JSON)
        ledger_json(r, &lines);
    else
        ledger_table(r, &lines);
    free(lines.line);
    return FL_EXIT_DONE;
}

/* ---- journal
 * ------------------------------------------------------------------------------------------- */

/* The instants at which commands became known stand in the log alone: by sequence, 0 where it is
 * not there. */
struct instants {
    int64_t *at_us;
    uint64_t count;
};

static enum fl_status instant_note(void *context, const struct fl_record *record, const char *file,
                                   uint64_t offset)
{
    struct instants *instants = context;
    const struct fl_command *command = (const struct fl_command *)(record + 1);
    (void)file;
    (void)offset;
    if (record->seq < instants->count)
        instants->at_us[record->seq] = command->at_us;
    return FL_OK;
}

static void instants_read(const struct fl_report *r, struct instants *out)
{
    struct fl_error error;
    *out = (struct instants){.count = r->snapshot.seq + 1};
    out->at_us = calloc(out->count, sizeof *out->at_us);
    if (!out->at_us)
        out->count = 0;
    else if (fl_host_log(r->arguments->words[0], 0, instant_note, out, &error) != FL_OK)
        fprintf(stderr, "florin report journal: %s\n", error.message);
}

/* What the entry is about, by id; a bank line's is made of its account and reference. */
static const char *entry_ref(const struct fl_report *r, const struct fl_journal_entry *e)
{
    static char id[FL_ID_BYTES_MAX + 1];
    const struct fl_store *store = r->snapshot.store;
    if (e->kind != FL_JOURNAL_STATEMENT_LINE && e->kind != FL_JOURNAL_LINE_POSTING)
        return fl_id_text(&r->snapshot, &e->document);
    uint32_t line = e->kind == FL_JOURNAL_STATEMENT_LINE
                        ? e->row
                        : fl_line_posting_row(store, e->row)->line;
    id[fl_line_id(store, line, id)] = '\0';
    return id;
}

static void entry_json(const struct fl_report *r, const struct fl_journal_entry *e, int64_t at_us,
                       bool first)
{
    const struct fl_snapshot *s = &r->snapshot;
    char at[32];
    fprintf(r->out, "%s{\"entry\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"date\":\"%s\",\"at\":",
            first ? "" : ",", e->number, e->seq, fl_day_text(e->entry.date));
    if (at_us > 0 && fl_instant_format(at_us, at) > 0)
        fprintf(r->out, "\"%s\"", at);
    else
        fputs("null", r->out);
    fprintf(r->out, ",\"type\":\"%s\",\"ref\":", e->type);
    fl_report_string(r, entry_ref(r, e));
    fputs(",\"lines\":[", r->out);
    for (uint32_t i = 0; i < e->entry.count; i++) {
        const struct fl_posting *p = &e->entry.postings[i];
        fprintf(r->out, "%s{\"account\":", i ? "," : "");
        fl_report_string(r, account_text(r, p->account));
        fprintf(r->out, ",\"currency\":\"%s\",\"amount\":\"%s\",\"base_amount\":\"%s\"",
                fl_currency_code(p->currency), fl_money_text(p->amount_minor, p->currency),
                fl_money_text(p->base_minor, fl_at_book_settings(s, 0)->base_currency));
        if (e->customer != FL_NO_ROW) {
            fputs(",\"customer\":", r->out);
            fl_report_string(r, fl_id_text(s, &fl_at_customer_card(s, e->customer)->id));
            fputs(",\"document\":", r->out);
            fl_report_string(r, fl_id_text(s, &e->document));
        }
        putc('}', r->out);
    }
    fputs("]}", r->out);
}

static bool entry_wanted(const struct fl_report *r, const struct fl_journal_entry *e)
{
    return e->entry.date <= r->as_of && (r->from == 0 || e->entry.date >= r->from) &&
           (r->currency == FL_CURRENCY_NONE || e->entry.currency == r->currency);
}

static void journal_rows(const struct fl_report *r, struct fl_table_writer *table,
                         const struct fl_journal_entry *e)
{
    for (uint32_t i = 0; i < e->entry.count; i++) {
        const struct fl_posting *p = &e->entry.postings[i];
        fl_table_cell(table, "%" PRIu64, e->number);
        fl_table_cell(table, "%s", fl_day_text(e->entry.date));
        fl_table_cell(table, "%s", e->type);
        fl_table_cell(table, "%s", entry_ref(r, e));
        fl_table_cell(table, "%s", account_text(r, p->account));
        fl_table_cell(table, "%s", fl_money_text(p->amount_minor, p->currency));
        fl_table_cell(table, "%s", fl_currency_code(p->currency));
    }
}

/* For people: an entry is a heading and its lines under it. */
static void entry_text(const struct fl_report *r, const struct fl_journal_entry *e)
{
    fprintf(r->out, "%s  %s %s  (entry %" PRIu64 ", sequence %" PRIu64 ")\n",
            fl_day_text(e->entry.date), e->type, entry_ref(r, e), e->number, e->seq);
    for (uint32_t i = 0; i < e->entry.count; i++) {
        const struct fl_posting *p = &e->entry.postings[i];
        fprintf(r->out, "    %-50s %18s %s\n", account_text(r, p->account),
                fl_money_text(p->amount_minor, p->currency), fl_currency_code(p->currency));
    }
}

int fl_report_journal(struct fl_report *r)
{
    static const char *const names[] = {"entry",   "date",    "type",    "document",
                                        "account", ">amount", "currency"};
    struct fl_journal journal;
    struct fl_journal_entry entry = {.number = 0};
    struct fl_table_writer table;
    bool json = r->format == FL_FORMAT_JSON, first = true;
    fl_journal_open(&journal, &r->snapshot, r->known_seq);
    fl_table_open(&table, names, 7);
    if (json) {
        putc('{', r->out);
        fl_report_head(r);
        fputs(",\"entries\":[", r->out);
    }
    struct instants instants = {0};
    if (json)
        instants_read(r, &instants);
    fl_report_title(r, "Journal");
    while (fl_journal_next(&journal, &entry)) {
        if (!entry_wanted(r, &entry))
            continue;
        if (json)
            entry_json(r, &entry, entry.seq < instants.count ? instants.at_us[entry.seq] : 0,
                       first);
        else if (r->format == FL_FORMAT_CSV)
            journal_rows(r, &table, &entry);
        else
            entry_text(r, &entry);
        first = false;
    }
    if (json)
        fputs("]}\n", r->out);
    else if (r->format == FL_FORMAT_CSV)
        fl_table_print(&table, r->out, true);
    free(instants.at_us);
    return FL_EXIT_DONE;
}

/* ---- statement of account
 * ---------------------------------------------------------------------------------- */

static fl_int128 on_control(const struct fl_entry *entry)
{
    fl_int128 sum = 0;
    for (uint32_t i = 0; i < entry->count; i++) {
        if (entry->postings[i].account <= FL_ACCOUNT_CREDITS)
            sum += entry->postings[i].amount_minor;
    }
    return sum;
}

struct account_print {
    fl_int128 balance, opening;
    bool first;
    uint8_t currency;
};

static void account_line(const struct fl_report *r, struct account_print *p,
                         const struct fl_journal_entry *e, fl_int128 amount,
                         struct fl_table_writer *table)
{
    if (r->format != FL_FORMAT_JSON) {
        fl_table_cell(table, "%s", fl_day_text(e->entry.date));
        fl_table_cell(table, "%s", e->type);
        fl_table_cell(table, "%s", fl_id_text(&r->snapshot, &e->document));
        fl_table_cell(table, "%s", fl_money_text(amount, p->currency));
        fl_table_cell(table, "%s", fl_money_text(p->balance, p->currency));
        return;
    }
    fprintf(r->out, "%s{\"date\":\"%s\",\"type\":\"%s\",\"id\":", p->first ? "" : ",",
            fl_day_text(e->entry.date), e->type);
    fl_report_string(r, fl_id_text(&r->snapshot, &e->document));
    fprintf(r->out, ",\"amount\":\"%s\",\"balance\":\"%s\"}", fl_money_text(amount, p->currency),
            fl_money_text(p->balance, p->currency));
    p->first = false;
}

static uint32_t customer_named(const struct fl_report *r)
{
    if (r->arguments->word_count < 3) {
        fprintf(stderr, "usage: florin report DIR account CUSTOMER\n");
        return FL_NO_ROW;
    }
    const char *id = r->arguments->words[2];
    for (uint32_t row = 0; row < r->snapshot.rows[FL_TABLE_customer]; row++) {
        if (fl_id_equals(r->snapshot.store, &fl_at_customer_card(&r->snapshot, row)->id, id,
                         strlen(id)))
            return row;
    }
    fprintf(stderr, "florin report account: there is no customer %s\n", id);
    return FL_NO_ROW;
}

int fl_report_account(struct fl_report *r)
{
    static const char *const names[] = {"date", "type", "document", ">amount", ">balance"};
    struct fl_journal journal;
    struct fl_journal_entry entry = {.number = 0};
    struct fl_table_writer table;
    uint32_t customer = customer_named(r);
    if (customer == FL_NO_ROW)
        return FL_EXIT_USAGE;
    struct account_print p = {.first = true,
                              .currency = fl_at_customer_account(&r->snapshot, customer)->currency};
    bool json = r->format == FL_FORMAT_JSON;
    fl_table_open(&table, names, 5);
    fl_report_title(r, "Statement of account");
    if (json) {
        putc('{', r->out);
        fl_report_head(r);
        fputs(",\"customer\":", r->out);
        fl_report_string(r, r->arguments->words[2]);
        fprintf(r->out, ",\"currency\":\"%s\",\"lines\":[", fl_currency_code(p.currency));
    }
    fl_journal_open(&journal, &r->snapshot, r->known_seq);
    while (fl_journal_next(&journal, &entry)) {
        fl_int128 amount = on_control(&entry.entry);
        if (entry.customer != customer || entry.entry.date > r->as_of || amount == 0)
            continue;
        p.balance += amount;
        if (r->from != 0 && entry.entry.date < r->from)
            p.opening = p.balance;
        else
            account_line(r, &p, &entry, amount, &table);
    }
    if (json) {
        fprintf(r->out, "],\"opening\":\"%s\",\"balance\":\"%s\"}\n",
                fl_money_text(p.opening, p.currency), fl_money_text(p.balance, p.currency));
    } else {
        fl_table_print(&table, r->out, r->format == FL_FORMAT_CSV);
        if (r->format == FL_FORMAT_TABLE)
            fprintf(r->out, "\nbalance %s %s\n", fl_money_text(p.balance, p.currency),
                    fl_currency_code(p.currency));
    }
    return FL_EXIT_DONE;
}
