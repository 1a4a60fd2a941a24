/* Every code's sentence: written out by hand for answers made by hand, and for commands that the
 * engine really refuses. */
#include "tools/format/result_message.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/base/date.h"
#include "core/engine/command.h"
#include "tests/support/book.h"

/* ---- by hand: one of each code
 * ---------------------------------------------------------------------------------- */

struct given {
    enum fl_result_name name;
    char kind; /* t text, a amount of two decimals, q whole quantity, d date, n number; 0 ends */
    const char *text;
    int64_t value;
};

#define T(name, value)                                                                             \
    {                                                                                              \
        FL_RESULT_##name, 't', value, 0                                                            \
    }
#define A(name, value)                                                                             \
    {                                                                                              \
        FL_RESULT_##name, 'a', NULL, value                                                         \
    }
#define Q(name, value)                                                                             \
    {                                                                                              \
        FL_RESULT_##name, 'q', NULL, value                                                         \
    }
#define N(name, value)                                                                             \
    {                                                                                              \
        FL_RESULT_##name, 'n', NULL, value                                                         \
    }
#define D(name, value)                                                                             \
    {                                                                                              \
        FL_RESULT_##name, 'd', value, 0                                                            \
    }
#define COMMAND(symbol) FL_COMMAND_##symbol

static const struct {
    enum fl_status status;
    unsigned type;
    const char *id, *sentence;
    struct given given[8];
} rows[] = {
    {FL_OK, COMMAND(ORDER), "SO-1", "accepted", {{0}}},
    {FL_DUPLICATE, COMMAND(ORDER), "SO-1", "known already: the first answer again", {{0}}},
    {FL_BAD_JSON, COMMAND(ORDER), "", "not a JSON object on one line", {{0}}},
    {FL_UNKNOWN_TYPE,
     0,
     "",
     "type \"ordr\": there is no such command",
     {T(FIELD, "type"), T(VALUE, "ordr")}},
    {FL_UNKNOWN_FIELD,
     COMMAND(ORDER),
     "",
     "colour: no field of this command",
     {T(FIELD, "colour")}},
    {FL_MISSING_FIELD, COMMAND(ORDER), "", "customer: is missing", {T(FIELD, "customer")}},
    {FL_BAD_VALUE,
     COMMAND(ORDER),
     "",
     "line 2: quantity \"-1\": a quantity is above 0, with at most 6 decimals",
     {T(FIELD, "quantity"), T(VALUE, "-1"), N(LINE, 2)}},
    {FL_BAD_VALUE,
     COMMAND(RECEIPT),
     "",
     "amount 0: an amount of EUR above 0 is needed",
     {T(FIELD, "amount"), T(VALUE, "0"), T(CURRENCY, "EUR")}},
    {FL_BAD_VALUE,
     COMMAND(RECEIPT),
     "",
     "fee -1.00: an amount of EUR is not negative here",
     {T(FIELD, "fee"), T(VALUE, "-1.00"), T(CURRENCY, "EUR")}},
    {FL_TOO_MANY_DECIMALS,
     COMMAND(RECEIPT),
     "",
     "amount 10.5: JPY has 0 decimals",
     {T(FIELD, "amount"), T(VALUE, "10.5"), T(CURRENCY, "JPY")}},
    {FL_TOO_MANY_DECIMALS,
     COMMAND(FX_RATE),
     "",
     "rate \"0.12345678901\": more decimals than it can have: a rate is above 0, with at most 10 "
     "decimals",
     {T(FIELD, "rate"), T(VALUE, "0.12345678901")}},
    {FL_OUT_OF_RANGE,
     COMMAND(RECEIPT),
     "",
     "amount 99999999999999999: more than an amount of EUR can be",
     {T(FIELD, "amount"), T(VALUE, "99999999999999999"), T(CURRENCY, "EUR")}},
    {FL_NOT_UTF8, COMMAND(RECEIPT), "", "text: not valid UTF-8", {T(FIELD, "text")}},
    {FL_TOO_LONG, COMMAND(RECEIPT), "", "text: too long", {T(FIELD, "text")}},
    {FL_KEY_REUSED,
     COMMAND(RECEIPT),
     "R-1",
     "receipt R-1 was sent before with other content: what is new needs an id of its own",
     {{0}}},
    {FL_KEY_REUSED,
     COMMAND(BATCH),
     "",
     "key k-77 was used before for another command: a new one needs a key of its own",
     {T(FIELD, "key"), T(VALUE, "k-77")}},
    {FL_NOT_FOUND,
     COMMAND(APPLICATION),
     "",
     "there is no credit note C-9",
     {T(FIELD, "credit_note"), T(VALUE, "C-9")}},
    {FL_EXISTS,
     COMMAND(CUSTOMER),
     "",
     "customer C-9 exists already",
     {T(FIELD, "customer"), T(VALUE, "C-9")}},
    {FL_CLOCK_BACKWARDS,
     COMMAND(CLOCK),
     "",
     "the clock stands at 2025-03-31 already: it only goes forward",
     {D(DATE, "2025-03-31")}},
    {FL_PERIOD_CLOSED,
     COMMAND(INVOICE),
     "",
     "date 2025-03-10: the books are closed through 2025-03-31, the first open day is 2025-04-01",
     {T(FIELD, "date"), D(DATE, "2025-03-10"), D(THROUGH, "2025-03-31")}},
    {FL_DATE_BEFORE_DOCUMENT,
     COMMAND(REFUND),
     "",
     "date 2025-03-10: what it is about is of 2025-03-11, it cannot be earlier",
     {T(FIELD, "date"), D(DATE, "2025-03-10"), D(EXPECTED, "2025-03-11")}},
    {FL_CURRENCY_DIFFERS,
     COMMAND(ORDER),
     "",
     "currency USD: it must be EUR",
     {T(FIELD, "currency"), T(VALUE, "USD"), T(EXPECTED, "EUR")}},
    {FL_CURRENCY_DIFFERS,
     COMMAND(ORDER),
     "",
     "line 3: lines.currency USD: it must be EUR",
     {T(FIELD, "lines.currency"), T(VALUE, "USD"), T(EXPECTED, "EUR"), N(LINE, 3)}},
    {FL_CURRENCY_DIFFERS,
     COMMAND(APPLICATION),
     "",
     "the invoice is in USD: it must be in EUR",
     {T(FIELD, "invoice"), T(VALUE, "USD"), T(EXPECTED, "EUR")}},
    {FL_NO_RATE,
     COMMAND(RECEIPT),
     "",
     "no rate from USD to EUR of 2025-03-10 or before: fx_rate gives one",
     {T(FIELD, "currency"), T(VALUE, "USD"), T(EXPECTED, "EUR"), D(DATE, "2025-03-10")}},
    {FL_WRONG_STATE,
     COMMAND(SHIPMENT),
     "",
     "order SO-1 is held: an order is shipped while it is open and confirmed",
     {T(FIELD, "order"), T(VALUE, "SO-1"), T(STATE, "held")}},
    {FL_SERIES_RESERVED,
     COMMAND(INVOICE),
     "",
     "id FL-00000007 is one that the number series gives: leave the id out or take another",
     {T(FIELD, "id"), T(VALUE, "FL-00000007")}},
    {FL_CUSTOMER_HOLD,
     COMMAND(ORDER),
     "",
     "customer ACME is on hold: no orders until that is lifted",
     {T(FIELD, "customer"), T(VALUE, "ACME")}},
    {FL_NOTHING_OPEN,
     COMMAND(SHIPMENT),
     "",
     "order SO-1: nothing of it is open",
     {T(FIELD, "order"), T(VALUE, "SO-1")}},
    {FL_EXCEEDS_OPEN,
     COMMAND(WRITE_OFF),
     "",
     "invoice I-7: 1,428.00 wanted, 1,000.00 open (EUR)",
     {T(FIELD, "invoice"), T(VALUE, "I-7"), A(WANTED, 142800), A(OPEN, 100000),
      T(CURRENCY, "EUR")}},
    {FL_EXCEEDS_OPEN,
     COMMAND(ORDER_CANCEL),
     "",
     "line 2: 3 wanted, 1 open",
     {N(LINE, 2), Q(WANTED, 3), Q(OPEN, 1)}},
    {FL_EXCEEDS_UNAPPLIED,
     COMMAND(APPLICATION),
     "",
     "receipt R-1: 0.50 wanted, 0.10 unapplied (EUR)",
     {T(FIELD, "receipt"), T(VALUE, "R-1"), A(WANTED, 50), A(UNAPPLIED, 10), T(CURRENCY, "EUR")}},
    {FL_EXCEEDS_CREDITABLE,
     COMMAND(CREDIT_NOTE),
     "",
     "invoice I-7, line 2: 5.00 wanted, 4.00 can still be credited (EUR)",
     {T(FIELD, "invoice"), T(VALUE, "I-7"), N(LINE, 2), A(WANTED, 500), A(AVAILABLE, 400),
      T(CURRENCY, "EUR")}},
    {FL_EXCEEDS_REFUNDABLE,
     COMMAND(REFUND),
     "",
     "customer ACME: 1,000,000.00 wanted, 999,999.99 can still be refunded (EUR)",
     {T(FIELD, "customer"), T(VALUE, "ACME"), A(WANTED, 100000000), A(REFUNDABLE, 99999999),
      T(CURRENCY, "EUR")}},
    {FL_UNBALANCED,
     COMMAND(STATEMENT),
     "",
     "opening and lines make -1,097.00, closing says 98.00: 1,195.00 apart (EUR)",
     {A(EXPECTED, -109700), A(VALUE, 9800), A(DIFFERENCE, 119500), T(CURRENCY, "EUR")}},
    {FL_STOCK_SHORT,
     COMMAND(ORDER),
     "",
     "SKU-9: 1 wanted, 0 available",
     {T(PRODUCT, "SKU-9"), Q(WANTED, 1), Q(AVAILABLE, 0)}},
    {FL_CREDIT_LIMIT,
     COMMAND(ORDER),
     "",
     "ACME: 1,428.00 wanted, 1,000.00 limit, 238.00 used (EUR)",
     {T(CUSTOMER, "ACME"), A(WANTED, 142800), A(LIMIT, 100000), A(EXPOSURE, 23800),
      T(CURRENCY, "EUR")}},
    {FL_NO_SPACE,
     COMMAND(ORDER),
     "",
     "the disk is full: nothing was decided, send it again when there is room",
     {{0}}},
    {FL_NO_MEMORY,
     COMMAND(ORDER),
     "",
     "the memory that the engine may use is full (--memory): nothing was decided, send it again "
     "when there is more",
     {{0}}},
    {FL_BUSY,
     COMMAND(ORDER),
     "",
     "too many commands wait: nothing was decided, send it again",
     {{0}}},
    {FL_STOPPING,
     COMMAND(ORDER),
     "",
     "the engine is stopping: nothing was decided, send it again after its next start",
     {{0}}},
    {FL_SNAPSHOT_TOO_OLD,
     COMMAND(ORDER),
     "",
     "the view of the data became too old while it was read: ask again",
     {{0}}},
    {FL_IO_ERROR,
     COMMAND(ORDER),
     "",
     "the disk failed: whether it was kept is known after the next start",
     {{0}}},
    {FL_CORRUPT, COMMAND(ORDER), "", "stored data is damaged: `florin check` says where", {{0}}},
    {FL_NEWER_FORMAT,
     COMMAND(ORDER),
     "",
     "the data was written by a newer florin: this one does not read it",
     {{0}}},
    {FL_LOCKED,
     COMMAND(ORDER),
     "",
     "another process has the directory open: one at a time may write",
     {{0}}},
    {FL_UNREADABLE, COMMAND(ORDER), "", "the input cannot be read", {{0}}},
    {FL_UNSUPPORTED, COMMAND(ORDER), "", "this is not supported here", {{0}}},
};

