#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/ingest/payout_json.h"

struct seen {
    char text[8192]; /* what was given, a line a payout and a part */
    size_t length;
    unsigned payouts, parts, refused;
    uint64_t refused_line;
    char message[200];
    long long parts_minor, fees_minor, amount_minor; /* of all payouts */
    enum fl_status status;
    struct fl_error error;
};

static long long minor(struct fl_decimal value, uint8_t currency)
{
    int64_t out = 0;
    cr_assert_eq(fl_decimal_scale(value, fl_currency_exponent(currency), &out), FL_OK);
    return out;
}

static enum fl_status on_payout(void *context, const struct fl_payout_report *p)
{
    struct seen *seen = context;
    char amount[40], fee[40], day[11];
    fl_date_format(p->date_days, day);
    seen->payouts++;
    seen->parts += p->parts_count;
    seen->amount_minor += minor(p->amount, p->currency);
    fl_decimal_format(minor(p->amount, p->currency), fl_currency_exponent(p->currency), amount);
    seen->length +=
        (size_t)snprintf(seen->text + seen->length, sizeof seen->text - seen->length,
                         "%s %s %s %s\n", p->id, day, fl_currency_code(p->currency), amount);
    for (uint32_t i = 0; i < p->parts_count; i++) {
        const struct fl_payout_report_part *part = &p->parts[i];
        seen->parts_minor += minor(part->amount, p->currency);
        seen->fees_minor += minor(part->fee, p->currency);
        fl_decimal_format(minor(part->amount, p->currency), fl_currency_exponent(p->currency),
                          amount);
        fl_decimal_format(minor(part->fee, p->currency), fl_currency_exponent(p->currency), fee);
        if (seen->length < sizeof seen->text - 200)
            seen->length += (size_t)snprintf(
                seen->text + seen->length, sizeof seen->text - seen->length, " %s %s %s %s\n",
                fl_payout_part_kind_name(part->kind), part->ref, amount, fee);
    }
    return FL_OK;
}

static void on_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    struct seen *seen = context;
    cr_assert_neq(code, FL_OK);
    if (seen->refused++ == 0)
        seen->refused_line = line;
    snprintf(seen->message, sizeof seen->message, "%s", message);
}

static struct seen read_text(const char *text)
{
    struct seen seen = {0};
    const struct fl_payout_sink sink = {&seen, on_payout, on_refused};
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, text, strlen(text), "p.json");
    memory.step = strlen(text) % 7;
    seen.status = fl_payout_json_read(source, &sink, &seen.error);
    return seen;
}

/* 1741651200 is 2025-03-11T00:00:00Z; created is the day before. */
#define TXN(type, amount, net, source)                                                             \
    "{\"id\":\"txn_1\",\"object\":\"balance_transaction\",\"amount\":" #amount                     \
    ",\"available_on\":1741651200,\"created\":1741600000,\"currency\":\"eur\",\"net\":" #net       \
    ",\"source\":" source ",\"type\":\"" type "\"}"

Test(payout_json, stripes_list_is_the_payout_that_it_names)
{
    struct seen seen = read_text(
        "{\"object\":\"list\",\"data\":[\n" TXN("payout", -8130, -8130, "\"po_1\"") ",\n" TXN(
            "charge", 10000, 9710,
            "{\"id\":\"ch_1\",\"object\":\"charge\",\"metadata\":{\"order_id\":"
            "\"SO-1\"},\"invoice\":\"in_1\"}") ",\n" TXN("payment", 500, 480,
                                                         "{\"id\":\"py_1\",\"metadata\":{},"
                                                         "\"invoice\":\"INV-2\"}") ",\n" TXN("refun"
                                                                                             "d",
                                                                                             -1000,
                                                                                             -1000,
                                                                                             "{\"id"
                                                                                             "\":"
                                                                                             "\"re_"
                                                                                             "1\","
                                                                                             "\"obj"
                                                                                             "ect\""
                                                                                             ":\"re"
                                                                                             "fund"
                                                                                             "\","
                                                                                             "\"cha"
                                                                                             "rge\""
                                                                                             ":\"ch"
                                                                                             "_0\""
                                                                                             "}") ",\n" TXN("adjustment",
                                                                                                            -460,
                                                                                                            -1060,
                                                                                                            "\"dp_1\"") ",\n" TXN("stripe_fee",
                                                                                                                                  0,
                                                                                                                                  0,
                                                                                                                                  "null") "],\"has_more\":false,\"url\":\"/v1/balance_transactions\"}\n");
    cr_assert_eq(seen.status, FL_OK, "%s", seen.error.message);
    cr_expect_eq(seen.refused, 0, "%s", seen.message);
    cr_expect_str_eq(seen.text, "po_1 2025-03-11 EUR 81.30\n charge SO-1 100.00 2.90\n"
                                " charge INV-2 5.00 0.20\n refund ch_0 -10.00 0.00\n"
                                " adjustment dp_1 -4.60 6.00\n");
}

