#include "core/domain/posting_rules.h"

#include "core/base/contract.h"
#include "core/base/date.h"
#include "core/base/decimal.h"

static void entry_begin(struct fl_entry *entry, uint8_t currency, uint16_t date)
{
    entry->count = 0;
    entry->currency = currency;
    entry->date = date;
}

/* Share of `base_total` that `part` of `total` has; the caller gives the rest to one line. */
static int64_t base_share(int64_t part, int64_t total, int64_t base_total)
{
    if (total == 0 || part == 0)
        return 0;
    if (total == base_total)
        return part;
    return (int64_t)((fl_int128)part * base_total / total);
}

static uint32_t bank_or(uint32_t account, enum fl_account transit)
{
    return account == FL_NO_ROW ? (uint32_t)transit : FL_ACCOUNT_BANK_FIRST + account;
}

void fl_posting_invoice(const struct fl_store *store, uint32_t invoice, struct fl_entry *entry)
{
    const struct fl_invoice_card *card = fl_invoice_card(store, invoice);
    const struct fl_invoice_cold *cold = fl_invoice_cold(store, invoice);
    static const struct fl_invoice_extra none;
    const struct fl_invoice_extra *extra =
        cold->extra == FL_NO_ROW ? &none : fl_invoice_extra_row(store, cold->extra);
    int64_t total = card->total_minor, base = cold->base_total_minor;
    entry_begin(entry, card->currency, card->date);
    fl_entry_add(entry, FL_ACCOUNT_INVOICES, total, base);
    int64_t tax_base = base_share(cold->tax_minor, total, base);
    int64_t freight_base = base_share(extra->freight_minor, total, base);
    int64_t deferred_base = base_share(extra->deferred_minor, total, base);
    int64_t revenue =
        total - cold->tax_minor - extra->freight_minor - extra->deferred_minor;
    int64_t revenue_base = base - tax_base - freight_base - deferred_base;
    if (extra->opening) {
        fl_entry_add(entry, FL_ACCOUNT_OPENING, -total, -base);
        return;
    }
    fl_entry_add(entry, FL_ACCOUNT_REVENUE, -revenue, -revenue_base);
    fl_entry_add(entry, FL_ACCOUNT_DEFERRED_REVENUE, -extra->deferred_minor, -deferred_base);
    fl_entry_add(entry, FL_ACCOUNT_FREIGHT, -extra->freight_minor, -freight_base);
    fl_entry_add(entry, FL_ACCOUNT_TAX, -cold->tax_minor, -tax_base);
}

void fl_posting_credit_note(const struct fl_store *store, uint32_t note, struct fl_entry *entry)
{
    const struct fl_credit_note_card *card = fl_credit_note_card(store, note);
    const struct fl_credit_note_cold *cold = fl_credit_note_cold(store, note);
    int64_t total = card->total_minor, base = cold->base_total_minor;
    int64_t tax_base = base_share(cold->tax_minor, total, base);
    int64_t deferred_base = base_share(cold->deferred_minor, total, base);
    entry_begin(entry, card->currency, card->date);
    fl_entry_add(entry, FL_ACCOUNT_DEFERRED_REVENUE, cold->deferred_minor, deferred_base);
    fl_entry_add(entry, FL_ACCOUNT_REVENUE, total - cold->tax_minor - cold->deferred_minor,
                 base - tax_base - deferred_base);
    fl_entry_add(entry, FL_ACCOUNT_TAX, cold->tax_minor, tax_base);
    fl_entry_add(entry, FL_ACCOUNT_CREDITS, -total, -base);
}

void fl_posting_receipt(const struct fl_store *store, uint32_t receipt, struct fl_entry *entry)
{
    const struct fl_receipt_card *card = fl_receipt_card(store, receipt);
    int64_t base = fl_receipt_cold(store, receipt)->base_amount_minor;
    int64_t fee_base = base_share(card->fee_minor, card->amount_minor, base);
    entry_begin(entry, card->currency, card->date);
    fl_entry_add(entry, bank_or(card->account, FL_ACCOUNT_TRANSIT_RECEIPTS),
                 card->amount_minor - card->fee_minor, base - fee_base);
    fl_entry_add(entry, FL_ACCOUNT_BANK_CHARGES, card->fee_minor, fee_base);
    uint32_t whose = card->first_customer == FL_NO_ROW ? FL_ACCOUNT_UNIDENTIFIED
                                                       : FL_ACCOUNT_UNAPPLIED;
    fl_entry_add(entry, whose, -card->amount_minor, -base);
}

