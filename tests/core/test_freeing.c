/* Whose invoices are owed again when money goes back (rulings, D4.1): the unapplied part first,
 * then the applications, newest first, each freed whole with its discount, and what is left applied
 * again without it. Random histories of one receipt at a time, reckoned here. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

#define ROUNDS   800
#define INVOICES 4

static struct fl_test_book *book;
static struct fl_random dice = {.state = 41};

static int64_t below(int64_t most)
{
    return (int64_t)fl_random_below(&dice, (uint64_t)most);
}

static const char *money(int64_t minor)
{
    static char ring[4][32];
    static unsigned next;
    char *out = ring[next++ % 4];
    snprintf(out, sizeof ring[0], "%" PRId64 ".%02d", minor / 100, (int)(minor % 100));
    return out;
}

struct application {
    unsigned invoice;
    int64_t cash, discount;
};

struct story {
    int64_t open[INVOICES];
    int64_t amount, unapplied, gone;
    struct application made[64]; /* those that stand, in order */
    unsigned count;
};

static void apply_some(struct story *s, unsigned n)
{
    unsigned invoice = (unsigned)below(INVOICES);
    int64_t most = s->open[invoice] < s->unapplied ? s->open[invoice] : s->unapplied;
    if (most == 0 || s->count == 32)
        return;
    int64_t cash = below(3) ? 1 + below(most) : most, rest = s->open[invoice] - cash;
    int64_t discount = below(3) == 0 && rest > 0 ? 1 + below(rest) : 0;
    fl_book_must(book,
                 "{\"type\":\"application\",\"receipt\":\"R%u\",\"invoice\":\"I%u-%u\",\"amount\":"
                 "\"%s\",\"discount\":\"%s\"}",
                 n, n, invoice, money(cash), money(discount));
    s->open[invoice] -= cash + discount;
    s->unapplied -= cash;
    s->made[s->count++] = (struct application){invoice, cash, discount};
}

static void reckon(struct story *s, int64_t amount)
{
    while (s->unapplied < amount) {
        struct application newest = s->made[--s->count];
        s->open[newest.invoice] += newest.cash + newest.discount;
        s->unapplied += newest.cash;
        int64_t again = s->unapplied - amount;
        if (again <= 0)
            continue;
        s->open[newest.invoice] -= again;
        s->unapplied -= again;
        s->made[s->count++] = (struct application){newest.invoice, again, 0};
    }
    s->unapplied -= amount;
    s->gone += amount;
}

static void give_back(struct story *s, unsigned n, unsigned k)
{
    static const char *const types[] = {"refund", "chargeback", "receipt_reverse"};
    int64_t left = s->amount - s->gone;
    if (left == 0)
        return;
    int64_t amount = below(4) ? 1 + below(left) : left;
    fl_book_must(book, "{\"type\":\"%s\",\"id\":\"X%u-%u\",\"receipt\":\"R%u\",\"amount\":\"%s\"}",
                 types[below(3)], n, k, n, money(amount));
    reckon(s, amount);
}

static void compare(const struct story *s, unsigned n)
{
    char id[32];
    for (unsigned i = 0; i < INVOICES; i++) {
        snprintf(id, sizeof id, "I%u-%u", n, i);
        cr_assert_eq(fl_book_open_of(book, id), s->open[i], "%s: %" PRId64 ", not %" PRId64, id,
                     fl_book_open_of(book, id), s->open[i]);
    }
    snprintf(id, sizeof id, "R%u", n);
    cr_assert_eq(fl_book_receipt_open(book, id), s->unapplied, "%s", id);
    cr_assert_eq(fl_book_refundable(book, id), s->amount - s->gone, "%s", id);
}

Test(freeing, d4_1_random_receipts_give_back_their_newest_applications_first)
{
    book = fl_book_open(NULL);
    fl_book_checks(book, false);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    for (unsigned n = 0; n < ROUNDS; n++) {
        struct story s = {.amount = 1 + below(20000)};
        s.unapplied = s.amount;
        for (unsigned i = 0; i < INVOICES; i++) {
            s.open[i] = 1 + below(9000);
            fl_book_must(
                book,
                "{\"type\":\"invoice\",\"id\":\"I%u-%u\",\"customer\":\"C\",\"date\":\"2025-06-"
                "01\",\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}}",
                n, i, money(s.open[i]));
        }
        fl_book_must(book,
                     "{\"type\":\"receipt\",\"id\":\"R%u\",\"customer\":\"C\",\"amount\":\"%s\","
                     "\"currency\":\"EUR\",\"date\":\"2025-06-02\"}",
                     n, money(s.amount));
        for (unsigned k = 0; k < 14; k++) {
            if (below(3))
                apply_some(&s, n);
            else
                give_back(&s, n, k);
            compare(&s, n);
        }
    }
    fl_book_close(book);
}
