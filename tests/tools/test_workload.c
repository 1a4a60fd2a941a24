#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/date.h"
#include "tests/support/statement_recorder.h"
#include "tools/cli/cli_gen.h"
#include "tools/gen/bank_files.h"
#include "tools/gen/workload_ndjson.h"

static struct fl_workload *open_workload(uint32_t orders, uint64_t seed, bool hard)
{
    struct fl_workload_options options = {.orders = orders, .seed = seed, .hard = hard};
    struct fl_workload *workload = NULL;
    struct fl_error error = {0};
    cr_assert_eq(fl_workload_open(&options, &workload, &error), FL_OK, "%s", error.message);
    return workload;
}

static bool next_event(struct fl_workload *workload, struct fl_workload_event *event)
{
    cr_assert_eq(fl_workload_next(workload, event), FL_OK);
    return event->kind != FL_EVENT_END;
}

static struct fl_gen_text text_of(uint32_t orders, uint64_t seed, bool hard)
{
    struct fl_gen_text text;
    struct fl_workload_event event;
    struct fl_workload *workload = open_workload(orders, seed, hard);
    cr_assert_eq(fl_gen_text_init(&text, -1), FL_OK);
    while (next_event(workload, &event))
        fl_workload_ndjson_put(fl_workload_plan(workload), &event, &text);
    fl_workload_close(workload);
    return text;
}

Test(workload, e1_the_same_seed_gives_the_same_bytes_and_another_does_not)
{
    for (int hard = 0; hard <= 1; hard++) {
        struct fl_gen_text a = text_of(1500, 7, hard), b = text_of(1500, 7, hard);
        struct fl_gen_text c = text_of(1500, 8, hard);
        cr_assert_eq(a.used, b.used);
        cr_assert_arr_eq(a.bytes, b.bytes, a.used);
        cr_assert(a.used != c.used || memcmp(a.bytes, c.bytes, a.used) != 0);
        fl_gen_text_deinit(&a);
        fl_gen_text_deinit(&b);
        fl_gen_text_deinit(&c);
    }
}

Test(workload, e1_the_bytes_are_those_of_every_machine)
{
    /* FNV-1a of what the first machine wrote: a change of it changes every published figure. */
    struct fl_gen_text text = text_of(300, 42, true);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text.used; i++)
        hash = (hash ^ (unsigned char)text.bytes[i]) * UINT64_C(0x100000001b3);
    fl_gen_text_deinit(&text);
    cr_assert_eq(hash, UINT64_C(0x87c779241f02da4d), "0x%016llx", (unsigned long long)hash);
}

/* A slow second opinion of everything that is sold, shipped, billed and paid. */
struct model {
    int64_t stock[64];
    struct {
        struct fl_gen_order facts;
        uint32_t shipped[FL_GEN_LINES_MAX];
        bool freight_billed;
    } *orders;
    struct {
        uint32_t order, quantities[FL_GEN_LINES_MAX];
    } *shipments;
    struct {
        int64_t total_minor, paid_minor;
        uint32_t customer;
        uint16_t date_days, due_date_days;
    } *invoices;
    struct {
        int64_t total_minor;
        uint32_t customer;
    } *credits;
    uint32_t order_count, shipment_count, invoice_count, customer_count, receipt_count;
    uint32_t credit_count;
    bool hard;
    int64_t at_us;
};

static void model_ship(struct model *model, const struct fl_workload_event *event)
{
    uint32_t order = event->shipment.order, n = model->shipment_count++;
    cr_assert_eq(event->shipment.number, n);
    cr_assert_lt(order, model->order_count);
    model->shipments[n].order = order;
    uint32_t all = 0;
    for (unsigned i = 0; i < model->orders[order].facts.line_count; i++) {
        uint32_t open = model->orders[order].facts.lines[i].quantity -
                        model->orders[order].shipped[i];
        uint32_t quantity = event->shipment.line_count > 0 ? event->shipment.quantities[i] : open;
        cr_assert_leq(quantity, open);
        model->orders[order].shipped[i] += quantity;
        model->shipments[n].quantities[i] = quantity;
        all += quantity;
    }
    cr_assert_gt(all, 0);
}

