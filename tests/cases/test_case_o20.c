/* O20: aging as of a past day knows nothing of what came later. The days of the case, and the kind
 * behind it: a random history entered in any order, the aging as of every one of its days beside a
 * slow model that replays a log of events, and each total beside the control account. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/kpi_aging.h"
#include "core/base/date.h"
#include "core/domain/ledger.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"Iris\",\"name\":\"I\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o20, .init = setup, .fini = teardown);

static uint16_t day(const char *text)
{
    uint16_t days;
    cr_assert_eq(fl_date_parse(text, 10, &days), FL_OK);
    return days;
}

struct aged {
    struct fl_aging row;
    int64_t total, control;
};

static struct aged aging(uint16_t as_of, uint64_t known)
{
    struct aged aged = {.total = 0};
    struct fl_aging rows[FL_CURRENCY_COUNT];
    struct fl_snapshot snapshot;
    struct fl_open_items items;
    struct fl_store *store = fl_engine_store(fl_book_engine(book));
    cr_assert_eq(fl_snapshot_take(store, fl_book_seq(book), &snapshot), FL_OK);
    cr_assert_eq(fl_open_items_make(&snapshot, as_of, known, &items), FL_OK);
    unsigned count = fl_aging_by_currency(&snapshot, &items, rows);
    cr_assert_leq(count, 1);
    if (count == 1)
        aged.row = rows[0];
    aged.total = (int64_t)(fl_aging_invoices(&aged.row) - aged.row.unapplied - aged.row.credits);
    aged.control = (int64_t)fl_control_account(&snapshot, FL_CURRENCY_EUR, as_of, known);
    fl_open_items_free(&items);
    fl_snapshot_release(&snapshot);
    fl_snapshot_collect(store);
    return aged;
}

static int64_t open_on(const char *invoice, const char *date)
{
    struct fl_snapshot snapshot;
    struct fl_open_items items;
    struct fl_store *store = fl_engine_store(fl_book_engine(book));
    cr_assert_eq(fl_snapshot_take(store, fl_book_seq(book), &snapshot), FL_OK);
    cr_assert_eq(fl_open_items_make(&snapshot, day(date), UINT64_MAX, &items), FL_OK);
    int64_t open = items.invoice_minor[fl_book_row(book, FL_KIND_OF_INVOICE, invoice)];
    fl_open_items_free(&items);
    fl_snapshot_release(&snapshot);
    return open;
}

Test(case_o20, a_past_day_does_not_know_what_came_later)
{
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-06-10\"}");
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"A\",\"customer\":\"Iris\",\"date\":\"2025-04-30\","
                 "\"due_date\":\"2025-04-30\",\"amount\":{\"net\":\"1000\",\"tax\":\"0\"}}");
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"CN\",\"invoice\":\"A\",\"amount\":"
                       "\"150\",\"date\":\"2025-06-05\"}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"850\",\"currency\":\"EUR\","
                       "\"date\":\"2025-06-30\","
                       "\"references\":[\"A\"]}");
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"B\",\"customer\":\"Iris\",\"date\":\"2025-06-10\","
                 "\"due_date\":\"2025-07-10\",\"amount\":{\"net\":\"400\",\"tax\":\"0\"}}");
    struct aged may = aging(day("2025-05-31"), UINT64_MAX);
    cr_assert_eq(may.row.bucket[1], 100000); /* 31 days */
    cr_assert_eq(may.row.bucket_count[1], 1);
    cr_assert_eq(may.row.not_due, 0);
    cr_assert_eq(may.total, 100000);
    cr_assert_eq(may.control, 100000);
    struct aged june = aging(day("2025-06-05"), UINT64_MAX);
    cr_assert_eq(june.row.bucket[1], 85000); /* 36 days */
    cr_assert_eq(june.total, 85000);
    cr_assert_eq(june.control, 85000);
    struct aged end = aging(day("2025-06-30"), UINT64_MAX);
    cr_assert_eq(open_on("A", "2025-06-30"), 0);
    cr_assert_eq(end.row.not_due, 40000);
    cr_assert_eq(end.total, 40000);
    cr_assert_eq(end.control, 40000);
}

/* ---- the slow model
 * ---------------------------------------------------------------------------------- */

enum what { INVOICED, CREDITED, RECEIVED, PAID, PAID_BY_NOTE, REFUNDED, LOST };

/* One thing that happened on a day and became known with a command. `a` and `b` are documents by
 * number. */
struct event {
    enum what what;
    unsigned a, b;
    int64_t amount;
    uint16_t date;
    uint64_t seq;
};

struct history {
    struct event events[1024];
    unsigned count;
    int64_t invoice_open[128], receipt_open[128]; /* today */
    uint16_t invoice_date[128], due[128], receipt_date[128];
    unsigned invoices, receipts;
};

