#include "core/domain/receivable.h"

#include "core/domain/instalment.h"
#include "core/domain/posting_rules.h"
#include "core/domain/pricing.h"

/* What a kind does to the open amounts, per unit of amount. */
struct effect {
    int8_t invoice;   /* invoice open */
    int8_t receipt;   /* receipt open */
    int8_t note;      /* credit note open */
    int8_t unapplied; /* the customer's unapplied cash, if the receipt is identified */
};

static const struct effect effects[] = {
    [FL_MOVE_APPLY_RECEIPT] = {-1, -1, 0, -1},   [FL_MOVE_APPLY_CREDIT] = {-1, 0, -1, 0},
    [FL_MOVE_DISCOUNT] = {-1, 0, 0, 0},          [FL_MOVE_SHORT] = {-1, 0, 0, 0},
    [FL_MOVE_OVER] = {0, -1, 0, -1},             [FL_MOVE_WRITE_OFF] = {-1, 0, 0, 0},
    [FL_MOVE_IDENTIFY] = {0, 0, 0, 1},           [FL_MOVE_REFUND_RECEIPT] = {0, -1, 0, -1},
    [FL_MOVE_REFUND_CREDIT] = {0, 0, -1, 0},     [FL_MOVE_CHARGEBACK] = {0, -1, 0, -1},
    [FL_MOVE_RETURN] = {0, -1, 0, -1},           [FL_MOVE_CREDIT_NO_MONEY] = {0, 0, -1, 0},
    [FL_MOVE_LATE_FEE] = {1, 0, 0, 0},           [FL_MOVE_RECOVERY] = {1, 0, 0, 0},
    [FL_MOVE_REFUND_SHARE] = {0, 0, 0, 0},       [FL_MOVE_ASSIGN] = {0, -1, 0, -1},
    [FL_MOVE_CREDIT_CANCEL] = {0, 0, -1, 0},
};

uint16_t fl_receivable_date(uint16_t source_date, uint16_t invoice_date, uint16_t given)
{
    uint16_t date = source_date > invoice_date ? source_date : invoice_date;
    return given > date ? given : date;
}

bool fl_receivable_stands(const struct fl_store *store, uint32_t movement)
{
    return fl_movement_cold(store, movement)->reverses == FL_NO_ROW &&
           fl_movement_live(store, movement)->reversed_by == FL_NO_ROW;
}

static bool source_is_note(enum fl_movement_kind kind)
{
    return kind == FL_MOVE_APPLY_CREDIT || kind == FL_MOVE_REFUND_CREDIT ||
           kind == FL_MOVE_CREDIT_NO_MONEY || kind == FL_MOVE_CREDIT_CANCEL;
}

/* ---- parts ------------------------------------------------------------------------------------ */

struct part_list {
    struct fl_posting_part part[8];
    uint32_t count;
};

static void part_add(struct part_list *list, uint8_t account, int64_t amount)
{
    if (amount == 0)
        return;
    FL_ASSERT(list->count < 8);
    list->part[list->count++] =
        (struct fl_posting_part){.amount_minor = amount, .account = account};
}

/* A side's base, zero too: a small amount at a small rate has none. `rest` is what its document has left in base. */
static void part_add_base(struct part_list *list, uint8_t account, int64_t base, int64_t rest)
{
    FL_ASSERT(list->count < 8);
    list->part[list->count++] =
        (struct fl_posting_part){.base_minor = base, .rest_minor = rest, .account = account};
}

/* The part of a movement that says its base on `account`, or on `other`; null. */
static const struct fl_posting_part *base_of(const struct fl_store *store, uint32_t movement,
                                             uint8_t account, uint8_t other)
{
    for (uint32_t row = fl_movement_cold(store, movement)->part; row != FL_NO_ROW; row++) {
        const struct fl_posting_part *part = fl_posting_part_row(store, row);
        if (part->amount_minor == 0 && (part->account == account || part->account == other))
            return part;
        if (part->last)
            return NULL;
    }
    return NULL;
}

/* One side of a foreign movement: a document, in its currency and in base. */
struct side {
    int64_t total, open;           /* minor units: issued with, and left before this movement */
    int64_t base_total, base_rest; /* the same in base */
    uint8_t account, other;        /* under which its movements say their base */
    uint32_t movement;             /* its newest; FL_NO_ROW */
};

