/* The whole engine under random histories: commands of every kind over a few ids, most of them just
 * possible, many not.
 *
 *   after each accepted command    every kept figure is recomputed (fl_audit: I1 to I5), and the
 * rules below hold; after each other one           the digest is what it was (E1, E3); at the end
 * the accepted commands, applied again to an empty engine, make the same digest and the same folded
 * check at every step (E2, I8), from their bytes and from the text that `log` prints.
 *
 * The rules are reckoned here from the rows, by the rulings' words: what became of a receipt adds
 * up to it, an invoice's state is told by what closed it, no invoice owes while a note of its own
 * is open, open credit has money behind it, and the base column of the receivable accounts is what
 * the open documents are worth.
 *
 * FLORIN_SEEDS=n runs n seeds from 1 (60 otherwise); FLORIN_SEED=s that one alone; FLORIN_STEPS=n commands each (320
 * otherwise). The rulings' own run is FLORIN_SEEDS=20000 FLORIN_STEPS=120.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/domain/ledger.h"
#include "core/domain/receivable.h"
#include "core/domain/state.h"
#include "core/domain/statement_line.h"
#include "tests/support/book.h"
#include "tests/support/random.h"
#include "tools/format/command_json.h"

#define IDS         3 /* of each kind that is not made anew */
#define STEPS_MOST  320
#define FIRST_DAY   20180 /* 2025-04-02; commands are dated within 60 days of it */
#define FIRST_CLOCK 20255 /* the day of FL_BOOK_NOW_US */

static struct fl_test_book *book;
static struct fl_random dice;
static uint64_t seed;
static uint16_t clock_day;
static unsigned slices;
static unsigned steps = STEPS_MOST;
static unsigned made; /* documents: ids are numbers in one row */

struct kept {
    struct fl_command *command;
    uint32_t check;
};
static struct kept log_kept[4 * STEPS_MOST];
static unsigned log_count;

static unsigned any(unsigned below)
{
    return (unsigned)fl_random_below(&dice, below);
}

/* ---- texts
 * ------------------------------------------------------------------------------------------ */

static char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One of a ring of buffers. */
static char *print(const char *format, ...)
{
    static char ring[32][2048];
    static unsigned next;
    char *out = ring[next++ % 32];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out, sizeof ring[0], format, arguments);
    va_end(arguments);
    return out;
}

static const char *amount(void)
{
    static const unsigned sizes[] = {3, 100, 2000, 20000, 40000};
    unsigned cents = any(sizes[any(5)]) + (any(30) > 0);
    return any(6) ? print("%u.%02u", cents / 100, cents % 100) : print("%u", cents / 100 + 1);
}

static const char *minor(int64_t value)
{
    return print("%" PRId64 ".%02d", value / 100, (int)(value % 100));
}

/* Of what there is: all, a part, hardly too much, or anything. */
static const char *share(int64_t whole)
{
    unsigned how = any(10);
    if (how < 3 || whole < 2)
        return how == 0 ? amount() : minor(whole);
    if (how == 3)
        return minor(whole + 1);
    return minor(1 + (int64_t)fl_random_below(&dice, (uint64_t)whole));
}

static const char *dated(unsigned from, unsigned days)
{
    char text[11];
    fl_date_format((uint16_t)(FIRST_DAY + from + any(days)), text);
    return print(",\"date\":\"%s\"", text);
}

/* Documents come in any order of days, some of tomorrow; what happens to them is mostly of today,
 * which is day 74. */
static const char *day_field(void)
{
    return any(3) ? dated(0, any(6) ? 74 : 110) : "";
}

static const char *event_day(void)
{
    return any(4) ? "" : dated(40, 80);
}

/* An id of a kind that is there, mostly one of the last few, so that much happens to each; now and
 * then one of another kind, or of nothing. */
static const char *there(enum fl_kind kind)
{
    const struct fl_store *store = fl_book_store(book);
    enum fl_table_id table = kind == FL_KIND_OF_ORDER         ? FL_TABLE_order
                             : kind == FL_KIND_OF_SHIPMENT    ? FL_TABLE_shipment
                             : kind == FL_KIND_OF_INVOICE     ? FL_TABLE_invoice
                             : kind == FL_KIND_OF_CREDIT_NOTE ? FL_TABLE_credit_note
                                                              : FL_TABLE_receipt;
    uint32_t rows = store->rows[table];
    if (rows == 0 || any(25) == 0)
        return print("D%u", any(made + 1));
    uint32_t row = rows - 1 - any(any(4) && rows > 5 ? 5 : rows);
    for (unsigned i = 0; table == FL_TABLE_credit_note && any(3) && i < rows;
         i++) { /* one that is open */
        if (fl_credit_note_money(store, row)->open_minor > 0)
            break;
        row = (row + 1) % rows;
    }
    const struct fl_id *id = kind == FL_KIND_OF_ORDER         ? &fl_order_card(store, row)->id
                             : kind == FL_KIND_OF_SHIPMENT    ? &fl_shipment_card(store, row)->id
                             : kind == FL_KIND_OF_INVOICE     ? &fl_invoice_card(store, row)->id
                             : kind == FL_KIND_OF_CREDIT_NOTE ? &fl_credit_note_card(store, row)->id
                                                              : &fl_receipt_card(store, row)->id;
    size_t length;
    const char *bytes = fl_id_get(store, id, &length);
    return print("%.*s", (int)length, bytes);
}

static const char *order_there(void)
{
    return there(FL_KIND_OF_ORDER);
}

static const char *invoice_there(void)
{
    return there(FL_KIND_OF_INVOICE);
}

static const char *receipt_there(void)
{
    return there(FL_KIND_OF_RECEIPT);
}

static const char *note_there(void)
{
    return there(FL_KIND_OF_CREDIT_NOTE);
}

static const char *currency_of(unsigned customer)
{
    return customer % 3 == 2 ? "USD" : "EUR";
}

static int64_t invoice_minor(const char *id, bool total)
{
    if (!fl_book_has(book, FL_KIND_OF_INVOICE, id))
        return 100;
    uint32_t row = fl_book_row(book, FL_KIND_OF_INVOICE, id);
    return total ? fl_invoice_card(fl_book_store(book), row)->total_minor
                 : fl_invoice_money(fl_book_store(book), row)->open_minor;
}

static int64_t receipt_minor(const char *id)
{
    if (!fl_book_has(book, FL_KIND_OF_RECEIPT, id))
        return 100;
    return fl_receipt_card(fl_book_store(book), fl_book_row(book, FL_KIND_OF_RECEIPT, id))
        ->amount_minor;
}