/* The naive total: a sum for each rate in tenths of a cent's thousandth, rounded by adding a half.
 * */
static int64_t model_total(struct model *model, uint32_t shipment)
{
    uint32_t order = model->shipments[shipment].order;
    const struct fl_gen_order *facts = &model->orders[order].facts;
    int64_t net_by_rate[100] = {0}, total = 0;
    for (unsigned i = 0; i < facts->line_count; i++) {
        const struct fl_gen_line *line = &facts->lines[i];
        int64_t hundredths = line->price_minor * model->shipments[shipment].quantities[i] *
                             (100 - line->discount_percent);
        net_by_rate[line->tax_percent] += hundredths / 100 + (hundredths % 100 >= 50);
    }
    if (!model->orders[order].freight_billed)
        net_by_rate[19] += facts->freight_minor;
    model->orders[order].freight_billed = true;
    for (int rate = 0; rate < 100; rate++) {
        int64_t tax = net_by_rate[rate] * rate;
        total += net_by_rate[rate] + tax / 100 + (tax % 100 >= 50);
    }
    return total;
}

static void model_invoice(struct model *model, const struct fl_workload_event *event)
{
    uint32_t n = model->invoice_count++;
    cr_assert_eq(event->invoice.number, n);
    cr_assert_eq(event->invoice.shipment, model->shipment_count - 1);
    model->invoices[n].total_minor = model_total(model, event->invoice.shipment);
    model->invoices[n].customer = event->invoice.customer;
    model->invoices[n].date_days = event->date_days;
    model->invoices[n].due_date_days = event->invoice.due_date_days;
    cr_assert_eq(event->invoice.total.total_minor, model->invoices[n].total_minor);
    cr_assert_eq(event->invoice.customer, model->orders[event->invoice.order].facts.customer);
}

static void model_pay(struct model *model, const struct fl_workload_event *event)
{
    const struct fl_gen_payment *payment = &event->payment;
    int64_t settled = 0;
    cr_assert_eq(payment->number, model->receipt_count++);
    cr_assert_gt(payment->amount_minor, 0);
    for (unsigned i = 0; i < payment->settle_count; i++) {
        uint32_t invoice = payment->settles[i].invoice;
        if (payment->settles[i].credit) {
            settled += payment->settles[i].amount_minor;
            cr_assert_lt(invoice, model->credit_count);
            cr_assert_eq(payment->settles[i].amount_minor, -model->credits[invoice].total_minor);
            cr_assert_eq(payment->customer, model->credits[invoice].customer);
            model->credits[invoice].total_minor = 0; /* spent once */
            continue;
        }
        cr_assert_lt(invoice, model->invoice_count);
        model->invoices[invoice].paid_minor += payment->settles[i].amount_minor;
        settled += payment->settles[i].amount_minor;
        cr_assert_leq(model->invoices[invoice].paid_minor, model->invoices[invoice].total_minor);
        cr_assert_eq(payment->customer, model->invoices[invoice].customer);
        cr_assert_geq(event->date_days, model->invoices[invoice].date_days);
        cr_assert_leq(event->date_days, model->invoices[invoice].due_date_days + 120);
    }
    bool over = payment->difference == FL_DIFFERENCE_OVER ||
                payment->difference == FL_DIFFERENCE_TOLERANCE || payment->settle_count == 0;
    cr_assert(over ? settled <= payment->amount_minor
                   : settled == payment->amount_minor + payment->fee_minor);
    cr_assert(payment->settle_count > 0 || payment->kind == FL_GEN_PAY_NOT_OURS);
}

/* Invoices of the customer with just this amount open, by a look at all of them. */
static unsigned candidates(const struct model *model, uint32_t customer, int64_t amount_minor)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < model->invoice_count; i++)
        count += model->invoices[i].customer == customer &&
                 model->invoices[i].total_minor - model->invoices[i].paid_minor == amount_minor;
    return count;
}

