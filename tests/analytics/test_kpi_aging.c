/* The aging beside a slow model: every change of an open amount written down by the test when it
 * asks for it, with the day the rulings give it (D2, D3), and summed by walking the whole list for
 * each (as of, known at). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/kpi_aging.h"
#include "core/base/date.h"
#include "tests/support/book_fixture.h"
#include "tests/support/random.h"

enum kind { INVOICE, RECEIPT, NOTE };

#define DOCUMENTS_MAX 800
#define CHANGES_MAX   4000
#define CUSTOMERS     6 /* even ones in EUR, odd ones in USD */

struct document {
    enum kind kind;
    int customer; /* -1: nobody's */
    uint16_t date, due;
    int64_t open;
    int applications;
};

struct change {
    uint64_t seq;
    uint16_t date;
    int document;
    int64_t delta;
    int customer_from_then; /* -2: not about that */
};

struct applied {
    int from, to, number;
    int64_t amount;
    uint16_t date;
    bool reversed;
};

static struct model {
    struct fl_book_fixture book;
    struct document document[DOCUMENTS_MAX];
    struct change change[CHANGES_MAX];
    struct applied applied[CHANGES_MAX];
    int documents, changes, applieds;
    struct fl_random random;
} m;

static uint32_t below(uint32_t n)
{
    return (uint32_t)fl_random_below(&m.random, n);
}

static const char *day_text(uint16_t day, char out[11])
{
    fl_date_format(day, out);
    return out;
}

static void change_add(uint64_t seq, uint16_t date, int document, int64_t delta)
{
    cr_assert(m.changes < CHANGES_MAX);
    m.change[m.changes++] = (struct change){seq, date, document, delta, -2};
    m.document[document].open += delta;
}

static const char *currency_of(int customer)
{
    return customer % 2 ? "USD" : "EUR";
}

static uint16_t some_day(void)
{
    return (uint16_t)(fl_book_fixture_day("2024-01-01") + below(180));
}

static int document_new(enum kind kind, int customer)
{
    cr_assert(m.documents < DOCUMENTS_MAX);
    m.document[m.documents] =
        (struct document){.kind = kind, .customer = customer, .date = some_day()};
    return m.documents++;
}

static const char prefix[] = "IRN";

static void issue(enum kind kind)
{
    char date[11], due[11];
    int customer = (int)below(CUSTOMERS), n = document_new(kind, customer);
    struct document *d = &m.document[n];
    int64_t cents = 1 + below(20000);
    uint64_t seq = 0;
    d->due = (uint16_t)(d->date + below(60));
    day_text(d->date, date);
    if (kind == INVOICE)
        seq = fl_book_fixture_do(&m.book,
                                 "{\"type\":\"invoice\",\"id\":\"I%d\",\"customer\":\"C%d\","
                                 "\"date\":\"%s\",\"due_date\":"
                                 "\"%s\",\"amount\":{\"net\":\"%ld.%02ld\",\"tax\":\"0\"}}",
                                 n, customer, date, day_text(d->due, due), (long)cents / 100,
                                 (long)cents % 100);
    else if (kind == NOTE)
        seq = fl_book_fixture_do(
            &m.book,
            "{\"type\":\"credit_note\",\"id\":\"N%d\",\"customer\":\"C%d\",\"date\":\"%s\","
            "\"amount\":{\"net\":\"%ld.%02ld\",\"tax\":\"0\"}}",
            n, customer, date, (long)cents / 100, (long)cents % 100);
    else if (below(4) == 0)
        seq = fl_book_fixture_do(&m.book,
                                 "{\"type\":\"receipt\",\"id\":\"R%d\",\"amount\":\"%ld.%02ld\","
                                 "\"currency\":\"%s\",\"date\":\"%s\"}",
                                 n, (long)cents / 100, (long)cents % 100, currency_of(customer),
                                 date);
    else
        seq = fl_book_fixture_do(&m.book,
                                 "{\"type\":\"receipt\",\"id\":\"R%d\",\"amount\":\"%ld.%02ld\","
                                 "\"currency\":\"%s\",\"customer\":\"C%d\",\"date\":\"%s\"}",
                                 n, (long)cents / 100, (long)cents % 100, currency_of(customer),
                                 customer, date);
    change_add(seq, d->date, n, cents);
}