static int64_t note_minor(const char *id)
{
    if (!fl_book_has(book, FL_KIND_OF_CREDIT_NOTE, id))
        return 100;
    return fl_credit_note_money(fl_book_store(book), fl_book_row(book, FL_KIND_OF_CREDIT_NOTE, id))
        ->open_minor;
}

/* ---- commands
 * ---------------------------------------------------------------------------------------- */

static const char *maybe_key(void)
{
    return any(10) ? "" : print(",\"key\":\"k%u\"", any(12));
}

static char *an_order(unsigned n)
{
    static const char *const freight[] = {
        "", "", "", ",\"shipping\":{\"amount\":\"4.90\",\"tax_rate\":\"19\"}"};
    static const char *const cut[] = {"", "", ",\"discount_percent\":\"3.5\""};
    char lines[600];
    size_t at = 0;
    unsigned customer = any(IDS);
    for (unsigned i = 0, count = 1 + any(3); i < count; i++)
        at += (size_t)snprintf(lines + at, sizeof lines - at,
                               "%s{\"product\":\"P%u\",\"quantity\":\"%u%s\",\"price\":\"%u.%03u\","
                               "\"tax_rate\":\"%s\"}",
                               i ? "," : "", any(4), 1 + any(5), any(5) ? "" : ".5", any(90),
                               any(1000),
                               any(2)   ? "19"
                               : any(2) ? "7"
                                        : "0");
    return print("{\"type\":\"order\",\"id\":\"D%u\",\"customer\":\"C%u\",\"lines\":[%s]%s%s%s%s}",
                 n, customer, lines, freight[any(4)], cut[any(3)], day_field(), maybe_key());
}

static const char *some_lines(void)
{
    if (any(2))
        return "";
    return print(",\"lines\":[{\"line\":%u,\"quantity\":\"%u%s\"}]", 1 + any(3), any(4),
                 any(4) ? "" : ".5");
}

/* Due on up to four days in any order; now and then the parts are not the whole. */
static char *an_invoice_in_parts(const char *id, unsigned customer)
{
    char parts[500], day[11];
    size_t at = 0;
    unsigned cents = 0;
    for (unsigned i = 0, count = 1 + any(4); i < count; i++) {
        unsigned part = 1 + any(9000);
        cents += part;
        fl_date_format((uint16_t)(FIRST_DAY + 60 + any(80)), day);
        at += (size_t)snprintf(parts + at, sizeof parts - at,
                               "%s{\"due_date\":\"%s\",\"amount\":\"%u.%02u\"}", i ? "," : "", day,
                               part / 100, part % 100);
    }
    cents += any(8) == 0;
    return print("{\"type\":\"invoice\",%s\"customer\":\"C%u\",\"amount\":{\"net\":\"%u.%02u\","
                 "\"tax\":\"0\"}%s,\"instalments\":[%s]}",
                 id, customer, cents / 100, cents % 100, dated(0, 60), parts);
}

static char *an_invoice(unsigned n)
{
    unsigned customer = any(IDS);
    const char *id = any(4) ? print("\"id\":\"D%u\",", n) : "";
    const char *date = day_field();
    switch (any(5)) {
    case 0:
        return print("{\"type\":\"invoice\",%s\"order\":\"%s\"%s}", id, order_there(), date);
    case 1:
        return print("{\"type\":\"invoice\",%s\"shipment\":\"%s\"%s}", id,
                     there(FL_KIND_OF_SHIPMENT), date);
    case 2:
        return print(
            "{\"type\":\"invoice\",%s\"customer\":\"C%u\",\"lines\":[{\"text\":\"work\",\"price\":"
            "\"%s\","
            "\"tax_rate\":\"19\"},{\"product\":\"P%u\",\"quantity\":\"3\",\"price\":\"1.115\","
            "\"discount_percent\":\"10\"}]%s}",
            id, customer, amount(), any(4), date);
    case 3:
        return an_invoice_in_parts(id, customer);
    default:
        return print("{\"type\":\"invoice\",%s\"customer\":\"C%u\",\"amount\":{\"net\":\"%s\","
                     "\"tax\":\"%u.%02u\"}%s}",
                     id, customer, amount(), any(9), any(100), date);
    }
}

/* Names invoices; now and then for exactly what one of them owes, less a discount or a cent. */
static char *a_receipt(unsigned n)
{
    unsigned customer = any(IDS);
    const char *sum = amount(), *currency = currency_of(customer), *id = invoice_there();
    if (any(3) && fl_book_has(book, FL_KIND_OF_INVOICE, id)) {
        const struct fl_store *store = fl_book_store(book);
        uint32_t row = fl_book_row(book, FL_KIND_OF_INVOICE, id);
        int64_t open = fl_invoice_money(store, row)->open_minor;
        open -= any(3) == 0 ? open / 50 : any(3) == 0 ? 1 : 0;
        open += any(8) == 0 ? (int64_t)any(4) : 0;
        sum = print("%" PRId64 ".%02d", open / 100, (int)(open % 100));
        currency = fl_currency_code(fl_invoice_card(store, row)->currency);
        return print("{\"type\":\"receipt\",\"id\":\"D%u\",\"amount\":\"%s\",\"currency\":\"%s\","
                     "\"references\":[\"%s\"]%s}",
                     n, sum, currency, id, day_field());
    }
    return print(
        "{\"type\":\"receipt\",\"id\":\"D%u\",\"amount\":\"%s\",\"currency\":\"%s\"%s%s%s%s%s}", n,
        sum, currency, any(3) ? print(",\"customer\":\"C%u\"", customer) : "",
        any(2) ? print(",\"references\":[\"%s\",\"%s\"]", id, invoice_there()) : "",
        any(8) ? "" : ",\"fee\":\"0.01\"",
        any(4)   ? print(",\"payer\":{\"account\":\"de%u\"}", any(4))
        : any(2) ? ""
                 : ",\"account\":\"B0\"",
        day_field());
}

static char *a_credit_note(unsigned n)
{
    const char *id = any(4) ? print("\"id\":\"D%u\",", n) : "";
    if (any(6) == 0)
        return print("{\"type\":\"credit_note\",%s\"customer\":\"C%u\",\"amount\":{\"net\":\"%s\","
                     "\"tax\":\"0\"}%s}",
                     id, any(IDS), amount(), event_day());
    if (any(4) == 0)
        return print("{\"type\":\"credit_note\",%s\"invoice\":\"%s\",\"lines\":[{\"line\":1,"
                     "\"quantity\":\"1\"}]%s}",
                     id, invoice_there(), event_day());
    const char *invoice = invoice_there(), *sum = share(invoice_minor(invoice, true));
    return print("{\"type\":\"credit_note\",%s\"invoice\":\"%s\",\"amount\":\"%s\"%s}", id, invoice,
                 sum, event_day());
}

