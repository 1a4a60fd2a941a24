/* The clock's work: keys and reservations that run out, in slices. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/domain/job.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static struct {
    struct fl_command *commands[4000];
    unsigned count;
} kept;

static void keep(const struct fl_command *command)
{
    struct fl_command *copy = malloc(command->bytes);
    memcpy(copy, command, command->bytes);
    kept.commands[kept.count++] = copy;
}

/* B2, of every slice of every test here. */
static void slice_seen(void *context, const struct fl_command *command,
                       const struct fl_result *result)
{
    const struct fl_command_slice *slice = fl_command_body(command);
    unsigned *slices = context;
    cr_assert_eq(result->status, FL_OK);
    cr_assert_gt(slice->n, 0);
    cr_assert_leq(slice->n, FL_SLICE_ITEMS);
    ++*slices;
    keep(command);
}

static unsigned slices;

static void begin(const char *settings)
{
    const struct fl_slice_sink sink = {slice_seen, &slices};
    slices = 0;
    book = fl_book_open(settings);
    fl_book_jobs(book, true, &sink);
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-01-01\"}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C1\",\"name\":\"c\",\"currency\":\"EUR\","
                       "\"credit_limit\":\"100000\"}");
    fl_book_must(book, "{\"type\":\"product\",\"id\":\"P1\",\"name\":\"p\",\"currency\":\"EUR\","
                       "\"price\":\"10\",\"tax_rate\":\"19\",\"stock_control\":true}");
    fl_book_must(
        book, "{\"type\":\"stock\",\"product\":\"P1\",\"kind\":\"receive\",\"quantity\":\"20\"}");
}

static void end(void)
{
    for (unsigned i = 0; i < kept.count; i++)
        free(kept.commands[i]);
    kept.count = 0;
    fl_book_close(book);
}

static void order(const char *id, unsigned quantity)
{
    fl_book_must(book, "{\"type\":\"order\",\"id\":\"%s\",\"customer\":\"C1\",\"lines\":[{"
                       "\"product\":\"P1\",\"quantity\":\"%u\"}]}", id, quantity);
}

static void clock_to(const char *date)
{
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"%s\"}", date);
}

/* Whether a key is known: it receives a piece of stock if it is not. */
static bool key_is_new(const char *key)
{
    fl_book_send(book, "{\"type\":\"stock\",\"product\":\"P1\",\"kind\":\"receive\",\"quantity\":"
                       "\"1\",\"key\":\"%s\"}", key);
    return fl_book_status(book) == FL_OK;
}

/* ---- reservations ------------------------------------------------------------------------------ */

Test(job, a_reservation_ends_when_its_last_day_is_over)
{
    begin("\"reservation_days\":5");
    order("O1", 4);
    cr_assert_eq(fl_book_exposure(book, "C1"), 4760);
    clock_to("2025-01-05");
    cr_assert_str_eq(fl_book_order_state(book, "O1"), "open");
    cr_assert_eq(fl_book_available(book, "P1"), 16);
    clock_to("2025-01-06");
    cr_assert_str_eq(fl_book_order_state(book, "O1"), "expired");
    cr_assert_eq(fl_book_available(book, "P1"), 20);
    cr_assert_eq(fl_book_on_hand(book, "P1"), 20);
    cr_assert_eq(fl_book_exposure(book, "C1"), 0);
    cr_assert_eq(slices, 1);
    end();
}

Test(job, an_expired_order_is_neither_shipped_nor_cancelled_nor_billed)
{
    begin("\"reservation_days\":1");
    order("O1", 4);
    clock_to("2025-01-02");
    fl_book_refuses(book, "wrong_state", "{\"type\":\"shipment\",\"id\":\"S\",\"order\":\"O1\"}");
    fl_book_refuses(book, "nothing_open", "{\"type\":\"order_cancel\",\"order\":\"O1\"}");
    fl_book_refuses(book, "exceeds_open", "{\"type\":\"order_cancel\",\"order\":\"O1\",\"lines\":"
                                          "[{\"line\":1,\"quantity\":\"1\"}]}");
    fl_book_refuses(book, "nothing_open",
                    "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C1\",\"order\":\"O1\"}");
    end();
}

