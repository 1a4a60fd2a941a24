#include "analytics/kpi_sheet.h"

#include <stdlib.h>

#include "analytics/kpi_close.h"
#include "analytics/kpi_sales.h"
#include "core/base/date.h"
#include "core/base/hash.h"
#include "core/domain/posting_rules.h"

const struct fl_kpi_about fl_kpi_about[FL_KPI_FIGURES] = {
#define FL_KPI_ABOUT(symbol, name, unit, good) {name, unit, good},
    FL_KPIS(FL_KPI_ABOUT)
#undef FL_KPI_ABOUT
};

/* ---- days and months ---------------------------------------------------------------------------
 */

static uint16_t month_number(uint16_t day)
{
    struct fl_civil c = fl_date_to_civil(day);
    return (uint16_t)((c.year - 1970) * 12 + c.month - 1);
}

static uint16_t month_first_day(int month)
{
    if (month < 0)
        return FL_DATE_NONE;
    return fl_date_from_civil(1970 + month / 12, (unsigned)(month % 12) + 1, 1);
}

uint16_t fl_month_start(uint16_t date_days, unsigned months_before)
{
    return month_first_day(month_number(date_days) - (int)months_before);
}

bool fl_kpi_period_before(uint16_t from, uint16_t to, uint16_t *from_out, uint16_t *to_out)
{
    int length = to - from + 1;
    if (from <= 1)
        return false;
    *to_out = (uint16_t)(from - 1);
    if (fl_date_to_civil(from).day == 1)
        *from_out = fl_month_start(from, month_number(to) - month_number(from) + 1u);
    else
        *from_out = from > length ? (uint16_t)(from - length) : FL_DATE_NONE;
    return *from_out != FL_DATE_NONE;
}

static void months_fill(uint16_t month_of_day[FL_DATE_MAX + 1])
{
    uint32_t day = 1;
    for (uint16_t month = 0; day <= FL_DATE_MAX; month++) {
        unsigned days = fl_days_in_month(1970 + month / 12, month % 12u + 1);
        for (unsigned i = 0; i < days && day <= FL_DATE_MAX; i++)
            month_of_day[day++] = month;
    }
}

/* ---- cells -------------------------------------------------------------------------------------
 */

/* The sums of a row. */
struct cell {
    struct fl_kpi_row row;
    fl_int128 invoices, current, over_90, unapplied,
        credits; /* by due date, whatever the aging's */
    fl_int128 opening, sales, write_offs, recoveries;
    int64_t close_days[FL_CLOSE_REASONS];
    uint64_t closed[FL_CLOSE_REASONS];
    struct fl_kpi_month *months; /* from month number `month_first` on */
    uint16_t month_first, month_count;
};

struct closed_invoice {
    uint32_t cell;
    uint16_t days;
};

struct maker {
    const struct fl_snapshot *snapshot;
    struct fl_kpi_query query;
    int64_t months;
    struct fl_kpi_groups *groups;
    struct fl_kpi_items end, start; /* at the period's last day, and the day before its first */
    uint8_t *cash;                  /* by invoice; null: all sales */
    struct fl_setoff setoff;        /* empty unless asked for */
    struct cell *cell;
    uint32_t cells, cell_capacity;
    uint32_t *slot; /* cell + 1 by hash of its key; 0 is free */
    uint32_t slots;
    struct closed_invoice *closed;
    uint32_t closed_count, closed_capacity;
    struct cell spill; /* takes what comes once memory is refused: the sheet fails then */
    bool failed;
    uint16_t month_of_day[FL_DATE_MAX + 1];
};

static uint32_t *slot_find(const struct maker *m, uint32_t group, uint8_t currency)
{
    uint32_t at = (uint32_t)fl_hash_u64((uint64_t)group << 8 | currency, 3) & (m->slots - 1);
    while (m->slot[at] != 0) {
        const struct cell *cell = &m->cell[m->slot[at] - 1];
        if (cell->row.group == group && cell->row.aging.currency == currency)
            break;
        at = (at + 1) & (m->slots - 1);
    }
    return &m->slot[at];
}

