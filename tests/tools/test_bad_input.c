/* Bad input on its whole way, JSON to answer: whatever is wrong, the answer is one line that names
 * the field, and the book is what it was. That the reader finds each fault in each field is
 * test_command_json's; here the answer line, the fields of the header, and values that are well
 * written and make no sense to the engine. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/book.h"
#include "tests/support/command_maker.h"

static struct fl_test_book *book;
static struct made made;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(
        book,
        "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"EUR\",\"price\":\"2\"}");
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\"}");
    fl_book_must(book, "{\"type\":\"order\",\"id\":\"O\",\"customer\":\"C\",\"lines\":[{"
                       "\"product\":\"P\",\"quantity\":\"9\"}]}");
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S\",\"order\":\"O\",\"lines\":[{\"line\":1,"
                       "\"quantity\":\"1\"}]}");
    fl_book_must(
        book,
        "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-10\",\"lines\":["
        "{\"text\":\"work\",\"quantity\":\"5\",\"price\":\"20\"}]}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"customer\":\"C\",\"amount\":\"50\","
                       "\"currency\":\"EUR\"}");
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"N\",\"customer\":\"C\",\"amount\":{"
                       "\"net\":\"5\",\"tax\":\"0\"}}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(bad_input, .init = setup, .fini = teardown);

/* The book compares the digest after each. */
Test(bad_input, the_answer_names_the_field_whatever_is_wrong_in_whichever_command)
{
    unsigned tried = 0;
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        if (!fl_command_shape(type))
            continue;
        make_command(type, FAULT_NONE, 0, false, false, &made);
        unsigned count = made.field_count;
        for (unsigned i = 0; i < count * FAULT_COUNT; i++) {
            make_command(type, i % FAULT_COUNT, i / FAULT_COUNT, false, false, &made);
            if (!made.applies || made.expected == FL_OK)
                continue;
            fl_book_send(book, "%s", made.json);
            cr_assert_str_eq(fl_book_field(book, "result"), "invalid", "%.600s", made.json);
            cr_assert_str_eq(fl_book_field(book, "code"), fl_status_name(made.expected), "%.600s",
                             made.json);
            cr_assert_str_eq(fl_book_field(book, "field"), made.path, "%.600s\n%s", made.json,
                             fl_book_answer(book));
            cr_assert_str_eq(fl_book_field(book, "type"), fl_command_name(type));
            tried++;
        }
    }
    cr_assert_gt(tried, 500);
}

Test(bad_input, whole_commands_about_nothing_are_answered_without_a_trace)
{
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        if (!fl_command_shape(type) || type == FL_COMMAND_BOOK)
            continue;
        make_command(type, FAULT_NONE, 0, false, false, &made);
        fl_book_send(book, "%s", made.json);
        cr_assert_neq(fl_book_field(book, "result")[0], '\0', "%s", made.json);
        make_command(type, FAULT_NONE, 0, false, true, &made);
        fl_book_send(book, "%s", made.json);
        cr_assert_neq(fl_book_field(book, "result")[0], '\0', "%s", made.json);
    }
}

/* ---- the header
 * ------------------------------------------------------------------------------------- */

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

