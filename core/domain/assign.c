#include "core/domain/assign.h"

#include "core/domain/cash_event.h"
#include "core/domain/decision.h"
#include "core/domain/posting_rules.h"
#include "core/domain/receivable.h"
#include "core/domain/statement_line.h"

struct draft {
    uint32_t line;
    uint32_t bank;    /* the line's account */
    uint32_t receipt; /* what the line became; FL_NO_ROW: it stands in suspense */
    int64_t minor, base;
    uint8_t currency;
    uint16_t date;
    enum fl_assignment_kind kind;
    uint32_t account, target;
    uint32_t undone; /* the assignment that stood until now; FL_NO_ROW */
    bool won; /* the line is a chargeback_reverse that is still to be made; target: the chargeback */
};

uint32_t fl_assign_free_receipt(const struct fl_store *store, uint32_t line)
{
    const struct fl_statement_line_live *live = fl_statement_line_live(store, line);
    if (live->status != FL_LINE_RECEIPT || live->assigned)
        return FL_NO_ROW;
    bool whole = fl_receipt_money(store, live->target)->open_minor ==
                 fl_receipt_card(store, live->target)->amount_minor;
    return whole ? live->target : FL_NO_ROW;
}

/* ---- rows
 * ---------------------------------------------------------------------------------------- */

/* The line's last row + 1: of one that became a receipt its last movement of that kind has it; 0. */
static uint32_t last_of_line(const struct fl_store *store, uint32_t line)
{
    const struct fl_statement_line_live *live = fl_statement_line_live(store, line);
    if (live->status == FL_LINE_SUSPENSE)
        return live->target == FL_NO_ROW ? 0 : live->target + 1;
    uint32_t row = fl_receipt_money(store, live->target)->last_movement;
    while (row != FL_NO_ROW && fl_movement_row(store, row)->kind != FL_MOVE_ASSIGN)
        row = fl_movement_row(store, row)->prev_of_source;
    return row == FL_NO_ROW ? 0 : fl_movement_cold(store, row)->event + 1;
}

static uint32_t assignment_add(struct fl_context *c, const struct draft *d, bool posts)
{
    uint32_t previous = last_of_line(&c->s->store, d->line);
    uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_assignment);
    *fl_assignment_row_new(&c->s->store, row) = (struct fl_assignment_row){.seq = c->s->seq,
                                                                           .previous = previous,
                                                                           .amount_minor = d->minor,
                                                                           .base_minor = d->base,
                                                                           .line = d->line,
                                                                           .target = d->target,
                                                                           .account = d->account,
                                                                           .date = d->date,
                                                                           .kind = (uint8_t)d->kind,
                                                                           .posts = posts};
    struct fl_statement_line_live *live = fl_statement_line_live_write(&c->s->store, d->line);
    FL_ASSERT(!live->assigned); /* G1 */
    live->assigned = 1;
    if (live->status == FL_LINE_SUSPENSE)
        live->target = row;
    fl_fold(c->s, (uint64_t)d->line << 32 | d->account);
    struct fl_entry entry;
    fl_posting_assignment(&c->s->store, row, &entry);
    fl_post_entry(c->s, &entry);
    return row;
}

static uint32_t receipt_leave(struct fl_context *c, const struct draft *d)
{
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_ASSIGN;
    move.amount_minor = fl_receipt_money(&c->s->store, d->receipt)->open_minor;
    move.source = d->receipt;
    move.date = d->date;
    move.event = assignment_add(c, d, false);
    if (fl_receipt_money(&c->s->store, d->receipt)->customer == FL_NO_ROW)
        move.flags = FL_MOVE_FLAG_UNIDENTIFIED;
    fl_receivable_move(c->s, &move);
    return move.event;
}

static int64_t line_base(const struct fl_store *store, uint32_t line)
{
    uint32_t posting = fl_statement_line_live(store, line)->posting;
    return posting == 0 ? fl_statement_line_card(store, line)->amount_minor
                        : fl_line_posting_row(store, posting - 1)->base_minor;
}

