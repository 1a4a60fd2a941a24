#include "analytics/audit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/domain/instalment.h"
#include "core/domain/posting_rules.h"
#include "core/domain/state.h"

struct day_sum {
    uint64_t key; /* account, date, currency; 0 empty */
    fl_int128 debit, credit, base_debit, base_credit;
};

struct audit {
    const struct fl_store *store;
    void (*say)(void *context, const char *sentence);
    void *context;
    uint64_t found;
    bool half_even;
    int64_t *invoice_moved, *receipt_moved, *note_moved;
    fl_int128 *invoices, *unapplied, *credits, *ordered, *shipped; /* by customer */
    uint8_t *disputed;                                              /* by invoice */
    fl_int128 *reserved;                                            /* by product */
    uint32_t *waiting;                                              /* by bank account */
    struct day_sum *days;
    uint64_t day_mask;
};

static void differ(struct audit *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void differ(struct audit *a, const char *format, ...)
{
    char sentence[256];
    va_list arguments;
    if (++a->found > FL_AUDIT_SENTENCES_MAX || !a->say)
        return;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    a->say(a->context, sentence);
}

static void id_text(const struct fl_store *store, const struct fl_id *id, char out[72])
{
    size_t length;
    const char *bytes = fl_id_get(store, id, &length);
    snprintf(out, 72, "%.*s", (int)length, bytes);
}

/* ---- entries (I1) --------------------------------------------------------------------------------- */

static struct day_sum *day_of(struct audit *a, uint32_t account, uint8_t currency, uint16_t date)
{
    uint64_t key = (uint64_t)account << 32 | (uint64_t)date << 8 | currency;
    uint64_t at = fl_hash_u64(key, 7) & a->day_mask;
    while (a->days[at].key != 0 && a->days[at].key != key)
        at = (at + 1) & a->day_mask;
    a->days[at].key = key;
    return &a->days[at];
}

static void sum_add(struct day_sum *sum, int64_t amount, int64_t base)
{
    if (amount >= 0)
        sum->debit += amount;
    else
        sum->credit -= amount;
    if (base >= 0)
        sum->base_debit += base;
    else
        sum->base_credit -= base;
}

static void entry_sum(struct audit *a, const struct fl_entry *entry, const char *what,
                      uint32_t row)
{
    fl_int128 sum = 0, base = 0;
    for (uint32_t i = 0; i < entry->count; i++) {
        const struct fl_posting *p = &entry->postings[i];
        sum += p->amount_minor;
        base += p->base_minor;
        sum_add(day_of(a, p->account, p->currency, entry->date), p->amount_minor, p->base_minor);
    }
    if (sum != 0 || base != 0)
        differ(a, "I1: the entry of %s row %u does not balance", what, row);
}

#define SUM_ENTRIES(table, rule)                                                                  \
    for (uint32_t row = 0; row < a->store->rows[FL_TABLE_##table]; row++) {                       \
        rule(a->store, row, &entry);                                                              \
        entry_sum(a, &entry, #table, row);                                                        \
    }

static bool has_instalments(const struct fl_store *store, uint32_t invoice)
{
    return fl_invoice_money(store, invoice)->flags & FL_INVOICE_HAS_INSTALMENTS;
}

static void statistics_sum(struct audit *a)
{
    const struct fl_store *store = a->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_invoice]; row++) {
        const struct fl_invoice_card *card = fl_invoice_card(store, row);
        if (!has_instalments(store, row))
            sum_add(day_of(a, FL_ACCOUNT_OPEN_BY_DUE, card->currency, card->due_date),
                    card->total_minor, 0);
        sum_add(day_of(a, FL_ACCOUNT_SALES_BY_DAY, card->currency, card->date),
                card->total_minor, 0);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_credit_note]; row++) {
        const struct fl_credit_note_card *card = fl_credit_note_card(store, row);
        sum_add(day_of(a, FL_ACCOUNT_SALES_BY_DAY, card->currency, card->date),
                -card->total_minor, 0);
    }
}