static char *an_application(unsigned n)
{
    const char *extra = any(5)   ? ""
                        : any(2) ? ",\"discount\":\"0.05\""
                        : any(2) ? ",\"difference\":\"0.02\""
                                 : ",\"difference\":\"-0.02\"";
    static const char *const who[] = {
        "", "", ",\"by\":\"ann\"", ",\"by\":\"florin\"", ",\"match\":{\"rule\":2,\"points\":100}",
        ",\"match\":{\"rule\":5,\"points\":85,\"reason\":\"r\",\"runner_up\":{\"rule\":7,"
        "\"documents\":[{\"id\":\"D1\",\"amount\":\"1.5\"}]},\"candidates\":[{\"points\":30}]}"};
    bool of_note = any(2) == 0;
    if (any(12) == 0)
        return print("{\"type\":\"application\",\"receipt\":\"%s\",\"park\":true}",
                     receipt_there());
    return print("{\"type\":\"application\",%s\"%s\":\"%s\",\"invoice\":\"%s\"%s%s%s%s}",
                 any(2) ? print("\"id\":\"D%u\",", n) : "", of_note ? "credit_note" : "receipt",
                 of_note ? note_there() : receipt_there(), invoice_there(),
                 any(2) ? print(",\"amount\":\"%s\"", amount()) : "", extra, event_day(),
                 who[any(6)]);
}

static char *a_reversal(void)
{
    static const char *const who[] = {"", ",\"by\":\"ann\"", ",\"by\":\"florin match\""};
    return print("{\"type\":\"application_reverse\",\"application\":\"%s/%u\"%s%s}",
                 any(2) ? receipt_there() : note_there(), 1 + any(3), any(4) ? "" : event_day(),
                 who[any(3)]);
}

/* A row of a table, mostly one of the last. */
static uint32_t some_row(enum fl_table_id table)
{
    uint32_t rows = fl_book_store(book)->rows[table];
    return rows == 0 ? 0 : rows - 1 - any(any(4) && rows > 4 ? 4 : rows);
}

static const char *id_text(const struct fl_id *id)
{
    size_t length;
    const char *bytes = fl_id_get(fl_book_store(book), id, &length);
    return print("%.*s", (int)length, bytes);
}

/* Contested, decided, promised. */
static char *a_claim(unsigned n)
{
    const struct fl_store *store = fl_book_store(book);
    char day[11];
    const char *invoice = invoice_there();
    unsigned what = any(5);
    if (what < 2)
        return print("{\"type\":\"dispute\",\"id\":\"D%u\",\"invoice\":\"%s\",\"amount\":\"%s\","
                     "\"reason\":\"damaged\"%s}",
                     n, invoice, share(invoice_minor(invoice, false)), event_day());
    if (what < 4 && store->rows[FL_TABLE_dispute] > 0)
        return print(
            "{\"type\":\"dispute_close\",\"dispute\":\"%s\",\"outcome\":\"%s\"%s%s}",
            id_text(&fl_dispute_card(store, some_row(FL_TABLE_dispute))->id),
            what == 2 ? "upheld" : "rejected",
            what == 2 && any(4) ? print(",\"credit\":\"D%u\"", n) : "", event_day());
    fl_date_format((uint16_t)(clock_day - 1 + any(6)), day);
    return print("{\"type\":\"promise\",\"id\":\"D%u\",%s,\"date\":\"%s\",\"amount\":\"%s\"}", n,
                 any(2) ? print("\"invoice\":\"%s\"", invoice)
                        : print("\"customer\":\"C%u\"", any(IDS)),
                 day, share(invoice_minor(invoice, false)));
}

static const char *event_there(void)
{
    const struct fl_store *store = fl_book_store(book);
    return store->rows[FL_TABLE_cash_event] == 0
               ? "none"
               : id_text(&fl_cash_event_card(store, some_row(FL_TABLE_cash_event))->id);
}

static char *an_assignment(void)
{
    static const char *const accounts[] = {"expenses:bank_charges", "income:recoveries",
                                           "assets:transit:payouts", "B0", "assets:bank:BU",
                                           "assets:receivable:invoices", "liabilities:suspense",
                                           "liabilities:unidentified"};
    char line[FL_ID_BYTES_MAX + 1] = "none";
    if (fl_book_store(book)->rows[FL_TABLE_statement_line] > 0)
        line[fl_line_id(fl_book_store(book), some_row(FL_TABLE_statement_line), line)] = '\0';
    switch (any(4)) {
    case 0:
        return print("{\"type\":\"assign\",\"line\":\"%s\",\"receipt\":\"%s\"%s}", line,
                     receipt_there(), event_day());
    case 1:
        return print("{\"type\":\"assign\",\"line\":\"%s\",\"%s\":\"%s\"}", line,
                     any(2) ? "refund" : "chargeback", event_there());
    default:
        return print("{\"type\":\"assign\",\"line\":\"%s\",\"account\":\"%s\"}", line,
                     accounts[any(8)]);
    }
}

/* Parts of every kind; mostly the sum is what is paid out. */
static char *a_payout(unsigned n)
{
    static const char *const kinds[] = {"charge",     "charge",  "refund",    "fee",
                                        "chargeback", "reserve", "adjustment"};
    char parts[1500];
    size_t at = 0;
    int64_t sum = 0;
    bool dollars = any(5) == 0;
    for (unsigned i = 0, count = 1 + any(4); i < count; i++) {
        unsigned kind = any(7);
        const char *refs[] = {invoice_there(), order_there(),  receipt_there(),
                              note_there(),    event_there(), "income:recoveries"};
        const char *ref = refs[kind < 2 ? any(3) : any(6)];
        int64_t minor_units = 1 + any(5000), fee = any(3) ? 0 : any(90);
        if (kind < 2 && any(2) && fl_book_has(book, FL_KIND_OF_RECEIPT, ref))
            minor_units = receipt_minor(ref);
        if (kind > 1 && (kind < 4 || any(2)))
            minor_units = -minor_units;
        sum += minor_units - fee;
        const char *sign = minor_units < 0 ? "-" : "";
        at += (size_t)snprintf(parts + at, sizeof parts - at,
                               "%s{\"kind\":\"%s\",\"ref\":\"%s\",\"amount\":\"%s%s\"%s}",
                               i ? "," : "", kinds[kind], ref, sign,
                               minor(minor_units < 0 ? -minor_units : minor_units),
                               fee ? print(",\"fee\":\"%s\"", minor(fee)) : "");
    }
    sum += any(10) == 0;
    return print("{\"type\":\"payout\",\"id\":\"D%u\",\"currency\":\"%s\",\"processor\":\"%s\","
                 "\"amount\":\"%s%s\"%s,\"parts\":[%s]%s}",
                 n, dollars ? "USD" : "EUR", dollars ? "PAYU" : "PAY", sum < 0 ? "-" : "",
                 minor(sum < 0 ? -sum : sum),
                 any(3) || dollars ? "" : ",\"account\":\"B0\"", parts, event_day());
}