Test(bad_input, fields_of_the_header_are_named_too)
{
    static const struct {
        const char *field, *value, *code;
    } faults[] = {
        {"id", "\"" X64 "x\"", "too_long"},
        {"id", "\"a\\u0001\"", "bad_value"},
        {"id", "\"a\xC3\"", "not_utf8"},
        {"id", "7", "bad_value"},
        {"id", "\"\"", "bad_value"},
        {"key", "\"" X64 "x\"", "too_long"},
        {"key", "\"a\xFF\"", "not_utf8"},
        {"key", "[]", "bad_value"},
        {"at", "\"yesterday\"", "bad_value"},
        {"at", "12", "bad_value"},
        {"at", "\"2099-01-01T00:00:00Z\"", "bad_value"},
        {"date", "\"2025-02-29\"", "bad_value"},
        {"date", "\"29.02.2024\"", "bad_value"},
        {"date", "20250301", "bad_value"},
        {"date", "\"2045-01-01\"", "bad_value"},
        {"date", "\"1999-01-01\"", "bad_value"},
        {"due_date", "\"2025-13-01\"", "bad_value"},
        {"due_date", "\"2025-06-01\"", "bad_value"},
    };
    for (unsigned i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        fl_book_refuses(book, faults[i].code,
                        "{\"type\":\"invoice\",\"customer\":\"C\",\"amount\":{\"net\":\"1\","
                        "\"tax\":\"0\"},\"%s\":%s}",
                        faults[i].field, faults[i].value);
        cr_assert_str_eq(fl_book_field(book, "field"), faults[i].field, "%s", fl_book_answer(book));
    }
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        const struct fl_command_shape *shape = fl_command_shape(type);
        if (!shape || !(shape->header & FL_HEADER_ID_REQUIRED))
            continue;
        make_command(type, FAULT_NONE, 0, false, false, &made);
        char *id = strstr(made.json, "\"id\":\"ID-1\",");
        memset(id, ' ', strlen("\"id\":\"ID-1\","));
        fl_book_refuses(book, "missing_field", "%s", made.json);
        cr_assert_str_eq(fl_book_field(book, "field"), "id", "%s", made.json);
    }
}

/* ---- references
 * -------------------------------------------------------------------------------------- */

/* Each names one thing that is not there: `?`. */
static const struct {
    const char *field, *line;
} dangling[] = {
    {"customer", "{\"type\":\"order\",\"id\":\"x\",\"customer\":\"?\",\"lines\":[{\"product\":"
                 "\"P\",\"quantity\":1}]}"},
    {"product", "{\"type\":\"order\",\"id\":\"x\",\"customer\":\"C\",\"lines\":[{\"product\":\"?\","
                "\"quantity\":1}]}"},
    {"parent",
     "{\"type\":\"customer\",\"id\":\"x\",\"name\":\"x\",\"currency\":\"EUR\",\"parent\":\"?\"}"},
    {"product", "{\"type\":\"stock\",\"product\":\"?\",\"kind\":\"receive\",\"quantity\":1}"},
    {"order", "{\"type\":\"order_confirm\",\"order\":\"?\"}"},
    {"order", "{\"type\":\"order_cancel\",\"order\":\"?\"}"},
    {"order",
     "{\"type\":\"credit_decision\",\"order\":\"?\",\"decision\":\"release\",\"by\":\"a\"}"},
    {"order", "{\"type\":\"shipment\",\"id\":\"x\",\"order\":\"?\"}"},
    {"order", "{\"type\":\"invoice\",\"order\":\"?\"}"},
    {"shipment", "{\"type\":\"invoice\",\"shipment\":\"?\"}"},
    {"customer", "{\"type\":\"invoice\",\"customer\":\"?\",\"amount\":{\"net\":1,\"tax\":0}}"},
    {"product", "{\"type\":\"invoice\",\"customer\":\"C\",\"lines\":[{\"product\":\"?\"}]}"},
    {"invoice", "{\"type\":\"credit_note\",\"invoice\":\"?\",\"amount\":1}"},
    {"customer", "{\"type\":\"credit_note\",\"customer\":\"?\",\"amount\":{\"net\":1}}"},
    {"invoice",
     "{\"type\":\"write_off\",\"id\":\"x\",\"invoice\":\"?\",\"amount\":1,\"reason\":\"r\"}"},
    {"customer",
     "{\"type\":\"receipt\",\"id\":\"x\",\"customer\":\"?\",\"amount\":1,\"currency\":\"EUR\"}"},
    {"account",
     "{\"type\":\"receipt\",\"id\":\"x\",\"account\":\"?\",\"amount\":1,\"currency\":\"EUR\"}"},
    {"receipt", "{\"type\":\"application\",\"receipt\":\"?\",\"invoice\":\"I\"}"},
    {"credit_note", "{\"type\":\"application\",\"credit_note\":\"?\",\"invoice\":\"I\"}"},
    {"invoice", "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"?\"}"},
    {"application", "{\"type\":\"application_reverse\",\"application\":\"?\"}"},
    {"receipt", "{\"type\":\"receipt_reverse\",\"id\":\"x\",\"receipt\":\"?\"}"},
    {"receipt", "{\"type\":\"receipt_assign\",\"receipt\":\"?\",\"customer\":\"C\"}"},
    {"customer", "{\"type\":\"receipt_assign\",\"receipt\":\"R\",\"customer\":\"?\"}"},
    {"receipt", "{\"type\":\"refund\",\"id\":\"x\",\"receipt\":\"?\",\"amount\":1}"},
    {"credit_note", "{\"type\":\"refund\",\"id\":\"x\",\"credit_note\":\"?\",\"amount\":1}"},
    {"customer", "{\"type\":\"refund\",\"id\":\"x\",\"customer\":\"?\",\"amount\":1}"},
    {"account",
     "{\"type\":\"refund\",\"id\":\"x\",\"receipt\":\"R\",\"account\":\"?\",\"amount\":1}"},
    {"receipt", "{\"type\":\"chargeback\",\"id\":\"x\",\"receipt\":\"?\",\"amount\":1}"},
    {"account",
     "{\"type\":\"chargeback\",\"id\":\"x\",\"receipt\":\"R\",\"account\":\"?\",\"amount\":1}"},
    {"chargeback", "{\"type\":\"chargeback_reverse\",\"id\":\"x\",\"chargeback\":\"?\"}"},
    {"credit_note", "{\"type\":\"credit_note_cancel\",\"credit_note\":\"?\"}"},
    {"write_off", "{\"type\":\"write_off_reverse\",\"id\":\"x\",\"write_off\":\"?\"}"},
};

