/* Reservations and keys under random histories with clocks, beside a slow model that keeps neither index nor slices
 * nor sums: it looks at every order and every key on every day, and reckons stock and exposure from the orders
 * anew. What the engine answers, and every order's state and every piece of stock, must be the model's.
 *
 * FLORIN_SEEDS=n runs n seeds from 1 (40 otherwise); FLORIN_SEED=s that one alone.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/domain/job.h"
#include "core/domain/order.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

#define STEPS     250
#define PRODUCTS  2
#define LINES     2
#define KEYS      12
#define FIRST_DAY 20090 /* 2025-01-01 */

struct m_order {
    const char *state;
    int lines, product[LINES], ordered[LINES], shipped[LINES], cancelled[LINES], invoiced[LINES],
        closed[LINES];
    int until; /* the day on which its reservation ends; 0: never */
    bool poor;
};

static struct m_order orders[STEPS];
static int order_count;
static int on_hand[PRODUCTS];
static int key_until[KEYS]; /* the day on which it is forgotten; 0: not known */
static int today, reservation_days, key_days;
static struct fl_test_book *book;
static struct fl_random dice;
static uint64_t seed;

static int any(int below)
{
    return (int)fl_random_below(&dice, (uint64_t)below);
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* ---- the model's rules ---------------------------------------------------------------------------- */

static bool has(const struct m_order *o, const char *state)
{
    return strcmp(o->state, state) == 0;
}

static int open_of(const struct m_order *o, int l)
{
    return o->ordered[l] - o->shipped[l] - o->cancelled[l] - o->closed[l];
}

static int open_sum(const struct m_order *o)
{
    int sum = 0;
    for (int l = 0; l < o->lines; l++)
        sum += open_of(o, l);
    return sum;
}

/* Neither shipped nor billed: what may be cancelled, and what expires. */
static int loose(const struct m_order *o, int l)
{
    return o->ordered[l] - o->cancelled[l] - o->closed[l] - most(o->shipped[l], o->invoiced[l]);
}

static int reserved(int product)
{
    int sum = 0;
    for (int i = 0; i < order_count; i++) {
        if (has(&orders[i], "held") || has(&orders[i], "rejected"))
            continue;
        for (int l = 0; l < orders[i].lines; l++)
            sum += orders[i].product[l] == product ? open_of(&orders[i], l) : 0;
    }
    return sum;
}

static bool fits(const struct m_order *o)
{
    for (int p = 0; p < PRODUCTS; p++) {
        int wanted = 0;
        for (int l = 0; l < o->lines; l++)
            wanted += o->product[l] == p ? open_of(o, l) : 0;
        if (wanted > 0 && wanted > on_hand[p] - reserved(p))
            return false;
    }
    return true;
}

static void restate(struct m_order *o)
{
    bool shipped = false, left = false, closed = false;
    for (int l = 0; l < o->lines; l++) {
        shipped |= o->shipped[l] > 0;
        left |= o->cancelled[l] < o->ordered[l];
        closed |= o->closed[l] > 0;
    }
    o->state = open_sum(o) > 0 ? (shipped ? "part_shipped" : "open")
               : closed        ? "expired"
               : shipped || left ? "shipped"
                                 : "cancelled";
}

static void day_begins(int day)
{
    for (int i = 0; i < order_count; i++) {
        struct m_order *o = &orders[i];
        bool stands = has(o, "open") || has(o, "part_shipped");
        int sum = 0;
        if (o->until == 0 || o->until > day)
            continue;
        o->until = 0;
        for (int l = 0; stands && l < o->lines; l++) {
            sum += loose(o, l);
            o->closed[l] += loose(o, l);
        }
        if (sum > 0)
            restate(o);
    }
    for (int k = 0; k < KEYS; k++)
        key_until[k] = key_until[k] != 0 && key_until[k] <= day ? 0 : key_until[k];
}

/* ---- one command, decided by both ------------------------------------------------------------------ */

#define EXPECT(wanted)                                                                             \
    cr_assert_str_eq(fl_status_name(fl_book_status(book)), wanted, "seed %" PRIu64 ": %s", seed,   \
                     fl_book_answer(book))

static void do_order(void)
{
    struct m_order *o = &orders[order_count];
    char lines[200], *at = lines;
    bool held = any(5) == 0;
    *o = (struct m_order){.state = "open", .lines = 1 + any(LINES)};
    for (int l = 0; l < o->lines; l++) {
        o->product[l] = any(PRODUCTS);
        o->ordered[l] = 1 + any(6);
        at += sprintf(at, "%s{\"product\":\"P%d\",\"quantity\":\"%d\"}", l ? "," : "",
                      o->product[l], o->ordered[l]);
    }
    bool stock = fits(o);
    fl_book_send(book, "{\"type\":\"order\",\"id\":\"O%d\",\"customer\":\"%s\",\"lines\":[%s]}",
                 stock ? order_count : STEPS + order_count, held ? "POOR" : "RICH", lines);
    EXPECT(stock ? "ok" : "stock_short");
    if (!stock)
        return;
    o->state = held ? "held" : "open";
    o->poor = held;
    o->until = !held && reservation_days > 0 ? today + reservation_days : 0;
    order_count++;
}

static void do_shipment(int step, struct m_order *o)
{
    int l = any(o->lines), quantity = 1 + any(4);
    bool open = has(o, "open") || has(o, "part_shipped");
    bool over = has(o, "shipped") || has(o, "cancelled");
    fl_book_send(book, "{\"type\":\"shipment\",\"id\":\"S%d\",\"order\":\"O%d\",\"lines\":[{"
                       "\"line\":%d,\"quantity\":\"%d\"}]}",
                 step, (int)(o - orders), l + 1, quantity);
    if (!open && !over) {
        EXPECT("wrong_state");
        return;
    }
    EXPECT(quantity > open_of(o, l) ? "exceeds_open" : "ok");
    if (quantity > open_of(o, l))
        return;
    o->shipped[l] += quantity;
    on_hand[o->product[l]] -= quantity;
    restate(o);
}

static void do_cancel(struct m_order *o)
{
    int sum = 0;
    fl_book_send(book, "{\"type\":\"order_cancel\",\"order\":\"O%d\"}", (int)(o - orders));
    for (int l = 0; l < o->lines; l++)
        sum += loose(o, l);
    if (has(o, "rejected")) {
        EXPECT("wrong_state");
        return;
    }
    EXPECT(sum == 0 ? "nothing_open" : "ok");
    if (sum == 0)
        return;
    for (int l = 0; l < o->lines; l++)
        o->cancelled[l] += loose(o, l);
    restate(o);
}

static void do_invoice(int step, struct m_order *o)
{
    int sum = 0;
    fl_book_send(book, "{\"type\":\"invoice\",\"id\":\"I%d\",\"customer\":\"%s\",\"order\":\"O%d\"}",
                 step, o->poor ? "POOR" : "RICH", (int)(o - orders));
    if (has(o, "held") || has(o, "rejected")) {
        EXPECT("wrong_state");
        return;
    }
    for (int l = 0; l < o->lines; l++)
        sum += o->ordered[l] - o->cancelled[l] - o->closed[l] - o->invoiced[l];
    EXPECT(sum == 0 ? "nothing_open" : "ok");
    for (int l = 0; sum > 0 && l < o->lines; l++)
        o->invoiced[l] = o->ordered[l] - o->cancelled[l] - o->closed[l];
}

static void do_decision(struct m_order *o)
{
    bool release = any(4) != 0;
    fl_book_send(book, "{\"type\":\"credit_decision\",\"order\":\"O%d\",\"decision\":\"%s\",\"by\":"
                       "\"ann\"}", (int)(o - orders), release ? "release" : "reject");
    if (!has(o, "held")) {
        EXPECT("wrong_state");
        return;
    }
    bool stock = !release || fits(o);
    EXPECT(stock ? "ok" : "stock_short");
    if (!stock)
        return;
    o->state = release ? "open" : "rejected";
    o->until = release && reservation_days > 0 ? today + reservation_days : 0;
}

static void do_key(void)
{
    int k = any(KEYS), p = k % PRODUCTS;
    fl_book_send(book, "{\"type\":\"stock\",\"product\":\"P%d\",\"kind\":\"receive\",\"quantity\":"
                       "\"2\",\"key\":\"k%d\"}", p, k);
    EXPECT(key_until[k] != 0 ? "duplicate" : "ok");
    if (key_until[k] != 0)
        return;
    on_hand[p] += 2;
    key_until[k] = today + key_days + 1;
}

static void do_clock(void)
{
    char date[16] = "";
    int days = any(12) == 0 ? 40 : any(4);
    fl_date_format((uint16_t)(today + days), date);
    date[10] = '\0';
    fl_book_send(book, "{\"type\":\"clock\",\"date\":\"%s\"}", date);
    EXPECT("ok");
    while (days-- > 0)
        day_begins(++today);
}

static void do_book(void)
{
    reservation_days = any(6);
    key_days = any(9);
    fl_book_send(book, "{\"type\":\"book\",\"reservation_days\":%d,\"key_days\":%d}",
                 reservation_days, key_days);
}

static void compare(void)
{
    const struct fl_store *store = fl_book_store(book);
    cr_assert_eq(fl_book_counters(store, 0)->business_date, today, "seed %" PRIu64, seed);
    for (int p = 0; p < PRODUCTS; p++) {
        char id[16];
        snprintf(id, sizeof id, "P%d", p);
        cr_assert_eq(fl_book_on_hand(book, id), on_hand[p], "seed %" PRIu64, seed);
        cr_assert_eq(fl_book_available(book, id), on_hand[p] - reserved(p), "seed %" PRIu64, seed);
    }
    int64_t pieces = 0;
    for (int i = 0; i < order_count; i++) {
        char id[16];
        snprintf(id, sizeof id, "O%d", i);
        cr_assert_str_eq(fl_book_order_state(book, id), orders[i].state, "seed %" PRIu64 ": %s",
                         seed, id);
        uint32_t row = fl_book_row(book, FL_KIND_OF_ORDER, id);
        for (int l = 0; l < orders[i].lines; l++)
            cr_assert_eq(fl_order_line_open(store, fl_order_card(store, row)->line_first +
                                                       (uint32_t)l),
                         open_of(&orders[i], l) * FL_QUANTITY_ONE);
        for (int l = 0; l < orders[i].lines && !has(&orders[i], "held") &&
                        !has(&orders[i], "rejected"); l++)
            pieces += orders[i].ordered[l] - orders[i].cancelled[l] - orders[i].closed[l];
    }
    /* A piece costs one euro, whether ordered, shipped or billed. */
    cr_assert_eq(fl_book_exposure(book, "RICH") + fl_book_exposure(book, "POOR"), pieces * 100);
}

static void slice_seen(void *context, const struct fl_command *command,
                       const struct fl_result *result)
{
    ++*(unsigned *)context;
    cr_assert_leq(((const struct fl_command_slice *)fl_command_body(command))->n, FL_SLICE_ITEMS);
    cr_assert_eq(result->status, FL_OK);
}

static unsigned slices, expired;

static void begin(void)
{
    const struct fl_slice_sink sink = {slice_seen, &slices};
    dice = (struct fl_random){.state = seed};
    order_count = 0;
    today = FIRST_DAY;
    memset(key_until, 0, sizeof key_until);
    book = fl_book_open(NULL);
    fl_book_jobs(book, true, &sink);
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-01-01\"}");
    do_book();
    for (int p = 0; p < PRODUCTS; p++) {
        on_hand[p] = 15;
        fl_book_must(book, "{\"type\":\"product\",\"id\":\"P%d\",\"name\":\"p\",\"currency\":"
                           "\"EUR\",\"price\":\"1\",\"stock_control\":true}", p);
        fl_book_must(book, "{\"type\":\"stock\",\"product\":\"P%d\",\"kind\":\"receive\","
                           "\"quantity\":\"15\"}", p);
    }
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"RICH\",\"name\":\"c\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"POOR\",\"name\":\"c\",\"currency\":\"EUR\","
                       "\"credit_limit\":\"0\"}");
}

static void history(void)
{
    begin();
    for (int step = 0; step < STEPS; step++) {
        struct m_order *o = order_count > 0 ? &orders[any(order_count)] : NULL;
        int what = any(14);
        if (what < 3 || !o)
            do_order();
        else if (what < 5)
            do_shipment(step, o);
        else if (what == 5)
            do_cancel(o);
        else if (what == 6)
            do_invoice(step, o);
        else if (what == 7)
            do_decision(o);
        else if (what < 10)
            do_key();
        else if (what < 13)
            do_clock();
        else if (any(4) == 0)
            do_book();
        compare();
    }
    for (int i = 0; i < order_count; i++)
        expired += has(&orders[i], "expired");
    fl_book_close(book);
}

Test(job_model, reservations_and_keys_end_as_a_slow_model_says)
{
    const char *one = getenv("FLORIN_SEED"), *many = getenv("FLORIN_SEEDS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1;
    uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : 40;
    slices = expired = 0;
    for (seed = first; seed < first + count; seed++)
        history();
    cr_assert_gt(slices, count * 10, "the days had no work: the histories say little");
    cr_assert_gt(expired, count, "hardly anything expired");
}