static bool has_equal(const struct model *model, uint32_t invoice)
{
    for (uint32_t i = 0; i < model->invoice_count; i++)
        if (i != invoice && model->invoices[i].customer == model->invoices[invoice].customer &&
            model->invoices[i].total_minor == model->invoices[invoice].total_minor)
            return true;
    return false;
}

/* Hard: an amount alone tells one invoice, or the line is an undecidable twin; what is paid ahead
 * is nobody's amount. */
static void model_judge(const struct model *model, const struct fl_gen_payment *payment)
{
    if (payment->kind == FL_GEN_PAY_AMOUNT_ONLY)
        cr_assert_eq(candidates(model, payment->customer, payment->amount_minor), 1);
    if (payment->kind == FL_GEN_PAY_TWIN)
        cr_assert(has_equal(model, payment->settles[0].invoice));
    if (payment->kind == FL_GEN_PAY_NOT_OURS && payment->oddity == FL_ODD_AHEAD)
        cr_assert_eq(candidates(model, payment->customer, payment->amount_minor), 0);
    if (payment->kind == FL_GEN_PAY_NOT_OURS && payment->oddity == FL_ODD_AGAIN) {
        uint32_t invoice = payment->settles[0].invoice;
        cr_assert_eq(model->invoices[invoice].paid_minor, model->invoices[invoice].total_minor);
        cr_assert_eq(payment->amount_minor, model->invoices[invoice].total_minor);
    }
}

static void model_take(struct model *model, const struct fl_workload_event *event)
{
    cr_assert_geq(event->at_us, model->at_us);
    cr_assert_eq(event->at_us / INT64_C(86400000000) + 1, event->date_days);
    model->at_us = event->at_us;
    switch (event->kind) {
    case FL_EVENT_STOCK:
        model->stock[event->stock.product] += event->stock.quantity;
        break;
    case FL_EVENT_CUSTOMER:
        cr_assert_eq(event->customer.number, model->customer_count++);
        break;
    case FL_EVENT_ORDER:
        cr_assert_eq(event->order.number, model->order_count);
        cr_assert_lt(event->order.facts.customer, model->customer_count);
        model->orders[model->order_count++].facts = event->order.facts;
        for (unsigned i = 0; i < event->order.facts.line_count; i++) {
            const struct fl_gen_line *line = &event->order.facts.lines[i];
            model->stock[line->product] -= line->quantity;
            cr_assert_geq(model->stock[line->product], 0);
        }
        break;
    case FL_EVENT_SHIPMENT:
        model_ship(model, event);
        break;
    case FL_EVENT_INVOICE:
        model_invoice(model, event);
        break;
    case FL_EVENT_CREDIT_NOTE:
        cr_assert_eq(event->credit_note.number, model->credit_count);
        cr_assert_eq(event->credit_note.total.net_minor + event->credit_note.total.tax_minor,
                     event->credit_note.total.total_minor);
        model->credits[model->credit_count].total_minor = event->credit_note.total.total_minor;
        model->credits[model->credit_count++].customer = event->credit_note.customer;
        break;
    case FL_EVENT_PAYMENT:
        if (model->hard)
            model_judge(model, &event->payment);
        model_pay(model, event);
        break;
    default:
        break;
    }
}

static void check_against_model(uint32_t orders, uint64_t seed, bool hard)
{
    struct model *model = calloc(1, sizeof *model);
    model->orders = calloc(orders, sizeof *model->orders);
    model->shipments = calloc(2 * (size_t)orders, sizeof *model->shipments);
    model->invoices = calloc(2 * (size_t)orders, sizeof *model->invoices);
    model->hard = hard;
    model->credits = calloc(orders, sizeof *model->credits);
    struct fl_workload *workload = open_workload(orders, seed, hard);
    struct fl_workload_event event;
    cr_assert_leq(fl_workload_plan(workload)->products, 64);
    while (next_event(workload, &event))
        model_take(model, &event);
    cr_assert_eq(model->order_count, orders);
    cr_assert_eq(model->customer_count, fl_workload_plan(workload)->customers);
    cr_assert(orders < 100 || model->receipt_count > orders / 3);
    fl_workload_close(workload);
    free(model->orders);
    free(model->shipments);
    free(model->invoices);
    free(model->credits);
    free(model);
}