static bool slots_grow(struct maker *m)
{
    uint32_t *old = m->slot, *slot = calloc(m->slots ? m->slots * 2ul : 64, sizeof *slot);
    if (!slot)
        return false;
    m->slots = m->slots ? m->slots * 2 : 64;
    m->slot = slot;
    for (uint32_t i = 0; i < m->cells; i++)
        *slot_find(m, m->cell[i].row.group, m->cell[i].row.aging.currency) = i + 1;
    free(old);
    return true;
}

static bool cells_grow(struct maker *m)
{
    if (m->cells == m->cell_capacity) {
        uint32_t capacity = m->cell_capacity ? m->cell_capacity * 2 : 32;
        struct cell *cell = realloc(m->cell, capacity * sizeof *cell);
        if (!cell)
            return false;
        m->cell = cell;
        m->cell_capacity = capacity;
    }
    return 2 * (m->cells + 1) <= m->slots || slots_grow(m);
}

/* The cell of a group and currency, made if need be; valid until the next call. */
static struct cell *cell_of(struct maker *m, uint32_t group, uint8_t currency)
{
    uint32_t *slot = m->slots ? slot_find(m, group, currency) : NULL;
    if (slot && *slot != 0)
        return &m->cell[*slot - 1];
    if (m->failed || !cells_grow(m)) {
        m->failed = true;
        return &m->spill;
    }
    struct cell *cell = &m->cell[m->cells++];
    memset(cell, 0, sizeof *cell);
    cell->row.group = group;
    cell->row.aging.currency = currency;
    *slot_find(m, group, currency) = m->cells;
    return cell;
}

/* The month of a cell, which keeps those between its first and its last. */
static struct fl_kpi_month *month_of(struct maker *m, struct cell *cell, uint16_t day)
{
    uint16_t month = m->month_of_day[day];
    uint32_t first = cell->month_count && cell->month_first < month ? cell->month_first : month;
    uint32_t end = cell->month_first + cell->month_count;
    if (end <= month || cell->month_count == 0)
        end = month + 1u;
    if (end - first == cell->month_count)
        return &cell->months[month - first];
    struct fl_kpi_month *months = calloc(end - first, sizeof *months);
    if (!months) {
        static struct fl_kpi_month spill;
        m->failed = true;
        return &spill;
    }
    if (cell->month_count)
        memcpy(months + (cell->month_first - first), cell->months,
               cell->month_count * sizeof *months);
    free(cell->months);
    cell->months = months;
    cell->month_first = (uint16_t)first;
    cell->month_count = (uint16_t)(end - first);
    return &months[month - first];
}

/* ---- what goes into them -----------------------------------------------------------------------
 */

static bool is_wanted(const struct maker *m, uint8_t currency)
{
    return m->query.currency == FL_CURRENCY_NONE || m->query.currency == currency;
}

/* A document's cell: a part of an invoice, a receipt or a note. */
static struct cell *document_cell(struct maker *m, uint32_t group, uint8_t currency)
{
    return cell_of(m, group, fl_kpi_currency(m->snapshot, &m->end, currency));
}

static void sale_add(struct maker *m, struct cell *cell, uint16_t day, int64_t amount)
{
    if (day > m->query.to)
        return;
    month_of(m, cell, day)->sales_minor += amount;
    if (day >= m->query.from)
        cell->sales += amount;
}

/* To the aging alone; cash and notes (below zero) are counted as no invoice. */
static void aging_add(struct maker *m, struct cell *cell, uint16_t date, int64_t open)
{
    int days = (int)m->query.to - (int)date;
    struct fl_aging *a = &cell->row.aging;
    if (open == 0)
        return;
    if (days <= 0) {
        a->not_due += open;
        a->not_due_count += open > 0;
        return;
    }
    unsigned bucket = fl_aging_bucket(fl_at_book_settings(m->snapshot, 0), days);
    a->bucket[bucket] += open;
    a->bucket_count[bucket] += open > 0;
}

static void open_add(struct maker *m, struct cell *cell, uint16_t due, int64_t open)
{
    int days = (int)m->query.to - (int)due;
    cell->invoices += open;
    if (days <= 0)
        cell->current += open;
    if (days > 90)
        cell->over_90 += open;
}

