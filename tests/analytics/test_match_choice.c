/* Choices against the rulings' points, reckoned plainly over every subset of a payer's open
 * documents. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/match_book.h"
#include "tests/support/random.h"

#define CUSTOMERS 5
#define EACH      3
#define PAYMENTS  300

static int64_t owed[CUSTOMERS][EACH];
static unsigned count_of[CUSTOMERS];

enum known { BY_NOTHING, BY_NAME, BY_ACCOUNT };

struct payment {
    unsigned customer, named_customer, named; /* named == EACH: the text names nothing */
    enum known known;
    int64_t minor;
};

/* Far from each other: no slip of one is another. */
static unsigned number_of(unsigned customer, unsigned i)
{
    static const unsigned digits[EACH] = {137, 482, 905};
    return (customer + 1) * 110000 + digits[i] * 11;
}

/* ---- the plain model ------------------------------------------------------------------------- */

struct model_set {
    unsigned customer, members; /* bits */
    int points, rule;
    bool contradicted, proposes;
};

struct model {
    struct model_set sets[64];
    unsigned count;
};

static int64_t sum_of(unsigned customer, unsigned members)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < EACH; i++)
        sum += members >> i & 1 ? owed[customer][i] : 0;
    return sum;
}

static unsigned subsets_that_give(unsigned customer, int64_t minor)
{
    unsigned found = 0;
    for (unsigned members = 1; members < 1u << count_of[customer]; members++)
        found += sum_of(customer, members) == minor;
    return found;
}

/* lambda <= 0.001: sets of two and more, over the spread of their sums. */
static bool sum_proves(unsigned customer)
{
    unsigned n = count_of[customer], looked = 0;
    for (unsigned members = 1; members < 1u << n; members++)
        looked += __builtin_popcount(members) > 1;
    return looked * 1000 <= (unsigned)sum_of(customer, (1u << n) - 1);
}

static void model_add(struct model *m, const struct payment *p, unsigned customer, unsigned members)
{
    bool text = p->named < EACH;
    bool names_it = text && customer == p->named_customer && members == 1u << p->named;
    bool payer = p->known != BY_NOTHING && customer == p->customer;
    int64_t sum = sum_of(customer, members);
    bool equal = sum == p->minor, single = __builtin_popcount(members) == 1;
    struct model_set set = {.customer = customer, .members = members};
    if (!names_it && !equal)
        return;
    set.rule = names_it ? 4 : single ? 5 : 7;
    set.contradicted = text && !(customer == p->named_customer && members >> p->named & 1);
    set.points = (names_it ? 60 : 0) + (equal ? 30 : 10);
    if (payer)
        set.points += p->known == BY_ACCOUNT ? 30 : 25;
    else if (names_it && p->known != BY_NOTHING)
        set.points -= 15;
    bool by_amount = payer && equal;
    if (by_amount && !set.contradicted && subsets_that_give(customer, p->minor) == 1)
        set.points += 15;
    bool all = members == (1u << count_of[customer]) - 1;
    set.proposes = set.rule == 7 && !all &&
                   (p->known != BY_ACCOUNT || !sum_proves(customer) ||
                    subsets_that_give(customer, p->minor) > 1);
    m->sets[m->count++] = set;
}

static void model_make(struct model *m, const struct payment *p)
{
    m->count = 0;
    if (p->named < EACH)
        model_add(m, p, p->named_customer, 1u << p->named);
    if (p->known != BY_NOTHING) {
        for (unsigned members = 1; members < 1u << count_of[p->customer]; members++) {
            if (p->named < EACH && p->customer == p->named_customer && members == 1u << p->named)
                continue;
            /* Of several sums one is shown, with the points that all of them have. */
            model_add(m, p, p->customer, members);
        }
        return;
    }
    for (unsigned c = 0; c < CUSTOMERS; c++) {
        for (unsigned i = 0; i < count_of[c]; i++) {
            if (p->named == EACH || c != p->named_customer || i != p->named)
                model_add(m, p, c, 1u << i);
        }
    }
}

/* The first rule whose best is unique and sure; null. */
static const struct model_set *model_settles(const struct model *m)
{
    for (int rule = 1; rule <= 7; rule++) {
        const struct model_set *best = NULL;
        for (unsigned i = 0; i < m->count; i++) {
            if (m->sets[i].rule == rule && (!best || m->sets[i].points > best->points))
                best = &m->sets[i];
        }
        bool good = best && best->points >= 70 && !best->contradicted && !best->proposes;
        for (unsigned i = 0; good && i < m->count; i++) {
            if (&m->sets[i] != best && m->sets[i].rule <= rule &&
                m->sets[i].points > best->points - 20)
                good = false;
        }
        if (good)
            return best;
    }
    return NULL;
}

static int model_best(const struct model *m)
{
    int best = -1;
    for (unsigned i = 0; i < m->count; i++)
        best = m->sets[i].points > best ? m->sets[i].points : best;
    return best;
}

/* ---- the books ------------------------------------------------------------------------------- */