Test(workload, e2_e3_e4_a_slow_model_finds_nothing_to_refuse)
{
    check_against_model(5000, 1, false);
    check_against_model(5000, 2, true);
    check_against_model(1, 3, false);
    check_against_model(2, UINT64_MAX, true);
    check_against_model(37, 4, true);
}

Test(workload, out_of_range_is_said)
{
    struct fl_workload *workload = NULL;
    struct fl_workload_options none = {.orders = 0}, many = {.orders = FL_GEN_ORDERS_MAX + 1};
    cr_assert_eq(fl_workload_open(&none, &workload, NULL), FL_OUT_OF_RANGE);
    cr_assert_eq(fl_workload_open(&many, &workload, NULL), FL_OUT_OF_RANGE);
}

static void check_shares(bool hard, const double stated[FL_GEN_PAY_KINDS], double undecidable_max)
{
    struct fl_workload *workload = open_workload(60000, 5, hard);
    struct fl_workload_event event;
    while (next_event(workload, &event))
        continue;
    const struct fl_workload_counts *counts = fl_workload_counts(workload);
    double all = (double)counts->events[FL_EVENT_PAYMENT];
    double invoices = (double)counts->events[FL_EVENT_INVOICE];
    for (unsigned kind = 0; kind < FL_GEN_PAY_KINDS; kind++) {
        double share = 100.0 * (double)counts->payments[kind] / all;
        cr_expect(share >= stated[kind] - 1.2 && share <= stated[kind] + 1.2,
                  "%s: %.2f %%, not %.2f", fl_gen_payment_kind_name(kind), share, stated[kind]);
    }
    cr_expect_leq(100.0 * (double)counts->undecidable / all, undecidable_max);
    cr_expect_gt((double)counts->settled_late, 0.15 * invoices);
    cr_expect_gt((double)counts->settled_on_time, (hard ? 0.45 : 0.5) * invoices); /* turns */
    cr_expect_leq(counts->days_late_max, 120);
    cr_expect_gt(counts->days_late_max, 90);
    cr_expect_eq(counts->settled_on_time + counts->settled_late + counts->open_not_due +
                     counts->open_overdue,
                 counts->events[FL_EVENT_INVOICE]);
    fl_workload_close(workload);
}

Test(workload, shares_are_as_stated)
{
    static const double normal[FL_GEN_PAY_KINDS] = {66, 10, 8, 7, 4, 2, 1, 2, 1, 0};
    static const double hard[FL_GEN_PAY_KINDS] = {25, 25, 15, 8, 12, 7, 3, 0, 4, 1};
    check_shares(false, normal, 3);
    check_shares(true, hard, 1.01);
}

/* After every payment, whatever the size: so the year may end anywhere. */
static void check_prefixes(uint32_t orders, uint64_t seed)
{
    static const uint64_t shares[FL_GEN_PAY_KINDS] = {25, 25, 15, 8, 12, 7, 3, 0, 4, 1};
    struct fl_workload *workload = open_workload(orders, seed, true);
    struct fl_workload_event event;
    uint64_t given[FL_GEN_PAY_KINDS] = {0}, all = 0, undecidable = 0;
    while (next_event(workload, &event)) {
        if (event.kind != FL_EVENT_PAYMENT)
            continue;
        given[event.payment.kind]++;
        all++;
        undecidable += !event.payment.decidable;
        cr_assert_eq(event.payment.decidable, event.payment.kind != FL_GEN_PAY_TWIN);
        for (unsigned kind = 0; kind < FL_GEN_PAY_KINDS; kind++) {
            cr_assert_geq(given[kind], all * shares[kind] / 100);
            cr_assert_leq(given[kind], (all * shares[kind] + 99) / 100);
        }
    }
    cr_assert_gt(all, orders / 3);
    cr_assert_eq(undecidable, given[FL_GEN_PAY_TWIN]);
    fl_workload_close(workload);
}

