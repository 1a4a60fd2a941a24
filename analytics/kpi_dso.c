#include "analytics/kpi_dso.h"

#include <stdlib.h>

#include "analytics/kpi_sales.h"
#include "core/base/date.h"
#include "core/domain/ledger.h"

/* Sales by day of one currency, known then: index is the day. */
struct sales {
    fl_int128 *day;      /* FL_DATE_MAX + 1 */
    const uint8_t *cash; /* by invoice: 1 is a cash sale; null: none is left out */
};

/* Currencies that were sold in and have nothing open get a row of zeros. */
static unsigned currencies_add(const struct fl_snapshot *s, const struct fl_open_items *items,
                               struct fl_aging *aging, unsigned count)
{
    bool has[FL_CURRENCY_COUNT] = {false};
    for (unsigned i = 0; i < count; i++)
        has[aging[i].currency] = true;
    for (uint32_t row = 0; row < items->invoices; row++) {
        uint8_t currency = fl_at_invoice_currency(s, row)->currency;
        if (has[currency])
            continue;
        has[currency] = true;
        aging[count++] = (struct fl_aging){.currency = currency};
    }
    return count;
}

static void sales_fill(const struct fl_snapshot *s, const struct fl_open_items *items,
                       uint8_t currency, struct sales *sales)
{
    for (uint32_t row = 0; row < items->invoices; row++) {
        const struct fl_invoice_scan *scan = fl_at_invoice_scan(s, row);
        if (fl_at_invoice_currency(s, row)->currency == currency &&
            !(sales->cash && sales->cash[row]))
            sales->day[scan->date] += scan->total_minor;
    }
    for (uint32_t row = 0; row < items->notes; row++) {
        const struct fl_credit_note_card *card = fl_at_credit_note_card(s, row);
        if (card->currency != currency)
            continue;
        uint16_t back = fl_credit_note_cancelled_day(s, row, items->known_seq);
        sales->day[card->date] -= card->total_minor;
        if (back != FL_DATE_NONE)
            sales->day[back] += card->total_minor;
    }
}

static fl_int128 sales_between(const struct sales *sales, uint16_t from, uint16_t to)
{
    fl_int128 sum = 0;
    for (uint32_t day = from; day <= to; day++)
        sum += sales->day[day];
    return sum;
}

static uint16_t month_start(uint16_t day, unsigned months_before)
{
    struct fl_civil c = fl_date_to_civil(day);
    int month = c.month - 1 - (int)months_before;
    int year = c.year + (month < 0 ? (month - 11) / 12 : month / 12);
    month = ((month % 12) + 12) % 12;
    return fl_date_from_civil(year, (unsigned)month + 1, 1);
}

static int64_t tenths(fl_int128 amount, fl_int128 sales, fl_int128 days)
{
    int64_t out;
    if (fl_round_div(amount * days * 10, sales, FL_ROUND_HALF_UP, &out) != FL_OK)
        return INT64_MAX;
    return out;
}

/* AR 150, March 90, February 80 -> 31 + 60/80 x 28 = 52.0. A month without sales adds its days. */
static void count_back(const struct sales *sales, uint16_t to, uint16_t first, struct fl_dso *dso)
{
    fl_int128 rest = dso->receivable;
    int64_t days = 0;
    uint16_t end = to;
    dso->count_back_defined = rest >= 0 && first < FL_DATE_MAX;
    while (rest > 0 && dso->count_back_defined) {
        uint16_t start = month_start(end, 0);
        if (start == FL_DATE_NONE)
            start = 1;
        fl_int128 month = sales_between(sales, start, end);
        int64_t length = end - start + 1;
        if (month > rest) {
            dso->count_back_tenths = days * 10 + tenths(rest, month, length);
            return;
        }
        if (month > 0)
            rest -= month;
        days += length;
        if (start <= first || start <= 1)
            break;
        end = (uint16_t)(start - 1);
    }
    dso->count_back_is_more = rest > 0;
    dso->count_back_tenths = days * 10;
}

#define PART_DECIMALS 9 /* of a day: a month's part is rounded there, the sum to tenths */

