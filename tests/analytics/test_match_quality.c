/* Match quality: each verdict by a case of its own, the rates from them reckoned by hand, Wilson against his formula. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analytics/match_quality.h"
#include "tests/support/book.h"

static struct fl_test_book *book;
static struct fl_quality quality;

static void setup(void)
{
    book = fl_book_open(NULL);
    memset(&quality, 0, sizeof quality);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    for (unsigned i = 1; i <= 9; i++)
        fl_book_must(
            book,
            "{\"type\":\"invoice\",\"id\":\"I%u\",\"customer\":\"C\",\"date\":\"2025-01-01\","
            "\"amount\":{\"net\":\"%u.00\",\"tax\":\"0\"}}",
            i, i * 10);
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"N1\",\"customer\":\"C\",\"date\":"
                       "\"2025-01-02\",\"amount\":{\"net\":\"4.00\",\"tax\":\"0\"}}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(match_quality, .init = setup, .fini = teardown);

static void money(const char *id, const char *amount)
{
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"%s\",\"customer\":\"C\",\"amount\":\"%s\","
                 "\"currency\":\"EUR\",\"date\":\"2025-02-01\"}",
                 id, amount);
}

static void applied(const char *receipt, const char *invoice, const char *amount, const char *how)
{
    fl_book_must(
        book,
        "{\"type\":\"application\",\"receipt\":\"%s\",\"invoice\":\"%s\",\"amount\":\"%s\",%s}",
        receipt, invoice, amount, how);
}

#define MACHINE(rule) "\"match\":{\"rule\":" #rule ",\"points\":90}"

/* "I1=1000 I2=2000" in minor units; N is a credit note. */
static void judge(const char *receipt, const char *key, bool decidable)
{
    struct fl_quality_pair pairs[8];
    struct fl_snapshot snapshot;
    struct fl_engine *engine = fl_book_engine(book);
    uint32_t count = 0;
    char id[16];
    long amount;
    int used;
    for (; sscanf(key, " %15[^=]=%ld%n", id, &amount, &used) == 2; key += used) {
        enum fl_kind kind = id[0] == 'N' ? FL_KIND_OF_CREDIT_NOTE : FL_KIND_OF_INVOICE;
        uint32_t row = fl_engine_find(engine, kind, id, strlen(id));
        pairs[count++] = (struct fl_quality_pair){row == FL_NO_ROW ? FL_QUALITY_UNKNOWN
                                                  : id[0] == 'N'   ? FL_QUALITY_NOTE(row)
                                                                   : FL_QUALITY_INVOICE(row),
                                                  amount};
    }
    cr_assert_eq(fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &snapshot),
                 FL_OK);
    fl_quality_judge(&quality, &snapshot,
                     receipt ? fl_book_row(book, FL_KIND_OF_RECEIPT, receipt) : FL_NO_ROW, pairs,
                     count, decidable);
    fl_snapshot_release(&snapshot);
}

