/* Lines of a statement as commands: read back by the reader of commands, and added up again. */
#include "tools/ingest/statement_command.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"
#include "tools/format/command_json.h"

static struct fl_statement_command command;
static struct fl_command_json reader;

static void begin(int64_t opening, int64_t closing)
{
    struct fl_statement_head head = {.account = "DE02120300000000202051",
                                     .id = "S-1",
                                     .currency = fl_currency_find("EUR", 3),
                                     .from_days = 19000,
                                     .to_days = 19010,
                                     .opening = fl_decimal_of(opening, 2),
                                     .closing = fl_decimal_of(closing, 2),
                                     .references = true};
    cr_assert_eq(fl_statement_command_open(&command), FL_OK);
    cr_assert_eq(fl_command_json_open(&reader, "UTC", 3), FL_OK);
    fl_statement_command_begin(&command, &head);
}

static void end(void)
{
    fl_statement_command_close(&command);
    fl_command_json_close(&reader);
}

static struct fl_statement_line line_of(int64_t cents, const char *text)
{
    return (struct fl_statement_line){.amount = fl_decimal_of(cents, 2),
                                      .booking_days = 19005,
                                      .booked = true,
                                      .currency = fl_currency_find("EUR", 3),
                                      .text = fl_slice_of_text(text)};
}

static void add(int64_t cents, const char *text)
{
    struct fl_statement_line line = line_of(cents, text);
    cr_assert_eq(fl_statement_command_line(&command, &line), FL_OK);
}

static const struct fl_command_statement *finish(bool last, struct fl_command **out)
{
    const struct fl_json_text *json = fl_statement_command_finish(&command, last);
    cr_assert_not_null(json);
    enum fl_status status = fl_command_json_read(&reader, json->bytes, json->length, out);
    cr_assert_eq(status, FL_OK, "%s at %s", fl_status_name(status), reader.path);
    return fl_command_body(*out);
}

static int64_t cents(struct fl_decimal value)
{
    int64_t minor = 0;
    cr_assert_eq(fl_decimal_scale(value, 2, &minor), FL_OK);
    return minor;
}

/* 25,001 lines of i cents: three parts, each balanced, each opening where the one before closed. */
Test(statement_command, p1_p2_parts_fit_a_record_and_chain)
{
    const int64_t count = 25001, opening = 12345;
    int64_t next_opening = opening, lines = 0;
    struct fl_command *out;
    begin(opening, opening + count * (count + 1) / 2);
    for (int64_t i = 1, parts = 0; i <= count; i++) {
        char text[40];
        snprintf(text, sizeof text, "payment %ld", (long)i);
        add(i, text);
        if (!fl_statement_command_is_full(&command, &(struct fl_statement_line){0}) &&
            i < count)
            continue;
        const struct fl_command_statement *body = finish(i == count, &out);
        const struct fl_statement_item *items = fl_command_list(out, body->lines);
        int64_t sum = 0;
        cr_expect(body->lines.count <= FL_STATEMENT_LINES_MAX);
        cr_expect(out->bytes <= FL_RECORD_BYTES_MAX);
        for (uint32_t n = 0; n < body->lines.count; n++)
            sum += cents(items[n].amount);
        cr_expect_eq(cents(body->opening), next_opening, "part %ld", (long)parts);
        cr_expect_eq(cents(body->opening) + sum, cents(body->closing), "part %ld", (long)parts);
        next_opening = cents(body->closing);
        lines += body->lines.count;
        cr_expect_eq(body->part, (uint32_t)++parts + 1, "an optional number");
    }
    cr_expect_eq(lines, count);
    end();
}

/* Long texts fill a part before the lines do. */
Test(statement_command, p1_a_part_is_bounded_in_bytes)
{
    static char text[FL_TEXT_BYTES_MAX + 1];
    struct fl_command *out;
    uint32_t lines = 0;
    memset(text, 'x', FL_TEXT_BYTES_MAX);
    begin(0, 0);
    while (!fl_statement_command_is_full(&command, &(struct fl_statement_line){0})) {
        add(1, text);
        lines++;
    }
    cr_expect(lines < FL_STATEMENT_LINES_MAX);
    const struct fl_command_statement *body = finish(false, &out);
    cr_expect_eq(body->lines.count, lines);
    cr_expect(out->bytes <= FL_RECORD_BYTES_MAX);
    end();
}