static void entries_sum(struct audit *a)
{
    struct fl_entry entry;
    SUM_ENTRIES(invoice, fl_posting_invoice)
    SUM_ENTRIES(credit_note, fl_posting_credit_note)
    SUM_ENTRIES(receipt, fl_posting_receipt)
    SUM_ENTRIES(shipment, fl_posting_shipment)
    SUM_ENTRIES(movement, fl_posting_movement)
    SUM_ENTRIES(cash_event, fl_posting_cash_event)
    SUM_ENTRIES(statement_line, fl_posting_statement_line)
    SUM_ENTRIES(line_posting, fl_posting_line_posting)
    SUM_ENTRIES(bank_opening, fl_posting_bank_opening)
    SUM_ENTRIES(assignment, fl_posting_assignment)
    SUM_ENTRIES(payout, fl_posting_payout)
    SUM_ENTRIES(payout_part, fl_posting_payout_part)
    statistics_sum(a);
}

/* Statistics have no base column, and open-by-due moves both ways: its net is what must agree. */
static bool day_agrees(const struct day_sum *sum, uint32_t account,
                       const struct fl_account_day_total *kept)
{
    if (account == FL_ACCOUNT_OPEN_BY_DUE)
        return sum->debit - sum->credit == (fl_int128)kept->debit_minor - kept->credit_minor;
    return sum->debit == kept->debit_minor && sum->credit == kept->credit_minor &&
           sum->base_debit == kept->base_debit_minor && sum->base_credit == kept->base_credit_minor;
}

static void days_compare(struct audit *a)
{
    const struct fl_store *store = a->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_account_day_key(store, row);
        const struct fl_account_day_total *kept = fl_account_day_total(store, row);
        struct day_sum *sum = day_of(a, key->account, key->currency, key->date);
        if (!day_agrees(sum, key->account, kept))
            differ(a, "ledger: %s on day %u is kept as %" PRId64 " debit, %" PRId64
                      " credit; the entries say otherwise",
                   fl_account_name(key->account), key->date, kept->debit_minor,
                   kept->credit_minor);
        sum->debit = sum->credit = sum->base_debit = sum->base_credit = 0;
    }
    for (uint64_t i = 0; i <= a->day_mask; i++) {
        if (a->days[i].debit != 0 || a->days[i].credit != 0)
            differ(a, "ledger: entries of account %u have no daily total",
                   (unsigned)(a->days[i].key >> 32));
    }
}

/* ---- documents (I2, I3) ------------------------------------------------------------------------------ */

/* A note that is taken back is a sale again on the day that it was. */
static void cancelled_sum(struct audit *a, const struct fl_movement_row *m)
{
    if (m->kind == FL_MOVE_CREDIT_CANCEL)
        sum_add(day_of(a, FL_ACCOUNT_SALES_BY_DAY, m->currency, m->date), m->amount_minor, 0);
}

static void movements_sum(struct audit *a)
{
    const struct fl_store *store = a->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_movement]; row++) {
        const struct fl_movement_row *m = fl_movement_row(store, row);
        bool up = m->kind == FL_MOVE_LATE_FEE || m->kind == FL_MOVE_RECOVERY;
        cancelled_sum(a, m);
        int64_t on_invoice = up ? m->amount_minor : -m->amount_minor;
        if (m->invoice != FL_NO_ROW) {
            const struct fl_invoice_card *card = fl_invoice_card(store, m->invoice);
            a->invoice_moved[m->invoice] += on_invoice;
            if (!has_instalments(store, m->invoice))
                sum_add(day_of(a, FL_ACCOUNT_OPEN_BY_DUE, card->currency, card->due_date),
                        on_invoice, 0);
        }
        switch ((enum fl_movement_kind)m->kind) {
        case FL_MOVE_APPLY_RECEIPT:
        case FL_MOVE_OVER:
        case FL_MOVE_REFUND_RECEIPT:
        case FL_MOVE_CHARGEBACK:
        case FL_MOVE_RETURN:
        case FL_MOVE_ASSIGN:
            a->receipt_moved[m->source] -= m->amount_minor;
            break;
        case FL_MOVE_APPLY_CREDIT:
        case FL_MOVE_REFUND_CREDIT:
        case FL_MOVE_CREDIT_NO_MONEY:
        case FL_MOVE_CREDIT_CANCEL:
            a->note_moved[m->source] -= m->amount_minor;
            break;
        default:
            break;
        }
    }
}