/* Of what was lost; often of an event of another kind, which is not found. */
static char *a_giving_back(unsigned n, const char *account)
{
    const char *part = any(2) ? print(",\"amount\":\"%s\"", amount()) : "";
    if (any(3) == 0)
        return print("{\"type\":\"write_off_reverse\",\"id\":\"D%u\",\"write_off\":\"%s\"%s%s}", n,
                     event_there(), part, event_day());
    return print("{\"type\":\"chargeback_reverse\",\"id\":\"D%u\",\"chargeback\":\"%s\"%s%s%s%s}", n,
                 event_there(), part, any(3) ? "" : ",\"fee\":\"0.40\"", account, event_day());
}

static char *a_payback(unsigned n)
{
    static const char *const types[] = {"refund", "chargeback", "receipt_reverse"};
    const char *account = any(3) ? "" : ",\"account\":\"B0\"";
    unsigned what = any(6);
    if (what == 5)
        return a_giving_back(n, account);
    if (what == 3)
        return print(
            "{\"type\":\"refund\",\"id\":\"D%u\",\"customer\":\"C%u\",\"amount\":\"%s\"%s%s}", n,
            any(IDS), amount(), account, event_day());
    const char *note = note_there(), *receipt = receipt_there();
    if (what == 4)
        return print(
            "{\"type\":\"refund\",\"id\":\"D%u\",\"credit_note\":\"%s\",\"amount\":\"%s\"%s%s}", n,
            note, share(note_minor(note)), account, event_day());
    return print("{\"type\":\"%s\",\"id\":\"D%u\",\"receipt\":\"%s\",\"amount\":\"%s\"%s%s%s}",
                 types[what], n, receipt, share(receipt_minor(receipt)),
                 what == 0 || any(2) ? "" : ",\"fee\":\"1.50\"", account, event_day());
}

/* Lines of a bank: money in that names documents or not, money taken back, money out, with charges
 * kept; in dollars some are of days that have no rate yet. */
static char *a_statement(unsigned n)
{
    char lines[900];
    size_t at = 0;
    bool dollars = any(4) == 0;
    for (unsigned i = 0, count = 1 + any(3); i < count; i++) {
        const char *invoice = invoice_there(), *sum = share(invoice_minor(invoice, any(2)));
        bool out = any(5) == 0;
        at += (size_t)snprintf(
            lines + at, sizeof lines - at,
            "%s{\"amount\":\"%s%s\",\"bank_ref\":\"L%u-%u\",\"text\":\"t\"%s%s%s%s}", i ? "," : "",
            out ? "-" : "", sum, n, any(9),
            dollars && any(2) ? print(",\"date\":\"2024-12-2%u\"", any(9)) : dated(20, 60),
            any(4) ? "" : ",\"charges\":\"0.50\"",
            any(3) ? print(",\"references\":[\"%s\"]", invoice) : "",
            out && any(2) ? ",\"reversal\":true" : "");
    }
    for (char *date;
         (date = strstr(lines, ",\"date\"")) != NULL;) { /* a line's day has another name */
        memmove(date + 10, date + 2, strlen(date + 2) + 1);
        memcpy(date, ",\"booking_", 10);
    }
    const char *account = dollars ? "BU" : "B0", *currency = dollars ? "USD" : "EUR";
    if (any(3)) /* whole */
        return print(
            "{\"type\":\"statement\",\"id\":\"D%u\",\"account\":\"%s\",\"currency\":\"%s\"%s,"
            "\"lines\":[%s]}",
            n, account, currency, any(3) ? "" : print(",\"opening\":\"%u\"", any(4)), lines);
    unsigned part = 1 + any(3);
    return print(
        "{\"type\":\"statement\",\"id\":\"PARTS%u\",\"account\":\"%s\",\"currency\":\"%s\","
        "\"part\":%u%s,\"lines\":[%s]}",
        any(2), account, currency, part, any(2) ? print(",\"parts\":%u", part) : "", lines);
}

static char *a_master(void)
{
    char date[11];
    unsigned n = any(IDS);
    switch (any(6)) {
    case 0:
        return print("{\"type\":\"customer\",\"id\":\"C%u\",\"name\":\"c%u\",\"currency\":\"%s\","
                     "\"credit_limit\":%s%s}",
                     n, any(3), currency_of(n), any(3) ? "null" : "\"300\"",
                     any(2) ? ",\"discount\":{\"percent\":\"2\",\"days\":14}" : "");
    case 1:
        return print("{\"type\":\"product\",\"id\":\"P%u\",\"name\":\"p\",\"currency\":\"EUR\","
                     "\"price\":\"%u\","
                     "\"stock_control\":%s}",
                     any(4), any(9), any(2) ? "true" : "false");
    case 2:
        fl_date_format((uint16_t)(FIRST_DAY - (any(3) ? 10 : 103) + any(70)), date);
        return print("{\"type\":\"fx_rate\",\"date\":\"%s\",\"from\":\"USD\",\"to\":\"EUR\","
                     "\"rate\":\"0.%u\"}",
                     date, 8000 + any(2000));
    case 3:
        fl_date_format((uint16_t)(FIRST_DAY + any(12)), date);
        return any(20)
                   ? print("{\"type\":\"receipt_assign\",\"receipt\":\"%s\",\"customer\":\"C%u\"}",
                           receipt_there(), n)
                   : print("{\"type\":\"period_close\",\"through\":\"%s\"}", date);
    case 4:
        return print(
            "{\"type\":\"credit_decision\",\"order\":\"%s\",\"decision\":\"%s\",\"by\":\"ann\"}",
            order_there(), any(3) ? "release" : "reject");
    default:
        return print(
            "{\"type\":\"stock\",\"product\":\"P%u\",\"kind\":\"%s\",\"quantity\":\"%u\"%s}",
            any(4), any(4) ? "receive" : "count", 1 + any(30), maybe_key());
    }
}

