#include "tools/ingest/csv_group.h"

#include "core/base/date.h"

static const struct fl_decimal absent = {.state = FL_DECIMAL_ABSENT};

static void chain_look(struct fl_csv_chain *chain, fl_int128 expected, fl_int128 balance,
                       uint64_t line)
{
    if (expected == balance)
        return;
    if (chain->breaks++ == 0)
        chain->first_break_line = line;
}

/* `amount`: of this row; the group's sum is that of the rows before it. */
static void balance_add(struct fl_csv_group *g, const struct fl_csv_row *row,
                        struct fl_decimal amount)
{
    struct fl_statement_total balance = {0}, last_amount = {0}, own = {0};
    fl_statement_total_add(&balance, row->balance);
    fl_statement_total_add(&own, amount);
    if (g->balances++ == 0) {
        g->first_balance = balance;
        g->before_first = g->sum;
        g->first_amount = amount;
    } else {
        fl_statement_total_add(&last_amount, g->last_amount);
        fl_int128 since = g->sum.units - g->at_last.units; /* with the last one's own amount */
        fl_int128 up = g->last_balance.units - last_amount.units + since + own.units;
        /* `since` begins with the last row's amount: oldest first it is in that row's balance. */
        chain_look(&g->oldest_first, up, balance.units, row->line.line);
        chain_look(&g->newest_first, g->last_balance.units - since, balance.units, row->line.line);
    }
    g->last_balance = balance;
    g->at_last = g->sum;
    g->last_amount = amount;
}

void fl_csv_group_add(struct fl_csv_group *g, const struct fl_csv_row *row, size_t bytes)
{
    const struct fl_statement_line *line = &row->line;
    uint16_t day = line->booking_days;
    FL_ASSERT(row->kind == FL_CSV_ROW_LINE);
    g->rows++;
    g->bytes += bytes;
    g->lines++;
    g->not_booked += !line->booked;
    if (day != FL_DATE_NONE) {
        g->first_day = g->first_day ? g->first_day : day;
        g->last_day = day;
        g->from_days = g->from_days && g->from_days < day ? g->from_days : day;
        g->to_days = g->to_days > day ? g->to_days : day;
    }
    if (row->opening.state == FL_DECIMAL_VALUE && g->named_opening.state != FL_DECIMAL_VALUE)
        g->named_opening = row->opening;
    if (row->closing.state == FL_DECIMAL_VALUE)
        g->named_closing = row->closing;
    if (!line->booked)
        return;
    if (row->balance.state == FL_DECIMAL_VALUE)
        balance_add(g, row, line->amount);
    fl_statement_total_add(&g->sum, line->amount);
}

bool fl_csv_group_is_newest_first(const struct fl_csv_group *g)
{
    bool days = g->first_day > g->last_day;
    if (g->balances < 2 || g->oldest_first.breaks == g->newest_first.breaks)
        return days;
    return g->newest_first.breaks < g->oldest_first.breaks;
}

struct fl_csv_chain fl_csv_group_chain(const struct fl_csv_group *g)
{
    return fl_csv_group_is_newest_first(g) ? g->newest_first : g->oldest_first;
}

static struct fl_decimal total_read(fl_int128 units)
{
    struct fl_decimal value;
    return fl_statement_total_read((struct fl_statement_total){units}, &value) == FL_OK ? value
                                                                                        : absent;
}

static fl_int128 units_of(struct fl_decimal amount)
{
    struct fl_statement_total total = {0};
    fl_statement_total_add(&total, amount);
    return total.units;
}

struct fl_decimal fl_csv_group_opening(const struct fl_csv_group *g)
{
    if (g->named_opening.state == FL_DECIMAL_VALUE || g->balances == 0)
        return g->named_opening;
    if (!fl_csv_group_is_newest_first(g))
        return total_read(g->first_balance.units - units_of(g->first_amount) -
                          g->before_first.units);
    return total_read(g->last_balance.units - (g->sum.units - g->at_last.units));
}

struct fl_decimal fl_csv_group_closing(const struct fl_csv_group *g)
{
    if (g->named_closing.state == FL_DECIMAL_VALUE || g->balances == 0)
        return g->named_closing;
    if (fl_csv_group_is_newest_first(g))
        return total_read(g->first_balance.units + g->before_first.units);
    return total_read(g->last_balance.units + g->sum.units - g->at_last.units -
                      units_of(g->last_amount));
}