void fl_posting_shipment(const struct fl_store *store, uint32_t shipment, struct fl_entry *entry)
{
    const struct fl_shipment_card *card = fl_shipment_card(store, shipment);
    entry_begin(entry, fl_order_card(store, card->order)->currency, card->date);
    int64_t n = card->recognised_minor, base = card->recognised_base_minor;
    fl_entry_add(entry, FL_ACCOUNT_DEFERRED_REVENUE, n, base);
    fl_entry_add(entry, FL_ACCOUNT_REVENUE, -n, -base);
}

/* Amounts of a movement as parts say them: one for each account named. */
struct parts {
    int64_t amount[FL_ACCOUNT_FIXED_COUNT];
    int64_t base[FL_ACCOUNT_FIXED_COUNT];
    bool has_base[FL_ACCOUNT_FIXED_COUNT]; /* a part without amount says the base, be it 0 */
};

/* A movement in the book's currency has none, nearly always: then nothing is cleared. */
static const struct parts *parts_read(const struct fl_store *store, uint32_t first,
                                      struct parts *parts)
{
    static const struct parts none;
    if (first == FL_NO_ROW)
        return &none;
    memset(parts, 0, sizeof *parts);
    for (uint32_t row = first;; row++) {
        const struct fl_posting_part *part = fl_posting_part_row(store, row);
        FL_ASSERT(part->account < FL_ACCOUNT_FIXED_COUNT);
        parts->has_base[part->account] |= part->amount_minor == 0;
        parts->amount[part->account] += part->amount_minor;
        parts->base[part->account] += part->base_minor;
        if (part->last)
            return parts;
    }
}

static bool base_is_known(const struct parts *parts, uint32_t account)
{
    return account < FL_ACCOUNT_FIXED_COUNT && parts->has_base[account];
}

/* Two accounts, one amount; in foreign currency each side has its own base and exchange the rest. A side without one,
 * bank or transit, goes at the other's. */
static void two_sides(struct fl_entry *entry, uint32_t debit, uint32_t credit, int64_t amount,
                      const struct parts *parts)
{
    bool debit_known = base_is_known(parts, debit), credit_known = base_is_known(parts, credit);
    int64_t debit_base = debit_known ? parts->base[debit] : amount;
    int64_t credit_base = credit_known ? parts->base[credit] : debit_base;
    if (!debit_known)
        debit_base = credit_base;
    fl_entry_add(entry, debit, amount, debit_base);
    fl_entry_add(entry, credit, -amount, -credit_base);
    fl_entry_add(entry, FL_ACCOUNT_FX, 0, credit_base - debit_base);
}

/* Debit `expense` less tax, debit tax, credit invoices: discount and write-off. */
static void with_tax(struct fl_entry *entry, uint32_t expense, int64_t amount,
                     const struct parts *parts)
{
    int64_t tax = parts->amount[FL_ACCOUNT_TAX];
    int64_t base = parts->has_base[FL_ACCOUNT_INVOICES] ? parts->base[FL_ACCOUNT_INVOICES] : amount;
    int64_t tax_base = base_share(tax, amount, base);
    fl_entry_add(entry, expense, amount - tax, base - tax_base);
    fl_entry_add(entry, FL_ACCOUNT_TAX, tax, tax_base);
    fl_entry_add(entry, FL_ACCOUNT_INVOICES, -amount, -base);
}