/* Days x money of the open invoices by month of sale: index is the month's first day. */
static fl_int128 *weights_by_month(const struct fl_snapshot *s, const struct fl_open_items *items,
                                   uint8_t currency)
{
    fl_int128 *weight = calloc((size_t)FL_DATE_MAX + 1, sizeof *weight);
    for (uint32_t row = 0; weight && row < items->invoices; row++) {
        const struct fl_invoice_scan *scan = fl_at_invoice_scan(s, row);
        int64_t open = items->invoice_minor[row];
        if (open != 0 && fl_at_invoice_currency(s, row)->currency == currency)
            weight[month_start(scan->date, 0)] += (fl_int128)open * (items->as_of - scan->date);
    }
    return weight;
}

static uint16_t month_end(uint16_t start, uint16_t most)
{
    struct fl_civil c = fl_date_to_civil(start);
    uint32_t last = start + fl_days_in_month(c.year, c.month) - 1u;
    return last > most ? most : (uint16_t)last;
}

/* Each open invoice waits age x open / sales of its own month; undefined if one of those months
 * sold nothing. */
static void true_dso(const struct fl_snapshot *s, const struct fl_open_items *items,
                     const struct sales *sales, struct fl_dso *dso)
{
    fl_int128 *weight = weights_by_month(s, items, dso->currency), parts = 0, one = 1;
    int64_t part;
    for (int i = 0; i < PART_DECIMALS; i++)
        one *= 10;
    dso->true_defined = weight != NULL && dso->sales_ever;
    for (uint32_t day = 1; dso->true_defined && day <= items->as_of; day++) {
        if (weight[day] == 0)
            continue;
        fl_int128 sold =
            sales_between(sales, (uint16_t)day, month_end((uint16_t)day, items->as_of));
        dso->true_defined =
            sold > 0 && fl_round_div(weight[day] * one, sold, FL_ROUND_HALF_UP, &part) == FL_OK;
        parts += dso->true_defined ? part : 0;
    }
    free(weight);
    if (dso->true_defined)
        dso->true_defined =
            fl_round_div(parts * 10, one, FL_ROUND_HALF_UP, &dso->true_tenths) == FL_OK;
}

static uint16_t first_sale(const struct sales *sales)
{
    uint32_t day = 1;
    while (day < FL_DATE_MAX && sales->day[day] == 0)
        day++;
    return (uint16_t)day;
}

static void dso_of(const struct fl_snapshot *s, const struct fl_open_items *items,
                   const struct fl_aging *aging, struct sales *sales, struct fl_dso *dso)
{
    dso->currency = aging->currency;
    dso->receivable = fl_aging_invoices(aging) - aging->unapplied - aging->credits;
    dso->not_due = aging->not_due;
    sales_fill(s, items, aging->currency, sales);
    dso->sales = sales_between(sales, dso->from, dso->to);
    dso->defined = dso->sales > 0;
    if (dso->defined) {
        int64_t days = dso->to - dso->from + 1;
        dso->period_tenths = tenths(dso->receivable, dso->sales, days);
        dso->best_tenths = tenths(dso->not_due, dso->sales, days);
    }
    uint16_t first = first_sale(sales);
    dso->sales_ever = first < FL_DATE_MAX;
    count_back(sales, dso->to, first, dso);
    true_dso(s, items, sales, dso);
}

unsigned fl_dso_by_currency(const struct fl_snapshot *s, const struct fl_open_items *items,
                            uint16_t from, bool all_sales, struct fl_dso *out)
{
    struct fl_aging *aging = calloc(FL_CURRENCY_COUNT, sizeof *aging);
    uint8_t *cash = all_sales ? NULL : fl_cash_sales(s, items);
    unsigned count = 0;
    if (aging && (all_sales || cash))
        count = currencies_add(s, items, aging, fl_aging_by_currency(s, items, aging));
    if (from == FL_DATE_NONE)
        from = month_start(items->as_of, 2);
    if (from == FL_DATE_NONE || from > items->as_of)
        from = items->as_of;
    for (unsigned i = 0; i < count; i++) {
        struct sales sales = {.day = calloc((size_t)FL_DATE_MAX + 1, sizeof(fl_int128)),
                              .cash = cash};
        out[i] = (struct fl_dso){.from = from, .to = items->as_of};
        if (sales.day)
            dso_of(s, items, &aging[i], &sales, &out[i]);
        free(sales.day);
    }
    free(aging);
    free(cash);
    return count;
}