#define ROWS (sizeof rows / sizeof rows[0])

static uint16_t day(const char *text)
{
    uint16_t days;
    cr_assert_eq(fl_date_parse(text, strlen(text), &days), FL_OK);
    return days;
}

static void put(struct fl_result *result, const struct given *g)
{
    switch (g->kind) {
    case 't':
        fl_result_text(result, g->name, g->text, strlen(g->text));
        break;
    case 'a':
        fl_result_amount(result, g->name, g->value, 2);
        break;
    case 'q':
        fl_result_quantity(result, g->name, g->value * FL_QUANTITY_ONE);
        break;
    case 'd':
        fl_result_date(result, g->name, day(g->text));
        break;
    default:
        fl_result_number(result, g->name, g->value);
        break;
    }
}

Test(result_message, every_code_has_its_sentence)
{
    for (unsigned i = 0; i < ROWS; i++) {
        struct fl_result result;
        char message[512];
        fl_result_clear(&result, rows[i].type);
        result.status = (uint16_t)rows[i].status;
        result.id_length = (uint8_t)strlen(rows[i].id);
        memcpy(result.id, rows[i].id, result.id_length);
        for (const struct given *g = rows[i].given; g->kind != 0; g++)
            put(&result, g);
        fl_result_message(&result, message, sizeof message);
        cr_expect_str_eq(message, rows[i].sentence);
    }
}