static void open_compare(struct audit *a, const char *kind, const struct fl_id *id, int64_t kept,
                         int64_t recomputed)
{
    char text[72];
    if (kept == recomputed && kept >= 0)
        return;
    id_text(a->store, id, text);
    differ(a, "I3: %s %s is open %" PRId64 ", its movements say %" PRId64, kind, text, kept,
           recomputed);
}

/* By due day what of each part is open, the oldest being paid first: reckoned from what was paid. */
static void instalments_add(struct audit *a, uint32_t invoice, int64_t open)
{
    const struct fl_store *store = a->store;
    const struct fl_invoice_card *card = fl_invoice_card(store, invoice);
    int64_t paid = card->total_minor - open, sum = 0;
    uint32_t first;
    uint32_t found =
        fl_instalment_find(store, store->rows[FL_TABLE_instalment], invoice, &first);
    for (uint32_t row = first; row < first + found; row++) {
        const struct fl_instalment_row *part = fl_instalment_row(store, row);
        int64_t of_it = paid < part->amount_minor ? paid : part->amount_minor;
        paid -= of_it;
        sum += part->amount_minor;
        sum_add(day_of(a, FL_ACCOUNT_OPEN_BY_DUE, card->currency, part->due_date),
                part->amount_minor - of_it, 0);
    }
    if (found == 0 || sum != card->total_minor)
        differ(a, "invoice row %u: its %u instalments are not its total", invoice, found);
}

static void documents_compare(struct audit *a)
{
    const struct fl_store *store = a->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_invoice]; row++) {
        const struct fl_invoice_card *card = fl_invoice_card(store, row);
        int64_t open = fl_invoice_money(store, row)->open_minor;
        open_compare(a, "invoice", &card->id, open, card->total_minor + a->invoice_moved[row]);
        a->invoices[card->customer] += open;
        if (has_instalments(store, row))
            instalments_add(a, row, card->total_minor + a->invoice_moved[row]);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_receipt]; row++) {
        const struct fl_receipt_card *card = fl_receipt_card(store, row);
        const struct fl_receipt_money *money = fl_receipt_money(store, row);
        open_compare(a, "receipt", &card->id, money->open_minor,
                     card->amount_minor + a->receipt_moved[row]);
        if (money->customer != FL_NO_ROW)
            a->unapplied[money->customer] += money->open_minor;
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_credit_note]; row++) {
        const struct fl_credit_note_card *card = fl_credit_note_card(store, row);
        int64_t open = fl_credit_note_money(store, row)->open_minor;
        open_compare(a, "credit note", &card->id, open, card->total_minor + a->note_moved[row]);
        a->credits[card->customer] += open;
    }
}

/* ---- orders (I4, I5) ------------------------------------------------------------------------------------ */

/* D6: of a line's worth, what its first `pieces` of `all` come to; neither is negative. The rest of the division is
 * compared with its half: the engine's rounding is not asked. */
static fl_int128 worth_to(const struct audit *a, int64_t worth, int64_t pieces, int64_t all)
{
    fl_int128 product = (fl_int128)worth * pieces;
    fl_int128 whole = product / all, rest = product % all;
    bool up = 2 * rest > all || (2 * rest == all && (!a->half_even || whole % 2 != 0));
    return whole + up;
}

/* D7 of one line, by counting its pieces in a row: those invoiced are the balance's, those gone beyond them are
 * shipped and not invoiced, those left beyond them are ordered and not shipped. */