static char *a_command(void)
{
    const char *invoice;
    unsigned n = any(20) ? made++ : any(made + 1); /* sometimes an id that is there */
    switch (any(21)) {
    case 17:
        return a_claim(n);
    case 18:
        return an_assignment();
    case 19:
        return a_payout(n);
    case 20:
        return any(2) ? a_reversal() : an_application(n);
    case 0:
    case 1:
        return an_order(n);
    case 16:
        return a_statement(n);
    case 2:
        return print("{\"type\":\"shipment\",\"id\":\"D%u\",\"order\":\"%s\"%s%s}", n,
                     order_there(), some_lines(), event_day());
    case 3:
        return print("{\"type\":\"order_cancel\",\"order\":\"%s\"%s,\"restock\":%s%s}",
                     order_there(), some_lines(), any(3) ? "true" : "false", maybe_key());
    case 4:
    case 5:
        return an_invoice(n);
    case 6:
    case 7:
    case 8:
        return a_receipt(n);
    case 9:
    case 10:
        return a_credit_note(n);
    case 11:
        return an_application(n);
    case 12:
        return a_reversal();
    case 13:
        return a_payback(n);
    case 14:
        if (any(3))
            return a_payback(n);
        invoice = invoice_there();
        return print("{\"type\":\"write_off\",\"id\":\"D%u\",\"invoice\":\"%s\",\"amount\":\"%s\","
                     "\"reason\":\"r\"%s%s}",
                     n, invoice, share(invoice_minor(invoice, false)),
                     any(2) ? "" : ",\"tax_relief\":true", event_day());
    default:
        return a_master();
    }
}

static void send_batch(void)
{
    char line[16384];
    size_t at = (size_t)snprintf(line, sizeof line,
                                 "{\"type\":\"batch\",\"key\":\"b%u\",\"commands\":[", any(1000));
    for (unsigned i = 0, count = 1 + any(5); i < count; i++)
        at += (size_t)snprintf(line + at, sizeof line - at, "%s%s", i ? "," : "", a_command());
    snprintf(line + at, sizeof line - at, "]}");
    fl_book_send(book, "%s", line);
}

/* ---- rules
 * ------------------------------------------------------------------------------------------- */

#define RULE(holds, ...)                                                                           \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, __VA_ARGS__);                                                          \
            cr_assert(holds, "seed %" PRIu64 ": %s", seed, #holds);                                \
        }                                                                                          \
    } while (0)

/* Of a receipt's movements; nothing of what the engine sums is used. */
static void receipt_adds_up(const struct fl_store *store, uint32_t receipt)
{
    int64_t gone = 0, back = 0;
    const struct fl_receipt_card *card = fl_receipt_card(store, receipt);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_movement]; row++) {
        const struct fl_movement_row *m = fl_movement_row(store, row);
        if (m->source != receipt)
            continue;
        bool pays_back = m->kind == FL_MOVE_REFUND_RECEIPT || m->kind == FL_MOVE_CHARGEBACK ||
                         m->kind == FL_MOVE_RETURN || m->kind == FL_MOVE_ASSIGN;
        if (pays_back || m->kind == FL_MOVE_APPLY_RECEIPT || m->kind == FL_MOVE_OVER)
            gone += m->amount_minor;
        back += pays_back || m->kind == FL_MOVE_REFUND_SHARE ? m->amount_minor : 0; /* D4.2 */
    }
    RULE(fl_receipt_money(store, receipt)->open_minor == card->amount_minor - gone,
         "receipt row %u\n", receipt);
    RULE(back <= card->amount_minor, "receipt row %u gave back more than came\n", receipt);
}

struct of_invoice {
    int64_t cash, own, other, discount, small, lost;
    int64_t notes_open, notes_spent, notes_total, notes_applied_elsewhere, no_money;
};

static struct of_invoice sums_of(const struct fl_store *store, uint32_t invoice)
{
    struct of_invoice sum = {.cash = 0};
    for (uint32_t row = 0; row < store->rows[FL_TABLE_credit_note]; row++) {
        if (fl_credit_note_card(store, row)->invoice != invoice)
            continue;
        sum.notes_open += fl_credit_note_money(store, row)->open_minor;
        sum.notes_total += fl_credit_note_card(store, row)->total_minor;
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_movement]; row++) {
        const struct fl_movement_row *m = fl_movement_row(store, row);
        int64_t a = m->amount_minor;
        bool note = m->kind == FL_MOVE_APPLY_CREDIT || m->kind == FL_MOVE_REFUND_CREDIT ||
                    m->kind == FL_MOVE_CREDIT_NO_MONEY;
        bool own = note && fl_credit_note_card(store, m->source)->invoice == invoice;
        if (own && m->kind == FL_MOVE_REFUND_CREDIT)
            sum.notes_spent += a;
        if (own && m->kind == FL_MOVE_APPLY_CREDIT && m->invoice != invoice)
            sum.notes_spent += a;
        if (own && m->kind == FL_MOVE_CREDIT_NO_MONEY)
            sum.no_money += a;
        if (m->invoice != invoice)
            continue;
        sum.cash += m->kind == FL_MOVE_APPLY_RECEIPT ? a : 0;
        sum.own += own ? a : 0;
        sum.other += m->kind == FL_MOVE_APPLY_CREDIT && !own ? a : 0;
        sum.discount += m->kind == FL_MOVE_DISCOUNT ? a : 0;
        sum.small += m->kind == FL_MOVE_SHORT ? a : 0;
        sum.lost += m->kind == FL_MOVE_WRITE_OFF ? a : m->kind == FL_MOVE_RECOVERY ? -a : 0;
    }
    return sum;
}

/* D8, D4.4, D4.6 and I3. */
static void invoice_is_right(const struct fl_store *store, uint32_t invoice)
{
    struct of_invoice sum = sums_of(store, invoice);
    const struct fl_invoice_money *money = fl_invoice_money(store, invoice);
    int64_t total = fl_invoice_card(store, invoice)->total_minor, open = money->open_minor;
    char id[32];
    snprintf(id, sizeof id, "invoice row %u", invoice);
    RULE(sum.cash + sum.own + sum.other + sum.discount + sum.small + sum.lost + open == total,
         "%s\n", id);
    uint8_t state = open == total && total > 0        ? FL_INVOICE_OPEN
                    : open > 0                        ? FL_INVOICE_PARTIAL
                    : sum.lost > 0                    ? FL_INVOICE_WRITTEN_OFF
                    : sum.own > 0 && sum.own == total ? FL_INVOICE_CREDITED
                                                      : FL_INVOICE_PAID;
    RULE(money->state == state, "%s is in state %u, not %u: open %" PRId64 " of %" PRId64 "\n", id,
         money->state, state, open, total);
    RULE(sum.notes_total <= total, "%s is credited beyond its total\n", id);
    RULE(open == 0 || sum.notes_open == 0, "%s owes %" PRId64 " while its own notes are open\n", id,
         open);
    RULE(sum.no_money <= sum.discount + sum.small + sum.lost,
         "%s: more taken back than there was\n", id);
    RULE(sum.no_money >= 0, "%s: taken back less than nothing\n", id);
    int64_t behind = sum.cash + sum.other - sum.notes_spent;
    RULE(sum.notes_open == 0 || sum.notes_open <= behind,
         "%s: open credit without money behind it\n", id);
}