/* Cash or a note that is free: where the aging wants it. */
static void free_add(struct maker *m, struct cell *cell, fl_int128 *column, uint16_t date,
                     int64_t amount)
{
    if (m->query.credits == FL_CREDITS_AGED)
        aging_add(m, cell, date, -amount);
    else
        *column += amount;
}

/* Calls for each group of an invoice with its part of an amount. */
#define FOR_PARTS(m, invoice, currency, amount, cell, part)                                        \
    for (uint32_t count_ = fl_kpi_parts((m)->groups, invoice),                                     \
                  i_ = (fl_kpi_parts_share((m)->groups, count_, amount), 0u);                      \
         i_ < count_ && ((part) = (m)->groups->parts[i_].amount_minor,                             \
                        (cell) = document_cell(m, (m)->groups->parts[i_].group, currency), true);  \
         i_++)

static int64_t invoice_total(const struct maker *m, uint32_t invoice)
{
    return m->query.in_base ? fl_at_invoice_cold(m->snapshot, invoice)->base_total_minor
                            : fl_at_invoice_scan(m->snapshot, invoice)->total_minor;
}

static void invoice_open_add(struct maker *m, uint32_t invoice, uint8_t currency)
{
    struct fl_kpi_due due[FL_INSTALMENTS_MAX];
    const uint16_t date = fl_at_invoice_scan(m->snapshot, invoice)->date;
    uint32_t dues = fl_kpi_dues(m->snapshot, &m->end, invoice, due);
    struct cell *cell;
    int64_t part;
    for (uint32_t d = 0; d < dues; d++) {
        uint16_t aged = m->query.basis == FL_BASIS_DUE_DATE ? due[d].due_date : date;
        int64_t taken = fl_setoff_taken(&m->setoff, invoice, d);
        FOR_PARTS(m, invoice, currency, due[d].open_minor, cell, part)
        open_add(m, cell, due[d].due_date, part);
        FOR_PARTS(m, invoice, currency, due[d].open_minor - taken, cell, part)
        aging_add(m, cell, aged, part);
    }
    FOR_PARTS(m, invoice, currency, m->end.invoice_minor[invoice], cell, part)
    month_of(m, cell, date)->weight += (fl_int128)part * (m->query.to - date);
}

static void close_add(struct maker *m, struct cell *cell, enum fl_close_reason reason, int days)
{
    FL_ASSERT(days >= 0);
    cell->close_days[reason] += days;
    cell->closed[reason]++;
    if (reason != FL_CLOSE_CASH || cell == &m->spill)
        return;
    if (m->closed_count == m->closed_capacity) {
        uint32_t capacity = m->closed_capacity ? m->closed_capacity * 2 : 64;
        struct closed_invoice *closed = realloc(m->closed, capacity * sizeof *closed);
        if (!closed) {
            m->failed = true;
            return;
        }
        m->closed = closed;
        m->closed_capacity = capacity;
    }
    m->closed[m->closed_count++] =
        (struct closed_invoice){(uint32_t)(cell - m->cell), (uint16_t)days};
}

static void invoice_close_add(struct maker *m, uint32_t invoice, uint8_t currency)
{
    struct fl_invoice_close close;
    if (!fl_invoice_close_find(m->snapshot, &m->end.open, invoice, &close) ||
        close.date_days < m->query.from)
        return;
    int days = close.date_days - fl_at_invoice_scan(m->snapshot, invoice)->date;
    uint32_t count = fl_kpi_parts(m->groups, invoice);
    for (uint32_t i = 0; i < count; i++)
        close_add(m, document_cell(m, m->groups->parts[i].group, currency), close.reason, days);
}

static void invoice_add(struct maker *m, uint32_t invoice)
{
    uint8_t currency = fl_at_invoice_currency(m->snapshot, invoice)->currency;
    const struct fl_invoice_scan *scan = fl_at_invoice_scan(m->snapshot, invoice);
    struct cell *cell;
    int64_t part;
    if (!is_wanted(m, currency) || scan->date > m->query.to)
        return;
    if (m->cash && m->cash[invoice]) {
        FOR_PARTS(m, invoice, currency, 0, cell, part)
        sale_add(m, cell, scan->date, part); /* its row is there, with nothing of it */
    } else {
        FOR_PARTS(m, invoice, currency, invoice_total(m, invoice), cell, part)
        sale_add(m, cell, scan->date, part);
    }
    if (m->end.invoice_minor[invoice] != 0 || m->end.open.invoice_minor[invoice] != 0)
        invoice_open_add(m, invoice, currency);
    invoice_close_add(m, invoice, currency);
    if (m->query.from > 1 && invoice < m->start.open.invoices) {
        FOR_PARTS(m, invoice, currency, m->start.invoice_minor[invoice], cell, part)
        cell->opening += part;
    }
}