/* The mirror of a write-off, but that the money is recoveries': row 19. */
static void recovery(struct fl_entry *entry, int64_t amount, const struct parts *parts)
{
    int64_t tax = parts->amount[FL_ACCOUNT_TAX];
    int64_t base = parts->has_base[FL_ACCOUNT_INVOICES] ? parts->base[FL_ACCOUNT_INVOICES] : amount;
    int64_t tax_base = base_share(tax, amount, base);
    fl_entry_add(entry, FL_ACCOUNT_INVOICES, amount, base);
    fl_entry_add(entry, FL_ACCOUNT_RECOVERIES, tax - amount, tax_base - base);
    fl_entry_add(entry, FL_ACCOUNT_TAX, -tax, -tax_base);
}

/* Row 7: what the invoice was closed by is taken back instead of money. */
static void credit_no_money(struct fl_entry *entry, int64_t amount, const struct parts *parts)
{
    static const uint8_t against[] = {FL_ACCOUNT_DISCOUNTS_ALLOWED, FL_ACCOUNT_TAX,
                                      FL_ACCOUNT_SMALL_DIFFERENCES, FL_ACCOUNT_BAD_DEBT};
    int64_t base = parts->has_base[FL_ACCOUNT_CREDITS] ? parts->base[FL_ACCOUNT_CREDITS] : amount;
    int64_t rest = base;
    fl_entry_add(entry, FL_ACCOUNT_CREDITS, amount, base);
    for (unsigned i = 0; i < sizeof against; i++) {
        int64_t part = parts->amount[against[i]];
        int64_t part_base = base_share(part, amount, base);
        if (i + 1 == sizeof against)
            part_base = part == 0 ? 0 : part_base;
        fl_entry_add(entry, against[i], -part, -part_base);
        rest -= part_base;
    }
    fl_entry_add(entry, FL_ACCOUNT_FX, 0, -rest);
}

static void credit_cancel(const struct fl_store *store, const struct fl_movement_row *move,
                          struct fl_entry *entry)
{
    fl_posting_credit_note(store, move->source, entry);
    entry->date = move->date;
    for (uint32_t i = 0; i < entry->count; i++) {
        entry->postings[i].amount_minor = -entry->postings[i].amount_minor;
        entry->postings[i].base_minor = -entry->postings[i].base_minor;
    }
}

static uint32_t receipt_side(const struct fl_movement_row *move)
{
    return move->flags & FL_MOVE_FLAG_UNIDENTIFIED ? FL_ACCOUNT_UNIDENTIFIED
                                                   : FL_ACCOUNT_UNAPPLIED;
}

static uint32_t event_bank(const struct fl_store *store, uint32_t event)
{
    const struct fl_cash_event_card *card = fl_cash_event_card(store, event);
    if (card->suspense)
        return FL_ACCOUNT_SUSPENSE;
    enum fl_account transit = card->kind == FL_EVENT_REFUND ? FL_ACCOUNT_TRANSIT_REFUNDS
                                                            : FL_ACCOUNT_TRANSIT_RECEIPTS;
    return bank_or(card->account, transit);
}

