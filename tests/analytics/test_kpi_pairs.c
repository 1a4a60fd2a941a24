/* Every (as of, known at) of a random history with closes, two currencies and every kind of cash
 * event, three ways: from the book at its end; from a book that has replayed the log so far and
 * knows no more; and from the entries alone, added up by hand.
 *
 *   buckets + not due - unapplied - credits = control account, in every currency and in the book's;
 *   groups come to the whole; reported + restatements = now. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/kpi_sheet.h"
#include "analytics/restatement.h"
#include "core/base/date.h"
#include "tests/support/book_fixture.h"
#include "tests/support/random.h"

#define COMMANDS  150
#define DAYS      70
#define CUSTOMERS 5

static struct history {
    struct fl_book_fixture book, replay;
    struct fl_random random;
    char line[COMMANDS][512];
    uint64_t seq[COMMANDS];
    int lines;
    unsigned id[128][COMMANDS], ids[128]; /* numbers in use, by the letter before them */
    uint16_t first;
} h;

static unsigned below(unsigned n)
{
    return (unsigned)fl_random_below(&h.random, n);
}

/* Keeps what was accepted; the rest is business. */
static void tell(const char *line)
{
    cr_assert(h.lines < COMMANDS);
    if (fl_book_fixture_try(&h.book, "%s", line) != FL_OK)
        return;
    snprintf(h.line[h.lines], sizeof h.line[0], "%s", line);
    h.seq[h.lines++] = h.book.result.seq;
    const char *id = strstr(line, "\"id\":\"");
    if (id)
        h.id[(unsigned char)id[6]][h.ids[(unsigned char)id[6]]++] =
            (unsigned)strtoul(id + 7, NULL, 10);
}

/* The number of something of that letter; 0 before there is one. */
static unsigned some(char letter)
{
    unsigned count = h.ids[(unsigned char)letter];
    return count ? h.id[(unsigned char)letter][below(count)] : 0;
}

static const char *some_day(void)
{
    static char text[11];
    fl_date_format((uint16_t)(h.first + below(DAYS)), text);
    return text;
}

static const char *currency_of(unsigned customer)
{
    return customer % 2 ? "USD" : "EUR";
}

static void masters(void)
{
    char line[512];
    static const char *const segments[] = {"trade", "retail", "trade", "", "retail"};
    static const char *const countries[] = {"DE", "US", "", "US", "FR"};
    for (unsigned i = 0; i < 4; i++) {
        snprintf(line, sizeof line,
                 "{\"type\":\"fx_rate\",\"from\":\"USD\",\"to\":\"EUR\",\"rate\":\"0.%u\",\"date\":"
                 "\"2024-0%u-01\"}",
                 971 - i * 31, 1 + i);
        tell(line);
    }
    for (unsigned i = 0; i < CUSTOMERS; i++) {
        snprintf(line, sizeof line,
                 "{\"type\":\"customer\",\"id\":\"C%u\",\"name\":\"N\",\"currency\":\"%s\","
                 "\"credit_limit\":null%s%s%s%s%s%s}",
                 i, currency_of(i), segments[i][0] ? ",\"segment\":\"" : "", segments[i],
                 segments[i][0] ? "\"" : "", countries[i][0] ? ",\"country\":\"" : "", countries[i],
                 countries[i][0] ? "\"" : "");
        tell(line);
    }
}

static void document(char *line, size_t bytes, int n)
{
    unsigned customer = below(CUSTOMERS), cents = 1 + below(50000);
    char due[11];
    switch (below(5)) {
    case 0:
    case 1:
        fl_date_format((uint16_t)(h.first + below(DAYS + 40)), due);
        snprintf(line, bytes,
                 "{\"type\":\"invoice\",\"id\":\"I%d\",\"customer\":\"C%u\",\"date\":\"%s\","
                 "\"due_date\":\"%s\",\"amount\":{\"net\":\"%u.%02u\",\"tax\":\"0\"}}",
                 n, customer, some_day(), due, cents / 100, cents % 100);
        break;
    case 2:
        snprintf(line, bytes,
                 "{\"type\":\"receipt\",\"id\":\"R%d\",\"amount\":\"%u.%02u\",\"currency\":\"%s\","
                 "\"date\":\"%s\"%s,\"references\":[\"I%u\"]}",
                 n, cents / 100, cents % 100, currency_of(customer), some_day(),
                 below(3) ? "" : ",\"customer\":\"C0\"", below(2) ? some('I') : 0);
        break;
    case 3:
        snprintf(line, bytes,
                 "{\"type\":\"credit_note\",\"id\":\"N%d\",\"customer\":\"C%u\",\"date\":\"%s\","
                 "\"amount\":{\"net\":\"%u.%02u\",\"tax\":\"0\"}}",
                 n, customer, some_day(), cents / 500, cents % 100);
        break;
    default:
        snprintf(line, bytes,
                 "{\"type\":\"credit_note\",\"id\":\"N%d\",\"invoice\":\"I%u\",\"date\":\"%s\","
                 "\"amount\":\"%u.%02u\"}",
                 n, some('I'), some_day(), cents / 500, cents % 100);
    }
}

