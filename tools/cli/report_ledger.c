/* The ledger's reports: trial balance, statement of account. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/journal.h"
#include "core/base/date.h"
#include "core/domain/state.h"
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

const char *fl_report_account_text(const struct fl_report *r, uint32_t account)
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
        fl_report_string(r, fl_report_account_text(r, l->account));
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
        fl_table_cell(&table, "%s", fl_report_account_text(r, l->account));
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

/* ---- statement of account
 * ---------------------------------------------------------------------------------- */

/* What the entry adds to the customer's balance: who pays for another is on one side of it only. */
static fl_int128 on_control(const struct fl_report *r, const struct fl_journal_entry *e,
                            uint32_t customer)
{
    fl_int128 sum = 0;
    for (uint32_t i = 0; i < e->entry.count; i++) {
        const struct fl_posting *p = &e->entry.postings[i];
        if (p->account <= FL_ACCOUNT_CREDITS &&
            fl_journal_party(&r->snapshot, e, i).customer == customer)
            sum += p->amount_minor;
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
        fl_int128 amount = on_control(r, &entry, customer);
        if (entry.entry.date > r->as_of || amount == 0)
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