/* What is left in base is told by the newest movement that says any. */
static void side_rest(const struct fl_store *store, struct side *side, bool of_invoice)
{
    side->base_rest = side->base_total;
    for (uint32_t row = side->movement; row != FL_NO_ROW;
         row = of_invoice ? fl_movement_row(store, row)->prev_of_invoice
                          : fl_movement_row(store, row)->prev_of_source) {
        const struct fl_posting_part *part = base_of(store, row, side->account, side->other);
        if (part) {
            side->base_rest = part->rest_minor;
            return;
        }
    }
}

static struct side invoice_side(const struct fl_store *store, uint32_t invoice)
{
    const struct fl_invoice_money *money = fl_invoice_money(store, invoice);
    struct side side = {.total = fl_invoice_card(store, invoice)->total_minor,
                        .open = money->open_minor,
                        .base_total = fl_invoice_cold(store, invoice)->base_total_minor,
                        .account = FL_ACCOUNT_INVOICES,
                        .other = FL_ACCOUNT_INVOICES,
                        .movement = money->last_movement};
    side_rest(store, &side, true);
    return side;
}

static struct side receipt_side(const struct fl_store *store, uint32_t receipt)
{
    const struct fl_receipt_money *money = fl_receipt_money(store, receipt);
    struct side side = {.total = fl_receipt_card(store, receipt)->amount_minor,
                        .open = money->open_minor,
                        .base_total = fl_receipt_cold(store, receipt)->base_amount_minor,
                        .account = FL_ACCOUNT_UNAPPLIED,
                        .other = FL_ACCOUNT_UNIDENTIFIED,
                        .movement = money->last_movement};
    side_rest(store, &side, false);
    return side;
}

static struct side note_side(const struct fl_store *store, uint32_t note)
{
    const struct fl_credit_note_money *money = fl_credit_note_money(store, note);
    struct side side = {.total = fl_credit_note_card(store, note)->total_minor,
                        .open = money->open_minor,
                        .base_total = fl_credit_note_cold(store, note)->base_total_minor,
                        .account = FL_ACCOUNT_CREDITS,
                        .other = FL_ACCOUNT_CREDITS,
                        .movement = money->last_movement};
    side_rest(store, &side, false);
    return side;
}

/* Row 23: so much of what is left, in base as in the document's currency; the last takes the remainder. */
static int64_t base_part(const struct fl_state *s, int64_t base, int64_t amount, int64_t all)
{
    return amount == all ? base : fl_price_share(base, amount, all, fl_policy_rounding(s));
}

/* What leaves the document in base with `amount` of it: of a mirror what had come or gone with the original, of what
 * comes back otherwise (a won chargeback, a recovery) a part of what is gone. Adds the part. */
static int64_t side_moves(const struct fl_state *s, const struct side *side,
                          const struct fl_move *move, int64_t amount, struct part_list *list,
                          uint8_t account, int sign)
{
    int64_t gone = side->total - side->open, base;
    const struct fl_posting_part *original =
        move->reverses == FL_NO_ROW
            ? NULL
            : base_of(&s->store, move->reverses, side->account, side->other);
    if (original)
        base = -sign * original->base_minor;
    else if (amount > 0)
        base = base_part(s, side->base_rest, amount, side->open);
    else if (-amount <= gone)
        base = -base_part(s, side->base_total - side->base_rest, -amount, gone);
    else /* beyond its total: a late fee */
        base = side->total == 0 ? 0
                                : -fl_price_share(side->base_total, -amount, side->total,
                                                  fl_policy_rounding(s));
    part_add_base(list, account, sign * base, side->base_rest - base);
    return base;
}

