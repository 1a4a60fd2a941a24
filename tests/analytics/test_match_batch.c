/* A batch's outcome: the same whatever the order of the payments and however many threads; nothing used beyond what is
 * open; undone and redone without changing what was known before. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/kpi_aging.h"
#include "core/base/date.h"
#include "tests/support/match_book.h"
#include "tests/support/random.h"

#define CUSTOMERS 40
#define INVOICES  400
#define PAYMENTS  600

struct payment {
    unsigned number;
    unsigned customer;
    int64_t minor;
    unsigned day;
    char text[80];
    bool by_account;
};

static struct payment payments[PAYMENTS];
static int64_t totals[INVOICES];
static unsigned owner[INVOICES];

static void books_make(struct fl_test_book *book)
{
    for (unsigned c = 0; c < CUSTOMERS; c++)
        fl_book_must(
            book,
            "{\"type\":\"customer\",\"id\":\"C%u\",\"name\":\"House %u of Stone\",\"currency\":"
            "\"EUR\",\"credit_limit\":null,\"bank_accounts\":[\"ACC%u\"]}",
            c, 100 + c, c);
    for (unsigned i = 0; i < INVOICES; i++)
        fl_book_must(book,
                     "{\"type\":\"invoice\",\"id\":\"INV-%06u\",\"customer\":\"C%u\",\"date\":"
                     "\"2025-01-%02u\",\"amount\":{\"net\":\"%u.%02u\",\"tax\":\"0\"}}",
                     i * 7 + 1000, owner[i], 1 + i % 28, (unsigned)(totals[i] / 100),
                     (unsigned)(totals[i] % 100));
}

/* Texts that name whole, in part, damaged, two at once, or nothing; amounts that fit, fall short, or belong to another. */
static void payments_make(struct fl_random *random)
{
    for (unsigned i = 0; i < INVOICES; i++) {
        owner[i] = (unsigned)fl_random_below(random, CUSTOMERS);
        totals[i] = 100 + (int64_t)fl_random_below(random, 300) * 25; /* twins are common */
    }
    for (unsigned p = 0; p < PAYMENTS; p++) {
        struct payment *payment = &payments[p];
        unsigned i = (unsigned)fl_random_below(random, INVOICES), number = i * 7 + 1000;
        *payment = (struct payment){.number = p,
                                    .customer = owner[i],
                                    .minor = totals[i],
                                    .day = 1 + (unsigned)fl_random_below(random, 28),
                                    .by_account = fl_random_below(random, 4) > 0};
        switch (fl_random_below(random, 7)) {
        case 0:
        case 1:
            snprintf(payment->text, sizeof payment->text, "Invoice INV-%06u", number);
            break;
        case 2:
            snprintf(payment->text, sizeof payment->text, "RG INV-%05u", number);
            break;
        case 3:
            snprintf(payment->text, sizeof payment->text, "Rechnung %u", number);
            break;
        case 4:
            snprintf(payment->text, sizeof payment->text, "INV-%06u part", number);
            payment->minor = 1 + payment->minor / 2;
            break;
        case 5: {
            unsigned j = (unsigned)fl_random_below(random, INVOICES);
            snprintf(payment->text, sizeof payment->text, "INV-%06u and INV-%06u", number,
                     j * 7 + 1000);
            payment->minor += i == j ? 0 : totals[j];
            break;
        }
        default:
            snprintf(payment->text, sizeof payment->text, "thank you");
        }
    }
}

static void payment_send(struct fl_test_book *book, const struct payment *p)
{
    char payer[80];
    if (p->by_account)
        snprintf(payer, sizeof payer, "{\"account\":\"ACC%u\"}", p->customer);
    else
        snprintf(payer, sizeof payer, "{\"name\":\"HOUSE %u OF STONE\"}", 100 + p->customer);
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"P%u\",\"amount\":\"%u.%02u\",\"currency\":\"EUR\","
                 "\"date\":\"2025-02-%02u\",\"payer\":%s,\"text\":\"%s\"}",
                 p->number, (unsigned)(p->minor / 100), (unsigned)(p->minor % 100), p->day, payer,
                 p->text);
}