static void draft_line(const struct fl_context *c, uint32_t line, struct draft *d)
{
    const struct fl_store *store = &c->s->store;
    const struct fl_statement_line_card *card = fl_statement_line_card(store, line);
    const struct fl_statement_card *statement = fl_statement_card(store, card->statement);
    *d = (struct draft){.line = line,
                        .bank = statement->account,
                        .receipt = FL_NO_ROW,
                        .minor = card->amount_minor,
                        .base = line_base(store, line),
                        .currency = statement->currency,
                        .date = fl_policy_push(c->s, fl_statement_line_live(store, line)->date),
                        .target = FL_NO_ROW};
}

uint32_t fl_assign_receipt_line(struct fl_context *c, uint32_t line, enum fl_assignment_kind kind,
                                uint32_t account, uint32_t target, uint16_t date)
{
    struct draft d;
    draft_line(c, line, &d);
    d.receipt = fl_assign_free_receipt(&c->s->store, line);
    FL_ASSERT(d.receipt != FL_NO_ROW);
    d.kind = kind;
    d.account = account;
    d.target = target;
    if (date > d.date)
        d.date = date;
    return receipt_leave(c, &d);
}

/* ---- taken back (G6) --------------------------------------------------------------------------------------- */

/* The movement that took the money out of the receipt. */
static uint32_t movement_of(const struct fl_store *store, uint32_t receipt, uint32_t assignment)
{
    uint32_t row = fl_receipt_money(store, receipt)->last_movement;
    while (row != FL_NO_ROW && !(fl_movement_row(store, row)->kind == FL_MOVE_ASSIGN &&
                                 fl_movement_cold(store, row)->event == assignment))
        row = fl_movement_row(store, row)->prev_of_source;
    FL_ASSERT(row != FL_NO_ROW);
    return row;
}

/* The receipt has its money again, and is whose it was said to be since. */
static void receipt_return(struct fl_context *c, uint32_t receipt, uint32_t assignment,
                           uint32_t mirror)
{
    struct fl_store *store = &c->s->store;
    uint32_t taken = movement_of(store, receipt, assignment);
    struct fl_move move = FL_MOVE_INIT;
    move.kind = FL_MOVE_ASSIGN;
    move.amount_minor = -fl_movement_row(store, taken)->amount_minor;
    move.source = receipt;
    move.date = fl_movement_row(store, taken)->date;
    move.event = mirror;
    move.reverses = taken;
    if (fl_receipt_money(store, receipt)->customer == FL_NO_ROW)
        move.flags = FL_MOVE_FLAG_UNIDENTIFIED;
    uint32_t row = fl_receivable_move(c->s, &move);
    fl_movement_live_write(store, taken)->reversed_by = row;
}

static void document_unlink(struct fl_store *store, const struct fl_assignment_row *a)
{
    if (a->kind == FL_ASSIGN_REFUND || a->kind == FL_ASSIGN_CHARGEBACK)
        fl_cash_event_live_write(store, a->target)->line = 0;
    else if (a->kind == FL_ASSIGN_RECEIPT)
        fl_receipt_status_write(store, a->target)->statement_line = FL_NO_ROW;
    else if (a->kind == FL_ASSIGN_PAYOUT)
        fl_payout_live_write(store, a->target)->line = 0;
}

/* It made an event, of its own line's name: what a receipt is said of a line in suspense (of 0.00 too) is a return. */
static bool made_event(const struct fl_store *store, const struct fl_assignment_row *a)
{
    bool back = fl_statement_line_live(store, a->line)->status == FL_LINE_SUSPENSE;
    if (a->kind != FL_ASSIGN_CHARGEBACK && !(a->kind == FL_ASSIGN_RECEIPT && back))
        return false;
    return fl_cash_event_cold(store, a->target)->statement_line == a->line;
}