static void line_exposure_add(struct audit *a, uint32_t customer,
                              const struct fl_order_line_card *card,
                              const struct fl_order_line_live *live, int64_t kept)
{
    int64_t gone = live->shipped > live->invoiced ? live->shipped : live->invoiced;
    fl_int128 billed = worth_to(a, card->gross_minor, live->invoiced, card->quantity);
    fl_int128 left = worth_to(a, card->gross_minor, gone, card->quantity);
    a->shipped[customer] += left - billed;
    if (kept > gone)
        a->ordered[customer] += worth_to(a, card->gross_minor, kept, card->quantity) - left;
}

static void orders_sum(struct audit *a)
{
    const struct fl_store *store = a->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_order_line]; row++) {
        const struct fl_order_line_card *card = fl_order_line_card(store, row);
        const struct fl_order_line_live *live = fl_order_line_live(store, row);
        const struct fl_order_live *order = fl_order_live(store, card->order);
        int64_t kept = card->quantity - live->cancelled;
        if (order->flags & FL_ORDER_REST_CLOSED) /* only what had left or was billed was kept on */
            kept = live->shipped > live->invoiced ? live->shipped : live->invoiced;
        if (live->shipped + live->cancelled > card->quantity ||
            live->invoiced + live->cancelled > card->quantity || live->returned > live->shipped)
            differ(a, "I4: order line row %u has more shipped, cancelled or invoiced than ordered",
                   row);
        if (order->state == FL_ORDER_HELD || order->state == FL_ORDER_REJECTED)
            continue;
        line_exposure_add(a, fl_order_card(store, card->order)->customer, card, live, kept);
        a->reserved[card->product] += kept - live->shipped;
    }
}

static void customers_compare(struct audit *a)
{
    const struct fl_store *store = a->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_customer]; row++) {
        const struct fl_customer_account *kept = fl_customer_account(store, row);
        char id[72];
        id_text(store, &fl_customer_card(store, row)->id, id);
        if (kept->invoices_minor != a->invoices[row] ||
            kept->unapplied_minor != a->unapplied[row] || kept->credits_minor != a->credits[row])
            differ(a, "I2: the balance of customer %s is not its open documents", id);
        if (kept->ordered_minor != a->ordered[row] || kept->shipped_minor != a->shipped[row])
            differ(a, "I5: the exposure of customer %s is kept as %" PRId64 " + %" PRId64
                      ", its orders say otherwise",
                   id, kept->ordered_minor, kept->shipped_minor);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_product]; row++) {
        const struct fl_product_stock *kept = fl_product_stock(store, row);
        char id[72];
        id_text(store, &fl_product_card(store, row)->id, id);
        if (kept->reserved != a->reserved[row])
            differ(a, "I4: product %s has %" PRId64 " reserved, its orders say otherwise", id,
                   kept->reserved);
    }
}

/* ---- bank lines --------------------------------------------------------------------------------------------- */

/* What an account says that waits for a rate are its lines without one; its statements are whole. */
static void lines_compare(struct audit *a)
{
    const struct fl_store *store = a->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_statement_line]; row++) {
        uint32_t of = fl_statement_line_card(store, row)->statement;
        if (fl_statement_line_live(store, row)->status == FL_LINE_NO_RATE)
            a->waiting[fl_statement_card(store, of)->account]++;
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_bank_account]; row++) {
        uint32_t kept = fl_bank_account_live(store, row)->waiting_count;
        char id[72];
        id_text(store, &fl_bank_account_card(store, row)->id, id);
        if (kept != a->waiting[row])
            differ(a, "bank account %s has %u lines without a rate, and says %u", id,
                   a->waiting[row], kept);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_statement]; row++) {
        const struct fl_statement_card *card = fl_statement_card(store, row);
        if (card->balanced && (card->opening_given || card->closing_given) &&
            card->opening_minor + card->sum_minor != card->closing_minor)
            differ(a, "statement row %u is called balanced and is not", row);
    }
}

/* ---- disputes, payouts, assignments ----------------------------------------------------------------------- */