/* What of it is a customer's. */
static int64_t unapplied(const struct fl_kpi_items *items, uint32_t receipt)
{
    if (receipt >= items->open.receipts)
        return 0;
    return items->receipt_minor[receipt] - items->receipt_nobody_minor[receipt];
}

static void receipt_add(struct maker *m, uint32_t receipt)
{
    uint8_t currency = fl_at_receipt_card(m->snapshot, receipt)->currency;
    int64_t end = unapplied(&m->end, receipt), start = unapplied(&m->start, receipt);
    int64_t nobody = m->end.receipt_nobody_minor[receipt];
    if (!is_wanted(m, currency))
        return;
    if (m->query.by == FL_BY_CURRENCY && nobody != 0)
        document_cell(m, 0, currency)->row.aging.unidentified += nobody;
    if (start == 0 && end == 0)
        return;
    uint32_t customer = m->end.open.receipt_customer[receipt];
    uint32_t group =
        customer == FL_NO_ROW ? FL_NO_ROW : fl_kpi_group_of_customer(m->groups, customer);
    struct cell *cell = document_cell(m, group, currency);
    cell->unapplied += end;
    free_add(m, cell, &cell->row.aging.unapplied, fl_at_receipt_card(m->snapshot, receipt)->date,
             end);
    cell->opening -= start;
}

/* Off the sales of its day; one that is taken back is a sale again on the day that it was. */
static void note_sale(struct maker *m, struct cell *cell, uint32_t note, int64_t amount)
{
    uint16_t back = fl_credit_note_cancelled_day(m->snapshot, note, m->end.open.known_seq);
    sale_add(m, cell, fl_at_credit_note_card(m->snapshot, note)->date, -amount);
    if (back != FL_DATE_NONE && back <= m->query.to)
        sale_add(m, cell, back, amount);
}

static void note_open_add(struct maker *m, struct cell *cell, uint32_t note, int64_t open)
{
    cell->credits += open;
    free_add(m, cell, &cell->row.aging.credits, fl_at_credit_note_card(m->snapshot, note)->date,
             open);
}

/* A credit note goes with its invoice's products; standing alone it has none. */
static void note_add(struct maker *m, uint32_t note)
{
    const struct fl_credit_note_card *card = fl_at_credit_note_card(m->snapshot, note);
    int64_t total = m->query.in_base ? fl_at_credit_note_cold(m->snapshot, note)->base_total_minor
                                     : card->total_minor;
    int64_t start = m->query.from > 1 ? m->start.note_minor[note] : 0;
    struct cell *cell;
    int64_t part;
    if (!is_wanted(m, card->currency) || card->date > m->query.to)
        return;
    if (m->query.by != FL_BY_PRODUCT || card->invoice == FL_NO_ROW) {
        cell =
            document_cell(m, fl_kpi_group_of_customer(m->groups, card->customer), card->currency);
        note_sale(m, cell, note, total);
        note_open_add(m, cell, note, m->end.note_minor[note]);
        cell->opening -= start;
        return;
    }
    FOR_PARTS(m, card->invoice, card->currency, total, cell, part)
    note_sale(m, cell, note, part);
    FOR_PARTS(m, card->invoice, card->currency, m->end.note_minor[note], cell, part)
    note_open_add(m, cell, note, part);
    FOR_PARTS(m, card->invoice, card->currency, start, cell, part)
    cell->opening -= part;
}