Test(job, of_a_part_shipped_order_the_open_rest_expires)
{
    begin("\"reservation_days\":3");
    order("O1", 10);
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S1\",\"order\":\"O1\",\"lines\":[{\"line\":"
                       "1,\"quantity\":\"4\"}]}");
    clock_to("2025-01-04");
    cr_assert_str_eq(fl_book_order_state(book, "O1"), "expired");
    cr_assert_eq(fl_book_on_hand(book, "P1"), 16);
    cr_assert_eq(fl_book_available(book, "P1"), 16);
    cr_assert_eq(fl_book_exposure(book, "C1"), 4760, "what was shipped still counts");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I1\",\"customer\":\"C1\",\"order\":\"O1\"}");
    cr_assert_eq(fl_book_open_of(book, "I1"), 4760, "what was shipped is still billed, no more");
    end();
}

Test(job, what_was_billed_before_it_is_shipped_does_not_expire)
{
    begin("\"reservation_days\":3");
    order("O1", 10);
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S1\",\"order\":\"O1\",\"lines\":[{\"line\":"
                       "1,\"quantity\":\"4\"}]}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I1\",\"customer\":\"C1\",\"order\":\"O1\"}");
    clock_to("2025-01-04");
    cr_assert_str_eq(fl_book_order_state(book, "O1"), "part_shipped", "all of it is billed");
    cr_assert_eq(fl_book_available(book, "P1"), 10);
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S2\",\"order\":\"O1\"}");
    cr_assert_str_eq(fl_book_order_state(book, "O1"), "shipped");
    end();
}

Test(job, a_held_order_reserves_from_its_release_on)
{
    begin("\"reservation_days\":3");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C2\",\"name\":\"c\",\"currency\":\"EUR\","
                       "\"credit_limit\":\"0\"}");
    fl_book_must(book, "{\"type\":\"order\",\"id\":\"O2\",\"customer\":\"C2\",\"lines\":[{"
                       "\"product\":\"P1\",\"quantity\":\"5\"}]}");
    clock_to("2025-01-10");
    cr_assert_str_eq(fl_book_order_state(book, "O2"), "held");
    fl_book_must(book, "{\"type\":\"credit_decision\",\"order\":\"O2\",\"decision\":\"release\","
                       "\"by\":\"ann\"}");
    clock_to("2025-01-12");
    cr_assert_str_eq(fl_book_order_state(book, "O2"), "open");
    clock_to("2025-01-13");
    cr_assert_str_eq(fl_book_order_state(book, "O2"), "expired");
    cr_assert_eq(fl_book_exposure(book, "C2"), 0);
    end();
}

Test(job, what_is_cancelled_or_shipped_in_time_stays_that)
{
    begin("\"reservation_days\":2");
    order("O1", 2);
    order("O2", 2);
    order("O3", 2);
    fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S1\",\"order\":\"O1\"}");
    fl_book_must(book, "{\"type\":\"order_cancel\",\"order\":\"O2\"}");
    fl_book_must(book, "{\"type\":\"order_cancel\",\"order\":\"O3\",\"lines\":[{\"line\":1,"
                       "\"quantity\":\"1\"}]}");
    clock_to("2025-02-01");
    cr_assert_str_eq(fl_book_order_state(book, "O1"), "shipped");
    cr_assert_str_eq(fl_book_order_state(book, "O2"), "cancelled");
    cr_assert_str_eq(fl_book_order_state(book, "O3"), "expired");
    cr_assert_eq(fl_book_available(book, "P1"), 18);
    end();
}

/* ---- keys ---------------------------------------------------------------------------------------- */

Test(job, a_key_is_known_for_key_days_and_then_a_new_command)
{
    begin("\"key_days\":30");
    cr_assert(key_is_new("k"));
    clock_to("2025-01-31");
    cr_assert_not(key_is_new("k"));
    clock_to("2025-02-01");
    cr_assert(key_is_new("k"));
    cr_assert_not(key_is_new("k"));
    cr_assert_eq(fl_book_on_hand(book, "P1"), 22);
    clock_to("2025-03-03");
    cr_assert_not(key_is_new("k"), "the second life counts from its own day");
    clock_to("2025-03-04");
    cr_assert(key_is_new("k"));
    end();
}