/* Base amounts of a foreign movement's two sides. */
static void parts_foreign(const struct fl_state *s, const struct fl_move *move,
                          struct part_list *list)
{
    const struct fl_store *store = &s->store;
    const struct effect *e = &effects[move->kind];
    int64_t a = move->amount_minor;
    if (e->invoice != 0) {
        struct side side = invoice_side(store, move->invoice);
        side_moves(s, &side, move, -e->invoice * a, list, FL_ACCOUNT_INVOICES, -e->invoice);
    }
    uint8_t account = move->flags & FL_MOVE_FLAG_UNIDENTIFIED ? FL_ACCOUNT_UNIDENTIFIED
                                                              : FL_ACCOUNT_UNAPPLIED;
    if (e->receipt != 0) {
        struct side side = receipt_side(store, move->source);
        int64_t base = side_moves(s, &side, move, a, list, account, 1);
        if (move->kind == FL_MOVE_OVER)
            part_add_base(list, FL_ACCOUNT_SMALL_DIFFERENCES, base, 0);
    }
    if (move->kind == FL_MOVE_IDENTIFY) { /* all that is left, which stays the receipt's */
        int64_t rest = receipt_side(store, move->source).base_rest;
        part_add_base(list, account, rest, rest);
        part_add_base(list, FL_ACCOUNT_UNIDENTIFIED, rest, rest);
    }
    if (e->note != 0) {
        struct side side = note_side(store, move->source);
        side_moves(s, &side, move, a, list, FL_ACCOUNT_CREDITS, 1);
    }
}

static uint32_t parts_store(struct fl_state *s, const struct fl_move *move, uint8_t currency,
                            uint32_t movement)
{
    struct part_list list;
    bool foreign = currency != fl_book(s)->base_currency;
    if (!foreign &&
        (move->tax_minor | move->discounts_minor | move->small_minor | move->bad_debt_minor) == 0)
        return FL_NO_ROW;
    list.count = 0;
    part_add(&list, FL_ACCOUNT_TAX, move->tax_minor);
    part_add(&list, FL_ACCOUNT_DISCOUNTS_ALLOWED, move->discounts_minor);
    part_add(&list, FL_ACCOUNT_SMALL_DIFFERENCES, move->small_minor);
    part_add(&list, FL_ACCOUNT_BAD_DEBT, move->bad_debt_minor);
    if (foreign)
        parts_foreign(s, move, &list);
    if (list.count == 0)
        return FL_NO_ROW;
    uint32_t first = fl_store_add_rows(&s->store, FL_TABLE_posting_part, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        list.part[i].movement = movement;
        list.part[i].last = i + 1 == list.count;
        *fl_posting_part_row_new(&s->store, first + i) = list.part[i];
    }
    return first;
}

/* ---- the documents a movement touches ---------------------------------------------------------- */

void fl_invoice_sums(const struct fl_store *store, uint32_t invoice, struct fl_invoice_sums *sums)
{
    memset(sums, 0, sizeof *sums);
    for (uint32_t row = fl_invoice_money(store, invoice)->last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_invoice) {
        const struct fl_movement_row *move = fl_movement_row(store, row);
        int64_t a = move->amount_minor;
        if (move->kind == FL_MOVE_APPLY_RECEIPT) {
            sums->cash_minor += a;
        } else if (move->kind == FL_MOVE_APPLY_CREDIT) {
            bool own = fl_credit_note_card(store, move->source)->invoice == invoice;
            *(own ? &sums->own_credit_minor : &sums->other_credit_minor) += a;
        } else if (move->kind == FL_MOVE_DISCOUNT) {
            sums->discount_minor += a;
            uint32_t part = fl_movement_cold(store, row)->part;
            if (part != FL_NO_ROW &&
                fl_posting_part_row(store, part)->account == FL_ACCOUNT_TAX)
                sums->discount_tax_minor += fl_posting_part_row(store, part)->amount_minor;
        } else if (move->kind == FL_MOVE_SHORT) {
            sums->short_minor += a;
        } else if (move->kind == FL_MOVE_WRITE_OFF) {
            sums->written_off_minor += a;
        } else if (move->kind == FL_MOVE_RECOVERY) {
            sums->written_off_minor -= a;
        }
    }
}

/* D8: by what closed it. Walks the chain only where more than one movement touched it. */
static uint8_t closed_state(const struct fl_store *store, uint32_t invoice,
                            const struct fl_movement_row *last)
{
    if (last->kind == FL_MOVE_APPLY_RECEIPT && last->prev_of_invoice == FL_NO_ROW)
        return FL_INVOICE_PAID;
    struct fl_invoice_sums sums;
    fl_invoice_sums(store, invoice, &sums);
    if (sums.written_off_minor > 0)
        return FL_INVOICE_WRITTEN_OFF;
    bool other = sums.cash_minor > 0 || sums.other_credit_minor > 0 || sums.discount_minor > 0 ||
                 sums.short_minor > 0;
    return sums.own_credit_minor > 0 && !other ? FL_INVOICE_CREDITED : FL_INVOICE_PAID;
}