static void books_make(struct fl_test_book *book, struct fl_random *random)
{
    static const char *const names[CUSTOMERS] = {"Alder Timber", "Birch Bakery", "Cedar Cycles",
                                                 "Damson Drinks", "Elder Engines"};
    for (unsigned c = 0; c < CUSTOMERS; c++) {
        fl_book_must(book,
                     "{\"type\":\"customer\",\"id\":\"C%u\",\"name\":\"%s\",\"currency\":\"EUR\","
                     "\"credit_limit\":null,\"bank_accounts\":[\"ACC%u\"]}",
                     c, names[c], c);
        count_of[c] = 1 + (unsigned)fl_random_below(random, EACH);
        for (unsigned i = 0; i < count_of[c]; i++) {
            owed[c][i] = 1000 * (1 + (int64_t)fl_random_below(random, 5));
            fl_book_must(book,
                         "{\"type\":\"invoice\",\"id\":\"INV-%u\",\"customer\":\"C%u\",\"date\":"
                         "\"2025-03-01\",\"due_date\":\"2025-05-01\",\"amount\":{\"net\":\"%u.00\","
                         "\"tax\":\"0\"}}",
                         number_of(c, i), c, (unsigned)(owed[c][i] / 100));
        }
    }
}

static void payment_make(struct payment *p, struct fl_random *random)
{
    *p = (struct payment){.customer = (unsigned)fl_random_below(random, CUSTOMERS),
                          .known = (enum known)fl_random_below(random, 3),
                          .named = EACH};
    p->named_customer = fl_random_below(random, 5) == 0
                            ? (unsigned)fl_random_below(random, CUSTOMERS)
                            : p->customer;
    if (fl_random_below(random, 2))
        p->named = (unsigned)fl_random_below(random, count_of[p->named_customer]);
    unsigned members = 1 + (unsigned)fl_random_below(random, (1u << count_of[p->customer]) - 1);
    p->minor = p->named < EACH && fl_random_below(random, 2) ? owed[p->named_customer][p->named]
                                                             : sum_of(p->customer, members);
    if (fl_random_below(random, 6) == 0)
        p->minor = 100 * (1 + (int64_t)fl_random_below(random, 200));
}

static void payment_send(struct fl_test_book *book, const struct payment *p, unsigned n)
{
    static const char *const names[CUSTOMERS] = {"ALDER TIMBER", "BIRCH BAKERY", "CEDAR CYCLES",
                                                 "DAMSON DRINKS", "ELDER ENGINES"};
    char payer[80] = "", text[60] = "";
    if (p->known == BY_ACCOUNT)
        snprintf(payer, sizeof payer, ",\"payer\":{\"account\":\"acc%u\"}", p->customer);
    else if (p->known == BY_NAME)
        snprintf(payer, sizeof payer, ",\"payer\":{\"name\":\"%s\"}", names[p->customer]);
    if (p->named < EACH)
        snprintf(text, sizeof text, ",\"text\":\"INV-%u\"", number_of(p->named_customer, p->named));
    fl_book_must(
        book,
        "{\"type\":\"receipt\",\"id\":\"P%u\",\"amount\":\"%u.00\",\"currency\":\"EUR\",\"date\":"
        "\"2025-04-01\"%s%s}",
        n, (unsigned)(p->minor / 100), payer, text);
}

static void compare(struct fl_match_book *m, const struct payment *p, unsigned n)
{
    struct fl_match_choice choice;
    struct model model;
    char id[16], wanted[80];
    snprintf(id, sizeof id, "P%u", n);
    fl_match_book_choose(m, id, &choice);
    model_make(&model, p);
    const struct model_set *settles = model_settles(&model);
    cr_assert_eq(choice.verdict == FL_MATCH_SETTLES, settles != NULL,
                 "%s: %ld by %u of %u, names %u of %u: best %s", id, p->minor, p->known,
                 p->customer, p->named, p->named_customer,
                 choice.count ? fl_match_book_set(m, &choice.sets[0]) : "none");
    if (!settles) {
        cr_assert_eq(choice.count ? choice.sets[0].points : -1, model_best(&model), "%s: points",
                     id);
        return;
    }
    size_t used = 0;
    for (unsigned i = 0; i < EACH; i++) {
        if (settles->members >> i & 1)
            used += (size_t)snprintf(wanted + used, sizeof wanted - used, "%sINV-%u",
                                     used ? "+" : "", number_of(settles->customer, i));
    }
    const struct fl_match_set *set = &choice.sets[0];
    cr_assert_eq(set->count, (unsigned)__builtin_popcount(settles->members), "%s", id);
    cr_assert_eq(set->points, settles->points, "%s: %d for %d, payer by %u, known %u", id,
                 set->points, settles->points, set->payer_by, p->known);
    cr_assert_eq(set->rule, settles->rule, "%s", id);
    if (set->count == 1)
        cr_assert_eq(strncmp(fl_match_book_set(m, set), wanted, used), 0, "%s", id);
}

Test(match_choice, points_uniqueness_and_verdict_as_ruled)
{
    struct fl_random random = fl_random_start("match_choice");
    static struct payment payments[PAYMENTS];
    for (unsigned round = 0; round < 12; round++) {
        struct fl_test_book *book = fl_book_open(NULL);
        struct fl_match_book m;
        fl_book_checks(book, false);
        books_make(book, &random);
        for (unsigned n = 0; n < PAYMENTS; n++) {
            payment_make(&payments[n], &random);
            payment_send(book, &payments[n], n);
        }
        fl_match_book_open(&m, book, 1);
        for (unsigned n = 0; n < PAYMENTS; n++)
            compare(&m, &payments[n], n);
        fl_match_book_close(&m);
        fl_book_close(book);
    }
}
