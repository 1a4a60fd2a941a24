/* The opening of a bank account, whatever order its statements come in: against a plain reckoning
 * of what is there. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analytics/journal.h"
#include "core/base/date.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

#define STATEMENTS_MAX 6
#define LINES_MAX      8
#define DAYS           80
#define FIRST_DAY      "2025-01-05"

struct line {
    int day, number;
    int64_t amount;
};

struct statement {
    int from, count, number;
    bool balances;
    int64_t opening, closing;
    struct line lines[LINES_MAX];
};

struct chain {
    int count;
    struct statement all[STATEMENTS_MAX];
};

struct reckoning {
    bool posted[STATEMENTS_MAX * LINES_MAX + 1];
    int anchor; /* -1: none */
    int64_t bank[DAYS], opening[DAYS];
};

static struct fl_test_book *book;
static uint16_t day_zero;

static void setup(void)
{
    book = fl_book_open(NULL);
    cr_assert_eq(fl_date_parse(FIRST_DAY, 10, &day_zero), FL_OK);
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(bank_opening, .init = setup, .fini = teardown);

static const char *day_text(int day)
{
    static char out[4][16];
    static unsigned at;
    char *text = out[at++ % 4];
    fl_date_format((uint16_t)(day_zero + day), text);
    return text;
}

/* ---- a chain of statements, and what is to come of it
 * ---------------------------------------------- */

/* Its last line is the only one of its day, which is not the first: days have no order within (O4,
 * limits). */
static bool ends_alone(const struct statement *s)
{
    const struct line *last = &s->lines[s->count - 1];
    return last->day > s->from && (s->count == 1 || last->day > last[-1].day);
}

/* Each begins where the one before ends; one that overlaps repeats the last line of it. */
static void chain_make(struct chain *chain, struct fl_random *random, int count, bool plain)
{
    int day = 2, number = 0;
    int64_t balance = (int64_t)fl_random_below(random, 2000) - 1000;
    if (plain)
        balance = (int64_t)fl_random_below(random, 3) * 500;
    chain->count = count;
    for (int i = 0; i < count; i++) {
        struct statement *s = &chain->all[i], *before = i > 0 ? s - 1 : NULL;
        *s = (struct statement){.from = day, .number = i, .opening = balance};
        s->balances = plain || fl_random_below(random, 4) > 0;
        if (!plain && before && ends_alone(before) && fl_random_below(random, 4) == 0) {
            s->lines[s->count++] = before->lines[before->count - 1];
            s->from = s->lines[0].day;
            s->opening -= s->lines[0].amount;
        }
        int lines = 1 + (int)fl_random_below(random, 3);
        for (int n = 0; n < lines; n++) {
            day += (int)fl_random_below(random, 3);
            int64_t amount = (int64_t)fl_random_below(random, 900) - 300;
            amount += amount >= 0;
            s->lines[s->count++] = (struct line){day, ++number, amount};
            balance += amount;
        }
        s->closing = balance;
        day += 1 + (int)fl_random_below(random, 3);
    }
}

static void reckon_bank(const struct chain *chain, const bool *in, struct reckoning *r)
{
    int64_t opening = 0;
    int first = DAYS;
    memset(r->bank, 0, sizeof r->bank);
    memset(r->opening, 0, sizeof r->opening);
    r->anchor = -1;
    for (int i = chain->count; i-- > 0;) {
        const struct statement *s = &chain->all[i];
        if (in[i] && s->balances && (r->anchor < 0 || s->from < chain->all[r->anchor].from))
            r->anchor = i;
    }
    bool seen[STATEMENTS_MAX * LINES_MAX + 1] = {false};
    for (int i = 0; i < chain->count; i++) {
        for (int n = 0; in[i] && n < chain->all[i].count; n++) {
            const struct line *line = &chain->all[i].lines[n];
            if (seen[line->number])
                continue;
            seen[line->number] = true;
            first = line->day < first ? line->day : first;
            for (int day = line->day; day < DAYS; day++)
                r->bank[day] += line->amount;
            if (r->anchor >= 0 && line->day < chain->all[r->anchor].from)
                opening -= line->amount;
        }
    }
    if (r->anchor < 0)
        return;
    opening += chain->all[r->anchor].opening;
    if (chain->all[r->anchor].from < first)
        first = chain->all[r->anchor].from;
    for (int day = first - 1; day < DAYS; day++) {
        r->bank[day] += opening;
        r->opening[day] += opening;
    }
}

static void decimal(int64_t minor, char out[32])
{
    fl_decimal_format(minor, 2, out);
}

static enum fl_status send(const struct statement *s)
{

    char text[4096], amount[32], opening[32], closing[32];
    int at = 0;
    for (int n = 0; n < s->count; n++) {
        decimal(s->lines[n].amount, amount);
        at += snprintf(text + at, sizeof text - (size_t)at,
                       "%s{\"amount\":\"%s\",\"bank_ref\":\"R%d\",\"booking_date\":\"%s\"}",
                       n ? "," : "", amount, s->lines[n].number, day_text(s->lines[n].day));
    }
    decimal(s->opening, opening);
    decimal(s->closing, closing);
    if (s->balances)
        fl_book_send(
            book,
            "{\"type\":\"statement\",\"id\":\"S%d\",\"account\":\"B\",\"currency\":\"EUR\","
            "\"from\":\"%s\",\"opening\":\"%s\",\"closing\":\"%s\",\"lines\":[%s]}",
            s->number, day_text(s->from), opening, closing, text);
    else
        fl_book_send(
            book,
            "{\"type\":\"statement\",\"id\":\"S%d\",\"account\":\"B\",\"currency\":\"EUR\","
            "\"lines\":[%s]}",
            s->number, text);
    return fl_book_status(book);
}

/* ---- what came of it
 * --------------------------------------------------------------------------------- */

static void ledger_compare(const struct reckoning *r)
{
    uint32_t bank = FL_ACCOUNT_BANK_FIRST + fl_book_row(book, FL_KIND_OF_BANK_ACCOUNT, "B");
    for (int day = 0; day < DAYS; day++) {
        uint16_t as_of = (uint16_t)(day_zero + day);
        int64_t kept = fl_book_account(book, bank, "EUR", as_of);
        cr_assert_eq(kept, r->bank[day], "bank on %s: %ld, not %ld", day_text(day), (long)kept,
                     (long)r->bank[day]);
        cr_assert_eq(fl_book_account(book, FL_ACCOUNT_OPENING, "EUR", as_of), -r->opening[day],
                     "opening on %s", day_text(day));
    }
}

/* The entries known then make what was reckoned then. */
static void known_compare(uint64_t seq, const struct reckoning *r)
{
    struct fl_snapshot snapshot;
    struct fl_journal journal;
    struct fl_journal_entry entry = {0};
    int64_t bank[DAYS] = {0};
    cr_assert_eq(fl_snapshot_take(fl_engine_store(fl_book_engine(book)),
                                  fl_engine_seq(fl_book_engine(book)), &snapshot),
                 FL_OK);
    fl_journal_open(&journal, &snapshot, seq);
    while (fl_journal_next(&journal, &entry)) {
        for (uint32_t i = 0; i < entry.entry.count; i++) {
            const struct fl_posting *p = &entry.entry.postings[i];
            for (int day = 0; p->account >= FL_ACCOUNT_BANK_FIRST && day < DAYS; day++)
                bank[day] += entry.entry.date <= day_zero + day ? p->amount_minor : 0;
        }
    }
    fl_snapshot_release(&snapshot);
    cr_assert_eq(memcmp(bank, r->bank, sizeof bank), 0, "known at %lu", (unsigned long)seq);
}

/* Every line of it is one of those that are in. */
static bool has_all(const struct chain *chain, const bool *in, const struct statement *s)
{
    int found = 0;
    for (int n = 0; n < s->count; n++) {
        bool has = false;
        for (int i = 0; i < chain->count; i++) {
            for (int k = 0; in[i] && k < chain->all[i].count; k++)
                has |= chain->all[i].lines[k].number == s->lines[n].number;
        }
        found += has;
    }
    return found == s->count;
}

/* Sends them in that order; all that is said of every moment is compared. */
static void run(const struct chain *chain, const int *order)
{
    static struct reckoning then[STATEMENTS_MAX];
    uint64_t seq[STATEMENTS_MAX];
    bool in[STATEMENTS_MAX] = {false};
    for (int i = 0; i < chain->count; i++) {
        bool known = has_all(chain, in, &chain->all[order[i]]);
        enum fl_status status = send(&chain->all[order[i]]);
        cr_assert_eq(status, known ? FL_DUPLICATE : FL_OK, "%s", fl_book_answer(book));
        in[order[i]] = !known;
        seq[i] = fl_book_seq(book);
        reckon_bank(chain, in, &then[i]);
        ledger_compare(&then[i]);
    }
    for (int i = 0; i < chain->count; i++)
        known_compare(seq[i], &then[i]);
    const struct reckoning *end = &then[chain->count - 1];
    const struct statement *last = &chain->all[chain->count - 1];
    if (end->anchor >= 0)
        cr_assert_eq(end->bank[DAYS - 1], last->closing, "it closes with the last");
    if (chain->all[0].balances && in[0])
        cr_assert_eq(end->opening[DAYS - 1], chain->all[0].opening, "it opens with the first");
}

static void again(void)
{
    fl_book_close(book);
    book = fl_book_open(NULL);
}

static void permute(const struct chain *chain, int *order, int from)
{
    if (from == chain->count) {
        run(chain, order);
        again();
        return;
    }
    for (int i = from; i < chain->count; i++) {
        int kept = order[from];
        order[from] = order[i];
        order[i] = kept;
        permute(chain, order, from + 1);
        order[i] = order[from];
        order[from] = kept;
    }
}

Test(bank_opening, is_that_of_the_earliest_in_every_order_of_four)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct fl_random random = {seed * UINT64_C(0x9E3779B97F4A7C15)};
        struct chain chain;
        int order[STATEMENTS_MAX] = {0, 1, 2, 3};
        chain_make(&chain, &random, 4, seed % 2);
        permute(&chain, order, 0);
    }
}

