#include "analytics/kpi_aging.h"

#include <stdlib.h>

#include "analytics/aging_scan.h"
#include "analytics/large_array.h"
#include "analytics/scan_threads.h"
#include "core/domain/instalment.h"
#include "core/domain/posting_rules.h"

#define MOVEMENTS_AHEAD 16
#define ROWS_A_WINDOW   4096u /* of work, to tell how many threads it is worth */

/* Rows of a table whose seq is known: they rise with it (S3), so halving finds the prefix. */
static uint32_t prefix(const struct fl_snapshot *snapshot, enum fl_table_id table,
                       uint64_t (*seq_of)(const struct fl_snapshot *, uint32_t), uint64_t known)
{
    uint32_t low = 0, high = snapshot->rows[table];
    if (known == UINT64_MAX)
        return high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (seq_of(snapshot, middle) <= known)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t invoice_seq(const struct fl_snapshot *s, uint32_t row)
{
    return fl_at_invoice_card(s, row)->seq;
}
static uint64_t receipt_seq(const struct fl_snapshot *s, uint32_t row)
{
    return fl_at_receipt_card(s, row)->seq;
}
static uint64_t note_seq(const struct fl_snapshot *s, uint32_t row)
{
    return fl_at_credit_note_card(s, row)->seq;
}
static uint64_t movement_seq(const struct fl_snapshot *s, uint32_t row)
{
    return fl_at_movement_cold(s, row)->seq;
}

/* One thread's documents: rows [from, to) of each kind. All movements are read by each thread, and
 * those of its own documents added: reading in order is cheap beside writing anywhere, and no sum
 * is shared. */
struct share {
    uint32_t invoice_from, invoice_to, receipt_from, receipt_to, note_from, note_to;
};

struct filling {
    const struct fl_snapshot *snapshot;
    struct fl_open_items *items;
    uint32_t movements, shares;
};

static uint32_t part_of(uint32_t rows, uint32_t n, uint32_t of)
{
    return (uint32_t)((uint64_t)rows * n / of);
}

static void documents_fill(const struct fl_snapshot *s, struct fl_open_items *items,
                           const struct share *mine)
{
    for (uint32_t row = mine->invoice_from; row < mine->invoice_to; row++) {
        const struct fl_invoice_scan *scan = fl_at_invoice_scan(s, row);
        items->invoice_minor[row] = scan->date <= items->as_of ? scan->total_minor : 0;
    }
    for (uint32_t row = mine->receipt_from; row < mine->receipt_to; row++) {
        const struct fl_receipt_card *card = fl_at_receipt_card(s, row);
        items->receipt_minor[row] = card->date <= items->as_of ? card->amount_minor : 0;
        items->receipt_customer[row] = card->first_customer;
        if (card->first_customer != FL_NO_ROW)
            continue;
        items->receipt_nobody_minor[row] = items->receipt_minor[row];
        __atomic_store_n(&items->has_nobody, true, __ATOMIC_RELAXED); /* read after the join */
    }
    for (uint32_t row = mine->note_from; row < mine->note_to; row++) {
        const struct fl_credit_note_card *card = fl_at_credit_note_card(s, row);
        items->note_minor[row] = card->date <= items->as_of ? card->total_minor : 0;
    }
}

/* FL_NO_ROW is in no share. */
static bool is_in(uint32_t row, uint32_t from, uint32_t to)
{
    return row - from < to - from;
}

static void source_add(const struct fl_snapshot *s, struct fl_open_items *items,
                       const struct fl_movement_row *m, const struct share *mine)
{
    bool receipt = is_in(m->source, mine->receipt_from, mine->receipt_to);
    bool note = is_in(m->source, mine->note_from, mine->note_to);
    switch ((enum fl_movement_kind)m->kind) {
    case FL_MOVE_APPLY_RECEIPT:
    case FL_MOVE_OVER:
    case FL_MOVE_REFUND_RECEIPT:
    case FL_MOVE_CHARGEBACK:
    case FL_MOVE_RETURN:
    case FL_MOVE_ASSIGN:
        if (receipt)
            items->receipt_minor[m->source] -= m->amount_minor;
        if (receipt && m->flags & FL_MOVE_FLAG_UNIDENTIFIED)
            items->receipt_nobody_minor[m->source] -= m->amount_minor;
        break;
    case FL_MOVE_IDENTIFY:
        if (receipt) {
            items->receipt_nobody_minor[m->source] -= m->amount_minor;
            items->receipt_customer[m->source] = fl_at_receipt_money(s, m->source)->customer;
        }
        break;
    case FL_MOVE_APPLY_CREDIT:
    case FL_MOVE_REFUND_CREDIT:
    case FL_MOVE_CREDIT_NO_MONEY:
    case FL_MOVE_CREDIT_CANCEL:
        if (note)
            items->note_minor[m->source] -= m->amount_minor;
        break;
    default:
        break;
    }
}

static void movement_add(const struct fl_snapshot *s, struct fl_open_items *items,
                         const struct fl_movement_row *m, const struct share *mine)
{
    bool up = m->kind == FL_MOVE_LATE_FEE || m->kind == FL_MOVE_RECOVERY;
    if (m->date > items->as_of)
        return;
    if (is_in(m->invoice, mine->invoice_from, mine->invoice_to))
        items->invoice_minor[m->invoice] += up ? m->amount_minor : -m->amount_minor;
    source_add(s, items, m, mine);
}

/* What it will change lies anywhere: asked for ahead. */
static void movement_want(const struct fl_open_items *items, const struct fl_movement_row *m,
                          const struct share *mine)
{
    if (is_in(m->invoice, mine->invoice_from, mine->invoice_to))
        __builtin_prefetch(&items->invoice_minor[m->invoice], 1);
    if (is_in(m->source, mine->receipt_from, mine->receipt_to))
        __builtin_prefetch(&items->receipt_minor[m->source], 1);
}

static void shares_fill(void *context, unsigned worker, uint32_t from, uint32_t to)
{
    const struct filling *f = context;
    const struct fl_snapshot *s = f->snapshot;
    (void)worker;
    for (uint32_t n = from; n < to; n++) {
        const struct share mine = {part_of(f->items->invoices, n, f->shares),
                                   part_of(f->items->invoices, n + 1, f->shares),
                                   part_of(f->items->receipts, n, f->shares),
                                   part_of(f->items->receipts, n + 1, f->shares),
                                   part_of(f->items->notes, n, f->shares),
                                   part_of(f->items->notes, n + 1, f->shares)};
        documents_fill(s, f->items, &mine);
        for (uint32_t row = 0; row < f->movements; row++) {
            if (row + MOVEMENTS_AHEAD < f->movements)
                movement_want(f->items, fl_at_movement_row(s, row + MOVEMENTS_AHEAD), &mine);
            movement_add(s, f->items, fl_at_movement_row(s, row), &mine);
        }
    }
}

enum fl_status fl_open_items_make(const struct fl_snapshot *s, uint16_t as_of, uint64_t known_seq,
                                  struct fl_open_items *out)
{
    return fl_open_items_make_by(s, as_of, known_seq, 0, out);
}

enum fl_status fl_open_items_make_by(const struct fl_snapshot *s, uint16_t as_of,
                                     uint64_t known_seq, unsigned threads,
                                     struct fl_open_items *out)
{
    *out = (struct fl_open_items){.as_of = as_of, .known_seq = known_seq};
    out->invoices = prefix(s, FL_TABLE_invoice, invoice_seq, known_seq);
    out->receipts = prefix(s, FL_TABLE_receipt, receipt_seq, known_seq);
    out->notes = prefix(s, FL_TABLE_credit_note, note_seq, known_seq);
    out->invoice_minor = fl_large_array((out->invoices + 1ul) * 8);
    out->receipt_minor = fl_large_array((out->receipts + 1ul) * 8);
    out->note_minor = fl_large_array((out->notes + 1ul) * 8);
    out->receipt_customer = fl_large_array((out->receipts + 1ul) * 4);
    out->receipt_nobody_minor = calloc(out->receipts + 1ul, 8); /* hardly any is touched */
    if (!out->invoice_minor || !out->receipt_minor || !out->note_minor || !out->receipt_customer ||
        !out->receipt_nobody_minor) {
        fl_open_items_free(out);
        return FL_NO_MEMORY;
    }
    struct filling filling = {s, out, prefix(s, FL_TABLE_movement, movement_seq, known_seq), 0};
    filling.shares =
        threads ? threads : fl_scan_threads((filling.movements + out->invoices) / ROWS_A_WINDOW);
    const struct fl_scan_work work = {
        .step = shares_fill, .context = &filling, .windows = filling.shares, .take = 1};
    fl_scan_run(&work, filling.shares);
    return FL_OK;
}

void fl_open_items_free(struct fl_open_items *items)
{
    free(items->invoice_minor);
    free(items->receipt_minor);
    free(items->note_minor);
    free(items->receipt_customer);
    free(items->receipt_nobody_minor);
    *items = (struct fl_open_items){.as_of = 0};
}

unsigned fl_aging_bucket(const struct fl_book_settings *book, int days_overdue)
{
    unsigned i = 0;
    while (i < book->bucket_count && days_overdue > book->buckets[i])
        i++;
    return i;
}

static bool is_empty(const struct fl_aging *a)
{
    bool money = a->not_due != 0 || a->unapplied != 0 || a->credits != 0 || a->unidentified != 0;
    for (unsigned i = 0; i < FL_AGING_BUCKETS_MAX; i++)
        money |= a->bucket_count[i] != 0;
    return !money && a->not_due_count == 0;
}

static void amount_age(const struct fl_snapshot *s, struct fl_aging *a, int days, int64_t open)
{
    if (days <= 0) {
        a->not_due += open;
        a->not_due_count++;
    } else {
        unsigned bucket = fl_aging_bucket(fl_at_book_settings(s, 0), days);
        a->bucket[bucket] += open;
        a->bucket_count[bucket]++;
    }
}

/* Each part on its own day. */
static void instalments_age(const struct fl_snapshot *s, uint32_t row, uint16_t as_of, int64_t open,
                            struct fl_aging *a)
{
    int64_t opens[FL_INSTALMENTS_MAX];
    uint32_t first;
    uint32_t count = fl_instalment_find(s->store, s->rows[FL_TABLE_instalment], row, &first);
    fl_instalment_opens(s->store, first, count, open, opens);
    for (uint32_t i = 0; i < count; i++) {
        if (opens[i] != 0)
            amount_age(s, a, (int)as_of - (int)fl_at_instalment_row(s, first + i)->due_date,
                       opens[i]);
    }
}

void fl_aging_add_invoice(const struct fl_snapshot *s, uint32_t row, uint16_t as_of, int64_t open,
                          struct fl_aging *a)
{
    if (open == 0)
        return;
    if (fl_at_invoice_money(s, row)->flags & FL_INVOICE_HAS_INSTALMENTS)
        instalments_age(s, row, as_of, open, a);
    else
        amount_age(s, a, (int)as_of - (int)fl_at_invoice_scan(s, row)->due_date, open);
}

static void invoice_age(const struct fl_snapshot *s, const struct fl_open_items *items,
                        uint32_t row, struct fl_aging *all)
{
    fl_aging_add_invoice(s, row, items->as_of, items->invoice_minor[row],
                         &all[fl_at_invoice_currency(s, row)->currency]);
}

/* By windows; without memory for them one by one. */
static void invoices_age(const struct fl_snapshot *s, const struct fl_open_items *items,
                         struct fl_aging *all)
{
    const struct fl_aging_scan scan = {.snapshot = s,
                                       .open_minor = items->invoice_minor,
                                       .invoices = items->invoices,
                                       .as_of = items->as_of,
                                       .how = fl_aging_best()};
    if (fl_aging_scan(&scan, all) == FL_OK)
        return;
    for (uint32_t row = 0; row < items->invoices; row++)
        invoice_age(s, items, row, all);
}

/* The currencies that have anything, to the front. */
static unsigned compact(struct fl_aging *all)
{
    unsigned count = 0;
    for (unsigned currency = 1; currency < FL_CURRENCY_COUNT; currency++) {
        if (is_empty(&all[currency]))
            continue;
        all[count] = all[currency];
        all[count++].currency = (uint8_t)currency;
    }
    return count;
}

struct receipts_work {
    const struct fl_snapshot *snapshot;
    const struct fl_open_items *items;
    struct fl_aging *parts; /* FL_CURRENCY_COUNT a thread */
};

static void receipts_add(void *context, unsigned worker, uint32_t from, uint32_t to)
{
    const struct receipts_work *work = context;
    const struct fl_open_items *items = work->items;
    struct fl_aging *all = work->parts + (size_t)worker * FL_CURRENCY_COUNT;
    uint64_t end = (uint64_t)to * ROWS_A_WINDOW;
    for (uint32_t row = from * ROWS_A_WINDOW; row < items->receipts && row < end; row++) {
        int64_t open = items->receipt_minor[row];
        int64_t nobody = items->has_nobody ? items->receipt_nobody_minor[row] : 0;
        if (open == 0 && nobody == 0)
            continue;
        struct fl_aging *a = &all[fl_at_receipt_card(work->snapshot, row)->currency];
        a->unidentified += nobody;
        a->unapplied += open - nobody;
    }
}

static void receipts_age(const struct fl_snapshot *s, const struct fl_open_items *items,
                         struct fl_aging *out)
{
    uint32_t windows = (items->receipts + ROWS_A_WINDOW - 1) / ROWS_A_WINDOW;
    unsigned threads = fl_scan_threads(windows);
    struct fl_aging *parts = calloc((size_t)threads * FL_CURRENCY_COUNT, sizeof *parts);
    struct receipts_work work = {s, items, parts ? parts : out};
    const struct fl_scan_work scan = {.step = receipts_add, .context = &work, .windows = windows};
    fl_scan_run(&scan, parts ? threads : 1); /* without memory for parts alone, into the sum */
    for (unsigned i = 0; parts && i < threads * FL_CURRENCY_COUNT; i++) {
        out[i % FL_CURRENCY_COUNT].unapplied += parts[i].unapplied;
        out[i % FL_CURRENCY_COUNT].unidentified += parts[i].unidentified;
    }
    free(parts);
}

unsigned fl_aging_by_currency(const struct fl_snapshot *s, const struct fl_open_items *items,
                              struct fl_aging *out)
{
    memset(out, 0, FL_CURRENCY_COUNT * sizeof *out);
    invoices_age(s, items, out);
    receipts_age(s, items, out);
    for (uint32_t row = 0; row < items->notes; row++)
        out[fl_at_credit_note_card(s, row)->currency].credits += items->note_minor[row];
    return compact(out);
}

unsigned fl_aging_of_customer(const struct fl_snapshot *s, const struct fl_open_items *items,
                              uint32_t customer, struct fl_aging *out)
{
    const struct fl_customer_account *account = fl_at_customer_account(s, customer);
    memset(out, 0, FL_CURRENCY_COUNT * sizeof *out);
    for (uint32_t row = account->last_invoice; row != FL_NO_ROW;
         row = fl_at_invoice_card(s, row)->prev_of_customer) {
        if (row < items->invoices)
            invoice_age(s, items, row, out);
    }
    for (uint32_t row = account->last_receipt; row != FL_NO_ROW;
         row = fl_at_receipt_status(s, row)->prev_of_customer) {
        if (row < items->receipts && items->receipt_customer[row] == customer)
            out[fl_at_receipt_card(s, row)->currency].unapplied +=
                items->receipt_minor[row] - items->receipt_nobody_minor[row];
    }
    for (uint32_t row = account->last_credit_note; row != FL_NO_ROW;
         row = fl_at_credit_note_card(s, row)->prev_of_customer) {
        if (row < items->notes)
            out[fl_at_credit_note_card(s, row)->currency].credits += items->note_minor[row];
    }
    return compact(out);
}

/* ---- the control account
 * ------------------------------------------------------------------------- */

static fl_int128 entry_control(const struct fl_entry *entry, uint8_t currency, uint16_t as_of)
{
    fl_int128 sum = 0;
    if (entry->currency != currency || entry->count == 0 || entry->date > as_of)
        return 0;
    for (uint32_t i = 0; i < entry->count; i++) {
        uint32_t account = entry->postings[i].account;
        if (account == FL_ACCOUNT_INVOICES || account == FL_ACCOUNT_UNAPPLIED ||
            account == FL_ACCOUNT_CREDITS)
            sum += entry->postings[i].amount_minor;
    }
    return sum;
}

#define CONTROL_OF(table, seq_of, rule)                                                            \
    for (uint32_t row = 0, n = prefix(s, FL_TABLE_##table, seq_of, known_seq); row < n; row++) {   \
        rule(s->store, row, &entry);                                                               \
        sum += entry_control(&entry, currency, as_of);                                             \
    }

fl_int128 fl_control_account(const struct fl_snapshot *s, uint8_t currency, uint16_t as_of,
                             uint64_t known_seq)
{
    struct fl_entry entry;
    fl_int128 sum = 0;
    CONTROL_OF(invoice, invoice_seq, fl_posting_invoice)
    CONTROL_OF(credit_note, note_seq, fl_posting_credit_note)
    CONTROL_OF(receipt, receipt_seq, fl_posting_receipt)
    CONTROL_OF(movement, movement_seq, fl_posting_movement)
    return sum;
}

uint16_t fl_credit_note_cancelled_day(const struct fl_snapshot *snapshot, uint32_t note,
                                      uint64_t known_seq)
{
    const struct fl_credit_note_money *money = fl_at_credit_note_money(snapshot, note);
    if (!money->cancelled)
        return FL_DATE_NONE;
    for (uint32_t row = money->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(snapshot, row)->prev_of_source) {
        const struct fl_movement_row *m = fl_at_movement_row(snapshot, row);
        if (m->kind == FL_MOVE_CREDIT_CANCEL &&
            fl_at_movement_cold(snapshot, row)->seq <= known_seq)
            return m->date;
    }
    return FL_DATE_NONE;
}