static void event(char *line, size_t bytes, int n)
{
    unsigned cents = 1 + below(9000);
    static const char *const targets[] = {"receipt_reverse\",\"receipt", "refund\",\"receipt",
                                          "chargeback\",\"receipt", "write_off\",\"invoice",
                                          "write_off_reverse\",\"write_off"};
    static const char targeted[] = "RRRIW", made[] = "EFCWV";
    unsigned kind = below(10);
    if (kind < 5)
        snprintf(
            line, bytes,
            "{\"type\":\"%s\":\"%c%u\",\"id\":\"%c%d\",\"date\":\"%s\",\"amount\":\"%u.%02u\"%s}",
            targets[kind], targeted[kind], some(targeted[kind]), made[kind], n, some_day(),
            cents / 100, cents % 100, kind == 3 ? ",\"reason\":\"r\"" : "");
    else if (kind < 8)
        snprintf(line, bytes,
                 "{\"type\":\"application\",\"%s%u\",\"invoice\":\"I%u\",\"amount\":\"%u.%02u\","
                 "\"id\":\"A%d\"}",
                 kind < 7 ? "receipt\":\"R" : "credit_note\":\"N", some(kind < 7 ? 'R' : 'N'),
                 some('I'), cents / 100, cents % 100, n);
    else if (kind == 8)
        snprintf(line, bytes, "{\"type\":\"application_reverse\",\"application\":\"A%u\"}",
                 some('A'));
    else
        snprintf(line, bytes,
                 "{\"type\":\"receipt_assign\",\"receipt\":\"R%u\",\"customer\":\"C%u\"}",
                 some('R'), below(CUSTOMERS));
}

static void history_make(void)
{
    static const char *const kinds[] = {
        "\"application\"", "application_reverse", "chargeback",        "refund",
        "receipt_reverse", "write_off\"",         "write_off_reverse", "receipt_assign",
        "credit_note",     "period_close"};
    char line[512];
    memset(&h, 0, sizeof h);
    h.random = fl_random_start("kpi_pairs");
    h.first = fl_book_fixture_day("2024-01-10");
    fl_book_fixture_begin(&h.book);
    masters();
    tell("{\"type\":\"clock\",\"date\":\"2024-04-20\"}");
    for (int n = 2; h.lines < COMMANDS && n < 5000; n++) {
        if (h.lines == 60 || h.lines == 110)
            snprintf(line, sizeof line, "{\"type\":\"period_close\",\"through\":\"%s\"}",
                     h.lines == 60 ? "2024-01-31" : "2024-02-15");
        else if (below(9) < 2)
            document(line, sizeof line, n);
        else
            event(line, sizeof line, n);
        tell(line);
    }
    cr_assert_gt(h.lines, 120, "the history is too poor");
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        int seen = 0;
        for (int l = 0; l < h.lines; l++)
            seen += strstr(h.line[l], kinds[i]) != NULL;
        cr_assert_geq(seen, 1, "the history has %d %s", seen, kinds[i]);
    }
}

/* ---- from the entries alone --------------------------------------------------------------------
 */

struct reckoned {
    fl_int128 not_due, bucket[4], unapplied, credits, control, base;
};