Test(bad_input, what_is_not_there_is_named_with_its_field)
{
    for (unsigned i = 0; i < sizeof dangling / sizeof dangling[0]; i++) {
        fl_book_refuses(book, "not_found", "%s", dangling[i].line);
        cr_assert_str_eq(fl_book_field(book, "field"), dangling[i].field, "%s",
                         fl_book_answer(book));
        cr_assert_str_eq(fl_book_field(book, "value"), "?", "%s", fl_book_answer(book));
    }
}

/* ---- amounts and quantities
 * ---------------------------------------------------------------------------- */

/* `@` stands for a number. */
static const struct {
    const char *field, *line;
    bool zero; /* may be zero */
} numbers[] = {
    {"amount",
     "{\"type\":\"receipt\",\"id\":\"x\",\"customer\":\"C\",\"currency\":\"EUR\",\"amount\":@}",
     false},
    {"fee", "{\"type\":\"receipt\",\"id\":\"x\",\"amount\":1,\"currency\":\"EUR\",\"fee\":@}",
     true},
    {"amount", "{\"type\":\"refund\",\"id\":\"x\",\"receipt\":\"R\",\"amount\":@}", false},
    {"amount", "{\"type\":\"chargeback\",\"id\":\"x\",\"receipt\":\"R\",\"amount\":@}", false},
    {"fee", "{\"type\":\"chargeback\",\"id\":\"x\",\"receipt\":\"R\",\"amount\":1,\"fee\":@}",
     true},
    {"amount", "{\"type\":\"receipt_reverse\",\"id\":\"x\",\"receipt\":\"R\",\"amount\":@}", false},
    {"amount",
     "{\"type\":\"write_off\",\"id\":\"x\",\"invoice\":\"I\",\"reason\":\"r\",\"amount\":@}",
     false},
    {"amount", "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"amount\":@}",
     false},
    {"discount",
     "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"amount\":1,\"discount\":@}",
     true},
    {"amount", "{\"type\":\"credit_note\",\"invoice\":\"I\",\"amount\":@}", false},
    {"amount.net", "{\"type\":\"invoice\",\"customer\":\"C\",\"amount\":{\"net\":@,\"tax\":0}}",
     true},
    {"amount.tax", "{\"type\":\"invoice\",\"customer\":\"C\",\"amount\":{\"net\":1,\"tax\":@}}",
     true},
    {"lines.quantity",
     "{\"type\":\"credit_note\",\"invoice\":\"I\",\"lines\":[{\"line\":1,\"quantity\":@}]}", false},
    {"quantity",
     "{\"type\":\"order\",\"id\":\"x\",\"customer\":\"C\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":@}]}",
     false},
    {"price",
     "{\"type\":\"order\",\"id\":\"x\",\"customer\":\"C\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":1,\"price\":@}]}",
     true},
    {"quantity",
     "{\"type\":\"shipment\",\"id\":\"x\",\"order\":\"O\",\"lines\":[{\"line\":1,\"quantity\":@}]}",
     false},
    {"quantity",
     "{\"type\":\"order_cancel\",\"order\":\"O\",\"lines\":[{\"line\":1,\"quantity\":@}]}", false},
    {"quantity", "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"receive\",\"quantity\":@}",
     false},
    {"price", "{\"type\":\"product\",\"id\":\"x\",\"name\":\"x\",\"currency\":\"EUR\",\"price\":@}",
     true},
    {"tax_rate",
     "{\"type\":\"product\",\"id\":\"x\",\"name\":\"x\",\"currency\":\"EUR\",\"price\":1,\"tax_"
     "rate\":@}",
     true},
    {"credit_limit",
     "{\"type\":\"customer\",\"id\":\"x\",\"name\":\"x\",\"currency\":\"EUR\",\"credit_limit\":@}",
     true},
    {"rate",
     "{\"type\":\"fx_rate\",\"date\":\"2025-06-01\",\"from\":\"USD\",\"to\":\"EUR\",\"rate\":@}",
     false},
    {"shipping.amount",
     "{\"type\":\"order\",\"id\":\"x\",\"customer\":\"C\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":1}],\"shipping\":{\"amount\":@}}",
     true},
};