Test(workload, e5_hard_shares_are_exact_after_every_payment_and_only_twins_are_undecidable)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        check_prefixes(30, seed);
        check_prefixes(300, seed);
    }
    check_prefixes(20000, 6);
}

/* Money of each account as the events say, beside what its files say. */
struct reckoning {
    int64_t balance_minor[FL_GEN_ACCOUNTS];
    uint64_t lines[FL_GEN_ACCOUNTS], incoming;
};

static struct reckoning reckon(uint32_t orders, uint64_t seed, bool hard)
{
    struct reckoning sums = {0};
    struct fl_workload *workload = open_workload(orders, seed, hard);
    struct fl_workload_event event;
    while (next_event(workload, &event)) {
        if (event.kind == FL_EVENT_BANK_ACCOUNT)
            sums.balance_minor[event.bank_account.number] += event.bank_account.opening_minor;
        if (event.kind == FL_EVENT_PAYMENT) {
            sums.balance_minor[event.payment.account] += event.payment.amount_minor;
            sums.lines[event.payment.account]++;
            sums.incoming++;
        }
        if (event.kind == FL_EVENT_BANK_OUT) {
            sums.balance_minor[event.bank_out.account] -= event.bank_out.amount_minor;
            sums.lines[event.bank_out.account]++;
        }
    }
    fl_workload_close(workload);
    return sums;
}

static int64_t minor_of(const char *amount)
{
    struct fl_decimal value;
    int64_t minor;
    cr_assert_eq(fl_decimal_parse(amount, strlen(amount), &value), FL_OK, "%s", amount);
    cr_assert_eq(fl_decimal_scale(value, 2, &minor), FL_OK);
    return minor;
}