/* Whose it is follows from the answer: a receipt without customer is nobody's. */
static void issue_receipt(void)
{
    int n = m.documents;
    issue(RECEIPT);
    const struct fl_snapshot s = fl_book_fixture_snapshot(&m.book);
    char id[16];
    int length = snprintf(id, sizeof id, "R%d", n);
    uint32_t row = fl_engine_find(m.book.engine, FL_KIND_OF_RECEIPT, id, (size_t)length);
    if (fl_at_receipt_card(&s, row)->first_customer == FL_NO_ROW)
        m.document[n].customer = -1 - m.document[n].customer % 2 - 1; /* -2 EUR, -3 USD */
    struct fl_snapshot gone = s;
    fl_snapshot_release(&gone);
}

static int pick(enum kind kind, int customer)
{
    for (int tries = 0; tries < 40 && m.documents > 0; tries++) {
        int n = (int)below((uint32_t)m.documents);
        const struct document *d = &m.document[n];
        if (d->kind == kind && d->open > 0 && d->customer >= 0 &&
            (customer < 0 || d->customer == customer))
            return n;
    }
    return -1;
}

static void apply_one(void)
{
    int from = pick(below(3) ? RECEIPT : NOTE, -1);
    int to = from < 0 ? -1 : pick(INVOICE, m.document[from].customer);
    if (to < 0)
        return;
    struct document *source = &m.document[from], *target = &m.document[to];
    int64_t most = source->open < target->open ? source->open : target->open;
    int64_t cents = below(2) ? most : 1 + below((uint32_t)most);
    uint16_t date = source->date > target->date ? source->date : target->date;
    const char *kind = source->kind == RECEIPT ? "receipt" : "credit_note";
    uint64_t seq = fl_book_fixture_do(
        &m.book,
        "{\"type\":\"application\",\"%s\":\"%c%d\",\"invoice\":\"I%d\","
        "\"amount\":\"%ld.%02ld\",\"id\":\"A%d\"}",
        kind, prefix[source->kind], from, to, (long)cents / 100, (long)cents % 100, m.applieds);
    change_add(seq, date, from, -cents);
    change_add(seq, date, to, -cents);
    m.applied[m.applieds] = (struct applied){from, to, m.applieds, cents, date, false};
    m.applieds++;
}

/* An error: it takes the day of what it corrects (D3). */
static void reverse_one(void)
{
    if (m.applieds == 0)
        return;
    struct applied *a = &m.applied[below((uint32_t)m.applieds)];
    if (a->reversed)
        return;
    uint64_t seq = fl_book_fixture_do(
        &m.book, "{\"type\":\"application_reverse\",\"application\":\"A%d\",\"key\":\"X%d\"}",
        a->number, a->number);
    change_add(seq, a->date, a->from, a->amount);
    change_add(seq, a->date, a->to, a->amount);
    a->reversed = true;
}

/* Its own day, not before its document's. */
static void write_off_one(void)
{
    char date[11];
    int n = pick(INVOICE, -1);
    if (n < 0)
        return;
    int64_t cents = 1 + below((uint32_t)m.document[n].open);
    uint16_t day = (uint16_t)(m.document[n].date + below(40));
    if (m.document[n].open == cents && below(2))
        return;
    enum fl_status status = fl_book_fixture_try(
        &m.book,
        "{\"type\":\"write_off\",\"id\":\"W%d\",\"invoice\":\"I%d\",\"amount\":\"%ld.%02ld\","
        "\"date\":\"%s\",\"reason\":\"old\"}",
        m.changes, n, (long)cents / 100, (long)cents % 100, day_text(day, date));
    cr_assert_eq(status, FL_OK, "%s", fl_status_name(status));
    change_add(m.book.result.seq, day, n, -cents);
}

/* Unapplied money given back, on the refund's day. */
static void refund_one(void)
{
    char date[11];
    int n = pick(below(2) ? RECEIPT : NOTE, -1);
    if (n < 0)
        return;
    const struct document *d = &m.document[n];
    int64_t cents = 1 + below((uint32_t)d->open);
    uint16_t day = (uint16_t)(d->date + below(40));
    enum fl_status status = fl_book_fixture_try(
        &m.book,
        "{\"type\":\"refund\",\"id\":\"F%d\",\"%s\":\"%c%d\",\"amount\":\"%ld.%02ld\",\"date\":\"%"
        "s\"}",
        m.changes, d->kind == RECEIPT ? "receipt" : "credit_note", prefix[d->kind], n,
        (long)cents / 100, (long)cents % 100, day_text(day, date));
    cr_assert_eq(status, FL_OK, "%s", fl_status_name(status));
    change_add(m.book.result.seq, day, n, -cents);
}