static void invoice_touch(struct fl_state *s, uint32_t invoice, uint32_t movement, int64_t delta)
{
    struct fl_store *store = &s->store;
    struct fl_movement_row *row = fl_movement_row_new(store, movement);
    struct fl_invoice_money *money = fl_invoice_money_write(store, invoice);
    const struct fl_invoice_card *card = fl_invoice_card(store, invoice);
    row->prev_of_invoice = money->last_movement;
    money->last_movement = movement;
    money->open_minor += delta;
    FL_ASSERT(money->open_minor >= 0); /* I3 */
    fl_customer_account_write(store, card->customer)->invoices_minor += delta;
    if (FL_UNLIKELY(money->flags & FL_INVOICE_HAS_INSTALMENTS))
        fl_instalment_moved(s, invoice, money->open_minor - delta, money->open_minor);
    else
        fl_post_statistic(s, FL_ACCOUNT_OPEN_BY_DUE, card->currency, card->due_date, delta);
    if (money->open_minor == 0) {
        money->closed_date = row->date;
        money->state = closed_state(store, invoice, row);
    } else {
        money->closed_date = FL_DATE_NONE;
        money->state =
            money->open_minor < card->total_minor ? FL_INVOICE_PARTIAL : FL_INVOICE_OPEN;
    }
}

void fl_receipt_sums(const struct fl_store *store, uint32_t receipt, struct fl_receipt_sums *sums)
{
    memset(sums, 0, sizeof *sums);
    for (uint32_t row = fl_receipt_money(store, receipt)->last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_source) {
        const struct fl_movement_row *move = fl_movement_row(store, row);
        int64_t a = move->amount_minor;
        if (move->kind == FL_MOVE_APPLY_RECEIPT)
            sums->applied_minor += a;
        else if (move->kind == FL_MOVE_REFUND_RECEIPT)
            sums->refunded_minor += a;
        else if (move->kind == FL_MOVE_CHARGEBACK)
            sums->charged_back_minor += a;
        else if (move->kind == FL_MOVE_RETURN)
            sums->returned_minor += a;
        else if (move->kind == FL_MOVE_OVER)
            sums->gain_minor += a;
        else if (move->kind == FL_MOVE_REFUND_SHARE)
            sums->refund_share_minor += a;
        else if (move->kind == FL_MOVE_ASSIGN)
            sums->assigned_minor += a;
    }
}

int64_t fl_receipt_refundable(const struct fl_store *store, uint32_t receipt)
{
    struct fl_receipt_sums sums;
    fl_receipt_sums(store, receipt, &sums);
    int64_t left = fl_receipt_card(store, receipt)->amount_minor - sums.refunded_minor -
                   sums.charged_back_minor - sums.returned_minor - sums.refund_share_minor -
                   sums.assigned_minor;
    return fl_max_i64(left, 0);
}

/* The usual case, money wholly applied, is told from the open amount alone. */
void fl_receipt_settle_state(struct fl_state *s, uint32_t receipt)
{
    struct fl_store *store = &s->store;
    const struct fl_receipt_money *money = fl_receipt_money(store, receipt);
    const struct fl_receipt_card *card = fl_receipt_card(store, receipt);
    uint8_t state, old = fl_receipt_status(store, receipt)->state;
    if (money->customer == FL_NO_ROW) {
        state = FL_RECEIPT_UNIDENTIFIED;
        if (money->open_minor == 0)
            state = FL_RECEIPT_REVERSED;
    } else if (money->open_minor == card->amount_minor) {
        state = old == FL_RECEIPT_ON_ACCOUNT ? FL_RECEIPT_ON_ACCOUNT : FL_RECEIPT_UNAPPLIED;
    } else {
        struct fl_receipt_sums sums;
        fl_receipt_sums(store, receipt, &sums);
        bool gone = sums.returned_minor + sums.assigned_minor >= card->amount_minor;
        state = gone                                             ? FL_RECEIPT_REVERSED
                : money->open_minor == 0                         ? FL_RECEIPT_APPLIED
                : old == FL_RECEIPT_ON_ACCOUNT                   ? FL_RECEIPT_ON_ACCOUNT
                : sums.applied_minor > 0                         ? FL_RECEIPT_PARTIAL
                                                                 : FL_RECEIPT_UNAPPLIED;
    }
    if (state != old)
        fl_receipt_status_write(store, receipt)->state = state;
}