/* Two equal coffees are the first and the second, also where a part ends between them. */
Test(statement_command, p3_equal_lines_are_counted_over_all_parts)
{
    struct fl_command *out;
    begin(0, -700);
    add(-250, "coffee");
    add(-250, "coffee");
    add(-200, "coffee");
    const struct fl_command_statement *body = finish(false, &out);
    const struct fl_statement_item *items = fl_command_list(out, body->lines);
    cr_expect_eq(items[0].occurrence, 2, "1 as an optional number");
    cr_expect_eq(items[1].occurrence, 3);
    cr_expect_eq(items[2].occurrence, 2, "another amount is another line");
    add(-250, "coffee");
    body = finish(true, &out);
    items = fl_command_list(out, body->lines);
    cr_expect_eq(items[0].occurrence, 4);
    struct fl_statement_head head = command.head;
    fl_statement_command_begin(&command, &head);
    add(-250, "coffee");
    body = finish(true, &out);
    cr_expect_eq(((const struct fl_statement_item *)fl_command_list(out, body->lines))->occurrence,
                 2, "a new statement counts anew");
    end();
}

static bool has_reference(const struct fl_command *out, const struct fl_statement_item *item,
                          const char *wanted)
{
    const struct fl_text_item *texts = fl_command_list(out, item->references);
    for (uint32_t i = 0; i < item->references.count; i++) {
        if (texts[i].text.length == strlen(wanted) &&
            memcmp(fl_command_text(out, texts[i].text), wanted, strlen(wanted)) == 0)
            return true;
    }
    return false;
}

Test(statement_command, p4_candidates_name_a_document_by_themselves)
{
    struct fl_command *out;
    begin(0, 600);
    add(100, "RE-5520 to 5523");
    add(100, "paid 17 today, thanks");
    add(100, "customer no 77001234 invoice 12345678");
    struct fl_statement_line line = line_of(100, "thank you");
    line.end_to_end = fl_slice_of_text("INV-900");
    cr_assert_eq(fl_statement_command_line(&command, &line), FL_OK);
    line.end_to_end = fl_slice_of_text("NOTPROVIDED");
    cr_assert_eq(fl_statement_command_line(&command, &line), FL_OK);
    command.head.references = false;
    add(100, "RE-5520");
    const struct fl_command_statement *body = finish(true, &out);
    const struct fl_statement_item *items = fl_command_list(out, body->lines);
    static const char *const range[] = {"RE5520", "RE5521", "RE5522", "RE5523"};
    for (unsigned i = 0; i < 4; i++)
        cr_expect(has_reference(out, &items[0], range[i]), "%s", range[i]);
    cr_expect_not(has_reference(out, &items[1], "17"), "a short bare number");
    cr_expect(has_reference(out, &items[2], "12345678"));
    cr_expect(has_reference(out, &items[3], "INV900"));
    cr_expect_eq(items[4].references.count, 0, "a filler");
    cr_expect_eq(items[5].references.count, 0, "not asked for");
    end();
}

/* Text is cut to the command's limits on a character's border, whatever is in it. */
Test(statement_command, texts_are_escaped_and_cut_between_characters)
{
    char reference[80];
    struct fl_command *out;
    memset(reference, 'a', 63);
    strcpy(reference + 63, "\u00fc\u00fc");
    begin(0, 100);
    struct fl_statement_line line = line_of(100, "say \"hi\" \\ \u00e4");
    line.bank_ref = fl_slice_of_text(reference);
    line.payer_account = fl_slice_of_text("DE02");
    cr_assert_eq(fl_statement_command_line(&command, &line), FL_OK);
    const struct fl_command_statement *body = finish(true, &out);
    const struct fl_statement_item *item = fl_command_list(out, body->lines);
    cr_expect_eq(item->bank_ref.length, 63);
    cr_expect_eq(item->text.length, strlen("say \"hi\" \\ \u00e4"));
    cr_expect_eq(memcmp(fl_command_text(out, item->text), "say \"hi\" \\", 10), 0);
    cr_expect_eq(item->payer.account.length, 4);
    cr_expect_eq(item->payer.name.length, 0);
    end();
}