/* Open amounts by invoice row from the postings that name it. */
static struct reckoned reckon(const struct fl_snapshot *s, uint8_t currency, uint16_t day,
                              uint64_t known)
{
    static fl_int128 open[COMMANDS];
    struct reckoned r = {.not_due = 0};
    struct fl_journal journal;
    struct fl_journal_entry e = {.number = 0};
    memset(open, 0, sizeof open);
    fl_journal_open(&journal, s, known);
    while (fl_journal_next(&journal, &e)) {
        for (uint32_t i = 0; i < e.entry.count && e.entry.date <= day; i++) {
            const struct fl_posting *p = &e.entry.postings[i];
            if (p->account < FL_ACCOUNT_INVOICES || p->account > FL_ACCOUNT_CREDITS)
                continue;
            r.base += p->base_minor;
            if (p->currency != currency)
                continue;
            r.control += p->amount_minor;
            r.unapplied -= p->account == FL_ACCOUNT_UNAPPLIED ? p->amount_minor : 0;
            r.credits -= p->account == FL_ACCOUNT_CREDITS ? p->amount_minor : 0;
            if (p->account == FL_ACCOUNT_INVOICES)
                open[e.kind == FL_JOURNAL_INVOICE ? e.row
                                                  : fl_at_movement_row(s, e.row)->invoice] +=
                    p->amount_minor;
        }
    }
    for (uint32_t row = 0; row < s->rows[FL_TABLE_invoice]; row++) {
        int late = (int)day - (int)fl_at_invoice_card(s, row)->due_date;
        *(late <= 0 ? &r.not_due : &r.bucket[late > 90 ? 3 : (late - 1) / 30]) += open[row];
    }
    return r;
}

/* ---- the three of them -------------------------------------------------------------------------
 */

static struct fl_kpi_sheet sheet_of(const struct fl_snapshot *s, enum fl_kpi_by by, bool in_base,
                                    uint16_t day, uint64_t known)
{
    struct fl_kpi_query query = {.to = day, .known_seq = known, .by = by, .in_base = in_base};
    struct fl_kpi_sheet sheet;
    cr_assert_eq(fl_kpi_sheet_make(s, &query, &sheet), FL_OK);
    return sheet;
}

static fl_int128 aging_total(const struct fl_aging *a)
{
    return fl_aging_invoices(a) - a->unapplied - a->credits;
}

static void expect_alike(const struct fl_kpi_sheet *book, const struct fl_kpi_sheet *replay,
                         uint16_t day, uint64_t known)
{
    uint32_t at = 0;
    /* Who has nothing by then may have a row of nothing in the one and none in the other. */
    for (uint32_t i = 0; i < replay->rows; i++) {
        const struct fl_kpi_row *mine =
            fl_kpi_sheet_find(book, replay->row[i].group, replay->row[i].aging.currency);
        cr_assert(mine, "day %u, known %lu: a row is missing", day, (unsigned long)known);
        for (unsigned f = 0; f < FL_KPI_FIGURES; f++) {
            cr_assert_eq(mine->figure[f].defined, replay->row[i].figure[f].defined,
                         "day %u, known %lu: %s", day, (unsigned long)known, fl_kpi_about[f].name);
            cr_assert_eq(mine->figure[f].value, replay->row[i].figure[f].value,
                         "day %u, known %lu: %s is %ld, replayed %ld", day, (unsigned long)known,
                         fl_kpi_about[f].name, (long)mine->figure[f].value,
                         (long)replay->row[i].figure[f].value);
        }
        for (unsigned b = 0; b < 4; b++)
            cr_assert_eq(mine->aging.bucket[b], replay->row[i].aging.bucket[b]);
        cr_assert_eq(mine->aging.unidentified, replay->row[i].aging.unidentified);
        at++;
    }
    cr_assert_eq(at, book->rows, "day %u, known %lu: %u rows, replayed %u", day,
                 (unsigned long)known, book->rows, at);
}

static void expect_reckoned(const struct fl_snapshot *s, const struct fl_kpi_sheet *sheet,
                            uint16_t day, uint64_t known)
{
    static const char *const codes[] = {"EUR", "USD"};
    for (unsigned i = 0; i < 2; i++) {
        static const struct fl_kpi_row none;
        uint8_t currency = fl_currency_find(codes[i], 3);
        const struct fl_kpi_row *row = fl_kpi_sheet_find(sheet, 0, currency);
        const struct fl_aging *a = row ? &row->aging : &none.aging;
        struct reckoned r = reckon(s, currency, day, known);
        cr_assert_eq(a->not_due, r.not_due, "day %u, known %lu, %s", day, (unsigned long)known,
                     codes[i]);
        for (unsigned b = 0; b < 4; b++)
            cr_assert_eq(a->bucket[b], r.bucket[b], "day %u, known %lu, %s, bucket %u", day,
                         (unsigned long)known, codes[i], b);
        cr_assert_eq(a->unapplied, r.unapplied);
        cr_assert_eq(a->credits, r.credits);
        cr_assert_eq(aging_total(a), r.control, "K2: day %u, known %lu", day, (unsigned long)known);
        cr_assert_eq(fl_control_account(s, currency, day, known), r.control);
        cr_assert_eq(fl_control_account_base(s, day, known), r.base);
    }
}