static void receipt_touch(struct fl_state *s, const struct fl_move *move, uint32_t movement)
{
    struct fl_store *store = &s->store;
    const struct effect *e = &effects[move->kind];
    struct fl_receipt_money *money = fl_receipt_money_write(store, move->source);
    fl_movement_row_new(store, movement)->prev_of_source = money->last_movement;
    money->last_movement = movement;
    money->open_minor += e->receipt * move->amount_minor;
    FL_ASSERT(money->open_minor >= 0); /* I3 */
    FL_ASSERT(money->open_minor <= fl_receipt_card(store, move->source)->amount_minor);
    if (e->unapplied != 0 && money->customer != FL_NO_ROW)
        fl_customer_account_write(store, money->customer)->unapplied_minor +=
            e->unapplied * move->amount_minor;
    if (money->open_minor == 0 && move->kind == FL_MOVE_APPLY_RECEIPT) {
        struct fl_receipt_status *status = fl_receipt_status_write(store, move->source);
        status->state = FL_RECEIPT_APPLIED;
    } else {
        fl_receipt_settle_state(s, move->source);
    }
}

static void note_touch(struct fl_state *s, const struct fl_move *move, uint32_t movement)
{
    struct fl_store *store = &s->store;
    struct fl_credit_note_money *money = fl_credit_note_money_write(store, move->source);
    fl_movement_row_new(store, movement)->prev_of_source = money->last_movement;
    money->last_movement = movement;
    money->open_minor += effects[move->kind].note * move->amount_minor;
    FL_ASSERT(money->open_minor >= 0); /* I3 */
    uint32_t customer = fl_credit_note_card(store, move->source)->customer;
    fl_customer_account_write(store, customer)->credits_minor +=
        effects[move->kind].note * move->amount_minor;
}

static uint8_t move_currency(const struct fl_store *store, const struct fl_move *move)
{
    if (move->invoice != FL_NO_ROW)
        return fl_invoice_card(store, move->invoice)->currency;
    if (source_is_note(move->kind))
        return fl_credit_note_card(store, move->source)->currency;
    return fl_receipt_card(store, move->source)->currency;
}

uint32_t fl_receivable_move(struct fl_state *s, const struct fl_move *move)
{
    struct fl_store *store = &s->store;
    FL_ASSERT(move->kind >= FL_MOVE_APPLY_RECEIPT && move->kind <= FL_MOVE_CREDIT_CANCEL);
    FL_ASSERT(move->amount_minor != 0);
    uint8_t currency = move_currency(store, move);
    uint32_t row = fl_store_add_row(store, FL_TABLE_movement);
    uint16_t date = fl_policy_push(s, move->date);
    *fl_movement_row_new(store, row) = (struct fl_movement_row){
        .amount_minor = move->amount_minor,
        .invoice = move->invoice,
        .source = move->source,
        .prev_of_invoice = FL_NO_ROW,
        .prev_of_source = FL_NO_ROW,
        .date = date,
        .kind = (uint8_t)move->kind,
        .currency = currency,
        .application = move->application,
        .flags = move->flags,
    };
    fl_movement_live_write(store, row)->reversed_by = FL_NO_ROW;
    *fl_movement_cold_new(store, row) = (struct fl_movement_cold){
        .seq = s->seq,
        .reverses = move->reverses,
        .part = parts_store(s, move, currency, row),
        .event = move->event,
        .application_id = move->application_id,
        .payer = move->payer,
        .corrects = date != move->date ? move->date : 0,
        .rule = move->rule,
        .points = move->points,
    };
    if (move->invoice != FL_NO_ROW)
        invoice_touch(s, move->invoice, row, effects[move->kind].invoice * move->amount_minor);
    if (move->source != FL_NO_ROW) {
        if (source_is_note(move->kind))
            note_touch(s, move, row);
        else
            receipt_touch(s, move, row);
    }
    struct fl_entry entry;
    fl_posting_movement(store, row, &entry);
    fl_post_entry(s, &entry);
    return row;
}