static struct history h;

static void happened(enum what what, unsigned a, unsigned b, int64_t amount, uint16_t date)
{
    h.events[h.count++] = (struct event){what, a, b, amount, date, fl_book_seq(book)};
}

static uint16_t later(uint16_t a, uint16_t b)
{
    return a > b ? a : b;
}

struct modelled {
    int64_t not_due, bucket[4], unapplied, credits, total;
};

/* Replays every event dated by then and known by then, from nothing. */
static struct modelled replay(uint16_t as_of, uint64_t known)
{
    int64_t invoice[128] = {0}, unapplied = 0, credits = 0;
    struct modelled m = {.total = 0};
    for (unsigned i = 0; i < h.count; i++) {
        const struct event *e = &h.events[i];
        if (e->date > as_of || e->seq > known)
            continue;
        bool on_invoice = e->what == PAID || e->what == PAID_BY_NOTE || e->what == LOST;
        if (e->what == INVOICED)
            invoice[e->a] += e->amount;
        if (on_invoice)
            invoice[e->a] -= e->amount;
        unapplied += e->what == RECEIVED                      ? e->amount
                     : e->what == PAID || e->what == REFUNDED ? -e->amount
                                                              : 0;
        credits += e->what == CREDITED ? e->amount : e->what == PAID_BY_NOTE ? -e->amount : 0;
    }
    for (unsigned i = 0; i < h.invoices; i++) {
        int overdue = (int)as_of - (int)h.due[i];
        if (overdue <= 0)
            m.not_due += invoice[i];
        else
            m.bucket[overdue <= 30 ? 0 : overdue <= 60 ? 1 : overdue <= 90 ? 2 : 3] += invoice[i];
        m.total += invoice[i];
    }
    m.unapplied = unapplied;
    m.credits = credits;
    m.total -= unapplied + credits;
    return m;
}

static void compare(uint16_t as_of, uint64_t known)
{
    char text[11];
    fl_date_format(as_of, text);
    struct modelled m = replay(as_of, known);
    struct aged aged = aging(as_of, known);
    cr_assert_eq(aged.row.not_due, m.not_due, "not due on %s: %lld, %lld", text,
                 (long long)aged.row.not_due, (long long)m.not_due);
    for (unsigned i = 0; i < 4; i++)
        cr_assert_eq(aged.row.bucket[i], m.bucket[i], "bucket %u on %s: %lld, %lld", i, text,
                     (long long)aged.row.bucket[i], (long long)m.bucket[i]);
    cr_assert_eq(aged.row.unapplied, m.unapplied, "%s", text);
    cr_assert_eq(aged.row.credits, m.credits, "%s", text);
    cr_assert_eq(aged.total, m.total, "%s", text);
    cr_assert_eq(aged.control, m.total, "%s: the ledger has %lld, the documents %lld", text,
                 (long long)aged.control, (long long)m.total);
}

static void date_text(uint16_t days, char out[11])
{
    fl_date_format(days, out);
}

static void random_invoice(struct fl_random *random, uint16_t first)
{
    unsigned n = h.invoices++;
    char date[11], due[11];
    h.invoice_date[n] = (uint16_t)(first + fl_random_below(random, 90));
    h.due[n] = (uint16_t)(h.invoice_date[n] + fl_random_below(random, 45));
    h.invoice_open[n] = 1 + (int64_t)fl_random_below(random, 50000);
    date_text(h.invoice_date[n], date);
    date_text(h.due[n], due);
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"I-%u\",\"customer\":\"Iris\",\"date\":\"%s\","
                 "\"due_date\":\"%s\","
                 "\"amount\":{\"net\":\"%lld.%02d\",\"tax\":\"0\"}}",
                 n, date, due, (long long)(h.invoice_open[n] / 100),
                 (int)(h.invoice_open[n] % 100));
    happened(INVOICED, n, 0, h.invoice_open[n], h.invoice_date[n]);
}

static void random_receipt(struct fl_random *random, uint16_t first)
{
    unsigned n = h.receipts++;
    char date[11];
    h.receipt_date[n] = (uint16_t)(first + fl_random_below(random, 120));
    h.receipt_open[n] = 1 + (int64_t)fl_random_below(random, 60000);
    date_text(h.receipt_date[n], date);
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"R-%u\",\"customer\":\"Iris\",\"date\":\"%s\","
                 "\"currency\":\"EUR\","
                 "\"amount\":\"%lld.%02d\"}",
                 n, date, (long long)(h.receipt_open[n] / 100), (int)(h.receipt_open[n] % 100));
    happened(RECEIVED, n, 0, h.receipt_open[n], h.receipt_date[n]);
}