/* References of incoming lines, to be struck off by the key. */
struct seen {
    char (*refs)[144];
    size_t count;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool is_seen(const struct seen *seen, const char *ref)
{
    for (size_t i = seen->count; i > 0; i--) /* what comes again came lately */
        if (strcmp(seen->refs[i - 1], ref) == 0)
            return true;
    return false;
}

/* Formats of statements that chain; the others are read by test_gen_bank.sh. */
static bool is_readable(uint32_t account)
{
    return fl_our_account_format(account) <= FL_OUR_CAMT_BATCH;
}

/* One file after the other in order of time: chain, sums, lines. Statements that come again (N2)
 * must be the one before, to the byte. */
static void read_account(const char *directory, uint32_t account, struct reckoning *left,
                         struct seen *seen)
{
    int64_t balance = fl_our_account_opening_minor(account);
    char last_id[64] = "";
    uint64_t lines = 0;
    for (int month = 1; month <= 12; month++) {
        char path[512];
        bool xml = fl_our_account_format(account) == FL_OUR_CAMT_SINGLE ||
                   fl_our_account_format(account) == FL_OUR_CAMT_BATCH;
        snprintf(path, sizeof path, "%s/%s-2024-%02d.%s", directory, fl_our_account_iban(account),
                 month, xml ? "xml" : "sta");
        struct statement_recorder *r = recorder_read_file(path, 0);
        cr_assert_eq(r->status, FL_OK, "%s: %s", path, r->error.message);
        cr_assert_eq(r->refused_count, 0, "%s: %s", path, r->refused[0].message);
        cr_assert_eq(r->warnings_count, 0, "%s: %s", path, r->last_warning);
        for (size_t s = 0, k = 0; s < r->statements_count; s++) {
            const struct recorded_statement *statement = &r->statements[s];
            bool again = s == 0 && strcmp(statement->id, last_id) == 0;
            cr_assert_str_eq(statement->account, fl_our_account_iban(account));
            if (!again)
                cr_assert_eq(minor_of(statement->opening), balance, "%s %s", path, statement->id);
            int64_t sum = again ? balance - minor_of(statement->opening) : 0;
            for (; k < r->lines_count && r->lines[k].statement == s; k++) {
                char ref[144];
                snprintf(ref, sizeof ref, "%s/%s", statement->account, r->lines[k].bank_ref);
                if (again) {
                    sum -= minor_of(r->lines[k].amount);
                    cr_assert(r->lines[k].amount[0] == '-' || is_seen(seen, ref));
                    continue;
                }
                sum += minor_of(r->lines[k].amount);
                lines++;
                if (r->lines[k].amount[0] != '-')
                    strcpy(seen->refs[seen->count++], ref);
            }
            cr_assert_eq(again ? 0 : balance + sum, again ? sum : minor_of(statement->closing));
            balance = minor_of(statement->closing);
            cr_assert(statement->balanced && !statement->page_missing);
            strcpy(last_id, statement->id);
        }
        recorder_free(r);
    }
    cr_assert_eq(balance, left->balance_minor[account]);
    cr_assert_eq(lines, left->lines[account]);
}

static void read_key(const char *directory, struct seen *seen)
{
    char path[512], *row = NULL;
    size_t capacity = 0, rows = 0;
    snprintf(path, sizeof path, "%s/answers.ndjson", directory);
    FILE *key = fopen(path, "r");
    cr_assert(key);
    qsort(seen->refs, seen->count, sizeof seen->refs[0], by_text);
    for (size_t i = 1; i < seen->count; i++)
        cr_assert_str_neq(seen->refs[i - 1], seen->refs[i], "N3");
    while (getline(&row, &capacity, key) > 0) {
        char ref[144];
        cr_assert_eq(sscanf(row, "{\"line\":\"%143[^\"]\"", ref), 1);
        uint32_t account = 0;
        while (strncmp(ref, fl_our_account_iban(account), 22) != 0)
            account++;
        if (!is_readable(account))
            continue;
        cr_assert(bsearch(ref, seen->refs, seen->count, sizeof seen->refs[0], by_text), "%s", ref);
        rows++;
    }
    cr_assert_eq(rows, seen->count);
    free(row);
    fclose(key);
}

static void remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(path);
}

static void check_bank_files(uint32_t orders, uint64_t seed, bool hard)
{
    char directory[] = "/tmp/florin_gen_XXXXXX", count[16], number[24];
    cr_assert(mkdtemp(directory));
    snprintf(count, sizeof count, "%u", orders);
    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    char *argv[] = {"gen",    "--orders", count,     "--seed",
                    number,   "--out",    directory, hard ? "--hard" : NULL};
    cr_assert_eq(fl_cli_gen(hard ? 8 : 7, argv), 0);
    struct reckoning sums = reckon(orders, seed, hard);
    struct seen seen = {.refs = calloc(sums.incoming + 1, sizeof *seen.refs)};
    for (uint32_t account = 0; account < FL_GEN_ACCOUNTS; account++)
        if (is_readable(account))
            read_account(directory, account, &sums, &seen);
    read_key(directory, &seen);
    free(seen.refs);
    remove_directory(directory);
}

Test(workload, n1_n3_statements_chain_and_the_key_has_a_row_for_every_line_that_came_in)
{
    check_bank_files(6000, 11, false);
}

Test(workload, n2_hard_files_repeat_the_last_statement_and_nothing_else)
{
    check_bank_files(3000, 12, true);
}

Test(workload, nonsense_on_the_command_line_is_a_usage_error)
{
    static char *const bad[][3] = {{"--orders", "0", NULL},  {"--orders", "ten", NULL},
                                   {"--orders", "-1", NULL}, {"--subscriptions", NULL, NULL},
                                   {"--out", NULL, NULL},    {"--seed", "", NULL}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *argv[] = {"gen", bad[i][0], bad[i][1]};
        cr_expect_eq(fl_cli_gen(bad[i][1] ? 3 : 2, argv), 2, "%s", bad[i][0]);
    }
}