/* What was set off is free no longer. */
static void setoff_add(struct maker *m)
{
    for (uint32_t i = 0; i < m->setoff.pools; i++) {
        const struct fl_setoff_pool *pool = &m->setoff.pool[i];
        if (!m->query.in_base && !is_wanted(m, pool->currency))
            continue;
        struct cell *cell =
            cell_of(m, fl_kpi_group_of_customer(m->groups, pool->customer), pool->currency);
        cell->row.aging.unapplied -= pool->unapplied_taken;
        cell->row.aging.credits -= pool->credits_taken;
    }
}

/* ---- bad debt ----------------------------------------------------------------------------------
 */

/* What a movement took off bad debt's or recoveries' side, tax in: of a credit note only the part
 * that takes a write-off back. */
static void loss_read(const struct maker *m, uint32_t row, const struct fl_movement_row *move,
                      int64_t *lost, int64_t *back)
{
    struct fl_entry entry;
    *lost = *back = 0;
    fl_posting_movement(m->snapshot->store, row, &entry);
    for (uint32_t i = 0; i < entry.count; i++) {
        const struct fl_posting *p = &entry.postings[i];
        int64_t amount = m->query.in_base ? p->base_minor : p->amount_minor;
        if (move->kind == FL_MOVE_WRITE_OFF && p->account == FL_ACCOUNT_INVOICES)
            *lost -= amount;
        else if (move->kind == FL_MOVE_RECOVERY && p->account == FL_ACCOUNT_INVOICES)
            *back += amount;
        else if (move->kind == FL_MOVE_CREDIT_NO_MONEY && p->account == FL_ACCOUNT_BAD_DEBT)
            *back -= amount;
    }
}

static uint32_t movement_invoice(const struct maker *m, const struct fl_movement_row *move)
{
    if (move->kind == FL_MOVE_CREDIT_NO_MONEY)
        return fl_at_credit_note_card(m->snapshot, move->source)->invoice;
    return move->invoice;
}

static void loss_add(struct maker *m, uint32_t row, const struct fl_movement_row *move)
{
    uint32_t invoice = movement_invoice(m, move);
    struct cell *cell;
    int64_t part, lost, back;
    loss_read(m, row, move, &lost, &back);
    if (invoice == FL_NO_ROW || (lost == 0 && back == 0))
        return;
    FOR_PARTS(m, invoice, move->currency, lost, cell, part)
    cell->write_offs += part;
    FOR_PARTS(m, invoice, move->currency, back, cell, part)
    cell->recoveries += part;
}

static void losses_add(struct maker *m)
{
    const struct fl_snapshot *s = m->snapshot;
    for (uint32_t row = 0; row < s->rows[FL_TABLE_movement]; row++) {
        const struct fl_movement_row *move = fl_at_movement_row(s, row);
        bool is_loss = move->kind == FL_MOVE_WRITE_OFF || move->kind == FL_MOVE_RECOVERY ||
                       move->kind == FL_MOVE_CREDIT_NO_MONEY;
        if (!is_loss || move->date < m->query.from || move->date > m->query.to ||
            !is_wanted(m, move->currency))
            continue;
        if (fl_at_movement_cold(s, row)->seq > m->query.known_seq)
            break; /* rows rise with it (S3) */
        loss_add(m, row, move);
    }
}

/* ---- figures -----------------------------------------------------------------------------------
 */

/* A cell's months from the last day back to the first that sold anything; `out` has room for all.
 */
static uint32_t months_back(const struct maker *m, const struct cell *cell,
                            struct fl_kpi_month *out)
{
    int first = cell->month_first, last = m->month_of_day[m->query.to];
    uint32_t count = 0;
    while (first < cell->month_first + cell->month_count &&
           cell->months[first - cell->month_first].sales_minor == 0 &&
           cell->months[first - cell->month_first].weight == 0)
        first++;
    if (first >= cell->month_first + cell->month_count)
        return 0;
    for (int month = last; month >= first; month--) {
        uint16_t start = month_first_day(month);
        struct fl_civil c = fl_date_to_civil(start);
        int at = month - cell->month_first;
        out[count] = at < cell->month_count ? cell->months[at] : (struct fl_kpi_month){.days = 0};
        out[count++].days =
            month == last ? m->query.to - start + 1 : (int)fl_days_in_month(c.year, c.month);
    }
    return count;
}