Test(result_message, no_code_is_without_a_row_here)
{
#define EACH(symbol, number, name, class) symbol,
    static const enum fl_status all[] = {FL_STATUS_TABLE(EACH)};
#undef EACH
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        bool found = false;
        for (unsigned k = 0; k < ROWS; k++)
            found |= rows[k].status == all[i];
        cr_expect(found, "%s", fl_status_name(all[i]));
    }
}

/* Fields at their largest, and none at all: cut, never beyond the buffer, never empty. */
Test(result_message, any_answer_makes_a_sentence_in_any_room)
{
    char long_text[FL_RESULT_TEXT_MAX];
    memset(long_text, 'x', sizeof long_text);
    for (unsigned i = 0; i < ROWS; i++) {
        for (unsigned names = 0; names <= FL_RESULT_FIELDS_MAX; names++) {
            struct fl_result result;
            char message[700];
            fl_result_clear(&result, rows[i].type);
            result.status = (uint16_t)rows[i].status;
            for (unsigned k = 0; k < names; k++)
                fl_result_text(&result, (i * 7 + k * 5) % FL_RESULT_NAME_COUNT, long_text,
                               k % 3 ? 20 : 160);
            for (size_t room = 1; room < sizeof message; room += 97) {
                memset(message, '#', sizeof message);
                fl_result_message(&result, message, room);
                cr_assert_lt(strlen(message), room);
                cr_assert(room == 1 || message[0] != '\0');
                cr_assert_eq(message[room], '#');
            }
        }
    }
}