Test(job, other_key_days_touch_no_key_that_was_used)
{
    begin("\"key_days\":10");
    cr_assert(key_is_new("a"));
    fl_book_must(book, "{\"type\":\"book\",\"key_days\":2}");
    cr_assert(key_is_new("b"));
    clock_to("2025-01-04");
    cr_assert(key_is_new("b"));
    cr_assert_not(key_is_new("a"));
    clock_to("2025-01-12");
    cr_assert(key_is_new("a"));
    end();
}

Test(job, the_key_of_a_clock_counts_from_the_day_it_leads_to)
{
    begin("\"key_days\":1");
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-03-01\",\"key\":\"c\"}");
    fl_book_again(book, "{\"type\":\"clock\",\"date\":\"2025-03-01\",\"key\":\"c\"}");
    clock_to("2025-03-03");
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-03-04\",\"key\":\"c\"}");
    end();
}

Test(job, a_rolled_back_batch_leaves_nothing_due)
{
    begin("\"reservation_days\":1,\"key_days\":1");
    order("O1", 1);
    for (unsigned i = 0; i < 20; i++) {
        fl_book_send(book, "{\"type\":\"batch\",\"key\":\"b%u\",\"commands\":["
                           "{\"type\":\"order\",\"id\":\"X%u\",\"customer\":\"C1\",\"key\":\"x%u\","
                           "\"lines\":[{\"product\":\"P1\",\"quantity\":\"1\"}]},"
                           "{\"type\":\"order_confirm\",\"order\":\"none\"}]}", i, i, i);
        cr_assert_eq(fl_book_status(book), FL_NOT_FOUND);
    }
    cr_assert(key_is_new("k"));
    clock_to("2025-01-09");
    const struct fl_job_live *job = fl_job_live(fl_book_store(book), 0);
    cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_job], 1);
    cr_assert_eq(job->items, 2, "the order and the key");
    end();
}

/* ---- the clock -------------------------------------------------------------------------------------- */

static uint16_t business_date(void)
{
    return fl_book_counters(fl_book_store(book), 0)->business_date;
}

static uint16_t day(const char *text)
{
    uint16_t date;
    cr_assert_eq(fl_date_parse(text, strlen(text), &date), FL_OK);
    return date;
}

static enum fl_status slice_next(uint32_t *n_out)
{
    _Alignas(64) char bytes[FL_SLICE_BYTES + FL_COMMAND_SLACK] = "";
    struct fl_result result;
    fl_engine_next_slice(fl_book_engine(book), bytes);
    result.tag = 0;
    enum fl_status status =
        fl_engine_apply(fl_book_engine(book), (struct fl_command *)bytes, &result, NULL);
    *n_out = ((const struct fl_command_slice *)((struct fl_command *)bytes + 1))->n;
    return status;
}

Test(job, b5_others_see_the_day_before_until_a_day_is_through_and_what_they_add_joins_it)
{
    uint32_t n;
    begin("\"reservation_days\":2,\"key_days\":100");
    order("O1", 1);
    clock_to("2025-01-02");
    order("O2", 1);
    fl_book_jobs(book, false, NULL);
    clock_to("2025-01-10");
    cr_assert_eq(business_date(), day("2025-01-02"), "2025-01-03 has work");
    order("O3", 1); /* dated and reserved on the day before */
    cr_assert_str_eq(fl_book_order_state(book, "O1"), "open");
    cr_assert_eq(slice_next(&n), FL_OK);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(fl_book_order_state(book, "O1"), "expired");
    cr_assert_eq(business_date(), day("2025-01-03"));
    order("O4", 1);
    cr_assert_eq(slice_next(&n), FL_OK);
    cr_assert_eq(n, 2, "O2 and O3");
    cr_assert_eq(business_date(), day("2025-01-04"));
    cr_assert(fl_engine_has_slice(fl_book_engine(book)));
    cr_assert_eq(slice_next(&n), FL_OK);
    cr_assert_str_eq(fl_book_order_state(book, "O4"), "expired");
    cr_assert_not(fl_engine_has_slice(fl_book_engine(book)));
    cr_assert_eq(business_date(), day("2025-01-10"));
    end();
}