Test(bank_opening, is_that_of_the_earliest_in_any_order)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct fl_random random = {seed * UINT64_C(0x9E3779B97F4A7C15)};
        struct chain chain;
        int order[STATEMENTS_MAX];
        chain_make(&chain, &random, 2 + (int)fl_random_below(&random, 5), false);
        for (int i = 0; i < chain.count; i++) {
            int j = (int)fl_random_below(&random, (uint64_t)i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        run(&chain, order);
        again();
    }
}

/* ---- what the model has not
 * ---------------------------------------------------------------------------- */

static void statement(const char *id, const char *currency, const char *day, const char *opening,
                      const char *closing, const char *amount)
{
    fl_book_must(book,
                 "{\"type\":\"statement\",\"id\":\"%s\",\"account\":\"B\",\"currency\":\"%s\","
                 "\"opening\":\"%s\",\"closing\":\"%s\",\"lines\":[{\"amount\":\"%s\","
                 "\"bank_ref\":\"%s\",\"booking_date\":\"%s\"}]}",
                 id, currency, opening, closing, amount, id, day);
}

static int64_t bank(const char *currency)
{
    uint32_t row = fl_book_row(book, FL_KIND_OF_BANK_ACCOUNT, "B");
    return fl_book_account(book, FL_ACCOUNT_BANK_FIRST + row, currency, 0);
}

