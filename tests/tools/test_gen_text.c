#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/date.h"
#include "tools/gen/gen_names.h"
#include "tools/gen/gen_random.h"
#include "tools/gen/gen_text.h"
#include "tools/gen/our_accounts.h"
#include "tools/ingest/reference_check.h"
#include "tools/gen/payer_text.h"

Test(gen_text, numbers_amounts_and_instants_read_as_printf_would_write_them)
{
    struct fl_gen_random random = fl_gen_random_of(1, FL_GEN_FOR_TEXT, 0);
    for (int i = 0; i < 2000; i++) {
        struct fl_gen_text text;
        char expected[200];
        uint64_t value = fl_gen_random_next(&random) >> (i % 64);
        int64_t amount = (int64_t)(fl_gen_random_next(&random) >> (1 + i % 60));
        int64_t ms = (int64_t)(fl_gen_random_next(&random) % (UINT64_C(50) * 366 * 86400000));
        cr_assert_eq(fl_gen_text_init(&text, -1), FL_OK);
        fl_gen_put_number(&text, value, (unsigned)i % 20);
        fl_gen_putc(&text, ' ');
        fl_gen_put_minor(&text, amount, ',');
        fl_gen_putc(&text, ' ');
        fl_gen_put_instant(&text, ms * 1000);
        int n = snprintf(expected, sizeof expected, "%0*llu %lld,%02d ", i % 20,
                         (unsigned long long)value, (long long)amount / 100, (int)(amount % 100));
        cr_assert_eq(memcmp(text.bytes, expected, (size_t)n), 0, "%s", expected);
        int64_t read_us = 0;
        cr_assert_eq(fl_instant_parse(text.bytes + n, text.used - (size_t)n, &read_us), FL_OK);
        cr_assert_eq(read_us, ms * 1000);
        fl_gen_text_deinit(&text);
    }
}

Test(gen_text, g1_what_is_longer_than_the_buffer_arrives_whole)
{
    char path[] = "/tmp/florin_text_XXXXXX";
    int fd = mkstemp(path);
    size_t length = 3 * FL_GEN_TEXT_BYTES + 17;
    char *bytes = malloc(length), *read_back = malloc(length + 3);
    struct fl_gen_text text;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)('a' + i * 7 % 26);
    cr_assert_eq(fl_gen_text_init(&text, fd), FL_OK);
    fl_gen_puts(&text, "ab");
    fl_gen_put(&text, bytes, length);
    cr_assert_eq(fl_gen_text_flush(&text), FL_OK);
    cr_assert_eq(text.capacity, FL_GEN_TEXT_BYTES);
    cr_assert_eq(pread(fd, read_back, length + 3, 0), (ssize_t)length + 2);
    cr_assert_eq(memcmp(read_back, "ab", 2), 0);
    cr_assert_eq(memcmp(read_back + 2, bytes, length), 0);
    fl_gen_text_deinit(&text);
    free(bytes);
    free(read_back);
    close(fd);
    unlink(path);
}

Test(gen_text, a_failed_write_is_kept_and_told)
{
    int fd = open("/dev/full", O_WRONLY);
    struct fl_gen_text text;
    cr_assert_eq(fl_gen_text_init(&text, fd), FL_OK);
    for (int i = 0; i < 100000; i++)
        fl_gen_puts(&text, "0123456789");
    cr_assert_eq(fl_gen_text_flush(&text), FL_IO_ERROR);
    fl_gen_text_deinit(&text);
    close(fd);
}

Test(gen_text, markup_of_xml_becomes_entities)
{
    struct fl_gen_text text;
    cr_assert_eq(fl_gen_text_init(&text, -1), FL_OK);
    fl_gen_put_xml(&text, "a<b>&c", 6);
    cr_assert_eq(text.used, 16);
    cr_assert_eq(memcmp(text.bytes, "a&lt;b&gt;&amp;c", 16), 0);
    fl_gen_text_deinit(&text);
}