Test(job, a_clock_that_comes_while_one_is_worked_moves_the_same_job_on)
{
    uint32_t n;
    begin("\"reservation_days\":2");
    order("O1", 1);
    fl_book_jobs(book, false, NULL);
    clock_to("2025-01-05");
    fl_book_refuses(book, "clock_backwards", "{\"type\":\"clock\",\"date\":\"2025-01-04\"}");
    clock_to("2025-01-05");
    clock_to("2025-01-20");
    cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_job], 1);
    cr_assert_eq(slice_next(&n), FL_OK);
    cr_assert_eq(business_date(), day("2025-01-20"));
    end();
}

Test(job, b6_a_slice_is_applied_once_and_in_its_turn)
{
    begin("\"reservation_days\":2");
    order("O1", 1);
    order("O2", 1);
    fl_book_refuses(book, "not_found", "{\"type\":\"slice\",\"job\":1,\"number\":1,\"n\":1}");
    fl_book_jobs(book, false, NULL);
    clock_to("2025-01-05");
    fl_book_refuses(book, "not_found", "{\"type\":\"slice\",\"job\":2,\"number\":1,\"n\":1}");
    fl_book_refuses(book, "wrong_state", "{\"type\":\"slice\",\"job\":1,\"number\":2,\"n\":1}");
    fl_book_refuses(book, "wrong_state", "{\"type\":\"slice\",\"job\":1,\"number\":1,\"n\":3}");
    fl_book_refuses(book, "bad_value", "{\"type\":\"slice\",\"job\":1,\"number\":0,\"n\":1}");
    fl_book_refuses(book, "bad_value", "{\"type\":\"slice\",\"job\":1,\"number\":1,\"n\":129}");
    fl_book_must(book, "{\"type\":\"slice\",\"job\":1,\"number\":1,\"n\":1}");
    fl_book_again(book, "{\"type\":\"slice\",\"job\":1,\"number\":1,\"n\":1}");
    fl_book_must(book, "{\"type\":\"slice\",\"job\":1,\"number\":2,\"n\":1}");
    fl_book_again(book, "{\"type\":\"slice\",\"job\":1,\"number\":2,\"n\":1}");
    fl_book_refuses(book, "bad_value", "{\"type\":\"batch\",\"key\":\"b\",\"commands\":[{\"type\":"
                                       "\"slice\",\"job\":1,\"number\":2,\"n\":1}]}");
    cr_assert_eq(business_date(), day("2025-01-05"));
    end();
}

Test(job, b2_a_slice_ends_at_its_items_or_at_its_order_lines)
{
    uint32_t n;
    char lines[60 * 40], *at = lines;
    begin("\"reservation_days\":2,\"key_days\":1000");
    fl_book_checks(book, false);
    fl_book_must(book, "{\"type\":\"product\",\"id\":\"P2\",\"name\":\"p\",\"currency\":\"EUR\","
                       "\"price\":\"0\"}");
    for (unsigned i = 0; i < 60; i++)
        at += sprintf(at, "%s{\"product\":\"P2\",\"quantity\":\"1\"}", i ? "," : "");
    for (unsigned i = 0; i < 40; i++)
        fl_book_must(book, "{\"type\":\"order\",\"id\":\"L%u\",\"customer\":\"C1\",\"lines\":[%s]}",
                     i, lines);
    for (unsigned i = 0; i < 200; i++)
        fl_book_must(book, "{\"type\":\"order\",\"id\":\"S%u\",\"customer\":\"C1\",\"lines\":[{"
                           "\"product\":\"P2\",\"quantity\":\"1\"}]}", i);
    fl_book_jobs(book, false, NULL);
    clock_to("2025-01-05");
    static const uint32_t wanted[] = {18, 18, 128, 76}; /* 18 x 60 lines are the first beyond 1,024 */
    for (unsigned i = 0; i < 4; i++) {
        cr_assert_eq(slice_next(&n), FL_OK);
        cr_assert_eq(n, wanted[i], "slice %u: %u", i, n);
    }
    cr_assert_not(fl_engine_has_slice(fl_book_engine(book)));
    end();
}

/* ---- one clock or many ------------------------------------------------------------------------------ */