static void with_number(const char *line, const char *number, char out[512])
{
    const char *at = strchr(line, '@');
    snprintf(out, 512, "%.*s%s%s", (int)(at - line), line, number, at + 1);
}

static void must_be(unsigned i, const char *number, const char *code)
{
    char line[512];
    with_number(numbers[i].line, number, line);
    fl_book_refuses(book, code, "%s", line);
    cr_assert_str_eq(fl_book_field(book, "result"), "invalid", "%s", fl_book_answer(book));
    cr_assert_str_eq(fl_book_field(book, "field"), numbers[i].field, "%s\n%s", line,
                     fl_book_answer(book));
}

Test(bad_input, amounts_below_zero_beyond_all_measure_or_too_fine_are_refused_by_name)
{
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        must_be(i, "\"-1\"", "bad_value");
        if (!numbers[i].zero)
            must_be(i, "0", "bad_value");
        must_be(i, "\"9000000000000000\"", "out_of_range");
        must_be(i, "\"0.00000000001\"", "too_many_decimals");
    }
}

/* ---- what is no line at all
 * ------------------------------------------------------------------------------ */

Test(bad_input, noise_is_answered_and_changes_nothing)
{
    static const char *const noise[] = {"{",
                                        "}",
                                        "[]",
                                        "null",
                                        "7",
                                        "\"order\"",
                                        "{}",
                                        "{\"type\":7}",
                                        "{\"type\":\"\"}",
                                        "{\"type\":\"orders\"}",
                                        "{\"type\":\"order\"} {}",
                                        "{\"type\":\"order\",}",
                                        "\xFF\xFE",
                                        "{\"type\":\"order\",\"id\":\"a\x01\"}"};
    for (unsigned i = 0; i < sizeof noise / sizeof noise[0]; i++) {
        fl_book_send(book, "%s", noise[i]);
        cr_assert_str_eq(fl_book_field(book, "result"), "invalid", "%s", noise[i]);
        cr_assert_neq(fl_book_field(book, "message")[0], '\0');
    }
}