/* ---- by the engine
 * ---------------------------------------------------------------------------------------- */

static const char *const story[] = {
    "{\"type\":\"customer\",\"id\":\"ACME\",\"name\":\"A\",\"currency\":\"EUR\","
    "\"credit_limit\":\"1000\"}",
    "{\"type\":\"customer\",\"id\":\"HELD\",\"name\":\"H\",\"currency\":\"EUR\",\"hold\":true}",
    "{\"type\":\"customer\",\"id\":\"US\",\"name\":\"U\",\"currency\":\"USD\"}",
    "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\",\"opening\":\"1\"}",
    "{\"type\":\"product\",\"id\":\"SKU-9\",\"name\":\"P\",\"currency\":\"EUR\",\"price\":\"2\","
    "\"stock_control\":true}",
    "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"EUR\",\"price\":\"2\"}",
    "{\"type\":\"invoice\",\"id\":\"I-7\",\"customer\":\"ACME\",\"date\":\"2025-06-10\","
    "\"amount\":{\"net\":\"1000\",\"tax\":\"190\"}}",
    "{\"type\":\"receipt\",\"id\":\"R-1\",\"customer\":\"ACME\",\"amount\":\"2000\",\"currency\":"
    "\"EUR\",\"date\":\"2025-06-11\"}",
    "{\"type\":\"order\",\"id\":\"SO-1\",\"customer\":\"ACME\",\"lines\":[{\"product\":\"P\","
    "\"quantity\":\"5\"}]}",
    "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"count\",\"quantity\":\"9\",\"key\":\"k\"}",
    "{\"type\":\"period_close\",\"through\":\"2025-05-31\"}",
};

