#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/engine/command.h"
#include "tools/format/json_simd.h"
#include "tools/format/result_json.h"

static char *written;
static size_t written_length;

static FILE *memory_open(void)
{
    return open_memstream(&written, &written_length);
}

/* The line without its line feed; it must be JSON. */
static void expect_line(FILE *out, const char *wanted)
{
    struct fl_json *json = fl_json_create();
    const struct fl_json_node *nodes;
    uint32_t count;
    fclose(out);
    cr_assert_eq(written[written_length - 1], '\n');
    written[written_length - 1] = '\0';
    cr_expect_str_eq(written, wanted);
    char *padded = calloc(1, written_length + FL_JSON_PADDING);
    memcpy(padded, written, written_length - 1);
    cr_assert_eq(fl_json_parse(json, padded, written_length - 1, &nodes, &count), FL_JSON_OK, "%s",
                 written);
    cr_assert_null(fl_json_equal_keys(json), "%s", written);
    fl_json_destroy(json);
    free(padded);
    free(written);
}

static void expect(const struct fl_result *result, uint64_t line, const char *wanted)
{
    FILE *out = memory_open();
    struct fl_result_json writer;
    fl_result_json_open(&writer, out);
    fl_result_json_write(&writer, line, result);
    fl_result_json_close(&writer);
    expect_line(out, wanted);
}

static struct fl_result answer(unsigned type, enum fl_status status, const char *id, uint64_t seq)
{
    struct fl_result result;
    fl_result_clear(&result, type);
    result.status = (uint16_t)status;
    result.seq = seq;
    result.id_length = (uint8_t)strlen(id);
    memcpy(result.id, id, result.id_length);
    return result;
}

static void text(struct fl_result *result, enum fl_result_name name, const char *value)
{
    fl_result_text(result, name, value, strlen(value));
}

Test(result_json, an_accepted_order_has_the_shape_of_the_contract)
{
    struct fl_result r = answer(FL_COMMAND_ORDER, FL_OK, "SO-1", 4711);
    text(&r, FL_RESULT_CREDIT, "approved");
    fl_result_amount(&r, FL_RESULT_TOTAL, 2380, 2);
    expect(&r, 7,
           "{\"line\":7,\"type\":\"order\",\"id\":\"SO-1\",\"result\":\"accepted\",\"seq\":4711,"
           "\"credit\":\"approved\",\"total\":\"23.80\"}");
}

Test(result_json, each_kind_of_field_is_written_as_its_kind)
{
    struct fl_result r = answer(FL_COMMAND_STOCK, FL_DUPLICATE, "", 3);
    r.flags = FL_FLAG_AT_RAISED;
    fl_result_amount(&r, FL_RESULT_AMOUNT, INT64_MIN, 4);
    fl_result_amount(&r, FL_RESULT_TAX, -5, 3);
    fl_result_amount(&r, FL_RESULT_OPEN, 7, 0);
    fl_result_quantity(&r, FL_RESULT_ON_HAND, 1500000);
    fl_result_number(&r, FL_RESULT_AMOUNT_MINOR, INT64_MIN);
    fl_result_date(&r, FL_RESULT_DATE, fl_date_from_civil(2025, 3, 31));
    text(&r, FL_RESULT_REASON, "a\"\\\n\x01\x7F\xC3\xA4\xFF");
    expect(&r, 0,
           "{\"type\":\"stock\",\"result\":\"duplicate\",\"seq\":3,\"at_raised\":true,"
           "\"amount\":\"-922337203685477.5808\",\"tax\":\"-0.005\",\"open\":\"7\",\"on_hand\":"
           "\"1.5\",\"amount_minor\":-9223372036854775808,\"date\":\"2025-03-31\",\"reason\":"
           "\"a\\\"\\\\\\n\\u0001\\u007f\xC3\xA4\xEF\xBF\xBD\"}");
}

