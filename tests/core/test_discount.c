/* Early-payment discounts and tolerances (rulings, D5) beside a reckoning by their words: random
 * terms, days around the last one of window and grace, amounts around the discounted and the full
 * price, after part payments, credit notes, write-offs and other discounts. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/base/date.h"
#include "core/domain/ledger.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

#define ROUNDS    1500
#define TOLERANCE 5
#define ISSUED    20200 /* 2025-04-22 */

static struct fl_test_book *book;
static struct fl_random dice = {.state = 55};

static int64_t below(int64_t most)
{
    return (int64_t)fl_random_below(&dice, (uint64_t)most);
}

struct terms {
    int64_t percent_e2; /* hundredths of a percent */
    unsigned days, grace;
};

struct owed {
    int64_t total, tax, open, credited;
    bool used; /* a discount was taken, or a part written off */
};

struct outcome {
    int64_t open, unapplied, discount, discount_tax, difference; /* difference: debit */
};

static int64_t rounded(int64_t over, int64_t under)
{
    return (over * 2 + under) / (under * 2);
}

static struct outcome reckon(const struct owed *o, const struct terms *t, unsigned day,
                             int64_t amount, bool keep)
{
    int64_t discount = 0, cash = amount < o->open ? amount : o->open;
    if (day <= t->days + t->grace && !o->used)
        discount = rounded((o->total - o->credited) * t->percent_e2, 10000);
    if (discount >= o->open) /* an application is cash */
        discount = 0;
    if (amount >= o->open || amount + TOLERANCE < o->open - discount)
        discount = 0; /* the whole price was paid, or not even the discounted one */
    if (discount > 0 && cash > o->open - discount)
        cash = o->open - discount;
    struct outcome out = {.open = o->open - cash - discount,
                          .unapplied = amount - cash,
                          .discount = discount,
                          .discount_tax = keep ? 0 : rounded(discount * o->tax, o->total)};
    if (out.open <= TOLERANCE && out.unapplied == 0) { /* a cent too little */
        out.difference = out.open;
        out.open = 0;
    } else if (out.open == 0 && out.unapplied <= TOLERANCE) { /* a cent too much */
        out.difference = -out.unapplied;
        out.unapplied = 0;
    }
    return out;
}

static const char *money(int64_t minor)
{
    static char ring[4][32];
    static unsigned next;
    char *out = ring[next++ % 4];
    snprintf(out, sizeof ring[0], "%" PRId64 ".%02d", minor / 100, (int)(minor % 100));
    return out;
}

static const char *day_text(unsigned after)
{
    static char ring[2][11];
    static unsigned next;
    char *out = ring[next++ % 2];
    fl_date_format((uint16_t)(ISSUED + after), out);
    return out;
}

static struct owed issue(unsigned n, struct terms *t)
{
    struct owed o = {.total = 0};
    int64_t net = 1 + below(below(4) ? 90000 : 60);
    *t = (struct terms){below(4) ? 1 + below(500) : 0, (unsigned)below(15), (unsigned)below(4)};
    o.tax = below(3) ? rounded(net * 19, 100) : 0;
    o.open = o.total = net + o.tax;
    char terms[96] = "";
    if (t->percent_e2 > 0)
        snprintf(terms, sizeof terms,
                 ",\"discount\":{\"percent\":\"%s\",\"days\":%u,\"grace_days\":%u}",
                 money(t->percent_e2), t->days, t->grace);
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"C%u\",\"name\":\"C\",\"currency\":\"EUR\","
                 "\"credit_limit\":null%s}",
                 n, terms);
    fl_book_must(
        book,
        "{\"type\":\"invoice\",\"id\":\"I%u\",\"customer\":\"C%u\",\"date\":\"%s\",\"amount\":"
        "{\"net\":\"%s\",\"tax\":\"%s\"}}",
        n, n, day_text(0), money(net), money(o.tax));
    return o;
}