static void days_figures(struct maker *m, struct cell *cell, struct fl_kpi_month *months)
{
    struct fl_kpi_figure *figure = cell->row.figure;
    fl_int128 receivable = cell->invoices - cell->unapplied - cell->credits;
    int64_t days = m->query.to - m->query.from + 1;
    uint32_t count = months_back(m, cell, months);
    figure[FL_KPI_DSO] = fl_kpi_days(receivable, cell->sales, days);
    figure[FL_KPI_BEST] = fl_kpi_days(cell->current, cell->sales, days);
    figure[FL_KPI_DELINQUENT] = fl_kpi_delinquent(figure[FL_KPI_DSO], figure[FL_KPI_BEST]);
    figure[FL_KPI_COUNT_BACK] = fl_kpi_count_back(receivable, months, count);
    figure[FL_KPI_TRUE_DSO] = fl_kpi_true_dso(months, count);
    figure[FL_KPI_CEI] =
        fl_kpi_effectiveness(cell->opening, cell->sales, m->months, receivable, cell->current);
    figure[FL_KPI_CURRENT] = fl_kpi_share(cell->current, receivable);
    figure[FL_KPI_CURRENT_OF_INVOICES] = fl_kpi_share(cell->current, cell->invoices);
    figure[FL_KPI_OVER_90] = fl_kpi_share(cell->over_90, receivable);
    figure[FL_KPI_BAD_DEBT] = fl_kpi_share(cell->write_offs - cell->recoveries, cell->sales);
}

static struct fl_kpi_figure whole(fl_int128 value)
{
    FL_ASSERT(value <= INT64_MAX && value >= -INT64_MAX); /* the volume guard */
    return (struct fl_kpi_figure){(int64_t)value, true, false};
}

static void sum_figures(struct cell *cell)
{
    static const enum fl_kpi mean[] = {FL_KPI_CLOSE, FL_KPI_CLOSE_CREDIT, FL_KPI_CLOSE_WRITE_OFF};
    static const enum fl_kpi closed[] = {FL_KPI_CLOSED, FL_KPI_CLOSED_CREDIT,
                                         FL_KPI_CLOSED_WRITE_OFF};
    struct fl_kpi_figure *figure = cell->row.figure;
    figure[FL_KPI_RECEIVABLE] = whole(cell->invoices - cell->unapplied - cell->credits);
    figure[FL_KPI_OPENING] = whole(cell->opening);
    figure[FL_KPI_OVERDUE] = whole(cell->invoices - cell->current);
    figure[FL_KPI_SALES] = whole(cell->sales);
    figure[FL_KPI_UNAPPLIED] = whole(cell->unapplied);
    figure[FL_KPI_CREDITS] = whole(cell->credits);
    figure[FL_KPI_WRITE_OFFS] = whole(cell->write_offs);
    figure[FL_KPI_RECOVERIES] = whole(cell->recoveries);
    for (unsigned reason = 0; reason < FL_CLOSE_REASONS; reason++) {
        figure[mean[reason]] = fl_kpi_mean(cell->close_days[reason], cell->closed[reason]);
        figure[closed[reason]] = whole(cell->closed[reason]);
    }
}

static int by_cell(const void *a, const void *b)
{
    const struct closed_invoice *x = a, *y = b;
    if (x->cell != y->cell)
        return x->cell < y->cell ? -1 : 1;
    return (x->days > y->days) - (x->days < y->days);
}

static void medians(struct maker *m)
{
    uint16_t *days = malloc((m->closed_count + 1ul) * sizeof *days);
    if (!days) {
        m->failed = true;
        return;
    }
    if (m->closed_count)
        qsort(m->closed, m->closed_count, sizeof *m->closed, by_cell);
    for (uint32_t i = 0, n; i < m->closed_count; i += n) {
        for (n = 0; i + n < m->closed_count && m->closed[i + n].cell == m->closed[i].cell; n++)
            days[n] = m->closed[i + n].days;
        m->cell[m->closed[i].cell].row.figure[FL_KPI_CLOSE_MEDIAN] = fl_kpi_median(days, n);
    }
    free(days);
}

static int by_row(const void *a, const void *b)
{
    const struct fl_kpi_row *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (int)x->aging.currency - (int)y->aging.currency;
}