Test(payout_json, j5_amounts_are_of_the_processors_smallest_unit)
{
    static const struct {
        const char *currency, *amount, *wanted; /* null: refused */
    } cases[] = {{"jpy", "1500", "1500"},
                 {"kwd", "12340", "12.340"},
                 {"isk", "150000", "1500"},
                 {"isk", "150050", NULL},
                 {"ugx", "100", "1"},
                 {"mga", "7", "7.00"},
                 {"eur", "1", "0.01"},
                 {"eur", "1.5", NULL},
                 {"eur", "1e3", NULL},
                 {"EUR", "-100", "-1.00"},
                 {"eur", "\"1,00\"", NULL},
                 {"xx", "1", NULL},
                 {"eur", "99999999999999999999", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[400], wanted[100];
        snprintf(
            text, sizeof text,
            "[{\"object\":\"balance_transaction\",\"amount\":%s,\"net\":%s,\"currency\":\"%s\","
            "\"type\":\"adjustment\",\"source\":\"x\",\n\"created\":1741600000}]",
            cases[i].amount, cases[i].amount, cases[i].currency);
        struct seen seen = read_text(text);
        cr_assert_eq(seen.status, FL_OK);
        cr_expect_eq(seen.payouts, cases[i].wanted != NULL, "%s", text);
        cr_expect_eq(seen.refused, cases[i].wanted == NULL, "%s", text);
        snprintf(wanted, sizeof wanted, "%s %s\n", "adjustment x",
                 cases[i].wanted ? cases[i].wanted : "");
        if (cases[i].wanted)
            cr_expect(strstr(seen.text, cases[i].wanted), "%s: %s", text, seen.text);
    }
}

/* Payouts that stand mixed, one that is not yet, a test: as a model adds them up. */
Test(payout_json, j6_shopifys_transactions_come_to_their_payouts)
{
    static char text[1u << 20];
    size_t length = (size_t)snprintf(text, sizeof text, "{\"transactions\":[");
    long long sums[7] = {0}, parts = 0, fees = 0;
    unsigned counts[7] = {0};
    srand(7);
    for (unsigned i = 0; i < 2000; i++) {
        unsigned payout = (unsigned)rand() % 7;
        long long amount = rand() % 90000 + 1, fee = rand() % 300;
        bool refund = rand() % 5 == 0, apart = rand() % 11 == 0;
        if (refund)
            amount = -amount;
        if (!apart) {
            sums[payout] += amount - fee;
            counts[payout]++;
            parts += amount;
            fees += fee;
        }
        long long net = amount - fee;
        char id[24];
        snprintf(id, sizeof id, apart && i % 2 ? "null" : "62%u", payout);
        length += (size_t)snprintf(
            text + length, sizeof text - length,
            "%s\n{\"id\":%u,\"type\":\"%s\",\"test\":%s,\"payout_id\":%s,\"currency\":\"USD\","
            "\"amount\":"
            "\"%s%lld.%02lld\",\"fee\":\"0\",\"net\":\"%s%lld.%02lld\",\"source_order_id\":9%u,"
            "\"processed_at\":\"2025-03-0%u\"}",
            i ? "," : "", i, refund ? "refund" : "charge", apart && i % 2 == 0 ? "true" : "false",
            id, amount < 0 ? "-" : "", llabs(amount) / 100, llabs(amount) % 100, net < 0 ? "-" : "",
            llabs(net) / 100, llabs(net) % 100, i, payout + 1);
    }
    long long all = 0;
    unsigned rows = 0;
    for (unsigned i = 0; i < 7; i++) {
        all += sums[i];
        rows += counts[i];
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   ",{\"type\":\"payout\",\"payout_id\":62%u,\"currency\":\"USD\","
                                   "\"amount\":\"%s%lld.%02lld\","
                                   "\"processed_at\":\"2025-03-1%u\"}",
                                   i, sums[i] > 0 ? "-" : "", llabs(sums[i]) / 100,
                                   llabs(sums[i]) % 100, i);
    }
    snprintf(text + length, sizeof text - length, "]}");
    struct seen seen = read_text(text);
    cr_assert_eq(seen.status, FL_OK, "%s", seen.error.message);
    cr_expect_eq(seen.refused, 0, "%s", seen.message);
    cr_expect_eq(seen.payouts, 7);
    cr_expect_eq(seen.parts, rows);
    cr_expect_eq(seen.amount_minor, all);
    cr_expect_eq(seen.parts_minor, parts);
    cr_expect_eq(seen.fees_minor, fees);
    for (unsigned i = 0; i < 7; i++) {
        char wanted[40];
        snprintf(wanted, sizeof wanted, "62%u 2025-03-1%u USD", i, i);
        cr_expect(i > 0 || strstr(seen.text, wanted), "%s", wanted);
    }
    cr_expect_eq(strncmp(strstr(seen.text, " charge 9"), " charge 9", 9), 0);
}