static void parts_negate(const struct fl_store *store, uint32_t part, struct fl_move *move)
{
    for (; part != FL_NO_ROW; part++) {
        const struct fl_posting_part *p = fl_posting_part_row(store, part);
        if (p->account == FL_ACCOUNT_TAX)
            move->tax_minor -= p->amount_minor;
        else if (p->account == FL_ACCOUNT_DISCOUNTS_ALLOWED)
            move->discounts_minor -= p->amount_minor;
        else if (p->account == FL_ACCOUNT_SMALL_DIFFERENCES)
            move->small_minor -= p->amount_minor;
        else if (p->account == FL_ACCOUNT_BAD_DEBT)
            move->bad_debt_minor -= p->amount_minor;
        if (p->last)
            return;
    }
}

uint32_t fl_receivable_reverse(struct fl_state *s, uint32_t movement, uint16_t date,
                               uint16_t person)
{
    FL_ASSERT(fl_receivable_stands(&s->store, movement));
    const struct fl_movement_row row = *fl_movement_row(&s->store, movement);
    const struct fl_movement_cold cold = *fl_movement_cold(&s->store, movement);
    struct fl_move move = {
        .kind = row.kind,
        .amount_minor = -row.amount_minor,
        .invoice = row.invoice,
        .source = row.source,
        .date = date,
        .application = row.application,
        .flags = (uint16_t)((row.flags & ~(unsigned)FL_MOVE_FLAG_PERSON) | person),
        .reverses = movement,
        .event = cold.event,
        .application_id = cold.application_id,
        .payer = cold.payer,
    };
    parts_negate(&s->store, cold.part, &move);
    uint32_t mirror = fl_receivable_move(s, &move);
    fl_movement_live_write(&s->store, movement)->reversed_by = mirror;
    return mirror;
}

/* ---- own credit notes -------------------------------------------------------------------------- */

/* The oldest open credit note of the invoice; FL_NO_ROW. */
static uint32_t own_note(const struct fl_state *s, uint32_t invoice)
{
    struct fl_index_cursor cursor;
    const struct fl_hash_index *index = &s->index[FL_INDEX_CREDIT_OF_INVOICE];
    uint32_t oldest = FL_NO_ROW;
    for (uint32_t row = fl_hash_index_first(index, fl_hash_u64(invoice, s->secret), &cursor);
         row != FL_NO_ROW; row = fl_hash_index_next(index, &cursor)) {
        if (fl_credit_note_card(&s->store, row)->invoice == invoice &&
            fl_credit_note_money(&s->store, row)->open_minor > 0 && row < oldest)
            oldest = row;
    }
    return oldest;
}

uint32_t fl_credit_note_next_application(const struct fl_store *store, uint32_t note)
{
    uint32_t next = 1;
    for (uint32_t row = fl_credit_note_money(store, note)->last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_source) {
        if (fl_movement_row(store, row)->application >= next)
            next = fl_movement_row(store, row)->application + 1;
    }
    return next;
}

void fl_credit_note_apply_own(struct fl_state *s, uint32_t invoice, uint16_t date)
{
    while (fl_invoice_money(&s->store, invoice)->flags & FL_INVOICE_HAS_CREDIT_NOTE &&
           fl_invoice_money(&s->store, invoice)->open_minor > 0) {
        uint32_t note = own_note(s, invoice);
        if (note == FL_NO_ROW)
            return;
        struct fl_move move = FL_MOVE_INIT;
        move.kind = FL_MOVE_APPLY_CREDIT;
        move.amount_minor = fl_min_i64(fl_credit_note_money(&s->store, note)->open_minor,
                                       fl_invoice_money(&s->store, invoice)->open_minor);
        move.invoice = invoice;
        move.source = note;
        move.date = fl_receivable_date(fl_credit_note_card(&s->store, note)->date,
                                       fl_invoice_card(&s->store, invoice)->date, date);
        move.application = fl_credit_note_next_application(&s->store, note);
        fl_receivable_move(s, &move);
    }
}