/* An application counts from the later of its two documents' days, whenever it is entered. */
static void random_application(struct fl_random *random)
{
    unsigned i = (unsigned)fl_random_below(random, h.invoices),
             r = (unsigned)fl_random_below(random, h.receipts);
    int64_t most = h.invoice_open[i] < h.receipt_open[r] ? h.invoice_open[i] : h.receipt_open[r];
    if (most == 0)
        return;
    int64_t amount = 1 + (int64_t)fl_random_below(random, (uint64_t)most);
    fl_book_must(book,
                 "{\"type\":\"application\",\"receipt\":\"R-%u\",\"invoice\":\"I-%u\",\"amount\":"
                 "\"%lld.%02d\"}",
                 r, i, (long long)(amount / 100), (int)(amount % 100));
    h.invoice_open[i] -= amount;
    h.receipt_open[r] -= amount;
    happened(PAID, i, r, amount, later(h.invoice_date[i], h.receipt_date[r]));
}

/* A credit note on what an invoice owes is used at once. */
static void random_note(struct fl_random *random)
{
    static unsigned notes;
    unsigned i = (unsigned)fl_random_below(random, h.invoices);
    if (h.invoice_open[i] == 0)
        return;
    char date[11];
    int64_t amount = 1 + (int64_t)fl_random_below(random, (uint64_t)h.invoice_open[i]);
    uint16_t on = (uint16_t)(h.invoice_date[i] + fl_random_below(random, 60));
    date_text(on, date);
    fl_book_must(book,
                 "{\"type\":\"credit_note\",\"id\":\"N-%u\",\"invoice\":\"I-%u\",\"date\":\"%s\","
                 "\"amount\":\"%lld.%02d\"}",
                 notes++, i, date, (long long)(amount / 100), (int)(amount % 100));
    h.invoice_open[i] -= amount;
    happened(CREDITED, notes, 0, amount, on);
    happened(PAID_BY_NOTE, i, notes, amount, on);
}

static void random_end(struct fl_random *random)
{
    static unsigned ends;
    char date[11];
    unsigned i = (unsigned)fl_random_below(random, h.invoices),
             r = (unsigned)fl_random_below(random, h.receipts);
    if (fl_random_below(random, 2) && h.invoice_open[i] > 0) {
        int64_t amount = 1 + (int64_t)fl_random_below(random, (uint64_t)h.invoice_open[i]);
        uint16_t on = (uint16_t)(h.invoice_date[i] + fl_random_below(random, 60));
        date_text(on, date);
        fl_book_must(book,
                     "{\"type\":\"write_off\",\"id\":\"W-%u\",\"invoice\":\"I-%u\",\"date\":\"%s\","
                     "\"reason\":\"r\","
                     "\"amount\":\"%lld.%02d\"}",
                     ends++, i, date, (long long)(amount / 100), (int)(amount % 100));
        h.invoice_open[i] -= amount;
        happened(LOST, i, 0, amount, on);
    } else if (h.receipt_open[r] > 0) { /* only what is free: freeing is test_engine_model's */
        int64_t amount = 1 + (int64_t)fl_random_below(random, (uint64_t)h.receipt_open[r]);
        uint16_t on = (uint16_t)(h.receipt_date[r] + fl_random_below(random, 60));
        date_text(on, date);
        fl_book_must(book,
                     "{\"type\":\"refund\",\"id\":\"F-%u\",\"receipt\":\"R-%u\",\"date\":\"%s\","
                     "\"amount\":\"%lld.%02d\"}",
                     ends++, r, date, (long long)(amount / 100), (int)(amount % 100));
        h.receipt_open[r] -= amount;
        happened(REFUNDED, r, 0, amount, on);
    }
}

Test(case_o20, every_day_of_a_random_history_as_known_at_any_time)
{
    struct fl_random random = fl_random_start("case_o20");
    uint16_t first = day("2025-02-01");
    fl_book_checks(book, false);
    for (unsigned i = 0; i < 3; i++) {
        random_invoice(&random, first);
        random_receipt(&random, first);
    }
    while (h.invoices < 80 && h.receipts < 80) {
        switch (fl_random_below(&random, 8)) {
        case 0:
        case 1:
            random_invoice(&random, first);
            break;
        case 2:
            random_receipt(&random, first);
            break;
        case 3:
            random_note(&random);
            break;
        case 4:
            random_end(&random);
            break;
        default:
            random_application(&random);
            break;
        }
    }
    for (uint16_t as_of = first - 1; as_of < first + 200; as_of++)
        compare(as_of, UINT64_MAX);
    for (unsigned i = 0; i < 200; i++)
        compare((uint16_t)(first + fl_random_below(&random, 200)),
                fl_random_below(&random, fl_book_seq(book) + 2));
    fl_book_checks(book, true);
    random_invoice(&random, first); /* the audit after it sees all that went before */
}
