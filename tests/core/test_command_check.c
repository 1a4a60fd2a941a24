#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine/command_builder.h"
#include "core/engine/command_schema.h"
#include "tests/support/command_maker.h"
#include "tools/format/command_json.h"

static struct fl_command_json reader;
static struct made made;

static void setup(void)
{
    cr_assert_eq(fl_command_json_open(&reader, "UTC", 3), FL_OK);
    reader.now_us = INT64_C(1750000000000000);
}

static void teardown(void)
{
    fl_command_json_close(&reader);
}

TestSuite(command_check, .init = setup, .fini = teardown);

/* A command of the type, alone in memory, so that the sanitizer sees a byte too far. */
static struct fl_command *command_of(unsigned type, bool sparse)
{
    struct fl_command *command;
    make_command(type, FAULT_NONE, 0, false, sparse, &made);
    cr_assert_eq(fl_command_json_read(&reader, made.json, made.length, &command), FL_OK);
    struct fl_command *copy = aligned_alloc(8, command->bytes);
    memcpy(copy, command, command->bytes);
    return copy;
}

static enum fl_status check(const struct fl_command *command)
{
    const char *field;
    enum fl_status status = fl_command_check(command, command->bytes, &field);
    cr_assert_eq(status == FL_OK, field == NULL);
    return status;
}

/* Whatever is accepted is canonical: printed and read again it is the same content. */
static void must_be_canonical(const struct fl_command *command)
{
    struct fl_json_text text = {.bytes = NULL};
    struct fl_command *again;
    fl_command_json_write(&text, command, NULL);
    fl_json_put(&text, (char[FL_JSON_PADDING]){0}, FL_JSON_PADDING);
    enum fl_status status =
        fl_command_json_read(&reader, text.bytes, text.length - FL_JSON_PADDING, &again);
    if (status == FL_OK) {
        cr_assert_eq(again->content_bytes, command->content_bytes, "%s", text.bytes);
        /* A member's own key or id may be gone; a clock's day is the zone's to say. */
        if (command->type != FL_COMMAND_BATCH && command->type != FL_COMMAND_CLOCK)
            cr_assert_arr_eq(again + 1, command + 1, command->content_bytes - sizeof *command, "%s",
                             text.bytes);
    } else { /* what only the edge knows: the clock on the wall, zones */
        cr_assert(status == FL_BAD_VALUE, "%s: %s at %s", text.bytes, fl_status_name(status),
                  reader.path);
    }
    fl_json_text_free(&text);
}

Test(command_check, k2_any_byte_changed_is_refused_or_still_a_canonical_command)
{
    unsigned accepted = 0, refused = 0;
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        if (!fl_command_shape(type))
            continue;
        struct fl_command *command = command_of(type, false);
        uint32_t bytes = command->bytes;
        for (uint32_t i = 0; i < bytes; i++) {
            static const uint8_t masks[] = {0x01, 0x80, 0xFF, 0x20};
            for (unsigned k = 0; k < 4; k++) {
                ((uint8_t *)command)[i] ^= masks[k];
                if (fl_command_check(command, bytes, NULL) == FL_OK) {
                    must_be_canonical(command);
                    accepted++;
                } else {
                    refused++;
                }
                ((uint8_t *)command)[i] ^= masks[k];
            }
        }
        free(command);
    }
    cr_assert(accepted > 500 && refused > 5000, "%u %u", accepted, refused);
}

Test(command_check, k2_a_command_cut_short_is_refused_at_every_length)
{
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        if (!fl_command_shape(type))
            continue;
        struct fl_command *command = command_of(type, false);
        for (uint32_t length = 0; length < command->bytes; length++) {
            char *cut = aligned_alloc(8, (length + 8) & ~7u);
            memcpy(cut, command, length);
            cr_assert_neq(fl_command_check(cut, length, NULL), FL_OK);
            if (length >= sizeof *command) { /* and if it says so of itself */
                ((struct fl_command *)cut)->bytes = length;
                if (((struct fl_command *)cut)->content_bytes > length)
                    ((struct fl_command *)cut)->content_bytes = length;
                cr_assert_neq(fl_command_check(cut, length, NULL), FL_OK);
            }
            free(cut);
        }
        free(command);
    }
}