static void own_note_sum(const struct fl_store *store, uint32_t note, struct fl_own_notes *sums)
{
    uint32_t invoice = fl_credit_note_card(store, note)->invoice;
    if (fl_credit_note_money(store, note)->cancelled)
        return;
    sums->open_minor += fl_credit_note_money(store, note)->open_minor;
    for (uint32_t row = fl_credit_note_money(store, note)->last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_source) {
        const struct fl_movement_row *move = fl_movement_row(store, row);
        if (move->kind == FL_MOVE_REFUND_CREDIT || move->invoice != invoice)
            sums->spent_minor += move->kind == FL_MOVE_CREDIT_NO_MONEY ? 0 : move->amount_minor;
        if (move->kind != FL_MOVE_CREDIT_NO_MONEY)
            continue;
        struct fl_move parts = FL_MOVE_INIT;
        parts_negate(store, fl_movement_cold(store, row)->part, &parts);
        sums->discount_minor -= parts.tax_minor + parts.discounts_minor;
        sums->short_minor -= parts.small_minor;
        sums->written_off_minor -= parts.bad_debt_minor;
    }
}

/* The invoice's next own note behind row `after` (FL_NO_ROW: the first): by row, never in the order of an index, which
 * is another in another process (I8). */
static uint32_t own_note_next(const struct fl_state *s, uint32_t invoice, uint32_t after)
{
    struct fl_index_cursor cursor;
    const struct fl_hash_index *index = &s->index[FL_INDEX_CREDIT_OF_INVOICE];
    uint32_t next = FL_NO_ROW, from = after == FL_NO_ROW ? 0 : after + 1;
    for (uint32_t row = fl_hash_index_first(index, fl_hash_u64(invoice, s->secret), &cursor);
         row != FL_NO_ROW; row = fl_hash_index_next(index, &cursor)) {
        if (fl_credit_note_card(&s->store, row)->invoice == invoice && row >= from && row < next)
            next = row;
    }
    return next;
}

void fl_own_notes_sum(const struct fl_state *s, uint32_t invoice, struct fl_own_notes *sums)
{
    memset(sums, 0, sizeof *sums);
    for (uint32_t note = own_note_next(s, invoice, FL_NO_ROW); note != FL_NO_ROW;
         note = own_note_next(s, invoice, note))
        own_note_sum(&s->store, note, sums);
}

int64_t fl_credit_note_back(struct fl_state *s, uint32_t note, uint16_t date)
{
    uint32_t invoice = fl_credit_note_card(&s->store, note)->invoice;
    int64_t open = fl_credit_note_money(&s->store, note)->open_minor;
    struct fl_invoice_sums paid;
    struct fl_own_notes notes;
    fl_invoice_sums(&s->store, invoice, &paid);
    fl_own_notes_sum(s, invoice, &notes);
    int64_t money = paid.cash_minor + paid.other_credit_minor - notes.spent_minor -
                    (notes.open_minor - open);
    int64_t spendable = fl_min_i64(open, fl_max_i64(money, 0)), behind = open - spendable;
    if (behind == 0)
        return spendable;
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_CREDIT_NO_MONEY;
    move.amount_minor = behind;
    move.source = note;
    move.date = date;
    int64_t discount = fl_min_i64(behind, paid.discount_minor - notes.discount_minor);
    if (discount > 0)
        move.tax_minor = fl_price_share(paid.discount_tax_minor, discount, paid.discount_minor,
                                        fl_policy_rounding(s));
    move.discounts_minor = discount - move.tax_minor;
    move.small_minor = fl_min_i64(behind - discount, paid.short_minor - notes.short_minor);
    move.bad_debt_minor = behind - discount - move.small_minor;
    FL_ASSERT(discount >= 0 && move.small_minor >= 0);
    FL_ASSERT(move.bad_debt_minor <= paid.written_off_minor - notes.written_off_minor);
    fl_receivable_move(s, &move);
    return spendable;
}

/* What a discount or difference closed is owed again: the notes that had taken it back are notes on what is owed
 * first, and only then without money. */
static void no_money_reverse(struct fl_state *s, uint32_t note, uint16_t date)
{
    uint32_t row = fl_credit_note_money(&s->store, note)->last_movement;
    while (row != FL_NO_ROW) {
        const struct fl_movement_row *move = fl_movement_row(&s->store, row);
        uint32_t previous = move->prev_of_source;
        if (move->kind == FL_MOVE_CREDIT_NO_MONEY && fl_receivable_stands(&s->store, row))
            fl_receivable_reverse(s, row, date > move->date ? date : move->date, 0);
        row = previous;
    }
}