/* ISO 13616 as it is written down: four characters go behind, letters are two digits, mod 97 is 1. */
static bool is_iban(const char *iban)
{
    unsigned rest = 0;
    size_t length = strlen(iban);
    for (size_t i = 0; i < length; i++) {
        char c = iban[(i + 4) % length];
        unsigned value = c >= 'A' ? (unsigned)(c - 'A' + 10) : (unsigned)(c - '0');
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return length == 22 && rest == 1;
}

Test(gen_names, ibans_hold_their_check_digits)
{
    char iban[FL_GEN_IBAN_BYTES];
    for (uint64_t number = 0; number < UINT64_C(9999999999); number += 104729 * 97 + 1) {
        fl_gen_iban((uint32_t)(number % 100), number, iban);
        cr_assert(is_iban(iban), "%s", iban);
    }
    for (uint32_t account = 0; account < FL_GEN_ACCOUNTS; account++) {
        fl_gen_iban(1, 1000001 + account, iban);
        cr_assert_str_eq(fl_our_account_iban(account), iban);
        cr_assert(is_iban(iban));
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

Test(gen_names, companies_differ_and_their_plain_form_is_ascii)
{
    enum { COUNT = 60000 };
    char(*names)[FL_GEN_NAME_BYTES] = malloc(COUNT * sizeof *names);
    for (uint32_t i = 0; i < COUNT; i++) /* across the number where they begin again */
        fl_gen_company(FL_GEN_COMPANIES - COUNT / 2 + i, names[i]);
    qsort(names, COUNT, sizeof *names, by_text);
    for (uint32_t i = 1; i < COUNT; i++)
        cr_assert_str_neq(names[i - 1], names[i]);
    for (uint32_t i = 0; i < COUNT; i++) {
        size_t length = fl_gen_plain(names[i], strlen(names[i]));
        for (size_t k = 0; k < length; k++)
            cr_assert((unsigned char)names[i][k] < 0x80, "%s", names[i]);
    }
    free(names);
}

/* The reference of every scheme, judged by functions that gen does not know. */
static bool is_reference(uint32_t invoice, const char *text)
{
    static bool (*const checks[6])(struct fl_slice) = {
        fl_reference_check_rf,    fl_reference_check_qrr,   fl_reference_check_finnish,
        fl_reference_check_kid10, fl_reference_check_kid11, fl_reference_check_belgian};
    static const size_t lengths[6] = {14, 27, 16, 15, 17, 12};
    return strlen(text) == lengths[invoice % 6] && checks[invoice % 6](fl_slice_of_text(text)) &&
           text[strlen(text) - 1] != '-';
}

Test(gen_reference, every_invoice_has_one_of_its_own_whose_check_digits_hold)
{
    enum { COUNT = 120000 };
    char(*all)[FL_GEN_REFERENCE_BYTES] = malloc(COUNT * sizeof *all);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t invoice = i < COUNT / 2 ? i : 2 * FL_GEN_ORDERS_MAX - i;
        char printed[FL_GEN_REFERENCE_BYTES];
        size_t length = fl_gen_reference(invoice, all[i]), n = 0;
        cr_assert_eq(length, strlen(all[i]));
        cr_assert(is_reference(invoice, all[i]), "%u: %s", invoice, all[i]);
        cr_assert_eq(fl_gen_reference_printed(invoice, printed), strlen(printed));
        for (const char *c = printed; *c != '\0'; c++) {
            if (*c == ' ' || *c == '+' || *c == '/')
                continue;
            cr_assert_eq(*c, all[i][n++], "%s is not %s", printed, all[i]);
        }
        cr_assert_eq(n, length);
    }
    qsort(all, COUNT, sizeof *all, by_text);
    for (uint32_t i = 1; i < COUNT; i++)
        cr_assert_str_neq(all[i - 1], all[i]);
    free(all);
}

Test(payer_text, damage_is_what_it_is_called)
{
    static const struct {
        enum fl_gen_quote quote;
        const char *text;
    } cases[] = {{FL_QUOTE_FULL, "INV-000123"},  {FL_QUOTE_ORDER, "SO-000117"},
                 {FL_QUOTE_ZEROS, "INV-123"},    {FL_QUOTE_SWAPPED, "INV-000132"},
                 {FL_QUOTE_NO_PREFIX, "000123"}, {FL_QUOTE_SHORT, "123"},
                 {FL_QUOTE_LETTERS, "INV-OOO123"}, {FL_QUOTE_SPACED, "INV-000 123"},
                 {FL_QUOTE_CUT, "INV-0001"},     {FL_QUOTE_STRUCTURED, "8080000000001238"},
                 {FL_QUOTE_NONE, ""}};
    struct fl_gen_settle settle = {.invoice = 122, .order = 116};
    char out[FL_GEN_QUOTE_BYTES];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fl_gen_random random = fl_gen_random_of(1, FL_GEN_FOR_TEXT, i);
        size_t length = fl_gen_quote_text(&settle, cases[i].quote, &random, out);
        cr_expect_str_eq(out, cases[i].text);
        cr_expect_eq(length, strlen(cases[i].text));
    }
    settle.invoice = 1234566;
    struct fl_gen_random random = fl_gen_random_of(1, FL_GEN_FOR_TEXT, 0);
    fl_gen_quote_text(&settle, FL_QUOTE_SHORT, &random, out);
    cr_expect_str_eq(out, "4567");
    settle.invoice = 11110;
    fl_gen_quote_text(&settle, FL_QUOTE_SWAPPED, &random, out);
    cr_expect_str_eq(out, "INV-011112");
}