/* Every place of four bytes set to what an attacker would try. */
Test(command_check, k2_offsets_and_counts_at_the_edges_are_refused_without_reading_them)
{
    static const uint32_t values[] = {1,          8,          63,         64,        4096,
                                      0x7FFFFFFF, 0x80000000, 0xFFFFFFF8, 0xFFFFFFFF};
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        if (!fl_command_shape(type))
            continue;
        struct fl_command *command = command_of(type, false);
        uint32_t bytes = command->bytes;
        for (uint32_t i = 0; i + 4 <= bytes; i += 4) {
            uint32_t kept;
            memcpy(&kept, (char *)command + i, 4);
            for (unsigned k = 0; k < sizeof values / sizeof values[0]; k++) {
                memcpy((char *)command + i, &values[k], 4);
                if (fl_command_check(command, bytes, NULL) == FL_OK)
                    must_be_canonical(command);
            }
            memcpy((char *)command + i, &kept, 4);
        }
        free(command);
    }
}

Test(command_check, k1_bytes_that_nobody_uses_are_zero)
{
    struct fl_command *command = command_of(FL_COMMAND_ORDER, true);
    struct fl_command_order *order = (struct fl_command_order *)(command + 1);
    cr_assert_eq(check(command), FL_OK);
    order->zeros[1] = 1;
    cr_assert_eq(check(command), FL_BAD_VALUE);
    order->zeros[1] = 0;
    ((char *)command)[command->bytes - 1] = 1; /* behind the id */
    cr_assert_eq(check(command), FL_BAD_VALUE);
    ((char *)command)[command->bytes - 1] = 0;
    command->zeros = 1;
    cr_assert_eq(check(command), FL_OUT_OF_RANGE);
    free(command);
}

Test(command_check, k1_one_value_has_one_form)
{
    struct fl_command *command = command_of(FL_COMMAND_STOCK, true);
    struct fl_command_stock *stock = (struct fl_command_stock *)(command + 1);
    static const struct {
        struct fl_decimal decimal;
        enum fl_status status;
    } cases[] = {
        {{.units = 15, .scale = 1, .state = FL_DECIMAL_VALUE}, FL_OK},
        {{.units = 150, .scale = 2, .state = FL_DECIMAL_VALUE}, FL_BAD_VALUE},
        {{.units = 0, .scale = 1, .state = FL_DECIMAL_VALUE}, FL_BAD_VALUE},
        {{.units = 1, .scale = 18, .state = FL_DECIMAL_VALUE}, FL_OK},
        {{.units = 1, .scale = 19, .state = FL_DECIMAL_VALUE}, FL_BAD_VALUE},
        {{.units = INT64_MIN, .scale = 0, .state = FL_DECIMAL_VALUE}, FL_OK},
        {{.units = 0, .scale = 0, .state = FL_DECIMAL_NULL}, FL_BAD_VALUE},
        {{.units = 1, .scale = 0, .state = FL_DECIMAL_ABSENT}, FL_BAD_VALUE},
        {{.units = 0, .scale = 0, .state = FL_DECIMAL_ABSENT}, FL_MISSING_FIELD},
        {{.units = 1, .scale = 0, .state = 3}, FL_BAD_VALUE},
        {{.units = 1, .scale = 0, .state = FL_DECIMAL_VALUE, .zeros = {0, 1}}, FL_BAD_VALUE},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stock->quantity = cases[i].decimal;
        cr_expect_eq(check(command), cases[i].status, "case %u", i);
    }
    free(command);
}

Test(command_check, a_text_is_valid_utf8_without_nul_and_an_id_without_control_characters)
{
    static const struct {
        const char *text;
        enum fl_status id, name;
    } cases[] = {{"abcd", FL_OK, FL_OK},
                 {"a\xC3\xA4z", FL_OK, FL_OK},
                 {"a\tb\n", FL_BAD_VALUE, FL_OK},
                 {"abc\x7F", FL_BAD_VALUE, FL_OK},
                 {"ab\xC2\x85", FL_BAD_VALUE, FL_OK},
                 {"ab\xC2\xA0", FL_OK, FL_OK},
                 {"abc\xC3", FL_NOT_UTF8, FL_NOT_UTF8},
                 {"\xED\xA0\x80z", FL_NOT_UTF8, FL_NOT_UTF8},
                 {"\xC0\xAFzz", FL_NOT_UTF8, FL_NOT_UTF8},
                 {"\xF4\x90\x80\x80", FL_NOT_UTF8, FL_NOT_UTF8},
                 {"ab\0c", FL_BAD_VALUE, FL_BAD_VALUE}};
    char buffer[512] __attribute__((aligned(8)));
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned in_id = 0; in_id < 2; in_id++) {
            struct fl_command_builder b;
            struct fl_command_product *p =
                fl_builder_begin(&b, buffer, sizeof buffer, FL_COMMAND_PRODUCT);
            p->name = fl_builder_text(&b, in_id ? "good" : cases[i].text, 4);
            p->currency = 1;
            p->price = fl_decimal_of(100, 2);
            struct fl_command *command =
                fl_builder_finish(&b, in_id ? cases[i].text : "P", in_id ? 4 : 1, NULL, 0);
            cr_expect_eq(check(command), in_id ? cases[i].id : cases[i].name, "case %u %u", i,
                         in_id);
        }
    }
}