Test(result_json, a_refusal_has_a_code_and_a_sentence)
{
    struct fl_result r = answer(FL_COMMAND_ORDER, FL_STOCK_SHORT, "SO-2", 0);
    text(&r, FL_RESULT_PRODUCT, "SKU-9");
    fl_result_quantity(&r, FL_RESULT_WANTED, 1000000);
    fl_result_quantity(&r, FL_RESULT_AVAILABLE, 0);
    expect(&r, 8,
           "{\"line\":8,\"type\":\"order\",\"id\":\"SO-2\",\"result\":\"refused\",\"code\":"
           "\"stock_short\",\"message\":\"SKU-9: 1 wanted, 0 available\",\"product\":\"SKU-9\","
           "\"wanted\":\"1\",\"available\":\"0\"}");
    r = answer(FL_COMMAND_ORDER, FL_NOT_FOUND, "SO-2", 0);
    text(&r, FL_RESULT_FIELD, "customer");
    text(&r, FL_RESULT_VALUE, "C\"9");
    expect(&r, 1,
           "{\"line\":1,\"type\":\"order\",\"id\":\"SO-2\",\"result\":\"refused\",\"code\":"
           "\"not_found\",\"message\":\"there is no customer C\\\"9\",\"field\":\"customer\","
           "\"value\":\"C\\\"9\"}");
    r = answer(FL_COMMAND_RECEIPT, FL_NO_SPACE, "R", 0);
    expect(&r, 2,
           "{\"line\":2,\"type\":\"receipt\",\"id\":\"R\",\"result\":\"unavailable\",\"code\":"
           "\"no_space\",\"message\":\"the disk is full: nothing was decided, send it again when "
           "there is room\"}");
}

Test(result_json, every_status_makes_a_sentence_without_the_fields_it_hoped_for)
{
#define EACH(symbol, number, name, class) symbol,
    static const enum fl_status all[] = {FL_STATUS_TABLE(EACH)};
#undef EACH
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct fl_result r = answer(FL_COMMAND_REFUND, all[i], "", 0);
        char message[512];
        fl_result_message(&r, message, sizeof message);
        cr_expect_gt(strlen(message), 0, "%s", fl_status_name(all[i]));
    }
}

Test(result_json, a_batch_is_one_line_with_its_members)
{
    FILE *out = memory_open();
    struct fl_result_json writer;
    struct fl_result member = answer(FL_COMMAND_INVOICE, FL_OK, "FL-1", 5);
    fl_result_amount(&member, FL_RESULT_TOTAL, 100, 2);
    struct fl_result batch = answer(FL_COMMAND_BATCH, FL_OK, "", 5);
    fl_result_number(&batch, FL_RESULT_COUNT, 2);
    fl_result_json_open(&writer, out);
    fl_result_json_member(&writer, &member);
    fl_result_json_member(&writer, &member);
    fl_result_json_write(&writer, 3, &batch);
    fl_result_json_close(&writer);
    expect_line(out,
                "{\"line\":3,\"type\":\"batch\",\"result\":\"accepted\",\"seq\":5,\"applied\":2,"
                "\"results\":[{\"type\":\"invoice\",\"id\":\"FL-1\",\"result\":\"accepted\","
                "\"seq\":5,\"total\":\"1.00\"},{\"type\":\"invoice\",\"id\":\"FL-1\","
                "\"result\":\"accepted\",\"seq\":5,\"total\":\"1.00\"}]}");
}

Test(result_json, a_batch_that_failed_names_the_member)
{
    struct fl_result batch = answer(FL_COMMAND_BATCH, FL_NOT_FOUND, "", 0);
    fl_result_number(&batch, FL_RESULT_INDEX, 1);
    text(&batch, FL_RESULT_ID, "Q2");
    text(&batch, FL_RESULT_CODE, "not_found");
    text(&batch, FL_RESULT_FIELD, "customer");
    text(&batch, FL_RESULT_VALUE, "C9");
    expect(&batch, 1,
           "{\"line\":1,\"type\":\"batch\",\"result\":\"refused\",\"code\":\"not_found\","
           "\"message\":\"there is no customer C9\",\"applied\":0,\"failed\":{\"index\":1,\"id\":"
           "\"Q2\",\"code\":\"not_found\",\"message\":\"there is no customer C9\"}}");
}