/* K1, and in base the ledger's column. */
static void expect_groups(const struct fl_snapshot *s, const struct fl_kpi_sheet *whole,
                          uint16_t day, uint64_t known)
{
    static const enum fl_kpi summed[] = {FL_KPI_RECEIVABLE, FL_KPI_OPENING,    FL_KPI_OVERDUE,
                                         FL_KPI_SALES,      FL_KPI_UNAPPLIED,  FL_KPI_CREDITS,
                                         FL_KPI_WRITE_OFFS, FL_KPI_RECOVERIES, FL_KPI_CLOSED};
    for (enum fl_kpi_by by = FL_BY_CUSTOMER; by <= FL_BY_COUNTRY; by++) {
        struct fl_kpi_sheet groups = sheet_of(s, by, false, day, known);
        for (uint32_t w = 0; w < whole->rows; w++) {
            for (unsigned f = 0; f < sizeof summed / sizeof summed[0]; f++) {
                int64_t sum = 0;
                for (uint32_t i = 0; i < groups.rows; i++) {
                    if (groups.row[i].aging.currency == whole->row[w].aging.currency)
                        sum += groups.row[i].figure[summed[f]].value;
                }
                cr_assert_eq(sum, whole->row[w].figure[summed[f]].value,
                             "K1: day %u, known %lu, %s", day, (unsigned long)known,
                             fl_kpi_about[summed[f]].name);
            }
        }
        fl_kpi_sheet_free(&groups);
    }
}

static void expect_base(const struct fl_snapshot *s, const struct fl_kpi_sheet *base, uint16_t day,
                        uint64_t known)
{
    fl_int128 control = reckon(s, 0, day, known).base;
    fl_int128 sum = base->rows ? aging_total(&base->row[0].aging) : 0;
    cr_assert_leq(base->rows, 1);
    cr_assert_eq(sum, control, "in base, day %u, known %lu: %ld, ledger %ld", day,
                 (unsigned long)known, (long)sum, (long)control);
}

/* T1: what was reported and what came later is what is reported now. */
static void expect_restated(const struct fl_snapshot *s, const struct fl_kpi_sheet *then,
                            const struct fl_kpi_sheet *now, uint16_t day, uint64_t known)
{
    fl_int128 sum[FL_CURRENCY_COUNT] = {0};
    struct fl_restatements list;
    struct fl_restatement one;
    for (uint32_t i = 0; i < then->rows; i++)
        sum[then->row[i].aging.currency] += aging_total(&then->row[i].aging);
    fl_restatements_open(&list, s, day, known);
    while (fl_restatements_next(&list, &one)) {
        cr_assert_gt(one.entry.seq, known);
        cr_assert_eq(one.restates, one.entry.entry.date <= day);
        if (one.restates)
            sum[one.entry.entry.currency] += one.invoices + one.unapplied + one.credits;
        else
            cr_assert(one.concerns != FL_DATE_NONE && one.concerns <= day);
    }
    for (uint32_t i = 0; i < now->rows; i++)
        cr_assert_eq(sum[now->row[i].aging.currency], aging_total(&now->row[i].aging),
                     "T1: day %u, known %lu: %ld, now %ld", day, (unsigned long)known,
                     (long)sum[now->row[i].aging.currency], (long)aging_total(&now->row[i].aging));
}

/* However it is aged, it comes to the ledger. */
static void expect_variants(const struct fl_snapshot *s, const struct fl_kpi_sheet *whole,
                            uint16_t day, uint64_t known)
{
    for (unsigned v = 1; v < 6; v++) {
        struct fl_kpi_query query = {.to = day,
                                     .known_seq = known,
                                     .basis = v / 3 ? FL_BASIS_DOCUMENT_DATE : FL_BASIS_DUE_DATE,
                                     .credits = (enum fl_aging_credits)(v % 3)};
        struct fl_kpi_sheet sheet;
        cr_assert_eq(fl_kpi_sheet_make(s, &query, &sheet), FL_OK);
        cr_assert_eq(sheet.rows, whole->rows);
        for (uint32_t i = 0; i < sheet.rows; i++) {
            cr_assert_eq(aging_total(&sheet.row[i].aging), aging_total(&whole->row[i].aging),
                         "variant %u, day %u, known %lu", v, day, (unsigned long)known);
            for (unsigned f = 0; f < FL_KPI_FIGURES; f++)
                cr_assert_eq(sheet.row[i].figure[f].value, whole->row[i].figure[f].value, "%s",
                             fl_kpi_about[f].name);
        }
        fl_kpi_sheet_free(&sheet);
    }
}