static enum fl_status rows_make(struct maker *m, struct fl_kpi_sheet *out)
{
    struct fl_kpi_month *months = malloc((m->month_of_day[m->query.to] + 1ul) * sizeof *months);
    out->row = malloc((m->cells + 1ul) * sizeof *out->row);
    if (!months || !out->row || m->failed) {
        free(months);
        return FL_NO_MEMORY;
    }
    medians(m);
    for (uint32_t i = 0; i < m->cells; i++) {
        sum_figures(&m->cell[i]);
        days_figures(m, &m->cell[i], months);
        out->row[i] = m->cell[i].row;
    }
    out->rows = m->cells;
    qsort(out->row, out->rows, sizeof *out->row, by_row);
    free(months);
    return m->failed ? FL_NO_MEMORY : FL_OK;
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

static enum fl_status facts_read(struct maker *m)
{
    const struct fl_kpi_query *q = &m->query;
    const struct fl_snapshot *s = m->snapshot;
    FL_TRY(fl_kpi_items_make(s, q->to, q->known_seq, q->in_base, &m->end));
    if (q->from > 1)
        FL_TRY(fl_kpi_items_make(s, (uint16_t)(q->from - 1), q->known_seq, q->in_base, &m->start));
    if (!q->all_sales) {
        m->cash = fl_cash_sales(s, &m->end.open);
        if (!m->cash)
            return FL_NO_MEMORY;
    }
    if (q->credits == FL_CREDITS_OLDEST)
        FL_TRY(fl_setoff_make(s, &m->end, q->basis, &m->setoff));
    for (uint32_t row = 0; row < m->end.open.invoices; row++)
        invoice_add(m, row);
    for (uint32_t row = 0; row < m->end.open.receipts; row++)
        receipt_add(m, row);
    for (uint32_t row = 0; row < m->end.open.notes; row++)
        note_add(m, row);
    setoff_add(m);
    losses_add(m);
    return m->failed ? FL_NO_MEMORY : FL_OK;
}

static void maker_free(struct maker *m)
{
    for (uint32_t i = 0; i < m->cells; i++)
        free(m->cell[i].months);
    fl_setoff_free(&m->setoff);
    fl_kpi_items_free(&m->end);
    fl_kpi_items_free(&m->start);
    free(m->spill.months);
    free(m->cell);
    free(m->slot);
    free(m->closed);
    free(m->cash);
    free(m);
}

static struct fl_kpi_query resolved(struct fl_kpi_query query)
{
    FL_ASSERT(query.to != FL_DATE_NONE);
    if (query.from == FL_DATE_NONE)
        query.from = fl_month_start(query.to, 2);
    if (query.from == FL_DATE_NONE || query.from > query.to)
        query.from = query.to;
    return query;
}

enum fl_status fl_kpi_sheet_make(const struct fl_snapshot *snapshot,
                                 const struct fl_kpi_query *query, struct fl_kpi_sheet *out)
{
    struct maker *m = calloc(1, sizeof *m);
    *out = (struct fl_kpi_sheet){.query = resolved(*query)};
    if (!m)
        return FL_NO_MEMORY;
    months_fill(m->month_of_day);
    out->months = m->month_of_day[out->query.to] - m->month_of_day[out->query.from] + 1;
    m->snapshot = snapshot;
    m->query = out->query;
    m->months = out->months;
    m->groups = &out->groups;
    enum fl_status status = fl_kpi_groups_make(snapshot, query->by, &out->groups);
    if (status == FL_OK)
        status = facts_read(m);
    if (status == FL_OK)
        status = rows_make(m, out);
    maker_free(m);
    return status;
}

void fl_kpi_sheet_free(struct fl_kpi_sheet *sheet)
{
    fl_kpi_groups_free(&sheet->groups);
    free(sheet->row);
    sheet->row = NULL;
    sheet->rows = 0;
}

const struct fl_kpi_row *fl_kpi_sheet_find(const struct fl_kpi_sheet *sheet, uint32_t group,
                                           uint8_t currency)
{
    struct fl_kpi_row key = {.group = group, .aging = {.currency = currency}};
    return sheet->rows ? bsearch(&key, sheet->row, sheet->rows, sizeof key, by_row) : NULL;
}