static const struct {
    const char *command, *message;
} refusals[] = {
    {"{\"type\":\"receipt\",\"id\":\"R-1\",\"amount\":\"3\",\"currency\":\"EUR\"}",
     "receipt R-1 was sent before with other content: what is new needs an id of its own"},
    {"{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"count\",\"quantity\":\"8\",\"key\":\"k\"}",
     "key k was used before for another command: a new one needs a key of its own"},
    {"{\"type\":\"order\",\"id\":\"X\",\"customer\":\"NOBODY\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":\"1\"}]}",
     "there is no customer NOBODY"},
    {"{\"type\":\"invoice\",\"id\":\"X\",\"customer\":\"ACME\",\"date\":\"2025-05-01\",\"amount\":"
     "{\"net\":\"1\"}}",
     "date 2025-05-01: the books are closed through 2025-05-31, the first open day is 2025-06-01"},
    {"{\"type\":\"period_close\",\"through\":\"2025-05-01\"}",
     "through 2025-05-01: the books are closed through 2025-05-31, the first open day is "
     "2025-06-01"},
    {"{\"type\":\"application\",\"receipt\":\"R-1\",\"invoice\":\"I-7\",\"amount\":\"1\",\"date\":"
     "\"2025-06-10\"}",
     "date 2025-06-10: what it is about is of 2025-06-11, it cannot be earlier"},
    {"{\"type\":\"order\",\"id\":\"X\",\"customer\":\"ACME\",\"currency\":\"USD\",\"lines\":[{"
     "\"product\":\"P\",\"quantity\":\"1\",\"price\":\"1\"}]}",
     "currency USD: it must be EUR"},
    {"{\"type\":\"statement\",\"id\":\"X\",\"account\":\"B\",\"currency\":\"EUR\",\"lines\":[{"
     "\"amount\":\"1\"},{\"amount\":\"1\",\"currency\":\"USD\"}]}",
     "line 2: lines.currency USD: it must be EUR"},
    {"{\"type\":\"refund\",\"id\":\"X\",\"receipt\":\"R-1\",\"amount\":\"2000.01\"}",
     "receipt R-1: 2,000.01 wanted, 2,000.00 can still be refunded (EUR)"},
    {"{\"type\":\"refund\",\"id\":\"X\",\"customer\":\"ACME\",\"amount\":\"3000\"}",
     "customer ACME: 3,000.00 wanted, 2,000.00 can still be refunded (EUR)"},
    {"{\"type\":\"receipt\",\"id\":\"X\",\"amount\":\"3\",\"currency\":\"USD\",\"date\":"
     "\"2025-06-12\"}",
     "no rate from USD to EUR of 2025-06-12 or before: fx_rate gives one"},
    {"{\"type\":\"order_confirm\",\"order\":\"SO-1\"}",
     "order SO-1 is confirmed: an order is confirmed once, while it is open"},
    {"{\"type\":\"credit_decision\",\"order\":\"SO-1\",\"decision\":\"release\",\"by\":\"eve\"}",
     "order SO-1 is open: a decision is for a held order"},
    {"{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\",\"opening\":\"2\"}",
     "opening is booked: an opening is booked once"},
    {"{\"type\":\"book\",\"base_currency\":\"USD\"}",
     "base currency is in use: it stays what it is once something is booked"},
    {"{\"type\":\"invoice\",\"id\":\"FL-00000007\",\"customer\":\"ACME\",\"amount\":{\"net\":\"1\"}"
     "}",
     "id FL-00000007 is one that the number series gives: leave the id out or take another"},
    {"{\"type\":\"order\",\"id\":\"X\",\"customer\":\"HELD\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":\"1\"}]}",
     "customer HELD is on hold: no orders until that is lifted"},
    {"{\"type\":\"write_off\",\"id\":\"X\",\"invoice\":\"I-7\",\"amount\":\"1428\",\"reason\":"
     "\"old\"}",
     "invoice I-7: 1,428.00 wanted, 1,190.00 open (EUR)"},
    {"{\"type\":\"order_cancel\",\"order\":\"SO-1\",\"lines\":[{\"line\":1,\"quantity\":\"6\"}]}",
     "line 1: 6 wanted, 5 open"},
    {"{\"type\":\"application\",\"receipt\":\"R-1\",\"invoice\":\"I-7\",\"amount\":\"1190\","
     "\"difference\":\"-900\"}",
     "receipt R-1: 2,090.00 wanted, 2,000.00 unapplied (EUR)"},
    {"{\"type\":\"application\",\"receipt\":\"R-1\",\"invoice\":\"I-7\",\"amount\":\"1191\"}",
     "invoice I-7: 1,191.00 wanted, 1,190.00 open (EUR)"},
    {"{\"type\":\"credit_note\",\"id\":\"X\",\"invoice\":\"I-7\",\"amount\":\"1200\"}",
     "invoice I-7: 1,200.00 wanted, 1,190.00 can still be credited (EUR)"},
    {"{\"type\":\"statement\",\"id\":\"X\",\"account\":\"B\",\"currency\":\"EUR\",\"opening\":"
     "\"1000\",\"closing\":\"98\",\"lines\":[{\"amount\":\"-3\"}]}",
     "opening and lines make 997.00, closing says 98.00: -899.00 apart (EUR)"},
    {"{\"type\":\"order\",\"id\":\"X\",\"customer\":\"ACME\",\"lines\":[{\"product\":\"SKU-9\","
     "\"quantity\":\"1\"}]}",
     "SKU-9: 1 wanted, 0 available"},
    {"{\"type\":\"receipt\",\"id\":\"X\",\"amount\":\"10.5\",\"currency\":\"JPY\"}",
     "amount 10.5: JPY has 0 decimals"},
    {"{\"type\":\"order\",\"id\":\"X\",\"customer\":\"ACME\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":\"1\"},{\"product\":\"P\",\"quantity\":\"-1\"}]}",
     "line 2: quantity \\\"-1\\\": a quantity is above 0, with at most 6 decimals"},
    {"{\"type\":\"order\",\"id\":\"X\",\"customer\":\"ACME\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":\"one\"}]}",
     "lines[0].quantity \\\"one\\\": a quantity is above 0, with at most 6 decimals"},
    {"{\"type\":\"order\",\"id\":\"X\",\"customer\":\"ACME\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":\"1\"},{\"product\":\"Q\",\"quantity\":\"1\"}]}",
     "line 2: there is no product Q"},
    {"{\"type\":\"batch\",\"key\":\"b\",\"commands\":[{\"type\":\"receipt\",\"id\":\"R-1\","
     "\"amount\":\"3\",\"currency\":\"EUR\"}]}",
     "document R-1 was sent before with other content: what is new needs an id of its own"},
    {"{\"type\":\"application\",\"receipt\":\"R-1\",\"invoice\":\"I-7\",\"discount\":\"x\"}",
     "discount \\\"x\\\": not a value it can have"},
    {"{\"type\":\"period_close\",\"through\":\"2025-13-01\"}",
     "through \\\"2025-13-01\\\": a day, YYYY-MM-DD"},
    {"{\"type\":\"period_close\",\"through\":\"2025-12-01\"}",
     "through: a day before the business date"},
    {"{\"type\":\"fx_rate\",\"date\":\"2025-06-01\",\"from\":\"EUR\",\"to\":\"EUR\",\"rate\":"
     "\"1\"}",
     "to \\\"EUR\\\": another currency than `from`"},
    {"{\"type\":\"fx_rate\",\"date\":\"2025-06-01\",\"from\":\"EUR\",\"to\":\"USD\",\"rate\":"
     "\"0\"}",
     "rate \\\"0\\\": a rate is above 0, with at most 10 decimals"},
    {"{\"type\":\"clock\",\"date\":\"2025-06-01\"}",
     "the clock stands at 2025-06-20 already: it only goes forward"},
};

/* The sentence as it stands in the JSON, escapes and all. */
static void must_say(struct fl_test_book *book, const char *command, const char *message)
{
    char wanted[400];
    const char *answer = fl_book_send(book, "%s", command);
    snprintf(wanted, sizeof wanted, "\"message\":\"%s\"", message);
    cr_expect(strstr(answer, wanted), "%s\nwanted %s", answer, wanted);
}

Test(result_message, what_the_engine_refuses_is_said_in_full)
{
    struct fl_test_book *book = fl_book_open(NULL);
    for (unsigned i = 0; i < sizeof story / sizeof story[0]; i++)
        fl_book_must(book, "%s", story[i]);
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-06-20\"}");
    for (unsigned i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        must_say(book, refusals[i].command, refusals[i].message);
    fl_book_close(book);
}