Test(match_quality, every_verdict)
{
    money("RIGHT", "10.00");
    applied("RIGHT", "I1", "10.00", MACHINE(4));
    judge("RIGHT", "I1=1000", true);
    money("AMOUNT", "20.00");
    applied("AMOUNT", "I2", "19.99", MACHINE(4));
    judge("AMOUNT", "I2=2000", true);
    money("OTHER", "30.00");
    applied("OTHER", "I3", "30.00", MACHINE(5));
    judge("OTHER", "I4=3000", true);
    money("PART", "50.00");
    applied("PART", "I4", "40.00", MACHINE(4));
    judge("PART", "I4=4000 I6=1000", true);
    money("MORE", "60.00");
    applied("MORE", "I5", "50.00", MACHINE(4));
    applied("MORE", "I6", "10.00", MACHINE(4));
    judge("MORE", "I5=5000", true);
    money("NOTHING", "5.00");
    applied("NOTHING", "I7", "5.00", MACHINE(5));
    judge("NOTHING", "", true);
    money("TWIN", "5.00");
    applied("TWIN", "I8", "5.00", MACHINE(5));
    judge("TWIN", "I8=500", false);
    money("OPEN", "5.00");
    judge("OPEN", "I8=500", true);
    judge(NULL, "I8=500", true);
    judge("OPEN", "", true);
    const struct fl_quality_counts *c = &quality.all;
    cr_assert_eq(c->right, 1);
    cr_assert_eq(c->wrong, 5, "%lu", c->wrong);
    cr_assert_eq(c->partial, 1);
    cr_assert_eq(c->open, 3);
    cr_assert_eq(c->lines, 10);
    cr_assert_eq(c->decidable, 7);
    cr_assert_eq(quality.unmatchable, 2);
    cr_assert_eq(quality.undecidable, 1);
    /* Pairs: T of what can be decided 8; A 8; both RIGHT, PART's first, MORE's first. */
    cr_assert_eq(c->pairs_key, 8);
    cr_assert_eq(c->pairs_applied, 8);
    cr_assert_eq(c->pairs_both, 3);
    cr_assert(c->amount_key == 1000 + 2000 + 3000 + 5000 + 5000 + 500 + 500);
    cr_assert(c->amount_applied == 1000 + 1999 + 3000 + 4000 + 6000 + 500 + 500);
    cr_assert(c->amount_both == 1000 + 1999 + 4000 + 5000);
    cr_assert_eq(quality.rule[4].right, 1);
    cr_assert_eq(quality.rule[4].partial, 1);
    cr_assert_eq(quality.rule[4].wrong, 2);
    cr_assert_eq(quality.rule[5].wrong, 3);
}

Test(match_quality, a_credit_used_in_the_same_decision_is_part_of_it)
{
    money("R", "86.00");
    fl_book_must(book,
                 "{\"type\":\"batch\",\"key\":\"k\",\"commands\":[{\"type\":\"application\","
                 "\"credit_note\":\"N1\",\"invoice\":\"I9\",\"amount\":\"4.00\"," MACHINE(
                     4) "},"
                        "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I9\",\"amount\":"
                        "\"86.00\"," MACHINE(4) "}]}");
    judge("R", "I9=9000 N1=-400", true);
    cr_assert_eq(quality.all.right, 1);
    cr_assert(quality.all.amount_both == 9400);
}

Test(match_quality, what_a_person_touched_is_neither)
{
    money("SIGNED", "10.00");
    applied("SIGNED", "I1", "10.00", "\"by\":\"ann\"");
    judge("SIGNED", "I2=1000", true);
    money("UNDONE", "20.00");
    applied("UNDONE", "I2", "20.00", MACHINE(5));
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"UNDONE/1\"}");
    judge("UNDONE", "I2=2000", true);
    cr_assert_eq(quality.by_person, 2);
    cr_assert_eq(quality.all.lines, 0);
}

Test(match_quality, wilson_by_his_formula)
{
    static const unsigned cases[][2] = {{0, 10}, {1, 10}, {5, 10}, {9, 10}, {10, 10}, {999, 1000}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double n = cases[i][1], p = cases[i][0] / n, z = 1.959963984540054;
        struct fl_rate rate = fl_quality_rate(cases[i][0], cases[i][1]);
        cr_assert_float_eq(rate.value, p, 1e-12);
        /* The ends are where the distance to p is z standard errors of the end itself. */
        if (cases[i][0] > 0)
            cr_assert_float_eq(p - rate.low, z * sqrt(rate.low * (1 - rate.low) / n), 1e-9);
        if (cases[i][0] < cases[i][1])
            cr_assert_float_eq(rate.high - p, z * sqrt(rate.high * (1 - rate.high) / n), 1e-9);
    }
    cr_assert_lt(fl_quality_rate(0, 0).value, 0);
}