static uint32_t mirror_add(struct fl_context *c, uint32_t row)
{
    struct fl_store *store = &c->s->store;
    uint32_t mirror = fl_store_add_row(store, FL_TABLE_assignment);
    const struct fl_assignment_row a = *fl_assignment_row(store, row);
    struct fl_assignment_row *back = fl_assignment_row_new(store, mirror);
    *back = a;
    back->seq = c->s->seq;
    back->amount_minor = -a.amount_minor;
    back->base_minor = -a.base_minor;
    back->date = fl_policy_push(c->s, a.date);
    back->previous = back->reverses = row + 1;
    struct fl_statement_line_live *live = fl_statement_line_live_write(store, a.line);
    FL_ASSERT(live->assigned); /* G1 */
    live->assigned = 0;
    if (live->status == FL_LINE_SUSPENSE)
        live->target = mirror;
    fl_fold(c->s, (uint64_t)a.line << 32 | mirror);
    struct fl_entry entry;
    fl_posting_assignment(store, mirror, &entry);
    fl_post_entry(c->s, &entry);
    return mirror;
}

/* `*row_out`: the assignment that stood. */
static enum fl_status assignment_undo(struct fl_context *c, const struct fl_command_assign *b,
                                      uint32_t line, uint32_t *row_out)
{
    struct fl_store *store = &c->s->store;
    uint32_t row = last_of_line(store, line) - 1;
    const struct fl_assignment_row a = *fl_assignment_row(store, row);
    FL_ASSERT(a.line == line && a.reverses == 0);
    if (made_event(store, &a))
        return fl_refuse_state(c, "line", b->line,
                               a.kind == FL_ASSIGN_RECEIPT ? "a return" : "a chargeback_reverse");
    if (!fl_decision_of_person(c->command, b->by, NULL))
        return fl_refuse_state(c, "line", b->line, "assigned");
    *row_out = row;
    uint32_t mirror = mirror_add(c, row);
    if (fl_statement_line_live(store, line)->status != FL_LINE_SUSPENSE)
        receipt_return(c, fl_statement_line_live(store, line)->target, row, mirror);
    document_unlink(store, &a);
    c->made_row = mirror;
    return FL_OK;
}

/* ---- what it is
 * ---------------------------------------------------------------------------------- */

static bool text_is(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(text, name, length) == 0;
}

/* G2: what a line may be of. */
uint32_t fl_assign_ledger_account(const char *text, size_t length)
{
    static const uint8_t kept[] = {FL_ACCOUNT_INVOICES, FL_ACCOUNT_UNAPPLIED,
                                   FL_ACCOUNT_CREDITS,  FL_ACCOUNT_UNIDENTIFIED,
                                   FL_ACCOUNT_SUSPENSE, FL_ACCOUNT_DEFERRED_REVENUE};
    for (uint32_t account = 1; account < FL_ACCOUNT_FIXED_COUNT; account++) {
        if (text_is(text, length, fl_account_name(account)))
            return memchr(kept, (int)account, sizeof kept) ? FL_ACCOUNT_NONE : account;
    }
    return FL_ACCOUNT_NONE;
}

static enum fl_status draft_account(struct fl_context *c, struct fl_text given, struct draft *d)
{
    static const char prefix[] = "assets:bank:";
    const char *text = fl_command_text(c->command, given);
    size_t length = given.length, skip = sizeof prefix - 1;
    d->kind = FL_ASSIGN_ACCOUNT;
    d->account = fl_assign_ledger_account(text, length);
    if (d->account != FL_ACCOUNT_NONE)
        return FL_OK;
    if (length > skip && memcmp(text, prefix, skip) == 0) {
        text += skip;
        length -= skip;
    }
    d->target = fl_find_bank_account(c->s, text, length);
    if (d->target == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "account", given);
    if (d->target == d->bank)
        return fl_refuse_text(c, FL_BAD_VALUE, "account", given);
    d->account = FL_ACCOUNT_TRANSIT_PAYOUTS;
    return FL_OK;
}