void fl_credit_note_settle_again(struct fl_state *s, uint32_t invoice, uint16_t date)
{
    if (!(fl_invoice_money(&s->store, invoice)->flags & FL_INVOICE_HAS_CREDIT_NOTE))
        return;
    uint32_t note;
    for (note = own_note_next(s, invoice, FL_NO_ROW); note != FL_NO_ROW;
         note = own_note_next(s, invoice, note))
        no_money_reverse(s, note, date);
    fl_credit_note_apply_own(s, invoice, date);
    for (note = own_note_next(s, invoice, FL_NO_ROW); note != FL_NO_ROW;
         note = own_note_next(s, invoice, note))
        fl_credit_note_back(s, note,
                            fl_receivable_date(fl_credit_note_card(&s->store, note)->date, 0, date));
}

/* ---- freeing money of a receipt (D4.1) ---------------------------------------------------------- */

/* The newest standing application; FL_NO_ROW. */
static uint32_t newest_application(const struct fl_store *store, uint32_t receipt)
{
    for (uint32_t row = fl_receipt_money(store, receipt)->last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_source) {
        if (fl_movement_row(store, row)->kind == FL_MOVE_APPLY_RECEIPT &&
            fl_receivable_stands(store, row))
            return row;
    }
    return FL_NO_ROW;
}

/* Reverses the discount and difference that came with application n of the receipt on the invoice. */
static void companions_reverse(struct fl_state *s, uint32_t receipt, uint32_t invoice,
                               uint32_t application, uint16_t date)
{
    uint32_t row = fl_invoice_money(&s->store, invoice)->last_movement;
    while (row != FL_NO_ROW) {
        const struct fl_movement_row *move = fl_movement_row(&s->store, row);
        uint32_t previous = move->prev_of_invoice;
        bool companion = move->kind == FL_MOVE_DISCOUNT || move->kind == FL_MOVE_SHORT;
        if (companion && move->application == application &&
            fl_movement_cold(&s->store, row)->payer == receipt &&
            fl_receivable_stands(&s->store, row))
            fl_receivable_reverse(s, row, date, 0);
        row = previous;
    }
}

static void gains_reverse(struct fl_state *s, uint32_t receipt, uint32_t application,
                          uint16_t date)
{
    uint32_t row = fl_receipt_money(&s->store, receipt)->last_movement;
    while (row != FL_NO_ROW) {
        const struct fl_movement_row *move = fl_movement_row(&s->store, row);
        uint32_t previous = move->prev_of_source;
        if (move->kind == FL_MOVE_OVER && move->application == application &&
            fl_receivable_stands(&s->store, row))
            fl_receivable_reverse(s, row, date, 0);
        row = previous;
    }
}

void fl_application_undo(struct fl_state *s, uint32_t movement, uint16_t date, uint16_t person)
{
    const struct fl_movement_row row = *fl_movement_row(&s->store, movement);
    fl_receivable_reverse(s, movement, date, person);
    if (row.kind == FL_MOVE_APPLY_RECEIPT) {
        companions_reverse(s, row.source, row.invoice, row.application, date);
        gains_reverse(s, row.source, row.application, date);
    }
}

void fl_receipt_free(struct fl_state *s, uint32_t receipt, int64_t amount_minor, uint16_t date)
{
    const struct fl_store *store = &s->store;
    while (fl_receipt_money(store, receipt)->open_minor < amount_minor) {
        uint32_t row = newest_application(store, receipt);
        FL_ASSERT(row != FL_NO_ROW); /* amount <= refundable */
        const struct fl_movement_row freed = *fl_movement_row(store, row);
        const struct fl_movement_cold by = *fl_movement_cold(store, row);
        /* An application that begins to count later ends on the day that it would have begun. */
        uint16_t day = date > freed.date ? date : freed.date;
        fl_application_undo(s, row, day, 0);
        int64_t rest = fl_receipt_money(store, receipt)->open_minor - amount_minor;
        if (rest > 0) {
            struct fl_move again = FL_MOVE_INIT;
            again.kind = FL_MOVE_APPLY_RECEIPT;
            again.amount_minor = fl_min_i64(rest, freed.amount_minor);
            again.invoice = freed.invoice;
            again.source = receipt;
            again.date = day;
            again.application = ++fl_receipt_status_write(&s->store, receipt)->applications;
            again.flags = freed.flags; /* who matched it, and how, is what it was */
            again.rule = by.rule;
            again.points = by.points;
            fl_receivable_move(s, &again);
        }
        fl_credit_note_settle_again(s, freed.invoice, day);
    }
}
