/* O14: settled in the document's currency; the difference in ours is a realised gain or loss and
 * changes no open amount. And the kind behind it: part-payment series at any rates, the last of
 * which brings both currencies to zero. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"USD\"}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"USD\","
                       "\"credit_limit\":null}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o14, .init = setup, .fini = teardown);

/* Debit less credit in the book's currency. */
static int64_t base_of(uint32_t account)
{
    const struct fl_store *store = fl_book_store(book);
    int64_t sum = 0;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_total *total = fl_account_day_total(store, row);
        if (fl_account_day_key(store, row)->account == account)
            sum += total->base_debit_minor - total->base_credit_minor;
    }
    return sum;
}

Test(case_o14, a_gain_and_a_loss_are_realised_and_the_open_amount_is_in_dollars)
{
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"fx_rate\":\"0.90\",\"amount\":{\"net\":\"500\",\"tax\":\"0\"}}");
    fl_book_must(
        book,
        "{\"type\":\"receipt\",\"id\":\"R1\",\"amount\":\"200\",\"currency\":\"USD\","
        "\"references\":[\"I\"],\"account\":\"B\",\"fx_rate\":\"0.95\",\"date\":\"2025-06-02\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 30000);
    cr_assert_eq(base_of(FL_ACCOUNT_FX), -1000);
    fl_book_must(
        book,
        "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":\"300\",\"currency\":\"USD\","
        "\"references\":[\"I\"],\"account\":\"B\",\"fx_rate\":\"0.88\",\"date\":\"2025-06-03\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 0);
    cr_assert_str_eq(fl_book_invoice_state(book, "I"), "paid");
    cr_assert_eq(base_of(FL_ACCOUNT_INVOICES), 0);
    cr_assert_eq(base_of(FL_ACCOUNT_UNAPPLIED), 0);
    cr_assert_eq(base_of(FL_ACCOUNT_FX), -400);
    cr_assert_eq(base_of(FL_ACCOUNT_BANK_FIRST), 45400);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_FX, "USD", 0), 0);
}

Test(case_o14, the_last_part_takes_the_remainder_in_both_currencies)
{
    struct fl_random dice = {.state = 14};
    fl_book_checks(book, false);
    for (unsigned i = 0; i < 300; i++) {
        int64_t left = 100 + (int64_t)fl_random_below(&dice, 90000);
        unsigned parts = 1 + (unsigned)fl_random_below(&dice, 6);
        fl_book_must(
            book,
            "{\"type\":\"invoice\",\"id\":\"I%u\",\"customer\":\"C\",\"date\":\"2025-06-01\",\"fx_"
            "rate\":\"0.%04u\",\"amount\":{\"net\":\"%" PRId64 ".%02u\",\"tax\":\"0\"}}",
            i, 1 + (unsigned)fl_random_below(&dice, 9999), left / 100, (unsigned)(left % 100));
        for (unsigned k = 0; k < parts; k++) {
            int64_t part = k + 1 == parts || left < 2
                               ? left
                               : 1 + (int64_t)fl_random_below(&dice, (uint64_t)left - 1);
            if (part == 0)
                break;
            left -= part;
            fl_book_must(book,
                         "{\"type\":\"receipt\",\"id\":\"R%u-%u\",\"amount\":\"%" PRId64
                         ".%02u\",\"currency\":\"USD\",\"references\":[\"I%u\"],\"fx_rate\":\"1.%"
                         "04u\",\"date\":\"2025-06-02\"}",
                         i, k, part / 100, (unsigned)(part % 100), i,
                         (unsigned)fl_random_below(&dice, 9999));
        }
        cr_assert_eq(base_of(FL_ACCOUNT_INVOICES), 0, "invoice %u", i);
        cr_assert_eq(base_of(FL_ACCOUNT_UNAPPLIED), 0, "invoice %u", i);
    }
}

/* ---- the rule itself: each part of a side is round(rest of base x amount / rest of amount), the
 * last takes the remainder (rulings, posting row 23) ---- */

#define SIDES 3 /* invoices, and receipts, of a series */

struct rest {
    int64_t amount, base;
};

struct series {
    struct rest invoice[SIDES], receipt[SIDES];
    int64_t fx;              /* of all series so far */
    unsigned applied[SIDES]; /* numbers of the receipt's applications */
    struct application {
        unsigned receipt, number, invoice;
        int64_t amount, from_receipt, of_invoice;
    } last; /* that stands; number 0: none */
};

static const struct {
    const char *code;
    unsigned decimals;
} currencies[] = {{"USD", 2}, {"JPY", 0}, {"KWD", 3}};

static const char *money(int64_t minor, unsigned decimals)
{
    static char ring[4][32];
    static unsigned next;
    char *out = ring[next++ % 4];
    int64_t whole = decimals == 0 ? 1 : decimals == 2 ? 100 : 1000;
    if (decimals == 0)
        snprintf(out, sizeof ring[0], "%" PRId64, minor);
    else
        snprintf(out, sizeof ring[0], "%" PRId64 ".%0*" PRId64, minor / whole, (int)decimals,
                 minor % whole);
    return out;
}

/* Half up, of amounts above zero. */
static int64_t rounded(fl_int128 over, fl_int128 under)
{
    return (int64_t)((over * 2 + under) / (under * 2));
}

static int64_t take_part(struct rest *rest, int64_t amount)
{
    int64_t base =
        amount == rest->amount ? rest->base : rounded((fl_int128)rest->base * amount, rest->amount);
    rest->amount -= amount;
    rest->base -= base;
    return base;
}

static uint64_t below(struct fl_random *dice, int64_t most)
{
    return fl_random_below(dice, (uint64_t)most);
}