/* round half up of amount x rate (x 10^-10): both currencies here have two decimals. */
static int64_t at_rate(int64_t amount_minor, int64_t rate)
{
    return (int64_t)(((fl_int128)amount_minor * rate * 2 + 10000000000) / 20000000000);
}

static int64_t part_of(int64_t whole, int64_t part, int64_t all)
{
    return part == 0 ? 0 : (int64_t)(((fl_int128)whole * part * 2 + all) / (2 * (fl_int128)all));
}

/* A document in dollars: what is left of it, there and in base (posting row 23). */
struct left {
    int64_t total, open, base_total, base;
};

/* `amount` leaves it, or comes back below zero; `mirrored`: what the original of a mirror took, null else. Returns what
 * left it in base. */
static int64_t leave(struct left *left, int64_t amount, const int64_t *mirrored)
{
    int64_t base, gone = left->total - left->open;
    if (mirrored)
        base = -*mirrored;
    else if (amount > 0)
        base = amount == left->open ? left->base : part_of(left->base, amount, left->open);
    else
        base = -(amount == -gone ? left->base_total - left->base
                                 : part_of(left->base_total - left->base, -amount, gone));
    left->open -= amount;
    left->base -= base;
    return base;
}

/* What document `row` has left in base after all its movements: of an invoice, or of the source of those kinds. */
static int64_t base_left(const struct fl_store *store, struct left left, bool invoice,
                         const char *kinds, uint32_t row)
{
    static int64_t took[1 << 16];
    for (uint32_t i = 0; i < store->rows[FL_TABLE_movement]; i++) {
        const struct fl_movement_row *m = fl_movement_row(store, i);
        uint32_t reverses = fl_movement_cold(store, i)->reverses;
        if ((invoice ? m->invoice : m->source) != row || !memchr(kinds, m->kind, strlen(kinds)))
            continue;
        int64_t amount = m->kind == FL_MOVE_RECOVERY ? -m->amount_minor : m->amount_minor;
        took[i] = leave(&left, amount, reverses == FL_NO_ROW ? NULL : &took[reverses]);
    }
    return left.base;
}

/* The receivable accounts' base column in dollars is what the open documents have left (row 23, D9); an invoice's whole
 * is its total at its own rate. */
static void base_is_right(const struct fl_store *store)
{
    static const char on_invoice[] = {FL_MOVE_APPLY_RECEIPT, FL_MOVE_APPLY_CREDIT, FL_MOVE_DISCOUNT,
                                      FL_MOVE_SHORT, FL_MOVE_WRITE_OFF, FL_MOVE_RECOVERY, 0};
    static const char on_receipt[] = {FL_MOVE_APPLY_RECEIPT, FL_MOVE_OVER,   FL_MOVE_REFUND_RECEIPT,
                                      FL_MOVE_CHARGEBACK,    FL_MOVE_RETURN, FL_MOVE_ASSIGN, 0};
    static const char on_note[] = {FL_MOVE_APPLY_CREDIT, FL_MOVE_REFUND_CREDIT,
                                   FL_MOVE_CREDIT_NO_MONEY, 0};
    int64_t kept[4] = {0}, open[4] = {0};
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_account_day_key(store, row);
        const struct fl_account_day_total *total = fl_account_day_total(store, row);
        if (key->account <= FL_ACCOUNT_CREDITS && key->currency == FL_CURRENCY_USD)
            kept[key->account] += total->base_debit_minor - total->base_credit_minor;
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_invoice]; row++) {
        const struct fl_invoice_card *card = fl_invoice_card(store, row);
        if (card->currency != FL_CURRENCY_USD)
            continue;
        int64_t base = at_rate(card->total_minor,
                               fl_invoice_extra_row(store, fl_invoice_cold(store, row)->extra)->rate);
        open[1] += base_left(store, (struct left){card->total_minor, card->total_minor, base, base},
                             true, on_invoice, row);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_receipt]; row++) {
        const struct fl_receipt_card *card = fl_receipt_card(store, row);
        int64_t base = fl_receipt_cold(store, row)->base_amount_minor;
        if (card->currency == FL_CURRENCY_USD && fl_receipt_money(store, row)->customer != FL_NO_ROW)
            open[2] -= base_left(store,
                                 (struct left){card->amount_minor, card->amount_minor, base, base},
                                 false, on_receipt, row);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_credit_note]; row++) {
        const struct fl_credit_note_card *card = fl_credit_note_card(store, row);
        int64_t base = fl_credit_note_cold(store, row)->base_total_minor;
        if (card->currency == FL_CURRENCY_USD)
            open[3] -= base_left(store,
                                 (struct left){card->total_minor, card->total_minor, base, base},
                                 false, on_note, row);
    }
    for (unsigned i = 1; i <= 3; i++)
        RULE(kept[i] == open[i], "base of %s: %" PRId64 " kept, %" PRId64 " open\n",
             fl_account_name(i), kept[i], open[i]);
}

/* The live totals by due day are what the parts of invoices owe, the oldest paid first (A6): reckoned from the day on
 * which each cent of an invoice is due. */
static void due_days_are_right(const struct fl_store *store)
{
    static int64_t owed[2][FL_DATE_MAX + 1];
    memset(owed, 0, sizeof owed);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_invoice]; row++) {
        const struct fl_invoice_card *card = fl_invoice_card(store, row);
        int64_t paid = card->total_minor - fl_invoice_money(store, row)->open_minor;
        int64_t *days = owed[card->currency == FL_CURRENCY_USD];
        bool in_parts = false;
        for (uint32_t i = 0; i < store->rows[FL_TABLE_instalment]; i++) {
            const struct fl_instalment_row *part = fl_instalment_row(store, i);
            if (part->invoice != row)
                continue;
            int64_t of_it = paid < part->amount_minor ? paid : part->amount_minor;
            days[part->due_date] += part->amount_minor - of_it;
            paid -= of_it;
            in_parts = true;
        }
        if (!in_parts)
            days[card->due_date] += card->total_minor - paid;
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_account_day_key(store, row);
        const struct fl_account_day_total *total = fl_account_day_total(store, row);
        if (key->account == FL_ACCOUNT_OPEN_BY_DUE)
            owed[key->currency == FL_CURRENCY_USD][key->date] -=
                total->debit_minor - total->credit_minor;
    }
    for (unsigned day = 0; day <= FL_DATE_MAX; day++)
        RULE(owed[0][day] == 0 && owed[1][day] == 0, "due on day %u\n", day);
}