/* The payments in the order given; every outcome in words. */
static void run(const unsigned *order, unsigned threads, char (*outcomes)[160])
{
    struct fl_test_book *book = fl_book_open(NULL);
    struct fl_match_book m;
    char id[16];
    fl_book_checks(book, false);
    books_make(book);
    for (unsigned p = 0; p < PAYMENTS; p++)
        payment_send(book, &payments[order[p]]);
    fl_match_book_open(&m, book, threads);
    fl_match_book_run(&m);
    for (unsigned p = 0; p < PAYMENTS; p++) {
        snprintf(id, sizeof id, "P%u", p);
        snprintf(outcomes[p], 160, "%s", fl_match_book_outcome(&m, id));
    }
    fl_match_book_close(&m);
    fl_book_close(book);
}

static void shuffle(unsigned *order, struct fl_random *random)
{
    for (unsigned i = PAYMENTS - 1; i > 0; i--) {
        unsigned j = (unsigned)fl_random_below(random, i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

Test(match_batch, b2_the_order_of_the_payments_changes_nothing)
{
    static char first[PAYMENTS][160], again[PAYMENTS][160];
    static unsigned order[PAYMENTS];
    struct fl_random random = fl_random_start("match_batch");
    unsigned settled = 0;
    payments_make(&random);
    for (unsigned p = 0; p < PAYMENTS; p++)
        order[p] = p;
    run(order, 1, first);
    for (unsigned p = 0; p < PAYMENTS; p++)
        settled += strstr(first[p], "rule") != NULL;
    cr_assert(settled > PAYMENTS / 5 && settled < PAYMENTS, "%u settled", settled);
    for (unsigned round = 0; round < 3; round++) {
        shuffle(order, &random);
        run(order, 1 + round, again);
        for (unsigned p = 0; p < PAYMENTS; p++)
            cr_assert_str_eq(again[p], first[p], "round %u, P%u: %s, and in order %s", round, p,
                             again[p], first[p]);
    }
}

Test(match_batch, b4_what_was_decided_is_accepted_and_comes_to_what_was_open)
{
    struct fl_random random = fl_random_start("match_batch_sums");
    struct fl_test_book *book = fl_book_open(NULL);
    struct fl_match_book m;
    payments_make(&random);
    fl_book_checks(book, false);
    books_make(book);
    for (unsigned p = 0; p < PAYMENTS; p++)
        payment_send(book, &payments[p]);
    fl_match_book_open(&m, book, 2);
    fl_match_book_run(&m);
    fl_book_checks(book, true); /* the audit after each application */
    fl_match_book_apply(&m);
    for (uint32_t i = 0; i < m.index.item_count; i++) {
        size_t length;
        char id[32];
        snprintf(id, sizeof id, "%.*s", 20, fl_match_item_id(&m.index, i, &length));
        id[length] = '\0';
        cr_assert_eq(fl_book_open_of(book, id), m.batch.state.open_minor[i], "%s", id);
    }
    fl_match_book_close(&m);
    /* Again: nothing more is found that was not found before. */
    fl_match_book_open(&m, book, 2);
    fl_match_book_run(&m);
    cr_assert_eq(m.batch.turn_count, 0, "%u settled by a second run", m.batch.turn_count);
    fl_match_book_close(&m);
    fl_book_close(book);
}

static fl_int128 aging_total(struct fl_test_book *book, const char *as_of, uint64_t known)
{
    static struct fl_aging all[FL_CURRENCY_COUNT];
    struct fl_open_items items;
    struct fl_snapshot snapshot;
    fl_int128 sum = 0;
    uint16_t day;
    cr_assert_eq(fl_date_parse(as_of, 10, &day), FL_OK);
    struct fl_engine *engine = fl_book_engine(book);
    cr_assert_eq(fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &snapshot),
                 FL_OK);
    cr_assert_eq(fl_open_items_make(&snapshot, day, known, &items), FL_OK);
    unsigned count = fl_aging_by_currency(&snapshot, &items, all);
    for (unsigned i = 0; i < count; i++)
        sum += fl_aging_invoices(&all[i]) - all[i].unapplied - all[i].credits -
               3 * all[i].unidentified;
    fl_open_items_free(&items);
    fl_snapshot_release(&snapshot);
    return sum;
}

Test(match_batch, b7_a_match_undone_is_not_made_again_and_changes_nothing_that_was_known)
{
    struct fl_test_book *book = fl_book_open(NULL);
    struct fl_match_book m;
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"Fern\",\"currency\":\"EUR\","
                       "\"credit_limit\":null,\"bank_accounts\":[\"A1\"]}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"INV-1001\",\"customer\":\"C\",\"date\":"
                       "\"2025-01-05\",\"amount\":{\"net\":\"80.00\",\"tax\":\"0\"}}");
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"80.00\",\"currency\":\"EUR\","
                 "\"date\":\"2025-02-03\",\"payer\":{\"account\":\"A1\"}}");
    uint64_t before = fl_book_seq(book);
    fl_int128 known_before = aging_total(book, "2025-03-01", before);
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    cr_assert_str_eq(fl_match_book_outcome(&m, "R"), "INV-1001 80.00, rule 5, 75");
    fl_match_book_apply(&m);
    fl_match_book_close(&m);
    uint64_t matched = fl_book_seq(book);
    fl_int128 known_matched = aging_total(book, "2025-03-01", matched);
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"R/1\"}");
    cr_assert_eq(fl_book_open_of(book, "INV-1001"), 8000);
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    cr_assert_str_eq(fl_match_book_outcome(&m, "R"), "proposed");
    cr_assert_eq(m.batch.decisions[fl_match_book_line(&m, "R")].shortage, FL_MATCH_SHORT_UNDONE);
    fl_match_book_close(&m);
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"INV-1001\","
                       "\"amount\":\"80.00\",\"by\":\"ann\"}");
    cr_assert_eq(fl_book_open_of(book, "INV-1001"), 0);
    cr_assert_eq(aging_total(book, "2025-03-01", before), known_before);
    cr_assert_eq(aging_total(book, "2025-03-01", matched), known_matched);
    cr_assert_eq(aging_total(book, "2025-03-01", UINT64_MAX), known_matched);
    fl_book_close(book);
}