static void documents(struct fl_random *dice, struct series *s, unsigned n, unsigned k)
{
    unsigned decimals = currencies[k].decimals;
    for (unsigned i = 0; i < SIDES; i++) {
        uint64_t rate = 1 + below(dice, decimals == 0 ? 20000 : 9999999); /* x 10^-6 */
        struct rest *rest[2] = {&s->invoice[i], &s->receipt[i]};
        for (unsigned side = 0; side < 2; side++) {
            int64_t minor = 1 + (int64_t)below(dice, below(dice, 3) ? 90000 : 30);
            fl_int128 scale = decimals == 0 ? 100 : 1; /* to cents */
            *rest[side] = (struct rest){minor, rounded((fl_int128)minor * (int64_t)rate * scale,
                                                       decimals == 3 ? 10000000 : 1000000)};
            fl_book_must(
                book,
                side == 0 ? "{\"type\":\"invoice\",\"id\":\"I%u-%u\",\"customer\":\"%s\","
                            "\"date\":\"2025-06-01\",\"fx_rate\":\"%u.%06u\",\"amount\":{\"net\":"
                            "\"%s\",\"tax\":\"0\"}}"
                          : "{\"type\":\"receipt\",\"id\":\"R%u-%u\",\"customer\":\"%s\","
                            "\"date\":\"2025-06-02\",\"fx_rate\":\"%u.%06u\",\"amount\":\"%s\","
                            "\"currency\":\"%s\"}",
                n, i, currencies[k].code, (unsigned)(rate / 1000000), (unsigned)(rate % 1000000),
                money(minor, decimals), currencies[k].code);
            rate = 1 + below(dice, decimals == 0 ? 20000 : 9999999);
        }
        s->applied[i] = 0;
    }
    s->last.number = 0;
}

/* One more part, or the last one taken back as it was. */
static bool step(struct fl_random *dice, struct series *s, unsigned n, unsigned k)
{
    unsigned r = (unsigned)below(dice, SIDES), i = (unsigned)below(dice, SIDES);
    struct application *last = &s->last;
    if (last->number != 0 && below(dice, 5) == 0) {
        fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"R%u-%u/%u\"}", n,
                     last->receipt, last->number);
        s->receipt[last->receipt].amount += last->amount;
        s->receipt[last->receipt].base += last->from_receipt;
        s->invoice[last->invoice].amount += last->amount;
        s->invoice[last->invoice].base += last->of_invoice;
        s->fx += last->from_receipt - last->of_invoice;
        last->number = 0;
        return true;
    }
    struct rest *from = &s->receipt[r], *to = &s->invoice[i];
    int64_t most = from->amount < to->amount ? from->amount : to->amount;
    if (most == 0)
        return false;
    int64_t amount = below(dice, 3) ? 1 + (int64_t)below(dice, most) : most;
    *last = (struct application){
        .receipt = r, .number = ++s->applied[r], .invoice = i, .amount = amount};
    last->from_receipt = take_part(from, amount);
    last->of_invoice = take_part(to, amount);
    s->fx -= last->from_receipt - last->of_invoice; /* income is credit */
    fl_book_must(
        book,
        "{\"type\":\"application\",\"receipt\":\"R%u-%u\",\"invoice\":\"I%u-%u\",\"amount\":"
        "\"%s\"}",
        n, r, n, i, money(amount, currencies[k].decimals));
    return true;
}

static void open_again(void)
{
    if (book)
        fl_book_close(book);
    book = fl_book_open(NULL);
    fl_book_checks(book, false);
    for (unsigned k = 0; k < 3; k++)
        fl_book_must(book,
                     "{\"type\":\"customer\",\"id\":\"%s\",\"name\":\"C\",\"currency\":\"%s\","
                     "\"credit_limit\":null}",
                     currencies[k].code, currencies[k].code);
}

/* FLORIN_SERIES=n: so many (400 otherwise; the rulings' own run has 20,000). */
Test(case_o14, each_part_is_the_rest_of_base_by_the_rest_of_the_amount)
{
    const char *many = getenv("FLORIN_SERIES");
    unsigned count = many ? (unsigned)strtoul(many, NULL, 10) : 400;
    struct fl_random dice = {.state = 2314};
    struct series s = {.fx = 0};
    int64_t kept[2] = {0, 0}; /* what other series of the book have left */
    for (unsigned n = 0; n < count; n++) {
        unsigned k = n % 3;
        if (n % 50 == 0) {
            open_again();
            s.fx = kept[0] = kept[1] = 0;
        }
        documents(&dice, &s, n, k);
        for (unsigned i = 0; i < 30; i++) {
            if (!step(&dice, &s, n, k))
                continue;
            int64_t left[2] = {kept[0], kept[1]};
            for (unsigned side = 0; side < SIDES; side++) {
                left[0] += s.invoice[side].base;
                left[1] -= s.receipt[side].base;
            }
            cr_assert_eq(base_of(FL_ACCOUNT_INVOICES), left[0], "series %u, step %u", n, i);
            cr_assert_eq(base_of(FL_ACCOUNT_UNAPPLIED), left[1], "series %u, step %u", n, i);
            cr_assert_eq(base_of(FL_ACCOUNT_FX), s.fx, "series %u, step %u", n, i);
        }
        for (unsigned side = 0; side < SIDES; side++) {
            kept[0] += s.invoice[side].base;
            kept[1] -= s.receipt[side].base;
            cr_assert(s.invoice[side].amount > 0 || s.invoice[side].base == 0);
            cr_assert(s.receipt[side].amount > 0 || s.receipt[side].base == 0);
        }
    }
}