/* A promise is decided when its day is over, not before, and not long after. */
static void promises_are_right(const struct fl_store *store)
{
    for (uint32_t row = 0; row < store->rows[FL_TABLE_promise]; row++) {
        const struct fl_promise_card *card = fl_promise_card(store, row);
        bool decided = fl_promise_live(store, row)->state != FL_PROMISE_OPEN;
        uint16_t day = fl_book_counters(store, 0)->business_date;
        RULE(!decided || fl_book_counters(store, 0)->clock_day > card->date, "promise row %u was decided before its day\n", row);
        RULE(decided || day <= card->date || fl_engine_has_slice(fl_book_engine(book)),
             "promise row %u was forgotten\n", row);
    }
}

/* What the processor holds is what its parts came to and what it did not pay out, as the entries of charges, refunds
 * and chargebacks on its account say: the sum of reserves, less what was taken back from it otherwise. */
static void processor_is_right(const struct fl_store *store)
{
    int64_t held[2] = {0}, kept[2] = {0};
    for (uint32_t row = 0; row < store->rows[FL_TABLE_payout_part]; row++) {
        const struct fl_payout_part_row *part = fl_payout_part_row(store, row);
        uint32_t processor = fl_payout_card(store, part->payout)->processor;
        if (part->kind == FL_PAYOUT_RESERVE)
            held[fl_bank_account_live(store, processor)->currency == FL_CURRENCY_USD] -=
                part->amount_minor;
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_cash_event]; row++) { /* taken back from there, by no payout */
        const struct fl_cash_event_card *card = fl_cash_event_card(store, row);
        int64_t taken = card->amount_minor + card->fee_minor;
        if (card->account != FL_NO_ROW && fl_cash_event_live(store, row)->line != FL_NO_ROW &&
            fl_bank_account_live(store, card->account)->kind == FL_ACCOUNT_KIND_PROCESSOR)
            held[card->currency == FL_CURRENCY_USD] -=
                card->kind == FL_EVENT_CHARGEBACK_REVERSE ? -taken : taken;
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_account_day_key(store, row);
        const struct fl_account_day_total *total = fl_account_day_total(store, row);
        if (key->account >= FL_ACCOUNT_BANK_FIRST &&
            fl_bank_account_live(store, key->account - FL_ACCOUNT_BANK_FIRST)->kind ==
                FL_ACCOUNT_KIND_PROCESSOR)
            kept[key->currency == FL_CURRENCY_USD] += total->debit_minor - total->credit_minor;
    }
    RULE(held[0] == kept[0] && held[1] == kept[1],
         "the processors hold %" PRId64 " and %" PRId64 ", their reserves are %" PRId64
         " and %" PRId64 "\n",
         kept[0], kept[1], held[0], held[1]);
}

/* Matching 7: a machine's application was accepted; no person had taken that pair apart before. */
static void decision_is_right(const struct fl_command *command)
{
    const struct fl_store *store = fl_book_store(book);
    const struct fl_command_application *b = fl_command_body(command);
    if (command->type != FL_COMMAND_APPLICATION || b->park == FL_CHOICE_YES)
        return;
    bool machine = b->by.length > 0 ? fl_command_text(command, b->by)[0] == 'f' : b->match.rule > 1;
    if (!machine)
        return;
    uint64_t seq = fl_book_seq(book);
    uint32_t last = store->rows[FL_TABLE_movement];
    while (last > 0 && !(fl_movement_row(store, last - 1)->kind <= FL_MOVE_APPLY_CREDIT &&
                         fl_movement_cold(store, last - 1)->reverses == FL_NO_ROW))
        last--;
    RULE(last > 0 && fl_movement_cold(store, last - 1)->seq == seq, "no application was made\n");
    const struct fl_movement_row made_now = *fl_movement_row(store, last - 1);
    for (uint32_t row = 0; row + 1 < last; row++) {
        const struct fl_movement_row *m = fl_movement_row(store, row);
        bool undone = m->amount_minor < 0 && m->flags & FL_MOVE_FLAG_PERSON;
        RULE(!(undone && m->kind == made_now.kind && m->source == made_now.source &&
               m->invoice == made_now.invoice),
             "movement row %u was undone by a person\n", row);
    }
}

static void rules_hold(void)
{
    const struct fl_store *store = fl_book_store(book);
    due_days_are_right(store);
    promises_are_right(store);
    processor_is_right(store);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_receipt]; row++)
        receipt_adds_up(store, row);
    for (uint32_t row = 0; row < store->rows[FL_TABLE_invoice]; row++)
        invoice_is_right(store, row);
    base_is_right(store);
}

/* ---- a history
 * ----------------------------------------------------------------------------------------- */

static void keep(void)
{
    const struct fl_command *command = fl_book_command(book);
    struct kept *kept = &log_kept[log_count++];
    kept->command = malloc(command->bytes);
    memcpy(kept->command, command, command->bytes);
    kept->check = fl_engine_state_check(fl_book_engine(book));
}