/* G3: both sides of a document that is known: in transit, or on this account already. */
static enum fl_status known_side(struct fl_context *c, struct draft *d, const char *field,
                                 struct fl_text id, uint32_t named_account, enum fl_account transit)
{
    if (named_account != FL_NO_ROW && named_account != d->bank)
        return fl_refuse_state(c, field, id, "of another account");
    d->account = named_account == FL_NO_ROW ? (uint32_t)transit : FL_ACCOUNT_BANK_FIRST + d->bank;
    return FL_OK;
}

static enum fl_status draft_event_row(struct fl_context *c, struct draft *d, const char *field,
                                      struct fl_text id, uint32_t event)
{
    const struct fl_cash_event_card *card = fl_cash_event_card(&c->s->store, event);
    if (card->currency != d->currency)
        return fl_refuse_currency(c, field, card->currency, d->currency);
    if (fl_cash_event_live(&c->s->store, event)->line != 0)
        return fl_refuse_state(c, field, id, "linked");
    bool refund = card->kind == FL_EVENT_REFUND;
    FL_TRY(known_side(c, d, field, id, card->account,
                      refund ? FL_ACCOUNT_TRANSIT_REFUNDS : FL_ACCOUNT_TRANSIT_RECEIPTS));
    int64_t paid = d->minor > 0 ? d->minor : -d->minor;
    if (card->amount_minor + card->fee_minor != paid)
        return fl_refuse_unbalanced(c, card->amount_minor + card->fee_minor, paid, d->currency);
    d->kind = refund ? FL_ASSIGN_REFUND : FL_ASSIGN_CHARGEBACK;
    d->target = event;
    return FL_OK;
}

static enum fl_status draft_event(struct fl_context *c, struct draft *d, const char *field,
                                  struct fl_text id, enum fl_cash_event_kind kind)
{
    uint32_t event = fl_find_cash_event(c->s, kind, fl_command_text(c->command, id), id.length);
    if (event == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, field, id);
    return draft_event_row(c, d, field, id, event);
}

/* G3 of money in: a chargeback_reverse that is known, or the chargeback of which this is one. */
static enum fl_status draft_won(struct fl_context *c, struct draft *d, struct fl_text id)
{
    const char *text = fl_command_text(c->command, id);
    char own[FL_ID_BYTES_MAX];
    if (fl_receipt_card(&c->s->store, d->receipt)->fee_minor != 0)
        return fl_refuse_state(c, "chargeback", id, "without the line's charges");
    uint32_t event = fl_find_cash_event(c->s, FL_EVENT_CHARGEBACK_REVERSE, text, id.length);
    if (event != FL_NO_ROW)
        return draft_event_row(c, d, "chargeback", id, event);
    d->target = fl_find_cash_event(c->s, FL_EVENT_CHARGEBACK, text, id.length);
    if (d->target == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "chargeback", id);
    uint8_t currency = fl_cash_event_card(&c->s->store, d->target)->currency;
    if (currency != d->currency)
        return fl_refuse_currency(c, "chargeback", currency, d->currency);
    size_t length = fl_line_id(&c->s->store, d->line, own);
    if (fl_find_cash_event(c->s, FL_EVENT_CHARGEBACK_REVERSE, own, length) != FL_NO_ROW)
        return fl_refuse(c, FL_EXISTS, "chargeback_reverse", own, length);
    d->kind = FL_ASSIGN_CHARGEBACK;
    d->account = FL_ACCOUNT_TRANSIT_RECEIPTS; /* where both meet */
    d->won = true;
    return FL_OK;
}

/* G4 of money in. */
static enum fl_status draft_receipt_in(struct fl_context *c, struct draft *d, struct fl_text id)
{
    const struct fl_receipt_card *card = fl_receipt_card(&c->s->store, d->target);
    const struct fl_receipt_status *status = fl_receipt_status(&c->s->store, d->target);
    if (status->statement_line != FL_NO_ROW || status->paid_out)
        return fl_refuse_state(c, "receipt", id, "linked");
    if (fl_receipt_card(&c->s->store, d->receipt)->fee_minor != 0)
        return fl_refuse_state(c, "receipt", id, "without the line's charges");
    FL_TRY(known_side(c, d, "receipt", id, card->account, FL_ACCOUNT_TRANSIT_RECEIPTS));
    if (card->amount_minor - card->fee_minor != d->minor)
        return fl_refuse_unbalanced(c, card->amount_minor - card->fee_minor, d->minor, d->currency);
    return FL_OK;
}