static void pair(const struct fl_snapshot *s, const struct fl_snapshot *replayed, uint16_t day,
                 uint64_t known)
{
    struct fl_kpi_sheet book = sheet_of(s, FL_BY_CURRENCY, false, day, known);
    struct fl_kpi_sheet replay = sheet_of(replayed, FL_BY_CURRENCY, false, day, UINT64_MAX);
    struct fl_kpi_sheet now = sheet_of(s, FL_BY_CURRENCY, false, day, UINT64_MAX);
    struct fl_kpi_sheet base = sheet_of(s, FL_BY_CURRENCY, true, day, known);
    struct fl_kpi_sheet replay_base = sheet_of(replayed, FL_BY_CURRENCY, true, day, UINT64_MAX);
    expect_alike(&book, &replay, day, known);
    expect_alike(&base, &replay_base, day, known);
    expect_reckoned(s, &book, day, known);
    expect_base(s, &base, day, known);
    expect_restated(s, &book, &now, day, known);
    if ((day + known) % 5 == 0)
        expect_groups(s, &book, day, known);
    if ((day + known) % 7 == 0)
        expect_variants(s, &book, day, known);
    fl_kpi_sheet_free(&book);
    fl_kpi_sheet_free(&replay);
    fl_kpi_sheet_free(&now);
    fl_kpi_sheet_free(&base);
    fl_kpi_sheet_free(&replay_base);
}

Test(kpi_pairs, every_day_as_known_after_every_command, .timeout = 300)
{
    history_make();
    struct fl_snapshot s = fl_book_fixture_snapshot(&h.book);
    fl_book_fixture_begin(&h.replay);
    for (int i = 0; i < h.lines; i++) {
        cr_assert_eq(fl_book_fixture_do(&h.replay, "%s", h.line[i]), h.seq[i]);
        struct fl_snapshot replayed = fl_book_fixture_snapshot(&h.replay);
        for (uint16_t day = h.first - 1; day < h.first + DAYS + 40; day++)
            pair(&s, &replayed, day, h.seq[i]);
        fl_snapshot_release(&replayed);
    }
    fl_snapshot_release(&s);
    fl_book_fixture_end(&h.replay);
    fl_book_fixture_end(&h.book);
}

/* 100.00 of nobody, 40.00 of it taken back on the 20th, then the rest is known to have been C0's
 * all along: on the 15th 60.00 was C0's and 40.00 nobody's, as the ledger says. */
Test(kpi_pairs, money_that_went_back_before_it_was_identified_stays_nobodys)
{
    memset(&h, 0, sizeof h);
    fl_book_fixture_begin(&h.book);
    masters();
    tell("{\"type\":\"receipt\",\"id\":\"R1\",\"amount\":\"100.00\",\"currency\":\"EUR\",\"date\":"
         "\"2024-02-10\"}");
    tell("{\"type\":\"receipt_reverse\",\"id\":\"E1\",\"receipt\":\"R1\",\"amount\":\"40.00\","
         "\"date\":\"2024-02-20\"}");
    tell("{\"type\":\"receipt_assign\",\"receipt\":\"R1\",\"customer\":\"C0\"}");
    cr_assert_eq(h.lines, 4 + CUSTOMERS + 3);
    struct fl_snapshot s = fl_book_fixture_snapshot(&h.book);
    for (int day = 15; day <= 25; day += 10) {
        uint16_t as_of = (uint16_t)(fl_book_fixture_day("2024-02-01") + day - 1);
        struct fl_kpi_sheet sheet = sheet_of(&s, FL_BY_CURRENCY, false, as_of, UINT64_MAX);
        cr_assert_eq(sheet.rows, 1);
        cr_expect_eq(sheet.row[0].aging.unapplied, 6000);
        cr_expect_eq(sheet.row[0].aging.unidentified, day == 15 ? 4000 : 0);
        cr_expect_eq(fl_control_account(&s, sheet.row[0].aging.currency, as_of, UINT64_MAX), -6000);
        fl_kpi_sheet_free(&sheet);
    }
    fl_snapshot_release(&s);
    fl_book_fixture_end(&h.book);
}