void fl_posting_movement(const struct fl_store *store, uint32_t movement, struct fl_entry *entry)
{
    const struct fl_movement_row *move = fl_movement_row(store, movement);
    const struct fl_movement_cold *cold = fl_movement_cold(store, movement);
    int64_t a = move->amount_minor;
    struct parts read;
    const struct parts *parts = parts_read(store, cold->part, &read);
    entry_begin(entry, move->currency, move->date);
    switch ((enum fl_movement_kind)move->kind) {
    case FL_MOVE_APPLY_RECEIPT:
        two_sides(entry, FL_ACCOUNT_UNAPPLIED, FL_ACCOUNT_INVOICES, a, parts);
        break;
    case FL_MOVE_APPLY_CREDIT:
        two_sides(entry, FL_ACCOUNT_CREDITS, FL_ACCOUNT_INVOICES, a, parts);
        break;
    case FL_MOVE_DISCOUNT:
        with_tax(entry, FL_ACCOUNT_DISCOUNTS_ALLOWED, a, parts);
        break;
    case FL_MOVE_SHORT:
        with_tax(entry, FL_ACCOUNT_SMALL_DIFFERENCES, a, parts);
        break;
    case FL_MOVE_OVER:
        two_sides(entry, FL_ACCOUNT_UNAPPLIED, FL_ACCOUNT_SMALL_DIFFERENCES, a, parts);
        break;
    case FL_MOVE_WRITE_OFF:
        with_tax(entry, FL_ACCOUNT_BAD_DEBT, a, parts);
        break;
    case FL_MOVE_IDENTIFY:
        two_sides(entry, FL_ACCOUNT_UNIDENTIFIED, FL_ACCOUNT_UNAPPLIED, a, parts);
        break;
    case FL_MOVE_REFUND_RECEIPT:
    case FL_MOVE_CHARGEBACK:
    case FL_MOVE_RETURN:
        two_sides(entry, receipt_side(move), event_bank(store, cold->event), a, parts);
        break;
    case FL_MOVE_REFUND_CREDIT:
        two_sides(entry, FL_ACCOUNT_CREDITS, event_bank(store, cold->event), a, parts);
        break;
    case FL_MOVE_CREDIT_NO_MONEY:
        credit_no_money(entry, a, parts);
        break;
    case FL_MOVE_LATE_FEE:
        two_sides(entry, FL_ACCOUNT_INVOICES, FL_ACCOUNT_LATE_FEES, a, parts);
        break;
    case FL_MOVE_RECOVERY:
        recovery(entry, a, parts);
        break;
    case FL_MOVE_ASSIGN:
        two_sides(entry, receipt_side(move), fl_assignment_row(store, cold->event)->account, a, parts);
        break;
    case FL_MOVE_CREDIT_CANCEL:
        credit_cancel(store, move, entry);
        break;
    case FL_MOVE_REFUND_SHARE:
        break;
    }
}

void fl_posting_cash_event(const struct fl_store *store, uint32_t event, struct fl_entry *entry)
{
    const struct fl_cash_event_card *card = fl_cash_event_card(store, event);
    bool won = card->kind == FL_EVENT_CHARGEBACK_REVERSE;
    entry_begin(entry, card->currency, card->date);
    if (card->kind != FL_EVENT_CHARGEBACK && card->kind != FL_EVENT_RETURN && !won)
        return;
    int sign = won ? -1 : 1;
    int64_t loss = sign * fl_cash_event_cold(store, event)->loss_minor;
    int64_t fee = sign * card->fee_minor;
    int64_t fee_base = sign * fl_cash_event_cold(store, event)->fee_base_minor;
    int64_t loss_base = sign * fl_cash_event_cold(store, event)->loss_base_minor;
    uint32_t fees =
        card->kind == FL_EVENT_RETURN ? FL_ACCOUNT_BANK_CHARGES : FL_ACCOUNT_CHARGEBACKS;
    fl_entry_add(entry, fees, fee, fee_base);
    fl_entry_add(entry, FL_ACCOUNT_CHARGEBACKS, loss, loss_base);
    fl_entry_add(entry, event_bank(store, event), -(loss + fee), -(loss_base + fee_base));
}

/* FL_ACCOUNT_NONE: what it became has the entry, or a document had it before. */
static uint32_t line_other_side(enum fl_line_status status)
{
    switch (status) {
    case FL_LINE_SUSPENSE:
        return FL_ACCOUNT_SUSPENSE;
    case FL_LINE_LINKED:
    case FL_LINE_CHARGEBACK_LINKED:
        return FL_ACCOUNT_TRANSIT_RECEIPTS;
    case FL_LINE_REFUND_LINKED:
        return FL_ACCOUNT_TRANSIT_REFUNDS;
    case FL_LINE_PAYOUT_LINKED:
        return FL_ACCOUNT_TRANSIT_PAYOUTS;
    default:
        return FL_ACCOUNT_NONE;
    }
}