static void disputes_compare(struct audit *a)
{
    const struct fl_store *store = a->store;
    uint8_t *disputed = a->disputed;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_dispute]; row++) {
        if (fl_dispute_live(store, row)->state == FL_DISPUTE_OPEN)
            disputed[fl_dispute_card(store, row)->invoice] = 1;
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_invoice]; row++) {
        bool kept = fl_invoice_money(store, row)->flags & FL_INVOICE_DISPUTED;
        if (kept != disputed[row])
            differ(a, "invoice row %u says %s of disputes, which say otherwise", row,
                   kept ? "that it has open ones" : "nothing");
    }
}

/* Sum of the parts less their fees is what was paid out, whichever way the fees were written. */
static void payouts_compare(struct audit *a)
{
    const struct fl_store *store = a->store;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_payout]; row++) {
        const struct fl_payout_card *card = fl_payout_card(store, row);
        fl_int128 sum = 0;
        for (uint32_t i = card->part_first; i < card->part_first + card->part_count; i++)
            sum += fl_payout_part_row(store, i)->amount_minor - fl_payout_part_row(store, i)->fee_minor;
        if (sum != card->amount_minor)
            differ(a, "payout row %u is not what its parts come to", row);
    }
}

static void assignments_compare(struct audit *a)
{
    const struct fl_store *store = a->store;
    uint32_t assigned = 0;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_statement_line]; row++)
        assigned += fl_statement_line_live(store, row)->assigned;
    uint32_t stand = 0; /* one that takes another back is none, and makes that one none */
    for (uint32_t row = 0; row < store->rows[FL_TABLE_assignment]; row++)
        stand += fl_assignment_row(store, row)->reverses == 0 ? 1 : UINT32_MAX;
    if (assigned != stand)
        differ(a, "%u lines say that they are assigned, %u assignments stand", assigned, stand);
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

static bool take(struct audit *a)
{
    const uint32_t *rows = a->store->rows;
    a->day_mask = 1023;
    while (a->day_mask < (uint64_t)rows[FL_TABLE_account_day] * 4)
        a->day_mask = a->day_mask * 2 + 1;
    size_t customers = rows[FL_TABLE_customer] + 1u, wide = sizeof(fl_int128);
    a->days = calloc(a->day_mask + 1, sizeof *a->days);
    a->invoice_moved = calloc(rows[FL_TABLE_invoice] + 1u, sizeof(int64_t));
    a->receipt_moved = calloc(rows[FL_TABLE_receipt] + 1u, sizeof(int64_t));
    a->note_moved = calloc(rows[FL_TABLE_credit_note] + 1u, sizeof(int64_t));
    a->invoices = calloc(customers, wide);
    a->unapplied = calloc(customers, wide);
    a->credits = calloc(customers, wide);
    a->ordered = calloc(customers, wide);
    a->shipped = calloc(customers, wide);
    a->reserved = calloc(rows[FL_TABLE_product] + 1u, wide);
    a->waiting = calloc(rows[FL_TABLE_bank_account] + 1u, sizeof *a->waiting);
    a->disputed = calloc(rows[FL_TABLE_invoice] + 1u, 1);
    return a->disputed && a->waiting && a->days && a->invoice_moved && a->receipt_moved && a->note_moved && a->invoices &&
           a->unapplied && a->credits && a->ordered && a->shipped && a->reserved;
}

static void give(struct audit *a)
{
    void *all[] = {a->days,      a->invoice_moved, a->receipt_moved, a->note_moved, a->invoices,
                   a->unapplied, a->credits,       a->ordered,       a->shipped,    a->reserved,
                   a->waiting,   a->disputed};
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

uint64_t fl_audit(const struct fl_store *store, void (*say)(void *context, const char *sentence),
                  void *context)
{
    struct audit a = {.store = store, .say = say, .context = context};
    a.half_even = fl_book_settings(store, 0)->rounding == 2;
    if (take(&a)) {
        entries_sum(&a);
        movements_sum(&a);
        documents_compare(&a);
        orders_sum(&a);
        customers_compare(&a);
        lines_compare(&a);
        disputes_compare(&a);
        payouts_compare(&a);
        assignments_compare(&a);
        days_compare(&a);
    } else {
        a.found = UINT64_MAX;
    }
    give(&a);
    return a.found;
}