/* Identification counts from the receipt's own day, but is known only from now. */
static void identify_one(void)
{
    for (int n = 0; n < m.documents; n++) {
        struct document *d = &m.document[n];
        if (d->kind != RECEIPT || d->customer >= 0 || below(3))
            continue;
        int customer = (int)below(CUSTOMERS / 2) * 2 + (d->customer == -3);
        uint64_t seq = fl_book_fixture_do(
            &m.book, "{\"type\":\"receipt_assign\",\"receipt\":\"R%d\",\"customer\":\"C%d\"}", n,
            customer);
        change_add(seq, d->date, n, 0);
        m.change[m.changes - 1].customer_from_then = customer;
        d->customer = customer;
        return;
    }
}

static void history_make(uint64_t seed, int steps)
{
    memset(&m, 0, sizeof m);
    m.random.state = seed;
    fl_book_fixture_begin(&m.book);
    fl_book_fixture_do(&m.book, "{\"type\":\"fx_rate\",\"date\":\"2023-12-01\",\"from\":\"USD\","
                                "\"to\":\"EUR\",\"rate\":\"0.9173\"}");
    for (int i = 0; i < CUSTOMERS; i++)
        fl_book_fixture_do(&m.book,
                           "{\"type\":\"customer\",\"id\":\"C%d\",\"name\":\"N\",\"currency\":"
                           "\"%s\",\"credit_limit\":null}",
                           i, currency_of(i));
    for (int i = 0; i < steps; i++) {
        uint32_t what = below(20);
        if (what < 6)
            issue(INVOICE);
        else if (what < 10)
            issue_receipt();
        else if (what < 12)
            issue(NOTE);
        else if (what < 16)
            apply_one();
        else if (what == 16)
            reverse_one();
        else if (what == 17)
            write_off_one();
        else if (what == 18)
            refund_one();
        else
            identify_one();
    }
}

/* ---- the slow model ----------------------------------------------------------------------------
 */

struct figures {
    int64_t not_due, bucket[4], unapplied, credits, unidentified;
    uint64_t not_due_count, bucket_count[4];
};

static void model_add(struct figures *f, const struct document *d, int customer, int64_t open,
                      uint16_t as_of)
{
    int overdue = (int)as_of - (int)d->due;
    if (d->kind == RECEIPT && customer < 0)
        f->unidentified += open;
    else if (d->kind == RECEIPT)
        f->unapplied += open;
    else if (d->kind == NOTE)
        f->credits += open;
    else if (open != 0 && overdue <= 0) {
        f->not_due += open;
        f->not_due_count++;
    } else if (open != 0) {
        int i = overdue <= 30 ? 0 : overdue <= 60 ? 1 : overdue <= 90 ? 2 : 3;
        f->bucket[i] += open;
        f->bucket_count[i]++;
    }
}

/* Of one customer, or (-1) of all with that parity of currency. */
static struct figures model(int only, int usd, uint16_t as_of, uint64_t known)
{
    struct figures f = {0};
    for (int n = 0; n < m.documents; n++) {
        int64_t open = 0;
        int customer = m.document[n].customer, first = customer;
        for (int i = 0; i < m.changes; i++) {
            if (m.change[i].document == n && m.change[i].customer_from_then != -2)
                first = -2;
        }
        customer = first;
        for (int i = 0; i < m.changes; i++) {
            const struct change *c = &m.change[i];
            if (c->document != n || c->seq > known || c->date > as_of)
                continue;
            open += c->delta;
            if (c->customer_from_then != -2)
                customer = c->customer_from_then;
        }
        int currency =
            m.document[n].customer >= 0 ? m.document[n].customer % 2 : m.document[n].customer == -3;
        if (currency == usd && (only < 0 || customer == only))
            model_add(&f, &m.document[n], customer, open, as_of);
    }
    return f;
}

static void expect_equal(const struct figures *f, const struct fl_aging *a, const char *what)
{
    static const struct fl_aging none;
    const struct fl_aging *got = a ? a : &none;
    cr_assert_eq((int64_t)got->not_due, f->not_due, "%s: not due", what);
    cr_assert_eq(got->not_due_count, f->not_due_count, "%s: count", what);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq((int64_t)got->bucket[i], f->bucket[i], "%s: bucket %d", what, i);
        cr_assert_eq(got->bucket_count[i], f->bucket_count[i], "%s: count %d", what, i);
    }
    cr_assert_eq((int64_t)got->unapplied, f->unapplied, "%s: unapplied", what);
    cr_assert_eq((int64_t)got->credits, f->credits, "%s: credits", what);
    cr_assert_eq((int64_t)got->unidentified, f->unidentified, "%s: unidentified", what);
}