static void statement_line_at(const struct fl_store *store, uint32_t line, int64_t base,
                              struct fl_entry *entry)
{
    const struct fl_statement_line_card *card = fl_statement_line_card(store, line);
    const struct fl_statement_line_live *live = fl_statement_line_live(store, line);
    const struct fl_statement_card *statement = fl_statement_card(store, card->statement);
    uint32_t other = line_other_side((enum fl_line_status)live->status);
    entry_begin(entry, statement->currency, live->date);
    if (other == FL_ACCOUNT_NONE)
        return;
    fl_entry_add(entry, FL_ACCOUNT_BANK_FIRST + statement->account, card->amount_minor, base);
    fl_entry_add(entry, other, -card->amount_minor, -base);
}

void fl_posting_statement_line(const struct fl_store *store, uint32_t line, struct fl_entry *entry)
{
    entry_begin(entry, 0, fl_statement_line_live(store, line)->date);
    if (fl_statement_line_live(store, line)->posting == 0)
        statement_line_at(store, line, fl_statement_line_card(store, line)->amount_minor, entry);
}

void fl_posting_line_posting(const struct fl_store *store, uint32_t posting, struct fl_entry *entry)
{
    const struct fl_line_posting_row *row = fl_line_posting_row(store, posting);
    statement_line_at(store, row->line, row->base_minor, entry);
}

void fl_posting_bank_opening(const struct fl_store *store, uint32_t opening,
                             struct fl_entry *entry)
{
    const struct fl_bank_opening_row *row = fl_bank_opening_row(store, opening);
    entry_begin(entry, fl_bank_account_live(store, row->account)->currency, row->date);
    fl_entry_add(entry, FL_ACCOUNT_BANK_FIRST + row->account, row->amount_minor, row->base_minor);
    fl_entry_add(entry, FL_ACCOUNT_OPENING, -row->amount_minor, -row->base_minor);
}

void fl_posting_assignment(const struct fl_store *store, uint32_t row, struct fl_entry *entry)
{
    const struct fl_assignment_row *a = fl_assignment_row(store, row);
    const struct fl_statement_line_card *line = fl_statement_line_card(store, a->line);
    entry_begin(entry, fl_statement_card(store, line->statement)->currency, a->date);
    if (!a->posts)
        return;
    fl_entry_add(entry, a->account, -a->amount_minor, -a->base_minor);
    fl_entry_add(entry, FL_ACCOUNT_SUSPENSE, a->amount_minor, a->base_minor);
}

void fl_posting_payout_part(const struct fl_store *store, uint32_t row, struct fl_entry *entry)
{
    const struct fl_payout_part_row *part = fl_payout_part_row(store, row);
    const struct fl_payout_card *payout = fl_payout_card(store, part->payout);
    uint32_t processor = FL_ACCOUNT_BANK_FIRST + payout->processor;
    entry_begin(entry, fl_bank_account_live(store, payout->processor)->currency, payout->date);
    bool net = part->posts & FL_PAYOUT_POSTS_NET;
    int64_t amount = part->amount_minor - (net ? part->fee_minor : 0);
    int64_t base = part->base_minor - (net ? part->fee_base_minor : 0);
    if (part->posts & (FL_PAYOUT_POSTS_AMOUNT | FL_PAYOUT_POSTS_NET)) {
        fl_entry_add(entry, processor, amount, base);
        fl_entry_add(entry, part->account, -amount, -base);
    }
    if (part->posts & FL_PAYOUT_POSTS_FEE) {
        fl_entry_add(entry, FL_ACCOUNT_BANK_CHARGES, part->fee_minor, part->fee_base_minor);
        fl_entry_add(entry, processor, -part->fee_minor, -part->fee_base_minor);
    }
}

void fl_posting_payout(const struct fl_store *store, uint32_t row, struct fl_entry *entry)
{
    const struct fl_payout_card *payout = fl_payout_card(store, row);
    int64_t base = fl_payout_live(store, row)->base_minor;
    entry_begin(entry, fl_bank_account_live(store, payout->processor)->currency, payout->date);
    fl_entry_add(entry, bank_or(payout->account, FL_ACCOUNT_TRANSIT_PAYOUTS), payout->amount_minor,
                 base);
    fl_entry_add(entry, FL_ACCOUNT_BANK_FIRST + payout->processor, -payout->amount_minor, -base);
}