/* What happened before; nothing half of the time. */
static void before(unsigned n, struct owed *o)
{
    int64_t part = 1 + below(o->open / 2 + 1);
    unsigned what = (unsigned)below(8);
    if (part >= o->open || what > 3)
        return;
    o->open -= part;
    if (what == 0) { /* a part payment cancels no discount */
        fl_book_must(book,
                     "{\"type\":\"receipt\",\"id\":\"P%u\",\"amount\":\"%s\",\"currency\":\"EUR\","
                     "\"customer\":\"C%u\",\"date\":\"%s\"}",
                     n, money(part), n, day_text(0));
        fl_book_must(book,
                     "{\"type\":\"application\",\"receipt\":\"P%u\",\"invoice\":\"I%u\",\"amount\":"
                     "\"%s\"}",
                     n, n, money(part));
    } else if (what == 1) {
        fl_book_must(
            book,
            "{\"type\":\"credit_note\",\"id\":\"N%u\",\"invoice\":\"I%u\",\"amount\":\"%s\","
            "\"date\":\"%s\"}",
            n, n, money(part), day_text(0));
        o->credited = part;
    } else if (what == 2) {
        fl_book_must(book,
                     "{\"type\":\"write_off\",\"id\":\"W%u\",\"invoice\":\"I%u\",\"amount\":\"%s\","
                     "\"reason\":\"r\",\"date\":\"%s\"}",
                     n, n, money(part), day_text(0));
        o->used = true;
    } else if (part > 1) {
        fl_book_must(book,
                     "{\"type\":\"receipt\",\"id\":\"P%u\",\"amount\":\"%s\",\"currency\":\"EUR\","
                     "\"customer\":\"C%u\",\"date\":\"%s\"}",
                     n, money(part - 1), n, day_text(0));
        fl_book_must(book,
                     "{\"type\":\"application\",\"receipt\":\"P%u\",\"invoice\":\"I%u\",\"amount\":"
                     "\"%s\",\"discount\":\"0.01\"}",
                     n, n, money(part - 1));
        o->used = true;
    } else {
        o->open += part;
    }
}

static int64_t some_amount(const struct owed *o, const struct terms *t)
{
    int64_t cheap = o->open - rounded((o->total - o->credited) * t->percent_e2, 10000);
    int64_t around = below(2) ? cheap : o->open, amount = around - 9 + below(19);
    if (below(6) == 0)
        amount = 1 + below(o->open + 20);
    return amount < 1 ? 1 : amount;
}

static int64_t account(uint32_t number)
{
    return fl_book_account(book, number, "EUR", 0);
}

static void rounds(bool keep)
{
    book = fl_book_open(keep ? "\"discount_tax\":\"keep\",\"tolerances\":{\"EUR\":\"0.05\"}"
                             : "\"tolerances\":{\"EUR\":\"0.05\"}");
    fl_book_checks(book, false);
    unsigned taken = 0, closed = 0;
    for (unsigned n = 0; n < ROUNDS; n++) {
        struct terms terms;
        struct owed owed = issue(n, &terms);
        before(n, &owed);
        int64_t amount = some_amount(&owed, &terms), tax = account(FL_ACCOUNT_TAX);
        unsigned last = terms.days + terms.grace, day = below(2) ? last : (unsigned)below(last + 3);
        int64_t allowed = account(FL_ACCOUNT_DISCOUNTS_ALLOWED);
        int64_t small = account(FL_ACCOUNT_SMALL_DIFFERENCES);
        struct outcome wanted = reckon(&owed, &terms, day, amount, keep);
        char what[200];
        snprintf(what, sizeof what,
                 "round %u: %" PRId64 " on day %u of %u + %u, %" PRId64 " open of %" PRId64
                 " less %" PRId64 ", %" PRId64 " e-2 percent",
                 n, amount, day, terms.days, terms.grace, owed.open, owed.total, owed.credited,
                 terms.percent_e2);
        fl_book_must(book,
                     "{\"type\":\"receipt\",\"id\":\"R%u\",\"amount\":\"%s\",\"currency\":\"EUR\","
                     "\"references\":[\"I%u\"],\"date\":\"%s\"}",
                     n, money(amount), n, day_text(day));
        char id[2][24];
        snprintf(id[0], sizeof id[0], "I%u", n);
        snprintf(id[1], sizeof id[1], "R%u", n);
        cr_assert_eq(fl_book_open_of(book, id[0]), wanted.open, "%s", what);
        cr_assert_eq(fl_book_receipt_open(book, id[1]), wanted.unapplied, "%s", what);
        cr_assert_eq(account(FL_ACCOUNT_DISCOUNTS_ALLOWED) - allowed,
                     wanted.discount - wanted.discount_tax, "%s", what);
        cr_assert_eq(account(FL_ACCOUNT_TAX) - tax, wanted.discount_tax, "%s", what);
        cr_assert_eq(account(FL_ACCOUNT_SMALL_DIFFERENCES) - small, wanted.difference, "%s", what);
        taken += wanted.discount > 0;
        closed += wanted.difference != 0;
    }
    cr_assert_gt(taken, ROUNDS / 10);
    cr_assert_gt(closed, ROUNDS / 10);
    fl_book_close(book);
}

Test(discount, d5_random_payments_close_by_the_discount_and_the_tolerance_that_the_rulings_say)
{
    rounds(false);
}

Test(discount, d5_its_tax_part_stays_where_the_book_keeps_it)
{
    rounds(true);
}