static enum fl_status draft_receipt(struct fl_context *c, struct draft *d, struct fl_text id)
{
    d->kind = FL_ASSIGN_RECEIPT;
    d->target = fl_find_receipt(c->s, fl_command_text(c->command, id), id.length);
    if (d->target == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "receipt", id);
    if (d->target == d->receipt)
        return fl_refuse_text(c, FL_BAD_VALUE, "receipt", id);
    const struct fl_receipt_card *card = fl_receipt_card(&c->s->store, d->target);
    if (card->currency != d->currency)
        return fl_refuse_currency(c, "receipt", card->currency, d->currency);
    if (d->receipt != FL_NO_ROW)
        return draft_receipt_in(c, d, id);
    char own[FL_ID_BYTES_MAX];
    size_t length = fl_line_id(&c->s->store, d->line, own);
    if (d->minor > 0)
        return fl_refuse_state(c, "receipt", id, "money out");
    if (fl_find_cash_event(c->s, FL_EVENT_RETURN, own, length) != FL_NO_ROW)
        return fl_refuse(c, FL_EXISTS, "receipt_reverse", own, length);
    return FL_OK;
}

/* ---- the command
 * --------------------------------------------------------------------------------- */

static enum fl_status draft_what(struct fl_context *c, const struct fl_command_assign *b,
                                 struct draft *d)
{
    unsigned named = (b->account.length > 0) + (b->refund.length > 0) + (b->receipt.length > 0) +
                     (b->chargeback.length > 0);
    if (named != 1)
        return fl_refuse(c, named == 0 ? FL_MISSING_FIELD : FL_BAD_VALUE,
                         "account, refund, receipt or chargeback", NULL, 0);
    if (b->account.length > 0)
        return draft_account(c, b->account, d);
    if (b->receipt.length > 0)
        return draft_receipt(c, d, b->receipt);
    bool refund = b->refund.length > 0;
    const char *field = refund ? "refund" : "chargeback";
    struct fl_text id = refund ? b->refund : b->chargeback;
    if (d->receipt != FL_NO_ROW && !refund)
        return draft_won(c, d, id);
    if (d->receipt != FL_NO_ROW)
        return fl_refuse_state(c, "line", b->line, "money in");
    return draft_event(c, d, field, id, refund ? FL_EVENT_REFUND : FL_EVENT_CHARGEBACK);
}

static enum fl_status line_check(struct fl_context *c, const struct fl_command_assign *b,
                                 struct draft *d)
{
    static const char *const words[] = {"not posted yet", "applied",  "in suspense",
                                        "linked",         "a return", "waiting for a rate"};
    uint32_t line = fl_line_of_id(c->s, fl_command_text(c->command, b->line), b->line.length);
    if (line == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "line", b->line);
    const struct fl_statement_line_live *live = fl_statement_line_live(&c->s->store, line);
    draft_line(c, line, d);
    d->undone = FL_NO_ROW;
    if (live->assigned)
        FL_TRY(assignment_undo(c, b, line, &d->undone));
    live = fl_statement_line_live(&c->s->store, line);
    if (live->status == FL_LINE_SUSPENSE)
        return FL_OK;
    d->receipt = fl_assign_free_receipt(&c->s->store, line);
    if (d->receipt == FL_NO_ROW)
        return fl_refuse_state(c, "line", b->line,
                               live->status <= FL_LINE_NO_RATE ? words[live->status] : "linked");
    return FL_OK;
}