/* All columns but the counters and the jobs: what remains may not depend on how many clocks there were. */
static uint64_t digest_of_rest(void)
{
    const struct fl_store *store = fl_book_store(book);
    uint64_t digest = 0;
    for (unsigned column = 0; column < FL_COLUMN_COUNT; column++) {
        const struct fl_column *c = &store->columns[column];
        if (column == FL_COLUMN_book_counters || c->table == FL_TABLE_job)
            continue;
        for (uint32_t row = 0; row < store->rows[c->table]; row++) {
            const uint8_t *cell = c->kind == FL_COLUMN_LIVE ? fl_store_live(store, column, row)
                                                            : fl_store_fixed(store, column, row);
            for (size_t i = 0; i < (size_t)1 << c->element_shift; i++)
                digest = (digest ^ cell[i]) * UINT64_C(0x100000001B3);
        }
    }
    return digest;
}

static uint64_t forty_days(bool daily)
{
    begin("\"reservation_days\":7,\"key_days\":20");
    fl_book_must(
        book, "{\"type\":\"stock\",\"product\":\"P1\",\"kind\":\"receive\",\"quantity\":\"900\"}");
    for (unsigned d = 1; d <= 9; d++) {
        char date[16];
        snprintf(date, sizeof date, "2025-01-%02u", d);
        clock_to(date);
        for (unsigned i = 0; i < 10; i++) {
            char id[16];
            snprintf(id, sizeof id, "O%u-%u", d, i);
            order(id, 1 + i % 3);
            cr_assert(key_is_new(id));
        }
        fl_book_must(book, "{\"type\":\"shipment\",\"id\":\"S%u\",\"order\":\"O%u-2\",\"lines\":[{"
                           "\"line\":1,\"quantity\":\"2\"}]}", d, d);
    }
    for (uint16_t at = day("2025-01-09"), d = at; d++ < at + 40;) {
        char date[16] = "";
        fl_date_format(d, date);
        date[10] = '\0';
        if (daily || d == at + 40)
            clock_to(date);
    }
    cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_command_key], 90);
    uint64_t digest = digest_of_rest();
    end();
    return digest;
}

Test(job, one_clock_of_forty_days_is_forty_clocks_of_one)
{
    cr_assert_eq(forty_days(false), forty_days(true));
}

/* ---- from a log, and after a checkpoint -------------------------------------------------------------- */

Test(job, slices_of_a_log_applied_again_give_the_same_digest)
{
    begin("\"reservation_days\":3,\"key_days\":5");
    fl_book_checks(book, false);
    unsigned before = kept.count;
    struct fl_test_book *second = fl_book_open("\"reservation_days\":3,\"key_days\":5");
    fl_book_checks(second, false);
    fl_book_jobs(second, false, NULL);
    fl_book_must(second, "{\"type\":\"clock\",\"date\":\"2025-01-01\"}");
    fl_book_must(second, "{\"type\":\"customer\",\"id\":\"C1\",\"name\":\"c\",\"currency\":\"EUR\","
                         "\"credit_limit\":\"100000\"}");
    fl_book_must(second, "{\"type\":\"product\",\"id\":\"P1\",\"name\":\"p\",\"currency\":\"EUR\","
                         "\"price\":\"10\",\"tax_rate\":\"19\",\"stock_control\":true}");
    fl_book_must(
        second, "{\"type\":\"stock\",\"product\":\"P1\",\"kind\":\"receive\",\"quantity\":\"20\"}");
    cr_assert_eq(fl_book_digest(second), fl_book_digest(book));
    for (unsigned i = 0; i < 300; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%u", i);
        cr_assert(key_is_new(key));
        cr_assert_eq(fl_book_apply(second, fl_book_command(book)), FL_OK);
    }
    clock_to("2025-02-01"); /* three slices, kept by slice_seen */
    cr_assert_eq(kept.count - before, 3);
    cr_assert(fl_book_command(book)->flags & FL_FLAG_SLICED);
    cr_assert_eq(fl_book_apply(second, fl_book_command(book)), FL_OK);
    for (unsigned i = before; i < kept.count; i++)
        cr_assert_eq(fl_book_apply(second, kept.commands[i]), FL_OK);
    cr_assert_eq(fl_book_digest(second), fl_book_digest(book));
    fl_book_close(second);
    end();
}