Test(payout_json, what_is_wrong_is_refused_with_its_place)
{
    struct seen seen = read_text("{\"object\":\"list\",\"data\":[\n" TXN(
        "charge", 100, 97, "\"ch_1\"") ",\n" TXN("payout", -98, -98, "\"po_9\"") "]}");
    cr_expect_eq(seen.payouts, 0);
    cr_expect_str_eq(seen.message, "payout po_9 is 0.98, its parts come to 0.97");
    seen = read_text("{\"data\":[" TXN("charge", 100, 97, "\"ch_1\"") ",\n" TXN(
        "payout", -97, -97, "\"po_9\"") ",\n\n" TXN("payout", -5, -5, "\"po_8\"") "]}");
    cr_expect_eq(seen.payouts, 0);
    cr_expect_eq(seen.refused_line, 4);
    cr_expect_str_eq(seen.message, "a second payout in the list: it is to be that of one");
    seen = read_text("{\"data\":[\n" TXN("charge", 100, 97, "\"ch_1\"") ",\n" TXN("who_knows", 1, 1,
                                                                                  "\"x\"") "]}");
    cr_expect_eq(seen.payouts, 0);
    cr_expect_eq(seen.refused_line, 3);
    cr_expect_str_eq(seen.message, "no kind of a payout's part that is known");
    static const struct {
        const char *text, *message;
    } whole[] = {
        {"{\"data\":[" TXN("charge", 1, 1, "\"c\"") "],\"has_more\":true}",
         "p.json: the list goes on (has_more): all of a payout is wanted"},
        {"{\"data\":[{\"object\":\"charge\"}]}", "p.json: not only balance transactions in it"},
        {"{\"payouts\":[{\"payout_id\":1}]}",
         "p.json: no list of a processor's balance transactions"},
        {"[1,\n2", "p.json: line 2: not JSON"},
        {"[\"\xFF\"]", "p.json: line 1: not UTF-8"},
        {"", "p.json: line 1: not JSON"},
        {"7", "p.json: no list of a processor's balance transactions"}};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        seen = read_text(whole[i].text);
        cr_expect_eq(seen.status, FL_UNREADABLE, "%s", whole[i].text);
        cr_expect_str_eq(seen.error.message, whole[i].message);
        cr_expect_eq(seen.payouts, 0);
    }
}

Test(payout_json, such_a_list_is_told_by_its_beginning)
{
    static const struct {
        const char *text;
        bool is;
    } cases[] = {{"{\"object\":\"list\",\"data\":[{\"object\":\"balance_transaction\"", true},
                 {"\xEF\xBB\xBF\n [{ \"object\": \"balance_transaction\"", true},
                 {"{\"transactions\":[{\"payout_id\":1", true},
                 {"{\"type\":\"invoice\"", false},
                 {"payout_id,\"payout_id\"", false},
                 {"", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(fl_payout_json_is(cases[i].text, strlen(cases[i].text)), cases[i].is, "%s",
                     cases[i].text);
}