static const struct fl_aging *find(const struct fl_aging *all, unsigned count, const char *currency)
{
    for (unsigned i = 0; i < count; i++) {
        if (all[i].currency == fl_currency_find(currency, 3))
            return &all[i];
    }
    return NULL;
}

static void compare_at(const struct fl_snapshot *s, uint16_t as_of, uint64_t known)
{
    static struct fl_aging all[FL_CURRENCY_COUNT];
    struct fl_open_items items;
    char what[80];
    cr_assert_eq(fl_open_items_make_by(s, as_of, known, as_of % 6, &items), FL_OK);
    unsigned count = fl_aging_by_currency(s, &items, all);
    snprintf(what, sizeof what, "as of %u known at %lu", as_of, (unsigned long)known);
    for (int usd = 0; usd < 2; usd++) {
        const char *code = usd ? "USD" : "EUR";
        struct figures f = model(-1, usd, as_of, known);
        const struct fl_aging *a = find(all, count, code);
        expect_equal(&f, a, what);
        int64_t total = f.not_due + f.bucket[0] + f.bucket[1] + f.bucket[2] + f.bucket[3] -
                        f.unapplied - f.credits;
        cr_assert_eq((int64_t)fl_control_account(s, fl_currency_find(code, 3), as_of, known), total,
                     "%s: the control account in %s (I2)", what, code);
    }
    for (int customer = 0; customer < CUSTOMERS; customer++) {
        struct figures f = model(customer, customer % 2, as_of, known);
        unsigned n = fl_aging_of_customer(s, &items, (uint32_t)customer, all);
        f.unidentified = 0;
        expect_equal(&f, find(all, n, currency_of(customer)), "of a customer");
    }
    fl_open_items_free(&items);
}

Test(kpi_aging, open_at_any_day_as_known_at_any_time_is_what_the_slow_model_says)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        history_make(seed, 300);
        struct fl_snapshot s = fl_book_fixture_snapshot(&m.book);
        cr_assert(m.applieds > 10 && m.changes > 200, "too little happens");
        for (int i = 0; i < 25; i++) {
            uint16_t as_of = (uint16_t)(some_day() + below(120));
            uint64_t known = i % 3 == 0 ? UINT64_MAX : below((uint32_t)s.seq + 2);
            compare_at(&s, as_of, known);
        }
        compare_at(&s, FL_DATE_MAX, UINT64_MAX);
        compare_at(&s, 1, UINT64_MAX);
        fl_snapshot_release(&s);
        fl_book_fixture_end(&m.book);
    }
}

Test(kpi_aging, at_the_end_of_days_it_is_the_live_state)
{
    history_make(11, 400);
    struct fl_snapshot s = fl_book_fixture_snapshot(&m.book);
    struct fl_open_items items;
    cr_assert_eq(fl_open_items_make(&s, FL_DATE_MAX, UINT64_MAX, &items), FL_OK);
    cr_assert(items.invoices > 50 && items.receipts > 30);
    for (uint32_t row = 0; row < items.invoices; row++)
        cr_assert_eq(items.invoice_minor[row], fl_at_invoice_money(&s, row)->open_minor);
    for (uint32_t row = 0; row < items.receipts; row++)
        cr_assert_eq(items.receipt_minor[row], fl_at_receipt_money(&s, row)->open_minor);
    for (uint32_t row = 0; row < items.notes; row++)
        cr_assert_eq(items.note_minor[row], fl_at_credit_note_money(&s, row)->open_minor);
    fl_open_items_free(&items);
    fl_snapshot_release(&s);
    fl_book_fixture_end(&m.book);
}

Test(kpi_aging, a_bucket_ends_on_its_last_day)
{
    struct fl_book_settings book = {.bucket_count = 3, .buckets = {30, 60, 90}};
    static const struct {
        int days;
        unsigned bucket;
    } wanted[] = {{1, 0}, {30, 0}, {31, 1}, {60, 1}, {61, 2}, {90, 2}, {91, 3}, {4000, 3}};
    for (unsigned i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        cr_expect_eq(fl_aging_bucket(&book, wanted[i].days), wanted[i].bucket, "%d days",
                     wanted[i].days);
}