static int64_t opened(const char *currency)
{
    return -fl_book_account(book, FL_ACCOUNT_OPENING, currency, 0);
}

Test(bank_opening, of_statements_of_one_day_is_what_no_other_closes_with)
{
    statement("S3", "EUR", "2025-02-01", "20", "25", "5");
    statement("S1", "EUR", "2025-02-01", "3", "10", "7");
    statement("S2", "EUR", "2025-02-01", "10", "20", "10");
    cr_assert_eq(opened("EUR"), 300);
    cr_assert_eq(bank("EUR"), 2500);
}

Test(bank_opening, of_one_day_that_returns_to_where_it_began_is_the_first_that_came)
{
    statement("S1", "EUR", "2025-02-01", "3", "10", "7");
    statement("S2", "EUR", "2025-02-01", "10", "3", "-7");
    cr_assert_eq(opened("EUR"), 300);
    cr_assert_eq(bank("EUR"), 300);
}

Test(bank_opening, that_was_given_stays)
{
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\","
                       "\"opening\":\"4\"}");
    statement("S2", "EUR", "2025-02-01", "10", "15", "5");
    statement("S1", "EUR", "2025-01-01", "0", "10", "10");
    cr_assert_eq(opened("EUR"), 400);
}

Test(bank_opening, waits_for_the_rate_of_its_day_while_the_other_stands)
{
    fl_book_must(book, "{\"type\":\"fx_rate\",\"from\":\"USD\",\"to\":\"EUR\",\"date\":"
                       "\"2025-02-01\",\"rate\":\"0.5\"}");
    statement("S2", "USD", "2025-02-01", "10", "15", "5");
    statement("S1", "USD", "2025-01-10", "2", "10", "8");
    cr_assert_eq(opened("USD"), 1000, "as nothing of January is posted");
    cr_assert_eq(bank("USD"), 1500);
    fl_book_must(book, "{\"type\":\"fx_rate\",\"from\":\"USD\",\"to\":\"EUR\",\"date\":"
                       "\"2025-01-01\",\"rate\":\"0.8\"}");
    cr_assert_eq(opened("USD"), 200);
    cr_assert_eq(bank("USD"), 1500);
}