/* Half of them part payments of one document, half without a word for twins of the payer: what one of many equal lines
 * chooses is what it would choose alone, and a day's takings of a document are one entry. */
Test(match_batch, equal_payments_choose_as_one_would_alone)
{
    struct fl_test_book *book = fl_book_open(NULL);
    struct fl_match_book m;
    fl_book_checks(book, false);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"Fern\",\"currency\":\"EUR\","
                       "\"credit_limit\":null,\"bank_accounts\":[\"A1\"]}");
    for (unsigned i = 0; i < 20; i++)
        fl_book_must(book,
                     "{\"type\":\"invoice\",\"id\":\"INV-%u\",\"customer\":\"C\",\"date\":"
                     "\"2025-01-05\",\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}}",
                     i == 0 ? 10001 : 77770 + i, i == 0 ? "90000.00" : "7.00");
    for (unsigned r = 0; r < 800; r++)
        fl_book_must(book,
                     "{\"type\":\"receipt\",\"id\":\"R%u\",\"amount\":\"7.00\",\"currency\":\"EUR\","
                     "\"date\":\"2025-02-0%u\",\"payer\":{\"account\":\"A1\"},\"text\":\"%s\"}",
                     r, 1 + r % 3, r % 2 ? "INV-10001" : "thanks");
    fl_match_book_open(&m, book, 2);
    fl_match_book_run(&m);
    cr_assert_eq(m.batch.turn_count, 400);
    cr_assert_leq(m.batch.state.taking_count, 3u * 4u); /* days, rounds */
    for (unsigned r = 0; r < 800; r += 2) {
        struct fl_match_choice alone;
        char receipt[16];
        snprintf(receipt, sizeof receipt, "R%u", r);
        fl_match_book_choose(&m, receipt, &alone);
        const struct fl_match_decision *d = &m.batch.decisions[fl_match_book_line(&m, receipt)];
        cr_assert(alone.count > 0 && d->points == alone.sets[0].points &&
                      d->rule == alone.sets[0].rule && d->shortage == alone.shortage,
                  "%s: %d points by rule %u, alone %d by %u", receipt, d->points, d->rule,
                  alone.sets[0].points, alone.sets[0].rule);
    }
    fl_match_book_close(&m);
    fl_book_close(book);
}