Test(command_check, a_batch_leaves_room_for_every_id_that_a_series_may_give)
{
    struct fl_command *batch = command_of(FL_COMMAND_BATCH, false);
    const struct fl_command_batch *body = fl_command_body(batch);
    struct fl_command *member = (struct fl_command *)((char *)batch + body->commands.offset);
    cr_assert_eq(member->type, FL_COMMAND_INVOICE);
    cr_assert_eq(check(batch), FL_OK);
    struct fl_text room = member->id;
    cr_assert_neq(room.offset, 0);
    member->id.offset = 0; /* the engine would write it behind the member: over the next one */
    cr_assert_eq(check(batch), FL_OUT_OF_RANGE);
    member->id.offset = room.offset + 8;
    cr_assert_eq(check(batch), FL_OUT_OF_RANGE);
    member->id = room;
    member->key = (struct fl_text){room.offset + 60, 4};
    memcpy((char *)member + room.offset + 60, "abcd", 4); /* the id would run over the key */
    cr_assert_eq(check(batch), FL_OUT_OF_RANGE);
    free(batch);
}

Test(command_check, a_batch_holds_neither_batches_nor_clocks)
{
    static uint64_t buffer[256], inner[64];
    static const unsigned types[] = {FL_COMMAND_ORDER_CONFIRM, FL_COMMAND_CLOCK};
    for (unsigned i = 0; i < 2; i++) {
        struct fl_command_builder b, m;
        void *body = fl_builder_begin(&m, inner, sizeof inner, types[i]);
        if (types[i] == FL_COMMAND_CLOCK)
            ((struct fl_command_clock *)body)->until_day = 1;
        else
            ((struct fl_command_order_confirm *)body)->order = fl_builder_text(&m, "O", 1);
        const struct fl_command *member = fl_builder_finish(&m, NULL, 0, NULL, 0);
        struct fl_command_batch *batch =
            fl_builder_begin(&b, buffer, sizeof buffer, FL_COMMAND_BATCH);
        batch->commands = (struct fl_list){fl_builder_align(&b), 2};
        cr_assert(fl_builder_member(&b, member) && fl_builder_member(&b, member));
        cr_assert_eq(check(fl_builder_finish(&b, NULL, 0, "k", 1)), i == 0 ? FL_OK : FL_BAD_VALUE);
    }
}

static struct fl_command *receipt_build(void *buffer, uint32_t capacity)
{
    struct fl_command_builder b;
    void *items;
    struct fl_command_receipt *r = fl_builder_begin(&b, buffer, capacity, FL_COMMAND_RECEIPT);
    if (!r)
        return NULL;
    r->amount = fl_decimal_of(1, 0);
    r->currency = 1;
    r->text = fl_builder_text(&b, "some text", 9);
    r->references = fl_builder_list(&b, sizeof(struct fl_text_item), 1, &items);
    if (items)
        ((struct fl_text_item *)items)->text = fl_builder_text(&b, "INV-1", 5);
    return fl_builder_finish(&b, "R-1", 3, "key", 3);
}

Test(command_check, a_builder_that_is_full_says_so_and_writes_nothing_beyond)
{
    uint64_t whole[64];
    uint32_t needed = receipt_build(whole, sizeof whole)->bytes;
    for (uint32_t capacity = 0; capacity <= sizeof whole; capacity += 4) {
        memset(whole, 0xEE, sizeof whole);
        struct fl_command *command = receipt_build(whole, capacity);
        cr_assert_eq(command != NULL, capacity >= needed, "%u", capacity);
        if (command)
            cr_assert_eq(check(command), FL_OK);
        for (uint32_t i = capacity; i < sizeof whole; i++)
            cr_assert_eq(((uint8_t *)whole)[i], 0xEE, "%u", capacity);
    }
}