static void begin(void)
{
    static const char *const settings[] = {
        "\"tolerances\":{\"EUR\":\"0.03\",\"USD\":\"0.02\"}",
        "\"rounding\":\"half_up\",\"invoice_on\":\"ship\"",
        "\"invoice_on\":\"order\",\"tolerances\":{\"EUR\":\"0.01\"}",
        "\"discount_tax\":\"keep\",\"tax_rounding\":\"line\"",
        "\"prices\":\"gross\",\"tolerances\":{\"EUR\":\"0.03\"}",
        "\"tax_rounding\":\"document\""};
    made = log_count = 0;
    clock_day = FIRST_CLOCK;
    book = fl_book_open(NULL);
    fl_book_jobs(book, false, NULL);
    fl_book_must(book, "{\"type\":\"book\",\"reservation_days\":%u,\"key_days\":%u,%s}",
                 any(2) * (1 + any(4)), any(5), settings[any(6)]);
    keep();
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-01-01\",\"from\":\"USD\",\"to\":"
                       "\"EUR\",\"rate\":\"0.9137\"}");
    keep();
    fl_book_must(
        book,
        "{\"type\":\"bank_account\",\"id\":\"B0\",\"currency\":\"EUR\",\"opening\":\"1000\"}");
    keep();
    for (unsigned i = 0; i < IDS; i++) {
        fl_book_must(book,
                     "{\"type\":\"customer\",\"id\":\"C%u\",\"name\":\"c\",\"currency\":\"%s\","
                     "\"credit_limit\":%s%s}",
                     i, currency_of(i), i % 2 ? "null" : "\"250\"",
                     i % 2 ? ",\"discount\":{\"percent\":\"2\",\"days\":10}" : "");
        keep();
    }
    for (unsigned i = 0; i < 4; i++) {
        fl_book_must(book,
                     "{\"type\":\"product\",\"id\":\"P%u\",\"name\":\"p\",\"currency\":\"EUR\","
                     "\"price\":\"5\","
                     "\"stock_control\":%s,\"backorder\":%s}",
                     i, i ? "true" : "false", i == 3 ? "true" : "false");
        keep();
        fl_book_must(
            book,
            "{\"type\":\"stock\",\"product\":\"P%u\",\"kind\":\"receive\",\"quantity\":\"60\"}", i);
        keep();
    }
}

static void replay(void)
{
    struct fl_test_book *second = fl_book_open(NULL);
    fl_book_checks(second, false);
    for (unsigned i = 0; i < log_count; i++) {
        enum fl_status status = fl_book_apply(second, log_kept[i].command);
        cr_assert_eq(status, FL_OK,
                     "seed %" PRIu64 ": command %u of type %u is %s when applied again", seed, i,
                     log_kept[i].command->type, fl_status_name(status));
        cr_assert_eq(fl_engine_state_check(fl_book_engine(second)), log_kept[i].check,
                     "seed %" PRIu64 ": command %u of type %u", seed, i, log_kept[i].command->type);
    }
    cr_assert_eq(fl_book_digest(second), fl_book_digest(book), "seed %" PRIu64, seed);
    fl_book_close(second);
}

/* As `log` prints them: what was resolved is given there, and comes to the same. */
static void replay_as_text(void)
{
    struct fl_test_book *second = fl_book_open(NULL);
    struct fl_json_text text = {.bytes = NULL};
    fl_book_checks(second, false);
    fl_book_jobs(second, false, NULL);
    for (unsigned i = 0; i < log_count; i++) {
        fl_json_text_clear(&text);
        fl_command_json_write(&text, log_kept[i].command, NULL);
        fl_json_putc(&text, '\0');
        fl_book_must(second, "%s", text.bytes);
        cr_assert_eq(fl_engine_state_check(fl_book_engine(second)), log_kept[i].check,
                     "seed %" PRIu64 ": %s", seed, text.bytes);
    }
    cr_assert_eq(fl_book_digest(second), fl_book_digest(book), "seed %" PRIu64 ", read from text",
                 seed);
    fl_json_text_free(&text);
    fl_book_close(second);
}

/* The next slice of the job at work, between other commands. */
static void apply_slice(void)
{
    _Alignas(64) char bytes[FL_SLICE_BYTES + FL_COMMAND_SLACK] = "";
    fl_engine_next_slice(fl_book_engine(book), bytes);
    cr_assert_eq(fl_book_apply(book, (struct fl_command *)bytes), FL_OK, "seed %" PRIu64, seed);
    struct kept *kept = &log_kept[log_count++];
    kept->command = malloc(FL_SLICE_BYTES);
    memcpy(kept->command, bytes, FL_SLICE_BYTES);
    kept->check = fl_engine_state_check(fl_book_engine(book));
    slices++;
    rules_hold();
}

static char *a_clock(void)
{
    char date[11];
    fl_date_format(clock_day += (uint16_t)any(4), date);
    return print("{\"type\":\"clock\",\"date\":\"%s\"%s}", date, maybe_key());
}

/* Of nearly all that was: what corrects it from now on is pushed out of it. */
static char *a_late_close(void)
{
    char date[11];
    fl_date_format((uint16_t)(FIRST_DAY + 40 + any(34)), date);
    return print("{\"type\":\"period_close\",\"through\":\"%s\"}", date);
}

static void history(unsigned *accepted)
{
    dice = (struct fl_random){.state = seed};
    begin();
    for (unsigned i = 0; i < steps; i++) {
        if (fl_engine_has_slice(fl_book_engine(book)) && any(3) == 0)
            apply_slice();
        if (i == steps * 3 / 4 && any(2))
            fl_book_send(book, "%s", a_late_close());
        else if (any(12) == 0)
            send_batch();
        else if (any(25) == 0)
            fl_book_send(book, "%s", a_clock());
        else
            fl_book_send(book, "%s", a_command());
        if (getenv("FLORIN_TRACE"))
            fprintf(stderr, "%u %s", i, fl_book_answer(book));
        enum fl_status_class class = fl_status_class(fl_book_status(book));
        RULE(class != FL_CLASS_FAILED && class != FL_CLASS_UNAVAILABLE, "%s\n",
             fl_book_answer(book));
        if (fl_book_status(book) != FL_OK)
            continue;
        ++*accepted;
        keep();
        rules_hold();
        decision_is_right(fl_book_command(book));
    }
    replay();
    replay_as_text();
    for (unsigned i = 0; i < log_count; i++)
        free(log_kept[i].command);
    fl_book_close(book);
}

Test(engine_model, random_histories_keep_every_invariant_and_replay_to_the_same_digest)
{
    const char *one = getenv("FLORIN_SEED"), *many = getenv("FLORIN_SEEDS");
    const char *length = getenv("FLORIN_STEPS");
    steps = length && strtoul(length, NULL, 10) < STEPS_MOST ? (unsigned)strtoul(length, NULL, 10)
                                                             : STEPS_MOST;
    uint64_t first = one ? strtoull(one, NULL, 10) : 1;
    uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : 60;
    const char *from = getenv("FLORIN_FIRST_SEED");
    first = from && !one ? strtoull(from, NULL, 10) : first;
    unsigned accepted = 0;
    for (seed = first; seed < first + count; seed++) {
        fprintf(stderr, "engine_model: seed %" PRIu64 "\n", seed);
        history(&accepted);
    }
    cr_assert_gt(slices, count, "the days had no work");
    cr_assert_gt(accepted, count * steps / 4, "most of it was refused: the histories say little");
}