/* Row 13: the event's other side is suspense, where the line's own entry put it. */
static void take_back(struct fl_context *c, struct draft *d)
{
    char id[FL_ID_BYTES_MAX];
    uint32_t receipt = d->target;
    uint16_t earliest = fl_receipt_card(&c->s->store, receipt)->date;
    struct fl_money_out out = {.id = id,
                               .id_length = fl_line_id(&c->s->store, d->line, id),
                               .target_kind = FL_TARGET_RECEIPT,
                               .target = receipt,
                               .amount_minor = -d->minor,
                               .account = FL_NO_ROW,
                               .statement_line = d->line,
                               .date = d->date > earliest ? d->date : earliest,
                               .suspense = true};
    d->target = fl_money_out_return(c, &out);
    d->account = FL_ACCOUNT_SUSPENSE;
    c->made_row = assignment_add(c, d, false);
}

/* Row 16, won: named as the line is. */
static void won_make(struct fl_context *c, struct draft *d)
{
    char id[FL_ID_BYTES_MAX];
    uint16_t earliest = fl_cash_event_card(&c->s->store, d->target)->date;
    struct fl_money_out back = {.id = id,
                                .id_length = fl_line_id(&c->s->store, d->line, id),
                                .target = d->target,
                                .amount_minor = d->minor,
                                .account = FL_NO_ROW,
                                .statement_line = d->line,
                                .date = d->date > earliest ? d->date : earliest};
    d->target = fl_money_back_chargeback(c, &back);
}

static void document_link(struct fl_context *c, const struct draft *d)
{
    struct fl_store *store = &c->s->store;
    if (d->kind == FL_ASSIGN_REFUND || d->kind == FL_ASSIGN_CHARGEBACK)
        fl_cash_event_live_write(store, d->target)->line = d->line + 1;
    else if (d->kind == FL_ASSIGN_RECEIPT)
        fl_receipt_status_write(store, d->target)->statement_line = d->line;
}

/* G6: only back to where it stood. */
static bool goes_back(const struct fl_context *c, const struct fl_command_assign *b,
                      const struct draft *d)
{
    enum fl_account home = d->receipt == FL_NO_ROW ? FL_ACCOUNT_SUSPENSE : FL_ACCOUNT_UNIDENTIFIED;
    return d->undone != FL_NO_ROW && b->account.length > 0 && b->refund.length == 0 &&
           b->receipt.length == 0 && b->chargeback.length == 0 &&
           text_is(fl_command_text(c->command, b->account), b->account.length,
                   fl_account_name(home));
}

static bool same_again(const struct fl_store *store, const struct draft *d)
{
    if (d->undone == FL_NO_ROW || d->won)
        return false;
    const struct fl_assignment_row *a = fl_assignment_row(store, d->undone);
    return a->kind == (uint8_t)d->kind && a->account == d->account && a->target == d->target;
}

enum fl_status fl_apply_assign(struct fl_context *c)
{
    const struct fl_command_assign *b = fl_command_body(c->command);
    struct draft d;
    FL_TRY(line_check(c, b, &d));
    if (goes_back(c, b, &d)) {
        c->command->date = fl_assignment_row(&c->s->store, c->made_row)->date;
        return FL_OK;
    }
    FL_TRY(draft_what(c, b, &d));
    if (same_again(&c->s->store, &d))
        return fl_refuse_state(c, "line", b->line, "assigned");
    bool given = c->command->flags & FL_FLAG_DATE_GIVEN;
    FL_TRY(fl_policy_date(c));
    if (given && c->command->date < d.date)
        return fl_refuse_before(c, d.date);
    if (given)
        d.date = c->command->date;
    c->command->date = d.date; /* E2 */
    if (d.kind == FL_ASSIGN_RECEIPT && d.receipt == FL_NO_ROW) {
        take_back(c, &d);
        return FL_OK;
    }
    if (d.won)
        won_make(c, &d);
    document_link(c, &d);
    c->made_row = d.receipt != FL_NO_ROW ? receipt_leave(c, &d) : assignment_add(c, &d, true);
    return FL_OK;
}