Test(bank_opening, is_corrected_in_an_open_day)
{
    statement("S2", "EUR", "2025-02-01", "10", "15", "5");
    fl_book_must(book, "{\"type\":\"period_close\",\"through\":\"2025-02-28\"}");
    uint32_t rows = fl_book_store(book)->rows[FL_TABLE_bank_opening];
    statement("S1", "EUR", "2025-01-10", "2", "10", "8");
    cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_bank_opening], rows + 2);
    uint16_t march;
    cr_assert_eq(fl_date_parse("2025-03-01", 10, &march), FL_OK);
    for (uint32_t row = rows; row < rows + 2; row++)
        cr_assert_eq(fl_bank_opening_row(fl_book_store(book), row)->date, march);
    cr_assert_eq(opened("EUR"), 200);
    cr_assert_eq(bank("EUR"), 1500);
}

Test(bank_opening, is_less_what_a_notice_tells_of_days_before)
{
    statement("S2", "EUR", "2025-02-01", "10", "15", "5");
    fl_book_must(book,
                 "{\"type\":\"statement\",\"id\":\"N\",\"account\":\"B\",\"currency\":\"EUR\","
                 "\"interim\":true,\"lines\":[{\"amount\":\"8\",\"bank_ref\":\"S1\","
                 "\"booking_date\":\"2025-01-10\"}]}");
    cr_assert_eq(bank("EUR"), 1500);
    statement("S1", "EUR", "2025-01-10", "2", "10", "8");
    cr_assert_eq(opened("EUR"), 200);
    cr_assert_eq(bank("EUR"), 1500);
}

Test(bank_opening, of_a_statement_in_parts_corrects_it_when_the_last_is_there)
{
    statement("S2", "EUR", "2025-02-01", "10", "15", "5");
    for (int part = 1; part <= 2; part++) {
        cr_assert_eq(opened("EUR"), 1000, "part %d is not there", part);
        fl_book_must(book,
                     "{\"type\":\"statement\",\"id\":\"S1\",\"account\":\"B\",\"currency\":\"EUR\","
                     "\"part\":%d,\"parts\":2,\"opening\":\"%d\",\"closing\":\"%d\",\"lines\":[{"
                     "\"amount\":\"4\",\"bank_ref\":\"P%d\",\"booking_date\":\"2025-01-1%d\"}]}",
                     part, part * 4 - 2, part * 4 + 2, part, part);
    }
    cr_assert_eq(opened("EUR"), 200);
    cr_assert_eq(bank("EUR"), 1500);
}
